"""`compose2ecs convert`: files in, JSON out, nothing in between but the API."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from compose2ecs import codes
from compose2ecs.api import Project, Report, Stack, translate, write
from compose2ecs.ecs.target import target_of
from compose2ecs.writers.ecs_json import MANIFEST, document, to_json


class Written(NamedTuple):
    """What a run left in the folder: the files it wrote, and those of the last run it removed."""

    files: tuple[str, ...]
    removed: tuple[str, ...]


def convert(
    project: Project, given: Mapping[str, str], report: Report, *, image_tag: str = "latest"
) -> Stack:
    """Translate a project for the target that its `x-ecs` and the given settings describe."""
    return translate(project, target_of(project, given, report, image_tag=image_tag), report)


def tell_unread(project: Project, report: Report) -> None:
    """Say of an ecs-params file beside the project that nobody asked to read it, as ecs-cli did."""
    name = "ecs-params.yml"
    if os.path.exists(os.path.join(project.directory, name)):
        report.add(codes.ECS_PARAMS_UNREAD, name=name)


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


def write_folder(stack: Stack, folder: str, report: Report) -> Written:
    """Write one file an object. Everything is written into a folder inside `folder` first, so that
    a fault leaves what was there; only what an earlier run of this stack wrote is removed, never a
    foreign file. Raises InputError, with the reason in the report, when it cannot be written.
    """
    folder = os.path.abspath(folder)
    try:
        return _write_folder(write(stack), folder, stack, report)
    except OSError as error:
        report.add(
            codes.CANNOT_WRITE,
            path=error.filename or folder,
            reason=error.strerror or str(error),
        )
        report.check()
        raise


def _write_folder(texts: dict[str, str], folder: str, stack: Stack, report: Report) -> Written:
    import shutil  # these two cost as much as a conversion, and only -o needs them
    import tempfile

    owner, before = _manifest(folder)
    if owner is not None and owner != stack.name:
        report.add(codes.OTHER_STACK, folder=folder, owner=owner, stack=stack.name)
    for path in texts:
        if path not in before and os.path.lexists(os.path.join(folder, path)):
            report.add(codes.FOREIGN_FILE, path=os.path.join(folder, path))
    report.check()
    made = _make_folders(folder)
    # inside the folder: a rename never leaves its file system, wherever the folder is mounted
    staging = tempfile.mkdtemp(prefix=".compose2ecs-", dir=folder)
    done = False
    try:
        manifest = to_json({"stack": stack.name, "files": sorted(texts)}) + "\n"
        for path, text in {**texts, MANIFEST: manifest}.items():
            file = os.path.join(staging, path)
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "w", encoding="utf-8", newline="\n") as out:
                out.write(text)
        for path in texts:  # fails before anything is moved, if it is going to
            made += _make_folders(os.path.join(folder, os.path.dirname(path)))
        gone = tuple(path for path in before if path not in texts)
        for path in (*texts, MANIFEST):
            os.replace(os.path.join(staging, path), os.path.join(folder, path))
        for path in gone:
            _remove(folder, path)
        done = True
        return Written(tuple(sorted(texts)), gone)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if not done:
            for path in reversed(made):
                if not os.listdir(path):
                    os.rmdir(path)


def _make_folders(path: str) -> list[str]:
    """Make a folder and those above it; gives the ones that were not there."""
    missing: list[str] = []
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        os.mkdir(folder)
    return missing[::-1]


def _manifest(folder: str) -> tuple[str | None, tuple[str, ...]]:
    """The stack and the files of an earlier run; no file outside the folder, whatever it says."""
    import json

    try:
        with open(os.path.join(folder, MANIFEST), encoding="utf-8") as file:
            manifest = json.load(file)
        owner, files = manifest["stack"], manifest["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None, ()
    if not isinstance(files, list) or not isinstance(owner, str):
        return None, ()
    return owner, tuple(
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
