"""Why a service does not run: what ECS, the tasks and their logs say of it.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
and https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from compose2ecs.apply.writes import Writes
from compose2ecs.plan.errors import AwsError
from compose2ecs.plan.model import Body

_LINES = 10
_ADVICE = (
    ("CannotPullContainerError", "look at the image's name and tag, and at the execution role"),
    (
        "ResourceInitializationError",
        "look at the execution role, secrets and the way to AWS's APIs",
    ),
    ("OutOfMemory", "it needs more memory: mem_limit, or deploy.resources.limits.memory"),
    ("health checks", "look at what the health check asks, and from when on it counts"),
    ("unable to place", "give it less, or the cluster more instances"),
    ("unable to assume", "look at the trust policy of the role"),
    ("security", "look at the security groups"),
)


def explain(
    writes: Writes,
    cluster: str,
    name: str,
    service: Mapping[str, Any],
    task: Mapping[str, Any],
    revision: str = "",
) -> list[str]:
    """Lines that say why: events, how the last task (of that `revision`) stopped, its last words, and
    what to do. What cannot be read is left out: the reason itself is known already."""
    try:
        return list(_explain(writes, cluster, name, service, task, revision))
    except AwsError as error:
        return [f"(more could not be read: {error})"]


def _explain(
    writes: Writes,
    cluster: str,
    name: str,
    service: Mapping[str, Any],
    task: Mapping[str, Any],
    revision: str,
) -> Iterator[str]:
    said: list[str] = []
    events = [str(e.get("message")) for e in service.get("events", ())[:5]]
    no_room = next((e for e in events if "unable to place" in e), None)
    bad = next((e for e in events if "unable" in e or "unhealthy" in e or "fail" in e), None)
    for event in dict.fromkeys(e for e in (no_room, bad) if e):
        said.append(event)
        yield event
    if no_room is not None:
        yield from free(writes, cluster)
    stopped = writes.ecs.tasks_of(cluster, name, "STOPPED")
    stopped = [t for t in stopped if t.get("taskDefinitionArn") == revision] or stopped
    if stopped:
        last = max(stopped, key=lambda t: str(t.get("stoppedAt", "")))
        for line in stopped_reasons(last):
            said.append(line)
            yield line
        yield from last_lines(writes, last, task)
    text = " ".join(said)
    yield from (f"hint: {advice}" for word, advice in _ADVICE if word in text)


def stopped_reasons(task: Mapping[str, Any]) -> Iterator[str]:
    """How a task came to its end."""
    if task.get("stoppedReason"):
        yield f"the last task stopped: {task['stoppedReason']}"
    for container in task.get("containers", ()):
        code, reason = container.get("exitCode"), container.get("reason")
        if code or reason:
            how = "".join(
                (
                    f"exit code {code}" if code is not None else "did not start",
                    f" ({reason})" if reason else "",
                )
            )
            yield f"container {container.get('name')}: {how}"
        if container.get("healthStatus") == "UNHEALTHY":
            yield f"container {container.get('name')}: its health check fails"


def last_lines(writes: Writes, task: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[str]:
    """What the containers of a stopped task wrote last, of those that failed."""
    id_ = str(task.get("taskArn", "")).rpartition("/")[2]
    failed = {c.get("name") for c in task.get("containers", ()) if c.get("exitCode") != 0}
    for container in body.get("containerDefinitions", ()):
        logs = container.get("logConfiguration", {})
        options = logs.get("options", {})
        prefix = options.get("awslogs-stream-prefix")
        if logs.get("logDriver") != "awslogs" or not prefix or container["name"] not in failed:
            continue
        stream = f"{prefix}/{container['name']}/{id_}"
        found: list[Body] = writes.logs.last(options["awslogs-group"], stream, _LINES)
        for event in found:
            yield f"{container['name']} | {str(event.get('message', '')).rstrip()}"


def free(writes: Writes, cluster: str) -> Iterator[str]:
    """What the instances of a cluster have left."""
    instances = writes.ecs.container_instances(cluster)
    if not instances:
        yield "the cluster has no instances"
    for instance in instances:
        left = {
            resource["name"]: resource.get("integerValue")
            for resource in instance.get("remainingResources", ())
        }
        id_ = instance.get("ec2InstanceId") or instance.get("containerInstanceArn")
        yield f"{id_} has {left.get('CPU', 0)} CPU units and {left.get('MEMORY', 0)} MiB free"
