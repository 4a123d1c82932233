"""Faults on order: an error, a lost answer or the end of the process at the n-th call."""

from __future__ import annotations

from dataclasses import dataclass

from compose2ecs.sandbox.calls import writes
from compose2ecs.sandbox.errors import AwsError, Killed, LostAnswerError
from compose2ecs.sandbox.throttle import throttled

BEFORE, AFTER = "before", "after"
# What `among` may say beside the name of an operation.
ALL, WRITES, READS = "", "writes", "reads"
_ERROR, _THROTTLE, _LOSE, _KILL = "error", "throttle", "lose", "kill"


@dataclass
class Fault:
    """What happens at some of the calls; `seen` counts those it could have happened at."""

    among: str
    first: int  # counted from 1
    times: int
    when: str
    error: AwsError | None = None  # what is answered; None for a kind that needs none
    kind: str = _ERROR
    seen: int = 0

    def due(self, operation: str) -> bool:
        """Count a call, and say whether this is one of those it happens at."""
        if not _concerns(self.among, operation):
            return False
        self.seen += 1
        return self.first <= self.seen < self.first + self.times

    def strike(self, service: str) -> None:
        """Raise what this fault is: AwsError, LostAnswerError or Killed."""
        if self.kind == _KILL:
            raise Killed(f"killed {self.when} call {self.seen}")
        if self.kind == _LOSE:
            raise LostAnswerError
        if self.kind == _THROTTLE or self.error is None:
            raise throttled(service)
        raise self.error


def _concerns(among: str, operation: str) -> bool:
    if among == WRITES:
        return writes(operation)
    if among == READS:
        return not writes(operation)
    return among in (ALL, operation)


class Faults:
    """The faults that were ordered; counting begins with each order."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def fail(
        self,
        operation: str = ALL,
        n: int = 1,
        code: str = "ServerException",
        message: str = "Service Unavailable. Please try again later.",
        status: int = 500,
        times: int = 1,
    ) -> None:
        """Answer the n-th call, and `times` in all, with an error; nothing is done.

        `operation` is the name of one, "writes", "reads", or empty for all of them.
        """
        error = AwsError(code, message, status)
        self._ordered.append(Fault(operation, n, times, BEFORE, error))

    def throttle(self, operation: str = ALL, n: int = 1, times: int = 1) -> None:
        """Refuse calls as AWS does when there are too many of them."""
        self._ordered.append(Fault(operation, n, times, BEFORE, kind=_THROTTLE))

    def lose(self, operation: str = ALL, n: int = 1, times: int = 1) -> None:
        """Do what the call asks for, and break the connection instead of answering."""
        self._ordered.append(Fault(operation, n, times, AFTER, kind=_LOSE))

    def cut(self, operation: str = ALL, n: int = 1, times: int = 1) -> None:
        """Break the connection before anything is done."""
        self._ordered.append(Fault(operation, n, times, BEFORE, kind=_LOSE))

    def kill(self, at_call: int, when: str = BEFORE, among: str = ALL) -> None:
        """End the process at the n-th call, before or after it has done what it asks for.

        In process that is a `Killed`, which is no `Exception`; a server sends SIGKILL to the
        process that it was told to.
        """
        self._ordered.append(Fault(among, at_call, 1, when, kind=_KILL))

    def clear(self) -> None:
        """Forget all orders."""
        self._ordered.clear()

    def due(self, operation: str) -> list[Fault]:
        """Those that happen at a call, which is counted by all of them."""
        return [fault for fault in self._ordered if fault.due(operation)]
