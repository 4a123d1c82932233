"""Variables, secrets, configs, and what a private registry wants to know.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from __future__ import annotations

from collections.abc import Mapping

from compose2ecs import codes
from compose2ecs.compose.model import FileGrant, Secret
from compose2ecs.ecs.credentials import credentials_in
from compose2ecs.ecs.extension import PROJECT
from compose2ecs.ecs.scope import Scope
from compose2ecs.ecs.work import Work

KEYS = ("environment", "env_file", "secrets", "configs")
_FILE = "_FILE"


def apply(scope: Scope) -> None:
    service, container = scope.service, scope.container
    secrets = dict(scope.facts.secrets)
    replaced: Mapping[str, str] = {}
    if service.secrets:
        replaced = _granted(scope, secrets)
    given = {}
    for name, value in sorted(service.environment.items()):
        if name in secrets:
            if value is not None:
                scope.say(codes.SECRET_WINS, _key(scope), variable=name)
        elif name not in replaced:
            if value is None:
                scope.say(codes.VARIABLE_WITHOUT_VALUE, _key(scope), name=name)
            else:
                given[name] = value
    if given:
        container["environment"] = [{"name": n, "value": v} for n, v in given.items()]
        found = credentials_in(given)
        if found:
            names = ", ".join(found)
            scope.say(codes.PLAIN_CREDENTIALS, _key(scope), names=names, first=found[0])
    if secrets:
        container["secrets"] = [
            {"name": name, "valueFrom": source} for name, source in sorted(secrets.items())
        ]
        needs_execution_role(scope)
    for grant in service.configs:
        target = grant.target or f"/{grant.source}"
        scope.say_at(codes.CONFIG_LEFT_OUT, grant.place, name=grant.source, target=target)


def _key(scope: Scope) -> str:
    return "environment" if "environment" in scope.service.written else "env_file"


def needs_execution_role(scope: Scope) -> None:
    """ECS reads secrets with the execution role, so there must be one."""
    if not scope.task.get("executionRoleArn"):
        work = scope.work
        scope.task["executionRoleArn"] = work.reference(
            "execution-role", "", "x-ecs: {roles: {execution: ...}}"
        )


def registry_credentials(scope: Scope, secret: str) -> None:
    """The secret with which the image is pulled."""
    scope.container["repositoryCredentials"] = {"credentialsParameter": secret}
    needs_execution_role(scope)


# ---------------------------------------------------------------------------- secrets of Compose


def _granted(scope: Scope, secrets: dict[str, str]) -> dict[str, str]:
    """Add the secrets that a service is given to its variables, as far as ECS can read them.

    Gives the `..._FILE` variables in whose place those come, each with the path that it names.
    """
    environment = scope.service.environment
    replaced: dict[str, str] = {}
    by_variable: dict[str, str] = {}
    for grant in scope.service.secrets:
        target = grant.target or grant.source
        path = target if target.startswith("/") else f"/run/secrets/{target}"
        naming = sorted(name for name, value in environment.items() if value == path)
        file = next((name for name in naming if name.endswith(_FILE) and name != _FILE), None)
        variable = file.removesuffix(_FILE) if file else variable_of(target)
        source = scope.facts.secrets.get(variable)
        if source is None:
            source = _source(grant.source, scope.work)
            other = by_variable.setdefault(variable, grant.source)
            if source is not None and other != grant.source:
                scope.say_at(
                    codes.SECRETS_COLLIDE,
                    grant.place,
                    name=grant.source,
                    other=other,
                    variable=variable,
                )
        if source is None:
            _left_out(scope, grant, path, variable)
        elif file:
            scope.say_at(
                codes.SECRET_FOR_FILE, grant.place, name=grant.source, variable=variable, path=path
            )
            secrets[variable], replaced[file] = source, path
            naming.remove(file)
        else:
            scope.say_at(
                codes.SECRET_AS_VARIABLE,
                grant.place,
                name=grant.source,
                variable=variable,
                path=path,
            )
            secrets[variable] = source
        for name in naming:
            scope.say(
                codes.SECRET_FILE_NAMED, _key(scope), variable=name, path=path, instead=variable
            )
    return replaced


def variable_of(target: str) -> str:
    """The variable that takes the place of a secret's file.

    >>> variable_of("/run/secrets/db-password"), variable_of("2nd.key")
    ('DB_PASSWORD', '_2ND_KEY')
    """
    name = target.rstrip("/").rpartition("/")[2].upper()
    name = "".join(c if c.isascii() and c.isalnum() else "_" for c in name)
    return f"_{name}" if name[:1].isdigit() else name


def _source(key: str, work: Work) -> str | None:
    """Where ECS reads a secret: what its own `x-ecs` says, or the name of an external one."""
    if key in work.secret_sources:
        return work.secret_sources[key]
    secret: Secret = work.project.secrets[key]
    said = secret.extensions.get(PROJECT)
    found = None
    if said is not None or (secret.external and secret.name):
        from compose2ecs.compose.reading import Reading
        from compose2ecs.ecs.facts.secrets import named_source, value_from

        reading = Reading(work.report, work.sources)
        if said is not None:
            found = value_from(key, said, reading)
        else:
            place = secret.written.get("name", secret.place)
            found = named_source(key, secret.name, place, reading)
    work.secret_sources[key] = found
    return found


def _left_out(scope: Scope, grant: FileGrant, path: str, variable: str) -> None:
    secret = scope.work.project.secrets[grant.source]
    code = codes.SECRET_LEFT_OUT
    if secret.external:
        code = codes.SECRET_EXTERNAL
    elif secret.environment is not None:
        code = codes.SECRET_OF_ENVIRONMENT
    scope.say_at(code, grant.place, name=grant.source, path=path, variable=variable)
