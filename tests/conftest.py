"""Options and rules for the whole suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")
    parser.addoption("--slow", action="store_true", help="run what takes long, too, as CI does")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update-golden") and os.environ.get("CI"):
        raise pytest.UsageError("golden files are not rewritten in CI")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long runs in CI, with --slow, and where it is asked for by name."""
    if os.environ.get("CI") or config.getoption("--slow") or config.getoption("-m"):
        return
    named = {argument.partition("::")[0] for argument in config.args}
    slow = [
        item
        for item in items
        if item.get_closest_marker("slow") and str(item.path.relative_to(ROOT)) not in named
    ]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in set(slow)]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where everything must be there, a skipped test is a failed one."""
    if not os.environ.get("COMPOSE2ECS_NO_SKIPS"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("tests were skipped, and COMPOSE2ECS_NO_SKIPS is set", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
