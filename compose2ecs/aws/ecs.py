"""Amazon ECS: services, task definitions, tasks.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from compose2ecs.aws.errors import make
from compose2ecs.aws.session import Caller, chunks, pages

Body = dict[str, Any]
SERVICES_A_CALL = 10
TASKS_A_CALL = 100


class Ecs:
    """ECS of one account. All methods raise AwsError; bodies and answers have AWS's form."""

    def __init__(self, aws: Caller) -> None:
        self._aws = aws

    # ------------------------------------------------------------------------ services

    def services(self, cluster: str, names: Sequence[str]) -> dict[str, Body]:
        """Services by name, with their tags; ones that do not exist are left out, ones that are
        going (DRAINING) or gone (INACTIVE) are not. One call for ten names."""
        found: dict[str, Body] = {}
        for some in chunks(list(names), SERVICES_A_CALL):
            answer = self._aws.call(
                "ecs", "DescribeServices", cluster=cluster, services=some, include=["TAGS"]
            )
            for failure in answer.get("failures", ()):
                if failure.get("reason") != "MISSING":
                    raise _failed("DescribeServices", failure)
            found.update({service["serviceName"]: service for service in answer["services"]})
        return found

    def service_names(self, cluster: str) -> list[str]:
        """The names of all active services of a cluster. One call for a hundred."""
        arns = pages(
            self._aws, "ecs", "ListServices", "serviceArns", cluster=cluster, maxResults=100
        )
        return [str(arn).rpartition("/")[2] for arn in arns]

    def create_service(self, body: Body) -> Body:
        """Make a service; returns it. With a `clientToken` it may be sent twice."""
        return dict(self._aws.call("ecs", "CreateService", **body)["service"])

    def update_service(self, body: Body) -> Body:
        """Change a service (`cluster`, `service` and what changes); returns it."""
        return dict(self._aws.call("ecs", "UpdateService", **body)["service"])

    def delete_service(self, cluster: str, name: str) -> None:
        """Stop a service and its tasks; it drains for a while."""
        self._aws.call("ecs", "DeleteService", cluster=cluster, service=name, force=True)

    def tag(self, arn: str, tags: dict[str, str]) -> None:
        """Set tags of a service, a task or a task definition."""
        listed = [{"key": key, "value": value} for key, value in tags.items()]
        self._aws.call("ecs", "TagResource", resourceArn=arn, tags=listed)

    def untag(self, arn: str, keys: Sequence[str]) -> None:
        """Take tags off."""
        self._aws.call("ecs", "UntagResource", resourceArn=arn, tagKeys=list(keys))

    # ------------------------------------------------------------------------ task definitions

    def register_task_definition(self, body: Body) -> Body:
        """Make a revision; returns it, with `taskDefinitionArn` and `revision`."""
        return dict(self._aws.call("ecs", "RegisterTaskDefinition", **body)["taskDefinition"])

    def task_definition(self, name: str) -> Body:
        """A revision by ARN or `family:revision`, or the newest of a family; its tags are under
        `tags`."""
        answer = self._aws.call(
            "ecs", "DescribeTaskDefinition", taskDefinition=name, include=["TAGS"]
        )
        return {**answer["taskDefinition"], "tags": answer.get("tags", [])}

    def revisions(self, family: str) -> list[str]:
        """The ARNs of the active revisions of exactly this family, newest first."""
        arns = pages(
            self._aws,
            "ecs",
            "ListTaskDefinitions",
            "taskDefinitionArns",
            familyPrefix=family,
            sort="DESC",
        )
        exact = [str(arn) for arn in arns if str(arn).rpartition("/")[2].split(":")[0] == family]
        return sorted(exact, key=lambda arn: -int(arn.rpartition(":")[2]))

    def deregister_task_definition(self, name: str) -> None:
        """Retire a revision (`family:revision`): what runs goes on, nothing new starts from it."""
        self._aws.call("ecs", "DeregisterTaskDefinition", taskDefinition=name)

    # ------------------------------------------------------------------------ tasks

    def task_arns(
        self,
        cluster: str,
        *,
        service: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        status: str = "RUNNING",
    ) -> list[str]:
        """ARNs of tasks that shall run (`RUNNING`) or of those that stopped in the last hour
        (`STOPPED`)."""
        chosen = {"serviceName": service, "family": family, "startedBy": started_by}
        body = {key: value for key, value in chosen.items() if value is not None}
        arns = pages(
            self._aws, "ecs", "ListTasks", "taskArns", cluster=cluster, desiredStatus=status, **body
        )
        return [str(arn) for arn in arns]

    def tasks(self, cluster: str, arns: Sequence[str]) -> list[Body]:
        """Tasks by ARN or id, with their tags; ones that are forgotten already are left out. One
        call for a hundred."""
        found: list[Body] = []
        for some in chunks(list(arns), TASKS_A_CALL):
            answer = self._aws.call(
                "ecs", "DescribeTasks", cluster=cluster, tasks=some, include=["TAGS"]
            )
            for failure in answer.get("failures", ()):
                if failure.get("reason") != "MISSING":
                    raise _failed("DescribeTasks", failure)
            found += answer["tasks"]
        return found

    def tasks_of(self, cluster: str, service: str, status: str = "RUNNING") -> list[Body]:
        """The tasks of a service: two calls."""
        return self.tasks(cluster, self.task_arns(cluster, service=service, status=status))

    def run_task(self, body: Body) -> Body:
        """Start one task; returns it. A `failures` entry (no room, say) raises AwsError with AWS's
        reason as its code, such as `RESOURCE:MEMORY`."""
        answer = self._aws.call("ecs", "RunTask", **body)
        for failure in answer.get("failures", ()):
            raise _failed("RunTask", failure)
        return dict(answer["tasks"][0])

    def stop_task(self, cluster: str, task: str, reason: str) -> None:
        """Stop a task; its service, if it has one, starts another."""
        self._aws.call("ecs", "StopTask", cluster=cluster, task=task, reason=reason)

    def execute_command(self, cluster: str, task: str, container: str, command: str) -> Body:
        """Open an ECS Exec session; returns `session` for the session-manager plugin."""
        return self._aws.call(
            "ecs",
            "ExecuteCommand",
            cluster=cluster,
            task=task,
            container=container,
            command=command,
            interactive=True,
        )

    # ------------------------------------------------------------------------ clusters

    def cluster(self, name: str) -> Body | None:
        """A cluster with its settings and configuration, or None where there is none."""
        answer = self._aws.call(
            "ecs", "DescribeClusters", clusters=[name], include=["SETTINGS", "CONFIGURATIONS"]
        )
        found: list[Body] = answer.get("clusters", [])
        return found[0] if found else None

    def capacity_providers(self, names: Sequence[str]) -> list[Body]:
        """Capacity providers by their names: `status`, `autoScalingGroupProvider`."""
        answer = self._aws.call("ecs", "DescribeCapacityProviders", capacityProviders=list(names))
        return list(answer.get("capacityProviders", ()))

    def container_instances(self, cluster: str, arns: Sequence[str] | None = None) -> list[Body]:
        """Instances by ARN, or all active ones. One call for a hundred, one more to list."""
        if arns is None:
            arns = list(self._instance_arns(cluster))
        found: list[Body] = []
        for some in chunks(list(arns), TASKS_A_CALL):
            answer = self._aws.call(
                "ecs", "DescribeContainerInstances", cluster=cluster, containerInstances=some
            )
            found += answer["containerInstances"]
        return found

    def _instance_arns(self, cluster: str) -> Iterator[str]:
        for arn in pages(
            self._aws,
            "ecs",
            "ListContainerInstances",
            "containerInstanceArns",
            cluster=cluster,
            status="ACTIVE",
        ):
            yield str(arn)

    def account_settings(self) -> dict[str, str]:
        """Effective account settings, such as `serviceLongArnFormat`, by name."""
        listed = pages(self._aws, "ecs", "ListAccountSettings", "settings", effectiveSettings=True)
        return {entry["name"]: entry["value"] for entry in listed if isinstance(entry, dict)}


def _failed(operation: str, failure: Body) -> Exception:
    text = " ".join(str(failure[key]) for key in ("arn", "detail") if failure.get(key))
    return make("ecs", operation, str(failure.get("reason", "Unknown")), text)
