"""Deployments: rolling, failing, rolling back; and what a service does about its tasks."""

from __future__ import annotations

import pytest

from compose2ecs.sandbox import Sandbox
from tests.sandbox.scene import (
    BREAKER,
    Body,
    behind,
    container,
    described,
    health,
    register,
    rollouts,
    routed,
    service,
    update,
)


def test_a_service_starts_registers_and_becomes_steady(aws: Sandbox) -> None:
    arn = routed(aws)
    register(aws)
    service(aws, loadBalancers=behind(arn))
    assert rollouts(aws) == [("PRIMARY", "IN_PROGRESS", 0, 0)]
    aws.clock.advance(10)
    assert rollouts(aws) == [("PRIMARY", "IN_PROGRESS", 2, 0)]
    assert health(aws, arn) == ["initial", "initial"]
    assert aws.settle()
    assert rollouts(aws) == [("PRIMARY", "COMPLETED", 2, 0)]
    assert health(aws, arn) == ["healthy", "healthy"]
    said = [event.replace("(service web) ", "")[:22] for event in aws.events("web")]
    assert said == [
        "has started 2 tasks: (",
        "registered 1 targets i",
        "registered 1 targets i",
        "(deployment ecs-svc/" + described(aws)["deployments"][0]["id"][8:10],
        "has reached a steady s",
    ]


def test_two_services_each_keep_to_themselves(aws: Sandbox) -> None:
    for name in ("a", "b"):
        register(aws, name)
        service(aws, name, count=1 if name == "a" else 3)
    assert aws.settle()
    assert [len(aws.tasks(name)) for name in ("a", "b")] == [1, 3]
    assert {task.service for task in aws.tasks("b")} == {"b"}


def test_a_rolling_update_never_has_too_few(aws: Sandbox) -> None:
    arn = routed(aws)
    old = register(aws)
    service(aws, loadBalancers=behind(arn))
    aws.settle()
    new = register(aws, "web", container(image="nginx:1.28"))
    shown = update(aws, taskDefinition="web")["deployments"]
    assert [(one["status"], one["taskDefinition"]) for one in shown] == [
        ("PRIMARY", new),
        ("ACTIVE", old),
    ]
    seen = []
    for _ in range(60):
        aws.clock.advance(1)
        assert health(aws, arn).count("healthy") >= 2
        seen.append(rollouts(aws))
    assert [("PRIMARY", "IN_PROGRESS", 2, 0), ("ACTIVE", "COMPLETED", 2, 0)] in seen
    assert [("PRIMARY", "IN_PROGRESS", 2, 0), ("ACTIVE", "COMPLETED", 0, 0)] in seen, "it drains"
    assert seen[-1] == [("PRIMARY", "COMPLETED", 2, 0)]


def test_without_room_old_tasks_go_first(aws: Sandbox) -> None:
    config = {"minimumHealthyPercent": 50, "maximumPercent": 100}
    register(aws)
    service(aws, deploymentConfiguration=config)
    aws.settle()
    update(aws, forceNewDeployment=True)
    running = []
    for _ in range(60):
        aws.clock.advance(1)
        running.append(described(aws)["runningCount"])
    assert (min(running), max(running), running[-1]) == (1, 2, 2)
    assert rollouts(aws) == [("PRIMARY", "COMPLETED", 2, 0)]


def test_a_deployment_that_cannot_move_says_so_once(aws: Sandbox) -> None:
    register(aws)
    service(aws)
    aws.settle()
    config = {"minimumHealthyPercent": 99, "maximumPercent": 100}
    update(aws, deploymentConfiguration=config, availabilityZoneRebalancing="DISABLED")
    update(aws, forceNewDeployment=True)
    aws.clock.advance(3600)
    stuck = [one for one in aws.events("web") if "unable to stop or start tasks" in one]
    assert len(stuck) == 1
    assert rollouts(aws) == [("PRIMARY", "IN_PROGRESS", 0, 0), ("ACTIVE", "COMPLETED", 2, 0)]


@pytest.mark.parametrize(
    ("told", "event"),
    [
        ({"exit_code": 1}, "deployment failed: tasks failed to start"),
        ({"pull_error": "not found"}, "deployment failed: tasks failed to start"),
        ({"port_closed": True}, "is unhealthy in (target-group"),
        ({"health": "UNHEALTHY"}, "failed container health checks."),
    ],
    ids=["crash", "image", "port", "health"],
)
def test_the_breaker_rolls_back_whatever_is_wrong(aws: Sandbox, told: Body, event: str) -> None:
    probe: Body = {"healthCheck": {"command": ["CMD", "true"], "interval": 10, "retries": 2}}
    arn = routed(aws)
    good = register(aws, "web", container(**probe))
    service(aws, loadBalancers=behind(arn), deploymentConfiguration=BREAKER)
    aws.settle()
    first = described(aws)["deployments"][0]["id"]
    aws.behave("bad:*", **told)
    register(aws, "web", container(image="bad:1", **probe))
    second = update(aws, taskDefinition="web")["deployments"][0]["id"]
    assert aws.settle()
    found = described(aws)
    assert found["taskDefinition"] == good
    assert [one["id"] for one in found["deployments"]] == [first]
    assert rollouts(aws) == [("PRIMARY", "COMPLETED", 2, 0)]
    events = aws.events("web")
    assert any(event in one for one in events), events
    assert f"(service web) rolling back to deployment {first}." in events
    assert (
        f"(service web) (deployment {second}) deployment failed: tasks failed to start." in events
    )
    assert health(aws, arn).count("healthy") == 2


def test_while_it_rolls_back_both_deployments_are_there(aws: Sandbox) -> None:
    arn = routed(aws)
    register(aws)
    service(aws, loadBalancers=behind(arn), deploymentConfiguration=BREAKER)
    aws.settle()
    aws.behave("bad:*", exit_code=1)
    register(aws, "web", container(image="bad:1"))
    update(aws, taskDefinition="web")
    aws.clock.advance(20)
    assert rollouts(aws) == [("PRIMARY", "IN_PROGRESS", 2, 0), ("ACTIVE", "FAILED", 0, 4)]
    reason = described(aws)["deployments"][0]["rolloutStateReason"]
    assert reason.startswith(
        "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/"
    )


def test_it_rolls_back_to_the_last_that_was_completed(aws: Sandbox) -> None:
    """Not to the one before, which was still on its way."""
    good = register(aws)
    service(aws, deploymentConfiguration=BREAKER)
    aws.settle()
    aws.behave("bad:*", exit_code=1)
    for tag in ("bad:1", "bad:2"):
        register(aws, "web", container(image=tag))
        update(aws, taskDefinition="web")
        aws.clock.advance(2)
    assert aws.settle()
    assert described(aws)["taskDefinition"] == good


def test_without_anything_good_there_is_nothing_to_roll_back_to(aws: Sandbox) -> None:
    aws.behave("*", exit_code=1)
    register(aws)
    service(aws, count=1, deploymentConfiguration=BREAKER)
    assert not aws.settle()
    assert rollouts(aws) == [("PRIMARY", "FAILED", 0, 3)]
    assert "rolling back" not in " ".join(aws.events("web"))


def test_a_fixed_image_saves_a_failed_deployment(aws: Sandbox) -> None:
    aws.behave("*", exit_code=1)
    register(aws)
    service(aws, count=1, deploymentConfiguration=BREAKER)
    aws.clock.advance(300)
    aws.behave_well()
    update(aws, forceNewDeployment=True)
    assert aws.settle()
    assert rollouts(aws) == [("PRIMARY", "COMPLETED", 1, 0)]


def test_the_threshold_grows_with_the_count(aws: Sandbox) -> None:
    aws.behave("*", exit_code=1)
    register(aws)
    service(aws, count=10, deploymentConfiguration=BREAKER)
    aws.clock.advance(300)
    assert rollouts(aws)[0][1::2] == ("FAILED", 10), "5 of them, and all 10 fail at once"


@pytest.mark.parametrize(("threshold", "failed"), [(1, 1), (5, 5)])
def test_the_threshold_can_be_set(aws: Sandbox, threshold: int, failed: int) -> None:
    breaker = {
        "enable": True,
        "rollback": False,
        "thresholdConfiguration": {"type": "COUNT", "value": threshold},
    }
    aws.behave("*", exit_code=1)
    register(aws)
    service(aws, count=1, deploymentConfiguration={"deploymentCircuitBreaker": breaker})
    aws.clock.advance(300)
    assert rollouts(aws)[0][1::2] == ("FAILED", failed)


def test_without_a_breaker_it_goes_on_trying_ever_more_rarely(aws: Sandbox) -> None:
    aws.behave("*", exit_code=1)
    register(aws)
    service(aws, count=1)
    aws.clock.advance(600)
    early = rollouts(aws)[0][3]
    aws.clock.advance(600)
    late = rollouts(aws)[0][3] - early
    assert early > late > 0
    assert rollouts(aws)[0][1] == "IN_PROGRESS"
    assert any("unable to consistently start tasks" in one for one in aws.events("web"))


def test_a_container_that_recovers_is_enough(aws: Sandbox) -> None:
    aws.behave("*", exit_code=1, times=2)
    register(aws)
    service(aws, count=1, deploymentConfiguration=BREAKER)
    assert aws.settle()
    assert rollouts(aws) == [("PRIMARY", "COMPLETED", 1, 2)]


def test_a_task_that_dies_later_is_replaced(aws: Sandbox) -> None:
    arn = routed(aws)
    register(aws)
    service(aws, loadBalancers=behind(arn))
    aws.settle()
    before = {task.arn for task in aws.tasks("web")}
    aws.client("ecs").stop_task(cluster=aws.cluster, task=min(before), reason="by hand")
    aws.clock.advance(5)
    assert health(aws, arn) == ["draining", "healthy", "initial"]
    aws.settle()
    aws.clock.advance(60)
    after = {task.arn for task in aws.tasks("web")}
    assert (len(after), len(after & before)) == (2, 1)
    assert rollouts(aws) == [("PRIMARY", "COMPLETED", 2, 0)]


def test_a_port_that_closes_later_is_noticed_after_some_checks(aws: Sandbox) -> None:
    arn = routed(aws)
    register(aws)
    service(aws, count=1, loadBalancers=behind(arn))
    aws.settle()
    aws.behave("nginx:*", port_closed=True)
    aws.clock.advance(15)
    assert health(aws, arn) == ["healthy"]
    aws.clock.advance(6)
    assert "draining" in health(aws, arn)


def test_the_grace_period_is_waited_for(aws: Sandbox) -> None:
    arn = routed(aws)
    aws.behave("*", port_closed=True)
    register(aws)
    service(aws, count=1, loadBalancers=behind(arn), healthCheckGracePeriodSeconds=120)
    aws.clock.advance(100)
    assert (health(aws, arn), rollouts(aws)[0][3]) == (["unhealthy"], 0)
    aws.clock.advance(30)
    assert rollouts(aws)[0][3] == 1


def test_scaling_in_drains_scaling_out_waits(aws: Sandbox) -> None:
    arn = routed(aws)
    register(aws)
    service(aws, count=3, loadBalancers=behind(arn))
    aws.settle()
    update(aws, desiredCount=1)
    assert health(aws, arn) == ["draining", "draining", "healthy"]
    update(aws, desiredCount=2)
    assert described(aws)["runningCount"] == 1
    assert aws.settle()
    aws.clock.advance(60)
    assert health(aws, arn) == ["healthy", "healthy"]
    assert len(described(aws)["deployments"]) == 1


def test_nothing_is_steady_too(aws: Sandbox) -> None:
    register(aws)
    service(aws, count=0)
    assert aws.settle()
    assert rollouts(aws) == [("PRIMARY", "COMPLETED", 0, 0)]


def test_what_drains_is_not_listed_and_then_inactive(aws: Sandbox) -> None:
    ecs = aws.client("ecs")
    arn = routed(aws, delay=60)
    register(aws)
    service(aws, loadBalancers=behind(arn))
    aws.settle()
    ecs.delete_service(cluster=aws.cluster, service="web", force=True)
    assert ecs.list_services(cluster=aws.cluster)["serviceArns"] == []
    states = []
    for _ in range(8):
        aws.clock.advance(10)
        states.append(described(aws)["status"])
    assert states == ["DRAINING"] * 6 + ["INACTIVE"] * 2
    assert described(aws)["deployments"] == []
    aws.clock.advance(3700)
    missing = ecs.describe_services(cluster=aws.cluster, services=["web"])["failures"]
    assert [one["reason"] for one in missing] == ["MISSING"]


def test_the_waiter_of_boto3_waits(aws: Sandbox) -> None:
    """As it is, with its time.sleep: one look is enough once all is well."""
    register(aws)
    service(aws)
    aws.settle()
    waiter = aws.client("ecs").get_waiter("services_stable")
    waiter.wait(cluster=aws.cluster, services=["web"], WaiterConfig={"Delay": 0, "MaxAttempts": 1})


def test_deployments_and_revisions_have_a_history(aws: Sandbox) -> None:
    ecs = aws.client("ecs")
    register(aws)
    service(aws)
    aws.settle()
    update(aws, forceNewDeployment=True)
    found = ecs.list_service_deployments(cluster=aws.cluster, service="web")["serviceDeployments"]
    assert [one["status"] for one in found] == ["IN_PROGRESS", "SUCCESSFUL"]
    arns = [one["serviceDeploymentArn"] for one in found]
    told = ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"]
    revisions = [one["targetServiceRevision"]["arn"] for one in told]
    found = ecs.describe_service_revisions(serviceRevisionArns=[*revisions, "arn:aws:ecs:x"])
    assert [one["taskDefinition"][-5:] for one in found["serviceRevisions"]] == ["web:1", "web:1"]
    assert len(found["failures"]) == 1
