"""`compose2ecs import`: ECS JSON in, a compose file out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from compose2ecs import codes
from compose2ecs.api import Report, Stack, load
from compose2ecs.compose.discover import reason
from compose2ecs.compose.files import Disk
from compose2ecs.compose.load import collector_off
from compose2ecs.ecs.importing import import_objects
from compose2ecs.ecs.translate import translate_project
from compose2ecs.writers.compose_yaml import to_yaml
from compose2ecs.writers.ecs_json import MANIFEST


def import_files(paths: Iterable[str], report: Report) -> str:
    """The compose file of what some JSON files hold; a folder stands for all in it. Raises
    InputError, with the reasons in the report."""
    texts = _read(paths, report)
    report.check()
    return import_texts(texts, report)


def import_texts(texts: Mapping[str, str], report: Report) -> str:
    """The compose file of what some JSON texts, by name, hold.

    >>> text = '{"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx"}]}'
    >>> import_texts({"web.json": text}, Report()).splitlines()[0]
    'name: web'
    """
    return to_yaml(import_objects(texts, convert, report))


def convert(root: Mapping[str, Any], checked: bool) -> Stack:
    """The stack of a compose file that is given as plain values."""
    project = load(files={"compose.yaml": to_yaml(root)}, environment={})
    with collector_off():
        return translate_project(project, checked=checked)


def _read(paths: Iterable[str], report: Report) -> dict[str, str]:
    """The texts of files, and of the JSON files in folders."""
    disk = Disk()
    texts: dict[str, str] = {}
    for path in paths:
        for file in _files(path):
            name = "<stdin>" if file == "-" else file
            if name in texts:
                report.add(codes.IMPORT_TWICE, kind="file", name=name)
                continue
            try:
                texts[name] = disk.read(file).decode("utf-8-sig")
            except OSError as error:
                report.add(codes.UNREADABLE, name=name, reason=reason(error))
            except UnicodeDecodeError:
                report.add(codes.UNREADABLE, name=name, reason="it is not UTF-8 text")
    return texts


def _files(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    return [
        os.path.join(folder, name)
        for folder, folders, names in os.walk(path)
        if folders.sort() is None
        for name in sorted(names)
        if name.endswith(".json") and name != MANIFEST
    ]


def write_file(path: str, text: str, report: Report) -> None:
    """Write a file that is not there yet. Raises InputError, with the reason in the report."""
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except FileExistsError:
        report.add(codes.FOREIGN_FILE, path=path)
    except OSError as error:
        report.add(codes.CANNOT_WRITE, path=path, reason=error.strerror or str(error))
    report.check()
