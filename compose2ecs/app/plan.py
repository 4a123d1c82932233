"""`compose2ecs plan`: what `up` would do."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from compose2ecs.app.deployment import Deployment
from compose2ecs.plan.build import build
from compose2ecs.plan.model import Plan, from_data, to_data
from compose2ecs.plan.observe import observe
from compose2ecs.plan.seen import Observed


class Planned(NamedTuple):
    """A plan, and what it was made from."""

    plan: Plan
    seen: Observed


def make_plan(
    deployment: Deployment,
    *,
    only: frozenset[str] | None = None,
    detail: bool = True,
    force: bool = False,
    allow_shadow: bool = False,
    logs: bool = False,
) -> Planned:
    """Look at what is there and plan what is missing. `detail` reads the task definitions that
    change, to tell what of them does; `logs` deletes log groups that left the file. Raises AwsError
    and RefusedError."""
    seen = observe(
        deployment.wanted, deployment.world, found=deployment.found, only=only, detail=detail
    )
    plan = build(
        deployment.wanted,
        seen,
        region=deployment.region,
        only=only,
        force=force,
        allow_shadow=allow_shadow,
        logs=logs,
    )
    return Planned(plan, seen)


def save(plan: Plan, path: str) -> None:
    """Write a plan with everything that is in it, for its owner's eyes only. Raises OSError."""
    text = json.dumps(to_data(plan), indent=2, ensure_ascii=False, default=str) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        os.fchmod(handle, 0o600)  # a file that was there keeps its mode otherwise
        out.write(text)


def saved(path: str) -> Plan:
    """The plan in a file. Raises OSError, and ValueError with the reason."""
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    if not isinstance(data, dict):
        raise ValueError("it is not a plan")
    return from_data(data)
