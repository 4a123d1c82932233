"""A plan as people read it. Values that may be secret are never in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compose2ecs.plan.diff import is_secret
from compose2ecs.plan.model import CREATE, DELETE, REPLACE, RUN, UPDATE, Change, Difference, Plan

_MARKS = {CREATE: "+", UPDATE: "~", REPLACE: "±", DELETE: "-", RUN: ">"}
_KINDS = {
    "log-groups": "log group",
    "namespaces": "namespace",
    "services": "service",
    "target-groups": "target group",
    "listener-rules": "listener rule",
    "jobs": "task",
    "schedules": "schedule",
}
_WORDS = {
    CREATE: "to create",
    UPDATE: "to change",
    REPLACE: "to replace",
    DELETE: "to delete",
    RUN: "to run",
}
MASK = "***"


def lines(plan: Plan) -> Iterator[str]:
    """The plan line by line: one a change, below it what differs."""
    region = f" ({plan.region})" if plan.region else ""
    if not plan.shown:
        yield f"{plan.stack} on {plan.cluster}{region}: nothing to change"
        yield from plan.notes
        return
    yield f"{plan.stack} on {plan.cluster}{region}"
    yield ""
    for change in plan.shown:
        yield f"  {_MARKS[change.action]} {title(change)}"
        if change.why:
            yield f"      {change.why}"
        for difference in change.differences:
            yield f"      {difference_text(difference)}"
    yield ""
    yield from plan.notes
    yield summary(plan)


def title(change: Change) -> str:
    """What a change is about: `service shop-web`."""
    return f"{_KINDS.get(change.kind, change.kind)} {change.name}"


def summary(plan: Plan) -> str:
    """How much of what."""
    counts = dict.fromkeys(_WORDS, 0)
    for change in plan.shown:
        counts[change.action] += 1
    said = [f"{count} {_WORDS[action]}" for action, count in counts.items() if count]
    return f"Plan: {', '.join(said) or 'nothing to change'}."


def difference_text(difference: Difference) -> str:
    """One value that changes, masked where it may be secret."""
    path, old, new = difference
    if is_secret(path):
        how = "new" if old is None else "removed" if new is None else "changed"
        return f"{path}: {MASK} ({how})"
    if old is None:
        return f"{path}: {_text(new)} (new)"
    if new is None:
        return f"{path}: {_text(old)} (removed)"
    return f"{path}: {_text(old)} -> {_text(new)}"


_LONG = 100


def _text(value: Any) -> str:
    if isinstance(value, str):
        text = value if value and value.isprintable() and " " not in value else repr(value)
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = str(_masked(value))
    return text if len(text) <= _LONG else text[: _LONG - 3] + "..."


def _masked(value: Any, path: str = "") -> Any:
    """A structure with masks in the place of what may be secret."""
    if isinstance(value, dict):
        return {key: _masked(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item, path) for item in value]
    return MASK if path and is_secret(path) else value


def as_data(plan: Plan) -> dict[str, Any]:
    """The plan for programs: what changes and how, masked as in the text, without the calls."""
    return {
        "stack": plan.stack,
        "project": plan.project,
        "cluster": plan.cluster,
        "region": plan.region,
        "changes": [
            {
                "action": change.action,
                "kind": change.kind,
                "name": change.name,
                **({"why": change.why} if change.why else {}),
                "differences": [_difference_data(d) for d in change.differences],
            }
            for change in plan.shown
        ],
        "urls": list(plan.urls),
        "notes": list(plan.notes),
    }


def _difference_data(difference: Difference) -> dict[str, Any]:
    path, old, new = difference
    if is_secret(path):
        old, new = (None if value is None else MASK for value in (old, new))
    return {"path": path, "old": _masked(old), "new": _masked(new)}
