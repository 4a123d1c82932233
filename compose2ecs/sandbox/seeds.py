"""What is there before anybody deploys: a network, a cluster with instances, load balancers, roles.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
"""

from __future__ import annotations

from collections.abc import Iterable

from compose2ecs.sandbox.ecs import attributes, clusters
from compose2ecs.sandbox.ecs.state import Instance
from compose2ecs.sandbox.elb import balancers
from compose2ecs.sandbox.identity import EXECUTION_POLICY, TASKS, add_role, attach_policy
from compose2ecs.sandbox.world import Body, World

NOT_FOUND: Body = {
    "Type": "fixed-response",
    "FixedResponseConfig": {
        "StatusCode": "404",
        "ContentType": "text/plain",
        "MessageBody": "no such stack",
    },
}
DEFAULT_GROUP = "sg-00000000000000001"
_AMI = "ami-0123456789abcdef0"
# CPU units and MiB that are left for tasks on instances of these types.
TYPES = {
    "t3.small": (2048, 1910),
    "t3.medium": (2048, 3829),
    "m5.large": (2048, 7745),
    "m5.xlarge": (4096, 15692),
    "m5.4xlarge": (16384, 63391),
}


def network(world: World, count: int = 3) -> None:
    """A default VPC with a public subnet in each zone, and its default security group."""
    world.network.vpcs.append(
        {
            "VpcId": "vpc-0a1b2c3d4e5f60718",
            "CidrBlock": "172.31.0.0/16",
            "IsDefault": True,
            "State": "available",
            "OwnerId": world.account,
        }
    )
    subnets(world, [f"subnet-{number:017x}" for number in range(count)])
    security_group(world, DEFAULT_GROUP, "default")


def subnets(world: World, ids: Iterable[str]) -> None:
    """Public subnets of the VPC, each in the next zone."""
    for id_ in ids:
        number = len(world.network.subnets)
        world.network.subnets.append(
            {
                "SubnetId": id_,
                "VpcId": world.network.vpcs[0]["VpcId"],
                "CidrBlock": f"172.31.{16 * number % 256}.0/20",
                "AvailabilityZone": f"{world.region}{'abc'[number % 3]}",
                "AvailableIpAddressCount": 4091,
                "DefaultForAz": number < 3,
                "MapPublicIpOnLaunch": True,
                "State": "available",
                "OwnerId": world.account,
            }
        )


def security_group(world: World, id_: str, name: str) -> None:
    """A security group of the VPC."""
    world.network.groups.append(
        {
            "GroupId": id_,
            "GroupName": name,
            "Description": f"{name} VPC security group",
            "VpcId": world.network.vpcs[0]["VpcId"],
            "OwnerId": world.account,
        }
    )


def instance(
    world: World,
    cluster: str,
    *,
    kind: str = "m5.4xlarge",
    cpu: int | None = None,
    memory: int | None = None,
    zone: str | None = None,
    without: tuple[str, ...] = (),
    extra: dict[str, str] | None = None,
    interfaces: int = 10,
) -> Instance:
    """One more instance in a cluster; `without` names attributes that it does not have."""
    number = len(world.network.instances)
    known = world.network.subnets
    subnet = next(
        (one for one in known if one["AvailabilityZone"] == zone), known[number % len(known)]
    )
    ec2 = f"i-{number + 1:017x}"
    address = f"172.31.{16 * (number % len(known))}.{10 + number}"
    world.network.instances.append(
        {
            "InstanceId": ec2,
            "InstanceType": kind,
            "ImageId": _AMI,
            "State": {"Code": 16, "Name": "running"},
            "PrivateIpAddress": address,
            "PublicIpAddress": f"198.51.100.{10 + number % 240}",
            "PublicDnsName": f"ec2-198-51-100-{10 + number % 240}.compute.amazonaws.com",
            "SubnetId": subnet["SubnetId"],
            "VpcId": subnet["VpcId"],
            "Placement": {"AvailabilityZone": subnet["AvailabilityZone"]},
            "SecurityGroups": [{"GroupId": DEFAULT_GROUP, "GroupName": "default"}],
        }
    )
    named = dict.fromkeys(attributes.OF_INSTANCES, "")
    named |= {
        "ecs.availability-zone": subnet["AvailabilityZone"],
        "ecs.instance-type": kind,
        "ecs.ami-id": _AMI,
        "ecs.os-type": "linux",
        "ecs.cpu-architecture": "x86_64",
        "ecs.subnet-id": subnet["SubnetId"],
        "ecs.vpc-id": subnet["VpcId"],
        **(extra or {}),
    }
    for name in without:
        named.pop(name, None)
    size = TYPES[kind]
    return clusters.add_instance(
        world,
        cluster,
        ec2=ec2,
        zone=subnet["AvailabilityZone"],
        subnet=subnet["SubnetId"],
        ip=address,
        cpu=size[0] if cpu is None else cpu,
        memory=size[1] if memory is None else memory,
        attributes=named,
        interfaces=interfaces,
    )


def cluster(world: World, name: str) -> str:
    """A cluster that knows Fargate; its ARN."""
    asked = {"clusterName": name, "capacityProviders": list(clusters.FARGATE)}
    return str(clusters.create(world, asked)["cluster"]["clusterArn"])


def load_balancer(world: World, name: str, kind: str = "application") -> str:
    """A load balancer in all subnets; its ARN."""
    asked: Body = {
        "Name": name,
        "Type": kind,
        "Subnets": [one["SubnetId"] for one in world.network.subnets],
    }
    if kind == "application":
        asked["SecurityGroups"] = [DEFAULT_GROUP]
    return str(balancers.create(world, asked)["LoadBalancers"][0]["LoadBalancerArn"])


def listener(world: World, load_balancer_arn: str, port: int, protocol: str) -> str:
    """A listener that answers 404 to everything; its ARN."""
    asked: Body = {
        "LoadBalancerArn": load_balancer_arn,
        "Port": port,
        "Protocol": protocol,
        "DefaultActions": [NOT_FOUND],
    }
    if protocol == "HTTPS":
        certificate = world.arn("acm", "certificate/00000000-0000-4000-8000-000000000000")
        asked["Certificates"] = [{"CertificateArn": certificate}]
    return str(balancers.create_listener(world, asked)["Listeners"][0]["ListenerArn"])


def roles(world: World) -> dict[str, str]:
    """The roles that ECS projects usually have; their ARNs by what they are for."""
    execution = add_role(world, "ecsTaskExecutionRole", TASKS)
    attach_policy(world, {"RoleName": "ecsTaskExecutionRole", "PolicyArn": EXECUTION_POLICY})
    add_role(
        world, "AWSServiceRoleForECS", "ecs.amazonaws.com", "/aws-service-role/ecs.amazonaws.com/"
    )
    return {
        "execution": execution,
        "task": add_role(world, "ecsTaskRole", TASKS),
        "service": add_role(world, "ecsServiceRole", "ecs.amazonaws.com"),
        "events": add_role(world, "ecsEventsRole", "scheduler.amazonaws.com"),
    }
