"""What left the file and has no tags that it could be found by: listeners, namespaces, log groups,
schedules; and the note on the first service that tells of them."""

from __future__ import annotations

from typing import Any

import pytest

from compose2ecs.app.deployment import Deployment
from compose2ecs.app.down import down as down_app
from compose2ecs.app.down import plan_down
from compose2ecs.app.plan import make_plan
from compose2ecs.app.up import Options
from compose2ecs.app.up import up as up_app
from compose2ecs.aws.session import Account, Where
from compose2ecs.aws.world import world_of
from compose2ecs.plan import notes, tags
from compose2ecs.plan.model import DELETE, Plan
from compose2ecs.plan.seen import listener_of
from compose2ecs.sandbox import Sandbox
from tests.deploy import boxes
from tests.deploy.fakes import LISTENER, REGION, FakeAws, FakeClock, KilledError
from tests.deploy.running import GIVEN, deployment, down, plan, services, up
from tests.deploy.scheduled import scheduled
from tests.deploy.test_safety import foreign_rule

SECOND = LISTENER.replace("2222222222222222", "3333333333333333")  # of the same load balancer
OTHER = LISTENER.replace("app/qa/1111111111111111", "app/qb/4444444444444444")
CONNECT: dict[str, Any] = {"discovery": "service-connect"}
TWO = "services: {web: {image: i, expose: [80]}, db: {image: j, expose: [5432]}}\n"
JOBS = """
services:
  web: {image: i}
jobs:
  tidy: {image: t, triggers: {schedule: ["0 3 * * *"]}}
  sweep: {image: t, triggers: {schedule: ["0 4 * * *"]}}
"""
FEWER = JOBS.replace('  sweep: {image: t, triggers: {schedule: ["0 4 * * *"]}}\n', "")


def aws_with(*listeners: str) -> FakeAws:
    aws = FakeAws()
    aws.listeners += listeners
    return aws


def behind(aws: FakeAws) -> set[str]:
    """The listeners that have rules."""
    return {listener_of(arn) for arn in aws.rules}


def note(aws: FakeAws, service: str) -> dict[str, str]:
    said = aws.tags[aws.services[service]["serviceArn"]]
    return {key: said[key] for key in notes.keys(said)}


def deletes(aws: FakeAws, text: str, **given: Any) -> list[str]:
    changes = plan(aws, text, **given).plan.changes
    return [f"{c.kind} {c.name}" for c in changes if c.action == DELETE]


def settled(aws: FakeAws, text: str, **given: Any) -> None:
    """The next run finds nothing to do, without a search."""
    aws.revive()
    assert plan(aws, text, **given).plan.changes == ()
    assert "ListServices" not in aws.counts()


# ---------------------------------------------------------------------------- listeners


@pytest.mark.parametrize("other", [SECOND, OTHER], ids=["same-balancer", "other-balancer"])
def test_another_listener(other: str) -> None:
    """Its rules and target groups come first, those of before go; and back again."""
    aws = aws_with(other)
    text = services(3, 2)
    for listener in (LISTENER, other, LISTENER):
        up(aws, text, listener=listener)
        assert behind(aws) == {listener}
        assert len(aws.rules) == len(aws.groups) == 2
        used = {
            balancer["targetGroupArn"]
            for service in aws.services.values()
            for balancer in service.get("loadBalancers", ())
        }
        assert used == set(aws.groups)
        settled(aws, text, listener=listener)
    down(aws, text)
    assert (aws.rules, aws.groups) == ({}, {})


def test_no_listener_any_more() -> None:
    aws = FakeAws()
    text = services(3, 2)
    up(aws, text)
    found = deletes(aws, text, listener="none")
    assert [line.partition(" ")[0] for line in found] == ["listener-rules"] * 2 + [
        "target-groups"
    ] * 2
    aws.revive()
    up(aws, text, listener="none")
    assert (aws.rules, aws.groups) == ({}, {})
    assert all(not service.get("loadBalancers") for service in aws.services.values())
    # services, finding (2 and the tags of 2 + 2), the old rules, k = 2 of which none registers,
    # removal, note
    assert len(aws.calls) == 1 + (2 + 1) + 1 + 2 * 2 + 2 * (1 + 2) + 1
    settled(aws, text, listener="none")


def test_a_listener_that_is_gone_has_no_rules() -> None:
    aws = aws_with(OTHER)
    up(aws, services(2, 1))
    aws.listeners.remove(LISTENER)
    aws.rules.clear()
    up(aws, services(2, 1), listener=OTHER)
    assert behind(aws) == {OTHER}
    assert len(aws.groups) == 1
    settled(aws, services(2, 1), listener=OTHER)


def test_rules_of_others_on_the_old_listener_stay() -> None:
    aws = aws_with(SECOND)
    text = services(2, 1)
    up(aws, text)
    (group,) = aws.groups
    theirs = foreign_rule(aws, group, 40)
    up(aws, text, listener="none")
    assert list(aws.rules) == [theirs]
    assert list(aws.groups) == [group]


def test_down_with_a_file_that_has_another_listener() -> None:
    aws = aws_with(OTHER)
    up(aws, services(2, 2))
    down(aws, services(2, 2), listener=OTHER)
    assert (aws.rules, aws.groups) == ({}, {})


# ---------------------------------------------------------------------------- what services share


def test_a_namespace_that_left() -> None:
    aws = FakeAws()
    up(aws, TWO, **CONNECT)
    assert deletes(aws, TWO, discovery="none") == ["namespaces p"]
    aws.revive()
    up(aws, TWO, discovery="none")
    assert aws.namespaces == {}
    assert "ListServices" not in aws.counts()
    order = [operation for operation, _ in aws.sent]
    assert order.index("DeleteNamespace") > order.index("UpdateService")
    settled(aws, TWO, discovery="none")


@pytest.mark.parametrize("theirs", [{}, {tags.PROTECT: "true"}], ids=["foreign", "protected"])
def test_a_namespace_that_left_and_must_stay(theirs: dict[str, str]) -> None:
    aws = FakeAws()
    up(aws, TWO, **CONNECT)
    tags_of = aws.namespaces["p"]["Tags"]
    aws.namespaces["p"]["Tags"] = tags.to_elb(theirs) + (tags_of if theirs else [])
    planned = plan(aws, TWO, discovery="none").plan
    assert not any(change.kind == "namespaces" for change in planned.changes)
    assert any(n.startswith("kept the namespace p, which left") for n in planned.notes)
    up(aws, TWO, discovery="none")
    assert list(aws.namespaces) == ["p"]


def test_a_log_group_that_left_keeps_its_logs_unless_asked() -> None:
    text = TWO + "x-ecs: {logs: {group: '%s'}}\n"
    for logs in (False, True):
        aws = FakeAws()
        up(aws, text % "/a#1")
        there = deployment(aws, text % "/b")
        planned = make_plan(there, logs=logs)
        said = [note for note in planned.plan.notes if "/a#1" in note]
        assert said == ([] if logs else [KEPT])
        list(up_app(there, planned, Options(wait=False)))
        assert sorted(aws.log_groups) == (["/b"] if logs else ["/a#1", "/b"])
        settled(aws, text % "/b")


KEPT = "kept the log group /a#1, which left the file, with what is in it"


def timed(aws: FakeAws, text: str) -> Deployment:
    clock = FakeClock()
    account = Account(Where(region=REGION), clock=clock)
    return scheduled(text, GIVEN, account, world_of(aws), clock, "arn:aws:iam::1:role/s")


def put(aws: FakeAws, text: str) -> Plan:
    there = timed(aws, text)
    planned = make_plan(there)
    list(up_app(there, planned, Options(wait=False)))
    return planned.plan


def test_schedules_that_left() -> None:
    aws = FakeAws()
    put(aws, JOBS)
    assert sorted(aws.schedules) == ["p-sweep", "p-tidy"]
    aws.revive()
    changes = put(aws, FEWER).changes
    assert [f"{c.kind} {c.name}" for c in changes if c.action == DELETE] == ["schedules p-sweep"]
    assert list(aws.schedules) == ["p-tidy"]
    # services, the search for what left (2), the job and its schedule, whose the other is (2),
    # its removal (3), the note
    assert len(aws.calls) == 1 + 2 + 2 + 2 + 3 + 1
    assert put(aws, FEWER).changes == ()
    put(aws, JOBS)
    there = timed(aws, FEWER)
    list(down_app(there, plan_down(there)))
    assert aws.schedules == {}


def test_a_schedule_that_starts_what_is_anothers_stays() -> None:
    aws = FakeAws()
    put(aws, JOBS)
    there = timed(aws, FEWER)
    planned = make_plan(there)
    for definition in aws.definitions["p-sweep"]:
        aws.tags[definition["taskDefinitionArn"]].clear()
    events = list(up_app(there, planned, Options(wait=False)))
    assert sorted(aws.schedules) == ["p-sweep", "p-tidy"]
    assert any("kept the schedule p-sweep" in event.text for event in events)


def test_schedules_of_a_stack_without_services() -> None:
    alone, fewer = (text.replace("  web: {image: i}\n", "") for text in (JOBS, FEWER))
    alone, fewer = (text.replace("services:\n", "services: {}\n") for text in (alone, fewer))
    aws = FakeAws()
    put(aws, alone)
    put(aws, fewer)
    assert list(aws.schedules) == ["p-tidy"]
    assert not [change for change in put(aws, fewer).changes if change.kind == "schedules"]


# ---------------------------------------------------------------------------- the note


def test_names_fill_as_many_tags_as_they_need_and_no_more() -> None:
    many = [notes.entry(notes.SCHEDULE, f"{number:060d}") for number in range(12)]
    said = notes.written(many)
    assert list(said) == list(tags.HAS_ALL[:4])
    assert max(map(len, said.values())) <= 256
    assert notes.named(said) == set(many)
    fewer = notes.written(many[:2], said)
    assert notes.named({**said, **fewer}) == set(many[:2])
    assert notes.written(["schedule=ok", "schedule=n?", "log-group=" + "x" * 300]) == {
        tags.HAS: "schedule=ok"
    }


def test_another_first_service_takes_the_note_over() -> None:
    """And one that comes and goes again is found, whatever older notes say."""
    aws = FakeAws()
    few = "services: {b: {image: i}, c: {image: i}}"
    more = "services: {a: {image: i}, b: {image: i}, c: {image: i}}"
    up(aws, few)
    up(aws, more)
    assert note(aws, "p-a")
    assert not note(aws, "p-b")
    settled(aws, more)
    up(aws, few)
    assert note(aws, "p-b")
    assert aws.services["p-a"]["status"] != "ACTIVE"
    settled(aws, few)


@pytest.mark.parametrize("name", ["a", "d"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_while_one_is_added_that_then_leaves_again(name: str, after: bool) -> None:
    few = "services: {b: {image: i, ports: ['80:80']}, c: {image: i}}"
    more = few.replace("{b:", "{" + name + ": {image: i, ports: ['81:81']}, b:")
    goal = FakeAws()
    up(goal, few)
    number = 0
    while True:
        number += 1
        aws = FakeAws()
        up(aws, few)
        aws.revive()
        aws.kill_at, aws.kill_after = number, after
        try:
            up(aws, more)
        except KilledError:
            aws.revive()
            up(aws, few)
            assert aws.state() == goal.state(), number
            settled(aws, few)
        else:
            break
    assert number > 5


def test_a_service_that_is_put_up_alone_and_leaves_is_found() -> None:
    aws = FakeAws()
    few = "services: {b: {image: i}, c: {image: i}}"
    more = "services: {b: {image: i}, c: {image: i}, d: {image: i}}"
    up(aws, few)
    up(aws, more, only=frozenset({"p-d"}))
    up(aws, few)
    assert {n for n, s in aws.services.items() if s["status"] == "ACTIVE"} == {"p-b", "p-c"}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_between_listeners_and_then_moved_to_a_third(after: bool) -> None:
    text = services(2, 2)
    number = 0
    while True:
        number += 1
        aws = aws_with(SECOND, OTHER)
        up(aws, text)
        aws.revive()
        aws.kill_at, aws.kill_after = number, after
        try:
            up(aws, text, listener=SECOND)
        except KilledError:
            aws.revive()
            up(aws, text, listener=OTHER)
            assert behind(aws) == {OTHER}, number
            assert len(aws.rules) == len(aws.groups) == 2
        else:
            break
    assert number > 5


def test_on_the_strict_double() -> None:
    """Another listener, no Service Connect, and no listener at all."""
    text = "services: {web: {image: i, ports: ['80:8080']}, db: {image: j, expose: [5432]}}\n"
    text += "x-ecs: {roles: {execution: ecsTaskExecutionRole}}\n"
    with Sandbox() as box:
        elb = box.client("elbv2")
        other: dict[str, Any] = {"listener": box.https_listener, "discovery": "none"}
        boxes.up(box, text)
        boxes.up(box, text, **other)
        rules = elb.describe_rules(ListenerArn=box.listener)["Rules"]
        assert [rule for rule in rules if not rule["IsDefault"]] == []
        assert box.client("servicediscovery").list_namespaces()["Namespaces"] == []
        assert boxes.plan(box, text, **other).plan.changes == ()
        none: dict[str, Any] = {"listener": "none", "discovery": "none"}
        boxes.up(box, text, **none)
        assert elb.describe_target_groups()["TargetGroups"] == []
        assert boxes.plan(box, text, **none).plan.changes == ()
        refused = {call.operation for call in box.calls if call.error}
        assert refused <= {"CreateLogGroup"}  # it is made sure of, and was there
