"""Pages of docs/ that are made from the schemas and from the table of checks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from compose2ecs.checks.table import TABLE
from tests.conftest import ROOT

Node = dict[str, Any]


def checks() -> str:
    """The table of docs/check.md."""
    lines = ["| id | severity | what AWS wants | decided |", "| --- | --- | --- | --- |"]
    for check in sorted(TABLE.values()):
        decided = "on the bodies"
        if check.said_by:
            decided = ", ".join(f"`{code}`" for code in check.said_by)
        elif check.undecided:
            decided = f"not without asking AWS: {check.undecided}"
        title = check.title.replace("|", "\\|")
        lines.append(f"| [{check.id}]({check.source}) | {check.severity} | {title} | {decided} |")
    return "\n".join(lines)


def x_ecs() -> str:
    """The tables of docs/x-ecs.md: one for the project, one for a service, one for each shape."""
    schema: Node = json.loads((ROOT / "schemas/x-ecs.schema.json").read_text("utf-8"))
    shapes: Node = schema["$defs"]
    parts = []
    for name in _in_order(shapes):
        shape = shapes[name]
        title = shape.get("title", name)
        parts.append(f"## {title}\n\n{_table(shape['properties'], shapes)}")
    return "\n\n".join(parts)


def _in_order(shapes: Node) -> list[str]:
    """The project, a service, then what they speak of, in the order in which they do."""
    found = ["project", "service"]
    for name in found:
        for key in shapes[name]["properties"].values():
            for other in _named(key):
                if other not in found and "properties" in shapes[other]:
                    found.append(other)
                elif "properties" not in shapes[other]:
                    inner = [n for n in _named(shapes[other]) if "properties" in shapes[n]]
                    found += [n for n in inner if n not in found]
    return found


def _named(node: Any) -> Iterator[str]:
    """The shapes that a node speaks of."""
    if isinstance(node, dict):
        ref = node.get("$ref", "")
        if ref.startswith("#/$defs/"):
            yield ref.removeprefix("#/$defs/")
        for value in node.values():
            yield from _named(value)
    elif isinstance(node, list):
        for value in node:
            yield from _named(value)


def _table(properties: Node, shapes: Node) -> str:
    lines = ["| key | what it is | |", "| --- | --- | --- |"]
    for key, node in properties.items():
        more = []
        inner = [n for n in dict.fromkeys(_named(node)) if "properties" in shapes[n]]
        more += [
            f"[{shapes[n].get('title', n)}](#{_anchor(shapes[n].get('title', n))})" for n in inner
        ]
        target = shapes.get(node.get("$ref", "").removeprefix("#/$defs/"), {})
        if choices := node.get("enum") or target.get("enum"):
            more.append(", ".join(f"`{choice}`" for choice in choices))
        if "default" in node:
            more.append(f"default `{json.dumps(node['default']).strip(chr(34))}`")
        text = node.get("description", "").replace("|", "\\|")
        lines.append(f"| `{key}` | {text} | {'; '.join(more)} |")
    return "\n".join(lines)


def _anchor(title: str) -> str:
    """How GitHub calls the place of a heading."""
    kept = "".join(c for c in title.lower() if c.isalnum() or c in " -")
    return kept.replace(" ", "-")
