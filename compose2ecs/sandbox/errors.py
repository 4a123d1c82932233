"""What comes instead of an answer."""

from __future__ import annotations

from typing import Any


class AwsError(Exception):
    """A refusal, as AWS says it: a code, a sentence, an HTTP status, perhaps further members."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members


class LostAnswerError(Exception):
    """The connection broke: what the call did is done, or not, and nobody is told."""


class Killed(BaseException):
    """The process ends here, as if by SIGKILL; no `except Exception` and no retry sees it."""
