"""What was read of AWS, as planning looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Body = dict[str, Any]


class Observed(NamedTuple):
    """What was read. `tags` are those of target groups and rules that had to be asked for; `whole`
    says that the stack was looked through for what left the file."""

    services: Mapping[str, Body]
    rules: tuple[Body, ...] = ()
    groups: tuple[Body, ...] = ()
    load_balancer: Body | None = None
    listener: Body | None = None
    tags: Mapping[str, Mapping[str, str]] = {}
    definitions: Mapping[str, Body] = {}  # by service; of jobs by name
    scaling: Mapping[str, Mapping[str, list[Body]]] = {}  # by service, then kind
    schedules: Mapping[str, Body] = {}
    namespaces: Mapping[str, Body] = {}
    whole: bool = False
    left_rules: tuple[Body, ...] = ()  # of listeners that the stack was behind
    left: Mapping[str, Mapping[str, str]] = {}  # tags of what only a note names
    limits: Mapping[str, int] = {}  # the account's quotas, where the usual ones may not do


class Found(NamedTuple):
    """What was read on the way to the listener already."""

    load_balancer: Body | None = None
    listener: Body | None = None


def balancer_of(listener: str) -> str:
    """The ARN of the load balancer that a listener's ARN holds.

    >>> balancer_of("arn:aws:elasticloadbalancing:r:1:listener/app/qa/12/34")
    'arn:aws:elasticloadbalancing:r:1:loadbalancer/app/qa/12'
    """
    head, _, path = listener.partition(":listener/")
    return f"{head}:loadbalancer/{path.rpartition('/')[0]}"


def listener_of(rule: str) -> str:
    """The ARN of the listener that a rule's ARN holds.

    >>> listener_of("arn:aws:elasticloadbalancing:r:1:listener-rule/app/qa/12/34/56")
    'arn:aws:elasticloadbalancing:r:1:listener/app/qa/12/34'
    """
    return rule.rpartition("/")[0].replace(":listener-rule/", ":listener/")


def alive(service: Mapping[str, Any] | None) -> bool:
    """Whether a service is there and not on its way out."""
    return service is not None and service.get("status", "ACTIVE") == "ACTIVE"


def forwards(rule: Mapping[str, Any]) -> set[str]:
    """ARNs of the target groups that a rule sends requests to."""
    found: set[str] = set()
    for action in rule.get("Actions", ()):
        if action.get("TargetGroupArn"):
            found.add(action["TargetGroupArn"])
        for entry in action.get("ForwardConfig", {}).get("TargetGroups", ()):
            found.add(entry["TargetGroupArn"])
    return found
