"""What of some AWS objects comes out another way when the compose file made of them is converted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any, NamedTuple

from compose2ecs.ecs.importing import compare
from compose2ecs.ecs.importing.gather import ATTRIBUTES, GROUPS, RULES, Bundle, Item
from compose2ecs.ecs.importing.plan import Task
from compose2ecs.ecs.importing.services import balanced, group_name, targets
from compose2ecs.ecs.importing.values import mappings
from compose2ecs.ecs.model import Stack

Body = dict[str, Any]


class Difference(NamedTuple):
    """What of one object comes out another way: a patch, for the service with this key."""

    task: Task
    key: str
    part: str  # container, task_definition, service, target_group or listener_rule
    patch: Body
    item: Item | None = None  # of a target group or a rule: which one
    alone: bool = True  # whether an override of that part is for it and no other


def differences(stack: Stack, tasks: list[Task], bundle: Bundle) -> Iterator[Difference]:
    """What comes out another way than it was."""
    defined = list(stack.resources.get("task-definitions", {}).values())
    kept = {
        resource.body["taskDefinition"]: resource.body
        for resource in stack.resources.get("services", {}).values()
    }
    groups = {item.name for item in bundle.of(GROUPS)}
    seen: set[str] = set()
    for task in tasks:
        first = task.members[0]
        got = next(resource.body for resource in defined if first in resource.services)
        pair = _Pair.of(task.item.body, got)
        patch = pair.task_patch()
        if patch:
            yield Difference(task, first, "task_definition", patch)
        for container in task.containers:
            key = task.keys[container["name"]]
            if key in seen:
                continue  # it runs before several tasks
            seen.add(key)
            patch = pair.container_patch(container)
            if patch:
                yield Difference(task, key, "container", patch)
        if task.service is not None and got["family"] in kept:
            patch = _service_patch(task.service.body, kept[got["family"]], groups)
            if patch:
                yield Difference(task, first, "service", patch)
            yield from _routing(stack, task, kept[got["family"]], bundle)
        if task.run is not None:
            yield from _run(stack, task, task.run)


def _run(stack: Stack, task: Task, run: Item) -> Iterator[Difference]:
    """What comes out another way of a task that is run once, for which there are no overrides."""
    for resource in stack.resources.get("run-tasks", {}).values():
        if resource.body["taskDefinition"] == task.family:
            want, got = compare.normal_service(run.body), compare.normal_service(resource.body)
            patch = compare.patch(run.body, resource.body, want, got)
            if patch:
                yield Difference(task, task.members[0], "run", patch, run, False)


def _groups_of(
    task: Task, got: Mapping[str, Any], bundle: Bundle
) -> Iterator[tuple[str, Item, str, bool]]:
    """The target groups of a service among the files, each with its service's key, the name that
    it comes out by, and whether the service has no other one."""
    assert task.service is not None
    groups = {item.name: item for item in bundle.of(GROUPS)}
    for name, key in task.keys.items():
        wanted = [groups[group] for group in balanced(task.service.body, name) if group in groups]
        for item, other in zip(wanted, balanced(got, name), strict=False):
            yield key, item, other, len(wanted) == 1


def _routing(
    stack: Stack, task: Task, got: Mapping[str, Any], bundle: Bundle
) -> Iterator[Difference]:
    """What comes out another way of the target groups and rules that lead to a service."""
    made = stack.resources.get("target-groups", {})
    answers = [resource.body for resource in stack.resources.get("listener-rules", {}).values()]
    for key, item, other, alone in _groups_of(task, got, bundle):
        if other not in made:
            continue  # what an override says of a group that is there already
        body, normal = made[other].body, compare.normal_group
        patch = compare.patch(item.body, body, normal(item.body), normal(body))
        if patch:
            yield Difference(task, key, "target_group", patch, item, alone)
        yield from _attributes(stack, task, key, item, other, bundle)
        rule = next((rule for rule in bundle.of(RULES) if item.name in targets(rule.body)), None)
        answer = next((body for body in answers if other in targets(body)), None)
        if rule is not None and answer is not None:
            asked = compare.normal_rule(rule.body, {item.name: other})
            patch = compare.patch(rule.body, answer, asked, compare.normal_rule(answer, {}))
            if patch:
                yield Difference(task, key, "listener_rule", patch, rule, alone)


def _attributes(
    stack: Stack, task: Task, key: str, group: Item, name: str, bundle: Bundle
) -> Iterator[Difference]:
    """The attributes of a target group that come out another way."""
    made = stack.resources["target-group-attributes"][name].body["Attributes"]
    got = {entry["Key"]: entry["Value"] for entry in made}
    for item in bundle.of(ATTRIBUTES):
        if group_name(item.name) != group.name:
            continue
        asked = mappings(item.body.get("Attributes"))
        lost = [entry for entry in asked if got.get(entry.get("Key")) != entry.get("Value")]
        if lost:
            yield Difference(task, key, "attributes", {"Attributes": lost}, item, False)


def group_names(stack: Stack, tasks: list[Task], bundle: Bundle) -> dict[str, str]:
    """The target groups that come out by another name."""
    kept = {
        resource.body["taskDefinition"]: resource.body
        for resource in stack.resources.get("services", {}).values()
    }
    return {
        item.name: other
        for task in tasks
        if task.service is not None and task.family in kept
        for _, item, other, _ in _groups_of(task, kept[task.family], bundle)
        if other != item.name
    }


class _Pair(NamedTuple):
    """A task definition as it was and as it comes out, and the volumes that need no name."""

    want: Mapping[str, Any]
    got: Mapping[str, Any]
    nameless: Mapping[str, str]
    got_nameless: Mapping[str, str]
    names: Mapping[str, str]  # of those volumes: the name that was, to the one that comes out

    @classmethod
    def of(cls, want: Mapping[str, Any], got: Mapping[str, Any]) -> _Pair:
        nameless, got_nameless = compare.volume_names(want), compare.volume_names(got)
        back = {what: name for name, what in got_nameless.items()}
        names = {name: back[what] for name, what in nameless.items() if what in back}
        mounted = compare.mounted(got)
        for place, name in compare.mounted(want).items():
            # one that is not quite the same is known by where it is mounted
            other = mounted.get(place, "")
            if name in nameless and other in got_nameless and other not in names.values():
                names.setdefault(name, other)
        return cls(want, got, nameless, got_nameless, names)

    def task_patch(self) -> Body:
        volumes = [self.renamed(volume, "name") for volume in self.want.get("volumes") or ()]
        want = {**self.want, "volumes": volumes}
        if "tags" in want:
            want["tags"] = compare.normal_tags(self.want["tags"])
        return compare.patch(
            want,
            self.got,
            compare.normal_task(self.want, self.nameless),
            compare.normal_task(self.got, self.got_nameless),
        )

    def container_patch(self, want: Mapping[str, Any]) -> Body:
        there = {container["name"]: container for container in self.got["containerDefinitions"]}
        got = there[want["name"]]
        own = compare.has_own_ports(self.want)
        points = [self.renamed(point, "sourceVolume") for point in want.get("mountPoints") or ()]
        return compare.patch(
            {**compare.filled(want), "mountPoints": points},
            compare.filled(got),
            compare.normal_container(want, own, self.nameless),
            compare.normal_container(got, own, self.got_nameless),
        )

    def renamed(self, entry: Any, key: str) -> Any:
        """An entry with its volume called as it is in what comes out."""
        name = entry.get(key)
        return {**entry, key: self.names.get(name, name)}


def _service_patch(want: Mapping[str, Any], got: Mapping[str, Any], groups: Set[str]) -> Body:
    """What differs of a service. A target group that is among the files is the one that comes out
    for that port, whatever its name."""
    asked = dict(want)
    if "tags" in asked:
        asked["tags"] = compare.normal_tags(asked["tags"])
    there = [dict(entry) for entry in got.get("loadBalancers") or ()]
    kept = []
    for entry in asked.get("loadBalancers") or ():
        if group_name(entry.get("targetGroupArn")) in groups:
            name, port = entry.get("containerName"), entry.get("containerPort")
            for other in there:
                if other["containerName"] == name and other["containerPort"] == port:
                    there.remove(other)
                    entry = {**entry, "targetGroupArn": other["targetGroupArn"]}
                    break
        kept.append(entry)
    if kept:
        asked["loadBalancers"] = kept
    return compare.patch(asked, got, compare.normal_service(asked), compare.normal_service(got))
