"""Killed just before or just after any call that writes, and run again: the same end, no leftovers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deploy.fakes import FakeAws, KilledError
from tests.deploy.running import down, plan, services, up

BOTH = """
services:
  web:
    image: "web:1"
    ports: ["80:8080"]
    depends_on: [db]
    x-ecs: {autoscaling: {min: 1, max: 3, cpu: 60, requests: 100}}
  api:
    image: "api:1"
    ports: ["8080:8080"]
    depends_on: {db: {condition: service_healthy}}
  db:
    image: "postgres:16"
x-ecs: {logs: {retention_days: 7}}
"""
OTHER = """
services:
  web:
    image: "web:2"
    ports: ["80:8080"]
    x-ecs: {autoscaling: {min: 1, max: 5, memory: 60}}
  shop:
    image: "shop:1"
    ports: ["8080:8080"]
x-ecs: {logs: {retention_days: 14}}
"""
GIVEN: dict[str, Any] = {"discovery": "service-connect"}


def walk(aws: FakeAws, text: str, how: str) -> None:
    if how == "down":
        down(aws, text, **GIVEN)
    else:
        up(aws, text, **GIVEN)


def number_of_writes(before: str | None, text: str, how: str) -> int:
    aws = FakeAws()
    if before:
        up(aws, before, **GIVEN)
    aws.revive()
    walk(aws, text, how)
    return len(aws.writes)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("before", "text", "how"),
    [(None, BOTH, "up"), (BOTH, OTHER, "up"), (BOTH, BOTH, "down")],
    ids=["create", "change", "down"],
)
def test_killed_anywhere(before: str | None, text: str, how: str, after: bool) -> None:
    whole = FakeAws()
    if before:
        up(whole, before, **GIVEN)
    walk(whole, text, how)
    writes = number_of_writes(before, text, how)
    assert writes > 8
    for number in range(1, writes + 1):
        aws = FakeAws()
        if before:
            up(aws, before, **GIVEN)
        aws.revive()
        aws.kill_at, aws.kill_after = number, after
        with pytest.raises(KilledError):
            walk(aws, text, how)
        aws.revive()
        walk(aws, text, how)
        assert aws.state() == whole.state(), number
        aws.revive()
        if how == "up":
            assert plan(aws, text, **GIVEN).plan.changes == (), number
        else:
            walk(aws, text, how)
        assert aws.writes == [], number


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_while_creating_and_then_changed_or_removed(after: bool) -> None:
    """What a killed run made, and the file has no more, is found without any record of it."""
    empty = FakeAws()
    down(empty, OTHER, logs=True, **GIVEN)
    goal = FakeAws()
    up(goal, OTHER, **GIVEN)
    for number in range(1, number_of_writes(None, BOTH, "up") + 1):
        aws = FakeAws()
        aws.kill_at, aws.kill_after = number, after
        with pytest.raises(KilledError):
            up(aws, BOTH, **GIVEN)
        aws.revive()
        up(aws, OTHER, **GIVEN)
        assert aws.state() == goal.state(), number
        down(aws, OTHER, logs=True, **GIVEN)
        assert aws.state() == empty.state(), number


def test_a_stack_of_many_is_the_same_after_two_kills() -> None:
    text = services(12, 5)
    whole = FakeAws()
    up(whole, text)
    aws = FakeAws()
    for number in (7, 19):
        aws.kill_at = number
        with pytest.raises(KilledError):
            up(aws, text)
        aws.revive()
    up(aws, text)
    assert aws.state() == whole.state()
