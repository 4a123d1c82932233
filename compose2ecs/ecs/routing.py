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
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.work import Work, upper_tags
from compose2ecs.limits import (
    CONDITION_LENGTH,
    CONDITION_VALUES,
    CONDITION_WILDCARDS,
    PRIORITY_MAX,
    TLS_PORTS,
)
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
    strip: tuple[str, ...] = ()

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
    probe = http_probe(service.healthcheck)
    tls = endpoint.port in TLS_PORTS or (
        probe is not None and probe.port == endpoint.port and probe.tls
    )
    secure = protocol == "https" or (route.protocol is None and tls)
    body: Body = {"Name": name, "Protocol": "HTTPS" if secure else "HTTP"}
    if protocol in ("grpc", "http2"):
        body["ProtocolVersion"] = protocol.upper()
    body["Port"] = _PORT
    body["VpcId"] = work.fact("vpc")
    body["TargetType"] = "ip" if endpoint.group.launch.awsvpc else "instance"
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
    default = "/AWS.ALB/healthcheck" if grpc else "/"
    path = check.path or (probe.path if probe is not None else default)
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
    if check.path and not check.path.startswith("/"):
        work.say(
            codes.BAD_ROUTE_PATH,
            endpoint.route.written["health_check"],
            endpoint.service,
            route_path=check.path,
        )
    if check.protocol == "tcp":
        work.say(codes.CHECK_PROTOCOL, endpoint.route.written["health_check"], endpoint.service)
    if check.port and not _is_fixed(endpoint, check.port):
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


def _is_fixed(endpoint: Endpoint, port: int) -> bool:
    """Whether a port is the same on every instance."""
    return any(p.mode == "host" and p.published == str(port) for p in endpoint.service.ports)


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
    implicit = [
        e for e in endpoints if not e.route.host and not e.route.path and not _other_conditions(e)
    ]
    taken = any("/*" in e.route.path and not e.route.host for e in endpoints)
    main = min(implicit, key=lambda e: e.rank, default=None)
    rules = []
    for endpoint in endpoints:
        route = endpoint.route
        others = _other_conditions(endpoint)
        hosts, paths = route.host, route.path
        strip: tuple[str, ...] = ()
        if not hosts and domain:
            hosts = (_host(endpoint, endpoint is main or bool(paths), work, domain),)
        elif not hosts and not paths and not others:
            if endpoint is main and not taken:
                paths = ("/*",)
            else:
                word = endpoint.service.key
                if not endpoint.first:
                    word = f"{word}-{endpoint.port}"
                paths, strip = (f"/{word}", f"/{word}/*"), (f"/{word}",)
        if route.strip_prefix:
            strip = _prefixes(endpoint)
        rule = Rule(endpoint, hosts, paths, others, strip)
        _check_rule(rule, work)
        rules.append(rule)
    _check_same_conditions(rules, work)
    return rules


def _host(endpoint: Endpoint, main: bool, work: Work, domain: str) -> str:
    """`<stack>.<domain>` for the main endpoint, `<stack>--<service>.<domain>` for the others."""
    label = work.target.stack
    if not main:
        label = f"{label}--{endpoint.service.key}"
        if not endpoint.first:
            label = f"{label}-{endpoint.port}"
    return f"{dns_label(label)}.{domain.strip('.')}"


def _prefixes(endpoint: Endpoint) -> tuple[str, ...]:
    """What `strip_prefix` takes off: what it names, else the fixed part of each path."""
    strip = endpoint.route.strip_prefix
    if isinstance(strip, str):
        return ("/" + strip.strip("/"),)
    paths = endpoint.route.path or ("/" + endpoint.service.key,)
    fixed = dict.fromkeys(path.partition("*")[0].rstrip("/") for path in paths)
    return tuple(prefix for prefix in fixed if prefix)


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
    wildcards = sum(value.count("*") + value.count("?") for value in (*rule.hosts, *rule.paths))
    if wildcards > CONDITION_WILDCARDS:
        work.say(
            codes.TOO_MANY,
            place,
            service,
            path=f"services.{service.key}",
            what="wildcards in one listener rule",
            limit=CONDITION_WILDCARDS,
            number=wildcards,
        )
    for host in rule.hosts:
        tail = host.rpartition(".")[2]
        if "." not in host or not tail.isalpha() or not _HOST.issuperset(host):
            work.say(codes.BAD_ROUTE_HOST, place, service, host=host)
    for path in rule.paths:
        if not path.startswith(("/", "*")) or not _PATH.issuperset(path):
            work.say(codes.BAD_ROUTE_PATH, place, service, route_path=path)
    for name in route.headers:
        if name.lower() == "host" or len(name) > 40 or not name.isascii():
            work.say(codes.BAD_ROUTE_HEADER, place, service, header=name)
    for method in route.methods:
        if not method.replace("-", "").replace("_", "").isalpha() or len(method) > 40:
            work.say(codes.BAD_ROUTE_METHOD, place, service, method=method)
    for address in route.source_ips:
        if not _is_cidr(address):
            work.say(codes.BAD_ROUTE_IP, place, service, address=address)


_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_HOST = frozenset(_LETTERS + "-.*?")
_PATH = frozenset(_LETTERS + "_-.$/~\"'@:+&*?")


def _is_cidr(text: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "/" in text


def _check_same_conditions(rules: list[Rule], work: Work) -> None:
    """Of two rules with the same conditions the later never matches."""
    seen: dict[str, Rule] = {}
    for rule in rules:
        key = repr((sorted(rule.hosts), sorted(rule.paths), rule.others))
        other = seen.setdefault(key, rule)
        if other is not rule:
            service = rule.endpoint.service
            work.say(
                codes.SAME_CONDITIONS,
                rule.endpoint.route.place or service.place,
                service,
                other=other.endpoint.service.key,
            )


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
    length = _length(rule)
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
    bands: dict[tuple[int, int], list[Rule]] = {}
    for rule in rules:
        if rule.endpoint.route.priority is None:
            bands.setdefault(_band(rule), []).append(rule)
    found: dict[str, int] = {}
    beyond = 0  # the first priority behind a band that overflowed
    for (first, size), together in sorted(bands.items(), key=lambda band: band[0]):
        own: list[tuple[int, Rule]] = []
        used = sum(1 for priority in taken if first <= priority < first + size)
        for rule in sorted(together, key=lambda rule: rule.endpoint.name):
            if used < size:
                priority = first + slot(size, work.target.stack, rule.endpoint.name)
                while priority in taken:
                    priority = first + (priority + 1 - first) % size
                used += 1
            else:
                priority = beyond = max(beyond, first + size)
                while priority in taken:
                    priority = beyond = beyond + 1
            taken[priority] = rule
            own.append((priority, rule))
        found.update(_longer_first(own))
    if max(found.values(), default=0) > PRIORITY_MAX:
        service = rules[-1].endpoint.service
        work.say(codes.NO_PRIORITY, service.place, service, number=len(rules))
    return [rule.endpoint.route.priority or found[rule.endpoint.name] for rule in rules]


def _longer_first(own: list[tuple[int, Rule]]) -> dict[str, int]:
    """The priorities of one band, such that a longer path never stands behind a shorter one. A rule
    keeps its own place unless that needs it to move."""
    own = sorted(own, key=lambda entry: entry[0])
    lengths = [_length(rule) for _, rule in own]
    if lengths != sorted(lengths, reverse=True):
        in_order = sorted(own, key=lambda entry: (-_length(entry[1]), entry[0]))
        places = [priority for priority, _ in own]
        own = [(place, rule) for place, (_, rule) in zip(places, in_order, strict=True)]
    return {rule.endpoint.name: priority for priority, rule in own}


def _length(rule: Rule) -> int:
    """How much of a path a rule fixes: of several paths, the one that fixes least."""
    return min((len(path.partition("*")[0].rstrip("/")) for path in rule.paths), default=0)


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
    if rule.strip:
        # the longest first: the regular expression takes the first that fits
        prefixes = [_escape(prefix) for prefix in sorted(rule.strip, key=len, reverse=True)]
        either = prefixes[0] if len(prefixes) == 1 else f"(?:{'|'.join(prefixes)})"
        path = {"Regex": f"^{either}/?(.*)$", "Replace": "/$1"}
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
