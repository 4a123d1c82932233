"""What a task asks of an instance: attributes by which agents say what they can do.

Only what an agent lacks in practice is here: an old agent, a driver or a feature that is turned
off, another processor.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html
"""

from __future__ import annotations

from collections.abc import Iterator

from compose2ecs.doctor.subject import Body, Work

_AGENT = "ecs.capability."
_DOCKER = "com.amazonaws.ecs.capability."
_ARCHITECTURES = {"X86_64": "x86_64", "ARM64": "arm64"}


def required(work: Work) -> set[tuple[str, str]]:
    """Attributes, each with its value where that matters and an empty text where it does not."""
    return {(name, "") for name in _named(work)} | set(_valued(work.task))


def _valued(task: Body) -> Iterator[tuple[str, str]]:
    platform = task.get("runtimePlatform", {})
    if platform.get("cpuArchitecture") in _ARCHITECTURES:
        yield "ecs.cpu-architecture", _ARCHITECTURES[platform["cpuArchitecture"]]
    family = str(platform.get("operatingSystemFamily", ""))
    if family:
        yield "ecs.os-type", "windows" if family.startswith("WINDOWS") else "linux"


def _named(work: Work) -> Iterator[str]:
    task = work.task
    if task.get("taskRoleArn"):
        host = "-network-host" if work.mode == "host" else ""
        yield f"{_DOCKER}task-iam-role{host}"
    if work.mode == "awsvpc":
        yield f"{_AGENT}task-eni"
    if task.get("cpu") or task.get("memory"):
        yield f"{_AGENT}task-cpu-mem-limit"
    if task.get("pidMode") or task.get("ipcMode"):
        yield f"{_AGENT}pid-ipc-namespace-sharing"
    if work.connects:
        yield f"{_AGENT}service-connect-v1"
    if work.starts.get("enableExecuteCommand"):
        yield f"{_AGENT}execute-command"
    for volume in task.get("volumes", ()):
        docker = volume.get("dockerVolumeConfiguration")
        if docker is not None:
            yield f"{_AGENT}docker-plugin.{docker.get('driver') or 'local'}"
        if "efsVolumeConfiguration" in volume:
            yield f"{_AGENT}efsAuth"  # older agents that have the other one alone are long gone
    for container in work.containers:
        yield from _of_container(container, bool(task.get("executionRoleArn")))


def _of_container(container: Body, execution_role: bool) -> Iterator[str]:
    if container.get("privileged"):
        yield f"{_DOCKER}privileged-container"
    if container.get("healthCheck"):
        yield f"{_AGENT}container-health-check"
    if container.get("dependsOn"):
        yield f"{_AGENT}container-ordering"
    if ".dkr.ecr." in str(container.get("image", "")):
        yield f"{_AGENT}execution-role-ecr-pull" if execution_role else f"{_DOCKER}ecr-auth"
    if container.get("repositoryCredentials"):
        yield f"{_AGENT}private-registry-authentication.secretsmanager"
    driver = container.get("logConfiguration", {}).get("logDriver")
    if driver and driver != "awsfirelens":
        yield f"{_DOCKER}logging-driver.{driver}"
        if driver == "awslogs" and execution_role:
            yield f"{_AGENT}execution-role-awslogs"
    for secret in container.get("secrets", ()):
        kind = "asm" if ":secretsmanager:" in secret["valueFrom"] else "ssm"
        yield f"{_AGENT}secrets.{kind}.environment-variables"
