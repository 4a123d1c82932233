"""Tags of everything that ECS has.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from collections.abc import Iterator

from compose2ecs.sandbox import tags
from compose2ecs.sandbox.ecs.clusters import bad_parameter
from compose2ecs.sandbox.ecs.state import ACTIVE, INACTIVE, STOPPED
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.world import Body, Handler, World

_CODE = "InvalidParameterException"


def tagged(world: World) -> Iterator[tuple[str, tags.Tags, bool]]:
    """Everything with its tags, by ARN, and whether it is still there to be tagged."""
    ecs = world.ecs
    for cluster in ecs.clusters.values():
        yield cluster.arn, cluster.tags, cluster.status == ACTIVE
    for service in ecs.services.values():
        yield service.arn, service.tags, service.status != INACTIVE
    for family in ecs.families.values():
        for definition in family.revisions.values():
            yield definition.arn, definition.tags, definition.body["status"] == ACTIVE
    for task in ecs.tasks.values():
        yield task.arn, task.tags, task.status != STOPPED
    for instance in ecs.instances.values():
        yield instance.arn, instance.tags, instance.status != INACTIVE


def _tags(world: World, arn: str) -> tags.Tags:
    for one, found, there in tagged(world):
        if one == arn:
            if not there:
                kind = arn.split(":", 5)[-1].partition("/")[0]
                said = f"The specified {kind} is inactive. Specify an active {kind} and try again."
                raise bad_parameter(said)
            return found
    if not arn.startswith(world.arn("ecs", "")):
        raise bad_parameter("The ARN is not valid.")
    raise AwsError("ResourceNotFoundException", "The specified resource wasn't found.")


def tag(world: World, asked: Body) -> Body:
    """TagResource."""
    found = _tags(world, asked["resourceArn"])
    given = tags.read(asked["tags"], _CODE)
    found.update(tags.added(found, given, _CODE))
    return {}


def untag(world: World, asked: Body) -> Body:
    """UntagResource."""
    found = _tags(world, asked["resourceArn"])
    for key in asked["tagKeys"]:
        found.pop(key, None)
    return {}


def list_tags(world: World, asked: Body) -> Body:
    """ListTagsForResource."""
    return {"tags": tags.shown(_tags(world, asked["resourceArn"]))}


OPERATIONS: dict[str, Handler] = {
    "TagResource": tag,
    "UntagResource": untag,
    "ListTagsForResource": list_tags,
}
