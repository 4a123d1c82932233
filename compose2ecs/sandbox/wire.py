"""Requests as they come over the wire to calls, and answers back to bytes.

All four forms that the services speak: JSON, query, EC2's query, and REST with JSON.

Source: https://smithy.io/2.0/aws/protocols/index.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from botocore.model import OperationModel

from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.shapes import AnyShape, operation_model, service_model, validated


class Request(NamedTuple):
    """An HTTP request; the names of its headers are in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes


class Asked(NamedTuple):
    """Which call a request makes, and its parameters as they came, not looked at yet."""

    service: str
    operation: OperationModel
    raw: Any

    def parameters(self) -> dict[str, Any]:
        """The parameters; raises AwsError if the model does not allow them."""
        return validated(self.service, self.operation, self.raw)


_TARGETS = {
    "AmazonEC2ContainerServiceV20141113": "ecs",
    "Logs_20140328": "logs",
    "Route53AutoNaming_v20170314": "servicediscovery",
    "AnyScaleFrontendService": "application-autoscaling",
    "ResourceGroupsTaggingAPI_20170126": "resourcegroupstaggingapi",
}
_VERSIONS = {
    ("elasticloadbalancing", "2015-12-01"): "elbv2",
    ("iam", "2010-05-08"): "iam",
    ("sts", "2011-06-15"): "sts",
    ("ec2", "2016-11-15"): "ec2",
}
_CREDENTIAL = re.compile(r"Credential=[^/]*/\d{8}/([^/]*)/([^/]*)/")


def signed_for(request: Request) -> tuple[str, str]:
    """The region and the service that a request was signed for; two empty texts if it was not."""
    found = _CREDENTIAL.search(request.headers.get("authorization", ""))
    return (found[1], found[2]) if found else ("", "")


def asked_by(request: Request) -> Asked | None:
    """The call that a request makes; None if it is to a service that is not ours."""
    target = request.headers.get("x-amz-target", "")
    prefix, _, name = target.rpartition(".")
    if prefix:
        service = _TARGETS.get(prefix)
        if service is None:
            return None
        return Asked(service, _operation(service, name), _json(request.body))
    signed = signed_for(request)[1]
    if signed == "scheduler":
        return _by_path(request)
    if signed not in {name for name, _ in _VERSIONS}:
        return None
    text = request.body or urlsplit(request.url).query.encode()
    flat = dict(parse_qsl(text.decode(), keep_blank_values=True))
    service = _VERSIONS.get((signed, flat.get("Version", "")))
    if service is None:
        return None
    operation = _operation(service, flat.pop("Action", ""))
    flat.pop("Version", None)
    return Asked(service, operation, _from_query(operation.input_shape, _tree(flat)))


def _operation(service: str, name: str) -> OperationModel:
    found = operation_model(service, name)
    if found is None:
        raise AwsError("UnknownOperationException", f"{service} has no operation {name!r}")
    return found


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else {}
    except ValueError:
        raise AwsError("SerializationException", "the body is not JSON") from None


# ---------------------------------------------------------------------------- query, in


def _tree(flat: Mapping[str, str]) -> dict[str, Any]:
    """`{"A.member.1": "x"}` to `{"A": {"member": {"1": "x"}}}`."""
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        *folders, last = path.split(".")
        here = tree
        for folder in folders:
            below = here.setdefault(folder, {})
            if not isinstance(below, dict):  # `A=` beside `A.member.1`
                below = here[folder] = {}
            here = below
        here.setdefault(last, value)
    return tree


def _from_query(shape: AnyShape, node: Any) -> Any:
    if shape is None:
        return {}
    kind = shape.type_name
    if kind == "structure":
        below = node if isinstance(node, dict) else {}
        return {
            name: _from_query(member, below[key])
            for name, member in shape.members.items()
            if (key := _query_name(member, name)) in below
        }
    if kind == "list":
        return [_from_query(shape.member, item) for item in _items(shape, node)]
    if kind == "map":
        entries = _items(shape, node)
        return {
            entry.get("key", ""): _from_query(shape.value, entry.get("value")) for entry in entries
        }
    return _scalar(kind, node)


def _query_name(member: AnyShape, name: str) -> str:
    named = member.serialization
    found = str(named.get("queryName") or named.get("name") or name)
    return found[:1].upper() + found[1:]


def _items(shape: AnyShape, node: Any) -> list[Any]:
    """The items of a list or map, by their numbers."""
    if not isinstance(node, dict):
        return []
    if not all(key.isdigit() for key in node):
        node = next(iter(node.values()))  # under `member`, `entry` or a name of its own
    if not isinstance(node, dict):
        return []
    return [node[key] for key in sorted(node, key=int)]


def _scalar(kind: str, text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
    except ValueError:
        raise AwsError("MalformedInput", f"{text!r} is no number") from None
    return text == "true" if kind == "boolean" else text


# ---------------------------------------------------------------------------- REST, in


@cache
def _routes(service: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Method, pattern of the path and name of each operation, the longer paths first."""
    model = service_model(service)
    routes = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = re.escape(http["requestUri"].partition("?")[0])
        path = re.sub(r"\\{(\w+)(\\\+)?\\}", r"(?P<\1>[^/]+)", path)
        routes.append((http["method"], re.compile(path + "/?"), name))
    return tuple(sorted(routes, key=lambda route: -len(route[1].pattern)))


def _by_path(request: Request) -> Asked:
    parts = urlsplit(request.url)
    for method, pattern, name in _routes("scheduler"):
        found = pattern.fullmatch(parts.path)
        if method == request.method and found:
            operation = _operation("scheduler", name)
            path = {key: unquote(value) for key, value in found.groupdict().items()}
            return Asked("scheduler", operation, _rest(operation, path, parts.query, request.body))
    raise AwsError("UnknownOperationException", f"no operation at {parts.path}", 404)


def _rest(operation: OperationModel, path: Mapping[str, str], query: str, body: bytes) -> Any:
    raw = _json(body)
    if operation.input_shape is None or not isinstance(raw, dict):
        return raw
    asked = dict(parse_qsl(query, keep_blank_values=True))
    for name, member in operation.input_shape.members.items():
        key = member.serialization.get("name", name)
        where = member.serialization.get("location")
        found = path.get(key) if where == "uri" else asked.get(key) if where else None
        if found is not None:
            raw[name] = [found] if member.type_name == "list" else _scalar(member.type_name, found)
    return raw


# ---------------------------------------------------------------------------- answers


def answer(asked: Asked, result: Mapping[str, Any], request_id: str) -> Answer:
    """The response that carries a result."""
    headers = {"x-amzn-RequestId": request_id}
    shape = asked.operation.output_shape
    model = asked.operation.service_model
    protocol = str(model.resolved_protocol)
    if protocol in ("json", "rest-json"):
        headers["Content-Type"] = "application/x-amz-json-1.1"
        found = _plain(shape, result) if shape is not None else {}
        return Answer(200, headers, json.dumps(found).encode())
    headers["Content-Type"] = "text/xml"
    inner = "".join(_members(shape, result)) if shape is not None else ""
    name, space = asked.operation.name, model.metadata.get("xmlNamespace", "")
    if protocol == "ec2":
        text = f"<requestId>{request_id}</requestId>{inner}"
    else:
        wrapper = (shape.serialization.get("resultWrapper") if shape else "") or f"{name}Result"
        meta = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        text = f"<{wrapper}>{inner}</{wrapper}>{meta}"
    return Answer(200, headers, f'<{name}Response xmlns="{space}">{text}</{name}Response>'.encode())


def refusal(service: str, error: AwsError, request_id: str) -> Answer:
    """The response that carries an error."""
    headers = {"x-amzn-RequestId": request_id}
    protocol = str(service_model(service).resolved_protocol) if service else "json"
    if protocol in ("json", "rest-json"):
        headers["Content-Type"] = "application/x-amz-json-1.1"
        headers["x-amzn-ErrorType"] = error.code
        said = {"__type": error.code, "message": error.message, **error.members}
        return Answer(error.status, headers, json.dumps(said).encode())
    headers["Content-Type"] = "text/xml"
    inner = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if protocol == "ec2":
        text = (
            f"<Response><Errors><Error>{inner}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    else:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return Answer(error.status, headers, text.encode())


def _plain(shape: AnyShape, value: Any) -> Any:
    """A value as JSON has it; members that the model does not know are our own and left out."""
    kind = shape.type_name
    if kind == "structure":
        members = shape.members
        return {
            members[name].serialization.get("name", name): _plain(members[name], one)
            for name, one in value.items()
            if one is not None and name in members
        }
    if kind == "list":
        member = shape.member
        if member.type_name not in ("structure", "list", "map", "timestamp"):
            return list(value)
        return [_plain(member, one) for one in value]
    if kind == "map":
        return {key: _plain(shape.value, one) for key, one in value.items()}
    return value


def _members(shape: AnyShape, value: Mapping[str, Any]) -> Iterator[str]:
    for name, member in shape.members.items():
        one = value.get(name)
        if one is not None:
            yield _xml(member, str(member.serialization.get("name", name)), one)


def _xml(shape: AnyShape, tag: str, value: Any) -> str:
    kind = shape.type_name
    if kind == "structure":
        return f"<{tag}>{''.join(_members(shape, value))}</{tag}>"
    if kind == "list":
        flat = shape.serialization.get("flattened")
        item = tag if flat else str(shape.member.serialization.get("name", "member"))
        inner = "".join(_xml(shape.member, item, one) for one in value)
        return inner if flat else f"<{tag}>{inner}</{tag}>"
    if kind == "map":
        inner = "".join(
            f"<entry><key>{escape(key)}</key>{_xml(shape.value, 'value', one)}</entry>"
            for key, one in value.items()
        )
        return f"<{tag}>{inner}</{tag}>"
    return f"<{tag}>{escape(_text(kind, value))}</{tag}>"


def _text(kind: str, value: Any) -> str:
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "timestamp":
        moment = datetime.fromtimestamp(value, timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    return str(value)
