"""Task groups to ECS services: copies, rolling updates, placement, discovery.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
"""

from __future__ import annotations

from collections.abc import Mapping

from compose2ecs import codes
from compose2ecs.compose.model import Port, Service, UpdateConfig
from compose2ecs.ecs.discovery import Connections
from compose2ecs.ecs.endpoints import Endpoint, exposed
from compose2ecs.ecs.extension import Deployment
from compose2ecs.ecs.groups import Group, replicas, tags_of
from compose2ecs.ecs.launch import launch_fields
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.storage import launch_volumes, one_writer
from compose2ecs.ecs.work import Work, lower_tags
from compose2ecs.limits import PLACEMENT_STRATEGIES, TARGET_GROUPS_PER_SERVICE
from compose2ecs.names import ecs_name, target_group_name

_AZ = "attribute:ecs.availability-zone"
_MIN_GRACE = 120  # seconds that a container has before the load balancer's checks count


def define_service(
    group: Group, endpoints: list[Endpoint], connections: Connections, work: Work
) -> Body:
    """The service that keeps a task running."""
    services = [work.services[name] for name in group.members]
    first = services[0]
    facts = [work.facts(service) for service in services]
    name = work.name(group.name)
    body: Body = {"cluster": work.fact("cluster"), "serviceName": name, "taskDefinition": name}
    body.update(launch_fields(group.launch, work))
    balanced = [] if work.direct else _load_balancers(endpoints, work)
    if balanced:
        body["loadBalancers"] = balanced
    fargate = group.launch.fargate
    everywhere = next(
        (s for s in services if s.deploy is not None and s.deploy.mode == "global"), None
    )
    if everywhere is not None and fargate:
        work.say(codes.GLOBAL_ON_FARGATE, everywhere.written["deploy"], everywhere)
    daemon = everywhere is not None and not fargate
    if daemon:
        body["schedulingStrategy"] = "DAEMON"
        _tell_daemon(services, work)
    else:
        body["desiredCount"] = replicas(first)
    role = next((f.roles.service for f in facts if f.roles and f.roles.service), None)
    role = role or work.target.roles.service
    if role and len(balanced) == 1 and not group.launch.awsvpc:
        body["role"] = role
    deployment = _deployment(group, services, daemon, work)
    body["deploymentConfiguration"] = deployment
    if fargate:
        _tell_placement(services, work)
    constraints = [] if fargate else _constraints(services, work)
    if constraints:
        body["placementConstraints"] = constraints
    strategy = [] if fargate else _strategy(group, work)
    if len(strategy) > PLACEMENT_STRATEGIES:
        work.say(
            codes.TOO_MANY,
            first.written.get("deploy", first.place),
            first,
            path=f"services.{first.key}",
            what="placement strategies",
            limit=PLACEMENT_STRATEGIES,
            number=len(strategy),
        )
    if strategy and not daemon:
        body["placementStrategy"] = [_strategy_fields(entry) for entry in strategy]
    if balanced:
        body["healthCheckGracePeriodSeconds"] = _grace(services)
    if not daemon and (
        deployment["maximumPercent"] <= 100 or (strategy and strategy[0].get("field") != _AZ)
    ):
        body["availabilityZoneRebalancing"] = "DISABLED"
    asked = (f.execute_command for f in facts if f.execute_command is not None)
    if next(asked, work.target.execute_command):
        if "taskRoleArn" in work.resources["task-definitions"][name].body:
            body["enableExecuteCommand"] = True
        else:
            work.say(codes.EXEC_NEEDS_ROLE, first.place, first)
    body["propagateTags"] = "SERVICE"
    if group.name in connections.members:
        body["serviceConnectConfiguration"] = _service_connect(group, connections)
    at_launch = launch_volumes(group, work)
    if at_launch:
        body["volumeConfigurations"] = at_launch
    body["tags"] = lower_tags(work.tags(group.name, tags_of(group, work)))
    return body


def _load_balancers(endpoints: list[Endpoint], work: Work) -> list[Body]:
    found: list[Body] = []
    for endpoint in endpoints:
        name = target_group_name(endpoint.name)
        found.append(
            {
                "targetGroupArn": work.reference("target-group", name, "made by target-groups/"),
                "containerName": ecs_name(endpoint.service.key),
                "containerPort": endpoint.port,
            }
        )
    if len(found) > TARGET_GROUPS_PER_SERVICE:
        service = endpoints[0].service
        work.say(
            codes.TOO_MANY,
            service.place,
            service,
            path=f"services.{service.key}",
            what="target groups for one service",
            limit=TARGET_GROUPS_PER_SERVICE,
            number=len(found),
        )
    return found


def _grace(services: list[Service]) -> int:
    longest = _MIN_GRACE
    for service in services:
        check = service.healthcheck
        if check is not None and check.start_period:
            longest = max(longest, -(-check.start_period // 1_000_000_000))
    return longest


def _deployment(group: Group, services: list[Service], daemon: bool, work: Work) -> Body:
    """How many copies must and may run while a new revision comes."""
    low, high = (0, 100) if daemon else (100, 200)
    breaker: Mapping[str, bool] = {"enable": True, "rollback": True}
    low, high, breaker = _wanted(work.target.deployment, low, high, breaker)
    used: UpdateConfig | None = None  # the first one that is written
    starts_first: Service | None = None
    for service in services:
        update = service.deploy.update_config if service.deploy is not None else None
        if update is None:
            continue
        around = _of_update(service, update, work)
        if used is not None:
            continue
        used = update
        if daemon:
            _tell_daemon_update(service, update, work)
        else:
            low, high = around
            starts_first = service if update.order == "start-first" else None
        action = update.failure_action
        if action is not None:
            breaker = {"enable": action != "continue", "rollback": action == "rollback"}
    stateful = [service for service in services if one_writer(service, group.launch, work)]
    own = [wanted for s in services if (wanted := work.facts(s).deployment) is not None]
    if stateful and not daemon:
        low, high = 0, 100
        if not any(wanted.maximum_percent or wanted.minimum_healthy_percent for wanted in own):
            service = stateful[0]
            work.say(
                codes.REPLACED_IN_PLACE,
                service.written["volumes"],
                service,
                volumes=", ".join(one_writer(service, group.launch, work)),
            )
            _tell_order(starts_first, "two tasks must not write to one volume", work)
    fixed = [
        (service, port.target if group.launch.host else port.published, port.place)
        for service in services
        for port in service.ports
        if (group.launch.host or (port.mode == "host" and is_fixed(port)))
        and service.network_mode != "none"
        and not group.launch.awsvpc
    ]
    if group.launch.host:  # what is only exposed is taken on the instance as well
        fixed += [
            (service, port, service.written["expose"])
            for service in services
            for text in service.expose
            for port in exposed(text)[:1]
            if service.network_mode != "none"
        ]
    if fixed and not daemon and not stateful:
        low, high = 0, 100
        service, number, place = fixed[0]
        work.say(codes.FIXED_PORT_IN_PLACE, place, service, port=number)
        if not any(wanted.maximum_percent or wanted.minimum_healthy_percent for wanted in own):
            _tell_order(starts_first, "two tasks cannot have one port of an instance", work)
    for wanted in own[:1]:
        low, high, breaker = _wanted(wanted, low, high, breaker)
    if daemon:  # AWS runs one daemon on an instance, never two
        low, high = (low if low < 100 else 0), 100
    first, count = services[0], replicas(services[0])
    if low >= high:
        work.say(codes.DEPLOYMENT_STUCK, first.place, first, low=low, high=high)
    elif count > 0 and not daemon and -(-count * low // 100) >= count >= count * high // 100:
        work.say(codes.DEPLOYMENT_CANNOT_MOVE, first.place, first, count=count, low=low, high=high)
    return {
        "deploymentCircuitBreaker": dict(breaker),
        "maximumPercent": high,
        "minimumHealthyPercent": low,
    }


def _tell_order(service: Service | None, why: str, work: Work) -> None:
    if service is not None:
        assert service.deploy is not None
        place = service.deploy.written["update_config"]
        work.say(codes.START_FIRST_LOST, place, service, why=why)


def _update_lost(service: Service, key: str, reason: str, work: Work) -> None:
    assert service.deploy is not None
    place = service.deploy.written["update_config"]
    key = f"deploy.update_config.{key}"
    work.say(codes.KEY_LOST, place, service, key=key, reason=reason, advice="")


def _tell_daemon_update(service: Service, update: UpdateConfig, work: Work) -> None:
    if update.order == "start-first":
        reason = "with `mode: global` an instance's task stops before the new one starts there"
        _update_lost(service, "order", reason, work)
    if update.parallelism is not None:
        reason = "with `mode: global` a percentage of the instances says how many at once"
        _update_lost(service, "parallelism", reason, work)


def _tell_daemon(services: list[Service], work: Work) -> None:
    """Say what of copies and their places `mode: global` leaves without effect."""
    everywhere = "`mode: global` runs one task on each instance"
    for service in services:
        facts, deploy = work.facts(service), service.deploy
        lost: list[tuple[str, int]] = []
        if deploy is not None and deploy.mode == "global" and replicas(service) != 1:
            if "replicas" in deploy.written:
                lost.append(("deploy.replicas", deploy.written["replicas"]))
            else:
                lost.append(("scale", service.written["scale"]))
        if deploy is not None and deploy.placement is not None and deploy.placement.preferences:
            lost.append(("deploy.placement.preferences", deploy.written["placement"]))
        if facts.placement:
            lost.append(("x-ecs.placement", facts.written["placement"]))
        for key, place in lost:
            work.say(codes.KEY_LOST, place, service, key=key, reason=everywhere, advice="")


def is_fixed(port: Port) -> bool:
    """Whether a port in host mode names one port; a range, or 0, leaves the choice to Docker."""
    return bool(port.published) and str(port.published).isdigit() and port.published != "0"


def _wanted(
    wanted: Deployment, low: int, high: int, breaker: Mapping[str, bool]
) -> tuple[int, int, Mapping[str, bool]]:
    """What `x-ecs.deployment` changes of these."""
    if wanted.minimum_healthy_percent is not None:
        low = wanted.minimum_healthy_percent
    if wanted.maximum_percent is not None:
        high = wanted.maximum_percent
    flag = wanted.circuit_breaker
    if isinstance(flag, bool):
        breaker = {"enable": flag, "rollback": flag}
    elif flag is not None:
        breaker = {"enable": flag.get("enable", True), "rollback": flag.get("rollback", True)}
    return low, high, breaker


def _of_update(service: Service, update: UpdateConfig, work: Work) -> tuple[int, int]:
    for key in ("delay", "monitor", "max_failure_ratio"):
        if getattr(update, key) is not None:
            assert service.deploy is not None
            work.say(
                codes.UPDATE_OPTION_LOST,
                service.deploy.written.get("update_config", service.place),
                service,
                key=key,
            )
    if update.order == "start-first":
        return 100, 200
    count = replicas(service)
    at_once = 1 if update.parallelism is None else update.parallelism
    if at_once == 0 or at_once >= count:
        return 0, 100
    return 100 * (count - at_once) // count, 100


def _constraints(services: list[Service], work: Work) -> list[Body]:
    found: list[Body] = []
    for service in services:
        placement = service.deploy.placement if service.deploy is not None else None
        if placement is None:
            continue
        place = service.written.get("deploy", service.place)
        for text in placement.constraints:
            expression = _expression(text)
            if expression is None:
                work.say(codes.CONSTRAINT_LOST, place, service, text=text)
            else:
                found.append({"type": "memberOf", "expression": expression})
        if placement.max_replicas_per_node == 1:
            found.append({"type": "distinctInstance"})
        elif placement.max_replicas_per_node:
            work.say(
                codes.CONSTRAINT_LOST,
                place,
                service,
                text=f"max_replicas_per_node: {placement.max_replicas_per_node}",
            )
    return [entry for number, entry in enumerate(found) if entry not in found[:number]]


def _tell_placement(services: list[Service], work: Work) -> None:
    """Fargate places tasks itself."""
    for service in services:
        facts = work.facts(service)
        placement = service.deploy.placement if service.deploy is not None else None
        if facts.placement is not None:
            work.say(codes.PLACEMENT_ON_FARGATE, facts.written["placement"], service)
        elif placement is not None and any(
            (
                any(not on_platform(text) for text in placement.constraints),
                placement.preferences,
                placement.max_replicas_per_node,
            )
        ):
            work.say(codes.PLACEMENT_ON_FARGATE, service.written["deploy"], service)


def on_platform(text: str) -> bool:
    """Whether a constraint asks for a platform, as `runtimePlatform` does on Fargate."""
    left, _, right = (part.strip() for part in text.partition("=="))
    return left == "node.platform.arch" or (left == "node.platform.os" and right == "linux")


_PLATFORM = {
    "node.platform.arch": "ecs.cpu-architecture",
    "node.platform.os": "ecs.os-type",
}


_MACHINES = {"amd64": "x86_64", "aarch64": "arm64"}  # as instances call themselves


def _expression(text: str) -> str | None:
    """`node.labels.disk == ssd` as ECS's cluster query language has it."""
    for operator in ("==", "!="):
        left, found, right = text.partition(operator)
        if not found:
            continue
        left, right = left.strip(), right.strip()
        name = _PLATFORM.get(left)
        if name == "ecs.cpu-architecture":
            right = _MACHINES.get(right, right)
        if name is None and left.startswith("node.labels."):
            name = left.removeprefix("node.labels.")
        if name is None or not right:
            return None
        return f"attribute:{name} {operator} {right}"
    return None


def _strategy(group: Group, work: Work) -> list[Mapping[str, str]]:
    for name in group.members:
        service = work.services[name]
        own = work.facts(service).placement
        if own is not None:
            return list(own)
        placement = service.deploy.placement if service.deploy is not None else None
        if placement is not None and placement.preferences:
            found: list[Mapping[str, str]] = []
            for text in placement.preferences:
                field = _spread(text)
                if field is not None:
                    found.append({"type": "spread", "field": field})
                else:
                    place = service.written["deploy"]
                    work.say(codes.PREFERENCE_LOST, place, service, text=text)
            return found
    return list(work.target.placement)


def _spread(text: str) -> str | None:
    """The field of a preference: an instance, or one of its attributes."""
    if text in ("node.id", "node.hostname"):
        return "instanceId"
    label = text.removeprefix("node.labels.")
    if label == text and text.startswith(("node.", "engine.")):
        return None
    return f"attribute:{label}"


def _strategy_fields(entry: Mapping[str, str]) -> Body:
    return {key: entry[key] for key in ("type", "field") if key in entry}


def placement_fields(group: Group, work: Work) -> Body:
    """The members of a RunTask request that say which instances its tasks are put on."""
    services = [work.services[name] for name in group.members]
    if group.launch.fargate:
        _tell_placement(services, work)
        return {}
    body: Body = {}
    constraints = _constraints(services, work)
    if constraints:
        body["placementConstraints"] = constraints
    strategy = _strategy(group, work)
    if strategy:
        body["placementStrategy"] = [_strategy_fields(entry) for entry in strategy]
    return body


def _service_connect(group: Group, connections: Connections) -> Body:
    body: Body = {"enabled": True, "namespace": connections.namespace}
    served = [
        {
            "portName": one.name,
            "clientAliases": [{"port": one.port, "dnsName": one.alias}],
        }
        for one in connections.served.get(group.name, ())
    ]
    if served:
        body["services"] = served
    return body
