"""The translation case by case. The cases are tables under fixtures/rules, whose README says how one
is written: a compose file in, the wanted parts of what comes out, and everything that is said of it.
"""

from __future__ import annotations

import functools
import inspect
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import yaml

from compose2ecs import Report, codes, load, translate, write
from compose2ecs.api import target
from compose2ecs.report import Code, Diagnostic, InputError, Span
from tests.aws import documented
from tests.conftest import ROOT

TABLES = sorted((ROOT / "fixtures/rules").glob("*.yaml"))
CONCERNS = frozenset(
    ("image", "process", "environment", "ports", "resources", "volumes", "health", "logging")
    + ("linux", "network", "groups", "discovery", "endpoints", "routing", "services")
    + ("overrides", "secrets", "storage")
    + ("placement", "settings", "unsupported", "ecs-params", "x-aws")
    + ("launch", "fargate")
    + ("scaling", "jobs")
    + ("access", "redirects", "weights", "network-balancers", "external")
)
KEYS = {
    "name": str,
    "compose": str,
    "files": dict,
    "environment": dict,
    "given": dict,
    "ecs_params": str,
    "want": dict,
    "report": list,
    "error": list,
    "infos": list,
    "unsaid": list,
    "needs": list,
    "order": list,
    "todo": str,
}
ASSERTING = {"want", "report", "error", "infos", "unsaid", "needs", "order"}
ABSENT, ONLY = "absent", "only"
RANGE = re.compile(r"(\d+)\.\.(\d+)")
IDENTITIES = ("containerPort", "name", "key", "Key")

# Codes that no table can exercise, and why.
ELSEWHERE = {
    "NO_PRIORITY": "it takes more rules than there are numbers",
    "PLACEHOLDER": "it is of the command line, which lists what is to be filled in",
    "CANNOT_WRITE": "it is of the command line: -o DIR",
    "FOREIGN_FILE": "it is of the command line: -o DIR",
    "OTHER_STACK": "it is of the command line: -o DIR",
    "ECS_PARAMS_UNREAD": "it is of the command line: a file beside the project",
    "UNKNOWN_TASK_DEFINITION": "it is of the command line: --task-definition",
}


class Case(NamedTuple):
    concern: str
    name: str
    body: dict[str, Any]


class Outcome(NamedTuple):
    """What comes of a case; no files where the project is refused."""

    files: dict[str, Any] | None
    placeholders: list[str]
    said: list[Diagnostic]
    used: list[Code]


class Recorder(Report):
    """A report that also keeps the codes themselves: several may share one id."""

    def __init__(self) -> None:
        super().__init__()
        self.used: list[Code] = []

    def add(self, code: Code, span: Span | None = None, **facts: Any) -> None:
        self.used.append(code)
        super().add(code, span, **facts)


def read_tables() -> Iterator[Case]:
    for table in TABLES:
        for body in yaml.safe_load(table.read_text(encoding="utf-8")):
            yield Case(table.stem, body.get("name", "?"), body)


CASES = tuple(read_tables())


@functools.cache
def outcome(number: int) -> Outcome:
    """Translate a case; what is unexpected comes out as it is."""
    body = CASES[number].body
    text = body["compose"]
    report = Recorder()
    named = any(line.startswith("name:") for line in text.splitlines())
    try:
        project = load(
            project_name=None if named else "p",
            files={
                "compose.yaml": text,
                "ecs-params.yml": body.get("ecs_params", ""),
                **body.get("files", {}),
            },
            environment=body.get("environment", {}),
            ecs_params="ecs-params.yml" if "ecs_params" in body else None,
            report=report,
        )
        stack = translate(project, target(project, report=report, **body.get("given", {})), report)
    except InputError:
        return Outcome(None, [], list(report), report.used)
    files = {path.removesuffix(".json"): json.loads(body) for path, body in write(stack).items()}
    return Outcome(files, list(stack.placeholders), list(report), report.used)


def line_of(diagnostic: Diagnostic) -> str:
    """A diagnostic as the tables have it."""
    span = diagnostic.span
    if span is None:
        where = "-"
    else:
        source = "" if span.source.name == "compose.yaml" else f"{span.source.name}:"
        where = f"{source}{span.line}"
    return f"{diagnostic.severity} {diagnostic.code} {where}"


def identity(item: Any) -> Any:
    if isinstance(item, dict):
        for key in IDENTITIES:
            if key in item:
                return item[key]
    return None


def faults(want: Any, got: Any, path: str) -> list[str]:
    """Where what came out is not what is wanted."""
    if isinstance(want, dict) and isinstance(got, dict):
        found = []
        for key, value in want.items():
            if value == ABSENT:
                if key in got:
                    found.append(f"{path}.{key}: {got[key]!r}, and not to be there")
            elif key not in got:
                found.append(f"{path}.{key}: not there; there are {', '.join(got)}")
            else:
                found += faults(value, got[key], f"{path}.{key}")
        return found
    if isinstance(want, list) and isinstance(got, list):
        only = want[:1] == [ONLY]
        items = want[1:] if only else want
        if items and all(identity(item) is not None for item in items):
            there = {identity(item): item for item in got}
            found = []
            for item in items:
                if identity(item) in there:
                    found += faults(item, there.pop(identity(item)), f"{path}[{identity(item)}]")
                else:
                    found.append(f"{path}[{identity(item)}]: not there")
            if only:
                found += [f"{path}[{name}]: not to be there" for name in there]
            return found
    if isinstance(want, str) and isinstance(got, int) and (between := RANGE.fullmatch(want)):
        low, high = map(int, between.groups())
        return [] if low <= got <= high else [f"{path}: {got}, not {want}"]
    same = type(want) is type(got) and json.dumps(want, sort_keys=True) == json.dumps(
        got, sort_keys=True
    )
    return [] if same else [f"{path}: {got!r}, not {want!r}"]


def faults_of_files(want: dict[str, Any], files: dict[str, Any]) -> list[str]:
    found = []
    for path, part in want.items():
        if "/" not in path:
            names = [name.partition("/")[2] for name in files if name.startswith(f"{path}/")]
            wanted = [] if part == ABSENT else part
            if sorted(names) != sorted(wanted):
                found.append(f"{path}: {names}, not {wanted}")
        elif part == ABSENT:
            if path in files:
                found.append(f"{path}: not to be there")
        elif path not in files:
            found.append(f"{path}: not there; there are {', '.join(files)}")
        else:
            found += faults(part, files[path], path)
    return found


def by_kind(files: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path, body in files.items():
        kind, _, name = path.partition("/")
        found.setdefault(kind, {})[name] = body
    return found


def rules_in_order(files: dict[str, Any]) -> list[str]:
    rules = {path: body for path, body in files.items() if path.startswith("listener-rules/")}
    return [path.partition("/")[2] for path in sorted(rules, key=lambda p: rules[p]["Priority"])]


def parameters() -> list[Any]:
    found = []
    for number, case in enumerate(CASES):
        marks = []
        if "todo" in case.body:
            todo = case.body["todo"]
            marks.append(pytest.mark.xfail(reason=todo, strict=True, raises=AssertionError))
        found.append(pytest.param(number, id=f"{case.concern}::{case.name}", marks=marks))
    return found


@pytest.mark.parametrize("number", parameters())
def test_case(number: int) -> None:
    body = CASES[number].body
    result = outcome(number)
    said = [line_of(diagnostic) for diagnostic in result.said]
    text = "\n".join(map(str, result.said))
    told = [line for line in said if not line.startswith("info ")]
    wanted = body.get("error", body.get("report", []))
    assert sorted(told) == sorted(wanted), text
    assert (result.files is None) == ("error" in body), text
    assert [line for line in body.get("infos", []) if line not in said] == [], text
    assert [code for code in body.get("unsaid", []) if code in {d.code for d in result.said}] == []
    if result.files is not None:
        assert faults_of_files(body.get("want", {}), result.files) == []
        assert documented.unfit(by_kind(result.files)) == []
    if "order" in body:
        assert rules_in_order(result.files or {}) == body["order"]
    if "needs" in body:
        assert result.placeholders == body["needs"]


# ---------------------------------------------------------------------------- the tables themselves


def test_every_concern_has_its_table() -> None:
    assert {table.stem for table in TABLES} == CONCERNS


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_table(table: Any) -> None:
    cases = [case for case in CASES if case.concern == table.stem]
    names = [case.name for case in cases]
    assert len(cases) >= 2
    assert [name for name in names if names.count(name) > 1] == []
    for case in cases:
        wrong = [
            key for key, value in case.body.items() if not isinstance(value, KEYS.get(key, ()))
        ]
        assert wrong == [], case.name
        assert {"name", "compose"} <= case.body.keys(), case.name
        assert case.body.keys() & ASSERTING, case.name
        assert not ("error" in case.body and case.body.keys() & {"want", "report"}), case.name


def defined() -> dict[str, Code]:
    """The codes of the translation: those below the heading for x-ecs in codes.py."""
    section = inspect.getsource(codes).partition("- x-ecs and settings\n")[2]
    return {
        name: value
        for name, value in vars(codes).items()
        if isinstance(value, Code) and f"\n{name} = Code(" in section
    }


def test_every_code_is_exercised() -> None:
    exercised: set[Code] = set()
    for number, case in enumerate(CASES):
        if "todo" in case.body:
            continue
        body = case.body
        lines = [*body.get("report", []), *body.get("error", []), *body.get("infos", [])]
        told = {tuple(line.split()[:2]) for line in lines}
        exercised.update(code for code in outcome(number).used if (code.severity, code.id) in told)
    all_of_them = defined()
    assert len(all_of_them) > 90
    missing = {name for name, code in all_of_them.items() if code not in exercised}
    assert sorted(missing) == sorted(ELSEWHERE)


def test_the_comparison_finds_faults() -> None:
    got = {"a": [{"name": "x", "v": 1}, {"name": "y", "v": 2}], "b": "c", "n": 1, "l": [1, 2]}
    assert faults({"a": [{"name": "y", "v": 2}], "n": 1, "l": [1, 2], "z": "absent"}, got, "") == []
    assert faults({"n": "1..3"}, got, "") == []
    assert faults({"n": "2..3"}, got, "") == [".n: 1, not 2..3"]
    want = {"a": ["only", {"name": "y", "v": 3}], "b": "absent", "n": True, "l": [2, 1], "z": 1}
    assert faults(want, got, "") == [
        ".a[y].v: 2, not 3",
        ".a[x]: not to be there",
        ".b: 'c', and not to be there",
        ".n: 1, not True",
        ".l: [1, 2], not [2, 1]",
        ".z: not there; there are a, b, n, l",
    ]
