"""What the services of one task cannot have each for itself: where they disagree, and what is used.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
and https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from compose2ecs import codes
from compose2ecs.compose.model import Service
from compose2ecs.ecs.work import Work

if TYPE_CHECKING:
    from compose2ecs.ecs.groups import Group

_ROLES = ("execution", "task", "service")
_NETWORK = ("subnets", "security_groups", "public_ip")
_UPDATE = ("order", "parallelism", "failure_action")


def check_agreement(group: Group, joined: Iterable[str], work: Work) -> None:
    """Say of each service what another one of its task decides for it.

    `joined` are the keys that put the services into one task. What cannot be told apart without
    harm is an error: roles, and names of tasks that are not one task.
    """
    services = [work.services[name] for name in group.members]
    _check_names(group, services, sorted({*joined} - {"x-ecs.task"}), work)
    _check_roles(group, work)
    _check_facts(group, services, work)
    _check_deploy(group, services, work)
    _check_namespaces(group, work)


def _check_names(group: Group, services: list[Service], joined: list[str], work: Work) -> None:
    named = [service for service in services if work.facts(service).task is not None]
    for service in named[1:]:
        facts, used = work.facts(service), work.facts(named[0]).task
        if facts.task == used:
            continue
        apart = {"task": facts.task, "other": named[0].key, "used": used}
        place = facts.written["task"]
        if work.target.layout == "single":
            work.say(codes.TASK_NAME_UNUSED, place, service, **apart)
        else:
            why = " and ".join(f"`{key}`" for key in joined)
            work.say(codes.TASK_NAMES_DIFFER, place, service, why=why, **apart)


def _check_roles(group: Group, work: Work) -> None:
    for kind in _ROLES:
        names = group.members if kind == "service" else (*group.members, *group.inits)
        first: tuple[str, str] | None = None
        for name in names:
            service = work.services[name]
            facts = work.facts(service)
            own = getattr(facts.roles, kind) if facts.roles is not None else None
            if not own:
                continue
            if first is None:
                first = name, own
            elif own != first[1]:
                work.say(
                    codes.ROLES_DIFFER,
                    facts.written["roles"],
                    service,
                    kind=kind,
                    own=own,
                    other=first[0],
                    theirs=first[1],
                    task=group.name,
                )


def _check_facts(group: Group, services: list[Service], work: Work) -> None:
    """The first service that says a thing says it for all."""

    def said(service: Service, key: str) -> Any:
        return getattr(work.facts(service), key) if key in work.facts(service).written else None

    for key in ("deployment", "execute_command", "placement"):
        _compare(group, key, [(s, said(s, key)) for s in services], work)
    for key in _NETWORK:
        values = []
        for service in services:
            network = work.facts(service).network
            values.append((service, getattr(network, key) if network is not None else None))
        _compare(group, "network", values, work, f"network.{key}")
    tags: dict[str, tuple[Service, str]] = {}
    for service in services:
        for tag, value in work.facts(service).tags.items():
            other, used = tags.setdefault(tag, (service, value))
            if used != value:
                work.say(
                    codes.TASK_DISAGREES,
                    work.facts(service).written["tags"],
                    service,
                    key=f"x-ecs.tags.{tag}",
                    other=other.key,
                    task=group.name,
                )


def _compare(
    group: Group, key: str, values: list[tuple[Service, Any]], work: Work, title: str = ""
) -> None:
    """Warn of each value that is not the first one; None and () say nothing."""
    told = [(service, value) for service, value in values if value is not None and value != ()]
    for service, value in told[1:]:
        if value != told[0][1]:
            work.say(
                codes.TASK_DISAGREES,
                work.facts(service).written.get(key, service.place),
                service,
                key=f"x-ecs.{title or key}",
                other=told[0][0].key,
                task=group.name,
            )


def _check_deploy(group: Group, services: list[Service], work: Work) -> None:
    deployed = [(service, service.deploy) for service in services if service.deploy is not None]
    updates = [(s, deploy.update_config) for s, deploy in deployed if deploy.update_config]
    for service, update in updates[1:]:
        other, first = updates[0]
        keys = [key for key in _UPDATE if getattr(update, key) != getattr(first, key)]
        if keys:
            assert service.deploy is not None
            work.say(
                codes.TASK_DISAGREES,
                service.deploy.written["update_config"],
                service,
                key=f"deploy.update_config.{keys[0]}",
                other=other.key,
                task=group.name,
            )
    if group.launch.fargate:
        return
    everywhere = next((s for s, deploy in deployed if deploy.mode == "global"), None)
    for service in services if everywhere is not None and not group.once else ():
        if service.deploy is None or service.deploy.mode != "global":
            assert everywhere is not None
            work.say(
                codes.GLOBAL_SPREADS, service.place, service, task=group.name, other=everywhere.key
            )
    placed = [(s, d.placement.constraints) for s, d in deployed if d.placement is not None]
    placed = [(service, constraints) for service, constraints in placed if constraints]
    equal: dict[str, tuple[str, str, Service]] = {}
    for service, constraints in placed:
        opposed = False
        for text in constraints:
            left, found, right = text.partition("==")
            if not found:
                continue
            known, theirs, by = equal.setdefault(left.strip(), (right.strip(), text, service))
            if known != right.strip() and by is not service:
                opposed = True
                work.say(
                    codes.CONSTRAINTS_OPPOSED,
                    service.written["deploy"],
                    service,
                    task=group.name,
                    other=by.key,
                    first=theirs,
                    second=text,
                )
        if not opposed and set(constraints) != set(placed[0][1]):
            work.say(
                codes.CONSTRAINTS_JOINED,
                service.written["deploy"],
                service,
                task=group.name,
                other=placed[0][0].key,
            )


def _check_namespaces(group: Group, work: Work) -> None:
    """The machine's own namespaces are the task's: whoever is in it gets them as well."""
    services = [work.services[name] for name in (*group.members, *group.inits)]
    keys = () if group.launch.fargate else ("pid", "ipc")
    for key in keys:
        asked = next((s.key for s in services if getattr(s, key) == "host"), None)
        for service in services if asked is not None else ():
            if getattr(service, key) is None:
                work.say(
                    codes.HOST_SHARED,
                    service.place,
                    service,
                    key=f"{key}: host",
                    other=asked,
                    task=group.name,
                )
    if not group.launch.host or work.target.network.mode == "host":
        return
    asked = next(service.key for service in services if _asks_host(service, work))
    for service in services:
        network = work.facts(service).network
        own = network.mode if network is not None else None
        if own is None and service.network_mode in (None, "bridge", "default", "none"):
            place = service.written.get("network_mode", service.place)
            key = "network_mode: host"
            work.say(codes.HOST_SHARED, place, service, key=key, other=asked, task=group.name)


def _asks_host(service: Service, work: Work) -> bool:
    network = work.facts(service).network
    if network is not None and network.mode:
        return network.mode == "host"
    return service.network_mode == "host"
