"""What a container runs and when: command, environment files, health check, dependencies, hooks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.model import Dependency, EnvFile, HealthCheck, Logging, ServiceNetwork
from compose2ecs.compose.quantity import format_value
from compose2ecs.compose.readers.mounts import absolute
from compose2ecs.compose.reading import (
    Reading,
    bare_number,
    boolean,
    choice,
    duration,
    items,
    mapping,
    natural,
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
    if test and not reading.literal and test[0] not in ("CMD", "CMD-SHELL", "NONE"):
        reading.say(codes.BAD_HEALTH_TEST, place, first=test[0])
    return test


def _retries(value: Any, place: int, reading: Reading) -> int | None:
    return natural(int(value) if value.__class__ is float else value, place, reading)


read_healthcheck = record(
    HealthCheck,
    {
        "test": _test,
        "disable": boolean,
        "interval": duration,
        "timeout": duration,
        "retries": _retries,
        "start_period": duration,
        "start_interval": duration,
    },
)


def _option(value: Any, place: int, reading: Reading) -> str | None:
    if value.__class__ in (str, int, float):
        return format_value(value)
    reading.wrong_type(value, place, "a string or a number")
    return None


def _option_or_null(value: Any, place: int, reading: Reading) -> str | None:
    return "" if value is None else _option(value, place, reading)


def storage_option(value: Any, place: int, reading: Reading) -> str | None:
    """A string or a whole number, or nothing."""
    return "" if value is None else driver_option(value, place, reading)


def driver_option(value: Any, place: int, reading: Reading) -> str | None:
    """A string or a whole number."""
    if value.__class__ in (str, int):
        return format_value(value)
    reading.wrong_type(value, place, "a string or a whole number")
    return None


def read_option(value: Any, place: int, reading: Reading) -> str | None:
    """The value of an option that may be a boolean as well."""
    if value.__class__ is bool:
        return format_value(value)
    return _option(value, place, reading)


_option_list = items(read_option)


def _option_or_list(value: Any, place: int, reading: Reading) -> tuple[str, ...] | None:
    if isinstance(value, Seq):
        return _option_list(value, place, reading)  # type: ignore[no-any-return]
    one = read_option(value, place, reading)
    return None if one is None else (one,)


options = mapping(_option)
_provider_options = mapping(_option_or_list)
read_logging = record(Logging, {"driver": string, "options": mapping(_option_or_null)})

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
    places = dict(zip(map(str, value), value.at, strict=True)) if isinstance(value, Seq) else {}
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
    entries: list[tuple[Any, int]] | None
    entries = [(value, place)] if value.__class__ is str else None
    if entries is None:
        if not isinstance(value, Seq):
            reading.wrong_type(value, place, "a string or a list")
            return ()
        entries = list(zip(value, value.at, strict=True))
    found: dict[object, EnvFile] = {}
    for item, at in entries:
        file = EnvFile(item) if item.__class__ is str else _env_file_long(item, at, reading)
        if file is None:
            continue
        if not file.path:
            if file.required and (item.__class__ is str or "path" in item):
                reading.say(codes.ENV_FILE_MISSING, at, name="''")
            continue
        if file.format not in (None, "raw"):
            reading.say(codes.BAD_CHOICE, at, value=file.format, choices="raw", guess="")
        written_at = item.at.get("path", at) if isinstance(item, Map) else at
        path = absolute(file.path, reading, written_at)
        # two spellings of one path are two entries: Compose compares them as they are written
        found[len(found) if reading.literal else file.path] = file._replace(path=path, place=at)
    return tuple(found.values())


def read_label_file(value: Any, place: int, reading: Reading) -> tuple[str, ...]:
    """`label_file`: one path or several, made absolute."""
    paths = strings(scalar=True)(value, place, reading)
    places = dict(zip(map(str, value), value.at, strict=True)) if isinstance(value, Seq) else {}
    return tuple(absolute(path, reading, places.get(path, place)) for path in paths)


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
        "priority": bare_number,
        "gw_priority": bare_number,
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
        "environment": pairs(null=None, exact=True),
    },
    required=("command",),
)


def read_provider_options(value: Any, place: int, reading: Reading) -> dict[str, Any]:
    """Each option is a list; an empty one is none."""
    found = _provider_options(value, place, reading)
    return {key: listed for key, listed in found.items() if listed}


def read_dns(value: Any, place: int, reading: Reading) -> tuple[str, ...]:
    """`dns`: one server or several; what is empty, as of an unset variable, is left out."""
    return tuple(server for server in _dns(value, place, reading) if server)


_dns = strings(scalar=True)


def _watched(value: Any, place: int, reading: Reading) -> str | None:
    path = string(value, place, reading)
    if path is None:
        return None
    return absolute(path, reading, place)


read_develop = record(
    dict,
    {
        "watch": items(
            record(
                dict,
                {
                    "path": _watched,
                    "action": choice("rebuild", "sync", "restart", "sync+restart", "sync+exec"),
                    "target": string,
                    "exec": read_hook,
                    "include": strings(scalar=True),
                    "ignore": strings(scalar=True),
                    "initial_sync": strict_boolean,
                },
                required=("path", "action"),
            )
        )
    },
)

_PULL_WORDS = (
    *("always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"),
)


def read_pull_policy(value: Any, place: int, reading: Reading) -> str | None:
    """`pull_policy`: a word, or `every_` and a length of time."""
    word = string(value, place, reading)
    if word is None or word in _PULL_WORDS:
        return word
    if word.startswith("every_") and _is_period(word[6:]):
        return word
    reading.say(
        codes.BAD_CHOICE, place, value=word, choices=", ".join((*_PULL_WORDS, "every_2h")), guess=""
    )
    return None


def _is_period(text: str) -> bool:
    """Whether a text is whole numbers, each with one of the units w d h m s."""
    units = text.strip("0123456789")
    for unit in "wdhms":
        text = text.replace(unit, " ")
    parts = text.split(" ")
    return bool(units) and parts.pop() == "" and all(p.isascii() and p.isdigit() for p in parts)


def read_container_name(value: Any, place: int, reading: Reading) -> str | None:
    """`container_name`: somewhere in it are two characters that may make a name."""
    name = string(value, place, reading)
    if name is None:
        return None
    for first, second in pairwise(name):
        if (first + second).isascii() and first.isalnum() and second.isalnum() | (second in "_.-"):
            return name
    reading.say(codes.BAD_NAME, place, name=name)
    return None
