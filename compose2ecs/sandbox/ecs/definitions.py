"""Task definitions: registering, describing, listing, deregistering, deleting.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from compose2ecs.limits import TASK_DEFINITION_BYTES
from compose2ecs.sandbox import tags
from compose2ecs.sandbox.ecs.attributes import compatibilities, required_attributes
from compose2ecs.sandbox.ecs.state import ACTIVE, INACTIVE, Definition, Family
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.identity import role_exists
from compose2ecs.sandbox.paging import page
from compose2ecs.sandbox.refuse import refuse
from compose2ecs.sandbox.world import Body, Handler, World

DELETING = "DELETE_IN_PROGRESS"
_DELETED_AFTER = 3600.0  # seconds until a deleted revision that nothing uses is gone
_PAGE = 100


def client_error(message: str) -> AwsError:
    """What ECS calls most of what it refuses."""
    return AwsError("ClientException", message)


# ---------------------------------------------------------------------------- registering


def register(world: World, asked: Body) -> Body:
    """RegisterTaskDefinition."""
    if not asked.get("containerDefinitions"):
        raise client_error("Container list cannot be empty.")
    for container in asked["containerDefinitions"]:
        for key in ("name", "image"):
            if not container.get(key):
                raise client_error(f"Container.{key} should not be null or empty.")
    refuse("task-definitions", asked, {}, "ClientException", skip=("D015",))
    size = len(json.dumps(asked, separators=(",", ":")).encode())
    if size > TASK_DEFINITION_BYTES:
        raise client_error("Actual length of the task definition is over the limit of 64 KB.")
    for key in ("taskRoleArn", "executionRoleArn"):
        if asked.get(key) and not role_exists(world, asked[key]):
            raise client_error("Role is not valid")
    given = tags.read(asked.get("tags", ()), "InvalidParameterException")
    given = tags.added({}, given, "InvalidParameterException")
    family = world.ecs.families.setdefault(asked["family"], Family())
    family.count += 1
    definition = Definition(_described(world, asked, family.count), given)
    family.revisions[family.count] = definition
    return _answer(definition, with_tags=bool(given))


def _described(world: World, asked: Body, revision: int) -> Body:
    """A definition as AWS gives it back: with defaults, and some lists in another order."""
    body = {key: value for key, value in asked.items() if key != "tags"}
    mode = body.get("networkMode") or "bridge"
    windows = str(body.get("runtimePlatform", {}).get("operatingSystemFamily", "")).startswith("W")
    if "networkMode" not in body and not windows:
        body["networkMode"] = mode
    body["containerDefinitions"] = [_container(one, mode) for one in body["containerDefinitions"]]
    body["volumes"] = [_volume(one) for one in body.get("volumes", ())]
    body.setdefault("placementConstraints", [])
    body |= {
        "taskDefinitionArn": world.arn("ecs", f"task-definition/{asked['family']}:{revision}"),
        "revision": revision,
        "status": ACTIVE,
        "registeredAt": world.now,
        "registeredBy": f"arn:aws:iam::{world.account}:user/sandbox",
        "compatibilities": compatibilities(body),
        "requiresAttributes": [{"name": name} for name in required_attributes(body)],
    }
    return body


def _container(asked: Body, mode: str) -> Body:
    found = {**asked}
    found.setdefault("cpu", 0)
    found.setdefault("essential", True)
    for key in ("portMappings", "environment", "mountPoints", "volumesFrom", "systemControls"):
        found.setdefault(key, [])
    found["portMappings"] = [_port(one, mode) for one in found["portMappings"]]
    for key in ("environment", "secrets"):
        if key in found:
            found[key] = sorted_by_hash(found[key])
    if "healthCheck" in found:
        found["healthCheck"] = {"interval": 30, "timeout": 5, "retries": 3, **found["healthCheck"]}
    return found


def sorted_by_hash(named: list[Body]) -> list[Body]:
    """Named things in an order of AWS's own."""
    places = {name: at for at, name in enumerate(tags.shuffled({one["name"] for one in named}))}
    return sorted(named, key=lambda one: places[one["name"]])


def _port(asked: Body, mode: str) -> Body:
    found = {**asked}
    found.setdefault("protocol", "tcp")
    if "containerPort" in found:
        found.setdefault("hostPort", 0 if mode == "bridge" else found["containerPort"])
    return found


def _volume(asked: Body) -> Body:
    if len(asked) == 1:  # only its name
        return {**asked, "host": {}}
    found = {**asked}
    if "dockerVolumeConfiguration" in found:
        found["dockerVolumeConfiguration"] = {"scope": "task", **found["dockerVolumeConfiguration"]}
    if "efsVolumeConfiguration" in found:
        found["efsVolumeConfiguration"] = {"rootDirectory": "/", **found["efsVolumeConfiguration"]}
    return found


def _answer(definition: Definition, *, with_tags: bool) -> Body:
    found: Body = {"taskDefinition": definition.body}
    if with_tags:
        found["tags"] = tags.shown(definition.tags)
    return found


# ---------------------------------------------------------------------------- finding


def find(world: World, reference: str) -> Definition | None:
    """The revision that a family, family:revision or ARN names; None if there is none.

    A family alone stands for its latest ACTIVE revision.
    """
    name = reference
    if reference.startswith("arn:"):
        parts = reference.split(":", 5)
        if parts[3:5] != [world.region, world.account] or len(parts) < 6:
            return None
        kind, _, name = parts[5].partition("/")
        if kind != "task-definition":
            return None
    family, colon, revision = name.partition(":")
    known = world.ecs.families.get(family)
    if known is None:
        return None
    if colon:
        return known.revisions.get(int(revision)) if revision.isdigit() else None
    active = [one for one in known.revisions.values() if one.body["status"] == ACTIVE]
    return max(active, key=lambda one: int(one.body["revision"])) if active else None


def usable(world: World, reference: str) -> Definition:
    """The same for who wants to start tasks; raises AwsError if that cannot be."""
    found = find(world, reference)
    if found is None:
        raise client_error("TaskDefinition not found.")
    if found.body["status"] != ACTIVE:
        raise client_error("TaskDefinition is inactive")
    return found


def describe(world: World, asked: Body) -> Body:
    """DescribeTaskDefinition."""
    found = find(world, asked["taskDefinition"])
    if found is None:
        raise client_error("Unable to describe task definition.")
    return _answer(found, with_tags="TAGS" in asked.get("include", ()))


# ---------------------------------------------------------------------------- lists


def list_definitions(world: World, asked: Body) -> Body:
    """ListTaskDefinitions: by family and number, 100 at a time."""
    status = asked.get("status", ACTIVE)
    prefix = asked.get("familyPrefix")
    found = [
        definition
        for name in sorted(world.ecs.families)
        if prefix in (None, name)
        for definition in _in_order(world.ecs.families[name])
        if definition.body["status"] == status
    ]
    if asked.get("sort") == "DESC":
        found.reverse()
    arns, token = _paged(asked, [one.arn for one in found])
    return {"taskDefinitionArns": arns, "nextToken": token}


def _in_order(family: Family) -> Iterator[Definition]:
    return (family.revisions[number] for number in sorted(family.revisions))


def _paged(asked: Body, found: list[str]) -> tuple[list[str], str | None]:
    size = asked.get("maxResults", _PAGE)
    if not 1 <= size <= _PAGE:
        raise client_error(f"maxResults must be between 1 and {_PAGE}.")
    return page(found, size, asked.get("nextToken"), "InvalidParameterException")


def list_families(world: World, asked: Body) -> Body:
    """ListTaskDefinitionFamilies: ACTIVE ones have an ACTIVE revision, INACTIVE ones have none."""
    status = asked.get("status", "ALL")
    prefix = asked.get("familyPrefix", "")
    found = [
        name
        for name in sorted(world.ecs.families)
        if name.startswith(prefix) and status in ("ALL", _status(world.ecs.families[name]))
    ]
    names, token = _paged(asked, found)
    return {"families": names, "nextToken": token}


def _status(family: Family) -> str:
    states = {one.body["status"] for one in family.revisions.values()}
    return ACTIVE if ACTIVE in states else INACTIVE


# ---------------------------------------------------------------------------- the end of one


def _exact(world: World, reference: str) -> Definition:
    """A revision that has to be named with its number."""
    if ":" not in reference.rpartition("/")[2]:
        raise client_error("Invalid revision number. Number: null")
    found = find(world, reference)
    if found is None:
        raise client_error("The specified task definition does not exist.")
    return found


def deregister(world: World, asked: Body) -> Body:
    """DeregisterTaskDefinition: the revision stays, and starts no new tasks."""
    found = _exact(world, asked["taskDefinition"])
    if found.body["status"] == ACTIVE:
        found.body["status"] = INACTIVE
        found.body["deregisteredAt"] = world.now
    return _answer(found, with_tags=False)


def delete(world: World, asked: Body) -> Body:
    """DeleteTaskDefinitions: up to 10, deregistered before; what is not can be read in `failures`."""
    named = asked["taskDefinitions"]
    if len(named) > 10:
        raise AwsError("InvalidParameterException", "Up to 10 task definitions can be deleted.")
    gone: list[Body] = []
    failures: list[Body] = []
    for reference in named:
        try:
            found = _exact(world, reference)
        except AwsError as error:
            failures.append({"arn": reference, "reason": error.message})
            continue
        if found.body["status"] == ACTIVE:
            reason = (
                "The specified task definition is still in ACTIVE status. Please deregister the "
                "target and try again."
            )
            failures.append({"arn": found.arn, "reason": reason})
            continue
        found.body["status"] = DELETING
        found.body.setdefault("deleteRequestedAt", world.now)
        gone.append(found.body)
    return {"taskDefinitions": gone, "failures": failures}


def sweep(world: World) -> None:
    """Let deleted revisions go that nothing uses; their numbers are never given again."""
    for family in world.ecs.families.values():
        for number, one in list(family.revisions.items()):
            asked_at = one.body.get("deleteRequestedAt")
            if asked_at is None or world.now - asked_at < _DELETED_AFTER:
                continue
            if not _used(world, one.arn):
                del family.revisions[number]


def _used(world: World, arn: str) -> bool:
    return any(task.definition == arn for task in world.ecs.tasks.values()) or any(
        deployment.definition == arn
        for service in world.ecs.services.values()
        for deployment in service.deployments
    )


def containers(definition: Definition) -> list[dict[str, Any]]:
    """The containers of a definition as AWS describes them."""
    found: list[dict[str, Any]] = definition.body["containerDefinitions"]
    return found


OPERATIONS: dict[str, Handler] = {
    "RegisterTaskDefinition": register,
    "DescribeTaskDefinition": describe,
    "ListTaskDefinitions": list_definitions,
    "ListTaskDefinitionFamilies": list_families,
    "DeregisterTaskDefinition": deregister,
    "DeleteTaskDefinitions": delete,
}
