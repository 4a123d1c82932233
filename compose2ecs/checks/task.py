"""What the checks of a task definition have to know of the whole of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from compose2ecs.checks.model import Body, Found
from compose2ecs.checks.values import listed, mapping, objects, text, unknown

INT_MAX = 2**31 - 1  # AWS's integers have 32 bits


# A single port that is mapped: where its container stands, which of its mappings it is, the port,
# the instance's port (None where it is not written), the protocol.
Port = tuple[str, int, int, int | None, str]


class Task:
    """A task definition, as its containers see it.

    `mode` is the network mode, empty where it is not known; `containers` are those with a name,
    `volumes` the names of the volumes. As the containers are looked at, `ports` and `names` (of
    port mappings: where each stands, and what it is) are filled, and `size` grows by about what
    may grow large in JSON; `waits` says that a container waits for another.
    """

    __slots__ = (
        "_containers",
        "_volumes",
        "body",
        "external",
        "fargate",
        "managed",
        "mode",
        "names",
        "ports",
        "role",
        "size",
        "waits",
        "windows",
    )

    def __init__(self, body: Body) -> None:
        self.body = body
        self.fargate = self.external = self.managed = self.windows = self.waits = False
        if "requiresCompatibilities" in body:
            compatible = listed(body["requiresCompatibilities"])
            self.fargate = "FARGATE" in compatible
            self.external = "EXTERNAL" in compatible
            self.managed = "MANAGED_INSTANCES" in compatible
        self.mode = "awsvpc" if self.fargate else "bridge"
        if "networkMode" in body:
            mode = body["networkMode"]
            self.mode = mode if isinstance(mode, str) and not unknown(mode) else ""
        if "runtimePlatform" in body:
            system = text(mapping(body["runtimePlatform"]).get("operatingSystemFamily"))
            self.windows = system.startswith("WINDOWS")
        self.role = bool(body.get("executionRoleArn"))
        self.size = 0
        self.ports: list[Port] = []
        self.names: list[tuple[str, str]] = []
        self._containers: dict[str, dict[str, Any]] | None = None  # most tasks never ask
        self._volumes: set[str] | None = None

    @property
    def containers(self) -> dict[str, dict[str, Any]]:
        if self._containers is None:
            self._containers = {
                name: container
                for _, container in objects(self.body.get("containerDefinitions"))
                if isinstance(name := container.get("name"), str)
            }
        return self._containers

    @property
    def volumes(self) -> set[str]:
        if self._volumes is None:
            volumes = objects(self.body.get("volumes"))
            self._volumes = {text(volume.get("name")) for _, volume in volumes}
        return self._volumes

    @property
    def place(self) -> str:
        """What people call where it runs, in a sentence."""
        return "on Fargate" if self.fargate else f"with {self.mode} networking"


def word(value: Any, words: Iterable[str], path: str, check: str = "D219") -> Found:
    """D219 or another check, where a value is not one of the words that AWS knows there."""
    if value is not None and value not in tuple(words) and not unknown(value):
        yield check, path, f"{_shown(value)} is none of {', '.join(words)}"


def fits(value: Any, wanted: type) -> bool:
    """Whether a value is of the type that AWS wants; true and false are no numbers."""
    return isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))


def kind_fault(value: Any, wanted: type, path: str) -> Found:
    """D201, where a value is not of the type that AWS wants."""
    if not fits(value, wanted) and not unknown(value):
        yield "D201", path, f"{_shown(value)} is not {_KINDS[wanted]}"


def number_fault(value: Any, path: str, least: int = 0, most: int = INT_MAX) -> Found:
    """D201 or D214, where a value is no number, or one that AWS does not take."""
    if isinstance(value, bool) or not isinstance(value, int):
        yield from kind_fault(value, int, path)
    elif not least <= value <= most:
        yield "D214", path, f"{value} is not from {least} to {most}"


def within(value: Any, low: int, high: int) -> bool:
    """Whether a value is a number of that range, or not known yet."""
    if isinstance(value, int):
        return low <= value <= high and not isinstance(value, bool)
    return unknown(value)


def missing(entry: dict[str, Any], keys: Iterable[str], path: str) -> Found:
    """D230, for the members that an entry must have and has not."""
    for key in keys:
        if entry.get(key) in (None, ""):
            yield "D230", f"{path}.{key}", f"`{key}` is missing"


_KINDS = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}
_SHOWN = 60


def _shown(value: Any) -> str:
    """A value in a message, cut where it is long."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
