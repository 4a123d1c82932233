"""What `ps` shows: services as rows, and rows as text or as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from compose2ecs.app.running import SHORT, ago, counted


class Container(NamedTuple):
    """A container of a service's tasks: the Compose service that it is, and its image."""

    service: str
    name: str
    image: str


class Reached(NamedTuple):
    """Where a container's port is reached without a load balancer. `host` is an instance's id where
    its address could not be read."""

    service: str
    container_port: int
    protocol: str
    host: str
    port: int
    public: str | None = None


class Death(NamedTuple):
    """How a task lately came to an end that nobody asked for; `number` of them did, this one last."""

    task: str
    at: float
    reason: str
    containers: tuple[tuple[str, int | None, str], ...]  # name, exit code, reason
    number: int = 1


class Row(NamedTuple):
    """One ECS service."""

    service: str
    name: str
    revision: str
    running: int
    desired: int
    pending: int
    status: str
    containers: tuple[Container, ...] = ()
    targets: Mapping[str, int] | None = None  # state to number; None without a load balancer
    urls: tuple[str, ...] = ()
    reached: tuple[Reached, ...] = ()
    event: str = ""  # the last one, where it is not steady
    death: Death | None = None
    note: str = ""


class Once(NamedTuple):
    """A task that runs without a service: started by `run`, or by hand."""

    service: str
    task: str
    status: str
    started: float


class Listed(NamedTuple):
    """What `ps` shows, and what there is to say beside it."""

    rows: tuple[Row, ...]
    once: tuple[Once, ...]
    notes: tuple[str, ...]


# ---------------------------------------------------------------------------- text


def short_image(image: str) -> str:
    """An image without its registry; a digest is cut.

    >>> short_image("1.dkr.ecr.eu-west-1.amazonaws.com/shop/web:3f2a"), short_image("redis")
    ('web:3f2a', 'redis')
    >>> short_image("team/web@sha256:" + "0123456789abcdef" * 4)
    'web@sha256:0123456789ab'
    """
    name, at, digest = image.rpartition("/")[2].partition("@")
    return f"{name}@{digest[:19]}" if at else name


def targets_text(targets: Mapping[str, int] | None) -> str:
    """How the targets are: the healthy ones first.

    >>> targets_text({"draining": 1, "healthy": 2}), targets_text({}), targets_text(None)
    ('2 healthy, 1 draining', 'none', '-')
    """
    if targets is None:
        return "-"
    order = sorted(targets, key=lambda state: (state != "healthy", state != "unhealthy", state))
    return ", ".join(f"{targets[state]} {state}" for state in order) or "none"


_HEAD = ("SERVICE", "REVISION", "TASKS", "STATUS", "IMAGE", "TARGETS", "REACHED AT")


def table(listed: Listed, now: float) -> list[str]:
    """The services as text, one or more lines each, and below it what there is to say of those that
    are not well."""
    cells: list[tuple[str, ...]] = [_HEAD]
    for row in listed.rows:
        cells += _cells(row)
    lines = columns(cells) if listed.rows else []
    for row in listed.rows:
        said = list(remarks(row, now))
        if said:
            lines += ["", f"{row.service}: {said[0]}", *(f"  {text}" for text in said[1:])]
    if listed.once:
        lines.append("")
    for one in listed.once:
        since = ago(one.started, now) if one.started else "just now"
        lines.append(f"{one.service}: {one.status} once, task {one.task[:SHORT]}, started {since}")
    return lines


def _cells(row: Row) -> Iterator[tuple[str, ...]]:
    """A service's lines: its own container first, then those beside it, then further addresses."""
    own = next((one for one in row.containers if one.service == row.service), None)
    own = own or (row.containers[0] if row.containers else None)
    beside = [one for one in row.containers if one is not own]
    reached = [*row.urls, *(address_text(one, row) for one in row.reached)]
    yield (
        row.service,
        row.revision,
        f"{row.running}/{row.desired}",
        row.status,
        short_image(own.image) if own else "",
        targets_text(row.targets),
        reached[0] if reached else "-",
    )
    for index in range(max(len(beside), len(reached) - 1)):
        one = beside[index] if index < len(beside) else None
        yield (
            f"  {one.service}" if one else "",
            "",
            "",
            "",
            short_image(one.image) if one else "",
            "",
            reached[index + 1] if index + 1 < len(reached) else "",
        )


def address_text(one: Reached, row: Row) -> str:
    """`10.0.1.7:32768->80/tcp`, with the service where it is another container's."""
    inner = f"{one.container_port}/{one.protocol}"
    whose = "" if one.service == row.service else f" ({one.service})"
    public = f" (public {one.public})" if one.public else ""
    return f"{one.host}:{one.port}->{inner}{whose}{public}"


def remarks(row: Row, now: float) -> Iterator[str]:
    """What there is to say of a service that is not well."""
    if row.event:
        yield row.event
    if row.note:
        yield row.note
    death = row.death
    if death is None:
        return
    number = f"{counted(death.number, 'task')} stopped within the last hour"
    yield f"{number}, task {death.task[:SHORT]} {ago(death.at, now)}: {death.reason}"
    for name, code, reason in death.containers:
        how = "did not start" if code is None else f"exit code {code}"
        yield f"container {name}: {how}{f' ({reason})' if reason else ''}"


def columns(cells: Sequence[tuple[str, ...]]) -> list[str]:
    """Lines with their cells below each other.

    >>> columns([("a", "bc"), ("def", "g")])
    ['a    bc', 'def  g']
    """
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]


def as_data(listed: Listed) -> dict[str, Any]:
    """The same for programs."""
    return {
        "services": [_row_data(row) for row in listed.rows],
        "once": [{**one._asdict(), "started": _moment(one.started)} for one in listed.once],
        "notes": list(listed.notes),
    }


def _moment(seconds_: float) -> str | None:
    """A time as text."""
    from datetime import datetime, timezone

    if not seconds_:
        return None
    return datetime.fromtimestamp(seconds_, timezone.utc).isoformat(timespec="seconds")


def _row_data(row: Row) -> dict[str, Any]:
    data: dict[str, Any] = row._asdict()
    data["containers"] = [one._asdict() for one in row.containers]
    data["targets"] = None if row.targets is None else dict(row.targets)
    data["urls"] = list(row.urls)
    data["reached"] = [one._asdict() for one in row.reached]
    data["death"] = None
    if row.death is not None:
        data["death"] = {
            **row.death._asdict(),
            "at": _moment(row.death.at),
            "containers": [
                {"name": name, "exit_code": code, "reason": reason}
                for name, code, reason in row.death.containers
            ],
        }
    return data
