"""Changes to services that run, one call each, and the wait until what was asked for is so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from compose2ecs.app.running import Body, Live, Running, definitions_named
from compose2ecs.apply.explain import explain
from compose2ecs.apply.wait import TICK, Deadline, State, wait_stable
from compose2ecs.apply.writes import Writes
from compose2ecs.plan.errors import AwsError, UnhealthyError
from compose2ecs.plan.model import Expected
from compose2ecs.plan.observe import Together


class Update(NamedTuple):
    """One UpdateService: `body` without cluster and service. It ends in `revision` running
    `desired` tasks; None is as many as AWS decides. An empty body is only waited for."""

    live: Live
    body: Body
    revision: str
    desired: int | None = None
    why: str = ""


class Hear(NamedTuple):
    """Who is told what happens: that a change was sent, how far a service is, what ECS reports."""

    sent: Callable[[Update], None]
    state: Callable[[str, State], None]
    say: Callable[[str], None]


def settle(
    running: Running,
    updates: Sequence[Update],
    hear: Hear,
    *,
    wait: bool = True,
    timeout: float = 600,
) -> None:
    """Send the updates, and wait until the services run what they shall, with healthy targets.

    Raises AwsError, and UnhealthyError with the reasons in words. What was sent is not taken back.
    """
    answers = _send(running, updates, hear)
    if not wait:
        return
    deadline = Deadline(running.clock, timeout, running.clock.sleep)
    fresh = _Fresh(running, answers)
    results = wait_stable(
        fresh,
        running.place.cluster,
        [Expected(u.live.name, u.revision, u.desired) for u in updates],
        deadline,
        hear.say,
        lambda one, state: hear.state(one.service, state),
        first=answers if len(answers) == len(updates) else None,
    )
    bad = {name: state for name, state in results.items() if not state.stable}
    bad |= {
        name: results[name]._replace(stable=False, reason=reason)
        for name, reason in _replaced(answers, results).items()
        if name not in bad
    }
    if not bad:
        bad = _unhealthy(running, results, deadline)
    if bad:
        raise UnhealthyError(
            "\n".join(_why(running, bad, {u.live.name: u.revision for u in updates})),
            "compose2ecs ps and compose2ecs logs tell more",
        )


def _send(running: Running, updates: Sequence[Update], hear: Hear) -> dict[str, Body]:
    """The services as AWS answers them. All are tried before an error of one is raised."""
    ecs, cluster = running.world.ecs, running.place.cluster
    answers: dict[str, Body] = {}
    errors: list[AwsError] = []
    with Together() as at_once:
        sending = [
            (
                update,
                at_once.start(
                    ecs.update_service,
                    {"cluster": cluster, "service": update.live.name, **update.body},
                ),
            )
            for update in updates
            if update.body
        ]
        for update, answer in sending:
            try:
                answers[update.live.name] = answer()
            except AwsError as error:
                errors.append(error)
            else:
                hear.sent(update)
    if errors:
        raise errors[0]
    return answers


def _primary(service: Mapping[str, Any], member: str = "id") -> str:
    """A member of a service's newest deployment; nothing where it has none."""
    for deployment in service.get("deployments", ()):
        if deployment.get("status") == "PRIMARY":
            return str(deployment.get(member, ""))
    return ""


_STALE = 3  # reads that may show a service as it was before


class _Fresh:
    """Reads services like the world, but not as they were before the update: AWS may answer so for a
    moment, and an old deployment looks like one that is done."""

    def __init__(self, running: Running, answers: Mapping[str, Body]) -> None:
        self._running, self._answers = running, answers
        self._stale = dict.fromkeys(answers, 0)
        world = running.world
        self.elb, self.logs, self.autoscaling = world.elb, world.logs, world.autoscaling
        self.servicediscovery, self.scheduler = world.servicediscovery, world.scheduler

    @property
    def ecs(self) -> Any:
        return self

    def task_definition(self, name: str) -> Body:
        """Nothing of a revision that runs instead: whoever put it there, it is not what was asked
        for, and after a rollback a higher number is no later run."""
        return {"taskDefinitionArn": name, "tags": []}

    def services(self, cluster: str, names: Iterable[str]) -> dict[str, Body]:
        found: dict[str, Body] = self._running.world.ecs.services(cluster, list(names))
        for name, service in found.items():
            if name not in self._answers or self._stale[name] >= _STALE:
                continue
            begun = _primary(self._answers[name])
            if begun in [str(d.get("id")) for d in service.get("deployments", ())]:
                self._stale[name] = _STALE  # it has been seen: from now on it is the truth
            else:
                self._stale[name] += 1
                found[name] = self._answers[name]
        return found


def _replaced(answers: Mapping[str, Body], results: Mapping[str, State]) -> dict[str, str]:
    """Services whose newest deployment is not the one that was begun here."""
    found = {}
    for name, body in answers.items():
        begun, now = _primary(body), _primary(results[name].service)
        if begun and now and begun != now:
            why = _primary(results[name].service, "rolloutStateReason")
            found[name] = "its deployment was rolled back, or another came after" + (
                f" ({why})" if "roll" in why else ""
            )
    return found


def _unhealthy(
    running: Running, results: Mapping[str, State], deadline: Deadline
) -> dict[str, State]:
    """Services with a target group that does not come to have a healthy target in time."""
    left = {
        (name, str(balancer["targetGroupArn"]))
        for name, state in results.items()
        for balancer in state.service.get("loadBalancers", ())
        if state.desired and balancer.get("targetGroupArn")
    }
    reasons: dict[str, str] = {}
    while left:
        for name, arn in sorted(left):
            states = [t.get("TargetHealth", {}) for t in running.world.elb.target_health(arn)]
            if any(state.get("State") == "healthy" for state in states):
                left.discard((name, arn))
                continue
            why: Mapping[str, Any] = next((s for s in states if s.get("State") != "draining"), {})
            text = why.get("Description") or why.get("Reason") or why.get("State") or "no target"
            group = arn.split("/")[1]
            reasons[name] = f"the target group {group} has no healthy target: {text}"
        if not left or deadline.over:
            break
        deadline.pause(TICK, "targets are not healthy")
    return {
        name: results[name]._replace(stable=False, reason=reasons[name]) for name, _ in sorted(left)
    }


def _why(running: Running, bad: Mapping[str, State], revisions: Mapping[str, str]) -> list[str]:
    lines = []
    bodies = definitions_named(running, {revisions[name] for name in bad})
    world: Writes = running.world
    for name, state in bad.items():
        lines.append(f"{name}: {state.reason}")
        task = bodies[revisions[name]]
        reasons = explain(world, running.place.cluster, name, state.service, task)
        lines += [f"  {line}" for line in reasons]
    return lines
