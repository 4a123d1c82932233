"""`compose2ecs run`."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from compose2ecs.cli.day_two import Remote, Standing, stack_options


@click.command("run", cls=Remote)
@click.argument("service")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[CMD]...")
@click.option(
    "-e",
    "--env",
    "variables",
    multiple=True,
    metavar="KEY[=VALUE]",
    help="Set a variable of its environment; without a value, to this machine's.",
)
@click.option("-d", "--detach", is_flag=True, help="Print the task's id, and do not wait.")
@click.option("-i", "-t", "-T", "--rm", "usual", is_flag=True, hidden=True)
@stack_options
def command(
    service: str,
    words: tuple[str, ...],
    variables: tuple[str, ...],
    detach: bool,
    usual: bool,
    **values: Any,
) -> None:
    """Run a task of the service's current revision once, and exit as its container does.

    CMD is in the place of the service's own command. It is put where the service's tasks are, and
    its lines are printed as they come. Ctrl-C stops the task.
    """
    from compose2ecs.app.run_once import Follow, request, start
    from compose2ecs.app.running import SHORT, task_id

    flags = Standing(values)

    def tell(text: str) -> None:
        if not values["quiet"]:
            click.echo(text, err=True)

    with flags.ending():
        environment = _environment(variables)
        running = flags.running()
        job = flags.job(running, service) if service in running.place.once else None
        body, planned = request(running, service, words, environment, job)
        for note in planned.notes:
            tell(f"{service}: {note}")
        try:
            started = start(running, body, planned)
        except KeyboardInterrupt:
            tell("the task may have been started: compose2ecs ps tells")
            raise
        id_ = task_id(started.arn)
        if detach:
            click.echo(id_)
            return
        follow = Follow(running, started)
        if follow.elsewhere:
            tell(follow.elsewhere)
        stopped = False
        while True:
            try:
                for line in follow.lines(lambda status: tell(f"task {id_[:SHORT]}: {status}")):
                    click.echo(line.text)
                break
            except KeyboardInterrupt:
                if stopped:
                    raise
                stopped = True
                follow.stop()
                tell(f"task {id_[:SHORT]}: asked to stop; again to leave it alone")
        if stopped:
            sys.exit(130)
        outcome = follow.outcome()
        if outcome.reason:
            tell(f"{service}: {outcome.reason}")
    sys.exit(outcome.code)


def _environment(variables: tuple[str, ...]) -> dict[str, str]:
    """`KEY=VALUE`, or a KEY that is set here; one that is not set is left out, as Docker does."""
    found: dict[str, str] = {}
    for text in variables:
        key, equals, value = text.partition("=")
        if not key:
            raise click.BadParameter(f"{text!r} has no name", param_hint="--env")
        if equals:
            found[key] = value
        elif key in os.environ:
            found[key] = os.environ[key]
    return found
