"""What AWS refuses although its model of the calls allows it: rules of the API references.

Sources: the pages of RegisterTaskDefinition, CreateService, CreateTargetGroup,
ModifyTargetGroupAttributes and CreateRule, and the developer guide's on Service Connect.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

Body = Mapping[str, Any]
Bodies = Mapping[str, Mapping[str, Any]]  # by kind, then by name
Faults = Iterator[str]

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
PORT_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]{0,63}")
ALIAS = re.compile(r"[a-z0-9_.][a-z0-9_.-]{0,126}")
IMAGE = re.compile(r"(<registry>)?[A-Za-z0-9_:./#-]{1,255}(@sha256:[0-9a-f]{64})?")
TARGET_GROUP = re.compile(r"(?!-)[A-Za-z0-9-]{1,32}(?<!-)")
HOST = re.compile(r"[A-Za-z0-9*?.-]*\.[A-Za-z]+")
PATH = re.compile(r"[A-Za-z0-9_.$/~\"'@:+&*?-]+")
METHOD = re.compile(r"[A-Z_-]{1,40}")
WORDS = {"host-header": HOST, "path-pattern": PATH, "http-request-method": METHOD}
SYSCTL = re.compile(r"net\..+|fs\.mqueue\..+|kernel\.(msg|sem|shm).*")
CODES = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*")
MADE = "<target-group-arn:{}>"
AZ = {"type": "spread", "field": "attribute:ecs.availability-zone"}
DAYS = frozenset(
    (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557)
    + (2922, 3288, 3653)
)


def faults(bodies: Bodies) -> list[str]:
    """Everything that AWS would refuse in what is written for a project."""
    found: list[str] = []
    for kind, check in CHECKS.items():
        for name, body in bodies.get(kind, {}).items():
            found += (f"{kind}/{name}: {fault}" for fault in check(body, bodies))
            found += (f"{kind}/{name}: {fault}" for fault in _tags(body))
    found += _across(bodies)
    return found


def twice(values: Iterable[Any]) -> list[Any]:
    """The values that are there more than once."""
    return [value for value, count in Counter(values).items() if count > 1]


def _tags(body: Body) -> Faults:
    tags = body.get("tags", body.get("Tags", ()))
    keys = list(tags) if isinstance(tags, Mapping) else [t.get("key", t.get("Key")) for t in tags]
    if twice(keys):
        yield f"tags {twice(keys)} are given twice"
    if len(keys) > 50:
        yield f"{len(keys)} tags"
    yield from (f"tag {key} is AWS's own" for key in keys if key.lower().startswith("aws:"))


def _across(bodies: Bodies) -> Faults:
    """Names and numbers that must be different in the whole stack."""
    rules = bodies.get("listener-rules", {}).values()
    yield from (f"priority {p} is given twice" for p in twice(r["Priority"] for r in rules))
    groups = bodies.get("target-groups", {}).values()
    yield from (f"target group {n} is there twice" for n in twice(g["Name"] for g in groups))
    found = [
        one["portName"]
        for service in bodies.get("services", {}).values()
        for one in service.get("serviceConnectConfiguration", {}).get("services", ())
    ]
    yield from (f"endpoint {name} is there twice" for name in twice(found))


# ------------------------------------------------------------------------------ logs


def _log_group(body: Body, bodies: Bodies) -> Faults:
    if body["logGroupName"].startswith("aws/"):
        yield "log groups called aws/ are AWS's own"


def _retention(body: Body, bodies: Bodies) -> Faults:
    if body["retentionInDays"] not in DAYS:
        yield f"logs cannot be kept for {body['retentionInDays']} days"
    if body["logGroupName"] not in {g["logGroupName"] for g in bodies["log-groups"].values()}:
        yield f"no log group is called {body['logGroupName']}"


# ------------------------------------------------------------------------------ tasks


def _task(body: Body, bodies: Bodies) -> Faults:
    containers = {c["name"]: c for c in body["containerDefinitions"]}
    if not 1 <= len(body["containerDefinitions"]) <= 10:
        yield f"{len(body['containerDefinitions'])} containers"
    if len(containers) < len(body["containerDefinitions"]):
        yield "two containers have one name"
    if not any(c.get("essential", True) for c in containers.values()):
        yield "no container is essential"
    volumes = [v["name"] for v in body.get("volumes", ())]
    for name in (body["family"], *containers, *volumes):
        if not NAME.fullmatch(name):
            yield f"{name!r} is no name"
    if twice(volumes):
        yield f"volumes {twice(volumes)} are there twice"
    for volume in body.get("volumes", ()):
        if len(volume.keys() - {"name"}) != 1:
            yield f"volume {volume['name']} is of several kinds or none"
        docker = volume.get("dockerVolumeConfiguration", {})
        if docker.get("autoprovision") and docker["scope"] != "shared":
            yield f"volume {volume['name']} cannot be made"
    ports = [
        p["name"] for c in containers.values() for p in c.get("portMappings", ()) if "name" in p
    ]
    for name in ports:
        if not PORT_NAME.fullmatch(name):
            yield f"{name!r} is no name of a port"
    if twice(ports):
        yield f"ports {twice(ports)} are named twice"
    limit = int(body.get("memory", 0))
    if 0 < limit < sum(c.get("memory", c.get("memoryReservation", 0)) for c in containers.values()):
        yield f"its containers may use more than its {limit} MiB"
    if len(json.dumps(body)) > 64 * 1024:
        yield "it is larger than 64 KiB"
    for name, container in containers.items():
        found = (*_container(container, body, containers, volumes),)
        yield from (f"container {name}: {fault}" for fault in found)
    yield from _circles(containers)


def _container(body: Body, task: Body, containers: Mapping[str, Any], volumes: list[str]) -> Faults:
    if not IMAGE.fullmatch(body["image"]):
        yield f"{body['image']!r} is no image"
    memory, reserved = body.get("memory"), body.get("memoryReservation")
    if memory is None and reserved is None and "memory" not in task:
        yield "no memory is given"
    if (
        min(memory or 6, reserved or 6) < 6
        or memory == 0
        or (memory or reserved or 0) < (reserved or 0)
    ):
        yield f"memory {memory}, reserved {reserved}"
    yield from _ports(body.get("portMappings", ()))
    for link in body.get("links", ()):
        if link.partition(":")[0] not in containers or link.count(":") > 1:
            yield f"link {link} leads nowhere"
        if task["networkMode"] != "bridge":
            yield "links need bridge mode"
    points = body.get("mountPoints", ())
    yield from (
        f"no volume {p['sourceVolume']}" for p in points if p["sourceVolume"] not in volumes
    )
    paths = [p["containerPath"] for p in points]
    paths += [t["containerPath"] for t in body.get("linuxParameters", {}).get("tmpfs", ())]
    yield from (f"two mounts at {path}" for path in twice(paths))
    yield from (f"{path!r} is no absolute path" for path in paths if not path.startswith("/"))
    for source in body.get("volumesFrom", ()):
        if source["sourceContainer"] not in containers:
            yield f"no container {source['sourceContainer']} to take volumes from"
    for need in body.get("dependsOn", ()):
        other = containers.get(need["containerName"])
        if other is None:
            yield f"it depends on {need['containerName']}, which is not in the task"
        elif need["condition"] == "HEALTHY" and "healthCheck" not in other:
            yield f"{other['name']} has no health check to wait for"
        elif need["condition"] in ("SUCCESS", "COMPLETE") and other.get("essential", True):
            yield f"{other['name']} is essential, so nothing can wait for its end"
    yield from _health(body.get("healthCheck"))
    yield from _variables(body, task)
    yield from _linux(body)
    log = body.get("logConfiguration", {})
    if log.get("logDriver") == "awslogs":
        options = log.get("options", {})
        yield from (f"no {k}" for k in ("awslogs-group", "awslogs-region") if not options.get(k))
        if {"awslogs-datetime-format", "awslogs-multiline-pattern"} <= options.keys():
            yield "two ways to find the start of a log event"


def _ports(mappings: Iterable[Body]) -> Faults:
    taken: list[int] = []
    for mapping in mappings:
        if "containerPortRange" in mapping:
            first, _, last = mapping["containerPortRange"].partition("-")
            taken += range(int(first), int(last) + 1)
            if mapping.keys() & {"containerPort", "hostPort"} or int(first) >= int(last):
                yield f"port range {mapping['containerPortRange']}"
        else:
            taken.append(mapping["containerPort"])
        if "appProtocol" in mapping and ("name" not in mapping or mapping["protocol"] != "tcp"):
            yield "an application protocol is for the named TCP ports of Service Connect"
    yield from (f"port {port} is mapped twice" for port in twice(taken))
    yield from (f"there is no port {port}" for port in taken if not 1 <= port <= 65535)


def _health(check: Body | None) -> Faults:
    if check is None:
        return
    if check["command"][0] not in ("CMD", "CMD-SHELL") or len(check["command"]) < 2:
        yield f"health check {check['command']}"
    for key, low, high in (
        ("interval", 5, 300),
        ("timeout", 2, 60),
        ("retries", 1, 10),
        ("startPeriod", 0, 300),
    ):
        if not low <= check.get(key, low) <= high:
            yield f"health check {key} {check[key]}"


def _variables(body: Body, task: Body) -> Faults:
    names = [v["name"] for key in ("environment", "secrets") for v in body.get(key, ())]
    yield from (f"variable {name!r} is given twice" for name in twice(names))
    if not all(names):
        yield "a variable has no name"
    if body.get("secrets") and not task.get("executionRoleArn"):
        yield "secrets need an execution role"


def _linux(body: Body) -> Faults:
    for limit in body.get("ulimits", ()):
        soft, hard = limit["softLimit"], limit["hardLimit"]
        if hard != -1 and (soft == -1 or soft > hard):
            yield f"ulimit {limit['name']}: {soft} over {hard}"
    for control in body.get("systemControls", ()):
        if not SYSCTL.fullmatch(control["namespace"]):
            yield f"sysctl {control['namespace']} is not a container's own"
    for host in body.get("extraHosts", ()):
        if not is_address(host["ipAddress"]):
            yield f"{host['ipAddress']!r} is no address"
    parameters = body.get("linuxParameters", {})
    if parameters.get("maxSwap", 0) < 0 or not 0 <= parameters.get("swappiness", 0) <= 100:
        yield "swap"
    if "swappiness" in parameters and "maxSwap" not in parameters:
        yield "swappiness is ignored without maxSwap"
    for mount in parameters.get("tmpfs", ()):
        if mount["size"] < 1:
            yield f"tmpfs of {mount['size']} MiB"


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _circles(containers: Mapping[str, Any]) -> Faults:
    """Containers that wait for themselves, by whatever makes one wait for another."""
    needs = {
        name: {
            *(d["containerName"] for d in c.get("dependsOn", ())),
            *(link.partition(":")[0] for link in c.get("links", ())),
            *(source["sourceContainer"] for source in c.get("volumesFrom", ())),
        }
        for name, c in containers.items()
    }
    while free := [name for name in needs if not needs[name] & needs.keys()]:
        for name in free:
            del needs[name]
    if needs:
        yield f"a circle of {sorted(needs)}"


# ------------------------------------------------------------------------------ services


def _service(body: Body, bodies: Bodies) -> Faults:
    if not NAME.fullmatch(body["serviceName"]):
        yield f"{body['serviceName']!r} is no name"
    tasks = {t["family"]: t for t in bodies["task-definitions"].values()}
    task = tasks.get(body["taskDefinition"])
    if task is None:
        yield f"no task definition {body['taskDefinition']}"
        return
    yield from _deployment(body)
    yield from _placement(body)
    yield from _balanced(body, task, bodies)
    if body.get("enableExecuteCommand") and not task.get("taskRoleArn"):
        yield "commands need a task role"
    connect = body.get("serviceConnectConfiguration")
    if connect is None:
        return
    if connect["namespace"] not in {n["Name"] for n in bodies["namespaces"].values()}:
        yield f"no namespace {connect['namespace']}"
    used = sum(c.get("memory", 0) for c in task["containerDefinitions"])
    if int(task.get("memory", 0)) <= used:
        yield "no memory is left for the proxy"
    named = {
        p["name"]: p
        for c in task["containerDefinitions"]
        for p in c.get("portMappings", ())
        if "name" in p
    }
    for served in connect.get("services", ()):
        if named.get(served["portName"], {}).get("protocol") != "tcp":
            yield f"no TCP port is named {served['portName']}"
        if len(served["clientAliases"]) > 1:
            yield f"{served['portName']} has two aliases"
        for alias in served["clientAliases"]:
            if not ALIAS.fullmatch(alias["dnsName"]):
                yield f"{alias['dnsName']!r} is no alias"


def _deployment(body: Body) -> Faults:
    wanted = body["deploymentConfiguration"]
    low, high = wanted["minimumHealthyPercent"], wanted["maximumPercent"]
    if not 0 <= low <= 100 <= high or low >= high:
        yield f"a deployment between {low} and {high} %"
    if body.get("schedulingStrategy") == "DAEMON":
        if high > 100:
            yield f"a daemon's maximum is 100 %, not {high} %"
        if "desiredCount" in body:
            yield "a daemon has no desired count"
        if body.get("availabilityZoneRebalancing") == "ENABLED":
            yield "daemons are not rebalanced"
        return
    if "desiredCount" not in body:
        yield "how many?"
    strategy = body.get("placementStrategy", [AZ])
    if (high <= 100 or strategy[0] != AZ) and body.get("availabilityZoneRebalancing") != "DISABLED":
        yield "tasks cannot be moved between zones"


def _placement(body: Body) -> Faults:
    strategies = body.get("placementStrategy", ())
    if strategies and body.get("schedulingStrategy") == "DAEMON":
        yield "daemons are placed on every instance"
    for strategy in strategies:
        kind, field = strategy["type"], strategy.get("field")
        if (kind == "random") != (field is None) or (
            kind == "binpack" and field not in ("cpu", "memory")
        ):
            yield f"strategy {kind} {field}"
        if kind == "spread" and not re.fullmatch(r"instanceId|host|attribute:\S+", field or ""):
            yield f"spread over {field}"
    constraints = body.get("placementConstraints", ())
    if len(strategies) > 5 or len(constraints) > 10:
        yield f"{len(strategies)} strategies, {len(constraints)} constraints"
    for constraint in constraints:
        if (constraint["type"] == "memberOf") != ("expression" in constraint):
            yield f"constraint {constraint}"


def _balanced(body: Body, task: Body, bodies: Bodies) -> Faults:
    balanced = body.get("loadBalancers", ())
    if len(balanced) > 5:
        yield f"{len(balanced)} target groups"
    if "healthCheckGracePeriodSeconds" in body and not balanced:
        yield "a grace period without a load balancer"
    if "role" in body and len(balanced) != 1:
        yield f"a role with {len(balanced)} target groups"
    containers = {c["name"]: c for c in task["containerDefinitions"]}
    ruled = {
        action["TargetGroupArn"]
        for rule in bodies.get("listener-rules", {}).values()
        for action in rule["Actions"]
    }
    for entry in balanced:
        port = entry["containerPort"]
        container = containers.get(entry["containerName"], {})
        if port not in {
            p.get("containerPort")
            for p in container.get("portMappings", ())
            if p["protocol"] == "tcp"
        }:
            yield f"{entry['containerName']} has no port {port}"
        if entry["targetGroupArn"] not in ruled:
            yield f"no rule leads to {entry['targetGroupArn']}"
        group = next(
            (
                group
                for group in bodies.get("target-groups", {}).values()
                if MADE.format(group["Name"]) == entry["targetGroupArn"]
            ),
            None,
        )
        if group is None:
            yield f"nothing makes {entry['targetGroupArn']}"
        elif (group["TargetType"] == "ip") != (task["networkMode"] == "awsvpc"):
            yield f"targets by {group['TargetType']} with {task['networkMode']}"


# ------------------------------------------------------------------------------ load balancers


def _target_group(body: Body, bodies: Bodies) -> Faults:
    if not TARGET_GROUP.fullmatch(body["Name"]):
        yield f"{body['Name']!r} is no name"
    if body["HealthCheckTimeoutSeconds"] >= body["HealthCheckIntervalSeconds"]:
        yield "a health check must end before the next one starts"
    if body["HealthCheckPort"] != "traffic-port":
        yield "dynamic ports are checked where the traffic goes"
    if body["HealthCheckProtocol"] not in ("HTTP", "HTTPS"):
        yield f"no health checks over {body['HealthCheckProtocol']}"
    if not body["HealthCheckPath"].startswith("/"):
        yield f"path {body['HealthCheckPath']}"
    if not 2 <= body["UnhealthyThresholdCount"] <= 10:
        yield f"{body['UnhealthyThresholdCount']} failures"
    grpc = body.get("ProtocolVersion") == "GRPC"
    low, high = (0, 99) if grpc else (200, 499)
    matcher = body["Matcher"]
    codes = matcher.get("GrpcCode" if grpc else "HttpCode", "")
    if len(matcher) != 1 or not CODES.fullmatch(codes):
        yield f"matcher {matcher}"
    elif not all(low <= int(code) <= high for code in re.split("[,-]", codes)):
        yield f"codes {codes}"


def _attributes(body: Body, bodies: Bodies) -> Faults:
    known = {MADE.format(group["Name"]) for group in bodies["target-groups"].values()}
    if body["TargetGroupArn"] not in known:
        yield f"nothing makes {body['TargetGroupArn']}"
    values = {a["Key"]: a["Value"] for a in body["Attributes"]}
    if twice(a["Key"] for a in body["Attributes"]):
        yield "an attribute is given twice"
    for key, low, high in (
        ("deregistration_delay.timeout_seconds", 0, 3600),
        ("stickiness.lb_cookie.duration_seconds", 1, 604800),
        ("stickiness.app_cookie.duration_seconds", 1, 604800),
        ("slow_start.duration_seconds", 30, 900),
    ):
        value = int(values.get(key, low))
        if not low <= value <= high and (key, value) != ("slow_start.duration_seconds", 0):
            yield f"{key} {value}"


def _rule(body: Body, bodies: Bodies) -> Faults:
    conditions = body["Conditions"]
    if not conditions:
        yield "no conditions"
    one_each = ("host-header", "path-pattern", "http-request-method", "source-ip")
    for field in twice(c["Field"] for c in conditions):
        if field in one_each:
            yield f"two conditions on {field}"
    values: list[str] = []
    for condition in conditions:
        (config,) = (value for key, value in condition.items() if key != "Field")
        values += (v if isinstance(v, str) else v["Value"] for v in config["Values"])
        yield from _condition(condition["Field"], config)
    if not 1 <= len(values) <= 5:
        yield f"{len(values)} values"
    if sum(value.count("*") + value.count("?") for value in values) > 6:
        yield "more than 6 wildcards"
    yield from (f"value {v!r}" for v in values if not 1 <= len(v) <= 128)
    known = {MADE.format(group["Name"]) for group in bodies["target-groups"].values()}
    last = body["Actions"][-1]
    if last["Type"] == "forward" and last["TargetGroupArn"] not in known:
        yield f"nothing makes {last['TargetGroupArn']}"
    if sum(a["Type"] in ("forward", "redirect", "fixed-response") for a in body["Actions"]) != 1:
        yield "one action must end it"
    transforms = body.get("Transforms", ())
    if twice(t["Type"] for t in transforms):
        yield "two rewrites of one kind"
    for transform in transforms:
        (config,) = (value for key, value in transform.items() if key != "Type")
        for rewrite in config["Rewrites"]:
            wanted = [int(n) for n in re.findall(r"\$(\d)", rewrite["Replace"])]
            if max(wanted, default=0) > groups_of(rewrite["Regex"]):
                yield f"rewrite {rewrite}"
            if not rewrite["Regex"] or max(map(len, rewrite.values())) > 1024:
                yield f"rewrite {rewrite}"


def _condition(field: str, config: Body) -> Faults:
    for value in config["Values"]:
        if field == "source-ip":
            good = is_network(value)
        else:
            good = field not in WORDS or bool(WORDS[field].fullmatch(value))
        if not good:
            yield f"{field} {value!r}"
    header = config.get("HttpHeaderName", "-")
    if len(header) > 40 or header.lower() == "host":
        yield f"header {header}"


def groups_of(regex: str) -> int:
    """How many groups an expression has; -1 if it is none."""
    try:
        return re.compile(regex).groups
    except re.error:
        return -1


def is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return "/" in text


CHECKS: Mapping[str, Callable[[Body, Bodies], Faults]] = {
    "log-groups": _log_group,
    "log-group-retention": _retention,
    "task-definitions": _task,
    "services": _service,
    "target-groups": _target_group,
    "target-group-attributes": _attributes,
    "listener-rules": _rule,
}
