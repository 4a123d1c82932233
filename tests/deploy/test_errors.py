"""Each operation that `up` and `down` make, with each error that AWS documents of it: what is said is
one sentence with a hint and the right exit code, and the next run ends where it would have ended.

Which errors an operation has is read from botocore's models of the services.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import botocore.session
import pytest

from compose2ecs.app.up import Options
from compose2ecs.aws.errors import make
from compose2ecs.cli.deploying import Flags
from compose2ecs.plan.errors import AwsError
from tests.deploy.fakes import FakeAws
from tests.deploy.running import down, plan, up

BOTH = """
services:
  web:
    image: "web:1"
    ports: ["80:8080"]
    depends_on: [db]
    healthcheck: {test: [CMD, x]}
    x-ecs:
      autoscaling: {min: 1, max: 3, cpu: 60, requests: 100, schedule: [{when: "rate(1 day)", max: 2}]}
      route: {health_check: {path: /a}}
  api:
    image: "api:1"
    ports: ["8080:8080"]
    depends_on:
      db: {condition: service_healthy}
      migrate: {condition: service_completed_successfully}
  admin: {image: "a:1", ports: ["9090:9090"], x-ecs: {route: {priority: 25, path: /a}}}
  db: {image: "postgres:16"}
  worker: {image: "w:1", x-ecs: {autoscaling: {max: 2, cpu: 60}}}
  migrate: {image: "m:1", x-ecs: {job: once}}
x-ecs: {logs: {retention_days: 7}, roles: {execution: "arn:aws:iam::111122223333:role/e"}, tags: {team: a}}
"""
OTHER = """
services:
  web:
    image: "web:2"
    ports: ["80:8080"]
    x-ecs: {autoscaling: {min: 1, max: 5, memory: 60}, route: {health_check: {path: /b}, priority: 30}}
  shop:
    image: "shop:1"
    ports: ["8080:8080"]
  admin: {image: "a:1", ports: ["9090:9090"], x-ecs: {route: {priority: 25, path: /b}}}
  db: {image: "postgres:16"}
  worker: {image: "w:1"}
  migrate: {image: "m:2", x-ecs: {job: once}}
x-ecs: {logs: {retention_days: 14}, roles: {execution: "arn:aws:iam::111122223333:role/e"}, tags: {team: a}}
"""
RETAGGED = BOTH.replace("{team: a}", "{owner: b}")
# the VPC is the load balancer's
GIVEN: dict[str, Any] = {"discovery": "service-connect", "vpc": ""}
# What AWS says in any operation, beside what it documents of this one.
EVERYWHERE = ("AccessDeniedException", "ThrottlingException", "ExpiredTokenException", "NoAnswer")
# Errors that say that somebody else has done the same already: so it is done.
DONE_ALREADY = {
    ("CreateLogGroup", "ResourceAlreadyExistsException"),
    ("CreateHttpNamespace", "NamespaceAlreadyExists"),
    ("CreateTargetGroup", "DuplicateTargetGroupName"),
    ("CreateRule", "PriorityInUse"),
    ("DeleteService", "ServiceNotFoundException"),
    ("DeleteRule", "RuleNotFound"),
    ("DeleteLogGroup", "ResourceNotFoundException"),
    ("DeleteNamespace", "NamespaceNotFound"),
    ("DeregisterScalableTarget", "ObjectNotFoundException"),
    ("DeleteScalingPolicy", "ObjectNotFoundException"),
    ("DeleteScheduledAction", "ObjectNotFoundException"),
}
# Errors that are an answer: there is none, or it is to be asked later.
AN_ANSWER = {
    ("DescribeTargetGroups", "TargetGroupNotFound"),
    ("DescribeTags", "TargetGroupNotFound"),
    ("DescribeTags", "RuleNotFound"),
    ("DescribeTags", "ListenerNotFound"),
    ("DescribeTags", "LoadBalancerNotFound"),
    ("DescribeTaskDefinition", "ClientException"),
    ("SetRulePriorities", "PriorityInUse"),
}
# Errors for which is waited, until time is up: exit code 4.
WAITED_FOR = {
    ("DeleteTargetGroup", "ResourceInUse"),
    ("DeleteNamespace", "ResourceInUse"),
    ("GetOperation", "OperationNotFound"),
}
FLAGS: dict[str, Any] = {
    "strict": False,
    "quiet": False,
    "no_color": True,
    "report_format": "text",
}


class Scenario(NamedTuple):
    """What is there before, and what is then attempted."""

    before: str | None
    text: str
    how: str

    def world(self) -> FakeAws:
        aws = FakeAws()
        if self.before:
            up(aws, self.before, **GIVEN)
        aws.revive()
        return aws

    def attempt(self, aws: FakeAws) -> None:
        if self.how == "down":
            down(aws, self.text, logs=True, **GIVEN)
        else:
            up(aws, self.text, options=Options(timeout=300), **GIVEN)


SCENARIOS = {
    "create": Scenario(None, BOTH, "up"),
    "change": Scenario(BOTH, OTHER, "up"),
    "down": Scenario(BOTH, BOTH, "down"),
    "tags": Scenario(BOTH, RETAGGED, "up"),
}
_SERVICES = (
    "ecs",
    "elbv2",
    "logs",
    "servicediscovery",
    "application-autoscaling",
    "scheduler",
)


class Recorder(FakeAws):
    """Knows of which service each operation was."""

    seen: set[tuple[str, str]]

    def call(self, service: str, operation: str, /, **body: Any) -> dict[str, Any]:
        self.seen.add((service, operation))
        return super().call(service, operation, **body)


def made_by(scenario: Scenario) -> set[tuple[str, str]]:
    aws = Recorder()
    aws.seen = set()
    if scenario.before:
        up(aws, scenario.before, **GIVEN)
    aws.seen.clear()
    aws.revive()
    scenario.attempt(aws)
    return aws.seen


MADE = {name: made_by(scenario) for name, scenario in SCENARIOS.items()}


def documented(service: str, operation: str) -> list[str]:
    """The codes of an operation's errors, as they come over the wire."""
    model = botocore.session.get_session().get_service_model(service)
    shapes = model.operation_model(operation).error_shapes
    codes = [(s.metadata.get("error") or {}).get("code") or s.name for s in shapes]
    return sorted({*codes, *EVERYWHERE})


def cases() -> Iterator[Any]:
    for name, made in MADE.items():
        if name == "tags":
            made = made - MADE["change"]
        for service, operation in sorted(made):
            yield pytest.param(name, service, operation, id=f"{name}-{service}-{operation}")


def goal(name: str) -> Any:
    if name not in _GOALS:
        aws = SCENARIOS[name].world()
        SCENARIOS[name].attempt(aws)
        _GOALS[name] = aws.state()
    return _GOALS[name]


_GOALS: dict[str, Any] = {}


def failing(
    aws: FakeAws, service: str, operation: str, code: str
) -> Callable[[str, Any], AwsError | None]:
    """All calls of an operation fail; where the error says that it is done already, it is."""

    def fail(called: str, body: Any) -> AwsError | None:
        if called != operation:
            return None
        if (operation, code) in DONE_ALREADY:
            try:
                getattr(aws, "_" + operation)(copy.deepcopy(body))
            except AwsError as error:
                return error
        return make(service, operation, code, "AWS's own words.")

    return fail


def run(scenario: Scenario, aws: FakeAws, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and what is on standard error, as the commands end."""
    capsys.readouterr()
    try:
        with Flags(FLAGS).ending():
            scenario.attempt(aws)
    except SystemExit as end:
        assert isinstance(end.code, int)
        return end.code, capsys.readouterr().err
    return 0, capsys.readouterr().err


def check_said(said: str, service: str, operation: str, code: str) -> None:
    first, *rest = said.splitlines()
    assert first == f"error: {service} {operation} failed: {code}: AWS's own words."
    assert [line[:8] for line in rest] == ["  hint: "], said
    assert len(rest[0]) > 20


@pytest.mark.parametrize(("name", "service", "operation"), list(cases()))
def test_an_error_ends_in_one_sentence_and_the_next_run_goes_on(
    name: str, service: str, operation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = SCENARIOS[name]
    for code in documented(service, operation):
        aws = scenario.world()
        aws.fail = failing(aws, service, operation, code)
        status, said = run(scenario, aws, capsys)
        what = (operation, code)
        assert "Traceback" not in said
        if what in AN_ANSWER:
            # an answer that is not true here: what is there is refused, or found in another way
            assert status in (0, 3, 5)
            assert status == 0 or said.startswith("error: ")
        elif status == 3:
            assert what not in DONE_ALREADY
            check_said(said, service, operation, code)
        elif what in WAITED_FOR:
            assert status == 4, what
            assert "after " in said
            assert "hint: " in said
        else:
            assert status == 0, (what, said)
            assert what in DONE_ALREADY, what
            assert said == ""
        aws.fail = lambda called, body: None
        aws.revive()
        assert run(scenario, aws, capsys) == (0, ""), what
        assert aws.state() == goal(name), what
        if scenario.how == "up":
            assert plan(aws, scenario.text, **GIVEN).plan.changes == (), what


def test_what_is_tolerated_is_documented() -> None:
    """A code that AWS does not have, or an operation that is never made, would test nothing."""
    made = {operation: service for those in MADE.values() for service, operation in those}
    for operation, code in DONE_ALREADY | AN_ANSWER | WAITED_FOR:
        assert code in documented(made[operation], operation), (operation, code)


def test_all_that_writes_is_made() -> None:
    """By one of the scenarios, but for schedules, which have no role that a file could name yet."""
    ours = {operation for those in MADE.values() for _, operation in those}
    known = {name[1:] for name in vars(FakeAws) if name[:1] == "_" and name[1:2].isupper()}
    left = {name for name in known - ours if not name.startswith(("Describe", "List", "Get"))}
    assert left == {"CreateSchedule", "UpdateSchedule", "DeleteSchedule"}
