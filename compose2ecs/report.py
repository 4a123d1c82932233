"""Places in the input, and what there is to say about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

ERROR = "error"
WARNING = "warning"
INFO = "info"

# A place is one int: cheap enough to keep for every key of a file. It packs the source's number
# (from 1), the line and the column (both from 0); 0 is "nowhere".
_LINE = 28
_FILE = 56
_MASK = (1 << _LINE) - 1


class Source:
    """One input text, by the name under which the user knows it."""

    __slots__ = ("_lines", "name", "private", "text")

    def __init__(self, name: str, text: str, *, private: bool = False) -> None:
        self.name = name
        self.text = text
        self.private = private  # its lines are never shown: it may hold secrets
        self._lines: list[str] | None = None

    def line(self, number: int) -> str | None:
        """The text of a line, counted from 1, or None past the end."""
        if self._lines is None:
            self._lines = self.text.splitlines()
        return self._lines[number - 1] if 0 < number <= len(self._lines) else None


class Span(NamedTuple):
    """A place that can be shown: a source, a line and a column, both counted from 1."""

    source: Source
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"


class Sources:
    """The texts that were read, so that a place can be turned into a span."""

    __slots__ = ("_all",)

    def __init__(self) -> None:
        self._all: list[Source] = []

    def add(self, name: str, text: str, *, private: bool = False) -> int:
        """Register a text and give the base that is added to the places in it."""
        self._all.append(Source(name, text, private=private))
        return len(self._all) << _FILE

    def span(self, place: int) -> Span | None:
        """The span of a place; None for 0."""
        if not place:
            return None
        source = self._all[(place >> _FILE) - 1]
        return Span(source, ((place >> _LINE) & _MASK) + 1, (place & _MASK) + 1)

    def __iter__(self) -> Iterator[Source]:
        return iter(self._all)


def place_at(base: int, line: int, column: int = 0) -> int:
    """The place of a line and column, both counted from 0, in the source of that base."""
    return base + (line << _LINE) + column


def source_number(place: int) -> int:
    """The number of the source that a place is in; 0 for nowhere."""
    return place >> _FILE


class Code(NamedTuple):
    """One kind of diagnostic, defined once; `text` and `hint` are filled with `str.format`."""

    id: str
    severity: str
    text: str
    hint: str = ""


class Diagnostic(NamedTuple):
    """One thing to tell the user."""

    code: str
    severity: str
    message: str
    hint: str = ""
    span: Span | None = None
    related: tuple[tuple[str, Span], ...] = ()
    service: str | None = None

    def __str__(self) -> str:
        where = f"{self.span}: " if self.span else ""
        return f"{where}{self.severity}: {self.message} [{self.code}]"


class Compose2EcsError(Exception):
    """Whatever ends a command with a message instead of a traceback."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class InputError(Compose2EcsError):
    """The input has errors; `diagnostics` holds all of the stage that found them."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        errors = [d for d in self.diagnostics if d.severity == ERROR]
        super().__init__("\n".join(str(d) for d in errors))


class Report:
    """Collects diagnostics; `strict` makes every warning an error.

    >>> report = Report()
    >>> report.add(Code("greeting", INFO, "hello {name}"), name="world")
    >>> [str(diagnostic) for diagnostic in report]
    ['info: hello world [greeting]']
    """

    __slots__ = ("diagnostics", "strict")

    def __init__(self, *, strict: bool = False) -> None:
        self.strict = strict
        self.diagnostics: list[Diagnostic] = []

    def add(
        self,
        code: Code,
        span: Span | None = None,
        *,
        related: Sequence[tuple[str, Span]] = (),
        service: str | None = None,
        **facts: object,
    ) -> None:
        """Say `code` of the place `span`, with the facts its sentence names."""
        severity = ERROR if self.strict and code.severity == WARNING else code.severity
        if service is not None:
            facts.setdefault("service", service)
        self.diagnostics.append(
            Diagnostic(
                code.id,
                severity,
                code.text.format(**facts),
                code.hint.format(**facts) if code.hint else "",
                span,
                tuple(related),
                service,
            )
        )

    @property
    def failed(self) -> bool:
        """Whether anything said so far is an error."""
        return any(d.severity == ERROR for d in self.diagnostics)

    def check(self) -> None:
        """Raise InputError if anything said so far is an error: called at a stage's border."""
        if self.failed:
            raise InputError(self.diagnostics)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.diagnostics)

    def __len__(self) -> int:
        return len(self.diagnostics)
