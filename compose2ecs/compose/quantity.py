"""Sizes, durations and numbers: their text in Compose files, and the text Compose makes of them."""

from __future__ import annotations

from itertools import pairwise

from .interpolate import shorten

_LARGEST = 2**63 - 1
_SMALLEST = -(2**63)
_DIGITS = frozenset("0123456789")
_NUMBER = _DIGITS | {"."}
_HEX = frozenset("0123456789abcdef")
_UNITS = {"": 1, "b": 1}
for _power, _letter in enumerate("kmgtp", 1):
    _UNITS |= dict.fromkeys((_letter, _letter + "b", _letter + "ib"), 1024**_power)
_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,  # the micro sign
    "\u03bcs": 1_000,  # the Greek letter
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
    "w": 604_800_000_000_000,
}


def parse_bytes(text: str) -> int:
    """The bytes of a size. Units are of 1024 and in any case; only a bare integer may be below 0.

    >>> parse_bytes("512m"), parse_bytes("1.5 GiB"), parse_bytes("-1")
    (536870912, 1610612736, -1)
    """
    whole = _integer(text)
    if whole is not None:
        return whole
    cut = len(text)
    # No unit is longer than three characters; a fourth makes the unit unknown already.
    while cut and len(text) - cut < 4 and text[cut - 1] not in _NUMBER and text[cut - 1] != " ":
        cut -= 1
    written = text[cut:]
    unit = _UNITS.get(written.lower())
    if not cut or unit is None or (not written.isascii() and len(written) > 1):
        raise _bad_size(text, "is not a size")
    number = _number(text[: cut - 1] if text[cut - 1] == " " else text[:cut])
    if number is None:
        raise _bad_size(text, "is not a size")
    if number < 0:
        raise _bad_size(text, "is negative, which only a number of bytes without a unit may be")
    number *= unit
    if number > _LARGEST:
        raise _bad_size(text, "is more than 8 EiB")
    return int(number)


def _bad_size(text: str, fault: str) -> ValueError:
    return ValueError(
        f"{shorten(text)!r} {fault}; write a number of bytes, or a number with one of the units "
        "b, k, m, g, t, p (also kb or kib, in any case, in steps of 1024), as in 512m or 1.5g"
    )


def _integer(text: str) -> int | None:
    """A signed 64-bit integer in decimal, or None."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) > 19:  # int() gets slow, and then refuses, long before text gets large
        digits = digits.lstrip("0") or "0"
        if len(digits) > 19:
            return None
    value = -int(digits) if text[0] == "-" else int(digits)
    return value if _SMALLEST <= value <= _LARGEST else None


def _number(text: str) -> float | None:
    """A finite number as Go reads one, or None; Python differs in blanks and hexadecimals."""
    if not text.isascii() or not text or text[0].isspace() or text[-1].isspace():
        return None
    lower = text.lower()
    body = lower[1:] if lower[0] in "+-" else lower
    try:
        if body[:2] == "0x":
            if "p" not in body or not _is_grouped(body):
                return None
            value = float.fromhex(lower.replace("_", ""))
        elif body[:1] in _NUMBER:
            value = float(lower)
        else:
            return None  # inf and nan, which Compose takes for some size below 0
    except (ValueError, OverflowError):
        return None
    return None if value in (float("inf"), float("-inf")) else value


def _is_grouped(body: str) -> bool:
    """Whether each underscore stands between digits; the x of 0x counts as one."""
    groups = body.split("_")
    return all(
        (left[-1:] in _HEX or left == "0x") and right[:1] in _HEX
        for left, right in pairwise(groups)
    )


def parse_duration(text: str) -> int:
    """The nanoseconds of a duration.

    >>> parse_duration("1m30s"), parse_duration("1.5ms"), parse_duration("0")
    (90000000000, 1500000, 0)
    """
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0
    if not rest:
        raise _bad_duration(text, "is not a duration")
    total = at = 0
    end = len(rest)
    while at < end:
        start = at
        while at < end and rest[at] in _DIGITS:
            at += 1
        whole, fraction = rest[start:at], ""
        if at < end and rest[at] == ".":
            start = at = at + 1
            while at < end and rest[at] in _DIGITS:
                at += 1
            fraction = rest[start:at]
        if not whole and not fraction:
            raise _bad_duration(text, "is not a duration")
        start = at
        while at < end and rest[at] not in _NUMBER:
            at += 1
        unit = _NANOSECONDS.get(rest[start:at])
        if start == at:
            raise _bad_duration(text, "has a number without a unit")
        if unit is None:
            raise _bad_duration(text, f"has the unknown unit {shorten(rest[start:at])!r}")
        if len(whole) > 19:
            whole = whole.lstrip("0")
        if len(whole) <= 19:
            total += int(whole or "0") * unit + (_part(fraction, unit) if fraction else 0)
        if total > _LARGEST or len(whole) > 19:
            raise _bad_duration(text, "is more than 292 years")
    return -total if text[0] == "-" else total


def _part(digits: str, unit: int) -> int:
    """A fraction of a unit, in Go's float arithmetic, so that the last nanosecond is the same."""
    value, scale = 0, 1.0
    for digit in digits:
        longer = value * 10 + int(digit)
        if longer > _LARGEST:
            break
        value = longer
        scale *= 10
    return int(float(value) * (unit / scale))


def _bad_duration(text: str, fault: str) -> ValueError:
    return ValueError(
        f"{shorten(text)!r} {fault}; write numbers each with one of the units "
        "ns, us, ms, s, m, h, d, w, as in 1m30s or 500ms"
    )


def format_duration(nanoseconds: int) -> str:
    """A duration as Compose prints it: `1h30m0s`, `48h0m0s`, `1.5ms`, `0s`."""
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    if rest < 1_000:
        return f"{sign}{rest}ns" if rest else "0s"
    if rest < 1_000_000:
        return f"{sign}{_decimal(rest, 3)}\u00b5s"
    if rest < 1_000_000_000:
        return f"{sign}{_decimal(rest, 6)}ms"
    minutes, rest = divmod(rest, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    seconds = _decimal(rest, 9)
    if hours:
        return f"{sign}{hours}h{minutes}m{seconds}s"
    return f"{sign}{minutes}m{seconds}s" if minutes else f"{sign}{seconds}s"


def _decimal(value: int, places: int) -> str:
    whole, part = divmod(value, 10**places)
    return f"{whole}.{part:0{places}d}".rstrip("0") if part else str(whole)


def format_number(value: int | float) -> str:
    """A number as Go's %v prints it, which is what Compose makes of one in `environment`.

    >>> format_number(1.10), format_number(1e6), format_number(100000.0), format_number(1000000)
    ('1.1', '1e+06', '100000', '1000000')
    """
    text = repr(value)
    if value.__class__ is int or "e" in text:  # Python turns to exponents at 1e-5 as Go, at 1e16
        return text
    whole, _, part = text.partition(".")
    if part == "0":
        part = ""
    sign, digits = ("-", whole[1:]) if whole[0] == "-" else ("", whole)
    if len(digits) <= 6:
        return f"{whole}.{part}" if part else whole
    tail = (digits[1:] + part).rstrip("0")
    return f"{sign}{digits[0]}{'.' if tail else ''}{tail}e+{len(digits) - 1:02d}"


def format_value(value: object) -> str:
    """A scalar as the string Compose makes of it in `environment`, `labels` and options."""
    if isinstance(value, str):
        return value if value.__class__ is str else str(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format_number(value) if isinstance(value, (int, float)) else str(value)


def float32(value: float) -> float:
    """The number rounded as in `cpus`: to 32 bits, then to the fewest digits that say as much.

    >>> float32(0.123456789)
    0.12345679
    """
    import struct

    try:
        packed = struct.pack("<f", value)
    except OverflowError:
        packed = b""
    if not packed or value in (float("inf"), float("-inf")) or value != value:
        raise ValueError(f"{value} is not a number that 32 bits can hold")
    (rounded,) = struct.unpack("<f", packed)
    near = [rounded]
    if not packed[0] and not packed[1] and packed[2] & 0x7F == 0:
        # The neighbour below a power of two is closer than that above, so the digits may come from
        # nearer the middle between the two; and Compose takes the upper of two equally near.
        near = [rounded * (1 + 2**-50), rounded * (1 + 2**-26)]
    for digits in range(1, 9):
        for start in near:
            short = float(f"{start:.{digits}g}")
            # Cut to few digits the largest number leaves the range.
            if abs(short) < 3.4028235678e38 and struct.pack("<f", short) == packed:
                return short
    return float(f"{rounded:.9g}")
