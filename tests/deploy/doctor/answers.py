"""An AWS of answers: what each operation says, for two projects that have all they need."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from compose2ecs import load
from compose2ecs.aws.errors import make
from compose2ecs.doctor.ask import Ask
from compose2ecs.doctor.examine import examine
from compose2ecs.doctor.model import Finding
from compose2ecs.doctor.subject import Subject, subject_of
from compose2ecs.doctor.table import CHECKS
from compose2ecs.ecs.target import target_of
from compose2ecs.ecs.translate import translate_project
from compose2ecs.report import Report

Body = dict[str, Any]
ACCOUNT, REGION = "123456789012", "eu-west-1"
NOW = datetime(2024, 5, 1, tzinfo=timezone.utc).timestamp()
ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/qa/11"
LISTENER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/app/qa/11/22"
OTHER_LISTENER = LISTENER[:-2] + "33"
GIVEN = {
    "cluster": "qa",
    "region": REGION,
    "listener": LISTENER,
    "domain": "qa.example.com",
    "registry": f"{ECR}/team",
    "vpc": "vpc-1",
}
SHOP = """
services:
  web:
    build: ./web
    ports: ["80:8080"]
    cpus: 0.5
    mem_limit: 1g
    x-ecs: {secrets: {KEY: /shop/key, STRIPE: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:stripe-AbCdEf:k::"}}
  api:
    build: ./api
    ports: ["8080:8080"]
    mem_limit: 512m
    deploy: {replicas: 2}
    volumes: ["data:/data", "more:/more"]
    x-ecs: {secrets: {KEY: /shop/key, OTHER: plain}}
x-ecs:
  roles: {execution: exec, task: work}
  logs: {retention_days: 7}
  volumes: {data: {efs: fs-1}, more: {efs: {file_system_id: fs-2, access_point: fsap-2, iam: true}}}
volumes: {data: {}, more: {}}
"""
FARGATE = """
services:
  web: {image: "web:1", ports: ["80:8080"], cpus: 1, mem_limit: 2g}
  api: {image: "api:1", ports: ["8080:9090"], cpus: 2, mem_limit: 4g, deploy: {replicas: 2},
        x-ecs: {launch_type: FARGATE_SPOT}}
x-ecs:
  launch_type: FARGATE
  network: {subnets: [subnet-1, subnet-2], security_groups: [sg-web, sg-tasks]}
  roles: {execution: exec, task: work}
  logs: {retention_days: 7}
"""


def trust(*services: str) -> Body:
    return {
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": list(services)},
            }
        ]
    }


class Answers:
    """An AWS. `world` is changed by tests; `operations[name]` is an answer, or makes one."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Body]] = []
        self.denied: set[str] = set()
        self.instances = [instance(1), instance(2)]
        self.ec2 = {f"i-{n}": machine(n) for n in (1, 2)}
        self.services: dict[str, Body] = {}
        self.cluster: Body | None = {
            "clusterName": "qa",
            "status": "ACTIVE",
            "registeredContainerInstancesCount": 2,
            "capacityProviders": ["FARGATE", "FARGATE_SPOT", "spot"],
            "defaultCapacityProviderStrategy": [],
        }
        self.providers = {"spot": {"name": "spot", "autoScalingGroupProvider": {}}}
        self.settings = {
            f"{kind}LongArnFormat": "enabled" for kind in ("service", "task", "containerInstance")
        }
        self.balancer: Body | None = {
            "LoadBalancerArn": BALANCER,
            "LoadBalancerName": "qa",
            "DNSName": "qa-1.elb.amazonaws.com",
            "CanonicalHostedZoneId": "Z32O12XQLNTSW2",
            "Type": "application",
            "Scheme": "internet-facing",
            "VpcId": "vpc-1",
            "State": {"Code": "active"},
            "SecurityGroups": ["sg-alb"],
            "AvailabilityZones": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}],
        }
        self.listeners = {
            LISTENER: {"ListenerArn": LISTENER, "Port": 443, "Protocol": "HTTPS"},
            OTHER_LISTENER: {"ListenerArn": OTHER_LISTENER, "Port": 80, "Protocol": "HTTP"},
        }
        self.certificates = {
            f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{name}": {
                "DomainName": name,
                "SubjectAlternativeNames": [name],
                "Status": "ISSUED",
                "NotAfter": datetime(2025, 5, 1, tzinfo=timezone.utc),
                "RenewalEligibility": "ELIGIBLE",
            }
            for name in ("*.qa.example.com", "www.example.com")
        }
        self.rules = {LISTENER: [{"RuleArn": "d", "IsDefault": True}], OTHER_LISTENER: []}
        self.groups: list[Body] = []
        self.limits = {
            "rules-per-application-load-balancer": 100,
            "target-groups-per-application-load-balancer": 100,
        }
        self.hosts = {
            name: frozenset({"192.0.2.1", "192.0.2.2"})
            for name in (
                "qa-1.elb.amazonaws.com",
                "shop.qa.example.com",
                "shop--api.qa.example.com",
            )
        }
        self.subnets = {
            f"subnet-{n}": {
                "SubnetId": f"subnet-{n}",
                "VpcId": "vpc-1",
                "CidrBlock": f"10.0.{n}.0/24",
                "AvailabilityZone": f"{REGION}{'xab'[n]}",
                "AvailableIpAddressCount": 200,
            }
            for n in (1, 2)
        }
        self.security_groups = {
            "sg-alb": group("sg-alb"),
            "sg-nodes": group(
                "sg-nodes",
                permission(32768, 65535, "sg-alb"),
                permission(0, 65535, "sg-nodes"),
            ),
            "sg-web": group("sg-web", permission(8080, 9090, "sg-alb")),
            "sg-tasks": group("sg-tasks", permission(1, 65535, "sg-tasks")),
        }
        self.roles = {
            name: {
                "Arn": f"arn:aws:iam::{ACCOUNT}:role/{'ci/' if name == 'deployer' else ''}{name}",
                "AssumeRolePolicyDocument": trust("ec2.amazonaws.com", service),
            }
            for name, service in (
                ("exec", "ecs-tasks.amazonaws.com"),
                ("work", "ecs-tasks.amazonaws.com"),
                ("AWSServiceRoleForECS", "ecs.amazonaws.com"),
                ("deployer", "ec2.amazonaws.com"),
            )
        }
        self.identity = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/me"
        self.not_allowed: Callable[[str, str, str], bool] = lambda who, action, arn: False
        self.parameters = {"/shop/key", "plain"}
        self.secrets = {f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:stripe-AbCdEf"}
        self.images = {("team/shop-web", "latest"), ("team/shop-api", "latest")}
        self.log_groups: dict[str, Body] = {}
        self.namespaces: dict[str, dict[str, str]] = {"a": {}, "b": {}}
        self.quotas: dict[str, float] = {
            "L-3032A538": 100.0,
            "L-36FBB829": 50.0,
            "L-0FE3F50E": 50.0,
        }
        self.file_systems = {"fs-1": "available", "fs-2": "available"}
        self.mount_targets = {"fs-1": ("a", "b"), "fs-2": ("a", "b")}
        self.access_points = {"fsap-2": "fs-2"}

    # ------------------------------------------------------------------------ the account

    def call(self, service: str, operation: str, /, **body: Any) -> Body:
        self.calls.append((service, operation, body))
        if f"{service}:{operation}" in self.denied:
            raise make(service, operation, "AccessDeniedException", "you may not")
        answer = getattr(self, f"_{service.replace('-', '_')}_{operation}")
        return copy.deepcopy(dict(answer(body)))

    def resolve(self, host: str) -> frozenset[str]:
        if host not in self.hosts:
            raise OSError("Name or service not known")
        return self.hosts[host]

    # ruff: noqa: N802 - methods are named as the operations they answer

    def _sts_GetCallerIdentity(self, body: Body) -> Body:
        return {"Account": self.identity.split(":")[4], "Arn": self.identity}

    def _ecs_DescribeClusters(self, body: Body) -> Body:
        return {"clusters": [self.cluster] if self.cluster else []}

    def _ecs_DescribeCapacityProviders(self, body: Body) -> Body:
        return {"capacityProviders": [self.providers[n] for n in body["capacityProviders"]]}

    def _ecs_ListContainerInstances(self, body: Body) -> Body:
        return {"containerInstanceArns": [one["containerInstanceArn"] for one in self.instances]}

    def _ecs_DescribeContainerInstances(self, body: Body) -> Body:
        return {"containerInstances": self.instances}

    def _ecs_DescribeServices(self, body: Body) -> Body:
        found = [self.services[name] for name in body["services"] if name in self.services]
        return {"services": found, "failures": []}

    def _ecs_ListAccountSettings(self, body: Body) -> Body:
        return {"settings": [{"name": k, "value": v} for k, v in self.settings.items()]}

    def _elbv2_DescribeLoadBalancers(self, body: Body) -> Body:
        if self.balancer is None or body.get("Names") == ["lost"]:
            raise make("elbv2", "DescribeLoadBalancers", "LoadBalancerNotFound")
        return {"LoadBalancers": [self.balancer]}

    def _elbv2_DescribeListeners(self, body: Body) -> Body:
        if "LoadBalancerArn" in body:
            return {"Listeners": list(self.listeners.values())}
        found = [self.listeners[arn] for arn in body["ListenerArns"] if arn in self.listeners]
        if not found:
            raise make("elbv2", "DescribeListeners", "ListenerNotFound")
        return {"Listeners": found}

    def _elbv2_DescribeListenerCertificates(self, body: Body) -> Body:
        return {"Certificates": [{"CertificateArn": arn} for arn in self.certificates]}

    def _elbv2_DescribeRules(self, body: Body) -> Body:
        return {"Rules": self.rules[body["ListenerArn"]]}

    def _elbv2_DescribeTargetGroups(self, body: Body) -> Body:
        return {"TargetGroups": self.groups}

    def _elbv2_DescribeAccountLimits(self, body: Body) -> Body:
        return {"Limits": [{"Name": k, "Max": str(v)} for k, v in self.limits.items()]}

    def _acm_DescribeCertificate(self, body: Body) -> Body:
        return {"Certificate": self.certificates[body["CertificateArn"]]}

    def _ec2_DescribeInstances(self, body: Body) -> Body:
        found = _chosen(self.ec2, body)
        return {"Reservations": [{"Instances": [one]} for one in found]}

    def _ec2_DescribeSubnets(self, body: Body) -> Body:
        return {"Subnets": _chosen(self.subnets, body)}

    def _ec2_DescribeSecurityGroups(self, body: Body) -> Body:
        return {"SecurityGroups": _chosen(self.security_groups, body)}

    def _iam_GetRole(self, body: Body) -> Body:
        if body["RoleName"] not in self.roles:
            raise make("iam", "GetRole", "NoSuchEntity", "The role cannot be found.")
        return {"Role": self.roles[body["RoleName"]]}

    def _iam_SimulatePrincipalPolicy(self, body: Body) -> Body:
        who = body["PolicySourceArn"].rpartition("/")[2]
        results = []
        for action in body["ActionNames"]:
            parts = [
                {
                    "EvalResourceName": arn,
                    "EvalResourceDecision": "implicitDeny"
                    if self.not_allowed(who, action, arn)
                    else "allowed",
                }
                for arn in body.get("ResourceArns") or ["*"]
            ]
            results.append(
                {
                    "EvalActionName": action,
                    "EvalResourceName": parts[0]["EvalResourceName"],
                    "EvalDecision": parts[0]["EvalResourceDecision"],
                    "ResourceSpecificResults": parts if len(parts) > 1 else [],
                }
            )
        return {"EvaluationResults": results, "IsTruncated": False}

    def _ssm_DescribeParameters(self, body: Body) -> Body:
        wanted = body["ParameterFilters"][0]["Values"]
        return {"Parameters": [{"Name": name} for name in wanted if name in self.parameters]}

    def _secretsmanager_DescribeSecret(self, body: Body) -> Body:
        if body["SecretId"] not in self.secrets:
            raise make("secretsmanager", "DescribeSecret", "ResourceNotFoundException")
        return {"ARN": body["SecretId"]}

    def _ecr_DescribeImages(self, body: Body) -> Body:
        (which,) = body["imageIds"]
        name = body["repositoryName"]
        if name not in {repository for repository, _ in self.images}:
            raise make("ecr", "DescribeImages", "RepositoryNotFoundException")
        if (name, which.get("imageTag") or which.get("imageDigest")) not in self.images:
            raise make("ecr", "DescribeImages", "ImageNotFoundException")
        return {"imageDetails": [which]}

    def _logs_DescribeLogGroups(self, body: Body) -> Body:
        prefix = body["logGroupNamePrefix"]
        found = {name: one for name, one in self.log_groups.items() if name.startswith(prefix)}
        return {"logGroups": [{"logGroupName": name, **one} for name, one in found.items()]}

    def _servicediscovery_ListNamespaces(self, body: Body) -> Body:
        return {
            "Namespaces": [
                {"Id": f"ns-{name}", "Name": name, "Arn": f"arn:{name}", "Type": "HTTP"}
                for name in self.namespaces
            ]
        }

    def _servicediscovery_ListTagsForResource(self, body: Body) -> Body:
        said = self.namespaces[body["ResourceARN"].removeprefix("arn:")]
        return {"Tags": [{"Key": key, "Value": value} for key, value in said.items()]}

    def _service_quotas_GetServiceQuota(self, body: Body) -> Body:
        if body["QuotaCode"] not in self.quotas:
            raise make("service-quotas", "GetServiceQuota", "NoSuchResourceException")
        return {"Quota": {"Value": self.quotas[body["QuotaCode"]]}}

    def _efs_DescribeFileSystems(self, body: Body) -> Body:
        if body["FileSystemId"] not in self.file_systems:
            raise make("efs", "DescribeFileSystems", "FileSystemNotFound")
        return {"FileSystems": [{"LifeCycleState": self.file_systems[body["FileSystemId"]]}]}

    def _efs_DescribeMountTargets(self, body: Body) -> Body:
        zones = self.mount_targets[body["FileSystemId"]]
        return {"MountTargets": [{"AvailabilityZoneName": f"{REGION}{zone}"} for zone in zones]}

    def _efs_DescribeAccessPoints(self, body: Body) -> Body:
        found = self.access_points.get(body["AccessPointId"])
        if found is None:
            raise make("efs", "DescribeAccessPoints", "AccessPointNotFound")
        return {"AccessPoints": [{"FileSystemId": found}]}


def _chosen(known: Mapping[str, Body], body: Body) -> list[Body]:
    """What a filter by ids leaves."""
    (one,) = body["Filters"]
    return [known[id_] for id_ in one["Values"] if id_ in known]


def permission(low: int, high: int, *sources: str, protocol: str = "tcp") -> Body:
    """What lets groups, or networks, in."""
    return {
        "IpProtocol": protocol,
        "FromPort": low,
        "ToPort": high,
        "UserIdGroupPairs": [{"GroupId": one} for one in sources if one.startswith("sg-")],
        "IpRanges": [{"CidrIp": one} for one in sources if "/" in one],
    }


def group(id_: str, *permissions: Body) -> Body:
    return {"GroupId": id_, "VpcId": "vpc-1", "IpPermissions": list(permissions)}


ATTRIBUTES = (
    "com.amazonaws.ecs.capability.task-iam-role",
    "com.amazonaws.ecs.capability.logging-driver.awslogs",
    "com.amazonaws.ecs.capability.privileged-container",
    "ecs.capability.container-health-check",
    "ecs.capability.container-ordering",
    "ecs.capability.docker-plugin.local",
    "ecs.capability.efsAuth",
    "ecs.capability.execution-role-awslogs",
    "ecs.capability.execution-role-ecr-pull",
    "ecs.capability.secrets.asm.environment-variables",
    "ecs.capability.secrets.ssm.environment-variables",
    "ecs.capability.service-connect-v1",
    "ecs.capability.task-cpu-mem-limit",
)


def instance(number: int, *, cpu: int = 2048, memory: int = 4000, agent: str = "1.82.0") -> Body:
    """A container instance."""
    return {
        "containerInstanceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:container-instance/qa/{number}",
        "ec2InstanceId": f"i-{number}",
        "agentConnected": True,
        "versionInfo": {"agentVersion": agent},
        "attributes": [
            *({"name": name} for name in ATTRIBUTES),
            {"name": "ecs.availability-zone", "value": f"{REGION}{'xab'[number]}"},
            {"name": "ecs.cpu-architecture", "value": "x86_64"},
            {"name": "ecs.os-type", "value": "linux"},
        ],
        "remainingResources": resources(cpu, memory),
        "registeredResources": resources(2048, 4000),
    }


def resources(cpu: int, memory: int, ports: Iterable[str] = ("22",), gpus: int = 0) -> list[Body]:
    return [
        {"name": "CPU", "integerValue": cpu},
        {"name": "MEMORY", "integerValue": memory},
        {"name": "PORTS", "stringSetValue": list(ports)},
        {"name": "GPU", "stringSetValue": [f"gpu-{n}" for n in range(gpus)]},
    ]


def machine(number: int, *, hops: int = 2) -> Body:
    """An EC2 instance."""
    return {
        "InstanceId": f"i-{number}",
        "SecurityGroups": [{"GroupId": "sg-nodes"}],
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": hops},
    }


# ---------------------------------------------------------------------------- questions


def subject(text: str = SHOP, **given: str) -> Subject:
    """A project, on its way to the AWS of answers."""
    project = load(files={"compose.yaml": text}, project_name="shop", environment={})
    settings = {key: value for key, value in {**GIVEN, **given}.items() if value}
    target = target_of(project, settings, Report())
    return subject_of(project, target, translate_project(project, target, Report()))


def ask(aws: Answers) -> Ask:
    return Ask(aws, aws.resolve, lambda: NOW)


def findings(aws: Answers, text: str = SHOP, *checks: str, **given: str) -> list[Finding]:
    """What checks find; all of them without names."""
    chosen = [check for check in CHECKS if not checks or check.id in checks]
    assert len(chosen) == (len(checks) or len(CHECKS))
    return examine(subject(text, **given), ask(aws), chosen)
