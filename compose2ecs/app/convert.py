"""`compose2ecs convert`: files in, JSON out, nothing in between but the API."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from compose2ecs import codes
from compose2ecs.api import Project, Report, Stack, translate, write
from compose2ecs.ecs.target import target_of
from compose2ecs.report import Compose2EcsError
from compose2ecs.writers.ecs_json import MANIFEST, document, to_json


class Written(NamedTuple):
    """What a run left in the folder: the files it wrote, and those of the last run it removed."""

    files: tuple[str, ...]
    removed: tuple[str, ...]


class OutputError(Compose2EcsError):
    """The folder cannot be written."""


def convert(
    project: Project, given: Mapping[str, str], report: Report, *, image_tag: str = "latest"
) -> Stack:
    """Translate a project for the target that its `x-ecs` and the given settings describe."""
    return translate(project, target_of(project, given, report, image_tag=image_tag), report)


def one_document(stack: Stack) -> str:
    """The whole stack as one JSON document."""
    return to_json(document(stack)) + "\n"


def one_task_definition(stack: Stack, name: str, report: Report) -> str:
    """One task definition, by its family or the name of a service in it."""
    definitions = stack.resources["task-definitions"]
    resource = definitions.get(name) or next(
        (found for found in definitions.values() if name in found.services), None
    )
    if resource is None:
        report.add(
            codes.UNKNOWN_TASK_DEFINITION, name=name, known="there are: " + ", ".join(definitions)
        )
        report.check()
        raise AssertionError("unreachable: the report has an error")
    return to_json(resource.body) + "\n"


def write_folder(stack: Stack, folder: str) -> Written:
    """Write one file an object. All or nothing: everything is written beside the folder first, and
    only what an earlier run wrote is removed, never a foreign file."""
    texts = write(stack)
    folder = os.path.abspath(folder)
    try:
        return _write_folder(texts, folder, stack)
    except OSError as error:
        raise OutputError(
            f"cannot write {error.filename or folder}: {error.strerror or error}"
        ) from None


def _write_folder(texts: dict[str, str], folder: str, stack: Stack) -> Written:
    import shutil  # these two cost as much as a conversion, and only -o needs them
    import tempfile

    before = _manifest(folder)
    parent = os.path.dirname(folder)
    os.makedirs(parent, exist_ok=True)
    foreign = [
        path for path in texts if path not in before and os.path.lexists(os.path.join(folder, path))
    ]
    if foreign:
        raise OutputError(
            f"{os.path.join(folder, foreign[0])} is there already, and no earlier run wrote it",
            "choose another folder, or move the file away",
        )
    staging = tempfile.mkdtemp(prefix=".compose2ecs-", dir=parent)
    try:
        manifest = to_json({"stack": stack.name, "files": sorted(texts)}) + "\n"
        for path, text in {**texts, MANIFEST: manifest}.items():
            file = os.path.join(staging, path)
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "w", encoding="utf-8", newline="\n") as out:
                out.write(text)
        for path in (*texts, MANIFEST):  # fails before anything is moved, if it is going to
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        gone = tuple(path for path in before if path not in texts)
        for path in (*texts, MANIFEST):
            os.replace(os.path.join(staging, path), os.path.join(folder, path))
        for path in gone:
            _remove(folder, path)
        return Written(tuple(sorted(texts)), gone)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _manifest(folder: str) -> tuple[str, ...]:
    """The files that an earlier run wrote; none outside the folder, whatever the manifest says."""
    import json

    try:
        with open(os.path.join(folder, MANIFEST), encoding="utf-8") as file:
            files = json.load(file)["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    if not isinstance(files, list):
        return ()
    return tuple(
        path
        for path in files
        if isinstance(path, str) and not os.path.isabs(path) and ".." not in path.split("/")
    )


def _remove(folder: str, path: str) -> None:
    file = os.path.join(folder, path)
    if os.path.lexists(file):
        os.unlink(file)
    parent = os.path.dirname(file)
    if parent != folder and os.path.isdir(parent) and not os.listdir(parent):
        os.rmdir(parent)
