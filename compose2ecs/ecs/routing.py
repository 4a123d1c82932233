"""Endpoints to target groups, their attributes, and listener rules.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
and API_CreateRule.html
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.model import HealthCheck
from compose2ecs.ecs.endpoints import Endpoint, http_probe
from compose2ecs.ecs.extension import RouteCheck
from compose2ecs.ecs.limits import CONDITION_LENGTH, CONDITION_VALUES, TLS_PORTS
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.work import Work, upper_tags
from compose2ecs.names import dns_label, slot, target_group_name

_PORT = 80  # of the group; each target has its own, dynamic one
_DELAY = 10  # seconds to finish open requests; AWS's 300 keep every deployment waiting
_NLB = ("tcp", "udp", "tls", "tcp_udp")
_MADE = "made by target-groups/"


class Rule(NamedTuple):
    """One listener rule before it has its priority."""

    endpoint: Endpoint
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    others: list[Body]
    strip: str | None = None

    @property
    def catches_all(self) -> bool:
        return not self.hosts and not self.others and "/*" in self.paths


def define_routing(endpoints: list[Endpoint], work: Work) -> None:
    """Add target groups, attributes and rules to the stack."""
    if work.direct:
        return
    names: dict[str, Endpoint] = {}
    for endpoint in endpoints:
        name = target_group_name(endpoint.name)
        if names.setdefault(name, endpoint) is not endpoint:
            work.say(
                codes.NAMES_COLLIDE,
                endpoint.service.place,
                endpoint.service,
                name=name,
                other=names[name].service.key,
            )
        _target_group(endpoint, name, work)
    rules = _rules(endpoints, work)
    priorities = _priorities(rules, work)
    for rule, priority in zip(rules, priorities, strict=True):
        body = _rule_body(rule, priority, work)
        work.add("listener-rules", rule.endpoint.name, body, (rule.endpoint.service.key,))


# ---------------------------------------------------------------------------- target groups


def _target_group(endpoint: Endpoint, name: str, work: Work) -> None:
    route, service = endpoint.route, endpoint.service
    protocol = route.protocol or endpoint.app_protocol or "http"
    if protocol in _NLB:
        work.say(
            codes.NOT_YET_X_ECS,
            route.written["protocol"],
            service,
            key=f"route.protocol: {protocol}",
        )
        protocol = "http"
    secure = protocol == "https" or (route.protocol is None and endpoint.port in TLS_PORTS)
    body: Body = {"Name": name, "Protocol": "HTTPS" if secure else "HTTP"}
    if protocol in ("grpc", "http2"):
        body["ProtocolVersion"] = protocol.upper()
    body["Port"] = _PORT
    body["VpcId"] = work.fact("vpc")
    body["TargetType"] = "instance"
    body.update(_health(endpoint, body["Protocol"], protocol == "grpc", work))
    body["Tags"] = upper_tags(work.tags(service.key, work.facts(service).tags))
    work.add("target-groups", name, body, (service.key,))
    attributes = _attributes(endpoint)
    work.add(
        "target-group-attributes",
        name,
        {
            "TargetGroupArn": work.reference("target-group", name, _MADE),
            "Attributes": [{"Key": key, "Value": attributes[key]} for key in sorted(attributes)],
        },
        (service.key,),
    )


def _health(endpoint: Endpoint, protocol: str, grpc: bool, work: Work) -> Body:
    """By hand, else as the compose file probes the routed port over HTTP, else a lenient `/`."""
    check = endpoint.route.health_check or RouteCheck()
    compose = endpoint.service.healthcheck
    probe = http_probe(compose)
    if probe is not None and probe.port != endpoint.port:
        probe = None
    path = check.path or (probe.path if probe is not None else "/")
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
            work.say(
                codes.CHECK_TIMEOUT,
                endpoint.route.written.get("health_check", endpoint.service.place),
                endpoint.service,
                timeout=timeout,
                interval=interval,
            )
        timeout = interval - 1
    scheme = (check.protocol or "").upper() or protocol
    body: Body = {
        "HealthCheckProtocol": scheme,
        "HealthCheckPort": str(check.port) if check.port else "traffic-port",
        "HealthCheckEnabled": True,
        "HealthCheckPath": path,
        "HealthCheckIntervalSeconds": interval,
        "HealthCheckTimeoutSeconds": timeout,
        "HealthyThresholdCount": healthy or 2,
        "UnhealthyThresholdCount": unhealthy or 3,
    }
    if check.port:
        work.say(
            codes.CHECK_PORT,
            endpoint.route.written["health_check"],
            endpoint.service,
            port=check.port,
        )
    if grpc:
        body["Matcher"] = {"GrpcCode": check.matcher or "0-99"}
    else:
        body["Matcher"] = {"HttpCode": check.matcher or ("200-399" if probe else "200-499")}
    return body


def _seconds(check: HealthCheck, key: str, low: int, high: int) -> int | None:
    value = getattr(check, key)
    return min(max(math.ceil(value.seconds), low), high) if value else None


def _attributes(endpoint: Endpoint) -> dict[str, str]:
    route = endpoint.route
    delay = _DELAY if route.deregistration_delay is None else route.deregistration_delay
    found = {"deregistration_delay.timeout_seconds": str(delay)}
    if route.stickiness:
        found["stickiness.enabled"] = "true"
        found["stickiness.type"] = "lb_cookie"
        if route.stickiness is not True:
            found["stickiness.lb_cookie.duration_seconds"] = str(route.stickiness)
    found.update(route.attributes)
    return found


# ---------------------------------------------------------------------------- rules


def _rules(endpoints: list[Endpoint], work: Work) -> list[Rule]:
    """One rule for each endpoint; those that say nothing of host or path get them by convention."""
    domain = work.target.domain
    implicit = [e for e in endpoints if not e.route.host and not e.route.path]
    taken = any("/*" in e.route.path and not e.route.host for e in endpoints)
    main = min(implicit, key=lambda e: e.rank, default=None)
    rules = []
    for endpoint in endpoints:
        route = endpoint.route
        others = _other_conditions(endpoint)
        hosts, paths, strip = route.host, route.path, None
        if not hosts and domain:
            hosts = (_host(endpoint, endpoint is main or bool(paths), work, domain),)
        elif not hosts and not paths:
            if endpoint is main and (not taken or others):
                paths = ("/*",)
            else:
                word = endpoint.service.key
                if not endpoint.first:
                    word = f"{word}-{endpoint.port}"
                paths, strip = (f"/{word}", f"/{word}/*"), f"/{word}"
        if route.strip_prefix:
            strip = _prefix(endpoint)
        rule = Rule(endpoint, hosts, paths, others, strip)
        _check_rule(rule, work)
        rules.append(rule)
    return rules


def _host(endpoint: Endpoint, main: bool, work: Work, domain: str) -> str:
    """`<stack>.<domain>` for the main endpoint, `<stack>--<service>.<domain>` for the others."""
    label = work.target.stack
    if not main:
        label = f"{label}--{endpoint.service.key}"
        if not endpoint.first:
            label = f"{label}-{endpoint.port}"
    return f"{dns_label(label)}.{domain.strip('.')}"


def _prefix(endpoint: Endpoint) -> str:
    strip = endpoint.route.strip_prefix
    if isinstance(strip, str):
        return "/" + strip.strip("/")
    path = endpoint.route.path[0] if endpoint.route.path else "/" + endpoint.service.key
    return path.partition("*")[0].rstrip("/")


def _other_conditions(endpoint: Endpoint) -> list[Body]:
    route = endpoint.route
    found: list[Body] = []
    for name, values in sorted(route.headers.items()):
        found.append(
            {
                "Field": "http-header",
                "HttpHeaderConfig": {"HttpHeaderName": name, "Values": list(values)},
            }
        )
    if route.query:
        pairs = [{"Key": k, "Value": v} if k is not None else {"Value": v} for k, v in route.query]
        found.append({"Field": "query-string", "QueryStringConfig": {"Values": pairs}})
    if route.methods:
        methods = [method.upper() for method in route.methods]
        found.append(
            {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": methods}}
        )
    if route.source_ips:
        found.append({"Field": "source-ip", "SourceIpConfig": {"Values": list(route.source_ips)}})
    return found


def _check_rule(rule: Rule, work: Work) -> None:
    service, route = rule.endpoint.service, rule.endpoint.route
    place = route.place or service.place
    values = [*rule.hosts, *rule.paths, *_texts(rule.others)]
    if len(values) > CONDITION_VALUES:
        work.say(
            codes.TOO_MANY,
            place,
            service,
            path=f"services.{service.key}",
            what="condition values in one listener rule",
            limit=CONDITION_VALUES,
            number=len(values),
        )
    for value in values:
        if len(value) > CONDITION_LENGTH:
            work.say(codes.CONDITION_TOO_LONG, place, service, value=value, limit=CONDITION_LENGTH)
    for host in rule.hosts:
        tail = host.rpartition(".")[2]
        if "." not in host or not tail.isalpha():
            work.say(codes.BAD_ROUTE_HOST, place, service, host=host)
    for path in rule.paths:
        if not path.startswith(("/", "*")):
            work.say(codes.BAD_ROUTE_PATH, place, service, route_path=path)


def _texts(conditions: list[Body]) -> list[str]:
    found: list[str] = []
    for condition in conditions:
        for config in condition.values():
            if isinstance(config, dict):
                for value in config["Values"]:
                    found.append(value if isinstance(value, str) else value["Value"])
    return found


# Priorities: the lower one wins. People keep 1-999, `/*` stands at the end. In between, what is
# more specific comes first, whoever's stack it is; inside its band a rule hashes to its place, so
# that stacks that know nothing of each other rarely meet.
_BANDS = {
    "host-and-more": (1000, 14000),
    "path": (15000, 9000),
    "host": (24000, 13000),
    "wildcard-host": (37000, 3000),
    "all": (40000, 8000),
}
_STEPS = 20  # bands of paths are cut into this many steps by the length of the path


def _band(rule: Rule) -> tuple[int, int]:
    """Where a rule may stand: the first priority, and how many there are."""
    length = max((len(path.rstrip("*")) for path in rule.paths), default=0)
    if rule.catches_all:
        return _BANDS["all"]
    if rule.hosts and not rule.paths and not rule.others:
        wildcard = any("*" in host or "?" in host for host in rule.hosts)
        return _BANDS["wildcard-host" if wildcard else "host"]
    first, size = _BANDS["host-and-more" if rule.hosts or rule.others else "path"]
    step = size // _STEPS
    return first + step * max(0, _STEPS - 1 - length // 3), step


def _priorities(rules: list[Rule], work: Work) -> list[int]:
    """A free priority for each rule; two rules of a stack never share one, and the longer path of
    one band comes first."""
    taken: dict[int, Rule] = {}
    for rule in rules:
        wanted = rule.endpoint.route.priority
        if wanted is None:
            continue
        if wanted in taken:
            other = taken[wanted].endpoint
            work.say(
                codes.PRIORITY_TWICE,
                rule.endpoint.route.written["priority"],
                rule.endpoint.service,
                priority=wanted,
                other=other.service.key,
            )
        taken[wanted] = rule
    found: dict[str, int] = {}
    in_order = sorted(
        (rule for rule in rules if rule.endpoint.route.priority is None),
        key=lambda rule: (_band(rule)[0], -_length(rule), rule.endpoint.name),
    )
    last: tuple[int, int, int] | None = None
    for rule in in_order:
        first, size = _band(rule)
        offset = slot(size, work.target.stack, rule.endpoint.name)
        if last is not None and last[0] == first and last[1] > _length(rule):
            offset = max(offset, last[2] + 1)  # the longer path of the same step stands before
        while first + offset in taken:
            offset += 1
        if offset >= size:
            offset = next(n for n in range(size) if first + n not in taken)
        taken[first + offset] = rule
        found[rule.endpoint.name] = first + offset
        last = (first, _length(rule), offset)
    return [rule.endpoint.route.priority or found[rule.endpoint.name] for rule in rules]


def _length(rule: Rule) -> int:
    return max((len(path.rstrip("*")) for path in rule.paths), default=0)


def _rule_body(rule: Rule, priority: int, work: Work) -> Body:
    endpoint = rule.endpoint
    conditions: list[Body] = []
    if rule.hosts:
        conditions.append(
            {"Field": "host-header", "HostHeaderConfig": {"Values": list(rule.hosts)}}
        )
    if rule.paths:
        conditions.append(
            {"Field": "path-pattern", "PathPatternConfig": {"Values": list(rule.paths)}}
        )
    conditions += rule.others
    group = work.reference("target-group", target_group_name(endpoint.name), _MADE)
    body: Body = {
        "ListenerArn": work.fact("listener"),
        "Priority": priority,
        "Conditions": conditions,
        "Actions": [{"Type": "forward", "TargetGroupArn": group}],
    }
    transforms = _transforms(rule)
    if transforms:
        body["Transforms"] = transforms
    service = endpoint.service
    body["Tags"] = upper_tags(work.tags(service.key, work.facts(service).tags))
    return body


def _transforms(rule: Rule) -> list[Body]:
    rewrite: Any = rule.endpoint.route.rewrite
    found: list[Body] = []
    path = None
    if rule.strip is not None:
        path = {"Regex": f"^{_escape(rule.strip)}/?(.*)$", "Replace": "/$1"}
    if isinstance(rewrite, dict):
        for key, kind, config in (
            ("host", "host-header-rewrite", "HostHeaderRewriteConfig"),
            ("path", "url-rewrite", "UrlRewriteConfig"),
        ):
            part = (
                rewrite.get(key) if "regex" not in rewrite else (rewrite if key == "path" else None)
            )
            if isinstance(part, dict):
                one = {"Regex": str(part.get("regex", "")), "Replace": str(part.get("replace", ""))}
                if kind == "url-rewrite":
                    path = one
                else:
                    found.append({"Type": kind, config: {"Rewrites": [one]}})
    if path is not None:
        found.append({"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": [path]}})
    return found


def _escape(text: str) -> str:
    return "".join("\\" + c if c in ".+*?()[]{}|^$\\" else c for c in text)
