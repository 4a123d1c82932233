"""The schema of Compose files says what the readers accept, and what the specification says."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from compose2ecs import InputError, load
from compose2ecs.compose.keys import SERVICE_KEYS
from tests.drawing import (
    BASE,
    ENVIRONMENT,
    FILES,
    REGISTRY,
    ROOT,
    SCHEMA,
    SECTIONS,
    VALIDATOR,
    Drawer,
    Node,
    Steps,
    places,
    resolve,
    types,
    with_a_fault,
)

SEED = 20261121


# ---------------------------------------------------------------------------- the schema by itself


def nodes(schema: Any, pointer: str = "#") -> Iterator[tuple[str, Node]]:
    """Every object inside the schema, with its JSON pointer."""
    if isinstance(schema, dict):
        yield pointer, schema
        for key, value in schema.items():
            yield from nodes(value, f"{pointer}/{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from nodes(value, f"{pointer}/{index}")


def test_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert SCHEMA["$id"] == "https://compose2ecs.dev/schemas/compose.schema.json"


def test_service_keys_are_those_of_the_table() -> None:
    assert set(SCHEMA["$defs"]["service"]["properties"]) == {*SERVICE_KEYS, "x-ecs"}


def test_every_property_has_one_sentence() -> None:
    for pointer, node in nodes(SCHEMA):
        if "/if/" not in pointer and pointer.split("/")[-2:-1] == ["properties"]:
            text = resolve(node).get("description", "")
            assert text.endswith("."), pointer
            assert ". " not in text, pointer
            assert text[0].isupper() or text.startswith("tcp"), pointer


def test_every_reference_is_used_and_known() -> None:
    used = {node["$ref"] for _, node in nodes(SCHEMA) if "$ref" in node}
    ours = {name for name in used if name.startswith("#/$defs/") and name.count("/") == 2}
    assert ours == {f"#/$defs/{name}" for name in SCHEMA["$defs"]}
    assert {name for name in used if not name.startswith("#")} == {
        "x-ecs.schema.json#/$defs/project",
        "x-ecs.schema.json#/$defs/service",
    }
    for name in used:
        base = SCHEMA["$id"] if name.startswith("#") else SCHEMA["$id"].rpartition("/")[0] + "/"
        Draft202012Validator({"$ref": base + name}, registry=REGISTRY).is_valid({})


# Objects that take any key, with why.
OPEN = {
    "#/$defs/gpu_request": "Compose lets unknown keys pass here, and warns of nothing",
    "#/$defs/external_file": "likewise",
}


def test_every_object_is_closed() -> None:
    found = {
        pointer
        for pointer, node in nodes(SCHEMA)
        if "properties" in node
        and not pointer.endswith(("/properties", "/if"))
        and node.get("additionalProperties") is not False
    }
    assert found == set(OPEN)


# ---------------------------------------------------------------------------- the specification

# Where the two differ, with why. `Compose` is its version 5.6.1, which is newer than some copies of
# the specification, and does more than check its schema.
DIFFERENCES = {
    "jobs": "new in Compose",
    "services.*.pre_start": "new in Compose",
    "services.*.build.no_cache_filter": "new in Compose",
    "services.*.models.*: types": "an empty entry is new in Compose",
    "jobs.*.extends": "Compose resolves it before it checks",
    "services.*.pid: types": "Compose fails at an empty one",
    "services.*.blkio_config.weight: types": "Compose reads no text as this number",
    "services.*.blkio_config.weight_device.[].weight: types": "likewise",
    "services.*.build.ulimits.*: types": "likewise",
    "services.*.build.ulimits.*.hard: types": "likewise",
    "services.*.build.ulimits.*.soft: types": "likewise",
    "services.*.volumes.[].tmpfs.mode: types": "likewise",
    "services.*.expose.[]: types": "Compose takes no fraction",
    "services.*.group_add.[]: types": "likewise",
    "services.*.ports.[]: types": "likewise",
    "services.*.configs.[].mode: types": "likewise",
    "services.*.secrets.[].mode: types": "likewise",
    "services.*.build.secrets.[].mode: types": "likewise",
    "secrets.*.driver_opts.*: types": "likewise",
    "services.*.storage_opt: values": "Compose takes texts and whole numbers only",
    "services.*.devices.[]: required": "Compose misses the target",
    "services.*.ports.[]: required": "likewise",
    "services.*.volumes.[]: required": "likewise",
    "services.*.env_file.[].format: choices": "Compose knows no other format",
    "services.*.gpus: choices": "a pattern here, so that a variable may stand for it",
}


def specification() -> Node:
    """The specification's own schema, which is not ours to pass on."""
    named = os.environ.get("COMPOSE2ECS_SPEC")
    path = Path(named) if named else ROOT.parent / "shared" / "corpus" / "compose-spec.json"
    if not path.is_file():
        pytest.skip("the specification's schema is not here; COMPOSE2ECS_SPEC names a copy")
    found: Node = json.loads(path.read_text("utf-8"))
    return found


def alternatives(node: Node, root: Node) -> Iterator[Node]:
    """A node and all that it is made of."""
    node = resolve(node, root)
    yield node
    for key in ("oneOf", "allOf"):
        for part in node.get(key, ()):
            yield from alternatives(part, root)


class Shape:
    """What a node says of structure, however it is written down."""

    def __init__(self, node: Node, root: Node) -> None:
        self.types: set[str] = set()
        self.properties: dict[str, Node] = {}
        self.required: set[str] = set()
        self.choices: set[str] = set()
        self.items: Node | None = None
        self.values: Node | None = None
        for part in alternatives(node, root):
            self.types |= set(types(part)) - {""}
            self.properties |= part.get("properties", {})
            self.required |= set(part.get("required", ()))
            self.choices |= set(part.get("enum", ()))
            self.items = part.get("items", self.items)
            free = [n for p, n in part.get("patternProperties", {}).items() if p != "^x-"]
            free += [part["additionalProperties"]] if "additionalProperties" in part else []
            self.values = next((n for n in free if isinstance(n, dict)), self.values)
        self.properties.pop("x-ecs", None)


def differences(ours: Node, theirs: Node, root: Node, path: str = "") -> Iterator[str]:
    mine, other = Shape(ours, SCHEMA), Shape(theirs, root)
    if mine.types != other.types:
        yield f"{path}: types"
    if mine.required != other.required:
        yield f"{path}: required"
    if mine.choices != other.choices:
        yield f"{path}: choices"
    dot = f"{path}." if path else ""
    for key in mine.properties.keys() ^ other.properties.keys():
        yield dot + key
    for key in mine.properties.keys() & other.properties.keys():
        yield from differences(mine.properties[key], other.properties[key], root, dot + key)
    for step, left, right in (("[]", mine.items, other.items), ("*", mine.values, other.values)):
        if left is not None and right is not None:
            yield from differences(left, right, root, dot + step)
        elif left is not right:
            yield f"{path}: {'items' if step == '[]' else 'values'}"


def test_agrees_with_the_specification() -> None:
    theirs = specification()
    found = set(differences(SCHEMA, theirs, theirs))
    if "jobs" in theirs["properties"]:  # what jobs share with services differs in the same way
        found -= {"jobs.*.extends"}
        for part in ("jobs.*.", "services.*.pre_start.[]."):
            found = {path.replace(part, "services.*.") for path in found}
        assert found <= set(DIFFERENCES)
    else:
        assert found == set(DIFFERENCES) - {"jobs.*.extends"}


# ---------------------------------------------------------------------------- the readers

# Codes of what is wrong with the structure of a document, which the schema must see.
STRUCTURE = {
    *("unknown-key", "wrong-type", "empty-value", "missing-key", "bad-choice", "bad-name"),
}
# Codes of what the schema sees in part: ranges of numbers in texts, duplicates that Compose drops
# in services and refuses in jobs.
EITHER = {"out-of-range", "duplicate-item"}
# Codes of the stages before the readers, which then do not run.
EARLY = {
    *("file-missing", "extends-unknown", "extends-no-services", "extends-cycle", "top-level"),
    *("bad-project-name", "include-cycle", "empty-file", "remote-file", "yaml-syntax"),
}
# What only the readers refuse, by a piece of the message, with why.
UNLIKE = {
    "build.ssh needs the key": "only `default` needs no path",
    "needs the key 'source'": "what a service names must be there, and in a job it need not",
}


def refusals(document: Node) -> dict[str, str]:
    """The code of every error that loading the document ends with, each with one message."""
    text = json.dumps(document)
    try:
        load(
            files={"compose.yaml": text, **FILES},
            environment=ENVIRONMENT,
            profiles=["*"],
            legacy=False,
        )
    except InputError as error:
        return {
            found.code: found.message
            for found in error.diagnostics
            if found.severity == "error" and not any(part in found.message for part in UNLIKE)
        }
    return {}


def lenient(document: Node) -> bool:
    """Whether it has what Compose looks at before it checks, and then lets pass what it does not
    read (`include`, `extends`); `external` of a secret or config is read more strictly here."""
    files = {name: document.get(name) for name in ("secrets", "configs")}
    text = json.dumps(document)
    return '"include": ' in text or '"extends": ' in text or '"external": {' in json.dumps(files)


def disagreement(document: Node) -> str:
    """How schema and readers judge a document differently; empty if they do not."""
    faults = list(VALIDATOR.iter_errors(document))
    codes = refusals(document)
    if EARLY & set(codes) or lenient(document):
        return ""
    structural = [message for code, message in codes.items() if code in STRUCTURE]
    if not faults and structural:
        return f"only the readers refuse: {structural[0]}"
    if faults and not (STRUCTURE | EITHER) & set(codes):
        return f"only the schema refuses: {faults[0].json_path} {faults[0].message[:200]}"
    return ""


def service(**keys: Any) -> Node:
    return {**BASE, "services": {"dep": {"image": "d"}, "a": {"image": "i", **keys}}}


def section(name: str, /, **body: Any) -> Node:
    return {**BASE, name: {**BASE.get(name, {}), "drawn": body}}


def job(**keys: Any) -> Node:
    return section("jobs", image="i", triggers={"manual": True}, **keys)


TAKEN: list[Node] = [
    BASE,
    {**BASE, "name": "x", "version": "3.8", "x-any": None, "include": ["inc.yaml"]},
    service(),
    service(command=None, entrypoint=None, deploy=None, develop=None),
    service(command="a b", entrypoint=[], deploy={}, develop={"watch": []}),
    service(build="."),
    service(build={}),
    service(build={"no_cache_filter": "a", "provenance": True, "ulimits": {"nofile": 5}}),
    service(networks=["n1"]),
    service(networks={"n1": None, "default": {"priority": 1.5, "x-a": 1}}),
    service(depends_on=["dep"]),
    service(depends_on={"dep": {"condition": "service_started", "restart": "yes"}}),
    service(models={"m1": None}),
    service(gpus="all"),
    service(gpus=[{"count": 1, "odd": 1}]),
    service(ports=[80, "81:81", {"target": "82", "published": 83, "x-a": 1}]),
    service(expose=[80, "81"], group_add=[1, "1"]),
    service(volumes=["/a", {"type": "tmpfs", "target": "/b", "tmpfs": {"size": 1}}]),
    service(secrets=["s1"], configs=[{"source": "c1", "mode": 288}]),
    service(ulimits={"nofile": 5, "nproc": {"soft": "1", "hard": 2}}),
    service(cpus=0.5, cpu_shares=1.5, pids_limit="5", scale="2", cpu_count="1", cpu_percent=50),
    service(init="TRUE", tty=True, privileged="off"),
    service(environment={"A": None, "B": 1.5, "C": True}, labels=["a", "b=c"]),
    service(env_file="e.env"),
    service(env_file=["e.env", {"path": "no.env", "required": "false"}]),
    service(dns="1.1.1.1", dns_search=[], tmpfs="/t"),
    service(extra_hosts={"a": ["1.1.1.1"], "b": "::1"}),
    service(healthcheck={"test": "x", "retries": "3", "disable": "no"}),
    service(logging={"options": {"a": None, "b": 1}}),
    service(storage_opt={"a": None, "b": 1}),
    service(post_start=[{"command": None}]),
    service(pre_start=[{}, {"image": "i", "per_replica": "yes", "x-a": 1}]),
    service(provider={"type": "x", "options": {"a": True, "b": [1, "x"]}}),
    service(extends="dep"),
    service(pull_policy="every_1w2d", container_name="aa"),
    service(develop={"watch": [{"path": ".", "action": "rebuild"}]}),
    service(cap_add=["A", "A"], dns_opt=["a", "a"], profiles=["x", "x"]),
    job(),
    job(profiles=["x"], build=".", ports=[80], tty="true"),
    section("jobs", image="i", triggers={"schedule": ["@daily", {"cron": "@daily"}]}),
    section("networks", external="true", driver_opts={"a": 1.5}),
    section("networks", ipam={"config": [{"aux_addresses": {"a": "b"}}], "options": {}}),
    section("volumes", external={"name": "x", "x-a": 1}),
    section("secrets", external={"name": "x"}),
    section("configs", content="x", labels=["a"]),
    section("models", model="x", context_size=5, runtime_flags=["a", "a"]),
]

REFUSED: list[Node] = [
    {**BASE, "servces": {}},
    {**BASE, "name": 1},
    {**BASE, "version": 3},
    {**BASE, "include": "inc.yaml"},
    {**BASE, "services": None},
    {**BASE, "services": {"a b": {"image": "i"}}},
    {**BASE, "networks": []},
    *({**BASE, name: {"a b": {"model": "x", "file": "x"}}} for name in SECTIONS[2:]),
    *({**BASE, name: None} for name in SECTIONS),
    *({**BASE, name: {"a": []}} for name in SECTIONS),
    *(
        service(**{key: None})
        for key in SERVICE_KEYS
        if key not in ("command", "entrypoint", "deploy", "develop", "extends")
    ),
    service(imagee="x"),
    service(triggers={"manual": True}),
    service(image=1),
    service(user=1000),
    service(version="1"),
    service(attach=1),
    service(init="maybe"),
    service(scale="x"),
    service(scale=1.5),
    service(cpus="x"),
    service(cpu_count=-1),
    service(cpu_percent=101),
    service(cpu_shares="1.5"),
    service(oom_score_adj=-1001),
    service(mem_limit=True),
    service(use_api_socket="true"),
    service(stop_grace_period=10),
    service(command=1),
    service(command=[1]),
    service(command={}),
    service(build=[]),
    service(build={"odd": 1}),
    service(build={"context": 1}),
    service(build={"args": "A=1"}),
    service(build={"tags": "x"}),
    service(build={"provenance": 1}),
    service(build={"ulimits": {"nofile": "5"}}),
    service(cap_add="X"),
    service(cap_add=[1]),
    service(cgroup="odd"),
    service(container_name="c"),
    service(credential_spec={"odd": 1}),
    service(depends_on="dep"),
    service(depends_on=["dep", "dep"]),
    service(depends_on={"dep": None}),
    service(depends_on={"dep": {}}),
    service(depends_on={"dep": {"condition": "odd"}}),
    service(depends_on={"dep": {"condition": "service_started", "required": "true"}}),
    service(deploy=[]),
    service(deploy={"replicas": 1.5}),
    service(deploy={"resources": None}),
    service(deploy={"resources": {"limits": {"memory": 5}}}),
    service(deploy={"resources": {"reservations": {"devices": [{"count": 1}]}}}),
    service(deploy={"update_config": {"order": "odd"}}),
    service(deploy={"placement": {"preferences": [{"odd": 1}]}}),
    service(develop={"watch": [{"path": "."}]}),
    service(develop={"watch": [{"path": ".", "action": "odd"}]}),
    service(develop={"watch": [{"path": ".", "action": "sync+restart"}]}),
    service(devices=["/dev/a", 1]),
    service(devices=[{"source": "/dev/a"}]),
    service(dns=1),
    service(environment={"A": []}),
    service(environment={"": "x"}),
    service(environment=[1]),
    service(environment="A=1"),
    service(env_file={"path": "e.env"}),
    service(env_file=[{"path": "e.env", "x-a": 1}]),
    service(env_file=[{"format": "raw"}]),
    service(expose="80"),
    service(expose=[80.5]),
    service(extra_hosts=["a=1.1.1.1", "a=1.1.1.1"]),
    service(extra_hosts={"a": None}),
    service(gpus="one"),
    service(gpus=[1]),
    service(group_add=[1, 1]),
    service(healthcheck={"test": [1]}),
    service(healthcheck={"odd": 1}),
    service(healthcheck={"retries": "x"}),
    service(label_file=[1]),
    service(labels=5),
    service(logging={"options": {"a": True}}),
    service(models={"m1": {"odd": 1}}),
    service(networks=["n1", "n1"]),
    service(networks={"n1": {"odd": 1}}),
    service(networks={"n1": {"aliases": "x"}}),
    service(networks={"n1": {"driver_opts": {"a": None}}}),
    service(ports="80"),
    service(ports=[80.5]),
    service(ports=[{"published": 80}]),
    service(ports=[{"target": 80, "odd": 1}]),
    service(ports=[None]),
    service(post_start=[{"user": "x"}]),
    service(pre_start={}),
    service(pre_start=[{"ports": [80]}]),
    service(pre_start=[{"per_replica": "x"}]),
    service(pre_start=[None]),
    service(provider={}),
    service(provider={"type": "x", "options": {"a": None}}),
    service(pull_policy="sometimes"),
    service(secrets=[{"odd": 1, "source": "s1"}]),
    service(secrets=[{"source": "s1", "uid": 1}]),
    service(configs=[{"source": "c1", "mode": True}]),
    service(security_opt=["a", "a"]),
    service(storage_opt={"a": True}),
    service(sysctls="a=1"),
    service(tmpfs={}),
    service(ulimits=["nofile=1"]),
    service(ulimits={"nofile": {"soft": 1}}),
    service(ulimits={"nofile": 1.5}),
    service(ulimits={"nofile": None}),
    service(volumes="/a"),
    service(volumes=[{"type": "odd", "target": "/a"}]),
    service(volumes=[{"target": "/a"}]),
    service(volumes=[{"type": "volume"}]),
    service(volumes=[{"type": "volume", "target": "/a", "volume": {"odd": 1}}]),
    service(volumes=[{"type": "bind", "target": "/a", "bind": {"selinux": "q"}}]),
    service(volumes=[{"type": "tmpfs", "target": "/a", "tmpfs": {"mode": "755"}}]),
    {**BASE, "jobs": {"a": {"image": "i"}}},
    section("jobs", image="i", triggers={}),
    section("jobs", image="i", triggers={"manual": "x"}),
    section("jobs", image="i", triggers={"schedule": [{}]}),
    section("jobs", image="i", triggers={"schedule": [{"cron": "x", "concurrency": "odd"}]}),
    job(restart="always"),
    job(deploy={}),
    job(scale=1),
    job(container_name="aa"),
    job(links=["dep"]),
    job(pre_start=[]),
    section("networks", odd=1),
    section("networks", external="x"),
    section("networks", external={"odd": 1}),
    section("networks", ipam=[]),
    section("networks", ipam={"config": [{"odd": 1}]}),
    section("networks", driver_opts={"a": None}),
    section("volumes", driver_opts={"a": True}),
    section("volumes", internal=True),
    section("secrets", file=1),
    section("secrets", content="x"),
    section("configs", driver="x", content="x"),
    section("models", name="x"),
    section("models", model="x", context_size="5"),
    section("models", model="x", odd=1),
]


@pytest.mark.parametrize("document", TAKEN)
def test_both_take(document: Node) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    assert refusals(document) == {}


@pytest.mark.parametrize("document", REFUSED)
def test_both_refuse(document: Node) -> None:
    assert not VALIDATOR.is_valid(document)
    assert (STRUCTURE | EITHER | {"legacy-refused"}) & set(refusals(document))


def test_drawn_documents_are_judged_alike() -> None:
    rng = random.Random(SEED)
    bad: list[str] = []
    for goal in places():
        document = Drawer(rng).document(goal)
        for one in (document, with_a_fault(document, rng)):
            if said := disagreement(one):
                bad.append(f"{said}\n    {json.dumps(one)}")
    assert not bad, f"seed {SEED}: {len(bad)}\n" + "\n".join(bad[:10])


@pytest.mark.parametrize(
    ("x_ecs", "good"),
    [({}, True), ({"cluster": "qa"}, True), ({"clutser": "qa"}, False), (None, False)],
)
def test_x_ecs_is_that_of_its_own_schema(x_ecs: Any, good: bool) -> None:
    assert VALIDATOR.is_valid({**BASE, "x-ecs": x_ecs}) is good


def test_x_ecs_of_a_service_is_that_of_its_own_schema() -> None:
    assert VALIDATOR.is_valid(service(**{"x-ecs": {"route": False}}))
    assert not VALIDATOR.is_valid(service(**{"x-ecs": {"cluster": "qa"}}))
    assert VALIDATOR.is_valid(job(**{"x-ecs": {"free": 1}}))


def test_steps_are_unique() -> None:
    found: list[Steps] = list(places())
    assert len(found) == len(set(found))
