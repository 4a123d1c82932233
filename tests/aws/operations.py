"""Which AWS call takes the files of each folder that `convert -o` writes."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import botocore.session
from botocore.model import OperationModel, ServiceModel


class Operation(NamedTuple):
    """One call: the service, the name in its API, and the word of the command line for it."""

    service: str
    name: str
    word: str

    @property
    def model(self) -> OperationModel:
        """What the AWS model says of it."""
        return _service(self.service).operation_model(self.name)


OPERATIONS = {
    "log-groups": Operation("logs", "CreateLogGroup", "create-log-group"),
    "log-group-retention": Operation("logs", "PutRetentionPolicy", "put-retention-policy"),
    "namespaces": Operation("servicediscovery", "CreateHttpNamespace", "create-http-namespace"),
    "task-definitions": Operation("ecs", "RegisterTaskDefinition", "register-task-definition"),
    "target-groups": Operation("elbv2", "CreateTargetGroup", "create-target-group"),
    "target-group-attributes": Operation(
        "elbv2", "ModifyTargetGroupAttributes", "modify-target-group-attributes"
    ),
    "listener-rules": Operation("elbv2", "CreateRule", "create-rule"),
    "services": Operation("ecs", "CreateService", "create-service"),
    "scalable-targets": Operation(
        "application-autoscaling", "RegisterScalableTarget", "register-scalable-target"
    ),
    "scaling-policies": Operation(
        "application-autoscaling", "PutScalingPolicy", "put-scaling-policy"
    ),
    "scheduled-actions": Operation(
        "application-autoscaling", "PutScheduledAction", "put-scheduled-action"
    ),
    "run-tasks": Operation("ecs", "RunTask", "run-task"),
    "schedules": Operation("scheduler", "CreateSchedule", "create-schedule"),
}


@cache
def _service(name: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(name)
