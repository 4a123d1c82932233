"""What the smaller services have: logs, namespaces, scaling, schedules, roles, networks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from compose2ecs.sandbox.tags import Tags

Body = dict[str, Any]


@dataclass
class Stream:
    """A log stream: times in milliseconds, as CloudWatch has them."""

    created: int
    events: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class LogGroup:
    """A log group."""

    name: str
    created: int
    tags: Tags
    days: int | None = None
    streams: dict[str, Stream] = field(default_factory=dict)
    body: Body = field(default_factory=dict)


@dataclass
class LogsState:
    """Log groups by name."""

    groups: dict[str, LogGroup] = field(default_factory=dict)


@dataclass
class Namespace:
    """A namespace of Cloud Map; `ready` is when it can be used."""

    id: str
    name: str
    arn: str
    kind: str
    created: float
    ready: float
    description: str
    tags: Tags


@dataclass
class Discovery:
    """A service of Cloud Map; `owner` is the ECS service that Service Connect made it for."""

    id: str
    name: str
    arn: str
    namespace: str
    created: float
    body: Body
    tags: Tags
    owner: str = ""
    instances: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Operation:
    """Something Cloud Map is asked for and does by and by."""

    id: str
    kind: str
    created: float
    done: float
    targets: dict[str, str]
    token: str = ""


@dataclass
class MapState:
    """Namespaces, services and operations by id."""

    namespaces: dict[str, Namespace] = field(default_factory=dict)
    services: dict[str, Discovery] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)


@dataclass
class ScalingState:
    """Scalable targets by resource, policies and scheduled actions by resource and name."""

    targets: dict[str, Body] = field(default_factory=dict)
    policies: dict[tuple[str, str], Body] = field(default_factory=dict)
    actions: dict[tuple[str, str], Body] = field(default_factory=dict)
    tags: dict[str, Tags] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)  # when a target looks at its service


@dataclass
class SchedulesState:
    """Schedules by group and name, groups by name."""

    schedules: dict[tuple[str, str], Body] = field(default_factory=dict)
    groups: dict[str, Body] = field(default_factory=dict)
    tags: dict[str, Tags] = field(default_factory=dict)


@dataclass
class Role:
    """A role: policy documents by name, and the ARNs of attached policies."""

    body: Body
    tags: Tags
    inline: dict[str, str] = field(default_factory=dict)
    attached: list[str] = field(default_factory=list)


@dataclass
class IamState:
    """Roles by name."""

    roles: dict[str, Role] = field(default_factory=dict)


@dataclass
class NetworkState:
    """What was there before us, as EC2 describes it."""

    vpcs: list[Body] = field(default_factory=list)
    subnets: list[Body] = field(default_factory=list)
    groups: list[Body] = field(default_factory=list)
    instances: list[Body] = field(default_factory=list)
