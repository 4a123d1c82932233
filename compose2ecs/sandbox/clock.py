"""The time that the sandbox lives by: advanced by hand, or the real one, perhaps faster."""

from __future__ import annotations

import threading
import time

START = 1_767_225_600.0  # 2026-01-01T00:00:00Z, where a clock that is advanced by hand begins


class Clock:
    """Seconds since 1970 that pass only when somebody says so.

    It can stand in for the clock of whoever waits: `now()`, or `time()` and `monotonic()`, `sleep()`.

    >>> clock = Clock()
    >>> clock.sleep(90)
    >>> clock.time() - START
    90.0
    """

    def __init__(self, start: float = START) -> None:
        self._now = start
        self._lock = threading.Lock()

    def time(self) -> float:
        """The time, in seconds since 1970."""
        return self._now

    def monotonic(self) -> float:
        """The same; only differences of it are worth anything."""
        return self.time()

    def now(self) -> float:
        """The same, as `compose2ecs.clock` asks for it."""
        return self.time()

    def advance(self, seconds: float) -> None:
        """Let that many seconds pass."""
        with self._lock:
            self._now += max(seconds, 0.0)

    def sleep(self, seconds: float) -> None:
        """Wait, which takes no real time here."""
        self.advance(seconds)


class RunningClock(Clock):
    """The real time from now on, where `speed` seconds pass in one.

    `advance` puts it forward; `sleep` really waits, for the time that it takes here.
    """

    def __init__(self, speed: float = 1.0) -> None:
        super().__init__(time.time())
        self.speed = speed
        self._began = time.monotonic()

    def time(self) -> float:
        """The time, in seconds since 1970."""
        return self._now + (time.monotonic() - self._began) * self.speed

    def sleep(self, seconds: float) -> None:
        """Wait that many of the clock's own seconds."""
        time.sleep(max(seconds, 0.0) / self.speed)
