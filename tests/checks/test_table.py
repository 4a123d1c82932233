"""The table of checks: complete, each row decided in one way, and nothing that can bring it down."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from compose2ecs import codes
from compose2ecs.checks import DECIDING, REMARKING, find, find_one, remarks
from compose2ecs.checks.model import Check
from compose2ecs.checks.table import OF_SERVICES, OF_TASKS, TABLE
from compose2ecs.checks.tasks import _CONTAINER, _TASK, named
from compose2ecs.ecs.model import KINDS
from compose2ecs.report import ERROR, INFO, WARNING, Code
from tests.checks.bodies import golden, steps
from tests.conftest import ROOT

MODULES = (*OF_TASKS, *OF_SERVICES)
# The ids that are given out, by the groups in which they were.
IDS = [
    f"D{number:03d}"
    for numbers in ((1, 15), (20, 44), (50, 76), (80, 100), (110, 141), (150, 197))
    for number in range(numbers[0], numbers[1] + 1)
]
WHEN = {"register", "service", "elb", "scaling", "other", "run", "meaning"}
ROWS = pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.id)


def test_every_id_has_its_row() -> None:
    assert len(IDS) == 168
    assert [id_ for id_ in IDS if id_ not in TABLE] == []


def test_no_id_is_given_twice() -> None:
    count = Counter(row.id for module in MODULES for row in module.ROWS)
    assert [id_ for id_, number in count.items() if number > 1] == []
    assert [id_ for id_ in TABLE if not re.fullmatch(r"D\d\d\d", id_)] == []


def test_whatever_is_found_has_its_row() -> None:
    folder = ROOT / "compose2ecs/checks"
    named = {
        id_ for path in folder.glob("*.py") for id_ in re.findall(r'"(D\d\d\d)"', path.read_text())
    }
    assert sorted(named) == sorted(TABLE)


@ROWS
def test_row(row: Check) -> None:
    known = {value.id for value in vars(codes).values() if isinstance(value, Code)}
    assert not (row.said_by and row.undecided), "it is decided in one way"
    assert set(row.said_by) <= known
    assert row.source.startswith("https://docs.aws.amazon.com/")
    assert row.when in WHEN
    assert row.severity in (ERROR, WARNING, INFO)
    assert row.title
    assert not re.search(r"\w\.$", row.title)
    if row.when in ("run", "meaning") and not row.said_by:
        assert row.severity != ERROR, "AWS takes it"


def test_what_aws_refuses_is_an_error() -> None:
    taken = {
        row.id
        for row in TABLE.values()
        if row.severity != ERROR and row.when not in ("run", "meaning")
    }
    # a member that we do not know may be newer than we are, a quota may have been raised
    assert taken <= {"D202", "D374"}


def test_remarks_are_those_that_only_inform() -> None:
    informing = {
        row.id
        for row in TABLE.values()
        if row.severity == INFO and not row.said_by and not row.undecided
    }
    assert informing == {row.id for row in remarks.ROWS}


def test_modules_are_asked_of_what_they_decide() -> None:
    assert tuple(DECIDING) == KINDS
    decided = {
        (kind, module.__name__.rpartition(".")[2])
        for module in MODULES
        for table in (getattr(module, "ALONE", {}), getattr(module, "AMONG", {}))
        for kind in table
    }
    asked = {
        (kind, module)
        for table in (DECIDING, REMARKING)
        for kind, modules in table.items()
        for module in modules
    }
    assert decided == asked


def test_looks_exist() -> None:
    looks = [look for _, _, look in _CONTAINER.values()] + [look for _, look in _TASK.values()]
    looks = [look for look in looks if look]
    assert len(looks) > 40
    assert all(callable(named(look)) for look in looks)


def test_members_are_those_of_the_api() -> None:
    from botocore.session import get_session

    model = get_session().get_service_model("ecs")
    for name, known in (
        ("ContainerDefinition", _CONTAINER),
        ("RegisterTaskDefinitionRequest", _TASK),
    ):
        shape: Any = model.shape_for(name)
        assert set(shape.members) <= set(known)


# ---------------------------------------------------------------------------- anything at all

WILD: list[Any] = [None, True, 0, -1, 2**70, 1.5, "", "x", "<x>", [], [None], [[]], {}, {"x": 1}]


def places(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, f"{path}[{number}]")
    if path:
        yield path


def replaced(body: Any, way: list[str | int], value: Any) -> Any:
    """A body with another value in one place; what is beside the way to it is shared."""
    if not way:
        return value
    first, *rest = way
    copy = body.copy()
    copy[first] = replaced(body[first], rest, value)
    return copy


@pytest.mark.parametrize("project", ["aws-shop", "two-of-everything"])
def test_any_json_is_looked_at(project: str) -> None:
    """Whatever stands anywhere, nothing is raised, and there is text to tell it with."""
    bodies = golden(project)
    tried = 0
    for kind, all_of_them in bodies.items():
        for name, body in list(all_of_them.items())[:2]:
            for path in places(body):
                for value in WILD:
                    changed = replaced(body, steps(path), value)
                    for finding in find_one(kind, changed, bodies, name):
                        assert finding.text, finding
                    tried += 1
    assert tried > 3000


@pytest.mark.parametrize("kind", [*KINDS, "of-no-kind"])
@pytest.mark.parametrize("value", WILD, ids=repr)
def test_a_body_may_be_anything(kind: str, value: Any) -> None:
    find({kind: {"a": value, "b": {"family": value}, "c": {"containerDefinitions": value}}})


def test_secrets_are_never_shown() -> None:
    secret = "c0ffee-is-the-pass:word"
    body = {
        "family": "a",
        "executionRoleArn": "r",
        "containerDefinitions": [
            {
                "name": "a",
                "image": "a:1",
                "memory": 6,
                "environment": [
                    {"name": "PASSWORD", "value": secret},
                    {"name": "PASSWORD", "value": [secret]},
                ],
                "secrets": [{"name": "S", "valueFrom": secret}],
            }
        ],
    }
    found = find({"task-definitions": {"a": body}})
    assert {finding.check.id for finding in found} == {"D094", "D096", "D098", "D210"}
    assert secret not in repr(found)


def test_few_modules_are_needed_for_few_things() -> None:
    script = (
        "import sys; from compose2ecs.checks import find\n"
        "body = {'family': 'a', 'containerDefinitions': [{'name': 'a', 'image': 'a', 'memory': 6}]}\n"
        "assert not find({'task-definitions': {'a': body}}, remarks=False)\n"
        "print(*(m for m in sys.modules if m.startswith('compose2ecs.checks.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    names = {module.rpartition(".")[2] for module in done.stdout.split()}
    assert names == {"model", "values", "stack", "task", "tasks", "containers"}
