"""Which services take part, and what a project says without writing it: networks, dependencies."""

from __future__ import annotations

from typing import Any

from compose2ecs import codes
from compose2ecs.compose.model import Dependency, Network, Project, Service
from compose2ecs.compose.reading import Reading

DEFAULT = "default"
_SHARED_WITH = ("network_mode", "ipc", "pid", "uts", "cgroup")


def select(project: Project, profiles: tuple[str, ...], reading: Reading) -> Project:
    """Drop the services whose profile is off, then normalise what is left."""
    active = {
        name: service
        for name, service in project.services.items()
        if not service.profiles or "*" in profiles or any(p in profiles for p in service.profiles)
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
    networks = dict(project.networks)
    if any(DEFAULT in service.networks for service in services.values()):
        networks.setdefault(DEFAULT, Network(DEFAULT))
    return project._replace(
        services=services,
        networks=_named(networks, project.name),
        volumes=_named(project.volumes, project.name),
        secrets=_named(project.secrets, project.name),
        configs=_named(project.configs, project.name),
    )


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
    depends_on = dict(service.depends_on)
    for name, dependency in service.depends_on.items():
        if name in project.services and name not in active and not dependency.required:
            del depends_on[name]
    for name, implied in _implied(service):
        depends_on.setdefault(name, implied)
    if depends_on != service.depends_on:
        changes["depends_on"] = depends_on
    return service._replace(**changes) if changes else service


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
