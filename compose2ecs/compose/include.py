"""`include`: other compose files, each read as a project of its own and then joined to this one.

Source: https://docs.docker.com/reference/compose-file/include/
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.discover import Variables, display, is_remote_file, read_env_file
from compose2ecs.compose.join import join_included, untagged
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.reading import Home, Reading

if TYPE_CHECKING:
    from compose2ecs.compose.trees import Text, Trees

MAX_DEPTH = 100
MAX_FILES = 10_000
_SECTIONS = ("services", "jobs", "networks", "volumes", "secrets", "configs", "models")

Trail = tuple[tuple[str, int], ...]


class _Entry(NamedTuple):
    """One entry of `include`: absolute paths, each with its place."""

    paths: list[tuple[str, int]]
    directory: str
    env_files: list[tuple[str, int]] | None  # None: the folder's own .env, if there is one


def include(body: Map, trees: Trees, reading: Reading, trail: Trail) -> Map:
    """The document laid over what it includes; of two entries the earlier wins."""
    entries, place = body["include"], body.at["include"]
    body = body.copy()
    body.drop("include")
    reading.path = ["include"]
    if isinstance(entries, Seq):
        for number, item in enumerate(entries):
            reading.path = ["include", f"[{number}]"]
            entry = _read(item, entries.at[number], reading)
            if entry is not None and entry.paths:
                included = _grow(entry, trees, reading, trail)
                reading.path = []
                if included is not None:
                    body = join_included(included, body, reading)
    elif entries is not None:
        reading.wrong_type(entries, place, "a list")
    reading.path = []
    return body


def _read(item: Any, place: int, reading: Reading) -> _Entry | None:
    """An entry in either of its forms; None where it is faulty (which is told) or empty."""
    if item is None:
        return None
    if item.__class__ is str:
        paths = _paths(item, place, reading)
        return _Entry(paths, os.path.dirname(paths[0][0]), None) if paths else None
    if not isinstance(item, Map):
        reading.wrong_type(item, place, "a string or a mapping")
        return None
    for key in item:
        if key not in ("path", "project_directory", "env_file"):
            reading.say(codes.KEY_UNREAD, item.keys_at[key], key=key, what="`include`")
    found: dict[str, Any] = {}
    for key in ("path", "env_file"):
        if item.get(key) is not None:
            reading.path.append("." + key)
            found[key] = _paths(item[key], item.at[key], reading)
            reading.path.pop()
            if found[key] is None:
                return None
    directory = item.get("project_directory")
    if directory is not None and directory.__class__ is not str:
        reading.path.append(".project_directory")
        reading.wrong_type(directory, item.at["project_directory"], "a string")
        reading.path.pop()
        return None
    paths = found.get("path", [])
    if directory:
        folder = os.path.normpath(os.path.join(reading.directory, directory))
    else:
        folder = os.path.dirname(paths[0][0]) if paths else reading.directory
    return _Entry(paths, folder, found.get("env_file") or None)


def _paths(value: Any, place: int, reading: Reading) -> list[tuple[str, int]] | None:
    """A path or a list of them, made absolute."""
    given = list(zip(value, value.at, strict=True)) if isinstance(value, Seq) else [(value, place)]
    found = []
    for path, at in given:
        if path.__class__ is not str:
            wanted = "a string" if isinstance(value, Seq) else "a string or a list"
            reading.wrong_type(path, at, wanted)
        elif is_remote_file(path):
            reading.say(codes.REMOTE_FILE, at, name=path)
        else:
            found.append((os.path.normpath(os.path.join(reading.directory, path)), at))
    return found if len(found) == len(given) else None


def _grow(entry: _Entry, trees: Trees, reading: Reading, trail: Trail) -> Map | None:
    """What an entry brings in, as one tree."""
    for path, place in entry.paths:
        if any(path == before for before, _ in trail):
            _say_cycle((*trail, (path, place)), trees, reading)
            return None
    place = entry.paths[0][1]
    trees.included += len(entry.paths)
    if len(trail) > MAX_DEPTH or trees.included > MAX_FILES:
        reading.say(codes.INCLUDE_LIMIT, place, depth=MAX_DEPTH, files=f"{MAX_FILES:,}")
        return None
    missing = [path for path, at in entry.paths if not trees.there(path, at, reading)]
    if missing:
        return None
    variables = _variables(entry, trees, reading)
    texts = [trees.parse(path, may_be_empty=True) for path, _ in entry.paths]
    if variables is None:
        return None
    home = Home(entry.directory, variables.get)
    for text in texts:
        trees.at_home(text, home, reading)
    within = Reading(trees.report, trees.sources, variables.get, entry.directory)
    within.homes = reading.homes
    if trees.report.failed:
        return None
    root = trees.grow(texts, within, _with_place(trail, place))
    if root is None or trees.report.failed:
        return None
    if any(document.tagged for text in texts for document in text.documents):
        root = untagged(root)
    trees.check(root, within)
    brought = Map(root.place)
    for section in _SECTIONS:
        if isinstance(root.get(section), Map):
            brought.put(section, root[section], root.keys_at[section], root.at[section])
    _say_contexts(brought, texts)
    return brought


def _with_place(trail: Trail, place: int) -> Trail:
    """The trail, with the place that leads out of its last file."""
    return (*trail[:-1], (trail[-1][0], place))


def _variables(entry: _Entry, trees: Trees, reading: Reading) -> Variables | None:
    """The variables of an entry: its files only fill gaps."""
    variables = Variables(_Environment(reading))
    files, report, sources = trees.files, trees.report, trees.sources
    if entry.env_files is None:
        own = os.path.join(entry.directory, ".env")
        read_env_file(own, variables, files, report, sources)
        return variables
    good = True
    reading.path.append(".env_file")
    for path, place in entry.env_files:
        if path == os.devnull:
            continue
        good = trees.there(path, place, reading) and good
        if good:
            read_env_file(path, variables, files, report, sources, required=True)
    reading.path.pop()
    return variables if good else None


class _Environment:
    """The variables of the including file, as the environment of the included one."""

    def __init__(self, reading: Reading) -> None:
        self.get = reading.lookup


def _say_contexts(root: Map, texts: list[Text]) -> None:
    """A build without a context is in the included file's folder, so that has to be said."""
    at = texts[0].documents[0].place
    services = root.get("services") or {}
    for name, service in services.items():
        build = service.get("build") if isinstance(service, Map) else None
        if isinstance(build, Map) and not build.get("context"):
            build = build.copy()
            build.put("context", ".", at, at)
            service = services[name] = service.copy()
            service["build"] = build


def _say_cycle(trail: Trail, trees: Trees, reading: Reading) -> None:
    names = [display(path, trees.files) for path, _ in trail]
    last = trail[-1]
    first = next(n for n, (path, _) in enumerate(trail) if path == last[0])
    related = [
        (f"{name} includes {after}", place)
        for name, after, (_, place) in zip(
            names[first:], names[first + 1 :], [*trail[first:-2], last], strict=False
        )
    ]
    reading.say(
        codes.INCLUDE_CYCLE, last[1], chain=" -> ".join(names[first:]), related=related[:20]
    )
