"""How a later file (or document, or extending service) joins an earlier one, key by key.

Works on located values, before they are read, because what an override leaves out only shows there.
Source: https://docs.docker.com/reference/compose-file/merge/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.keys import SERVICE_KEYS
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.reading import Reading, describe

Join = Callable[[Any, Any, int, Reading], Any]

RESET = "!reset"
OVERRIDE = "!override"


def join_documents(base: Map, over: Map, reading: Reading) -> Map:
    """The project file `over` laid over `base`; neither is changed."""
    return _join_maps(base, over, reading, _ROOT)


def join_services(base: Map, over: Map, reading: Reading) -> Map:
    """One service laid over another (an override file's, or the service that extends it)."""
    return _join_maps(base, over, reading, _SERVICE)


def strip_tags(value: Any) -> Any:
    """A first document has nothing below it: what it resets vanishes, what it overrides stays."""
    if isinstance(value, Map):
        clean = Map(value.place)
        for key, item in value.items():
            if not (value.tags and value.tags.get(key) == RESET):
                clean.put(key, strip_tags(item), value.keys_at[key], value.at[key])
        return clean
    if isinstance(value, Seq):
        kept = Seq(value.place)
        for number, item in enumerate(value):
            if not (value.tags and value.tags.get(number) == RESET):
                kept.put(strip_tags(item), value.at[number])
        return kept
    return value


def _join_maps(base: Map, over: Map, reading: Reading, rules: Mapping[str, Join]) -> Map:
    result = base.copy()
    tags = over.tags or {}
    path = reading.path
    for key, value in over.items():
        at, key_at, tag = over.at[key], over.keys_at[key], tags.get(key)
        if tag == RESET:
            result.pop(key, None)
            result.keys_at.pop(key, None)
            result.at.pop(key, None)
            continue
        rule = rules.get(key) or rules.get("*") or _merge
        if tag == OVERRIDE or key not in result or result[key] is None:
            result.put(key, strip_tags(value), key_at, at)
        elif value is None and rule not in (_replace, _pairs):
            continue
        else:
            path.append("." + key)
            result.put(key, rule(result[key], value, at, reading), key_at, at)
            path.pop()
    return result


def _merge(base: Any, over: Any, place: int, reading: Reading) -> Any:
    if isinstance(base, Map) and isinstance(over, Map):
        return _join_maps(base, over, reading, {})
    if isinstance(base, Seq) and isinstance(over, Seq):
        return _append(base, over)
    if isinstance(base, (Map, Seq)) != isinstance(over, (Map, Seq)) or (
        isinstance(base, Map) != isinstance(over, Map)
    ):
        reading.say(codes.CANNOT_OVERRIDE, place, found=describe(over), base=describe(base))
    return over


def _append(base: Seq, over: Seq) -> Seq:
    result = Seq(base.place)
    for part in (base, over):
        tags = part.tags or {}
        for number, item in enumerate(part):
            if tags.get(number) != RESET:
                result.put(item, part.at[number])
    return result


def _replace(base: Any, over: Any, place: int, reading: Reading) -> Any:
    return over


def _to_map(value: Any, place: int, mark: str = "=") -> Map | None:
    if isinstance(value, Map):
        return value
    if not isinstance(value, Seq):
        return None
    result = Map(place)
    for number, item in enumerate(value):
        if item.__class__ is not str:
            return None
        key, found, text = item.partition(mark)
        result.put(key, text if found else None, value.at[number], value.at[number])
    return result


def _pairs(base: Any, over: Any, place: int, reading: Reading) -> Any:
    below, above = _to_map(base, place), _to_map(over, place)
    if below is None or above is None:
        return _merge(base, over, place, reading)
    result = below.copy()
    for key, value in above.items():
        if above.tags and above.tags.get(key) == RESET:
            result.pop(key, None)
        else:
            result.put(key, value, above.keys_at[key], above.at[key])
    return result


def _named(base: Any, over: Any, place: int, reading: Reading) -> Any:
    """A list of names, or a mapping with nothing said of each."""
    below, above = (_to_map(side, place, "\0") for side in (base, over))
    if below is None or above is None:
        return _merge(base, over, place, reading)
    return _join_maps(below, above, reading, {})


def _depends_on(base: Any, over: Any, place: int, reading: Reading) -> Any:
    def long(value: Any) -> Map | None:
        names = _to_map(value, place, "\0")
        if names is None or isinstance(value, Map):
            return names
        for name in names:
            entry = Map(names.at[name])
            entry.put("condition", "service_started", names.at[name], names.at[name])
            entry.put("required", True, names.at[name], names.at[name])
            names.put(name, entry, names.keys_at[name], names.at[name])
        return names

    below, above = long(base), long(over)
    if below is None or above is None:
        return _merge(base, over, place, reading)
    return _join_maps(below, above, reading, {})


def _listed(base: Any, over: Any, place: int, reading: Reading) -> Any:
    """A scalar counts as a list of one."""
    sides = []
    for side in (base, over):
        if side.__class__ is str:
            one = Seq(place)
            one.put(side, place)
            side = one
        sides.append(side)
    return _merge(sides[0], sides[1], place, reading)


def _hosts(base: Any, over: Any, place: int, reading: Reading) -> Any:
    sides = []
    for side in (base, over):
        if isinstance(side, Map):
            listed = Seq(side.place)
            for host, addresses in side.items():
                for address in addresses if isinstance(addresses, Seq) else [addresses]:
                    listed.put(f"{host}={address}", side.at[host])
            side = listed
        sides.append(side)
    return _merge(sides[0], sides[1], place, reading)


def _append_new(base: Any, over: Any, place: int, reading: Reading) -> Any:
    if not isinstance(base, Seq) or not isinstance(over, Seq):
        return _merge(base, over, place, reading)
    result = Seq(base.place)
    for part in (base, over):
        for number, item in enumerate(part):
            if part is base or item not in base:
                result.put(item, part.at[number])
    return result


def _build(base: Any, over: Any, place: int, reading: Reading) -> Any:
    sides = []
    for side in (base, over):
        if side.__class__ is str:
            long = Map(place)
            long.put("context", side, place, place)
            side = long
        sides.append(side)
    if not all(isinstance(side, Map) for side in sides):
        return _merge(base, over, place, reading)
    return _join_maps(sides[0], sides[1], reading, _BUILD)


def _logging(base: Any, over: Any, place: int, reading: Reading) -> Any:
    if isinstance(base, Map) and isinstance(over, Map):
        below, above = base.get("driver"), over.get("driver")
        if below is not None and above is not None and below != above:
            return over
    return _merge(base, over, place, reading)


def _within(rules: Callable[[], Mapping[str, Join]]) -> Join:
    def join(base: Any, over: Any, place: int, reading: Reading) -> Any:
        if isinstance(base, Map) and isinstance(over, Map):
            return _join_maps(base, over, reading, rules())
        return _merge(base, over, place, reading)

    return join


def _subnets(base: Any, over: Any, place: int, reading: Reading) -> Any:
    if not isinstance(base, Seq) or not isinstance(over, Seq):
        return _merge(base, over, place, reading)
    result = Seq(base.place)
    for number, item in enumerate(base):
        result.put(item, base.at[number])
    for number, item in enumerate(over):
        subnet = item.get("subnet") if isinstance(item, Map) else None
        for index, known in enumerate(result):
            if subnet is not None and isinstance(known, Map) and known.get("subnet") == subnet:
                result[index] = _join_maps(known, item, reading, {})
                break
        else:
            result.put(item, over.at[number])
    return result


_BUILD: dict[str, Join] = {
    "args": _pairs,
    "labels": _pairs,
    "additional_contexts": _pairs,
    "ssh": _pairs,
    "extra_hosts": _hosts,
    "ulimits": _within(lambda: {"*": _replace}),
}
_RULES: dict[str, Join] = {
    "merge": _merge,
    "replace": _replace,
    "pairs": _pairs,
    "named": _named,
    "depends_on": _depends_on,
    "listed": _listed,
    "hosts": _hosts,
    "append-new": _append_new,
    "build": _build,
    "logging": _logging,
    "healthcheck": _within(lambda: {"test": _replace}),
    "deploy": _within(lambda: {"labels": _pairs}),
    "ulimits": _within(lambda: {"*": _replace}),
}
_SERVICE: dict[str, Join] = {name: _RULES[key.join] for name, key in SERVICE_KEYS.items()}
_LABELLED: dict[str, Join] = {"labels": _pairs}
_NETWORK: dict[str, Join] = {
    "labels": _pairs,
    "ipam": _within(lambda: {"config": _subnets}),
}
_ROOT: dict[str, Join] = {
    "services": _within(lambda: {"*": _within(lambda: _SERVICE)}),
    "networks": _within(lambda: {"*": _within(lambda: _NETWORK)}),
    "volumes": _within(lambda: {"*": _within(lambda: _LABELLED)}),
    "secrets": _within(lambda: {"*": _within(lambda: _LABELLED)}),
    "configs": _within(lambda: {"*": _within(lambda: _LABELLED)}),
}
