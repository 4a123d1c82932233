"""`x-ecs.autoscaling`: how the number of a service's tasks follows the load or the clock.

What is refused here is what the schema refuses; whether it fits the service is seen later.
"""

# No `from __future__ import annotations`, for the reason given in compose/model.py.
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.model import EMPTY
from compose2ecs.compose.quantity import format_value
from compose2ecs.compose.reading import (
    Reader,
    Reading,
    bare_number,
    items,
    record,
    strict_integer,
    string,
)
from compose2ecs.ecs.extension import seconds

STEPS = 20
SCHEDULED = 200
_DURATION = re.compile(r"([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h|d|w))+")
_PERCENT = re.compile(r"[+-]?[0-9]{1,9}%")
_TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]*")
_WHEN = re.compile(
    r"at\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\)"
    r"|rate\((1 (minute|hour|day)|([2-9]|[1-9][0-9]+) (minutes|hours|days))\)"
    r"|cron\([^\s()]+( +[^\s()]+){5}\)"
)


class Step(NamedTuple):
    """One step: what changes while the metric is between two distances from the threshold."""

    change: int = 0  # tasks, or percent of those that run
    percent: bool = False
    lower: float | None = None
    upper: float | None = None
    place: int = 0


class Scheduled(NamedTuple):
    """New bounds from a time on; `when` is an expression of AWS's."""

    when: str = ""
    timezone: str | None = None
    min: int | None = None
    max: int | None = None
    place: int = 0
    written: Mapping[str, int] = EMPTY


class Autoscaling(NamedTuple):
    """Bounds in tasks, targets in percent or requests a minute, cooldowns in seconds."""

    min: int = 1
    max: int = 1
    cpu: float | None = None
    memory: float | None = None
    requests: float | None = None
    steps: tuple[Step, ...] = ()
    schedule: tuple[Scheduled, ...] = ()
    scale_in_cooldown: int | None = None
    scale_out_cooldown: int | None = None
    place: int = 0
    written: Mapping[str, int] = EMPTY


def _count(value: Any, place: int, reading: Reading) -> int | None:
    """A number of tasks, from 0."""
    number = strict_integer(value, place, reading)
    if number is not None and number < 0:
        reading.say(codes.NEGATIVE, place, value=number)
        return None
    return number


def _percent(value: Any, place: int, reading: Reading) -> float | None:
    number = bare_number(value, place, reading)
    if number is not None and not 1 <= number <= 100:
        reading.say(codes.OUT_OF_RANGE, place, value=format_value(value), low=1, high=100)
        return None
    return number


def _above_zero(value: Any, place: int, reading: Reading) -> float | None:
    number = bare_number(value, place, reading)
    if number is not None and number <= 0:
        reading.say(codes.NOT_ABOVE_ZERO, place, value=format_value(value))
        return None
    return number


def _cooldown(value: Any, place: int, reading: Reading) -> int | None:
    if value.__class__ is int and value < 0:
        reading.say(codes.NEGATIVE, place, value=value)
        return None
    if value.__class__ is str and not _DURATION.fullmatch(value):
        reading.say(codes.BAD_DURATION, place, reason=f"{value!r} is not a duration such as 5m")
        return None
    return seconds(value, place, reading)


def _change(value: Any, place: int, reading: Reading) -> tuple[int, bool] | None:
    """Tasks to add, or percent of them."""
    if value.__class__ is str:
        if _PERCENT.fullmatch(value):
            return int(value[:-1]), True
        reading.say(codes.BAD_CHANGE, place, text=value)
        return None
    number = strict_integer(value, place, reading)
    return None if number is None else (number, False)


def _pattern(pattern: re.Pattern[str], wanted: str) -> Reader:
    def read(value: Any, place: int, reading: Reading) -> str | None:
        text = string(value, place, reading)
        if text is not None and not pattern.fullmatch(text):
            reading.say(codes.BAD_FORM, place, text=text, wanted=wanted)
            return None
        return text

    return read


def _listed(read_item: Reader, what: str, limit: int) -> Reader:
    """A list with at least one entry and at most `limit`."""
    read_items = items(read_item)

    def read(value: Any, place: int, reading: Reading) -> Any:
        found = read_items(value, place, reading)
        if isinstance(value, Seq):
            if not value:
                reading.say(codes.EMPTY_VALUE, place, wanted=f"a list of {what}")
            if len(value) > limit:
                reading.say(codes.TOO_MANY, place, what=what, limit=limit, number=len(value))
        return found

    return read


def _needs_one(value: Any, first: str, second: str, reading: Reading) -> None:
    if isinstance(value, Map) and first not in value and second not in value:
        reading.say(codes.NEEDS_ONE_KEY, value.place, first=first, second=second)


def _make_step(place: int, change: tuple[int, bool] = (0, False), **bounds: float) -> Step:
    return Step(change[0], change[1], place=place, **bounds)


_step_keys = record(
    dict,
    {"lower": bare_number, "upper": bare_number, "change": _change},
    required=("change",),
    extensions=False,
)
_scheduled_keys = record(
    Scheduled,
    {
        "when": _pattern(
            _WHEN,
            "at(yyyy-mm-ddThh:mm:ss), rate(5 minutes) or cron(minute hour day month weekday year)",
        ),
        "timezone": _pattern(_TIMEZONE, "the name of a time zone, such as Europe/Berlin"),
        "min": _count,
        "max": _count,
    },
    required=("when",),
    extensions=False,
)


def _step(value: Any, place: int, reading: Reading) -> Step | None:
    found = _step_keys(value, place, reading)
    _needs_one(value, "lower", "upper", reading)
    return None if found is None else _make_step(place, **found)


def _scheduled(value: Any, place: int, reading: Reading) -> Scheduled | None:
    found: Scheduled | None = _scheduled_keys(value, place, reading)
    _needs_one(value, "min", "max", reading)
    if found is not None:
        _in_order(found, reading)
        if found.timezone:
            from compose2ecs.ecs.cron import is_timezone

            if not is_timezone(found.timezone):
                place = found.written["timezone"]
                reading.say(codes.NO_TIMEZONE, place, timezone=found.timezone)
    return found


def _in_order(found: "Autoscaling | Scheduled", reading: Reading) -> None:
    low, high = found.min, found.max
    if low is not None and high is not None and low > high:
        reading.say(codes.SCALING_BOUNDS, found.written["max"], low=low, high=high)


_keys = record(
    Autoscaling,
    {
        "min": _count,
        "max": _count,
        "cpu": _percent,
        "memory": _percent,
        "requests": _above_zero,
        "steps": _listed(_step, "steps", STEPS),
        "schedule": _listed(_scheduled, "scheduled changes", SCHEDULED),
        "scale_in_cooldown": _cooldown,
        "scale_out_cooldown": _cooldown,
    },
    required=("max",),
    extensions=False,
)


def read_autoscaling(value: Any, place: int, reading: Reading) -> Autoscaling | None:
    """The facts of `x-ecs.autoscaling`; without `min`, 1 task, or none where `max` is 0."""
    found: Autoscaling | None = _keys(value, place, reading)
    if found is None or "max" not in found.written:
        return found
    if "min" not in found.written:
        found = found._replace(min=min(1, found.max))
    _in_order(found, reading)
    _tell_crossing(found, reading)
    return found


def _tell_crossing(found: Autoscaling, reading: Reading) -> None:
    """A change of one bound must leave it on its side of the other, whoever has set that."""
    lows = [found.min, *(change.min for change in found.schedule if change.min is not None)]
    highs = [found.max, *(change.max for change in found.schedule if change.max is not None)]
    for change in found.schedule:
        if change.min is None and change.max is not None and change.max < min(lows):
            place, bound = change.written["max"], min(lows)
            value = change.max
            reading.say(
                codes.SCALING_CROSSES, place, key="max", value=value, other="min", bound=bound
            )
        if change.max is None and change.min is not None and change.min > max(highs):
            place, bound = change.written["min"], max(highs)
            value = change.min
            reading.say(
                codes.SCALING_CROSSES, place, key="min", value=value, other="max", bound=bound
            )
