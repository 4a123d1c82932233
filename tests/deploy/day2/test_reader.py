"""Lines that come late, come again, or are somebody else's: none is lost, none is shown twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compose2ecs.app.logs import TICK, logs
from compose2ecs.app.reader import LAG, Line, Reader, Source, Stream, Wanted
from compose2ecs.app.running import Place, Running
from compose2ecs.aws.errors import make
from compose2ecs.plan import tags

Body = dict[str, Any]
START = 1_700_000_000_000  # milliseconds since 1970


class Written(NamedTuple):
    """A line: when it was written, and how many milliseconds later CloudWatch shows it."""

    at: int
    lag: int
    stream: str
    text: str


class FakeLogs:
    """One log group in which each line has an id, and is seen no sooner than it has come."""

    def __init__(self, lines: Sequence[Written], clock: FakeClock) -> None:
        self.lines = list(lines)
        self.clock = clock
        self.asked: list[Body] = []
        self.groups = {"p", "shared"}

    def seen(self) -> list[tuple[int, Written]]:
        now = self.clock.wall() * 1000
        found = [(n, one) for n, one in enumerate(self.lines) if one.at + one.lag <= now]
        return sorted(found, key=lambda pair: pair[1].at)

    def events(
        self,
        group: str,
        *,
        streams: Sequence[str] = (),
        prefix: str | None = None,
        start: int | None = None,
        end: int | None = None,
        pattern: str | None = None,
    ) -> Iterator[Body]:
        self.asked.append({"group": group, "prefix": prefix, "start": start})
        if group not in self.groups:
            raise make("logs", "FilterLogEvents", "ResourceNotFoundException")
        for number, one in self.seen():
            named = not streams or one.stream in streams
            if named and one.at >= (start or 0) and one.stream.startswith(prefix or ""):
                yield {
                    "timestamp": one.at,
                    "logStreamName": one.stream,
                    "message": one.text + "\n",
                    "eventId": str(number),
                }

    def last(self, group: str, stream: str, number: int) -> list[Body]:
        found = [
            {"timestamp": one.at, "message": one.text + "\n"}
            for _, one in self.seen()
            if one.stream == stream
        ]
        return found[-number:]


class FakeClock:
    def __init__(self) -> None:
        self.time = START / 1000

    def now(self) -> float:
        return self.time

    wall = now

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class FakeTasks:
    """What AWS knows of tasks by their ids; what it has forgotten is missing."""

    def __init__(self, stacks: dict[str, str]) -> None:
        self.stacks = stacks
        self.asked: list[list[str]] = []

    def tasks(self, cluster: str, ids: Sequence[str]) -> list[Body]:
        self.asked.append(list(ids))
        return [
            {
                "taskArn": f"arn:aws:ecs:r:1:task/qa/{id_}",
                "tags": tags.to_ecs({tags.PROJECT: "p", tags.STACK: self.stacks[id_]}),
            }
            for id_ in ids
            if id_ in self.stacks
        ]


class FakeWorld(NamedTuple):
    ecs: FakeTasks
    logs: FakeLogs


PLACE = Place("p", "p", "qa", "r", None, "p-", {}, {}, frozenset(), {}, {})
WEB = Source("web", "web", "p", "r", "web/web")
DB = Source("db", "db", "p", "r", "db/db")
SHARED = Source("web", "web", "shared", "r", "web/web")
STREAMS = (Stream(WEB, "web/web/1", "1"), Stream(DB, "db/db/2", "2"))


def setting(
    lines: Sequence[Written], stacks: dict[str, str] | None = None
) -> tuple[Running, FakeLogs, FakeClock]:
    clock = FakeClock()
    fake = FakeLogs(lines, clock)
    world = cast("Any", FakeWorld(FakeTasks(stacks or {}), fake))
    return Running(PLACE, cast("Any", None), world, clock, clock.wall), fake, clock


def texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines]


def follow(reader: Reader, clock: FakeClock, ticks: int) -> list[Line]:
    found = []
    for _ in range(ticks):
        clock.sleep(TICK)
        found += reader.new()
    return found


# ---------------------------------------------------------------------------- properties

# 60 ticks are 120 seconds; what is written in them may come up to LAG later
WRITTEN = st.lists(
    st.builds(
        Written,
        st.integers(START - 90_000, START + 120_000),
        st.integers(0, LAG),
        st.sampled_from(["web/web/1", "db/db/2", "web/web/9"]),
        st.sampled_from(["a", "b"]),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(WRITTEN)
def test_since_and_follow_show_every_line_once(lines: list[Written]) -> None:
    running, _, clock = setting(lines)
    reader = Reader(running, Wanted((WEB, DB), STREAMS, (), 0))
    found = reader.since(START - 60_000)
    found += follow(reader, clock, 90)
    wanted = [one for one in lines if one.at >= START - 60_000]
    assert Counter((line.time, line.text) for line in found) == Counter(
        (one.at, one.text) for one in wanted
    )


@settings(max_examples=60, deadline=None)
@given(WRITTEN, st.integers(1, 5))
def test_tail_and_follow_show_what_the_tail_did_not_cut(lines: list[Written], number: int) -> None:
    lines = [one for one in lines if one.stream != "web/web/9"]
    running, fake, clock = setting(lines)
    reader = Reader(running, Wanted((WEB, DB), STREAMS, (), 0))
    now = [one for _, one in fake.seen()]
    found = reader.tail(number)
    cut: Counter[tuple[int, str]] = Counter()
    for stream in ("web/web/1", "db/db/2"):
        mine = [one for one in now if one.stream == stream]
        cut += Counter((one.at, stream) for one in mine[:-number])
        assert texts([line for line in found if f"/{line.task}" in stream]) == [
            one.text for one in mine[-number:]
        ]
    found += follow(reader, clock, 90)
    shown = Counter((line.time, f"{line.service}/{line.service}/{line.task}") for line in found)
    every = Counter((one.at, one.stream) for one in lines)
    missing = every - shown
    assert not shown - every  # nothing twice
    first = {
        stream: min(
            (one.at for one in [one for one in now if one.stream == stream][-number:]), default=0
        )
        for stream in ("web/web/1", "db/db/2")
    }
    for at, stream in missing - cut:
        assert at <= first[stream]  # late, and older than what the tail begins with


# ---------------------------------------------------------------------------- cases


def test_a_line_that_comes_late_is_shown_late() -> None:
    lines = [
        Written(START - 1000, 0, "web/web/1", "one"),
        Written(START - 2000, 9000, "db/db/2", "late"),
        Written(START + 4000, 0, "web/web/1", "two"),
    ]
    running, _, clock = setting(lines)
    reader = Reader(running, Wanted((WEB, DB), STREAMS, (), 0))
    assert texts(reader.tail(10)) == ["one"]
    assert texts(follow(reader, clock, 10)) == ["two", "late"]


def test_a_line_that_comes_as_late_as_can_be_while_others_go_on() -> None:
    lines = [Written(START + n * 500, 0, "web/web/1", "tick") for n in range(120)]
    lines.append(Written(START + 10_000, LAG, "db/db/2", "late"))
    running, _, clock = setting(lines)
    reader = Reader(running, Wanted((WEB, DB), STREAMS, (), 0))
    reader.tail(1)
    assert texts(follow(reader, clock, 30)).count("late") == 1


def test_what_the_tail_cut_off_does_not_come_back() -> None:
    lines = [Written(START - 1000, 0, "web/web/1", text) for text in "abc"]
    running, _, clock = setting(lines)
    reader = Reader(running, Wanted((WEB,), STREAMS[:1], (), 0))
    assert texts(reader.tail(1)) == ["c"]
    assert follow(reader, clock, 3) == []


def test_equal_lines_are_as_many_as_they_are() -> None:
    lines = [Written(START - 1000, lag, "web/web/1", "tick") for lag in (0, 0, 5000)]
    running, _, clock = setting(lines)
    reader = Reader(running, Wanted((WEB,), STREAMS[:1], (), 0))
    assert texts(reader.tail(10)) == ["tick", "tick"]
    assert texts(follow(reader, clock, 5)) == ["tick"]


def test_a_clock_that_goes_wrong_in_one_container_hides_no_other() -> None:
    lines = [
        Written(START + 7_200_000, -7_200_000, "db/db/2", "from the future"),
        Written(START + 5000, 1000, "web/web/1", "now"),
    ]
    running, _, clock = setting(lines)
    reader = Reader(running, Wanted((WEB, DB), STREAMS, (), 0))
    assert texts(reader.tail(10)) == ["from the future"]
    assert texts(follow(reader, clock, 20)) == ["now"]


def test_tail_of_since_counts_by_container() -> None:
    lines = [Written(START - 10_000 + n, 0, "web/web/1", f"w{n}") for n in range(5)]
    lines += [Written(START - 10_000 + n, 0, "db/db/2", f"d{n}") for n in range(2)]
    running, _, _ = setting(lines)
    reader = Reader(running, Wanted((WEB, DB), STREAMS, (), 0))
    assert texts(reader.since(START - 20_000, 2)) == ["d0", "d1", "w3", "w4"]


def test_a_tail_of_nothing_reads_nothing() -> None:
    running, fake, clock = setting([Written(START - 100_000, 0, "web/web/1", "old")])
    reader = Reader(running, Wanted((WEB,), STREAMS[:1], (), 0))
    assert reader.tail(0) == []
    assert fake.asked == []
    assert follow(reader, clock, 3) == []


def test_a_task_that_starts_while_one_follows_is_followed() -> None:
    running, _, clock = setting([Written(START + 3000, 100, "web/web/7", "new task")])
    reader = Reader(running, Wanted((WEB,), STREAMS[:1], (), 0))
    reader.tail(10)
    (line,) = follow(reader, clock, 5)
    assert (line.service, line.task, line.text) == ("web", "7", "new task")


def test_another_stack_in_the_same_group_is_not_shown() -> None:
    lines = [
        Written(START - 1000, 0, "web/web/ours", "ours"),
        Written(START - 1000, 0, "web/web/theirs", "theirs"),
        Written(START - 1000, 0, "web/web/forgotten", "nobody knows"),
        Written(START - 1000, 0, "other/web/ours", "another prefix"),
    ]
    running, _, clock = setting(lines, {"ours": "p", "theirs": "q"})
    reader = Reader(running, Wanted((SHARED,), (), (), 0))
    assert texts(reader.since(START - 5000)) == ["ours"]
    assert follow(reader, clock, 3) == []
    asked = cast("Any", running.world.ecs).asked
    assert asked == [["forgotten", "ours", "theirs"]]  # once


def test_a_group_that_is_not_there_yet() -> None:
    running, fake, clock = setting([])
    fake.groups.clear()
    said: list[str] = []
    lines = logs(running, Wanted((WEB,), (), ("a note",), 0), start=START, say=said.append)
    assert list(lines) == []
    assert said == ["a note", "there is no log group p yet"]
    reader = Reader(running, Wanted((WEB,), (), (), 0))
    assert reader.since(START) == []
    fake.groups.add("p")
    fake.lines.append(Written(START + 1000, 0, "web/web/1", "there"))
    assert texts(follow(reader, clock, 3)) == ["there"]
    assert reader.missing == set()


def test_other_errors_are_not_swallowed() -> None:
    from compose2ecs.plan.errors import AwsError

    running, fake, _ = setting([])

    def denied(*_: Any, **__: Any) -> Iterator[Body]:
        raise make("logs", "FilterLogEvents", "AccessDeniedException")

    fake.events = denied  # type: ignore[method-assign]
    with pytest.raises(AwsError, match="AccessDenied"):
        Reader(running, Wanted((WEB,), (), (), 0)).since(START)


def test_each_look_reaches_back_no_further_than_it_must() -> None:
    lines = [Written(START + n * 1000, 0, "web/web/1", str(n)) for n in range(200)]
    running, fake, clock = setting(lines)
    reader = Reader(running, Wanted((WEB,), STREAMS[:1], (), 0))
    reader.since(START - 3_600_000)
    follow(reader, clock, 100)
    assert all(one["start"] >= START - 60_000 for one in fake.asked[2:])
    assert fake.asked[-1]["start"] >= START + 100_000
    assert len(reader._shown) < 120  # only what may come again is remembered
