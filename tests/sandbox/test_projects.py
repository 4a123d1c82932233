"""Real projects, put onto the sandbox as they are translated: AWS takes them, and they run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from compose2ecs import Report, load, translate
from compose2ecs.api import target
from compose2ecs.compose.files import Disk
from compose2ecs.ecs.model import KINDS, Stack
from compose2ecs.report import InputError
from compose2ecs.sandbox import Sandbox
from tests.aws.operations import OPERATIONS
from tests.aws.projects import FOLDERS, name_of
from tests.sandbox.scene import Body

ROLE = re.compile(r'"(?:taskRoleArn|executionRoleArn|RoleArn|role)": "([^<"]+)"')
IDS = re.compile(r'"((?:subnet|sg)-[0-9a-z]+)"')
PROVIDER = re.compile(r'"capacityProvider": "([^"]+)"')
ATTRIBUTE = re.compile(r"attribute:([\w.-]+) == ([\w.-]+)")
AIMS: Mapping[str, Mapping[str, str]] = {"EC2": {}, "FARGATE": {"launch_type": "FARGATE"}}


def stack_of(folder: Path, aws: Sandbox, aim: str) -> Stack | None:
    """A project as it is translated for the sandbox; None where it has errors."""
    report = Report()
    facts = {
        "cluster": aws.cluster,
        "region": aws.region,
        "vpc": aws.vpc,
        "listener": aws.https_listener,
        "registry": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team",
        "domain": "qa.example.com",
        "subnets": ",".join(aws.subnets[:2]),
        **AIMS[aim],
    }
    try:
        project = load(files=Disk(str(folder)), environment={}, report=report)
        return translate(project, target(project, report=report, **facts), report)
    except InputError:
        return None


def prepare(aws: Sandbox, text: str) -> None:
    """Make the roles, subnets, security groups and instances that the files of a project name."""
    for name in {role.rpartition("/")[2] for role in ROLE.findall(text)}:
        if name not in aws.world.iam.roles:
            aws.add_role(name)
    for name in PROVIDER.findall(text):
        if not name.startswith("FARGATE"):
            aws.add_capacity_provider(name)
    for instance in aws.world.ecs.instances.values():
        instance.attributes.update(ATTRIBUTE.findall(text))
    known = {one["GroupId"] for one in aws.world.network.groups} | set(aws.subnets)
    for id_ in sorted(set(IDS.findall(text)) - known):
        (aws.add_subnets if id_.startswith("subnet") else aws.add_security_groups)(id_)


class Applied:
    """What was made of a stack, and by what its placeholders are to be replaced."""

    def __init__(self, aws: Sandbox) -> None:
        self.aws = aws
        self.known = {
            "<cluster-arn>": aws.cluster_arn,
            "<account>": aws.account,
            "<execution-role-arn>": aws.roles["execution"],
            "<task-role-arn>": aws.roles["task"],
            "<scheduler-role-arn>": aws.roles["events"],
            "<load-balancer-id>": aws.load_balancer.rpartition(":loadbalancer/")[2],
        }

    def make(self, kind: str, name: str, body: Any) -> None:
        """Make one thing, and remember its ARN."""
        text = json.dumps(body)
        for placeholder, value in self.known.items():
            text = text.replace(placeholder, value)
        operation = OPERATIONS[kind]
        client = self.aws.client(operation.service)
        made: Body = getattr(client, xform_name(operation.name))(**json.loads(text))
        if kind == "target-groups":
            arn = made["TargetGroups"][0]["TargetGroupArn"]
            self.known[f"<target-group-arn:{name}>"] = arn
            self.known[f"<target-group-id:{name}>"] = arn.rpartition("/")[2]
        if kind == "namespaces":
            self.aws.clock.advance(60)


@pytest.mark.parametrize("aim", AIMS)
@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_a_project_runs(folder: Path, aim: str) -> None:
    with Sandbox(https=True, instances=4) as aws:
        stack = stack_of(folder, aws, aim)
        if stack is None:
            return
        bodies = [
            (kind, name, one.body)
            for kind in KINDS
            for name, one in stack.resources.get(kind, {}).items()
        ]
        prepare(aws, json.dumps([body for _, _, body in bodies]))
        applied = Applied(aws)
        for kind, name, body in bodies:
            if kind != "services" or _can_be_reached(aws, applied, body):
                applied.make(kind, name, body)
        assert aws.settle(), [
            (one.name, [event["message"] for event in one.events][:2])
            for one in aws.world.ecs.services.values()
            if not one.steady
        ]


def _can_be_reached(aws: Sandbox, applied: Applied, body: Any) -> bool:
    """Whether all target groups of a service are on a load balancer: those of a Network Load
    Balancer are put there by hand, by its listeners."""
    for entry in body.get("loadBalancers", ()):
        arn = applied.known.get(entry["targetGroupArn"], "")
        group = aws.world.elb.groups.get(arn)
        if group is not None and group.body["Protocol"] not in ("HTTP", "HTTPS"):
            return False
    return True
