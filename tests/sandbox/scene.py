"""Things that most tests of the sandbox begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from compose2ecs.sandbox import Sandbox

Body = dict[str, Any]


def container(name: str = "web", image: str = "nginx:1.27", **more: Any) -> Body:
    """A container with a dynamic port."""
    return {
        "name": name,
        "image": image,
        "memory": 128,
        "portMappings": [{"containerPort": 80}],
        **more,
    }


def register(aws: Sandbox, family: str = "web", *containers: Body, **more: Any) -> str:
    """Register a definition in bridge mode; its ARN."""
    body = {
        "family": family,
        "networkMode": "bridge",
        "containerDefinitions": list(containers) or [container()],
        **more,
    }
    found = aws.client("ecs").register_task_definition(**body)
    return str(found["taskDefinition"]["taskDefinitionArn"])


def routed(aws: Sandbox, name: str = "web", priority: int = 10, delay: int = 20) -> str:
    """A target group behind a rule, with a quick health check and drain; its ARN."""
    elb = aws.client("elbv2")
    arn = elb.create_target_group(
        Name=name,
        Protocol="HTTP",
        Port=80,
        VpcId=aws.vpc,
        HealthCheckIntervalSeconds=10,
        HealthyThresholdCount=2,
    )["TargetGroups"][0]["TargetGroupArn"]
    elb.modify_target_group_attributes(
        TargetGroupArn=arn,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": str(delay)}],
    )
    elb.create_rule(
        ListenerArn=aws.listener,
        Priority=priority,
        Conditions=[{"Field": "host-header", "Values": [f"{name}.example.com"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    return str(arn)


def behind(arn: str, name: str = "web") -> list[Body]:
    """The `loadBalancers` of a service behind a target group."""
    return [{"targetGroupArn": arn, "containerName": name, "containerPort": 80}]


def service(aws: Sandbox, name: str = "web", count: int = 2, **more: Any) -> Body:
    """A service of the definition of its name."""
    asked = {"taskDefinition": name, "desiredCount": count, **more}
    found = aws.client("ecs").create_service(cluster=aws.cluster, serviceName=name, **asked)
    body: Body = found["service"]
    return body


def update(aws: Sandbox, name: str = "web", **more: Any) -> Body:
    """A service after an update."""
    found = aws.client("ecs").update_service(cluster=aws.cluster, service=name, **more)
    body: Body = found["service"]
    return body


def described(aws: Sandbox, name: str = "web") -> Body:
    """A service as it is now."""
    found = aws.client("ecs").describe_services(cluster=aws.cluster, services=[name])
    body: Body = found["services"][0]
    return body


def rollouts(aws: Sandbox, name: str = "web") -> list[tuple[str, str, int, int]]:
    """Status, state, and the running and failed tasks of each deployment."""
    return [
        (one["status"], one["rolloutState"], one["runningCount"], one["failedTasks"])
        for one in described(aws, name)["deployments"]
    ]


def health(aws: Sandbox, arn: str) -> list[str]:
    """The states of a group's targets, sorted."""
    found = aws.client("elbv2").describe_target_health(TargetGroupArn=arn)
    return sorted(one["TargetHealth"]["State"] for one in found["TargetHealthDescriptions"])


BREAKER = {
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
    "minimumHealthyPercent": 100,
    "maximumPercent": 200,
}


@contextmanager
def refused(code: str, fragment: str = "") -> Iterator[None]:
    """What is done here is refused with a code."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    assert fragment in error["Message"], error
