"""Endpoints to target groups of application load balancers, and their attributes.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
and API_ModifyTargetGroupAttributes.html
"""

from __future__ import annotations

import math

from compose2ecs import codes
from compose2ecs.compose.model import HealthCheck, Service
from compose2ecs.ecs.endpoints import Endpoint, Probe, http_probe
from compose2ecs.ecs.extension import RouteCheck
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.work import Work, upper_tags
from compose2ecs.limits import TLS_PORTS
from compose2ecs.names import target_group_name
from compose2ecs.report import Code

MADE = "made by target-groups/"
_PORT = 80  # of the group; each target has its own, dynamic one
_DELAY = 10  # seconds to finish open requests; AWS's 300 keep every deployment waiting
OVER_TLS = ("grpc", "http2")  # what load balancers only take in over HTTPS


def group_of(endpoint: Endpoint, work: Work) -> str:
    """The ARN of an endpoint's target group, or what stands for it."""
    return work.reference("target-group", target_group_name(endpoint.name), MADE)


def define_target_group(endpoint: Endpoint, work: Work) -> None:
    """Add the target group of an endpoint and its attributes to the stack."""
    if endpoint.network:
        from compose2ecs.ecs.network_balancer import network_group

        spoken, check, attributes = network_group(endpoint, work)
    else:
        spoken, check = _group(endpoint, work)
        attributes = _attributes(endpoint)
    name = target_group_name(endpoint.name)
    service = endpoint.service
    body = {
        "Name": name,
        **spoken,
        "VpcId": work.fact("vpc"),
        "TargetType": "ip" if endpoint.group.launch.awsvpc else "instance",
        **check,
        "Tags": upper_tags(work.tags(service.key, work.facts(service).tags)),
    }
    work.add("target-groups", name, body, (service.key,))
    attributes.update(endpoint.route.attributes)
    work.add(
        "target-group-attributes",
        name,
        {
            "TargetGroupArn": group_of(endpoint, work),
            "Attributes": [{"Key": key, "Value": attributes[key]} for key in sorted(attributes)],
        },
        (service.key,),
    )


def _group(endpoint: Endpoint, work: Work) -> tuple[Body, Body]:
    """What a group speaks, and how it is checked."""
    route = endpoint.route
    protocol = protocol_of(endpoint)
    probe = http_probe(endpoint.service.healthcheck)
    if probe is not None and probe.port != endpoint.port:
        probe = None
    plain = probe if probe is not None and probe.plain else None
    tls = endpoint.port in TLS_PORTS or (probe is not None and probe.tls)
    secure = protocol == "https" or (route.protocol is None and tls)
    body: Body = {"Protocol": "HTTPS" if secure else "HTTP"}
    if protocol in OVER_TLS:
        body["ProtocolVersion"] = protocol.upper()
        place = route.written.get("protocol", endpoint.place)
        what = f"{endpoint.service.key}: {protocol}"
        say_https(what, place, work, endpoint.service)
    body["Port"] = _PORT
    return body, _health(endpoint, plain, body["Protocol"], protocol == "grpc", work, probe)


def say_https(what: str, place: int, work: Work, service: Service | None = None) -> None:
    """Say that something needs HTTPS, as loudly as the port of the listener makes it doubtful."""
    balancer = work.target.facts.load_balancer
    if work.target.listener or balancer is None or balancer.port in (None, *TLS_PORTS):
        work.say(codes.HTTPS_LISTENER, place, service, what=what)
    elif balancer.port == _PORT:
        work.say(codes.NEEDS_HTTPS, place, service, what=what, name=balancer.name)
    else:
        facts = {"what": what, "name": balancer.name, "port": balancer.port}
        work.say(codes.MAYBE_HTTPS, place, service, **facts)


def protocol_of(endpoint: Endpoint) -> str:
    """What an endpoint speaks: as its route says, else its port, else http."""
    return endpoint.route.protocol or endpoint.app_protocol or "http"


# ---------------------------------------------------------------------------- health checks


def _health(
    endpoint: Endpoint,
    probe: Probe | None,
    protocol: str,
    grpc: bool,
    work: Work,
    seen: Probe | None,
) -> Body:
    """By hand, else as the compose file probes the routed port over HTTP, else a lenient `/`.

    `probe` is what can be asked for as it stands, `seen` also what only a program can ask for.
    """
    check = endpoint.route.health_check or RouteCheck()
    default = "/AWS.ALB/healthcheck" if grpc else "/"
    if check.path and not check.path.startswith("/"):
        say_of_check(codes.BAD_ROUTE_PATH, "path", endpoint, work, route_path=check.path)
    if check.protocol == "tcp":
        say_of_check(codes.CHECK_PROTOCOL, "protocol", endpoint, work)
    if grpc:
        matcher = {"GrpcCode": matcher_of(endpoint, 0, 99, "0-99", work)}
    else:
        usual = "200-399" if probe else "200-499"
        matcher = {"HttpCode": matcher_of(endpoint, 200, 499, usual, work)}
        if seen is not None and check.path is None:
            _tell_derived(endpoint, probe, matcher["HttpCode"], work)
    return {
        "HealthCheckProtocol": (check.protocol or "").upper() or protocol,
        "HealthCheckPort": port_of_check(endpoint, work),
        "HealthCheckEnabled": True,
        "HealthCheckPath": check.path or (probe.path if probe is not None else default),
        **times_of_check(endpoint, probe, work),
        "Matcher": matcher,
    }


def _tell_derived(endpoint: Endpoint, probe: Probe | None, good: str, work: Work) -> None:
    """Say once what load balancers check, and of each service whose own check they cannot make."""
    service = endpoint.service
    place = service.written.get("healthcheck", service.place)
    if probe is None:
        work.say(codes.CHECK_NOT_DERIVED, place, service, codes=good)
    else:
        work.once(codes.CHECK_DERIVED, place, service, check_path=probe.path, codes=good)


def say_of_check(code: Code, key: str, endpoint: Endpoint, work: Work, /, **facts: object) -> None:
    """Report `code` of a key of a route's health check."""
    route = endpoint.route
    place = route.written.get("health_check", endpoint.place)
    if route.health_check is not None:
        place = route.health_check.written.get(key, place)
    work.say(code, place, endpoint.service, **facts)


def times_of_check(endpoint: Endpoint, probe: Probe | None, work: Work) -> Body:
    """How often is asked, how long is waited, and how many answers count."""
    check = endpoint.route.health_check or RouteCheck()
    compose = endpoint.service.healthcheck
    interval, timeout = check.interval, check.timeout
    healthy, unhealthy = check.healthy, check.unhealthy
    if probe is not None and compose is not None:
        interval = interval or _seconds(compose, "interval", 5, 300)
        timeout = timeout or _seconds(compose, "timeout", 2, 120)
        if unhealthy is None and compose.retries:
            unhealthy = min(max(compose.retries, 2), 10)
    interval = interval or 10
    if timeout is None:
        timeout = min(5, interval - 1)
    elif timeout >= interval:
        if check.timeout is not None:
            say_of_check(
                codes.CHECK_TIMEOUT, "timeout", endpoint, work, timeout=timeout, interval=interval
            )
        timeout = interval - 1
    return {
        "HealthCheckIntervalSeconds": interval,
        "HealthCheckTimeoutSeconds": timeout,
        "HealthyThresholdCount": healthy or 2,
        "UnhealthyThresholdCount": unhealthy or 3,
    }


def _seconds(check: HealthCheck, key: str, low: int, high: int) -> int | None:
    value = getattr(check, key)
    return min(max(math.ceil(value.seconds), low), high) if value else None


def port_of_check(endpoint: Endpoint, work: Work) -> str:
    """The port that is probed, which must be the same on every instance."""
    check = endpoint.route.health_check
    if check is None or not check.port:
        return "traffic-port"
    if not is_fixed(endpoint, check.port):
        say_of_check(codes.CHECK_PORT, "port", endpoint, work, port=check.port)
    return str(check.port)


def is_fixed(endpoint: Endpoint, port: int) -> bool:
    """Whether a target can be checked on a port: any where a task has its own address or the
    machine's. Else ports in host mode, where the routed one is too: ECS takes no other check beside a
    dynamic port."""
    launch = endpoint.group.launch
    if launch.awsvpc or launch.host:
        return True
    held = [p for p in endpoint.service.ports if p.mode == "host" and p.published]
    return any(p.published == str(port) for p in held) and any(
        p.target == endpoint.port for p in held
    )


def matcher_of(endpoint: Endpoint, low: int, high: int, usual: str, work: Work) -> str:
    """The codes that count as good: those of the route if they are ones from `low` to `high`."""
    check = endpoint.route.health_check
    if check is None or check.matcher is None:
        return usual
    for part in check.matcher.split(","):
        first, dash, last = part.partition("-")
        ends = [first, last] if dash else [first]
        good = all(end.isascii() and end.isdigit() and low <= int(end) <= high for end in ends)
        if not good or int(ends[0]) > int(ends[-1]):
            say_of_check(
                codes.BAD_MATCHER,
                "matcher",
                endpoint,
                work,
                text=check.matcher,
                low=low,
                high=high,
            )
            break
    return check.matcher


# ---------------------------------------------------------------------------- attributes


def _attributes(endpoint: Endpoint) -> dict[str, str]:
    route = endpoint.route
    found = draining(endpoint)
    if route.stickiness:
        found["stickiness.enabled"] = "true"
        found["stickiness.type"] = "lb_cookie"
        if route.stickiness is not True:
            found["stickiness.lb_cookie.duration_seconds"] = str(route.stickiness)
    return found


def draining(endpoint: Endpoint) -> dict[str, str]:
    """How long a target that leaves may finish what it has begun."""
    delay = endpoint.route.deregistration_delay
    return {"deregistration_delay.timeout_seconds": str(_DELAY if delay is None else delay)}
