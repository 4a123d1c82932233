"""`compose2ecs ps`: what the stack's services are doing, and where they are reached.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from compose2ecs.app.reached import instances, reached, urls_by_group
from compose2ecs.app.rows import Container, Death, Listed, Once, Row
from compose2ecs.app.running import (
    Live,
    Running,
    Seen,
    containers,
    definitions,
    ended,
    find,
    look,
    seconds,
    started_by,
    task_arns,
    task_id,
    tasks,
)
from compose2ecs.plan import tags
from compose2ecs.plan.errors import AwsError
from compose2ecs.plan.observe import Together

Body = dict[str, Any]

STEADY = "steady"
DEPLOYING = "deploying"
SCALING = "scaling"
FAILING = "failing"
STOPPED = "stopped"
REMOVING = "removing"


def ps(running: Running, wanted: Sequence[str] = (), *, addresses: bool = False) -> Listed:
    """Look at services: those that are named, or all there are. `addresses` asks for those of
    instances as well where there is a load balancer.

    Raises AwsError, RefusedError and Compose2EcsError.
    """
    notes: list[str] = []
    if wanted:
        by_name = {part.live.name: part.live for part in find(running, wanted)}
        seen = Seen(by_name, {})
    else:
        seen = look(running)
        for name, owner in seen.foreign.items():
            notes.append(f"the service {name} is not this stack's: {owner}")
    names = list(seen.live)
    direct = addresses or not any(live.body.get("loadBalancers") for live in seen.live.values())
    with Together() as at_once:
        defined = at_once.start(definitions, running, list(seen.live.values()))
        health = at_once.start(target_states, running, list(seen.live.values()))
        found = at_once.start(urls_by_group, running, _groups(seen.live.values()))
        stopped = at_once.start(task_arns, running, names, "STOPPED")
        shall = at_once.start(task_arns, running, names if direct else [], "RUNNING")
        alone = at_once.start(_once_arns, running, not wanted)
        arns = [*_flat(stopped()), *_flat(shall()), *alone()]
        by_arn = tasks(running, arns)
        bodies, states, urls = defined(), health(), found()
    where = instances(running, [by_arn[a] for a in _flat(shall()) if a in by_arn], notes)
    rows = []
    for name, live in seen.live.items():
        dead = [by_arn[arn] for arn in stopped()[name] if arn in by_arn]
        living = [by_arn[arn] for arn in shall().get(name, ()) if arn in by_arn]
        row = row_of(running, live, bodies[live.definition], states, urls, dead)
        rows.append(row._replace(reached=tuple(sorted(reached(running, living, where)))))
    rows.sort(key=lambda row: row.service)
    if not wanted:
        notes += _undeployed(running, rows)
    once = [_once(running, by_arn[arn]) for arn in alone() if arn in by_arn]
    return Listed(tuple(rows), tuple(one for one in once if one is not None), tuple(notes))


def _flat(by_name: Mapping[str, list[str]]) -> list[str]:
    return [arn for arns in by_name.values() for arn in arns]


def _groups(lives: Iterable[Live]) -> list[str]:
    return list(
        dict.fromkeys(
            str(balancer["targetGroupArn"])
            for live in lives
            for balancer in live.body.get("loadBalancers", ())
            if balancer.get("targetGroupArn")
        )
    )


def target_states(running: Running, lives: Sequence[Live]) -> dict[str, dict[str, int]]:
    """How many targets of each target group are in which state; a group that is gone has none."""
    with Together() as at_once:
        reading = {
            arn: at_once.start(_health, running.world.elb.target_health, arn)
            for arn in _groups(lives)
        }
        return {arn: answer() for arn, answer in reading.items()}


def _health(read: Callable[[str], list[Body]], arn: str) -> dict[str, int]:
    try:
        targets = read(arn)
    except AwsError as error:
        if "NotFound" in error.code:
            return {}
        raise
    found: dict[str, int] = {}
    for target in targets:
        state = str(target.get("TargetHealth", {}).get("State", "unknown"))
        found[state] = found.get(state, 0) + 1
    return found


def _once_arns(running: Running, wanted: bool) -> list[str]:
    """The tasks that run without a service, by the names under which they are started."""
    if not wanted:
        return []
    ecs, place = running.world.ecs, running.place
    with Together() as at_once:
        reading = [
            at_once.start(lambda by: ecs.task_arns(place.cluster, started_by=by), by)
            for by in (started_by(place.stack, why) for why in ("run", "once", "manual"))
        ]
        return [arn for answer in reading for arn in answer()]


def _once(running: Running, task: Mapping[str, Any]) -> Once | None:
    said, place = tags.of_ecs(task), running.place
    if not tags.is_of(said, place.project, place.stack):
        return None
    title = said.get(tags.SERVICE, str(task.get("group", "")).partition(":")[2])
    started = seconds(task.get("startedAt") or task.get("createdAt"))
    return Once(title, task_id(task), str(task.get("lastStatus", "")).lower(), started)


def _undeployed(running: Running, rows: Sequence[Row]) -> list[str]:
    """Services of the file that nothing runs."""
    there = {row.service for row in rows}
    there |= {container.service for row in rows for container in row.containers}
    missing = sorted(key for key in running.place.names if key not in there)
    return [f"not deployed: {', '.join(missing)}"] if missing and rows else []


# ---------------------------------------------------------------------------- one service


def row_of(
    running: Running,
    live: Live,
    definition: Mapping[str, Any],
    states: Mapping[str, Mapping[str, int]],
    urls: Mapping[str, Sequence[str]],
    dead: Sequence[Mapping[str, Any]],
) -> Row:
    """A service as `ps` shows it, from what was read."""
    body = live.body
    groups = _groups([live])
    targets: dict[str, int] | None = {} if groups else None
    for arn in groups:
        for state, number in states.get(arn, {}).items():
            assert targets is not None
            targets[state] = targets.get(state, 0) + number
    status = status_of(body, targets)
    death = death_of(dead)
    if status == STEADY and _keeps_dying(dead, running.wall()):
        status = FAILING
    return Row(
        live.title,
        live.name,
        live.revision,
        int(body.get("runningCount", 0)),
        int(body.get("desiredCount", 0)),
        int(body.get("pendingCount", 0)),
        status,
        tuple(_containers(running, definition)),
        targets,
        tuple(dict.fromkeys(url for arn in groups for url in urls.get(arn, ()))),
        event=last_event(body) if status not in (STEADY, STOPPED) else "",
        death=death,
        note=_note(live),
    )


def status_of(body: Mapping[str, Any], targets: Mapping[str, int] | None) -> str:
    """One word for a service: what its newest deployment, its tasks and its targets say."""
    if body.get("status") != "ACTIVE":
        return REMOVING
    deployments = body.get("deployments", ())
    primary: Mapping[str, Any] = next((d for d in deployments if d.get("status") == "PRIMARY"), {})
    running, desired = int(body.get("runningCount", 0)), int(body.get("desiredCount", 0))
    state = primary.get("rolloutState", "COMPLETED")
    if state == "FAILED" or (running < desired and _no_room(body)):
        return FAILING
    if state != "COMPLETED" or len(deployments) > 1:
        return FAILING if primary.get("failedTasks") else DEPLOYING
    if running == desired:
        if targets and targets.get("unhealthy"):
            return FAILING
        return STEADY if desired else STOPPED
    if running > desired or running + int(body.get("pendingCount", 0)) >= desired:
        return SCALING
    return FAILING


def _no_room(body: Mapping[str, Any]) -> bool:
    return "unable to place" in last_event(body)


def last_event(body: Mapping[str, Any]) -> str:
    """What ECS reported last."""
    for event in body.get("events", ()):
        return str(event.get("message", ""))
    return ""


def _containers(running: Running, definition: Mapping[str, Any]) -> Iterator[Container]:
    for one in containers(definition):
        name = str(one["name"])
        yield Container(running.place.containers.get(name, name), name, str(one.get("image", "")))


def _note(live: Live) -> str:
    """Whether it runs something else than the last `up` put there."""
    put = tags.of_ecs(live.body).get(tags.REVISION)
    if put is None or put == live.revision.rpartition(":")[2]:
        return ""
    return f"the last `up` put revision {put} there: it was rolled back, or set by hand"


_WANTED = ("Scaling activity initiated by",)


def death_of(stopped: Sequence[Mapping[str, Any]]) -> Death | None:
    """The last task that ended by itself; one that was replaced or scaled away did not."""
    died = [task for task in stopped if _died(task)]
    if not died:
        return None
    last = max(died, key=ended)
    found = tuple(
        (str(one.get("name")), one.get("exitCode"), str(one.get("reason") or ""))
        for one in last.get("containers", ())
        if one.get("exitCode") or one.get("reason")
    )
    reason = str(last.get("stoppedReason") or "it stopped")
    return Death(task_id(last), ended(last), reason, found, len(died))


_OFTEN, _LATELY = 2, 300.0


def _keeps_dying(stopped: Sequence[Mapping[str, Any]], now: float) -> bool:
    """Whether so many tasks ended by themselves in the last minutes that it is no accident: ECS
    starts another each time, so their number alone looks well."""
    late = [task for task in stopped if _died(task) and ended(task) > now - _LATELY]
    return len(late) >= _OFTEN


def _died(task: Mapping[str, Any]) -> bool:
    if task.get("stopCode") == "UserInitiated":
        return False
    return not str(task.get("stoppedReason", "")).startswith(_WANTED)
