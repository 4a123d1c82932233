"""How many calls, how many of them write, and how many wait for each other: exactly the formula of
docs/deploy.md."""

from __future__ import annotations

from math import ceil

import pytest

from compose2ecs.app.up import Options
from tests.deploy.fakes import FakeAws
from tests.deploy.running import down, plan, services, up

SIZES = [(3, 2), (10, 4), (50, 20)]


def reads(n: int) -> int:
    """What is read in any case, with the listener, the VPC and a domain given."""
    return ceil(n / 10) + 3


def finding(s: int, t: int, c: int = 0, g: int = 0) -> int:
    """What it takes to find what left the file: `s` services on the cluster, `t` target groups in
    the region, `c` services and `g` target groups and rules that may be the stack's."""
    return max(1, ceil(s / 100)) + max(1, ceil(t / 400)) + ceil(c / 10) + ceil(g / 20)


def gone(services: int, looks: int) -> int:
    """Deleting services: tags once more, the delete, and looking until they are gone."""
    return ceil(services / 10) + services + looks * ceil(services / 10)


def routes_gone(routes: int) -> int:
    """Deleting rules and target groups: tags once more, and the delete, of each."""
    return 2 * (ceil(routes / 20) + routes)


@pytest.mark.parametrize(("n", "balanced"), SIZES)
def test_create(n: int, balanced: int) -> None:
    aws = FakeAws()
    up(aws, services(n, balanced))
    attributes, log_groups = balanced, 1
    base = reads(n) + 2 * n + 2 * balanced
    assert len(aws.calls) == base + finding(0, 0) + attributes + log_groups
    assert aws.counts()["RegisterTaskDefinition"] == aws.counts()["CreateService"] == n
    assert aws.counts()["CreateTargetGroup"] == aws.counts()["CreateRule"] == balanced
    assert not [done for done in aws.calls if done.error]


@pytest.mark.parametrize(("n", "balanced"), SIZES)
def test_unchanged(n: int, balanced: int) -> None:
    aws = FakeAws()
    text = services(n, balanced)
    up(aws, text, options=Options())
    aws.revive()
    up(aws, text, options=Options())
    assert len(aws.calls) == reads(n)
    assert aws.writes == []


@pytest.mark.parametrize(("n", "balanced"), SIZES)
def test_one_changed(n: int, balanced: int) -> None:
    aws = FakeAws()
    up(aws, services(n, balanced))
    aws.revive()
    up(aws, services(n, balanced, s01="command: [other]"))
    assert len(aws.calls) == reads(n) + 3
    assert aws.writes == ["RegisterTaskDefinition", "UpdateService", "TagResource"]


@pytest.mark.parametrize("k", [2, 10])
def test_some_changed(k: int) -> None:
    aws = FakeAws()
    up(aws, services(10, 4))
    aws.revive()
    up(aws, services(10, 4, **{f"s{i:02d}": "command: [other]" for i in range(k)}))
    assert len(aws.calls) == reads(10) + 3 * k
    assert aws.counts()["UpdateService"] == k


@pytest.mark.parametrize(("n", "balanced"), SIZES)
def test_one_removed(n: int, balanced: int) -> None:
    """The last, which is not behind the load balancer."""
    aws = FakeAws()
    up(aws, services(n, balanced))
    aws.revive()
    up(aws, services(n - 1, balanced))
    note = 1
    found = finding(n, balanced, c=1, g=balanced)
    assert len(aws.calls) == reads(n - 1) + found + gone(1, looks=2) + note
    assert [w for w in aws.writes if w.startswith("Delete")] == ["DeleteService"]
    aws.revive()
    up(aws, services(n - 1, balanced))
    assert len(aws.calls) == reads(n - 1)


def test_one_removed_with_its_route() -> None:
    aws = FakeAws()
    up(aws, services(3, 3))
    aws.revive()
    up(aws, services(2, 2))
    found = finding(3, 3, c=1, g=3 + 1)
    assert len(aws.calls) == reads(2) + found + 1 + routes_gone(1) + gone(1, looks=2)
    deletes = [w for w in aws.writes if w.startswith("Delete")]
    assert deletes == ["DeleteRule", "DeleteService", "DeleteTargetGroup"]


@pytest.mark.parametrize(("n", "balanced"), SIZES)
def test_down(n: int, balanced: int) -> None:
    aws = FakeAws()
    text = services(n, balanced)
    up(aws, text)
    aws.revive()
    down(aws, text)
    looked = ceil(n / 10) + 1 + finding(n, balanced, g=2 * balanced)
    assert len(aws.calls) == looked + gone(n, looks=2) + routes_gone(balanced)
    assert len(aws.writes) == n + 2 * balanced
    aws.revive()
    down(aws, text)
    assert aws.writes == []


@pytest.mark.parametrize(("n", "balanced"), SIZES)
def test_nothing_is_read_for_nothing_in_direct_mode(n: int, balanced: int) -> None:
    aws = FakeAws()
    text = services(n, balanced)
    up(aws, text, listener="none")
    aws.revive()
    up(aws, text, listener="none")
    assert aws.counts() == {"DescribeServices": ceil(n / 10)}


def test_what_is_not_given_is_looked_up_with_one_call() -> None:
    aws = FakeAws()
    text = services(3, 2)
    up(aws, text, vpc="", domain="")
    aws.revive()
    planned = plan(aws, text, vpc="", domain="")
    assert len(aws.calls) == reads(3) + 1
    own = "https://qa-1.eu-west-1.elb.amazonaws.com"
    assert planned.plan.urls == (f"{own}/", f"{own}/s01")


def test_depth() -> None:
    """Reads, the search for what left, target group, rule, service; and the attributes on the way."""
    text = services(3, 2)
    aws = FakeAws(latency=0.02)
    up(aws, text)
    assert aws.depth() <= 6
    aws.revive()
    up(aws, text)
    assert aws.depth() == 1
    aws.revive()
    up(aws, services(3, 2, s00="command: [a]", s02="command: [b]"))
    assert aws.depth() == 1 + 3


def test_waiting_asks_for_ten_services_at_once() -> None:
    aws = FakeAws()
    up(aws, services(12, 0), options=Options())
    # once in the plan, and twice while waiting: it settles after it was looked at
    assert aws.counts()["DescribeServices"] == 2 + 2 * 2


def test_target_health_is_asked_for_once_for_each_group_that_changed() -> None:
    aws = FakeAws()
    up(aws, services(3, 2), options=Options())
    assert aws.counts()["DescribeTargetHealth"] == 2
