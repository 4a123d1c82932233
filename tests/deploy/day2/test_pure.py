"""What needs no AWS: words, tables, and the order of lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from compose2ecs.app.logs import since
from compose2ecs.app.ps import death_of, status_of
from compose2ecs.app.reached import urls_of
from compose2ecs.app.reader import Line, Source, merge, queries
from compose2ecs.app.rows import (
    Container,
    Death,
    Listed,
    Once,
    Reached,
    Row,
    as_data,
    table,
)
from compose2ecs.app.scale import wanted_counts
from tests.conftest import ROOT

Body = dict[str, Any]


# ---------------------------------------------------------------------------- one word for a service


def body(
    running: int,
    desired: int,
    *,
    pending: int = 0,
    state: str = "COMPLETED",
    older: bool = False,
    failed: int = 0,
    event: str = "",
    status: str = "ACTIVE",
) -> Body:
    deployments: list[Body] = [{"status": "PRIMARY", "rolloutState": state, "failedTasks": failed}]
    if older:
        deployments.append({"status": "ACTIVE", "rolloutState": "COMPLETED"})
    return {
        "status": status,
        "runningCount": running,
        "desiredCount": desired,
        "pendingCount": pending,
        "deployments": deployments,
        "events": [{"message": event}] if event else [],
    }


NO_ROOM = "(service p-web) was unable to place a task because no container instance met all"


@pytest.mark.parametrize(
    ("service", "targets", "word"),
    [
        (body(2, 2), None, "steady"),
        (body(2, 2), {"healthy": 2}, "steady"),
        (body(2, 2), {"healthy": 2, "draining": 1}, "steady"),
        (body(2, 2), {"healthy": 1, "unhealthy": 1}, "failing"),
        (body(2, 2, state="IN_PROGRESS"), None, "deploying"),
        (body(2, 2, older=True), None, "deploying"),
        (body(2, 2, state="IN_PROGRESS", failed=1), None, "failing"),
        (body(2, 2, state="FAILED"), None, "failing"),
        (body(1, 2, pending=1), None, "scaling"),
        (body(3, 2), None, "scaling"),
        (body(1, 2), None, "failing"),
        (body(1, 2, pending=1, event=NO_ROOM), None, "failing"),
        (body(0, 0), None, "stopped"),
        (body(1, 0, status="DRAINING"), None, "removing"),
    ],
)
def test_status(service: Body, targets: Mapping[str, int] | None, word: str) -> None:
    assert status_of(service, targets) == word


# ---------------------------------------------------------------------------- how tasks ended


def ended(at: float, reason: str, code: str, exit_code: int | None = None) -> Body:
    return {
        "taskArn": f"arn:aws:ecs:r:1:task/qa/{at:.0f}",
        "stoppedAt": at,
        "stoppedReason": reason,
        "stopCode": code,
        "containers": [
            {"name": "web", **({"exitCode": exit_code} if exit_code is not None else {})},
            {"name": "side", "exitCode": 0},
        ],
    }


def test_a_death_is_the_last_that_nobody_asked_for() -> None:
    stopped = [
        ended(5, "Essential container in task exited", "EssentialContainerExited", 137),
        ended(3, "Task failed ELB health checks in (x)", "ServiceSchedulerInitiated"),
        ended(9, "Scaling activity initiated by (deployment 1)", "ServiceSchedulerInitiated", 143),
        ended(8, "stopped by hand", "UserInitiated"),
    ]
    assert death_of(stopped) == Death(
        "5", 5, "Essential container in task exited", (("web", 137, ""),), 2
    )
    assert death_of(stopped[2:]) is None
    going = {**stopped[0], "taskArn": "x/going", "stoppedAt": None, "stoppingAt": 11}
    assert death_of([*stopped, going]) == Death(
        "going", 11, "Essential container in task exited", (("web", 137, ""),), 3
    )
    assert death_of([]) is None


# ---------------------------------------------------------------------------- the table


WEB = Row(
    "web",
    "p-web",
    "p-web:12",
    2,
    2,
    0,
    "steady",
    (
        Container("cache", "cache", "redis:7"),
        Container("web", "web", "1.dkr.ecr.eu-west-1.amazonaws.com/p-web:3f2a"),
    ),
    {"healthy": 2},
    ("https://p.example.com/", "https://p.example.com/admin"),
)
DB = Row(
    "db",
    "p-db",
    "p-db:3",
    0,
    1,
    1,
    "deploying",
    (Container("db", "db", "postgres:16"),),
    reached=(
        Reached("db", 5432, "tcp", "10.0.0.7", 32768, "198.51.100.1"),
        Reached("exporter", 9187, "tcp", "i-1", 32769),
    ),
    event="(service p-db) has started 1 tasks: (task abc).",
    death=Death("0123456789abcdef", 880.0, "Task failed to start", (("db", None, "no image"),)),
    note="the last `up` put revision 4 there: it was rolled back, or set by hand",
)
TABLE = """\
SERVICE  REVISION  TASKS  STATUS     IMAGE        TARGETS    REACHED AT
db       p-db:3    0/1    deploying  postgres:16  -          10.0.0.7:32768->5432/tcp (public 198.51.100.1)
                                                             i-1:32769->9187/tcp (exporter)
web      p-web:12  2/2    steady     p-web:3f2a   2 healthy  https://p.example.com/
  cache                              redis:7                 https://p.example.com/admin

db: (service p-db) has started 1 tasks: (task abc).
  the last `up` put revision 4 there: it was rolled back, or set by hand
  1 task stopped within the last hour, task 01234567 2 minutes ago: Task failed to start
  container db: did not start (no image)

web: running once, task feedbeef, started 1 minute ago"""


def test_table() -> None:
    once = Once("web", "feedbeefcafe", "running", 930.0)
    assert "\n".join(table(Listed((DB, WEB), (once,), ()), 1000.0)) == TABLE
    assert table(Listed((), (), ()), 0) == []


def test_data_is_plain() -> None:
    import json

    data = json.loads(json.dumps(as_data(Listed((DB, WEB), (), ("a note",)))))
    assert data["notes"] == ["a note"]
    db, web = data["services"]
    assert web["targets"] == {"healthy": 2}
    assert web["death"] is None
    assert db["targets"] is None
    assert db["death"]["at"] == "1970-01-01T00:14:40+00:00"
    assert db["death"]["containers"] == [{"name": "db", "exit_code": None, "reason": "no image"}]
    assert db["reached"][0]["public"] == "198.51.100.1"


def rule(**conditions: list[str]) -> Body:
    names = {"host": "host-header", "path": "path-pattern"}
    configs = {"host": "HostHeaderConfig", "path": "PathPatternConfig"}
    return {
        "Conditions": [
            {"Field": names[key], configs[key]: {"Values": values}}
            for key, values in conditions.items()
        ]
    }


@pytest.mark.parametrize(
    ("conditions", "protocol", "port", "urls"),
    [
        ({"host": ["a.example.com"]}, "HTTPS", 443, ["https://a.example.com/"]),
        ({"host": ["a.example.com", "b.example.com"]}, "HTTP", 8080,
         ["http://a.example.com:8080/", "http://b.example.com:8080/"]),
        ({"host": ["*.example.com"]}, "HTTP", 80, []),
        ({"path": ["/api", "/api/*"]}, "HTTP", 80, ["http://lb/api"]),
        ({}, "TCP", 5432, ["tcp://lb:5432"]),
        ({}, "TCP_UDP", 53, ["tcp_udp://lb:53"]),
    ],
)  # fmt: skip
def test_urls(conditions: Any, protocol: str, port: int, urls: list[str]) -> None:
    assert urls_of(rule(**conditions), {"Protocol": protocol, "Port": port}, "lb") == urls


# ---------------------------------------------------------------------------- numbers and times


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10m", 400),
        ("1h", -2600),
        ("1m30s", 910),
        ("0.5s", 999.5),
        ("250ms", 999.75),
        ("2d", -171800),
        ("1w", -603800),
        (" 10s ", 990),
        ("1700000000", 1700000000),
        ("2026-01-02", 1767312000),
        ("2026-01-02 03:04", 1767323040),
        ("2026-01-02T03:04:05.250Z", 1767323045.25),
        ("2026-01-02T03:04:05+01:00", 1767319445),
    ],
)
def test_since(text: str, seconds: float) -> None:
    assert since(text, 1000) == int(seconds * 1000)


@pytest.mark.parametrize("text", ["", "10", "10x", "m", "yesterday", "2026-13-01", "-5m", "1h 5m"])
def test_since_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="neither a span"):
        since(text, 1000)


@pytest.mark.parametrize(
    ("texts", "counts"),
    [(["web=2", "db=0"], {"web": 2, "db": 0}), (["web=2", "web=2"], {"web": 2})],
)
def test_counts(texts: list[str], counts: dict[str, int]) -> None:
    assert wanted_counts(texts) == counts


@pytest.mark.parametrize(
    "texts",
    [["web"], ["web="], ["=2"], ["web=-1"], ["web=two"], ["web=²"], ["web=5001"], ["a=1", "a=2"]],
)
def test_counts_that_are_none(texts: list[str]) -> None:
    with pytest.raises(ValueError, match=r"SERVICE=NUMBER|5000|two numbers"):
        wanted_counts(texts)


# ---------------------------------------------------------------------------- lines


def line(time: int, service: str, text: str = "") -> Line:
    return Line(time, service, "t", text or f"{service}{time}")


def test_merge_keeps_each_streams_own_order() -> None:
    one = [line(1, "a"), line(5, "a", "first"), line(5, "a", "second")]
    two = [line(2, "b"), line(5, "b"), line(9, "b")]
    merged = merge([one, two])
    assert [entry.time for entry in merged] == [1, 2, 5, 5, 5, 9]
    assert [entry for entry in merged if entry.service == "a"] == one
    assert [entry for entry in merged if entry.service == "b"] == two


def source(service: str, group: str = "p", prefix: str | None = "", region: str = "r") -> Source:
    prefix = f"{service}/{service}" if prefix == "" else prefix
    return Source(service, service, group, region, prefix)


def test_few_kinds_of_streams_are_asked_for_one_by_one_and_many_at_once() -> None:
    few = [source("a"), source("b"), source("a"), source("c", "other")]
    assert queries(few) == [("r", "p", "a/a/"), ("r", "p", "b/b/"), ("r", "other", "c/c/")]
    assert queries(few, whole=True) == [("r", "p", None), ("r", "other", None)]
    assert queries([source(name) for name in "abcd"]) == [("r", "p", None)]
    assert queries([source("a"), source("b", prefix=None)]) == [("r", "p", None)]
    assert queries([source("a"), source("a", region="s")]) == [
        ("r", "p", "a/a/"),
        ("s", "p", "a/a/"),
    ]


# ---------------------------------------------------------------------------- the page


def documented() -> Listed:
    db = Row("db", "shop-db", "shop-db:3", 1, 1, 0, "steady", (Container("db", "db", "db:16"),))
    web = WEB._replace(
        name="shop-web",
        revision="shop-web:12",
        containers=(Container("web", "web", "web:3f2a"), Container("cache", "cache", "redis:7")),
        urls=("https://shop.qa.example.com/",),
    )
    worker = Row(
        "worker",
        "shop-worker",
        "shop-worker:4",
        0,
        1,
        1,
        "failing",
        (Container("worker", "worker", "worker:9"),),
        event="(service shop-worker) has started 1 tasks: (task 0bc7...).",
        death=Death(
            "d33b14be4711",
            988.0,
            "Essential container in task exited",
            (("worker", 3, ""),),
            7,
        ),
    )
    return Listed((db, web, worker), (), ())


def test_the_table_in_the_page_is_what_is_printed() -> None:
    page = (ROOT / "docs/day-two.md").read_text()
    lines = [f"    {line}".rstrip() for line in table(documented(), 1000.0)]
    assert "\n".join(lines) in page
