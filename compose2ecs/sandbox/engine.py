"""Time passes: everything that is due by now happens, in order."""

from __future__ import annotations

from compose2ecs.sandbox import namespaces, scaling
from compose2ecs.sandbox.ecs import definitions, rollout, tasks
from compose2ecs.sandbox.ecs.state import ACTIVE, DRAINING, NEVER, STOPPED
from compose2ecs.sandbox.elb import targets
from compose2ecs.sandbox.world import World

_TURNS = 200  # at one moment; there are never so many things to do


def settle(world: World) -> None:
    """Bring the world to the clock's time."""
    until = max(world.clock.time(), world.now)
    while (moment := next_moment(world)) <= until:
        world.now = max(world.now, moment)
        _turn(world)
    world.now = until
    _sweep(world)


def next_moment(world: World) -> float:
    """When something happens next."""
    moments = [NEVER]
    moments += (task.due for task in world.ecs.tasks.values() if task.status != STOPPED)
    moments += (
        service.due
        for service in world.ecs.services.values()
        if service.status in (ACTIVE, DRAINING)
    )
    moments += world.scaling.due.values()
    return min(moments)


def _turn(world: World) -> None:
    """Do everything that is due at this moment, and all that comes of it at once."""
    for _ in range(_TURNS):
        due = [
            task
            for task in world.ecs.tasks.values()
            if task.due <= world.now and task.status != STOPPED
        ]
        for task in due:
            tasks.step(world, task)
            _wake(world, task.cluster, task.service)
        services = [
            one
            for one in world.ecs.services.values()
            if one.due <= world.now and one.status in (ACTIVE, DRAINING)
        ]
        for service in services:
            rollout.run(world, service)
        scaled = scaling.settle(world)
        if not due and not services and not scaled:
            return
    raise RuntimeError("the sandbox does not come to rest")


def _wake(world: World, cluster: str, name: str) -> None:
    service = world.ecs.service(cluster, name) if name else None
    if service is not None:
        service.due = 0.0


def wake_all(world: World) -> None:
    """Let everything look at the world anew, because a behaviour or an instance has changed."""
    for task in world.ecs.tasks.values():
        if task.status == "RUNNING":
            task.due = world.now
            for container in task.containers:
                if container.health != "UNKNOWN":
                    container.health_due = world.now
    for service in world.ecs.services.values():
        service.due = 0.0


def _sweep(world: World) -> None:
    """Forget what AWS forgets: stopped tasks, inactive services, drained targets."""
    targets.sweep(world)
    namespaces.settle(world)
    definitions.sweep(world)
    before = world.now - world.pace.keep
    ecs = world.ecs
    for arn in [one.arn for one in ecs.tasks.values() if (one.stopped or NEVER) < before]:
        task = ecs.tasks.pop(arn)
        service = ecs.service(task.cluster, task.service) if task.service else None
        if service is not None:
            service.tasks.pop(arn, None)
    for key in [key for key, one in ecs.services.items() if (one.ended or NEVER) < before]:
        del ecs.services[key]
