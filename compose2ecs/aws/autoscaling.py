"""Application Auto Scaling: how many tasks ECS services have.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compose2ecs.aws.session import Caller, chunks, pages
from compose2ecs.plan.errors import AwsError

Body = dict[str, Any]
_NAMESPACE = "ecs"
_DIMENSION = "ecs:service:DesiredCount"
_IDS_A_CALL = 50


class AutoScaling:
    """The scaling of one account's ECS services. A resource is `service/CLUSTER/NAME`."""

    def __init__(self, aws: Caller) -> None:
        self._aws = aws

    def targets(self, resources: Sequence[str]) -> dict[str, Body]:
        """Scalable targets by resource. One call for fifty."""
        found: dict[str, Body] = {}
        for some in chunks(list(resources), _IDS_A_CALL):
            for entry in pages(
                self._aws,
                "application-autoscaling",
                "DescribeScalableTargets",
                "ScalableTargets",
                ServiceNamespace=_NAMESPACE,
                ResourceIds=some,
                ScalableDimension=_DIMENSION,
            ):
                if isinstance(entry, dict):
                    found[entry["ResourceId"]] = entry
        return found

    def policies(self, resource: str) -> list[Body]:
        """The scaling policies of a resource."""
        return self._of("DescribeScalingPolicies", "ScalingPolicies", resource)

    def scheduled(self, resource: str) -> list[Body]:
        """The scheduled actions of a resource."""
        return self._of("DescribeScheduledActions", "ScheduledActions", resource)

    def _of(self, operation: str, result: str, resource: str) -> list[Body]:
        found = pages(
            self._aws,
            "application-autoscaling",
            operation,
            result,
            ServiceNamespace=_NAMESPACE,
            ResourceId=resource,
        )
        return [entry for entry in found if isinstance(entry, dict)]

    def register(self, body: Body) -> None:
        """Make or change a scalable target."""
        self._aws.call("application-autoscaling", "RegisterScalableTarget", **body)

    def deregister(self, resource: str) -> bool:
        """Remove a scalable target, its policies and its scheduled actions; False where there is
        none."""
        return self._delete("DeregisterScalableTarget", resource)

    def put_policy(self, body: Body) -> Body:
        """Make or change a scaling policy; returns `PolicyARN` and `Alarms`."""
        return self._aws.call("application-autoscaling", "PutScalingPolicy", **body)

    def delete_policy(self, resource: str, name: str) -> bool:
        """Remove a policy; False where there is none."""
        return self._delete("DeleteScalingPolicy", resource, PolicyName=name)

    def put_scheduled(self, body: Body) -> None:
        """Make or change a scheduled action."""
        self._aws.call("application-autoscaling", "PutScheduledAction", **body)

    def delete_scheduled(self, resource: str, name: str) -> bool:
        """Remove a scheduled action; False where there is none."""
        return self._delete("DeleteScheduledAction", resource, ScheduledActionName=name)

    def _delete(self, operation: str, resource: str, **more: str) -> bool:
        try:
            self._aws.call(
                "application-autoscaling",
                operation,
                ServiceNamespace=_NAMESPACE,
                ResourceId=resource,
                ScalableDimension=_DIMENSION,
                **more,
            )
        except AwsError as error:
            if error.code != "ObjectNotFoundException":
                raise
            return False
        return True
