"""Which rule's requests another takes: patterns in patterns, held to what the patterns match."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compose2ecs.plan.patterns import included
from compose2ecs.plan.rules import covers

PATTERNS = st.text("ab*?", max_size=6)
TEXTS = st.text("abc", max_size=7)
CASES = [
    ("/api/v1/*", "/api/*", True),
    ("/api/*", "/api/v1/*", False),
    ("*.qa.example.com", "*.example.com", True),
    ("a?c", "a*", True),
    ("a*", "a?*", False),
    ("a?*", "a*?", True),
    ("*a*b*", "*b*", True),
    ("*b*", "*a*b*", False),
    ("/*", "/*/*", False),
    (r"a\*", "a?", True),
    ("ab", r"a\*", False),
    ("", "*", True),
    ("?", "", False),
]


@pytest.mark.parametrize(("narrow", "broad", "want"), CASES)
def test_cases(narrow: str, broad: str, want: bool) -> None:
    assert included(narrow, [broad]) is want


def test_several_together() -> None:
    assert included("a*", ["a", "a?*"])
    assert not included("a*", ["a", "a??*"])
    assert not included("a", [])


def matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern.replace("*", ".*").replace("?", "."), text) is not None


@given(PATTERNS, st.lists(PATTERNS, max_size=3), TEXTS)
@settings(max_examples=400, deadline=None)
def test_what_is_included_matches_nothing_else(narrow: str, broad: list[str], text: str) -> None:
    if included(narrow, broad) and matches(narrow, text):
        assert any(matches(one, text) for one in broad)


@given(st.text("a*?", max_size=4), st.text("a*?", max_size=4))
@settings(max_examples=300, deadline=None)
def test_it_finds_all_that_are(narrow: str, broad: str) -> None:
    """All texts of two letters up to a length at which such patterns have shown what they are."""
    texts = [""]
    for _ in range(6):
        texts += [text + letter for text in texts[-(2**6) :] for letter in "ax"]
    every = all(matches(broad, text) for text in texts if matches(narrow, text))
    assert included(narrow, [broad]) == every


@pytest.mark.parametrize(
    ("broad", "narrow", "want"),
    [
        ({"host-header": ["*.a.b"]}, {"host-header": ["x.a.b", "*.y.a.b"]}, True),
        ({"host-header": ["*.a.b"]}, {"host-header": ["x.a.b", "a.b"]}, False),
        ({"host-header": ["*"]}, {"path-pattern": ["/a"]}, True),
        ({"path-pattern": ["/*"]}, {"host-header": ["a"]}, True),
        ({"path-pattern": ["/a*"]}, {"host-header": ["a"]}, False),
        ({"source-ip": ["10.0.0.0/8"]}, {"source-ip": ["10.1.0.0/16"]}, True),
        ({"source-ip": ["10.1.0.0/16"]}, {"source-ip": ["10.0.0.0/8"]}, False),
        ({"source-ip": ["10.0.0.0/8"]}, {"source-ip": ["fd00::/16"]}, False),
        ({"source-ip": ["fd00::/8"]}, {"source-ip": ["fd00::/16"]}, True),
        ({"query-string": ["a*"]}, {"query-string": ["ab=c"]}, False),
        ({"query-string": ["a=*"]}, {"query-string": ["a=c"]}, True),
        ({"http-request-method": ["GET"]}, {"http-request-method": ["GET", "PUT"]}, False),
    ],
)
def test_rules(broad: dict[str, Any], narrow: dict[str, Any], want: bool) -> None:
    assert covers(broad, narrow) is want
