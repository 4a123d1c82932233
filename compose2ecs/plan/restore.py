"""A service back to what it was before a run changed it.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compose2ecs.plan import normalise, tags
from compose2ecs.plan.model import Body, Plan

_OURS = ("service", "taskDefinition", "forceNewDeployment")


def restoring(plan: Plan, before: Mapping[str, Any]) -> Body:
    """The UpdateService body that takes back what the plan changed of a service: its revision, and
    every field that was sent. Target groups that the plan deleted do not come back."""
    name = before["serviceName"]
    calls = [call for call in plan.calls if call.operation == "update-service"]
    sent = next((call.body for call in calls if call.body["service"] == name), {})
    primary: Mapping[str, Any] = next(
        (d for d in before.get("deployments", ()) if d.get("status") == "PRIMARY"), {}
    )
    body: Body = {"service": name, "taskDefinition": before["taskDefinition"]}
    gone = {c.body["arn"] for c in plan.calls if c.operation == "delete-target-group"}
    for key in sent:
        if key in _OURS:
            continue
        value = before.get(key)
        if value is None:
            value = primary.get(key)
        if key == "loadBalancers" and any(b.get("targetGroupArn") in gone for b in value or ()):
            continue
        body[key] = normalise.reset(key) if value is None else value
    return body


def noted(before: Mapping[str, Any]) -> dict[str, str]:
    """The tags with which the next run finds what is to be changed again."""
    said = tags.of_ecs(before)
    return {key: said[key] for key in (tags.HASH, tags.REVISION) if key in said}
