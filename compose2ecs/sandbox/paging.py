"""Long answers in pages, as AWS gives them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

from compose2ecs.sandbox.errors import AwsError

Item = TypeVar("Item")


def page(
    items: Sequence[Item], size: int, token: str | None, code: str
) -> tuple[list[Item], str | None]:
    """The page that a token stands for, and the token of the next; None at the end.

    A token is a position, so what is deleted while somebody reads the pages makes items be
    missed, as it may on AWS. `code` is that of the error for a token that is none.
    """
    start = _position(token, code) if token else 0
    end = start + size
    return list(items[start:end]), (_token(end) if end < len(items) else None)


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"page:{position}".encode()).decode()


def _position(token: str, code: str) -> int:
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
    except ValueError:
        text = ""
    head, _, number = text.partition(":")
    if head != "page" or not number.isdigit():
        raise AwsError(code, "Invalid token")
    return int(number)
