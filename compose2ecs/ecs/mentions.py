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


def mentions_in(service: Service, others: Iterable[Service]) -> list[Mention]:
    """The other services that its variables, and those of its `pre_start`, name as hosts."""
    known: dict[str, str] = {}
    own = networks_of(service)
    shared = [(other, own & networks_of(other)) for other in others if other.key != service.key]
    for other, networks in shared:
        if networks:
            known.setdefault(other.key, other.key)
    for other, networks in shared:
        if networks:
            for name in names_of(other, networks):
                known.setdefault(name, other.key)
    if not known:
        return []
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
                if host in known:
                    mention = Mention(variable, host, known[host], sure)
                    found.setdefault((variable, host), mention)
    return list(found.values())
