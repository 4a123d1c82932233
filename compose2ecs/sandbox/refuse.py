"""Refusing what AWS refuses: the product's own table of rules, in AWS's words where they are known.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from collections.abc import Collection

from compose2ecs.checks import find_one
from compose2ecs.checks.model import Bodies, Body, Finding
from compose2ecs.report import ERROR
from compose2ecs.sandbox.errors import AwsError

_TAKEN = frozenset(("run", "meaning"))  # rules about what AWS takes, and does not mean

# What AWS says, where it is known. An entry begins with the code if that is not the usual one.
_WORDS = {
    "D001": "Family contains invalid characters.",
    "D002": "Container.name contains invalid characters.",
    "D004": "Too many containers.",
    "D008": "Container.image should be 255 characters or less.",
    "D009": "Container.image contains invalid characters.",
    "D012": "Task definition must have at least one essential container.",
    "D014": "Volume.name contains invalid characters.",
    "D020": "Invalid setting for container. At least one of 'memory' or 'memoryReservation' must be "
    "specified.",
    "D021": "Invalid setting for container. 'memory' must be greater than or equal to "
    "'memoryReservation'.",
    "D022": "Invalid 'memory' setting for container.",
    "D023": "The 'memory' setting for container is greater than for the task.",
    "D024": "The sum of all container 'cpu' values cannot be greater than the task-level 'cpu' value.",
    "D026": "No Fargate configuration exists for given values.",
    "D027": "Fargate requires that 'cpu' and 'memory' be defined at the task level.",
    "D030": "Invalid 'cpu' setting for task.",
    "D039": "Ephemeral storage size must be between 21 GiB and 200 GiB.",
    "D043": "Unrecognized ulimit name.",
    "D050": "When networkMode=awsvpc, the host ports and container ports in port mappings must match.",
    "D051": "When networkMode=awsvpc, the host ports and container ports in port mappings must match.",
    "D061": "Invalid 'containerPortRange' setting for container.",
    "D064": "Links are not supported when networkMode=awsvpc.",
    "D068": "hostname is not supported on container when networkMode=awsvpc.",
    "D069": "Extra hosts are not supported on container when networkMode=awsvpc.",
    "D071": "DNS servers are not supported on container when networkMode=awsvpc.",
    "D072": "Fargate only supports network mode 'awsvpc'.",
    "D080": "Cannot depend on container because it does not exist.",
    "D081": "A dependency container with HEALTHY condition must have health check configured.",
    "D082": "A dependency container with SUCCESS or COMPLETE condition cannot be an essential "
    "container.",
    "D099": "When you are specifying container secrets, you must also specify a value for "
    "'executionRoleArn'.",
    "D110": "Fargate compatible task definitions do not support privileged.",
    "D113": "Fargate compatible task definitions do not support devices.",
    "D114": "Fargate compatible task definitions do not support dockerSecurityOptions.",
    "D117": "Fargate compatible task definitions do not support ipcMode.",
    "D118": "Fargate compatible task definitions do not support sourcePath.",
    "D122": "Fargate compatible task definitions do not support dockerVolumeConfiguration.",
    "D128": "Not a valid log driver. Must be one of [awslogs, splunk, awsfirelens].",
    "D153": "Assign public IP is not supported for this launch type.",
    "D155": "Task definition does not support launch_type FARGATE.",
    "D156": "Specifying both a launch type and capacity provider strategy is not supported. Remove "
    "one and try again.",
    "D157": "There are multiple capacity providers in the strategy with a base value defined.",
    "D158": "DAEMON scheduling strategy is not supported for the FARGATE launch type.",
    "D159": "The daemon scheduling strategy does not support a desired count for services. Remove "
    "the desired count value and try again.",
    "D160": "Placement constraints and placement strategies are not supported with FARGATE launch "
    "type.",
    "D174": "Health check timeout must be smaller than the interval.",
    "D181": "A rule can only have '5' condition values.",
}
# What depends on what there is: the sandbox looks at that by itself.
_OURS = frozenset(("D151", "D152", "D164", "D165", "D166", "D173", "D180", "D183", "D300", "D327"))


def refuse(kind: str, body: Body, bodies: Bodies, code: str, skip: Collection[str] = ()) -> None:
    """Raise AwsError with that code if AWS does not take a body of the kind.

    `bodies` is what there is already; `skip` names rules that the caller asks in its own way.
    """
    for finding in find_one(kind, body, bodies):
        check = finding.check
        if check.severity != ERROR or check.when in _TAKEN:
            continue
        if check.id not in _OURS and check.id not in skip:
            raise AwsError(code, words(finding))


def words(finding: Finding) -> str:
    """The sentence for a finding: AWS's own if it is known, and what exactly is wrong."""
    said = _WORDS.get(finding.check.id, f"{finding.check.title}.")
    return f"{said} [{finding.check.id} {finding.path}: {finding.text}]"
