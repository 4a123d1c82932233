"""What AWS refuses, in the form in which plan/ and apply/ know it."""

from __future__ import annotations

from compose2ecs.report import Compose2EcsError


class AwsError(Compose2EcsError):
    """A call that failed: `service` and `operation` as AWS calls them, `code` of AWS's, `text` in
    its words. A call that got no answer has the code `NoAnswer`."""

    exit_code = 3

    def __init__(
        self, service: str, operation: str, code: str, text: str = "", hint: str = ""
    ) -> None:
        said = f"{service} {operation} failed: {code}"
        super().__init__(f"{said}: {text}" if text else said, hint)
        self.service = service
        self.operation = operation
        self.code = code
        self.text = text


class RefusedError(Compose2EcsError):
    """Something that could be done and is not: it is not ours, or it would do harm."""

    exit_code = 5


class SupersededError(Compose2EcsError):
    """A newer run has taken over."""

    exit_code = 6


class UnhealthyError(Compose2EcsError):
    """Everything was sent, and what runs is not what was meant."""

    exit_code = 4


class InterruptedRunError(Compose2EcsError):
    """The user stopped the run: what was running came to its end, nothing was undone."""

    exit_code = 130
