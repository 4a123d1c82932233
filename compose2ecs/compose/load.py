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
)
from compose2ecs.compose.files import Disk, Files
from compose2ecs.compose.keys import MISPLACED, SERVICE_KEYS
from compose2ecs.compose.legacy import declare_volumes
from compose2ecs.compose.located import Document, Map
from compose2ecs.compose.model import EMPTY, Job, Project, Service
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
from compose2ecs.compose.trees import Trees
from compose2ecs.report import Report, Sources

_TOP: dict[str, Callable[[Any, int, Reading], Any]] = {
    "networks": read_networks,
    "volumes": read_volumes,
    "secrets": read_secrets,
    "configs": read_configs,
    "models": read_models,
    "jobs": read_jobs,
}
_TOP_KEYS = ("services", *_TOP, "name", "version", "include")
Amend = Callable[[Map, Reading, Files], Map]


def load_project(
    choice: Choice,
    environment: Mapping[str, str] | None = None,
    files: Files | None = None,
    report: Report | None = None,
    amend: Amend | None = None,
) -> Project:
    """Read the chosen files into a Project.

    `environment` and `files` default to the process's own. Raises InputError when the input has
    errors; warnings and remarks go to `report`. `amend` is given the joined tree before it is
    read, and gives the one to read: what a file of another kind adds.
    """
    report = Report() if report is None else report
    files = Disk() if files is None else files
    environment = dict(os.environ) if environment is None else environment
    with collector_off():
        return _Loader(files, report, choice).load(environment, amend)


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

    def load(self, environment: Mapping[str, str], amend: Amend | None) -> Project:
        found = discover(self.choice, environment, self.files, self.report, self.sources)
        self.report.check()
        variables = found.variables
        reading = Reading(self.report, self.sources, variables.get, found.directory)
        root, name = self.read_files(found, reading)
        self.report.check()
        if amend is not None:
            root = amend(root, reading, self.files)
            self.report.check()
        project = self.read_project(root, name, found, reading)
        self.report.check()
        everything = project
        project = select(project, found.profiles, reading)
        self.report.check()
        check_project(project, everything, reading)
        self.report.check()
        return self.resolve_files(project, reading)

    # ------------------------------------------------------------------ text to one located tree

    def read_files(self, found: Found, reading: Reading) -> tuple[Map, str]:
        """All documents of all files joined, and the project's name."""
        trees = Trees(
            self.files,
            self.report,
            self.sources,
            legacy=self.choice.legacy,
            check=self.check_part,
        )
        texts = [trees.parse(path) for path in found.files]
        self.report.check()
        documents = [document for text in texts for document in text.documents]
        name = settled_name(found, documents, self.report, self.sources)
        found.variables.own["COMPOSE_PROJECT_NAME"] = name
        root = trees.grow(texts, reading)
        assert root is not None
        if trees.old and self.choice.legacy:
            root = declare_volumes(root, reading)
        return root, name

    # ------------------------------------------------------------------ located tree to Project

    def read_project(self, root: Map, name: str, found: Found, reading: Reading) -> Project:
        fields = self.read_top(root, reading)
        if "services" not in root and "jobs" not in root:
            reading.say(codes.NO_SERVICES, root.place)
        return Project(
            name=name,
            services=fields.pop("services", EMPTY),
            **fields,
            written=root.keys_at,
            directory=found.directory,
            files=tuple(display(path, self.files) for path in found.files),
            sources=self.sources,
        )

    def read_top(self, root: Map, reading: Reading) -> dict[str, Any]:
        """The top-level keys of a tree."""
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
            else:
                reading.path = []
                elsewhere = "services." + key if key in SERVICE_KEYS else None
                unknown_key(key, root.keys_at[key], reading, _TOP_KEYS, elsewhere)
        reading.path = []
        fields["extensions"] = extensions
        return fields

    def check_part(self, part: Map, reading: Reading) -> None:
        """Say what is wrong with a part of a tree; its warnings are told when all is read."""
        report = Report(strict=self.report.strict)
        alone = Reading(report, self.sources, reading.lookup, reading.directory)
        alone.homes = reading.homes
        self.read_top(part, alone)
        self.report.diagnostics.extend(d for d in report if d.severity == "error")

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
                reading.service = name
                reading.path = [f"services.{name}"]
                services[name] = self.with_files(service, reading)
        reading.service = None
        reading.path = []
        self.report.check()
        jobs = {name: self.with_job_files(job, reading) for name, job in project.jobs.items()}
        return project._replace(services=services, jobs=jobs)

    def with_job_files(self, job: Job, reading: Reading) -> Job:
        """A job with its files read beside it: Compose prints a job without a look at them."""
        container = job.container
        if not container.env_file and not container.label_file:
            return job
        report = Report(strict=self.report.strict)
        alone = Reading(report, self.sources, reading.lookup, reading.directory)
        alone.homes = reading.homes
        alone.service, alone.path = container.key, [f"jobs.{container.key}"]
        return job._replace(run=self.with_files(container, alone), faults=tuple(report))

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
                for known in (reading.lookup, service.environment.get, environment.get):
                    if (value := known(name)) is not None:
                        return value
                return None

            environment.update(
                parse_env_file(
                    file.path,
                    lookup,
                    self.files,
                    reading.report,
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
                parse_env_file(path, labels.get, self.files, reading.report, self.sources)
            )
        labels.update(service.labels)
        return service._replace(environment=environment, labels=labels)


def settled_name(found: Found, documents: list[Document], report: Report, sources: Sources) -> str:
    """The project's name: `-p`, COMPOSE_PROJECT_NAME, the last `name:`, or the folder's name."""
    if found.name:
        return found.name
    given, place = os.path.basename(found.directory), 0
    for document in reversed(documents):
        written = document.root.get("name")
        if isinstance(written, str):
            try:
                written = interpolate.substitute(written, found.variables.get)
            except interpolate.InterpolationError:
                continue  # told when the document is interpolated
            if written:
                given, place = written, document.root.at["name"]
                break
    name = normal_name(given)
    if not name:
        report.add(codes.EMPTY_PROJECT_NAME, sources.span(place), given=given)
    return name or "app"


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
