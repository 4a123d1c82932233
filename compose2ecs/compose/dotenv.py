"""Environment files: `.env`, `env_file` and `label_file`, read as Compose reads them.

The grammar is Compose's own, not that of any shell or of other dotenv libraries;
https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax
describes the usual forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from .interpolate import InterpolationError, expand
from .interpolate import Lookup as Lookup

_BOM = "\ufeff"
# Go's unicode.IsSpace: str.isspace also counts the separators 0x1c to 0x1f.
_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
# What may stand around a key besides the line end; shorter than _SPACE, as it is in Compose.
_BLANK = "\t\v\f\r \x85\xa0"
_AFTER_EXPORT = ("export\t", "export\n", "export\f", "export\r", "export ")
_KEY = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-[]" + _BLANK)
_DIGITS = frozenset("0123456789")
_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    '"': '"',
    "\\": "\\",
    "$": "$$",  # interpolation comes after, and makes it one
}
# Between these a variable is the text's own word, as in `http://$HOST:$PORT/`.
_DELIMITERS = frozenset(_SPACE + "/:,;.=-_|&$<>()[]{}\"'`")
_RAW_LINE = 65535


class DotenvError(ValueError):
    """An environment file that cannot be read; `line` is where, from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Notice(NamedTuple):
    """Something in the file that Compose accepts and the writer hardly meant.

    `unset`: the value uses variable `name`, which is not set. `dollar-lost`: so does it, and the
    variable is glued to other characters as in `p@$w0rd`, so its `$` was likely meant as itself.
    `bare-key-at-end`: the last line is only the key `name`, which Compose takes for the value of
    the key "" because no line end follows. `line` is that of the key.
    """

    kind: str
    line: int
    name: str


def parse(
    text: str,
    lookup: Lookup,
    notice: Callable[[Notice], None] | None = None,
    earlier: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Read the variables of an environment file.

    `lookup` gives the variables from outside, which inside values win over the file's own.
    `earlier` is what files before this one in the same list set: values may use it, where the
    file has not yet set the variable itself, but a key without value does not inherit from it.
    """
    return _File(text, lookup, notice, earlier).read()


def parse_raw(text: str, lookup: Lookup) -> dict[str, str]:
    """Read an `env_file` of `format: raw`: lines of KEY=VALUE, values as they stand."""
    values: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        # Compose's reader has a buffer of 64 KiB; its lines are counted in bytes.
        if len(line) * 4 > _RAW_LINE and len(line.encode(errors="surrogatepass")) > _RAW_LINE:
            raise DotenvError(f"the line is longer than {_RAW_LINE} bytes", number)
        if number == 1:
            line = line.removeprefix(_BOM)
        line = line.removesuffix("\r").lstrip(_SPACE)
        if not line or line[0] == "#":
            continue
        key, equals, value = line.partition("=")
        if not key:
            raise DotenvError("there is no variable name before the `=`", number)
        if " " in key or "\t" in key:
            raise DotenvError("a variable name with white space in it", number)
        if equals:
            values[key] = value
        elif (inherited := lookup(key)) is not None:
            values[key] = inherited
    return values


class _File:
    """One environment file being read; `at` is the offset reached, `line` the line counted to."""

    __slots__ = ("at", "counted", "earlier", "line", "lookup", "notice", "text", "values")

    def __init__(
        self,
        text: str,
        lookup: Lookup,
        notice: Callable[[Notice], None] | None,
        earlier: Mapping[str, str],
    ) -> None:
        self.text = text
        self.lookup = lookup
        self.notice = notice
        self.earlier = earlier
        self.values: dict[str, str] = {}
        self.at = 0
        self.line = 1
        self.counted = 0

    def read(self) -> dict[str, str]:
        self.at = 1 if self.text.startswith(_BOM) else 0
        while self._to_statement():
            self._statement()
        return self.values

    def _to_statement(self) -> bool:
        text, at, size = self.text, self.at, len(self.text)
        while at < size:
            if text[at] == "#":
                at = text.find("\n", at)
                if at < 0:
                    return False
            elif text[at] not in _SPACE:
                self.line += text.count("\n", self.counted, at)
                self.at = self.counted = at
                return True
            at += 1
        return False

    def _statement(self) -> None:
        text, size = self.text, len(self.text)
        if text.startswith(_AFTER_EXPORT, self.at):
            self.at = self._skip_blanks(self.at + len("export"))
            if self.at == size:
                raise DotenvError("`export` is followed by no variable", self.line)
        start = end = self.at
        while end < size:
            char = text[end]
            if char not in _KEY:
                if char in "=:\n":
                    break
                if char.isascii() or not (char.isalpha() or char.isnumeric()):
                    raise DotenvError(
                        f"unexpected character {char!r} where only a variable name can stand; "
                        "write NAME=value, and quote values of several lines",
                        self.line,
                    )
            end += 1
        if end == size:
            # Compose finds no end of the key, and reads all of it again as a value.
            key, inherited, self.at = "", False, start
            if self.notice is not None:
                self.notice(Notice("bare-key-at-end", self.line, text[start:].strip(_SPACE)))
        else:
            key, inherited = text[start:end].rstrip(_SPACE), text[end] == "\n"
            if " " in key:
                raise DotenvError(
                    "a variable name with a space in it; quote values of several lines", self.line
                )
            self.at = self._skip_blanks(end + 1)
        if inherited:
            value = self.lookup(key)
            if value is not None:
                self.values[key] = value
        elif text.startswith("'", self.at):
            self.values[key] = self._quoted("'")
        elif text.startswith('"', self.at):
            self.values[key] = self._expand(_unescape(self._quoted('"')))
        else:
            self.values[key] = self._expand(self._unquoted())

    def _skip_blanks(self, at: int) -> int:
        text, size = self.text, len(self.text)
        while at < size and text[at] in _BLANK:
            at += 1
        return at

    def _unquoted(self) -> str:
        end = self.text.find("\n", self.at)
        if end < 0:
            end = len(self.text)
        comment = self.text.find(" #", self.at, end)
        value = self.text[self.at : end if comment < 0 else comment].rstrip(_SPACE)
        self.at = min(end + 1, len(self.text))
        return value

    def _quoted(self, quote: str) -> str:
        """Read to the closing quote; only backslashes before that same quote go away here."""
        text = self.text
        parts: list[str] = []
        at = self.at + 1
        close = text.find(quote, at)
        while close >= 0:
            backslash = text.find("\\", at, close)
            if backslash < 0:
                parts.append(text[at:close])
                self.at = close + 1
                return "".join(parts)
            escaped = backslash + 1
            if escaped == close:
                parts.append(text[at:backslash])
                parts.append(quote)
                close = text.find(quote, escaped + 1)
            else:
                parts.append(text[at : escaped + 1])
            at = escaped + 1
        raise DotenvError(f"the value that starts with {quote} has no closing {quote}", self.line)

    def _expand(self, value: str) -> str:
        if "$" not in value:
            return value
        notice, line = self.notice, self.line

        def known(name: str) -> str | None:
            value = self.lookup(name)
            if value is None:
                value = self.values.get(name)
            return self.earlier.get(name) if value is None else value

        def unset(name: str, start: int, end: int) -> None:
            if notice is not None:
                notice(Notice("unset", line, name))
                if _glued(value, start, end):
                    notice(Notice("dollar-lost", line, name))

        try:
            return expand(value, known, unset)
        except InterpolationError as error:
            raise DotenvError(str(error), line) from error


def _glued(value: str, start: int, end: int) -> bool:
    """Whether the `$name` at `value[start:end]` looks like a part of one word with its neighbours.

    An `@` after it does not count: `user:$PASSWORD@host` is how URLs are put together.
    """
    if value[start + 1] == "{":
        return False
    before = value[start - 1] if start else " "
    after = value[end] if end < len(value) else " "
    return before not in _DELIMITERS or (after not in _DELIMITERS and after != "@")


def _unescape(value: str) -> str:
    backslash = value.find("\\")
    if backslash < 0:
        return value
    parts: list[str] = []
    at = 0
    while 0 <= backslash < len(value) - 1:
        parts.append(value[at:backslash])
        char = value[backslash + 1]
        at = backslash + 2
        if char == "0":
            digits = at
            while at < digits + 3 and value[at : at + 1] in _DIGITS:
                at += 1
            octal = value[digits:at]
            # Compose drops the 0 also where what follows is no octal number of a byte.
            parts.append(chr(int(octal, 8)) if _is_octal_byte(octal) else "\\" + octal)
        else:
            parts.append(_ESCAPES.get(char, "\\" + char))
        backslash = value.find("\\", at)
    parts.append(value[at:])
    return "".join(parts)


def _is_octal_byte(digits: str) -> bool:
    return len(digits) == 3 and digits[0] < "4" and digits[1] < "8" and digits[2] < "8"
