"""What a container may do on its machine: capabilities, limits, devices, kernel parameters."""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.ecs.scope import Body, Scope
from compose2ecs.limits import CAPABILITIES, IPC_SYSCTLS, MIB, ULIMITS

KEYS = (
    "cap_add",
    "cap_drop",
    "devices",
    "init",
    "ipc",
    "mem_swappiness",
    "memswap_limit",
    "pid",
    "privileged",
    "read_only",
    "security_opt",
    "shm_size",
    "sysctls",
    "ulimits",
)
_PERMISSIONS = {"r": "read", "w": "write", "m": "mknod"}


def apply(scope: Scope) -> None:
    service, container = scope.service, scope.container
    if service.cap_add or service.cap_drop:
        _capabilities(scope)
    if service.devices:
        _devices(scope)
    if service.init:
        scope.linux()["initProcessEnabled"] = True
    if service.shm_size:
        scope.linux()["sharedMemorySize"] = -(-service.shm_size // MIB)
    if service.memswap_limit is not None or service.mem_swappiness is not None:
        _swap(scope)
    if service.privileged:
        container["privileged"] = True
    if service.read_only:
        container["readonlyRootFilesystem"] = True
    if service.security_opt:
        _security(scope)
    if service.sysctls:
        _sysctls(scope)
    if service.ulimits:
        _ulimits(scope)
    if service.pid is not None:
        _namespace(scope, "pid", service.pid, "pidMode")
    if service.ipc is not None:
        _namespace(scope, "ipc", service.ipc, "ipcMode")


def _capabilities(scope: Scope) -> None:
    body: Body = {}
    for key, field in (("cap_add", "add"), ("cap_drop", "drop")):
        names = []
        for text in getattr(scope.service, key):
            name = text.upper().removeprefix("CAP_")
            if name in CAPABILITIES:
                names.append(name)
            else:
                scope.say(codes.CAPABILITY_UNKNOWN, key, name=text)
        if names:
            body[field] = names
    if body:
        scope.linux()["capabilities"] = body


def _devices(scope: Scope) -> None:
    found = []
    for device in scope.service.devices:
        if not device.source.startswith("/"):
            scope.say_at(codes.DEVICE_LEFT_OUT, device.place, what=device.source)
            continue
        body: Body = {"hostPath": device.source, "containerPath": device.target or device.source}
        letters = device.permissions or "rwm"
        body["permissions"] = [_PERMISSIONS[c] for c in letters if c in _PERMISSIONS]
        found.append(body)
    if found:
        scope.linux()["devices"] = found


def _swap(scope: Scope) -> None:
    service = scope.service
    limit = scope.container.get("memory")
    if service.memswap_limit is not None and service.memswap_limit >= 0 and limit:
        swap = -(-service.memswap_limit // MIB) - limit
        if service.memswap_limit:
            scope.linux()["maxSwap"] = max(0, swap)
    elif service.memswap_limit is not None and service.memswap_limit > 0:
        scope.say(codes.SWAP_WITHOUT_LIMIT, "memswap_limit")
    elif service.memswap_limit is not None and service.memswap_limit < 0:
        scope.say(codes.SWAP_UNLIMITED, "memswap_limit")
        return
    if service.mem_swappiness is not None:
        if "maxSwap" not in scope.linux():
            scope.say(codes.SWAPPINESS_WITHOUT_SWAP, "mem_swappiness")
            if not scope.linux():
                del scope.container["linuxParameters"]
        else:
            scope.linux()["swappiness"] = service.mem_swappiness


def _security(scope: Scope) -> None:
    found = []
    for text in scope.service.security_opt:
        option = text.replace("=", ":", 1)
        kind = option.partition(":")[0]
        if kind == "no-new-privileges":
            if not option.endswith(":false"):
                found.append("no-new-privileges")
        elif kind in ("apparmor", "label", "credentialspec"):
            found.append(option)
        else:
            scope.say(codes.SECURITY_OPTION_LOST, "security_opt", option=text)
    if found:
        scope.container["dockerSecurityOptions"] = found


def _sysctls(scope: Scope) -> None:
    found = []
    for name, value in sorted(scope.service.sysctls.items()):
        if name.startswith(("net.", "fs.mqueue.")) or name in IPC_SYSCTLS:
            found.append({"namespace": name, "value": value})
        else:
            scope.say(codes.SYSCTL_LOST, "sysctls", name=name)
    if found:
        scope.container["systemControls"] = found


def _ulimits(scope: Scope) -> None:
    found = []
    for name, limit in sorted(scope.service.ulimits.items()):
        if name not in ULIMITS:
            scope.say(codes.ULIMIT_UNKNOWN, "ulimits", name=name)
        elif limit.hard != -1 and (limit.soft > limit.hard or limit.soft == -1):
            scope.say(codes.ULIMIT_ORDER, "ulimits", name=name, soft=limit.soft, hard=limit.hard)
        else:
            found.append({"name": name, "softLimit": limit.soft, "hardLimit": limit.hard})
    if found:
        scope.container["ulimits"] = found


def _namespace(scope: Scope, key: str, mode: str, field: str) -> None:
    """`pid` and `ipc` belong to the task; what one container asks for all of them get."""
    if mode.startswith("container:"):
        scope.say(codes.OTHER_CONTAINER, key, key=key, name=mode.partition(":")[2])
        return
    wanted = {"host": "host", "shareable": "task", "private": "none", "none": "none"}.get(mode)
    if mode.startswith("service:"):
        other = scope.work.services.get(mode.partition(":")[2])
        theirs = getattr(other, key) if other is not None else None
        wanted = "host" if theirs == "host" else "task"
    if wanted is None or (key == "pid" and wanted == "none"):
        scope.say(codes.MODE_LEFT_OUT, key, key=key, mode=mode)
        return
    known = scope.task.setdefault(field, wanted)
    if known != wanted:
        scope.say(
            codes.MODES_DIFFER, key, key=key, task=scope.group.name, first=known, second=wanted
        )
