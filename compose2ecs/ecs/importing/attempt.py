"""A compose file for some AWS objects, tried until it gives them when it is converted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Set
from typing import Any, NamedTuple

from compose2ecs.ecs.importing.build import Built, build
from compose2ecs.ecs.importing.differences import Difference, differences, group_names
from compose2ecs.ecs.importing.gather import Bundle
from compose2ecs.ecs.importing.plan import Task
from compose2ecs.ecs.model import Stack
from compose2ecs.report import InputError

Body = dict[str, Any]
Convert = Callable[[Mapping[str, Any], bool], Stack]  # a compose file; whether it is checked


class Attempt(NamedTuple):
    """A compose file, what was laid over it, and what still comes out another way."""

    root: Body
    overrides: tuple[Difference, ...] = ()
    left: tuple[Difference, ...] = ()
    refused: InputError | None = None
    groups: Mapping[str, str] = {}  # target groups that come out by another name

    @property
    def size(self) -> int:
        found = sum(len(difference.patch) for difference in self.overrides)
        return found + 1000 * len(self.left) + (1_000_000 if self.refused is not None else 0)


def best_attempt(tasks: list[Task], bundle: Bundle, convert: Convert) -> Attempt:
    """The attempt that needs the fewest overrides, by how services are to find each other."""
    wanted = ["auto", "none"]
    if any(container.get("links") for task in tasks for container in task.containers):
        wanted.insert(1, "links")
    best: Attempt | None = None
    for discovery in wanted:
        found = _attempt(build(tasks, bundle, discovery), tasks, bundle, convert)
        if best is None or found.size < best.size:
            best = found
        if not best.size:
            break
    assert best is not None
    return best


def _attempt(built: Built, tasks: list[Task], bundle: Bundle, convert: Convert) -> Attempt:
    """Convert a compose file, lay what differs over it, and look again. Keys of Compose that stand
    in the way, of what Compose refuses or of entries that no override takes out, are given up."""
    root = built.root
    stack = None
    refused: InputError | None = None
    for kept in (None, _KEPT, _LEAST):
        if kept is not None and refused is not None:
            faults = {d.service for d in refused.diagnostics if d.severity == "error"}
            _bare(root, tasks, faults, kept)
        try:
            stack = convert(doubled(root), False)
            break
        except InputError as error:
            refused = error
    if stack is None:
        return Attempt(root, refused=refused)
    found = _overridden(root, stack, tasks, bundle, convert)
    if not found.left or found.refused is not None:
        return found
    keys = {d.key for d in found.left if d.part in ("container", "task_definition")}
    if not keys:
        return found
    for service in root["services"].values():
        service.get("x-ecs", {}).pop("overrides", None)
    _bare(root, tasks, keys, _LEAST)
    try:
        return _overridden(root, convert(doubled(root), False), tasks, bundle, convert)
    except InputError as error:
        return Attempt(root, refused=error)


def _overridden(
    root: Body, stack: Stack, tasks: list[Task], bundle: Bundle, convert: Convert
) -> Attempt:
    """A compose file with all that comes out another way as overrides, and what is left then."""
    overrides = tuple(differences(stack, tasks, bundle))
    for difference in overrides:
        if not difference.alone:
            continue
        facts = root["services"][difference.key].setdefault("x-ecs", {})
        facts.setdefault("overrides", {})[difference.part] = difference.patch
    groups = group_names(stack, tasks, bundle)
    if not overrides:
        return Attempt(root, groups=groups)
    try:
        left = tuple(differences(convert(doubled(root), False), tasks, bundle))
    except InputError as error:
        return Attempt(root, overrides, refused=error)
    return Attempt(root, overrides, left, groups=groups)


_LEAST = ("image", "x-ecs", "platform", "network_mode", "depends_on")
_KEPT = (*_LEAST, "ports", "deploy")


def _bare(root: Body, tasks: list[Task], at_fault: Set[str | None], kept: Collection[str]) -> None:
    """Take out of services what Compose refuses: what they lack then becomes overrides."""
    keys = {key for task in tasks for key in task.keys.values()}
    for key in keys if None in at_fault or not at_fault <= keys else at_fault:
        service = root["services"][key]
        for name in [name for name in service if name not in kept]:
            del service[name]
        facts = service.get("x-ecs", {})
        facts.pop("secrets", None)
        if "ports" not in kept:
            facts.pop("route", None)
    mounted = {
        str(mount.get("source") if isinstance(mount, dict) else mount).partition(":")[0]
        for service in root["services"].values()
        for mount in service.get("volumes", ())
    }
    for named in (root.get("volumes", {}), root.get("x-ecs", {}).get("volumes", {})):
        for name in [name for name in named if name not in mounted]:
            del named[name]
    for above in (root, root.get("x-ecs", {})):
        if not above.get("volumes", True):
            del above["volumes"]


def doubled(value: Any) -> Any:
    """The values of a compose file with each `$` doubled; nobody interpolates keys."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: doubled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [doubled(item) for item in value]
    return value
