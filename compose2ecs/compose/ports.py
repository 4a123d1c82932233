"""The short form of `ports`, ranges included."""

from __future__ import annotations

from .interpolate import shorten
from .model import Port

_HIGHEST = 65535
_PROTOCOLS = ("tcp", "udp", "sctp")


def expand_port(text: str) -> list[Port]:
    """The ports of `[[ip:]host:]container[/protocol]`; a range is expanded, sorted as text.

    >>> [(port.published, port.target) for port in expand_port("8-10:8-10")]
    [('10', 10), ('8', 8), ('9', 9)]
    """
    head, _, container = text.rpartition(":")
    address, _, host = head.rpartition(":")
    container, _, protocol = container.partition("/")
    protocol = protocol.lower() if protocol else "tcp"
    if not container:
        raise _bad(text, "it has no container port")
    if protocol not in _PROTOCOLS:
        raise _bad(text, f"{shorten(protocol)!r} is not tcp, udp or sctp")
    ip = _address(text, address) if address else None
    first, last = _range(text, container, "container port")
    if not first:
        raise _bad(text, "a container port cannot be 0")
    if not host:
        return [
            Port(target, None, ip, protocol) for target in _as_text_sorts(range(first, last + 1))
        ]
    lower, upper = _range(text, host, "host port")
    if first == last:
        published = str(lower) if lower == upper else f"{lower}-{upper}"
        return [Port(first, published, ip, protocol)]
    if upper - lower != last - first:
        raise _bad(text, "the two ranges differ in length")
    shift = lower - first
    return [
        Port(target, str(target + shift), ip, protocol)
        for target in _as_text_sorts(range(first, last + 1))
    ]


def _as_text_sorts(numbers: range) -> range | list[int]:
    return sorted(numbers, key=str) if len(numbers) > 1 else numbers


def _range(text: str, ports: str, name: str) -> tuple[int, int]:
    first, dash, last = ports.partition("-")
    lower = _port(first)
    upper = _port(last) if dash else lower
    if lower is None or upper is None:
        if ports.count(".") == 3:
            raise _bad(text, f"an address goes before two colons, as in {shorten(ports)}::80")
        raise _bad(text, f"the {name} {shorten(ports)!r} is no number up to 65535 and no range")
    if upper < lower:
        raise _bad(text, f"the {name} range {shorten(ports)!r} runs backwards")
    return lower, upper


def _port(text: str) -> int | None:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) > 5:
        digits = digits.lstrip("0") or "0"
        if len(digits) > 5:
            return None
    number = int(digits)
    if number > _HIGHEST or (number and text[0] == "-"):
        return None
    return number


def _address(text: str, written: str) -> str | None:
    address = written
    if written[0] == "[":
        address = written[1:-1]
        if written[-1] != "]" or "[" in address or "]" in address:
            raise _bad(text, f"the brackets of {shorten(written)!r} do not match")
        if not address:
            return None
    if not (_is_ipv4(address) or _is_ipv6(address)):
        raise _bad(text, f"{shorten(address)!r} is not an IP address")
    return address


def _is_ipv4(text: str) -> bool:
    parts = text.split(".", 4)
    return len(parts) == 4 and all(
        part.isascii()
        and part.isdigit()
        and len(part) <= 3
        and int(part) <= 255
        and (part[0] != "0" or len(part) == 1)
        for part in parts
    )


def _is_ipv6(text: str) -> bool:
    if len(text) > 45 or "%" in text:  # longer than any address; a zone is refused as in Compose
        return False
    import ipaddress  # here because it is slow to import, and addresses are few

    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _bad(text: str, fault: str) -> ValueError:
    return ValueError(
        f"{shorten(text)!r} is not a port: {fault}; the forms are container, host:container and "
        "ip:host:container, each port a number or a range such as 8000-8010, and /tcp, /udp or "
        "/sctp may follow"
    )
