"""The command line: streams, exit codes, and a folder that is written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from compose2ecs.cli.main import COMMANDS, main
from tests.conftest import ROOT

TWO = "name: shop\nservices:\n  web: {image: nginx, ports: ['80:80']}\n  db: {image: 'redis:7'}\n"


def run(
    *arguments: str, cwd: Path, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "compose2ecs", *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text(TWO)
    return tmp_path


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_data_on_stdout_the_rest_on_stderr(project: Path) -> None:
    done = run("convert", cwd=project)
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert list(document["task-definitions"]) == ["shop-db", "shop-web"]
    assert "To be filled in:" in done.stderr
    assert "<vpc-id>" in done.stderr


def test_same_bytes_whatever_the_hash_seed(project: Path) -> None:
    outputs = {run("convert", cwd=project, PYTHONHASHSEED=seed).stdout for seed in ("0", "1", "2")}
    assert len(outputs) == 1


def test_stdin(tmp_path: Path) -> None:
    done = run("convert", "-f", "-", "-p", "p", cwd=tmp_path, stdin=TWO)
    assert done.returncode == 0
    assert "p-web" in json.loads(done.stdout)["services"]


def test_one_task_definition(project: Path) -> None:
    for name in ("shop-web", "web"):
        done = run("convert", "--task-definition", name, cwd=project)
        assert json.loads(done.stdout)["family"] == "shop-web"
    done = run("convert", "--task-definition", "wbe", cwd=project)
    assert done.returncode == 1
    assert "there are: shop-db, shop-web" in done.stderr


def test_settings_from_flag_variable_and_file(project: Path) -> None:
    (project / "compose.ecs.yaml").write_text("x-ecs: {cluster: file, region: file}\n")
    done = run("convert", "--cluster", "flag", cwd=project, COMPOSE2ECS_CLUSTER="variable")
    assert json.loads(done.stdout)["services"]["shop-web"]["cluster"] == "flag"
    done = run("convert", cwd=project, COMPOSE2ECS_CLUSTER="variable", AWS_REGION="variable")
    document = json.loads(done.stdout)
    assert document["services"]["shop-web"]["cluster"] == "variable"
    container = document["task-definitions"]["shop-web"]["containerDefinitions"][0]
    assert container["logConfiguration"]["options"]["awslogs-region"] == "file"
    assert "read compose.yaml and compose.ecs.yaml" in done.stderr


def test_reports(project: Path) -> None:
    (project / "compose.yaml").write_text(TWO + "  bad: {image: 1}\n")
    done = run("convert", "--report", "json", cwd=project)
    assert done.returncode == 1
    (found,) = [d for d in json.loads(done.stderr) if d["severity"] == "error"]
    assert (found["file"], found["line"], found["column"]) == ("compose.yaml", 5, 16)
    done = run("convert", "--report", "github", cwd=project)
    assert "::error file=compose.yaml,line=5,col=16,title=wrong-type::" in done.stderr


def test_strict_makes_warnings_errors(project: Path) -> None:
    (project / "compose.yaml").write_text(TWO + "  w: {image: i, mac_address: x}\n")
    assert run("convert", cwd=project).returncode == 0
    done = run("convert", "--strict", cwd=project)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "error: w: `mac_address`" in done.stderr


def test_quiet(project: Path) -> None:
    assert run("convert", "-q", cwd=project).stderr == ""


def test_usage_errors_are_2(project: Path) -> None:
    assert run("convert", "--nonsense", cwd=project).returncode == 2
    done = run("covert", cwd=project)
    assert done.returncode == 2
    assert "Did you mean 'convert'?" in done.stderr
    assert run("convert", "-o", "x", "--task-definition", "y", cwd=project).returncode == 2


def test_folder(project: Path) -> None:
    done = run("convert", "-o", "out", cwd=project)
    assert done.returncode == 0
    assert done.stdout == ""
    assert files(project / "out") == [
        ".compose2ecs.json",
        "listener-rules/shop-web.json",
        "log-groups/shop.json",
        "namespaces/shop.json",
        "services/shop-db.json",
        "services/shop-web.json",
        "target-group-attributes/shop-web.json",
        "target-groups/shop-web.json",
        "task-definitions/shop-db.json",
        "task-definitions/shop-web.json",
    ]


def test_a_rerun_removes_its_own_files_only(project: Path) -> None:
    run("convert", "-o", "out", cwd=project)
    (project / "out/services/mine.json").write_text("{}")
    (project / "out/notes.txt").write_text("mine")
    (project / "compose.yaml").write_text(TWO.replace("  db:", "  cache:"))
    done = run("convert", "-o", "out", cwd=project)
    assert done.returncode == 0
    there = files(project / "out")
    assert "services/shop-db.json" not in there
    assert {"services/mine.json", "notes.txt", "services/shop-cache.json"} <= set(there)


def test_a_foreign_file_is_never_overwritten(project: Path) -> None:
    (project / "out/services").mkdir(parents=True)
    (project / "out/services/shop-web.json").write_text("mine")
    done = run("convert", "-o", "out", cwd=project)
    assert done.returncode == 1
    assert "no earlier run wrote it" in done.stderr
    assert files(project / "out") == ["services/shop-web.json"]
    assert (project / "out/services/shop-web.json").read_text() == "mine"


def test_a_failure_leaves_the_old_files(project: Path) -> None:
    run("convert", "-o", "out", cwd=project)
    before = {name: (project / "out" / name).read_bytes() for name in files(project / "out")}
    (project / "compose.yaml").write_text(TWO + "  bad: {image: 1}\n")
    assert run("convert", "-o", "out", cwd=project).returncode == 1
    assert {n: (project / "out" / n).read_bytes() for n in files(project / "out")} == before
    (project / "compose.yaml").write_text(TWO + "  more: {image: i}\n")
    shutil.rmtree(project / "out/services")
    (project / "out/services").write_text("a file in the way")
    done = run("convert", "-o", "out", cwd=project)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert sorted(os.listdir(project)) == ["compose.yaml", "out"]
    assert "task-definitions/shop-more.json" not in files(project / "out")


def test_a_manifest_cannot_reach_outside(project: Path) -> None:
    (project / "keep.json").write_text("{}")
    (project / "out").mkdir()
    manifest = {"files": ["../keep.json", str(project / "keep.json"), 7]}
    (project / "out/.compose2ecs.json").write_text(json.dumps(manifest))
    assert run("convert", "-o", "out", cwd=project).returncode == 0
    assert (project / "keep.json").exists()


def test_help_and_version(tmp_path: Path) -> None:
    assert "convert" in run("--help", cwd=tmp_path).stdout
    assert run("--version", cwd=tmp_path).stdout.startswith("compose2ecs")


def test_every_command_that_is_listed_is_there(tmp_path: Path) -> None:
    """`--help` lists them from a table, so that it need not import them."""
    listed = run("--help", cwd=tmp_path).stdout
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        assert command.name == name
        assert f"\n  {name} " in listed
