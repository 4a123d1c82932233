"""What each rule of environment files gives; tests/conformance/test_dotenv.py asks Compose."""

from __future__ import annotations

import time

import pytest

from compose2ecs.compose.dotenv import DotenvError, Notice, parse, parse_raw

OUTSIDE = {"HV": "host", "E": "", "export": "no"}

FILES: dict[str, list[tuple[str, dict[str, str]]]] = {
    "nothing": [
        ("", {}),
        ("\n\n", {}),
        (" \t\u2003\n", {}),
        ("\x85\xa0# c", {}),
        ("  # c\n\t#\n", {}),
    ],
    "byte order mark": [("\ufeffA=1", {"A": "1"}), ("\ufeff# c\nA=1\n", {"A": "1"})],
    "separators": [
        ("A=1", {"A": "1"}),
        ("A:1", {"A": "1"}),
        ("A: 1", {"A": "1"}),
        ("A = 1", {"A": "1"}),
        ("A\t=\u00a01", {"A": "1"}),
        ("A=b=c:d", {"A": "b=c:d"}),
        ("A:b=c", {"A": "b=c"}),
    ],
    "export": [
        ("export A=1", {"A": "1"}),
        ("export \t A=1", {"A": "1"}),
        ("export=1", {"export": "1"}),
        ("export =1", {"": "1"}),
        ("exportA=1", {"exportA": "1"}),
        ("export\nA=1", {"A": "1"}),
        ("export HV\n", {"HV": "host"}),
        ("export\vA=1", {"export\vA": "1"}),
    ],
    "keys": [
        ("A.b-c_d[0]=1", {"A.b-c_d[0]": "1"}),
        ("1A=1", {"1A": "1"}),
        ("\u00c4\u4e00\u0663\u00bd=1", {"\u00c4\u4e00\u0663\u00bd": "1"}),
        ("A\tB=1", {"A\tB": "1"}),
        ("=1", {"": "1"}),
        ("  A=1", {"A": "1"}),
    ],
    "key without value": [
        ("HV\n", {"HV": "host"}),
        ("HV \r\nA=1", {"HV": "host", "A": "1"}),
        ("E\n", {"E": ""}),
        ("NO\nA=1", {"A": "1"}),
        ("A=1\nA\n", {"A": "1"}),
    ],
    "key without value or line end": [
        ("A", {"": "A"}),
        ("A=1\nHV", {"A": "1", "": "HV"}),
        ("export HV", {"": "HV"}),
        ("A B ", {"": "A B"}),
    ],
    "empty value": [("A=", {"A": ""}), ("A=\nB=1", {"A": "", "B": "1"}), ("A= \t\r\n", {"A": ""})],
    "unquoted": [
        ("A=x y", {"A": "x y"}),
        ("A= x \t\n", {"A": "x"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("A=x \x85\xa0\u3000\nB=1", {"A": "x", "B": "1"}),
        ("A=x\u2003\x1c", {"A": "x\u2003\x1c"}),
        ("A=x'y\"", {"A": "x'y\""}),
        ("A=a\\n\\$b", {"A": "a\\n\\"}),
        ("A=a\x00b", {"A": "a\x00b"}),
    ],
    "comment after an unquoted value": [
        ("A=x#c", {"A": "x#c"}),
        ("A=x # c", {"A": "x"}),
        ("A= #x", {"A": "#x"}),
        ("A=x  #c", {"A": "x"}),
        ("A=x\t#c", {"A": "x\t#c"}),
    ],
    "variables in an unquoted value": [
        ("A=$HV", {"A": "host"}),
        ("A=${NO:-d}/${HV}", {"A": "d/host"}),
        ("A=p@$$w0rd", {"A": "p@$w0rd"}),
        ("A=p@$w0rd", {"A": "p@"}),
        ("A=$1$", {"A": "$1$"}),
        ("A=x\nB=$A", {"A": "x", "B": "x"}),
        ("HV=file\nB=$HV", {"HV": "file", "B": "host"}),
        ("E=file\nB=$E.", {"E": "file", "B": "."}),
        ("B=$A\nA=x", {"B": "", "A": "x"}),
    ],
    "single quotes": [
        ("A='x y # z'", {"A": "x y # z"}),
        ("A='p@$w0rd $$x'", {"A": "p@$w0rd $$x"}),
        ("A='it\\'s'", {"A": "it's"}),
        ("A='a\\nb\\\\\\\"'", {"A": 'a\\nb\\\\\\"'}),
        ("A='l1\nl2'\nB=1", {"A": "l1\nl2", "B": "1"}),
        ("A=''", {"A": ""}),
    ],
    "double quotes": [
        ('A="x y # z"', {"A": "x y # z"}),
        ('A="l1\nl2"\nB=1', {"A": "l1\nl2", "B": "1"}),
        ('A="a\\"b\\\\"', {"A": 'a"b\\'}),
        ('A="\\a\\b\\f\\n\\r\\t\\v"', {"A": "\a\b\f\n\r\t\v"}),
        ('A="\\c\\x41\\u0041\\101\\\'\\z"', {"A": "\\c\\x41\\u0041\\101\\'\\z"}),
        ('A="\\0101\\01234"', {"A": "AS4"}),
        ('A="\\0377"', {"A": "\u00ff"}),
        ('A="\\0\\012\\0400\\0189\\0089"', {"A": "\\\\12\\400\\189\\089"}),
        ('A="\\0x"', {"A": "\\x"}),
        ('A=""', {"A": ""}),
    ],
    "variables in double quotes": [
        ('A="$HV ${NO-d}"', {"A": "host d"}),
        ('A="$$x"', {"A": "$x"}),
        ('A="\\$x"', {"A": "$x"}),
        ('A="\\\\$HV"', {"A": "\\host"}),
        ('A="x\ny"\nB="$A"', {"A": "x\ny", "B": "x\ny"}),
    ],
    "after the closing quote starts a statement": [
        ("A=\"1\" B='2'C=3", {"A": "1", "B": "2", "C": "3"}),
        ('A="x"y', {"A": "x", "": "y"}),
        ('A="x"HV\n', {"A": "x", "HV": "host"}),
        ('A="x" # c', {"A": "x"}),
        ("A='x'#c\nB=1", {"A": "x", "B": "1"}),
    ],
    "the last one counts": [("A=1\nA=2", {"A": "2"}), ("HV=1\nHV\n", {"HV": "host"})],
}


@pytest.mark.parametrize(
    ("text", "values"),
    [pytest.param(*row, id=f"{rule}: {row[0]!r}") for rule, rows in FILES.items() for row in rows],
)
def test_values(text: str, values: dict[str, str]) -> None:
    assert parse(text, OUTSIDE.get) == values


def test_order_is_that_of_the_first_mention() -> None:
    assert list(parse("B=1\nA=2\nB=3", OUTSIDE.get)) == ["B", "A"]


ERRORS = [
    ("A/B=1", 1, "unexpected character '/' where"),
    ("A=1\n\n'A'=1", 3, 'unexpected character "\'" where'),
    ("A='it''s'", 1, 'unexpected character "\'"'),
    ("A='x\ny'\n$A=1", 3, "unexpected character '$'"),
    ("\x00=1", 1, "unexpected character '\\x00'"),
    ("A\u2003B=1", 1, "unexpected character '\\u2003' where"),
    ("A" * 1000 + "@", 1, "unexpected character '@' where"),
    ("set A=1", 1, "a variable name with a space"),
    ("# c\nA B\n", 2, "a variable name with a space"),
    ('A="x', 1, 'the value that starts with " has no closing "'),
    ("A=1\nB='x\ny\n", 2, "the value that starts with ' has no closing '"),
    ('A="x\\"', 1, 'has no closing "'),
    ('A="x\\', 1, 'has no closing "'),
    ("A='", 1, "has no closing '"),
    ("export ", 1, "`export` is followed by no variable"),
    ("A=1\nexport\t ", 2, "`export` is followed by no variable"),
    ("A=${", 1, "invalid interpolation format"),
    ('A=1\nB="\nx ${X:=1}"', 2, "after the name X"),
    ("A=1\n\nB=${NO:?set it}", 3, "required variable NO is missing a value: set it"),
    ('A="${E:?}"', 1, "required variable E is missing a value"),
    ("\n" * 9 + "A=" + "${NO:-" * 10_000 + "}" * 10_000, 10, "more than 100"),
]


@pytest.mark.parametrize(("text", "line", "message"), ERRORS)
def test_error(text: str, line: int, message: str) -> None:
    with pytest.raises(DotenvError) as caught:
        parse(text, OUTSIDE.get)
    assert message in caught.value.args[0]
    assert caught.value.line == line


NOTICES = [
    ("A=$NO", [("unset", 1, "NO")]),
    ("\nA=x ${NO}", [("unset", 2, "NO")]),
    ('A="\n\n$NO"\nB=$N2', [("unset", 1, "NO"), ("unset", 4, "N2")]),
    ("A=${NO:-$N2}", [("unset", 1, "N2")]),
    ("A=$HV$E${NO:-x}\nNO\n", []),
    ("A='$NO' B=1", []),
    ("A=p@$w0rd", [("unset", 1, "w0rd"), ("dollar-lost", 1, "w0rd")]),
    ('A="pa$word"', [("unset", 1, "word"), ("dollar-lost", 1, "word")]),
    ("A=$ecret!", [("unset", 1, "ecret"), ("dollar-lost", 1, "ecret")]),
    ("A=x\nB=${X:-pa$word}", [("unset", 2, "word"), ("dollar-lost", 2, "word")]),
    ("A=pa$word/$NO", [("unset", 1, "word"), ("dollar-lost", 1, "word"), ("unset", 1, "NO")]),
    ("A=$NO${N2}", [("unset", 1, "NO"), ("unset", 1, "N2")]),
    ("A=p@$$w0rd", []),
    ("A='p@$w0rd'", []),
    ("A=p@$HV", []),
    ("A=p@${w0rd}", [("unset", 1, "w0rd")]),
    ("A=http://$NO:80/", [("unset", 1, "NO")]),
    ("A=http://u:$NO@h/", [("unset", 1, "NO")]),
    ("A=x $NO, img-$N2", [("unset", 1, "NO"), ("unset", 1, "N2")]),
    ("A", [("bare-key-at-end", 1, "A")]),
    ("A=1\n\nexport B \t", [("bare-key-at-end", 3, "B")]),
    ('A="x"y', [("bare-key-at-end", 1, "y")]),
    ("A\n", []),
    ("A=1\nHV\n# c", []),
]


@pytest.mark.parametrize(("text", "notices"), NOTICES)
def test_notices(text: str, notices: list[tuple[str, int, str]]) -> None:
    told: list[Notice] = []
    assert parse(text, OUTSIDE.get, told.append) == parse(text, OUTSIDE.get)
    assert told == notices


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("B=$A", {"B": "before"}),
        ("C=$A\nA=2\nB=$A", {"C": "before", "A": "2", "B": "2"}),
        ("B=$HV", {"B": "host"}),
        ("A\n", {}),
        ("A=${A:-x}", {"A": "before"}),
    ],
)
def test_earlier_files(text: str, values: dict[str, str]) -> None:
    earlier = {"A": "before", "HV": "before"}
    assert parse(text, OUTSIDE.get, None, earlier) == values
    assert earlier == {"A": "before", "HV": "before"}


RAW = [
    ("", {}),
    ("\n  \n# c\n\t# c=1\n", {}),
    ("\ufeffA=1\n", {"A": "1"}),
    ("\ufeff\ufeffA=1", {"\ufeffA": "1"}),
    ("A=1\r\nB=2\r", {"A": "1", "B": "2"}),
    ("A=1\r\r\n", {"A": "1\r"}),
    ("A= x #c \n", {"A": " x #c "}),
    ("A='x'\nB=\"x\\n\"", {"A": "'x'", "B": '"x\\n"'}),
    ("A=$$x $HV ${\nB=${NO:?x}", {"A": "$$x $HV ${", "B": "${NO:?x}"}),
    ("A=\nB==1", {"A": "", "B": "=1"}),
    (" \u2003A=1", {"A": "1"}),
    ("HV\nE\nNO\n", {"HV": "host", "E": ""}),
    ("A=1\nA", {"A": "1"}),
    ("A=1\nA=2", {"A": "2"}),
    ("A:1\nA/B.c$=1", {"A/B.c$": "1"}),
    ("A\u2003B\xa0=1", {"A\u2003B\xa0": "1"}),
    ("A=" + "x" * 65533 + "\nB=1", {"A": "x" * 65533, "B": "1"}),
]


@pytest.mark.parametrize(("text", "values"), RAW, ids=[repr(text[:20]) for text, _ in RAW])
def test_raw(text: str, values: dict[str, str]) -> None:
    assert parse_raw(text, OUTSIDE.get) == values


RAW_ERRORS = [
    ("A =1", 1, "white space in it"),
    ("A=1\nexport B=1", 2, "white space in it"),
    ("\nA\tB\n", 2, "white space in it"),
    ("=1", 1, "no variable name"),
    ("A=1\n  =", 2, "no variable name"),
    ("A=1\nA=" + "x" * 65534, 2, "longer than 65535 bytes"),
    ("#" + "\u4e00" * 22000 + "\nA=1", 1, "longer than 65535 bytes"),
]


@pytest.mark.parametrize(
    ("text", "line", "message"), RAW_ERRORS, ids=[repr(row[0][:20]) for row in RAW_ERRORS]
)
def test_raw_error(text: str, line: int, message: str) -> None:
    with pytest.raises(DotenvError) as caught:
        parse_raw(text, OUTSIDE.get)
    assert message in caught.value.args[0]
    assert caught.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        "A=1\n" * 60_000,
        'A="x"' * 60_000,
        "A='x'B=\"y\"" * 30_000,
        'A="' + '\\"' * 150_000 + '"',
        'A="' + "\\\\" * 150_000 + '"',
        'A="' + "\\0101" * 60_000 + '"',
        "A=$A$B" * 50_000,
        "A" * 300_000 + "=1",
        "# c\n" * 80_000,
        "\n" * 300_000,
        "A" + " " * 300_000,
        "HV\n" * 80_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_time_is_linear(text: str) -> None:
    started = time.process_time()
    parse(text, OUTSIDE.get)
    parse_raw("A=1\nHV\n" * 20_000, OUTSIDE.get)
    assert time.process_time() - started < 2
