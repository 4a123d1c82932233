"""The commands as they are typed: words, flags, exit codes, and what is printed where."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from click.testing import CliRunner, Result

from compose2ecs.cli.day_two import Remote
from compose2ecs.cli.main import main
from compose2ecs.sandbox import RunningClock, Sandbox
from tests.conftest import ROOT
from tests.deploy.boxes import up
from tests.deploy.day2.stacks import SHOP
from tests.deploy.day2.test_exec import STAND_IN, TEXT, AgentBox

pytestmark = pytest.mark.slow  # each is a process of its own

# ---------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("line", "service", "words", "given"),
    [
        ("web", "web", [], {}),
        ("web ls -l", "web", ["ls", "-l"], {}),
        ("web -- ls -l", "web", ["ls", "-l"], {}),
        ("-- web ls", "web", ["ls"], {}),
        ("web --task 1 -- ls", "web", ["ls"], {"task": "1"}),
        ("--task=1 web ls --task 2", "web", ["ls", "--task", "2"], {"task": "1"}),
        ("web --task 1 ls", "web", ["ls"], {"task": "1"}),
        ("-it web sh", "web", ["sh"], {"usual": True}),
        ("-e A=1 -eB=2 web env -e x", "web", ["env", "-e", "x"], {"env": ("A=1", "B=2")}),
        ("-ie A web env", "web", ["env"], {"env": ("A",), "usual": True}),
        ("web sh -c -- x", "web", ["sh", "-c", "--", "x"], {}),
        ("web - x", "web", ["-", "x"], {}),
    ],
)
def test_words(line: str, service: str, words: list[str], given: dict[str, Any]) -> None:
    @click.command(cls=Remote)
    @click.argument("service")
    @click.argument("words", nargs=-1)
    @click.option("--task")
    @click.option("-e", "--env", multiple=True)
    @click.option("-i", "-t", "usual", is_flag=True)
    def command(**values: Any) -> None:
        click.echo(json.dumps(values))

    result = CliRunner().invoke(command, line.split())
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    expected: dict[str, Any] = {"task": None, "env": (), "usual": False, **given}
    assert found == {**json.loads(json.dumps(expected)), "service": service, "words": words}


def test_words_that_are_no_options() -> None:
    result = CliRunner().invoke(main, ["exec", "--nope", "web"])
    assert result.exit_code == 2
    assert "No such option" in result.output
    result = CliRunner().invoke(main, ["run"])
    assert result.exit_code == 2
    result = CliRunner().invoke(main, ["run", "web", "--help"])
    assert result.exit_code == 0
    assert "Run a task" in result.output


# ---------------------------------------------------------------------------- a stack to type at


class Served(NamedTuple):
    """A sandbox with a stack, and how to type at it."""

    box: Sandbox
    folder: Path
    environment: dict[str, str]

    def type(self, *words: str, stdin: str | None = None) -> Result:
        """Type a command in this process."""
        before = os.getcwd()
        os.chdir(self.folder)
        try:
            return CliRunner().invoke(main, list(words), env=self.environment, input=stdin)
        finally:
            os.chdir(before)

    def start(self, *words: str, path: str = "") -> subprocess.Popen[str]:
        """Type a command in another process."""
        return subprocess.Popen(
            [sys.executable, "-m", "compose2ecs", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={
                **os.environ,
                **self.environment,
                "PYTHONPATH": str(ROOT),
                "PATH": path or os.environ["PATH"],
            },
        )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("p")
    (folder / "compose.yaml").write_text("name: p\n" + SHOP)
    with Sandbox(clock=RunningClock(100.0)) as box:
        up(box, SHOP)
        environment = {**box.environment(box.serve()), "COMPOSE2ECS_CLUSTER": box.cluster}
        yield Served(box, folder, environment)


def test_ps(served: Served) -> None:
    result = served.type("ps")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].split() == [
        "SERVICE", "REVISION", "TASKS", "STATUS", "IMAGE", "TARGETS", "REACHED", "AT",
    ]  # fmt: skip
    assert lines[1].split()[:5] == ["web", "p-web:1", "1/1", "steady", "web:1"]
    assert lines[1].endswith("http://p.qa.example.com/")
    data = json.loads(served.type("ps", "--format", "json", "worker").stdout)
    assert [row["service"] for row in data["services"]] == ["worker"]
    assert "\x1b" not in result.stdout


def test_ps_of_nothing(served: Served) -> None:
    result = served.type("ps", "-p", "other")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("other has no services on qa")


def test_errors_and_exit_codes(served: Served) -> None:
    result = served.type("ps", "wbe")
    assert result.exit_code == 1
    assert result.stderr == "error: there is no service 'wbe'\n  hint: did you mean 'web'?\n"
    result = served.type("restart", "--cluster", "nowhere")
    assert result.exit_code == 3
    assert "ClusterNotFoundException" in result.stderr
    result = served.type("ps", "-f", "nothing.yaml")
    assert result.exit_code == 1
    assert "nothing.yaml" in result.stderr
    bare = served._replace(environment={**served.environment, "COMPOSE2ECS_CLUSTER": ""})
    result = bare.type("logs")
    assert result.exit_code == 1
    assert "<cluster> is not known: --cluster" in result.stderr


def test_foreign_services_are_exit_5(served: Served) -> None:
    for words in (["ps", "web"], ["scale", "web=2"], ["restart"], ["run", "web"], ["logs", "web"]):
        result = served.type(*words, "-p", "q", "--names", "p-{service}")
        assert result.exit_code == 5, result.output
        assert "p-web is not this stack's: it belongs to the stack 'p'" in result.stderr


def test_logs(served: Served) -> None:
    result = served.type("logs")
    assert result.exit_code == 0, result.output
    assert sorted(set(result.stdout.splitlines())) == [
        "cache  | cache started",
        "web    | web started",
        "worker | worker started",
    ]
    assert served.type("logs", "web", "--no-log-prefix").stdout == "web started\n"
    stamped = served.type("logs", "-t", "web").stdout
    assert stamped.startswith("web | 20")
    assert stamped.split()[2].endswith("Z")
    task = served.box.tasks("p-web")[0].id[:8]
    assert served.type("logs", "--tasks", "web").stdout == f"web/{task} | web started\n"
    assert served.type("logs", "-n", "0").stdout == ""
    assert served.type("logs", "--tail", "all", "web").stdout == "web | web started\n"
    late = served.type("logs", "--since", "2099-01-01", "web")
    assert (late.stdout, late.stderr) == ("", "nothing was written since then\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--since", "yesterday"], "neither a span"),
        (["--tail", "many"], "neither a number"),
        (["--tail", "10001"], "neither a number"),
    ],
)
def test_logs_that_are_asked_for_in_vain(served: Served, words: list[str], said: str) -> None:
    result = served.type("logs", *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_f_follows(served: Served) -> None:
    result = served.type("logs", "-f", "compose.yaml")
    assert result.exit_code == 1
    assert "--file names it" in result.stderr
    assert served.type("logs", "--file", "compose.yaml", "web").stdout == "web | web started\n"
    process = served.start("logs", "-f", "-n", "1", "web")
    assert process.stdout is not None
    assert process.stdout.readline() == "web | web started\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")


def test_scale(served: Served) -> None:
    result = served.type("scale", "worker=3", "--no-wait")
    assert result.exit_code == 0, result.output
    assert result.stderr == "service p-worker: 2 -> 3 tasks\n"
    assert served.box.service("p-worker").desired == 3
    result = served.type("scale", "worker=2", "--no-wait", "-q")
    assert (result.exit_code, result.output) == (0, "")
    assert served.type("scale", "worker").exit_code == 2
    assert served.type("scale").exit_code == 2


def test_restart(served: Served) -> None:
    before = served.box.service("p-worker").primary.id
    result = served.type("restart", "worker", "--no-wait")
    assert result.exit_code == 0, result.output
    assert result.stderr == "service p-worker: its tasks are replaced\n"
    assert served.box.service("p-worker").primary.id != before


def test_rollback() -> None:
    changed = SHOP.replace("worker:1", "worker:2").replace("web:1", "web:2")
    with Sandbox(clock=RunningClock(1000.0)) as box:
        up(box, SHOP)
        up(box, changed)
        folder = ROOT / "tests" / "deploy"
        environment = {**box.environment(box.serve()), "COMPOSE2ECS_CLUSTER": box.cluster}
        there = Served(box, folder, environment)
        files = ["-f", "-", "-p", "p"]
        result = there.type("rollback", "--dry-run", *files, stdin=changed)
        assert result.exit_code == 0, result.output
        assert result.stdout.splitlines()[0].startswith("web: p-web:2 -> p-web:1 (")
        assert "    containers.worker.image: worker:2 -> worker:1" in result.stdout
        assert box.service("p-web").body["taskDefinition"].endswith(":2")
        result = there.type("rollback", *files, stdin=changed)
        assert result.exit_code == 2
        assert "say -y" in result.stderr
        assert box.service("p-web").body["taskDefinition"].endswith(":2")
        assert there.type("rollback", "--to", "1", *files, stdin=changed).exit_code == 2
        result = there.type("rollback", "-y", "--no-wait", *files, stdin=changed)
        assert result.exit_code == 0, result.output
        assert "the next `up` goes forward again" in result.stderr
        assert box.service("p-web").body["taskDefinition"].endswith(":1")
        assert box.service("p-worker").body["taskDefinition"].endswith(":1")
        result = there.type("rollback", "web", *files, stdin=changed)
        assert result.exit_code == 1
        assert "there is no revision before p-web:1" in result.stderr


def test_run_detached(served: Served) -> None:
    result = served.type(
        "run", "-d", "-e", "A=1", "-e", "HOME", "-e", "NOT_SET_HERE", "worker", "x"
    )
    assert result.exit_code == 0, result.output
    task = served.box.world.ecs.tasks[
        f"arn:aws:ecs:eu-west-1:{served.box.account}:task/qa/{result.stdout.strip()}"
    ]
    (override,) = task.overrides["containerOverrides"]
    assert {one["name"] for one in override["environment"]} == {"A", "HOME"}
    assert served.type("run", "-e", "=1", "worker").exit_code == 2


@pytest.mark.slow
def test_run_to_the_end(served: Served) -> None:
    served.box.behave("redis:*", exit_code=42, after=5, output=("one", "two"))
    result = served.type("run", "cache", "migrate", "--all")
    served.box.behave_well()
    assert result.exit_code == 42, result.output
    assert result.stdout == "one\ntwo\n"
    assert ": stopped\n" in result.stderr


@pytest.mark.slow
def test_run_is_stopped_by_a_key(served: Served) -> None:
    served.box.world.pace.job = 100_000
    process = served.start("run", "cache", "sleep", "1000")
    assert process.stdout is not None
    assert process.stdout.readline() == "cache started\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "asked to stop" in err
    assert ": stopped\n" in err
    served.box.world.pace.job = 5


def test_exec_without_the_plugin(served: Served, tmp_path: Path) -> None:
    process = served.start("exec", "web", path=str(tmp_path))
    _, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert err.startswith("error: session-manager-plugin is not installed")
    assert "https://docs.aws.amazon.com/systems-manager/" in err


def test_exec_says_what_is_missing(served: Served, tmp_path: Path) -> None:
    path = tmp_path / "session-manager-plugin"
    path.write_text(STAND_IN.format(python=sys.executable, log=str(tmp_path / "log")))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    process = served.start("exec", "web", "ls", path=str(tmp_path))
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "ECS Exec needs a task role, and web has none" in err
    assert not (tmp_path / "log").exists()


def test_exec_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "session-manager-plugin"
    path.write_text(STAND_IN.format(python=sys.executable, log=str(tmp_path / "log")))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "compose.yaml").write_text("name: p\n" + TEXT)
    with AgentBox() as box:
        up(box, TEXT, listener="none")
        url = box.serve()
        environment = {**box.environment(url), "COMPOSE2ECS_CLUSTER": box.cluster}
        process = Served(box, tmp_path, environment).start(
            "exec", "web", "ls", "-l", path=str(tmp_path)
        )
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, "connected\n", "")
        ((answer, region, operation, profile, target, endpoint),) = [
            json.loads(line) for line in (tmp_path / "log").read_text().splitlines()
        ]
        (call,) = [call for call in box.calls if call.operation == "ExecuteCommand"]
        assert call.request["command"] == "ls -l"
        assert json.loads(answer)["sessionId"].startswith("ecs-execute-command-")
        assert json.loads(target)["Target"].startswith("ecs:qa_")
        assert (region, operation, profile, endpoint) == ("eu-west-1", "StartSession", "", url)
