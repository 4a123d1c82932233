"""The `x-ecs` keys, read into typed values by the same small readers as Compose's own.

`schemas/x-ecs.schema.json` says the same to editors; a test holds the two together.
"""

# No `from __future__ import annotations`, for the reason given in compose/model.py.
from collections.abc import Mapping
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.model import EMPTY
from compose2ecs.compose.quantity import format_value, parse_duration
from compose2ecs.compose.reading import (
    Reader,
    Reading,
    boolean,
    choice,
    decimal,
    items,
    mapping,
    number_text,
    pairs,
    record,
    size,
    string,
    strings,
    whole,
)

PROJECT = "x-ecs"
RETENTION_DAYS: tuple[int, ...] = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
)
RETENTION_DAYS += (2192, 2557, 2922, 3288, 3653)


class NetworkFacts(NamedTuple):
    vpc: str | None = None
    mode: str | None = None  # of tasks on EC2: bridge, awsvpc or host
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    public_ip: bool | None = None


class Roles(NamedTuple):
    """Names or ARNs of IAM roles."""

    execution: str | None = None
    task: str | None = None
    service: str | None = None
    scheduler: str | None = None  # EventBridge Scheduler's, for jobs on a schedule


class Deployment(NamedTuple):
    minimum_healthy_percent: int | None = None
    maximum_percent: int | None = None
    circuit_breaker: Any = None  # a boolean, or {enable, rollback}


class Logs(NamedTuple):
    retention_days: int | None = None
    group: str | None = None


class Defaults(NamedTuple):
    memory_reservation: int | None = None  # bytes
    memory: int | None = None  # bytes
    cpu: int | None = None  # units, 1024 to a CPU


class ProjectFacts(NamedTuple):
    """The project's `x-ecs`."""

    cluster: str | None = None
    region: str | None = None
    names: str | None = None
    launch_type: str | None = None
    capacity_providers: tuple[Any, ...] = ()
    network: NetworkFacts | None = None
    listener: str | None = None
    load_balancer: Any = None  # LoadBalancer of facts/routing.py
    domain: str | None = None
    access: Any = None  # Access of facts/routing.py
    layout: str | None = None
    discovery: str | None = None
    registry: str | None = None
    roles: Roles | None = None
    logs: Logs | None = None
    defaults: Defaults | None = None
    deployment: Deployment | None = None
    placement: tuple[Mapping[str, str], ...] = ()
    tags: Mapping[str, str] = EMPTY
    ignore: tuple[str, ...] = ()
    volumes: Mapping[str, Any] = EMPTY  # of facts/volumes.py
    execute_command: bool | None = None
    written: Mapping[str, int] = EMPTY


class RouteCheck(NamedTuple):
    """A target group's health check; seconds."""

    path: str | None = None
    port: int | None = None
    protocol: str | None = None
    interval: int | None = None
    timeout: int | None = None
    healthy: int | None = None
    unhealthy: int | None = None
    matcher: str | None = None
    written: Mapping[str, int] = EMPTY


class Route(NamedTuple):
    """One way in: which port, on which conditions."""

    port: int | None = None
    path: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    headers: Mapping[str, tuple[str, ...]] = EMPTY
    query: tuple[tuple[str | None, str], ...] = ()
    methods: tuple[str, ...] = ()
    source_ips: tuple[str, ...] = ()
    weight: int | None = None
    auth: Any = None  # False or a Login, and so on: of facts/routing.py
    redirect: Any = None
    rewrite: Any = None
    strip_prefix: Any = None
    protocol: str | None = None
    priority: int | None = None
    health_check: RouteCheck | None = None
    deregistration_delay: int | None = None
    stickiness: Any = None
    attributes: Mapping[str, str] = EMPTY
    place: int = 0
    written: Mapping[str, int] = EMPTY


class ServiceFacts(NamedTuple):
    """A service's `x-ecs`. `route` is None where nothing is said, () for `route: false`."""

    task: str | None = None
    external: str | None = None
    route: tuple[Route, ...] | None = None
    autoscaling: Any = None  # of facts/scaling.py
    secrets: Mapping[str, str] = EMPTY
    job: str | None = None
    overrides: Any = None  # located AWS JSON by kind, as facts/overrides.py checks it
    roles: Roles | None = None
    deployment: Deployment | None = None
    placement: tuple[Mapping[str, str], ...] | None = None
    tags: Mapping[str, str] = EMPTY
    launch_type: str | None = None
    capacity_providers: tuple[Any, ...] = ()
    network: NetworkFacts | None = None  # without a VPC
    logs: Logs | None = None
    registry_credentials: str | None = None
    execute_command: bool | None = None
    ignore: tuple[str, ...] = ()
    written: Mapping[str, int] = EMPTY


def later(module: str, name: str) -> Reader:
    """The reader `name` of a module that is only imported when there is something to read."""

    def read(value: Any, place: int, reading: Reading) -> Any:
        from importlib import import_module

        return getattr(import_module(module), name)(value, place, reading)

    return read


def seconds(value: Any, place: int, reading: Reading) -> int | None:
    """A length of time in whole seconds, rounded up: `10s`, `1h30m`, or a number of seconds."""
    if value.__class__ is int:
        return value
    if value.__class__ is not str:
        reading.wrong_type(value, place, "a duration")
        return None
    if value.isascii() and value.isdigit():
        return int(value)
    try:
        return -(-parse_duration(value) // 1_000_000_000)
    except ValueError as error:
        reading.say(codes.BAD_DURATION, place, reason=error)
        return None


def seconds_within(low: int, high: int) -> Reader:
    def read(value: Any, place: int, reading: Reading) -> int | None:
        number = seconds(value, place, reading)
        if number is not None and not low <= number <= high:
            reading.say(
                codes.OUT_OF_RANGE, place, value=f"{number} s", low=f"{low} s", high=f"{high} s"
            )
            return None
        return number

    return read


def _provider(value: Any, place: int, reading: Reading) -> Any:
    if value.__class__ is str:
        return {"provider": value}
    return _provider_long(value, place, reading)


_provider_long = record(
    dict,
    {"provider": string, "weight": whole(0, 1000), "base": whole(0, 100000)},
    required=("provider",),
    extensions=False,
)


def _strategy(value: Any, place: int, reading: Reading) -> dict[str, str] | None:
    if value == "random":
        return {"type": "random"}
    if isinstance(value, Map) and len(value) == 1:
        ((kind, field),) = value.items()
        if kind == "random" and field is True:
            return {"type": "random"}
        if kind == "spread" and field.__class__ is str:
            return {"type": "spread", "field": field}
        if kind == "binpack" and field in ("cpu", "memory"):
            return {"type": "binpack", "field": field}
    reading.say(codes.BAD_PLACEMENT, place)
    return None


_strategies = items(_strategy)


def _placement(value: Any, place: int, reading: Reading) -> Any:
    found = _strategies(value, place, reading)
    if len(found) > 5:
        reading.say(codes.TOO_MANY, place, what="placement strategies", limit=5, number=len(found))
    return found


def _retention(value: Any, place: int, reading: Reading) -> int | None:
    if value.__class__ is int and value in RETENTION_DAYS:
        return value
    reading.say(
        codes.BAD_CHOICE, place, value=value, choices=", ".join(map(str, RETENTION_DAYS)), guess=""
    )
    return None


def _breaker(value: Any, place: int, reading: Reading) -> Any:
    if isinstance(value, Map):
        return record(dict, {"enable": boolean, "rollback": boolean}, extensions=False)(
            value, place, reading
        )
    return boolean(value, place, reading)


def _cpu(value: Any, place: int, reading: Reading) -> int | None:
    """CPU units, or CPUs as in `0.25 vCPU`."""
    if value.__class__ is str and value.lower().endswith("vcpu"):
        cpus = decimal(value[:-4].strip(), place, reading)
        return None if cpus is None else round(cpus * 1024)
    return whole(2, 196608)(value, place, reading)  # type: ignore[no-any-return]


_text_or_list = strings(scalar=True)
_roles = record(
    Roles,
    dict.fromkeys(("execution", "task", "service", "scheduler"), string),
    extensions=False,
)
_deployment = record(
    Deployment,
    {
        "minimum_healthy_percent": whole(0, 100),
        "maximum_percent": whole(100, 10000),
        "circuit_breaker": _breaker,
    },
    extensions=False,
)
_logs = record(Logs, {"retention_days": _retention, "group": string}, extensions=False)


def _subnets(value: Any, place: int, reading: Reading) -> tuple[str, ...]:
    found: tuple[str, ...] = _text_or_list(value, place, reading)
    if isinstance(value, Seq) and not len(value):
        reading.say(codes.EMPTY_VALUE, place, wanted="a list of subnets")
    return found


_NETWORK: dict[str, Reader] = {
    "mode": choice("bridge", "awsvpc", "host"),
    "subnets": _subnets,
    "security_groups": strings(scalar=True),
    "public_ip": boolean,
}
_launch = choice("EC2", "FARGATE", "FARGATE_SPOT")
_ROUTING = "compose2ecs.ecs.facts.routing"


def is_name_pattern(text: str) -> bool:
    """Whether a text says how things are called: with {service}, and no braces of another kind."""
    rest = text
    for word in ("{stack}", "{service}", "{project}"):
        rest = rest.replace(word, "")
    return "{service}" in text and "{" not in rest and "}" not in rest


def _names(value: Any, place: int, reading: Reading) -> str | None:
    text = string(value, place, reading)
    if text is not None and not is_name_pattern(text):
        reading.say(codes.BAD_NAMES, place, text=text)
        return None
    return text


_TASK_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


def _task(value: Any, place: int, reading: Reading) -> str | None:
    text = string(value, place, reading)
    if text is not None and not (1 <= len(text) <= 255 and _TASK_NAME.issuperset(text)):
        reading.say(codes.BAD_TASK_NAME, place, name=text)
        return None
    return text


read_project = record(
    ProjectFacts,
    {
        "cluster": string,
        "region": string,
        "names": _names,
        "launch_type": _launch,
        "capacity_providers": items(_provider),
        "network": record(NetworkFacts, {"vpc": string, **_NETWORK}, extensions=False),
        "listener": string,
        "load_balancer": later(_ROUTING, "read_load_balancer"),
        "domain": string,
        "access": later(_ROUTING, "read_access"),
        "layout": choice("linked", "single"),
        "discovery": choice("auto", "links", "service-connect", "none"),
        "registry": string,
        "roles": _roles,
        "logs": _logs,
        "defaults": record(
            Defaults,
            {"memory_reservation": size, "memory": size, "cpu": _cpu},
            extensions=False,
        ),
        "deployment": _deployment,
        "placement": _placement,
        "tags": pairs(),
        "ignore": strings(scalar=True),
        "volumes": later("compose2ecs.ecs.facts.volumes", "read_volumes"),
        "execute_command": boolean,
    },
    extensions=False,
)


def _values(value: Any, place: int, reading: Reading) -> tuple[str, ...]:
    if value.__class__ in (int, float, bool):
        return (format_value(value),)
    return _text_or_list(value, place, reading)  # type: ignore[no-any-return]


def _query(value: Any, place: int, reading: Reading) -> Any:
    found: list[tuple[str | None, str]] = []
    if isinstance(value, Map):
        for key, item in value.items():
            found.extend((key, text) for text in _values(item, value.at[key], reading))
        return tuple(found)
    for text in _text_or_list(value, place, reading):
        key, equals, rest = text.partition("=")
        found.append((key, rest) if equals else (None, key))
    return tuple(found)


def _stickiness(value: Any, place: int, reading: Reading) -> Any:
    if value.__class__ is bool:
        return value
    return seconds_within(1, 604800)(value, place, reading)


def _strip(value: Any, place: int, reading: Reading) -> Any:
    return value if value.__class__ is bool else string(value, place, reading)


def _check_port(value: Any, place: int, reading: Reading) -> int | None:
    return None if value == "traffic-port" else _port(value, place, reading)


_port = whole(1, 65535)
_route = record(
    Route,
    {
        "port": _port,
        "path": _text_or_list,
        "host": _text_or_list,
        "headers": mapping(_values),
        "query": _query,
        "methods": _text_or_list,
        "source_ips": _text_or_list,
        "weight": whole(0, 999),
        "auth": later(_ROUTING, "read_auth"),
        "redirect": later(_ROUTING, "read_redirect"),
        "rewrite": later(_ROUTING, "read_rewrite"),
        "strip_prefix": _strip,
        "protocol": choice("http", "https", "grpc", "http2", "tcp", "udp", "tls", "tcp_udp"),
        "priority": whole(1, 50000),
        "health_check": record(
            RouteCheck,
            {
                "path": string,
                "port": _check_port,
                "protocol": choice("http", "https", "tcp"),
                "interval": seconds_within(5, 300),
                "timeout": seconds_within(2, 120),
                "healthy": whole(2, 10),
                "unhealthy": whole(2, 10),
                "matcher": number_text,
            },
            extensions=False,
        ),
        "deregistration_delay": seconds_within(0, 3600),
        "stickiness": _stickiness,
        "attributes": pairs(),
    },
    extensions=False,
)
_routes = items(_route)


def _read_routes(value: Any, place: int, reading: Reading) -> tuple[Route, ...] | None:
    if value is False:
        return ()
    if isinstance(value, Seq):
        return _routes(value, place, reading)  # type: ignore[no-any-return]
    if value is True:
        return (Route(place=place),)
    if value is not None and not isinstance(value, Map):
        wanted = "false for none, true for the port that is found, a mapping, or a list of mappings"
        reading.say(codes.MUST_BE, place, wanted=wanted)
        return None
    route = _route(value, place, reading)
    return (route,) if route is not None else None


_read_service = record(
    ServiceFacts,
    {
        "task": _task,
        "external": later(_ROUTING, "read_external"),
        "route": _read_routes,
        "autoscaling": later("compose2ecs.ecs.facts.scaling", "read_autoscaling"),
        "secrets": later("compose2ecs.ecs.facts.secrets", "read_secrets"),
        "job": choice("once"),
        "overrides": later("compose2ecs.ecs.facts.overrides", "read_overrides"),
        "roles": _roles,
        "deployment": _deployment,
        "placement": _placement,
        "tags": pairs(),
        "launch_type": _launch,
        "capacity_providers": items(_provider),
        "network": record(NetworkFacts, _NETWORK, extensions=False),
        "logs": _logs,
        "registry_credentials": later("compose2ecs.ecs.facts.secrets", "read_registry_credentials"),
        "execute_command": boolean,
        "ignore": strings(scalar=True),
    },
    extensions=False,
)
NO_FACTS = ServiceFacts()


def project_facts(extensions: Mapping[str, Any], reading: Reading) -> ProjectFacts:
    """The project's `x-ecs`, or nothing said."""
    value = extensions.get(PROJECT)
    if value is None:
        return ProjectFacts()
    reading.path = [PROJECT]
    found = read_project(value, getattr(value, "place", 0), reading)
    reading.path = []
    return found or ProjectFacts()


def service_facts(
    key: str, extensions: Mapping[str, Any], reading: Reading, section: str = "services"
) -> ServiceFacts:
    """A service's `x-ecs`, or nothing said; a job has the same."""
    value = extensions.get(PROJECT) if extensions else None
    if value is None:
        return NO_FACTS
    reading.service = key
    reading.path = [f"{section}.{key}.{PROJECT}"]
    found = _read_service(value, getattr(value, "place", 0), reading)
    reading.path = []
    reading.service = None
    return found or NO_FACTS
