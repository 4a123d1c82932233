"""Sizes, durations and the text of numbers: one row for each rule."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from compose2ecs.compose.quantity import (
    float32,
    format_duration,
    format_number,
    format_value,
    parse_bytes,
    parse_duration,
)

SECOND = 1_000_000_000
LARGEST = 2**63 - 1


def refusal(parse: Callable[[str], int], text: str) -> str:
    """The message of the refusal; empty where the text is accepted."""
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("512", 512),
        ("0008", 8),
        ("+1", 1),
        ("-1", -1),
        ("-0", 0),
        ("9007199254740993", 9007199254740993),  # a bare integer is exact,
        ("9007199254740993b", 9007199254740992),  # one with a unit is a float
        ("9223372036854775807", LARGEST),
        ("-9223372036854775808", -LARGEST - 1),
        ("0" * 5000 + "1", 1),
        *[(f"1{unit}", 1) for unit in ("b", "B", " b", " ")],
        *[
            (f"2{unit}", 2048)
            for unit in ("k", "K", "kb", "KB", "kib", "KiB", " k", " KiB", "\u212a")
        ],
        ("512m", 512 * 1024**2),
        ("1g", 1024**3),
        ("1t", 1024**4),
        ("1p", 1024**5),
        ("8191p", 8191 * 1024**5),
        ("1.5g", 1536 * 1024**2),
        ("1.5 GiB", 1536 * 1024**2),
        (".5k", 512),
        ("1.k", 1024),
        ("1.9", 1),
        ("0.0001k", 0),
        ("-0.0", 0),
        ("+1m", 1024**2),
        ("1e3k", 1024000),
        ("1E+3", 1000),
        ("1e-400", 0),
        ("1_000k", 1024000),
        ("0x1p4", 16),
        ("0X_a_f.8p1k", 351 * 1024),
    ],
)
def test_bytes(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        *[(text, "is not a size") for text in ("", " ", "b", "k", ".", "-", "--1", "- 1", " 1")],
        *[
            (text, "is not a size")
            for text in ("1ki", "1bb", "1bi", "1eb", "1x", "1mbit", "1gigabyte")
        ],
        *[
            (text, "is not a size")
            for text in ("1  m", "1m ", "1 m b", "1\tm", "1\n", "1,5g", "1.5.5")
        ],
        *[
            (text, "is not a size")
            for text in ("1_", "_1", "1__0", "1._5", "0x10", "0x", "0xp1", "1e")
        ],
        *[
            (text, "is not a size")
            for text in ("0x1_p4", "0x1p_4", "0b1", "\u0665", "1\u212ab", "1\u017f")
        ],
        *[
            (text, "is not a size")
            for text in ("inf ", "nan ", "-inf ", "infinity m", "1e400", "0x1p9999")
        ],
        *[(text, "is negative") for text in ("-1k", "-512m", "-1.5", "-1 ", "-1e3", "-0x1p4")],
        *[
            (text, "is more than 8 EiB")
            for text in ("8192p", "9223372036854775808", "1e19", "9e9 g")
        ],
    ],
)
def test_bad_bytes(text: str, fault: str) -> None:
    message = refusal(parse_bytes, text)
    assert message.startswith(f"{text!r} {fault}")
    assert "units b, k, m, g, t, p" in message


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("+0", 0),
        ("-0", 0),
        ("30s", 30 * SECOND),
        ("1m30s", 90 * SECOND),
        ("30s1m", 90 * SECOND),
        ("1s1s", 2 * SECOND),
        ("1h", 3600 * SECOND),
        ("1d", 86400 * SECOND),
        ("2w", 14 * 86400 * SECOND),
        ("500ms", 500_000_000),
        *[(f"7{unit}", 7000) for unit in ("us", "\u00b5s", "\u03bcs")],
        ("7ns", 7),
        ("-1s", -SECOND),
        ("+1s", SECOND),
        ("1.5h", 5400 * SECOND),
        (".5s", SECOND // 2),
        ("5.s", 5 * SECOND),
        ("0.5ns", 0),
        ("0.3333333333333333333h", 1_200_000_000_000),
        ("1.123456789123456789123456789h", 4_044_444_440_844),
        ("0." + "0" * 400 + "1w", 0),
        ("0" * 5000 + "1s", SECOND),
        ("9223372036854775807ns", LARGEST),
        ("106751d", 106751 * 86400 * SECOND),
    ],
)
def test_duration(text: str, nanoseconds: int) -> None:
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        *[(text, "is not a duration") for text in ("", "-", "+", "--1s", ".s", " 1s", "s")],
        *[(text, "is not a duration") for text in ("\u0663s", "1s.", "one")],
        *[
            (text, "has a number without a unit")
            for text in ("30", "00", "1m30", "1..5s", "1.5.5s")
        ],
        *[
            (f"1{unit}", f"has the unknown unit {unit!r}")
            for unit in ("S", "y", "mo", " s", "s ", "msx")
        ],
        ("1e3s", "has the unknown unit 'e'"),
        ("1s-1s", "has the unknown unit 's-'"),
        *[
            (text, "is more than 292 years")
            for text in ("9223372036854775808ns", "106752d", "15251w")
        ],
        ("-9223372036854775808ns", "is more than 292 years"),
        ("2562047h47m16.854775808s", "is more than 292 years"),
        ("9223372036854775807ns1ns", "is more than 292 years"),
        ("1" * 40 + "s", "is more than 292 years"),
    ],
)
def test_bad_duration(text: str, fault: str) -> None:
    message = refusal(parse_duration, text)
    assert message.startswith(f"{text!r} {fault}; write ")
    assert "units ns, us, ms, s, m, h, d, w" in message


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (999, "999ns"),
        (1000, "1\u00b5s"),
        (1500, "1.5\u00b5s"),
        (500_000_000, "500ms"),
        (1_000_001, "1.000001ms"),
        (SECOND, "1s"),
        (SECOND + 100, "1.0000001s"),
        (90 * SECOND, "1m30s"),
        (60 * SECOND, "1m0s"),
        (3600 * SECOND, "1h0m0s"),
        (48 * 3600 * SECOND, "48h0m0s"),
        (-90 * SECOND, "-1m30s"),
        (-1, "-1ns"),
        (LARGEST, "2562047h47m16.854775807s"),
    ],
)
def test_format_duration(nanoseconds: int, text: str) -> None:
    assert format_duration(nanoseconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-7, "-7"),
        (1_000_000, "1000000"),
        (2**64 - 1, "18446744073709551615"),
        (0.0, "0"),
        (-0.0, "-0"),
        (1.10, "1.1"),
        (100000.0, "100000"),
        (999999.0, "999999"),
        (123456.7, "123456.7"),
        (1e6, "1e+06"),
        (-1e6, "-1e+06"),
        (1234567.0, "1.234567e+06"),
        (9999999.5, "9.9999995e+06"),
        (123456789.0, "1.23456789e+08"),
        (1e15, "1e+15"),
        (1e20, "1e+20"),
        (float(2**64), "1.8446744073709552e+19"),
        (1.5e300, "1.5e+300"),
        (0.0001, "0.0001"),
        (0.00001234, "1.234e-05"),
        (1e-7, "1e-07"),
        (5e-324, "5e-324"),
    ],
)
def test_format_number(value: float, text: str) -> None:
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (1, "1"),
        (1e6, "1e+06"),
        ("1.10", "1.10"),
        ("", ""),
    ],
)
def test_format_value(value: object, text: str) -> None:
    assert format_value(value) == text


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (0, 0),
        (0.5, 0.5),
        (2, 2),
        (0.1, 0.1),
        (-1.5, -1.5),
        (0.123456789, 0.12345679),
        (0.30000001, 0.3),
        (16777217, 16777216),
        (123456.789, 123456.79),
        (1e-46, 0),
        (3.4028234e38, 3.4028235e38),
        (2.0**-12, 0.00024414063),  # of two numbers equally near
        (2.0**-96, 1.2621775e-29),  # the nearest with 8 digits is that below, another number
    ],
)
def test_float32(value: float, rounded: float) -> None:
    assert float32(value) == rounded


@pytest.mark.parametrize("value", [1e39, -1e39, 3.4028236e38, float("inf"), float("nan")])
def test_bad_float32(value: float) -> None:
    with pytest.raises(ValueError, match="is not a number that 32 bits can hold"):
        float32(value)


@pytest.mark.parametrize(
    "text",
    [
        "1" * 250_000,
        "0." + "1" * 250_000,
        "1s" * 50_000,
        "0x1" + "_1" * 50_000,
        "." * 50_000,
    ],
)
@pytest.mark.parametrize("end", ["", "k", "s", "p1"])
def test_long_texts_are_no_trouble(text: str, end: str) -> None:
    assert len(refusal(parse_bytes, text + end)) < 400
    assert len(refusal(parse_duration, text + end)) < 400
