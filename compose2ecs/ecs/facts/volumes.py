"""`x-ecs.volumes`: the storage behind the named volumes of the compose file.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EFSVolumeConfiguration.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceManagedEBSVolumeConfiguration.html
"""

# No `from __future__ import annotations`, for the reason given in compose/model.py.
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.located import Map
from compose2ecs.compose.model import EMPTY, Volume
from compose2ecs.compose.reading import (
    Reader,
    Reading,
    boolean,
    choice,
    mapping,
    record,
    string,
    whole,
)

# By type of EBS volume: least and most GiB, and least and most I/O operations a second.
EBS_GIB = {
    "gp2": (1, 16384),
    "gp3": (1, 16384),
    "io1": (4, 16384),
    "io2": (4, 16384),
    "st1": (125, 16384),
    "sc1": (125, 16384),
    "standard": (1, 1024),
}
EBS_IOPS = {"gp3": (3000, 16000), "io1": (100, 64000), "io2": (100, 256000)}
EBS_TYPE = "gp3"
_FILE_SYSTEM = re.compile(r"fs-[A-Za-z0-9]+")
_EFS_HOST = re.compile(
    r"(?:[a-z0-9-]+\.)?(fs-[A-Za-z0-9]+)\.efs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\.?"
)


class Efs(NamedTuple):
    """An EFS file system. `region` is that of the host name by which Docker would mount it."""

    file_system_id: str = ""
    root_directory: str = "/"
    access_point: str | None = None
    iam: bool | None = None
    transit_encryption: bool | None = None
    region: str | None = None
    read_only: bool = False
    written: Mapping[str, int] = EMPTY


class Ebs(NamedTuple):
    """An EBS volume of which each task gets its own: GiB, operations and MiB a second."""

    size_gib: int | None = None
    snapshot: str | None = None
    type: str = EBS_TYPE
    iops: int | None = None
    throughput: int | None = None
    encrypted: bool | None = None
    kms_key: str | None = None
    filesystem: str | None = None
    role: str | None = None
    written: Mapping[str, int] = EMPTY


class VolumeFacts(NamedTuple):
    """What stands behind a volume: exactly one of these."""

    efs: Efs | None = None
    ebs: Ebs | None = None
    scope: str | None = None  # task or shared
    place: int = 0
    written: Mapping[str, int] = EMPTY


def _form(pattern: str, wanted: str) -> Reader:
    compiled = re.compile(pattern)

    def read(value: Any, place: int, reading: Reading) -> str | None:
        text = string(value, place, reading)
        if text is not None and not compiled.fullmatch(text):
            reading.say(codes.BAD_FORM, place, text=text, wanted=wanted)
            return None
        return text

    return read


_file_system = _form(_FILE_SYSTEM.pattern, "the id of a file system, fs-...")
_efs_keys = record(
    Efs,
    {
        "file_system_id": _file_system,
        "root_directory": _form("/.*", "an absolute path"),
        "access_point": _form("fsap-[A-Za-z0-9]+", "the id of an access point, fsap-..."),
        "iam": boolean,
        "transit_encryption": boolean,
    },
    required=("file_system_id",),
    extensions=False,
)


def _efs(value: Any, place: int, reading: Reading) -> Efs | None:
    """The id alone, or with how it is mounted."""
    if value.__class__ is str:
        name = _file_system(value, place, reading)
        return None if name is None else Efs(name)
    found: Efs | None = _efs_keys(value, place, reading)
    if found is None:
        return None
    written = found.written
    if found.access_point and found.root_directory != "/":
        reading.say(codes.EFS_ROOT, written["root_directory"])
    for key in ("access_point", "iam"):
        if getattr(found, key) and found.transit_encryption is False:
            reading.say(codes.EFS_TRANSIT, written["transit_encryption"], key=key)
    return found


_ebs_keys = record(
    Ebs,
    {
        "size_gib": whole(1, 16384),
        "snapshot": _form("snap-[A-Za-z0-9]+", "the id of a snapshot, snap-..."),
        "type": choice(*EBS_GIB),
        "iops": whole(100, 256000),
        "throughput": whole(125, 1000),
        "encrypted": boolean,
        "kms_key": _form(r"\S+", "the id, alias or ARN of a key"),
        "filesystem": choice("xfs", "ext4", "ext3"),
        "role": _form(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+", "the ARN of a role"),
    },
    extensions=False,
)


def _ebs(value: Any, place: int, reading: Reading) -> Ebs | None:
    found: Ebs | None = _ebs_keys(value, place, reading)
    if found is None:
        return None
    written, kind = found.written, found.type
    if "size_gib" not in written and "snapshot" not in written:
        reading.say(codes.NEEDS_ONE_KEY, value.place, first="size_gib", second="snapshot")
    _within("size_gib", EBS_GIB[kind], found, reading)
    if kind in EBS_IOPS:
        _within("iops", EBS_IOPS[kind], found, reading)
    elif "iops" in written:
        reading.say(codes.EBS_OPTION, written["iops"], key="iops", kind=kind)
    if kind in ("io1", "io2") and "iops" not in written:
        reading.say(codes.MISSING_KEY, value.place, key="iops")
    if "throughput" in written and kind != "gp3":
        reading.say(codes.EBS_OPTION, written["throughput"], key="throughput", kind=kind)
    if found.kms_key and found.encrypted is False:
        reading.say(codes.EBS_KEY, written["encrypted"])
    return found


def _within(key: str, bounds: tuple[int, int], found: Ebs, reading: Reading) -> None:
    """The bounds that depend on the type of the volume."""
    value: int | None = getattr(found, key)
    low, high = bounds
    if value is not None and not low <= value <= high:
        reading.path.append(f".{key}")
        reading.say(codes.OUT_OF_RANGE, found.written[key], value=value, low=low, high=high)
        reading.path.pop()


_volume_keys = record(
    VolumeFacts,
    {"efs": _efs, "ebs": _ebs, "scope": choice("task", "shared")},
    extensions=False,
)


def _volume(value: Any, place: int, reading: Reading) -> VolumeFacts | None:
    found: VolumeFacts | None = _volume_keys(value, place, reading)
    if isinstance(value, Map) and len(value.keys() & {"efs", "ebs", "scope"}) != 1:
        reading.say(codes.VOLUME_KIND, value.place)
    return found


_volumes = mapping(_volume, names=True)


def read_volumes(value: Any, place: int, reading: Reading) -> Mapping[str, VolumeFacts]:
    """The facts of `x-ecs.volumes`, by the volume's name in the compose file."""
    found: Mapping[str, VolumeFacts] = _volumes(value, place, reading)
    return found


def efs_of_options(volume: Volume) -> Efs | None:
    """The EFS file system that a volume of Docker's local driver mounts by NFS, if it is one.

    >>> options = {"type": "nfs4", "o": "addr=fs-1.efs.eu-west-1.amazonaws.com,ro", "device": ":/a"}
    >>> efs_of_options(Volume("data", driver_opts=options))[:2]
    ('fs-1', '/a')
    """
    options = str(volume.driver_opts.get("o", "")).split(",")
    address = next((text[5:] for text in options if text.startswith("addr=")), "")
    host, _, path = str(volume.driver_opts.get("device", "")).rpartition(":")
    for name in (address, host):
        found = _EFS_HOST.fullmatch(name.strip())
        if found is not None:
            root = "/" + path.strip("/")
            return Efs(found[1], root, region=found[2], read_only="ro" in options)
    return None
