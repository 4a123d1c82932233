"""Checks of task definitions.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
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
    equal,
    fargate,
    refused,
    register,
    web,
)

_REGISTER = f"{ECS}RegisterTaskDefinition.html"
_CONTAINER = f"{ECS}ContainerDefinition.html"
_PARAMETERS = f"{GUIDE}task_definition_parameters.html"
_FARGATE = f"{GUIDE}fargate-tasks-services.html"
_DEPENDENCY = f"{ECS}ContainerDependency.html"


# ---------------------------------------------------------------------------- what is refused


def _container(**more: Any) -> Callable[[Aws], Body]:
    return lambda aws: web(container=more)


def _task(**more: Any) -> Callable[[Aws], Body]:
    return lambda aws: web(**more)


def _fargate(**more: Any) -> Callable[[Aws], Body]:
    return lambda aws: fargate(aws, **more)


def _fargate_container(**more: Any) -> Callable[[Aws], Body]:
    return lambda aws: fargate(aws, container=more)


def _awsvpc(**more: Any) -> Callable[[Aws], Body]:
    return lambda aws: web(networkMode="awsvpc", container=more)


def _two(first: Body, second: Body) -> Callable[[Aws], Body]:
    def body(aws: Aws) -> Body:
        named = {"image": "busybox", "memory": 64}
        return web(containerDefinitions=[{**named, **first}, {**named, **second}])

    return body


def _waits(condition: str) -> Body:
    return {"dependsOn": [{"containerName": "a", "condition": condition}]}


_SECRET = {"name": "PASSWORD", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/p"}
_PROBE = {"command": ["CMD", "true"]}

# What is wrong, the request that has it, a part of what AWS says, and where it says so.
_REFUSED: tuple[tuple[str, str, Callable[[Aws], Body], str, str], ...] = (
    ("T101", "no containers", _task(containerDefinitions=[]), "container", _REGISTER),
    ("T102", "a family with a blank", _task(family="my app"), "family", _REGISTER),
    ("T103", "a family of 300 characters", _task(family="f" * 300), "family", _REGISTER),
    ("T104", "a container without a name", _container(name=""), "name", _CONTAINER),
    ("T105", "a container's name with a dot", _container(name="my.web"), "name", _CONTAINER),
    (
        "T106",
        "two containers of one name",
        _two({"name": "a"}, {"name": "a"}),
        "",
        _CONTAINER,
    ),
    ("T107", "no essential container", _container(essential=False), "essential", _CONTAINER),
    (
        "T108",
        "11 containers",
        lambda aws: web(
            containerDefinitions=[
                {"name": f"c{number}", "image": "busybox", "memory": 8} for number in range(11)
            ]
        ),
        "too many containers",
        f"{GUIDE}service-quotas.html",
    ),
    (
        "T109",
        "a container without memory",
        lambda aws: web(containerDefinitions=[{"name": "web", "image": "nginx"}]),
        "At least one of 'memory' or 'memoryReservation' must be specified",
        _CONTAINER,
    ),
    (
        "T110",
        "a reservation above the limit",
        _container(memory=64, memoryReservation=128),
        "memoryReservation",
        _CONTAINER,
    ),
    ("T111", "less memory than Docker starts with", _container(memory=1), "memory", _CONTAINER),
    (
        "T112",
        "a container with more memory than its task",
        _task(memory="64"),
        "memory",
        _CONTAINER,
    ),
    (
        "T113",
        "containers with more CPU than their task",
        _task(cpu="128", container={"cpu": 512}),
        "cpu",
        _CONTAINER,
    ),
    ("T114", "an image with a blank", _container(image="my image"), "image", _CONTAINER),
    (
        "T115",
        "a container port above 65535",
        _container(portMappings=[{"containerPort": 99999}]),
        "",
        f"{ECS}PortMapping.html",
    ),
    (
        "T116",
        "one container port for tcp and udp",
        _container(
            portMappings=[
                {"containerPort": 53, "protocol": "tcp"},
                {"containerPort": 53, "protocol": "udp"},
            ]
        ),
        "",
        f"{ECS}PortMapping.html",
    ),
    (
        "T117",
        "a protocol that ECS does not know",
        _container(portMappings=[{"containerPort": 80, "protocol": "sctp"}]),
        "",
        f"{ECS}PortMapping.html",
    ),
    ("T118", "a network mode that there is not", _task(networkMode="overlay"), "", _REGISTER),
    (
        "T119",
        "a log driver that there is not",
        _container(logConfiguration={"logDriver": "local"}),
        "",
        f"{ECS}LogConfiguration.html",
    ),
    (
        "T120",
        "an unknown ulimit",
        _container(ulimits=[{"name": "files", "softLimit": 1, "hardLimit": 1}]),
        "",
        f"{ECS}Ulimit.html",
    ),
    ("T122", "links in awsvpc", _awsvpc(links=["web"]), "links", _PARAMETERS),
    ("T123", "a hostname in awsvpc", _awsvpc(hostname="web"), "hostname", _CONTAINER),
    (
        "T124",
        "extra hosts in awsvpc",
        _awsvpc(extraHosts=[{"hostname": "db", "ipAddress": "10.0.0.1"}]),
        "extra hosts",
        _CONTAINER,
    ),
    ("T125", "DNS servers in awsvpc", _awsvpc(dnsServers=["10.0.0.2"]), "dns", _CONTAINER),
    (
        "T126",
        "another host port than the container's in awsvpc",
        _awsvpc(portMappings=[{"containerPort": 80, "hostPort": 8080}]),
        "host ports and container ports",
        f"{ECS}PortMapping.html",
    ),
    (
        "T127",
        "waiting for a container that is not there",
        _container(dependsOn=[{"containerName": "db", "condition": "START"}]),
        "does not exist",
        _DEPENDENCY,
    ),
    (
        "T128",
        "two containers that wait for each other",
        _two(
            {"name": "a", "dependsOn": [{"containerName": "b", "condition": "START"}]},
            {"name": "b", **_waits("START")},
        ),
        "",
        _DEPENDENCY,
    ),
    (
        "T129",
        "waiting for the health of a container without a health check",
        _two({"name": "a"}, {"name": "b", **_waits("HEALTHY")}),
        "health check",
        _DEPENDENCY,
    ),
    (
        "T130",
        "waiting for the end of an essential container",
        _two({"name": "a"}, {"name": "b", **_waits("SUCCESS")}),
        "essential",
        _DEPENDENCY,
    ),
    (
        "T131",
        "a mount of a volume that is not there",
        _container(mountPoints=[{"sourceVolume": "data", "containerPath": "/data"}]),
        "",
        f"{ECS}MountPoint.html",
    ),
    (
        "T132",
        "volumes from a container that is not there",
        _container(volumesFrom=[{"sourceContainer": "db"}]),
        "",
        f"{ECS}VolumeFrom.html",
    ),
    (
        "T133",
        "a health check every second",
        _container(healthCheck={**_PROBE, "interval": 1}),
        "",
        f"{ECS}HealthCheck.html",
    ),
    (
        "T134",
        "a health check that does not begin with CMD",
        _container(healthCheck={"command": ["curl", "localhost"]}),
        "",
        f"{ECS}HealthCheck.html",
    ),
    (
        "T135",
        "secrets without an execution role",
        _container(secrets=[_SECRET]),
        "executionRoleArn",
        f"{GUIDE}specifying-sensitive-data.html",
    ),
    (
        "T136",
        "a role that does not exist",
        _task(taskRoleArn="arn:aws:iam::123456789012:role/nobody"),
        "role",
        f"{GUIDE}task-iam-roles.html",
    ),
    (
        "T137",
        "a definition above 64 KB",
        _container(environment=[{"name": f"V{n}", "value": "x" * 1000} for n in range(80)]),
        "",
        f"{GUIDE}service-quotas.html",
    ),
    ("T138", "Fargate in bridge mode", _fargate(networkMode="bridge"), "awsvpc", _FARGATE),
    (
        "T139",
        "a size that Fargate does not have",
        _fargate(cpu="256", memory="8192"),
        "No Fargate configuration exists",
        _FARGATE,
    ),
    (
        "T140",
        "Fargate without a size",
        lambda aws: {key: value for key, value in fargate(aws).items() if key != "cpu"},
        "cpu",
        _FARGATE,
    ),
    (
        "T141",
        "a privileged container on Fargate",
        _fargate_container(privileged=True),
        "privileged",
        _FARGATE,
    ),
    (
        "T142",
        "a folder of the host on Fargate",
        _fargate(volumes=[{"name": "src", "host": {"sourcePath": "/src"}}]),
        "sourcePath",
        _FARGATE,
    ),
    (
        "T143",
        "a Docker volume on Fargate",
        _fargate(volumes=[{"name": "d", "dockerVolumeConfiguration": {"scope": "task"}}]),
        "dockerVolumeConfiguration",
        _FARGATE,
    ),
    (
        "T144",
        "json-file logs on Fargate",
        _fargate_container(logConfiguration={"logDriver": "json-file"}),
        "log driver",
        _FARGATE,
    ),
    ("T145", "a shared IPC namespace on Fargate", _fargate(ipcMode="task"), "ipcMode", _FARGATE),
    (
        "T146",
        "two volumes of one name",
        _task(volumes=[{"name": "d"}, {"name": "d"}]),
        "",
        _REGISTER,
    ),
)


def _refusal(id_: str, what: str, make: Callable[[Aws], Body], said: str, source: str) -> Check:
    def run(aws: Aws) -> None:
        register(aws, web("fine"))
        register(aws, fargate(aws, "fine-too"))
        ecs = aws.client("ecs")
        refused(lambda: ecs.register_task_definition(**make(aws)), "ClientException", said)

    return Check(id_, f"{what}: refused", source, run)


# ---------------------------------------------------------------------------- what is made of it


def _round_trip(aws: Aws) -> None:
    container = {
        "entryPoint": ["sh", "-c"],
        "command": ["true"],
        "healthCheck": {"command": ["CMD", "true"], "interval": 7, "timeout": 3, "retries": 2},
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
        "logConfiguration": {"logDriver": "json-file", "options": {"max-size": "10m"}},
        "ulimits": [{"name": "nofile", "softLimit": 10, "hardLimit": 20}],
        "dockerLabels": {"team": "shop"},
        "systemControls": [{"namespace": "net.core.somaxconn", "value": "1024"}],
        "stopTimeout": 20,
        "versionConsistency": "disabled",
    }
    found = register(aws, web(container=container, enableFaultInjection=False))
    kept = found["containerDefinitions"][0]
    equal({key: kept.get(key) for key in container}, container)
    equal(found.get("enableFaultInjection"), False)


def _defaults(aws: Aws) -> None:
    kept = register(aws, web())["containerDefinitions"][0]
    equal(kept["portMappings"], [{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}])
    equal((kept["cpu"], kept["essential"]), (0, True))
    for key in ("environment", "mountPoints", "volumesFrom", "systemControls"):
        equal(kept.get(key), [])


def _defaults_awsvpc(aws: Aws) -> None:
    kept = register(aws, fargate(aws))["containerDefinitions"][0]
    equal(kept["portMappings"], [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}])


def _health_defaults(aws: Aws) -> None:
    kept = register(aws, web(container={"healthCheck": _PROBE}))["containerDefinitions"][0]
    equal(kept["healthCheck"], {**_PROBE, "interval": 30, "timeout": 5, "retries": 3})


def _compatibilities(aws: Aws) -> None:
    equal(set(register(aws, web())["compatibilities"]), {"EC2", "EXTERNAL"})
    found = register(aws, fargate(aws, "f"))["compatibilities"]
    equal(set(found) >= {"EC2", "FARGATE"} and "EXTERNAL" not in found, True)


def _registered(aws: Aws) -> None:
    found = register(aws, web())
    assert found["registeredAt"], "no registeredAt"
    assert found["registeredBy"], "no registeredBy"
    names = [one["name"] for one in found["requiresAttributes"]]
    assert any("docker-remote-api" in name for name in names), names


def _tags(aws: Aws) -> None:
    ecs = aws.client("ecs")
    wanted = [{"key": "team", "value": "shop"}]
    equal(ecs.register_task_definition(**web(tags=wanted)).get("tags"), wanted)
    equal(ecs.describe_task_definition(taskDefinition="web").get("tags", []), [])
    found = ecs.describe_task_definition(taskDefinition="web", include=["TAGS"])
    equal(found["tags"], wanted)


def _reserved_tag(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web(tags=[{"key": "a", "value": "1"}]))
    asked = web(tags=[{"key": "aws:team", "value": "shop"}])
    refused(lambda: ecs.register_task_definition(**asked), "InvalidParameterException", "aws:")


def _too_many_tags(aws: Aws) -> None:
    ecs = aws.client("ecs")
    asked = web(tags=[{"key": f"k{number}", "value": "v"} for number in range(51)])
    register(aws, web(tags=asked["tags"][:50]))
    either = "ClientException InvalidParameterException"
    refused(lambda: ecs.register_task_definition(**asked), either)


def _latest_active(aws: Aws) -> None:
    ecs = aws.client("ecs")
    for _ in range(3):
        register(aws, web())
    ecs.deregister_task_definition(taskDefinition="web:3")
    found = ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]
    equal(found["revision"], 2)
    equal(
        ecs.describe_task_definition(taskDefinition="web:3")["taskDefinition"]["status"], "INACTIVE"
    )


def _only_inactive(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    ecs.deregister_task_definition(taskDefinition="web:1")
    refused(lambda: ecs.describe_task_definition(taskDefinition="web"), "ClientException")


def _deregistered(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    found = ecs.deregister_task_definition(taskDefinition="web:1")["taskDefinition"]
    equal(found["status"], "INACTIVE")
    assert found.get("deregisteredAt"), "no deregisteredAt"


def _numbering(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    ecs.deregister_task_definition(taskDefinition="web:1")
    ecs.delete_task_definitions(taskDefinitions=["web:1"])
    aws.wait(7200)
    equal(register(aws, web())["revision"], 2)


def _delete_active(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    found = ecs.delete_task_definitions(taskDefinitions=["web:1"])
    equal((len(found["taskDefinitions"]), len(found["failures"])), (0, 1))
    equal(
        ecs.describe_task_definition(taskDefinition="web:1")["taskDefinition"]["status"], "ACTIVE"
    )


def _delete_eleven(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    ecs.deregister_task_definition(taskDefinition="web:1")
    names = [f"web:{number}" for number in range(1, 12)]
    refused(lambda: ecs.delete_task_definitions(taskDefinitions=names), "InvalidParameterException")


def _pages(aws: Aws) -> None:
    ecs = aws.client("ecs")
    for _ in range(3):
        register(aws, web("paged"))
    first = ecs.list_task_definitions(familyPrefix="paged", maxResults=2)
    equal(len(first["taskDefinitionArns"]), 2)
    rest = ecs.list_task_definitions(
        familyPrefix="paged", maxResults=2, nextToken=first["nextToken"]
    )
    equal((len(rest["taskDefinitionArns"]), rest.get("nextToken")), (1, None))


def _sorted(aws: Aws) -> None:
    ecs = aws.client("ecs")
    for _ in range(11):
        register(aws, web("sorted"))
    arns = ecs.list_task_definitions(familyPrefix="sorted", sort="DESC")["taskDefinitionArns"]
    equal([int(arn.rpartition(":")[2]) for arn in arns], list(range(11, 0, -1)))


def _families(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web("alive"))
    register(aws, web("gone"))
    ecs.deregister_task_definition(taskDefinition="gone:1")
    equal(
        ecs.list_task_definition_families(status="ACTIVE", familyPrefix="alive")["families"],
        ["alive"],
    )
    found = ecs.list_task_definition_families(status="INACTIVE")["families"]
    equal(("gone" in found, "alive" in found), (True, False))


CHECKS: tuple[Check, ...] = (
    *(_refusal(*row) for row in _REFUSED),
    Check("T001", "what is registered comes back", _REGISTER, _round_trip),
    Check("T002", "defaults of a container are filled in", _CONTAINER, _defaults),
    Check(
        "T003",
        "the host port is the container's in awsvpc",
        f"{ECS}PortMapping.html",
        _defaults_awsvpc,
    ),
    Check(
        "T004",
        "defaults of a health check are filled in",
        f"{ECS}HealthCheck.html",
        _health_defaults,
    ),
    Check(
        "T005",
        "compatibilities follow from the content",
        f"{ECS}TaskDefinition.html",
        _compatibilities,
    ),
    Check(
        "T006",
        "who registered it, when, and what it needs",
        f"{ECS}TaskDefinition.html",
        _registered,
    ),
    Check("T007", "tags stand beside the definition, described on request", _REGISTER, _tags),
    Check("T008", "tags that begin with aws: are refused", f"{ECS}Tag.html", _reserved_tag),
    Check("T009", "51 tags are refused", f"{ECS}TagResource.html", _too_many_tags),
    Check(
        "T010",
        "a family alone is its latest ACTIVE revision",
        f"{ECS}DescribeTaskDefinition.html",
        _latest_active,
    ),
    Check(
        "T011",
        "a family without an ACTIVE revision cannot be described",
        f"{ECS}DescribeTaskDefinition.html",
        _only_inactive,
    ),
    Check(
        "T012",
        "a deregistered revision says when",
        f"{ECS}DeregisterTaskDefinition.html",
        _deregistered,
    ),
    Check(
        "T013",
        "numbers are never given again",
        f"{GUIDE}deregister-task-definition-v2.html",
        _numbering,
    ),
    Check(
        "T014",
        "an ACTIVE revision cannot be deleted",
        f"{ECS}DeleteTaskDefinitions.html",
        _delete_active,
    ),
    Check(
        "T015",
        "11 revisions cannot be deleted at once",
        f"{ECS}DeleteTaskDefinitions.html",
        _delete_eleven,
    ),
    Check("T016", "lists of revisions come in pages", f"{ECS}ListTaskDefinitions.html", _pages),
    Check(
        "T017", "lists of revisions are sorted by number", f"{ECS}ListTaskDefinitions.html", _sorted
    ),
    Check(
        "T018",
        "families are ACTIVE or INACTIVE",
        f"{ECS}ListTaskDefinitionFamilies.html",
        _families,
    ),
)
