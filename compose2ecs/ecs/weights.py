"""Rules whose requests several services share by weight.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ForwardActionConfig.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs import codes
from compose2ecs.ecs.endpoints import Endpoint
from compose2ecs.ecs.listener_rules import Rule
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.target_groups import group_of
from compose2ecs.ecs.work import Work

_GROUPS = 5  # that one action forwards to
_DAY = 86400  # seconds that AWS keeps a client with a target where nothing else is said


def share(same: list[Rule], work: Work) -> Rule:
    """One rule for several with the same conditions, called after the first.

    What a rule has but once must be the same in all of their routes; a priority may be in one.
    """
    first = same[0]
    wanted = _with_priority(same)
    for rule in same[1:]:
        for key in ("auth", "rewrite", "strip_prefix", "priority"):
            if _said(rule, key, wanted) != _said(first, key, wanted):
                route, service = rule.endpoint.route, rule.endpoint.service
                place = route.written.get(key, rule.place)
                other = first.endpoint.service.key
                work.say(codes.WEIGHTS_DIFFER, place, service, other=other, key=key)
    sharing = tuple(rule.endpoint for rule in same)
    if len(sharing) > _GROUPS:
        service = sharing[_GROUPS].service
        work.say(
            codes.TOO_MANY,
            same[_GROUPS].place,
            service,
            path=f"services.{service.key}",
            what="target groups in one listener rule",
            limit=_GROUPS,
            number=len(sharing),
        )
    if not any(endpoint.route.weight for endpoint in sharing):
        service = first.endpoint.service
        work.say(codes.WEIGHTS_ZERO, first.endpoint.route.written["weight"], service)
    return first._replace(sharing=sharing, priority=wanted.priority)


def _with_priority(same: list[Rule]) -> Rule:
    """The first rule whose route asks for a priority, else the first."""
    return next((rule for rule in same if rule.priority is not None), same[0])


def _said(rule: Rule, key: str, wanted: Rule) -> Any:
    """What a rule has of a key, such that equal values mean the same."""
    if key == "auth":
        return rule.login and (rule.login.kind, rule.login.config)
    if key == "strip_prefix":
        return rule.strip
    if key == "priority":
        return rule.priority or wanted.priority
    return rule.endpoint.route.rewrite


def forward_by_weight(sharing: tuple[Endpoint, ...], work: Work) -> Body:
    """The action of a rule that several share. AWS keeps clients with a target only where the rule
    keeps them with its group."""
    groups = [
        {"TargetGroupArn": group_of(endpoint, work), "Weight": endpoint.route.weight}
        for endpoint in sharing
    ]
    config: Body = {"TargetGroups": groups}
    sticky = [endpoint.route.stickiness for endpoint in sharing if endpoint.route.stickiness]
    if sticky:
        longest = max(_DAY if duration is True else int(duration) for duration in sticky)
        config["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": longest}
    return {"Type": "forward", "ForwardConfig": config}
