"""The roles that tasks and AWS take on: who may take each on, and what it may do then.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from compose2ecs.ecs.model import Stack
from compose2ecs.iam import rights
from compose2ecs.iam.policy import Policy, document, statement
from compose2ecs.iam.scope import (
    ANY,
    SCHEDULER,
    TASKS,
    Condition,
    Role,
    Scope,
    containers_of,
    log_group_arn,
    log_groups,
    repositories,
    repository_arn,
    secret_arn,
    sources,
    tasks_of,
)

_MANAGED = {
    "service": "service-role/AmazonEC2ContainerServiceRole",
    "volumes": "service-role/AmazonECSInfrastructureRolePolicyForVolumes",
}


class Documents(NamedTuple):
    """What a role is made of. `policy` is None for one that needs no rights, or that has a policy
    of AWS's, `managed`."""

    role: Role
    trust: Policy
    policy: Policy | None = None
    managed: str = ""


def documents(stack: Stack, scope: Scope) -> dict[str, Documents]:
    """The documents of all roles of a stack, by their names, sorted. A role that tasks have as both
    of theirs has the rights of both."""
    found: dict[str, Documents] = {}
    statements: dict[str, list[dict[str, Any]]] = {}
    for kind, make in _MAKERS.items():
        for role in scope.roles[kind]:
            found[role.arn] = Documents(role, trust(scope, role.taken_by))
            statements.setdefault(role.arn, []).extend(make(stack, scope, role))
    for kind, managed in _MANAGED.items():
        for role in scope.roles[kind]:
            arn = f"arn:{scope.partition}:iam::aws:policy/{managed}"
            found[role.arn] = Documents(role, trust(scope, role.taken_by), managed=arn)
    full = {
        arn: one._replace(policy=document(_joined(statements[arn]))) if statements.get(arn) else one
        for arn, one in found.items()
    }
    return {one.role.name: one for _, one in sorted(full.items())}


def _joined(statements: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return sorted((dict(one) for one in statements), key=lambda one: str(one["Sid"]))


def trust(scope: Scope, service: str) -> Policy:
    """Lets a service take a role on, for this account's resources where the account is known."""
    found: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    condition: dict[str, Any] = {}
    if scope.account != ANY and service in (TASKS, SCHEDULER):
        if service == TASKS:
            condition["ArnLike"] = {"aws:SourceArn": scope.arn("ecs", "*")}
        condition["StringEquals"] = {"aws:SourceAccount": scope.account}
    if condition:
        found["Condition"] = condition
    return document([found])


def _bodies(stack: Stack, key: str, role: Role) -> list[dict[str, Any]]:
    return [body for body in tasks_of(stack) if str(body.get(key, "")) == role.written]


def _only(stack: Stack, bodies: list[dict[str, Any]]) -> Stack:
    """The stack with these task definitions alone."""
    definitions = {
        name: one
        for name, one in stack.resources["task-definitions"].items()
        if any(one.body is body for body in bodies)
    }
    return stack._replace(resources={**stack.resources, "task-definitions": definitions})


def execution(stack: Stack, scope: Scope, role: Role) -> list[dict[str, Any]]:
    """What ECS does before the containers run: images, secrets, log streams."""
    part = _only(stack, _bodies(stack, "executionRoleArn", role))
    found = []
    images = {repository_arn(one, scope) for one in repositories(part)}
    if images:
        found.append(statement("SignInToRegistry", ["ecr:GetAuthorizationToken"], [ANY]))
        pulls = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
        found.append(statement("PullImages", [f"ecr:{pull}" for pull in pulls], images))
    named = sources(part)
    stored = [secret_arn(one, scope) for one in named if ":secretsmanager:" in one]
    parameters = [secret_arn(one, scope) for one in named if ":secretsmanager:" not in one]
    if stored:
        found.append(statement("ReadSecrets", ["secretsmanager:GetSecretValue"], stored))
    if parameters:
        found.append(statement("ReadParameters", ["ssm:GetParameters"], parameters))
    groups = log_groups(part)
    if groups:
        streams = [log_group_arn(one, scope) for one in groups]
        writes = ["logs:CreateLogStream", "logs:PutLogEvents"]
        found.append(statement("WriteLogs", writes, streams))
    made = [log_group_arn(one, scope) for one in groups if one.by_driver]
    if made:
        found.append(statement("MakeLogGroups", ["logs:CreateLogGroup"], made))
    files = sorted(_environment_files(part))
    if files:
        buckets = {arn.partition("/")[0] for arn in files}
        found.append(statement("ReadEnvironmentFiles", ["s3:GetObject"], files))
        found.append(statement("FindEnvironmentFiles", ["s3:GetBucketLocation"], buckets))
    return found


def _environment_files(stack: Stack) -> set[str]:
    return {
        str(file["value"]) for c in containers_of(stack) for file in c.get("environmentFiles", ())
    }


def task(stack: Stack, scope: Scope, role: Role) -> list[dict[str, Any]]:
    """What ECS needs of the role that the containers have. What the programs in them do is not in
    the file, and is to be added."""
    bodies = _bodies(stack, "taskRoleArn", role)
    families = {body["family"] for body in bodies}
    found = []
    if any(
        str(one.body.get("taskDefinition")) in families and one.body.get("enableExecuteCommand")
        for kind in ("services", "run-tasks")
        for one in stack.resources.get(kind, {}).values()
    ):
        channels = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel")
        actions = [f"ssmmessages:{name}" for name in (*channels, "OpenDataChannel")]
        found.append(statement("LetExecIn", actions, [ANY]))
    for number, (arn, point) in enumerate(sorted(_mounted(bodies, scope)), 1):
        through: Condition = {"StringEquals": {"elasticfilesystem:AccessPointArn": point}}
        condition = through if point else None
        mounts = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        found.append(statement(f"MountFileSystem{number}", mounts, [arn], condition))
    return found


def _mounted(bodies: list[dict[str, Any]], scope: Scope) -> set[tuple[str, str]]:
    """File systems that are mounted with the task's role, and the access points."""
    found = set()
    for body in bodies:
        for volume in body.get("volumes", ()):
            said = volume.get("efsVolumeConfiguration", {})
            how = said.get("authorizationConfig", {})
            if how.get("iam") == "ENABLED":
                point = how.get("accessPointId", "")
                arn = scope.arn("elasticfilesystem", f"access-point/{point}") if point else ""
                system = said["fileSystemId"]
                found.add((scope.arn("elasticfilesystem", f"file-system/{system}"), arn))
    return found


def scheduler(stack: Stack, scope: Scope, role: Role) -> list[dict[str, Any]]:
    """What EventBridge Scheduler does: it starts tasks of the scheduled families."""
    families, passed = set(), set()
    definitions = stack.resources.get("task-definitions", {})
    for one in stack.resources.get("schedules", {}).values():
        target = one.body["Target"]
        if str(target.get("RoleArn", "")) != role.written:
            continue
        reference = target["EcsParameters"]["TaskDefinitionArn"]
        family = (
            getattr(reference, "name", "") or str(reference).rpartition("/")[2].partition(":")[0]
        )
        families.add(family)
        if family in definitions:
            body = definitions[family].body
            passed |= {str(body[key]) for key in ("executionRoleArn", "taskRoleArn") if key in body}
    arns = [
        r.arn for kind in ("execution", "task") for r in scope.roles[kind] if r.written in passed
    ]
    runs = [scope.arn("ecs", f"task-definition/{family}:*") for family in sorted(families)]
    tasks = scope.arns["tasks"]
    tagging: Condition = {"StringEquals": {"ecs:CreateAction": ["RunTask"]}}
    found = [
        statement("RunTasks", ["ecs:RunTask"], runs, scope.condition(rights.CLUSTER)),
        statement("TagTasks", ["ecs:TagResource"], tasks, tagging),
    ]
    if arns:
        found.append(
            statement("PassRoles", ["iam:PassRole"], arns, scope.condition(rights.TO_TASKS))
        )
    return found


_MAKERS = {"execution": execution, "task": task, "scheduler": scheduler}
