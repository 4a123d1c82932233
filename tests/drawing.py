"""Compose documents drawn from `schemas/compose.schema.json`, and documents with one fault in them.

A drawer takes anything with the methods of `random.Random`, so that hypothesis can do the drawing.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

ROOT = Path(__file__).parents[1]
Node = dict[str, Any]

SCHEMA: Node = json.loads((ROOT / "schemas/compose.schema.json").read_text("utf-8"))
X_ECS: Node = json.loads((ROOT / "schemas/x-ecs.schema.json").read_text("utf-8"))
REGISTRY: Registry[Any] = Registry().with_resources(
    [(schema["$id"], Resource.from_contents(schema)) for schema in (SCHEMA, X_ECS)]
)
VALIDATOR = Draft202012Validator(SCHEMA, registry=REGISTRY)

# What the files of a drawn document may name.
FILES = {
    "e.env": "FROM_FILE=1\nHV=file\n",
    "l.env": "label=1\n",
    "inc.yaml": "services: {}\n",
    "s.txt": "s",
}
ENVIRONMENT = {"HV": "host", "EMPTY": ""}
# What a drawn document always has, so that most of its references hold.
BASE: Node = {
    "services": {"dep": {"image": "d"}},
    "networks": {"n1": None},
    "volumes": {"v1": {}},
    "secrets": {"s1": {"file": "./s.txt"}},
    "configs": {"c1": {"content": "c"}},
    "models": {"m1": {"model": "ai/m"}},
}
SECTIONS = ("services", "jobs", "networks", "volumes", "secrets", "configs", "models")

_TEXTS = ("x", "a b", "", "1", "true", "$$x", "${HV}", "é", "#a", "a: b", "~", "line\n", "0x1F")
_TIMES = ("10s", "1m30s", "500ms", "0s")
_SIZES = ("512m", "1g", "64k")
_PATHS = ("./a", "/abs/x", "~/h", "../b")
# Texts by the key that they stand under.
_TEXTS_OF: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("interval", "timeout", "start_period", "start_interval", "stop_grace_period"), _TIMES
    ),
    **dict.fromkeys(("delay", "monitor", "window"), _TIMES),
    **dict.fromkeys(("mem_limit", "mem_reservation", "memswap_limit", "shm_size", "size"), _SIZES),
    **dict.fromkeys(("memory", "rate", "mem_swappiness"), _SIZES),
    **dict.fromkeys(("context", "dockerfile", "working_dir", "project_directory"), _PATHS),
    "additional_contexts": ("n=./d", "m=https://example.com/x.git"),
    "aux_addresses": ("10.0.0.3",),
    "build": (".", "./app"),
    "command": ("a b", "sh -c 'a b'", ""),
    "config": ("c1",),
    "configs": ("c1",),
    "container_name": ("name-a", "name-b"),
    "cron": ("0 3 * * *",),
    "depends_on": ("dep",),
    "devices": ("/dev/a", "/dev/a:/dev/b:r"),
    "env_file": ("./e.env", "e.env"),
    "entrypoint": ("a b", ""),
    "extends": ("dep",),
    "extra_hosts": ("h=1.2.3.4", "h:1.2.3.4", "v6=[::1]"),
    "file": ("./s.txt",),
    "gateway": ("10.0.0.1",),
    "gpus": ("all",),
    "host_ip": ("127.0.0.1", "::1"),
    "include": ("inc.yaml",),
    "ip_range": ("10.0.1.0/24",),
    "ipv4_address": ("10.0.0.5",),
    "label_file": ("l.env", "./l.env"),
    "links": ("dep", "dep:alias"),
    "mode": ("0440", "host", "replicated"),
    "models": ("m1",),
    "name": ("name", "a-b", "x1"),
    "network_mode": ("host", "none", "service:dep"),
    "networks": ("n1", "default"),
    "path": ("./e.env",),
    "platform": ("linux/amd64", "linux/arm64"),
    "ports": ("80", "8080:80", "127.0.0.1:81:81", "9000-9002:90-92/udp", "443/tcp"),
    "published": ("8080", "9000-9010"),
    "pull_policy": ("always", "missing", "every_2h"),
    "restart": ("no", "always", "on-failure:3", "unless-stopped"),
    "schedule": ("0 3 * * *", "@daily"),
    "secrets": ("s1",),
    "service": ("dep",),
    "source": ("v1", "/abs", "s1", "c1"),
    "ssh": ("default", "key=./k"),
    "subnet": ("10.0.0.0/16", "2001:db8::/64"),
    "target": ("/t1", "/t2", "/t3"),
    "test": ("true", "curl -f localhost"),
    "tmpfs": ("/tmp", "/run:size=64m", "/run:size=1g,mode=755"),
    "volumes": ("v1:/data", "./a:/a:ro", "/anonymous", "/b:/b"),
    "volumes_from": ("dep", "dep:ro", "container:x"),
}
_TEST_HEADS = ("CMD", "CMD-SHELL", "NONE")
# Keys of mappings by the key that they stand under.
_NAMES_OF: dict[str, tuple[str, ...]] = {
    "depends_on": ("dep",),
    "models": ("m1",),
    "networks": ("n1", "default"),
    "ulimits": ("nofile", "nproc", "core"),
    "extra_hosts": ("h", "host.example"),
}
_NAMES = ("A", "HV", "k.x", "k-y", "EMPTY", "NO")
_INTEGERS = (0, 1, 2, 80, 100, 8080, 440)
_FRACTIONS = (0.5, 1.5, 0.25)
_WRONG: tuple[Any, ...] = (None, True, 7, 2.5, "nonsense", [], {}, [None], [[]], {"zz": None})


def resolve(node: Node, root: Node = SCHEMA) -> Node:
    """A node with what its reference says; what it says itself wins."""
    while "$ref" in node:
        name, _, pointer = node["$ref"].partition("#")
        root = X_ECS if name == "x-ecs.schema.json" else root
        found: Any = root
        for step in pointer.split("/")[1:]:
            found = found[step]
        node = {**found, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def _fits(pattern: str, text: str) -> bool:
    """Whether it does so without a variable, which fits everywhere."""
    return "$" not in text and re.search(pattern, text) is not None


def types(node: Node) -> list[str]:
    kind = node.get("type", "object" if "properties" in node else [])
    return [kind] if isinstance(kind, str) else kind


Steps = tuple[str, ...]


def places(node: Node = SCHEMA, path: Steps = ()) -> Iterator[Steps]:
    """The way to each property of the schema, by names; `*` is any name and `[]` any item."""
    node = resolve(node)
    for key, below in node.get("properties", {}).items():
        if key != "x-ecs":
            yield (*path, key)
            yield from places(below, (*path, key))
    if isinstance(items := node.get("items"), dict):
        yield from places(items, (*path, "[]"))
    if isinstance(more := node.get("additionalProperties"), dict):
        yield from places(more, (*path, "*"))


class Drawer:
    """Draws values that the schema accepts, and remembers the properties that it drew."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.drawn: set[Steps] = set()

    def document(self, goal: Steps = ()) -> Node:
        """A document; the property at `goal` is in it."""
        rng = self.rng
        document = copy.deepcopy(BASE)
        first = goal[0] if goal else rng.choice((*SECTIONS, "services", "services"))
        known = [key for key in SCHEMA["properties"] if key not in (first, "x-ecs")]
        for key in (first, *rng.sample(known, rng.randint(0, 2))):
            self.drawn.add((key,))
            node = resolve(SCHEMA["properties"][key])
            if key not in SECTIONS:
                document[key] = self.value(node, (key,), goal[1:] if key == first else ())
                continue
            body = self.value(
                node["additionalProperties"], (key, "*"), goal[2:] if key == first else ()
            )
            if key in ("services", "jobs") and not self.chance(0.1):
                body.setdefault("image", "i")
            document.setdefault(key, {})["c1" if key == "configs" else "drawn"] = body
        if self.chance(0.2):
            document["x-any"] = self.anything()
        return document

    def value(self, node: Node, path: Steps, goal: Steps = ()) -> Any:
        node = resolve(node)
        rng = self.rng
        if "enum" in node:
            return rng.choice(node["enum"])
        kinds = types(node)
        if goal:
            kinds = ["array"] if goal[0] == "[]" else ["object"]
        kind = rng.choice(kinds)
        if kind == "object":
            return self.mapping(node, path, goal)
        if kind == "array":
            return self.list(node, path, goal)
        if kind == "null":
            return None
        if kind == "boolean":
            return self.chance(0.5)
        if kind == "string":
            return self.text(node, path)
        low, high = node.get("minimum", -(2**31)), node.get("maximum", 2**31)
        numbers = [number for number in _INTEGERS if low <= number <= high]
        return rng.choice(_FRACTIONS if kind == "number" and self.chance(0.3) else numbers)

    def text(self, node: Node, path: Steps) -> str:
        named = [step for step in path if step not in ("*", "[]")]
        last = named[-1]
        texts = _TEXTS_OF.get("include" if "include" in path and last == "path" else last, _TEXTS)
        if self.chance(0.1):
            texts = _TEXTS
        if last == "test" and path[-1] == "[]":
            texts = _TEST_HEADS
        if "pattern" in node:
            known = (*texts, "0", "3", "0.5", "true", "no", "always", "all")
            texts = tuple(text for text in known if _fits(node["pattern"], text))
        return self.rng.choice(texts)

    def list(self, node: Node, path: Steps, goal: Steps) -> list[Any]:
        least = 1 if goal else 0
        found: list[Any] = []
        for number in range(self.rng.randint(least, 2)):
            item = self.value(node["items"], (*path, "[]"), goal[1:] if number == 0 else ())
            if item not in found:  # what Compose drops and what it refuses is not drawn here
                found.append(item)
        return found

    def mapping(self, node: Node, path: Steps, goal: Steps) -> dict[str, Any]:
        rng = self.rng
        found: dict[str, Any] = {}
        properties = node.get("properties", {})
        wanted = list(node.get("required", ()))
        for option in (*node.get("anyOf", ())[:1], node.get("else", {})):
            wanted += option.get("required", ())
        if goal and goal[0] in properties:
            wanted.append(goal[0])
        known = [key for key in properties if key != "x-ecs"]
        wanted += rng.sample(known, rng.randint(0, min(4, len(known))))
        for key, below in properties.items():
            if key in wanted:
                self.drawn.add((*path, key))
                found[key] = self.value(
                    below, (*path, key), goal[1:] if goal and goal[0] == key else ()
                )
        more = node.get("additionalProperties")
        if isinstance(more, dict):
            last = [step for step in path if step not in ("*", "[]")][-1]
            names = _NAMES_OF.get(last, _NAMES)
            for name in rng.sample(names, rng.randint(1 if goal else 0, min(2, len(names)))):
                found[name] = self.value(more, (*path, "*"), goal[1:] if not found else ())
        if "^x-" in node.get("patternProperties", {}) and self.chance(0.05):
            found["x-any"] = self.anything()
        return found

    def chance(self, part: float) -> bool:
        """True in that part of all cases, and false in the simplest of them."""
        return self.rng.random() >= 1 - part

    def anything(self) -> Any:
        return self.rng.choice((None, 1, "x", ["a", {"b": None}], {"k": [1.5, True]}, "$$y"))


def inside(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all that a value holds; what is free stays unseen."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, below in steps:
        if isinstance(step, str) and step.startswith("x-"):
            continue
        yield (*path, step)
        if isinstance(below, (dict, list)):
            yield from inside(below, (*path, step))


def with_a_fault(document: Node, rng: random.Random) -> Node:
    """The document with one value replaced, left out, or beside a key that nobody knows."""
    document = copy.deepcopy(document)
    paths = [path for path in inside(document) if len(path) > 1 and "dep" not in path[:2]]
    if not paths:
        return document
    path = rng.choice(paths)
    holder: Any = document
    for step in path[:-1]:
        holder = holder[step]
    form = rng.random()
    if form < 0.2 and isinstance(holder, dict):
        holder[rng.choice(("zz", "imagee", "type_", "x"))] = 1
    elif form < 0.3:
        del holder[path[-1]]
    else:
        holder[path[-1]] = copy.deepcopy(rng.choice(_WRONG))
    return document
