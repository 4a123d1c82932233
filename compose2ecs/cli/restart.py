"""`compose2ecs restart`."""

from __future__ import annotations

from typing import Any

import click

from compose2ecs.cli.day_two import Settling, Standing, stack_options, waiting_options


@click.command("restart")
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@waiting_options
@stack_options
def command(services: tuple[str, ...], wait: bool, timeout: int, **values: Any) -> None:
    """Replace the tasks of services, without an interruption where their deployment allows it."""
    from compose2ecs.app.restart import plan_restart
    from compose2ecs.app.settle import settle

    flags = Standing(values)
    with flags.ending():
        running = flags.running()
        progress = Settling(quiet=values["quiet"])
        updates = plan_restart(running, services)
        settle(running, updates, progress.hear, wait=wait, timeout=timeout)
