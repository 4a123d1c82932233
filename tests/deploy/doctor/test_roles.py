"""The documents of roles: who takes each on, and exactly what the file makes it do."""

from __future__ import annotations

from typing import Any

import pytest

from compose2ecs import load
from compose2ecs.app.iam import scoped, trusted
from compose2ecs.iam.roles import Documents, documents
from compose2ecs.iam.scope import ECS, SCHEDULER, TASKS
from compose2ecs.report import Compose2EcsError, Report
from tests.deploy.doctor.test_policy import GIVEN, with_schedules
from tests.deploy.doctor.verdicts import Asked, allows, arn

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
TEXT = f"""
services:
  web:
    image: "{ECR}/shop/web:1"
    ports: ["80:8080"]
    x-ecs:
      secrets: {{KEY: /shop/key, PLAIN: plain}}
      roles: {{task: web-task}}
      execute_command: true
  worker:
    image: "{ECR}/shop/worker@sha256:{"a" * 64}"
    volumes: ["data:/data", "more:/more"]
    x-ecs:
      secrets:
        STRIPE: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:stripe-AbCdEf:key::"
        PART: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:part"
      roles: {{task: worker-task}}
  cache: {{image: "redis:7", x-ecs: {{roles: {{execution: other}}}}}}
volumes: {{data: {{}}, more: {{}}}}
x-ecs:
  roles: {{execution: exec}}
  volumes:
    data: {{efs: {{file_system_id: fs-1, access_point: fsap-2, iam: true}}}}
    more: {{efs: fs-3}}
"""


def made(text: str = TEXT, *, role: str = "", **given: str) -> dict[str, Documents]:
    project = load(files={"compose.yaml": text}, project_name="shop", environment={})
    stack, scope = scoped(project, {**GIVEN, **given}, Report())
    if role:
        from compose2ecs.iam.scope import scope_of
        from tests.deploy.doctor.test_policy import _target

        stack = with_schedules(stack, role)
        scope = scope_of(stack, _target(text), "123456789012")
    return documents(stack, scope)


def granted(documents_: Documents) -> dict[str, list[str]]:
    """Resources by action."""
    assert documents_.policy is not None
    found: dict[str, list[str]] = {}
    for one in documents_.policy["Statement"]:
        for action in one["Action"]:
            found.setdefault(action, []).extend(one["Resource"])
    return found


def test_the_roles() -> None:
    assert list(made()) == ["exec", "other", "web-task", "worker-task"]


def test_execution_reads_and_writes_what_its_tasks_name() -> None:
    repositories = [arn("ecr", f"repository/shop/{name}") for name in ("web", "worker")]
    secret = arn("secretsmanager", "secret:")
    assert granted(made()["exec"]) == {
        "ecr:GetAuthorizationToken": ["*"],
        "ecr:BatchCheckLayerAvailability": repositories,
        "ecr:BatchGetImage": repositories,
        "ecr:GetDownloadUrlForLayer": repositories,
        "ssm:GetParameters": [arn("ssm", "parameter/plain"), arn("ssm", "parameter/shop/key")],
        "secretsmanager:GetSecretValue": [f"{secret}part-??????", f"{secret}stripe-AbCdEf"],
        "logs:CreateLogStream": [arn("logs", "log-group:shop:*")],
        "logs:PutLogEvents": [arn("logs", "log-group:shop:*")],
    }


def test_another_execution_role_has_what_its_own_tasks_name() -> None:
    assert set(granted(made()["other"])) == {"logs:CreateLogStream", "logs:PutLogEvents"}


def test_task_roles_have_what_ecs_needs() -> None:
    channels = {f"ssmmessages:{one}" for one in (
        "CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"
    )}  # fmt: skip
    assert set(granted(made()["web-task"])) == channels
    found = made()["worker-task"].policy
    assert found is not None
    system = arn("elasticfilesystem", "file-system/fs-1")
    point = {"elasticfilesystem:AccessPointArn": arn("elasticfilesystem", "access-point/fsap-2")}
    for action in ("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"):
        assert allows(found, Asked(action, system, point))
        assert not allows(found, Asked(action, system, {}))
        assert not allows(found, Asked(action, system.replace("fs-1", "fs-3"), point))


@pytest.mark.parametrize("name", ["exec", "other", "web-task", "worker-task"])
def test_tasks_take_their_roles_on(name: str) -> None:
    (one,) = made()[name].trust["Statement"]
    assert one["Principal"] == {"Service": TASKS}
    assert one["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:*"},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }


def test_without_an_account_anybodys_tasks_are_trusted() -> None:
    text = "services: {a: {image: i}, b: {image: j}}\nx-ecs: {roles: {execution: e, task: t}}"
    for one in made(text, listener="").values():
        assert "Condition" not in one.trust["Statement"][0]


def test_a_role_for_both_has_the_rights_of_both() -> None:
    text = TEXT.replace("web-task", "exec")
    found = granted(made(text)["exec"])
    assert {"ssm:GetParameters", "ssmmessages:OpenDataChannel"} <= set(found)


def test_the_scheduler_starts_its_families_and_passes_their_roles() -> None:
    role = "arn:aws:iam::123456789012:role/clock"
    found = made(role=role)["clock"]
    assert found.trust["Statement"][0]["Principal"] == {"Service": SCHEDULER}
    policy = found.policy
    assert policy is not None
    inside = {"ecs:cluster": arn("ecs", "cluster/qa")}
    cache, web = (arn("ecs", f"task-definition/shop-{name}:7") for name in ("cache", "web"))
    assert allows(policy, Asked("ecs:RunTask", cache, inside))
    assert not allows(policy, Asked("ecs:RunTask", cache, {"ecs:cluster": arn("ecs", "cluster/b")}))
    assert not allows(policy, Asked("ecs:RunTask", web, inside))
    passed = {"iam:PassedToService": TASKS}
    names = {"other": True, "exec": False, "clock": False}
    for name, allowed in names.items():
        asked = Asked("iam:PassRole", f"arn:aws:iam::123456789012:role/{name}", passed)
        assert allows(policy, asked) is allowed


def test_the_role_for_disks_has_aws_own_policy() -> None:
    text = """
services: {web: {image: i, volumes: ["data:/a"]}, db: {image: j, volumes: ["more:/b"]}}
volumes: {data: {}, more: {}}
x-ecs:
  roles: {execution: exec}
  volumes:
    data: {ebs: {size_gib: 8, role: "arn:aws:iam::123456789012:role/disks"}}
    more: {ebs: {size_gib: 9, role: "arn:aws:iam::123456789012:role/disks"}}
"""
    found = made(text)["disks"]
    assert found.policy is None
    assert found.managed.endswith(
        ":policy/service-role/AmazonECSInfrastructureRolePolicyForVolumes"
    )
    assert found.trust["Statement"][0]["Principal"] == {"Service": ECS}


def files(text: str, **given: str) -> Any:
    project = load(files={"compose.yaml": text}, project_name="shop", environment={})
    return trusted(*scoped(project, {**GIVEN, **given}, Report()))


def test_files() -> None:
    found = files(TEXT)
    names = ["exec", "other", "web-task", "worker-task"]
    assert list(found.files) == [f"{n}.{kind}.json" for n in names for kind in ("trust", "policy")]
    assert any("exec needs kms:Decrypt too" in note for note in found.notes)
    assert not any("web-task" in note for note in found.notes)


def test_a_role_without_rights_and_one_that_nobody_named() -> None:
    found = files("services: {a: {image: i, x-ecs: {secrets: {K: /k}}}, b: {image: j}}")
    assert list(found.files) == ["execution-role-arn.trust.json", "execution-role-arn.policy.json"]
    assert any("<execution-role-arn> is not known: x-ecs" in note for note in found.notes)
    found = files("services: {a: {image: i}, b: {image: j}}\nx-ecs: {roles: {task: t}}")
    assert any("t needs no rights" in note for note in found.notes)


def test_no_role_at_all() -> None:
    with pytest.raises(Compose2EcsError, match="names no role"):
        files("services: {a: {image: i}, b: {image: j}}")


def test_logs_of_another_region_and_of_a_driver_that_makes_its_group() -> None:
    options = 'awslogs-group: far, awslogs-region: us-east-1, awslogs-create-group: "true"'
    text = f"""
services:
  a: {{image: i, logging: {{driver: awslogs, options: {{{options}}}}}}}
  b: {{image: j}}
x-ecs: {{roles: {{execution: exec}}}}
"""
    found = granted(made(text)["exec"])
    far = "arn:aws:logs:us-east-1:123456789012:log-group:far:*"
    assert found["logs:CreateLogGroup"] == [far]
    assert found["logs:PutLogEvents"] == [arn("logs", "log-group:shop:*"), far]
