"""What AWS has against tasks that run once, and against schedules.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html and
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from compose2ecs.checks.launch import containers, launch, launch_among, volumes, volumes_among
from compose2ecs.checks.model import Alone, Among, Bodies, Body, Check, Found
from compose2ecs.checks.stack import known, task_of
from compose2ecs.checks.values import (
    DIGITS,
    LETTERS,
    bad_name,
    listed,
    mapping,
    number,
    objects,
    stray,
    text,
)
from compose2ecs.report import ERROR

# ---------------------------------------------------------------------------- when


def from_to(body: Body, start: str, end: str) -> Found:
    first, last = body.get(start), body.get(end)
    try:
        late = first is not None and last is not None and first >= last
    except TypeError:
        return  # of two types: botocore's to say
    if late:
        yield "D362", end, f"it is not after {start}"


_FIELDS = (
    ("minutes", 0, 59, ""),
    ("hours", 0, 23, ""),
    ("day of month", 1, 31, "LW"),
    ("month", 1, 12, ""),
    ("day of week", 1, 7, "L#"),
    ("year", 1970, 2199, ""),
)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_UNITS = ("minute", "minutes", "hour", "hours", "day", "days")
_ZONE = LETTERS + DIGITS + "/_+-"


def timing(body: Body, key: str, zone: str, strict: bool) -> Found:
    """A schedule expression and its time zone; `strict` as EventBridge Scheduler reads them."""
    expression, place = known(body.get(key)), known(body.get(zone))
    if expression and (fault := _expression(expression, strict)):
        yield "D363", key, fault
    if place and stray(place, _ZONE):
        yield "D364", zone, f"{place!r} is no time zone, such as Europe/Berlin"


def _expression(expression: str, strict: bool) -> str:
    """Why AWS does not take a schedule; empty if it does.

    >>> _expression("cron(0 20 ? * MON-FRI *)", True), _expression("rate(0 days)", True)
    ('', "'0' is no whole number above 0")
    """
    kind, bracket, rest = expression.partition("(")
    if not bracket or not rest.endswith(")") or kind not in ("at", "rate", "cron"):
        return f"{expression!r} is none of at(...), rate(...), cron(...)"
    inside = rest[:-1]
    if kind == "at":
        return _moment(inside)
    parts = inside.split()
    if kind == "cron":
        return _cron(parts, strict)
    if len(parts) != 2 or parts[1] not in _UNITS:
        return f"{inside!r} is no rate: a number, and one of {', '.join(_UNITS)}"
    return (
        "" if parts[0].isdecimal() and int(parts[0]) else f"{parts[0]!r} is no whole number above 0"
    )


def _moment(written: str) -> str:
    from datetime import datetime

    try:
        datetime.strptime(written, "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return f"{written!r} is no moment: yyyy-mm-ddThh:mm:ss"
    return ""


def _cron(parts: list[str], strict: bool) -> str:
    if len(parts) != len(_FIELDS):
        return f"{len(parts)} fields, and a cron expression has six: minutes to year"
    for part, (name, low, high, marks) in zip(parts, _FIELDS, strict=True):
        if not _is_field(part, name, low, high, marks):
            return f"{part!r} is no value for {name}"
    of_month, of_week = parts[2], parts[4]
    if of_month == of_week == "?":
        return "one of day of month and day of week says when"
    if "?" not in (of_month, of_week) and (strict or "*" not in (of_month, of_week)):
        return "day of month and day of week exclude each other: write ? for one"
    return ""


def _is_field(part: str, name: str, low: int, high: int, marks: str) -> bool:
    if part == "*" or (part == "?" and name.startswith("day")):
        return True
    words = _MONTHS if name == "month" else _DAYS if name == "day of week" else ()
    for item in part.split(","):
        span, slash, step = item.partition("/")
        if slash and not (step.isdecimal() and int(step) > 0):
            return False
        if span == "*":
            continue
        first, dash, last = span.partition("-")
        for end in (first, last) if dash else (first,):
            if not _is_end(end, words, low, high, marks):
                return False
    return True


def _is_end(end: str, words: tuple[str, ...], low: int, high: int, marks: str) -> bool:
    if end.upper() in words or (end and end in ("L", "LW") and end[0] in marks):
        return True
    if "#" in marks and "#" in end:
        end, _, week = end.partition("#")
        if week not in ("1", "2", "3", "4", "5"):
            return False
        if end.upper() in words:
            return True
    if marks and end[-1:] and end[-1:] in marks:
        end = end[:-1]
    return end.isdecimal() and low <= int(end) <= high


# ---------------------------------------------------------------------------- tasks that run once

_TASKS_MAX = 10
_OVERRIDES_MAX = 8192
_STARTED = LETTERS + DIGITS + "/_-"
_TOKEN = "".join(map(chr, range(33, 127)))


def _run(body: Body) -> Found:
    yield from launch(body)
    yield from volumes(body)
    count = number(body.get("count"))
    if count is not None and not 1 <= count <= _TASKS_MAX:
        yield "D365", "count", f"it is {count}, and must be 1 to {_TASKS_MAX}"
    if body.get("propagateTags") == "SERVICE":
        yield "D365", "propagateTags", "a task that runs by itself has no service"
    for key, most, allowed in (("startedBy", 128, _STARTED), ("clientToken", 64, _TOKEN)):
        written = known(body.get(key))
        if written and (fault := bad_name(written, most, allowed)):
            yield "D365", key, fault
    if isinstance(body.get("overrides"), dict):
        yield from _overrides(body["overrides"], "overrides")


def _overrides(overrides: dict[str, Any], at: str) -> Found:
    try:
        size = len(json.dumps(overrides))
    except (TypeError, ValueError):
        return  # not what JSON can say
    if size > _OVERRIDES_MAX:
        yield "D366", at, f"{size} characters of JSON, and AWS takes {_OVERRIDES_MAX}"
    for index, container in objects(overrides.get("containerOverrides")):
        if len(container) and "name" not in container:
            yield "D366", f"{at}.containerOverrides[{index}].name", "it names no container"


def _run_among(body: Body, bodies: Bodies) -> Found:
    task = task_of(body.get("taskDefinition"), bodies)
    yield from _launched(body, task)
    if task is not None:
        overrides = mapping(body.get("overrides"))
        yield from _named(overrides, "overrides", task)


def _launched(body: Body, task: dict[str, Any] | None) -> Found:
    """What RunTask wants of a task definition, whoever asks."""
    yield from launch_among(body, task)
    if task is None:
        return
    yield from volumes_among(body, task)
    role = task.get("taskRoleArn") or mapping(body.get("overrides")).get("taskRoleArn")
    if body.get("enableExecuteCommand") is True and not role:
        yield "D321", "enableExecuteCommand", "its task definition has no taskRoleArn"


def _named(overrides: dict[str, Any], at: str, task: dict[str, Any]) -> Found:
    names = containers(task)
    for index, container in objects(overrides.get("containerOverrides")):
        name = known(container.get("name"))
        if name and name not in names:
            said = f"its task definition has no container {name!r}"
            yield "D366", f"{at}.containerOverrides[{index}].name", said


# ---------------------------------------------------------------------------- schedules

_SCHEDULE = LETTERS + DIGITS + "-_."
_SCHEDULE_MAX = 64
_WINDOW_MAX = 1440
_UNIVERSAL = ":scheduler:::aws-sdk:"
_TARGETS = (
    "EcsParameters",
    "EventBridgeParameters",
    "KinesisParameters",
    "SageMakerPipelineParameters",
    "SqsParameters",
)


def _schedule(body: Body) -> Found:
    for key in ("Name", "GroupName"):
        name = body.get(key)
        if isinstance(name, str) and (fault := bad_name(name, _SCHEDULE_MAX, _SCHEDULE)):
            yield "D367", key, fault
    if len(text(body.get("Description"))) > 512:
        yield "D367", "Description", f"{len(body['Description'])} characters, and AWS takes 512"
    yield from timing(body, "ScheduleExpression", "ScheduleExpressionTimezone", strict=True)
    yield from from_to(body, "StartDate", "EndDate")
    if isinstance(body.get("FlexibleTimeWindow"), dict):
        yield from _window(body["FlexibleTimeWindow"])
    if isinstance(body.get("Target"), dict):
        yield from _aim(body["Target"])


def _window(window: dict[str, Any]) -> Found:
    at = "FlexibleTimeWindow.MaximumWindowInMinutes"
    minutes, mode = window.get("MaximumWindowInMinutes"), window.get("Mode")
    size = number(minutes)
    if mode == "FLEXIBLE" and minutes is None:
        yield "D368", at, "a flexible window needs it"
    elif mode == "OFF" and minutes is not None:
        yield "D368", at, "it is for a flexible window, and this one is off"
    elif size is not None and not 1 <= size <= _WINDOW_MAX:
        yield "D368", at, f"it is {size}, and must be 1 to {_WINDOW_MAX}"


def _aim(target: dict[str, Any]) -> Found:
    arn = text(target.get("Arn"))
    given = [key for key in _TARGETS if key in target]
    if len(given) > 1:
        yield "D369", f"Target.{given[1]}", f"it goes without {given[0]}"
    retry = mapping(target.get("RetryPolicy"))
    for key, low, high in (
        ("MaximumEventAgeInSeconds", 60, 86400),
        ("MaximumRetryAttempts", 0, 185),
    ):
        value = number(retry.get(key))
        if value is not None and not low <= value <= high:
            yield "D369", f"Target.RetryPolicy.{key}", f"it is {value}, and must be {low} to {high}"
    role = known(target.get("RoleArn"))
    if role and not role.startswith("arn:"):
        yield "D369", "Target.RoleArn", f"{role!r} is no ARN"
    if _UNIVERSAL in arn:
        if given:
            yield "D369", f"Target.{given[0]}", "a call of the AWS SDK has Input instead"
        yield from _input(target)
    elif ":cluster/" in arn and "EcsParameters" not in target:
        yield "D369", "Target.EcsParameters", "a cluster as target needs it"
    if isinstance(target.get("EcsParameters"), dict):
        yield from _parameters(target["EcsParameters"])


def _input(target: dict[str, Any]) -> Found:
    """What a schedule sends by itself is JSON."""
    written = known(target.get("Input"))
    if written:
        try:
            json.loads(written)
        except ValueError:
            yield "D369", "Target.Input", "it is no JSON"


def _parameters(parameters: dict[str, Any]) -> Found:
    at = "Target.EcsParameters"
    count = number(parameters.get("TaskCount"))
    if count is not None and not 1 <= count <= _TASKS_MAX:
        yield "D365", f"{at}.TaskCount", f"it is {count}, and must be 1 to {_TASKS_MAX}"
    if len(listed(parameters.get("CapacityProviderStrategy"))) > 6:
        yield "D369", f"{at}.CapacityProviderStrategy", "AWS takes 6 capacity providers here"
    if known(parameters.get("PropagateTags")) not in ("", "TASK_DEFINITION"):
        yield "D369", f"{at}.PropagateTags", "it is TASK_DEFINITION, or not there"
    for id_, path, said in launch(_request(parameters)):
        yield id_, _path(path), said


def _request(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a schedule as RunTask calls them."""
    body = {key[:1].lower() + key[1:]: value for key, value in parameters.items()}
    network = mapping(body.get("networkConfiguration")).get("awsvpcConfiguration")
    if isinstance(network, dict):
        inside = {key[:1].lower() + key[1:]: value for key, value in network.items()}
        body["networkConfiguration"] = {"awsvpcConfiguration": inside}
    return body


def _path(path: str) -> str:
    """Where a schedule has what RunTask has at a path."""
    first, *rest = path.split(".")
    first = first[:1].upper() + first[1:]
    if first == "NetworkConfiguration" and len(rest) > 1:
        rest = [rest[0], rest[1][:1].upper() + rest[1][1:]]
    return ".".join(("Target.EcsParameters", first, *rest))


def _schedule_among(body: Body, bodies: Bodies) -> Found:
    target = mapping(body.get("Target"))
    parameters = target.get("EcsParameters")
    if isinstance(parameters, dict):
        task = task_of(parameters.get("TaskDefinitionArn"), bodies)
        for id_, path, said in _launched(_request(parameters), task):
            yield id_, _path(path), said
        if task is not None:
            for overrides in _sent(target):
                yield from _named(overrides, "Target.Input", task)


def _sent(target: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The overrides that a schedule sends to ECS as its input."""
    try:
        sent = json.loads(text(target.get("Input")) or "null")
    except ValueError:
        return
    if isinstance(sent, dict):
        yield sent


# ---------------------------------------------------------------------------- the table

_AAS = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_"
_AAS_GUIDE = "https://docs.aws.amazon.com/autoscaling/application/userguide/"
_RUN = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html"
_SCHEDULER = "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_"

ROWS: tuple[Check, ...] = (
    Check(
        "D362",
        ERROR,
        "A schedule ends after it starts",
        f"{_AAS}PutScheduledAction.html",
        "",
        "scaling",
    ),
    Check(
        "D363",
        ERROR,
        "A schedule is at(yyyy-mm-ddThh:mm:ss), rate(NUMBER UNIT) or cron(six fields)",
        f"{_AAS_GUIDE}scheduled-scaling-using-cron-expressions.html",
        "cron(0 20 ? * MON-FRI *) is every working day at 20:00",
        "scaling",
    ),
    Check(
        "D364",
        ERROR,
        "A time zone is a name of the IANA's, such as Europe/Berlin",
        f"{_AAS}PutScheduledAction.html",
        "",
        "scaling",
    ),
    Check(
        "D365",
        ERROR,
        "1 to 10 tasks run at once, for no service, started by up to 128 letters, digits, / _ and -",
        _RUN,
        "",
        "service",
    ),
    Check(
        "D366",
        ERROR,
        "Overrides are 8192 characters at most, and name containers of the task definition",
        _RUN,
        "",
        "service",
    ),
    Check(
        "D367",
        ERROR,
        "Names of schedules and their groups have 1 to 64 letters, digits and - _ . characters",
        f"{_SCHEDULER}CreateSchedule.html",
        "",
        "other",
    ),
    Check(
        "D368",
        ERROR,
        "A flexible window is 1 to 1440 minutes, one that is off has no size",
        f"{_SCHEDULER}FlexibleTimeWindow.html",
        "",
        "other",
    ),
    Check(
        "D369",
        ERROR,
        "The target of a schedule: a role's ARN, parameters of one kind, retries within their range",
        f"{_SCHEDULER}Target.html",
        "",
        "other",
    ),
)

ALONE: Alone = {"run-tasks": (_run,), "schedules": (_schedule,)}
AMONG: Among = {"run-tasks": (_run_among,), "schedules": (_schedule_among,)}
