"""What AWS has against the CPU and memory of a whole task.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs.checks.model import Body, Check, Found
from compose2ecs.checks.task import Task
from compose2ecs.checks.values import mapping, number, objects, text, unknown
from compose2ecs.limits import FARGATE_SIZES
from compose2ecs.report import ERROR

_CPU = (128, 196608)
_LARGEST = (max(FARGATE_SIZES), max(map(max, FARGATE_SIZES.values())))
_WINDOWS_CPU = (1024, 2048, 4096)


def amount(written: Any, unit: str) -> int | None:
    """Units of CPU or MiB, as a task has them: "512", "0.5 vCPU", "1GB"; None if it is neither.

    >>> amount("512", "vcpu"), amount(".5 vCPU", "vcpu"), amount("1GB", "gb"), amount("x", "gb")
    (512, 512, 1024, None)
    """
    if not isinstance(written, str):
        return None
    if written.isdecimal() and written.isascii():
        return int(written) if len(written) < 16 else None
    short = written.strip().lower()
    if not short.endswith(unit):
        return None
    try:
        return round(float(short.removesuffix(unit)) * 1024)
    except (ValueError, OverflowError):
        return None


def cpu(value: str, task: Task) -> Found:
    if unknown(value):
        return
    units = amount(value, "vcpu")
    if units is None:
        yield "D030", "cpu", f"{value!r} is no number of CPU units, nor of vCPUs"
        return
    low, high = _CPU
    if not (low <= units <= high or task.fargate or task.windows):
        yield "D030", "cpu", f"{units} units, and AWS takes {low} to {high}"
        return
    definitions = objects(task.body.get("containerDefinitions"))
    used = sum(number(container.get("cpu")) or 0 for _, container in definitions)
    if used > units and not task.windows:
        yield "D024", "cpu", f"the containers have {used} units of CPU, and the task {units}"


def memory(value: str, task: Task) -> Found:
    if unknown(value):
        return
    mib = amount(value, "gb")
    if mib is None or mib <= 0:
        yield "D200", "memory", f"{value!r} is no number of MiB, nor of GB"
        return
    over = False
    used = 0
    for index, container in objects(task.body.get("containerDefinitions")):
        own, reserved = number(container.get("memory")), number(container.get("memoryReservation"))
        used += reserved or own or 0
        if own is not None and own > mib:
            over = True
            said = f"{own} MiB, and the whole task has {mib}"
            yield "D023", f"containerDefinitions[{index}].memory", said
    if used > mib and not over:
        yield "D025", "memory", f"the containers have {used} MiB, and the task {mib}"


def on_fargate(body: Body) -> Found:
    for key in ("cpu", "memory"):
        if not body.get(key):
            yield "D027", key, f"on Fargate a task has its `{key}`"
    if "networkMode" not in body:
        yield "D072", "networkMode", "Fargate has awsvpc networking, and wants it said"
    units, mib = amount(body.get("cpu"), "vcpu"), amount(body.get("memory"), "gb")
    if not units or not mib:
        return
    system = text(mapping(body.get("runtimePlatform")).get("operatingSystemFamily"))
    size = f"{units} units of CPU and {mib} MiB"
    if units > _LARGEST[0] or mib > _LARGEST[1]:
        yield "D028", "cpu", f"{size}, and Fargate ends at {_LARGEST[0]} and {_LARGEST[1]}"
    elif system.startswith("WINDOWS") and units < _WINDOWS_CPU[0]:
        yield "D029", "cpu", f"{units} units of CPU, and Windows needs {_WINDOWS_CPU[0]} on Fargate"
    elif mib not in FARGATE_SIZES.get(units, ()):
        yield "D026", "cpu", f"Fargate has no tasks of {size}"
    elif system.startswith("WINDOWS") and units not in _WINDOWS_CPU:
        yield "D026", "cpu", f"Fargate has no tasks of {size} for Windows"


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
_REGISTER = f"{_API}RegisterTaskDefinition.html"
_PARAMETERS = f"{_GUIDE}task_definition_parameters.html"
_FARGATE = f"{_GUIDE}fargate-tasks-services.html"
_MORE_ROOM = "give the containers less, or the task more"

ROWS: tuple[Check, ...] = (
    Check("D023", ERROR, "No container may use more memory than its task", _PARAMETERS, _MORE_ROOM),
    Check(
        "D024", ERROR, "The containers have no more CPU than their task", _PARAMETERS, _MORE_ROOM
    ),
    Check(
        "D025",
        ERROR,
        "The containers reserve no more memory than their task",
        _PARAMETERS,
        _MORE_ROOM,
    ),
    Check(
        "D026",
        ERROR,
        "Fargate has tasks of some sizes only",
        _FARGATE,
        f"what memory goes with what CPU: {_FARGATE}",
    ),
    Check("D027", ERROR, "On Fargate a task has its cpu and memory", _FARGATE),
    Check("D028", ERROR, "Fargate ends at 32 vCPU and 244 GB", _FARGATE, "launch the task on EC2"),
    Check("D029", ERROR, "On Fargate a task for Windows has 1 vCPU or more", _FARGATE),
    Check(
        "D030", ERROR, "A task's cpu is 128 to 196608 units, as text, or so many vCPU", _REGISTER
    ),
    Check("D200", ERROR, "A task's memory is a number of MiB, as text, or so many GB", _REGISTER),
)
