"""Reading compose files: each folder of fixtures/compose is a case (see cases.py)."""

from __future__ import annotations

import pytest

from tests.compose.cases import EXPECTED, REPORT, Case, all_cases, golden

CASES = all_cases()


def test_there_are_cases() -> None:
    assert len(CASES) >= 150


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
def test_case(case: Case, update_golden: bool) -> None:
    texts = golden(case)
    for name in (EXPECTED, REPORT):
        path = case.folder / name
        if update_golden and name in texts:
            path.write_text(texts[name], encoding="utf-8")
        elif update_golden:
            path.unlink(missing_ok=True)
        found = path.read_text(encoding="utf-8") if path.exists() else None
        assert texts.get(name) == found, name
