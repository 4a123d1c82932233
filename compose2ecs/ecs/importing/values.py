"""Values of JSON that nobody has checked: what is of another kind counts as not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeGuard

_EMPTY: Mapping[str, Any] = MappingProxyType({})


def is_text(value: Any) -> TypeGuard[str]:
    """Whether a value is a text that says something."""
    return isinstance(value, str) and bool(value)


def is_whole(value: Any, low: int = 1) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= low


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else _EMPTY


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """A list of mappings; none if anything else is in it."""
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    return []


def texts(value: Any) -> list[str]:
    """A list of texts; none if anything else is in it."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(value)
    return []


def text_pairs(value: Any) -> dict[str, str]:
    """A mapping of texts; nothing if anything else is in it."""
    if isinstance(value, dict) and all(
        key and isinstance(item, str) for key, item in value.items()
    ):
        return dict(value)
    return {}


def unlike(values: Iterable[Any]) -> bool:
    """Whether no value is there twice."""
    listed = list(values)
    return len(set(listed)) == len(listed)
