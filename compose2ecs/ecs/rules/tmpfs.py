"""Folders in memory: `tmpfs`, and mounts of that type.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tmpfs.html
"""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.compose.model import Mount
from compose2ecs.ecs.scope import Body, Scope
from compose2ecs.limits import MIB, TMPFS_OPTIONS, TMPFS_VALUED_OPTIONS

_DEFAULT = 64  # MiB; ECS wants a size, Docker's own default is half of the machine


def long_tmpfs(scope: Scope, mount: Mount) -> None:
    """A mount of the type tmpfs."""
    options = ["ro"] if mount.read_only else []
    size = None
    if mount.tmpfs is not None:
        size = mount.tmpfs.size
        if mount.tmpfs.mode is not None:
            options.append(f"mode={mount.tmpfs.mode:o}")
    _tmpfs(scope, mount.target or "", size, options, mount.place)


def short_tmpfs(scope: Scope, entry: str) -> None:
    """An entry of `tmpfs`: PATH, or PATH:OPTIONS as mount(8) has them."""
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
        scope.say_at(codes.TMPFS_SIZE, place, path=path, mib=_DEFAULT)
    mount: Body = {
        "containerPath": path,
        "size": -(-size // MIB) if size else _DEFAULT,
    }
    if options:
        mount["mountOptions"] = options
    scope.linux().setdefault("tmpfs", []).append(mount)
