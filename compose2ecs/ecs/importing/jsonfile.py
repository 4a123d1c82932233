"""JSON text to plain values that remember where each of them stands.

The standard library's decoder tells no places, and takes a key that is given twice.
Source: https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import re
from bisect import bisect_right
from json.decoder import JSONDecodeError
from json.decoder import scanstring as _scan  # type: ignore[attr-defined]
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.report import Code, place_at

MAX_DEPTH = 200
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_BLANK = re.compile(r"[ \t\n\r]*")
_WORDS = {"true": True, "false": False, "null": None}


class JsonError(Exception):
    """The text cannot be read: the diagnostic, its place, and a related place or 0."""

    def __init__(self, code: Code, place: int, related: int = 0, **facts: object) -> None:
        super().__init__(code.id)
        self.code, self.place, self.related = code, place, related
        self.facts: dict[str, Any] = facts


def read_json(text: str, base: int) -> tuple[Any, int]:
    """The value of a JSON text, and its place; `base` is what `Sources.add` gave for the text.

    Raises JsonError.
    """
    return _Reader(text, base).document()


class _Reader:
    def __init__(self, text: str, base: int) -> None:
        self.text = text
        self.base = base
        self.lines = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]

    def place(self, at: int) -> int:
        line = bisect_right(self.lines, at) - 1
        return place_at(self.base, line, at - self.lines[line])

    def fault(self, reason: str, at: int) -> JsonError:
        return JsonError(codes.BAD_JSON, self.place(min(at, len(self.text))), reason=reason)

    def skip(self, at: int) -> int:
        found = _BLANK.match(self.text, at)
        assert found is not None
        return found.end()

    def document(self) -> tuple[Any, int]:
        start = self.skip(0)
        value, at = self.value(start, 0)
        at = self.skip(at)
        if at != len(self.text):
            raise self.fault("something follows the value", at)
        return value, self.place(start)

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        first = self.text[at : at + 1]
        if first == '"':
            return self.string(at)
        if first in ("{", "["):
            if depth >= MAX_DEPTH:
                raise self.fault(f"it is nested more than {MAX_DEPTH} deep", at)
            return (self.mapping if first == "{" else self.list)(at, depth)
        for word, value in _WORDS.items():
            if self.text.startswith(word, at):
                return value, at + len(word)
        number = _NUMBER.match(self.text, at)
        if number is None:
            raise self.fault(
                "a value is missing" if not first else f"{first!r} starts no value", at
            )
        digits = number.group()
        if number.group(1) or number.group(2):
            exact = float(digits)
            if exact in (float("inf"), float("-inf")):
                raise self.fault("the number is too large", at)
            return int(exact) if exact.is_integer() else exact, number.end()
        if len(digits) > 20:
            raise self.fault("the number is too large", at)
        return int(digits), number.end()

    def string(self, at: int) -> tuple[str, int]:
        try:
            value, end = _scan(self.text, at + 1, True)
        except JSONDecodeError as error:
            raise self.fault(error.msg[:1].lower() + error.msg[1:], error.pos) from None
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self.fault("half of a surrogate pair is no character", at)
        return value, end

    def mapping(self, start: int, depth: int) -> tuple[Map, int]:
        found = Map(self.place(start))
        at = self.skip(start + 1)
        if self.text[at : at + 1] == "}":
            return found, at + 1
        while True:
            if self.text[at : at + 1] != '"':
                raise self.fault("a key in double quotes is missing", at)
            key_at = at
            key, at = self.string(at)
            if key in found:
                raise JsonError(
                    codes.JSON_KEY_TWICE, self.place(key_at), found.keys_at[key], key=key
                )
            at = self.skip(at)
            if self.text[at : at + 1] != ":":
                raise self.fault("a colon is missing", at)
            at = self.skip(at + 1)
            place = self.place(at)
            value, at = self.value(at, depth + 1)
            found.put(key, value, self.place(key_at), place)
            at = self.skip(at)
            mark = self.text[at : at + 1]
            if mark == "}":
                return found, at + 1
            if mark != ",":
                raise self.fault("a comma or } is missing", at)
            at = self.skip(at + 1)

    def list(self, start: int, depth: int) -> tuple[Seq, int]:
        found = Seq(self.place(start))
        at = self.skip(start + 1)
        if self.text[at : at + 1] == "]":
            return found, at + 1
        while True:
            place = self.place(at)
            value, at = self.value(at, depth + 1)
            found.put(value, place)
            at = self.skip(at)
            mark = self.text[at : at + 1]
            if mark == "]":
                return found, at + 1
            if mark != ",":
                raise self.fault("a comma or ] is missing", at)
            at = self.skip(at + 1)
