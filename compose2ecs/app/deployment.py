"""What every command on a stack begins with: the account, the stack, and what it is called there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from compose2ecs.api import Project, Report, Stack, Target
from compose2ecs.aws.session import Account, Called, Where
from compose2ecs.aws.world import World, world_of
from compose2ecs.clock import Clock, SystemClock
from compose2ecs.ecs.target import DIRECT, target_of
from compose2ecs.ecs.translate import translate_project
from compose2ecs.plan import codes
from compose2ecs.plan.desired import Desired, desired
from compose2ecs.plan.order import dependencies, with_needed
from compose2ecs.plan.seen import Found

# References that planning or the run itself resolves.
_MADE = ("target-group", "task-definition", "load-balancer")


class Deployment(NamedTuple):
    """A project, where it goes, and the way there."""

    project: Project
    target: Target
    stack: Stack
    wanted: Desired
    world: World
    clock: Clock
    region: str
    found: Found


def open_account(
    given: Mapping[str, str],
    where: Where,
    *,
    clock: Clock | None = None,
    heard: Callable[[Called], None] | None = None,
) -> Account:
    """The account that flags, variables and boto3's usual places speak of. `given` are settings as
    `settings_given` makes them."""
    region = where.region or given.get("region")
    return Account(where._replace(region=region), clock=clock or SystemClock(), heard=heard)


def prepare(
    project: Project,
    given: Mapping[str, str],
    account: Account,
    report: Report,
    *,
    image_tag: str = "latest",
    world: World | None = None,
    clock: Clock | None = None,
) -> Deployment:
    """Translate a project for the account. Nothing is read of AWS but the load balancer, where it
    is given by name.

    Raises InputError where a fact is missing that AWS cannot tell, and AwsError.
    """
    world = world or world_of(account)
    target = target_of(project, given, report, image_tag=image_tag)
    report.check()
    region = account.where.region or target.region or account.region
    if region is None:
        report.add(codes.NO_REGION)
        report.check()
        raise AssertionError("unreachable: the report has an error")
    if account.where.region is None:
        account.where = account.where._replace(region=region)
    target = target._replace(region=region)
    target, found = _with_listener(target, world, report)
    stack = translate_project(project, target, report)
    _refuse_unresolved(stack, target, report)
    prefix = target.names.partition("{service}")[0]
    prefix = prefix.replace("{stack}", stack.name).replace("{project}", project.name)
    listener = None if target.listener in (None, DIRECT) else target.listener
    wanted = desired(stack, target.cluster or "", listener, dependencies(project, stack), prefix)
    return Deployment(project, target, stack, wanted, world, clock or account.clock, region, found)


def _with_listener(target: Target, world: World, report: Report) -> tuple[Target, Found]:
    """The target with the ARN of its listener, where the file names a load balancer."""
    if target.listener is not None:
        return target, Found()
    balancer = target.facts.load_balancer
    if balancer is None:
        return target._replace(listener=DIRECT), Found()
    there = world.elb.load_balancer_named(balancer.name)
    if there is None:
        report.add(
            codes.NO_LOAD_BALANCER,
            name=balancer.name,
            region=target.region,
            known="look at x-ecs.load_balancer and the region",
        )
        report.check()
        raise AssertionError("unreachable: the report has an error")
    listeners = world.elb.listeners(there["LoadBalancerArn"])
    chosen = next((one for one in listeners if one.get("Port") == balancer.port), None)
    if chosen is None:
        report.add(
            codes.NO_SUCH_LISTENER,
            name=balancer.name,
            port=balancer.port,
            known=", ".join(str(one.get("Port")) for one in listeners) or "nothing",
        )
        report.check()
        raise AssertionError("unreachable: the report has an error")
    return target._replace(listener=chosen["ListenerArn"]), Found(there, chosen)


def _refuse_unresolved(stack: Stack, target: Target, report: Report) -> None:
    """Say of each fact that is missing what supplies it."""
    for placeholder, how in stack.placeholders.items():
        kind = placeholder.strip("<>").partition(":")[0]
        if kind.startswith(_MADE) or kind == "cluster-arn":
            continue
        if kind == "vpc-id" and target.listener not in (None, DIRECT):
            continue  # the load balancer's
        report.add(codes.UNRESOLVED, placeholder=placeholder, how=how)
    report.check()


def chosen(
    deployment: Deployment, services: Iterable[str], report: Report
) -> frozenset[str] | None:
    """The tasks of the services that a command names, with all that they depend on; None for all.
    Raises InputError."""
    services = list(services)
    if not services:
        return None
    known = sorted(
        member
        for resource in deployment.stack.resources.get("task-definitions", {}).values()
        for member in resource.services
    )
    for name in services:
        if name not in known:
            report.add(codes.UNKNOWN_SERVICE, name=name, known=", ".join(known))
    report.check()
    return with_needed(services, deployment.project, deployment.stack)
