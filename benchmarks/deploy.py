"""Measure `up` and `down` against the sandbox, where every call takes 50 ms, and print a table.

    python -m benchmarks.deploy [N ...]

Calls, writes and depth (how many calls wait for each other) are exact; the time is real and holds
50 ms for each call of the depth, and what the sandbox itself needs to answer, one call at a time.
Waiting for tasks and the pace of calls go by the sandbox's clock, and take no real time. The last
line is a new stack of 50 services under AWS's documented rates, on that clock.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from compose2ecs import load
from compose2ecs.app.deployment import Deployment, prepare
from compose2ecs.app.down import down, plan_down
from compose2ecs.app.plan import make_plan
from compose2ecs.app.up import Options, up
from compose2ecs.aws.pace import RATES, Pace
from compose2ecs.aws.session import Account, Where
from compose2ecs.report import Report
from compose2ecs.sandbox import Sandbox
from compose2ecs.sandbox.calls import depth

LATENCY = 0.05  # seconds
SIZES = (3, 10, 50)
MANY = 50
SLACK = 1.1


class Measured(NamedTuple):
    """One command."""

    what: str
    number: int
    calls: int
    writes: int
    depth: int
    seconds: float
    errors: int


def services(number: int, **changes: str) -> str:
    """A compose file of so many services, two of five behind the load balancer."""
    text = "services:\n"
    for index in range(number):
        name = f"s{index:02d}"
        port = 'ports: ["80:8080"], ' if index < _balanced(number) else ""
        text += f"  {name}: {{image: 'i:1', {port}{changes.get(name, '')}}}\n"
    return text


def _balanced(number: int) -> int:
    return number * 2 // 5


def deployment(box: Sandbox, text: str, *, paced: bool) -> Deployment:
    """The deployment of a compose file into a sandbox, by the sandbox's clock."""
    given = {
        "cluster": box.cluster,
        "region": box.region,
        "listener": box.listener,
        "domain": "qa.example.com",
        "vpc": box.vpc,
        "discovery": "none",
    }
    pace = Pace(box.clock) if paced else Pace(box.clock, {})
    account = Account(
        Where(region=box.region), clock=box.clock, pace=pace, session=box.session(), width=16
    )
    project = load(files={"compose.yaml": text}, project_name="p", environment={})
    return prepare(project, given, account, Report())


def run_up(box: Sandbox, text: str, *, paced: bool = False) -> None:
    """Plan and carry out, without the waiting, which goes by the tasks and not by us."""
    there = deployment(box, text, paced=paced)
    list(up(there, make_plan(there, detail=False), Options(wait=False)))


def run_down(box: Sandbox, text: str) -> None:
    """Plan and remove."""
    there = deployment(box, text, paced=False)
    list(down(there, plan_down(there)))


def measure(box: Sandbox, what: str, number: int, do: Callable[[], None]) -> Measured:
    """What the calls of one command were."""
    done = len(box.calls)
    began = time.monotonic()
    do()
    seconds = time.monotonic() - began
    calls = box.calls[done:]
    writes = sum(call.writes for call in calls)
    errors = sum(bool(call.error) for call in calls)
    return Measured(what, number, len(calls), writes, depth(calls), seconds, errors)


def at_latency(number: int, latency: float = LATENCY) -> list[Measured]:
    """All commands on a stack of so many services."""
    text = services(number)
    changed = services(number, s01="command: [other]")
    with Sandbox(instances=6) as box:
        run_down(box, text)  # clients are made at the first call
        box.latency = latency
        return [
            measure(box, "create", number, lambda: run_up(box, text)),
            measure(box, "unchanged", number, lambda: run_up(box, text)),
            measure(box, "one changed", number, lambda: run_up(box, changed)),
            measure(box, "down", number, lambda: run_down(box, changed)),
        ]


def floor(number: int) -> float:
    """The seconds that AWS's rates ask for: of the registrations, which come back slowest."""
    rate = RATES["ecs definitions modify"]
    return max(0.0, (number - rate.burst) / rate.per_second)


def paced(number: int = MANY) -> tuple[Measured, float]:
    """A new stack where AWS refuses what comes too fast, and the seconds that its clock shows."""
    with Sandbox(throttle=True, instances=6) as box:
        began = box.clock.now()
        found = measure(box, "paced", number, lambda: run_up(box, services(number), paced=True))
        return found, box.clock.now() - began


def table(rows: Sequence[Measured]) -> str:
    """The rows as text."""
    lines = [f"{'N':>3}  {'what':<12} {'calls':>6} {'writes':>7} {'depth':>6} {'seconds':>8}"]
    lines += [
        f"{r.number:>3}  {r.what:<12} {r.calls:>6} {r.writes:>7} {r.depth:>6} {r.seconds:>8.2f}"
        for r in rows
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 if a call failed or the paced run was too slow."""
    sizes = [int(one) for one in arguments] or SIZES
    rows = [row for number in sizes for row in at_latency(number)]
    print(f"{LATENCY * 1000:.0f} ms a call")
    print(table(rows))
    found, seconds = paced()
    limit = floor(MANY) * SLACK
    print(
        f"\n{MANY} new services under AWS's rates: {seconds:.1f} s on a clock of its own, floor"
        f" {floor(MANY):.0f} s, goal {limit:.0f} s, {found.errors} calls refused"
    )
    return int(seconds > limit or found.errors > 0 or any(row.errors for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
