"""What the container runs, as whom, where, and how it is stopped."""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.ecs.scope import Scope

KEYS = (
    "command",
    "entrypoint",
    "user",
    "working_dir",
    "stop_grace_period",
    "stdin_open",
    "tty",
    "labels",
    "label_file",
    "restart",
)


def apply(scope: Scope) -> None:
    service, container = scope.service, scope.container
    if service.entrypoint is not None:
        if service.entrypoint:
            container["entryPoint"] = list(service.entrypoint)
        elif service.command:
            # nothing in front of the command: that is the command as entry point
            container["entryPoint"] = list(service.command)
        else:
            scope.say(codes.ENTRYPOINT_CLEARED, "entrypoint")
    if service.command and service.entrypoint != ():
        container["command"] = list(service.command)
    elif service.command == () and not service.entrypoint:
        scope.say(codes.COMMAND_CLEARED, "command")
    if service.user:
        container["user"] = service.user
    if service.working_dir:
        container["workingDirectory"] = service.working_dir
    if service.stop_grace_period is not None:
        grace = -(-service.stop_grace_period // 1_000_000_000)
        container["stopTimeout"] = max(2, grace)
        if grace < 2:
            scope.say(codes.RAISED, "stop_grace_period", key="stop_grace_period", value="2 s")
    if service.stdin_open:
        container["interactive"] = True
    if service.tty:
        container["pseudoTerminal"] = True
    if service.labels:
        container["dockerLabels"] = dict(sorted(service.labels.items()))
    if service.restart is not None and service.key not in scope.group.inits:
        policy = service.restart.partition(":")[0]
        if policy == "no":
            scope.say(codes.RESTART_NO, "restart")
        elif policy == "on-failure":
            scope.say(codes.RESTART_ON_FAILURE, "restart")
        # always and unless-stopped are what an ECS service does
