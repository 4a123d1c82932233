"""Each check in a good world and in bad ones: what it finds, and which fix it tells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, NamedTuple

import pytest

from compose2ecs.doctor.model import FAILURE, OK, UNKNOWN, WARNING
from compose2ecs.doctor.table import CHECKS
from tests.deploy.doctor.answers import (
    ACCOUNT,
    FARGATE,
    LISTENER,
    OTHER_LISTENER,
    SHOP,
    Answers,
    findings,
    instance,
    machine,
    permission,
    resources,
    trust,
)

Change = Callable[[Answers], Any]


class Case(NamedTuple):
    """A check in a changed world. `found` are status and a part of the text, or of the fix, of each
    finding, in order."""

    check: str
    change: Change
    found: tuple[tuple[str, str], ...]
    text: str = SHOP
    given: tuple[tuple[str, str], ...] = ()


def nothing(aws: Answers) -> None:
    """The world as it is."""


def put(**values: Any) -> Change:
    def change(aws: Answers) -> None:
        for name, value in values.items():
            setattr(aws, name, value)

    return change


def update(name: str, **values: Any) -> Change:
    return lambda aws: getattr(aws, name).update(values)


def certificate(**values: Any) -> Change:
    def change(aws: Answers) -> None:
        next(iter(aws.certificates.values())).update(values)

    return change


def groups(**values: list[Any]) -> Change:
    """Other permissions for security groups; `_` stands for `-`."""

    def change(aws: Answers) -> None:
        for name, permissions in values.items():
            aws.security_groups[name.replace("_", "-")]["IpPermissions"] = permissions

    return change


def left(cpu: int, memory: int, *ports: str, gpus: int = 0) -> Change:
    """So much is left on each instance."""

    def change(aws: Answers) -> None:
        for one in aws.instances:
            one["remainingResources"] = resources(cpu, memory, ports, gpus)

    return change


def running(**values: int) -> Change:
    """Services of the stack that run so many tasks."""

    def change(aws: Answers) -> None:
        for name, number in values.items():
            name = name.replace("_", "-")
            aws.services[name] = {
                "serviceName": name,
                "status": "ACTIVE",
                "runningCount": number,
            }

    return change


def both(*changes: Change) -> Change:
    def change(aws: Answers) -> None:
        for one in changes:
            one(aws)

    return change


def growing(aws: Answers) -> None:
    """A provider that starts instances, by default."""
    managed = {"managedScaling": {"status": "ENABLED"}}
    aws.providers["spot"] = {"name": "spot", "autoScalingGroupProvider": managed}
    assert aws.cluster is not None
    aws.cluster["defaultCapacityProviderStrategy"] = [{"capacityProvider": "spot", "weight": 1}]


def rules(number: int) -> Change:
    """So many rules of others on each of two listeners."""

    def change(aws: Answers) -> None:
        for arn in (LISTENER, OTHER_LISTENER):
            aws.rules[arn] = [{"RuleArn": f"{arn}/{n}"} for n in range(number)]

    return change


def own_group(aws: Answers) -> None:
    """One of two rules and groups is there already."""
    aws.groups = [{"TargetGroupArn": "tg-1", "TargetGroupName": "shop-web"}]
    aws.rules[LISTENER] = [
        {"RuleArn": "r", "Actions": [{"Type": "forward", "TargetGroupArn": "tg-1"}]},
        {"RuleArn": "other"},
    ]


def denying(**pairs: str) -> Change:
    """Actions that a user or role may not."""
    wanted = {(who, action.replace("__", ":")) for action, who in pairs.items()}

    def change(aws: Answers) -> None:
        aws.not_allowed = lambda who, action, arn: (who, action) in wanted

    return change


def older(aws: Answers) -> None:
    aws.instances[0]["versionInfo"] = {"agentVersion": "1.60.0"}


def lacking(number: int, name: str) -> Change:
    def change(aws: Answers) -> None:
        for one in aws.instances[:number]:
            one["attributes"] = [a for a in one["attributes"] if a["name"] != name]

    return change


def lost(number: int) -> Change:
    def change(aws: Answers) -> None:
        for one in aws.instances[:number]:
            one["agentConnected"] = False

    return change


PLAIN = "services: {web: {image: i, ports: ['9:9']}, api: {image: j}}\nx-ecs: {discovery: none}"
LOGIN = """
services:
  web:
    image: i
    ports: ["80:80"]
    x-ecs:
      route:
        port: 80
        auth: {oidc: {issuer: "https://id.example.com", client_id: me, client_secret: s3,
               authorization_endpoint: "https://id.example.com/a",
               token_endpoint: "https://id.example.com/t",
               user_info_endpoint: "https://id.example.com/u"}}
  api: {image: j}
"""
SPOT = """
services:
  web: {image: i, x-ecs: {capacity_providers: [spot, {provider: steady, weight: 2}]}}
  api: {image: j, x-ecs: {capacity_providers: [steady]}}
"""
GPUS = """
services:
  a: {image: i, deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 2}]}}}}
  b: {image: j}
"""
FIXED = """
services:
  web: {image: i, ports: [{target: 80, published: "8080", mode: host}]}
  api: {image: j, ports: [{target: 80, published: "8080", mode: host}]}
"""
GLOBAL = "services: {a: {image: i, deploy: {mode: global}}, b: {image: j, mem_limit: 300m}}"
ARM = "services: {a: {image: i, platform: linux/arm64}, b: {image: j}}"
LARGE = "services: {a: {image: i, mem_limit: 9g}, b: {image: j}}"
TWELVE = "services: {a: {image: i, mem_limit: 1g, scale: 12}, b: {image: j}}"
OTHER_LOGS = """
services:
  a: {image: i, logging: {driver: awslogs, options: {awslogs-group: theirs}}}
  b: {image: j, logging: {driver: awslogs, options: {awslogs-group: far, awslogs-region: us-east-1}}}
x-ecs: {roles: {execution: exec}}
"""
PARTS = f"""
services:
  a: {{image: "{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/a:1"}}
  b: {{image: "ghcr.io/b/b:1"}}
"""
FAR = """
services:
  a: {image: i, x-ecs: {secrets: {K: "arn:aws:ssm:us-east-1:123456789012:parameter/far/key"}}}
  b: {image: j, x-ecs: {secrets: {K: /shop/key}}}
"""
DISTINCT = """
services:
  a: {image: i, scale: 3, deploy: {placement: {max_replicas_per_node: 1}}}
  b: {image: j}
"""
SOON = datetime(2024, 5, 8, tzinfo=timezone.utc)
PAST = datetime(2024, 4, 1, tzinfo=timezone.utc)
ALB = "sg-alb"

CASES = (
    # ------------------------------------------------------------------------ account
    Case("identity", nothing, ((OK, "assumed-role/deployer/me"),)),
    Case(
        "identity",
        put(identity=f"arn:aws:iam::{ACCOUNT}:root"),
        ((OK, ":root"), (WARNING, "root user")),
    ),
    Case(
        "identity",
        put(identity="arn:aws:iam::210987654321:user/me"),
        ((OK, "user/me"), (FAILURE, f"the listener is in the account {ACCOUNT}")),
    ),
    Case(
        "identity",
        nothing,
        ((OK, "us-east-1"), (FAILURE, "the listener is in eu-west-1, and the region is us-east-1")),
        given=(("region", "us-east-1"),),
    ),
    Case(
        "identity",
        nothing,
        ((OK, "me"), (FAILURE, "the cluster is in us-east-1"), (FAILURE, "the role t is in the")),
        "services: {a: {image: i}, b: {image: j}}\n"
        "x-ecs: {roles: {task: 'arn:aws:iam::210987654321:role/t'}}",
        (("cluster", f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/qa"),),
    ),
    Case("settings", nothing, ((OK, "nothing"),)),
    Case(
        "settings",
        nothing,
        ((FAILURE, "--cluster or x-ecs"), (FAILURE, "<registry>")),
        given=(("registry", ""), ("cluster", "")),
    ),
    Case("settings", nothing, ((OK, "nothing"),), PLAIN, (("listener", ""),)),
    Case("arn-format", nothing, ((OK, "long ARNs"),)),
    Case(
        "arn-format",
        update("settings", serviceLongArnFormat="disabled", taskLongArnFormat="disabled"),
        (
            (FAILURE, "put-account-setting --name serviceLongArnFormat"),
            (FAILURE, "put-account-setting --name taskLongArnFormat"),
        ),
    ),
    Case("rights", nothing, ((OK, "deployer may do all"),)),
    Case("rights", put(identity=f"arn:aws:iam::{ACCOUNT}:root"), ((OK, "root"),)),
    Case(
        "rights",
        put(identity=f"arn:aws:sts::{ACCOUNT}:federated-user/me"),
        ((UNKNOWN, "users and roles only"),),
    ),
    Case(
        "rights",
        denying(ecs__CreateService="deployer", iam__PassRole="deployer"),
        (
            (FAILURE, "ecs:CreateService is not allowed on arn:aws:ecs"),
            (FAILURE, "iam:PassRole is not allowed on arn:aws:iam"),
        ),
    ),
    Case(
        "rights",
        both(
            put(identity=f"arn:aws:iam::{ACCOUNT}:user/path/me"),
            denying(ecs__ExecuteCommand="me", ecs__StopTask="me", ecs__CreateService="you"),
        ),
        (
            (WARNING, "ecs:ExecuteCommand is not allowed on arn:"),
            (WARNING, "run cannot be used"),
        ),
    ),
    # ------------------------------------------------------------------------ cluster
    Case("cluster", nothing, ((OK, "qa is ACTIVE, with 2 instances"),)),
    Case("cluster", put(cluster=None), ((FAILURE, "there is no cluster qa in eu-west-1"),)),
    Case("cluster", put(cluster={"status": "INACTIVE"}), ((FAILURE, "qa is INACTIVE"),)),
    Case("cluster", nothing, (), given=(("cluster", ""),)),
    Case("capacity-providers", nothing, ()),
    Case("capacity-providers", nothing, ((OK, "the cluster has FARGATE_SPOT"),), FARGATE),
    Case(
        "capacity-providers",
        nothing,
        ((FAILURE, "--capacity-providers FARGATE FARGATE_SPOT spot steady"),),
        SPOT,
    ),
    Case(
        "capacity-providers",
        growing,
        ((FAILURE, "strategy capacityProvider=spot,weight=1"),),
        SPOT,
    ),
    Case("instances", nothing, ((OK, "2 of 2"),)),
    Case("instances", nothing, (), FARGATE),
    Case("instances", put(instances=[]), ((FAILURE, "no active instance, and shop-api, shop-web"),)),
    Case(
        "instances",
        both(put(instances=[]), growing),
        ((WARNING, "spot starts some for shop-api, shop-web"),),
    ),
    Case("instances", lost(1), ((WARNING, "agent of i-1 is not"), (OK, "1 of 2"))),
    Case("instances", lost(2), ((FAILURE, "agent of i-1, i-2 is not connected"),)),
    # ------------------------------------------------------------------------ agents
    Case("agents", nothing, ((OK, "agents from 1.82.0 on"),)),
    Case("agents", older, ((WARNING, "needs agent 1.67.2; older ones: i-1 (1.60.0)"),)),
    Case(
        "agents",
        put(instances=[instance(1, agent="1.67.1"), instance(2, agent="1.9.0")]),
        ((FAILURE, "i-1 (1.67.1), i-2 (1.9.0)"),),
    ),
    Case(
        "agents",
        put(instances=[instance(1, agent="1.67.2"), instance(2, agent="1.100.0-rc")]),
        ((OK, "agents from 1.67.2 on"),),
    ),
    Case("agents", older, ((OK, "agents from 1.60.0"),), PLAIN),
    Case(
        "agents",
        lacking(1, "com.amazonaws.ecs.capability.logging-driver.awslogs"),
        ((WARNING, "shop-api, shop-web: 1 of 2 instances can run it"),),
    ),
    Case(
        "agents",
        lacking(2, "ecs.capability.efsAuth"),
        ((FAILURE, "shop-api: no instance can run it, as all lack ecs.capability.efsAuth"),),
    ),
    Case(
        "agents",
        nothing,
        ((FAILURE, "shop-a: no instance can run it, as all lack ecs.cpu-architecture arm64"),),
        ARM,
    ),
    # ------------------------------------------------------------------------ room
    Case("room", nothing, ((OK, "room"),)),
    Case("room", left(2048, 1100), ((FAILURE, "no room for a task of shop-api, of 576 MiB"),)),
    Case("room", left(100, 4000), ((FAILURE, "no room for a task of shop-web, of 1088 MiB, 512"),)),
    Case("room", both(left(100, 4000), growing), ((WARNING, "; spot starts more instances"),)),
    Case(
        "room",
        growing,
        ((FAILURE, "the largest instance has 4000 MiB and 2048 units in all"),),
        LARGE,
    ),
    Case("room", both(left(2048, 2000), running(shop_web=1, shop_api=2)), ((OK, "room"),)),
    # one more while a service is replaced, unless it is replaced in place
    Case(
        "room",
        both(left(2048, 1000), running(shop_web=1, shop_api=2)),
        ((FAILURE, "no room for a task of shop-web"),),
    ),
    Case("room", nothing, ((FAILURE, "no room for 6 tasks of shop-a"),), TWELVE),
    Case("room", nothing, ((FAILURE, "of 256 MiB, 0 CPU units, 2 GPUs"),), GPUS),
    Case("room", left(2048, 4000, gpus=2), ((OK, "room"),), GPUS),
    Case("room", nothing, ((OK, "room"),), FIXED),
    Case(
        "room",
        left(2048, 4000, "8080"),
        ((FAILURE, "shop-api, of 576 MiB, 0 CPU units, port 8080"), (FAILURE, "shop-web")),
        FIXED,
    ),
    Case("room", nothing, ((OK, "room"),), GLOBAL),
    Case("room", left(2048, 400), ((FAILURE, "no room for a task of shop-a"),), GLOBAL),
    Case("room", running(shop_a=2), ((OK, "room"),), GLOBAL),
    Case("room", nothing, ((FAILURE, "no room for a task of shop-a"),), DISTINCT),
    Case("room", nothing, (), FARGATE),
    # ------------------------------------------------------------------------ Fargate
    Case("fargate", nothing, ((OK, "need 1 of"), (OK, "Spot need 4 of")), FARGATE),
    Case(
        "fargate",
        put(quotas={"L-3032A538": 1.5, "L-36FBB829": 3}),
        ((WARNING, "need 1 of the account's 1.5"), (FAILURE, "need 4 vCPUs, and the account has 3")),
        FARGATE,
    ),
    Case("fargate", put(quotas={}), (), FARGATE),
    Case("fargate", nothing, ()),
    # ------------------------------------------------------------------------ entrance
    Case("listener", nothing, ((OK, "qa listens on 443 (HTTPS, internet-facing)"),)),
    Case(
        "listener",
        nothing,
        ((WARNING, "port 80 is not encrypted: what goes to shop--api.qa"), (OK, "listens on 80")),
        given=(("listener", OTHER_LISTENER),),
    ),
    Case(
        "listener",
        nothing,
        ((FAILURE, "logins (shop-web) need HTTPS, and port 80 is not"),),
        LOGIN,
        (("listener", OTHER_LISTENER),),
    ),
    Case("listener", nothing, ((OK, "listens on 443"),), LOGIN),
    Case(
        "listener",
        nothing,
        ((FAILURE, "HTTP/2 (shop-api, shop-web) needs HTTPS"), (WARNING, "not encrypted")),
        "services: {web: {image: i, ports: [{target: 80, app_protocol: grpc}]},"
        " api: {image: j, ports: [{target: 81, app_protocol: http2}]}}",
        (("listener", OTHER_LISTENER),),
    ),
    Case("listener", put(balancer=None), ((FAILURE, "no such listener"),)),
    Case("listener", put(listeners={}), ((FAILURE, "no such listener of the load balancer qa"),)),
    Case("listener", update("balancer", Type="network"), ((FAILURE, "is a network load balancer"),)),
    Case(
        "listener",
        update("balancer", VpcId="vpc-2", State={"Code": "failed"}),
        ((FAILURE, "qa is failed"), (FAILURE, "is in vpc-2, and the target groups are to be in")),
    ),
    Case(
        "listener",
        update("balancer", State={"Code": "provisioning"}),
        ((WARNING, "qa is provisioning"), (OK, "qa listens")),
    ),
    Case("listener", nothing, ((WARNING, "no listener is given"),), given=(("listener", ""),)),
    Case("listener", nothing, (), PLAIN, (("listener", ""),)),
    Case("certificates", nothing, ((OK, "good for shop--api.qa.example.com, shop.qa"),)),
    Case("certificates", nothing, (), given=(("listener", OTHER_LISTENER),)),
    Case("certificates", nothing, (), given=(("domain", ""),)),
    Case(
        "certificates",
        certificate(DomainName="x.example.com", SubjectAlternativeNames=["shop.qa.example.com"]),
        ((FAILURE, "no certificate of the listener on 443 is good for shop--api.qa.example.com"),),
    ),
    Case(
        "certificates",
        certificate(Status="PENDING_VALIDATION"),
        ((FAILURE, "*.qa.example.com is PENDING_VALIDATION"), (FAILURE, "no certificate")),
    ),
    Case(
        "certificates",
        certificate(NotAfter=PAST),
        ((FAILURE, "ended on 2024-04-01"), (FAILURE, "no certificate")),
    ),
    Case(
        "certificates",
        certificate(NotAfter=SOON, RenewalEligibility="INELIGIBLE"),
        ((WARNING, "*.qa.example.com ends on 2024-05-08"),),
    ),
    Case("certificates", certificate(NotAfter=SOON), ((OK, "good for"),)),
    Case(
        "certificates",
        put(certificates={"arn:aws:iam::1:server-certificate/a": {}}),
        ((UNKNOWN, "1 of the listener's are IAM's"),),
    ),
    Case("quotas", rules(44), ((OK, "has 88 rules, 90 with this stack's, of 100"), (OK, "groups"))),
    Case("quotas", rules(46), ((WARNING, "94 with this stack's"), (OK, "0 target groups"))),
    Case("quotas", rules(50), ((FAILURE, "102 with this stack's"), (OK, "0 target groups"))),
    Case("quotas", own_group, ((OK, "has 2 rules, 3 with"), (OK, "has 1 target groups, 2 with"))),
    Case(
        "quotas",
        put(limits={"rules-per-application-load-balancer": 1}),
        ((FAILURE, "2 with this stack's, of 1"), (OK, "2 with this stack's, of 100")),
    ),
    Case("quotas", put(denied={"elbv2:DescribeAccountLimits"}), ((OK, "of 100"), (OK, "of 100"))),
    Case("quotas", put(balancer=None), ()),
    Case("dns", nothing, ((OK, "shop--api.qa.example.com, shop.qa.example.com lead to qa-1"),)),
    Case(
        "dns",
        update("hosts", **{"shop.qa.example.com": frozenset({"198.51.100.1"})}),
        (
            (WARNING, "shop.qa.example.com leads to 198.51.100.1, which is not"),
            (OK, "shop--api.qa.example.com leads to"),
        ),
    ),
    Case(
        "dns",
        lambda aws: [aws.hosts.pop(name) for name in list(aws.hosts) if name[:4] == "shop"],
        ((FAILURE, "shop--api.qa.example.com is not in the DNS"), (FAILURE, "CNAME record to qa-1")),
    ),
    Case("dns", put(hosts={}), ((UNKNOWN, "not even qa-1.elb.amazonaws.com is found"),)),
    Case("dns", nothing, (), given=(("domain", ""),)),
    # ------------------------------------------------------------------------ network
    Case("subnets", nothing, ()),
    Case("subnets", nothing, ((OK, "2 subnets and 2 security groups are in vpc-1"),), FARGATE),
    Case(
        "subnets",
        update("balancer", VpcId="vpc-8"),
        ((FAILURE, "not in vpc-8, where the rest is"),),
        FARGATE,
        (("vpc", ""),),
    ),
    Case(
        "subnets",
        lambda aws: (aws.subnets.pop("subnet-1"), aws.security_groups.pop("sg-web")),
        ((FAILURE, "there is no subnet-1 in"), (FAILURE, "there is no sg-web in eu-west-1")),
        FARGATE,
    ),
    Case(
        "subnets",
        lambda aws: aws.subnets["subnet-1"].update(VpcId="vpc-2"),
        ((FAILURE, "in different VPCs: vpc-1, vpc-2"),),
        FARGATE,
    ),
    Case(
        "subnets",
        nothing,
        ((FAILURE, "not in vpc-9, where the rest is: sg-tasks, sg-web, subnet-1, subnet-2"),),
        FARGATE,
        (("vpc", "vpc-9"),),
    ),
    Case(
        "subnets",
        lambda aws: aws.subnets["subnet-2"].update(AvailableIpAddressCount=0),
        ((FAILURE, "subnet-2 has no free address"),),
        FARGATE,
    ),
    Case(
        "security-groups",
        nothing,
        ((OK, "instances on 32768-65535"), (OK, "tasks reach each other")),
    ),
    Case(
        "security-groups",
        groups(sg_nodes=[permission(32768, 40000, ALB)]),
        (
            (FAILURE, "load balancer does not reach the instances on 32768-65535: sg-nodes lets"),
            (FAILURE, "other tasks do not reach"),
        ),
    ),
    Case(
        "security-groups",
        groups(sg_nodes=[permission(32768, 50000, ALB), permission(50001, 65535, "10.0.0.0/16")]),
        ((OK, "reaches the tasks"), (FAILURE, "--source-group sg-nodes")),
    ),
    Case(
        "security-groups",
        groups(sg_nodes=[permission(0, 0, "0.0.0.0/0", protocol="-1")]),
        ((OK, "reaches the tasks"), (OK, "each other")),
    ),
    Case(
        "security-groups",
        groups(sg_nodes=[permission(32768, 65535, "10.0.1.0/24"), permission(0, 9, "sg-nodes")]),
        ((FAILURE, "in on 32768-65535"), (FAILURE, "other tasks")),
    ),
    Case(
        "security-groups",
        groups(sg_nodes=[{**permission(1, 2), "PrefixListIds": [{"PrefixListId": "pl-1"}]}]),
        ((UNKNOWN, "prefix lists"), (UNKNOWN, "prefix lists")),
    ),
    Case(
        "security-groups",
        groups(sg_nodes=[permission(8080, 8080, ALB)]),
        ((OK, "the instances on 8080"), (FAILURE, "other tasks")),
        SHOP.replace(
            'ports: ["80:8080"]', 'ports: [{target: 8080, published: "8080", mode: host}]'
        ).replace('    ports: ["8080:8080"]\n', ""),
    ),
    Case(
        "security-groups",
        nothing,
        ((OK, "shop-api on 9090, shop-web on 8080"), (OK, "tasks reach each other")),
        FARGATE,
    ),
    Case(
        "security-groups",
        groups(sg_web=[permission(8080, 8080, ALB)], sg_tasks=[permission(8080, 8080, "sg-web")]),
        (
            (FAILURE, "does not reach shop-api on 9090: sg-tasks, sg-web lets nothing of sg-alb in"),
            (FAILURE, "other tasks do not reach shop-api on 9090"),
        ),
        FARGATE,
    ),
    Case("security-groups", lambda aws: aws.security_groups.clear(), (), FARGATE),
    Case("security-groups", put(cluster=None), ()),
    Case("metadata", nothing, ((OK, "metadata"),)),
    Case(
        "metadata",
        put(ec2={"i-1": machine(1, hops=1), "i-2": machine(2)}),
        ((WARNING, "--instance-id i-1 --http-put-response-hop-limit 2"),),
    ),
    Case(
        "metadata",
        put(ec2={"i-1": machine(1, hops=1), "i-2": machine(2, hops=1)}),
        ((WARNING, "i-1, i-2 do not reach its metadata (one hop is allowed): AWS's"),),
        PLAIN,
    ),
    Case("metadata", nothing, (), FARGATE),
    # ------------------------------------------------------------------------ roles
    Case("roles", nothing, ((OK, "exec, work can be taken on"),)),
    Case("roles", put(roles={}), ((FAILURE, "no role exec"), (FAILURE, "no role work"),
                                  (WARNING, "there is no AWSServiceRoleForECS"))),
    Case(
        "roles",
        lambda aws: aws.roles["exec"].update(AssumeRolePolicyDocument=trust("ec2.amazonaws.com")),
        ((FAILURE, "exec may not be taken on by ecs-tasks.amazonaws.com"), (OK, "work can")),
    ),
    Case(
        "roles",
        lambda aws: aws.roles["work"].update(Arn=f"arn:aws:iam::{ACCOUNT}:role/apps/work"),
        ((FAILURE, "meant by work is arn:aws:iam::123456789012:role/apps/work"), (OK, "exec can")),
    ),
    Case("roles", put(roles={}), ((WARNING, "AWSServiceRoleForECS"),), "services: {web: {image: i,"
         " ports: ['80:80']}, api: {image: j, ports: ['81:80']}}"),
    Case("role-rights", nothing, ((OK, "exec, work may do what the file needs"),)),
    Case(
        "role-rights",
        denying(ssm__GetParameters="exec", elasticfilesystem__ClientMount="work"),
        (
            (FAILURE, "exec may not ssm:GetParameters on arn:aws:ssm"),
            (FAILURE, "work may not elasticfilesystem:ClientMount"),
        ),
    ),
    Case("role-rights", put(roles={}), ()),
    Case("secrets", nothing, ((OK, "3 parameters and secrets"),)),
    Case(
        "secrets",
        put(parameters={"plain"}, secrets=set()),
        (
            (FAILURE, "put-parameter --type SecureString --name /shop/key"),
            (FAILURE, "there is no secret arn:aws:secretsmanager"),
        ),
    ),
    Case("secrets", nothing, ((UNKNOWN, "us-east-1:123456789012:parameter/far/key is there"),), FAR),
    Case(
        "secrets",
        put(denied={"ssm:DescribeParameters", "secretsmanager:DescribeSecret"}),
        ((UNKNOWN, "allow secretsmanager:DescribeSecret, ssm:DescribeParameters"),),
    ),
    Case("secrets", nothing, (), PLAIN),
    # ------------------------------------------------------------------------ storage
    Case("images", nothing, ((OK, "2 images are in ECR"),)),
    Case(
        "images",
        put(images={("team/shop-web", "1")}),
        ((FAILURE, "no repository team/shop-api"), (FAILURE, "docker push 123456789012.dkr")),
    ),
    Case("images", nothing, ((UNKNOWN, "ECR in us-east-1, ghcr.io"),), PARTS),
    Case("logs", nothing, ((OK, "kept for a time only (shop)"),)),
    Case("logs", nothing, ((WARNING, "shop keeps its lines for ever"),), PLAIN),
    Case("logs", put(log_groups={"shop": {"retentionInDays": 3}}), ((OK, "(shop)"),), PLAIN),
    Case("logs", put(log_groups={"shopping": {"retentionInDays": 3}}), ((WARNING, "shop "),), PLAIN),
    Case("logs", nothing, ((UNKNOWN, "far: it is in us-east-1"), (FAILURE, "group theirs")), OTHER_LOGS),
    Case(
        "logs",
        put(log_groups={"theirs": {"retentionInDays": 1}}),
        ((UNKNOWN, "far"), (OK, "theirs")),
        OTHER_LOGS,
    ),
    Case("namespaces", nothing, ((OK, "has 2 namespaces, 3 with this stack's, of 50"),)),
    Case(
        "namespaces",
        put(namespaces={f"n{n}": {} for n in range(50)}),
        ((FAILURE, "has 50 namespaces, 51"),),
    ),
    Case(
        "namespaces",
        put(namespaces={f"n{n}": {} for n in range(50)}, quotas={"L-0FE3F50E": 200}),
        ((OK, "of 200"),),
    ),
    Case("namespaces", put(denied={"service-quotas:GetServiceQuota"}), ((OK, "of 50"),)),
    Case(
        "namespaces",
        put(namespaces={"shop": {"compose2ecs:project": "shop", "compose2ecs:stack": "shop"}}),
        ((OK, "shop is this stack's"),),
    ),
    Case("namespaces", put(namespaces={"shop": {}, "b": {}}), ((FAILURE, "namespace shop already"),)),
    Case("namespaces", nothing, (), PLAIN),
    Case("file-systems", nothing, ((OK, "fs-1, fs-2 can be mounted"),)),
    Case("file-systems", nothing, (), FARGATE),
    Case(
        "file-systems",
        put(file_systems={"fs-2": "deleting"}),
        ((FAILURE, "there is no file system fs-1"), (FAILURE, "fs-2 is deleting")),
    ),
    Case(
        "file-systems",
        put(mount_targets={"fs-1": ("a",), "fs-2": ("a", "b", "c")}),
        ((FAILURE, "fs-1 has no mount target in eu-west-1b, where shop-api may run"), (OK, "fs-2")),
    ),
    Case(
        "file-systems",
        put(access_points={"fsap-2": "fs-1"}),
        ((FAILURE, "no access point fsap-2 of fs-2"), (OK, "fs-1, fs-2")),
    ),
    Case(
        "file-systems",
        put(mount_targets={"fs-1": ("b",), "fs-2": ("a",)}),
        ((FAILURE, "fs-1 has no mount target in eu-west-1a"), (FAILURE, "fs-2 has no mount target")),
        FARGATE.replace("web:1\"", 'web:1", volumes: ["data:/d"]')
        .replace("api:1\"", 'api:1", volumes: ["more:/d"]')
        + "  volumes: {data: {efs: fs-1}, more: {efs: fs-2}}\nvolumes: {data: {}, more: {}}\n",
    ),
)  # fmt: skip


def name_of(case: Case) -> str:
    return f"{case.check}-{[status for status, _ in case.found]}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_case(case: Case) -> None:
    aws = Answers()
    case.change(aws)
    found = findings(aws, case.text, case.check, **dict(case.given))
    assert [one.status for one in found] == [status for status, _ in case.found], found
    for one, (_, part) in zip(found, case.found, strict=True):
        assert part in f"{one.text} {one.fix}", one
        assert one.check == case.check
    asked = {f"{service}:{operation}" for service, operation, _ in aws.calls}
    known = {"sts:GetCallerIdentity", *next(c.asks for c in CHECKS if c.id == case.check)}
    assert asked <= known


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_each_check_has_good_and_bad_cases_and_asks_all_that_it_says(check: Any) -> None:
    cases = [case for case in CASES if case.check == check.id]
    statuses = {status for case in cases for status, _ in case.found}
    assert OK in statuses
    assert statuses & {FAILURE, WARNING}
    asked = set()
    for case in cases:
        aws = Answers()
        case.change(aws)
        findings(aws, case.text, case.check, **dict(case.given))
        asked |= {f"{service}:{operation}" for service, operation, _ in aws.calls}
    assert set(check.asks) <= asked


def test_what_fails_has_a_fix() -> None:
    for case in CASES:
        aws = Answers()
        case.change(aws)
        for one in findings(aws, case.text, case.check, **dict(case.given)):
            if one.status == FAILURE and "is deleting" not in one.text:
                assert one.fix, one
