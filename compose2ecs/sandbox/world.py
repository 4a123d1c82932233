"""All that exists in one sandbox: one account in one region."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from compose2ecs.sandbox.behaviour import Behaviours
from compose2ecs.sandbox.clock import Clock
from compose2ecs.sandbox.ecs.state import EcsState
from compose2ecs.sandbox.elb.state import ElbState
from compose2ecs.sandbox.states import (
    IamState,
    LogsState,
    MapState,
    NetworkState,
    ScalingState,
    SchedulesState,
)

Body = dict[str, Any]  # a request, an answer, or a part of one
Handler = Callable[["World", Body], Body]

ACCOUNT = "123456789012"
REGION = "eu-west-1"

# Service quotas by names of ours; every one can be set for a sandbox.
QUOTAS = {
    "clusters": 10_000,
    "services per cluster": 5000,
    "tasks per service": 5000,
    "load balancers": 50,
    "listeners per load balancer": 50,
    "rules per load balancer": 100,
    "target groups": 3000,
    "target groups per load balancer": 100,
    "targets per target group": 1000,
    "certificates per load balancer": 25,
    "namespaces": 50,
    "log groups": 1_000_000,
    "fargate vcpus": 4000,
    "scalable targets": 3000,
    "policies per target": 50,
    "scheduled actions per target": 200,
}


@dataclass
class Pace:
    """How long things take, in seconds of the clock."""

    network: float = 3.0  # until a task has its network interface
    pull: float = 4.0  # until its images are there
    register: float = 1.0  # until its targets are registered
    settle: float = 10.0  # how long it runs before it counts, where nothing checks its health
    stop: float = 1.0  # until its containers have stopped
    release: float = 2.0  # until its network interface is gone
    keep: float = 3600.0  # how long stopped tasks and inactive services can be described
    retry: float = 60.0  # between two attempts to start what failed often
    namespace: float = 5.0  # until a namespace is made or gone
    job: float = 5.0  # how long the containers of RunTask run, if nobody says what they do


class World:
    """What there is. Everything is changed under `lock`, at the time `now`."""

    def __init__(self, clock: Clock, region: str = REGION, account: str = ACCOUNT) -> None:
        self.clock = clock
        self.region = region
        self.account = account
        self.lock = threading.RLock()
        self.now = clock.time()
        self.pace = Pace()
        self.quotas = dict(QUOTAS)
        self.behaviours = Behaviours()
        self.forbidden: list[str] = []  # patterns of actions that nobody may do
        self.ecs = EcsState()
        self.elb = ElbState()
        self.logs = LogsState()
        self.map = MapState()
        self.scaling = ScalingState()
        self.schedules = SchedulesState()
        self.iam = IamState()
        self.network = NetworkState()
        self._ids = 0

    def id(self, length: int = 32) -> str:
        """A new id of hexadecimal digits: the same ones in the same order in each sandbox."""
        self._ids += 1
        seed = f"{self.account}:{self.region}:{self._ids}".encode()
        return hashlib.sha256(seed).hexdigest()[:length]

    def number(self, digits: int = 19) -> str:
        """A new id of decimal digits."""
        return str(int(self.id(32), 16))[:digits]

    def arn(self, service: str, rest: str) -> str:
        """The ARN of something in this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"
