"""Actions and conditions of rules: what is asked for, checked and in AWS's own form.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
"""

from __future__ import annotations

from compose2ecs.sandbox.elb.find import forwards, group, groups_of, invalid, users
from compose2ecs.sandbox.elb.state import Balancer, Body
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.world import World

_ENDS = ("forward", "redirect", "fixed-response")
_CONFIGS = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "source-ip": "SourceIpConfig",
    "http-header": "HttpHeaderConfig",
    "query-string": "QueryStringConfig",
}
_REDIRECT = {
    "Protocol": "#{protocol}",
    "Port": "#{port}",
    "Host": "#{host}",
    "Path": "/#{path}",
    "Query": "#{query}",
}
_HTTP = ("HTTP", "HTTPS")


def checked_actions(
    world: World, balancer: Balancer, protocol: str, asked: list[Body]
) -> list[Body]:
    """The actions of a rule or listener as AWS keeps them; raises AwsError if it would not."""
    ends = [action for action in asked if action["Type"] in _ENDS]
    if len(ends) != 1:
        raise invalid(
            "The list of actions must contain exactly one of forward, redirect or fixed-response"
        )
    orders = [action["Order"] for action in asked if "Order" in action]
    if len(asked) > 1 and len(set(orders)) < len(asked):
        raise invalid("Each action of a rule must have an order of its own")
    if len(asked) > 1 and ends[0]["Order"] != max(orders):
        raise invalid(f"The '{ends[0]['Type']}' action must be the last")
    if balancer.body["Type"] == "network" and ends[0]["Type"] != "forward":
        raise AwsError("InvalidLoadBalancerAction", "A network load balancer can only forward")
    for action in asked:
        if action["Type"].startswith("authenticate") and protocol != "HTTPS":
            said = f"Actions of type '{action['Type']}' are supported only on HTTPS listeners"
            raise AwsError("InvalidLoadBalancerAction", said)
    _check_groups(world, balancer, asked)
    return [_kept(action, order) for order, action in enumerate(asked, 1)]


def _check_groups(world: World, balancer: Balancer, asked: list[Body]) -> None:
    for arn in dict.fromkeys(forwards(asked)):
        body = group(world, arn).body
        application = balancer.body["Type"] == "application"
        if application != (body.get("Protocol") in _HTTP) and body["TargetType"] != "lambda":
            said = f"The protocol '{body.get('Protocol')}' of target group is not of the load balancer's"
            raise AwsError("IncompatibleProtocols", said)
        if body.get("VpcId") not in (None, balancer.body["VpcId"]):
            said = "The target group and the load balancer are in different VPCs"
            raise AwsError("InvalidConfigurationRequest", said)
        own = balancer.body["LoadBalancerArn"]
        if set(users(world, arn)) - {own}:
            said = f"The following target groups cannot be associated with more than one load balancer: {arn}"
            raise AwsError("TargetGroupAssociationLimit", said)
    most = world.quotas["target groups per load balancer"]
    if len(groups_of(balancer) | set(forwards(asked))) > most:
        said = (
            "You've reached the limit on the number of unique target groups per load balancer "
            f"({most})"
        )
        raise AwsError("TooManyUniqueTargetGroupsPerLoadBalancer", said)


def _kept(asked: Body, order: int) -> Body:
    action = {"Order": order, **asked}
    if action["Type"] == "forward":
        config = {**action.get("ForwardConfig", {})}
        entries = config.get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"]}]
        config["TargetGroups"] = [{"Weight": 1, **entry} for entry in entries]
        config.setdefault("TargetGroupStickinessConfig", {"Enabled": False})
        action["ForwardConfig"] = config
        if len(entries) == 1:
            action["TargetGroupArn"] = entries[0]["TargetGroupArn"]
    elif action["Type"] == "redirect":
        action["RedirectConfig"] = {**_REDIRECT, **action.get("RedirectConfig", {})}
    return action


def kept_conditions(asked: list[Body]) -> list[Body]:
    """Conditions as AWS keeps them: values stand both beside and inside their config."""
    found = []
    for condition in asked:
        kept = {**condition}
        key = _CONFIGS.get(condition.get("Field", ""))
        if key is not None:
            config = {**kept.get(key, {})}
            values = config.get("Values") or kept.get("Values")
            if values is not None:
                config["Values"] = values
                if key in ("HostHeaderConfig", "PathPatternConfig"):
                    kept["Values"] = values
            kept[key] = config
        found.append(kept)
    return found


def asked_conditions(kept: list[Body]) -> list[Body]:
    """Conditions as one asks for them, from what AWS made of them."""
    return [
        {key: value for key, value in one.items() if key != "Values" or len(one) == 2}
        for one in kept
    ]


def asked_actions(kept: list[Body]) -> list[Body]:
    """Actions as one asks for them, from what AWS made of them."""
    return [
        {
            key: value
            for key, value in one.items()
            if key != "TargetGroupArn" or "ForwardConfig" not in one
        }
        for one in kept
    ]
