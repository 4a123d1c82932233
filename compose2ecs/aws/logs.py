"""CloudWatch Logs: log groups, and what containers wrote.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from compose2ecs.aws.session import Caller, pages
from compose2ecs.plan.errors import AwsError

Body = dict[str, Any]


class Logs:
    """The logs of one account. All methods raise AwsError."""

    def __init__(self, aws: Caller) -> None:
        self._aws = aws

    def create_group(self, body: Body) -> bool:
        """Make a log group; False where it is there already."""
        try:
            self._aws.call("logs", "CreateLogGroup", **body)
        except AwsError as error:
            if error.code != "ResourceAlreadyExistsException":
                raise
            return False
        return True

    def put_retention(self, body: Body) -> None:
        """Set how many days a group keeps what it is given."""
        self._aws.call("logs", "PutRetentionPolicy", **body)

    def group(self, name: str) -> Body | None:
        """A group by its exact name: `arn`, `retentionInDays`."""
        for entry in pages(
            self._aws, "logs", "DescribeLogGroups", "logGroups", logGroupNamePrefix=name
        ):
            if isinstance(entry, dict) and entry["logGroupName"] == name:
                return entry
        return None

    def tags(self, arn: str) -> dict[str, str]:
        """The tags of a group, by its ARN."""
        answer = self._aws.call("logs", "ListTagsForResource", resourceArn=arn.removesuffix(":*"))
        return dict(answer.get("tags", {}))

    def delete_group(self, name: str) -> None:
        """Delete a group with all that is in it; one that is gone is no error."""
        try:
            self._aws.call("logs", "DeleteLogGroup", logGroupName=name)
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                raise

    def events(
        self,
        group: str,
        *,
        streams: Sequence[str] = (),
        prefix: str | None = None,
        start: int | None = None,
        end: int | None = None,
        pattern: str | None = None,
    ) -> Iterator[Body]:
        """Lines in the order of their time: `timestamp` (milliseconds), `logStreamName`, `message`,
        `eventId`. `streams` (up to 100) or a `prefix` of their names choose the containers; `start`
        and `end` are milliseconds since 1970. Page by page as they are asked for."""
        chosen = {
            "logStreamNames": list(streams) or None,
            "logStreamNamePrefix": prefix,
            "startTime": start,
            "endTime": end,
            "filterPattern": pattern,
        }
        body = {key: value for key, value in chosen.items() if value is not None}
        for entry in pages(
            self._aws, "logs", "FilterLogEvents", "events", logGroupName=group, **body
        ):
            if isinstance(entry, dict):
                yield entry

    def last(self, group: str, stream: str, number: int) -> list[Body]:
        """The last lines of one stream, oldest first; none where there is no such stream."""
        try:
            answer = self._aws.call(
                "logs",
                "GetLogEvents",
                logGroupName=group,
                logStreamName=stream,
                limit=number,
                startFromHead=False,
            )
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return []
            raise
        return list(answer["events"])
