"""Errors, lost answers, ends of the process, throttling and stale reads, all on order."""

from __future__ import annotations

import pytest
from botocore.exceptions import ConnectionClosedError

from compose2ecs.sandbox import Killed, Rate, Sandbox
from compose2ecs.sandbox.throttle import RATES, bucket
from tests.sandbox.scene import described, refused, register, routed, service, update


def test_the_nth_call_fails_and_nothing_is_done(aws: Sandbox) -> None:
    aws.faults.fail("RegisterTaskDefinition", 2, "ServerException", "later", 500)
    register(aws)
    with refused("ServerException", "later"):
        register(aws)
    assert register(aws).endswith("web:2")


def test_faults_count_from_their_order_and_among_their_calls(aws: Sandbox) -> None:
    register(aws)
    aws.faults.fail("writes", 2, times=2)
    register(aws, "a")
    aws.client("ecs").list_clusters()
    for _ in range(2):
        with refused("ServerException"):
            register(aws, "b")
    register(aws, "c")
    aws.faults.fail("reads")
    register(aws, "d")
    with refused("ServerException"):
        aws.client("ecs").list_clusters()
    aws.faults.fail()
    aws.faults.clear()
    register(aws, "e")


def test_an_answer_can_get_lost_after_the_deed(aws: Sandbox) -> None:
    aws.faults.lose("RegisterTaskDefinition")
    with pytest.raises(ConnectionClosedError):
        register(aws)
    assert register(aws).endswith("web:2")
    assert [call.error for call in aws.calls] == ["ConnectionClosed", ""]


def test_a_connection_can_be_cut_before_the_deed(aws: Sandbox) -> None:
    aws.faults.cut("RegisterTaskDefinition")
    with pytest.raises(ConnectionClosedError):
        register(aws)
    assert register(aws).endswith("web:1")


def test_boto3_tries_again_if_it_is_let(aws: Sandbox) -> None:
    aws.faults.lose("RegisterTaskDefinition")
    body = {"family": "web", "containerDefinitions": [{"name": "a", "image": "b", "memory": 9}]}
    found = aws.client("ecs", attempts=2).register_task_definition(**body)
    assert found["taskDefinition"]["revision"] == 2


@pytest.mark.parametrize(("when", "revisions"), [("before", 0), ("after", 1)])
def test_the_process_ends_before_or_after_the_deed(aws: Sandbox, when: str, revisions: int) -> None:
    aws.faults.kill(2, when)
    aws.client("ecs").list_clusters()
    assert not issubclass(Killed, Exception), "nobody catches it by chance"
    with pytest.raises(Killed):
        register(aws)
    found = aws.client("ecs").list_task_definitions()["taskDefinitionArns"]
    assert len(found) == revisions


def test_the_process_ends_at_a_write(aws: Sandbox) -> None:
    aws.faults.kill(2, among="writes")
    register(aws)
    for _ in range(3):
        aws.client("ecs").list_clusters()
    with pytest.raises(Killed):
        register(aws)
    register(aws)


def test_throttling_on_order_has_each_services_code(aws: Sandbox) -> None:
    aws.faults.throttle(times=3)
    with refused("ThrottlingException", "Rate exceeded"):
        register(aws)
    with refused("Throttling", "Rate exceeded"):
        aws.client("elbv2").describe_load_balancers()
    with refused("ThrottledException"):
        aws.client("resourcegroupstaggingapi").get_resources()


def test_buckets_fill_again(aws: Sandbox) -> None:
    aws.throttle({"ecs definitions write": Rate(2, 0.5)})
    register(aws)
    register(aws)
    with refused("ThrottlingException"):
        register(aws)
    aws.clock.advance(1.9)
    with refused("ThrottlingException"):
        register(aws)
    aws.clock.advance(0.2)
    register(aws)
    aws.clock.advance(1000)
    register(aws)
    register(aws)
    with refused("ThrottlingException"):
        register(aws)
    aws.throttle({})
    for _ in range(5):
        register(aws)


def test_registering_and_deregistering_share_a_bucket(aws: Sandbox) -> None:
    aws.throttle()
    for _ in range(19):
        register(aws)
    aws.client("ecs").deregister_task_definition(taskDefinition="web:1")
    with refused("ThrottlingException"):
        register(aws)
    service(aws)


def test_every_bucket_is_used() -> None:
    names = {
        "RegisterTaskDefinition CreateService UpdateCluster RunTask TagResource",
        "DescribeTaskDefinition DescribeServices DescribeClusters DescribeTasks",
        "ListTagsForResource DeleteTaskDefinitions",
    }
    used = {bucket("ecs", name) for line in names for name in line.split()}
    used |= {bucket("logs", name) for name in ("CreateLogGroup", "DescribeLogGroups")}
    elb = ("CreateRule", "DescribeRules", "RegisterTargets", "CreateLoadBalancer")
    used |= {bucket("elbv2", name) for name in elb}
    assert used == set(RATES)
    assert bucket("sts", "GetCallerIdentity") == ""


def test_reads_lag_behind_writes(aws: Sandbox) -> None:
    ecs = aws.client("ecs")
    register(aws)
    aws.lag(2)
    service(aws)
    for _ in range(2):
        found = ecs.describe_services(cluster=aws.cluster, services=["web"])
        assert [one["reason"] for one in found["failures"]] == ["MISSING"]
    assert described(aws)["status"] == "ACTIVE"
    update(aws, desiredCount=5)
    assert [described(aws)["desiredCount"] for _ in range(3)] == [2, 2, 5]
    with refused("InvalidParameterException", "not idempotent"):
        service(aws)
    aws.lag(0)
    update(aws, desiredCount=1)
    assert described(aws)["desiredCount"] == 1


def test_only_the_services_that_are_named_lag(aws: Sandbox) -> None:
    aws.lag(1, "elbv2")
    arn = routed(aws)
    register(aws)
    service(aws)
    assert described(aws)["status"] == "ACTIVE"
    elb = aws.client("elbv2")
    assert len(elb.describe_rules(ListenerArn=aws.listener)["Rules"]) == 1
    assert len(elb.describe_rules(ListenerArn=aws.listener)["Rules"]) == 2
    elb.delete_rule(RuleArn=elb.describe_rules(ListenerArn=aws.listener)["Rules"][0]["RuleArn"])
    elb.delete_target_group(TargetGroupArn=arn)


def test_what_was_deleted_is_still_found_by_its_tags(aws: Sandbox) -> None:
    tagging = aws.client("resourcegroupstaggingapi")
    elb = aws.client("elbv2")
    tags = [{"Key": "team", "Value": "shop"}]
    arn = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=aws.vpc, Tags=tags)[
        "TargetGroups"
    ][0]["TargetGroupArn"]
    aws.lag(1)
    elb.delete_target_group(TargetGroupArn=arn)
    found = tagging.get_resources()["ResourceTagMappingList"]
    assert [one["ResourceARN"] for one in found] == [arn]
    assert tagging.get_resources()["ResourceTagMappingList"] == []


def test_scaling_may_not_see_a_new_service_yet(aws: Sandbox) -> None:
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{aws.cluster}/web",
        "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 1,
        "MaxCapacity": 2,
    }
    register(aws)
    aws.lag(1, "ecs")
    service(aws)
    with refused("ValidationException", "ECS service doesn't exist"):
        aws.client("application-autoscaling").register_scalable_target(**target)
    aws.client("application-autoscaling").register_scalable_target(**target)


def test_tasks_go_on_while_reads_lag(aws: Sandbox) -> None:
    register(aws)
    aws.lag(3)
    service(aws)
    assert aws.settle()
    for _ in range(3):
        aws.client("ecs").describe_services(cluster=aws.cluster, services=["web"])
    assert described(aws)["runningCount"] == 2


def test_a_target_group_may_stay_in_use_for_a_while(aws: Sandbox) -> None:
    elb = aws.client("elbv2")
    aws.linger(10)
    arn = routed(aws)
    rules = elb.describe_rules(ListenerArn=aws.listener)["Rules"]
    elb.delete_rule(RuleArn=rules[0]["RuleArn"])
    with refused("ResourceInUse"):
        elb.delete_target_group(TargetGroupArn=arn)
    aws.clock.advance(11)
    elb.delete_target_group(TargetGroupArn=arn)


def test_what_is_forbidden_is_denied_and_simulated(aws: Sandbox) -> None:
    aws.forbid("ecs:Create*", "elasticloadbalancing:DeleteRule")
    register(aws)
    with refused("AccessDeniedException", "is not authorized to perform: ecs:CreateService"):
        service(aws)
    with refused("AccessDenied"):
        aws.client("elbv2").delete_rule(RuleArn="x")
    asked = ["ecs:CreateService", "ecs:UpdateService"]
    found = aws.client("iam").simulate_principal_policy(
        PolicySourceArn=aws.roles["task"], ActionNames=asked
    )["EvaluationResults"]
    assert [one["EvalDecision"] for one in found] == ["implicitDeny", "allowed"]
    aws.allow_all()
    service(aws)
