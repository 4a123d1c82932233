"""Pairs of bodies: one that a check speaks up about, and its nearest neighbour that is right.

The tables are fixtures/checks/{services,routing,scaling}.yaml, whose README says how a case is
written.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from contextlib import suppress
from types import ModuleType
from typing import Any

import pytest

from compose2ecs.checks import find
from compose2ecs.checks.model import Check, Finding
from tests.checks.bodies import change, table

KEYS = frozenset(("id", "in", "body", "given", "path", "fails", "passes", "where", "at"))


class Pairs:
    """The cases of one table."""

    def __init__(self, name: str) -> None:
        content = table(name)
        self.bodies: dict[str, dict[str, Any]] = content["bodies"]
        self.cases: list[dict[str, Any]] = content["cases"]

    def parameters(self) -> list[Any]:
        return [
            pytest.param(case, id=f"{number}-{case['id']}-{case['path']}")
            for number, case in enumerate(self.cases)
        ]

    def variant(self, case: dict[str, Any], value: str) -> dict[str, dict[str, Any]]:
        """The bodies of a case with its value for `fails` or for `passes`."""
        bodies: dict[str, dict[str, Any]] = {}
        for place, body in self.bodies[case["in"]].items():
            kind, _, name = place.partition("/")
            bodies.setdefault(kind, {})[name] = copy.deepcopy(body)
        for key, given in case.get("given", {}).items():
            if "/" in key:
                for path, other in given.items():
                    put(at(bodies, key), path, other)
            else:
                put(at(bodies, case["body"]), key, given)
        put(at(bodies, case["body"]), case["path"], case.get(value))
        return bodies

    def told(self, case: dict[str, Any]) -> list[tuple[str, str, str]]:
        """What is newly said of the variant that fails: id, body, path."""
        assert case.keys() <= KEYS, case
        before = {line(finding) for finding in find(self.variant(case, "passes"))}
        after = [line(finding) for finding in find(self.variant(case, "fails"))]
        return [one for one in after if one not in before]


def at(bodies: dict[str, dict[str, Any]], place: str) -> Any:
    kind, _, name = place.partition("/")
    return bodies[kind][name]


def put(body: Any, path: str, value: Any) -> None:
    """Put a value at a path; None takes away what may be there."""
    if value is None:
        with suppress(KeyError, IndexError):
            change(body, path, value)
    else:
        change(body, path, value)


def line(finding: Finding) -> tuple[str, str, str]:
    return finding.check.id, f"{finding.kind}/{finding.name}", finding.path


def wanted(case: dict[str, Any]) -> tuple[str, str, str]:
    return case["id"], case.get("where", case["body"]), case.get("at", case["path"])


def decided(modules: Iterable[ModuleType]) -> dict[str, Check]:
    """The rows of these modules that a function decides."""
    return {
        row.id: row
        for module in modules
        for row in module.ROWS
        if not row.said_by and not row.undecided
    }


def spoken(pairs: Pairs, case: dict[str, Any], rows: dict[str, Check]) -> list[Finding]:
    """What is said of the neighbour that should be right: refusals, and anything of these rows."""
    return [
        finding
        for finding in find(pairs.variant(case, "passes"))
        if finding.check.id in rows or finding.check.severity == "error"
    ]


def missing(pairs: Pairs, rows: dict[str, Check]) -> list[str]:
    """The rows that have no pair."""
    return sorted(rows.keys() - {case["id"] for case in pairs.cases})
