"""A project in the form and the key order in which `docker compose config` prints one.

One table a record; a table's rows are the keys in their order. What is empty is left out, as
Compose does, except where a row says that its emptiness means something.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from compose2ecs.compose.model import InitStep, Job, Project
from compose2ecs.compose.quantity import format_duration
from compose2ecs.compose.scalars import Timestamp


class Form(NamedTuple):
    """What the two outputs of Compose differ in, and what `--no-interpolate` changes."""

    name: str  # yaml or json
    order: Callable[[Iterable[str]], list[str]]  # of keys that no table orders
    nulls: bool  # whether `command: null` and the like are printed


class Row(NamedTuple):
    """One key: how its value is written, and when it is left out."""

    key: str
    write: Callable[[Any, Form], Any]
    keep: bool = False  # print it when it is given, even when it is 0, false or empty
    otherwise: Any = None  # what JSON has where nothing is given; None for nothing
    always: bool = False  # have that in YAML too
    field: str = ""  # the model's name of it, if another


Table = tuple[Row, ...]
_NULL: Any = object()
_MISSING: Any = object()


def canonical(project: Project, form: str = "yaml") -> dict[str, Any]:
    """The project as plain values.

    >>> from compose2ecs import load
    >>> text = "services: {a: {image: i, ports: [80]}}"
    >>> project = load(files={"compose.yaml": text}, environment={})
    >>> canonical(project)["services"]["a"]["ports"]
    [{'mode': 'ingress', 'target': 80, 'protocol': 'tcp'}]
    """
    how = FORMS[form]
    found = _write(used(project), _PROJECT, how)
    if form == "json":
        return {key: found[key] for key in sorted(found)}
    return found


def used(project: Project) -> Project:
    """The project without the networks, volumes, secrets and configs that nobody uses."""
    containers = [*project.services.values(), *(job.container for job in project.jobs.values())]
    networks: set[str] = set()
    volumes: set[str | None] = set()
    secrets: set[str] = set()
    configs: set[str] = set()
    models: set[str] = set()
    for container in containers:
        networks.update(container.networks)
        volumes.update(mount.source for mount in container.volumes if mount.type == "volume")
        secrets.update(grant.source for grant in container.secrets)
        if container.build is not None:
            secrets.update(grant.source for grant in container.build.secrets)
        configs.update(grant.source for grant in container.configs)
        models.update(container.models)
    return project._replace(
        networks={key: value for key, value in project.networks.items() if key in networks},
        volumes={key: value for key, value in project.volumes.items() if key in volumes},
        secrets={key: value for key, value in project.secrets.items() if key in secrets},
        configs={key: value for key, value in project.configs.items() if key in configs},
        models={key: value for key, value in project.models.items() if key in models},
    )


# ---------------------------------------------------------------------------- orders


def natural_order(keys: Iterable[str]) -> list[str]:
    """Keys as Compose's YAML orders them: digits by their number, letters after all else.

    >>> natural_order(["web10", "web2", "Web", "_"])
    ['_', 'Web', 'web2', 'web10']
    """
    return sorted(keys, key=functools.cmp_to_key(_compare))


def _compare(left: str, right: str) -> int:
    at = 0
    for at, (a, b) in enumerate(zip(left, right)):  # noqa: B905, B007
        if a != b:
            break
    else:
        return len(left) - len(right)
    if a.isalpha() or b.isalpha():
        if a.isalpha() and b.isalpha():
            return -1 if a < b else 1
        after_digit = at > 0 and left[at - 1].isdecimal()
        return -1 if a.isalpha() == after_digit else 1
    numbers = (_number_at(left, right, at), _number_at(right, left, at))
    if numbers[0] != numbers[1]:
        return -1 if numbers[0] < numbers[1] else 1
    return -1 if a < b else 1


def _number_at(text: str, other: str, at: int) -> tuple[int, int]:
    """The number that the digits from `at` on make, and where it ends."""
    number = 0
    if "0" in (text[at], other[at]):
        # Behind a digit that counts, a zero counts as well.
        before = at - 1
        while before >= 0 and text[before].isdecimal():
            if text[before] != "0":
                number = 1
                break
            before -= 1
    end = at
    while end < len(text) and text[end].isdecimal():
        number = number * 10 + (ord(text[end]) - ord("0"))
        end += 1
    return number, end


FORMS = {
    "yaml": Form("yaml", natural_order, nulls=False),
    "json": Form("json", sorted, nulls=True),
}


# ---------------------------------------------------------------------------- writers of values


def plain(value: Any, form: Form) -> Any:
    """A value of the file that no table describes, without its places."""
    if isinstance(value, Mapping):
        return {key: plain(value[key], form) for key in form.order(value)}
    if isinstance(value, (list, tuple)):
        return [plain(item, form) for item in value]
    if value.__class__ is Timestamp:
        return Timestamp(_moment(value))
    if value.__class__ is float:
        return number(value, form)
    return value


def _moment(value: str) -> str:
    """A time as Go marshals it, from how Go prints it."""
    date, time, zone, *_ = value.split(" ")
    return f"{date}T{time}{'Z' if zone == '+0000' else f'{zone[:3]}:{zone[3:]}'}"


def same(value: Any, form: Form) -> Any:
    """Kept as it is; a tuple becomes a list."""
    return list(value) if value.__class__ is tuple else value


def number(value: float, form: Form) -> float | int:
    """A number; without a fraction it is printed without one."""
    whole = int(value)
    return whole if whole == value and abs(value) < 1e15 else value


def text(value: Any, form: Form) -> str:
    return str(int(value)) if value else ""


def count(value: Any, form: Form) -> str:
    return str(int(value))


def duration(value: int, form: Form) -> str:
    return format_duration(value)


def delay(value: int, form: Form) -> str:
    """A duration that 0 means nothing to."""
    return format_duration(value) if value else ""


def mode(value: int, form: Form) -> str:
    return f"0{value:o}"


def pairs(value: Mapping[str, Any], form: Form) -> dict[str, Any]:
    return {key: value[key] for key in form.order(value)}


def hosts(value: Iterable[tuple[str, str]], form: Form) -> list[str]:
    return sorted(f"{host}={address}" for host, address in value)


def _unless_true(value: bool, form: Form) -> bool | None:
    return None if value else False


def _preferences(value: Iterable[str], form: Form) -> list[dict[str, str]]:
    return [{"spread": spread} if spread else {} for spread in value]


def _ssh(value: Mapping[str, str | None], form: Form) -> list[str]:
    return sorted(f"{key}={path}" if path else key for key, path in value.items())


def one(table: Table) -> Callable[[Any, Form], Any]:
    """A record."""
    return lambda value, form: _write(value, table, form)


def several(table: Table, *, extensions: bool = True) -> Callable[[Any, Form], Any]:
    """A list of records; Compose drops the `x-` keys of some."""
    return lambda value, form: [_write(item, table, form, extensions=extensions) for item in value]


def named(table: Table, *, null: bool = False) -> Callable[[Any, Form], Any]:
    """Records by name; `null`: a record that is not there is null."""

    def write(value: Mapping[str, Any], form: Form) -> dict[str, Any]:
        return {
            key: None if null and value[key] is None else _write(value[key], table, form)
            for key in form.order(value)
        }

    return write


def _ulimits(value: Mapping[str, Any], form: Form) -> dict[str, Any]:
    return {
        key: value[key].soft
        if value[key].single and value[key].soft  # 0 counts as not given
        else {"soft": value[key].soft, "hard": value[key].hard}
        for key in form.order(value)
    }


def _write(value: Any, table: Table, form: Form, *, extensions: bool = True) -> dict[str, Any]:
    if isinstance(value, Mapping):
        read = value.get
    else:
        read = functools.partial(getattr, value)
    found: dict[str, Any] = {}
    for row in table:
        given = read(row.field or row.key, None)
        if given is not None:
            written = row.write(given, form)
            if written is not None and (
                row.keep or (written.__class__ not in _EMPTY or bool(written))
            ):
                found[row.key] = written
                continue
        if row.otherwise is not None and (form.nulls or row.always):
            found[row.key] = None if row.otherwise is _NULL else row.otherwise
    extra = read("extensions", None) if extensions else None
    if extra:
        for key in form.order(extra):
            found[key] = plain(extra[key], form)
    return found


_EMPTY = (str, int, float, bool, list, dict)


# ---------------------------------------------------------------------------- tables

_NOTHING: dict[str, Any] = {}


def _plain_rows(*keys: str) -> Table:
    return tuple(Row(key, same) for key in keys)


_PORT: Table = _plain_rows(
    "name", "mode", "host_ip", "target", "published", "protocol", "app_protocol"
)
_GRANT: Table = (*_plain_rows("source", "target", "uid", "gid"), Row("mode", mode, keep=True))
_MOUNT: Table = (
    *_plain_rows("type", "source", "target", "read_only", "consistency"),
    Row(
        "bind",
        one(
            (
                *_plain_rows("selinux", "propagation"),
                Row("create_host_path", _unless_true, keep=True),
                Row("recursive", same),
            )
        ),
        keep=True,
    ),
    Row("volume", one((Row("labels", pairs), *_plain_rows("nocopy", "subpath"))), keep=True),
    Row("tmpfs", one((Row("size", text), Row("mode", same))), keep=True),
    Row("image", one(_plain_rows("subpath")), keep=True),
)
_DEVICE_REQUEST: Table = (
    *_plain_rows("capabilities", "driver"),
    Row("count", same, keep=True, field="amount"),
    Row("device_ids", same),
    Row("options", pairs),
)
# A reservation must have capabilities, though it be none.
_RESERVED: Table = (Row("capabilities", same, keep=True), *_DEVICE_REQUEST[1:])
_KIND: Table = (
    Row("kind", same, keep=True, otherwise="", always=True),
    Row("value", same, keep=True, otherwise=0, always=True),
)
_UPDATE: Table = (
    Row("parallelism", same, keep=True),
    Row("delay", delay),
    Row("failure_action", same),
    Row("monitor", delay),
    Row("max_failure_ratio", number),
    Row("order", same),
)
_DEPLOY: Table = (
    Row("mode", same),
    Row("replicas", same, keep=True),
    Row("labels", pairs),
    Row("update_config", one(_UPDATE), keep=True),
    Row("rollback_config", one(_UPDATE), keep=True),
    Row(
        "resources",
        one(
            (
                Row(
                    "limits",
                    one((Row("cpus", number), Row("memory", text), Row("pids", same))),
                    keep=True,
                ),
                Row(
                    "reservations",
                    one(
                        (
                            Row("cpus", number),
                            Row("memory", text),
                            Row("devices", several(_RESERVED, extensions=False)),
                            Row(
                                "generic_resources",
                                several(
                                    (
                                        Row(
                                            "discrete_resource_spec",
                                            one(_KIND),
                                            keep=True,
                                        ),
                                    )
                                ),
                            ),
                        )
                    ),
                    keep=True,
                ),
            )
        ),
        otherwise=_NOTHING,
    ),
    Row(
        "restart_policy",
        one(
            (
                Row("condition", same),
                Row("delay", duration, keep=True),
                Row("max_attempts", same, keep=True),
                Row("window", duration, keep=True),
            )
        ),
        keep=True,
    ),
    Row(
        "placement",
        one(
            (
                Row("constraints", same),
                Row("preferences", _preferences),
                Row("max_replicas_per_node", same),
            )
        ),
        otherwise=_NOTHING,
    ),
    Row("endpoint_mode", same),
)
_HOOK: Table = (
    Row("command", same, keep=True, otherwise=_NULL, always=True),  # a hook must have one
    *_plain_rows("user", "privileged", "working_dir"),
    Row("environment", pairs),
)
_WATCH: Table = (
    *_plain_rows("path", "action", "target"),
    Row("exec", one(_HOOK)),
    *_plain_rows("include", "ignore", "initial_sync"),
)
_RATE: Table = (Row("path", same, keep=True), Row("rate", count, keep=True))
_WEIGHT: Table = (Row("path", same, keep=True), Row("weight", same, keep=True))
_BLKIO: Table = (
    Row("weight", same),
    Row("weight_device", several(_WEIGHT)),
    Row("device_read_bps", several(_RATE)),
    Row("device_read_iops", several(_RATE)),
    Row("device_write_bps", several(_RATE)),
    Row("device_write_iops", several(_RATE)),
)
_JOIN: Table = (
    Row("aliases", same),
    Row("driver_opts", pairs),
    Row("gw_priority", number),
    *_plain_rows("interface_name", "ipv4_address", "ipv6_address", "link_local_ips", "mac_address"),
    Row("priority", number),
)
_BUILD: Table = (
    *_plain_rows("context", "dockerfile", "dockerfile_inline", "entitlements"),
    Row("args", pairs),
    *_plain_rows("provenance", "sbom"),
    Row("ssh", _ssh),
    Row("labels", pairs),
    *_plain_rows("cache_from", "cache_to", "no_cache", "no_cache_filter"),
    Row("additional_contexts", pairs),
    Row("pull", same),
    Row("extra_hosts", hosts),
    *_plain_rows("isolation", "network", "target"),
    Row("secrets", several(_GRANT)),
    Row("shm_size", text),
    Row("tags", same),
    Row("ulimits", _ulimits),
    *_plain_rows("platforms", "privileged"),
)
_CONTAINER: Table = (
    Row("annotations", pairs),
    Row("blkio_config", one(_BLKIO), keep=True),
    *_plain_rows("cap_add", "cap_drop", "cgroup_parent", "cgroup", "cpu_count"),
    Row("cpu_percent", number),
    *_plain_rows("cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime"),
    Row("cpus", number),
    *_plain_rows("cpuset", "cpu_shares"),
    Row("command", same, keep=True, otherwise=_NULL),
    Row("configs", several(_GRANT)),
    Row("credential_spec", one(_plain_rows("config", "file", "registry")), keep=True),
    Row("device_cgroup_rules", same),
    Row("devices", several(_plain_rows("source", "target", "permissions"))),
    *_plain_rows("dns", "dns_opt", "dns_search", "domainname"),
    Row("entrypoint", same, keep=True, otherwise=_NULL),
    Row("environment", pairs),
    Row(
        "env_file",
        several((Row("path", same), Row("required", _unless_true, keep=True), Row("format", same))),
    ),
    Row("extra_hosts", hosts),
    Row("group_add", same),
    Row("gpus", several(_DEVICE_REQUEST, extensions=False)),
    *_plain_rows("hostname", "image"),
    Row("init", same, keep=True),
    *_plain_rows("ipc", "isolation"),
    Row("labels", pairs),
    Row("label_file", same),
    Row("logging", one((Row("driver", same), Row("options", pairs))), keep=True),
    Row("mem_limit", text),
    Row("mem_reservation", text),
    Row("memswap_limit", text),
    Row("mem_swappiness", text),
    Row("mac_address", same),
    Row("models", named(_plain_rows("endpoint_var", "model_var"), null=True)),
    Row("network_mode", same),
    Row("networks", named(_JOIN, null=True)),
    *_plain_rows("oom_kill_disable", "oom_score_adj", "pid", "pids_limit", "platform"),
    *_plain_rows("privileged", "pull_policy", "pull_refresh_after", "read_only", "runtime"),
    Row("secrets", several(_GRANT)),
    Row("security_opt", same),
    Row("shm_size", text),
    Row("stop_grace_period", duration, keep=True),
    Row("stop_signal", same),
    Row("storage_opt", pairs),
    Row("sysctls", pairs),
    Row("tmpfs", same),
    Row("ulimits", _ulimits),
    *_plain_rows("use_api_socket", "user", "userns_mode", "uts"),
    Row("volumes", several(_MOUNT)),
    *_plain_rows("volumes_from", "working_dir"),
)
_WORKLOAD: Table = (
    Row("build", one(_BUILD), keep=True),
    Row(
        "depends_on",
        named((Row("condition", same), Row("restart", same), Row("required", same, keep=True))),
    ),
    Row("expose", same),
    Row(
        "healthcheck",
        one(
            (
                Row("test", same),
                Row("timeout", duration, keep=True),
                Row("interval", duration, keep=True),
                Row("retries", same, keep=True),
                Row("start_period", duration, keep=True),
                Row("start_interval", duration, keep=True),
                Row("disable", same),
            )
        ),
        keep=True,
    ),
    Row("ports", several(_PORT)),
    *_plain_rows("stdin_open", "tty"),
)
_INIT: Table = (*_CONTAINER, Row("per_replica", same))


def _init(value: Iterable[InitStep], form: Form) -> list[dict[str, Any]]:
    return [
        _write({**step.container._asdict(), "per_replica": step.per_replica}, _INIT, form)
        for step in value
    ]


_SERVICE: Table = (
    Row("profiles", same),
    Row("deploy", one(_DEPLOY), keep=True),
    Row("develop", one((Row("watch", several(_WATCH)),)), keep=True),
    Row("restart", same),
    Row("scale", same, keep=True),
    Row("attach", same, keep=True),
    Row("container_name", same),
    Row("provider", one((Row("type", same), Row("options", plain))), keep=True),
    *_plain_rows("external_links", "links"),
    Row("pre_start", _init),
    Row("post_start", several(_HOOK)),
    Row("pre_stop", several(_HOOK)),
    # a service's env files are in its environment
    *(row for row in _CONTAINER if row.key != "env_file"),
    *_WORKLOAD,
)
_TRIGGERS: Table = (
    Row("manual", same, keep=True),
    Row("schedule", several(_plain_rows("cron", "timezone", "concurrency", "missed_fires"))),
)
_JOB: Table = (
    Row("profiles", same),
    Row("triggers", one(_TRIGGERS), keep=True),
    *_CONTAINER,
    *_WORKLOAD,
)


def _jobs(value: Mapping[str, Job], form: Form) -> dict[str, Any]:
    return {
        key: _write({**value[key].container._asdict(), "triggers": value[key].triggers}, _JOB, form)
        for key in form.order(value)
    }


_NETWORK: Table = (
    Row("name", same),
    Row("driver", same),
    Row("driver_opts", pairs),
    Row(
        "ipam",
        one(
            (
                Row("driver", same),
                Row(
                    "config",
                    several(
                        (
                            *_plain_rows("subnet", "gateway", "ip_range"),
                            Row("aux_addresses", pairs),
                        ),
                        extensions=False,
                    ),
                ),
                Row("options", pairs),
            )
        ),
        otherwise=_NOTHING,
    ),
    *_plain_rows("external", "internal", "attachable"),
    Row("labels", pairs),
    Row("enable_ipv4", same, keep=True),
    Row("enable_ipv6", same, keep=True),
)
_VOLUME: Table = (
    *_plain_rows("name", "driver"),
    Row("driver_opts", pairs),
    Row("external", same),
    Row("labels", pairs),
)
_SECRET: Table = (
    *_plain_rows("name", "file", "environment"),
    Row("content", same, keep=True),
    Row("external", same),
    Row("labels", pairs),
    Row("driver", same),
    Row("driver_opts", pairs),
    Row("template_driver", same),
)
_MODEL: Table = (
    Row("name", same),
    Row("model", same, keep=True),
    *_plain_rows("context_size", "runtime_flags"),
)
_PROJECT: Table = (
    Row("name", same),
    Row("services", named(_SERVICE), keep=True),
    Row("jobs", _jobs),
    Row("networks", named(_NETWORK)),
    Row("volumes", named(_VOLUME)),
    Row("secrets", named(_SECRET)),
    Row("configs", named(_SECRET)),
    Row("models", named(_MODEL)),
)
