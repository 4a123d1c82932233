"""What a check is, and what it finds."""

# No `from __future__ import annotations`, for the reason given in compose/model.py.
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Body = Mapping[str, Any]
Bodies = Mapping[str, Mapping[str, Body]]  # by kind (as in ecs/model.py KINDS), then by name
Found = Iterator[tuple[str, str, str]]  # check id, path in the body, what is wrong
Faults = Iterable[tuple[str, str, str]]  # the same, where most of the time there is nothing

# What each module of the package exports beside ROWS, by kind of body. ALONE holds functions that
# look at one body; AMONG those that also look at what else there is. For one request `bodies` is
# what exists already, so the body itself may be among them or not: compare others with `is not`.
Alone = Mapping[str, tuple[Callable[[Body], Found], ...]]
Among = Mapping[str, tuple[Callable[[Body, Bodies], Found], ...]]


class Check(NamedTuple):
    """One rule of AWS's.

    `when` says who would object, and when: `register` (RegisterTaskDefinition), `service`
    (CreateService), `elb`, `scaling`, `other` (another service of AWS's), `run` (accepted, and
    fails or misbehaves at run time) or `meaning` (accepted, and means less).

    Exactly one of three is the way it is decided: a function of this package on the bodies
    (`said_by` and `undecided` empty), diagnostics of the translation (`said_by`, their codes), or
    not without asking AWS (`undecided`, the reason).
    """

    id: str
    severity: str  # error, warning or info
    title: str
    source: str  # the page of AWS's that says so
    hint: str = ""
    when: str = "register"
    said_by: tuple[str, ...] = ()
    undecided: str = ""


class Finding(NamedTuple):
    """A check that a body fails: `path` is like `containerDefinitions[0].memory`."""

    check: Check
    kind: str
    name: str
    path: str
    text: str
