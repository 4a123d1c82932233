"""`x-ecs.secrets` and `x-ecs.registry_credentials`: where ECS reads what nobody should see.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
"""

# No `from __future__ import annotations`, for the reason given in compose/model.py.
import re
from collections.abc import Mapping
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.located import Map
from compose2ecs.compose.model import EMPTY
from compose2ecs.compose.reading import Reading, record, string

_PLACE = r"[a-z0-9-]+:[0-9]{12}"
_STORED = rf"arn:aws[a-z-]*:secretsmanager:{_PLACE}:secret:[A-Za-z0-9/_+=.@!-]+"
SOURCE = re.compile(
    r"[A-Za-z0-9_.-]+|(/[A-Za-z0-9_.-]+)+"
    rf"|arn:aws[a-z-]*:ssm:{_PLACE}:parameter(/[A-Za-z0-9_.-]+)+"
    rf"|{_STORED}(:[^:\s]*:([^:\s]*:|:[^:\s]*))?"
)
CREDENTIALS = re.compile(_STORED)
VARIABLE = re.compile(r"[^=\s]+")


def fault_of(text: str) -> str:
    """What is wrong with a source that is none, in words that hold nothing of it: a secret itself
    may have been written there."""
    if not text.startswith("arn:"):
        if "/" in text[1:] and not text.startswith("/"):
            return "the name of a parameter with a path begins with /"
        return "it is neither the name of an SSM parameter nor an ARN"
    parts = text.split(":")
    service = parts[2] if len(parts) > 2 else ""
    if service not in ("ssm", "secretsmanager"):
        return "the ARN is neither of SSM nor of Secrets Manager"
    if len(parts) < 6 or not re.fullmatch(_PLACE, f"{parts[3]}:{parts[4]}"):
        return "the ARN needs a region and an account of 12 digits"
    if service == "ssm":
        return "the ARN of a parameter ends in parameter/ and its name"
    if parts[5] != "secret" or len(parts) < 7:
        return "the ARN of a secret ends in secret: and its name"
    if len(parts) in (8, 9):
        return "a JSON key has two colons behind it: ARN:key::"
    if len(parts) == 10 and parts[8] and parts[9]:
        return "a version is given by its stage or by its id, not by both"
    return "the ARN of a secret is followed by nothing, or by :key:stage: or :key::version"


def source(value: Any, place: int, reading: Reading) -> str | None:
    """Where a secret is: the name or ARN of a parameter, or the ARN of a secret."""
    text = string(value, place, reading)
    if text is not None and not SOURCE.fullmatch(text):
        reading.say(codes.BAD_SECRET_SOURCE, place, reason=fault_of(text))
        return None
    return text


def read_secrets(value: Any, place: int, reading: Reading) -> Mapping[str, str]:
    """Variables by name, with the source of each."""
    if not isinstance(value, Map):
        reading.wrong_type(value, place, "a mapping")
        return EMPTY
    found: dict[str, str] = {}
    for name, item in value.items():
        reading.path.append(f".{name}")
        if not VARIABLE.fullmatch(name):
            reading.say(codes.BAD_VARIABLE_NAME, value.keys_at[name], name=name)
        text = source(item, value.at[name], reading)
        if text is not None:
            found[name] = text
        reading.path.pop()
    return found


def read_registry_credentials(value: Any, place: int, reading: Reading) -> str | None:
    """The ARN of a secret of Secrets Manager; ECS takes nothing else for a registry."""
    text = string(value, place, reading)
    if text is not None and not CREDENTIALS.fullmatch(text):
        reading.say(codes.BAD_CREDENTIALS, place)
        return None
    return text


_of_secret = record(dict, {"value_from": source}, required=("value_from",), extensions=False)


def value_from(key: str, value: Any, reading: Reading) -> str | None:
    """What the `x-ecs` of a top-level secret says, `{value_from: SOURCE}`."""
    reading.path = [f"secrets.{key}.x-ecs"]
    found = _of_secret(value, getattr(value, "place", 0), reading)
    reading.path = []
    return found.get("value_from") if found else None


def named_source(key: str, name: str | None, place: int, reading: Reading) -> str | None:
    """The source that the name of an external secret is, if it is one: an ARN, or `/a/path`."""
    if name is None or not name.startswith(("arn:", "/")):
        return None
    reading.path = [f"secrets.{key}.name"]
    found = source(name, place, reading)
    reading.path = []
    return found
