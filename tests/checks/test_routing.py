"""Target groups and listener rules: a body that each check refuses, and its nearest neighbour."""

from __future__ import annotations

from typing import Any

import pytest

from compose2ecs.checks import routing, rules, stack
from tests.checks.pairs import Pairs, decided, missing, spoken, wanted

PAIRS = Pairs("routing.yaml")
ROWS = decided((routing, rules))
each_case = pytest.mark.parametrize("case", PAIRS.parameters())


@each_case
def test_exactly_one_check_speaks_up(case: dict[str, Any]) -> None:
    assert PAIRS.told(case) == [wanted(case)]


@each_case
def test_nobody_has_anything_against_the_neighbour(case: dict[str, Any]) -> None:
    assert spoken(PAIRS, case, {**ROWS, **decided([stack])}) == []


def test_every_check_has_its_pair() -> None:
    assert missing(PAIRS, ROWS) == []
