"""Task definitions: when two of them mean the same, and how to draw one.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

Body = dict[str, Any]

# ---------------------------------------------------------------------------- up to defaults

# What AWS itself writes into a task definition that is registered.
RESPONSE = (
    *("taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities"),
    *("registeredAt", "registeredBy", "deregisteredAt"),
)
# A member with its default may as well be missing.
DEFAULTS: dict[str, Any] = {
    "cpu": 0,
    "essential": True,
    "hostPort": 0,
    "protocol": "tcp",
    "privileged": False,
    "readonlyRootFilesystem": False,
    "interactive": False,
    "pseudoTerminal": False,
    "disableNetworking": False,
    "initProcessEnabled": False,
    "readOnly": False,
    "scope": "task",
    "autoprovision": False,
    "driver": "local",
    "rootDirectory": "/",
    "transitEncryption": "DISABLED",
    "iam": "DISABLED",
    "networkMode": "bridge",
}
HEALTH = {"interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0}
# Lists in which the order says nothing.
UNORDERED = (
    *("environment", "secrets", "portMappings", "mountPoints", "volumesFrom", "dependsOn", "links"),
    *("ulimits", "systemControls", "extraHosts", "tags", "volumes", "requiresCompatibilities"),
    *("add", "drop", "devices", "permissions", "tmpfs", "placementConstraints"),
)


def meaning(body: Mapping[str, Any]) -> Body:
    """A task definition up to defaults, the tags that tools set, and the names of volumes that no
    other task can know: folders of the instance, file systems, and empty volumes with one mount."""
    return _meaning(json.loads(json.dumps({k: v for k, v in body.items() if k not in RESPONSE})))


def _meaning(body: Body) -> Body:
    own = body.get("networkMode") in ("awsvpc", "host")
    for container in body["containerDefinitions"]:
        container["healthCheck"] = with_defaults(container.get("healthCheck"), HEALTH)
        for entry in container.get("environment") or ():
            entry.setdefault("value", "")
        for port in container.get("portMappings") or ():
            if own and port.get("hostPort") == port.get("containerPort"):
                port.pop("hostPort", None)
        linux = container.get("linuxParameters") or {}
        for device in linux.get("devices") or ():
            device.setdefault("containerPath", device["hostPath"])
            device.setdefault("permissions", ["read", "write", "mknod"])
        first = {link.partition(":")[0] for link in container.get("links") or ()}
        first |= {source["sourceContainer"] for source in container.get("volumesFrom") or ()}
        container["dependsOn"] = [
            need
            for need in container.get("dependsOn") or ()
            if need["condition"] != "START" or need["containerName"] not in first
        ]
    forget_names(body)
    body["tags"] = [
        {"value": "", **tag}
        for tag in body.get("tags") or ()
        if not tag["key"].startswith(("compose2ecs:", "aws:"))
    ]
    for field in ("cpu", "memory"):
        if field in body:
            body[field] = units(body[field])
    if "FARGATE" in (body.get("requiresCompatibilities") or ()):
        platform = body.get("runtimePlatform") or {}
        body["runtimePlatform"] = {
            "operatingSystemFamily": "LINUX",
            "cpuArchitecture": "X86_64",
            **platform,
        }
    found: Body = plain(body)
    found["containerDefinitions"] = {
        container["name"]: container for container in found["containerDefinitions"]
    }
    return found


def with_defaults(value: Any, defaults: Body) -> Any:
    if not value:
        return None
    full = {**defaults, **value}
    return {key: item for key, item in full.items() if key != "startPeriod" or item}


def forget_names(body: Body) -> None:
    mounts: dict[str, list[Body]] = {}
    for container in body["containerDefinitions"]:
        for point in container.get("mountPoints") or ():
            mounts.setdefault(point["sourceVolume"], []).append({**point, "in": container["name"]})
    names = {}
    for volume in body.get("volumes") or ():
        rest = {key for key, value in volume.items() if key != "name" and value}
        path = (volume.get("host") or {}).get("sourcePath")
        used = mounts.get(volume["name"], [])
        if rest == {"host"} and path:
            names[volume["name"]] = f"host {path}"
        elif rest == {"efsVolumeConfiguration"}:
            names[volume["name"]] = json.dumps(
                plain(volume["efsVolumeConfiguration"]), sort_keys=True
            )
        elif not rest and len(used) == 1:
            names[volume["name"]] = f"{used[0]['in']} {used[0]['containerPath']}"
    unlike = {}
    for volume in body.get("volumes") or ():
        if volume["name"] in names:
            volume = {"name": names[volume["name"]]}
        unlike[volume["name"]] = volume
    body["volumes"] = list(unlike.values())
    for container in body["containerDefinitions"]:
        for point in container.get("mountPoints") or ():
            point["sourceVolume"] = names.get(point["sourceVolume"], point["sourceVolume"])


def units(value: Any) -> str:
    text = str(value).lower().replace(" ", "")
    for unit in ("vcpu", "gb"):
        if text.endswith(unit):
            return str(round(float(text.removesuffix(unit)) * 1024))
    return text


def plain(value: Any) -> Any:
    """A value without nulls, empty lists and mappings, and members with their default."""
    if isinstance(value, dict):
        found = {}
        for key, item in value.items():
            item = plain(item)
            if item in (None, [], {}) or (key in DEFAULTS and item == DEFAULTS[key]):
                continue
            if isinstance(item, list) and key in UNORDERED:
                item = sorted(item, key=lambda one: json.dumps(one, sort_keys=True))
            found[key] = item
        return found
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


# ---------------------------------------------------------------------------- drawing

TEXTS: tuple[str, ...] = (
    "x",
    "a b",
    "$HOME",
    "${X:-y}",
    "$$",
    "yes",
    "1e3",
    "null",
    "~",
    "0x1F",
    "é ü",
    "a: b # c",
)
TEXTS += (
    "line\nline\n",
    " lead",
    "trail ",
    "'quoted'",
    '"double"',
    "{json: [1]}",
    "-",
    "2024-01-01",
)
NAMES = ("web", "db", "log_router", "Init-1", "side.car".replace(".", "-"), "x")
PATHS = ("/data", "/var/lib/a b", "/etc/x", "/tmp", "/srv/$x")


def draw(random: random.Random) -> Body:
    """One task definition that AWS would take."""
    mode = random.choice(("bridge", "bridge", "awsvpc", "host"))
    fargate = mode == "awsvpc" and random.random() < 0.6
    names = random.sample(NAMES, random.randint(1, 4))
    volumes = _volumes(random, fargate)
    body: Body = {"family": random.choice(("app", "Web_1", "shop-api")), "containerDefinitions": []}
    if mode != "bridge" or random.random() < 0.5:
        body["networkMode"] = mode
    for number, name in enumerate(names):
        earlier = names[:number]
        container = _container(random, name, earlier, mode, fargate, volumes)
        body["containerDefinitions"].append(container)
    waited = {
        need["containerName"]
        for container in body["containerDefinitions"]
        for need in container.get("dependsOn", ())
        if need["condition"] in ("SUCCESS", "COMPLETE")
    }
    for container in body["containerDefinitions"]:
        if container["name"] in waited:
            container["essential"] = False
        for need in container.get("dependsOn", ()):
            if need["condition"] == "HEALTHY":
                other = next(
                    c for c in body["containerDefinitions"] if c["name"] == need["containerName"]
                )
                other.setdefault("healthCheck", {"command": ["CMD-SHELL", "exit 0"]})
    if volumes:
        body["volumes"] = volumes
    if fargate:
        body["requiresCompatibilities"] = ["FARGATE"]
        body["cpu"], body["memory"] = random.choice(
            (("256", "512"), ("256", "1GB"), ("1 vCPU", "2048"), ("512", "4096"))
        )
        _maybe(random, body, "ephemeralStorage", lambda: {"sizeInGiB": random.randint(21, 200)})
    else:
        _maybe(random, body, "memory", lambda: str(random.randint(6, 4096)))
        _maybe(random, body, "cpu", lambda: "512")
        _maybe(random, body, "ipcMode", lambda: random.choice(("host", "task", "none")))
        _maybe(
            random,
            body,
            "placementConstraints",
            lambda: [{"type": "memberOf", "expression": "attribute:a == b"}],
        )
    _maybe(random, body, "pidMode", lambda: "task" if fargate else random.choice(("host", "task")))
    _maybe(random, body, "taskRoleArn", lambda: "arn:aws:iam::123456789012:role/task")
    _maybe(random, body, "executionRoleArn", lambda: "ecsTaskExecutionRole")
    _maybe(
        random,
        body,
        "runtimePlatform",
        lambda: {
            "operatingSystemFamily": "LINUX",
            "cpuArchitecture": random.choice(("ARM64", "X86_64")),
        },
    )
    _maybe(random, body, "tags", lambda: [{"key": "team", "value": "a b"}, {"key": "x"}])
    _maybe(random, body, "enableFaultInjection", lambda: True)
    return body


def _maybe(random: random.Random, body: Body, key: str, value: Callable[[], Any]) -> None:
    if random.random() < 0.3:
        body[key] = value()


def _volumes(random: random.Random, fargate: bool) -> list[Body]:
    kinds: list[Body] = [
        {},
        {"host": {}},
        {"efsVolumeConfiguration": {"fileSystemId": "fs-0123", "rootDirectory": "/x"}},
        {
            "efsVolumeConfiguration": {
                "fileSystemId": "fs-0123",
                "transitEncryption": "ENABLED",
                "transitEncryptionPort": 2049,
                "authorizationConfig": {"accessPointId": "fsap-1", "iam": "ENABLED"},
            }
        },
    ]
    if not fargate:
        kinds += [
            {"host": {"sourcePath": "/srv/data"}},
            {"host": {"sourcePath": "/srv/$x"}},
            {"dockerVolumeConfiguration": {"scope": "shared", "autoprovision": True}},
            {"dockerVolumeConfiguration": {"scope": "shared"}},
            {
                "dockerVolumeConfiguration": {
                    "scope": "task",
                    "driver": "local",
                    "labels": {"a": "$b"},
                }
            },
            {
                "dockerVolumeConfiguration": {
                    "scope": "shared",
                    "autoprovision": True,
                    "driver": "rexray/ebs",
                    "driverOpts": {"size": "5"},
                }
            },
        ]
    names = random.sample(("v", "data", "app_data", "shared"), random.randint(0, 3))
    return [{"name": name, **random.choice(kinds)} for name in names]


def _container(
    random: random.Random,
    name: str,
    earlier: list[str],
    mode: str,
    fargate: bool,
    volumes: list[Body],
) -> Body:
    def text() -> str:
        return random.choice(TEXTS)

    def maybe(key: str, value: Callable[[], Any]) -> None:
        _maybe(random, body, key, value)

    body: Body = {
        "name": name,
        "image": random.choice(("nginx", "repo/img:1.2", "a@sha256:" + "0" * 64)),
    }
    if not fargate or random.random() < 0.3:
        body[random.choice(("memory", "memoryReservation"))] = random.randint(6, 200)
    maybe("cpu", lambda: random.choice((0, 1, 2, 100, 256)))
    maybe("command", lambda: [text() for _ in range(random.randint(1, 3))])
    maybe("entryPoint", lambda: ["sh", "-c", text()])
    maybe("environment", lambda: [{"name": n, "value": text()} for n in random.sample("ABC", 2)])
    maybe("secrets", lambda: [{"name": n, "valueFrom": "/p/" + n} for n in random.sample("XYZ", 2)])
    maybe("essential", lambda: True)
    maybe("user", lambda: random.choice(("1000", "1000:1000", "root")))
    maybe("workingDirectory", lambda: "/w $x")
    maybe("stopTimeout", lambda: random.randint(2, 120))
    maybe("startTimeout", lambda: random.randint(2, 120))
    maybe("dockerLabels", lambda: {"a.b": text(), "c": ""})
    maybe("readonlyRootFilesystem", lambda: random.random() < 0.5)
    maybe("interactive", lambda: True)
    maybe("pseudoTerminal", lambda: True)
    maybe("ulimits", lambda: [{"name": "nofile", "softLimit": 10, "hardLimit": 20}])
    maybe(
        "repositoryCredentials",
        lambda: {"credentialsParameter": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x"},
    )
    maybe("firelensConfiguration", lambda: {"type": "fluentbit", "options": {"a": text()}})
    maybe("restartPolicy", lambda: {"enabled": True, "ignoredExitCodes": [0]})
    maybe("environmentFiles", lambda: [{"type": "s3", "value": "arn:aws:s3:::b/e.env"}])
    maybe("versionConsistency", lambda: "disabled")
    maybe(
        "healthCheck",
        lambda: {
            "command": [random.choice(("CMD", "CMD-SHELL")), text()],
            **random.choice(
                ({}, {"interval": 10, "retries": 5}, {"timeout": 9, "startPeriod": 60})
            ),
        },
    )
    maybe("logConfiguration", lambda: _logs(random, name, fargate))
    maybe("portMappings", lambda: _ports(random, mode, len(earlier)))
    if earlier:
        other = random.choice(earlier)
        conditions = ("START", "HEALTHY", "SUCCESS", "COMPLETE")
        maybe(
            "dependsOn", lambda: [{"containerName": other, "condition": random.choice(conditions)}]
        )
        maybe(
            "volumesFrom", lambda: [{"sourceContainer": other, "readOnly": random.random() < 0.5}]
        )
        if mode == "bridge":
            maybe("links", lambda: [random.choice((other, f"{other}:alias"))])
    if volumes:
        paths = random.sample(PATHS, random.randint(1, len(PATHS)))
        maybe(
            "mountPoints",
            lambda: [
                {
                    "sourceVolume": random.choice(volumes)["name"],
                    "containerPath": path,
                    **random.choice(({}, {"readOnly": True}, {"readOnly": False})),
                }
                for path in paths
            ],
        )
    linux: Body = {}
    _maybe(random, linux, "initProcessEnabled", lambda: True)
    _maybe(random, linux, "capabilities", lambda: {"add": ["SYS_PTRACE"], "drop": ["ALL"]})
    if not fargate:
        _maybe(
            random,
            linux,
            "tmpfs",
            lambda: [{"containerPath": "/run", "size": 64, "mountOptions": ["ro"]}],
        )
        _maybe(
            random, linux, "devices", lambda: [{"hostPath": "/dev/fuse", "permissions": ["read"]}]
        )
        _maybe(random, linux, "sharedMemorySize", lambda: 128)
        _maybe(random, linux, "maxSwap", lambda: random.choice((0, 64)))
        _maybe(random, linux, "swappiness", lambda: 10)
        maybe("privileged", lambda: True)
        maybe("dockerSecurityOptions", lambda: ["no-new-privileges", "label:role:x"])
        maybe("resourceRequirements", lambda: [{"type": "GPU", "value": "2"}])
        if mode == "bridge":
            maybe("hostname", lambda: "h1")
            maybe("dnsServers", lambda: ["10.0.0.2", "1.1.1.1"])
            maybe("dnsSearchDomains", lambda: ["example.com"])
            maybe("extraHosts", lambda: [{"hostname": "h", "ipAddress": "10.0.0.1"}])
            maybe("disableNetworking", lambda: True)
        if mode != "host":
            maybe("systemControls", lambda: [{"namespace": "net.core.somaxconn", "value": "1024"}])
    if linux:
        body["linuxParameters"] = linux
    return body


def _logs(random: random.Random, name: str, fargate: bool) -> Body:
    found: list[Body] = [
        {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/ecs/app",
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": name,
            },
        },
        {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "g",
                "awslogs-region": "eu-west-1",
                "mode": "non-blocking",
            },
        },
        {"logDriver": "awsfirelens", "options": {"Name": "$x"}},
        {"logDriver": "splunk", "secretOptions": [{"name": "splunk-token", "valueFrom": "/t"}]},
    ]
    if not fargate:
        found += [
            {"logDriver": "json-file", "options": {"max-size": "1m"}},
            {"logDriver": "syslog"},
        ]
    return random.choice(found)


def _ports(random: random.Random, mode: str, number: int) -> list[Body]:
    ports = random.sample((80, 443, 3000, 5432, 9000), random.randint(1, 3))
    return [_port(random, mode, number, port + 10 * number) for port in ports]


def _port(random: random.Random, mode: str, number: int, port: int) -> Body:
    entry: Body = {"containerPort": port}
    fixed = random.choice((0, 8000 + port)) if mode == "bridge" else port
    _maybe(random, entry, "hostPort", lambda: fixed)
    _maybe(random, entry, "protocol", lambda: random.choice(("tcp", "udp")))
    _maybe(random, entry, "name", lambda: f"p{port}-{number}")
    if "name" in entry and entry.get("protocol") != "udp":
        _maybe(random, entry, "appProtocol", lambda: "http")
    return entry
