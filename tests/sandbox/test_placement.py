"""Where tasks go, and what a service says when they go nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from compose2ecs.sandbox import Sandbox
from compose2ecs.sandbox.ecs.placement import matches
from compose2ecs.sandbox.ecs.state import Instance
from tests.sandbox.scene import (
    Body,
    container,
    described,
    refused,
    register,
    rollouts,
    service,
    update,
)

FIXED = [{"containerPort": 80, "hostPort": 8080}]


def hosts(aws: Sandbox, name: str = "web") -> Counter[str]:
    """How many tasks of a service each instance has."""
    return Counter(task.instance[-6:] for task in aws.tasks(name))


@pytest.mark.parametrize(
    ("instance", "needs", "said"),
    [
        ({"memory": 100}, {}, "has insufficient memory available"),
        ({"cpu": 100}, {"cpu": 512}, "has insufficient CPU units available"),
        (
            {"without": ("com.amazonaws.ecs.capability.logging-driver.journald",)},
            {"logConfiguration": {"logDriver": "journald"}},
            "is missing an attribute required by your task",
        ),
    ],
    ids=["memory", "cpu", "attribute"],
)
def test_what_is_missing_is_said_once(instance: Body, needs: Body, said: str) -> None:
    with Sandbox(instances=0) as aws:
        add: Callable[..., Instance] = aws.add_instance
        found = add(**instance)
        register(aws, "web", container(**needs))
        service(aws, count=1)
        aws.clock.advance(3600)
        told = [one for one in aws.events("web") if said in one]
        assert len(told) == 1
        assert "was unable to place a task because no container instance met all" in told[0]
        assert found.id in told[0]
        aws.clock.advance(6 * 3600)
        assert len([one for one in aws.events("web") if said in one]) == 2


def test_without_instances_there_is_no_place() -> None:
    with Sandbox(instances=0) as aws:
        register(aws)
        service(aws)
        aws.clock.advance(60)
        assert "No Container Instances were found in your cluster" in aws.events("web")[0]
        assert described(aws)["pendingCount"] == 0


def test_a_new_instance_helps() -> None:
    with Sandbox(instances=0) as aws:
        register(aws)
        service(aws)
        aws.clock.advance(600)
        aws.add_instance()
        assert aws.settle()
        assert rollouts(aws) == [("PRIMARY", "COMPLETED", 2, 0)]


def test_a_fixed_port_is_there_once_on_each_instance(aws: Sandbox) -> None:
    register(aws, "web", container(portMappings=FIXED))
    service(aws, count=3)
    aws.clock.advance(60)
    assert list(hosts(aws).values()) == [1, 1]
    assert "is already using a port required by your task" in aws.events("web")[-1]
    register(aws, "other", container("other", portMappings=FIXED))
    service(aws, "other", count=1)
    aws.clock.advance(60)
    assert hosts(aws, "other") == Counter()


def test_one_instance_and_a_fixed_port_need_room_to_move() -> None:
    """The default of 100/200 is stuck for ever; 0/100 stops before it starts."""
    with Sandbox(instances=1) as aws:
        register(aws, "web", container(portMappings=FIXED))
        service(aws, count=1)
        aws.settle()
        update(aws, forceNewDeployment=True)
        assert not aws.settle()
        assert "is already using a port" in " ".join(aws.events("web"))
        config = {"minimumHealthyPercent": 0, "maximumPercent": 100}
        update(aws, deploymentConfiguration=config, availabilityZoneRebalancing="DISABLED")
        assert aws.settle()
        assert rollouts(aws) == [("PRIMARY", "COMPLETED", 1, 0)]


def test_dynamic_ports_are_unlike_on_one_instance() -> None:
    with Sandbox(instances=1) as aws:
        register(aws)
        service(aws, count=5)
        aws.settle()
        ports = [port for task in aws.tasks("web") for port in task.bindings.values()]
        assert sorted(ports) == list(range(32768, 32773))


def test_tasks_are_spread_unless_asked_for_otherwise(aws: Sandbox) -> None:
    register(aws)
    service(aws, count=4)
    aws.settle()
    assert sorted(hosts(aws).values()) == [2, 2]
    register(aws, "packed")
    service(aws, "packed", count=4, placementStrategy=[{"type": "binpack", "field": "memory"}])
    aws.settle()
    assert sorted(hosts(aws, "packed").values()) == [4]


def test_distinct_instances(aws: Sandbox) -> None:
    register(aws)
    service(aws, count=3, placementConstraints=[{"type": "distinctInstance"}])
    aws.clock.advance(60)
    assert sorted(hosts(aws).values()) == [1, 1]


def test_expressions_choose_instances(aws: Sandbox) -> None:
    chosen = aws.add_instance(attributes={"disk": "ssd"})
    register(aws)
    expression = {"type": "memberOf", "expression": "attribute:disk == ssd"}
    service(aws, count=3, placementConstraints=[expression])
    aws.settle()
    assert set(hosts(aws)) == {chosen.arn[-6:]}


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("attribute:disk == ssd", True),
        ("attribute:disk != ssd", False),
        ("attribute:disk in [hdd, ssd]", True),
        ("attribute:disk not_in [hdd, ssd]", False),
        ("attribute:disk exists", True),
        ("attribute:gpu exists", False),
        ("attribute:ecs.instance-type =~ m5.*", True),
        ("attribute:disk == ssd and attribute:zone == b", False),
        ("attribute:disk == hdd or attribute:zone == a", True),
        ("ec2InstanceId == i-1", True),
    ],
)
def test_the_language_of_expressions(expression: str, fits: bool) -> None:
    named = {"disk": "ssd", "zone": "a", "ecs.instance-type": "m5.large"}
    one = Instance("arn:x/1", "qa", "i-1", "a", "s", "10.0.0.1", 1, 1, named, 3, 0.0)
    assert matches(one, expression) is fits


def test_a_daemon_is_on_every_instance(aws: Sandbox) -> None:
    register(aws)
    aws.client("ecs").create_service(
        cluster=aws.cluster, serviceName="web", taskDefinition="web", schedulingStrategy="DAEMON"
    )
    aws.settle()
    assert sorted(hosts(aws).values()) == [1, 1]
    aws.add_instance()
    aws.settle()
    assert sorted(hosts(aws).values()) == [1, 1, 1]
    update(aws, forceNewDeployment=True)
    assert aws.settle()
    assert sorted(hosts(aws).values()) == [1, 1, 1]


def test_an_instance_that_drains_takes_no_more(aws: Sandbox) -> None:
    ecs = aws.client("ecs")
    arns = ecs.list_container_instances(cluster=aws.cluster)["containerInstanceArns"]
    ecs.update_container_instances_state(
        cluster=aws.cluster, containerInstances=arns[:1], status="DRAINING"
    )
    register(aws)
    service(aws, count=2)
    aws.settle()
    assert set(hosts(aws)) == {arns[1][-6:]}


def test_resources_are_given_back(aws: Sandbox) -> None:
    ecs = aws.client("ecs")
    register(aws, "web", container(cpu=256))
    service(aws, count=4)
    aws.settle()
    assert (_left(aws, "CPU"), _left(aws, "MEMORY")) == (-4 * 256, -4 * 128)
    ecs.delete_service(cluster=aws.cluster, service="web", force=True)
    aws.clock.advance(600)
    assert (_left(aws, "CPU"), _left(aws, "MEMORY")) == (0, 0)


def _left(aws: Sandbox, name: str) -> int:
    """How much less of a resource is left than there is."""
    ecs = aws.client("ecs")
    arns = ecs.list_container_instances(cluster=aws.cluster)["containerInstanceArns"]
    found = ecs.describe_container_instances(cluster=aws.cluster, containerInstances=arns)
    sums = [
        sum(
            resource["integerValue"]
            for one in found["containerInstances"]
            for resource in one[key]
            if resource["name"] == name
        )
        for key in ("remainingResources", "registeredResources")
    ]
    return int(sums[0] - sums[1])


def test_fargate_has_a_quota(aws: Sandbox) -> None:
    aws.quotas["fargate vcpus"] = 1
    aws.client("ecs").register_task_definition(
        family="web",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="512",
        memory="1024",
        containerDefinitions=[{"name": "web", "image": "nginx"}],
    )
    network = {"awsvpcConfiguration": {"subnets": aws.subnets[:2]}}
    service(aws, count=3, launchType="FARGATE", networkConfiguration=network)
    aws.clock.advance(60)
    assert described(aws)["runningCount"] == 2
    assert "limit on the number of vCPUs" in " ".join(aws.events("web"))
    tasks = aws.tasks("web")
    assert {task.subnet for task in tasks} == set(aws.subnets[:2])
    assert all(task.ip and not task.instance for task in tasks)


def test_capacity_providers_are_the_clusters_own(aws: Sandbox) -> None:
    register(aws)
    with refused("InvalidParameterException", "not associated with the cluster"):
        service(aws, capacityProviderStrategy=[{"capacityProvider": "spot-fleet", "weight": 1}])
