"""`compose2ecs doctor`: what stands between a project and its deployment, and the fix of each."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from compose2ecs.api import Project, Report, Target
from compose2ecs.aws.session import Account, Caller
from compose2ecs.doctor.ask import Ask
from compose2ecs.doctor.examine import examine
from compose2ecs.doctor.model import FAILURE, STATUSES, WARNING, Finding, Resolve, failure
from compose2ecs.doctor.subject import subject_of
from compose2ecs.doctor.table import CHECKS
from compose2ecs.ecs.target import target_of
from compose2ecs.ecs.translate import translate_project
from compose2ecs.plan import codes
from compose2ecs.plan.errors import AwsError

_LISTENER = "listener"


class Examined(NamedTuple):
    """What was found, and how it is on the whole."""

    findings: tuple[Finding, ...]

    def number(self, status: str) -> int:
        """How many findings are so."""
        return sum(one.status == status for one in self.findings)

    def exit_code(self, *, strict: bool = False) -> int:
        """1 where something keeps the project from running; with `strict`, warnings do too."""
        return int(bool(self.number(FAILURE) or (strict and self.number(WARNING))))

    @property
    def summary(self) -> str:
        """One line, worst last."""
        numbers = {status: self.number(status) for status in STATUSES}
        return ", ".join(f"{number} {status}" for status, number in numbers.items() if number)


def addresses(host: str) -> frozenset[str]:
    """The IPv4 addresses of a host, as this machine sees it. Raises OSError."""
    found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
    return frozenset(str(entry[4][0]) for entry in found)


def doctor(
    project: Project,
    given: Mapping[str, str],
    account: Account,
    report: Report,
    *,
    image_tag: str = "latest",
    aws: Caller | None = None,
    resolve: Resolve = addresses,
    wall: Callable[[], float] = time.time,
) -> Examined:
    """Look at everything that a project needs. `aws` is a double of the account, for tests.

    Raises InputError where the files are wrong or the region is missing, and AwsError where AWS
    cannot be asked at all.
    """
    target = target_of(project, given, report, image_tag=image_tag)
    region = account.where.region or target.region or account.region
    if region is None:
        report.add(codes.NO_REGION)
    report.check()
    if account.where.region is None:
        account.where = account.where._replace(region=region)
    ask = Ask(aws or account, resolve, wall)
    target, found = _with_listener(target._replace(region=region), ask)
    stack = translate_project(project, target, report)
    subject = subject_of(project, target, stack)
    return Examined(tuple(_in_order([*examine(subject, ask), *found])))


def _in_order(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of a check beside each other, in the order of the checks."""
    order = {check.id: number for number, check in enumerate(CHECKS)}
    return sorted(findings, key=lambda one: order[one.check])


def _with_listener(target: Target, ask: Ask) -> tuple[Target, list[Finding]]:
    """The target with the ARN of its listener, where the file names a load balancer."""
    balancer = target.facts.load_balancer
    if target.listener is not None or balancer is None:
        return target, []
    try:
        there = ask.elb.load_balancer_named(balancer.name)
        listeners = ask.elb.listeners(there["LoadBalancerArn"]) if there is not None else []
    except AwsError:
        return target, []  # the checks run into it again, and tell it
    chosen = next((one for one in listeners if one.get("Port") == balancer.port), None)
    if chosen is not None:
        return target._replace(listener=chosen["ListenerArn"]), []
    if there is None:
        text = f"there is no load balancer {balancer.name} in {target.region}"
        fix = "look at x-ecs.load_balancer and the region"
    else:
        ports = ", ".join(str(one.get("Port")) for one in listeners) or "nothing"
        text = f"the load balancer {balancer.name} has no listener on port {balancer.port}"
        fix = f"it listens on: {ports}"
    return target, [failure(text, fix)._replace(check=_LISTENER)]


def as_data(examined: Examined) -> dict[str, Any]:
    """The findings for programs."""
    return {
        "summary": {status: examined.number(status) for status in STATUSES},
        "findings": [
            {key: getattr(one, key) for key in ("check", "status", "text", "fix")}
            for one in examined.findings
        ],
    }
