"""`compose2ecs check`: everything there is to say of a project, or of bodies written by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.api import Report
from compose2ecs.checks import find
from compose2ecs.checks.model import Check
from compose2ecs.checks.table import TABLE
from compose2ecs.compose.discover import Choice, display, reason
from compose2ecs.compose.files import Disk, Files
from compose2ecs.compose.load import Amend, collector_off, load_project
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.reading import Reading
from compose2ecs.ecs.importing.jsonfile import JsonError, read_json
from compose2ecs.ecs.model import KINDS
from compose2ecs.ecs.target import target_of
from compose2ecs.ecs.translate import translate_project
from compose2ecs.report import Code, InputError, Sources, Span


class Checked(NamedTuple):
    """How much was looked at."""

    services: int
    bodies: int


def check_project(
    choice: Choice,
    given: Mapping[str, str],
    report: Report,
    *,
    image_tag: str = "latest",
    amend: Amend | None = None,
    files: Files | None = None,
    environment: Mapping[str, str] | None = None,
) -> Checked:
    """Read and translate a project, and ask the schemas and AWS's rules about it.

    What there is to say is in the report; nothing is raised.
    """
    faults: list[Fault] = []

    def validated(root: Map, reading: Reading, disk: Files) -> Map:
        faults.extend(
            Fault(reading.sources.span(place), path, said)
            for place, path, said in schema_faults(root)
        )
        return root if amend is None else amend(root, reading, disk)

    checked = Checked(0, 0)
    try:
        project = load_project(choice, environment, files, report, validated)
        checked = Checked(len(project.services), 0)
        target = target_of(project, given, report, image_tag=image_tag)
        with collector_off():
            stack = translate_project(project, target, report, remarks=True)
        checked = Checked(len(project.services), sum(map(len, stack.resources.values())))
    except InputError:
        pass  # the report has it
    told = {_line(diagnostic.span) for diagnostic in report if diagnostic.severity == "error"}
    for fault in faults:
        if _line(fault.span) not in told:
            report.add(codes.NOT_IN_SCHEMA, fault.span, path=fault.path, said=fault.said)
    return checked


def _line(span: Span | None) -> tuple[str, int] | None:
    return None if span is None else (span.source.name, span.line)


# ---------------------------------------------------------------------------- the schemas


class Fault(NamedTuple):
    """Where the schema of compose files has something against a file, and what."""

    span: Span | None
    path: str
    said: str


def schema_faults(root: Map) -> Iterator[tuple[int, str, str]]:
    """What `schemas/` has against a tree: place, path, and what is wrong, without the value."""
    from importlib.resources import files

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from referencing import Registry, Resource

    folder = files("compose2ecs.schemas")
    schemas = [
        json.loads(folder.joinpath(name).read_text(encoding="utf-8"))
        for name in ("compose.schema.json", "x-ecs.schema.json")
    ]
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas
    )
    for error in Draft202012Validator(schemas[0], registry=registry).iter_errors(root):
        near = best_match(iter([error])) or error
        steps = list(near.absolute_path)
        for key in _unknown(near):
            yield _place(root, [*steps, key]), _path([*steps, key]), "there is no such key"
        if near.validator != "additionalProperties":
            yield _place(root, steps), _path(steps), _fault(near)


def _unknown(error: Any) -> list[str]:
    """The keys of an object that should not be there."""
    if error.validator != "additionalProperties" or not isinstance(error.instance, dict):
        return []
    known = error.schema.get("properties", {})
    return [key for key in error.instance if key not in known and not key.startswith("x-")]


def _fault(error: Any) -> str:
    """What a value should have been; what it is stays unsaid, as it may be secret."""
    wanted = error.validator_value
    if error.validator == "required":
        return f"a key is missing: {', '.join(key for key in wanted if key not in error.instance)}"
    if error.validator == "type":
        types = [wanted] if isinstance(wanted, str) else wanted
        return f"it must be of type {' or '.join(types)}"
    if error.validator == "enum":
        return f"it must be one of {', '.join(map(str, wanted))}"
    if isinstance(wanted, (str, int, float)):
        return f"it breaks `{error.validator}: {wanted}`"
    return f"it breaks `{error.validator}`"


def _place(root: Any, steps: Iterable[str | int]) -> int:
    """Where the value stands, or the nearest value around it."""
    value, place = root, root.place if isinstance(root, Map) else 0
    for step in steps:
        if isinstance(value, Map) and step in value.at:
            place = value.keys_at[str(step)]
        elif isinstance(value, Seq) and isinstance(step, int) and step < len(value.at):
            place = value.at[step]
        else:
            break
        value = value[step]
    return place


def _path(steps: Iterable[str | int]) -> str:
    """A path as diagnostics have it: `services.web.ports[0]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.lstrip(".") or "the top level"


# ---------------------------------------------------------------------------- bodies by hand


def check_bodies(given: Iterable[tuple[str, str]], report: Report) -> Checked:
    """Ask AWS's rules about JSON bodies: (kind, file) each. What there is to say is in the report.

    A task definition may be one that `aws ecs describe-task-definition` printed.
    """
    sources = Sources()
    bodies: dict[str, dict[str, Any]] = {}
    trees: dict[tuple[str, str], Any] = {}
    disk = Disk()
    for kind, path in given:
        tree = _json(path, disk, sources, report)
        if tree is None:
            continue
        if kind == "task-definitions" and isinstance(tree.get("taskDefinition"), Map):
            tree = tree["taskDefinition"]
        name = display(path, disk)
        bodies.setdefault(kind, {})[name] = tree
        trees[kind, name] = tree
    for finding in find(bodies):
        check = finding.check
        where = f"{finding.path}: " if finding.path else ""
        report.add(
            Code(check.id, check.severity, "{said}", "{hint}"),
            sources.span(_place(trees[finding.kind, finding.name], _steps(finding.path))),
            said=where + finding.text,
            hint=check.hint,
        )
    return Checked(0, len(trees))


def _json(path: str, disk: Files, sources: Sources, report: Report) -> Map | None:
    """The object in a JSON file, which knows where everything in it stands."""
    name = display(path, disk)
    try:
        text = disk.read(path).decode("utf-8-sig")
    except OSError as error:
        report.add(codes.UNREADABLE, name=name, reason=reason(error))
        return None
    except UnicodeDecodeError:
        report.add(codes.NOT_TEXT, name=name)
        return None
    try:
        tree, place = read_json(text, sources.add(name, text))
    except JsonError as error:
        related = sources.span(error.related)
        pairs = [("first here", related)] if related else []
        report.add(error.code, sources.span(error.place), related=pairs, **error.facts)
        return None
    if isinstance(tree, Map):
        return tree
    report.add(codes.BAD_JSON, sources.span(place), reason="a body is an object")
    return None


def _steps(path: str) -> list[str | int]:
    """The way to a value: `a[0].b` is a, 0, b."""
    found: list[str | int] = []
    for part in path.replace("]", "").replace("[", ".#").split("."):
        if part.startswith("#") and part[1:].isdecimal():
            found.append(int(part[1:]))
        elif part:
            found.append(part)
    return found


def kind_of(word: str) -> str | None:
    """A kind of body by its name, in the singular too; None if it is none."""
    return next((kind for kind in KINDS if word in (kind, kind.removesuffix("s"))), None)


# ---------------------------------------------------------------------------- the table


def decided(check: Check) -> str:
    """How a check is decided, in a few words."""
    if check.said_by:
        return f"by the translation: {', '.join(check.said_by)}"
    if check.undecided:
        return f"not offline: {check.undecided}"
    return "on the bodies"


def table_as_text() -> str:
    """The table of checks, a line each."""
    return "".join(
        f"{check.id}  {check.severity:<7}  {check.when:<8}  {check.title} [{decided(check)}]\n"
        for _, check in sorted(TABLE.items())
    )


def table_as_json() -> str:
    """The table of checks, an object each."""
    rows = [
        {
            "id": check.id,
            "severity": check.severity,
            "when": check.when,
            "title": check.title,
            "hint": check.hint,
            "source": check.source,
            "said_by": list(check.said_by),
            "undecided": check.undecided,
        }
        for _, check in sorted(TABLE.items())
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
