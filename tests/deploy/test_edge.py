"""The edge to AWS: pace, retries, errors in one sentence, paging."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore import exceptions as boto

from compose2ecs.aws import pace
from compose2ecs.aws.ecs import Ecs
from compose2ecs.aws.elb import Elb
from compose2ecs.aws.errors import from_boto, make
from compose2ecs.aws.pace import RATES, Pace
from compose2ecs.aws.session import Account, Where, may_try_again
from compose2ecs.plan.errors import AwsError
from tests.deploy.fakes import FakeClock

SECRET = "hunter2"


class Bucket:
    """AWS's side of a rate: full at first, and refuses whoever finds it empty."""

    def __init__(self, clock: FakeClock, rate: pace.Rate) -> None:
        self.clock, self.rate = clock, rate
        self.left, self.then = float(rate.burst), clock.now()

    def take(self) -> bool:
        now = self.clock.now()
        self.left = min(self.rate.burst, self.left + (now - self.then) * self.rate.per_second)
        self.then = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


@pytest.mark.parametrize(
    ("operation", "number", "floor"),
    [
        ("RegisterTaskDefinition", 50, 30),
        ("CreateService", 100, 10),
        ("RegisterTaskDefinition", 20, 0),
    ],
)
def test_the_pace_of_aws(operation: str, number: int, floor: float) -> None:
    """No call is refused, and nobody waits a tenth longer than AWS's own rate asks for."""
    clock = FakeClock()
    began = clock.now()
    ours = Pace(clock)
    theirs = Bucket(clock, RATES[pace.family("ecs", operation)])
    for _ in range(number):
        ours.take("ecs", operation)
        assert theirs.take()
    assert clock.now() - began <= max(floor * 1.1, 1)
    assert clock.now() - began >= floor


def test_families_do_not_slow_each_other() -> None:
    clock = FakeClock()
    ours = Pace(clock)
    for _ in range(19):
        assert ours.take("ecs", "RegisterTaskDefinition") == 0
    assert ours.take("elbv2", "CreateRule") == 0
    assert ours.take("ecs", "RegisterTaskDefinition") > 0
    assert ours.take("sts", "GetCallerIdentity") == 0


def test_many_threads_share_one_bucket() -> None:
    clock = FakeClock()
    ours = Pace(clock)
    waited: list[float] = []
    threads = [
        threading.Thread(target=lambda: waited.append(ours.take("ecs", "RegisterTaskDefinition")))
        for _ in range(25)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(1 for seconds in waited if seconds == 0) >= 19
    assert clock.now() - 1000 >= 5


class Answers:
    """A client of boto3's with one method: each call takes the next answer."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.bodies: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        def method(**body: Any) -> Any:
            self.bodies.append(body)
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return method


def account(client: Answers, service: str = "ecs") -> tuple[Account, FakeClock]:
    clock = FakeClock()
    made = Account(Where(region="eu-west-1"), clock=clock)
    made._clients[service] = client
    return made, clock


def refusal(code: str, text: str = "Rate exceeded") -> boto.ClientError:
    return boto.ClientError({"Error": {"Code": code, "Message": text}}, "X")


LOST = boto.EndpointConnectionError(endpoint_url="https://x")
BUSY = refusal("ClientException", "Too many concurrent attempts to create a new revision")


@pytest.mark.parametrize(
    ("operation", "errors", "good"),
    [
        ("CreateService", [refusal("ThrottlingException")] * 5, True),
        ("DescribeServices", [refusal("ThrottlingException")] * 8, False),
        ("DescribeServices", [LOST, LOST], True),
        ("DescribeServices", [LOST, LOST, LOST], False),
        ("UpdateService", [LOST], True),
        ("RunTask", [LOST], False),
        ("ExecuteCommand", [refusal("ServerException")], False),
        ("RegisterTaskDefinition", [BUSY, BUSY], True),
        ("UpdateService", [refusal("AccessDeniedException")], False),
    ],
)
def test_what_is_tried_again(operation: str, errors: list[Exception], good: bool) -> None:
    client = Answers(*errors, {"done": True})
    made, clock = account(client)
    if good:
        assert made.call("ecs", operation) == {"done": True}
        assert len(client.bodies) == len(errors) + 1
        assert clock.now() > 1000
    else:
        with pytest.raises(AwsError):
            made.call("ecs", operation)
        assert len(client.bodies) == len(errors)
    assert [call.error is None for call in made.calls][-1] is good


def test_a_token_makes_a_call_repeatable() -> None:
    error = make("ecs", "RunTask", "NoAnswer")
    assert may_try_again(error, 1, 1, token=True)
    assert not may_try_again(error, 1, 1)


ERRORS = [
    (
        refusal("AccessDeniedException", f"no\n {SECRET[:0]}way"),
        "AccessDeniedException: no way",
        "ecs:X",
    ),
    (boto.NoCredentialsError(), "NoCredentials", "AWS_PROFILE"),
    (boto.NoRegionError(), "NoRegion", "--region"),
    (LOST, "NoAnswer", "network"),
    (boto.ProfileNotFound(profile="qa"), "ProfileNotFound", ""),
    (
        boto.ParamValidationError(report=f"Invalid type for parameter a.b, value: {SECRET}"),
        r"InvalidRequest: not a valid request \(a.b\)",
        "",
    ),
]


@pytest.mark.parametrize(("error", "text", "hint"), ERRORS, ids=lambda value: type(value).__name__)
def test_errors_in_one_sentence(error: Exception, text: str, hint: str) -> None:
    found = from_boto("ecs", "X", error)
    assert found.exit_code == 3
    assert str(found).startswith("ecs X failed: ")
    assert "\n" not in str(found)
    assert SECRET not in str(found)
    import re

    assert re.search(text, str(found))
    assert hint in found.hint


def test_other_exceptions_keep_their_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        from_boto("ecs", "X", ZeroDivisionError())


def test_lists_are_read_to_their_end() -> None:
    client = Answers({"serviceArns": ["a/b/one"], "nextToken": "2"}, {"serviceArns": ["a/b/two"]})
    assert Ecs(account(client)[0]).service_names("qa") == ["one", "two"]
    assert [body.get("nextToken") for body in client.bodies] == [None, "2"]
    rules = Answers({"Rules": [{"RuleArn": "1"}], "NextMarker": "m"}, {"Rules": [{"RuleArn": "2"}]})
    assert len(Elb(account(rules, "elbv2")[0]).rules("listener")) == 2
    assert rules.bodies[1]["Marker"] == "m"


def test_failures_in_an_answer_are_errors_unless_it_is_only_missing() -> None:
    client = Answers({"services": [], "failures": [{"arn": "x", "reason": "MISSING"}]})
    assert Ecs(account(client)[0]).services("qa", ["x"]) == {}
    client = Answers({"services": [], "failures": [{"arn": "x", "reason": "OTHER"}]})
    with pytest.raises(AwsError, match="OTHER"):
        Ecs(account(client)[0]).services("qa", ["x"])
    client = Answers({"tasks": [], "failures": [{"arn": "i", "reason": "RESOURCE:MEMORY"}]})
    with pytest.raises(AwsError, match="RESOURCE:MEMORY"):
        Ecs(account(client)[0]).run_task({})


def test_tags_of_things_of_which_one_is_gone() -> None:
    gone = refusal("TargetGroupNotFound", "gone")
    tagged = {"TagDescriptions": [{"ResourceArn": "a", "Tags": [{"Key": "k", "Value": "v"}]}]}
    client = Answers(gone, tagged, gone)
    assert Elb(account(client, "elbv2")[0]).tags(["a", "b"]) == {"a": {"k": "v"}}
