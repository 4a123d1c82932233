"""`exec`: what is looked at before, how the plugin is started, and who gets which signal."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from compose2ecs.app.execute import MissingPluginError, attach, open_session, plugin
from compose2ecs.app.running import Running, find
from compose2ecs.plan.errors import AwsError, UnhealthyError
from compose2ecs.report import Compose2EcsError
from compose2ecs.sandbox import Sandbox
from compose2ecs.sandbox.wire import Answer, Request
from tests.conftest import ROOT
from tests.deploy.boxes import up
from tests.deploy.day2.stacks import standing

Body = dict[str, Any]

TEXT = """
services:
  web: {image: "web:1", links: [cache], deploy: {replicas: 2}}
  cache: {image: "redis:7", deploy: {replicas: 2}}
x-ecs:
  execute_command: true
  roles: {execution: ecsTaskExecutionRole, task: ecsTaskRole}
"""


class AgentBox(Sandbox):
    """A sandbox whose tasks tell of the agents that ECS Exec has in their containers."""

    def __init__(self) -> None:
        super().__init__()
        self.agent = {"lastStatus": "RUNNING"}
        self.change: Callable[[Body], None] | None = None

    def handle(self, request: Request) -> Answer:
        answer = super().handle(request)
        if not request.headers.get("x-amz-target", "").endswith(".DescribeTasks"):
            return answer
        body = json.loads(answer.body)
        for task in body.get("tasks", ()):
            for one in task["containers"] if task.get("enableExecuteCommand") else ():
                one["managedAgents"] = [{"name": "ExecuteCommandAgent", **self.agent}]
            if self.change is not None:
                self.change(task)
        return answer._replace(body=json.dumps(body).encode())


@pytest.fixture
def box() -> Iterator[AgentBox]:
    with (box := AgentBox()):
        up(box, TEXT, listener="none")
        box.forget()
        yield box


# ---------------------------------------------------------------------------- the session


def test_the_plugin_is_started_as_the_aws_cli_does(
    box: AgentBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = standing(box, TEXT)
    find(running, ["web"])  # boto3 has looked for the profile by now
    monkeypatch.setenv("AWS_PROFILE", "staging")
    session = open_session(running, "web", ["sh", "-c", "echo 'a b'"], "/bin/plugin")
    program, answer, region, operation, profile, target, endpoint = session.command
    task = next(task for task in box.tasks("p-web") if task.id == session.task)
    runtime = next(one.runtime for one in task.containers if one.name == "web")
    assert (program, region, operation, profile) == (
        "/bin/plugin", "eu-west-1", "StartSession", "staging",
    )  # fmt: skip
    assert json.loads(answer).keys() == {"sessionId", "streamUrl", "tokenValue"}
    assert json.loads(target) == {"Target": f"ecs:qa_{session.task}_{runtime}"}
    assert endpoint == "https://ecs.eu-west-1.amazonaws.com"
    (call,) = [call for call in box.calls if call.operation == "ExecuteCommand"]
    assert call.request == {
        "cluster": "qa",
        "task": task.arn,
        "container": "web",
        "command": """sh -c 'echo '"'"'a b'"'"''""",
        "interactive": True,
    }


def test_a_shell_where_no_command_is_given(box: AgentBox) -> None:
    running = standing(box, TEXT)
    open_session(running, "cache", [], "plugin")
    (call,) = [call for call in box.calls if call.operation == "ExecuteCommand"]
    assert (call.request["command"], call.request["container"]) == ("/bin/sh", "cache")


def test_a_task_and_a_container_of_ones_choice(box: AgentBox) -> None:
    running = standing(box, TEXT)
    for task in box.tasks("p-web"):
        session = open_session(running, "web", [], "plugin", task=task.id[:6], container="cache")
        assert (session.task, session.container) == (task.id, "cache")
        assert open_session(running, "web", [], "plugin", task=task.arn).task == task.id
    with pytest.raises(Compose2EcsError, match="no task of web begins with zz"):
        open_session(running, "web", [], "plugin", task="zz")
    with pytest.raises(Compose2EcsError, match="have no container 'nope'") as raised:
        open_session(running, "web", [], "plugin", container="nope")
    assert raised.value.hint == "there are: web, cache"


def test_the_newest_healthy_task_is_taken(box: AgentBox) -> None:
    running = standing(box, TEXT)
    first, second = (task.id for task in box.tasks("p-web"))
    box.client("ecs").stop_task(cluster="qa", task=first)
    box.clock.advance(60)
    third = next(task.id for task in box.tasks("p-web") if task.id != second)
    assert open_session(running, "web", [], "plugin").task == third

    def sicken(task: Body) -> None:
        if task["taskArn"].endswith(third):
            task["healthStatus"] = "UNHEALTHY"

    box.change = sicken
    assert open_session(running, "web", [], "plugin").task == second


# ---------------------------------------------------------------------------- what is missing


def refused(running: Running, error: type[Compose2EcsError]) -> Compose2EcsError:
    with pytest.raises(error) as raised:
        open_session(running, "web", [], "plugin")
    return raised.value


def test_exec_that_is_off() -> None:
    text = TEXT.replace("  execute_command: true\n", "")
    with (box := AgentBox()):
        up(box, text, listener="none")
        error = refused(standing(box, text), Compose2EcsError)
        assert str(error) == "ECS Exec is off for web"
        assert "execute_command: true" in error.hint
        assert not any(call.operation == "ExecuteCommand" for call in box.calls)


def test_no_task_role() -> None:
    text = TEXT.replace(", task: ecsTaskRole", "")
    with (box := AgentBox()):
        up(box, text, listener="none")
        error = refused(standing(box, text), Compose2EcsError)
        assert "needs a task role, and web has none" in str(error)
        assert "roles: {task: ...}" in error.hint
        assert "ssmmessages" in error.hint


def test_a_task_that_is_older_than_the_setting(box: AgentBox) -> None:
    running = standing(box, TEXT)

    def age(task: Body) -> None:
        task["enableExecuteCommand"] = False

    box.change = age
    error = refused(running, Compose2EcsError)
    assert "is older than its service's ECS Exec" in str(error)
    assert error.hint == "compose2ecs restart web"


@pytest.mark.parametrize(
    ("agent", "message", "hint"),
    [
        ({"lastStatus": "PENDING"}, "is still starting", "try again"),
        ({"lastStatus": "STOPPED", "reason": "exited"}, "has stopped: exited", "ssmmessages"),
        ({"lastStatus": "STOPPED"}, "has stopped", "restart web"),
    ],
)
def test_an_agent_that_does_not_run(
    box: AgentBox, agent: dict[str, str], message: str, hint: str
) -> None:
    box.agent = agent
    error = refused(standing(box, TEXT), UnhealthyError)
    assert message in str(error)
    assert hint in error.hint


def test_no_agent_at_all(box: AgentBox) -> None:
    running = standing(box, TEXT)

    def bare(task: Body) -> None:
        for one in task["containers"]:
            del one["managedAgents"]

    box.change = bare
    assert "ECS agent 1.50.2" in refused(running, UnhealthyError).hint


def test_a_container_that_does_not_run(box: AgentBox) -> None:
    running = standing(box, TEXT)

    def stop(task: Body) -> None:
        task["containers"][0]["lastStatus"] = "STOPPED"

    box.change = stop
    assert "container web of web does not run: it is stopped" in str(
        refused(running, UnhealthyError)
    )


def test_a_read_only_file_system_is_the_likely_cause() -> None:
    text = TEXT.replace('image: "web:1"', 'image: "web:1", read_only: true')
    with (box := AgentBox()):
        up(box, text, listener="none")
        running = standing(box, text)
        assert open_session(running, "web", [], "plugin").container == "web"  # it may work
        box.agent = {"lastStatus": "STOPPED"}
        assert "read_only: false" in refused(running, UnhealthyError).hint


def test_nothing_runs(box: AgentBox) -> None:
    box.client("ecs").update_service(cluster="qa", service="p-web", desiredCount=0)
    box.clock.advance(120)
    error = refused(standing(box, TEXT), UnhealthyError)
    assert str(error) == "no task of web runs"


def test_aws_refuses_all_the_same(box: AgentBox) -> None:
    running = standing(box, TEXT)
    box.faults.fail(
        "ExecuteCommand", code="TargetNotConnectedException", message="not connected", status=400
    )
    error = refused(running, AwsError)
    assert "ssmmessages:CreateControlChannel" in error.hint
    box.faults.fail("ExecuteCommand", code="ClientException", message="else", status=400)
    assert "ssmmessages" not in refused(running, AwsError).hint


# ---------------------------------------------------------------------------- the plugin itself

STAND_IN = """#!{python}
import json, signal, sys, time
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")

def told(number, frame):
    with open({log!r}, "a") as log:
        log.write(json.dumps(["signal", number]) + "\\n")
    sys.exit(40 + number)

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, told)
print("connected", flush=True)
line = sys.stdin.readline()
if line.strip() == "wait":
    time.sleep(30)
sys.exit(int(line or 0))
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A program on PATH in the plugin's place: it notes how it was started, and says 'connected'."""
    folder = tmp_path / "bin"
    folder.mkdir()
    path = folder / "session-manager-plugin"
    path.write_text(STAND_IN.format(python=sys.executable, log=str(tmp_path / "log")))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def noted(stand_in: Path) -> list[list[Any]]:
    return [json.loads(line) for line in (stand_in.parent.parent / "log").read_text().splitlines()]


def test_the_plugin_is_looked_for(stand_in: Path, tmp_path: Path) -> None:
    assert plugin(str(stand_in.parent)) == str(stand_in)
    with pytest.raises(MissingPluginError, match="session-manager-plugin is not installed") as e:
        plugin(str(tmp_path))
    assert e.value.hint.startswith("https://docs.aws.amazon.com/systems-manager/")
    assert e.value.exit_code == 3


def test_a_plugin_that_cannot_be_started(tmp_path: Path) -> None:
    broken = tmp_path / "session-manager-plugin"
    broken.write_text("no program")
    broken.chmod(0o755)
    with pytest.raises(MissingPluginError, match="cannot be started"):
        attach([str(broken)])


ATTACH = """
import sys
from compose2ecs.app.execute import attach
sys.exit(attach(sys.argv[1:]))
"""


def attached(stand_in: Path, *words: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", ATTACH, str(stand_in), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "connected\n"
    return process


@pytest.mark.parametrize("code", [0, 7])
def test_terminal_and_exit_code_are_the_plugins(stand_in: Path, code: int) -> None:
    process = attached(stand_in, "{}", "eu-west-1")
    process.communicate(f"{code}\n", timeout=20)
    assert process.returncode == code
    assert noted(stand_in) == [["{}", "eu-west-1"]]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_are_passed_on(stand_in: Path, number: signal.Signals) -> None:
    process = attached(stand_in)
    process.send_signal(number)
    process.communicate("wait\n", timeout=20)
    assert process.returncode == 40 + number
    assert noted(stand_in)[-1] == ["signal", number]


def test_keys_are_the_containers_own(stand_in: Path) -> None:
    """In a terminal the plugin gets Ctrl-C as well as we do: it must not come twice."""
    import pty

    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", ATTACH, str(stand_in)],
        stdin=side,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "connected\n"
    process.send_signal(signal.SIGINT)
    os.write(main, b"5\n")
    process.communicate(timeout=20)
    os.close(main)
    os.close(side)
    assert process.returncode == 5
    assert noted(stand_in) == [[]]


def test_a_plugin_that_is_killed() -> None:
    assert attach([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]) == 137
