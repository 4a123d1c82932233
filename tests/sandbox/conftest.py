"""A sandbox for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from compose2ecs.sandbox import Sandbox


@pytest.fixture
def aws() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made
