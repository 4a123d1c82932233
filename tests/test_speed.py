"""What speed rests on, counted instead of timed: imports, growth, and the alias bomb."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from benchmarks.generate import FLAVOURS, alias_bomb, compose_file
from benchmarks.goals import HEAVY
from compose2ecs import InputError, load, translate
from compose2ecs.app.convert import one_document

if TYPE_CHECKING:
    from _typeshed import TraceFunction

_STAGES = tuple(f"compose2ecs.{name}" for name in ("api", "app", "compose", "ecs", "writers"))
_IMPORTS = """\
import sys
before = set(sys.modules)
from compose2ecs.cli.main import main
main(sys.argv[1:], standalone_mode=False)
print(*(set(sys.modules) - before), sep="\\n", file=sys.stderr)
"""


def imported(*arguments: str) -> set[str]:
    """The modules that a run of the command adds to those of a bare interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTS, *arguments],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert done.returncode == 0, done.stderr
    return {line for line in done.stderr.splitlines() if line.replace(".", "").isidentifier()}


def roots(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_convert_imports_nothing_heavy(tmp_path: Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(compose_file(2))
    modules = imported("convert", "--quiet", "--file", str(file))
    assert {"yaml", "compose2ecs"} <= roots(modules)
    assert not roots(modules) & set(HEAVY)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_click_alone(option: str) -> None:
    modules = imported(option)
    assert "click" in modules
    assert not roots(modules) & {*HEAVY, "yaml", "json"}
    assert not [name for name in modules if name.startswith(_STAGES)]


class Lines:
    """Counts the lines of Python that are run, which a slow or busy machine does not change.

    Lines rather than calls: a loop that calls nothing is work too.
    """

    def __init__(self) -> None:
        self.run = 0

    def __enter__(self) -> Lines:
        def trace(frame: FrameType, event: str, argument: object) -> TraceFunction:
            if event == "line":
                self.run += 1
            return trace

        self._before = sys.gettrace()
        sys.settrace(trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)


def lines_of_convert(text: str) -> int:
    """How many lines run from the text of a file to the text that is printed."""
    with Lines() as lines:
        project = load(files={"compose.yaml": text}, environment={})
        one_document(translate(project))
    return lines.run


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_work_grows_as_the_file_does(flavour: str) -> None:
    lines_of_convert(compose_file(5, flavour))  # what is done once is done
    small, large = (lines_of_convert(compose_file(n, flavour)) for n in (100, 1000))
    assert large / small <= 10.5


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    with Lines() as lines, pytest.raises(InputError) as caught:
        load(files={"compose.yaml": alias_bomb()}, environment={})
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["yaml-too-many-nodes"]
    assert lines.run < 10_000
