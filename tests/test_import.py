"""`compose2ecs import`: what converts again to what it was, what is said, and what is refused."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.loaders import Loader
from botocore.model import ServiceModel, StructureShape
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from compose2ecs import InputError, Report, load, translate
from compose2ecs.app.import_ import import_files, import_texts
from compose2ecs.aws_model import request
from compose2ecs.cli.main import main
from compose2ecs.cli.show import as_text
from compose2ecs.ecs.importing.gather import ANSWERED, REQUESTS
from compose2ecs.ecs.translate import translate_project
from tests.conftest import ROOT
from tests.golden import compare
from tests.task_definitions import draw, meaning

EXAMPLES = settings(derandomize=True, deadline=None, max_examples=40, database=None)
FOLDERS = sorted(path for path in (ROOT / "fixtures/import").iterdir() if path.is_dir())
PROJECTS = sorted(
    path.parent for path in (ROOT / "fixtures/projects").glob("*/expected/task-definitions")
)


def texts_of(folder: Path) -> dict[str, str]:
    """The JSON files of a folder, by the names they have in it."""
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in sorted(folder.rglob("*.json"))
    }


def imported(bodies: Mapping[str, Any]) -> tuple[str, Report]:
    """What comes of some bodies, by the names of their files, and all that is said."""
    report = Report()
    texts = {name: json.dumps(body) for name, body in bodies.items()}
    return import_texts(texts, report), report


def converted(compose: str, *, checked: bool = True) -> dict[str, Any]:
    """The task definitions of a compose file, by family."""
    project = load(files={"compose.yaml": compose}, environment={"HOME": "/home/me", "X": "x"})
    stack = translate_project(project, checked=checked)
    found = stack.resources["task-definitions"].values()
    return {resource.body["family"]: resource.body for resource in found}


def members_of(service: str, shape: str) -> set[str]:
    """The members of one of AWS's structures."""
    model = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    found = model.shape_for(shape)
    assert isinstance(found, StructureShape)
    return set(found.members)


def bodies_in(texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """The task definitions in some JSON texts, with a family each."""
    found = []
    for name, text in texts.items():
        value = json.loads(text)
        if isinstance(value, list) and "image" in value[0]:
            value = {"family": name.removesuffix(".json"), "containerDefinitions": value}
        for item in value if isinstance(value, list) else [value]:
            item = item.get("taskDefinition", item) | {k: item[k] for k in ("tags",) if k in item}
            if "containerDefinitions" in item:
                found.append(item)
            found.extend(item.get("task-definitions", {}).values())
    return found


# ---------------------------------------------------------------------------- there and back


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_golden(folder: Path, update_golden: bool) -> None:
    report = Report()
    texts = {name: t for name, t in texts_of(folder).items() if not name.startswith("expected/")}
    compose = import_texts(texts, report)
    said = as_text(report)
    compare(folder / "expected", {"compose.yaml": compose, "report.txt": said}, update_golden)
    assert "import-differs" not in said


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_golden_one_means_the_same(folder: Path) -> None:
    texts = {name: t for name, t in texts_of(folder).items() if not name.startswith("expected/")}
    compose = (folder / "expected/compose.yaml").read_text("utf-8")
    found = {family: meaning(body) for family, body in converted(compose).items()}
    bodies = bodies_in(texts)
    assert len(bodies) == len(found) > 0
    for body in bodies:
        if folder.name == "shared-init":  # where containers get other names
            assert set(found) == {"shop-web", "shop-worker"}
            continue
        assert found[body["family"]] == meaning(body)


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.parent.name)
def test_what_convert_writes(folder: Path) -> None:
    """The task definitions of the golden projects, alone and with everything else of them."""
    alone = texts_of(folder / "task-definitions")
    bodies = bodies_in(alone)
    assert bodies
    for texts in (alone, texts_of(folder)):
        report = Report()
        compose = import_texts(texts, report)
        # logins, redirects and who starts a task are told, where they cannot be made again
        places = [str(d.span) for d in report if d.code == "import-differs"]
        assert [
            place for place in places if not place.startswith(("listener-rules/", "run-tasks/"))
        ] == []
        if any(d.code == "import-renamed" for d in report):
            continue
        found = converted(compose, checked=False)
        assert {f: meaning(b) for f, b in found.items()} == {
            body["family"]: meaning(body) for body in bodies
        }


def test_a_whole_project_needs_no_overrides() -> None:
    """What `convert` makes by itself has its key in Compose or in x-ecs."""
    folder = ROOT / "fixtures/projects/aws-shop/expected"
    compose = yaml.safe_load(import_texts(texts_of(folder), Report()))
    assert len(compose["services"]) > 3
    assert "overrides" not in json.dumps(compose)


@EXAMPLES
@given(st.randoms(use_true_random=False))
@pytest.mark.slow
def test_any_task_definition(source: random.Random) -> None:
    body = draw(source)
    compose, report = imported({"t.json": body})
    assert [d for d in report if d.severity != "info" and d.code != "import-unsound"] == []
    (found,) = converted(compose, checked=False).values()
    assert meaning(found) == meaning(body)


@settings(EXAMPLES, max_examples=12)
@given(st.randoms(use_true_random=False))
@pytest.mark.slow
def test_two_task_definitions(source: random.Random) -> None:
    one, other = draw(source), draw(source)
    one["family"], other["family"] = "one", "other"
    for container in other["containerDefinitions"]:  # unlike names, also where they are meant
        container["name"] = f"o-{container['name']}"
        for need in container.get("dependsOn", ()):
            need["containerName"] = f"o-{need['containerName']}"
        for volumes in container.get("volumesFrom", ()):
            volumes["sourceContainer"] = f"o-{volumes['sourceContainer']}"
        if "links" in container:
            container["links"] = [f"o-{link}" for link in container["links"]]
    compose, report = imported({"1.json": one, "2.json": other})
    assert [d for d in report if d.severity != "info" and d.code != "import-unsound"] == []
    found = converted(compose, checked=False)
    assert meaning(found["one"]) == meaning(one)
    assert meaning(found["other"]) == meaning(other)


def test_drawing_reaches_everything() -> None:
    """What AWS's description of a container has, and no drawn one, is named here."""
    members = members_of("ecs", "ContainerDefinition")
    drawn: set[str] = set()
    for seed in range(300):
        for container in draw(random.Random(seed))["containerDefinitions"]:
            drawn |= set(container)
    assert members - drawn == {"credentialSpecs"}


def test_the_comparison_finds_faults() -> None:
    body = draw(random.Random(7))
    changed = json.loads(json.dumps(body))
    changed["containerDefinitions"][0]["image"] = "other"
    assert meaning(changed) != meaning(body)
    changed = json.loads(json.dumps(body))
    changed["containerDefinitions"][0]["environment"] = [{"name": "NEW", "value": ""}]
    assert meaning(changed) != meaning(body)
    changed = {**body, "networkMode": "none"}
    assert meaning(changed) != meaning(body)


# ---------------------------------------------------------------------------- what comes of what


def web(**fields: Any) -> dict[str, Any]:
    container = {"name": "web", "image": "i", "memory": 64, **fields}
    return {"family": "web", "containerDefinitions": [container]}


def test_values_are_not_taken_for_variables() -> None:
    values = {"A": "$HOME", "B": "${X}", "C": "$$", "D": "5$"}
    pairs = [{"name": name, "value": value} for name, value in values.items()]
    compose, _ = imported({"web.json": web(environment=pairs, command=["echo", "$HOME"])})
    (found,) = converted(compose)["web"]["containerDefinitions"]
    assert {pair["name"]: pair["value"] for pair in found["environment"]} == values
    assert found["command"] == ["echo", "$HOME"]


def test_a_field_that_is_no_key_is_told_with_its_path() -> None:
    compose, report = imported({"web.json": web(startTimeout=30)})
    (told,) = [d for d in report if d.code == "import-override"]
    assert told.message.startswith("containerDefinitions[0].startTimeout: ")
    assert told.span is not None
    assert told.span.source.name == "web.json"
    overrides = yaml.safe_load(compose)["services"]["web"]["x-ecs"]["overrides"]
    assert overrides["container"]["startTimeout"] == 30


def test_what_is_known_to_be_filled_in_by_aws() -> None:
    """What a describe call answers and the request does not take, by AWS's own description."""
    shapes = {
        "task-definitions": "TaskDefinition",
        "services": "Service",
        "target-groups": "TargetGroup",
        "listener-rules": "Rule",
    }
    for kind, shape in shapes.items():
        service, operation = REQUESTS[kind]
        asked = set(request(service, operation).members)
        assert set(ANSWERED[kind]) == members_of(service, shape) - asked


def test_services_that_have_no_task_definition() -> None:
    service = {"serviceName": "x", "taskDefinition": "x:1"}
    group = {"Name": "g", "TargetType": "ip", "Port": 80}
    rule = {"Conditions": [], "Actions": [], "Priority": 1, "ListenerArn": "arn:l"}
    attributes = {"TargetGroupArn": "g", "Attributes": []}
    run = {"taskDefinition": "y", "cluster": "c"}
    others = {"service": service, "group": group, "rule": rule, "attributes": attributes}
    bodies = {f"{name}.json": body for name, body in {**others, "run": run}.items()}
    _, report = imported({"web.json": web(), **bodies})
    told = sorted(str(d.span.source.name) for d in report if d.code == "import-left-out" and d.span)
    assert told == sorted(bodies)


def test_parts_that_have_no_way_back() -> None:
    target = {"ScalableDimension": "d", "ResourceId": "r", "ServiceNamespace": "ecs"}
    policy = {"PolicyName": "p", "PolicyType": "t", "ResourceId": "r"}
    action = {"ScheduledActionName": "a", "ResourceId": "r"}
    schedule = {"Name": "s", "ScheduleExpression": "rate(1 day)", "Target": {}}
    retention = {"logGroupName": "elsewhere", "retentionInDays": 7}
    bodies = {"a": target, "b": policy, "c": action, "d": schedule, "e": retention}
    files = {f"{name}.json": body for name, body in bodies.items()}
    _, report = imported({"web.json": web(), **files})
    assert len([d for d in report if d.code == "import-left-out"]) == 5


def test_another_cluster_is_told() -> None:
    one, other = web(), {**web(), "family": "other"}
    other["containerDefinitions"] = [{"name": "other", "image": "i", "memory": 64}]
    services = [
        {"serviceName": name, "taskDefinition": name, "cluster": cluster}
        for name, cluster in (("web", "qa"), ("other", "prod"))
    ]
    files = {"1.json": one, "2.json": other, "3.json": services}
    compose, report = imported(files)
    assert yaml.safe_load(compose)["x-ecs"]["cluster"] == "qa"
    (told,) = [d for d in report if d.severity == "warning"]
    assert "prod" in told.message


def test_more_rules_than_routes() -> None:
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1"
    service = {
        "serviceName": "web",
        "taskDefinition": "web",
        "loadBalancers": [{"targetGroupArn": arn, "containerName": "web", "containerPort": 80}],
    }
    group = {
        "Name": "web",
        "Protocol": "HTTP",
        "Port": 80,
        "VpcId": "vpc-1",
        "TargetType": "instance",
    }
    rules = [
        {
            "ListenerArn": "arn:l",
            "Priority": number,
            "Conditions": [
                {"Field": "path-pattern", "PathPatternConfig": {"Values": [f"/{number}"]}}
            ],
            "Actions": [{"Type": "forward", "TargetGroupArn": arn}],
        }
        for number in (1, 2)
    ]
    task = web(portMappings=[{"containerPort": 80}])
    files = {"t.json": task, "s.json": service, "g.json": group}
    files |= {f"r{number}.json": rule for number, rule in enumerate(rules)}
    compose, report = imported(files)
    route = yaml.safe_load(compose)["services"]["web"]["x-ecs"]["route"]
    assert (route["path"], route["priority"]) == (["/1"], 1)
    (told,) = [d for d in report if d.severity == "warning"]
    assert told.span is not None
    assert told.span.source.name == "r1.json"


# ---------------------------------------------------------------------------- what is refused

REFUSED: list[tuple[str, list[str]]] = [
    ("", ["bad-json"]),
    ("{", ["bad-json"]),
    ('{"a": 1,}', ["bad-json"]),
    ('{"a": tru}', ["bad-json"]),
    ('{"a": 01}', ["bad-json"]),
    ('{"a": 1e999}', ["bad-json"]),
    ('{"a": 123456789012345678901234567890}', ["bad-json"]),
    ('{"a": "\\ud800"}', ["bad-json"]),
    ('{"a": "\x01"}', ["bad-json"]),
    ("[" * 1000, ["bad-json"]),
    ('{"a": 1} {}', ["bad-json"]),
    ('{"a" 1}', ["bad-json"]),
    ('{"a": 1 "b": 2}', ["bad-json"]),
    ("[1 2]", ["bad-json"]),
    ('{"family": "a", "family": "b"}', ["json-key-twice"]),
    ("7", ["wrong-type"]),
    ("null", ["wrong-type"]),
    ("[]", ["import-nothing"]),
    ("{}", ["import-nothing"]),
    ('{"serviceName": "a", "taskDefinition": "b"}', ["import-nothing"]),
    ('{"Resources": {}}', ["import-template"]),
    ('{"family": "a"}', ["wrong-type"]),
    ('{"family": "a", "containerDefinitions": {}}', ["wrong-type"]),
    ('{"family": "a", "containerDefinitions": []}', ["wrong-type"]),
    ('{"family": "a", "containerDefinitions": [3]}', ["wrong-type"]),
    ('{"family": "a", "containerDefinitions": [{"name": "a"}]}', ["wrong-type"]),
    ('{"family": "a", "containerDefinitions": [{"image": "a"}]}', ["wrong-type"]),
    ('{"family": "a", "containerDefinitions": [{"name": "", "image": "a"}]}', ["wrong-type"]),
    (
        '{"family": "a.b", "containerDefinitions": [{"name": "a", "image": "i"}]}',
        ["import-bad-name"],
    ),
    (
        '{"family": "a", "containerDefinitions": [{"name": "a.b", "image": "i"}]}',
        ["import-bad-name"],
    ),
    (
        '{"family": "a", "containerDefinitions": [{"name": "a", "image": "i", "memmory": 1}]}',
        ["aws-unknown-key"],
    ),
    (
        '{"family": "a", "containerDefinitions": [{"name": "a", "image": "i", "cpu": "x"}]}',
        ["wrong-type"],
    ),
    (
        '{"family": "a", "containerDefinitions": [{"name": "a", "image": "i"}, {"name": "a", "image": "i"}]}',
        ["import-twice"],
    ),
    ('{"task-definitions": {"a": {"containerDefinitions": [{}]}}}', ["wrong-type", "wrong-type"]),
    ('{"TargetGroups": [3]}', ["wrong-type"]),
    ('{"Rules": [3]}', ["wrong-type"]),
    ('{"services": [3]}', ["wrong-type"]),
]


@pytest.mark.parametrize(("text", "codes"), REFUSED, ids=range(len(REFUSED)))
def test_refused(text: str, codes: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        import_texts({"t.json": text}, Report())
    errors = [d for d in caught.value.diagnostics if d.severity == "error"]
    assert [d.code for d in errors] == codes
    for error in errors:
        if error.message != "there is no task definition in the files":
            assert error.span is not None


def test_refused_together() -> None:
    """Two files that say the same object, and a stack that no compose file can have."""
    with pytest.raises(InputError, match="given twice"):
        imported({"1.json": web(), "2.json": web()})
    eleven = [{"name": f"c{number}", "image": "i"} for number in range(11)]
    with pytest.raises(InputError, match="no compose file can be made of this"):
        imported({"1.json": {"family": "many", "containerDefinitions": eleven}})


def test_what_aws_refuses_is_imported_with_a_warning() -> None:
    body = web(secrets=[{"name": "A", "valueFrom": "/a"}])
    compose, report = imported(
        {"web.json": {**body, "inferenceAccelerators": [{"deviceName": "d", "deviceType": "t"}]}}
    )
    assert {d.code for d in report if d.severity == "warning"} == {"import-unsound"}
    with pytest.raises(InputError):
        translate(load(files={"compose.yaml": compose}, environment={}))


def test_no_value_is_shown() -> None:
    """A line of a task definition may hold a secret, so none is printed."""
    text = '{"family": "a", "containerDefinitions": [{"name": "a", "image": "i", "environment": [{"name": "P", "value": "hunter2"}], "x": 1}]}'
    with pytest.raises(InputError) as caught:
        import_texts({"t.json": text}, Report())
    assert "hunter2" not in as_text(caught.value.diagnostics)


# ---------------------------------------------------------------------------- the command line


def test_a_folder_and_an_output(tmp_path: Path) -> None:
    folder = tmp_path / "ecs/deep"
    folder.mkdir(parents=True)
    (folder / "web.json").write_text(json.dumps(web()))
    (folder / ".compose2ecs.json").write_text("{}")
    (folder / "notes.txt").write_text("no JSON")
    runner = CliRunner()
    out = tmp_path / "compose.yaml"
    done = runner.invoke(main, ["import", str(tmp_path / "ecs"), "-o", str(out)])
    assert (done.exit_code, done.stdout) == (0, "")
    assert yaml.safe_load(out.read_text())["services"]["web"]["image"] == "i"
    again = runner.invoke(main, ["import", str(tmp_path / "ecs"), "-o", str(out)])
    assert again.exit_code == 1
    assert "is there already" in again.stderr


def test_standard_input_and_twice(tmp_path: Path) -> None:
    runner = CliRunner()
    done = runner.invoke(main, ["import", "-"], input=json.dumps(web()))
    assert done.exit_code == 0
    assert done.stdout.startswith("name: web\n")
    file = tmp_path / "web.json"
    file.write_text(json.dumps(web()))
    twice = runner.invoke(main, ["import", str(file), str(file)])
    assert twice.exit_code == 1
    assert "is given twice" in twice.stderr
    missing = runner.invoke(main, ["import", str(tmp_path / "nope.json")])
    assert missing.exit_code == 1
    assert runner.invoke(main, ["import"]).exit_code == 2


def test_files_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        import_files([str(tmp_path / "a.json")], Report())
