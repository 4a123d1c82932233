"""Task sizes of Fargate, and what it and other networks than the bridge do not take.

The container rules write what the compose file says; what the task's place refuses is taken out
again here, in one go and with its reason.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from compose2ecs import codes
from compose2ecs.ecs.groups import Group
from compose2ecs.ecs.launch import Launch
from compose2ecs.ecs.scope import Body, Scope
from compose2ecs.ecs.work import Work
from compose2ecs.limits import (
    DEFAULT_RESERVATION,
    FARGATE_EPHEMERAL,
    FARGATE_SIZES,
    FARGATE_STOP_TIMEOUT,
    SERVICE_CONNECT_PROXY,
)


def fargate_size(cpu: int, memory: int) -> tuple[int, int] | None:
    """The cheapest Fargate size with at least these CPU units and MiB; None beyond the largest.

    >>> fargate_size(307, 3000), fargate_size(1024, 20480), fargate_size(40000, 512)
    ((512, 3072), (4096, 20480), None)
    """
    for units, sizes in FARGATE_SIZES.items():
        if units >= cpu:
            for mib in sizes:
                if mib >= memory:
                    return units, mib
    return None


def set_size(body: Body, containers: list[Body], group: Group, work: Work, connected: bool) -> None:
    """Give a Fargate task its size: what its containers ask for, rounded up, the rest told."""
    default = work.target.defaults.memory_reservation or work.target.defaults.memory
    guess = -(-default // (1024 * 1024)) if default else DEFAULT_RESERVATION
    cpu = sum(container.get("cpu", 0) for container in containers)
    memory = sum(
        max(container.get("memory", 0), container.get("memoryReservation", 0))
        or (guess if container["essential"] else 0)  # what has ended gives its memory back
        for container in containers
    )
    guessed = sum(not (c.get("memory") or c.get("memoryReservation")) for c in containers)
    assumed = ""
    if guessed:
        assumed = f", {guessed * guess} MiB of which are assumed where nobody says"
    if connected:
        memory += SERVICE_CONNECT_PROXY
    service = work.services[group.members[0]]
    size = fargate_size(cpu, memory)
    if size is None:
        work.say(
            codes.FARGATE_TOO_LARGE, service.place, service, task=group.name, cpu=cpu, mib=memory
        )
        return
    units, mib = size
    body["cpu"], body["memory"] = str(units), str(mib)
    work.say(
        codes.FARGATE_SIZE,
        service.place,
        service,
        task=group.name,
        vcpu=f"{units / 1024:g}",
        mib=mib,
        asked_vcpu=f"{cpu / 1024:.3g}",
        asked_mib=memory,
        assumed=assumed,
        spare_vcpu=f"{(units - cpu) / 1024:.3g}",
        spare_mib=mib - memory,
    )


class _Refused(NamedTuple):
    """A field that some places refuse: who refuses it, which key wrote it, and why it must go."""

    field: str  # of the container; of its linuxParameters, where it starts with a dot
    where: Callable[[Launch], bool]
    keys: tuple[str, ...]
    reason: str
    hint: str = ""


def _fargate(launch: Launch) -> bool:
    return launch.fargate


def _awsvpc(launch: Launch) -> bool:
    return launch.awsvpc


_OWN_ADDRESS = "a task with awsvpc networking has its name and resolver from its subnet"
_NO_MACHINE = "a Fargate task has no machine of its own to open"

REFUSED = (
    _Refused("hostname", _awsvpc, ("hostname",), _OWN_ADDRESS),
    _Refused("dnsServers", _awsvpc, ("dns",), _OWN_ADDRESS, "set the DHCP options of the VPC"),
    _Refused("dnsSearchDomains", _awsvpc, ("dns_search",), _OWN_ADDRESS, "write full names"),
    _Refused(
        "extraHosts",
        _awsvpc,
        ("extra_hosts",),
        "ECS takes no extra hosts with awsvpc networking",
        "make the names in a private hosted zone of the VPC",
    ),
    _Refused(
        "disableNetworking",
        _awsvpc,
        ("network_mode",),
        "each task has a network with awsvpc networking",
        "give it a security group that lets nothing in or out",
    ),
    _Refused("privileged", _fargate, ("privileged",), _NO_MACHINE, "launch the service on EC2"),
    _Refused(
        "dockerSecurityOptions",
        _fargate,
        ("security_opt",),
        "Fargate takes no security options",
    ),
    _Refused(".devices", _fargate, ("devices",), _NO_MACHINE, "launch the service on EC2"),
    _Refused(
        ".sharedMemorySize",
        _fargate,
        ("shm_size",),
        "Fargate keeps /dev/shm as it is",
        "tell the program to use another folder (Chromium: --disable-dev-shm-usage)",
    ),
    _Refused(".maxSwap", _fargate, ("memswap_limit",), "Fargate tasks have no swap"),
    _Refused(".swappiness", _fargate, ("mem_swappiness",), "Fargate tasks have no swap"),
)


def confine(scope: Scope) -> None:
    """Take out of a container, and of its task, what the place it runs in refuses."""
    launch, container = scope.group.launch, scope.container
    linux: Body = container.get("linuxParameters", {})
    for row in REFUSED:
        if not row.where(launch):
            continue
        body, field = (linux, row.field[1:]) if row.field[0] == "." else (container, row.field)
        if field in body:
            del body[field]
            _say(scope, row.keys[0], row.reason, row.hint)
    if launch.host:
        _host(scope)
    if launch.fargate:
        if not scope.task.get("executionRoleArn"):  # an instance has a role of its own
            scope.task["executionRoleArn"] = scope.work.execution_role()
        _capabilities(scope, linux)
        _namespaces(scope)
        _stop_timeout(scope)
        _storage(scope)
        if container.pop("resourceRequirements", None):
            key = "gpus" if "gpus" in scope.service.written else "deploy"
            scope.say(codes.GPU_ON_FARGATE, key)
    if "linuxParameters" in container and not linux:
        del container["linuxParameters"]


def _say(scope: Scope, key: str, reason: str, hint: str) -> None:
    launch = scope.group.launch
    code = codes.NOT_ON_FARGATE if launch.fargate else codes.NOT_IN_AWSVPC
    scope.say(code, key, key=key, reason=reason, advice=hint)


def _host(scope: Scope) -> None:
    """The network's parameters are the instance's own."""
    controls = scope.container.get("systemControls", ())
    kept = [control for control in controls if not control["namespace"].startswith("net.")]
    if len(kept) == len(controls):
        return
    gone = [c["namespace"] for c in controls if c not in kept]
    scope.say(codes.SYSCTL_OF_HOST, "sysctls", names=", ".join(gone))
    if kept:
        scope.container["systemControls"] = kept
    else:
        del scope.container["systemControls"]


def _capabilities(scope: Scope, linux: Body) -> None:
    added = linux.get("capabilities", {}).get("add", [])
    refused = [name for name in added if name != "SYS_PTRACE"]
    if not refused:
        return
    scope.say(codes.CAPABILITY_ON_FARGATE, "cap_add", names=", ".join(refused))
    kept = [name for name in added if name not in refused]
    if kept:
        linux["capabilities"]["add"] = kept
    else:
        del linux["capabilities"]["add"]
        if not linux["capabilities"]:
            del linux["capabilities"]


def _namespaces(scope: Scope) -> None:
    """`pidMode: task` is all there is."""
    service, task = scope.service, scope.task
    if service.ipc is not None and "ipcMode" in task:
        del task["ipcMode"]
        _say(scope, "ipc", "Fargate keeps the IPC namespaces of containers apart", "")
    if service.pid is not None and task.get("pidMode") == "host":
        del task["pidMode"]
        _say(scope, "pid", _NO_MACHINE, "")


def _stop_timeout(scope: Scope) -> None:
    _, high = FARGATE_STOP_TIMEOUT
    if scope.container.get("stopTimeout", 0) > high:
        scope.say(
            codes.STOP_TIMEOUT_ON_FARGATE,
            "stop_grace_period",
            seconds=scope.container["stopTimeout"],
            limit=high,
        )
        scope.container["stopTimeout"] = high


def _storage(scope: Scope) -> None:
    """`storage_opt: {size: ...}` is the disk of the whole task."""
    options = scope.service.storage_opt or {}
    if not options:
        return
    from compose2ecs.compose.quantity import parse_bytes

    for key, value in options.items():
        if key != "size":
            scope.say(codes.STORAGE_OPTION_LOST, "storage_opt", option=key)
            continue
        try:
            size = -(-parse_bytes(str(value)) // 1024**3)
        except ValueError:
            scope.say(codes.STORAGE_OPTION_LOST, "storage_opt", option=f"size={value}")
            continue
        low, high = FARGATE_EPHEMERAL
        if size > high:
            scope.say(codes.STORAGE_CLAMPED, "storage_opt", size=size, limit=high)
            size = high
        if size >= low:  # 20 GiB are there anyway
            known = scope.task.get("ephemeralStorage", {}).get("sizeInGiB", 0)
            scope.task["ephemeralStorage"] = {"sizeInGiB": max(size, known)}


def check_ports(containers: list[Body], keys: dict[str, str], group: Group, work: Work) -> None:
    """Containers that share a network cannot listen on one port."""
    seen: dict[int, str] = {}
    for container in containers:
        for mapping in container.get("portMappings", ()):
            port = mapping.get("containerPort")
            if port is None:
                continue
            other = seen.setdefault(port, container["name"])
            if other != container["name"]:
                service = work.services[keys[container["name"]]]
                work.say(
                    codes.PORT_TWICE_IN_TASK,
                    service.written.get("ports", service.place),
                    service,
                    port=port,
                    other=keys[other],
                    task=group.name,
                )
