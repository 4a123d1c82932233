"""`volumes` and `tmpfs`, `configs` and `secrets`, `devices`: what is put into the container.

Source: https://docs.docker.com/reference/compose-file/services/#volumes
"""

from __future__ import annotations

import os.path
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.model import (
    BindOptions,
    Device,
    FileGrant,
    ImageOptions,
    Mount,
    TmpfsOptions,
    VolumeOptions,
)
from compose2ecs.compose.mounts import parse_mount
from compose2ecs.compose.reading import (
    Reading,
    boolean,
    choice,
    either,
    items,
    pairs,
    record,
    refuse_duplicates,
    strict_integer,
    string,
    unique,
    whole_size,
)


def read_mounts(value: Any, place: int, reading: Reading) -> tuple[Mount, ...]:
    """Every mount; of two on one target the later takes the earlier one's place."""
    if reading.literal and isinstance(value, Seq):
        refuse_duplicates(value, reading)
    return unique(_mounts(value, place, reading), _target_of, reading)


def _target_of(mount: Mount) -> object:
    return mount.target if mount.target is not None else id(mount)


def _mount(value: Any, place: int, reading: Reading) -> Mount | None:
    if value.__class__ is str:
        try:
            short = parse_mount(value)
        except ValueError as error:
            reading.say(codes.BAD_MOUNT, place, reason=error)
            return None
        if short.ignored:
            reading.say(codes.MOUNT_OPTION_IGNORED, place, options=", ".join(short.ignored))
        if short.drive_letter:
            reading.say(codes.DRIVE_LETTER, place, text=value, letter=value[0])
        mount = short.mount
    else:
        mount = _long(value, place, reading)
        if mount is None:
            return None
    mount = mount._replace(place=place)
    if mount.type == "bind" and mount.source and not is_windows(mount.source):
        source = absolute(mount.source, reading, _place_of_source(value, place))
        if source != mount.source:
            mount = mount._replace(source=source, relative=mount.source)
    return mount


def _place_of_source(value: Any, place: int) -> int:
    return value.at["source"] if isinstance(value, Map) else place


def is_windows(path: str) -> bool:
    """Whether it is an absolute path of a Windows machine, which is left alone."""
    return path.startswith("\\\\") or (
        path[1:2] == ":" and path[:1].isalpha() and path[2:3] in ("/", "\\")
    )


def absolute(path: str, reading: Reading, place: int) -> str:
    """A path that stands at `place`, made absolute as Compose does: `~` is the home, and what is
    relative starts in the project's folder, or in that of the file that was included or extended."""
    if path.startswith("~"):
        home = reading.lookup("HOME") or os.path.expanduser("~")
        return os.path.normpath(home + "/" + path[1:].lstrip("/"))
    if path.startswith("/"):
        return path
    return os.path.normpath(os.path.join(reading.directory_at(place), path))


def _mode(value: Any, place: int, reading: Reading) -> int | None:
    """A file mode: an octal string, or the number that YAML made of it."""
    if value.__class__ is int:
        return value
    if value.__class__ is str:
        digits = value[1:] if value[:1] in ("+", "-") else value
        if digits and not digits.strip("01234567"):
            return int(value, 8)
        reading.say(codes.BAD_MODE, place, text=value)
        return None
    reading.wrong_type(value, place, "a file mode")
    return None


def _tmpfs_mode(value: Any, place: int, reading: Reading) -> int | None:
    """A mode as a number; Compose cuts a fraction off, and reads no strings here."""
    mode = strict_integer(int(value) if value.__class__ is float else value, place, reading)
    if mode is not None and mode < 0:
        reading.say(codes.NEGATIVE, place, value=mode)
        return None
    return mode


def _tmpfs_size(value: Any, place: int, reading: Reading) -> Any:
    if value.__class__ is int and value < 0:
        reading.say(codes.BAD_SIZE, place, reason="a size cannot be negative")
        return None
    return whole_size(value, place, reading)


_long = record(
    Mount,
    {
        "type": choice("bind", "volume", "tmpfs", "cluster", "npipe", "image"),
        "source": string,
        "target": string,
        "read_only": boolean,
        "consistency": string,
        "bind": record(
            BindOptions,
            {
                "propagation": string,
                "create_host_path": boolean,
                "recursive": choice("enabled", "disabled", "writable", "readonly"),
                "selinux": choice("z", "Z"),
            },
        ),
        "volume": record(
            VolumeOptions, {"labels": pairs(exact=True), "nocopy": boolean, "subpath": string}
        ),
        "tmpfs": record(TmpfsOptions, {"size": _tmpfs_size, "mode": _tmpfs_mode}),
        "image": record(ImageOptions, {"subpath": string}),
    },
    required=("type", "target"),
    defaults={"type": ""},
)
_mounts = items(_mount)


def _granted(value: Any, place: int, reading: Reading) -> FileGrant | None:
    name = string(value, place, reading)
    return None if name is None else FileGrant(name, place=place)


_grant_long = record(
    FileGrant,
    {"source": string, "target": string, "uid": string, "gid": string, "mode": _mode},
    defaults={"source": ""},
)


_grants = items(either(_granted, _grant_long))


def read_secrets(value: Any, place: int, reading: Reading) -> tuple[FileGrant, ...]:
    """The secrets of a service; without a target they stand under /run/secrets."""
    grants = [
        grant
        if grant.target or reading.step
        else grant._replace(target=f"/run/secrets/{grant.source}")
        for grant in _grants(value, place, reading)
    ]
    return unique(grants, lambda grant: grant.target, reading)


def read_build_secrets(value: Any, place: int, reading: Reading) -> tuple[FileGrant, ...]:
    """The secrets of a build, which are named and not put anywhere by default."""
    return _grants(value, place, reading)  # type: ignore[no-any-return]


def read_configs(value: Any, place: int, reading: Reading) -> tuple[FileGrant, ...]:
    """The configs of a service; without a target they stand at the root."""
    return unique(
        _grants(value, place, reading),
        lambda grant: grant.target or f"/{grant.source}",
        reading,
    )


def _device_text(value: Any, place: int, reading: Reading) -> Device | None:
    parts = value.split(":")
    if len(parts) > 3 or not parts[0]:
        reading.say(codes.BAD_DEVICE, place, text=value)
        return None
    return Device(
        parts[0],
        (parts[1] if len(parts) > 1 else "") or parts[0],
        parts[2] if len(parts) > 2 else "rwm",
        place=place,
    )


_devices = items(
    either(
        _device_text,
        record(
            Device,
            {"source": string, "target": string, "permissions": string},
            required=("source", "target"),
            defaults={"source": ""},
        ),
    )
)


def read_devices(value: Any, place: int, reading: Reading) -> tuple[Device, ...]:
    return unique(
        _devices(value, place, reading), lambda device: device.target or device.source, reading
    )
