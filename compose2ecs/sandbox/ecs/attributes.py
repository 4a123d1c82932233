"""What a task definition asks of an instance, and where it can run at all.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compose2ecs.limits import FARGATE_SIZES, LOG_DRIVERS

_AGENT = "ecs.capability."
_DOCKER = "com.amazonaws.ecs.capability."
_API = f"{_DOCKER}docker-remote-api."

# What the agent of a seeded instance says that it can do.
OF_INSTANCES = (
    *(f"{_API}1.{minor}" for minor in range(17, 26)),
    *(f"{_DOCKER}logging-driver.{driver}" for driver in sorted(LOG_DRIVERS)),
    f"{_DOCKER}privileged-container",
    f"{_DOCKER}ecr-auth",
    f"{_DOCKER}task-iam-role",
    f"{_DOCKER}task-iam-role-network-host",
    f"{_AGENT}execution-role-awslogs",
    f"{_AGENT}execution-role-ecr-pull",
    f"{_AGENT}secrets.ssm.environment-variables",
    f"{_AGENT}secrets.asm.environment-variables",
    f"{_AGENT}container-health-check",
    f"{_AGENT}container-ordering",
    f"{_AGENT}docker-plugin.local",
    f"{_AGENT}task-eni",
    f"{_AGENT}task-cpu-mem-limit",
    f"{_AGENT}pid-ipc-namespace-sharing",
    f"{_AGENT}efsAuth",
    f"{_AGENT}service-connect-v1",
)


def compatibilities(body: dict[str, Any]) -> list[str]:
    """The launch types that a definition can be used with."""
    mode = body.get("networkMode")
    required = body.get("requiresCompatibilities", [])
    found = ["EC2"]
    if mode != "awsvpc":
        found.insert(0, "EXTERNAL")
    if "FARGATE" in required or (mode == "awsvpc" and _fargate_size(body)):
        found.append("FARGATE")
    if "MANAGED_INSTANCES" in required:
        found.append("MANAGED_INSTANCES")
    return found


def _fargate_size(body: dict[str, Any]) -> bool:
    cpu, memory = body.get("cpu"), body.get("memory")
    if not isinstance(cpu, str) or not isinstance(memory, str):
        return False
    return cpu.isdigit() and memory.isdigit() and int(memory) in FARGATE_SIZES.get(int(cpu), ())


def required_attributes(body: dict[str, Any]) -> list[str]:
    """The attributes that an instance must have to run tasks of a definition."""
    return sorted(set(_required(body)))


def _required(body: dict[str, Any]) -> Iterator[str]:
    yield f"{_API}1.18"
    if body.get("taskRoleArn"):
        yield f"{_DOCKER}task-iam-role"
    if body.get("networkMode") == "awsvpc":
        yield f"{_AGENT}task-eni"
    if body.get("cpu") or body.get("memory"):
        yield f"{_AGENT}task-cpu-mem-limit"
    if body.get("pidMode") or body.get("ipcMode"):
        yield f"{_AGENT}pid-ipc-namespace-sharing"
    for volume in body.get("volumes", ()):
        driver = volume.get("dockerVolumeConfiguration", {}).get("driver")
        if "dockerVolumeConfiguration" in volume:
            yield f"{_AGENT}docker-plugin.{driver or 'local'}"
        if "efsVolumeConfiguration" in volume:
            yield f"{_AGENT}efsAuth"
    for container in body["containerDefinitions"]:
        yield from _of_container(container, bool(body.get("executionRoleArn")))


def _of_container(container: dict[str, Any], execution_role: bool) -> Iterator[str]:
    if container.get("memoryReservation"):
        yield f"{_API}1.21"
    if container.get("privileged"):
        yield f"{_DOCKER}privileged-container"
    if container.get("healthCheck"):
        yield f"{_AGENT}container-health-check"
    if container.get("dependsOn"):
        yield f"{_AGENT}container-ordering"
    if ".dkr.ecr." in container["image"]:
        yield f"{_AGENT}execution-role-ecr-pull" if execution_role else f"{_DOCKER}ecr-auth"
    driver = container.get("logConfiguration", {}).get("logDriver")
    if driver:
        yield f"{_DOCKER}logging-driver.{driver}"
        if driver == "awslogs" and execution_role:
            yield f"{_AGENT}execution-role-awslogs"
    for secret in container.get("secrets", ()):
        source = "asm" if ":secretsmanager:" in secret["valueFrom"] else "ssm"
        yield f"{_AGENT}secrets.{source}.environment-variables"
