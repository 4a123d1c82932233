"""What is only looked at, a call or two a service: who we are, certificates, quotas, images, file
systems, and whether secrets are there. No method reads a secret's value.

Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html,
https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html,
https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html,
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html,
https://docs.aws.amazon.com/efs/latest/ug/API_DescribeMountTargets.html,
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html and
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compose2ecs.aws.session import Caller, chunks, pages
from compose2ecs.plan.errors import AwsError

Body = dict[str, Any]
_NAMES_A_CALL = 50
_GONE = frozenset(
    (
        "AccessPointNotFound",
        "FileSystemNotFound",
        "ImageNotFoundException",
        "NoSuchResourceException",
        "RepositoryNotFoundException",
        "ResourceNotFoundException",
    )
)


class Looks:
    """The services of one account that nothing is made in. All methods raise AwsError."""

    def __init__(self, aws: Caller) -> None:
        self._aws = aws

    def identity(self) -> Body:
        """Who we are: `Account`, `Arn`. Everybody may ask."""
        return self._aws.call("sts", "GetCallerIdentity")

    def certificate(self, arn: str) -> Body | None:
        """A certificate of ACM: `Status`, `NotAfter`, `DomainName`, `SubjectAlternativeNames`."""
        answer = self._or_none("acm", "DescribeCertificate", CertificateArn=arn)
        return None if answer is None else dict(answer["Certificate"])

    def quota(self, service: str, code: str) -> float | None:
        """A quota of this account, or None where AWS knows no such quota."""
        answer = self._or_none(
            "service-quotas", "GetServiceQuota", ServiceCode=service, QuotaCode=code
        )
        return None if answer is None else float(answer["Quota"]["Value"])

    def has_image(self, account: str, repository: str, image: str) -> bool:
        """Whether a repository of ECR in this region has a tag, or a digest `sha256:...`. Raises
        AwsError `RepositoryNotFoundException` where there is no such repository."""
        which = {"imageDigest" if image.startswith("sha256:") else "imageTag": image}
        try:
            answer = self._aws.call(
                "ecr",
                "DescribeImages",
                registryId=account,
                repositoryName=repository,
                imageIds=[which],
            )
        except AwsError as error:
            if error.code == "ImageNotFoundException":
                return False
            raise
        return bool(answer.get("imageDetails"))

    def file_system(self, id_: str) -> Body | None:
        """An EFS file system: `LifeCycleState`."""
        return self._first("DescribeFileSystems", "FileSystems", FileSystemId=id_)

    def mount_targets(self, id_: str) -> list[Body]:
        """Where a file system can be mounted: `SubnetId`, `AvailabilityZoneName`, `VpcId`."""
        answer = self._or_none("efs", "DescribeMountTargets", FileSystemId=id_)
        return list((answer or {}).get("MountTargets", ()))

    def access_point(self, id_: str) -> Body | None:
        """An access point of EFS: `FileSystemId`, `LifeCycleState`."""
        return self._first("DescribeAccessPoints", "AccessPoints", AccessPointId=id_)

    def parameters(self, names: Sequence[str]) -> set[str]:
        """Those of these names, or ARNs, for which there is an SSM parameter."""
        short: dict[str, set[str]] = {}
        for name in names:
            short.setdefault(_parameter(name), set()).add(name)
        found: set[str] = set()
        for some in chunks(sorted(short), _NAMES_A_CALL):
            chosen = [{"Key": "Name", "Option": "Equals", "Values": some}]
            for entry in pages(
                self._aws, "ssm", "DescribeParameters", "Parameters", ParameterFilters=chosen
            ):
                if isinstance(entry, dict) and entry["Name"] in short:
                    found |= short[entry["Name"]]
        return found

    def has_secret(self, arn: str) -> bool:
        """Whether there is a secret of Secrets Manager."""
        answer = self._or_none("secretsmanager", "DescribeSecret", SecretId=arn)
        return answer is not None and "DeletedDate" not in answer

    def _first(self, operation: str, result: str, **body: str) -> Body | None:
        found = (self._or_none("efs", operation, **body) or {}).get(result, ())
        return dict(found[0]) if found else None

    def _or_none(self, service: str, operation: str, **body: str) -> Body | None:
        try:
            return self._aws.call(service, operation, **body)
        except AwsError as error:
            if error.code in _GONE:
                return None
            raise


def _parameter(name: str) -> str:
    """The name of a parameter, by its name or ARN. An ARN does not tell whether it begins with a
    slash; one with a path always does.

    >>> _parameter("arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key"), _parameter("key")
    ('/shop/key', 'key')
    """
    if not name.startswith("arn:"):
        return name
    rest = name.partition(":parameter/")[2]
    return f"/{rest}" if "/" in rest else rest
