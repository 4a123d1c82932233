"""Which listener rule is asked first: the one that fewer requests match.

AWS asks the lower priority first. People keep 1-999, `/*` stands at the end. In between, what is
more specific comes first, whoever's stack it is: rules stand in bands. Inside its band a rule hashes
to its place, so that stacks that know nothing of each other rarely meet; of two rules of one stack
the more specific one is always first.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs import codes
from compose2ecs.ecs.listener_rules import Rule, tidy, where_is
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.work import Work
from compose2ecs.limits import PRIORITY_MAX
from compose2ecs.names import slot
from compose2ecs.report import Code

# Each with its first priority and how many there are. A condition on a header or the query picks
# requests of any host, so it comes first; one on methods or addresses only narrows a rule.
_BANDS = (
    (1000, 14000),  # host and path, or a header or the query
    (15000, 9000),  # path
    (24000, 13000),  # host
    (37000, 3000),  # wildcard host
    (40000, 8000),  # everything
)
_PICKED, _PATH, _HOST, _WILDCARD, _ALL = range(len(_BANDS))
_STEPS = 20  # bands of paths are cut into this many steps by the length of the path
_HOST_STEPS = 5  # the band of wildcard hosts, by the number of dots
_ANY = ((1,),)  # where a pattern list has none: broader than every pattern

Key = tuple[Any, ...]


def find_priorities(rules: list[Rule], work: Work) -> list[int]:
    """A free priority for each rule. Two rules of a stack never share one, and where one matches
    only requests that another matches too, it is the lower."""
    taken = _given(rules, work)
    found = [rule.priority or 0 for rule in rules]
    free = [number for number, rule in enumerate(rules) if not found[number]]
    places = _places([rules[number] for number in free], taken, work)
    # A rule keeps its own place unless that would put it behind a broader one. Sorting by breadth
    # needs no comparison of each with each, which many hundred rules would feel.
    own = dict(zip(free, places, strict=True))
    order = sorted(free, key=lambda number: (*_breadth(rules[number]), own[number]))
    for number, place in zip(order, sorted(places), strict=True):
        found[number] = place
    if max(found, default=0) > PRIORITY_MAX:
        service = rules[-1].endpoint.service
        work.say(codes.NO_PRIORITY, service.place, service, number=len(rules))
    _tell_shadowed(rules, found, work)
    return found


def _given(rules: list[Rule], work: Work) -> dict[int, Rule]:
    """The priorities that routes name, and whose they are."""
    taken: dict[int, Rule] = {}
    told: set[tuple[str, str]] = set()
    for rule in rules:
        if rule.priority is None:
            continue
        first = taken.get(rule.priority)
        if first is not None:
            pair = first.endpoint.name, rule.endpoint.name
            if pair not in told:
                work.say(
                    codes.PRIORITY_TWICE,
                    rule.endpoint.route.written.get("priority", rule.place),
                    rule.endpoint.service,
                    priority=rule.priority,
                    other=first.endpoint.service.key,
                    reason=_reason(first, rules, "its") or _reason(rule, rules, "this"),
                    where=where_is(first.place, work),
                )
            told.add(pair)
        taken[rule.priority] = rule
    return taken


def _reason(rule: Rule, rules: list[Rule], whose: str) -> str:
    """Why a rule takes more than the priority that its route names; "" if it does not."""
    parts = [one for one in rules if one.endpoint is rule.endpoint]
    if len(parts) < 2:
        return ""
    number = sum(len(one.ranges) for one in parts)
    first = parts[0].priority or 0
    return (
        f": {whose} rule needs {len(parts)} rules for {number} address ranges,"
        f" so it takes {first}-{first + len(parts) - 1}"
    )


def _places(rules: list[Rule], taken: dict[int, Rule], work: Work) -> list[int]:
    """A place for each rule in its band, by its name."""
    bands: dict[tuple[int, int], list[int]] = {}
    for number, rule in enumerate(rules):
        bands.setdefault(_range_of(rule), []).append(number)
    found = [0] * len(rules)
    beyond = 0  # the first priority behind a band that overflowed
    for (first, size), together in sorted(bands.items()):
        used = sum(1 for priority in taken if first <= priority < first + size)
        for number in sorted(together, key=lambda number: rules[number].name):
            if used < size:
                priority = first + slot(size, work.target.stack, rules[number].name)
                while priority in taken:
                    priority = first + (priority + 1 - first) % size
                used += 1
            else:
                priority = beyond = max(beyond, first + size)
                while priority in taken:
                    priority = beyond = beyond + 1
            taken[priority] = rules[number]
            found[number] = priority
    return found


def _range_of(rule: Rule) -> tuple[int, int]:
    """Where a rule may stand: the first priority, and how many there are."""
    band = _band(rule)
    first, size = _BANDS[band]
    if band in (_PICKED, _PATH):
        step = size // _STEPS
        return first + step * max(0, _STEPS - 1 - _fixed(rule) // 3), step
    if band == _WILDCARD:
        step = size // _HOST_STEPS
        dots = min(host.count(".") for host in rule.hosts)
        return first + step * max(0, _HOST_STEPS - dots), step
    return first, size


def _band(rule: Rule) -> int:
    if any(condition["Field"] != "http-request-method" for condition in rule.others):
        return _PICKED
    if not (rule.every_path or any(map(_is_open, rule.paths))):
        return _PICKED if rule.hosts else _PATH
    if rule.hosts:
        return _WILDCARD if any(map(is_wild, rule.hosts)) else _HOST
    return _ALL


def _is_open(pattern: str) -> bool:
    """Whether a pattern of paths fixes nothing but slashes, so that whatever is more specific about
    its host is to come first.

    >>> _is_open("/?*"), _is_open("*.php"), _is_open("/?"), _is_open("/")
    (True, False, False, False)
    """
    return "*" in pattern and not pattern.strip("/*?")


def is_wild(pattern: str) -> bool:
    """Whether a pattern stands for more than itself."""
    return "*" in pattern or "?" in pattern


# ---------------------------------------------------------------------------- breadth
#
# Each part of the key is never larger for a rule than for another that matches all its requests,
# and one is smaller if it does not match all requests of the other.


def _breadth(rule: Rule) -> Key:
    """What rules are sorted by: the broader a rule, the larger."""
    paths = _ANY if rule.every_path else _patterns(rule.paths)
    hosts = tuple(host.lower() for host in rule.hosts)
    kind, host_key = 2, _ANY
    if hosts and any(map(is_wild, hosts)):
        kind, host_key = 1, _patterns(hosts)
    elif hosts:
        kind, host_key = 0, ((len(set(hosts)),),)
    return _band(rule), kind, -_fixed(rule), host_key, paths, _narrowing(rule)


def _fixed(rule: Rule) -> int:
    """How much of a path a rule fixes: of several paths, the one that fixes least."""
    if rule.every_path:
        return 0
    return min(len(_start(path).rstrip("/")) for path in rule.paths)


def _start(pattern: str) -> str:
    """What stands before the first wildcard.

    >>> _start("/shop/*"), _start("/a?c")
    ('/shop/', '/a')
    """
    return pattern.partition("*")[0].partition("?")[0]


def _patterns(values: tuple[str, ...]) -> Key:
    """The breadth of a list of patterns: of each, the broadest first. Those that another of the
    list has in it count for nothing."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) > 1:
        distinct = [
            one
            for number, one in enumerate(distinct)
            if not any(
                covers(other, one) and not (covers(one, other) and at > number)
                for at, other in enumerate(distinct)
                if at != number
            )
        ]
    return tuple(sorted(map(_pattern, distinct), reverse=True))


def _pattern(pattern: str) -> tuple[int, int, int]:
    """The breadth of a pattern: the shortest text it matches, the characters it fixes, and in how
    many places it takes any number of others."""
    if not is_wild(pattern):
        return -len(pattern), -len(pattern), 0
    shortest = len(pattern) - pattern.count("*")
    return -shortest, pattern.count("?") - shortest, _gaps(pattern)


def _gaps(pattern: str) -> int:
    """The runs of wildcards that hold a star.

    >>> _gaps("/*?/a?b/**"), _gaps("/a?b")
    (2, 0)
    """
    found, star = 0, False
    for character in pattern + "/":
        if character == "*":
            star = True
        elif character != "?":
            found += star
            star = False
    return found


def covers(broad: str, narrow: str) -> bool:
    """Whether each text that one pattern matches is one that another matches too.

    >>> covers("/a*", "/a/*"), covers("/a/*", "/a"), covers("*.example.com", "*.a.example.com")
    (True, False, True)
    """
    if not is_wild(broad):
        return broad == narrow
    if not narrow.startswith(_start(broad)):
        return False
    import re

    # The wildcards of the narrow one are characters that only wildcards take.
    expression = "".join(
        ".*" if c == "*" else "[^*]" if c == "?" else re.escape(c) for c in tidy(broad)
    )
    return re.fullmatch(expression, tidy(narrow), re.DOTALL) is not None


def _narrowing(rule: Rule) -> Key:
    """The breadth of all conditions but host and path: the more there are, the narrower."""
    found: list[tuple[str, Key]] = []
    for condition in rule.others:
        found.append((_field(condition), _values(condition)))
    if rule.ranges:
        found.append(("source-ip", _ranges(rule.ranges)))
    return -len(found), tuple(sorted(found))


def _field(condition: Body) -> str:
    """What a condition looks at."""
    field: str = condition["Field"]
    header = condition.get("HttpHeaderConfig")
    return f"{field} {header['HttpHeaderName'].lower()}" if header else field


def _values(condition: Body) -> Key:
    if condition["Field"] == "query-string":
        pairs = condition["QueryStringConfig"]["Values"]
        keys = {
            ("Key" not in pair, _pattern(pair["Value"]), _pattern(pair.get("Key", "")))
            for pair in pairs
            if not any(_pair_covers(other, pair) for other in pairs if other != pair)
        }
        return tuple(sorted(keys, reverse=True))
    if condition["Field"] == "http-header":
        values = condition["HttpHeaderConfig"]["Values"]
        return _patterns(tuple(value.lower() for value in values))
    return (len(set(condition["HttpRequestMethodConfig"]["Values"])),)


def _pair_covers(broad: Body, narrow: Body) -> bool:
    if "Key" in broad and "Key" not in narrow:
        return False
    if "Key" in broad and not covers(broad["Key"].lower(), narrow["Key"].lower()):
        return False
    return covers(broad["Value"].lower(), narrow["Value"].lower())


def _ranges(texts: tuple[str, ...]) -> Key:
    """The breadth of address ranges: the shorter their prefix, the broader."""
    import ipaddress

    networks = [ipaddress.ip_network(text, strict=False) for text in texts]
    outermost = [
        one
        for one in networks
        if not any(other != one and _range_covers(other, one) for other in networks)
    ]
    return tuple(sorted((-one.prefixlen for one in outermost), reverse=True))


def _range_covers(broad: Any, narrow: Any) -> bool:
    return bool(broad.version == narrow.version and narrow.subnet_of(broad))


# ---------------------------------------------------------------------------- shadows


def _tell_shadowed(rules: list[Rule], priorities: list[int], work: Work) -> None:
    """Say of a priority by hand that keeps another rule of the stack from ever being asked, or its
    own. Two that are found are in order."""
    ordered = list(zip(rules, priorities, strict=True))
    for rule, priority in ordered:
        if rule.priority is None:
            continue
        for other, number in ordered:
            if priority < number and rule_covers(rule, other):
                _tell_order(codes.SHADOWED, rule, other, (priority, number), work)
            elif number < priority and other.priority is None and rule_covers(other, rule):
                _tell_order(codes.SHADOWED_BEHIND, rule, other, (number, priority), work)


def _tell_order(code: Code, rule: Rule, other: Rule, numbers: tuple[int, int], work: Work) -> None:
    work.say(
        code,
        rule.endpoint.route.written.get("priority", rule.place),
        rule.endpoint.service,
        priority=numbers[0],
        behind=numbers[1],
        other=other.name,
        where=where_is(other.place, work),
    )


def rule_covers(broad: Rule, narrow: Rule) -> bool:
    """Whether each request that one rule matches is one that another matches too."""
    if broad.hosts and not _list_covers(_lower(broad.hosts), _lower(narrow.hosts)):
        return False
    if not broad.every_path and (narrow.every_path or not _list_covers(broad.paths, narrow.paths)):
        return False
    if broad.ranges and not _all_ranges_cover(broad.ranges, narrow.ranges):
        return False
    there = {_field(condition): condition for condition in narrow.others}
    return all(
        _field(condition) in there and _condition_covers(condition, there[_field(condition)])
        for condition in broad.others
    )


def _lower(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.lower() for text in texts)


def _list_covers(broad: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    return bool(narrow) and all(any(covers(b, n) for b in broad) for n in narrow)


def _all_ranges_cover(broad: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    import ipaddress

    outer = [ipaddress.ip_network(text) for text in broad]
    inner = [ipaddress.ip_network(text) for text in narrow]
    return bool(inner) and all(any(_range_covers(b, n) for b in outer) for n in inner)


def _condition_covers(broad: Body, narrow: Body) -> bool:
    """Whether a condition holds wherever another of the same field does."""
    if broad["Field"] == "query-string":
        pairs = broad["QueryStringConfig"]["Values"]
        inner = narrow["QueryStringConfig"]["Values"]
        return all(any(_pair_covers(b, n) for b in pairs) for n in inner)
    if broad["Field"] == "http-header":
        return _list_covers(
            _lower(tuple(broad["HttpHeaderConfig"]["Values"])),
            _lower(tuple(narrow["HttpHeaderConfig"]["Values"])),
        )
    methods = set(broad["HttpRequestMethodConfig"]["Values"])
    return methods >= set(narrow["HttpRequestMethodConfig"]["Values"])
