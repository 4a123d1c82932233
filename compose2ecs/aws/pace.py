"""Token buckets on our side, so that AWS never has to refuse a call for being too many.

AWS counts the calls of an account and region in buckets by family. Whoever spends faster than they
fill is refused, and retries only make that worse. So each call first takes a token here.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/api-throttling.html
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import NamedTuple

from compose2ecs.clock import Clock


class Rate(NamedTuple):
    """How many calls may come at once, and how many tokens come back each second."""

    burst: int
    per_second: float


RATES: Mapping[str, Rate] = {
    "ecs definitions modify": Rate(20, 1),
    "ecs definitions read": Rate(50, 20),
    "ecs definitions delete": Rate(5, 1),
    "ecs services modify": Rate(50, 5),
    "ecs services read": Rate(100, 20),
    "ecs tasks modify": Rate(100, 40),
    "ecs tasks read": Rate(100, 20),
    "ecs tags modify": Rate(20, 10),
    "ecs tags read": Rate(50, 20),
    "ecs clusters read": Rate(50, 20),
    "elbv2 modify": Rate(20, 3),
    "elbv2 targets modify": Rate(20, 4),
    "elbv2 read": Rate(40, 10),
    # these publish a rate a second and no burst
    "logs modify": Rate(10, 10),
    "logs read": Rate(10, 10),
    "servicediscovery": Rate(5, 5),
    "application-autoscaling": Rate(10, 10),
    "scheduler": Rate(20, 20),
}
_ECS = {
    "definitions modify": ("RegisterTaskDefinition", "DeregisterTaskDefinition"),
    "definitions read": (
        "DescribeTaskDefinition",
        "ListTaskDefinitions",
        "ListTaskDefinitionFamilies",
    ),
    "definitions delete": ("DeleteTaskDefinitions",),
    "services modify": ("CreateService", "UpdateService", "DeleteService"),
    "services read": ("DescribeServices", "ListServices"),
    "tasks modify": ("RunTask", "StopTask", "ExecuteCommand"),
    "tags modify": ("TagResource", "UntagResource"),
    "tags read": ("ListTagsForResource",),
    "clusters read": ("DescribeClusters", "ListClusters"),
}
_ECS_FAMILY = {operation: f"ecs {name}" for name, those in _ECS.items() for operation in those}


def family(service: str, operation: str) -> str:
    """The bucket that a call is counted in; '' for one without.

    >>> family("ecs", "RegisterTaskDefinition"), family("elbv2", "CreateRule"), family("sts", "X")
    ('ecs definitions modify', 'elbv2 modify', '')
    """
    reads = operation.startswith(("Describe", "List", "Get", "Filter"))
    if service == "ecs":
        return _ECS_FAMILY.get(operation, "ecs tasks read")
    if service == "elbv2":
        if operation in ("RegisterTargets", "DeregisterTargets"):
            return "elbv2 targets modify"
        return "elbv2 read" if reads else "elbv2 modify"
    if service == "logs":
        return "logs read" if reads else "logs modify"
    return service if service in RATES else ""


class Pace:
    """Lets a call through as soon as its bucket has a token for it; many threads may ask."""

    def __init__(self, clock: Clock, rates: Mapping[str, Rate] = RATES) -> None:
        self._clock = clock
        self._rates = rates
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}  # tokens left, at which time

    def take(self, service: str, operation: str) -> float:
        """Wait for a token. Returns the seconds that took."""
        name = family(service, operation)
        rate = self._rates.get(name)
        if rate is None:
            return 0.0
        with self._lock:
            now = self._clock.now()
            # one less than there are: AWS's bucket starts to fill when a call reaches it, ours when
            # it is sent
            full = max(rate.burst - 1, 1)
            left, then = self._buckets.get(name, (float(full), now))
            left = min(full, left + (now - then) * rate.per_second) - 1
            self._buckets[name] = left, now
            # below zero the token is owed: whoever comes later waits longer, in order of asking
            until = now + max(0.0, -left / rate.per_second)
        while (wait := until - self._clock.now()) > 1e-9:
            self._clock.sleep(wait)
        return until - now

    def refused(self, service: str, operation: str) -> None:
        """AWS says that the bucket is empty: others, whom we do not see, spend from it too."""
        name = family(service, operation)
        if name in self._rates:
            with self._lock:
                left, _ = self._buckets.get(name, (0.0, 0.0))
                self._buckets[name] = min(left, 0.0), self._clock.now()
