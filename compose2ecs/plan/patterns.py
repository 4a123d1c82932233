"""Whether whatever one pattern of a listener rule's matches, others match as well.

`*` stands for any characters and `?` for one; a backslash before them takes that away.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

from __future__ import annotations

from collections.abc import Iterable

_MANY, _ONE = "*", "?"
_OTHER = ""  # stands for every character that no pattern names
Token = tuple[str, bool]  # a character, and whether it is a wildcard
State = tuple[int, int]  # which pattern, and how much of it is matched


def included(narrow: str, broad: Iterable[str]) -> bool:
    """Whether every text that `narrow` matches is matched by one of the `broad` patterns.

    >>> included("/api/v?/*", ["/api/*"]), included("/*", ["/api/*"])
    (True, False)
    >>> included("a*", ["a", "a?*"])
    True
    """
    pattern = _tokens(narrow)
    patterns = [_tokens(one) for one in broad]
    letters = {letter for one in (pattern, *patterns) for letter, wild in one if not wild}
    letters.add(_OTHER)
    todo = [(0, _closed({(number, 0) for number in range(len(patterns))}, patterns))]
    seen = set(todo)
    while todo:
        place, states = todo.pop()
        if _ends(pattern, place) and not any(_ends(patterns[n], at) for n, at in states):
            return False
        for letter in letters:
            after = _closed(
                {(n, to) for n, at in states for to in _step(patterns[n], at, letter)}, patterns
            )
            for there in _step(pattern, place, letter):
                one = (there, after)
                if one not in seen:
                    seen.add(one)
                    todo.append(one)
        if place < len(pattern) and pattern[place] == (_MANY, True):
            one = (place + 1, states)
            if one not in seen:
                seen.add(one)
                todo.append(one)
    return True


def _tokens(text: str) -> tuple[Token, ...]:
    found: list[Token] = []
    place = 0
    while place < len(text):
        letter = text[place]
        if letter == "\\" and text[place + 1 : place + 2] in (_MANY, _ONE):
            place += 1
            found.append((text[place], False))
        elif (letter, True) != (found[-1] if found else None) or letter != _MANY:
            found.append((letter, letter in (_MANY, _ONE)))
        place += 1
    return tuple(found)


def _step(pattern: tuple[Token, ...], place: int, letter: str) -> tuple[int, ...]:
    """Where a pattern is after one more character."""
    if place == len(pattern):
        return ()
    token, wild = pattern[place]
    if not wild:
        return (place + 1,) if token == letter else ()
    return (place,) if token == _MANY else (place + 1,)


def _ends(pattern: tuple[Token, ...], place: int) -> bool:
    return all(token == (_MANY, True) for token in pattern[place:])


def _closed(states: set[State], patterns: list[tuple[Token, ...]]) -> frozenset[State]:
    """With those that are reached without any character."""
    found = set(states)
    for number, place in states:
        while place < len(patterns[number]) and patterns[number][place] == (_MANY, True):
            place += 1
            found.add((number, place))
    return frozenset(found)
