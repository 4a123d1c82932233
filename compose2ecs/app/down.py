"""`compose2ecs down`: everything that is the stack's goes, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from compose2ecs.app.deployment import Deployment
from compose2ecs.app.plan import Planned
from compose2ecs.apply.run import Event, run
from compose2ecs.plan.observe import observe
from compose2ecs.plan.teardown import teardown


def plan_down(deployment: Deployment, *, logs: bool = False) -> Planned:
    """Look through all that may be the stack's, and plan to remove what its tags say is.
    Raises AwsError and RefusedError."""
    seen = observe(deployment.wanted, deployment.world, everything=True)
    plan = teardown(deployment.wanted, seen, region=deployment.region, logs=logs)
    return Planned(plan, seen)


def down(deployment: Deployment, planned: Planned, *, timeout: float = 600) -> Iterator[Event]:
    """Carry it out. Raises AwsError, RefusedError, UnhealthyError and InterruptedRunError."""
    yield from run(planned.plan, deployment.world, deployment.clock, timeout=timeout)
