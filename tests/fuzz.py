"""`python -m tests.fuzz`: real compose files, broken at random, end in a Project or an InputError.

Whatever else happens is a find: another exception, more than 10 seconds of CPU, more than 500 MB. It
is made small and written below --out as a folder in the form of fixtures/compose (see its README).
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from compose2ecs import InputError, Report, load, translate, write
from compose2ecs.app.config import config
from compose2ecs.cli.show import as_text
from compose2ecs.compose.files import Memory
from tests.drawing import ROOT, Drawer, places, with_a_fault

SECONDS = 10
MEGABYTES = 500
KILOBYTE = 1024 * (1024 if sys.platform == "darwin" else 1)  # as ru_maxrss counts
FOLDERS = ("corpus", "seeds", "projects", "compose", "x-ecs")
LARGEST = 64 * 1024
GOALS = list(places())
SMALL_FOR = 20.0  # seconds that making one find small may take
ENVIRONMENT = {"HOME": "/home/user", "HV": "host", "TAG": "1.0", "EMPTY": ""}
ECS = b"x-ecs: {cluster: qa, region: eu-west-1, listener: none}\n"

Input = dict[str, bytes]  # by path; "" names the file that is given with -f, if one is


class TooLongError(Exception):
    """One input took more than its time."""


def seeds() -> list[Input]:
    """Every compose file of the fixtures, each with the small files beside it."""
    found: list[Input] = []
    for name in FOLDERS:
        for path in sorted((ROOT / "fixtures" / name).rglob("*.y*ml")):
            if "expected" in path.parts or path.name == "case.yaml" or size(path) > LARGEST:
                continue
            beside = {
                str(file.relative_to(path.parent)): file.read_bytes()
                for file in sorted(path.parent.rglob("*"))[:60]
                if file.is_file() and "expected" not in file.parts and size(file) <= LARGEST
            }
            found.append({**beside, "": path.name.encode()})
    return found


def size(path: Path) -> int:
    return path.stat().st_size


# ---------------------------------------------------------------------------- what is done to them

_TOKENS = (
    *(
        b"${",
        b"}",
        b"$",
        b"$$",
        b":-",
        b"${A:?}",
        b"${A:-${B}}",
        b"&a ",
        b"*a",
        b"<<: *a",
        b"!reset ",
    ),
    *(b"!override ", b"!!binary ", b"!!str ", b"---\n", b"...\n", b"\t", b"\r\n", b"\x00", b"\xff"),
    *(b"\xc3\xa9", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"'", b'"', b"|\n", b">-\n", b"[", b"]", b"{"),
    *(b": ", b"- ", b"#", b"? ", b"null", b"~", b"0x", b"1e400", b"99999999999999999999", b"-1"),
    *(b".inf", b".nan", b"2020-01-01", b"include: [", b"extends: ", b"x-ecs: ", b"=", b",", b"\\"),
)
_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 2**63, 10**400, "", "x", "$$", "${A}", "${A:-", " ", "a b", "/", "."),
    *(
        "..",
        "~",
        "~/",
        "\n",
        "\u2028",
        "\U0001f600",
        "\ud800",
        "a" * 5000,
        "80:80",
        "1-99999",
        "[::1]:1:1",
    ),
    *(
        "C:\\x",
        "a:b:c:d",
        "1e400",
        "99999999999999999999m",
        "1h" * 200,
        "'",
        '"',
        "$(",
        "`",
        "\x7f",
    ),
    *([], {}, [None], [[]], [{}], {"": ""}, {"a": {"b": {}}}, ["a", "a"], {"x-a": 1}, {"<<": {}}),
)


def bytes_changed(text: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(text) + 1)
    form = rng.randrange(5)
    if form == 0:
        return text[:at] + bytes([rng.randrange(256)]) + text[at + 1 :]
    if form == 1:
        return text[:at] + text[at + rng.randint(1, 20) :]
    if form == 2:
        return text[:at] + rng.choice(_TOKENS) + text[at:]
    if form == 3:
        part = text[at : at + rng.randint(1, 200)]
        return text[:at] + part * rng.choice((2, 3, 50)) + text[at:]
    other = rng.choice(others)
    return text[:at] + other[rng.randrange(len(other) + 1) :]


def lines_changed(text: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    lines = text.splitlines(keepends=True) or [b"\n"]
    at = rng.randrange(len(lines))
    form = rng.randrange(7)
    if form == 0:
        del lines[at]
    elif form == 1:
        lines.insert(rng.randrange(len(lines) + 1), lines[at])
    elif form == 2:
        to = rng.randrange(len(lines))
        lines[at], lines[to] = lines[to], lines[at]
    elif form == 3:
        lines[at] = b" " * rng.choice((1, 2, 4)) + lines[at]
    elif form == 4:
        lines[at] = lines[at][rng.choice((1, 2, 4)) :]
    elif form == 5:
        key, colon, value = lines[at].partition(b":")
        lines[at] = key + colon + b" " + rng.choice(_TOKENS) + value
    else:
        other = rng.choice(others).splitlines(keepends=True) or [b"\n"]
        start = rng.randrange(len(other))
        lines[at:at] = other[start : start + rng.randint(1, 8)]
    return b"".join(lines)


def tree_changed(text: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    tree, other = parsed(text), parsed(rng.choice(others))
    if not isinstance(tree, (dict, list)) or not tree:
        return bytes_changed(text, rng, others)
    holders = inside(tree)
    for _ in range(rng.randint(1, 3)):
        holder = rng.choice(holders)
        key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        form = rng.randrange(5)
        if form == 0:
            holder[key] = rng.choice(_VALUES)
        elif form == 1:
            holder[key] = [holder[key]] if rng.random() < 0.5 else {str(key): holder[key]}
        elif form == 2 and isinstance(holder, dict):
            holder[str(rng.choice(("x-a", "", "zz", f"{key} ", str(key).upper())))] = holder[key]
        elif isinstance(other, dict) and (parts := inside(other)):
            part = rng.choice(parts)
            taken = rng.choice(list(part.values()) if isinstance(part, dict) else part)
            if form == 3 and isinstance(part, dict) and isinstance(holder, dict):
                holder[rng.choice(list(part))] = copy.deepcopy(taken)
            else:
                holder[key] = copy.deepcopy(taken)
        holders = inside(tree)
        if not holders:
            break
    if rng.random() < 0.3:
        return json.dumps(tree, default=str).encode()
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).encode("utf-8", "replace")


def parsed(text: bytes) -> Any:
    """The values of a document; None for one that PyYAML cannot read or that may be an alias bomb."""
    if text.count(b"*") > 100:
        return None
    try:
        return yaml.load(text, yaml.CSafeLoader)
    except Exception:  # it has many ways to fail
        return None


def inside(value: Any, depth: int = 0) -> list[Any]:
    """Every mapping and list that holds something."""
    if not isinstance(value, (dict, list)) or not value or depth > 30:
        return []
    found: list[Any] = [value]
    for below in value.values() if isinstance(value, dict) else value:
        if len(found) < 2000:
            found += inside(below, depth + 1)
    return found


def drawn(text: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """The document with some keys of services, and some sections, that the schema has drawn."""
    tree = parsed(text)
    if not isinstance(tree, dict) or not isinstance(tree.get("services"), dict):
        return lines_changed(text, rng, others)
    made = Drawer(rng).document(rng.choice(GOALS))
    for section, bodies in made.items():
        if not isinstance(bodies, dict) or rng.random() < 0.3:
            continue
        have = tree.setdefault(section, {})
        for name, body in bodies.items() if isinstance(have, dict) else ():
            to = rng.choice(list(have)) if have and rng.random() < 0.8 else name
            if isinstance(have.get(to), dict) and isinstance(body, dict) and name != "dep":
                have[to].update(body)
            else:
                have.setdefault(name, body)
    if rng.random() < 0.3:
        tree = with_a_fault(tree, rng)
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).encode("utf-8", "replace")


_WAYS: tuple[Callable[[bytes, random.Random, Sequence[bytes]], bytes], ...] = (
    bytes_changed,
    lines_changed,
    lines_changed,
    *(tree_changed,) * 3,
    *(drawn,) * 4,
)


def changed(seed: Input, rng: random.Random, others: Sequence[bytes]) -> Input:
    """The input with one to four changes, most of them in its compose file."""
    found = dict(seed)
    main = seed[""].decode()
    if rng.random() < 0.2:
        found[main] += b"\n" + ECS
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        name = main if rng.random() < 0.8 else rng.choice([key for key in found if key])
        try:
            text = rng.choice(_WAYS)(found[name], rng, others)
        except (ValueError, TypeError, IndexError, RecursionError, yaml.YAMLError):
            continue  # what cannot be dumped again
        found[name] = text[: 4 * LARGEST]
    return found


# ---------------------------------------------------------------------------- what becomes of them


def run(given: Input) -> str:
    """Read, print and translate an input; the outcome in one word."""
    files = {name: text for name, text in given.items() if name}
    report = Report()
    try:
        project = load(
            given[""].decode(), files=Memory(files), environment=ENVIRONMENT, report=report
        )
        config(project)
        config(project, "json")
    except InputError as error:
        assert any(found.severity == "error" for found in error.diagnostics), "no reason is given"
        as_text(report)
        return "refused"
    try:
        write(translate(project, report=report))
    except InputError as error:
        assert any(found.severity == "error" for found in error.diagnostics), "no reason is given"
        as_text(report)
        return "not translated"
    as_text(report)
    return "translated"


def fault(given: Input) -> str:
    """What is wrong with how an input ends, by its exception and place; empty if nothing is."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        run(given)
    except Exception as error:
        return signature(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return ""


def signature(error: BaseException) -> str:
    if isinstance(error, TooLongError):
        return f"more than {SECONDS} s"
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((f for f in reversed(frames) if "compose2ecs/" in f.filename), frames[-1])
    place = frame.filename.rpartition("compose2ecs/")[2]
    return f"{type(error).__name__} in {place}:{frame.lineno} {frame.name}"


def small(given: Input, wrong: str) -> Input:
    """The input with all left out that does not matter."""
    until = time.monotonic() + SMALL_FOR
    found = dict(given)
    for name in [name for name in found if name not in ("", found[""].decode())]:
        without = {key: text for key, text in found.items() if key != name}
        if time.monotonic() < until and fault(without) == wrong:
            found = without
    for name in [name for name in found if name]:
        for cut in (
            bytes.splitlines,
            lambda text, _=True: [text[i : i + 1] for i in range(len(text))],
        ):
            parts = cut(found[name], True)
            step = max(len(parts) // 2, 1)
            while step and time.monotonic() < until:
                at = 0
                while at < len(parts) and time.monotonic() < until:
                    rest = parts[:at] + parts[at + step :]
                    if fault({**found, name: b"".join(rest)}) == wrong:
                        parts = rest
                    else:
                        at += step
                step //= 2
            found[name] = b"".join(parts)
    return found


def keep(given: Input, wrong: str, folder: Path, number: int) -> None:
    """Write a find as a case of fixtures/compose."""
    case = folder / f"found-{number}"
    for name, text in given.items():
        if name:
            path = case / "input" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
    main = given[""].decode()
    (case / "case.yaml").write_text(f"arguments: {json.dumps(['-f', main])}\n", "utf-8")
    (case / "found.txt").write_text(wrong + "\n", "utf-8")


def too_long(*_: object) -> None:
    raise TooLongError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--out", type=Path, default=ROOT / "build/fuzz")
    options = parser.parse_args()
    seed = random.randrange(2**32) if options.seed is None else options.seed
    rng = random.Random(seed)
    inputs = seeds()
    others = [given[given[""].decode()] for given in inputs]
    good = [given for given in inputs if run(given) == "translated"]
    signal.signal(signal.SIGPROF, too_long)
    with contextlib.suppress(ValueError, OSError):  # where it is allowed
        resource.setrlimit(resource.RLIMIT_AS, (4 * MEGABYTES * 2**20, resource.RLIM_INFINITY))
    counts: Counter[str] = Counter()
    finds: Counter[str] = Counter()
    longest = 0.0
    until = time.monotonic() + options.minutes * 60
    while time.monotonic() < until:
        given = changed(rng.choice(good if rng.random() < 0.8 else inputs), rng, others)
        before = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        wrong = ""
        try:
            counts[run(given)] += 1
        except Exception as error:
            wrong = signature(error)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        longest = max(longest, time.process_time() - before)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KILOBYTE
        if peak > MEGABYTES:
            wrong = f"more than {MEGABYTES} MB"
        if wrong:
            finds[wrong] += 1
            if finds[wrong] == 1:
                sys.stdout.write(f"{wrong}\n")
                sys.stdout.flush()
                keep(
                    given if "more than" in wrong else small(given, wrong),
                    wrong,
                    options.out,
                    len(finds),
                )
        if peak > MEGABYTES:
            break
    said = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
    total = sum(counts.values()) + sum(finds.values())
    sys.stdout.write(
        f"seed {seed}: {total} inputs of {len(inputs)} files: {said}; "
        f"{len(finds)} finds ({sum(finds.values())} inputs); "
        f"longest {longest:.2f} s, {peak} MB\n"
    )
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
