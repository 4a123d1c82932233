"""AWS IAM: roles, and what somebody may do.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html and
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from compose2ecs.aws.session import Caller
from compose2ecs.plan.errors import AwsError

Body = dict[str, Any]


class Iam:
    """IAM of one account. All methods raise AwsError."""

    def __init__(self, aws: Caller) -> None:
        self._aws = aws

    def role(self, name: str) -> Body | None:
        """A role by its name, without its path: `Arn`, `AssumeRolePolicyDocument`."""
        try:
            return dict(self._aws.call("iam", "GetRole", RoleName=name)["Role"])
        except AwsError as error:
            if error.code in ("NoSuchEntity", "NoSuchEntityException"):
                return None
            raise

    def denied(
        self,
        principal: str,
        actions: Sequence[str],
        resources: Sequence[str] = (),
        context: Mapping[str, str | Sequence[str]] | None = None,
    ) -> dict[str, list[str]]:
        """The actions that the policies of a user or a role, by its ARN, do not allow, each with
        the resources it is not allowed on. `context` are condition keys of the requests."""
        entries = [
            {
                "ContextKeyName": key,
                "ContextKeyValues": [value] if isinstance(value, str) else list(value),
                "ContextKeyType": "string" if isinstance(value, str) else "stringList",
            }
            for key, value in (context or {}).items()
        ]
        body: Body = {"PolicySourceArn": principal, "ActionNames": list(actions)}
        if resources:
            body["ResourceArns"] = list(resources)
        if entries:
            body["ContextEntries"] = entries
        found: dict[str, list[str]] = {}
        for result in self._results(body):
            parts = result.get("ResourceSpecificResults") or ()
            refused = [
                str(part.get("EvalResourceName", "*"))
                for part in parts
                if part.get("EvalResourceDecision") != "allowed"
            ]
            if not parts and result.get("EvalDecision") != "allowed":
                refused = [str(result.get("EvalResourceName", "*"))]
            if refused:
                found.setdefault(str(result["EvalActionName"]), []).extend(refused)
        return found

    def _results(self, body: Body) -> Iterator[Body]:
        while True:
            answer = self._aws.call("iam", "SimulatePrincipalPolicy", **body)
            yield from answer.get("EvaluationResults", ())
            if not answer.get("IsTruncated"):
                return
            body = {**body, "Marker": answer["Marker"]}
