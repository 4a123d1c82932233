"""A Stack by its services: all that belongs to one of them, and the hashes by which it is known.

A hash has four parts: the task definition, the service, what its target groups and rules carry
beside what can be read of them at once, and its scaling. Whatever a part stands for needs no
reading as long as the part is the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from compose2ecs.ecs.model import Ref, Resource, Stack
from compose2ecs.plan import tags

Body = dict[str, Any]
NONE = "0"  # the part of a hash for what a service does not have
BEGUN = "1"  # for what is being made and may be there in part
_DIGITS = 12


class Unit(NamedTuple):
    """One ECS service and what belongs to it. `after` are the units that are made before it, and
    whether it waits until they are healthy. `task` and `service` are None for what has none."""

    name: str
    members: tuple[str, ...]
    task: Body
    service: Body
    groups: Mapping[str, Body]
    attributes: Mapping[str, Body]
    rules: Mapping[str, Body]
    scaling: Mapping[str, Mapping[str, Body]]
    hash: str
    after: Mapping[str, bool]

    @property
    def scaled(self) -> bool:
        """Whether something else than the file decides how many tasks there are."""
        return bool(self.scaling.get("scalable-targets"))


class Job(NamedTuple):
    """A task without a service: `runs` is the RunTask body of one that runs at each change."""

    name: str
    task: Body
    run: Body | None
    schedules: Mapping[str, Body]
    before: tuple[str, ...]  # units that wait for it
    after: Mapping[str, bool]  # units that it waits for, and whether until they are healthy
    hash: str


class Desired(NamedTuple):
    """What shall be. `members` stands for the names of everything that can be left over, and behind
    a dot for what is shared; `prefix` begins the names of the stack's target groups and services."""

    stack: str
    project: str
    cluster: str
    listener: str | None
    units: Mapping[str, Unit]
    jobs: Mapping[str, Job]
    shared: Mapping[str, Mapping[str, Body]]  # log groups, their retention, namespaces
    members: str
    prefix: str

    @property
    def first(self) -> str | None:
        """The unit whose service carries the note of all names."""
        return min(self.units, default=None)


def canonical(value: Any) -> str:
    """JSON that is the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def digest(value: Any) -> str:
    """Twelve hexadecimal digits that stand for a value."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:_DIGITS]


def desired(
    stack: Stack,
    cluster: str,
    listener: str | None,
    order: Mapping[str, Mapping[str, bool]],
    prefix: str,
) -> Desired:
    """Sort a stack's resources by service. `order` tells of a service which others come first, and
    whether they must be healthy by then."""
    resources = stack.resources
    services = resources.get("services", {})
    owner = {member: name for name, resource in services.items() for member in resource.services}
    units = {
        name: _unit(name, resource, owner, resources, _order(name, order, services))
        for name, resource in services.items()
    }
    jobs = {
        name: _job(name, resource, resources, order)
        for name, resource in resources.get("task-definitions", {}).items()
        if name not in services
    }
    shared = {
        kind: {name: resource.body for name, resource in resources[kind].items()}
        for kind in ("log-groups", "log-group-retention", "namespaces")
        if kind in resources
    }
    names = {
        "services": sorted(units),
        "groups": sorted(
            (name, canonical(fixed(body)))
            for unit in units.values()
            for name, body in unit.groups.items()
        ),
        "rules": sorted(name for unit in units.values() for name in unit.rules),
        "schedules": sorted(name for job in jobs.values() for name in job.schedules),
        "listener": listener,
    }
    return Desired(
        stack.name,
        stack.project,
        cluster,
        listener,
        units,
        jobs,
        shared,
        f"{digest(names)}.{digest(shared)}",
        prefix,
    )


def _order(
    name: str, order: Mapping[str, Mapping[str, bool]], services: Mapping[str, Resource]
) -> dict[str, bool]:
    return {other: healthy for other, healthy in order.get(name, {}).items() if other in services}


def _unit(
    name: str,
    resource: Resource,
    owner: Mapping[str, str],
    resources: Mapping[str, Mapping[str, Resource]],
    after: Mapping[str, bool],
) -> Unit:
    service = resource.body
    task = resources["task-definitions"][str(service["taskDefinition"])].body
    named = {ref.name for ref in _refs(service.get("loadBalancers", ())) if ref.kind == _GROUP}
    groups = {n: r.body for n, r in resources.get("target-groups", {}).items() if n in named}
    attributes = {
        n: r.body for n, r in resources.get("target-group-attributes", {}).items() if n in named
    }
    rules = {
        n: r.body
        for n, r in resources.get("listener-rules", {}).items()
        if _owner(r, owner) == name
    }
    scaling = {
        kind: {
            n: r.body
            for n, r in resources.get(kind, {}).items()
            if str(r.body.get("ResourceId", "")).rpartition("/")[2] == name
        }
        for kind in ("scalable-targets", "scaling-policies", "scheduled-actions")
    }
    parts = (
        digest(task),
        digest({k: v for k, v in service.items() if k not in ("tags", "cluster")}),
        digest(attributes)[:6] + digest([_tags_of(groups), _tags_of(rules)])[:6]
        if groups or rules
        else NONE,
        digest(scaling) if any(scaling.values()) else NONE,
    )
    return Unit(
        name,
        resource.services,
        task,
        service,
        groups,
        attributes,
        rules,
        scaling,
        ".".join(parts),
        after,
    )


_GROUP = "target-group"


def _owner(rule: Resource, owner: Mapping[str, str]) -> str | None:
    return next((owner[member] for member in rule.services if member in owner), None)


def _tags_of(bodies: Mapping[str, Body]) -> dict[str, dict[str, str]]:
    return {name: tags.of_elb(body) for name, body in bodies.items()}


def _refs(value: Any) -> Iterable[Ref]:
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _refs(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _refs(item)


def groups_of(body: Any) -> list[str]:
    """The names of the target groups that a body refers to."""
    return list(dict.fromkeys(ref.name for ref in _refs(body) if ref.kind == _GROUP))


def _job(
    name: str,
    resource: Resource,
    resources: Mapping[str, Mapping[str, Resource]],
    order: Mapping[str, Mapping[str, bool]],
) -> Job:
    run = resources.get("run-tasks", {}).get(name)
    once = run is not None and str(run.body.get("startedBy", "")).endswith("/once")
    schedules = {
        n: r.body
        for n, r in resources.get("schedules", {}).items()
        if any(ref.name == name for ref in _refs(r.body) if ref.kind == "task-definition")
    }
    return Job(
        name,
        resource.body,
        run.body if once and run is not None else None,
        schedules,
        tuple(other for other, those in order.items() if name in those),
        dict(order.get(name, {})),
        digest([resource.body, run.body if once and run is not None else None]),
    )


def renamed(name: str, body: Body) -> str:
    """Another name for a target group whose own is held by one with other settings, which cannot
    be changed."""
    return f"{name[:27].rstrip('-')}-{digest(fixed(body))[:4]}"


def cluster_arn(cluster: str, definition: str) -> str:
    """The ARN of a cluster, from its name and the ARN of any task definition of the account.

    >>> cluster_arn("qa", "arn:aws:ecs:r:1:task-definition/p-web:3")
    'arn:aws:ecs:r:1:cluster/qa'
    """
    if cluster.startswith("arn:"):
        return cluster
    return f"{definition.partition(':task-definition/')[0]}:cluster/{cluster}"


_FIXED = ("Protocol", "ProtocolVersion", "Port", "VpcId", "TargetType", "IpAddressType")
_FIXED_DEFAULTS = {"ProtocolVersion": "HTTP1", "IpAddressType": "ipv4"}


def fixed(body: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a target group that cannot be changed."""
    return {key: body.get(key) or _FIXED_DEFAULTS.get(key) for key in _FIXED}
