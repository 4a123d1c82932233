"""When two task definitions or services mean the same to AWS, and what makes the one of the other.

Source: the defaults in https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
and API_RegisterTaskDefinition.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from compose2ecs.ecs.importing.services import group_name
from compose2ecs.ecs.importing.values import mapping, mappings
from compose2ecs.ecs.overrides import IDENTITIES

Body = dict[str, Any]
OWN_TAG = "compose2ecs:"


def tidy(value: Any) -> Any:
    """A value without what says nothing: null, and empty lists and mappings; None for nothing."""
    if isinstance(value, dict):
        kept = {key: item for key, raw in value.items() if (item := tidy(raw)) is not None}
        return kept or None
    if isinstance(value, (list, tuple)):
        return [tidy(item) for item in value] or None
    return value


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _sorted(value: Any) -> Any:
    return sorted(value, key=_key) if isinstance(value, list) else value


def _without(value: Any, **defaults: Any) -> Any:
    """A mapping without the members that have their default."""
    if not isinstance(value, dict):
        return value
    return {key: item for key, item in value.items() if defaults.get(key, ...) != item}


def _each(value: Any, **defaults: Any) -> Any:
    return _sorted(
        [_without(item, **defaults) for item in value] if isinstance(value, list) else value
    )


# ---------------------------------------------------------------------------- containers


def _environment(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return _sorted([{"value": "", **item} if isinstance(item, dict) else item for item in value])


def _health(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return _without({"interval": 30, "timeout": 5, "retries": 3, **value}, startPeriod=0)


def _linux(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    value = _without(value, initProcessEnabled=False)
    capabilities = value.get("capabilities")
    if isinstance(capabilities, dict):
        value["capabilities"] = {key: _sorted(names) for key, names in capabilities.items()}
    devices = value.get("devices")
    if isinstance(devices, list):
        value["devices"] = _sorted([_device(device) for device in devices])
    if "tmpfs" in value:
        value["tmpfs"] = _sorted(value["tmpfs"])
    return value or None


def _device(device: Any) -> Any:
    if not isinstance(device, dict):
        return device
    full = {
        "permissions": ["read", "write", "mknod"],
        "containerPath": device.get("hostPath"),
        **device,
    }
    return {**full, "permissions": _sorted(full["permissions"])}


def filled(container: Mapping[str, Any]) -> Body:
    """A container whose Linux parameters have their defaults written out."""
    return {**container, "linuxParameters": _linux(container.get("linuxParameters"))}


_CONTAINER_DEFAULTS: Body = {
    "essential": True,
    "cpu": 0,
    **dict.fromkeys(
        ("privileged", "readonlyRootFilesystem", "interactive", "pseudoTerminal"), False
    ),
    "disableNetworking": False,
}
_CONTAINER: dict[str, Callable[[Any], Any]] = {
    "environment": _environment,
    "secrets": _sorted,
    "links": _sorted,
    "ulimits": _sorted,
    "systemControls": _sorted,
    "extraHosts": _sorted,
    "volumesFrom": lambda value: _each(value, readOnly=False),
    "mountPoints": lambda value: _each(value, readOnly=False),
    "healthCheck": _health,
    "linuxParameters": _linux,
}


def normal_container(
    container: Mapping[str, Any], own_ports: bool, names: Mapping[str, str]
) -> Body:
    """The fields of a container that say something, each in a form that can be compared.

    `own_ports`: the task has a network of its own, so that a host port says nothing; `names` gives
    the volumes whose names matter to nobody another one.
    """
    found = tidy(dict(container)) or {}
    for field, convert in _CONTAINER.items():
        if field in found:
            found[field] = convert(found[field])
    found = {
        key: value for key, value in found.items() if _CONTAINER_DEFAULTS.get(key, ...) != value
    }
    if isinstance(found.get("portMappings"), list):
        found["portMappings"] = _sorted([_port(port, own_ports) for port in found["portMappings"]])
    if isinstance(found.get("mountPoints"), list):
        found["mountPoints"] = _sorted([_renamed(point, names) for point in found["mountPoints"]])
    if isinstance(found.get("dependsOn"), list):
        found["dependsOn"] = _depends_on(found)
    return {key: value for key, value in found.items() if value not in (None, [], {})}


def _port(port: Any, own: bool) -> Any:
    port = _without(port, hostPort=0, protocol="tcp")
    if own and isinstance(port, dict) and port.get("hostPort") == port.get("containerPort", ...):
        del port["hostPort"]
    return port


def _renamed(point: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(point, dict):
        return point
    source = str(point.get("sourceVolume"))
    return {
        **point,
        "sourceVolume": names.get(
            f"{source} {point.get('containerPath')}", names.get(source, source)
        ),
    }


def _depends_on(container: Mapping[str, Any]) -> Any:
    """The agent starts what a container links to, or has volumes from, before it anyway."""
    first = {str(link).partition(":")[0] for link in container.get("links", ())}
    first |= {
        str(source.get("sourceContainer"))
        for source in container.get("volumesFrom", ())
        if isinstance(source, dict)
    }
    kept = [
        need
        for need in container["dependsOn"]
        if not isinstance(need, dict)
        or need.get("condition") != "START"
        or need.get("containerName") not in first
    ]
    return _sorted(kept)


# ---------------------------------------------------------------------------- tasks


def mounted(body: Mapping[str, Any]) -> dict[str, str]:
    """The volume at each path of each container of a task."""
    return {
        f"{container.get('name')} {point.get('containerPath')}": str(point.get("sourceVolume"))
        for container in mappings(body.get("containerDefinitions"))
        for point in mappings(container.get("mountPoints"))
    }


def volume_names(body: Mapping[str, Any]) -> dict[str, str]:
    """The volumes of a task whose names matter to nobody, each with what it is instead: folders of
    the instance, file systems, and empty ones that one container mounts once."""
    uses: dict[str, list[str]] = {}
    for place, name in mounted(body).items():
        uses.setdefault(name, []).append(place)
    found = {}
    for volume in body.get("volumes") or ():
        if not isinstance(volume, dict) or not isinstance(volume.get("name"), str):
            continue
        kept = tidy({key: item for key, item in volume.items() if key != "name"}) or {}
        places = uses.get(volume["name"], [])
        if set(kept) == {"host"} and set(kept["host"]) == {"sourcePath"}:
            found[volume["name"]] = f"the folder {kept['host']['sourcePath']}"
        elif set(kept) == {"efsVolumeConfiguration"}:
            found[volume["name"]] = f"the file system {_key(_volume(kept, {}))}"
        elif not kept and len(places) == 1:
            found[volume["name"]] = f"an empty volume of {places[0]}"
    return found


def has_own_ports(body: Mapping[str, Any]) -> bool:
    return body.get("networkMode") in ("awsvpc", "host")


def normal_task(body: Mapping[str, Any], names: Mapping[str, str]) -> Body:
    """The fields of a task definition that say something, its containers left out."""
    found = tidy({k: v for k, v in body.items() if k not in ("containerDefinitions", "family")})
    found = found or {}
    found.setdefault("networkMode", "bridge")
    for field in ("cpu", "memory"):
        if field in found:
            found[field] = _size(found[field])
    if "volumes" in found:
        listed = [_volume(volume, names) for volume in found["volumes"]]
        kept = {_key(volume): volume for volume in listed}
        found["volumes"] = [kept[key] for key in sorted(kept)]
    if "requiresCompatibilities" in found:
        found["requiresCompatibilities"] = _sorted(found["requiresCompatibilities"])
    if "placementConstraints" in found:
        found["placementConstraints"] = _sorted(found["placementConstraints"])
    if "FARGATE" in found.get("requiresCompatibilities", ()):
        known = {"operatingSystemFamily": "LINUX", "cpuArchitecture": "X86_64"}
        found["runtimePlatform"] = {**known, **found.get("runtimePlatform", {})}
    if "tags" in found:
        found["tags"] = normal_tags(found["tags"])
    return {key: value for key, value in found.items() if value not in (None, [], {})}


def normal_tags(tags: Any) -> Any:
    """Tags in order; those that `convert` makes, and AWS's own, are left out."""
    if not isinstance(tags, list):
        return tags
    return _sorted(
        [
            {"value": "", **tag}
            for tag in tags
            if isinstance(tag, dict) and not is_own_tag(str(tag.get("key", "")))
        ]
    )


def is_own_tag(key: str) -> bool:
    """Whether a tag is one of those that nobody else may set."""
    return key.lower().startswith((OWN_TAG, "aws:"))


def _size(value: Any) -> str:
    """CPU units or MiB: `1 vCPU` and `0.5GB` have other words for it."""
    text = str(value).strip().lower()
    for unit in ("vcpu", "gb"):
        if text.endswith(unit):
            try:
                return str(round(float(text.removesuffix(unit)) * 1024))
            except ValueError:
                return text
    return text


def _volume(volume: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(volume, dict):
        return volume
    found = {key: item for key, item in volume.items() if key != "configuredAtLaunch" or item}
    if volume.get("name") in names:
        return {"name": names[volume["name"]]}
    docker = found.get("dockerVolumeConfiguration")
    if docker is not None:
        found["dockerVolumeConfiguration"] = _without(
            docker, scope="task", autoprovision=False, driver="local"
        )
    efs = found.get("efsVolumeConfiguration")
    if isinstance(efs, dict):
        efs = _without(efs, rootDirectory="/", transitEncryption="DISABLED")
        if "authorizationConfig" in efs:
            efs["authorizationConfig"] = _without(efs["authorizationConfig"], iam="DISABLED")
        found["efsVolumeConfiguration"] = tidy(efs) or {}
    return found


# ---------------------------------------------------------------------------- services

_NAMES = ("cluster", "serviceName", "taskDefinition")  # which no override may change
_SERVICE_DEFAULTS: Body = {
    "schedulingStrategy": "REPLICA",
    "enableExecuteCommand": False,
    "enableECSManagedTags": False,
    "healthCheckGracePeriodSeconds": 0,
    "propagateTags": "NONE",
    "platformVersion": "LATEST",
    "availabilityZoneRebalancing": "ENABLED",
    "deploymentController": {"type": "ECS"},
    "desiredCount": 1,
}


def normal_service(body: Mapping[str, Any]) -> Body:
    """The fields of a service that say something. Target groups go by their names, task definitions
    by their families."""
    found = tidy({key: value for key, value in body.items() if key not in _NAMES}) or {}
    found = {key: value for key, value in found.items() if _SERVICE_DEFAULTS.get(key, ...) != value}
    if isinstance(found.get("loadBalancers"), list):
        found["loadBalancers"] = _sorted(
            [
                {**entry, "targetGroupArn": group_name(entry.get("targetGroupArn"))}
                for entry in found["loadBalancers"]
                if isinstance(entry, dict)
            ]
        )
    deployment = {"maximumPercent": 200, "minimumHealthyPercent": 100}
    if found.get("schedulingStrategy") == "DAEMON":
        deployment = {"maximumPercent": 100, "minimumHealthyPercent": 0}
    off = {"enable": False, "rollback": False}
    said = found.get("deploymentConfiguration", {})
    if isinstance(said, dict):
        said = {"deploymentCircuitBreaker": off, "strategy": "ROLLING", **deployment, **said}
        said = {key: value for key, value in said.items() if key != "bakeTimeInMinutes" or value}
        found["deploymentConfiguration"] = said
    if "placementConstraints" in found:
        found["placementConstraints"] = _sorted(found["placementConstraints"])
    network = found.get("networkConfiguration")
    network = network.get("awsvpcConfiguration") if isinstance(network, dict) else None
    if isinstance(network, dict):
        shown = {key: _sorted(value) for key, value in network.items()}
        found["networkConfiguration"] = {
            "awsvpcConfiguration": _without(shown, assignPublicIp="DISABLED")
        }
    if "tags" in found:
        found["tags"] = normal_tags(found["tags"])
    return {key: value for key, value in found.items() if value not in (None, [], {})}


# ---------------------------------------------------------------------------- target groups, rules

_GROUP_DEFAULTS: Body = {
    "HealthCheckEnabled": True,
    "HealthCheckPort": "traffic-port",
    "IpAddressType": "ipv4",
}


def normal_group(body: Mapping[str, Any]) -> Body:
    """The members of a target group that say something, its name and tags left out."""
    found = tidy({k: v for k, v in body.items() if k not in ("Name", "Tags", "VpcId")}) or {}
    spoken = found.get("Protocol")
    http = spoken in ("HTTP", "HTTPS")
    path = "/AWS.ALB/healthcheck" if found.get("ProtocolVersion") == "GRPC" else "/"
    defaults = {
        **_GROUP_DEFAULTS,
        **({"ProtocolVersion": "HTTP1", "HealthCheckPath": path} if http else {}),
        "HealthCheckProtocol": spoken if http else "TCP",
    }
    full = {"TargetType": "instance", **defaults, **found}
    return {key: value for key, value in full.items() if defaults.get(key, ...) != value}


def normal_rule(body: Mapping[str, Any], names: Mapping[str, str]) -> Body:
    """What a rule asks for and does. Target groups go by their names, of which `names` has others."""
    kept = ("Conditions", "Actions", "Transforms")
    found = tidy({key: value for key, value in body.items() if key in kept}) or {}
    if "Conditions" in found:
        found["Conditions"] = _sorted([_condition(one) for one in found["Conditions"]])
    if "Actions" in found:
        found["Actions"] = _sorted([_action(action, names) for action in found["Actions"]])
    return found


def _condition(condition: Any) -> Any:
    if not isinstance(condition, dict):
        return condition
    field = condition.get("Field")
    config = "".join(word.capitalize() for word in str(field).split("-")) + "Config"
    values = condition.get("Values")
    if values is not None and config not in condition:
        return {"Field": field, config: {"Values": values}}
    return {key: value for key, value in condition.items() if key != "Values"}


def _action(action: Any, names: Mapping[str, str]) -> Any:
    """A forward in its long form: to groups by their names, each with its share."""
    if not isinstance(action, dict) or action.get("Type") != "forward":
        return action
    entries = mappings(mapping(action.get("ForwardConfig")).get("TargetGroups"))
    groups = []
    for entry in entries or [action]:
        name = group_name(entry.get("TargetGroupArn"))
        share = entry.get("Weight", 1) if len(entries) > 1 else 1
        groups.append([names.get(name, name), share])
    return {"Type": "forward", "groups": _sorted(groups)}


# ---------------------------------------------------------------------------- differences

_SAME: Any = object()
# What a member of a list's entry is where it is left out.
_UNSAID: dict[str, Body] = {
    "portMappings": {"hostPort": 0, "protocol": "tcp"},
    "mountPoints": {"readOnly": False},
    "volumesFrom": {"readOnly": False},
}


def patch(
    want: Mapping[str, Any],
    got: Mapping[str, Any],
    wanted: Mapping[str, Any],
    found: Mapping[str, Any],
) -> Body:
    """What `overrides` have to say so that `got` means what `want` does.

    `wanted` and `found` are their forms for comparison: a member that is the same there is the same.
    """
    changes: Body = {}
    for field in (*wanted, *(field for field in found if field not in wanted)):
        if wanted.get(field) == found.get(field):
            continue
        change = _change(want.get(field) if field in wanted else None, got.get(field), field)
        if change is not _SAME:
            changes[field] = change
    return changes


def _change(want: Any, got: Any, key: str) -> Any:
    """What makes the one of the other, in the words of `overrides`; null takes a member out."""
    want, got = tidy(want), tidy(got)
    if want == got:
        return _SAME
    if isinstance(want, dict) and isinstance(got, dict):
        return {
            name: change
            for name in (*want, *(name for name in got if name not in want))
            if (change := _change(want.get(name), got.get(name), name)) is not _SAME
        }
    if isinstance(want, list) and isinstance(got, list) and key in IDENTITIES:
        return _entries(want, got, key)
    return want


def _entries(want: list[Any], got: list[Any], key: str) -> list[Any]:
    """The entries of a list that are not there like that; one that should not be there stays."""
    changes = []
    unsaid = _UNSAID.get(key, {})
    for item in want:
        name = _known_by(item, key)
        other = next((o for o in got if name is not None and _known_by(o, key) == name), None)
        if other is None:
            changes.append(item)
            continue
        change = _change({**unsaid, **item}, {**unsaid, **other}, "")
        if change is not _SAME:
            changes.append(
                {**{member: item[member] for member in IDENTITIES[key] if member in item}, **change}
            )
    return changes


def _known_by(item: Any, key: str) -> tuple[Any, ...] | None:
    if not isinstance(item, dict):
        return None
    unsaid = _UNSAID.get(key, {})
    found = tuple(item.get(member, unsaid.get(member)) for member in IDENTITIES[key])
    return None if None in found else found
