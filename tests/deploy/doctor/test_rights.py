"""The table of rights has every call that there is, and the policy allows exactly those."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import botocore.session
import pytest

from compose2ecs import load
from compose2ecs.app.execute import open_session
from compose2ecs.app.iam import deployer, scoped
from compose2ecs.app.logs import logs, wanted
from compose2ecs.app.ps import ps
from compose2ecs.app.restart import plan_restart
from compose2ecs.app.rollback import plan_rollback
from compose2ecs.app.run_once import Follow, request, start
from compose2ecs.app.scale import plan_scale
from compose2ecs.iam.rights import COMMANDS, DAILY, RIGHTS, UNASKED, commands_of
from compose2ecs.report import Report
from compose2ecs.sandbox import Sandbox
from compose2ecs.sandbox.calls import Call
from compose2ecs.sandbox.seeds import NOT_FOUND
from tests.conftest import ROOT
from tests.deploy.boxes import REGISTRY, down, plan, up
from tests.deploy.day2.stacks import standing
from tests.deploy.day2.test_exec import AgentBox
from tests.deploy.day2.test_settle import carry_out
from tests.deploy.doctor.verdicts import allows, asked_of

_SERVICES = (
    "acm",
    "application-autoscaling",
    "ec2",
    "ecr",
    "ecs",
    "efs",
    "elbv2",
    "iam",
    "logs",
    "scheduler",
    "secretsmanager",
    "service-quotas",
    "servicediscovery",
    "ssm",
    "sts",
)


def called() -> Iterator[tuple[str, str, str]]:
    """Every operation that a gateway names: file, service, operation."""
    core = botocore.session.get_session()
    operations = {name: set(core.get_service_model(name).operation_names) for name in _SERVICES}
    for path in sorted((ROOT / "compose2ecs/aws").glob("*.py")):
        if path.name in ("pace.py", "session.py", "errors.py"):
            continue  # they name operations that they do not call
        texts = [
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        services = [name for name in _SERVICES if name in texts]
        for text in texts:
            for service in services:
                if text in operations[service]:
                    yield path.name, service, text


def test_every_operation_of_a_gateway_is_in_the_table() -> None:
    found = {(service, operation) for _, service, operation in called()}
    assert len(found) > 60
    ours = {(right.service, right.operation) for right in RIGHTS} | UNASKED
    # `shells.py` names the operation that the plug-in makes, with a token and no rights of ours
    assert found - ours == set()
    assert ours - found == {("sts", "AssumeRole")}


def test_each_command_has_rights_and_rights_name_commands() -> None:
    assert {name for right in RIGHTS for name in right.commands} == set(COMMANDS)


# ---------------------------------------------------------------------------- what is called

FULL = """
services:
  web:
    image: "web:1"
    ports: ["80:8080"]
    depends_on: [db, migrate]
    x-ecs: {autoscaling: {min: 1, max: 3, cpu: 60, requests: 100, schedule: [
      {when: "cron(0 20 * * ? *)", min: 1, max: 1}]}}
  api:
    image: "api:1"
    ports: ["8080:8080"]
    depends_on: {db: {condition: service_healthy}}
  db:
    image: "postgres:16"
  migrate:
    image: "migrate:1"
    networks: [lonely]
    x-ecs: {job: once}
networks: {lonely: {}}
x-ecs: {logs: {retention_days: 7}, roles: {execution: ecsTaskExecutionRole, task: ecsTaskRole},
  execute_command: true}
"""
CHANGED = FULL.replace("web:1", "web:2").replace("cpu: 60, ", "")
SMALLER = """
services:
  web: {image: "web:2", ports: ["80:8080"], environment: {A: b}}
x-ecs: {logs: {retention_days: 7}, roles: {execution: ecsTaskExecutionRole, task: ecsTaskRole},
  execute_command: true}
"""

LISTENERS: dict[str, str] = {}  # by text; a sandbox makes them up
# on another listener, and with another log group
MOVED = SMALLER.replace("logs: {", "logs: {group: /moved, ")


def calls_by_command(box: Sandbox) -> Iterator[tuple[str, str, list[Call]]]:
    """Commands on a stack of a sandbox, with the file of each and the calls it made."""

    def since() -> list[Call]:
        calls = list(box.calls)
        box.forget()
        return calls

    up(box, FULL)
    yield "up", FULL, since()
    plan(box, CHANGED)
    yield "plan", CHANGED, since()
    up(box, CHANGED)
    yield "up", CHANGED, since()
    running = standing(box, CHANGED)
    ps(running)
    ps(standing(box, CHANGED, listener="none"), addresses=True)
    yield "ps", CHANGED, since()
    list(logs(running, wanted(running)))
    yield "logs", CHANGED, since()
    carry_out(running, plan_scale(running, {"web": 2, "api": 2}).updates)
    yield "scale", CHANGED, since()
    carry_out(running, plan_restart(running, ["web"]))
    yield "restart", CHANGED, since()
    carry_out(running, [back.update for back in plan_rollback(running, ["web"]).back])
    yield "rollback", CHANGED, since()
    body, planned = request(running, "db", ["psql"])
    follow = Follow(running, start(running, body, planned))
    list(follow.lines(lambda status: None))
    body, planned = request(running, "db", ["psql"])
    Follow(running, start(running, body, planned)).stop()
    yield "run", CHANGED, since()
    open_session(running, "db", ["sh"], "plugin")
    yield "exec", CHANGED, since()
    up(box, SMALLER)
    yield "up", SMALLER, since()
    second = box.client("elbv2").create_listener(
        LoadBalancerArn=box.load_balancer, Port=81, Protocol="HTTP", DefaultActions=[NOT_FOUND]
    )["Listeners"][0]["ListenerArn"]
    LISTENERS[MOVED] = second
    since()
    up(box, MOVED, listener=second)
    yield "up", MOVED, since()
    down(box, MOVED, listener=second, logs=True)
    yield "down", MOVED, since()


@pytest.fixture(scope="module")
def recorded() -> Iterator[list[tuple[str, str, list[Call]]]]:
    with AgentBox() as box:
        LISTENERS.update(dict.fromkeys((FULL, CHANGED, SMALLER), box.listener))
        yield list(calls_by_command(box))


GIVEN = {
    "cluster": "qa",
    "region": "eu-west-1",
    "domain": "qa.example.com",
    "registry": REGISTRY,
}
ROLES = tuple(
    f"arn:aws:iam::123456789012:role/{name}" for name in ("ecsTaskExecutionRole", "ecsTaskRole")
)


def policy_for(text: str, *commands: str, name: str = "p") -> dict[str, object]:
    project = load(files={"compose.yaml": text}, project_name=name, environment={})
    given = {**GIVEN, "listener": LISTENERS[text]}
    _, scope = scoped(project, given, Report(), account="123456789012")
    return dict(deployer(scope, commands or DAILY).whole)


def test_commands_make_no_call_but_those_of_the_table(
    recorded: list[tuple[str, str, list[Call]]],
) -> None:
    wrong = {
        (command, call.service, call.operation)
        for command, _, calls in recorded
        for call in calls
        if command not in commands_of(call.service, call.operation)
    }
    assert wrong == set()
    assert {command for command, _, _ in recorded} == set(DAILY)


def test_the_policy_of_a_command_allows_its_calls(
    recorded: list[tuple[str, str, list[Call]]],
) -> None:
    """With the policy for this command alone; each call asks for all that AWS asks for it."""
    asked = 0
    for command, text, calls in recorded:
        found = policy_for(text, command)
        for call in calls:
            for one in asked_of(call, "p", ROLES):
                assert allows(found, one), (command, one)
                asked += 1
    assert asked > 300


def test_a_whole_policy_allows_the_calls_of_all_commands(
    recorded: list[tuple[str, str, list[Call]]],
) -> None:
    for _, text, calls in recorded:
        found = policy_for(text)
        for call in calls:
            assert all(allows(found, one) for one in asked_of(call, "p", ROLES)), call


READS = ("Describe", "List", "Get", "Filter")
# AWS has no tags for schedules nor for the order of rules: their names must do
UNTAGGED = ("SetRulePriorities", "CreateSchedule", "UpdateSchedule", "DeleteSchedule")


def test_writes_on_what_is_anothers_are_not_allowed(
    recorded: list[tuple[str, str, list[Call]]],
) -> None:
    """The same calls, with a policy of another stack's, of another cluster's, and on things with
    another's tags."""
    other = policy_for(FULL, name="q")
    writes = 0
    for _, text, calls in recorded:
        ours = policy_for(text)
        for call in calls:
            if call.operation.startswith(READS) or call.operation in UNTAGGED:
                continue
            writes += 1
            # what the call is about by itself; cloudwatch and roles are shared
            own = [
                one
                for one in asked_of(call, "p", ROLES)
                if not one.action.startswith(("cloudwatch:", "iam:")) and ":cluster/" not in one.arn
            ]
            denied = [one for one in own if not allows(other, one)]
            assert denied, call
            if not call.operation.startswith(("Create", "Register", "RunTask")):
                for one in asked_of(call, "q", ()):
                    if not one.action.startswith("cloudwatch:") and ":cluster/" not in one.arn:
                        assert not allows(ours, one), one
    assert writes > 30


def test_reads_are_all_that_read_only_allows(
    recorded: list[tuple[str, str, list[Call]]],
) -> None:
    project = load(files={"compose.yaml": FULL}, project_name="p", environment={})
    _, scope = scoped(project, GIVEN, Report(), account="123456789012")
    found = dict(deployer(scope, read_only=True).whole)
    actions = [action for one in found["Statement"] for action in one["Action"]]
    assert actions
    assert all(action.partition(":")[2].startswith(READS) for action in actions)
    for _, text, calls in recorded:
        if text != FULL:
            continue
        for call in calls:
            for one in asked_of(call, "p", ROLES):
                if call.operation.startswith(READS):
                    assert allows(found, one), one
