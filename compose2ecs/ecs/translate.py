"""Project to Stack: groups, discovery, endpoints, then one body for everything that is to exist."""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.compose.model import Project, Service
from compose2ecs.ecs.discovery import Connections, connect
from compose2ecs.ecs.endpoints import Endpoint, find_endpoints
from compose2ecs.ecs.found import tell_findings
from compose2ecs.ecs.groups import Group, group_services
from compose2ecs.ecs.model import KINDS, Stack
from compose2ecs.ecs.routing import define_routing
from compose2ecs.ecs.rules import USED
from compose2ecs.ecs.services import define_service
from compose2ecs.ecs.storage import is_shared, tell_volumes
from compose2ecs.ecs.target import Target, has_x_aws, target_of
from compose2ecs.ecs.tasks import define_task
from compose2ecs.ecs.unsupported import KEYS as UNSUPPORTED
from compose2ecs.ecs.unsupported import asks_nothing
from compose2ecs.ecs.work import Work, upper_tags
from compose2ecs.names import digest, ecs_name
from compose2ecs.report import Report


def translate_project(
    project: Project,
    target: Target | None = None,
    report: Report | None = None,
    *,
    remarks: bool = False,
    checked: bool = True,
) -> Stack:
    """What is to exist on AWS for a project. No network, no clock: same input, same Stack.

    With `remarks` the report also has what the checks only remark on; unless it is `checked`, it
    has nothing of them, and what AWS would refuse is written all the same.
    Raises InputError when the project cannot be translated; all its reasons are in the report.
    """
    report = Report() if report is None else report
    if target is None:
        target = target_of(project, report=report)
    report.check()
    if has_x_aws(project):
        from compose2ecs.ecs.retired.x_aws import understood

        project = understood(project, report, target.launch_type)
    work = Work(project, target, report)
    report.check()
    some_once = _prepare(work)
    report.check()
    if not work.services:
        written = project.written
        work.say(codes.NOTHING_TO_RUN, written.get("services", written.get("jobs", 0)))
        report.check()
    groups = group_services(work)
    report.check()
    for service in work.services.values():
        _explain(service, work)
    for service in project.services.values():
        if service.provider is not None and service.key not in work.services:
            work.say(codes.PROVIDED_ELSEWHERE, service.written["provider"], service)
    once: list[Group] = []
    if some_once:
        from compose2ecs.ecs.jobs import check_reach

        check_reach(groups, work)
        once = [group for group in groups if group.once]
        groups = [group for group in groups if not group.once]
    connections = connect(groups, work)
    _tell_unreachable(groups, connections, work)
    _tell_networks(work)
    tell_volumes(work)
    endpoints = find_endpoints(groups, work)
    by_group: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        if not endpoint.redirects:
            by_group.setdefault(endpoint.group.name, []).append(endpoint)
    for group in (*groups, *once):
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
        if not group.once:
            own = by_group.get(group.name, [])
            work.add("services", name, define_service(group, own, connections, work), group.members)
    if once:
        from compose2ecs.ecs.jobs import define_runs

        define_runs(once, work)
    if work.external():
        from compose2ecs.ecs.external import define_external

        define_external((*groups, *once), work)
    define_routing(endpoints, work)
    if any(work.facts(service).autoscaling for service in work.services.values()):
        from compose2ecs.ecs.scaling import define_scaling

        define_scaling(groups, by_group, work)
    _shared_things(work, connections.namespace)
    _check_shared_volumes(work)
    if any(work.facts(s).overrides for s in (*project.services.values(), *work.services.values())):
        from compose2ecs.ecs.overrides import apply_overrides

        apply_overrides([*groups, *once], work)
    report.check()
    if checked:
        tell_findings(work, remarks=remarks)
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


def _prepare(work: Work) -> bool:
    """Whether anything runs once, which is then made ready for it."""
    if not work.project.jobs and not any(work.facts(s).job for s in work.services.values()):
        return False
    from compose2ecs.ecs.jobs import prepare_jobs

    prepare_jobs(work)
    return True


def _tell_unreachable(groups: list[Group], connections: Connections, work: Work) -> None:
    """Say of what a service needs by name and cannot reach by any."""
    if work.target.discovery == "none":
        return  # that is what was asked for
    group_of = {name: group for group in groups for name in group.members}
    connected = all(group.name in connections.members for group in groups)
    for own in groups:
        for key in (*own.members, *own.inits):
            service = work.services[key]
            _tell_unreachable_of(service, own, group_of, connections, work)
            if not connected and len(groups) > 1 and service.environment:
                _tell_unreachable_names(service, own, group_of, connections, work)


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
        apart = not set(service.networks) & set(work.services[name].networks)
        if apart and (service.networks or service.network_mode in ("bridge", "default", "none")):
            continue  # they do not reach each other in Compose either
        place = dependency.place or service.place
        work.say(codes.NOT_REACHABLE, place, service, name=name)


def _tell_unreachable_names(
    service: Service,
    own: Group,
    group_of: dict[str, Group],
    connections: Connections,
    work: Work,
) -> None:
    """The same for what only the variables name."""
    from compose2ecs.ecs.mentions import Called, mentions_in

    if work.called is None:
        work.called = Called(work.services[name] for name in group_of)
    told: set[str] = set(service.depends_on)
    for mention in mentions_in(service, work.called):
        group = group_of[mention.service]
        if group is own or {own.name, group.name} <= connections.members:
            continue
        if mention.sure and mention.service not in told:
            told.add(mention.service)
            place = service.written.get("environment", service.place)
            facts = {"variable": mention.variable, "name": mention.host}
            work.say(codes.NOT_REACHABLE_NAMED, place, service, **facts)


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
        if row.lost and asks_nothing(key, getattr(service, key)):
            continue
        code = codes.KEY_LOST if row.lost else codes.KEY_IGNORED
        work.say(code, place, service, key=key, reason=row.reason, advice=row.hint)
    deploy = service.deploy
    if deploy is None:
        return
    for key, place in deploy.written.items():
        reason = _DEPLOY.get(key)
        if reason:
            work.say(codes.KEY_LOST, place, service, key=f"deploy.{key}", reason=reason, advice="")
    if deploy.mode not in (None, "replicated", "global") and service.key not in work.completing:
        work.say(codes.JOB_KEEPS_RUNNING, deploy.written["mode"], service, mode=deploy.mode)
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
    """A named volume in two tasks is two volumes as soon as they are on two instances, or where
    each task has its own anyway."""
    users: dict[str, list[str]] = {}
    apart: set[str] = set()
    for name, resource in work.resources["task-definitions"].items():
        for volume in resource.body.get("volumes", ()):
            key = work.volume_names.get(volume["name"])
            shared = is_shared(volume)
            if key is not None and shared is not True:
                users.setdefault(key, []).append(name)
                if shared is None:
                    apart.add(key)
    for key, tasks in users.items():
        if len(tasks) > 1:
            code = codes.VOLUME_FOR_EACH_TASK if key in apart else codes.VOLUME_IN_TWO_TASKS
            work.say(code, work.project.volumes[key].place, volume=key, tasks=", ".join(tasks))
