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
from tests.test_schema_x_ecs import BAD, COGNITO, OIDC, route

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
    ({"access": {"cidrs": ["10.0.0.0/8", "2001:db8::/32"], "oidc": OIDC}}, True),
    ({"access": {"cognito": COGNITO}}, True),
    ({"load_balancer": {"name": "qa"}}, True),
    ({"load_balancer": {"name": "qa", "port": 443}}, True),
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
    ({"route": {"weight": 0}}, True),
    ({"route": {"auth": False}}, True),
    ({"route": {"auth": {"oidc": {**OIDC, "session_timeout": "12h", "scope": "a b"}}}}, True),
    ({"route": {"redirect": {"host": "a.example.com", "port": "#{port}", "status": 301}}}, True),
    ({"route": {"redirect": {"protocol": "HTTPS", "query": ""}}}, True),
    ({"route": {"rewrite": {"regex": "^/a(.*)$$", "replace": "$$1"}}}, True),
    ({"route": {"rewrite": {"path": {"regex": "a", "replace": ""}}}}, True),
    ({"route": {"protocol": "tcp_udp"}}, True),
    ({"route": {"health_check": {"port": "traffic-port", "protocol": "tcp"}}}, True),
    ({"external": "[2001:db8::1]:6379"}, True),
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


# Keys of which the readers take nothing that the schema refuses.
STRICT = (
    "access",
    "auth",
    "redirect",
    "rewrite",
    "load_balancer",
    "external",
    "weight",
    "protocol",
)
REFUSED = [
    document
    for document, place in BAD
    if any(f".{key}" in place and "health_check" not in place for key in STRICT)
    if place != "…route.redirect.port" or document != route(redirect={"port": "443"})
]


def reads(document: dict[str, Any]) -> bool:
    report = Report()
    try:
        project = load(files={"compose.yaml": json.dumps(document)}, environment={}, report=report)
        work = Work(project, target(project, report=report), report)
        for job in project.jobs.values():
            work.adopt(job.container)
        report.check()
    except InputError:
        return False
    return True


@pytest.mark.parametrize("document", REFUSED, ids=str)
def test_what_the_schema_refuses_is_refused(document: dict[str, Any]) -> None:
    assert not reads({"services": {"a": {"image": "i"}}, **document})


def test_a_secret_of_the_wrong_type_is_not_printed() -> None:
    report = Report()
    access = {"oidc": {**OIDC, "client_secret": 271828}}
    document = {"services": {"a": {"image": "i"}}, "x-ecs": {"access": access}}
    project = load(files={"compose.yaml": json.dumps(document)}, environment={}, report=report)
    target(project, report=report)
    said = [str(diagnostic) for diagnostic in report]
    assert any("client_secret must be" in text for text in said)
    assert not any("271828" in text for text in said)


def test_a_number_of_a_variable_is_a_text() -> None:
    """The one thing more that is read: variables have no types."""
    assert reads(route(redirect={"port": "443"}))
    assert len(REFUSED) > 40


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


@pytest.mark.parametrize(
    "document", [doc for doc, place in BAD if place.startswith("…autoscaling")], ids=str
)
def test_autoscaling_that_the_schema_refuses_is_refused(document: Any) -> None:
    assert not reads(document)


AUTOSCALING: list[tuple[Any, bool]] = [
    ({"max": 0}, True),
    ({"min": 0, "max": 4.0, "cpu": 1, "memory": 100, "requests": 0.1}, True),
    ({"max": 2, "scale_in_cooldown": 0, "scale_out_cooldown": "1m30s"}, True),
    ({"max": 2, "scale_in_cooldown": "2d"}, True),
    ({"max": 2, "scale_in_cooldown": "60"}, False),
    ({"max": 2, "scale_in_cooldown": 1.5}, False),
    ({"max": 2, "scale_in_cooldown": -1}, False),
    ({"max": "2"}, False),
    ({"max": True}, False),
    ({"max": 2, "min": None}, False),
    ({"max": 2, "cpu": "60"}, False),
    ({"max": 2, "cpu": True}, False),
    ({"max": 2, "x-note": 1}, False),
    ({"max": 2, "steps": [{"lower": -1.5, "upper": 0, "change": "+10%"}]}, True),
    ({"max": 2, "steps": [{"lower": 0, "change": "10"}]}, False),
    ({"max": 2, "steps": [{"lower": "0", "change": 1}]}, False),
    ({"max": 2, "steps": [{"lower": 0, "change": 1, "note": 1}]}, False),
    ({"max": 2, "schedule": [{"when": "cron(0 19 * * ? 2030)", "min": 0, "max": 0}]}, True),
    (
        {
            "max": 2,
            "schedule": [{"when": "rate(5 minutes)", "min": 0, "max": 0, "timezone": "UTC"}],
        },
        True,
    ),
    ({"max": 2, "schedule": [{"when": "rate(0 minutes)", "max": 0}]}, False),
    ({"max": 2, "schedule": [{"when": "at(2030-01-01)", "max": 0}]}, False),
    ([], False),
    (None, False),
]


@pytest.mark.parametrize(("facts", "accepted"), AUTOSCALING, ids=str)
def test_autoscaling(facts: Any, accepted: bool) -> None:
    document = {"services": {"a": {"image": "i", "x-ecs": {"autoscaling": facts}}}}
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) is accepted
    assert reads(document) is accepted


@pytest.mark.parametrize(("facts", "accepted"), SERVICE, ids=str)
def test_job_level(facts: Any, accepted: bool) -> None:
    """A job has what a service has, whatever comes of it."""
    job = {"image": "i", "triggers": {"manual": True}, "x-ecs": facts}
    document = {"services": {"a": {"image": "i"}}, "jobs": {"b": job}}
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) is accepted
    assert reads(document) is accepted


STORED = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"
STORAGE: list[tuple[Any, bool]] = [
    ({"volumes": {"d": {"efs": "fs-1"}, "my.d": {"scope": "task"}}}, True),
    ({"volumes": {"d": {"efs": {"file_system_id": "fs-1", "access_point": "fsap-1"}}}}, True),
    ({"volumes": {"d": {"efs": {"file_system_id": "fs-1", "root_directory": "/a"}}}}, True),
    ({"volumes": {"d": {"ebs": {"size_gib": 1}}, "e": {"ebs": {"snapshot": "snap-1"}}}}, True),
    ({"volumes": {"d": {"ebs": {"size_gib": 4, "type": "io2", "iops": 256000}}}}, True),
    ({"volumes": {"d": {"ebs": {"size_gib": 1, "kms_key": "alias/k", "throughput": 125}}}}, True),
    ({"volumes": {"d": {"ebs": {"size_gib": 1, "kms_key": "k", "encrypted": True}}}}, True),
    ({"volumes": {"d": None}}, False),
    ({"volumes": ["d"]}, False),
    ({"volumes": {"d": {"ebs": {"size_gib": 1}, "scope": "task"}}}, False),
]
SOURCES: list[tuple[Any, bool]] = [
    ({"A": "/a", "B": "plain.name_1", "C": "/a/b/c-d"}, True),
    ({"A": "arn:aws:ssm:eu-west-1:123456789012:parameter/a/b"}, True),
    ({"A": STORED, "B": f"{STORED}:k::", "C": f"{STORED}:k:s:", "D": f"{STORED}:::v"}, True),
    ({"A": "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/a"}, True),
    ({"A": "a/b"}, False),
    ({"A": "/a/"}, False),
    ({"A": "name:1"}, False),
    ({"A": "arn:aws:ssm:eu-west-1:1:parameter/a"}, False),
    ({"A": "arn:aws:ssm:eu-west-1:123456789012:a"}, False),
    ({"A": "arn:aws:secretsmanager:eu-west-1:123456789012:shop"}, False),
    ({"A": f"{STORED}:k"}, False),
    ({"A": f"{STORED}:k:s:v"}, False),
    ({"A": f"{STORED}:k::v:"}, False),
    ({"A": 1}, False),
    ({"": "/a"}, False),
    ({"A B": "/a"}, False),
]


@pytest.mark.parametrize(
    "document",
    [
        document
        for document, place in BAD
        if place.startswith(("$.x-ecs.volumes", "…secrets", "…registry_cred", "…overrides"))
    ],
    ids=str,
)
def test_storage_and_secrets_that_the_schema_refuses_are_refused(document: Any) -> None:
    assert not reads({"services": {"web": {"image": "nginx"}}, **document})


@pytest.mark.parametrize(
    ("document", "accepted"),
    [({"x-ecs": facts, "services": {"a": {"image": "i"}}}, ok) for facts, ok in STORAGE]
    + [({"services": {"a": {"image": "i", "x-ecs": {"secrets": s}}}}, ok) for s, ok in SOURCES],
    ids=str,
)
def test_storage_and_secrets(document: Any, accepted: bool) -> None:
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) is accepted
    assert reads(document) is accepted


@pytest.mark.parametrize("text", ["hunter 2!", "arn:hunter:2", f"{STORED}:hunter2"])
def test_what_stands_where_a_secret_is_named_is_not_repeated(text: str) -> None:
    facts = {"secrets": {"A": text}, "registry_credentials": text}
    document = {"services": {"a": {"image": "i", "x-ecs": facts}}}
    report = Report()
    project = load(files={"compose.yaml": json.dumps(document)}, environment={}, report=report)
    Work(project, target(project, report=report), report)
    said = [str(diagnostic) + diagnostic.hint for diagnostic in report]
    assert len(said) == 2
    assert not any("hunter" in line for line in said)
