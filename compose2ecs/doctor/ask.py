"""The way from checks to AWS: each question is asked once, whoever asks it, and what was denied is
remembered."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from compose2ecs.aws.ec2 import Ec2
from compose2ecs.aws.ecs import Ecs
from compose2ecs.aws.elb import Elb
from compose2ecs.aws.iam import Iam
from compose2ecs.aws.logs import Logs
from compose2ecs.aws.looks import Looks
from compose2ecs.aws.servicediscovery import ServiceDiscovery
from compose2ecs.aws.session import Caller
from compose2ecs.doctor.model import Resolve
from compose2ecs.plan.errors import AwsError

DENIED = frozenset(
    (
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "UnauthorizedException",
        "UnauthorizedOperation",
    )
)


class Once:
    """Makes a call the first time, and gives its answer, or raises its error, from then on."""

    def __init__(self, aws: Caller) -> None:
        self._aws = aws
        self._lock = threading.Lock()
        self._answers: dict[str, Future[dict[str, Any]]] = {}
        self.answered = 0

    def call(self, service: str, operation: str, /, **body: Any) -> dict[str, Any]:
        """Make a call. Raises AwsError."""
        key = json.dumps([service, operation, body], sort_keys=True, default=str)
        with self._lock:
            answer = self._answers.get(key)
            mine = answer is None
            if answer is None:
                answer = self._answers[key] = Future()
        if mine:
            try:
                answer.set_result(self._aws.call(service, operation, **body))
                with self._lock:
                    self.answered += 1
            except Exception as error:
                answer.set_exception(error)
        return answer.result()


class Ask:
    """The gateways, each behind the same memory."""

    def __init__(
        self, aws: Caller, resolve: Resolve, wall: Callable[[], float] = time.time
    ) -> None:
        self.once = Once(aws)
        self.resolve = resolve
        self.wall = wall  # seconds since 1970
        self.ecs = Ecs(self.once)
        self.elb = Elb(self.once)
        self.logs = Logs(self.once)
        self.servicediscovery = ServiceDiscovery(self.once)
        self.ec2 = Ec2(self.once)
        self.iam = Iam(self.once)
        self.looks = Looks(self.once)


def is_denied(error: AwsError) -> bool:
    """Whether a right is missing."""
    return error.code in DENIED
