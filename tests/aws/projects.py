"""The projects of fixtures/, translated for several targets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from compose2ecs import Report, load, translate, write
from compose2ecs.api import target
from compose2ecs.compose.files import Disk
from compose2ecs.report import InputError
from tests.conftest import ROOT

FIXTURES = ROOT / "fixtures"
FOLDERS = sorted(
    {
        path.parent
        for tree in ("projects", "seeds", "corpus")
        for name in ("compose.yaml", "compose.yml")
        for path in (FIXTURES / tree).rglob(name)
    }
)
GIVEN: Mapping[str, str] = MappingProxyType(
    {
        "cluster": "qa",
        "region": "eu-west-1",
        "vpc": "vpc-0123456789abcdef0",
        "listener": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/qa/1a2b/3c4d",
        "registry": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team",
    }
)
# What a user may say, from nothing to everything; whatever it is, AWS takes what comes of it.
TARGETS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "bare": {},
        "given": GIVEN,
        "domain": {**GIVEN, "domain": "qa.example.com"},
        "direct": {**GIVEN, "listener": "none"},
        "single": {**GIVEN, "layout": "single"},
        "links": {**GIVEN, "discovery": "links"},
        "connected": {**GIVEN, "discovery": "service-connect"},
        "fargate": {**GIVEN, "launch_type": "FARGATE", "subnets": "subnet-1,subnet-2"},
        "fargate spot": {**GIVEN, "launch_type": "FARGATE_SPOT", "subnets": "subnet-1"},
        "fargate single": {
            **GIVEN,
            "launch_type": "FARGATE",
            "layout": "single",
            "subnets": "subnet-1",
        },
        "ec2": {**GIVEN, "launch_type": "EC2"},
        "long names": {**GIVEN, "names": "quality-assurance_of-{project}-{stack}_{service}"},
    }
)


class Written(NamedTuple):
    """What `convert -o` writes, by folder and file name, and what it leaves to be filled in."""

    bodies: Mapping[str, Mapping[str, Any]]
    text: str
    placeholders: Mapping[str, str]


def name_of(folder: Path) -> str:
    return str(folder.relative_to(FIXTURES))


@cache
def written(folder: Path, aim: str = "bare") -> Written | None:
    """The files of a project for one of the targets; None where it has errors for it."""
    report = Report()
    try:
        project = load(files=Disk(str(folder)), environment={}, report=report)
        stack = translate(project, target(project, report=report, **TARGETS[aim]), report)
    except InputError:
        return None
    texts = write(stack)
    bodies: dict[str, dict[str, Any]] = {}
    for path, text in texts.items():
        kind, _, file = path.partition("/")
        bodies.setdefault(kind, {})[file.removesuffix(".json")] = json.loads(text)
    return Written(bodies, "".join(texts.values()), stack.placeholders)
