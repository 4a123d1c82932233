"""IAM and STS as far as a deployment asks them: roles, who we are, and what we may do.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html and
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from urllib.parse import quote

from compose2ecs.sandbox import tags
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.paging import page
from compose2ecs.sandbox.states import Role
from compose2ecs.sandbox.world import Body, Handler, World

TASKS = "ecs-tasks.amazonaws.com"
EXECUTION_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
_PAGE = 100


def trust(service: str) -> str:
    """The policy that lets a service take a role."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def add_role(world: World, name: str, service: str = TASKS, path: str = "/") -> str:
    """Make a role that a service may take; the ARN."""
    asked = {"RoleName": name, "AssumeRolePolicyDocument": trust(service), "Path": path}
    return str(create_role(world, asked)["Role"]["Arn"])


def role_exists(world: World, reference: str) -> bool:
    """Whether there is a role of that name or ARN."""
    name = reference.rpartition("/")[2]
    role = world.iam.roles.get(name)
    return role is not None and (
        not reference.startswith("arn:") or bool(role.body["Arn"] == reference)
    )


def allowed(world: World, action: str) -> bool:
    """Whether the caller may do something, such as `ecs:CreateService`."""
    return not any(fnmatchcase(action.lower(), one.lower()) for one in world.forbidden)


# ---------------------------------------------------------------------------- roles


def _role(world: World, name: str) -> Role:
    found = world.iam.roles.get(name)
    if found is None:
        raise AwsError("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
    return found


def create_role(world: World, asked: Body) -> Body:
    """CreateRole."""
    name = asked["RoleName"]
    if name.lower() in {one.lower() for one in world.iam.roles}:
        raise AwsError("EntityAlreadyExists", f"Role with name {name} already exists.", 409)
    try:
        json.loads(asked["AssumeRolePolicyDocument"])
    except ValueError:
        raise AwsError("MalformedPolicyDocument", "This policy contains invalid Json") from None
    path = asked.get("Path", "/")
    body = {
        "Path": path,
        "RoleName": name,
        "RoleId": f"AROA{world.id(17).upper()}",
        "Arn": f"arn:aws:iam::{world.account}:role{path}{name}",
        "CreateDate": world.now,
        "AssumeRolePolicyDocument": quote(asked["AssumeRolePolicyDocument"]),
        "MaxSessionDuration": asked.get("MaxSessionDuration", 3600),
    }
    if "Description" in asked:
        body["Description"] = asked["Description"]
    given = tags.read(asked.get("Tags", ()), "InvalidInput", "Key")
    world.iam.roles[name] = Role(body, given)
    return {"Role": body}


def get_role(world: World, asked: Body) -> Body:
    """GetRole."""
    role = _role(world, asked["RoleName"])
    return {"Role": {**role.body, "Tags": tags.shown(role.tags, "Key")}}


def list_roles(world: World, asked: Body) -> Body:
    """ListRoles."""
    prefix = asked.get("PathPrefix", "/")
    found = [
        role.body
        for _, role in sorted(world.iam.roles.items())
        if role.body["Path"].startswith(prefix)
    ]
    items, marker = page(found, asked.get("MaxItems", _PAGE), asked.get("Marker"), "InvalidInput")
    return {"Roles": items, "IsTruncated": marker is not None, "Marker": marker}


def delete_role(world: World, asked: Body) -> Body:
    """DeleteRole."""
    role = _role(world, asked["RoleName"])
    if role.inline or role.attached:
        raise AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.", 409)
    del world.iam.roles[asked["RoleName"]]
    return {}


def put_policy(world: World, asked: Body) -> Body:
    """PutRolePolicy."""
    role = _role(world, asked["RoleName"])
    try:
        json.loads(asked["PolicyDocument"])
    except ValueError:
        raise AwsError("MalformedPolicyDocument", "This policy contains invalid Json") from None
    role.inline[asked["PolicyName"]] = asked["PolicyDocument"]
    return {}


def get_policy(world: World, asked: Body) -> Body:
    """GetRolePolicy."""
    role, name = _role(world, asked["RoleName"]), asked["PolicyName"]
    if name not in role.inline:
        raise AwsError("NoSuchEntity", f"The role policy with name {name} cannot be found.", 404)
    document = quote(role.inline[name])
    return {"RoleName": asked["RoleName"], "PolicyName": name, "PolicyDocument": document}


def delete_policy(world: World, asked: Body) -> Body:
    """DeleteRolePolicy."""
    get_policy(world, asked)
    del _role(world, asked["RoleName"]).inline[asked["PolicyName"]]
    return {}


def list_policies(world: World, asked: Body) -> Body:
    """ListRolePolicies."""
    names = sorted(_role(world, asked["RoleName"]).inline)
    return {"PolicyNames": names, "IsTruncated": False}


def attach_policy(world: World, asked: Body) -> Body:
    """AttachRolePolicy."""
    role, arn = _role(world, asked["RoleName"]), asked["PolicyArn"]
    if arn not in role.attached:
        role.attached.append(arn)
    return {}


def detach_policy(world: World, asked: Body) -> Body:
    """DetachRolePolicy."""
    role, arn = _role(world, asked["RoleName"]), asked["PolicyArn"]
    if arn not in role.attached:
        raise AwsError("NoSuchEntity", f"Policy {arn} was not found.", 404)
    role.attached.remove(arn)
    return {}


def list_attached(world: World, asked: Body) -> Body:
    """ListAttachedRolePolicies."""
    found = [
        {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}
        for arn in _role(world, asked["RoleName"]).attached
    ]
    return {"AttachedPolicies": found, "IsTruncated": False}


def simulate(world: World, asked: Body) -> Body:
    """SimulatePrincipalPolicy: everything is allowed that the sandbox was not told to forbid."""
    results = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": "allowed" if allowed(world, action) else "implicitDeny",
        }
        for action in asked["ActionNames"]
        for resource in asked.get("ResourceArns") or ["*"]
    ]
    return {"EvaluationResults": results, "IsTruncated": False}


# ---------------------------------------------------------------------------- who we are


def caller(world: World, asked: Body) -> Body:
    """GetCallerIdentity."""
    return {
        "UserId": "AIDASANDBOXSANDBOX00",
        "Account": world.account,
        "Arn": f"arn:aws:iam::{world.account}:user/sandbox",
    }


IAM: dict[str, Handler] = {
    "CreateRole": create_role,
    "GetRole": get_role,
    "ListRoles": list_roles,
    "DeleteRole": delete_role,
    "PutRolePolicy": put_policy,
    "GetRolePolicy": get_policy,
    "DeleteRolePolicy": delete_policy,
    "ListRolePolicies": list_policies,
    "AttachRolePolicy": attach_policy,
    "DetachRolePolicy": detach_policy,
    "ListAttachedRolePolicies": list_attached,
    "SimulatePrincipalPolicy": simulate,
}
STS: dict[str, Handler] = {"GetCallerIdentity": caller}
