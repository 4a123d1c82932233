"""What containers do, as a test tells it: by their images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass
class Behaviour:
    """What containers of some images do.

    `exit_code` and `after`: they end with that code, so many seconds after they started.
    `pull_error`: the image cannot be had, and why. `health`: UNHEALTHY if their health check
    fails. `port_closed`: nobody answers the load balancer. `output`: the lines they write when
    they start. `times`: how many containers do so before it is over; None for all.
    """

    images: str
    exit_code: int | None = None
    after: float = 1.0
    pull_error: str = ""
    health: str = ""
    port_closed: bool = False
    output: tuple[str, ...] = ()
    times: int | None = None


class Behaviours:
    """All that was told; what came last wins."""

    def __init__(self) -> None:
        self._told: list[Behaviour] = []

    def tell(self, behaviour: Behaviour) -> None:
        """Add one, which goes before those that are there."""
        self._told.insert(0, behaviour)

    def clear(self) -> None:
        """All images behave again."""
        self._told.clear()

    def of(self, image: str) -> Behaviour | None:
        """What is told of an image; None if nothing is."""
        for one in self._told:
            if one.times != 0 and fnmatchcase(image, one.images):
                return one
        return None

    def begin(self, image: str) -> Behaviour | None:
        """The same for a container that starts now, which is counted."""
        found = self.of(image)
        if found is not None and found.times is not None:
            found.times -= 1
        return found

    def closed(self, images: Sequence[str]) -> bool:
        """Whether nobody answers on the ports of a container of such images."""
        return any((found := self.of(image)) and found.port_closed for image in images)
