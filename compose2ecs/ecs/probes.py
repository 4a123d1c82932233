"""Health checks of containers that a load balancer can make as well: one GET, and nothing else.

A command line that sends a header or a password, looks at the answer or turns it round asks for more
than that.
"""

from __future__ import annotations

import re

_SAFE = re.compile(r"[A-Za-z0-9/_.~?=&%+:,@;-]*")
_QUIET = re.compile(r"\s+[12&]?>+\s*(/dev/null|&[12])(?=\s|$)")
_OTHERWISE = re.compile(
    r"\s*\|\|\s*(exit(\s+[0-9]+)?|false|return\s+[0-9]+|kill\s[^|&;]+)\s*;?\s*$"
)
_MORE = re.compile(r"header|auth|post|method|cookie|%\{|password|&&|;\s*true", re.IGNORECASE)
_SHELLS = ("sh", "bash", "ash")
# Of each program the options that change nothing about the request: letters and words that stand
# alone, then those that have a value.
_CURL = (
    "fsSkLIivgq46",
    "fail silent show-error insecure location head include fail-with-body compressed globoff ipv4 ipv6",
    "om",
    "output max-time connect-timeout retry retry-delay retry-max-time",
)
_WGET = (
    "qnvSc46",
    "quiet spider no-verbose no-check-certificate server-response no-cache verbose",
    "OtTY",
    "tries timeout output-document",
)


def plain_path(test: tuple[str, ...], found: str) -> str | None:
    """What the command of a health check asks for, with its query; None if it does more than that.

    `found` is the path as it is seen in a command that is no line of curl or wget.

    >>> plain_path(("CMD-SHELL", "curl -fsS 'http://localhost/h?a=1&b=2' >/dev/null || exit 1"), "/h")
    '/h?a=1&b=2'
    >>> plain_path(("CMD", "curl", "-u", "me:mine", "http://localhost/h"), "/h")
    """
    words: list[str] | None = list(test[1:])
    if test[0] == "CMD-SHELL":
        words = _shell_words(" ".join(test[1:]))
    elif len(test) == 4 and _program(test[1]) in _SHELLS and test[2].startswith("-"):
        words = _shell_words(test[3])
    program = _program(words[0]) if words else ""
    text = " ".join(test[1:])
    if program in ("curl", "wget") and words is not None:
        address = _address(words[1:], _CURL if program == "curl" else _WGET)
        return None if address is None else _path(address)
    if re.search(r"(^|[\s/;&|(!])(curl|wget)\s", text) or _MORE.search(text):
        return None
    return found if _SAFE.fullmatch(found) else None


def _program(word: str) -> str:
    return word.rpartition("/")[2]


def _shell_words(text: str) -> list[str] | None:
    """The words of a simple command that may end in `|| exit 1`; None if there is more to it."""
    text = _QUIET.sub("", _OTHERWISE.sub("", text))
    found: list[str] = []
    word: str | None = None
    quote = ""
    for c in text + " ":
        if c == quote:
            quote = ""
        elif quote:
            if quote == '"' and c in "$`\\":
                return None
            word = (word or "") + c
        elif c in "'\"":
            quote, word = c, word or ""
        elif c.isspace():
            found += [word] if word is not None else []
            word = None
        elif c in "|&;<>()`$!{}\\":
            return None
        else:
            word = (word or "") + c
    return None if quote else found


def _address(words: list[str], known: tuple[str, str, str, str]) -> str | None:
    """The one address of a command whose options are all known ones."""
    letters, names, letters_with, names_with = known
    found: list[str] = []
    rest = iter(words)
    for word in rest:
        if word.startswith("--"):
            name, mark, _ = word[2:].partition("=")
            if name in names_with.split():
                if not mark:
                    next(rest, None)
            elif name not in names.split():
                return None
        elif word.startswith("-"):
            for at, letter in enumerate(word[1:], 2):
                if letter in letters_with:
                    if at == len(word):
                        next(rest, None)
                    break
                if letter not in letters:
                    return None
        else:
            found.append(word)
    return found[0] if len(found) == 1 else None


def _path(address: str) -> str | None:
    rest = address.partition("://")[2] or address
    host, slash, path = rest.partition("/")
    if "@" in host or "?" in host or not _SAFE.fullmatch(path):
        return None
    return "/" + path if slash else "/"
