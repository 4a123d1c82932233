"""The policy for whoever runs commands: the rights that their calls take, and no others.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from typing import Any, NamedTuple

from compose2ecs.iam import rights
from compose2ecs.iam.rights import DAILY, RIGHTS, Right
from compose2ecs.iam.scope import ANY, Condition, Scope

Policy = dict[str, Any]
VERSION = "2012-10-17"
MOST = 6144  # characters of a managed policy, white space aside
_TITLES = {
    rights.FREE: "ByName",
    rights.CLUSTER: "InCluster",
    rights.MADE: "Make",
    rights.OWNED: "Own",
    rights.MADE_ECS: "TagNewEcs",
    rights.MADE_ELB: "TagNewElb",
    rights.SCALES_MADE: "MakeScaling",
    rights.LINKED: "LinkedRole",
    rights.TO_TASKS: "PassToTasks",
    rights.TO_ECS: "PassToEcs",
    rights.TO_SCHEDULER: "PassToScheduler",
}
# Actions that take more types of resources than one; all others take what the table says.
_MANY = frozenset(
    ("ecs:TagResource", "ecs:UntagResource", "ecs:ExecuteCommand", "elasticloadbalancing:AddTags")
)


def wanted(
    scope: Scope, commands: Iterable[str] = DAILY, *, read_only: bool = False
) -> list[Right]:
    """The rights that commands take for a stack."""
    names = frozenset(commands)
    return [
        right
        for right in RIGHTS
        if names & set(right.commands)
        and (not right.feature or right.feature in scope.features)
        and (right.reads or not read_only)
        and all(scope.arns[kind] for kind in right.on)
    ]


def policy(scope: Scope, commands: Iterable[str] = DAILY, *, read_only: bool = False) -> Policy:
    """The policy that lets its bearer run commands on a stack, and nothing else.

    Sorted, so that the same project has the same bytes.
    """
    groups: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for right in wanted(scope, commands, read_only=read_only):
        groups.setdefault((right.where, tuple(sorted(right.on))), set()).add(right.action)
    parts: dict[str, list[_Part]] = {}
    for (where, on), actions in sorted(groups.items()):
        arns = {arn for kind in on for arn in scope.arns[kind]}
        _put(_Part(actions, arns), parts.setdefault(where, []))
    statements: dict[str, dict[str, Any]] = {}
    for where, those in parts.items():
        for part in those:
            title = _title(where, part, statements)
            statements[title] = statement(title, part.actions, part.arns, scope.condition(where))
    return document(found for _, found in sorted(statements.items()))


class _Part(NamedTuple):
    actions: set[str]
    arns: set[str]


def _put(part: _Part, parts: list[_Part]) -> None:
    """Join statements where that allows nothing more than they did: a policy has only so much
    room."""
    for other in parts:
        if _adds_nothing(part, other) and _adds_nothing(other, part):
            other.actions.update(part.actions)
            other.arns.update(part.arns)
            return
    parts.append(part)


def _adds_nothing(part: _Part, other: _Part) -> bool:
    """Whether the actions of one mean nothing for what only the other is about."""
    more = other.arns - part.arns
    types = {type_of(arn) for arn in part.arns}
    for action in part.actions - other.actions:
        service = action.partition(":")[0]
        for arn in more:
            if arn == ANY:
                return False
            kind = type_of(arn)
            if kind[0] == service and (kind in types or action in _MANY):
                return False
    return not more or ANY not in part.arns


def type_of(arn: str) -> tuple[str, str]:
    """The service and the type of what an ARN names.

    >>> type_of("arn:aws:ecs:*:*:service/qa/shop-*"), type_of("arn:aws:logs:*:*:log-group:a:*")
    (('ecs', 'service'), ('logs', 'log-group'))
    """
    if arn == ANY:
        return ANY, ANY
    _, _, service, _, _, rest = arn.split(":", 5)
    return service, rest.replace(":", "/").partition("/")[0]


def _title(where: str, part: _Part, taken: Container[str]) -> str:
    """A statement's id, which no other has: letters and digits only, as AWS wants it."""
    title = "Everywhere" if where == rights.FREE and ANY in part.arns else _TITLES[where]
    number = 2
    found = title
    while found in taken:
        found = f"{title}{number}"
        number += 1
    return found


def statement(
    sid: str, actions: Iterable[str], resources: Iterable[str], condition: Condition | None = None
) -> dict[str, Any]:
    """One statement that allows something."""
    found: dict[str, Any] = {"Sid": sid, "Effect": "Allow"}
    found["Action"] = sorted(set(actions))
    found["Resource"] = sorted(set(resources))
    if condition:
        found["Condition"] = condition
    return found


def document(statements: Iterable[dict[str, Any]]) -> Policy:
    """A policy of statements."""
    return {"Version": VERSION, "Statement": list(statements)}


def size(found: Policy) -> int:
    """How many characters AWS counts: white space outside of texts does not matter."""
    return len(json.dumps(found, separators=(",", ":"), ensure_ascii=False))


def split(found: Policy, most: int = MOST) -> list[Policy]:
    """The policy as one or more that AWS takes, each of at most so many characters where its
    statements allow that. A role may have ten."""
    policies: list[Policy] = []
    for one in found["Statement"]:
        last = policies[-1] if policies else None
        if last is not None and size({**last, "Statement": [*last["Statement"], one]}) <= most:
            last["Statement"].append(one)
        else:
            policies.append(document([one]))
    return policies
