"""`compose2ecs check`, and reports in SARIF."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator

from compose2ecs.checks.table import TABLE
from compose2ecs.cli.main import main
from tests.checks.bodies import PROJECTS

GOOD = """\
name: shop
services:
  web: {image: "nginx:1.27", mem_limit: 64m, ports: ["80:80"]}
  db: {image: "redis:7", mem_limit: 64m}
"""
BODY = {
    "family": "web",
    "networkMode": "awsvpc",
    "containerDefinitions": [
        {
            "name": "app",
            "image": "nginx:1.27",
            "memory": 64,
            "portMappings": [{"containerPort": 80, "hostPort": 8080}],
        }
    ],
}


class Done(NamedTuple):
    """What came of a run of the command."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in a folder, in this process: a new one costs a quarter of a second."""

    def run_in(*arguments: str, cwd: Path) -> Done:
        monkeypatch.chdir(cwd)
        with pytest.raises(SystemExit) as ended:
            main(arguments, prog_name="compose2ecs")
        captured = capsys.readouterr()
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return run_in


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text(GOOD)
    return tmp_path


def codes(stderr: str) -> list[str]:
    return [diagnostic["code"] for diagnostic in json.loads(stderr)]


def test_a_good_project(run: Run, project: Path) -> None:
    done = run("check", cwd=project)
    assert done.returncode == 0
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("Checked 2 services, 9 bodies: 0 errors, 0 warn")


def test_nothing_is_written(run: Run, project: Path) -> None:
    run("check", cwd=project)
    assert [path.name for path in project.iterdir()] == ["compose.yaml"]


def test_errors_are_1_and_located(run: Run, project: Path) -> None:
    (project / "compose.yaml").write_text(GOOD + "  no: {image: 'nginx:${TAG', ports: [x]}\n")
    done = run("check", cwd=project)
    assert done.returncode == 1
    assert "compose.yaml:5:15: error:" in done.stderr
    assert "Checked the files: 1 error," in done.stderr


def test_what_aws_refuses_is_an_error_of_convert_too(run: Run, project: Path) -> None:
    (project / "compose.yaml").write_text(GOOD + "  no: {image: 'Nginx:1'}\n")
    for command in ("check", "convert"):
        done = run(command, "--report", "json", cwd=project)
        assert done.returncode == 1
        assert done.stdout == ""
        (error,) = (one for one in json.loads(done.stderr) if one["severity"] == "error")
        assert (error["code"], error["service"], error["line"]) == ("D009", "no", 5)
        assert "(task-definitions/shop-no: containerDefinitions[0].image)" in error["message"]


def test_remarks_are_for_check_alone(run: Run, project: Path) -> None:
    text = GOOD.replace("nginx:1.27", "nginx").replace("redis:7", "redis")
    (project / "compose.yaml").write_text(text)
    assert codes(run("check", "--report", "json", cwd=project).stderr).count("D011") == 2
    assert "D011" not in codes(run("convert", "--report", "json", cwd=project).stderr)
    ignored = text + "x-ecs: {ignore: [D011]}\n"
    (project / "compose.yaml").write_text(ignored)
    assert "D011" not in codes(run("check", "--report", "json", cwd=project).stderr)


def test_credentials_are_told_once(run: Run, project: Path) -> None:
    """As a warning by the translation, which names them all, and not as a remark as well."""
    text = GOOD.replace("mem_limit: 64m}", "environment: {DB_PASSWORD: s3cret-of-db}}")
    for ignored, told in (("[]", ["plain-credentials"]), ("[plain-credentials]", [])):
        (project / "compose.yaml").write_text(text + f"x-ecs: {{ignore: {ignored}}}\n")
        done = run("check", "--report", "json", cwd=project)
        secret = {"plain-credentials", "D096"}
        assert [code for code in codes(done.stderr) if code in secret] == told
        assert "s3cret" not in done.stderr


def test_quiet_and_strict(run: Run, project: Path) -> None:
    assert run("check", "-q", cwd=project).stderr == ""
    (project / "compose.yaml").write_text(GOOD + "  w: {image: 'i:1', mac_address: x}\n")
    assert run("check", cwd=project).returncode == 0
    assert run("check", "--strict", cwd=project).returncode == 1


def test_the_options_of_convert(run: Run, project: Path) -> None:
    (project / "other.yaml").write_text(GOOD.replace("web:", "www:"))
    done = run("check", "-f", "other.yaml", "-p", "p", "--launch-type", "FARGATE", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "Checked 2 services" in done.stderr


def test_what_the_schema_alone_has_is_told(run: Run, project: Path) -> None:
    """Readers take methods in lower case, and the schema does not."""
    route = "{path: /a, methods: [get, POST]}"
    (project / "compose.yaml").write_text(
        GOOD + f"  api: {{image: 'i:1', ports: [80], x-ecs: {{route: {route}}}}}\n"
    )
    done = run("check", "--report", "json", cwd=project)
    told = [one for one in json.loads(done.stderr) if one["code"] == "not-in-schema"]
    assert [(one["severity"], one["line"]) for one in told] == [("info", 5)]
    assert "services.api.x-ecs.route.methods[0]" in told[0]["message"]
    assert done.returncode == 0


def test_what_the_readers_said_is_not_said_again(run: Run) -> None:
    done = run("check", "--report", "json", cwd=PROJECTS / "broken")
    assert done.returncode == 1
    assert "not-in-schema" not in codes(done.stderr)


def test_the_schema_does_not_show_values(run: Run, project: Path) -> None:
    secret = "hunter2-is-it"
    (project / "compose.yaml").write_text(
        GOOD + f"  a: {{image: 'i:1', ports: [80], x-ecs: {{route: {{query: ['{secret}']}}}}}}\n"
    )
    assert secret not in run("check", "-q", "--report", "json", cwd=project).stderr


# ---------------------------------------------------------------------------- bodies


def test_bodies_by_hand(run: Run, tmp_path: Path) -> None:
    (tmp_path / "web.json").write_text(json.dumps(BODY, indent=2))
    done = run("check", "--body", "task-definition=web.json", "--report", "json", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    (found,) = json.loads(done.stderr)
    assert (found["code"], found["file"], found["line"]) == ("D050", "web.json", 12)
    done = run("check", "--body", "task-definitions=web.json", cwd=tmp_path)
    assert done.stderr.endswith("Checked 1 body: 1 error, 0 warnings, 0 remarks.\n")


def test_bodies_know_each_other(run: Run, tmp_path: Path) -> None:
    service: dict[str, Any] = {
        "serviceName": "web",
        "taskDefinition": "web",
        "desiredCount": 1,
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
    }
    del BODY["containerDefinitions"][0]["portMappings"][0]["hostPort"]  # type: ignore[index]
    (tmp_path / "web.json").write_text(json.dumps(BODY))
    (tmp_path / "service.json").write_text(json.dumps(service))
    arguments = ("--body", "task-definition=web.json", "--body", "services=service.json")
    assert run("check", *arguments, cwd=tmp_path).returncode == 0
    del service["networkConfiguration"]
    (tmp_path / "service.json").write_text(json.dumps(service))
    done = run("check", *arguments, "--report", "json", cwd=tmp_path)
    assert codes(done.stderr) == ["D152"]


def test_a_described_task_definition(run: Run, tmp_path: Path) -> None:
    described = {"taskDefinition": {**BODY, "revision": 3, "status": "ACTIVE"}, "tags": []}
    (tmp_path / "web.json").write_text(json.dumps(described))
    done = run("check", "--body", "task-definition=web.json", "--report", "json", cwd=tmp_path)
    assert {"D202"} <= set(codes(done.stderr)) <= {"D202", "D050"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"a": 1,}', "bad-json"),
        (b"[]", "bad-json"),
        (b"\xff\xfe\x00", "not-text"),
        (None, "unreadable-file"),
    ],
)
def test_a_file_that_is_no_body(run: Run, tmp_path: Path, content: bytes | None, code: str) -> None:
    if content is not None:
        (tmp_path / "a.json").write_bytes(content)
    done = run("check", "--body", "services=a.json", "--report", "json", cwd=tmp_path)
    assert done.returncode == 1
    assert codes(done.stderr) == [code]


def test_a_variable_in_a_body_is_never_shown(run: Run, tmp_path: Path) -> None:
    line = '{"name": "DB_PASSWORD", "value": 12345678}'
    (tmp_path / "a.json").write_text(
        '{"family": "a", "containerDefinitions": [{"name": "a", "image": "a:1", "memory": 6,\n'
        f'"environment": [{line}]}}]}}'
    )
    done = run("check", "--body", "task-definition=a.json", cwd=tmp_path)
    assert "[D094]" in done.stderr
    assert "12345678" not in done.stderr


@pytest.mark.parametrize("body", ["a.json", "nonsense=a.json", "services="])
def test_a_body_needs_its_kind(run: Run, tmp_path: Path, body: str) -> None:
    done = run("check", "--body", body, cwd=tmp_path)
    assert done.returncode == 2
    assert "task-definitions" in done.stderr


# ---------------------------------------------------------------------------- the table


def test_the_table_as_text(run: Run, tmp_path: Path) -> None:
    lines = run("check", "--list", cwd=tmp_path).stdout.splitlines()
    assert len(lines) == len(TABLE)
    assert lines[0].startswith("D001  error    register  A family has 1 to 255 letters")
    assert any(line.endswith("[by the translation: restart]") for line in lines)
    assert any("[not offline: " in line for line in lines)


def test_the_table_as_json(run: Run, tmp_path: Path) -> None:
    rows = json.loads(run("check", "--list", "--format", "json", cwd=tmp_path).stdout)
    assert [row["id"] for row in rows] == sorted(TABLE)
    assert {key for row in rows for key in row} == set(TABLE["D001"]._fields)


# ---------------------------------------------------------------------------- SARIF

TEXT = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1}},
    "additionalProperties": False,
}
PLACE = {
    "type": "object",
    "required": ["artifactLocation", "region"],
    "properties": {
        "artifactLocation": {
            "type": "object",
            "required": ["uri"],
            "properties": {"uri": {"type": "string", "pattern": "^[^/ \\\\][^ \\\\]*$"}},
            "additionalProperties": False,
        },
        "region": {
            "type": "object",
            "required": ["startLine", "startColumn"],
            "properties": {
                "startLine": {"type": "integer", "minimum": 1},
                "startColumn": {"type": "integer", "minimum": 1},
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
# The parts of the schema of SARIF 2.1.0 that we use, closed to all others.
SARIF = Draft202012Validator(
    {
        "type": "object",
        "required": ["version", "runs"],
        "properties": {
            "$schema": {"type": "string", "format": "uri"},
            "version": {"const": "2.1.0"},
            "runs": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["tool", "results"],
                    "properties": {
                        "tool": {
                            "type": "object",
                            "required": ["driver"],
                            "properties": {
                                "driver": {
                                    "type": "object",
                                    "required": ["name", "version", "rules"],
                                    "properties": {
                                        "name": {"const": "compose2ecs"},
                                        "version": {"type": "string"},
                                        "rules": {
                                            "type": "array",
                                            "uniqueItems": True,
                                            "items": {"$ref": "#/$defs/rule"},
                                        },
                                    },
                                    "additionalProperties": False,
                                }
                            },
                            "additionalProperties": False,
                        },
                        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                        "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
                    },
                    "additionalProperties": False,
                },
            },
        },
        "additionalProperties": False,
        "$defs": {
            "rule": {
                "type": "object",
                "required": ["id", "shortDescription", "help", "defaultConfiguration"],
                "properties": {
                    "id": {"type": "string"},
                    "shortDescription": TEXT,
                    "help": TEXT,
                    "helpUri": {"type": "string", "pattern": "^https://"},
                    "defaultConfiguration": {
                        "type": "object",
                        "required": ["level"],
                        "properties": {"level": LEVEL},
                        "additionalProperties": False,
                    },
                },
                "additionalProperties": False,
            },
            "result": {
                "type": "object",
                "required": ["ruleId", "ruleIndex", "level", "message"],
                "properties": {
                    "ruleId": {"type": "string"},
                    "ruleIndex": {"type": "integer", "minimum": 0},
                    "level": LEVEL,
                    "message": TEXT,
                    "locations": {
                        "type": "array",
                        "maxItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["physicalLocation"],
                            "properties": {"physicalLocation": PLACE},
                            "additionalProperties": False,
                        },
                    },
                    "relatedLocations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["physicalLocation"],
                            "properties": {
                                "id": {"type": "integer", "minimum": 0},
                                "message": TEXT,
                                "physicalLocation": PLACE,
                            },
                            "additionalProperties": False,
                        },
                    },
                },
                "additionalProperties": False,
            },
        },
    }
)


def sarif(text: str) -> Any:
    """The one run of a SARIF text of the right form."""
    document = json.loads(text)
    assert list(SARIF.iter_errors(document)) == []
    (found,) = document["runs"]
    rules = found["tool"]["driver"]["rules"]
    for result in found["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert {rule["id"] for rule in rules} == {result["ruleId"] for result in found["results"]}
    return found


@pytest.mark.parametrize("command", ["check", "convert", "config"])
@pytest.mark.parametrize("name", ["aws-shop", "broken", "two-of-everything"])
def test_sarif(run: Run, command: str, name: str) -> None:
    done = run(command, "--report", "sarif", cwd=PROJECTS / name)
    sarif(done.stderr)
    assert done.returncode == (1 if name == "broken" else 0)


def test_sarif_of_a_check(run: Run, project: Path) -> None:
    folder = project / "a b"
    folder.mkdir()
    (folder / "ö.yaml").write_text(GOOD + "  no: {image: 'Nginx:1'}\n  x: &a 1\n  x: *a\n")
    done = run("check", "-f", "a b/ö.yaml", "--report", "sarif", cwd=project)
    (result,) = sarif(done.stderr)["results"]
    assert result["ruleId"] == "yaml-duplicate-key"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b/%C3%B6.yaml"
    assert place["region"] == {"startLine": 7, "startColumn": 3}
    assert result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 6
    (folder / "ö.yaml").write_text(GOOD + "  no: {image: 'Nginx:1'}\n")
    found = sarif(run("check", "-q", "-f", "a b/ö.yaml", "--report", "sarif", cwd=project).stderr)
    (result,) = found["results"]
    (rule,) = found["tool"]["driver"]["rules"]
    assert (result["ruleId"], result["level"]) == ("D009", "error")
    assert rule["helpUri"] == TABLE["D009"].source
    assert rule["defaultConfiguration"] == {"level": "error"}


def test_sarif_of_nothing(run: Run, project: Path) -> None:
    assert sarif(run("check", "-q", "--report", "sarif", cwd=project).stderr)["results"] == []
