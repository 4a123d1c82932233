"""EventBridge Scheduler: schedules and their groups. They are kept; nothing is started by them.

Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

import re

from compose2ecs.sandbox import tags
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.identity import role_exists
from compose2ecs.sandbox.paging import page
from compose2ecs.sandbox.refuse import refuse
from compose2ecs.sandbox.world import Body, Handler, World

_CODE = "ValidationException"
_PAGE = 100
DEFAULT = "default"
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+ ){5}\S+\)")
_AT = re.compile(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)")


def _group(world: World, name: str) -> Body:
    if name == DEFAULT and DEFAULT not in world.schedules.groups:
        _new_group(world, DEFAULT)
    found = world.schedules.groups.get(name)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Schedule group {name} does not exist.", 404)
    return found


def _new_group(world: World, name: str) -> Body:
    arn = world.arn("scheduler", f"schedule-group/{name}")
    moments = {"CreationDate": world.now, "LastModificationDate": world.now}
    body = {"Arn": arn, "Name": name, "State": ACTIVE, **moments}
    world.schedules.groups[name] = body
    world.schedules.tags[arn] = {}
    return body


ACTIVE = "ACTIVE"


def _check(world: World, asked: Body) -> None:
    refuse("schedules", asked, {}, _CODE)
    schedule = asked["ScheduleExpression"]
    if not any(one.fullmatch(schedule) for one in (_RATE, _CRON, _AT)):
        raise AwsError(_CODE, f"Invalid Schedule Expression {schedule}.")
    role = asked["Target"]["RoleArn"]
    if not role_exists(world, role):
        said = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        raise AwsError(_CODE, said)
    window = asked["FlexibleTimeWindow"]
    if window["Mode"] == "FLEXIBLE" and "MaximumWindowInMinutes" not in window:
        raise AwsError(_CODE, "MaximumWindowInMinutes is required for a flexible time window.")


def create(world: World, asked: Body) -> Body:
    """CreateSchedule: once for each name and group, unless the token says that it is the same."""
    group = asked.get("GroupName", DEFAULT)
    _group(world, group)
    key = (group, asked["Name"])
    before = world.schedules.schedules.get(key)
    if before is not None:
        if asked.get("ClientToken") and before["token"] == asked["ClientToken"]:
            return {"ScheduleArn": before["Arn"]}
        raise AwsError("ConflictException", f"Schedule {asked['Name']} already exists.", 409)
    _check(world, asked)
    arn = world.arn("scheduler", f"schedule/{group}/{asked['Name']}")
    world.schedules.schedules[key] = {**_kept(asked), "Arn": arn, "GroupName": group}
    world.schedules.schedules[key] |= {
        "CreationDate": world.now,
        "LastModificationDate": world.now,
        "token": asked.get("ClientToken", ""),
    }
    return {"ScheduleArn": arn}


def _kept(asked: Body) -> Body:
    defaults = {
        "State": "ENABLED",
        "ScheduleExpressionTimezone": "UTC",
        "ActionAfterCompletion": "NONE",
    }
    return {**defaults, **{key: value for key, value in asked.items() if key != "ClientToken"}}


def _schedule(world: World, asked: Body) -> Body:
    key = (asked.get("GroupName", DEFAULT), asked["Name"])
    found = world.schedules.schedules.get(key)
    if found is None:
        said = f"Schedule {asked['Name']} does not exist."
        raise AwsError("ResourceNotFoundException", said, 404)
    return found


def get(world: World, asked: Body) -> Body:
    """GetSchedule."""
    return _schedule(world, asked)


def update(world: World, asked: Body) -> Body:
    """UpdateSchedule: what is left out goes back to its default."""
    before = _schedule(world, asked)
    _check(world, asked)
    group = asked.get("GroupName", DEFAULT)
    same = {key: before[key] for key in ("Arn", "CreationDate", "token")}
    moment = {"GroupName": group, "LastModificationDate": world.now}
    world.schedules.schedules[group, asked["Name"]] = {**_kept(asked), **same, **moment}
    return {"ScheduleArn": before["Arn"]}


def delete(world: World, asked: Body) -> Body:
    """DeleteSchedule."""
    found = _schedule(world, asked)
    del world.schedules.schedules[found["GroupName"], found["Name"]]
    return {}


def list_schedules(world: World, asked: Body) -> Body:
    """ListSchedules."""
    prefix, group = asked.get("NamePrefix", ""), asked.get("ScheduleGroup", asked.get("GroupName"))
    found = [
        {**one, "Target": {"Arn": one["Target"]["Arn"]}}
        for (where, name), one in sorted(world.schedules.schedules.items())
        if group in (None, where) and name.startswith(prefix)
    ]
    items, token = page(found, asked.get("MaxResults", _PAGE), asked.get("NextToken"), _CODE)
    return {"Schedules": items, "NextToken": token}


# ---------------------------------------------------------------------------- groups


def create_group(world: World, asked: Body) -> Body:
    """CreateScheduleGroup."""
    name = asked["Name"]
    if name == DEFAULT or name in world.schedules.groups:
        raise AwsError("ConflictException", f"Schedule group {name} already exists.", 409)
    given = tags.added({}, tags.read(asked.get("Tags", ()), _CODE, "Key"), _CODE, 200)
    body = _new_group(world, name)
    world.schedules.tags[body["Arn"]] = given
    return {"ScheduleGroupArn": body["Arn"]}


def get_group(world: World, asked: Body) -> Body:
    """GetScheduleGroup."""
    return _group(world, asked["Name"])


def list_groups(world: World, asked: Body) -> Body:
    """ListScheduleGroups."""
    _group(world, DEFAULT)
    prefix = asked.get("NamePrefix", "")
    found = [one for name, one in sorted(world.schedules.groups.items()) if name.startswith(prefix)]
    items, token = page(found, asked.get("MaxResults", _PAGE), asked.get("NextToken"), _CODE)
    return {"ScheduleGroups": items, "NextToken": token}


def delete_group(world: World, asked: Body) -> Body:
    """DeleteScheduleGroup: its schedules go with it."""
    body = _group(world, asked["Name"])
    if asked["Name"] == DEFAULT:
        raise AwsError(_CODE, "The default group cannot be deleted.")
    del world.schedules.groups[asked["Name"]]
    world.schedules.tags.pop(body["Arn"], None)
    for key in [key for key in world.schedules.schedules if key[0] == asked["Name"]]:
        del world.schedules.schedules[key]
    return {}


def _tags(world: World, asked: Body) -> tags.Tags:
    found = world.schedules.tags.get(asked["ResourceArn"])
    if found is None:
        said = "Only schedule groups have tags, and this is none."
        raise AwsError("ResourceNotFoundException", said, 404)
    return found


def tag(world: World, asked: Body) -> Body:
    """TagResource: groups have tags, schedules have none."""
    found = _tags(world, asked)
    found.update(tags.added(found, tags.read(asked["Tags"], _CODE, "Key"), _CODE, 200))
    return {}


def untag(world: World, asked: Body) -> Body:
    """UntagResource."""
    found = _tags(world, asked)
    for key in asked["TagKeys"]:
        found.pop(key, None)
    return {}


def list_tags(world: World, asked: Body) -> Body:
    """ListTagsForResource."""
    return {"Tags": tags.shown(_tags(world, asked), "Key")}


OPERATIONS: dict[str, Handler] = {
    "CreateSchedule": create,
    "GetSchedule": get,
    "UpdateSchedule": update,
    "DeleteSchedule": delete,
    "ListSchedules": list_schedules,
    "CreateScheduleGroup": create_group,
    "GetScheduleGroup": get_group,
    "ListScheduleGroups": list_groups,
    "DeleteScheduleGroup": delete_group,
    "TagResource": tag,
    "UntagResource": untag,
    "ListTagsForResource": list_tags,
}
