"""What AWS has against log drivers and their options.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs.checks.model import Check, Found
from compose2ecs.checks.task import Task, kind_fault, word
from compose2ecs.checks.values import mapping, objects, text, unknown
from compose2ecs.limits import FARGATE_LOG_DRIVERS, LOG_DRIVERS
from compose2ecs.report import ERROR

Container = dict[str, Any]
Options = dict[str, Any]

_MANAGED = FARGATE_LOG_DRIVERS | {"json-file"}
_AWSLOGS = frozenset(
    ("awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group")
    + ("awslogs-datetime-format", "awslogs-multiline-pattern", "mode", "max-buffer-size")
)


def log_configuration(value: Container, at: str, container: Container, task: Task) -> Found:
    at = f"{at}.logConfiguration"
    driver = value.get("logDriver")
    allowed = LOG_DRIVERS
    if task.fargate:
        allowed = FARGATE_LOG_DRIVERS
    elif task.managed:
        allowed = _MANAGED
    if not isinstance(driver, str) or driver not in allowed:
        if unknown(driver):
            return
        said = f"{driver!r} is not a log driver here: {', '.join(sorted(allowed))}"
        yield "D128", f"{at}.logDriver", said
        return
    given = mapping(value.get("options"))
    for key, wanted in given.items():
        if not isinstance(wanted, str):
            yield from kind_fault(wanted, str, f"{at}.options.{key}")
    options: Options = given
    if value.get("secretOptions"):
        yield from _secret(value, at, task)
        names = {text(secret.get("name")) for _, secret in objects(value["secretOptions"])}
        options = {**dict.fromkeys(names, "<secret>"), **given}
    look = _DRIVERS.get(driver)
    if look is not None:
        yield from look(options, at, task)


def _secret(value: Container, at: str, task: Task) -> Found:
    from compose2ecs.checks.secrets import value_from

    if not task.role:
        said = "the task has no execution role to read secrets with"
        yield "D099", f"{at}.secretOptions", said
    for index, secret in objects(value["secretOptions"]):
        yield from value_from(secret.get("valueFrom"), f"{at}.secretOptions[{index}].valueFrom")


def _awslogs(options: Options, at: str, task: Task) -> Found:
    path = f"{at}.options"
    for key in ("awslogs-group", "awslogs-region"):
        if not options.get(key):
            yield "D129", f"{path}.{key}", f"`{key}` is missing"
    if task.fargate and not options.get("awslogs-stream-prefix"):
        yield "D130", f"{path}.awslogs-stream-prefix", "on Fargate logs need a stream prefix"
    if task.fargate and not task.role:
        yield "D099", at, "the task has no execution role to write logs with"
    if "awslogs-datetime-format" in options and "awslogs-multiline-pattern" in options:
        said = "a datetime format and a multiline pattern exclude each other"
        yield "D132", f"{path}.awslogs-multiline-pattern", said
    for key in options:
        if key not in _AWSLOGS:
            yield "D227", f"{path}.{key}", f"awslogs has no option `{key}`"
    create = options.get("awslogs-create-group", "true")
    if create != "true" and not unknown(create):
        yield "D227", f"{path}.awslogs-create-group", 'it is "true", or left out'
    yield from word(options.get("mode"), ("blocking", "non-blocking"), f"{path}.mode", "D227")


def _firelens(options: Options, at: str, task: Task) -> Found:
    if not any(mapping(other.get("firelensConfiguration")) for other in task.containers.values()):
        yield "D133", f"{at}.logDriver", "no container of the task has a `firelensConfiguration`"


def _splunk(options: Options, at: str, task: Task) -> Found:
    for key in ("splunk-token", "splunk-url"):
        if not options.get(key):
            yield "D228", f"{at}.options.{key}", f"`{key}` is missing"


_DRIVERS: dict[str, Any] = {"awslogs": _awslogs, "awsfirelens": _firelens, "splunk": _splunk}


def firelens_configuration(value: Container, at: str, container: Container, task: Task) -> Found:
    at = f"{at}.firelensConfiguration"
    yield from word(value.get("type", ""), ("fluentd", "fluentbit"), f"{at}.type")
    options = mapping(value.get("options"))
    form = options.get("config-file-type")
    yield from word(form, ("s3", "file"), f"{at}.options.config-file-type", "D222")
    if form == "s3" and task.fargate:
        said = "on Fargate the router's configuration is a file of its image"
        yield "D222", f"{at}.options.config-file-type", said
    elif form and not options.get("config-file-value"):
        yield "D222", f"{at}.options.config-file-value", "`config-file-value` is missing"


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_LOG = f"{_API}LogConfiguration.html"
_FIRELENS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D128",
        ERROR,
        "A log driver is one that there is where the task runs",
        _LOG,
        "awslogs, splunk and awsfirelens are everywhere",
    ),
    Check("D129", ERROR, "The awslogs driver has a group and a region", _LOG),
    Check("D130", ERROR, "On Fargate the awslogs driver has a stream prefix", _LOG),
    Check(
        "D132",
        ERROR,
        "Log events begin by a datetime format or by a pattern",
        _LOG,
        "remove one of the two",
    ),
    Check(
        "D133",
        ERROR,
        "The awsfirelens driver needs a log router in the task",
        _FIRELENS,
        "add a container with a firelensConfiguration",
    ),
    Check(
        "D222",
        ERROR,
        "A log router's configuration is in S3 or in a file, on Fargate in a file",
        _FIRELENS,
    ),
    Check(
        "D227",
        ERROR,
        "The awslogs driver has options that ECS lets it have",
        _LOG,
        "awslogs-create-group is true or left out; tag and awslogs-endpoint are not allowed",
    ),
    Check("D228", ERROR, "The splunk driver has a token and a URL", _LOG),
)
