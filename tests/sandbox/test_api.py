"""How AWS keeps what it is given, pages what it shows, and what else its calls do."""

from __future__ import annotations

import pytest

from compose2ecs.sandbox import AwsError, Sandbox, tags
from compose2ecs.sandbox.paging import page
from tests.sandbox.scene import (
    Body,
    behind,
    container,
    described,
    refused,
    register,
    routed,
    service,
    update,
)

NAMES = [f"V{number}" for number in range(8)]


def test_lists_with_names_come_back_in_another_order(aws: Sandbox) -> None:
    environment = [{"name": name, "value": "x"} for name in NAMES]
    tagged = [{"key": name, "value": "x"} for name in NAMES]
    register(aws, "web", container(environment=environment), tags=tagged)
    found = aws.client("ecs").describe_task_definition(taskDefinition="web", include=["TAGS"])
    kept = found["taskDefinition"]["containerDefinitions"][0]["environment"]
    assert kept != environment
    assert sorted(kept, key=lambda one: str(one["name"])) == environment
    assert found["tags"] != tagged
    assert len(found["tags"]) == len(tagged)


def test_volumes_get_their_defaults(aws: Sandbox) -> None:
    volumes: list[Body] = [
        {"name": "a"},
        {"name": "b", "dockerVolumeConfiguration": {"driver": "local"}},
        {"name": "c", "efsVolumeConfiguration": {"fileSystemId": "fs-12345678"}},
    ]
    register(aws, volumes=volumes)
    found = aws.client("ecs").describe_task_definition(taskDefinition="web")["taskDefinition"]
    assert found["volumes"] == [
        {"name": "a", "host": {}},
        {"name": "b", "dockerVolumeConfiguration": {"driver": "local", "scope": "task"}},
        {
            "name": "c",
            "efsVolumeConfiguration": {"fileSystemId": "fs-12345678", "rootDirectory": "/"},
        },
    ]


def test_actions_are_filled_in(aws: Sandbox) -> None:
    elb = aws.client("elbv2")
    redirect = {"Type": "redirect", "RedirectConfig": {"Port": "443", "StatusCode": "HTTP_301"}}
    found = elb.create_rule(
        ListenerArn=aws.listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/a"]}],
        Actions=[redirect],
    )["Rules"][0]["Actions"][0]
    assert (found["Order"], found["RedirectConfig"]["Path"]) == (1, "/#{path}")
    arn = routed(aws)
    rules = elb.describe_rules(ListenerArn=aws.listener)["Rules"]
    action = rules[1]["Actions"][0]
    assert action["TargetGroupArn"] == arn
    assert action["ForwardConfig"] == {
        "TargetGroups": [{"TargetGroupArn": arn, "Weight": 1}],
        "TargetGroupStickinessConfig": {"Enabled": False},
    }
    group = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
    assert group["LoadBalancerArns"] == [aws.load_balancer]
    assert (group["HealthCheckPath"], group["Matcher"]) == ("/", {"HttpCode": "200"})


def test_rules_come_a_hundred_a_page(aws: Sandbox) -> None:
    aws.quotas["rules per load balancer"] = 150
    elb = aws.client("elbv2")
    for priority in range(1, 121):
        elb.create_rule(
            ListenerArn=aws.listener,
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "Values": [f"/{priority}"]}],
            Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        )
    first = elb.describe_rules(ListenerArn=aws.listener)
    assert len(first["Rules"]) == 100
    rest = elb.describe_rules(ListenerArn=aws.listener, Marker=first["NextMarker"])
    assert len(rest["Rules"]) == 21
    assert "NextMarker" not in rest
    assert len(elb.describe_rules(ListenerArn=aws.listener, PageSize=400)["Rules"]) == 121


def test_quotas_can_be_set(aws: Sandbox) -> None:
    aws.quotas["target groups"] = 1
    aws.quotas["services per cluster"] = 1
    aws.quotas["namespaces"] = 1
    routed(aws)
    with refused("TooManyTargetGroups"):
        routed(aws, "more", 20)
    register(aws)
    service(aws)
    with refused("InvalidParameterException"):
        service(aws, "other", taskDefinition="web")
    found = aws.client("servicediscovery")
    found.create_http_namespace(Name="a")
    with refused("ResourceLimitExceeded"):
        found.create_http_namespace(Name="b")


def test_pages() -> None:
    items = list(range(5))
    first, token = page(items, 2, None, "Wrong")
    second, token = page(items, 2, token, "Wrong")
    third, end = page(items, 2, token, "Wrong")
    assert (first, second, third, end) == ([0, 1], [2, 3], [4], None)
    for wrong in ("x", "cGFnZTp4", "\u00e9"):
        with pytest.raises(AwsError, match="Wrong"):
            page(items, 2, wrong, "Wrong")


@pytest.mark.parametrize(
    ("key", "value", "fine"),
    [
        ("team", "shop", True),
        ("Équipe", "a b_.:/=+-@", True),
        ("k" * 128, "v" * 256, True),
        ("k" * 129, "v", False),
        ("", "v", False),
        ("k", "v" * 257, False),
        ("AWS:k", "v", False),
        ("k", "aws:v", False),
        ("k", "a;b", False),
    ],
)
def test_tags(key: str, value: str, fine: bool) -> None:
    if fine:
        tags.check({key: value}, "Wrong")
    else:
        with pytest.raises(AwsError, match="Wrong"):
            tags.check({key: value}, "Wrong")


def test_an_update_is_refused_as_a_creation_is(aws: Sandbox) -> None:
    arn = routed(aws)
    register(aws)
    register(aws, "other", container("other"))
    service(aws, loadBalancers=behind(arn))
    with refused("InvalidParameterException", "does not exist in the task definition"):
        update(aws, taskDefinition="other")
    with refused("InvalidParameterException"):
        update(aws, deploymentConfiguration={"minimumHealthyPercent": 200})
    with refused("ClientException", "TaskDefinition not found"):
        update(aws, taskDefinition="nobody")
    assert len(described(aws)["deployments"]) == 1
    update(aws, taskDefinition="other", loadBalancers=behind(arn, "other"))
    assert len(described(aws)["deployments"]) == 2


def test_an_update_that_says_the_same_starts_nothing(aws: Sandbox) -> None:
    arn = routed(aws)
    register(aws)
    service(aws, loadBalancers=behind(arn))
    aws.settle()
    aws.clock.advance(60)
    update(aws, taskDefinition="web", loadBalancers=behind(arn), desiredCount=2)
    update(aws, healthCheckGracePeriodSeconds=30, enableECSManagedTags=True)
    assert len(described(aws)["deployments"]) == 1
    update(aws, loadBalancers=[])
    assert len(described(aws)["deployments"]) == 2
    assert aws.settle()


def test_endpoints_of_service_connect_come_and_go(aws: Sandbox) -> None:
    found = aws.client("servicediscovery")
    operation = found.create_http_namespace(Name="shop")["OperationId"]
    aws.clock.advance(10)
    id_ = found.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
    named = container(portMappings=[{"containerPort": 80, "name": "http"}])
    register(aws, "web", named, memory="512")
    register(aws, "client", container("client", memory=64), memory="256")
    connect = {"enabled": True, "namespace": "shop"}
    service(aws, "early", taskDefinition="client", serviceConnectConfiguration=connect)
    serves = {**connect, "services": [{"portName": "http", "discoveryName": "web"}]}
    arn = service(aws, serviceConnectConfiguration=serves)["serviceArn"]
    service(aws, "late", taskDefinition="client", serviceConnectConfiguration=connect)
    assert [task.sees for task in aws.tasks("early")] == [(), ()]
    assert [task.sees for task in aws.tasks("late")] == [("web",), ("web",)]
    assert [one["Name"] for one in found.list_services()["Services"]] == ["web"]
    with refused("InvalidParameterException", "already in use in the namespace"):
        service(aws, "again", taskDefinition="web", serviceConnectConfiguration=serves)
    listed = aws.client("ecs").list_services_by_namespace(namespace="shop")["serviceArns"]
    assert (len(listed), arn in listed) == (3, True)
    with refused("ResourceInUse"):
        found.delete_namespace(Id=id_)
    for name in ("web", "early", "late"):
        aws.client("ecs").delete_service(cluster=aws.cluster, service=name, force=True)
    aws.clock.advance(60)
    assert found.list_services()["Services"] == []
    found.delete_namespace(Id=id_)
    aws.clock.advance(60)
    assert found.list_namespaces()["Namespaces"] == []


def test_the_same_namespace_by_name_is_no_change(aws: Sandbox) -> None:
    aws.client("servicediscovery").create_http_namespace(Name="shop")
    aws.clock.advance(10)
    register(aws, "web", container(memory=64), memory="256")
    connect = {"enabled": True, "namespace": "shop"}
    service(aws, serviceConnectConfiguration=connect)
    update(aws, serviceConnectConfiguration=connect)
    assert len(described(aws)["deployments"]) == 1
    update(aws, serviceConnectConfiguration={"enabled": False})
    assert len(described(aws)["deployments"]) == 2


def test_a_target_brings_its_service_into_its_range(aws: Sandbox) -> None:
    scaling = aws.client("application-autoscaling")
    register(aws)
    service(aws, count=9)
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{aws.cluster}/web",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=3)
    assert described(aws)["desiredCount"] == 9
    aws.clock.advance(120)
    assert described(aws)["desiredCount"] == 3
    scaling.register_scalable_target(**target, MinCapacity=5, MaxCapacity=7)
    aws.clock.advance(120)
    assert described(aws)["desiredCount"] == 5
    found = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert [(one["MinCapacity"], one["MaxCapacity"]) for one in found] == [(5, 7)]
    for number in range(2):
        scaling.put_scheduled_action(
            **target,
            ScheduledActionName=f"night-{number}",
            Schedule="cron(0 20 * * ? *)",
            ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0},
        )
    actions = scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]
    assert [one["ScheduledActionName"] for one in actions] == ["night-0", "night-1"]
    scaling.delete_scheduled_action(**target, ScheduledActionName="night-0")
    with refused("ObjectNotFoundException"):
        scaling.delete_scheduled_action(**target, ScheduledActionName="night-0")
    scaling.deregister_scalable_target(**target)
    with refused("ObjectNotFoundException"):
        scaling.deregister_scalable_target(**target)


def test_a_daemon_does_not_scale(aws: Sandbox) -> None:
    register(aws)
    aws.client("ecs").create_service(
        cluster=aws.cluster, serviceName="web", taskDefinition="web", schedulingStrategy="DAEMON"
    )
    with refused("ValidationException"):
        aws.client("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=f"service/{aws.cluster}/web",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=1,
            MaxCapacity=2,
        )


def test_schedules(aws: Sandbox) -> None:
    scheduler = aws.client("scheduler")
    asked: Body = {
        "Name": "sweep",
        "ScheduleExpression": "rate(5 minutes)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": aws.cluster_arn,
            "RoleArn": aws.roles["events"],
            "EcsParameters": {"TaskDefinitionArn": register(aws)},
        },
    }
    arn = scheduler.create_schedule(**asked, ClientToken="one")["ScheduleArn"]
    assert scheduler.create_schedule(**asked, ClientToken="one")["ScheduleArn"] == arn
    assert scheduler.get_schedule(Name="sweep")["State"] == "ENABLED"
    scheduler.update_schedule(**{**asked, "State": "DISABLED"})
    assert scheduler.get_schedule(Name="sweep", GroupName="default")["State"] == "DISABLED"
    scheduler.create_schedule_group(Name="shop", Tags=[{"Key": "team", "Value": "shop"}])
    scheduler.create_schedule(**{**asked, "GroupName": "shop"})
    assert len(scheduler.list_schedules()["Schedules"]) == 2
    assert len(scheduler.list_schedules(GroupName="shop")["Schedules"]) == 1
    group = scheduler.get_schedule_group(Name="shop")["Arn"]
    assert scheduler.list_tags_for_resource(ResourceArn=group)["Tags"][0]["Key"] == "team"
    with refused("ValidationException", "schedule-group"):
        scheduler.list_tags_for_resource(ResourceArn=arn)
    with refused("ResourceNotFoundException"):
        scheduler.list_tags_for_resource(ResourceArn=f"{group}s")
    scheduler.delete_schedule_group(Name="shop")
    assert len(scheduler.list_schedules()["Schedules"]) == 1
    scheduler.delete_schedule(Name="sweep")
    with refused("ResourceNotFoundException"):
        scheduler.delete_schedule(Name="sweep")
    with refused("ValidationException", "must allow AWS EventBridge Scheduler"):
        target = {**asked["Target"], "RoleArn": aws.roles["events"] + "x"}
        scheduler.create_schedule(**{**asked, "Target": target})


def test_networks_can_be_looked_at_with_filters(aws: Sandbox) -> None:
    ec2 = aws.client("ec2")
    one = [{"Name": "availability-zone", "Values": [f"{aws.region}b"]}]
    assert [found["SubnetId"] for found in ec2.describe_subnets(Filters=one)["Subnets"]] == [
        aws.subnets[1]
    ]
    default = [{"Name": "is-default", "Values": ["true"]}]
    assert ec2.describe_vpcs(Filters=default)["Vpcs"][0]["VpcId"] == aws.vpc
    name = [{"Name": "group-name", "Values": ["def*"]}]
    found = ec2.describe_security_groups(Filters=name)["SecurityGroups"]
    assert [group["GroupId"] for group in found] == [aws.security_group]
    running = [{"Name": "instance-state-name", "Values": ["running"]}]
    assert len(ec2.describe_instances(Filters=running)["Reservations"]) == 2
    with refused("InvalidSubnetID.NotFound"):
        ec2.describe_subnets(SubnetIds=["subnet-x"])
    with refused("InvalidParameterValue"):
        ec2.describe_subnets(Filters=[{"Name": "colour", "Values": ["red"]}])


def test_account_settings(aws: Sandbox) -> None:
    ecs = aws.client("ecs")
    assert ecs.list_account_settings()["settings"] == []
    ecs.put_account_setting_default(name="containerInsights", value="enhanced")
    found = ecs.list_account_settings(name="containerInsights")["settings"]
    assert [one["value"] for one in found] == ["enhanced"]
    names = {
        one["name"]: one["value"]
        for one in ecs.list_account_settings(effectiveSettings=True)["settings"]
    }
    assert len(names) == 10


def test_rewriting_a_rule_lets_go_of_its_group(aws: Sandbox) -> None:
    elb = aws.client("elbv2")
    arn, other = routed(aws), routed(aws, "other", 20)
    rule = elb.describe_rules(ListenerArn=aws.listener)["Rules"][0]["RuleArn"]
    elb.modify_rule(RuleArn=rule, Actions=[{"Type": "forward", "TargetGroupArn": other}])
    elb.delete_target_group(TargetGroupArn=arn)
    elb.modify_target_group(TargetGroupArn=other, HealthCheckPath="/health")
    found = elb.describe_target_groups(TargetGroupArns=[other])["TargetGroups"][0]
    assert found["HealthCheckPath"] == "/health"
    with refused("ResourceInUse"):
        elb.delete_target_group(TargetGroupArn=other)


def test_a_network_load_balancer_forwards_by_its_listeners() -> None:
    with Sandbox(nlb=True) as aws:
        elb = aws.client("elbv2")
        arn = elb.create_target_group(Name="db", Protocol="TCP", Port=5432, VpcId=aws.vpc)[
            "TargetGroups"
        ][0]["TargetGroupArn"]
        forward = [{"Type": "forward", "TargetGroupArn": arn}]
        with refused("IncompatibleProtocols"):
            elb.create_listener(
                LoadBalancerArn=aws.load_balancer, Port=81, Protocol="HTTP", DefaultActions=forward
            )
        elb.create_listener(
            LoadBalancerArn=aws.nlb, Port=5432, Protocol="TCP", DefaultActions=forward
        )
        ports = [{"containerPort": 5432}]
        register(aws, "db", container("db", "postgres:16", portMappings=ports))
        balanced = [{"targetGroupArn": arn, "containerName": "db", "containerPort": 5432}]
        service(aws, "db", loadBalancers=balanced)
        assert aws.settle()
        group = elb.describe_target_groups(LoadBalancerArn=aws.nlb)["TargetGroups"][0]
        assert (group["HealthCheckProtocol"], "Matcher" in group) == ("TCP", False)


def test_capacity_providers(aws: Sandbox) -> None:
    ecs = aws.client("ecs")
    aws.add_capacity_provider("spot")
    asked = ["FARGATE", "spot", "nobody"]
    found = ecs.describe_capacity_providers(capacityProviders=asked)
    assert [one["name"] for one in found["capacityProviders"]] == ["FARGATE", "spot"]
    assert [one["reason"] for one in found["failures"]] == ["MISSING"]
    register(aws)
    strategy = [{"capacityProvider": "spot", "weight": 1}]
    body = service(aws, capacityProviderStrategy=strategy)
    assert "launchType" not in body
    assert body["capacityProviderStrategy"] == [{**strategy[0], "base": 0}]
    assert aws.settle()
    assert {task.provider for task in aws.tasks("web")} == {"spot"}
    update(aws, capacityProviderStrategy=strategy)
    assert len(described(aws)["deployments"]) == 1


def test_roles_and_their_policies(aws: Sandbox) -> None:
    iam = aws.client("iam")
    arn = aws.add_role("mine")
    assert arn in [one["Arn"] for one in iam.list_roles()["Roles"]]
    with refused("EntityAlreadyExists"):
        iam.create_role(RoleName="Mine", AssumeRolePolicyDocument="{}")
    document = '{"Version": "2012-10-17", "Statement": []}'
    for name in ("a", "b"):
        iam.put_role_policy(RoleName="mine", PolicyName=name, PolicyDocument=document)
    assert iam.list_role_policies(RoleName="mine")["PolicyNames"] == ["a", "b"]
    found = iam.get_role_policy(RoleName="mine", PolicyName="a")["PolicyDocument"]
    assert found == {"Version": "2012-10-17", "Statement": []}
    managed = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.attach_role_policy(RoleName="mine", PolicyArn=managed)
    attached = iam.list_attached_role_policies(RoleName="mine")["AttachedPolicies"]
    assert attached == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": managed}]
    with refused("DeleteConflict"):
        iam.delete_role(RoleName="mine")
    iam.detach_role_policy(RoleName="mine", PolicyArn=managed)
    for name in ("a", "b"):
        iam.delete_role_policy(RoleName="mine", PolicyName=name)
    with refused("NoSuchEntity"):
        iam.get_role_policy(RoleName="mine", PolicyName="a")
    with refused("NoSuchEntity"):
        iam.detach_role_policy(RoleName="mine", PolicyArn=managed)
    iam.delete_role(RoleName="mine")
    with refused("NoSuchEntity"):
        iam.get_role(RoleName="mine")
    with refused("ClientException", "Role is not valid"):
        register(aws, taskRoleArn=arn)


def test_load_balancers_and_listeners_come_and_go(aws: Sandbox) -> None:
    elb = aws.client("elbv2")
    arn = elb.create_load_balancer(Name="other", Subnets=aws.subnets)["LoadBalancers"][0][
        "LoadBalancerArn"
    ]
    assert len(elb.describe_load_balancers(Names=["other"])["LoadBalancers"]) == 1
    group = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=aws.vpc)
    forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}]
    certificates = [
        {"CertificateArn": f"arn:aws:acm:eu-west-1:123456789012:certificate/{number}"}
        for number in range(2)
    ]
    listener = elb.create_listener(
        LoadBalancerArn=arn,
        Port=443,
        Protocol="HTTPS",
        DefaultActions=forward,
        Certificates=certificates[:1],
    )["Listeners"][0]["ListenerArn"]
    elb.add_listener_certificates(ListenerArn=listener, Certificates=certificates[1:])
    found = elb.describe_listener_certificates(ListenerArn=listener)["Certificates"]
    assert [one["IsDefault"] for one in found] == [True, False]
    elb.remove_listener_certificates(ListenerArn=listener, Certificates=certificates[1:])
    refuse = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    elb.modify_listener(ListenerArn=listener, DefaultActions=[refuse])
    elb.delete_target_group(TargetGroupArn=forward[0]["TargetGroupArn"])
    rules = elb.describe_rules(ListenerArn=listener)["Rules"]
    assert rules[0]["Actions"][0]["Type"] == "fixed-response"
    limits = {one["Name"]: one["Max"] for one in elb.describe_account_limits()["Limits"]}
    assert limits["rules-per-application-load-balancer"] == "100"
    elb.delete_listener(ListenerArn=listener)
    with refused("ListenerNotFound"):
        elb.describe_listeners(ListenerArns=[listener])
    elb.delete_load_balancer(LoadBalancerArn=arn)
    elb.delete_load_balancer(LoadBalancerArn=arn)
    with refused("LoadBalancerNotFound"):
        elb.describe_load_balancers(Names=["other"])
    with refused("ValidationError", "Up to 20 load balancers"):
        elb.describe_load_balancers(LoadBalancerArns=[aws.load_balancer] * 21)
