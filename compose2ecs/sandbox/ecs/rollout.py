"""The service scheduler: brings each service to the state it was asked to be in.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

from __future__ import annotations

import math

from compose2ecs.sandbox.ecs import definitions, events, placement, tasks
from compose2ecs.sandbox.ecs.events import say, say_once
from compose2ecs.sandbox.ecs.placement import Launch, Need, Unplaced
from compose2ecs.sandbox.ecs.state import (
    ACTIVE,
    DRAINING,
    INACTIVE,
    NEVER,
    RUNNING,
    STOPPED,
    Definition,
    Deployment,
    Instance,
    Service,
    Task,
)
from compose2ecs.sandbox.world import World

COMPLETED, FAILED, IN_PROGRESS = "COMPLETED", "FAILED", "IN_PROGRESS"
_OFTEN = 10  # failures in a row after which tasks are started less often
_THRESHOLD = (3, 200)
_BREAKER = "ECS deployment circuit breaker: "
_SCALING = "Scaling activity initiated by"


def run(world: World, service: Service) -> None:
    """Do what is to be done now; `due` says when to look again if nothing happens before."""
    service.due = NEVER
    if service.status == DRAINING:
        _drain(world, service)
    elif service.status == ACTIVE:
        _replace_sick(world, service)
        _count_failures(world, service)
        _break(world, service)
        _roll(world, service)
        _finish(world, service)


# ---------------------------------------------------------------------------- the end


def _drain(world: World, service: Service) -> None:
    left = [task for task in world.ecs.tasks_of(service) if task.status != STOPPED]
    for task in left:
        tasks.stop(
            world, task, tasks.BY_SERVICE, f"Scaling activity initiated by (service {service.name})"
        )
    if not left:
        service.status, service.ended = INACTIVE, world.now
        service.deployments.clear()
        for id_ in service.endpoints:
            world.map.services.pop(id_, None)


# ---------------------------------------------------------------------------- what went wrong


def _replace_sick(world: World, service: Service) -> None:
    for task in list(world.ecs.tasks_of(service)):
        if task.sick and task.desired == RUNNING:
            say(world, service, task.complaint)
            tasks.stop(world, task, tasks.BY_SERVICE, task.sick)
            say(world, service, f"has stopped 1 running tasks: {events.listed([task])}.")


def _count_failures(world: World, service: Service) -> None:
    """Count, once each, the tasks that ended by themselves or were ended as unhealthy."""
    by_id = {one.id: one for one in service.deployments}
    for task in world.ecs.tasks_of(service):
        if task.desired == RUNNING or service.tasks[task.arn] is not None:
            continue
        bad = bool(task.sick) or task.stop_code in (tasks.FAILED_TO_START, tasks.EXITED)
        service.tasks[task.arn] = bad
        deployment = by_id.get(task.deployment)
        if not bad or deployment is None:
            continue
        service.failures += 1
        if deployment.state == IN_PROGRESS:
            deployment.failed += 1
            deployment.count += 1
            deployment.updated = world.now
        if service.failures >= _OFTEN:
            say_once(world, service, events.FAILING)
            service.retry = world.now + world.pace.retry


def threshold(service: Service) -> int:
    """How many tasks of a deployment may fail before the circuit breaker ends it."""
    breaker = service.body["deploymentConfiguration"]["deploymentCircuitBreaker"]
    asked = breaker.get("thresholdConfiguration") or {"type": "BOUNDED_PERCENT", "value": 50}
    if asked["type"] == "COUNT":
        return int(asked["value"])
    share: int = math.ceil(service.desired * asked["value"] / 100)
    if asked["type"] == "UNBOUNDED_PERCENT":
        return max(share, 1)
    return max(_THRESHOLD[0], min(_THRESHOLD[1], share))


def _break(world: World, service: Service) -> None:
    primary = service.primary
    breaker = service.body["deploymentConfiguration"]["deploymentCircuitBreaker"]
    if not breaker["enable"] or primary.state != IN_PROGRESS or primary.rolled_back:
        return
    if primary.count < threshold(service):
        return
    primary.state, primary.reason = FAILED, f"{_BREAKER}tasks failed to start."
    primary.updated = world.now
    say(world, service, f"(deployment {primary.id}) deployment failed: tasks failed to start.")
    if breaker["rollback"] and service.last_good is not None:
        roll_back(world, service, service.last_good)


def roll_back(world: World, service: Service, good: Deployment) -> None:
    """Make an earlier deployment the one to be reached."""
    say(world, service, f"rolling back to deployment {good.id}.")
    failed = service.primary
    failed.status = ACTIVE
    if good not in service.deployments:
        service.deployments.append(good)
    service.deployments.remove(good)
    service.deployments.insert(0, good)
    good.status, good.state = "PRIMARY", IN_PROGRESS
    good.reason = f"{_BREAKER}rolling back to deploymentId {good.id}."
    good.rolled_back = failed.id
    good.updated, good.finished = world.now, None
    service.body |= good.config
    service.failures, service.retry, service.steady = 0, 0.0, False


# ---------------------------------------------------------------------------- rolling


def wanted(world: World, service: Service) -> int:
    """How many tasks a service is to have: a daemon has one on each instance that it may be on."""
    return len(_daemon_hosts(world, service)) if service.daemon else service.desired


def _daemon_hosts(world: World, service: Service) -> list[Instance]:
    expressions = [
        one["expression"]
        for one in service.body["placementConstraints"]
        if one["type"] == "memberOf"
    ]
    return [
        one
        for one in world.ecs.instances.values()
        if one.cluster == service.cluster
        and one.status == ACTIVE
        and all(placement.matches(one, text) for text in expressions)
    ]


def _roll(world: World, service: Service) -> None:
    """Start and stop tasks as far as the deployment's two percentages allow."""
    primary = service.primary
    live = [task for task in world.ecs.tasks_of(service) if task.desired == RUNNING]
    new = [task for task in live if task.deployment == primary.id]
    old = [task for task in live if task.deployment != primary.id]
    desired = wanted(world, service)
    config = service.body["deploymentConfiguration"]
    low = math.ceil(desired * config["minimumHealthyPercent"] / 100)
    high = math.floor(desired * config["maximumPercent"] / 100)
    _stop(world, service, _surplus(world, new, desired), _SCALING)
    missing = max(desired - len(new), 0)
    room = max(min(missing, high - len(live)), 0)
    started = _start(world, service, primary, room) if room and primary.state != FAILED else 0
    waits = primary.state == FAILED or world.now < service.retry
    keep = low if started < missing and not waits else desired
    _stop(world, service, _replaced(world, new, old, max(keep, low)), _SCALING)
    if missing and old and not room and desired > 0 and low >= desired >= high:
        say_once(world, service, events.STUCK)


def _surplus(world: World, new: list[Task], desired: int) -> list[Task]:
    """The tasks that are too many: those that are of least use first, then the youngest."""
    if len(new) <= desired:
        return []
    order = sorted(new, key=lambda task: (tasks.healthy(world, task), -task.created))
    return order[: len(new) - desired]


def _replaced(world: World, new: list[Task], old: list[Task], keep: int) -> list[Task]:
    """The old tasks that can go: unhealthy ones, and as many others as leave enough."""
    healthy = [task for task in old if tasks.healthy(world, task)]
    going = [task for task in old if task not in healthy]
    enough = sum(tasks.healthy(world, task) for task in new) + len(healthy)
    spare = max(enough - keep, 0)
    return going + healthy[:spare]


def _stop(world: World, service: Service, found: list[Task], why: str) -> None:
    for task in found:
        tasks.stop(world, task, tasks.BY_SERVICE, f"{why} (deployment {service.primary.id})")
    if found:
        say(world, service, f"has stopped {len(found)} running tasks: {events.listed(found)}.")
    draining = [task for task in found if task.targets]
    if draining:
        say(world, service, f"has begun draining connections on {len(draining)} tasks.")
        for arn, count in _per_group(draining).items():
            say(world, service, f"deregistered {count} targets in (target-group {arn})")


def _per_group(found: list[Task]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for task in found:
        for arn, _, _ in task.targets:
            counts[arn] = counts.get(arn, 0) + 1
    return counts


# ---------------------------------------------------------------------------- starting


def _start(world: World, service: Service, deployment: Deployment, count: int) -> int:
    if world.now < service.retry:
        service.due = min(service.due, service.retry)
        return 0
    definition = definitions.find(world, deployment.definition)
    if definition is None:
        return 0
    need = placement.need_of(definition)
    launch = Launch(
        deployment.config["launchType"],
        deployment.config["provider"],
        tuple(deployment.config.get("capacityProviderStrategy", ())),
    )
    hosts: list[Instance | None] = [None] * count
    if service.daemon:
        busy = {task.instance for task in world.ecs.tasks_of(service) if task.status != STOPPED}
        free = [one for one in _daemon_hosts(world, service) if one.arn not in busy]
        hosts = [*free[:count]]
    started: list[Task] = []
    failed: Unplaced | None = None
    for host in hosts:
        found = _start_one(world, service, deployment, definition, need, launch, host)
        if isinstance(found, Unplaced):
            failed = found
            break
        started.append(found)
    if started:
        say(world, service, f"has started {len(started)} tasks: {events.listed(started)}.")
    if failed is not None:
        if not _stopping(world, service):  # else there is room in a moment
            say_once(world, service, events.unplaced(failed))
        service.due = min(service.due, world.now + world.pace.retry)
    return len(started)


def _stopping(world: World, service: Service) -> bool:
    every = world.ecs.tasks_of(service)
    return any(task.desired == STOPPED and task.status != STOPPED for task in every)


def _start_one(
    world: World,
    service: Service,
    deployment: Deployment,
    definition: Definition,
    need: Need,
    launch: Launch,
    host: Instance | None,
) -> Task | Unplaced:
    config = deployment.config
    subnets = config.get("networkConfiguration", {}).get("awsvpcConfiguration", {}).get("subnets")
    subnet = subnets[len(service.tasks) % len(subnets)] if subnets else ""
    place: Instance | None = None
    if launch.kind == "FARGATE":
        if fargate_full(world, need):
            return Unplaced("FARGATE", None)
    else:
        others = [one for one in world.ecs.tasks_of(service) if one.status != STOPPED]
        found = placement.place(
            world,
            service.cluster,
            need,
            service.body["placementStrategy"],
            service.body["placementConstraints"],
            others,
            host,
        )
        if isinstance(found, Unplaced):
            return found
        place = found
    task = tasks.new(
        world,
        service.cluster,
        definition,
        need,
        launch,
        group=f"service:{service.name}",
        instance=place,
        subnet=subnet,
        tags=_tags(service, definition),
    )
    task.service, task.deployment, task.started_by = service.name, deployment.id, deployment.id
    task.commands = bool(service.body["enableExecuteCommand"])
    service.tasks[task.arn] = None
    return task


def fargate_full(world: World, need: Need) -> bool:
    """Whether one more task would go over the quota of Fargate's vCPUs."""
    used = sum(
        task.cpu
        for task in world.ecs.tasks.values()
        if task.launch == "FARGATE" and task.status != STOPPED
    )
    return used + need.cpu > world.quotas["fargate vcpus"] * 1024


def _tags(service: Service, definition: Definition) -> dict[str, str]:
    chosen = service.body["propagateTags"]
    found = service.tags if chosen == "SERVICE" else definition.tags
    tags = dict(found) if chosen in ("SERVICE", "TASK_DEFINITION") else {}
    if service.body["enableECSManagedTags"]:
        tags |= {"aws:ecs:serviceName": service.name, "aws:ecs:clusterName": service.cluster}
    return tags


# ---------------------------------------------------------------------------- reaching it


def _finish(world: World, service: Service) -> None:
    """Say so when the primary deployment is reached and nothing of others is left."""
    primary = service.primary
    every = [task for task in world.ecs.tasks_of(service) if task.status != STOPPED]
    old = [task for task in every if task.deployment != primary.id]
    for deployment in list(service.deployments[1:]):
        if not any(task.deployment == deployment.id for task in old):
            deployment.status = INACTIVE
            service.deployments.remove(deployment)
    good = [task for task in every if task.deployment == primary.id and tasks.healthy(world, task)]
    reached = len(good) == wanted(world, service) == sum(task.desired == RUNNING for task in every)
    for task in good:
        if not task.was_healthy:
            task.was_healthy, service.failures = True, 0
            primary.count = 0 if _resets(service) else primary.count
    if not reached or len(service.deployments) > 1 or primary.state == FAILED:
        if not reached:
            service.steady = False
        return
    if primary.state != COMPLETED:
        primary.state = COMPLETED
        primary.reason = f"ECS deployment {primary.id} completed."
        primary.updated = primary.finished = world.now
        primary.rolled_back = ""
        service.last_good = primary
        say(world, service, f"(deployment {primary.id}) deployment completed.")
    if not service.steady:
        service.steady = True
        service.said.clear()
        service.failures = 0
        say(world, service, events.STEADY)


def _resets(service: Service) -> bool:
    breaker = service.body["deploymentConfiguration"]["deploymentCircuitBreaker"]
    return bool(breaker.get("resetOnHealthyTask", True))
