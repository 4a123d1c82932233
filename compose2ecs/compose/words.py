"""A `command` or `entrypoint` written as one string, split into words as Compose splits it."""

from __future__ import annotations

from typing import NamedTuple

_SPECIAL = frozenset("\\\"'`();&|<>")
_BLANK = frozenset(" \t\r\n")
_CUT = frozenset(";&|<>")
_VERBATIM = frozenset("`(")  # inside `...` and $(...) quotes and backslashes stand for themselves
_LITERAL = frozenset("'\"`")
_ESCAPES = {"n": "\n", "t": "\t"}
_OPENED = {"(": "$(", "'": "'", '"': '"', "`": "`"}


class Words(NamedTuple):
    """The words, and what Compose silently leaves out: all from an unquoted ; & | < > on."""

    words: list[str]
    dropped: str


def split(text: str) -> Words:
    """The words of a command. No shell is involved: nothing is expanded, run or redirected.

    >>> split("sh -c 'sleep 1' && echo done")
    Words(words=['sh', '-c', 'sleep 1'], dropped='&& echo done')
    """
    # Of what is printable only the space is white, so split() cannot see more blanks than Compose.
    if _SPECIAL.isdisjoint(text) and text.isprintable():
        return Words(text.split(), "")
    return _scan(text)


def _scan(text: str) -> Words:
    words: list[str] = []
    word: list[str] = []
    started = False  # also true of an empty word: ""
    quote = ""  # the quote, backtick or parenthesis that is open
    opened = 0
    begin = -1  # where the word starts in the text
    escaped = False
    for at, char in enumerate(text):
        if escaped:
            escaped = False
            if quote in _VERBATIM:
                word.append("\\")
            else:
                char = _ESCAPES.get(char, char)
            word.append(char)
            started = True
            continue
        if char in _BLANK and not quote:
            if started:
                words.append("".join(word))
                word, started = [], False
            begin = -1
            continue
        if begin < 0:
            begin = at
        if char == "\\" and quote != "'":
            escaped = True
            continue
        if char in "'\"" and quote in ("", char):
            started = started or bool(quote)
            quote, opened = ("" if quote else char), at
            continue
        if char == "`" and quote in ("", "`"):
            quote, opened = ("" if quote else char), at
        elif char == ")" and quote not in _LITERAL:
            if not quote:
                raise ValueError(_parenthesis(char, at))
            quote = ""
        elif char == "(" and quote not in _LITERAL:
            if quote or word[-1:] != ["$"] or word[-2:-1] == ["\\"]:
                raise ValueError(_parenthesis(char, at))
            quote, opened = char, at
        elif char in _CUT and not quote:
            descriptor = "".join(word)
            if char == ">" and descriptor.isascii() and descriptor.isdigit():
                return Words(words, text[begin:].rstrip())  # as in 2>/dev/null
            if started:
                words.append(descriptor)
            return Words(words, text[at:].rstrip())
        word.append(char)
        started = True
    if quote:
        raise ValueError(f"the {_OPENED[quote]} at character {opened + 1} is never closed")
    if escaped:
        raise ValueError("it ends with a backslash, which has nothing to escape")
    if started:
        words.append("".join(word))
    return Words(words, "")


def _parenthesis(char: str, at: int) -> str:
    return (
        f"the {char} at character {at + 1} has to be quoted; "
        "without quotes parentheses may stand only in $(...), not nested"
    )
