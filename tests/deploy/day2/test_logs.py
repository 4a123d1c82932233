"""`logs` against the sandbox: where lines are, and whose they are."""

from __future__ import annotations

from typing import Any

import pytest

from compose2ecs.app.logs import logs, wanted
from compose2ecs.app.reader import Line, logs_of
from compose2ecs.aws.logs import Logs
from compose2ecs.aws.session import Account
from compose2ecs.report import Compose2EcsError
from compose2ecs.sandbox import Sandbox
from tests.deploy.boxes import up
from tests.deploy.day2.stacks import SHOP, standing


def lines(box: Sandbox, text: str, *names: str, **how: Any) -> list[Line]:
    running = standing(box, text)
    return list(logs(running, wanted(running, names), **how))


def texts(found: list[Line]) -> list[tuple[str, str]]:
    return [(line.service, line.text) for line in found]


def test_all_services_in_one_order_of_time() -> None:
    with Sandbox() as box:
        box.behave("*web:1", output=("web one", "web two"))
        up(box, SHOP)
        found = lines(box, SHOP)
        assert sorted(texts(found)) == [
            ("cache", "cache started"),
            ("web", "web one"),
            ("web", "web two"),
            ("worker", "worker started"),
            ("worker", "worker started"),
        ]
        assert [line.time for line in found] == sorted(line.time for line in found)
        assert len({line.task for line in found if line.service == "worker"}) == 2
        assert box.clock.time() - 200 < found[0].time / 1000 < box.clock.time()


def test_services_that_are_named() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        assert texts(lines(box, SHOP, "cache")) == [("cache", "cache started")]
        assert {name for name, _ in texts(lines(box, SHOP, "web", "worker"))} == {"web", "worker"}
        with pytest.raises(Compose2EcsError, match="no service 'wbe'"):
            lines(box, SHOP, "wbe")


def test_the_task_that_stopped_last_has_its_say() -> None:
    with Sandbox() as box:
        box.behave("worker:*", exit_code=1, after=5, output=("starting", "cannot go on"))
        box.behave("worker:*", output=("well",), times=2)
        up(box, SHOP)
        for task in box.tasks("p-worker"):
            box.client("ecs").stop_task(cluster=box.cluster, task=task.arn)
        box.clock.advance(60)
        found = texts(lines(box, SHOP, "worker"))
        assert ("worker", "cannot go on") in found
        assert ("worker", "well") not in found  # the first two stopped before others did


def test_tail_since_and_everything() -> None:
    with Sandbox() as box:
        box.behave("worker:*", output=("1", "2", "3"))
        up(box, SHOP)
        assert [t for _, t in texts(lines(box, SHOP, "worker", number=2))] == ["2", "3"] * 2
        assert len(lines(box, SHOP, "worker", everything=True)) == 6
        began = int(box.clock.time() * 1000)
        said: list[str] = []
        assert lines(box, SHOP, "worker", start=began, say=said.append) == []
        assert said == ["nothing was written since then"]
        assert len(lines(box, SHOP, "worker", start=0)) == 6
        assert [t for _, t in texts(lines(box, SHOP, "worker", start=0, number=1))] == ["3", "3"]


def test_follow() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        running = standing(box, SHOP)
        going = logs(running, wanted(running, ["worker"]), follow=True)
        assert [next(going).text for _ in range(2)] == ["worker started"] * 2
        box.client("ecs").stop_task(cluster=box.cluster, task=box.tasks("p-worker")[0].arn)
        before = box.clock.time()
        line = next(going)  # of the task that took its place
        assert line.text == "worker started"
        assert line.task in {task.id for task in box.tasks("p-worker")}
        assert box.clock.time() - before < 60
        filtered = [call.request for call in box.calls if call.operation == "FilterLogEvents"]
        assert all(request["logStreamNamePrefix"] == "worker/worker/" for request in filtered)


def test_nobody_who_could_have_written() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.client("ecs").update_service(cluster="qa", service="p-worker", desiredCount=0)
        box.clock.advance(7200)
        said: list[str] = []
        assert lines(box, SHOP, "worker", say=said.append) == []
        assert said == [
            "no task runs, and none stopped within the last hour: --since finds older lines"
        ]
        assert len(lines(box, SHOP, "worker", start=0)) == 2


ELSEWHERE = """
services:
  web:
    image: "web:1"
    logging: {driver: splunk, options: {splunk-url: "https://s.example.com", splunk-token: t}}
  api: {image: "api:1", links: [web]}
"""


def test_logs_that_go_elsewhere_are_told() -> None:
    with Sandbox() as box:
        up(box, ELSEWHERE, listener="none")
        running = standing(box, ELSEWHERE)
        what = wanted(running)
        assert what.notes == ("web: its logs go to splunk, not to CloudWatch",)
        assert texts(list(logs(running, what))) == [("api", "api started")]
        said: list[str] = []
        assert lines(box, ELSEWHERE, "web", say=said.append) == []
        assert said == list(what.notes)


SHARED = "services: {web: {image: 'web:1'}}\nx-ecs: {logs: {group: everybody}}"


def test_another_stack_in_the_same_group() -> None:
    from compose2ecs import load
    from compose2ecs.app.running import open_running
    from compose2ecs.report import Report

    with Sandbox() as box:
        up(box, SHARED, listener="none")
        project = load(files={"compose.yaml": SHARED}, project_name="q", environment={})
        account = standing(box, SHARED).account
        assert isinstance(account, Account)
        other = open_running(project, {"cluster": box.cluster}, account, Report())
        with pytest.raises(Compose2EcsError, match="q has no services"):
            wanted(other)
        task = box.tasks("p-web")[0]
        box.client("logs").create_log_stream(
            logGroupName="everybody", logStreamName="web/web/0123456789abcdef"
        )
        box.client("logs").put_log_events(
            logGroupName="everybody",
            logStreamName="web/web/0123456789abcdef",
            logEvents=[{"timestamp": int(box.clock.time() * 1000), "message": "theirs"}],
        )
        found = lines(box, SHARED, start=0)
        assert [(line.task, line.text) for line in found] == [(task.id, "web started")]


REVISED = SHOP.replace('image: "worker:1"', 'image: "worker:2"').replace(
    "x-ecs: {roles", "x-ecs: {logs: {group: moved}, roles"
)


def test_tasks_of_another_revision_wrote_somewhere_else() -> None:
    with Sandbox() as box:
        box.behave("worker:1", output=("old",))
        box.behave("worker:2", output=("new",))
        up(box, SHOP)
        up(box, REVISED)
        assert sorted(texts(lines(box, REVISED, "worker"))) == [
            ("worker", "new"),
            ("worker", "new"),
            ("worker", "old"),
        ]


JOBS = """
services:
  web: {image: "web:1", depends_on: {migrate: {condition: service_completed_successfully}}}
  migrate: {image: "migrate:1", x-ecs: {job: once}}
"""


def test_what_runs_once() -> None:
    with Sandbox() as box:
        box.behave("migrate:*", exit_code=0, after=3, output=("migrated",))
        up(box, JOBS, listener="none", discovery="none")
        assert texts(lines(box, JOBS, "migrate")) == [("migrate", "migrated")]
        assert {name for name, _ in texts(lines(box, JOBS, "migrate", "web"))} == {"migrate", "web"}
        assert texts(lines(box, JOBS, "migrate", everything=True)) == [("migrate", "migrated")]
        box.clock.advance(7200)
        with pytest.raises(Compose2EcsError, match="no task of migrate runs"):
            lines(box, JOBS, "migrate")


def test_another_region() -> None:
    with Sandbox() as box:
        running = standing(box, SHOP)
        assert logs_of(running, box.region) is running.world.logs
        elsewhere = logs_of(running, "us-east-1")
        assert isinstance(elsewhere, Logs)
        account = elsewhere._aws
        assert isinstance(account, Account)
        assert account.where.region == "us-east-1"
