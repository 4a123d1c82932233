"""What a project asks of its surroundings, read off its stack once, for all checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from compose2ecs.api import Project, Stack, Target
from compose2ecs.ecs.target import DIRECT
from compose2ecs.iam.scope import Scope, scope_of

Body = dict[str, Any]
FARGATE = ("FARGATE", "FARGATE_SPOT")


class Work(NamedTuple):
    """A task that is to run: the name of its family, its definition, and the service, run or
    schedule that starts it. `number` tasks run at the same time; a daemon runs on each instance."""

    name: str
    task: Body
    starts: Body
    number: int
    daemon: bool = False
    lasts: bool = True  # a service

    @property
    def mode(self) -> str:
        """Its network mode."""
        return str(self.task.get("networkMode", "bridge"))

    @property
    def providers(self) -> list[str]:
        """The capacity providers that it names."""
        strategy = self.starts.get("capacityProviderStrategy", ())
        return [str(one["capacityProvider"]) for one in strategy]

    @property
    def fargate(self) -> bool:
        """Whether no instance of the cluster runs it."""
        if self.providers:
            return all(name in FARGATE for name in self.providers)
        return self.starts.get("launchType") == "FARGATE"

    @property
    def spot(self) -> bool:
        """Whether it runs on what Fargate has to spare."""
        return self.fargate and "FARGATE_SPOT" in self.providers

    @property
    def network(self) -> Body:
        """Subnets and security groups of tasks that have an address of their own."""
        return dict(self.starts.get("networkConfiguration", {}).get("awsvpcConfiguration", {}))

    @property
    def connects(self) -> bool:
        """Whether it uses Service Connect."""
        return bool(self.starts.get("serviceConnectConfiguration", {}).get("enabled"))

    @property
    def containers(self) -> list[Body]:
        """Its containers."""
        return list(self.task.get("containerDefinitions", ()))

    @property
    def cpu(self) -> int:
        """CPU units that a task of it takes."""
        return int(self.task.get("cpu") or sum(int(c.get("cpu", 0)) for c in self.containers))

    @property
    def memory(self) -> int:
        """MiB that a task of it takes."""
        if self.task.get("memory"):
            return int(self.task["memory"])
        return sum(int(c.get("memoryReservation") or c.get("memory") or 0) for c in self.containers)

    @property
    def gpus(self) -> int:
        """GPUs that a task of it takes."""
        return sum(
            int(one["value"])
            for container in self.containers
            for one in container.get("resourceRequirements", ())
            if one.get("type") == "GPU"
        )

    @property
    def ports(self) -> frozenset[str]:
        """Ports of the instance that a task of it takes for itself."""
        if self.mode == "awsvpc":
            return frozenset()
        return frozenset(
            str(one.get("hostPort") or (one.get("containerPort") if self.mode == "host" else 0))
            for container in self.containers
            for one in container.get("portMappings", ())
            if (one.get("hostPort") or self.mode == "host") and one.get("protocol", "tcp") == "tcp"
        )


class Subject(NamedTuple):
    """A project on its way to AWS."""

    project: Project
    target: Target
    stack: Stack
    scope: Scope
    works: tuple[Work, ...]

    @property
    def region(self) -> str:
        return self.target.region or ""

    @property
    def cluster(self) -> str:
        """The cluster, or an empty text where nobody gave it."""
        return self.target.cluster or ""

    @property
    def listener(self) -> str:
        """The ARN of the listener, or an empty text where there is none."""
        known = self.target.listener
        return known if known and known != DIRECT else ""

    @property
    def on_instances(self) -> list[Work]:
        """The tasks that instances of the cluster run."""
        return [one for one in self.works if not one.fargate]

    @property
    def rules(self) -> dict[str, Body]:
        """The bodies of the listener's rules."""
        return self.bodies("listener-rules")

    @property
    def groups(self) -> dict[str, Body]:
        """The bodies of the target groups."""
        return self.bodies("target-groups")

    def bodies(self, kind: str) -> dict[str, Body]:
        """The bodies of a kind by name."""
        return {name: one.body for name, one in self.stack.resources.get(kind, {}).items()}


def subject_of(
    project: Project, target: Target, stack: Stack, account: str | None = None
) -> Subject:
    """The subject of a project's stack."""
    return Subject(project, target, stack, scope_of(stack, target, account), _works(stack))


def _works(stack: Stack) -> tuple[Work, ...]:
    kinds = stack.resources
    definitions = {name: one.body for name, one in kinds.get("task-definitions", {}).items()}
    found = []
    for name, one in kinds.get("services", {}).items():
        body = one.body
        daemon = body.get("schedulingStrategy") == "DAEMON"
        number = int(body.get("desiredCount", 1))
        found.append(Work(name, definitions[str(body["taskDefinition"])], body, number, daemon))
    for name, one in kinds.get("run-tasks", {}).items():
        found.append(
            Work(name, definitions[str(one.body["taskDefinition"])], one.body, 1, lasts=False)
        )
    for name, one in kinds.get("schedules", {}).items():
        said = one.body["Target"]["EcsParameters"]
        family = getattr(said["TaskDefinitionArn"], "name", "")
        if family in definitions:
            found.append(Work(name, definitions[family], _small(said), 1, lasts=False))
    return tuple(found)


def _small(said: Mapping[str, Any]) -> Body:
    """What EventBridge Scheduler says of a task, as ECS says it."""
    body: Body = {}
    if "LaunchType" in said:
        body["launchType"] = said["LaunchType"]
    if "CapacityProviderStrategy" in said:
        body["capacityProviderStrategy"] = said["CapacityProviderStrategy"]
    network = said.get("NetworkConfiguration", {}).get("awsvpcConfiguration")
    if network is not None:
        spelled = {key[0].lower() + key[1:]: value for key, value in network.items()}
        body["networkConfiguration"] = {"awsvpcConfiguration": spelled}
    return body
