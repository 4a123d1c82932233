"""`x-ecs.overrides`: raw AWS JSON by kind, checked against AWS's own description as it is read.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/Welcome.html and
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/Welcome.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compose2ecs import codes
from compose2ecs.aws_model import check, request
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.reading import Reading, unknown_key

if TYPE_CHECKING:
    from compose2ecs.aws_model import Shape

# Each kind, with the AWS service and the operation whose request it is laid over.
REQUESTS = {
    "task_definition": ("ecs", "RegisterTaskDefinition"),
    "container": ("ecs", "RegisterTaskDefinition"),
    "service": ("ecs", "CreateService"),
    "target_group": ("elbv2", "CreateTargetGroup"),
    "listener_rule": ("elbv2", "CreateRule"),
}
# What is made by other rules, and what to say instead.
_NAMES = "x-ecs: {names: ...} says how things are called"
_REFUSED = {
    "task_definition": {"family": _NAMES},
    "container": {"name": "a container is called as its service"},
    "service": {
        "cluster": "x-ecs: {cluster: ...} says it",
        "serviceName": _NAMES,
        "taskDefinition": "it is the one that is made here",
    },
    "target_group": {"Name": _NAMES},
    "listener_rule": {
        "ListenerArn": "x-ecs: {listener: ...} says it",
        "Priority": "x-ecs: {route: {priority: ...}} says it",
    },
}
_OWN_TAGS = "compose2ecs:"


def shape_of(kind: str) -> Shape:
    """AWS's description of what a kind of override is laid over."""
    shape: Any = request(*REQUESTS[kind])
    return shape.members["containerDefinitions"].member if kind == "container" else shape  # type: ignore[no-any-return]


def read_overrides(value: Any, place: int, reading: Reading) -> Map | None:
    """The overrides as they stand, each a located mapping. Faults are reported."""
    if not isinstance(value, Map):
        reading.wrong_type(value, place, "a mapping")
        return None
    for kind, body in value.items():
        if kind not in REQUESTS:
            unknown_key(kind, value.keys_at[kind], reading, REQUESTS)
            continue
        reading.path.append(f".{kind}")
        check(body, shape_of(kind), value.at[kind], reading)
        if isinstance(body, Map):
            _refuse(body, kind, reading)
        reading.path.pop()
    return value


def _refuse(body: Map, kind: str, reading: Reading) -> None:
    """What other bodies refer to, and what tells whose a thing is, stays as it is."""
    for key, advice in _REFUSED[kind].items():
        if key in body:
            reading.path.append(f".{key}")
            reading.say(codes.OVERRIDE_REFUSED, body.keys_at[key], advice=advice)
            reading.path.pop()
    for key in ("tags", "Tags"):
        if key not in body:
            continue
        tags = body[key]
        if tags is None:
            _refuse_tag(key, body.keys_at[key], reading)
        for number, tag in enumerate(tags if isinstance(tags, Seq) else ()):
            name = (tag.get("key") or tag.get("Key")) if isinstance(tag, Map) else None
            if isinstance(name, str) and name.lower().startswith(_OWN_TAGS):
                _refuse_tag(f"{key}[{number}]", tags.at[number], reading)


def _refuse_tag(path: str, place: int, reading: Reading) -> None:
    reading.path.append(f".{path}")
    reading.say(codes.OVERRIDE_REFUSED, place, advice="the tags compose2ecs:... say whose it is")
    reading.path.pop()
