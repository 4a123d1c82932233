"""`compose2ecs exec`."""

from __future__ import annotations

import sys
from typing import Any

import click

from compose2ecs.cli.day_two import Remote, Standing, stack_options


@click.command("exec", cls=Remote)
@click.argument("service")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[CMD]...")
@click.option("--task", metavar="ID", default="", help="The beginning of the task's id.")
@click.option("--container", metavar="NAME", default="", help="Another container of its task.")
@click.option("-i", "-t", "-T", "usual", is_flag=True, hidden=True)
@stack_options
def command(
    service: str, words: tuple[str, ...], task: str, container: str, usual: bool, **values: Any
) -> None:
    """Run a command in a container that runs; /bin/sh without one.

    By ECS Exec: it needs x-ecs: {execute_command: true}, a task role, and AWS's
    session-manager-plugin on this machine. Exits as the plugin does.
    """
    from compose2ecs.app.execute import attach, open_session, plugin

    flags = Standing(values)
    with flags.ending():
        program = plugin()
        session = open_session(
            flags.running(), service, words, program, task=task, container=container
        )
        code = attach(session.command)
    sys.exit(code)
