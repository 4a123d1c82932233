"""EC2 as far as a deployment looks at it: networks, security groups, instances. Nothing is made.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.paging import page
from compose2ecs.sandbox.world import Body, Handler, World

_CODE = "InvalidParameterValue"
_FILTERS = {
    "vpc-id": "VpcId",
    "subnet-id": "SubnetId",
    "availability-zone": "AvailabilityZone",
    "default-for-az": "DefaultForAz",
    "map-public-ip-on-launch": "MapPublicIpOnLaunch",
    "state": "State",
    "is-default": "IsDefault",
    "isDefault": "IsDefault",
    "group-name": "GroupName",
    "group-id": "GroupId",
    "instance-id": "InstanceId",
    "instance-state-name": "State.Name",
}


def _found(items: list[Body], asked: Body, ids: str, key: str, missing: str) -> list[Body]:
    """The items that are asked for by id and by filters."""
    wanted = asked.get(ids)
    known = {one[key] for one in items}
    for id_ in wanted or ():
        if id_ not in known:
            raise AwsError(missing, f"The ID '{id_}' does not exist")
    found = [one for one in items if not wanted or one[key] in wanted]
    for one in asked.get("Filters", ()):
        found = [item for item in found if _matches(item, one["Name"], one.get("Values", ()))]
    return found


def _matches(item: Body, name: str, values: list[str]) -> bool:
    if name.startswith("tag:"):
        named = {tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}
        value: Any = named.get(name[4:])
    elif name in _FILTERS:
        value = item
        for step in _FILTERS[name].split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
    else:
        raise AwsError("InvalidParameterValue", f"The filter '{name}' is invalid")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return any(fnmatchcase(text, one) for one in values)


def vpcs(world: World, asked: Body) -> Body:
    """DescribeVpcs."""
    found = _found(world.network.vpcs, asked, "VpcIds", "VpcId", "InvalidVpcID.NotFound")
    return {"Vpcs": found}


def subnets(world: World, asked: Body) -> Body:
    """DescribeSubnets."""
    found = _found(
        world.network.subnets, asked, "SubnetIds", "SubnetId", "InvalidSubnetID.NotFound"
    )
    return {"Subnets": found}


def security_groups(world: World, asked: Body) -> Body:
    """DescribeSecurityGroups."""
    found = _found(world.network.groups, asked, "GroupIds", "GroupId", "InvalidGroup.NotFound")
    return {"SecurityGroups": found}


def instances(world: World, asked: Body) -> Body:
    """DescribeInstances: each in a reservation of its own."""
    found = _found(
        world.network.instances, asked, "InstanceIds", "InstanceId", "InvalidInstanceID.NotFound"
    )
    items, token = page(found, asked.get("MaxResults", 1000), asked.get("NextToken"), _CODE)
    reservations = [
        {
            "ReservationId": f"r-{one['InstanceId'][2:]}",
            "OwnerId": world.account,
            "Instances": [one],
        }
        for one in items
    ]
    return {"Reservations": reservations, "NextToken": token}


def zones(world: World, asked: Body) -> Body:
    """DescribeAvailabilityZones."""
    names = sorted({one["AvailabilityZone"] for one in world.network.subnets})
    return {
        "AvailabilityZones": [
            {"ZoneName": name, "RegionName": world.region, "State": "available"} for name in names
        ]
    }


OPERATIONS: dict[str, Handler] = {
    "DescribeVpcs": vpcs,
    "DescribeSubnets": subnets,
    "DescribeSecurityGroups": security_groups,
    "DescribeInstances": instances,
    "DescribeAvailabilityZones": zones,
}
