"""The record of calls: what was called, how deep, how wide."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from compose2ecs.sandbox import Sandbox
from compose2ecs.sandbox.calls import Call, depth, width, writes
from tests.sandbox.scene import refused, register, service


def call(begin: float, end: float) -> Call:
    return Call("ecs", "ListClusters", begin, end, {}, "")


def test_depth_is_the_longest_chain() -> None:
    assert depth([]) == 0
    assert depth([call(0, 1), call(0, 2), call(0.5, 1.5)]) == 1
    assert depth([call(0, 1), call(1, 2), call(0, 2), call(2, 3)]) == 3
    assert depth([call(0, 10), call(1, 2), call(3, 4)]) == 2


def test_width_is_the_most_at_once() -> None:
    assert width([]) == 0
    assert width([call(0, 1), call(1, 2)]) == 1
    assert width([call(0, 3), call(1, 2), call(1.5, 4)]) == 3


def test_calls_are_recorded_with_what_was_asked_and_what_went_wrong(aws: Sandbox) -> None:
    register(aws)
    with refused("ClientException"):
        service(aws, taskDefinition="nobody")
    aws.client("elbv2").describe_target_groups(Names=[])
    found = [(one.service, one.operation, one.error) for one in aws.calls]
    assert found == [
        ("ecs", "RegisterTaskDefinition", ""),
        ("ecs", "CreateService", "ClientException"),
        ("elbv2", "DescribeTargetGroups", ""),
    ]
    assert aws.calls[1].request["taskDefinition"] == "nobody"
    assert [one.operation for one in aws.writes()] == ["RegisterTaskDefinition", "CreateService"]
    assert aws.counts() == {
        "RegisterTaskDefinition": 1,
        "CreateService": 1,
        "DescribeTargetGroups": 1,
    }
    aws.forget()
    assert aws.calls == []


def test_what_writes() -> None:
    reading = ("DescribeRules", "ListTasks", "GetOperation", "FilterLogEvents", "ExecuteCommand")
    assert not any(map(writes, reading))
    writing = ("CreateRule", "SetRulePriorities", "PutScalingPolicy", "RunTask", "AddTags")
    assert all(map(writes, writing))


def test_latency_shows_what_runs_side_by_side() -> None:
    with Sandbox(latency=0.05) as aws:
        ecs = aws.client("ecs")
        ecs.list_clusters()
        aws.forget()
        with ThreadPoolExecutor(4) as threads:
            for future in [threads.submit(ecs.list_clusters) for _ in range(4)]:
                future.result()
        ecs.list_clusters()
        assert (aws.depth(), aws.width()) == (2, 4)
        assert all(one.end - one.begin >= 0.05 for one in aws.calls)


def test_many_threads_see_one_world(aws: Sandbox) -> None:
    ecs = aws.client("ecs")
    body = {"family": "web", "containerDefinitions": [{"name": "a", "image": "b", "memory": 9}]}
    with ThreadPoolExecutor(8) as threads:
        futures = [threads.submit(ecs.register_task_definition, **body) for _ in range(64)]
        revisions = [future.result()["taskDefinition"]["revision"] for future in futures]
    assert sorted(revisions) == list(range(1, 65))
    assert len(aws.calls) == 64


def test_a_family_is_registered_once_at_a_time() -> None:
    body = {"family": "web", "containerDefinitions": [{"name": "a", "image": "b", "memory": 9}]}
    with Sandbox(latency=0.05) as aws:
        ecs = aws.client("ecs")
        with ThreadPoolExecutor(2) as threads:
            futures = [threads.submit(ecs.register_task_definition, **body) for _ in range(2)]
            errors = [future.exception() for future in futures]
        assert sorted(error is None for error in errors) == [False, True]
        assert "Too many concurrent attempts" in str(errors)
        ecs.register_task_definition(**body)
