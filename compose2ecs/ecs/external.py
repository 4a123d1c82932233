"""Services that run elsewhere already, and how the others find them.

Compose knows them by name. On ECS a name leads to a fixed address where the container has an entry
in its hosts file (`extraHosts`), which tasks with addresses of their own cannot have.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from compose2ecs import codes
from compose2ecs.compose.model import Service
from compose2ecs.ecs.groups import Group
from compose2ecs.ecs.mentions import hosts_in, names_of, networks_of
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.work import Work
from compose2ecs.limits import WELL_KNOWN_PORTS, image_family
from compose2ecs.names import ecs_name

_SHOWN = 3  # variables in one line
_SCHEMES = {"http": "80", "https": "443"}
_IN_NAMES = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


def define_external(groups: Iterable[Group], work: Work) -> None:
    """Let the containers that reach an external service by name find its address, or say what to do.

    It comes after the task definitions, whose bodies it adds to.
    """
    placed = [(service, group) for group in groups for service in _inside(group, work)]
    for name, facts in work.external().items():
        service = work.project.services[name]
        text = facts.external or ""
        address = _address(text)
        found: list[str] = []
        lost: list[Service] = []
        for other, group in placed:
            names = _names(service, other)
            if not names or other.network_mode == "none":
                continue
            if address is not None and not group.launch.awsvpc:
                for body in _containers(other, group, work):
                    _add_hosts(body, names, address)
                if _tell_kept(service, other, address, work):
                    continue
                found.append(other.key)
                _tell_port(service, names, other, text, work)
            elif _needs(service, names, other):
                lost.append(other)
        place = facts.written["external"]
        if lost:
            work.say(
                codes.EXTERNAL_SERVICE,
                place,
                service,
                address=text,
                others=", ".join(dict.fromkeys(other.key for other in lost)),
                advice=_advice(service, lost, text),
            )
        if found:
            others = ", ".join(dict.fromkeys(found))
            host, _, port = text.rpartition(":")
            work.say(codes.EXTERNAL_HOST, place, service, host=host, port=port, others=others)
        if not lost and not found:
            work.say(codes.EXTERNAL_ELSEWHERE, place, service, address=text)


def _inside(group: Group, work: Work) -> Iterator[Service]:
    """The services whose containers are in a task."""
    for name in (*group.members, *group.inits):
        yield work.services[name]


def _address(text: str) -> str | None:
    """The IP address of `host:port`, if its host is one."""
    import ipaddress

    host = text.rpartition(":")[0].strip("[]")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def _names(service: Service, other: Service) -> list[str]:
    """The names by which Compose would let a service reach the external one."""
    shared = networks_of(service) & networks_of(other)
    names = [link.partition(":")[2] for link in other.links if _links_to(link, service)]
    if shared or names or service.key in other.depends_on:
        names.append(service.key)
    if shared:
        names += names_of(service, shared)
    return [name for name in dict.fromkeys(names) if name]


def _links_to(link: str, service: Service) -> bool:
    return link.partition(":")[0] == service.key


def _containers(service: Service, group: Group, work: Work) -> Iterator[Body]:
    """The finished container of a service in the task of a group."""
    task = work.resources["task-definitions"][work.name(group.name)].body
    for container in task["containerDefinitions"]:
        if container["name"] == ecs_name(service.key):
            yield container


def _add_hosts(container: Body, names: list[str], address: str) -> None:
    """Add entries for the names that have none yet: what the file says itself wins."""
    hosts = list(container.get("extraHosts", ()))
    known = {entry["hostname"] for entry in hosts}
    hosts += [{"hostname": name, "ipAddress": address} for name in names if name not in known]
    container["extraHosts"] = hosts


def _needs(service: Service, names: list[str], other: Service) -> bool:
    """Whether a service says that it needs the external one, or names it in a variable."""
    if service.key in other.depends_on or any(_links_to(link, service) for link in other.links):
        return True
    return bool(_naming(names, other))


def _naming(names: list[str], other: Service) -> list[str]:
    """The variables whose values hold one of the names."""
    found = []
    for variable, value in other.environment.items():
        text = "".join(c if c in _IN_NAMES else " " for c in value or "")
        if not set(names).isdisjoint(text.split()):
            found.append(variable)
    return found


def _tell_kept(service: Service, other: Service, address: str, work: Work) -> bool:
    """Whether a service's own `extra_hosts` leads the name elsewhere, which is told."""
    for name, written in other.extra_hosts:
        if name == service.key and written not in (address, "host-gateway"):
            place = other.written["extra_hosts"]
            facts = {"name": name, "used": written, "address": address}
            work.say(codes.EXTERNAL_KEPT, place, other, **facts)
            return True
    return False


def _tell_port(service: Service, names: list[str], other: Service, text: str, work: Work) -> None:
    """Say which variables lead to another port: an entry in a hosts file has none."""
    port = text.rpartition(":")[2]
    place = other.written.get("environment", other.place)
    usual = WELL_KNOWN_PORTS.get(image_family(service.image))
    for variable, value in other.environment.items():
        for host in hosts_in(variable, value or ""):
            if host not in names:
                continue
            beside = _port_variable(variable, other)
            named, where = _port_of(host, value or ""), variable
            if named is None and beside != variable:
                named, where = other.environment[beside], beside
            facts = {"variable": where, "host": host, "name": service.key, "port": port}
            if named and named.isdecimal() and named != port:
                work.say(codes.EXTERNAL_PORT, place, other, used=named, **facts)
            elif not named and usual is not None and str(usual) != port:
                work.say(codes.EXTERNAL_PORT_UNSAID, place, other, usual=usual, **facts)


def _port_variable(variable: str, other: Service) -> str:
    """The variable with the port that goes with a host's, else the same."""
    for word in ("HOSTNAME", "HOST", "SERVER", "ADDRESS", "ADDR"):
        stem = variable.upper().removesuffix(word)
        if stem != variable.upper():
            beside = variable[: len(stem)] + ("port" if variable.islower() else "PORT")
            return beside if other.environment.get(beside) else variable
    return variable


def _port_of(host: str, value: str) -> str | None:
    """The port that stands behind a host, or that its scheme stands for."""
    found = re.search(rf"(?<![A-Za-z0-9_.-]){re.escape(host)}:([0-9]{{1,5}})(?![0-9])", value)
    if found:
        return found[1]
    if re.search(rf"://([^/@\s]*@)?{re.escape(host)}(?![A-Za-z0-9_.-])", value):
        return _SCHEMES.get(value.partition("://")[0].lower())
    return None


def _advice(service: Service, lost: list[Service], address: str) -> str:
    """Where to write the address instead of the name: with its port where one is written."""
    host, _, port = address.rpartition(":")
    found: dict[str, list[str]] = {address: [], host: []}
    for other in {one.key: one for one in lost}.values():
        names = _names(service, other)
        by_form: dict[str, list[str]] = {address: [], host: []}
        for variable in _naming(names, other):
            value = other.environment[variable] or ""
            whole = "://" in value or any(_port_of(name, value) for name in names)
            by_form[address if whole else host].append(variable)
        for form, variables in by_form.items():
            shown = ", ".join(variables[:_SHOWN])
            if len(variables) > _SHOWN:
                shown += f" and {len(variables) - _SHOWN} more"
            if shown:
                found[form].append(f"{shown} of {other.key}")
    parts = [f"{form} into {', '.join(where)}" for form, where in found.items() if where]
    if not parts:
        return f"give them {address} in a variable"
    beside = f"; the port is {port}" if found[host] else ""
    return f"write {' and '.join(parts)}{beside}"
