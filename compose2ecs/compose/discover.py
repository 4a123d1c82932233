"""Which files make up the project, what its variables are, and what it is called.

Source: https://docs.docker.com/compose/how-tos/environment-variables/envvars/
"""

from __future__ import annotations

import os.path
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from compose2ecs import codes
from compose2ecs.compose import dotenv
from compose2ecs.compose.files import Files, FileTooLargeError
from compose2ecs.report import Report, Sources, place_at

BASE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDE_NAMES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
ECS_NAMES = ("compose.ecs.yaml", "compose.ecs.yml")
STDIN = "-"
_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")


class Choice(NamedTuple):
    """What the user asked for on the command line; empty means Compose's own default."""

    files: tuple[str, ...] = ()
    project_name: str | None = None
    project_directory: str | None = None
    profiles: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    legacy: bool = True  # upgrade v1 and v2 leftovers instead of refusing them
    ecs_file: bool = True  # read compose.ecs.yaml, where it exists, instead of the override file


class Found(NamedTuple):
    """The files to read, in order, and what they are read with."""

    files: tuple[str, ...]  # absolute, or "-"
    directory: str  # absolute; relative paths start here
    variables: Variables
    profiles: tuple[str, ...]
    name: str | None  # from the command line or the environment; already of legal form


class Environment(Protocol):
    """What a process's environment is asked for."""

    def get(self, name: str, /) -> str | None: ...


class Variables:
    """The variables that interpolation sees: the environment, then the env files."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.defaults: dict[str, str] = {}
        self.own: dict[str, str] = {}  # what is so, whatever the environment says

    def get(self, name: str) -> str | None:
        if name in self.own:
            return self.own[name]
        value = self.environment.get(name)
        return self.defaults.get(name) if value is None else value


def discover(
    choice: Choice,
    environment: Mapping[str, str],
    files: Files,
    report: Report,
    sources: Sources,
) -> Found:
    """Find the files, read the env files, and settle profiles and the given name."""
    variables = Variables(environment)
    root = files.root
    given = [_absolute(path, root) for path in choice.files]
    fixed = _absolute(choice.project_directory, root) if choice.project_directory else None
    listed = choice.env_files or [
        path for path in _split(environment.get("COMPOSE_ENV_FILES"), ",") if path
    ]
    env_files = [_absolute(path, root) for path in listed]
    if env_files:
        for path in env_files:
            read_env_file(path, variables, files, report, sources, required=True)
    own = not env_files and not _disabled(environment, report)
    # first where the project seems to be: the file may say where it really is (COMPOSE_FILE)
    first = _directory(given, fixed, root)
    if own:
        read_env_file(os.path.join(first, ".env"), variables, files, report, sources)
    if not given:
        separator = variables.get("COMPOSE_PATH_SEPARATOR") or os.pathsep
        paths = _split(variables.get("COMPOSE_FILE"), separator)
        if "" in paths:
            report.add(codes.EMPTY_COMPOSE_FILE, separator=separator)
        given = [_absolute(path, root) for path in paths]
    for path in given:
        if is_remote_file(path):
            report.add(codes.REMOTE_FILE, name=path)
    report.check()
    found = given or _search(first, choice, files, report)
    if not found:
        report.add(codes.NO_FILE, folder=first, names=", ".join(BASE_NAMES))
        report.check()
    directory = _directory(found, fixed, root)
    if own and directory != first:
        read_env_file(os.path.join(directory, ".env"), variables, files, report, sources)
    profiles = choice.profiles or tuple(
        part.strip() for part in _split(variables.get("COMPOSE_PROFILES"), ",") if part.strip()
    )
    name = choice.project_name or variables.get("COMPOSE_PROJECT_NAME") or None
    if name and name != normal_name(name):
        report.add(codes.BAD_PROJECT_NAME, name=name, normal=normal_name(name) or "app")
    return Found(tuple(found), directory, variables, profiles, name)


def is_remote_file(path: str) -> bool:
    """Whether Compose would fetch a file of that name: an OCI artifact, or a Git repository.

    >>> [is_remote_file(path) for path in ("oci://docker.io/a/b", "git@host:a/b.git", "a/b.yaml")]
    [True, True, False]
    """
    return "://" in path or path.startswith(("git@", "github.com/"))


def _absolute(path: str, root: str) -> str:
    if path == STDIN or is_remote_file(path):
        return path
    return os.path.normpath(os.path.join(root, path))


def _directory(paths: Sequence[str], fixed: str | None, root: str) -> str:
    """Where relative paths start: beside the first file that has a place."""
    if fixed is not None:
        return fixed
    return next((os.path.dirname(path) for path in paths if path != STDIN), root)


def _split(text: str | None, separator: str) -> list[str]:
    return [] if text is None else text.split(separator)


def _disabled(environment: Mapping[str, str], report: Report) -> bool:
    """Whether COMPOSE_DISABLE_ENV_FILE turns `.env` off; a word that Go has no truth for is refused."""
    text = environment.get("COMPOSE_DISABLE_ENV_FILE")
    if text is not None and text not in (*_TRUE, *_FALSE):
        report.add(
            codes.BAD_SETTING, setting="COMPOSE_DISABLE_ENV_FILE", choices="true, false", value=text
        )
    return text in _TRUE


def _search(root: str, choice: Choice, files: Files, report: Report) -> list[str]:
    """The default files: in the user's folder, else in the nearest folder above that has one."""
    folder = root
    while True:
        here = [name for name in BASE_NAMES if files.is_file(os.path.join(folder, name))]
        if here:
            break
        above = os.path.dirname(folder)
        if above == folder:
            return []
        folder = above
    if len(here) > 1:
        report.add(codes.SEVERAL_FILES, names=", ".join(here), used=here[0])
    found = [here[0]]
    second: Sequence[str] = ()
    if choice.ecs_file:
        second = [name for name in ECS_NAMES if files.is_file(os.path.join(folder, name))]
        if second:
            unread = [n for n in OVERRIDE_NAMES if files.is_file(os.path.join(folder, n))]
            if unread:
                report.add(codes.OVERRIDE_UNREAD, name=unread[0], ecs=second[0])
    if not second:
        second = [name for name in OVERRIDE_NAMES if files.is_file(os.path.join(folder, name))]
        if len(second) > 1:
            report.add(codes.SEVERAL_FILES, names=", ".join(second), used=second[0])
    found.extend(second[:1])
    if len(found) > 1:
        report.add(codes.FILES_READ, names=" and ".join(found))
    return [os.path.join(folder, name) for name in found]


def read_env_file(
    path: str,
    variables: Variables,
    files: Files,
    report: Report,
    sources: Sources,
    *,
    required: bool = False,
) -> None:
    """Add an env file to the variables; a later file wins over an earlier one."""
    if not required and not files.is_file(path):
        return
    values = parse_env_file(path, variables.get, files, report, sources)
    if required:
        variables.defaults.update(values)
    else:
        for name, value in values.items():
            variables.defaults.setdefault(name, value)


def parse_env_file(
    path: str,
    lookup: Callable[[str], str | None],
    files: Files,
    report: Report,
    sources: Sources,
    *,
    raw: bool = False,
) -> dict[str, str]:
    """The variables of a file in Compose's dotenv grammar; faults go to the report."""
    shown = display(path, files)
    try:
        content = files.read(path)
    except OSError as error:
        report.add(codes.UNREADABLE, name=shown, reason=reason(error))
        return {}
    text = content.decode(errors="replace")
    base = sources.add(shown, text, private=True)
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start)
        report.add(codes.ENV_NOT_TEXT, sources.span(place_at(base, line)))

    def notice(note: dotenv.Notice) -> None:
        span = sources.span(place_at(base, note.line - 1))
        code = {
            "unset": codes.UNSET_VARIABLE,
            "bare-key-at-end": codes.BARE_KEY_AT_END,
            "dollar-lost": codes.DOLLAR_LOST,
        }[note.kind]
        report.add(code, span, name=note.name)

    try:
        return dotenv.parse_raw(text, lookup) if raw else dotenv.parse(text, lookup, notice)
    except dotenv.DotenvError as error:
        report.add(codes.BAD_ENV_FILE, sources.span(place_at(base, error.line - 1)), reason=error)
        return {}


def display(path: str, files: Files) -> str:
    """A path as the user would write it: relative when that is shorter."""
    if path == STDIN:
        return "<stdin>"
    relative = os.path.relpath(path, files.root)
    return relative if len(relative) < len(path) else path


def reason(error: OSError) -> str:
    """Why a file cannot be read, in words."""
    if isinstance(error, FileTooLargeError):
        return "it is larger than 64 MiB, which no compose file is"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, PermissionError):
        return "permission denied"
    return error.strerror or str(error)


def normal_name(name: str) -> str:
    """A project name in Compose's normal form; empty if nothing of it is left.

    >>> [normal_name(name) for name in ("My.Proj-1", "_x", "a b")]
    ['myproj-1', 'x', 'ab']
    """
    kept = "".join(c for c in name.lower() if c in "abcdefghijklmnopqrstuvwxyz0123456789_-")
    return kept.lstrip("_-")
