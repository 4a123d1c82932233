"""Variables in Compose values: `$NAME`, `${NAME}` and its operators.

Reads them as Compose does; https://docs.docker.com/reference/compose-file/interpolation/ describes
the forms but not the corner cases, which are noted where they are handled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

Lookup = Callable[[str], str | None]
"""Gives the value of a variable, None where it is not set."""

DEPTH = 100
"""How deep variables may nest in each other's defaults; Compose sets no bound."""

# Compose matches names with a case-insensitive pattern in which, by Unicode case folding, the long
# s and the Kelvin sign are letters too.
_FIRST = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_\u017f\u212a")
_NAME = _FIRST | frozenset("0123456789")
_OPERATORS = ("-", "+", "?")


class InterpolationError(ValueError):
    """A value that cannot be interpolated; `variable` is the name at fault where there is one."""

    def __init__(self, message: str, variable: str | None = None) -> None:
        super().__init__(message)
        self.variable = variable


def substitute(
    text: str,
    lookup: Lookup,
    unset: Callable[[str], None] | None = None,
) -> str:
    """Return `text` with its variables replaced by what `lookup` gives (None: not set).

    `unset` is told each name that is not set and has no operator to say what then.
    """
    if "$" not in text:
        return text
    if unset is None:
        return expand(text, lookup)
    tell = unset
    return expand(text, lookup, lambda name, _start, _end: tell(name))


def expand(
    text: str,
    lookup: Lookup,
    unset: Callable[[str, int, int], None] | None = None,
) -> str:
    """Do as `substitute`, and tell `unset` also where in `text` the variable starts and ends."""
    if "$" not in text:
        return text
    return _Template(text, lookup, unset).run(0, len(text), 0)


class _Template:
    """One text under substitution; works by offsets, so that no part is copied to be read."""

    __slots__ = ("closing", "lookup", "paired", "text", "unset")

    def __init__(
        self,
        text: str,
        lookup: Lookup,
        unset: Callable[[str, int, int], None] | None,
    ) -> None:
        self.text = text
        self.lookup = lookup
        self.unset = unset
        self.closing: dict[int, int] = {}
        self.paired = -1

    def run(self, start: int, stop: int, depth: int) -> str:
        """Substitute `text[start:stop]`, the operand of `depth` variables around it."""
        text = self.text
        out: list[str] = []
        line_end = last = -1  # of the line that the last look at braces was in
        at = start
        while True:
            dollar = text.find("$", at, stop)
            if dollar < 0 or dollar + 1 == stop:
                out.append(text[at:stop])
                return "".join(out)
            out.append(text[at:dollar])
            name_at = dollar + 1
            if text[name_at] == "$":
                out.append("$")
                at = name_at + 1
                continue
            braced = text[name_at] == "{"
            if braced:
                name_at += 1
            end = self._name_end(name_at, stop)
            if end == name_at:
                if braced:
                    raise self._invalid(dollar, name_at, stop, "`${` must be followed by a name")
                out.append("$")
                at = name_at
                continue
            name = text[name_at:end]
            if depth >= DEPTH:
                raise InterpolationError(
                    f"variable {shorten(name)} is nested in more than {DEPTH} other variables; "
                    "write the default without so many levels",
                    name,
                )
            if not braced or text.startswith("}", end, stop):
                at = end + braced
                value = self.lookup(name)
                if value is not None:
                    out.append(value)
                elif self.unset is not None:
                    self.unset(name, dollar, at)
                continue

            colon = text.startswith(":", end, stop)
            operand = end + colon + 1
            if not text.startswith(_OPERATORS, end + colon, stop):
                reason = f"after the name {shorten(name)} comes `}}` or one of :- - :+ + :? ?"
                raise self._invalid(dollar, operand - 1, stop, reason, name)
            close = text.find("}", operand, stop)
            if close < 0 or text.find("\n", operand, close) >= 0:
                reason = f"the `}}` after {shorten(name)} is missing on its line"
                raise self._invalid(dollar, operand, stop, reason, name)
            if text.find("{", operand, close) >= 0:
                # Compose takes all up to the last brace of the line, then cuts at the brace that
                # balances; where none does, it leaves all of it in.
                if operand > line_end:
                    line_end = text.find("\n", operand, stop)
                    if line_end < 0:
                        line_end = stop
                    last = text.rfind("}", operand, line_end)
                if dollar > self.paired:
                    self._pair(dollar + 1, last)
                close = self.closing.get(dollar + 1, last)
                if close > last:
                    close = last
            at = close + 1

            value = self.lookup(name)
            given = bool(value) if colon else value is not None
            operator = text[operand - 1]
            if operator == "-":
                out.append(value or "" if given else self._operand(operand, close, depth))
            elif operator == "+":
                out.append(self._operand(operand, close, depth) if given else value or "")
            elif given:
                out.append(value or "")
            else:
                message = self._operand(operand, close, depth)
                raise InterpolationError(
                    f"required variable {name} is missing a value" + (message and f": {message}"),
                    name,
                )

    def _operand(self, start: int, stop: int, depth: int) -> str:
        if self.text.find("$", start, stop) < 0:
            return self.text[start:stop]
        return self.run(start, stop, depth + 1)

    def _name_end(self, at: int, stop: int) -> int:
        text = self.text
        if at >= stop or text[at] not in _FIRST:
            return at
        at += 1
        while at < stop and text[at] in _NAME:
            at += 1
        return at

    def _pair(self, start: int, last: int) -> None:
        """Note for each `{` in `text[start : last + 1]`, which is one line, the `}` balancing it.

        Compose does not look at the character after a `{` (it expects a name), so `${A:-{}}` has
        one closing brace that counts and does not balance. That a pass from the first variable
        of a line serves all others in it is because their `{` follows a `$` and is never skipped.
        """
        text = self.text
        stop = last + 1
        pending: list[int] = []
        opening = text.find("{", start, stop)
        closing = text.find("}", start, stop)
        while closing >= 0:
            if 0 <= opening < closing:
                pending.append(opening)
                after = opening + 2
                if closing < after:
                    closing = text.find("}", after, stop)
                opening = text.find("{", after, stop)
            else:
                if pending:
                    self.closing[pending.pop()] = closing
                closing = text.find("}", closing + 1, stop)
        self.paired = last

    def _invalid(
        self, start: int, at: int, stop: int, reason: str, name: str | None = None
    ) -> InterpolationError:
        # Shown only up to where it goes wrong: what follows may be the rest of a password.
        shown = shorten(self.text[start : min(at + 1, stop)].partition("\n")[0])
        return InterpolationError(
            f"invalid interpolation format at {shown!r}: {reason}; "
            "to keep a `$` as it is, escape it as `$$`",
            name,
        )


def shorten(text: str) -> str:
    """Return `text` at a length fit for a message."""
    return text if len(text) <= 60 else text[:57] + "..."


class Mention(NamedTuple):
    """One place that names a variable, and what it says of it where it is not set."""

    name: str
    default: str = ""
    alternate: str = ""
    required: bool = False


def mentioned(text: str) -> Iterator[Mention]:
    """The variables that a text names, those in defaults and alternates too.

    >>> [(found.name, found.default) for found in mentioned("$A ${B:-x$C} $$D")]
    [('A', ''), ('B', 'x$C'), ('C', '')]
    """
    template = _Template(text, lambda name: None, None)
    at = 0
    while (dollar := text.find("$", at)) >= 0:
        at = dollar + 1
        if text.startswith("$", at):
            at += 1
            continue
        braced = text.startswith("{", at)
        end = template._name_end(at + braced, len(text))
        name = text[at + braced : end]
        if not name:
            continue
        at = end
        operator = end + text.startswith(":", end)
        if not braced or not text.startswith(_OPERATORS, operator):
            yield Mention(name)
            continue
        depth, close = 1, operator + 1
        while close < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[close], 0)
            close += 1
        operand = text[operator + 1 : close - (depth == 0)]
        at = close
        if text[operator] == "?":
            yield Mention(name, required=True)
            continue
        yield Mention(name, operand) if text[operator] == "-" else Mention(name, "", operand)
        yield from mentioned(operand)
