"""The state of one translation, which every rule is handed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from compose2ecs import codes
from compose2ecs.compose.model import Project, Service
from compose2ecs.compose.reading import Reading
from compose2ecs.ecs.extension import NO_FACTS, ServiceFacts, service_facts
from compose2ecs.ecs.model import Ref, Resource
from compose2ecs.ecs.target import DIRECT, Target
from compose2ecs.names import ecs_name
from compose2ecs.report import Code, Report
from compose2ecs.settings import BY_NAME

if TYPE_CHECKING:
    from compose2ecs.ecs.mentions import Called


class Work:
    """What is translated, for where, and what has come of it so far."""

    def __init__(self, project: Project, target: Target, report: Report) -> None:
        assert project.sources is not None
        self.project = project
        self.target = target
        self.report = report
        self.sources = project.sources
        self.resources: dict[str, dict[str, Resource]] = {}
        self.placeholders: dict[str, str] = {}
        reading = Reading(report, project.sources)
        self._facts = {
            name: service_facts(name, service.extensions, reading)
            for name, service in project.services.items()
            if service.extensions
        }
        self.services: dict[str, Service] = {
            name: service
            for name, service in project.services.items()
            if self._facts.get(name, NO_FACTS).external is None and not _is_provided(service)
        }
        self._check_tags()
        self.direct = target.listener == DIRECT
        self.volume_names: dict[str, str] = {}  # Docker's name to the key in the file
        self.called: Called | None = None  # by whom it is needed, once
        self.hosts_named: dict[str, list[tuple[Service, str]]] | None = None
        self.log_groups: dict[str, int | None] = {}  # name to days of retention
        self.secret_sources: dict[str, str | None] = {}  # a secret's key to where ECS reads it
        self.completing: set[str] = set()  # services that run to completion in tasks of others
        self.links: dict[str, Any] = {}  # a linked task's: container to its links
        self._told: set[str] = set()

    def _check_tags(self) -> None:
        place = self.target.facts.written.get("tags", 0)
        for tag, value in self.target.tags.items():
            if reason := tag_fault(tag, value):
                self.say(codes.BAD_TAG, place, tag=tag, reason=reason)
        for name in self._facts:
            self._check_tags_of(self.project.services[name])

    def _check_tags_of(self, service: Service) -> None:
        facts = self.facts(service)
        for tag, value in facts.tags.items():
            if reason := tag_fault(tag, value):
                self.say(codes.BAD_TAG, facts.written["tags"], service, tag=tag, reason=reason)

    def adopt(self, container: Service) -> None:
        """Take in a container of the file that is none of its services: a job's."""
        if container.extensions:
            reading = Reading(self.report, self.sources)
            facts = service_facts(container.key, container.extensions, reading, "jobs")
            self._facts[container.key] = facts._replace(external=None)
            self._check_tags_of(container)
        self.services[container.key] = container

    def facts(self, service: Service) -> ServiceFacts:
        """The `x-ecs` of a service."""
        return self._facts.get(service.key, NO_FACTS)

    def external(self) -> dict[str, ServiceFacts]:
        """Services that run elsewhere already."""
        return {name: facts for name, facts in self._facts.items() if facts.external is not None}

    def say(self, code: Code, place: int, service: Service | None = None, /, **facts: Any) -> None:
        """Report `code` of a place in the file; a code in `x-ecs.ignore` stays unsaid."""
        if code.id in self.target.ignore and code.severity != "error":
            return
        key = None
        if service is not None:
            key = service.key
            if code.severity != "error" and code.id in self.facts(service).ignore:
                return
        self.report.add(code, self.sources.span(place), service=key, **facts)

    def once(self, code: Code, place: int, service: Service | None = None, /, **facts: Any) -> None:
        """Say something the first time only."""
        if code.id not in self._told:
            self._told.add(code.id)
            self.say(code, place, service, **facts)

    def fact(self, name: str) -> str:
        """A setting's value, or the placeholder that stands for it."""
        value: str | None = getattr(self.target, name, None)
        if value:
            return value
        if name == "listener":
            ref = Ref("listener")
        elif name in ("vpc", "subnets"):
            ref = Ref(name.rstrip("s"), attribute="id")
        else:
            ref = Ref(name, attribute="")
        self.placeholders.setdefault(str(ref), BY_NAME[name].supplied_by)
        return ref

    def reference(self, kind: str, name: str, how: str) -> Ref:
        """The ARN of something that another file of the stack makes."""
        ref = Ref(kind, name)
        self.placeholders.setdefault(str(ref), how)
        return ref

    def execution_role(self) -> str:
        """The role with which ECS itself pulls images, reads secrets and writes logs."""
        role = self.target.roles.execution
        how = "x-ecs: {roles: {execution: ...}}"
        return role or self.reference("execution-role", "", how)

    def name(self, group: str) -> str:
        """The name of a task group's family and service."""
        target = self.target
        text = target.names.replace("{stack}", target.stack).replace("{service}", group)
        return ecs_name(text.replace("{project}", self.project.name))

    def tags(
        self, service: str | None = None, extra: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """The tags that say whose a thing is, after the user's own."""
        tags = dict(self.target.tags)
        if extra:
            tags.update(extra)
        tags["compose2ecs:project"] = self.project.name
        tags["compose2ecs:stack"] = self.target.stack
        if service is not None:
            tags["compose2ecs:service"] = service
        return tags

    def add(
        self, kind: str, name: str, body: dict[str, Any], services: tuple[str, ...] = ()
    ) -> None:
        """Put an object into the stack."""
        self.resources.setdefault(kind, {})[name] = Resource(kind, name, body, services)


def _is_provided(service: Service) -> bool:
    """Whether a program on the machine of `docker compose` stands in for a container."""
    return service.provider is not None and not service.image and service.build is None


def tag_fault(tag: str, value: str) -> str | None:
    """Why AWS would refuse a tag of the user's.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
    """
    if tag.lower().startswith(("aws:", "compose2ecs:")):
        return f"{tag.partition(':')[0]}: is reserved"
    if not 1 <= len(tag) <= 128:
        return "a key has 1 to 128 characters"
    if len(value) > 256:
        return "a value has at most 256 characters"
    for text in (tag, value):
        if not all(c.isalnum() or c in "+-=._:/@" or c == " " for c in text):
            return "only letters, digits, spaces and + - = . _ : / @ are allowed"
    return None


def lower_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as ECS wants them."""
    return [{"key": key, "value": value} for key, value in tags.items()]


def upper_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as Elastic Load Balancing and Cloud Map want them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
