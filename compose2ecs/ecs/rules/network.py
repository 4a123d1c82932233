"""Names and addresses: links, DNS, extra hosts, and the network a container is in."""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.ecs.scope import Scope
from compose2ecs.names import ecs_name

KEYS = (
    "dns",
    "dns_search",
    "extra_hosts",
    "hostname",
    "links",
    "network_mode",
    "networks",
    "container_name",
)


def apply(scope: Scope) -> None:
    service, container = scope.service, scope.container
    if service.links or scope.group.linked:
        _links(scope)
    if not scope.group.linked and len(scope.group.members) > 1:
        _localhost(scope)
    if service.dns:
        container["dnsServers"] = list(service.dns)
    if service.dns_search:
        container["dnsSearchDomains"] = list(service.dns_search)
    if service.extra_hosts:
        _extra_hosts(scope)
    if service.hostname:
        container["hostname"] = service.hostname
    if service.network_mode is not None:
        _network_mode(scope, service.network_mode)
    for name, network in service.networks.items():
        if network is None:
            continue
        place = network.place or service.written.get("networks", 0)
        for key in ("ipv4_address", "ipv6_address", "mac_address"):
            if getattr(network, key):
                scope.say_at(codes.ADDRESS_LOST, place, key=key, address=getattr(network, key))
        if network.link_local_ips:
            addresses = ", ".join(network.link_local_ips)
            scope.say_at(codes.ADDRESS_LOST, place, key="link_local_ips", address=addresses)
        for key in ("priority", "gw_priority", "interface_name", "driver_opts"):
            if getattr(network, key, None):
                scope.say_at(codes.NETWORK_OPTION_LOST, place, name=name, key=key)
        aliases = [alias for alias in network.aliases if alias != service.key]
        if aliases:
            scope.say_at(codes.ALIASES_LOST, place, name=name, aliases=", ".join(aliases))
    if service.container_name and service.container_name != service.key:
        scope.say(codes.CONTAINER_NAME_LOST, "container_name", name=service.container_name)


def _links(scope: Scope) -> None:
    """The links inside a linked task, where containers know no other names: what a container only
    depends on is linked as well."""
    service, group = scope.service, scope.group
    inside = set(group.members) if group.linked else set()
    kept = []
    linked = set()
    for link in service.links:
        name, _, alias = link.partition(":")
        if name in inside:
            kept.append(_link(scope, "links", name, alias or name))
            linked.add(name)
        elif alias and alias != name and name not in scope.work.external():
            scope.say(codes.LINK_ALIAS_LOST, "links", alias=alias, name=name)
    if scope.work.target.discovery != "none":
        for name, dependency in service.depends_on.items():
            if name in inside and name not in linked:
                alias = ecs_name(name) if dependency.implied_by else name
                kept.append(_link(scope, "depends_on", name, alias))
    if kept:
        scope.container["links"] = kept


def _localhost(scope: Scope) -> None:
    """The names that a container has for others of its task, where all of them are localhost."""
    if scope.group.launch.network_mode == "bridge":
        return
    service = scope.service
    names = dict.fromkeys(
        (*(link.partition(":")[0] for link in service.links), *service.depends_on)
    )
    for name in names:
        dependency = service.depends_on.get(name)
        # what shares its namespaces or volumes need not speak to it
        shared = dependency is not None and dependency.implied_by not in (None, "links")
        if name in scope.group.members and not shared:
            place = dependency.place if dependency is not None else 0
            task = scope.group.name
            scope.say_at(codes.LOCALHOST_TASK, place, name=name, task=task)


def _link(scope: Scope, key: str, name: str, alias: str) -> str:
    """One link; ECS takes letters, digits, underscores and dashes in both of its names."""
    container = ecs_name(name)
    if alias == container:
        return container
    if ecs_name(alias) == alias:
        return f"{container}:{alias}"
    scope.say(codes.LINK_ALIAS_LOST, key, alias=alias, name=container)
    return container


def _extra_hosts(scope: Scope) -> None:
    found = []
    for host, address in scope.service.extra_hosts:
        if address == "host-gateway":
            scope.say(codes.HOST_GATEWAY, "extra_hosts", host=host)
        else:
            found.append({"hostname": host, "ipAddress": address})
    if found:
        scope.container["extraHosts"] = found


def _network_mode(scope: Scope, mode: str) -> None:
    if mode == "none":
        scope.container["disableNetworking"] = True
    elif mode == "host":
        if not scope.group.launch.host:
            used = scope.group.launch.network_mode
            scope.say(codes.NETWORK_MODE_LEFT_OUT, "network_mode", mode=mode, used=used)
    elif mode.startswith("container:"):
        scope.say(
            codes.OTHER_CONTAINER, "network_mode", key="network_mode", name=mode.partition(":")[2]
        )
    elif mode.startswith("service:"):
        name = mode.partition(":")[2]
        if name in scope.work.external():
            scope.say(codes.SHARES_WITH_ABSENT, "network_mode", key="network_mode", name=name)
        elif name not in scope.group.members:
            scope.say(codes.SHARED_NETWORK, "network_mode", name=name)
