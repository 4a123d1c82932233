"""AWS's limits and tables, as data.

Sources: the API references of ECS and Elastic Load Balancing, and their quota pages.
"""

from __future__ import annotations

MIB = 1024 * 1024
CONTAINERS_PER_TASK = 10
TASK_DEFINITION_BYTES = 64 * 1024
TARGET_GROUPS_PER_SERVICE = 5
PLACEMENT_STRATEGIES = 5
TAGS_PER_RESOURCE = 50
CONDITION_VALUES = 5
CONDITION_LENGTH = 128
CONDITION_WILDCARDS = 5  # some pages say six
MIN_MEMORY = 6  # MiB; Docker starts nothing below it
MIN_CPU = 2  # units; the agent raises lower values
PRIORITY_MAX = 50000
SERVICE_CONNECT_PROXY = 64  # MiB of task memory that the proxy is given
DEFAULT_RESERVATION = 256  # MiB, where nobody says
SERVICE_CONNECT_DEFAULT = 512  # MiB counted for a container without a limit

CAPABILITIES = frozenset(
    [
        "ALL",
        "AUDIT_CONTROL",
        "AUDIT_WRITE",
        "BLOCK_SUSPEND",
        "CHOWN",
        "DAC_OVERRIDE",
        "DAC_READ_SEARCH",
        "FOWNER",
        "FSETID",
        "IPC_LOCK",
        "IPC_OWNER",
        "KILL",
        "LEASE",
        "LINUX_IMMUTABLE",
        "MAC_ADMIN",
        "MAC_OVERRIDE",
        "MKNOD",
        "NET_ADMIN",
        "NET_BIND_SERVICE",
        "NET_BROADCAST",
        "NET_RAW",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_CHROOT",
        "SYS_MODULE",
        "SYS_NICE",
        "SYS_PACCT",
        "SYS_PTRACE",
        "SYS_RAWIO",
        "SYS_RESOURCE",
        "SYS_TIME",
        "SYS_TTY_CONFIG",
        "SYSLOG",
        "WAKE_ALARM",
    ]
)
ULIMITS = frozenset(
    [
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ]
)
TMPFS_OPTIONS = frozenset(
    [
        "defaults",
        "ro",
        "rw",
        "suid",
        "nosuid",
        "dev",
        "nodev",
        "exec",
        "noexec",
        "sync",
        "async",
        "dirsync",
        "remount",
        "mand",
        "nomand",
        "atime",
        "noatime",
        "diratime",
        "nodiratime",
        "bind",
        "rbind",
        "unbindable",
        "runbindable",
        "private",
        "rprivate",
        "shared",
        "rshared",
        "slave",
        "rslave",
        "relatime",
        "norelatime",
        "strictatime",
        "nostrictatime",
    ]
)
TMPFS_VALUED_OPTIONS = frozenset(["mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"])
# CPU units to the MiB that may go with them, cheapest first.
FARGATE_SIZES: dict[int, tuple[int, ...] | range] = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
    32768: (61440, 122880, 249856),
}
FARGATE_EPHEMERAL = (21, 200)  # GiB of disk; 20 are there without asking
FARGATE_STOP_TIMEOUT = (2, 120)  # seconds
FARGATE_LOG_DRIVERS = frozenset(["awslogs", "splunk", "awsfirelens"])
LOG_DRIVERS = frozenset(
    ["awslogs", "splunk", "awsfirelens", "json-file", "syslog", "journald", "gelf", "fluentd"]
)
IPC_SYSCTLS = frozenset(
    [
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
    ]
)

# Ports on which people serve HTTP, and ports on which nobody should be served from outside.
HTTP_PORTS = frozenset(
    (80, 81, 443, 3000, 3001, 4000, 4200, 4321, 5000, 5001, 5173, 5601, 7860, 8000, 8001, 8008)
    + (8080, 8081, 8082, 8083, 8088, 8090, 8443, 8501, 8888, 9000, 9090)
)
PRIVATE_PORTS = frozenset(
    (21, 22, 23, 25, 53, 110, 111, 143, 389, 445, 465, 514, 587, 636, 853, 873, 993, 995, 1025)
    + (1433, 1521, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4222, 4369, 5005, 5432)
    + (5433, 5671, 5672, 5678, 5858, 5900, 6379, 6380, 7000, 7001, 7199, 7687, 8086, 8125, 8126)
    + (8300, 8301, 8500, 8600, 8883, 9003, 9042, 9092, 9093, 9094, 9160, 9200, 9229, 9230, 9300)
    + (11211, 15672, 16379, 25672, 26257, 26379, 27017, 27018, 27019, 28015, 33060, 50000, 61616)
)
TLS_PORTS = frozenset((443, 8443))

# The port that an image listens on, for services that are reached by name but declare none.
# Keys are the last part of the repository's name.
WELL_KNOWN_PORTS = {
    "azure-sql-edge": 1433,
    "cassandra": 9042,
    "clickhouse-server": 8123,
    "cockroach": 26257,
    "consul": 8500,
    "couchdb": 5984,
    "elasticsearch": 9200,
    "etcd": 2379,
    "influxdb": 8086,
    "kafka": 9092,
    "mailhog": 1025,
    "mariadb": 3306,
    "memcached": 11211,
    "mongo": 27017,
    "mongodb": 27017,
    "mysql": 3306,
    "nats": 4222,
    "neo4j": 7687,
    "nginx": 80,
    "httpd": 80,
    "caddy": 80,
    "opensearch": 9200,
    "pgbouncer": 5432,
    "postgis": 5432,
    "postgres": 5432,
    "postgresql": 5432,
    "rabbitmq": 5672,
    "redis": 6379,
    "redismod": 6379,
    "redis-stack": 6379,
    "redis-stack-server": 6379,
    "mssql/server": 1433,
    "solr": 8983,
    "tomcat": 8080,
    "valkey": 6379,
    "zookeeper": 2181,
}
# Images that keep data or speak their own protocol: none of their ports is an endpoint by itself.
BACKEND_IMAGES = frozenset(
    [
        "azure-sql-edge",
        "cassandra",
        "clickhouse-server",
        "cockroach",
        "consul",
        "couchdb",
        "elasticsearch",
        "etcd",
        "influxdb",
        "kafka",
        "logstash",
        "mariadb",
        "memcached",
        "mongo",
        "mongodb",
        "mysql",
        "nats",
        "neo4j",
        "opensearch",
        "pgbouncer",
        "postgis",
        "postgres",
        "postgresql",
        "rabbitmq",
        "redis",
        "redismod",
        "redis-stack",
        "redis-stack-server",
        "mssql/server",
        "solr",
        "valkey",
        "zookeeper",
    ]
)


def image_family(image: str | None) -> str:
    """The last part of an image's repository name: `postgres` of `docker.io/library/postgres:16`.

    >>> image_family("registry:5000/team/postgres:16@sha256:0")
    'postgres'
    """
    if not image:
        return ""
    path = image.partition("@")[0]
    name = path.rpartition("/")[2].partition(":")[0]
    if name == "server" and "/mssql/" in path:
        return "mssql/server"  # `server` alone says nothing
    return name
