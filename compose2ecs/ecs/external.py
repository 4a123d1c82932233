"""Services that run elsewhere already, and how the others find them.

Compose knows them by name. On ECS a name leads to a fixed address where the container has an entry
in its hosts file (`extraHosts`), which tasks with addresses of their own cannot have.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compose2ecs import codes
from compose2ecs.compose.model import Service
from compose2ecs.ecs.groups import Group
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.work import Work
from compose2ecs.names import ecs_name

_SHOWN = 3  # variables in one line
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
                found.append(other.key)
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
            work.say(codes.EXTERNAL_HOST, place, service, address=text, others=others)
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
    shared = _networks(service) & _networks(other)
    names = [link.partition(":")[2] for link in other.links if _links_to(link, service)]
    if shared or names or service.key in other.depends_on:
        names.append(service.key)
    if shared:
        names.append(service.container_name or "")
        for name in sorted(shared):
            network = service.networks.get(name)
            names += network.aliases if network is not None else ()
    return [name for name in dict.fromkeys(names) if name]


def _networks(service: Service) -> set[str]:
    if service.network_mode is not None:
        return set()
    return set(service.networks) or {"default"}


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


def _advice(service: Service, lost: list[Service], address: str) -> str:
    """Where to write the address instead of the name."""
    found = []
    for other in lost:
        variables = _naming(_names(service, other), other)
        shown = ", ".join(variables[:_SHOWN])
        if len(variables) > _SHOWN:
            shown += f" and {len(variables) - _SHOWN} more"
        if shown:
            found.append(f"{shown} of {other.key}")
    if found:
        return f"write {address} into {', '.join(dict.fromkeys(found))}"
    return f"give them {address} in a variable"
