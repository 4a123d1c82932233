"""One boto3 session for a process, and the one way in which calls are made: paced, retried where
that is safe, recorded, with errors in one sentence.

Source: https://docs.aws.amazon.com/boto3/latest/guide/retries.html
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

from compose2ecs.aws.errors import LOST, THROTTLED, from_boto, make
from compose2ecs.aws.pace import Pace
from compose2ecs.clock import Clock, SystemClock
from compose2ecs.plan.errors import AwsError

WIDTH = 16
_TRIES = 8  # of a call that AWS refuses for being too many
_TRIES_LOST = 3  # of a call that got no answer
_LONGEST = 20.0  # seconds between two tries


class Where(NamedTuple):
    """Which account and region; None is what boto3 finds in its usual places."""

    region: str | None = None
    profile: str | None = None
    role_arn: str | None = None
    endpoint_url: str | None = None


class Called(NamedTuple):
    """One call that was made: when, in seconds of the clock, and the code of its error."""

    service: str
    operation: str
    start: float
    end: float
    error: str | None = None


class Caller(Protocol):
    """What a gateway needs: an Account, or a double of one."""

    def call(self, service: str, operation: str, /, **body: Any) -> dict[str, Any]: ...


class Account:
    """An account and region. Safe to be used by many threads.

    `calls` holds every call in the order of their ends. `heard` is told of each as well. `session`
    is a boto3 session to use instead of one of its own.
    """

    def __init__(
        self,
        where: Where | None = None,
        *,
        clock: Clock | None = None,
        pace: Pace | None = None,
        heard: Callable[[Called], None] | None = None,
        width: int = WIDTH,
        session: Any = None,
    ) -> None:
        self.where = where or Where()
        self.clock: Clock = clock or SystemClock()
        self.pace = pace or Pace(self.clock)
        self.calls: list[Called] = []
        self._heard = heard
        self._width = width
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()  # boto3 makes one client at a time
        self._session = session

    @property
    def region(self) -> str | None:
        """The region that calls go to, or None where nobody says."""
        if self.where.region:
            return self.where.region
        with self._lock:
            found: str | None = self._own_session("sts").region_name
        return found

    def call(self, service: str, operation: str, /, **body: Any) -> dict[str, Any]:
        """Make one call and return its answer. Raises AwsError."""
        client = self._client(service, operation)
        method = _method(client, operation)
        tries = lost = 0
        while True:
            self.pace.take(service, operation)
            start = self.clock.now()
            try:
                answer: dict[str, Any] = method(**body)
            except Exception as raised:
                error = from_boto(service, operation, raised)
                self._record(Called(service, operation, start, self.clock.now(), error.code))
                tries += 1
                lost += error.code in LOST
                if not may_try_again(error, tries, lost, token="clientToken" in body):
                    raise error from None
                if error.code in THROTTLED:
                    self.pace.refused(service, operation)
                self.clock.sleep(pause(tries))
                continue
            self._record(Called(service, operation, start, self.clock.now()))
            return answer

    def _record(self, called: Called) -> None:
        self.calls.append(called)
        if self._heard is not None:
            self._heard(called)

    def _client(self, service: str, operation: str) -> Any:
        client = self._clients.get(service)
        if client is not None:
            return client
        with self._lock:
            if service not in self._clients:
                try:
                    self._clients[service] = self._make_client(service)
                except Exception as raised:
                    raise from_boto(service, operation, raised) from None
            return self._clients[service]

    def _make_client(self, service: str) -> Any:
        from botocore.config import Config

        from compose2ecs import __version__

        session = self._own_session(service)
        return session.client(
            service,
            region_name=self.where.region,
            endpoint_url=self.where.endpoint_url,
            config=Config(
                # retries are ours: boto3's do not know which calls are safe to repeat
                retries={"total_max_attempts": 1, "mode": "standard"},
                max_pool_connections=self._width,
                connect_timeout=10,
                read_timeout=60,
                user_agent_extra=f"compose2ecs/{__version__}",
            ),
        )

    def _own_session(self, service: str) -> Any:
        """The session, made at the first need; the lock is held."""
        if self._session is None:
            import boto3

            try:
                session: Any = boto3.session.Session(
                    profile_name=self.where.profile, region_name=self.where.region
                )
                if self.where.role_arn:
                    session = self._assumed(session, boto3.session.Session)
            except AwsError:
                raise
            except Exception as raised:
                raise from_boto(service, "Session", raised) from None
            self._session = session
        return self._session

    def _assumed(self, session: Any, make_session: Callable[..., Any]) -> Any:
        """A session with the rights of the role that is to be assumed, which last for an hour and
        are asked for anew before they end."""
        from botocore.credentials import RefreshableCredentials
        from botocore.session import get_session

        sts = session.client(
            "sts", region_name=self.where.region, endpoint_url=self.where.endpoint_url
        )

        def assume() -> dict[str, str]:
            answer = sts.assume_role(RoleArn=self.where.role_arn, RoleSessionName="compose2ecs")
            return _metadata(answer["Credentials"])

        try:
            first = assume()
        except Exception as raised:
            raise from_boto("sts", "AssumeRole", raised) from None
        core = get_session()
        rights = RefreshableCredentials.create_from_metadata(first, assume, "sts-assume-role")
        core.register_component("credential_provider", _Rights(rights))
        return make_session(
            botocore_session=core, region_name=self.where.region or session.region_name
        )


class _Rights:
    """What a session of botocore's asks for its credentials."""

    def __init__(self, rights: Any) -> None:
        self._rights = rights

    def load_credentials(self) -> Any:
        return self._rights


def _metadata(credentials: dict[str, Any]) -> dict[str, str]:
    """Credentials of STS's as botocore's refreshable ones want them."""
    return {
        "access_key": credentials["AccessKeyId"],
        "secret_key": credentials["SecretAccessKey"],
        "token": credentials["SessionToken"],
        "expiry_time": credentials["Expiration"].isoformat(),
    }


# Calls that may be sent again when nobody knows whether they had an effect: they set something to a
# value, carry a token, are refused the second time in a way that is understood, or, as with a
# revision that nobody uses, leave nothing behind that matters.
_REPEATABLE = frozenset(
    (
        "RegisterTaskDefinition",
        "CreateService",
        "UpdateService",
        "DeleteService",
        "TagResource",
        "UntagResource",
        "CreateTargetGroup",
        "ModifyTargetGroup",
        "ModifyTargetGroupAttributes",
        "DeleteTargetGroup",
        "CreateRule",
        "ModifyRule",
        "SetRulePriorities",
        "DeleteRule",
        "AddTags",
        "RemoveTags",
        "CreateLogGroup",
        "DeleteLogGroup",
        "PutRetentionPolicy",
        "CreateHttpNamespace",
        "DeleteNamespace",
        "RegisterScalableTarget",
        "DeregisterScalableTarget",
        "PutScalingPolicy",
        "DeleteScalingPolicy",
        "PutScheduledAction",
        "DeleteScheduledAction",
        "CreateSchedule",
        "UpdateSchedule",
        "DeleteSchedule",
        "StopTask",
        "DeregisterTaskDefinition",
    )
)
_READS = ("Describe", "List", "Get", "Filter")


def may_try_again(error: AwsError, tries: int, lost: int, *, token: bool = False) -> bool:
    """Whether a call that failed `tries` times, `lost` of them without an answer, is sent again.
    One with a `token` is done once, however often it arrives."""
    if error.code in THROTTLED or _busy(error):
        return tries < _TRIES
    if error.code in LOST:
        safe = token or error.operation in _REPEATABLE or error.operation.startswith(_READS)
        return safe and lost < _TRIES_LOST
    return False


def _busy(error: AwsError) -> bool:
    """One family takes one registration at a time."""
    return error.code == "ClientException" and "concurrent attempts" in error.text


def pause(tries: int) -> float:
    """Seconds until the next try: longer each time, and never the same for two."""
    longest: float = min(_LONGEST, 0.5 * 2**tries)
    return longest * (0.5 + random.random() / 2)


def _method(client: Any, operation: str) -> Callable[..., dict[str, Any]]:
    from botocore import xform_name

    found: Callable[..., dict[str, Any]] = getattr(client, xform_name(operation))
    return found


_MARKS = {"elbv2": ("Marker", "NextMarker"), "ecs": ("nextToken",) * 2, "logs": ("nextToken",) * 2}


def pages(
    aws: Caller, service: str, operation: str, result: str, /, **body: Any
) -> Iterator[dict[str, Any] | str]:
    """All entries of a list, over all its pages."""
    send, receive = _MARKS.get(service, ("NextToken", "NextToken"))
    while True:
        answer = aws.call(service, operation, **body)
        yield from answer.get(result, ())
        mark = answer.get(receive)
        if not mark:
            return
        body[send] = mark


def chunks(values: list[str], size: int) -> Iterator[list[str]]:
    """Pieces of a list for calls that take so many at once.

    >>> list(chunks(["a", "b", "c"], 2))
    [['a', 'b'], ['c']]
    """
    for start in range(0, len(values), size):
        yield values[start : start + size]


__all__ = ["Account", "Called", "Caller", "Where", "chunks", "make", "pages"]
