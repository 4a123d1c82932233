"""Options that commands share, and what they make of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from compose2ecs.settings import SETTINGS, given

F = TypeVar("F", bound=Callable[..., Any])


def project_options(command: F) -> F:
    """Which files, as `docker compose` has them."""
    for option in reversed(
        (
            click.option(
                "-f",
                "--file",
                "files",
                multiple=True,
                metavar="FILE",
                help="A compose file; repeat to lay one over another; - is standard input.",
            ),
            click.option("-p", "--project-name", metavar="NAME", help="The project's name."),
            click.option(
                "--profile",
                "profiles",
                multiple=True,
                metavar="NAME",
                help="Turn on a Compose profile; * is all of them.",
            ),
            click.option(
                "--env-file",
                "env_files",
                multiple=True,
                metavar="FILE",
                help="Read variables from FILE instead of .env.",
            ),
            click.option("--project-directory", metavar="DIR", help="Where relative paths start."),
            click.option("--no-legacy", is_flag=True, help="Refuse forms of old Compose formats."),
        )
    ):
        command = option(command)
    return command


def setting_options(command: F) -> F:
    """One flag for each setting that the file's x-ecs may hold too."""
    for setting in reversed(SETTINGS):
        command = click.option(
            setting.flag, setting.name, metavar="VALUE", help=f"{setting.help} [{setting.variable}]"
        )(command)
    return command


def report_options(command: F) -> F:
    """How diagnostics are shown."""
    for option in reversed(
        (
            click.option(
                "--report",
                "report_format",
                type=click.Choice(("text", "github", "json", "sarif")),
                default="text",
                show_default=True,
                help="The form of the diagnostics on standard error.",
            ),
            click.option("--strict", is_flag=True, help="Make every warning an error."),
            click.option("-q", "--quiet", is_flag=True, help="Show warnings and errors only."),
            click.option("--no-color", is_flag=True, help="Do not color diagnostics [NO_COLOR]."),
        )
    ):
        command = option(command)
    return command


def aws_options(command: F) -> F:
    """Which account, beside the region, which is a setting."""
    for option in reversed(
        (
            click.option("--aws-profile", metavar="NAME", help="A profile of AWS's [AWS_PROFILE]."),
            click.option("--role-arn", metavar="ARN", help="A role to assume."),
            click.option("--endpoint-url", metavar="URL", help="Where AWS is [AWS_ENDPOINT_URL]."),
        )
    ):
        command = option(command)
    return command


def image_option(command: F) -> F:
    """The tag of images that are built."""
    return click.option(
        "--image-tag",
        metavar="TAG",
        default="latest",
        show_default=True,
        help="The tag of images that are built.",
    )(command)


def ecs_params_option(command: F) -> F:
    """The other file that `convert` reads."""
    return click.option(
        "--ecs-params",
        "ecs_params",
        metavar="FILE",
        help="Read what ecs-cli's ecs-params.yml says as well.",
    )(command)


def settings_given(flags: dict[str, str | None]) -> dict[str, str]:
    """What flags and the environment say of the settings."""
    return given(flags, os.environ)
