"""What each form of a variable gives; that Compose agrees is tests/conformance/test_template.py."""

from __future__ import annotations

import time

import pytest

from compose2ecs.compose.interpolate import DEPTH, InterpolationError, expand, substitute

VARIABLES = {
    "A": "value",
    "B": "$A ${A}",
    "E": "",
    "a": "lower",
    "_1": "under",
    "V": "val",
    "\u017fx": "long s",
    "\u212a": "kelvin",
}

VALUES = {
    "no variable": [("", ""), ("plain", "plain"), ("a }{ b", "a }{ b"), ("l1\nl2", "l1\nl2")],
    "two dollars are one": [
        ("$$", "$"),
        ("$$A", "$A"),
        ("$${A}", "${A}"),
        ("a$$b$$$$c", "a$b$$c"),
        ("$$$A", "$value"),
    ],
    "a dollar before anything but a name stays": [
        ("$", "$"),
        ("a$", "a$"),
        ("$1", "$1"),
        ("$(pwd)", "$(pwd)"),
        ("$ A", "$ A"),
        ("$\u00e9", "$\u00e9"),
        ("$\n$}", "$\n$}"),
        ("$-$A", "$-value"),
    ],
    "name": [
        ("$A", "value"),
        ("$A-b", "value-b"),
        ("x$A.y$A", "xvalue.yvalue"),
        ("$_1$_1", "underunder"),
        ("$a$A", "lowervalue"),
        ("$\u017fx $\u212a", "long s kelvin"),
    ],
    "name in braces": [
        ("${A}", "value"),
        ("${A}b", "valueb"),
        ("${_1}${a}", "underlower"),
        ("${A}}", "value}"),
        ("${A}\n${a}", "value\nlower"),
    ],
    "unset is empty": [("$NO", ""), ("a${NO}b", "ab"), ("$NO$NO.", ".")],
    "values are not substituted again": [("$B", "$A ${A}"), ("${B:-x}", "$A ${A}")],
    ":- gives the default for unset and empty": [
        ("${NO:-d}", "d"),
        ("${E:-d}", "d"),
        ("${A:-d}", "value"),
        ("${NO:-}", ""),
    ],
    "- gives the default for unset": [("${NO-d}", "d"), ("${E-d}", ""), ("${A-d}", "value")],
    ":+ gives the alternate for not empty": [
        ("${NO:+d}", ""),
        ("${E:+d}", ""),
        ("${A:+d}", "d"),
        ("${A:+}", ""),
    ],
    "+ gives the alternate for set": [("${NO+d}", ""), ("${E+d}", "d"), ("${A+d}", "d")],
    ":? and ? give a value that is there": [
        ("${A:?no}", "value"),
        ("${A?no}", "value"),
        ("${E?no}", ""),
        ("${A:?}", "value"),
    ],
    "the first operator counts": [
        ("${NO:-a:-b}", "a:-b"),
        ("${NO-a:-b}", "a:-b"),
        ("${V-a:-b}", "val"),
        ("${NO:-?}", "?"),
        ("${A:+-}", "-"),
        ("${NO--}", "-"),
    ],
    "operands are substituted": [
        ("${NO:-$A}", "value"),
        ("${NO-${A}}", "value"),
        ("${A:+${a}!}", "lower!"),
        ("${E+$a}", "lower"),
        ("${NO:-$$}", "$"),
        ("${NO:-$1}", "$1"),
    ],
    "nested": [
        ("${NO:-${NO:-${NO:-x}}}", "x"),
        ("a:${NO:-${E:-1}}", "a:1"),
        ("${NO:-${A}-${a}}-z", "value-lower-z"),
        ("${A:+${NO:-${E-${A}}}}", ""),
    ],
    "braces balance": [
        ('${NO:-{"a":1}}', '{"a":1}'),
        ('${NO:-{"a":{"b":2}}} }', '{"a":{"b":2}} }'),
        ("${NO:-a}b}", "ab}"),
        ("${V:-}}", "val}"),
        ("${NO:-x}${NO:-y}", "xy"),
        ("${NO:-{x}}${NO:-{y}}", "{x}{y}"),
        ("${NO:-x}{}$A", "x{}value"),
    ],
    "the character after a brace does not count": [
        ("${NO:-{}}", "{}"),
        ("${NO:-{}} }", "{}} "),
        ("${NO:-{}}$A}", "{}}value"),
        ("${NO:-{{}}}", "{{}}"),
        ("${NO:-{{}}} x", "{{}} x"),
    ],
    "without balance all up to the line's last brace is inside": [
        ("${NO:-{} b", "{ b"),
        ("${NO:-{x}", "{x"),
        ("${NO:-{{a} b} c", "{{a} b c"),
        ("${V:-{{a} b} c", "val c"),
        ("${NO:-{}\n}", "{\n}"),
        ("${NO:-{a${NO:-{b}c}", "{a{bc"),
    ],
    "lines stand alone": [
        ("${NO:-a}\n}", "a\n}"),
        ("${NO:-{a}}\n${NO:-{b}} }", "{a}\n{b} }"),
    ],
    "unused operands are not looked at": [
        ("${A:-${}}", "value"),
        ("${A-${NO:?x}}", "value"),
        ("${NO:+${1}}", ""),
        ("${A:?${}}", "value"),
    ],
}


@pytest.mark.parametrize(
    ("text", "result"),
    [pytest.param(*row, id=f"{rule}: {row[0]!r}") for rule, rows in VALUES.items() for row in rows],
)
def test_value(text: str, result: str) -> None:
    assert substitute(text, VARIABLES.get) == result


UNSET = [
    ("$NO ${NO2} $A", ["NO", "NO2"]),
    ("$NO$NO", ["NO", "NO"]),
    ("$E${E}", []),
    ("${NO:-x}${NO-x}${NO:+x}${NO+x}", []),
    ("${NO:-$NO2}${E:-${NO}}", ["NO2", "NO"]),
    ("${A:-$NO}${NO:+$NO}", []),
    ("$$NO $1", []),
]


@pytest.mark.parametrize(("text", "names"), UNSET)
def test_unset(text: str, names: list[str]) -> None:
    told: list[str] = []
    substitute(text, VARIABLES.get, told.append)
    assert told == names


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a$NO b", [("NO", 1, 4)]),
        ("${NO}${E:-x$N2}", [("NO", 0, 5), ("N2", 11, 14)]),
        ("$A", []),
        ("plain", []),
    ],
)
def test_unset_places(text: str, places: list[tuple[str, int, int]]) -> None:
    told: list[tuple[str, int, int]] = []
    expand(text, VARIABLES.get, lambda *place: told.append(place))
    assert told == places
    assert expand(text, VARIABLES.get) == substitute(text, VARIABLES.get)


REQUIRED = [
    ("${NO:?say it}", "NO", "required variable NO is missing a value: say it"),
    ("${E:?say it}", "E", "required variable E is missing a value: say it"),
    ("${NO?say it}", "NO", "required variable NO is missing a value: say it"),
    ("${NO:?}", "NO", "required variable NO is missing a value"),
    ("${NO?}", "NO", "required variable NO is missing a value"),
    ("${NO:?set $A}", "NO", "required variable NO is missing a value: set value"),
    ("${NO?set ${NO2:-it}}", "NO", "required variable NO is missing a value: set it"),
    ("${NO:?${E:?inner}}", "E", "required variable E is missing a value: inner"),
    ("$A ${NO:-${NO2:?x}}", "NO2", "required variable NO2 is missing a value: x"),
]


@pytest.mark.parametrize(("text", "variable", "message"), REQUIRED)
def test_required(text: str, variable: str, message: str) -> None:
    with pytest.raises(InterpolationError) as caught:
        substitute(text, VARIABLES.get)
    assert (caught.value.variable, caught.value.args[0]) == (variable, message)


INVALID = {
    "no name": ["${", "${}", "${1}", "${ X}", "${ X }", "${#V}", "${!V}", "${-x}", "${:-x}", "a${"],
    "after the name": ["${X:}", "${X:=d}", "${X=d}", "${X/a/b}", "${A.B}", "${X }", "${X%%a}"],
    "unclosed": ["${A", "${A:", "${A:-", "${A:-x", "${A:-{x", "${NO:-${A}", "${NO:-${A:-x}"],
    "line": ["${A:-x\ny}", "${A\n}", "${NO:-{\n}}", "${A:?m\n}"],
    "inside": ["${NO:-${}}", "${A:+${1}}", "${NO:?${}}", "${NO-$A${A.B}}"],
    "after": ["$A ${}", "${A:-x}${}", "$$ ${A:=}", "${NO:-{x}} ${ }"],
}


@pytest.mark.parametrize("text", [text for rows in INVALID.values() for text in rows])
def test_invalid(text: str) -> None:
    with pytest.raises(InterpolationError, match=r"^invalid interpolation format .*`\$\$`$"):
        substitute(text, VARIABLES.get)


@pytest.mark.parametrize(
    ("text", "variable", "parts"),
    [
        ("p${ssw0rd!secret}", "ssw0rd", ["'${ssw0rd!'", "after the name ssw0rd"]),
        ("${X:=d}", "X", ["'${X:='", "after the name X"]),
        ("x ${1abc", None, ["'${1'", "must be followed by a name"]),
        ("${", None, ["'${'", "must be followed by a name"]),
        ("${A:-secret", "A", ["'${A:-s'", "after A is missing on its line"]),
        ("${A:-\n}", "A", ["'${A:-'", "after A is missing on its line"]),
    ],
)
def test_invalid_message(text: str, variable: str | None, parts: list[str]) -> None:
    with pytest.raises(InterpolationError) as caught:
        substitute(text, VARIABLES.get)
    assert caught.value.variable == variable
    assert all(part in caught.value.args[0] for part in parts)
    assert "secret" not in caught.value.args[0]


def test_invalid_message_is_short() -> None:
    with pytest.raises(InterpolationError) as caught:
        substitute("${" + "A" * 1000 + ".}", VARIABLES.get)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("inner", ["${A:-x}", "$NO", "${NO}"])
def test_depth(inner: str) -> None:
    around = DEPTH - 1
    text = "${NO:-" * around + inner + "}" * around
    assert substitute(text, VARIABLES.get) == substitute(inner, VARIABLES.get)
    with pytest.raises(InterpolationError, match=rf"more than {DEPTH} "):
        substitute("${NO:-" + text + "}", VARIABLES.get)


def test_depth_of_what_is_not_used() -> None:
    nested = "${A:-" * 10_000 + "x" + "}" * 10_000
    assert substitute(nested, VARIABLES.get) == "value"
    with pytest.raises(InterpolationError, match=rf"^variable NO is nested .* {DEPTH} "):
        substitute(nested.replace("A", "NO"), VARIABLES.get)


@pytest.mark.parametrize(
    "text",
    [
        "${NO:-x}" * 40_000,
        "${NO:-{}}\n" * 40_000,
        "${A:-{}}" * 40_000,
        "${NO:-{x}}" * 40_000,
        "${A:-{x}}\n" * 40_000,
        "$NO$$" * 60_000,
        "$" + "A" * 300_000,
        "${NO:-" * 99 + "{x}" * 100_000 + "}" * 99,
        "${NO:-" * 99 + "{" * 300_000 + "}" * 99,
        "${NO:-" * 99 + "${A}" * 100_000 + "}" * 99,
        "${A:-" + "${" * 150_000 + "}",
        "$" * 300_000,
    ],
    ids=lambda text: f"{text[:12]!r}...{text[600:612]!r}",
)
def test_time_is_linear(text: str) -> None:
    started = time.process_time()
    substitute(text, VARIABLES.get)
    assert time.process_time() - started < 2
