"""The roles that tasks and AWS take on: they are there, may be taken on, and may do enough.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from compose2ecs.doctor.ask import Ask, is_denied
from compose2ecs.doctor.model import Found, failure, listed, ok, unknown, warning
from compose2ecs.doctor.subject import Subject
from compose2ecs.iam.roles import documents
from compose2ecs.iam.scope import Role, scope_of, sources
from compose2ecs.plan.errors import AwsError

LINKED = "AWSServiceRoleForECS"


def _roles(subject: Subject) -> list[Role]:
    found = {role.arn: role for named in subject.scope.roles.values() for role in named}
    return [role for arn, role in sorted(found.items()) if arn.startswith("arn:")]


def roles(subject: Subject, ask: Ask) -> Found:
    """The roles are there, and those may take them on who are to."""
    good = []
    for role in _roles(subject):
        found = ask.iam.role(role.name)
        if found is None:
            yield failure(
                f"there is no role {role.written}",
                "compose2ecs iam --trust -o DIR writes what it is made of, for aws iam create-role",
            )
        elif _path(found["Arn"]) != _path(role.arn):
            yield failure(
                f"the role that is meant by {role.written} is {found['Arn']}",
                "write its ARN: a name alone is one without a path",
            )
        elif not trusts(found.get("AssumeRolePolicyDocument"), role.taken_by):
            yield failure(
                f"{role.name} may not be taken on by {role.taken_by}",
                "compose2ecs iam --trust prints its trust policy, for aws iam"
                " update-assume-role-policy",
            )
        else:
            good.append(role.name)
    if _needs_linked(subject) and ask.iam.role(LINKED) is None:
        yield warning(
            f"there is no {LINKED}, with which ECS reaches load balancers and Cloud Map",
            "aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com",
        )
    if good:
        yield ok(f"{listed(good)} can be taken on")


def _path(arn: Any) -> str:
    return str(arn).partition(":role/")[2]


def _needs_linked(subject: Subject) -> bool:
    return any(
        (work.starts.get("loadBalancers") and not work.starts.get("role"))
        or work.connects
        or work.mode == "awsvpc"
        for work in subject.works
    )


def trusts(document: Any, service: str) -> bool:
    """Whether a trust policy lets a service take the role on; conditions are not looked at."""
    if isinstance(document, str):
        from urllib.parse import unquote

        document = json.loads(unquote(document))
    for one in _many((document or {}).get("Statement")):
        actions = [str(action).lower() for action in _many(one.get("Action"))]
        if one.get("Effect") != "Allow" or not {"sts:assumerole", "sts:*", "*"} & set(actions):
            continue
        principal = one.get("Principal")
        if principal == "*" or service in _many(_service(principal)):
            return True
    return False


def _service(principal: Any) -> Any:
    return principal.get("Service") if isinstance(principal, Mapping) else None


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def role_rights(subject: Subject, ask: Ask) -> Found:
    """The roles may do what the file makes them do, as far as IAM's simulation tells: pull images,
    read secrets, write logs, start tasks."""
    account = str(ask.looks.identity()["Account"])
    scope = scope_of(subject.stack, subject.target, account)
    good = []
    for name, one in documents(subject.stack, scope).items():
        if one.policy is None or not one.role.arn.startswith("arn:"):
            continue
        found = ask.iam.role(name)
        if found is None:
            continue  # the check of roles says so
        denied: dict[str, set[str]] = {}
        for statement in one.policy["Statement"]:
            arns = [_real(arn) for arn in statement["Resource"]]
            context = {
                key: value
                for keys in statement.get("Condition", {}).values()
                for key, value in keys.items()
            }
            refused = ask.iam.denied(str(found["Arn"]), statement["Action"], arns, context)
            for action, those in refused.items():
                denied.setdefault(action, set()).update(those)
        for action, all_ in sorted(denied.items()):
            yield failure(
                f"{name} may not {action} on {listed(all_, 2)}",
                "compose2ecs iam --trust prints the policy that it needs",
            )
        if not denied:
            good.append(name)
    if good:
        yield ok(f"{listed(good)} may do what the file needs")


def _real(arn: str) -> str:
    if arn == "*":
        return arn
    return arn.replace("??????", "a1b2c3").replace(":*", ":log-stream:a/b/c").replace("*", "1")


# ---------------------------------------------------------------------------- secrets


def secrets(subject: Subject, ask: Ask) -> Found:
    """Parameters and secrets that tasks read are there. No value is read."""
    named = sources(subject.stack)
    stored = [one for one in named if ":secretsmanager:" in one]
    parameters = [one for one in named if ":secretsmanager:" not in one]
    missing: list[str] = []
    far: list[str] = []
    blind: set[str] = set()
    here, elsewhere = _by_region(parameters, subject.region)
    far += elsewhere
    if here:
        try:
            known = ask.looks.parameters(here)
            missing += [one for one in here if one not in known]
        except AwsError as error:
            if not is_denied(error):
                raise
            blind.add("ssm:DescribeParameters")
            far += here
    here, elsewhere = _by_region(stored, subject.region)
    far += elsewhere
    for source in here:
        try:
            if not ask.looks.has_secret(":".join(source.split(":")[:7])):
                missing.append(source)
        except AwsError as error:
            if not is_denied(error):
                raise
            blind.add("secretsmanager:DescribeSecret")
            far.append(source)
    for source in sorted(missing):
        kind = "secret" if ":secretsmanager:" in source else "parameter"
        yield failure(f"there is no {kind} {source} in {subject.region}", _make(source))
    if far:
        fix = f"allow {listed(blind)} (compose2ecs iam --for doctor)" if blind else ""
        yield unknown(f"whether {listed(far)} is there", fix)
    elif named and not missing:
        yield ok(f"{len(named)} parameters and secrets are there")


def _make(source: str) -> str:
    if ":secretsmanager:" in source:
        return "aws secretsmanager create-secret, and write its ARN into the file"
    name = source.partition(":parameter")[2] if source.startswith("arn:") else source
    return f"aws ssm put-parameter --type SecureString --name {name} --value ..."


def _by_region(named: Iterable[str], region: str) -> tuple[list[str], list[str]]:
    here: list[str] = []
    elsewhere: list[str] = []
    for one in named:
        away = one.startswith("arn:") and one.split(":")[3] != region
        (elsewhere if away else here).append(one)
    return here, elsewhere
