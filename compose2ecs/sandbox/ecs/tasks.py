"""Tasks: how they start, run and end.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
"""

from __future__ import annotations

from collections.abc import Iterator

from compose2ecs.sandbox import logs
from compose2ecs.sandbox.ecs import definitions, placement
from compose2ecs.sandbox.ecs.events import say
from compose2ecs.sandbox.ecs.placement import Launch, Need
from compose2ecs.sandbox.ecs.state import (
    NEVER,
    RUNNING,
    STOPPED,
    Body,
    Container,
    Definition,
    Instance,
    Service,
    Task,
)
from compose2ecs.sandbox.elb import targets
from compose2ecs.sandbox.elb.state import Group, Target
from compose2ecs.sandbox.tags import Tags
from compose2ecs.sandbox.world import World

STARTING = ("PROVISIONING", "PENDING", "ACTIVATING")
FAILED_TO_START = "TaskFailedToStart"
EXITED = "EssentialContainerExited"
BY_SERVICE = "ServiceSchedulerInitiated"
BY_USER = "UserInitiated"
_KILLED = 143  # what a container ends with that was asked to
_JOB_ENDS = 1.0  # seconds that a container runs which others wait for


# ---------------------------------------------------------------------------- a new one


def new(
    world: World,
    cluster: str,
    definition: Definition,
    need: Need,
    launch: Launch,
    *,
    group: str,
    instance: Instance | None = None,
    subnet: str = "",
    overrides: Body | None = None,
    tags: Tags | None = None,
) -> Task:
    """A task that begins to start now, on an instance or on Fargate."""
    arn = world.arn("ecs", f"task/{cluster}/{world.id()}")
    task = Task(arn, cluster, definition.arn, group, launch.kind, world.now)
    task.provider, task.cpu, task.memory = launch.provider, need.cpu, need.memory
    task.overrides, task.tags = overrides or {}, tags or {}
    task.containers = [
        Container(
            one["name"],
            world.arn("ecs", f"container/{cluster}/{task.id}/{world.id()}"),
            one["image"],
        )
        for one in definitions.containers(definition)
    ]
    if need.interface:
        task.interface = f"eni-{world.id(17)}"
        task.ip = f"10.0.{int(world.id(2), 16)}.{int(world.id(2), 16) or 1}"
        task.subnet = subnet
    if instance is not None:
        task.instance, task.zone = instance.arn, instance.zone
        mode = definition.body.get("networkMode")
        placement.take(instance, task, need, host_mode=mode == "host")
    else:
        task.zone = _zone(world, subnet)
    task.status = "PROVISIONING" if need.interface else "PENDING"
    task.due = world.now + (world.pace.network if need.interface else world.pace.pull)
    task.sees = tuple(sorted(one.name for one in world.map.services.values() if one.owner))
    world.ecs.tasks[arn] = task
    return task


def _zone(world: World, subnet: str) -> str:
    for one in world.network.subnets:
        if one["SubnetId"] == subnet:
            return str(one["AvailabilityZone"])
    return f"{world.region}a"


# ---------------------------------------------------------------------------- one step


def step(world: World, task: Task) -> None:
    """Do what is due; afterwards `due` says when there is more to do."""
    task.version += 1
    if task.status == "PROVISIONING":
        task.status = "PENDING"
        task.due = world.now + world.pace.pull
    elif task.status == "PENDING":
        _pending(world, task)
    elif task.status == "ACTIVATING":
        _running(world, task)
    elif task.status == RUNNING:
        _live(world, task)
    elif task.status == "DEACTIVATING":
        _stopping(world, task)
    elif task.status == "STOPPING":
        _stopped(world, task)
    elif task.status == "DEPROVISIONING":
        _gone(world, task)
    else:
        task.due = NEVER


def _definition(world: World, task: Task) -> Definition:
    found = definitions.find(world, task.definition)
    if found is None:
        raise LookupError(task.definition)
    return found


def _named(world: World, task: Task) -> dict[str, Body]:
    return {one["name"]: one for one in definitions.containers(_definition(world, task))}


def _pending(world: World, task: Task) -> None:
    defined = _named(world, task)
    if task.pulled is None:
        task.pulled = world.now
        for one in task.containers:
            one.behaviour = world.behaviours.begin(one.image)
            if why := _cannot_start(world, task, one, defined[one.name]):
                one.reason = why
                fail(world, task, why)
                return
    advance(world, task, defined)
    if task.desired == STOPPED:
        return
    if any(one.started is None for one in task.containers):
        task.due = next_due(world, task, defined)
        return
    if task.service and _register(world, task):
        task.status = "ACTIVATING"
        task.due = world.now + world.pace.register
    else:
        _running(world, task)


def _cannot_start(world: World, task: Task, one: Container, defined: Body) -> str:
    """Why a container does not start at all; empty if it does."""
    if one.behaviour is not None and one.behaviour.pull_error:
        return f"CannotPullContainerError: {one.behaviour.pull_error}"
    names = {other.name for other in task.containers}
    for link in defined.get("links", ()):
        if link.partition(":")[0] not in names:
            return f"CannotCreateContainerError: could not find container for link {link}"
    logging = defined.get("logConfiguration", {})
    options = logging.get("options", {})
    if logging.get("logDriver") != "awslogs":
        return ""
    group = options.get("awslogs-group", "")
    if group not in world.logs.groups:
        if options.get("awslogs-create-group") != "true":
            said = (
                "failed to create Cloudwatch log stream: ResourceNotFoundException: The specified "
                "log group does not exist."
            )
            kind = (
                "ResourceInitializationError"
                if task.launch == "FARGATE"
                else "CannotStartContainerError"
            )
            return (
                f"{kind}: Error response from daemon: failed to initialize logging driver: {said}"
            )
        logs.create_group(world, {"logGroupName": group})
    return ""


def _register(world: World, task: Task) -> bool:
    """Register the task's targets; whether it has any."""
    service = _service(world, task)
    if service is None:
        return False
    deployment = next((one for one in service.deployments if one.id == task.deployment), None)
    config = deployment.config if deployment is not None else {}
    for one in config.get("loadBalancers", ()):
        arn = one.get("targetGroupArn", "")
        group = world.elb.groups.get(arn)
        if group is None:
            continue
        id_, port = _address(world, task, one["containerName"], one["containerPort"])
        targets.add(world, group, id_, port, task.zone, task.arn)
        task.targets.append((arn, id_, port))
        say(world, service, f"registered 1 targets in (target-group {arn})")
    return bool(task.targets)


def _address(world: World, task: Task, container: str, port: int) -> tuple[str, int]:
    if task.ip:
        return task.ip, port
    host = next(
        (
            host
            for (name, inner, _), host in task.bindings.items()
            if (name, inner) == (container, port)
        ),
        port,
    )
    return world.ecs.instances[task.instance].ec2, host


def _service(world: World, task: Task) -> Service | None:
    return world.ecs.service(task.cluster, task.service) if task.service else None


def _running(world: World, task: Task) -> None:
    task.status, task.started = RUNNING, world.now
    _live(world, task)


def _live(world: World, task: Task) -> None:
    defined = _named(world, task)
    advance(world, task, defined)
    if task.desired == STOPPED:
        return
    if task.service:
        _watch(world, task, defined)
    task.due = next_due(world, task, defined)


# ---------------------------------------------------------------------------- containers


def advance(world: World, task: Task, defined: dict[str, Body]) -> None:
    """Let containers end, become healthy or not, and start once what they wait for is there."""
    for one in task.containers:
        if one.ends <= world.now and one.status == RUNNING:
            _end(one)
        if one.health_due <= world.now and one.status == RUNNING:
            _check(world, one, defined[one.name])
    for one in task.containers:
        if one.status == STOPPED and defined[one.name]["essential"]:
            stop(world, task, EXITED, "Essential container in task exited")
            return
    changed = True
    while changed:
        changed = False
        for one in task.containers:
            if one.started is None and task.pulled is not None:
                ready = _ready(task, defined[one.name])
                if ready is None:
                    one.reason = "A container that it depends on did not end as it should."
                    fail(world, task, "Task failed to start")
                    return
                if ready:
                    _begin(world, task, one, defined)
                    changed = True
    if all(one.status == STOPPED for one in task.containers):
        stop(world, task, EXITED, "All containers in task exited")


def _ready(task: Task, defined: Body) -> bool | None:
    """Whether a container can start; None if it never will."""
    known = {one.name: one for one in task.containers}
    for wanted in defined.get("dependsOn", ()):
        other, condition = known[wanted["containerName"]], wanted["condition"]
        if other.started is None:
            return False
        if condition == "HEALTHY" and other.health != "HEALTHY":
            return None if other.health == "UNHEALTHY" else False
        if condition in ("SUCCESS", "COMPLETE") and other.status != STOPPED:
            return False
        if condition == "SUCCESS" and other.exit_code != 0:
            return None
    return True


def _begin(world: World, task: Task, one: Container, defined: dict[str, Body]) -> None:
    one.status, one.started, one.runtime = RUNNING, world.now, f"{task.id}-{world.id(10)}"
    told = one.behaviour
    if told is not None and told.exit_code is not None:
        one.ends, one.exit_code = world.now + told.after, None
    elif _waited_for(one.name, defined):
        one.ends = world.now + _JOB_ENDS
    elif not task.service and world.pace.job:
        one.ends = world.now + world.pace.job
    check = defined[one.name].get("healthCheck")
    if check:
        one.health_due = world.now + check["interval"]
    _write(world, task, one, defined[one.name])


def _waited_for(name: str, defined: dict[str, Body]) -> bool:
    """Whether another container waits for this one's end."""
    return any(
        wanted["containerName"] == name and wanted["condition"] in ("SUCCESS", "COMPLETE")
        for one in defined.values()
        for wanted in one.get("dependsOn", ())
    )


def _write(world: World, task: Task, one: Container, defined: Body) -> None:
    logging = defined.get("logConfiguration", {})
    options = logging.get("options", {})
    if (
        logging.get("logDriver") != "awslogs"
        or options.get("awslogs-group") not in world.logs.groups
    ):
        return
    prefix = options.get("awslogs-stream-prefix")
    stream = f"{prefix}/{one.name}/{task.id}" if prefix else one.runtime
    told = one.behaviour.output if one.behaviour is not None else ()
    logs.write(world, options["awslogs-group"], stream, told or (f"{one.name} started",))


def _end(one: Container) -> None:
    told = one.behaviour
    one.status = STOPPED
    one.exit_code = told.exit_code if told is not None and told.exit_code is not None else 0
    one.ends = NEVER


def _check(world: World, one: Container, defined: Body) -> None:
    check = defined["healthCheck"]
    now_told = world.behaviours.of(one.image)
    bad = any(told is not None and told.health == "UNHEALTHY" for told in (one.behaviour, now_told))
    if not bad:
        one.health, one.health_due = "HEALTHY", NEVER
        return
    least = (one.started or 0) + check.get("startPeriod", 0) + check["interval"] * check["retries"]
    if world.now >= least:
        one.health, one.health_due = "UNHEALTHY", NEVER
        one.reason = "Container failed its health check"
    else:
        one.health_due = least


def health(task: Task, defined: dict[str, Body]) -> str:
    """A task's health: that of its essential containers that have a check."""
    found = {
        one.health
        for one in task.containers
        if "healthCheck" in defined[one.name] and defined[one.name]["essential"]
    }
    if "UNHEALTHY" in found:
        return "UNHEALTHY"
    return "HEALTHY" if found == {"HEALTHY"} else "UNKNOWN"


# ---------------------------------------------------------------------------- health


def _watch(world: World, task: Task, defined: dict[str, Body]) -> None:
    """Say of a service's task why it has to be replaced, if it has to."""
    service = _service(world, task)
    grace = service.body.get("healthCheckGracePeriodSeconds", 0) if service is not None else 0
    if task.started is None or world.now < task.started + grace:
        return
    if health(task, defined) == "UNHEALTHY":
        task.sick = "Task failed container health checks"
        task.complaint = f"(task {task.id}) failed container health checks."
        return
    for group, target in _targets(world, task):
        if targets.state_of(world, group, target) == targets.UNHEALTHY:
            arn = group.body["TargetGroupArn"]
            who = f"(task {task.id})" if task.ip else f"(instance {target.id})"
            task.sick = f"Task failed ELB health checks in (target-group {arn})"
            task.complaint = (
                f"{who} (port {target.port}) is unhealthy in (target-group {arn}) due to "
                "(reason Health checks failed)"
            )


def _targets(world: World, task: Task) -> Iterator[tuple[Group, Target]]:
    """The targets of a task that are still registered, with their groups."""
    for arn, id_, port in task.targets:
        group = world.elb.groups.get(arn)
        target = group.targets.get((id_, port)) if group is not None else None
        if group is not None and target is not None:
            yield group, target


def healthy(world: World, task: Task) -> bool:
    """Whether a service counts on a task: it runs, and all that checks it is content."""
    if task.status != RUNNING or task.desired != RUNNING or task.sick:
        return False
    defined = _named(world, task)
    checked = any("healthCheck" in one and one["essential"] for one in defined.values())
    if checked and health(task, defined) != "HEALTHY":
        return False
    for group, target in _targets(world, task):
        if targets.state_of(world, group, target) != targets.HEALTHY:
            return False
    if checked or task.targets:
        return True
    return world.now >= (task.started or 0) + world.pace.settle


def next_due(world: World, task: Task, defined: dict[str, Body]) -> float:
    """When something of a running task changes next; NEVER if it just goes on."""
    moments = [NEVER]
    for one in task.containers:
        if one.status == RUNNING:
            moments += (one.ends, one.health_due)
    if task.status == RUNNING and task.started is not None:
        moments.append(task.started + world.pace.settle)
        service = _service(world, task)
        grace = service.body.get("healthCheckGracePeriodSeconds", 0) if service is not None else 0
        moments.append(task.started + grace)
    for group, target in _targets(world, task):
        targets.state_of(world, group, target)
        moments.append(targets.next_change(group, target))
    return min(moment for moment in moments if moment > world.now)


# ---------------------------------------------------------------------------- the end


def fail(world: World, task: Task, reason: str) -> None:
    """End a task that did not start."""
    for one in task.containers:
        one.status = STOPPED
    stop(world, task, FAILED_TO_START, reason)


def stop(world: World, task: Task, code: str, reason: str) -> None:
    """Begin to end a task: its targets drain, then its containers are stopped."""
    if task.desired == STOPPED:
        return
    task.desired, task.stop_code, task.reason = STOPPED, code, reason
    task.stopping = world.now
    task.version += 1
    drained = world.now
    for arn, id_, port in task.targets:
        group = world.elb.groups.get(arn)
        if group is not None:
            drained = max(drained, targets.remove(world, group, id_, port))
    if task.targets:
        task.status, task.due = "DEACTIVATING", drained
    else:
        _stopping(world, task)


def _stopping(world: World, task: Task) -> None:
    task.status, task.due = "STOPPING", world.now + world.pace.stop


def _stopped(world: World, task: Task) -> None:
    for one in task.containers:
        if one.status == RUNNING:
            one.status, one.exit_code = STOPPED, _KILLED
        elif one.started is None:
            one.status = STOPPED
    if task.interface:
        task.status, task.due = "DEPROVISIONING", world.now + world.pace.release
    else:
        _gone(world, task)


def _gone(world: World, task: Task) -> None:
    task.status, task.stopped, task.due = STOPPED, world.now, NEVER
    if task.instance:
        placement.give_back(world.ecs.instances[task.instance], task)
