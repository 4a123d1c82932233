"""THE table of Compose's service keys: how each is read, and how an override file joins it.

Source: https://docs.docker.com/reference/compose-file/services/
"""

from __future__ import annotations

from typing import Any, NamedTuple

from compose2ecs.compose.readers.build import read_build, read_gpus, read_hosts, read_ulimits
from compose2ecs.compose.readers.deploy import read_cpus, read_deploy
from compose2ecs.compose.readers.lifecycle import (
    read_command,
    read_container_name,
    read_depends_on,
    read_develop,
    read_dns,
    read_env_file,
    read_healthcheck,
    read_hook,
    read_label_file,
    read_logging,
    read_networks,
    read_provider_options,
    read_pull_policy,
    storage_option,
)
from compose2ecs.compose.readers.mounts import (
    read_configs,
    read_devices,
    read_mounts,
    read_secrets,
)
from compose2ecs.compose.readers.ports import read_ports
from compose2ecs.compose.reading import (
    Reader,
    Reading,
    boolean,
    choice,
    duration,
    either,
    integer,
    items,
    mapping,
    pairs,
    record,
    size,
    strict_boolean,
    strict_integer,
    string,
    strings,
    truncated,
    whole,
    whole_size,
)


class Key(NamedTuple):
    """One service key. `join` names the rule of `join.py`; `null` says that it may be empty."""

    read: Reader
    join: str = "merge"
    null: bool = False


def _pre_start(value: Any, place: int, reading: Reading) -> Any:
    from compose2ecs.compose.containers import read_pre_start  # which needs this table

    return read_pre_start(value, place, reading)


_dict = dict
_PAIRS = Key(pairs(), "pairs")
_MAY_SET = strings(scalar=True)
_REFUSES = Key(strings(duplicates="refuse"))
_rate = record(
    _dict, {"path": string, "rate": whole_size}, extensions=False, defaults={"path": "", "rate": 0}
)
_weight = record(
    _dict,
    {"path": string, "weight": strict_integer},
    extensions=False,
    defaults={"path": "", "weight": 0},
)
_model_use = record(_dict, {"endpoint_var": string, "model_var": string})

SERVICE_KEYS: dict[str, Key] = {
    "annotations": _PAIRS,
    "attach": Key(boolean),
    "blkio_config": Key(
        record(
            _dict,
            {
                "device_read_bps": items(_rate),
                "device_read_iops": items(_rate),
                "device_write_bps": items(_rate),
                "device_write_iops": items(_rate),
                "weight": strict_integer,
                "weight_device": items(_weight),
            },
            extensions=False,
        )
    ),
    "build": Key(read_build, "build"),
    "cap_add": Key(strings(mark="=")),
    "cap_drop": Key(strings(mark="=")),
    "cgroup": Key(choice("host", "private")),
    "cgroup_parent": Key(string),
    "command": Key(read_command, "replace", null=True),
    "configs": Key(read_configs),
    "container_name": Key(read_container_name),
    "cpu_count": Key(whole(0, 2**63 - 1)),
    "cpu_percent": Key(whole(0, 100)),
    "cpu_period": Key(truncated),
    "cpu_quota": Key(truncated),
    "cpu_rt_period": Key(truncated),
    "cpu_rt_runtime": Key(truncated),
    "cpu_shares": Key(truncated),
    "cpus": Key(read_cpus),
    "cpuset": Key(string),
    "credential_spec": Key(record(_dict, {"config": string, "file": string, "registry": string})),
    "depends_on": Key(read_depends_on, "depends_on"),
    "deploy": Key(read_deploy, "deploy", null=True),
    "develop": Key(read_develop, null=True),
    "device_cgroup_rules": _REFUSES,
    "devices": Key(read_devices),
    "dns": Key(read_dns, "listed"),
    "dns_opt": Key(strings(), "listed"),
    "dns_search": Key(_MAY_SET, "listed"),
    "domainname": Key(string),
    "entrypoint": Key(read_command, "replace", null=True),
    "env_file": Key(read_env_file, "listed"),
    "environment": Key(pairs(null=None, lookup=True), "pairs"),
    "expose": Key(strings(integers=True, loose=True)),
    "extends": Key(
        either(
            lambda value, place, reading: {"service": value},
            record(_dict, {"service": string, "file": string}, required=("service",)),
        )
    ),
    "external_links": _REFUSES,
    "extra_hosts": Key(read_hosts, "hosts"),
    "gpus": Key(read_gpus, "gpus"),
    "group_add": Key(strings(integers=True, duplicates="refuse")),
    "healthcheck": Key(read_healthcheck, "healthcheck"),
    "hostname": Key(string),
    "image": Key(string),
    "init": Key(boolean),
    "ipc": Key(string),
    "isolation": Key(string),
    "label_file": Key(read_label_file, "listed"),
    "labels": _PAIRS,
    "links": Key(strings(mark="=")),
    "logging": Key(read_logging, "logging"),
    "mac_address": Key(string),
    "mem_limit": Key(size),
    "mem_reservation": Key(whole_size),
    "mem_swappiness": Key(either(size, strict_integer)),
    "memswap_limit": Key(size),
    "models": Key(
        lambda value, place, reading: (
            dict.fromkeys(strings(duplicates="refuse")(value, place, reading))
            if isinstance(value, list)
            else mapping(_model_use, null=True)(value, place, reading)
        ),
        "named",
    ),
    "network_mode": Key(string),
    "networks": Key(read_networks, "named"),
    "oom_kill_disable": Key(boolean),
    "oom_score_adj": Key(whole(-1000, 1000)),
    "pid": Key(string),
    "pids_limit": Key(truncated),
    "platform": Key(string),
    "ports": Key(read_ports),
    "post_start": Key(items(read_hook)),
    "pre_start": Key(_pre_start),
    "pre_stop": Key(items(read_hook)),
    "privileged": Key(boolean),
    "profiles": Key(strings(mark="=")),
    "provider": Key(
        record(_dict, {"type": string, "options": read_provider_options}, required=("type",))
    ),
    "pull_policy": Key(read_pull_policy),
    "pull_refresh_after": Key(string),
    "read_only": Key(boolean),
    "restart": Key(string),
    "runtime": Key(string),
    "scale": Key(integer),
    "secrets": Key(read_secrets),
    "security_opt": _REFUSES,
    "shm_size": Key(size),
    "stdin_open": Key(boolean),
    "stop_grace_period": Key(duration),
    "stop_signal": Key(string),
    "storage_opt": Key(mapping(storage_option)),
    "sysctls": _PAIRS,
    "tmpfs": Key(strings(scalar=True, mark="="), "listed"),
    "tty": Key(boolean),
    "ulimits": Key(read_ulimits, "ulimits"),
    "use_api_socket": Key(strict_boolean),
    "user": Key(string),
    "userns_mode": Key(string),
    "uts": Key(string),
    "volumes": Key(read_mounts),
    "volumes_from": _REFUSES,
    "working_dir": Key(string),
}

# What a service has and no other container does.
SERVICE_ONLY = frozenset(
    (
        *("attach", "container_name", "deploy", "develop", "extends", "external_links", "links"),
        *("post_start", "pre_start", "pre_stop", "profiles", "provider", "restart", "scale"),
    )
)
# What services and jobs have, and a `pre_start` step has not.
WORKLOAD_KEYS = frozenset(
    ("build", "depends_on", "expose", "healthcheck", "ports", "stdin_open", "tty")
)
CONTAINER_KEYS = frozenset(SERVICE_KEYS) - SERVICE_ONLY - WORKLOAD_KEYS

# Keys that Compose once read here and no longer does, or that people write from memory.
MISPLACED = {
    "port": "ports",
    "env": "environment",
    "envs": "environment",
    "environments": "environment",
    "cmd": "command",
    "args": "build.args",
    "context": "build.context",
    "dockerfile": "build.dockerfile",
    "replicas": "deploy.replicas",
    "resources": "deploy.resources",
    "limits": "deploy.resources.limits",
    "memory": "deploy.resources.limits.memory",
    "mem": "mem_limit",
    "cpu": "cpus",
    "depends": "depends_on",
    "workdir": "working_dir",
    "health_check": "healthcheck",
    "health": "healthcheck",
    "volume": "volumes",
    "network": "networks",
    "link": "links",
}
