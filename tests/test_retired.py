"""What people of retired tools bring along, from the command line and from Python. What becomes of
each key is in fixtures/rules/ecs-params.yaml and x-aws.yaml."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from compose2ecs import InputError, Report, load, translate
from compose2ecs.app.config import config
from compose2ecs.cli.main import main

COMPOSE = "services:\n  web: {image: nginx}\n  db: {image: postgres}\n"
PARAMS = "version: 1\ntask_definition: {task_role_arn: theirs}\n"
X_AWS = "x-aws-cluster: qa\n" + COMPOSE


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "ecs-params.yml").write_text(PARAMS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_flag_reads_the_file(project: Path) -> None:
    done = CliRunner().invoke(main, ["convert", "-p", "p", "--ecs-params", "ecs-params.yml"])
    assert done.exit_code == 0, done.stderr
    bodies = json.loads(done.stdout)["task-definitions"]
    assert list(bodies) == ["p-web"]
    assert bodies["p-web"]["taskRoleArn"] == "theirs"
    assert "ecs-params.yml:2:19: info: `task_definition.task_role_arn` is" in done.stderr
    assert "ecs-params-unread" not in done.stderr


def test_a_file_that_nobody_named_is_told_and_not_read(project: Path) -> None:
    done = CliRunner().invoke(main, ["convert", "-p", "p"])
    assert done.exit_code == 0
    assert sorted(json.loads(done.stdout)["task-definitions"]) == ["p-db", "p-web"]
    assert "[ecs-params-unread]" in done.stderr
    (project / "ecs-params.yml").unlink()
    assert "ecs-params" not in CliRunner().invoke(main, ["convert", "-p", "p"]).stderr


def test_a_file_that_is_not_there(project: Path) -> None:
    done = CliRunner().invoke(main, ["convert", "--ecs-params", "nope.yml"])
    assert done.exit_code == 1
    assert "cannot read nope.yml: no such file" in done.stderr


def test_flags_win(project: Path) -> None:
    line = ["convert", "-p", "p", "--ecs-params", "ecs-params.yml", "--layout", "linked"]
    done = CliRunner().invoke(main, line)
    assert sorted(json.loads(done.stdout)["task-definitions"]) == ["p-db", "p-web"]


def test_from_python() -> None:
    files = {"compose.yaml": COMPOSE, "deploy/ecs-params.yml": PARAMS}
    report = Report()
    project = load(files=files, environment={}, ecs_params="deploy/ecs-params.yml", report=report)
    (resource,) = translate(project).resources["task-definitions"].values()
    assert resource.body["taskRoleArn"] == "theirs"
    assert {d.span.source.name for d in report if d.span} == {"deploy/ecs-params.yml"}
    with pytest.raises(InputError):
        load(files={**files, "bad.yml": "a: ["}, environment={}, ecs_params="bad.yml")


def test_anchors_share_nothing() -> None:
    """A mapping that two services share by an anchor is changed for the one that is meant."""
    text = (
        "services:\n"
        "  web: &base {image: nginx, deploy: {resources: {limits: {memory: 1g}}}}\n"
        "  db: {<<: *base, image: postgres}\n"
    )
    params = "task_definition: {services: {web: {mem_limit: 512m}}}\n"
    files = {"compose.yaml": text, "p.yml": params}
    project = load(files=files, environment={}, ecs_params="p.yml")
    (resource,) = translate(project).resources["task-definitions"].values()
    memory = {c["name"]: c["memory"] for c in resource.body["containerDefinitions"]}
    assert memory == {"web": 512, "db": 1024}


def test_config_shows_the_file_as_it_is() -> None:
    """What `config` prints is Compose's own: the keys stay what they are until they are translated."""
    project = load(files={"compose.yaml": X_AWS}, environment={})
    translate(project)
    shown = config(project)
    assert "x-aws-cluster: qa" in shown
    assert "x-ecs" not in shown


def test_each_key_is_told_once() -> None:
    report = Report()
    translate(load(files={"compose.yaml": X_AWS}, environment={}, report=report), report=report)
    told = [d for d in report if d.code == "came-over" and d.span is not None]
    assert [d.message for d in told] == ["`x-aws-cluster` is `x-ecs: {cluster: ...}`"]


@pytest.mark.parametrize(("text", "there"), [(COMPOSE, False), (X_AWS, True)])
def test_only_who_needs_it_pays_for_it(text: str, there: bool) -> None:
    code = (
        "import sys\n"
        "from compose2ecs import load, translate\n"
        f"translate(load(files={{'compose.yaml': {text!r}}}, environment={{}}))\n"
        "print([name for name in sys.modules if 'retired' in name or 'importing' in name])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ("retired" in done.stdout) is there
    assert "importing" not in done.stdout
