"""Task definitions: a body that each check refuses, and its nearest neighbour, which is right."""

from __future__ import annotations

from typing import Any

import pytest

from compose2ecs.checks.table import OF_TASKS, TABLE
from tests.checks.pairs import Pairs, decided, missing, spoken, wanted

TASK = "task-definitions/t"
APP = "containerDefinitions[0]"
PORTS = f"{APP}.portMappings"
HASH = "@sha256:" + "0" * 64


def many(count: int, item: Any) -> list[Any]:
    """So many items, with their number in the place of `#`."""
    if isinstance(item, dict):
        return [
            {key: many(count, value)[number] for key, value in item.items()}
            for number in range(count)
        ]
    if not isinstance(item, str) or "#" not in item:
        return [item] * count
    return [item.replace("#", str(number)) for number in range(count)]


def ranges(count: int) -> list[dict[str, str]]:
    return [{"containerPortRange": f"{port}-{port + 1}"} for port in range(100, 100 + 2 * count, 2)]


def fixed(count: int) -> list[dict[str, int]]:
    return [{"containerPort": port, "hostPort": port} for port in range(1000, 1000 + count)]


CONTAINER = {"name": "c#", "image": "a:1", "memory": 6}
FILE = {"type": "s3", "value": "arn:aws:s3:::bucket/#.env"}
VARIABLE = {"name": "V#", "value": "v"}
MOUNT = {"sourceVolume": "data", "containerPath": "/#"}
CONSTRAINT = {"type": "memberOf", "expression": "e"}
# Where the fault is a number of things or of characters: id, path, what is wrong, what is right,
# and where it is told of, if not at the path.
COUNTED: list[tuple[str, str, Any, Any, str | None]] = [
    ("D001", "family", "a" * 256, "a" * 255, None),
    ("D002", f"{APP}.name", "a" * 256, "a" * 255, None),
    ("D004", "containerDefinitions", many(11, CONTAINER), many(10, CONTAINER), None),
    ("D006", f"{APP}.environment[0].value", "a" * 2**16, "a" * (2**16 - 600), ""),
    ("D006", f"{APP}.environment[0].value", "é" * 2**15, "é" * (2**15 - 300), ""),
    ("D006", f"{APP}.command", ["a" * 2**16], ["a" * (2**16 - 600)], ""),
    ("D006", f"{APP}.dockerLabels", {"a": "b" * 2**16}, {"a": "b" * (2**16 - 600)}, ""),
    ("D006", f"{APP}.healthCheck.command[1]", "a" * 2**16, "a" * (2**16 - 600), ""),
    ("D006", f"{APP}.environment", many(2400, VARIABLE), many(2000, VARIABLE), ""),
    ("D006", f"{APP}.mountPoints", many(2000, MOUNT), many(800, MOUNT), ""),
    ("D008", f"{APP}.image", "a" * 254 + ":1", "a" * 253 + ":1", None),
    ("D008", f"{APP}.image", "a" * 256 + HASH, "a" * 255 + HASH, None),
    ("D009", f"{APP}.image", "a:" + "b" * 129, "a:" + "b" * 128, None),
    ("D014", "volumes[0].name", "a" * 256, "a" * 255, None),
    ("D015", "tags", many(51, {"key": "#"}), many(50, {"key": "#"}), None),
    ("D015", "tags", [{"key": "k" * 129}], [{"key": "k" * 128}], "tags[0]"),
    (
        "D015",
        "tags",
        [{"key": "k", "value": "v" * 257}],
        [{"key": "k", "value": "v" * 256}],
        "tags[0]",
    ),
    ("D058", PORTS, fixed(101), fixed(100), "containerDefinitions"),
    ("D061", PORTS, ranges(101), ranges(100), None),
    ("D062", f"{PORTS}[0].name", "p" * 65, "p" * 64, None),
    ("D090", f"{APP}.restartPolicy.ignoredExitCodes", many(51, 1), many(50, 1), None),
    ("D095", f"{APP}.environmentFiles", many(11, FILE), many(10, FILE), None),
    ("D098", f"{APP}.secrets[0].valueFrom", "p" * 2049, "p" * 2048, None),
    ("D217", "placementConstraints", many(11, CONSTRAINT), many(10, CONSTRAINT), None),
    (
        "D217",
        "placementConstraints[0]",
        {**CONSTRAINT, "expression": "e" * 2001},
        {**CONSTRAINT, "expression": "e" * 2000},
        "placementConstraints[0].expression",
    ),
]
GIVEN = {
    "D090": {f"{APP}.restartPolicy": {"enabled": True}},
    "D098": {f"{APP}.secrets": [{"name": "S"}]},
}

PAIRS = Pairs("tasks.yaml")
PAIRS.cases += [
    {"id": id_, "in": "ec2", "path": path, "fails": bad, "passes": good}
    | ({} if at is None else {"at": at})
    | ({"given": GIVEN[id_]} if id_ in GIVEN else {})
    for id_, path, bad, good, at in COUNTED
]
for _case in PAIRS.cases:
    _case.setdefault("body", TASK)
ROWS = decided(OF_TASKS)
each_case = pytest.mark.parametrize("case", PAIRS.parameters())


@each_case
def test_exactly_one_check_speaks_up(case: dict[str, Any]) -> None:
    assert PAIRS.told(case) == [wanted(case)]


@each_case
def test_nobody_has_anything_against_the_neighbour(case: dict[str, Any]) -> None:
    assert spoken(PAIRS, case, ROWS) == []


def test_every_check_has_its_pair() -> None:
    assert missing(PAIRS, ROWS) == []
    assert {case["id"] for case in PAIRS.cases} <= TABLE.keys()
