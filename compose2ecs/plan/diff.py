"""Two values to the list of their differences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from compose2ecs.plan.model import Difference


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], under: str = ""
) -> list[Difference]:
    """What changes from one normal form to another, by path, in order of the paths."""
    if old == new:
        return []
    from deepdiff import DeepDiff  # 150 ms, so only where something differs

    found = []
    for kind in DeepDiff(
        old, new, view="tree", ignore_order=False, threshold_to_diff_deeper=0
    ).values():
        for entry in kind:
            path = ".".join(str(part) for part in entry.path(output_format="list"))
            path = ".".join(part for part in (under, path) if part)
            before, after = _value(entry.t1), _value(entry.t2)
            found += _leaves(path, before, after)
    return sorted(found, key=lambda difference: difference.path)


def _value(value: Any) -> Any:
    return None if type(value).__name__ == "NotPresent" else value


def _leaves(path: str, old: Any, new: Any) -> list[Difference]:
    """A whole mapping that comes or goes, value by value."""
    one = new if old is None else old
    if (old is None) != (new is None) and isinstance(one, Mapping) and one:
        found = []
        for key, value in one.items():
            pair = (None, value) if old is None else (value, None)
            found += _leaves(f"{path}.{key}", *pair)
        return found
    return [Difference(path, old, new)]


_SECRET = re.compile(r"passw|pwd|secret|token|credential|api_?key|private", re.IGNORECASE)


def is_secret(path: str) -> bool:
    """Whether a value may be secret: all variables of containers, and whatever sounds like it.

    >>> is_secret("containers.web.environment.MODE"), is_secret("containers.web.image")
    (True, False)
    """
    return ".environment." in f".{path}." or bool(_SECRET.search(path))
