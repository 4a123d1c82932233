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
    if service.links:
        _links(scope)
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
        if network.aliases:
            scope.say_at(
                codes.ALIASES_LOST, place, network=name, aliases=", ".join(network.aliases)
            )
    if service.container_name and service.container_name != service.key:
        scope.say(codes.CONTAINER_NAME_LOST, "container_name", name=service.container_name)


def _links(scope: Scope) -> None:
    inside = set(scope.group.members)
    kept = []
    for link in scope.service.links:
        name, _, alias = link.partition(":")
        if name in inside and scope.group.linked:
            kept.append(f"{ecs_name(name)}:{alias}" if alias else ecs_name(name))
        elif alias and alias != name:
            scope.say(codes.LINK_ALIAS_LOST, "links", alias=alias, name=name)
    if kept:
        scope.container["links"] = kept


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
        scope.say(codes.NETWORK_MODE_LEFT_OUT, "network_mode", mode=mode)
    elif mode.startswith("container:"):
        scope.say(
            codes.OTHER_CONTAINER, "network_mode", key="network_mode", name=mode.partition(":")[2]
        )
    elif mode.startswith("service:"):
        scope.say(codes.SHARED_NETWORK, "network_mode", name=mode.partition(":")[2])
