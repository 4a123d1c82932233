"""What was called, when, and with what: the record that tests and benchmarks read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

_READS = ("Describe", "List", "Get", "Batch", "Filter", "Simulate", "Discover", "Lookup", "Search")
# They ask for something that is not there afterwards, or that nobody pays for.
_READS_TOO = frozenset(("StartLiveTail", "StartQuery", "ExecuteCommand"))


def writes(operation: str) -> bool:
    """Whether a call changes something.

    >>> writes("CreateService"), writes("DescribeServices")
    (True, False)
    """
    return not operation.startswith(_READS) and operation not in _READS_TOO


class Call(NamedTuple):
    """One call: begin and end are `time.monotonic()`, in seconds; `error` is a code, or empty."""

    service: str
    operation: str
    begin: float
    end: float
    request: dict[str, Any]
    error: str

    @property
    def writes(self) -> bool:
        """Whether it is a call that changes something, whether or not it did."""
        return writes(self.operation)


def depth(calls: Sequence[Call]) -> int:
    """The most calls of which each began after the one before it had ended."""
    found, last = 0, float("-inf")
    for call in sorted(calls, key=lambda call: call.end):
        if call.begin >= last:
            found, last = found + 1, call.end
    return found


def width(calls: Sequence[Call]) -> int:
    """The most calls that were under way at one time."""
    moments = sorted([(call.begin, 1) for call in calls] + [(call.end, -1) for call in calls])
    found = now = 0
    for _, change in moments:
        now += change
        found = max(found, now)
    return found
