"""Stack to text: the request bodies as JSON, for `aws ... --cli-input-json file://`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from compose2ecs.ecs.model import Stack

try:  # the json package itself is 1 ms of imports that nothing else here needs
    from _json import encode_basestring
except ImportError:  # pragma: no cover
    from json.encoder import encode_basestring

MANIFEST = ".compose2ecs.json"


def to_json(value: Any) -> str:
    """JSON as `json.dumps(value, indent=2, ensure_ascii=False)` writes it, five times as fast: the
    standard library's indenting encoder runs in Python, generator by generator.

    >>> print(to_json({"name": "web", "ports": [80, 443], "tags": {}}))
    {
      "name": "web",
      "ports": [
        80,
        443
      ],
      "tags": {}
    }
    """
    pieces: list[str] = []
    _write(value, "\n", pieces.append, {})
    return "".join(pieces)


def _write(value: Any, newline: str, put: Callable[[str], None], keys: dict[str, str]) -> None:
    if isinstance(value, str):
        put(encode_basestring(value))
    elif isinstance(value, dict):
        if not value:
            put("{}")
            return
        inner = newline + "  "
        mark = "{" + inner
        for key, item in value.items():
            name = keys.get(key)  # a few hundred keys, over and over
            if name is None:
                name = keys[key] = encode_basestring(key) + ": "
            kind = item.__class__
            if kind is str:
                put(mark + name + encode_basestring(item))
            elif kind is int:
                put(f"{mark}{name}{item}")
            else:
                put(mark + name)
                _write(item, inner, put, keys)
            mark = "," + inner
        put(newline + "}")
    elif isinstance(value, (list, tuple)):
        if not value:
            put("[]")
            return
        inner = newline + "  "
        mark = "[" + inner
        for item in value:
            put(mark)
            _write(item, inner, put, keys)
            mark = "," + inner
        put(newline + "]")
    elif value is True:
        put("true")
    elif value is False:
        put("false")
    elif value is None:
        put("null")
    elif isinstance(value, int):
        put(int.__repr__(value))
    else:
        put(float.__repr__(value))


def document(stack: Stack) -> dict[str, dict[str, Any]]:
    """The whole stack as one value: kind, then name, then body."""
    return {
        kind: {name: resource.body for name, resource in named.items()}
        for kind, named in stack.resources.items()
    }


def write_stack(stack: Stack) -> dict[str, str]:
    """One file for each object, as `KIND/NAME.json`, named as the object."""
    return {path: to_json(body) + "\n" for path, body in _files(stack)}


def _files(stack: Stack) -> Iterator[tuple[str, Any]]:
    for kind, named in stack.resources.items():
        for name, resource in named.items():
            yield f"{kind}/{name}.json", resource.body
