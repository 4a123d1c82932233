"""The settings that a flag, an environment variable or the compose file may give: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Setting(NamedTuple):
    """`key` is its path in `x-ecs`; `also` names AWS's own variables for it."""

    name: str
    flag: str
    key: str
    help: str
    also: tuple[str, ...] = ()
    default: str | None = None

    @property
    def variable(self) -> str:
        return "COMPOSE2ECS_" + self.name.upper()

    @property
    def supplied_by(self) -> str:
        """How to give it, for the list of placeholders."""
        return f"{self.flag} or x-ecs: {{{_nested(self.key)}}}"


def _nested(key: str) -> str:
    outer, dot, inner = key.partition(".")
    return f"{outer}: {{{inner}: ...}}" if dot else f"{key}: ..."


SETTINGS = (
    Setting("cluster", "--cluster", "cluster", "The ECS cluster that the services run on."),
    Setting(
        "region",
        "--region",
        "region",
        "The AWS region.",
        also=("AWS_REGION", "AWS_DEFAULT_REGION"),
    ),
    Setting("vpc", "--vpc", "network.vpc", "The VPC of the target groups."),
    Setting(
        "subnets",
        "--subnets",
        "network.subnets",
        "Subnets of tasks with awsvpc networking, with commas between them.",
    ),
    Setting(
        "security_groups",
        "--security-groups",
        "network.security_groups",
        "Security groups of tasks with awsvpc networking, with commas between them.",
    ),
    Setting(
        "listener",
        "--listener",
        "listener",
        'ARN of the load balancer listener that gets the rules, or "none".',
    ),
    Setting("domain", "--domain", "domain", "The domain under which hosts are made."),
    Setting(
        "registry", "--registry", "registry", "Where built images are pushed: a registry prefix."
    ),
    Setting("names", "--names", "names", "How families, services and target groups are called."),
    Setting("launch_type", "--launch-type", "launch_type", "EC2, FARGATE or FARGATE_SPOT."),
    Setting("layout", "--layout", "layout", "linked, or single: everything in one task."),
    Setting(
        "discovery",
        "--discovery",
        "discovery",
        "How services find each other: auto, links, service-connect or none.",
    ),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}


def given(flags: Mapping[str, str | None], environment: Mapping[str, str]) -> dict[str, str]:
    """What flags and environment variables say; a flag wins. AWS's own variables come last, after
    the file, and are under their setting's name with a `?` behind it."""
    found: dict[str, str] = {}
    for setting in SETTINGS:
        value = flags.get(setting.name) or environment.get(setting.variable)
        if value:
            found[setting.name] = value
        for name in setting.also:
            if environment.get(name):
                found.setdefault(setting.name + "?", environment[name])
    return found
