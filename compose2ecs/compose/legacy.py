"""Files of Compose's old formats, turned into today's before they are read, each with a warning.

Source: https://docs.docker.com/reference/compose-file/legacy-versions/ and what Compose 1.29 did.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.quantity import format_value, parse_duration
from compose2ecs.compose.reading import Reading

_OLD_KEYS = ("net", "log_driver", "log_opt", "dockerfile", "volume_driver")
_TOP = (
    "services",
    "networks",
    "volumes",
    "secrets",
    "configs",
    "models",
    "jobs",
    "include",
    "name",
)
_MICROSECONDS = ("cpu_rt_runtime", "cpu_rt_period", "cpu_quota", "cpu_period")


def upgrade(root: Map, reading: Reading, *, refuse: bool = False) -> tuple[Map, bool]:
    """The document in today's form, and whether it had an old one. `refuse`: old forms are errors,
    as Compose has it."""
    first = _is_old_root(root)
    if first:
        if refuse:
            reading.say(codes.LEGACY_REFUSED, root.place, what="a file without `services:`")
            return root, True
        root = _wrap(root, reading)
    version = root.get("version")
    if version is not None and version.__class__ in (int, float):
        if refuse:
            reading.say(codes.LEGACY_REFUSED, root.at["version"], what="`version` as a number")
            return root, True
        root = root.copy()
        root["version"] = format_value(version)
    services = root.get("services")
    if not isinstance(services, Map):
        return root, False
    changed: dict[str, Map] = {}
    drivers: list[tuple[str, str, int]] = []
    for name, service in services.items():
        if isinstance(service, Map) and _has_old_keys(service):
            if refuse:
                for key in _OLD_KEYS:
                    if key in service:
                        reading.say(codes.LEGACY_REFUSED, service.keys_at[key], what=f"`{key}`")
                continue
            changed[name] = _upgrade_service(name, service, services, reading, drivers)
    if changed:
        root = _with_services(root, services, changed)
    if drivers:
        _set_drivers(root, drivers, reading)
    return root, bool(changed) or first or _is_old_version(root.get("version"))


def _is_old_root(root: Map) -> bool:
    if any(key in root for key in _TOP):
        return False
    bodies = [value for key, value in root.items() if not key.startswith("x-") and key != "version"]
    return bool(bodies) and all(
        isinstance(body, Map) and ("image" in body or "build" in body or "extends" in body)
        for body in bodies
    )


def _is_old_version(version: Any) -> bool:
    return isinstance(version, str) and version.partition(".")[0] in ("1", "2")


def _has_old_keys(service: Map) -> bool:
    return any(key in service for key in _OLD_KEYS) or any(
        service.get(key).__class__ is str and not service[key].lstrip("-").isdigit()
        for key in _MICROSECONDS
        if key in service
    )


def _wrap(root: Map, reading: Reading) -> Map:
    reading.say(codes.LEGACY_V1, root.place)
    wrapped, services = Map(root.place), Map(root.place)
    for key, value in root.items():
        target = wrapped if key.startswith("x-") or key == "version" else services
        target.put(key, value, root.keys_at[key], root.at[key])
    wrapped.put("services", services, root.place, root.place)
    return wrapped


def _with_services(root: Map, services: Map, changed: dict[str, Map]) -> Map:
    root, services = root.copy(), services.copy()
    for name, service in changed.items():
        services[name] = service
    root["services"] = services
    return root


def _upgrade_service(
    name: str,
    service: Map,
    services: Map,
    reading: Reading,
    drivers: list[tuple[str, str, int]],
) -> Map:
    service = service.copy()

    def say(key: str, now: str) -> None:
        reading.say(codes.LEGACY_KEY, service.keys_at[key], key=key, now=now)

    def take(key: str) -> tuple[Any, int, int]:
        return service.pop(key), service.keys_at.pop(key), service.at.pop(key)

    if "net" in service:
        say("net", "network_mode")
        value, key_at, at = take("net")
        if isinstance(value, str) and value.startswith("container:"):
            other = value.partition(":")[2]
            value = f"service:{other}" if other in services else value
        service.put("network_mode", value, key_at, at)
    if "log_driver" in service or "log_opt" in service:
        logging = Map(service.place)
        key_at = 0
        for old, new in (("log_driver", "driver"), ("log_opt", "options")):
            if old in service:
                say(old, f"logging.{new}")
                value, key_at, at = take(old)
                logging.put(new, value, key_at, at)
        service.put("logging", logging, key_at, key_at)
    if "dockerfile" in service:
        say("dockerfile", "build.dockerfile")
        value, key_at, at = take("dockerfile")
        build = service.get("build")
        long = build.copy() if isinstance(build, Map) else Map(key_at)
        if isinstance(build, str):
            long.put("context", build, service.keys_at["build"], service.at["build"])
        long.put("dockerfile", value, key_at, at)
        service.put(
            "build", long, service.keys_at.get("build", key_at), service.at.get("build", at)
        )
    if "volume_driver" in service:
        say("volume_driver", "volumes.*.driver")
        driver, _, at = take("volume_driver")
        if driver.__class__ is not str:
            reading.wrong_type(driver, at, "a string")
        else:
            drivers.extend((volume, driver, at) for volume, _ in _named_volumes(service))
    for key in _MICROSECONDS:
        if service.get(key).__class__ is str and not service[key].lstrip("-").isdigit():
            try:
                now = parse_duration(service[key]) // 1000
            except ValueError:
                continue  # its own reader says what is wrong with it
            place = service.keys_at[key]
            reading.say(codes.LEGACY_UNIT, place, key=key, given=service[key], now=now)
            service[key] = now
    return service


def _named_volumes(service: Any) -> Iterator[tuple[str, int]]:
    """The named volumes that a service mounts, each with its place."""
    mounts = service.get("volumes") if isinstance(service, Map) else None
    if not isinstance(mounts, Seq):
        return
    for mount, place in zip(mounts, mounts.at, strict=True):
        if isinstance(mount, Map):
            if mount.get("type") == "volume" and isinstance(mount.get("source"), str):
                yield mount["source"], place
        elif isinstance(mount, str) and ":" in mount:
            name = mount.partition(":")[0]
            if name[:1].isalnum() and len(name) > 1:
                yield name, place


def _set_drivers(root: Map, drivers: list[tuple[str, str, int]], reading: Reading) -> None:
    """What was a service's `volume_driver` is each volume's own now."""
    declared = root.get("volumes")
    volumes = declared.copy() if isinstance(declared, Map) else Map(root.place)
    given: dict[str, tuple[str, int]] = {}
    for name, driver, place in drivers:
        volume = volumes.get(name)
        volume = volume.copy() if isinstance(volume, Map) else Map(place)
        other = given.setdefault(name, (driver, place))
        if other[0] != driver:
            reading.say(
                codes.LEGACY_DRIVERS,
                place,
                related=[(f"{other[0]} stands here", other[1])],
                name=name,
                driver=other[0],
                other=driver,
            )
        elif "driver" not in volume and not volume.get("external"):
            volume.put("driver", driver, place, place)
            volumes.put(name, volume, volumes.keys_at.get(name, place), volumes.at.get(name, place))
    root.put("volumes", volumes, root.keys_at.get("volumes", root.place), volumes.place)


def declare_volumes(root: Map, reading: Reading) -> Map:
    """The tree of a project with old files, which need not declare their named volumes."""
    declared, services = root.get("volumes"), root.get("services")
    if not isinstance(services, Map) or not (declared is None or isinstance(declared, Map)):
        return root
    volumes = declared.copy() if isinstance(declared, Map) else Map(root.place)
    for service in services.values():
        for name, place in _named_volumes(service):
            if name not in volumes:
                reading.say(codes.LEGACY_VOLUME, place, name=name)
                volumes.put(name, None, place, place)
    if volumes:
        root = root.copy()
        root.put("volumes", volumes, root.keys_at.get("volumes", root.place), volumes.place)
    return root
