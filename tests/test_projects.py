"""Golden projects: a compose file in, every file and every remark out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.golden import REPORT, compare, convert

PROJECTS = sorted(path.parent for path in (ROOT / "fixtures/projects").glob("*/compose.y*ml"))
CORPUS = sorted({path.parent for path in (ROOT / "fixtures/corpus").glob("*/compose.y*ml")})


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.name)
def test_project(folder: Path, update_golden: bool) -> None:
    texts, said = convert(folder)
    compare(folder / "expected", {**texts, REPORT: said}, update_golden)


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.name)
def test_same_bytes_again(folder: Path) -> None:
    assert convert(folder) == convert(folder)


def test_corpus_is_whole() -> None:
    assert len(CORPUS) == 20


@pytest.mark.parametrize("folder", CORPUS, ids=lambda path: path.name)
def test_real_file(folder: Path, update_golden: bool) -> None:
    texts, said = convert(folder)
    assert "error:" not in said
    assert any(path.startswith("task-definitions/") for path in texts)
    golden = folder / REPORT
    if update_golden:
        golden.write_text(said, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == said
