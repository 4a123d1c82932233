"""Container rules, one file a concern: each declares the service keys it uses up."""

from __future__ import annotations

from compose2ecs.ecs.rules import (
    environment,
    health,
    image,
    linux,
    logging,
    network,
    ports,
    process,
    resources,
    volumes,
)

# In the order in which the fields stand in the container definition.
_CONTAINER = (
    image,
    resources,
    ports,
    network,
    process,
    environment,
    health,
    volumes,
    linux,
    logging,
)
APPLY = tuple(module.apply for module in _CONTAINER)
# Keys that whole tasks and services are made of (groups, discovery, endpoints, services).
_ELSEWHERE = ("deploy", "depends_on", "scale", "profiles", "extends", "pre_start")
USED: frozenset[str] = frozenset(key for module in _CONTAINER for key in module.KEYS) | frozenset(
    _ELSEWHERE
)
