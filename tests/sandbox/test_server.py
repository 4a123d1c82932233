"""The sandbox over HTTP: AWS's own command line, and processes that are ended."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from compose2ecs.sandbox import RunningClock, Sandbox
from tests.sandbox.scene import behind, container, register, routed, service

CLI = shutil.which("aws", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def environment(aws: Sandbox) -> dict[str, str]:
    """The variables of a process that talks to a new server."""
    return {"PATH": os.environ["PATH"], "HOME": "/nowhere", **aws.environment(aws.serve())}


def cli(variables: dict[str, str], *arguments: str) -> Any:
    """What AWS's command line prints, as data."""
    assert CLI is not None
    ran = subprocess.run(
        [CLI, *arguments, "--output", "json"], env=variables, capture_output=True, text=True
    )
    if ran.returncode:
        raise RuntimeError(ran.stderr.strip())
    return json.loads(ran.stdout) if ran.stdout else None


@pytest.mark.slow
@pytest.mark.skipif(CLI is None, reason="the AWS CLI is not installed")
def test_the_command_line_of_aws(aws: Sandbox, tmp_path: Path) -> None:
    variables = environment(aws)
    body = {"family": "web", "containerDefinitions": [container()], "networkMode": "bridge"}
    path = tmp_path / "web.json"
    path.write_text(json.dumps(body))
    file = f"file://{path}"
    found = cli(variables, "ecs", "register-task-definition", "--cli-input-json", file)
    assert found["taskDefinition"]["taskDefinitionArn"].endswith("task-definition/web:1")
    arn = routed(aws)
    asked = ["--cluster", aws.cluster, "--service-name", "web", "--task-definition", "web"]
    balanced = f"targetGroupArn={arn},containerName=web,containerPort=80"
    cli(
        variables,
        "ecs",
        "create-service",
        *asked,
        "--desired-count",
        "2",
        "--load-balancers",
        balanced,
    )
    with pytest.raises(RuntimeError, match=r"InvalidParameterException.* was not idempotent"):
        cli(variables, "ecs", "create-service", *asked, "--desired-count", "2")
    aws.settle()
    found = cli(variables, "elbv2", "describe-target-health", "--target-group-arn", arn)
    states = [one["TargetHealth"]["State"] for one in found["TargetHealthDescriptions"]]
    assert states == ["healthy", "healthy"]
    found = cli(variables, "ec2", "describe-subnets")["Subnets"]
    assert [one["AvailabilityZone"][-1] for one in found] == ["a", "b", "c"]


CLIENT = """
import sys, boto3
client = boto3.client(sys.argv[1])
for call in sys.argv[2:]:
    print(getattr(client, call)()["ResponseMetadata"]["HTTPStatusCode"], flush=True)
"""


def ran(variables: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """A process that makes calls by boto3."""
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, *arguments],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_a_process_can_be_ended_at_a_call(aws: Sandbox) -> None:
    variables = environment(aws)
    aws.faults.kill(2)
    process = ran(variables, "ecs", "list_clusters", "list_clusters", "list_clusters")
    aws.kills(process.pid)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (-9, "200\n")
    assert len(aws.calls) == 2


def test_two_servers_and_a_client_in_the_process_share_the_world(
    aws: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3

    first, second = aws.serve(), aws.serve()
    assert first != second
    assert all(url.startswith("http://127.0.0.1:") for url in (first, second))
    for name, value in aws.environment(first).items():
        monkeypatch.setenv(name, value)
    session = boto3.Session()
    over_http = session.client("ecs", endpoint_url=second)
    register(aws)
    assert len(over_http.list_task_definitions()["taskDefinitionArns"]) == 1
    assert session.client("elbv2").describe_load_balancers()["LoadBalancers"]
    with pytest.raises(ClientError) as caught:
        over_http.describe_task_definition(taskDefinition="nobody")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    aws.faults.lose("ListClusters", times=9)
    with pytest.raises(ConnectionClosedError):
        session.client("ecs", config=_once()).list_clusters()


def _once() -> Any:
    from botocore.config import Config

    return Config(retries={"total_max_attempts": 1})


def test_a_closed_server_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    import http.client

    with Sandbox() as aws:
        port = int(aws.serve().rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()


def test_time_can_run_by_itself() -> None:
    with Sandbox(clock=RunningClock(speed=1000)) as aws:
        arn = routed(aws)
        register(aws)
        service(aws, loadBalancers=behind(arn))
        began = time.monotonic()
        while not aws.service("web").steady:
            assert time.monotonic() - began < 10, "24 seconds of the clock are 24 ms"
            aws.clock.sleep(1)
