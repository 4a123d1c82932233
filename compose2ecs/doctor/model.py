"""What a check finds, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

OK = "ok"
WARNING = "warning"
FAILURE = "failure"
UNKNOWN = "not checked"
STATUSES = (OK, WARNING, FAILURE, UNKNOWN)


class Finding(NamedTuple):
    """One line: how it is, and what to do where it is not well. `check` is the check's id."""

    status: str
    text: str
    fix: str = ""
    check: str = ""


Found = Iterator[Finding]


def ok(text: str) -> Finding:
    """All is well."""
    return Finding(OK, text)


def warning(text: str, fix: str = "") -> Finding:
    """It can be deployed, and something is not as it should be."""
    return Finding(WARNING, text, fix)


def failure(text: str, fix: str = "") -> Finding:
    """It cannot be deployed, or does not work then."""
    return Finding(FAILURE, text, fix)


def unknown(text: str, fix: str = "") -> Finding:
    """Nobody could look."""
    return Finding(UNKNOWN, text, fix)


def listed(names: Iterable[str], most: int = 5) -> str:
    """Names in one line, the first few of many.

    >>> listed(["b", "a"]), listed([f"s{n}" for n in range(9)], 2)
    ('a, b', 's0, s1 and 7 more')
    """
    found = sorted(set(names))
    more = len(found) - most
    return ", ".join(found[:most]) + (f" and {more} more" if more > 0 else "")


Resolve = Callable[[str], frozenset[str]]  # a host's IPv4 addresses; raises OSError
