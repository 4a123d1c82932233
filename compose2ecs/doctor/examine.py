"""Runs the checks, several at a time, and tells what a right is missing for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from compose2ecs.doctor.ask import Ask, is_denied
from compose2ecs.doctor.model import Finding, failure, unknown
from compose2ecs.doctor.subject import Subject
from compose2ecs.doctor.table import CHECKS, Check
from compose2ecs.iam.rights import action, commands_of
from compose2ecs.plan.errors import AwsError

WIDTH = 8
# Nobody gets further with these: there are no credentials, or they are not good.
_NOBODY = frozenset(
    (
        "ConfigParseError",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "NoCredentials",
        "NoRegion",
        "ProfileNotFound",
        "SignatureDoesNotMatch",
        "UnauthorizedSSOTokenError",
        "UnrecognizedClientException",
    )
)


def examine(subject: Subject, ask: Ask, checks: Sequence[Check] = CHECKS) -> list[Finding]:
    """All findings, in the order of the checks. A check that does not concern the project has none.

    Raises AwsError where AWS cannot be asked at all.
    """
    _knock(subject, ask)
    with ThreadPoolExecutor(WIDTH) as pool:
        found = [one for some in pool.map(lambda c: run(c, subject, ask), checks) for one in some]
    return list(_told_once(found))


def _told_once(found: list[Finding]) -> Iterator[Finding]:
    """A right that is missing is told with its fix once; what else it hinders was not checked."""
    said: set[str] = set()
    for one in found:
        if one.text in said and one.fix:
            yield unknown(one.text)._replace(check=one.check)
        else:
            yield one
        said.add(one.text)


def _knock(subject: Subject, ask: Ask) -> None:
    """See whether AWS answers at all, before each check waits for that by itself."""
    try:
        ask.looks.identity()
    except AwsError as error:
        if error.code in _NOBODY:
            raise
        if error.code != "NoAnswer":
            return
        try:  # some networks have a way to ECS and none to STS
            ask.ecs.account_settings()
        except AwsError as other:
            if other.code == "NoAnswer":
                raise error from None


def run(check: Check, subject: Subject, ask: Ask) -> list[Finding]:
    """The findings of one check, with the one that ended it where it could not go on."""
    found: list[Finding] = []
    try:
        for one in check.run(subject, ask):
            found.append(one)  # noqa: PERF402 - what came before an error counts
    except AwsError as error:
        found.append(_ended(error))
    return [one._replace(check=check.id) for one in found]


def _ended(error: AwsError) -> Finding:
    if not is_denied(error):
        return unknown(str(error), error.hint)
    right = action(error.service, error.operation)
    users = commands_of(error.service, error.operation) & {"plan", "up", "down"}
    text = f"{right} is not allowed"
    if users:
        names = ", ".join(name for name in ("plan", "up", "down") if name in users)
        return failure(
            f"{text}, and {names} needs it", f"allow {right}: compose2ecs iam prints how"
        )
    return unknown(text, f"allow {right}: compose2ecs iam --for doctor prints how")
