"""Container health checks, within the ranges ECS accepts."""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.compose.model import Duration
from compose2ecs.ecs.scope import Body, Scope

KEYS = ("healthcheck",)
_DOCKER_TIMEOUT = Duration(30_000_000_000)  # ECS's own default is 5 s


def apply(scope: Scope) -> None:
    check = scope.service.healthcheck
    if check is None:
        return
    if check.disable or (check.test is not None and check.test[:1] == ("NONE",)):
        return  # ECS runs no check that is not in the task definition
    if not check.test:
        scope.say(codes.HEALTH_TEST_OF_IMAGE, "healthcheck")
        return
    body: Body = {"command": list(check.test)}
    body["interval"] = _seconds(scope, "interval", check.interval, 30, 5, 300)
    body["timeout"] = _seconds(scope, "timeout", check.timeout or _DOCKER_TIMEOUT, 30, 2, 60)
    body["retries"] = _within(scope, "retries", check.retries or 3, 1, 10)
    if check.start_period:
        body["startPeriod"] = _seconds(scope, "start_period", check.start_period, 0, 0, 300)
    if check.start_interval is not None:
        scope.say_at(codes.START_INTERVAL, check.written.get("start_interval", check.place))
    scope.container["healthCheck"] = body


def _seconds(
    scope: Scope, key: str, value: Duration | None, default: int, low: int, high: int
) -> int:
    if not value:
        return default
    return _within(scope, key, -(-value // 1_000_000_000), low, high, " s")


def _within(scope: Scope, key: str, value: int, low: int, high: int, unit: str = "") -> int:
    fitting = min(max(value, low), high)
    if fitting != value:
        check = scope.service.healthcheck
        assert check is not None
        scope.say_at(
            codes.HEALTH_CLAMPED,
            check.written.get(key, check.place),
            key=key,
            value=f"{value}{unit}",
            low=low,
            high=f"{high}{unit}",
            used=f"{fitting}{unit}",
        )
    return fitting
