"""The cases of fixtures/compose: a folder of plain files each, which anyone can add.

    input/           the files, as a user has them
    case.yaml        how they are read; every key of it may be left out, and so may the file:
                       arguments    words of the command line, for us and for `docker compose` alike
                       environment  the variables of the environment, besides HOME
                       cwd          the folder in which the command is given, inside of input/
                       legacy       false: old forms are refused (--no-legacy)
                       difference   why Compose does otherwise, where it does on purpose
    expected.json    the project in Compose's canonical form; not there where the input is refused
    report.txt       what is said of it; not there where nothing is

`pytest tests/compose/test_cases.py --update-golden` writes the last two.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from compose2ecs import InputError, Report, load
from compose2ecs.cli.show import as_text
from compose2ecs.compose.canonical import canonical
from compose2ecs.compose.files import Disk
from tests.conftest import ROOT

FOLDER = ROOT / "fixtures/compose"
EXPECTED = "expected.json"
REPORT = "report.txt"


class Case(NamedTuple):
    """One case, and what is asked of it."""

    folder: Path
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = {}  # noqa: RUF012
    cwd: str = "."
    legacy: bool = True
    difference: str = ""

    @property
    def input(self) -> Path:
        return self.folder / "input"

    def portable(self, text: str) -> str:
        """A text without the path of this checkout: `<R>` is the input, `<P>` the folder above."""
        return text.replace(str(self.input), "<R>").replace(str(self.folder), "<P>")

    @property
    def variables(self) -> dict[str, str]:
        return {"HOME": "/home/user", **self.environment}


def all_cases() -> list[Case]:
    return [read_case(folder) for folder in sorted(FOLDER.iterdir()) if folder.is_dir()]


def read_case(folder: Path) -> Case:
    path = folder / "case.yaml"
    given: dict[str, Any] = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
    given["arguments"] = tuple(given.get("arguments", ()))
    return Case(folder, **given)


def options(arguments: tuple[str, ...]) -> dict[str, Any]:
    """The words of a command line as `load` takes them."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("-f", "--file", dest="files", action="append", default=[])
    parser.add_argument("-p", "--project-name")
    parser.add_argument("--project-directory")
    parser.add_argument("--profile", dest="profiles", action="append", default=[])
    parser.add_argument("--env-file", dest="env_files", action="append", default=[])
    return vars(parser.parse_args(arguments))


def run(case: Case) -> tuple[dict[str, Any] | None, str]:
    """The canonical project, None where it is refused, and the diagnostics."""
    report = Report()
    given = options(case.arguments)
    found: dict[str, Any] | None = None
    try:
        project = load(
            *given.pop("files"),
            **given,
            files=Disk(str(case.input / case.cwd)),
            environment=case.variables,
            legacy=case.legacy,
            report=report,
        )
        found = canonical(project)
    except InputError:
        pass
    text = case.portable(as_text(report))
    if found is not None:
        found = json.loads(case.portable(json.dumps(found)))
    return found, text


def golden(case: Case) -> dict[str, str]:
    """The files that say what is expected."""
    found, said = run(case)
    texts = {}
    if found is not None:
        texts[EXPECTED] = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    if said:
        texts[REPORT] = said
    return texts
