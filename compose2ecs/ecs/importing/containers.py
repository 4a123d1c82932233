"""Container definitions to Compose services: each field that Compose or `x-ecs` has a key for.

A value that Compose would not read the same is not taken here. Whatever is not taken comes out
different when the result is converted, and that difference is what becomes `overrides`.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from compose2ecs.ecs.importing.values import (
    is_text,
    is_whole,
    mapping,
    mappings,
    text_pairs,
    texts,
    unlike,
)
from compose2ecs.limits import ULIMITS

Body = dict[str, Any]


class Context(NamedTuple):
    """What a container is in: its task's own fields, the keys its neighbours go by, the volumes."""

    mode: str  # the network mode of the task
    keys: Mapping[str, str]  # container name to the key of its service
    me: str  # its own key
    mounts: Callable[
        [str, str, bool], Any
    ]  # volume, path, read-only: the mount, None if there is none
    may_need: Callable[[str, str], bool]  # whether one key may need another without a circle
    region: str | None = None  # what the project says of logs
    group: str | None = None


def service_of(container: Mapping[str, Any], context: Context) -> Body:
    """The Compose keys of a container, in the order in which people write them."""
    service: Body = {}
    for convert in _RULES:
        convert(container, service, context)
    return service


def facts_of(container: Mapping[str, Any]) -> Body:
    """The `x-ecs` keys of a container."""
    facts: Body = {}
    secrets = mappings(container.get("secrets"))
    if secrets and all(
        set(item) == {"name", "valueFrom"} and is_text(item["name"]) and is_text(item["valueFrom"])
        for item in secrets
    ):
        found = {item["name"]: item["valueFrom"] for item in secrets}
        if len(found) == len(secrets):
            facts["secrets"] = found
    credentials = mapping(container.get("repositoryCredentials")).get("credentialsParameter")
    if is_text(credentials):
        facts["registry_credentials"] = credentials
    return facts


# ---------------------------------------------------------------------------- one rule a concern


def _texts(container: Mapping[str, Any], service: Body, context: Context) -> None:
    for field, key in (
        ("image", "image"),
        ("hostname", "hostname"),
        ("user", "user"),
        ("workingDirectory", "working_dir"),
    ):
        if is_text(container.get(field)):
            service[key] = container[field]


def _command(container: Mapping[str, Any], service: Body, context: Context) -> None:
    for field, key in (("entryPoint", "entrypoint"), ("command", "command")):
        if words := texts(container.get(field)):
            service[key] = words


def _flags(container: Mapping[str, Any], service: Body, context: Context) -> None:
    for field, key in (
        ("privileged", "privileged"),
        ("readonlyRootFilesystem", "read_only"),
        ("interactive", "stdin_open"),
        ("pseudoTerminal", "tty"),
    ):
        if container.get(field) is True:
            service[key] = True
    if container.get("disableNetworking") is True:
        service["network_mode"] = "none"


def _resources(container: Mapping[str, Any], service: Body, context: Context) -> None:
    for field, key in (("memory", "mem_limit"), ("memoryReservation", "mem_reservation")):
        if is_whole(container.get(field), 6):
            service[key] = f"{container[field]}m"
    if is_whole(container.get("cpu"), 2):
        service["cpu_shares"] = container["cpu"]
    requirements = mappings(container.get("resourceRequirements"))
    if len(requirements) == 1 and requirements[0].get("type") == "GPU":
        count = requirements[0].get("value")
        if count == "ALL":
            service["gpus"] = "all"
        elif isinstance(count, str) and count.isascii() and count.isdigit() and count != "0":
            service["gpus"] = [{"count": int(count)}]


def _environment(container: Mapping[str, Any], service: Body, context: Context) -> None:
    found: dict[str, str] = {}
    for pair in mappings(container.get("environment")):
        name, value = pair.get("name"), pair.get("value", "")
        if is_text(name) and isinstance(value, str):
            found[name] = value
    if found:
        service["environment"] = found


def _ports(container: Mapping[str, Any], service: Body, context: Context) -> None:
    found: list[Any] = []
    taken: set[int] = set()
    for entry in mappings(container.get("portMappings")):
        port, protocol = entry.get("containerPort"), entry.get("protocol", "tcp")
        if protocol not in ("tcp", "udp"):
            continue
        if "containerPortRange" in entry:
            low, high = _bounds(entry["containerPortRange"])
            ports = set(range(low, high + 1))
            if ports and not taken & ports:
                taken |= ports
                found.append(f"{low}-{high}{_suffix(protocol)}")
            continue
        if not is_whole(port) or port > 65535 or port in taken:
            continue
        taken.add(port)
        host, speaks = entry.get("hostPort", 0), entry.get("appProtocol")
        fixed = is_whole(host) and context.mode == "bridge"
        if not fixed and speaks is None:
            found.append(f"{port}{_suffix(protocol)}")
            continue
        written: Body = {"target": port}
        if fixed:
            written["published"] = str(host)
            written["mode"] = "host"
        if protocol != "tcp":
            written["protocol"] = protocol
        if speaks in ("http", "http2", "grpc"):
            written["app_protocol"] = speaks
        found.append(written)
    if found:
        service["ports"] = found


def _bounds(text: Any) -> tuple[int, int]:
    """The ends of a range of ports, of which there is none if the second is the smaller."""
    low, _, high = str(text).partition("-")
    if all(end.isascii() and end.isdigit() and 1 <= int(end) <= 65535 for end in (low, high)):
        return int(low), int(high)
    return 1, 0


def _suffix(protocol: str) -> str:
    return "" if protocol == "tcp" else f"/{protocol}"


def _network(container: Mapping[str, Any], service: Body, context: Context) -> None:
    for field, key in (("dnsServers", "dns"), ("dnsSearchDomains", "dns_search")):
        listed = texts(container.get(field))
        if listed and unlike(listed) and all(listed):
            service[key] = listed
    hosts = mappings(container.get("extraHosts"))
    if hosts and all(
        is_text(host.get("hostname")) and is_text(host.get("ipAddress")) for host in hosts
    ):
        service["extra_hosts"] = [f"{host['hostname']}={host['ipAddress']}" for host in hosts]
    kept = []
    for link in texts(container.get("links")) if context.mode == "bridge" else ():
        name, colon, alias = link.partition(":")
        other = context.keys.get(name)
        if other is not None and context.may_need(context.me, other):
            kept.append(f"{other}:{alias}" if colon else other)
    if kept and unlike(kept):
        service["links"] = kept


_CONDITIONS = {
    "START": "service_started",
    "HEALTHY": "service_healthy",
    "SUCCESS": "service_completed_successfully",
    "COMPLETE": "service_completed_successfully",
}


def _dependencies(container: Mapping[str, Any], service: Body, context: Context) -> None:
    found: Body = {}
    for need in mappings(container.get("dependsOn")):
        condition = _CONDITIONS.get(str(need.get("condition")))
        key = context.keys.get(str(need.get("containerName")))
        if condition is None or key is None or key in found:
            continue
        if context.may_need(context.me, key):
            found[key] = {"condition": condition}
    if found:
        plain = all(need["condition"] == "service_started" for need in found.values())
        service["depends_on"] = list(found) if plain else found


def _health(container: Mapping[str, Any], service: Body, context: Context) -> None:
    check = mapping(container.get("healthCheck"))
    command = texts(check.get("command"))
    if command[:1] not in (["CMD"], ["CMD-SHELL"]):
        return
    body: Body = {"test": command}
    # where ECS has another default than Docker, it is written out
    for field, key, default in (
        ("interval", "interval", None),
        ("timeout", "timeout", 5),
        ("retries", "retries", None),
        ("startPeriod", "start_period", None),
    ):
        value = check.get(field, default)
        if is_whole(value):
            body[key] = value if key == "retries" else f"{value}s"
    service["healthcheck"] = body


def _process(container: Mapping[str, Any], service: Body, context: Context) -> None:
    if is_whole(container.get("stopTimeout"), 2):
        service["stop_grace_period"] = f"{container['stopTimeout']}s"
    if labels := text_pairs(container.get("dockerLabels")):
        service["labels"] = labels


def _volumes(container: Mapping[str, Any], service: Body, context: Context) -> None:
    found = []
    targets: set[str] = set()
    for point in mappings(container.get("mountPoints")):
        source, target = point.get("sourceVolume"), point.get("containerPath")
        if not is_text(source) or not is_text(target):
            continue
        plain = target.rstrip("/") or "/"
        mount = context.mounts(source, target, point.get("readOnly") is True)
        if mount is not None and plain not in targets:
            targets.add(plain)
            found.append(mount)
    if found:
        service["volumes"] = found
    kept = []
    for entry in mappings(container.get("volumesFrom")):
        key = context.keys.get(str(entry.get("sourceContainer")))
        if key is not None and context.may_need(context.me, key):
            kept.append(key + (":ro" if entry.get("readOnly") is True else ""))
    if kept and unlike(text.partition(":")[0] for text in kept):
        service["volumes_from"] = kept


_LETTERS = {"read": "r", "write": "w", "mknod": "m"}


def _linux(container: Mapping[str, Any], service: Body, context: Context) -> None:
    linux = mapping(container.get("linuxParameters"))
    capabilities = mapping(linux.get("capabilities"))
    for field, key in (("add", "cap_add"), ("drop", "cap_drop")):
        names = texts(capabilities.get(field))
        if names and unlike(names):
            service[key] = names
    devices = mappings(linux.get("devices"))
    if devices and all(_is_device(device) for device in devices):
        service["devices"] = [_device(device) for device in devices]
    if linux.get("initProcessEnabled") is True:
        service["init"] = True
    if is_whole(linux.get("sharedMemorySize")):
        service["shm_size"] = f"{linux['sharedMemorySize']}m"
    memory, swap = container.get("memory"), linux.get("maxSwap")
    if is_whole(memory, 6) and is_whole(swap, 0):
        service["memswap_limit"] = f"{memory + swap}m"
        if is_whole(linux.get("swappiness"), 0):
            service["mem_swappiness"] = linux["swappiness"]
    found = [text for mount in mappings(linux.get("tmpfs")) if (text := _tmpfs(mount)) is not None]
    if found and unlike(text.partition(":")[0].rstrip("/") for text in found):
        service["tmpfs"] = found


def _is_device(device: Mapping[str, Any]) -> bool:
    host, inside = device.get("hostPath"), device.get("containerPath", "/")
    letters = device.get("permissions", [])
    return (
        is_text(host)
        and host.startswith("/")
        and isinstance(inside, str)
        and ":" not in host + inside
        and isinstance(letters, list)
        and set(texts(letters)) <= set(_LETTERS)
        and len(texts(letters)) == len(letters)
    )


def _device(device: Mapping[str, Any]) -> str:
    host = str(device["hostPath"])
    inside = device.get("containerPath") or host
    letters = "".join(_LETTERS[word] for word in device.get("permissions") or ())
    return f"{host}:{inside}:{letters}" if letters else f"{host}:{inside}"


def _tmpfs(mount: Mapping[str, Any]) -> str | None:
    path, size = mount.get("containerPath"), mount.get("size")
    if not is_text(path) or ":" in path or not is_whole(size):
        return None
    options = [word for word in texts(mount.get("mountOptions")) if "," not in word]
    return f"{path}:{','.join([f'size={size}m', *options])}"


def _limits(container: Mapping[str, Any], service: Body, context: Context) -> None:
    limits: Body = {}
    for limit in mappings(container.get("ulimits")):
        name, soft, hard = (limit.get(key) for key in ("name", "softLimit", "hardLimit"))
        if isinstance(name, str) and name in ULIMITS and is_whole(soft, -1) and is_whole(hard, -1):
            limits[name] = soft if soft == hard else {"soft": soft, "hard": hard}
    if limits:
        service["ulimits"] = limits
    settings = {
        control["namespace"]: control["value"]
        for control in mappings(container.get("systemControls"))
        if is_text(control.get("namespace")) and isinstance(control.get("value"), str)
    }
    if settings:
        service["sysctls"] = settings
    options = texts(container.get("dockerSecurityOptions"))
    if options and unlike(options):
        service["security_opt"] = options


def _logging(container: Mapping[str, Any], service: Body, context: Context) -> None:
    """Left out where it is what `convert` does by itself."""
    logs = mapping(container.get("logConfiguration"))
    driver, options = logs.get("logDriver"), text_pairs(logs.get("options"))
    if not is_text(driver) or (logs.get("options") and not options):
        return
    if driver == "awslogs" and options == {
        "awslogs-group": context.group,
        "awslogs-region": context.region,
        "awslogs-stream-prefix": context.me,
    }:
        return
    service["logging"] = {"driver": driver}
    if options:
        service["logging"]["options"] = options


_RULES = (
    _texts,
    _command,
    _flags,
    _resources,
    _environment,
    _ports,
    _network,
    _dependencies,
    _health,
    _process,
    _volumes,
    _linux,
    _limits,
    _logging,
)
