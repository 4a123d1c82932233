"""The schema of x-ecs accepts what its documentation shows and refuses everything else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[1]
SCHEMA: dict[str, Any] = json.loads((ROOT / "schemas/x-ecs.schema.json").read_text("utf-8"))
EXAMPLE: dict[str, Any] = yaml.safe_load((ROOT / "fixtures/x-ecs/product.yaml").read_text("utf-8"))
Steps = tuple[str | int, ...]  # the steps from the root of a document to a value

VALIDATOR = Draft202012Validator(SCHEMA)

# Raw AWS JSON is free inside; nothing else is.
FREE = {f"#/$defs/overrides/properties/{key}" for key in SCHEMA["$defs"]["overrides"]["properties"]}

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012"
OIDC = {
    "issuer": "https://login.example.com",
    "authorization_endpoint": "https://login.example.com/authorize",
    "token_endpoint": "https://login.example.com/token",
    "user_info_endpoint": "https://login.example.com/userinfo",
    "client_id": "qa",
}
COGNITO = {
    "user_pool_arn": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEf",
    "user_pool_client_id": "abcdef",
    "user_pool_domain": "shop",
}
EFS = {"file_system_id": "fs-12345678"}
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"


def project(**facts: Any) -> dict[str, Any]:
    """A document that says `facts` of the project."""
    return {"x-ecs": facts}


def ebs(**facts: Any) -> dict[str, Any]:
    """A document whose volume `data` is on EBS."""
    return project(volumes={"data": {"ebs": facts}})


def service(**facts: Any) -> dict[str, Any]:
    """A document that says `facts` of its service `web`."""
    return {"services": {"web": {"image": "nginx", "x-ecs": facts}}}


def route(**facts: Any) -> dict[str, Any]:
    """A document whose service `web` has one route."""
    return service(route=facts)


def errors(document: Any) -> list[str]:
    """The JSON path of every error of `document`, such as $.x-ecs.placement[0]."""
    return [
        "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.path)
        for error in VALIDATOR.iter_errors(document)
    ]


def nodes(schema: Any, pointer: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object inside the schema, with its JSON pointer."""
    if isinstance(schema, dict):
        yield pointer, schema
        for key, value in schema.items():
            yield from nodes(value, f"{pointer}/{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from nodes(value, f"{pointer}/{index}")


def told(pointer: str) -> bool:
    """Whether the node at `pointer` describes a value, and does not merely narrow one down."""
    narrowing = {"if", "then", "else", "not", "contains", "anyOf", "dependentSchemas"}
    return not narrowing & set(pointer.split("/"))


def test_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert SCHEMA["$id"] == "https://compose2ecs.dev/schemas/x-ecs.schema.json"
    assert SCHEMA["title"]


def test_example_is_accepted() -> None:
    assert errors(EXAMPLE) == []


def test_example_shows_every_key() -> None:
    shown = {key for _, node in nodes(EXAMPLE) for key in node}
    known = {
        key
        for pointer, node in nodes(SCHEMA["$defs"], "#/$defs")
        if told(pointer)
        for key in node.get("properties", {})
    }
    # Alternatives of keys that the example has already.
    assert known - shown == {"load_balancer", "name"}


def test_every_object_is_closed() -> None:
    open_ = {
        pointer
        for pointer, node in nodes(SCHEMA["$defs"], "#/$defs")
        if told(pointer)
        and not pointer.endswith("/properties")
        and ("object" in node.get("type", ()) or "properties" in node)
        and ("properties" in node or "$ref" not in node.get("then", {}))
        and "additionalProperties" not in node
    }
    assert open_ == FREE


def test_maps_have_typed_values() -> None:
    for pointer, node in nodes(SCHEMA["$defs"], "#/$defs"):
        if "additionalProperties" in node and not pointer.endswith("/properties"):
            closed = node["additionalProperties"]
            assert closed is False or "$ref" in closed or "type" in closed, pointer


def inside(value: Any, path: Steps) -> Iterator[Steps]:
    """The paths of `value` and of all that it holds, save what overrides hold."""
    yield path
    if "overrides" in path[:-1]:
        return
    if isinstance(value, dict):
        for key, below in value.items():
            yield from inside(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from inside(below, (*path, index))


def facts() -> Iterator[Steps]:
    """The path of every value under x-ecs in the example."""
    yield from inside(EXAMPLE["x-ecs"], ("x-ecs",))
    for name, body in EXAMPLE["services"].items():
        yield from inside(body["x-ecs"], ("services", name, "x-ecs"))


@pytest.mark.parametrize("wrong", [None, [[None]], {"?": None}], ids=["null", "list", "object"])
def test_no_place_takes_any_type(wrong: Any) -> None:
    for path in facts():
        document = copy.deepcopy(EXAMPLE)
        holder: Any = document
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = wrong
        free = "overrides" in path[:-1] and isinstance(wrong, dict)
        assert free or errors(document), path


def test_every_property_has_one_sentence() -> None:
    for pointer, node in nodes(SCHEMA):
        if told(pointer) and pointer.split("/")[-2:-1] == ["properties"]:
            text = node.get("description", "")
            assert text.endswith("."), pointer
            assert ". " not in text, pointer


def test_every_reference_is_used_and_known() -> None:
    used = {node["$ref"] for _, node in nodes(SCHEMA) if isinstance(node.get("$ref"), str)}
    assert used == {f"#/$defs/{name}" for name in SCHEMA["$defs"]}


@pytest.mark.parametrize("key", ["project", "service"])
def test_parts_stand_alone(key: str) -> None:
    part = Draft202012Validator({**SCHEMA, "properties": {}, "$ref": f"#/$defs/{key}"})
    assert part.is_valid({})
    assert not part.is_valid({"clusterr": "qa"})


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"services": {"web": None}},
        {"services": {"web": {"image": "nginx", "x-other": {"free": 1}}}, "volumes": {"data": {}}},
        project(),
        project(names="{service}"),
        project(cluster="arn:aws:ecs:eu-west-1:123456789012:cluster/qa"),
        project(region="us-gov-west-1"),
        project(launch_type="FARGATE_SPOT"),
        project(capacity_providers=["FARGATE"]),
        project(capacity_providers=[{"provider": "a", "base": 0}, {"provider": "b", "base": 2}]),
        project(listener="none"),
        project(listener=f"{ARN}:listener/net/qa/1/2"),
        project(load_balancer={"name": "qa", "port": 443}),
        project(access="public"),
        project(access={"cognito": COGNITO}),
        project(access={"oidc": OIDC, "cidrs": ["0.0.0.0/0", "::/0"]}),
        project(registry="localhost:5000/team/shop"),
        project(roles={"service": "/ecs/test_ecs_lb_role"}),
        project(defaults={"memory": "1.5gb", "memory_reservation": 6291456, "cpu": 256}),
        project(deployment={"circuit_breaker": {"enable": False}}),
        project(deployment={"minimum_healthy_percent": 50, "maximum_percent": 200}),
        project(placement=["random", {"random": True}, {"spread": "instanceId"}]),
        project(tags={"Straße": "x", "a:b/c@d": ""}),
        project(volumes={"data": {"efs": {**EFS, "iam": True}}}),
        project(volumes={"data": {"efs": "fs-1"}, "my.cache": {"scope": "task"}}),
        project(volumes={"data": {"ebs": {"size_gib": 1}}}),
        project(volumes={"data": {"ebs": {"snapshot": "snap-1", "iops": 3000}}}),
        project(volumes={"data": {"ebs": {"size_gib": 4, "type": "io2", "iops": 256000}}}),
        project(volumes={"data": {"ebs": {"size_gib": 1024, "type": "standard"}}}),
        service(secrets={"A": "/shop/a", "B": "plain.name", "C": f"{SECRET}:key::"}),
        service(secrets={"A": f"{SECRET}:::id", "B": f"{SECRET}:key:stage:", "C": SECRET}),
        {"secrets": {"a": {"x-ecs": {"value_from": "/shop/a"}}, "b": {"file": "./b"}}},
        service(external="[2001:db8::1]:6379"),
        service(route=False),
        service(route=[{"port": 80}, {"port": 8080, "priority": 7}]),
        route(),
        route(path="/*", host="*.example.com", headers={"X-A": "b*"}, query=["a=b"]),
        route(path=["/*"], health_check={"path": "/", "interval": "5s", "matcher": "200"}),
        route(health_check={"matcher": "200,202-299,404", "port": 8081, "timeout": 5}),
        route(health_check={"matcher": 12, "path": "/grpc.health.v1.Health/Check"}),
        route(auth={"oidc": OIDC}),
        route(redirect={"port": "#{port}", "protocol": "#{protocol}", "path": "/new"}),
        route(rewrite={"host": {"regex": "^a", "replace": ""}}),
        route(strip_prefix="/random"),
        route(stickiness="1h30m"),
        route(stickiness=604800),
        route(deregistration_delay=0),
        service(autoscaling={"max": 0}),
        service(autoscaling={"max": 2, "schedule": [{"when": "rate(5 minutes)", "min": 0}]}),
        service(
            autoscaling={"max": 2, "schedule": [{"when": "at(2030-01-01T00:00:00)", "max": 1}]}
        ),
        service(autoscaling={"max": 9, "steps": [{"upper": -10, "change": -1}]}),
        service(overrides={"container": {"anything": {"goes": [1, None]}}}),
    ],
)
def test_accepted(document: Any) -> None:
    assert errors(document) == []


# Each with the JSON path of its error, where … is `$.services.web.x-ecs.`.
BAD: list[tuple[dict[str, Any], str]] = [
    # whole documents
    ({"x-ecs": None}, "$.x-ecs"),
    ({"x-ecs": ["cluster"]}, "$.x-ecs"),
    ({"services": {"web": {"x-ecs": "qa"}}}, "$.services.web.x-ecs"),
    # keys nobody knows
    (project(clusters="qa"), "$.x-ecs"),
    (project(route={"port": 80}), "$.x-ecs"),
    (project(network={"vpc_id": "vpc-1"}), "$.x-ecs.network"),
    (project(roles={"exec": "role"}), "$.x-ecs.roles"),
    (project(logs={"retention": 7}), "$.x-ecs.logs"),
    (project(access={"cidr": ["10.0.0.0/8"]}), "$.x-ecs.access"),
    (
        project(deployment={"circuit_breaker": {"enable": True, "x": 1}}),
        "$.x-ecs.deployment.circuit_breaker",
    ),
    (project(volumes={"data": {"ebs": {"size_gib": 1}, "efs": EFS}}), "$.x-ecs.volumes.data"),
    (project(volumes={"data": {"s3": {}}}), "$.x-ecs.volumes.data"),
    (project(volumes={"data": {"ebs": {"size": 20}}}), "$.x-ecs.volumes.data.ebs"),
    (service(cluster="qa"), "$.services.web.x-ecs"),
    (service(desired_count=2), "$.services.web.x-ecs"),
    (service(overrides={"task": {}}), "…overrides"),
    (route(ports=80), "…route"),
    (route(health_check={"retries": 3}), "…route.health_check"),
    (service(autoscaling={"max": 2, "target": 50}), "…autoscaling"),
    # the project
    (project(cluster="my cluster"), "$.x-ecs.cluster"),
    (project(region="Ireland"), "$.x-ecs.region"),
    (project(names="{stack}-{branch}"), "$.x-ecs.names"),
    (project(names="shop.{service}"), "$.x-ecs.names"),
    (project(launch_type="fargate"), "$.x-ecs.launch_type"),
    (project(capacity_providers=[]), "$.x-ecs.capacity_providers"),
    (project(capacity_providers="FARGATE"), "$.x-ecs.capacity_providers"),
    (project(capacity_providers=[{"weight": 1}]), "$.x-ecs.capacity_providers[0]"),
    (
        project(capacity_providers=[{"provider": "a", "weight": 1001}]),
        "$.x-ecs.capacity_providers[0].weight",
    ),
    (
        project(capacity_providers=[{"provider": "a", "base": 100001}]),
        "$.x-ecs.capacity_providers[0].base",
    ),
    (
        project(capacity_providers=[{"provider": "a", "base": 1}, {"provider": "b", "base": 1}]),
        "$.x-ecs.capacity_providers",
    ),
    (project(network={"vpc": "default"}), "$.x-ecs.network.vpc"),
    (project(network={"subnets": [f"subnet-{n}" for n in range(17)]}), "$.x-ecs.network.subnets"),
    (project(network={"subnets": "subnet-1"}), "$.x-ecs.network.subnets"),
    (
        project(network={"security_groups": [f"sg-{n}" for n in range(6)]}),
        "$.x-ecs.network.security_groups",
    ),
    (project(network={"public_ip": "yes"}), "$.x-ecs.network.public_ip"),
    (project(listener=f"{ARN}:loadbalancer/app/qa/1"), "$.x-ecs.listener"),
    (project(load_balancer={"port": 443}), "$.x-ecs.load_balancer"),
    (project(load_balancer={"name": "-qa"}), "$.x-ecs.load_balancer.name"),
    (project(domain="localhost"), "$.x-ecs.domain"),
    (project(domain="https://qa.example.com"), "$.x-ecs.domain"),
    (project(access="everyone"), "$.x-ecs.access"),
    (project(access={}), "$.x-ecs.access"),
    (project(access={"cidrs": ["10.0.0.1"]}), "$.x-ecs.access.cidrs[0]"),
    (project(access={"cidrs": ["10.0.0.0/33"]}), "$.x-ecs.access.cidrs[0]"),
    (project(access={"cidrs": ["300.0.0.0/8"]}), "$.x-ecs.access.cidrs[0]"),
    (project(access={"cidrs": []}), "$.x-ecs.access.cidrs"),
    (project(access={"oidc": OIDC, "cognito": COGNITO}), "$.x-ecs.access.cognito"),
    (project(access={"oidc": {**OIDC, "issuer": "http://a"}}), "$.x-ecs.access.oidc.issuer"),
    (project(access={"oidc": {**OIDC, "issuer": "https://b:c@a"}}), "$.x-ecs.access.oidc.issuer"),
    (project(access={"cognito": {"user_pool_domain": "a"}}), "$.x-ecs.access.cognito"),
    (project(layout="separate"), "$.x-ecs.layout"),
    (project(discovery="dns"), "$.x-ecs.discovery"),
    (project(registry="https://registry.example.com"), "$.x-ecs.registry"),
    (project(registry="registry.example.com/"), "$.x-ecs.registry"),
    (project(roles={"task": "arn:aws:iam::1:role/x"}), "$.x-ecs.roles.task"),
    (project(logs={"retention_days": 8}), "$.x-ecs.logs.retention_days"),
    (project(logs={"group": "a group"}), "$.x-ecs.logs.group"),
    (project(defaults={"memory": 256}), "$.x-ecs.defaults.memory"),
    (project(defaults={"memory": "512Mi"}), "$.x-ecs.defaults.memory"),
    (project(defaults={"memory_reservation": "256"}), "$.x-ecs.defaults.memory_reservation"),
    (project(defaults={"cpu": 0.25}), "$.x-ecs.defaults.cpu"),
    (
        project(deployment={"minimum_healthy_percent": 101}),
        "$.x-ecs.deployment.minimum_healthy_percent",
    ),
    (project(deployment={"maximum_percent": 99}), "$.x-ecs.deployment.maximum_percent"),
    (
        project(deployment={"circuit_breaker": {"rollback": True}}),
        "$.x-ecs.deployment.circuit_breaker",
    ),
    (project(placement=["random"] * 6), "$.x-ecs.placement"),
    (project(placement=["spread"]), "$.x-ecs.placement[0]"),
    (project(placement=[{"binpack": "disk"}]), "$.x-ecs.placement[0].binpack"),
    (project(placement=[{"random": False}]), "$.x-ecs.placement[0].random"),
    (project(placement=[{"spread": "host", "binpack": "cpu"}]), "$.x-ecs.placement[0]"),
    (project(placement=[{"spread": "zone"}]), "$.x-ecs.placement[0].spread"),
    (project(tags={"aws:team": "shop"}), "$.x-ecs.tags"),
    (project(tags={"compose2ecs:stack": "other"}), "$.x-ecs.tags"),
    (project(tags={f"tag{n}": n for n in range(46)}), "$.x-ecs.tags"),
    (project(tags={"team": None}), "$.x-ecs.tags.team"),
    (project(tags={"team": "a" * 257}), "$.x-ecs.tags.team"),
    (project(tags=["team=shop"]), "$.x-ecs.tags"),
    (project(volumes={"data": {}}), "$.x-ecs.volumes.data"),
    (project(volumes={"data": {"efs": "data"}}), "$.x-ecs.volumes.data.efs"),
    (project(volumes={"data": {"scope": "shard"}}), "$.x-ecs.volumes.data.scope"),
    (project(volumes={"data": {"ebs": {}}}), "$.x-ecs.volumes.data.ebs"),
    (project(volumes={"data": {"ebs": "vol-1"}}), "$.x-ecs.volumes.data.ebs"),
    (ebs(size_gib=0), "$.x-ecs.volumes.data.ebs.size_gib"),
    (ebs(size_gib=16385), "$.x-ecs.volumes.data.ebs.size_gib"),
    (ebs(size_gib="20g"), "$.x-ecs.volumes.data.ebs.size_gib"),
    (ebs(size_gib=3, type="io1", iops=100), "$.x-ecs.volumes.data.ebs.size_gib"),
    (ebs(size_gib=124, type="sc1"), "$.x-ecs.volumes.data.ebs.size_gib"),
    (ebs(size_gib=1025, type="standard"), "$.x-ecs.volumes.data.ebs.size_gib"),
    (ebs(size_gib=20, type="gp4"), "$.x-ecs.volumes.data.ebs.type"),
    (ebs(size_gib=20, type="io2"), "$.x-ecs.volumes.data.ebs"),
    (ebs(size_gib=20, iops=99), "$.x-ecs.volumes.data.ebs.iops"),
    (ebs(size_gib=20, iops=2999), "$.x-ecs.volumes.data.ebs.iops"),
    (ebs(size_gib=20, iops=16001), "$.x-ecs.volumes.data.ebs.iops"),
    (ebs(size_gib=20, type="io1", iops=64001), "$.x-ecs.volumes.data.ebs.iops"),
    (ebs(size_gib=20, type="io2", iops=256001), "$.x-ecs.volumes.data.ebs.iops"),
    (ebs(size_gib=20, type="gp2", iops=3000), "$.x-ecs.volumes.data.ebs.type"),
    (ebs(size_gib=20, throughput=124), "$.x-ecs.volumes.data.ebs.throughput"),
    (ebs(size_gib=20, throughput=1001), "$.x-ecs.volumes.data.ebs.throughput"),
    (ebs(size_gib=20, type="gp2", throughput=125), "$.x-ecs.volumes.data.ebs.type"),
    (ebs(size_gib=20, encrypted="aws:kms"), "$.x-ecs.volumes.data.ebs.encrypted"),
    (ebs(size_gib=20, encrypted=False, kms_key="k"), "$.x-ecs.volumes.data.ebs.encrypted"),
    (ebs(size_gib=20, kms_key="my key"), "$.x-ecs.volumes.data.ebs.kms_key"),
    (ebs(size_gib=20, filesystem="btrfs"), "$.x-ecs.volumes.data.ebs.filesystem"),
    (ebs(size_gib=20, role="ecs-infrastructure"), "$.x-ecs.volumes.data.ebs.role"),
    (ebs(snapshot="vol-1"), "$.x-ecs.volumes.data.ebs.snapshot"),
    (project(volumes={"data": {"efs": {"iam": True}}}), "$.x-ecs.volumes.data.efs"),
    (
        project(volumes={"data": {"efs": {**EFS, "iam": True, "transit_encryption": False}}}),
        "$.x-ecs.volumes.data.efs.transit_encryption",
    ),
    (
        project(
            volumes={"data": {"efs": {**EFS, "access_point": "fsap-1", "root_directory": "/a"}}}
        ),
        "$.x-ecs.volumes.data.efs.root_directory",
    ),
    (project(ignore="D011"), "$.x-ecs.ignore"),
    # services
    (service(task="my.task"), "…task"),
    (service(external="db.internal"), "…external"),
    (service(external="db.internal:70000"), "…external"),
    (service(job="always"), "…job"),
    (service(secrets={"A=B": "/shop/a"}), "…secrets"),
    (service(secrets={"PASSWORD": ""}), "…secrets.PASSWORD"),
    (service(secrets=["PASSWORD"]), "…secrets"),
    (service(secrets={"PASSWORD": "shop/password"}), "…secrets.PASSWORD"),
    (service(secrets={"PASSWORD": "/shop/pass word"}), "…secrets.PASSWORD"),
    (service(secrets={"PASSWORD": f"{SECRET}:key"}), "…secrets.PASSWORD"),
    (service(secrets={"PASSWORD": f"{SECRET}:key:"}), "…secrets.PASSWORD"),
    (service(secrets={"PASSWORD": f"{SECRET}:key:stage:id"}), "…secrets.PASSWORD"),
    (service(secrets={"PASSWORD": "arn:aws:s3:::bucket"}), "…secrets.PASSWORD"),
    ({"secrets": {"a": {"x-ecs": {}}}}, "$.secrets.a.x-ecs"),
    ({"secrets": {"a": {"x-ecs": {"value_from": "a b"}}}}, "$.secrets.a.x-ecs.value_from"),
    (service(registry_credentials=f"{SECRET}:key::"), "…registry_credentials"),
    (service(overrides={"container": []}), "…overrides.container"),
    (service(registry_credentials="registry"), "…registry_credentials"),
    (service(execute_command="yes"), "…execute_command"),
    # routes
    (service(route=True), "…route"),
    (service(route=[]), "…route"),
    (service(route="/*"), "…route"),
    (service(route=[{"port": 80}, {"port": 0}]), "…route[1].port"),
    (route(port=65536), "…route.port"),
    (route(port="80"), "…route.port"),
    (route(path="random"), "…route.path"),
    (route(path=["/ok", "/not ok"]), "…route.path[1]"),
    (route(path="/" + "a" * 128), "…route.path"),
    (route(host="localhost"), "…route.host"),
    (route(host=["10.0.0.1"]), "…route.host[0]"),
    (route(headers={"Host": "a.example.com"}), "…route.headers"),
    (route(headers={"X-" + "A" * 39: "a"}), "…route.headers"),
    (route(headers={"X-A": []}), "…route.headers.X-A"),
    (route(query=["debug"]), "…route.query[0]"),
    (route(methods=["get"]), "…route.methods[0]"),
    (route(methods="GET"), "…route.methods"),
    (route(source_ips=["10.0.0.0"]), "…route.source_ips[0]"),
    (route(weight=1000), "…route.weight"),
    (route(auth=True), "…route.auth"),
    (route(auth={}), "…route.auth"),
    (route(auth={"oidc": {"issuer": "https://a"}}), "…route.auth.oidc"),
    (route(redirect={"status": 301}), "…route.redirect"),
    (route(redirect={"host": "a.example.com", "status": 307}), "…route.redirect.status"),
    (route(redirect={"port": "443"}), "…route.redirect.port"),
    (route(redirect={"path": "new"}), "…route.redirect.path"),
    (route(rewrite={"regex": "^/a"}), "…route.rewrite"),
    (route(rewrite={"path": {"replace": "/"}}), "…route.rewrite.path"),
    (
        route(rewrite={"regex": "a", "replace": "b", "path": {"regex": "a", "replace": "b"}}),
        "…route.rewrite.path",
    ),
    (route(strip_prefix="random"), "…route.strip_prefix"),
    (route(protocol="HTTP"), "…route.protocol"),
    (route(protocol="sctp"), "…route.protocol"),
    (route(priority=0), "…route.priority"),
    (route(priority=50001), "…route.priority"),
    (route(health_check="/"), "…route.health_check"),
    (route(health_check={"path": "health"}), "…route.health_check.path"),
    (route(health_check={"port": "dynamic"}), "…route.health_check.port"),
    (route(health_check={"protocol": "udp"}), "…route.health_check.protocol"),
    (route(health_check={"interval": 4}), "…route.health_check.interval"),
    (route(health_check={"interval": "5"}), "…route.health_check.interval"),
    (route(health_check={"timeout": 121}), "…route.health_check.timeout"),
    (route(health_check={"healthy": 1}), "…route.health_check.healthy"),
    (route(health_check={"unhealthy": 11}), "…route.health_check.unhealthy"),
    (route(health_check={"matcher": "2xx"}), "…route.health_check.matcher"),
    (route(health_check={"matcher": "200-600"}), "…route.health_check.matcher"),
    (route(deregistration_delay=3601), "…route.deregistration_delay"),
    (route(deregistration_delay="ten seconds"), "…route.deregistration_delay"),
    (route(stickiness="1 h"), "…route.stickiness"),
    (route(stickiness=604801), "…route.stickiness"),
    (route(attributes={"slow start": 30}), "…route.attributes"),
    # autoscaling
    (service(autoscaling={"min": 1}), "…autoscaling"),
    (service(autoscaling={"min": -1, "max": 1}), "…autoscaling.min"),
    (service(autoscaling={"max": 2, "cpu": 600}), "…autoscaling.cpu"),
    (service(autoscaling={"max": 2, "requests": 0}), "…autoscaling.requests"),
    (service(autoscaling={"max": 2, "steps": [{"change": 1}]}), "…autoscaling.steps[0]"),
    (
        service(autoscaling={"max": 2, "steps": [{"lower": 0, "change": "one"}]}),
        "…autoscaling.steps[0].change",
    ),
    (
        service(autoscaling={"max": 2, "schedule": [{"when": "cron(0 19 * * *)", "max": 0}]}),
        "…autoscaling.schedule[0].when",
    ),
    (
        service(autoscaling={"max": 2, "schedule": [{"when": "rate(1 hour)"}]}),
        "…autoscaling.schedule[0]",
    ),
    # ends of ranges, lengths and counts
    (project(names="a" * 256), "$.x-ecs.names"),
    (project(domain=f"{'a' * 60}.{'b' * 60}.example.com"), "$.x-ecs.domain"),
    (project(capacity_providers=["a"] * 21), "$.x-ecs.capacity_providers"),
    (project(capacity_providers=["a b"]), "$.x-ecs.capacity_providers[0]"),
    (
        project(capacity_providers=[{"provider": "a", "weight": -1}]),
        "$.x-ecs.capacity_providers[0].weight",
    ),
    (
        project(capacity_providers=[{"provider": "a", "base": -1}]),
        "$.x-ecs.capacity_providers[0].base",
    ),
    (project(network={"subnets": []}), "$.x-ecs.network.subnets"),
    (project(network={"subnets": ["a"]}), "$.x-ecs.network.subnets[0]"),
    (project(network={"subnets": ["subnet-1"] * 2}), "$.x-ecs.network.subnets"),
    (project(network={"security_groups": ["web"]}), "$.x-ecs.network.security_groups[0]"),
    (project(access={"cidrs": ["10.0.0.0/8"] * 2}), "$.x-ecs.access.cidrs"),
    (project(access={"oidc": {**OIDC, "scope": ""}}), "$.x-ecs.access.oidc.scope"),
    (
        project(access={"oidc": {**OIDC, "session_timeout": 0}}),
        "$.x-ecs.access.oidc.session_timeout",
    ),
    (
        project(access={"oidc": {**OIDC, "session_cookie": "a b"}}),
        "$.x-ecs.access.oidc.session_cookie",
    ),
    (
        project(access={"oidc": {**OIDC, "unauthenticated": "ask"}}),
        "$.x-ecs.access.oidc.unauthenticated",
    ),
    (
        project(access={"oidc": {**OIDC, "extra_params": {f"p{n}": n for n in range(11)}}}),
        "$.x-ecs.access.oidc.extra_params",
    ),
    (
        project(access={"cognito": {**COGNITO, "user_pool_arn": "eu-west-1_AbCdEf"}}),
        "$.x-ecs.access.cognito.user_pool_arn",
    ),
    (project(defaults={"memory_reservation": 6291455}), "$.x-ecs.defaults.memory_reservation"),
    (project(defaults={"cpu": 1}), "$.x-ecs.defaults.cpu"),
    (project(defaults={"cpu": 196609}), "$.x-ecs.defaults.cpu"),
    (project(defaults={"cpu": "0.25"}), "$.x-ecs.defaults.cpu"),
    (
        project(deployment={"minimum_healthy_percent": -1}),
        "$.x-ecs.deployment.minimum_healthy_percent",
    ),
    (project(placement=[{}]), "$.x-ecs.placement[0]"),
    (project(tags={"a" * 129: "b"}), "$.x-ecs.tags"),
    (project(tags={"a?": "b"}), "$.x-ecs.tags"),
    (project(tags={"a": "b?"}), "$.x-ecs.tags.a"),
    (project(volumes={"a b": {"efs": EFS}}), "$.x-ecs.volumes"),
    (
        project(volumes={"data": {"efs": {"file_system_id": "data"}}}),
        "$.x-ecs.volumes.data.efs.file_system_id",
    ),
    (
        project(volumes={"data": {"efs": {**EFS, "root_directory": "media"}}}),
        "$.x-ecs.volumes.data.efs.root_directory",
    ),
    (
        project(volumes={"data": {"efs": {**EFS, "access_point": "fs-1"}}}),
        "$.x-ecs.volumes.data.efs.access_point",
    ),
    (
        project(
            volumes={
                "data": {
                    "efs": {**EFS, "access_point": "fsap-1", "transit_encryption": False},
                }
            }
        ),
        "$.x-ecs.volumes.data.efs.transit_encryption",
    ),
    (project(ignore=["no code"]), "$.x-ecs.ignore[0]"),
    (project(ignore=["D011", "D011"]), "$.x-ecs.ignore"),
    (route(path=[]), "…route.path"),
    (route(path=["/a", "/a"]), "…route.path"),
    (route(host=[]), "…route.host"),
    (route(host=["a.example.com"] * 2), "…route.host"),
    (route(host="a." * 63 + "com"), "…route.host"),
    (route(headers={}), "…route.headers"),
    (route(headers={"X-A": ""}), "…route.headers.X-A"),
    (route(headers={"X-A": "a" * 129}), "…route.headers.X-A"),
    (route(headers={"X-A": ["a" * 129]}), "…route.headers.X-A[0]"),
    (route(query={}), "…route.query"),
    (route(query=[]), "…route.query"),
    (route(query={"": "a"}), "…route.query"),
    (route(query={"a" * 129: "a"}), "…route.query"),
    (route(query={"a": ""}), "…route.query.a"),
    (route(query=["a=b", "a=b"]), "…route.query"),
    (route(methods=[]), "…route.methods"),
    (route(methods=["GET", "GET"]), "…route.methods"),
    (route(weight=-1), "…route.weight"),
    (route(weight=0.5), "…route.weight"),
    (route(auth={"oidc": OIDC, "cognito": COGNITO}), "…route.auth.cognito"),
    (route(redirect={"host": ""}), "…route.redirect.host"),
    (route(redirect={"host": "a" * 129}), "…route.redirect.host"),
    (route(redirect={"path": "/" + "a" * 128}), "…route.redirect.path"),
    (route(redirect={"path": "/", "query": "a" * 129}), "…route.redirect.query"),
    (route(redirect={"protocol": "ftp"}), "…route.redirect.protocol"),
    (route(rewrite={}), "…route.rewrite"),
    (route(rewrite={"regex": "", "replace": ""}), "…route.rewrite.regex"),
    (route(rewrite={"regex": "a" * 1025, "replace": ""}), "…route.rewrite.regex"),
    (route(rewrite={"regex": "a", "replace": "b" * 1025}), "…route.rewrite.replace"),
    (route(strip_prefix="/" + "a" * 128), "…route.strip_prefix"),
    (route(health_check={"path": "/" + "a" * 1024}), "…route.health_check.path"),
    (route(health_check={"interval": 301}), "…route.health_check.interval"),
    (route(health_check={"timeout": 1}), "…route.health_check.timeout"),
    (route(health_check={"healthy": 11}), "…route.health_check.healthy"),
    (route(health_check={"unhealthy": 1}), "…route.health_check.unhealthy"),
    (route(health_check={"matcher": -1}), "…route.health_check.matcher"),
    (route(health_check={"matcher": 600}), "…route.health_check.matcher"),
    (route(deregistration_delay=-1), "…route.deregistration_delay"),
    (route(stickiness=0), "…route.stickiness"),
    (service(autoscaling={"max": -1}), "…autoscaling.max"),
    (service(autoscaling={"max": 2.5}), "…autoscaling.max"),
    (service(autoscaling={"max": 2, "cpu": 0}), "…autoscaling.cpu"),
    (service(autoscaling={"max": 2, "memory": 0.6}), "…autoscaling.memory"),
    (service(autoscaling={"max": 2, "memory": 101}), "…autoscaling.memory"),
    (service(autoscaling={"max": 2, "steps": []}), "…autoscaling.steps"),
    (
        service(autoscaling={"max": 2, "steps": [{"lower": 0, "change": 1}] * 21}),
        "…autoscaling.steps",
    ),
    (service(autoscaling={"max": 2, "steps": [{"lower": 0}]}), "…autoscaling.steps[0]"),
    (service(autoscaling={"max": 2, "schedule": []}), "…autoscaling.schedule"),
    (
        service(autoscaling={"max": 2, "schedule": [{"when": "rate(1 day)", "max": 0}] * 201}),
        "…autoscaling.schedule",
    ),
    (service(autoscaling={"max": 2, "schedule": [{"max": 0}]}), "…autoscaling.schedule[0]"),
    (
        service(autoscaling={"max": 2, "schedule": [{"when": "rate(1 day)", "max": -1}]}),
        "…autoscaling.schedule[0].max",
    ),
    (
        service(
            autoscaling={
                "max": 2,
                "schedule": [{"when": "rate(1 day)", "max": 0, "timezone": "UTC +1"}],
            }
        ),
        "…autoscaling.schedule[0].timezone",
    ),
    (project(load_balancer="qa"), "$.x-ecs.load_balancer"),
    (project(network={"security_groups": ["sg-1"] * 2}), "$.x-ecs.network.security_groups"),
    (project(access={"oidc": {**OIDC, "client_id": ""}}), "$.x-ecs.access.oidc.client_id"),
    (
        project(access={"cognito": {**COGNITO, "session_timeout": 0}}),
        "$.x-ecs.access.cognito.session_timeout",
    ),
    (
        project(volumes={"data": {"efs": {**EFS, "transit_encryption": "ENABLED"}}}),
        "$.x-ecs.volumes.data.efs.transit_encryption",
    ),
    (
        route(rewrite={"regex": "a", "replace": "b", "host": {"regex": "a", "replace": "b"}}),
        "…route.rewrite.host",
    ),
    (route(redirect={"port": [443]}), "…route.redirect.port"),
    (
        service(autoscaling={"max": 2, "schedule": [{"when": "rate(1 day)", "min": -1}]}),
        "…autoscaling.schedule[0].min",
    ),
]


@pytest.mark.parametrize(("document", "place"), BAD)
def test_refused(document: dict[str, Any], place: str) -> None:
    assert set(errors(document)) == {place.replace("…", "$.services.web.x-ecs.")}
