"""Pure naming: everything that gets a name in AWS, and the limits those names have.

Source: the Constraints in the API references of ECS, Elastic Load Balancing and Cloud Map.
"""

from __future__ import annotations

import zlib

_ALNUM = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_ECS = _ALNUM | frozenset("_-")
TARGET_GROUP_MAX = 32
ECS_MAX = 255
PORT_NAME_MAX = 64
LABEL_MAX = 63
_HASH = 8


def digest(*parts: str) -> str:
    """Eight hexadecimal digits that stand for the parts."""
    # a checksum, not a secret: any 32 bits that always come out the same do, and hashlib costs 3 ms
    return f"{zlib.crc32(chr(0).join(parts).encode()):08x}"


def cut(name: str, limit: int) -> str:
    """A name within a limit; one that had to be cut ends in a hash of the whole.

    >>> cut("web", 32), cut("a" * 40, 16)
    ('web', 'aaaaaaa-c95b8a25')
    """
    if len(name) <= limit:
        return name
    return f"{name[: limit - _HASH - 1].rstrip('-_')}-{digest(name)}"


def ecs_name(name: str, limit: int = ECS_MAX) -> str:
    """A family, service, container or volume name: [A-Za-z0-9_-], at most 255.

    >>> ecs_name("my.app")
    'my-app'
    """
    if not _ECS.issuperset(name):
        name = "".join(c if c in _ECS else "-" for c in name)
    return cut(name, limit)


def target_group_name(name: str) -> str:
    """A target group's name: [A-Za-z0-9-], at most 32, no dash at either end.

    >>> target_group_name("good_uncle-web"), len(target_group_name("x" * 50))
    ('good-uncle-web', 32)
    """
    if not _ALNUM.issuperset(name.replace("-", "")):
        name = "".join(c if c in _ALNUM else "-" for c in name)
    name = name.strip("-") or "tg"
    return cut(name, TARGET_GROUP_MAX)


def port_name(service: str, port: int) -> str:
    """The name of a port mapping: [a-z0-9_-], at most 64, no dash in front.

    >>> port_name("Web.App", 80)
    'web-app-80'
    """
    name = ecs_name(f"{service}-{port}").lower().lstrip("-_")
    return cut(name, PORT_NAME_MAX)


def dns_label(name: str) -> str:
    """One label of a host name: lower-case letters, digits and single-purpose dashes, at most 63.

    `--` at the third and fourth place is reserved for punycode, so it never stands there.

    >>> dns_label("My_Shop--web"), dns_label("ab--web")
    ('my-shop--web', 'ab-stack--web')
    """
    label = "".join(c if c in _ALNUM else "-" for c in name).lower().strip("-") or "app"
    if label[2:4] == "--":
        label = f"{label[:2]}-stack{label[2:]}"
    return cut(label, LABEL_MAX)


def slot(size: int, *parts: str) -> int:
    """A number below `size` that the parts always hash to."""
    return int(digest(*parts), 16) % size
