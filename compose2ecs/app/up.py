"""`compose2ecs up`: a plan is carried out, and what runs is what was meant, or it says why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from compose2ecs.app.deployment import Deployment
from compose2ecs.app.plan import Planned, make_plan
from compose2ecs.apply.explain import explain
from compose2ecs.apply.run import DONE, Event, run
from compose2ecs.apply.wait import TICK, Deadline, State, state_of, wait_stable
from compose2ecs.plan.errors import AwsError, RefusedError, UnhealthyError
from compose2ecs.plan.model import Expected, Plan
from compose2ecs.plan.restore import noted, restoring

Body = dict[str, Any]


class Options(NamedTuple):
    """How `up` goes about it. `timeout` is in seconds, for all the waiting at the end."""

    wait: bool = True
    timeout: float = 600
    rollback: bool = False


class Health(NamedTuple):
    """How many targets of a group are healthy, are not, and are still being looked at for the first
    time. Those that leave count nowhere."""

    healthy: int = 0
    unhealthy: int = 0
    initial: int = 0


class Hear(NamedTuple):
    """Who is told what while `up` runs: of a service its name, the revision that ran (None for a new
    one) and the one that shall; how far it is; the health of its target group by name; and what ECS
    reports."""

    revision: Callable[[str, str | None, str], None]
    state: Callable[[str, State], None]
    health: Callable[[str, str, Health], None]
    say: Callable[[str], None]


def check_saved(saved: Plan, deployment: Deployment, *, allow_shadow: bool = False) -> Planned:
    """The plan of a file, if the world is as it was when the plan was made. Raises RefusedError."""
    now = make_plan(deployment, detail=False, allow_shadow=allow_shadow)
    same = (saved.stack, saved.project, saved.cluster, saved.region, saved.listener) == (
        now.plan.stack,
        now.plan.project,
        now.plan.cluster,
        now.plan.region,
        now.plan.listener,
    )
    if not same or saved.observed != now.plan.observed:
        what = "what is there is not what the plan was made for"
        if not same:
            what = f"the plan is for {saved.stack} on {saved.cluster} ({saved.region})"
        raise RefusedError(what, "make the plan again, look at it, and carry out the new one")
    return Planned(saved, now.seen)


def up(
    deployment: Deployment,
    planned: Planned,
    options: Options,
    *,
    hear: Hear | None = None,
    say: Callable[[str], None] | None = None,
) -> Iterator[Event]:
    """Carry out a plan and wait until all runs. `hear` is told how it goes; `say` alone is told what
    ECS reports.

    Raises AwsError, RefusedError, UnhealthyError (with the reasons in words) and
    InterruptedRunError. Nothing is ever taken back, except by `rollback`, which puts services that
    fail back to the revision that ran before.
    """
    plan, seen = planned
    known: dict[str, str] = {}
    world, clock = deployment.world, deployment.clock
    hear = hear or Hear(_ignore, _ignore, _ignore, say or _ignore)
    new = {str(one.revision): one.service for one in plan.expected if one.changed}
    events = run(plan, world, clock, timeout=options.timeout, known=known)
    try:
        for event in events:
            if event.kind == DONE:
                for reference in [ref for ref in new if ref in known]:
                    name = new.pop(reference)
                    before = seen.services.get(name, {}).get("taskDefinition")
                    hear.revision(name, before, known[reference])
            yield event
    except KeyboardInterrupt as stopped:  # it came between two events: the run has to know
        events.throw(stopped)
        raise
    if not options.wait:
        return
    expected = [
        one._replace(revision=known.get(str(one.revision), str(one.revision)))
        for one in plan.expected
    ]
    waiting = [
        one
        for one in expected
        if one.changed or not state_of(seen.services.get(one.service), one).stable
    ]
    if not waiting:
        return
    deadline = Deadline(clock, options.timeout, clock.sleep)
    # what nothing was sent for is as it was read a moment ago
    known_now = not any(one.changed for one in waiting)
    results = wait_stable(
        world,
        plan.cluster,
        waiting,
        deadline,
        hear.say,
        lambda one, state: hear.state(one.service, state),
        first=seen.services if known_now else None,
    )
    bad = {name: state for name, state in results.items() if not state.stable}
    if not bad:
        good = [one for one in waiting if one.changed]
        bad = _unhealthy(deployment, good, results, known, deadline, hear)
    else:
        _tell_health(deployment, [one for one in waiting if one.service in bad], known, hear)
    if bad:
        _fail(deployment, plan, bad, seen.services, {one.service: one for one in expected}, options)


def _ignore(*_: object) -> None:
    """Nobody listens."""


def _unhealthy(
    deployment: Deployment,
    expected: list[Expected],
    results: Mapping[str, State],
    known: Mapping[str, str],
    deadline: Deadline,
    hear: Hear,
) -> dict[str, State]:
    """Services whose target groups do not come to have a healthy target in time."""
    left = {
        (one.service, name): known[f"<target-group-arn:{name}>"]
        for one in expected
        for name in one.groups
        if results[one.service].desired and f"<target-group-arn:{name}>" in known
    }
    reasons: dict[str, str] = {}
    while left:
        for key, arn in list(left.items()):
            targets = deployment.world.elb.target_health(arn)
            states = [target.get("TargetHealth", {}) for target in targets]
            hear.health(*key, health_of(targets))
            if any(state.get("State") == "healthy" for state in states):
                del left[key]
                continue
            why: Mapping[str, Any] = next((s for s in states if s.get("State") != "draining"), {})
            text = why.get("Description") or why.get("Reason") or why.get("State") or "no target"
            reasons[key[0]] = f"the target group {key[1]} has no healthy target: {text}"
        if not left or deadline.over:
            break
        deadline.pause(TICK, "targets are not healthy")
    return {
        service: results[service]._replace(stable=False, reason=reasons[service])
        for service, _ in left
    }


def health_of(targets: list[Body]) -> Health:
    """The health of a group, from its targets as AWS lists them.

    >>> health_of([{"TargetHealth": {"State": s}} for s in ("healthy", "draining", "unused")])
    Health(healthy=1, unhealthy=1, initial=0)
    """
    counts = {"healthy": 0, "initial": 0, "draining": 0}
    for target in targets:
        state = target.get("TargetHealth", {}).get("State", "")
        counts[state] = counts.get(state, 0) + 1
    healthy, initial, draining = (counts[state] for state in ("healthy", "initial", "draining"))
    return Health(healthy, len(targets) - healthy - initial - draining, initial)


def _tell_health(
    deployment: Deployment, expected: list[Expected], known: Mapping[str, str], hear: Hear
) -> None:
    """How the targets of services that failed are. What cannot be read is left out: that they failed
    is known already."""
    for one in expected:
        for name in one.groups:
            arn = known.get(f"<target-group-arn:{name}>")
            if arn is None:
                continue
            try:
                targets = deployment.world.elb.target_health(arn)
            except AwsError:
                continue
            hear.health(one.service, name, health_of(targets))


def _fail(
    deployment: Deployment,
    plan: Plan,
    bad: Mapping[str, State],
    before: Mapping[str, Body],
    expected: Mapping[str, Expected],
    options: Options,
) -> None:
    lines = []
    for name, state in bad.items():
        lines.append(f"{name}: {state.reason}")
        unit = deployment.wanted.units[name]
        revision = str(expected[name].revision)
        reasons = explain(deployment.world, plan.cluster, name, state.service, unit.task, revision)
        lines += [f"  {line}" for line in reasons]
    hint = "nothing was undone; mend it and run `up` again"
    if options.rollback:
        back = [name for name in bad if _roll_back(deployment, plan, before, name, expected[name])]
        hint = "mend it and run `up` again"
        if back:
            lines.append(f"rolled back to what ran before: {', '.join(back)}")
    raise UnhealthyError("\n".join(lines), hint)


def _roll_back(
    deployment: Deployment, plan: Plan, before: Mapping[str, Body], name: str, expected: Expected
) -> bool:
    """Put a service back to the revision that it ran, and to the settings that it had; a new one has
    none."""
    service = before.get(name)
    if service is None or service.get("taskDefinition") == expected.revision:
        return False
    deployment.world.ecs.update_service({"cluster": plan.cluster, **restoring(plan, service)})
    said = noted(service)
    if said:
        deployment.world.ecs.tag(str(service["serviceArn"]), said)
    return True
