"""Deployments of projects whose jobs run by the clock, with a role for the scheduler, for which no
key of the file's asks yet."""

from __future__ import annotations

from collections.abc import Mapping

from compose2ecs import load
from compose2ecs.app.deployment import Deployment
from compose2ecs.aws.session import Account
from compose2ecs.aws.world import World
from compose2ecs.clock import Clock
from compose2ecs.ecs.model import Ref
from compose2ecs.ecs.target import DIRECT, target_of
from compose2ecs.ecs.translate import translate_project
from compose2ecs.plan.desired import desired
from compose2ecs.plan.order import dependencies
from compose2ecs.plan.rules import resolver
from compose2ecs.plan.seen import Found
from compose2ecs.report import Report


def scheduled(
    text: str, given: Mapping[str, str], account: Account, world: World, clock: Clock, role: str
) -> Deployment:
    project = load(files={"compose.yaml": text}, project_name="p", environment={})
    report = Report()
    target = target_of(project, {**given, "listener": DIRECT}, report)
    stack = translate_project(project, target, report)
    report.check()
    resolve = resolver({str(Ref("scheduler-role")): role})
    resources = {
        kind: {n: r._replace(body=resolve(r.body)) for n, r in entries.items()}
        for kind, entries in stack.resources.items()
    }
    stack = stack._replace(resources=resources)
    wanted = desired(stack, given["cluster"], None, dependencies(project, stack), "p-")
    return Deployment(project, target, stack, wanted, world, clock, given["region"], Found())
