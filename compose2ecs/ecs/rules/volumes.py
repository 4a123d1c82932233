"""Volumes and mounts: named volumes, folders of the instance, volumes of other containers.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_data_volumes.html
"""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.compose.model import Mount, Volume
from compose2ecs.ecs.scope import Body, Scope
from compose2ecs.ecs.storage import (
    EBS,
    EFS,
    EMPTY,
    INSTANCE,
    TASK,
    efs_body,
    efs_of,
    kind_of,
    volume_body,
    volume_name,
    wanted_name,
)
from compose2ecs.names import ecs_name

KEYS = ("volumes", "volumes_from", "tmpfs")


def apply(scope: Scope) -> None:
    service = scope.service
    points: list[Body] = []
    for mount in service.volumes:
        point: Body | None = None
        if mount.type == "volume":
            point = _named(scope, mount) if mount.source else _anonymous(scope, mount)
        elif mount.type == "bind":
            point = _bind(scope, mount)
        elif mount.type == "tmpfs":
            from compose2ecs.ecs.rules.tmpfs import long_tmpfs

            long_tmpfs(scope, mount)
        else:
            scope.say_at(codes.MOUNT_LEFT_OUT, mount.place, kind=mount.type, target=mount.target)
        if point is not None:
            points.append(point)
    if points:
        scope.container["mountPoints"] = points
    if service.tmpfs:
        from compose2ecs.ecs.rules.tmpfs import short_tmpfs

        for entry in service.tmpfs:
            short_tmpfs(scope, entry)
    if service.volumes_from:
        _volumes_from(scope)


def _point(name: str, mount: Mount, read_only: bool | None) -> Body:
    point: Body = {"sourceVolume": name, "containerPath": mount.target}
    if read_only:
        point["readOnly"] = True
    return point


def _named(scope: Scope, mount: Mount) -> Body:
    work = scope.work
    assert mount.source is not None
    volume = work.project.volumes[mount.source]
    kind = kind_of(volume, scope.group.launch, work)
    name = volume_name(volume, work)
    other = work.volume_names.setdefault(name, volume.key)
    if other != volume.key:
        span, this = work.sources.span(mount.place), f"volume {volume.key}"
        work.report.add(codes.NAMES_COLLIDE, span, service=this, other=other, name=name)
    subpath = mount.volume.subpath if mount.volume is not None else None
    if kind == EFS:
        return _efs(scope, mount, volume, name, subpath)
    if name not in scope.volumes:
        _first_in_task(scope, mount, volume, kind, name)
        scope.volumes[name] = {"name": name, **volume_body(volume, kind, work)}
    if kind == INSTANCE and not mount.read_only and not volume.external:
        scope.say_at(codes.VOLUME_ON_INSTANCE, mount.place, name=mount.source)
    if subpath:
        scope.say_at(codes.SUBPATH_LOST, mount.place, path=subpath)
    _lost_options(scope, mount)
    return _point(name, mount, mount.read_only)


def _first_in_task(scope: Scope, mount: Mount, volume: Volume, kind: str, name: str) -> None:
    """What is said of a volume once for each task that has it."""
    key, place = volume.key, mount.place
    if kind == EBS:
        _check_ebs(scope, mount, volume)
        scope.say_at(codes.EBS_FOR_EACH_TASK, place, name=key)
    elif kind == EMPTY:
        _tell_fargate(scope, volume, place)
    elif kind != TASK:
        wanted = wanted_name(volume, scope.work)
        if name != wanted and volume.external:
            scope.say_at(codes.VOLUME_IS_ANOTHER, place, name=wanted, used=name)
        elif name != wanted:
            scope.say_at(codes.VOLUME_RENAMED, place, name=wanted, used=name)


def _tell_fargate(scope: Scope, volume: Volume, place: int) -> None:
    """Fargate has no Docker volumes: what gets lost by that."""
    facts = scope.work.target.facts.volumes.get(volume.key)
    if facts is not None and facts.scope == "task":
        scope.say_at(codes.VOLUME_OF_TASK, place, name=volume.key)
    else:
        scope.say_at(codes.VOLUME_ON_FARGATE, place, name=volume.key)
    if volume.external:
        scope.say_at(codes.VOLUME_EXTERNAL_ON_FARGATE, place, name=volume.key)
    elif volume.driver not in (None, "local") or volume.driver_opts:
        scope.say_at(codes.VOLUME_DRIVER_ON_FARGATE, place, name=volume.key)


def _check_ebs(scope: Scope, mount: Mount, volume: Volume) -> None:
    other = next((v["name"] for v in scope.volumes.values() if v.get("configuredAtLaunch")), None)
    if other is not None:
        first = scope.work.volume_names[other]
        scope.say_at(
            codes.EBS_TWICE, mount.place, name=volume.key, other=first, task=scope.group.name
        )


def _efs(scope: Scope, mount: Mount, volume: Volume, name: str, subpath: str | None) -> Body:
    """A volume on EFS; a folder in it is a volume of its own, whose root is that folder."""
    efs = efs_of(volume, scope.work)
    assert efs is not None
    if efs.iam and not _has_task_role(scope):
        scope.say_at(codes.EFS_NEEDS_ROLE, mount.place, name=volume.key)
    if subpath and efs.access_point:
        scope.say_at(codes.SUBPATH_LOST, mount.place, path=subpath)
        subpath = None
    root = efs.root_directory
    if subpath:
        root = f"{root.rstrip('/')}/{subpath.strip('/')}"
    wanted = ecs_name(f"{name}-{subpath.strip('/').replace('/', '-')}") if subpath else name
    _lost_options(scope, mount)
    body = {"efsVolumeConfiguration": efs_body(efs, root)}
    taken = () if subpath is None else _names_taken(scope)
    return _point(_put(scope, wanted, body, taken), mount, mount.read_only or efs.read_only)


def _has_task_role(scope: Scope) -> bool:
    work = scope.work
    if work.target.roles.task:
        return True
    together = (*scope.group.members, *scope.group.inits)
    found = (work.facts(work.services[name]).roles for name in together)
    return any(roles is not None and roles.task for roles in found)


def _names_taken(scope: Scope) -> set[str]:
    work = scope.work
    return {volume_name(volume, work) for volume in work.project.volumes.values()}


def _put(scope: Scope, wanted: str, body: Body, taken: set[str] | tuple[()]) -> str:
    """Add a volume under a name that is free, or find the one that is the same."""
    name, number = wanted, 1
    while name in taken or {"name": name, **body} != scope.volumes.get(
        name, {"name": name, **body}
    ):
        number += 1
        name = ecs_name(f"{wanted}-{number}")
    scope.volumes[name] = {"name": name, **body}
    return name


def _lost_options(scope: Scope, mount: Mount) -> None:
    if mount.volume is not None and mount.volume.nocopy:
        scope.say_at(codes.MOUNT_OPTION_LOST, mount.place, option="nocopy")
    if mount.volume is not None and mount.volume.labels:
        scope.say_at(codes.MOUNT_OPTION_LOST, mount.place, option="labels")
    if mount.consistency and mount.consistency != "consistent":
        scope.say_at(codes.MOUNT_OPTION_LOST, mount.place, option=mount.consistency)
    if mount.bind is not None:
        for option in (mount.bind.propagation, mount.bind.selinux, mount.bind.recursive):
            if option:
                scope.say_at(codes.MOUNT_OPTION_LOST, mount.place, option=option)


def _anonymous(scope: Scope, mount: Mount) -> Body:
    """An empty volume that lives as long as the task."""
    prefix = ecs_name(f"{scope.service.key}-anonymous")
    number = sum(1 for name in scope.volumes if name.startswith(prefix))
    name = ecs_name(f"{prefix}-{number + 1}")
    scope.volumes[name] = {"name": name, "host": {}}
    return _point(name, mount, mount.read_only)


def _bind(scope: Scope, mount: Mount) -> Body | None:
    source, fargate = mount.source or "", scope.group.launch.fargate
    socket = mount.relative is None and source.endswith("docker.sock")
    if fargate and socket:
        scope.say_at(codes.DOCKER_SOCKET_LEFT_OUT, mount.place, target=mount.target)
        return None
    if fargate:
        given = mount.relative or source
        scope.say_at(codes.BIND_ON_FARGATE, mount.place, source=given, target=mount.target)
        return None
    if mount.relative is not None:
        scope.say_at(codes.BIND_LEFT_OUT, mount.place, source=mount.relative, target=mount.target)
        return None
    if socket:
        scope.say_at(codes.DOCKER_SOCKET, mount.place)
    elif not source.startswith("/"):
        scope.say_at(codes.BIND_LEFT_OUT, mount.place, source=source, target=mount.target)
        return None
    else:
        scope.say_at(codes.BIND_ON_INSTANCE, mount.place, source=source)
    _lost_options(scope, mount)
    wanted = ecs_name("host-" + (source.strip("/").replace("/", "-") or "root"))
    name = _put(scope, wanted, {"host": {"sourcePath": source}}, _names_taken(scope))
    return _point(name, mount, mount.read_only)


def _volumes_from(scope: Scope) -> None:
    found = []
    for source in scope.service.volumes_from:
        name, _, mode = source.partition(":")
        if name == "container":
            name = mode.partition(":")[0]
            scope.say(codes.OTHER_CONTAINER, "volumes_from", key="volumes_from", name=name)
            continue
        if name in scope.work.external():
            scope.say(codes.SHARES_WITH_ABSENT, "volumes_from", key="volumes_from", name=name)
            continue
        if name not in scope.group.members and name not in scope.group.inits:
            scope.say(codes.VOLUMES_FROM_OUTSIDE, "volumes_from", name=name)
            continue
        entry: Body = {"sourceContainer": ecs_name(name)}
        if mode == "ro":
            entry["readOnly"] = True
        found.append(entry)
    if found:
        scope.container["volumesFrom"] = found
