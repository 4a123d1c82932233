"""Progress, as a table for terminals and as lines for everything else."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from rich.console import Console

from compose2ecs.app.down import down as down_app
from compose2ecs.app.down import plan_down
from compose2ecs.app.plan import Planned, make_plan
from compose2ecs.app.up import Health, Hear, Options
from compose2ecs.app.up import up as up_app
from compose2ecs.apply.wait import State
from compose2ecs.cli.deploying import Progress, on_terminal, progress_on
from compose2ecs.cli.live import Table
from compose2ecs.plan.errors import UnhealthyError
from compose2ecs.sandbox import Sandbox
from tests.conftest import ROOT
from tests.deploy.boxes import deployment
from tests.deploy.fakes import FakeAws
from tests.deploy.running import deployment as fake_deployment
from tests.deploy.running import services
from tests.deploy.test_commands import Place, place  # noqa: F401 - a fixture

TEXT = """
services:
  web: {image: "web:1", ports: ["80:8080"]}
  db: {image: "postgres:16"}
x-ecs: {roles: {execution: ecsTaskExecutionRole}}
"""
CHANGED = TEXT.replace("web:1", "web:2")


class Screen:
    """A console whose text is kept: what scrolled by, and the table as it stood at the end."""

    def __init__(self, *, height: int = 40, **given: Any) -> None:
        self.console = Console(
            file=io.StringIO(),
            record=True,
            force_terminal=True,
            color_system="standard",
            width=160,
            height=height,
            **given,
        )

    @property
    def lines(self) -> list[str]:
        # where the cursor goes up the text goes on in the same line, behind what turns
        said = self.console.export_text(clear=False)
        return re.sub("[\u2800-\u28ff]", "\n", said).splitlines()

    @property
    def raw(self) -> str:
        file = self.console.file
        assert isinstance(file, io.StringIO)
        return file.getvalue()

    def table(self) -> list[list[str]]:
        """The last table, cell by cell, without its heading."""
        found = self.lines
        start = max(i for i, line in enumerate(found) if line.startswith("service "))
        assert found[start].split() == ["service", "revision", "tasks", "targets"]
        return [[cell for cell in line.split("  ") if cell] for line in found[start + 1 :]]


@contextmanager
def shown(planned: Planned, screen: Screen | None) -> Iterator[Progress]:
    with Table(planned.plan, console=screen.console) if screen else Progress(quiet=False) as told:
        yield told


def run_up(box: Sandbox, text: str, screen: Screen | None) -> None:
    there = deployment(box, text, discovery="none")
    planned = make_plan(there)
    with shown(planned, screen) as told:
        hear = Hear(told.revision, told.state, told.health, told.say)
        for event in up_app(there, planned, Options(), hear=hear):
            told.event(event)


def stripped(cells: list[list[str]]) -> list[list[str]]:
    return [[cell.strip() for cell in row] for row in cells]


def test_a_table_on_terminals() -> None:
    with Sandbox() as box:
        screen = Screen()
        run_up(box, TEXT, screen)
        assert stripped(screen.table()) == [
            ["p-db", "p-db:1", "1/1", "stable"],
            ["p-web", "p-web:1", "1/1", "1 healthy, 0 unhealthy", "stable"],
        ]
        assert "target group p-web: created" in screen.lines
        assert any("has reached a steady state" in line for line in screen.lines)
        screen = Screen()
        run_up(box, CHANGED, screen)
        assert stripped(screen.table()) == [
            ["p-web", "p-web:1 → 2", "1/1", "1 healthy, 0 unhealthy", "stable"]
        ]
        there = deployment(box, CHANGED, discovery="none")
        planned = plan_down(there)
        screen = Screen()
        with shown(planned, screen) as told:
            for event in down_app(there, planned):
                told.event(event)
        assert stripped(screen.table()) == [["p-db", "gone"], ["p-web", "gone"]]
        assert any(re.fullmatch("listener rule .*web.*: deleted", line) for line in screen.lines)


def test_lines_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox() as box:
        run_up(box, TEXT, None)
        said = capsys.readouterr().err.splitlines()
        for line in (
            "service p-web: registered p-web:1",
            "service p-web: created",
            "service p-web: 1 of 1 running, stable",
            "target group p-web: 1 healthy, 0 unhealthy",
        ):
            assert said.count(line) == 1, line
        assert any("has reached a steady state" in line for line in said)
        run_up(box, CHANGED, None)
        said = capsys.readouterr().err.splitlines()
        assert "service p-web: registered p-web:2 in place of p-web:1" in said
        assert "service p-web: updated" in said
        assert not [line for line in said if "p-db" in line]
        run_up(box, CHANGED, None)
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize("live", [True, False], ids=["table", "lines"])
def test_a_failure_with_the_health_of_its_targets(
    live: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with Sandbox() as box:
        run_up(box, TEXT, None)
        capsys.readouterr()
        box.behave("web:2", port_closed=True)
        screen = Screen()
        done = len(box.calls)
        with pytest.raises(UnhealthyError):
            run_up(box, CHANGED, screen if live else None)
        asked = [c for c in box.calls[done:] if c.operation == "DescribeTargetHealth"]
        assert len(asked) == 1
        said = "\n".join(screen.lines) if live else capsys.readouterr().err
        assert "healthy, " in said
        assert "failed: " in said
        assert ("p-web:1 → 2" if live else "registered p-web:2 in place of p-web:1") in said


def test_no_table_for_nothing() -> None:
    with Sandbox() as box:
        run_up(box, TEXT, None)
        screen = Screen()
        run_up(box, TEXT, screen)
        assert "".join(screen.lines).strip() == ""


def state(running: int, desired: int, reason: str = "", **given: Any) -> State:
    given = {"stable": False, "failed": False, **given}
    return State(reason=reason, running=running, desired=desired, service={}, **given)


def test_what_is_not_done_stands_first_where_there_is_little_room() -> None:
    planned = make_plan(fake_deployment(FakeAws(), services(12, 0)))
    screen = Screen(height=9)
    with Table(planned.plan, console=screen.console) as told:
        for index in range(11):
            told.state(f"p-s{index:02d}", state(1, 1, stable=True))
        told.state("p-s11", state(0, 1, "its deployment is in progress"))
        told.say("[bold]this[/bold] is no markup")
        told.say("next")
        begun = screen.lines
        assert "[bold]this[/bold] is no markup" in begun
        start = max(i for i, line in enumerate(begun) if line.startswith("service "))
        drawn = [line.split()[0] for line in begun[start + 1 : start + 4]]
        assert drawn == ["p-s11", "p-s00", "p-s01"]
        assert any(line.strip() == "and 9 more" for line in begun)
    assert len(screen.table()) == 12


def test_colours_and_none(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = make_plan(fake_deployment(FakeAws(), services(1, 0)))

    def drawn(screen: Screen) -> str:
        with Table(planned.plan, console=screen.console) as told:
            told.state("p-s00", state(1, 1, stable=True))
            told.health("p-s00", "p-s00", Health(1, 2, 3))
        assert stripped(screen.table()) == [
            ["p-s00", "1/1", "1 healthy, 2 unhealthy, 3 initial", "stable"]
        ]
        return screen.raw

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[32mstable" in drawn(Screen())
    assert "\x1b[32m" not in drawn(Screen(no_color=True))
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in drawn(Screen())


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_which_form(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan(fake_deployment(FakeAws(), services(1, 0))).plan
    flags = {"quiet": False, "no_color": False}
    monkeypatch.setenv("TERM", "xterm")
    assert type(progress_on(plan, flags)) is Progress  # nobody looks
    monkeypatch.setattr(sys, "stderr", _Terminal())
    assert type(progress_on(plan, flags)) is Table
    assert type(progress_on(plan, {**flags, "quiet": True})) is Progress
    monkeypatch.setenv("NO_COLOR", "1")
    made = progress_on(plan, flags)
    assert isinstance(made, Table)
    assert made.console.no_color
    monkeypatch.setenv("TERM", "dumb")
    assert not on_terminal()


def test_rich_is_imported_for_terminals_alone() -> None:
    code = (
        "import sys\n"
        "from compose2ecs.cli import up, down, plan, deploying\n"
        "from compose2ecs.app import up as u\n"
        "assert not [m for m in sys.modules if m.split('.')[0] == 'rich']\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals")
def test_on_a_real_terminal(place: Place) -> None:  # noqa: F811
    ours, theirs = os.openpty()
    heard: list[bytes] = []

    def listen() -> None:
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                return
            if not part:
                return
            heard.append(part)

    thread = threading.Thread(target=listen)
    thread.start()
    environment = {**place.environment, "TERM": "xterm", "COLUMNS": "120", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "compose2ecs", "up"],
        cwd=place.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=theirs,
        timeout=120,
        check=False,
    )
    os.close(theirs)
    thread.join(20)
    os.close(ours)
    said = b"".join(heard).decode()
    assert done.returncode == 0, said
    assert done.stdout == b"http://p.qa.example.com/\n"
    assert "Plan: " in said
    assert "1 healthy, 0 unhealthy" in said
    assert "\x1b[32m" not in said
    assert said.rstrip().endswith("\x1b[?25h")  # the cursor is there again
