"""Listener rules: which of those that are there is the one that shall be, and who is in whose way.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Rule.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compose2ecs.ecs.model import Ref
from compose2ecs.plan.desired import Desired, canonical, fixed, renamed
from compose2ecs.plan.patterns import included
from compose2ecs.plan.seen import Observed, balancer_of

Body = dict[str, Any]
_CONFIGS = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
_REDIRECT = {
    "Protocol": "#{protocol}",
    "Port": "#{port}",
    "Host": "#{host}",
    "Path": "/#{path}",
    "Query": "#{query}",
}
# what AWS fills in of a login, and what it never tells
_LOGIN = {
    "SessionCookieName": "AWSELBAuthSessionCookie",
    "Scope": "openid",
    "SessionTimeout": 604800,
    "OnUnauthenticatedRequest": "authenticate",
}
_SECRET = ("ClientSecret", "UseExistingClientSecret")


def group_arns(wanted: Desired, seen: Observed) -> dict[str, str]:
    """The ARNs of the target groups that are there, by their names in the stack: those with the
    settings that cannot be changed as they are wanted."""
    by_name = {group["TargetGroupName"]: group for group in seen.groups}
    found: dict[str, str] = {}
    for unit in wanted.units.values():
        for name, body in unit.groups.items():
            for candidate in (renamed(name, body), name):
                group = by_name.get(candidate)
                if group is not None and same_fixed(body, group) and _in_reach(wanted, group):
                    found[name] = group["TargetGroupArn"]
    return found


def _in_reach(wanted: Desired, group: Mapping[str, Any]) -> bool:
    """Whether the stack's load balancer may use a target group: no two share one."""
    users = group.get("LoadBalancerArns")
    return not users or wanted.listener is None or balancer_of(wanted.listener) in users


def same_fixed(body: Mapping[str, Any], group: Mapping[str, Any]) -> bool:
    """Whether a target group has the settings of a body that can never be changed."""
    theirs = fixed(group)
    return all(value == theirs[key] or isinstance(value, Ref) for key, value in fixed(body).items())


def conditions(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The conditions of a rule by what they look at; order says nothing."""
    found: dict[str, Any] = {}
    for condition in rule.get("Conditions", ()):
        field = condition.get("Field", "")
        config = condition.get(_CONFIGS.get(field, ""), {})
        name = field
        if field == "http-header":
            name = f"{field} {config.get('HttpHeaderName', '').lower()}"
        values = config.get("Values") or condition.get("Values") or ()
        if field == "query-string":
            values = [f"{v['Key']}={v['Value']}" if v.get("Key") else v["Value"] for v in values]
        if config.get("RegexValues") or condition.get("RegexValues"):
            name = f"{name} regex"
            values = config.get("RegexValues") or condition.get("RegexValues")
        if field == "host-header":
            values = [value.lower() for value in values]
        found[name] = sorted({*found.get(name, ()), *values})
    return found


def normal(rule: Mapping[str, Any], resolve: Callable[[Any], Any]) -> dict[str, Any]:
    """What a rule does, in one form for what is asked and for what AWS answers."""
    return {
        "conditions": conditions(rule),
        "actions": [_action(resolve(action)) for action in _in_order(rule.get("Actions", ()))],
        "transforms": sorted(
            (resolve(transform) for transform in rule.get("Transforms", ())), key=canonical
        ),
    }


def _in_order(actions: Any) -> list[Any]:
    return sorted(actions, key=lambda action: action.get("Order", 0))


def _action(action: Mapping[str, Any]) -> dict[str, Any]:
    kind = action["Type"]
    found: dict[str, Any] = {"type": kind}
    if kind == "forward":
        config = action.get("ForwardConfig", {})
        groups = config.get("TargetGroups") or [{"TargetGroupArn": action.get("TargetGroupArn")}]
        if len(groups) == 1:  # the weight of one alone says nothing
            groups = [{"TargetGroupArn": groups[0]["TargetGroupArn"]}]
        found["groups"] = {str(group["TargetGroupArn"]): group.get("Weight", 1) for group in groups}
        sticky = config.get("TargetGroupStickinessConfig", {})
        if sticky.get("Enabled"):
            found["stickiness"] = sticky.get("DurationSeconds")
        return found
    for key, value in action.items():
        if key in ("Type", "Order"):
            continue
        if key == "RedirectConfig":
            value = {**_REDIRECT, **value}
        elif key in ("AuthenticateOidcConfig", "AuthenticateCognitoConfig"):
            value = {k: v for k, v in {**_LOGIN, **value}.items() if k not in _SECRET and v != {}}
            value["SessionTimeout"] = int(value["SessionTimeout"])
        found[key] = value
    return found


def resolver(known: Mapping[str, str]) -> Callable[[Any], Any]:
    """A function that puts what is known in the place of references."""

    def resolve(value: Any) -> Any:
        if isinstance(value, Ref):
            return known.get(str(value), value)
        if isinstance(value, Mapping):
            return {
                key: _label(item, known) if key == "ResourceLabel" else resolve(item)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [resolve(item) for item in value]
        return value

    return resolve


def _label(text: Any, known: Mapping[str, str]) -> Any:
    """A label of Application Auto Scaling's has references in the middle."""
    for name, value in known.items():
        if name in text:
            text = str(text).replace(name, value)
    return text


def known_groups(arns: Mapping[str, str]) -> dict[str, str]:
    """What references to target groups stand for."""
    found: dict[str, str] = {}
    for name, arn in arns.items():
        found[str(Ref("target-group", name))] = arn
        found[str(Ref("target-group", name, "id"))] = arn.rpartition("/")[2]
    return found


def exact(wanted: Desired, seen: Observed) -> dict[str, Body]:
    """The rules that are there as they shall be, by name. Where there are two alike, the one that is
    asked first."""
    resolve = resolver(known_groups(group_arns(wanted, seen)))
    theirs: dict[str, list[Body]] = {}
    for rule in seen.rules:
        if not rule.get("IsDefault"):
            theirs.setdefault(canonical(normal(rule, _same)), []).append(rule)
    found: dict[str, Body] = {}
    for unit in wanted.units.values():
        for name, body in unit.rules.items():
            alike = theirs.get(canonical(normal(body, resolve)))
            if alike:
                alike.sort(
                    key=lambda rule: (int(rule["Priority"]) != body["Priority"], rule["Priority"])
                )
                found[name] = alike.pop(0)
    return found


def _same(value: Any) -> Any:
    return value


def priorities(seen: Observed) -> dict[int, Body]:
    """Which rule holds which priority."""
    return {int(rule["Priority"]): rule for rule in seen.rules if not rule.get("IsDefault")}


def satisfied(wanted: Desired, seen: Observed) -> set[str]:
    """ARNs of rules that stay as they are, so that nobody needs to know whose they are."""
    held = priorities(seen)
    bodies = {name: body for unit in wanted.units.values() for name, body in unit.rules.items()}
    return {
        rule["RuleArn"]
        for name, rule in exact(wanted, seen).items()
        if stays(rule, bodies[name]["Priority"], held)
    }


def stays(rule: Mapping[str, Any], priority: int, held: Mapping[int, Body]) -> bool:
    """Whether a rule is where it belongs, or as near as the rules of others let it."""
    return int(rule["Priority"]) == priority or priority in held


def covers(broad: Mapping[str, Any], narrow: Mapping[str, Any]) -> bool:
    """Whether every request that `narrow` matches surely is matched by `broad`, too.

    >>> covers({"path-pattern": ["/*"]}, {"path-pattern": ["/a"], "host-header": ["b.c"]})
    True
    >>> covers({"host-header": ["b.c"]}, {"path-pattern": ["/a"]})
    False
    """
    for field, patterns in broad.items():
        values = narrow.get(field, _ANY.get(field))
        if values is None or field.endswith("regex"):
            if values != patterns:
                return False
            continue
        if not all(_covers(field, patterns, value) for value in values):
            return False
    return True


# what a rule without the condition matches
_ANY = {"path-pattern": ["/*"], "host-header": ["*"]}


def _covers(field: str, patterns: list[str], value: str) -> bool:
    if value in patterns:
        return True
    if field == "http-request-method":
        return False
    if field == "source-ip":
        return _covers_address(patterns, value)
    if field == "query-string":  # one of a value alone says nothing of names
        patterns = [p for p in patterns if ("=" in p) == ("=" in value)]
    return included(value, patterns)


def _covers_address(patterns: list[str], value: str) -> bool:
    from ipaddress import ip_network

    inner = ip_network(value, strict=False)
    outers = [ip_network(pattern, strict=False) for pattern in patterns]
    return any(
        outer.version == inner.version
        and outer.prefixlen <= inner.prefixlen
        and inner.network_address in outer
        for outer in outers
    )
