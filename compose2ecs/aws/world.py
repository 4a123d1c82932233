"""All gateways of an account in one: what plan/ reads through, and apply/ writes through."""

from __future__ import annotations

from typing import NamedTuple

from compose2ecs.aws.autoscaling import AutoScaling
from compose2ecs.aws.ecs import Ecs
from compose2ecs.aws.elb import Elb
from compose2ecs.aws.logs import Logs
from compose2ecs.aws.scheduler import Scheduler
from compose2ecs.aws.servicediscovery import ServiceDiscovery
from compose2ecs.aws.session import Caller


class World(NamedTuple):
    """The gateways, one a service."""

    ecs: Ecs
    elb: Elb
    logs: Logs
    servicediscovery: ServiceDiscovery
    autoscaling: AutoScaling
    scheduler: Scheduler


def world_of(aws: Caller) -> World:
    """The gateways of an account, or of a double of one."""
    return World(
        Ecs(aws), Elb(aws), Logs(aws), ServiceDiscovery(aws), AutoScaling(aws), Scheduler(aws)
    )
