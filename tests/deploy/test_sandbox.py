"""The same on the strict double: it refuses what AWS refuses, runs tasks, and takes its time."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from compose2ecs import load
from compose2ecs.app.deployment import Deployment
from compose2ecs.app.down import down as down_app
from compose2ecs.app.down import plan_down
from compose2ecs.app.plan import make_plan
from compose2ecs.app.up import Options
from compose2ecs.app.up import up as up_app
from compose2ecs.plan.errors import UnhealthyError
from compose2ecs.sandbox import Killed, Sandbox
from tests.conftest import ROOT
from tests.deploy.boxes import deployment, deployment_of, down, plan, up
from tests.deploy.running import services

TEXT = """
services:
  web:
    image: "web:1"
    ports: ["80:8080"]
    depends_on: [db]
    x-ecs: {autoscaling: {min: 1, max: 3, cpu: 60, requests: 100}}
  api:
    image: "api:1"
    ports: ["8080:8080"]
    depends_on: {db: {condition: service_healthy}}
  db:
    image: "postgres:16"
x-ecs: {logs: {retention_days: 7}, roles: {execution: ecsTaskExecutionRole}}
"""
CHANGED = TEXT.replace("web:1", "web:2").replace(
    "  db:\n    image", "  db:\n    mem_limit: 1g\n    image"
)


def left(box: Sandbox) -> dict[str, list[Any]]:
    """What is still there, by kind; log groups stay."""
    box.clock.advance(600)
    rules = box.client("elbv2").describe_rules(ListenerArn=box.listener)["Rules"]
    targets = box.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs"
    )
    return {
        "services": box.client("ecs").list_services(cluster=box.cluster)["serviceArns"],
        "groups": box.client("elbv2").describe_target_groups()["TargetGroups"],
        "rules": [rule for rule in rules if not rule["IsDefault"]],
        "namespaces": box.client("servicediscovery").list_namespaces()["Namespaces"],
        "targets": targets["ScalableTargets"],
    }


NOTHING: dict[str, list[Any]] = {
    "services": [],
    "groups": [],
    "rules": [],
    "namespaces": [],
    "targets": [],
}


def test_a_stack_comes_changes_and_goes() -> None:
    with Sandbox() as box:
        up(box, TEXT)
        assert [call.operation for call in box.calls if call.error] == []
        assert plan(box, TEXT).plan.changes == ()
        up(box, CHANGED)
        assert plan(box, CHANGED).plan.changes == ()
        down(box, CHANGED, logs=True)
        assert left(box) == NOTHING
        assert box.client("logs").describe_log_groups()["logGroups"] == []


@pytest.mark.parametrize("launch", ["EC2", "FARGATE"])
def test_plan_after_up_is_empty_for_other_launch_types(launch: str) -> None:
    text = "services: {web: {image: i, ports: ['80:8080']}, worker: {image: j}}"
    with Sandbox() as box:
        given: dict[str, Any] = {"launch_type": launch, "discovery": "none"}
        text += "\nx-ecs: {roles: {execution: ecsTaskExecutionRole}}"
        up(box, text, **given)
        assert plan(box, text, **given).plan.changes == ()


def number_of_writes(before: str | None, text: str) -> int:
    with Sandbox() as box:
        if before:
            up(box, before)
        done = len(box.calls)
        up(box, text, Options(wait=False))
        return sum(
            not c.operation.startswith(("Describe", "List", "Get")) for c in box.calls[done:]
        )


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("before", [None, TEXT], ids=["create", "change"])
def test_killed_anywhere(before: str | None, when: str) -> None:
    """Every third call here; all of them on the fake."""
    for number in range(1, number_of_writes(before, CHANGED) + 1, 3):
        with Sandbox() as box:
            if before:
                up(box, before)
            box.faults.kill(number, when, "writes")
            with pytest.raises(Killed):
                up(box, CHANGED, Options(wait=False))
            box.faults.clear()
            up(box, CHANGED)
            assert plan(box, CHANGED).plan.changes == ()
            down(box, CHANGED)
            assert left(box) == NOTHING, number


def test_many_services_are_never_throttled() -> None:
    text = services(50, 20)
    with Sandbox(throttle=True, instances=4) as box:
        began = box.clock.time()
        there = deployment(box, text, discovery="none")
        list(up_app(there, make_plan(there), Options(wait=False)))
        assert [call.error for call in box.calls if call.error] == []
        assert 29 <= box.clock.time() - began <= 33  # AWS's own rates ask for 30 seconds
        assert (
            len(box.client("ecs").list_services(cluster="qa", maxResults=100)["serviceArns"]) == 50
        )


def test_reads_that_are_late() -> None:
    with Sandbox() as box:
        box.lag(1)
        up(box, TEXT)
        box.lag(0)
        assert plan(box, TEXT).plan.changes == ()


@pytest.mark.parametrize("number", [2, 16])
def test_runs_at_the_same_time(number: int) -> None:
    with Sandbox() as box:
        there = [deployment(box, TEXT, paced=False) for _ in range(number)]
        planned = [make_plan(one) for one in there]
        errors: list[BaseException] = []

        def run(index: int) -> None:
            try:
                list(up_app(there[index], planned[index], Options(wait=False, timeout=3000)))
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        found = left(box)
        assert {kind: len(listed) for kind, listed in found.items()} == {
            "services": 3,
            "groups": 2,
            "rules": 2,
            "namespaces": 1,
            "targets": 1,
        }
        up(box, TEXT)
        assert plan(box, TEXT).plan.changes == ()


FAILURES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "exit": ({"exit_code": 3, "output": ("boom",)}, ["exit code 3", "web | boom"]),
    "pull": ({"pull_error": "manifest unknown"}, ["CannotPullContainerError", "image's name"]),
    "port": ({"port_closed": True}, ["health"]),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures_are_explained(case: str) -> None:
    behaviour, wanted = FAILURES[case]
    with Sandbox() as box:
        up(box, TEXT)
        box.behave("web:2", **behaviour)
        with pytest.raises(UnhealthyError) as caught:
            up(box, CHANGED)
        for text in wanted:
            assert text in str(caught.value), str(caught.value)
        assert str(caught.value).startswith("p-web: ")
        box.behave_well()
        up(box, CHANGED)
        assert plan(box, CHANGED).plan.changes == ()


def test_no_room() -> None:
    with Sandbox(instances=1, instance_type="t3.small") as box:
        told: list[str] = []
        there = deployment(box, "services: {web: {image: i, mem_reservation: 200g}}")
        with pytest.raises(UnhealthyError, match="MiB free"):
            list(up_app(there, make_plan(there), Options(timeout=60), say=told.append))
        assert any("unable to place" in text for text in told)


def test_a_whole_project() -> None:
    """Two services on two ports each, volumes, secrets, gRPC, and a task of linked containers."""
    folder: Path = ROOT / "fixtures/projects/aws-shop"
    with Sandbox(instances=6) as box:

        def there() -> Deployment:
            project = load(project_directory=folder, environment={})
            return deployment_of(box, project)

        list(up_app(there(), make_plan(there()), Options()))
        assert make_plan(there()).plan.changes == ()
        planned = plan_down(there(), logs=True)
        list(down_app(there(), planned))
        assert left(box) == NOTHING
