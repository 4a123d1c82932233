"""`compose2ecs config`: what the files say, in full and in Compose's own form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from compose2ecs.compose.canonical import FORMS, canonical, natural_order, plain, used
from compose2ecs.compose.discover import Choice
from compose2ecs.compose.model import Project
from compose2ecs.compose.verbatim import read_verbatim
from compose2ecs.report import Report
from compose2ecs.writers.compose_yaml import to_yaml


def config(project: Project, form: str = "yaml") -> str:
    """The resolved project as text; a `$` is doubled, so that it is the same when read again."""
    return render(_doubled(canonical(project, form)), form)


def render(value: Mapping[str, Any], form: str) -> str:
    """Plain values as text."""
    if form == "json":
        text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        return text.translate(_ESCAPES)
    return to_yaml(value)


# What JSON lets stand in a string and YAML does not, so that the JSON is YAML as well.
_ESCAPES = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF)}


def _doubled(value: Any) -> Any:
    # Keys stay as they are: nobody interpolates them.
    if isinstance(value, str):
        return type(value)(value.replace("$", "$$")) if "$" in value else value
    if isinstance(value, dict):
        return {key: _doubled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_doubled(item) for item in value]
    return value


def service_names(project: Project) -> list[str]:
    return natural_order(project.services)


def images(project: Project) -> list[str]:
    """The image of each service; one that is only built has Compose's name for it."""
    return [
        project.services[name].image or f"{project.name}-{name}"
        for name in natural_order(project.services)
        if project.services[name].provider is None
    ]


def profiles(project: Project) -> list[str]:
    return sorted(project.profiles)


def volumes(project: Project) -> list[str]:
    return natural_order(used(project).volumes)


def networks(project: Project) -> list[str]:
    return natural_order(used(project).networks)


def lines(names: Iterable[str]) -> str:
    return "".join(f"{name}\n" for name in names)


def uninterpolated(choice: Choice, form: str, report: Report) -> str:
    """The joined files, each value as it is written."""
    verbatim = read_verbatim(choice, report=report)
    how = FORMS[form]
    body = {
        key: plain(verbatim.root[key], how)
        for key in how.order(verbatim.root)
        if key not in ("name", "version")
    }
    return render({"name": verbatim.name, **body}, form)


_COLUMN = 20


def variables(choice: Choice, form: str, report: Report) -> str:
    """The variables that the files mention."""
    found = read_verbatim(choice, report=report).variables
    if form == "json":
        shown = {
            name: {
                "Name": name,
                "DefaultValue": found[name].default,
                "PresenceValue": found[name].alternate,
                "Required": found[name].required,
            }
            for name in sorted(found)
        }
        return json.dumps(shown, indent=4, ensure_ascii=False) + "\n"
    rows = [("NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE")]
    for name in sorted(found):
        mention = found[name]
        required = "true" if mention.required else "false"
        rows.append((name, required, mention.default, mention.alternate))
    widths = [max(_COLUMN, *(len(row[at]) + 3 for row in rows)) for at in range(3)]
    return lines(
        "".join(f"{cell:<{width}}" for cell, width in zip(row, (*widths, 0), strict=True)).rstrip()
        for row in rows
    )


LISTS = {
    "services": service_names,
    "images": images,
    "profiles": profiles,
    "volumes": volumes,
    "networks": networks,
}
