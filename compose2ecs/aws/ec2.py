"""Amazon EC2: container instances and their addresses, networks, security groups.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from compose2ecs.aws.session import Caller, chunks, pages

Body = dict[str, Any]
_IDS_A_CALL = 100


class Address(NamedTuple):
    """Where an instance is reached: inside its VPC, and from outside, where it can be."""

    private: str
    public: str | None = None


class Ec2:
    """The instances of one account. All methods raise AwsError."""

    def __init__(self, aws: Caller) -> None:
        self._aws = aws

    def addresses(self, ids: Sequence[str]) -> dict[str, Address]:
        """Addresses by instance id; instances without one, or that are gone, are left out. One call
        for a hundred."""
        return {
            one["InstanceId"]: Address(one["PrivateIpAddress"], one.get("PublicIpAddress") or None)
            for one in self.instances(ids)
            if one.get("PrivateIpAddress")
        }

    def instances(self, ids: Sequence[str]) -> list[Body]:
        """Instances by id; ones that are gone are left out."""
        found = self._listed("DescribeInstances", "Reservations", "instance-id", ids)
        return [one for reservation in found for one in reservation["Instances"]]

    def subnets(self, ids: Sequence[str]) -> list[Body]:
        """Subnets by id: `VpcId`, `CidrBlock`, `AvailabilityZone`; others are left out."""
        return self._listed("DescribeSubnets", "Subnets", "subnet-id", ids)

    def security_groups(self, ids: Sequence[str]) -> list[Body]:
        """Security groups by id: `VpcId`, `IpPermissions`; others are left out."""
        return self._listed("DescribeSecurityGroups", "SecurityGroups", "group-id", ids)

    def vpcs(self, ids: Sequence[str]) -> list[Body]:
        """VPCs by id; others are left out."""
        return self._listed("DescribeVpcs", "Vpcs", "vpc-id", ids)

    def _listed(self, operation: str, result: str, name: str, ids: Sequence[str]) -> list[Body]:
        found: list[Body] = []
        for some in chunks(sorted(set(ids)), _IDS_A_CALL):
            # filters, because ids that EC2 has forgotten already are an error when asked for
            named = [{"Name": name, "Values": some}]
            entries = pages(self._aws, "ec2", operation, result, Filters=named)
            found += [entry for entry in entries if isinstance(entry, dict)]
        return found
