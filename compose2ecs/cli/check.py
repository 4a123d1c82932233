"""`compose2ecs check`."""

from __future__ import annotations

import os
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


@click.command("check")
@project_options
@click.option(
    "--ecs-params",
    "ecs_params",
    metavar="FILE",
    help="Read what ecs-cli's ecs-params.yml says as well.",
)
@image_option
@click.option(
    "--body",
    "bodies",
    multiple=True,
    metavar="KIND=FILE",
    help="Check a JSON body instead of a project, such as task-definition=web.json; repeatable.",
)
@click.option(
    "--list", "listed", is_flag=True, help="Print the table of checks, and check nothing."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="The form of --list.",
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
    ecs_params: str | None,
    image_tag: str,
    bodies: tuple[str, ...],
    listed: bool,
    form: str,
    report_format: str,
    strict: bool,
    quiet: bool,
    no_color: bool,
    **settings: Any,
) -> None:
    """Say everything there is to say of a compose project, and write nothing.

    The files are read and translated as `convert` does, and AWS's rules are asked about what comes
    of them, down to what is only worth a remark; the files are held against their JSON Schemas,
    too. The exit code is 1 if anything is an error.
    """
    from compose2ecs.app import check as app
    from compose2ecs.cli.show import show
    from compose2ecs.report import Report

    if listed:
        click.echo(app.table_as_json() if form == "json" else app.table_as_text(), nl=False)
        return
    report = Report(strict=strict)
    if bodies:
        checked = app.check_bodies([_pair(body) for body in bodies], report)
    else:
        from compose2ecs.compose.discover import Choice

        amend = None
        if ecs_params is not None:
            from compose2ecs.ecs.retired.ecs_params import amend_with

            amend = amend_with(ecs_params, os.environ)
        choice = Choice(
            files=files,
            project_name=project_name,
            project_directory=project_directory,
            profiles=profiles,
            env_files=env_files,
            legacy=not no_legacy,
        )
        checked = app.check_project(
            choice, settings_given(settings), report, image_tag=image_tag, amend=amend
        )
    show(report, report_format, quiet=quiet, color=False if no_color else None)
    if report_format == "text" and not quiet:
        click.echo(_summary(checked, report), err=True)
    if report.failed:
        sys.exit(1)


def _pair(body: str) -> tuple[str, str]:
    from compose2ecs.app.check import kind_of
    from compose2ecs.ecs.model import KINDS

    word, equals, path = body.partition("=")
    kind = kind_of(word)
    if not equals or not path or kind is None:
        raise click.UsageError(
            f"--body {body}: write KIND=FILE, with a kind of {', '.join(KINDS)}."
        )
    return kind, path


def _summary(checked: Any, report: Any) -> str:
    counts = dict.fromkeys(("error", "warning", "info"), 0)
    for diagnostic in report:
        counts[diagnostic.severity] += 1
    said = ", ".join(
        f"{number} {word}{'' if number == 1 else 's'}"
        for number, word in zip(counts.values(), ("error", "warning", "remark"), strict=True)
    )
    what = [
        f"{number} {one if number == 1 else many}"
        for number, one, many in (
            (checked.services, "service", "services"),
            (checked.bodies, "body", "bodies"),
        )
        if number
    ]
    return f"Checked {', '.join(what) or 'the files'}: {said}."
