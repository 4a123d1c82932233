"""The Python API: files to Project, Project to Stack, Stack to text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from os import PathLike, fspath

from compose2ecs.compose.discover import Choice
from compose2ecs.compose.files import Files, Memory
from compose2ecs.compose.load import collector_off, load_project
from compose2ecs.compose.model import Project
from compose2ecs.ecs.model import Stack
from compose2ecs.ecs.target import Target, target_of
from compose2ecs.ecs.translate import translate_project
from compose2ecs.report import InputError, Report
from compose2ecs.writers.ecs_json import write_stack

__all__ = [
    "InputError",
    "Project",
    "Report",
    "Stack",
    "Target",
    "load",
    "target",
    "translate",
    "write",
]


def load(
    *paths: str | PathLike[str],
    project_name: str | None = None,
    project_directory: str | PathLike[str] | None = None,
    profiles: Iterable[str] = (),
    env_files: Iterable[str | PathLike[str]] = (),
    environment: Mapping[str, str] | None = None,
    files: Mapping[str, str | bytes] | Files | None = None,
    legacy: bool = True,
    ecs_params: str | PathLike[str] | None = None,
    report: Report | None = None,
) -> Project:
    """Read compose files into a Project.

    Without paths the usual names are looked for, as `docker compose` does. `environment` (the
    process's own by default) and `.env` feed interpolation. `files` is read instead of the disk: a
    mapping from path to content, or anything with the `Files` protocol. `legacy=False` refuses the
    forms of Compose's first formats instead of upgrading them. `ecs_params` is an ecs-params.yml of
    ecs-cli, whose facts are put into the project.

    Raises InputError, whose `diagnostics` hold every error of the stage that failed, with places.
    Warnings go to `report`, so pass one to see them:

    >>> report = Report()
    >>> text = "services: {web: {image: nginx, command: echo a && echo b}}"
    >>> project = load(files={"compose.yaml": text}, environment={}, report=report)
    >>> project.services["web"].command
    ('echo', 'a')
    >>> [diagnostic.code for diagnostic in report]
    ['command-cut']
    """
    if files is not None and isinstance(files, Mapping):
        files = Memory(files)
    choice = Choice(
        files=tuple(fspath(path) for path in paths),
        project_name=project_name,
        project_directory=fspath(project_directory) if project_directory is not None else None,
        profiles=tuple(profiles),
        env_files=tuple(fspath(path) for path in env_files),
        legacy=legacy,
    )
    amend = None
    if ecs_params is not None:
        from compose2ecs.ecs.retired.ecs_params import amend_with

        amend = amend_with(fspath(ecs_params), os.environ if environment is None else environment)
    return load_project(choice, environment, files, report, amend)


def target(
    project: Project, *, report: Report | None = None, image_tag: str = "latest", **settings: str
) -> Target:
    """The target of a project: its `x-ecs`, with `settings` on top (cluster, region, vpc, listener,
    domain, registry, names, layout, discovery).

    >>> project = load(files={"compose.yaml": "services: {a: {image: i}}"}, environment={})
    >>> target(project, cluster="qa").cluster
    'qa'
    """
    return target_of(project, settings, report, image_tag=image_tag)


def translate(
    project: Project, target: Target | None = None, report: Report | None = None
) -> Stack:
    """What is to exist on AWS for a project: pure, so the same input gives the same Stack.

    Without a target, the project's own `x-ecs` says where it goes; facts that nobody gave are
    placeholders, listed in `stack.placeholders`. Raises InputError.

    >>> project = load(files={"compose.yaml": "services: {a: {image: redis}}"}, environment={})
    >>> stack = translate(project)
    >>> stack.resources["task-definitions"]["project-a"].body["networkMode"]
    'bridge'
    """
    with collector_off():
        return translate_project(project, target, report)


def write(stack: Stack) -> dict[str, str]:
    """The stack as JSON texts by path, `task-definitions/NAME.json` and so on: the bodies of the
    AWS calls that make it, in what `aws ... --cli-input-json file://` takes.

    >>> project = load(files={"compose.yaml": "services: {a: {image: redis}}"}, environment={})
    >>> sorted(write(translate(project)))
    ['log-groups/project.json', 'services/project-a.json', 'task-definitions/project-a.json']
    """
    return write_stack(stack)
