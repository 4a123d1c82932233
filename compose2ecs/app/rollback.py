"""`compose2ecs rollback`: the revision that ran before, of those that this stack registered.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitions.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from compose2ecs.app.running import Body, Live, Running, chosen, seconds
from compose2ecs.app.settle import Update
from compose2ecs.plan import tags
from compose2ecs.plan.diff import differences
from compose2ecs.plan.errors import RefusedError
from compose2ecs.plan.model import Difference
from compose2ecs.plan.normalise import task_definition
from compose2ecs.plan.observe import Together
from compose2ecs.report import Compose2EcsError

_LISTED = 10  # revisions that are named in a message


class Back(NamedTuple):
    """A service and the revision that it goes back to; what differs, from now to then."""

    live: Live
    revision: str
    registered: float
    differences: tuple[Difference, ...]

    @property
    def update(self) -> Update:
        """What is sent for it."""
        return Update(
            self.live,
            {"taskDefinition": self.revision},
            self.revision,
            why=f"{self.live.revision} -> {self.revision.rpartition('/')[2]}",
        )


class Planned(NamedTuple):
    """What goes back, and what does not and why."""

    back: tuple[Back, ...]
    notes: tuple[str, ...]


def plan_rollback(running: Running, wanted: Sequence[str] = (), to: int | None = None) -> Planned:
    """Where services go back to: to the newest revision before the one that runs which carries the
    stack's tags, or to revision `to`.

    Raises AwsError, RefusedError, and Compose2EcsError where a service that is named has no such
    revision; without names, those that have none are left out with a note.
    """
    services = chosen(running, wanted)
    with Together() as at_once:
        reading = [
            (keys, at_once.start(_back, running, live, to)) for live, keys in services.values()
        ]
        found: list[Back] = []
        notes: list[str] = []
        for keys, answer in reading:
            back = answer()
            if isinstance(back, Back):
                found.append(back)
            elif wanted:
                raise Compose2EcsError(f"{' and '.join(keys)}: {back}")
            else:
                notes.append(f"{keys[0]}: {back}; it stays as it is")
    if not found:
        raise Compose2EcsError("nothing to go back to", "; ".join(notes))
    return Planned(tuple(found), tuple(notes))


def _back(running: Running, live: Live, to: int | None) -> Back | str:
    """Where a service goes back to, or why it cannot."""
    family, _, number = live.revision.partition(":")
    listed = running.world.ecs.revisions(family)
    if to is not None:
        return _to(running, live, to, listed)
    for arn in listed:
        if _number(arn) < int(number):
            body = running.world.ecs.task_definition(arn)
            if _ours(running, body):
                return _made(running, live, body)
    return f"there is no revision before {live.revision}"


def _to(running: Running, live: Live, to: int, listed: Sequence[str]) -> Back | str:
    family, _, number = live.revision.partition(":")
    if to == int(number):
        return f"it runs revision {to} already"
    arn = next((arn for arn in listed if _number(arn) == to), None)
    if arn is None:
        there = [str(_number(arn)) for arn in listed]
        more = ", ..." if len(there) > _LISTED else ""
        return f"{family} has no revision {to}; there are: {', '.join(there[:_LISTED])}{more}"
    body = running.world.ecs.task_definition(arn)
    if not _ours(running, body):
        owner = tags.owner(tags.of_ecs(body))
        raise RefusedError(f"revision {to} of {family} is not this stack's: {owner}")
    return _made(running, live, body)


def _number(arn: str) -> int:
    return int(arn.rpartition(":")[2])


def _ours(running: Running, body: Body) -> bool:
    return tags.is_of(tags.of_ecs(body), running.place.project, running.place.stack)


def _made(running: Running, live: Live, body: Body) -> Back:
    now = running.world.ecs.task_definition(live.definition)
    differ = differences(task_definition(now), task_definition(body))
    registered: Any = body.get("registeredAt")
    return Back(live, str(body["taskDefinitionArn"]), seconds(registered), tuple(differ))
