"""What the commands on a stack share: its account, how errors end them, how progress is told."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from compose2ecs.app.deployment import Deployment, open_account, prepare
from compose2ecs.apply.run import DONE, FAILED, NOTE, START, Event
from compose2ecs.apply.wait import State
from compose2ecs.aws.session import Where
from compose2ecs.cli.options import settings_given
from compose2ecs.cli.show import show
from compose2ecs.plan.model import Change, Plan
from compose2ecs.plan.show import lines, title
from compose2ecs.report import Compose2EcsError, Diagnostic, InputError, Report
from compose2ecs.settings import SETTINGS

if TYPE_CHECKING:
    from compose2ecs.app.up import Health


class Flags:
    """The flags that every such command takes, as click hands them over."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.report = Report(strict=values["strict"])

    def deployment(self) -> Deployment:
        """Read and translate the project, and open its account. Shows what there is to say."""
        from compose2ecs.api import load

        values = self.values
        project = load(
            *values["files"],
            project_name=values["project_name"],
            project_directory=values["project_directory"],
            profiles=values["profiles"],
            env_files=values["env_files"],
            legacy=not values["no_legacy"],
            ecs_params=values.get("ecs_params"),
            report=self.report,
        )
        given = settings_given({setting.name: values[setting.name] for setting in SETTINGS})
        where = Where(
            profile=values["aws_profile"],
            role_arn=values["role_arn"],
            endpoint_url=values["endpoint_url"],
        )
        account = open_account(given, where)
        found = prepare(project, given, account, self.report, image_tag=values["image_tag"])
        self.show_report()
        return found

    def show_report(self, diagnostics: Iterable[Diagnostic] | None = None) -> None:
        """Show what there is to say of the files, but in text not what was decided: that is
        `convert`'s to tell, and would hide what happens."""
        values = self.values
        said = self.report if diagnostics is None else diagnostics
        quiet = values["quiet"] or values["report_format"] == "text"
        show(said, values["report_format"], quiet=quiet, color=self.color)

    @property
    def color(self) -> bool | None:
        return False if self.values["no_color"] else None

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Every error of ours is a message and an exit code; so is being stopped."""
        before = signal.signal(signal.SIGTERM, _stop)
        try:
            yield
        except InputError as error:
            self.show_report(error.diagnostics)
            sys.exit(error.exit_code)
        except Compose2EcsError as error:
            tell_error(error)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("stopped; nothing was undone", err=True)
            sys.exit(130)
        finally:
            signal.signal(signal.SIGTERM, before)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def tell_error(error: Compose2EcsError) -> None:
    """An error that has no place in a file."""
    click.echo(f"error: {error}", err=True)
    if error.hint:
        click.echo(f"  hint: {error.hint}", err=True)


def tell_plan(plan: Plan, *, err: bool = False) -> None:
    """A plan as text."""
    for line in lines(plan):
        click.echo(line, err=err)


_VERBS = {
    "register-task-definition": "registered its task definition",
    "create-service": "created",
    "update-service": "updated",
    "delete-service": "deleted",
    "create-target-group": "created",
    "modify-target-group": "changed",
    "delete-target-group": "deleted",
    "create-rule": "created",
    "modify-rule": "changed",
    "set-priorities": "moved",
    "delete-rule": "deleted",
    "create-log-group": "there",
    "create-namespace": "there",
    "delete-namespace": "deleted",
    "delete-log-group": "deleted",
    "run-once": "ended",
    "create-schedule": "created",
    "update-schedule": "changed",
    "delete-schedule": "deleted",
}
FAILS = "failed"
_WAITS = {
    "wait-gone": "waiting until its tasks have stopped",
    "wait-stable": "waiting until it is healthy",
    "run-once": "running",
}


class Progress:
    """Tells line by line what happens, on standard error. Something to be in while it happens."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._last: dict[str, str] = {}
        self._registered: set[str] = set()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to put back."""

    def event(self, event: Event) -> None:
        """Something was begun, done, or said."""
        if event.kind == NOTE:
            self.say(event.text)
        if event.change is None or event.call is None:
            return
        operation = event.call.operation
        if event.kind == START and operation in _WAITS:
            self.step(event.change, _WAITS[operation])
        elif event.kind == DONE and operation in _VERBS:
            if operation != "register-task-definition" or event.change.name not in self._registered:
                self.step(event.change, _VERBS[operation])
        elif event.kind == FAILED:
            self.step(event.change, FAILS)

    def step(self, change: Change, text: str) -> None:
        """How far a change is."""
        if text == FAILS:
            click.echo(f"{title(change)}: {text}", err=True)
        else:
            self.say(f"{title(change)}: {text}")

    def revision(self, name: str, old: str | None, new: str) -> None:
        """A service has a new revision, which runs when it is created or updated."""
        self._registered.add(name)
        instead = f" in place of {short(old)}" if old else ""
        self.say(f"service {name}: registered {short(new)}{instead}")

    def state(self, name: str, state: State) -> None:
        """How far a service is; told when it changes."""
        text = f"{state.running} of {state.desired} running, {state.reason}"
        if state.stable:
            text = f"{state.running} of {state.desired} running, stable"
        elif state.failed:
            text = f"failed: {state.reason}"
        self.say_once(f"service {name}", text)

    def health(self, name: str, group: str, health: Health) -> None:
        """How the targets of a service are; told when it changes."""
        self.say_once(f"target group {group}", health_text(health))

    def say_once(self, what: str, text: str) -> None:
        """Say how something is, unless it was so the last time."""
        if self._last.get(what) != text:
            self._last[what] = text
            self.say(f"{what}: {text}")

    def say(self, text: str) -> None:
        if not self._quiet:
            click.echo(text, err=True)


def progress_on(plan: Plan, values: Mapping[str, Any]) -> Progress:
    """How a command tells what it does: as a table that changes where people look on, else line by
    line. `values` are its flags."""
    if values["quiet"] or (not plan.calls and not plan.expected) or not on_terminal():
        return Progress(quiet=values["quiet"])
    from compose2ecs.cli.live import Table

    return Table(plan, no_color=values["no_color"])


def on_terminal() -> bool:
    """Whether standard error is a terminal on which lines can be written again."""
    return sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def health_text(health: Health) -> str:
    """Counts of targets in words."""
    starting = f", {health.initial} initial" if health.initial else ""
    return f"{health.healthy} healthy, {health.unhealthy} unhealthy{starting}"


def short(revision: str) -> str:
    """A revision as people name it.

    >>> short("arn:aws:ecs:eu-west-1:111122223333:task-definition/web:3")
    'web:3'
    """
    return revision.rpartition("/")[2]
