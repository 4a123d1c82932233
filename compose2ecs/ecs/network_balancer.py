"""Endpoints that speak no HTTP to target groups of network load balancers.

Such a load balancer has no rules: a listener of its own on each port forwards to one group. The
listener is not made here, so it is told which one is needed.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html
and https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
"""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.ecs.endpoints import Endpoint, http_probe
from compose2ecs.ecs.extension import RouteCheck
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.target_groups import (
    draining,
    group_of,
    is_fixed,
    matcher_of,
    port_of_check,
    say_of_check,
    times_of_check,
)
from compose2ecs.ecs.work import Work
from compose2ecs.names import target_group_name

_REASON = "a network load balancer looks into no request"
_KEYS = (
    *("path", "host", "headers", "query", "methods", "source_ips", "weight", "auth"),
    *("redirect", "rewrite", "strip_prefix", "priority"),
)
_CERTIFICATE = "--certificates CertificateArn=ARN "


def network_group(endpoint: Endpoint, work: Work) -> tuple[Body, Body, dict[str, str]]:
    """What the target group of an endpoint speaks, how it is checked, and its attributes."""
    route, service = endpoint.route, endpoint.service
    protocol = (route.protocol or "").upper()
    for key in _KEYS:
        if key in route.written and not (key == "auth" and route.auth is False):
            beside = f"protocol: {route.protocol}"
            work.say(
                codes.ROUTE_KEYS,
                route.written[key],
                service,
                key=key,
                beside=beside,
                reason=_REASON,
            )
    _tell_listener(endpoint, protocol, work)
    _tell_access(endpoint, work)
    if "UDP" in protocol and not endpoint.group.launch.awsvpc and not endpoint.group.launch.host:
        mapped = {port.protocol for port in service.ports if port.target == endpoint.port}
        if mapped != {"udp"}:
            place = route.written["protocol"]
            work.say(codes.UDP_UNMAPPED, place, service, port=endpoint.port)
    spoken: Body = {"Protocol": protocol, "Port": endpoint.port}
    return spoken, _health(endpoint, protocol, work), _attributes(endpoint, protocol, work)


def _tell_listener(endpoint: Endpoint, protocol: str, work: Work) -> None:
    work.say(
        codes.NETWORK_LISTENER,
        endpoint.route.written["protocol"],
        endpoint.service,
        protocol=protocol,
        listener_port=endpoint.listens,
        group=target_group_name(endpoint.name),
        arn=group_of(endpoint, work),
        more=_CERTIFICATE if protocol == "TLS" else "",
    )


def tell_port_twice(endpoint: Endpoint, other: Endpoint, work: Work) -> None:
    """Say of two endpoints that one load balancer cannot lead to both."""
    work.say(
        codes.NETWORK_PORT_TWICE,
        endpoint.place,
        endpoint.service,
        other=other.service.key,
        where=work.sources.span(other.place),
        port=endpoint.listens,
    )


def _tell_access(endpoint: Endpoint, work: Work) -> None:
    access = work.target.facts.access
    if access is not None and not access.public and endpoint.route.auth is not False:
        place = endpoint.route.written["protocol"]
        work.say(codes.ACCESS_NOT_ASKED, place, endpoint.service, port=endpoint.port)


def _health(endpoint: Endpoint, protocol: str, work: Work) -> Body:
    """By hand, else as the compose file probes over HTTP a port that can be reached, else by
    whether a connection comes about."""
    check = endpoint.route.health_check or RouteCheck()
    probe = http_probe(endpoint.service.healthcheck)
    port = port_of_check(endpoint, work)
    if probe is not None and probe.port != (check.port or endpoint.port):
        other = protocol == "UDP" and not check.port and is_fixed(endpoint, probe.port)
        port, probe = (str(probe.port), probe) if other else (port, None)
    if protocol == "UDP" and port == "traffic-port":
        bridge = not (endpoint.group.launch.awsvpc or endpoint.group.launch.host)
        advice = "over TCP or HTTP"
        if bridge:
            advice = "publish both with `mode: host`, as ECS takes no other check of dynamic ports"
        say_of_check(codes.UDP_CHECK, "port", endpoint, work, port=endpoint.port, advice=advice)
    if probe is not None and not probe.plain:
        probe = None  # only a program can ask for that
    scheme = check.protocol
    if scheme is None:
        scheme = "tcp"
        if probe is not None:
            scheme = "https" if probe.tls else "http"
        elif check.path or check.matcher:
            scheme = "http"
    body: Body = {
        "HealthCheckProtocol": scheme.upper(),
        "HealthCheckPort": port,
        "HealthCheckEnabled": True,
        **times_of_check(endpoint, probe, work),
    }
    if scheme == "tcp":
        for key in ("path", "matcher"):
            if getattr(check, key) is not None:
                say_of_check(codes.CHECK_KEY_OF_HTTP, key, endpoint, work, key=key)
        return body
    path = check.path or (probe.path if probe is not None else "/")
    if not path.startswith("/"):
        say_of_check(codes.BAD_ROUTE_PATH, "path", endpoint, work, route_path=path)
    body["HealthCheckPath"] = path
    body["Matcher"] = {"HttpCode": matcher_of(endpoint, 200, 599, "200-399", work)}
    return body


def _attributes(endpoint: Endpoint, protocol: str, work: Work) -> dict[str, str]:
    route = endpoint.route
    found = draining(endpoint)
    if not route.stickiness:
        return found
    place = route.written["stickiness"]
    if protocol == "TLS":
        work.say(codes.STICKINESS_OF_TLS, place, endpoint.service)
        return found
    if route.stickiness is not True:
        work.say(codes.STICKINESS_BY_ADDRESS, place, endpoint.service)
    found["stickiness.enabled"] = "true"
    found["stickiness.type"] = "source_ip"
    return found
