"""The tasks that some AWS objects describe, each container with the key of its service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.reading import describe
from compose2ecs.ecs.importing.gather import RUNS, SERVICES, TASKS, Bundle, Item
from compose2ecs.ecs.importing.services import (
    family_of,
)
from compose2ecs.ecs.importing.values import is_text, mappings, texts
from compose2ecs.names import ecs_name
from compose2ecs.report import Report, Sources

_COMPLETED = ("SUCCESS", "COMPLETE")


class Task(NamedTuple):
    """One task definition: its containers, the key of each one's service, and its ECS service."""

    item: Item
    containers: tuple[Map, ...]
    keys: Mapping[str, str]  # container name to service key
    inits: frozenset[str]  # names of containers that others wait for to end
    service: Item | None
    once: bool  # nothing keeps it running
    run: Item | None  # what starts it, if that is among the files

    @property
    def family(self) -> str:
        return self.item.name

    @property
    def members(self) -> tuple[str, ...]:
        """The keys of the services that keep the task running; there is at least one."""
        found = [key for name, key in self.keys.items() if name not in self.inits]
        return tuple(found or self.keys.values())


def plan(bundle: Bundle, report: Report, sources: Sources) -> list[Task]:
    """The tasks, with a key for each container: its name, where no other task has one like it."""
    items = [(item, _containers(item, report, sources)) for item in bundle.of(TASKS)]
    if not items:
        report.add(codes.IMPORT_NO_TASK)
    report.check()
    services = {family_of(item.body.get("taskDefinition")): item for item in bundle.of(SERVICES)}
    runs = {family_of(item.body.get("taskDefinition")): item for item in bundle.of(RUNS)}
    alike: dict[str, list[Map]] = {}
    for _, containers in items:
        for container in containers:
            alike.setdefault(container["name"], []).append(container)
    known = bool(services or runs)  # what keeps a task running is among the files
    tasks = []
    taken: set[str] = set()
    for item, containers in items:
        inits = _inits(containers)
        keys: dict[str, str] = {}
        for container in containers:
            name = container["name"]
            others = alike[name]
            shared = name in inits and all(other == container for other in others)
            key = name if len(others) == 1 or shared else ecs_name(f"{item.name}-{name}")
            number = 1
            while key in taken and not shared:
                number += 1
                key = ecs_name(f"{item.name}-{name}-{number}")
            taken.add(key)
            keys[name] = key
            if key != name:
                span = sources.span(container.at["name"])
                report.add(codes.IMPORT_RENAMED, span, name=name, task=item.name, key=key)
        service = services.get(item.name)
        if any(key != name for name, key in keys.items()):
            item, containers, service = _renamed(item, containers, service, keys)
            inits, keys = _inits(containers), {key: key for key in keys.values()}
        once = known and service is None
        run = runs.get(item.name)
        tasks.append(Task(item, tuple(containers), keys, inits, service, once, run))
    return tasks


def _inits(containers: Iterable[Map]) -> frozenset[str]:
    """The containers that others wait for to end."""
    containers = list(containers)
    waited = {
        str(need.get("containerName"))
        for container in containers
        for need in mappings(container.get("dependsOn"))
        if need.get("condition") in _COMPLETED
    }
    return frozenset(waited & {container["name"] for container in containers})


# Where one part of a task refers to a container: the list, and the member of its entries.
_REFERENCES = (("dependsOn", "containerName"), ("volumesFrom", "sourceContainer"))


def _renamed(
    item: Item, containers: list[Map], service: Item | None, keys: Mapping[str, str]
) -> tuple[Item, list[Map], Item | None]:
    """A task, and its service, with other names for its containers."""
    found = []
    for container in containers:
        container = _with(container, "name", keys[container["name"]])
        for field, member in _REFERENCES:
            if field in container:
                container = _with(container, field, _entries(container[field], member, keys))
        if "links" in container:
            links = Seq(container.at["links"])
            for link in texts(container["links"]):
                name, colon, alias = link.partition(":")
                links.put(f"{keys.get(name, name)}:{alias if colon else name}", links.place)
            container = _with(container, "links", links)
        found.append(container)
    listed = Seq(item.body.at["containerDefinitions"])
    for container in found:
        listed.put(container, container.place)
    body = _with(item.body, "containerDefinitions", listed)
    proxy = body.get("proxyConfiguration")
    if isinstance(proxy, Map) and proxy.get("containerName") in keys:
        body = _with(
            body, "proxyConfiguration", _with(proxy, "containerName", keys[proxy["containerName"]])
        )
    if service is not None:
        served = service.body
        for field in ("loadBalancers", "serviceRegistries"):
            if field in served:
                served = _with(served, field, _entries(served[field], "containerName", keys))
        service = service._replace(body=served)
    return item._replace(body=body), found, service


def _with(body: Map, key: str, value: Any) -> Map:
    body = body.copy()
    body.put(key, value, body.keys_at[key], body.at[key])
    return body


def _entries(listed: Seq, member: str, keys: Mapping[str, str]) -> Seq:
    found = Seq(listed.place)
    for entry in listed:
        if isinstance(entry, Map) and entry.get(member) in keys:
            entry = _with(entry, member, keys[entry[member]])
        found.put(entry, listed.place)
    return found


def _containers(item: Item, report: Report, sources: Sources) -> list[Map]:
    """The container definitions of a task; what cannot be told apart is refused."""
    listed = item.body.get("containerDefinitions")
    path = item.at("containerDefinitions")
    if ecs_name(item.name) != item.name:
        span = sources.span(item.body.at.get("family", item.place))
        report.add(codes.IMPORT_BAD_NAME, span, path=item.at("family"), name=item.name)
    if not isinstance(listed, Seq) or not listed:
        place = item.body.at.get("containerDefinitions", item.place)
        found = "an empty list" if isinstance(listed, Seq) else describe(listed)
        span = sources.span(place)
        report.add(codes.WRONG_TYPE, span, path=path, wanted="a list of containers", found=found)
        return []
    found_at: dict[str, int] = {}
    good = []
    for number, container in enumerate(listed):
        place, at = listed.at[number], f"{path}[{number}]"
        if not isinstance(container, Map):
            span, found = sources.span(place), describe(container)
            report.add(codes.WRONG_TYPE, span, path=at, wanted="a mapping", found=found)
            continue
        for key in ("name", "image"):
            if not is_text(container.get(key)):
                span, found = (
                    sources.span(container.at.get(key, place)),
                    describe(container.get(key)),
                )
                wanted = "a string that is not empty"
                report.add(codes.WRONG_TYPE, span, path=f"{at}.{key}", wanted=wanted, found=found)
        name = container.get("name")
        if not is_text(name):
            continue
        if ecs_name(name) != name:
            span = sources.span(container.at["name"])
            report.add(codes.IMPORT_BAD_NAME, span, path=f"{at}.name", name=name)
        if name in found_at:
            first = sources.span(found_at[name])
            report.add(
                codes.IMPORT_TWICE,
                sources.span(place),
                related=[("first here", first)] if first else (),
                kind="container",
                name=name,
            )
            continue
        found_at[name] = place
        good.append(container)
    return good
