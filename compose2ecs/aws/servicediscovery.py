"""Cloud Map: the namespaces of Service Connect.

Source: https://docs.aws.amazon.com/cloud-map/latest/api/API_Operations.html
"""

from __future__ import annotations

from typing import Any

from compose2ecs.aws.session import Caller, pages
from compose2ecs.plan.errors import AwsError

Body = dict[str, Any]


class ServiceDiscovery:
    """The namespaces of one account. All methods raise AwsError."""

    def __init__(self, aws: Caller) -> None:
        self._aws = aws

    def namespace(self, name: str) -> Body | None:
        """The HTTP namespace of a name: `Id`, `Arn`."""
        for entry in pages(
            self._aws,
            "servicediscovery",
            "ListNamespaces",
            "Namespaces",
            Filters=[
                {"Name": "TYPE", "Values": ["HTTP"], "Condition": "EQ"},
                {"Name": "NAME", "Values": [name], "Condition": "EQ"},
            ],
        ):
            # a filter that is not understood must not pass for one that is
            if isinstance(entry, dict) and entry["Name"] == name and entry.get("Type") == "HTTP":
                return entry
        return None

    def names(self) -> list[str]:
        """The names of all namespaces of the region, of whatever type."""
        found = pages(self._aws, "servicediscovery", "ListNamespaces", "Namespaces")
        return [entry["Name"] for entry in found if isinstance(entry, dict)]

    def create_http_namespace(self, body: Body) -> str:
        """Begin to make a namespace; returns the id of the operation. Raises AwsError
        `NamespaceAlreadyExists`."""
        return str(self._aws.call("servicediscovery", "CreateHttpNamespace", **body)["OperationId"])

    def operation(self, operation: str) -> Body:
        """How far an operation is: `Status` SUBMITTED, PENDING, SUCCESS or FAIL, `ErrorMessage`,
        `Targets`."""
        answer = self._aws.call("servicediscovery", "GetOperation", OperationId=operation)
        return dict(answer["Operation"])

    def tags(self, arn: str) -> dict[str, str]:
        """The tags of a namespace, by its ARN."""
        answer = self._aws.call("servicediscovery", "ListTagsForResource", ResourceARN=arn)
        return {tag["Key"]: tag.get("Value", "") for tag in answer.get("Tags", ())}

    def services(self, namespace: str) -> list[Body]:
        """The Cloud Map services in a namespace, by its id; ECS makes and removes them itself."""
        return [
            entry
            for entry in pages(
                self._aws,
                "servicediscovery",
                "ListServices",
                "Services",
                Filters=[{"Name": "NAMESPACE_ID", "Values": [namespace], "Condition": "EQ"}],
            )
            if isinstance(entry, dict)
        ]

    def delete_namespace(self, namespace: str) -> str | None:
        """Begin to delete a namespace by its id; returns the id of the operation, or None where it
        is gone. Raises AwsError `ResourceInUse` while it has services."""
        try:
            answer = self._aws.call("servicediscovery", "DeleteNamespace", Id=namespace)
        except AwsError as error:
            if error.code == "NamespaceNotFound":
                return None
            raise
        return str(answer["OperationId"])
