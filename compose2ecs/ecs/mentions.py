"""Which other services the variables of a service name as hosts: `db` in `postgres://u@db:5432/x`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from compose2ecs.compose.model import Service

_LONGEST = 2000  # characters; whoever writes more writes no address
_HOST = r"([A-Za-z0-9][A-Za-z0-9._-]*)"
_HOSTS = (
    re.compile(rf"://(?:[^/@\s]*@)?{_HOST}"),  # scheme://user:password@host
    re.compile(rf"(?:^|[,;\s(@/]){_HOST}:[0-9]{{1,5}}(?=$|[,;)\s/?])"),  # host:port
    re.compile(rf"(?:^|[\s;])(?i:host|server)={_HOST}"),  # host=db port=5432
)
_HOST_VARIABLE = re.compile(r"(^|_)(HOST|HOSTS|HOSTNAME|SERVER|SERVERS|ADDR|ADDRESS|URL|URI)$")
# variables whose value is a name of another kind, though a service may be called the same
_NO_HOST = re.compile(r"(NAME|USER|PASS|PASSWORD|_DB|DATABASE|SCHEMA|ENV|MODE|ROLE|TYPE|KEY)$")


class Mention(NamedTuple):
    """A variable that holds a name of a service; `sure` where it can only be a host."""

    variable: str
    host: str
    service: str
    sure: bool


def hosts_in(variable: str, value: str) -> list[str]:
    """The hosts that surely stand in a variable.

    >>> hosts_in("DATABASE_URL", "postgres://db:secret@pg:5432/db"), hosts_in("DB_HOST", "pg")
    (['pg'], ['pg'])
    >>> hosts_in("DB_NAME", "pg"), hosts_in("BROKERS", "one:9092,two:9092")
    ([], ['one', 'two'])
    """
    if len(value) > _LONGEST:
        return []
    found = [host for pattern in _HOSTS for host in pattern.findall(value)]
    if _HOST_VARIABLE.search(variable.upper()) and re.fullmatch(_HOST, value):
        found.append(value)
    return list(dict.fromkeys(found))


def networks_of(service: Service) -> set[str]:
    """The networks that a service has names on."""
    if service.network_mode is not None:
        return set()
    return set(service.networks) or {"default"}


def names_of(service: Service, shared: Iterable[str]) -> list[str]:
    """What Compose calls a service on some networks: its key first, then what else it is called."""
    names = [service.key, service.container_name]
    for network in sorted(shared):
        options = service.networks.get(network)
        names += options.aliases if options is not None else ()
    return [name for name in dict.fromkeys(names) if name]


class Called:
    """Services by all that Compose calls them, made once for those that are asked about."""

    def __init__(self, services: Iterable[Service]) -> None:
        self._by_name: dict[str, list[Service]] = {}
        for service in services:
            for name in names_of(service, networks_of(service)):
                self._by_name.setdefault(name, []).append(service)

    def by(self, name: str, service: Service) -> Service | None:
        """Which of them a service reaches by a name: one whose key it is before any other."""
        own = networks_of(service)
        found: Service | None = None
        for other in self._by_name.get(name, ()):
            if other.key == service.key or not (shared := own & networks_of(other)):
                continue
            if other.key == name:
                return other
            if found is None and name in names_of(other, shared):
                found = other
        return found


def mentions_in(service: Service, others: Iterable[Service] | Called) -> list[Mention]:
    """The other services that its variables, and those of its `pre_start`, name as hosts."""
    called = others if isinstance(others, Called) else Called(others)
    found: dict[tuple[str, str], Mention] = {}
    written = [service.environment, *(step.container.environment for step in service.pre_start)]
    for variables in written:
        for variable, value in variables.items():
            if not value:
                continue
            hosts = [(host, True) for host in hosts_in(variable, value)]
            if not hosts and not _NO_HOST.search(variable.upper()):
                hosts.append((value, False))
            for host, sure in hosts:
                other = called.by(host, service)
                if other is not None:
                    mention = Mention(variable, host, other.key, sure)
                    found.setdefault((variable, host), mention)
    return list(found.values())


def hosts_named(services: Iterable[Service]) -> dict[str, list[tuple[Service, str]]]:
    """The hosts that surely stand in variables, with the services and the variables."""
    found: dict[str, list[tuple[Service, str]]] = {}
    for service in services:
        for variable, value in service.environment.items():
            for host in hosts_in(variable, value) if value else ():
                found.setdefault(host, []).append((service, variable))
    return found
