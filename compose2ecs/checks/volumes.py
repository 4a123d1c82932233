"""What AWS has against volumes and what is mounted.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compose2ecs.checks.model import Check, Found
from compose2ecs.checks.task import Task, missing, number_fault, word
from compose2ecs.checks.values import bad_name, listed, mapping, objects, repeated, text, unknown
from compose2ecs.report import ERROR, WARNING

Container = dict[str, Any]
Volume = dict[str, Any]

_KINDS = (
    "host",
    "dockerVolumeConfiguration",
    "efsVolumeConfiguration",
    "fsxWindowsFileServerVolumeConfiguration",
    "s3filesVolumeConfiguration",
    "configuredAtLaunch",
)
_EFS = "efsVolumeConfiguration"
_DOCKER = "dockerVolumeConfiguration"


def volumes(value: list[Any], task: Task) -> Found:
    """The volumes of a task definition."""
    launched: list[tuple[str, str]] = []
    for index, volume in objects(value):
        path, name = f"volumes[{index}]", volume.get("name")
        fault = bad_name(name) if isinstance(name, str) else "a volume has no name"
        if fault:
            yield "D014", f"{path}.name", fault
        kinds = [kind for kind in _KINDS if volume.get(kind) not in (None, False)]
        if len(kinds) > 1:
            yield "D206", path, f"a volume is of one kind, and not {' and '.join(kinds)}"
        if volume.get("configuredAtLaunch") is True:
            launched.append((path, text(name)))
        if "host" in volume:
            yield from _host(mapping(volume["host"]), f"{path}.host", task)
        if _DOCKER in volume:
            yield from _docker(mapping(volume[_DOCKER]), f"{path}.{_DOCKER}", task)
        if _EFS in volume:
            yield from _efs(mapping(volume[_EFS]), f"{path}.{_EFS}")
    names = [text(volume.get("name")) for _, volume in objects(value)]
    if len(set(names)) < len(names):
        for twice in repeated(names):
            yield "D207", "volumes", f"two volumes are called {twice!r}"
    yield from _at_launch(launched, task)


def _host(value: Volume, path: str, task: Task) -> Found:
    source = value.get("sourcePath")
    if not source or not isinstance(source, str):
        return
    if task.fargate:
        said = f"{source} is on no instance that a task on Fargate sees"
        yield "D118", f"{path}.sourcePath", said
    elif source[0] != "/" and not task.windows and not unknown(source):
        yield "D204", f"{path}.sourcePath", f"{source!r} is no absolute path"


def _docker(value: Volume, path: str, task: Task) -> Found:
    if task.fargate:
        yield "D122", path, "there are no volumes of Docker's on Fargate"
        return
    scope = value.get("scope")
    yield from word(scope, ("task", "shared"), f"{path}.scope")
    if value.get("autoprovision") and scope != "shared":
        yield "D208", f"{path}.autoprovision", "volumes are made if missing where they are shared"


def _efs(value: Volume, path: str) -> Found:
    yield from missing(value, ("fileSystemId",), path)
    transit = value.get("transitEncryption")
    yield from word(transit, ("ENABLED", "DISABLED"), f"{path}.transitEncryption")
    encrypted = transit == "ENABLED" or unknown(transit)
    port = value.get("transitEncryptionPort")
    if port is not None:
        yield from number_fault(port, f"{path}.transitEncryptionPort", 0, 65535)
        if not encrypted:
            said = "a port for encrypted traffic, which is not turned on"
            yield "D124", f"{path}.transitEncryptionPort", said
    access = mapping(value.get("authorizationConfig"))
    point, iam = access.get("accessPointId"), access.get("iam")
    yield from word(iam, ("ENABLED", "DISABLED"), f"{path}.authorizationConfig.iam")
    if point and value.get("rootDirectory") not in (None, "", "/"):
        yield "D124", f"{path}.rootDirectory", "the access point says which folder is the root"
    if point and not encrypted:
        said = "an access point needs `transitEncryption`"
        yield "D124", f"{path}.authorizationConfig.accessPointId", said
    elif iam == "ENABLED" and not encrypted:
        said = "IAM needs `transitEncryption`"
        yield "D124", f"{path}.authorizationConfig.iam", said


def _at_launch(launched: list[tuple[str, str]], task: Task) -> Found:
    if not launched:
        return
    if len(launched) > 1:
        said = f"{len(launched)} volumes are configured at launch, and one may be"
        yield "D125", f"{launched[1][0]}.configuredAtLaunch", said
    mounted = {
        text(point.get("sourceVolume"))
        for container in task.containers.values()
        for _, point in objects(container.get("mountPoints"))
    }
    for path, name in launched:
        if name and name not in mounted:
            yield "D125", path, f"no container mounts {name}"


# ---------------------------------------------------------------------------- of a container


def mount_points(value: list[Any], at: str, container: Container, task: Task) -> Found:
    for index, point in objects(value):
        source = point.get("sourceVolume")
        if isinstance(source, str) and source not in task.volumes and not unknown(source):
            path = f"{at}.mountPoints[{index}].sourceVolume"
            yield "D123", path, f"no volume is called {source!r}"
    yield from mounted(at, container, task)


def mounted(at: str, container: Container, task: Task) -> Found:
    """Where volumes and tmpfs are mounted: no two at one place, each at an absolute path."""
    seen: set[str] = set()
    for path, target in _targets(at, container):
        if target in seen:
            yield "D205", path, f"something is mounted at {target} already"
        elif target[:1] != "/" and not task.windows:
            yield "D204", path, f"{target!r} is no absolute path"
        seen.add(target)


def _targets(at: str, container: Container) -> Iterator[tuple[str, str]]:
    tmpfs = mapping(container.get("linuxParameters")).get("tmpfs")
    for place, mounts in (
        ("mountPoints", container.get("mountPoints")),
        ("linuxParameters.tmpfs", tmpfs),
    ):
        for index, mount in objects(mounts):
            target = mount.get("containerPath")
            if isinstance(target, str) and target and not unknown(target):
                yield f"{at}.{place}[{index}].containerPath", target


def volumes_from(value: list[Any], at: str, container: Container, task: Task) -> Found:
    task.waits = True
    for index, source in objects(listed(value)):
        path, other = f"{at}.volumesFrom[{index}].sourceContainer", source.get("sourceContainer")
        if isinstance(other, str) and other not in task.containers and not unknown(other):
            yield "D126", path, f"{other!r} is no container of this task"


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_VOLUME = f"{_API}Volume.html"
_EFS_PAGE = f"{_API}EFSVolumeConfiguration.html"
_MOUNT = f"{_API}MountPoint.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D014",
        ERROR,
        "A volume's name has 1 to 255 letters, digits, dashes and underscores",
        _VOLUME,
        "rename the volume",
    ),
    Check(
        "D118",
        ERROR,
        "On Fargate nothing is mounted from an instance",
        f"{_API}HostVolumeProperties.html",
        "use EFS, or copy the files into the image",
    ),
    Check("D122", ERROR, "There are no volumes of Docker's on Fargate", _VOLUME, "use EFS"),
    Check(
        "D123",
        ERROR,
        "What is mounted is a volume of the task definition",
        _MOUNT,
        "add it to volumes",
    ),
    Check(
        "D124",
        ERROR,
        "An access point of EFS is the root itself, and it, IAM and a port need encrypted traffic",
        _EFS_PAGE,
        "set transitEncryption to ENABLED",
    ),
    Check(
        "D125",
        ERROR,
        "One volume at most is configured at launch, and a container mounts it",
        _VOLUME,
    ),
    Check(
        "D126",
        ERROR,
        "Volumes are taken from containers of the same task",
        f"{_API}VolumeFrom.html",
        "put both into one task: x-ecs: {task: NAME}",
    ),
    Check("D204", WARNING, "Mounts are at absolute paths", _MOUNT, "", "run"),
    Check(
        "D205", WARNING, "One thing is mounted at a path", _MOUNT, "remove one of the two", "run"
    ),
    Check("D206", ERROR, "A volume is of one kind", _VOLUME),
    Check(
        "D207",
        ERROR,
        "A volume's name is its own in the task definition",
        _VOLUME,
        "rename one of the two",
    ),
    Check(
        "D208",
        ERROR,
        "A volume that is made if missing is a shared one",
        f"{_API}DockerVolumeConfiguration.html",
        "set its scope to shared",
    ),
)
