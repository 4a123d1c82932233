"""What a container runs and when: command, environment files, health check, dependencies, hooks."""

from __future__ import annotations

from typing import Any

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.model import Dependency, EnvFile, HealthCheck, Logging, ServiceNetwork
from compose2ecs.compose.quantity import format_value
from compose2ecs.compose.readers.mounts import absolute
from compose2ecs.compose.reading import (
    Reading,
    boolean,
    choice,
    decimal,
    duration,
    integer,
    mapping,
    pairs,
    record,
    strict_boolean,
    string,
    strings,
)
from compose2ecs.compose.words import split

_words = strings(duplicates="keep")


def read_command(value: Any, place: int, reading: Reading) -> tuple[str, ...] | None:
    """`command` or `entrypoint`: a list, or a string split as a shell splits words."""
    if value is None:
        return None
    if value.__class__ is not str:
        return _words(value, place, reading)  # type: ignore[no-any-return]
    try:
        words = split(value)
    except ValueError as error:
        reading.say(codes.BAD_COMMAND, place, reason=error)
        return None
    if words.dropped:
        reading.say(codes.COMMAND_CUT, place, kept=" ".join(words.words), dropped=words.dropped)
    return tuple(words.words)


def _test(value: Any, place: int, reading: Reading) -> tuple[str, ...] | None:
    if value.__class__ is str:
        return ("CMD-SHELL", value)
    test: tuple[str, ...] = _words(value, place, reading)
    if test and test[0] not in ("CMD", "CMD-SHELL", "NONE"):
        reading.say(codes.BAD_HEALTH_TEST, place, first=test[0])
    return test


read_healthcheck = record(
    HealthCheck,
    {
        "test": _test,
        "disable": boolean,
        "interval": duration,
        "timeout": duration,
        "retries": integer,
        "start_period": duration,
        "start_interval": duration,
    },
)


def _option(value: Any, place: int, reading: Reading) -> str | None:
    if value.__class__ in (str, int, float):
        return format_value(value)
    reading.wrong_type(value, place, "a string or a number")
    return None


options = mapping(_option)

read_logging = record(Logging, {"driver": string, "options": mapping(_option, null=True)})

_dependency = record(
    Dependency,
    {
        "condition": choice("service_started", "service_healthy", "service_completed_successfully"),
        "restart": boolean,
        "required": strict_boolean,
    },
    required=("condition",),
)


def read_depends_on(value: Any, place: int, reading: Reading) -> dict[str, Dependency]:
    """`depends_on`: a list of services, or a mapping that says what each must have reached."""
    if isinstance(value, Map):
        found: dict[str, Dependency] = {}
        for name, item in value.items():
            reading.path.append(f".{name}")
            dependency = _dependency(item, value.at[name], reading)
            reading.path.pop()
            if dependency is not None:
                found[name] = dependency._replace(place=value.keys_at[name])
        return found
    names = strings(duplicates="refuse")(value, place, reading)
    places = dict(zip(value, value.at, strict=True)) if isinstance(value, Seq) else {}
    return {name: Dependency(place=places.get(name, place)) for name in names}


_env_file_long = record(
    EnvFile,
    {"path": string, "required": boolean, "format": string},
    required=("path",),
    extensions=False,
    defaults={"path": ""},
)


def read_env_file(value: Any, place: int, reading: Reading) -> tuple[EnvFile, ...]:
    """`env_file`: one path, or a list of paths and long forms; paths are made absolute."""
    entries = [(value, place)] if value.__class__ is str else None
    if entries is None:
        if not isinstance(value, Seq):
            reading.wrong_type(value, place, "a string or a list")
            return ()
        entries = list(zip(value, value.at, strict=True))
    found: dict[str, EnvFile] = {}
    for item, at in entries:
        file = EnvFile(item) if item.__class__ is str else _env_file_long(item, at, reading)
        if file is None or not file.path:
            continue
        if file.format not in (None, "raw"):
            reading.say(codes.BAD_CHOICE, at, value=file.format, choices="raw", guess="")
        path = absolute(file.path, reading)
        found[path] = file._replace(path=path, place=at)
    return tuple(found.values())


def read_label_file(value: Any, place: int, reading: Reading) -> tuple[str, ...]:
    """`label_file`: one path or several, made absolute."""
    paths = strings(scalar=True)(value, place, reading)
    return tuple(absolute(path, reading) for path in paths)


_network = record(
    ServiceNetwork,
    {
        "aliases": strings(),
        "interface_name": string,
        "ipv4_address": string,
        "ipv6_address": string,
        "link_local_ips": strings(),
        "mac_address": string,
        "driver_opts": options,
        "priority": decimal,
        "gw_priority": decimal,
    },
)


def read_networks(value: Any, place: int, reading: Reading) -> dict[str, ServiceNetwork | None]:
    """`networks`: a list of names, or a mapping to how the service joins each."""
    if isinstance(value, Map):
        found: dict[str, ServiceNetwork | None] = {}
        for name, item in value.items():
            reading.path.append(f".{name}")
            found[name] = None if item is None else _network(item, value.at[name], reading)
            reading.path.pop()
        return found
    return dict.fromkeys(strings(duplicates="refuse")(value, place, reading))


read_hook = record(
    lambda **found: found,
    {
        "command": read_command,
        "user": string,
        "privileged": boolean,
        "working_dir": string,
        "environment": pairs(null=None, lookup=True),
    },
    required=("command",),
)
