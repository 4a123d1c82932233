"""`compose2ecs scale`: how many tasks a service has, until the next `up`.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from compose2ecs.app.running import Live, Running, chosen
from compose2ecs.app.settle import Update
from compose2ecs.plan.errors import RefusedError
from compose2ecs.report import Compose2EcsError

MOST = 5000  # tasks of a service, by default


class Scaled(NamedTuple):
    """What will be sent, and what there is to say of it."""

    updates: tuple[Update, ...]
    notes: tuple[str, ...]


def wanted_counts(texts: Iterable[str]) -> dict[str, int]:
    """`SERVICE=N` of each, as a mapping. Raises ValueError with the reason.

    >>> wanted_counts(["web=3", "worker=0"])
    {'web': 3, 'worker': 0}
    """
    found: dict[str, int] = {}
    for text in texts:
        name, equals, number = text.rpartition("=")
        if not (equals and name and number.isascii() and number.isdigit()):
            raise ValueError(f"{text!r} is not SERVICE=NUMBER")
        if int(number) > MOST:
            raise ValueError(f"{text!r}: a service has at most {MOST} tasks")
        if found.setdefault(name, int(number)) != int(number):
            raise ValueError(f"{name} is given two numbers")
    return found


def plan_scale(running: Running, counts: Mapping[str, int]) -> Scaled:
    """What to send so that services have so many tasks.

    Raises AwsError; RefusedError where a service is not the stack's, or autoscaling would take the
    number back; Compose2EcsError where there is no such service.
    """
    updates: list[Update] = []
    notes: list[str] = []
    services = chosen(running, list(counts))
    limits = _limits(running, services)
    for name, (live, keys) in services.items():
        numbers = {counts[key] for key in keys}
        if len(numbers) > 1:
            raise Compose2EcsError(
                f"{' and '.join(keys)} share one task, so there are as many of each",
                "give them the same number",
            )
        number = numbers.pop()
        if live.body.get("schedulingStrategy") == "DAEMON":
            raise RefusedError(
                f"{keys[0]} runs once on each instance (deploy.mode: global)",
                "it has as many tasks as the cluster has instances",
            )
        target = limits.get(_resource(running, name))
        if target is not None:
            notes.append(_autoscaled(keys[0], number, target))
        if keys != (live.title,):
            notes.append(f"{' and '.join(keys)}: the whole task {live.title} is scaled")
        now = int(live.body.get("desiredCount", 0))
        body = {} if now == number else {"desiredCount": number}
        why = f"{now} -> {number} tasks" if body else f"{number} tasks, as before"
        updates.append(Update(live, body, live.definition, number, why))
    return Scaled(tuple(updates), tuple(notes))


def _resource(running: Running, name: str) -> str:
    return f"service/{running.place.cluster.rpartition('/')[2]}/{name}"


def _limits(
    running: Running, services: Mapping[str, tuple[Live, tuple[str, ...]]]
) -> dict[str, dict[str, Any]]:
    return running.world.autoscaling.targets([_resource(running, name) for name in services])


def _autoscaled(key: str, number: int, target: Mapping[str, Any]) -> str:
    """What to say where autoscaling decides too; refuses what it would undo."""
    low, high = int(target["MinCapacity"]), int(target["MaxCapacity"])
    if not low <= number <= high:
        raise RefusedError(
            f"{key} is autoscaled between {low} and {high} tasks, so {number} would not last",
            f"x-ecs: {{autoscaling: {{min: ..., max: ...}}}} of {key}, then compose2ecs up",
        )
    return f"{key} is autoscaled between {low} and {high} tasks: it may change the number again"
