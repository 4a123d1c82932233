"""What Elastic Load Balancing has: load balancers, listeners, rules, target groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from compose2ecs.sandbox.tags import Tags

Body = dict[str, Any]


@dataclass
class Target:
    """What a target group sends requests to; `owner` is the ARN of its task, empty if none."""

    id: str
    port: int
    zone: str
    since: float
    owner: str = ""
    good: bool = True  # whether it answers
    changed: float = 0.0  # since when it does or does not
    state: str = "initial"
    gone: float | None = None  # when it has drained


@dataclass
class Group:
    """A target group: `body` is as AWS describes it."""

    body: Body
    tags: Tags
    attributes: dict[str, str]
    targets: dict[tuple[str, int], Target] = field(default_factory=dict)
    released: float = 0.0  # when the last rule let go of it


@dataclass
class Rule:
    """A rule of a listener: its priority is 0 for the default one."""

    arn: str
    priority: int
    conditions: list[Body]
    actions: list[Body]
    transforms: list[Body]
    tags: Tags


@dataclass
class Listener:
    """A listener with its rules; those of its body are the default actions."""

    body: Body
    tags: Tags
    rules: dict[str, Rule] = field(default_factory=dict)
    certificates: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Balancer:
    """A load balancer with its listeners."""

    body: Body
    tags: Tags
    attributes: dict[str, str]
    listeners: dict[str, Listener] = field(default_factory=dict)


@dataclass
class ElbState:
    """Everything, by ARN."""

    balancers: dict[str, Balancer] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    linger: float = 0.0  # seconds for which a target group is still in use after its last rule
