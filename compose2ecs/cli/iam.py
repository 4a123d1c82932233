"""`compose2ecs iam`."""

from __future__ import annotations

import sys
from typing import Any

import click

from compose2ecs.cli.options import (
    image_option,
    project_options,
    report_options,
    setting_options,
    settings_given,
)
from compose2ecs.iam.rights import COMMANDS
from compose2ecs.settings import SETTINGS


@click.command("iam")
@project_options
@click.option(
    "--for",
    "commands",
    multiple=True,
    type=click.Choice(COMMANDS),
    help="Only what this command needs; repeat for more. Without, all but doctor.",
)
@click.option("--read-only", is_flag=True, help="Only what changes nothing.")
@click.option(
    "--trust",
    is_flag=True,
    help="Print the documents of the roles that tasks and AWS take on instead.",
)
@click.option("--account", metavar="ID", help="The AWS account, twelve digits.")
@click.option("-o", "--output", "folder", metavar="DIR", help="Write one file each into DIR.")
@image_option
@setting_options
@report_options
def command(
    commands: tuple[str, ...],
    read_only: bool,
    trust: bool,
    account: str | None,
    folder: str | None,
    **values: Any,
) -> None:
    """Print the IAM policy for whoever deploys this project.

    It allows exactly the calls that the commands make, on what is the project's: by its names, its
    cluster and its tags. No network is used, and nothing is created.
    """
    if account is not None and not (account.isdigit() and len(account) == 12):
        raise click.UsageError("--account is twelve digits.")
    if trust and (commands or read_only):
        raise click.UsageError("--trust takes neither --for nor --read-only.")
    from compose2ecs.api import load
    from compose2ecs.app.iam import deployer, scoped, trusted, write_files
    from compose2ecs.cli.show import show
    from compose2ecs.iam.rights import DAILY
    from compose2ecs.report import Compose2EcsError, InputError, Report

    report = Report(strict=values["strict"])
    form, quiet = values["report_format"], values["quiet"]
    color = False if values["no_color"] else None
    written: list[str] = []
    try:
        project = load(
            *values["files"],
            project_name=values["project_name"],
            project_directory=values["project_directory"],
            profiles=values["profiles"],
            env_files=values["env_files"],
            legacy=not values["no_legacy"],
            report=report,
        )
        given = settings_given({setting.name: values[setting.name] for setting in SETTINGS})
        stack, scope = scoped(
            project, given, report, image_tag=values["image_tag"], account=account
        )
        if trust:
            made = trusted(stack, scope)
        else:
            made = deployer(scope, commands or DAILY, read_only=read_only)
        if folder is not None:
            written = write_files(made, folder)
    except InputError as error:
        show(error.diagnostics, form, quiet=quiet, color=color)
        sys.exit(error.exit_code)
    except Compose2EcsError as error:
        click.echo(f"error: {error}", err=True)
        if error.hint:
            click.echo(f"  hint: {error.hint}", err=True)
        sys.exit(error.exit_code)
    if form != "text":  # what the file means on ECS is `convert`'s to tell
        show(report, form, quiet=quiet, color=color)
    if not quiet:
        for note in made.notes:
            click.echo(f"note: {note}", err=True)
    for path in written:
        click.echo(path)
    if folder is None:
        click.echo(made.text, nl=False)
