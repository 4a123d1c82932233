"""Print the scores: `python -m compose2ecs.sandbox.fidelity [-v] [ID ...]`."""

from __future__ import annotations

import sys

from compose2ecs.sandbox.fidelity import CHECKS, score
from compose2ecs.sandbox.fidelity.targets import bare_moto, double

_WIDTH = 66
_FAULT = 110


def main(arguments: list[str]) -> int:
    """Score both; the status is 1 if a fact does not hold for the sandbox."""
    verbose = "-v" in arguments
    wanted = {one for one in arguments if one != "-v"}
    checks = [one for one in CHECKS if not wanted or one.id in wanted]
    _say(f"{'':5} {'':{_WIDTH}} sandbox moto")
    totals = [0, 0]
    for check in checks:
        results = [score(target, [check])[0] for target in (double, bare_moto)]
        marks = ["-" if result.fault else "+" for result in results]
        _say(f"{check.id:5} {check.what[:_WIDTH]:{_WIDTH}} {marks[0]:7} {marks[1]}")
        for at, result in enumerate(results):
            totals[at] += not result.fault
            if result.fault and (verbose or at == 0):
                _say(f"      {result.fault[:_FAULT]}")
    _say(f"{'':5} {f'of {len(checks)} facts about AWS':{_WIDTH}} {totals[0]:<7} {totals[1]}")
    return 0 if totals[0] == len(checks) else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
