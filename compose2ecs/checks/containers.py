"""What AWS has against containers: names, images, memory, processes and variables.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from compose2ecs.checks.model import Check, Faults, Found
from compose2ecs.checks.task import INT_MAX, Task, kind_fault, missing, number_fault, within, word
from compose2ecs.checks.values import (
    DIGITS,
    LETTERS,
    bad_name,
    listed,
    number,
    objects,
    repeated,
    stray,
    text,
    unknown,
)
from compose2ecs.limits import FARGATE_STOP_TIMEOUT, MIN_MEMORY
from compose2ecs.report import ERROR, WARNING

Container = dict[str, Any]

# ---------------------------------------------------------------------------- names and images

_IMAGE = LETTERS + DIGITS + "-_:./#"
_IMAGE_MAX, _TAG_MAX, _HASH = 255, 128, 64
_ECR = ".dkr.ecr."


def name(value: str, at: str, container: Container, task: Task) -> Faults:
    fault = bad_name(value)
    return [("D002", f"{at}.name", fault)] if fault else ()


def image(value: str, at: str, container: Container, task: Task) -> Faults:
    path = f"{at}.image"
    if task.fargate and _ECR in value and not task.role:
        return [("D099", path, "the task has no execution role to pull from ECR with")]
    check, said = _image(value)
    return [(check, path, said)] if check else ()


@lru_cache(maxsize=1024)
def _image(value: str) -> tuple[str, str]:
    """The check that an image fails, and why; empty if none. Many services run the same."""
    if unknown(value):
        return "", ""
    if not value:
        return "D007", "there is no image"
    reference, mark, digest = value.partition("@")
    if "/" in digest:  # what stands before it is a secret, and is not shown
        return (
            "D009",
            "an image has no user and password; name their secret in x-ecs: registry_credentials",
        )
    if len(reference) > _IMAGE_MAX:
        said = f"the image is {len(reference)} characters long, and {_IMAGE_MAX} are allowed"
        return "D008", said
    if fault := _reference_fault(reference):
        return "D009", f"image {value!r}: {fault}"
    if mark and not _is_digest(digest):
        said = f"the digest {digest[:80]!r} is not sha256: and {_HASH} hexadecimal digits"
        return "D010", said
    if _ECR in reference and (fault := _repository_fault(reference)):
        return "D139", f"{reference!r}: {fault}"
    return "", ""


def _is_digest(digest: str) -> bool:
    algorithm, _, code = digest.partition(":")
    return algorithm == "sha256" and len(code) == _HASH and not code.strip(DIGITS + "abcdefABCDEF")


def tag(reference: str) -> str:
    """The tag of an image without its digest; empty if it has none."""
    return reference[reference.rfind("/") + 1 :].partition(":")[2]


def _reference_fault(reference: str) -> str:
    """Why Docker or AWS would not know what a reference means; empty if both do."""
    if bad := stray(reference, _IMAGE):
        return "a variable was left in" if bad == "$" else f"{bad!r} is not allowed"
    last = reference[reference.rfind("/") + 1 :]
    own, colon, name = last.partition(":")
    if colon and (not name or len(name) > _TAG_MAX or name[0] in "-." or ":" in name):
        return f"{name!r} is no tag"
    repository = reference[: len(reference) - len(colon + name)]
    first, slash, rest = repository.partition("/")
    host = slash and (
        "." in first or ":" in first or first == "localhost" or first != first.lower()
    )
    path = rest if host else repository
    if not own or "//" in path or path[0] in "/-._":
        return "the repository has no name"
    return "" if path == path.lower() else "a repository has no upper-case letters"


def _repository_fault(reference: str) -> str:
    """Why ECR can have no such repository; empty if it can."""
    import re  # few bodies come here

    path = reference.partition("/")[2]
    repository = path[: len(path) - len(tag(path))].rstrip(":")
    part = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
    if len(repository) > 1 and re.fullmatch(rf"{part}(?:/{part})*", repository):
        return ""
    return f"ECR takes no repository {repository!r}"


# ---------------------------------------------------------------------------- size


def cpu(value: int, at: str, container: Container, task: Task) -> Faults:
    return () if 0 <= value <= INT_MAX else number_fault(value, f"{at}.cpu")


def memory(value: int, at: str, container: Container, task: Task) -> Faults:
    soft = number(container.get("memoryReservation"))
    if soft is not None and soft > value >= MIN_MEMORY:
        said = f"{soft} MiB are reserved, and no more than {value} MiB may be used"
        return [("D021", f"{at}.memoryReservation", said)]
    return _memory(value, f"{at}.memory")


def memory_reservation(value: int, at: str, container: Container, task: Task) -> Faults:
    return _memory(value, f"{at}.memoryReservation")


def _memory(value: int, path: str) -> Faults:
    if value < MIN_MEMORY:
        return [("D022", path, f"{value} MiB of memory, and Docker needs {MIN_MEMORY}")]
    return () if value <= INT_MAX else number_fault(value, path)


# ---------------------------------------------------------------------------- processes


def command(value: list[Any], at: str, container: Container, task: Task) -> Found:
    yield from _words(value, f"{at}.command", task)


def entry_point(value: list[Any], at: str, container: Container, task: Task) -> Found:
    yield from _words(value, f"{at}.entryPoint", task)


def labels(value: dict[str, Any], at: str, container: Container, task: Task) -> Faults:
    for label in value.values():
        task.size += len(text(label))
    return ()


def _words(value: list[Any], path: str, task: Task) -> Found:
    for index, part in enumerate(value):
        if isinstance(part, str):
            task.size += len(part)
        else:
            yield "D093", f"{path}[{index}]", f"{part!r} is not text"


def user(value: str, at: str, container: Container, task: Task) -> Found:
    parts = value.split(":")
    negative = any(part[:1] == "-" and part[1:].isdecimal() for part in parts)
    if value and (negative or len(parts) > 2 or not all(parts)) and not unknown(value):
        yield "D137", f"{at}.user", f"{value!r} is not USER or USER:GROUP, by names or numbers"


def stop_timeout(value: int, at: str, container: Container, task: Task) -> Faults:
    return _seconds("D088", value, f"{at}.stopTimeout", task)


def start_timeout(value: int, at: str, container: Container, task: Task) -> Faults:
    return _seconds("D089", value, f"{at}.startTimeout", task)


def _seconds(check: str, value: int, path: str, task: Task) -> Faults:
    low, high = FARGATE_STOP_TIMEOUT if task.fargate else (0, INT_MAX)
    if low <= value <= high:
        return ()
    where = " on Fargate" if task.fargate else ""
    return [(check, path, f"{value} s, and AWS takes {low} to {high}{where}")]


def version_consistency(value: str, at: str, container: Container, task: Task) -> Found:
    yield from word(value, ("enabled", "disabled"), f"{at}.versionConsistency")


_PERIOD = (60, 1800)
_EXIT_CODES = 50


def restart_policy(value: Container, at: str, container: Container, task: Task) -> Found:
    at = f"{at}.restartPolicy"
    yield from missing(value, ("enabled",), at)
    period = value.get("restartAttemptPeriod")
    if period is not None:
        low, high = _PERIOD
        if not within(period, low, high):
            said = f"{period!r} is not {low} to {high} s"
            yield "D090", f"{at}.restartAttemptPeriod", said
    ignored = listed(value.get("ignoredExitCodes"))
    if len(ignored) > _EXIT_CODES:
        said = f"{len(ignored)} exit codes, and AWS takes {_EXIT_CODES}"
        yield "D090", f"{at}.ignoredExitCodes", said
    for index, code in enumerate(ignored):
        yield from number_fault(code, f"{at}.ignoredExitCodes[{index}]", -INT_MAX - 1)


# ---------------------------------------------------------------------------- variables


def environment(value: list[Any], at: str, container: Container, task: Task) -> Faults:
    try:
        names = [entry["name"] for entry in value]
        # in C, and fails on what is not text
        task.size += len("".join(names)) + len("".join([entry["value"] for entry in value]))
    except (KeyError, TypeError):
        return (*_not_text(value, at), *_names(value, at))
    task.size += _ENTRY * len(names)
    if len(set(names)) == len(names) and "" not in names:
        return ()
    return _names(value, at)


_ENTRY = 22  # what JSON writes around a variable


def _not_text(value: list[Any], at: str) -> Found:
    for index, entry in enumerate(value):
        if not isinstance(entry, dict):
            yield from kind_fault(entry, dict, f"{at}.environment[{index}]")
            continue
        for key in ("name", "value"):
            if key in entry and not isinstance(entry[key], str):
                said = f"the {key} of a variable is text, and {_kind(entry[key])} is none"
                yield "D094", f"{at}.environment[{index}].{key}", said


def _names(value: list[Any], at: str) -> Found:
    names = [text(entry.get("name")) for _, entry in objects(value)]
    for index, entry in objects(value):
        if entry.get("name", "") == "":
            yield "D211", f"{at}.environment[{index}].name", "a variable has no name"
    for twice in repeated(name for name in names if name):
        said = f"the variable {twice!r} is there twice: one of the two is lost"
        yield "D210", f"{at}.environment", said


def _kind(value: Any) -> str:
    """A value that may be secret, by its type alone."""
    return "null" if value is None else f"a {type(value).__name__}"


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_CONTAINER = f"{_API}ContainerDefinition.html"
_VARIABLE = f"{_API}KeyValuePair.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D002",
        ERROR,
        "A container's name has 1 to 255 letters, digits, dashes and underscores",
        _CONTAINER,
        "rename the service",
    ),
    Check("D007", ERROR, "A container has an image", _CONTAINER, "name the image it runs"),
    Check(
        "D008",
        ERROR,
        "An image has 255 characters at most before its digest",
        _CONTAINER,
        "shorten the name of the registry, the repository or the tag",
    ),
    Check(
        "D009",
        ERROR,
        "An image is [HOST/]REPOSITORY[:TAG] of letters, digits and - _ : . / #, the repository in lower case",
        _CONTAINER,
    ),
    Check("D010", ERROR, "A digest is sha256: and 64 hexadecimal digits", _CONTAINER),
    Check(
        "D021",
        ERROR,
        "A container reserves no more memory than it may use",
        _CONTAINER,
        "lower memoryReservation, or raise memory",
    ),
    Check("D022", ERROR, "A container has 6 MiB of memory or more", _CONTAINER),
    Check(
        "D088",
        ERROR,
        "On Fargate a container has 2 to 120 s to stop in",
        _CONTAINER,
        "lower stop_grace_period",
    ),
    Check("D089", ERROR, "On Fargate a container has 2 to 120 s to start in", _CONTAINER),
    Check(
        "D090",
        ERROR,
        "A container is restarted after 60 to 1800 s, with 50 exit codes left out at most",
        f"{_API}ContainerRestartPolicy.html",
    ),
    Check(
        "D093",
        ERROR,
        "A command and an entry point are lists of words",
        _CONTAINER,
        'write ["sh", "-c", "..."] to have it run by a shell',
    ),
    Check(
        "D137",
        ERROR,
        "A user is USER or USER:GROUP, each a name or a number from 0",
        _CONTAINER,
    ),
    Check(
        "D139",
        WARNING,
        "A repository of ECR has 2 to 256 lower-case letters, digits and single . _ - / between them",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html",
        "rename the repository: ECR has none of that name",
        "run",
    ),
    Check(
        "D094",
        ERROR,
        "The names and values of variables are text",
        _VARIABLE,
        "put numbers, true and false in quotes",
    ),
    Check(
        "D210",
        WARNING,
        "A variable is given once",
        _VARIABLE,
        "remove one of the two",
        "meaning",
    ),
    Check("D211", ERROR, "A variable has a name", _VARIABLE),
)
