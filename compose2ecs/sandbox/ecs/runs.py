"""Tasks by hand: running, stopping, describing, listing them, and commands in them.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
"""

from __future__ import annotations

from compose2ecs.sandbox import tags
from compose2ecs.sandbox.ecs import definitions, placement, rollout, tasks
from compose2ecs.sandbox.ecs.clusters import bad_parameter, cluster_of
from compose2ecs.sandbox.ecs.placement import Unplaced
from compose2ecs.sandbox.ecs.services import check_network
from compose2ecs.sandbox.ecs.state import RUNNING, STOPPED, Cluster, Container, Definition, Task
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.paging import page
from compose2ecs.sandbox.refuse import refuse
from compose2ecs.sandbox.world import Body, Handler, World

_CODE = "InvalidParameterException"
_AT_ONCE = 10
_PAGE = 100


# ---------------------------------------------------------------------------- running


def run(world: World, asked: Body) -> Body:
    """RunTask: what cannot be placed can be read in `failures`."""
    cluster = cluster_of(world, asked.get("cluster"))
    count = asked.get("count", 1)
    if not 1 <= count <= _AT_ONCE:
        raise bad_parameter(f"count must be between 1 and {_AT_ONCE}.")
    token = asked.get("clientToken")
    if token and token in world.ecs.tokens:
        before = world.ecs.tokens[token]
        if before["asked"] != asked:
            said = "The Run Task request could not be processed due to conflicts."
            raise AwsError("ConflictException", said, resourceIds=before["arns"])
        return {
            "tasks": [described(world, world.ecs.tasks[arn]) for arn in before["arns"]],
            "failures": [],
        }
    definition = definitions.usable(world, asked["taskDefinition"])
    check_network(world, asked, definition)
    names = {one["name"] for one in definitions.containers(definition)}
    _check_overrides(asked.get("overrides", {}), names)
    known = {"task-definitions": {definition.arn: definition.body}}
    refuse("run-tasks", {**asked, "taskDefinition": definition.arn}, known, _CODE)
    started, failures = _start(world, cluster, asked, definition, count)
    if token:
        world.ecs.tokens[token] = {"asked": asked, "arns": [one.arn for one in started]}
    return {
        "tasks": [described(world, one, with_tags=True) for one in started],
        "failures": failures,
    }


def _check_overrides(overrides: Body, names: set[str]) -> None:
    for one in overrides.get("containerOverrides", ()):
        if one.get("name") not in names:
            said = f"Override for container named {one.get('name')} is not a container in the TaskDefinition."
            raise bad_parameter(said)


def _start(
    world: World, cluster: Cluster, asked: Body, definition: Definition, count: int
) -> tuple[list[Task], list[Body]]:
    launch = placement.launch_of(world, cluster, asked)
    need = placement.need_of(definition, asked.get("overrides"))
    here = [one for one in world.ecs.instances.values() if one.cluster == cluster.name]
    if launch.kind == "EC2" and not here:
        raise bad_parameter("No Container Instances were found in your cluster.")
    given = tags.added({}, tags.read(asked.get("tags", ()), _CODE), _CODE)
    if asked.get("propagateTags") == "TASK_DEFINITION":
        given = {**definition.tags, **given}
    network = asked.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    subnets = network.get("subnets", [""])
    started: list[Task] = []
    failures: list[Body] = []
    for number in range(count):
        place = None
        if launch.kind == "FARGATE":
            if rollout.fargate_full(world, need):
                raise AwsError(
                    "ClientException",
                    "You've reached the limit on the number of vCPUs you can run concurrently",
                )
        else:
            found = placement.place(
                world,
                cluster.name,
                need,
                asked.get("placementStrategy", []),
                asked.get("placementConstraints", []),
                started,
            )
            if isinstance(found, Unplaced):
                arn = found.instance.arn if found.instance is not None else None
                failures.append({"arn": arn, "reason": found.reason})
                continue
            place = found
        task = tasks.new(
            world,
            cluster.name,
            definition,
            need,
            launch,
            group=asked.get("group") or f"family:{definition.body['family']}",
            instance=place,
            subnet=subnets[number % len(subnets)],
            overrides=asked.get("overrides"),
            tags=dict(given),
        )
        task.started_by = asked.get("startedBy", "")
        task.commands = asked.get("enableExecuteCommand", False)
        started.append(task)
    return started, failures


def stop(world: World, asked: Body) -> Body:
    """StopTask."""
    cluster = cluster_of(world, asked.get("cluster"))
    task = _task(world, cluster, asked["task"])
    tasks.stop(world, task, tasks.BY_USER, asked.get("reason", "Task stopped by user"))
    if task.service and (service := world.ecs.service(task.cluster, task.service)):
        service.due = 0.0
    return {"task": described(world, task)}


def _task(world: World, cluster: Cluster, reference: str) -> Task:
    found = world.ecs.tasks.get(_arn(world, cluster, reference))
    if found is None:
        raise bad_parameter("The referenced task was not found.")
    return found


def _arn(world: World, cluster: Cluster, reference: str) -> str:
    if reference.startswith("arn:"):
        return reference
    return world.arn("ecs", f"task/{cluster.name}/{reference}")


def execute(world: World, asked: Body) -> Body:
    """ExecuteCommand: a session that leads nowhere."""
    cluster = cluster_of(world, asked.get("cluster"))
    task = _task(world, cluster, asked["task"])
    if not asked["interactive"]:
        raise bad_parameter("Interactive is the only mode supported currently.")
    if not task.commands or task.status != RUNNING:
        raise bad_parameter(
            "The execute command failed because execute command was not enabled when the task was "
            "run or the execute command agent isn't running. Wait and try again or run a new task "
            "with execute command enabled and try again."
        )
    name = asked.get("container") or task.containers[0].name
    container = next((one for one in task.containers if one.name == name), None)
    if container is None or (len(task.containers) > 1 and "container" not in asked):
        raise bad_parameter(f"The container {name} was not found, or there are several.")
    session = f"ecs-execute-command-{world.id(17)}"
    url = f"wss://ssmmessages.{world.region}.amazonaws.com/v1/data-channel/{session}"
    return {
        "clusterArn": cluster.arn,
        "containerArn": container.arn,
        "containerName": container.name,
        "interactive": True,
        "session": {"sessionId": session, "streamUrl": url, "tokenValue": world.id(64)},
        "taskArn": task.arn,
    }


# ---------------------------------------------------------------------------- describing


def describe(world: World, asked: Body) -> Body:
    """DescribeTasks: up to 100; stopped ones for about an hour."""
    cluster = cluster_of(world, asked.get("cluster"))
    if not 1 <= len(asked["tasks"]) <= _PAGE:
        raise bad_parameter("Tasks cannot be empty, and up to 100 can be described.")
    found: list[Body] = []
    failures: list[Body] = []
    with_tags = "TAGS" in asked.get("include", ())
    for reference in asked["tasks"]:
        arn = _arn(world, cluster, reference)
        task = world.ecs.tasks.get(arn)
        if task is None or task.cluster != cluster.name:
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            found.append(described(world, task, with_tags=with_tags))
    return {"tasks": found, "failures": failures}


def described(world: World, task: Task, *, with_tags: bool = False) -> Body:
    """A task as DescribeTasks shows it."""
    definition = definitions.find(world, task.definition)
    defined = {one["name"]: one for one in definitions.containers(definition)} if definition else {}
    body: Body = {
        "taskArn": task.arn,
        "clusterArn": world.ecs.clusters[task.cluster].arn,
        "taskDefinitionArn": task.definition,
        "availabilityZone": task.zone,
        "group": task.group,
        "lastStatus": task.status,
        "desiredStatus": task.desired,
        "healthStatus": tasks.health(task, defined),
        "cpu": str(task.cpu),
        "memory": str(task.memory),
        "createdAt": task.created,
        "startedAt": task.started,
        "pullStoppedAt": task.pulled,
        "stoppingAt": task.stopping,
        "stoppedAt": task.stopped,
        "executionStoppedAt": task.stopped,
        "overrides": {
            "containerOverrides": [{"name": one.name} for one in task.containers],
            **task.overrides,
        },
        "enableExecuteCommand": task.commands,
        "version": task.version,
        "attachments": [_interface(task)] if task.interface else [],
        "containers": [
            _container(world, task, one, defined.get(one.name, {})) for one in task.containers
        ],
    }
    optional = {
        "containerInstanceArn": task.instance,
        "capacityProviderName": task.provider,
        "launchType": "" if task.provider else task.launch,
        "startedBy": task.started_by,
        "stopCode": task.stop_code,
        "stoppedReason": task.reason,
    }
    body |= {key: value for key, value in optional.items() if value}
    if task.launch == "FARGATE":
        body |= {"platformVersion": "1.4.0", "platformFamily": "Linux"}
    if with_tags:
        body["tags"] = tags.shown(task.tags)
    return body


def _interface(task: Task) -> Body:
    details = {
        "subnetId": task.subnet,
        "networkInterfaceId": task.interface,
        "privateIPv4Address": task.ip,
    }
    status = {"PROVISIONING": "PRECREATED", STOPPED: "DELETED"}.get(task.status, "ATTACHED")
    return {
        "id": task.interface.replace("eni-", "attachment-"),
        "type": "ElasticNetworkInterface",
        "status": status,
        "details": [{"name": name, "value": value} for name, value in details.items()],
    }


def _container(world: World, task: Task, one: Container, defined: Body) -> Body:
    body: Body = {
        "containerArn": one.arn,
        "taskArn": task.arn,
        "name": one.name,
        "image": one.image,
        "lastStatus": one.status,
        "healthStatus": one.health,
        "networkInterfaces": [],
        "networkBindings": [],
        "cpu": str(defined.get("cpu", 0)),
    }
    for key in ("memory", "memoryReservation"):
        if key in defined:
            body[key] = str(defined[key])
    if one.runtime:
        body["runtimeId"] = one.runtime
    if one.exit_code is not None:
        body["exitCode"] = one.exit_code
    if one.reason:
        body["reason"] = one.reason
    if task.ip:
        address = {"attachmentId": task.interface, "privateIpv4Address": task.ip}
        body["networkInterfaces"] = [address]
    elif one.started is not None and one.status == RUNNING:
        body["networkBindings"] = [
            {"bindIP": "0.0.0.0", "containerPort": port, "hostPort": host, "protocol": protocol}
            for (name, port, protocol), host in task.bindings.items()
            if name == one.name
        ]
    return body


def list_tasks(world: World, asked: Body) -> Body:
    """ListTasks: those that are to run unless asked for stopped ones; 100 at a time."""
    cluster = cluster_of(world, asked.get("cluster"))
    if asked.get("serviceName") and asked.get("family"):
        raise bad_parameter("serviceName and family exclude each other.")
    service = asked.get("serviceName")
    if service:
        found = world.ecs.service(cluster.name, service.rpartition("/")[2])
        if found is None:
            raise AwsError("ServiceNotFoundException", "Service not found.")
        service = found.name
    wanted = {
        "desired": asked.get("desiredStatus", RUNNING),
        "service": service,
        "launch": asked.get("launchType"),
        "started_by": asked.get("startedBy"),
    }
    instance = asked.get("containerInstance")
    arns = [
        task.arn
        for task in world.ecs.tasks.values()
        if task.cluster == cluster.name
        and all(value in (None, getattr(task, key)) for key, value in wanted.items())
        and instance in (None, task.instance, task.instance.rpartition("/")[2])
        and _family(asked.get("family"), task)
    ]
    size = asked.get("maxResults", _PAGE)
    if not 1 <= size <= _PAGE:
        raise bad_parameter(f"maxResults must be between 1 and {_PAGE}.")
    arns, token = page(arns, size, asked.get("nextToken"), _CODE)
    return {"taskArns": arns, "nextToken": token}


def _family(wanted: str | None, task: Task) -> bool:
    return wanted is None or task.definition.rpartition("/")[2].partition(":")[0] == wanted


OPERATIONS: dict[str, Handler] = {
    "RunTask": run,
    "StopTask": stop,
    "DescribeTasks": describe,
    "ListTasks": list_tasks,
    "ExecuteCommand": execute,
}
