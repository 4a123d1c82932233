"""It must never be the sandbox that tests wait for."""

from __future__ import annotations

import time

from compose2ecs.sandbox import Sandbox
from tests.sandbox.scene import behind, container, register, routed, service

SPARE = 5.0  # machines are slow; time of the processor, because they are busy with other things


def test_fifty_services_are_steady_in_no_time() -> None:
    with Sandbox(instances=8) as aws:
        for number in range(50):
            name = f"s{number}"
            register(aws, name, container(name))
            balanced = behind(routed(aws, name, number + 1), name) if number % 2 else []
            service(aws, name, count=2, loadBalancers=balanced)
        began = time.process_time()
        assert aws.settle()
        assert time.process_time() - began < 0.4 * SPARE
        assert sum(len(aws.tasks(f"s{number}")) for number in range(50)) == 100


def test_a_sandbox_and_a_call_cost_next_to_nothing() -> None:
    with Sandbox() as aws:
        aws.client("ecs").list_clusters()
    began = time.process_time()
    with Sandbox() as aws:
        assert time.process_time() - began < 0.02 * SPARE
        register(aws)
        began = time.process_time()
        for _ in range(50):
            register(aws)
        assert (time.process_time() - began) / 50 < 0.003 * SPARE
