"""What AWS has against task definitions as a whole: RegisterTaskDefinition.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
and https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html

What a body leaves out costs nothing: its members are looked up in a table, and not the table's
members in it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from compose2ecs.checks.model import Alone, Among, Body, Check, Faults, Found
from compose2ecs.checks.stack import tags
from compose2ecs.checks.task import Task, fits, kind_fault, missing, within, word
from compose2ecs.checks.values import (
    bad_name,
    mapping,
    objects,
    text,
    unknown,
)
from compose2ecs.limits import (
    CONTAINERS_PER_TASK,
    FARGATE_EPHEMERAL,
    TASK_DEFINITION_BYTES,
)
from compose2ecs.report import ERROR, WARNING

Container = dict[str, Any]

# ---------------------------------------------------------------------------- members

# What each member of a container must be, what the items of a list or mapping in it must be, and the
# function that looks at it: modules that few bodies need are imported when one does.
_CONTAINER: dict[str, tuple[type, type | None, str]] = {
    "command": (list, None, "containers.command"),
    "cpu": (int, None, "containers.cpu"),
    "credentialSpecs": (list, str, "secrets.credential_specs"),
    "dependsOn": (list, dict, "order.depends_on"),
    "disableNetworking": (bool, None, "ports.disable_networking"),
    "dnsSearchDomains": (list, str, "ports.dns_search"),
    "dnsServers": (list, str, "ports.dns_servers"),
    "dockerLabels": (dict, str, "containers.labels"),
    "dockerSecurityOptions": (list, str, "linux.security_options"),
    "entryPoint": (list, None, "containers.entry_point"),
    "environment": (list, None, "containers.environment"),
    "environmentFiles": (list, dict, "secrets.environment_files"),
    "essential": (bool, None, ""),
    "extraHosts": (list, dict, "ports.extra_hosts"),
    "firelensConfiguration": (dict, None, "logging.firelens_configuration"),
    "healthCheck": (dict, None, "order.health_check"),
    "hostname": (str, None, "ports.hostname"),
    "image": (str, None, "containers.image"),
    "interactive": (bool, None, ""),
    "links": (list, str, "order.links"),
    "linuxParameters": (dict, None, "linux.linux_parameters"),
    "logConfiguration": (dict, None, "logging.log_configuration"),
    "memory": (int, None, "containers.memory"),
    "memoryReservation": (int, None, "containers.memory_reservation"),
    "mountPoints": (list, dict, "volumes.mount_points"),
    "name": (str, None, "containers.name"),
    "portMappings": (list, dict, "ports.port_mappings"),
    "privileged": (bool, None, "linux.privileged"),
    "pseudoTerminal": (bool, None, ""),
    "readonlyRootFilesystem": (bool, None, ""),
    "repositoryCredentials": (dict, None, "secrets.repository_credentials"),
    "resourceRequirements": (list, dict, "linux.resource_requirements"),
    "restartPolicy": (dict, None, "containers.restart_policy"),
    "secrets": (list, dict, "secrets.secrets"),
    "startTimeout": (int, None, "containers.start_timeout"),
    "stopTimeout": (int, None, "containers.stop_timeout"),
    "systemControls": (list, dict, "linux.system_controls"),
    "ulimits": (list, dict, "linux.ulimits"),
    "user": (str, None, "containers.user"),
    "versionConsistency": (str, None, "containers.version_consistency"),
    "volumesFrom": (list, dict, "volumes.volumes_from"),
    "workingDirectory": (str, None, ""),
}
# What each member of a task definition must be, and the function that looks at it.
_TASK: dict[str, tuple[type, str]] = {
    "containerDefinitions": (list, "tasks.containers"),
    "cpu": (str, "sizes.cpu"),
    "enableFaultInjection": (bool, ""),
    "ephemeralStorage": (dict, "tasks.storage"),
    "executionRoleArn": (str, ""),
    "family": (str, "tasks.family"),
    "inferenceAccelerators": (list, "tasks.accelerators"),
    "ipcMode": (str, "tasks.ipc_mode"),
    "memory": (str, "sizes.memory"),
    "networkMode": (str, "tasks.network_mode"),
    "pidMode": (str, "tasks.pid_mode"),
    "placementConstraints": (list, "tasks.placement"),
    "proxyConfiguration": (dict, "tasks.proxy"),
    "requiresCompatibilities": (list, "tasks.compatibilities"),
    "runtimePlatform": (dict, "tasks.platform"),
    "tags": (list, "tasks.tagged"),
    "taskRoleArn": (str, ""),
    "trustedExecutionConfiguration": (dict, ""),
    "volumes": (list, "volumes.volumes"),
}
_ANSWERED = frozenset(
    ("taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities")
    + ("registeredAt", "registeredBy", "deregisteredAt", "deleteRequestedAt")
)
_NOT_ON_WINDOWS = frozenset(
    ("disableNetworking", "dnsSearchDomains", "dnsServers", "environmentFiles", "extraHosts")
    + ("links", "linuxParameters", "memoryReservation", "readonlyRootFilesystem", "systemControls")
    + ("ulimits", "user")
)
_ITEM = 50  # about what JSON writes of an entry of a list
_tags = tags("tags")


Look = Callable[..., Faults]
_LOOKS: dict[str, Look] = {}
_MEMBERS: dict[str, tuple[type, type | None, Look | None]] = {}  # of _CONTAINER, as they are needed


def named(look: str) -> Look:
    """The function of `module.function`, from a module of this package."""
    found = _LOOKS.get(look)
    if found is None:
        module, _, function = look.partition(".")
        found = getattr(import_module(f"compose2ecs.checks.{module}"), function)
        _LOOKS[look] = found
    return found


def task_definition(body: Body) -> Found:
    """Everything that RegisterTaskDefinition, or the agent that runs it, has against a body."""
    task = Task(body)
    for key, value in body.items():
        if key not in _TASK:
            said = "only answers have it" if key in _ANSWERED else "no task definition has it"
            yield "D202", key, said
            continue
        wanted, look = _TASK[key]
        if not isinstance(value, wanted):
            yield from kind_fault(value, wanted, key)
        elif look and (found := (_LOOKS.get(look) or named(look))(value, task)):
            yield from found
    if "family" not in body:
        yield "D001", "family", "a task definition has a family"
    if "containerDefinitions" not in body:
        yield "D005", "containerDefinitions", "there are no containers"
    if task.fargate:
        from compose2ecs.checks.sizes import on_fargate

        yield from on_fargate(body)
    if task.size > TASK_DEFINITION_BYTES // 8:
        yield from _bytes(body)


def containers(definitions: list[Any], task: Task) -> Found:
    if not definitions:
        yield "D005", "containerDefinitions", "there are no containers"
        return
    if len(definitions) > CONTAINERS_PER_TASK:
        said = f"{len(definitions)} containers, and AWS takes {CONTAINERS_PER_TASK}"
        yield "D004", "containerDefinitions", said
    for index, container in enumerate(definitions):
        at = f"containerDefinitions[{index}]"
        if isinstance(container, dict):
            yield from _container(container, at, task)
        else:
            yield from kind_fault(container, dict, at)
    for container in definitions:
        if mapping(container).get("essential") is not False:
            break
    else:
        yield "D012", "containerDefinitions", "no container is essential"
    if task.waits:
        yield from named("order.circles")(task)
    if len(task.ports) > 1 or len(task.names) > 1:
        yield from named("ports.across")(task)
    if len(definitions) > 1:
        if len(task.containers) < len(definitions):
            yield from _same_names(definitions)
        if task.mode == "awsvpc":
            yield from named("linux.shared_controls")(task)


def _container(container: Container, at: str, task: Task) -> Found:
    for key, value in container.items():
        member = _MEMBERS.get(key)
        if member is None:
            if key not in _CONTAINER:
                yield "D202", f"{at}.{key}", "no container has it"
                continue
            member = _member(key)
        wanted, item, look = member
        if value.__class__ is not wanted and not fits(value, wanted):
            yield from _misfit(key, value, wanted, f"{at}.{key}")
            continue
        if item is not None:
            task.size += _ITEM * len(value)
            for one in value if wanted is list else value.values():
                if one.__class__ is not item:
                    yield from _items(value, item, f"{at}.{key}")
                    break
        if look is not None and (found := look(value, at, container, task)):
            yield from found
    if "name" not in container or "image" not in container or "memory" not in container:
        yield from _lacking(container, at, task)
    if task.windows:
        for key in sorted(_NOT_ON_WINDOWS.intersection(container)):
            if container[key]:
                yield "D221", f"{at}.{key}", "containers on Windows have none"


def _member(key: str) -> tuple[type, type | None, Look | None]:
    wanted, item, look = _CONTAINER[key]
    member = _MEMBERS[key] = (wanted, item, named(look) if look else None)
    return member


def _same_names(definitions: list[Any]) -> Found:
    seen: set[str] = set()
    for index, container in objects(definitions):
        name = container.get("name")
        if isinstance(name, str):
            if name in seen:
                path = f"containerDefinitions[{index}].name"
                yield "D003", path, f"two containers of the task are called {name!r}"
            seen.add(name)


def _misfit(key: str, value: Any, wanted: type, path: str) -> Found:
    if key in ("command", "entryPoint") and not unknown(value):
        yield "D093", path, f"{value!r} is not a list of words"
    else:
        yield from kind_fault(value, wanted, path)


def _items(value: Any, wanted: type, path: str) -> Found:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(item, wanted):
                yield from kind_fault(item, wanted, f"{path}.{key}")
        return
    for index, item in enumerate(value):
        if not isinstance(item, wanted):
            yield from kind_fault(item, wanted, f"{path}[{index}]")


def _lacking(container: Container, at: str, task: Task) -> Faults:
    found = []
    if "name" not in container:
        found.append(("D002", f"{at}.name", "the container has no name"))
    if "image" not in container:
        found.append(("D007", f"{at}.image", "there is no image"))
    given = "memory" in container or "memoryReservation" in container
    if not (given or task.fargate or task.body.get("memory")):
        name = text(container.get("name")) or "a container"
        found.append(("D020", at, f"{name} has no memory given, and neither has the task"))
    return found


# ---------------------------------------------------------------------------- the task's own


def family(value: str, task: Task) -> Faults:
    fault = bad_name(value)
    return [("D001", "family", f"family: {fault}")] if fault else ()


def compatibilities(value: list[Any], task: Task) -> Found:
    known = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
    for index, kind in enumerate(value):
        yield from word(kind, known, f"requiresCompatibilities[{index}]")


_MODES = ("bridge", "host", "awsvpc", "none")


def network_mode(value: str, task: Task) -> Found:
    if value not in _MODES:
        yield from word(value, _MODES, "networkMode")
        return
    if task.fargate and value != "awsvpc":
        yield "D072", "networkMode", f"Fargate has awsvpc networking, and not {value}"
    elif task.windows and value != "awsvpc":
        yield "D220", "networkMode", f"Windows has awsvpc networking or its own, and not {value}"
    elif task.external and value == "awsvpc":
        yield "D073", "networkMode", "instances of one's own have no awsvpc networking"


def pid_mode(value: str, task: Task) -> Found:
    yield from word(value, ("host", "task"), "pidMode")
    if value == "host" and task.fargate:
        yield "D117", "pidMode", "on Fargate nobody sees the processes of the host"


def ipc_mode(value: str, task: Task) -> Found:
    yield from word(value, ("host", "task", "none"), "ipcMode")
    if task.fargate:
        yield "D117", "ipcMode", "there is no `ipcMode` on Fargate"


_CONSTRAINTS, _EXPRESSION = 10, 2000


def placement(value: list[Any], task: Task) -> Found:
    path = "placementConstraints"
    if value and task.fargate:
        yield "D218", path, "Fargate places tasks itself"
        return
    if len(value) > _CONSTRAINTS:
        yield "D217", path, f"{len(value)} constraints, and AWS takes {_CONSTRAINTS}"
    for index, constraint in objects(value):
        kind, expression = constraint.get("type"), constraint.get("expression")
        if kind != "memberOf" and not unknown(kind):
            said = f"{kind!r} is not memberOf, the one that task definitions have"
            yield "D217", f"{path}[{index}].type", said
        elif not isinstance(expression, str) or not 1 <= len(expression) <= _EXPRESSION:
            said = f"an expression has 1 to {_EXPRESSION} characters"
            yield "D217", f"{path}[{index}].expression", said


def proxy(value: Container, task: Task) -> Found:
    name = value.get("containerName")
    if task.mode not in ("awsvpc", ""):
        yield "D215", "proxyConfiguration", "a proxy needs awsvpc networking"
    elif isinstance(name, str) and name not in task.containers and not unknown(name):
        said = f"{name!r} is no container of this task"
        yield "D215", "proxyConfiguration.containerName", said
    yield from missing(value, ("containerName",), "proxyConfiguration")


def accelerators(value: list[Any], task: Task) -> Found:
    if value:
        yield "D216", "inferenceAccelerators", "Elastic Inference is no more"


def storage(value: Container, task: Task) -> Found:
    size, (low, high) = value.get("sizeInGiB"), FARGATE_EPHEMERAL
    path = "ephemeralStorage.sizeInGiB"
    if not within(size, low, high):
        yield "D039", path, f"{size!r} GiB, and AWS takes {low} to {high}"
    elif not task.fargate:
        yield "D039", "ephemeralStorage", "it is for Fargate: instances have the disk they have"


_SYSTEMS = ("LINUX", "WINDOWS_SERVER_2019_FULL", "WINDOWS_SERVER_2019_CORE") + (
    "WINDOWS_SERVER_2016_FULL",
    "WINDOWS_SERVER_2004_CORE",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_2022_FULL",
    "WINDOWS_SERVER_2025_CORE",
    "WINDOWS_SERVER_2025_FULL",
    "WINDOWS_SERVER_20H2_CORE",
)


def platform(value: Container, task: Task) -> Found:
    processor = value.get("cpuArchitecture")
    yield from word(processor, ("X86_64", "ARM64"), "runtimePlatform.cpuArchitecture")
    system = value.get("operatingSystemFamily")
    yield from word(system, _SYSTEMS, "runtimePlatform.operatingSystemFamily")
    if processor == "ARM64" and task.windows:
        yield "D136", "runtimePlatform.cpuArchitecture", "there is no Windows on ARM64"


def tagged(value: list[Any], task: Task) -> Faults:
    return [("D015", path, said) for _, path, said in _tags(task.body)]


def _bytes(body: Body) -> Found:
    import json  # few bodies come here

    written = json.dumps(body, separators=(",", ":"), ensure_ascii=False, default=str)
    size = len(written.encode(errors="replace"))
    if size > TASK_DEFINITION_BYTES:
        yield (
            "D006",
            "",
            f"the task definition is {size} bytes of JSON, and AWS takes {TASK_DEFINITION_BYTES}",
        )


# ---------------------------------------------------------------------------- the table

ALONE: Alone = {"task-definitions": (task_definition,)}
AMONG: Among = {}

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
_REGISTER = f"{_API}RegisterTaskDefinition.html"
_CONTAINERS = f"{_API}ContainerDefinition.html"
_PARAMETERS = f"{_GUIDE}task_definition_parameters.html"
_QUOTAS = f"{_GUIDE}service-quotas.html"
_FARGATE = f"{_GUIDE}fargate-tasks-services.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D001",
        ERROR,
        "A family has 1 to 255 letters, digits, dashes and underscores",
        _REGISTER,
        "x-ecs: {names: ...} sets the pattern of names",
    ),
    Check(
        "D003",
        ERROR,
        "A container's name is its own in the task",
        _CONTAINERS,
        "rename one of the services",
    ),
    Check(
        "D004", ERROR, "A task has 10 containers at most", _QUOTAS, "take services out of the task"
    ),
    Check("D005", ERROR, "A task has a container", _REGISTER),
    Check(
        "D006",
        ERROR,
        "A task definition is 64 KiB of JSON at most",
        _QUOTAS,
        "move long variables into files or parameters",
    ),
    Check(
        "D012",
        ERROR,
        "A container of the task is essential",
        _CONTAINERS,
        "leave `essential: false` out of one",
    ),
    Check(
        "D015",
        ERROR,
        "Tags: 50 with unlike keys of 1 to 128 characters, values of up to 256, none begins with aws:",
        f"{_API}Tag.html",
        "letters, digits, spaces and + - = . _ : / @ are allowed",
    ),
    Check(
        "D020",
        ERROR,
        "A container, or its whole task, has memory",
        _CONTAINERS,
        "mem_limit, mem_reservation, or memory of the task",
    ),
    Check(
        "D039",
        ERROR,
        "Ephemeral storage is 21 to 200 GiB, on Fargate",
        f"{_API}EphemeralStorage.html",
    ),
    Check("D072", ERROR, "Fargate has awsvpc networking, and it is said", _REGISTER),
    Check(
        "D073", ERROR, "External instances have no awsvpc networking", f"{_GUIDE}ecs-anywhere.html"
    ),
    Check(
        "D117", ERROR, "On Fargate a task has no ipcMode, and not the host's processes", _REGISTER
    ),
    Check("D136", ERROR, "There is no Windows on ARM64", f"{_API}RuntimePlatform.html"),
    Check("D201", ERROR, "A member is of its type", _CONTAINERS),
    Check(
        "D202",
        WARNING,
        "A member is one that requests have",
        _CONTAINERS,
        "is it misspelt, or left from DescribeTaskDefinition?",
    ),
    Check(
        "D214",
        ERROR,
        "A number fits into 32 bits, and is not below zero where that means nothing",
        _CONTAINERS,
    ),
    Check(
        "D215",
        ERROR,
        "A proxy is a container of a task with awsvpc networking",
        f"{_API}ProxyConfiguration.html",
    ),
    Check("D216", ERROR, "Elastic Inference is no more", _REGISTER),
    Check(
        "D217",
        ERROR,
        "A task definition has 10 placement constraints at most, all memberOf",
        f"{_API}TaskDefinitionPlacementConstraint.html",
    ),
    Check(
        "D218", ERROR, "There are no placement constraints on Fargate", _FARGATE, "leave them out"
    ),
    Check("D219", ERROR, "A word is one of those that ECS knows there", _REGISTER),
    Check(
        "D220",
        ERROR,
        "On Windows a task has awsvpc networking, or none is said",
        f"{_GUIDE}windows_task_definitions.html",
    ),
    Check(
        "D221",
        WARNING,
        "A container on Windows has what Windows has",
        f"{_GUIDE}windows_task_definitions.html",
        "leave it out",
        "meaning",
    ),
    Check("D230", ERROR, "What AWS must be told is there", _CONTAINERS),
)
