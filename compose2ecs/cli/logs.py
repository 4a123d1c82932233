"""`compose2ecs logs`."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from compose2ecs.cli.day_two import Standing, stack_options

_COLORS = ("cyan", "yellow", "green", "magenta", "blue", "bright_cyan", "bright_yellow")
_MOST = 10_000  # lines that CloudWatch gives of one stream at once


def _lines(ctx: click.Context, param: click.Parameter, value: str | None) -> int | str | None:
    """A number, or `all`."""
    if value is None or value == "all":
        return value
    if value.isascii() and value.isdigit() and int(value) <= _MOST:
        return int(value)
    raise click.BadParameter(f"{value!r} is neither a number up to {_MOST} nor `all`")


@click.command("logs")
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.option("-f", "--follow", is_flag=True, help="Go on with new lines as they come.")
@click.option(
    "--since",
    "begin",
    metavar="TIME",
    help="Lines since then: a span such as 10m or 1h30m, a date and time, or seconds since 1970.",
)
@click.option(
    "-n",
    "--tail",
    callback=_lines,
    metavar="LINES",
    help="So many lines from the end of each container's, or `all`. [default: 100 without --since]",
)
@click.option("-t", "--timestamps", is_flag=True, help="Show when each line was written, in UTC.")
@click.option("--tasks", "show_tasks", is_flag=True, help="Show which task wrote each line.")
@click.option("--no-log-prefix", "bare", is_flag=True, help="Print the lines alone.")
@stack_options
def command(
    services: tuple[str, ...],
    follow: bool,
    begin: str | None,
    tail: int | str | None,
    timestamps: bool,
    show_tasks: bool,
    bare: bool,
    **values: Any,
) -> None:
    """Show what containers write, all services in one order of time.

    Of the tasks that run, and of the one of each service that stopped last. Files are named with
    --file here, because -f follows.
    """
    from compose2ecs.app.logs import logs, since, wanted
    from compose2ecs.app.running import SHORT
    from compose2ecs.report import Compose2EcsError

    flags = Standing(values)
    color = False if values["no_color"] else sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def say(text: str) -> None:
        if not values["quiet"]:
            click.echo(text, err=True)

    with flags.ending():
        for name in services:
            if follow and name.endswith((".yaml", ".yml")):
                raise Compose2EcsError(f"{name} is no service", "-f follows here; --file names it")
        running = flags.running()
        try:
            start = since(begin, running.wall()) if begin is not None else None
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--since") from None
        what = wanted(running, services)
        number = tail if isinstance(tail, int) else None
        names = sorted({source.service for source in what.sources})
        width = max(map(len, names), default=0) + (SHORT + 1 if show_tasks else 0)
        colors = {name: _COLORS[index % len(_COLORS)] for index, name in enumerate(names)}
        lines = logs(
            running,
            what,
            start=start,
            number=number,
            everything=tail == "all",
            follow=follow,
            say=say,
        )
        try:
            for line in lines:
                head = ""
                if not bare:
                    name = f"{line.service}/{line.task[:SHORT]}" if show_tasks else line.service
                    head = click.style(f"{name:<{width}} | ", fg=colors.get(line.service))
                if timestamps:
                    head += f"{_moment(line.time)} "
                for text in line.text.split("\n"):
                    click.echo(head + text, color=color)
        except KeyboardInterrupt:
            sys.exit(130)


def _moment(milliseconds: int) -> str:
    from datetime import datetime, timezone

    moment = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


for _option in command.params:
    if _option.name == "files":
        _option.opts = ["--file"]  # as in `docker compose logs`, -f follows
