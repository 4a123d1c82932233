"""No field is written that the place of the task refuses.

The lists are of the developer guide's pages on Fargate and on awsvpc networking, and of the API
reference; they are written down here once more on purpose, and know nothing of the product's own.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from compose2ecs import Report, load, translate, write
from compose2ecs.api import target
from compose2ecs.report import InputError
from tests.conftest import ROOT
from tests.drawing import ENVIRONMENT, FILES, Drawer
from tests.test_properties import EXAMPLES

Body = Mapping[str, Any]

# Paths into a task definition; [] goes through a list, and a dot into a member.
AWSVPC = (
    "containerDefinitions[].links",
    "containerDefinitions[].hostname",
    "containerDefinitions[].dnsServers",
    "containerDefinitions[].dnsSearchDomains",
    "containerDefinitions[].extraHosts",
    "containerDefinitions[].disableNetworking",
)
FARGATE = (
    *AWSVPC,
    "containerDefinitions[].privileged",
    "containerDefinitions[].dockerSecurityOptions",
    "containerDefinitions[].resourceRequirements",
    "containerDefinitions[].credentialSpecs",
    "containerDefinitions[].linuxParameters.devices",
    "containerDefinitions[].linuxParameters.sharedMemorySize",
    "containerDefinitions[].linuxParameters.maxSwap",
    "containerDefinitions[].linuxParameters.swappiness",
    "ipcMode",
    "placementConstraints",
    "volumes[].host.sourcePath",
    "volumes[].dockerVolumeConfiguration",
)
EC2 = ("ephemeralStorage",)
HOST = ("containerDefinitions[].links", "containerDefinitions[].portMappings[].containerPortRange")
FARGATE_SERVICE = ("placementConstraints", "placementStrategy", "role")
SIZES = {
    "256": {512, 1024, 2048},
    "512": set(range(1024, 4097, 1024)),
    "1024": set(range(2048, 8193, 1024)),
    "2048": set(range(4096, 16385, 1024)),
    "4096": set(range(8192, 30721, 1024)),
    "8192": set(range(16384, 61441, 4096)),
    "16384": set(range(32768, 122881, 8192)),
    "32768": {61440, 122880, 249856},
}


def found(body: Any, path: str) -> Iterator[Any]:
    """What stands at a path, at all its places."""
    step, _, rest = path.partition(".")
    name = step.removesuffix("[]")
    if not isinstance(body, dict) or name not in body:
        return
    inner = body[name] if step.endswith("[]") else [body[name]]
    for item in inner:
        if rest:
            yield from found(item, rest)
        else:
            yield item


def faults(bodies: Mapping[str, Mapping[str, Body]]) -> list[str]:
    wrong = []
    for name, service in bodies.get("services", {}).items():
        task = bodies["task-definitions"][service["taskDefinition"]]
        wrong += [f"{name}: {fault}" for fault in _service_faults(service, task)]
    for name, task in bodies.get("task-definitions", {}).items():
        wrong += [f"{name}: {fault}" for fault in _task_faults(task)]
    return wrong


def _task_faults(task: Body) -> Iterator[str]:
    mode, fargate = task["networkMode"], "FARGATE" in task.get("requiresCompatibilities", ())
    refused = FARGATE if fargate else EC2 + (AWSVPC if mode == "awsvpc" else ())
    refused += HOST if mode == "host" else ()
    for path in refused:
        yield from (f"{path} is {value!r}" for value in found(task, path))
    for container in task["containerDefinitions"]:
        for mapping in container.get("portMappings", ()):
            if mode != "bridge" and mapping.get(
                "hostPort", mapping["containerPort"]
            ) != mapping.get("containerPort"):
                yield f"hostPort of {mapping}"
    if not fargate:
        return
    if mode != "awsvpc":
        yield f"networkMode {mode}"
    if int(task.get("memory", 0)) not in SIZES.get(task.get("cpu", ""), ()):
        yield f"no size: {task.get('cpu')} and {task.get('memory')}"
    if sum(c.get("cpu", 0) for c in task["containerDefinitions"]) > int(task["cpu"]):
        yield "more CPU in the containers than in the task"
    if task.get("pidMode", "task") != "task":
        yield f"pidMode {task['pidMode']}"
    for container in task["containerDefinitions"]:
        driver = container.get("logConfiguration", {}).get("logDriver", "awslogs")
        if driver not in ("awslogs", "splunk", "awsfirelens"):
            yield f"log driver {driver}"
        if not 2 <= container.get("stopTimeout", 30) <= 120:
            yield f"stopTimeout {container['stopTimeout']}"
    added = [
        name
        for names in found(task, "containerDefinitions[].linuxParameters.capabilities.add")
        for name in names
    ]
    if set(added) - {"SYS_PTRACE"}:
        yield f"capabilities {added}"
    if "executionRoleArn" not in task:
        yield "no execution role"


def _service_faults(service: Body, task: Body) -> Iterator[str]:
    fargate = "FARGATE" in task.get("requiresCompatibilities", ())
    awsvpc = "awsvpcConfiguration" in service.get("networkConfiguration", {})
    if awsvpc != (task["networkMode"] == "awsvpc"):
        yield f"networkConfiguration with {task['networkMode']} networking"
    public = service.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    if "assignPublicIp" in public and not fargate:
        yield "a public address on an instance"
    providers = [entry["capacityProvider"] for entry in service.get("capacityProviderStrategy", ())]
    if providers and "launchType" in service:
        yield "a launch type and a strategy"
    if fargate != (service.get("launchType") == "FARGATE" or "FARGATE" in str(providers)):
        yield "a task definition for another launch type"
    if fargate:
        yield from (path for path in FARGATE_SERVICE if path in service)
        if service.get("schedulingStrategy", "REPLICA") != "REPLICA":
            yield "a daemon"
    if awsvpc and "role" in service:
        yield "role"


def bodies_of(
    text: str, files: Mapping[str, str], variables: Mapping[str, str], **settings: str
) -> Any:
    """What is written for a document; None where it is refused."""
    report = Report()
    try:
        project = load(
            files={"compose.yaml": text, **files}, environment=dict(variables), report=report
        )
        stack = translate(project, target(project, report=report, **settings), report)
    except InputError:
        return None
    bodies: dict[str, dict[str, Any]] = {}
    for path, body in write(stack).items():
        kind, _, name = path.removesuffix(".json").partition("/")
        bodies.setdefault(kind, {})[name] = json.loads(body)
    return bodies


PLACES: Mapping[str, Mapping[str, str]] = {
    "EC2": {"launch_type": "EC2"},
    "FARGATE": {"launch_type": "FARGATE"},
    "FARGATE_SPOT": {"launch_type": "FARGATE_SPOT", "layout": "single"},
    "awsvpc": {},
    "host": {},
}


def with_mode(document: dict[str, Any], mode: str) -> dict[str, Any]:
    facts = document.get("x-ecs") or {}
    network = {**(facts.get("network") or {}), "mode": mode}
    return {**document, "x-ecs": {**facts, "network": network}}


@pytest.mark.parametrize("place", PLACES)
def test_the_cases_of_the_rules(place: str) -> None:
    seen = 0
    for table in sorted((ROOT / "fixtures/rules").glob("*.yaml")):
        for case in yaml.safe_load(table.read_text()):
            text = case["compose"]
            if place in ("awsvpc", "host"):
                if "!" in text:
                    continue
                text = yaml.safe_dump(with_mode(yaml.safe_load(text), place), sort_keys=False)
            files, variables = case.get("files", {}), case.get("environment", {})
            settings = {**case.get("given", {}), **PLACES[place]}
            bodies = bodies_of(text, files, variables, **settings)
            if bodies is not None:
                seen += 1
                assert faults(bodies) == [], f"{table.stem}: {case['name']}"
    assert seen > 150


@pytest.mark.parametrize("place", PLACES)
@EXAMPLES
@given(st.randoms(use_true_random=False))
def test_drawn_documents(place: str, rng: random.Random) -> None:
    document = Drawer(rng).document()
    if place in ("awsvpc", "host"):
        document = with_mode(document, place)
    bodies = bodies_of(json.dumps(document), FILES, ENVIRONMENT, **PLACES[place])
    if bodies is not None:
        assert faults(bodies) == []


BROKEN: tuple[tuple[str, Any], ...] = (
    ("containerDefinitions[].privileged", True),
    ("containerDefinitions[].hostname", "x"),
    ("containerDefinitions[].linuxParameters", {"devices": [{"hostPath": "/dev/x"}]}),
    ("containerDefinitions[].linuxParameters", {"capabilities": {"add": ["NET_ADMIN"]}}),
    ("containerDefinitions[].portMappings", [{"containerPort": 1, "hostPort": 0}]),
    ("containerDefinitions[].logConfiguration", {"logDriver": "syslog"}),
    ("volumes", [{"name": "a", "host": {"sourcePath": "/a"}}]),
    ("ipcMode", "task"),
    ("pidMode", "host"),
    ("memory", "513"),
    ("networkMode", "bridge"),
)


@pytest.mark.parametrize(("path", "value"), BROKEN, ids=[path for path, _ in BROKEN])
def test_faults_are_found(path: str, value: Any) -> None:
    text = "services: {a: {image: i}, b: {image: i}}"
    bodies = bodies_of(text, {}, {}, launch_type="FARGATE")
    assert faults(bodies) == []
    task = bodies["task-definitions"][sorted(bodies["task-definitions"])[0]]
    step, _, rest = path.partition("[].")
    if rest:
        task[step][0][rest] = value
    else:
        task[step] = value
    assert faults(bodies) != []
