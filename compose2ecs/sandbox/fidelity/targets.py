"""What the checks are run against: the sandbox, moto as it comes, and two that answer anything.

Source: https://docs.getmoto.org/en/latest/
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from compose2ecs.sandbox.box import Sandbox
from compose2ecs.sandbox.fidelity.model import NOT_FOUND, Aws
from compose2ecs.sandbox.identity import TASKS, trust
from compose2ecs.sandbox.shapes import LOADER

_REGION = "eu-west-1"
_IMAGE = "ami-12c6146b"  # one that moto has


@cache
def _session() -> Any:
    """One session for all motos: making clients is what takes time."""
    core = botocore.session.Session()
    core.register_component("data_loader", LOADER)
    core.set_config_variable("region", _REGION)
    core.set_credentials("moto", "moto")
    return boto3.Session(botocore_session=core)


@cache
def _client(service: str) -> Any:
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
    return _session().client(service, config=config)


@cache
def _resource(service: str) -> Any:
    return _session().resource(service)


class Double:
    """The sandbox."""

    name = "sandbox"

    def __init__(self) -> None:
        self.box = Sandbox()
        self.cluster, self.vpc, self.subnets = self.box.cluster, self.box.vpc, self.box.subnets
        self.load_balancer, self.listener = self.box.load_balancer, self.box.listener
        self.execution_role = self.box.roles["execution"]
        self.events_role = self.box.roles["events"]

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return self.box.client(service)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.box.clock.advance(seconds)

    def throttle(self) -> None:
        """Count calls as AWS does."""
        self.box.throttle()

    def behave(self, images: str, **told: Any) -> None:
        """Say what containers do."""
        self.box.behave(images, **told)


class Moto:
    """moto, with the same seeds. It can be told nothing, and time does nothing for it."""

    name = "moto"

    def __init__(self) -> None:
        ec2, elb, iam = self.client("ec2"), self.client("elbv2"), self.client("iam")
        self.vpc = str(ec2.describe_vpcs()["Vpcs"][0]["VpcId"])
        self.subnets = [str(one["SubnetId"]) for one in ec2.describe_subnets()["Subnets"]]
        self.cluster = "qa"
        self._instances(ec2)
        found = elb.create_load_balancer(Name="qa-alb", Subnets=self.subnets)["LoadBalancers"][0]
        self.load_balancer = str(found["LoadBalancerArn"])
        made = elb.create_listener(
            LoadBalancerArn=self.load_balancer, Port=80, Protocol="HTTP", DefaultActions=[NOT_FOUND]
        )
        self.listener = str(made["Listeners"][0]["ListenerArn"])
        roles = [
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(TASKS))["Role"]["Arn"]
            for name in ("ecsTaskExecutionRole", "ecsEventsRole")
        ]
        self.execution_role, self.events_role = str(roles[0]), str(roles[1])

    def _instances(self, ec2: Any) -> None:
        from moto.ec2.utils import generate_instance_identity_document

        ecs = self.client("ecs")
        ecs.create_cluster(clusterName=self.cluster)
        for one in _resource("ec2").create_instances(ImageId=_IMAGE, MinCount=2, MaxCount=2):
            document = generate_instance_identity_document(one)
            ecs.register_container_instance(
                cluster=self.cluster, instanceIdentityDocument=json.dumps(document)
            )

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return _client(service)

    def wait(self, seconds: float) -> None:
        """Nothing happens."""

    def throttle(self) -> None:
        """It cannot."""

    def behave(self, images: str, **told: Any) -> None:
        """It cannot be told."""


class Anything:
    """Says yes to everything, or no: no check may hold for it."""

    def __init__(self, *, yes: bool) -> None:
        self.name = "yes" if yes else "no"
        self._client = _Yes() if yes else _No()
        self.cluster = self.vpc = self.load_balancer = self.listener = "x"
        self.execution_role = self.events_role = "arn:aws:iam::123456789012:role/x"
        self.subnets = ["subnet-1", "subnet-2"]

    def client(self, service: str) -> Any:
        """Something with every method."""
        return self._client

    def wait(self, seconds: float) -> None:
        """Nothing happens."""

    def throttle(self) -> None:
        """Nothing happens."""

    def behave(self, images: str, **told: Any) -> None:
        """Nothing happens."""


class _Yes:
    def __getattr__(self, name: str) -> Any:
        return lambda **asked: _Answer()


class _Answer(dict[str, Any]):
    """An answer with everything in it, each of which is one, too."""

    def __missing__(self, key: object) -> Any:
        return _Answer()

    def __getitem__(self, key: Any) -> Any:
        return _Answer() if isinstance(key, int) else super().__getitem__(key)


class _No:
    def __getattr__(self, name: str) -> Any:
        def refuse(**asked: Any) -> Any:
            said = {"Error": {"Code": "No", "Message": "no"}}
            raise ClientError(said, name)  # type: ignore[arg-type]

        return refuse


@contextmanager
def double() -> Iterator[Aws]:
    """A sandbox of its own."""
    made = Double()
    try:
        yield made
    finally:
        made.box.close()


@contextmanager
def bare_moto() -> Iterator[Aws]:
    """A moto of its own, whose tasks at least stay as they are."""
    from moto import mock_aws
    from moto.moto_api import state_manager

    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**9})
    try:
        with mock_aws():
            yield Moto()
    finally:
        state_manager.unset_transition("ecs::task")
