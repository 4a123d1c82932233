"""What ECS has: clusters, instances, task definitions, services, tasks.

Things name each other by ARN or name, never by reference, so that a copy is a copy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from compose2ecs.sandbox.behaviour import Behaviour
from compose2ecs.sandbox.tags import Tags

Body = dict[str, Any]
NEVER = math.inf

ACTIVE, DRAINING, INACTIVE = "ACTIVE", "DRAINING", "INACTIVE"
RUNNING, STOPPED = "RUNNING", "STOPPED"


@dataclass
class Cluster:
    """A cluster."""

    name: str
    arn: str
    tags: Tags
    status: str = ACTIVE
    settings: list[Body] = field(default_factory=list)
    configuration: Body | None = None
    providers: list[str] = field(default_factory=list)
    strategy: list[Body] = field(default_factory=list)
    connect: str = ""  # ARN of the namespace that services are in if they name none


@dataclass
class Instance:
    """A container instance, and what of it is taken."""

    arn: str
    cluster: str
    ec2: str
    zone: str
    subnet: str
    ip: str
    cpu: int
    memory: int
    attributes: dict[str, str]
    interfaces: int
    registered: float
    tags: Tags = field(default_factory=dict)
    status: str = ACTIVE
    connected: bool = True
    used_cpu: int = 0
    used_memory: int = 0
    used_interfaces: int = 0
    ports: set[tuple[int, str]] = field(default_factory=set)
    next_port: int = 32768
    tasks: set[str] = field(default_factory=set)
    provider: str = ""

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]


@dataclass
class Definition:
    """One revision of a task definition: `body` is as AWS describes it."""

    body: Body
    tags: Tags

    @property
    def arn(self) -> str:
        return str(self.body["taskDefinitionArn"])


@dataclass
class Family:
    """All revisions of a task definition; `count` is the highest number that was ever given."""

    count: int = 0
    revisions: dict[int, Definition] = field(default_factory=dict)


@dataclass
class Container:
    """A container of a task."""

    name: str
    arn: str
    image: str
    runtime: str = ""
    status: str = "PENDING"
    started: float | None = None
    ends: float = NEVER
    exit_code: int | None = None
    reason: str = ""
    health: str = "UNKNOWN"
    health_due: float = NEVER
    behaviour: Behaviour | None = None


@dataclass
class Task:
    """A task: `due` is when something of it changes next."""

    arn: str
    cluster: str
    definition: str
    group: str
    launch: str
    created: float
    service: str = ""
    deployment: str = ""
    instance: str = ""
    provider: str = ""
    started_by: str = ""
    desired: str = RUNNING
    status: str = "PROVISIONING"
    due: float = 0.0
    started: float | None = None
    pulled: float | None = None
    stopping: float | None = None
    stopped: float | None = None
    stop_code: str = ""
    reason: str = ""
    sick: str = ""  # why its service has to replace it
    was_healthy: bool = False
    complaint: str = ""  # and how the service says so among its events
    containers: list[Container] = field(default_factory=list)
    bindings: dict[tuple[str, int, str], int] = field(default_factory=dict)
    ip: str = ""
    interface: str = ""
    subnet: str = ""
    zone: str = ""
    targets: list[tuple[str, str, int]] = field(default_factory=list)
    overrides: Body = field(default_factory=dict)
    commands: bool = False  # enableExecuteCommand
    tags: Tags = field(default_factory=dict)
    sees: tuple[str, ...] = ()  # Service Connect endpoints that were there when it started
    cpu: int = 0
    memory: int = 0
    version: int = 1

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]


@dataclass
class Deployment:
    """One state that a service was to be brought into, and how far that went."""

    id: str
    definition: str
    config: Body  # members of the service that a deployment is about
    created: float
    updated: float
    revision: str
    status: str = "PRIMARY"
    state: str = "IN_PROGRESS"
    reason: str = ""
    failed: int = 0  # tasks, as described
    count: int = 0  # tasks, as the circuit breaker counts them
    finished: float | None = None
    forced: bool = False
    rolled_back: str = ""  # the id of the deployment that was rolled back to


@dataclass
class Service:
    """A service: `body` holds the members that are described as they were asked for."""

    name: str
    cluster: str
    arn: str
    body: Body
    desired: int
    created: float
    tags: Tags
    status: str = ACTIVE
    deployments: list[Deployment] = field(default_factory=list)
    history: list[Deployment] = field(default_factory=list)
    last_good: Deployment | None = None
    events: list[Body] = field(default_factory=list)
    said: dict[str, float] = field(default_factory=dict)
    token: str = ""
    asked: Body = field(default_factory=dict)
    due: float = 0.0
    steady: bool = False
    failures: int = 0  # one after the other
    retry: float = 0.0  # when the next task may be started
    ended: float | None = None
    tasks: dict[str, bool | None] = field(
        default_factory=dict
    )  # whether each failed, once it ended
    endpoints: list[str] = field(default_factory=list)  # its services in Cloud Map

    @property
    def primary(self) -> Deployment:
        return self.deployments[0]

    @property
    def daemon(self) -> bool:
        return bool(self.body.get("schedulingStrategy") == "DAEMON")


@dataclass
class EcsState:
    """Everything, by name or ARN."""

    clusters: dict[str, Cluster] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)
    services: dict[tuple[str, str], Service] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, Body] = field(default_factory=dict)

    def tasks_of(self, service: Service) -> Iterator[Task]:
        """The tasks of a service, stopped ones too, in the order in which they were started."""
        for arn in service.tasks:
            yield self.tasks[arn]

    def service(self, cluster: str, name: str) -> Service | None:
        """A service by its name; None if there never was one."""
        return self.services.get((cluster, name))
