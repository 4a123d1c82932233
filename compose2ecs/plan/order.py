"""In which order services are made: what others wait for, and servers before their clients.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compose2ecs.compose.model import Project
from compose2ecs.ecs.model import Stack
from compose2ecs.plan.desired import Unit

_HEALTHY = "service_healthy"


def dependencies(project: Project, stack: Stack) -> dict[str, dict[str, bool]]:
    """Of each task of a stack the tasks that it depends on by the file's `depends_on`, and whether
    they must be healthy by then."""
    task_of: dict[str, str] = {}
    for name, resource in stack.resources.get("task-definitions", {}).items():
        for member in resource.services:
            task_of.setdefault(member, name)
    found: dict[str, dict[str, bool]] = {}
    for key, name in task_of.items():
        service = project.services.get(key)
        if service is None:
            continue
        for other, dependency in service.depends_on.items():
            task = task_of.get(other)
            if task is not None and task != name:
                healthy = dependency.condition == _HEALTHY
                before = found.setdefault(name, {})
                before[task] = healthy or before.get(task, False)
    return found


def with_needed(names: Iterable[str], project: Project, stack: Stack) -> frozenset[str]:
    """The tasks of some Compose services, and all that they depend on. Raises KeyError with the
    name of a service that is not there."""
    order = dependencies(project, stack)
    task_of = {
        member: name
        for name, resource in stack.resources.get("task-definitions", {}).items()
        for member in resource.services
    }
    todo = [task_of[name] for name in names]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += order.get(name, {})
    return frozenset(found)


def creation_order(units: Mapping[str, Unit]) -> dict[str, dict[str, bool]]:
    """Of each unit the units that come before it, and whether they must be healthy by then.

    A task sees only those names of Service Connect that were there when it started, so tasks that
    serve nothing come after all that do. What would close a circle is left out.
    """
    found: dict[str, dict[str, bool]] = {name: {} for name in units}
    for name, unit in units.items():
        for other, healthy in unit.after.items():
            if other in units and not _reaches(found, other, name):
                found[name][other] = healthy
    servers = [name for name, unit in units.items() if _serves(unit)]
    for name, unit in units.items():
        if not _is_client(unit):
            continue
        for other in servers:
            if other not in found[name] and not _reaches(found, other, name):
                found[name][other] = False
    return found


def _connect(unit: Unit) -> Mapping[str, object]:
    found: Mapping[str, object] = unit.service.get("serviceConnectConfiguration", {})
    return found


def _serves(unit: Unit) -> bool:
    return bool(_connect(unit).get("services"))


def _is_client(unit: Unit) -> bool:
    return bool(_connect(unit).get("enabled")) and not _serves(unit)


def _reaches(edges: Mapping[str, Mapping[str, bool]], start: str, goal: str) -> bool:
    """Whether `goal` comes before `start`, perhaps by way of others."""
    todo, seen = [start], set()
    while todo:
        name = todo.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            todo += edges.get(name, {})
    return False


def in_order(before: Mapping[str, Mapping[str, bool]]) -> list[str]:
    """Names such that each comes after those before it; otherwise in the order of the names."""
    found: dict[str, None] = {}
    todo = sorted(before, reverse=True)
    while todo:
        name = todo[-1]
        missing = [other for other in before[name] if other not in found]
        if name in found or not missing:
            found[name] = None
            todo.pop()
        else:
            todo += sorted(missing, reverse=True)
    return list(found)
