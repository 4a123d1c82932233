"""Plain values as YAML: block style, two spaces, and no string that reads back as something else.

Written by hand because a dumper quotes for its own reader: Compose types scalars by other rules than
YAML 1.1 or 1.2, and what is printed here must be the same to Compose, to us and to either of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from compose2ecs.compose.quantity import format_value
from compose2ecs.compose.scalars import Timestamp, UnsupportedScalarError, resolve

_LONG_KEY = 128  # YAML finds a key by its colon within 1,024 characters of one line only
_FIRST = frozenset("-?:,[]{}#&*!|>'\"%@`=<\t ")
_NUMERIC = frozenset("+-.0123456789")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ""))


def to_yaml(value: Mapping[str, Any]) -> str:
    """A mapping as a YAML document.

    >>> print(to_yaml({"a": ["1", {"b": None, "c": {}}], "n": "x: y"}), end="")
    a:
      - "1"
      - b: null
        c: {}
    'n': 'x: y'
    """
    lines: list[str] = []
    if value:
        _mapping(value, "", lines, "")
    else:
        lines.append("{}")
    return "\n".join(lines) + "\n"


def _mapping(value: Mapping[str, Any], indent: str, lines: list[str], first: str) -> None:
    """The lines of a mapping; `first` stands before the first instead of the indent."""
    start = first or indent
    for key, item in value.items():
        shown = scalar(key)
        if len(shown) > _LONG_KEY:
            lines.append(f"{start}? {shown}")
            _value(item, indent, lines, indent + ":", inside=indent + "  ")
        else:
            _value(item, indent, lines, f"{start}{shown}:", inside=indent + "  ")
        start = indent


def _value(value: Any, indent: str, lines: list[str], head: str, *, inside: str) -> None:
    """One entry: what comes before its value, then the value, on that line or below it."""
    if value and isinstance(value, Mapping):
        if head.endswith("-"):
            _mapping(value, inside, lines, head + " ")
        else:
            lines.append(head)
            _mapping(value, inside, lines, "")
    elif value and isinstance(value, (list, tuple)):
        start = inside
        if head.endswith("-"):
            start = head + " "
        else:
            lines.append(head)
        for item in value:
            _value(item, inside, lines, start + "-", inside=inside + "  ")
            start = inside
    elif isinstance(value, str) and _is_block(value):
        chomp = "" if value.endswith("\n") else "-"
        if value.endswith("\n\n"):
            chomp = "+"
        lines.append(f"{head} |{chomp}")
        body = value[:-1] if value.endswith("\n") else value
        lines.extend(inside + line if line else "" for line in body.split("\n"))
    else:
        lines.append(f"{head} {scalar(value)}")


def scalar(value: Any) -> str:
    """A value on one line, quoted where it would be read as something else."""
    if value is None:
        return "null"
    if value.__class__ is Timestamp:
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    if isinstance(value, float):
        return repr(value)
    return format_value(value)


def _text(value: str) -> str:
    if not value or not value.isprintable():
        return _double(value)
    if _is_something_else(value):
        return _double(value)
    if (
        value[0] in _FIRST
        or value[-1] in " \t:"
        or ": " in value
        or ":\t" in value
        or " #" in value
        or "\t#" in value
        or value.lower() in _WORDS
    ):
        return "'" + value.replace("'", "''") + "'"
    return value


def _is_something_else(value: str) -> bool:
    """Whether some reader of YAML takes the plain text for a number, a date, a boolean or null."""
    try:
        if resolve(value).__class__ is not str:
            return True
    except UnsupportedScalarError:
        return True
    return (
        value[0] in _NUMERIC
        and any(char.isdigit() for char in value)
        and _NUMBER.fullmatch(value) is not None
    )


# To YAML 1.1, 22:22 is a number and 1:30:00.5 another; a date or a number may have underscores.
_NUMBER = re.compile(
    r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
    r"|[-+]?0x[0-9a-f_]*|[-+]?0[ob][0-9_]*|[-+]?[0-9_]*\.?[0-9_]*(e[-+]?[0-9]+)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?",
    re.IGNORECASE,
)


def _double(value: str) -> str:
    """In double quotes, with escapes that every reader of YAML knows."""
    if value.isascii():
        return json.dumps(value).replace("\x7f", "\\x7f")
    out = []
    for char in value:
        if char.isascii():
            out.append(json.dumps(char)[1:-1].replace("\x7f", "\\x7f"))
        elif char.isprintable():
            out.append(char)
        else:
            code = ord(char)
            out.append(f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}")
    return '"' + "".join(out) + '"'


def _is_block(value: str) -> bool:
    """Whether a text of several lines can stand as it is, under a `|`."""
    if "\n" not in value or value[0] in " \t\n" or not value.strip():
        return False
    return all(line.replace("\t", " ").isprintable() for line in value.split("\n"))
