"""Tasks that run and end: services with `job: once`, and the top-level `jobs` of a compose file.

Sources: https://docs.docker.com/reference/compose-file/jobs/,
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html and
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.consistency import check_circle, check_container
from compose2ecs.compose.model import Deploy, Job, Service
from compose2ecs.compose.reading import Reading
from compose2ecs.ecs.cron import is_plain, is_timezone, to_aws
from compose2ecs.ecs.groups import COMPLETED, Group, replicas, runs_once
from compose2ecs.ecs.launch import launch_fields
from compose2ecs.ecs.mentions import hosts_in
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.services import placement_fields
from compose2ecs.ecs.storage import launch_volumes
from compose2ecs.ecs.work import Work, lower_tags
from compose2ecs.names import cut, ecs_name
from compose2ecs.report import Code

SCHEDULE_NAME_MAX = 64
STARTED_BY_MAX = 128
_PROVIDERS = 6  # of a schedule's strategy; services take more
_TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,49}")


# ---------------------------------------------------------------------------- what is to run once


def prepare_jobs(work: Work) -> None:
    """Make containers of what runs once: top-level jobs join the services, and what only a running
    service has is taken off them, and told."""
    for job in work.project.jobs.values():
        _adopt(job, work)
    jobs = {name: work.services[name] for name in work.project.jobs if name in work.services}
    check_circle(jobs, work.project, Reading(work.report, work.sources))
    in_task: dict[str, list[str]] = {}
    for service in work.services.values():
        task = work.facts(service).task
        if task is not None:
            in_task.setdefault(task, []).append(service.key)
    for service in list(work.services.values()):
        if not runs_once(service, work):
            continue
        facts = work.facts(service)
        others = [name for name in in_task.get(facts.task or "", ()) if name != service.key]
        if others and "task" in facts.written:
            place, names = facts.written["task"], " and ".join(others)
            work.say(codes.ONCE_IN_TASK, place, service, task=facts.task, others=names)
        _tell_facts(service, work)
        work.services[service.key] = _without_service(service, work)


def _adopt(job: Job, work: Work) -> None:
    """Take in a top-level job, checked as Compose checks it no sooner than it runs."""
    container = job.container if job.run is None else job.run
    name = container.key
    if name in work.project.services:
        work.say(codes.JOB_AND_SERVICE, container.place, name=name)
        return
    work.report.diagnostics.extend(job.faults)
    reading = Reading(work.report, work.sources)
    reading.service, reading.path = name, [f"jobs.{name}"]
    check_container(container, work.project, reading)
    triggers = job.triggers
    if triggers.get("manual") is False and not triggers.get("schedule"):
        work.say(codes.JOB_NEVER, container.written["triggers"], name=name)
        return
    depends_on = {
        other: dependency._replace(condition=COMPLETED)
        if other in work.project.jobs
        else dependency
        for other, dependency in container.depends_on.items()
    }
    written = {key: at for key, at in container.written.items() if key != "triggers"}
    work.adopt(container._replace(depends_on=depends_on, written=written))


def _tell_facts(service: Service, work: Work) -> None:
    """Say which of its `x-ecs` is for services that keep running; endpoints.py tells of routes."""
    facts = work.facts(service)
    lost = ["autoscaling", "deployment", "execute_command"]
    if service.key in work.project.jobs:
        lost += ["route", "external"]
    for key in lost:
        if key in facts.written and getattr(facts, key) not in (False, ()):
            work.say(codes.ONCE_FACT_LOST, facts.written[key], service, key=key)


def _without_service(service: Service, work: Work) -> Service:
    """The container alone: no ports, since nobody reaches it, and no copies that are kept up."""

    def lost(key: str, place: int, reason: str, advice: str = "") -> None:
        work.say(codes.KEY_LOST, place, service, key=key, reason=reason, advice=advice)

    written = service.written
    if service.ports:
        lost("ports", written["ports"], "nobody reaches a task that runs once")
    if service.expose:
        reason = "nobody reaches a task that runs once"
        work.say(codes.KEY_IGNORED, written["expose"], service, key="expose", reason=reason)
    if service.restart not in (None, "no"):
        lost("restart", written["restart"], "a task that runs once is not started again")
    if replicas(service) != 1:
        key, place = "scale", written.get("scale", 0)
        if not place and service.deploy is not None:
            key, place = "deploy.replicas", service.deploy.written["replicas"]
        lost(key, place, "one copy runs", "run the task again for another")
    deploy = service.deploy
    if deploy is not None:
        if deploy.mode == "global":
            lost(
                "deploy.mode", deploy.written["mode"], "a task that runs once runs on one instance"
            )
        if deploy.restart_policy is not None and deploy.restart_policy.condition != "none":
            place = deploy.written["restart_policy"]
            lost("deploy.restart_policy", place, "a task that runs once is not started again")
        for key in ("update_config", "rollback_config", "endpoint_mode", "labels"):
            if key in deploy.written:
                work.say(
                    codes.KEY_IGNORED,
                    deploy.written[key],
                    service,
                    key=f"deploy.{key}",
                    reason="it is for services, and this runs once",
                )
        deploy = _of_container(deploy)
    return service._replace(ports=(), expose=(), restart=None, scale=None, deploy=deploy)


def _of_container(deploy: Deploy) -> Deploy:
    """What `deploy` says of a container, and of where it is put."""
    kept = ("resources", "placement")
    return Deploy(
        resources=deploy.resources,
        placement=deploy.placement,
        place=deploy.place,
        written={key: place for key, place in deploy.written.items() if key in kept},
    )


# ---------------------------------------------------------------------------- what it reaches


def check_reach(groups: list[Group], work: Work) -> None:
    """Say what a task that runs once needs of other tasks: Service Connect is for services."""
    group_of = {name: group for group in groups if not group.once for name in group.members}
    for group in groups:
        if group.once:
            for key in (*group.members, *group.inits):
                _check_reach_of(work.services[key], group, group_of, work)
    for group in groups:
        if not group.once:
            for key in (*group.members, *group.inits):
                _check_reached(work.services[key], work)


def _check_reached(service: Service, work: Work) -> None:
    """Say what a service wants of a task that runs once, other than to come after it."""
    once = {name for name, other in work.services.items() if runs_once(other, work)}
    told: set[str] = set()

    def tell(name: str, how: str, place: int) -> None:
        if name in once and name not in told:
            told.add(name)
            work.say(codes.ONCE_NOT_REACHED, place, service, how=how, name=name)

    for link in service.links:
        tell(link.partition(":")[0], "it links to", service.written["links"])
    if work.target.discovery != "none":
        place = service.written.get("environment", service.place)
        for variable, value in service.environment.items():
            for host in hosts_in(variable, value or ""):
                tell(host, f"{variable} names", place)


def _check_reach_of(
    service: Service, group: Group, group_of: Mapping[str, Group], work: Work
) -> None:
    job = group.members[0] in work.project.jobs
    code = codes.JOB_NEEDS_NAME if job else codes.ONCE_NEEDS_NAME
    advice = "let it keep running as a service, or give it an address that stays in a variable"
    for other in work.services.values():
        waited = other.depends_on.get(service.key)
        if waited is not None and waited.condition == COMPLETED:
            advice = (
                "without `job: once` it runs first in the task of each service that waits for it, "
                f"such as {other.key}, and reaches what it needs from there"
            )
            break
    told: set[str] = set()
    for name, dependency in service.depends_on.items():
        if name not in group_of:
            continue
        key, place = dependency.implied_by, dependency.place or service.place
        if key not in (None, "links"):
            work.say(codes.ONCE_SHARES, place, service, key=key, name=name)
            told.add(name)
        elif _needs_name(service, name, work):
            work.say(code, place, service, name=name, advice=advice)
            told.add(name)
    for key, value in service.environment.items():
        for name in hosts_in(key, value or ""):
            if name in group_of and name not in told and _needs_name(service, name, work):
                place = service.written.get("environment", service.place)
                work.say(code, place, service, name=name, advice=advice)
                told.add(name)


def _needs_name(service: Service, name: str, work: Work) -> bool:
    if work.target.discovery == "none":
        return False  # names are somebody else's business
    networks = set(service.networks)
    return not networks or bool(networks & set(work.services[name].networks))


# ---------------------------------------------------------------------------- how it is run


def define_runs(groups: list[Group], work: Work) -> None:
    """The RunTask and CreateSchedule requests for the tasks that run once."""
    for group in groups:
        service = work.services[group.members[0]]
        job = work.project.jobs.get(service.key)
        name = work.name(group.name)
        if job is None:
            work.add("run-tasks", name, _run_task(group, "once", work), group.members)
            work.say(codes.ONCE_RUN, work.facts(service).written["job"], service, name=name)
            continue
        entries = job.triggers.get("schedule") or ()
        for number, entry in enumerate(entries, 1):
            own = cut(name if number == 1 else f"{name}-{number}", SCHEDULE_NAME_MAX)
            body = _schedule(own, entry, group, service, work)
            if own in work.resources.get("schedules", {}):
                other = work.resources["schedules"][own].services[0]
                work.say(codes.NAMES_COLLIDE, entry["place"], service, name=own, other=other)
            work.add("schedules", own, body, group.members)
        if not entries or job.triggers.get("manual"):
            work.add("run-tasks", name, _run_task(group, "manual", work), group.members)
            work.say(codes.JOB_MANUAL, job.container.written["triggers"], service, name=name)


def _run_task(group: Group, why: str, work: Work) -> Body:
    facts = work.facts(work.services[group.members[0]])
    body: Body = {
        "cluster": work.fact("cluster"),
        "taskDefinition": work.name(group.name),
        "count": 1,
        **launch_fields(group.launch, work),
        **placement_fields(group, work),
        "startedBy": f"{ecs_name(work.target.stack, STARTED_BY_MAX - len(why) - 1)}/{why}",
        "propagateTags": "TASK_DEFINITION",
    }
    volumes = launch_volumes(group, work)
    if volumes:
        body["volumeConfigurations"] = volumes
    body["tags"] = lower_tags(work.tags(group.name, facts.tags))
    return body


def _schedule(
    name: str, entry: Mapping[str, Any], group: Group, service: Service, work: Work
) -> Body:
    cron, place = entry["cron"], entry["place"]
    expression = ""
    try:
        expression = to_aws(cron)
    except ValueError as error:
        work.say(codes.BAD_CRON, place, service, cron=cron, reason=error)
    else:
        if not is_plain(cron):
            work.say(codes.CRON_BEYOND, place, service, cron=cron, expression=expression)
    timezone = entry.get("timezone") or "UTC"
    if not _TIMEZONE.fullmatch(timezone) or not is_timezone(timezone):
        work.say(codes.BAD_TIMEZONE, _place(entry, "timezone"), service, timezone=timezone)
    _tell_policies(entry, service, work)
    if launch_volumes(group, work):
        work.say(codes.JOB_EBS, service.written.get("volumes", service.place), service)
    late = 0 if entry.get("missed_fires") == "skip" else 60  # minutes
    cluster = work.target.cluster or ""
    if not cluster.startswith("arn:"):
        how = "the cluster's ARN, which --cluster and x-ecs: {cluster: ...} take, too"
        cluster = work.reference("cluster", "", how)
    task = work.name(group.name)
    facts = work.facts(service).roles
    role = (facts.scheduler if facts is not None else None) or work.target.roles.scheduler
    how = "x-ecs: {roles: {scheduler: ARN}}, a role with ecs:RunTask and iam:PassRole"
    return {
        "Name": name,
        "ScheduleExpression": expression,
        "ScheduleExpressionTimezone": timezone,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED",
        "Target": {
            "Arn": cluster,
            "RoleArn": role or work.reference("scheduler-role", "", how),
            "EcsParameters": {
                "TaskDefinitionArn": work.reference(
                    "task-definition", task, "made by task-definitions/"
                ),
                "TaskCount": 1,
                **_scheduled_fields(group, service, work),
                "PropagateTags": "TASK_DEFINITION",
            },
            "RetryPolicy": {
                "MaximumEventAgeInSeconds": max(60, late * 60),
                "MaximumRetryAttempts": late,
            },
        },
    }


def _place(entry: Mapping[str, Any], key: str) -> int:
    place: int = entry["written"].get(key, entry["place"])
    return place


def _tell_policies(entry: Mapping[str, Any], service: Service, work: Work) -> None:
    """Docker Engine keeps runs apart and makes up for missed ones; the scheduler does neither."""
    code: Code = codes.JOB_OVERLAP_LOST if "concurrency" in entry else codes.JOB_OVERLAP
    policy = entry.get("concurrency", "forbid")
    work.say(code, _place(entry, "concurrency"), service, policy=policy)
    if "missed_fires" in entry:
        code = codes.JOB_LATE_SKIP if entry["missed_fires"] == "skip" else codes.JOB_LATE_ONE
        work.say(code, _place(entry, "missed_fires"), service)


def _scheduled_fields(group: Group, service: Service, work: Work) -> Body:
    """Where the task runs, in the scheduler's own spelling of RunTask's members."""
    fields = {**launch_fields(group.launch, work), **placement_fields(group, work)}
    body: Body = {}
    strategy = fields.get("capacityProviderStrategy", ())
    if strategy:
        if len(strategy) > _PROVIDERS:
            work.say(
                codes.TOO_MANY,
                service.place,
                service,
                path=f"jobs.{service.key}",
                what="capacity providers for a schedule",
                limit=_PROVIDERS,
                number=len(strategy),
            )
        body["CapacityProviderStrategy"] = strategy
    if "launchType" in fields:
        body["LaunchType"] = fields["launchType"]
    network = fields.get("networkConfiguration", {}).get("awsvpcConfiguration")
    if network is not None:
        spelled = {key[0].upper() + key[1:]: value for key, value in network.items()}
        body["NetworkConfiguration"] = {"awsvpcConfiguration": spelled}
    for key in ("placementConstraints", "placementStrategy"):
        if key in fields:
            body[key[0].upper() + key[1:]] = fields[key]
    return body
