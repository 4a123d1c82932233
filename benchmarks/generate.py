"""Compose files of any number of services, always the same for the same number.

    python -m benchmarks.generate 1000 > compose.yaml
    python -m benchmarks.generate 1000 --flavour legacy > compose.yaml

`modern` uses what the Compose Specification has for keeping a file short and its services apart:
fragments under `x-` with anchors and merge keys, `${NAME:-default}`, health checks, resources and
conditions; nearly 40 lines and 1 kB a service. `legacy` says half as much in the words of format 2,
for readers that know no others. Services come in fives that depend on each other, so the graph
grows with the file and no part of it is deeper than two.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import NamedTuple

FLAVOURS = ("modern", "legacy")
_OPTIONS = 5  # variables of its own that each service has


class Role(NamedTuple):
    """One of the five parts of an application."""

    name: str
    image: str
    port: int | None = None
    metrics: bool = False  # a second port
    data: str | None = None  # where the role's own named volume goes
    settings: str | None = None  # where a folder beside the compose file goes
    needs_data: bool = False


ROLES = (
    Role(
        "front",
        "registry.example.com/shop/front:3.1.0",
        8080,
        metrics=True,
        settings="/etc/front",
        needs_data=True,
    ),
    Role(
        "backend",
        "registry.example.com/shop/backend:3.1.0",
        9000,
        settings="/etc/backend",
        needs_data=True,
    ),
    Role("jobs", "registry.example.com/shop/backend:3.1.0", needs_data=True),
    Role(
        "store",
        "postgres:17-alpine",
        5432,
        data="/var/lib/postgresql/data",
        settings="/docker-entrypoint-initdb.d",
    ),
    Role("cache", "redis:8-alpine", 6379),
)
_STORE, _CACHE = 3, 4  # their places among the roles

_FRAGMENTS = """\
x-environment: &environment
  TZ: UTC
  LOG_FORMAT: ${LOG_FORMAT:-json}
  STAGE: preview

x-defaults: &defaults
  init: true
  restart: unless-stopped
  stop_grace_period: 30s
  logging:
    driver: awslogs
    options:
      awslogs-group: /preview/shop
      awslogs-region: eu-central-1
      awslogs-stream-prefix: shop

"""


def compose_file(services: int, flavour: str = "modern") -> str:
    """The text of a compose file with that many services."""
    if flavour not in FLAVOURS:
        raise ValueError(f"{flavour!r} is none of {', '.join(FLAVOURS)}")
    modern = flavour == "modern"
    lines = _modern if modern else _legacy
    head = f"{_FRAGMENTS}services:\n" if modern else 'version: "2"\nservices:\n'
    body = "".join(f"{line}\n" for number in range(services) for line in lines(number, services))
    names = [_name(number) for number in range(services) if _role(number).data]
    tail = "".join(f"  {name}-data: {{}}\n" for name in names)
    if tail:
        tail = f"volumes:\n{tail}"
    return head + body + tail + ("networks:\n  inside: {}\n" if modern else "")


def alias_bomb(levels: int = 9, width: int = 10) -> str:
    """A small file whose aliases stand for `width ** levels` values."""
    lines = [f"x-level-0: &level-0 [{', '.join(['bang'] * width)}]"]
    for level in range(1, levels):
        below = ", ".join([f"*level-{level - 1}"] * width)
        lines.append(f"x-level-{level}: &level-{level} [{below}]")
    lines.append("services: {front: {image: nginx}}")
    return "\n".join(lines) + "\n"


def _role(number: int) -> Role:
    return ROLES[number % len(ROLES)]


def _name(number: int) -> str:
    return f"{_role(number).name}{number}"


def _neighbour(number: int, place: int, services: int) -> int:
    """The service with that role among the same five, or the last one if there is none."""
    return min(number - number % len(ROLES) + place, services - 1)


def _needed(number: int, services: int) -> list[str]:
    if not _role(number).needs_data:
        return []
    neighbours = {_neighbour(number, place, services) for place in (_STORE, _CACHE)}
    return [_name(other) for other in sorted(neighbours) if other > number]


def _environment(number: int, services: int, indent: str) -> Iterator[str]:
    store, cache = (_name(_neighbour(number, place, services)) for place in (_STORE, _CACHE))
    yield f"{indent}SERVICE: {_name(number)}"
    yield f"{indent}DATABASE_HOST: {store}"
    yield f"{indent}CACHE_URL: redis://{cache}:6379/{number % 16}"


def _ports_and_volumes(number: int, *, metrics: bool) -> Iterator[str]:
    role = _role(number)
    if role.port is not None:
        yield "    ports:"
        yield f'      - "{role.port}"'
        if metrics and role.metrics:
            yield '      - "9113/tcp"'
    if role.data or role.settings:
        yield "    volumes:"
        if role.data:
            yield f"      - {_name(number)}-data:{role.data}"
        if role.settings:
            yield f"      - ./settings/{role.name}:{role.settings}:ro"


def _modern(number: int, services: int) -> Iterator[str]:
    role, name = _role(number), _name(number)
    yield f"  {name}:"
    yield "    <<: *defaults"
    yield f"    image: {role.image}"
    yield "    environment:"
    yield "      <<: *environment"
    yield from _environment(number, services, "      ")
    for option in range(_OPTIONS):
        yield f'      OPTION_{option}: "${{OPTION_{option}:-{name}-{option}}}"'
    yield from _ports_and_volumes(number, metrics=True)
    needed = _needed(number, services)
    if needed:
        yield "    depends_on:"
        for other in needed:
            yield f"      {other}:"
            yield "        condition: service_healthy"
    address = f"http://localhost:{role.port or 8081}/health"
    yield "    healthcheck:"
    yield f'      test: ["CMD-SHELL", "curl -fsS {address} || exit 1"]'
    yield "      interval: 10s"
    yield "      timeout: 3s"
    yield "      retries: 5"
    yield "      start_period: 20s"
    yield "    deploy:"
    yield f"      replicas: {1 + number % 2}"
    yield "      resources:"
    yield "        limits:"
    yield f'          cpus: "{0.25 * (1 + number % 4):.2f}"'
    yield f"          memory: {256 + 128 * (number % 5)}M"
    yield "        reservations:"
    yield f"          memory: {128 + 64 * (number % 5)}M"
    yield "    networks: [inside]"
    yield "    labels:"
    yield f"      com.example.team: team-{number % 7}"
    yield f"      com.example.role: {role.name}"
    if role.name == "jobs":
        yield f'    command: ["python", "-m", "shop.jobs", "--queue", "{name}"]'


def _legacy(number: int, services: int) -> Iterator[str]:
    yield f"  {_name(number)}:"
    yield f"    image: {_role(number).image}"
    yield "    environment:"
    yield "      TZ: UTC"
    yield "      STAGE: preview"
    yield from _environment(number, services, "      ")
    for option in range(_OPTIONS):
        yield f"      OPTION_{option}: {_name(number)}-{option}"
    yield from _ports_and_volumes(number, metrics=False)
    needed = _needed(number, services)
    if needed:
        yield "    links:"
        for other in needed:
            yield f"      - {other}"
    yield f"    mem_limit: {128 + 64 * (number % 5)}m"
    yield f"    cpu_shares: {128 * (1 + number % 4)}"


def main() -> None:
    """Print a generated file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=main.__doc__)
    parser.add_argument("services", type=int, help="how many services")
    parser.add_argument("--flavour", choices=FLAVOURS, default="modern")
    given = parser.parse_args()
    sys.stdout.write(compose_file(given.services, given.flavour))


if __name__ == "__main__":
    main()
