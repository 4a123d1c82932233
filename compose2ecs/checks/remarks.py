"""What AWS takes and means as it is written, and is worth a remark to whoever asks for remarks.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs.checks.containers import tag
from compose2ecs.checks.model import Alone, Among, Bodies, Body, Check, Found
from compose2ecs.checks.stack import task_of
from compose2ecs.checks.values import mapping, number, objects, text, unknown
from compose2ecs.limits import MIN_CPU
from compose2ecs.report import INFO

Container = dict[str, Any]

# ---------------------------------------------------------------------------- containers


def _task_definition(body: Body) -> Found:
    system = text(mapping(body.get("runtimePlatform")).get("operatingSystemFamily"))
    for index, container in objects(body.get("containerDefinitions")):
        at = f"containerDefinitions[{index}]"
        image = text(container.get("image"))
        if _moves(image):
            said = f"{image} is whatever its tag points to when it is deployed"
            yield "D011", f"{at}.image", said
        if number(container.get("cpu")) == 1 and not system.startswith("WINDOWS"):
            yield "D031", f"{at}.cpu", f"1 unit of CPU becomes {MIN_CPU}"
        check = container.get("healthCheck")
        if isinstance(check, dict) and "timeout" not in check:
            said = "without a `timeout` the check has 5 s, and with Docker it has 30 s"
            yield "D085", f"{at}.healthCheck", said
        for number_, entry in objects(container.get("environment")):
            name = text(entry.get("name"))
            if _confides(name.upper(), entry.get("value")):
                said = f"{name} is plain text for all who look"
                yield "D096", f"{at}.environment[{number_}]", said


def _moves(image: str) -> bool:
    """Whether an image is another one as time goes by."""
    if not image or image[-1] == ":" or "@" in image or unknown(image):
        return False
    return tag(image) in ("", "latest")


_HINTS = ("PASSW", "PWD", "SECRET", "TOKEN", "CREDENTIAL", "APIKEY", "API_KEY", "PRIVATE_KEY")
_FLAGS = frozenset(("yes", "no", "true", "false", "on", "off"))


def _confides(key: str, value: Any) -> bool:
    """Whether the value of a variable with such a name may be a secret itself."""
    if not isinstance(value, str) or not value or unknown(value):
        return False
    if not any(hint in key for hint in _HINTS):
        return False
    if key.endswith(("_FILE", "_PATH", "_URL", "_ARN")) or value[0] == "/":
        return False
    return not value.isdecimal() and value.lower() not in _FLAGS


# ---------------------------------------------------------------------------- with its service


def _service(body: Body, bodies: Bodies) -> Found:
    """D056: a port that is fixed on the instance is one task's at a time there."""
    task = task_of(body.get("taskDefinition"), bodies)
    if task is None or task.get("networkMode", "bridge") not in ("bridge", "host"):
        return
    always = task.get("networkMode") == "host"
    for _, container in objects(task.get("containerDefinitions")):
        for _, port in objects(container.get("portMappings")):
            if always or port.get("hostPort"):
                yield from _beside(body, port)
                return


def _beside(body: Body, port: Container) -> Found:
    count = number(body.get("desiredCount")) or 0
    least = number(mapping(body.get("deploymentConfiguration")).get("minimumHealthyPercent"))
    kept = -(-count * (100 if least is None else least) // 100)
    if count and kept >= count and body.get("schedulingStrategy") != "DAEMON":
        fixed = port.get("hostPort") or port.get("containerPort")
        said = f"port {fixed} is fixed, so {count} copies and a new one need {count + 1} instances"
        yield "D056", "deploymentConfiguration.minimumHealthyPercent", said


# ---------------------------------------------------------------------------- the table

ALONE: Alone = {"task-definitions": (_task_definition,)}
AMONG: Among = {"services": (_service,)}

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
_CONTAINER = f"{_API}ContainerDefinition.html"
_HEALTH_CHECK = f"{_API}HealthCheck.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D011",
        INFO,
        "An image has a tag that says what it is",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html",
        "write the version as its tag, so that every deployment runs the same",
        "meaning",
    ),
    Check(
        "D031",
        INFO,
        "A container has 2 units of CPU or more",
        _CONTAINER,
        "",
        "meaning",
    ),
    Check(
        "D096",
        INFO,
        "A variable that sounds like a secret is no plain text",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html",
        "put it into SSM or Secrets Manager: x-ecs: {secrets: {NAME: parameter}}",
        "meaning",
    ),
    Check(
        "D085",
        INFO,
        "A health check says how long it may take",
        _HEALTH_CHECK,
        "",
        "meaning",
    ),
    Check(
        "D056",
        INFO,
        "A port that is fixed on the instance is one task's at a time there",
        f"{_GUIDE}service-event-messages-list.html",
        "let the old task stop first (minimumHealthyPercent 0), or have an instance to spare",
        "run",
    ),
)
