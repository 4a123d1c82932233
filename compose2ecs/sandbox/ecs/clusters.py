"""Clusters, container instances, account settings.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html
"""

from __future__ import annotations

from collections.abc import Iterable

from compose2ecs.checks.values import bad_name
from compose2ecs.sandbox import tags
from compose2ecs.sandbox.ecs.state import ACTIVE, INACTIVE, RUNNING, STOPPED, Cluster, Instance
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.paging import page
from compose2ecs.sandbox.world import Body, Handler, World

_PAGE = 100
_PENDING = ("PROVISIONING", "PENDING", "ACTIVATING")
DEFAULT = "default"
FARGATE = ("FARGATE", "FARGATE_SPOT")


def bad_parameter(message: str) -> AwsError:
    """What ECS calls most of what it refuses of services and tasks."""
    return AwsError("InvalidParameterException", message)


def name_of(world: World, reference: str | None) -> str:
    """The name in a cluster's name or ARN; another account's or region's is none of ours."""
    if not reference:
        return DEFAULT
    if reference.startswith("arn:") and not reference.startswith(world.arn("ecs", "cluster/")):
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    return reference.rpartition("/")[2]


def cluster_of(world: World, reference: str | None) -> Cluster:
    """The ACTIVE cluster of a name or ARN; raises AwsError if there is none."""
    found = world.ecs.clusters.get(name_of(world, reference))
    if found is None:
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    if found.status != ACTIVE:
        raise AwsError("ClusterNotFoundException", "The referenced cluster was inactive.")
    return found


# ---------------------------------------------------------------------------- clusters


def create(world: World, asked: Body) -> Body:
    """CreateCluster: one that is there already is given back as it is."""
    name = asked.get("clusterName") or DEFAULT
    if bad_name(name):
        raise bad_parameter("Identifier contains invalid characters.")
    found = world.ecs.clusters.get(name)
    if found is None or found.status != ACTIVE:
        if len(world.ecs.clusters) >= world.quotas["clusters"]:
            raise AwsError("LimitExceededException", "The limit of clusters was reached.")
        given = tags.read(asked.get("tags", ()), "InvalidParameterException")
        found = Cluster(name, world.arn("ecs", f"cluster/{name}"), given)
        found.settings = asked.get("settings") or [
            {"name": "containerInsights", "value": "disabled"}
        ]
        found.configuration = asked.get("configuration")
        found.providers = asked.get("capacityProviders", [])
        found.strategy = asked.get("defaultCapacityProviderStrategy", [])
        found.connect = _namespace(world, asked)
        world.ecs.clusters[name] = found
    return {"cluster": described(world, found, ("TAGS", "SETTINGS", "CONFIGURATIONS"))}


def _namespace(world: World, asked: Body) -> str:
    reference = asked.get("serviceConnectDefaults", {}).get("namespace", "")
    for namespace in world.map.namespaces.values():
        if reference in (namespace.arn, namespace.name):
            return namespace.arn
    return ""


def described(world: World, cluster: Cluster, include: Iterable[str]) -> Body:
    """A cluster as DescribeClusters shows it."""
    running = [one for one in world.ecs.tasks.values() if one.cluster == cluster.name]
    body: Body = {
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": cluster.status,
        "registeredContainerInstancesCount": len(_instances(world, cluster)),
        "runningTasksCount": sum(one.status == RUNNING for one in running),
        "pendingTasksCount": sum(one.status in _PENDING for one in running),
        "activeServicesCount": sum(
            one.cluster == cluster.name and one.status == ACTIVE
            for one in world.ecs.services.values()
        ),
        "statistics": [],
        "tags": tags.shown(cluster.tags) if "TAGS" in include else [],
        "settings": cluster.settings if "SETTINGS" in include else [],
        "capacityProviders": cluster.providers,
        "defaultCapacityProviderStrategy": cluster.strategy,
    }
    if cluster.connect:
        body["serviceConnectDefaults"] = {"namespace": cluster.connect}
    if "CONFIGURATIONS" in include:
        body["configuration"] = cluster.configuration
    return body


def _instances(world: World, cluster: Cluster) -> list[Instance]:
    return [
        one
        for one in world.ecs.instances.values()
        if one.cluster == cluster.name and one.status != INACTIVE
    ]


def describe(world: World, asked: Body) -> Body:
    """DescribeClusters: those it does not find are among the failures."""
    found: list[Body] = []
    failures: list[Body] = []
    for reference in asked.get("clusters") or [DEFAULT]:
        name = reference.rpartition("/")[2]
        cluster = world.ecs.clusters.get(name)
        if cluster is None:
            arn = world.arn("ecs", f"cluster/{name}")
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            found.append(described(world, cluster, asked.get("include", ())))
    return {"clusters": found, "failures": failures}


def list_clusters(world: World, asked: Body) -> Body:
    """ListClusters."""
    arns = sorted(one.arn for one in world.ecs.clusters.values() if one.status == ACTIVE)
    arns, token = page(
        arns, asked.get("maxResults", _PAGE), asked.get("nextToken"), "InvalidParameterException"
    )
    return {"clusterArns": arns, "nextToken": token}


def update(world: World, asked: Body) -> Body:
    """UpdateCluster, UpdateClusterSettings and PutClusterCapacityProviders."""
    cluster = cluster_of(world, asked.get("cluster"))
    if "settings" in asked:
        cluster.settings = asked["settings"]
    if "configuration" in asked:
        cluster.configuration = asked["configuration"]
    if "serviceConnectDefaults" in asked:
        cluster.connect = _namespace(world, asked)
    if "capacityProviders" in asked:
        cluster.providers = asked["capacityProviders"]
        cluster.strategy = asked.get("defaultCapacityProviderStrategy", [])
    return {"cluster": described(world, cluster, ("TAGS", "SETTINGS", "CONFIGURATIONS"))}


def delete(world: World, asked: Body) -> Body:
    """DeleteCluster: only an empty one; it can be described as INACTIVE afterwards."""
    cluster = cluster_of(world, asked.get("cluster"))
    services = world.ecs.services.values()
    if any(one.cluster == cluster.name and one.status != INACTIVE for one in services):
        said = "The Cluster cannot be deleted while Services are active."
        raise AwsError("ClusterContainsServicesException", said)
    if _instances(world, cluster):
        said = "The Cluster cannot be deleted while Container Instances are active or draining."
        raise AwsError("ClusterContainsContainerInstancesException", said)
    tasks = world.ecs.tasks.values()
    if any(one.cluster == cluster.name and one.status != STOPPED for one in tasks):
        said = "The Cluster cannot be deleted while Tasks are active."
        raise AwsError("ClusterContainsTasksException", said)
    cluster.status = INACTIVE
    return {"cluster": described(world, cluster, ())}


def providers(world: World, asked: Body) -> Body:
    """DescribeCapacityProviders: Fargate's two, and those that the clusters have."""
    known = dict.fromkeys(FARGATE) | dict.fromkeys(
        name for cluster in world.ecs.clusters.values() for name in cluster.providers
    )
    wanted = asked.get("capacityProviders") or known
    found = [
        {
            "name": name,
            "status": ACTIVE,
            "capacityProviderArn": world.arn("ecs", f"capacity-provider/{name}"),
        }
        for name in (one.rpartition("/")[2] for one in wanted)
        if name in known
    ]
    missing = [name for name in wanted if name.rpartition("/")[2] not in known]
    failures = [{"arn": name, "reason": "MISSING"} for name in missing]
    items, token = page(
        found, asked.get("maxResults", 10), asked.get("nextToken"), "InvalidParameterException"
    )
    return {"capacityProviders": items, "failures": failures, "nextToken": token}


# ---------------------------------------------------------------------------- instances


def add_instance(
    world: World,
    cluster: str,
    *,
    ec2: str,
    zone: str,
    subnet: str,
    ip: str,
    cpu: int,
    memory: int,
    attributes: dict[str, str],
    interfaces: int = 10,
) -> Instance:
    """Register an instance with a cluster, as its agent would."""
    arn = world.arn("ecs", f"container-instance/{cluster}/{world.id()}")
    found = Instance(
        arn, cluster, ec2, zone, subnet, ip, cpu, memory, attributes, interfaces, world.now
    )
    world.ecs.instances[arn] = found
    return found


def _resources(cpu: int, memory: int, ports: list[str], udp: list[str]) -> list[Body]:
    return [
        {"name": "CPU", "type": "INTEGER", "integerValue": cpu},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": memory},
        {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ports},
        {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": udp},
    ]


RESERVED = ("22", "2375", "2376", "51678", "51679")


def instance_described(world: World, one: Instance) -> Body:
    """An instance as DescribeContainerInstances shows it."""
    tasks = [world.ecs.tasks[arn] for arn in one.tasks]
    taken = sorted(one.ports)
    return {
        "containerInstanceArn": one.arn,
        "ec2InstanceId": one.ec2,
        "capacityProviderName": one.provider or None,
        "version": 1 + len(tasks),
        "versionInfo": {"agentVersion": "1.105.1", "dockerVersion": "DockerVersion: 25.0.8"},
        "remainingResources": _resources(
            one.cpu - one.used_cpu,
            one.memory - one.used_memory,
            [*RESERVED, *(str(port) for port, protocol in taken if protocol == "tcp")],
            [str(port) for port, protocol in taken if protocol == "udp"],
        ),
        "registeredResources": _resources(one.cpu, one.memory, list(RESERVED), []),
        "status": one.status,
        "agentConnected": one.connected,
        "runningTasksCount": sum(task.status == RUNNING for task in tasks),
        "pendingTasksCount": sum(task.status in _PENDING for task in tasks),
        "attributes": [
            {"name": name, "value": value} if value else {"name": name}
            for name, value in one.attributes.items()
        ],
        "registeredAt": one.registered,
        "attachments": [],
        "tags": tags.shown(one.tags),
    }


def list_instances(world: World, asked: Body) -> Body:
    """ListContainerInstances."""
    cluster = cluster_of(world, asked.get("cluster"))
    status = asked.get("status")
    arns = [one.arn for one in _instances(world, cluster) if status in (None, one.status)]
    arns, token = page(
        arns, asked.get("maxResults", _PAGE), asked.get("nextToken"), "InvalidParameterException"
    )
    return {"containerInstanceArns": arns, "nextToken": token}


def describe_instances(world: World, asked: Body) -> Body:
    """DescribeContainerInstances: up to 100."""
    cluster = cluster_of(world, asked.get("cluster"))
    if not 1 <= len(asked["containerInstances"]) <= _PAGE:
        raise bad_parameter("Container instances must be 1 to 100.")
    known = {one.id: one for one in world.ecs.instances.values() if one.cluster == cluster.name}
    found: list[Body] = []
    failures: list[Body] = []
    for reference in asked["containerInstances"]:
        one = known.get(reference.rpartition("/")[2])
        if one is None:
            failures.append({"arn": reference, "reason": "MISSING"})
        else:
            found.append(instance_described(world, one))
    return {"containerInstances": found, "failures": failures}


def set_instances(world: World, asked: Body) -> Body:
    """UpdateContainerInstancesState: ACTIVE or DRAINING."""
    cluster = cluster_of(world, asked.get("cluster"))
    known = {one.id: one for one in world.ecs.instances.values() if one.cluster == cluster.name}
    found: list[Body] = []
    failures: list[Body] = []
    for reference in asked["containerInstances"]:
        one = known.get(reference.rpartition("/")[2])
        if one is None:
            failures.append({"arn": reference, "reason": "MISSING"})
            continue
        one.status = asked["status"]
        found.append(instance_described(world, one))
    for service in world.ecs.services.values():
        service.due = 0.0
    return {"containerInstances": found, "failures": failures}


# ---------------------------------------------------------------------------- settings

_SETTINGS = {
    "serviceLongArnFormat": "enabled",
    "taskLongArnFormat": "enabled",
    "containerInstanceLongArnFormat": "enabled",
    "awsvpcTrunking": "disabled",
    "containerInsights": "disabled",
    "fargateFIPSMode": "disabled",
    "tagResourceAuthorization": "on",
    "fargateTaskRetirementWaitPeriod": "7",
    "guardDutyActivate": "off",
    "defaultLogDriverMode": "non-blocking",
}


def list_settings(world: World, asked: Body) -> Body:
    """ListAccountSettings: what was set, and with `effectiveSettings` the defaults too."""
    values = {**(_SETTINGS if asked.get("effectiveSettings") else {}), **world.ecs.settings}
    principal = f"arn:aws:iam::{world.account}:user/sandbox"
    found = [
        {"name": name, "value": value, "principalArn": principal, "type": "user"}
        for name, value in values.items()
        if asked.get("name") in (None, name) and asked.get("value") in (None, value)
    ]
    size = asked.get("maxResults", 10)
    items, token = page(found, size, asked.get("nextToken"), "InvalidParameterException")
    return {"settings": items, "nextToken": token}


def put_setting(world: World, asked: Body) -> Body:
    """PutAccountSetting and PutAccountSettingDefault."""
    if asked["name"] not in _SETTINGS:
        raise bad_parameter(f"Invalid setting name: {asked['name']}")
    world.ecs.settings[asked["name"]] = asked["value"]
    principal = f"arn:aws:iam::{world.account}:user/sandbox"
    return {"setting": {"name": asked["name"], "value": asked["value"], "principalArn": principal}}


OPERATIONS: dict[str, Handler] = {
    "CreateCluster": create,
    "DescribeClusters": describe,
    "ListClusters": list_clusters,
    "UpdateCluster": update,
    "UpdateClusterSettings": update,
    "PutClusterCapacityProviders": update,
    "DeleteCluster": delete,
    "DescribeCapacityProviders": providers,
    "ListContainerInstances": list_instances,
    "DescribeContainerInstances": describe_instances,
    "UpdateContainerInstancesState": set_instances,
    "ListAccountSettings": list_settings,
    "PutAccountSetting": put_setting,
    "PutAccountSettingDefault": put_setting,
}
