"""What there is to say of an import, each at its place in the JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from compose2ecs import codes
from compose2ecs.ecs.importing.differences import Difference
from compose2ecs.ecs.importing.gather import ATTRIBUTES, GROUPS, RULES, RUNS, SERVICES, Bundle, Item
from compose2ecs.ecs.importing.plan import Task
from compose2ecs.ecs.importing.services import balanced, family_of, group_name, targets
from compose2ecs.report import Code, InputError, Report, Sources, Span


def errors_of(
    error: InputError, tasks: list[Task], sources: Sources
) -> Iterator[tuple[str, Span | None]]:
    """What is wrong with a compose file, each at the container that it comes from."""
    places = {
        task.keys[container["name"]]: container.place
        for task in tasks
        for container in task.containers
    }
    for diagnostic in error.diagnostics:
        if diagnostic.severity == "error":
            place = places.get(str(diagnostic.service), tasks[0].item.place)
            yield diagnostic.message, sources.span(place)


class Telling:
    """What there is to say of an import, each at its place in the JSON."""

    def __init__(self, report: Report, sources: Sources) -> None:
        self.report = report
        self.sources = sources

    def say(self, code: Code, place: int, **facts: Any) -> None:
        self.report.add(code, self.sources.span(place), **facts)

    def overridden(self, overrides: Iterable[Difference]) -> None:
        """Each field that no key has a word for."""
        for difference in overrides:
            path, body = _origin(difference)
            for field in difference.patch if difference.alone else ():
                if field in body:
                    self.say(
                        codes.IMPORT_OVERRIDDEN,
                        body.keys_at[field],
                        path=f"{path}.{field}".lstrip("."),
                        part=difference.part,
                        service=difference.key,
                    )

    def left_over(self, left: Iterable[Difference]) -> None:
        """Each field that comes out another way whatever is done."""
        for difference in left:
            path, body = _origin(difference)
            for field in difference.patch:
                self.say(
                    codes.IMPORT_DIFFERS,
                    body.keys_at.get(field, body.place),
                    path=f"{path}.{field}".lstrip("."),
                )

    def regrouped(self, groups: Mapping[str, str], bundle: Bundle) -> None:
        """Target groups with another name, and rules beside the one that a route has."""
        for item in bundle.of(GROUPS):
            if item.name in groups:
                key = groups[item.name]
                self.say(codes.IMPORT_GROUP_NAME, item.place, name=item.name, key=key)
        seen: set[str] = set()
        for item in bundle.of(RULES):
            names = set(targets(item.body))
            if names and names <= seen:
                self.left_out(item, "a route has one rule, and its target group another one")
            seen |= names

    def renamed(self, tasks: list[Task], cluster: str | None) -> None:
        """What of a service `overrides` cannot say: its name and its cluster."""
        for task in tasks:
            if task.service is None:
                continue
            body = task.service.body
            name = body.get("serviceName")
            if isinstance(name, str) and name != task.family:
                place = body.keys_at["serviceName"]
                self.say(codes.IMPORT_SERVICE_NAME, place, name=name, key=task.family)
            own = body.get("cluster")
            if isinstance(own, str) and own != cluster and not own.startswith("<"):
                place = body.keys_at["cluster"]
                self.say(codes.IMPORT_CLUSTER, place, cluster=own, name=task.family, other=cluster)

    def unused(self, bundle: Bundle, tasks: list[Task], project: str) -> None:
        """What was given and has no part in the result."""
        families = {task.family for task in tasks}
        for item in bundle.of(SERVICES):
            if not any(task.service is item for task in tasks):
                self.left_out(item, "its task definition is not among the files")
        used = {
            group
            for task in tasks
            if task.service is not None
            for name in task.keys
            for group in balanced(task.service.body, name)
        }
        for item in bundle.of(GROUPS):
            if item.name not in used:
                self.left_out(item, "no service among the files has it")
        known = {item.name for item in bundle.of(GROUPS)} & used
        for item in bundle.of(ATTRIBUTES):
            if group_name(item.name) not in known:
                self.left_out(item, "its target group is not among the files")
        for item in bundle.of(RULES):
            if not known & set(targets(item.body)):
                answer = "write it as a route: x-ecs: {route: {redirect: ...}}"
                elsewhere = "it leads to no target group among the files"
                self.left_out(item, elsewhere if targets(item.body) else answer)
        for item in bundle.of(RUNS):
            if family_of(item.body.get("taskDefinition")) not in families:
                self.left_out(item, "its task definition is not among the files")
        for kind, key in _OF_PROJECT.items():
            for item in bundle.of(kind):
                if item.body.get(key) != project:
                    self.left_out(item, "it is not the one that `convert` makes for the project")
        for kind, reason in _BY_HAND.items():
            for item in bundle.of(kind):
                self.left_out(item, reason)

    def left_out(self, item: Item, reason: str) -> None:
        self.say(codes.IMPORT_LEFT_OUT, item.place, path=f"{item.kind} {item.name}", reason=reason)


_OF_PROJECT = {"log-groups": "logGroupName", "log-group-retention": "logGroupName"}
_OF_PROJECT |= {"namespaces": "Name"}
_SCALING = "write it as `x-ecs: {autoscaling: ...}` of its service"
_BY_HAND = {
    "scalable-targets": _SCALING,
    "scaling-policies": _SCALING,
    "scheduled-actions": _SCALING,
    "schedules": "write its task as a top-level job with `triggers: {schedule: ...}`",
}


def _origin(difference: Difference) -> tuple[str, Any]:
    """The JSON path and the body of what a difference is in."""
    task = difference.task
    if difference.part == "task_definition":
        return task.item.path, task.item.body
    if difference.item is not None:
        return difference.item.path, difference.item.body
    if difference.part == "service":
        assert task.service is not None
        return task.service.path, task.service.body
    for number, container in enumerate(task.containers):
        if task.keys[container["name"]] == difference.key:
            return f"{task.item.path}.containerDefinitions[{number}]".lstrip("."), container
    raise AssertionError(difference.key)
