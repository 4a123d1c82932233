"""One constraint of AWS's broken at a time in what convert writes: exactly that check speaks up.

The tables are fixtures/checks/mutations-*.yaml, whose README says how a case is written.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from compose2ecs.checks import find
from compose2ecs.checks.table import TABLE
from tests.checks.bodies import FIXTURES, change, golden, table

CASES = [
    pytest.param(case, id=f"{path.stem.partition('-')[2]}::{case['id']}::{case['path']}")
    for path in sorted(FIXTURES.glob("mutations-*.yaml"))
    for case in table(path.name)
]
LEAST = {"tasks": 50, "services": 40}


def ids(bodies: dict[str, dict[str, Any]]) -> Counter[str]:
    return Counter(finding.check.id for finding in find(bodies))


@pytest.mark.parametrize("case", CASES)
def test_exactly_one_check_speaks_up(case: dict[str, Any]) -> None:
    bodies = golden(case["project"])
    kind, _, name = case["body"].partition("/")
    for path, value in case.get("given", {}).items():
        if "/" in path:
            other_kind, _, other = path.partition("/")
            for key, given in value.items():
                change(bodies[other_kind][other], key, given)
        else:
            change(bodies[kind][name], path, value)
    before = ids(bodies)
    assert not any(TABLE[id_].severity == "error" for id_ in before), before
    change(bodies[kind][name], case["path"], case.get("value"))
    after = ids(bodies)
    assert set(after - before) == {case["id"]}, find(bodies)
    gone = {id_ for id_ in before - after if TABLE[id_].severity != "info"}
    assert not gone, "what was said before is still said"


def test_there_are_enough() -> None:
    for path in FIXTURES.glob("mutations-*.yaml"):
        assert len(table(path.name)) >= LEAST[path.stem.partition("-")[2]]
