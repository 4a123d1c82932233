"""The files go through the real AWS CLI, in order, into an emulator; what is there then is checked.

What is run is what a user is told: `convert -o DIR` with the facts of the account, then one call
with `--cli-input-json file://` for each file, folder by folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from compose2ecs.ecs.model import KINDS
from tests.aws.operations import OPERATIONS
from tests.aws.projects import FIXTURES
from tests.conftest import ROOT

REGION = "eu-west-1"
REGISTRY = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/team"
EMULATOR = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print("http://%s:%d" % server.get_host_and_port(), flush=True)
sys.stdin.read()
server.stop()
"""


class Account(NamedTuple):
    """An account on the emulator, with what a stack is put on."""

    environment: dict[str, str]
    vpc: str
    listener: str

    def client(self, service: Any) -> Any:
        return connect(service, self.environment)


def connect(service: Any, environment: dict[str, str]) -> Any:
    return boto3.session.Session().client(
        service,
        region_name=REGION,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


@pytest.fixture(scope="module")
def aws() -> str:
    """The AWS CLI."""
    beside = Path(sys.executable).with_name("aws")
    found = str(beside) if beside.exists() else shutil.which("aws")
    if found is None:
        pytest.skip("the AWS CLI is not installed (pip install awscli)")
    return found


@pytest.fixture(scope="module")
def account(aws: str) -> Iterator[Account]:
    """An emulator that ends when its standard input does, whatever happens here."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "COMPOSE_", "COMPOSE2ECS_", "MOTO_"))
        and not name.lower().endswith("_proxy")
    }
    with subprocess.Popen(
        [sys.executable, "-c", EMULATOR],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=kept,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address, "the emulator did not start"
            environment = {
                **kept,
                "AWS_ENDPOINT_URL": address,
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_PAGER": "",
            }
            yield prepared(environment)
        finally:
            process.stdin.close()
            process.wait(30)


def prepared(environment: dict[str, str]) -> Account:
    """A cluster, a network, and a load balancer with a listener that answers 404."""
    ec2, elb = connect("ec2", environment), connect("elbv2", environment)
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")
        for n, zone in enumerate("ab")
    ]
    balancer = elb.create_load_balancer(
        Name="qa", Subnets=[subnet["Subnet"]["SubnetId"] for subnet in subnets]
    )
    listener = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )
    connect("ecs", environment).create_cluster(clusterName="qa")
    return Account(environment, vpc, listener["Listeners"][0]["ListenerArn"])


def convert(project: str, account: Account, folder: Path) -> None:
    """`compose2ecs convert -o`, as a user runs it in the folder of the project."""
    done = subprocess.run(
        [sys.executable, "-m", "compose2ecs", "convert", "-o", str(folder), "--cluster", "qa"]
        + ["--region", REGION, "--vpc", account.vpc, "--listener", account.listener]
        + ["--registry", REGISTRY],
        cwd=FIXTURES / "projects" / project,
        env={**account.environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def deploy(aws: str, account: Account, folder: Path) -> None:
    """One call for each file, in the order of KINDS; ARNs are filled in as they come up."""

    def call(file: Path) -> str:
        operation = OPERATIONS[file.parent.name]
        done = subprocess.run(
            [aws, operation.service, operation.word, "--cli-input-json", f"file://{file}"],
            env=account.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{file}: {done.stderr}"
        return done.stdout

    with ThreadPoolExecutor(2) as pool:
        for kind in KINDS:
            files = sorted((folder / kind).glob("*.json"))
            answers = list(pool.map(call, files))
            if kind == "target-groups":
                for file, answer in zip(files, answers, strict=True):
                    arn = json.loads(answer)["TargetGroups"][0]["TargetGroupArn"]
                    fill(folder, f"<target-group-arn:{file.stem}>", arn)


def fill(folder: Path, placeholder: str, value: str) -> None:
    for file in folder.glob("*/*.json"):
        text = file.read_text(encoding="utf-8")
        if placeholder in text:
            file.write_text(text.replace(placeholder, value), encoding="utf-8")


def bodies(folder: Path, kind: str) -> list[Any]:
    return [json.loads(file.read_text()) for file in sorted((folder / kind).glob("*.json"))]


def lost(written: Any, made: Any, path: str = "") -> list[str]:
    """Where what was made is not what the file says; more than that may be there."""
    if isinstance(written, dict) and isinstance(made, dict):
        return [
            fault
            for key, value in written.items()
            for fault in lost(value, made.get(key), f"{path}.{key}")
        ]
    if isinstance(written, list) and isinstance(made, list) and len(written) == len(made):
        return [
            fault
            for number, (one, other) in enumerate(zip(written, made, strict=True))
            for fault in lost(one, other, f"{path}[{number}]")
        ]
    return [] if written == made else [f"{path}: {made!r}, not {written!r}"]


def without(body: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in keys}


# What each kind of file made. The emulator keeps neither deployment settings nor transforms.


def check_logs(folder: Path, account: Account) -> None:
    logs = account.client("logs")
    groups = {group["logGroupName"]: group for group in logs.describe_log_groups()["logGroups"]}
    for body in bodies(folder, "log-groups"):
        arn = groups[body["logGroupName"]]["arn"].removesuffix(":*")
        assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == body["tags"]
    for body in bodies(folder, "log-group-retention"):
        assert lost(body, groups[body["logGroupName"]]) == []


def check_namespaces(folder: Path, account: Account) -> None:
    found = account.client("servicediscovery").list_namespaces()["Namespaces"]
    types = {namespace["Name"]: namespace["Type"] for namespace in found}
    for body in bodies(folder, "namespaces"):
        assert types[body["Name"]] == "HTTP"


def check_tasks(folder: Path, account: Account) -> None:
    ecs = account.client("ecs")
    for body in bodies(folder, "task-definitions"):
        made = ecs.describe_task_definition(taskDefinition=body["family"], include=["TAGS"])
        assert lost(without(body, "tags"), made["taskDefinition"]) == []
        assert made["tags"] == body["tags"]


def check_services(folder: Path, account: Account) -> None:
    ecs = account.client("ecs")
    for body in bodies(folder, "services"):
        (made,) = ecs.describe_services(
            cluster="qa", services=[body["serviceName"]], include=["TAGS"]
        )["services"]
        assert made["clusterArn"].endswith(":cluster/qa")
        assert made["taskDefinition"].endswith(f":task-definition/{body['taskDefinition']}:1")
        for key in ("desiredCount", "loadBalancers", "schedulingStrategy", "propagateTags", "tags"):
            if key in body:
                assert made[key] == body[key], key


def check_target_groups(folder: Path, account: Account) -> None:
    elb = account.client("elbv2")
    for body in bodies(folder, "target-groups"):
        (made,) = elb.describe_target_groups(Names=[body["Name"]])["TargetGroups"]
        assert lost(without(body, "Name", "Tags"), made) == []
        assert made["VpcId"] == account.vpc
        (tags,) = elb.describe_tags(ResourceArns=[made["TargetGroupArn"]])["TagDescriptions"]
        assert tags["Tags"] == body["Tags"]
    for body in bodies(folder, "target-group-attributes"):
        arn = body["TargetGroupArn"]
        made = elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
        assert [attribute for attribute in body["Attributes"] if attribute not in made] == []


def check_rules(folder: Path, account: Account) -> None:
    elb = account.client("elbv2")
    rules = elb.describe_rules(ListenerArn=account.listener)["Rules"]
    made = {rule["Priority"]: rule for rule in rules if not rule["IsDefault"]}
    written = bodies(folder, "listener-rules")
    # the listener is shared, so rules of other projects may be there too
    assert {str(body["Priority"]) for body in written} <= set(made)
    for body in written:
        rule = made[str(body["Priority"])]
        assert lost({key: body[key] for key in ("Conditions", "Actions")}, rule) == []
        (tags,) = elb.describe_tags(ResourceArns=[rule["RuleArn"]])["TagDescriptions"]
        assert tags["Tags"] == body["Tags"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("project", "kinds"),
    [
        (
            "two-of-everything",
            {"log-groups", "log-group-retention", "namespaces", "task-definitions", "services"}
            | {"target-groups", "target-group-attributes", "listener-rules"},
        ),
        (
            "aws-shop",
            {"log-groups", "log-group-retention", "namespaces", "task-definitions", "services"}
            | {"target-groups", "target-group-attributes", "listener-rules"},
        ),
        ("aws-workers", {"log-groups", "namespaces", "task-definitions", "services"}),
    ],
)
def test_the_cli_takes_every_file(
    project: str, kinds: set[str], aws: str, account: Account, tmp_path: Path
) -> None:
    folder = tmp_path / "ecs"
    convert(project, account, folder)
    assert {path.name for path in folder.iterdir() if path.is_dir()} == kinds
    deploy(aws, account, folder)
    text = "".join(path.read_text() for path in folder.glob("*/*.json"))
    assert re.search(r'"<[a-z-]+(:[^>]*)?>"', text) is None  # a placeholder that is still there
    check_logs(folder, account)
    check_namespaces(folder, account)
    check_tasks(folder, account)
    check_services(folder, account)
    if "listener-rules" in kinds:
        check_target_groups(folder, account)
        check_rules(folder, account)


def test_what_is_lost_is_found() -> None:
    written = {"a": [{"b": 1}, {"b": 2}], "c": {"d": "e"}, "f": [1]}
    made = {"a": [{"b": 1, "x": 0}, {"b": 3}], "c": {}, "f": [1, 2], "y": 0}
    assert lost(written, made) == [
        ".a[1].b: 3, not 2",
        ".c.d: None, not 'e'",
        ".f: [1, 2], not [1]",
    ]
