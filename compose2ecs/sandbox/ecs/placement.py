"""Where a task goes: what it needs, and which instance has that.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from compose2ecs.sandbox.ecs.clusters import FARGATE, RESERVED, bad_parameter
from compose2ecs.sandbox.ecs.state import ACTIVE, STOPPED, Body, Cluster, Definition, Instance, Task
from compose2ecs.sandbox.world import World

_SIZE = re.compile(r"([0-9.]+)\s*(vcpus?|gb|mb)?", re.IGNORECASE)
_RESERVED = frozenset((int(port), "tcp") for port in RESERVED)


class Need(NamedTuple):
    """What one task takes: CPU units, MiB, ports as (container, container port, host port, protocol)."""

    cpu: int
    memory: int
    ports: tuple[tuple[str, int, int, str], ...]
    attributes: tuple[str, ...]
    interface: bool
    constraints: tuple[Body, ...]


class Unplaced(NamedTuple):
    """Why a task goes nowhere: a reason as in RunTask's failures, and the closest instance."""

    reason: str
    instance: Instance | None


class Launch(NamedTuple):
    """On what tasks run: EC2, FARGATE or EXTERNAL, and by which capacity provider, if any."""

    kind: str
    provider: str
    strategy: tuple[Body, ...]


def units(text: str) -> int:
    """CPU units or MiB of a task's size.

    >>> units("256"), units(".25 vCPU"), units("1GB")
    (256, 256, 1024)
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise bad_parameter(f"'{text}' is no size")
    scale = 1024 if (found[2] or "").lower() in ("vcpu", "vcpus", "gb") else 1
    return int(float(found[1]) * scale)


def need_of(definition: Definition, overrides: Body | None = None) -> Need:
    """What a task of a definition takes."""
    body = {
        **definition.body,
        **{k: v for k, v in (overrides or {}).items() if k in ("cpu", "memory")},
    }
    containers = body["containerDefinitions"]
    mode = body.get("networkMode", "bridge")
    cpu = units(body["cpu"]) if body.get("cpu") else sum(one.get("cpu", 0) for one in containers)
    memory = (
        units(body["memory"])
        if body.get("memory")
        else sum(one.get("memoryReservation") or one.get("memory", 0) for one in containers)
    )
    ports = tuple(
        (one["name"], port["containerPort"], port.get("hostPort", 0), port.get("protocol", "tcp"))
        for one in containers
        for port in one.get("portMappings", ())
        if "containerPort" in port
    )
    attributes = tuple(one["name"] for one in body.get("requiresAttributes", ()))
    constraints = tuple(body.get("placementConstraints", ()))
    return Need(cpu, memory, ports, attributes, mode == "awsvpc", constraints)


def launch_of(world: World, cluster: Cluster, body: Body) -> Launch:
    """On what a request wants its tasks; the cluster's strategy stands in for none."""
    if body.get("launchType"):
        return Launch(body["launchType"], "", ())
    strategy = tuple(body.get("capacityProviderStrategy") or cluster.strategy)
    if not strategy:
        return Launch("EC2", "", ())
    for item in strategy:
        if item["capacityProvider"] not in cluster.providers:
            raise bad_parameter(
                "The specified capacity provider strategy cannot contain a capacity provider that "
                "is not associated with the cluster. Associate the capacity provider with the "
                "cluster and try again."
            )
    first = max(strategy, key=lambda item: (item.get("base", 0), item.get("weight", 0)))
    name = first["capacityProvider"]
    kept = tuple({"weight": 0, "base": 0, **item} for item in strategy)
    return Launch("FARGATE" if name in FARGATE else "EC2", name, kept)


# ---------------------------------------------------------------------------- instances


def place(
    world: World,
    cluster: str,
    need: Need,
    strategy: Sequence[Body],
    constraints: Iterable[Body],
    others: Sequence[Task],
    only: Instance | None = None,
) -> Instance | Unplaced:
    """The instance that a task goes to, or why there is none; `others` are tasks of its group."""
    every = [*constraints, *need.constraints]
    distinct = any(one["type"] == "distinctInstance" for one in every)
    expressions = [one["expression"] for one in every if one["type"] == "memberOf"]
    known = [one for one in world.ecs.instances.values() if one.cluster == cluster]
    active = [one for one in known if one.status == ACTIVE and only in (None, one)]
    if not active:
        return Unplaced("EMPTY", None)
    here = Counter(task.instance for task in others if task.status != STOPPED)
    fitting, closest = [], Unplaced("EMPTY", None)
    for one in active:
        reason = _against(one, need, expressions)
        if not reason and distinct and here[one.arn]:
            reason = _DISTINCT
        if reason:
            closest = _closer(closest, Unplaced(reason, one))
        else:
            fitting.append(one)
    if not fitting:
        return closest
    return min(fitting, key=lambda one: _rank(one, strategy, others, here, world))


_MEMBER = "MemberOf placement constraint unsatisfied."
_DISTINCT = "DistinctInstance placement constraint unsatisfied."
_DISTANCE = (
    "EMPTY",
    "AGENT",
    "ATTRIBUTE",
    _MEMBER,
    _DISTINCT,
    "RESOURCE:PORTS",
    "RESOURCE:ENI",
)


def _closer(one: Unplaced, other: Unplaced) -> Unplaced:
    def distance(found: Unplaced) -> int:
        return _DISTANCE.index(found.reason) if found.reason in _DISTANCE else len(_DISTANCE)

    return other if distance(other) > distance(one) else one


def _against(one: Instance, need: Need, expressions: Sequence[str]) -> str:
    """Why an instance cannot take a task; empty if it can."""
    if not one.connected:
        return "AGENT"
    if any(name not in one.attributes for name in need.attributes):
        return "ATTRIBUTE"
    if not all(matches(one, expression) for expression in expressions):
        return _MEMBER
    if not need.interface:
        fixed = {(host, protocol) for _, _, host, protocol in need.ports if host}
        if fixed & (one.ports | _RESERVED):
            return "RESOURCE:PORTS"
    elif one.used_interfaces >= one.interfaces:
        return "RESOURCE:ENI"
    if need.memory > one.memory - one.used_memory:
        return "RESOURCE:MEMORY"
    return "RESOURCE:CPU" if need.cpu > one.cpu - one.used_cpu else ""


def _rank(
    one: Instance,
    strategy: Sequence[Body],
    others: Sequence[Task],
    here: Counter[str],
    world: World,
) -> tuple[float, ...]:
    """Instances with a lower rank go first; without a strategy, tasks are spread."""
    rank: list[float] = []
    for item in strategy:
        field = item.get("field", "")
        if item["type"] == "binpack":
            memory = field.lower() == "memory"
            rank.append(one.memory - one.used_memory if memory else one.cpu - one.used_cpu)
        elif item["type"] == "spread" and field.startswith("attribute:"):
            name = field.partition(":")[2]
            alike = [
                arn
                for arn, other in world.ecs.instances.items()
                if other.attributes.get(name) == one.attributes.get(name)
            ]
            rank.append(sum(here[arn] for arn in alike))
        elif item["type"] == "spread":
            rank.append(here[one.arn])
    if not strategy:
        rank.append(sum(task.zone == one.zone and task.status != STOPPED for task in others))
        rank.append(here[one.arn])
    rank.append(len(one.tasks))
    return tuple(rank)


_TERM = re.compile(r"(!)?\s*\(?\s*(?:attribute:)?([\w.-]+)\s*(==|!=|=~|\S+)?\s*(.*?)\s*\)?")


def matches(one: Instance, expression: str) -> bool:
    """Whether an instance is in the group that an expression of the cluster query language means.

    Terms may be joined by `and` or by `or`, without brackets around several.
    """
    if re.search(r"\s+(?:or|\|\|)\s+", expression):
        return any(matches(one, part) for part in re.split(r"\s+(?:or|\|\|)\s+", expression))
    return all(_term(one, part) for part in re.split(r"\s+(?:and|&&)\s+", expression))


def _term(one: Instance, text: str) -> bool:
    found = _TERM.fullmatch(text.strip())
    if found is None:
        return True
    inverse, name, operator, wanted = found.groups()
    value = one.ec2 if name == "ec2InstanceId" else one.attributes.get(name)
    wanted = wanted.strip("\"'")
    if operator in ("exists", None):
        result = name in one.attributes
    elif operator in ("!exists", "not_exists"):
        result = name not in one.attributes
    elif operator in ("in", "not_in", "!in"):
        listed = {part.strip(" \"'") for part in wanted.strip("[]").split(",")}
        result = (value in listed) == (operator == "in")
    elif operator in ("=~", "matches"):
        result = re.search(wanted, value or "") is not None
    else:
        result = (value == wanted) == (operator in ("==", "equals"))
    return result != bool(inverse)


# ---------------------------------------------------------------------------- taking, giving back


def take(one: Instance, task: Task, need: Need, host_mode: bool) -> None:
    """Give a task what it needs of an instance; its dynamic ports are chosen here."""
    one.used_cpu += task.cpu
    one.used_memory += task.memory
    one.tasks.add(task.arn)
    if need.interface:
        one.used_interfaces += 1
        return
    for container, port, host, protocol in need.ports:
        chosen = host or (port if host_mode else _free_port(one, protocol))
        one.ports.add((chosen, protocol))
        task.bindings[container, port, protocol] = chosen


def _free_port(one: Instance, protocol: str) -> int:
    port = one.next_port
    while (port, protocol) in one.ports:
        port = port + 1 if port < 60999 else 32768
    one.next_port = port + 1 if port < 60999 else 32768
    return port


def give_back(one: Instance, task: Task) -> None:
    """Take back what a task had, once it has stopped."""
    if task.arn not in one.tasks:
        return
    one.tasks.remove(task.arn)
    one.used_cpu -= task.cpu
    one.used_memory -= task.memory
    if task.interface:
        one.used_interfaces -= 1
    for (_, _, protocol), host in task.bindings.items():
        one.ports.discard((host, protocol))
