"""The `x-aws-` keys of Docker's ECS integration (`docker compose` in an ECS context).

Each is put under `x-ecs`, where its reader checks it. Docker made roles, clusters, load balancers and
certificates itself; nothing is made here that `x-ecs` cannot name, and that is told. What stood for
AWS things without such a key, external networks called `sg-` and volumes called `fs-`, comes in here
as well.

Source: https://github.com/docker-archive/compose-cli/blob/main/docs/ecs-compose-features.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.model import FileGrant, Port, Project, Service
from compose2ecs.compose.reading import Reading, nearest
from compose2ecs.ecs.retired import X_ECS, Tree, form, is_ignored, located
from compose2ecs.report import Code, Report

PREFIX = "x-aws-"


def understood(
    project: Project, report: Report | None = None, launch_type: str | None = None
) -> Project:
    """The project with its `x-aws-` keys as `x-ecs`; what became of each is told if there is a report."""
    found = _Aws(project, report)
    found.read()
    if launch_type is None and found.told:
        found.tell_launch()
    return found.project()


class _Key(NamedTuple):
    """A key at hand: its dotted path, its value, its place, and the service that it is of."""

    path: str
    value: Any
    place: int
    service: Service | None = None


_Handler = Callable[["_Aws", _Key], None]


class _Aws:
    """One walk over a project: a tree of its `x-ecs`, which grows, and what else of it changes."""

    def __init__(self, project: Project, report: Report | None) -> None:
        self.given = project
        self.report = report
        assert project.sources is not None
        self.sources = project.sources
        self.reading = Reading(Report() if report is None else report, project.sources)
        root, services = Map(), Map()
        for name, service in project.services.items():
            if service.extensions.get(X_ECS) is not None:
                own = Map(service.place)
                own.put(X_ECS, service.extensions[X_ECS], service.place, service.place)
                services.put(name, own, service.place, service.place)
        root.put("services", services, 0, 0)
        if project.extensions.get(X_ECS) is not None:
            root.put(X_ECS, project.extensions[X_ECS], 0, 0)
        self.tree = Tree(root)
        self.changes: dict[str, dict[str, Any]] = {}  # service to its fields
        self.told = False

    def project(self) -> Project:
        """What has come of it."""
        services = dict(self.given.services)
        for name, service in services.items():
            own = self.tree.look("services", name, X_ECS)
            changes = self.changes.get(name, {})
            if own is not None and own is not service.extensions.get(X_ECS):
                changes = {**changes, "extensions": {**service.extensions, X_ECS: own}}
            if changes:
                services[name] = service._replace(**changes)
        extensions = self.given.extensions
        shared = self.tree.look(X_ECS)
        if shared is not None:
            extensions = {**extensions, X_ECS: shared}
        return self.given._replace(services=services, extensions=extensions)

    # ------------------------------------------------------------------ what is told

    def say(self, code: Code, key: _Key, **facts: Any) -> None:
        self.told = True
        name = key.service.key if key.service is not None else None
        if self.report is not None and not is_ignored(self.tree, code, name):
            self.report.add(
                code, self.sources.span(key.place), service=name, path=key.path, **facts
            )

    def lost(self, key: _Key, reason: str, advice: str = "") -> None:
        self.say(codes.NO_COUNTERPART, key, reason=reason, advice=advice)

    def tell_launch(self) -> None:
        shared = self.tree.look(X_ECS)
        if isinstance(shared, Map) and {"launch_type", "capacity_providers"} & shared.keys():
            return
        if self.report is not None and not is_ignored(self.tree, codes.X_AWS_LAUNCH, None):
            self.report.add(codes.X_AWS_LAUNCH)

    def put(self, key: _Key, path: tuple[str, ...], value: Any) -> None:
        """Put a value under the `x-ecs` of the key's service, or of the project."""
        path = (X_ECS, *path)
        above = () if key.service is None else ("services", key.service.key)
        new = self.tree.plant((*above, *path), value, key.place, key.place)
        self.say(codes.CAME_OVER if new else codes.CAME_SECOND, key, form=form(path))

    # ------------------------------------------------------------------ where keys may stand

    def read(self) -> None:
        project = self.given
        self.each(project.extensions, "", project.written, 0, None, _PROJECT)
        for name, network in project.networks.items():
            at = network.place
            self.each(network.extensions, f"networks.{name}.", network.written, at, None, _NETWORK)
            if network.external and (network.name or "").startswith("sg-"):
                _security_group(self, _Key(f"networks.{name}.name", network.name, at))
        for name, volume in project.volumes.items():
            at = volume.place
            self.each(volume.extensions, f"volumes.{name}.", volume.written, at, None, {})
            if volume.external and (volume.name or "").startswith("fs-"):
                key = _Key(f"volumes.{name}.name", volume.name, volume.written.get("name", at))
                self.put(key, ("volumes", name, "efs", "file_system_id"), volume.name)
        for name, secret in project.secrets.items():
            at = secret.place
            self.each(secret.extensions, f"secrets.{name}.", secret.written, at, None, _SECRET)
        for service in project.services.values():
            self.service(service)

    def service(self, service: Service) -> None:
        path, written, at = f"services.{service.key}.", service.written, service.place
        self.each(service.extensions, path, written, at, service, _SERVICE)
        deploy = service.deploy
        if deploy is not None:
            path += "deploy."
            self.each(deploy.extensions, path, deploy.written, at, service, _DEPLOY)
            update = deploy.update_config
            if update is not None:
                at = deploy.written.get("update_config", at)
                path += "update_config."
                self.each(update.extensions, path, {}, at, service, _UPDATE)
        for number, port in enumerate(service.ports):
            if port.extensions:
                path = f"services.{service.key}.ports[{number}]."
                table: dict[str, _Handler] = {key: handler(port) for key, handler in _PORT.items()}
                self.each(port.extensions, path, {}, port.place, service, table)
        for grant in service.secrets:
            self.grant(service, grant)

    def each(
        self,
        extensions: Mapping[str, Any],
        path: str,
        written: Mapping[str, int],
        place: int,
        service: Service | None,
        table: Mapping[str, _Handler],
    ) -> None:
        """Handle the keys of one mapping."""
        for name, value in extensions.items():
            if not name.startswith(PREFIX) or value is None:
                continue
            key = _Key(path + name, value, written.get(name, place), service)
            handler = table.get(name)
            if handler is not None:
                handler(self, key)
                continue
            where = _ELSEWHERE.get(name)
            guess = None if where else nearest(name, _ELSEWHERE)
            advice = f"it belongs {where}" if where else f"did you mean {guess!r}?" if guess else ""
            self.lost(key, "Docker's ECS integration knows no such key here", advice)

    def grant(self, service: Service, grant: FileGrant) -> None:
        """A secret of which some keys are wanted: a variable for each, where there was a file."""
        secret = self.given.secrets.get(grant.source)
        wanted = secret.extensions.get("x-aws-keys") if secret is not None else None
        wanted = grant.extensions.get("x-aws-keys", wanted)
        if secret is None or wanted is None:
            return
        names = [wanted] if isinstance(wanted, str) else wanted
        key = _Key(f"services.{service.key}.secrets", names, grant.place or service.place, service)
        arn = secret.name or ""
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.reading.path = [f"secrets.{grant.source}.x-aws-keys"]
            self.reading.wrong_type(names, key.place, "a list of strings")
        elif not arn.startswith("arn:") or "*" in names:
            self.lost(
                key,
                "only keys with a name, of a secret with an ARN, can be given to a container",
                "x-ecs: {secrets: {VARIABLE: ARN:KEY::}}",
            )
        else:
            for name in names:
                self.put(key, ("secrets", name), f"{arn}:{name}::")
            target = (grant.target or grant.source).removeprefix("/run/secrets/")
            self.say(codes.X_AWS_KEYS, key, names=", ".join(names), folder=f"/run/secrets/{target}")
            kept = self.changes.setdefault(service.key, {}).get("secrets", service.secrets)
            self.changes[service.key]["secrets"] = tuple(g for g in kept if g is not grant)


def _under(*path: str) -> _Handler:
    """A key that `x-ecs` has as well, in the same form."""

    def handle(aws: _Aws, key: _Key) -> None:
        aws.put(key, path, key.value)

    return handle


def _vpc(aws: _Aws, key: _Key) -> None:
    """An id, or an ARN, which ends in it."""
    text = key.value
    aws.put(key, ("network", "vpc"), text.rpartition("/")[2] if isinstance(text, str) else text)


def _load_balancer(aws: _Aws, key: _Key) -> None:
    """A name, or an ARN, `.../loadbalancer/app/NAME/ID`."""
    if aws.tree.look(X_ECS, "listener") is not None:
        aws.say(codes.CAME_SECOND, key, form=form((X_ECS, "listener")))
        return
    text = key.value
    if isinstance(text, str) and text.startswith("arn:"):
        text = text.split("/")[-2] if text.count("/") >= 2 else text
    aws.put(key, ("load_balancer", "name"), text)


def _cloudformation(aws: _Aws, key: _Key) -> None:
    aws.lost(
        key,
        "no CloudFormation is written",
        "what a service needs goes into x-ecs, and what that has no key for into its `overrides`",
    )


def _certificate(aws: _Aws, key: _Key) -> None:
    aws.lost(
        key, "the listener has the certificate", "name one that has it: x-ecs: {listener: ...}"
    )


def _role(aws: _Aws, key: _Key) -> None:
    """Docker made a role with these; what can be named is a role that exists."""
    if isinstance(key.value, str) or aws.tree.look(*_own(key), "roles", "task") is not None:
        aws.put(key, ("roles", "task"), key.value)
    else:
        aws.lost(
            key,
            "roles are named here, not made",
            "make one that has these permissions: x-ecs: {roles: {task: ...}}",
        )


def _own(key: _Key) -> tuple[str, ...]:
    return (X_ECS,) if key.service is None else ("services", key.service.key, X_ECS)


def _named(key: _Key) -> str:
    """The name of what a key of the top level is of: `networks.NAME.KEY`, and a name has dots."""
    return key.path.partition(".")[2].rpartition(".")[0]


def _security_group(aws: _Aws, key: _Key) -> None:
    """The group of a network is one of the groups of each service in it."""
    name = _named(key)
    aws.say(codes.X_AWS_NETWORK, key, form=form((X_ECS, "network", "security_groups")))
    for service in aws.given.services.values():
        if name not in service.networks:
            continue
        written = service.extensions.get(X_ECS)
        network = written.get("network") if isinstance(written, Map) else None
        if isinstance(network, Map) and network.get("security_groups") is not None:
            continue
        path = ("services", service.key, X_ECS, "network", "security_groups")
        there = aws.tree.look(*path)
        if isinstance(there, Seq):
            if key.value not in there:
                there.put(key.value, key.place)
        else:
            aws.tree.plant(path, located([key.value], key.place), key.place, key.place)


def _keys(aws: _Aws, key: _Key) -> None:
    """Told where a service is given the secret."""
    name = _named(key)
    services: Iterable[Service] = aws.given.services.values()
    if not any(grant.source == name for service in services for grant in service.secrets):
        aws.lost(key, "no service is given the secret")


def _protocol(port: Port) -> _Handler:
    def handle(aws: _Aws, key: _Key) -> None:
        assert key.service is not None
        if port.app_protocol:
            aws.say(codes.CAME_SECOND, key, form="app_protocol: ...")
        elif key.value in ("http", "https"):
            fields = aws.changes.setdefault(key.service.key, {})
            ports = fields.get("ports", key.service.ports)
            fields["ports"] = tuple(
                p._replace(app_protocol="http") if p is port else p for p in ports
            )
            aws.say(codes.CAME_OVER, key, form="app_protocol: http")
        else:
            aws.lost(key, "it is http or https", "`app_protocol` of the port says http or grpc")

    return handle


def _urls(port: Port) -> _Handler:
    """Hosts and paths, as URLs with blanks between them."""

    def handle(aws: _Aws, key: _Key) -> None:
        routes = Seq(key.place)
        for url in str(key.value).split():
            host, slash, path = url.partition("://")[2].partition("/")
            route: dict[str, Any] = {"port": port.target, "host": host.partition(":")[0]}
            if path:
                route["path"] = f"{slash}{path}*"
            routes.put(located(route, key.place), key.place)
        aws.put(key, ("route",), routes)

    return handle


def _port_certificate(port: Port) -> _Handler:
    return _certificate


_MINIMUM = _under("deployment", "minimum_healthy_percent")
_MAXIMUM = _under("deployment", "maximum_percent")
_PROJECT: dict[str, _Handler] = {
    "x-aws-cluster": _under("cluster"),
    "x-aws-vpc": _vpc,
    "x-aws-subnets": _under("network", "subnets"),
    "x-aws-loadbalancer": _load_balancer,
    "x-aws-loadbalancer_https_certificate": _certificate,
    "x-aws-logs_retention": _under("logs", "retention_days"),
    "x-aws-cloudformation": _cloudformation,
}
_UPDATE: dict[str, _Handler] = {"x-aws-min_percent": _MINIMUM, "x-aws-max_percent": _MAXIMUM}
_DEPLOY: dict[str, _Handler] = {"x-aws-autoscaling": _under("autoscaling"), **_UPDATE}
_SERVICE: dict[str, _Handler] = {
    "x-aws-pull_credentials": _under("registry_credentials"),
    "x-aws-role": _role,
    "x-aws-policies": _role,
    "x-aws-logs_retention": _under("logs", "retention_days"),
    **_DEPLOY,  # other tools read them here
}
_PORT: dict[str, Callable[[Port], _Handler]] = {
    "x-aws-protocol": _protocol,
    "x-aws-certificate": _port_certificate,
    "x-aws-loadbalancer_urls": _urls,
}
_NETWORK: dict[str, _Handler] = {"x-aws-securitygroup": _security_group}
_SECRET: dict[str, _Handler] = {"x-aws-keys": _keys}
_ELSEWHERE = {
    **dict.fromkeys(_SERVICE, "to a service"),
    **dict.fromkeys(_DEPLOY, "to `deploy` of a service"),
    **dict.fromkeys(_UPDATE, "to `deploy.update_config` of a service"),
    **dict.fromkeys(_PORT, "to a port of a service"),
    **dict.fromkeys(_NETWORK, "to a top-level network"),
    **dict.fromkeys(_SECRET, "to a top-level secret"),
    **dict.fromkeys(_PROJECT, "to the top level"),
}
