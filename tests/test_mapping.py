"""docs/mapping.md says what the rules do: each claim is tried on the cases that have the key."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import yaml

from compose2ecs import Report, load, translate, write
from compose2ecs.api import target
from compose2ecs.compose.keys import SERVICE_KEYS
from compose2ecs.compose.model import (
    Deploy,
    Limits,
    Network,
    Placement,
    Reservations,
    Resources,
    UpdateConfig,
    Volume,
)
from compose2ecs.ecs import mapping
from compose2ecs.ecs.mapping import MAPPED, Row
from compose2ecs.report import InputError
from tests.conftest import ROOT

EXAMPLES = ROOT / "fixtures/mapping"
FARGATE = {"launch_type": "FARGATE", "subnets": "subnet-1"}
NO_EFFECT = (mapping.LEFT_OUT, mapping.IGNORED)


class Case(NamedTuple):
    """A compose file that has the key of a row."""

    name: str
    document: dict[str, Any]
    files: dict[str, str]
    environment: dict[str, str]
    given: dict[str, str]


def cases() -> Iterator[Case]:
    for table in sorted((ROOT / "fixtures/rules").glob("*.yaml")):
        for body in yaml.safe_load(table.read_text()):
            if "error" in body or "todo" in body:
                continue
            document = yaml.load(body["compose"], _Loader)
            given = body.get("given", {})
            files, variables = body.get("files", {}), body.get("environment", {})
            yield Case(f"{table.stem}: {body['name']}", document, files, variables, given)
    for path in sorted(EXAMPLES.glob("*.yaml")):
        document = yaml.load(path.read_text(), _Loader)
        yield Case(path.stem, document, {"a.env": "A=1\n", "b.label": "b=2\n"}, {}, {})


class _Loader(yaml.SafeLoader):
    """Compose's own tags stand for what they are put on."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
CASES = tuple(cases())


class Outcome(NamedTuple):
    """What is written, and which keys of which codes are said; None where it is refused."""

    files: dict[str, str] | None
    codes: tuple[str, ...]


def outcome(case: Case, document: dict[str, Any], given: dict[str, str]) -> Outcome:
    report = Report()
    text = yaml.safe_dump(document, sort_keys=False)
    try:
        project = load(
            project_name="p",
            files={"compose.yaml": text, **case.files},
            environment=case.environment,
            report=report,
        )
        aim = target(project, report=report, **{**case.given, **given})
        return Outcome(write(translate(project, aim, report)), said(report))
    except InputError:
        return Outcome(None, said(report))


def said(report: Report) -> tuple[str, ...]:
    return tuple(sorted(f"{d.severity} {d.code}" for d in report if d.severity != "info"))


@functools.cache
def whole(number: int, fargate: bool) -> Outcome:
    return outcome(CASES[number], CASES[number].document, FARGATE if fargate else {})


def without(document: dict[str, Any], row: Row, section: str) -> dict[str, Any] | None:
    """The document without a key, or None where it has none."""
    changed = copy.deepcopy(document)
    found = False
    path = row.key.split(".")
    if section == "top":
        things = changed.get(path[0])
        if len(path) == 1:
            found = changed.pop(path[0], None) is not None
            return changed if found else None
        tables = list(things.values()) if isinstance(things, dict) else []
    else:
        tables = list((changed.get("services") or {}).values())
    keys = path[1:] if section == "top" else path
    for table in tables:
        for key in keys[:-1]:
            table = table.get(key) if isinstance(table, dict) else None
        if isinstance(table, dict) and keys[-1] in table:
            del table[keys[-1]]
            found = True
    return changed if found else None


ROWS = [
    *(("service", row) for row in mapping.service_rows()),
    *(("deploy", row) for row in mapping.deploy_rows()),
    *(("top", row) for row in mapping.top_rows()),
]


def chooses(case: Case) -> bool:
    """Whether a case says itself where its tasks run."""
    said = repr(case.document) + repr(case.given)
    return "launch_type" in said or "capacity_providers" in said


def differs(section: str, row: Row, fargate: bool) -> list[str]:
    """The cases whose output changes when the key is taken out."""
    found = []
    given = FARGATE if fargate else {}
    for number, case in enumerate(CASES):
        changed = without(case.document, row, section)
        if changed is None or chooses(case):
            continue
        before = whole(number, fargate)
        if before.files is None:
            continue
        after = outcome(case, changed, given)
        if after.files is None and row.key not in ("build", "image"):
            continue  # others need the key
        if after.files != before.files:
            found.append(case.name)
            if len(found) > 1:
                break
    return found


@pytest.mark.parametrize("fargate", [False, True], ids=["EC2", "Fargate"])
@pytest.mark.parametrize(("section", "row"), ROWS, ids=[f"{s}-{r.key}" for s, r in ROWS])
def test_the_claim(section: str, row: Row, fargate: bool) -> None:
    claim = row.fargate if fargate else row.ec2
    if claim == MAPPED:
        assert differs(section, row, fargate), f"no case changes without {row.key}"
    elif claim in NO_EFFECT and section != "top":
        assert differs(section, row, fargate) == [], f"{row.key} has an effect"


@pytest.mark.parametrize("fargate", [False, True], ids=["EC2", "Fargate"])
@pytest.mark.parametrize(("section", "row"), ROWS, ids=[f"{s}-{r.key}" for s, r in ROWS])
def test_what_has_no_effect_or_less_is_told(section: str, row: Row, fargate: bool) -> None:
    """Taking the key out takes a warning (or the refusal) with it, in some case."""
    claim = row.fargate if fargate else row.ec2
    if claim not in (mapping.LEFT_OUT, mapping.APPROXIMATED, mapping.REFUSED_):
        return
    given = FARGATE if fargate else {}
    for number, case in enumerate(CASES):
        changed = without(case.document, row, section)
        if changed is None:
            continue
        before, after = whole(number, fargate), outcome(case, changed, given)
        if claim == mapping.REFUSED_ and before.files is None and after.files is not None:
            return
        if claim != mapping.REFUSED_ and len(after.codes) < len(before.codes):
            return
    raise AssertionError(f"nothing is said of {row.key}")


def test_every_key_has_a_row() -> None:
    rows = [row.key for _, row in ROWS]
    assert {row.key for row in mapping.service_rows()} == set(SERVICE_KEYS) - {"deploy"}
    top = [row.key for row in mapping.top_rows()]
    assert len(rows) - len(top) == len({r for r in rows if r not in top} | set(SERVICE_KEYS)) - 1
    own = {"key", "extensions", "written", "place", "prefixed"}
    for name, fields in (("networks", Network._fields), ("volumes", Volume._fields)):
        keys = set(fields) - own
        assert {key.partition(".")[2] for key in top if key.startswith(f"{name}.")} == keys
    deploy = {row.key for row in mapping.deploy_rows()}
    inner: dict[str, tuple[str, ...]] = {
        "resources.limits": Limits._fields,
        "resources.reservations": Reservations._fields,
        "update_config": UpdateConfig._fields,
        "placement": Placement._fields,
    }
    wanted = set()
    for field in Deploy._fields:
        if field in own or field in ("resources", "update_config", "placement"):
            continue
        wanted.add(f"deploy.{field}")
    for path, inside in inner.items():
        wanted |= {f"deploy.{path}.{field}" for field in inside if field not in own}
    assert deploy == wanted
    assert Resources._fields == ("limits", "reservations", "extensions")


def test_the_page_is_true(update_golden: bool) -> None:
    path = ROOT / "docs/mapping.md"
    mark = "<!-- table -->"
    head, _, rest = path.read_text().partition(f"{mark}\n")
    table = mapping.markdown() + "\n"
    if update_golden:
        path.write_text(f"{head}{mark}\n{table}")
        rest = table
    assert rest == table
    words = set(re.findall(r"^\| `[^`]+` \| ([a-z ]+) \|", table, re.MULTILINE))
    assert words <= set(re.findall(r"^- \*\*([a-z ]+)\*\*", head, re.MULTILINE))
