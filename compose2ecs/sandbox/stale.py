"""Reads that do not see the latest write yet, as they may on AWS.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/Welcome.html
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from compose2ecs.sandbox.world import World

# The state of each service that may lag, by the name of the attribute of the world.
_STATES = {
    "ecs": "ecs",
    "elbv2": "elb",
    "logs": "logs",
    "servicediscovery": "map",
    "application-autoscaling": "scaling",
    "scheduler": "schedules",
}
_SEES_ALL = "resourcegroupstaggingapi"


class Stale:
    """After each write to a service, the next `reads` reads of it see what was before."""

    def __init__(self) -> None:
        self.reads = 0
        self.services: tuple[str, ...] = ()  # only of these; empty for all
        self._before: dict[str, Any] = {}
        self._left: dict[str, int] = {}

    def lag(self, reads: int, *services: str) -> None:
        """Let that many reads after each write see what was before; 0 ends it."""
        self.reads, self.services = reads, services
        self._before.clear()
        self._left.clear()

    def writing(self, world: World, service: str) -> None:
        """Remember what is there before a write."""
        if not self.reads or service not in _STATES:
            return
        if self.services and service not in self.services:
            return
        self._before[service] = copy.deepcopy(getattr(world, _STATES[service]))
        self._left[service] = self.reads

    @contextmanager
    def reading(self, world: World, service: str) -> Iterator[None]:
        """Put the world, for one read, into the state that it was in before the last write."""
        names = list(_STATES) if service == _SEES_ALL else [service]
        lagging = [name for name in names if self._left.get(name, 0) > 0]
        kept = {name: getattr(world, _STATES[name]) for name in lagging}
        try:
            for name in lagging:
                self._left[name] -= 1
                setattr(world, _STATES[name], self._before[name])
            yield
        finally:
            for name, state in kept.items():
                setattr(world, _STATES[name], state)
