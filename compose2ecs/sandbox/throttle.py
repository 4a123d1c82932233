"""Token buckets: how many calls AWS takes at once, and how many a second after that.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from compose2ecs.sandbox.calls import writes
from compose2ecs.sandbox.errors import AwsError


class Rate(NamedTuple):
    """The size of a bucket, and the calls a second that flow back into it."""

    burst: float
    sustained: float


RATES: dict[str, Rate] = {
    "ecs definitions write": Rate(20, 1),
    "ecs definitions read": Rate(50, 20),
    "ecs definitions delete": Rate(5, 1),
    "ecs services write": Rate(50, 5),
    "ecs services read": Rate(100, 20),
    "ecs clusters write": Rate(20, 1),
    "ecs clusters read": Rate(50, 20),
    "ecs tasks write": Rate(100, 40),
    "ecs tasks read": Rate(100, 20),
    "ecs tags write": Rate(20, 10),
    "ecs tags read": Rate(50, 20),
    "elbv2 write": Rate(20, 3),
    "elbv2 read": Rate(40, 10),
    "elbv2 targets": Rate(20, 4),
    "elbv2 load balancers": Rate(10, 0.2),
    "logs write": Rate(10, 10),
    "logs read": Rate(10, 10),
}
_BUCKETS = {
    "RegisterTaskDefinition": "definitions write",
    "DeregisterTaskDefinition": "definitions write",
    "DescribeTaskDefinition": "definitions read",
    "ListTaskDefinitions": "definitions read",
    "ListTaskDefinitionFamilies": "definitions read",
    "DeleteTaskDefinitions": "definitions delete",
    "CreateService": "services write",
    "UpdateService": "services write",
    "DeleteService": "services write",
    "DescribeServices": "services read",
    "ListServices": "services read",
    "ListServicesByNamespace": "services read",
    "DescribeServiceDeployments": "services read",
    "DescribeServiceRevisions": "services read",
    "ListServiceDeployments": "services read",
    "CreateCluster": "clusters write",
    "UpdateCluster": "clusters write",
    "DeleteCluster": "clusters write",
    "PutClusterCapacityProviders": "clusters write",
    "DescribeClusters": "clusters read",
    "ListClusters": "clusters read",
    "DescribeCapacityProviders": "clusters read",
    "RunTask": "tasks write",
    "StopTask": "tasks write",
    "StartTask": "tasks write",
    "ExecuteCommand": "tasks write",
    "DescribeTasks": "tasks read",
    "ListTasks": "tasks read",
    "ListContainerInstances": "tasks read",
    "DescribeContainerInstances": "tasks read",
    "TagResource": "tags write",
    "UntagResource": "tags write",
    "ListTagsForResource": "tags read",
}
_ELB = {
    "RegisterTargets": "elbv2 targets",
    "DeregisterTargets": "elbv2 targets",
    "CreateLoadBalancer": "elbv2 load balancers",
}

_CODES = {
    "elbv2": "Throttling",
    "iam": "Throttling",
    "ec2": "RequestLimitExceeded",
    "resourcegroupstaggingapi": "ThrottledException",
    "servicediscovery": "RequestLimitExceeded",
}


def bucket(service: str, operation: str) -> str:
    """The name of the bucket that a call is taken from; empty if it has none."""
    if service == "ecs" and operation in _BUCKETS:
        return f"ecs {_BUCKETS[operation]}"
    if service == "logs":
        return f"logs {'write' if writes(operation) else 'read'}"
    if service == "elbv2":
        return _ELB.get(operation, f"elbv2 {'write' if writes(operation) else 'read'}")
    return ""


def throttled(service: str) -> AwsError:
    """What a service answers when there are too many calls."""
    return AwsError(_CODES.get(service, "ThrottlingException"), "Rate exceeded")


class Buckets:
    """One bucket for each family of calls, all full at first."""

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        self._rates = rates
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, service: str, operation: str, now: float) -> None:
        """Take one call from its bucket; raises AwsError if that is empty."""
        name = bucket(service, operation)
        rate = self._rates.get(name)
        if rate is None:
            return
        left, since = self._left.get(name, (rate.burst, now))
        left = min(rate.burst, left + (now - since) * rate.sustained)
        taken = left >= 1
        self._left[name] = (left - taken, now)
        if not taken:
            raise throttled(service)
