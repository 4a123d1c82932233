"""`compose2ecs restart`: new tasks of the same revision, in the way in which a deployment has them.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
"""

from __future__ import annotations

from collections.abc import Sequence

from compose2ecs.app.running import Running, chosen
from compose2ecs.app.settle import Update


def plan_restart(running: Running, wanted: Sequence[str] = ()) -> list[Update]:
    """What to send to replace the tasks of services: of those that are named, else of all. Raises
    AwsError, RefusedError, and Compose2EcsError where there is no such service."""
    return [
        Update(live, {"forceNewDeployment": True}, live.definition, why="its tasks are replaced")
        for live, _ in chosen(running, wanted).values()
    ]
