"""Who we are, what nobody has said yet, and what the account allows.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from compose2ecs.doctor.ask import Ask
from compose2ecs.doctor.model import Found, failure, listed, ok, unknown, warning
from compose2ecs.doctor.subject import Subject
from compose2ecs.ecs.target import DIRECT
from compose2ecs.iam.policy import wanted
from compose2ecs.iam.rights import DAILY, MADE_ECS, MADE_ELB, Right
from compose2ecs.iam.scope import Condition, Scope, scope_of

_HOLDER = re.compile(r"arn:(aws[a-z-]*):sts::(\d+):assumed-role/([^/]+)/")
# References that planning or the run itself resolves.
_MADE = ("target-group", "task-definition", "load-balancer", "cluster-arn")
_EACH = 2  # resources of a kind that are tried: the first and the last


def identity(subject: Subject, ask: Ask) -> Found:
    """Credentials are there, and of the account that the project's ARNs speak of."""
    said = ask.looks.identity()
    arn, account = str(said["Arn"]), str(said["Account"])
    yield ok(f"{arn}, region {subject.region}")
    if arn.endswith(":root"):
        yield warning(
            "these are the credentials of the account's root user",
            "use a role with the policy that compose2ecs iam prints",
        )
    for what, other, place in _places(subject):
        if other != account and other != "*":
            yield failure(
                f"{what} is in the account {other}, and the credentials are of {account}",
                "use --aws-profile or --role-arn, or the ARN of this account",
            )
        if place and place != subject.region:
            yield failure(
                f"{what} is in {place}, and the region is {subject.region}",
                "--region, or the ARN of this region",
            )


def _places(subject: Subject) -> list[tuple[str, str, str]]:
    """What is written with an account and a region in it."""
    found = []
    for what, arn in (("the listener", subject.listener), ("the cluster", subject.cluster)):
        if arn.startswith("arn:"):
            parts = arn.split(":")
            found.append((what, parts[4], parts[3]))
    for named in subject.scope.roles.values():
        for role in named:
            if role.written.startswith("arn:"):
                found.append((f"the role {role.name}", role.written.split(":")[4], ""))
    return found


def settings(subject: Subject, ask: Ask) -> Found:
    """Nothing is missing that only people know."""
    missing = False
    for placeholder, how in subject.stack.placeholders.items():
        kind = placeholder.strip("<>").partition(":")[0]
        if kind.startswith(_MADE) or (kind == "vpc-id" and subject.listener):
            continue
        if kind.startswith("listener") and subject.target.listener in (None, DIRECT):
            continue  # `up` routes nothing then, and the check of the listener says so
        missing = True
        yield failure(f"{placeholder} is not known", how)
    if not missing:
        yield ok("nothing that only people know is missing")


def arn_formats(subject: Subject, ask: Ask) -> Found:
    """ARNs are long ones: only those can be tagged, and tags say whose a thing is."""
    said = ask.ecs.account_settings()
    names = [f"{kind}LongArnFormat" for kind in ("service", "task", "containerInstance")]
    short = [name for name in names if said.get(name, "enabled") != "enabled"]
    for name in short:
        yield failure(
            f"{name} is {said[name]}: what is made cannot carry tags",
            f"aws ecs put-account-setting --name {name} --value enabled",
        )
    if not short:
        yield ok("services and tasks get long ARNs, so they can be tagged")


# ---------------------------------------------------------------------------- rights


class Trial(NamedTuple):
    """A question to IAM: may these actions be done on these things, in such requests."""

    actions: Mapping[str, frozenset[str]]  # and the commands that each is for
    resources: tuple[str, ...]
    context: Mapping[str, str | list[str]]


def rights(subject: Subject, ask: Ask) -> Found:
    """Whoever we are may do what the commands do, as far as IAM's simulation tells."""
    said = ask.looks.identity()
    arn = str(said["Arn"])
    if arn.endswith(":root"):
        yield ok("the root user may do everything")
        return
    principal = _principal(arn, ask)
    if principal is None:
        yield unknown(f"what {arn} may do: IAM simulates users and roles only")
        return
    denied: dict[str, tuple[set[str], frozenset[str]]] = {}
    for trial in trials(subject, str(said["Account"])):
        found = ask.iam.denied(principal, list(trial.actions), trial.resources, trial.context)
        for action, refused in found.items():
            before = denied.get(action, (set(), frozenset()))
            denied[action] = (before[0] | set(refused), before[1] | trial.actions[action])
    fix = "compose2ecs iam prints the policy that allows it"
    for action, (arns, commands) in sorted(denied.items()):
        text = f"{action} is not allowed on {listed(arns, 2)}"
        needed = commands & {"plan", "up", "down"}
        if needed:
            yield failure(text, fix)
        else:
            names = [name for name in DAILY if name in commands]
            yield warning(f"{text}: {', '.join(names)} cannot be used", fix)
    if not denied:
        yield ok(f"{principal.rpartition('/')[2]} may do all that the commands do")


def _principal(arn: str, ask: Ask) -> str | None:
    """The user or the role behind an identity, as IAM names it. A session's ARN lacks the path of
    its role."""
    held = _HOLDER.match(arn)
    if held is None:
        return arn if ":user/" in arn else None
    role = ask.iam.role(held[3])
    return str(role["Arn"]) if role is not None else f"arn:{held[1]}:iam::{held[2]}:role/{held[3]}"


def trials(subject: Subject, account: str) -> list[Trial]:
    """What to ask IAM: each right of the daily commands, with names that the stack really has."""
    target = subject.target._replace(names="{service}")
    scope = scope_of(subject.stack, target, account)
    scope = scope._replace(features=subject.scope.features)
    groups: dict[tuple[str, tuple[str, ...], str], list[Right]] = {}
    for right in wanted(scope, DAILY):
        # tagging at creation is asked for by the operation that creates
        by = right.operation if right.where in (MADE_ECS, MADE_ELB) else ""
        groups.setdefault((right.where, right.on, by), []).append(right)
    found = []
    for (where, on, by), those in sorted(groups.items()):
        arns = [arn for kind in on for arn in _tried(scope, kind)]
        if any("<" in arn for arn in arns):
            continue  # nobody has said yet which role, say
        context = _context(scope.condition(where), by, scope)
        actions: dict[str, frozenset[str]] = {}
        for right in sorted(those):
            before = actions.get(right.action, frozenset())
            actions[right.action] = before | frozenset(right.commands)
        found.append(Trial(actions, tuple(arns), context))
    return found


def _tried(scope: Scope, kind: str) -> list[str]:
    arns = scope.arns[kind]
    few = arns if len(arns) <= _EACH else (arns[0], arns[-1])
    return [arn if arn == "*" else arn.replace("*", "0123456789abcdef") for arn in few]


def _context(condition: Condition, operation: str, scope: Scope) -> dict[str, str | list[str]]:
    """The keys that a request has which fulfils a condition. The cluster is in all that ECS is
    asked."""
    found: dict[str, str | list[str]] = {
        key: value for keys in condition.values() for key, value in keys.items()
    }
    for key in ("ecs:CreateAction", "elasticloadbalancing:CreateAction"):
        if key in found and operation:
            found[key] = operation
    found["ecs:cluster"] = scope.arns["cluster"][0]
    return found
