"""Quotas that a plan would run into halfway: asked before anything is written.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
"""

from __future__ import annotations

from collections.abc import Iterable

from compose2ecs.plan.desired import Desired
from compose2ecs.plan.model import Change
from compose2ecs.plan.seen import Observed, balancer_of, listener_of

RULES = "rules-per-application-load-balancer"
GROUPS = "target-groups-per-application-load-balancer"
ALL_GROUPS = "target-groups"
DEFAULTS = {RULES: 100, GROUPS: 100, ALL_GROUPS: 3000}
HINT = (
    "nothing was changed; have the quota raised in Service Quotas, take another load balancer, or"
    " route fewer ports (x-ecs: {route: false})"
)


def counts(wanted: Desired, seen: Observed) -> dict[str, int]:
    """How much of each quota is used as far as can be seen: the rules of the stack's listeners (not
    those of the load balancer's others), its target groups, those of the region where they were
    read."""
    if wanted.listener is None:
        return {}
    balancer = balancer_of(wanted.listener)
    rules = [
        rule
        for rule in (*seen.rules, *seen.left_rules)
        if not rule.get("IsDefault")
        and (rule in seen.rules or balancer_of(listener_of(rule["RuleArn"])) == balancer)
    ]
    groups = [group for group in seen.groups if balancer in group.get("LoadBalancerArns", ())]
    found = {RULES: len(rules), GROUPS: len(groups)}
    if seen.whole:
        found[ALL_GROUPS] = len(seen.groups)
    return found


def may_exceed(wanted: Desired, seen: Observed) -> bool:
    """Whether the usual quotas might not do, so that the account's own have to be read."""
    more = {
        RULES: sum(len(unit.rules) for unit in wanted.units.values()),
        GROUPS: sum(len(unit.groups) for unit in wanted.units.values()),
    }
    more[ALL_GROUPS] = more[GROUPS]
    return any(count + more[name] > DEFAULTS[name] for name, count in counts(wanted, seen).items())


def exceeded(wanted: Desired, seen: Observed, changes: Iterable[Change]) -> list[str]:
    """What would be too many, one line each. What goes in the same plan goes after what comes, so it
    makes no room. Where the account's quotas were not read, the usual ones do."""
    if not seen.limits:
        return []
    made = [call.operation for change in changes for call in change.calls]
    rules, groups = made.count("create-rule"), made.count("create-target-group")
    new = {RULES: rules, GROUPS: groups, ALL_GROUPS: groups}
    lines = []
    for name, count in counts(wanted, seen).items():
        limit = seen.limits.get(name, DEFAULTS[name])
        if new[name] and count + new[name] > limit:
            what = name.replace("-", " ").replace(" per ", " of an ")
            if name == ALL_GROUPS:
                what = "target groups of the region"
            lines.append(f"{what}: {count} are there, {new[name]} come, and {limit} are allowed")
    return lines
