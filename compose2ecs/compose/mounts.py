"""The short form of `volumes`."""

from __future__ import annotations

from typing import NamedTuple

from .interpolate import shorten
from .model import BindOptions, Mount, VolumeOptions

_PROPAGATION = frozenset(("rprivate", "private", "rshared", "shared", "rslave", "slave"))
_SELINUX = frozenset("zZ")
_END = "\0"


class ShortMount(NamedTuple):
    """A mount, and what about its short form a reader should hear of.

    `ignored` are the options that Compose silently leaves out. `drive_letter`: a volume whose name
    is one letter was likely meant, as in `v:/data`, and Compose read a Windows drive.
    """

    mount: Mount
    ignored: tuple[str, ...]
    drive_letter: bool


def parse_mount(text: str) -> ShortMount:
    """The mount of `[source:]target[:options]`. The source stays as written, the target is cleaned.

    >>> parse_mount("./a:/b/:ro").mount[:4]
    ('bind', '/b', './a', True)
    """
    if len(text) <= 2 and (text.isascii() or (len(text) == 1 and text < "\u0800")):
        # Compose looks no further at one or two bytes.
        if not text:
            raise ValueError("a volume cannot be the empty string")
        return ShortMount(Mount("volume", clean(text)), (), _is_drive(text))
    if "${" in text or _END in text:
        source, target, options, unread = _scan(text)
    else:
        source, target, options = _split(text)
        unread = ()
    if target is None:
        raise _bad(text, "it has no target")
    return _mount(text, source, clean(target), options, unread)


def _is_drive(text: str) -> bool:
    return text[1:2] == ":" and text[0].isalpha()


def _split(text: str) -> tuple[str | None, str, str]:
    """Source, target and options of a text without `${`."""
    parts = text.split(":", 7)  # with a drive before each of three sections, the rest is too much
    sections = []
    at = 0
    while at < len(parts):
        section = parts[at]
        at += 1
        if len(section) == 1 and section.isalpha() and at < len(parts):
            section = f"{section}:{parts[at]}"
            at += 1
        sections.append(section)
    if "" in sections[:3]:
        raise _bad(text, "there is nothing before, between or after its colons")
    if len(sections) > 3:
        raise _bad(text, "it has too many colons")
    if len(sections) == 1:
        return None, sections[0], ""
    return sections[0], sections[1], sections[2] if len(sections) == 3 else ""


def _scan(text: str) -> tuple[str | None, str | None, str, tuple[str, ...]]:
    """As `_split`, and last what Compose does not read: all that follows an unclosed `${`.

    Colons inside `${...}`, which only an escaped `$${` leaves here, do not count. NUL ends a
    section, as the end of the text does.
    """
    source: str | None = None
    target: str | None = None
    options: list[str] = []
    start = depth = 0
    for at, char in enumerate(text + _END):
        if char == "$" and text.startswith("{", at + 1):
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        elif not depth and (char == _END or char == ":"):
            section = text[start:at]
            if char == ":" and len(section) == 1 and section.isalpha():
                continue
            start = at + 1
            if not section:
                raise _bad(text, "there is nothing before, between or after its colons")
            if source is None and char == _END:
                target = section
            elif source is None:
                source = section
            elif target is None:
                target = section
            elif char == ":":
                raise _bad(text, "it has too many colons")
            else:
                options.append(section)
    return source, target, ",".join(options), (text[start:],) if start <= len(text) else ()


def _mount(
    text: str, source: str | None, target: str, options: str, unread: tuple[str, ...]
) -> ShortMount:
    read_only = nocopy = propagation = selinux = None
    ignored: list[str] = []
    if options:
        for option in options.split(","):
            if option == "ro":
                read_only = True
            elif option == "rw":
                read_only = None
            elif option == "nocopy":
                nocopy = True
            elif option in _PROPAGATION:
                propagation = option
            elif option in _SELINUX:
                selinux = option
            elif option:
                ignored.append(option)
    drive = _is_drive(text) and text[2:3] != "\\"
    if source is not None and _is_path(source):
        kind = "bind"
        drive = drive and not (target[0] in "/\\" or _is_drive(target))
    else:
        kind = "volume"
        drive = drive and source is None
    bind = None
    if kind == "bind" or propagation or selinux:
        bind = BindOptions(propagation, True, None, selinux)
    volume = VolumeOptions(nocopy=nocopy) if kind == "volume" or nocopy else None
    mount = Mount(kind, target, source, read_only, None, bind, volume)
    return ShortMount(mount, (*ignored, *unread), drive)


def _is_path(source: str) -> bool:
    return source[0] in "./~" or source.startswith("\\\\") or _is_drive(source)


def clean(path: str) -> str:
    """The path without empty, `.` and `..` steps, as Go cleans one."""
    if not path:
        return "."
    if "//" not in path and "/." not in path and path[0] != "." and path[-1] != "/":
        return path
    rooted = path[0] == "/"
    steps: list[str] = []
    for step in path.split("/"):
        if step == ".." and steps and steps[-1] != "..":
            steps.pop()
        elif (step == ".." and not rooted) or step not in ("", ".", ".."):
            steps.append(step)
    return ("/" if rooted else "") + "/".join(steps) or "."


def _bad(text: str, fault: str) -> ValueError:
    return ValueError(
        f"{shorten(text)!r} is not a mount: {fault}; the forms are target, source:target and "
        "source:target:options"
    )
