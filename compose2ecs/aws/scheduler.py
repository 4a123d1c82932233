"""EventBridge Scheduler: tasks that run by the clock.

Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs.aws.session import Caller, pages
from compose2ecs.plan.errors import AwsError

Body = dict[str, Any]


class Scheduler:
    """The schedules of one account. All methods raise AwsError."""

    def __init__(self, aws: Caller) -> None:
        self._aws = aws

    def schedules(self, prefix: str, group: str = "default") -> list[Body]:
        """Summaries of the schedules whose name begins so: `Name`, `Arn`, `State`."""
        return [
            entry
            for entry in pages(
                self._aws,
                "scheduler",
                "ListSchedules",
                "Schedules",
                NamePrefix=prefix,
                GroupName=group,
            )
            if isinstance(entry, dict)
        ]

    def schedule(self, name: str, group: str = "default") -> Body | None:
        """A schedule in full."""
        try:
            return self._aws.call("scheduler", "GetSchedule", Name=name, GroupName=group)
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return None
            raise

    def create(self, body: Body) -> None:
        """Make a schedule. Raises AwsError `ConflictException` where there is one."""
        self._aws.call("scheduler", "CreateSchedule", **body)

    def update(self, body: Body) -> None:
        """Put another in its place: what the body does not say goes back to its default."""
        self._aws.call("scheduler", "UpdateSchedule", **body)

    def delete(self, name: str, group: str = "default") -> None:
        """Delete a schedule; one that is gone is no error."""
        try:
            self._aws.call("scheduler", "DeleteSchedule", Name=name, GroupName=group)
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                raise
