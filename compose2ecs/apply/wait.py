"""Waits until what was sent is so: the revision that was meant runs, and AWS says it is done.

AWS's own waiter takes a service for stable that was rolled back, and one that has not begun yet.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from compose2ecs.apply.writes import Writes
from compose2ecs.clock import Clock
from compose2ecs.plan import tags
from compose2ecs.plan.errors import SupersededError, UnhealthyError
from compose2ecs.plan.model import Body, Expected

TICK = 5.0
_TEN = 10
_UNSEEN = 60.0  # seconds for which AWS may not know yet what it has just made


class Deadline:
    """How long something is waited for, and how time is let pass."""

    def __init__(self, clock: Clock, seconds: float, sleep: Callable[[float], None]) -> None:
        self._clock, self._sleep = clock, sleep
        self.began = clock.now()
        self._end = self.began + seconds
        self.seconds = seconds

    @property
    def over(self) -> bool:
        return self._clock.now() >= self._end

    @property
    def waited(self) -> float:
        """Seconds since the beginning."""
        return self._clock.now() - self.began

    def pause(self, seconds: float, what: str) -> None:
        """Wait a moment. Raises UnhealthyError with what is still not so when time is up."""
        if self.over:
            raise UnhealthyError(
                f"{what} after {self.seconds:.0f} seconds", "run it again to wait on, or --timeout"
            )
        self._sleep(seconds)


class State(NamedTuple):
    """What a service is at: `stable`, `failed`, or on its way. `reason` is in words."""

    stable: bool
    failed: bool
    reason: str
    running: int
    desired: int
    service: Body
    other: bool = False  # it runs another revision than was meant


def state_of(service: Body | None, expected: Expected) -> State:
    """Whether a service runs what it shall.

    Stable is: the newest deployment runs the revision that was meant, its rollout is complete, no
    other is left, and as many tasks run as shall.
    """
    if service is None or service.get("status") != "ACTIVE":
        status = "missing" if service is None else str(service.get("status"))
        return State(False, False, f"it is {status}", 0, 0, service or {})
    running, desired = int(service.get("runningCount", 0)), int(service.get("desiredCount", 0))
    deployments = service.get("deployments", ())
    primary: Mapping[str, Any] = next((d for d in deployments if d.get("status") == "PRIMARY"), {})
    said = State(False, False, "", running, desired, service)
    mine = [d for d in deployments if d.get("taskDefinition") == expected.revision]
    for deployment in mine:
        if deployment.get("rolloutState") == "FAILED":
            reason = str(deployment.get("rolloutStateReason") or "the deployment failed")
            return said._replace(failed=True, reason=reason)
    current = primary.get("taskDefinition", service.get("taskDefinition"))
    if current != expected.revision or service.get("taskDefinition") != expected.revision:
        now = str(service.get("taskDefinition")).rpartition("/")[2]
        want = expected.revision.rpartition("/")[2]
        reason = str(primary.get("rolloutStateReason") or "")
        reason = reason if "roll" in reason else ""
        text = f"it runs {now}, not {want}: the deployment was rolled back, or another came after"
        text = f"{text} ({reason})" if reason else text
        return said._replace(failed=True, reason=text, other=True)
    if primary.get("rolloutState", "COMPLETED") != "COMPLETED" or len(deployments) > 1:
        return said._replace(reason="its deployment is in progress")
    if running != desired or int(service.get("pendingCount", 0)):
        return said._replace(reason=f"{running} of {desired} tasks run")
    if expected.desired is not None and desired != expected.desired:
        return said._replace(reason=f"{desired} tasks shall run, not {expected.desired}")
    return said._replace(stable=True)


def wait_stable(
    writes: Writes,
    cluster: str,
    expected: Iterable[Expected],
    deadline: Deadline,
    say: Callable[[str], None],
    seen: Callable[[Expected, State], None] | None = None,
    first: Mapping[str, Body] | None = None,
) -> dict[str, State]:
    """Look at the services every five seconds, those only that are not stable yet, ten a call.

    `first` is what was read a moment ago. `say` hears what ECS reports, such as that there is no
    room; `seen` is told each state. Returns the last state of each; those that are not stable when
    the deadline is over say so as their reason.
    """
    left = {one.service: one for one in expected}
    heard: dict[str, set[str]] = {}
    results: dict[str, State] = {}
    services = dict(first) if first is not None else None
    while left:
        if services is None:
            services = read_services(writes, cluster, list(left))
        for name, one in list(left.items()):
            state = state_of(services.get(name), one)
            _tell(name, state, heard, say)
            if state.other:
                one = left[name] = _same_content(writes, state, one)
                state = state_of(services.get(name), one)
            if state.other and deadline.waited < TICK:
                state = state._replace(failed=False)  # a reading from before the update
            if not state.service and deadline.waited > _UNSEEN:
                state = state._replace(failed=True)
            results[name] = state
            if seen is not None:
                seen(one, state)
            if state.stable or state.failed:
                del left[name]
        if not left:
            break
        if deadline.over:
            for name in left:
                reason = f"{results[name].reason} after {deadline.seconds:.0f} seconds"
                results[name] = results[name]._replace(reason=reason)
            break
        deadline.pause(TICK, "it is not stable")
        services = None
    return results


def _same_content(writes: Writes, state: State, one: Expected) -> Expected:
    """What to expect of a service that runs another revision. Another run of the same file may have
    put it there, which is as good. Raises SupersededError when it is a later run of another file."""
    running = str(state.service.get("taskDefinition"))
    said = tags.of_ecs(writes.ecs.task_definition(running))
    if one.hash and said.get(tags.HASH) == one.hash:
        return one._replace(revision=running)
    if said.get(tags.HASH) and _number(running) > _number(one.revision):
        raise SupersededError(
            f"{one.service}: a later run has put {running.rpartition('/')[2]} there",
            "this run stopped there; look at what the other one says",
        )
    return one


def _number(revision: str) -> int:
    number = revision.rpartition(":")[2]
    return int(number) if number.isdecimal() else 0


def _tell(name: str, state: State, heard: dict[str, set[str]], say: Callable[[str], None]) -> None:
    """Say what is new among the events of a service, oldest first. Of those that were there at the
    first look only a lack of room is news: it may have been so for long."""
    first = name not in heard
    known = heard.setdefault(name, set())
    for event in reversed(state.service.get("events", ())):
        id_, message = str(event.get("id")), str(event.get("message"))
        if id_ in known:
            continue
        known.add(id_)
        if not first or "unable to place" in message:
            say(message)


def read_services(writes: Writes, cluster: str, names: Sequence[str]) -> dict[str, Body]:
    """Services by name, ten a call."""
    return writes.ecs.services(cluster, names)


def wait_gone(writes: Writes, cluster: str, names: Sequence[str], deadline: Deadline) -> None:
    """Wait until services are INACTIVE, or forgotten. Raises UnhealthyError when time is up."""
    left = list(names)
    while left:
        there = read_services(writes, cluster, left)
        left = [
            name
            for name in left
            if there.get(name) is not None and there[name].get("status") != "INACTIVE"
        ]
        if left:
            deadline.pause(TICK, f"{', '.join(left)}: tasks are still stopping")
