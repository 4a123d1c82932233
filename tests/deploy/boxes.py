"""The sandbox as an account to deploy to."""

from __future__ import annotations

from typing import Any

from compose2ecs import load
from compose2ecs.api import Project
from compose2ecs.app.deployment import Deployment, prepare
from compose2ecs.app.down import down as down_app
from compose2ecs.app.down import plan_down
from compose2ecs.app.plan import Planned, make_plan
from compose2ecs.app.up import Options
from compose2ecs.app.up import up as up_app
from compose2ecs.aws.pace import Pace
from compose2ecs.aws.session import Account, Where
from compose2ecs.report import Report
from compose2ecs.sandbox import Sandbox

REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


class BoxClock:
    """The sandbox's time."""

    def __init__(self, box: Sandbox) -> None:
        self._clock = box.clock

    def now(self) -> float:
        return self._clock.time()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


def deployment(box: Sandbox, text: str, *, paced: bool = True, **given: Any) -> Deployment:
    project = load(files={"compose.yaml": text}, project_name="p", environment={})
    return deployment_of(box, project, paced=paced, **given)


def deployment_of(
    box: Sandbox, project: Project, *, paced: bool = True, **given: Any
) -> Deployment:
    settings = {
        "cluster": box.cluster,
        "region": box.region,
        "listener": box.listener,
        "domain": "qa.example.com",
        "vpc": box.vpc,
        "registry": REGISTRY,
        "subnets": ",".join(box.subnets),
        "security_groups": box.security_group,
        **given,
    }
    clock = BoxClock(box)
    pace = Pace(clock) if paced else Pace(clock, {})
    account = Account(
        Where(region=box.region), clock=clock, pace=pace, session=box.session(), width=16
    )
    return prepare(project, {k: v for k, v in settings.items() if v}, account, Report())


def up(box: Sandbox, text: str, options: Options | None = None, **given: Any) -> Planned:
    there = deployment(box, text, **given)
    planned = make_plan(there)
    list(up_app(there, planned, options or Options(timeout=900)))
    return planned


def plan(box: Sandbox, text: str, **given: Any) -> Planned:
    return make_plan(deployment(box, text, **given))


def down(box: Sandbox, text: str, *, logs: bool = False, **given: Any) -> Planned:
    there = deployment(box, text, **given)
    planned = plan_down(there, logs=logs)
    list(down_app(there, planned))
    return planned
