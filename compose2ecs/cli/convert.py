"""`compose2ecs convert`."""

from __future__ import annotations

import sys
from typing import Any

import click

from compose2ecs import codes
from compose2ecs.cli.options import (
    project_options,
    report_options,
    setting_options,
    settings_given,
)


@click.command("convert")
@project_options
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    help="Write one file for each object into DIR instead of one document to standard output.",
)
@click.option(
    "--task-definition",
    "only",
    metavar="NAME",
    help="Print this task definition alone, by its family or by a service in it.",
)
@click.option(
    "--image-tag",
    metavar="TAG",
    default="latest",
    show_default=True,
    help="The tag of images that are built.",
)
@click.option(
    "--ecs-params",
    "ecs_params",
    metavar="FILE",
    help="Read what ecs-cli's ecs-params.yml says as well.",
)
@setting_options
@report_options
def command(
    files: tuple[str, ...],
    project_name: str | None,
    profiles: tuple[str, ...],
    env_files: tuple[str, ...],
    project_directory: str | None,
    no_legacy: bool,
    folder: str | None,
    only: str | None,
    image_tag: str,
    ecs_params: str | None,
    report_format: str,
    strict: bool,
    quiet: bool,
    no_color: bool,
    **settings: Any,
) -> None:
    """Print the ECS and load balancer JSON of a compose project.

    Everything needed to run it: task definitions, services, target groups, listener rules and
    what they share, each as `aws ... --cli-input-json file://` takes it. No network is used, and
    nothing is created.
    """
    if folder is not None and only is not None:
        raise click.UsageError("--output and --task-definition exclude each other.")
    if folder == "":
        raise click.UsageError("--output needs a folder.")
    from compose2ecs.api import load
    from compose2ecs.app.convert import (
        convert,
        one_document,
        one_task_definition,
        tell_unread,
        write_folder,
    )
    from compose2ecs.cli.show import show, show_placeholders
    from compose2ecs.report import InputError, Report

    report = Report(strict=strict)
    color = False if no_color else None
    written = None
    text = None
    try:
        project = load(
            *files,
            project_name=project_name,
            project_directory=project_directory,
            profiles=profiles,
            env_files=env_files,
            legacy=not no_legacy,
            ecs_params=ecs_params,
            report=report,
        )
        if ecs_params is None:
            tell_unread(project, report)
        stack = convert(project, settings_given(settings), report, image_tag=image_tag)
        if folder is not None:
            written = write_folder(stack, folder, report)
        elif only is not None:
            text = one_task_definition(stack, only, report)
        else:
            text = one_document(stack)
    except InputError as error:
        show(error.diagnostics, report_format, quiet=quiet, color=color)
        sys.exit(error.exit_code)
    left = {
        name: how
        for name, how in stack.placeholders.items()
        if only is None or (text is not None and name in text)
    }
    if report_format != "text":
        for name, how in left.items():
            report.add(codes.PLACEHOLDER, placeholder=name, how=how)
    show(report, report_format, quiet=quiet, color=color)
    if text is not None:
        click.echo(text, nl=False)
    if report_format == "text" and not quiet:
        show_placeholders(left)
        if written is not None:
            removed = f", removed {len(written.removed)} of the last run" if written.removed else ""
            click.echo(f"Wrote {len(written.files)} files to {folder}{removed}.", err=True)
