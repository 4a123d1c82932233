"""The tags that say whose a thing is, and what `up` left in it the last time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PROJECT = "compose2ecs:project"
STACK = "compose2ecs:stack"
SERVICE = "compose2ecs:service"
HASH = "compose2ecs:hash"  # of everything that belongs to a service, as it was sent
REVISION = "compose2ecs:revision"  # of the task definition that was sent with it
MEMBERS = "compose2ecs:members"  # of the names of all there is in the stack; on its first service
HAS = "compose2ecs:has"  # names of what is not found by its own tags; long ones go on in has2
PROTECT = "compose2ecs:protect"
DONE = "compose2ecs:done"  # a task that runs once has ended with 0: which hash that was
HAS_ALL = (HAS, *(f"{HAS}{number}" for number in range(2, 10)))
OURS = (HASH, REVISION, MEMBERS, *HAS_ALL, PROTECT, DONE)  # not from the file


def is_has(key: str) -> bool:
    """Whether a tag is one of those that name things."""
    return key in HAS_ALL


def of_ecs(thing: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a thing of ECS's."""
    return {tag["key"]: tag.get("value", "") for tag in thing.get("tags", ())}


def of_elb(body: Mapping[str, Any]) -> dict[str, str]:
    """The tags in a request to Elastic Load Balancing or Cloud Map."""
    return {tag["Key"]: tag.get("Value", "") for tag in body.get("Tags", ())}


def to_ecs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as ECS wants them."""
    return [{"key": key, "value": value} for key, value in tags.items()]


def to_elb(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as Elastic Load Balancing wants them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def is_of(tags: Mapping[str, str] | None, project: str, stack: str) -> bool:
    """Whether tags say that a thing belongs to a stack."""
    return (
        bool(tags)
        and tags is not None
        and (tags.get(PROJECT), tags.get(STACK))
        == (
            project,
            stack,
        )
    )


def is_protected(tags: Mapping[str, str]) -> bool:
    """Whether somebody has put a hand over it."""
    return tags.get(PROTECT, "").lower() in ("true", "yes", "1")


def owner(tags: Mapping[str, str] | None) -> str:
    """Whose a thing is, in words."""
    if tags and tags.get(STACK):
        return f"it belongs to the stack {tags[STACK]!r} of the project {tags.get(PROJECT)!r}"
    return "it has no tags of compose2ecs"
