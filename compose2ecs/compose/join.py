"""How a later file (or document, or extending service) joins an earlier one, key by key.

Works on located values, before they are read, because what an override leaves out only shows there.
Neither side is changed. `!reset` and `!override` live on as `tags` of the mapping they stand in:
whatever such a mapping is laid over loses those keys first. (`settle` has taken out of a tagged
document what it resets, so that only the tags tell of it.)
Source: https://docs.docker.com/reference/compose-file/merge/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.keys import SERVICE_KEYS
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.quantity import format_value
from compose2ecs.compose.reading import Reading, describe

RESET = "!reset"


class Sides(NamedTuple):
    """The two values to be joined, where they stand, and the path and report they share."""

    base: Any
    over: Any
    below: int
    place: int
    reading: Reading

    def both(self, kind: type) -> bool:
        return isinstance(self.base, kind) and isinstance(self.over, kind)


Join = Callable[[Sides], Any]
Rules = Mapping[str, Join]
Check = Callable[[Map, Reading], None]


def join_documents(base: Map, over: Map, reading: Reading, check: Check | None = None) -> Map:
    """The document `over` laid over the project so far.

    `check` is given each part of the project so far that `over` changes, as a tree of that part
    alone: Compose refuses a file that is wrong by itself, even when a later one puts it right.
    """
    if check is not None:
        for section in (*over, *(key for key in over.tags or () if key not in over)):
            if section in base and (section != "services" or base[section] is not None):
                _check_part(section, base, over.get(section), reading, check)
    return _join_maps(base, over, reading, _ROOT)


def _check_part(section: str, base: Map, above: Any, reading: Reading, check: Check) -> None:
    below = base[section]
    part = _only(base, section)
    if isinstance(below, Map) and isinstance(above, Map):
        part[section] = Map(below.place)
        for name in (*above, *(above.tags or ())):
            if name in below:
                part[section].put(name, below[name], below.keys_at[name], below.at[name])
    check(part, reading)


def join_included(base: Map, over: Map, reading: Reading) -> Map:
    """The including document `over` laid over what it includes: `!reset` and `!override` reach into
    the services and resources of the same name, but never drop one as a whole."""
    result = base.copy()
    for section, value in over.items():
        at, key_at = over.at[section], over.keys_at[section]
        below = result.get(section)
        if isinstance(value, Map) and isinstance(below, Map):
            tags, value = value.tags, value.copy()
            value.tags = None
            reading.path.append("." + section)
            joined = _ROOT.get(section, _merge)(Sides(below, value, 0, at, reading))
            reading.path.pop()
            joined.tags = tags
            value = joined
        result.put(section, value, key_at, at)
    result.tags = over.tags
    return result


def join_services(base: Map, over: Map, reading: Reading, *, same_document: bool) -> Map:
    """A service laid over the one that it extends.

    What comes of another file has been brought into its long form, which joins in other ways.
    """
    return _join_maps(base, over, reading, _SERVICE_AS_WRITTEN if same_document else _SERVICE)


def settle(value: Any, dollars: list[tuple[Map | Seq, Any]], known: dict[int, Any]) -> Any:
    """The value without what it resets; tags stay. `dollars` is filled anew, for the copies."""
    if not isinstance(value, (Map, Seq)):
        return value
    if id(value) in known:
        return known[id(value)]
    copy: Map | Seq
    if isinstance(value, Map):
        tags = value.tags or {}
        copy = known[id(value)] = Map(value.place)
        for key, item in value.items():
            if tags.get(key) != RESET:
                copy.put(key, settle(item, dollars, known), value.keys_at[key], value.at[key])
                if item.__class__ is str and "$" in item:
                    dollars.append((copy, key))
        copy.tags = value.tags
    else:
        gone = value.tags or {}
        copy = known[id(value)] = Seq(value.place)
        for number, item in enumerate(value):
            if gone.get(number) != RESET:
                copy.put(settle(item, dollars, known), value.at[number])
                if item.__class__ is str and "$" in item:
                    dollars.append((copy, len(copy) - 1))
    copy.size = value.size
    return copy


def untagged(value: Any) -> Any:
    """The value without tags: what is extended or included has had its own say already."""
    if isinstance(value, Map):
        copy = Map(value.place)
        for key, item in value.items():
            copy.put(key, untagged(item), value.keys_at[key], value.at[key])
        return copy
    if isinstance(value, Seq):
        items = Seq(value.place)
        for number, item in enumerate(value):
            items.put(untagged(item), value.at[number])
        return items
    return value


def _only(value: Map, name: str) -> Map:
    one = Map(value.place)
    one.put(name, value[name], value.keys_at[name], value.at[name])
    return one


def _join_maps(base: Map, over: Map, reading: Reading, rules: Rules) -> Map:
    result = base.copy()
    result.tags = over.tags
    for key in over.tags or ():
        result.drop(key)
    path = reading.path
    for key, value in over.items():
        at, key_at = over.at[key], over.keys_at[key]
        rule = rules.get(key) or rules.get("*") or _merge
        below = result.get(key)
        if below is None:
            result.put(key, value, key_at, at)
        elif value is None and rule not in (_replace, _logging):
            continue
        else:
            path.append("." + key)
            joined = rule(Sides(below, value, result.at[key], at, reading))
            path.pop()
            if isinstance(joined, Map) and isinstance(result[key], Map):
                key_at = result.keys_at[key]  # where a mapping began is where its first file has it
            result.put(key, joined, key_at, at)
    return result


def _merge(sides: Sides) -> Any:
    if sides.both(Map):
        return _join_maps(sides.base, sides.over, sides.reading, {})
    if sides.both(Seq):
        return _append(sides.base, sides.over)
    base, over = sides.base, sides.over
    if isinstance(base, (Map, Seq)):
        sides.reading.say(
            codes.CANNOT_OVERRIDE,
            sides.place,
            related=[(f"{describe(base)} stands here", sides.below)],
            found=describe(over),
            base=describe(base),
        )
    return over


def _append(base: Seq, over: Seq) -> Seq:
    """Both lists; of the second only what is not there yet."""
    result = Seq(base.place)
    result.extend(base)
    result.at = list(base.at)
    for number, item in enumerate(over):
        if not any(item == known and item.__class__ is known.__class__ for known in result):
            result.put(item, over.at[number])
    return result


def _replace(sides: Sides) -> Any:
    return sides.over


def _maps(sides: Sides, rules: Rules) -> Any:
    if sides.both(Map):
        return _join_maps(sides.base, sides.over, sides.reading, rules)
    return _merge(sides)


def _seqs(sides: Sides) -> Any:
    if sides.both(Seq):
        return _append(sides.base, sides.over)
    return _merge(sides)


# ---------------------------------------------------------------------------- KEY=VALUE


def _pairs(sides: Sides) -> Any:
    """Both sides as lists of KEY=VALUE, one after the other; the later value of a key counts.

    What comes out is a list, which has consequences: a third file can no longer `!reset` a key.
    """
    base, tags = sides.base, sides.over.tags if isinstance(sides.over, (Map, Seq)) else None
    if tags and isinstance(base, Map):
        base = base.copy()
        for key in tags:
            base.drop(key)
    below, above = _listed_pairs(base), _listed_pairs(sides.over)
    if below is None or above is None:
        return _merge(sides)
    result = Seq(below.place)
    result.tags = tags
    index: dict[str, int] = {}
    for side in (below, above):
        for number, item in enumerate(side):
            key = item.partition("=")[0] if item.__class__ is str else None
            if key is not None and key in index:
                result[index[key]] = item
                result.at[index[key]] = side.at[number]
            else:
                if key is not None:
                    index[key] = len(result)
                result.put(item, side.at[number])
    return result


def _listed_pairs(value: Any) -> Seq | None:
    if not isinstance(value, Map):
        return value if isinstance(value, Seq) else None
    result = Seq(value.place)
    for key in sorted(value):
        item = value[key]
        if isinstance(item, (Map, Seq)):
            return None
        result.put(key if item is None else f"{key}={format_value(item)}", value.at[key])
    return result


def _hosts(sides: Sides) -> Any:
    listed = []
    for side in (sides.base, sides.over):
        if isinstance(side, Map):
            lines = Seq(side.place)
            for host, addresses in side.items():
                for address in addresses if isinstance(addresses, Seq) else [addresses]:
                    lines.put(f"{host}={address}", side.at[host])
            side = lines
        listed.append(side)
    return _seqs(sides._replace(base=listed[0], over=listed[1]))


# ---------------------------------------------------------------------------- short and long forms


def _long(sides: Sides, lengthen: Callable[[Any, int], Any], rules: Rules) -> Any:
    """Join as mappings what a shorter form may stand for."""
    base, over = lengthen(sides.base, sides.below), lengthen(sides.over, sides.place)
    return _maps(sides._replace(base=base, over=over), rules)


def _names(value: Any, place: int) -> Any:
    """A list of names as a mapping with nothing said of each."""
    if not isinstance(value, Seq) or any(item.__class__ is not str for item in value):
        return value
    result = Map(value.place)
    for number, item in enumerate(value):
        result.put(item, None, value.at[number], value.at[number])
    return result


def _conditions(value: Any, place: int) -> Any:
    names = _names(value, place)
    if names is value:
        return value
    for name, at in names.at.items():
        entry = names[name] = Map(at)
        entry.put("condition", "service_started", at, at)
        entry.put("required", True, at, at)
    return names


def _context(value: Any, place: int) -> Any:
    if value.__class__ is not str:
        return value
    long = Map(place)
    long.put("context", value, place, place)
    return long


def _listed(sides: Sides) -> Any:
    """A scalar counts as a list of one."""
    listed = []
    for side, place in ((sides.base, sides.below), (sides.over, sides.place)):
        if side.__class__ is str:
            one = Seq(place)
            one.put(side, place)
            side = one
        listed.append(side)
    return _seqs(sides._replace(base=listed[0], over=listed[1]))


def _external(sides: Sides) -> Any:
    """`external: {name: x}` is short for `external: true` and `name: x` beside it."""
    return sides.over if isinstance(sides.base, Map) else _merge(sides)


def _resource(rules: Rules) -> Join:
    rules = {**rules, "external": _external}

    def join(sides: Sides) -> Any:
        external = sides.base.get("external") if isinstance(sides.base, Map) else None
        if isinstance(external, Map) and "name" in external and "name" not in sides.base:
            base = sides.base.copy()
            base.put("name", external["name"], external.keys_at["name"], external.at["name"])
            sides = sides._replace(base=base)
        return _maps(sides, rules)

    return join


def _gpus(sides: Sides) -> Any:
    """`all` is short for a list of one request."""
    if sides.base == "all":
        request = Map(sides.below)
        request.put("count", "all", sides.below, sides.below)
        long = Seq(sides.below)
        long.put(request, sides.below)
        sides = sides._replace(base=long)
    return _merge(sides)


def _logging(sides: Sides) -> Any:
    if sides.over is None:
        sides.reading.say(codes.EMPTY_VALUE, sides.place, wanted="a mapping")
        return sides.base
    if sides.both(Map):
        below, above = sides.base.get("driver"), sides.over.get("driver")
        if below is not None and above is not None and below != above:
            return sides.over
    return _merge(sides)


def _subnets(sides: Sides) -> Any:
    if not sides.both(Seq):
        return _merge(sides)
    result = _append(sides.base, Seq())
    for number, item in enumerate(sides.over):
        subnet = item.get("subnet") if isinstance(item, Map) else None
        for index, known in enumerate(sides.base):
            if subnet is not None and isinstance(known, Map) and known.get("subnet") == subnet:
                result[index] = _join_maps(known, item, sides.reading, {})
                break
        else:
            result.put(item, sides.over.at[number])
    return result


# ---------------------------------------------------------------------------- which key joins how


def _with(rules: Rules) -> Join:
    return lambda sides: _maps(sides, rules)


_EACH_REPLACED = _with({"*": _replace})
_BUILD: Rules = {
    "args": _pairs,
    "labels": _pairs,
    "additional_contexts": _pairs,
    "ssh": _pairs,
    "extra_hosts": _hosts,
    "ulimits": _EACH_REPLACED,
}
_RULES: dict[str, Join] = {
    "merge": _merge,
    "replace": _replace,
    "pairs": _pairs,
    "named": lambda sides: _long(sides, _names, {}),
    "depends_on": lambda sides: _long(sides, _conditions, {}),
    "listed": _listed,
    "hosts": _hosts,
    "build": lambda sides: _long(sides, _context, _BUILD),
    "gpus": _gpus,
    "logging": _logging,
    "healthcheck": _with({"test": _replace}),
    "deploy": _with({"labels": _pairs}),
    "ulimits": _EACH_REPLACED,
}
_SERVICE: Rules = {name: _RULES[key.join] for name, key in SERVICE_KEYS.items()}
_SERVICE_AS_WRITTEN: Rules = {**_SERVICE, "gpus": _merge}
_LABELLED = _with({"*": _resource({"labels": _pairs})})
_ROOT: Rules = {
    "services": _with({"*": _with(_SERVICE)}),
    "jobs": _with({"*": _with(_SERVICE)}),
    "networks": _with({"*": _resource({"labels": _pairs, "ipam": _with({"config": _subnets})})}),
    "volumes": _LABELLED,
    "secrets": _LABELLED,
    "configs": _LABELLED,
}
