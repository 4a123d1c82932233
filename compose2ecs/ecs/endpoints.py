"""Which container ports are reached from outside, on positive evidence only."""

from __future__ import annotations

from typing import NamedTuple

from compose2ecs import codes
from compose2ecs.compose.model import HealthCheck, Port, Service
from compose2ecs.ecs.extension import Route
from compose2ecs.ecs.groups import Group
from compose2ecs.ecs.work import Work
from compose2ecs.limits import (
    BACKEND_IMAGES,
    HTTP_PORTS,
    PRIVATE_PORTS,
    TARGET_GROUPS_PER_SERVICE,
    TLS_PORTS,
    image_family,
)

_WEB = ("http", "http2", "grpc")
_PUBLISHED = ("80", "443", "8080")
_BROWSER_PORTS = ("8080", "8000", "3000")


class Probe(NamedTuple):
    """What an HTTP health check asks for."""

    port: int
    path: str
    tls: bool = False


class Endpoint(NamedTuple):
    """One way in: `name` is the file it is written under."""

    name: str
    service: Service
    group: Group
    port: int
    route: Route
    explicit: bool
    app_protocol: str | None = None
    rank: tuple[int, int] = (9, 0)  # the lowest of a stack is its main endpoint
    first: bool = True  # the service's first endpoint


def find_endpoints(groups: list[Group], work: Work) -> list[Endpoint]:
    """The endpoints of all services, in file order."""
    found: list[Endpoint] = []
    for group in groups:
        for name in group.members:
            found.extend(_of_service(work.services[name], group, len(found), work))
    return found


def _of_service(service: Service, group: Group, order: int, work: Work) -> list[Endpoint]:
    routes = work.facts(service).route
    if routes == () or service.network_mode == "none":
        return []
    if routes is not None:
        chosen = [(port, route) for route in routes if (port := _routed_port(service, route, work))]
    else:
        ports = _evident(service, work)
        chosen = [(port, Route()) for port in ports]
    endpoints: list[Endpoint] = []
    ports_by_target = {port.target: port for port in service.ports if port.protocol != "udp"}
    seen: set[int] = set()
    for number, (target, route) in enumerate(chosen):
        base = service.key if len(group.members) > 1 and group.name != service.key else group.name
        name = work.name(base)
        if number:
            again = f"{target}-{number}" if target in seen else str(target)
            name = work.name(f"{base}-{again}")
        seen.add(target)
        declared = ports_by_target.get(target)
        endpoints.append(
            Endpoint(
                name,
                service,
                group,
                target,
                route,
                routes is not None,
                declared.app_protocol if declared and declared.app_protocol in _WEB else None,
                _rank(declared, target, order + number),
                first=number == 0,
            )
        )
    return endpoints


def _rank(port: Port | None, target: int, order: int) -> tuple[int, int]:
    published = port.published if port else None
    if published in ("80", "443"):
        return 0, order
    if published in _BROWSER_PORTS or str(target) in ("80", *_BROWSER_PORTS):
        return 1, order
    return 2, order


def _routed_port(service: Service, route: Route, work: Work) -> int | None:
    """The container port of an explicit route: the one it names, else the service's evident one."""
    tcp = [port.target for port in service.ports if port.protocol != "udp"]
    tcp += [number for text in service.expose for number in exposed(text)]
    if route.port is not None:
        if route.port in tcp:
            return route.port
        by_published = [
            p.target
            for p in service.ports
            if p.published == str(route.port) and p.protocol != "udp"
        ]
        if by_published:
            return by_published[0]
        work.say(
            codes.ROUTE_PORT_UNKNOWN,
            route.written.get("port", route.place),
            service,
            port=route.port,
            ports=", ".join(map(str, dict.fromkeys(tcp))) or "none",
        )
        return None
    evident = _evident(service, work, quiet=True)
    if evident:
        return evident[0]
    if len(set(tcp)) == 1:
        return tcp[0]
    work.say(
        codes.ROUTE_NEEDS_PORT,
        route.place,
        service,
        ports=", ".join(map(str, dict.fromkeys(tcp))) or "none",
    )
    return None


def exposed(text: str) -> list[int]:
    """The TCP ports of an `expose` entry, which may be a range.

    >>> exposed("80"), exposed("8000-8002/tcp"), exposed("53/udp")
    ([80], [8000, 8001, 8002], [])
    """
    ports, _, protocol = text.partition("/")
    first, dash, last = ports.partition("-")
    last = last if dash else first
    if protocol not in ("", "tcp") or not (_is_port(first) and _is_port(last)):
        return []
    return list(range(int(first), int(last) + 1))


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535


def _evident(service: Service, work: Work, *, quiet: bool = False) -> list[int]:
    """The ports that are surely HTTP and surely meant for others."""
    probe = http_probe(service.healthcheck)
    backend = image_family(service.image) in BACKEND_IMAGES
    php = "php" in (service.image or "") or "fpm" in (service.image or "")
    found: list[Port] = []
    rest: list[Port] = []
    for port in service.ports:
        if port.protocol != "tcp" or port.target in [p.target for p in found]:
            continue
        web = not is_loopback(port.host_ip) and (
            port.app_protocol in _WEB
            or (
                not backend
                and port.target not in PRIVATE_PORTS
                and port.published not in _PRIVATE_TEXT
                and port.app_protocol is None
                and not (php and port.target == 9000)
                and (
                    (probe is not None and probe.port == port.target)
                    or port.published in _PUBLISHED
                    or port.target in HTTP_PORTS
                )
            )
        )
        (found if web else rest).append(port)
    plain = [port for port in found if port.target not in TLS_PORTS]
    if plain and len(plain) < len(found):
        # the load balancer speaks TLS to the outside; a second, encrypted way in adds nothing
        rest += [port for port in found if port.target in TLS_PORTS]
        found = plain
    if len(found) > TARGET_GROUPS_PER_SERVICE:
        best = sorted(found, key=lambda port: _rank(port, port.target, 0))
        rest += best[TARGET_GROUPS_PER_SERVICE:]
        found = [port for port in found if port in best[:TARGET_GROUPS_PER_SERVICE]]
    if not quiet:
        routed = {port.target for port in found}
        for port in rest:
            if port.target not in routed and not work.direct:
                private = (
                    backend
                    or port.protocol != "tcp"
                    or port.target in PRIVATE_PORTS
                    or is_loopback(port.host_ip)
                )
                code = codes.NOT_ROUTED_PRIVATE if private else codes.NOT_ROUTED
                work.say(code, port.place, service, port=port.target)
    return [port.target for port in found]


_PRIVATE_TEXT = frozenset(map(str, PRIVATE_PORTS))


def is_loopback(address: str | None) -> bool:
    """Whether an address reaches only the machine itself."""
    return address is not None and (address.startswith("127.") or address == "::1")


def http_probe(check: HealthCheck | None) -> Probe | None:
    """What a health check asks for over HTTP on its own container, if that is what it does.

    >>> http_probe(HealthCheck(test=("CMD", "curl", "-f", "http://localhost:8080/health")))
    Probe(port=8080, path='/health', tls=False)
    """
    if check is None or not check.test or check.disable:
        return None
    text = " ".join(check.test[1:])
    if "curl" not in text and "wget" not in text and "http" not in text:
        return None
    for word in _words(text):
        address = word.strip("'\"`;,()[]{}")
        scheme, mark, rest = address.partition("://")
        if mark and scheme not in ("http", "https"):
            continue
        rest = rest if mark else address
        host, slash, path = rest.partition("/")
        name, _, number = host.rpartition(":") if ":" in host else (host, "", "")
        if name not in ("localhost", "127.0.0.1", "0.0.0.0", "[::1]"):
            continue
        if number and not number.isdigit():
            continue
        tls = scheme == "https" and bool(mark)
        port = int(number) if number else (443 if tls else 80)
        return Probe(port, "/" + path if slash else "/", tls)
    return None


def _words(text: str) -> list[str]:
    for mark in "()|&<>":
        text = text.replace(mark, " ")
    return text.split()
