"""What a container rule is handed: the service, and the container and task that come of it."""

from __future__ import annotations

from typing import Any

from compose2ecs.compose.model import Service
from compose2ecs.ecs.extension import ServiceFacts
from compose2ecs.ecs.groups import Group
from compose2ecs.ecs.work import Work
from compose2ecs.report import Code

Body = dict[str, Any]


class Scope:
    """One container in the making. Rules fill `container`, and in `task` what the task shares."""

    __slots__ = ("container", "facts", "group", "served", "service", "task", "volumes", "work")

    def __init__(
        self, service: Service, group: Group, task: Body, volumes: dict[str, Body], work: Work
    ) -> None:
        self.service = service
        self.facts: ServiceFacts = work.facts(service)
        self.group = group
        self.work = work
        self.container: Body = {}
        self.task = task  # the task definition's own fields
        self.volumes = volumes  # the task's volumes by name
        self.served: dict[int, str] = {}  # container port -> name, where Service Connect serves it

    def say(self, code: Code, key: str, /, **facts: object) -> None:
        """Report `code` of a key of the service."""
        service = self.service
        self.work.say(code, service.written.get(key, service.place), service, **facts)

    def say_at(self, code: Code, place: int, /, **facts: object) -> None:
        self.work.say(code, place or self.service.place, self.service, **facts)

    def linux(self) -> Body:
        """The container's linuxParameters."""
        parameters: Body = self.container.setdefault("linuxParameters", {})
        return parameters
