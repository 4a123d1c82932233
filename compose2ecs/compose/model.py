"""The Compose model: what a project says, in typed, immutable values.

Every record is a NamedTuple: immutable, and ten times cheaper to define at start-up than a frozen
dataclass (0.1 ms against 1 ms each), which is what keeps `convert` near the cost of its imports.
Field names are Compose's own keys. Absent is None, or the empty tuple or mapping for a collection.
`place` is where the value stands (see `compose2ecs.report.Sources.span`), 0 where nobody wrote it.
Source: https://docs.docker.com/reference/compose-file/
"""

# No `from __future__ import annotations` here: NamedTuple compiles each annotation that is a string,
# which made this module the slowest to import.
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from compose2ecs.report import Sources

EMPTY: Mapping[str, Any] = MappingProxyType({})


class Bytes(int):
    """A size in bytes."""


class Duration(int):
    """A length of time in nanoseconds, as Go counts it."""

    @property
    def seconds(self) -> float:
        return self / 1_000_000_000


class Port(NamedTuple):
    """One published or exposed container port (`services.*.ports[]`)."""

    target: int
    published: str | None = None  # a port, or a range "8000-9000" to choose from
    host_ip: str | None = None
    protocol: str = "tcp"
    mode: str = "ingress"
    name: str | None = None
    app_protocol: str | None = None
    extensions: Mapping[str, Any] = EMPTY
    place: int = 0


class BindOptions(NamedTuple):
    propagation: str | None = None
    create_host_path: bool | None = None
    recursive: str | None = None
    selinux: str | None = None
    extensions: Mapping[str, Any] = EMPTY


class VolumeOptions(NamedTuple):
    labels: Mapping[str, str] = EMPTY
    nocopy: bool | None = None
    subpath: str | None = None
    extensions: Mapping[str, Any] = EMPTY


class TmpfsOptions(NamedTuple):
    size: Bytes | None = None
    mode: int | None = None
    extensions: Mapping[str, Any] = EMPTY


class ImageOptions(NamedTuple):
    subpath: str | None = None
    extensions: Mapping[str, Any] = EMPTY


class Mount(NamedTuple):
    """One mount (`services.*.volumes[]`); `type` is bind, volume, tmpfs, cluster, npipe or image."""

    type: str
    target: str | None = None
    source: str | None = None
    read_only: bool | None = None
    consistency: str | None = None
    bind: BindOptions | None = None
    volume: VolumeOptions | None = None
    tmpfs: TmpfsOptions | None = None
    image: ImageOptions | None = None
    extensions: Mapping[str, Any] = EMPTY
    place: int = 0
    relative: str | None = None  # the source as written, where it was a relative path


class FileGrant(NamedTuple):
    """A config or secret given to a service (`services.*.{configs,secrets}[]`)."""

    source: str
    target: str | None = None
    uid: str | None = None
    gid: str | None = None
    mode: int | None = None
    extensions: Mapping[str, Any] = EMPTY
    place: int = 0


class Ulimit(NamedTuple):
    soft: int
    hard: int
    single: bool = False  # written as one number
    extensions: Mapping[str, Any] = EMPTY


class Build(NamedTuple):
    context: str | None = None
    dockerfile: str | None = None
    dockerfile_inline: str | None = None
    entitlements: tuple[str, ...] = ()
    args: Mapping[str, str | None] = EMPTY
    ssh: Mapping[str, str | None] = EMPTY
    labels: Mapping[str, str] = EMPTY
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()
    no_cache: bool | None = None
    no_cache_filter: tuple[str, ...] = ()
    additional_contexts: Mapping[str, str] = EMPTY
    network: str | None = None
    provenance: str | None = None
    sbom: str | None = None
    pull: bool | None = None
    target: str | None = None
    shm_size: Bytes | None = None
    extra_hosts: tuple[tuple[str, str], ...] = ()
    isolation: str | None = None
    privileged: bool | None = None
    secrets: tuple[FileGrant, ...] = ()
    tags: tuple[str, ...] = ()
    ulimits: Mapping[str, Ulimit] = EMPTY
    platforms: tuple[str, ...] = ()
    extensions: Mapping[str, Any] = EMPTY
    place: int = 0


class Dependency(NamedTuple):
    """One entry of `depends_on`."""

    condition: str = "service_started"
    restart: bool | None = None
    required: bool = True
    extensions: Mapping[str, Any] = EMPTY
    place: int = 0
    implied_by: str | None = None  # the key (links, volumes_from, ...) that implies it


class DeviceRequest(NamedTuple):
    """Devices asked for (`gpus[]`, `deploy.resources.reservations.devices[]`); amount -1 is all."""

    capabilities: tuple[str, ...] = ()
    amount: int | None = None
    device_ids: tuple[str, ...] = ()
    driver: str | None = None
    options: Mapping[str, str] = EMPTY
    extensions: Mapping[str, Any] = EMPTY
    place: int = 0


class Device(NamedTuple):
    source: str
    target: str | None = None
    permissions: str | None = None
    extensions: Mapping[str, Any] = EMPTY
    place: int = 0


class Limits(NamedTuple):
    """`deploy.resources.limits`; cpus counts CPUs."""

    cpus: float | None = None
    memory: Bytes | None = None
    pids: int | None = None
    extensions: Mapping[str, Any] = EMPTY


class Reservations(NamedTuple):
    """`deploy.resources.reservations`."""

    cpus: float | None = None
    memory: Bytes | None = None
    devices: tuple[DeviceRequest, ...] = ()
    generic_resources: tuple[Any, ...] = ()
    extensions: Mapping[str, Any] = EMPTY


class Resources(NamedTuple):
    limits: Limits | None = None
    reservations: Reservations | None = None
    extensions: Mapping[str, Any] = EMPTY


class UpdateConfig(NamedTuple):
    """`deploy.update_config` or `deploy.rollback_config`."""

    parallelism: int | None = None
    delay: Duration | None = None
    failure_action: str | None = None
    monitor: Duration | None = None
    max_failure_ratio: float | None = None
    order: str | None = None
    extensions: Mapping[str, Any] = EMPTY


class RestartPolicy(NamedTuple):
    condition: str | None = None
    delay: Duration | None = None
    max_attempts: int | None = None
    window: Duration | None = None
    extensions: Mapping[str, Any] = EMPTY


class Placement(NamedTuple):
    constraints: tuple[str, ...] = ()
    preferences: tuple[str, ...] = ()  # the `spread` of each
    max_replicas_per_node: int | None = None
    extensions: Mapping[str, Any] = EMPTY


class Deploy(NamedTuple):
    mode: str | None = None
    endpoint_mode: str | None = None
    replicas: int | None = None
    labels: Mapping[str, str] = EMPTY
    update_config: UpdateConfig | None = None
    rollback_config: UpdateConfig | None = None
    resources: Resources | None = None
    restart_policy: RestartPolicy | None = None
    placement: Placement | None = None
    extensions: Mapping[str, Any] = EMPTY
    place: int = 0
    written: Mapping[str, int] = EMPTY


class HealthCheck(NamedTuple):
    test: tuple[str, ...] | None = None
    disable: bool | None = None
    interval: Duration | None = None
    timeout: Duration | None = None
    retries: int | None = None
    start_period: Duration | None = None
    start_interval: Duration | None = None
    extensions: Mapping[str, Any] = EMPTY
    place: int = 0
    written: Mapping[str, int] = EMPTY


class Logging(NamedTuple):
    driver: str | None = None
    options: Mapping[str, str | None] = EMPTY
    extensions: Mapping[str, Any] = EMPTY
    place: int = 0


class EnvFile(NamedTuple):
    path: str
    required: bool = True
    format: str | None = None
    place: int = 0


class ServiceNetwork(NamedTuple):
    """How a service joins one network (`services.*.networks.*`)."""

    aliases: tuple[str, ...] = ()
    interface_name: str | None = None
    ipv4_address: str | None = None
    ipv6_address: str | None = None
    link_local_ips: tuple[str, ...] = ()
    mac_address: str | None = None
    driver_opts: Mapping[str, str] = EMPTY
    priority: float | None = None
    gw_priority: float | None = None
    extensions: Mapping[str, Any] = EMPTY
    place: int = 0


class Service(NamedTuple):
    """One service: its key in the file, and one field for each Compose service key."""

    key: str
    annotations: Mapping[str, str] = EMPTY
    attach: bool | None = None
    blkio_config: Mapping[str, Any] | None = None
    build: Build | None = None
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    cgroup: str | None = None
    cgroup_parent: str | None = None
    command: tuple[str, ...] | None = None
    configs: tuple[FileGrant, ...] = ()
    container_name: str | None = None
    cpu_count: int | None = None
    cpu_percent: float | None = None
    cpu_period: int | None = None
    cpu_quota: int | None = None
    cpu_rt_period: int | None = None
    cpu_rt_runtime: int | None = None
    cpu_shares: int | None = None
    cpus: float | None = None
    cpuset: str | None = None
    credential_spec: Mapping[str, Any] | None = None
    depends_on: Mapping[str, Dependency] = EMPTY
    deploy: Deploy | None = None
    develop: Mapping[str, Any] | None = None
    device_cgroup_rules: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    dns: tuple[str, ...] = ()
    dns_opt: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    domainname: str | None = None
    entrypoint: tuple[str, ...] | None = None
    env_file: tuple[EnvFile, ...] = ()
    environment: Mapping[str, str | None] = EMPTY
    expose: tuple[str, ...] = ()
    extends: Mapping[str, str] | None = None
    external_links: tuple[str, ...] = ()
    extra_hosts: tuple[tuple[str, str], ...] = ()
    gpus: tuple[DeviceRequest, ...] = ()
    group_add: tuple[str, ...] = ()
    healthcheck: HealthCheck | None = None
    hostname: str | None = None
    image: str | None = None
    init: bool | None = None
    ipc: str | None = None
    isolation: str | None = None
    label_file: tuple[str, ...] = ()
    labels: Mapping[str, str] = EMPTY
    links: tuple[str, ...] = ()
    logging: Logging | None = None
    mac_address: str | None = None
    mem_limit: Bytes | None = None
    mem_reservation: Bytes | None = None
    mem_swappiness: int | None = None
    memswap_limit: Bytes | None = None
    models: Mapping[str, Any] = EMPTY
    network_mode: str | None = None
    networks: Mapping[str, ServiceNetwork | None] = EMPTY
    oom_kill_disable: bool | None = None
    oom_score_adj: int | None = None
    pid: str | None = None
    pids_limit: int | None = None
    platform: str | None = None
    ports: tuple[Port, ...] = ()
    post_start: tuple[Mapping[str, Any], ...] = ()
    pre_start: tuple[Any, ...] = ()  # of InitStep, which holds a Service
    pre_stop: tuple[Mapping[str, Any], ...] = ()
    privileged: bool | None = None
    profiles: tuple[str, ...] = ()
    provider: Mapping[str, Any] | None = None
    pull_policy: str | None = None
    pull_refresh_after: str | None = None
    read_only: bool | None = None
    restart: str | None = None
    runtime: str | None = None
    scale: int | None = None
    secrets: tuple[FileGrant, ...] = ()
    security_opt: tuple[str, ...] = ()
    shm_size: Bytes | None = None
    stdin_open: bool | None = None
    stop_grace_period: Duration | None = None
    stop_signal: str | None = None
    storage_opt: Mapping[str, Any] | None = None
    sysctls: Mapping[str, str] = EMPTY
    tmpfs: tuple[str, ...] = ()
    tty: bool | None = None
    ulimits: Mapping[str, Ulimit] = EMPTY
    use_api_socket: bool | None = None
    user: str | None = None
    userns_mode: str | None = None
    uts: str | None = None
    volumes: tuple[Mount, ...] = ()
    volumes_from: tuple[str, ...] = ()
    working_dir: str | None = None
    extensions: Mapping[str, Any] = EMPTY  # the x- keys, as located values
    written: Mapping[str, int] = EMPTY  # each key that was written, and where
    place: int = 0


class InitStep(NamedTuple):
    """One entry of `pre_start`: a container that runs to its end before the service's own."""

    container: Service
    per_replica: bool | None = None


class Job(NamedTuple):
    """A top-level job: a container that runs to its end when a trigger says so.

    Compose reads a job's env and label files no sooner than it runs: `run` is the container with
    them folded in, where it has any, and `faults` what is wrong with them.
    """

    container: Service
    triggers: Mapping[str, Any]
    run: Service | None = None
    faults: tuple[Any, ...] = ()  # of Diagnostic


class Network(NamedTuple):
    key: str
    name: str | None = None
    driver: str | None = None
    driver_opts: Mapping[str, str] = EMPTY
    ipam: Mapping[str, Any] | None = None
    external: bool | None = None
    internal: bool | None = None
    enable_ipv4: bool | None = None
    enable_ipv6: bool | None = None
    attachable: bool | None = None
    labels: Mapping[str, str] = EMPTY
    extensions: Mapping[str, Any] = EMPTY
    written: Mapping[str, int] = EMPTY
    place: int = 0


class Volume(NamedTuple):
    key: str
    name: str | None = None
    driver: str | None = None
    driver_opts: Mapping[str, str] = EMPTY
    external: bool | None = None
    labels: Mapping[str, str] = EMPTY
    extensions: Mapping[str, Any] = EMPTY
    written: Mapping[str, int] = EMPTY
    place: int = 0


class Secret(NamedTuple):
    """A top-level secret or config; `content` is a config's only."""

    key: str
    name: str | None = None
    file: str | None = None
    environment: str | None = None
    content: str | None = None
    external: bool | None = None
    labels: Mapping[str, str] = EMPTY
    driver: str | None = None
    driver_opts: Mapping[str, str] = EMPTY
    template_driver: str | None = None
    extensions: Mapping[str, Any] = EMPTY
    written: Mapping[str, int] = EMPTY
    place: int = 0


class Project(NamedTuple):
    """Everything the files say, merged, interpolated and checked."""

    name: str
    services: Mapping[str, Service]
    networks: Mapping[str, Network] = EMPTY
    volumes: Mapping[str, Volume] = EMPTY
    secrets: Mapping[str, Secret] = EMPTY
    configs: Mapping[str, Secret] = EMPTY
    models: Mapping[str, Any] = EMPTY
    jobs: Mapping[str, Job] = EMPTY
    extensions: Mapping[str, Any] = EMPTY
    profiles: tuple[str, ...] = ()  # all that any service names, whether they are on or off
    written: Mapping[str, int] = EMPTY
    directory: str = "."
    files: tuple[str, ...] = ()
    sources: "Sources | None" = None
