"""A stack in the sandbox, and the commands of the day after on it."""

from __future__ import annotations

from typing import Any

from compose2ecs import load
from compose2ecs.app.running import Running, open_running
from compose2ecs.aws.pace import Pace
from compose2ecs.aws.session import Account, Where
from compose2ecs.report import Report
from compose2ecs.sandbox import Sandbox
from tests.deploy.boxes import BoxClock

SHOP = """
services:
  web:
    image: "registry.example.com/team/web:1"
    ports: ["80:8080"]
    links: [cache]
    environment: {MODE: fast, DB_PASSWORD: hidden}
  cache:
    image: "redis:7"
  worker:
    image: "worker:1"
    deploy: {replicas: 2}
x-ecs: {roles: {execution: ecsTaskExecutionRole}}
"""


def standing(box: Sandbox, text: str, **given: Any) -> Running:
    """The stack `p` of a compose file, as the commands find it."""
    project = load(files={"compose.yaml": text}, project_name="p", environment={})
    clock = BoxClock(box)
    account = Account(
        Where(region=box.region), clock=clock, pace=Pace(clock, {}), session=box.session()
    )
    settings = {"cluster": box.cluster, **given}
    return open_running(project, settings, account, Report(), wall=box.clock.time)
