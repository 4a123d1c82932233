"""The short form of `ports`: one row for each rule."""

from __future__ import annotations

import pytest

from compose2ecs.compose.model import Port
from compose2ecs.compose.ports import expand_port


def refusal(text: str) -> str:
    """The message of the refusal; empty where the text is accepted."""
    try:
        expand_port(text)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("80", Port(80)),
        ("65535", Port(65535)),
        ("8080:80", Port(80, "8080")),
        ("0:80", Port(80, "0")),
        (":80", Port(80)),
        ("::80", Port(80)),
        ("080:0080", Port(80, "80")),
        ("0" * 5000 + "80", Port(80)),
        ("+8080:+80", Port(80, "8080")),
        ("80-80", Port(80)),
        ("8080-8080:80-80", Port(80, "8080")),
        ("8000-9000:80", Port(80, "8000-9000")),
        ("8000-8001:80-80", Port(80, "8000-8001")),
        ("0--0:80", Port(80, "0")),
        ("80/udp", Port(80, protocol="udp")),
        ("80/sctp", Port(80, protocol="sctp")),
        ("80/TCP", Port(80)),
        ("80/", Port(80)),
        ("53:53/Udp", Port(53, "53", None, "udp")),
        ("127.0.0.1:8080:80", Port(80, "8080", "127.0.0.1")),
        ("127.0.0.1::80", Port(80, None, "127.0.0.1")),
        ("0.0.0.0:80-81:80", Port(80, "80-81", "0.0.0.0")),
        ("[127.0.0.1]:80:80", Port(80, "80", "127.0.0.1")),
        ("[::1]:8080:80/udp", Port(80, "8080", "::1", "udp")),
        ("[::1]::80", Port(80, None, "::1")),
        ("::1:8080:80", Port(80, "8080", "::1")),
        ("::1::80", Port(80, None, "::1")),
        ("2001:DB8::1:80:80", Port(80, "80", "2001:DB8::1")),
        ("1:2:3:4:5:6:7:8:80:80", Port(80, "80", "1:2:3:4:5:6:7:8")),
        ("::ffff:1.2.3.4:80:80", Port(80, "80", "::ffff:1.2.3.4")),
        ("[]:80:80", Port(80, "80")),
    ],
)
def test_one_port(text: str, port: Port) -> None:
    assert expand_port(text) == [port]


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("8-12:8-12", [("10", 10), ("11", 11), ("12", 12), ("8", 8), ("9", 9)]),
        ("9-10", [(None, 10), (None, 9)]),
        (":9-10", [(None, 10), (None, 9)]),
        ("99-101:1-3", [("99", 1), ("100", 2), ("101", 3)]),  # by the container port
        ("00080-+00081:1-2", [("80", 1), ("81", 2)]),
    ],
)
def test_ranges(text: str, ports: list[tuple[str | None, int]]) -> None:
    assert expand_port(text) == [Port(target, published) for published, target in ports]


def test_range_with_address_and_protocol() -> None:
    assert expand_port("[::1]:8000-8001:80-81/udp") == [
        Port(80, "8000", "::1", "udp"),
        Port(81, "8001", "::1", "udp"),
    ]


def test_widest_range() -> None:
    ports = expand_port("1-65535")
    assert len(ports) == 65535
    assert [port.target for port in ports[:4]] == [1, 10, 100, 1000]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "it has no container port"),
        ("80:", "it has no container port"),
        ("/tcp", "it has no container port"),
        ("80:/tcp", "it has no container port"),
        ("1.2.3.4::", "it has no container port"),
        ("0", "a container port cannot be 0"),
        ("80:0", "a container port cannot be 0"),
        ("0-1:0-1", "a container port cannot be 0"),
        ("80/foo", "'foo' is not tcp, udp or sctp"),
        ("80/tcp/udp", "'tcp/udp' is not tcp, udp or sctp"),
        ("80/\u017fctp", "is not tcp, udp or sctp"),
        ("65536", "the container port '65536' is no number up to 65535 and no range"),
        ("65536:80", "the host port '65536' is no number up to 65535 and no range"),
        *[(text, "the container port") for text in ("a", "80-", "-80", "80-81-90", "0x50", "8_0")],
        *[
            (text, "the container port")
            for text in ("80 ", "80\n", "80.5", "\u0663", "80:-80", "--")
        ],
        *[
            (text, "the host port")
            for text in (" 80:80", "a:80", "-1:80", "-0:80", "1--1:80", "9" * 20 + ":80")
        ],
        ("127.0.0.1:80", "an address goes before two colons, as in 127.0.0.1::80"),
        ("90-80", "the container port range '90-80' runs backwards"),
        ("90-80:80", "the host port range '90-80' runs backwards"),
        ("80:80-81", "the two ranges differ in length"),
        ("1-2:3-5", "the two ranges differ in length"),
        *[
            (f"{ip}:80:80", f"{ip!r} is not an IP address")
            for ip in ("localhost", "1.2.3", "01.2.3.4")
        ],
        *[
            (f"{ip}:80:80", f"{ip!r} is not an IP address")
            for ip in ("1.2.3.256", "1.2.3.4.5", "1.2.3.4/8")
        ],
        *[
            (f"[{ip}]:80:80", f"{ip!r} is not an IP address")
            for ip in ("fe80::1%eth0", "1::2::3", "12345::")
        ],
        ("1:2:80:80", "'1:2' is not an IP address"),
        (":::80", "':' is not an IP address"),
        *[(f"{ip}:80:80", "the brackets of") for ip in ("[::1", "[::1]x", "[[::1]]", "[")],
        ("::1]:80:80", "'::1]' is not an IP address"),
    ],
)
def test_refused(text: str, fault: str) -> None:
    message = refusal(text)
    assert message.startswith(f"{text!r} is not a port: ")
    assert fault in message
    assert "the forms are container, host:container and ip:host:container" in message


@pytest.mark.parametrize("piece", ["1", "0", ":", "-", "/", "[", "1.", "1:", "::1", "\u0663"])
def test_long_texts_are_no_trouble(piece: str) -> None:
    for text in (piece * 50_000, piece * 50_000 + ":80", "80:80/" + piece * 50_000):
        assert len(refusal(text)) < 500
