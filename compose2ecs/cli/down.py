"""`compose2ecs down`."""

from __future__ import annotations

from typing import Any

import click

from compose2ecs.cli.options import (
    aws_options,
    ecs_params_option,
    image_option,
    project_options,
    report_options,
    setting_options,
)


@click.command("down")
@project_options
@click.option("--dry-run", is_flag=True, help="Show what would be deleted, and delete nothing.")
@click.option("--logs", is_flag=True, help="Delete the log groups as well, with what is in them.")
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait until tasks have stopped.",
)
@image_option
@ecs_params_option
@setting_options
@aws_options
@report_options
def command(dry_run: bool, logs: bool, timeout: int, **values: Any) -> None:
    """Remove exactly what this stack owns.

    What carries its tags is deleted, and the tags are read again right before. Whatever is kept is
    named, with the reason. Run again, it goes on where it ended.
    """
    from compose2ecs.app.down import down, plan_down
    from compose2ecs.cli.deploying import Flags, progress_on, tell_plan

    flags = Flags(values)
    with flags.ending():
        deployment = flags.deployment()
        planned = plan_down(deployment, logs=logs)
        if dry_run:
            tell_plan(planned.plan)
            return
        if not values["quiet"]:
            tell_plan(planned.plan, err=True)
        with progress_on(planned.plan, values) as progress:
            for event in down(deployment, planned, timeout=timeout):
                progress.event(event)
