"""`extends`: a service that starts from another one, of the same document or of another file.

Chains are followed step by step, not by recursion, since they may be thousands long.
Source: https://docs.docker.com/reference/compose-file/services/#extends
"""

from __future__ import annotations

import itertools
import os.path
from typing import TYPE_CHECKING, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.discover import display, is_remote_file
from compose2ecs.compose.join import join_documents, join_services, untagged
from compose2ecs.compose.located import Map
from compose2ecs.compose.reading import Home, Reading, nearest

if TYPE_CHECKING:
    from compose2ecs.compose.trees import Trees


class _Group(NamedTuple):
    """Services that can extend each other: those of a document, or of another file."""

    path: str
    services: Map


class _Step(NamedTuple):
    """One service on the way to the first base."""

    group: _Group
    name: str
    body: Map


def extend(body: Map, path: str, trees: Trees, reading: Reading) -> Map:
    """The document with every `extends` carried out; the document itself where there is none."""
    for section in ("services", "jobs"):
        services = body.get(section)
        if services is None and section in body:
            reading.path = [section]
            reading.say(codes.EMPTY_VALUE, body.at[section], wanted="a mapping")
        elif isinstance(services, Map) and any(
            isinstance(service, Map) and "extends" in service for service in services.values()
        ):
            body = body.copy()
            body[section] = _Extending(section, _Group(path, services), trees, reading).all()
    return body


class _Extending:
    """What the services of one document extend: each base is worked out once."""

    def __init__(self, section: str, own: _Group, trees: Trees, reading: Reading) -> None:
        self.section = section
        self.own = own
        self.trees = trees
        self.reading = reading
        self.files: dict[str, _Group | None] = {}
        self.done: dict[tuple[int, str], Map] = {}

    def all(self) -> Map:
        extended = self.own.services.copy()
        for name, service in extended.items():
            if isinstance(service, Map) and "extends" in service:
                extended[name] = self.resolve(_Step(self.own, name, service))
        self.reading.path = []
        self.reading.service = None
        return extended

    def resolve(self, step: _Step) -> Map:
        """A service laid over all that it extends."""
        way: list[_Step] = []
        passed: dict[tuple[str, str], int] = {}
        base: Map | None = None
        while True:
            known = self.done.get((id(step.group.services), step.name))
            if known is not None or "extends" not in step.body:
                base = step.body if known is None else known
                break
            at = passed.setdefault((step.group.path, step.name), len(way))
            if at < len(way):
                self.say_cycle([*way[at:], step])
                break
            way.append(step)
            found = self.follow(step)
            if found is None:
                break
            step = found
        document = id(self.own.services)
        for group, name, body in reversed(way):
            above = body.copy()
            above.drop("extends")
            if base is not None:
                self.at(name)
                same = id(step.group.services) == document
                above = join_services(untagged(base), above, self.reading, same_document=same)
                step = step._replace(group=group)
            base = self.done[id(group.services), name] = above
        assert base is not None
        return base

    def at(self, name: str, *below: str) -> None:
        """Set where the report says that we are."""
        self.reading.path = [self.section, "." + name, *below]
        self.reading.service = name

    def follow(self, step: _Step) -> _Step | None:
        """The service that a service extends."""
        reading = self.reading
        given, place = step.body["extends"], step.body.at["extends"]
        group: _Group | None = step.group
        self.at(step.name, ".extends")
        name, at = given, place
        if isinstance(given, Map):
            for key in given:
                if key not in ("service", "file"):
                    reading.say(codes.KEY_UNREAD, given.keys_at[key], key=key, what="`extends`")
            if "service" not in given:
                reading.say(codes.MISSING_KEY, place, key="service")
                return None
            name, at = given["service"], given.at["service"]
            file = given.get("file")
            if file is not None:
                self.at(step.name, ".extends", ".file")
                group = self.group(file, given.at["file"])
                self.at(step.name, ".extends", ".service")
        if name.__class__ is not str:
            reading.wrong_type(
                name, at, "a string" if isinstance(given, Map) else "a string or a mapping"
            )
            return None
        if group is None:
            return None
        if name not in group.services:
            self.say_unknown(name, at, group)
            return None
        body = group.services[name]
        if body is None and group is not self.own:
            body = Map(group.services.at[name])
        if not isinstance(body, Map):
            self.at(name)
            reading.wrong_type(body, group.services.at[name], "a mapping")
            return None
        return _Step(group, name, body)

    def group(self, file: object, place: int) -> _Group | None:
        """The services of another file; None once it is told why there are none."""
        reading = self.reading
        if not isinstance(file, str):
            reading.wrong_type(file, place, "a string")
            return None
        if is_remote_file(file):
            reading.say(codes.REMOTE_FILE, place, name=file)
            return None
        path = os.path.normpath(os.path.join(reading.directory_at(place), file))
        if path not in self.files:
            self.files[path] = self.read(path, place)
        return self.files[path]

    def read(self, path: str, place: int) -> _Group | None:
        reading, trees = self.reading, self.trees
        if not trees.there(path, place, reading):
            return None
        text = trees.parse(path)
        trees.at_home(text, Home(os.path.dirname(path), reading.lookup), reading)
        root: Map | None = None
        for document in text.documents:
            body = trees.body(document, reading)
            root = body if root is None else join_documents(root, body, reading)
        if root is None:
            return None  # its own faults are told
        services = root.get("services")  # a job, too, extends a service of another file
        if not isinstance(services, Map):
            reading.say(codes.EXTENDS_NO_SERVICES, place, name=display(path, trees.files))
            return None
        return _Group(path, services)

    def say_unknown(self, name: str, place: int, group: _Group) -> None:
        guess = nearest(name, group.services)
        if guess:
            hint = f"did you mean {guess!r}?"
        elif group is self.own:
            hint = "only a service of the same file can be extended by its name alone; for another write `file:`"
        else:
            hint = f"it has {', '.join(list(group.services)[:10])}"
        self.reading.say(
            codes.EXTENDS_UNKNOWN,
            place,
            name=name,
            file=display(group.path, self.trees.files),
            known=hint,
        )

    def say_cycle(self, steps: list[_Step]) -> None:
        names = [step.name for step in steps]
        if any(step.group.path != steps[0].group.path for step in steps):
            files = self.trees.files
            names = [f"{step.name} of {display(step.group.path, files)}" for step in steps]
        related = [
            (f"{name} extends {after}", step.body.at["extends"])
            for step, (name, after) in zip(steps, itertools.pairwise(names), strict=False)
        ]
        self.at(steps[0].name, ".extends")
        if len(names) > 12:
            names = [*names[:6], "...", *names[-5:]]
        self.reading.say(
            codes.EXTENDS_CYCLE, related[0][1], chain=" -> ".join(names), related=related[:20]
        )
