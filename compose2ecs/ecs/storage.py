"""Where the data of named volumes is, and what that asks of task definitions and services.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ebs-volumes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compose2ecs import codes
from compose2ecs.compose.model import Service, Volume
from compose2ecs.limits import BACKEND_IMAGES, image_family
from compose2ecs.names import ecs_name

if TYPE_CHECKING:
    from compose2ecs.ecs.facts.volumes import Ebs, Efs
    from compose2ecs.ecs.groups import Group
    from compose2ecs.ecs.launch import Launch
    from compose2ecs.ecs.work import Work

Body = dict[str, Any]

INSTANCE = "instance"  # a Docker volume on the disk of one instance
PLUGIN = "plugin"  # a Docker volume of a driver that has the data elsewhere
NETWORK = "network"  # a Docker volume that is a network file system
MEMORY = "memory"  # a Docker volume that is a tmpfs
TASK = "task"  # a Docker volume that comes and goes with its task
EMPTY = "empty"  # what Fargate has instead of Docker volumes: gone with the task as well
EFS = "efs"
EBS = "ebs"

# What Docker's ECS integration, now retired, made file systems with.
_RETIRED_OPTIONS = frozenset(
    ("backup_policy", "gid", "kms_key_id", "lifecycle_policy", "performance_mode", "permissions")
    + ("provisioned_throughput", "root_directory", "throughput_mode", "uid")
)


def kind_of(volume: Volume, launch: Launch, work: Work) -> str:
    """Where the data of a volume is, for a task that is launched so."""
    facts = work.target.facts.volumes.get(volume.key)
    if facts is not None and facts.ebs is not None:
        return EBS
    if efs_of(volume, work) is not None:
        return EFS
    if launch.fargate:
        return EMPTY
    if facts is not None and facts.scope == "task":
        return TASK
    if volume.driver not in (None, "local"):
        return PLUGIN
    system = str(volume.driver_opts.get("type", ""))
    if system.startswith(("nfs", "cifs")):
        return NETWORK
    return MEMORY if system == "tmpfs" else INSTANCE


def efs_of(volume: Volume, work: Work) -> Efs | None:
    """The EFS file system that a volume is: by `x-ecs`, or as Docker mounts one by NFS."""
    facts = work.target.facts.volumes.get(volume.key)
    if facts is not None:
        efs: Efs | None = facts.efs
        return efs
    if not str(volume.driver_opts.get("type", "")).startswith("nfs"):
        return None
    from compose2ecs.ecs.facts.volumes import efs_of_options

    return efs_of_options(volume)


def volume_name(volume: Volume, work: Work) -> str:
    """What a volume is called in a task definition, and by Docker on the instance."""
    return ecs_name(wanted_name(volume, work))


def wanted_name(volume: Volume, work: Work) -> str:
    """What Docker would call a volume; its own name, or the stack's and its key."""
    if volume.external or "name" in volume.written:
        return volume.name or volume.key
    return f"{work.target.stack}_{volume.key}"


def volume_body(volume: Volume, kind: str, work: Work) -> Body:
    """What a task definition says of a volume, but for its name."""
    if kind == EBS:
        return {"configuredAtLaunch": True}
    if kind == EMPTY:
        return {"host": {}}
    if kind == EFS:
        efs = efs_of(volume, work)
        assert efs is not None
        return {"efsVolumeConfiguration": efs_body(efs, efs.root_directory)}
    body: Body = {"scope": "task"}
    if kind != TASK:
        body = {"scope": "shared", "autoprovision": not volume.external}
    if volume.driver:
        body["driver"] = volume.driver
    retired = _RETIRED_OPTIONS if volume.driver in (None, "local") else ()  # plugins have their own
    options = {k: v for k, v in volume.driver_opts.items() if k not in retired}
    if options and not _is_here(volume, work):
        body["driverOpts"] = dict(sorted(options.items()))
    if volume.labels:
        body["labels"] = dict(sorted(volume.labels.items()))
    return {"dockerVolumeConfiguration": body}


def _is_folder(volume: Volume) -> bool:
    """Whether a volume is a folder of the machine, which Docker mounts and does not create."""
    options = str(volume.driver_opts.get("o", "")).split(",")
    return volume.driver in (None, "local") and bool({"bind", "rbind"} & {*options})


def _is_here(volume: Volume, work: Work) -> bool:
    """Whether a volume is a folder inside the project's own, which no instance has."""
    options, folder = volume.driver_opts, work.project.directory
    if not _is_folder(volume):
        return False
    return f"{options.get('device', '')}/".startswith(f"{folder.rstrip('/')}/")


def efs_body(efs: Efs, root: str) -> Body:
    """An EFSVolumeConfiguration."""
    body: Body = {"fileSystemId": efs.file_system_id}
    if root != "/":
        body["rootDirectory"] = root
    if efs.access_point or efs.iam:
        body["transitEncryption"] = "ENABLED"
        body["authorizationConfig"] = access = {}
        if efs.access_point:
            access["accessPointId"] = efs.access_point
        if efs.iam:
            access["iam"] = "ENABLED"
    elif efs.transit_encryption is not None:
        body["transitEncryption"] = "ENABLED" if efs.transit_encryption else "DISABLED"
    return body


def is_shared(body: Body) -> bool | None:
    """Whether tasks that have this volume share its data; False says only on one instance, None
    not even there."""
    if "efsVolumeConfiguration" in body:
        return True
    docker = body.get("dockerVolumeConfiguration")
    if docker is None or docker["scope"] == "task":
        return None
    elsewhere = str(docker.get("driverOpts", {}).get("type", "")).startswith(("nfs", "cifs"))
    return elsewhere or docker.get("driver") not in (None, "local")


def tell_volumes(work: Work) -> None:
    """Say of volumes what holds whatever tasks mount them."""
    volumes = work.project.volumes
    facts = work.target.facts.volumes
    for key, fact in facts.items():
        if key not in volumes:
            _tell_undefined(key, fact.place, work)
    services = list(work.services.values())
    services += [step.container for service in services for step in service.pre_start]
    used = {m.source for s in services for m in s.volumes if m.type == "volume"}
    for key, volume in volumes.items():
        if key not in used:
            continue
        place = volume.written.get("driver_opts", volume.place)
        said = facts.get(key)
        lost = sorted(_RETIRED_OPTIONS & volume.driver_opts.keys())
        if lost and (said is None or said.efs is None) and volume.driver in (None, "local"):
            work.say(codes.VOLUME_RETIRED_OPTIONS, place, name=key, options=", ".join(lost))
        if said is None and _is_here(volume, work):
            device = volume.driver_opts["device"]
            work.say(codes.VOLUME_OF_THIS_MACHINE, place, name=key, device=device)
        elif said is None and _is_folder(volume):
            device = volume.driver_opts.get("device", "")
            work.say(codes.VOLUME_IS_FOLDER, place, name=key, device=device)
        efs = efs_of(volume, work)
        if efs is None:
            continue
        if said is not None:
            work.say(codes.VOLUME_ON_EFS, said.place, name=key, id=efs.file_system_id)
        else:
            work.say(codes.VOLUME_ON_EFS_BY_OPTIONS, place, name=key, id=efs.file_system_id)
        if efs.region and work.target.region and efs.region != work.target.region:
            region, here = efs.region, work.target.region
            work.say(codes.EFS_REGION, place, name=key, region=region, here=here)


def _tell_undefined(key: str, place: int, work: Work) -> None:
    from compose2ecs.compose.reading import nearest

    known = work.project.volumes
    guess = nearest(key, known)
    work.say(
        codes.UNDEFINED,
        place,
        path=f"x-ecs.volumes.{key}",
        kind="volume",
        name=key,
        known=f"did you mean {guess!r}?"
        if guess
        else f"there are: {', '.join(known)}"
        if known
        else "add it under the top-level `volumes:`",
    )


def one_writer(service: Service, launch: Launch, work: Work) -> list[str]:
    """The volumes that a service writes to and that bear no second copy of it, not even while it is
    replaced: data on an instance, and a database's wherever it is."""
    found = []
    database = image_family(service.image) in BACKEND_IMAGES
    for mount in service.volumes:
        if mount.type != "volume" or not mount.source or mount.read_only:
            continue
        kind = kind_of(work.project.volumes[mount.source], launch, work)
        if kind in (INSTANCE, PLUGIN) or (kind in (EFS, NETWORK) and database):
            found.append(mount.source)
    return found


def launch_volumes(group: Group, work: Work) -> list[Body]:
    """The volumes that a task definition leaves to the launch of its tasks: the EBS volume."""
    body = work.resources["task-definitions"][work.name(group.name)].body
    found: list[Body] = []
    for volume in body.get("volumes", ()):
        if "configuredAtLaunch" not in volume:
            continue
        key = work.volume_names[volume["name"]]
        managed = _ebs_body(work.target.facts.volumes[key].ebs, key, group, work)
        found.append({"name": volume["name"], "managedEBSVolume": managed})
        for name in group.members:
            service = work.services[name]
            if service.deploy is not None and service.deploy.mode == "global":
                work.say(codes.EBS_DAEMON, service.deploy.written["mode"], service, name=key)
    return found


def _ebs_body(ebs: Ebs, key: str, group: Group, work: Work) -> Body:
    """A ManagedEBSVolume; the type is written, since AWS's default for it has changed before."""
    how = f"x-ecs: {{volumes: {{{key}: {{ebs: {{role: ...}}}}}}}}"
    members = {
        "encrypted": ebs.encrypted,
        "kmsKeyId": ebs.kms_key,
        "volumeType": ebs.type,
        "sizeInGiB": ebs.size_gib,
        "snapshotId": ebs.snapshot,
        "iops": ebs.iops,
        "throughput": ebs.throughput,
        "roleArn": ebs.role or work.reference("infrastructure-role", "", how),
        "filesystemType": ebs.filesystem,
    }
    body: Body = {name: value for name, value in members.items() if value is not None}
    if not group.once:
        body["tagSpecifications"] = [{"resourceType": "volume", "propagateTags": "SERVICE"}]
    return body
