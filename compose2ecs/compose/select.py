"""Which services take part, and what a project says without writing it: networks, dependencies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.keys import CONTAINER_KEYS
from compose2ecs.compose.model import Dependency, Network, Project, Service
from compose2ecs.compose.mounts import clean
from compose2ecs.compose.reading import Reading

DEFAULT = "default"
_SHARED_WITH = ("network_mode", "ipc", "pid", "uts", "cgroup")


def select(project: Project, profiles: tuple[str, ...], reading: Reading) -> Project:
    """Drop the services whose profile is off, then normalise what is left."""
    active = {
        name: service for name, service in project.services.items() if _is_on(service, profiles)
    }
    off = [name for name in project.services if name not in active]
    if off:
        wanted = sorted({p for name in off for p in project.services[name].profiles})
        reading.say(
            codes.PROFILES_OFF,
            project.services[off[0]].written["profiles"],
            services=", ".join(off),
            profiles=", ".join(wanted),
        )
    services = {
        name: _normalise(service, project, active, reading) for name, service in active.items()
    }
    jobs = {
        name: job._replace(container=_normalise(job.container, project, active, reading))
        for name, job in project.jobs.items()
        if _is_on(job.container, profiles)
    }
    networks = dict(project.networks)
    if any(
        DEFAULT in container.networks
        for container in (*services.values(), *(job.container for job in jobs.values()))
    ):
        networks.setdefault(DEFAULT, Network(DEFAULT))
    return project._replace(
        services=services,
        jobs=jobs,
        profiles=tuple({p: None for s in project.services.values() for p in s.profiles}),
        networks=_named(networks, project.name),
        volumes=_named(project.volumes, project.name),
        secrets=_named(project.secrets, project.name),
        configs=_named(project.configs, project.name),
    )


def _is_on(service: Service, profiles: tuple[str, ...]) -> bool:
    return not service.profiles or "*" in profiles or any(p in profiles for p in service.profiles)


def _named(resources: Any, project: str) -> dict[str, Any]:
    return {
        key: resource
        if resource.name
        else resource._replace(name=key if resource.external else f"{project}_{key}")
        for key, resource in resources.items()
    }


def _normalise(
    service: Service, project: Project, active: dict[str, Service], reading: Reading
) -> Service:
    changes: dict[str, Any] = {}
    if not service.networks and service.network_mode is None and service.provider is None:
        changes["networks"] = {DEFAULT: None}
    if service.pull_policy == "if_not_present":
        changes["pull_policy"] = "missing"
    deploy = service.deploy
    if deploy is not None and deploy.replicas is None and service.scale is not None:
        changes["deploy"] = deploy._replace(replicas=service.scale)
    if service.volumes:
        changes["volumes"] = tuple(
            mount
            if mount.target is None or (target := clean(mount.target)) == mount.target
            else mount._replace(target=target)
            for mount in service.volumes
        )
    if service.pre_start:
        base = service._replace(**changes)
        changes["pre_start"] = tuple(
            step._replace(container=inherit(base, step.container)) for step in service.pre_start
        )
    depends_on = dict(service.depends_on)
    for name, dependency in service.depends_on.items():
        if name in project.services and name not in active and not dependency.required:
            del depends_on[name]
    for name, implied in _implied(service):
        depends_on.setdefault(name, implied)
    for name, dependency in depends_on.items():
        if name in project.services and name not in active:
            other = project.services[name]
            reading.service = service.key
            reading.path = [f"services.{service.key}"]
            reading.say(
                codes.SERVICE_OFF,
                dependency.place or service.place,
                related=[(f"{name} has this profile", other.written["profiles"])],
                name=name,
                profile=other.profiles[0],
            )
            reading.service = None
            reading.path = []
    if depends_on != service.depends_on:
        changes["depends_on"] = depends_on
    return service._replace(**changes) if changes else service


def inherit(base: Service, over: Service) -> Service:
    """What a `pre_start` step runs: its own keys, laid over those of its service.

    Volumes are not inherited: the step gets at the service's own when it runs.
    """
    changes: dict[str, Any] = {}
    for key in CONTAINER_KEYS:
        below, above = getattr(base, key), getattr(over, key)
        if key == "volumes" or below is None or below == ():
            if key in ("command", "entrypoint") and above is None:
                changes[key] = below
            continue
        changes[key] = _laid_over(key, below, above)
    return over._replace(**changes)


def _laid_over(key: str, below: Any, above: Any) -> Any:
    if above is None or above == ():
        return below
    if isinstance(below, Mapping):
        return {**below, **above}
    if key == "logging":
        if below.driver and above.driver and below.driver != above.driver:
            return above
        return above._replace(
            driver=above.driver or below.driver,
            options={**below.options, **above.options},
            extensions={**below.extensions, **above.extensions},
        )
    if isinstance(below, tuple) and not hasattr(below, "_fields") and key not in _REPLACED:
        identity = _IDENTITIES.get(key, lambda item: item)
        found = {identity(item): item for item in below}
        found.update((identity(item), item) for item in above)
        return tuple(found.values())
    return above


_REPLACED = ("command", "entrypoint")
_IDENTITIES: dict[str, Callable[[Any], Any]] = {
    "configs": lambda grant: grant._replace(place=0, extensions=()),
    "secrets": lambda grant: grant._replace(place=0, extensions=()),
    "devices": lambda device: device._replace(place=0, extensions=()),
    "gpus": lambda request: str(request._replace(place=0)),
    "env_file": lambda file: file._replace(place=0),
}


def _implied(service: Service) -> list[tuple[str, Dependency]]:
    """Dependencies that other keys imply."""
    found: list[tuple[str, Dependency]] = []
    written = service.written

    def add(name: str, key: str, restart: bool) -> None:
        found.append((name, Dependency(restart=restart, place=written.get(key, 0), implied_by=key)))

    for link in service.links:
        add(link.partition(":")[0], "links", True)
    for key in _SHARED_WITH:
        mode = getattr(service, key)
        if mode and mode.startswith("service:"):
            add(mode.partition(":")[2], key, True)
    for source in service.volumes_from:
        if not source.startswith("container:"):
            add(source.partition(":")[0], "volumes_from", False)
    return found
