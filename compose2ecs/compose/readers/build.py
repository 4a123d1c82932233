"""`build`, `gpus` and `extra_hosts`, `ulimits`: values that several keys share.

Source: https://docs.docker.com/reference/compose-file/build/
"""

from __future__ import annotations

from typing import Any

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.model import Build, DeviceRequest, Ulimit
from compose2ecs.compose.readers.mounts import absolute, read_secrets
from compose2ecs.compose.reading import (
    Reading,
    boolean,
    integer,
    items,
    pairs,
    record,
    size,
    string,
    strings,
)

_REMOTE = ("https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:")


def read_hosts(value: Any, place: int, reading: Reading) -> tuple[tuple[str, str], ...]:
    """`extra_hosts`: (host, address) pairs; one host may have several addresses."""
    found: list[tuple[str, str]] = []
    if isinstance(value, Map):
        for host, addresses in value.items():
            for address in addresses if isinstance(addresses, Seq) else [addresses]:
                if address.__class__ is not str:
                    reading.wrong_type(address, value.at[host], "a string")
                else:
                    found.append((host, address.strip("[]")))
    elif isinstance(value, Seq):
        for number, item in enumerate(value):
            if item.__class__ is not str:
                reading.wrong_type(item, value.at[number], "a string")
                continue
            host, mark, addresses = item.partition("=")
            if not mark:
                host, mark, addresses = item.partition(":")
            if not mark or not host or not addresses:
                reading.say(codes.BAD_HOST, value.at[number], text=item)
                continue
            found.extend((host, part.strip().strip("[]")) for part in addresses.split(","))
    else:
        reading.wrong_type(value, place, "a mapping or a list of HOST=IP")
    return tuple(dict.fromkeys(found))


def _limit(value: Any, place: int, reading: Reading) -> Ulimit | None:
    if isinstance(value, Map):
        return _limit_pair(value, place, reading)  # type: ignore[no-any-return]
    number = integer(value, place, reading)
    return None if number is None else Ulimit(number, number, single=True)


_limit_pair = record(
    Ulimit,
    {"soft": integer, "hard": integer},
    required=("soft", "hard"),
    defaults={"soft": 0, "hard": 0},
)


def read_ulimits(value: Any, place: int, reading: Reading) -> dict[str, Ulimit]:
    """`ulimits`: one number is both the soft and the hard limit."""
    if not isinstance(value, Map):
        reading.wrong_type(value, place, "a mapping")
        return {}
    found: dict[str, Ulimit] = {}
    for name, item in value.items():
        reading.path.append(f".{name}")
        if not (name.isascii() and name.isalpha() and name.islower()):
            reading.say(codes.BAD_ULIMIT_NAME, value.keys_at[name], name=name)
        limit = _limit(item, value.at[name], reading)
        reading.path.pop()
        if limit is not None:
            found[name] = limit
    return found


def _amount(value: Any, place: int, reading: Reading) -> int | None:
    return -1 if value == "all" else integer(value, place, reading)


_request = record(
    DeviceRequest,
    {
        "capabilities": strings(duplicates="refuse"),
        "count": _amount,
        "device_ids": strings(duplicates="refuse"),
        "driver": string,
        "options": pairs(),
    },
    rename={"count": "amount"},
)


def device_request(value: Any, place: int, reading: Reading) -> DeviceRequest | None:
    """One request for devices; neither count nor ids means all of them."""
    request: DeviceRequest | None = _request(value, place, reading)
    if request is None:
        return None
    if request.amount is not None and request.device_ids:
        reading.say(codes.COUNT_AND_IDS, place)
    if request.amount is None and not request.device_ids:
        request = request._replace(amount=-1)
    return request


_gpus = items(device_request)


def read_gpus(value: Any, place: int, reading: Reading) -> tuple[DeviceRequest, ...]:
    """`gpus`: `all`, or a list of requests."""
    if value == "all":
        return (DeviceRequest(amount=-1, place=place),)
    if not isinstance(value, Seq):
        reading.say(codes.BAD_GPUS, place)
        return ()
    return _gpus(value, place, reading)  # type: ignore[no-any-return]


def _word(value: Any, place: int, reading: Reading) -> str | None:
    return str(value).lower() if value.__class__ is bool else string(value, place, reading)


_long = record(
    Build,
    {
        "context": string,
        "dockerfile": string,
        "dockerfile_inline": string,
        "entitlements": strings(duplicates="keep"),
        "args": pairs(null=None, lookup=True),
        "ssh": pairs(),
        "labels": pairs(),
        "cache_from": strings(duplicates="keep"),
        "cache_to": strings(duplicates="keep"),
        "no_cache": boolean,
        "additional_contexts": pairs(),
        "network": string,
        "provenance": _word,
        "sbom": _word,
        "pull": boolean,
        "target": string,
        "shm_size": size,
        "extra_hosts": read_hosts,
        "isolation": string,
        "privileged": boolean,
        "secrets": read_secrets,
        "tags": strings(mark="="),
        "ulimits": read_ulimits,
        "platforms": strings(duplicates="keep"),
    },
)


def read_build(value: Any, place: int, reading: Reading) -> Build | None:
    """`build`: a context alone, or the long form; the context is made absolute."""
    build: Build | None
    if value.__class__ is str:
        build = Build(context=value, place=place)
    else:
        build = _long(value, place, reading)
        if build is None:
            return None
    context = build.context or "."
    if not is_remote(context):
        context = absolute(context, reading)
    contexts = {
        name: path if is_remote(path) or "://" in path else absolute(path, reading)
        for name, path in build.additional_contexts.items()
    }
    args = {name: text for name, text in build.args.items() if text is not None}
    dockerfile = build.dockerfile
    if dockerfile is None and build.dockerfile_inline is None:
        dockerfile = "Dockerfile"
    return build._replace(
        context=context, additional_contexts=contexts, args=args, dockerfile=dockerfile
    )


def is_remote(context: str) -> bool:
    """Whether a build context is not a folder of this machine."""
    return context.startswith(_REMOTE) or "://" in context
