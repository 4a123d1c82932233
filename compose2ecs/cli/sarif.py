"""Diagnostics as SARIF 2.1.0, which code scanning services and editors read.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from compose2ecs import __version__, codes
from compose2ecs.report import ERROR, INFO, WARNING, Code, Diagnostic, Span

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {ERROR: "error", WARNING: "warning", INFO: "note"}


def as_sarif(diagnostics: Iterable[Diagnostic]) -> str:
    """One run of the tool: the rules that were broken, and where."""
    listed = list(diagnostics)
    ids = list(dict.fromkeys(diagnostic.code for diagnostic in listed))
    indexes = {id_: index for index, id_ in enumerate(ids)}
    driver = {"name": "compose2ecs", "version": __version__, "rules": _rules(ids)}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, indexes[diagnostic.code]) for diagnostic in listed],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rules(ids: list[str]) -> list[dict[str, Any]]:
    """What each code means: of AWS's rules as the table of checks has it, of others their sentence."""
    known: dict[str, Code] = {}
    for code in vars(codes).values():
        if isinstance(code, Code):
            known.setdefault(code.id, code)
    return [_own(known[id_]) if id_ in known else _check(id_) for id_ in ids]


def _own(code: Code) -> dict[str, Any]:
    text, hint = _general(code.text), _general(code.hint)
    return _rule(code.id, code.severity, text, text if hint.startswith("<") else hint or text)


def _general(sentence: str) -> str:
    """A sentence of codes.py with names for its facts: `<service>` for `{service}`."""
    named = re.sub(r"(?<!\{)\{(\w+)(?:![rs])?\}(?!\})", r"<\1>", sentence)
    return named.replace("{{", "{").replace("}}", "}")


def _check(id_: str) -> dict[str, Any]:
    from compose2ecs.checks.table import TABLE

    check = TABLE[id_]
    help_ = f"{check.hint}\n{check.source}" if check.hint else check.source
    return _rule(id_, check.severity, check.title, help_) | {"helpUri": check.source}


def _rule(id_: str, severity: str, title: str, help_: str) -> dict[str, Any]:
    return {
        "id": id_,
        "shortDescription": {"text": title},
        "help": {"text": help_},
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _result(diagnostic: Diagnostic, index: int) -> dict[str, Any]:
    text = diagnostic.message + (f" ({diagnostic.hint})" if diagnostic.hint else "")
    found: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": text},
    }
    if diagnostic.span is not None:
        found["locations"] = [_location(diagnostic.span)]
    if diagnostic.related:
        found["relatedLocations"] = [
            _location(span) | {"id": number, "message": {"text": said}}
            for number, (said, span) in enumerate(diagnostic.related)
        ]
    return found


def _location(span: Span) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(span.source.name)},
            "region": {"startLine": span.line, "startColumn": span.column},
        }
    }


def _uri(name: str) -> str:
    """A file as a relative reference, which is resolved where the command was run."""
    if os.path.isabs(name):
        name = os.path.relpath(name)
    return quote(name.replace(os.sep, "/"))
