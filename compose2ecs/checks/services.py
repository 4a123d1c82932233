"""What AWS has against services, by themselves and beside their tasks and target groups.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs.checks.deployments import DEPLOYMENT, controller, deployment, rebalancing
from compose2ecs.checks.launch import (
    LAUNCH,
    Task,
    containers,
    launch,
    launch_among,
    network_mode,
    on_fargate,
    volumes,
    volumes_among,
)
from compose2ecs.checks.model import Alone, Among, Bodies, Body, Check, Found
from compose2ecs.checks.stack import forwarded, group_of, is_port, known, made, of_all, task_of
from compose2ecs.checks.values import (
    DIGITS,
    LETTERS,
    bad_name,
    listed,
    mapping,
    number,
    objects,
    repeated,
    text,
    unknown,
)
from compose2ecs.limits import TARGET_GROUPS_PER_SERVICE
from compose2ecs.report import ERROR, WARNING

# ---------------------------------------------------------------------------- services

_GRACE_MAX = 2_147_483_647
_TOKEN = "".join(map(chr, range(33, 127)))


def _service(body: Body) -> Found:
    name = body.get("serviceName")
    if isinstance(name, str) and (fault := bad_name(name)):
        yield "D150", "serviceName", fault
    if not LAUNCH.isdisjoint(body):
        yield from launch(body)
    if not _is_replica(body):
        yield from _count(body)
    for key, check in _MEMBERS.items():
        if key in body:
            yield from check(body)
    if body.get("availabilityZoneRebalancing") != "DISABLED":
        yield from rebalancing(body)


def _is_replica(body: Body) -> bool:
    """Whether a service has a number of tasks, and all the rest is left to ECS."""
    count = body.get("desiredCount")
    usual = isinstance(count, int) and count >= 0
    return usual and "schedulingStrategy" not in body and "deploymentController" not in body


def _count(body: Body) -> Found:
    """How many: all that a scheduling strategy and a deployment controller ask for."""
    count = body.get("desiredCount")
    kind = controller(body) if "deploymentController" in body else "ECS"
    if body.get("schedulingStrategy") == "DAEMON":
        if count is not None:
            yield "D159", "desiredCount", "a daemon runs once on each instance"
        if listed(body.get("placementStrategy")):
            yield "D159", "placementStrategy", "a daemon is placed on every instance"
        if on_fargate(body):
            yield "D158", "schedulingStrategy", "Fargate has no instances to run a daemon on"
        if kind != "ECS":
            yield "D306", "schedulingStrategy", f"{kind} deploys no daemons"
    elif count is None and kind == "ECS":
        yield "D301", "desiredCount", "it does not say how many tasks"
    elif (wanted := number(count)) is not None and wanted < 0:
        yield "D301", "desiredCount", f"there cannot be {wanted} tasks"
    if kind == "CODE_DEPLOY" and not listed(body.get("loadBalancers")):
        yield "D306", "deploymentController.type", "CODE_DEPLOY needs a load balancer"
    if kind == "EXTERNAL":
        for key in ("taskDefinition", "loadBalancers", "serviceRegistries", "networkConfiguration"):
            if body.get(key):
                yield "D306", key, "with the EXTERNAL controller it stands in the task sets"


# ------------------------------------------------------------------ load balancers


def _balanced(body: Body) -> Found:
    entries = listed(body.get("loadBalancers"))
    if len(entries) > TARGET_GROUPS_PER_SERVICE:
        said = f"{len(entries)} target groups, and a service takes {TARGET_GROUPS_PER_SERVICE}"
        yield "D167", "loadBalancers", said
    if entries and body.get("launchType") == "EXTERNAL":
        yield "D197", "loadBalancers", "EXTERNAL instances stand behind no load balancer"
    for index, entry in objects(entries):
        at = f"loadBalancers[{index}]"
        classic, group = entry.get("loadBalancerName"), entry.get("targetGroupArn")
        if classic and group:
            yield "D313", at, "loadBalancerName and targetGroupArn exclude each other"
        elif classic and len(entries) > 1:
            yield "D313", at, "a Classic Load Balancer stands alone"
        elif classic and on_fargate(body):
            yield "D313", at, "Fargate knows no Classic Load Balancer"
        elif not classic and not group and controller(body) == "ECS":
            yield "D313", at, "it names no target group"
        if entry.get("containerName") == "":
            yield "D313", f"{at}.containerName", "it is empty"


def _role(body: Body) -> Found:
    if not body.get("role"):
        return
    balanced = len(listed(body.get("loadBalancers")))
    if balanced != 1:
        said = "no load balancer needs it" if not balanced else "it is for one target group only"
        yield "D168", "role", said
    elif listed(body.get("serviceRegistries")):
        yield "D168", "role", "with service discovery, ECS uses its own role"


def _grace(body: Body) -> Found:
    seconds = number(body.get("healthCheckGracePeriodSeconds"))
    if seconds is not None and not 0 <= seconds <= _GRACE_MAX:
        said = f"it is {seconds}, and must be 0 to {_GRACE_MAX}"
        yield "D314", "healthCheckGracePeriodSeconds", said


def _token(body: Body) -> Found:
    token = text(body.get("clientToken"))
    if fault := bad_name(token, 36, _TOKEN) if token else "":
        yield "D315", "clientToken", fault


def _registries(body: Body) -> Found:
    count = len(listed(body.get("serviceRegistries")))
    if count > 1:
        yield "D316", "serviceRegistries", f"{count} registries, and a service takes 1"


def _monitoring(body: Body) -> Found:
    for index, metric in objects(mapping(body.get("monitoring")).get("metricConfigurations")):
        seconds = number(metric.get("resolutionSeconds"))
        if seconds is not None and seconds not in (20, 60):
            at = f"monitoring.metricConfigurations[{index}].resolutionSeconds"
            yield "D317", at, f"it is {seconds}, and must be 20 or 60"


# ------------------------------------------------------------------ Service Connect

_CONNECT = "serviceConnectConfiguration"
_LOWER = LETTERS[:26] + DIGITS + "_-"
_ALIAS = _LOWER + "."
_DISCOVERY_MAX, _ALIAS_MAX = 64, 127
_PORT_MAX = 65535


def _connect(body: Body) -> Found:
    connect = mapping(body.get(_CONNECT))
    services = listed(connect.get("services"))
    if connect.get("enabled") is not True:
        return
    for index, served in enumerate(services):
        if isinstance(served, dict):
            for member, fault in _served(served):
                yield "D318", f"{_CONNECT}.services[{index}].{member}", fault
    if len(services) > 1:
        for name in repeated(text(served.get("portName")) for _, served in objects(services)):
            yield "D318", f"{_CONNECT}.services", f"the port {name!r} is there twice"


def _served(served: Task) -> list[tuple[str, str]]:
    """What is wrong with an endpoint: the member, and why."""
    found = []
    if "discoveryName" in served:
        found.append(("discoveryName", _lower(served["discoveryName"], _DISCOVERY_MAX, _LOWER)))
    if "ingressPortOverride" in served:
        found.append(("ingressPortOverride", _port(served["ingressPortOverride"])))
    aliases = listed(served.get("clientAliases"))
    if len(aliases) > 1:
        found.append(("clientAliases", f"{len(aliases)} aliases, and a port takes 1"))
    for number_, alias in enumerate(aliases):
        if isinstance(alias, dict):
            at = f"clientAliases[{number_}]"
            found.append((f"{at}.dnsName", _lower(alias.get("dnsName"), _ALIAS_MAX, _ALIAS)))
            found.append((f"{at}.port", _port(alias.get("port"))))
    return [(member, fault) for member, fault in found if fault]


def _lower(value: Any, most: int, allowed: str) -> str:
    """Why Service Connect does not take a name; empty if it does."""
    if not isinstance(value, str):
        return ""
    return bad_name(value, most, allowed) or (
        f"{value!r} begins with a dash" if value[:1] == "-" else ""
    )


def _port(value: Any) -> str:
    port = number(value)
    return "" if port is None or 0 <= port <= _PORT_MAX else f"there is no port {port}"


_MEMBERS = {
    DEPLOYMENT: deployment,
    "loadBalancers": _balanced,
    "role": _role,
    "healthCheckGracePeriodSeconds": _grace,
    _CONNECT: _connect,
    "serviceRegistries": _registries,
    "volumeConfigurations": volumes,
    "monitoring": _monitoring,
    "clientToken": _token,
}

# ---------------------------------------------------------------------------- and its tasks


def _service_among(body: Body, bodies: Bodies) -> Found:
    task = task_of(body.get("taskDefinition"), bodies)
    if task is None or network_mode(task) == "awsvpc" or not LAUNCH.isdisjoint(body):
        yield from launch_among(body, task)
    if "loadBalancers" in body:
        yield from _groups(body, task, bodies)
    if task is None:
        return
    if body.get("enableExecuteCommand") is True and not task.get("taskRoleArn"):
        yield "D321", "enableExecuteCommand", "its task definition has no taskRoleArn"
    if body.get("role") and network_mode(task) == "awsvpc":
        yield "D168", "role", "its tasks are awsvpc, for which ECS uses its own role"
    if "volumes" in task or "volumeConfigurations" in body:
        yield from volumes_among(body, task)
    if "serviceRegistries" in body:
        yield from _registered(body, task)
    if _CONNECT in body:
        yield from _connected(body, task)
    if "loadBalancers" in body and not body.get("healthCheckGracePeriodSeconds"):
        yield from _patience(body, task)


def _mapped(container: Task, port: int) -> list[Task]:
    """The port mappings of a container that take in a port."""
    found = []
    for _, mapped in objects(container.get("portMappings")):
        if mapped.get("containerPort") == port:
            found.append(mapped)
        elif "containerPortRange" in mapped:
            first, _, last = text(mapped["containerPortRange"]).partition("-")
            if first.isdecimal() and last.isdecimal() and int(first) <= port <= int(last):
                found.append(mapped)
    return found


def _groups(body: Body, task: Task | None, bodies: Bodies) -> Found:
    """What stands behind a load balancer: the container, the port, and the target group."""
    named = None if task is None else containers(task)
    for index, entry in objects(body.get("loadBalancers")):
        at = f"loadBalancers[{index}]"
        group = group_of(entry.get("targetGroupArn"), bodies)
        if group is not None:
            yield from _group(entry, group, at, bodies)
        if task is None or named is None:
            continue
        mode = network_mode(task)
        if entry.get("loadBalancerName") and mode == "awsvpc":
            yield "D313", f"{at}.loadBalancerName", "awsvpc tasks know no Classic Load Balancer"
        name, port = entry.get("containerName"), number(entry.get("containerPort"))
        mapped: list[Task] | None = None
        if isinstance(name, str) and name and not unknown(name):
            if name not in named:
                yield "D166", f"{at}.containerName", f"its tasks have no container {name!r}"
            elif port is not None:
                mapped = _mapped(named[name], port)
                if not mapped:
                    yield "D166", f"{at}.containerPort", f"{name} has no port {port}"
        if group is not None:
            yield from _target(group, mode, mapped, at)


def _group(entry: Task, group: Task, at: str, bodies: Bodies) -> Found:
    """A group of an application load balancer is on it by a rule; nothing else of ours puts it there."""
    web = group.get("Protocol") in ("HTTP", "HTTPS")
    reached = of_all(forwarded, bodies)
    if web and made(entry.get("targetGroupArn")) not in reached and "" not in reached:
        yield "D165", f"{at}.targetGroupArn", "no listener rule forwards to it"


def _target(group: Task, mode: str, mapped: list[Task] | None, at: str) -> Found:
    wanted = "ip" if mode == "awsvpc" else "instance"
    kind = text(group.get("TargetType")) or "instance"
    at = f"{at}.targetGroupArn"
    if mode and kind != wanted and not unknown(kind):
        yield "D164", at, f"its targets are of type {kind}, and {mode} tasks are of type {wanted}"
    if not mapped:
        return
    protocol = text(group.get("Protocol"))
    spoken = {text(one.get("protocol")) or "tcp" for one in mapped}
    if any(map(unknown, spoken)):
        pass
    elif protocol in ("HTTP", "HTTPS", "TCP", "TLS") and "tcp" not in spoken:
        yield "D170", at, f"it speaks {protocol}, and the port is udp"
    elif protocol in ("UDP", "QUIC") and "udp" not in spoken:
        yield "D170", at, f"it speaks {protocol}, and the port is tcp"
    probe = group.get("HealthCheckPort")
    dynamic = mode == "bridge" and not any(one.get("hostPort") for one in mapped)
    if dynamic and is_port(text(probe)):
        said = f"it is checked on port {probe}, and the port on the instance is a dynamic one"
        yield "D177", at, said


def _patience(body: Body, task: Task) -> Found:
    """Containers that are slow to start are stopped by the load balancer's checks."""
    if not listed(body.get("loadBalancers")):
        return
    for name, container in containers(task).items():
        start = number(mapping(container.get("healthCheck")).get("startPeriod"))
        if start:
            said = f"{name} may take {start} s to start, and the load balancer does not wait"
            yield "D169", "healthCheckGracePeriodSeconds", said
            return


def _registered(body: Body, task: Task) -> Found:
    mode, named = network_mode(task), containers(task)
    for index, registry in objects(body.get("serviceRegistries")):
        at = f"serviceRegistries[{index}]"
        name, port = registry.get("containerName"), registry.get("containerPort")
        if mode == "none":
            yield "D189", at, "tasks without a network cannot be found"
        elif (name is None) != (port is None):
            yield "D189", at, "containerName and containerPort go together"
        elif mode == "awsvpc" and name is not None and registry.get("port") is not None:
            yield "D189", f"{at}.port", "it goes without containerName and containerPort"
        elif mode in ("bridge", "host") and name is None:
            yield "D189", at, f"{mode} tasks are found by containerName and containerPort"
        elif isinstance(name, str) and not unknown(name):
            number_ = number(port)
            if name not in named:
                yield "D189", f"{at}.containerName", f"its tasks have no container {name!r}"
            elif number_ is not None and not _mapped(named[name], number_):
                yield "D189", f"{at}.containerPort", f"{name} has no port {port}"


def _connected(body: Body, task: Task) -> Found:
    connect = mapping(body.get(_CONNECT))
    if connect.get("enabled") is not True:
        return
    if (mode := network_mode(task)) not in ("bridge", "awsvpc", ""):
        yield "D190", _CONNECT, f"{mode} tasks are not in Service Connect"
    memory = task.get("memory")
    if memory is None:
        yield "D190", _CONNECT, "its task definition has no memory limit of the whole task"
    ports, limits = {}, 0
    for _, container in objects(task.get("containerDefinitions")):
        limits += number(container.get("memory")) or 0
        for mapped in listed(container.get("portMappings")):
            if isinstance(mapped, dict) and isinstance(mapped.get("name"), str):
                ports[mapped["name"]] = mapped
    if isinstance(memory, str) and memory.isdecimal() and limits >= int(memory):
        said = f"its containers may use all {memory} MiB, and the proxy needs some"
        yield "D322", _CONNECT, said
    for index, served in objects(connect.get("services")):
        name = known(served.get("portName"))
        if not name:
            continue
        at, found = f"{_CONNECT}.services[{index}]", ports.get(name)
        if found is None:
            yield "D190", f"{at}.portName", f"no port of its tasks is named {name!r}"
        elif known(found.get("protocol")) not in ("", "tcp"):
            yield "D190", f"{at}.portName", f"{name!r} is a {found['protocol']} port"
        elif not found.get("appProtocol") and _limits_requests(served):
            path = f"{at}.timeout.perRequestTimeoutSeconds"
            yield "D318", path, f"{name!r} has no appProtocol, so nobody sees its requests"


def _limits_requests(served: Task) -> bool:
    return mapping(served.get("timeout")).get("perRequestTimeoutSeconds") is not None


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
_CREATE = f"{_API}CreateService.html"
_CONFIGURATION = f"{_API}DeploymentConfiguration.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D150",
        ERROR,
        "A service's name has 1 to 255 letters, digits, dashes and underscores",
        _CREATE,
        "",
        "service",
    ),
    Check(
        "D151",
        ERROR,
        "A name that a service has, or had until its last task stops, is not given again",
        _CREATE,
        "",
        "service",
        undecided="which services a cluster has is asked of AWS",
    ),
    Check(
        "D158",
        ERROR,
        "Fargate runs no daemons",
        f"{_GUIDE}ecs_services.html",
        "deploy.mode: replicated",
        "service",
    ),
    Check(
        "D159",
        ERROR,
        "A daemon has no count, no placement strategy, no second copy, and stays in its zone",
        f"{_GUIDE}ecs_services.html",
        "",
        "service",
    ),
    Check(
        "D164",
        ERROR,
        "Targets of awsvpc tasks are of type ip, those of others of type instance",
        f"{_API}LoadBalancer.html",
        "",
        "service",
    ),
    Check(
        "D165",
        ERROR,
        "A target group is on a load balancer before a service uses it",
        _CREATE,
        "add a listener rule that forwards to it",
        "service",
    ),
    Check(
        "D166",
        ERROR,
        "The container and the port behind a load balancer are in the task definition",
        f"{_API}LoadBalancer.html",
        "",
        "service",
    ),
    Check(
        "D167",
        ERROR,
        "A service has 5 target groups at most",
        f"{_GUIDE}register-multiple-targetgroups.html",
        "route fewer of its ports",
        "service",
    ),
    Check(
        "D168",
        ERROR,
        "A role for the load balancer is for one target group, and not for awsvpc tasks",
        _CREATE,
        "leave it out: ECS has a role of its own",
        "service",
    ),
    Check(
        "D169",
        WARNING,
        "What is slow to start has a grace period behind a load balancer",
        _CREATE,
        "give the time it needs as healthCheckGracePeriodSeconds",
        "run",
    ),
    Check(
        "D170",
        WARNING,
        "A target group speaks what the port behind it speaks: tcp or udp",
        f"{_API}LoadBalancer.html",
        "",
        "run",
    ),
    Check(
        "D177",
        WARNING,
        "Behind dynamic ports of instances, health is checked on the traffic port",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
        "HealthCheckPort: traffic-port",
        "run",
    ),
    Check(
        "D189",
        ERROR,
        "A Cloud Map registry gets container and port as the network mode asks for",
        f"{_API}ServiceRegistry.html",
        "",
        "service",
    ),
    Check(
        "D190",
        ERROR,
        "Service Connect serves named TCP ports of tasks that have a memory limit",
        f"{_GUIDE}service-connect-concepts-deploy.html",
        "",
        "service",
    ),
    Check(
        "D191",
        WARNING,
        "A Service Connect client starts after what it calls, or does not know it",
        f"{_GUIDE}service-connect-concepts-deploy.html",
        "",
        "run",
        undecided="it is the order in which services are deployed, not what is in a request",
    ),
    Check(
        "D193",
        WARNING,
        "An update of a service that scales by itself does not set its count",
        f"{_API}UpdateService.html",
        "",
        "run",
        undecided="these are requests that create; what an update sends is decided when it is sent",
    ),
    Check(
        "D194",
        WARNING,
        "One task definition a second is registered, after a burst of 20",
        f"{_API}RegisterTaskDefinition.html",
        "",
        "run",
        undecided="it is the pace of requests, not what is in one",
    ),
    Check(
        "D195",
        ERROR,
        "Things are deleted before what they stand on",
        f"{_API}DeleteCluster.html",
        "",
        "service",
        undecided="it is the order of requests, not what is in one",
    ),
    Check(
        "D196",
        WARNING,
        "An instance has a network interface left for each awsvpc task",
        f"{_GUIDE}container-instance-eni.html",
        "",
        "run",
        undecided="it depends on the types of the instances and on what runs there",
    ),
    Check(
        "D197",
        ERROR,
        "Services on EXTERNAL instances stand behind no load balancer",
        f"{_GUIDE}ecs-anywhere.html",
        "",
        "service",
    ),
    Check(
        "D301",
        ERROR,
        "A service that is no daemon says how many tasks it has",
        _CREATE,
        "",
        "service",
    ),
    Check(
        "D306",
        ERROR,
        "What the deployment controllers CODE_DEPLOY and EXTERNAL need and exclude",
        f"{_API}DeploymentController.html",
        "",
        "service",
    ),
    Check(
        "D313",
        ERROR,
        "A load balancer's entry names one target group, or the one Classic Load Balancer",
        f"{_API}LoadBalancer.html",
        "",
        "service",
    ),
    Check("D314", ERROR, "A grace period is 0 to 2147483647 seconds", _CREATE, "", "service"),
    Check(
        "D315", ERROR, "A client token has up to 36 printable characters", _CREATE, "", "service"
    ),
    Check("D316", ERROR, "A service has one registry at most", _CREATE, "", "service"),
    Check(
        "D317",
        ERROR,
        "A service's metrics come every 20 or every 60 seconds",
        f"{_API}MetricConfiguration.html",
        "",
        "service",
    ),
    Check(
        "D318",
        ERROR,
        "Service Connect names: lower-case letters, digits, _ and -, one alias for a port",
        f"{_API}ServiceConnectService.html",
        "",
        "service",
    ),
    Check(
        "D321",
        ERROR,
        "Commands are executed in tasks that have a role",
        f"{_GUIDE}ecs-exec.html",
        "x-ecs: {roles: {task: ...}}",
        "service",
    ),
    Check(
        "D322",
        WARNING,
        "A task in Service Connect has memory left for the proxy",
        f"{_GUIDE}service-connect-concepts-deploy.html",
        "raise the memory of the task by 64 MiB or more",
        "run",
    ),
)

ALONE: Alone = {"services": (_service,)}
AMONG: Among = {"services": (_service_among,)}
