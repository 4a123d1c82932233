"""The docs say what the program does: tables are compared with it, examples are run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from compose2ecs.settings import SETTINGS
from tests import pages
from tests.conftest import ROOT


def settings_table() -> str:
    rows = ["| flag | variable | in `x-ecs` | what it is |", "| --- | --- | --- | --- |"]
    for setting in SETTINGS:
        variables = ", ".join(f"`{name}`" for name in (setting.variable, *setting.also))
        rows.append(f"| `{setting.flag}` | {variables} | `{setting.key}` | {setting.help} |")
    return "\n".join(rows)


def between(text: str, mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n(.*?)\n<!-- /{mark} -->", text, re.DOTALL)
    assert found is not None, mark
    return found[1]


def test_settings_table(update_golden: bool) -> None:
    path = ROOT / "docs/convert.md"
    text = path.read_text()
    if update_golden:
        old, new = (
            f"<!-- settings -->\n{t}\n" for t in (between(text, "settings"), settings_table())
        )
        path.write_text(text.replace(old, new))
    assert between(path.read_text(), "settings") == settings_table()


@pytest.mark.parametrize(
    ("page", "mark", "make"),
    [("x-ecs", "tables", pages.x_ecs), ("check", "table", pages.checks)],
    ids=["x-ecs", "check"],
)
def test_made_page(page: str, mark: str, make: Callable[[], str], update_golden: bool) -> None:
    path = ROOT / f"docs/{page}.md"
    mark = f"<!-- {mark} -->\n"
    head, _, rest = path.read_text().partition(mark)
    made = make() + "\n"
    if update_golden:
        path.write_text(head + mark + made)
        rest = made
    assert rest == made


def blocks(path: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", path.read_text(), re.DOTALL)


def test_the_readme_example_is_true(tmp_path: Path) -> None:
    """Its files are written, its command is run, and what it prints is what the README shows."""
    base, ecs = blocks(ROOT / "README.md", "yaml")
    (tmp_path / "compose.yaml").write_text(base)
    (console,) = blocks(ROOT / "README.md", "console")
    lines = console.splitlines()
    command = lines[0].removeprefix("$ compose2ecs ").split()
    end = next(n for n, line in enumerate(lines) if n and line.startswith("$ "))
    done = subprocess.run(
        [sys.executable, "-m", "compose2ecs", *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert done.stderr.splitlines() == lines[1:end]
    shown = {line.split(":")[0]: line.split()[1:] for line in lines if line.startswith("ecs/")}
    there = {
        f"ecs/{folder.name}": sorted(file.name for file in folder.iterdir())
        for folder in (tmp_path / "ecs").iterdir()
        if folder.is_dir()
    }
    assert shown == there
    (tmp_path / "compose.ecs.yaml").write_text(ecs)
    done = subprocess.run(
        [sys.executable, "-m", "compose2ecs", "convert", "-q"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert "/shop/*" in done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md"))),
    ],
)
def test_links_and_paths_exist(name: str) -> None:
    text = (ROOT / name).read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / name).parent.joinpath(target).exists(), target
