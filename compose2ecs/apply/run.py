"""Carries out a plan: each call as soon as those it needs are done, so many at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple

from compose2ecs.apply.context import Context
from compose2ecs.apply.operations import OPERATIONS
from compose2ecs.apply.writes import Writes
from compose2ecs.clock import Clock
from compose2ecs.plan.errors import InterruptedRunError
from compose2ecs.plan.model import Call, Change, Plan

WIDTH = 16
START, DONE, FAILED, NOTE = "start", "done", "failed", "note"


class Event(NamedTuple):
    """One thing that happened: a call of a change began, ended or failed, or there is something to
    say. `at` is in seconds of the clock."""

    kind: str
    at: float
    change: Change | None
    call: Call | None
    text: str = ""


def run(
    plan: Plan,
    writes: Writes,
    clock: Clock,
    *,
    width: int = WIDTH,
    timeout: float = 600,
    known: dict[str, str] | None = None,
) -> Generator[Event, None, None]:
    """Do what the plan says, and tell of it as it happens.

    `timeout` limits each single wait, in seconds. `known` is given what references turn out to be.
    When a call fails nothing new is begun, what runs
    comes to its end, and its error is raised; so it is when the caller is interrupted. Whatever the
    moment at which it ends, planning anew and running that plan goes on from there.
    """
    context = Context(plan, writes, clock, timeout, known)
    todo = {call.id: (change, call) for change in plan.changes for call in change.calls}
    open_needs = {
        id_: {need for need in call.needs if need in todo} for id_, (_, call) in todo.items()
    }
    needed_by: dict[str, list[str]] = {}
    for id_, needs in open_needs.items():
        for need in needs:
            needed_by.setdefault(need, []).append(id_)
    ready = [id_ for id_, needs in open_needs.items() if not needs]
    running: dict[Future[Any], str] = {}
    errors: list[BaseException] = []
    done = 0
    with ThreadPoolExecutor(max(1, min(len(todo), width * len(OPERATIONS)))) as pool:
        try:
            while ready or running:
                for id_ in [] if errors else _startable(ready, running.values(), todo, width):
                    ready.remove(id_)
                    change, call = todo[id_]
                    running[pool.submit(_do, call, context)] = id_
                    yield Event(START, clock.now(), change, call)
                if not running:
                    break
                ended, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for text in context.said():
                    yield Event(NOTE, clock.now(), None, None, text)
                for future in ended:
                    id_ = running.pop(future)
                    change, call = todo[id_]
                    error = future.exception()
                    if error is not None:
                        errors.append(error)
                        yield Event(FAILED, clock.now(), change, call, str(error))
                        continue
                    done += 1
                    for other in needed_by.get(id_, ()):
                        open_needs[other].discard(id_)
                        if not open_needs[other]:
                            ready.append(other)
                    yield Event(DONE, clock.now(), change, call)
        except GeneratorExit:
            context.stop()
            wait(running)
            raise
        except KeyboardInterrupt:
            context.stop()
            wait(running)  # a call that is under way has its effect, and its answer counts
            raise InterruptedRunError(
                f"stopped after {done} of {len(todo)} steps; nothing was undone",
                "run the same command again: it goes on where this one ended",
            ) from None
    if errors:
        raise errors[0]
    if done < len(todo):  # pragma: no cover - a plan without circles has no such rest
        raise AssertionError(f"steps that need each other: {sorted(set(todo))}")


def _startable(
    ready: Iterable[str],
    running: Iterable[str],
    todo: Mapping[str, tuple[Change, Call]],
    width: int,
) -> list[str]:
    """What can be begun: so many of each operation, since one kind's calls may have to wait for
    their turn with AWS, and the others shall not wait behind them."""
    counts = Counter(todo[id_][1].operation for id_ in running)
    found = []
    for id_ in ready:
        operation = todo[id_][1].operation
        if counts[operation] < width:
            counts[operation] += 1
            found.append(id_)
    return found


def _do(call: Call, context: Context) -> None:
    made = OPERATIONS[call.operation](context, context.resolve(call.body))
    context.learn(call, made)
