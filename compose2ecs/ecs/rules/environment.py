"""Variables, secrets and configs."""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.compose.model import FileGrant
from compose2ecs.ecs.scope import Scope

KEYS = ("environment", "env_file", "secrets", "configs")


def apply(scope: Scope) -> None:
    service, container = scope.service, scope.container
    secrets = scope.facts.secrets
    if service.environment:
        given = []
        for name, value in sorted(service.environment.items()):
            if name in secrets:
                continue
            if value is None:
                scope.say(codes.VARIABLE_WITHOUT_VALUE, "environment", name=name)
            else:
                given.append({"name": name, "value": value})
        if given:
            container["environment"] = given
    if secrets:
        container["secrets"] = [
            {"name": name, "valueFrom": source} for name, source in sorted(secrets.items())
        ]
        _needs_execution_role(scope)
    for grant in service.secrets:
        _secret(scope, grant)
    for grant in service.configs:
        target = grant.target or f"/{grant.source}"
        scope.say_at(codes.CONFIG_LEFT_OUT, grant.place, name=grant.source, target=target)


def _needs_execution_role(scope: Scope) -> None:
    """ECS reads secrets with the execution role, so there must be one."""
    if not scope.task.get("executionRoleArn"):
        work = scope.work
        scope.task["executionRoleArn"] = work.reference(
            "execution-role", "", "x-ecs: {roles: {execution: ...}}"
        )


def _secret(scope: Scope, grant: FileGrant) -> None:
    secret = scope.work.project.secrets[grant.source]
    target = grant.target or grant.source
    path = target if target.startswith("/") else f"/run/secrets/{target}"
    code = codes.SECRET_LEFT_OUT
    if secret.external:
        code = codes.SECRET_EXTERNAL
    elif secret.environment is not None:
        code = codes.SECRET_OF_ENVIRONMENT
    scope.say_at(code, grant.place, name=grant.source, path=path)
