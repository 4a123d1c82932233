"""Project to Stack: groups, discovery, endpoints, then one body for everything that is to exist."""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.compose.model import Project, Service
from compose2ecs.ecs.discovery import Connections, connect
from compose2ecs.ecs.endpoints import Endpoint, find_endpoints
from compose2ecs.ecs.groups import Group, group_services
from compose2ecs.ecs.model import KINDS, Stack
from compose2ecs.ecs.routing import define_routing
from compose2ecs.ecs.rules import USED
from compose2ecs.ecs.rules.volumes import stays
from compose2ecs.ecs.services import define_service
from compose2ecs.ecs.target import Target, target_of
from compose2ecs.ecs.tasks import define_task
from compose2ecs.ecs.unsupported import KEYS as UNSUPPORTED
from compose2ecs.ecs.work import Work, upper_tags
from compose2ecs.limits import TASK_DEFINITION_BYTES
from compose2ecs.names import digest, ecs_name
from compose2ecs.report import Report

# x-ecs keys that are read and checked, and have no translation so far.
_LATER_PROJECT = ("load_balancer", "access", "volumes")
_LATER_SERVICE = (
    "autoscaling",
    "job",
    "overrides",
    "registry_credentials",
)
_LATER_ROUTE = ("weight", "auth", "redirect")


def translate_project(
    project: Project, target: Target | None = None, report: Report | None = None
) -> Stack:
    """What is to exist on AWS for a project. No network, no clock: same input, same Stack.

    Raises InputError when the project cannot be translated; all its reasons are in the report.
    """
    report = Report() if report is None else report
    if target is None:
        target = target_of(project, report=report)
    report.check()
    work = Work(project, target, report)
    report.check()
    _tell_later(work)
    report.check()
    if not work.services:
        work.say(codes.NOTHING_TO_RUN, project.written.get("services", 0))
        report.check()
    groups = group_services(work)
    report.check()
    for service in work.services.values():
        _explain(service, work)
    connections = connect(groups, work)
    _tell_unreachable(groups, connections, work)
    _tell_networks(work)
    endpoints = find_endpoints(groups, work)
    by_group: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        by_group.setdefault(endpoint.group.name, []).append(endpoint)
    for group in groups:
        name = work.name(group.name)
        body = define_task(group, connections, work)
        known = work.resources.get("task-definitions", {})
        if name in known:
            service = work.services[group.members[0]]
            work.say(
                codes.NAMES_COLLIDE,
                service.place,
                service,
                name=name,
                other=known[name].services[0],
            )
        work.add("task-definitions", name, body, group.members)
        own = by_group.get(group.name, [])
        work.add("services", name, define_service(group, own, connections, work), group.members)
    define_routing(endpoints, work)
    _shared_things(work, connections.namespace)
    _check_shared_volumes(work)
    _check_sizes(work)
    report.check()
    return Stack(
        name=target.stack,
        project=project.name,
        resources={
            kind: dict(sorted(work.resources[kind].items()))
            for kind in KINDS
            if kind in work.resources
        },
        placeholders=dict(sorted(work.placeholders.items())),
    )


def _tell_later(work: Work) -> None:
    """Settings that are understood but not translated yet are told, so that none gets lost."""
    target = work.target
    for key in _LATER_PROJECT:
        if key in target.facts.written:
            work.say(codes.NOT_YET_X_ECS, target.facts.written[key], key=key)
    for service in work.services.values():
        facts = work.facts(service)
        for key in facts.written:
            if key in _LATER_SERVICE:
                work.say(codes.NOT_YET_X_ECS, facts.written[key], service, key=key)
        for route in facts.route or ():
            for key in _LATER_ROUTE:
                if key in route.written:
                    work.say(codes.NOT_YET_X_ECS, route.written[key], service, key=f"route.{key}")
    for name, facts in work.external().items():
        service = work.project.services[name]
        place = facts.written["external"]
        work.say(codes.EXTERNAL_SERVICE, place, service, address=facts.external)
    if work.project.jobs:
        work.say(codes.JOBS_LATER, work.project.written["jobs"])


def _tell_unreachable(groups: list[Group], connections: Connections, work: Work) -> None:
    """Say of what a service needs by name and cannot reach by any."""
    if work.target.discovery == "none":
        return  # that is what was asked for
    group_of = {name: group for group in groups for name in group.members}
    for own in groups:
        for key in (*own.members, *own.inits):
            _tell_unreachable_of(work.services[key], own, group_of, connections, work)


def _tell_unreachable_of(
    service: Service,
    own: Group,
    group_of: dict[str, Group],
    connections: Connections,
    work: Work,
) -> None:
    for name, dependency in service.depends_on.items():
        other = group_of.get(name)
        if other is None or other is own:
            continue
        if own.name in connections.members and other.name in connections.members:
            continue
        if service.networks and not set(service.networks) & set(work.services[name].networks):
            continue  # they do not reach each other in Compose either
        place = dependency.place or service.place
        work.say(codes.NOT_REACHABLE, place, service, name=name)


_NETWORK_KEYS = ("driver", "driver_opts", "ipam", "enable_ipv4", "enable_ipv6", "attachable")


def _tell_networks(work: Work) -> None:
    """ECS has its own networks, so what the file says of them goes; `internal` is about safety."""
    used = {name for service in work.services.values() for name in service.networks}
    for name, network in work.project.networks.items():
        if name not in used:
            continue
        if network.internal:
            work.say(codes.NETWORK_INTERNAL, network.written["internal"], name=name)
        keys = [key for key in network.written if key in _NETWORK_KEYS]
        if keys and not (keys == ["driver"] and network.driver in ("bridge", "overlay")):
            place = network.written[keys[0]]
            work.say(codes.NETWORK_KEY, place, name=name, keys=", ".join(keys))


def _tell_proxies(service: Service, work: Work) -> None:
    """Labels and variables by which people route with a proxy in front of their containers."""
    if any(label.startswith("traefik.") for label in service.labels):
        place = service.written.get("labels", service.place)
        work.say(codes.PROXY_LABELS, place, service, what="traefik labels")
    for name in ("VIRTUAL_HOST", "VIRTUAL_PORT"):
        if service.environment.get(name):
            place = service.written.get("environment", service.place)
            work.say(codes.PROXY_LABELS, place, service, what=name)
            break


def _explain(service: Service, work: Work) -> None:
    """Say of each key that no rule uses why it has no effect."""
    _tell_proxies(service, work)
    for key, place in service.written.items():
        if key in USED or key.startswith("x-"):
            continue
        row = UNSUPPORTED[key]
        code = codes.KEY_LOST if row.lost else codes.KEY_IGNORED
        work.say(code, place, service, key=key, reason=row.reason, advice=row.hint)
    deploy = service.deploy
    if deploy is None:
        return
    for key, place in deploy.written.items():
        reason = _DEPLOY.get(key)
        if reason:
            work.say(codes.KEY_LOST, place, service, key=f"deploy.{key}", reason=reason, advice="")
    if deploy.mode not in (None, "replicated", "global"):
        work.say(
            codes.MODE_LEFT_OUT,
            deploy.written["mode"],
            service,
            key="deploy.mode",
            mode=deploy.mode,
        )
    resources = deploy.resources
    if resources is not None:
        if resources.limits is not None and resources.limits.pids:
            row = UNSUPPORTED["pids_limit"]
            work.say(
                codes.KEY_LOST,
                deploy.written["resources"],
                service,
                key="deploy.resources.limits.pids",
                reason=row.reason,
                advice=row.hint,
            )
        if resources.reservations is not None and resources.reservations.generic_resources:
            work.say(
                codes.KEY_LOST,
                deploy.written["resources"],
                service,
                key="deploy.resources.reservations.generic_resources",
                reason="ECS knows GPUs only",
                advice="",
            )


_DEPLOY = {
    "endpoint_mode": "ECS has no virtual IPs; Service Connect balances between copies",
    "rollback_config": "a rollback follows the same rules as an update on ECS",
    "restart_policy": "an ECS service replaces every task that stops",
    "labels": "they are for the service, which has `x-ecs: {tags: ...}` on ECS",
}


def _shared_things(work: Work, namespace: str | None) -> None:
    """The log group and the namespace that the whole stack shares."""
    for group, days in work.log_groups.items():
        file = ecs_name(group.strip("/"))
        if file in work.resources.get("log-groups", ()):
            file = f"{file}-{digest(group)}"  # /ecs/a and ecs-a are two groups
        work.add("log-groups", file, {"logGroupName": group, "tags": work.tags()})
        if days is not None:
            body = {"logGroupName": group, "retentionInDays": days}
            work.add("log-group-retention", file, body)
    if namespace is not None:
        work.add("namespaces", namespace, {"Name": namespace, "Tags": upper_tags(work.tags())})


def _check_shared_volumes(work: Work) -> None:
    """A named volume in two tasks is two volumes as soon as they are on two instances."""
    users: dict[str, list[str]] = {}
    for name, resource in work.resources["task-definitions"].items():
        for volume in resource.body.get("volumes", ()):
            if "dockerVolumeConfiguration" in volume and stays(volume["dockerVolumeConfiguration"]):
                users.setdefault(volume["name"], []).append(name)
    for volume, tasks in users.items():
        if len(tasks) > 1:
            work.say(
                codes.VOLUME_IN_TWO_TASKS,
                work.project.written.get("volumes", 0),
                volume=volume,
                tasks=", ".join(tasks),
            )


def _check_sizes(work: Work) -> None:
    """A task definition may be 64 KiB of JSON."""
    for name, resource in work.resources["task-definitions"].items():
        # repr is in C and about as long as the JSON, so most bodies need no second look
        if len(repr(resource.body)) < TASK_DEFINITION_BYTES // 8:
            continue
        import json

        size = len(json.dumps(resource.body, separators=(",", ":"), ensure_ascii=False).encode())
        if size > TASK_DEFINITION_BYTES:
            service = work.services[resource.services[0]]
            work.say(
                codes.TASK_TOO_LARGE,
                service.place,
                service,
                task=name,
                size=size,
                limit=TASK_DEFINITION_BYTES,
            )
