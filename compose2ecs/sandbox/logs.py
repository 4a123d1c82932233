"""CloudWatch Logs: groups, retention, and the lines that containers wrote.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
"""

from __future__ import annotations

from collections.abc import Callable

from compose2ecs.sandbox import tags
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.paging import page
from compose2ecs.sandbox.refuse import refuse
from compose2ecs.sandbox.states import LogGroup, Stream
from compose2ecs.sandbox.world import Body, Handler, World

_CODE = "InvalidParameterException"
_PAGE = 50
_EVENTS = 10_000


def _missing(what: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"The specified {what} does not exist.")


def _arn(world: World, name: str) -> str:
    return world.arn("logs", f"log-group:{name}")


def _group(world: World, asked: Body) -> LogGroup:
    name = asked.get("logGroupName") or _named(asked.get("logGroupIdentifier", ""))
    found = world.logs.groups.get(name)
    if found is None:
        raise _missing("log group")
    return found


def _named(arn: str) -> str:
    """The name in a log group's ARN, which may end in `:*`."""
    if not arn.startswith("arn:"):
        return arn
    name = arn.split(":", 6)[-1]
    return name[:-2] if name.endswith(":*") else name


# ---------------------------------------------------------------------------- groups


def create_group(world: World, asked: Body) -> Body:
    """CreateLogGroup: once."""
    refuse("log-groups", asked, {}, _CODE)
    name = asked["logGroupName"]
    if name in world.logs.groups:
        raise AwsError("ResourceAlreadyExistsException", "The specified log group already exists")
    if len(world.logs.groups) >= world.quotas["log groups"]:
        raise AwsError("LimitExceededException", "Resource limit exceeded.")
    given = asked.get("tags", {})
    tags.check(given, _CODE)
    tags.added({}, given, _CODE)
    world.logs.groups[name] = LogGroup(name, int(world.now * 1000), dict(given))
    return {}


def delete_group(world: World, asked: Body) -> Body:
    """DeleteLogGroup."""
    del world.logs.groups[_group(world, asked).name]
    return {}


def describe_groups(world: World, asked: Body) -> Body:
    """DescribeLogGroups: by name, 50 at a time."""
    prefix, pattern = asked.get("logGroupNamePrefix", ""), asked.get("logGroupNamePattern", "")
    if prefix and pattern:
        raise AwsError(_CODE, "LogGroup name prefix and pattern exclude each other")
    exact = {_named(one) for one in asked.get("logGroupIdentifiers", ())}
    found = [
        one
        for name, one in sorted(world.logs.groups.items())
        if name.startswith(prefix)
        and pattern.lower() in name.lower()
        and (not exact or name in exact)
    ]
    items, token = page(found, asked.get("limit", _PAGE), asked.get("nextToken"), _CODE)
    return {"logGroups": [_described(world, one) for one in items], "nextToken": token}


def _described(world: World, group: LogGroup) -> Body:
    arn = _arn(world, group.name)
    return {
        "logGroupName": group.name,
        "creationTime": group.created,
        "retentionInDays": group.days,
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
    }


def put_retention(world: World, asked: Body) -> Body:
    """PutRetentionPolicy."""
    group = _group(world, asked)
    refuse("log-group-retention", asked, {}, _CODE)
    group.days = asked["retentionInDays"]
    return {}


def delete_retention(world: World, asked: Body) -> Body:
    """DeleteRetentionPolicy: logs are kept for ever."""
    _group(world, asked).days = None
    return {}


# ---------------------------------------------------------------------------- tags


def _tagged(world: World, asked: Body) -> LogGroup:
    arn = asked.get("resourceArn", "")
    if arn.endswith(":*"):
        raise AwsError(_CODE, "The resource ARN must not end in ':*'.")
    return _group(world, {"logGroupName": asked.get("logGroupName") or _named(arn)})


def tag(world: World, asked: Body) -> Body:
    """TagResource and TagLogGroup."""
    group = _tagged(world, asked)
    tags.check(asked["tags"], _CODE)
    group.tags = tags.added(group.tags, asked["tags"], "TooManyTagsException")
    return {}


def untag(world: World, asked: Body) -> Body:
    """UntagResource and UntagLogGroup."""
    group = _tagged(world, asked)
    for key in asked.get("tagKeys") or asked.get("tags", ()):
        group.tags.pop(key, None)
    return {}


def list_tags(world: World, asked: Body) -> Body:
    """ListTagsForResource and ListTagsLogGroup."""
    return {"tags": dict(_tagged(world, asked).tags)}


# ---------------------------------------------------------------------------- streams, events


def create_stream(world: World, asked: Body) -> Body:
    """CreateLogStream."""
    group = _group(world, asked)
    name = asked["logStreamName"]
    if name in group.streams:
        raise AwsError("ResourceAlreadyExistsException", "The specified log stream already exists")
    group.streams[name] = Stream(int(world.now * 1000))
    return {}


def write(world: World, group: str, stream: str, lines: tuple[str, ...]) -> None:
    """Write lines now, as a container does; the group must be there."""
    found = world.logs.groups[group].streams.setdefault(stream, Stream(int(world.now * 1000)))
    found.events += [(int(world.now * 1000), line) for line in lines]


def put_events(world: World, asked: Body) -> Body:
    """PutLogEvents."""
    group = _group(world, asked)
    stream = group.streams.get(asked["logStreamName"])
    if stream is None:
        raise _missing("log stream")
    stream.events += [(one["timestamp"], one["message"]) for one in asked["logEvents"]]
    return {"nextSequenceToken": world.id()}


def describe_streams(world: World, asked: Body) -> Body:
    """DescribeLogStreams: by name, or by the time of the last event."""
    group = _group(world, asked)
    prefix = asked.get("logStreamNamePrefix", "")
    found = [(name, one) for name, one in group.streams.items() if name.startswith(prefix)]
    if asked.get("orderBy") == "LastEventTime":
        if prefix:
            raise AwsError(_CODE, "Cannot order by LastEventTime with a logStreamNamePrefix.")
        found.sort(key=lambda pair: pair[1].events[-1][0] if pair[1].events else 0)
    else:
        found.sort()
    if asked.get("descending"):
        found.reverse()
    items, token = page(found, asked.get("limit", _PAGE), asked.get("nextToken"), _CODE)
    return {"logStreams": [_stream(world, group, *one) for one in items], "nextToken": token}


def _stream(world: World, group: LogGroup, name: str, stream: Stream) -> Body:
    body: Body = {
        "logStreamName": name,
        "creationTime": stream.created,
        "arn": f"{_arn(world, group.name)}:log-stream:{name}",
        "storedBytes": 0,
    }
    if stream.events:
        body["firstEventTimestamp"] = stream.events[0][0]
        body["lastEventTimestamp"] = body["lastIngestionTime"] = stream.events[-1][0]
    return body


def get_events(world: World, asked: Body) -> Body:
    """GetLogEvents: pages go on for ever, and end when the token stays the same."""
    stream = _group(world, asked).streams.get(asked["logStreamName"])
    if stream is None:
        raise _missing("log stream")
    since, until = asked.get("startTime", 0), asked.get("endTime")
    events = [one for one in stream.events if one[0] >= since and (until is None or one[0] < until)]
    size = asked.get("limit", _EVENTS)
    token = asked.get("nextToken", "")
    start = 0 if asked.get("startFromHead") else max(len(events) - size, 0)
    if token:
        side, _, number = token.partition("/")
        if side not in ("f", "b") or not number.isdigit():
            raise AwsError(_CODE, "The specified nextToken is invalid.")
        start = int(number) if side == "f" else max(int(number) - size, 0)
    end = min(start + size, len(events))
    ingested = int(world.now * 1000)
    return {
        "events": [
            {"timestamp": when, "message": text, "ingestionTime": ingested}
            for when, text in events[start:end]
        ],
        "nextForwardToken": f"f/{end}",
        "nextBackwardToken": f"b/{start}",
    }


def filter_events(world: World, asked: Body) -> Body:
    """FilterLogEvents: over all streams of a group, or some, in order of time."""
    group = _group(world, asked)
    names, prefix = asked.get("logStreamNames"), asked.get("logStreamNamePrefix", "")
    if names and prefix:
        raise AwsError(_CODE, "logStreamNames and logStreamNamePrefix exclude each other.")
    if names and not group.streams.keys() >= set(names):
        raise _missing("log stream")
    since, until = asked.get("startTime", 0), asked.get("endTime")
    matches = _matcher(asked.get("filterPattern", ""))
    found = sorted(
        (when, name, number, text)
        for name, stream in group.streams.items()
        if (not names or name in names) and name.startswith(prefix)
        for number, (when, text) in enumerate(stream.events)
        if when >= since and (until is None or when <= until) and matches(text)
    )
    items, token = page(found, asked.get("limit", _EVENTS), asked.get("nextToken"), _CODE)
    ingested = int(world.now * 1000)
    events = [
        {
            "logStreamName": name,
            "timestamp": when,
            "message": text,
            "ingestionTime": ingested,
            "eventId": f"{when:020d}{name}{number:08d}",
        }
        for when, name, number, text in items
    ]
    return {"events": events, "searchedLogStreams": [], "nextToken": token}


def _matcher(pattern: str) -> Callable[[str], bool]:
    """What a plain pattern matches: lines with all of its words, or with a quoted text."""
    pattern = pattern.strip()
    if len(pattern) > 1 and pattern[0] == pattern[-1] == '"':
        return lambda text: pattern[1:-1] in text
    words = pattern.split()
    return lambda text: all(word in text for word in words)


OPERATIONS: dict[str, Handler] = {
    "CreateLogGroup": create_group,
    "DeleteLogGroup": delete_group,
    "DescribeLogGroups": describe_groups,
    "PutRetentionPolicy": put_retention,
    "DeleteRetentionPolicy": delete_retention,
    "TagResource": tag,
    "UntagResource": untag,
    "ListTagsForResource": list_tags,
    "TagLogGroup": tag,
    "UntagLogGroup": untag,
    "ListTagsLogGroup": list_tags,
    "CreateLogStream": create_stream,
    "PutLogEvents": put_events,
    "DescribeLogStreams": describe_streams,
    "GetLogEvents": get_events,
    "FilterLogEvents": filter_events,
}
