"""`scale`, `restart` and `rollback` against the sandbox, which takes its time and may fail."""

from __future__ import annotations

from typing import Any

import pytest

from compose2ecs.app.restart import plan_restart
from compose2ecs.app.rollback import plan_rollback
from compose2ecs.app.running import Running
from compose2ecs.app.scale import Scaled, plan_scale
from compose2ecs.app.settle import Hear, Update, settle
from compose2ecs.plan.errors import AwsError, RefusedError, UnhealthyError
from compose2ecs.plan.show import difference_text
from compose2ecs.report import Compose2EcsError
from compose2ecs.sandbox import Sandbox
from tests.deploy.boxes import plan, up
from tests.deploy.day2.stacks import SHOP, standing


class Heard:
    """Everything that was said."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.states: list[tuple[str, bool]] = []
        self.said: list[str] = []

    @property
    def hear(self) -> Hear:
        return Hear(
            lambda update: self.sent.append(update.live.name),
            lambda name, state: self.states.append((name, state.stable)),
            self.said.append,
        )


def carry_out(running: Running, updates: Any, **how: Any) -> Heard:
    heard = Heard()
    settle(running, list(updates), heard.hear, **how)
    return heard


def writes(box: Sandbox) -> list[str]:
    return [call.operation for call in box.writes()]


# ---------------------------------------------------------------------------- scale


def scaled(running: Running, **counts: int) -> Scaled:
    return plan_scale(running, counts)


def test_scale() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.forget()
        running = standing(box, SHOP)
        found = scaled(running, worker=4, web=2)
        assert found.notes == ()
        assert sorted(update.why for update in found.updates) == ["1 -> 2 tasks", "2 -> 4 tasks"]
        heard = carry_out(running, found.updates)
        assert sorted(heard.sent) == ["p-web", "p-worker"]
        assert len(box.tasks("p-worker")) == 4
        assert len(box.tasks("p-web")) == 2
        assert writes(box) == ["UpdateService"] * 2
        assert heard.states[-1][1]
        box.forget()
        again = scaled(running, worker=4)
        assert again.updates[0].why == "4 tasks, as before"
        carry_out(running, again.updates)
        assert writes(box) == []
        (change,) = plan(box, SHOP.replace("web:1", "web:1")).plan.shown[:1]
        assert any(d.path == "desiredCount" for d in change.differences)


def test_scale_to_nothing_and_back() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        running = standing(box, SHOP)
        carry_out(running, scaled(running, web=0).updates)
        assert box.tasks("p-web") == []
        carry_out(running, scaled(running, web=1).updates)
        assert len(box.tasks("p-web")) == 1


def test_a_task_is_scaled_as_a_whole() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        running = standing(box, SHOP)
        assert scaled(running, cache=2).notes == ("cache: the whole task web is scaled",)
        assert len(scaled(running, cache=2, web=2).updates) == 1
        with pytest.raises(Compose2EcsError, match=r"web and cache share one task"):
            plan_scale(running, {"web": 2, "cache": 3})


AUTO = SHOP.replace(
    "deploy: {replicas: 2}", "x-ecs: {autoscaling: {min: 1, max: 4, cpu: 60}}"
).replace("web:1", "web:2")


def test_autoscaling_has_the_last_word() -> None:
    with Sandbox() as box:
        up(box, AUTO)
        running = standing(box, AUTO)
        box.forget()
        for number in (0, 5):
            with pytest.raises(RefusedError, match="autoscaled between 1 and 4") as raised:
                scaled(running, worker=number)
            assert "autoscaling: {min" in raised.value.hint
        found = scaled(running, worker=3)
        assert found.notes == (
            "worker is autoscaled between 1 and 4 tasks: it may change the number again",
        )
        assert writes(box) == []
        carry_out(running, found.updates)
        assert len(box.tasks("p-worker")) == 3


def test_one_on_each_instance_is_not_scaled() -> None:
    text = SHOP.replace("deploy: {replicas: 2}", "deploy: {mode: global}")
    with Sandbox() as box:
        up(box, text)
        with pytest.raises(RefusedError, match="runs once on each instance"):
            scaled(standing(box, text), worker=1)


def test_no_room_is_told_with_what_is_free() -> None:
    text = SHOP.replace("deploy: {replicas: 2}", "mem_reservation: 20g")
    with Sandbox() as box:
        up(box, text)
        running = standing(box, text)
        with pytest.raises(UnhealthyError) as raised:
            carry_out(running, scaled(running, worker=40).updates, timeout=120)
        assert "unable to place a task" in str(raised.value)
        assert "MiB free" in str(raised.value)
        assert raised.value.exit_code == 4


# ---------------------------------------------------------------------------- restart


def test_restart() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        before = {task.arn for name in ("p-web", "p-worker") for task in box.tasks(name)}
        box.forget()
        running = standing(box, SHOP)
        carry_out(running, plan_restart(running))
        after = {task.arn for name in ("p-web", "p-worker") for task in box.tasks(name)}
        assert len(before) == len(after) == 3
        assert not before & after
        assert [call.request.get("forceNewDeployment") for call in box.writes()] == [True, True]
        assert plan(box, SHOP).plan.changes == ()


def test_restart_of_one() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        before = {task.arn for task in box.tasks("p-web")}
        running = standing(box, SHOP)
        carry_out(running, plan_restart(running, ["cache", "web"]))
        assert not before & {task.arn for task in box.tasks("p-web")}
        assert writes(box).count("UpdateService") == 1
        box.forget()
        carry_out(running, plan_restart(running, ["worker"]), wait=False)
        assert box.counts() == {"DescribeServices": 1, "UpdateService": 1}


def test_reads_that_are_late_are_not_taken_for_the_end() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        before = {task.arn for task in box.tasks("p-worker")}
        running = standing(box, SHOP)
        updates = plan_restart(running, ["worker"])
        box.lag(2)
        carry_out(running, updates)
        assert not before & {task.arn for task in box.tasks("p-worker")}


def test_a_restart_that_fails_says_why() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.behave("worker:*", exit_code=9, after=2, output=("no such table",))
        running = standing(box, SHOP)
        with pytest.raises(UnhealthyError) as raised:
            carry_out(running, plan_restart(running, ["worker"]), timeout=900)
        text = str(raised.value)
        assert text.startswith("p-worker: ")
        assert "rolled back" in text.splitlines()[0]
        assert "container worker: exit code 9" in text
        assert "worker | no such table" in text
        assert "compose2ecs ps" in raised.value.hint


def test_a_restart_that_another_deployment_took_over() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        running = standing(box, SHOP)
        heard = Heard()

        def interfere(update: Update) -> None:
            box.client("ecs").update_service(
                cluster=box.cluster, service=update.live.name, forceNewDeployment=True
            )

        hear = heard.hear._replace(sent=interfere)
        with pytest.raises(UnhealthyError, match="rolled back, or another came after"):
            settle(running, plan_restart(running, ["worker"]), hear)


def test_an_error_of_one_does_not_hide_what_was_sent() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        box.faults.fail("UpdateService", code="ClientException", message="no", status=400)
        running = standing(box, SHOP)
        heard = Heard()
        with pytest.raises(AwsError, match="UpdateService failed: ClientException"):
            settle(running, plan_restart(running), heard.hear)
        assert len(heard.sent) == 1


def test_targets_that_never_become_healthy() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        running = standing(box, SHOP)
        carry_out(running, scaled(running, web=0).updates)
        box.behave("*web:1", port_closed=True)
        with pytest.raises(UnhealthyError, match="p-web has no healthy target: Health"):
            carry_out(running, scaled(running, web=1).updates, timeout=200)


# ---------------------------------------------------------------------------- rollback

SECOND = SHOP.replace("worker:1", "worker:2").replace("hidden", "other")
THIRD = SECOND.replace("worker:2", "worker:3")


def test_rollback() -> None:
    with Sandbox() as box:
        for text in (SHOP, SECOND, THIRD):
            up(box, text)
        running = standing(box, THIRD)
        box.forget()
        planned = plan_rollback(running, ["worker"])
        (back,) = planned.back
        assert back.update.why == "p-worker:3 -> p-worker:2"
        assert [difference_text(d) for d in back.differences] == [
            "containers.worker.image: worker:3 -> worker:2"
        ]
        assert back.registered > 0
        assert box.writes() == []
        carry_out(running, [back.update])
        assert {task.definition.rpartition(":")[2] for task in box.tasks("p-worker")} == {"2"}
        assert writes(box) == ["UpdateService"]
        # once more goes further back, and `up` goes forward again
        carry_out(running, [plan_rollback(running, ["worker"]).back[0].update])
        assert box.service("p-worker").body["taskDefinition"].endswith(":1")
        up(box, THIRD)
        assert box.tasks("p-worker")[0].containers[0].image == "worker:3"
        assert plan(box, THIRD).plan.changes == ()


def test_rollback_of_all() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        up(box, SECOND.replace("  cache:", "  late: {image: 'late:1'}\n  cache:"))
        running = standing(box, SECOND)
        planned = plan_rollback(running)
        assert sorted(back.live.title for back in planned.back) == ["web", "worker"]
        assert planned.notes == ("late: there is no revision before p-late:1; it stays as it is",)
        (web,) = [back for back in planned.back if back.live.title == "web"]
        assert [difference_text(d) for d in web.differences] == [
            "containers.web.environment.DB_PASSWORD: *** (changed)"
        ]
        carry_out(running, [back.update for back in planned.back])
        assert box.service("p-web").body["taskDefinition"].endswith(":1")


def test_rollback_to_a_revision() -> None:
    with Sandbox() as box:
        for text in (SHOP, SECOND, THIRD):
            up(box, text)
        running = standing(box, THIRD)
        (back,) = plan_rollback(running, ["worker"], 1).back
        assert back.update.why == "p-worker:3 -> p-worker:1"
        for to, message in (
            (3, "worker: it runs revision 3 already"),
            (9, "worker: p-worker has no revision 9; there are: 3, 2, 1"),
        ):
            with pytest.raises(Compose2EcsError, match=message):
                plan_rollback(running, ["worker"], to)


def test_rollback_skips_what_others_registered() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        container = {"name": "worker", "image": "theirs", "memoryReservation": 64}
        box.client("ecs").register_task_definition(
            family="p-worker", containerDefinitions=[container]
        )
        up(box, SECOND)
        running = standing(box, SECOND)
        (back,) = plan_rollback(running, ["worker"]).back
        assert back.update.why == "p-worker:3 -> p-worker:1"
        with pytest.raises(RefusedError, match="revision 2 of p-worker is not this stack's"):
            plan_rollback(running, ["worker"], 2)


def test_nothing_to_go_back_to() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        running = standing(box, SHOP)
        with pytest.raises(Compose2EcsError, match="worker: there is no revision before"):
            plan_rollback(running, ["worker"])
        with pytest.raises(Compose2EcsError, match="nothing to go back to"):
            plan_rollback(running)


def test_a_rollback_that_fails() -> None:
    with Sandbox() as box:
        up(box, SHOP)
        up(box, SECOND)
        box.behave("worker:1", pull_error="manifest for worker:1 not found")
        running = standing(box, SECOND)
        with pytest.raises(UnhealthyError, match="CannotPullContainerError") as raised:
            carry_out(running, [plan_rollback(running, ["worker"]).back[0].update], timeout=900)
        assert "look at the image's name" in str(raised.value)
