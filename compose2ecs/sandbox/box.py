"""The sandbox itself: one door for all requests, whichever way they come.

A request is counted, perhaps refused, lost or late on order, throttled, looked at by AWS's model,
and then done, all under one lock; before each, everything happens that is due by the clock.
"""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3

from compose2ecs.sandbox import (
    calls,
    engine,
    identity,
    logs,
    namespaces,
    network,
    scaling,
    schedules,
    seeds,
    tagging,
)
from compose2ecs.sandbox.behaviour import Behaviour
from compose2ecs.sandbox.calls import Call
from compose2ecs.sandbox.clock import Clock
from compose2ecs.sandbox.door import KEY, SECRET, Door, close_door, everywhere, open_door
from compose2ecs.sandbox.ecs import clusters, definitions, runs, services
from compose2ecs.sandbox.ecs import tagging as ecs_tagging
from compose2ecs.sandbox.ecs.state import ACTIVE, DRAINING, RUNNING, Instance, Service, Task
from compose2ecs.sandbox.elb import balancers, groups, rules, targets
from compose2ecs.sandbox.errors import AwsError, Killed, LostAnswerError
from compose2ecs.sandbox.faults import AFTER, BEFORE, Fault, Faults
from compose2ecs.sandbox.others import Others
from compose2ecs.sandbox.server import Server, kill_process
from compose2ecs.sandbox.stale import Stale
from compose2ecs.sandbox.throttle import RATES, Buckets, Rate
from compose2ecs.sandbox.wire import Answer, Asked, Request, answer, asked_by, refusal
from compose2ecs.sandbox.world import ACCOUNT, REGION, Handler, World

_HANDLERS: dict[str, dict[str, Handler]] = {
    "ecs": {
        **clusters.OPERATIONS,
        **definitions.OPERATIONS,
        **services.OPERATIONS,
        **runs.OPERATIONS,
        **ecs_tagging.OPERATIONS,
    },
    "elbv2": {
        **balancers.OPERATIONS,
        **rules.OPERATIONS,
        **groups.OPERATIONS,
        **targets.OPERATIONS,
    },
    "logs": logs.OPERATIONS,
    "servicediscovery": namespaces.OPERATIONS,
    "application-autoscaling": scaling.OPERATIONS,
    "scheduler": schedules.OPERATIONS,
    "resourcegroupstaggingapi": tagging.OPERATIONS,
    "iam": identity.IAM,
    "sts": identity.STS,
    "ec2": network.OPERATIONS,
}
# What the actions of a service are called in policies, where that is not the name boto3 has.
_ACTIONS = {"elbv2": "elasticloadbalancing", "resourcegroupstaggingapi": "tag"}
_DENIED = {"elbv2": "AccessDenied", "iam": "AccessDenied", "ec2": "UnauthorizedOperation"}
_CROWDED = "Too many concurrent attempts to create a new revision of the specified family."
_LOOKS_AT = {"RegisterScalableTarget": "ecs"}  # writes that read what another service has
_STEPS = 100_000  # moments that `settle` goes through before it gives up


class Sandbox:
    """An AWS of one's own, in this process: one account in one region, empty but for its seeds.

        with Sandbox() as aws:
            ecs = aws.client("ecs")
            ecs.create_service(cluster=aws.cluster, ...)
            aws.clock.advance(120)

    The seeds are a network, the cluster `cluster` with `instances` instances, an Application Load
    Balancer `load_balancer` with a `listener` on port 80 that answers 404 (and with `https` one on
    443, `https_listener`), with `nlb` a Network Load Balancer, and `roles`. With a clock that is
    advanced by hand nothing happens between its advances, except what a call does itself.

    `latency` is real seconds that each call takes, for measurements. `throttle` turns the token
    buckets on. `speed` and a real clock are for who waits in real time.
    """

    def __init__(
        self,
        *,
        region: str = REGION,
        account: str = ACCOUNT,
        clock: Clock | None = None,
        cluster: str = "qa",
        instances: int = 2,
        instance_type: str = "m5.4xlarge",
        subnets: int = 3,
        load_balancer: bool = True,
        https: bool = False,
        nlb: bool = False,
        latency: float = 0.0,
        throttle: bool = False,
    ) -> None:
        self.clock = clock or Clock()
        self.world = World(self.clock, region, account)
        self.region, self.account = region, account
        self.latency = latency
        self.faults = Faults()
        self.stale = Stale()
        self.calls: list[Call] = []
        self._buckets: Buckets | None = None
        self._others = Others()
        self._door: Door | None = None
        self._servers: list[Server] = []
        self._requests = 0
        self._victim = 0
        self._families: set[str] = set()  # of which a revision is being registered
        if throttle:
            self.throttle()
        seeds.network(self.world, subnets)
        self.roles = seeds.roles(self.world)
        self.cluster = cluster
        self.cluster_arn = seeds.cluster(self.world, cluster)
        for _ in range(instances):
            seeds.instance(self.world, cluster, kind=instance_type)
        self.vpc = str(self.world.network.vpcs[0]["VpcId"])
        self.subnets = [str(one["SubnetId"]) for one in self.world.network.subnets]
        self.security_group = str(self.world.network.groups[0]["GroupId"])
        self.load_balancer = self.listener = self.https_listener = self.nlb = ""
        if load_balancer:
            self.load_balancer = seeds.load_balancer(self.world, f"{cluster}-alb")
            self.listener = seeds.listener(self.world, self.load_balancer, 80, "HTTP")
        if load_balancer and https:
            self.https_listener = seeds.listener(self.world, self.load_balancer, 443, "HTTPS")
        if nlb:
            self.nlb = seeds.load_balancer(self.world, f"{cluster}-nlb", "network")

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the servers, and forget what moto was told."""
        for server in self._servers:
            server.stop()
        self._servers.clear()
        self._others.reset()
        if self._door is not None:
            close_door(self._door)
            self._door = None

    # ------------------------------------------------------------------------ ways in

    def session(self) -> boto3.Session:
        """A boto3 session all of whose clients are answered here, until `close`."""
        return self._opened().session

    def client(self, service: str, *, attempts: int = 1) -> Any:
        """A boto3 client, the same one each time; `attempts` is how often a call is made at most."""
        return self._opened().client(service, attempts)

    def _opened(self) -> Door:
        if self._door is None:
            self._door = open_door(self.region, self.handle)
        return self._door

    @contextmanager
    def everywhere(self) -> Iterator[None]:
        """Answer every boto3 session that is made meanwhile, whoever makes it."""
        wanted = self.environment("")
        kept = {name: os.environ.pop(name, None) for name in wanted}
        del wanted["AWS_ENDPOINT_URL"]
        os.environ.update(wanted)
        try:
            with everywhere(self.handle):
                yield
        finally:
            for name, value in kept.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value

    def serve(self, port: int = 0) -> str:
        """Answer HTTP on 127.0.0.1 as well, until `close`; the URL."""
        server = Server(self.handle, port, self._kill)
        self._servers.append(server)
        return server.url

    def kills(self, pid: int) -> None:
        """The process that an ordered end ends, for those who are served."""
        self._victim = pid

    def _kill(self) -> None:
        if self._victim:
            kill_process(self._victim)

    def environment(self, url: str) -> dict[str, str]:
        """The variables by which AWS's own tools, and ours, talk to a server at that URL."""
        return {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    # ------------------------------------------------------------------------ the door

    def handle(self, request: Request) -> Answer:
        """Answer one request; raises LostAnswerError and Killed where that was ordered."""
        begin = time.monotonic()
        self._requests += 1
        request_id = f"00000000-0000-4000-8000-{self._requests:012d}"
        try:
            asked = asked_by(request)
        except AwsError as error:
            return refusal("", error, request_id)
        with self._under_way(asked) as crowded:
            if self.latency:
                time.sleep(self.latency)
            with self.world.lock:
                if asked is None:
                    return self._elsewhere(request, request_id)
                return self._recorded(asked, begin, request_id, crowded and bool(self.latency))

    def _recorded(self, asked: Asked, begin: float, request_id: str, crowded: bool) -> Answer:
        """Do what is asked, and write it down whatever becomes of it."""
        code = ""
        try:
            if crowded:
                raise definitions.client_error(_CROWDED)
            return answer(asked, self._do(asked), request_id)
        except AwsError as error:
            code = error.code
            return refusal(asked.service, error, request_id)
        except LostAnswerError:
            code = "ConnectionClosed"
            raise
        except Killed:
            code = "Killed"
            raise
        finally:
            raw = copy.deepcopy(asked.raw) if isinstance(asked.raw, dict) else {}
            end = time.monotonic()
            self.calls.append(Call(asked.service, asked.operation.name, begin, end, raw, code))

    @contextmanager
    def _under_way(self, asked: Asked | None) -> Iterator[bool]:
        """Whether another revision of the same family is being registered at the same time."""
        family = ""
        if asked is not None and asked.operation.name == "RegisterTaskDefinition":
            family = str(asked.raw.get("family")) if isinstance(asked.raw, dict) else ""
        with self.world.lock:
            crowded = family in self._families
            if family:
                self._families.add(family)
        try:
            yield crowded
        finally:
            if family and not crowded:
                self._families.discard(family)

    def _elsewhere(self, request: Request, request_id: str) -> Answer:
        try:
            return self._others.answer(request)
        except AwsError as error:
            return refusal("", error, request_id)

    def _do(self, asked: Asked) -> Mapping[str, Any]:
        service, operation = asked.service, asked.operation.name
        due = self.faults.due(operation)
        _strike(due, BEFORE, service)
        engine.settle(self.world)
        if self._buckets is not None:
            self._buckets.take(service, operation, self.world.now)
        action = f"{_ACTIONS.get(service, service)}:{operation}"
        if not identity.allowed(self.world, action):
            code = _DENIED.get(service, "AccessDeniedException")
            user = f"arn:aws:iam::{self.account}:user/sandbox"
            raise AwsError(code, f"User: {user} is not authorized to perform: {action}", 403)
        parameters = asked.parameters()
        handler = _HANDLERS[service].get(operation)
        if handler is None:
            raise AwsError("NotImplemented", f"the sandbox does not know {action}", 501)
        if calls.writes(operation):
            self.stale.writing(self.world, service)
            with self.stale.reading(self.world, _LOOKS_AT.get(operation, "")):
                result = handler(self.world, parameters)
            engine.settle(self.world)
        else:
            with self.stale.reading(self.world, service):
                result = handler(self.world, parameters)
        _strike(due, AFTER, service)
        return result

    # ------------------------------------------------------------------------ what tests order

    def behave(
        self,
        images: str,
        *,
        exit_code: int | None = None,
        after: float = 1.0,
        pull_error: str = "",
        health: str = "",
        port_closed: bool = False,
        output: tuple[str, ...] = (),
        times: int | None = None,
    ) -> None:
        """Say what containers of images do from now on; `images` is a pattern with `*` and `?`."""
        with self.world.lock:
            self.world.behaviours.tell(
                Behaviour(images, exit_code, after, pull_error, health, port_closed, output, times)
            )
            engine.wake_all(self.world)

    def behave_well(self) -> None:
        """All images behave again."""
        with self.world.lock:
            self.world.behaviours.clear()
            engine.wake_all(self.world)

    def throttle(self, rates: Mapping[str, Rate] | None = None) -> None:
        """Turn the token buckets on, all full; `{}` turns them off."""
        self._buckets = Buckets(RATES if rates is None else rates)

    def lag(self, reads: int, *services_: str) -> None:
        """Let that many reads after each write see what was before it; 0 ends that."""
        self.stale.lag(reads, *services_)

    def linger(self, seconds: float) -> None:
        """For how long a target group stays in use after its last rule is deleted."""
        self.world.elb.linger = seconds

    def forbid(self, *actions: str) -> None:
        """Refuse actions, by patterns such as `ecs:Create*`."""
        self.world.forbidden += actions

    def allow_all(self) -> None:
        """Forbid nothing any more."""
        self.world.forbidden.clear()

    def add_instance(
        self,
        *,
        kind: str = "m5.4xlarge",
        cpu: int | None = None,
        memory: int | None = None,
        zone: str | None = None,
        without: tuple[str, ...] = (),
        attributes: dict[str, str] | None = None,
    ) -> Instance:
        """One more instance in the cluster; `without` names attributes that its agent lacks."""
        with self.world.lock:
            found = seeds.instance(
                self.world,
                self.cluster,
                kind=kind,
                cpu=cpu,
                memory=memory,
                zone=zone,
                without=without,
                extra=attributes,
            )
            engine.wake_all(self.world)
            return found

    def add_role(self, name: str, service: str = identity.TASKS) -> str:
        """One more role, which a service of AWS's may take; its ARN."""
        with self.world.lock:
            return identity.add_role(self.world, name, service)

    def add_capacity_provider(self, name: str) -> None:
        """One more capacity provider of the cluster; its tasks go to the cluster's instances."""
        with self.world.lock:
            self.world.ecs.clusters[self.cluster].providers.append(name)

    def add_subnets(self, *ids: str) -> None:
        """More subnets of the VPC, by ids that a file names."""
        with self.world.lock:
            seeds.subnets(self.world, ids)

    def add_security_groups(self, *ids: str) -> None:
        """More security groups of the VPC, by ids that a file names."""
        with self.world.lock:
            for id_ in ids:
                seeds.security_group(self.world, id_, id_)

    # ------------------------------------------------------------------------ what tests look at

    @property
    def quotas(self) -> dict[str, int]:
        """Service quotas, to be set: see `compose2ecs.sandbox.world.QUOTAS`."""
        return self.world.quotas

    def writes(self) -> list[Call]:
        """The calls so far that change something."""
        return [call for call in self.calls if call.writes]

    def counts(self) -> dict[str, int]:
        """How often each operation was called, in the order of first calls."""
        found: dict[str, int] = {}
        for call in self.calls:
            found[call.operation] = found.get(call.operation, 0) + 1
        return found

    def depth(self) -> int:
        """The most calls of which each began after the one before it had ended."""
        return calls.depth(self.calls)

    def width(self) -> int:
        """The most calls that were under way at one time."""
        return calls.width(self.calls)

    def forget(self) -> None:
        """Begin the record anew."""
        self.calls.clear()

    def settle(self, most: float = 3600.0) -> bool:
        """Advance the clock until all services are steady; False if `most` seconds are not enough."""
        until = self.clock.time() + most
        for _ in range(_STEPS):
            with self.world.lock:
                engine.settle(self.world)
                if all(self._steady(one) for one in self.world.ecs.services.values()):
                    return True
                moment = engine.next_moment(self.world)
            if moment > until:
                return False
            self.clock.advance(max(moment - self.clock.time(), 0.001))
        return False

    @staticmethod
    def _steady(service: Service) -> bool:
        return service.status not in (ACTIVE, DRAINING) or (
            service.steady and service.status == ACTIVE
        )

    def service(self, name: str) -> Service:
        """A service of the cluster as the sandbox has it; KeyError if there is none."""
        with self.world.lock:
            engine.settle(self.world)
            return self.world.ecs.services[self.cluster, name]

    def tasks(self, service: str) -> list[Task]:
        """The tasks of a service that run or are starting."""
        with self.world.lock:
            found = self.service(service)
            return [task for task in self.world.ecs.tasks_of(found) if task.desired == RUNNING]

    def events(self, service: str) -> list[str]:
        """What a service said of itself, oldest first."""
        return [str(event["message"]) for event in reversed(self.service(service).events)]


def _strike(due: list[Fault], when: str, service: str) -> None:
    for fault in due:
        if fault.when == when:
            fault.strike(service)
