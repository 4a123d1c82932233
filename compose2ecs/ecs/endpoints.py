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
_NETWORK = ("tcp", "udp", "tls", "tcp_udp")
_PUBLISHED = ("80", "443", "8080")
_BROWSER_PORTS = ("8080", "8000", "3000")


class Probe(NamedTuple):
    """What an HTTP health check asks for."""

    port: int
    path: str
    tls: bool = False
    plain: bool = True  # a GET that a load balancer can make as well


class Endpoint(NamedTuple):
    """One way in: `name` is the file it is written under. A redirect has no port, which is 0."""

    name: str
    service: Service
    group: Group
    port: int
    route: Route
    explicit: bool
    app_protocol: str | None = None
    rank: tuple[int, int] = (9, 0)  # the lowest of a stack is its main endpoint
    first: bool = True  # the service's first endpoint
    place: int = 0  # where it is written: its route, else its port
    listens: int = 0  # where clients would look for it: the published port, else its own

    @property
    def redirects(self) -> bool:
        """Whether the load balancer answers by itself, so that no target is needed."""
        return self.route.redirect is not None

    @property
    def network(self) -> bool:
        """Whether a network load balancer forwards to it, which has no rules."""
        return self.route.protocol in _NETWORK and not self.redirects


def find_endpoints(groups: list[Group], work: Work) -> list[Endpoint]:
    """The endpoints of all services, in file order."""
    found: list[Endpoint] = []
    for group in groups:
        for name in group.members:
            found.extend(_of_service(work.services[name], group, len(found), work))
    if not work.direct:
        _tell_unused(groups, work)
    return found


def _tell_unused(groups: list[Group], work: Work) -> None:
    """Say of routes to what is no service of the stack's."""
    served = {name for group in groups for name in group.members}
    for service in work.project.services.values():
        facts = work.facts(service)
        if not facts.route or service.key in served:
            continue
        reason = "what runs to its end serves nobody"
        if facts.external is not None:
            reason = "it runs elsewhere, where a target group would not find it"
        work.say(codes.ROUTE_UNUSED, facts.written["route"], service, reason=reason)


def _of_service(service: Service, group: Group, order: int, work: Work) -> list[Endpoint]:
    facts = work.facts(service)
    routes = facts.route
    if routes == ():
        return []
    if service.network_mode == "none":
        if routes and not work.direct:
            reason = "it has no network"
            work.say(codes.ROUTE_UNUSED, facts.written["route"], service, reason=reason)
        return []
    redirects: list[Route] = []
    if routes is not None:
        redirects = [route for route in routes if route.redirect is not None]
        chosen = [
            (port, route)
            for route in routes
            if route.redirect is None and (port := _routed_port(service, route, work))
        ]
        if not work.direct:
            checked = {route.health_check.port for _, route in chosen if route.health_check}
            probe = http_probe(service.healthcheck)
            if probe is not None and any(route.protocol == "udp" for _, route in chosen):
                checked.add(probe.port)
            _tell_left_out(service, checked | {port for port, _ in chosen}, work)
    else:
        ports = _evident(service, work)
        chosen = [(port, Route()) for port in ports]
    base = service.key if len(group.members) > 1 and group.name != service.key else group.name
    endpoints: list[Endpoint] = []
    seen: set[int] = set()
    for number, (target, route) in enumerate(chosen):
        name = work.name(base)
        if number:
            again = f"{target}-{number}" if target in seen else str(target)
            name = work.name(f"{base}-{again}")
        seen.add(target)
        declared = _declared(service, target, route)
        published = declared.published if declared is not None else None
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
                place=route.place or (declared.place if declared is not None else service.place),
                listens=int(published) if published and _is_port(published) else target,
            )
        )
    for number, route in enumerate(redirects, 1):
        name = work.name(f"{base}-redirect-{number}" if number > 1 else f"{base}-redirect")
        endpoints.append(
            Endpoint(name, service, group, 0, route, True, first=False, place=route.place)
        )
    return endpoints


def _tell_left_out(service: Service, routed: set[int | None], work: Work) -> None:
    """Say of published web ports that no route leads to or has checked."""
    for target in _evident(service, work, quiet=True):
        if target not in routed:
            place = next(port.place for port in service.ports if port.target == target)
            work.say(codes.NOT_ROUTED_BESIDE, place, service, port=target)


def _declared(service: Service, target: int, route: Route) -> Port | None:
    """The entry of `ports` that a route leads to."""
    udp = route.protocol == "udp"
    found = None
    for port in service.ports:
        if port.target == target and (port.protocol == "udp") is udp:
            found = port
    if found is None and route.protocol == "tcp_udp":
        return _declared(service, target, route._replace(protocol="udp"))
    return found


def _rank(port: Port | None, target: int, order: int) -> tuple[int, int]:
    published = port.published if port else None
    if published in ("80", "443"):
        return 0, order
    if published in _BROWSER_PORTS or str(target) in ("80", *_BROWSER_PORTS):
        return 1, order
    return 2, order


def _routed_port(service: Service, route: Route, work: Work) -> int | None:
    """The container port of an explicit route: the one it names, else the service's evident one.

    UDP is reached by a route that says so, and by no other.
    """
    fitting = [port for port in service.ports if _fits(port, route)]
    known = [port.target for port in fitting]
    if route.protocol != "udp":
        known += [number for text in service.expose for number in exposed(text)]
    if route.port is not None:
        if route.port in known:
            return route.port
        by_published = [port.target for port in fitting if port.published == str(route.port)]
        if by_published:
            return by_published[0]
        work.say(
            codes.ROUTE_PORT_UNKNOWN,
            route.written.get("port", route.place),
            service,
            port=route.port,
            ports=_listed(service, known),
        )
        return None
    evident = [] if route.protocol in _NETWORK else _evident(service, work, quiet=True)
    if evident:
        return evident[0]
    if len(set(known)) == 1:
        return known[0]
    work.say(codes.ROUTE_NEEDS_PORT, route.place, service, ports=_listed(service, known))
    return None


def _fits(port: Port, route: Route) -> bool:
    """Whether a route of this protocol can lead to a port."""
    if route.protocol == "tcp_udp":
        return True
    return (port.protocol == "udp") is (route.protocol == "udp")


def _listed(service: Service, known: list[int]) -> str:
    """The ports of a service in words, and what a route to the others of them would say."""
    words = [str(number) for number in known]
    for port in service.ports:
        if port.target not in known:
            words.append(f"{port.target} with protocol: {port.protocol}")
    return ", ".join(dict.fromkeys(words)) or "none"


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
                if private:
                    work.say(codes.NOT_ROUTED_PRIVATE, port.place, service, port=port.target)
                elif len(routed) >= TARGET_GROUPS_PER_SERVICE:
                    limit = TARGET_GROUPS_PER_SERVICE
                    work.say(
                        codes.NOT_ROUTED_LIMIT,
                        port.place,
                        service,
                        port=port.target,
                        limit=limit,
                    )
                else:
                    wanted = [*(one.target for one in found), port.target]
                    routes = ", ".join(f"{{port: {number}}}" for number in wanted)
                    routes = f"[{routes}]" if found else routes
                    work.say(codes.NOT_ROUTED, port.place, service, port=port.target, routes=routes)
    return [port.target for port in found]


_PRIVATE_TEXT = frozenset(map(str, PRIVATE_PORTS))


def is_loopback(address: str | None) -> bool:
    """Whether an address reaches only the machine itself."""
    return address is not None and (address.startswith("127.") or address == "::1")


def http_probe(check: HealthCheck | None) -> Probe | None:
    """What a health check asks for over HTTP on its own container, if that is what it does.

    >>> http_probe(HealthCheck(test=("CMD", "curl", "-f", "http://localhost:8080/health")))
    Probe(port=8080, path='/health', tls=False, plain=True)
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
        found = Probe(port, "/" + path if slash else "/", tls)
        from compose2ecs.ecs.probes import plain_path

        asked = plain_path(check.test, found.path)
        return found._replace(plain=False) if asked is None else found._replace(path=asked)
    return None


def _words(text: str) -> list[str]:
    for mark in "()|&<>":
        text = text.replace(mark, " ")
    return text.split()
