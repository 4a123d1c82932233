"""`compose2ecs config`: flags, order, and YAML that reads back as what was printed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from compose2ecs import load
from compose2ecs.app.config import config
from compose2ecs.compose.canonical import canonical, natural_order
from compose2ecs.compose.interpolate import mentioned
from compose2ecs.compose.located import read_documents
from compose2ecs.report import Sources
from compose2ecs.writers.compose_yaml import scalar, to_yaml

TEXT = """
name: shop
services:
  web10:
    image: nginx:${TAG:-1}
    ports: ["8080:80"]
    depends_on: [web2]
    command: echo $$HOME ${MISSING}
    volumes: ["data:/data"]
  web2:
    build: .
    environment: {N: 1, B: }
    networks: [back]
    profiles: []
  off: {image: i, profiles: [dev, debug]}
networks: {back: , spare: }
volumes: {data: , spare: }
x-top: {b10: 1, b2: 2}
"""
YAML = """name: shop
services:
  web2:
    environment:
      B: null
      'N': "1"
    networks:
      back: null
    build:
      context: /work/app
      dockerfile: Dockerfile
  web10:
    command:
      - echo
      - $$HOME
    image: nginx:1
    networks:
      default: null
    volumes:
      - type: volume
        source: data
        target: /data
        volume: {}
    depends_on:
      web2:
        condition: service_started
        required: true
    ports:
      - mode: ingress
        target: 80
        published: "8080"
        protocol: tcp
networks:
  back:
    name: shop_back
  default:
    name: shop_default
volumes:
  data:
    name: shop_data
x-top:
  b2: 2
  b10: 1
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text(TEXT)
    return tmp_path


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "compose2ecs", "config", *words],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": "/home/user"},
        capture_output=True,
        text=True,
    )


def test_yaml(project: Path) -> None:
    done = run(cwd=project)
    assert done.returncode == 0
    assert done.stdout == YAML.replace("/work/app", str(project))
    assert "the variable MISSING is not set" in done.stderr


def test_json(project: Path) -> None:
    found = json.loads(run("--format", "json", cwd=project).stdout)
    assert list(found) == ["name", "networks", "services", "volumes", "x-top"]
    assert list(found["services"]) == ["web10", "web2"]
    assert found["services"]["web2"]["command"] is None
    assert found["networks"]["back"] == {"name": "shop_back", "ipam": {}}


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("--services", "web2\nweb10\n"),
        ("--images", "shop-web2\nnginx:1\n"),
        ("--profiles", "debug\ndev\n"),
        ("--volumes", "data\n"),
        ("--networks", "back\ndefault\n"),
    ],
)
def test_lists(project: Path, flag: str, expected: str) -> None:
    assert run(flag, cwd=project).stdout == expected


def test_profile(project: Path) -> None:
    assert run("--services", "--profile", "dev", cwd=project).stdout == "off\nweb2\nweb10\n"


def test_variables(project: Path) -> None:
    assert run("--variables", cwd=project).stdout == (
        "NAME                REQUIRED            DEFAULT VALUE       ALTERNATE VALUE\n"
        "MISSING             false\n"
        "TAG                 false               1\n"
    )
    found = json.loads(run("--variables", "--format", "json", cwd=project).stdout)
    assert found["TAG"] == {
        "Name": "TAG",
        "DefaultValue": "1",
        "PresenceValue": "",
        "Required": False,
    }


def test_mentioned() -> None:
    found = {m.name: m[1:] for m in mentioned("${A:-x${B-y}}$C ${D:?why} ${E+alt} $$F ${")}
    assert found == {
        "A": ("x${B-y}", "", False),
        "B": ("y", "", False),
        "C": ("", "", False),
        "D": ("", "", True),
        "E": ("", "alt", False),
    }


def test_no_interpolate(project: Path) -> None:
    (project / "more.yaml").write_text("services: {web2: {image: '${IMAGE:?}'}}\n")
    done = run("--no-interpolate", "-f", "compose.yaml", "-f", "more.yaml", cwd=project)
    found = yaml.safe_load(done.stdout)
    assert found["name"] == "shop"
    assert found["services"]["web10"]["image"] == "nginx:${TAG:-1}"
    assert found["services"]["web10"]["command"] == "echo $$HOME ${MISSING}"
    assert found["services"]["web2"]["image"] == "${IMAGE:?}"
    assert found["services"]["off"]["profiles"] == ["dev", "debug"]


def test_quiet(project: Path) -> None:
    done = run("-q", cwd=project)
    assert (done.returncode, done.stdout) == (0, "")
    (project / "compose.yaml").write_text("services: {a: {imagee: i}}")
    done = run("-q", cwd=project)
    assert (done.returncode, done.stdout) == (1, "")
    assert "did you mean 'image'?" in done.stderr


def test_usage(project: Path) -> None:
    done = run("--no-interpolate", "--services", cwd=project)
    assert done.returncode == 2
    assert "exclude each other" in done.stderr


def test_which_second_file_is_read(project: Path) -> None:
    (project / "compose.override.yaml").write_text("services: {web2: {image: override}}\n")
    assert "override" in run("--images", cwd=project).stdout
    (project / "compose.ecs.yaml").write_text("services: {web2: {image: ecs}}\n")
    images = run("--images", cwd=project).stdout
    assert "ecs" in images
    assert "override" not in images


# ---------------------------------------------------------------------------- YAML


def read(text: str) -> Any:
    (document,) = read_documents(text, Sources().add("t", text), [])
    return document.root


_TEXTS = (
    *(
        "",
        " ",
        "  x",
        "x ",
        "a b",
        "a: b",
        "a:b",
        "a #b",
        "a#b",
        "#a",
        "- a",
        "-a",
        "-",
        "?",
        "? a",
    ),
    *(
        ":",
        "a:",
        ":a",
        ",",
        "[",
        "]",
        "{",
        "}",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "'",
        '"',
        "%a",
        "@a",
        "`a",
    ),
    *(
        "1",
        "-1",
        "+1",
        "1.5",
        ".5",
        "5.",
        "1e3",
        "0x1F",
        "0o7",
        "0b1",
        "010",
        "08",
        "1_000",
        "1__0",
    ),
    *("22:22", "1:30:00", "1:30:00.5", "99:99", "190:20:30", "2020-01-01", "2001-12-14t21:59:43Z"),
    *(
        "true",
        "True",
        "TRUE",
        "yes",
        "No",
        "on",
        "OFF",
        "y",
        "N",
        "null",
        "Null",
        "~",
        ".inf",
        "-.Inf",
    ),
    *(
        ".nan",
        "=",
        "<<",
        "a\nb",
        "a\n",
        "a\nb\n",
        "a\n\n",
        "\n",
        "\na",
        " a\nb",
        "a\n b",
        "a\tb",
        "\ta",
    ),
    *(
        "a\rb",
        "a\r\nb",
        "\x00",
        "\x07",
        "\x1b[0m",
        "\x7f",
        "\x85",
        "\xa0",
        "\u2028",
        "\ufeff",
        "\u200b",
    ),
    *(
        "\u00e9",
        "\U0001f600",
        "\U000e0001",
        "---",
        "...",
        "--- a",
        "it's",
        'say "x"',
        "\\",
        "a\\nb",
        "a\n\tb",
    ),
    *(
        "$A",
        "${A:-b}",
        "x" * 2000,
        "x y " * 500,
        "127.0.0.1",
        "::1",
        "02:42:ac:11:65:43",
        "1.2.3",
        "12e03",
    ),
    *(
        "0x",
        "0xg",
        "1e",
        "e1",
        "a\n  \nb",
        "a  \nb",
        "# c\nd",
        "\u3000",
        "a\u2029b",
        ".",
        "..",
        "+",
        "1.e5",
    ),
)


@pytest.mark.parametrize("text", _TEXTS, ids=repr)
def test_a_text_stays_a_text(text: str) -> None:
    value = {"v": text, "l": [text, [text], {"k": text}], text or "e": 1}
    printed = to_yaml(value)
    assert read(printed) == value
    assert yaml.safe_load(printed) == value  # YAML 1.1, by its own rules
    assert scalar(text).isprintable()


def test_random_values_stay_the_same() -> None:
    rng = random.Random(7)

    def value(depth: int) -> Any:
        form = rng.random()
        if depth < 4 and form < 0.3:
            return [value(depth + 1) for _ in range(rng.randint(0, 3))]
        if depth < 4 and form < 0.6:
            return {rng.choice(_TEXTS): value(depth + 1) for _ in range(rng.randint(0, 3))}
        if form < 0.85:
            return "".join(rng.choice(_TEXTS) for _ in range(rng.randint(1, 3)))
        return rng.choice((None, True, False, 0, -5, 10**20, 1.5, 1e300, 1e-7))

    for _ in range(500):
        made = {"a": value(0), "b": value(0)}
        printed = to_yaml(made)
        assert read(printed) == made, printed
        assert printed == to_yaml(made)


def test_style() -> None:
    value = {
        "list": [{"a": 1, "b": []}, ["x", {"y": None}], {}],
        "text": "a\nb\n",
        "on": "yes",
        "empty": {},
    }
    assert to_yaml(value) == (
        "list:\n"
        "  - a: 1\n"
        "    b: []\n"
        "  - - x\n"
        "    - 'y': null\n"
        "  - {}\n"
        "text: |\n"
        "  a\n"
        "  b\n"
        "'on': 'yes'\n"
        "empty: {}\n"
    )
    assert to_yaml({}) == "{}\n"


def test_natural_order() -> None:
    assert natural_order(["a10", "a2", "a", "B", "_", "a02", "a1b", "a-1"]) == [
        *("_", "B", "a", "a-1", "a1b", "a2", "a02", "a10"),
    ]


# ---------------------------------------------------------------------------- canonical form


def first(text: str, name: str = "a", **options: Any) -> dict[str, Any]:
    project = load(files={"compose.yaml": text}, environment={}, **options)
    found: dict[str, Any] = canonical(project)["services"][name]
    return found


def test_dollars_are_doubled() -> None:
    text = "services: {a: {image: i, environment: {P: 'a$$b'}}}"
    project = load(files={"compose.yaml": text}, environment={})
    assert "P: a$$b" in config(project)
    again = load(files={"compose.yaml": config(project)}, environment={})
    assert again.services["a"].environment == {"P": "a$b"}


def test_what_is_empty_and_what_is_not_said() -> None:
    found = first(
        "services: {a: {image: i, init: false, privileged: false, command: [], labels: {},"
        " scale: 0, deploy: {replicas: 0, placement: {}}, stop_grace_period: 0s, mem_limit: 0}}"
    )
    assert found == {
        "deploy": {"replicas": 0},
        "scale": 0,
        "command": [],
        "image": "i",
        "init": False,
        "networks": {"default": None},
        "stop_grace_period": "0s",
    }


def test_pre_start_inherits() -> None:
    found = first(
        "services: {a: {image: i, environment: {A: 1, B: 1}, user: u, ports: [80],"
        " volumes: ['/x:/y'], pre_start: [{command: migrate, environment: {B: 2}}]}}"
    )
    assert found["pre_start"] == [
        {
            "command": ["migrate"],
            "environment": {"A": "1", "B": "2"},
            "image": "i",
            "networks": {"default": None},
            "user": "u",
        }
    ]


def test_jobs() -> None:
    text = (
        "services: {a: {image: i}}\n"
        "jobs: {j: {image: k, command: x, networks: [n], triggers: {schedule: ['@daily']}}}\n"
        "networks: {n: }"
    )
    project = load(files={"compose.yaml": text}, environment={})
    assert canonical(project)["jobs"] == {
        "j": {
            "triggers": {"schedule": [{"cron": "@daily"}]},
            "command": ["x"],
            "image": "k",
            "networks": {"n": None},
        }
    }
    assert set(canonical(project)["networks"]) == {"default", "n"}
