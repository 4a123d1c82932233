"""AWS objects to the plain values of one compose file: what has a key of Compose or `x-ecs`.

A task becomes services of one `x-ecs.task`, a container each. What all tasks have in common stands
in the project's `x-ecs`, the rest with the first service of its task.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from compose2ecs.compose.discover import normal_name
from compose2ecs.ecs.importing.containers import Context, facts_of, service_of
from compose2ecs.ecs.importing.gather import Bundle
from compose2ecs.ecs.importing.plan import Task
from compose2ecs.ecs.importing.services import (
    Path,
    deploy_of,
    project_facts,
    routes_of,
    service_facts,
)
from compose2ecs.ecs.importing.values import is_text, is_whole, mapping, mappings, text_pairs
from compose2ecs.ecs.work import tag_fault
from compose2ecs.names import ecs_name

Body = dict[str, Any]
_OWN = "compose2ecs:"


class Names(NamedTuple):
    """What the project is called, and how families are made of the names of its tasks."""

    project: str
    pattern: str
    tasks: Mapping[str, str]  # family to the name of the task


def names_of(tasks: Iterable[Task]) -> Names:
    """As the tags of an earlier `convert` say, else the families as they are."""
    tags = [(task, tags_of(task.item.body)) for task in tasks]
    stacks = {found.get(f"{_OWN}stack") for _, found in tags}
    if len(stacks) == 1 and (stack := stacks.pop()):
        own = {task.family: found.get(f"{_OWN}service", "") for task, found in tags}
        if normal_name(stack) == stack and all(
            family == f"{stack}-{name}" for family, name in own.items()
        ):
            return Names(stack, "{stack}-{service}", own)
    families = [task.family for task, _ in tags]
    return Names(normal_name(families[0]) or "app", "{service}", {name: name for name in families})


def tags_of(body: Mapping[str, Any]) -> dict[str, str]:
    """The tags of an ECS object."""
    return {
        str(tag["key"]): str(tag.get("value", ""))
        for tag in mappings(body.get("tags"))
        if is_text(tag.get("key"))
    }


class Built(NamedTuple):
    """A compose file as plain values, its `$` not doubled yet."""

    root: Body
    names: Names


def build(tasks: list[Task], bundle: Bundle, discovery: str) -> Built:
    """The compose file of some tasks. `discovery` is `x-ecs.discovery`; "auto" is not written."""
    names = names_of(tasks)
    region, group = _logs_of(tasks, names)
    shared, own = _hoist({task.family: task_facts(task) for task in tasks})
    shared[("region",)] = region
    shared[("names",)] = None if names.pattern == "{stack}-{service}" else names.pattern
    shared[("discovery",)] = None if discovery == "auto" else discovery
    shared.update(project_facts(bundle, names.project))
    needs = _Needs()
    volumes = _Volumes(names.project)
    services: Body = {}
    for task in tasks:
        volumes.enter(task)
        mode = str(task.item.body.get("networkMode", "bridge"))
        members = task.members
        for container in task.containers:
            key = task.keys[container["name"]]
            if key in services:
                continue  # it runs before several tasks
            context = Context(
                mode, task.keys, key, volumes.mount, needs.may, region or "<region>", group
            )
            service = service_of(container, context)
            facts: Body = {}
            if key in members:
                name = names.tasks[task.family]
                if len(members) > 1 or name != key:
                    facts["task"] = name
                if task.once:
                    facts["job"] = "once"
            _of_task(task, key == members[0], service)
            if task.service is not None and key in members:
                service.update(deploy_of(task.service.body, service))
                facts |= routes_of(task.service.body, container["name"], bundle)
            facts |= facts_of(container)
            if key == members[0]:
                for path, value in own[task.family].items():
                    _put(facts, path, value)
            if facts:
                service["x-ecs"] = facts
            services[key] = service
    root: Body = {"name": names.project}
    project: Body = {}
    for path, value in shared.items():
        if value is not None:
            _put(project, path, value)
    if volumes.storage:
        project["volumes"] = volumes.storage
    if project:
        root["x-ecs"] = project
    root["services"] = services
    if volumes.declared:
        root["volumes"] = volumes.declared
    return Built(root, names)


def task_facts(task: Task) -> dict[Path, Any]:
    """What `x-ecs` says of a task and its service, each value by its path."""
    body = task.item.body
    found: dict[Path, Any] = {}
    for field, key in (("executionRoleArn", "execution"), ("taskRoleArn", "task")):
        if is_text(body.get(field)) and not str(body[field]).startswith("<"):
            found[("roles", key)] = body[field]
    if body.get("networkMode") in ("awsvpc", "host"):
        found[("network", "mode")] = body["networkMode"]
    wanted = body.get("requiresCompatibilities")
    if task.service is None and wanted in (["FARGATE"], ["EC2"]):
        found[("launch_type",)] = wanted[0]
    if task.service is not None:
        found.update(service_facts(task.service.body))
    if found.get(("launch_type",)) == "FARGATE":
        found.pop(("network", "mode"), None)
    tags = {
        key: value
        for key, value in tags_of(body).items()
        if not key.startswith(_OWN) and tag_fault(key, value) is None
    }
    if tags:
        found[("tags",)] = tags
    return found


def _hoist(
    facts: Mapping[str, dict[Path, Any]],
) -> tuple[dict[Path, Any], dict[str, dict[Path, Any]]]:
    """What all tasks say alike, and what each says besides."""
    first = next(iter(facts.values()))
    shared = {
        path: value
        for path, value in first.items()
        if all(path in own and own[path] == value for own in facts.values())
    }
    for own in facts.values():  # a cluster is the project's alone
        if ("cluster",) in own:
            shared.setdefault(("cluster",), own.pop(("cluster",)))
    rest = {
        family: {path: value for path, value in said.items() if path not in shared}
        for family, said in facts.items()
    }
    return shared, rest


def _put(tree: Body, path: Path, value: Any) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = value


def _logs_of(tasks: list[Task], names: Names) -> tuple[str | None, str]:
    """The region that logs go to, and the group that `convert` makes."""
    regions: dict[str, int] = {}
    for task in tasks:
        for container in task.containers:
            logs = mapping(container.get("logConfiguration"))
            region = mapping(logs.get("options")).get("awslogs-region")
            if is_text(region) and not region.startswith("<"):
                regions[region] = regions.get(region, 0) + 1
    common = max(regions, key=lambda name: regions[name]) if regions else None
    return common, names.project


_PLATFORMS = {"X86_64": "linux/amd64", "ARM64": "linux/arm64"}


def _of_task(task: Task, first: bool, service: Body) -> None:
    """What belongs to the task on ECS, and to each service in Compose."""
    body = task.item.body
    platform = mapping(body.get("runtimePlatform"))
    if platform.get("operatingSystemFamily", "LINUX") == "LINUX":
        machine = _PLATFORMS.get(str(platform.get("cpuArchitecture")))
        if machine is not None:
            service["platform"] = machine
    if body.get("pidMode") == "host":
        service["pid"] = "host"
    if body.get("ipcMode") in ("host", "none"):
        service["ipc"] = body["ipcMode"]
    disk = mapping(body.get("ephemeralStorage")).get("sizeInGiB")
    if first and is_whole(disk):
        service["storage_opt"] = {"size": f"{disk}G"}


class _Needs:
    """Who needs whom, so that nobody comes to need himself."""

    def __init__(self) -> None:
        self.of: dict[str, set[str]] = {}

    def may(self, one: str, other: str) -> bool:
        waiting, seen = [other], {other}
        while waiting:
            at = waiting.pop()
            if at == one:
                return False
            for needed in self.of.get(at, ()):
                if needed not in seen:
                    seen.add(needed)
                    waiting.append(needed)
        self.of.setdefault(one, set()).add(other)
        return True


class _Volumes:
    """The top-level volumes, and the mounts that lead to them."""

    def __init__(self, stack: str) -> None:
        self.stack = stack
        self.declared: Body = {}
        self.storage: Body = {}
        self.known: dict[str, Any] = {}  # key to the ECS volume it is for
        self.task: Task | None = None
        self.volumes: dict[str, Mapping[str, Any]] = {}
        self.uses: dict[str, int] = {}

    def enter(self, task: Task) -> None:
        self.task = task
        self.volumes = {
            str(volume["name"]): volume
            for volume in mappings(task.item.body.get("volumes"))
            if is_text(volume.get("name"))
        }
        self.uses = {}
        for container in task.containers:
            for point in mappings(container.get("mountPoints")):
                source = str(point.get("sourceVolume"))
                self.uses[source] = self.uses.get(source, 0) + 1

    def mount(self, source: str, target: str, read_only: bool) -> Any:
        """The Compose mount of a mount point; None where nothing in Compose is like it."""
        volume = self.volumes.get(source)
        if volume is None or not target.startswith("/"):
            return None
        path = mapping(volume.get("host")).get("sourcePath")
        if is_text(path):
            return _written("bind", path, target, read_only) if path[0] == "/" else None
        if self.uses.get(source) == 1 and not set(volume) - {"name", "host"}:
            if not read_only and ":" not in target:
                return target
            return {"type": "volume", "target": target} | ({"read_only": True} if read_only else {})
        key = self.declare(source, volume)
        return None if key is None else _written("volume", key, target, read_only)

    def declare(self, name: str, volume: Mapping[str, Any]) -> str | None:
        """The key of a named volume; None where another task has another one of that name."""
        assert self.task is not None
        key = name
        body: Body = {"name": name}
        prefix = f"{self.stack}_"
        if name.startswith(prefix) and len(name) > len(prefix):
            key, body = name.removeprefix(prefix), {}
        if key in self.known and self.known[key] != volume:
            if set(volume) != {"name", "efsVolumeConfiguration"}:
                return None
            # nobody outside of a task knows what it calls a file system
            key, body = ecs_name(f"{self.task.family}-{name}"), {}
        if key in self.known:
            return key if self.known[key] == volume else None
        self.known[key] = volume
        efs = mapping(volume.get("efsVolumeConfiguration"))
        if "dockerVolumeConfiguration" in volume:
            body |= _docker(mapping(volume["dockerVolumeConfiguration"]))
            if body.get("external"):
                body["name"] = name
        elif is_text(efs.get("fileSystemId")):
            self.storage[key] = {"efs": _efs(efs)}
        self.declared[key] = body or None
        return key


def _written(kind: str, source: str, target: str, read_only: bool) -> Any:
    """A mount in short where that is read the same: one letter is a drive to Compose."""
    if ":" in source or ":" in target or (kind == "volume" and len(source) < 2):
        entry: Body = {"type": kind, "source": source, "target": target}
        return entry | ({"read_only": True} if read_only else {})
    return f"{source}:{target}:ro" if read_only else f"{source}:{target}"


def _docker(docker: Mapping[str, Any]) -> Body:
    found: Body = {}
    if is_text(docker.get("driver")):
        found["driver"] = docker["driver"]
    for field, key in (("driverOpts", "driver_opts"), ("labels", "labels")):
        if given := text_pairs(docker.get(field)):
            found[key] = given
    if not found and docker.get("scope") == "shared" and not docker.get("autoprovision"):
        found["external"] = True
    return found


def _efs(efs: Mapping[str, Any]) -> Body:
    found: Body = {"file_system_id": efs["fileSystemId"]}
    if is_text(efs.get("rootDirectory")):
        found["root_directory"] = efs["rootDirectory"]
    access = mapping(efs.get("authorizationConfig"))
    if is_text(access.get("accessPointId")):
        found["access_point"] = access["accessPointId"]
    if access.get("iam") == "ENABLED":
        found["iam"] = True
    if efs.get("transitEncryption") in ("ENABLED", "DISABLED"):
        found["transit_encryption"] = efs["transitEncryption"] == "ENABLED"
    return found
