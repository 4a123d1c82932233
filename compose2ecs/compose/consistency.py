"""Checks that need more than one value: references, contradictions, cycles."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

from compose2ecs import codes
from compose2ecs.compose.model import Project, Service
from compose2ecs.compose.reading import Reading, nearest
from compose2ecs.compose.select import DEFAULT


def check_project(project: Project, everything: Project, reading: Reading) -> None:
    """Report everything that does not fit together; `everything` has the inactive services too."""
    names: dict[str, Service] = {}
    for service in project.services.values():
        reading.service = service.key
        reading.path = [f"services.{service.key}"]
        _check_source(service, reading)
        _check_build(service, everything, reading)
        _check_references(service, project, reading)
        _check_watch(service, reading)
        _check_resources(service, reading)
        _check_targets(service, reading)
        if service.container_name:
            _check_container_name(service, names, reading)
    for key, job in project.jobs.items():
        # Compose looks at no more of a job.
        reading.service = key
        reading.path = [f"jobs.{key}"]
        _check_binds(job.container, reading)
        for name, dependency in job.container.depends_on.items():
            if name not in project.services and name not in project.jobs:
                known = (*project.services, *project.jobs)
                _undefined("service", name, dependency.place, known, reading)
    reading.service = None
    for kind, wanted in (
        ("secrets", ("file", "environment")),
        ("configs", ("file", "environment", "content")),
    ):
        for key, resource in getattr(project, kind).items():
            reading.path = [f"{kind}.{key}"]
            given = [name for name in wanted if name in resource.written]
            if kind == "secrets":
                lacking = not resource.external and not (resource.file or resource.environment)
            else:
                lacking = not given and not resource.external
            if len(given) > 1 or lacking:
                reading.say(codes.ONE_SOURCE, resource.place, sources=", ".join(wanted))
    for key, volume in project.volumes.items():
        extra = [
            name
            for name in volume.written
            if name not in ("external", "name") and not name.startswith("x-")
        ]
        if volume.external and extra:
            reading.path = [f"volumes.{key}"]
            reading.say(codes.EXTERNAL_CONFLICT, volume.written[extra[0]], key=extra[0])
    reading.path = []
    _check_cycles(project, reading)


def check_container(container: Service, project: Project, reading: Reading) -> None:
    """Report what Compose checks in a job no sooner than it runs."""
    _check_source(container, reading)
    _check_build(container, project, reading)
    _check_references(container._replace(depends_on={}), project, reading)
    _check_targets(container, reading)


def check_circle(jobs: Mapping[str, Service], project: Project, reading: Reading) -> None:
    """Report jobs that wait for each other; Compose only looks at services."""
    _check_cycles(project._replace(services=jobs), reading)


def _check_source(service: Service, reading: Reading) -> None:
    if not service.image and service.build is None and service.provider is None:
        reading.say(codes.NO_IMAGE, service.place)
    if service.build and service.build.dockerfile and service.build.dockerfile_inline:
        reading.say(
            codes.CONTRADICTION,
            service.build.place,
            first="build.dockerfile",
            second="build.dockerfile_inline",
        )
    if service.network_mode and service.networks:
        reading.say(
            codes.CONTRADICTION,
            service.written["network_mode"],
            first="network_mode",
            second="networks",
        )


def _check_build(service: Service, project: Project, reading: Reading) -> None:
    build = service.build
    if build is None:
        return
    if service.platform and build.platforms and service.platform not in build.platforms:
        reading.say(
            codes.PLATFORM_NOT_BUILT, service.written["platform"], platform=service.platform
        )
    for grant in build.secrets:
        if grant.source not in project.secrets:
            _undefined("secret", grant.source, grant.place, project.secrets, reading)
    for context in build.additional_contexts.values():
        kind, _, name = context.partition(":")
        if kind != "service":
            continue
        other = project.services.get(name)
        if other is None:
            _undefined("service", name, build.place, project.services, reading)
        elif other.build is None:
            reading.say(codes.NOT_BUILDABLE, build.place, name=name)


def _check_watch(service: Service, reading: Reading) -> None:
    for number, watch in enumerate((service.develop or {}).get("watch", ())):
        if watch["action"].startswith("sync") and not watch.get("target"):
            reading.path.append(f".develop.watch[{number}]")
            reading.say(codes.MISSING_KEY, service.written["develop"], key="target")
            reading.path.pop()


def _check_binds(container: Service, reading: Reading) -> None:
    for mount in container.volumes:
        if mount.type == "bind" and not mount.source:
            reading.say(codes.MISSING_KEY, mount.place, key="source")


def _undefined(kind: str, name: str, place: int, known: Iterable[str], reading: Reading) -> None:
    known = [other for other in known if kind != "service" or other != reading.service]
    guess = nearest(name, known)
    hint = (
        f"did you mean {guess!r}?"
        if guess
        else (
            f"known: {', '.join(known)}" if known else f"declare it under the top-level `{kind}s:`"
        )
    )
    reading.say(codes.UNDEFINED, place, kind=kind, name=name, known=hint)


def _check_references(service: Service, project: Project, reading: Reading) -> None:
    written = service.written
    for name in service.networks:
        if name not in project.networks and name != DEFAULT:
            _undefined(
                "network", name, written.get("networks", service.place), project.networks, reading
            )
    _check_binds(service, reading)
    for mount in service.volumes:
        if mount.type == "volume" and mount.source and mount.source not in project.volumes:
            _undefined("volume", mount.source, mount.place, project.volumes, reading)
    for kind, grants, known in (
        ("secret", service.secrets, project.secrets),
        ("config", service.configs, project.configs),
    ):
        for grant in grants:
            if grant.source not in known:
                _undefined(kind, grant.source, grant.place, known, reading)
    for name in service.models:
        if name not in project.models:
            _undefined("model", name, written.get("models", service.place), project.models, reading)
    for name, dependency in service.depends_on.items():
        if name not in project.services:
            place = dependency.place or service.place
            if dependency.implied_by == "links":
                place = written.get("links", place)
            _undefined("service", name, place, project.services, reading)


def _check_resources(service: Service, reading: Reading) -> None:
    deploy = service.deploy
    if service.scale is not None and service.scale < 0:
        reading.path.append(".scale")
        reading.say(codes.NEGATIVE, service.written["scale"], value=service.scale)
        reading.path.pop()
    if deploy is None:
        return
    if deploy.replicas is not None and deploy.replicas < 0:
        reading.path.append(".deploy.replicas")
        reading.say(codes.NEGATIVE, deploy.written["replicas"], value=deploy.replicas)
        reading.path.pop()
    if (
        service.scale is not None
        and deploy.replicas is not None
        and service.scale != deploy.replicas
    ):
        reading.say(
            codes.DISAGREE, service.written["scale"], first="scale", second="deploy.replicas"
        )
    if deploy.resources is None:
        return
    limits, reservations = deploy.resources.limits, deploy.resources.reservations
    for key, twin, value, other in (
        ("cpus", "deploy.resources.limits.cpus", service.cpus, limits and limits.cpus),
        (
            "mem_limit",
            "deploy.resources.limits.memory",
            service.mem_limit,
            limits and limits.memory,
        ),
        ("pids_limit", "deploy.resources.limits.pids", service.pids_limit, limits and limits.pids),
    ):
        if limits is not None and value and value != (other or 0):
            reading.say(codes.DISAGREE, service.written[key], first=key, second=twin)
    value = service.mem_reservation
    if reservations is not None and value and value != reservations.memory:
        reading.say(
            codes.DISAGREE,
            service.written["mem_reservation"],
            first="mem_reservation",
            second="deploy.resources.reservations.memory",
        )


def _check_targets(service: Service, reading: Reading) -> None:
    seen: dict[str, int] = {}
    tmpfs_place = service.written.get("tmpfs", service.place)
    targets = [(mount.target, mount.place) for mount in service.volumes]
    targets += [(entry.partition(":")[0], tmpfs_place) for entry in service.tmpfs]
    for target, place in targets:
        if not target:
            continue
        path = target.rstrip("/") or "/"
        if path in seen:
            reading.say(
                codes.MOUNTED_TWICE, place, target=path, related=[("first here", seen[path])]
            )
        seen[path] = place


def _check_container_name(service: Service, names: dict[str, Service], reading: Reading) -> None:
    name, place = service.container_name, service.written["container_name"]
    assert name is not None
    replicas = service.scale or (service.deploy.replicas if service.deploy else None) or 1
    if replicas > 1:
        reading.say(codes.CONTAINER_NAME_SCALED, place, name=name, replicas=replicas)
    if name in names:
        reading.say(
            codes.CONTAINER_NAME_TWICE,
            place,
            name=name,
            related=[("first here", names[name].written["container_name"])],
        )
    names[name] = service


def _check_cycles(project: Project, reading: Reading) -> None:
    """Report each cycle of dependencies once; iterative, since chains may be thousands long."""
    done: set[str] = set()
    for start in project.services:
        if start in done:
            continue
        trail: list[str] = [start]
        on_trail = {start}
        ways = [iter(project.services[start].depends_on)]
        while ways:
            name = next(ways[-1], None)
            if name is None:
                ways.pop()
                last = trail.pop()
                on_trail.discard(last)
                done.add(last)
            elif name in on_trail:
                cycle = [*trail[trail.index(name) :], name]
                _say_cycle(cycle, project, reading)
            elif name in project.services and name not in done:
                trail.append(name)
                on_trail.add(name)
                ways.append(iter(project.services[name].depends_on))


def _say_cycle(cycle: list[str], project: Project, reading: Reading) -> None:
    related = []
    for name, after in itertools.pairwise(cycle):
        dependency = project.services[name].depends_on[after]
        key = dependency.implied_by or "depends_on"
        related.append((f"{name} needs {after} ({key})", dependency.place))
    reading.service = cycle[0]
    reading.say(codes.CYCLE, related[-1][1], chain=" -> ".join(cycle), related=related)
    reading.service = None
