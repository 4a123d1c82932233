"""What AWS has against limits, kernel parameters, capabilities, devices, swap and GPUs.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs.checks.model import Check, Found
from compose2ecs.checks.task import INT_MAX, Task, kind_fault, missing, number_fault, within, word
from compose2ecs.checks.values import listed, mapping, number, objects, text, unknown
from compose2ecs.limits import (
    CAPABILITIES,
    IPC_SYSCTLS,
    TMPFS_OPTIONS,
    TMPFS_VALUED_OPTIONS,
    ULIMITS,
)
from compose2ecs.report import ERROR, WARNING

Container = dict[str, Any]

# ---------------------------------------------------------------------------- limits


def ulimits(value: list[Any], at: str, container: Container, task: Task) -> Found:
    for index, limit in objects(value):
        path = f"{at}.ulimits[{index}]"
        yield from missing(limit, ("name", "softLimit", "hardLimit"), path)
        name = limit.get("name")
        if isinstance(name, str) and name and name not in ULIMITS and not unknown(name):
            yield "D043", f"{path}.name", f"there is no limit called {name!r}"
        soft, hard = limit.get("softLimit"), limit.get("hardLimit")
        for key, wanted in (("softLimit", soft), ("hardLimit", hard)):
            if wanted is not None:
                yield from number_fault(wanted, f"{path}.{key}", -1)
        low, high = number(soft), number(hard)
        if low is not None and high is not None and high != -1 and (low == -1 or low > high):
            said = f"the soft limit of {name} ({low}) is over its hard limit ({high})"
            yield "D044", f"{path}.softLimit", said


def system_controls(value: list[Any], at: str, container: Container, task: Task) -> Found:
    for index, control in objects(value):
        path = f"{at}.systemControls[{index}].namespace"
        name = text(control.get("namespace"))
        if unknown(name):
            continue
        network, ipc = name.startswith("net."), name.startswith("fs.mqueue.")
        if not (network or ipc or name in IPC_SYSCTLS):
            yield "D115", path, f"{name or 'nothing'!r} is not a parameter of the container's own"
        elif network and task.mode == "host":
            yield "D115", path, f"{name} is the instance's own with host networking"
        elif not network and task.body.get("ipcMode") == "host":
            yield "D115", path, f"{name} is the instance's own with the `ipcMode` host"


def shared_controls(task: Task) -> Found:
    """D116: containers that share a network share its parameters."""
    if task.mode != "awsvpc":
        return
    known: dict[str, tuple[str, str]] = {}
    for own, container in task.containers.items():
        for _, control in objects(container.get("systemControls")):
            name, value = text(control.get("namespace")), text(control.get("value"))
            if not name.startswith("net."):
                continue
            first, before = known.setdefault(name, (own, value))
            if value != before:
                said = f"{first} sets {name} to {before}, {own} to {value}: the last to start wins"
                yield "D116", "containerDefinitions", said


# ---------------------------------------------------------------------------- rights

_SECURITY = ("apparmor:", "label:", "credentialspec:")


def privileged(value: bool, at: str, container: Container, task: Task) -> Found:
    if value and (task.fargate or task.windows):
        where = "on Fargate" if task.fargate else "on Windows"
        yield "D110", f"{at}.privileged", f"no container is privileged {where}"


def security_options(value: list[Any], at: str, container: Container, task: Task) -> Found:
    at = f"{at}.dockerSecurityOptions"
    if value and task.fargate:
        yield "D114", at, "there are no security options on Fargate"
        return
    for index, option in enumerate(value):
        if not isinstance(option, str) or option == "no-new-privileges":
            continue
        if not option.startswith(_SECURITY) and not unknown(option):
            yield "D114", f"{at}[{index}]", f"{option!r} is none that ECS takes"


# ---------------------------------------------------------------------------- linuxParameters


def linux_parameters(value: Container, at: str, container: Container, task: Task) -> Found:
    if "tmpfs" in value and "mountPoints" not in container:
        from compose2ecs.checks.volumes import mounted  # with mount points it is asked there

        yield from mounted(at, container, task)
    at = f"{at}.linuxParameters"
    for key, wanted in value.items():
        look = _PARAMETERS.get(key)
        if look is not None and wanted is not None:
            yield from look(wanted, f"{at}.{key}", value, task)


def _capabilities(value: Any, path: str, parameters: Container, task: Task) -> Found:
    for key in ("add", "drop"):
        for index, name in enumerate(listed(mapping(value).get(key))):
            if not isinstance(name, str) or unknown(name):
                continue
            if name not in CAPABILITIES:
                yield "D112", f"{path}.{key}[{index}]", f"there is no capability {name!r}"
            elif key == "add" and task.fargate and name != "SYS_PTRACE":
                said = f"{name} is not given on Fargate, where SYS_PTRACE alone is"
                yield "D111", f"{path}.{key}[{index}]", said


def _devices(value: Any, path: str, parameters: Container, task: Task) -> Found:
    if value and task.fargate:
        yield "D113", path, "there are no devices on Fargate"
        return
    for index, device in objects(value):
        yield from missing(device, ("hostPath",), f"{path}[{index}]")
        for number_, permission in enumerate(listed(device.get("permissions"))):
            at = f"{path}[{index}].permissions[{number_}]"
            yield from word(permission, ("read", "write", "mknod"), at)


def _shared_memory(value: Any, path: str, parameters: Container, task: Task) -> Found:
    if task.fargate:
        yield "D036", path, "the size of /dev/shm cannot be set on Fargate"
    else:
        yield from number_fault(value, path)


def _max_swap(value: Any, path: str, parameters: Container, task: Task) -> Found:
    if task.fargate:
        yield "D034", path, "there is no swap on Fargate"
    elif not within(value, 0, INT_MAX):
        yield "D035", path, f"{value!r} MiB of swap"


def _swappiness(value: Any, path: str, parameters: Container, task: Task) -> Found:
    if task.fargate:
        yield "D034", path, "there is no swap on Fargate"
    elif not within(value, 0, 100):
        yield "D035", path, f"{value!r} is not from 0 to 100"
    elif parameters.get("maxSwap") is None:
        yield "D229", path, "without `maxSwap` it counts for nothing"


def _tmpfs(value: Any, path: str, parameters: Container, task: Task) -> Found:
    for index, mount in objects(value):
        at = f"{path}[{index}]"
        yield from missing(mount, ("containerPath",), at)
        size = mount.get("size")
        if not within(size, 1, INT_MAX):
            yield "D037", f"{at}.size", "a tmpfs has a size of 1 MiB or more"
        for place, option in enumerate(listed(mount.get("mountOptions"))):
            if isinstance(option, str) and not _is_tmpfs_option(option):
                yield "D038", f"{at}.mountOptions[{place}]", f"{option!r} is none that ECS takes"


def _is_tmpfs_option(option: str) -> bool:
    name = option.partition("=")[0]
    known = option in TMPFS_OPTIONS or name in TMPFS_VALUED_OPTIONS
    return known or unknown(option)


def _flag(value: Any, path: str, parameters: Container, task: Task) -> Found:
    return kind_fault(value, bool, path)


_PARAMETERS: dict[str, Any] = {
    "capabilities": _capabilities,
    "devices": _devices,
    "initProcessEnabled": _flag,
    "sharedMemorySize": _shared_memory,
    "maxSwap": _max_swap,
    "swappiness": _swappiness,
    "tmpfs": _tmpfs,
}

# ---------------------------------------------------------------------------- GPUs

_RESOURCES = ("GPU", "InferenceAccelerator", "NeuronDevice")


def resource_requirements(value: list[Any], at: str, container: Container, task: Task) -> Found:
    for index, wanted in objects(value):
        path = f"{at}.resourceRequirements[{index}]"
        kind, amount = wanted.get("type"), wanted.get("value")
        yield from missing(wanted, ("type",), path)
        if kind:
            yield from word(kind, _RESOURCES, f"{path}.type")
        if kind == "InferenceAccelerator":
            yield "D216", f"{path}.type", "Elastic Inference is no more"
        elif kind == "GPU" and (task.fargate or task.windows):
            where = "on Fargate" if task.fargate else "on Windows"
            yield "D041", path, f"there are no GPUs {where}"
        elif kind == "GPU" and wanted.get("sharingStrategy") is not None:
            if amount is not None:
                yield "D226", f"{path}.value", "GPUs are counted or shared, not both"
        elif kind in ("GPU", "NeuronDevice") and not unknown(amount):
            counted = isinstance(amount, str) and amount.isdecimal() and int(amount) > 0
            if amount != "ALL" and (kind != "GPU" or not counted):
                wants = "a number or ALL" if kind == "GPU" else "ALL"
                yield "D226", f"{path}.value", f"{amount!r} is not {wants}"


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
_FARGATE = f"{_GUIDE}fargate-tasks-services.html"
_LINUX = f"{_API}LinuxParameters.html"
_CONTROL = f"{_API}SystemControl.html"
_ON_EC2 = "leave it out, or launch the task on EC2"

ROWS: tuple[Check, ...] = (
    Check("D034", ERROR, "There is no swap on Fargate", _LINUX, "leave maxSwap and swappiness out"),
    Check("D035", ERROR, "maxSwap is 0 or more, swappiness 0 to 100", _LINUX),
    Check(
        "D036",
        ERROR,
        "The size of /dev/shm cannot be set on Fargate",
        _LINUX,
        "mount a tmpfs there: linuxParameters.tmpfs",
    ),
    Check("D037", ERROR, "A tmpfs has a size", f"{_API}Tmpfs.html"),
    Check("D038", ERROR, "A tmpfs has mount options that ECS knows", f"{_API}Tmpfs.html"),
    Check(
        "D041",
        ERROR,
        "There are no GPUs on Fargate, nor on Windows",
        f"{_GUIDE}ecs-gpu.html",
        "launch the task on EC2",
    ),
    Check("D043", ERROR, "A ulimit is one of the 15 that Docker knows", f"{_API}Ulimit.html"),
    Check("D044", ERROR, "A soft limit is not over its hard limit", f"{_API}Ulimit.html"),
    Check(
        "D110", ERROR, "No container is privileged on Fargate, nor on Windows", _FARGATE, _ON_EC2
    ),
    Check(
        "D111",
        ERROR,
        "SYS_PTRACE is the one capability that is added on Fargate",
        f"{_API}KernelCapabilities.html",
        _ON_EC2,
    ),
    Check(
        "D112",
        ERROR,
        "A capability is one that ECS knows, without CAP_ in front",
        f"{_API}KernelCapabilities.html",
    ),
    Check("D113", ERROR, "There are no devices on Fargate", _LINUX, _ON_EC2),
    Check(
        "D114",
        ERROR,
        "A security option is no-new-privileges, apparmor:, label: or credentialspec:, and not on Fargate",
        f"{_API}ContainerDefinition.html",
        "ECS has no seccomp profiles",
    ),
    Check(
        "D115",
        ERROR,
        "A kernel parameter is one that the container has for itself",
        _CONTROL,
        "those are net.*, fs.mqueue.* and the kernel parameters of System V IPC",
    ),
    Check(
        "D116",
        WARNING,
        "Containers that share a network agree on its parameters",
        _CONTROL,
        "set it in one container, or to the same value",
        "run",
    ),
    Check(
        "D226",
        ERROR,
        "GPUs are a number or ALL, Neuron devices ALL",
        f"{_API}ResourceRequirement.html",
    ),
    Check(
        "D229", WARNING, "swappiness comes with maxSwap", _LINUX, "set memswap_limit too", "meaning"
    ),
)
