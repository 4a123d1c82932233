"""Files to Project: find, parse, interpolate, upgrade, join, read, check, select."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from compose2ecs import codes
from compose2ecs.compose import interpolate
from compose2ecs.compose.consistency import check_project
from compose2ecs.compose.discover import (
    Choice,
    Found,
    discover,
    display,
    normal_name,
    parse_env_file,
    reason,
)
from compose2ecs.compose.files import Disk, Files
from compose2ecs.compose.join import join_documents, strip_tags
from compose2ecs.compose.keys import MISPLACED, SERVICE_KEYS
from compose2ecs.compose.legacy import upgrade
from compose2ecs.compose.located import Document, Map, Problem, YamlError, read_documents
from compose2ecs.compose.model import EMPTY, Project, Service
from compose2ecs.compose.readers.resources import (
    read_configs,
    read_jobs,
    read_models,
    read_networks,
    read_secrets,
    read_volumes,
)
from compose2ecs.compose.reading import Reading, is_name, unknown_key
from compose2ecs.compose.select import select
from compose2ecs.report import Code, Report, Sources, place_at

_PROBLEMS: dict[str, Code] = {
    "yaml-version": codes.YAML_VERSION,
    "yaml-not-finite": codes.YAML_NOT_FINITE,
    "yaml-key-type": codes.YAML_KEY_TYPE,
    "yaml-duplicate-key": codes.YAML_DUPLICATE_KEY,
    "yaml-depth": codes.YAML_DEPTH,
    "yaml-too-many-nodes": codes.YAML_TOO_MANY_NODES,
    "yaml-unknown-alias": codes.YAML_UNKNOWN_ALIAS,
    "yaml-alias-cycle": codes.YAML_ALIAS_CYCLE,
    "yaml-binary": codes.YAML_BINARY,
    "yaml-merge": codes.YAML_MERGE,
    "yaml-syntax": codes.YAML_SYNTAX,
    "yaml-control-character": codes.YAML_CONTROL_CHARACTER,
}
_TOP: dict[str, Callable[[Any, int, Reading], Any]] = {
    "networks": read_networks,
    "volumes": read_volumes,
    "secrets": read_secrets,
    "configs": read_configs,
    "models": read_models,
    "jobs": read_jobs,
}
_TOP_KEYS = ("services", *_TOP, "name", "version", "include")


def load_project(
    choice: Choice,
    environment: Mapping[str, str] | None = None,
    files: Files | None = None,
    report: Report | None = None,
) -> Project:
    """Read the chosen files into a Project.

    `environment` and `files` default to the process's own. Raises InputError when the input has
    errors; warnings and remarks go to `report`.
    """
    report = Report() if report is None else report
    files = Disk() if files is None else files
    environment = os.environ if environment is None else environment
    with collector_off():
        return _Loader(files, report, choice).load(environment)


@contextmanager
def collector_off() -> Iterator[None]:
    """The garbage collector is most of the cost of building a big document: 2.6 times at 1,000
    services. Nothing here makes cycles, so nothing waits for it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Loader:
    """One load: the files, the report, and the sources that places refer to."""

    def __init__(self, files: Files, report: Report, choice: Choice) -> None:
        self.files = files
        self.report = report
        self.choice = choice
        self.sources = Sources()
        self.unset: set[str] = set()

    def load(self, environment: Mapping[str, str]) -> Project:
        found = discover(self.choice, environment, self.files, self.report, self.sources)
        self.report.check()
        variables = found.variables
        reading = Reading(self.report, self.sources, variables.get, found.directory)
        root, name = self.read_files(found, reading)
        self.report.check()
        project = self.read_project(root, name, found, reading)
        self.report.check()
        project = select(project, found.profiles, reading)
        self.report.check()
        check_project(project, reading)
        self.report.check()
        return self.resolve_files(project, reading)

    # ------------------------------------------------------------------ text to one located tree

    def read_files(self, found: Found, reading: Reading) -> tuple[Map, str]:
        """All documents of all files joined, and the project's name."""
        documents: list[Document] = []
        for path in found.files:
            documents.extend(self.parse(path))
        self.report.check()
        name = self.project_name(found, documents)
        variables = found.variables
        variables.defaults.setdefault("COMPOSE_PROJECT_NAME", name)
        root: Map | None = None
        for document in documents:
            self.interpolate(document, variables.get)
            body = upgrade(document.root, reading, refuse=not self.choice.legacy)
            if "include" in body:
                reading.say(codes.NOT_YET, body.keys_at["include"], what="`include`")
            if root is not None:
                root = join_documents(root, body, reading)
            else:
                root = strip_tags(body) if document.tagged else body
        assert root is not None
        return root, name

    def parse(self, path: str) -> list[Document]:
        """The documents of a file, each of them a mapping."""
        shown = display(path, self.files)
        try:
            content = self.files.read(path)
        except OSError as error:
            self.report.add(codes.UNREADABLE, name=shown, reason=reason(error))
            return []
        text = self.decode(content, shown)
        if text is None:
            return []
        base = self.sources.add(shown, text)
        problems: list[Problem] = []
        documents: list[Document] = []
        try:
            documents = read_documents(text, base, problems)
        except YamlError as error:
            problems.append(error.problem)
        for problem in problems:
            related = self.sources.span(problem.related)
            self.report.add(
                _PROBLEMS[problem.kind],
                self.sources.span(problem.place),
                related=[("first here", related)] if related else (),
                detail=problem.detail,
            )
        if not documents and not problems:
            self.report.add(codes.EMPTY_FILE, self.sources.span(base), name=shown)
        for document in documents:
            if not isinstance(document.root, Map):
                code = codes.EMPTY_FILE if document.root is None else codes.TOP_LEVEL
                self.report.add(code, self.sources.span(document.place), name=shown)
        return [document for document in documents if isinstance(document.root, Map)]

    def decode(self, content: bytes, shown: str) -> str | None:
        """Text of a file in UTF-8, or in UTF-16 with a byte order mark."""
        encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            good = content[: error.start].decode(errors="replace")
            line, column = good.count("\n"), len(good) - good.rfind("\n") - 1
            base = self.sources.add(shown, good)
            self.report.add(
                codes.NOT_TEXT, self.sources.span(place_at(base, line, column)), name=shown
            )
            return None

    def project_name(self, found: Found, documents: list[Document]) -> str:
        """`-p`, COMPOSE_PROJECT_NAME, the last `name:`, or the folder's name."""
        if found.name:
            return found.name
        for document in reversed(documents):
            given = document.root.get("name")
            if isinstance(given, str):
                try:
                    given = interpolate.substitute(given, found.variables.get)
                except interpolate.InterpolationError:
                    continue  # told when the document is interpolated
                if given:
                    return self.normalised(given, document.root.at["name"])
        return self.normalised(os.path.basename(found.directory), 0)

    def normalised(self, given: str, place: int) -> str:
        name = normal_name(given)
        if not name:
            self.report.add(codes.EMPTY_PROJECT_NAME, self.sources.span(place), given=given)
        return name or "app"

    def interpolate(self, document: Document, lookup: Callable[[str], str | None]) -> None:
        """Substitute variables in every string of the document, in place: nobody else has it yet."""
        place = 0

        def unset(name: str) -> None:
            if name not in self.unset:
                self.unset.add(name)
                self.report.add(codes.UNSET_VARIABLE, self.sources.span(place), name=name)

        substitute = interpolate.substitute
        for container, key in document.dollars:
            place = container.at[key]
            try:
                container[key] = substitute(container[key], lookup, unset)
            except interpolate.InterpolationError as error:
                self.report.add(codes.INTERPOLATION, self.sources.span(place), reason=error)

    # ------------------------------------------------------------------ located tree to Project

    def read_project(self, root: Map, name: str, found: Found, reading: Reading) -> Project:
        fields: dict[str, Any] = {}
        extensions: dict[str, Any] = {}
        for key, value in root.items():
            reading.path = [key]
            if key in _TOP:
                if value is None:
                    reading.say(codes.EMPTY_VALUE, root.keys_at[key], wanted="a mapping")
                else:
                    fields[key] = _TOP[key](value, root.at[key], reading)
            elif key == "services":
                fields[key] = self.read_services(value, root.at[key], reading)
            elif key == "version":
                if value.__class__ is not str:
                    reading.wrong_type(value, root.at[key], "a string")
                else:
                    reading.say(codes.VERSION_IGNORED, root.keys_at[key])
            elif key == "name":
                if value.__class__ is not str:
                    reading.wrong_type(value, root.at[key], "a string")
            elif key.startswith("x-"):
                extensions[key] = value
            elif key != "include":
                reading.path = []
                elsewhere = "services." + key if key in SERVICE_KEYS else None
                unknown_key(key, root.keys_at[key], reading, _TOP_KEYS, elsewhere)
        reading.path = []
        if "services" not in root:
            reading.say(codes.NO_SERVICES, root.place)
        return Project(
            name=name,
            services=fields.pop("services", EMPTY),
            **fields,
            extensions=extensions,
            written=root.keys_at,
            directory=found.directory,
            files=tuple(display(path, self.files) for path in found.files),
            sources=self.sources,
        )

    def read_services(self, value: Any, place: int, reading: Reading) -> dict[str, Service]:
        if not isinstance(value, Map):
            reading.wrong_type(value, place, "a mapping")
            return {}
        services: dict[str, Service] = {}
        for name, body in value.items():
            at = value.keys_at[name]
            reading.service = name
            reading.path = ["services", "." + name]
            if not is_name(name):
                reading.say(codes.BAD_NAME, at, name=name)
            if not isinstance(body, Map):
                reading.wrong_type(body, value.at[name], "a mapping")
                continue
            services[name] = read_service(name, body, at, reading)
        reading.service = None
        reading.path = []
        return services

    # ------------------------------------------------------------------ what other files say

    def resolve_files(self, project: Project, reading: Reading) -> Project:
        """Fold env files and label files in: `environment` and `labels` win over them."""
        services = dict(project.services)
        for name, service in services.items():
            if service.env_file or service.label_file:
                services[name] = self.with_files(service, reading)
        self.report.check()
        return project._replace(services=services)

    def with_files(self, service: Service, reading: Reading) -> Service:
        environment: dict[str, str | None] = {}
        for file in service.env_file:
            if not self.files.is_file(file.path):
                if file.required:
                    reading.say(
                        codes.ENV_FILE_MISSING, file.place, name=display(file.path, self.files)
                    )
                continue

            def lookup(name: str) -> str | None:
                value = reading.lookup(name)
                return environment.get(name) if value is None else value

            environment.update(
                parse_env_file(
                    file.path,
                    lookup,
                    self.files,
                    self.report,
                    self.sources,
                    raw=file.format == "raw",
                )
            )
        environment.update(service.environment)
        labels: dict[str, str] = {}
        for path in service.label_file:
            if not self.files.is_file(path):
                place = service.written.get("label_file", service.place)
                reading.say(codes.ENV_FILE_MISSING, place, name=display(path, self.files))
                continue
            labels.update(
                parse_env_file(path, reading.lookup, self.files, self.report, self.sources)
            )
        labels.update(service.labels)
        return service._replace(environment=environment, labels=labels)


def read_service(name: str, body: Map, place: int, reading: Reading) -> Service:
    """One service of the joined tree."""
    fields: dict[str, Any] = {}
    extensions: dict[str, Any] | None = None
    path, at = reading.path, body.at
    for key, value in body.items():
        row = SERVICE_KEYS.get(key)
        if row is None:
            if key.startswith("x-"):
                extensions = extensions or {}
                extensions[key] = value
            else:
                unknown_key(key, body.keys_at[key], reading, SERVICE_KEYS, MISPLACED.get(key))
            continue
        if value is None:
            if not row.null:
                path.append("." + key)
                reading.say(codes.EMPTY_VALUE, body.keys_at[key], wanted="a value")
                path.pop()
            continue
        path.append("." + key)
        read = row.read(value, at[key], reading)
        path.pop()
        if read is not None:
            fields[key] = read
    if extensions is not None:
        fields["extensions"] = extensions
    return Service(name, place=place, written=body.keys_at, **fields)
