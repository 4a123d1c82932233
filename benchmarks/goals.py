"""What `convert` is held to.

Goals are ratios of what is measured side by side in one run, so they hold on any machine; where the
machine is busy they are still noisy, hence the slack. Beside Python in the same interpreter it is
processor time that is compared, the less noisy of the two; beside a peer, which may use several
processors, it is the time that a user waits.
"""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.commands import DOCKER, FLOOR, IMPORT_ALL, IMPORT_CLICK, PLAIN, TRANSFORM

SLACK = 1.5

MET = "met"
OVER = f"over goal, within {SLACK}x"
FAILED = "FAILED"
UNMEASURED = "not measured"


class Outcome(NamedTuple):
    """A goal and what was measured for it; `note` says why nothing was."""

    goal: str
    what: str
    limit: float
    unit: str
    measured: float | None
    note: str = ""
    broken: bool = False  # nothing was measured because our command fails

    @property
    def verdict(self) -> str:
        if self.measured is None:
            return FAILED if self.broken else UNMEASURED
        if self.measured <= self.limit:
            return MET
        return OVER if self.measured <= self.limit * SLACK else FAILED


class Key(NamedTuple):
    """What was compared: our command, the number of services, and with what."""

    command: str
    services: int
    against: str

    @property
    def same_interpreter(self) -> bool:
        return self.against in (IMPORT_CLICK, IMPORT_ALL, FLOOR, PLAIN)


CONVERT = "convert"
OPTIONS = ("--help", "--version")

TIME: dict[Key, tuple[str, float]] = {
    Key("--help", 0, IMPORT_CLICK): ("G1", 1.25),
    Key("--version", 0, IMPORT_CLICK): ("G1", 1.25),
    Key(CONVERT, 2, IMPORT_ALL): ("G2", 1.3),
    Key(CONVERT, 2, DOCKER): ("G2", 2.5),
    Key(CONVERT, 2, TRANSFORM): ("G2", 0.65),
    Key(CONVERT, 100, DOCKER): ("G3", 0.5),
    Key(CONVERT, 100, TRANSFORM): ("G3", 0.5),
    Key(CONVERT, 1000, FLOOR): ("G4", 3),
    Key(CONVERT, 1000, DOCKER): ("G4", 0.2),
    Key(CONVERT, 1000, TRANSFORM): ("G4", 0.4),
}
MEMORY: dict[Key, tuple[str, float]] = {
    Key(CONVERT, 1000, DOCKER): ("G4", 0.5),
}
GROWTH = 12.0  # of processor time without start-up, from 1,000 to 10,000 services
BOMB_SECONDS = 1.0
BOMB_MEBIBYTES = 200.0

# Modules that cost more to import than a small conversion takes, and have no part in one.
HEAVY = (
    "asyncio",
    "boto3",
    "botocore",
    "deepdiff",
    "docker",
    "email",
    "http",
    "jsonschema",
    "requests",
    "rich",
    "ssl",
    "typing_extensions",
    "urllib3",
)
