"""The schema that editors use and the readers that `convert` uses know the same `x-ecs`."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from compose2ecs import InputError, Report, load
from compose2ecs.api import target
from compose2ecs.ecs.extension import ProjectFacts, Route, RouteCheck, ServiceFacts
from compose2ecs.ecs.work import Work
from tests.conftest import ROOT

SCHEMA = json.loads((ROOT / "schemas/x-ecs.schema.json").read_text())


def properties(name: str) -> set[str]:
    node = SCHEMA["$defs"][name]
    return set(node["properties"])


def fields(record: Any) -> set[str]:
    return set(record._fields) - {"written", "place"}


def test_same_keys() -> None:
    assert properties("project") == fields(ProjectFacts)
    assert properties("service") == fields(ServiceFacts)
    route = next(
        node for node in SCHEMA["$defs"].values() if "strip_prefix" in node.get("properties", {})
    )
    assert set(route["properties"]) == fields(Route)
    check = next(
        node for node in SCHEMA["$defs"].values() if "unhealthy" in node.get("properties", {})
    )
    assert set(check["properties"]) == fields(RouteCheck)


# Two documents each: what stands under the project's x-ecs, and under a service's.
PROJECT: list[tuple[Any, bool]] = [
    ({"cluster": "qa", "region": "eu-west-1"}, True),
    ({"clutser": "qa"}, False),
    ({"cluster": 1}, False),
    ({"names": "{stack}-{service}"}, True),
    ({"names": "{stack}-{thing}"}, False),
    ({"launch_type": "EC2"}, True),
    ({"launch_type": "ec2"}, False),
    ({"logs": {"retention_days": 7}}, True),
    ({"logs": {"retention_days": 8}}, False),
    ({"deployment": {"minimum_healthy_percent": 101}}, False),
    ({"deployment": {"maximum_percent": 99}}, False),
    ({"deployment": {"circuit_breaker": True}}, True),
    ({"placement": [{"spread": "instanceId"}, "random"]}, True),
    ({"placement": [{"binpack": "disk"}]}, False),
    ({"placement": ["random"] * 6}, False),
    ({"layout": "single", "discovery": "none"}, True),
    ({"layout": "double"}, False),
    ({"access": "public"}, True),
    ({"access": "private"}, False),
    ({"defaults": {"memory_reservation": "256m", "cpu": "0.25 vCPU"}}, True),
    ({"defaults": {"memory_reservation": "256x"}}, False),
    ({"tags": {"a": "b", "c": 1}}, True),
]
SERVICE: list[tuple[Any, bool]] = [
    ({"task": "t", "external": "db.internal:5432"}, True),
    ({"route": False}, True),
    ({"route": {"port": 80, "path": "/x/*"}}, True),
    ({"route": [{"port": 80}, {"port": 81, "host": ["a.example.com"]}]}, True),
    ({"route": {"port": 99999}}, False),
    ({"route": {"prot": 80}}, False),
    ({"route": {"priority": 0}}, False),
    ({"route": {"priority": 50001}}, False),
    ({"route": {"weight": 1000}}, False),
    ({"route": {"protocol": "ftp"}}, False),
    ({"route": {"deregistration_delay": "10s"}}, True),
    ({"route": {"deregistration_delay": 3601}}, False),
    ({"route": {"stickiness": True}}, True),
    ({"route": {"stickiness": "1h"}}, True),
    ({"route": {"health_check": {"interval": 4}}}, False),
    ({"route": {"health_check": {"healthy": 11}}}, False),
    ({"route": {"health_check": {"matcher": 200, "path": "/"}}}, True),
    ({"job": "once"}, True),
    ({"job": "twice"}, False),
    ({"secrets": {"A": "/a"}}, True),
    ({"secrets": ["A"]}, False),
    ({"roles": {"task": "r"}}, True),
    ({"roles": {"owner": "r"}}, False),
]


def reads(document: dict[str, Any]) -> bool:
    report = Report()
    try:
        project = load(files={"compose.yaml": json.dumps(document)}, environment={}, report=report)
        Work(project, target(project, report=report), report)
        report.check()
    except InputError:
        return False
    return True


@pytest.mark.parametrize(("facts", "accepted"), PROJECT, ids=str)
def test_project_level(facts: Any, accepted: bool) -> None:
    document = {"x-ecs": facts, "services": {"a": {"image": "i"}}}
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) is accepted
    assert reads(document) is accepted


@pytest.mark.parametrize(("facts", "accepted"), SERVICE, ids=str)
def test_service_level(facts: Any, accepted: bool) -> None:
    document = {"services": {"a": {"image": "i", "x-ecs": facts}, "b": {"image": "i"}}}
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) is accepted
    assert reads(document) is accepted
