"""What the stack's first service tells of all the rest: by names what has no tags to be found by, or
could only be found by reading an account through.

Before anything is made that the note does not name, it says that it is not to be relied on, and
names that as well; it is right again when everything else is done. So nothing is forgotten,
whenever a run ends.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from compose2ecs.plan import tags
from compose2ecs.plan.desired import NONE, Desired
from compose2ecs.plan.seen import alive

LISTENER, LOG_GROUP, NAMESPACE, SCHEDULE = "listener", "log-group", "namespace", "schedule"
_LONGEST = 256  # characters of a tag's value
_LEGAL = re.compile(r"[A-Za-z0-9+\-=._:/@]+")


def entry(kind: str, name: str) -> str:
    """A thing, as the note names it. `#` is not allowed there, and no such name has an `@`.

    >>> entry("log-group", "/qa#1")
    'log-group=/qa@1'
    """
    return f"{kind}={name.replace('#', '@')}"


def split(text: str) -> tuple[str, str]:
    """Kind and name of what the note names.

    >>> split("log-group=/qa@1")
    ('log-group', '/qa#1')
    """
    kind, _, name = text.partition("=")
    return kind, name.replace("@", "#")


def has(wanted: Desired) -> frozenset[str]:
    """What the note is to name."""
    found = [entry(LISTENER, wanted.listener)] if wanted.listener else []
    for body in wanted.shared.get("log-groups", {}).values():
        found.append(entry(LOG_GROUP, body["logGroupName"]))
    for body in wanted.shared.get("namespaces", {}).values():
        found.append(entry(NAMESPACE, body["Name"]))
    found += [entry(SCHEDULE, name) for job in wanted.jobs.values() for name in job.schedules]
    return frozenset(found)


def written(entries: Iterable[str], before: Mapping[str, str] | None = None) -> dict[str, str]:
    """Tags that name these; `before` are the tags that there are, of which none goes on saying
    what is no longer so. What a tag cannot hold is left out.

    >>> written(["listener=arn:x", "schedule=b"])
    {'compose2ecs:has': 'listener=arn:x schedule=b'}
    """
    values = [""]
    for text in sorted(entries):
        if len(text) > _LONGEST or not _LEGAL.fullmatch(text):
            continue
        longer = f"{values[-1]} {text}".strip()
        if len(longer) <= _LONGEST:
            values[-1] = longer
        elif len(values) < len(tags.HAS_ALL):
            values.append(text)
    found = dict(zip(tags.HAS_ALL, values, strict=False))
    return {**{key: "" for key in before or () if tags.is_has(key)}, **found}


def named(said: Mapping[str, str]) -> frozenset[str]:
    """What the tags of a service name."""
    return frozenset(
        text for key, value in said.items() if tags.is_has(key) for text in value.split()
    )


def keys(said: Mapping[str, str]) -> list[str]:
    """The tags of a service that are the note's."""
    return [key for key in said if key == tags.MEMBERS or tags.is_has(key)]


def doubtful(members: str) -> str:
    """A note that is not to be relied on; what it says of shared things still counts."""
    return f"{NONE}.{members.partition('.')[2]}"


def holders(
    wanted: Desired, services: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, str]]:
    """The services of the stack that carry a note, whole or in part, with their tags."""
    found = {}
    for name, service in sorted(services.items()):
        said = tags.of_ecs(service)
        if alive(service) and tags.is_of(said, wanted.project, wanted.stack) and keys(said):
            found[name] = said
    return found


def left(wanted: Desired, services: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """What notes name and the file does not have."""
    noted = [named(said) for said in holders(wanted, services).values()]
    return frozenset().union(*noted) - has(wanted)
