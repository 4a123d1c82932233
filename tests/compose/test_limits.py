"""`extends` and `include` without end: long chains work or are refused, never a traceback."""

from __future__ import annotations

import pytest

from compose2ecs import InputError, Report, load

LONG = 1_000


def services(*bodies: str) -> str:
    return "services:\n" + "".join(f"  {body}\n" for body in bodies)


def test_a_long_chain_of_extends() -> None:
    bodies = [f"s{n}: {{extends: s{n + 1}, environment: {{V{n}: x}}}}" for n in range(LONG)]
    text = services(*bodies, f"s{LONG}: {{image: i}}")
    project = load(files={"compose.yaml": text}, environment={})
    assert project.services["s0"].image == "i"
    assert len(project.services["s0"].environment) == LONG


def test_a_long_circle_of_extends() -> None:
    text = services(*[f"s{n}: {{extends: s{(n + 1) % LONG}}}" for n in range(LONG)])
    with pytest.raises(InputError) as caught:
        load(files={"compose.yaml": text}, environment={})
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "extends-cycle"
    assert len(diagnostic.message) < 200


def test_a_long_chain_of_extends_over_files() -> None:
    files = {
        f"f{n}.yaml": services(f"a: {{extends: {{service: a, file: f{n + 1}.yaml}}}}")
        for n in range(LONG)
    }
    files["compose.yaml"] = files.pop("f0.yaml")
    files[f"f{LONG}.yaml"] = services("a: {image: i}")
    assert load(files=files, environment={}).services["a"].image == "i"


def test_a_base_file_is_read_once() -> None:
    text = services(*[f"s{n}: {{extends: {{service: a, file: b.yaml}}}}" for n in range(LONG)])
    files = {"compose.yaml": text, "b.yaml": services("a: {image: i}")}
    project = load(files=files, environment={})
    assert project.sources is not None
    assert len(list(project.sources)) == 2


def nested(depth: int) -> dict[str, str]:
    files = {f"f{n}.yaml": f"include: [f{n + 1}.yaml]\n" for n in range(depth)}
    files["compose.yaml"] = files.pop("f0.yaml")
    files[f"f{depth}.yaml"] = services("a: {image: i}")
    return files


def test_include_fifty_deep() -> None:
    assert list(load(files=nested(50), environment={}).services) == ["a"]


def test_include_too_deep() -> None:
    with pytest.raises(InputError) as caught:
        load(files=nested(200), environment={})
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "include-limit"
    assert diagnostic.span is not None
    assert diagnostic.span.source.name == "f100.yaml"


def test_include_twice_at_each_level() -> None:
    files = {f"f{n}.yaml": f"include: [f{n + 1}.yaml, f{n + 1}.yaml]\n" for n in range(40)}
    files["compose.yaml"] = files.pop("f0.yaml")
    files["f40.yaml"] = services("a: {image: i}")
    report = Report()
    with pytest.raises(InputError):
        load(files=files, environment={}, report=report)
    assert report.diagnostics[0].code == "include-limit"


def test_a_circle_by_an_override_path() -> None:
    files = {
        "compose.yaml": "include: [{path: [b.yaml, compose.yaml]}]\n",
        "b.yaml": services("a: {image: i}"),
    }
    with pytest.raises(InputError) as caught:
        load(files=files, environment={})
    assert caught.value.diagnostics[0].code == "include-cycle"
