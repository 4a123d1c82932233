"""Elastic Load Balancing: listeners and their rules, target groups.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compose2ecs.aws.session import Caller, chunks, pages
from compose2ecs.plan.errors import AwsError

Body = dict[str, Any]
ARNS_A_CALL = 20
_PAGE = 400
_GONE = ("TargetGroupNotFound", "RuleNotFound", "ListenerNotFound", "LoadBalancerNotFound")


class Elb:
    """The load balancers of one account. All methods raise AwsError."""

    def __init__(self, aws: Caller) -> None:
        self._aws = aws

    # ------------------------------------------------------------------------ reads

    def load_balancer(self, arn: str) -> Body:
        """A load balancer: `DNSName`, `VpcId`, `SecurityGroups`, `State`."""
        return dict(
            self._aws.call("elbv2", "DescribeLoadBalancers", LoadBalancerArns=[arn])[
                "LoadBalancers"
            ][0]
        )

    def load_balancer_named(self, name: str) -> Body | None:
        """A load balancer by its name."""
        try:
            answer = self._aws.call("elbv2", "DescribeLoadBalancers", Names=[name])
        except AwsError as error:
            if error.code in ("LoadBalancerNotFound", "LoadBalancerNotFoundException"):
                return None
            raise
        return dict(answer["LoadBalancers"][0])

    def listener(self, arn: str) -> Body:
        """A listener: `Port`, `Protocol`, `LoadBalancerArn`."""
        return dict(
            self._aws.call("elbv2", "DescribeListeners", ListenerArns=[arn])["Listeners"][0]
        )

    def listeners(self, load_balancer: str) -> list[Body]:
        """All listeners of a load balancer, by its ARN."""
        return _bodies(
            pages(
                self._aws, "elbv2", "DescribeListeners", "Listeners", LoadBalancerArn=load_balancer
            )
        )

    def certificates(self, listener: str) -> list[str]:
        """The ARNs of a listener's certificates, the default one among them."""
        found = pages(
            self._aws,
            "elbv2",
            "DescribeListenerCertificates",
            "Certificates",
            ListenerArn=listener,
        )
        return [entry["CertificateArn"] for entry in _bodies(found)]

    def limits(self) -> dict[str, int]:
        """The account's quotas by name, such as `rules-per-application-load-balancer`."""
        found = pages(self._aws, "elbv2", "DescribeAccountLimits", "Limits", PageSize=_PAGE)
        return {entry["Name"]: int(entry["Max"]) for entry in _bodies(found)}

    def rules(self, listener: str) -> list[Body]:
        """All rules of a listener, the default one last. One call for 400."""
        return _bodies(
            pages(
                self._aws,
                "elbv2",
                "DescribeRules",
                "Rules",
                ListenerArn=listener,
                PageSize=_PAGE,
            )
        )

    def target_groups(self, load_balancer: str | None = None) -> list[Body]:
        """The target groups that a load balancer's rules use, or all of the region. One call for
        400."""
        body = {} if load_balancer is None else {"LoadBalancerArn": load_balancer}
        try:
            return _bodies(
                pages(
                    self._aws,
                    "elbv2",
                    "DescribeTargetGroups",
                    "TargetGroups",
                    PageSize=_PAGE,
                    **body,
                )
            )
        except AwsError as error:
            if _no_group(error):
                return []
            raise

    def target_group_named(self, name: str) -> Body | None:
        """A target group by its name."""
        try:
            answer = self._aws.call("elbv2", "DescribeTargetGroups", Names=[name])
        except AwsError as error:
            if _no_group(error):
                return None
            raise
        return dict(answer["TargetGroups"][0])

    def tags(self, arns: Sequence[str]) -> dict[str, dict[str, str]]:
        """Tags by ARN of target groups, rules, listeners and load balancers; what does not exist
        any more is left out. One call for twenty."""
        found: dict[str, dict[str, str]] = {}
        for some in chunks(list(arns), ARNS_A_CALL):
            found.update(self._tags(some))
        return found

    def _tags(self, arns: list[str]) -> dict[str, dict[str, str]]:
        try:
            answer = self._aws.call("elbv2", "DescribeTags", ResourceArns=arns)
        except AwsError as error:
            if error.code.removesuffix("Exception") not in _GONE:
                raise
            if len(arns) == 1:
                return {}
            # one of them is gone, and AWS does not say which
            return {arn: tags for one in arns for arn, tags in self._tags([one]).items()}
        return {
            entry["ResourceArn"]: {tag["Key"]: tag.get("Value", "") for tag in entry["Tags"]}
            for entry in answer["TagDescriptions"]
        }

    def attributes(self, target_group: str) -> dict[str, str]:
        """The attributes of a target group."""
        answer = self._aws.call(
            "elbv2", "DescribeTargetGroupAttributes", TargetGroupArn=target_group
        )
        return {entry["Key"]: entry["Value"] for entry in answer["Attributes"]}

    def target_health(self, target_group: str) -> list[Body]:
        """Its targets: each a `Target` and a `TargetHealth` with `State`, `Reason`,
        `Description`."""
        answer = self._aws.call("elbv2", "DescribeTargetHealth", TargetGroupArn=target_group)
        return list(answer["TargetHealthDescriptions"])

    # ------------------------------------------------------------------------ writes

    def create_target_group(self, body: Body) -> Body:
        """Make a target group; returns it. The same body twice makes one."""
        return dict(self._aws.call("elbv2", "CreateTargetGroup", **body)["TargetGroups"][0])

    def modify_target_group(self, body: Body) -> None:
        """Change the health check of a target group."""
        self._aws.call("elbv2", "ModifyTargetGroup", **body)

    def modify_attributes(self, body: Body) -> None:
        """Set attributes of a target group."""
        self._aws.call("elbv2", "ModifyTargetGroupAttributes", **body)

    def delete_target_group(self, arn: str) -> None:
        """Delete a target group that no rule uses; one that is gone is no error."""
        try:
            self._aws.call("elbv2", "DeleteTargetGroup", TargetGroupArn=arn)
        except AwsError as error:
            if not _no_group(error):
                raise

    def create_rule(self, body: Body) -> Body:
        """Make a rule; returns it. Raises AwsError `PriorityInUse`."""
        return dict(self._aws.call("elbv2", "CreateRule", **body)["Rules"][0])

    def modify_rule(self, body: Body) -> None:
        """Change conditions, actions and transforms of a rule."""
        self._aws.call("elbv2", "ModifyRule", **body)

    def set_priorities(self, priorities: dict[str, int]) -> None:
        """Move rules, by ARN, to other priorities: all at once."""
        listed = [{"RuleArn": arn, "Priority": place} for arn, place in priorities.items()]
        self._aws.call("elbv2", "SetRulePriorities", RulePriorities=listed)

    def delete_rule(self, arn: str) -> None:
        """Delete a rule; one that is gone is no error."""
        try:
            self._aws.call("elbv2", "DeleteRule", RuleArn=arn)
        except AwsError as error:
            if error.code not in ("RuleNotFound", "RuleNotFoundException"):
                raise

    def add_tags(self, arns: Sequence[str], tags: dict[str, str]) -> None:
        """Set the same tags of several things. AWS takes a list, and refuses more than one."""
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        for arn in arns:
            self._aws.call("elbv2", "AddTags", ResourceArns=[arn], Tags=listed)


def _no_group(error: AwsError) -> bool:
    return error.code in ("TargetGroupNotFound", "TargetGroupNotFoundException")


def _bodies(found: Any) -> list[Body]:
    return [entry for entry in found if isinstance(entry, dict)]
