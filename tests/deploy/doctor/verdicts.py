"""IAM's answer to a call: a small reading of policies, and what AWS asks IAM for each operation.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from compose2ecs.sandbox.calls import Call

Body = dict[str, Any]
ACCOUNT, REGION, CLUSTER = "123456789012", "eu-west-1", "qa"


class Asked(NamedTuple):
    """One question to IAM: an action, on what, and the keys of the request."""

    action: str
    arn: str
    context: Mapping[str, str]


def allows(policy: Body, asked: Asked) -> bool:
    """Whether a policy allows it."""
    return any(_allows(one, asked) for one in policy["Statement"])


def _allows(statement: Body, asked: Asked) -> bool:
    return (
        asked.action in statement["Action"]
        and any(fnmatchcase(asked.arn, pattern) for pattern in statement["Resource"])
        and all(
            _holds(operator, key, wanted, asked.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _holds(operator: str, key: str, wanted: Any, context: Mapping[str, str]) -> bool:
    values = [wanted] if isinstance(wanted, str) else list(wanted)
    if key not in context:
        return False
    if operator == "StringEquals":
        return context[key] in values
    assert operator == "ArnLike", operator
    return any(fnmatchcase(context[key], value) for value in values)


# ---------------------------------------------------------------------------- what AWS asks


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def asked_of(call: Call, owner: str, roles: tuple[str, ...]) -> Iterator[Asked]:
    """What AWS asks IAM for a call of somebody's whose things carry the tags of the stack `owner`.
    `roles` are the ARNs of the roles that its tasks have."""
    owned = {f"aws:ResourceTag/compose2ecs:{key}": owner for key in ("project", "stack")}
    body = call.request
    made = {f"aws:RequestTag/{key}": value for key, value in _tags(body).items()}
    inside = {"ecs:cluster": arn("ecs", f"cluster/{CLUSTER}")}
    name = f"{_PREFIXES.get(call.service, call.service)}:{call.operation}"
    yield from (
        Asked(action or name, what, {**context, **inside})
        for action, what, context in _rows(call.operation, body, owned, made, roles)
    )


_PREFIXES = {"elbv2": "elasticloadbalancing"}
_ANYTHING = frozenset(
    (
        "DescribeAccountLimits",
        "DescribeInstances",
        "DescribeListeners",
        "DescribeLoadBalancers",
        "DescribeLogGroups",
        "DescribeRules",
        "DescribeScalableTargets",
        "DescribeScalingPolicies",
        "DescribeScheduledActions",
        "DescribeTags",
        "DescribeTargetGroups",
        "DescribeTargetHealth",
        "DescribeTaskDefinition",
        "GetOperation",
        "ListNamespaces",
        "ListSchedules",
        "ListServices",
        "ListTaskDefinitions",
        "ListTasks",
    )
)


def _tags(body: Body) -> dict[str, str]:
    found = body.get("tags") or body.get("Tags") or {}
    if isinstance(found, dict):
        return {str(key): str(value) for key, value in found.items()}
    return {one.get("key", one.get("Key")): one.get("value", one.get("Value")) for one in found}


def _rows(
    operation: str, body: Body, owned: Body, made: Body, roles: tuple[str, ...]
) -> Iterator[tuple[str, str, Body]]:
    """Action (empty for the operation's own), resource, and keys of the request."""
    if operation in _ANYTHING:
        yield "", "*", {}
    elif operation in _ECS:
        yield from _ECS[operation](operation, body, owned, made, roles)
    elif operation in _ELB:
        yield from _elb(operation, body, owned, made)
    else:
        yield from _others(operation, body, owned, made, roles)


def _service(name: str) -> str:
    return arn("ecs", f"service/{CLUSTER}/{name.rpartition('/')[2]}")


def _definition(name: str) -> str:
    return name if name.startswith("arn:") else arn("ecs", f"task-definition/{name}:1")


def _task(name: str) -> str:
    return name if name.startswith("arn:") else arn("ecs", f"task/{CLUSTER}/{name}")


Rows = Iterator[tuple[str, str, Body]]


def _described(operation: str, body: Body, owned: Body, made: Body, roles: Any) -> Rows:
    for name in body["services"]:
        yield "", _service(name), {}


def _created(operation: str, body: Body, owned: Body, made: Body, roles: Any) -> Rows:
    what = _service(body["serviceName"])
    yield "", what, made
    yield "ecs:TagResource", what, {**made, "ecs:CreateAction": operation}


def _changed(operation: str, body: Body, owned: Body, made: Body, roles: Any) -> Rows:
    yield "", _service(body["service"]), owned


def _registered(
    operation: str, body: Body, owned: Body, made: Body, roles: tuple[str, ...]
) -> Rows:
    what = _definition(body["family"])
    yield "", what, made
    yield "ecs:TagResource", what, {**made, "ecs:CreateAction": operation}
    yield from _passed(roles, "ecs-tasks.amazonaws.com")


def _passed(roles: tuple[str, ...], service: str) -> Rows:
    for role in roles:
        yield "iam:PassRole", role, {"iam:PassedToService": service}


def _run(operation: str, body: Body, owned: Body, made: Body, roles: tuple[str, ...]) -> Rows:
    yield "", _definition(body["taskDefinition"]), made
    task = arn("ecs", f"task/{CLUSTER}/0123")
    yield "ecs:TagResource", task, {**made, "ecs:CreateAction": operation}
    yield from _passed(roles, "ecs-tasks.amazonaws.com")


def _tagged(operation: str, body: Body, owned: Body, made: Body, roles: Any) -> Rows:
    yield "", body["resourceArn"], {**owned, **made}


def _tasks(operation: str, body: Body, owned: Body, made: Body, roles: Any) -> Rows:
    for name in body.get("tasks") or [body["task"]]:
        yield "", _task(name), {} if operation == "DescribeTasks" else owned
    if operation == "ExecuteCommand":
        yield "", arn("ecs", f"cluster/{CLUSTER}"), {}


def _instances(operation: str, body: Body, owned: Body, made: Body, roles: Any) -> Rows:
    if operation == "ListContainerInstances":
        yield "", arn("ecs", f"cluster/{CLUSTER}"), {}
    for name in body.get("containerInstances", ()):
        yield "", name, {}


_ECS = {
    "DescribeServices": _described,
    "CreateService": _created,
    "UpdateService": _changed,
    "DeleteService": _changed,
    "RegisterTaskDefinition": _registered,
    "RunTask": _run,
    "TagResource": _tagged,
    "UntagResource": _tagged,
    "DescribeTasks": _tasks,
    "StopTask": _tasks,
    "ExecuteCommand": _tasks,
    "DescribeContainerInstances": _instances,
    "ListContainerInstances": _instances,
}
_ELB = (
    "CreateTargetGroup",
    "CreateRule",
    "ModifyTargetGroup",
    "ModifyTargetGroupAttributes",
    "DeleteTargetGroup",
    "ModifyRule",
    "DeleteRule",
    "SetRulePriorities",
    "AddTags",
)


def _elb(operation: str, body: Body, owned: Body, made: Body) -> Rows:
    tagging = {**made, "elasticloadbalancing:CreateAction": operation}
    if operation == "CreateTargetGroup":
        what = arn("elasticloadbalancing", f"targetgroup/{body['Name']}/0123")
        yield "", what, made
        yield "elasticloadbalancing:AddTags", what, tagging
    elif operation == "CreateRule":
        yield "", body["ListenerArn"], made
        what = body["ListenerArn"].replace(":listener/", ":listener-rule/") + "/0123"
        yield "elasticloadbalancing:AddTags", what, tagging
    elif operation == "SetRulePriorities":
        for one in body["RulePriorities"]:
            yield "", one["RuleArn"], {}  # AWS knows no tags here
    elif operation == "AddTags":
        for what in body["ResourceArns"]:
            yield "", what, {**owned, **made}
    else:
        yield "", body.get("TargetGroupArn") or body["RuleArn"], owned


def _others(operation: str, body: Body, owned: Body, made: Body, roles: tuple[str, ...]) -> Rows:
    group = body.get("logGroupName", "")
    streams = arn("logs", f"log-group:{group}:*")
    scales = {"application-autoscaling:service-namespace": "ecs"}
    target = arn("application-autoscaling", "scalable-target/0123")
    alarm = arn("cloudwatch", "alarm:TargetTracking-service/qa/x-AlarmHigh-1")
    schedule = arn("scheduler", f"schedule/default/{body.get('Name')}")
    if operation == "CreateLogGroup":
        yield "", streams, made
        yield "logs:TagResource", arn("logs", f"log-group:{group}"), made
    elif operation in ("PutRetentionPolicy", "DeleteLogGroup"):
        yield "", streams, owned
    elif operation in ("GetLogEvents", "FilterLogEvents"):
        yield "", streams, {}
    elif operation == "ListTagsForResource" and "resourceArn" in body:
        yield "", body["resourceArn"], {}
    elif operation == "ListTagsForResource":
        yield "", "*", {}
    elif operation == "CreateHttpNamespace":
        yield "", "*", made
        yield "servicediscovery:TagResource", "*", made
    elif operation == "DeleteNamespace":
        yield "", arn("servicediscovery", f"namespace/{body['Id']}"), owned
    elif operation == "RegisterScalableTarget":
        yield "", target, {**scales, **made, **owned}
        yield "application-autoscaling:TagResource", target, made
    elif operation in ("PutScalingPolicy", "PutScheduledAction"):
        yield "", target, {**scales, **owned}
        if operation == "PutScalingPolicy":
            yield "cloudwatch:PutMetricAlarm", alarm, {}
            yield "cloudwatch:DescribeAlarms", "*", {}
    elif operation in ("DeleteScalingPolicy", "DeleteScheduledAction", "DeregisterScalableTarget"):
        yield "", target, {**scales, **owned}
        if operation != "DeleteScheduledAction":
            yield "cloudwatch:DeleteAlarms", alarm, {}
    elif operation in ("CreateSchedule", "UpdateSchedule", "GetSchedule", "DeleteSchedule"):
        yield "", schedule, {}
        if "Target" in body:
            yield from _passed((body["Target"]["RoleArn"],), "scheduler.amazonaws.com")
    else:
        raise AssertionError(f"what does AWS ask for {operation}?")
