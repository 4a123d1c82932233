"""Cron expressions for AWS fire when those of the compose file do.

Both dialects are read here once more, by rules of their own: the crontab of Docker Engine and the
six fields of EventBridge Scheduler. The time of day and the day do not depend on each other in
either, so that all minutes, all hours and all days of some years are all there is to compare.
"""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compose2ecs.ecs.cron import is_plain, to_aws

DAYS = [
    datetime.date(2027, 1, 1) + datetime.timedelta(number) for number in range(731)
]  # one leaps
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]


class Times(NamedTuple):
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[datetime.date]


def crontab(text: str) -> Times:
    """When a crontab's five fields fire: on either day, where both of its days are restricted."""
    minute, hour, day, month, weekday = text.lower().split()
    for number, name in enumerate(MONTHS, 1):
        month = month.replace(name, str(number))
    weekday = re.sub("-sun", "-7", weekday)
    for number, name in enumerate(WEEKDAYS):
        weekday = weekday.replace(name, str(number))

    def matches(field: str, value: int, low: int, high: int) -> bool:
        for part in field.split(","):
            span, _, step = part.partition("/")
            first, last = (
                (low, high) if span == "*" else map(int, (span + "-" + span).split("-")[:2])
            )
            if first <= value <= last and (value - first) % int(step or 1) == 0:
                return True
        return False

    def on(date: datetime.date) -> bool:
        by_day = matches(day, date.day, 1, 31)
        iso = date.isoweekday()
        by_weekday = matches(weekday, iso % 7, 0, 7) or (iso == 7 and matches(weekday, 7, 0, 7))
        both = day != "*" and weekday != "*"
        right = (by_day or by_weekday) if both else (by_day and by_weekday)
        return right and matches(month, date.month, 1, 12)

    return Times(
        frozenset(n for n in range(60) if matches(minute, n, 0, 59)),
        frozenset(n for n in range(24) if matches(hour, n, 0, 23)),
        frozenset(filter(on, DAYS)),
    )


def aws(expression: str) -> Times:
    """When `cron(minute hour day month weekday year)` fires; what AWS refuses is refused."""
    inner = re.fullmatch(r"cron\((.*)\)", expression)
    assert inner is not None
    minute, hour, day, month, weekday, year = inner[1].split(" ")
    assert year == "*"
    assert (day == "?") != (weekday == "?")
    assert "/" not in weekday

    def numbers(field: str, low: int, high: int, names: list[str]) -> set[int]:
        found: set[int] = set()
        for part in field.split(","):
            if part in "*?":
                found.update(range(low, high + 1))
            elif "/" in part:
                first, step = map(int, part.split("/"))
                assert low <= first <= high
                assert step > 1
                found.update(range(first, high + 1, step))
            else:
                ends = [
                    names.index(end.lower()) + 1 if end.lower() in names else int(end)
                    for end in part.split("-")
                ]
                assert low <= ends[0] <= ends[-1] <= high
                found.update(range(ends[0], ends[-1] + 1))
        return found

    months = numbers(month, 1, 12, MONTHS)
    on_days, on_weekdays = numbers(day, 1, 31, []), numbers(weekday, 1, 7, WEEKDAYS)
    return Times(
        frozenset(numbers(minute, 0, 59, [])),
        frozenset(numbers(hour, 0, 23, [])),
        frozenset(
            date
            for date in DAYS
            if date.month in months
            and date.day in on_days
            and date.isoweekday() % 7 + 1 in on_weekdays
        ),
    )


CASES = {
    "* * * * *": "cron(* * * * ? *)",
    "*/5 * * * *": "cron(0/5 * * * ? *)",
    "*/1 */1 * * *": "cron(* * * * ? *)",
    "7-59/7 * * * *": "cron(7/7 * * * ? *)",
    "0-30/10 * * * *": "cron(0,10,20,30 * * * ? *)",
    "0,30 8-17 * * *": "cron(0,30 8-17 * * ? *)",
    "0 3 * * *": "cron(0 3 * * ? *)",
    "0 3 1,15 * *": "cron(0 3 1,15 * ? *)",
    "0 3 */2 * *": "cron(0 3 1/2 * ? *)",
    "0 3 1 */3 *": "cron(0 3 1 1/3 ? *)",
    "0 3 29 2 *": "cron(0 3 29 2 ? *)",
    "0 3 31 2,3 *": "cron(0 3 31 2,3 ? *)",
    "0 3 1 jan,Jul-SEP *": "cron(0 3 1 1,7-9 ? *)",
    # weekdays: 0 and 7 are Sunday, which is 1 on AWS
    "0 3 * * 0": "cron(0 3 ? * SUN *)",
    "0 3 * * 7": "cron(0 3 ? * SUN *)",
    "0 3 * * 1-5": "cron(0 3 ? * MON-FRI *)",
    "0 3 * * 5-7": "cron(0 3 ? * SUN,FRI,SAT *)",
    "0 3 * * fri-sun": "cron(0 3 ? * SUN,FRI,SAT *)",
    "0 3 * * Sun-Tue": "cron(0 3 ? * SUN-TUE *)",
    "0 3 * * */2": "cron(0 3 ? * SUN,TUE,THU,SAT *)",
    "0 3 * * */7": "cron(0 3 ? * SUN *)",
    "0 3 * * 0-7": "cron(0 3 ? * * *)",
    "0 3 * * 6,0": "cron(0 3 ? * SUN,SAT *)",
    # either day will do, and one of them is every day
    "0 3 1-31 * 1": "cron(0 3 * * ? *)",
    "0 3 1 * 0-6": "cron(0 3 * * ? *)",
    "  0   3 * *   * ": "cron(0 3 * * ? *)",
}
SHORTCUTS = {
    "@yearly": "cron(0 0 1 1 ? *)",
    "@annually": "cron(0 0 1 1 ? *)",
    "@monthly": "cron(0 0 1 * ? *)",
    "@weekly": "cron(0 0 ? * SUN *)",
    "@daily": "cron(0 0 * * ? *)",
    "@midnight": "cron(0 0 * * ? *)",
    "@hourly": "cron(0 * * * ? *)",
    "@every 1m": "rate(1 minute)",
    "@every 90m": "rate(90 minutes)",
    "@every 1h30m": "rate(90 minutes)",
    "@every 24h": "rate(1440 minutes)",
}
REFUSED = {
    "": "it has 0 fields",
    "0 3 * *": "it has 4 fields, and wants five",
    "0 0 3 * * *": "it has 6 fields",
    "0 3 * * ? *": "it has 6 fields",
    "60 * * * *": "the minute is from 0 to 59, not 60",
    "0 24 * * *": "the hour is from 0 to 23, not 24",
    "0 0 0 * *": "the day of the month is from 1 to 31, not 0",
    "0 0 1 13 *": "the month is from 1 to 12, not 13",
    "0 0 * * 8": "the day of the week is from 0 to 7, not 8",
    "0 0 ? * 1": "the day of the month '?' is no number",
    "0 0 L * *": "the day of the month 'L' is no number",
    "0 0 * * mon#2": "the day of the week 'mon#2' is no number",
    "jan * * * *": "the minute 'jan' is no number",
    "0 0 * * 5-1": "the day of the week '5-1' runs backwards",
    "5/15 * * * *": "the minute '5/15' has a step without * or a range",
    "*/0 * * * *": "the minute '*/0' has no step that counts",
    "*/x * * * *": "the minute '*/x' has no step that counts",
    "1,,2 * * * *": "the minute '' is no number",
    "-5 * * * *": "the minute '' is no number",
    "٣ * * * *": "the minute '٣' is no number",
    "0 0 1 * 1": "on either",
    "0 0 */2 * 1": "on either",
    "0 0 1 * */2": "on either",
    "0 0 */2 * 0-6": "on either",
    "0 0 30 2 *": "no day is ever the 30 of these months",
    "0 0 31 4,6 *": "no day is ever the 31 of these months",
    "@fortnightly": "@fortnightly is no schedule; there are @yearly",
    "@every 30s": "whole minutes",
    "@every 0m": "whole minutes",
    "@every soon": "not a duration",
    "TZ=UTC 0 3 * * *": "it has 6 fields",
}


@pytest.mark.parametrize(("text", "expression"), {**CASES, **SHORTCUTS}.items())
def test_expression(text: str, expression: str) -> None:
    assert to_aws(text) == expression


@pytest.mark.parametrize("text", CASES)
def test_the_same_times(text: str) -> None:
    assert aws(to_aws(text)) == crontab(text)


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        to_aws(text)


def field(low: int, high: int, names: list[str] | None = None) -> st.SearchStrategy[str]:
    """A field of a crontab."""
    number = st.integers(low, high)
    span = st.tuples(number, number).map(lambda ends: "{}-{}".format(*sorted(ends)))
    step = st.integers(1, high).map(str)
    part = st.one_of(
        number.map(str),
        span,
        st.tuples(span, step).map("/".join),
        step.map("*/{}".format),
        *([st.sampled_from(names)] if names else []),
    )
    return st.one_of(st.just("*"), st.lists(part, min_size=1, max_size=12).map(",".join))


times = st.tuples(field(0, 59), field(0, 23), field(1, 12, MONTHS))
days = st.one_of(
    st.tuples(field(1, 31), st.just("*")),
    st.tuples(st.just("*"), field(0, 7, WEEKDAYS)),
    st.tuples(field(1, 31), field(0, 7, WEEKDAYS)),
)


@settings(derandomize=True, deadline=None, max_examples=150, database=None)
@given(times, days)
def test_whatever_can_be_said_fires_at_the_same_times(
    time: tuple[str, str, str], day: tuple[str, str]
) -> None:
    text = f"{time[0]} {time[1]} {day[0]} {time[2]} {day[1]}"
    wanted = crontab(text)
    try:
        expression = to_aws(text)
    except ValueError as error:
        if "on either" in str(error):
            assert "*" not in day
        else:
            assert not wanted.days
        return
    assert len(expression) <= 256  # as long as AWS takes one
    if "*" not in day and any("*/1" in part.split(",") for part in day):
        return  # whether that restricts a day is nowhere said
    assert aws(expression) == wanted


def test_the_readers_here_tell_times_apart() -> None:
    assert crontab("0 3 1 * 1") != crontab("0 3 1 * *")
    assert crontab("0 3 * * 1") != crontab("0 3 * * 2")
    assert aws("cron(0 3 ? * 1 *)") == crontab("0 3 * * 0")
    assert aws("cron(0 3 ? * 2-6 *)") == crontab("0 3 * * 1-5")
    assert aws("cron(5/10 3 * * ? *)") == crontab("5,15,25,35,45,55 3 * * *")
    assert aws("cron(0 3 * * ? *)") != crontab("0 4 * * *")


@pytest.mark.parametrize("text", ["0 3 * * *", "*/5 1-2,4 1 1 0"])
def test_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize("text", ["@daily", "0 3 * jan *", "0 3 * * MON", "@every 5m"])
def test_more_than_docker_takes(text: str) -> None:
    assert not is_plain(text)
