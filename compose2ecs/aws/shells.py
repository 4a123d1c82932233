"""ECS Exec sessions, in the form in which the session-manager plugin wants them.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html and
https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from compose2ecs.aws.session import Account, Caller

PLUGIN = "session-manager-plugin"


def arguments(
    aws: Caller, region: str, session: Mapping[str, Any], cluster: str, task: str, runtime: str
) -> list[str]:
    """What the plugin is started with, as the AWS CLI does it: the session that ExecuteCommand
    opened, region, operation, profile, the container as a target, and ECS's endpoint. `cluster` is a
    name, `task` and `runtime` are ids."""
    target = {"Target": f"ecs:{cluster}_{task}_{runtime}"}
    return [
        json.dumps(dict(session)),
        region,
        "StartSession",
        _profile(aws),
        json.dumps(target),
        _endpoint(aws, region),
    ]


def _profile(aws: Caller) -> str:
    own = aws.where.profile if isinstance(aws, Account) else None
    return own or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or ""


def _endpoint(aws: Caller, region: str) -> str:
    if isinstance(aws, Account):
        client = aws._client("ecs", "ExecuteCommand")  # the one that opened the session
        return str(client.meta.endpoint_url)
    return f"https://ecs.{region}.amazonaws.com"
