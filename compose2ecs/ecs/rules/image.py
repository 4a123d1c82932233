"""Which image a container runs, and for which machine."""

from __future__ import annotations

import re

from compose2ecs import codes
from compose2ecs.compose.model import Service
from compose2ecs.ecs.rules.environment import registry_credentials
from compose2ecs.ecs.scope import Scope
from compose2ecs.ecs.work import Work

KEYS = ("image", "build", "platform")


def apply(scope: Scope) -> None:
    service = scope.service
    scope.container["image"] = image_of(service, scope.work)
    if scope.facts.registry_credentials:
        registry_credentials(scope, scope.facts.registry_credentials)
    if service.build is not None:
        if service.image:
            scope.work.once(
                codes.BUILD_AND_IMAGE, service.build.place, service, image=service.image
            )
        else:
            scope.say_at(codes.IMAGE_BUILT, service.build.place, image=scope.container["image"])
    if service.platform is not None:
        _platform(scope, service.platform, "platform")
    elif service.build is not None and len(service.build.platforms) == 1:
        _platform(scope, service.build.platforms[0], "build")
    if scope.group.launch.fargate and service.deploy is not None:
        _constrained(scope)


def image_of(service: Service, work: Work) -> str:
    """The image of a service; one that is only built gets the name under which it is pushed."""
    if service.image:
        return service.image
    registry = work.fact("registry")
    name = f"{work.project.name}-{service.key}".lower()
    # a repository's name has no runs of separators and none at its ends
    name = re.sub("[-_.]{2,}", "-", name)
    return f"{registry}/{name.strip('-_.')}:{work.target.image_tag}"


def _constrained(scope: Scope) -> None:
    """What a placement constraint asks of the machine, where Fargate chooses it."""
    deploy = scope.service.deploy
    assert deploy is not None
    for text in deploy.placement.constraints if deploy.placement is not None else ():
        left, found, machine = text.partition("==")
        if found and left.strip() == "node.platform.arch":
            _platform(scope, f"linux/{machine.strip()}", "deploy")


def _platform(scope: Scope, platform: str, key: str) -> None:
    system, _, rest = platform.partition("/")
    machine = rest.partition("/")[0]
    architecture = {
        "arm64": "ARM64",
        "aarch64": "ARM64",
        "amd64": "X86_64",
        "x86_64": "X86_64",
    }.get(machine or system)
    if system in ("linux", "arm64", "aarch64", "amd64", "x86_64") and architecture:
        known = scope.task.setdefault("runtimePlatform", {})
        if known and known["cpuArchitecture"] != architecture:
            scope.say(codes.PLATFORMS_DIFFER, key, platform=platform, task=scope.group.name)
            return
        known["cpuArchitecture"] = architecture
        known["operatingSystemFamily"] = "LINUX"
        return
    scope.say(codes.PLATFORM_UNKNOWN, key, platform=platform)
