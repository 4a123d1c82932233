"""What a stack has on AWS, found by tags and names, and what a command means by a service's name.

The file says where to look. It need not be one that could be deployed as it is now: what runs was
put there by an earlier version of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from compose2ecs.api import Project, Report, Target
from compose2ecs.aws.session import Account, Caller
from compose2ecs.aws.world import World, world_of
from compose2ecs.clock import Clock
from compose2ecs.ecs.groups import runs_once
from compose2ecs.ecs.target import target_of
from compose2ecs.ecs.work import Work
from compose2ecs.names import ecs_name
from compose2ecs.plan import codes, tags
from compose2ecs.plan.errors import RefusedError
from compose2ecs.plan.observe import Together
from compose2ecs.report import Compose2EcsError
from compose2ecs.settings import BY_NAME

Body = dict[str, Any]
_TEN = 10
SHORT = 8  # characters of a task's id that are shown; they tell one stack's tasks apart


class Place(NamedTuple):
    """Where a stack is and what things are called there.

    `names` are the names of ECS services by Compose service, for those that may be the first of
    their task; `once` the families of what runs once; `containers` tells which Compose service a
    container's name stands for; `published` are the container ports, with their protocols, of each
    service's `ports`.
    """

    project: str
    stack: str
    cluster: str
    region: str
    listener: str | None
    prefix: str
    names: Mapping[str, str]
    once: Mapping[str, str]
    external: frozenset[str]
    containers: Mapping[str, str]
    published: Mapping[str, frozenset[tuple[int, str]]]


class Running(NamedTuple):
    """A stack's place and the ways there. `wall` is the time in seconds since 1970."""

    place: Place
    account: Caller
    world: World
    clock: Clock
    wall: Callable[[], float]


class Live(NamedTuple):
    """An ECS service of the stack; `title` is the name of its task in the file."""

    title: str
    name: str
    body: Body

    @property
    def definition(self) -> str:
        """The ARN of the revision that it runs."""
        return str(self.body["taskDefinition"])

    @property
    def revision(self) -> str:
        """`family:revision`."""
        return self.definition.rpartition("/")[2]

    @property
    def going(self) -> bool:
        """Whether it is being removed."""
        return bool(self.body.get("status") != "ACTIVE")


class Seen(NamedTuple):
    """Services by their names on AWS: those of the stack, and whose the others are in words."""

    live: Mapping[str, Live]
    foreign: Mapping[str, str]


class Part(NamedTuple):
    """What a Compose service's name means: its ECS service, and its container in the task."""

    key: str
    live: Live
    container: str


def open_running(
    project: Project,
    given: Mapping[str, str],
    account: Account,
    report: Report,
    *,
    world: World | None = None,
    clock: Clock | None = None,
    wall: Callable[[], float] = time.time,
) -> Running:
    """The stack of a project. Nothing is read of AWS. Raises InputError where the cluster or the
    region is missing."""
    target = target_of(project, given, report)
    report.check()
    region = account.where.region or target.region or account.region
    if region is None:
        report.add(codes.NO_REGION)
    if target.cluster is None:
        how = BY_NAME["cluster"].supplied_by
        report.add(codes.UNRESOLVED, placeholder="<cluster>", how=how)
    report.check()
    if account.where.region is None:
        account.where = account.where._replace(region=region)
    place = place_of(project, target._replace(region=region))
    return Running(place, account, world or world_of(account), clock or account.clock, wall)


def place_of(project: Project, target: Target) -> Place:
    """Where a project's stack is; the target has its cluster and its region."""
    work = Work(project, target, Report())
    once = {key: work.name(key) for key in project.jobs}
    names: dict[str, str] = {}
    for key, service in work.services.items():
        if runs_once(service, work):
            once[key] = work.name(key)
        else:
            names[key] = work.name(work.facts(service).task or key)
    prefix = target.names.partition("{service}")[0]
    prefix = prefix.replace("{stack}", target.stack).replace("{project}", project.name)
    return Place(
        project.name,
        target.stack,
        target.cluster or "",
        target.region or "",
        target.listener,
        ecs_name(prefix) if prefix else "",
        names,
        once,
        frozenset(work.external()),
        {ecs_name(key): key for key in (*project.services, *project.jobs)},
        {
            key: frozenset((port.target, port.protocol) for port in service.ports)
            for key, service in project.services.items()
        },
    )


# ---------------------------------------------------------------------------- services


def look(running: Running) -> Seen:
    """Everything that the stack has: the services of the file, and those that left it. One call for
    a hundred services of the cluster, one for ten that may be the stack's."""
    place = running.place
    listed = running.world.ecs.service_names(place.cluster)
    names = {name for name in listed if name.startswith(place.prefix)}
    return described(running, {*names, *place.names.values()})


def described(running: Running, names: Iterable[str]) -> Seen:
    """These services, as far as they exist, each with its owner."""
    place, wanted = running.place, sorted(set(names))
    live: dict[str, Live] = {}
    foreign: dict[str, str] = {}
    with Together() as at_once:
        tens = [
            at_once.start(running.world.ecs.services, place.cluster, wanted[start : start + _TEN])
            for start in range(0, len(wanted), _TEN)
        ]
        bodies = [body for ten in tens for body in ten().values()]
    for body in sorted(bodies, key=lambda body: str(body["serviceName"])):
        name, said = str(body["serviceName"]), tags.of_ecs(body)
        if body.get("status") == "INACTIVE":
            continue
        if tags.is_of(said, place.project, place.stack):
            live[name] = Live(said.get(tags.SERVICE, name), name, body)
        elif name in place.names.values():
            foreign[name] = tags.owner(said)
    return Seen(live, foreign)


def find(running: Running, wanted: Sequence[str]) -> list[Part]:
    """What the names of Compose services mean. Only where a service is in another one's task is the
    whole stack looked through.

    Raises RefusedError where a service is somebody else's, Compose2EcsError where there is none.
    """
    place = running.place
    seen = described(running, [place.names[key] for key in wanted if key in place.names])
    by_title = {live.title: live for live in seen.live.values()}
    found = {key: by_title[key] for key in wanted if key in by_title}
    left = [key for key in wanted if key not in found]
    for key in left:
        _refuse_unknown(key, place)
    if left and seen.live:  # most likely in the task of one that was named, or that the file names
        bodies = definitions(running, seen.live.values())
        found |= {key: live for key in left if (live := _host(key, seen, bodies)) is not None}
        left = [key for key in left if key not in found]
    if left:
        whole = look(running)
        by_title = {live.title: live for live in whole.live.values()}
        bodies = definitions(running, whole.live.values())
        for key in left:
            found[key] = (
                by_title.get(key) or _host(key, whole, bodies) or _missing(key, place, seen)
            )
    return [Part(key, found[key], ecs_name(key)) for key in dict.fromkeys(wanted)]


def _host(key: str, seen: Seen, bodies: Mapping[str, Body]) -> Live | None:
    """The service whose tasks have a container of that name."""
    for live in seen.live.values():
        if any(one["name"] == ecs_name(key) for one in containers(bodies[live.definition])):
            return live
    return None


def _missing(key: str, place: Place, seen: Seen) -> Live:
    """Say why there is no such service."""
    owner = seen.foreign.get(place.names.get(key, ""))
    if owner is not None:
        raise foreign(place.names[key], owner)
    if key in place.names:
        raise Compose2EcsError(
            f"{key} is not deployed: {place.stack} on {place.cluster} has no such service",
            f"compose2ecs up {key}",
        )
    raise _unknown(key, place)


def _refuse_unknown(key: str, place: Place) -> None:
    """What the file itself tells is no service to work on."""
    if key in place.once:
        raise Compose2EcsError(
            f"{key} runs once: there is no service that keeps it running",
            f"compose2ecs run {key}, compose2ecs logs {key}",
        )
    if key in place.external:
        raise Compose2EcsError(f"{key} runs elsewhere (x-ecs: external), not in this stack")


def _unknown(key: str, place: Place) -> Compose2EcsError:
    from difflib import get_close_matches

    known = sorted((*place.names, *place.once))
    near = get_close_matches(key, known, 1, 0.6)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    return Compose2EcsError(f"there is no service {key!r}", hint)


def foreign(name: str, owner: str) -> RefusedError:
    """The refusal of what is not the stack's."""
    return RefusedError(
        f"the service {name} is not this stack's: {owner}",
        "it is left as it is; look at the project's name, --cluster and --region",
    )


def chosen(running: Running, wanted: Sequence[str]) -> dict[str, tuple[Live, tuple[str, ...]]]:
    """Services that are to be changed, by their names on AWS, with the names that were given for
    each; without any, all of the stack. Raises as `find` does, and where one is being removed."""
    place = running.place
    found: dict[str, tuple[Live, tuple[str, ...]]] = {}
    if wanted:
        for part in find(running, wanted):
            keys = found.get(part.live.name, (part.live, ()))[1]
            found[part.live.name] = (part.live, (*keys, part.key))
            if part.live.going:
                raise Compose2EcsError(
                    f"{part.key} is being removed", "wait until it is gone, then compose2ecs up"
                )
        return found
    seen = look(running)
    for name, owner in seen.foreign.items():
        raise foreign(name, owner)
    found = {name: (live, (live.title,)) for name, live in seen.live.items() if not live.going}
    if not found:
        raise nothing(place)
    return found


def nothing(place: Place) -> Compose2EcsError:
    """That a stack is not there."""
    return Compose2EcsError(
        f"{place.stack} has no services on {place.cluster} ({place.region})",
        "compose2ecs up, or look at the project's name, --cluster and --region",
    )


# ---------------------------------------------------------------------------- what they run


def definitions(running: Running, lives: Iterable[Live]) -> dict[str, Body]:
    """Task definitions by ARN: those that the services run."""
    return definitions_named(running, {live.definition for live in lives})


def definitions_named(running: Running, arns: Iterable[str]) -> dict[str, Body]:
    """Task definitions by ARN, read at the same time."""
    with Together() as at_once:
        reading = {
            arn: at_once.start(running.world.ecs.task_definition, arn) for arn in sorted(arns)
        }
        return {arn: answer() for arn, answer in reading.items()}


def containers(definition: Mapping[str, Any]) -> list[Body]:
    """The containers of a task definition."""
    return list(definition.get("containerDefinitions", ()))


def container_of(part: Part, definition: Mapping[str, Any]) -> Body:
    """The container that a Compose service is; of a task that is called by another name, its first
    essential one."""
    listed = containers(definition)
    for one in listed:
        if one["name"] == part.container:
            return one
    return next((one for one in listed if one.get("essential", True)), listed[0])


def task_arns(running: Running, names: Sequence[str], status: str) -> dict[str, list[str]]:
    """ARNs of the tasks of services by the services' names: those that shall run, or those that
    stopped within the last hour."""
    ecs, cluster = running.world.ecs, running.place.cluster
    with Together() as at_once:
        reading = {
            name: at_once.start(lambda n: ecs.task_arns(cluster, service=n, status=status), name)
            for name in names
        }
        return {name: answer() for name, answer in reading.items()}


def tasks(running: Running, arns: Iterable[str]) -> dict[str, Body]:
    """Tasks by ARN; those that AWS has forgotten are left out."""
    listed = list(dict.fromkeys(arns))
    if not listed:
        return {}
    found = running.world.ecs.tasks(running.place.cluster, listed)
    return {str(task["taskArn"]): task for task in found}


def started_by(stack: str, why: str) -> str:
    """What a task that runs without a service says of its origin.

    >>> started_by("shop", "run")
    'shop/run'
    """
    from compose2ecs.ecs.jobs import STARTED_BY_MAX

    return f"{ecs_name(stack, STARTED_BY_MAX - len(why) - 1)}/{why}"


def task_id(task: Mapping[str, Any] | str) -> str:
    """The last part of a task's ARN."""
    arn = task if isinstance(task, str) else str(task.get("taskArn", ""))
    return arn.rpartition("/")[2]


def ended(task: Mapping[str, Any]) -> float:
    """When a task stopped, or began to; 0 for one that runs."""
    for member in ("stoppedAt", "executionStoppedAt", "stoppingAt"):
        if task.get(member) is not None:
            return seconds(task[member])
    return 0.0


def seconds(moment: Any) -> float:
    """A time of AWS's as seconds since 1970; 0 for none."""
    if moment is None:
        return 0.0
    return float(moment.timestamp() if hasattr(moment, "timestamp") else moment)


def ago(then: float, now: float) -> str:
    """How long something is past.

    >>> ago(0, 5), ago(0, 130), ago(0, 7300), ago(0, 200000)
    ('5 seconds ago', '2 minutes ago', '2 hours ago', '2 days ago')
    """
    passed = max(0, int(now - then))
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if passed >= size:
            return f"{counted(passed // size, word)} ago"
    return f"{counted(passed, 'second')} ago"


def counted(number: int, word: str) -> str:
    """A number of things.

    >>> counted(1, "task"), counted(2, "task")
    ('1 task', '2 tasks')
    """
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
