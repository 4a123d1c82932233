"""Short words for what the tests of `up` do over and over."""

from __future__ import annotations

from typing import Any

from compose2ecs import load
from compose2ecs.app.deployment import Deployment, prepare
from compose2ecs.app.down import down as down_app
from compose2ecs.app.down import plan_down
from compose2ecs.app.plan import Planned, make_plan
from compose2ecs.app.up import Options
from compose2ecs.app.up import up as up_app
from compose2ecs.apply.run import Event
from compose2ecs.aws.session import Account, Where
from compose2ecs.aws.world import world_of
from compose2ecs.report import Report
from tests.deploy.fakes import LISTENER, REGION, FakeAws, FakeClock

GIVEN = {
    "cluster": "qa",
    "region": REGION,
    "listener": LISTENER,
    "domain": "qa.example.com",
    "vpc": "vpc-0aaaaaaaaaaaaaaa1",
}


def services(number: int, balanced: int, **changes: str) -> str:
    """A compose file of so many services, the first of them behind the load balancer; `changes`
    are other lines for a service."""
    text = "services:\n"
    for index in range(number):
        name = f"s{index:02d}"
        port = 'ports: ["80:8080"], ' if index < balanced else ""
        text += f"  {name}: {{image: 'i:1', {port}{changes.get(name, '')}}}\n"
    return text


def deployment(
    aws: FakeAws, text: str, *, clock: FakeClock | None = None, **given: Any
) -> Deployment:
    """The deployment of a compose file into a fake."""
    project = load(files={"compose.yaml": text}, project_name="p", environment={})
    settings = {k: v for k, v in {**GIVEN, "discovery": "none", **given}.items() if v}
    clock = clock or FakeClock()
    account = Account(Where(region=REGION), clock=clock)
    return prepare(project, settings, account, Report(), world=world_of(aws), clock=clock)


def up(
    aws: FakeAws,
    text: str,
    *,
    only: frozenset[str] | None = None,
    force: bool = False,
    allow_shadow: bool = False,
    options: Options = Options(wait=False),  # noqa: B008
    **given: Any,
) -> list[Event]:
    """Plan and carry out."""
    there = deployment(aws, text, **given)
    planned = make_plan(there, only=only, detail=False, force=force, allow_shadow=allow_shadow)
    return list(up_app(there, planned, options))


def plan(aws: FakeAws, text: str, **given: Any) -> Planned:
    return make_plan(deployment(aws, text, **given))


def down(aws: FakeAws, text: str, *, logs: bool = False, **given: Any) -> Planned:
    there = deployment(aws, text, **given)
    planned = plan_down(there, logs=logs)
    list(down_app(there, planned))
    return planned
