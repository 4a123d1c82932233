"""Nothing is dropped silently: every Compose key is used by a rule, or explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from compose2ecs import Report, load, translate
from compose2ecs.compose.keys import SERVICE_KEYS
from compose2ecs.compose.model import Service
from compose2ecs.ecs.rules import USED
from compose2ecs.ecs.unsupported import KEYS as UNSUPPORTED
from tests.conftest import ROOT

# One value for each key, such that it says something.
VALUES = {
    "annotations": "{a: b}",
    "attach": "false",
    "blkio_config": "{weight: 300}",
    "cgroup": "host",
    "cgroup_parent": "m-executor",
    "cpu_percent": "50",
    "cpu_rt_period": "1000",
    "cpu_rt_runtime": "950",
    "cpuset": "'0,1'",
    "credential_spec": "{file: my.json}",
    "develop": "{watch: []}",
    "device_cgroup_rules": "['c 1:3 mr']",
    "dns_opt": "[use-vc]",
    "domainname": "example.com",
    "external_links": "[other]",
    "group_add": "[mail]",
    "isolation": "default",
    "mac_address": "'02:42:ac:11:65:43'",
    "models": "[llm]",
    "oom_kill_disable": "true",
    "oom_score_adj": "100",
    "pids_limit": "10",
    "post_start": "[{command: a}]",
    "pre_stop": "[{command: a}]",
    "provider": "{type: x}",
    "pull_policy": "always",
    "pull_refresh_after": "1d",
    "runtime": "nvidia",
    "stop_signal": "SIGUSR1",
    "use_api_socket": "true",
    "userns_mode": "host",
    "uts": "host",
}


def test_every_key_is_used_or_explained() -> None:
    assert set(SERVICE_KEYS) == USED | set(UNSUPPORTED)
    assert not USED & set(UNSUPPORTED)


def test_every_key_has_a_field() -> None:
    assert set(SERVICE_KEYS) < set(Service._fields)
    assert len(SERVICE_KEYS) == 93


def test_values_are_whole() -> None:
    assert set(VALUES) == set(UNSUPPORTED)


@pytest.mark.parametrize("key", sorted(UNSUPPORTED))
def test_an_unused_key_is_told(key: str) -> None:
    report = Report()
    text = (
        f"services:\n  a:\n    image: i\n    {key}: {VALUES[key]}\nmodels: {{llm: {{model: m}}}}\n"
    )
    translate(load(files={"compose.yaml": text}, environment={}, report=report), report=report)
    told = [d for d in report if d.code in ("key-lost", "key-ignored") and f"`{key}`" in d.message]
    assert len(told) == 1
    assert told[0].span is not None
    assert (told[0].span.line, told[0].span.column) == (4, 5)
    assert told[0].severity == ("warning" if UNSUPPORTED[key].lost else "info")


def test_packages_are_listed() -> None:
    import configparser

    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    listed = set(config["options"]["packages"].split())
    there = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in Path(ROOT / "compose2ecs").rglob("__init__.py")
    }
    assert listed == there | {"compose2ecs.schemas"}
