"""Top-level `networks`, `volumes`, `secrets`, `configs` and `models`.

Source: https://docs.docker.com/reference/compose-file/networks/ and its siblings
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.located import Map
from compose2ecs.compose.model import EMPTY, Network, Secret, Volume
from compose2ecs.compose.readers.lifecycle import driver_option, options
from compose2ecs.compose.readers.mounts import absolute, is_windows
from compose2ecs.compose.reading import (
    Reader,
    Reading,
    boolean,
    is_name,
    items,
    mapping,
    pairs,
    record,
    strict_integer,
    string,
    strings,
)


def _external(value: Any, place: int, reading: Reading) -> Any:
    """`external: true`, or the deprecated `external: {name: ...}`."""
    if isinstance(value, Map):
        name = _external_name(value, place, reading)
        reading.say(codes.EXTERNAL_NAME, place)
        return name or True
    return boolean(value, place, reading)


_external_name = record(lambda name=True, **_: name, {"name": string})

_ipam = record(
    lambda **found: found,
    {
        "driver": string,
        "config": items(
            record(
                lambda **found: found,
                {
                    "subnet": string,
                    "ip_range": string,
                    "gateway": string,
                    "aux_addresses": mapping(string),
                },
            )
        ),
        "options": mapping(string),
    },
)

_SHARED: dict[str, Reader] = {"name": string, "external": _external, "labels": pairs()}
_network = record(
    Network,
    {
        **_SHARED,
        "driver": string,
        "driver_opts": options,
        "ipam": _ipam,
        "internal": boolean,
        "enable_ipv4": boolean,
        "enable_ipv6": boolean,
        "attachable": boolean,
    },
    defaults={"key": ""},
)
_volume = record(
    Volume,
    {**_SHARED, "driver": string, "driver_opts": options},
    defaults={"key": ""},
)


def _file(value: Any, place: int, reading: Reading) -> str | None:
    path = string(value, place, reading)
    if path is None or is_windows(path):
        return path
    return absolute(path, reading, place)


_secret = record(
    Secret,
    {
        **_SHARED,
        "file": _file,
        "environment": string,
        "driver": string,
        "driver_opts": mapping(driver_option),
        "template_driver": string,
    },
    defaults={"key": ""},
)
_config = record(
    Secret,
    {
        **_SHARED,
        "file": _file,
        "environment": string,
        "content": string,
        "template_driver": string,
    },
    defaults={"key": ""},
)
_model = record(
    lambda **found: found,
    {
        "name": string,
        "model": string,
        "context_size": strict_integer,
        "runtime_flags": strings(duplicates="keep"),
    },
    required=("model",),
)


def _with_device(volume: Volume, item: Map, reading: Reading) -> Volume:
    """The folder that a volume binds is a path as any other."""
    given = volume.driver_opts
    if volume.driver != "local" or given.get("o") != "bind" or not given.get("device"):
        return volume
    place = item["driver_opts"].at["device"]
    device = absolute(given["device"], reading, place)
    return volume._replace(driver_opts={**given, "device": device})


def _named(read: Reader, *, null: bool) -> Reader:
    def read_all(value: Any, place: int, reading: Reading) -> Mapping[str, Any]:
        if not isinstance(value, Map):
            reading.wrong_type(value, place, "a mapping")
            return EMPTY
        found: dict[str, Any] = {}
        reading.literal = True
        for key, item in value.items():
            at = value.keys_at[key]
            reading.path.append(f".{key}")
            if not is_name(key):
                reading.say(codes.BAD_NAME, at, name=key)
            if item is None and null:
                item = Map(at)
            resource = read(item, value.at[key], reading)
            reading.path.pop()
            if resource is None:
                continue
            if resource.__class__ is Volume:
                resource = _with_device(resource, item, reading)
            external = resource.external
            if isinstance(external, str):
                if resource.name:
                    reading.say(codes.EXTERNAL_NAMES, item.at["external"])
                resource = resource._replace(external=True, name=resource.name or external)
            found[key] = resource._replace(key=key, place=at)
        reading.literal = False
        return found

    return read_all


read_networks = _named(_network, null=True)
read_volumes = _named(_volume, null=True)
read_secrets = _named(_secret, null=False)
read_configs = _named(_config, null=False)
read_models = mapping(_model, names=True)


def read_jobs(value: Any, place: int, reading: Reading) -> Mapping[str, Any]:
    from compose2ecs.compose import containers  # few files have jobs, and it needs keys.py

    return containers.read_jobs(value, place, reading)
