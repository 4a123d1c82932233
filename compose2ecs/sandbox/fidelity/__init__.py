"""How much the sandbox is like AWS: facts about AWS, each with its source, held against it.

`python -m compose2ecs.sandbox.fidelity` scores the sandbox and moto as it comes, side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import NamedTuple

from compose2ecs.sandbox.fidelity import definitions, others, routing, services, tasks
from compose2ecs.sandbox.fidelity.model import Aws, Check

CHECKS: tuple[Check, ...] = (
    *definitions.CHECKS,
    *services.CHECKS,
    *tasks.CHECKS,
    *routing.CHECKS,
    *others.CHECKS,
)


class Result(NamedTuple):
    """A check and what it found: an empty text if the fact holds."""

    check: Check
    fault: str


def score(
    target: Callable[[], AbstractContextManager[Aws]], checks: Iterable[Check] = CHECKS
) -> list[Result]:
    """Hold each fact against something, each time a new one."""
    results = []
    for check in checks:
        with target() as aws:
            results.append(Result(check, fault(check, aws)))
    return results


def fault(check: Check, aws: Aws) -> str:
    """What is wrong; empty if the fact holds."""
    try:
        check.run(aws)
    except Exception as error:
        return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return ""


__all__ = ["CHECKS", "Check", "Result", "fault", "score"]
