"""The worked examples: what is expected of them is a subset of what is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.golden import convert

SEEDS = ROOT / "fixtures/seeds"
FILES = sorted(SEEDS.glob("*/expected/*/*.json"))


def identity(item: Any) -> Any:
    """By what a list's entries are matched: containers by name, port mappings by port."""
    if isinstance(item, dict):
        return item.get("containerPort", item.get("name"))
    return item


def missing(expected: Any, got: Any, path: str) -> list[str]:
    """Where `got` lacks something of `expected`."""
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return [f"{path}: {got!r} is no mapping"]
        return [
            fault
            for key, value in expected.items()
            for fault in (
                missing(value, got[key], f"{path}.{key}")
                if key in got
                else [f"{path}.{key}: absent"]
            )
        ]
    if isinstance(expected, list) and expected and isinstance(expected[0], dict):
        if not all(identity(item) is not None for item in expected):
            pairs = zip(expected, got, strict=True)
            return [f for n, (e, g) in enumerate(pairs) for f in missing(e, g, f"{path}[{n}]")]
        by_identity = {identity(item): item for item in got}
        return [
            fault
            for item in expected
            for fault in missing(item, by_identity.get(identity(item)), f"{path}[{identity(item)}]")
        ]
    return [] if expected == got else [f"{path}: {got!r}, not {expected!r}"]


def test_seeds_are_whole() -> None:
    assert len(FILES) == 13


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(SEEDS)))
def test_seed(file: Path) -> None:
    texts, said = convert(file.parents[2])
    assert "error:" not in said
    name = f"{file.parent.name}/{file.name}"
    assert missing(json.loads(file.read_text()), json.loads(texts[name]), "") == []


def test_the_comparison_finds_faults() -> None:
    expected = {"a": [{"name": "x", "v": 1}, {"name": "y", "v": 2}], "b": "c"}
    assert missing(expected, {"a": [{"name": "y", "v": 2}, {"name": "x", "v": 3}]}, "") == [
        ".a[x].v: 3, not 1",
        ".b: absent",
    ]
