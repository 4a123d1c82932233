"""Tasks run by hand, what their containers do, and what they write."""

from __future__ import annotations

from typing import Any

from compose2ecs.sandbox import Sandbox
from tests.sandbox.scene import Body, behind, container, refused, register, routed, service


def run(aws: Sandbox, family: str = "web", **more: Any) -> list[str]:
    """The ARNs of tasks that were started."""
    found = aws.client("ecs").run_task(cluster=aws.cluster, taskDefinition=family, **more)
    return [one["taskArn"] for one in found["tasks"]]


def look(aws: Sandbox, arn: str) -> Body:
    """A task as it is now."""
    found = aws.client("ecs").describe_tasks(cluster=aws.cluster, tasks=[arn], include=["TAGS"])
    body: Body = found["tasks"][0]
    return body


def states(aws: Sandbox, arn: str, seconds: int) -> list[str]:
    """The states that a task goes through, each once."""
    seen: list[str] = []
    for _ in range(seconds):
        state = look(aws, arn)["lastStatus"]
        if seen[-1:] != [state]:
            seen.append(state)
        aws.clock.advance(1)
    return seen


def test_a_job_ends_by_itself(aws: Sandbox) -> None:
    register(aws)
    arn = run(aws)[0]
    assert states(aws, arn, 30) == ["PENDING", "RUNNING", "STOPPING", "STOPPED"]
    task = look(aws, arn)
    assert (task["stopCode"], task["containers"][0]["exitCode"]) == ("EssentialContainerExited", 0)
    assert task["stoppedReason"] == "Essential container in task exited"
    assert task["createdAt"] < task["startedAt"] < task["stoppedAt"]


def test_a_task_with_its_own_address_takes_longer(aws: Sandbox) -> None:
    register(aws, networkMode="awsvpc")
    network = {"awsvpcConfiguration": {"subnets": aws.subnets[:1]}}
    arn = run(aws, networkConfiguration=network)[0]
    seen = states(aws, arn, 30)
    assert seen == ["PROVISIONING", "PENDING", "RUNNING", "STOPPING", "DEPROVISIONING", "STOPPED"]
    details = {one["name"]: one["value"] for one in look(aws, arn)["attachments"][0]["details"]}
    assert details["subnetId"] == aws.subnets[0]
    assert details["privateIPv4Address"].startswith("10.0.")


def test_a_services_task_drains_before_it_stops(aws: Sandbox) -> None:
    arn = routed(aws)
    register(aws)
    service(aws, count=1, loadBalancers=behind(arn))
    task = aws.tasks("web")[0].arn
    assert states(aws, task, 10) == ["PENDING", "ACTIVATING", "RUNNING"]
    aws.settle()
    aws.client("ecs").stop_task(cluster=aws.cluster, task=task, reason="enough")
    assert states(aws, task, 30) == ["DEACTIVATING", "STOPPING", "STOPPED"]
    found = look(aws, task)
    assert (found["stopCode"], found["stoppedReason"]) == ("UserInitiated", "enough")
    assert found["containers"][0]["exitCode"] == 143


def test_containers_do_what_their_images_are_told(aws: Sandbox) -> None:
    aws.behave("job:*", exit_code=3, after=20)
    aws.behave("job:2", exit_code=4, after=20)
    ends = {}
    for tag in ("job:1", "job:2", "other:1"):
        register(aws, "web", container(image=tag))
        ends[tag] = run(aws)[0]
    aws.clock.advance(60)
    codes = {tag: look(aws, arn)["containers"][0]["exitCode"] for tag, arn in ends.items()}
    assert codes == {"job:1": 3, "job:2": 4, "other:1": 0}


def test_what_is_told_may_be_over_after_some_containers(aws: Sandbox) -> None:
    aws.behave("nginx:*", pull_error="rate limit", times=1)
    register(aws)
    first, second = run(aws, count=2)
    aws.clock.advance(60)
    assert look(aws, first)["stoppedReason"] == "CannotPullContainerError: rate limit"
    assert look(aws, second)["stopCode"] == "EssentialContainerExited"


def test_an_init_container_goes_first(aws: Sandbox) -> None:
    waits = [{"containerName": "init", "condition": "SUCCESS"}]
    init = container("init", "init:1", essential=False, portMappings=[])
    register(aws, "web", init, container(dependsOn=waits))
    service(aws, count=1)
    task = aws.tasks("web")[0]
    seen = []
    for _ in range(8):
        seen.append(tuple(one.status for one in task.containers))
        aws.clock.advance(1)
        aws.tasks("web")
    assert ("RUNNING", "PENDING") in seen
    assert seen[-1] == ("STOPPED", "RUNNING")
    assert aws.settle()


def test_an_init_container_that_fails_fails_the_task(aws: Sandbox) -> None:
    aws.behave("init:*", exit_code=1)
    waits = [{"containerName": "init", "condition": "SUCCESS"}]
    init = container("init", "init:1", essential=False, portMappings=[])
    register(aws, "web", init, container(dependsOn=waits))
    arn = run(aws)[0]
    aws.clock.advance(60)
    task = look(aws, arn)
    assert task["stopCode"] == "TaskFailedToStart"
    assert [one.get("exitCode") for one in task["containers"]] == [1, None]


def test_health_is_waited_for(aws: Sandbox) -> None:
    probe = {"command": ["CMD", "true"], "interval": 30}
    waits = [{"containerName": "db", "condition": "HEALTHY"}]
    database = container("db", "postgres:16", healthCheck=probe, portMappings=[])
    register(aws, "web", database, container(dependsOn=waits))
    service(aws, count=1)
    aws.clock.advance(30)
    arn = aws.tasks("web")[0].arn
    assert (look(aws, arn)["lastStatus"], look(aws, arn)["healthStatus"]) == ("PENDING", "UNKNOWN")
    aws.clock.advance(10)
    found = look(aws, arn)
    assert (found["lastStatus"], found["healthStatus"]) == ("RUNNING", "HEALTHY")
    assert [one["healthStatus"] for one in found["containers"]] == ["HEALTHY", "UNKNOWN"]


def test_a_stopped_task_is_forgotten_after_an_hour(aws: Sandbox) -> None:
    register(aws)
    arn = run(aws)[0]
    aws.clock.advance(1800)
    assert look(aws, arn)["lastStatus"] == "STOPPED"
    aws.clock.advance(3600)
    found = aws.client("ecs").describe_tasks(cluster=aws.cluster, tasks=[arn])
    assert [one["reason"] for one in found["failures"]] == ["MISSING"]


def test_tags_reach_the_tasks(aws: Sandbox) -> None:
    register(aws, tags=[{"key": "from", "value": "definition"}])
    tags = [{"key": "from", "value": "service"}]
    service(aws, count=1, tags=tags, propagateTags="SERVICE", enableECSManagedTags=True)
    found = {one["key"]: one["value"] for one in look(aws, aws.tasks("web")[0].arn)["tags"]}
    assert found == {
        "from": "service",
        "aws:ecs:serviceName": "web",
        "aws:ecs:clusterName": aws.cluster,
    }
    arn = run(aws, propagateTags="TASK_DEFINITION", tags=[{"key": "by", "value": "hand"}])[0]
    found = {one["key"]: one["value"] for one in look(aws, arn)["tags"]}
    assert found == {"from": "definition", "by": "hand"}


def test_two_services_write_to_their_own_streams(aws: Sandbox) -> None:
    logs = aws.client("logs")
    for name in ("a", "b"):
        logs.create_log_group(logGroupName=f"/{name}")
        options = {"awslogs-group": f"/{name}", "awslogs-region": "x", "awslogs-stream-prefix": "p"}
        logging = {"logConfiguration": {"logDriver": "awslogs", "options": options}}
        register(aws, name, container(name, f"{name}:1", **logging))
        aws.behave(f"{name}:*", output=(f"{name} says 1", f"{name} says 2"))
        service(aws, name)
    assert aws.settle()
    for name in ("a", "b"):
        found = logs.filter_log_events(logGroupName=f"/{name}")["events"]
        assert sorted(one["message"] for one in found) == sorted(
            [f"{name} says 1", f"{name} says 2"] * 2
        )
        streams = {f"p/{name}/{task.id}" for task in aws.tasks(name)}
        assert {one["logStreamName"] for one in found} == streams
        one = logs.filter_log_events(logGroupName=f"/{name}", filterPattern='"says 1"')["events"]
        assert len(one) == 2


def test_pages_of_events_end_when_the_token_stays(aws: Sandbox) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/g")
    logs.create_log_stream(logGroupName="/g", logStreamName="s")
    events = [{"timestamp": 1000 + number, "message": str(number)} for number in range(5)]
    logs.put_log_events(logGroupName="/g", logStreamName="s", logEvents=events)
    asked = {"logGroupName": "/g", "logStreamName": "s", "startFromHead": True, "limit": 2}
    seen: list[str] = []
    token = None
    while True:
        found = logs.get_log_events(**asked, **({"nextToken": token} if token else {}))
        seen += (one["message"] for one in found["events"])
        if found["nextForwardToken"] == token:
            break
        token = found["nextForwardToken"]
    assert seen == ["0", "1", "2", "3", "4"]


def test_what_cannot_be_run_is_refused(aws: Sandbox) -> None:
    register(aws)
    with refused("ClientException", "TaskDefinition not found"):
        run(aws, "nobody")
    with refused("InvalidParameterException", "not valid for the given networkMode"):
        run(aws, networkConfiguration={"awsvpcConfiguration": {"subnets": aws.subnets[:1]}})
    with refused("ClusterNotFoundException"):
        aws.client("ecs").run_task(cluster="nowhere", taskDefinition="web")
