"""What is asked before anything is written, what is taken back, and rights that end."""

from __future__ import annotations

import datetime
from typing import Any

import boto3
import pytest
from botocore.session import get_session

from compose2ecs.app.up import Options
from compose2ecs.aws.session import Account, Where
from compose2ecs.plan.errors import RefusedError, UnhealthyError
from tests.deploy.fakes import FakeAws, FakeClock
from tests.deploy.running import plan, services, up
from tests.deploy.test_safety import foreign_group, foreign_rule


def full(rules: int) -> FakeAws:
    aws = FakeAws()
    group = foreign_group(aws, "other")
    for number in range(rules):
        condition = {"Field": "path-pattern", "PathPatternConfig": {"Values": [f"/old{number}"]}}
        foreign_rule(aws, group, 20000 + number, **condition)
    aws.revive()
    return aws


def test_too_many_rules() -> None:
    aws = full(99)
    with pytest.raises(RefusedError, match="99 are there, 2 come, and 100 are allowed") as caught:
        up(aws, services(3, 2))
    assert aws.writes == []
    assert "Service Quotas" in caught.value.hint
    assert aws.counts()["DescribeAccountLimits"] == 1
    up(aws, services(3, 1))


def test_a_quota_that_was_raised() -> None:
    aws = full(99)
    aws.limits["rules-per-application-load-balancer"] = 200
    up(aws, services(3, 2))
    aws.revive()
    up(aws, services(3, 2))
    assert "DescribeAccountLimits" not in aws.counts()
    assert aws.writes == []


def test_too_many_target_groups() -> None:
    aws = FakeAws()
    aws.limits["target-groups-per-application-load-balancer"] = 101
    with pytest.raises(RefusedError, match="target groups of an application load balancer: 0 are"):
        up(aws, services(102, 102))
    assert aws.writes == []


SETTINGS = """
services:
  web:
    image: 'i:%d'
    scale: %d
    x-ecs: {deployment: {minimum_healthy_percent: %d}}
"""


def test_all_that_was_changed_is_taken_back_and_done_again_by_the_next_run() -> None:
    aws = FakeAws()
    aws.rolls_back = False
    before, after = SETTINGS % (1, 2, 50), SETTINGS % (2, 4, 100)
    up(aws, before, options=Options())
    aws.unstable.add("p-web")
    with pytest.raises(UnhealthyError, match="rolled back to what ran before: p-web"):
        up(aws, after, options=Options(rollback=True))
    service = aws.services["p-web"]
    assert service["taskDefinition"].endswith(":1")
    assert service["desiredCount"] == 2
    assert service["deploymentConfiguration"]["minimumHealthyPercent"] == 50
    aws.unstable.clear()
    assert plan(aws, before).plan.changes == ()
    up(aws, after)
    assert aws.services["p-web"]["desiredCount"] == 4
    assert aws.services["p-web"]["deploymentConfiguration"]["minimumHealthyPercent"] == 100
    assert plan(aws, after).plan.changes == ()


class Sts:
    """Gives rights that end soon, and others each time."""

    def __init__(self, lasting: float) -> None:
        self.lasting, self.given = lasting, 0

    def assume_role(self, **body: Any) -> dict[str, Any]:
        assert body["RoleArn"] == ROLE
        self.given += 1
        end = datetime.datetime.now(datetime.timezone.utc)
        end += datetime.timedelta(seconds=self.lasting)
        return {
            "Credentials": {
                "AccessKeyId": f"key{self.given}",
                "SecretAccessKey": "s",
                "SessionToken": "t",
                "Expiration": end,
            }
        }


ROLE = "arn:aws:iam::111122223333:role/deploy"


@pytest.mark.parametrize(("lasting", "given"), [(3600, 1), (60, 3)])
def test_rights_of_a_role_are_asked_for_anew_before_they_end(lasting: float, given: int) -> None:
    sts = Sts(lasting)

    class First:
        region_name = "eu-west-1"

        def client(self, *_: Any, **__: Any) -> Sts:
            return sts

    account = Account(Where(role_arn=ROLE), clock=FakeClock())
    session = account._assumed(First(), boto3.session.Session)
    assert session.region_name == "eu-west-1"
    keys = [session.get_credentials().get_frozen_credentials().access_key for _ in range(2)]
    assert sts.given == given
    assert keys == [f"key{max(1, given - 1)}", f"key{given}"]
    assert get_session() is not session
