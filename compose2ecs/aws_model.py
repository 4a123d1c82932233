"""The requests of AWS's calls, as the installed botocore describes them: raw JSON is checked here.

This is the only module of `convert` that imports botocore, when an override is used and not before,
and of that only what reads the descriptions: no client, no session, no network.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.reading import Reading, nearest

if TYPE_CHECKING:
    from botocore.model import ListShape, MapShape, StringShape, StructureShape
    from botocore.model import Shape as Shape  # for those who name it

Step = str | int


@cache
def request(service: str, operation: str) -> StructureShape:
    """What a call takes, `request("ecs", "CreateService")`."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    shape = model.operation_model(operation).input_shape
    assert shape is not None
    return shape


def check(value: Any, shape: Shape, place: int, reading: Reading) -> None:
    """Report what in a located value AWS's description does not allow. A member that is null is
    one to be taken out, and what is required may be there already: neither is a fault."""
    by_type = _CHECKS.get(shape.type_name)  # no request here has timestamps or blobs
    if by_type is not None:
        by_type(value, shape, place, reading)


def _structure(value: Any, shape: StructureShape, place: int, reading: Reading) -> None:
    if not isinstance(value, Map):
        reading.wrong_type(value, place, "a mapping")
        return
    members = shape.members
    for key, item in value.items():
        if key not in members:
            guess = nearest(key, members)
            reading.say(
                codes.AWS_UNKNOWN_KEY,
                value.keys_at[key],
                key=key,
                shape=shape.name,
                guess=f"; did you mean {guess!r}?" if guess else "",
                version=_version(),
            )
        elif item is not None:
            reading.path.append(f".{key}")
            check(item, members[key], value.at[key], reading)
            reading.path.pop()


def _list(value: Any, shape: ListShape, place: int, reading: Reading) -> None:
    if not isinstance(value, Seq):
        reading.wrong_type(value, place, "a list")
        return
    for number, item in enumerate(value):
        reading.path.append(f"[{number}]")
        check(item, shape.member, value.at[number], reading)
        reading.path.pop()
    _size(len(value), "entries", shape, place, reading)


def _map(value: Any, shape: MapShape, place: int, reading: Reading) -> None:
    if not isinstance(value, Map):
        reading.wrong_type(value, place, "a mapping")
        return
    for key, item in value.items():
        reading.path.append(f".{key}")
        check(key, shape.key, value.keys_at[key], reading)
        if item is not None:
            check(item, shape.value, value.at[key], reading)
        reading.path.pop()


def _string(value: Any, shape: StringShape, place: int, reading: Reading) -> None:
    if value.__class__ is not str:
        reading.wrong_type(value, place, "a string")
    elif shape.enum and value not in shape.enum:
        guess = nearest(value, shape.enum)
        reading.say(
            codes.AWS_CHOICE,
            place,
            value=value,
            choices=", ".join(shape.enum),
            guess=f"; did you mean {guess!r}?" if guess else "",
            version=_version(),
        )
    else:
        _size(len(value), "characters", shape, place, reading)


def _whole(value: Any, shape: Shape, place: int, reading: Reading) -> None:
    if value.__class__ is int:
        _bounds(value, shape, place, reading)
    else:
        reading.wrong_type(value, place, "a whole number without quotes")


def _number(value: Any, shape: Shape, place: int, reading: Reading) -> None:
    if value.__class__ in (int, float):
        _bounds(value, shape, place, reading)
    else:
        reading.wrong_type(value, place, "a number without quotes")


def _boolean(value: Any, shape: Shape, place: int, reading: Reading) -> None:
    if value.__class__ is not bool:
        reading.wrong_type(value, place, "true or false")


_CHECKS: dict[str, Any] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _whole,
    "long": _whole,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
}


def _bounds(value: float, shape: Shape, place: int, reading: Reading) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f"at least {low}" if high is None else f"from {low or 0} to {high}"
        reading.say(codes.AWS_RANGE, place, bounds=bounds, value=value)


def _size(size: int, of: str, shape: Shape, place: int, reading: Reading) -> None:
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
    if size < low or (high is not None and size > high):
        bounds = f"at least {low}" if high is None else f"{low} to {high}"
        reading.say(codes.AWS_SIZE, place, bounds=bounds, of=of, size=size)


def _version() -> str:
    import botocore

    return botocore.__version__


def missing(value: Any, shape: Shape, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """The path of each required member that a body lacks."""
    if shape.type_name == "structure" and isinstance(value, dict):
        members = shape.members  # type: ignore[attr-defined]
        for name in shape.metadata.get("required", ()):
            if name not in value:
                yield (*path, name)
        for key, item in value.items():
            if key in members:
                yield from missing(item, members[key], (*path, key))
    elif shape.type_name == "list" and isinstance(value, list):
        for number, item in enumerate(value):
            yield from missing(item, shape.member, (*path, number))  # type: ignore[attr-defined]
    elif shape.type_name == "map" and isinstance(value, dict):
        for key, item in value.items():
            yield from missing(item, shape.value, (*path, key))  # type: ignore[attr-defined]
