"""`compose2ecs import`."""

from __future__ import annotations

import sys

import click

from compose2ecs.cli.options import report_options


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "-o", "--output", "path", metavar="FILE", help="Write to FILE instead of standard output."
)
@report_options
def command(
    files: tuple[str, ...],
    path: str | None,
    report_format: str,
    strict: bool,
    quiet: bool,
    no_color: bool,
) -> None:
    """Print a compose file of ECS task definitions in JSON.

    FILE is a request body, what `aws ecs describe-task-definition` prints, what `convert` writes,
    a folder of such files, or - for standard input. Services, target groups and listener rules
    among them add to what is said. Converting the result gives the same task definitions.
    """
    from compose2ecs.app.import_ import import_files, write_file
    from compose2ecs.cli.show import show
    from compose2ecs.report import InputError, Report

    report = Report(strict=strict)
    color = False if no_color else None
    try:
        text = import_files(files, report)
        report.check()
        if path is not None:
            write_file(path, text, report)
    except InputError as error:
        show(error.diagnostics, report_format, quiet=quiet, color=color)
        sys.exit(error.exit_code)
    show(report, report_format, quiet=quiet, color=color)
    if path is None:
        click.echo(text, nl=False)
    elif report_format == "text" and not quiet:
        click.echo(f"Wrote {path}.", err=True)
