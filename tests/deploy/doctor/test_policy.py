"""Policies for deployers: whose names and tags, which roles to whom, how large."""

from __future__ import annotations

import json
from typing import Any

import pytest

from compose2ecs import load
from compose2ecs.app.iam import deployer, scoped
from compose2ecs.ecs.model import Ref, Resource, Stack
from compose2ecs.iam.policy import MOST, policy, size, split
from compose2ecs.iam.rights import COMMANDS, RIGHTS
from compose2ecs.iam.scope import Scope, scope_of
from compose2ecs.report import Report
from compose2ecs.sandbox.calls import Call
from tests.conftest import ROOT
from tests.deploy.doctor.verdicts import Asked, allows, arn, asked_of

LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/qa/11/22"
GIVEN = {"cluster": "qa", "region": "eu-west-1", "listener": LISTENER, "registry": "r.example.com"}
TWO = """
services:
  web: {image: "web:1", ports: ["80:8080"]}
  worker: {image: "worker:1"}
"""


def scope(text: str = TWO, name: str = "shop", **given: str) -> Scope:
    project = load(files={"compose.yaml": text}, project_name=name, environment={})
    return scoped(project, {**GIVEN, **given}, Report())[1]


def statements(found: Scope, *commands: str, **how: bool) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = deployer(found, commands or COMMANDS, **how).whole["Statement"]
    return listed


def actions(found: Scope, *commands: str, **how: bool) -> set[str]:
    return {name for one in statements(found, *commands, **how) for name in one["Action"]}


# ---------------------------------------------------------------------------- what is in it


def test_it_is_sorted_and_valid() -> None:
    found = policy(scope())
    assert found == json.loads(json.dumps(found))
    assert found["Version"] == "2012-10-17"
    sids = [one["Sid"] for one in found["Statement"]]
    assert sids == sorted(set(sids))
    assert all(sid.isalnum() for sid in sids)
    for one in found["Statement"]:
        assert one["Effect"] == "Allow"
        assert one["Action"] == sorted(set(one["Action"]))
        assert one["Resource"] == sorted(set(one["Resource"]))
        assert not any(action.endswith("*") for action in one["Action"])
    assert found == policy(scope())


def test_everything_that_changes_something_has_a_condition() -> None:
    """But for what AWS lets nobody condition: the order of rules, schedules, and the alarms that
    Application Auto Scaling tries."""
    bare = {
        name
        for one in statements(scope(_WITH_ALL))
        if "Condition" not in one
        for name in one["Action"]
    }
    reads = ("Describe", "List", "Get", "Filter", "Simulate")
    assert {name for name in bare if not name.partition(":")[2].startswith(reads)} == {
        "cloudwatch:DeleteAlarms",
        "cloudwatch:PutMetricAlarm",
        "ecs:ExecuteCommand",  # on the cluster; the task has one
        "elasticloadbalancing:SetRulePriorities",
        "logs:TagResource",  # of the stack's own group, by its name
        "scheduler:DeleteSchedule",
    }


_WITH_ALL = """
services:
  web: {image: "web:1", ports: ["80:8080"], x-ecs: {autoscaling: {max: 3, cpu: 60}}}
  worker: {image: "worker:1", ports: ["90:90"]}
x-ecs: {roles: {execution: exec, task: work}, logs: {retention_days: 7}}
"""


def test_deletes_and_changes_are_for_what_carries_the_tags() -> None:
    for one in statements(scope(_WITH_ALL)):
        changing = [
            name
            for name in one["Action"]
            if any(
                word in name for word in (":Delete", ":Modify", ":Update", ":Deregister", ":Stop")
            )
            and not name.startswith(("cloudwatch:", "scheduler:"))
        ]
        if changing:
            equal = one["Condition"]["StringEquals"]
            assert equal["aws:ResourceTag/compose2ecs:project"] == "shop", changing
            assert equal["aws:ResourceTag/compose2ecs:stack"] == "shop", changing


def test_what_is_made_carries_the_tags() -> None:
    for one in statements(scope(_WITH_ALL)):
        making = [
            name
            for name in one["Action"]
            if any(word in name for word in (":Create", ":Register"))
            and not name.startswith(("iam:", "scheduler:"))
        ]
        if making:
            equal = one["Condition"]["StringEquals"]
            assert equal["aws:RequestTag/compose2ecs:project"] == "shop", making
            assert equal["aws:RequestTag/compose2ecs:stack"] == "shop", making


def test_tags_of_rules_and_groups_are_set_as_they_are_made_or_on_ones_own() -> None:
    group = arn("elasticloadbalancing", "targetgroup/shop-web/0123")
    made = {f"aws:RequestTag/compose2ecs:{key}": "shop" for key in ("project", "stack")}
    owned = {f"aws:ResourceTag/compose2ecs:{key}": "shop" for key in ("project", "stack")}
    found = policy(scope())
    name = "elasticloadbalancing:AddTags"
    for created in ("CreateTargetGroup", "CreateRule"):
        key = {"elasticloadbalancing:CreateAction": created}
        assert allows(found, Asked(name, group, {**made, **key}))
    assert allows(found, Asked(name, group, {**made, **owned}))
    # nobody takes a group over by giving it our tags
    assert not allows(found, Asked(name, group, made))
    key = {"elasticloadbalancing:CreateAction": "CreateLoadBalancer"}
    assert not allows(found, Asked(name, group, {**made, **key}))


@pytest.mark.parametrize(
    ("role", "service", "allowed"),
    [
        ("exec", "ecs-tasks.amazonaws.com", True),
        ("work", "ecs-tasks.amazonaws.com", True),
        ("admin", "ecs-tasks.amazonaws.com", False),
        ("exec", "ec2.amazonaws.com", False),
        ("work", "lambda.amazonaws.com", False),
        ("disks", "ecs.amazonaws.com", True),
        ("disks", "ecs-tasks.amazonaws.com", False),
        ("clock", "scheduler.amazonaws.com", True),
        ("clock", "ecs-tasks.amazonaws.com", False),
        ("exec", "scheduler.amazonaws.com", False),
    ],
)
def test_roles_are_passed_to_whom_they_are_for(role: str, service: str, allowed: bool) -> None:
    found = policy(_with_schedule(_DISKS))
    asked = Asked(
        "iam:PassRole",
        f"arn:aws:iam::123456789012:role/{role}",
        {"iam:PassedToService": service},
    )
    assert allows(found, asked) is allowed


_DISKS = """
services:
  web: {image: "web:1", volumes: ["data:/a"]}
  db: {image: "db:1"}
volumes: {data: {}}
x-ecs:
  roles: {execution: exec, task: work}
  volumes: {data: {ebs: {size_gib: 8, role: "arn:aws:iam::123456789012:role/disks"}}}
"""


def _with_schedule(text: str, role: str = "arn:aws:iam::123456789012:role/clock") -> Scope:
    """The scope of a project with two schedules."""
    project = load(files={"compose.yaml": text}, project_name="shop", environment={})
    stack, _ = scoped(project, GIVEN, Report())
    return scope_of(with_schedules(stack, role), _target(text), "123456789012")


def _target(text: str) -> Any:
    from compose2ecs.ecs.target import target_of

    project = load(files={"compose.yaml": text}, project_name="shop", environment={})
    return target_of(project, GIVEN, Report())


def with_schedules(stack: Stack, role: str) -> Stack:
    """The stack, with two schedules of its first family."""
    family = min(stack.resources["task-definitions"])
    body = {
        "Target": {
            "Arn": "x",
            "RoleArn": role,
            "EcsParameters": {"TaskDefinitionArn": Ref("task-definition", family)},
        }
    }
    schedules = {
        name: Resource("schedules", name, {"Name": name, **body}) for name in ("shop-a", "shop-b")
    }
    return stack._replace(resources={**stack.resources, "schedules": schedules})


def test_schedules_are_known_by_their_names() -> None:
    found = policy(_with_schedule(TWO))
    role = "arn:aws:iam::123456789012:role/clock"
    for operation in ("CreateSchedule", "UpdateSchedule", "GetSchedule", "DeleteSchedule"):
        for name, allowed in (("shop-a", True), ("other-a", False)):
            body: dict[str, Any] = {"Name": name}
            if operation in ("CreateSchedule", "UpdateSchedule"):
                body["Target"] = {"RoleArn": role}
            call = Call("scheduler", operation, 0, 0, body, "")
            assert all(allows(found, one) for one in asked_of(call, "shop", ())) is allowed
    assert "scheduler:CreateSchedule" not in actions(scope())


# ---------------------------------------------------------------------------- what is left out


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        (TWO, "application-autoscaling:RegisterScalableTarget"),
        (TWO, "iam:PassRole"),
        (TWO, "iam:CreateServiceLinkedRole"),
        (TWO, "logs:PutRetentionPolicy"),
        (TWO, "cognito-idp:DescribeUserPoolClient"),
        (TWO, "ecr:DescribeImages"),
        ("services: {a: {image: i}, b: {image: j}}", "elasticloadbalancing:CreateRule"),
        ("services: {a: {image: i}, b: {image: j}}", "elasticloadbalancing:CreateTargetGroup"),
        ("services: {a: {image: i}}", "servicediscovery:CreateHttpNamespace"),
    ],
)
def test_what_a_project_does_not_have_it_may_not_make(text: str, absent: str) -> None:
    found = scope(text.replace("{image: i}", "{image: i, x-ecs: {route: false}}"))
    assert absent not in actions(found)
    assert absent in {right.action for right in RIGHTS}


def test_logins_by_cognito_ask_for_the_client() -> None:
    pool = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_a"
    rule = {"Actions": [{"Type": "authenticate-cognito", "AuthenticateCognitoConfig": pool}]}
    project = load(files={"compose.yaml": TWO}, project_name="shop", environment={})
    stack, _ = scoped(project, GIVEN, Report())
    rules = {"shop-web": Resource("listener-rules", "shop-web", rule)}
    stack = stack._replace(resources={**stack.resources, "listener-rules": rules})
    assert "cognito-idp:DescribeUserPoolClient" in actions(scope_of(stack, _target(TWO)))


@pytest.mark.parametrize("command", COMMANDS)
def test_one_command_has_only_its_own(command: str) -> None:
    found = actions(scope(_WITH_ALL), command)
    ours = {right.action for right in RIGHTS if command in right.commands}
    assert found
    assert found <= ours
    if command not in ("up", "down", "run", "exec", "scale", "restart", "rollback"):
        reads = ("Describe", "List", "Get", "Filter", "Simulate")
        assert all(name.partition(":")[2].startswith(reads) for name in found)


# ---------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("given", "project", "kind", "patterns"),
    [
        ({}, "shop", "services", ("service/qa/shop-*",)),
        ({}, "shop", "families", ("task-definition/shop-*:*",)),
        ({}, "shop", "groups", ("targetgroup/shop-*/*",)),
        ({}, "shop", "rules", ("listener-rule/app/qa/11/22/*",)),
        ({}, "shop", "listeners", ("listener/app/qa/11/22",)),
        ({}, "shop", "log-groups", ("log-group:shop:*",)),
        ({"names": "{stack}_{service}"}, "good_uncle", "services", ("service/qa/good_uncle_*",)),
        ({"names": "{stack}_{service}"}, "good_uncle", "groups", ("targetgroup/good-uncle-*/*",)),
        (
            {"names": "{service}-{stack}"},
            "shop",
            "services",
            ("service/qa/web-shop", "service/qa/worker-shop"),
        ),
        ({"names": "{service}-{stack}"}, "shop", "groups", ("targetgroup/web-shop*/*",)),
        ({}, "a" * 30, "groups", (f"targetgroup/{'a' * 23}*/*",)),
        ({"cluster": "arn:aws:ecs:eu-west-1:1:cluster/qa"}, "shop", "cluster", ("cluster/qa",)),
        ({"listener": ""}, "shop", "listeners", ("listener/app/*/*/*",)),
    ],
)
def test_patterns_of_names(
    given: dict[str, str], project: str, kind: str, patterns: tuple[str, ...]
) -> None:
    found = scope(name=project, **given)
    assert tuple(one.split(":", 5)[5] for one in found.arns[kind]) == patterns


def test_the_load_balancer_by_its_name() -> None:
    text = TWO + "x-ecs: {load_balancer: {name: front, port: 443}}\n"
    assert scope(text, listener="").arns["rules"] == (
        "arn:aws:elasticloadbalancing:eu-west-1:*:listener-rule/app/front/*/*/*",
    )


@pytest.mark.parametrize(
    ("given", "text", "account", "partition"),
    [
        ({}, TWO, "123456789012", "aws"),
        ({"listener": ""}, TWO, "*", "aws"),
        (
            {"listener": "", "registry": "210987654321.dkr.ecr.eu-west-1.amazonaws.com"},
            TWO,
            "210987654321",
            "aws",
        ),
        ({"listener": "", "region": "cn-north-1"}, TWO, "*", "aws-cn"),
        (
            {"listener": ""},
            TWO + 'x-ecs: {roles: {task: "arn:aws:iam::111122223333:role/t"}}\n',
            "111122223333",
            "aws",
        ),
    ],
)
def test_account_and_partition_from_what_is_written(
    given: dict[str, str], text: str, account: str, partition: str
) -> None:
    found = scope(text, **given)
    assert (found.account, found.partition) == (account, partition)
    assert any("the account is not known" in note for note in found.notes) is (account == "*")


def test_what_is_not_known_is_said() -> None:
    project = load(files={"compose.yaml": TWO}, project_name="shop", environment={})
    found = scoped(project, {"names": "{service}-{stack}"}, Report())[1]
    said = "\n".join(found.notes)
    for word in ("--account", "--region", "--cluster", "--listener", "no common beginning"):
        assert word in said
    assert scope().notes == ()


# ---------------------------------------------------------------------------- size


def test_usual_projects_are_within_the_limit() -> None:
    assert size(policy(scope())) < MOST
    assert deployer(scope()).notes == ()
    assert list(deployer(scope()).files) == ["policy.json"]


def test_one_that_is_too_large_is_said_and_comes_in_parts() -> None:
    project = load(project_directory=ROOT / "fixtures/projects/fargate-shop", environment={})
    _, found = scoped(project, {}, Report())
    made = deployer(found, COMMANDS)
    assert size(dict(made.whole)) > MOST
    assert any(f"{MOST} at most" in note for note in made.notes)
    assert list(made.files) == ["policy.json", "policy-2.json"]
    assert all(size(one) <= MOST for one in made.files.values())
    parts = [one for part in made.files.values() for one in part["Statement"]]
    assert parts == made.whole["Statement"]


def test_parts_hold_one_statement_at_least() -> None:
    found = policy(scope())
    assert [len(part["Statement"]) for part in split(found, 1)] == [1] * len(found["Statement"])


def test_joining_statements_allows_nothing_more() -> None:
    """Each action, on each resource in the policy, under each of its conditions: allowed if, and
    only if, some right says so."""
    found = scope(_WITH_ALL)
    joined = policy(found, COMMANDS)
    arns = {arn_ for one in joined["Statement"] for arn_ in one["Resource"] if arn_ != "*"}
    checked = 0
    for statement in joined["Statement"]:
        for action in statement["Action"]:
            for one in arns & set(statement["Resource"]):
                means = [
                    right
                    for right in RIGHTS
                    if right.action == action
                    and found.condition(right.where) == statement.get("Condition", {})
                ]
                granted = any(one in found.arns[kind] for right in means for kind in right.on)
                # an action means nothing for things of another service or type
                alien = action.split(":")[0] != one.split(":")[2] or not _same_type(
                    one, [a for right in means for kind in right.on for a in found.arns[kind]]
                )
                assert granted or alien, (action, one)
                checked += granted
    assert checked > 20


def _same_type(one: str, others: list[str]) -> bool:
    def kind(text: str) -> str:
        return text.split(":", 5)[5].replace(":", "/").partition("/")[0]

    return any(other != "*" and kind(other) == kind(one) for other in others)
