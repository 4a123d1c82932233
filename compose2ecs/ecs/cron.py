"""Cron expressions of a compose file as EventBridge Scheduler wants them.

Docker Engine takes the five fields of a crontab, in numbers. AWS has six: it counts weekdays from
Sunday, which is 1, and looks at the day of the month or at the weekday, with a `?` for the other.

Sources: https://docs.docker.com/reference/compose-file/jobs/ and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

from typing import NamedTuple


class _Field(NamedTuple):
    """One field: what people call it, its numbers, and names for them."""

    title: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 7, _DAYS),
)
_SHORTCUTS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days of the months
_EVERY = ("*", "*/1")
_MINUTE = 60_000_000_000  # nanoseconds


def to_aws(text: str) -> str:
    """The schedule expression for a cron expression. Raises ValueError with the reason why not.

    >>> to_aws("0 3 * * 1-5"), to_aws("*/15 8-17 1,15 * *"), to_aws("@every 90m")
    ('cron(0 3 ? * MON-FRI *)', 'cron(0/15 8-17 1,15 * ? *)', 'rate(90 minutes)')
    """
    text = text.strip()
    if text.startswith("@every"):
        return _rate(text.removeprefix("@every").strip())
    if text.startswith("@"):
        if text not in _SHORTCUTS:
            raise ValueError(f"{text} is no schedule; there are {', '.join(_SHORTCUTS)}")
        text = _SHORTCUTS[text]
    fields = text.split()
    if len(fields) != len(_FIELDS):
        titles = ", ".join(field.title for field in _FIELDS)
        raise ValueError(f"it has {len(fields)} fields, and wants five: {titles}")
    values = [_values(part, field) for part, field in zip(fields, _FIELDS, strict=True)]
    minutes, hours, days, months, weekdays = values
    weekdays = sorted({day % 7 for day in weekdays})
    day, weekday = _days(days, weekdays, fields[2], fields[4])
    if day != "?" and min(days) > max(_LONGEST[month - 1] for month in months):
        raise ValueError(f"no day is ever the {min(days)} of these months")
    month = _written(months, 1, 12)
    return f"cron({_written(minutes, 0, 59)} {_written(hours, 0, 23)} {day} {month} {weekday} *)"


def is_timezone(name: str) -> bool:
    """Whether there is such a time zone; where nobody knows them, every name will do.

    >>> is_timezone("Europe/Berlin"), is_timezone("Mars/Base")
    (True, False)
    """
    from zoneinfo import ZoneInfo

    for zone in (name, "Europe/Berlin"):
        try:
            ZoneInfo(zone)
        except (OSError, ValueError, LookupError):
            continue
        return zone == name
    return True


def is_plain(text: str) -> bool:
    """Whether Docker Engine itself takes the form: numbers, without names and shortcuts.

    >>> is_plain("0 3 * * 1"), is_plain("0 3 * * mon"), is_plain("@daily")
    (True, False, False)
    """
    return not any(character.isalpha() or character == "@" for character in text)


def _rate(text: str) -> str:
    from compose2ecs.compose.quantity import parse_duration

    length = parse_duration(text)
    minutes, rest = divmod(length, _MINUTE)
    if minutes < 1 or rest:
        raise ValueError("AWS counts whole minutes, from one on")
    return "rate(1 minute)" if minutes == 1 else f"rate({minutes} minutes)"


def _days(days: list[int], weekdays: list[int], day: str, weekday: str) -> tuple[str, str]:
    """The fields for the day of the month and for the weekday, one of which is `?`."""
    if _is_open(weekday):
        return _written(days, 1, 31), "?"
    if _is_open(day):
        return "?", _written_days(weekdays)
    if "*" not in day + weekday and (len(days) == 31 or len(weekdays) == 7):
        return "*", "?"  # either will do, and one of them always does
    raise ValueError(
        "it names days of the month and days of the week, and runs on either: AWS looks at one"
    )


def _is_open(text: str) -> bool:
    return any(part in _EVERY for part in text.split(","))


def _values(text: str, field: _Field) -> list[int]:
    """The numbers that a field stands for, in order."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            low, high = field.low, field.high
        elif dash:
            low, high = _number(first, field), _number(last, field)
            if high == 0 and last.lower() == "sun":
                high = 7
        else:
            low = high = _number(first, field)
            if slash:
                raise ValueError(f"the {field.title} {part!r} has a step without * or a range")
        if low > high:
            raise ValueError(f"the {field.title} {span!r} runs backwards")
        if slash and not (step.isascii() and step.isdigit() and int(step)):
            raise ValueError(f"the {field.title} {part!r} has no step that counts")
        found.update(range(low, high + 1, int(step) if slash else 1))
    return sorted(found)


def _number(text: str, field: _Field) -> int:
    if text.lower() in field.names:
        return field.names.index(text.lower()) + field.low
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"the {field.title} {text!r} is no number")
    number = int(text)
    if not field.low <= number <= field.high:
        raise ValueError(f"the {field.title} is from {field.low} to {field.high}, not {number}")
    return number


def _written(values: list[int], low: int, high: int) -> str:
    """Numbers in AWS's form: all of them, every so many up to the end, or a list with ranges."""
    if len(values) == high - low + 1:
        return "*"
    if len(values) > 2:
        step = values[1] - values[0]
        if step > 1 and values == list(range(values[0], high + 1, step)):
            return f"{values[0]}/{step}"
    return ",".join(_runs([str(value) for value in values], values))


def _written_days(values: list[int]) -> str:
    """Weekdays, for which AWS takes no steps."""
    if len(values) == 7:
        return "*"
    return ",".join(_runs([_DAYS[value].upper() for value in values], values))


def _runs(texts: list[str], values: list[int]) -> list[str]:
    """Three and more numbers in a row become a range."""
    found: list[str] = []
    start = 0
    for at in range(1, len(values) + 1):
        if at < len(values) and values[at] == values[at - 1] + 1:
            continue
        if at - start > 2:
            found.append(f"{texts[start]}-{texts[at - 1]}")
        else:
            found.extend(texts[start:at])
        start = at
    return found
