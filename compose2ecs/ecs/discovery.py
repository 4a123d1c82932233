"""How tasks find each other by the names the compose file uses: ECS Service Connect.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html
"""

from __future__ import annotations

from typing import NamedTuple

from compose2ecs import codes
from compose2ecs.compose.model import Service
from compose2ecs.ecs.endpoints import exposed
from compose2ecs.ecs.groups import Group, runs_once
from compose2ecs.ecs.work import Work
from compose2ecs.limits import WELL_KNOWN_PORTS, image_family
from compose2ecs.names import digest, port_name


class Served(NamedTuple):
    """One port under one name: `name` is the port mapping's, `alias` what others call it."""

    service: str
    port: int
    name: str
    alias: str


class Connections(NamedTuple):
    """The tasks that are in the namespace, and what each of them serves."""

    namespace: str | None
    members: frozenset[str]  # names of groups
    served: dict[str, list[Served]]  # by group

    def of(self, group: Group, service: str) -> dict[int, str]:
        """What a service serves: container port to name."""
        return {s.port: s.name for s in self.served.get(group.name, ()) if s.service == service}


NOT_CONNECTED = Connections(None, frozenset(), {})


def connect(groups: list[Group], work: Work) -> Connections:
    """Two or more tasks on one compose network, one of them with a TCP port, are connected."""
    if work.target.discovery in ("none", "links"):
        return NOT_CONNECTED
    by_network: dict[str, list[Group]] = {}
    for group in groups:
        if group.linked or group.launch.host:
            continue
        networks = {
            name
            for member in (*group.members, *group.inits)
            for name in work.services[member].networks
        }
        for name in networks:
            by_network.setdefault(name, []).append(group)
    reached = _reached(groups, work)
    served: dict[str, list[Served]] = {}
    members: set[str] = set()
    aliases: dict[str, str] = {}
    names: set[str] = set()
    tcp: dict[str, list[tuple[Service, list[int]]]] = {}
    for group in groups:
        if not group.linked and not group.launch.host:
            tcp[group.name] = []
            for member in group.members:
                service = work.services[member]
                ports = _tcp_ports(service, reached, work)
                if ports:
                    tcp[group.name].append((service, ports))
    for together in by_network.values():
        if len(together) > 1 and any(tcp[group.name] for group in together):
            members.update(group.name for group in together)
    if not members:
        return NOT_CONNECTED
    for group in groups:
        if group.name not in members:
            continue
        for service, ports in tcp[group.name]:
            if not _declared(service):
                work.say(
                    codes.WELL_KNOWN_PORT,
                    service.place,
                    service,
                    port=ports[0],
                    image=service.image,
                )
            alias = service.key.lower().lstrip("-")
            if alias != service.key:
                work.say(codes.ALIAS_LOWERED, service.place, service, alias=alias)
            if aliases.setdefault(alias, service.key) != service.key:
                work.say(
                    codes.ALIAS_TAKEN, service.place, service, alias=alias, other=aliases[alias]
                )
                continue
            for port in ports:
                name = port_name(service.key, port)
                if name in names:  # Web.App and web-app: unlike names that look alike to AWS
                    name = port_name(f"{service.key}-{digest(service.key)}", port)
                names.add(name)
                served.setdefault(group.name, []).append(Served(service.key, port, name, alias))
    for group in groups:
        if group.linked and members:
            service = work.services[group.members[0]]
            work.say(codes.LINKED_TASK_ALONE, service.place, service, task=group.name)
    return Connections(work.target.stack, frozenset(members), served)


def _reached(groups: list[Group], work: Work) -> set[str]:
    """Services that another task names, so that they need a port to be reached on: as dependency,
    as link, or as a host in a variable."""
    task_of = {member: group.name for group in groups for member in group.members}
    silent = {name for name, service in work.services.items() if not _declared(service)}
    found: set[str] = set()
    for service in work.services.values():
        if runs_once(service, work):
            continue  # it reaches nobody by name, and says so itself
        names = [*service.depends_on, *(link.partition(":")[0] for link in service.links)]
        if silent:
            names += _hosts_named(service, silent)
        found.update(
            name for name in names if name in task_of and task_of[name] != task_of.get(service.key)
        )
    return found


def _hosts_named(service: Service, names: set[str]) -> list[str]:
    """Which of the names stand as hosts in the service's variables: `db`, `db:5432`, `//db/`."""
    found = []
    for value in service.environment.values():
        if not value or len(value) > 2000:
            continue
        for part in value.replace("@", "/").replace(",", "/").split("/"):
            host, colon, _ = part.partition(":")
            if host in names and (colon or host == value or "//" in value):
                found.append(host)
    return found


def _declared(service: Service) -> list[int]:
    found = dict.fromkeys(port.target for port in service.ports if port.protocol == "tcp")
    for text in service.expose:
        found.update(dict.fromkeys(exposed(text)))
    return list(found)


def _tcp_ports(service: Service, reached: set[str], work: Work) -> list[int]:
    """The TCP ports of a service; one that declares none gets that of its image."""
    if service.network_mode == "none":
        return []  # no port of it can be reached, and none is mapped
    found = _declared(service)
    if found or service.network_mode is not None:
        return found
    port = WELL_KNOWN_PORTS.get(image_family(service.image))
    if port is not None:
        return [port]
    if service.key in reached and service.ports:  # none of them is TCP
        work.say(codes.UDP_NOT_CONNECTED, service.written["ports"], service)
    elif service.key in reached:
        work.say(codes.NO_PORT_TO_REACH, service.place, service)
    return []
