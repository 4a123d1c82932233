"""What AWS has against health checks, and against containers that wait for each other.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs.checks.model import Check, Found
from compose2ecs.checks.task import Task, kind_fault, missing, within, word
from compose2ecs.checks.values import listed, mapping, objects, text, unknown
from compose2ecs.report import ERROR, WARNING

Container = dict[str, Any]

# ---------------------------------------------------------------------------- health

_HEALTH = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)}


def health_check(value: Container, at: str, container: Container, task: Task) -> Found:
    at = f"{at}.healthCheck"
    command = value.get("command")
    if not isinstance(command, list):
        yield from missing(value, ("command",), at)
        if command:
            yield from kind_fault(command, list, f"{at}.command")
        command = []
    elif not command or command[0] not in ("CMD", "CMD-SHELL"):
        if not (command and unknown(command[0])):
            yield "D086", f"{at}.command", "a health check begins with CMD or CMD-SHELL"
    elif len(command) < 2 or command[1] == "":
        yield "D086", f"{at}.command", f"after {command[0]} comes what is to be run"
    for part in command:
        task.size += len(text(part))
    for key, wanted in value.items():
        if key in _HEALTH:
            low, high = _HEALTH[key]
            if wanted is not None and not within(wanted, low, high):
                unit = "" if key == "retries" else " s"
                said = f"`{key}` is {wanted!r}, and AWS takes {low} to {high}{unit}"
                yield "D084", f"{at}.{key}", said


# ---------------------------------------------------------------------------- order

_CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")


def depends_on(value: list[Any], at: str, container: Container, task: Task) -> Found:
    own = container.get("name")
    task.waits = True
    for index, need in objects(value):
        path, other = f"{at}.dependsOn[{index}]", need.get("containerName")
        yield from missing(need, ("containerName", "condition"), path)
        condition = need.get("condition")
        yield from word(condition, _CONDITIONS, f"{path}.condition")
        if not isinstance(other, str) or unknown(other) or not other:
            continue
        if other == own:
            yield "D083", f"{path}.containerName", f"{other} waits for itself"
        elif other not in task.containers:
            yield "D080", f"{path}.containerName", f"{other} is no container of this task"
        elif condition == "HEALTHY" and not mapping(task.containers[other].get("healthCheck")):
            yield "D081", f"{path}.condition", f"{other} has no health check to wait for"
        elif (
            condition in ("SUCCESS", "COMPLETE")
            and task.containers[other].get("essential") is not False
        ):
            yield "D082", f"{path}.condition", f"{other} is essential, so the task ends with it"


def links(value: list[Any], at: str, container: Container, task: Task) -> Found:
    task.waits = True
    if value and task.mode not in ("bridge", ""):
        yield "D064", f"{at}.links", f"there are no links {task.place}"
        return
    for index, link in enumerate(value):
        if isinstance(link, str) and not unknown(link):
            other, colon, alias = link.partition(":")
            if not other or ":" in alias or (colon and not alias):
                yield "D065", f"{at}.links[{index}]", f"{link!r} is not NAME or NAME:ALIAS"
            elif other not in task.containers:
                yield "D065", f"{at}.links[{index}]", f"{other} is no container of this task"


def circles(task: Task) -> Found:
    """Containers that wait for each other, by dependsOn (D083) or also by what implies it."""
    hard = {
        own: {text(need.get("containerName")) for _, need in objects(container.get("dependsOn"))}
        for own, container in task.containers.items()
    }
    for own in hard:
        hard[own].discard(own)  # told of already
    if chain := _circle(hard):
        yield "D083", "containerDefinitions", f"containers wait for each other: {chain}"
        return
    soft = {
        own: hard[own]
        | {text(link).partition(":")[0] for link in listed(container.get("links"))}
        | {text(one.get("sourceContainer")) for _, one in objects(container.get("volumesFrom"))}
        for own, container in task.containers.items()
    }
    if chain := _circle(soft):
        said = f"containers wait for each other by links or volumes: {chain}"
        yield "D066", "containerDefinitions", said


def _circle(needs: dict[str, set[str]]) -> str:
    """The containers that wait for each other, in order; empty where none do."""
    left = dict(needs)
    while free := [own for own in left if left[own].isdisjoint(left)]:
        for own in free:
            del left[own]
    if not left:
        return ""
    own = next(iter(left))
    chain: list[str] = []
    while own not in chain:
        chain.append(own)
        own = min(left[own] & left.keys())
    return " -> ".join([*chain[chain.index(own) :], own])


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_HEALTH_CHECK = f"{_API}HealthCheck.html"
_DEPENDENCY = f"{_API}ContainerDependency.html"
_CONTAINER = f"{_API}ContainerDefinition.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D064",
        ERROR,
        "Links are for bridge networking",
        _CONTAINER,
        "containers of one task reach each other on localhost; other tasks by Service Connect",
    ),
    Check(
        "D065",
        WARNING,
        "A link is NAME or NAME:ALIAS, of a container of the same task",
        _CONTAINER,
        "put both into one task (x-ecs: {task: NAME}), or reach it by Service Connect",
        "run",
    ),
    Check(
        "D066",
        WARNING,
        "No container waits for itself by way of links and volumes of others",
        _CONTAINER,
        "remove one of the links",
        "run",
    ),
    Check(
        "D080",
        ERROR,
        "A container waits for containers of its own task",
        _DEPENDENCY,
        "between tasks there is no order: let the client try again until its server answers",
    ),
    Check(
        "D081",
        ERROR,
        "What is waited for until it is HEALTHY has a health check in the task definition",
        _DEPENDENCY,
        "ECS ignores the image's own: write the command as its healthCheck",
    ),
    Check(
        "D082",
        ERROR,
        "What is waited for until it ends is not essential",
        _DEPENDENCY,
        "make it `essential: false`",
    ),
    Check(
        "D083",
        ERROR,
        "No container waits for itself, directly or by way of others",
        _DEPENDENCY,
        "remove one of the dependencies",
    ),
    Check(
        "D084",
        ERROR,
        "A health check has an interval of 5 to 300 s, a timeout of 2 to 60 s, 1 to 10 retries, a start period of up to 300 s",
        _HEALTH_CHECK,
    ),
    Check(
        "D086",
        ERROR,
        "A health check begins with CMD or CMD-SHELL, and goes on",
        _HEALTH_CHECK,
        "without a check, leave healthCheck out",
    ),
)
