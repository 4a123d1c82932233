"""Names and addresses: links, DNS, extra hosts, and the network a container is in."""

from __future__ import annotations

from typing import NamedTuple

from compose2ecs import codes
from compose2ecs.compose.model import Service
from compose2ecs.ecs.groups import Group, runs_once
from compose2ecs.ecs.scope import Scope
from compose2ecs.ecs.work import Work
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
        _tell_container_name(scope, service.container_name)


def _tell_container_name(scope: Scope, name: str) -> None:
    """Say who calls the container by the name that it does not have on ECS."""
    service, work = scope.service, scope.work
    if work.target.discovery == "none" or name in work.services:
        return
    from compose2ecs.ecs.mentions import hosts_named, networks_of

    if work.hosts_named is None:
        work.hosts_named = hosts_named(work.services.values())
    told: set[str] = set(scope.group.members)  # there it is a link's name, or told to be localhost
    for other, variable in work.hosts_named.get(name, ()):
        if other.key not in told and networks_of(other) & networks_of(service):
            told.add(other.key)
            place = other.written.get("environment", other.place)
            facts = {"variable": variable, "name": name, "owner": service.key}
            work.say(codes.CONTAINER_NAME_USED, place, other, **facts)


class _Wanted(NamedTuple):
    """One link: the service that it leads to, by which name, and the key that asks for it."""

    target: str
    alias: str
    key: str


def _links(scope: Scope) -> None:
    """The links inside a linked task, where containers know no other names."""
    service, group = scope.service, scope.group
    found: dict[str, list[_Wanted]] = {}
    if group.linked:
        if group.name not in scope.work.links:
            scope.work.links[group.name] = _links_of(group, scope.work)
        found = scope.work.links[group.name]
    wanted = found.get(service.key, [])
    linked = {link.target for link in wanted if link.key == "links"}
    for link in service.links:
        name, _, alias = link.partition(":")
        if name in linked or not alias or alias == name or name in scope.work.external():
            continue
        if not runs_once(scope.work.services[name], scope.work):  # which is told by itself
            scope.say(codes.LINK_ALIAS_LOST, "links", alias=alias, name=name)
    links = [_link(scope, link) for link in wanted]
    if links:
        scope.container["links"] = list(dict.fromkeys(links))


def _links_of(group: Group, work: Work) -> dict[str, list[_Wanted]]:
    """The links of each container of a linked task: those that are written, then what it depends
    on, then what its variables name. ECS refuses a circle, so what would close one is told."""
    services = {name: work.services[name] for name in (*group.members, *group.inits)}
    inside = {
        name: services[name] for name in group.members if services[name].network_mode != "none"
    }
    found: dict[str, list[_Wanted]] = {}
    for name, service in services.items():
        reached = inside if service.network_mode != "none" else {}
        wanted = found[name] = []
        for link in service.links:
            target, _, alias = link.partition(":")
            if target in reached:
                wanted.append(_Wanted(target, alias or target, "links"))
        linked = {link.target for link in wanted}
        if work.target.discovery != "none":
            for target, dependency in service.depends_on.items():
                if target in reached and target not in linked:
                    alias = ecs_name(target) if dependency.implied_by else target
                    wanted.append(_Wanted(target, alias, "depends_on"))
    if work.target.discovery != "none":
        _link_mentioned(group, inside, found, work)
    return found


def _link_mentioned(
    group: Group, inside: dict[str, Service], found: dict[str, list[_Wanted]], work: Work
) -> None:
    """Add links to what variables name, where no circle comes of it."""
    from compose2ecs.ecs.mentions import mentions_in

    after = {
        name: {*(link.target for link in wanted), *work.services[name].depends_on}
        for name, wanted in found.items()
    }
    mentions = [
        (name, mention)
        for name in found
        for mention in mentions_in(work.services[name], inside.values())
    ]
    told: set[tuple[str, str]] = set()
    for name, mention in sorted(mentions, key=lambda pair: not pair[1].sure):
        service, target = work.services[name], mention.service
        if any(link.target == target and link.alias == mention.host for link in found[name]):
            continue
        back = _way(target, name, after)
        if not back:
            found[name].append(_Wanted(target, mention.host, "environment"))
            after[name].add(target)
        elif mention.sure and (name, target) not in told:
            told.add((name, target))
            work.say(
                codes.LINK_CIRCLE,
                service.written.get("environment", service.place),
                service,
                variable=mention.variable,
                host=mention.host,
                task=group.name,
                way=" to ".join(back),
            )


def _way(start: str, end: str, after: dict[str, set[str]]) -> list[str]:
    """How one container leads to another by links and dependencies, if it does."""
    before = {start: ""}
    waiting = [start]
    while waiting:
        name = waiting.pop(0)
        if name == end:
            way = [name]
            while before[way[0]]:
                way.insert(0, before[way[0]])
            return way
        for other in sorted(after.get(name, ())):
            if other not in before:
                before[other] = name
                waiting.append(other)
    return []


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
    from compose2ecs.ecs.mentions import mentions_in

    members = [scope.work.services[name] for name in scope.group.members]
    for mention in mentions_in(service, members):
        if mention.sure and mention.service not in names:
            names[mention.service] = None
            scope.say(
                codes.LOCALHOST_VARIABLE,
                "environment",
                variable=mention.variable,
                host=mention.host,
                task=scope.group.name,
            )


def _link(scope: Scope, link: _Wanted) -> str:
    """One link; ECS takes letters, digits, underscores and dashes in both of its names."""
    container = ecs_name(link.target)
    if link.alias == container:
        return container
    if ecs_name(link.alias) == link.alias:
        return f"{container}:{link.alias}"
    scope.say(codes.LINK_ALIAS_LOST, link.key, alias=link.alias, name=container)
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
