"""THE table of rights: for each AWS operation that a command calls, the actions it takes, on what,
and under which condition.

An operation has a row for each action that AWS asks for: beside its own, those behind the call,
such as passing a role or tagging what is made. Rows of writes that only some stacks need have a
`feature`. An operation without commands is one that a gateway has and no command calls yet.

Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/auto-scaling-IAM.html and
https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html
"""

from __future__ import annotations

from typing import NamedTuple

COMMANDS = (
    "plan",
    "up",
    "down",
    "ps",
    "logs",
    "exec",
    "run",
    "scale",
    "restart",
    "rollback",
    "doctor",
)
DAILY = COMMANDS[:-1]  # what a deployer's policy is for; `doctor` reads more
# What a service is called in policies, where boto3 calls it otherwise.
_PREFIXES = {
    "elbv2": "elasticloadbalancing",
    "service-quotas": "servicequotas",
    "efs": "elasticfilesystem",
}

# Conditions by name; scope.py fills them in.
FREE = ""
CLUSTER = "cluster"  # only in this cluster
MADE = "made"  # only with this stack's tags in the request
OWNED = "owned"  # only on what carries this stack's tags
MADE_ECS = "made-ecs"  # tagging, as a part of making something
MADE_ELB = "made-elb"
SCALES_MADE = "scales-made"  # only for ECS services
LINKED = "linked"  # only the role of Application Auto Scaling's own
TO_TASKS, TO_ECS, TO_SCHEDULER = "to-tasks", "to-ecs", "to-scheduler"


class Right(NamedTuple):
    """One action that a call of an operation takes. `on` are kinds of resources (scope.py), `where`
    is a condition, `feature` what a stack must have for the call ever to be made."""

    service: str
    operation: str
    commands: tuple[str, ...]
    on: tuple[str, ...] = ("*",)
    where: str = FREE
    feature: str = ""
    other: str = ""  # an action of another name than the operation

    @property
    def action(self) -> str:
        """The action's name in a policy."""
        return self.other or action(self.service, self.operation)

    @property
    def reads(self) -> bool:
        """Whether nothing changes by it."""
        return is_read(self.operation)


def action(service: str, operation: str) -> str:
    """The action of an operation's own.

    >>> action("elbv2", "CreateRule"), action("ecs", "RunTask")
    ('elasticloadbalancing:CreateRule', 'ecs:RunTask')
    """
    return f"{_PREFIXES.get(service, service)}:{operation}"


def is_read(operation: str) -> bool:
    """Whether an operation changes nothing, by its name."""
    return operation.startswith(("Describe", "List", "Get", "Filter", "Simulate"))


def _rows(
    service: str,
    operations: str,
    commands: str,
    on: str = "*",
    where: str = FREE,
    feature: str = "",
    other: str = "",
) -> tuple[Right, ...]:
    return tuple(
        Right(
            service,
            operation,
            tuple(commands.split()),
            tuple(on.split()),
            where,
            feature,
            other,
        )
        for operation in operations.split()
    )


_SEES = "plan up down ps logs exec run scale restart rollback"
_MENDS = "scale restart rollback"
_SCALING = "application-autoscaling"

RIGHTS: tuple[Right, ...] = (
    # ------------------------------------------------------------------------ ECS
    *_rows("ecs", "DescribeServices", f"{_SEES} doctor", "services"),
    *_rows("ecs", "ListServices", _SEES, where=CLUSTER),
    *_rows("ecs", "DescribeTaskDefinition", _SEES),
    *_rows("ecs", "ListTasks", f"up ps logs exec {_MENDS}", where=CLUSTER),
    *_rows("ecs", "DescribeTasks", f"up ps logs exec run {_MENDS}", "tasks"),
    *_rows("ecs", "DescribeContainerInstances", f"up ps {_MENDS} doctor", "instances"),
    *_rows("ecs", "ListContainerInstances", f"up {_MENDS} doctor", "cluster"),
    *_rows("ecs", "DescribeClusters", "doctor", "cluster"),
    *_rows("ecs", "DescribeCapacityProviders", "doctor", "providers"),
    *_rows("ecs", "ListAccountSettings", "doctor"),
    *_rows("ecs", "ListTaskDefinitions", "rollback"),
    *_rows("ecs", "RegisterTaskDefinition", "up", "families", MADE),
    *_rows("ecs", "RegisterTaskDefinition", "up", "families", MADE_ECS, other="ecs:TagResource"),
    *_rows(
        "ecs", "RegisterTaskDefinition", "up", "task-roles", TO_TASKS, "roles", "iam:PassRole"
    ),
    *_rows("ecs", "CreateService", "up", "services", MADE),
    *_rows("ecs", "CreateService", "up", "services", MADE_ECS, other="ecs:TagResource"),
    *_rows(
        "ecs", "CreateService", "up", "service-roles", TO_ECS, "service-roles", "iam:PassRole"
    ),
    *_rows("ecs", "UpdateService", f"up {_MENDS}", "services", OWNED),
    *_rows(
        "ecs", "UpdateService", "up", "service-roles", TO_ECS, "service-roles", "iam:PassRole"
    ),
    *_rows("ecs", "DeleteService", "up down", "services", OWNED),
    *_rows("ecs", "TagResource UntagResource", "up", "services families", OWNED),
    *_rows("ecs", "RunTask", "up", "families", CLUSTER, "once"),
    *_rows("ecs", "RunTask", "up", "tasks", MADE_ECS, "once", "ecs:TagResource"),
    *_rows("ecs", "RunTask", "run", "families", CLUSTER),
    *_rows("ecs", "RunTask", "run", "tasks", MADE_ECS, other="ecs:TagResource"),
    *_rows("ecs", "RunTask", "run", "task-roles", TO_TASKS, "roles", "iam:PassRole"),
    *_rows("ecs", "StopTask", "run", "tasks", OWNED),
    *_rows("ecs", "ExecuteCommand", "exec", "cluster"),
    *_rows("ecs", "ExecuteCommand", "exec", "tasks", OWNED),
    *_rows("ecs", "DeregisterTaskDefinition", ""),
    # ------------------------------------------------------------------------ load balancer
    *_rows(
        "elbv2",
        "DescribeLoadBalancers DescribeListeners DescribeRules DescribeTargetGroups",
        "plan up down ps doctor",
    ),
    *_rows("elbv2", "DescribeTags", "plan up down"),
    *_rows("elbv2", "DescribeTargetHealth", f"up ps {_MENDS}"),
    *_rows("elbv2", "DescribeAccountLimits", "plan up doctor"),
    *_rows("elbv2", "DescribeListenerCertificates", "doctor"),
    *_rows("elbv2", "DescribeTargetGroupAttributes", ""),
    *_rows("elbv2", "CreateTargetGroup", "up", "groups", MADE, "groups"),
    *_rows(
        "elbv2", "CreateTargetGroup", "up", "groups", MADE_ELB, "groups",
        "elasticloadbalancing:AddTags",
    ),
    *_rows("elbv2", "CreateRule", "up", "listeners", MADE, "rules"),
    *_rows(
        "elbv2", "CreateRule", "up", "rules", MADE_ELB, "rules", "elasticloadbalancing:AddTags"
    ),
    *_rows(
        "elbv2", "CreateRule ModifyRule", "up", feature="cognito",
        other="cognito-idp:DescribeUserPoolClient",
    ),
    *_rows(
        "elbv2", "ModifyTargetGroup ModifyTargetGroupAttributes", "up", "groups", OWNED, "groups"
    ),
    *_rows("elbv2", "ModifyRule", "up", "own-rules", OWNED, "rules"),
    # AWS knows no tags as a condition of this one
    *_rows("elbv2", "SetRulePriorities", "up", "rules", feature="rules"),
    *_rows("elbv2", "AddTags", "up", "groups own-rules", OWNED, "groups"),
    *_rows("elbv2", "DeleteRule", "up down", "own-rules", OWNED),
    *_rows("elbv2", "DeleteTargetGroup", "up down", "groups", OWNED),
    # ------------------------------------------------------------------------ logs
    *_rows("logs", "CreateLogGroup", "up", "log-groups", MADE, "logs"),
    *_rows(
        "logs", "CreateLogGroup", "up", "log-group-tags", feature="logs",
        other="logs:TagResource",
    ),
    *_rows("logs", "PutRetentionPolicy", "up", "own-log-groups", OWNED, "retention"),
    *_rows("logs", "DescribeLogGroups", "plan up down doctor"),
    *_rows("logs", "ListTagsForResource", "plan up down", "own-log-groups"),
    *_rows("logs", "DeleteLogGroup", "up down", "own-log-groups", OWNED),
    *_rows("logs", "GetLogEvents", f"up logs run {_MENDS}", "read-log-groups"),
    *_rows("logs", "FilterLogEvents", "logs run", "read-log-groups"),
    # ------------------------------------------------------------------------ Service Connect
    *_rows("servicediscovery", "ListNamespaces", "plan up down doctor"),
    *_rows("servicediscovery", "ListTagsForResource", "plan up down doctor"),
    *_rows("servicediscovery", "GetOperation", "up down"),
    *_rows("servicediscovery", "CreateHttpNamespace", "up", where=MADE, feature="namespaces"),
    *_rows(
        "servicediscovery", "CreateHttpNamespace", "up", where=MADE, feature="namespaces",
        other="servicediscovery:TagResource",
    ),
    *_rows("servicediscovery", "DeleteNamespace", "up down", "namespaces", OWNED),
    *_rows("servicediscovery", "ListServices", ""),
    # ------------------------------------------------------------------------ autoscaling
    *_rows(_SCALING, "DescribeScalingPolicies DescribeScheduledActions", "plan up"),
    *_rows(_SCALING, "DescribeScalableTargets", "scale"),
    *_rows(_SCALING, "RegisterScalableTarget", "up", "scalable-targets", SCALES_MADE, "scaling"),
    *_rows(
        _SCALING, "RegisterScalableTarget", "up", "scalable-targets", MADE, "scaling",
        "application-autoscaling:TagResource",
    ),
    *_rows(
        _SCALING, "RegisterScalableTarget", "up", "scaling-role", LINKED, "scaling",
        "iam:CreateServiceLinkedRole",
    ),
    *_rows(
        _SCALING, "PutScalingPolicy PutScheduledAction", "up", "scalable-targets", OWNED,
        "scaling",
    ),
    # what AWS tries with the caller's rights before it takes a policy
    *_rows(
        _SCALING, "PutScalingPolicy", "up", feature="scaling", other="cloudwatch:DescribeAlarms"
    ),
    *_rows(
        _SCALING, "PutScalingPolicy", "up", "alarms", feature="scaling",
        other="cloudwatch:PutMetricAlarm",
    ),
    *_rows(
        _SCALING, "DeleteScalingPolicy DeregisterScalableTarget", "up down", "alarms",
        other="cloudwatch:DeleteAlarms",
    ),
    *_rows(
        _SCALING, "DeleteScalingPolicy DeleteScheduledAction", "up", "scalable-targets",
        OWNED,
    ),
    *_rows(_SCALING, "DeregisterScalableTarget", "up down", "scalable-targets", OWNED),
    # ------------------------------------------------------------------------ schedules
    # AWS has tags for groups of schedules only: their names say whose they are
    *_rows("scheduler", "GetSchedule", "plan up down", "schedules"),
    *_rows("scheduler", "ListSchedules", "plan up down"),
    *_rows("scheduler", "CreateSchedule UpdateSchedule", "up", "schedules", feature="schedules"),
    *_rows(
        "scheduler", "CreateSchedule UpdateSchedule", "up", "scheduler-roles", TO_SCHEDULER,
        "scheduler-roles", "iam:PassRole",
    ),
    *_rows("scheduler", "DeleteSchedule", "up down", "schedules"),
    # ------------------------------------------------------------------------ what is only looked at
    *_rows("ec2", "DescribeInstances", "ps doctor"),
    *_rows("ec2", "DescribeSubnets DescribeVpcs DescribeSecurityGroups", "doctor"),
    *_rows("iam", "GetRole", "doctor", "all-roles"),
    *_rows("iam", "SimulatePrincipalPolicy", "doctor", "principals"),
    *_rows("acm", "DescribeCertificate", "doctor", "certificates"),
    *_rows("service-quotas", "GetServiceQuota", "doctor"),
    *_rows("ecr", "DescribeImages", "doctor", "repositories", feature="ecr"),
    *_rows("ssm", "DescribeParameters", "doctor", feature="parameters"),
    *_rows("secretsmanager", "DescribeSecret", "doctor", "secrets", feature="secrets"),
    *_rows(
        "efs", "DescribeFileSystems DescribeMountTargets DescribeAccessPoints", "doctor",
        feature="efs",
    ),
)  # fmt: skip
# Calls for which everybody has the right, and AssumeRole, which is made with rights of before.
UNASKED = frozenset((("sts", "GetCallerIdentity"), ("sts", "AssumeRole")))


def commands_of(service: str, operation: str) -> frozenset[str]:
    """The commands that make a call."""
    return frozenset(
        name
        for right in RIGHTS
        if (right.service, right.operation) == (service, operation)
        for name in right.commands
    )
