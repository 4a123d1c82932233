"""The processes that are measured: ours, the floors below it, the peers beside it."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Command

_ROOT = Path(__file__).resolve().parent.parent
# What the installed script does, without depending on where it was installed.
_MAIN = "from compose2ecs.__main__ import run; run()"
_IMPORTS = """\
import sys
given, names = sys.argv[1].split(), sys.argv[2:]
before = set(sys.modules)
from compose2ecs.cli.main import main
main(given, standalone_mode=False)
roots = {name.partition(".")[0] for name in set(sys.modules) - before}
sys.exit(" ".join(sorted(roots.intersection(names))) or 0)
"""

IMPORT_CLICK = "import click"
IMPORT_ALL = "import click, yaml, json"
FLOOR = "floor"
PLAIN = "PyYAML and json"
DOCKER = "docker compose config"
TRANSFORM = "container-transform"
RENDER = "compose-x-render"


class Peer(NamedTuple):
    """A tool that reads the same files; `path` is None where it is not installed."""

    name: str
    path: str | None
    version: str
    flavour: str

    def __str__(self) -> str:
        return f"{self.name} {self.version if self.path else 'absent'}"


class Bench:
    """How to run each of them, in a folder with files named by flavour and size."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        kept = ("PATH", "HOME", "SYSTEMROOT")
        clean = {name: os.environ[name] for name in kept if name in os.environ}
        # The same for everything in Python, or the path would be part of what is compared.
        self.environment = {**clean, "LANG": "C.UTF-8", "PYTHONPATH": str(_ROOT)}
        empty = os.path.join(folder, "docker")
        os.makedirs(empty, exist_ok=True)
        self.foreign = {**clean, "LANG": "C.UTF-8", "DOCKER_CONFIG": empty}

    def python(self, name: str, code: str, *arguments: str, status: int = 0) -> Command:
        """A piece of Python in this interpreter."""
        argv = (sys.executable, "-c", code, *arguments)
        return Command(name, argv, self.environment, self.folder, status)

    def option(self, option: str) -> Command:
        """`compose2ecs --help` and the like."""
        return self.python(f"compose2ecs {option}", _MAIN, option)

    def convert(self, file: str, status: int = 0) -> Command:
        """`compose2ecs convert` of a file."""
        name = f"compose2ecs convert -f {file}"
        return self.python(name, _MAIN, "convert", "-f", file, status=status)

    def imports(self, given: str, names: tuple[str, ...]) -> Command:
        """Run our command, and fail if it imports one of these modules."""
        return self.python(f"imports of compose2ecs {given}", _IMPORTS, given, *names)

    def generate(self, file: str, services: int, flavour: str) -> Command:
        """Write a compose file."""
        code = (
            "import sys; from benchmarks.generate import compose_file as text; "
            "open(sys.argv[1], 'w').write(text(int(sys.argv[2]), sys.argv[3]))"
        )
        return self.python(f"generate {file}", code, file, str(services), flavour)

    def reference(self, name: str, file: str) -> Command:
        """An import line, or one of the two floors, over a file."""
        if name == FLOOR:
            return self.python(name, "from benchmarks.floor import main; main()", file)
        if name == PLAIN:
            return self.python(name, "from benchmarks.plain import main; main()", file)
        return self.python(name, name)

    def peer(self, peer: Peer, file: str) -> Command:
        """A peer over a file."""
        assert peer.path is not None
        arguments = {
            DOCKER: ("-f", file, "config"),
            TRANSFORM: (file,),
            RENDER: ("-f", file),
        }[peer.name]
        return Command(peer.name, (peer.path, *arguments), self.foreign, self.folder)


def find_peers(bench: Bench) -> list[Peer]:
    """The peers there are, installed or not."""
    docker = _program("docker-compose")
    version = _output(bench, docker, "version", "--short") if docker else ""
    found = [Peer(DOCKER, docker, version.removeprefix("v"), "modern")]
    for name, flavour in ((TRANSFORM, "legacy"), (RENDER, "modern")):
        path = _program(name)
        version = ""
        if path is not None:
            try:
                version = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:  # it has an interpreter of its own
                version = _output(bench, path, "--version").rpartition(" ")[2]
        found.append(Peer(name, path, version, flavour))
    return found


def _program(name: str) -> str | None:
    beside = os.path.join(os.path.dirname(sys.executable), name)
    return beside if os.access(beside, os.X_OK) else shutil.which(name)


def _output(bench: Bench, *argv: str) -> str:
    """What a program prints, or that it did not say."""
    done = subprocess.run(
        argv,
        check=False,
        env=bench.foreign,
        cwd=bench.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    text = done.stdout.decode(errors="replace").strip()
    return text if text and done.returncode == 0 else "(version unknown)"
