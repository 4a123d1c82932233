"""Reads lines of CloudWatch: each once and none left out, however late it comes.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from compose2ecs.app.running import Running, task_id
from compose2ecs.plan import tags
from compose2ecs.plan.errors import AwsError
from compose2ecs.plan.observe import Together

Body = dict[str, Any]

LAG = 30_000  # milliseconds after which CloudWatch shows a line at the latest
_OVERLAP = LAG + 15_000  # how far each look reaches back: some time passes between two of them
_ALONE = 3  # so many kinds of streams of one group are asked for one by one


class Line(NamedTuple):
    """One line that a container wrote: when, in milliseconds since 1970."""

    time: int
    service: str
    task: str
    text: str


class Source(NamedTuple):
    """Where one container of a service writes to: streams `prefix/TASK` of a log group. Without a
    prefix a stream is called by the container's id on its instance."""

    service: str
    container: str
    group: str
    region: str
    prefix: str | None


class Stream(NamedTuple):
    """The stream of one container of one task."""

    source: Source
    name: str
    task: str


class Wanted(NamedTuple):
    """What to show: the sources, the tasks that run or ran lately, and what there is to say of
    containers whose logs are elsewhere. `began` is when the first of the tasks was made, in
    milliseconds since 1970."""

    sources: tuple[Source, ...]
    streams: tuple[Stream, ...]
    notes: tuple[str, ...]
    began: int


class Reads(Protocol):
    """What is asked of CloudWatch."""

    def events(
        self,
        group: str,
        *,
        streams: Sequence[str] = (),
        prefix: str | None = None,
        start: int | None = None,
        end: int | None = None,
        pattern: str | None = None,
    ) -> Iterator[Body]: ...

    def last(self, group: str, stream: str, number: int) -> list[Body]: ...


def logs_of(running: Running, region: str) -> Reads:
    """CloudWatch of a region: containers may write to another one than they run in."""
    from compose2ecs.aws.session import Account

    account = running.account
    if region == running.place.region or not isinstance(account, Account):
        return running.world.logs
    from compose2ecs.aws.logs import Logs

    return Logs(Account(account.where._replace(region=region), clock=account.clock))


class Reader:
    """Reads the wanted streams: first what is there, then, again and again, what is new.

    No line is given twice and none is left out, in whatever order CloudWatch comes to show them, as
    long as it does so within `LAG` milliseconds. `exact` looks at the streams that are named and at
    no others: a hundred at most.
    """

    def __init__(self, running: Running, what: Wanted, *, exact: bool = False) -> None:
        self._running = running
        self._what = what
        self._exact = exact
        self._by_name = {(one.source.group, one.name): one for one in what.streams}
        self._known: dict[str, bool] = {one.task: True for one in what.streams}  # ours or not
        self._shown: dict[str, int] = {}  # ids of lines that were given, by time
        self._tails: dict[tuple[str, str], _Tail] = {}
        self._newest = 0
        self._start = 0  # nothing before is looked for
        self.missing: set[str] = set()  # log groups that are not there
        self._logs = {one.region: logs_of(running, one.region) for one in what.sources}

    def tail(self, number: int) -> list[Line]:
        """The last lines of each stream."""
        with Together() as at_once:
            reading = [
                (one, at_once.start(self._last, one, number))
                for one in self._what.streams
                if number
            ]
            answers = [(one, answer()) for one, answer in reading]
        lines: list[list[Line]] = []
        for stream, events in answers:
            self._tails[stream.source.group, stream.name] = _Tail(
                events, full=len(events) >= number
            )
            lines.append([self._line(stream, event) for event in events])
        found = merge(lines)
        self._newest = max((line.time for line in found), default=0)
        now = int(self._running.wall() * 1000)
        self._start = (min(self._newest, now) or now) - _OVERLAP
        return found

    def _last(self, stream: Stream, number: int) -> list[Body]:
        return self._logs[stream.source.region].last(stream.source.group, stream.name, number)

    def since(self, start: int, number: int | None = None) -> list[Line]:
        """All lines from then on, or the last ones of each stream."""
        self._start = start
        found = self.new()
        if number is None:
            return found
        kept: dict[tuple[str, str], deque[Line]] = {}
        for line in found:
            kept.setdefault((line.service, line.task), deque(maxlen=number)).append(line)
        return merge(kept.values())

    def new(self) -> list[Line]:
        """The lines that were not given yet, in the order of time."""
        now = int(self._running.wall() * 1000)
        start = max(self._start, min(self._newest, now) - _OVERLAP) if self._newest else self._start
        events: list[tuple[Source, Body]] = []
        for region, group, prefix in queries(self._what.sources, whole=self._exact):
            events += self._events(region, group, prefix, start)
        self._learn(
            {
                task
                for source, event in events
                if not self._exclusive(source) and (task := _task_in(source, event)) is not None
            }
        )
        fresh = (self._fresh(source, event) for source, event in events)
        found = sorted((line for line in fresh if line is not None), key=lambda line: line.time)
        self._newest = max((self._newest, *(line.time for line in found)))
        old = min(self._newest, now) - 2 * _OVERLAP
        self._shown = {id_: at for id_, at in self._shown.items() if at >= old}
        return found

    def _events(
        self, region: str, group: str, prefix: str | None, start: int
    ) -> Iterator[tuple[Source, Body]]:
        names = [one.name for one in self._what.streams if one.source.group == group]
        chosen: dict[str, Any] = {"streams": names} if self._exact else {"prefix": prefix}
        try:
            for event in self._logs[region].events(group, **chosen, start=start or None):
                source = self._source_of(region, group, str(event.get("logStreamName")))
                if source is not None:
                    yield source, event
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                raise
            self.missing.add(group)
            return
        self.missing.discard(group)

    def _source_of(self, region: str, group: str, stream: str) -> Source | None:
        known = self._by_name.get((group, stream))
        if known is not None:
            return known.source
        head = stream.rpartition("/")[0]
        for source in self._what.sources:
            if (source.region, source.group, source.prefix) == (region, group, head):
                return source
        return None

    def _learn(self, ids: set[str]) -> None:
        """Find out whether tasks are the stack's, where others write to the same group and call
        their streams alike."""
        unknown = sorted(ids - self._known.keys())
        if not unknown:
            return
        place = self._running.place
        self._known.update(dict.fromkeys(unknown, False))  # what AWS has forgotten nobody can tell
        for task in self._running.world.ecs.tasks(place.cluster, unknown):
            self._known[task_id(task)] = tags.is_of(tags.of_ecs(task), place.project, place.stack)

    def _exclusive(self, source: Source) -> bool:
        """Whether nobody else writes to a source's group: it has the stack's name."""
        return source.group == self._running.place.stack

    def _fresh(self, source: Source, event: Body) -> Line | None:
        """A line, unless it was given already or is none of ours."""
        name, id_ = str(event.get("logStreamName")), str(event.get("eventId"))
        task = _task_in(source, event)
        if task is not None and not self._exclusive(source) and not self._known[task]:
            return None
        if id_ in self._shown:
            return None
        self._shown[id_] = int(event["timestamp"])
        tail = self._tails.get((source.group, name))
        if tail is not None and tail.had(event):
            return None
        known = self._by_name.get((source.group, name))
        return self._line(known or Stream(source, name, task or name), event)

    def _line(self, stream: Stream, event: Body) -> Line:
        text = str(event.get("message", "")).rstrip("\r\n")
        return Line(int(event["timestamp"]), stream.source.service, stream.task, text)


def _task_in(source: Source, event: Mapping[str, Any]) -> str | None:
    """The task that a stream's name tells of."""
    if source.prefix is None:
        return None
    return str(event.get("logStreamName")).rpartition("/")[2]


class _Tail:
    """The lines of a stream that were read without ids: which ones come again."""

    def __init__(self, events: Sequence[Body], *, full: bool) -> None:
        self._left = Counter((int(event["timestamp"]), event.get("message")) for event in events)
        self._first = min((at for at, _ in self._left), default=0) if full else 0

    def had(self, event: Body) -> bool:
        """Whether a line was among them, or is one of those before."""
        at = int(event["timestamp"])
        if at < self._first:
            return True
        key = (at, event.get("message"))
        if self._left[key] > 0:
            self._left[key] -= 1
            return True
        return at == self._first  # cut off in the middle of a millisecond


def merge(streams: Iterable[Iterable[Line]]) -> list[Line]:
    """Lines of several streams in the order of time; each stream is in its own order already.

    >>> one, two = Line(1, "a", "t", "x"), Line(2, "b", "t", "y")
    >>> merge([[two], [one]]) == [one, two]
    True
    """
    return list(heapq.merge(*streams, key=lambda line: line.time))


def queries(sources: Iterable[Source], *, whole: bool = False) -> list[tuple[str, str, str | None]]:
    """What is asked for: regions, groups and beginnings of streams' names.

    A group whose streams are of many kinds is read as a whole, because CloudWatch answers few calls
    a second. `whole` does so with all groups.
    """
    by_group: dict[tuple[str, str], list[str | None]] = {}
    for source in sources:
        kinds = by_group.setdefault((source.region, source.group), [])
        if source.prefix not in kinds:
            kinds.append(source.prefix)
    found: list[tuple[str, str, str | None]] = []
    for (region, group), kinds in by_group.items():
        if whole or None in kinds or len(kinds) > _ALONE:
            found.append((region, group, None))
        else:
            found += [(region, group, f"{kind}/") for kind in kinds]
    return found
