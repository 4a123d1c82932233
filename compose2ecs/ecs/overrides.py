"""`x-ecs.overrides` laid over the bodies that come out: mappings deep, lists by what their entries
are known by, null takes a member out.

What the entries of a list are known by is what AWS lets stand in it once:
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from compose2ecs import codes
from compose2ecs.aws_model import Step, missing
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.model import Service
from compose2ecs.ecs.facts.overrides import shape_of
from compose2ecs.ecs.groups import Group
from compose2ecs.ecs.work import Work
from compose2ecs.names import ecs_name

# Lists whose entries are known by some of their members; all others are replaced as a whole.
IDENTITIES: dict[str, tuple[str, ...]] = {
    # task definitions
    "containerDefinitions": ("name",),
    "properties": ("name",),
    "tags": ("key",),
    "volumes": ("name",),
    # containers
    "dependsOn": ("containerName",),
    "devices": ("hostPath",),
    "environment": ("name",),
    "environmentFiles": ("value",),
    "extraHosts": ("hostname",),
    "mountPoints": ("containerPath",),
    "portMappings": ("containerPort", "protocol"),
    "resourceRequirements": ("type",),
    "secretOptions": ("name",),
    "secrets": ("name",),
    "systemControls": ("namespace",),
    "tmpfs": ("containerPath",),
    "ulimits": ("name",),
    "volumesFrom": ("sourceContainer",),
    # services
    "capacityProviderStrategy": ("capacityProvider",),
    "loadBalancers": ("containerName", "containerPort"),
    "serviceRegistries": ("registryArn",),
    "services": ("portName",),
    "tagSpecifications": ("resourceType",),
    "volumeConfigurations": ("name",),
    # target groups and listener rules
    "Actions": ("Type",),
    "Conditions": ("Field", "HttpHeaderConfig"),
    "Tags": ("Key",),
    "TargetGroups": ("TargetGroupArn",),
    "Transforms": ("Type",),
}
_UNSAID = {"protocol": "tcp", "HttpHeaderConfig": None}  # what a member is where it is left out

_KIND_OF = {"target_group": "target-groups", "listener_rule": "listener-rules"}
_WHAT = {
    "task_definition": "no task definition",
    "container": "no container",
    "service": "no ECS service of its own",
    "target_group": "no target group",
    "listener_rule": "no listener rule",
}


def apply_overrides(groups: Iterable[Group], work: Work) -> None:
    """Lay every override over the bodies it is for, and say of those that have none."""
    dead: dict[tuple[str, str], Service] = {}
    for service in work.project.services.values():
        if service.key not in work.services:
            for kind in work.facts(service).overrides or ():
                dead[service.key, kind] = service
    for group in groups:
        for service, kind in _of_group(group, work):
            dead[service.key, kind] = service
    for service in work.services.values():
        overrides = work.facts(service).overrides or {}
        for kind, folder in _KIND_OF.items():
            if kind not in overrides:
                continue
            named = work.resources.get(folder, {})
            own = [name for name, resource in named.items() if service.key in resource.services]
            for name in own:
                _lay(work, folder, name, kind, overrides[kind], service)
            if not own:
                dead[service.key, kind] = service
    for (_, kind), service in dead.items():
        place = work.facts(service).overrides.keys_at[kind]
        work.say(codes.OVERRIDE_DEAD, place, service, key=kind, what=_WHAT[kind])
    _drop_placeholders(work)


def _of_group(group: Group, work: Work) -> list[tuple[Service, str]]:
    """Lay what is for containers, and what is for the task definition and the service, which a
    task's services share. Gives those that are for nothing, each with its kind."""
    name = work.name(group.name)
    dead: list[tuple[Service, str]] = []
    for key in (*group.members, *group.inits):
        service = work.services[key]
        overrides = work.facts(service).overrides or {}
        if "container" in overrides:
            _lay_container(name, service, overrides["container"], work)
    for kind, folder in (("task_definition", "task-definitions"), ("service", "services")):
        joined: Map | None = None
        said: Service | None = None
        for key in (*group.members, *group.inits):
            service = work.services[key]
            overrides = work.facts(service).overrides or {}
            if kind not in overrides:
                continue
            if kind == "service" and (group.once or key in group.inits):
                dead.append((service, kind))
            elif joined is None:
                joined, said = overrides[kind], service
            else:
                path = _path(service, kind, work)
                joined = _join(joined, overrides[kind], path, service, work)
        if joined is not None and said is not None:
            _lay(work, folder, name, kind, joined, said)
    return dead


def _path(service: Service, kind: str, work: Work) -> str:
    section = "jobs" if service.key in work.project.jobs else "services"
    return f"{section}.{service.key}.x-ecs.overrides.{kind}"


def _lay(work: Work, folder: str, name: str, kind: str, override: Map, service: Service) -> None:
    resource = work.resources[folder][name]
    body = _merged(resource.body, override)
    _tell_missing(body, kind, override, service, work)
    work.resources[folder][name] = resource._replace(body=body)


def _lay_container(task: str, service: Service, override: Map, work: Work) -> None:
    resource = work.resources["task-definitions"][task]
    name = ecs_name(service.key)
    containers = [
        _merged(container, override) if container["name"] == name else container
        for container in resource.body["containerDefinitions"]
    ]
    own = next(container for container in containers if container["name"] == name)
    _tell_missing(own, "container", override, service, work)
    body = {**resource.body, "containerDefinitions": containers}
    work.resources["task-definitions"][task] = resource._replace(body=body)


# ---------------------------------------------------------------------------- laying over


def _merged(base: dict[str, Any], over: Map) -> dict[str, Any]:
    """A body with an override over it; neither is changed."""
    body = dict(base)
    for key, value in over.items():
        below = body.get(key)
        if value is None:
            body.pop(key, None)
        elif isinstance(value, Map):
            body[key] = _merged(below if isinstance(below, dict) else {}, value)
        elif isinstance(value, Seq):
            body[key] = _merged_list(below if isinstance(below, list) else [], value, key)
        else:
            body[key] = value
    return body


def _merged_list(base: list[Any], over: Seq, key: str) -> list[Any]:
    if key not in IDENTITIES:
        return [_plain(item) for item in over]
    found = list(base)
    for item in over:
        at = _index(found, item, key)
        if at is None:
            found.append(_plain(item))
        else:
            found[at] = _merged(found[at], item)
    return found


def _plain(value: Any) -> Any:
    """A located value as it goes into a body."""
    if isinstance(value, Map):
        return _merged({}, value)
    return [_plain(item) for item in value] if isinstance(value, Seq) else value


def _identity(item: Any, key: str) -> tuple[Any, ...] | None:
    """What an entry of a list is known by; None where it does not say."""
    if not isinstance(item, dict):
        return None
    found = []
    for name in IDENTITIES[key]:
        value = item.get(name, _UNSAID.get(name))
        if value is None and name not in _UNSAID:
            return None
        found.append(value.get("HttpHeaderName") if isinstance(value, dict) else value)
    return tuple(found)


def _index(items: list[Any], item: Any, key: str) -> int | None:
    """Where a list has the entry that an override means."""
    wanted = _identity(item, key)
    if wanted is None:
        return None
    return next((n for n, other in enumerate(items) if _identity(other, key) == wanted), None)


# ---------------------------------------------------------------------------- two that meet


def _join(first: Map, second: Map, path: str, service: Service, work: Work) -> Map:
    """The overrides of two services of one task in one; where they differ, that is reported."""
    joined = first.copy()
    for key, value in second.items():
        if key not in first:
            joined.put(key, value, second.keys_at[key], second.at[key])
            continue
        below, at = f"{path}.{key}", first.at[key]
        if isinstance(value, Map) and isinstance(first[key], Map):
            value = _join(first[key], value, below, service, work)
            joined.put(key, value, first.keys_at[key], at)
        elif isinstance(value, Seq) and isinstance(first[key], Seq) and key in IDENTITIES:
            value = _join_lists(first[key], value, key, below, service, work)
            joined.put(key, value, first.keys_at[key], at)
        elif value != first[key]:
            span = work.sources.span(at)
            work.report.add(
                codes.OVERRIDES_DIFFER,
                work.sources.span(second.at[key]),
                related=[("the other one", span)] if span else [],
                service=service.key,
                path=below,
            )
    return joined


def _join_lists(first: Seq, second: Seq, key: str, path: str, service: Service, work: Work) -> Seq:
    joined = Seq(first.place)
    for number, item in enumerate(first):
        joined.put(item, first.at[number])
    for number, item in enumerate(second):
        at = _index(joined, item, key)
        if at is None:
            joined.put(item, second.at[number])
        else:
            joined[at] = _join(joined[at], item, f"{path}[{number}]", service, work)
    return joined


# ---------------------------------------------------------------------------- afterwards


def _tell_missing(
    body: dict[str, Any], kind: str, override: Map, service: Service, work: Work
) -> None:
    """Say what AWS requires and an override has taken out, or has not put in."""
    for path in missing(body, shape_of(kind)):
        text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        work.say(
            codes.OVERRIDE_LACKS,
            _place(path, body, override),
            service,
            path=_path(service, kind, work) + text.rpartition(".")[0],
            key=path[-1],
        )


def _place(path: tuple[Step, ...], body: Any, override: Any) -> int:
    """The place in an override that comes nearest to a path in the body."""
    place: int = override.place
    name = ""
    for step in path:
        if isinstance(step, str) and isinstance(override, Map):
            if step not in override:
                break
            place, name = override.at[step], step
            override, body = override[step], body.get(step)
        elif isinstance(step, int) and isinstance(override, Seq):
            item = body[step]
            at = step if name not in IDENTITIES else _index(override, item, name)
            if at is None:
                break
            place = override.at[at]
            override, body = override[at], item
        else:
            break
    return place


def _drop_placeholders(work: Work) -> None:
    """What an override has said in place of a placeholder need not be filled in any more."""
    texts: list[str] = []

    def look(value: Any) -> None:
        if isinstance(value, str):
            if "<" in value:
                texts.append(value)
        elif isinstance(value, dict):
            for item in value.values():
                look(item)
        elif isinstance(value, list):
            for item in value:
                look(item)

    for named in work.resources.values():
        for resource in named.values():
            look(resource.body)
    for placeholder in list(work.placeholders):
        if not any(placeholder in text for text in texts):
            del work.placeholders[placeholder]
