"""Every body that is written keeps the rules that AWS documents, and the files fit together."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.aws.documented import faults
from tests.aws.projects import FIXTURES, FOLDERS, TARGETS, name_of, written

GOOD = FIXTURES / "projects/aws-shop"
TASK = "task-definitions/shop-front"
SERVICE = "services/shop-front"
GROUP = "target-groups/shop-front"
RULE = "listener-rules/shop-front-8081"


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
@pytest.mark.parametrize("aim", TARGETS)
def test_aws_refuses_nothing(folder: Path, aim: str) -> None:
    files = written(folder, aim)
    if files is not None:
        assert faults(files.bodies) == []


def broken(path: str, value: Any) -> list[str]:
    """The faults of a good project in which one value was changed; None takes it away."""
    files = written(GOOD, "given")
    assert files is not None
    assert faults(files.bodies) == []
    bodies = copy.deepcopy(files.bodies)
    kind, name, *steps = path.split("/")
    place: Any = bodies[kind][name]
    *way, last = (int(step) if step.isdigit() else step for step in steps)
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return faults(bodies)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (f"{TASK}/tags/0/key", "aws:x", "tag aws:x is AWS's own"),
        (f"{TASK}/tags/0/key", "cost-centre", "tags ['cost-centre'] are given twice"),
        ("log-groups/shop/logGroupName", "aws/x", "log groups called aws/"),
        ("log-group-retention/shop/retentionInDays", 8, "cannot be kept for 8 days"),
        (f"{TASK}/family", "shop.front", "'shop.front' is no name"),
        (f"{TASK}/executionRoleArn", None, "secrets need an execution role"),
        (f"{TASK}/memory", "64", "may use more than its 64 MiB"),
        (f"{TASK}/volumes/0/host", {}, "is of several kinds"),
        (f"{TASK}/volumes/0/name", "x", "no volume shop_themes"),
        (f"{TASK}/containerDefinitions/0/essential", False, "no container is essential"),
        (f"{TASK}/containerDefinitions/0/image", "a b", "'a b' is no image"),
        (f"{TASK}/containerDefinitions/0/memory", 5, "memory 5, reserved 256"),
        (f"{TASK}/containerDefinitions/0/links", ["x"], "link x leads nowhere"),
        (f"{TASK}/containerDefinitions/0/links", ["front"], "a circle of ['front']"),
        (
            f"{TASK}/containerDefinitions/0/portMappings/0/containerPort",
            8081,
            "8081 is mapped twice",
        ),
        (f"{TASK}/containerDefinitions/0/portMappings/0/name", "front-8081", "are named twice"),
        (f"{TASK}/containerDefinitions/0/portMappings/0/name", "-a", "'-a' is no name of a port"),
        (f"{TASK}/containerDefinitions/0/healthCheck/interval", 4, "health check interval 4"),
        (
            f"{TASK}/containerDefinitions/0/healthCheck/command",
            ["a", "b"],
            "health check ['a', 'b']",
        ),
        (f"{TASK}/containerDefinitions/0/environment/0/name", "STRIPE_KEY", "is given twice"),
        (
            f"{TASK}/containerDefinitions/0/dependsOn",
            [{"containerName": "front", "condition": "SUCCESS"}],
            "front is essential",
        ),
        (
            "task-definitions/shop-report/containerDefinitions/0/dependsOn",
            [{"containerName": "fonts", "condition": "HEALTHY"}],
            "fonts has no health check",
        ),
        (f"{SERVICE}/taskDefinition", "x", "no task definition x"),
        (f"{SERVICE}/desiredCount", None, "how many?"),
        (f"{SERVICE}/schedulingStrategy", "DAEMON", "a daemon has no desired count"),
        (f"{SERVICE}/deploymentConfiguration/maximumPercent", 0, "between 0 and 0 %"),
        (f"{SERVICE}/availabilityZoneRebalancing", None, "cannot be moved between zones"),
        (f"{SERVICE}/placementStrategy", [{"type": "binpack"}], "strategy binpack None"),
        (f"{SERVICE}/placementConstraints", [{"type": "memberOf"}], "constraint"),
        (f"{SERVICE}/role", "x", "a role with 2 target groups"),
        (f"{SERVICE}/loadBalancers/0/containerPort", 1, "front has no port 1"),
        (f"{SERVICE}/loadBalancers/0/targetGroupArn", "<x>", "nothing makes <x>"),
        (f"{SERVICE}/enableExecuteCommand", True, "commands need a task role"),
        (f"{SERVICE}/serviceConnectConfiguration/namespace", "x", "no namespace x"),
        (
            f"{SERVICE}/serviceConnectConfiguration/services/0/portName",
            "front-8081",
            "endpoint front-8081 is there twice",
        ),
        (f"{GROUP}/Name", "shop_front", "'shop_front' is no name"),
        (f"{GROUP}/Name", "shop-catalog", "target group shop-catalog is there twice"),
        (f"{GROUP}/TargetType", "ip", "targets by ip with bridge"),
        (f"{GROUP}/HealthCheckPort", "80", "checked where the traffic goes"),
        (f"{GROUP}/HealthCheckTimeoutSeconds", 10, "must end before the next one"),
        (f"{GROUP}/Matcher/HttpCode", "200-500", "codes 200-500"),
        (f"{GROUP}/HealthCheckPath", "x", "path x"),
        ("target-group-attributes/shop-front/Attributes/0/Value", "3601", "timeout_seconds 3601"),
        ("listener-rules/shop-front/Priority", 20, "priority 20 is given twice"),
        (f"{RULE}/Conditions/0/HostHeaderConfig/Values/0", "localhost", "host-header 'localhost'"),
        (f"{RULE}/Conditions/1/PathPatternConfig/Values", ["/a", "/b", "/c"], "6 values"),
        (f"{RULE}/Conditions/1/PathPatternConfig/Values/0", "/a b", "path-pattern '/a b'"),
        (f"{RULE}/Conditions/1/PathPatternConfig/Values/0", "/" + "a" * 128, "value '/aaa"),
        (f"{RULE}/Conditions/1/PathPatternConfig/Values/0", "/*****", "more than 6 wildcards"),
        (f"{RULE}/Conditions/2/SourceIpConfig/Values/0", "10.0.0.1", "source-ip '10.0.0.1'"),
        (f"{RULE}/Conditions/2/Field", "path-pattern", "two conditions on path-pattern"),
        (f"{RULE}/Actions/0/TargetGroupArn", "<x>", "nothing makes <x>"),
        (
            f"{RULE}/Transforms/0/UrlRewriteConfig/Rewrites/0/Regex",
            "^/a",
            "rewrite {'Regex': '^/a'",
        ),
        (f"{RULE}/Transforms/0/UrlRewriteConfig/Rewrites/0/Regex", "(", "rewrite {'Regex': '('"),
    ],
)
def test_faults_are_found(path: str, value: Any, said: str) -> None:
    assert any(said in fault for fault in broken(path, value)), broken(path, value)
