"""The steps of `pre_start`: containers that run to their end before that of their service."""

from __future__ import annotations

from collections.abc import Callable

from compose2ecs import codes
from compose2ecs.compose.consistency import check_container
from compose2ecs.compose.model import Service
from compose2ecs.compose.reading import Reading
from compose2ecs.ecs.groups import replicas
from compose2ecs.ecs.scope import Body, Scope
from compose2ecs.ecs.work import Work
from compose2ecs.names import ecs_name
from compose2ecs.report import Code, Report


class _StepScope(Scope):
    """What a step inherits of its service was said of the service already."""

    __slots__ = ()

    def say(self, code: Code, key: str, /, **facts: object) -> None:
        if key in self.service.written:
            super().say(code, key, **facts)

    def say_at(self, code: Code, place: int, /, **facts: object) -> None:
        if place >= self.service.place:  # what is inherited stands before the step
            super().say_at(code, place, **facts)


def _are_sound(service: Service, work: Work) -> bool:
    """Whether what the steps name exists; Compose looks no sooner than it runs them."""
    report = Report()
    reading = Reading(report, work.sources)
    reading.service = service.key
    for number, step in enumerate(service.pre_start):
        reading.path = [f"services.{service.key}.pre_start[{number}]"]
        check_container(step.container, work.project, reading)
    work.report.diagnostics += report.diagnostics
    return not report.failed


def _unmeasured(body: Body, own: Service) -> None:
    """A step has ended before its service starts, so only what it asks for itself is paid for."""
    said = set(own.written)
    if not said & {"cpus", "cpu_shares", "cpu_quota", "cpu_count"}:
        body.pop("cpu", None)
    if not said & {"mem_limit", "mem_reservation"}:
        body.pop("memory", None)
        body.pop("memoryReservation", None)


def define_steps(scope: Scope, fill: Callable[[Scope, str, bool], Body]) -> list[Body]:
    """The containers of a service's `pre_start`, each of which waits for the one before it.

    They see the service's volumes, and wait for what it waits for.
    """
    service, group, work = scope.service, scope.group, scope.work
    found: list[Body] = []
    if not _are_sound(service, work):
        return found
    for number, step in enumerate(service.pre_start, 1):
        own = step.container
        container = own._replace(
            key=service.key,
            volumes=(*service.volumes, *own.volumes),
            depends_on=service.depends_on,
            links=service.links,
            networks=service.networks,
            network_mode=service.network_mode,
            ports=(),
            expose=(),
            healthcheck=None,
        )
        inner = _StepScope(container, group, scope.task, scope.volumes, work)
        body = fill(inner, ecs_name(f"{service.key}-pre-start-{number}"), False)
        if group.launch.fargate:
            _unmeasured(body, own)
        if found:
            last = {"containerName": found[-1]["name"], "condition": "SUCCESS"}
            body.setdefault("dependsOn", []).append(last)
        if not step.per_replica and replicas(service) > 1:
            work.say(codes.STEP_FOR_EACH_COPY, own.place or service.place, service)
        found.append(body)
    place = service.written["pre_start"]
    work.say(codes.STEP_AT_EACH_START, place, service, task=group.name)
    return found
