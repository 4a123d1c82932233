"""`compose2ecs logs`: what the containers of several services write, in the order of time.

Where logs are is read of the task definitions that run, so it is right whatever the file says now.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html and
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from compose2ecs.app.reader import Line, Reader, Source, Stream, Wanted
from compose2ecs.app.running import (
    Live,
    Running,
    containers,
    definitions_named,
    ended,
    find,
    look,
    nothing,
    seconds,
    task_arns,
    task_id,
    tasks,
)
from compose2ecs.names import ecs_name
from compose2ecs.plan import tags
from compose2ecs.report import Compose2EcsError

Body = dict[str, Any]

TAIL = 100  # lines of each container, where nobody says how many or since when
TICK = 2.0  # seconds between two looks


# ---------------------------------------------------------------------------- since when

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])")


def since(text: str, now: float) -> int:
    """A point in time, in milliseconds since 1970: a span before now, a date and time (of UTC, if
    it does not say), or seconds since 1970. Raises ValueError.

    >>> since("1m30s", 1000), since("2026-01-02T03:04:05Z", 0), since("1700000000.5", 0)
    (910000, 1767323045000, 1700000000500)
    """
    text = text.strip()
    spans = _SPAN.findall(text)
    if spans and "".join(number + unit for number, unit in spans) == text:
        return int((now - sum(float(number) * _UNITS[unit] for number, unit in spans)) * 1000)
    if re.fullmatch(r"\d{9,}(\.\d+)?", text):
        return int(float(text) * 1000)
    written = text.upper().replace("Z", "+00:00") if text[-1:] in "zZ" else text
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(f"{text!r} is neither a span such as 10m or 1h30m nor a time") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return int(moment.timestamp() * 1000)


# ---------------------------------------------------------------------------- where logs are


def wanted(running: Running, names: Sequence[str] = ()) -> Wanted:
    """Where the logs of services are: of those that are named, else of all. Raises AwsError,
    RefusedError, and Compose2EcsError where there is no such service."""
    place = running.place
    jobs = [name for name in names if name in place.once]
    services = [name for name in names if name not in place.once]
    lives: dict[str, Live] = {}
    only: dict[str, set[str]] = {}  # names of containers by service; all of those left out
    if services:
        for part in find(running, services):
            lives[part.live.name] = part.live
            only.setdefault(part.live.name, set()).add(part.container)
    elif not names:
        lives = dict(look(running).live)
        if not lives:
            raise nothing(place)
    ran = _tasks_of(running, list(lives))
    found = _gather(running, lives, ran, only)
    for job in jobs:
        found = _both(found, _job(running, job))
    return found


def _gather(
    running: Running,
    lives: Mapping[str, Live],
    ran: Mapping[str, Sequence[Body]],
    only: Mapping[str, set[str]],
) -> Wanted:
    """The sources of services: those of the revisions that they run, and that their tasks ran."""
    revisions = {
        name: list(
            dict.fromkeys((live.definition, *(str(t["taskDefinitionArn"]) for t in ran[name])))
        )
        for name, live in lives.items()
    }
    bodies = definitions_named(running, {arn for arns in revisions.values() for arn in arns})
    found = Wanted((), (), (), 0)
    for name, arns in revisions.items():
        for arn in arns:
            sources, notes = sources_of(running, bodies[arn], only.get(name))
            mine = [task for task in ran[name] if task["taskDefinitionArn"] == arn]
            found = _both(found, _of_tasks(sources, notes, mine))
    return found


def _of_tasks(sources: Sequence[Source], notes: Sequence[str], ran: Sequence[Body]) -> Wanted:
    streams = [stream for task in ran for stream in _streams(task, sources)]
    began = [int(seconds(task.get("createdAt")) * 1000) for task in ran]
    return Wanted(tuple(sources), tuple(streams), tuple(notes), min(began, default=0))


def _both(one: Wanted, two: Wanted) -> Wanted:
    """Two in one, each thing once."""
    began = [moment for moment in (one.began, two.began) if moment]
    return Wanted(
        tuple(dict.fromkeys((*one.sources, *two.sources))),
        tuple(dict.fromkeys((*one.streams, *two.streams))),
        tuple(dict.fromkeys((*one.notes, *two.notes))),
        min(began, default=0),
    )


def sources_of(
    running: Running, definition: Mapping[str, Any], only: set[str] | None = None
) -> tuple[list[Source], list[str]]:
    """Where the containers of a task definition write to, and what to say of those that do not
    write to CloudWatch. `only` are names of containers, each with the steps that run before it."""
    found, notes = [], []
    listed = containers(definition)
    names = {str(one["name"]) for one in listed}
    if only is not None and not only & names:
        only = None  # the task is called by another name than its containers
    for one in listed:
        name = str(one["name"])
        service = running.place.containers.get(name) or _step_of(name, names) or name
        if only is not None and name not in only and ecs_name(service) not in only:
            continue
        logs = one.get("logConfiguration") or {}
        driver, options = logs.get("logDriver"), logs.get("options") or {}
        if driver != "awslogs":
            where = f"go to {driver}" if driver else "stay on the instance"
            notes.append(f"{service}: its logs {where}, not to CloudWatch")
            continue
        prefix = options.get("awslogs-stream-prefix")
        found.append(
            Source(
                service,
                name,
                str(options.get("awslogs-group", "")),
                str(options.get("awslogs-region") or running.place.region),
                f"{prefix}/{name}" if prefix else None,
            )
        )
    return found, notes


_STEP = re.compile(r"(.+)-pre-start-\d+")


def _step_of(name: str, names: set[str]) -> str | None:
    """The container before which a step runs, if it is one."""
    found = _STEP.fullmatch(name)
    return found[1] if found and found[1] in names else None


def _tasks_of(running: Running, names: Sequence[str]) -> dict[str, list[Body]]:
    """The tasks of services that run, and of each service the one that stopped last."""
    live = task_arns(running, names, "RUNNING")
    dead = task_arns(running, names, "STOPPED")
    arns = [arn for found in (*live.values(), *dead.values()) for arn in found]
    by_arn = tasks(running, arns)
    found = {}
    for name in names:
        stopped = [by_arn[arn] for arn in dead[name] if arn in by_arn]
        stopped.sort(key=ended)
        found[name] = stopped[-1:] + [by_arn[arn] for arn in live[name] if arn in by_arn]
    return found


def _job(running: Running, key: str) -> Wanted:
    """The last task of what runs once, and those that run."""
    ecs, place = running.world.ecs, running.place
    family = place.once[key]
    arns = [
        arn
        for status in ("RUNNING", "STOPPED")
        for arn in ecs.task_arns(place.cluster, family=family, status=status)
    ]
    found = [
        task
        for task in tasks(running, arns).values()
        if tags.is_of(tags.of_ecs(task), place.project, place.stack)
    ]
    if not found:
        raise Compose2EcsError(
            f"no task of {key} runs, and none ran within the last hour",
            "AWS forgets tasks an hour after they stopped; their lines stay in the log group",
        )
    found.sort(key=lambda task: (task.get("lastStatus") != "STOPPED", seconds(task["createdAt"])))
    kept = [task for task in found if task.get("lastStatus") != "STOPPED"] or found[-1:]
    bodies = definitions_named(running, {str(task["taskDefinitionArn"]) for task in kept})
    all_of = Wanted((), (), (), 0)
    for task in kept:
        sources, notes = sources_of(running, bodies[str(task["taskDefinitionArn"])])
        all_of = _both(all_of, _of_tasks(sources, notes, [task]))
    return all_of


def _streams(task: Mapping[str, Any], sources: Iterable[Source]) -> Iterator[Stream]:
    ids = {str(one.get("name")): one.get("runtimeId") for one in task.get("containers", ())}
    for source in sources:
        name = stream_name(source, task_id(task), ids.get(source.container))
        if name is not None:
            yield Stream(source, name, task_id(task))


def stream_name(source: Source, task: str, runtime: str | None) -> str | None:
    """The stream of a task's container; None where it has none yet."""
    return f"{source.prefix}/{task}" if source.prefix is not None else runtime


# ---------------------------------------------------------------------------- all together


def logs(
    running: Running,
    what: Wanted,
    *,
    start: int | None = None,
    number: int | None = None,
    everything: bool = False,
    follow: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> Iterator[Line]:
    """Lines in the order of time. `start` is in milliseconds since 1970; `number` counts from the
    end of each container's lines; `everything` is all that there is of the tasks that run.
    `follow` goes on until the caller stops. `say` hears what there is to say beside."""
    for note in what.notes:
        say(note)
    if not what.sources:
        return
    reader = Reader(running, what)
    if start is not None:
        found = reader.since(start, number)
    elif everything:
        found = reader.since(max(what.began - 1, 0))
    else:
        found = reader.tail(TAIL if number is None else number)
    yield from found
    if not found and not follow and not reader.missing and number != 0:
        say(_silence(what, start))
    told: set[str] = set()
    while True:
        for group in sorted(reader.missing - told):
            told.add(group)
            say(f"there is no log group {group} yet")
        if not follow:
            return
        running.clock.sleep(TICK)
        yield from reader.new()


def _silence(what: Wanted, start: int | None) -> str:
    """Why there are no lines."""
    if start is not None:
        return "nothing was written since then"
    if what.streams:
        return "nothing was written"
    return "no task runs, and none stopped within the last hour: --since finds older lines"
