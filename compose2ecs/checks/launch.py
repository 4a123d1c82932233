"""What AWS has against where tasks run, which services, tasks that run once and schedules share.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compose2ecs.checks.model import Alone, Among, Body, Check, Found
from compose2ecs.checks.stack import known
from compose2ecs.checks.values import (
    bad_name,
    listed,
    mapping,
    number,
    objects,
    repeated,
    text,
    unknown,
)
from compose2ecs.limits import PLACEMENT_STRATEGIES
from compose2ecs.report import ERROR, WARNING

Task = dict[str, Any]

# ---------------------------------------------------------------------------- where it runs

_FARGATE = frozenset(("FARGATE", "FARGATE_SPOT"))
_PROVIDERS_MAX = 20
_SUBNETS_MAX, _GROUPS_MAX = 16, 5
_WEIGHT_MAX, _BASE_MAX = 1000, 100_000
_VPC = "networkConfiguration.awsvpcConfiguration"


LAUNCH = frozenset(  # the members of a request that say where its tasks run
    ("launchType", "capacityProviderStrategy", "platformVersion", "networkConfiguration")
    + ("placementConstraints", "placementStrategy")
)


def on_fargate(body: Body) -> bool | None:
    """Whether a request is for Fargate; None where the cluster decides, or nobody knows yet."""
    launch_type = body.get("launchType")
    if isinstance(launch_type, str) and launch_type:
        return None if unknown(launch_type) else launch_type == "FARGATE"
    providers = _providers(body)
    if not _FARGATE.isdisjoint(providers):
        return True
    return False if providers and not any(map(unknown, providers)) else None


def _providers(body: Body) -> list[str]:
    strategy = objects(body.get("capacityProviderStrategy"))
    return [text(entry.get("capacityProvider")) for _, entry in strategy]


def launch(body: Body) -> Found:
    """Launch type, capacity providers, network and placement of CreateService or RunTask."""
    if "capacityProviderStrategy" in body:
        yield from _strategy(body)
    elif body.get("launchType") == "MANAGED_INSTANCES":
        yield "D156", "launchType", "managed instances come by capacityProviderStrategy only"
    fargate = on_fargate(body)
    if "networkConfiguration" in body:
        yield from _network(body, fargate)
    if fargate is False and body.get("platformVersion"):
        yield "D304", "platformVersion", "it is for Fargate, and this runs elsewhere"
    if fargate:
        for key in ("placementConstraints", "placementStrategy"):
            if listed(body.get(key)):
                yield "D160", key, "Fargate places tasks itself"
    if "placementStrategy" in body:
        yield from _placement(body)
    if "placementConstraints" in body:
        yield from _constraints(body)


def _strategy(body: Body) -> Found:
    at = "capacityProviderStrategy"
    entries = list(objects(body.get(at)))
    if not entries:
        return
    if body.get("launchType"):
        yield "D156", at, f"the launch type {body['launchType']} is given as well"
    if len(entries) > _PROVIDERS_MAX:
        yield "D303", at, f"{len(entries)} capacity providers, and AWS takes {_PROVIDERS_MAX}"
    based = [index for index, entry in entries if number(entry.get("base"))]
    if len(based) > 1:
        yield "D157", f"{at}[{based[1]}].base", "another capacity provider has a base as well"
    if not any(number(entry.get("weight")) != 0 for _, entry in entries if "weight" in entry):
        yield "D157", at, "no capacity provider has a weight above 0 (it is 0 where none is given)"
    for index, entry in entries:
        for key, most in (("weight", _WEIGHT_MAX), ("base", _BASE_MAX)):
            value = number(entry.get(key))
            if value is not None and not 0 <= value <= most:
                yield "D303", f"{at}[{index}].{key}", f"{key} is {value}, and must be 0 to {most}"
    yield from _provider_names(_providers(body), at)


def _provider_names(names: list[str], at: str) -> Found:
    for name in repeated(names):
        yield "D303", at, f"{name!r} is there twice"
    kinds = {name in _FARGATE for name in names if not unknown(name)}
    if len(kinds) > 1:
        yield "D303", at, "FARGATE and FARGATE_SPOT do not mix with providers of instances"
    for index, name in enumerate(names):
        if name and name not in _FARGATE:
            fault = bad_name(name)
            if not fault and name.startswith(("aws", "ecs", "fargate")):
                fault = f"{name!r} begins as AWS's own do"
                for own in _FARGATE:
                    if name.lower().replace("-", "_") == own.lower():
                        fault += f"; did you mean {own!r}?"
            if fault:
                yield "D303", f"{at}[{index}].capacityProvider", fault


def _network(body: Body, fargate: bool | None) -> Found:
    network = mapping(mapping(body.get("networkConfiguration")).get("awsvpcConfiguration"))
    if fargate is False and network.get("assignPublicIp") == "ENABLED":
        yield "D153", f"{_VPC}.assignPublicIp", "tasks on instances get no public address"
    for key, least, most, prefix in (
        ("subnets", 1, _SUBNETS_MAX, "subnet-"),
        ("securityGroups", 0, _GROUPS_MAX, "sg-"),
    ):
        found = network.get(key)
        if not isinstance(found, list):
            continue
        if not least <= len(found) <= most:
            yield "D305", f"{_VPC}.{key}", f"{len(found)} of them, and AWS takes {least} to {most}"
        for index, one in enumerate(found):
            if isinstance(one, str) and not one.startswith(prefix) and not unknown(one):
                yield "D305", f"{_VPC}.{key}[{index}]", f"{one!r} is not an id ({prefix}...)"


_EXPRESSION_MAX = 2000
_CONSTRAINTS_MAX = 10


def _placement(body: Body) -> Found:
    strategies = listed(body.get("placementStrategy"))
    if len(strategies) > PLACEMENT_STRATEGIES:
        said = f"{len(strategies)} strategies, and AWS takes {PLACEMENT_STRATEGIES}"
        yield "D161", "placementStrategy", said
    for index, strategy in objects(strategies):
        kind, field = strategy.get("type"), strategy.get("field")
        if fault := _field_fault(kind, field):
            yield "D161", f"placementStrategy[{index}].field", fault


def _field_fault(kind: Any, field: Any) -> str:
    """Why a strategy cannot have a field, or needs another; empty if it is right."""
    if unknown(field):
        return ""
    if kind == "random":
        return f"random takes no field, and this is {field!r}" if field else ""
    if kind == "binpack" and text(field).lower() not in ("cpu", "memory"):
        return f"binpack is by cpu or memory, not {field!r}"
    if kind == "spread":
        name = text(field)
        if name.lower() not in ("instanceid", "host") and len(name) <= len("attribute:"):
            return f"spread is over instanceId, host or attribute:NAME, not {field!r}"
        if name.lower() not in ("instanceid", "host") and not name.startswith("attribute:"):
            return f"spread is over instanceId, host or attribute:NAME, not {field!r}"
    return ""


def _constraints(body: Body) -> Found:
    for index, constraint in objects(body.get("placementConstraints")):
        at = f"placementConstraints[{index}].expression"
        kind, expression = constraint.get("type"), constraint.get("expression")
        if kind == "distinctInstance" and expression:
            yield "D161", at, "distinctInstance takes no expression"
        elif kind == "memberOf" and not expression:
            yield "D161", at, "memberOf needs an expression"
        elif (size := len(text(expression))) > _EXPRESSION_MAX:
            yield "D161", at, f"it has {size} characters, and AWS takes {_EXPRESSION_MAX}"


def launch_among(body: Body, task: Task | None) -> Found:
    """What a CreateService or RunTask request and its task definition say of where it runs."""
    fargate = on_fargate(body)
    network = mapping(mapping(body.get("networkConfiguration")).get("awsvpcConfiguration"))
    if task is None:
        if fargate and not network and not unknown(body.get("networkConfiguration")):
            yield "D152", "networkConfiguration", "Fargate needs the subnets of its tasks"
        return
    mode = network_mode(task)
    if mode == "awsvpc" and not network:
        yield "D152", "networkConfiguration", "its tasks are awsvpc, which needs subnets"
    elif mode not in ("awsvpc", "") and network:
        yield "D152", "networkConfiguration", f"it is for awsvpc, and its tasks are in {mode} mode"
    yield from _compatible(body, task, fargate)
    constraints = listed(body.get("placementConstraints"))
    total = len(constraints) + len(listed(task.get("placementConstraints")))
    if constraints and total > _CONSTRAINTS_MAX:
        said = f"{total} constraints with those of its tasks, and AWS takes {_CONSTRAINTS_MAX}"
        yield "D161", "placementConstraints", said


def network_mode(task: Task) -> str:
    """The network mode of a task definition, given or not; empty if nobody knows it yet."""
    mode = task.get("networkMode")
    if isinstance(mode, str) and mode:
        return known(mode)
    return (
        "awsvpc" if "MANAGED_INSTANCES" in listed(task.get("requiresCompatibilities")) else "bridge"
    )


def _compatible(body: Body, task: Task, fargate: bool | None) -> Found:
    at = "launchType" if body.get("launchType") else "capacityProviderStrategy"
    given = listed(task.get("requiresCompatibilities"))
    if fargate and "FARGATE" not in given:
        able = task.get("networkMode") == "awsvpc" and "cpu" in task and "memory" in task
        if given or not able:
            yield "D155", at, "its task definition is not one for FARGATE"
    elif body.get("launchType") == "EXTERNAL" and task.get("networkMode") == "awsvpc":
        yield "D155", at, "its task definition is awsvpc, which EXTERNAL does not know"


# ------------------------------------------------------------------ volumes

# By type of volume: least and most GiB.
_GIB = {
    "gp2": (1, 16384),
    "gp3": (1, 16384),
    "io1": (4, 16384),
    "io2": (4, 16384),
    "st1": (125, 16384),
    "sc1": (125, 16384),
    "standard": (1, 1024),
}
_IOPS = {"gp3": (3000, 16000), "io1": (100, 64000), "io2": (100, 256_000)}
_THROUGHPUT = (125, 1000)  # MiB a second, of gp3
_RESERVED_TAGS = ("AmazonECSCreated", "AmazonECSManaged")


def volumes(body: Body) -> Found:
    """Volumes that are configured when a service or a task is launched."""
    configured = listed(body.get("volumeConfigurations"))
    if len(configured) > 1:
        yield "D319", "volumeConfigurations", f"{len(configured)} volumes, and a task takes 1"
    if configured and body.get("schedulingStrategy") == "DAEMON":
        yield "D319", "volumeConfigurations", "daemons get no volumes"
    for index, volume in objects(configured):
        at = f"volumeConfigurations[{index}].managedEBSVolume"
        if isinstance(volume.get("managedEBSVolume"), dict):
            for key, said in _ebs(volume["managedEBSVolume"], on_fargate(body)):
                yield "D320", f"{at}.{key}" if key else at, said


def _ebs(volume: Body, fargate: bool | None) -> Iterator[tuple[str, str]]:
    """What is wrong with an EBS volume: the member, and why."""
    kind = volume.get("volumeType", "gp3")  # what EBS takes where nobody says
    size, iops = number(volume.get("sizeInGiB")), number(volume.get("iops"))
    if "sizeInGiB" not in volume and "snapshotId" not in volume:
        yield "", "it needs sizeInGiB or snapshotId"
    if "volumeInitializationRate" in volume and "snapshotId" not in volume:
        yield "volumeInitializationRate", "it is for volumes of a snapshot"
    if not isinstance(kind, str) or unknown(kind):
        return
    if kind not in _GIB:
        yield "volumeType", f"{kind!r} is none of {', '.join(_GIB)}"
        return
    if kind == "standard" and fargate:
        yield "volumeType", "Fargate takes no magnetic volumes"
    if size is not None and not _GIB[kind][0] <= size <= _GIB[kind][1]:
        yield "sizeInGiB", f"{size} GiB, and {kind} has {_GIB[kind][0]} to {_GIB[kind][1]}"
    if "iops" not in volume:
        if kind in ("io1", "io2"):
            yield "iops", f"{kind} needs it"
    elif kind not in _IOPS:
        if kind != "gp2":
            yield "iops", f"{kind} has none to choose"
    elif iops is not None and not _IOPS[kind][0] <= iops <= _IOPS[kind][1]:
        yield "iops", f"{iops}, and {kind} has {_IOPS[kind][0]} to {_IOPS[kind][1]}"
    yield from _throughput(volume, kind)


def _throughput(volume: Body, kind: str) -> Iterator[tuple[str, str]]:
    rate = number(volume.get("throughput"))
    if rate is not None:
        if kind != "gp3":
            yield "throughput", f"it is chosen for gp3, and this is {kind}"
        elif not _THROUGHPUT[0] <= rate <= _THROUGHPUT[1]:
            yield "throughput", f"{rate} MiB/s, and gp3 has {_THROUGHPUT[0]} to {_THROUGHPUT[1]}"
    for index, specification in objects(volume.get("tagSpecifications")):
        for number_, tag in objects(specification.get("tags")):
            if tag.get("key") in _RESERVED_TAGS:
                said = f"{tag['key']} is AWS's own"
                yield f"tagSpecifications[{index}].tags[{number_}].key", said


def containers(task: Task) -> dict[str, Task]:
    """The containers of a task definition, by name."""
    found = objects(task.get("containerDefinitions"))
    return {text(container.get("name")): container for _, container in found}


def volumes_among(body: Body, task: Task) -> Found:
    """The volumes that a request configures are those that its task definition leaves to it."""
    left = {
        text(volume.get("name"))
        for _, volume in objects(task.get("volumes"))
        if volume.get("configuredAtLaunch") is True
    }
    given = set()
    for index, volume in objects(body.get("volumeConfigurations")):
        name = volume.get("name")
        if isinstance(name, str) and not unknown(name):
            given.add(name)
            if name not in left:
                said = f"its task definition has no volume {name!r} that is configured at launch"
                yield "D319", f"volumeConfigurations[{index}].name", said
    for name in sorted(left - given):
        if name:
            yield "D319", "volumeConfigurations", f"the volume {name!r} is not configured"


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
_CREATE = f"{_API}CreateService.html"
_CONFIGURATION = f"{_API}DeploymentConfiguration.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D152",
        ERROR,
        "awsvpc tasks, and no others, come with their subnets",
        _CREATE,
        "awsvpc tasks need --subnets or x-ecs: {network: {subnets: [...]}}; for others leave them out",
        "service",
    ),
    Check(
        "D153",
        ERROR,
        "Only tasks on Fargate get a public address",
        f"{_API}AwsVpcConfiguration.html",
        "put the instances into public subnets",
        "service",
    ),
    Check(
        "D154",
        WARNING,
        "Fargate tasks in a public subnet without a public address reach no registry",
        f"{_GUIDE}fargate-task-networking.html",
        "",
        "run",
        undecided="no request says whether a subnet is public, or has a NAT gateway",
    ),
    Check(
        "D155",
        ERROR,
        "The task definition is one for the launch type",
        _CREATE,
        "name the launch type in requiresCompatibilities",
        "service",
    ),
    Check(
        "D156",
        ERROR,
        "A launch type and capacity providers exclude each other",
        _CREATE,
        "remove one of the two",
        "service",
    ),
    Check(
        "D157",
        ERROR,
        "One capacity provider at most has a base, and one at least a weight",
        f"{_API}CapacityProviderStrategyItem.html",
        "",
        "service",
    ),
    Check(
        "D160",
        ERROR,
        "Fargate takes no placement constraints and strategies",
        f"{_GUIDE}fargate-tasks-services.html",
        "remove them, or launch on EC2",
        "service",
    ),
    Check(
        "D161",
        ERROR,
        "Placement: 5 strategies and 10 constraints, each with the field or expression of its type",
        f"{_API}PlacementStrategy.html",
        "",
        "service",
    ),
    Check(
        "D303",
        ERROR,
        "Capacity providers: 20 unlike ones of one kind, weights of 0 to 1000, a base of 0 to 100000",
        f"{_API}CapacityProviderStrategyItem.html",
        "",
        "service",
    ),
    Check("D304", ERROR, "A platform version is for Fargate", _CREATE, "leave it out", "service"),
    Check(
        "D305",
        ERROR,
        "An awsvpc task is in 1 to 16 subnets and in 5 security groups at most, named by their ids",
        f"{_API}AwsVpcConfiguration.html",
        "",
        "service",
    ),
    Check(
        "D319",
        ERROR,
        "The volume that a task definition leaves to its launch is configured, and no other",
        f"{_GUIDE}specify-ebs-config.html",
        "",
        "service",
    ),
    Check(
        "D320",
        ERROR,
        "An EBS volume has a size or a snapshot, and sizes and speeds of its type",
        f"{_API}ServiceManagedEBSVolumeConfiguration.html",
        "",
        "service",
    ),
)

ALONE: Alone = {}
AMONG: Among = {}
