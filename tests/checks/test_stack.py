"""What the bodies of a stack are to each other, and what holds for all checks on them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from compose2ecs.checks import (
    deployments,
    find,
    find_one,
    jobs,
    launch,
    routing,
    rules,
    scaling,
    services,
    stack,
)
from compose2ecs.checks.stack import Whole, group_of, is_port, of_all, service_of, task_of
from tests.checks.bodies import steps
from tests.checks.pairs import Pairs, decided, missing, spoken, wanted
from tests.test_speed import Lines

MODULES = (services, launch, deployments, routing, rules, scaling, jobs, stack)
TABLES = [Pairs(f"{name}.yaml") for name in ("services", "routing", "scaling")]
COUNTED = {"D374"}  # below, because it takes more bodies than one writes


def rule(number: int) -> dict[str, Any]:
    return {
        "ListenerArn": "arn",
        "Priority": number + 1,
        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": [f"/{number}"]}}],
        "Actions": [{"Type": "forward", "TargetGroupArn": "arn"}],
    }


def policy(number: int) -> dict[str, Any]:
    return {
        "PolicyName": f"policy-{number}",
        "ServiceNamespace": "ecs",
        "ResourceId": "service/qa/web",
        "ScalableDimension": "ecs:service:DesiredCount",
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
    }


def ids(bodies: Any) -> list[str]:
    return [finding.check.id for finding in find(bodies)]


def test_every_check_on_the_stack_has_its_pair() -> None:
    rows = decided([stack])
    cases = set.intersection(*(set(missing(table, rows)) for table in TABLES))
    assert cases == COUNTED


@pytest.mark.parametrize(
    ("kind", "make", "most", "id_"),
    [("listener-rules", rule, 100, "D374"), ("scaling-policies", policy, 50, "D360")],
)
def test_quotas_are_counted(kind: str, make: Any, most: int, id_: str) -> None:
    right = {kind: {str(number): make(number) for number in range(most)}}
    assert ids(right) == []
    wrong = {kind: {str(number): make(number) for number in range(most + 1)}}
    (finding,) = find(wrong)
    assert (finding.check.id, finding.name) == (id_, str(most))


# ---------------------------------------------------------------------------- references


def test_bodies_are_found_by_placeholder_name_and_key() -> None:
    task, group, service = {"family": "web"}, {"Name": "web"}, {"serviceName": "web"}
    bodies = {
        "task-definitions": {"a-file": task, "arn:task/web:1": task},
        "target-groups": {"a-file": group, "arn:group/web": group},
        "services": {"a-file": {**service, "cluster": "arn:aws:ecs:x:1:cluster/qa"}},
    }
    for reference in ("web", "arn:task/web:1", "<task-definition-arn:web>"):
        assert task_of(reference, bodies) is task
    for reference in ("arn:group/web", "<target-group-arn:web>"):
        assert group_of(reference, bodies) is group
    assert service_of("service/qa/web", bodies) is not None
    assert service_of("service/<cluster>/web", bodies) is not None
    nobody: tuple[Any, ...] = ("api", "web:7", "<cluster>", "", None, 7, [])
    assert [task_of(reference, bodies) for reference in nobody] == [None] * 7
    assert [group_of(reference, bodies) for reference in nobody] == [None] * 7
    assert service_of("service/live/web", bodies) is None


def test_ports() -> None:
    found = [text for text in ("1", "65535", "0", "65536", "-1", "", "a", "1.5") if is_port(text)]
    assert found == ["1", "65535"]


def test_what_is_worked_out_is_worked_out_once() -> None:
    calls = []

    def count(bodies: Any) -> int:
        calls.append(bodies)
        return len(bodies)

    whole = Whole({"services": {}})
    assert [of_all(count, whole), of_all(count, whole)] == [1, 1]
    assert len(calls) == 1
    assert [of_all(count, {}), of_all(count, {})] == [0, 0]
    assert len(calls) == 3


def test_one_request_beside_what_is_there() -> None:
    there = {"listener-rules": {"0": rule(0)}}
    assert [f.check.id for f in find_one("listener-rules", rule(0), there)] == ["D180", "D183"]
    assert find_one("listener-rules", rule(1), there) == []
    assert find_one("listener-rules", there["listener-rules"]["0"], there) == []


def test_the_same_target_group_again_is_the_one_that_is_there() -> None:
    group = {"Name": "web", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1"}
    there = {"target-groups": {"web": group}}
    assert find_one("target-groups", dict(group), there) == []
    (finding,) = find_one("target-groups", {**group, "Port": 81}, there)
    assert finding.check.id == "D173"


# ---------------------------------------------------------------------------- for all of them

ODD: tuple[Any, ...] = (None, True, -1, 1.5, "", "x", "<x>", [], [None], [[]], {}, {"a": {"b": []}})


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to everything in a body."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def ask_all(bodies: Any) -> int:
    """Ask every check of these modules about every body; how much they find."""
    whole = Whole(bodies)
    found = 0
    for module in MODULES:
        for kind, named in bodies.items():
            for body in named.values():
                for alone in module.ALONE.get(kind, ()):
                    found += len(list(alone(body)))
                for among in module.AMONG.get(kind, ()):
                    found += len(list(among(body, whole)))
    return found


each_table = pytest.mark.parametrize("table", TABLES, ids=("services", "routing", "scaling"))


@each_table
def test_nothing_that_json_can_say_stops_a_check(table: Pairs) -> None:
    """What is broken is said, or passed over: botocore tells of wrong types."""
    asked = 0
    for named in table.bodies.values():
        for place, body in named.items():
            for path in places(body):
                for odd in ODD:
                    ask_all(by_kind({**named, place: with_odd(body, path, odd)}))
                    asked += 1
    for case in table.cases:
        for side in ("passes", "fails"):
            bodies = table.variant(case, side)
            kind, _, name = case["body"].partition("/")
            way = steps(case["path"])
            for odd in ODD:
                body = bodies[kind][name]
                for length in range(1, len(way) + 1):
                    if way[:length] in (list(path) for path in places(body)):
                        changed = with_odd(body, tuple(way[:length]), odd)
                        ask_all({**bodies, kind: {**bodies[kind], name: changed}})
                        asked += 1
    assert asked > 1000


def by_kind(named: dict[str, Any]) -> dict[str, dict[str, Any]]:
    bodies: dict[str, dict[str, Any]] = {}
    for place, body in named.items():
        kind, _, name = place.partition("/")
        bodies.setdefault(kind, {})[name] = body
    return bodies


def with_odd(body: Any, path: tuple[Any, ...], odd: Any) -> Any:
    changed = copy.deepcopy(body)
    *way, last = path
    place = changed
    for step in way:
        place = place[step]
    place[last] = odd
    return changed


@each_table
def test_what_stands_for_something_is_never_at_fault(table: Pairs) -> None:
    """A placeholder may stand wherever a text does."""
    for case in table.cases:
        if not (isinstance(case.get("fails"), str) and isinstance(case.get("passes"), str)):
            continue  # it is not about what the text says
        bodies = table.variant({**case, "fails": "<not-known-yet>"}, "fails")
        told = [finding.check.id for finding in find(bodies)]
        assert case["id"] not in told, case


def test_the_work_grows_as_the_stack_does() -> None:
    def lines(count: int) -> int:
        bodies = {
            "listener-rules": {str(number): rule(number) for number in range(count)},
            "scaling-policies": {
                str(number): {**policy(number), "ResourceId": f"service/qa/{number}"}
                for number in range(count)
            },
            "services": {
                str(number): {
                    "serviceName": f"s{number}",
                    "taskDefinition": f"s{number}",
                    "desiredCount": 1,
                    "loadBalancers": [{"targetGroupArn": f"<target-group-arn:g{number}>"}],
                    "serviceConnectConfiguration": {
                        "enabled": True,
                        "services": [{"portName": f"s{number}"}],
                    },
                }
                for number in range(count)
            },
            "target-groups": {
                str(number): {"Name": f"g{number}", "Protocol": "HTTP", "Port": 80, "VpcId": "v"}
                for number in range(count)
            },
        }
        with Lines() as run:
            ask_all(bodies)
        return run.run

    small, large = lines(50), lines(500)
    assert large / small <= 10.5


def test_cases_say_what_they_are_about() -> None:
    for table in TABLES:
        assert table.cases
        for case in table.cases:
            assert wanted(case)[0] == case["id"]
            assert spoken(table, case, {}) == [], case
