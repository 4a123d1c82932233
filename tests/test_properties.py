"""Any document of the right form is read, or refused with places; what `config` prints is read again."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compose2ecs.api import InputError, Project, Report, load, translate
from compose2ecs.app.config import config
from tests.drawing import ENVIRONMENT, FILES, Drawer, Node, Steps, places, with_a_fault

SEED = 20261121
EXAMPLES = settings(derandomize=True, deadline=None, max_examples=150, database=None)

randoms = st.randoms(use_true_random=False)


def read(text: str) -> Project | None:
    """The project of a document; None if it is refused, and then every error has its place."""
    report = Report()
    files = {"compose.yaml": text, **FILES}
    try:
        return load(files=files, environment=ENVIRONMENT, profiles=["*"], report=report)
    except InputError as error:
        errors = [found for found in error.diagnostics if found.severity == "error"]
        assert errors
        for found in errors:
            assert found.span is not None, found
            assert found.span.source.line(found.span.line) is not None or not text, found
        return None


def check(document: Node) -> bool:
    """Read a document and translate it; whether it was taken."""
    project = read(json.dumps(document))
    if project is None:
        return False
    try:
        translate(project)
    except InputError as error:
        assert error.diagnostics
    return True


def test_every_key_is_read() -> None:
    goals = list(places())
    drawn: set[Steps] = set()
    taken = 0
    for number, goal in enumerate(goals):
        drawer = Drawer(random.Random(SEED + number))
        taken += check(drawer.document(goal))
        drawn |= drawer.drawn
    assert set(goals) <= drawn
    assert taken > len(goals) / 2


@EXAMPLES
@given(randoms)
def test_what_fits_the_schema_is_read_or_refused(rng: random.Random) -> None:
    check(Drawer(rng).document())


@EXAMPLES
@given(randoms, st.integers(1, 4))
def test_faults_have_places(rng: random.Random, number: int) -> None:
    document = Drawer(rng).document()
    for _ in range(number):
        document = with_a_fault(document, rng)
    check(document)


@EXAMPLES
@given(st.text(max_size=80))
def test_any_text_is_refused_or_read(text: str) -> None:
    read(text)


@EXAMPLES
@given(st.binary(max_size=100))
def test_any_bytes_are_refused_or_read(content: bytes) -> None:
    with pytest.raises(InputError):
        load(files={"compose.yaml": content + b"\n- x"}, environment={})


# What Compose prints in one way and reads in another, by a piece of the document.
NOT_READ_BACK = {
    '""': "a name or text that is empty is printed, and refused or taken for the default",
    '"pre_start"': "a step prints what it inherits, and files of variables are folded in when read",
    '"./l.env"': "two spellings of a path become one file",
    '"./e.env"': "likewise",
    '[1, "1"]': "a number and a text become the same text",
}


def again(document: Node) -> None:
    text = json.dumps(document)
    if any(piece in text for piece in NOT_READ_BACK):
        return
    project = read(text)
    if project is None:
        return
    printed = config(project)
    second = read(printed)
    assert second is not None
    assert config(second) == printed
    as_json = read(config(project, "json"))
    assert as_json is not None
    assert config(as_json, "json") == config(project, "json")


def test_config_of_config_is_config_for_every_key() -> None:
    for number, goal in enumerate(places()):
        again(Drawer(random.Random(SEED - number)).document(goal))


@EXAMPLES
@given(randoms)
def test_config_of_config_is_config(rng: random.Random) -> None:
    again(Drawer(rng).document())
