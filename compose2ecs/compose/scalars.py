"""What an unquoted YAML scalar means to Compose: neither YAML 1.1 nor YAML 1.2, but go-yaml's mix."""

from __future__ import annotations

import datetime
import re
from functools import cache
from typing import Any

_WORDS: dict[str, Any] = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_UNLIMITED = frozenset(
    sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")
) | {".nan", ".NaN", ".NAN"}
_NUMERIC = frozenset("+-.0123456789")
_SPECIAL = _NUMERIC | frozenset("~nNtTfF")
_LARGEST = 2**64 - 1
_SMALLEST = -(2**63)


class UnsupportedScalarError(ValueError):
    """A scalar that Compose cannot represent: infinity or not-a-number."""


class Timestamp(str):
    """A date or time, as Go prints it; a value of its own kind, which no string is."""

    __slots__ = ()


def resolve(text: str) -> Any:
    """The value of an unquoted scalar: None, bool, int, float, Timestamp or str.

    >>> [resolve(text) for text in ("22:22", "no", "0644", "1e3", "08", "1_000")]
    ['22:22', 'no', 420, 1000.0, 8.0, 1000]
    """
    if text and text[0] not in _SPECIAL:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if text.isascii() and text.isdigit() and text[0] != "0" and len(text) < 19:
        return int(text)
    return _number(text)


def _number(text: str) -> Any:
    if text in _UNLIMITED:
        raise UnsupportedScalarError(text)
    if text[0] == ".":
        return _float(text, text)
    if len(text) >= 8 and text[4] == "-" and (moment := _timestamp(text)) is not None:
        return moment
    plain = text.replace("_", "")
    whole = _int(plain)
    if (
        whole is not None
        and _SMALLEST <= whole <= _LARGEST
        and not (whole == 0 and plain[0] == "-")
    ):
        return whole
    return _float(plain, text)


def _int(plain: str) -> int | None:
    sign, digits = (plain[0], plain[1:]) if plain[:1] in ("+", "-") else ("", plain)
    if not digits.isascii() or not digits.isalnum():
        return None
    base = 10
    if digits[0] == "0" and len(digits) > 1:
        base = {"x": 16, "o": 8, "b": 2}.get(digits[1].lower(), 0)
        digits = digits[2:] if base else digits[1:]
        base = base or 8
    try:
        # int() refuses over 4,300 digits with the same ValueError; such a number is a float anyway
        return int(sign + digits, base)
    except ValueError:
        return None


def _float(plain: str, text: str) -> Any:
    if not _float_form().match(plain):
        return text
    value = float(plain)
    return text if value in (float("inf"), float("-inf")) else value


@cache
def _float_form() -> re.Pattern[str]:
    return re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")


@cache
def _timestamp_form() -> re.Pattern[str]:
    return re.compile(
        r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
        r"(?:(?:[Tt]|(?P<blank> ))([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?"
        r"(?P<zone>Z|[-+][0-9]{2}:[0-9]{2})?)?\Z"
    )


def _timestamp(text: str) -> Timestamp | None:
    found = _timestamp_form().match(text)
    if found is None:
        return None
    year, month, day, blank, hour, minute, second, fraction, zone = found.groups()
    if hour is not None and (zone is None) != (blank is not None):
        return None  # with T a zone is required; with a blank none is allowed
    try:
        datetime.datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
        )
    except ValueError:
        return None
    digits = (fraction or "")[:9].rstrip("0")
    name = "+0000 UTC"
    if zone not in (None, "Z", "+00:00", "-00:00"):
        offset = zone.replace(":", "")
        name = f"{offset} {offset}"
    return Timestamp(
        f"{year}-{int(month):02}-{int(day):02} "
        f"{int(hour or 0):02}:{int(minute or 0):02}:{int(second or 0):02}"
        f"{'.' + digits if digits else ''} {name}"
    )
