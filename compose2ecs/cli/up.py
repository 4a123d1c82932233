"""`compose2ecs up`."""

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


@click.command("up")
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@project_options
@click.option("--dry-run", is_flag=True, help="Show the plan, and carry out nothing.")
@click.option("--plan", "path", metavar="FILE", help="Carry out the plan that `plan --out` wrote.")
@click.option("--wait/--no-wait", default=True, help="Wait until all that changed is healthy.")
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait.",
)
@click.option(
    "--force-new-deployment", "force", is_flag=True, help="Replace the tasks in any case."
)
@click.option(
    "--rollback-on-failure",
    "rollback",
    is_flag=True,
    help="Put services that fail back to the revision that ran before.",
)
@click.option("--allow-shadow", is_flag=True, help="Accept rules of others that are in the way.")
@image_option
@ecs_params_option
@setting_options
@aws_options
@report_options
def command(
    services: tuple[str, ...],
    dry_run: bool,
    path: str | None,
    wait: bool,
    timeout: int,
    force: bool,
    rollback: bool,
    allow_shadow: bool,
    **values: Any,
) -> None:
    """Put the project on its cluster, and change only what changed.

    With SERVICEs, only those and what they depend on are touched, and nothing is removed. A run that
    was stopped goes on where it ended when it is run again. Exit codes: 3 AWS failed, 4 it runs and
    is not healthy, 5 something that is not this stack's is in the way.
    """
    if path is not None and (services or force):
        raise click.UsageError("--plan takes neither SERVICEs nor --force-new-deployment.")
    from compose2ecs.app.deployment import chosen
    from compose2ecs.app.plan import make_plan, saved
    from compose2ecs.app.up import Hear, Options, check_saved, up
    from compose2ecs.cli.deploying import Flags, progress_on, tell_plan
    from compose2ecs.plan import codes

    flags = Flags(values)
    with flags.ending():
        deployment = flags.deployment()
        if path is not None:
            try:
                plan = saved(path)
            except (OSError, ValueError) as error:
                flags.report.add(codes.BAD_PLAN, path=path, reason=error)
                flags.report.check()
                raise
            planned = check_saved(plan, deployment, allow_shadow=allow_shadow)
        else:
            planned = make_plan(
                deployment,
                only=chosen(deployment, services, flags.report),
                detail=dry_run,
                force=force,
                allow_shadow=allow_shadow,
            )
        if dry_run:
            tell_plan(planned.plan)
            return
        if not values["quiet"]:
            tell_plan(planned.plan, err=True)
        options = Options(wait=wait, timeout=timeout, rollback=rollback)
        with progress_on(planned.plan, values) as progress:
            hear = Hear(progress.revision, progress.state, progress.health, progress.say)
            for event in up(deployment, planned, options, hear=hear):
                progress.event(event)
        for url in planned.plan.urls:
            click.echo(url)
