"""`doctor` and `iam` as they are typed: flags, exit codes, and what is printed where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from compose2ecs.cli.main import main
from compose2ecs.sandbox import Sandbox
from tests.deploy.doctor.test_doctor import TEXT, permissions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text(f"name: p\n{TEXT}")
    return tmp_path


def run(folder: Path, *words: str, **environment: str) -> Result:
    command, *rest = words
    arguments = [command, "-f", str(folder / "compose.yaml"), *rest]
    return CliRunner().invoke(main, arguments, env=environment, catch_exceptions=False)


# ---------------------------------------------------------------------------- iam

GIVEN = ("--cluster", "qa", "--region", "eu-west-1", "--account", "123456789012")


def test_a_policy_on_standard_output_and_notes_beside(folder: Path) -> None:
    result = run(folder, "iam", *GIVEN)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["Version"] == "2012-10-17"
    assert result.stderr.splitlines() == [
        "note: the listener is not known, so rules may be made on others: --listener narrows it"
    ]
    assert run(folder, "iam", *GIVEN, "-q").stderr == ""


def test_for_some_commands_and_read_only(folder: Path) -> None:
    def actions(*words: str) -> set[str]:
        found = json.loads(run(folder, "iam", *GIVEN, *words).stdout)
        return {name for one in found["Statement"] for name in one["Action"]}

    assert actions("--for", "logs") < actions("--for", "logs", "--for", "exec") < actions()
    assert "ecs:ExecuteCommand" in actions("--for", "exec")
    assert "iam:SimulatePrincipalPolicy" in actions("--for", "doctor")
    assert "iam:SimulatePrincipalPolicy" not in actions()
    assert not any(":Create" in name for name in actions("--read-only"))


def test_documents_of_roles_into_a_folder(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "roles"
    result = run(folder, "iam", *GIVEN, "--trust", "-o", str(out))
    assert result.exit_code == 0
    names = [
        f"{role}.{kind}.json"
        for role in ("ecsTaskExecutionRole", "ecsTaskRole")
        for kind in ("trust", "policy")
    ][:-1]  # the tasks' own needs no rights
    assert result.stdout.split() == [str(out / name) for name in names]
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    for name in names:
        assert json.loads((out / name).read_text())["Version"] == "2012-10-17"
    both = json.loads(run(folder, "iam", *GIVEN, "--trust").stdout)
    assert list(both) == names


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--account", "1234"), "twelve digits"),
        (("--trust", "--for", "up"), "neither --for nor --read-only"),
        (("--trust", "--read-only"), "neither --for nor --read-only"),
        (("--for", "dance"), "'dance' is not one of"),
    ],
)
def test_wrong_words(folder: Path, words: tuple[str, ...], said: str) -> None:
    result = run(folder, "iam", *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_wrong_file(folder: Path) -> None:
    (folder / "compose.yaml").write_text("services: {a: {image: i, imago: j}}")
    result = run(folder, "iam")
    assert result.exit_code == 1
    assert "imago" in result.stderr
    assert result.stdout == ""


def test_a_folder_that_cannot_be_written(folder: Path) -> None:
    result = run(folder, "iam", *GIVEN, "-o", str(folder / "compose.yaml" / "x"))
    assert result.exit_code == 1
    assert "error: cannot write" in result.stderr


# ---------------------------------------------------------------------------- doctor


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox() as made:
        permissions(made, (32768, 65535))
        yield made


def doctor(folder: Path, box: Sandbox, *words: str) -> Result:
    given = ("--cluster", box.cluster, "--listener", box.listener)
    return run(folder, "doctor", *given, *words, **box.environment(box.serve()))


def test_all_is_well(folder: Path, box: Sandbox) -> None:
    result = doctor(folder, box)
    assert result.exit_code == 0, result.stdout
    lines = result.stdout.splitlines()
    assert lines[0].split()[:2] == ["ok", "identity"]
    assert lines[0].endswith("user/sandbox, region eu-west-1")
    columns = {line.index(line.split(maxsplit=2)[-1]) for line in lines if line.startswith("ok")}
    assert len(columns) == 1
    assert result.stderr.splitlines()[-1].startswith(f"{len(lines) - 1} ok, ")


def test_what_fails_is_told_with_its_fix(folder: Path, box: Sandbox) -> None:
    box.world.ecs.settings["taskLongArnFormat"] = "disabled"
    result = doctor(folder, box, "-q")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert not any(line.startswith("ok") for line in lines)
    at = next(i for i, line in enumerate(lines) if "taskLongArnFormat is disabled" in line)
    assert lines[at].startswith("failure")
    assert lines[at + 1].strip().startswith("fix: aws ecs put-account-setting")
    assert "1 failure" in result.stderr


def test_json(folder: Path, box: Sandbox) -> None:
    box.world.ecs.settings["taskLongArnFormat"] = "disabled"
    result = doctor(folder, box, "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["summary"]["failure"] == 1
    assert {"check", "status", "text", "fix"} == set(found["findings"][0])


def test_without_credentials(folder: Path, box: Sandbox) -> None:
    environment = {
        **box.environment(box.serve()),
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
    }
    result = run(folder, "doctor", **environment)
    assert result.exit_code == 3
    assert "there are no AWS credentials" in result.stderr
    assert "hint: set AWS_PROFILE" in result.stderr
