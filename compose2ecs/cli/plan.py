"""`compose2ecs plan`."""

from __future__ import annotations

import sys
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

HAS_CHANGES = 10


@click.command("plan")
@project_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="The form of the plan on standard output.",
)
@click.option(
    "--out",
    "path",
    metavar="FILE",
    help="Write the plan to FILE, for `up --plan FILE`. It holds real values, secrets as well.",
)
@click.option(
    "--exit-code", is_flag=True, help=f"Exit with {HAS_CHANGES} if something would change."
)
@click.option("--allow-shadow", is_flag=True, help="Accept rules of others that are in the way.")
@image_option
@ecs_params_option
@setting_options
@aws_options
@report_options
def command(
    form: str, path: str | None, exit_code: bool, allow_shadow: bool, **values: Any
) -> None:
    """Show what `up` would change. AWS is read, and nothing is written.

    Values of environment variables are never shown.
    """
    from compose2ecs.app.plan import make_plan, save
    from compose2ecs.cli.deploying import Flags, tell_plan
    from compose2ecs.plan.show import as_data
    from compose2ecs.report import Compose2EcsError

    flags = Flags(values)
    with flags.ending():
        plan = make_plan(flags.deployment(), allow_shadow=allow_shadow).plan
        if form == "json":
            from compose2ecs.writers.ecs_json import to_json

            click.echo(to_json(as_data(plan)))
        else:
            tell_plan(plan)
        if path is not None:
            try:
                save(plan, path)
            except OSError as error:
                raise Compose2EcsError(f"cannot write {path}: {error.strerror}") from None
            click.echo(f"Wrote the plan to {path}.", err=True)
        if exit_code and plan.shown:
            sys.exit(HAS_CHANGES)
