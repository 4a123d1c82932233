"""Clients in this process: those of a sandbox, and those that others make."""

from __future__ import annotations

import os

import boto3
import pytest

from compose2ecs.sandbox import Sandbox
from tests.sandbox.scene import refused, register


def test_two_sandboxes_know_nothing_of_each_other() -> None:
    with Sandbox() as one, Sandbox() as other:
        register(one)
        assert other.client("ecs").list_task_definitions()["taskDefinitionArns"] == []
        assert len(one.client("ecs").list_task_definitions()["taskDefinitionArns"]) == 1


def test_regions_and_accounts_are_in_the_names() -> None:
    with Sandbox(region="us-east-1", account="210987654321", cluster="demo") as aws:
        assert register(aws) == "arn:aws:ecs:us-east-1:210987654321:task-definition/web:1"
        assert aws.client("sts").get_caller_identity()["Account"] == "210987654321"
        assert aws.cluster_arn == "arn:aws:ecs:us-east-1:210987654321:cluster/demo"
        found = aws.client("ec2").describe_subnets()["Subnets"][0]
        assert found["AvailabilityZone"] == "us-east-1a"


def test_a_client_of_a_closed_sandbox_leads_nowhere() -> None:
    with Sandbox(region="eu-north-1") as aws:
        client = aws.client("ecs")
    with pytest.raises(RuntimeError, match="closed"):
        client.list_clusters()


def test_sessions_that_others_make_can_be_led_here(aws: Sandbox) -> None:
    before = dict(os.environ)
    register(aws)
    with aws.everywhere():
        client = boto3.Session().client("ecs")
        assert len(client.list_task_definitions()["taskDefinitionArns"]) == 1
    assert dict(os.environ) == before


def test_ids_are_the_same_each_time() -> None:
    found = []
    for _ in range(2):
        with Sandbox() as aws:
            register(aws)
            found.append((aws.load_balancer, aws.listener, aws.cluster_arn))
    assert found[0] == found[1]


def test_what_the_seeds_are() -> None:
    with Sandbox(https=True, nlb=True, instances=3, subnets=2) as aws:
        elb = aws.client("elbv2")
        kinds = [one["Type"] for one in elb.describe_load_balancers()["LoadBalancers"]]
        assert kinds == ["application", "network"]
        found = elb.describe_listeners(LoadBalancerArn=aws.load_balancer)["Listeners"]
        assert [(one["Port"], one["Protocol"]) for one in found] == [(80, "HTTP"), (443, "HTTPS")]
        assert found[0]["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "404"
        assert found[1]["ListenerArn"] == aws.https_listener
        ecs = aws.client("ecs")
        arns = ecs.list_container_instances(cluster=aws.cluster)["containerInstanceArns"]
        assert len(arns) == 3
        ids = [
            one["ec2InstanceId"]
            for one in ecs.describe_container_instances(
                cluster=aws.cluster, containerInstances=arns
            )["containerInstances"]
        ]
        reservations = aws.client("ec2").describe_instances(InstanceIds=ids)["Reservations"]
        assert len(reservations) == 3
        assert len(aws.subnets) == 2
        role = aws.client("iam").get_role(RoleName="ecsTaskExecutionRole")["Role"]
        assert role["Arn"] == aws.roles["execution"]
        assert role["AssumeRolePolicyDocument"]["Statement"][0]["Effect"] == "Allow"


def test_what_the_sandbox_does_not_know_is_said(aws: Sandbox) -> None:
    with refused("NotImplemented", "ecs:CreateTaskSet"):
        aws.client("ecs").create_task_set(cluster="c", service="s", taskDefinition="t")


@pytest.mark.slow
def test_everything_else_is_motos(aws: Sandbox) -> None:
    ecr = aws.client("ecr")
    ecr.create_repository(repositoryName="shop/web")
    found = ecr.describe_repositories()["repositories"][0]
    assert found["repositoryUri"].endswith(f"dkr.ecr.{aws.region}.amazonaws.com/shop/web")
    ssm = aws.client("ssm")
    ssm.put_parameter(Name="/shop/db", Value="secret", Type="SecureString")
    assert ssm.get_parameter(Name="/shop/db", WithDecryption=True)["Parameter"]["Value"] == "secret"
    with refused("RepositoryNotFoundException"):
        ecr.describe_repositories(repositoryNames=["nobody"])


@pytest.mark.slow
def test_moto_forgets_with_the_sandbox() -> None:
    for _ in range(2):
        with Sandbox() as aws:
            aws.client("ecr").create_repository(repositoryName="shop")


@pytest.mark.slow
def test_moto_answers_over_http_as_well(aws: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.environment(aws.serve()).items():
        monkeypatch.setenv(name, value)
    session = boto3.Session()
    session.client("ecr").create_repository(repositoryName="shop")
    s3 = session.client("s3")
    s3.create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="shop", Key="web.env", Body=b"A=1")
    assert s3.get_object(Bucket="shop", Key="web.env")["Body"].read() == b"A=1"
    assert len(aws.client("ecr").describe_repositories()["repositories"]) == 1
