"""What a check of fidelity is, and what it is run against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from botocore.exceptions import ClientError

Body = dict[str, Any]

ECS = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
ELB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_"
ALB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"


class Aws(Protocol):
    """Something that answers as AWS does, with the seeds that the checks need."""

    name: str
    cluster: str
    vpc: str
    subnets: list[str]
    load_balancer: str
    listener: str
    execution_role: str
    events_role: str

    def client(self, service: str) -> Any:
        """A boto3 client."""

    def wait(self, seconds: float) -> None:
        """Let time pass."""

    def throttle(self) -> None:
        """Count calls as AWS does, if it can."""

    def behave(self, images: str, **told: Any) -> None:
        """Say what containers do, if it can be told."""


class Check(NamedTuple):
    """One fact about AWS: `run` raises if it does not hold; `source` is AWS's page on it."""

    id: str
    what: str
    source: str
    run: Callable[[Aws], None]


def refused(call: Callable[[], object], code: str, fragment: str = "") -> None:
    """Make a call that has to be refused with one of the codes, in words that hold a fragment."""
    try:
        call()
    except ClientError as error:
        found = error.response["Error"]
        assert found["Code"] in code.split(), (
            f"{found['Code']} instead of {code}: {found['Message']}"
        )
        said = found["Message"].lower()
        assert fragment.lower() in said, f"{found['Message']!r} does not say {fragment!r}"
        return
    raise AssertionError(f"accepted, and {code} was expected")


def web(family: str = "web", **more: Any) -> Body:
    """A task definition of one container with a dynamic port."""
    container = {
        "name": "web",
        "image": "nginx:1.27",
        "memory": 128,
        "portMappings": [{"containerPort": 80}],
        **more.pop("container", {}),
    }
    return {
        "family": family,
        "networkMode": "bridge",
        "containerDefinitions": [container],
        **more,
    }


def fargate(aws: Aws, family: str = "web", **more: Any) -> Body:
    """The same for Fargate."""
    container = {
        "name": "web",
        "image": "nginx:1.27",
        "portMappings": [{"containerPort": 80}],
        **more.pop("container", {}),
    }
    return {
        "family": family,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": aws.execution_role,
        "containerDefinitions": [container],
        **more,
    }


def register(aws: Aws, body: Body) -> Body:
    """Register a task definition; as AWS describes it."""
    found: Body = aws.client("ecs").register_task_definition(**body)["taskDefinition"]
    return found


def service(aws: Aws, name: str = "web", definition: str = "web", **more: Any) -> Body:
    """Create a service of a registered definition."""
    asked = {"desiredCount": 2, **more}
    found: Body = aws.client("ecs").create_service(
        cluster=aws.cluster, serviceName=name, taskDefinition=definition, **asked
    )["service"]
    return found


def described(aws: Aws, name: str = "web", *include: str) -> Body:
    """A service as it is now."""
    found = aws.client("ecs").describe_services(
        cluster=aws.cluster, services=[name], include=list(include)
    )
    body: Body = found["services"][0]
    return body


def group(aws: Aws, name: str = "web", **more: Any) -> str:
    """Create a target group with a quick health check; its ARN."""
    asked = {
        "Protocol": "HTTP",
        "Port": 80,
        "VpcId": aws.vpc,
        "HealthCheckIntervalSeconds": 10,
        "HealthyThresholdCount": 2,
        **more,
    }
    found = aws.client("elbv2").create_target_group(Name=name, **asked)["TargetGroups"][0]
    return str(found["TargetGroupArn"])


def host(value: str) -> list[Body]:
    """The condition that a rule is for a host."""
    return [{"Field": "host-header", "HostHeaderConfig": {"Values": [value]}}]


def forward(arn: str) -> list[Body]:
    """The action that forwards to a target group."""
    return [{"Type": "forward", "TargetGroupArn": arn}]


NOT_FOUND: Body = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}


def rule(aws: Aws, priority: int = 10, **more: Any) -> str:
    """Create a rule, without `Actions` one that answers 404; its ARN."""
    asked = {"Conditions": host(f"p{priority}.example.com"), "Actions": [NOT_FOUND], **more}
    found = aws.client("elbv2").create_rule(ListenerArn=aws.listener, Priority=priority, **asked)
    return str(found["Rules"][0]["RuleArn"])


def routed(aws: Aws, name: str = "web", priority: int = 10, **more: Any) -> str:
    """Create a target group with a rule that forwards to it; its ARN."""
    arn = group(aws, name, **more)
    rule(aws, priority, Actions=forward(arn))
    return arn


def balanced(aws: Aws, arn: str) -> list[Body]:
    """The `loadBalancers` of a service that is behind a target group."""
    return [{"targetGroupArn": arn, "containerName": "web", "containerPort": 80}]


def equal(found: object, wanted: object) -> None:
    """Fail if something is not what it has to be."""
    assert found == wanted, f"{found!r} instead of {wanted!r}"
