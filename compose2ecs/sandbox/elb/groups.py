"""Target groups, their attributes, and tags of everything.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
"""

from __future__ import annotations

from collections.abc import Iterator

from compose2ecs.sandbox import tags
from compose2ecs.sandbox.elb import find
from compose2ecs.sandbox.elb.balancers import check_name
from compose2ecs.sandbox.elb.find import invalid
from compose2ecs.sandbox.elb.state import Body, Group
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.refuse import refuse
from compose2ecs.sandbox.world import Handler, World

_CODE = "ValidationError"
_TAGGED_AT_ONCE = 20
_HTTP = ("HTTP", "HTTPS")
_ATTRIBUTES = {
    "deregistration_delay.timeout_seconds": "300",
    "stickiness.enabled": "false",
    "stickiness.type": "lb_cookie",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "slow_start.duration_seconds": "0",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
_NETWORK_ATTRIBUTES = {
    "deregistration_delay.timeout_seconds": "300",
    "deregistration_delay.connection_termination.enabled": "false",
    "stickiness.enabled": "false",
    "stickiness.type": "source_ip",
    "preserve_client_ip.enabled": "true",
    "proxy_protocol_v2.enabled": "false",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
}


def create(world: World, asked: Body) -> Body:
    """CreateTargetGroup: the same one again if nothing is different."""
    check_name("Target group", asked["Name"])
    refuse("target-groups", asked, {}, _CODE)
    body = _with_defaults(asked)
    for found in world.elb.groups.values():
        if found.body["TargetGroupName"] == asked["Name"]:
            if any(found.body.get(key) != value for key, value in body.items()):
                said = f"A target group with the same name '{asked['Name']}' exists, but with different settings"
                raise AwsError("DuplicateTargetGroupName", said)
            return {"TargetGroups": [described(world, found)]}
    vpc = body.get("VpcId")
    if vpc is not None and vpc not in {one["VpcId"] for one in world.network.vpcs}:
        raise invalid(f"The VPC ID '{vpc}' is not found")
    if len(world.elb.groups) >= world.quotas["target groups"]:
        raise AwsError("TooManyTargetGroups", "The limit of target groups was reached")
    given = tags.added({}, tags.read(asked.get("Tags", ()), _CODE, "Key"), "TooManyTags")
    name = asked["Name"]
    body["TargetGroupArn"] = world.arn("elasticloadbalancing", f"targetgroup/{name}/{world.id(16)}")
    http = body.get("Protocol") in _HTTP
    found = Group(body, given, dict(_ATTRIBUTES if http else _NETWORK_ATTRIBUTES))
    world.elb.groups[body["TargetGroupArn"]] = found
    return {"TargetGroups": [described(world, found)]}


def _with_defaults(asked: Body) -> Body:
    kind = asked.get("TargetType", "instance")
    protocol = asked.get("Protocol")
    if kind != "lambda":
        for key in ("Protocol", "Port", "VpcId"):
            if key not in asked:
                raise invalid(f"A {key.lower()} must be specified")
    http = protocol in _HTTP
    checks = asked.get("HealthCheckProtocol", "HTTP" if http else "TCP")
    body: Body = {
        "TargetGroupName": asked["Name"],
        "Protocol": protocol,
        "Port": asked.get("Port"),
        "VpcId": asked.get("VpcId"),
        "HealthCheckProtocol": checks,
        "HealthCheckPort": asked.get("HealthCheckPort", "traffic-port"),
        "HealthCheckEnabled": asked.get("HealthCheckEnabled", True),
        "HealthCheckIntervalSeconds": asked.get("HealthCheckIntervalSeconds", 30),
        "HealthCheckTimeoutSeconds": asked.get(
            "HealthCheckTimeoutSeconds", 5 if checks == "HTTP" else 10
        ),
        "HealthyThresholdCount": asked.get("HealthyThresholdCount", 5),
        "UnhealthyThresholdCount": asked.get("UnhealthyThresholdCount", 2),
        "TargetType": kind,
        "IpAddressType": asked.get("IpAddressType", "ipv4"),
    }
    if checks in _HTTP:
        body["HealthCheckPath"] = asked.get("HealthCheckPath", "/")
        body["Matcher"] = asked.get("Matcher", {"HttpCode": "200"})
    if http:
        body["ProtocolVersion"] = asked.get("ProtocolVersion", "HTTP1")
    return {key: value for key, value in body.items() if value is not None}


def described(world: World, found: Group) -> Body:
    """A target group as DescribeTargetGroups shows it."""
    return {**found.body, "LoadBalancerArns": find.users(world, found.body["TargetGroupArn"])}


def describe(world: World, asked: Body) -> Body:
    """DescribeTargetGroups: all, by ARN, by name, or of one load balancer."""
    arns, names, balancer = (
        asked.get(key) for key in ("TargetGroupArns", "Names", "LoadBalancerArn")
    )
    if sum(map(bool, (arns, names, balancer))) > 1:
        raise invalid("Target group names, ARNs and a load balancer ARN exclude each other")
    if arns:
        found = [find.group(world, arn) for arn in arns]
    elif names:
        by_name = {one.body["TargetGroupName"]: one for one in world.elb.groups.values()}
        if not by_name.keys() >= set(names):
            raise AwsError("TargetGroupNotFound", "One or more target groups not found")
        found = [by_name[name] for name in names]
    elif balancer:
        on_it = find.groups_of(find.balancer(world, balancer))
        found = [one for arn, one in world.elb.groups.items() if arn in on_it]
    else:
        found = list(world.elb.groups.values())
    page, marker = find.paged(asked, found)
    return {"TargetGroups": [described(world, one) for one in page], "NextMarker": marker}


_MODIFIED = (
    "HealthCheckProtocol",
    "HealthCheckPort",
    "HealthCheckPath",
    "HealthCheckEnabled",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
    "Matcher",
)


def modify(world: World, asked: Body) -> Body:
    """ModifyTargetGroup: the health check, and nothing else."""
    found = find.group(world, asked["TargetGroupArn"])
    changed = {key: asked[key] for key in _MODIFIED if key in asked}
    name = found.body["TargetGroupName"]
    refuse("target-groups", {**found.body, **changed, "Name": name}, {}, _CODE)
    found.body |= changed
    return {"TargetGroups": [described(world, found)]}


def delete(world: World, asked: Body) -> Body:
    """DeleteTargetGroup: what is not there is no error, what a rule forwards to is one."""
    arn = asked["TargetGroupArn"]
    found = world.elb.groups.get(arn)
    if found is None:
        return {}
    lingers = found.released and world.now - found.released < world.elb.linger
    if find.users(world, arn) or lingers:
        said = f"Target group '{arn}' is currently in use by a listener or a rule"
        raise AwsError("ResourceInUse", said)
    del world.elb.groups[arn]
    return {}


# ---------------------------------------------------------------------------- attributes


def attributes(world: World, asked: Body) -> Body:
    """DescribeTargetGroupAttributes."""
    values = find.group(world, asked["TargetGroupArn"]).attributes
    return {"Attributes": [{"Key": key, "Value": values[key]} for key in tags.shuffled(values)]}


def modify_attributes(world: World, asked: Body) -> Body:
    """ModifyTargetGroupAttributes."""
    found = find.group(world, asked["TargetGroupArn"])
    refuse("target-group-attributes", asked, {}, _CODE)
    for one in asked["Attributes"]:
        if one["Key"] not in found.attributes:
            raise invalid(f"Target group attribute key '{one['Key']}' is not recognized")
    found.attributes.update((one["Key"], one.get("Value", "")) for one in asked["Attributes"])
    return attributes(world, asked)


# ---------------------------------------------------------------------------- tags


def tagged(world: World) -> Iterator[tuple[str, tags.Tags]]:
    """Everything of Elastic Load Balancing that may have tags, by ARN."""
    for arn, balancer in world.elb.balancers.items():
        yield arn, balancer.tags
        for listener_arn, listener in balancer.listeners.items():
            yield listener_arn, listener.tags
            for rule in listener.rules.values():
                yield rule.arn, rule.tags
    for arn, group in world.elb.groups.items():
        yield arn, group.tags


_MISSING = {
    "loadbalancer": "LoadBalancerNotFound",
    "targetgroup": "TargetGroupNotFound",
    "listener": "ListenerNotFound",
    "listener-rule": "RuleNotFound",
}


def _tags_of(world: World, arn: str) -> tags.Tags:
    for one, found in tagged(world):
        if one == arn:
            return found
    kind = arn.rpartition(":")[2].partition("/")[0]
    if kind not in _MISSING:
        raise invalid(f"'{arn}' is not a valid ARN")
    raise AwsError(_MISSING[kind], f"'{arn}' not found")


def add_tags(world: World, asked: Body) -> Body:
    """AddTags: to one thing at a time, though it takes a list."""
    arns = asked["ResourceArns"]
    if len(arns) != 1:
        raise invalid("Only one resource can be tagged at a time")
    found = _tags_of(world, arns[0])
    given = tags.read(asked["Tags"], _CODE, "Key")
    found.update(tags.added(found, given, "TooManyTags"))
    return {}


def remove_tags(world: World, asked: Body) -> Body:
    """RemoveTags: from one thing at a time, though it takes a list."""
    arns = asked["ResourceArns"]
    if len(arns) != 1:
        raise invalid("Only one resource can be untagged at a time")
    found = _tags_of(world, arns[0])
    for key in asked["TagKeys"]:
        found.pop(key, None)
    return {}


def describe_tags(world: World, asked: Body) -> Body:
    """DescribeTags: of up to 20 things, all of which must be there."""
    arns = asked["ResourceArns"]
    if len(arns) > _TAGGED_AT_ONCE:
        raise invalid(f"Up to {_TAGGED_AT_ONCE} resources can be described at a time")
    return {
        "TagDescriptions": [
            {"ResourceArn": arn, "Tags": tags.shown(_tags_of(world, arn), "Key")} for arn in arns
        ]
    }


OPERATIONS: dict[str, Handler] = {
    "CreateTargetGroup": create,
    "DescribeTargetGroups": describe,
    "ModifyTargetGroup": modify,
    "DeleteTargetGroup": delete,
    "DescribeTargetGroupAttributes": attributes,
    "ModifyTargetGroupAttributes": modify_attributes,
    "AddTags": add_tags,
    "RemoveTags": remove_tags,
    "DescribeTags": describe_tags,
}
