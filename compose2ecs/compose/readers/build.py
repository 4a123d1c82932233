"""`build`, `gpus` and `extra_hosts`, `ulimits`: values that several keys share.

Source: https://docs.docker.com/reference/compose-file/build/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.model import Build, DeviceRequest, Ulimit
from compose2ecs.compose.readers.mounts import absolute, read_build_secrets
from compose2ecs.compose.reading import (
    Reading,
    boolean,
    integer,
    items,
    pairs,
    record,
    string,
    strings,
    whole_size,
)

_REMOTE = ("https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:")


def read_hosts(value: Any, place: int, reading: Reading) -> tuple[tuple[str, str], ...]:
    """`extra_hosts`: (host, address) pairs; one host may have several addresses."""
    found: list[tuple[str, str]] = []
    if isinstance(value, Map):
        if "" in value:
            reading.say(codes.BAD_NAME, value.keys_at[""], name="")
        for host, addresses in value.items():
            for address in addresses if isinstance(addresses, Seq) else [addresses]:
                if address.__class__ is not str:
                    reading.wrong_type(address, value.at[host], "a string")
                else:
                    found.extend((host, part.strip().strip("[]")) for part in address.split(","))
    elif isinstance(value, Seq):
        for number, item in enumerate(value):
            if item.__class__ is not str:
                reading.wrong_type(item, value.at[number], "a string")
                continue
            if item in value[:number]:
                reading.say(codes.DUPLICATE_ITEM, value.at[number], item=item)
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
    if value.__class__ is float:
        reading.wrong_type(value, place, "a whole number")
        return None
    number = integer(value, place, reading)
    return None if number is None else Ulimit(number, number, single=True)


_limit_pair = record(
    Ulimit,
    {"soft": integer, "hard": integer},
    required=("soft", "hard"),
    defaults={"soft": 0, "hard": 0},
)


def read_build_ulimits(value: Any, place: int, reading: Reading) -> dict[str, Ulimit]:
    """The limits of a build, where Compose reads no numbers in strings."""
    if isinstance(value, Map):
        for name, item in value.items():
            for number in item.values() if isinstance(item, Map) else (item,):
                if number.__class__ is str:
                    reading.wrong_type(number, value.at[name], "a whole number")
    return read_ulimits(value, place, reading)


def read_ulimits(value: Any, place: int, reading: Reading) -> dict[str, Ulimit]:
    """`ulimits`: one number is both the soft and the hard limit."""
    if not isinstance(value, Map):
        reading.wrong_type(value, place, "a mapping")
        return {}
    found: dict[str, Ulimit] = {}
    for name, item in value.items():
        reading.path.append(f".{name}")
        limit = _limit(item, value.at[name], reading)
        reading.path.pop()
        if limit is not None:
            found[name] = limit
    return found


def _amount(value: Any, place: int, reading: Reading) -> int | None:
    if value.__class__ is str and value.lower() == "all":
        return -1
    return integer(value, place, reading)


_request = record(
    DeviceRequest,
    {
        "capabilities": strings(duplicates="refuse"),
        "count": _amount,
        "device_ids": strings(duplicates="refuse"),
        "driver": string,
        "options": pairs(exact=True),
    },
    rename={"count": "amount"},
)


_REQUEST_KEYS = ("capabilities", "count", "device_ids", "driver", "options")


def device_request(value: Any, place: int, reading: Reading) -> DeviceRequest | None:
    """One request for devices; neither count nor ids means all of them."""
    request: DeviceRequest | None = _request(value, place, reading)
    if request is None:
        return None
    if "count" in value and "device_ids" in value and not reading.literal:
        reading.say(codes.COUNT_AND_IDS, place)
    if "count" not in value and not request.device_ids and not reading.step:
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
    known = Seq(value.place)
    for item, at in zip(value, value.at, strict=True):
        known.put(_without_unknown(item, reading) if isinstance(item, Map) else item, at)
    return _gpus(known, place, reading)  # type: ignore[no-any-return]


def _without_unknown(item: Map, reading: Reading) -> Map:
    """A request without the keys that Compose does not know and, here alone, lets pass."""
    unknown = [key for key in item if key not in _REQUEST_KEYS and not key.startswith("x-")]
    if unknown:
        item = item.copy()
        for key in unknown:
            reading.say(codes.UNKNOWN_KEY_PASSED, item.keys_at[key], key=key)
            del item[key], item.keys_at[key], item.at[key]
    return item


def _word(value: Any, place: int, reading: Reading) -> str | None:
    return str(value).lower() if value.__class__ is bool else string(value, place, reading)


def _ssh(value: Any, place: int, reading: Reading) -> Any:
    """Only `default` needs no key file."""
    found = _ssh_pairs(value, place, reading)
    for key, path in found.items():
        if path is None and key != "default":
            reading.say(codes.MISSING_KEY, place, key=f"{key}=FILE")
    return {
        key: None if path is None else absolute(path, reading, place) for key, path in found.items()
    }


_ssh_pairs = pairs(null=None)
_long = record(
    Build,
    {
        "context": string,
        "dockerfile": string,
        "dockerfile_inline": string,
        "entitlements": strings(duplicates="keep"),
        "args": pairs(null=None, lookup=True),
        "ssh": _ssh,
        "labels": pairs(),
        "cache_from": strings(duplicates="keep"),
        "cache_to": strings(duplicates="keep"),
        "no_cache": boolean,
        "no_cache_filter": strings(scalar=True),
        "additional_contexts": pairs(bare=False),
        "network": string,
        "provenance": _word,
        "sbom": _word,
        "pull": boolean,
        "target": string,
        "shm_size": whole_size,
        "extra_hosts": read_hosts,
        "isolation": string,
        "privileged": boolean,
        "secrets": read_build_secrets,
        "tags": strings(mark="="),
        "ulimits": read_build_ulimits,
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
        at = value.at.get("context", 0) if isinstance(value, Map) else place
        context = absolute(context, reading, at)
    contexts = {
        name: path if is_remote(path) or "://" in path else absolute(path, reading, at)
        for name, path, at in _located(value, "additional_contexts", build.additional_contexts)
    }
    args = {name: text for name, text in build.args.items() if text is not None}
    dockerfile = build.dockerfile
    if dockerfile is None and build.dockerfile_inline is None:
        dockerfile = "Dockerfile"
    return build._replace(
        context=context, additional_contexts=contexts, args=args, dockerfile=dockerfile
    )


def _located(value: Any, key: str, pairs: Mapping[str, str]) -> Iterator[tuple[str, str, int]]:
    """The pairs of a mapping's key, each with its place."""
    listed = value.get(key) if isinstance(value, Map) else None
    for name, text in pairs.items():
        if isinstance(listed, Map):
            yield name, text, listed.at[name]
        elif isinstance(listed, Seq):
            number = next(n for n, i in enumerate(listed) if str(i).partition("=")[0] == name)
            yield name, text, listed.at[number]


def is_remote(context: str) -> bool:
    """Whether a build context is not a folder of this machine."""
    return context.startswith(_REMOTE) or "://" in context
