"""What a plan says: nothing where nothing changed, what differs where something did, no secrets."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from compose2ecs import Report, load
from compose2ecs.app.deployment import prepare
from compose2ecs.app.plan import make_plan, save, saved
from compose2ecs.app.up import Options, check_saved
from compose2ecs.app.up import up as up_app
from compose2ecs.aws.session import Account, Where
from compose2ecs.aws.world import world_of
from compose2ecs.plan.errors import RefusedError
from compose2ecs.plan.model import from_data, to_data
from compose2ecs.plan.show import as_data, lines
from tests.conftest import ROOT
from tests.deploy.fakes import LISTENER, REGION, FakeAws, FakeClock
from tests.deploy.running import GIVEN, deployment, plan, services, up


def shown(aws: FakeAws, text: str, **given: str) -> list[str]:
    return [line.strip() for line in lines(plan(aws, text, **given).plan)]


@pytest.mark.parametrize("name", ["two-of-everything", "aws-shop", "aws-workers"])
def test_after_up_there_is_nothing_to_do(name: str) -> None:
    """Whole projects, while the fake adds AWS's defaults and answers in another order."""
    aws = FakeAws()
    folder = ROOT / "fixtures/projects" / name
    given = {
        **GIVEN,
        "registry": "registry.example.com/team",
        "subnets": "subnet-1,subnet-2",
        "security_groups": "sg-1,sg-2",
    }
    del given["domain"]
    for group in ("/qa/shared", "shared", "workers"):
        aws.log_groups[group] = {}
    for expected in (True, False):
        project = load(project_directory=folder, environment={})
        clock = FakeClock()
        account = Account(Where(region=REGION), clock=clock)
        there = prepare(project, given, account, Report(), world=world_of(aws), clock=clock)
        planned = make_plan(there)
        assert bool(planned.plan.changes) is expected, planned.plan.changes
        list(up_app(there, planned, Options(wait=False)))


CHANGES = {
    "image": ("image: 'i:2'", "containers.web.image: i:1 -> i:2"),
    "variable": (
        "image: 'i:1', environment: {MODE: b}",
        "containers.web.environment.MODE: *** (changed)",
    ),
    "copies": ("image: 'i:1', scale: 3", "desiredCount: 2 -> 3"),
    "memory": ("image: 'i:1', mem_limit: 512m", "containers.web.memory: 512 (new)"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_is_told_by_its_path(case: str) -> None:
    changed, line = CHANGES[case]
    common = "" if "scale" in changed else ", scale: 2"
    variable = "" if "environment" in changed else ", environment: {MODE: a}"
    text = "services: {web: {%s%s%s}, db: {image: postgres}}"
    aws = FakeAws()
    up(aws, text % ("image: 'i:1'", ", scale: 2", ", environment: {MODE: a}"))
    found = shown(aws, text % (changed, common, variable))
    assert "~ service p-web" in found
    assert line in found
    assert "Plan: 1 to change." in found
    assert not any("p-db" in entry for entry in found)


def test_secrets_are_in_the_file_and_nowhere_else(tmp_path: Path) -> None:
    aws = FakeAws()
    text = "services: {web: {image: i, environment: {DB_PASSWORD: hunter2, TOKEN: t0k3n}}}"
    up(aws, text.replace("hunter2", "before"))
    planned = plan(aws, text).plan
    everything = "\n".join(lines(planned)) + json.dumps(as_data(planned))
    assert "hunter2" not in everything
    assert "t0k3n" not in everything
    path = tmp_path / "plan.json"
    path.write_text("was there")
    os.chmod(path, 0o644)
    save(planned, str(path))
    assert "hunter2" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert saved(str(path)) == planned


def test_a_plan_is_what_it_was_after_a_file() -> None:
    text = services(3, 2, s01="x-ecs: {autoscaling: {max: 3, requests: 10}}")
    planned = plan(FakeAws(), text).plan
    assert from_data(json.loads(json.dumps(to_data(planned)))) == planned
    with pytest.raises(ValueError, match="version"):
        from_data({"format": 99})
    with pytest.raises(ValueError, match="damaged"):
        from_data({"format": 1, "changes": [{}]})


def test_a_saved_plan_is_carried_out_in_the_world_it_was_made_for() -> None:
    aws = FakeAws()
    text, other = services(3, 2), services(3, 2, s00="command: [a]")
    up(aws, text)
    there = deployment(aws, other)
    planned = make_plan(there).plan
    aws.revive()
    list(up_app(there, check_saved(planned, there), Options(wait=False)))
    assert aws.writes == ["RegisterTaskDefinition", "UpdateService", "TagResource"]
    with pytest.raises(RefusedError, match="not what the plan was made for"):
        check_saved(planned, there)
    with pytest.raises(RefusedError, match="the plan is for p on qa"):
        check_saved(planned._replace(region="us-east-1"), there)


def test_only_some_services_with_what_they_need() -> None:
    text = """
    services:
      web: {image: i, depends_on: [api]}
      api: {image: i, depends_on: [db]}
      db: {image: postgres}
      other: {image: i}
    """
    aws = FakeAws()
    up(aws, text, only=frozenset(("p-api", "p-db")))
    assert set(aws.services) == {"p-api", "p-db"}
    up(aws, text)
    assert set(aws.services) == {"p-api", "p-db", "p-web", "p-other"}
    aws.revive()
    up(aws, "services: {web: {image: i}, other: {image: i}}", only=frozenset(("p-web",)))
    assert aws.writes == []
    assert plan(aws, text).plan.changes == ()


def test_the_order_of_creation() -> None:
    text = """
    services:
      client: {image: i, networks: [n]}
      web: {image: i, ports: ["80:80"], depends_on: {db: {condition: service_healthy}}}
      db: {image: postgres}
    """
    aws = FakeAws()
    text = text.replace(", networks: [n]", "")
    up(aws, text, discovery="service-connect")
    created = [body["serviceName"] for name, body in aws.sent if name == "CreateService"]
    assert created == ["p-db", "p-web", "p-client"]
    operations = [name for name, _ in aws.sent]
    first = operations.index("CreateService")
    second = operations.index("CreateService", first + 1)
    assert operations[first:second].count("DescribeServices") == 2  # until it is healthy


def test_a_circle_is_no_end() -> None:
    aws = FakeAws()
    text = """
    services:
      a: {image: i, depends_on: [b], x-ecs: {task: one}}
      b: {image: i, x-ecs: {task: two}}
      c: {image: i, depends_on: [d], x-ecs: {task: two}}
      d: {image: i, x-ecs: {task: one}}
    """
    up(aws, text)
    assert set(aws.services) == {"p-one", "p-two"}


def test_the_number_of_tasks_that_somebody_set_is_set_back() -> None:
    aws = FakeAws()
    text = "services: {web: {image: i, scale: 2}}"
    up(aws, text)
    aws.services["p-web"]["desiredCount"] = 5
    assert "desiredCount: 5 -> 2" in shown(aws, text)
    aws.revive()
    up(aws, text)
    assert aws.writes == ["UpdateService"]


def test_the_number_of_tasks_is_left_to_scaling() -> None:
    aws = FakeAws()
    text = "services: {web: {image: i, mem_limit: 1g, x-ecs: {autoscaling: {min: 1, max: 9, memory: 50}}}}"
    up(aws, text)
    aws.services["p-web"]["desiredCount"] = 5
    assert plan(aws, text).plan.changes == ()
    up(aws, text.replace("image: i", "image: j"))
    assert aws.services["p-web"]["desiredCount"] == 5
    up(aws, "services: {web: {image: i, mem_limit: 1g}}")
    assert aws.targets == {}
    assert aws.services["p-web"]["desiredCount"] == 1


def test_what_was_rolled_back_is_put_there_again() -> None:
    aws = FakeAws()
    up(aws, "services: {web: {image: 'i:1'}}")
    up(aws, "services: {web: {image: 'i:2'}}")
    service = aws.services["p-web"]
    service["taskDefinition"] = service["taskDefinition"].replace(":2", ":1")
    text = "services: {web: {image: 'i:2'}}"
    assert any("rolled back, or set by hand" in line for line in shown(aws, text))
    up(aws, text)
    assert aws.services["p-web"]["taskDefinition"].endswith(":3")
    assert plan(aws, text).plan.changes == ()


def test_settings_that_cannot_be_changed_make_a_new_thing() -> None:
    """A target group under another name, whose rule moves over; a service anew."""
    aws = FakeAws()
    text = "services: {web: {image: i, ports: ['80:8080'], x-ecs: {route: {port: 8080%s}}}}"
    up(aws, text % "")
    (rule,) = aws.rules
    secure = text % ", protocol: https"
    up(aws, secure)
    (group,) = aws.groups.values()
    assert group["Protocol"] == "HTTPS"
    assert group["TargetGroupName"].startswith("p-web-")
    assert list(aws.rules) == [rule]
    assert plan(aws, secure).plan.changes == ()
    up(aws, text % "")
    (group,) = aws.groups.values()
    assert group["TargetGroupName"] == "p-web"
    daemon = "services: {web: {image: i, deploy: {mode: global}}}"
    found = shown(aws, daemon)
    assert "± service p-web" in found
    assert "schedulingStrategy: REPLICA -> DAEMON" in found
    up(aws, daemon)
    assert aws.services["p-web"]["schedulingStrategy"] == "DAEMON"
    assert plan(aws, daemon).plan.changes == ()


def test_health_checks_and_attributes_change_without_a_deployment() -> None:
    aws = FakeAws()
    text = "services: {web: {image: i, ports: ['80:8080'], x-ecs: {route: {port: 8080, %s}}}}"
    up(aws, text % "health_check: {path: /a}, deregistration_delay: 10s")
    aws.revive()
    up(aws, text % "health_check: {path: /b}, deregistration_delay: 10s")
    assert aws.writes == ["ModifyTargetGroup"]
    aws.revive()
    up(aws, text % "health_check: {path: /b}, deregistration_delay: 20s")
    assert aws.writes == ["ModifyTargetGroupAttributes", "TagResource"]
    aws.revive()
    up(aws, text % "health_check: {path: /b}, deregistration_delay: 20s, path: [/x/*]")
    assert aws.writes[0] == "ModifyRule"
    up(aws, text % "health_check: {path: /b}, deregistration_delay: 20s, path: [/x/*], priority: 7")
    assert [rule["Priority"] for rule in aws.rules.values()] == ["7"]


def test_tags_of_the_user() -> None:
    aws = FakeAws()
    text = "services: {web: {image: i, ports: ['80:8080'], x-ecs: {tags: {%s}}}}"
    up(aws, text % "team: shop, cost: a")
    aws.revive()
    up(aws, text % "team: shop, owner: me")
    tags = aws.tags[aws.services["p-web"]["serviceArn"]]
    assert (tags["team"], tags["owner"], "cost" in tags) == ("shop", "me", False)
    (group,) = aws.groups
    assert aws.tags[group]["owner"] == "me"
    assert plan(aws, text % "team: shop, owner: me").plan.changes == ()


def test_a_job_runs_when_it_changed_and_before_those_that_wait_for_it() -> None:
    text = """
    services:
      migrate: {image: 'm:%d', x-ecs: {job: once}, depends_on: [db]}
      web: {image: i, depends_on: {migrate: {condition: service_completed_successfully}}}
      db: {image: postgres}
    """
    aws = FakeAws()
    up(aws, text % 1)
    operations = [name for name, _ in aws.sent]
    created = [body["serviceName"] for name, body in aws.sent if name == "CreateService"]
    assert operations.index("RunTask") < len(operations) - operations[::-1].index("CreateService")
    assert created == ["p-db", "p-web"]
    run = operations.index("RunTask")
    assert operations[:run].count("CreateService") == 1
    assert plan(aws, text % 1).plan.changes == ()
    aws.revive()
    up(aws, text % 2)
    assert aws.writes == ["RegisterTaskDefinition", "RunTask", "TagResource"]
    aws.revive()
    up(aws, text % 2)
    assert aws.writes == []


def test_listener_is_found_by_the_name_of_its_load_balancer() -> None:
    aws = FakeAws()
    text = services(2, 1) + "x-ecs: {load_balancer: {name: qa, port: 443}}\n"
    there = deployment(aws, text, listener="")
    assert there.wanted.listener == LISTENER
    up(aws, text, listener="")
    aws.revive()
    up(aws, text, listener="")
    assert len(aws.calls) == 1 + 4  # ceil(N/10) + 4
    assert aws.writes == []


def test_what_is_shared_changes_without_a_search() -> None:
    aws = FakeAws()
    text = "services: {web: {image: i}}\nx-ecs: {logs: {retention_days: %d}}"
    up(aws, text % 7)
    found = shown(aws, text % 14)
    assert "~ log group p" in found
    aws.revive()
    up(aws, text % 14)
    assert aws.writes == ["CreateLogGroup", "PutRetentionPolicy", "TagResource"]
    assert "ListServices" not in aws.counts()
    assert aws.log_groups["p"]["retentionInDays"] == 14
    assert plan(aws, text % 14).plan.changes == ()


def test_a_port_that_is_served_no_more() -> None:
    aws = FakeAws()
    text = "services: {web: {image: i, expose: [%s], scale: %d}, other: {image: j}}"
    given: dict[str, Any] = {"discovery": "service-connect"}
    up(aws, text % ("8080, 9090", 1), **given)
    aws.revive()
    up(aws, text % ("8080", 2), **given)
    (sent,) = (body for operation, body in aws.sent if operation == "UpdateService")
    assert sent["desiredCount"] == 2
    (served,) = sent["serviceConnectConfiguration"]["services"]
    assert served["clientAliases"][0]["port"] == 8080
    assert plan(aws, text % ("8080", 2), **given).plan.changes == ()
