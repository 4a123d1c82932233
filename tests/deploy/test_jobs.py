"""Tasks that run once, and those that run by the clock, on the strict double."""

from __future__ import annotations

from typing import Any

import pytest

from compose2ecs.app.plan import make_plan
from compose2ecs.app.up import Options
from compose2ecs.app.up import up as up_app
from compose2ecs.aws.pace import Pace
from compose2ecs.aws.session import Account, Where
from compose2ecs.aws.world import world_of
from compose2ecs.plan.errors import UnhealthyError
from compose2ecs.plan.model import Plan
from compose2ecs.sandbox import Sandbox
from tests.deploy.boxes import REGISTRY, BoxClock, down, plan, up
from tests.deploy.scheduled import scheduled

ONCE = """
services:
  migrate: {image: "m:1", x-ecs: {job: once}}
  web: {image: i, depends_on: {migrate: {condition: service_completed_successfully}}}
  other: {image: j}
x-ecs: {roles: {execution: ecsTaskExecutionRole}}
"""
TIMED = """
services:
  web: {image: i}
jobs:
  tidy: {image: "t:%s", triggers: {schedule: ["0 %d * * *"]}}
  sweep: {image: s, triggers: {schedule: ["30 4 * * *"]}}
x-ecs: {roles: {execution: ecsTaskExecutionRole}}
"""


def names(box: Sandbox) -> set[str]:
    found = box.client("ecs").list_services(cluster=box.cluster)["serviceArns"]
    return {arn.rpartition("/")[2] for arn in found}


def test_a_job_that_fails_keeps_its_dependants_from_starting() -> None:
    with Sandbox() as box:
        box.behave("*m:1", exit_code=1, output=("applying 7", "no such table"))
        with pytest.raises(UnhealthyError, match="exit code 1") as caught:
            up(box, ONCE)
        assert caught.value.exit_code == 4
        assert "migrate | applying 7\n" in f"{caught.value}\n"
        assert "migrate | no such table" in str(caught.value)
        assert "was not started" in caught.value.hint
        assert "p-web" not in names(box)
        box.behave_well()
        box.behave("*m:1", exit_code=0)
        up(box, ONCE)
        assert names(box) == {"p-web", "p-other"}
        assert plan(box, ONCE).plan.changes == ()


def test_a_job_that_is_done_is_not_run_again_and_a_changed_one_is() -> None:
    with Sandbox() as box:
        box.behave("*m:*", exit_code=0)
        up(box, ONCE)
        for text, runs in ((ONCE, 1), (ONCE.replace("m:1", "m:2"), 2)):
            up(box, text)
            assert [c.operation for c in box.calls].count("RunTask") == runs
            assert plan(box, text).plan.changes == ()
        down(box, ONCE)
        assert names(box) == set()


def put(box: Sandbox, text: str) -> Plan:
    clock = BoxClock(box)
    account = Account(
        Where(region=box.region), clock=clock, pace=Pace(clock), session=box.session(), width=16
    )
    given: dict[str, Any] = {
        "cluster": box.cluster,
        "region": box.region,
        "registry": REGISTRY,
        "discovery": "none",
    }
    world = world_of(account)
    there = scheduled(text, given, account, world, clock, box.roles["events"])
    planned = make_plan(there)
    list(up_app(there, planned, Options(timeout=900)))
    return planned.plan


def schedules(box: Sandbox) -> dict[str, str]:
    scheduler = box.client("scheduler")
    listed = [entry["Name"] for entry in scheduler.list_schedules()["Schedules"]]
    return {name: scheduler.get_schedule(Name=name)["ScheduleExpression"] for name in listed}


def starts(box: Sandbox, name: str) -> str:
    found = box.client("scheduler").get_schedule(Name=name)["Target"]["EcsParameters"]
    return str(found["TaskDefinitionArn"]).rpartition("/")[2]


def test_schedules_come_change_and_go() -> None:
    with Sandbox() as box:
        put(box, TIMED % (1, 3))
        assert schedules(box) == {"p-tidy": "cron(0 3 * * ? *)", "p-sweep": "cron(30 4 * * ? *)"}
        assert put(box, TIMED % (1, 3)).changes == ()
        put(box, TIMED % (1, 5))
        assert schedules(box)["p-tidy"] == "cron(0 5 * * ? *)"
        assert starts(box, "p-tidy") == "p-tidy:1"
        put(box, TIMED % (2, 5))
        assert starts(box, "p-tidy") == "p-tidy:2"
        fewer = "\n".join(line for line in (TIMED % (2, 5)).splitlines() if "sweep" not in line)
        put(box, fewer)
        assert list(schedules(box)) == ["p-tidy"]
        assert put(box, fewer).changes == ()
