"""`compose2ecs config`."""

from __future__ import annotations

import sys

import click

from compose2ecs.cli.options import project_options, report_options


@click.command("config")
@project_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("yaml", "json")),
    default="yaml",
    show_default=True,
    help="The form of the output.",
)
@click.option("--services", "only", flag_value="services", help="Print the services' names alone.")
@click.option("--images", "only", flag_value="images", help="Print the services' images alone.")
@click.option("--profiles", "only", flag_value="profiles", help="Print every profile there is.")
@click.option("--volumes", "only", flag_value="volumes", help="Print the volumes that are used.")
@click.option("--networks", "only", flag_value="networks", help="Print the networks that are used.")
@click.option(
    "--variables",
    "only",
    flag_value="variables",
    help="Print the variables that the files mention, and their defaults.",
)
@click.option(
    "--no-interpolate",
    is_flag=True,
    help="Print the joined files with their variables, each value as it is written.",
)
@report_options
def command(
    files: tuple[str, ...],
    project_name: str | None,
    profiles: tuple[str, ...],
    env_files: tuple[str, ...],
    project_directory: str | None,
    no_legacy: bool,
    form: str,
    only: str | None,
    no_interpolate: bool,
    report_format: str,
    strict: bool,
    quiet: bool,
    no_color: bool,
) -> None:
    """Print the project as Compose reads it, like `docker compose config`.

    All files joined, variables replaced, every short form written out, paths absolute. With -q
    nothing is printed: the exit code says whether the files are good.
    """
    if no_interpolate and only is not None:
        raise click.UsageError(f"--no-interpolate and --{only} exclude each other.")
    from compose2ecs.api import load
    from compose2ecs.app import config as app
    from compose2ecs.cli.show import show
    from compose2ecs.compose.discover import Choice
    from compose2ecs.report import InputError, Report

    report = Report(strict=strict)
    color = False if no_color else None
    choice = Choice(
        files=files,
        project_name=project_name,
        project_directory=project_directory,
        profiles=profiles,
        env_files=env_files,
        legacy=not no_legacy,
    )
    try:
        if no_interpolate:
            text = app.uninterpolated(choice, form, report)
        elif only == "variables":
            text = app.variables(choice, form, report)
        else:
            project = load(
                *files,
                project_name=project_name,
                project_directory=project_directory,
                profiles=profiles,
                env_files=env_files,
                legacy=not no_legacy,
                report=report,
            )
            text = app.lines(app.LISTS[only](project)) if only else app.config(project, form)
    except InputError as error:
        show(error.diagnostics, report_format, quiet=quiet, color=color)
        sys.exit(error.exit_code)
    show(report, report_format, quiet=quiet, color=color)
    if not quiet:
        click.echo(text, nl=False)
