"""What is against the files that are written: AWS's rules, and references that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from compose2ecs.checks import find

Body = Mapping[str, Any]
Bodies = Mapping[str, Mapping[str, Any]]  # by kind, then by name

MADE = "<target-group-arn:{}>"


def faults(bodies: Bodies) -> list[str]:
    """Everything that AWS would refuse, or would not mean, in what is written for a project."""
    found = [f"{f.kind}/{f.name}: {f.check.id} {f.path}" for f in find(bodies, remarks=False)]
    return [*found, *unfit(bodies)]


def unfit(bodies: Bodies) -> list[str]:
    """What names something that no file makes. AWS may have it, and we know that it has not."""
    return [
        f"{kind}/{name}: {fault}"
        for kind, check in CHECKS.items()
        for name, body in bodies.get(kind, {}).items()
        for fault in check(body, bodies)
    ]


def named(bodies: Bodies, kind: str, key: str) -> set[str]:
    """The names of all bodies of a kind."""
    return {body[key] for body in bodies.get(kind, {}).values()}


def _groups(arns: list[str], bodies: Bodies) -> Iterator[str]:
    known = {MADE.format(name) for name in named(bodies, "target-groups", "Name")}
    yield from (f"nothing makes {arn}" for arn in arns if arn[0] == "<" and arn not in known)


def _service(body: Body, bodies: Bodies) -> Iterator[str]:
    if body["taskDefinition"] not in named(bodies, "task-definitions", "family"):
        yield f"no task definition {body['taskDefinition']}"
    yield from _groups([entry["targetGroupArn"] for entry in body.get("loadBalancers", ())], bodies)
    connect = body.get("serviceConnectConfiguration")
    if connect is not None and connect["namespace"] not in named(bodies, "namespaces", "Name"):
        yield f"no namespace {connect['namespace']}"


def _rule(body: Body, bodies: Bodies) -> Iterator[str]:
    for action in body["Actions"]:
        groups = action.get("ForwardConfig", {}).get("TargetGroups", ())
        yield from _groups(
            [group["TargetGroupArn"] for group in (action, *groups) if "TargetGroupArn" in group],
            bodies,
        )


def _attributes(body: Body, bodies: Bodies) -> Iterator[str]:
    yield from _groups([body["TargetGroupArn"]], bodies)


def _retention(body: Body, bodies: Bodies) -> Iterator[str]:
    if body["logGroupName"] not in named(bodies, "log-groups", "logGroupName"):
        yield f"no log group is called {body['logGroupName']}"


CHECKS = {
    "services": _service,
    "listener-rules": _rule,
    "target-group-attributes": _attributes,
    "log-group-retention": _retention,
}
