"""Tags as each service takes and gives them; inside they are all `{key: value}`.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html and
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-tags.html
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from compose2ecs.limits import TAGS_PER_RESOURCE
from compose2ecs.sandbox.errors import AwsError

Tags = dict[str, str]
KEY_MAX, VALUE_MAX = 128, 256
_MARKS = frozenset("_.:/=+-@")


def read(pairs: Iterable[Mapping[str, Any]], code: str, key: str = "key") -> Tags:
    """The tags of a list of pairs, checked; `code` is that of the error for those AWS refuses."""
    value = "Value" if key == "Key" else "value"
    twice = "DuplicateTagKeys" if code == "ValidationError" else code
    found: Tags = {}
    for pair in pairs:
        name = pair.get(key, "")
        if name in found:
            raise AwsError(twice, f"Duplicate tag keys found: {name}")
        found[name] = pair.get(value, "")
    check(found, code)
    return found


def check(tags: Mapping[str, str], code: str) -> None:
    """Raise AwsError for what AWS does not take as a tag."""
    for key, value in tags.items():
        if not 1 <= len(key) <= KEY_MAX:
            raise AwsError(code, f"Tag key must be 1 to {KEY_MAX} characters long: '{key[:40]}'")
        if len(value) > VALUE_MAX:
            raise AwsError(code, f"The value of tag '{key}' is longer than {VALUE_MAX} characters")
        if key.lower().startswith("aws:") or value.lower().startswith("aws:"):
            raise AwsError(code, "aws: prefixed tag key names are not allowed for external use.")
        if not all(map(_allowed, key + value)):
            raise AwsError(code, f"Some of the characters in '{key}={value}' are not allowed.")


def _allowed(character: str) -> bool:
    return character in _MARKS or unicodedata.category(character)[0] in "LZN"


def added(
    old: Mapping[str, str], new: Mapping[str, str], code: str, most: int | None = None
) -> Tags:
    """Tags with others laid over them; raises AwsError when there are too many."""
    found = {**old, **new}
    limit = TAGS_PER_RESOURCE if most is None else most
    if len(found) > limit:
        raise AwsError(code, f"Number of tags exceeds the limit of {limit}.")
    return found


def shown(tags: Mapping[str, str], key: str = "key") -> list[dict[str, str]]:
    """The tags as a list of pairs, in an order of AWS's own."""
    value = "Value" if key == "Key" else "value"
    return [{key: name, value: tags[name]} for name in shuffled(tags)]


def shuffled(names: Iterable[str]) -> list[str]:
    """The same names in an order that is no order of theirs, but always the same.

    >>> shuffled(["a", "b", "c", "d"]) == shuffled(["d", "c", "b", "a"]) != ["a", "b", "c", "d"]
    True
    """
    return sorted(
        names, key=lambda name: hashlib.md5(name.encode(), usedforsecurity=False).digest()
    )
