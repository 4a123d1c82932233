"""Checks of logs, Cloud Map, scaling, schedules, tags and limits of pace.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
"""

from __future__ import annotations

import json
from typing import Any

from compose2ecs.sandbox.fidelity.model import (
    Aws,
    Body,
    Check,
    equal,
    group,
    refused,
    register,
    rule,
    service,
    web,
)

_LOGS = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_"
_MAP = "https://docs.aws.amazon.com/cloud-map/latest/api/API_"
_SCALING = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_"
_TAGGING = "https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_"
_SCHEDULER = "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_"
_IAM = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_"
_TEAM = {"Key": "team", "Value": "shop"}


# ---------------------------------------------------------------------------- logs


def _log_group_twice(aws: Aws) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/shop")
    asked = {"logGroupName": "/shop"}
    refused(lambda: logs.create_log_group(**asked), "ResourceAlreadyExistsException")


def _retention(aws: Aws) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/shop")
    logs.put_retention_policy(logGroupName="/shop", retentionInDays=7)
    asked = {"logGroupName": "/shop", "retentionInDays": 8}
    refused(lambda: logs.put_retention_policy(**asked), "InvalidParameterException")


def _log_tags(aws: Aws) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/shop", tags={"team": "shop"})
    found = logs.describe_log_groups(logGroupNamePrefix="/shop")["logGroups"][0]
    assert found["arn"].endswith(":log-group:/shop:*"), found["arn"]
    equal(logs.list_tags_for_resource(resourceArn=found["arn"][:-2])["tags"], {"team": "shop"})
    equal(found["logGroupArn"], found["arn"][:-2])


def _log_name(aws: Aws) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/shop")
    refused(lambda: logs.create_log_group(logGroupName="my logs"), "InvalidParameterException")


# ---------------------------------------------------------------------------- Cloud Map


def _namespace(aws: Aws) -> None:
    found = aws.client("servicediscovery")
    operation = found.create_http_namespace(Name="shop")["OperationId"]
    equal(found.get_operation(OperationId=operation)["Operation"]["Status"], "PENDING")
    equal(found.list_namespaces()["Namespaces"], [])
    aws.wait(60)
    done = found.get_operation(OperationId=operation)["Operation"]
    equal((done["Status"], "NAMESPACE" in done["Targets"]), ("SUCCESS", True))
    equal([one["Name"] for one in found.list_namespaces()["Namespaces"]], ["shop"])


def _namespace_twice(aws: Aws) -> None:
    found = aws.client("servicediscovery")
    found.create_http_namespace(Name="shop")
    aws.wait(60)
    refused(lambda: found.create_http_namespace(Name="shop"), "NamespaceAlreadyExists")


def _namespace_in_use(aws: Aws) -> None:
    found = aws.client("servicediscovery")
    found.create_http_namespace(Name="shop")
    aws.wait(60)
    named = {"portMappings": [{"containerPort": 80, "name": "http"}]}
    register(aws, web(container=named, memory="512"))
    config = {"enabled": True, "namespace": "shop", "services": [{"portName": "http"}]}
    service(aws, serviceConnectConfiguration=config)
    id_ = found.list_namespaces()["Namespaces"][0]["Id"]
    refused(lambda: found.delete_namespace(Id=id_), "ResourceInUse")


# ---------------------------------------------------------------------------- scaling


def _resource(aws: Aws, name: str = "web") -> Body:
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{aws.cluster}/{name}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }


def _scalable(aws: Aws, **more: Any) -> Any:
    asked = {**_resource(aws), "MinCapacity": 1, "MaxCapacity": 4, **more}
    return aws.client("application-autoscaling").register_scalable_target(**asked)


def _policy(aws: Aws, **more: Any) -> Any:
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    asked = {
        **_resource(aws),
        "PolicyName": "cpu",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": metric,
        },
        **more,
    }
    return aws.client("application-autoscaling").put_scaling_policy(**asked)


def _target_of_nothing(aws: Aws) -> None:
    register(aws, web())
    service(aws)
    _scalable(aws)
    refused(
        lambda: _scalable(aws, **_resource(aws, "nobody")), "ValidationException", "doesn't exist"
    )


def _upside_down(aws: Aws) -> None:
    register(aws, web())
    service(aws)
    _scalable(aws)
    refused(lambda: _scalable(aws, MinCapacity=5), "ValidationException")


def _policy_without_target(aws: Aws) -> None:
    register(aws, web())
    service(aws)
    refused(lambda: _policy(aws), "ObjectNotFoundException")
    _scalable(aws)
    equal(len(_policy(aws)["Alarms"]), 2)


def _raises_count(aws: Aws) -> None:
    register(aws, web())
    service(aws, desiredCount=1)
    _scalable(aws, MinCapacity=3)
    _policy(aws)
    aws.wait(600)
    asked = {"cluster": aws.cluster, "services": ["web"]}
    found = aws.client("ecs").describe_services(**asked)["services"][0]
    equal((found["desiredCount"], found["runningCount"]), (3, 3))


def _policies_go(aws: Aws) -> None:
    scaling = aws.client("application-autoscaling")
    register(aws, web())
    service(aws)
    _scalable(aws)
    _policy(aws)
    scaling.deregister_scalable_target(**_resource(aws))
    equal(scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"], [])
    refused(lambda: _policy(aws), "ObjectNotFoundException")


# ---------------------------------------------------------------------------- schedules


def _schedule(aws: Aws, **more: Any) -> Any:
    asked = {
        "Name": "nightly",
        "ScheduleExpression": "cron(0 3 * * ? *)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": f"arn:aws:ecs:eu-west-1:123456789012:cluster/{aws.cluster}",
            "RoleArn": aws.events_role,
            "EcsParameters": {
                "TaskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/web"
            },
        },
        **more,
    }
    return aws.client("scheduler").create_schedule(**asked)


def _schedule_twice(aws: Aws) -> None:
    _schedule(aws)
    refused(lambda: _schedule(aws), "ConflictException")


def _schedule_wrong(aws: Aws) -> None:
    _schedule(aws)
    asked = {"Name": "other", "ScheduleExpression": "every night"}
    refused(lambda: _schedule(aws, **asked), "ValidationException")


# ---------------------------------------------------------------------------- tags, IAM


def _resources(aws: Aws, *kinds: str) -> list[str]:
    found = aws.client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "team", "Values": ["shop"]}], ResourceTypeFilters=list(kinds)
    )
    return [one["ResourceARN"] for one in found["ResourceTagMappingList"]]


def _found_by_tags(aws: Aws) -> None:
    register(aws, web(tags=[{"key": "team", "value": "shop"}]))
    arns = {
        group(aws, Tags=[_TEAM]),
        rule(aws, 10, Tags=[_TEAM]),
        service(aws, tags=[{"key": "team", "value": "shop"}])["serviceArn"],
    }
    group(aws, "other")
    found = set(_resources(aws))
    assert found >= arns, arns - found
    equal(len(found), 4)


def _found_rules(aws: Aws) -> None:
    arn = rule(aws, 10, Tags=[_TEAM])
    group(aws, Tags=[_TEAM])
    equal(_resources(aws, "elasticloadbalancing:listener-rule"), [arn])


def _found_logs(aws: Aws) -> None:
    aws.client("logs").create_log_group(logGroupName="/shop", tags={"team": "shop"})
    group(aws, Tags=[_TEAM])
    found = _resources(aws, "logs:log-group")
    equal([arn.rpartition(":")[2] for arn in found], ["/shop"])


def _found_in_pages(aws: Aws) -> None:
    tagging = aws.client("resourcegroupstaggingapi")
    for number in range(3):
        group(aws, f"g{number}", Tags=[_TEAM])
    filters = [{"Key": "team", "Values": ["shop"]}]
    first = tagging.get_resources(TagFilters=filters, ResourcesPerPage=2)
    equal(len(first["ResourceTagMappingList"]), 2)
    rest = tagging.get_resources(
        TagFilters=filters, ResourcesPerPage=2, PaginationToken=first["PaginationToken"]
    )
    equal((len(rest["ResourceTagMappingList"]), rest["PaginationToken"]), (1, ""))


def _simulated(aws: Aws) -> None:
    asked = {"PolicySourceArn": aws.execution_role, "ActionNames": ["ecs:CreateService"]}
    found = aws.client("iam").simulate_principal_policy(**asked)["EvaluationResults"]
    equal([one["EvalActionName"] for one in found], ["ecs:CreateService"])
    assert found[0]["EvalDecision"] in ("allowed", "implicitDeny", "explicitDeny"), found


def _broken_policy(aws: Aws) -> None:
    iam = aws.client("iam")
    name = aws.execution_role.rpartition("/")[2]
    document = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam.put_role_policy(RoleName=name, PolicyName="fine", PolicyDocument=document)
    asked = {"RoleName": name, "PolicyName": "p", "PolicyDocument": "not json"}
    refused(lambda: iam.put_role_policy(**asked), "MalformedPolicyDocument")


# ---------------------------------------------------------------------------- pace


def _registrations(aws: Aws) -> None:
    aws.throttle()
    for _ in range(20):
        register(aws, web())
    refused(lambda: register(aws, web()), "ThrottlingException", "Rate exceeded")
    aws.wait(2)
    register(aws, web())


def _rule_changes(aws: Aws) -> None:
    aws.throttle()
    for priority in range(1, 21):
        rule(aws, priority)
    refused(lambda: rule(aws, 21), "Throttling", "Rate exceeded")
    equal(len(aws.client("elbv2").describe_rules(ListenerArn=aws.listener)["Rules"]), 21)


CHECKS: tuple[Check, ...] = (
    Check("O001", "a log group is made once", f"{_LOGS}CreateLogGroup.html", _log_group_twice),
    Check(
        "O002",
        "logs are kept for certain numbers of days",
        f"{_LOGS}PutRetentionPolicy.html",
        _retention,
    ),
    Check("O003", "a log group has two ARNs", f"{_LOGS}LogGroup.html", _log_tags),
    Check("O004", "a log group's name has no blanks", f"{_LOGS}CreateLogGroup.html", _log_name),
    Check("O005", "a namespace is made by and by", f"{_MAP}CreateHttpNamespace.html", _namespace),
    Check("O006", "a namespace is made once", f"{_MAP}CreateHttpNamespace.html", _namespace_twice),
    Check("O007", "a namespace in use stays", f"{_MAP}DeleteNamespace.html", _namespace_in_use),
    Check(
        "O008",
        "only services that are there scale",
        f"{_SCALING}RegisterScalableTarget.html",
        _target_of_nothing,
    ),
    Check(
        "O009",
        "the least is not above the most",
        f"{_SCALING}RegisterScalableTarget.html",
        _upside_down,
    ),
    Check(
        "O010",
        "a policy is of a scalable target",
        f"{_SCALING}PutScalingPolicy.html",
        _policy_without_target,
    ),
    Check(
        "O011",
        "a service is brought into its range",
        f"{_SCALING}RegisterScalableTarget.html",
        _raises_count,
    ),
    Check(
        "O012",
        "policies go with their target",
        f"{_SCALING}DeregisterScalableTarget.html",
        _policies_go,
    ),
    Check("O013", "a schedule is made once", f"{_SCHEDULER}CreateSchedule.html", _schedule_twice),
    Check("O014", "a schedule has a form", f"{_SCHEDULER}CreateSchedule.html", _schedule_wrong),
    Check(
        "O015", "everything is found by its tags", f"{_TAGGING}GetResources.html", _found_by_tags
    ),
    Check("O016", "rules are found by type", f"{_TAGGING}GetResources.html", _found_rules),
    Check("O017", "log groups are found by type", f"{_TAGGING}GetResources.html", _found_logs),
    Check("O018", "what is found comes in pages", f"{_TAGGING}GetResources.html", _found_in_pages),
    Check(
        "O019", "permissions can be simulated", f"{_IAM}SimulatePrincipalPolicy.html", _simulated
    ),
    Check("O020", "a policy is JSON", f"{_IAM}PutRolePolicy.html", _broken_policy),
    Check(
        "O021",
        "20 registrations at once, then one a second",
        "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html",
        _registrations,
    ),
    Check(
        "O022",
        "20 changes of load balancers at once, then 3 a second",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html",
        _rule_changes,
    ),
)
