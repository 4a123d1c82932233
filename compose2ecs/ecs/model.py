"""What is to exist on AWS: request bodies by kind and name, with references where an ARN will be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

# The folders of `convert -o DIR`, in the order in which the objects have to be made.
KINDS = (
    "log-groups",
    "log-group-retention",
    "namespaces",
    "task-definitions",
    "target-groups",
    "target-group-attributes",
    "listener-rules",
    "services",
    "scalable-targets",
    "scaling-policies",
    "scheduled-actions",
    "run-tasks",
    "schedules",
)


class Ref(str):
    """Something that is only known once it exists, or that nobody has said.

    As text it is a placeholder, `<kind-attribute:name>`, so it can stand wherever AWS wants a
    string; each writer may put its own form in its place.
    """

    __slots__ = ("attribute", "kind", "name")
    kind: str
    name: str
    attribute: str

    def __new__(cls, kind: str, name: str = "", attribute: str = "arn") -> Ref:
        text = f"{kind}-{attribute}" if attribute else kind
        self = super().__new__(cls, f"<{text}:{name}>" if name else f"<{text}>")
        self.kind, self.name, self.attribute = kind, name, attribute
        return self


class Resource(NamedTuple):
    """One object to make: the body of its create call, and the Compose services it is for."""

    kind: str
    name: str
    body: dict[str, Any]
    services: tuple[str, ...] = ()


class Stack(NamedTuple):
    """Everything needed to run the project: `resources[kind][name]`, in order of creation.

    `placeholders` tells of each fact that nobody gave which flag or key supplies it.
    """

    name: str
    project: str
    resources: Mapping[str, Mapping[str, Resource]]
    placeholders: Mapping[str, str]
