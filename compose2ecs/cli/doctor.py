"""`compose2ecs doctor`."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from compose2ecs.cli.options import (
    aws_options,
    image_option,
    project_options,
    report_options,
    setting_options,
    settings_given,
)

_COLORS = {"ok": "green", "warning": "yellow", "failure": "red", "not checked": "cyan"}


@click.command("doctor")
@project_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="The form of what is found, on standard output.",
)
@image_option
@setting_options
@aws_options
@report_options
def command(form: str, **values: Any) -> None:
    """Look for what keeps the project from running on its cluster, and tell the fix of each.

    Rights, quotas, capacity, listener, certificates, DNS, roles, security groups and more. AWS is
    read, and nothing is written. Exit codes: 1 something fails, 3 AWS cannot be asked.
    """
    from compose2ecs.api import load
    from compose2ecs.app.deployment import open_account
    from compose2ecs.app.doctor import as_data, doctor
    from compose2ecs.aws.session import Where
    from compose2ecs.cli.deploying import Flags
    from compose2ecs.settings import SETTINGS
    from compose2ecs.writers.ecs_json import to_json

    flags = Flags(values)
    with flags.ending():
        project = load(
            *values["files"],
            project_name=values["project_name"],
            project_directory=values["project_directory"],
            profiles=values["profiles"],
            env_files=values["env_files"],
            legacy=not values["no_legacy"],
            report=flags.report,
        )
        given = settings_given({setting.name: values[setting.name] for setting in SETTINGS})
        where = Where(
            profile=values["aws_profile"],
            role_arn=values["role_arn"],
            endpoint_url=values["endpoint_url"],
        )
        account = open_account(given, where)
        found = doctor(project, given, account, flags.report, image_tag=values["image_tag"])
        if form == "json":
            click.echo(to_json(as_data(found)))
        else:
            color = not values["no_color"] and not os.environ.get("NO_COLOR")
            _tell(found, color=color and sys.stdout.isatty(), quiet=values["quiet"])
        sys.exit(found.exit_code(strict=values["strict"]))


def _tell(found: Any, *, color: bool, quiet: bool) -> None:
    """One line a finding, and its fix below it."""
    shown = [one for one in found.findings if not (quiet and one.status == "ok")]
    width = max((len(one.check) for one in shown), default=0)
    for one in shown:
        status = f"{one.status:<11}"
        if color:
            status = click.style(status, fg=_COLORS[one.status], bold=True)
        click.echo(f"{status}  {one.check:<{width}}  {one.text}", color=color)
        if one.fix:
            click.echo(f"{'':<13}{'':<{width}}  fix: {one.fix}", color=color)
    click.echo(found.summary, err=True)
