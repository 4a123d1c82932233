"""A small AWS in memory: what `up` needs of it, with the rules that decide the order of things.

It stands where an Account stands, so the gateways are tested with it. It pages, adds what AWS adds,
answers in another order than it was asked in, and can be killed at any call.
"""

# ruff: noqa: N802 - methods are named as the operations they answer
from __future__ import annotations

import copy
import itertools
import re
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from compose2ecs.aws.errors import make
from compose2ecs.plan.errors import AwsError
from compose2ecs.plan.seen import balancer_of, listener_of

Body = dict[str, Any]
REGION, ACCOUNT = "eu-west-1", "111122223333"
_ELB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
_ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
LISTENER = f"{_ELB}:listener/app/qa/1111111111111111/2222222222222222"
BALANCER = f"{_ELB}:loadbalancer/app/qa/1111111111111111"
READS = ("Describe", "List", "Get", "Filter")


class KilledError(BaseException):
    """The process is no more."""


class Done(NamedTuple):
    operation: str
    start: float
    end: float
    error: str | None = None


class FakeClock:
    """Time passes when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1000.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.time += seconds


class FakeAws:
    """One cluster (`qa`), one load balancer with one listener; others may be named in
    `listeners`."""

    def __init__(self, *, latency: float = 0.0) -> None:
        self.latency = latency
        self.calls: list[Done] = []
        self.sent: list[tuple[str, Body]] = []
        self.services: dict[str, Body] = {}
        self.definitions: dict[str, list[Body]] = {}
        self.groups: dict[str, Body] = {}
        self.rules: dict[str, Body] = {}
        self.listeners = [LISTENER]
        self.limits = {
            "rules-per-application-load-balancer": 100,
            "target-groups-per-application-load-balancer": 100,
        }
        self.tags: dict[str, dict[str, str]] = {}
        self.attributes: dict[str, dict[str, str]] = {}
        self.log_groups: dict[str, Body] = {}
        self.namespaces: dict[str, Body] = {}
        self.targets: dict[str, Body] = {}
        self.policies: dict[tuple[str, str], Body] = {}
        self.scheduled: dict[tuple[str, str], Body] = {}
        self.schedules: dict[str, Body] = {}
        self.tasks: dict[str, Body] = {}
        self.kill_at: int | None = None
        self.kill_after = False
        self.fail: Callable[[str, Body], AwsError | None] = lambda operation, body: None
        self.unstable: set[str] = set()  # services whose deployments fail
        self.rolls_back = True
        self.drain_reads = 1  # DescribeServices calls for which a deleted service drains
        self._dead = False
        self._writes = 0
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    # ------------------------------------------------------------------------ the account

    def call(self, service: str, operation: str, /, **body: Any) -> dict[str, Any]:
        start = time.monotonic()
        if self.latency:
            time.sleep(self.latency)
        code = None
        try:
            with self._lock:
                return self._call(service, operation, copy.deepcopy(body))
        except AwsError as error:
            code = error.code
            raise
        finally:
            self.calls.append(Done(operation, start, time.monotonic(), code))

    def _call(self, service: str, operation: str, body: Body) -> Body:
        writes = not operation.startswith(READS)
        if writes:
            self._writes += 1
        if self._dead or (writes and self._writes == self.kill_at and not self.kill_after):
            self._dead = True
            raise KilledError(operation)
        failure = self.fail(operation, body)
        if failure is not None:
            raise failure
        self.sent.append((operation, body))
        try:
            answer: Body = getattr(self, "_" + operation)(body) or {}
        finally:
            if writes and self._writes == self.kill_at:
                self._dead = True
                raise KilledError(operation)
        return copy.deepcopy(answer)

    def revive(self) -> None:
        """Another process begins."""
        self._dead, self.kill_at, self._writes = False, None, 0
        self.calls.clear()
        self.sent.clear()

    @property
    def writes(self) -> list[str]:
        return [done.operation for done in self.calls if not done.operation.startswith(READS)]

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for done in self.calls:
            found[done.operation] = found.get(done.operation, 0) + 1
        return found

    def depth(self) -> int:
        """The largest number of calls of which each starts after the previous ended."""
        depths: list[tuple[float, int]] = []
        for done in sorted(self.calls, key=lambda d: d.start):
            before = max((depth for end, depth in depths if end <= done.start), default=0)
            depths.append((done.end, before + 1))
        return max((depth for _, depth in depths), default=0)

    def _id(self) -> str:
        return f"{next(self._ids):016x}"

    # ------------------------------------------------------------------------ ECS

    def _DescribeServices(self, body: Body) -> Body:
        names = body["services"]
        if len(names) > 10:
            raise make("ecs", "DescribeServices", "InvalidParameterException", "too many")
        found, failures = [], []
        for name in names:
            service = self.services.get(name)
            if service is None:
                failures.append({"arn": name, "reason": "MISSING"})
                continue
            shown = copy.deepcopy(service)
            shown["tags"] = [
                {"key": k, "value": v}
                for k, v in reversed(self.tags[service["serviceArn"]].items())
            ]
            shown["placementStrategy"] = service.get("placementStrategy", [])
            shown["loadBalancers"] = service.get("loadBalancers", [])[::-1]
            shown.pop("drains", None)
            found.append(shown)
            self._settle(service)
        return {"services": found[::-1], "failures": failures}

    def _settle(self, service: Body) -> None:
        if service["status"] == "DRAINING":
            service["drains"] -= 1
            if service["drains"] <= 0:
                service["status"] = "INACTIVE"
            return
        if service["status"] != "ACTIVE":
            return
        primary = service["deployments"][0]
        if service["serviceName"] in self.unstable and primary["rolloutState"] != "COMPLETED":
            primary["rolloutState"] = "FAILED"
            primary["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
            if self.rolls_back and len(service["deployments"]) > 1:
                old = service["deployments"][1]
                reason = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."
                back = {**old, "status": "PRIMARY", "rolloutStateReason": reason}
                service["deployments"] = [back]
                service["taskDefinition"] = old["taskDefinition"]
            return
        primary["rolloutState"] = "COMPLETED"
        service["deployments"] = [primary]
        service["runningCount"] = service["desiredCount"]

    def _ListServices(self, body: Body) -> Body:
        live = sorted(n for n, s in self.services.items() if s["status"] == "ACTIVE")
        size, start = min(body.get("maxResults", 10), 100), int(body.get("nextToken", 0))
        answer: Body = {
            "serviceArns": [self.services[n]["serviceArn"] for n in live[start:][:size]]
        }
        if start + size < len(live):
            answer["nextToken"] = str(start + size)
        return answer

    def _deploy(self, service: Body) -> None:
        connect = service.pop("serviceConnectConfiguration", None)
        old = service.get("deployments", [])
        if connect is None and old:
            connect = old[0].get("serviceConnectConfiguration")
        deployment = {
            "id": f"ecs-svc/{self._id()}",
            "status": "PRIMARY",
            "taskDefinition": service["taskDefinition"],
            "rolloutState": "IN_PROGRESS",
        }
        if connect is not None:
            deployment["serviceConnectConfiguration"] = connect
        service["deployments"] = [deployment, *({**d, "status": "ACTIVE"} for d in old[:1])]

    def _CreateService(self, body: Body) -> Body:
        name = body["serviceName"]
        old = self.services.get(name)
        if old is not None and old["status"] == "DRAINING":
            raise make(
                "ecs",
                "CreateService",
                "InvalidParameterException",
                "Unable to Start a service that is still Draining.",
            )
        if old is not None and old["status"] == "ACTIVE":
            raise make(
                "ecs",
                "CreateService",
                "InvalidParameterException",
                "Creation of service was not idempotent.",
            )
        self._check_definition("CreateService", body["taskDefinition"])
        used = {arn for rule in self.rules.values() for arn in _forwards(rule)}
        for balancer in body.get("loadBalancers", ()):
            if balancer["targetGroupArn"] not in used:
                raise make(
                    "ecs",
                    "CreateService",
                    "InvalidParameterException",
                    f"The target group with targetGroupArn {balancer['targetGroupArn']} does not"
                    " have an associated load balancer.",
                )
        connect = body.get("serviceConnectConfiguration")
        if connect and connect.get("enabled") and connect["namespace"] not in self.namespaces:
            raise make("ecs", "CreateService", "NamespaceNotFoundException", connect["namespace"])
        for group in self._log_groups_of(body["taskDefinition"]):
            assert group in self.log_groups, f"no log group {group} yet"
        service = {
            "serviceArn": f"{_ECS}:service/qa/{name}",
            "clusterArn": f"{_ECS}:cluster/qa",
            "status": "ACTIVE",
            "runningCount": 0,
            "pendingCount": 0,
            "schedulingStrategy": "REPLICA",
            "launchType": "EC2",
            "enableECSManagedTags": False,
            "enableExecuteCommand": False,
            "propagateTags": "NONE",
            "placementConstraints": [],
            "desiredCount": 1,
            "events": [],
            "availabilityZoneRebalancing": "ENABLED",
            **body,
        }
        service["deploymentConfiguration"] = {
            "strategy": "ROLLING",
            "bakeTimeInMinutes": 0,
            **body.get("deploymentConfiguration", {}),
        }
        self.tags[service["serviceArn"]] = {t["key"]: t["value"] for t in service.pop("tags", [])}
        for key in ("clientToken", "cluster"):
            service.pop(key, None)
        self._deploy(service)
        self.services[name] = service
        return {"service": service}

    def _log_groups_of(self, arn: str) -> list[str]:
        body = self._definition(arn)
        return [
            c["logConfiguration"]["options"]["awslogs-group"]
            for c in body["containerDefinitions"]
            if c.get("logConfiguration", {}).get("logDriver") == "awslogs"
        ]

    def _definition(self, arn: str) -> Body:
        family, _, revision = arn.rpartition("/")[2].partition(":")
        found = self.definitions.get(family, [])
        if not found:
            raise make("ecs", "DescribeTaskDefinition", "ClientException", "Unable to describe it.")
        return found[int(revision) - 1 if revision else -1]

    def _check_definition(self, operation: str, arn: str) -> None:
        assert "<" not in arn
        self._definition(arn)

    def _UpdateService(self, body: Body) -> Body:
        service = self.services.get(body.pop("service"))
        if service is None or service["status"] != "ACTIVE":
            raise make("ecs", "UpdateService", "ServiceNotActiveException", "")
        for key in ("launchType", "role", "schedulingStrategy", "tags", "serviceName"):
            assert key not in body, key
        body.pop("cluster")
        force = body.pop("forceNewDeployment", False)
        if "taskDefinition" in body:
            self._check_definition("UpdateService", body["taskDefinition"])
        if "deploymentConfiguration" in body:
            body["deploymentConfiguration"] = {
                **service["deploymentConfiguration"],
                **body["deploymentConfiguration"],
            }
        changed = force or any(
            body.get(k, service.get(k)) != service.get(k)
            for k in ("taskDefinition", "loadBalancers", "networkConfiguration")
        )
        changed = changed or "serviceConnectConfiguration" in body
        service.update(body)
        if changed:
            self._deploy(service)
        return {"service": service}

    def _DeleteService(self, body: Body) -> Body:
        assert body["force"]
        service = self.services.get(body["service"])
        if service is None:
            raise make("ecs", "DeleteService", "ServiceNotFoundException", "")
        if service["status"] != "ACTIVE":
            raise make("ecs", "DeleteService", "ServiceNotActiveException", "")
        service.update(status="DRAINING", drains=self.drain_reads, desiredCount=0, runningCount=0)
        return {"service": service}

    def _RegisterTaskDefinition(self, body: Body) -> Body:
        family = body["family"]
        revisions = self.definitions.setdefault(family, [])
        tags = {t["key"]: t["value"] for t in body.pop("tags", [])}
        made = copy.deepcopy(body)
        for container in made["containerDefinitions"]:
            for key, value in {
                "cpu": 0,
                "portMappings": [],
                "essential": True,
                "environment": [],
                "mountPoints": [],
                "volumesFrom": [],
                "systemControls": [],
            }.items():
                container.setdefault(key, value)
            container["environment"] = container["environment"][::-1]
            for port in container["portMappings"]:
                port.setdefault("protocol", "tcp")
        made.setdefault("volumes", [])
        made.setdefault("placementConstraints", [])
        made.update(
            revision=len(revisions) + 1,
            status="ACTIVE",
            taskDefinitionArn=f"{_ECS}:task-definition/{family}:{len(revisions) + 1}",
            requiresAttributes=[{"name": "com.amazonaws.ecs.capability.logging-driver.awslogs"}],
            compatibilities=["EC2"],
        )
        revisions.append(made)
        self.tags[made["taskDefinitionArn"]] = tags
        return {"taskDefinition": made}

    def _DescribeTaskDefinition(self, body: Body) -> Body:
        found = self._definition(body["taskDefinition"])
        tags = self.tags[found["taskDefinitionArn"]]
        return {
            "taskDefinition": found,
            "tags": [{"key": k, "value": v} for k, v in tags.items()],
        }

    def _TagResource(self, body: Body) -> None:
        assert body["resourceArn"] in self.tags
        self.tags[body["resourceArn"]].update({t["key"]: t["value"] for t in body["tags"]})

    def _UntagResource(self, body: Body) -> None:
        for key in body["tagKeys"]:
            self.tags[body["resourceArn"]].pop(key, None)

    def _RunTask(self, body: Body) -> Body:
        self._check_definition("RunTask", body["taskDefinition"])
        arn = f"{_ECS}:task/qa/{self._id()}"
        self.tasks[arn] = {
            "taskArn": arn,
            "lastStatus": "PENDING",
            "taskDefinitionArn": body["taskDefinition"],
            "containers": [{"name": "c", "exitCode": 0}],
        }
        return {"tasks": [self.tasks[arn]], "failures": []}

    def _DescribeTasks(self, body: Body) -> Body:
        found = [self.tasks[arn] for arn in body["tasks"] if arn in self.tasks]
        for task in found:
            task["lastStatus"] = "STOPPED"
        return {"tasks": found, "failures": []}

    def _ListTasks(self, body: Body) -> Body:
        return {
            "taskArns": [
                a for a, t in self.tasks.items() if t.get("service") == body.get("serviceName")
            ]
        }

    def _DescribeContainerInstances(self, body: Body) -> Body:
        return {"containerInstances": []}

    def _ListContainerInstances(self, body: Body) -> Body:
        return {"containerInstanceArns": []}

    # ------------------------------------------------------------------------ Elastic Load Balancing

    def _DescribeLoadBalancers(self, body: Body) -> Body:
        return {
            "LoadBalancers": [
                {
                    "LoadBalancerArn": BALANCER,
                    "LoadBalancerName": "qa",
                    "DNSName": "qa-1.eu-west-1.elb.amazonaws.com",
                    "VpcId": "vpc-0aaaaaaaaaaaaaaa1",
                }
            ]
        }

    def _DescribeListeners(self, body: Body) -> Body:
        return {
            "Listeners": [
                {
                    "ListenerArn": LISTENER,
                    "LoadBalancerArn": BALANCER,
                    "Port": 443,
                    "Protocol": "HTTPS",
                }
            ]
        }

    def _DescribeRules(self, body: Body) -> Body:
        if body["ListenerArn"] not in self.listeners:
            raise make("elbv2", "DescribeRules", "ListenerNotFound", body["ListenerArn"])
        found = [r for r in self.rules.values() if _listener(r) == body["ListenerArn"]]
        found.sort(key=lambda rule: int(rule["Priority"]))
        size, start = body.get("PageSize", 50), int(body.get("Marker", 0))
        shown = found[start : start + size]
        answer: Body = {"Rules": shown}
        if start + size < len(found):
            answer["NextMarker"] = str(start + size)
        else:
            default = {"RuleArn": "default", "IsDefault": True, "Priority": "default"}
            answer["Rules"] = [*shown, {**default, "Conditions": [], "Actions": []}]
        return answer

    def _DescribeTargetGroups(self, body: Body) -> Body:
        found = list(self.groups.values())
        if "Names" in body:
            found = [g for g in found if g["TargetGroupName"] in body["Names"]]
            if len(found) < len(body["Names"]):
                raise make("elbv2", "DescribeTargetGroups", "TargetGroupNotFound")
        if "LoadBalancerArn" in body:
            balancer = body["LoadBalancerArn"]
            found = [g for g in found if balancer in self._users(g["TargetGroupArn"])]
        return {"TargetGroups": [self._shown_group(g) for g in found[::-1]]}

    def _shown_group(self, group: Body) -> Body:
        return {**group, "LoadBalancerArns": self._users(group["TargetGroupArn"])}

    def _users(self, group: str) -> list[str]:
        rules = [rule for rule in self.rules.values() if group in _forwards(rule)]
        return sorted({balancer_of(_listener(rule)) for rule in rules})

    def _DescribeAccountLimits(self, body: Body) -> Body:
        return {"Limits": [{"Name": name, "Max": str(n)} for name, n in self.limits.items()]}

    def _DescribeTags(self, body: Body) -> Body:
        arns = body["ResourceArns"]
        assert len(arns) <= 20
        for arn in arns:
            if arn not in self.tags:
                raise make("elbv2", "DescribeTags", "TargetGroupNotFound", arn)
        return {
            "TagDescriptions": [
                {
                    "ResourceArn": arn,
                    "Tags": [{"Key": k, "Value": v} for k, v in self.tags[arn].items()],
                }
                for arn in arns
            ]
        }

    def _CreateTargetGroup(self, body: Body) -> Body:
        tags = {t["Key"]: t["Value"] for t in body.pop("Tags", [])}
        name = body.pop("Name")
        assert len(name) <= 32
        for group in self.groups.values():
            if group["TargetGroupName"] == name:
                if any(group.get(key) != value for key, value in body.items()):
                    raise make("elbv2", "CreateTargetGroup", "DuplicateTargetGroupName")
                return {"TargetGroups": [self._shown_group(group)]}
        arn = f"{_ELB}:targetgroup/{name}/{self._id()}"
        self.groups[arn] = {
            "TargetGroupArn": arn,
            "TargetGroupName": name,
            "ProtocolVersion": "HTTP1",
            "IpAddressType": "ipv4",
            **body,
        }
        self.tags[arn] = tags
        return {"TargetGroups": [self._shown_group(self.groups[arn])]}

    def _ModifyTargetGroup(self, body: Body) -> None:
        self._group("ModifyTargetGroup", body).update(body)

    def _ModifyTargetGroupAttributes(self, body: Body) -> None:
        self._group("ModifyTargetGroupAttributes", body)
        found = self.attributes.setdefault(body["TargetGroupArn"], {})
        found.update({a["Key"]: a["Value"] for a in body["Attributes"]})

    def _DescribeTargetGroupAttributes(self, body: Body) -> Body:
        self._group("DescribeTargetGroupAttributes", body)
        found = self.attributes.get(body["TargetGroupArn"], {})
        return {"Attributes": [{"Key": k, "Value": v} for k, v in found.items()]}

    def _group(self, operation: str, body: Body) -> Body:
        """The target group that a body names; AWS's error where there is none."""
        found: Body | None = self.groups.get(body["TargetGroupArn"])
        if found is None:
            raise make("elbv2", operation, "TargetGroupNotFound")
        return found

    def _rule(self, operation: str, arn: str) -> Body:
        found: Body | None = self.rules.get(arn)
        if found is None:
            raise make("elbv2", operation, "RuleNotFound")
        return found

    def _DeleteTargetGroup(self, body: Body) -> None:
        arn = body["TargetGroupArn"]
        if any(arn in _forwards(rule) for rule in self.rules.values()):
            raise make("elbv2", "DeleteTargetGroup", "ResourceInUse")
        self.groups.pop(arn, None)
        self.tags.pop(arn, None)
        self.attributes.pop(arn, None)

    def _DescribeTargetHealth(self, body: Body) -> Body:
        self._group("DescribeTargetHealth", body)
        arn = body["TargetGroupArn"]
        used = (
            b
            for s in self.services.values()
            for b in s.get("loadBalancers", ())
            if s["runningCount"]
        )
        if not any(b["targetGroupArn"] == arn for b in used):
            return {"TargetHealthDescriptions": []}
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": "healthy"}}]}

    def _CreateRule(self, body: Body) -> Body:
        listener = body["ListenerArn"]
        assert listener in self.listeners
        held = [int(r["Priority"]) for r in self.rules.values() if _listener(r) == listener]
        if body["Priority"] in held:
            raise make("elbv2", "CreateRule", "PriorityInUse", "Priority is in use")
        for arn in _forwards(body):
            self._group("CreateRule", {"TargetGroupArn": arn})
            if set(self._users(arn)) - {balancer_of(listener)}:
                raise make("elbv2", "CreateRule", "TargetGroupAssociationLimit", arn)
        arn = listener.replace(":listener/", ":listener-rule/") + "/" + self._id()
        self.tags[arn] = {t["Key"]: t["Value"] for t in body.pop("Tags", [])}
        self.rules[arn] = {"RuleArn": arn, "IsDefault": False, **_shown_rule(body)}
        return {"Rules": [self.rules[arn]]}

    def _ModifyRule(self, body: Body) -> None:
        rule = self._rule("ModifyRule", body["RuleArn"])
        rule.update(_shown_rule({"Priority": rule["Priority"], "Transforms": [], **body}))

    def _SetRulePriorities(self, body: Body) -> None:
        moved = {e["RuleArn"]: e["Priority"] for e in body["RulePriorities"]}
        for arn in moved:
            self._rule("SetRulePriorities", arn)
        if any(
            int(r["Priority"]) in moved.values() for a, r in self.rules.items() if a not in moved
        ):
            raise make("elbv2", "SetRulePriorities", "PriorityInUse")
        for arn, place in moved.items():
            self.rules[arn]["Priority"] = str(place)

    def _DeleteRule(self, body: Body) -> None:
        if self.rules.pop(body["RuleArn"], None) is None:
            raise make("elbv2", "DeleteRule", "RuleNotFound")
        del self.tags[body["RuleArn"]]

    def _AddTags(self, body: Body) -> None:
        if len(body["ResourceArns"]) != 1:
            raise make("elbv2", "AddTags", "ValidationError", "Only one resource at a time")
        for arn in body["ResourceArns"]:
            self.tags[arn].update({t["Key"]: t["Value"] for t in body["Tags"]})

    # ------------------------------------------------------------------------ the others

    def _CreateLogGroup(self, body: Body) -> None:
        name = body["logGroupName"]
        if name in self.log_groups:
            raise make("logs", "CreateLogGroup", "ResourceAlreadyExistsException")
        self.log_groups[name] = body

    def _PutRetentionPolicy(self, body: Body) -> None:
        self._log_group("PutRetentionPolicy", body)["retentionInDays"] = body["retentionInDays"]

    def _log_group(self, operation: str, body: Body) -> Body:
        found: Body | None = self.log_groups.get(body["logGroupName"])
        if found is None:
            raise make("logs", operation, "ResourceNotFoundException")
        return found

    def _DescribeLogGroups(self, body: Body) -> Body:
        return {
            "logGroups": [
                {
                    "logGroupName": n,
                    "arn": f"arn:logs:{n}:*",
                    **{k: v for k, v in group.items() if k == "retentionInDays"},
                }
                for n, group in self.log_groups.items()
                if n.startswith(body["logGroupNamePrefix"])
            ]
        }

    def _ListTagsForResource(self, body: Body) -> Body:
        if "resourceArn" in body:
            name = body["resourceArn"].split(":")[2]
            return {"tags": self.log_groups[name].get("tags", {})}
        name = body["ResourceARN"].split(":")[2]
        return {"Tags": self.namespaces[name].get("Tags", [])}

    def _DeleteLogGroup(self, body: Body) -> None:
        self._log_group("DeleteLogGroup", body)
        del self.log_groups[body["logGroupName"]]

    def _GetLogEvents(self, body: Body) -> Body:
        id_ = body["logStreamName"].rpartition("/")[2]
        if not any(arn.rpartition("/")[2] == id_ for arn in self.tasks):
            raise make("logs", "GetLogEvents", "ResourceNotFoundException")
        return {"events": [{"message": "the last words"}]}

    def _CreateHttpNamespace(self, body: Body) -> Body:
        if body["Name"] in self.namespaces:
            raise make("servicediscovery", "CreateHttpNamespace", "NamespaceAlreadyExists")
        self.namespaces[body["Name"]] = body
        return {"OperationId": "1"}

    def _GetOperation(self, body: Body) -> Body:
        return {"Operation": {"Status": "SUCCESS"}}

    def _ListNamespaces(self, body: Body) -> Body:
        return {
            "Namespaces": [
                {"Name": n, "Type": "HTTP", "Id": n, "Arn": f"arn:sd:{n}"} for n in self.namespaces
            ]
        }

    def _DeleteNamespace(self, body: Body) -> Body:
        if self.namespaces.pop(body["Id"], None) is None:
            raise make("servicediscovery", "DeleteNamespace", "NamespaceNotFound")
        return {"OperationId": "2"}

    def _DescribeScalableTargets(self, body: Body) -> Body:
        return {"ScalableTargets": [t for r, t in self.targets.items() if r in body["ResourceIds"]]}

    def _RegisterScalableTarget(self, body: Body) -> None:
        assert body["ResourceId"].rpartition("/")[2] in self.services
        self.targets[body["ResourceId"]] = body

    def _DeregisterScalableTarget(self, body: Body) -> None:
        if self.targets.pop(body["ResourceId"], None) is None:
            raise make(
                "application-autoscaling", "DeregisterScalableTarget", "ObjectNotFoundException"
            )
        for kept in (self.policies, self.scheduled):
            for key in [key for key in kept if key[0] == body["ResourceId"]]:
                del kept[key]

    @staticmethod
    def _target(operation: str, among: Any, key: Any) -> None:
        """Refuse where the target, or what it has, is not there."""
        if key not in among:
            raise make("application-autoscaling", operation, "ObjectNotFoundException")

    def _PutScalingPolicy(self, body: Body) -> Body:
        self._target("PutScalingPolicy", self.targets, body["ResourceId"])
        assert "<" not in str(body)
        self.policies[body["ResourceId"], body["PolicyName"]] = body
        return {"PolicyARN": "arn"}

    def _DescribeScalingPolicies(self, body: Body) -> Body:
        return {
            "ScalingPolicies": [p for (r, _), p in self.policies.items() if r == body["ResourceId"]]
        }

    def _DeleteScalingPolicy(self, body: Body) -> None:
        key = (body["ResourceId"], body["PolicyName"])
        self._target("DeleteScalingPolicy", self.policies, key)
        del self.policies[key]

    def _DescribeScheduledActions(self, body: Body) -> Body:
        return {
            "ScheduledActions": [
                p for (r, _), p in self.scheduled.items() if r == body["ResourceId"]
            ]
        }

    def _PutScheduledAction(self, body: Body) -> None:
        self._target("PutScheduledAction", self.targets, body["ResourceId"])
        self.scheduled[body["ResourceId"], body["ScheduledActionName"]] = body

    def _DeleteScheduledAction(self, body: Body) -> None:
        key = (body["ResourceId"], body["ScheduledActionName"])
        self._target("DeleteScheduledAction", self.scheduled, key)
        del self.scheduled[key]

    def _GetSchedule(self, body: Body) -> Body:
        if body["Name"] not in self.schedules:
            raise make("scheduler", "GetSchedule", "ResourceNotFoundException")
        return self.schedules[body["Name"]]

    def _ListSchedules(self, body: Body) -> Body:
        names = [name for name in sorted(self.schedules) if name.startswith(body["NamePrefix"])]
        return {"Schedules": [{"Name": name} for name in names]}

    def _CreateSchedule(self, body: Body) -> None:
        if body["Name"] in self.schedules:
            raise make("scheduler", "CreateSchedule", "ConflictException")
        assert "<" not in str(body)
        self.schedules[body["Name"]] = body

    def _UpdateSchedule(self, body: Body) -> None:
        self._kept_schedule("UpdateSchedule", body)
        self.schedules[body["Name"]] = body

    def _DeleteSchedule(self, body: Body) -> None:
        self._kept_schedule("DeleteSchedule", body)
        del self.schedules[body["Name"]]

    def _kept_schedule(self, operation: str, body: Body) -> None:
        if body["Name"] not in self.schedules:
            raise make("scheduler", operation, "ResourceNotFoundException")

    # ------------------------------------------------------------------------ for tests

    def state(self) -> Body:
        """All there is, without what differs from run to run: ids and numbers of revisions."""
        ids = {g["TargetGroupArn"]: g["TargetGroupName"] for g in self.groups.values()}
        services = {}
        for name, service in self.services.items():
            if service["status"] != "ACTIVE":  # on its way out, and nobody stops it
                continue
            tags = dict(self.tags[service["serviceArn"]])
            assert (
                tags.pop("compose2ecs:revision", None) == service["taskDefinition"].split(":")[-1]
            )
            definition = self._definition(service["taskDefinition"])
            services[name] = {
                "tags": tags,
                "desired": service["desiredCount"],
                "status": service["status"],
                "task": list(definition["containerDefinitions"]),
                "balancers": sorted(
                    ids[b["targetGroupArn"]] for b in service.get("loadBalancers", ())
                ),
            }
        return copy.deepcopy(
            {
                "services": services,
                "groups": {
                    g["TargetGroupName"]: [
                        {k: v for k, v in g.items() if k != "TargetGroupArn"},
                        self.tags[a],
                        self.attributes.get(a),
                    ]
                    for a, g in sorted(self.groups.items())
                },
                "rules": sorted(
                    (
                        [
                            r["Priority"],
                            str(r["Conditions"]),
                            sorted(ids[a] for a in _forwards(r)),
                            self.tags[r["RuleArn"]],
                        ]
                        for r in self.rules.values()
                    ),
                    key=str,
                ),
                "logs": self.log_groups,
                "schedules": sorted(self.schedules),
                "namespaces": {
                    n: {k: v for k, v in b.items() if k != "CreatorRequestId"}
                    for n, b in self.namespaces.items()
                },
                "scaling": [
                    self.targets,
                    sorted(re.sub("[0-9a-f]{16}", "", str(p)) for p in self.policies.values()),
                ],
            }
        )


def _listener(rule: Body) -> str:
    return listener_of(str(rule["RuleArn"]))


def _forwards(rule: Body) -> set[str]:
    found = set()
    for action in rule.get("Actions", ()):
        if "TargetGroupArn" in action:
            found.add(action["TargetGroupArn"])
        for entry in action.get("ForwardConfig", {}).get("TargetGroups", ()):
            found.add(entry["TargetGroupArn"])
    return found


def _shown_rule(body: Body) -> Body:
    """A rule as AWS shows it: with the old and the new form of everything."""
    conditions = []
    for condition in body["Conditions"][::-1]:
        shown = dict(condition)
        for config in ("HostHeaderConfig", "PathPatternConfig"):
            if config in condition:
                shown["Values"] = condition[config]["Values"]
        conditions.append(shown)
    actions = []
    for action in body["Actions"]:
        shown = dict(action)
        if "TargetGroupArn" in action:
            shown["ForwardConfig"] = {
                "TargetGroups": [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}],
                "TargetGroupStickinessConfig": {"Enabled": False},
            }
        actions.append({**shown, "Order": 1})
    return {
        "Priority": str(body["Priority"]),
        "Conditions": conditions,
        "Actions": actions,
        "Transforms": body.get("Transforms", []),
    }
