"""What AWS answers and what is asked, in one form: without what AWS adds, and with an identity
where there is a list, so that order says nothing.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Body = dict[str, Any]
_READ_ONLY = frozenset(
    (
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "registeredBy",
        "deregisteredAt",
        "deleteRequestedAt",
        "tags",
    )
)


def _empty(value: Any) -> bool:
    return value is None or value is False or (value != 0 and not value) or value == 0.0


def _strip(value: Any) -> Any:
    """A value without members that say nothing."""
    if isinstance(value, Mapping):
        stripped = {key: _strip(item) for key, item in value.items()}
        return {key: item for key, item in stripped.items() if not _empty(item)}
    if isinstance(value, (list, tuple)):
        return [_strip(item) for item in value]
    return value


def by(listed: Any, identity: Callable[[Mapping[str, Any]], Any]) -> Body:
    """A list as a mapping from what tells its entries apart."""
    found: Body = {}
    for entry in listed or ():
        key = str(identity(entry))
        while key in found:  # two alike are still two
            key += "'"
        found[key] = entry
    return found


# ---------------------------------------------------------------------------- task definitions


def task_definition(body: Mapping[str, Any]) -> Body:
    """A task definition as a mapping of what it says: `containers.web.environment.DB_HOST`."""
    found = _strip({key: value for key, value in body.items() if key not in _READ_ONLY})
    network = found.setdefault("networkMode", "bridge")
    containers = found.pop("containerDefinitions", ())
    found["containers"] = {entry["name"]: _container(entry, network) for entry in containers}
    found["volumes"] = {
        entry["name"]: _without(entry, "name") for entry in found.get("volumes", ())
    }
    if "placementConstraints" in found:
        found["placementConstraints"] = by(
            found["placementConstraints"], lambda c: c.get("expression", c["type"])
        )
    return {key: value for key, value in found.items() if not _empty(value)}


def _container(entry: Mapping[str, Any], network: str) -> Body:
    found = _without(entry, "name")
    found["essential"] = bool(entry.get("essential", True))
    for key in ("environment", "secrets", "systemControls", "ulimits", "extraHosts"):
        if key in found:
            found[key] = _NAMED[key](found[key])
    if "portMappings" in found:
        found["portMappings"] = {
            f"{port.get('containerPort', port.get('containerPortRange'))}/"
            f"{port.get('protocol', 'tcp')}": _port(port, network)
            for port in found["portMappings"]
        }
    if "mountPoints" in found:
        found["mountPoints"] = by(found["mountPoints"], lambda m: m.get("containerPath"))
    if "volumesFrom" in found:
        found["volumesFrom"] = by(found["volumesFrom"], lambda v: v.get("sourceContainer"))
    if "dependsOn" in found:
        found["dependsOn"] = {d["containerName"]: d["condition"] for d in found["dependsOn"]}
    if "environmentFiles" in found:
        found["environmentFiles"] = by(found["environmentFiles"], lambda f: f.get("value"))
    found.setdefault("cpu", 0)
    check = found.get("healthCheck")
    if check:
        found["healthCheck"] = {"interval": 30, "timeout": 5, "retries": 3, **check}
    return found


_NAMED: dict[str, Callable[[Any], Body]] = {
    "environment": lambda listed: {e["name"]: e.get("value", "") for e in listed},
    "secrets": lambda listed: {e["name"]: e["valueFrom"] for e in listed},
    "systemControls": lambda listed: {e["namespace"]: e.get("value") for e in listed},
    "ulimits": lambda listed: by(listed, lambda e: e["name"]),
    "extraHosts": lambda listed: by(listed, lambda e: e["hostname"]),
}


def _port(port: Mapping[str, Any], network: str) -> Body:
    found = _without(port, "containerPort", "protocol")
    if network == "awsvpc":
        found.pop("hostPort", None)  # it is the container's, whoever says so
    else:
        found["hostPort"] = port.get("hostPort", 0)
    return found


def _without(entry: Mapping[str, Any], *keys: str) -> Body:
    return {key: value for key, value in entry.items() if key not in keys}


# ---------------------------------------------------------------------------- services

_SERVICE = (
    "desiredCount",
    "loadBalancers",
    "serviceRegistries",
    "networkConfiguration",
    "deploymentConfiguration",
    "placementConstraints",
    "placementStrategy",
    "capacityProviderStrategy",
    "platformVersion",
    "healthCheckGracePeriodSeconds",
    "availabilityZoneRebalancing",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
    "serviceConnectConfiguration",
    "volumeConfigurations",
)
_LISTS = frozenset(
    (
        "loadBalancers",
        "serviceRegistries",
        "placementConstraints",
        "placementStrategy",
        "capacityProviderStrategy",
        "volumeConfigurations",
    )
)
# what the newest deployment tells of, and the service itself does not
_DEPLOYED = ("serviceConnectConfiguration", "volumeConfigurations")


def service(body: Mapping[str, Any]) -> Body:
    """What can be changed of a service, as a mapping."""
    primary: Mapping[str, Any] = next(
        (d for d in body.get("deployments", ()) if d.get("status") == "PRIMARY"), {}
    )
    found: Body = {}
    for key in _SERVICE:
        value = body.get(key)
        if value is None and key in _DEPLOYED:
            value = primary.get(key)
        if value is not None:
            found[key] = _service_value(key, _strip(value))
    if body.get("schedulingStrategy") == "DAEMON":
        found.pop("desiredCount", None)
    if found.get("propagateTags") == "NONE":
        del found["propagateTags"]
    if found.get("platformVersion") == "LATEST":
        del found["platformVersion"]
    connect = found.get("serviceConnectConfiguration")
    if connect is not None and not connect.get("enabled"):
        del found["serviceConnectConfiguration"]
    return {
        key: value for key, value in found.items() if key == "desiredCount" or not _empty(value)
    }


def _service_value(key: str, value: Any) -> Any:
    if key == "loadBalancers":
        return {
            f"{b.get('containerName')}:{b.get('containerPort')} in "
            f"{str(b.get('targetGroupArn')).rpartition('targetgroup/')[2]}": True
            for b in value
        }
    if key == "placementConstraints":
        return by(value, lambda c: c.get("expression", c["type"]))
    if key == "placementStrategy":  # its order counts
        return [f"{s['type']} {s.get('field', '').lower()}".strip() for s in value]
    if key == "capacityProviderStrategy":
        return by(value, lambda s: s["capacityProvider"])
    if key in ("serviceRegistries", "volumeConfigurations"):
        return by(value, lambda v: v.get("name", v.get("registryArn")))
    if key == "networkConfiguration":
        vpc = value.get("awsvpcConfiguration", {})
        return {
            "subnets": sorted(vpc.get("subnets", ())),
            "securityGroups": sorted(vpc.get("securityGroups", ())),
            "assignPublicIp": vpc.get("assignPublicIp", "DISABLED"),
        }
    if key == "serviceConnectConfiguration":
        found = dict(value)
        # AWS answers with the namespace's ARN
        found["services"] = by(value.get("services", ()), lambda s: s["portName"])
        found.pop("namespace", None)
        found.pop("logConfiguration", None)
        return found
    return value


def service_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """The fields of a service in which what shall be differs from what is. What AWS puts where
    nobody asked is no difference."""
    have, want = service(old), service(new)
    found = set()
    for key in _SERVICE:
        if key in want:
            same = (
                have.get(key) == want[key] if key in _LISTS else _agrees(have.get(key), want[key])
            )
            if key == "serviceConnectConfiguration":
                same = same and _names(have.get(key)) == _names(want[key])
            if not same:
                found.add(key)
        elif key in have and key in _LISTS | {
            "serviceConnectConfiguration",
            "enableExecuteCommand",
        }:
            found.add(key)
    return found


def _names(connect: Any) -> set[str]:
    return set((connect or {}).get("services", ()))


def _agrees(have: Any, want: Any) -> bool:
    """Whether what is there has all that is wanted; a mapping may have more."""
    if isinstance(want, Mapping) and isinstance(have, Mapping):
        return all(_agrees(have.get(key), value) for key, value in want.items())
    return bool(have == want)


def reset(key: str) -> Any:
    """What an update sends for a field that is no longer wanted."""
    if key in _LISTS:
        return []
    if key == "serviceConnectConfiguration":
        return {"enabled": False}
    return False


def as_wanted(old: Mapping[str, Any], new: Mapping[str, Any]) -> Body:
    """A service as it is, with no more than what is wanted or no longer wanted: for showing."""
    have, want, changed = service(old), service(new), service_changes(old, new)
    return {key: _overlap(have.get(key), want.get(key)) for key in changed if key in have}


def _overlap(have: Any, want: Any) -> Any:
    if isinstance(have, Mapping) and isinstance(want, Mapping):
        return {key: _overlap(value, want[key]) for key, value in have.items() if key in want}
    return have


# ---------------------------------------------------------------------------- target groups

_CHECK = (
    "HealthCheckProtocol",
    "HealthCheckPort",
    "HealthCheckEnabled",
    "HealthCheckPath",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
    "Matcher",
)


def health_check(body: Mapping[str, Any]) -> Body:
    """What can be changed of a target group."""
    return {key: body[key] for key in _CHECK if key in body}


def schedule(have: Mapping[str, Any], want: Mapping[str, Any]) -> bool:
    """Whether a schedule is as it shall be."""
    return _agrees(have, want)
