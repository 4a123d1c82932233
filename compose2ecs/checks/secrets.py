"""What AWS has against secrets, credentials, and files of variables.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs.checks.model import Check, Found
from compose2ecs.checks.task import Task, missing, word
from compose2ecs.checks.values import DIGITS, LETTERS, objects, stray, text, unknown
from compose2ecs.report import ERROR

Container = dict[str, Any]

# ---------------------------------------------------------------------------- files

_FILES_MAX = 10


def environment_files(value: list[Any], at: str, container: Container, task: Task) -> Found:
    at = f"{at}.environmentFiles"
    if len(value) > _FILES_MAX:
        yield "D095", at, f"{len(value)} files of variables, and AWS takes {_FILES_MAX}"
    for index, file in objects(value):
        where = file.get("value")
        if not isinstance(where, str) or unknown(where):
            continue
        if not (where.startswith("arn:") and where.endswith(".env") and ":s3:" in where):
            said = f"{where!r} is not the ARN of an object in S3 whose name ends in .env"
            yield "D095", f"{at}[{index}].value", said
        yield from word(file.get("type"), ("s3",), f"{at}[{index}].type")


# ---------------------------------------------------------------------------- secrets

_PARAMETER = LETTERS + DIGITS + "_.-/"
_PARAMETER_MAX = 2048
_NO_ROLE = "the task has no execution role to {} with"


def secrets(value: list[Any], at: str, container: Container, task: Task) -> Found:
    if not value:
        return
    if not task.role:
        yield "D099", f"{at}.secrets", _NO_ROLE.format("read secrets")
    plain = {text(entry.get("name")) for _, entry in objects(container.get("environment"))}
    for index, secret in objects(value):
        path, own = f"{at}.secrets[{index}]", secret.get("name")
        if not own:
            yield "D211", f"{path}.name", "a variable has no name"
        elif isinstance(own, str):
            if own in plain:
                yield "D209", f"{path}.name", f"{own} is a variable and a secret or two secrets"
            plain.add(own)
        yield from value_from(secret.get("valueFrom"), f"{path}.valueFrom")


def value_from(value: Any, path: str) -> Found:
    """D098, where a secret is named in no form that ECS reads. What is named is never shown."""
    if isinstance(value, str) and not unknown(value):
        if fault := _value_fault(value):
            yield "D098", path, fault
    elif not isinstance(value, str):
        yield "D098", path, "nothing says where the secret is"


def _value_fault(value: str) -> str:
    if not value:
        return "nothing says where the secret is"
    parts = value.split(":")
    if parts[0] != "arn":
        if bad := stray(value, _PARAMETER):
            return (
                f"a parameter's name holds no {bad!r}, and what is in Secrets Manager needs its ARN"
            )
        return "" if len(value) <= _PARAMETER_MAX else "a parameter's name is shorter"
    service = parts[2] if len(parts) > 2 else ""
    if service == "ssm":
        good = len(parts) > 5 and parts[5].startswith("parameter/") and len(parts[5]) > 10
        return "" if good else "the ARN of a parameter ends in parameter/NAME"
    if service != "secretsmanager":
        return f"secrets are in SSM or Secrets Manager, and not in {service or 'an ARN'!r}"
    if len(parts) < 7 or parts[5] != "secret" or not parts[6]:
        return "the ARN of a secret ends in secret:NAME"
    if len(parts) == 7:
        return ""
    if len(parts) != 10:
        return "after the name come KEY:STAGE:VERSION, with all colons: secret:NAME:KEY::"
    return "a stage and a version exclude each other" if parts[8] and parts[9] else ""


def repository_credentials(value: Container, at: str, container: Container, task: Task) -> Found:
    path = f"{at}.repositoryCredentials"
    yield from missing(value, ("credentialsParameter",), path)
    if not task.role:
        yield "D099", path, _NO_ROLE.format("log in to the registry")


_CREDENTIAL_SPECS = ("credentialspec:arn:", "credentialspecdomainless:arn:")


def credential_specs(value: list[Any], at: str, container: Container, task: Task) -> Found:
    at = f"{at}.credentialSpecs"
    if len(value) > 1:
        yield "D223", at, f"{len(value)} credential specs, and AWS takes one"
    for index, spec in enumerate(value):
        if isinstance(spec, str) and not spec.startswith(_CREDENTIAL_SPECS) and not unknown(spec):
            said = f"{spec!r} is not credentialspec:ARN or credentialspecdomainless:ARN"
            yield "D223", f"{at}[{index}]", said


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
_SECRET = f"{_API}Secret.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D095",
        ERROR,
        "Up to 10 files of variables, each an object in S3 whose name ends in .env",
        f"{_API}EnvironmentFile.html",
    ),
    Check(
        "D098",
        ERROR,
        "A secret is the name or ARN of a parameter, or the ARN of a secret with or without :KEY:STAGE:VERSION",
        _SECRET,
        "colons stay where a later part is given: arn:aws:secretsmanager:...:secret:NAME:KEY::",
    ),
    Check(
        "D099",
        ERROR,
        "What ECS reads before a container starts, it reads with the execution role",
        f"{_GUIDE}task_execution_IAM_role.html",
        "x-ecs: {roles: {execution: ...}}, or executionRoleArn in the task definition",
    ),
    Check(
        "D209",
        ERROR,
        "The name of a secret is no other secret's and no variable's of the container",
        _SECRET,
        "remove one of the two",
    ),
    Check(
        "D223",
        ERROR,
        "One credential spec at most, the ARN of a parameter or an object in S3",
        f"{_API}ContainerDefinition.html",
    ),
)
