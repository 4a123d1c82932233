"""Top-level `networks`, `volumes`, `secrets`, `configs` and `models`.

Source: https://docs.docker.com/reference/compose-file/networks/ and its siblings
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.located import Map
from compose2ecs.compose.model import EMPTY, Network, Secret, Volume
from compose2ecs.compose.readers.lifecycle import options
from compose2ecs.compose.readers.mounts import absolute
from compose2ecs.compose.reading import (
    Reader,
    Reading,
    anything,
    boolean,
    integer,
    is_name,
    items,
    mapping,
    pairs,
    record,
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
    return absolute(path, reading) if path else None


_secret = record(
    Secret,
    {
        **_SHARED,
        "file": _file,
        "environment": string,
        "driver": string,
        "driver_opts": options,
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
        "context_size": integer,
        "runtime_flags": strings(duplicates="keep"),
    },
    required=("model",),
)


def _named(read: Reader, *, null: bool) -> Reader:
    def read_all(value: Any, place: int, reading: Reading) -> Mapping[str, Any]:
        if not isinstance(value, Map):
            reading.wrong_type(value, place, "a mapping")
            return EMPTY
        found: dict[str, Any] = {}
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
            external = resource.external
            if isinstance(external, str):
                resource = resource._replace(external=True, name=resource.name or external)
            found[key] = resource._replace(key=key, place=at)
        return found

    return read_all


read_networks = _named(_network, null=True)
read_volumes = _named(_volume, null=True)
read_secrets = _named(_secret, null=False)
read_configs = _named(_config, null=False)
read_models = mapping(_model, names=True)
read_jobs = mapping(anything, names=True)
