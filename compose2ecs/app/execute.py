"""`compose2ecs exec`: a command in a container that runs, through ECS Exec.

What ECS Exec needs is looked at first, because AWS's own refusal names none of it.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from compose2ecs.app.running import (
    SHORT,
    Part,
    Running,
    container_of,
    containers,
    definitions_named,
    find,
    seconds,
    task_arns,
    task_id,
    tasks,
)
from compose2ecs.aws.shells import PLUGIN, arguments
from compose2ecs.names import ecs_name
from compose2ecs.plan.errors import AwsError, UnhealthyError
from compose2ecs.report import Compose2EcsError

Body = dict[str, Any]
SHELL = ("/bin/sh",)
_AGENT = "ExecuteCommandAgent"
_INSTALL = (
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/"
    "session-manager-working-with-install-plugin.html"
)
_RIGHTS = (
    "the task role needs ssmmessages:CreateControlChannel, CreateDataChannel, OpenControlChannel"
    " and OpenDataChannel, and the task a way to the ssmmessages endpoint"
)


class MissingPluginError(Compose2EcsError):
    """The session-manager plugin is not installed."""

    exit_code = 3


class Session(NamedTuple):
    """A session that is open, and how the plugin is started for it."""

    task: str
    container: str
    command: tuple[str, ...]


def plugin(path: str | None = None) -> str:
    """Where the plugin is; `path` is looked through like PATH. Raises MissingPluginError."""
    found = shutil.which(PLUGIN, path=path)
    if found is None:
        raise MissingPluginError(
            f"{PLUGIN} is not installed: AWS's own program connects the terminal", _INSTALL
        )
    return found


def open_session(
    running: Running,
    key: str,
    command: Sequence[str],
    program: str,
    *,
    task: str = "",
    container: str = "",
) -> Session:
    """Open a session in a container of a service: of the newest healthy task, or of the one whose
    id begins with `task`. Raises AwsError, RefusedError, UnhealthyError, and Compose2EcsError where
    ECS Exec is not set up, with what to do."""
    (part,) = find(running, [key])
    chosen = _task(running, part, task)
    body = _definition(running, chosen)
    name = _container_name(part, body, container)
    _check(running, part, chosen, body, name)
    there = next(one for one in chosen["containers"] if one["name"] == name)
    arn, words = str(chosen["taskArn"]), list(command) or list(SHELL)
    try:
        answer = running.world.ecs.execute_command(
            running.place.cluster, arn, name, shlex.join(words)
        )
    except AwsError as error:
        raise _explained(error) from None
    cluster = str(answer.get("clusterArn") or running.place.cluster).rpartition("/")[2]
    rest = arguments(
        running.account,
        running.place.region,
        answer["session"],
        cluster,
        task_id(chosen),
        str(there["runtimeId"]),
    )
    return Session(task_id(chosen), name, (program, *rest))


def _task(running: Running, part: Part, wanted: str) -> Body:
    """The task to go into: the newest, healthy ones first."""
    arns = task_arns(running, [part.live.name], "RUNNING")[part.live.name]
    found = [t for t in tasks(running, arns).values() if t.get("lastStatus") == "RUNNING"]
    if not found:
        raise UnhealthyError(f"no task of {part.key} runs", "compose2ecs ps tells why")
    if wanted:
        wanted = wanted.rpartition("/")[2]
        named = [task for task in found if task_id(task).startswith(wanted)]
        if len(named) != 1:
            ids = ", ".join(task_id(task)[:SHORT] for task in named or found)
            how = "more than one task" if named else "no task"
            raise Compose2EcsError(f"{how} of {part.key} begins with {wanted}", f"there are: {ids}")
        return named[0]
    return max(
        found, key=lambda t: (t.get("healthStatus") != "UNHEALTHY", seconds(t.get("startedAt")))
    )


def _definition(running: Running, task: Mapping[str, Any]) -> Body:
    arn = str(task["taskDefinitionArn"])
    return definitions_named(running, [arn])[arn]


def _container_name(part: Part, definition: Mapping[str, Any], wanted: str) -> str:
    names = [str(one["name"]) for one in containers(definition)]
    if not wanted:
        return str(container_of(part, definition)["name"])
    if wanted in names:
        return wanted
    if ecs_name(wanted) in names:
        return ecs_name(wanted)
    raise Compose2EcsError(
        f"the tasks of {part.key} have no container {wanted!r}", f"there are: {', '.join(names)}"
    )


def _check(
    running: Running,
    part: Part,
    task: Mapping[str, Any],
    definition: Mapping[str, Any],
    name: str,
) -> None:
    """Say what is missing, the first thing first."""
    setting = "x-ecs: {execute_command: true}"
    if not definition.get("taskRoleArn"):
        raise Compose2EcsError(
            f"ECS Exec needs a task role, and {part.key} has none",
            f"x-ecs: {{roles: {{task: ...}}}} and {setting}, then compose2ecs up; {_RIGHTS}",
        )
    if not task.get("enableExecuteCommand"):
        if part.live.body.get("enableExecuteCommand"):
            raise Compose2EcsError(
                f"task {task_id(task)[:SHORT]} of {part.key} is older than its service's ECS Exec",
                f"compose2ecs restart {part.key}",
            )
        raise Compose2EcsError(
            f"ECS Exec is off for {part.key}", f"{setting}, then compose2ecs up {part.key}"
        )
    defined = next(one for one in containers(definition) if one["name"] == name)
    _check_agent(part, task, name, sealed=bool(defined.get("readonlyRootFilesystem")))


def _check_agent(part: Part, task: Mapping[str, Any], name: str, *, sealed: bool) -> None:
    """`sealed` says that the container's root file system is read-only."""
    there = next((one for one in task.get("containers", ()) if one.get("name") == name), None)
    if there is None or there.get("lastStatus") != "RUNNING" or not there.get("runtimeId"):
        state = "missing" if there is None else str(there.get("lastStatus")).lower()
        raise UnhealthyError(f"container {name} of {part.key} does not run: it is {state}")
    agents = [one for one in there.get("managedAgents", ()) if one.get("name") == _AGENT]
    if not agents:
        raise UnhealthyError(
            f"container {name} of {part.key} has no agent for ECS Exec",
            "instances need ECS agent 1.50.2 or newer, Fargate platform 1.4.0; then compose2ecs"
            f" restart {part.key}",
        )
    state, reason = agents[0].get("lastStatus"), agents[0].get("reason")
    if state == "PENDING":
        raise UnhealthyError(
            f"the agent for ECS Exec in {name} of {part.key} is still starting",
            "try again in a few seconds",
        )
    if state != "RUNNING":
        why = f": {reason}" if reason else ""
        if sealed:
            raise UnhealthyError(
                f"the agent for ECS Exec in {name} of {part.key} has stopped{why}",
                "the container's root file system is read-only, and the agent writes to it:"
                f" read_only: false for {part.key}, then compose2ecs up",
            )
        raise UnhealthyError(
            f"the agent for ECS Exec in {name} of {part.key} has stopped{why}",
            f"{_RIGHTS}; then compose2ecs restart {part.key}",
        )


def _explained(error: AwsError) -> AwsError:
    if error.code in ("TargetNotConnectedException", "InvalidParameterException"):
        return AwsError(error.service, error.operation, error.code, error.text, _RIGHTS)
    return error


# ---------------------------------------------------------------------------- the plugin


def attach(command: Sequence[str]) -> int:
    """Give the terminal to the plugin until it ends; returns its exit code, or 128 and the number of
    the signal that ended it. A key such as Ctrl-C is the container's, and signals to this process
    are passed on."""
    with _signals() as passed_on:
        try:
            process = subprocess.Popen(list(command))
        except OSError as error:
            raise MissingPluginError(
                f"{PLUGIN} cannot be started: {error.strerror}", _INSTALL
            ) from None
        passed_on(process)
        code = process.wait()
    return 128 - code if code < 0 else code


# A terminal sends these to the plugin as well as to us; the others come to us alone.
_KEYS = ("SIGINT", "SIGQUIT", "SIGTSTP")
_OTHERS = ("SIGTERM", "SIGHUP")


@contextmanager
def _signals() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Catch signals from before the process is there, for it to have them as soon as it is.

    What it is given is the process. Handlers of Python's, even those that do nothing, are not
    inherited; ignored signals would be.
    """
    there: list[subprocess.Popen[bytes]] = []
    early: list[int] = []
    terminal = _is_terminal()

    def catch(number: int, _: object) -> None:
        if terminal and signal.Signals(number).name in _KEYS:
            return
        if there:
            there[0].send_signal(number)
        else:
            early.append(number)

    def start(process: subprocess.Popen[bytes]) -> None:
        there.append(process)
        for number in early:
            process.send_signal(number)

    before = {}
    for name in (*_KEYS, *_OTHERS):
        number = getattr(signal, name, None)  # Windows has few of them
        if number is not None:
            before[number] = signal.signal(number, catch)
    try:
        yield start
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _is_terminal() -> bool:
    try:
        return os.isatty(sys.stdin.fileno())
    except (OSError, ValueError, AttributeError):
        return False
