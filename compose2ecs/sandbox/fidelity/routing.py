"""Checks of load balancers, rules and target groups.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compose2ecs.sandbox.fidelity.model import (
    ALB,
    ELB,
    NOT_FOUND,
    Aws,
    Body,
    Check,
    equal,
    forward,
    group,
    host,
    refused,
    routed,
    rule,
)

_GROUP = f"{ELB}CreateTargetGroup.html"
_RULE = f"{ELB}CreateRule.html"
_LIMITS = f"{ALB}load-balancer-limits.html"
_INVALID = "ValidationError"


# ---------------------------------------------------------------------------- what is refused


def _balancer(aws: Aws, **more: Any) -> Body:
    asked = {"Name": "other", "Subnets": aws.subnets[:2], **more}
    found: Body = aws.client("elbv2").create_load_balancer(**asked)["LoadBalancers"][0]
    return found


def _paths(*values: str) -> list[Body]:
    return [{"Field": "path-pattern", "PathPatternConfig": {"Values": list(values)}}]


_Act = Callable[[Aws], object]

_REFUSED: tuple[tuple[str, str, _Act, str, str, str], ...] = (
    (
        "E101",
        "a load balancer in one zone",
        lambda aws: _balancer(aws, Subnets=aws.subnets[:1]),
        _INVALID,
        "two subnets",
        f"{ELB}CreateLoadBalancer.html",
    ),
    (
        "E102",
        "a load balancer whose name begins with internal-",
        lambda aws: _balancer(aws, Name="internal-web"),
        _INVALID,
        "internal-",
        f"{ELB}CreateLoadBalancer.html",
    ),
    (
        "E103",
        "a load balancer's name of 33 characters",
        lambda aws: _balancer(aws, Name="a" * 33),
        _INVALID,
        "32",
        f"{ELB}CreateLoadBalancer.html",
    ),
    (
        "E104",
        "a load balancer's name with an underscore",
        lambda aws: _balancer(aws, Name="a_b"),
        _INVALID,
        "",
        f"{ELB}CreateLoadBalancer.html",
    ),
    (
        "E105",
        "a second listener on a port",
        lambda aws: aws.client("elbv2").create_listener(
            LoadBalancerArn=aws.load_balancer, Port=80, Protocol="HTTP", DefaultActions=[NOT_FOUND]
        ),
        "DuplicateListener",
        "",
        f"{ELB}CreateListener.html",
    ),
    (
        "E106",
        "an HTTPS listener without a certificate",
        lambda aws: aws.client("elbv2").create_listener(
            LoadBalancerArn=aws.load_balancer,
            Port=443,
            Protocol="HTTPS",
            DefaultActions=[NOT_FOUND],
        ),
        _INVALID,
        "certificate",
        f"{ELB}CreateListener.html",
    ),
    (
        "E107",
        "a target group's name of 33 characters",
        lambda aws: group(aws, "g" * 33),
        _INVALID,
        "",
        _GROUP,
    ),
    (
        "E108",
        "a target group's name with an underscore",
        lambda aws: group(aws, "a_b"),
        _INVALID,
        "",
        _GROUP,
    ),
    (
        "E109",
        "a target group's name with a hyphen at its end",
        lambda aws: group(aws, "ab-"),
        _INVALID,
        "",
        _GROUP,
    ),
    (
        "E110",
        "a target group on port 70000",
        lambda aws: group(aws, "g", Port=70000),
        _INVALID,
        "",
        _GROUP,
    ),
    (
        "E111",
        "a health check of a path without a slash",
        lambda aws: group(aws, "g", HealthCheckPath="health"),
        _INVALID,
        "",
        _GROUP,
    ),
    (
        "E112",
        "an unhealthy threshold of 11",
        lambda aws: group(aws, "g", UnhealthyThresholdCount=11),
        _INVALID,
        "",
        _GROUP,
    ),
    (
        "E113",
        "a health check with a timeout of its interval",
        lambda aws: group(aws, "g", HealthCheckTimeoutSeconds=10),
        _INVALID,
        "",
        _GROUP,
    ),
    (
        "E114",
        "a matcher that is no code",
        lambda aws: group(aws, "g", Matcher={"HttpCode": "ok"}),
        _INVALID,
        "",
        f"{ELB}Matcher.html",
    ),
    (
        "E115",
        "a target group in a VPC that is not there",
        lambda aws: group(aws, "g", VpcId="vpc-00000000000000000"),
        _INVALID,
        "vpc",
        _GROUP,
    ),
    ("E116", "priority 50001", lambda aws: rule(aws, 50001), _INVALID, "50000", _RULE),
    (
        "E117",
        "a rule without conditions",
        lambda aws: rule(aws, Conditions=[]),
        _INVALID,
        "",
        _RULE,
    ),
    (
        "E118",
        "six values in the conditions of a rule",
        lambda aws: rule(aws, Conditions=_paths(*(f"/{n}" for n in range(6)))),
        _INVALID,
        "condition values",
        _LIMITS,
    ),
    (
        "E119",
        "two conditions on the host",
        lambda aws: rule(aws, Conditions=[*host("a.example.com"), *host("b.example.com")]),
        _INVALID,
        "",
        f"{ELB}RuleCondition.html",
    ),
    (
        "E120",
        "a host without a dot",
        lambda aws: rule(aws, Conditions=host("localhost")),
        _INVALID,
        "",
        f"{ELB}HostHeaderConditionConfig.html",
    ),
    (
        "E121",
        "a path of 129 characters",
        lambda aws: rule(aws, Conditions=_paths("/" + "a" * 128)),
        _INVALID,
        "",
        f"{ELB}PathPatternConditionConfig.html",
    ),
    (
        "E122",
        "a condition on a field that there is not",
        lambda aws: rule(aws, Conditions=[{"Field": "cookie", "Values": ["a"]}]),
        _INVALID,
        "",
        f"{ELB}RuleCondition.html",
    ),
    (
        "E123",
        "six wildcards in the conditions of a rule",
        lambda aws: rule(aws, Conditions=_paths("/*/*/*/*/*/*")),
        _INVALID,
        "",
        _LIMITS,
    ),
    (
        "E124",
        "a rule that does nothing in the end",
        lambda aws: rule(aws, Actions=[NOT_FOUND, {**NOT_FOUND, "Order": 2}]),
        _INVALID,
        "",
        f"{ELB}Action.html",
    ),
    (
        "E125",
        "a rule for a target group that is not there",
        lambda aws: rule(aws, Actions=forward(group(aws).replace("/web/", "/other/"))),
        "TargetGroupNotFound",
        "",
        _RULE,
    ),
    (
        "E126",
        "an attribute of target groups that there is not",
        lambda aws: aws.client("elbv2").modify_target_group_attributes(
            TargetGroupArn=group(aws), Attributes=[{"Key": "colour", "Value": "red"}]
        ),
        _INVALID,
        "",
        f"{ELB}TargetGroupAttribute.html",
    ),
    (
        "E127",
        "a deregistration delay of two hours",
        lambda aws: aws.client("elbv2").modify_target_group_attributes(
            TargetGroupArn=group(aws),
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "7200"}],
        ),
        _INVALID,
        "",
        f"{ELB}TargetGroupAttribute.html",
    ),
    (
        "E128",
        "a target that is no instance",
        lambda aws: aws.client("elbv2").register_targets(
            TargetGroupArn=group(aws), Targets=[{"Id": "i-99999999999999999", "Port": 80}]
        ),
        "InvalidTarget",
        "",
        f"{ELB}RegisterTargets.html",
    ),
)


def _refusal(id_: str, what: str, act: _Act, code: str, said: str, source: str) -> Check:
    def run(aws: Aws) -> None:
        group(aws, "fine")
        rule(aws, 1000)
        refused(lambda: act(aws), code, said)

    return Check(id_, f"{what}: refused", source, run)


# ---------------------------------------------------------------------------- load balancers


def _balancer_twice(aws: Aws) -> None:
    first = _balancer(aws)
    equal(_balancer(aws)["LoadBalancerArn"], first["LoadBalancerArn"])
    refused(lambda: _balancer(aws, Scheme="internal"), "DuplicateLoadBalancerName")


def _protected(aws: Aws) -> None:
    elb = aws.client("elbv2")
    arn = _balancer(aws)["LoadBalancerArn"]
    elb.modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
    )
    refused(lambda: elb.delete_load_balancer(LoadBalancerArn=arn), "OperationNotPermitted")


def _plain_listener(aws: Aws) -> None:
    found = aws.client("elbv2").describe_listeners(ListenerArns=[aws.listener])["Listeners"][0]
    equal((found["Protocol"], "SslPolicy" in found), ("HTTP", False))


# ---------------------------------------------------------------------------- target groups


def _group_twice(aws: Aws) -> None:
    arn = group(aws)
    equal(group(aws), arn)
    refused(lambda: group(aws, HealthCheckPath="/other"), "DuplicateTargetGroupName")


def _group_in_use(aws: Aws) -> None:
    elb = aws.client("elbv2")
    arn = routed(aws)
    refused(lambda: elb.delete_target_group(TargetGroupArn=arn), "ResourceInUse")


def _group_again(aws: Aws) -> None:
    elb = aws.client("elbv2")
    arn = group(aws)
    elb.delete_target_group(TargetGroupArn=arn)
    elb.delete_target_group(TargetGroupArn=arn)
    refused(lambda: elb.describe_target_groups(TargetGroupArns=[arn]), "TargetGroupNotFound")


def _group_pages(aws: Aws) -> None:
    elb = aws.client("elbv2")
    for number in range(5):
        group(aws, f"paged{number}")
    first = elb.describe_target_groups(PageSize=3)
    equal(len(first["TargetGroups"]), 3)
    rest = elb.describe_target_groups(PageSize=3, Marker=first["NextMarker"])
    names = {one["TargetGroupName"] for one in first["TargetGroups"] + rest["TargetGroups"]}
    equal(len(names), 5)


def _one_balancer(aws: Aws) -> None:
    elb = aws.client("elbv2")
    arn = routed(aws)
    other = _balancer(aws)["LoadBalancerArn"]
    asked = {"LoadBalancerArn": other, "Port": 80, "Protocol": "HTTP"}
    refused(
        lambda: elb.create_listener(**asked, DefaultActions=forward(arn)),
        "TargetGroupAssociationLimit",
    )


def _no_groups_yet(aws: Aws) -> None:
    elb = aws.client("elbv2")
    arn = _balancer(aws)["LoadBalancerArn"]
    equal(elb.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"], [])


def _too_many_groups(aws: Aws) -> None:
    for number in range(25):
        arns = [group(aws, f"g{number}-{one}") for one in range(4)]
        entries = [{"TargetGroupArn": arn, "Weight": 1} for arn in arns]
        action = {"Type": "forward", "ForwardConfig": {"TargetGroups": entries}}
        rule(aws, number + 1, Actions=[action])
    refused(lambda: routed(aws, "more", 200), "TooManyUniqueTargetGroupsPerLoadBalancer")


# ---------------------------------------------------------------------------- targets


def _instance(aws: Aws) -> str:
    found = aws.client("ec2").describe_instances()["Reservations"][0]["Instances"][0]
    return str(found["InstanceId"])


def _two_ports(aws: Aws) -> None:
    elb = aws.client("elbv2")
    arn, instance = routed(aws), _instance(aws)
    targets = [{"Id": instance, "Port": port} for port in (32768, 32769)]
    elb.register_targets(TargetGroupArn=arn, Targets=targets)
    found = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    equal(sorted(one["Target"]["Port"] for one in found), [32768, 32769])
    elb.deregister_targets(TargetGroupArn=arn, Targets=targets[:1])
    aws.wait(600)
    found = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    equal([one["Target"]["Port"] for one in found], [32769])


def _states(aws: Aws) -> None:
    elb = aws.client("elbv2")
    arn, instance = routed(aws), _instance(aws)
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance, "Port": 80}])
    equal(_state(aws, arn), "initial")
    aws.wait(60)
    equal(_state(aws, arn), "healthy")
    elb.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": instance, "Port": 80}])
    equal(_state(aws, arn), "draining")


def _state(aws: Aws, arn: str) -> str:
    found = aws.client("elbv2").describe_target_health(TargetGroupArn=arn)
    return str(found["TargetHealthDescriptions"][0]["TargetHealth"]["State"])


def _unused(aws: Aws) -> None:
    arn = group(aws)
    targets = [{"Id": _instance(aws), "Port": 80}]
    aws.client("elbv2").register_targets(TargetGroupArn=arn, Targets=targets)
    equal(_state(aws, arn), "unused")


# ---------------------------------------------------------------------------- rules


def _in_use(aws: Aws) -> None:
    rule(aws, 10)
    refused(lambda: rule(aws, 10), "PriorityInUse")


def _swap(aws: Aws) -> None:
    first, second = rule(aws, 10), rule(aws, 20)
    pairs = [{"RuleArn": first, "Priority": 20}, {"RuleArn": second, "Priority": 10}]
    found = aws.client("elbv2").set_rule_priorities(RulePriorities=pairs)["Rules"]
    equal({one["RuleArn"]: one["Priority"] for one in found}, {first: "20", second: "10"})


def _in_order(aws: Aws) -> None:
    for priority in (30, 10, 20):
        rule(aws, priority)
    found = aws.client("elbv2").describe_rules(ListenerArn=aws.listener)["Rules"]
    equal([one["Priority"] for one in found], ["10", "20", "30", "default"])


def _transforms(aws: Aws) -> None:
    rewrite = {"Regex": "^/shop(/.*)?$", "Replace": "$1"}
    wanted = [{"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": [rewrite]}}]
    arn = rule(aws, 10, Transforms=wanted)
    found = aws.client("elbv2").describe_rules(RuleArns=[arn])["Rules"][0]
    equal(found["Transforms"], wanted)


def _both_forms(aws: Aws) -> None:
    arn = rule(aws, 10, Conditions=[{"Field": "path-pattern", "Values": ["/a"]}])
    found = aws.client("elbv2").describe_rules(RuleArns=[arn])["Rules"][0]["Conditions"][0]
    equal((found["Values"], found["PathPatternConfig"]["Values"]), (["/a"], ["/a"]))


def _default_rule(aws: Aws) -> None:
    elb = aws.client("elbv2")
    rules = elb.describe_rules(ListenerArn=aws.listener)["Rules"]
    default = next(one["RuleArn"] for one in rules if one["IsDefault"])
    refused(lambda: elb.delete_rule(RuleArn=default), "OperationNotPermitted")


def _rule_pages(aws: Aws) -> None:
    elb = aws.client("elbv2")
    for priority in range(1, 6):
        rule(aws, priority)
    first = elb.describe_rules(ListenerArn=aws.listener, PageSize=4)
    rest = elb.describe_rules(ListenerArn=aws.listener, PageSize=4, Marker=first["NextMarker"])
    equal((len(first["Rules"]), len(rest["Rules"])), (4, 2))


def _too_many_rules(aws: Aws) -> None:
    for priority in range(1, 101):
        rule(aws, priority)
    refused(lambda: rule(aws, 101), "TooManyRules")


def _quoted_priority(aws: Aws) -> None:
    elb = aws.client("elbv2")
    arn = rule(aws, 10)
    found = elb.modify_rule(RuleArn=arn, Conditions=host("new.example.com"))["Rules"][0]
    equal(
        (found["Priority"], found["Conditions"][0]["HostHeaderConfig"]["Values"]),
        ("10", ["new.example.com"]),
    )
    equal(len(elb.describe_rules(RuleArns=[arn])["Rules"]), 1)
    elb.delete_rule(RuleArn=arn)
    refused(lambda: elb.describe_rules(RuleArns=[arn]), "RuleNotFound")


# ---------------------------------------------------------------------------- tags


def _tags_of_all(aws: Aws) -> None:
    tags = [{"Key": "team", "Value": "shop"}]
    arns = [group(aws, Tags=tags), rule(aws, 10, Tags=tags)]
    found = aws.client("elbv2").describe_tags(ResourceArns=arns)["TagDescriptions"]
    equal([one["Tags"] for one in found], [tags, tags])


def _tags_of_many(aws: Aws) -> None:
    elb = aws.client("elbv2")
    arns = [group(aws, f"g{number}") for number in range(21)]
    equal(len(elb.describe_tags(ResourceArns=arns[:20])["TagDescriptions"]), 20)
    refused(lambda: elb.describe_tags(ResourceArns=arns), _INVALID)


def _tags_of_nothing(aws: Aws) -> None:
    elb = aws.client("elbv2")
    arn = group(aws)
    elb.describe_tags(ResourceArns=[arn])
    elb.delete_target_group(TargetGroupArn=arn)
    refused(lambda: elb.describe_tags(ResourceArns=[arn]), "TargetGroupNotFound")


def _tag_two(aws: Aws) -> None:
    elb = aws.client("elbv2")
    arns = [group(aws, "a"), group(aws, "b")]
    tags = [{"Key": "team", "Value": "shop"}]
    elb.add_tags(ResourceArns=arns[:1], Tags=tags)
    refused(lambda: elb.add_tags(ResourceArns=arns, Tags=tags), _INVALID, "one resource")


def _reserved_tag(aws: Aws) -> None:
    group(aws, "fine", Tags=[{"Key": "a", "Value": "1"}])
    tags = [{"Key": "aws:team", "Value": "shop"}]
    refused(lambda: group(aws, "web", Tags=tags), _INVALID, "aws:")


CHECKS: tuple[Check, ...] = (
    *(_refusal(*row) for row in _REFUSED),
    Check(
        "E001",
        "the same load balancer again is the same",
        f"{ELB}CreateLoadBalancer.html",
        _balancer_twice,
    ),
    Check("E002", "a protected load balancer stays", f"{ELB}DeleteLoadBalancer.html", _protected),
    Check("E003", "an HTTP listener has no TLS policy", f"{ELB}Listener.html", _plain_listener),
    Check("E004", "the same target group again is the same", _GROUP, _group_twice),
    Check("E005", "a target group in use stays", f"{ELB}DeleteTargetGroup.html", _group_in_use),
    Check(
        "E006", "a target group may be deleted twice", f"{ELB}DeleteTargetGroup.html", _group_again
    ),
    Check("E007", "target groups come in pages", f"{ELB}DescribeTargetGroups.html", _group_pages),
    Check("E008", "a target group is on one load balancer", _LIMITS, _one_balancer),
    Check(
        "E009",
        "a load balancer without target groups has none",
        f"{ELB}DescribeTargetGroups.html",
        _no_groups_yet,
    ),
    Check("E010", "a load balancer has 100 target groups at most", _LIMITS, _too_many_groups),
    Check(
        "E011",
        "one instance is several targets by its ports",
        f"{ELB}RegisterTargets.html",
        _two_ports,
    ),
    Check(
        "E012",
        "a target is initial, healthy, draining",
        f"{ALB}target-group-health-checks.html",
        _states,
    ),
    Check(
        "E013",
        "targets of a group without a load balancer are unused",
        f"{ELB}TargetHealth.html",
        _unused,
    ),
    Check("E014", "a priority is given once", _RULE, _in_use),
    Check("E015", "two rules may change places", f"{ELB}SetRulePriorities.html", _swap),
    Check("E016", "rules are described by priority", f"{ELB}DescribeRules.html", _in_order),
    Check("E017", "transforms are kept", f"{ALB}rule-transforms.html", _transforms),
    Check(
        "E018", "values stand in both forms of a condition", f"{ELB}RuleCondition.html", _both_forms
    ),
    Check("E019", "the default rule stays", f"{ELB}DeleteRule.html", _default_rule),
    Check("E020", "rules come in pages", f"{ELB}DescribeRules.html", _rule_pages),
    Check("E021", "a load balancer has 100 rules at most", _LIMITS, _too_many_rules),
    Check("E022", "a changed rule keeps its priority", f"{ELB}ModifyRule.html", _quoted_priority),
    Check("E023", "groups and rules have tags", f"{ELB}DescribeTags.html", _tags_of_all),
    Check(
        "E024",
        "tags of 21 things are not described at once",
        f"{ELB}DescribeTags.html",
        _tags_of_many,
    ),
    Check(
        "E025",
        "tags of what is gone are not described",
        f"{ELB}DescribeTags.html",
        _tags_of_nothing,
    ),
    Check("E026", "one thing is tagged at a time", f"{ELB}AddTags.html", _tag_two),
    Check("E027", "groups take no tags that begin with aws:", f"{ELB}Tag.html", _reserved_tag),
)
