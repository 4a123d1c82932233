"""THE table of checks: what is looked at, what AWS is asked for it, and what mends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from compose2ecs.doctor import account, capacity, entrance, network, roles, storage
from compose2ecs.doctor.ask import Ask
from compose2ecs.doctor.model import Found
from compose2ecs.doctor.subject import Subject


class Check(NamedTuple):
    """`asks` are the operations that it may call, `service:Operation`; `fix` is what mends most of
    what it finds."""

    id: str
    title: str
    run: Callable[[Subject, Ask], Found]
    asks: tuple[str, ...]
    fix: str


_CLUSTER = ("ecs:DescribeClusters",)
_INSTANCES = (*_CLUSTER, "ecs:ListContainerInstances", "ecs:DescribeContainerInstances")
_BALANCER = ("elbv2:DescribeListeners", "elbv2:DescribeLoadBalancers")

CHECKS: tuple[Check, ...] = (
    Check(
        "identity",
        "whose credentials they are, and whether ARNs are of that account and region",
        account.identity,
        ("sts:GetCallerIdentity",),
        "another profile or role, or the ARNs of this account",
    ),
    Check(
        "settings",
        "what nobody has said yet: cluster, registry, roles",
        account.settings,
        (),
        "the flag or key that each line names",
    ),
    Check(
        "rights",
        "whether you may do all that plan, up, down and the daily commands do",
        account.rights,
        ("sts:GetCallerIdentity", "iam:GetRole", "iam:SimulatePrincipalPolicy"),
        "the policy that `compose2ecs iam` prints",
    ),
    Check(
        "cluster",
        "the cluster exists and is ACTIVE",
        capacity.cluster,
        _CLUSTER,
        "another name or region, or `aws ecs create-cluster`",
    ),
    Check(
        "capacity-providers",
        "the capacity providers that tasks name belong to the cluster",
        capacity.providers,
        _CLUSTER,
        "`aws ecs put-cluster-capacity-providers`",
    ),
    Check(
        "instances",
        "there are instances, and their agents are connected",
        capacity.instances,
        (*_INSTANCES, "ecs:DescribeCapacityProviders"),
        "start instances, restart agents, or use Fargate",
    ),
    Check(
        "agents",
        "agents are new enough for Service Connect (1.67.2) and have the drivers, plug-ins and"
        " features that tasks use",
        capacity.agents,
        _INSTANCES,
        "update the agent, or turn its feature on",
    ),
    Check(
        "room",
        "instances have room for the tasks: CPU, memory, GPUs, fixed ports",
        capacity.room,
        (*_INSTANCES, "ecs:DescribeServices", "ecs:DescribeCapacityProviders"),
        "more instances, or smaller tasks",
    ),
    Check(
        "fargate",
        "the quota of vCPUs is enough for the tasks on Fargate",
        capacity.fargate,
        (*_CLUSTER, "service-quotas:GetServiceQuota"),
        "`aws service-quotas request-service-quota-increase`",
    ),
    Check(
        "arn-format",
        "services and tasks get long ARNs, without which nothing can be tagged",
        account.arn_formats,
        ("ecs:ListAccountSettings",),
        "`aws ecs put-account-setting`",
    ),
    Check(
        "listener",
        "the listener exists, its load balancer is an active application load balancer in the right"
        " VPC, and it speaks HTTPS where logins, HTTP/2 or hosts need it",
        entrance.listener,
        _BALANCER,
        "another listener",
    ),
    Check(
        "certificates",
        "certificates of the listener are issued, good for a while, and cover the hosts",
        entrance.certificates,
        (
            "elbv2:DescribeListeners",
            "elbv2:DescribeListenerCertificates",
            "acm:DescribeCertificate",
        ),
        "`aws acm request-certificate` and `aws elbv2 add-listener-certificates`",
    ),
    Check(
        "quotas",
        "the load balancer has room for the rules and the target groups",
        entrance.quotas,
        (
            *_BALANCER,
            "elbv2:DescribeRules",
            "elbv2:DescribeTargetGroups",
            "elbv2:DescribeAccountLimits",
        ),
        "remove stacks that nobody needs",
    ),
    Check(
        "dns",
        "hosts lead to the load balancer, as seen from this machine",
        entrance.names,
        ("elbv2:DescribeLoadBalancers",),
        "an alias or CNAME record",
    ),
    Check(
        "subnets",
        "subnets and security groups of tasks exist, in one VPC with the load balancer",
        network.subnets,
        (
            "ec2:DescribeSubnets",
            "ec2:DescribeSecurityGroups",
            "elbv2:DescribeLoadBalancers",
        ),
        "other ids",
    ),
    Check(
        "security-groups",
        "security groups let the load balancer reach the tasks, and tasks each other where they use"
        " Service Connect",
        network.paths,
        (
            *_INSTANCES,
            "ec2:DescribeInstances",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "elbv2:DescribeLoadBalancers",
        ),
        "`aws ec2 authorize-security-group-ingress`",
    ),
    Check(
        "metadata",
        "containers on Docker's bridge reach the instance's metadata (hop limit 2)",
        network.metadata,
        (*_INSTANCES, "ec2:DescribeInstances"),
        "`aws ec2 modify-instance-metadata-options`, or a task role and AWS_REGION",
    ),
    Check(
        "roles",
        "roles exist, and trust whoever is to take them on",
        roles.roles,
        ("iam:GetRole",),
        "the documents that `compose2ecs iam --trust` prints",
    ),
    Check(
        "role-rights",
        "roles may pull the images, read the secrets, write the logs and start the tasks",
        roles.role_rights,
        ("sts:GetCallerIdentity", "iam:GetRole", "iam:SimulatePrincipalPolicy"),
        "the policies that `compose2ecs iam --trust` prints",
    ),
    Check(
        "secrets",
        "parameters and secrets exist; no value is read",
        roles.secrets,
        ("ssm:DescribeParameters", "secretsmanager:DescribeSecret"),
        "`aws ssm put-parameter`, `aws secretsmanager create-secret`",
    ),
    Check(
        "images",
        "images in Amazon ECR exist",
        storage.images,
        ("ecr:DescribeImages",),
        "push them",
    ),
    Check(
        "logs",
        "log groups of others exist, and lines are not kept for ever",
        storage.logs,
        ("logs:DescribeLogGroups",),
        "x-ecs: {logs: {retention_days: ...}}",
    ),
    Check(
        "namespaces",
        "the namespace of Service Connect is the stack's, or there is room for one more",
        storage.namespaces,
        (
            "servicediscovery:ListNamespaces",
            "servicediscovery:ListTagsForResource",
            "service-quotas:GetServiceQuota",
        ),
        "another project name, or remove stacks that nobody needs",
    ),
    Check(
        "file-systems",
        "EFS file systems and access points exist, with mount targets where tasks run",
        storage.file_systems,
        (
            *_INSTANCES,
            "efs:DescribeFileSystems",
            "efs:DescribeMountTargets",
            "efs:DescribeAccessPoints",
            "ec2:DescribeSubnets",
        ),
        "`aws efs create-mount-target`",
    ),
)
