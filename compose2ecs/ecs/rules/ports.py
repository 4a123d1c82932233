"""Port mappings: dynamic host ports, names where Service Connect serves them."""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.ecs.endpoints import exposed, is_loopback
from compose2ecs.ecs.scope import Body, Scope
from compose2ecs.limits import TARGET_GROUPS_PER_SERVICE

KEYS = ("ports", "expose")
_APP = ("http", "http2", "grpc")
_RANGE_FROM = 20 * TARGET_GROUPS_PER_SERVICE  # more ports than this become ranges


def apply(scope: Scope) -> None:
    service = scope.service
    if service.network_mode == "none":
        if service.ports:
            scope.say(codes.PORTS_WITHOUT_NETWORK, "ports")
        return
    bridge = scope.group.launch.network_mode == "bridge"
    mappings: dict[int, Body] = {}
    protocols: dict[int, str] = {}
    for port in service.ports:
        if port.protocol not in ("tcp", "udp"):
            scope.say_at(
                codes.PROTOCOL_LEFT_OUT, port.place, protocol=port.protocol, port=port.target
            )
            continue
        if port.target in mappings:
            if protocols[port.target] != port.protocol:
                scope.say_at(codes.TCP_AND_UDP, port.place, port=port.target)
                if port.protocol == "udp":
                    continue
            else:
                continue
        host_port = 0
        if not bridge:
            host_port = port.target
            if port.published not in (None, "0", str(port.target)):
                scope.work.once(
                    codes.PUBLISHED_WITHOUT_BRIDGE,
                    port.place,
                    mode=scope.group.launch.network_mode,
                )
        elif port.mode == "host" and port.published and port.published.isdigit():
            host_port = int(port.published)
        elif port.published and port.published != "0":
            scope.work.once(codes.PUBLISHED_IS_INTENT, port.place)
        if is_loopback(port.host_ip):
            scope.say_at(codes.LOOPBACK_BINDING, port.place, port=port.target, ip=port.host_ip)
        elif port.host_ip not in (None, "0.0.0.0", "::"):
            scope.say_at(codes.HOST_IP_DROPPED, port.place, port=port.target, ip=port.host_ip)
        mapping: Body = {
            "containerPort": port.target,
            "hostPort": host_port,
            "protocol": port.protocol,
        }
        if port.app_protocol in _APP and port.target in scope.served:
            mapping["appProtocol"] = port.app_protocol
        mappings[port.target] = mapping
        protocols[port.target] = port.protocol
    for target in sorted({*scope.served, *_routed_by_expose(scope, protocols)}):
        if protocols.get(target) == "udp":
            scope.say(codes.TCP_AND_UDP, "expose", port=target)
        if protocols.get(target) != "tcp":
            host_port = 0 if bridge else target
            mappings[target] = {"containerPort": target, "hostPort": host_port, "protocol": "tcp"}
    for target, name in scope.served.items():
        mappings[target]["name"] = name
    for text in service.expose:
        if not exposed(text) and not text.endswith("/udp"):
            scope.say(codes.EXPOSE_LEFT_OUT, "expose", text=text)
    if not mappings:
        return
    found = list(mappings.values())
    if bridge:
        found = _with_ranges(found, _routed(scope))
    elif scope.group.launch.awsvpc:
        for mapping in found:
            del mapping["hostPort"]  # it is the container's port, whatever is written
    scope.container["portMappings"] = found


def _routed_by_expose(scope: Scope, protocols: dict[int, str]) -> set[int]:
    """Ports that are only exposed, but have a route: a load balancer needs a mapping."""
    ports = {port for text in scope.service.expose for port in exposed(text)}
    named = {route.port for route in scope.facts.route or ()}
    if None in named and len(ports) == 1 and "tcp" not in protocols.values():
        named |= ports
    return {port for port in ports if port in named}


def _routed(scope: Scope) -> set[int]:
    """Ports that a route names, by either of their numbers."""
    named = {str(route.port) for route in scope.facts.route or ()}
    return {p.target for p in scope.service.ports if {str(p.target), p.published} & named}


def _with_ranges(mappings: list[Body], routed: set[int]) -> list[Body]:
    """Hundreds of ports as containerPortRange; a handful one by one."""
    if len(mappings) <= _RANGE_FROM:
        return mappings
    single: list[Body] = []
    rest: list[Body] = []
    for mapping in mappings:
        alone = "name" in mapping or mapping["hostPort"] or mapping["containerPort"] in routed
        (single if alone else rest).append(mapping)
    rest.sort(key=lambda m: (m["protocol"], m["containerPort"]))
    runs: list[list[Body]] = []
    for mapping in rest:
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and last["protocol"] == mapping["protocol"]
            and last["containerPort"] + 1 == mapping["containerPort"]
        ):
            runs[-1].append(mapping)
        else:
            runs.append([mapping])
    for run in runs:
        if len(run) == 1:
            single.append(run[0])
        else:
            first, last = run[0]["containerPort"], run[-1]["containerPort"]
            single.append({"containerPortRange": f"{first}-{last}", "protocol": run[0]["protocol"]})
    return single
