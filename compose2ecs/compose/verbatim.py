"""The files joined into one tree, with their variables as they are written."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.discover import Choice, discover
from compose2ecs.compose.files import Disk, Files
from compose2ecs.compose.interpolate import Mention, mentioned
from compose2ecs.compose.load import collector_off, settled_name
from compose2ecs.compose.located import Document, Map
from compose2ecs.compose.reading import Reading
from compose2ecs.compose.trees import Trees
from compose2ecs.report import Report, Sources


class Verbatim(NamedTuple):
    """The joined tree, the project's name, and the variables that its texts mention."""

    root: Map
    name: str
    variables: dict[str, Mention]


class _Trees(Trees):
    """Grows a tree without touching its texts."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.variables: dict[str, Mention] = {}

    def interpolate(self, document: Document, lookup: Callable[[str], str | None]) -> None:
        for container, key in document.dollars:
            for mention in mentioned(container[key]):
                known = self.variables.get(mention.name)
                if known is None or not (known.default or known.required):
                    self.variables[mention.name] = mention


def read_verbatim(
    choice: Choice,
    environment: Mapping[str, str] | None = None,
    files: Files | None = None,
    report: Report | None = None,
) -> Verbatim:
    """Read the chosen files, join them, and leave every value as it is. Raises InputError."""
    report = Report() if report is None else report
    files = Disk() if files is None else files
    sources = Sources()
    with collector_off():
        found = discover(
            choice, os.environ if environment is None else environment, files, report, sources
        )
        report.check()
        reading = Reading(report, sources, found.variables.get, found.directory)
        trees = _Trees(files, report, sources, legacy=choice.legacy, check=lambda *_: None)
        texts = [trees.parse(path) for path in found.files]
        report.check()
        documents = [document for text in texts for document in text.documents]
        name = settled_name(found, documents, report, sources)
        root = trees.grow(texts, reading)
        if root is not None and "services" not in root:
            reading.say(codes.NO_SERVICES, root.place)
        report.check()
    assert root is not None
    return Verbatim(root, name, trees.variables)
