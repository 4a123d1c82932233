"""What AWS has against port mappings, and names that are only for some network modes.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs.checks.model import Check, Found
from compose2ecs.checks.task import Task, within, word
from compose2ecs.checks.values import (
    DIGITS,
    LETTERS,
    listed,
    number,
    objects,
    repeated,
    stray,
    text,
    unknown,
)
from compose2ecs.report import ERROR, WARNING

Container = dict[str, Any]
Mapping = dict[str, Any]

_PORT_MAX = 65535
_NAME = LETTERS[:26] + DIGITS + "_-"
_NAME_MAX = 64
_RESERVED = frozenset((22, 2375, 2376, 51678, 51679, 51680))
_EPHEMERAL = 32768
_RANGES = 100
_HOST_PORTS = 100
_SAME = ("awsvpc", "host")  # the container's port is the port


def port_mappings(value: list[Any], at: str, container: Container, task: Task) -> Found:
    if value and task.mode == "none":
        yield "D052", f"{at}.portMappings", "a task without network has no ports"
        return
    ranges: list[tuple[int, int]] = []
    taken: dict[int, str] = {}
    for index, mapping in enumerate(value):
        if not isinstance(mapping, dict):
            continue
        port, protocol = mapping.get("containerPort"), mapping.get("protocol", "tcp")
        if protocol not in ("tcp", "udp"):
            path = f"{at}.portMappings[{index}].protocol"
            yield from word(protocol, ("tcp", "udp"), path, "D059")
        if "containerPortRange" in mapping:
            yield from _range(mapping, f"{at}.portMappings[{index}]", ranges, task)
        elif port.__class__ is int and 1 <= port <= _PORT_MAX:
            host = mapping.get("hostPort")
            if port in taken:
                yield from _twice(port, protocol, taken[port], f"{at}.portMappings[{index}]")
            taken.setdefault(port, protocol)
            if host is not None and (host or task.mode != "bridge"):
                yield from _host_port(host, port, f"{at}.portMappings[{index}]", task)
                if "healthCheck" in container:
                    yield from _probed(host, port, at, container)
            task.ports.append((at, index, port, number(host), protocol))
        elif not unknown(port):
            yield "D212", f"{at}.portMappings[{index}].containerPort", f"{port!r} is no port"
        if "name" in mapping:
            name = mapping["name"]
            path = f"{at}.portMappings[{index}].name"
            if name.__class__ is not str or name.strip(_NAME) or len(name) > 40 or name[:1] == "-":
                yield from _name(name, path)
            if name and isinstance(name, str) and not unknown(name):
                task.names.append((path, name))
        if "appProtocol" in mapping:
            yield from _application(mapping, f"{at}.portMappings[{index}]")
    if ranges:
        yield from _overlaps(ranges, taken, at)


def _twice(port: int, protocol: str, before: str, path: str) -> Found:
    if protocol != before:
        said = f"port {port} cannot be mapped for {before} and for {protocol}"
        yield "D053", f"{path}.protocol", said
    else:
        yield "D213", f"{path}.containerPort", f"port {port} is mapped twice"


def _probed(host: Any, port: int, at: str, container: Container) -> Found:
    """D087: a health check runs inside, where the port of the instance is not heard of."""
    mapped = objects(container["portMappings"])
    if not number(host) or any(mapping.get("containerPort") == host for _, mapping in mapped):
        return
    check = container["healthCheck"]
    command = listed(check.get("command")) if isinstance(check, dict) else []
    said = " ".join(part for part in command if isinstance(part, str))
    _, found, after = said.partition(f"localhost:{host}")
    if found and not after[:1].isdecimal():
        path = f"{at}.healthCheck.command"
        yield "D087", path, f"inside, port {host} of the instance is {port}"


def _host_port(host: Any, port: int, path: str, task: Task) -> Found:
    path = f"{path}.hostPort"
    if not within(host, 0, _PORT_MAX):
        yield "D212", path, f"{host!r} is no port"
    elif unknown(host):
        return
    elif task.mode in _SAME:
        if host == 0:
            yield "D051", path, f"{task.place} there are no dynamic ports: leave `hostPort` out"
        elif host != port:
            said = f"{task.place} port {port} is port {port} outside too, and not {host}"
            yield "D050", path, said
    elif host in _RESERVED:
        yield "D057", path, f"port {host} is the instance's own: no task gets it"
    elif host >= _EPHEMERAL:
        yield "D057", path, f"port {host} may be taken: dynamic ports are {_EPHEMERAL} and above"


def _range(mapping: Mapping, path: str, ranges: list[tuple[int, int]], task: Task) -> Found:
    path = f"{path}.containerPortRange"
    written = mapping["containerPortRange"]
    if unknown(written):
        return
    first, _, last = text(written).partition("-")
    if not (first.isdecimal() and last.isdecimal()):
        yield "D061", path, f"{written!r} is no range of ports, such as 8000-8010"
        return
    low, high = int(first), int(last)
    if not 1 <= low < high <= _PORT_MAX:
        yield "D061", path, f"{written} does not go up, or is outside 1 to {_PORT_MAX}"
    elif mapping.get("containerPort") is not None or mapping.get("hostPort") is not None:
        yield "D061", path, "a mapping has a range or a single port, not both"
    elif task.mode == "host":
        yield "D061", path, "ranges need bridge or awsvpc networking"
    else:
        ranges.append((low, high))


def _overlaps(ranges: list[tuple[int, int]], taken: dict[int, str], at: str) -> Found:
    at = f"{at}.portMappings"
    if len(ranges) > _RANGES:
        yield "D061", at, f"{len(ranges)} ranges of ports, and AWS takes {_RANGES}"
    before = (0, 0)
    for low, high in sorted(ranges):
        if low <= before[1]:
            yield "D061", at, f"{before[0]}-{before[1]} and {low}-{high} overlap"
        before = max(before, (low, high), key=lambda one: one[1])
    for port in taken:
        if any(low <= port <= high for low, high in ranges):
            yield "D061", at, f"port {port} is in a range too"


def _name(name: Any, path: str) -> Found:
    if not isinstance(name, str) or unknown(name):
        return
    if not 1 <= len(name) <= _NAME_MAX:
        yield "D062", path, f"a port's name has 1 to {_NAME_MAX} characters, not {len(name)}"
    elif name[0] == "-" or name.strip(_NAME):
        yield "D062", path, f"{name!r} holds {stray(name, _NAME) or name[0]!r}"


def _application(mapping: Mapping, path: str) -> Found:
    path = f"{path}.appProtocol"
    yield from word(mapping["appProtocol"], ("http", "http2", "grpc"), path, "D063")
    if mapping["appProtocol"] and (not mapping.get("name") or mapping.get("protocol") == "udp"):
        yield "D203", path, "`appProtocol` is for the named TCP ports of Service Connect"


def across(task: Task) -> Found:
    """What the port mappings of all containers are to each other."""
    for twice in repeated(name for _, name in task.names):
        places = [path for path, name in task.names if name == twice]
        yield "D062", places[1], f"another port of the task is named {twice!r}"
    if task.mode in _SAME:
        yield from _listening(task)
        return
    fixed = [
        (host, protocol, f"{at}.portMappings[{index}]")
        for at, index, _, host, protocol in task.ports
        if host
    ]
    seen: set[tuple[int, str]] = set()
    for host, protocol, at in fixed:
        if (host, protocol) in seen:
            yield "D054", f"{at}.hostPort", f"port {host} of the instance is mapped twice"
        seen.add((host, protocol))
    if len(fixed) > _HOST_PORTS:
        said = f"{len(fixed)} fixed ports, and an instance has {_HOST_PORTS} to give"
        yield "D058", "containerDefinitions", said


def _listening(task: Task) -> Found:
    seen: dict[tuple[int, str], str] = {}
    for at, index, port, _, protocol in task.ports:
        if seen.setdefault((port, protocol), at) != at:
            said = f"another container of the task listens on {port}, and they share it"
            yield "D055", f"{at}.portMappings[{index}].containerPort", said


# ---------------------------------------------------------------------------- names of others


def hostname(value: str, at: str, container: Container, task: Task) -> Found:
    if value and task.mode == "awsvpc":
        yield "D068", f"{at}.hostname", f"a container has no `hostname` {task.place}"


def disable_networking(value: bool, at: str, container: Container, task: Task) -> Found:
    if value and task.mode == "awsvpc":
        yield "D225", f"{at}.disableNetworking", f"a container has its network {task.place}"


def extra_hosts(value: list[Any], at: str, container: Container, task: Task) -> Found:
    if value and task.mode == "awsvpc":
        yield "D069", f"{at}.extraHosts", f"a container has no `extraHosts` {task.place}"
        return
    for index, host in objects(value):
        address = host.get("ipAddress")
        if not unknown(address) and not _is_address(address):
            path = f"{at}.extraHosts[{index}].ipAddress"
            yield "D070", path, f"{address!r} is no IP address"


def dns_servers(value: list[Any], at: str, container: Container, task: Task) -> Found:
    if value and task.mode == "awsvpc":
        yield "D071", f"{at}.dnsServers", f"a container has no `dnsServers` {task.place}"
        return
    for index, server in enumerate(value):
        if not unknown(server) and not _is_address(server):
            yield "D224", f"{at}.dnsServers[{index}]", f"{server!r} is no IP address"


_DOMAIN = LETTERS + DIGITS + "-."
_DOMAIN_MAX = 254


def dns_search(value: list[Any], at: str, container: Container, task: Task) -> Found:
    at = f"{at}.dnsSearchDomains"
    if value and task.mode == "awsvpc":
        yield "D071", at, f"a container has no `dnsSearchDomains` {task.place}"
        return
    for index, domain in enumerate(listed(value)):
        if isinstance(domain, str) and not unknown(domain):
            bad = not domain or len(domain) > _DOMAIN_MAX or domain[-1] in "-."
            if bad or stray(domain, _DOMAIN):
                yield "D224", f"{at}[{index}]", f"{domain!r} is no domain"


def _is_address(text: Any) -> bool:
    if not isinstance(text, str):
        return False
    import ipaddress  # few bodies come here

    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
_MAPPING = f"{_API}PortMapping.html"
_CONTAINER = f"{_API}ContainerDefinition.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D050",
        ERROR,
        "With awsvpc or host networking a port is the same inside and outside",
        _MAPPING,
        "leave hostPort out",
    ),
    Check(
        "D051",
        ERROR,
        "With awsvpc or host networking there are no dynamic ports",
        _MAPPING,
        "leave hostPort out",
    ),
    Check(
        "D052",
        ERROR,
        "A task without network has no port mappings",
        _CONTAINER,
        "remove them, or give the task a network",
    ),
    Check(
        "D053",
        ERROR,
        "A port is mapped for tcp or for udp, not both",
        _MAPPING,
        "give one of the two another port",
    ),
    Check(
        "D054",
        ERROR,
        "A port of the instance is mapped once in a task",
        _MAPPING,
        "leave hostPort out, or 0, for a dynamic port",
    ),
    Check(
        "D055",
        WARNING,
        "Containers that share a network listen on different ports",
        f"{_GUIDE}task-networking.html",
        "let one of them listen elsewhere, or put them into tasks of their own",
        "run",
    ),
    Check(
        "D057",
        WARNING,
        "A fixed port is below 32768, and none of 22, 2375, 2376, 51678 to 51680",
        _MAPPING,
        "choose another, or leave hostPort out for a dynamic one",
        "run",
    ),
    Check(
        "D058",
        WARNING,
        "A task has 100 fixed ports at most, as an instance has",
        _MAPPING,
        "leave hostPort out for dynamic ports",
        "run",
    ),
    Check("D059", ERROR, "A port is mapped for tcp or udp", _MAPPING),
    Check(
        "D061",
        ERROR,
        "A range of ports goes up, overlaps no other, and stands without a single port; 100 at most",
        _MAPPING,
    ),
    Check(
        "D062",
        ERROR,
        "A port's name has 1 to 64 lower-case letters, digits, dashes and underscores, no dash in front, and is the only one in the task",
        _MAPPING,
    ),
    Check(
        "D063",
        ERROR,
        "The application protocol of a port is http, http2 or grpc",
        _MAPPING,
        "leave it out for TCP",
    ),
    Check(
        "D068",
        ERROR,
        "A container in a task with awsvpc networking has no hostname",
        _CONTAINER,
        "leave it out",
    ),
    Check(
        "D069",
        ERROR,
        "A container in a task with awsvpc networking has no extra hosts",
        _CONTAINER,
        "leave them out, or put the names into a private hosted zone",
    ),
    Check("D070", ERROR, "An extra host has an IP address", f"{_API}HostEntry.html"),
    Check(
        "D071",
        ERROR,
        "A container in a task with awsvpc networking has the DNS servers of its VPC",
        _CONTAINER,
        "set them in the DHCP options of the VPC",
    ),
    Check(
        "D203",
        ERROR,
        "An application protocol is of a port with a name, and for tcp",
        _MAPPING,
        "name the port, or leave appProtocol out",
    ),
    Check(
        "D212",
        ERROR,
        "A container's port is 1 to 65535, a port of the instance 0 to 65535",
        _MAPPING,
    ),
    Check("D213", ERROR, "A port is mapped once in a container", _MAPPING, "remove one of the two"),
    Check(
        "D224", ERROR, "DNS servers are IP addresses, and search domains are domains", _CONTAINER
    ),
    Check(
        "D225",
        ERROR,
        "A container in a task with awsvpc networking has a network",
        _CONTAINER,
        "leave disableNetworking out",
    ),
    Check(
        "D087",
        WARNING,
        "A health check asks for a port of the container, not of the instance",
        f"{_API}HealthCheck.html",
        "name the container's own port in it",
        "run",
    ),
)
