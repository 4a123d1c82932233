"""What a name means, and whose things are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from compose2ecs import load, translate
from compose2ecs.app.execute import open_session
from compose2ecs.app.logs import wanted
from compose2ecs.app.ps import ps
from compose2ecs.app.restart import plan_restart
from compose2ecs.app.rollback import plan_rollback
from compose2ecs.app.run_once import request
from compose2ecs.app.running import Running, chosen, find, look, open_running
from compose2ecs.app.scale import plan_scale
from compose2ecs.aws.session import Account, Where
from compose2ecs.plan.errors import RefusedError
from compose2ecs.report import Compose2EcsError, InputError, Report
from compose2ecs.sandbox import Sandbox
from tests.deploy.boxes import up
from tests.deploy.day2.stacks import SHOP, standing


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox() as box:
        up(box, SHOP)
        box.forget()
        yield box


def names(running: Running, *wanted: str) -> list[tuple[str, str, str]]:
    return [(part.key, part.live.name, part.container) for part in find(running, wanted)]


def test_a_service_of_its_own_takes_one_call(box: Sandbox) -> None:
    running = standing(box, SHOP)
    assert names(running, "web", "worker") == [
        ("web", "p-web", "web"),
        ("worker", "p-worker", "worker"),
    ]
    assert box.counts() == {"DescribeServices": 1}


def test_a_service_in_the_task_of_another(box: Sandbox) -> None:
    assert names(standing(box, SHOP), "cache") == [("cache", "p-web", "cache")]


def test_a_service_whose_task_the_file_names(box: Sandbox) -> None:
    text = "services: {a: {image: i, x-ecs: {task: pair}}, b: {image: j, x-ecs: {task: pair}}}"
    up(box, text, listener="none")
    box.forget()
    running = standing(box, text)
    assert names(running, "b", "a") == [("b", "p-pair", "b"), ("a", "p-pair", "a")]
    assert box.counts() == {"DescribeServices": 1, "DescribeTaskDefinition": 1}
    assert names(running, "pair") == [("pair", "p-pair", "pair")]


def test_a_service_that_left_the_file_is_still_there(box: Sandbox) -> None:
    running = standing(box, "services: {web: {image: 'web:1'}}")
    assert set(look(running).live) == {"p-web", "p-worker"}
    assert names(running, "worker") == [("worker", "p-worker", "worker")]


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("wbe", "there is no service 'wbe'", "did you mean 'web'?"),
        ("zzz", "there is no service 'zzz'", "there are: batch, late, web, worker"),
        ("late", "late is not deployed", "compose2ecs up late"),
        ("batch", "batch runs once", "compose2ecs run batch"),
        ("pg", "pg runs elsewhere", ""),
    ],
)
def test_names_that_mean_nothing_here(box: Sandbox, name: str, message: str, hint: str) -> None:
    text = """
    services:
      web: {image: 'web:1'}
      worker: {image: 'worker:1'}
      late: {image: 'late:1'}
      batch: {image: 'batch:1', x-ecs: {job: once}}
      pg: {image: 'postgres:16', x-ecs: {external: 'db.internal:5432'}}
    """
    with pytest.raises(Compose2EcsError, match=message) as raised:
        find(standing(box, text), [name])
    assert hint in raised.value.hint
    assert raised.value.exit_code == 1


def foreign(box: Sandbox, *services: str) -> None:
    """Somebody else's services of these names: no tags of ours."""
    ecs = box.client("ecs")
    definition = {"name": "web", "image": "i", "memoryReservation": 64}
    ecs.register_task_definition(family="theirs", containerDefinitions=[definition])
    for name in services:
        ecs.create_service(
            cluster=box.cluster, serviceName=name, taskDefinition="theirs", desiredCount=1
        )
    box.clock.advance(60)


COMMANDS: dict[str, Any] = {
    "ps": lambda running: ps(running, ["web"]),
    "logs": lambda running: wanted(running, ["web"]),
    "exec": lambda running: open_session(running, "web", [], "plugin"),
    "run": lambda running: request(running, "web"),
    "scale": lambda running: plan_scale(running, {"web": 3}),
    "restart": lambda running: plan_restart(running, ["web"]),
    "restart all": plan_restart,
    "rollback": lambda running: plan_rollback(running, ["web"]),
    "rollback all": plan_rollback,
}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_not_ours_is_refused_and_left_alone(command: str) -> None:
    with Sandbox() as box:
        foreign(box, "p-web")
        box.forget()
        with pytest.raises(RefusedError, match=r"p-web is not this stack's: it has no tags"):
            COMMANDS[command](standing(box, SHOP))
        assert box.writes() == []


def test_all_is_what_is_ours() -> None:
    with Sandbox() as box:
        foreign(box, "p-web", "p-other", "unrelated")
        running = standing(box, SHOP)
        seen = look(running)
        assert (seen.live, set(seen.foreign)) == ({}, {"p-web"})
        listed = ps(running)
        assert listed.rows == ()
        assert listed.notes == (
            "the service p-web is not this stack's: it has no tags of compose2ecs",
        )


def test_another_stack_of_the_same_names_is_not_ours(box: Sandbox) -> None:
    project = load(files={"compose.yaml": SHOP}, project_name="q", environment={})
    account = Account(Where(region=box.region), session=box.session())
    given = {"cluster": box.cluster, "names": "p-{service}"}
    running = open_running(project, given, account, Report())
    with pytest.raises(RefusedError, match="belongs to the stack 'p' of the project 'p'"):
        find(running, ["web"])


def test_nothing_to_change_is_said(box: Sandbox) -> None:
    project = load(files={"compose.yaml": SHOP}, project_name="q", environment={})
    account = Account(Where(region=box.region), session=box.session())
    running = open_running(project, {"cluster": box.cluster}, account, Report())
    with pytest.raises(Compose2EcsError, match=r"q has no services on qa \(eu-west-1\)"):
        chosen(running, [])


def test_what_is_being_removed_is_not_changed(box: Sandbox) -> None:
    box.client("ecs").delete_service(cluster=box.cluster, service="p-worker", force=True)
    running = standing(box, SHOP)
    with pytest.raises(Compose2EcsError, match="worker is being removed"):
        plan_restart(running, ["worker"])
    assert [update.live.name for update in plan_restart(running)] == ["p-web"]
    (row,) = [row for row in ps(running).rows if row.service == "worker"]
    assert row.status == "removing"


def test_what_is_gone_is_gone(box: Sandbox) -> None:
    box.client("ecs").delete_service(cluster=box.cluster, service="p-worker", force=True)
    box.clock.advance(300)
    running = standing(box, SHOP)
    with pytest.raises(Compose2EcsError, match="worker is not deployed"):
        find(running, ["worker"])
    assert list(look(running).live) == ["p-web"]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"region": "eu-west-1"}, "<cluster> is not known: --cluster"),
        ({"layout": "round", "cluster": "qa", "region": "r"}, "layout"),
    ],
)
def test_what_must_be_known(given: dict[str, str], missing: str) -> None:
    project = load(files={"compose.yaml": SHOP}, project_name="p", environment={})
    with pytest.raises(InputError, match=missing):
        open_running(project, given, Account(Where()), Report())


def test_a_file_that_could_not_be_deployed_still_tells_where_the_stack_is(box: Sandbox) -> None:
    text = "services: {web: {image: 'web:1', x-ecs: {route: {port: 81}, autoscaling: {min: 9}}}}"
    with pytest.raises(InputError):
        translate(load(files={"compose.yaml": text}, project_name="p", environment={}))
    assert names(standing(box, text), "web") == [("web", "p-web", "web")]
