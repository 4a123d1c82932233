"""The gateways on the fake and on the sandbox: the same functions, so that the fake says what the
sandbox says, which is held to AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from compose2ecs.aws.pace import Pace
from compose2ecs.aws.session import Account, Where
from compose2ecs.aws.world import World, world_of
from compose2ecs.plan.errors import AwsError
from compose2ecs.sandbox import Sandbox
from tests.deploy.fakes import LISTENER, FakeAws

Body = dict[str, Any]
ROLE = "arn:aws:iam::111122223333:role/ecsEventsRole"
OURS = {"compose2ecs:project": "p", "compose2ecs:stack": "p"}


class Place(NamedTuple):
    """An empty account with a cluster and a listener; `settle` lets all that was begun end."""

    world: World
    cluster: str
    vpc: str
    listener: str
    settle: Callable[[], None]
    role: str = ROLE  # for the scheduler


def on_fake() -> Iterator[Place]:
    aws = FakeAws()
    world = world_of(aws)

    def settle() -> None:
        for service in aws.services.values():
            aws._settle(service)

    yield Place(world, "qa", "vpc-0aaaaaaaaaaaaaaa1", LISTENER, settle)


def on_sandbox() -> Iterator[Place]:
    with Sandbox() as box:
        account = Account(
            Where(region=box.region),
            clock=box.clock,
            pace=Pace(box.clock, {}),
            session=box.session(),
        )
        settle: Callable[[], None] = lambda: box.clock.advance(900)  # noqa: E731
        yield Place(
            world_of(account), box.cluster, box.vpc, box.listener, settle, box.roles["events"]
        )


@pytest.fixture(params=[on_fake, on_sandbox], ids=["fake", "sandbox"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    yield from request.param()


def refused(do: Callable[..., object], *arguments: Any, **named: Any) -> str:
    with pytest.raises(AwsError) as caught:
        do(*arguments, **named)
    return caught.value.code


def ecs_tags(body: Body) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in body["tags"]}


def register(place: Place, family: str = "web", **container: Any) -> str:
    made = place.world.ecs.register_task_definition(
        {
            "family": family,
            "containerDefinitions": [
                {
                    "name": family,
                    "image": "i:1",
                    "memoryReservation": 64,
                    "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
                    "portMappings": [{"containerPort": 8080, "hostPort": 0}],
                    **container,
                }
            ],
            "tags": [{"key": "team", "value": "shop"}],
        }
    )
    return str(made["taskDefinitionArn"])


def service(place: Place, name: str = "web", **given: Any) -> Body:
    body = {
        "cluster": place.cluster,
        "serviceName": name,
        "desiredCount": 1,
        "tags": [{"key": key, "value": value} for key, value in OURS.items()],
        **given,
    }
    body.setdefault("taskDefinition", register(place, name))
    return place.world.ecs.create_service(body)


def group_body(place: Place, name: str = "web", **given: Any) -> Body:
    return {
        "Name": name,
        "Protocol": "HTTP",
        "Port": 80,
        "VpcId": place.vpc,
        "TargetType": "instance",
        "HealthCheckPath": "/up",
        "Tags": [{"Key": key, "Value": value} for key, value in OURS.items()],
        **given,
    }


def group(place: Place, name: str = "web", **given: Any) -> str:
    made = place.world.elb.create_target_group(group_body(place, name, **given))
    return str(made["TargetGroupArn"])


def rule(place: Place, target: str, priority: int = 100, host: str = "a.example.com") -> str:
    made = place.world.elb.create_rule(
        {
            "ListenerArn": place.listener,
            "Priority": priority,
            "Conditions": [{"Field": "host-header", "HostHeaderConfig": {"Values": [host]}}],
            "Actions": [{"Type": "forward", "TargetGroupArn": target}],
            "Tags": [{"Key": key, "Value": value} for key, value in OURS.items()],
        }
    )
    return str(made["RuleArn"])


# ---------------------------------------------------------------------------- ECS


def test_task_definitions(place: Place) -> None:
    ecs = place.world.ecs
    first, second = register(place), register(place, image="i:2")
    assert (first.rpartition("/")[2], second.rpartition("/")[2]) == ("web:1", "web:2")
    newest = ecs.task_definition("web")
    assert newest["taskDefinitionArn"] == second
    assert newest["status"] == "ACTIVE"
    assert newest["tags"] == [{"key": "team", "value": "shop"}]
    (container,) = ecs.task_definition("web:1")["containerDefinitions"]
    assert container["image"] == "i:1"
    assert container["essential"] is True
    assert container["mountPoints"] == container["volumesFrom"] == container["systemControls"] == []
    assert container["portMappings"] == [{"containerPort": 8080, "hostPort": 0, "protocol": "tcp"}]
    assert sorted(one["name"] for one in container["environment"]) == ["A", "B"]
    assert refused(ecs.task_definition, "nobody") == "ClientException"
    ecs.tag(first, {"team": "other", "more": "1"})
    assert ecs_tags(ecs.task_definition(first)) == {"team": "other", "more": "1"}
    ecs.untag(first, ["team"])
    assert ecs_tags(ecs.task_definition(first)) == {"more": "1"}


def test_a_service_comes_changes_and_goes(place: Place) -> None:
    ecs, cluster = place.world.ecs, place.cluster
    assert ecs.services(cluster, ["web"]) == {}
    assert ecs.service_names(cluster) == []
    made = service(place)
    assert made["status"] == "ACTIVE"
    (deployment,) = made["deployments"]
    assert (deployment["status"], deployment["rolloutState"]) == ("PRIMARY", "IN_PROGRESS")
    place.settle()
    there = ecs.services(cluster, ["web", "nobody"])
    assert list(there) == ["web"]
    one = there["web"]
    assert (one["runningCount"], one["desiredCount"], one["pendingCount"]) == (1, 1, 0)
    assert [d["rolloutState"] for d in one["deployments"]] == ["COMPLETED"]
    assert one["schedulingStrategy"] == "REPLICA"
    assert one["launchType"] == "EC2"
    assert ecs_tags(one) == OURS
    assert ecs.service_names(cluster) == ["web"]
    revision = register(place, image="i:2")
    update = {"cluster": cluster, "service": "web", "taskDefinition": revision}
    changed = ecs.update_service(update)
    assert changed["taskDefinition"] == revision
    assert [d["status"] for d in changed["deployments"]] == ["PRIMARY", "ACTIVE"]
    assert changed["deployments"][0]["taskDefinition"] == revision
    place.settle()
    assert len(ecs.services(cluster, ["web"])["web"]["deployments"]) == 1
    ecs.tag(one["serviceArn"], {"a": "1"})
    ecs.untag(one["serviceArn"], ["compose2ecs:stack"])
    assert ecs_tags(ecs.services(cluster, ["web"])["web"]) == {
        "compose2ecs:project": "p",
        "a": "1",
    }
    ecs.delete_service(cluster, "web")
    assert ecs.services(cluster, ["web"])["web"]["status"] == "DRAINING"
    assert ecs.service_names(cluster) == []
    place.settle()
    assert ecs.services(cluster, ["web"])["web"]["status"] == "INACTIVE"
    assert refused(ecs.delete_service, cluster, "nobody") == "ServiceNotFoundException"
    assert refused(ecs.update_service, update) == "ServiceNotActiveException"


def test_a_service_that_is_there_already_or_still_going(place: Place) -> None:
    ecs, cluster = place.world.ecs, place.cluster
    service(place)
    with pytest.raises(AwsError, match="idempotent") as caught:
        service(place, desiredCount=2)
    assert caught.value.code == "InvalidParameterException"
    ecs.delete_service(cluster, "web")
    with pytest.raises(AwsError, match="raining") as caught:
        service(place)
    assert caught.value.code == "InvalidParameterException"
    place.settle()
    assert service(place)["status"] == "ACTIVE"


def test_a_service_needs_what_it_names(place: Place) -> None:
    balancer: Body = {"targetGroupArn": group(place), "containerName": "web", "containerPort": 8080}
    assert refused(service, place, loadBalancers=[balancer]) == "InvalidParameterException"
    rule(place, balancer["targetGroupArn"])
    assert service(place, loadBalancers=[balancer])["loadBalancers"] == [balancer]
    place.settle()
    states = [
        target["TargetHealth"]["State"]
        for target in place.world.elb.target_health(balancer["targetGroupArn"])
    ]
    assert states == ["healthy"]


def test_more_services_than_one_call_takes(place: Place) -> None:
    names = [f"s{index:02d}" for index in range(12)]
    revision = register(place)
    for name in names:
        service(place, name, taskDefinition=revision)
    assert sorted(place.world.ecs.services(place.cluster, names)) == names
    assert sorted(place.world.ecs.service_names(place.cluster)) == names


def test_a_task_that_is_run(place: Place) -> None:
    ecs, cluster = place.world.ecs, place.cluster
    body = {"cluster": cluster, "taskDefinition": register(place), "startedBy": "p/once"}
    task = ecs.run_task(body)
    assert task["lastStatus"] in ("PROVISIONING", "PENDING")
    (there,) = ecs.tasks(cluster, [task["taskArn"]])
    assert there["taskDefinitionArn"] == body["taskDefinition"]
    assert refused(ecs.run_task, {**body, "taskDefinition": "nobody"}) == "ClientException"


# ---------------------------------------------------------------------------- load balancing


def test_target_groups(place: Place) -> None:
    elb = place.world.elb
    assert elb.target_groups() == []
    assert elb.target_group_named("web") is None
    arn = group(place)
    assert group(place) == arn  # the same body makes one
    assert refused(group, place, Port=81) == "DuplicateTargetGroupName"
    there = elb.target_group_named("web")
    assert there is not None
    assert (there["TargetGroupArn"], there["Port"], there["LoadBalancerArns"]) == (arn, 80, [])
    assert (there["ProtocolVersion"], there["HealthCheckPath"]) == ("HTTP1", "/up")
    elb.modify_target_group({"TargetGroupArn": arn, "HealthCheckPath": "/other"})
    (one,) = elb.target_groups()
    assert one["HealthCheckPath"] == "/other"
    attribute = {"Key": "deregistration_delay.timeout_seconds", "Value": "30"}
    elb.modify_attributes({"TargetGroupArn": arn, "Attributes": [attribute]})
    assert elb.attributes(arn)["deregistration_delay.timeout_seconds"] == "30"
    assert elb.target_health(arn) == []
    elb.delete_target_group(arn)
    elb.delete_target_group(arn)
    assert elb.target_groups() == []
    gone = {"TargetGroupArn": arn, "HealthCheckPath": "/"}
    assert refused(elb.modify_target_group, gone) == "TargetGroupNotFound"
    attributes = {"TargetGroupArn": arn, "Attributes": [attribute]}
    assert refused(elb.modify_attributes, attributes) == "TargetGroupNotFound"
    assert refused(elb.target_health, arn) == "TargetGroupNotFound"


def test_rules(place: Place) -> None:
    elb = place.world.elb
    (default,) = elb.rules(place.listener)
    assert (default["IsDefault"], default["Priority"]) == (True, "default")
    one, two = group(place), group(place, "two")
    arn = rule(place, one)
    with pytest.raises(AwsError) as caught:
        rule(place, two)
    assert caught.value.code == "PriorityInUse"
    other = rule(place, two, 50, "b.example.com")
    first, second, default = elb.rules(place.listener)
    assert [r["Priority"] for r in (first, second, default)] == ["50", "100", "default"]
    assert (first["RuleArn"], second["RuleArn"]) == (other, arn)
    (action,) = second["Actions"]
    assert action["TargetGroupArn"] == one
    assert action["ForwardConfig"]["TargetGroups"] == [{"TargetGroupArn": one, "Weight": 1}]
    (condition,) = second["Conditions"]
    assert condition["HostHeaderConfig"] == {"Values": ["a.example.com"]}
    balancer = elb.listener(place.listener)["LoadBalancerArn"]
    assert {g["TargetGroupArn"] for g in elb.target_groups(balancer)} == {one, two}
    path = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/x"]}}
    elb.modify_rule(
        {
            "RuleArn": arn,
            "Conditions": [path],
            "Actions": [{"Type": "forward", "TargetGroupArn": two}],
        }
    )
    elb.set_priorities({arn: 50, other: 100})
    first, second, _ = elb.rules(place.listener)
    assert (first["RuleArn"], second["RuleArn"]) == (arn, other)
    assert first["Conditions"][0]["PathPatternConfig"] == {"Values": ["/x"]}
    assert refused(elb.set_priorities, {arn: 100}) == "PriorityInUse"
    elb.delete_target_group(one)  # no rule uses it any more
    assert refused(elb.delete_target_group, two) == "ResourceInUse"
    for each in (arn, other, arn):
        elb.delete_rule(each)
    gone = {"RuleArn": arn, "Conditions": [path]}
    assert refused(elb.modify_rule, gone) == "RuleNotFound"
    assert refused(elb.set_priorities, {arn: 7}) == "RuleNotFound"
    nobody = {
        "ListenerArn": place.listener,
        "Priority": 9,
        "Conditions": [path],
        "Actions": [{"Type": "forward", "TargetGroupArn": one}],
    }
    assert refused(elb.create_rule, nobody) == "TargetGroupNotFound"


def test_tags_of_the_edge(place: Place) -> None:
    elb = place.world.elb
    one = group(place)
    arn = rule(place, one)
    assert elb.tags([one, arn]) == {one: OURS, arn: OURS}
    elb.add_tags([one, arn], {"team": "shop", "compose2ecs:stack": "q"})
    said = {**OURS, "team": "shop", "compose2ecs:stack": "q"}
    assert elb.tags([one, arn]) == {one: said, arn: said}
    elb.delete_rule(arn)
    assert elb.tags([one, arn]) == {one: said}


# ---------------------------------------------------------------------------- the others


def test_log_groups(place: Place) -> None:
    logs = place.world.logs
    assert logs.group("p") is None
    assert logs.create_group({"logGroupName": "p", "tags": OURS})
    assert not logs.create_group({"logGroupName": "p"})
    assert logs.create_group({"logGroupName": "p-other"})
    logs.put_retention({"logGroupName": "p", "retentionInDays": 7})
    there = logs.group("p")
    assert there is not None
    assert there["retentionInDays"] == 7
    assert logs.tags(there["arn"]) == OURS
    assert logs.last("p", "nobody", 10) == []
    logs.delete_group("p")
    logs.delete_group("p")
    assert logs.group("p") is None
    gone = {"logGroupName": "p", "retentionInDays": 7}
    assert refused(logs.put_retention, gone) == "ResourceNotFoundException"


def test_namespaces(place: Place) -> None:
    cloud = place.world.servicediscovery
    listed = [{"Key": key, "Value": value} for key, value in OURS.items()]
    body = {"Name": "p", "Tags": listed, "CreatorRequestId": "1"}
    operation = cloud.create_http_namespace(body)
    place.settle()
    assert cloud.operation(operation)["Status"] == "SUCCESS"
    there = cloud.namespace("p")
    assert there is not None
    assert there["Type"] == "HTTP"
    assert cloud.tags(there["Arn"]) == OURS
    again = {**body, "CreatorRequestId": "2"}
    assert refused(cloud.create_http_namespace, again) == "NamespaceAlreadyExists"
    assert cloud.namespace("nobody") is None
    assert cloud.delete_namespace(there["Id"])
    place.settle()
    assert cloud.namespace("p") is None
    assert cloud.delete_namespace(there["Id"]) is None


def test_scaling(place: Place) -> None:
    scaling = place.world.autoscaling
    service(place)
    resource = f"service/{place.cluster}/web"
    names = {
        "ServiceNamespace": "ecs",
        "ResourceId": resource,
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    policy = {
        **names,
        "PolicyName": "cpu",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
            },
        },
    }
    action = {
        **names,
        "ScheduledActionName": "night",
        "Schedule": "rate(1 day)",
        "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 1},
    }
    assert scaling.targets([resource]) == {}
    assert not scaling.deregister(resource)
    assert refused(scaling.put_policy, policy) == "ObjectNotFoundException"
    assert refused(scaling.put_scheduled, action) == "ObjectNotFoundException"
    scaling.register({**names, "MinCapacity": 1, "MaxCapacity": 3})
    scaling.register({**names, "MinCapacity": 1, "MaxCapacity": 4})
    assert scaling.targets([resource])[resource]["MaxCapacity"] == 4
    scaling.put_policy(policy)
    scaling.put_scheduled(action)
    assert [one["PolicyName"] for one in scaling.policies(resource)] == ["cpu"]
    assert [one["ScheduledActionName"] for one in scaling.scheduled(resource)] == ["night"]
    assert scaling.delete_policy(resource, "cpu")
    assert not scaling.delete_policy(resource, "cpu")
    assert scaling.delete_scheduled(resource, "night")
    assert not scaling.delete_scheduled(resource, "night")
    scaling.put_policy(policy)
    scaling.put_scheduled(action)
    assert scaling.deregister(resource)
    assert scaling.targets([resource]) == {}
    assert scaling.policies(resource) == scaling.scheduled(resource) == []


def test_schedules(place: Place) -> None:
    scheduler = place.world.scheduler
    body: Body = {
        "Name": "p-nightly",
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED",
        "Target": {
            "Arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/qa",
            "RoleArn": place.role,
            "EcsParameters": {"TaskDefinitionArn": register(place), "TaskCount": 1},
        },
    }
    assert scheduler.schedule("p-nightly") is None
    assert refused(scheduler.update, body) == "ResourceNotFoundException"
    scheduler.create(body)
    assert refused(scheduler.create, body) == "ConflictException"
    scheduler.update({**body, "ScheduleExpression": "rate(2 days)"})
    there = scheduler.schedule("p-nightly")
    assert there is not None
    assert there["ScheduleExpression"] == "rate(2 days)"
    assert there["Target"]["EcsParameters"] == body["Target"]["EcsParameters"]
    scheduler.delete("p-nightly")
    scheduler.delete("p-nightly")
    assert scheduler.schedule("p-nightly") is None
