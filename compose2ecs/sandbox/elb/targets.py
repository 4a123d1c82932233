"""Targets and their health.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

from __future__ import annotations

from compose2ecs.sandbox.ecs.state import NEVER, RUNNING, Task
from compose2ecs.sandbox.elb import find
from compose2ecs.sandbox.elb.find import invalid
from compose2ecs.sandbox.elb.state import Body, Group, Target
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.world import Handler, World

INITIAL, HEALTHY, UNHEALTHY, DRAINING = "initial", "healthy", "unhealthy", "draining"
UNUSED = "unused"


def add(world: World, group: Group, id_: str, port: int, zone: str, owner: str = "") -> Target:
    """Register a target; the same one again stays as it is."""
    found = group.targets.get((id_, port))
    if found is None or found.gone is not None:
        found = Target(id_, port, zone, world.now, owner, changed=world.now)
        group.targets[id_, port] = found
    return found


def remove(world: World, group: Group, id_: str, port: int) -> float:
    """Deregister a target; the time when it has drained."""
    found = group.targets.get((id_, port))
    if found is None:
        return world.now
    if found.gone is None:
        delay = float(group.attributes["deregistration_delay.timeout_seconds"])
        found.gone = world.now + delay
    return found.gone


def sweep(world: World) -> None:
    """Forget the targets that have drained."""
    for group in world.elb.groups.values():
        for key in [key for key, one in group.targets.items() if (one.gone or NEVER) <= world.now]:
            del group.targets[key]


# ---------------------------------------------------------------------------- health


def answers(world: World, task: Task) -> bool:
    """Whether the load balancer's checks of a task succeed."""
    if task.status != RUNNING and task.status != "ACTIVATING":
        return False
    images = [one.image for one in task.containers]
    told = any(one.behaviour is not None and one.behaviour.port_closed for one in task.containers)
    return not told and not world.behaviours.closed(images)


def state_of(world: World, group: Group, target: Target) -> str:
    """The state of a target now: it takes some checks in a row until it changes."""
    if target.gone is not None:
        return DRAINING
    if target.owner:
        task = world.ecs.tasks.get(target.owner)
        good = task is not None and answers(world, task)
        if good != target.good:
            target.good, target.changed = good, world.now
    if world.now >= _changes(group, target):
        target.state = HEALTHY if target.good else UNHEALTHY
    return target.state


def _changes(group: Group, target: Target) -> float:
    key = "HealthyThresholdCount" if target.good else "UnhealthyThresholdCount"
    checks = int(group.body[key]) * int(group.body["HealthCheckIntervalSeconds"])
    return target.changed + checks


def next_change(group: Group, target: Target) -> float:
    """When the state of a target changes, if it goes on as it is; NEVER if it stays."""
    wanted = HEALTHY if target.good else UNHEALTHY
    return NEVER if target.state == wanted else _changes(group, target)


_REASONS = {
    INITIAL: ("Elb.RegistrationInProgress", "Target registration is in progress"),
    UNHEALTHY: ("Target.FailedHealthChecks", "Health checks failed"),
    DRAINING: ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
    UNUSED: (
        "Target.NotInUse",
        "Target group is not configured to receive traffic from the load balancer",
    ),
}


def describe(world: World, asked: Body) -> Body:
    """DescribeTargetHealth: of all targets, or of those that are asked for."""
    group = find.group(world, asked["TargetGroupArn"])
    wanted = [
        (one["Id"], one.get("Port", group.body.get("Port"))) for one in asked.get("Targets", ())
    ]
    used = bool(find.users(world, asked["TargetGroupArn"]))
    found = []
    for key, target in group.targets.items():
        if wanted and key not in wanted:
            continue
        state = state_of(world, group, target)
        if not used and state != DRAINING:
            state = UNUSED
        health: Body = {"State": state}
        if state in _REASONS:
            health["Reason"], health["Description"] = _REASONS[state]
        found.append(
            {
                "Target": {"Id": target.id, "Port": target.port, "AvailabilityZone": target.zone},
                "HealthCheckPort": str(target.port),
                "TargetHealth": health,
            }
        )
    for id_, port in wanted:
        if (id_, port) not in group.targets:
            health = {
                "State": UNUSED,
                "Reason": "Target.NotRegistered",
                "Description": "Target is not registered to the target group",
            }
            found.append({"Target": {"Id": id_, "Port": port}, "TargetHealth": health})
    return {"TargetHealthDescriptions": found}


# ---------------------------------------------------------------------------- by hand


def register(world: World, asked: Body) -> Body:
    """RegisterTargets: one instance may stand there with several ports."""
    group = find.group(world, asked["TargetGroupArn"])
    instances = {one["InstanceId"]: one for one in world.network.instances}
    for one in asked["Targets"]:
        id_, port = one["Id"], one.get("Port", group.body.get("Port", 80))
        if group.body["TargetType"] == "instance" and id_ not in instances:
            said = f"The following targets are not in a running state and cannot be registered: '{id_}'"
            raise AwsError("InvalidTarget", said)
        if group.body["TargetType"] == "ip" and id_.count(".") != 3:
            raise invalid(f"The IP address '{id_}' is not a valid IPv4 address")
        if len(group.targets) >= world.quotas["targets per target group"]:
            raise AwsError("TooManyTargets", "The limit of targets was reached")
        zone = one.get("AvailabilityZone") or _zone(instances.get(id_))
        add(world, group, id_, port, zone)
    return {}


def _zone(instance: Body | None) -> str:
    return str(instance["Placement"]["AvailabilityZone"]) if instance else "all"


def deregister(world: World, asked: Body) -> Body:
    """DeregisterTargets: without a port, every port of the target."""
    group = find.group(world, asked["TargetGroupArn"])
    for one in asked["Targets"]:
        keys = [key for key in group.targets if key[0] == one["Id"]]
        for id_, port in keys:
            if one.get("Port", port) == port:
                remove(world, group, id_, port)
    return {}


OPERATIONS: dict[str, Handler] = {
    "DescribeTargetHealth": describe,
    "RegisterTargets": register,
    "DeregisterTargets": deregister,
}
