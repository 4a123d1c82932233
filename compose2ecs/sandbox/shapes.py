"""AWS's own models of its calls, as botocore brings them: names, types, and what is allowed.

Source: https://docs.aws.amazon.com/botocore/latest/reference/loaders.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from compose2ecs.sandbox.errors import AwsError

LOADER = Loader()  # shared by all clients of all sandboxes: reading the models is what costs time

# What each service calls a request that its model does not allow.
_INVALID = {
    "ecs": "InvalidParameterException",
    "elbv2": "ValidationError",
    "logs": "InvalidParameterException",
    "servicediscovery": "InvalidInput",
    "application-autoscaling": "ValidationException",
    "resourcegroupstaggingapi": "InvalidParameterException",
    "scheduler": "ValidationException",
    "iam": "ValidationError",
    "sts": "ValidationError",
    "ec2": "InvalidParameterValue",
}
AnyShape = Any  # one of botocore's shapes: which members it has depends on its type
_SHOWN = 60  # characters of a wrong value in a message


@cache
def service_model(service: str) -> ServiceModel:
    """The model of a service, by the name that boto3 has for it."""
    return ServiceModel(LOADER.load_service_model(service, "service-2"), service)


@cache
def operation_model(service: str, operation: str) -> OperationModel | None:
    """The model of a call; None if the service has no such call."""
    model = service_model(service)
    return model.operation_model(operation) if operation in model.operation_names else None


def invalid(service: str, operation: str = "") -> str:
    """The code of the error for a request that the model does not allow."""
    if operation == "RegisterTaskDefinition":
        return "ClientException"
    return _INVALID[service]


def validated(service: str, operation: OperationModel, asked: Any) -> dict[str, Any]:
    """The request with nulls and unknown members gone; raises AwsError for what is not allowed."""
    if operation.input_shape is None:
        return {}
    faults: list[str] = []
    found = _value(operation.input_shape, asked, "", faults)
    if faults:
        several = "s" if len(faults) > 1 else ""
        said = f"{len(faults)} validation error{several} detected: {'; '.join(faults)}"
        raise AwsError(invalid(service, operation.name), said)
    if not isinstance(found, dict):
        raise AwsError("SerializationException", "Start of structure or map expected.")
    return found


_PYTHON: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "character": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, str),
    "blob": (str, bytes),
}


def _value(shape: AnyShape, value: Any, at: str, faults: list[str]) -> Any:
    kind: str = shape.type_name
    if kind != "boolean" and isinstance(value, bool):
        raise AwsError("SerializationException", f"BOOLEAN_VALUE can not be converted to {kind}")
    if not _is(kind, value):
        said = f"{type(value).__name__.upper()}_VALUE can not be converted to {kind} at '{at}'"
        raise AwsError("SerializationException", said)
    if kind == "structure":
        value = _structure(shape, value, at, faults)
    elif kind == "list":
        value = _list(shape.member, value, at, faults)
    elif kind == "map":
        value = _map(shape.value, value, at, faults)
    faults += (
        f"Value {_shown(value)} at '{at}' failed to satisfy constraint: {fault}"
        for fault in _faults(shape, value)
    )
    return value


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, _PYTHON[kind])


def _list(member: AnyShape, value: list[Any], at: str, faults: list[str]) -> list[Any]:
    where = f"{at}." if at else ""
    return [
        _value(member, one, f"{where}{number}.member", faults)
        for number, one in enumerate(value, 1)
        if one is not None
    ]


def _map(member: AnyShape, value: dict[str, Any], at: str, faults: list[str]) -> dict[str, Any]:
    return {
        key: _value(member, one, f"{at}.{key}.member", faults)
        for key, one in value.items()
        if one is not None
    }


def _structure(shape: AnyShape, value: Any, at: str, faults: list[str]) -> dict[str, Any]:
    members = shape.members
    where = f"{at}." if at else ""
    found = {
        name: _value(members[name], one, where + name, faults)
        for name, one in value.items()
        if one is not None and name in members
    }
    faults += (
        f"Value null at '{where}{name}' failed to satisfy constraint: Member must not be null"
        for name in shape.required_members
        if name not in found
    )
    return found


def _faults(shape: AnyShape, value: Any) -> Iterator[str]:
    """What a model has against a value of the right type."""
    limits = shape.metadata
    if not limits:
        return
    if "enum" in limits and value not in limits["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"
    least, most = limits.get("min"), limits.get("max")
    if least is not None or most is not None:
        sized = not isinstance(value, (int, float))
        size = len(value) if sized else value
        what = "length" if sized else "value"
        if least is not None and size < least:
            yield f"Member must have {what} greater than or equal to {least}"
        if most is not None and size > most:
            yield f"Member must have {what} less than or equal to {most}"
    if "pattern" in limits and isinstance(value, str):
        pattern = _pattern(limits["pattern"])
        if pattern is not None and not pattern.fullmatch(value):
            yield f"Member must satisfy regular expression pattern: {limits['pattern']}"


@cache
def _pattern(text: str) -> re.Pattern[str] | None:
    """A pattern of the model; None for those in a dialect that Python does not speak."""
    if "\\p" in text or "\\u" in text or "[[" in text:
        return None
    try:
        return re.compile(text)
    except re.error:
        return None


def _shown(value: Any) -> str:
    text = str(value)
    return f"'{text if len(text) <= _SHOWN else text[:_SHOWN] + '...'}'"
