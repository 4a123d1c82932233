"""Checks of services, deployments and clusters.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compose2ecs.sandbox.fidelity.model import (
    ECS,
    GUIDE,
    Aws,
    Body,
    Check,
    balanced,
    described,
    equal,
    fargate,
    group,
    refused,
    register,
    routed,
    service,
    web,
)

_CREATE = f"{ECS}CreateService.html"
_UPDATE = f"{ECS}UpdateService.html"
_DELETE = f"{ECS}DeleteService.html"
_EVENTS = f"{GUIDE}service-event-messages-list.html"
_BREAKER = f"{GUIDE}deployment-circuit-breaker.html"
_INVALID = "InvalidParameterException"
_LONG = 3600.0


def _network(aws: Aws) -> Body:
    return {"awsvpcConfiguration": {"subnets": aws.subnets[:1]}}


# ---------------------------------------------------------------------------- what is refused

_Asked = Callable[[Aws], Body]


def _with(**more: Any) -> _Asked:
    return lambda aws: more


# What is wrong, what is asked beside a service that is fine, the code, a part of what AWS says.
_REFUSED: tuple[tuple[str, str, _Asked, str, str, str], ...] = (
    (
        "S101",
        "a task definition that is not there",
        _with(definition="nobody"),
        "ClientException",
        "",
        _CREATE,
    ),
    ("S102", "a name with a blank", _with(name="my web"), _INVALID, "", _CREATE),
    (
        "S103",
        "a target group that is not there",
        lambda aws: {
            "loadBalancers": balanced(aws, routed(aws).replace("/web/", "/other/")),
        },
        _INVALID,
        "target group",
        f"{ECS}LoadBalancer.html",
    ),
    (
        "S104",
        "a target group without a load balancer",
        lambda aws: {"loadBalancers": balanced(aws, group(aws))},
        _INVALID,
        "does not have an associated load balancer",
        f"{GUIDE}service-load-balancing.html",
    ),
    (
        "S105",
        "a target group of addresses for tasks in bridge mode",
        lambda aws: {"loadBalancers": balanced(aws, routed(aws, TargetType="ip"))},
        _INVALID,
        "target type ip, which is incompatible with the bridge network mode",
        f"{ECS}LoadBalancer.html",
    ),
    (
        "S106",
        "a load balancer for a container that is not there",
        lambda aws: {"loadBalancers": [{**balanced(aws, routed(aws))[0], "containerName": "db"}]},
        _INVALID,
        "does not exist in the task definition",
        f"{ECS}LoadBalancer.html",
    ),
    (
        "S107",
        "a load balancer for a port that is not there",
        lambda aws: {"loadBalancers": [{**balanced(aws, routed(aws))[0], "containerPort": 81}]},
        _INVALID,
        "did not have a container port 81 defined",
        f"{ECS}LoadBalancer.html",
    ),
    (
        "S108",
        "six target groups",
        lambda aws: {
            "loadBalancers": [
                one for n in range(6) for one in balanced(aws, routed(aws, f"g{n}", n + 20))
            ]
        },
        _INVALID,
        "",
        f"{GUIDE}register-multiple-targetgroups.html",
    ),
    (
        "S109",
        "awsvpc without a network",
        lambda aws: {"definition": _registered(aws, fargate(aws, "f")), "launchType": "FARGATE"},
        _INVALID,
        "Network Configuration must be provided",
        _CREATE,
    ),
    (
        "S110",
        "a network for bridge mode",
        lambda aws: {"networkConfiguration": _network(aws)},
        _INVALID,
        "Network Configuration is not valid for the given networkMode",
        _CREATE,
    ),
    (
        "S111",
        "a launch type and capacity providers",
        _with(
            launchType="EC2",
            capacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1}],
        ),
        _INVALID,
        "",
        _CREATE,
    ),
    (
        "S112",
        "Fargate for a definition of bridge mode",
        _with(launchType="FARGATE"),
        _INVALID,
        "",
        _CREATE,
    ),
    (
        "S113",
        "a daemon with a count",
        _with(schedulingStrategy="DAEMON"),
        _INVALID,
        "daemon",
        _CREATE,
    ),
    (
        "S114",
        "a minimum above 100 %",
        _with(deploymentConfiguration={"minimumHealthyPercent": 150}),
        _INVALID,
        "",
        f"{ECS}DeploymentConfiguration.html",
    ),
    (
        "S115",
        "a maximum below 100 %",
        _with(deploymentConfiguration={"maximumPercent": 50, "minimumHealthyPercent": 0}),
        _INVALID,
        "",
        f"{ECS}DeploymentConfiguration.html",
    ),
    (
        "S116",
        "six placement strategies",
        _with(placementStrategy=[{"type": "spread", "field": "instanceId"}] * 6),
        _INVALID,
        "",
        _CREATE,
    ),
    (
        "S117",
        "a capacity provider that the cluster does not have",
        _with(capacityProviderStrategy=[{"capacityProvider": "spot", "weight": 1}]),
        _INVALID,
        "capacity provider",
        _CREATE,
    ),
    (
        "S118",
        "a namespace that is not there",
        lambda aws: {
            "definition": _registered(aws, web("roomy", memory="512")),
            "serviceConnectConfiguration": {"enabled": True, "namespace": "nowhere"},
        },
        "NamespaceNotFoundException",
        "",
        f"{GUIDE}service-connect-concepts-deploy.html",
    ),
    (
        "S119",
        "rebalancing between zones without room for one more task",
        _with(
            availabilityZoneRebalancing="ENABLED",
            deploymentConfiguration={"maximumPercent": 100, "minimumHealthyPercent": 0},
        ),
        _INVALID,
        "",
        f"{GUIDE}service-rebalancing.html",
    ),
    (
        "S120",
        "a cluster that is not there",
        _with(cluster="nowhere"),
        "ClusterNotFoundException",
        "",
        _CREATE,
    ),
    (
        "S121",
        "a launch type that there is not",
        _with(launchType="LAMBDA"),
        _INVALID,
        "",
        _CREATE,
    ),
)


def _registered(aws: Aws, body: Body) -> str:
    register(aws, body)
    return str(body["family"])


def _refusal(id_: str, what: str, asked: _Asked, code: str, said: str, source: str) -> Check:
    def run(aws: Aws) -> None:
        register(aws, web())
        service(aws, "fine")
        more = asked(aws)
        body = {
            "cluster": aws.cluster,
            "serviceName": more.pop("name", "web"),
            "taskDefinition": more.pop("definition", "web"),
            "desiredCount": 2,
            **more,
        }
        refused(lambda: aws.client("ecs").create_service(**body), code, said)

    return Check(id_, f"{what}: refused", source, run)


# ---------------------------------------------------------------------------- creating


def _inactive_definition(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    service(aws, "before")
    ecs.deregister_task_definition(taskDefinition="web:1")
    refused(lambda: service(aws, "after", "web:1"), "ClientException", "inactive")


def _not_idempotent(aws: Aws) -> None:
    register(aws, web())
    service(aws)
    refused(lambda: service(aws), _INVALID, "Creation of service was not idempotent")


def _token(aws: Aws) -> None:
    register(aws, web())
    first = service(aws, clientToken="one")
    equal(service(aws, clientToken="one")["serviceArn"], first["serviceArn"])
    refused(lambda: service(aws, clientToken="two"), _INVALID, "not idempotent")


def _draining_name(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    service(aws)
    aws.wait(_LONG / 10)
    ecs.delete_service(cluster=aws.cluster, service="web", force=True)
    refused(lambda: service(aws), _INVALID, "still Draining")
    aws.wait(_LONG / 10)
    equal(service(aws)["status"], "ACTIVE")


def _kept(aws: Aws) -> None:
    arn = routed(aws)
    register(aws, web())
    asked: Body = {
        "deploymentConfiguration": {
            "minimumHealthyPercent": 50,
            "maximumPercent": 150,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        },
        "healthCheckGracePeriodSeconds": 30,
        "enableECSManagedTags": True,
        "propagateTags": "SERVICE",
        "placementStrategy": [{"type": "binpack", "field": "memory"}],
        "placementConstraints": [{"type": "distinctInstance"}],
        "availabilityZoneRebalancing": "DISABLED",
        "loadBalancers": balanced(aws, arn),
    }
    service(aws, **asked)
    found = described(aws)
    for key, value in asked.items():
        shown = found.get(key)
        if isinstance(value, dict):
            shown = {name: (shown or {}).get(name) for name in value}
        equal((key, shown), (key, value))


def _filled_in(aws: Aws) -> None:
    register(aws, web())
    found = service(aws)
    config = found["deploymentConfiguration"]
    equal((config["minimumHealthyPercent"], config["maximumPercent"]), (100, 200))
    equal((found["launchType"], found["schedulingStrategy"]), ("EC2", "REPLICA"))
    equal((found["propagateTags"], found["deploymentController"]["type"]), ("NONE", "ECS"))
    equal((found["enableExecuteCommand"], found["enableECSManagedTags"]), (False, False))
    assert found["createdAt"], "no createdAt"


def _no_security_groups(aws: Aws) -> None:
    register(aws, fargate(aws))
    found = service(aws, launchType="FARGATE", networkConfiguration=_network(aws))
    equal(found["networkConfiguration"]["awsvpcConfiguration"]["subnets"], aws.subnets[:1])


def _tags(aws: Aws) -> None:
    register(aws, web())
    service(aws, tags=[{"key": "team", "value": "shop"}])
    equal(described(aws).get("tags", []), [])
    equal(described(aws, "web", "TAGS")["tags"], [{"key": "team", "value": "shop"}])


# ---------------------------------------------------------------------------- reading


def _eleven(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    names = [f"s{number}" for number in range(11)]
    for name in names:
        service(aws, name, desiredCount=0)
    equal(len(ecs.describe_services(cluster=aws.cluster, services=names[:10])["services"]), 10)
    refused(lambda: ecs.describe_services(cluster=aws.cluster, services=names), _INVALID)


def _missing(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    service(aws)
    found = ecs.describe_services(cluster=aws.cluster, services=["web", "nobody"])
    equal([one["reason"] for one in found["failures"]], ["MISSING"])
    equal(len(found["services"]), 1)


def _ten_a_page(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    for number in range(12):
        service(aws, f"s{number}", desiredCount=0)
    first = ecs.list_services(cluster=aws.cluster)
    equal(len(first["serviceArns"]), 10)
    rest = ecs.list_services(cluster=aws.cluster, nextToken=first["nextToken"])
    equal(len(set(first["serviceArns"] + rest["serviceArns"])), 12)
    equal(len(ecs.list_services(cluster=aws.cluster, maxResults=100)["serviceArns"]), 12)


# ---------------------------------------------------------------------------- deployments


def _steady(aws: Aws) -> None:
    register(aws, web())
    equal(service(aws)["runningCount"], 0)
    aws.wait(_LONG / 10)
    found = described(aws)
    equal((found["runningCount"], found["pendingCount"]), (2, 0))
    equal([one["rolloutState"] for one in found["deployments"]], ["COMPLETED"])
    said = [event["message"] for event in found["events"]]
    assert any("has started 2 tasks" in one for one in said), said
    assert any("has reached a steady state" in one for one in said), said


def _in_progress(aws: Aws) -> None:
    register(aws, web())
    found = service(aws)
    equal([one["rolloutState"] for one in found["deployments"]], ["IN_PROGRESS"])
    equal((found["deployments"][0]["status"], found["runningCount"]), ("PRIMARY", 0))
    aws.wait(_LONG / 10)
    equal(described(aws)["deployments"][0]["id"], found["deployments"][0]["id"])
    equal(described(aws)["deployments"][0]["runningCount"], 2)


def _rolling(aws: Aws) -> None:
    ecs = aws.client("ecs")
    first = register(aws, web())["taskDefinitionArn"]
    service(aws)
    aws.wait(_LONG / 10)
    second = register(aws, web())["taskDefinitionArn"]
    found = ecs.update_service(cluster=aws.cluster, service="web", taskDefinition="web")["service"]
    equal(found["taskDefinition"], second)
    shown = [(one["status"], one["taskDefinition"]) for one in found["deployments"]]
    equal(shown, [("PRIMARY", second), ("ACTIVE", first)])
    equal(found["runningCount"], 2)
    aws.wait(_LONG / 10)
    equal([one["taskDefinition"] for one in described(aws)["deployments"]], [second])


def _forced(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    before = service(aws)["deployments"][0]["id"]
    aws.wait(_LONG / 10)
    ecs.update_service(cluster=aws.cluster, service="web", forceNewDeployment=True)
    aws.wait(_LONG / 10)
    after = [one["id"] for one in described(aws)["deployments"]]
    equal((len(after), after == [before]), (1, False))


def _scaled(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    before = service(aws)["deployments"][0]["id"]
    aws.wait(_LONG / 10)
    found = ecs.update_service(cluster=aws.cluster, service="web", desiredCount=3)["service"]
    equal((found["desiredCount"], found["runningCount"]), (3, 2))
    aws.wait(_LONG / 10)
    found = described(aws)
    equal((found["runningCount"], [one["id"] for one in found["deployments"]]), (3, [before]))


def _same_again(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    before = service(aws)["deployments"][0]["id"]
    aws.wait(_LONG / 10)
    ecs.update_service(cluster=aws.cluster, service="web", taskDefinition="web:1")
    found = described(aws)
    equal(
        [(one["id"], one["rolloutState"]) for one in found["deployments"]], [(before, "COMPLETED")]
    )


def _breaker(aws: Aws) -> None:
    ecs = aws.client("ecs")
    good = register(aws, web())["taskDefinitionArn"]
    breaker = {"enable": True, "rollback": True}
    service(aws, deploymentConfiguration={"deploymentCircuitBreaker": breaker})
    aws.wait(_LONG / 10)
    aws.behave("broken:*", exit_code=1)
    register(aws, web(container={"image": "broken:1"}))
    ecs.update_service(cluster=aws.cluster, service="web", taskDefinition="web")
    aws.wait(_LONG)
    found = described(aws)
    equal((found["taskDefinition"], found["runningCount"]), (good, 2))
    said = [event["message"] for event in found["events"]]
    assert any("deployment failed: tasks failed to start" in one for one in said), said
    assert any("rolling back to deployment ecs-svc/" in one for one in said), said


def _breaker_alone(aws: Aws) -> None:
    register(aws, web(container={"image": "broken:1"}))
    aws.behave("broken:*", exit_code=1)
    breaker = {"enable": True, "rollback": False}
    config = {"deploymentCircuitBreaker": breaker}
    service(aws, desiredCount=1, deploymentConfiguration=config)
    aws.wait(_LONG)
    found = described(aws)["deployments"][0]
    equal((found["rolloutState"], found["failedTasks"]), ("FAILED", 3))


def _unplaced(aws: Aws) -> None:
    register(aws, web(container={"memory": 10_000_000}))
    service(aws, desiredCount=1)
    aws.wait(_LONG / 10)
    said = [event["message"] for event in described(aws)["events"]]
    assert any("was unable to place a task" in one and "memory" in one for one in said), said


def _missing_image(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web(container={"image": "gone:1"}))
    aws.behave("gone:*", pull_error="pull access denied for gone")
    service(aws, desiredCount=1)
    aws.wait(60)
    arns = ecs.list_tasks(cluster=aws.cluster, serviceName="web", desiredStatus="STOPPED")[
        "taskArns"
    ]
    task = ecs.describe_tasks(cluster=aws.cluster, tasks=arns[:1])["tasks"][0]
    equal(task["stopCode"], "TaskFailedToStart")
    assert "CannotPullContainerError" in task["stoppedReason"], task["stoppedReason"]


def _replaced(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    service(aws)
    aws.wait(_LONG / 10)
    arns = ecs.list_tasks(cluster=aws.cluster, serviceName="web")["taskArns"]
    equal(len(arns), 2)
    ecs.stop_task(cluster=aws.cluster, task=arns[0])
    aws.wait(_LONG / 10)
    now = ecs.list_tasks(cluster=aws.cluster, serviceName="web")["taskArns"]
    equal((len(now), arns[0] in now, arns[1] in now), (2, False, True))


def _targets(aws: Aws) -> None:
    arn = routed(aws)
    register(aws, web())
    service(aws, desiredCount=4, loadBalancers=balanced(aws, arn))
    aws.wait(_LONG / 10)
    elb = aws.client("elbv2")
    found = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    targets = {(one["Target"]["Id"], one["Target"]["Port"]) for one in found}
    equal((len(targets), {one["TargetHealth"]["State"] for one in found}), (4, {"healthy"}))
    assert len({id_ for id_, _ in targets}) < 4, "several on one instance"
    assert all(port >= 32768 for _, port in targets), targets


def _unhealthy(aws: Aws) -> None:
    arn = routed(aws)
    register(aws, web(container={"image": "deaf:1"}))
    aws.behave("deaf:*", port_closed=True)
    service(aws, desiredCount=1, loadBalancers=balanced(aws, arn))
    aws.wait(_LONG / 10)
    found = described(aws)
    said = [event["message"] for event in found["events"]]
    assert any("is unhealthy in (target-group" in one for one in said), said
    equal(found["deployments"][0]["rolloutState"], "IN_PROGRESS")


def _daemon(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    ecs.create_service(
        cluster=aws.cluster, serviceName="web", taskDefinition="web", schedulingStrategy="DAEMON"
    )
    aws.wait(_LONG / 10)
    instances = ecs.list_container_instances(cluster=aws.cluster)["containerInstanceArns"]
    found = described(aws)
    equal((found["desiredCount"], found["runningCount"]), (len(instances), len(instances)))


# ---------------------------------------------------------------------------- updating, deleting


def _update_missing(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    service(aws)
    asked = {"cluster": aws.cluster, "service": "nobody", "desiredCount": 1}
    refused(lambda: ecs.update_service(**asked), "ServiceNotFoundException")


def _update_inactive(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    service(aws)
    ecs.delete_service(cluster=aws.cluster, service="web", force=True)
    aws.wait(_LONG / 10)
    asked = {"cluster": aws.cluster, "service": "web", "desiredCount": 1}
    refused(lambda: ecs.update_service(**asked), "ServiceNotActiveException")


def _scaled_above(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    service(aws)
    asked = {"cluster": aws.cluster, "service": "web"}
    refused(lambda: ecs.delete_service(**asked), _INVALID, "scaled above 0")


def _drains(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    service(aws)
    aws.wait(_LONG / 10)
    found = ecs.delete_service(cluster=aws.cluster, service="web", force=True)["service"]
    equal((found["status"], found["desiredCount"]), ("DRAINING", 0))
    equal(ecs.list_services(cluster=aws.cluster)["serviceArns"], [])
    aws.wait(_LONG / 10)
    found = described(aws)
    equal((found["status"], found["runningCount"]), ("INACTIVE", 0))


def _delete_twice(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    service(aws)
    asked = {"cluster": aws.cluster, "service": "web", "force": True}
    ecs.delete_service(**asked)
    aws.wait(_LONG / 10)
    refused(lambda: ecs.delete_service(**asked), "ServiceNotFoundException")


def _tag_inactive(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    arn = service(aws)["serviceArn"]
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}])
    ecs.delete_service(cluster=aws.cluster, service="web", force=True)
    aws.wait(_LONG / 10)
    asked = {"resourceArn": arn, "tags": [{"key": "b", "value": "1"}]}
    refused(lambda: ecs.tag_resource(**asked), _INVALID, "inactive")


def _tag_fifty(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    arn = service(aws)["serviceArn"]
    tags = [{"key": f"k{number}", "value": "v"} for number in range(50)]
    ecs.tag_resource(resourceArn=arn, tags=tags)
    asked = {"resourceArn": arn, "tags": [{"key": "one more", "value": "v"}]}
    refused(lambda: ecs.tag_resource(**asked), _INVALID)


# ---------------------------------------------------------------------------- clusters


def _cluster_in_use(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    ecs.create_cluster(clusterName="mine")
    ecs.create_service(cluster="mine", serviceName="web", taskDefinition="web", desiredCount=0)
    refused(lambda: ecs.delete_cluster(cluster="mine"), "ClusterContainsServicesException")


def _cluster_gone(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    ecs.create_cluster(clusterName="mine")
    ecs.delete_cluster(cluster="mine")
    equal(ecs.describe_clusters(clusters=["mine"])["clusters"][0]["status"], "INACTIVE")
    asked = {"cluster": "mine", "serviceName": "web", "taskDefinition": "web", "desiredCount": 0}
    refused(lambda: ecs.create_service(**asked), "ClusterNotFoundException", "inactive")


def _cluster_twice(aws: Aws) -> None:
    ecs = aws.client("ecs")
    settings = [{"name": "containerInsights", "value": "enabled"}]
    ecs.create_cluster(clusterName="mine", settings=settings)
    ecs.create_cluster(clusterName="mine")
    found = ecs.describe_clusters(clusters=["mine"], include=["SETTINGS"])["clusters"][0]
    equal(found["settings"], settings)


def _cluster_counts(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    service(aws)
    aws.wait(_LONG / 10)
    found = ecs.describe_clusters(clusters=[aws.cluster])["clusters"][0]
    equal((found["activeServicesCount"], found["runningTasksCount"]), (1, 2))


def _by_namespace(aws: Aws) -> None:
    ecs = aws.client("ecs")
    aws.client("servicediscovery").create_http_namespace(Name="shop")
    aws.wait(60)
    named = {"portMappings": [{"containerPort": 80, "name": "http"}]}
    register(aws, web(container=named, memory="512"))
    config = {"enabled": True, "namespace": "shop", "services": [{"portName": "http"}]}
    arn = service(aws, serviceConnectConfiguration=config)["serviceArn"]
    equal(ecs.list_services_by_namespace(namespace="shop")["serviceArns"], [arn])


CHECKS: tuple[Check, ...] = (
    *(_refusal(*row) for row in _REFUSED),
    Check("S001", "an INACTIVE definition starts no service", _CREATE, _inactive_definition),
    Check("S002", "a service's name is given once", _CREATE, _not_idempotent),
    Check("S003", "the same token means the same service", _CREATE, _token),
    Check("S004", "a name is free once its service has drained", _DELETE, _draining_name),
    Check("S005", "what is asked for can be described", f"{ECS}Service.html", _kept),
    Check("S006", "defaults of a service are filled in", f"{ECS}Service.html", _filled_in),
    Check(
        "S007",
        "security groups may be left out",
        f"{ECS}AwsVpcConfiguration.html",
        _no_security_groups,
    ),
    Check("S008", "tags are described on request", f"{ECS}DescribeServices.html", _tags),
    Check(
        "S009", "11 services cannot be described at once", f"{ECS}DescribeServices.html", _eleven
    ),
    Check("S010", "what is missing is a failure", f"{ECS}DescribeServices.html", _missing),
    Check("S011", "services are listed 10 a page", f"{ECS}ListServices.html", _ten_a_page),
    Check("S012", "a service reaches a steady state, and says so", _EVENTS, _steady),
    Check("S013", "a deployment is in progress at first", f"{ECS}Deployment.html", _in_progress),
    Check(
        "S014",
        "a new definition is a second deployment until it is done",
        f"{GUIDE}deployment-type-ecs.html",
        _rolling,
    ),
    Check("S015", "a forced deployment is a new one", _UPDATE, _forced),
    Check("S016", "another count is no deployment, and takes its time", _UPDATE, _scaled),
    Check("S017", "the same definition again is no deployment", _UPDATE, _same_again),
    Check("S018", "the circuit breaker rolls back", _BREAKER, _breaker),
    Check("S019", "without rollback it fails the deployment at 3 tasks", _BREAKER, _breaker_alone),
    Check("S020", "what cannot be placed is among the events", _EVENTS, _unplaced),
    Check(
        "S021",
        "a missing image stops the task",
        f"{GUIDE}stopped-task-error-codes.html",
        _missing_image,
    ),
    Check("S022", "a stopped task is replaced", f"{GUIDE}ecs_services.html", _replaced),
    Check(
        "S023",
        "each task is a target with a port of its own",
        f"{GUIDE}alb.html",
        _targets,
    ),
    Check("S024", "a target that does not answer is said to be unhealthy", _EVENTS, _unhealthy),
    Check("S025", "a daemon runs once on each instance", f"{GUIDE}ecs_services.html", _daemon),
    Check("S026", "a missing service cannot be updated", _UPDATE, _update_missing),
    Check("S027", "an INACTIVE service cannot be updated", _UPDATE, _update_inactive),
    Check("S028", "a scaled service is not deleted without force", _DELETE, _scaled_above),
    Check("S029", "a deleted service is DRAINING, then INACTIVE", _DELETE, _drains),
    Check("S030", "a service is deleted once", _DELETE, _delete_twice),
    Check("S031", "an INACTIVE service takes no tags", f"{ECS}TagResource.html", _tag_inactive),
    Check("S032", "a service has 50 tags at most", f"{ECS}TagResource.html", _tag_fifty),
    Check("S033", "a cluster with services stays", f"{ECS}DeleteCluster.html", _cluster_in_use),
    Check("S034", "a deleted cluster is INACTIVE", f"{ECS}DeleteCluster.html", _cluster_gone),
    Check(
        "S035",
        "a cluster is made once, and kept as it is",
        f"{ECS}CreateCluster.html",
        _cluster_twice,
    ),
    Check("S036", "a cluster counts its services and tasks", f"{ECS}Cluster.html", _cluster_counts),
    Check(
        "S037",
        "services are found by their namespace",
        f"{ECS}ListServicesByNamespace.html",
        _by_namespace,
    ),
)
