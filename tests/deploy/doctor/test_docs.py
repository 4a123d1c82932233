"""docs/doctor.md has every check, docs/iam.md every flag, and no other."""

from __future__ import annotations

import re

import click
import pytest

from compose2ecs.cli import doctor, iam
from compose2ecs.doctor.table import CHECKS
from compose2ecs.iam.policy import MOST
from compose2ecs.iam.rights import action
from tests.conftest import ROOT

DOCTOR = (ROOT / "docs/doctor.md").read_text()
IAM = (ROOT / "docs/iam.md").read_text()


def table() -> str:
    """The table of checks, as it shall stand in the page."""
    lines = [
        "| check | what is looked at | what AWS is asked | what mends it |",
        "| --- " * 4 + "|",
    ]
    for check in CHECKS:
        asks = ", ".join(f"`{action(*one.split(':'))}`" for one in check.asks) or "nothing"
        lines.append(f"| {check.id} | {check.title} | {asks} | {check.fix} |")
    return "\n".join(lines)


def test_checks(update_golden: bool) -> None:
    path = ROOT / "docs/doctor.md"
    head, _, rest = path.read_text().partition("<!-- checks -->\n")
    stands, _, tail = rest.partition("\n<!-- /checks -->")
    if update_golden:
        path.write_text(f"{head}<!-- checks -->\n{table()}\n<!-- /checks -->{tail}")
        stands = table()
    assert stands == table()


@pytest.mark.parametrize(
    ("text", "command"), [(DOCTOR, doctor.command), (IAM, iam.command)], ids=["doctor", "iam"]
)
def test_flags(text: str, command: click.Command) -> None:
    both = (*iam.command.params, *doctor.command.params)
    known = {name for option in both for name in option.opts}
    shell = re.sub(r"(?m)^ *aws .*(\n +--.*)*|\|\| aws .*(\n +--.*)*", "", text)  # not ours
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", shell)) <= known
    own = {option.name for option in command.params} - {
        option.name for option in (doctor if command is iam.command else iam).command.params
    }
    for option in command.params:
        if option.name in own:
            assert any(re.search(rf"(?<![\w-]){name}\b", text) for name in option.opts), option


def test_the_limit() -> None:
    assert str(MOST) in IAM
