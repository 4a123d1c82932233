"""Containers that are no services but take most of a service's keys: jobs and `pre_start` steps.

Source: https://docs.docker.com/reference/compose-file/
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.keys import CONTAINER_KEYS, MISPLACED, SERVICE_KEYS, WORKLOAD_KEYS
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.model import EMPTY, InitStep, Job, Service
from compose2ecs.compose.reading import (
    Reading,
    boolean,
    choice,
    is_name,
    items,
    record,
    string,
    unknown_key,
)

_JOB_KEYS = CONTAINER_KEYS | WORKLOAD_KEYS | {"profiles"}


def read_container(
    name: str,
    body: Map,
    place: int,
    reading: Reading,
    keys: Collection[str],
    others: Collection[str] = (),
) -> Service:
    """A container as a service of those `keys` alone; `others` are its caller's."""
    fields: dict[str, Any] = {}
    extensions: dict[str, Any] = {}
    reading.literal = True
    for key, value in body.items():
        if key in others:
            continue
        if key not in keys:
            if key.startswith("x-"):
                extensions[key] = value
            else:
                unknown_key(key, body.keys_at[key], reading, (*keys, *others), MISPLACED.get(key))
            continue
        row = SERVICE_KEYS[key]
        reading.path.append("." + key)
        if value is None:
            if not row.null:
                reading.say(codes.EMPTY_VALUE, body.keys_at[key], wanted="a value")
        elif (read := row.read(value, body.at[key], reading)) is not None:
            fields[key] = read
        reading.path.pop()
    reading.literal = False
    if extensions:
        fields["extensions"] = extensions
    return Service(name, place=place, written=body.keys_at, **fields)


def read_pre_start(value: Any, place: int, reading: Reading) -> tuple[InitStep, ...]:
    """The steps before a service's start; what they inherit from it is added by `select`."""
    if not isinstance(value, Seq):
        reading.wrong_type(value, place, "a list")
        return ()
    found: list[InitStep] = []
    for number, item in enumerate(value):
        at = value.at[number]
        reading.path.append(f"[{number}]")
        if isinstance(item, Map):
            per_replica = None
            if "per_replica" in item:
                per_replica = boolean(item["per_replica"], item.at["per_replica"], reading)
            reading.step = True
            body = read_container("", item, at, reading, CONTAINER_KEYS, ("per_replica",))
            reading.step = False
            found.append(InitStep(body, per_replica))
        else:
            reading.wrong_type(item, at, "a mapping")
        reading.path.pop()
    return tuple(found)


def _schedule(value: Any, place: int, reading: Reading) -> Any:
    """One entry, with `place` and `written`: where its expression and its keys stand."""
    if value.__class__ is str:
        return {"cron": value, "place": place, "written": EMPTY}
    found = _schedule_long(value, place, reading)
    if found is None:
        return None
    return {**found, "place": value.at.get("cron", place), "written": value.at}


_schedule_long = record(
    dict,
    {
        "cron": string,
        "timezone": string,
        "concurrency": choice("forbid", "queue"),
        "missed_fires": choice("one", "skip"),
    },
    required=("cron",),
)
_triggers = record(dict, {"manual": boolean, "schedule": items(_schedule)})


def read_jobs(value: Any, place: int, reading: Reading) -> Mapping[str, Job]:
    """Top-level `jobs`."""
    if not isinstance(value, Map):
        reading.wrong_type(value, place, "a mapping")
        return EMPTY
    found: dict[str, Job] = {}
    for name, body in value.items():
        at = value.keys_at[name]
        reading.path.append(f".{name}")
        if not is_name(name):
            reading.say(codes.BAD_NAME, at, name=name)
        if isinstance(body, Map):
            triggers: Any = {}
            if "triggers" not in body:
                reading.say(codes.MISSING_KEY, at, key="triggers")
            else:
                reading.path.append(".triggers")
                given = body["triggers"]
                triggers = _triggers(given, body.at["triggers"], reading)
                if isinstance(given, Map) and "manual" not in given and "schedule" not in given:
                    reading.say(codes.MISSING_KEY, given.place, key="manual")
                reading.path.pop()
            container = read_container(name, body, at, reading, _JOB_KEYS, ("triggers",))
            found[name] = Job(container, triggers or {})
        else:
            reading.wrong_type(body, value.at[name], "a mapping")
        reading.path.pop()
    return found
