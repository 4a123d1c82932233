"""ECS services and what leads to them, in the words of Compose's `deploy` and of `x-ecs`.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html and
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from compose2ecs.ecs.importing.gather import ATTRIBUTES, GROUPS, RULES, Bundle
from compose2ecs.ecs.importing.values import is_text, is_whole, mapping, mappings, texts

Body = dict[str, Any]
Path = tuple[str, ...]


def service_facts(service: Mapping[str, Any]) -> dict[Path, Any]:
    """What `x-ecs` says of a service, each value by its path."""
    found: dict[Path, Any] = {}
    if is_text(service.get("cluster")) and not str(service["cluster"]).startswith("<"):
        found[("cluster",)] = service["cluster"]
    if service.get("launchType") in ("EC2", "FARGATE"):
        found[("launch_type",)] = service["launchType"]
    providers = mappings(service.get("capacityProviderStrategy"))
    if providers and all(is_text(entry.get("capacityProvider")) for entry in providers):
        found[("capacity_providers",)] = [
            {ours: entry[field] for field, ours in _PROVIDER.items() if field in entry}
            for entry in providers
        ]
    network = mapping(mapping(service.get("networkConfiguration")).get("awsvpcConfiguration"))
    for field, key in (("subnets", "subnets"), ("securityGroups", "security_groups")):
        listed = texts(network.get(field))
        if listed and not listed[0].startswith("<"):
            found[("network", key)] = listed
    if network.get("assignPublicIp") == "ENABLED":
        found[("network", "public_ip")] = True
    if is_text(service.get("role")):
        found[("roles", "service")] = service["role"]
    deployment = mapping(service.get("deploymentConfiguration"))
    for field, key in _DEPLOYMENT.items():
        if is_whole(deployment.get(field), 0):
            found[("deployment", key)] = deployment[field]
    breaker = mapping(deployment.get("deploymentCircuitBreaker"))
    on, back = breaker.get("enable") is True, breaker.get("rollback") is True
    found[("deployment", "circuit_breaker")] = (
        on if on == back else {"enable": on, "rollback": back}
    )
    strategies = mappings(service.get("placementStrategy"))
    if strategies and all(_is_strategy(entry) for entry in strategies):
        found[("placement",)] = [
            "random" if entry["type"] == "random" else {entry["type"]: entry["field"]}
            for entry in strategies
        ]
    if service.get("enableExecuteCommand") is True:
        found[("execute_command",)] = True
    return found


def project_facts(bundle: Bundle, stack: str) -> dict[Path, Any]:
    """What target groups, rules and log groups say of the project, where they all say it."""
    found: dict[Path, Any] = {}
    for kind, field, path in (
        (GROUPS, "VpcId", ("network", "vpc")),
        (RULES, "ListenerArn", ("listener",)),
    ):
        said = {item.body.get(field) for item in bundle.of(kind)}
        if len(said) == 1 and _REFERENCES.match(value := str(said.pop())):
            found[path] = value
    for item in bundle.of("log-group-retention"):
        if item.body.get("logGroupName") == stack and is_whole(item.body.get("retentionInDays")):
            found[("logs", "retention_days")] = item.body["retentionInDays"]
    return found


def _is_strategy(entry: Mapping[str, Any]) -> bool:
    kind, field = entry.get("type"), entry.get("field")
    return (
        kind == "random"
        or (kind == "spread" and is_text(field))
        or (kind == "binpack" and field in ("cpu", "memory"))
    )


_PROVIDER = {"capacityProvider": "provider", "weight": "weight", "base": "base"}
_DEPLOYMENT = {
    "minimumHealthyPercent": "minimum_healthy_percent",
    "maximumPercent": "maximum_percent",
}


def deploy_of(service: Mapping[str, Any], compose: Mapping[str, Any]) -> Body:
    """`deploy` of a Compose service: how many copies, and where not."""
    deploy: Body = dict(compose.get("deploy") or {})
    if service.get("schedulingStrategy") == "DAEMON":
        deploy["mode"] = "global"
    elif is_whole(service.get("desiredCount"), 0) and service["desiredCount"] != 1:
        deploy["replicas"] = service["desiredCount"]
    placement: Body = {}
    expressions = []
    for constraint in mappings(service.get("placementConstraints")):
        asked = _ATTRIBUTE.fullmatch(str(constraint.get("expression")))
        if constraint.get("type") == "distinctInstance":
            placement["max_replicas_per_node"] = 1
        elif asked is not None:
            expressions.append(f"node.labels.{asked[1]} {asked[2]} {asked[3]}")
    if expressions:
        placement["constraints"] = expressions
    if placement:
        deploy["placement"] = placement
    return {"deploy": deploy} if deploy else {}


_REFERENCES = re.compile(r"vpc-[A-Za-z0-9-]+$|arn:aws[a-z-]*:elasticloadbalancing:.*:listener/")
_ATTRIBUTE = re.compile(r"attribute:([A-Za-z0-9_./-]+) (==|!=) (\S+)")


# ---------------------------------------------------------------------------- routes


def routes_of(service: Mapping[str, Any], container: str, bundle: Bundle) -> Body:
    """`route` of a container: one for each target group that leads to it, `false` for none."""
    balanced = [
        entry
        for entry in mappings(service.get("loadBalancers"))
        if entry.get("containerName") == container
    ]
    found = []
    for entry in balanced:
        name = group_name(entry.get("targetGroupArn"))
        group = next((item for item in bundle.of(GROUPS) if item.name == name), None)
        if group is None:
            continue  # it is there already: what leads to it stays as it is
        rules = [rule for rule in bundle.of(RULES) if name in targets(rule.body)]
        route: Body = {"port": entry.get("containerPort")}
        if rules:
            route |= _conditions(rules[0].body) | _share(rules[0].body, name)
        route |= _group(group.body)
        attributes = next(
            (item for item in bundle.of(ATTRIBUTES) if group_name(item.name) == name), None
        )
        if attributes is not None:
            route |= _attributes(attributes.body)
        found.append(route)
    if not found:
        return {"route": False}
    return {"route": found[0] if len(found) == 1 else found}


def family_of(reference: Any) -> str:
    """The family of `family`, `family:revision` or an ARN."""
    return str(reference).rpartition("/")[2].partition(":")[0]


def balanced(service: Mapping[str, Any], container: str) -> list[str]:
    """The names of the target groups that lead to a container of a service, in order."""
    return [
        group_name(entry.get("targetGroupArn"))
        for entry in mappings(service.get("loadBalancers"))
        if entry.get("containerName") == container
    ]


def group_name(reference: Any) -> str:
    """The name of a target group: of its ARN, or of the placeholder that `convert` writes."""
    text = str(reference)
    if text.startswith("<target-group-arn:"):
        return text.removeprefix("<target-group-arn:").removesuffix(">")
    head, mark, rest = text.partition(":targetgroup/")
    return rest.partition("/")[0] if mark else head


def targets(rule: Mapping[str, Any]) -> list[str]:
    """The target groups that a rule forwards to."""
    found = []
    for action in mappings(rule.get("Actions")):
        if action.get("Type") == "forward":
            config = mapping(action.get("ForwardConfig"))
            for entry in (action, *mappings(config.get("TargetGroups"))):
                if is_text(entry.get("TargetGroupArn")):
                    found.append(group_name(entry["TargetGroupArn"]))
    return found


def _share(rule: Mapping[str, Any], name: str) -> Body:
    """The share of the traffic that a rule gives a target group, where it forwards to several."""
    for action in mappings(rule.get("Actions")):
        groups = mappings(mapping(action.get("ForwardConfig")).get("TargetGroups"))
        for entry in groups if len(groups) > 1 else ():
            if group_name(entry.get("TargetGroupArn")) == name and is_whole(entry.get("Weight"), 0):
                return {"weight": entry["Weight"]}
    return {}


_VALUES = {
    "path-pattern": ("PathPatternConfig", "path"),
    "host-header": ("HostHeaderConfig", "host"),
    "http-request-method": ("HttpRequestMethodConfig", "methods"),
    "source-ip": ("SourceIpConfig", "source_ips"),
}


def _is_plain(pair: Mapping[str, Any]) -> bool:
    """Whether a query condition reads back as it is when it is written `key=value`, or `value`."""
    key, value = pair.get("Key"), pair.get("Value")
    if not isinstance(value, str) or not value:
        return False
    return "=" not in value if key is None else is_text(key) and "=" not in key


_REWRITES = {
    "url-rewrite": ("UrlRewriteConfig", "path"),
    "host-header-rewrite": ("HostHeaderRewriteConfig", "host"),
}


def _conditions(rule: Mapping[str, Any]) -> Body:
    """What a rule asks of a request, and its place among the rules."""
    route: Body = {}
    headers: Body = {}
    for condition in mappings(rule.get("Conditions")):
        field = str(condition.get("Field"))
        if field in _VALUES:
            config, key = _VALUES[field]
            asked = mapping(condition.get(config)).get("Values") or condition.get("Values")
            if values := texts(asked):
                route[key] = values
        elif field == "http-header":
            header = mapping(condition.get("HttpHeaderConfig"))
            if is_text(header.get("HttpHeaderName")):
                headers[header["HttpHeaderName"]] = texts(header.get("Values"))
        elif field == "query-string":
            pairs = mappings(mapping(condition.get("QueryStringConfig")).get("Values"))
            if pairs and all(_is_plain(pair) for pair in pairs):
                route["query"] = [
                    "=".join(pair[part] for part in ("Key", "Value") if part in pair)
                    for pair in pairs
                ]
    if headers:
        route["headers"] = headers
    rewrites = {}
    for transform in mappings(rule.get("Transforms")):
        config, key = _REWRITES.get(str(transform.get("Type")), ("", ""))
        entries = mappings(mapping(transform.get(config)).get("Rewrites"))
        if len(entries) == 1 and is_text(entries[0].get("Regex")):
            rewrites[key] = {"regex": entries[0]["Regex"], "replace": entries[0].get("Replace", "")}
    if rewrites:
        route["rewrite"] = rewrites["path"] if set(rewrites) == {"path"} else rewrites
    priority = rule.get("Priority")
    if isinstance(priority, str) and priority.isdigit():
        priority = int(priority)
    if is_whole(priority):
        route["priority"] = priority
    return route


# Each member of a target group, its key in `x-ecs`, and what AWS takes where it is left out.
_CHECK: tuple[tuple[str, str, Any], ...] = (
    ("HealthCheckPath", "path", "/"),
    ("HealthCheckIntervalSeconds", "interval", 30),
    ("HealthCheckTimeoutSeconds", "timeout", 5),
    ("HealthyThresholdCount", "healthy", 5),
    ("UnhealthyThresholdCount", "unhealthy", 2),
)


def _group(group: Mapping[str, Any]) -> Body:
    """How a target group speaks to its targets and watches them."""
    route: Body = {}
    version = group.get("ProtocolVersion")
    if version in ("GRPC", "HTTP2"):
        route["protocol"] = str(version).lower()
    elif group.get("Protocol") in ("HTTPS", "TCP", "UDP", "TLS", "TCP_UDP"):
        route["protocol"] = str(group["Protocol"]).lower()
    check: Body = {ours: group.get(field, default) for field, ours, default in _CHECK}
    if version == "GRPC" and "HealthCheckPath" not in group:
        check["path"] = "/AWS.ALB/healthcheck"
    port = group.get("HealthCheckPort")
    if isinstance(port, str) and port.isdigit():
        check["port"] = int(port)
    matcher = mapping(group.get("Matcher"))
    wanted = matcher.get("HttpCode") or matcher.get("GrpcCode")
    check["matcher"] = wanted or ("12" if version == "GRPC" else "200")
    spoken = group.get("HealthCheckProtocol")
    if spoken in ("HTTP", "HTTPS", "TCP") and spoken != group.get("Protocol"):
        check["protocol"] = str(spoken).lower()
    route["health_check"] = check
    return route


_DELAY = "deregistration_delay.timeout_seconds"


def _attributes(body: Mapping[str, Any]) -> Body:
    """The attributes of a target group: those with a key of their own, and the others."""
    route: Body = {}
    others: Body = {}
    for entry in mappings(body.get("Attributes")):
        key, value = entry.get("Key"), entry.get("Value", "")
        if not is_text(key):
            continue
        if key == _DELAY and str(value).isdigit():
            route["deregistration_delay"] = int(value)
        else:
            others[key] = value
    if others.get("stickiness.enabled") == "true" and others.get("stickiness.type") == "lb_cookie":
        seconds = others.pop("stickiness.lb_cookie.duration_seconds", None)
        del others["stickiness.enabled"], others["stickiness.type"]
        route["stickiness"] = int(seconds) if str(seconds).isdigit() else True
    if others:
        route["attributes"] = others
    return route
