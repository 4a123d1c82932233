"""What all calls of a run share, and how references become what was made."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from compose2ecs.apply.wait import Deadline
from compose2ecs.apply.writes import Writes
from compose2ecs.clock import Clock, SystemClock
from compose2ecs.ecs.model import Ref
from compose2ecs.plan import tags
from compose2ecs.plan.errors import InterruptedRunError
from compose2ecs.plan.model import Body, Call, Plan
from compose2ecs.plan.rules import resolver

Made = Mapping[str, Any] | None


class Context:
    """What all calls of a run share: the plan, the edge, and what is known by now."""

    def __init__(
        self,
        plan: Plan,
        writes: Writes,
        clock: Clock,
        timeout: float,
        known: dict[str, str] | None = None,
    ) -> None:
        self.plan, self.writes, self.clock, self.timeout = plan, writes, clock, timeout
        self.known: dict[str, str] = {} if known is None else known
        self.known.update(plan.known)
        self.kept: set[str] = set()  # ARNs and names that turned out to be gone, or another's
        self._lock = threading.Lock()
        self._said: list[str] = []
        self._stopped = threading.Event()

    def resolve(self, body: Body) -> Body:
        """A body with what is known in the place of references. A reference that nothing made is a
        fault of the plan's, and is never sent."""
        with self._lock:
            resolved: Body = resolver(self.known)(body)
        left = _references(resolved)
        assert not left, f"unresolved: {left}"
        return resolved

    def learn(self, call: Call, made: Made) -> None:
        """Remember what a call made."""
        if made is None:
            return
        with self._lock:
            for attribute, value in made.items():
                self.known[str(_reference(call, attribute))] = str(value)

    def know(self, reference: Ref, value: str) -> None:
        with self._lock:
            self.known.setdefault(str(reference), value)

    def say(self, text: str) -> None:
        """Something for the user, while a call runs."""
        with self._lock:
            self._said.append(text)

    def said(self) -> list[str]:
        """What there is to say since the last time."""
        with self._lock:
            found, self._said = self._said, []
        return found

    def stop(self) -> None:
        """End all waiting, for a call's turn as well."""
        self._stopped.set()
        if isinstance(self.clock, SystemClock):
            self.clock.stop()

    def sleep(self, seconds: float) -> None:
        """Let time pass, unless the run is being stopped."""
        if self._stopped.is_set():
            raise InterruptedRunError("stopped")
        self.clock.sleep(seconds)

    def is_ours(self, said: Mapping[str, str] | None) -> bool:
        return tags.is_of(said, self.plan.project, self.plan.stack)

    def deadline(self, seconds: float | None = None) -> Deadline:
        return Deadline(self.clock, self.timeout if seconds is None else seconds, self.sleep)


def _reference(call: Call, attribute: str) -> Ref:
    """The reference that an attribute of what a call made resolves."""
    kind, _, rest = call.makes.strip("<>").partition(":")
    kind = kind.rpartition("-")[0]
    return Ref(kind, rest, attribute)


def _references(value: Any) -> list[str]:
    if isinstance(value, Ref):
        return [str(value)]
    if isinstance(value, Mapping):
        return [found for item in value.values() for found in _references(item)]
    if isinstance(value, list):
        return [found for item in value for found in _references(item)]
    return []
