"""`compose2ecs iam`: policies for whoever deploys a project, and for the roles of its tasks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from compose2ecs.api import Project, Report, Stack
from compose2ecs.ecs.target import target_of
from compose2ecs.ecs.translate import translate_project
from compose2ecs.iam.policy import MOST, policy, size, split
from compose2ecs.iam.rights import DAILY
from compose2ecs.iam.roles import Documents, documents
from compose2ecs.iam.scope import Scope, scope_of
from compose2ecs.report import Compose2EcsError
from compose2ecs.writers.ecs_json import to_json

_INLINE = 10240  # characters of all inline policies of a role


class Made(NamedTuple):
    """Documents as one, and by the name of the file that each would be in; and what there is to
    say of them."""

    whole: Mapping[str, Any]
    files: Mapping[str, Any]
    notes: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it as JSON."""
        return to_json(dict(self.whole)) + "\n"


def scoped(
    project: Project,
    given: Mapping[str, str],
    report: Report,
    *,
    image_tag: str = "latest",
    account: str | None = None,
) -> tuple[Stack, Scope]:
    """A project's stack, and its names in policies. Raises InputError."""
    target = target_of(project, given, report, image_tag=image_tag)
    stack = translate_project(project, target, report)
    return stack, scope_of(stack, target, account)


def deployer(scope: Scope, commands: Iterable[str] = DAILY, *, read_only: bool = False) -> Made:
    """The policy for who runs commands."""
    found = policy(scope, commands, read_only=read_only)
    notes = list(scope.notes)
    length = size(found)
    parts = [found]
    if length > MOST:
        parts = split(found)
        notes.append(
            f"the policy has {length} characters, and a managed policy {MOST} at most: -o DIR writes"
            f" it as {len(parts)}, --for makes one for some commands, and as an inline policy a role"
            f" takes up to {_INLINE}"
        )
    names = ["policy.json", *(f"policy-{number}.json" for number in range(2, len(parts) + 1))]
    return Made(found, dict(zip(names, parts, strict=True)), tuple(notes))


def trusted(stack: Stack, scope: Scope) -> Made:
    """The documents of the roles that the stack names: trust policy and policy of each."""
    files: dict[str, Any] = {}
    notes = list(scope.notes)
    for name, one in documents(stack, scope).items():
        stem = _stem(name)
        files[f"{stem}.trust.json"] = one.trust
        if one.policy is not None:
            files[f"{stem}.policy.json"] = one.policy
        notes += _said(name, one)
    if not files:
        raise Compose2EcsError(
            "the project names no role, and needs none",
            "x-ecs: {roles: {execution: ..., task: ...}}",
        )
    return Made(files, files, tuple(notes))


def _stem(name: str) -> str:
    """A role's name as that of a file; a placeholder's without its brackets."""
    return "".join(c if c.isalnum() or c in "+=,.@_-" else "-" for c in name).strip("-")


def _said(name: str, one: Documents) -> Iterable[str]:
    if one.managed:
        yield f"{name} needs AWS's own policy {one.managed}"
    elif one.policy is None:
        yield f"{name} needs no rights for what the file says"
    if one.role.taken_by.startswith("ecs-tasks") and one.policy is not None:
        texts = str(one.policy)
        if "ReadSecrets" in texts or "ReadParameters" in texts:
            yield f"{name} needs kms:Decrypt too where a secret is encrypted with a key of yours"


def write_files(made: Made, folder: str) -> list[str]:
    """Write one file a document; returns the paths. Raises Compose2EcsError."""
    paths = []
    try:
        os.makedirs(folder, exist_ok=True)
        for name, document in made.files.items():
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8", newline="\n") as out:
                out.write(to_json(document) + "\n")
            paths.append(path)
    except OSError as error:
        raise Compose2EcsError(f"cannot write {error.filename}: {error.strerror}") from None
    return paths
