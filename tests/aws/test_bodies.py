"""Every body that is written is one that AWS's own model of the call takes: offline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.model import Shape
from botocore.validate import ParamValidator

from compose2ecs.ecs.model import KINDS
from tests.aws.operations import OPERATIONS, Operation
from tests.aws.projects import FOLDERS, TARGETS, Written, name_of, written

PLACEHOLDER = re.compile(r"<[a-z][a-z-]*(?::[^<>\s]+)?>")
# What botocore's patterns hold that Python's do not: classes of letters, and surrogate pairs.
JAVA = {
    r"\p{L}\p{Z}\p{N}": r"\w ",
    r"\p{Print}": "[ -~]",
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010ffff",
}
# What is only known when something is made, and of which kind that is.
MADE = {
    "<target-group-arn:{}>": "target-groups",
    "<target-group-id:{}>": "target-groups",
    "<task-definition-arn:{}>": "task-definitions",
}
each_project = pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
each_target = pytest.mark.parametrize("aim", TARGETS)


def faults(operation: Operation, body: Any) -> list[str]:
    """What AWS's model has against a body: unknown and missing members, types, enums, ranges."""
    shape = operation.model.input_shape
    assert shape is not None
    found = ParamValidator().validate(body, shape).generate_report()
    return [*found.splitlines(), *_limits(shape, body, "")]


def _limits(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """What botocore leaves to AWS: enums, maxima, patterns."""
    if isinstance(value, str) and PLACEHOLDER.search(value):
        return
    facts: dict[str, Any] = shape.metadata
    size = len(value) if hasattr(value, "__len__") else value
    if value not in facts.get("enum", (value,)):
        yield f"{path}: {value!r} is none of {', '.join(facts['enum'])}"
    if not facts.get("min", size) <= size <= facts.get("max", size):
        yield f"{path}: {value!r} is outside {facts.get('min')} to {facts.get('max')}"
    if isinstance(value, str) and "pattern" in facts:
        pattern = facts["pattern"]
        for java, python in JAVA.items():
            pattern = pattern.replace(java, python)
        if not re.fullmatch(pattern, value):
            yield f"{path}: {value!r} does not match {facts['pattern']}"
    members: Any = shape
    if shape.type_name == "structure":
        for key, item in value.items():
            if key in members.members:  # botocore tells of the others
                yield from _limits(members.members[key], item, f"{path}.{key}")
    elif shape.type_name == "list":
        for number, item in enumerate(value):
            yield from _limits(members.member, item, f"{path}[{number}]")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from _limits(members.key, key, f"{path}.{key}")
            yield from _limits(members.value, item, f"{path}.{key}")


def faults_of(files: Written) -> list[str]:
    return [
        f"{kind}/{name}: {fault}"
        for kind, named in files.bodies.items()
        for name, body in named.items()
        for fault in faults(OPERATIONS[kind], body)
    ]


@each_project
@each_target
def test_aws_takes_every_body(folder: Path, aim: str) -> None:
    files = written(folder, aim)
    if files is not None:
        assert faults_of(files) == []


@each_project
@each_target
def test_placeholders_are_listed_and_nothing_else_is_one(folder: Path, aim: str) -> None:
    files = written(folder, aim)
    if files is None:
        return
    own = "".join(path.read_text(encoding="utf-8") for path in folder.glob("compose*.y*ml"))
    left = set(PLACEHOLDER.findall(files.text)) - set(PLACEHOLDER.findall(own))
    assert left == set(files.placeholders)
    if aim != "bare":  # what nobody but AWS knows, and the role that secrets need
        known = {"<execution-role-arn>", "<scheduler-role-arn>", "<cluster-arn>"}
        for placeholder, kind in MADE.items():
            known |= {placeholder.format(name) for name in files.bodies.get(kind, ())}
        known |= {secret for secret in left if secret.startswith("<client-secret:")}
        assert left <= known


def test_most_projects_are_translated() -> None:
    """The tests above say nothing of a project with errors, so there must be few."""
    refused = [name_of(folder) for folder in FOLDERS if written(folder) is None]
    assert len(FOLDERS) >= 20
    assert len(refused) <= 2, refused


def test_bodies_of_every_kind_are_seen() -> None:
    found = [files.bodies for folder in FOLDERS if (files := written(folder)) is not None]
    for kind in KINDS:
        assert sum(len(bodies.get(kind, ())) for bodies in found) >= 2, kind


def test_every_kind_has_its_operation() -> None:
    assert tuple(OPERATIONS) == KINDS
    for operation in OPERATIONS.values():
        assert operation.word == xform_name(operation.name, "-")
        assert operation.model.input_shape is not None


def test_the_order_of_kinds_is_one_in_which_things_can_be_made() -> None:
    """A file names only what an earlier folder has made."""
    order = ("log-groups", "task-definitions", "target-groups", "listener-rules", "services")
    assert all(KINDS.index(first) < KINDS.index(second) for first, second in pairwise(order))
    assert KINDS.index("namespaces") < KINDS.index("services")


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("log-groups", {"tags": {}}, 'Missing required parameter in input: "logGroupName"'),
        ("log-groups", {"logGroupName": "a", "tag": {}}, 'Unknown parameter in input: "tag"'),
        ("log-groups", {"logGroupName": "a b"}, ".logGroupName: 'a b' does not match"),
        ("log-groups", {"logGroupName": "a" * 513}, "is outside 1 to 512"),
        ("log-groups", {"logGroupName": "a", "tags": {"a": "ü&"}}, ".tags.a: 'ü&' does not match"),
        (
            "task-definitions",
            {"family": "a", "containerDefinitions": [{"memory": "128"}]},
            "Invalid type for parameter containerDefinitions[0].memory",
        ),
        (
            "task-definitions",
            {"family": "a", "containerDefinitions": [{"ulimits": [{"name": "no"}]}]},
            ".containerDefinitions[0].ulimits[0].name: 'no' is none of core, cpu",
        ),
        ("target-groups", {"Name": "a", "HealthCheckIntervalSeconds": 301}, "outside 5 to 300"),
    ],
)
def test_faults_are_found(kind: str, body: Any, said: str) -> None:
    assert any(said in fault for fault in faults(OPERATIONS[kind], body))


def test_a_right_body_has_no_faults() -> None:
    body = {"logGroupName": "/ecs/qa", "tags": {"team of": "Käse", "a:b": "1 + 1 = 2"}}
    assert faults(OPERATIONS["log-groups"], body) == []
