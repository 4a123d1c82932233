"""Volumes and mounts: named volumes become Docker volumes, absolute paths host volumes."""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.compose.model import Mount, Volume
from compose2ecs.ecs.scope import Body, Scope
from compose2ecs.ecs.work import Work
from compose2ecs.limits import MIB, TMPFS_OPTIONS, TMPFS_VALUED_OPTIONS
from compose2ecs.names import ecs_name

KEYS = ("volumes", "volumes_from", "tmpfs")
_DEFAULT_TMPFS = 64  # MiB; ECS wants a size, Docker's own default is half of the machine


def apply(scope: Scope) -> None:
    service = scope.service
    points: list[Body] = []
    for mount in service.volumes:
        name = None
        if mount.type == "volume":
            name = _named(scope, mount) if mount.source else _anonymous(scope, mount)
        elif mount.type == "bind":
            name = _bind(scope, mount)
        elif mount.type == "tmpfs":
            _long_tmpfs(scope, mount)
        else:
            scope.say_at(codes.MOUNT_LEFT_OUT, mount.place, kind=mount.type, target=mount.target)
        if name is not None:
            point: Body = {"sourceVolume": name, "containerPath": mount.target}
            if mount.read_only:
                point["readOnly"] = True
            points.append(point)
    if points:
        scope.container["mountPoints"] = points
    for entry in service.tmpfs:
        _short_tmpfs(scope, entry)
    if service.volumes_from:
        _volumes_from(scope)


def _named(scope: Scope, mount: Mount) -> str:
    work = scope.work
    assert mount.source is not None
    volume = work.project.volumes[mount.source]
    name = _docker_name(volume, work)
    other = work.volume_names.setdefault(name, volume.key)
    if other != volume.key:
        span, this = work.sources.span(mount.place), f"volume {volume.key}"
        work.report.add(codes.NAMES_COLLIDE, span, service=this, other=other, name=name)
    if name not in scope.volumes:
        configuration: Body = {"scope": "shared", "autoprovision": not volume.external}
        if volume.driver:
            configuration["driver"] = volume.driver
        if volume.driver_opts:
            configuration["driverOpts"] = dict(sorted(volume.driver_opts.items()))
        if volume.labels:
            configuration["labels"] = dict(sorted(volume.labels.items()))
        scope.volumes[name] = {"name": name, "dockerVolumeConfiguration": configuration}
    if (
        not mount.read_only
        and not volume.external
        and stays(scope.volumes[name]["dockerVolumeConfiguration"])
    ):
        scope.say_at(codes.VOLUME_ON_INSTANCE, mount.place, name=mount.source)
    _lost_options(scope, mount)
    return name


def _docker_name(volume: Volume, work: Work) -> str:
    """What Docker calls a volume on the instance, as far as ECS takes that for a name."""
    if volume.external or "name" in volume.written:
        return ecs_name(volume.name or volume.key)
    return ecs_name(f"{work.target.stack}_{volume.key}")


def stays(configuration: Body) -> bool:
    """Whether a Docker volume's data is on the instance: a plugin or a network file system has it
    elsewhere."""
    kind = configuration.get("driverOpts", {}).get("type", "")
    driver = configuration.get("driver")
    return driver in (None, "local") and not kind.startswith(("nfs", "cifs"))


def _lost_options(scope: Scope, mount: Mount) -> None:
    if mount.volume is not None and mount.volume.subpath:
        scope.say_at(codes.SUBPATH_LOST, mount.place, path=mount.volume.subpath)
    if mount.volume is not None and mount.volume.nocopy:
        scope.say_at(codes.MOUNT_OPTION_LOST, mount.place, option="nocopy")
    if mount.bind is not None:
        for option in (mount.bind.propagation, mount.bind.selinux, mount.bind.recursive):
            if option:
                scope.say_at(codes.MOUNT_OPTION_LOST, mount.place, option=option)


def _anonymous(scope: Scope, mount: Mount) -> str:
    """An empty volume that lives as long as the task."""
    prefix = ecs_name(f"{scope.service.key}-anonymous")
    number = sum(1 for name in scope.volumes if name.startswith(prefix))
    name = ecs_name(f"{prefix}-{number + 1}")
    scope.volumes[name] = {"name": name, "host": {}}
    return name


def _bind(scope: Scope, mount: Mount) -> str | None:
    source = mount.source or ""
    if mount.relative is not None:
        scope.say_at(codes.BIND_LEFT_OUT, mount.place, source=mount.relative, target=mount.target)
        return None
    if source.endswith("docker.sock"):
        scope.say_at(codes.DOCKER_SOCKET, mount.place)
    elif not source.startswith("/"):
        scope.say_at(codes.BIND_LEFT_OUT, mount.place, source=source, target=mount.target)
        return None
    else:
        scope.say_at(codes.BIND_ON_INSTANCE, mount.place, source=source)
    _lost_options(scope, mount)
    host = {"sourcePath": source}
    taken = {_docker_name(volume, scope.work) for volume in scope.work.project.volumes.values()}
    wanted = ecs_name("host-" + (source.strip("/").replace("/", "-") or "root"))
    name, number = wanted, 1
    while name in taken or scope.volumes.get(name, {}).get("host", host) != host:
        number += 1
        name = ecs_name(f"{wanted}-{number}")
    scope.volumes[name] = {"name": name, "host": host}
    return name


def _long_tmpfs(scope: Scope, mount: Mount) -> None:
    options = ["ro"] if mount.read_only else []
    size = None
    if mount.tmpfs is not None:
        size = mount.tmpfs.size
        if mount.tmpfs.mode is not None:
            options.append(f"mode={mount.tmpfs.mode:o}")
    _tmpfs(scope, mount.target or "", size, options, mount.place)


def _short_tmpfs(scope: Scope, entry: str) -> None:
    path, _, text = entry.partition(":")
    size: int | None = None
    options: list[str] = []
    place = scope.service.written.get("tmpfs", 0)
    for option in text.split(",") if text else ():
        key, _, value = option.partition("=")
        if key == "size":
            from compose2ecs.compose.quantity import parse_bytes

            try:
                size = parse_bytes(value)
            except ValueError:
                scope.say(codes.TMPFS_OPTION_LOST, "tmpfs", option=option)
        elif option in TMPFS_OPTIONS or key in TMPFS_VALUED_OPTIONS:
            options.append(option)
        elif option:
            scope.say(codes.TMPFS_OPTION_LOST, "tmpfs", option=option)
    _tmpfs(scope, path, size, options, place)


def _tmpfs(scope: Scope, path: str, size: int | None, options: list[str], place: int) -> None:
    if not size:
        scope.say_at(codes.TMPFS_SIZE, place, path=path, mib=_DEFAULT_TMPFS)
    mount: Body = {
        "containerPath": path,
        "size": -(-size // MIB) if size else _DEFAULT_TMPFS,
    }
    if options:
        mount["mountOptions"] = options
    scope.linux().setdefault("tmpfs", []).append(mount)


def _volumes_from(scope: Scope) -> None:
    found = []
    for source in scope.service.volumes_from:
        name, _, mode = source.partition(":")
        if name == "container":
            name = mode.partition(":")[0]
            scope.say(codes.OTHER_CONTAINER, "volumes_from", key="volumes_from", name=name)
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
