"""What becomes of each Compose key, for EC2 and for Fargate: the table that docs/mapping.md prints.

Nothing of a conversion needs it. The tests hold it to the rules: every key of Compose's is in it
once, what it calls mapped changes the output of some case, and what it calls left out does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from compose2ecs.ecs.fargate import REFUSED
from compose2ecs.ecs.launch import Launch
from compose2ecs.ecs.unsupported import KEYS as UNSUPPORTED

MAPPED = "mapped"  # it means the same on ECS
APPROXIMATED = "approximated"  # it means less, or something near; a warning says what
LEFT_OUT = "left out"  # it has no effect; a warning says so
IGNORED = "ignored"  # it has no effect and needs none; an info says so
REFUSED_ = "refused"  # an error says what to do instead
READ = "read"  # it says how the file is read, or makes others say something


class Row(NamedTuple):
    """One key: what becomes of it on EC2 and on Fargate, the ECS field, and why."""

    key: str
    ec2: str
    fargate: str
    becomes: str
    why: str = ""


_CONTAINER = "containerDefinitions[]."
_LINUX = _CONTAINER + "linuxParameters."


def _mapped(key: str, becomes: str, why: str = "", *, fargate: str = MAPPED) -> Row:
    return Row(key, MAPPED, fargate, becomes, why)


def _near(key: str, becomes: str, why: str, *, fargate: str = APPROXIMATED) -> Row:
    return Row(key, APPROXIMATED, fargate, becomes, why)


def _lost(key: str, why: str) -> Row:
    return Row(key, LEFT_OUT, LEFT_OUT, "", why)


def _ignored(key: str, why: str) -> Row:
    return Row(key, IGNORED, IGNORED, "", why)


def _read(key: str, why: str) -> Row:
    return Row(key, READ, READ, "", why)


_SERVICE = (
    _mapped("build", _CONTAINER + "image", "named `<registry>/<project>-<service>:<tag>`"),
    _mapped("cap_add", _LINUX + "capabilities.add", "Fargate adds SYS_PTRACE only"),
    _mapped("cap_drop", _LINUX + "capabilities.drop"),
    _mapped("command", _CONTAINER + "command", "a text is split as Compose splits it"),
    _lost("configs", "ECS mounts no files: bake them into the image or use a variable"),
    _read(
        "container_name", "the agent names containers itself; an external service is known by it"
    ),
    _mapped("cpu_count", _CONTAINER + "cpu", "1024 units to a CPU"),
    _mapped("cpu_period", _CONTAINER + "cpu", "with `cpu_quota`"),
    _mapped("cpu_quota", _CONTAINER + "cpu", "quota / period, in units of 1/1024 CPU"),
    _mapped("cpu_shares", _CONTAINER + "cpu", "as they are"),
    _mapped("cpus", _CONTAINER + "cpu", "a share on EC2, not a limit; deploy.resources wins"),
    _mapped("depends_on", _CONTAINER + "dependsOn", "across tasks: the order of creation"),
    _mapped("devices", _LINUX + "devices", "paths only"),
    _mapped("dns", _CONTAINER + "dnsServers"),
    _mapped("dns_search", _CONTAINER + "dnsSearchDomains"),
    _mapped("entrypoint", _CONTAINER + "entryPoint"),
    _mapped("env_file", _CONTAINER + "environment", "read when the file is read"),
    _mapped("environment", _CONTAINER + "environment"),
    _mapped("expose", _CONTAINER + "portMappings", "where Service Connect or a route needs it"),
    _read("extends", "resolved before anything is translated"),
    _mapped("extra_hosts", _CONTAINER + "extraHosts", "addresses only, not host-gateway"),
    _mapped("gpus", _CONTAINER + "resourceRequirements", "a count", fargate=REFUSED_),
    _mapped("healthcheck", _CONTAINER + "healthCheck", "within the ranges ECS allows"),
    _mapped("hostname", _CONTAINER + "hostname"),
    _mapped("image", _CONTAINER + "image"),
    _mapped("init", _LINUX + "initProcessEnabled"),
    _mapped(
        "ipc",
        "ipcMode",
        "of the whole task; on Fargate `service:x` only shares the task",
        fargate=APPROXIMATED,
    ),
    _mapped("label_file", _CONTAINER + "dockerLabels", "read when the file is read"),
    _mapped("labels", _CONTAINER + "dockerLabels"),
    _mapped(
        "links",
        _CONTAINER + "links",
        "one task, or Service Connect names where they cannot be in one task",
        fargate=APPROXIMATED,
    ),
    _mapped("logging", _CONTAINER + "logConfiguration", "json-file and local go to CloudWatch"),
    _mapped("mem_limit", _CONTAINER + "memory", "MiB, rounded up; deploy.resources wins"),
    _mapped("mem_reservation", _CONTAINER + "memoryReservation", "MiB, rounded up"),
    _mapped("mem_swappiness", _LINUX + "swappiness", "with `memswap_limit`"),
    _mapped("memswap_limit", _LINUX + "maxSwap", "less the memory limit"),
    _mapped(
        "network_mode",
        "networkMode",
        "host, none; `service:x` shares a task with awsvpc networking",
        fargate=APPROXIMATED,
    ),
    _mapped("networks", "serviceConnectConfiguration", "who shares one finds each other by name"),
    _mapped("pid", "pidMode", "of the whole task; Fargate has `task` only"),
    _mapped("platform", "runtimePlatform", "linux/amd64 and linux/arm64"),
    _mapped(
        "ports", _CONTAINER + "portMappings", "hostPort 0 unless `mode: host`; web ports are routed"
    ),
    _mapped(
        "pre_start",
        "containerDefinitions[]",
        "a container that runs at each task start, before its service's",
    ),
    _mapped("privileged", _CONTAINER + "privileged"),
    _read("profiles", "decide which services there are"),
    _mapped("read_only", _CONTAINER + "readonlyRootFilesystem"),
    _near("restart", "", "an ECS service replaces every task that stops, also after `no`"),
    _mapped("scale", "desiredCount"),
    _near("secrets", _CONTAINER + "secrets", "variables, not files: those that AWS keeps"),
    _mapped("security_opt", _CONTAINER + "dockerSecurityOptions", "not seccomp"),
    _mapped("shm_size", _LINUX + "sharedMemorySize", "MiB, rounded up"),
    _mapped("stdin_open", _CONTAINER + "interactive"),
    _mapped("stop_grace_period", _CONTAINER + "stopTimeout", "seconds; at most 120 on Fargate"),
    Row("storage_opt", LEFT_OUT, MAPPED, "ephemeralStorage", "`size`, 21 to 200 GiB, on Fargate"),
    _mapped("sysctls", _CONTAINER + "systemControls", "namespaced ones"),
    _mapped("tmpfs", _LINUX + "tmpfs", "64 MiB where no size is given"),
    _mapped("tty", _CONTAINER + "pseudoTerminal"),
    _mapped("ulimits", _CONTAINER + "ulimits"),
    _mapped("user", _CONTAINER + "user"),
    _mapped(
        "volumes", "volumes, mountPoints", "named: on the instance; relative paths are left out"
    ),
    _mapped("volumes_from", _CONTAINER + "volumesFrom", "services of one task"),
    _mapped("working_dir", _CONTAINER + "workingDirectory"),
)
_DEPLOY = (
    _lost("deploy.endpoint_mode", "ECS has no virtual IPs"),
    _lost("deploy.labels", "they are for the service: `x-ecs: {tags: ...}`"),
    _mapped("deploy.mode", "schedulingStrategy", "`global` is DAEMON", fargate=APPROXIMATED),
    _mapped(
        "deploy.placement.constraints",
        "placementConstraints",
        "on Fargate `node.platform.arch` is `runtimePlatform`",
        fargate=APPROXIMATED,
    ),
    _mapped(
        "deploy.placement.max_replicas_per_node",
        "placementConstraints",
        "1 is distinctInstance",
        fargate=LEFT_OUT,
    ),
    _mapped("deploy.placement.preferences", "placementStrategy", "spread", fargate=LEFT_OUT),
    _mapped("deploy.replicas", "desiredCount"),
    _mapped("deploy.resources.limits.cpus", _CONTAINER + "cpu", "where nothing is reserved"),
    _mapped("deploy.resources.limits.memory", _CONTAINER + "memory"),
    _lost("deploy.resources.limits.pids", "ECS has no field for it"),
    _mapped("deploy.resources.reservations.cpus", _CONTAINER + "cpu"),
    _mapped(
        "deploy.resources.reservations.devices",
        _CONTAINER + "resourceRequirements",
        "GPUs, by number",
        fargate=REFUSED_,
    ),
    _lost("deploy.resources.reservations.generic_resources", "ECS knows GPUs only"),
    _mapped("deploy.resources.reservations.memory", _CONTAINER + "memoryReservation"),
    _lost("deploy.restart_policy", "an ECS service replaces every task that stops"),
    _lost("deploy.rollback_config", "a rollback follows the rules of an update"),
    _lost("deploy.update_config.delay", "ECS goes on as soon as tasks are healthy"),
    _mapped("deploy.update_config.failure_action", "deploymentCircuitBreaker"),
    _lost("deploy.update_config.max_failure_ratio", "the circuit breaker counts failed tasks"),
    _lost("deploy.update_config.monitor", "the circuit breaker watches the whole deployment"),
    _mapped("deploy.update_config.order", "minimumHealthyPercent, maximumPercent"),
    _mapped("deploy.update_config.parallelism", "minimumHealthyPercent"),
)
_TOP = (
    _read("include", "resolved before anything is translated"),
    _read("name", "the stack's name, and the start of every other"),
    _read("networks", "services that share one find each other, in one Service Connect namespace"),
    _ignored("networks.attachable", "ECS has networks of its own"),
    _ignored("networks.driver", "`bridge` and `overlay` need no word"),
    _ignored("networks.driver_opts", "ECS has networks of its own"),
    _ignored("networks.enable_ipv4", "it is the VPC's to say"),
    _ignored("networks.enable_ipv6", "it is the VPC's to say"),
    _ignored("networks.external", "services that name it find each other all the same"),
    _lost("networks.internal", "deny the way out in security groups or subnets"),
    _ignored("networks.ipam", "ECS gives addresses itself"),
    _ignored("networks.labels", "there is no network to put them on"),
    _ignored("networks.name", "there is no network to call so"),
    _read(
        "volumes", "by the services that mount them: of the instance, of a task on Fargate, or EFS"
    ),
    _mapped("volumes.driver", "volumes[].dockerVolumeConfiguration.driver", "", fargate=LEFT_OUT),
    _mapped(
        "volumes.driver_opts",
        "volumes[].dockerVolumeConfiguration.driverOpts",
        "NFS options that name an EFS file system become efsVolumeConfiguration",
    ),
    _mapped("volumes.external", "autoprovision: false", "", fargate=LEFT_OUT),
    _mapped("volumes.labels", "volumes[].dockerVolumeConfiguration.labels", "", fargate=IGNORED),
    _mapped("volumes.name", "volumes[].name", "", fargate=MAPPED),
    _read("secrets", "by the services that name them"),
    _read("configs", "by the services that name them"),
    _mapped("jobs", "run-tasks, schedules", "a task definition, and what starts it"),
    _read("models", "by the services that name them"),
    _read("services", "see above"),
    _ignored("version", "Compose ignores it, too"),
)


def service_rows() -> tuple[Row, ...]:
    """The keys of a service, in order; what Fargate refuses is known from the table that acts."""
    refused = {
        key for row in REFUSED if row.where(Launch("awsvpc", fargate=True)) for key in row.keys
    }
    rows = [
        row._replace(fargate=LEFT_OUT) if row.key in refused and row.key != "network_mode" else row
        for row in _SERVICE
    ]
    for key, unsupported in UNSUPPORTED.items():
        say = _lost if unsupported.lost else _ignored
        rows.append(say(key, unsupported.reason))
    return tuple(sorted(rows))


def deploy_rows() -> tuple[Row, ...]:
    return _DEPLOY


def top_rows() -> tuple[Row, ...]:
    return _TOP


def markdown() -> str:
    """The tables of docs/mapping.md."""
    parts = [
        ("## Keys of a service", service_rows()),
        ("## `deploy`", deploy_rows()),
        ("## The top level", top_rows()),
    ]
    return "\n\n".join(f"{title}\n\n{_table(rows)}" for title, rows in parts)


def _table(rows: Iterable[Row]) -> str:
    lines = ["| key | EC2 | Fargate | becomes | what to know |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        becomes = f"`{row.becomes}`" if row.becomes else ""
        lines.append(f"| `{row.key}` | {row.ec2} | {row.fargate} | {becomes} | {row.why} |")
    return "\n".join(lines)
