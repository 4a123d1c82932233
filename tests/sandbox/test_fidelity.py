"""The facts about AWS, held against the sandbox, and against what no fact may hold for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from compose2ecs.sandbox.calls import Call
from compose2ecs.sandbox.fidelity import CHECKS, Check, fault, score
from compose2ecs.sandbox.fidelity.model import Aws
from compose2ecs.sandbox.fidelity.targets import Anything, Double, bare_moto, double
from compose2ecs.sandbox.shapes import service_model
from tests.conftest import ROOT

# Facts that the sandbox does not hold, each with the reason why.
MISSED: dict[str, str] = {}
# Errors that every service may answer, so that no operation of the models names them.
COMMON = {
    "ValidationError",
    "ValidationException",
    "Throttling",
    "ThrottlingException",
    "DuplicateTagKeys",
    "SerializationException",
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_fact_holds(check: Check) -> None:
    with double() as aws:
        found = fault(check, aws)
        assert isinstance(aws, Double)
        strange = set(_strange(aws.box.calls))
    assert not found or check.id in MISSED, found
    assert found or check.id not in MISSED, "it holds, and is said not to"
    assert strange == set(), "AWS's model of the operation names no such error"


def _strange(calls: Iterable[Call]) -> Iterator[tuple[str, str]]:
    for call in calls:
        if call.error and call.error not in COMMON:
            operation = service_model(call.service).operation_model(call.operation)
            codes = {
                shape.metadata.get("error", {}).get("code", shape.name)
                for shape in operation.error_shapes
            }
            if call.error not in codes:
                yield call.operation, call.error


def test_there_are_enough_and_each_has_its_source() -> None:
    assert len(CHECKS) >= 95
    assert len(CHECKS) - len(MISSED) >= 95
    ids = Counter(check.id for check in CHECKS)
    assert ids.most_common(1)[0][1] == 1
    assert len({check.what for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert check.source.startswith("https://docs.aws.amazon.com/"), check


def test_the_docs_say_how_many_there_are() -> None:
    text = (ROOT / "docs/sandbox.md").read_text()
    assert f"| sandbox | {len(CHECKS) - len(MISSED)} of {len(CHECKS)} |" in text


@pytest.mark.parametrize("yes", [True, False])
def test_no_fact_holds_for_whatever_says_always_the_same(yes: bool) -> None:
    @contextmanager
    def same() -> Iterator[Aws]:
        yield Anything(yes=yes)

    assert [one.check.id for one in score(same) if not one.fault] == []


@pytest.mark.slow
def test_facts_fail_for_what_is_not_so() -> None:
    """Most of moto's gaps are known: the same checks find them."""
    known = {"T109": True, "T102": False, "S001": False, "E014": True}
    checks = [check for check in CHECKS if check.id in known]
    found = {one.check.id: not one.fault for one in score(bare_moto, checks)}
    assert found == known
