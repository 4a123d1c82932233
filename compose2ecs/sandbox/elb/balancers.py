"""Load balancers and listeners.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
"""

from __future__ import annotations

from compose2ecs.checks.values import DIGITS, LETTERS, bad_name
from compose2ecs.sandbox import tags
from compose2ecs.sandbox.elb import find
from compose2ecs.sandbox.elb.actions import checked_actions
from compose2ecs.sandbox.elb.find import forwards, invalid
from compose2ecs.sandbox.elb.rules import add_rule, released
from compose2ecs.sandbox.elb.state import Balancer, Body, Listener
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.world import Handler, World

NAME_MAX = 32
_CODE = "ValidationError"
_DESCRIBED_AT_ONCE = 20
_KINDS = {"application": "app", "network": "net", "gateway": "gwy"}
_PROTOCOLS = {
    "application": ("HTTP", "HTTPS"),
    "network": ("TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"),
    "gateway": ("GENEVE",),
}
_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
_ATTRIBUTES = {
    "access_logs.s3.enabled": "false",
    "deletion_protection.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "routing.http2.enabled": "true",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "client_keep_alive.seconds": "3600",
}


def check_name(what: str, name: str) -> None:
    """Raise AwsError for a name that a load balancer or target group cannot have."""
    if len(name) > NAME_MAX:
        raise invalid(f"{what} name '{name}' cannot be longer than '{NAME_MAX}' characters")
    if bad_name(name, NAME_MAX, LETTERS + DIGITS + "-"):
        said = f"{what} name '{name}' can only contain characters that are alphanumeric characters"
        raise invalid(f"{said} or hyphens(-)")
    if name.startswith("-") or name.endswith("-"):
        raise invalid(f"{what} name '{name}' cannot begin or end with a hyphen(-)")


# ---------------------------------------------------------------------------- load balancers


def create(world: World, asked: Body) -> Body:
    """CreateLoadBalancer: the same one again if nothing is different."""
    name = asked["Name"]
    check_name("Load balancer", name)
    if name.startswith("internal-"):
        raise invalid("Load balancer name cannot begin with 'internal-'")
    kind = asked.get("Type", "application")
    zones = _zones(world, asked, kind)
    for found in world.elb.balancers.values():
        if found.body["LoadBalancerName"] == name:
            same = found.body["Type"] == kind and found.body["AvailabilityZones"] == zones
            if not same or found.body["Scheme"] != asked.get("Scheme", "internet-facing"):
                said = "A load balancer with the same name exists, but with different settings"
                raise AwsError("DuplicateLoadBalancerName", said)
            return {"LoadBalancers": [found.body]}
    if len(world.elb.balancers) >= world.quotas["load balancers"]:
        raise AwsError("TooManyLoadBalancers", "The limit of load balancers was reached")
    tail = f"{_KINDS[kind]}/{name}/{world.id(16)}"
    body: Body = {
        "LoadBalancerArn": world.arn("elasticloadbalancing", f"loadbalancer/{tail}"),
        "DNSName": f"{name}-{world.number(10)}.{world.region}.elb.amazonaws.com",
        "CanonicalHostedZoneId": "Z32O12XQLNTSW2",
        "CreatedTime": world.now,
        "LoadBalancerName": name,
        "Scheme": asked.get("Scheme", "internet-facing"),
        "VpcId": _vpc(world, zones),
        "State": {"Code": "active"},
        "Type": kind,
        "AvailabilityZones": zones,
        "SecurityGroups": asked.get("SecurityGroups", []),
        "IpAddressType": asked.get("IpAddressType", "ipv4"),
    }
    given = tags.added({}, tags.read(asked.get("Tags", ()), _CODE, "Key"), "TooManyTags")
    world.elb.balancers[body["LoadBalancerArn"]] = Balancer(body, given, dict(_ATTRIBUTES))
    return {"LoadBalancers": [body]}


def _zones(world: World, asked: Body, kind: str) -> list[Body]:
    named = asked.get("Subnets") or [
        one["SubnetId"] for one in asked.get("SubnetMappings", ()) if "SubnetId" in one
    ]
    if asked.get("Subnets") and asked.get("SubnetMappings"):
        raise invalid("Only one of Subnets and SubnetMappings can be specified")
    known = {one["SubnetId"]: one for one in world.network.subnets}
    for subnet in named:
        if subnet not in known:
            raise AwsError("SubnetNotFound", f"The subnet ID '{subnet}' is not valid")
    zones = {known[subnet]["AvailabilityZone"]: subnet for subnet in named}
    if len(zones) < len(named):
        said = (
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        )
        raise AwsError("InvalidConfigurationRequest", said)
    if kind == "application" and len(zones) < 2:
        raise invalid("At least two subnets in two different Availability Zones must be specified")
    return [
        {"ZoneName": zone, "SubnetId": subnet, "LoadBalancerAddresses": []}
        for zone, subnet in sorted(zones.items())
    ]


def _vpc(world: World, zones: list[Body]) -> str:
    known = {one["SubnetId"]: one["VpcId"] for one in world.network.subnets}
    return str(known[zones[0]["SubnetId"]]) if zones else ""


def describe(world: World, asked: Body) -> Body:
    """DescribeLoadBalancers: all, or up to 20 by ARN or name."""
    arns, names = asked.get("LoadBalancerArns"), asked.get("Names")
    for named in (arns, names):
        if named and len(named) > _DESCRIBED_AT_ONCE:
            said = f"Up to 20 load balancers can be described at a time, but {len(named)} were specified"
            raise invalid(said)
    if arns and names:
        raise invalid("Load balancer names and ARNs cannot be specified at the same time")
    if arns:
        found = [find.balancer(world, arn).body for arn in arns]
    else:
        found = [one.body for one in world.elb.balancers.values()]
        by_name = {one["LoadBalancerName"]: one for one in found}
        if names:
            for name in names:
                if name not in by_name:
                    raise AwsError("LoadBalancerNotFound", f"Load balancers '[{name}]' not found")
            found = [by_name[name] for name in names]
    items, marker = find.paged({"PageSize": 400, **asked}, found)
    return {"LoadBalancers": items, "NextMarker": marker}


def delete(world: World, asked: Body) -> Body:
    """DeleteLoadBalancer: what is not there is no error."""
    found = world.elb.balancers.get(asked["LoadBalancerArn"])
    if found is None:
        return {}
    if found.attributes["deletion_protection.enabled"] == "true":
        said = f"Load balancer '{asked['LoadBalancerArn']}' cannot be deleted because deletion protection is enabled"
        raise AwsError("OperationNotPermitted", said)
    groups = find.groups_of(found)
    del world.elb.balancers[asked["LoadBalancerArn"]]
    released(world, groups)
    return {}


def _attributes(values: dict[str, str]) -> list[Body]:
    return [{"Key": key, "Value": values[key]} for key in tags.shuffled(values)]


def attributes(world: World, asked: Body) -> Body:
    """DescribeLoadBalancerAttributes."""
    found = find.balancer(world, asked["LoadBalancerArn"])
    return {"Attributes": _attributes(found.attributes)}


def modify_attributes(world: World, asked: Body) -> Body:
    """ModifyLoadBalancerAttributes."""
    found = find.balancer(world, asked["LoadBalancerArn"])
    found.attributes.update((one["Key"], one.get("Value", "")) for one in asked["Attributes"])
    return {"Attributes": _attributes(found.attributes)}


# ---------------------------------------------------------------------------- listeners


def create_listener(world: World, asked: Body) -> Body:
    """CreateListener."""
    balancer = find.balancer(world, asked["LoadBalancerArn"])
    if "Port" not in asked or "Protocol" not in asked:
        raise invalid("A listener protocol and port must be specified")
    port, protocol = asked["Port"], asked["Protocol"]
    _check_protocol(balancer, protocol)
    if any(one.body["Port"] == port for one in balancer.listeners.values()):
        said = f"A listener already exists on this port for this load balancer '{asked['LoadBalancerArn']}'"
        raise AwsError("DuplicateListener", said)
    if len(balancer.listeners) >= world.quotas["listeners per load balancer"]:
        raise AwsError("TooManyListeners", "The limit of listeners was reached")
    certificates = _certificates(asked, protocol)
    actions = checked_actions(world, balancer, protocol, asked["DefaultActions"])
    arn = balancer.body["LoadBalancerArn"].replace(":loadbalancer/", ":listener/")
    body: Body = {
        "ListenerArn": f"{arn}/{world.id(16)}",
        "LoadBalancerArn": balancer.body["LoadBalancerArn"],
        "Port": port,
        "Protocol": protocol,
        "DefaultActions": actions,
    }
    if certificates:
        body |= {"Certificates": certificates, "SslPolicy": asked.get("SslPolicy", _POLICY)}
    given = tags.added({}, tags.read(asked.get("Tags", ()), _CODE, "Key"), "TooManyTags")
    found = Listener(body, given)
    found.certificates = [one["CertificateArn"] for one in certificates]
    add_rule(world, found, 0, [], actions)
    balancer.listeners[body["ListenerArn"]] = found
    return {"Listeners": [body]}


def _check_protocol(balancer: Balancer, protocol: str) -> None:
    if protocol not in _PROTOCOLS[balancer.body["Type"]]:
        kind = balancer.body["Type"]
        said = f"Protocol '{protocol}' is not supported by load balancers of type '{kind}'"
        raise AwsError("UnsupportedProtocol", said)


def _certificates(asked: Body, protocol: str) -> list[Body]:
    certificates: list[Body] = asked.get("Certificates", [])
    if protocol not in ("HTTPS", "TLS"):
        if certificates:
            raise invalid(f"A certificate cannot be specified for {protocol} listeners")
        return []
    if len(certificates) != 1:
        raise invalid(f"A certificate must be specified for {protocol} listeners")
    if not certificates[0].get("CertificateArn", "").startswith("arn:aws:acm:"):
        raise AwsError("CertificateNotFound", "Certificate ARN is not valid")
    return certificates


def describe_listeners(world: World, asked: Body) -> Body:
    """DescribeListeners: of one load balancer, or by ARN."""
    arns = asked.get("ListenerArns")
    if bool(arns) == bool(asked.get("LoadBalancerArn")):
        raise invalid("You must specify either listener ARNs or a load balancer ARN")
    if arns:
        found = [find.listener(world, arn)[1].body for arn in arns]
    else:
        balancer = find.balancer(world, asked["LoadBalancerArn"])
        found = [one.body for one in balancer.listeners.values()]
    items, marker = find.paged(asked, found)
    return {"Listeners": items, "NextMarker": marker}


def modify_listener(world: World, asked: Body) -> Body:
    """ModifyListener."""
    balancer, listener = find.listener(world, asked["ListenerArn"])
    protocol = str(asked.get("Protocol", listener.body["Protocol"]))
    _check_protocol(balancer, protocol)
    if "DefaultActions" in asked:
        before = set(forwards(listener.body["DefaultActions"]))
        actions = checked_actions(world, balancer, protocol, asked["DefaultActions"])
        listener.body["DefaultActions"] = actions
        for rule in listener.rules.values():
            if not rule.priority:
                rule.actions = actions
        released(world, before)
    for key in ("Port", "Protocol", "SslPolicy", "Certificates"):
        if key in asked:
            listener.body[key] = asked[key]
    return {"Listeners": [listener.body]}


def delete_listener(world: World, asked: Body) -> Body:
    """DeleteListener."""
    balancer, listener = find.listener(world, asked["ListenerArn"])
    groups = {arn for rule in listener.rules.values() for arn in forwards(rule.actions)}
    del balancer.listeners[asked["ListenerArn"]]
    released(world, groups)
    return {}


def add_certificates(world: World, asked: Body) -> Body:
    """AddListenerCertificates."""
    balancer, listener = find.listener(world, asked["ListenerArn"])
    arns = [one["CertificateArn"] for one in asked["Certificates"]]
    listener.certificates += [arn for arn in arns if arn not in listener.certificates]
    most = world.quotas["certificates per load balancer"] + 1  # the default one does not count
    if sum(len(one.certificates) for one in balancer.listeners.values()) > most:
        raise AwsError("TooManyCertificates", "The limit of certificates was reached")
    return {"Certificates": asked["Certificates"]}


def remove_certificates(world: World, asked: Body) -> Body:
    """RemoveListenerCertificates."""
    _, listener = find.listener(world, asked["ListenerArn"])
    arns = {one["CertificateArn"] for one in asked["Certificates"]}
    listener.certificates = [arn for arn in listener.certificates if arn not in arns]
    return {}


def certificates(world: World, asked: Body) -> Body:
    """DescribeListenerCertificates."""
    _, listener = find.listener(world, asked["ListenerArn"])
    default = {one["CertificateArn"] for one in listener.body.get("Certificates", ())}
    found = [{"CertificateArn": arn, "IsDefault": arn in default} for arn in listener.certificates]
    items, marker = find.paged(asked, found)
    return {"Certificates": items, "NextMarker": marker}


_LIMITS = {
    "application-load-balancers": "load balancers",
    "listeners-per-application-load-balancer": "listeners per load balancer",
    "rules-per-application-load-balancer": "rules per load balancer",
    "target-groups": "target groups",
    "target-groups-per-application-load-balancer": "target groups per load balancer",
    "targets-per-application-load-balancer": "targets per target group",
}


def limits(world: World, asked: Body) -> Body:
    """DescribeAccountLimits."""
    found = [{"Name": name, "Max": str(world.quotas[key])} for name, key in _LIMITS.items()]
    items, marker = find.paged(asked, found)
    return {"Limits": items, "NextMarker": marker}


OPERATIONS: dict[str, Handler] = {
    "CreateLoadBalancer": create,
    "DescribeLoadBalancers": describe,
    "DeleteLoadBalancer": delete,
    "DescribeLoadBalancerAttributes": attributes,
    "ModifyLoadBalancerAttributes": modify_attributes,
    "CreateListener": create_listener,
    "DescribeListeners": describe_listeners,
    "ModifyListener": modify_listener,
    "DeleteListener": delete_listener,
    "AddListenerCertificates": add_certificates,
    "RemoveListenerCertificates": remove_certificates,
    "DescribeListenerCertificates": certificates,
    "DescribeAccountLimits": limits,
}
