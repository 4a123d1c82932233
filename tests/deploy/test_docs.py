"""docs/deploy.md names every tag, every exit code and every flag that there is, and no other."""

from __future__ import annotations

import re

import click

from compose2ecs.cli import down, plan, up
from compose2ecs.plan import errors, tags
from compose2ecs.report import Compose2EcsError
from tests.conftest import ROOT

TEXT = (ROOT / "docs/deploy.md").read_text()


def test_tags() -> None:
    named = set(re.findall(r"`(compose2ecs:[a-z]+)`", TEXT))
    assert named == {
        tags.PROJECT,
        tags.STACK,
        tags.SERVICE,
        tags.HASH,
        tags.REVISION,
        tags.MEMBERS,
        tags.HAS,
        tags.PROTECT,
    }


def test_exit_codes() -> None:
    said = {
        int(number)
        for number in re.findall(
            r"(?:^|, )(\d+) [a-zA-Z]",
            TEXT.split("Exit codes: ")[1].split("\n\n")[0].replace("\n", " "),
        )
    }
    ours = {
        error.exit_code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, Compose2EcsError)
    }
    assert said == ours | {0, 1, 2, plan.HAS_CHANGES}


def test_flags() -> None:
    known: set[str] = set()
    for command in (plan.command, up.command, down.command):
        assert isinstance(command, click.Command)
        for option in command.params:
            known.update((*option.opts, *option.secondary_opts))
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT)) <= known
