"""Reading a body that may hold anything: what has the wrong type reads as not there.

A body comes from the translation, from a file that somebody wrote, or from a request to a test
double, so no check may rely on a member's type. Text in angle brackets, such as
`<execution-role-arn>`, stands for something that is not known yet and is never at fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
NAME = LETTERS + DIGITS + "-_"  # of families, containers, volumes, services
NAME_MAX = 255

_NOTHING: dict[str, Any] = {}


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def listed(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects in a list, each with its index; whatever else is in it is passed over."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            if isinstance(item, dict):
                yield number, item


def number(value: Any) -> int | None:
    """The value if it is a whole number, else None; true and false are none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text(value: Any) -> str:
    """The value if it is text, else the empty text."""
    return value if isinstance(value, str) else ""


def unknown(value: Any) -> bool:
    """Whether text stands for something that is not known yet, in whole or in part."""
    if not isinstance(value, str):
        return False
    start = value.find("<")
    return start >= 0 and ">" in value[start:]


def stray(value: str, allowed: str) -> str:
    """The first character of a text that is not an allowed one; empty if all are.

    >>> stray("my.app", NAME), stray("my-app", NAME)
    ('.', '')
    """
    return value.lstrip(allowed)[:1]


def bad_name(value: str, most: int = NAME_MAX, allowed: str = NAME) -> str:
    """Why AWS refuses a name; empty if it does not, or the name is not known yet.

    >>> bad_name("my.app"), bad_name("my-app"), bad_name("<family>")
    ("'my.app' holds '.'", '', '')
    """
    if value and len(value) <= most and not value.lstrip(allowed):
        return ""
    if unknown(value):
        return ""
    if not value:
        return "the name is empty"
    if len(value) > most:
        return f"'{value[:40]}...' is {len(value)} characters long, and {most} are allowed"
    return f"{value!r} holds {stray(value, allowed)!r}"


def repeated(values: Iterable[Any]) -> list[Any]:
    """The values that come more than once, each once, in the order of their second coming.

    >>> repeated(["a", "b", "a", "a"])
    ['a']
    """
    seen: set[Any] = set()
    found: dict[Any, None] = {}
    for value in values:
        if value in seen:
            found[value] = None
        else:
            seen.add(value)
    return list(found)
