"""Measure `compose2ecs convert` side by side with its floor and its peers, and hold it to its goals.

Every figure is of a whole process, start-up included. Two commands run in turn, and the ratio is
the median of the ratios of single pairs. Exits with 1 if a goal is missed by more than half.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any, NamedTuple

from benchmarks import goals
from benchmarks.commands import FLOOR, IMPORT_ALL, IMPORT_CLICK, PLAIN, Bench, Peer, find_peers
from benchmarks.generate import alias_bomb
from benchmarks.goals import CONVERT, HEAVY, OPTIONS, Key, Outcome
from benchmarks.measure import Command, FailedError, Pairs, compare, in_turn, own_memory, pairs, run
from compose2ecs import __version__

_BOMB = "bomb.yaml"
_SMALL, _LARGE, _HUGE = 2, 1000, 10_000


class Effort(NamedTuple):
    """How often a pair runs, by the number of services, and how long a comparison may take."""

    rounds: dict[int, int]
    seconds: float


_FULL = Effort({0: 21, 2: 21, 100: 11, 1000: 7, 10_000: 2}, 12)
_QUICK = Effort({0: 7, 2: 7, 100: 4, 1000: 3}, 4)


class Run:
    """One run: what was measured, and what came of the goals."""

    def __init__(self, bench: Bench, effort: Effort) -> None:
        self.bench = bench
        self.effort = effort
        self.peers = find_peers(bench)
        self.found: dict[Key, Pairs] = {}
        self.failures: dict[Key, FailedError] = {}
        self.outcomes: list[Outcome] = []

    def everything(self) -> None:
        """Generate the files, run all comparisons, then the goals that are none."""
        for services in self.effort.rounds:
            if services:
                for flavour in {"modern", *(peer.flavour for peer in self.peers if peer.path)}:
                    run(self.bench.generate(_file(services, flavour), services, flavour))
        with open(os.path.join(self.bench.folder, _BOMB), "w", encoding="utf-8") as file:
            file.write(alias_bomb())
        for option in OPTIONS:
            key = Key(option, 0, IMPORT_CLICK)
            self.compare(
                key, self.bench.option(option), self.bench.python(key.against, key.against)
            )
        for services in self.effort.rounds:
            if 0 < services < _HUGE:
                self.compare_all(services)
        growth = self.growth() if _HUGE in self.effort.rounds else None
        self.outcomes += self.ratios()
        self.outcomes += [growth] if growth else []
        self.outcomes += [*self.bomb(), *self.imports()]
        self.outcomes.sort(key=lambda outcome: outcome.goal)

    def compare(self, key: Key, ours: Command, theirs: Command) -> None:
        """Run a pair, and keep what it says or how it fails."""
        rounds = self.effort.rounds[key.services]
        try:
            self.found[key] = compare(ours, theirs, rounds, self.effort.seconds, _say)
        except FailedError as error:
            self.failures[key] = error
            _say(f"  failed: {error}")

    def compare_all(self, services: int) -> None:
        """`convert` of a file of that size against everything there is."""
        bench, modern = self.bench, _file(services, "modern")
        ours = bench.convert(modern)
        for name in (IMPORT_ALL, FLOOR, PLAIN):
            self.compare(Key(CONVERT, services, name), ours, bench.reference(name, modern))
        for peer in self.peers:
            if peer.path is not None:
                file = _file(services, peer.flavour)
                key = Key(CONVERT, services, peer.name)
                self.compare(key, bench.convert(file), bench.peer(peer, file))

    def growth(self) -> Outcome:
        """Ten times the services in twelve times the time at most, start-up left out of both."""
        bench = self.bench
        files = [_file(services, "modern") for services in (_SMALL, _LARGE, _HUGE)]
        floors = (FLOOR, PLAIN)  # the peers take minutes
        keys = [Key(CONVERT, _HUGE, name) for name in floors]
        commands = [bench.convert(file) for file in files]
        commands += [bench.reference(name, files[-1]) for name in floors]
        measured, note = None, ""
        try:
            rounds = in_turn(commands, self.effort.rounds[_HUGE], 0, _say)
            for place, key in enumerate(keys, len(files)):
                self.found[key] = pairs([(samples[2], samples[place]) for samples in rounds])
            measured = median(
                (huge.cpu - small.cpu) / (large.cpu - small.cpu)
                for small, large, huge, *_ in rounds
            )
        except FailedError as error:
            _say(f"  failed: {error}")
            note = str(error)
        what = f"CPU time of convert, {_HUGE:,} services / {_LARGE:,}, without start-up"
        return Outcome("G5", what, goals.GROWTH, "x", measured, note, broken=bool(note))

    def bomb(self) -> Iterable[Outcome]:
        """A file that expands to a thousand million values is refused at once."""
        command = self.bench.convert(_BOMB, status=1)
        seconds = mebibytes = None
        note = ""
        try:
            samples = [one for (one,) in in_turn((command,), 5, 5, _say)]
            seconds = median(one.seconds for one in samples)
            mebibytes = median(one.mebibytes for one in samples)
        except FailedError as error:
            note = str(error)
        what, broken = "an alias bomb is refused", bool(note)
        yield Outcome("G5", f"{what}: time", goals.BOMB_SECONDS, "s", seconds, note, broken)
        limit = goals.BOMB_MEBIBYTES
        yield Outcome("G5", f"{what}: memory", limit, "MiB", mebibytes, note, broken)

    def imports(self) -> Iterable[Outcome]:
        """What must not be imported."""
        convert = f"convert -q -f {_file(_SMALL, 'modern')}"
        for goal, given, names, shown in (
            *(("G1", option, ("yaml", *HEAVY), "yaml or heavy ones") for option in OPTIONS),
            ("G6", convert, ("jsonschema",), "jsonschema"),
            ("G6", convert, HEAVY, "heavy ones"),
        ):
            what = f"imports of {given.partition(' ')[0]}: {shown}"
            try:
                run(self.bench.imports(given, names))
            except FailedError as error:
                yield Outcome(goal, what, 0, "", None, str(error), broken=True)
            else:
                yield Outcome(goal, what, 0, "", 0)

    def ratios(self) -> Iterable[Outcome]:
        """The goals that are ratios of pairs."""
        for key, (goal, limit) in goals.TIME.items():
            pair = self.found.get(key)
            what = "CPU time" if key.same_interpreter else "time"
            ratio = pair and (pair.cpu if key.same_interpreter else pair.wall)
            yield self.outcome(key, goal, limit, what, ratio)
            if key in goals.MEMORY:
                goal, limit = goals.MEMORY[key]
                yield self.outcome(key, goal, limit, "peak memory", pair and pair.memory)

    def outcome(
        self, key: Key, goal: str, limit: float, what: str, measured: float | None
    ) -> Outcome:
        error = self.failures.get(key)
        broken = error is not None and error.command.name.startswith("compose2ecs")
        note = str(error) if error else ""
        if measured is None and error is None:
            note = f"{key.against} is absent"
        services = f" of {key.services:,} services" if key.services else ""
        shown = f"{what} of {key.command}{services} / {key.against}"
        return Outcome(goal, shown, limit, "x", measured, note, broken)


def _file(services: int, flavour: str) -> str:
    return f"{flavour}-{services}.yaml"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ---------------------------------------------------------------------------- what is printed


def _machine() -> dict[str, Any]:
    return {
        "compose2ecs": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def _show(done: Run, machine: dict[str, Any]) -> None:
    print(
        f"compose2ecs {machine['compose2ecs']}, {machine['python']}, {machine['system']}, "
        f"{machine['cpus']} CPUs, load {machine['load']} at the start\n"
        f"Peers: {', '.join(map(str, done.peers))}\n"
        "Medians; ratios are medians of the ratios of single pairs. "
        f"Peaks below {own_memory():.0f} MiB, the benchmark's own, do not show.\n"
    )
    columns = ("ms", "ms", "ratio", "CPU ms", "CPU ms", "ratio", "MiB", "MiB", "ratio", "pairs")
    lines = [
        (
            f"{key.services:,}" if key.services else "-",
            key.command,
            key.against,
            f"{pair.ours.seconds * 1000:.0f}",
            f"{pair.theirs.seconds * 1000:.0f}",
            f"{pair.wall:.2f}",
            f"{pair.ours.cpu * 1000:.0f}",
            f"{pair.theirs.cpu * 1000:.0f}",
            f"{pair.cpu:.2f}",
            f"{pair.ours.mebibytes:.0f}",
            f"{pair.theirs.mebibytes:.0f}",
            f"{pair.memory:.2f}",
            str(pair.rounds),
        )
        for key, pair in done.found.items()
    ]
    _table(("services", "ours", "against", *columns), lines, left=(1, 2))
    print()
    rows = []
    for outcome in done.outcomes:
        measured = "-" if outcome.measured is None else f"{outcome.measured:.3g}{outcome.unit}"
        note = f" ({outcome.note})" if outcome.note else ""
        limit = f"{outcome.limit:g}{outcome.unit}"
        rows.append((outcome.goal, outcome.what, measured, limit, outcome.verdict + note))
    _table(("goal", "what", "measured", "at most", "verdict"), rows, left=(0, 1, 4))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], left: tuple[int, ...]) -> None:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        cells = (
            cell.ljust(width) if number in left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip())


def _record(done: Run, machine: dict[str, Any]) -> dict[str, Any]:
    def peer(one: Peer) -> str | None:
        return one.version if one.path else None

    return {
        "machine": machine,
        "peers": {one.name: peer(one) for one in done.peers},
        "comparisons": [
            {
                **key._asdict(),
                "ours": pair.ours._asdict(),
                "theirs": pair.theirs._asdict(),
                "wall_ratio": pair.wall,
                "cpu_ratio": pair.cpu,
                "memory_ratio": pair.memory,
                "pairs": pair.rounds,
            }
            for key, pair in done.found.items()
        ],
        "failures": [str(error) for error in done.failures.values()],
        "goals": [{**one._asdict(), "verdict": one.verdict} for one in done.outcomes],
    }


def main() -> int:
    """Run the benchmarks; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer pairs, no 10,000 services")
    parser.add_argument("--json", metavar="FILE", help="also write all figures to FILE")
    given = parser.parse_args()
    machine = _machine()
    with tempfile.TemporaryDirectory(prefix="compose2ecs-") as temporary:
        folder = os.path.join(temporary, "bench")  # which names the project
        done = Run(Bench(folder), _QUICK if given.quick else _FULL)
        done.everything()
    _show(done, machine)
    if given.json:
        with open(given.json, "w", encoding="utf-8") as file:
            json.dump(_record(done, machine), file, indent=2)
            file.write("\n")
    return 1 if any(one.verdict == goals.FAILED for one in done.outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
