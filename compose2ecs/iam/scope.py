"""What a stack's names are in policies: patterns of ARNs by kind of resource, and conditions.

What nobody said, the account for example, is a `*`, and noted.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from compose2ecs.ecs.model import Ref, Stack
from compose2ecs.ecs.target import DIRECT, Target
from compose2ecs.iam import rights
from compose2ecs.names import ecs_name
from compose2ecs.plan import tags

Condition = dict[str, dict[str, str | list[str]]]
TASKS, ECS, SCHEDULER = "ecs-tasks.amazonaws.com", "ecs.amazonaws.com", "scheduler.amazonaws.com"
ANY = "*"
_GROUP_CUT = 23  # characters of a target group's name that a cut one keeps
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):[a-z0-9-]*:(?P<region>[a-z0-9-]*):(?P<account>\d{12}):"
)
_REGISTRY = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com"
)
_SUFFIX = re.compile("-[A-Za-z0-9]{6}$")
_SCALING_ROLE = (
    "aws-service-role/ecs.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_ECSService"
)


class Repository(NamedTuple):
    """A repository of Amazon ECR, and which image of it is meant: a tag, or `sha256:...`."""

    account: str
    region: str
    name: str
    image: str = "latest"


class LogGroup(NamedTuple):
    """A log group that containers write to; an empty region is the stack's. `by_driver` is made by
    whoever writes to it first."""

    name: str
    region: str = ""
    by_driver: bool = False


class Role(NamedTuple):
    """A role that tasks or AWS take on: as it is written, its ARN, and who takes it on."""

    written: str
    arn: str
    taken_by: str

    @property
    def name(self) -> str:
        """Its name; a placeholder's is the placeholder."""
        return self.arn.rpartition("/")[2] if self.arn.startswith("arn:") else self.arn


class Scope(NamedTuple):
    """Where a stack is: `arns` are patterns by kind of resource, `features` what it has."""

    project: str
    stack: str
    partition: str
    region: str
    account: str
    cluster: str
    arns: Mapping[str, tuple[str, ...]]
    features: frozenset[str]
    roles: Mapping[str, tuple[Role, ...]]  # by what they are for
    notes: tuple[str, ...]

    def arn(self, service: str, rest: str) -> str:
        """An ARN in the stack's account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"

    def condition(self, name: str) -> Condition:
        """The condition of a right, by its name; empty for none."""
        return _conditions(self)[name]


def scope_of(stack: Stack, target: Target, account: str | None = None) -> Scope:
    """The scope of a stack. `account` wins over what ARNs of the stack say."""
    said = _said(stack, target)
    region = target.region or said.get("region") or ANY
    partition = said.get("partition") or partition_of(region)
    account = account or said.get("account") or ANY
    cluster = (target.cluster or ANY).rpartition("/")[2]
    roles = _roles(stack, partition, account)
    empty = Scope(
        stack.project,
        stack.name,
        partition,
        region,
        account,
        cluster,
        {},
        _features(stack, roles),
        roles,
        (),
    )
    scope = empty._replace(arns=_arns(empty, stack, target))
    return scope._replace(notes=tuple(_notes(scope, stack, target)))


def partition_of(region: str) -> str:
    """The partition that a region belongs to.

    >>> partition_of("eu-west-1"), partition_of("cn-north-1"), partition_of("us-gov-west-1")
    ('aws', 'aws-cn', 'aws-us-gov')
    """
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _said(stack: Stack, target: Target) -> dict[str, str]:
    """Account, region and partition in the ARNs that people wrote; the first one counts."""
    written = [target.cluster, target.listener, *_strings(stack.resources)]
    found: dict[str, str] = {}
    for text in written:
        match = _ARN.match(text or "")
        if match is not None:
            found.setdefault("partition", match["partition"])
            found.setdefault("account", match["account"])
    registry = _REGISTRY.match(target.registry or "")
    if registry is not None:
        found.setdefault("account", registry["account"])
    listener = _ARN.match(target.listener or "")
    if listener is not None:
        found["region"] = listener["region"]
    return found


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key in sorted(value, key=str):
            yield from _strings(value[key])
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _strings(item)


# ---------------------------------------------------------------------------- what it has


def tasks_of(stack: Stack) -> list[dict[str, Any]]:
    """The bodies of all task definitions."""
    return [one.body for one in stack.resources.get("task-definitions", {}).values()]


def containers_of(stack: Stack) -> list[dict[str, Any]]:
    """All containers of all task definitions."""
    return [c for body in tasks_of(stack) for c in body.get("containerDefinitions", ())]


def _role_arn(written: str, partition: str, account: str) -> str:
    if written.startswith("arn:") or isinstance(written, Ref):
        return str(written)
    return f"arn:{partition}:iam::{account}:role/{written.lstrip('/')}"


def _roles(stack: Stack, partition: str, account: str) -> dict[str, tuple[Role, ...]]:
    """Roles by what they are for, each once."""
    found: dict[str, dict[str, Role]] = {
        kind: {} for kind in ("execution", "task", "service", "volumes", "scheduler")
    }

    def add(kind: str, written: Any, taken_by: str) -> None:
        if written:
            arn = _role_arn(written, partition, account)
            found[kind][arn] = Role(str(written), arn, taken_by)

    for body in tasks_of(stack):
        add("execution", body.get("executionRoleArn"), TASKS)
        add("task", body.get("taskRoleArn"), TASKS)
    for kind in ("services", "run-tasks"):
        for one in stack.resources.get(kind, {}).values():
            add("service", one.body.get("role"), ECS)
            for volume in one.body.get("volumeConfigurations", ()):
                add("volumes", volume.get("managedEBSVolume", {}).get("roleArn"), ECS)
    for one in stack.resources.get("schedules", {}).values():
        add("scheduler", one.body["Target"].get("RoleArn"), SCHEDULER)
    return {kind: tuple(r for _, r in sorted(named.items())) for kind, named in found.items()}


def _features(stack: Stack, roles: Mapping[str, tuple[Role, ...]]) -> frozenset[str]:
    kinds = stack.resources
    found = {
        "rules": "listener-rules" in kinds,
        "groups": "target-groups" in kinds,
        "cognito": any(
            action.get("Type") == "authenticate-cognito"
            for rule in kinds.get("listener-rules", {}).values()
            for action in rule.body["Actions"]
        ),
        "logs": "log-groups" in kinds,
        "retention": "log-group-retention" in kinds,
        "namespaces": "namespaces" in kinds,
        "scaling": "scalable-targets" in kinds,
        "schedules": "schedules" in kinds,
        "once": any(
            str(run.body.get("startedBy", "")).endswith("/once")
            for run in kinds.get("run-tasks", {}).values()
        ),
        "roles": bool(roles["execution"] or roles["task"]),
        "service-roles": bool(roles["service"] or roles["volumes"]),
        "scheduler-roles": bool(roles["scheduler"]),
        "ecr": bool(repositories(stack)),
        "parameters": any(":secretsmanager:" not in source for source in sources(stack)),
        "secrets": any(":secretsmanager:" in source for source in sources(stack)),
        "efs": bool(file_systems(stack)),
    }
    return frozenset(name for name, has in found.items() if has)


def sources(stack: Stack) -> list[str]:
    """Where secrets are, as containers and their registries name them; sorted, each once."""
    found = set()
    for container in containers_of(stack):
        found |= {secret["valueFrom"] for secret in container.get("secrets", ())}
        options = container.get("logConfiguration", {}).get("secretOptions", ())
        found |= {secret["valueFrom"] for secret in options}
        registry = container.get("repositoryCredentials", {}).get("credentialsParameter")
        found |= {registry} if registry else set()
    return sorted(found)


def repositories(stack: Stack) -> list[Repository]:
    """The images that are in Amazon ECR; sorted, each once."""
    found = set()
    for container in containers_of(stack):
        repository = repository_of(str(container.get("image", "")))
        found |= {repository} if repository is not None else set()
    return sorted(found)


def repository_of(image: str) -> Repository | None:
    """The repository of an image in a private registry of Amazon ECR.

    >>> repository_of("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:3")
    Repository(account='123456789012', region='eu-west-1', name='shop/web', image='3')
    """
    host, _, rest = image.partition("/")
    match = _REGISTRY.match(host)
    if match is None or not rest:
        return None
    path, at, digest = rest.partition("@")
    name, colon, tag = path.partition(":")
    which = digest if at else tag if colon else "latest"
    return Repository(match["account"], match["region"], name, which)


def log_groups(stack: Stack) -> list[LogGroup]:
    """The groups that containers write to; sorted, each once."""
    found = set()
    for container in containers_of(stack):
        logs = container.get("logConfiguration", {})
        options = logs.get("options", {})
        if logs.get("logDriver") != "awslogs" or not options.get("awslogs-group"):
            continue
        region = options.get("awslogs-region") or ""
        known = "" if isinstance(region, Ref) else str(region)
        makes = str(options.get("awslogs-create-group", "")).lower() == "true"
        found.add(LogGroup(str(options["awslogs-group"]), known, makes))
    return sorted(found)


def file_systems(stack: Stack) -> list[dict[str, Any]]:
    """The EFS volumes of all tasks, as ECS names them."""
    return [
        volume["efsVolumeConfiguration"]
        for body in tasks_of(stack)
        for volume in body.get("volumes", ())
        if "efsVolumeConfiguration" in volume
    ]


def secret_arn(source: str, scope: Scope) -> str:
    """The ARN of a secret or a parameter that a container names, without the key in it. AWS puts six
    characters behind the name of a secret; where they are not written, any will do."""
    if not source.startswith("arn:"):
        return scope.arn("ssm", f"parameter/{source.lstrip('/')}")
    found = ":".join(source.split(":")[:7])
    if ":secretsmanager:" in found and not _SUFFIX.search(found):
        return f"{found}-??????"
    return found


# ---------------------------------------------------------------------------- names


def _patterns(names: Iterable[str], prefix: str, cut: int = 0) -> tuple[str, ...]:
    """One pattern for the names that begin as the stack's do, and each other name by itself."""
    if cut and len(prefix) >= cut:
        prefix = prefix[:cut].rstrip("-")
    pattern = f"{prefix}*" if prefix else ""
    names = sorted(set(names))
    others = [name for name in names if not pattern or not fnmatchcase(name, pattern)]
    if cut:  # one that is made anew has four digits behind what its name keeps
        others = sorted({f"{name[:27].rstrip('-')}*" for name in others})
    return ((pattern,) if pattern else ()) + tuple(others)


def prefix_of(target: Target, project: str) -> str:
    """How all names of a stack begin; empty where they have nothing in common."""
    prefix = target.names.partition("{service}")[0]
    return prefix.replace("{stack}", target.stack).replace("{project}", project)


def _arns(scope: Scope, stack: Stack, target: Target) -> dict[str, tuple[str, ...]]:
    kinds, cluster = stack.resources, scope.cluster
    prefix = prefix_of(target, stack.project)
    ecs = ecs_name(prefix) if prefix else ""
    balanced = "".join(c if c.isalnum() and c.isascii() else "-" for c in prefix)
    families = _patterns(kinds.get("task-definitions", ()), ecs)
    services = _patterns(kinds.get("services", ()), ecs)
    groups = _patterns(kinds.get("target-groups", ()), balanced.lstrip("-"), _GROUP_CUT)
    schedules = _patterns(kinds.get("schedules", ()), ecs)
    made = sorted(body.body["logGroupName"] for body in kinds.get("log-groups", {}).values())
    roles = scope.roles
    read = _unique(log_group_arn(one, scope) for one in log_groups(stack))
    arn = scope.arn
    elb = "elasticloadbalancing"
    iam = f"arn:{scope.partition}:iam::{scope.account}"
    return {
        "*": (ANY,),
        "cluster": (arn("ecs", f"cluster/{cluster}"),),
        "services": tuple(arn("ecs", f"service/{cluster}/{name}") for name in services),
        "tasks": (arn("ecs", f"task/{cluster}/*"),),
        "instances": (arn("ecs", f"container-instance/{cluster}/*"),),
        "providers": (arn("ecs", "capacity-provider/*"),),
        "families": tuple(arn("ecs", f"task-definition/{name}:*") for name in families),
        "groups": tuple(arn(elb, f"targetgroup/{name}/*") for name in groups),
        "listeners": tuple(arn(elb, f"listener/{path}") for path in _listeners(target)),
        "rules": tuple(arn(elb, f"listener-rule/{path}/*") for path in _listeners(target)),
        # what once was the stack's, on another listener or under another name, is told by its tags
        "own-rules": (arn(elb, "listener-rule/app/*"),),
        "own-log-groups": (arn("logs", "log-group:*"),),
        # AWS has the ARN of a log group in two forms: with `:*` for all that is not about tags
        "log-groups": tuple(arn("logs", f"log-group:{name}:*") for name in made),
        "log-group-tags": tuple(arn("logs", f"log-group:{name}") for name in made),
        "read-log-groups": read,
        "namespaces": (arn("servicediscovery", "namespace/*"),),
        "scalable-targets": (arn("application-autoscaling", "scalable-target/*"),),
        "alarms": (arn("cloudwatch", "alarm:*"),),
        "schedules": tuple(arn("scheduler", f"schedule/default/{name}") for name in schedules),
        "task-roles": _unique(role.arn for kind in ("execution", "task") for role in roles[kind]),
        "service-roles": _unique(
            role.arn for kind in ("service", "volumes") for role in roles[kind]
        ),
        "scheduler-roles": _unique(role.arn for role in roles["scheduler"]),
        "scaling-role": (f"{iam}:role/{_SCALING_ROLE}",),
        "all-roles": (f"{iam}:role/*",),
        "principals": (f"{iam}:role/*", f"{iam}:user/*"),
        "certificates": (arn("acm", "certificate/*"),),
        "repositories": _unique(repository_arn(one, scope) for one in repositories(stack)),
        "secrets": _unique(
            secret_arn(source, scope) for source in sources(stack) if ":secretsmanager:" in source
        ),
    }


def log_group_arn(group: LogGroup, scope: Scope, tail: str = ":*") -> str:
    """The ARN of a log group, in the form that all actions take which are not about tags."""
    return scope._replace(region=group.region or scope.region).arn(
        "logs", f"log-group:{group.name}{tail}"
    )


def repository_arn(repository: Repository, scope: Scope) -> str:
    """The ARN of a repository."""
    account, region, name = repository[:3]
    return f"arn:{scope.partition}:ecr:{region}:{account}:repository/{name}"


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def _listeners(target: Target) -> tuple[str, ...]:
    """What follows `listener/` in the ARN of the listener, as far as it is known."""
    if target.listener and target.listener != DIRECT:
        return (target.listener.partition(":listener/")[2],)
    balancer = target.facts.load_balancer
    return (f"app/{balancer.name if balancer is not None else ANY}/*/*",)


def _notes(scope: Scope, stack: Stack, target: Target) -> Iterator[str]:
    if scope.account == ANY:
        yield "the account is not known, so ARNs have a * in its place: --account ID narrows them"
    if scope.region == ANY:
        yield "the region is not known, so ARNs have a * in its place: --region narrows them"
    if scope.cluster == ANY:
        yield "the cluster is not known, so the policy is for all of them: --cluster narrows it"
    if target.listener is None and "rules" in scope.features:
        yield "the listener is not known, so rules may be made on others: --listener narrows it"
    if not prefix_of(target, stack.project):
        yield (
            "the names of this project have no common beginning, so each is listed: a service that"
            " is added needs a new policy"
        )
    for role in sorted({r.arn for named in scope.roles.values() for r in named}):
        if not role.startswith("arn:"):
            yield f"{role} is not known: {stack.placeholders.get(role, 'put its ARN there')}"


# ---------------------------------------------------------------------------- conditions


def _conditions(scope: Scope) -> dict[str, Condition]:
    cluster: Condition = {"ArnLike": {"ecs:cluster": scope.arn("ecs", f"cluster/{scope.cluster}")}}
    ours = {tags.PROJECT: scope.project, tags.STACK: scope.stack}
    made: dict[str, str | list[str]] = {f"aws:RequestTag/{k}": v for k, v in ours.items()}
    owned: dict[str, str | list[str]] = {f"aws:ResourceTag/{k}": v for k, v in ours.items()}
    scales: dict[str, str | list[str]] = {"application-autoscaling:service-namespace": "ecs"}

    def equals(values: dict[str, str | list[str]]) -> Condition:
        return {"StringEquals": dict(sorted(values.items()))}

    def passed_to(service: str) -> Condition:
        return equals({"iam:PassedToService": service})

    return {
        rights.FREE: {},
        rights.CLUSTER: cluster,
        rights.MADE: equals(made),
        rights.OWNED: equals(owned),
        rights.MADE_ECS: equals(
            {**made, "ecs:CreateAction": ["CreateService", "RegisterTaskDefinition", "RunTask"]}
        ),
        rights.MADE_ELB: equals(
            {**made, "elasticloadbalancing:CreateAction": ["CreateRule", "CreateTargetGroup"]}
        ),
        rights.SCALES_MADE: equals({**made, **scales}),
        rights.LINKED: equals({"iam:AWSServiceName": "ecs.application-autoscaling.amazonaws.com"}),
        rights.TO_TASKS: passed_to(TASKS),
        rights.TO_ECS: passed_to(ECS),
        rights.TO_SCHEDULER: passed_to(SCHEDULER),
    }
