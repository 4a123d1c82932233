"""Task groups to task definitions.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.compose.model import Service
from compose2ecs.ecs.discovery import Connections
from compose2ecs.ecs.groups import COMPLETED, Group, runs_once, tags_of
from compose2ecs.ecs.launch import BRIDGE
from compose2ecs.ecs.rules import APPLY
from compose2ecs.ecs.scope import Body, Scope
from compose2ecs.ecs.work import Work, lower_tags
from compose2ecs.limits import SERVICE_CONNECT_DEFAULT, SERVICE_CONNECT_PROXY
from compose2ecs.names import ecs_name

_CONDITIONS = {
    "service_started": "START",
    "service_healthy": "HEALTHY",
    COMPLETED: "SUCCESS",
}
# Fields in the order of the API reference, so that files read the same everywhere.
_TASK_FIELDS = ("pidMode", "ipcMode", "ephemeralStorage", "runtimePlatform")


def define_task(group: Group, connections: Connections, work: Work) -> Body:
    """The task definition of a group: one container for each service in it."""
    shared: Body = {}
    execution = _role(group, work, "execution")
    if execution:
        shared["executionRoleArn"] = execution
    volumes: dict[str, Body] = {}
    containers: list[Body] = []
    names: dict[str, str] = {}
    for key in _in_file_order(group, work):
        service = work.services[key]
        scope = Scope(service, group, shared, volumes, work)
        if key in group.members:
            scope.served = connections.of(group, key)
        name = ecs_name(key)
        if names.setdefault(name, key) != key:
            work.say(codes.NAMES_COLLIDE, service.place, service, name=name, other=names[name])
        essential = key not in group.inits
        if service.pre_start:
            from compose2ecs.ecs.steps import define_steps

            steps = define_steps(scope, _fill)
            for step in steps:
                names[step["name"]] = key
            containers += steps
        container = _fill(scope, name, essential)
        if service.pre_start and steps:
            last = {"containerName": containers[-1]["name"], "condition": "SUCCESS"}
            container.setdefault("dependsOn", []).append(last)
        if not essential:
            work.say(codes.JOB_AT_EACH_START, service.place, service, task=group.name)
        containers.append(container)
    family = work.name(group.name)
    body: Body = {"family": family}
    task_role = _role(group, work, "task")
    if task_role:
        body["taskRoleArn"] = task_role
    if "executionRoleArn" in shared:
        body["executionRoleArn"] = shared["executionRoleArn"]
    launch = group.launch
    body["networkMode"] = launch.network_mode
    if launch.network_mode != "bridge" and len(containers) > 1:
        from compose2ecs.ecs.fargate import check_ports

        check_ports(containers, names, group, work)
    body["containerDefinitions"] = containers
    if volumes:
        body["volumes"] = [volumes[name] for name in sorted(volumes)]
    if launch.fargate or launch.launch_type:
        body["requiresCompatibilities"] = ["FARGATE" if launch.fargate else "EC2"]
    if launch.fargate:
        from compose2ecs.ecs.fargate import set_size

        set_size(body, containers, group, work, group.name in connections.members)
    elif group.name in connections.members:
        body["memory"] = str(_capped_memory(containers, group, work))
    for field in _TASK_FIELDS:
        if field in shared:
            body[field] = shared[field]
    body["tags"] = lower_tags(work.tags(group.name, tags_of(group, work)))
    return body


def _fill(scope: Scope, name: str, essential: bool) -> Body:
    """One container definition, by all rules."""
    scope.container = {"name": name, "image": "", "essential": essential}
    for apply in APPLY:
        apply(scope)
    if scope.group.launch != BRIDGE:
        from compose2ecs.ecs.fargate import confine

        confine(scope)
    _depend(scope.service, scope.group, scope.container, scope.work)
    return scope.container


def _in_file_order(group: Group, work: Work) -> tuple[str, ...]:
    if not group.inits:
        return group.members
    together = {*group.members, *group.inits}
    return tuple(name for name in work.services if name in together)


def _role(group: Group, work: Work, kind: str) -> str | None:
    """A role of the task: as one of its services says, else as the project does."""
    for name in (*group.members, *group.inits):
        roles = work.facts(work.services[name]).roles
        own: str | None = getattr(roles, kind) if roles is not None else None
        if own:
            return own
    role: str | None = getattr(work.target.roles, kind)
    return role


def _capped_memory(containers: list[Body], group: Group, work: Work) -> int:
    """Service Connect wants a task limit: what the containers may use, and the proxy's share."""
    total = SERVICE_CONNECT_PROXY
    guessed = []
    for container in containers:
        memory = container.get("memory")
        if memory is None:
            memory = max(SERVICE_CONNECT_DEFAULT, container.get("memoryReservation", 0))
            guessed.append(container["name"])
        total += memory
    service = work.services[group.members[0]]
    code = codes.TASK_MEMORY_GUESSED if guessed else codes.TASK_MEMORY
    names = " and ".join(guessed)
    work.say(code, service.place, service, task=group.name, mib=total, names=names)
    return total


def _depend(service: Service, group: Group, container: Body, work: Work) -> None:
    """dependsOn for what is in the same task; the rest is the order of creation."""
    found = []
    inside = (*group.members, *group.inits)
    for name, dependency in sorted(service.depends_on.items()):
        if dependency.restart and dependency.implied_by is None:
            work.say(codes.DEPENDENCY_OPTION_LOST, dependency.place, service, name=name)
        if dependency.implied_by == "links" and name in group.members and group.linked:
            continue  # the agent starts what a link names first
        if name in inside:
            condition = _CONDITIONS[dependency.condition]
            if condition == "HEALTHY" and not _has_check(work.services[name]):
                work.say(codes.HEALTHY_WITHOUT_CHECK, dependency.place, service, name=name)
                condition = "START"
            found.append({"containerName": ecs_name(name), "condition": condition})
        elif name not in work.services or name in work.completing:
            continue  # it runs elsewhere, or groups.py tells of it
        elif dependency.condition == COMPLETED or runs_once(work.services[name], work):
            work.say(codes.ONCE_FIRST, dependency.place, service, name=name)
        elif dependency.condition == "service_healthy":
            work.say(codes.HEALTHY_ACROSS_TASKS, dependency.place, service, name=name)
    if found:
        container["dependsOn"] = found


def _has_check(service: Service) -> bool:
    check = service.healthcheck
    return bool(check and check.test and not check.disable and check.test[0] != "NONE")
