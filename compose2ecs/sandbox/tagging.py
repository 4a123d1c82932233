"""The Resource Groups Tagging API: everything that has tags, found by them.

Source: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

from collections.abc import Iterator

from compose2ecs.sandbox import namespaces, tags
from compose2ecs.sandbox.ecs import tagging as ecs_tagging
from compose2ecs.sandbox.elb import groups
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.paging import page
from compose2ecs.sandbox.world import Body, Handler, World

_CODE = "InvalidParameterException"
_PAGE, _PAGE_MAX = 50, 100


def tagged(world: World) -> Iterator[tuple[str, tags.Tags]]:
    """Everything that has tags, by ARN."""
    for arn, found, there in ecs_tagging.tagged(world):
        if there:
            yield arn, found
    yield from groups.tagged(world)
    for name, group in world.logs.groups.items():
        yield world.arn("logs", f"log-group:{name}"), group.tags
    yield from namespaces.tagged(world)
    yield from world.scaling.tags.items()
    yield from world.schedules.tags.items()


def kind_of(arn: str) -> str:
    """The type of a resource, as a filter names it.

    >>> kind_of("arn:aws:ecs:eu-west-1:1:service/qa/web")
    'ecs:service'
    """
    _, _, service, _, _, rest = arn.split(":", 5)
    return f"{service}:{rest.replace(':', '/').partition('/')[0]}"


def get_resources(world: World, asked: Body) -> Body:
    """GetResources: by type and tags, 50 at a time, in no order that means anything."""
    arns = asked.get("ResourceARNList")
    if arns and (asked.get("TagFilters") or asked.get("ResourceTypeFilters")):
        raise AwsError(_CODE, "ResourceARNList cannot be combined with filters")
    kinds = asked.get("ResourceTypeFilters", ())
    found = {
        arn: named
        for arn, named in tagged(world)
        if named
        and (not arns or arn in arns)
        and (
            not kinds
            or any(kind_of(arn) == one or kind_of(arn).split(":")[0] == one for one in kinds)
        )
        and all(_matches(named, one) for one in asked.get("TagFilters", ()))
    }
    size = asked.get("ResourcesPerPage", _PAGE)
    if not 1 <= size <= _PAGE_MAX:
        raise AwsError(_CODE, f"ResourcesPerPage must be between 1 and {_PAGE_MAX}")
    items, token = page(
        tags.shuffled(found), size, asked.get("PaginationToken"), "PaginationTokenExpiredException"
    )
    mapped = [{"ResourceARN": arn, "Tags": tags.shown(found[arn], "Key")} for arn in items]
    return {"ResourceTagMappingList": mapped, "PaginationToken": token or ""}


def _matches(named: tags.Tags, wanted: Body) -> bool:
    key, values = wanted.get("Key", ""), wanted.get("Values", ())
    return key in named and (not values or named[key] in values)


OPERATIONS: dict[str, Handler] = {"GetResources": get_resources}
