"""`compose2ecs scale`."""

from __future__ import annotations

from typing import Any

import click

from compose2ecs.cli.day_two import Settling, Standing, stack_options, waiting_options


@click.command("scale")
@click.argument("counts", nargs=-1, required=True, metavar="SERVICE=NUMBER...")
@waiting_options
@stack_options
def command(counts: tuple[str, ...], wait: bool, timeout: int, **values: Any) -> None:
    """Set how many tasks services have, until the next `up` sets what the file says."""
    from compose2ecs.app.scale import plan_scale, wanted_counts
    from compose2ecs.app.settle import settle

    try:
        wanted = wanted_counts(counts)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    flags = Standing(values)
    with flags.ending():
        running = flags.running()
        progress = Settling(quiet=values["quiet"])
        scaled = plan_scale(running, wanted)
        for note in scaled.notes:
            progress.say(note)
        settle(running, scaled.updates, progress.hear, wait=wait, timeout=timeout)
