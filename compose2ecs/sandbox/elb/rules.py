"""Rules of listeners.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
"""

from __future__ import annotations

from compose2ecs.sandbox import tags
from compose2ecs.sandbox.elb import find
from compose2ecs.sandbox.elb.actions import (
    asked_actions,
    asked_conditions,
    checked_actions,
    kept_conditions,
)
from compose2ecs.sandbox.elb.find import invalid
from compose2ecs.sandbox.elb.state import Balancer, Body, Listener, Rule
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.refuse import refuse
from compose2ecs.sandbox.world import Handler, World

_CODE = "ValidationError"


def described(rule: Rule) -> Body:
    """A rule as DescribeRules shows it."""
    return {
        "RuleArn": rule.arn,
        "Priority": str(rule.priority) if rule.priority else "default",
        "Conditions": rule.conditions,
        "Actions": rule.actions,
        "IsDefault": not rule.priority,
        "Transforms": rule.transforms,
    }


def in_order(listener: Listener) -> list[Rule]:
    """The rules of a listener by priority, the default one last."""
    return sorted(listener.rules.values(), key=lambda rule: rule.priority or 1_000_000)


def add_rule(
    world: World, listener: Listener, priority: int, conditions: list[Body], actions: list[Body]
) -> Rule:
    """Add a rule that was checked already."""
    listener_arn: str = listener.body["ListenerArn"]
    arn = f"{listener_arn.replace(':listener/', ':listener-rule/')}/{world.id(16)}"
    found = Rule(arn, priority, kept_conditions(conditions), actions, [], {})
    listener.rules[arn] = found
    return found


def create(world: World, asked: Body) -> Body:
    """CreateRule: a priority is given once on a listener."""
    balancer, listener = find.listener(world, asked["ListenerArn"])
    refuse("listener-rules", asked, {}, _CODE)
    if balancer.body["Type"] == "network":
        raise AwsError("OperationNotPermitted", "A network load balancer has no rules")
    priority = asked["Priority"]
    if any(rule.priority == priority for rule in listener.rules.values()):
        raise AwsError("PriorityInUse", f"Priority '{priority}' is currently in use")
    actions = checked_actions(world, balancer, listener.body["Protocol"], asked["Actions"])
    most = world.quotas["rules per load balancer"]
    if _count(balancer) >= most:
        said = "The maximum number of rules on the load balancer has been reached"
        raise AwsError("TooManyRules", said)
    given = tags.added({}, tags.read(asked.get("Tags", ()), _CODE, "Key"), "TooManyTags")
    found = add_rule(world, listener, priority, asked["Conditions"], actions)
    found.transforms = asked.get("Transforms", [])
    found.tags = given
    return {"Rules": [described(found)]}


def _count(balancer: Balancer) -> int:
    """The rules of a load balancer; the default ones do not count."""
    return sum(len(listener.rules) - 1 for listener in balancer.listeners.values())


def describe(world: World, asked: Body) -> Body:
    """DescribeRules: of one listener, or by ARN."""
    arns = asked.get("RuleArns")
    if bool(arns) == bool(asked.get("ListenerArn")):
        raise invalid("You must specify either listener rule ARNs or a listener ARN")
    if arns:
        found = [find.rule(world, arn)[2] for arn in arns]
    else:
        found = in_order(find.listener(world, asked["ListenerArn"])[1])
    rules, marker = find.paged(asked, [described(rule) for rule in found])
    return {"Rules": rules, "NextMarker": marker}


def modify(world: World, asked: Body) -> Body:
    """ModifyRule: everything but the priority."""
    balancer, listener, rule = find.rule(world, asked["RuleArn"])
    if not rule.priority:
        raise AwsError("OperationNotPermitted", f"Default rule '{rule.arn}' cannot be modified")
    kept = {"Conditions": asked_conditions(rule.conditions), "Actions": asked_actions(rule.actions)}
    refuse("listener-rules", {**kept, **asked, "Priority": rule.priority}, {}, _CODE)
    before = set(find.forwards(rule.actions))
    if "Actions" in asked:
        rule.actions = checked_actions(world, balancer, listener.body["Protocol"], asked["Actions"])
    if "Conditions" in asked:
        rule.conditions = kept_conditions(asked["Conditions"])
    if asked.get("ResetTransforms"):
        rule.transforms = []
    elif "Transforms" in asked:
        rule.transforms = asked["Transforms"]
    released(world, before)
    return {"Rules": [described(rule)]}


def delete(world: World, asked: Body) -> Body:
    """DeleteRule."""
    _, listener, rule = find.rule(world, asked["RuleArn"])
    if not rule.priority:
        raise AwsError("OperationNotPermitted", f"Default rule '{rule.arn}' cannot be deleted")
    del listener.rules[rule.arn]
    released(world, set(find.forwards(rule.actions)))
    return {}


def released(world: World, arns: set[str]) -> None:
    """Remember when target groups were let go of."""
    for arn in arns:
        if arn in world.elb.groups:
            world.elb.groups[arn].released = world.now


def set_priorities(world: World, asked: Body) -> Body:
    """SetRulePriorities: all at once, so that two rules may change places."""
    wanted: dict[str, int] = {}
    touched: list[Rule] = []
    listeners: dict[str, Listener] = {}
    for pair in asked["RulePriorities"]:
        _, listener, rule = find.rule(world, pair["RuleArn"])
        if not rule.priority:
            raise AwsError("OperationNotPermitted", "The default rule has no priority")
        wanted[rule.arn] = pair["Priority"]
        touched.append(rule)
        listeners[listener.body["ListenerArn"]] = listener
    for listener in listeners.values():
        taken: set[int] = set()
        for rule in listener.rules.values():
            priority = wanted.get(rule.arn, rule.priority)
            if priority in taken:
                raise AwsError("PriorityInUse", f"Priority '{priority}' is currently in use")
            taken.add(priority)
    for rule in touched:
        rule.priority = wanted[rule.arn]
    return {"Rules": [described(rule) for rule in touched]}


OPERATIONS: dict[str, Handler] = {
    "CreateRule": create,
    "DescribeRules": describe,
    "ModifyRule": modify,
    "DeleteRule": delete,
    "SetRulePriorities": set_priorities,
}
