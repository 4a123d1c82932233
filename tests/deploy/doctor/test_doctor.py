"""The whole of `doctor`: all checks at once, missing rights, no way to AWS, the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from compose2ecs import load
from compose2ecs.app.doctor import Examined, addresses, as_data, doctor
from compose2ecs.aws.errors import make
from compose2ecs.aws.session import Account, Where
from compose2ecs.doctor.account import trials
from compose2ecs.doctor.ask import Once
from compose2ecs.doctor.model import FAILURE, OK, STATUSES, UNKNOWN, WARNING
from compose2ecs.doctor.table import CHECKS
from compose2ecs.iam.policy import policy
from compose2ecs.iam.rights import action, commands_of
from compose2ecs.iam.scope import scope_of
from compose2ecs.plan.errors import AwsError
from compose2ecs.report import InputError, Report
from compose2ecs.sandbox import Sandbox
from tests.deploy.doctor.answers import (
    ACCOUNT,
    FARGATE,
    GIVEN,
    NOW,
    REGION,
    SHOP,
    Answers,
    findings,
    subject,
)
from tests.deploy.doctor.verdicts import Asked, allows

# ---------------------------------------------------------------------------- all at once


@pytest.mark.parametrize("text", [SHOP, FARGATE], ids=["instances", "fargate"])
def test_a_good_world_is_well(text: str) -> None:
    aws = Answers()
    found = findings(aws, text)
    assert {one.status for one in found} <= {OK, UNKNOWN}
    assert {one.check for one in found} <= {check.id for check in CHECKS}
    order = [check.id for check in CHECKS]
    assert [one.check for one in found] == sorted((one.check for one in found), key=order.index)
    assert len({one.check for one in found}) > 15


def test_nothing_is_asked_twice_and_nothing_is_written() -> None:
    aws = Answers()
    findings(aws)
    asked = [(service, operation, str(body)) for service, operation, body in aws.calls]
    assert len(asked) == len(set(asked))
    reads = ("Describe", "List", "Get", "Simulate")
    assert all(operation.startswith(reads) for _, operation, _ in aws.calls)
    assert {s for s, o, _ in aws.calls if "doctor" not in commands_of(s, o)} == {"sts"}


def test_an_error_is_remembered_too() -> None:
    aws = Answers()
    aws.denied = {"ecs:DescribeClusters"}
    once = Once(aws)
    for _ in range(3):
        with pytest.raises(AwsError):
            once.call("ecs", "DescribeClusters", clusters=["qa"])
    assert len(aws.calls) == 1
    once.call("ecs", "ListAccountSettings")
    assert len(aws.calls) == 2


@pytest.mark.parametrize(
    "operation", sorted({one for check in CHECKS for one in check.asks} - {"sts:GetCallerIdentity"})
)
def test_a_missing_right_is_told_with_the_action_to_allow(operation: str) -> None:
    """Whatever is missing, the other checks go on; what `up` needs as well is a failure."""
    text = FARGATE if operation in ("service-quotas:GetServiceQuota", *NETWORK) else SHOP
    aws = Answers()
    aws.denied = {operation}
    if operation == "ecs:DescribeCapacityProviders":
        aws.instances = []
    if operation == "servicediscovery:ListTagsForResource":
        aws.namespaces = {"shop": {}}
    found = findings(aws, text)
    service, _, name = operation.partition(":")
    right = action(service, name)
    told = [one for one in found if right in f"{one.text} {one.fix}"]
    if operation == "elbv2:DescribeAccountLimits":
        told += [one for one in found if one.check == "quotas"]  # AWS's own default will do
    assert told, found
    needed = commands_of(service, name) & {"plan", "up", "down"}
    if needed and operation != "elbv2:DescribeAccountLimits":
        assert [one.status for one in told if one.fix] == [FAILURE]
        assert f"allow {right}" in told[0].fix
    assert sum(one.status == OK for one in found) > 4


NETWORK = ("ec2:DescribeSubnets", "ec2:DescribeSecurityGroups")


def test_a_right_that_many_checks_need_is_told_with_its_fix_once() -> None:
    aws = Answers()
    aws.denied = {"ecs:DescribeContainerInstances"}
    told = [one for one in findings(aws) if "DescribeContainerInstances" in one.text]
    assert [one.status for one in told] == [FAILURE] + [UNKNOWN] * (len(told) - 1)
    assert len(told) > 3
    assert [bool(one.fix) for one in told] == [True] + [False] * (len(told) - 1)


def test_another_error_of_one_check_does_not_end_the_others() -> None:
    aws = Answers()

    def fail(body: Any) -> Any:
        raise make("acm", "DescribeCertificate", "InternalFailure", "try later")

    aws._acm_DescribeCertificate = fail  # type: ignore[method-assign]
    found = findings(aws)
    (one,) = [one for one in found if one.status != OK]
    assert (one.check, one.status) == ("certificates", UNKNOWN)
    assert "acm DescribeCertificate failed: InternalFailure: try later" in one.text


# ---------------------------------------------------------------------------- rights


@pytest.mark.parametrize("text", [SHOP, FARGATE], ids=["instances", "fargate"])
def test_whoever_has_the_policy_of_iam_passes_the_check_of_rights(text: str) -> None:
    """What doctor asks of IAM's simulation is what the policy allows: no more, no less."""
    one = subject(text)
    found = policy(scope_of(one.stack, one.target, ACCOUNT))
    other = policy(scope_of(one.stack, one.target._replace(cluster="other"), ACCOUNT))
    asked = set()
    elsewhere = 0
    for trial in trials(one, ACCOUNT):
        context = {
            key: value if isinstance(value, str) else value[0]
            for key, value in trial.context.items()
        }
        for name in trial.actions:
            for arn in trial.resources:
                assert "*" not in arn.strip("*")
                assert allows(found, Asked(name, arn, context)), (name, arn, context)
                elsewhere += not allows(other, Asked(name, arn, context))
                asked.add(name)
    # without schedules there are none to try these with
    never = {"scheduler:GetSchedule", "scheduler:DeleteSchedule"}
    assert asked == {name for part in found["Statement"] for name in part["Action"]} - never
    assert elsewhere > 5


# ---------------------------------------------------------------------------- no way to AWS


class Nobody:
    """An AWS that answers with one error, or whose STS does."""

    def __init__(self, code: str, aws: Answers | None = None) -> None:
        self.code = code
        self.aws = aws

    def call(self, service: str, operation: str, /, **body: Any) -> dict[str, Any]:
        if self.aws is not None and service != "sts":
            return self.aws.call(service, operation, **body)
        raise make(service, operation, self.code, "so it is")


def run(aws: Any, text: str = SHOP, **given: str) -> Examined:
    project = load(files={"compose.yaml": text}, project_name="shop", environment={})
    settings = {k: v for k, v in {**GIVEN, **given}.items() if v}
    account = Account(Where(region=given.get("region", REGION)))
    resolve = aws.resolve if isinstance(aws, Answers) else addresses
    return doctor(project, settings, account, Report(), aws=aws, resolve=resolve, wall=lambda: NOW)


@pytest.mark.parametrize("code", ["NoCredentials", "ExpiredToken", "NoAnswer", "ProfileNotFound"])
def test_who_cannot_ask_is_told_so(code: str) -> None:
    with pytest.raises(AwsError, match=f"sts GetCallerIdentity failed: {code}") as raised:
        run(Nobody(code))
    assert raised.value.exit_code == 3


@pytest.mark.parametrize("code", ["NoAnswer", "AccessDenied"])
def test_a_network_without_a_way_to_sts_is_no_reason_to_give_up(code: str) -> None:
    found = run(Nobody(code, Answers())).findings
    assert found[0].status == UNKNOWN
    assert sum(one.status == OK for one in found) > 10


def test_a_region_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    project = load(files={"compose.yaml": SHOP}, project_name="shop", environment={})
    with pytest.raises(InputError, match="region"):
        doctor(project, {}, Account(), Report(), aws=Answers())


# ---------------------------------------------------------------------------- what comes of it


def test_exit_codes_and_summary() -> None:
    good = run(Answers())
    assert (good.exit_code(), good.exit_code(strict=True)) == (0, 0)
    aws = Answers()
    aws.log_groups = {}
    warned = run(aws, SHOP.replace("logs: {retention_days: 7}", "tags: {}"))
    assert (warned.exit_code(), warned.exit_code(strict=True)) == (0, 1)
    assert warned.summary.endswith("1 warning")
    aws = Answers()
    aws.cluster = None
    bad = run(aws)
    assert (bad.exit_code(), bad.exit_code(strict=True)) == (1, 1)
    assert "1 failure" in bad.summary


def test_data() -> None:
    aws = Answers()
    aws.cluster = None
    data = as_data(run(aws))
    assert set(data) == {"summary", "findings"}
    assert list(data["summary"]) == list(STATUSES)
    assert data["summary"][FAILURE] == 1
    (one,) = [one for one in data["findings"] if one["status"] == FAILURE]
    assert one["check"] == "cluster"
    assert one["text"] == "there is no cluster qa in eu-west-1"
    assert one["fix"].startswith("look at --cluster")


def test_a_load_balancer_by_its_name() -> None:
    text = SHOP.replace(
        "x-ecs:\n  roles", "x-ecs:\n  load_balancer: {name: qa, port: 443}\n  roles"
    )
    found = run(Answers(), text, listener="").findings
    assert not [one for one in found if one.status in (FAILURE, WARNING)]
    for changed, part in (
        (text.replace("port: 443", "port: 444"), "has no listener on port 444"),
        (text.replace("name: qa", "name: lost"), "there is no load balancer lost in eu-west-1"),
    ):
        bad = [
            one
            for one in run(Answers(), changed, listener="").findings
            if one.status == FAILURE and one.check == "listener"
        ]
        assert [part in one.text for one in bad] == [True]


def test_hosts_are_looked_up_by_the_machine() -> None:
    assert addresses("localhost") == {"127.0.0.1"}
    with pytest.raises(OSError, match=r".+"):
        addresses("no such host.invalid")


# ---------------------------------------------------------------------------- the sandbox


def permissions(box: Sandbox, *ranges: tuple[int, int]) -> None:
    """Let the default group, which instances and the load balancer share, in."""
    group = box.security_group
    box.world.network.groups[0]["IpPermissions"] = [
        {
            "IpProtocol": "tcp",
            "FromPort": low,
            "ToPort": high,
            "UserIdGroupPairs": [{"GroupId": group}],
        }
        for low, high in ranges
    ]


TEXT = """
services:
  web: {image: "web:1", ports: ["80:8080"], mem_limit: 512m}
  api: {image: "api:1", ports: ["8080:8080"], mem_limit: 512m}
x-ecs: {roles: {execution: ecsTaskExecutionRole, task: ecsTaskRole}, logs: {retention_days: 7}}
"""


def examined(box: Sandbox, text: str = TEXT, **given: str) -> Examined:
    project = load(files={"compose.yaml": text}, project_name="p", environment={})
    account = Account(Where(region=box.region), session=box.session())
    settings = {"cluster": box.cluster, "listener": box.listener, **given}

    def resolve(host: str) -> frozenset[str]:
        return frozenset({"192.0.2.1"})

    return doctor(project, settings, account, Report(), resolve=resolve)


def bad(found: Examined) -> list[tuple[str, str]]:
    return [(one.status, one.check) for one in found.findings if one.status != OK]


def test_a_sandbox_with_all_that_is_needed() -> None:
    with Sandbox() as box:
        permissions(box, (32768, 65535))
        assert bad(examined(box)) == [(UNKNOWN, "images")]
        assert not box.writes()


def test_a_sandbox_that_lacks_this_and_that() -> None:
    with Sandbox(instances=1, instance_type="t3.small") as box:
        permissions(box, (32768, 40000))
        box.world.quotas["rules per load balancer"] = 1
        box.world.ecs.settings["taskLongArnFormat"] = "disabled"
        box.forbid("elasticloadbalancing:DescribeTargetGroups", "iam:GetRole")
        text = TEXT.replace("512m", "1500m").replace("ecsTaskRole", "nobody")
        found = examined(box, text, domain="qa.example.com")
        assert (FAILURE, "room") in bad(found)
        assert (FAILURE, "arn-format") in bad(found)
        assert (FAILURE, "security-groups") in bad(found)
        assert (WARNING, "listener") in bad(found)
        told = {one.check: one for one in found.findings if "is not allowed" in one.text}
        assert told["quotas"].status == FAILURE
        assert "elasticloadbalancing:DescribeTargetGroups" in told["quotas"].fix
        assert told["roles"].status == UNKNOWN
        assert "iam:GetRole" in told["roles"].fix
        denied = [one.text for one in found.findings if one.check == "rights"]
        assert any("elasticloadbalancing:DescribeTargetGroups is not allowed" in t for t in denied)
        assert found.exit_code() == 1
