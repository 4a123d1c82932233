"""What AWS refuses, or takes and does not mean: one table, asked before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from compose2ecs.checks.model import Bodies, Body, Finding, Found
from compose2ecs.checks.stack import Whole

# The modules that decide what is wrong with a kind of body, in the order in which they are asked.
# They are imported when there is such a body: most stacks have no jobs and scale nothing.
DECIDING = {
    "log-groups": ("stack",),
    "log-group-retention": ("stack",),
    "namespaces": ("stack",),
    "task-definitions": ("tasks",),
    "target-groups": ("routing", "stack"),
    "target-group-attributes": ("routing",),
    "listener-rules": ("rules", "stack"),
    "services": ("services", "stack"),
    "scalable-targets": ("scaling", "stack"),
    "scaling-policies": ("scaling",),
    "scheduled-actions": ("scaling",),
    "run-tasks": ("jobs", "stack"),
    "schedules": ("jobs", "stack"),
}
# Those that remark on what is not wrong (severity info), which a conversion is not asked for.
REMARKING = {"task-definitions": ("remarks",), "services": ("remarks",)}

_Deciders = tuple[tuple[Callable[[Body], Found], ...], tuple[Callable[[Body, Bodies], Found], ...]]
_KNOWN: dict[tuple[str, bool], _Deciders] = {}


def find(bodies: Bodies, *, remarks: bool = True) -> list[Finding]:
    """Everything that is wrong with these bodies, taken as all there is.

    Without `remarks` what is worth a remark only is left out.
    """
    found: list[Finding] = []
    whole = Whole(bodies)
    for kind, named in bodies.items():
        deciders = _deciders(kind, remarks)
        for name, body in named.items():
            if isinstance(body, dict):
                _ask(deciders, kind, name, body, whole, found)
    return found


def find_one(
    kind: str, body: Body, bodies: Bodies, name: str = "", *, remarks: bool = True
) -> list[Finding]:
    """What is wrong with one request of a kind, where `bodies` are there already."""
    found: list[Finding] = []
    if isinstance(body, dict):
        _ask(_deciders(kind, remarks), kind, name, body, Whole(bodies), found)
    return found


def _ask(
    deciders: _Deciders, kind: str, name: str, body: Body, bodies: Bodies, found: list[Finding]
) -> None:
    for alone in deciders[0]:
        for id_, path, text in alone(body):
            found.append(_finding(id_, kind, name, path, text))
    for among in deciders[1]:
        for id_, path, text in among(body, bodies):
            found.append(_finding(id_, kind, name, path, text))


def _finding(id_: str, kind: str, name: str, path: str, text: str) -> Finding:
    from compose2ecs.checks.table import TABLE  # it needs every module there is

    return Finding(TABLE[id_], kind, name, path, text)


def _deciders(kind: str, remarks: bool) -> _Deciders:
    """The functions to ask about a kind of body: of it alone, and of it among others."""
    known = _KNOWN.get((kind, remarks))
    if known is None:
        names = DECIDING.get(kind, ()) + (REMARKING.get(kind, ()) if remarks else ())
        modules = [import_module(f"{__name__}.{name}") for name in names]
        known = _KNOWN[kind, remarks] = (
            tuple(alone for module in modules for alone in module.ALONE.get(kind, ())),
            tuple(among for module in modules for among in module.AMONG.get(kind, ())),
        )
    return known
