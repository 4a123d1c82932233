"""What a service says of itself: the last hundred messages, newest first.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
"""

from __future__ import annotations

from collections.abc import Sequence

from compose2ecs.sandbox.ecs.placement import Unplaced
from compose2ecs.sandbox.ecs.state import Service, Task
from compose2ecs.sandbox.world import World

_KEPT = 100
_AGAIN = 6 * 3600.0  # seconds until the same complaint is repeated
_MORE = " For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
_PLACING = "was unable to place a task because no container instance met all of its requirements."
_REASONS = {
    "RESOURCE:MEMORY": "The closest matching container-instance {} has insufficient memory available.",
    "RESOURCE:CPU": "The closest matching container-instance {} has insufficient CPU units available.",
    "RESOURCE:PORTS": "The closest matching container-instance {} is already using a port required "
    "by your task.",
    "ATTRIBUTE": "The closest matching container-instance {} is missing an attribute required by "
    "your task.",
}
STEADY = "has reached a steady state."
STUCK = (
    "was unable to stop or start tasks during a deployment because of the service deployment "
    "configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
)
FAILING = "is unable to consistently start tasks successfully." + _MORE


def say(world: World, service: Service, text: str) -> None:
    """Add a message."""
    message = f"(service {service.name}) {text}"
    service.events.insert(0, {"id": world.id(), "createdAt": world.now, "message": message})
    del service.events[_KEPT:]


def say_once(world: World, service: Service, text: str) -> None:
    """Add a message, unless it was said since its cause was last resolved."""
    before = service.said.get(text)
    if before is None or world.now - before >= _AGAIN:
        service.said[text] = world.now
        say(world, service, text)


def listed(tasks: Sequence[Task]) -> str:
    """Tasks as messages name them."""
    return " ".join(f"(task {task.id})" for task in tasks)


def unplaced(found: Unplaced) -> str:
    """Why a task could not be placed."""
    if found.reason == "FARGATE":
        return (
            "was unable to place a task. Reason: You've reached the limit on the number of vCPUs "
            "you can run concurrently."
        )
    if found.instance is None:
        why = "Reason: No Container Instances were found in your cluster."
    else:
        other = f'The closest matching container-instance {{}} encountered error "{found.reason}".'
        why = _REASONS.get(found.reason, other).format(found.instance.id)
    return f"{_PLACING} {why}{_MORE}"
