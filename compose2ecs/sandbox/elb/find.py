"""Finding what a request names, and who uses a target group.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/Welcome.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from compose2ecs.sandbox.elb.state import Balancer, Body, Group, Listener, Rule
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.paging import page
from compose2ecs.sandbox.world import World

Item = TypeVar("Item")
_PAGE, _PAGE_MAX = 100, 400


def invalid(message: str) -> AwsError:
    """What Elastic Load Balancing calls most of what it refuses."""
    return AwsError("ValidationError", message)


def paged(asked: Body, items: Sequence[Item]) -> tuple[list[Item], str | None]:
    """The page that is asked for, and the marker of the next."""
    size = asked.get("PageSize", _PAGE)
    if not 1 <= size <= _PAGE_MAX:
        raise invalid(f"1 validation error detected: PageSize must be 1 to {_PAGE_MAX}")
    return page(items, size, asked.get("Marker"), "ValidationError")


def balancer(world: World, arn: str) -> Balancer:
    """A load balancer by its ARN."""
    found = world.elb.balancers.get(arn)
    if found is None:
        _arn("load balancer", "loadbalancer/", arn)
        raise AwsError("LoadBalancerNotFound", f"Load balancer '{arn}' not found")
    return found


def group(world: World, arn: str) -> Group:
    """A target group by its ARN."""
    found = world.elb.groups.get(arn)
    if found is None:
        _arn("target group", "targetgroup/", arn)
        raise AwsError("TargetGroupNotFound", "One or more target groups not found")
    return found


def _arn(what: str, kind: str, arn: str) -> None:
    if not arn.startswith("arn:") or kind not in arn:
        raise invalid(f"'{arn}' is not a valid {what} ARN")


def listeners(world: World) -> Iterator[tuple[Balancer, Listener]]:
    """All listeners, each with its load balancer."""
    for one in world.elb.balancers.values():
        for listener_ in one.listeners.values():
            yield one, listener_


def listener(world: World, arn: str) -> tuple[Balancer, Listener]:
    """A listener by its ARN, with its load balancer."""
    for one in world.elb.balancers.values():
        if arn in one.listeners:
            return one, one.listeners[arn]
    _arn("listener", "listener/", arn)
    raise AwsError("ListenerNotFound", "One or more listeners not found")


def rule(world: World, arn: str) -> tuple[Balancer, Listener, Rule]:
    """A rule by its ARN, with its listener and load balancer."""
    for one, listener_ in listeners(world):
        if arn in listener_.rules:
            return one, listener_, listener_.rules[arn]
    _arn("listener rule", "listener-rule/", arn)
    raise AwsError("RuleNotFound", "One or more rules not found")


def forwards(actions: Iterable[Body]) -> Iterator[str]:
    """The ARNs of the target groups that actions forward to, some perhaps twice."""
    for action in actions:
        if action.get("TargetGroupArn"):
            yield action["TargetGroupArn"]
        for entry in action.get("ForwardConfig", {}).get("TargetGroups", ()):
            if entry.get("TargetGroupArn"):
                yield entry["TargetGroupArn"]


def groups_of(balancer_: Balancer) -> set[str]:
    """The ARNs of all target groups on a load balancer."""
    return {
        arn
        for listener_ in balancer_.listeners.values()
        for rule_ in listener_.rules.values()
        for arn in forwards(rule_.actions)
    }


def users(world: World, arn: str) -> list[str]:
    """The ARNs of the load balancers that a target group is on."""
    return [lb for lb, one in world.elb.balancers.items() if arn in groups_of(one)]
