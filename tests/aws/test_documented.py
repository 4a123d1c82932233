"""Every body that is written keeps the rules that AWS documents, and the files fit together."""

from __future__ import annotations

import copy
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from compose2ecs import InputError, Report, load, translate
from compose2ecs.api import target
from compose2ecs.compose.files import Disk
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
    else:  # it is refused, and not because of what we made of it
        assert not {code for code in errors(folder, aim) if re.fullmatch(r"D\d\d\d", code)}


def errors(folder: Path, aim: str) -> set[str]:
    """The codes of the errors of a project."""
    report = Report()
    with suppress(InputError):
        project = load(files=Disk(str(folder)), environment={}, report=report)
        translate(project, target(project, report=report, **TARGETS[aim]), report)
    return {diagnostic.code for diagnostic in report if diagnostic.severity == "error"}


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
        (f"{TASK}/tags/0/key", "aws:x", "D015 tags[0]"),
        (f"{TASK}/tags/0/key", "cost-centre", "D015 tags"),
        ("log-groups/shop/logGroupName", "aws/x", "D371 logGroupName"),
        ("log-group-retention/shop/retentionInDays", 8, "D372 retentionInDays"),
        (f"{TASK}/family", "shop.front", "D001 family"),
        (f"{TASK}/executionRoleArn", None, "D099 containerDefinitions[0].secrets"),
        (f"{TASK}/memory", "64", "D025 memory"),
        (f"{TASK}/volumes/0/host", {}, "D206 volumes[0]"),
        (f"{TASK}/volumes/0/name", "x", "D123 containerDefinitions[0].mountPoints[1].sourceVolume"),
        (f"{TASK}/containerDefinitions/0/essential", False, "D012 containerDefinitions"),
        (f"{TASK}/containerDefinitions/0/image", "a b", "D009 containerDefinitions[0].image"),
        (f"{TASK}/containerDefinitions/0/memory", 5, "D022 containerDefinitions[0].memory"),
        (f"{TASK}/containerDefinitions/0/links", ["x"], "D065 containerDefinitions[0].links[0]"),
        (f"{TASK}/containerDefinitions/0/links", ["front"], "D066 containerDefinitions"),
        (
            f"{TASK}/containerDefinitions/0/portMappings/0/containerPort",
            8081,
            "D213 containerDefinitions[0].portMappings[1].containerPort",
        ),
        (
            f"{TASK}/containerDefinitions/0/portMappings/0/name",
            "front-8081",
            "D062 containerDefinitions[0].portMappings[1].name",
        ),
        (
            f"{TASK}/containerDefinitions/0/portMappings/0/name",
            "-a",
            "D062 containerDefinitions[0].portMappings[0].name",
        ),
        (
            f"{TASK}/containerDefinitions/0/healthCheck/interval",
            4,
            "D084 containerDefinitions[0].healthCheck.interval",
        ),
        (
            f"{TASK}/containerDefinitions/0/healthCheck/command",
            ["a", "b"],
            "D086 containerDefinitions[0].healthCheck.command",
        ),
        (
            f"{TASK}/containerDefinitions/0/environment/0/name",
            "STRIPE_KEY",
            "D209 containerDefinitions[0].secrets[1].name",
        ),
        (
            f"{TASK}/containerDefinitions/0/dependsOn",
            [{"containerName": "front", "condition": "SUCCESS"}],
            "D083 containerDefinitions[0].dependsOn[0].containerName",
        ),
        (
            "task-definitions/shop-report/containerDefinitions/0/dependsOn",
            [{"containerName": "fonts", "condition": "HEALTHY"}],
            "D081 containerDefinitions[0].dependsOn[0].condition",
        ),
        (f"{SERVICE}/taskDefinition", "x", "no task definition x"),
        (f"{SERVICE}/desiredCount", None, "D301 desiredCount"),
        (f"{SERVICE}/schedulingStrategy", "DAEMON", "D159 desiredCount"),
        (
            f"{SERVICE}/deploymentConfiguration/maximumPercent",
            0,
            "D162 deploymentConfiguration.maximumPercent",
        ),
        (f"{SERVICE}/availabilityZoneRebalancing", None, "D312 availabilityZoneRebalancing"),
        (f"{SERVICE}/placementStrategy", [{"type": "binpack"}], "D161 placementStrategy[0].field"),
        (
            f"{SERVICE}/placementConstraints",
            [{"type": "memberOf"}],
            "D161 placementConstraints[0].expression",
        ),
        (f"{SERVICE}/role", "x", "D168 role"),
        (f"{SERVICE}/loadBalancers/0/containerPort", 1, "D166 loadBalancers[0].containerPort"),
        (f"{SERVICE}/loadBalancers/0/targetGroupArn", "<x>", "nothing makes <x>"),
        (f"{SERVICE}/enableExecuteCommand", True, "D321 enableExecuteCommand"),
        (f"{SERVICE}/serviceConnectConfiguration/namespace", "x", "no namespace x"),
        (
            f"{SERVICE}/serviceConnectConfiguration/services/0/portName",
            "front-8081",
            "D318 serviceConnectConfiguration.services",
        ),
        (f"{GROUP}/Name", "shop_front", "D172 Name"),
        (f"{GROUP}/Name", "shop-catalog", "D173 Name"),
        (f"{GROUP}/TargetType", "ip", "D164 loadBalancers[0].targetGroupArn"),
        (f"{GROUP}/HealthCheckPort", "80", "D177 loadBalancers[0].targetGroupArn"),
        (f"{GROUP}/HealthCheckTimeoutSeconds", 10, "D174 HealthCheckTimeoutSeconds"),
        (f"{GROUP}/Matcher/HttpCode", "200-500", "D178 Matcher.HttpCode"),
        (f"{GROUP}/HealthCheckPath", "x", "D332 HealthCheckPath"),
        (
            "target-group-attributes/shop-front/Attributes/0/Value",
            "3601",
            "D179 Attributes[0].Value",
        ),
        ("listener-rules/shop-front/Priority", 20, "D180 Priority"),
        (
            f"{RULE}/Conditions/0/HostHeaderConfig/Values/0",
            "localhost",
            "D182 Conditions[0].HostHeaderConfig.Values[0]",
        ),
        (f"{RULE}/Conditions/1/PathPatternConfig/Values", ["/a", "/b", "/c"], "D181 Conditions"),
        (
            f"{RULE}/Conditions/1/PathPatternConfig/Values/0",
            "/a b",
            "D337 Conditions[1].PathPatternConfig.Values[0]",
        ),
        (
            f"{RULE}/Conditions/1/PathPatternConfig/Values/0",
            "/" + "a" * 128,
            "D181 Conditions[1].PathPatternConfig.Values[0]",
        ),
        (f"{RULE}/Conditions/1/PathPatternConfig/Values/0", "/*****", "D181 Conditions"),
        (
            f"{RULE}/Conditions/2/SourceIpConfig/Values/0",
            "10.0.0.1",
            "D338 Conditions[2].SourceIpConfig.Values[0]",
        ),
        (f"{RULE}/Conditions/2/Field", "path-pattern", "D181 Conditions[2]"),
        (f"{RULE}/Actions/0/TargetGroupArn", "<x>", "nothing makes <x>"),
        (f"{RULE}/Actions", [{"Type": "authenticate-cognito"}], "D339 Actions"),
        (
            f"{RULE}/Actions/0",
            {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}},
            "D187 Actions[0].RedirectConfig",
        ),
        (
            f"{RULE}/Actions/0",
            {"Type": "redirect", "RedirectConfig": {"Path": "x"}},
            "D341 Actions[0].RedirectConfig.Path",
        ),
        (
            f"{RULE}/Actions/0/ForwardConfig",
            {"TargetGroups": [{"TargetGroupArn": "<x>", "Weight": 1000}]},
            "D340 Actions[0].TargetGroupArn",
        ),
        (f"{GROUP}/Protocol", "UDP", "D334 Attributes[2].Key"),
        (
            f"{RULE}/Transforms/0/UrlRewriteConfig/Rewrites/0/Regex",
            "^/a",
            "D344 Transforms[0].UrlRewriteConfig.Rewrites[0].Replace",
        ),
        (
            f"{RULE}/Transforms/0/UrlRewriteConfig/Rewrites/0/Regex",
            "(",
            "D344 Transforms[0].UrlRewriteConfig.Rewrites[0].Regex",
        ),
    ],
)
def test_faults_are_found(path: str, value: Any, said: str) -> None:
    assert any(fault.endswith(f": {said}") for fault in broken(path, value)), broken(path, value)
