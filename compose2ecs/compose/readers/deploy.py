"""`deploy`: replicas, resources, placement, updates.

Source: https://docs.docker.com/reference/compose-file/deploy/
"""

from __future__ import annotations

from typing import Any

from compose2ecs import codes
from compose2ecs.compose.model import (
    Deploy,
    Limits,
    Placement,
    Reservations,
    Resources,
    RestartPolicy,
    UpdateConfig,
)
from compose2ecs.compose.readers.build import device_request
from compose2ecs.compose.reading import (
    Reading,
    choice,
    duration,
    integer,
    items,
    natural,
    pairs,
    record,
    size_text,
    small_decimal,
    string,
    strings,
    truncated,
)


def read_cpus(value: Any, place: int, reading: Reading) -> float | None:
    """A number of CPUs; 0 means unset."""
    cpus = small_decimal(value, place, reading)
    if cpus is None or cpus == 0:
        return None
    if cpus < 0:
        reading.say(codes.NEGATIVE, place, value=value)
        return None
    return cpus


def _reserved_device(value: Any, place: int, reading: Reading) -> Any:
    request = device_request(value, place, reading)
    if request is not None and "capabilities" not in value:
        reading.say(codes.MISSING_KEY, place, key="capabilities")
    return request


def _preference(value: Any, place: int, reading: Reading) -> str | None:
    return record(lambda spread="", **_: spread, {"spread": string})(value, place, reading)  # type: ignore[no-any-return]


_update = record(
    UpdateConfig,
    {
        "parallelism": natural,
        "delay": duration,
        "failure_action": string,
        "monitor": duration,
        "max_failure_ratio": small_decimal,
        "order": choice("start-first", "stop-first"),
    },
)
_generic = items(
    record(
        lambda **found: found,
        {
            "discrete_resource_spec": record(
                lambda **found: found, {"kind": string, "value": truncated}
            )
        },
    )
)

read_deploy = record(
    Deploy,
    {
        "mode": string,
        "endpoint_mode": string,
        "replicas": integer,
        "labels": pairs(),
        "update_config": _update,
        "rollback_config": _update,
        "resources": record(
            Resources,
            {
                "limits": record(Limits, {"cpus": read_cpus, "memory": size_text, "pids": integer}),
                "reservations": record(
                    Reservations,
                    {
                        "cpus": read_cpus,
                        "memory": size_text,
                        "devices": items(_reserved_device),
                        "generic_resources": _generic,
                    },
                ),
            },
        ),
        "restart_policy": record(
            RestartPolicy,
            {
                "condition": string,
                "delay": duration,
                "max_attempts": natural,
                "window": duration,
            },
        ),
        "placement": record(
            Placement,
            {
                "constraints": strings(duplicates="keep"),
                "preferences": items(_preference),
                "max_replicas_per_node": natural,
            },
        ),
    },
)
