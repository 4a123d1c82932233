"""Bodies with a few values changed, for the tables of fixtures/checks."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from tests.conftest import ROOT

FIXTURES = ROOT / "fixtures/checks"
PROJECTS = ROOT / "fixtures/projects"
STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def table(name: str) -> Any:
    """A table of fixtures/checks."""
    return yaml.safe_load((FIXTURES / name).read_text(encoding="utf-8"))


@cache
def _golden(project: str) -> Mapping[str, Mapping[str, Any]]:
    bodies: dict[str, dict[str, Any]] = {}
    for path in sorted((PROJECTS / project / "expected").glob("*/*.json")):
        bodies.setdefault(path.parent.name, {})[path.stem] = json.loads(
            path.read_text(encoding="utf-8")
        )
    assert bodies, f"no project {project}"
    return bodies


def golden(project: str) -> dict[str, dict[str, Any]]:
    """What convert writes for a project of fixtures/projects, by kind and name: a copy."""
    return copy.deepcopy(_golden(project))  # type: ignore[arg-type]


def steps(path: str) -> list[str | int]:
    """The way to a value: `a[0].b` is a, 0, b.

    >>> steps("a[0].b")
    ['a', 0, 'b']
    """
    found: list[str | int] = []
    for key, index in STEP.findall(path):
        found.append(key or int(index))
    return found


def change(body: Any, path: str, value: Any) -> None:
    """Put a value at a path, making what is missing on the way; None takes it away.

    An index one past the end of a list appends.
    """
    *way, last = steps(path)
    for step, after in zip(way, [*way, last][1:], strict=True):
        fresh: Any = [] if isinstance(after, int) else {}
        if isinstance(body, list):
            assert isinstance(step, int)
            if step == len(body):
                body.append(fresh)
            body = body[step]
        else:
            body = body.setdefault(step, fresh)
    if value is None:
        del body[last]
    elif isinstance(body, list) and last == len(body):
        body.append(copy.deepcopy(value))
    else:
        body[last] = copy.deepcopy(value)


def changed(body: Any, changes: Mapping[str, Any]) -> Any:
    """A copy of a body with these values at these paths."""
    found = copy.deepcopy(body)
    for path, value in changes.items():
        change(found, path, value)
    return found
