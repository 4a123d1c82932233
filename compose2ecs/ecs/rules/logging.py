"""Logs: CloudWatch unless the file says otherwise, in one group for the stack."""

from __future__ import annotations

from collections.abc import Mapping

from compose2ecs import codes
from compose2ecs.ecs.scope import Body, Scope
from compose2ecs.limits import FARGATE_LOG_DRIVERS, LOG_DRIVERS

KEYS = ("logging",)
_LOCAL = ("json-file", "local")


def apply(scope: Scope) -> None:
    logging, fargate = scope.service.logging, scope.group.launch.fargate
    driver = logging.driver if logging is not None else None
    options = dict(logging.options) if logging is not None else {}
    if driver in _LOCAL or (driver is None and options):
        scope.say(codes.LOG_LOCAL, "logging", driver=driver or "the default driver")
        driver, options = None, {}
    elif driver == "none":
        scope.say(codes.LOG_NONE, "logging")
        driver, options = None, {}
    elif driver is not None and driver not in LOG_DRIVERS:
        scope.say(codes.LOG_DRIVER_UNKNOWN, "logging", driver=driver)
        driver, options = None, {}
    elif driver is not None and fargate and driver not in FARGATE_LOG_DRIVERS:
        scope.say(codes.LOG_DRIVER_ON_FARGATE, "logging", driver=driver)
        driver, options = None, {}
    given = {key: value for key, value in options.items() if value is not None}
    if driver in (None, "awslogs"):
        _to_cloudwatch(scope, given)
        return
    if not fargate:
        scope.say(codes.LOG_DRIVER_OF_INSTANCE, "logging", driver=driver)
    configuration: Body = {"logDriver": driver}
    if given:
        configuration["options"] = dict(sorted(given.items()))
    scope.container["logConfiguration"] = configuration


def _to_cloudwatch(scope: Scope, given: Mapping[str, str]) -> None:
    """Send the container's logs to CloudWatch, with the options that the file gives."""
    work, service = scope.work, scope.service
    group = given.get("awslogs-group")
    if group is None:
        group = log_group(scope)
    elif "awslogs-create-group" not in given:
        scope.say(codes.LOG_GROUP_FOREIGN, "logging", group=group)
    body: Body = {
        "awslogs-group": group,
        "awslogs-region": given.get("awslogs-region") or work.fact("region"),
        "awslogs-stream-prefix": given.get("awslogs-stream-prefix") or service.key,
    }
    body.update((key, value) for key, value in sorted(given.items()) if key not in body)
    scope.container["logConfiguration"] = {"logDriver": "awslogs", "options": body}


def log_group(scope: Scope) -> str:
    """The stack's log group, or the one that the service's `x-ecs.logs` names."""
    work = scope.work
    own, shared = scope.facts.logs, work.target.logs
    group = (own.group if own is not None else None) or shared.group or work.target.stack
    days = own.retention_days if own is not None else None
    if days is not None and (own is None or own.group is None):
        scope.say(codes.RETENTION_SHARED, "x-ecs", group=group)
        days = None
    work.log_groups[group] = days or work.log_groups.get(group) or shared.retention_days
    return group
