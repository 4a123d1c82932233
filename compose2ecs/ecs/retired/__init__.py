"""What people of retired tools bring along, turned into Compose and `x-ecs` keys.

`ecs-params.yml` of ecs-cli and the `x-aws-` keys of Docker's ECS integration come in here and go no
further: what they say is put into the tree at the place where Compose or `x-ecs` has a key for it,
with the place where it was written, so that the readers of those check it and nobody else needs to
know that these tools existed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compose2ecs.compose.located import Map, Seq
from compose2ecs.report import Code

X_ECS = "x-ecs"


class Tree:
    """A tree that is added to. What is changed is copied first: anchors share mappings."""

    def __init__(self, root: Map) -> None:
        self.root = root.copy()
        self._own = {id(self.root)}

    def branch(self, path: tuple[str, ...], place: int) -> Map | None:
        """The mapping at a path, made where there is none; None where something else stands."""
        at = self.root
        for key in path:
            below: Any = at.get(key)
            if below is None:
                below = Map(place)
            elif not isinstance(below, Map):
                return None  # the reader of that key says what is wrong with it
            elif id(below) not in self._own:
                below = below.copy()
            if below is not at.get(key):
                self._own.add(id(below))
                at.put(key, below, at.keys_at.get(key, place), at.at.get(key, place))
            at = below
        return at

    def look(self, *path: str) -> Any:
        """What stands at a path, None for nothing."""
        at: Any = self.root
        for key in path:
            at = at.get(key) if isinstance(at, Map) else None
        return at

    def plant(self, path: tuple[str, ...], value: Any, key_place: int, place: int) -> bool:
        """Put a value where nothing stands yet; False where something does, which stays."""
        if self.look(*path) is not None:
            return False
        above = self.branch(path[:-1], key_place)
        if above is None:
            return False
        above.put(path[-1], value, key_place, place)
        return True

    def add(self, path: tuple[str, ...], entry: Map, known_by: str, place: int) -> bool:
        """Put an entry into a list; False where it has one that is known by the same already."""
        listed = self.look(*path)
        found = Seq(place)
        for item, at in zip(listed, listed.at, strict=True) if isinstance(listed, Seq) else ():
            if isinstance(item, Map) and item.get(known_by) == entry[known_by]:
                return False
            found.put(item, at)
        found.put(entry, place)
        above = self.branch(path[:-1], place)
        if above is None or not (listed is None or isinstance(listed, Seq)):
            return False
        above.put(path[-1], found, above.keys_at.get(path[-1], place), place)
        return True

    def uproot(self, path: tuple[str, ...]) -> bool:
        """Take away what stands at a path; False where nothing does."""
        if self.look(*path) is None:
            return False
        above = self.branch(path[:-1], 0)
        assert above is not None
        above.drop(path[-1])
        return True


def located(value: Any, place: int) -> Any:
    """A plain value as one that stands at a place."""
    if isinstance(value, Mapping):
        found = Map(place)
        for key, item in value.items():
            found.put(key, located(item, place), place, place)
        return found
    if isinstance(value, (list, tuple)):
        listed = Seq(place)
        for item in value:
            listed.put(located(item, place), place)
        return listed
    return value


def is_ignored(tree: Tree, code: Code, service: str | None) -> bool:
    """Whether `x-ecs.ignore` of the project or of a service has a code."""
    if code.severity == "error":
        return False
    paths: list[tuple[str, ...]] = [(X_ECS, "ignore")]
    if service is not None:
        paths.append(("services", service, X_ECS, "ignore"))
    listed = [tree.look(*path) for path in paths]
    return any(code.id in names for names in listed if isinstance(names, (str, list)))


def form(path: tuple[str, ...], value: object = "...") -> str:
    """A path as one would write it; what stands there is left out unless it is given.

    >>> form(("x-ecs", "roles", "task"))
    'x-ecs: {roles: {task: ...}}'
    """
    text = str(value)
    for key in reversed(path[1:]):
        text = f"{{{key}: {text}}}"
    return f"{path[0]}: {text}"
