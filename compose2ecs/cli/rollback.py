"""`compose2ecs rollback`."""

from __future__ import annotations

import sys
from typing import Any

import click

from compose2ecs.cli.day_two import Settling, Standing, stack_options, waiting_options


@click.command("rollback")
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.option("--to", type=click.IntRange(min=1), metavar="REVISION", help="Go to this revision.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before more than one goes back.")
@click.option("--dry-run", is_flag=True, help="Show what would go back, and change nothing.")
@waiting_options
@stack_options
def command(
    services: tuple[str, ...],
    to: int | None,
    yes: bool,
    dry_run: bool,
    wait: bool,
    timeout: int,
    **values: Any,
) -> None:
    """Put services back to the revision that ran before.

    Each goes to the newest revision before its own that this stack registered, or to --to. The file
    stays as it is: the next `up` goes forward again.
    """
    if to is not None and len(services) != 1:
        raise click.UsageError("--to needs exactly one SERVICE: each has revisions of its own.")
    from compose2ecs.app.rollback import plan_rollback
    from compose2ecs.app.running import ago
    from compose2ecs.app.settle import settle
    from compose2ecs.plan.show import difference_text

    flags = Standing(values)
    with flags.ending():
        running = flags.running()
        planned = plan_rollback(running, services, to)
        progress = Settling(quiet=values["quiet"])
        for back in planned.back:
            when = f" ({ago(back.registered, running.wall())})" if back.registered else ""
            click.echo(f"{back.live.title}: {back.update.why}{when}", err=not dry_run)
            for difference in back.differences:
                click.echo(f"    {difference_text(difference)}", err=not dry_run)
            if not back.differences:
                click.echo("    nothing differs", err=not dry_run)
        for note in planned.notes:
            progress.say(note)
        if dry_run:
            return
        if len(planned.back) > 1 and not services and not yes and not _agreed():
            sys.exit(1)
        updates = [back.update for back in planned.back]
        settle(running, updates, progress.hear, wait=wait, timeout=timeout)
        progress.say("the next `up` goes forward again: change the file first, or its image")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("Name the services, or say -y: nobody is here to be asked.")
    return click.confirm("Put them all back?", err=True)
