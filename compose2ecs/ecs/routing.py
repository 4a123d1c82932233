"""Endpoints to target groups and listener rules, and who may reach them."""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.ecs.endpoints import Endpoint
from compose2ecs.ecs.listener_rules import Rule, find_rules, host_fault, rule_body
from compose2ecs.ecs.priorities import find_priorities
from compose2ecs.ecs.target_groups import define_target_group
from compose2ecs.ecs.work import Work
from compose2ecs.limits import CONDITION_LENGTH
from compose2ecs.names import target_group_name

_EVERYONE = ("0.0.0.0/0", "::/0")
_KEPT = ("port", "auth", "source_ips")  # of a route where there is no load balancer, or told
_SHOWN = 3  # hosts or paths in one line
_RANGES_SHOWN = 2


def define_routing(endpoints: list[Endpoint], work: Work) -> None:
    """Add target groups, attributes and rules to the stack."""
    _check_settings(endpoints, work)
    if work.direct:
        _tell_direct(endpoints, work)
        return
    names: dict[str, Endpoint] = {}
    listening: dict[int, Endpoint] = {}
    for endpoint in endpoints:
        if endpoint.network and listening.setdefault(endpoint.listens, endpoint) is not endpoint:
            from compose2ecs.ecs.network_balancer import tell_port_twice

            tell_port_twice(endpoint, listening[endpoint.listens], work)
        name = target_group_name(endpoint.name)
        if names.setdefault(name, endpoint) is not endpoint:
            work.say(
                codes.NAMES_COLLIDE,
                endpoint.service.place,
                endpoint.service,
                name=name,
                other=names[name].service.key,
            )
        if not endpoint.redirects:
            define_target_group(endpoint, work)
    rules = find_rules([endpoint for endpoint in endpoints if not endpoint.network], work)
    priorities = find_priorities(rules, work)
    for rule, priority in zip(rules, priorities, strict=True):
        services = tuple(dict.fromkeys(one.service.key for one in rule.sharing))
        work.add("listener-rules", rule.name, rule_body(rule, priority, work), services)
    _tell_access(rules, work)


# ---------------------------------------------------------------------------- settings


def _check_settings(endpoints: list[Endpoint], work: Work) -> None:
    """Say what is wrong with the listener and the domain, whoever gave them."""
    target, facts = work.target, work.target.facts
    if target.listener and facts.load_balancer is not None and facts.listener:
        work.say(codes.LISTENER_TWICE, facts.written["load_balancer"])
    if target.listener and not work.direct:
        place = facts.written.get("listener", 0) if target.listener == facts.listener else 0
        kind = _kind_of_listener(target.listener)
        if kind is None:
            work.say(codes.BAD_LISTENER, place, value=target.listener)
        elif kind == "net" and not all(endpoint.network for endpoint in endpoints):
            work.say(codes.LISTENER_OF_NETWORK, place)
    if target.domain and not _is_domain(target.domain.strip(".")):
        place = facts.written.get("domain", 0) if target.domain == facts.domain else 0
        work.say(codes.BAD_DOMAIN, place, value=target.domain)
        work.target = target._replace(domain=None)  # one fault, not one for each host


def _is_domain(text: str) -> bool:
    """Whether hosts can be made under a domain.

    >>> _is_domain("qa.example.com"), _is_domain("qa-.example.com"), _is_domain("*.example.com")
    (True, False, False)
    """
    if host_fault(text) or len(text) > CONDITION_LENGTH or "*" in text or "?" in text:
        return False
    return not any(label.startswith("-") or label.endswith("-") for label in text.split("."))


def _kind_of_listener(arn: str) -> str | None:
    """`app` or `net`, as the ARN of a listener says; None for what is no such ARN.

    >>> _kind_of_listener("arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/qa/1/2")
    'app'
    """
    import re

    found = re.fullmatch(
        r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:listener/(app|net)/[A-Za-z0-9/-]+",
        arn,
    )
    return found and found[1]


def _tell_direct(endpoints: list[Endpoint], work: Work) -> None:
    """Say of what only a load balancer does that it is not done."""
    facts = work.target.facts
    if facts.access is not None and not facts.access.public:
        work.say(codes.ACCESS_WITHOUT_BALANCER, facts.written["access"], key="access")
    for endpoint in endpoints:
        for key in ("auth", "source_ips"):
            if getattr(endpoint.route, key):
                place = endpoint.route.written[key]
                key = f"route.{key}"
                work.say(codes.ACCESS_WITHOUT_BALANCER, place, endpoint.service, key=key)
        lost = [
            key
            for key in endpoint.route.written
            if key not in _KEPT and getattr(endpoint.route, key, None) is not False
        ]
        if lost:
            keys = ", ".join(lost)
            place = endpoint.place
            work.say(codes.ROUTE_WITHOUT_BALANCER, place, endpoint.service, keys=keys)


# ---------------------------------------------------------------------------- who may reach what


def _tell_access(rules: list[Rule], work: Work) -> None:
    """Say of each endpoint where it is reached and by whom, and once where nobody said by whom."""
    parts: dict[str, list[Rule]] = {}
    for rule in rules:
        parts.setdefault(rule.endpoint.name, []).append(rule)
    said = work.target.facts.access is not None
    for together in parts.values():
        rule = together[0]
        endpoint, route = rule.endpoint, rule.endpoint.route
        where, who = _where(rule), _who(together)
        if endpoint.redirects:
            from compose2ecs.ecs.redirects import redirect_target

            to = redirect_target(route.redirect)
            work.say(
                codes.EXPOSED_REDIRECT,
                endpoint.place,
                endpoint.service,
                where=where,
                to=to,
                who=who,
            )
            continue
        code = codes.EXPOSED
        if not (said or rule.ranges or rule.login or route.auth is False):
            said, code = True, codes.EXPOSED_UNSAID
        targets = _targets(rule)
        work.say(code, endpoint.place, endpoint.service, where=where, targets=targets, who=who)
    if any(rule.login for rule in rules):
        from compose2ecs.ecs.logins import tell_logins

        tell_logins(rules, work)


def _where(rule: Rule) -> str:
    """The requests of a rule in short: shop.example.com/api/*, and what else it looks at."""
    paths = () if rule.every_path and rule.hosts else rule.paths
    if not rule.hosts:
        text = _listed(paths or ("/*",))
    elif len(rule.hosts) == 1 and len(paths) < 2:
        text = f"{rule.hosts[0]}{''.join(paths)}"
    else:
        text = _listed(rule.hosts) + (f" with {_listed(paths)}" if paths else "")
    more = []
    for condition in rule.others:
        if condition["Field"] == "http-header":
            more.append(f"header {condition['HttpHeaderConfig']['HttpHeaderName']}")
        elif condition["Field"] == "query-string":
            more.append("by its query")
        else:
            more.append(_listed(tuple(condition["HttpRequestMethodConfig"]["Values"])))
    return f"{text} ({', '.join(more)})" if more else text


def _listed(texts: tuple[str, ...]) -> str:
    if len(texts) <= _SHOWN:
        return " or ".join(texts)
    return f"{', '.join(texts[:_SHOWN])} or {len(texts) - _SHOWN} more"


def _targets(rule: Rule) -> str:
    if len(rule.sharing) < 2:
        return f"{rule.endpoint.service.key}:{rule.endpoint.port}"
    return " and ".join(
        f"{one.service.key}:{one.port} (weight {one.route.weight})" for one in rule.sharing
    )


def _who(together: list[Rule]) -> str:
    login = together[0].login
    ranges = tuple(address for rule in together for address in rule.ranges)
    if any(address in _EVERYONE for address in ranges):
        ranges = ()
    people = "everyone"
    if login is not None and not login.lets_all_in:
        people = f"those who log in at {login.title}"
    if not ranges:
        return people
    shown = " or ".join(ranges)
    if len(ranges) > _RANGES_SHOWN:
        shown = f"{len(ranges)} address ranges"
    people = shown if people == "everyone" else f"{people} from {shown}"
    return f"{people} ({len(together)} rules)" if len(together) > 1 else people
