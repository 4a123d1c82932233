"""`command` and `entrypoint` strings: one row for each rule of the splitting."""

from __future__ import annotations

import pytest

from compose2ecs.compose.words import Words, split


def refusal(text: str) -> str:
    """The message of the refusal; empty where the text is accepted."""
    try:
        split(text)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \t\r\n ", []),
        ("sh", ["sh"]),
        ("  python  -m\thttp.server\n8000\r\n", ["python", "-m", "http.server", "8000"]),
        ("a\u00a0b \v", ["a\u00a0b", "\v"]),  # no other blank separates
        ("sh -c 'a  b'", ["sh", "-c", "a  b"]),
        ('sh -c "a  b"', ["sh", "-c", "a  b"]),
        ("a'b c'\"d e\"f", ["ab cd ef"]),
        ("'' \"\" x", ["", "", "x"]),
        ("a''", ["a"]),
        ("'a\"b' \"a'b\"", ['a"b', "a'b"]),
        (r"a\ b", ["a b"]),
        (r"a\'b\"c", ["a'b\"c"]),
        (r"a\nb\tc", ["a\nb\tc"]),
        (r'"a\nb\"c"', ['a\nb"c']),
        (r"'a\nb'", [r"a\nb"]),
        (r"\\", ["\\"]),
        (r"a\;b\>c\(d\)", ["a;b>c(d)"]),
        ("a';&|<>()`'b", ["a;&|<>()`b"]),
        ('"(x)"', ["(x)"]),
        ("echo `a b`", ["echo", "`a b`"]),
        (r"`a '\n;(`", [r"`a '\n;(`"]),
        ("echo $(a b)", ["echo", "$(a b)"]),
        (r"$(a '\t;`)x", [r"$(a '\t;`)x"]),
        (r"\$(a b)", ["$(a b)"]),
        ("$HOME ${A} *.py #x", ["$HOME", "${A}", "*.py", "#x"]),
    ],
)
def test_split(text: str, words: list[str]) -> None:
    assert split(text) == Words(words, "")


@pytest.mark.parametrize(
    ("text", "words", "dropped"),
    [
        ("a && b > c", ["a"], "&& b > c"),
        ("a; b", ["a"], "; b"),
        ("a|b", ["a"], "|b"),
        ("a < b", ["a"], "< b"),
        ("a &\n", ["a"], "&"),
        ("'' > x", [""], "> x"),
        ("a 2> /dev/null", ["a"], "2> /dev/null"),
        ("a '2'>x", ["a"], "'2'>x"),
        (r"a \2>x", ["a"], r"\2>x"),
        ("a x2>y", ["a", "x2"], ">y"),
        ("a 2<y", ["a", "2"], "<y"),
        ("a \u0662>x", ["a", "\u0662"], ">x"),
        (";", [], ";"),
        ("a ; 'not closed (", ["a"], "; 'not closed ("),  # what is dropped is not looked at
    ],
)
def test_dropped(text: str, words: list[str], dropped: str) -> None:
    assert split(text) == Words(words, dropped)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a 'b", "the ' at character 3 is never closed"),
        ('"', 'the " at character 1 is never closed'),
        ("a `b", "the ` at character 3 is never closed"),
        ("$(a", "the $( at character 2 is never closed"),
        ('"a\\"', 'the " at character 1 is never closed'),
        ("'a\\''", "the ' at character 5 is never closed"),
        ("a\\", "ends with a backslash"),
        ("echo (x)", "the ( at character 6 has to be quoted"),
        ("echo x)", "the ) at character 7 has to be quoted"),
        ("a(", "the ( at character 2"),
        ("$ (a)", "the ( at character 3"),
        (r"\\$(a)", "the ( at character 4"),
        ("$(a (b))", "the ( at character 5"),
        ("$(a $(b))", "the ( at character 6"),
    ],
)
def test_refused(text: str, fault: str) -> None:
    assert fault in refusal(text)


@pytest.mark.parametrize("piece", ["a ", "'", "\\", "$(", "`", '""', "1", "\n", "(", ">"])
def test_long_texts_are_no_trouble(piece: str) -> None:
    assert len(refusal("x" + piece * 50_000 + ">x")) < 300
