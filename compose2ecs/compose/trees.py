"""Texts to one located tree: parse, interpolate, upgrade, include, extend, join."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose import interpolate
from compose2ecs.compose.discover import display, reason
from compose2ecs.compose.extends import extend
from compose2ecs.compose.files import Files
from compose2ecs.compose.include import include
from compose2ecs.compose.join import Check, join_documents, settle
from compose2ecs.compose.legacy import upgrade
from compose2ecs.compose.located import Document, Map, Problem, Seq, YamlError, read_documents
from compose2ecs.compose.reading import Home, Reading
from compose2ecs.report import Code, Report, Sources, place_at, source_number

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
    "yaml-tag": codes.YAML_TAG,
    "yaml-merge": codes.YAML_MERGE,
    "yaml-syntax": codes.YAML_SYNTAX,
    "yaml-control-character": codes.YAML_CONTROL_CHARACTER,
}


class Text(NamedTuple):
    """A file that was parsed: its path, and its documents, each of them a mapping."""

    path: str
    documents: tuple[Document, ...]


class Trees:
    """What growing a tree needs throughout: the files, the report, the sources of places.

    `check` reads a tree, or a part of one, for its faults alone: an included file must be right by
    itself, and so must a file that a later one overrides.
    """

    def __init__(
        self,
        files: Files,
        report: Report,
        sources: Sources,
        *,
        legacy: bool,
        check: Check,
    ) -> None:
        self.files = files
        self.report = report
        self.sources = sources
        self.legacy = legacy
        self.check = check
        self.unset: set[str] = set()
        self.included = 0
        self.old = False  # whether anything was in one of Compose's old forms

    def grow(
        self, texts: Sequence[Text], reading: Reading, trail: tuple[tuple[str, int], ...] = ()
    ) -> Map | None:
        """All documents of some files as one tree; None if there are none.

        `trail` names the files that led here by `include`, each with the place that names it.
        """
        root: Map | None = None
        for text in texts:
            trail = (*trail, (text.path, 0)) if not trail or trail[-1][0] != text.path else trail
            for document in text.documents:
                body = self.body(document, reading)
                if "include" in body:
                    body = include(body, self, reading, trail)
                body = extend(body, text.path, self, reading)
                if root is None:
                    root = body
                else:
                    root = join_documents(root, body, reading, self.check)
        return root

    def body(self, document: Document, reading: Reading) -> Map:
        """A document without its `!reset` values, with variables substituted, in today's form."""
        if document.tagged:
            dollars: list[tuple[Map | Seq, Any]] = []
            root = settle(document.root, dollars, {})
            document = document._replace(root=root, dollars=dollars)
        self.interpolate(document, reading.lookup)
        body, old = upgrade(document.root, reading, refuse=not self.legacy)
        self.old = self.old or old
        return body

    def at_home(self, text: Text, home: Home, reading: Reading) -> None:
        """Note that the values of a file are read with `home`, not with what the project's are."""
        for document in text.documents:
            reading.homes[source_number(document.place)] = home

    def there(self, path: str, place: int, reading: Reading) -> bool:
        """Whether a file that something at `place` names can be read; if not, that is told."""
        if self.files.is_file(path):
            return True
        shown = display(path, self.files)
        code = codes.IS_FOLDER if self.files.is_folder(path) else codes.FILE_MISSING
        reading.say(code, place, name=shown)
        return False

    def parse(self, path: str, *, may_be_empty: bool = False) -> Text:
        """The documents of a file."""
        shown = display(path, self.files)
        try:
            content = self.files.read(path)
        except OSError as error:
            self.report.add(codes.UNREADABLE, name=shown, reason=reason(error))
            return Text(path, ())
        text = self.decode(content, shown)
        return Text(path, () if text is None else self.documents(text, shown, may_be_empty))

    def documents(self, text: str, shown: str, may_be_empty: bool) -> tuple[Document, ...]:
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
        if not documents and not problems and not may_be_empty:
            self.report.add(codes.EMPTY_FILE, self.sources.span(base), name=shown)
        for document in documents:
            if not isinstance(document.root, Map):
                code = codes.TOP_LEVEL
                if document.root is None:
                    code = codes.EMPTY_FILE if len(documents) == 1 else codes.EMPTY_DOCUMENT
                self.report.add(code, self.sources.span(document.place), name=shown)
        return tuple(document for document in documents if isinstance(document.root, Map))

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
