"""The clock that whatever waits is given, so that tests can give another."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since some moment, which never run backwards, and a way to let some pass."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class StoppedError(Exception):
    """Somebody wanted to let time pass after the clock was told to stop."""


class SystemClock:
    """The machine's own. After `stop` nobody sleeps any more, and who does is woken by an error."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise StoppedError

    def stop(self) -> None:
        self._stopped.set()
