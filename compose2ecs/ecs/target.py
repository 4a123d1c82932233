"""Where the stack goes and by which names: settings, environment and the file's `x-ecs` in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.model import EMPTY, Project
from compose2ecs.compose.reading import Reading
from compose2ecs.ecs.extension import (
    Defaults,
    Deployment,
    Logs,
    NetworkFacts,
    ProjectFacts,
    Roles,
    is_name_pattern,
    project_facts,
)
from compose2ecs.report import Report
from compose2ecs.settings import BY_NAME

EC2 = "EC2"
DIRECT = "none"
DEFAULT_NAMES = "{stack}-{service}"
_CHOICES = {
    "launch_type": ("EC2", "FARGATE", "FARGATE_SPOT"),
    "layout": ("linked", "single"),
    "discovery": ("auto", "links", "service-connect", "none"),
}


class Target(NamedTuple):
    """Everything about AWS that translation needs to know; None is a fact that nobody gave."""

    stack: str
    cluster: str | None = None
    region: str | None = None
    vpc: str | None = None
    listener: str | None = None
    domain: str | None = None
    registry: str | None = None
    image_tag: str = "latest"
    names: str = DEFAULT_NAMES
    launch_type: str | None = None
    layout: str = "linked"
    discovery: str = "auto"
    network: NetworkFacts = NetworkFacts()
    roles: Roles = Roles()
    logs: Logs = Logs()
    defaults: Defaults = Defaults()
    deployment: Deployment = Deployment()
    placement: tuple[Mapping[str, str], ...] = ()
    tags: Mapping[str, str] = EMPTY
    execute_command: bool = False
    ignore: frozenset[str] = frozenset()
    facts: ProjectFacts = ProjectFacts()
    given_launch_type: bool = False  # by a flag or a variable, which a file's strategy gives way to


def target_of(
    project: Project,
    given: Mapping[str, str] = EMPTY,
    report: Report | None = None,
    *,
    image_tag: str = "latest",
) -> Target:
    """The target that a project's `x-ecs` describes, with what flags and variables say on top.

    `given` is what `compose2ecs.settings.given` makes of them: setting name to value.
    """
    report = Report() if report is None else report
    assert project.sources is not None
    reading = Reading(report, project.sources)
    if has_x_aws(project):
        from compose2ecs.ecs.retired.x_aws import understood

        project = understood(project)
    facts = project_facts(project.extensions, reading)

    def setting(name: str, written: str | None) -> str | None:
        return given.get(name) or written or given.get(name + "?")

    network = facts.network or NetworkFacts()
    for name in ("subnets", "security_groups"):
        if given.get(name):
            listed = tuple(part.strip() for part in given[name].split(",") if part.strip())
            network = network._replace(**{name: listed})  # type: ignore[arg-type]
    chosen: dict[str, Any] = {
        "cluster": setting("cluster", facts.cluster),
        "region": setting("region", facts.region),
        "vpc": setting("vpc", network.vpc),
        "listener": setting("listener", facts.listener),
        "domain": setting("domain", facts.domain),
        "registry": setting("registry", facts.registry),
        "names": setting("names", facts.names) or DEFAULT_NAMES,
        "launch_type": setting("launch_type", facts.launch_type),
        "layout": setting("layout", facts.layout) or "linked",
        "discovery": setting("discovery", facts.discovery) or "auto",
    }
    for name, choices in _CHOICES.items():
        if chosen[name] is not None and chosen[name] not in choices:
            report.add(
                codes.BAD_SETTING,
                setting=BY_NAME[name].flag,
                value=chosen[name],
                choices=", ".join(choices),
            )
    if not is_name_pattern(chosen["names"]):
        report.add(codes.BAD_NAMES, text=chosen["names"])
    registry = chosen["registry"]
    return Target(
        stack=project.name,
        **{**chosen, "registry": registry.rstrip("/") if registry else None},
        image_tag=image_tag,
        network=network,
        roles=facts.roles or Roles(),
        logs=facts.logs or Logs(),
        defaults=facts.defaults or Defaults(),
        deployment=facts.deployment or Deployment(),
        placement=facts.placement,
        tags=facts.tags,
        execute_command=bool(facts.execute_command),
        ignore=frozenset(facts.ignore),
        facts=facts,
        given_launch_type="launch_type" in given,
    )


def has_x_aws(project: Project) -> bool:
    """Whether a project may have keys for Docker's ECS integration, which few have."""
    assert project.sources is not None
    if any("x-aws-" in source.text for source in project.sources):
        return True
    named = [n.name or "" for n in project.networks.values() if n.external]
    named += [v.name or "" for v in project.volumes.values() if v.external]
    return any(name.startswith(("sg-", "fs-")) for name in named)
