"""What is another's stays as it is, runs at the same time end in one of everything, and what goes
wrong is told."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

import pytest

from compose2ecs.app.down import down as down_app
from compose2ecs.app.down import plan_down
from compose2ecs.app.plan import make_plan
from compose2ecs.app.up import Options
from compose2ecs.app.up import up as up_app
from compose2ecs.aws.errors import HINTS, make
from compose2ecs.plan import tags
from compose2ecs.plan.errors import (
    AwsError,
    InterruptedRunError,
    RefusedError,
    UnhealthyError,
)
from compose2ecs.report import Compose2EcsError
from tests.deploy.fakes import LISTENER, FakeAws
from tests.deploy.running import GIVEN, deployment, down, plan, services, up

TEXT = services(3, 2)


def foreign_group(aws: FakeAws, name: str, **body: Any) -> str:
    aws.call(
        "elbv2",
        "CreateTargetGroup",
        **{
            "Name": name,
            "Protocol": "HTTP",
            "Port": 80,
            "VpcId": GIVEN["vpc"],
            "TargetType": "instance",
            **body,
        },
    )
    return next(arn for arn, group in aws.groups.items() if group["TargetGroupName"] == name)


def foreign_rule(aws: FakeAws, group: str, priority: int, **condition: Any) -> str:
    condition = condition or {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/old"]}}
    made = aws.call(
        "elbv2",
        "CreateRule",
        ListenerArn=LISTENER,
        Priority=priority,
        Conditions=[condition],
        Actions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    return str(made["Rules"][0]["RuleArn"])


def everything(aws: FakeAws) -> Any:
    moving = ("runningCount", "deployments")
    kept = {n: {k: v for k, v in s.items() if k not in moving} for n, s in aws.services.items()}
    return copy.deepcopy((kept, aws.groups, aws.rules, aws.tags, aws.log_groups))


def foreign_service(aws: FakeAws, text: str) -> None:
    """A service with our name and nobody's tags."""
    up(aws, text)
    aws.tags[aws.services["p-s00"]["serviceArn"]].clear()


# ---------------------------------------------------------------------------- foreign things


@pytest.mark.parametrize("how", ["up", "down"])
def test_a_foreign_service_with_our_name(how: str) -> None:
    aws = FakeAws()
    foreign_service(aws, services(1, 0))
    before = everything(aws)
    aws.revive()
    if how == "up":
        with pytest.raises(
            RefusedError, match="p-s00 is on the cluster already, and it has no tags"
        ):
            up(aws, TEXT)
    else:
        planned = down(aws, TEXT)
        assert "kept the service p-s00: it has no tags of compose2ecs" in planned.plan.notes
    assert aws.writes == []
    assert everything(aws) == before


@pytest.mark.parametrize("attached", [False, True])
@pytest.mark.parametrize("port", [80, 81])
def test_a_foreign_target_group_with_our_name(attached: bool, port: int) -> None:
    aws = FakeAws()
    group = foreign_group(aws, "p-s00", Port=port)
    if attached:
        foreign_rule(aws, group, 30)
    before = everything(aws)
    aws.revive()
    with pytest.raises(RefusedError, match="the target group p-s00 is there already"):
        up(aws, TEXT)
    assert aws.writes == []
    down(aws, TEXT)
    assert everything(aws) == before


def test_a_foreign_target_group_that_appears_meanwhile() -> None:
    aws = FakeAws()
    there = deployment(aws, TEXT)
    planned = make_plan(there)
    group = foreign_group(aws, "p-s00", HealthCheckPath="/theirs")
    with pytest.raises(RefusedError, match="the target group p-s00 is there already"):
        list(up_app(there, planned, Options(wait=False)))
    assert aws.groups[group]["HealthCheckPath"] == "/theirs"
    assert "p-s00" not in aws.services


def test_a_foreign_rule_at_our_priority() -> None:
    """The next place is as good; and it stays good."""
    aws = FakeAws()
    other = foreign_group(aws, "other")
    up(aws, TEXT)
    wanted = sorted(int(rule["Priority"]) for rule in aws.rules.values())
    aws = FakeAws()
    other = foreign_group(aws, "other")
    rules = [foreign_rule(aws, other, place) for place in wanted]
    before = [copy.deepcopy(aws.rules[arn]) for arn in rules]
    up(aws, TEXT)
    got = sorted(int(r["Priority"]) for arn, r in aws.rules.items() if arn not in rules)
    assert got == [place + 1 for place in wanted]
    assert [aws.rules[arn] for arn in rules] == before
    assert plan(aws, TEXT).plan.changes == ()
    down(aws, TEXT)
    assert sorted(aws.rules) == sorted(rules)


def test_a_foreign_rule_that_takes_our_priority_meanwhile() -> None:
    aws = FakeAws()
    other = foreign_group(aws, "other")
    there = deployment(aws, TEXT)
    planned = make_plan(there)
    wanted = [c.body["Priority"] for c in planned.plan.calls if c.operation == "create-rule"]
    for place in wanted:
        foreign_rule(aws, other, place)
    list(up_app(there, planned, Options(wait=False)))
    ours = [r for a, r in aws.rules.items() if tags.is_of(aws.tags[a], "p", "p")]
    assert sorted(int(r["Priority"]) for r in ours) == sorted(place + 1 for place in wanted)


def test_a_priority_that_somebody_wrote_and_another_has() -> None:
    aws = FakeAws()
    foreign_rule(aws, foreign_group(aws, "other"), 20)
    text = "services: {web: {image: i, ports: ['80:80'], x-ecs: {route: {priority: 20}}}}"
    aws.revive()
    with pytest.raises(RefusedError, match="the priority 20 is taken"):
        up(aws, text)
    assert aws.writes == []


HOST = {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}}
ALL = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}
NARROW = {"Field": "host-header", "HostHeaderConfig": {"Values": ["p.qa.example.com"]}}
BESIDE = {"Field": "host-header", "HostHeaderConfig": {"Values": ["q.qa.example.com"]}}


@pytest.mark.parametrize(
    ("priority", "condition", "said"),
    [
        (5, HOST, "would never be asked"),
        (5, ALL, "would never be asked"),
        (5, NARROW, "would never be asked"),
        (5, BESIDE, None),
        (49000, NARROW, "would take all requests"),
        (49000, HOST, None),
        (49000, ALL, None),
    ],
)
def test_rules_that_are_in_each_others_way(priority: int, condition: Any, said: str | None) -> None:
    aws = FakeAws()
    foreign_rule(aws, foreign_group(aws, "other"), priority, **condition)
    aws.revive()
    if said is None:
        up(aws, TEXT)
        return
    with pytest.raises(RefusedError, match=said) as caught:
        up(aws, TEXT)
    assert "--allow-shadow" in caught.value.hint
    assert aws.writes == []
    up(aws, TEXT, allow_shadow=True)
    assert plan(aws, TEXT, allow_shadow=False).plan.changes == ()


def test_a_foreign_rule_that_uses_our_target_group_keeps_it() -> None:
    aws = FakeAws()
    up(aws, TEXT)
    group = next(a for a, g in aws.groups.items() if g["TargetGroupName"] == "p-s00")
    foreign = foreign_rule(aws, group, 9)
    planned = down(aws, TEXT)
    assert any("kept the target group p-s00" in note for note in planned.plan.notes)
    assert list(aws.groups) == [group]
    assert list(aws.rules) == [foreign]


def test_what_is_protected_is_not_deleted() -> None:
    aws = FakeAws()
    up(aws, TEXT)
    aws.tags[aws.services["p-s02"]["serviceArn"]][tags.PROTECT] = "true"
    before = everything(aws)
    aws.revive()
    with pytest.raises(RefusedError, match="p-s02 is protected"):
        down(aws, TEXT)
    with pytest.raises(RefusedError, match="p-s02 is protected"):
        up(aws, services(2, 2))
    assert [w for w in aws.writes if w.startswith("Delete")] == []
    assert everything(aws)[:3] == before[:3]


def test_tags_are_read_again_before_a_delete() -> None:
    """Somebody takes a thing over between the plan and the deed."""
    aws = FakeAws()
    up(aws, TEXT)
    there = deployment(aws, TEXT)
    planned = plan_down(there)
    rule = next(iter(aws.rules))
    aws.tags[rule] = {tags.PROJECT: "other", tags.STACK: "other"}
    aws.revive()
    with pytest.raises(RefusedError, match="it belongs to the stack 'other'"):
        list(down_app(there, planned))
    assert aws.writes == []


def test_another_stack_of_the_same_prefix_is_not_touched() -> None:
    aws = FakeAws()
    up(aws, TEXT)
    before = everything(aws)
    for arn, said in list(aws.tags.items()):
        if tags.STACK in said:
            aws.tags[arn] = {**said, tags.STACK: "p-other"}
    before = everything(aws)
    aws.revive()
    down(aws, TEXT)
    assert aws.writes == []
    assert everything(aws) == before


# ---------------------------------------------------------------------------- at the same time


@pytest.mark.parametrize("number", [2, 16])
def test_runs_at_the_same_time(number: int) -> None:
    alone = FakeAws()
    up(alone, TEXT)
    aws = FakeAws(latency=0.001)
    there = [deployment(aws, TEXT) for _ in range(number)]
    planned = [make_plan(one) for one in there]
    errors: list[BaseException] = []

    def run(index: int) -> None:
        try:
            list(up_app(there[index], planned[index], Options(wait=False)))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {n: len(x) for n, x in (("s", aws.services), ("g", aws.groups), ("r", aws.rules))} == {
        "s": 3,
        "g": 2,
        "r": 2,
    }
    assert aws.state() == alone.state()
    assert plan(aws, TEXT).plan.changes == ()


# ---------------------------------------------------------------------------- what goes wrong

OPERATIONS = (
    "DescribeServices",
    "ListServices",
    "DescribeRules",
    "DescribeListeners",
    "DescribeTargetGroups",
    "CreateLogGroup",
    "RegisterTaskDefinition",
    "CreateTargetGroup",
    "ModifyTargetGroupAttributes",
    "CreateRule",
    "CreateService",
    "DescribeTags",
    "DeleteRule",
    "DeleteService",
    "DeleteTargetGroup",
)


def failing(operation: str, code: str) -> Callable[[str, Any], AwsError | None]:
    def fail(called: str, body: Any) -> AwsError | None:
        return make("x", called, code, "no") if called == operation else None

    return fail


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_error_of_every_operation_leaves_a_stack_that_can_go_on(operation: str) -> None:
    """All codes that have a hint, and one that nobody knows, at each of its calls."""
    goal = FakeAws()
    up(goal, TEXT)
    for code in (*HINTS, "SomethingNewException"):
        aws = FakeAws()
        if operation.startswith(("Delete", "DescribeTags")):
            up(aws, TEXT)
            attempt: Callable[..., object] = down
        else:
            attempt = up
        aws.fail = failing(operation, code)
        if attempt is down and code.endswith(
            ("NotFound", "NotFoundException", "NotActiveException")
        ):
            continue  # that is what a delete is for
        with pytest.raises(Compose2EcsError) as caught:
            attempt(aws, TEXT)
        assert isinstance(caught.value, (AwsError, UnhealthyError))
        assert caught.value.exit_code in (3, 4)
        assert "\n" not in str(caught.value)
        aws.fail = lambda o, b: None
        attempt(aws, TEXT)
        if attempt is up:
            assert aws.state() == goal.state(), code
        else:
            assert (aws.groups, aws.rules) == ({}, {})


def test_a_rollback_is_no_success() -> None:
    aws = FakeAws()
    up(aws, services(2, 0), options=Options())
    aws.unstable.add("p-s01")
    with pytest.raises(UnhealthyError, match=r"p-s01: .*circuit breaker") as caught:
        up(aws, services(2, 0, s01="command: [bad]"), options=Options())
    assert caught.value.exit_code == 4
    assert "s00" not in str(caught.value)
    aws.unstable.clear()
    assert plan(aws, services(2, 0, s01="command: [bad]")).plan.changes != ()


def test_a_new_service_that_fails_is_kept_and_explained() -> None:
    aws = FakeAws()
    aws.unstable.add("p-s00")
    aws.tasks["arn/t1"] = {
        "taskArn": "arn/t1",
        "service": "p-s00",
        "lastStatus": "STOPPED",
        "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "s00", "exitCode": 3, "reason": "OutOfMemoryError: killed"}],
    }
    with pytest.raises(UnhealthyError) as caught:
        up(aws, services(1, 0), options=Options())
    said = str(caught.value)
    assert "Essential container in task exited" in said
    assert "container s00: exit code 3 (OutOfMemoryError: killed)" in said
    assert "s00 | the last words" in said
    assert "it needs more memory" in said
    assert aws.services["p-s00"]["status"] == "ACTIVE"
    with pytest.raises(UnhealthyError, match="circuit breaker"):
        up(aws, services(1, 0), options=Options())  # nothing changed, and it still is not well


def test_roll_back_on_failure() -> None:
    aws = FakeAws()
    aws.rolls_back = False
    up(aws, services(1, 0), options=Options())
    aws.unstable.add("p-s00")
    with pytest.raises(UnhealthyError, match="rolled back to what ran before: p-s00"):
        up(aws, services(1, 0, s00="command: [bad]"), options=Options(rollback=True))
    assert aws.services["p-s00"]["taskDefinition"].endswith(":1")


def test_no_room_is_told_at_once_with_what_is_free() -> None:
    aws = FakeAws()
    told: list[str] = []
    there = deployment(aws, services(1, 0))
    planned = make_plan(there)
    message = "(service p-s00) was unable to place a task because no container instance met it."

    def stuck(operation: str, body: Any) -> None:
        service = aws.services.get("p-s00")
        if operation == "DescribeServices" and service is not None:
            aws.unstable.add("p-s00")
            service["deployments"][0]["rolloutState"] = "IN_PROGRESS"
            service["events"] = [{"id": "1", "message": message}]

    aws._settle = lambda service: None  # type: ignore[method-assign]
    aws.fail = stuck
    with pytest.raises(UnhealthyError, match="the cluster has no instances") as caught:
        list(up_app(there, planned, Options(timeout=20), say=told.append))
    assert told == [message]
    assert "after 20 seconds" in str(caught.value)
    assert "give it less, or the cluster more instances" in str(caught.value)


def test_being_stopped_finishes_what_runs_and_says_how_to_go_on() -> None:
    aws = FakeAws()
    there = deployment(aws, TEXT)
    planned = make_plan(there)
    events = up_app(there, planned, Options(wait=False))
    next(events)
    throw: Any = events
    with pytest.raises(InterruptedRunError, match="nothing was undone") as caught:
        throw.throw(KeyboardInterrupt())
    assert "run the same command again" in caught.value.hint
    up(aws, TEXT)
    assert plan(aws, TEXT).plan.changes == ()


def test_deleted_services_are_waited_for_before_they_are_made_again() -> None:
    aws = FakeAws()
    up(aws, services(2, 1))
    aws.drain_reads = 4
    aws.call("ecs", "DeleteService", cluster="qa", service="p-s00", force=True)
    planned = plan(aws, services(2, 1)).plan
    assert any("still being removed" in change.why for change in planned.changes)
    up(aws, services(2, 1))
    assert aws.services["p-s00"]["status"] == "ACTIVE"


def test_kept_logs_are_named_and_deleted_when_asked() -> None:
    aws = FakeAws()
    up(aws, TEXT)
    planned = down(aws, TEXT)
    assert any("kept the log group p " in note for note in planned.plan.notes)
    assert list(aws.log_groups) == ["p"]
    down(aws, TEXT, logs=True)
    assert aws.log_groups == {}
