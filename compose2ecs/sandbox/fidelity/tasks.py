"""Checks of tasks that are run by hand.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs.sandbox.fidelity.model import (
    ECS,
    GUIDE,
    Aws,
    Body,
    Check,
    equal,
    refused,
    register,
    web,
)

_RUN = f"{ECS}RunTask.html"
_INVALID = "InvalidParameterException"


def _run(aws: Aws, definition: str = "web", **more: Any) -> Body:
    found: Body = aws.client("ecs").run_task(cluster=aws.cluster, taskDefinition=definition, **more)
    return found


def _described(aws: Aws, arn: str) -> Body:
    found = aws.client("ecs").describe_tasks(cluster=aws.cluster, tasks=[arn])
    body: Body = found["tasks"][0]
    return body


def _dynamic(aws: Aws) -> None:
    register(aws, web(container={"image": "stays:1"}))
    found = _run(aws, count=5)
    equal((len(found["tasks"]), found["failures"]), (5, []))
    aws.wait(6)
    bindings = {
        (task["containerInstanceArn"], one["hostPort"])
        for task in (_described(aws, task["taskArn"]) for task in found["tasks"])
        for one in task["containers"][0]["networkBindings"]
    }
    equal(len(bindings), 5)


def _eleven(aws: Aws) -> None:
    register(aws, web())
    equal(len(_run(aws, count=10)["tasks"]), 10)
    refused(lambda: _run(aws, count=11), _INVALID)


def _no_memory(aws: Aws) -> None:
    register(aws, web(container={"memory": 10_000_000}))
    found = _run(aws)
    equal((found["tasks"], found["failures"][0]["reason"]), ([], "RESOURCE:MEMORY"))


def _no_instances(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    ecs.create_cluster(clusterName="empty")
    asked = {"cluster": "empty", "taskDefinition": "web"}
    refused(lambda: ecs.run_task(**asked), _INVALID, "No Container Instances were found")


def _fixed_port(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web(container={"portMappings": [{"containerPort": 80, "hostPort": 8080}]}))
    count = len(ecs.list_container_instances(cluster=aws.cluster)["containerInstanceArns"])
    found = _run(aws, count=count + 1)
    equal(len(found["tasks"]), count)
    equal([one["reason"] for one in found["failures"]], ["RESOURCE:PORTS"])


def _all_containers(aws: Aws) -> None:
    named = [{"name": name, "image": "busybox", "memory": 8} for name in ("a", "b", "c")]
    register(aws, web(containerDefinitions=named))
    task = _run(aws)["tasks"][0]
    equal([one["name"] for one in task["containers"]], ["a", "b", "c"])


def _stop_unknown(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    arn = _run(aws)["tasks"][0]["taskArn"]
    other = arn[:-4] + "0000"
    asked = {"cluster": aws.cluster, "task": other}
    refused(lambda: ecs.stop_task(**asked), _INVALID, "task was not found")


def _listed(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web(container={"image": "stays:1"}))
    arns = [one["taskArn"] for one in _run(aws, count=2)["tasks"]]
    ecs.stop_task(cluster=aws.cluster, task=arns[0])
    equal(ecs.list_tasks(cluster=aws.cluster)["taskArns"], arns[1:])
    stopped = ecs.list_tasks(cluster=aws.cluster, desiredStatus="STOPPED")["taskArns"]
    equal(stopped, arns[:1])


def _exit_code(aws: Aws) -> None:
    aws.behave("job:*", exit_code=3, after=2)
    register(aws, web(container={"image": "job:1"}))
    arn = _run(aws)["tasks"][0]["taskArn"]
    aws.wait(60)
    task = _described(aws, arn)
    equal((task["lastStatus"], task["stopCode"]), ("STOPPED", "EssentialContainerExited"))
    equal(task["containers"][0]["exitCode"], 3)
    assert task["stoppedAt"] > task["startedAt"], "no times"


def _steps(aws: Aws) -> None:
    aws.behave("stays:*", exit_code=0, after=100_000)
    register(aws, web(container={"image": "stays:1"}))
    arn = _run(aws)["tasks"][0]["taskArn"]
    equal(_described(aws, arn)["lastStatus"], "PENDING")
    aws.wait(60)
    for _ in range(4):
        equal(_described(aws, arn)["lastStatus"], "RUNNING")


def _override(aws: Aws) -> None:
    register(aws, web())
    equal(len(_run(aws, overrides={"containerOverrides": [{"name": "web"}]})["tasks"]), 1)
    overrides = {"containerOverrides": [{"name": "db", "command": ["true"]}]}
    refused(
        lambda: _run(aws, overrides=overrides), _INVALID, "not a container in the TaskDefinition"
    )


def _token(aws: Aws) -> None:
    register(aws, web())
    first = _run(aws, clientToken="one")["tasks"][0]["taskArn"]
    equal(_run(aws, clientToken="one")["tasks"][0]["taskArn"], first)
    refused(lambda: _run(aws, clientToken="one", count=2), "ConflictException")


def _hundred(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web())
    arn = _run(aws)["tasks"][0]["taskArn"]
    equal(len(ecs.describe_tasks(cluster=aws.cluster, tasks=[arn])["tasks"]), 1)
    asked = {"cluster": aws.cluster, "tasks": [arn] * 101}
    refused(lambda: ecs.describe_tasks(**asked), _INVALID)


def _command(aws: Aws) -> None:
    ecs = aws.client("ecs")
    register(aws, web(taskRoleArn=aws.execution_role, container={"image": "stays:1"}))
    aws.behave("stays:*", exit_code=0, after=100_000)
    without = _run(aws)["tasks"][0]["taskArn"]
    with_it = _run(aws, enableExecuteCommand=True)["tasks"][0]["taskArn"]
    aws.wait(30)
    asked = {"cluster": aws.cluster, "command": "sh", "interactive": True}
    found = ecs.execute_command(**asked, task=with_it)
    assert found["session"]["streamUrl"].startswith("wss://"), found
    refused(lambda: ecs.execute_command(**asked, task=without), _INVALID, "was not enabled")


def _dependencies(aws: Aws) -> None:
    aws.behave("stays:*", exit_code=0, after=100_000)
    first = {"name": "init", "image": "init:1", "memory": 8, "essential": False}
    waits = [{"containerName": "init", "condition": "SUCCESS"}]
    second = {"name": "web", "image": "stays:1", "memory": 8, "dependsOn": waits}
    register(aws, web(containerDefinitions=[first, second]))
    arn = _run(aws)["tasks"][0]["taskArn"]
    aws.wait(60)
    task = _described(aws, arn)
    states = {one["name"]: one["lastStatus"] for one in task["containers"]}
    equal((task["lastStatus"], states), ("RUNNING", {"init": "STOPPED", "web": "RUNNING"}))


def _logs_without_group(aws: Aws) -> None:
    options = {"awslogs-group": "/nobody", "awslogs-region": "eu-west-1"}
    logging = {"logConfiguration": {"logDriver": "awslogs", "options": options}}
    register(aws, web(container=logging))
    arn = _run(aws)["tasks"][0]["taskArn"]
    aws.wait(60)
    task = _described(aws, arn)
    equal(task["stopCode"], "TaskFailedToStart")
    assert "log group does not exist" in task["stoppedReason"], task["stoppedReason"]


def _linked_to_nobody(aws: Aws) -> None:
    register(aws, web(container={"links": ["db"]}))
    arn = _run(aws)["tasks"][0]["taskArn"]
    aws.wait(60)
    task = _described(aws, arn)
    equal((task["lastStatus"], task["stopCode"]), ("STOPPED", "TaskFailedToStart"))


def _logs(aws: Aws) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/shop")
    options = {
        "awslogs-group": "/shop",
        "awslogs-region": "eu-west-1",
        "awslogs-stream-prefix": "web",
    }
    logging = {"logConfiguration": {"logDriver": "awslogs", "options": options}}
    register(aws, web(container={**logging, "image": "talks:1"}))
    aws.behave("talks:*", output=("hello",))
    arn = _run(aws)["tasks"][0]["taskArn"]
    aws.wait(60)
    stream = f"web/web/{arn.rpartition('/')[2]}"
    found = logs.get_log_events(logGroupName="/shop", logStreamName=stream, startFromHead=True)
    equal([one["message"] for one in found["events"]], ["hello"])


CHECKS: tuple[Check, ...] = (
    Check("R001", "tasks with dynamic ports share an instance", f"{ECS}PortMapping.html", _dynamic),
    Check("R002", "11 tasks cannot be run at once", _RUN, _eleven),
    Check(
        "R003",
        "what cannot be placed is a failure",
        f"{GUIDE}api_failures_messages.html",
        _no_memory,
    ),
    Check("R004", "without instances there is no task", _RUN, _no_instances),
    Check(
        "R005", "a fixed port is there once on an instance", f"{ECS}PortMapping.html", _fixed_port
    ),
    Check("R006", "a task has all its containers", f"{ECS}Task.html", _all_containers),
    Check("R007", "an unknown task cannot be stopped", f"{ECS}StopTask.html", _stop_unknown),
    Check("R008", "only tasks that are to run are listed", f"{ECS}ListTasks.html", _listed),
    Check("R009", "a task ends with its essential container", f"{ECS}Task.html", _exit_code),
    Check(
        "R010",
        "looking at a task does not change it",
        f"{GUIDE}task-lifecycle-explanation.html",
        _steps,
    ),
    Check(
        "R011",
        "overrides name containers that there are",
        f"{ECS}ContainerOverride.html",
        _override,
    ),
    Check("R012", "the same token means the same tasks", _RUN, _token),
    Check("R013", "101 tasks cannot be described at once", f"{ECS}DescribeTasks.html", _hundred),
    Check("R014", "commands run in tasks that allow it", f"{ECS}ExecuteCommand.html", _command),
    Check(
        "R015", "containers wait for each other", f"{ECS}ContainerDependency.html", _dependencies
    ),
    Check(
        "R016",
        "a missing log group stops the task",
        f"{GUIDE}using_awslogs.html",
        _logs_without_group,
    ),
    Check(
        "R018",
        "a link to a container that is not in the task stops it",
        f"{ECS}ContainerDefinition.html",
        _linked_to_nobody,
    ),
    Check("R017", "containers write to CloudWatch Logs", f"{GUIDE}using_awslogs.html", _logs),
)
