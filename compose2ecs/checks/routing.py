"""What AWS has against target groups, their attributes, and listener rules.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html,
API_TargetGroupAttribute.html, API_CreateRule.html, API_RuleCondition.html and API_Action.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs.checks.model import Alone, Among, Bodies, Body, Check, Found
from compose2ecs.checks.stack import group_of, is_port, known
from compose2ecs.checks.values import (
    DIGITS,
    LETTERS,
    bad_name,
    mapping,
    number,
    objects,
    repeated,
    text,
    unknown,
)
from compose2ecs.report import ERROR, WARNING

_WEB = frozenset(("HTTP", "HTTPS"))
_FLOWS = frozenset(
    ("TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC")
)  # of network load balancers
_DATAGRAMS = frozenset(("UDP", "TCP_UDP", "QUIC", "TCP_QUIC"))
_PORT_MAX = 65535

# ---------------------------------------------------------------------------- target groups

_NAME = LETTERS + DIGITS + "-"
_NAME_MAX = 32
_RANGES = (
    ("HealthCheckIntervalSeconds", 5, 300),
    ("HealthCheckTimeoutSeconds", 2, 120),
    ("HealthyThresholdCount", 2, 10),
    ("UnhealthyThresholdCount", 2, 10),
)
_PATH_MAX = 1024
_VERSIONS = ("HTTP1", "HTTP2", "GRPC")


def _target_group(body: Body) -> Found:
    name = body.get("Name")
    if isinstance(name, str):
        if fault := bad_name(name, _NAME_MAX, _NAME):
            yield "D172", "Name", fault
        elif name[:1] == "-" or name[-1:] == "-":
            yield "D172", "Name", f"{name!r} has a dash at an end"
    kind = text(body.get("TargetType")) or "instance"
    protocol = text(body.get("Protocol"))
    yield from _kind(body, kind, protocol)
    for key, least, most in _RANGES:
        value = body.get(key)
        if isinstance(value, int) and not least <= value <= most:
            yield "D175", key, f"it is {value}, and must be {least} to {most}"
    yield from _times(body, kind, protocol)
    yield from _probe(body, kind, protocol)
    if "Matcher" in body:
        yield from _matcher(body, protocol)


def _kind(body: Body, kind: str, protocol: str) -> Found:
    """What a group is asked for, by the type of its targets."""
    if kind == "lambda":
        for key in ("Protocol", "Port", "VpcId"):
            if body.get(key):
                yield "D330", key, "a group of type lambda has none"
        return
    for key in ("Protocol", "Port", "VpcId"):
        if body.get(key) is None:
            yield "D330", key, f"a group of type {kind} needs it"
    port = number(body.get("Port"))
    if port is not None and not 1 <= port <= _PORT_MAX:
        yield "D330", "Port", f"there is no port {port}"
    elif protocol == "GENEVE" and port not in (None, 6081):
        yield "D330", "Port", f"GENEVE is on port 6081, not {port}"
    if kind == "alb" and protocol not in ("TCP", ""):
        yield "D330", "Protocol", f"a group of type alb speaks TCP, not {protocol}"
    version = text(body.get("ProtocolVersion"))
    if version and not unknown(version):
        if version not in _VERSIONS:
            yield "D330", "ProtocolVersion", f"{version!r} is none of {', '.join(_VERSIONS)}"
        elif protocol and protocol not in _WEB:
            yield "D330", "ProtocolVersion", f"it is for HTTP and HTTPS, and this is {protocol}"
    if body.get("IpAddressType") == "ipv6" and protocol in ("QUIC", "TCP_QUIC"):
        yield "D330", "IpAddressType", f"{protocol} is of ipv4 only"
    if body.get("HealthCheckEnabled") is False:
        yield "D330", "HealthCheckEnabled", f"a group of type {kind} is always checked"


def _times(body: Body, kind: str, protocol: str) -> Found:
    """A check must end before the next one starts."""
    interval = number(body.get("HealthCheckIntervalSeconds"))
    timeout = number(body.get("HealthCheckTimeoutSeconds"))
    if interval is None and timeout is None:
        return
    if interval is None:
        interval = 35 if kind == "lambda" else 10 if protocol == "GENEVE" else 30
    if timeout is None:  # pages differ on HTTP's: 5 or 6
        timeout = 30 if kind == "lambda" else 5 if protocol in ("HTTP", "GENEVE") else 10
    if timeout >= interval:
        said = f"the timeout ({timeout} s) must be below the interval ({interval} s)"
        yield "D174", "HealthCheckTimeoutSeconds", said


def _probe(body: Body, kind: str, protocol: str) -> Found:
    """How and where health is checked."""
    given = text(body.get("HealthCheckProtocol"))
    if given in _FLOWS - {"TCP"} or given == "GENEVE":
        yield "D171", "HealthCheckProtocol", f"health is not checked by {given}"
        return
    if given == "TCP" and protocol in _WEB:
        said = f"a group that speaks {protocol} is checked by HTTP or HTTPS"
        yield "D176", "HealthCheckProtocol", said
        return
    used = given or ("TCP" if protocol in _FLOWS else "HTTP")
    if used == "TCP" and kind != "lambda":
        for key in ("HealthCheckPath", "Matcher"):
            if body.get(key):
                yield "D176", key, "a check by TCP looks at no answer"
    port = known(body.get("HealthCheckPort"))
    if port and port != "traffic-port" and not is_port(port):
        yield "D331", "HealthCheckPort", f"{port!r} is neither traffic-port nor a port"
    path = body.get("HealthCheckPath")
    if isinstance(path, str) and not unknown(path):
        if not path.startswith("/"):
            yield "D332", "HealthCheckPath", f"{path!r} does not begin with /"
        elif len(path) > _PATH_MAX:
            said = f"it has {len(path)} characters, and AWS takes {_PATH_MAX}"
            yield "D332", "HealthCheckPath", said
        elif body.get("ProtocolVersion") == "GRPC" and path.count("/") != 2:
            yield "D335", "HealthCheckPath", f"{path!r} is not /package.service/method"


def _matcher(body: Body, protocol: str) -> Found:
    matcher = mapping(body.get("Matcher"))
    grpc = body.get("ProtocolVersion") == "GRPC"
    for key, low, high in (
        ("HttpCode", 200, 599 if protocol in _FLOWS else 499),
        ("GrpcCode", 0, 99),
    ):
        codes = matcher.get(key)
        if not isinstance(codes, str) or unknown(codes):
            continue
        if (key == "GrpcCode") != grpc:
            said = "a GRPC group has GrpcCode" if grpc else "GrpcCode is for GRPC groups"
            yield "D178", f"Matcher.{key}", said
        elif not _codes(codes, low, high):
            said = f"{codes!r} is no list of codes from {low} to {high}"
            yield "D178", f"Matcher.{key}", said


def _codes(codes: str, low: int, high: int) -> bool:
    """Whether a text is a list of codes and of ranges of codes.

    >>> _codes("200,301-302", 200, 499), _codes("500", 200, 499), _codes("299-200", 200, 499)
    (True, False, False)
    """
    for part in codes.split(","):
        first, dash, last = part.strip().partition("-")
        last = last if dash else first
        if not (first.isdecimal() and last.isdecimal()):
            return False
        if not low <= int(first) <= int(last) <= high:
            return False
    return True


# ---------------------------------------------------------------------------- attributes

_WEEK = 604800
_BOTH, _ALB, _NLB, _LAMBDA, _GENEVE = "both", "application", "network", "lambda", "gateway"
_SWITCH = ("true", "false")
# Key to the load balancers that know it and its values: words, or the least and the most.
_ATTRIBUTES: dict[str, tuple[str, tuple[str, ...] | tuple[int, int] | None]] = {
    "deregistration_delay.timeout_seconds": (_BOTH, (0, 3600)),
    "stickiness.enabled": (_BOTH, _SWITCH),
    "stickiness.type": (
        _BOTH,
        ("lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto"),
    ),
    "load_balancing.cross_zone.enabled": (
        _BOTH,
        ("true", "false", "use_load_balancer_configuration"),
    ),
    "target_group_health.dns_failover.minimum_healthy_targets.count": (_BOTH, (1, 10_000)),
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": (_BOTH, (1, 100)),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": (
        _BOTH,
        (1, 10_000),
    ),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": (
        _BOTH,
        (1, 100),
    ),
    "load_balancing.algorithm.type": (
        _ALB,
        ("round_robin", "least_outstanding_requests", "weighted_random"),
    ),
    "load_balancing.algorithm.anomaly_mitigation": (_ALB, ("on", "off")),
    "slow_start.duration_seconds": (_ALB, (30, 900)),
    "stickiness.app_cookie.cookie_name": (_ALB, None),
    "stickiness.app_cookie.duration_seconds": (_ALB, (1, _WEEK)),
    "stickiness.lb_cookie.duration_seconds": (_ALB, (1, _WEEK)),
    "lambda.multi_value_headers.enabled": (_LAMBDA, _SWITCH),
    "deregistration_delay.connection_termination.enabled": (_NLB, _SWITCH),
    "preserve_client_ip.enabled": (_NLB, _SWITCH),
    "proxy_protocol_v2.enabled": (_NLB, _SWITCH),
    "target_health_state.unhealthy.connection_termination.enabled": (_NLB, _SWITCH),
    "target_health_state.unhealthy.draining_interval_seconds": (_NLB, (0, 360_000)),
    "target_failover.on_deregistration": (_GENEVE, ("rebalance", "no_rebalance")),
    "target_failover.on_unhealthy": (_GENEVE, ("rebalance", "no_rebalance")),
    "send_tcp_reset.on_unhealthy.enabled": (_GENEVE, _SWITCH),
    "send_tcp_reset.on_deregistration.enabled": (_GENEVE, _SWITCH),
}
# Values outside of the range that say something of their own.
_WORDS = {
    "slow_start.duration_seconds": "0",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "off",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
_STICKY = {
    "lb_cookie": _ALB,
    "app_cookie": _ALB,
    "source_ip": _NLB,
    "source_ip_dest_ip": _GENEVE,
    "source_ip_dest_ip_proto": _GENEVE,
}


def _attributes(body: Body) -> Found:
    values: dict[str, str] = {}
    count = 0
    for index, entry in objects(body.get("Attributes")):
        key, value = entry.get("Key"), entry.get("Value")
        if not isinstance(key, str) or unknown(key):
            continue
        count += 1
        if fault := _attribute(key, value):
            at = "Key" if key not in _ATTRIBUTES else "Value"
            yield "D179", f"Attributes[{index}].{at}", fault
        values[key] = text(value)
    if count > len(values):
        keys = [entry.get("Key") for _, entry in objects(body.get("Attributes"))]
        for key in repeated(text(key) for key in keys):
            yield "D179", "Attributes", f"{key} is there twice"
    if len(values) > 1 or "stickiness.type" in values:
        yield from _together(values)


def _attribute(key: str, value: Any) -> str:
    """Why AWS refuses an attribute; empty if it does not."""
    known = _ATTRIBUTES.get(key)
    if known is None:
        return f"AWS knows no attribute {key!r}"
    if not isinstance(value, str):
        return "" if value is None else f"{key} is text: write {str(value).lower()!r}"
    allowed = known[1]
    if unknown(value) or value == _WORDS.get(key):
        return ""
    if allowed is None:
        if not value:
            return f"{key} is empty"
        return f"{value!r} begins as AWS's own cookies do" if value.startswith("AWSALB") else ""
    if isinstance(allowed[0], int):
        low, high = allowed
        if value.isdecimal() and low <= int(value) <= int(high):
            return ""
        also = f", or {_WORDS[key]}" if key in _WORDS else ""
        return f"{key} is {value!r}, and must be {low} to {high}{also}"
    return "" if value in allowed else f"{key} is {value!r}, and must be {' or '.join(allowed)}"


def _together(values: dict[str, str]) -> Found:
    """Attributes that need or exclude each other."""
    sticky = values.get("stickiness.enabled") == "true"
    algorithm = values.get("load_balancing.algorithm.type", "round_robin")
    kind = values.get("stickiness.type")
    if sticky and kind == "app_cookie" and not values.get("stickiness.app_cookie.cookie_name"):
        yield "D333", "Attributes", "app_cookie needs stickiness.app_cookie.cookie_name"
    mitigates = values.get("load_balancing.algorithm.anomaly_mitigation") == "on"
    if mitigates and algorithm != "weighted_random":
        yield "D333", "Attributes", "anomaly mitigation needs the algorithm weighted_random"
    if algorithm == "weighted_random" and sticky:
        yield "D333", "Attributes", "stickiness and weighted_random exclude each other"
    slow = values.get("slow_start.duration_seconds", "0")
    if algorithm != "round_robin" and slow != "0" and not unknown(algorithm):
        yield "D333", "Attributes", f"a slow start and {algorithm} exclude each other"
    closes = "target_health_state.unhealthy.connection_termination.enabled"
    drains = values.get("target_health_state.unhealthy.draining_interval_seconds", "0")
    if values.get(closes) == "true" and drains != "0":
        yield "D333", "Attributes", "connections that are closed at once are not drained"
    failover = [
        values.get(f"target_failover.{when}") for when in ("on_deregistration", "on_unhealthy")
    ]
    if failover[0] != failover[1]:
        yield "D333", "Attributes", "both target_failover attributes have one value"


def _attributes_among(body: Body, bodies: Bodies) -> Found:
    """Attributes of another kind of group than the one they are given to."""
    group = group_of(body.get("TargetGroupArn"), bodies)
    if group is None:
        return
    protocol, kind = text(group.get("Protocol")), text(group.get("TargetType"))
    balancer = _LAMBDA if kind == "lambda" else _balancer(protocol)
    if not balancer:
        return
    for index, entry in objects(body.get("Attributes")):
        key, value = entry.get("Key"), entry.get("Value")
        known = _ATTRIBUTES.get(key) if isinstance(key, str) else None
        if known is None:
            continue
        at = f"Attributes[{index}]"
        if known[0] not in (_BOTH, balancer) or (
            balancer == _LAMBDA and key == "deregistration_delay.timeout_seconds"
        ):
            yield "D334", f"{at}.Key", f"{key} is not for a group that speaks {protocol or kind}"
        elif key == "stickiness.type" and _STICKY.get(text(value), balancer) != balancer:
            yield "D334", f"{at}.Value", f"{value} is not for a group that speaks {protocol}"
        elif protocol in _DATAGRAMS and (key, value) == ("preserve_client_ip.enabled", "false"):
            said = f"a group that speaks {protocol} keeps the client's address"
            yield "D334", f"{at}.Value", said


def _balancer(protocol: str) -> str:
    if protocol in _WEB:
        return _ALB
    if protocol in _FLOWS:
        return _NLB
    return _GENEVE if protocol == "GENEVE" else ""


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_"
_ALB_GUIDE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
_GROUP = f"{_API}CreateTargetGroup.html"
_CONDITION = f"{_API}RuleCondition.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D171",
        ERROR,
        "Health is checked by HTTP, HTTPS or TCP",
        _GROUP,
        "a service that speaks UDP needs a TCP port to be checked on",
        "elb",
    ),
    Check(
        "D172",
        ERROR,
        "A target group's name has 1 to 32 letters, digits and dashes, none at an end",
        _GROUP,
        "",
        "elb",
    ),
    Check("D174", ERROR, "A health check's timeout is below its interval", _GROUP, "", "elb"),
    Check(
        "D175",
        ERROR,
        "Health checks: an interval of 5 to 300 s, a timeout of 2 to 120 s, thresholds of 2 to 10",
        _GROUP,
        "",
        "elb",
    ),
    Check(
        "D176",
        ERROR,
        "Health of a web group is checked by HTTP or HTTPS, and TCP knows no path and no codes",
        _GROUP,
        "",
        "elb",
    ),
    Check(
        "D178",
        ERROR,
        "Codes of healthy answers: 200 to 499, 200 to 599 behind a network load balancer, gRPC's 0 to 99",
        f"{_API}Matcher.html",
        'write "200", "200,302" or "200-399"',
        "elb",
    ),
    Check(
        "D179",
        ERROR,
        "An attribute of a target group is one that AWS knows, once, with one of its values as text",
        f"{_API}TargetGroupAttribute.html",
        "",
        "elb",
    ),
    Check(
        "D188",
        ERROR,
        "An application load balancer is in two zones at least",
        f"{_API}CreateLoadBalancer.html",
        "",
        "elb",
        undecided="load balancers are not among the bodies, and zones of subnets are asked of AWS",
    ),
    Check(
        "D330",
        ERROR,
        "A target group has protocol, port and VPC, unless its targets are functions",
        _GROUP,
        "",
        "elb",
    ),
    Check(
        "D331",
        ERROR,
        "Health is checked on the traffic port, or on a port from 1 to 65535",
        _GROUP,
        "",
        "elb",
    ),
    Check(
        "D332",
        ERROR,
        "The path of a health check begins with /, and has 1024 characters at most",
        _GROUP,
        "",
        "elb",
    ),
    Check(
        "D335",
        WARNING,
        "The path of a gRPC health check is a method: /package.service/method",
        _GROUP,
        "",
        "run",
    ),
    Check(
        "D333",
        ERROR,
        "Attributes of a target group that need or exclude each other",
        f"{_ALB_GUIDE}edit-target-group-attributes.html",
        "",
        "elb",
    ),
    Check(
        "D334",
        ERROR,
        "An attribute is one of the kind of load balancer that its group's protocol is for",
        f"{_API}TargetGroupAttribute.html",
        "",
        "elb",
    ),
)

ALONE: Alone = {
    "target-groups": (_target_group,),
    "target-group-attributes": (_attributes,),
}
AMONG: Among = {
    "target-group-attributes": (_attributes_among,),
}
