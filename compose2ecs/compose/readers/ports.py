"""`ports` and `expose`: short and long form to Port.

Source: https://docs.docker.com/reference/compose-file/services/#ports
"""

from __future__ import annotations

from typing import Any

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.model import Port
from compose2ecs.compose.ports import expand_port
from compose2ecs.compose.reading import (
    Reading,
    integer,
    items,
    number_text,
    record,
    refuse_duplicates,
    string,
    unique,
)


def read_ports(value: Any, place: int, reading: Reading) -> tuple[Port, ...]:
    """Every port, ranges expanded; a later entry for the same port takes the earlier one's place."""
    numbers = (
        {
            at
            for item, at in zip(value, value.at, strict=True)
            if isinstance(item, Map) and item.get("published").__class__ is int
        }
        if isinstance(value, Seq)
        else ()
    )

    def identity(port: Port) -> tuple[object, ...]:
        # Compose does not see that a port given as a number is the one given as text
        published = (port.published, port.place in numbers)
        return (port.host_ip or "0.0.0.0", published, port.target, port.protocol)

    if reading.literal and isinstance(value, Seq):
        refuse_duplicates(value, reading)
        # ":80" and 80 are one port, and printed twice they would be refused
        ports = [port._replace(place=place) for port in _ports(value, place, reading)]
        return tuple(port for number, port in enumerate(ports) if port not in ports[:number])
    return unique(_ports(value, place, reading), identity, reading)


def _port(value: Any, place: int, reading: Reading) -> Any:
    if value.__class__ is int:
        value = str(value)
    if value.__class__ is str:
        try:
            ports = expand_port(value)
        except ValueError as error:
            reading.say(codes.BAD_PORT, place, reason=error)
            return None
        return [port._replace(place=place) for port in ports]
    port: Port | None = _long(value, place, reading)
    if port is None or "target" not in value:
        return None
    if not 1 <= port.target <= 65535:
        reading.say(codes.BAD_PORT, place, reason=f"{port.target} is not a port (1-65535)")
        return None
    return port


def _published(value: Any, place: int, reading: Reading) -> str | None:
    if value.__class__ is float:
        reading.wrong_type(value, place, "a port or a range of ports")
        return None
    text = number_text(value, place, reading)
    if not text:
        return None
    for part in text.split("-"):
        if not (part.isascii() and part.isdigit() and int(part) <= 65535):
            reading.say(
                codes.BAD_PORT, place, reason=f"{text!r} is neither a port nor a range of ports"
            )
            return None
    return text


def _protocol(value: Any, place: int, reading: Reading) -> str | None:
    text = string(value, place, reading)
    return text.lower() if text else None  # Compose reads its own output of "" as the default


def _mode(value: Any, place: int, reading: Reading) -> str | None:
    return string(value, place, reading) or None


def _host_ip(value: Any, place: int, reading: Reading) -> str | None:
    text = string(value, place, reading)
    if text is not None:
        import ipaddress

        try:
            ipaddress.ip_address(text)
        except ValueError:
            reading.say(codes.BAD_PORT, place, reason=f"host_ip {text!r} is not an IP address")
            return None
    return text or None


_long = record(
    Port,
    {
        "name": string,
        "mode": _mode,
        "host_ip": _host_ip,
        "target": integer,
        "published": _published,
        "protocol": _protocol,
        "app_protocol": string,
    },
    required=("target",),
    defaults={"target": 0},
)
_ports = items(_port)
