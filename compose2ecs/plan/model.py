"""A plan: what will change, by which calls, in which order. Frozen, and text as well as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from compose2ecs.ecs.model import Ref

Body = dict[str, Any]
CREATE = "create"
UPDATE = "update"
REPLACE = "replace"
DELETE = "delete"
RUN = "run"
TAG = "tag"  # nothing but a note of ours: never shown as a change
_REF = "compose2ecs:ref"


class Difference(NamedTuple):
    """One value that changes; None is one that is not there. `path` reads like
    `containers.web.environment.DB_HOST`."""

    path: str
    old: Any = None
    new: Any = None


class Call(NamedTuple):
    """One thing to do. `needs` are the ids of the calls that come first; `makes` is the reference
    that its answer resolves."""

    id: str
    operation: str
    body: Body
    needs: tuple[str, ...] = ()
    makes: str = ""


class Change(NamedTuple):
    """One object that changes, and the calls for it; `why` is said where it does not show."""

    action: str
    kind: str
    name: str
    service: str = ""
    differences: tuple[Difference, ...] = ()
    calls: tuple[Call, ...] = ()
    why: str = ""


class Expected(NamedTuple):
    """A service as it shall be at the end: which revision runs (a reference where it is not made
    yet), how many tasks (None: as many as something else decides), which target groups are healthy.
    `hash` stands for the content of the revision: another one of the same content is as good."""

    service: str
    revision: str
    desired: int | None
    groups: tuple[str, ...] = ()
    changed: bool = False
    hash: str = ""


class Plan(NamedTuple):
    """`known` are the references that are resolved already; `observed` stands for the world that
    was looked at: a plan is for that world and no other. `expected` is what to wait for."""

    stack: str
    project: str
    cluster: str
    region: str
    listener: str
    changes: tuple[Change, ...]
    known: Mapping[str, str]
    observed: str
    expected: tuple[Expected, ...] = ()
    urls: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def calls(self) -> tuple[Call, ...]:
        """Everything to do."""
        return tuple(call for change in self.changes for call in change.calls)

    @property
    def shown(self) -> tuple[Change, ...]:
        """What a user would call a change."""
        return tuple(change for change in self.changes if change.action != TAG)


def plain(value: Any) -> Any:
    """A value without references, so that it can be written as JSON."""
    if isinstance(value, Ref):
        return {_REF: [value.kind, value.name, value.attribute]}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {key: plain(item) for key, item in value._asdict().items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def unplain(value: Any) -> Any:
    """The value that `plain` made plain.

    >>> unplain(plain({"a": [Ref("vpc", attribute="id"), 1]}))
    {'a': ['<vpc-id>', 1]}
    """
    if isinstance(value, dict):
        if value.keys() == {_REF}:
            return Ref(*value[_REF])
        return {key: unplain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unplain(item) for item in value]
    return value


FORMAT = 1


def to_data(plan: Plan) -> dict[str, Any]:
    """The plan as plain values, with everything that is in it: secrets, too."""
    data: dict[str, Any] = {"format": FORMAT, **plain(plan)}
    return data


def from_data(data: Mapping[str, Any]) -> Plan:
    """The plan that `to_data` wrote. Raises ValueError with the reason."""
    if data.get("format") != FORMAT:
        raise ValueError("it is not a plan of this version")
    try:
        values = {key: unplain(data[key]) for key in Plan._fields}
        values["changes"] = tuple(_change(entry) for entry in values["changes"])
        values["expected"] = tuple(
            Expected(**{**entry, "groups": tuple(entry["groups"])}) for entry in values["expected"]
        )
        values["urls"], values["notes"] = tuple(values["urls"]), tuple(values["notes"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is damaged ({error})") from None
    return Plan(**values)


def _change(data: dict[str, Any]) -> Change:
    calls = [Call(**{**entry, "needs": tuple(entry["needs"])}) for entry in data["calls"]]
    differences = [Difference(**entry) for entry in data["differences"]]
    return Change(**{**data, "calls": tuple(calls), "differences": tuple(differences)})
