"""Comparing what comes out with what is on disk, and rewriting it when asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from compose2ecs import Report, load, translate, write
from compose2ecs.cli.show import as_text
from compose2ecs.compose.files import Disk
from compose2ecs.report import InputError

REPORT = "report.txt"


def convert(folder: Path) -> tuple[dict[str, str], str]:
    """The files that `convert -o` writes for the project in a folder, and what is said of it."""
    report = Report()
    texts: dict[str, str] = {}
    placeholders: Mapping[str, str] = {}
    try:
        project = load(files=Disk(str(folder)), environment={}, report=report)
        stack = translate(project, report=report)
        texts, placeholders = write(stack), stack.placeholders
    except InputError:
        pass
    said = as_text(report) + "".join(f"{name}  {how}\n" for name, how in placeholders.items())
    return texts, said


def compare(folder: Path, texts: Mapping[str, str], update: bool) -> None:
    """Assert that the folder holds these texts and no others."""
    there = {
        str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()
    }
    if update:
        for name, text in texts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for name, path in there.items():
            if name not in texts:
                path.unlink()
        return
    assert sorted(there) == sorted(texts)
    for name, text in texts.items():
        assert there[name].read_text(encoding="utf-8") == text, name
