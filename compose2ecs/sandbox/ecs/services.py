"""Services: creating, updating, deleting and describing them.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

from compose2ecs.limits import TARGET_GROUPS_PER_SERVICE
from compose2ecs.sandbox import namespaces, tags
from compose2ecs.sandbox.ecs import definitions, rollout, tasks
from compose2ecs.sandbox.ecs.clusters import bad_parameter, cluster_of
from compose2ecs.sandbox.ecs.placement import launch_of
from compose2ecs.sandbox.ecs.state import (
    ACTIVE,
    DRAINING,
    INACTIVE,
    RUNNING,
    Cluster,
    Definition,
    Deployment,
    Service,
)
from compose2ecs.sandbox.elb import find as elb_find
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.paging import page
from compose2ecs.sandbox.refuse import refuse
from compose2ecs.sandbox.world import Body, Handler, World

_CODE = "InvalidParameterException"
_DESCRIBED_AT_ONCE = 10
_PAGE, _PAGE_MAX = 10, 100
_REVISIONS_AT_ONCE = 20
# What a deployment is about: another value of one of these starts a new one.
_DEPLOYED = (
    "taskDefinition",
    "networkConfiguration",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "platformVersion",
    "capacityProviderStrategy",
    "volumeConfigurations",
)
# What can be changed without one.
_KEPT = (
    "deploymentConfiguration",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
    "availabilityZoneRebalancing",
    "enableECSManagedTags",
    "propagateTags",
    "enableExecuteCommand",
)
_ROLLING = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "strategy": "ROLLING",
    "bakeTimeInMinutes": 0,
}


# ---------------------------------------------------------------------------- creating


def create(world: World, asked: Body) -> Body:
    """CreateService."""
    cluster = cluster_of(world, asked.get("cluster"))
    name = asked["serviceName"]
    if again := _again(world, cluster, asked):
        return {"service": described(world, again, with_tags=True)}
    definition = _check(world, cluster, asked)
    active = [one for one in world.ecs.services.values() if one.cluster == cluster.name]
    if sum(one.status != INACTIVE for one in active) >= world.quotas["services per cluster"]:
        raise bad_parameter("The maximum number of services per cluster was reached.")
    given = tags.added({}, tags.read(asked.get("tags", ()), _CODE), _CODE)
    body = _with_defaults(world, cluster, asked, definition)
    arn = world.arn("ecs", f"service/{cluster.name}/{name}")
    service = Service(name, cluster.name, arn, body, asked.get("desiredCount", 0), world.now, given)
    service.token, service.asked = asked.get("clientToken", ""), copy.deepcopy(asked)
    _connect(world, cluster, service)
    world.ecs.services[cluster.name, name] = service
    _deploy(world, service, forced=False)
    return {"service": described(world, service, with_tags=True)}


def _again(world: World, cluster: Cluster, asked: Body) -> Service | None:
    """The service that the same request made before; AwsError if another one made one."""
    found = world.ecs.service(cluster.name, asked["serviceName"])
    if found is None or found.status == INACTIVE:
        return None
    if found.status == DRAINING:
        raise bad_parameter("Unable to Start a service that is still Draining.")
    if found.token and found.token == asked.get("clientToken") and found.asked == asked:
        return found
    raise bad_parameter("Creation of service was not idempotent.")


def _check(world: World, cluster: Cluster, body: Body) -> Definition:
    """Refuse what AWS refuses of a service, given in full; the definition that it is to run."""
    if not body.get("taskDefinition"):
        raise definitions.client_error("TaskDefinition cannot be null or empty.")
    definition = definitions.usable(world, body["taskDefinition"])
    check_network(world, body, definition)
    named = {**body, "taskDefinition": definition.arn}
    known = {"task-definitions": {definition.arn: definition.body}}
    refuse("services", named, known, _CODE)
    launch_of(world, cluster, body)
    for entry in body.get("loadBalancers", ()):
        _check_balancer(world, entry, definition)
    if len(body.get("loadBalancers", ())) > TARGET_GROUPS_PER_SERVICE:
        raise bad_parameter("load balancers can have at most 5 items.")
    _check_rebalancing(body)
    for registry in body.get("serviceRegistries", ()):
        arns = {one.arn for one in world.map.services.values()}
        if registry.get("registryArn") not in arns:
            raise bad_parameter(
                f"Unable to find the service registry {registry.get('registryArn')}."
            )
    return definition


def check_network(world: World, body: Body, definition: Definition) -> None:
    """Refuse a network that is not there, or is not for tasks of a definition."""
    mode = definition.body.get("networkMode")
    network = body.get("networkConfiguration", {}).get("awsvpcConfiguration")
    if mode == "awsvpc" and not network:
        said = "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        raise bad_parameter(said)
    if mode != "awsvpc" and network:
        said = (
            "Network Configuration is not valid for the given networkMode of this task definition."
        )
        raise bad_parameter(said)
    known = {one["SubnetId"] for one in world.network.subnets}
    for subnet in (network or {}).get("subnets", ()):
        if subnet not in known:
            raise bad_parameter(
                f"Error retrieving subnet information for [{subnet}]: The subnet ID '{subnet}' does not exist (ErrorCode: InvalidSubnetID.NotFound)"
            )
    groups = {one["GroupId"] for one in world.network.groups}
    for group in (network or {}).get("securityGroups", ()):
        if group not in groups:
            raise bad_parameter(
                f"Error retrieving security group information for [{group}]: The security group '{group}' does not exist (ErrorCode: InvalidGroup.NotFound)"
            )


def _check_balancer(world: World, entry: Body, definition: Definition) -> None:
    arn, container = entry.get("targetGroupArn"), entry.get("containerName")
    if not container:
        raise bad_parameter("Container Name can not be blank.")
    named = {one["name"]: one for one in definitions.containers(definition)}
    if container not in named:
        raise bad_parameter(f"The container {container} does not exist in the task definition.")
    ports = {one.get("containerPort") for one in named[container]["portMappings"]}
    if entry.get("containerPort") not in ports:
        port = entry.get("containerPort")
        raise bad_parameter(
            f"The container {container} did not have a container port {port} defined."
        )
    if not arn:
        return
    group = world.elb.groups.get(arn)
    if group is None:
        raise bad_parameter(
            f"Unable to assume role and validate the specified targetGroupArn. The target group {arn} does not exist."
        )
    mode = definition.body.get("networkMode", "bridge")
    kind = group.body["TargetType"]
    if (kind == "ip") != (mode == "awsvpc"):
        said = (
            f"The provided target group {arn} has target type {kind}, which is incompatible with "
            f"the {mode} network mode specified in the task definition."
        )
        raise bad_parameter(said)
    if not elb_find.users(world, arn):
        said = (
            f"The target group with targetGroupArn {arn} does not have an associated load balancer."
        )
        raise bad_parameter(said)


def _check_rebalancing(body: Body) -> None:
    if body.get("availabilityZoneRebalancing") != "ENABLED":
        return
    if body.get("deploymentConfiguration", {}).get("maximumPercent", 200) <= 100:
        raise bad_parameter("Availability Zone Rebalancing requires a maximumPercent above 100.")
    first = (body.get("placementStrategy") or [{}])[0]
    if first and first.get("field") != "attribute:ecs.availability-zone":
        said = "Availability Zone Rebalancing requires that the first placement strategy spreads over zones."
        raise bad_parameter(said)


def _with_defaults(world: World, cluster: Cluster, asked: Body, definition: Definition) -> Body:
    """The members of a service as AWS describes them."""
    daemon = asked.get("schedulingStrategy") == "DAEMON"
    launch = launch_of(world, cluster, asked)
    body: Body = {
        "taskDefinition": definition.arn,
        "launchType": launch.kind,
        "provider": launch.provider,
        "loadBalancers": asked.get("loadBalancers", []),
        "serviceRegistries": asked.get("serviceRegistries", []),
        "placementConstraints": asked.get("placementConstraints", []),
        "placementStrategy": asked.get("placementStrategy", []),
        "schedulingStrategy": "DAEMON" if daemon else "REPLICA",
        "deploymentController": asked.get("deploymentController", {"type": "ECS"}),
        "deploymentConfiguration": _percentages(asked.get("deploymentConfiguration", {}), daemon),
        "enableECSManagedTags": asked.get("enableECSManagedTags", False),
        "propagateTags": asked.get("propagateTags", "NONE"),
        "enableExecuteCommand": asked.get("enableExecuteCommand", False),
        "availabilityZoneRebalancing": _rebalancing(asked, daemon),
        "createdBy": f"arn:aws:iam::{world.account}:user/sandbox",
    }
    if launch.strategy:
        body["capacityProviderStrategy"] = [dict(item) for item in launch.strategy]
    if launch.kind == "FARGATE":
        body["platformVersion"] = asked.get("platformVersion", "LATEST")
        body["platformFamily"] = "Linux"
    if body["loadBalancers"]:
        grace = asked.get("healthCheckGracePeriodSeconds", 0)
        body["healthCheckGracePeriodSeconds"] = grace
        role = "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        body["roleArn"] = asked.get("role") or f"arn:aws:iam::{world.account}:role/{role}"
    elif "healthCheckGracePeriodSeconds" in asked:
        body["healthCheckGracePeriodSeconds"] = asked["healthCheckGracePeriodSeconds"]
    for key in ("serviceConnectConfiguration", "volumeConfigurations"):
        if key in asked:
            body[key] = asked[key]
    if "networkConfiguration" in asked:
        body["networkConfiguration"] = _network(asked["networkConfiguration"])
    return body


def _network(asked: Body) -> Body:
    defaults = {"securityGroups": [], "assignPublicIp": "DISABLED"}
    return {"awsvpcConfiguration": {**defaults, **asked["awsvpcConfiguration"]}}


def _percentages(asked: Body, daemon: bool) -> Body:
    high, low = (100, 0) if daemon else (200, 100)
    return {**_ROLLING, "maximumPercent": high, "minimumHealthyPercent": low, **asked}


def _rebalancing(asked: Body, daemon: bool) -> str:
    if "availabilityZoneRebalancing" in asked:
        return str(asked["availabilityZoneRebalancing"])
    if daemon or asked.get("deploymentConfiguration", {}).get("maximumPercent", 200) <= 100:
        return "DISABLED"
    first = (asked.get("placementStrategy") or [{}])[0]
    compatible = not first or first.get("field") == "attribute:ecs.availability-zone"
    return "ENABLED" if compatible else "DISABLED"


# ---------------------------------------------------------------------------- Service Connect


def _connect(world: World, cluster: Cluster, service: Service) -> None:
    """Find the namespace of Service Connect, and make the service's endpoints in it."""
    config = service.body.get("serviceConnectConfiguration", {})
    if not config.get("enabled"):
        return
    reference = config.get("namespace") or cluster.connect
    if not reference:
        raise bad_parameter("No namespace was given, and the cluster has no default one.")
    namespace = namespaces.ready(world, reference)
    if namespace is None:
        raise AwsError("NamespaceNotFoundException", f"Namespace {reference} not found.")
    names = [one.get("discoveryName") or one["portName"] for one in config.get("services", ())]
    taken = {
        one.name
        for one in world.map.services.values()
        if one.namespace == namespace.id and one.owner != service.arn
    }
    for name in names:
        if name in taken:
            said = f"The discovery name {name} is already in use in the namespace."
            raise bad_parameter(said)
    for id_ in service.endpoints:
        if world.map.services[id_].name not in names:
            del world.map.services[id_]
    kept = {
        one.name: one.id
        for one in world.map.services.values()
        if one.namespace == namespace.id and one.owner == service.arn
    }
    service.endpoints = [
        kept.get(name) or namespaces.add_service(world, namespace, name, {}, service.arn).id
        for name in names
    ]
    config["namespace"] = namespace.arn
    service.body["connectNamespace"] = namespace.arn


# ---------------------------------------------------------------------------- deploying


def _deploy(world: World, service: Service, *, forced: bool) -> None:
    """Begin to bring a service to what its body says."""
    config = copy.deepcopy({key: service.body[key] for key in _DEPLOYED if key in service.body})
    config |= {key: service.body.get(key) for key in ("launchType", "provider", "platformFamily")}
    id_ = f"ecs-svc/{world.number(19)}"
    tail = f"{service.cluster}/{service.name}/{world.number(19)}"
    for one in service.deployments:
        one.status = ACTIVE
    found = Deployment(
        id_,
        service.body["taskDefinition"],
        config,
        world.now,
        world.now,
        world.arn("ecs", f"service-revision/{tail}"),
        reason=f"ECS deployment {id_} in progress.",
        forced=forced,
    )
    service.deployments.insert(0, found)
    service.history.append(found)
    service.steady, service.failures, service.retry, service.due = False, 0, 0.0, 0.0
    service.said.clear()


def update(world: World, asked: Body) -> Body:
    """UpdateService: only what a deployment is about starts a new one."""
    cluster = cluster_of(world, asked.get("cluster"))
    service = _active(world, cluster, asked["service"])
    if service.daemon and "desiredCount" in asked:
        said = "The daemon scheduling strategy does not support a desired count for services."
        raise bad_parameter(f"{said} Remove the desired count value and try again.")
    body = {**service.body, **{key: asked[key] for key in (*_DEPLOYED, *_KEPT) if key in asked}}
    if "deploymentConfiguration" in asked:
        before = service.body["deploymentConfiguration"]
        body["deploymentConfiguration"] = {**before, **asked["deploymentConfiguration"]}
    if "networkConfiguration" in asked:
        body["networkConfiguration"] = _network(asked["networkConfiguration"])
    _check_update(world, cluster, service, body, asked)
    before = {key: service.body.get(key) for key in _DEPLOYED}
    namespace = service.body.get("connectNamespace")
    whole, service.body = service.body, body
    try:
        _connect(world, cluster, service)
    except AwsError:
        service.body = whole
        raise
    if "desiredCount" in asked:
        service.desired = asked["desiredCount"]
    if not body.get("serviceConnectConfiguration", {}).get("enabled") and namespace:
        _disconnect(world, service)
    changed = any(before[key] != body.get(key) for key in _DEPLOYED)
    if changed or asked.get("forceNewDeployment"):
        _deploy(world, service, forced=bool(asked.get("forceNewDeployment")))
    service.due, service.steady = 0.0, False
    return {"service": described(world, service)}


def _disconnect(world: World, service: Service) -> None:
    for id_ in service.endpoints:
        world.map.services.pop(id_, None)
    service.endpoints = []
    service.body.pop("connectNamespace", None)


def _check_update(
    world: World, cluster: Cluster, service: Service, body: Body, asked: Body
) -> None:
    """Refuse an update as AWS does, by what the service would be afterwards."""
    count = {} if service.daemon else {"desiredCount": asked.get("desiredCount", service.desired)}
    whole = {
        **{
            key: value
            for key, value in body.items()
            if key not in ("provider", "roleArn", "createdBy")
        },
        **count,
        "serviceName": service.name,
        "cluster": service.cluster,
    }
    if whole.get("capacityProviderStrategy"):
        launch = launch_of(world, cluster, {k: v for k, v in whole.items() if k != "launchType"})
        body["provider"], body["launchType"] = launch.provider, launch.kind
        body["capacityProviderStrategy"] = [dict(item) for item in launch.strategy]
        whole.pop("launchType", None)
    if asked.get("taskDefinition") or "loadBalancers" in asked or "networkConfiguration" in asked:
        body["taskDefinition"] = _check(world, cluster, whole).arn
    else:
        definition = definitions.find(world, body["taskDefinition"])
        known = {"task-definitions": {definition.arn: definition.body}} if definition else {}
        refuse("services", whole, known, _CODE)
        _check_rebalancing(whole)


# ---------------------------------------------------------------------------- deleting


def delete(world: World, asked: Body) -> Body:
    """DeleteService: DRAINING until its tasks have stopped, INACTIVE after that."""
    cluster = cluster_of(world, asked.get("cluster"))
    service = _named(world, cluster, asked["service"])
    if service is None or service.status == INACTIVE:
        raise AwsError("ServiceNotFoundException", "Service not found.")
    if service.status == DRAINING:
        return {"service": described(world, service)}
    if not asked.get("force") and not service.daemon:
        if service.desired > 0:
            raise bad_parameter("The service cannot be stopped while it is scaled above 0.")
        if len(service.deployments) > 1:
            raise bad_parameter("The service cannot be stopped while deployments are active.")
    service.status, service.desired, service.due = DRAINING, 0, 0.0
    return {"service": described(world, service)}


# ---------------------------------------------------------------------------- finding


def _named(world: World, cluster: Cluster, reference: str) -> Service | None:
    return world.ecs.service(cluster.name, reference.rpartition("/")[2])


def _active(world: World, cluster: Cluster, reference: str) -> Service:
    found = _named(world, cluster, reference)
    if found is None:
        raise AwsError("ServiceNotFoundException", "Service not found.")
    if found.status != ACTIVE:
        raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
    return found


def describe(world: World, asked: Body) -> Body:
    """DescribeServices: up to 10; those it does not find are among the failures."""
    cluster = cluster_of(world, asked.get("cluster"))
    if not 1 <= len(asked["services"]) <= _DESCRIBED_AT_ONCE:
        raise bad_parameter("Services cannot be empty, and up to 10 can be described.")
    found: list[Body] = []
    failures: list[Body] = []
    with_tags = "TAGS" in asked.get("include", ())
    for reference in asked["services"]:
        service = _named(world, cluster, reference)
        if service is None:
            name = reference.rpartition("/")[2]
            arn = world.arn("ecs", f"service/{cluster.name}/{name}")
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            found.append(described(world, service, with_tags=with_tags))
    return {"services": found, "failures": failures}


def list_services(world: World, asked: Body) -> Body:
    """ListServices: 10 at a time unless asked for more; those that drain are not listed."""
    cluster = cluster_of(world, asked.get("cluster"))
    size = asked.get("maxResults", _PAGE)
    if not 1 <= size <= _PAGE_MAX:
        raise bad_parameter(f"maxResults must be between 1 and {_PAGE_MAX}.")
    found = [
        one.arn
        for one in world.ecs.services.values()
        if one.cluster == cluster.name
        and one.status == ACTIVE
        and asked.get("launchType") in (None, one.body["launchType"])
        and asked.get("schedulingStrategy") in (None, one.body["schedulingStrategy"])
    ]
    arns, token = page(tags.shuffled(found), size, asked.get("nextToken"), _CODE)
    return {"serviceArns": arns, "nextToken": token}


def list_by_namespace(world: World, asked: Body) -> Body:
    """ListServicesByNamespace: the services that are in a namespace by Service Connect."""
    namespace = namespaces.ready(world, asked["namespace"])
    if namespace is None:
        raise AwsError("NamespaceNotFoundException", f"Namespace {asked['namespace']} not found.")
    found = [
        one.arn
        for one in world.ecs.services.values()
        if one.status == ACTIVE and one.body.get("connectNamespace") == namespace.arn
    ]
    arns, token = page(found, asked.get("maxResults", _PAGE), asked.get("nextToken"), _CODE)
    return {"serviceArns": arns, "nextToken": token}


# ---------------------------------------------------------------------------- describing


def described(world: World, service: Service, *, with_tags: bool = False) -> Body:
    """A service as DescribeServices shows it."""
    every = [world.ecs.tasks[arn] for arn in service.tasks]
    body: Body = {
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": world.ecs.clusters[service.cluster].arn,
        "status": service.status,
        "desiredCount": rollout.wanted(world, service) if service.status == ACTIVE else 0,
        "runningCount": sum(one.status == RUNNING for one in every),
        "pendingCount": sum(one.status in tasks.STARTING for one in every),
        "deployments": [_deployment(world, service, one) for one in service.deployments],
        "events": list(service.events),
        "createdAt": service.created,
        **service.body,
    }
    if body.get("capacityProviderStrategy"):
        body.pop("launchType", None)
    if with_tags:
        body["tags"] = tags.shown(service.tags)
    return body


def _deployment(world: World, service: Service, one: Deployment) -> Body:
    own = [task for arn in service.tasks if (task := world.ecs.tasks[arn]).deployment == one.id]
    live = sum(task.desired == RUNNING for task in own)
    config = {key: value for key, value in one.config.items() if value is not None}
    if config.get("capacityProviderStrategy"):
        config.pop("launchType", None)
    body: Body = {
        **config,
        "id": one.id,
        "status": one.status,
        "taskDefinition": one.definition,
        "desiredCount": rollout.wanted(world, service) if one is service.primary else live,
        "pendingCount": sum(task.status in tasks.STARTING for task in own),
        "runningCount": sum(task.status == RUNNING for task in own),
        "failedTasks": one.failed,
        "createdAt": one.created,
        "updatedAt": one.updated,
        "rolloutState": one.state,
        "rolloutStateReason": one.reason,
    }
    return body


# ---------------------------------------------------------------------------- deployments

_STATES = {"COMPLETED": "SUCCESSFUL", "FAILED": "ROLLBACK_SUCCESSFUL", "IN_PROGRESS": "IN_PROGRESS"}


def _brief(service: Service, one: Deployment, cluster: str) -> Body:
    tail = one.revision.rpartition("/")[2]
    head = one.revision.replace(":service-revision/", ":service-deployment/").rpartition("/")[0]
    return {
        "serviceDeploymentArn": f"{head}/{tail}",
        "serviceArn": service.arn,
        "clusterArn": cluster,
        "createdAt": one.created,
        "startedAt": one.created,
        "finishedAt": one.finished,
        "updatedAt": one.updated,
        "targetServiceRevision": {"arn": one.revision},
        "targetServiceRevisionArn": one.revision,
        "status": _STATES[one.state],
        "statusReason": one.reason,
    }


def list_deployments(world: World, asked: Body) -> Body:
    """ListServiceDeployments: newest first."""
    cluster = cluster_of(world, asked.get("cluster"))
    service = _named(world, cluster, asked["service"])
    if service is None:
        raise AwsError("ServiceNotFoundException", "Service not found.")
    found = [_brief(service, one, cluster.arn) for one in reversed(service.history)]
    wanted = asked.get("status")
    found = [one for one in found if not wanted or one["status"] in wanted]
    items, token = page(found, asked.get("maxResults", 20), asked.get("nextToken"), _CODE)
    return {"serviceDeployments": items, "nextToken": token}


def _all_deployments(world: World) -> Sequence[tuple[Service, Deployment, Body]]:
    return [
        (service, one, _brief(service, one, world.ecs.clusters[service.cluster].arn))
        for service in world.ecs.services.values()
        for one in service.history
    ]


def describe_deployments(world: World, asked: Body) -> Body:
    """DescribeServiceDeployments: up to 20."""
    wanted = asked["serviceDeploymentArns"]
    if len(wanted) > _REVISIONS_AT_ONCE:
        raise bad_parameter(f"Up to {_REVISIONS_AT_ONCE} service deployments can be described.")
    known = {one["serviceDeploymentArn"]: one for _, _, one in _all_deployments(world)}
    return {
        "serviceDeployments": [known[arn] for arn in wanted if arn in known],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
    }


def describe_revisions(world: World, asked: Body) -> Body:
    """DescribeServiceRevisions: up to 20."""
    wanted = asked["serviceRevisionArns"]
    if len(wanted) > _REVISIONS_AT_ONCE:
        raise bad_parameter(f"Up to {_REVISIONS_AT_ONCE} service revisions can be described.")
    known = {
        one.revision: {
            **{key: value for key, value in one.config.items() if value is not None},
            "serviceRevisionArn": one.revision,
            "serviceArn": service.arn,
            "clusterArn": brief["clusterArn"],
            "taskDefinition": one.definition,
            "createdAt": one.created,
        }
        for service, one, brief in _all_deployments(world)
    }
    return {
        "serviceRevisions": [known[arn] for arn in wanted if arn in known],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
    }


OPERATIONS: dict[str, Handler] = {
    "CreateService": create,
    "UpdateService": update,
    "DeleteService": delete,
    "DescribeServices": describe,
    "ListServices": list_services,
    "ListServicesByNamespace": list_by_namespace,
    "ListServiceDeployments": list_deployments,
    "DescribeServiceDeployments": describe_deployments,
    "DescribeServiceRevisions": describe_revisions,
}
