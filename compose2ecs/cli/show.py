"""Diagnostics to text: for people, for GitHub's annotations, as JSON or SARIF."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping

import click

from compose2ecs.report import ERROR, INFO, WARNING, Diagnostic, Span

_COLORS = {ERROR: "red", WARNING: "yellow", INFO: "cyan"}
_GITHUB = {ERROR: "error", WARNING: "warning", INFO: "notice"}
_TAB = 4


def show(
    diagnostics: Iterable[Diagnostic],
    form: str = "text",
    *,
    quiet: bool = False,
    color: bool | None = None,
) -> None:
    """Write the diagnostics to standard error."""
    shown = [d for d in diagnostics if not (quiet and d.severity == INFO)]
    if color is None:
        color = not os.environ.get("NO_COLOR") and sys.stderr.isatty()
    if form == "json":
        text = as_json(shown)
    elif form == "sarif":
        from compose2ecs.cli.sarif import as_sarif

        text = as_sarif(shown)
    elif form == "github":
        text = "".join(github(d) + "\n" for d in shown)
    else:
        text = as_text(shown, color=color)
    if text:
        click.echo(text, err=True, nl=False, color=color)


def as_text(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """One line each, then the offending line with a caret under errors, the hint, related places.

    They come in the order of their places. A remark (info) that is the same of several places is
    told once, and so is a hint.
    """
    listed = sorted(diagnostics, key=_position)
    repeated: dict[tuple[str, str], int] = {}
    for d in listed:
        if d.severity == INFO:
            key = (d.code, d.message)
            repeated[key] = repeated.get(key, 0) + 1
    pieces: list[str] = []
    said: set[tuple[str, Span | None]] = set()
    hints: set[tuple[str, str]] = set()
    for d in listed:
        more = 0
        if d.severity == INFO:
            more = repeated.pop((d.code, d.message), 0)
            if not more:
                continue
        elif (d.message, d.span) in said:
            continue  # the same of the same place, as of a service that is in two tasks
        said.add((d.message, d.span))
        pieces.append(_one(d, more - 1, color, hint=(d.code, d.hint) not in hints))
        hints.add((d.code, d.hint))
    return "".join(pieces)


def _position(d: Diagnostic) -> tuple[int, str, int, int]:
    """Where a diagnostic stands; what has no place comes first, other files after in their order."""
    if d.span is None:
        return 0, "", 0, 0
    return 1, d.span.source.name, d.span.line, d.span.column


def _one(d: Diagnostic, more: int, color: bool, hint: bool) -> str:
    def paint(text: str, **style: object) -> str:
        return click.style(text, **style) if color else text  # type: ignore[arg-type]

    where = f"{d.span}: " if d.span else ""
    again = f" (and {more} more)" if more > 0 else ""
    severity = paint(f"{d.severity}:", fg=_COLORS[d.severity], bold=True)
    lines = [f"{where}{severity} {d.message}{again} [{d.code}]"]
    if d.severity == ERROR and d.span is not None:
        source = _shown_line(d.span)
        if source:
            before = source[: d.span.column - 1].expandtabs(_TAB)
            lines.append(f"    {source.expandtabs(_TAB)}")
            lines.append(f"    {' ' * len(before)}{paint('^', fg='red', bold=True)}")
    lines.extend(f"  {span}: {text}" for text, span in d.related)
    if d.hint and (hint or d.severity == ERROR):
        lines.append(f"  hint: {d.hint}")
    return "\n".join(lines) + "\n"


def _shown_line(span: Span) -> str | None:
    """The offending line, unless it may hold a secret: env files are full of them, and so is what
    stands in an `environment`."""
    source = span.source.line(span.line)
    if source is None or not source.strip() or len(source) >= 200 or span.source.private:
        return None
    import re  # only errors come here

    return None if re.search(_CONFIDES, source, re.IGNORECASE) else source


# a value behind a name that sounds like a secret's, or an environment in one line
_CONFIDES = (
    r"(passw|pwd|secret(?!s\b)|token|credential|api_?key)\w*[\"']?\s*[:=]\s*\S|environment:\s*[\[{]"
    r"|\"value\"\s*:"  # of a variable in a request
    r"|:[^\s/@]+@(?!sha\d)[\w.-]+[/:]"  # user:password@host
)


def github(d: Diagnostic) -> str:
    """A workflow command that GitHub shows beside the line of the file."""
    place = (
        f"file={_property(d.span.source.name)},line={d.span.line},col={d.span.column},"
        if d.span
        else ""
    )
    text = d.message + (f" ({d.hint})" if d.hint else "")
    return f"::{_GITHUB[d.severity]} {place}title={_property(d.code)}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """A list of objects, one a diagnostic."""
    import json

    return json.dumps([_fields(d) for d in diagnostics], indent=2, ensure_ascii=False) + "\n"


def _fields(d: Diagnostic) -> dict[str, object]:
    found: dict[str, object] = {"severity": d.severity, "code": d.code, "message": d.message}
    if d.hint:
        found["hint"] = d.hint
    if d.service is not None:
        found["service"] = d.service
    if d.span is not None:
        found |= {"file": d.span.source.name, "line": d.span.line, "column": d.span.column}
    if d.related:
        found["related"] = [
            {"message": text, "file": s.source.name, "line": s.line, "column": s.column}
            for text, s in d.related
        ]
    return found


def show_placeholders(placeholders: Mapping[str, str]) -> None:
    """List what the output leaves to be filled in, and what supplies each."""
    if not placeholders:
        return
    width = max(map(len, placeholders))
    click.echo("To be filled in:", err=True)
    for name, how in placeholders.items():
        click.echo(f"  {name:<{width}}  {how}", err=True)
