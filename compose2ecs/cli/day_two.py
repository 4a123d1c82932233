"""What the commands on a stack that runs share: where it is, and how they take their words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from compose2ecs.app.deployment import open_account
from compose2ecs.app.running import Running, open_running
from compose2ecs.app.settle import Hear, Update
from compose2ecs.aws.session import Where
from compose2ecs.cli.deploying import Flags, Progress
from compose2ecs.cli.options import (
    aws_options,
    project_options,
    report_options,
    setting_options,
    settings_given,
)
from compose2ecs.settings import SETTINGS

F = TypeVar("F", bound=Callable[..., Any])


def stack_options(command: F) -> F:
    """The flags by which the stack is found: those of `up`, so that one line of them does for all
    commands."""
    return project_options(setting_options(aws_options(report_options(command))))


def waiting_options(command: F) -> F:
    """Whether, and for how long, to wait until what was asked for is so."""
    command = click.option(
        "--timeout",
        type=click.IntRange(min=1),
        default=600,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait.",
    )(command)
    return click.option(
        "--wait/--no-wait", default=True, help="Wait until the new tasks are healthy."
    )(command)


class Standing(Flags):
    """The flags of a command on a stack that runs."""

    def running(self) -> Running:
        """Read the project's files and find out where its stack is. What the files leave to be said
        is `convert`'s to tell."""
        from compose2ecs.api import load

        values = self.values
        self.project = load(
            *values["files"],
            project_name=values["project_name"],
            project_directory=values["project_directory"],
            profiles=values["profiles"],
            env_files=values["env_files"],
            legacy=not values["no_legacy"],
            report=self.report,
        )
        self.given = settings_given({setting.name: values[setting.name] for setting in SETTINGS})
        where = Where(
            profile=values["aws_profile"],
            role_arn=values["role_arn"],
            endpoint_url=values["endpoint_url"],
        )
        account = open_account(self.given, where)
        return open_running(self.project, self.given, account, self.report)

    def job(self, running: Running, key: str) -> dict[str, Any]:
        """How the file says that something is run once: the only thing that has to be translated."""
        from compose2ecs.api import translate
        from compose2ecs.app.run_once import job_request
        from compose2ecs.ecs.target import target_of

        target = target_of(self.project, self.given, self.report)
        stack = translate(self.project, target, self.report)
        return job_request(stack, running.place.once[key])


class Settling(Progress):
    """Tells how services come to be what was asked for."""

    def sent(self, update: Update) -> None:
        self.say(f"service {update.live.name}: {update.why}")

    @property
    def hear(self) -> Hear:
        return Hear(self.sent, self.state, self.say)


class Remote(click.Command):
    """A command whose last words are a command of their own: `NAME [OPTIONS] SERVICE [CMD]...`.

    Everything from the first word after SERVICE that is no option of ours belongs to CMD, with or
    without a `--` in front, so that `exec web ls -l` needs no quoting.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._sorted(ctx, args))

    def _sorted(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Our options, then a `--`, then the words."""
        takes = {
            name: not (option.is_flag or option.count)
            for option in self.get_params(ctx)
            if isinstance(option, click.Option)
            for name in (*option.opts, *option.secondary_opts)
        }
        options: list[str] = []
        service: list[str] = []
        left = list(args)
        while left:
            word = left.pop(0)
            if word == "--":
                break
            if word.startswith("-") and word != "-":
                options.append(word)
                if "=" not in word and takes.get(_last(word, takes)) and left:
                    options.append(left.pop(0))
            elif service:
                left.insert(0, word)
                break
            else:
                service = [word]
        return [*options, "--", *service, *left]


def _last(word: str, takes: dict[str, bool]) -> str:
    """The option that a following value is for: of `-de`, it is `-e`."""
    if word in takes or word.startswith("--"):
        return word
    for index, letter in enumerate(word[1:], 1):
        if takes.get(f"-{letter}"):
            # the rest of the word is its value already, if there is a rest
            return f"-{letter}" if index == len(word) - 1 else ""
    return ""
