"""Bad input ends in a located message and exit code 1, never in a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from compose2ecs import InputError, Report, load, translate
from compose2ecs.cli.show import as_text
from compose2ecs.compose.files import MAX_BYTES

A = "services:\n  a:\n    image: i\n"
ELEVEN = "services:\n  s0: {image: i, links: [" + ", ".join(f"s{n}" for n in range(1, 11)) + "]}\n"
ELEVEN += "".join(f"  s{n}: {{image: i}}\n" for n in range(1, 11))
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)

# text, code, line, column (0 where there is none)
CASES: dict[str, tuple[str | bytes, str, int, int]] = {
    "empty": ("", "empty-file", 1, 1),
    "only a comment": ("# nothing\n", "empty-file", 1, 1),
    "a list": ("- a\n- b\n", "top-level", 1, 1),
    "a word": ("hello\n", "top-level", 1, 1),
    "not yaml": ("services:\n  a: [1\n  b: 2\n", "yaml-syntax", 3, 4),
    "a tab": ("services:\n\ta: 1\n", "yaml-syntax", 2, 1),
    "binary": (b"\x00\x01\x02\xff\xfe", "not-text", 1, 4),
    "latin-1": (A.encode() + b"    user: \xe9\n", "not-text", 4, 11),
    "control character": ("services:\n  a: {image: \x07}\n", "yaml-control-character", 2, 14),
    "deep nesting": ("x-a: " + "[" * 5000, "yaml-depth", 1, 205),
    "deep mapping": ("x-a: " + "{a: " * 5000, "yaml-depth", 1, 0),
    "alias bomb": (BOMB, "yaml-too-many-nodes", 7, 5),
    "alias cycle": ("x-a: &a [*a]\n" + A, "yaml-alias-cycle", 1, 10),
    "unknown alias": (A + "    user: *nobody\n", "yaml-unknown-alias", 4, 11),
    "duplicate key": (A + "    image: j\n", "yaml-duplicate-key", 4, 5),
    "duplicate merge": ("x-a: &a {}\nx-b:\n  <<: *a\n  <<: *a\n", "yaml-duplicate-key", 4, 3),
    "merge of a word": ("x-b:\n  <<: word\n" + A, "yaml-merge", 2, 3),
    "key of another type": ("services:\n  1: {image: i}\n", "yaml-key-type", 2, 3),
    "no services": ("name: x\n", "no-services", 1, 1),
    "services empty": ("services:\n", "empty-value", 1, 10),
    "service empty": ("services:\n  a:\n", "empty-value", 2, 5),
    "unknown top key": ("service: {}\n" + A, "unknown-key", 1, 1),
    "port out of range": (A + "    ports: ['99999']\n", "bad-port", 4, 13),
    "ports as a word": (A + "    ports: '80'\n", "wrong-type", 4, 12),
    "bad interpolation": (A + "    user: ${A B}\n", "interpolation", 4, 11),
    "required variable": (A + "    user: ${NOBODY:?say who}\n", "interpolation", 4, 11),
    "cycle of links": (
        "services:\n  a: {image: i, links: [b]}\n  b: {image: i, links: [a]}\n",
        "dependency-cycle",
        3,
        17,
    ),
    "eleven containers": (ELEVEN, "too-many-containers", 2, 3),
    "undefined volume": (A + "    volumes: ['data:/d']\n", "undefined", 4, 15),
    "undefined service": (A + "    depends_on: [b]\n", "undefined", 4, 18),
    "no image": ("services:\n  a: {user: x}\n", "no-image", 2, 3),
    "bad project name": ("name: '...'\n" + A, "bad-project-name", 1, 7),
    "unknown x-ecs key": ("x-ecs: {clutser: a}\n" + A, "unknown-key", 1, 9),
    "not finite": (A + "    cpus: .inf\n", "yaml-not-finite", 4, 11),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input(name: str) -> None:
    content, code, line, column = CASES[name]
    report = Report()
    with pytest.raises(InputError) as caught:
        translate(
            load(files={"compose.yaml": content}, environment={}, report=report), None, report
        )
    errors = [d for d in caught.value.diagnostics if d.severity == "error"]
    assert code in [d.code for d in errors]
    found = next(d for d in errors if d.code == code)
    assert found.span is not None
    assert found.span.source.name == "compose.yaml"
    assert found.span.line == line
    if column:
        assert found.span.column == column


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "compose2ecs", *arguments], cwd=cwd, capture_output=True, text=True
    )


def test_no_file(tmp_path: Path) -> None:
    done = run("convert", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "[no-compose-file]" in done.stderr


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_unreadable(tmp_path: Path, name: str) -> None:
    done = run("convert", "-f", name, cwd=tmp_path)
    assert done.returncode == 1
    assert "[unreadable-file]" in done.stderr


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    with (tmp_path / "compose.yaml").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    assert MAX_BYTES < 200 * 1024 * 1024
    done = run("convert", cwd=tmp_path)
    assert done.returncode == 1
    assert "larger than 64 MiB" in done.stderr
    assert "Traceback" not in done.stderr


def test_all_faults_of_a_stage_at_once() -> None:
    text = "services:\n  a: {image: 1, port: [80]}\n  b: {images: i, restart: 1}\n"
    with pytest.raises(InputError) as caught:
        load(files={"compose.yaml": text}, environment={})
    assert [d.code for d in caught.value.diagnostics] == [
        "wrong-type",
        "unknown-key",
        "unknown-key",
        "wrong-type",
    ]


def test_values_are_not_shown_when_they_may_be_secrets() -> None:
    text = "services:\n  a: {image: i, environment: {PASSWORD: {x: hunter2}, B: [hunter2]}}\n"
    with pytest.raises(InputError) as caught:
        load(files={"compose.yaml": text}, environment={})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "image", ["me:hunter2@h.example/foo:1", "https://me:hunter2@h.example/foo"]
)
def test_the_password_in_an_image_is_not_shown(image: str) -> None:
    report = Report()
    files = {"compose.yaml": f"services:\n  a: {{image: '{image}'}}\n"}
    with pytest.raises(InputError):
        translate(load(files=files, environment={}, report=report), report=report)
    assert "hunter2" not in as_text(report)
    assert "D009" in as_text(report)
