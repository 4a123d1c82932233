"""`run` against the sandbox: where the task is put, its lines, its end."""

from __future__ import annotations

from typing import Any

import pytest

from compose2ecs import Report, load, target, translate
from compose2ecs.app.run_once import Follow, Outcome, job_request, request, start
from compose2ecs.app.running import Running
from compose2ecs.plan.errors import AwsError, RefusedError, UnhealthyError
from compose2ecs.report import Compose2EcsError
from compose2ecs.sandbox import Sandbox
from tests.deploy.boxes import BoxClock, up
from tests.deploy.day2.stacks import SHOP, standing

Body = dict[str, Any]


def run(running: Running, key: str, *words: str, **environment: str) -> tuple[Follow, list[str]]:
    """Start a task and follow it to its end; the lines."""
    body, planned = request(running, key, words, environment)
    follow = Follow(running, start(running, body, planned))
    return follow, [line.text for line in follow.lines(lambda status: None)]


def sent(box: Sandbox) -> Body:
    (call,) = [call for call in box.calls if call.operation == "RunTask"]
    return call.request


# ---------------------------------------------------------------------------- what is sent


def test_the_request() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.forget()
        running = standing(box, SHOP)
        run(running, "cache", "redis-cli", "flushall", MODE="slow", X="1=2")
        body = sent(box)
        assert len(body.pop("clientToken")) == 32
        tags = {tag["key"]: tag["value"] for tag in body.pop("tags")}
        assert tags == {
            "compose2ecs:project": "p",
            "compose2ecs:stack": "p",
            "compose2ecs:service": "web",
        }
        assert body == {
            "cluster": "qa",
            "taskDefinition": box.service("p-web").body["taskDefinition"],
            "count": 1,
            "startedBy": "p/run",
            "launchType": "EC2",
            "overrides": {
                "containerOverrides": [
                    {
                        "name": "cache",
                        "command": ["redis-cli", "flushall"],
                        "environment": [
                            {"name": "MODE", "value": "slow"},
                            {"name": "X", "value": "1=2"},
                        ],
                    }
                ]
            },
        }


def test_nothing_is_overridden_that_nobody_asked_for() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.forget()
        run(standing(box, SHOP), "worker")
        assert "overrides" not in sent(box)


PLACED = """
services:
  web:
    image: "web:1"
    x-ecs: {placement: [{binpack: memory}], tags: {team: shop}}
    deploy: {placement: {constraints: ["node.labels.disk == ssd"]}}
x-ecs: {execute_command: true, roles: {task: ecsTaskRole, execution: ecsTaskExecutionRole}}
"""


def test_it_is_put_where_the_services_tasks_are() -> None:
    with Sandbox() as box:
        box.add_instance(attributes={"disk": "ssd"})
        up(box, PLACED, listener="none")
        box.forget()
        run(standing(box, PLACED), "web", "true")
        body = sent(box)
        assert body["placementStrategy"] == [{"type": "binpack", "field": "memory"}]
        assert body["placementConstraints"] == [
            {"type": "memberOf", "expression": "attribute:disk == ssd"}
        ]
        assert body["enableExecuteCommand"] is True
        assert {"key": "team", "value": "shop"} in body["tags"]


def test_fargate() -> None:
    with Sandbox() as box:
        up(box, SHOP, launch_type="FARGATE", discovery="none")
        box.forget()
        follow, lines = run(standing(box, SHOP), "worker", "true")
        body = sent(box)
        assert body["launchType"] == "FARGATE"
        network = body["networkConfiguration"]["awsvpcConfiguration"]
        assert network["subnets"] == box.subnets
        assert "placementStrategy" not in body
        assert lines == ["worker started"]
        assert follow.outcome() == Outcome(0)


def test_capacity_providers() -> None:
    with Sandbox() as box:
        text = SHOP + "\n"
        up(box, text, launch_type="FARGATE_SPOT", discovery="none")
        box.forget()
        run(standing(box, text), "worker", "true")
        body = sent(box)
        assert [one["capacityProvider"] for one in body["capacityProviderStrategy"]] == [
            "FARGATE_SPOT"
        ]
        assert "launchType" not in body


def test_what_does_not_fit() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        running = standing(box, SHOP)
        with pytest.raises(Compose2EcsError, match="8192"):
            request(running, "worker", ["x" * 9000])


def test_notes() -> None:
    text = SHOP.replace("    links: [cache]\n", "")  # so that they find each other by name
    with Sandbox() as box:
        up(box, SHOP)
        _, planned = request(standing(box, SHOP), "web")
        assert planned.notes == ("it runs with cache, which share its task",)
    with Sandbox() as box:
        up(box, text)
        _, planned = request(standing(box, text), "web")
        (note,) = planned.notes
        assert "Service Connect" in note


def test_a_disk_of_its_own() -> None:
    from compose2ecs.app.run_once import of_service
    from compose2ecs.app.running import Live, Part

    disk = {"volumeType": "gp3", "sizeInGiB": 10, "roleArn": "r"}
    body = {
        "taskDefinition": "arn:x:task-definition/p-db:1",
        "launchType": "EC2",
        "deployments": [
            {
                "status": "PRIMARY",
                "volumeConfigurations": [{"name": "data", "managedEBSVolume": disk}],
            }
        ],
    }
    with Sandbox() as box:
        place = standing(box, SHOP).place
    found = of_service(place, Part("db", Live("db", "p-db", body), "db"), {})
    assert found["volumeConfigurations"] == [
        {
            "name": "data",
            "managedEBSVolume": {**disk, "terminationPolicy": {"deleteOnTermination": True}},
        }
    ]


# ---------------------------------------------------------------------------- to its end


@pytest.mark.parametrize("code", [0, 1, 42, 255])
def test_its_exit_code(code: int) -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.behave("worker:*", exit_code=code, after=30, output=("one", "two"))
        follow, lines = run(standing(box, SHOP), "worker", "x")
        assert lines == ["one", "two"]
        assert follow.outcome() == Outcome(code)
        assert follow.elsewhere == ""


def test_an_exit_code_that_no_process_can_have() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.behave("worker:*", exit_code=3221225786, after=1)
        follow, _ = run(standing(box, SHOP), "worker", "x")
        assert follow.outcome().code == 1


def test_a_container_beside_that_ends_first() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.behave("redis:*", exit_code=3, after=2)
        box.world.pace.job = 600
        follow, _ = run(standing(box, SHOP), "web", "x")
        outcome = follow.outcome()
        assert outcome.code == 143
        assert outcome.reason == "cache ended with exit code 3"


def test_lines_come_as_they_are_written_and_the_last_ones_too() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.behave("worker:*", exit_code=0, after=20, output=("early",))
        running = standing(box, SHOP)
        body, planned = request(running, "worker", ["x"])
        started = start(running, body, planned)
        follow = Follow(running, started)
        states: list[str] = []
        lines = follow.lines(states.append)
        assert next(lines).text == "early"
        assert states[-1] in ("pending", "running")
        stream = f"worker/worker/{started.arn.rpartition('/')[2]}"
        box.clock.advance(30)
        box.client("logs").put_log_events(
            logGroupName="p",
            logStreamName=stream,
            logEvents=[{"timestamp": int(box.clock.time() * 1000), "message": "late"}],
        )
        assert [line.text for line in lines] == ["late"]
        assert states[-1] == "stopped"


def test_lines_that_cloudwatch_shows_only_after_the_end() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.behave("worker:*", exit_code=0, after=3, output=("early",))
        running = standing(box, SHOP)
        body, planned = request(running, "worker", ["x"])
        started = start(running, body, planned)
        states: list[str] = []

        class Late(BoxClock):
            """Brings a line in the third moment after the end."""

            moments = 0

            def sleep(self, seconds: float) -> None:
                super().sleep(seconds)
                self.moments += "stopped" in states
                if self.moments == 2:
                    box.client("logs").put_log_events(
                        logGroupName="p",
                        logStreamName=f"worker/worker/{started.arn.rpartition('/')[2]}",
                        logEvents=[{"timestamp": int(box.clock.time() * 1000), "message": "late"}],
                    )

        follow = Follow(running._replace(clock=Late(box)), started)
        assert [line.text for line in follow.lines(states.append)] == ["early", "late"]


def test_it_is_stopped_on_demand() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.world.pace.job = 600
        running = standing(box, SHOP)
        body, planned = request(running, "worker", ["sleep", "500"])
        follow = Follow(running, start(running, body, planned))
        lines = follow.lines(lambda status: None)
        next(lines)
        follow.stop()
        assert list(lines) == []
        assert follow.task["stoppedReason"] == "stopped by compose2ecs run"
        assert follow.outcome().code == 143


def test_a_task_that_aws_does_not_know_yet_or_never() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        running = standing(box, SHOP)
        box.lag(3)
        follow, lines = run(running, "worker", "x")
        assert lines == ["worker started"]
        assert follow.outcome() == Outcome(0)
        box.lag(0)
        body, planned = request(running, "worker", ["x"])
        started = start(running, body, planned)
        follow = Follow(running, started._replace(arn=f"{started.arn}0"))
        before = box.clock.time()
        assert list(follow.lines(lambda status: None)) == []
        assert 60 <= box.clock.time() - before < 70
        with pytest.raises(UnhealthyError, match="its task is gone"):
            follow.outcome()


def test_an_image_that_is_not_there() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.behave("worker:*", pull_error="manifest unknown")
        follow, lines = run(standing(box, SHOP), "worker", "x")
        assert lines == []
        with pytest.raises(UnhealthyError, match=r"worker did not run: .*manifest unknown") as e:
            follow.outcome()
        assert "look at the image's name" in e.value.hint


def test_no_room() -> None:
    text = SHOP.replace("deploy: {replicas: 2}", "mem_reservation: 40g")
    with Sandbox(instances=1) as box:
        up(box, text)
        running = standing(box, text)
        body, planned = request(running, "worker", ["x"])
        with pytest.raises(AwsError) as raised:
            start(running, body, planned)
        assert (raised.value.code, raised.value.exit_code) == ("RESOURCE:MEMORY", 3)
        assert raised.value.hint.startswith("no instance has that much memory left")


def test_a_cluster_without_instances() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        running = standing(box, SHOP)
        body, planned = request(running, "worker", ["x"])
        box.world.ecs.instances.clear()
        with pytest.raises(AwsError) as raised:
            start(running, body, planned)
        assert "the cluster has no instances" in raised.value.hint


def test_an_answer_that_is_lost_starts_it_once() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        running = standing(box, SHOP)
        body, planned = request(running, "worker", ["x"])
        box.faults.lose("RunTask")
        before = len(box.world.ecs.tasks)
        start(running, body, planned)
        assert len(box.world.ecs.tasks) == before + 1


SPLUNK = """
services:
  web:
    image: "web:1"
    logging: {driver: splunk, options: {splunk-url: "https://s.example.com", splunk-token: t}}
"""


def test_lines_that_go_elsewhere() -> None:
    with Sandbox() as box:
        up(box, SPLUNK, listener="none")
        follow, lines = run(standing(box, SPLUNK), "web", "x")
        assert lines == []
        assert follow.elsewhere == "web: its logs go to splunk, not to CloudWatch"
        assert follow.outcome() == Outcome(0)


# ---------------------------------------------------------------------------- what runs once

JOBS = """
services:
  web: {image: "web:1"}
  migrate: {image: "migrate:1", x-ecs: {job: once}}
jobs:
  report:
    image: "report:1"
    triggers: {schedule: [{cron: "0 4 * * *"}]}
"""


def job(key: str, **given: Any) -> Body:
    project = load(files={"compose.yaml": JOBS}, project_name="p", environment={})
    return job_request(translate(project, target(project, **given), Report()), f"p-{key}")


def test_a_job_of_its_own() -> None:
    with Sandbox() as box:
        box.behave("migrate:*", exit_code=0, after=2, output=("migrated",))
        up(box, JOBS.partition("jobs:")[0], listener="none", discovery="none")
        box.forget()
        box.behave("migrate:*", exit_code=5, after=2, output=("migrated again",))
        running = standing(box, JOBS)
        body, planned = request(
            running, "migrate", ["down"], {"A": "b"}, job("migrate", region=box.region)
        )
        follow = Follow(running, start(running, body, planned))
        assert [line.text for line in follow.lines(lambda _: None)] == ["migrated again"]
        assert follow.outcome() == Outcome(5)
        body = sent(box)
        assert body["startedBy"] == "p/run"
        assert body["overrides"]["containerOverrides"][0] == {
            "name": "migrate",
            "command": ["down"],
            "environment": [{"name": "A", "value": "b"}],
        }
        assert {"key": "compose2ecs:service", "value": "migrate"} in body["tags"]
        assert "propagateTags" not in body


def test_a_job_that_has_a_schedule_is_put_where_that_puts_it() -> None:
    found = job("report", launch_type="FARGATE", region="r", subnets="subnet-1")
    network = found.pop("networkConfiguration")["awsvpcConfiguration"]
    assert found == {"launchType": "FARGATE"}
    assert network["subnets"] == ["subnet-1"]
    with pytest.raises(Compose2EcsError, match="<subnet-id> is not known") as raised:
        job("report", launch_type="FARGATE", region="r")
    assert "--subnets" in raised.value.hint


def test_a_job_that_is_not_deployed_or_not_ours() -> None:
    with Sandbox() as box:
        running = standing(box, JOBS)
        with pytest.raises(Compose2EcsError, match="migrate is not deployed"):
            request(running, "migrate")
        container = {"name": "x", "image": "i", "memoryReservation": 64}
        box.client("ecs").register_task_definition(
            family="p-migrate", containerDefinitions=[container]
        )
        with pytest.raises(RefusedError, match="task definition p-migrate is not this stack's"):
            request(running, "migrate")
