"""Of two rules, one of which matches only requests that the other matches too, it is asked first."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compose2ecs import Report, load, translate
from compose2ecs.api import target
from compose2ecs.ecs.priorities import covers
from compose2ecs.report import InputError

Route = dict[str, Any]
EXAMPLES = settings(derandomize=True, deadline=None, max_examples=200, database=None)

HOSTS = ("a.example.com", "b.a.example.com", "*.example.com", "*.a.example.com", "?.example.com")
PATHS = (
    "/a",
    "/a/*",
    "/a*",
    "/*",
    "/a/?",
    "*.php",
    "/a/*/b",
    "/ab/cdef/*",
    "/ab/cdef/ghijkl",
    "/**",
    "/?*",
    "*/*",
    "/*/*",
    "?*",
)
VALUES = ("a", "ab", "a*", "*", "a?", "*b")
RANGES = ("10.0.0.0/8", "10.1.0.0/16", "192.168.0.0/16", "2001:db8::/32")
METHODS = ("GET", "POST", "PUT")


def some(values: tuple[str, ...], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


def routes() -> st.SearchStrategy[Route]:
    """Routes with conditions of every kind, each with room for one more."""
    return st.fixed_dictionaries(
        {},
        optional={
            "host": some(HOSTS, 2),
            "path": some(PATHS, 2),
            "headers": st.dictionaries(
                st.sampled_from(("X-A", "X-B")), some(VALUES, 1), min_size=1, max_size=1
            ),
            "query": st.dictionaries(
                st.sampled_from(("p", "q")), st.sampled_from(VALUES), min_size=1, max_size=1
            ),
            "methods": some(METHODS, 2),
            "source_ips": some(RANGES, 2),
        },
    ).filter(fits)


def fits(route: Route) -> bool:
    """Whether a rule has room for it, and nothing about it is left to convention."""
    said = bool(route.keys() - {"source_ips"})
    return said and values_of(route) <= 5 and wildcards_of(route) <= 4


def values_of(route: Route) -> int:
    counts = [len(v) for key, v in route.items() if key not in ("headers", "query")]
    return sum(counts) + sum(len(route.get(key, ())) for key in ("headers", "query"))


def wildcards_of(route: Route) -> int:
    texts = [*route.get("host", ()), *route.get("path", ())]
    return sum(text.count("*") + text.count("?") for text in texts)


@st.composite
def narrower(draw: st.DrawFn, route: Route) -> Route:
    """A route that matches only requests that the given one matches, by some small steps."""
    found = copy.deepcopy(route)
    steps: dict[str, Callable[[], object]] = {
        "fewer": lambda: drop_one(draw, found),
        "fill": lambda: fill_one(draw, found),
        "method": lambda: found.setdefault("methods", ["GET"]),
        "header": lambda: found.setdefault("headers", {"X-C": ["c"]}),
        "query": lambda: found.setdefault("query", {"r": "1"}),
        "range": lambda: found.setdefault("source_ips", ["10.2.0.0/16"]),
        "host": lambda: found.setdefault("host", ["a.example.com"]),
        "path": lambda: found.setdefault("path", ["/a/b"]),
        "within": lambda: also_within(draw, found),
    }
    for name in draw(st.lists(st.sampled_from(sorted(steps)), min_size=1, max_size=4)):
        steps[name]()
    return found


def drop_one(draw: st.DrawFn, route: Route) -> None:
    """Take away one of several values that a request may have."""
    keys = [key for key in sorted(route) if isinstance(route[key], list) and len(route[key]) > 1]
    if keys:
        values = route[draw(st.sampled_from(keys))]
        values.pop(draw(st.integers(0, len(values) - 1)))


def fill_one(draw: st.DrawFn, route: Route) -> None:
    """Put characters in the place of a wildcard."""
    keys = [key for key in ("host", "path") if any("*" in text for text in route.get(key, ()))]
    if keys:
        values = route[draw(st.sampled_from(keys))]
        number = draw(st.sampled_from([n for n, text in enumerate(values) if "*" in text]))
        by = draw(st.sampled_from(("x", "yz", "x*", "?", "xyzxyz")))
        values[number] = values[number].replace("*", by, 1)


def also_within(draw: st.DrawFn, route: Route) -> None:
    """Add a value that another one has in it, which changes nothing by itself."""
    values = [text for text in route.get("host", ()) if text.startswith("*.")]
    if values:
        within = "w" + draw(st.sampled_from(values))[1:]
        if within not in route["host"]:
            route["host"].append(within)


# What requests may say of each thing that conditions look at; none matches the empty text.
SAID: dict[str, tuple[str, ...]] = {
    "host": ("a.example.com", "wa.example.com", "b.a.example.com", "wb.a.example.com", "c.org"),
    "path": ("/", "/a", "/ab", "/a/", "/a/b", "/a/x/b", "/ab/cdef/x", "/x.php", "/a/yz.php"),
    "headers": ("", "a", "ab", "b", "bb", "c", "x"),
    "query": ("", "a", "ab", "b", "bb", "1", "x"),
    "methods": ("GET", "POST", "PUT", "HEAD"),
    "source_ips": ("10.0.0.1", "10.1.0.1", "10.2.0.1", "192.168.0.1", "2001:db8::1", "9.0.0.1"),
}
SAID["host"] += tuple(f"{word}.example.com" for word in ("x", "yz", "x.a", "xyzxyz", "wx", "w?"))
SAID["path"] += tuple(f"/a{word}" for word in ("x", "yz", "/x", "/yz", "xyzxyz", "/xyzxyz"))
SAID["path"] += ("/x", "/yz", "/xyzxyz", "/xz.php", "yz.php", "/ab/cdef/ghijkl", "/ab/cdef/")


def matches(patterns: Iterable[str], text: str) -> bool:
    """Whether one of the patterns matches, as AWS says what its wildcards mean."""
    expressions = (re.escape(p).replace(r"\*", ".*").replace(r"\?", ".") for p in patterns)
    return any(re.fullmatch(expression, text) for expression in expressions)


def taken(route: Route, key: str, text: str, name: str = "") -> bool:
    """Whether a route takes requests that say `text` there."""
    if key not in route:
        return True
    if key == "source_ips":
        address = ip_address(text)
        return any(address in ip_network(cidr) for cidr in route[key])
    if key == "headers":
        return name not in route[key] or (text != "" and matches(route[key][name], text))
    if key == "query":
        return text != "" and any(matches([p], text) for n, p in route[key].items() if n == name)
    return matches(route[key], text)


def is_narrower(narrow: Route, broad: Route) -> bool:
    """Whether some request that the one takes is one that the other does not take."""
    for key, texts in SAID.items():
        names = {*broad.get(key, ()), *narrow.get(key, ())} if key in ("headers", "query") else {""}
        for name in names:
            for text in texts:
                if taken(broad, key, text, name) and not taken(narrow, key, text, name):
                    return True
    return False


def priorities_of(written: list[Route]) -> list[int] | None:
    """The priorities of the rules of these routes; None where AWS could not take them, or where a
    route became several rules."""
    services = {
        f"s{number}": {"image": "i", "expose": ["80"], "x-ecs": {"route": {"port": 80, **route}}}
        for number, route in enumerate(written)
    }
    report = Report()
    try:
        project = load(
            files={"compose.yaml": json.dumps({"name": "p", "services": services})},
            environment={},
            report=report,
        )
        stack = translate(project, target(project, report=report), report)
    except InputError:
        return None
    bodies = {name: one.body for name, one in stack.resources["listener-rules"].items()}
    assert len({body["Priority"] for body in bodies.values()}) == len(bodies)
    if len(bodies) != len(written):
        return None
    return [bodies[f"p-s{number}"]["Priority"] for number in range(len(written))]


@EXAMPLES
@given(st.data(), routes(), st.lists(routes(), max_size=3))
def test_the_narrower_rule_is_asked_first(
    data: st.DataObject, broad: Route, others: list[Route]
) -> None:
    narrow = data.draw(narrower(broad))
    where = data.draw(st.integers(0, len(others)))
    found = priorities_of([narrow, *others[:where], broad, *others[where:]])
    if found is not None and is_narrower(narrow, broad):
        assert found[0] < found[1 + where], (narrow, broad)


def test_most_examples_say_something() -> None:
    """The test above skips what AWS could not take; it must not skip all."""
    assert priorities_of([{"path": ["/a"]}, {"path": ["/a*"]}]) is not None
    assert priorities_of([{"path": ["/a"]}, {"path": ["/a"]}]) is None


@pytest.mark.parametrize(
    ("broad", "narrow", "expected"),
    [
        ("/a*", "/a/*", True),
        ("/a/*", "/a*", False),
        ("/*", "/a?b", True),
        ("/?*", "/*?", True),
        ("/*?", "/?*", True),
        ("/a?", "/a*", False),
        ("/a?", "/ab", True),
        ("/a?", "/a?", True),
        ("/a", "/a", True),
        ("/a", "/a*", False),
        ("/a.c", "/abc", False),
        ("*.php", "/x/*.php", True),
        ("/*/b", "/a/b/*", False),
        ("**", "*", True),
    ],
)
def test_patterns_that_hold_others(broad: str, narrow: str, expected: bool) -> None:
    assert covers(broad, narrow) is expected
