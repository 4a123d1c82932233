"""The commands as a user runs them: processes of their own that talk HTTP to the sandbox."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from compose2ecs.sandbox import RunningClock, Sandbox

pytestmark = pytest.mark.slow  # each is a process of its own

TEXT = """
services:
  web:
    image: "web:1"
    ports: ["80:8080"]
    environment: {DB_PASSWORD: hunter2}
  db: {image: "postgres:16"}
x-ecs: {roles: {execution: ecsTaskExecutionRole}}
"""


class Place(NamedTuple):
    """A folder with a compose file, and the sandbox that it goes to."""

    folder: Path
    box: Sandbox
    environment: dict[str, str]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "compose2ecs", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        assert process.returncode == code, err
        assert "Traceback" not in err
        return out, err

    def write(self, text: str) -> None:
        (self.folder / "compose.yaml").write_text(text)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Sandbox(clock=RunningClock(speed=200)) as box:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "COMPOSE_", "COMPOSE2ECS_"))
            and not name.lower().endswith("_proxy")
        }
        given = {
            "COMPOSE2ECS_CLUSTER": box.cluster,
            "COMPOSE2ECS_LISTENER": box.listener,
            "COMPOSE2ECS_DOMAIN": "qa.example.com",
            "COMPOSE2ECS_DISCOVERY": "none",
            "COMPOSE_PROJECT_NAME": "p",
        }
        environment = {**kept, **given, **box.environment(box.serve())}
        made = Place(tmp_path, box, environment)
        made.write(TEXT)
        yield made


def test_from_nothing_to_nothing(place: Place) -> None:
    out, _ = place.run("plan", "--exit-code", code=10)
    assert "+ service p-web" in out
    out, err = place.run("up")
    assert out == "http://p.qa.example.com/\n"
    assert "service p-web: 1 of 1 running, stable" in err
    assert "hunter2" not in out + err
    out, _ = place.run("plan", "--exit-code")
    assert out == "p on qa (us-east-1): nothing to change\n".replace("us-east-1", place.box.region)
    place.write(TEXT.replace("hunter2", "hunter3"))
    out, _ = place.run("plan", "--format", "json", "--out", "plan.json")
    (change,) = json.loads(out)["changes"]
    assert change["differences"] == [
        {"path": "containers.web.environment.DB_PASSWORD", "old": "***", "new": "***"}
    ]
    assert stat.S_IMODE((place.folder / "plan.json").stat().st_mode) == 0o600
    place.run("up", "--plan", "plan.json", "--no-wait")
    _, err = place.run("up", "--plan", "plan.json", code=5)
    assert "is not what the plan was made for" in err
    out, err = place.run("down", "--dry-run")
    assert "- service p-web" in out
    _, err = place.run("down")
    assert "kept the log group p" in err
    assert place.box.client("ecs").list_services(cluster="qa")["serviceArns"] == []
    assert place.box.client("elbv2").describe_target_groups()["TargetGroups"] == []
    _, err = place.run("down", "--logs")
    assert place.box.client("logs").describe_log_groups()["logGroups"] == []


def test_errors_end_with_their_exit_codes(place: Place) -> None:
    _, err = place.run("up", "--plan", "nothing.json", code=1)
    assert "nothing.json is no plan" in err
    _, err = place.run("up", "wbe", code=1)
    assert "there is no service 'wbe'" in err
    _, err = place.run("up", "--cluster", "other", code=3)
    assert "ClusterNotFoundException" in err
    assert "look at --cluster and --region" in err
    place.environment.pop("COMPOSE2ECS_CLUSTER")
    _, err = place.run("up", code=1)
    assert "<cluster> is not known: --cluster or x-ecs" in err
    place.run("up", "--timeout", "0", code=2)
    assert [call for call in place.box.calls if call.operation.startswith("Create")] == []


def test_a_deployment_that_fails_is_exit_4(place: Place) -> None:
    place.box.behave("web:1", exit_code=3, output=("no database",))
    _, err = place.run("up", code=4)
    assert "container web: exit code 3" in err
    assert "web | no database" in err
    assert "mend it and run `up` again" in err


@pytest.mark.parametrize("number", [2, 5, 8])
def test_a_process_that_is_killed(place: Place, number: int) -> None:
    process = place.start("up", "--no-wait")
    place.box.kills(process.pid)
    place.box.faults.kill(number, "after", "writes")
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    place.box.faults.clear()
    place.run("up", "--no-wait")
    out, _ = place.run("plan")
    assert "nothing to change" in out
    assert len(place.box.client("ecs").list_services(cluster="qa")["serviceArns"]) == 2
    assert len(place.box.client("elbv2").describe_target_groups()["TargetGroups"]) == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_process_that_is_stopped(place: Place, how: signal.Signals) -> None:
    place.box.latency = 0.3
    process = place.start("up")
    deadline = time.monotonic() + 60
    while not any(c.operation == "RegisterTaskDefinition" for c in place.box.calls):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "nothing was undone" in err
    assert "Traceback" not in err
    place.box.latency = 0
    place.run("up", "--no-wait")
    assert "nothing to change" in place.run("plan")[0]
