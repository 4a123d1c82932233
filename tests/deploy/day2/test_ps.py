"""`ps` against the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from compose2ecs.app.ps import ps
from compose2ecs.app.rows import Reached, Row
from compose2ecs.app.settle import Hear, settle
from compose2ecs.app.up import Options
from compose2ecs.plan.errors import UnhealthyError
from compose2ecs.sandbox import Sandbox
from tests.deploy.boxes import up
from tests.deploy.day2.stacks import SHOP, standing


def rows(box: Sandbox, text: str, *names: str, **given: Any) -> dict[str, Row]:
    return {row.service: row for row in ps(standing(box, text, **given), names).rows}


def test_a_stack_that_is_well() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.forget()
        found = rows(box, SHOP)
        web, worker = found["web"], found["worker"]
        assert (web.revision, web.running, web.desired, web.status) == ("p-web:1", 1, 1, "steady")
        assert [one.service for one in web.containers] == ["web", "cache"]
        assert web.targets == {"healthy": 1}
        assert web.urls == ("http://p.qa.example.com/",)
        assert (web.reached, web.event, web.death, web.note) == ((), "", None, "")
        assert (worker.running, worker.targets, worker.urls) == (2, None, ())
        assert box.writes() == []


def test_what_it_reads() -> None:
    """One call for ten services, one of each service's definition and of its stopped tasks, and of
    the load balancer what the URLs need."""
    with Sandbox(https=True) as box:
        up(box, SHOP)
        box.forget()
        ps(standing(box, SHOP, listener=box.listener))
        assert box.counts() == {
            "ListServices": 1,
            "DescribeServices": 1,
            "DescribeTaskDefinition": 2,
            "DescribeTargetHealth": 1,
            "DescribeTargetGroups": 1,
            "DescribeLoadBalancers": 1,
            "DescribeListeners": 1,
            "DescribeRules": 1,
            "ListTasks": 2 + 3,
        }


def test_one_that_is_named() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        assert list(rows(box, SHOP, "cache")) == ["web"]
        assert list(rows(box, SHOP, "worker", "web", "cache")) == ["web", "worker"]


DIRECT = """
services:
  web: {image: 'web:1', ports: ['80:8080', '9000:9000/udp'], expose: ['7000']}
  db: {image: 'postgres:16', deploy: {replicas: 2}, ports: ['5432']}
  quiet: {image: 'quiet:1'}
x-ecs: {roles: {execution: ecsTaskExecutionRole}}
"""


def test_direct_mode_tells_addresses() -> None:
    with Sandbox() as box:
        up(box, DIRECT, listener="none", discovery="none")
        box.forget()
        found = rows(box, DIRECT)
        instances = {
            one["PrivateIpAddress"]: one["PublicIpAddress"]
            for reservation in box.client("ec2").describe_instances()["Reservations"]
            for one in reservation["Instances"]
        }
        (tcp, udp) = found["web"].reached
        assert (tcp.container_port, tcp.protocol) == (8080, "tcp")
        assert (udp.container_port, udp.protocol) == (9000, "udp")
        assert {one.host for one in found["db"].reached} <= set(instances)
        assert len({(one.host, one.port) for one in found["db"].reached}) == 2
        assert all(one.public == instances[one.host] for one in found["db"].reached)
        assert found["quiet"].reached == ()
        (left,) = rows(box, DIRECT.replace(", '9000:9000/udp'", ""))["web"].reached
        assert left == tcp  # what the file publishes counts
        task = box.tasks("p-web")[0]
        assert tcp.port == task.bindings["web", 8080, "tcp"]


def test_direct_mode_with_addresses_of_tasks() -> None:
    with Sandbox() as box:
        up(box, DIRECT, listener="none", discovery="none", launch_type="FARGATE")
        box.forget()
        found = rows(box, DIRECT)
        ip = box.tasks("p-web")[0].ip
        assert found["web"].reached == (
            Reached("web", 8080, "tcp", ip, 8080),
            Reached("web", 9000, "udp", ip, 9000),
        )
        assert not any(call.service == "ec2" for call in box.calls)


def test_instances_that_cannot_be_read() -> None:
    with Sandbox() as box:
        up(box, DIRECT, listener="none", discovery="none")
        box.forbid("ec2:*")
        listed = ps(standing(box, DIRECT))
        (web,) = [row for row in listed.rows if row.service == "web"]
        assert all(one.host.startswith("i-") for one in web.reached)
        (note,) = listed.notes
        assert "ec2:DescribeInstances" in note


def test_addresses_beside_a_load_balancer() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.forget()
        assert not any(row.reached for row in ps(standing(box, SHOP)).rows)
        assert not any(call.service == "ec2" for call in box.calls)
        listed = ps(standing(box, SHOP), ["web"], addresses=True)
        assert [one.container_port for one in listed.rows[0].reached] == [8080]


def test_one_that_keeps_dying() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.behave("worker:*", exit_code=3, after=5)
        for task in box.tasks("p-worker"):
            box.client("ecs").stop_task(cluster=box.cluster, task=task.arn)
        box.clock.advance(60)
        worker = rows(box, SHOP)["worker"]
        assert worker.status == "failing"
        assert worker.death is not None
        assert worker.death.reason == "Essential container in task exited"
        assert worker.death.containers == (("worker", 3, ""),)
        assert worker.death.number > 2
        assert worker.event.startswith("(service p-worker) ")
        box.behave_well()
        box.clock.advance(600)
        later = rows(box, SHOP)["worker"]
        assert (later.status, later.event) == ("steady", "")
        assert later.death is not None  # within the hour it is still told
        box.clock.advance(3600)
        assert rows(box, SHOP)["worker"].death is None


def test_between_two_deaths_all_looks_well_and_is_not() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.behave("worker:*", exit_code=1, after=20, times=4)
        for task in box.tasks("p-worker"):
            box.client("ecs").stop_task(cluster=box.cluster, task=task.arn)
        box.clock.advance(50)
        seen = set()
        for _ in range(20):
            box.clock.advance(2)
            worker = rows(box, SHOP)["worker"]
            if worker.running == worker.desired:
                seen.add(worker.status)
        assert worker.death is not None
        assert worker.death.number >= 2
        assert seen == {"failing"}
        box.clock.advance(300)
        assert rows(box, SHOP)["worker"].status == "steady"


def test_one_that_was_rolled_back() -> None:
    changed = SHOP.replace("worker:1", "worker:2")
    with Sandbox() as box:
        up(box, SHOP)
        box.behave("worker:2", exit_code=1, after=2)
        with pytest.raises(UnhealthyError):
            up(box, changed)
        box.clock.advance(120)
        worker = rows(box, changed)["worker"]
        assert worker.revision == "p-worker:1"
        assert worker.note == (
            "the last `up` put revision 2 there: it was rolled back, or set by hand"
        )


def test_one_that_finds_no_room() -> None:
    big = SHOP.replace("deploy: {replicas: 2}", "deploy: {replicas: 2}\n    mem_reservation: 900g")
    with Sandbox() as box:
        up(box, big, Options(wait=False))
        box.clock.advance(120)
        worker = rows(box, big)["worker"]
        assert (worker.status, worker.running) == ("failing", 0)
        assert "unable to place a task" in worker.event


def test_one_that_is_being_deployed_and_one_that_was_scaled_away() -> None:
    changed = SHOP.replace("worker:1", "worker:2")
    quiet = Hear(lambda _: None, lambda *_: None, lambda _: None)
    with Sandbox() as box:
        up(box, SHOP)
        up(box, changed, Options(wait=False))
        box.clock.advance(1)
        assert rows(box, changed)["worker"].status == "deploying"
        box.settle()
        from compose2ecs.app.scale import plan_scale

        running = standing(box, changed)
        settle(running, plan_scale(running, {"worker": 0}).updates, quiet)
        row = rows(box, changed)["worker"]
        assert (row.status, row.running, row.desired, row.death) == ("stopped", 0, 0, None)


def test_targets_that_are_not_healthy() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.behave("*web:1", port_closed=True)
        box.clock.advance(60)
        web = rows(box, SHOP)["web"]
        assert web.targets is not None
        assert web.status in ("failing", "deploying", "scaling")
        assert not web.targets.get("healthy")


def test_what_the_file_has_and_nobody_runs_is_said() -> None:
    more = SHOP.replace("x-ecs:", "  late: {image: 'late:1'}\n  sooner: {image: 's:1'}\nx-ecs:")
    with Sandbox() as box:
        up(box, SHOP)
        assert ps(standing(box, more)).notes == ("not deployed: late, sooner",)
        assert ps(standing(box, more), ["web"]).notes == ()


def test_tasks_that_run_once_are_told() -> None:
    from compose2ecs.app.run_once import request, start

    with Sandbox() as box:
        up(box, SHOP)
        running = standing(box, SHOP)
        box.world.pace.job = 600
        body, planned = request(running, "worker", ["sleep", "500"])
        started = start(running, body, planned)
        box.clock.advance(10)
        (once,) = ps(running).once
        assert (once.service, once.status) == ("worker", "running")
        assert started.arn.endswith(once.task)
        assert ps(running, ["worker"]).once == ()
