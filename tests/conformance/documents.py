"""Compose documents made from a seed: every service key and every top-level section, in all of its
forms, with values that Compose takes and values that it nearly takes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

SECTIONS = ("services", "jobs", "networks", "volumes", "secrets", "configs", "models")


class Raw(str):
    """YAML that is written as it is."""

    __slots__ = ()


class Case(NamedTuple):
    """One entry of a section."""

    section: str
    body: Any


def flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\x7f")


def document(cases: Sequence[Case]) -> str:
    """A document that holds all cases, each under a name of its own, and uses them."""
    sections: dict[str, list[str]] = {name: [] for name in SECTIONS}
    sections["services"] += ["  dep: {image: d}", "  dep2: {image: d}"]
    sections["networks"] += ["  net1: {}", "  net-2:"]
    sections["volumes"] += ["  vol1:", "  vol2: {}"]
    sections["secrets"] += ["  sec1: {file: ./s.txt}", "  sec2: {environment: SEC}"]
    sections["configs"] += ["  cfg1: {content: c}", "  cfg2: {file: ./c.txt}"]
    sections["models"] += ["  mod1: {model: ai/m}"]
    for number, (section, body) in enumerate(cases):
        text = flow(body).replace("@N@", str(number))
        sections[section].append(f"  c{number}: {text}")
        used = {
            "networks": f"networks: [c{number}]",
            "volumes": f"volumes: ['c{number}:/v']",
            "secrets": f"secrets: [c{number}]",
            "configs": f"configs: [c{number}]",
            "models": f"models: [c{number}]",
        }.get(section)
        if used:
            sections["services"].append(f"  u{number}: {{image: i, {used}}}")
    return "".join(
        f"{name}:\n" + "\n".join(lines) + "\n" for name, lines in sections.items() if lines
    )


FILES = {"e.env": "FROM_FILE=1\nHV=file\nB=$HV-$A\n", "l.env": "lab=1\nl2=$HV\n", "s.txt": "s"}
ENVIRONMENT = {"HV": "host", "SEC": "secret", "EMPTY": ""}

# ---------------------------------------------------------------------------- values

_BOOLS: tuple[Any, ...] = (True, False, "true", "false", "yes", "NO", "On", "y", "off")
_BAD_BOOLS: tuple[Any, ...] = ("1", 1, "maybe", "", [], {}, None, 1.5)
_INTS: tuple[Any, ...] = (
    0,
    1,
    2,
    100,
    "0",
    "3",
    "+4",
    "-1",
    -1,
    Raw("0x10"),
    Raw("010"),
    "010",
    "0",
)
_BAD_INTS: tuple[Any, ...] = (
    1.5,
    "1.5",
    "x",
    "",
    True,
    None,
    [],
    {},
    "1_0",
    "0x10",
    " 1",
    "99999999999999999999",
)
_NUMBERS: tuple[Any, ...] = (
    0,
    1,
    0.5,
    1.5,
    "0.5",
    "2",
    "1e2",
    Raw("1e3"),
    0.123456789,
    "0",
    100,
    ".5",
    3,
)
_BAD_NUMBERS: tuple[Any, ...] = ("x", "", True, None, [], {}, "1,5", "0x")
_TEXTS: tuple[Any, ...] = (
    "x",
    "a b",
    "",
    "1",
    "1.5",
    "y",
    "true",
    "null",
    "~",
    "22:22",
    "#a",
    "a #b",
    "a: b",
    "$$x",
    "é",
    "a\nb",
    "a\n",
    "'q'",
    '"q"',
    " lead",
    "trail ",
    "- x",
    "[x",
    "{x",
    "*x",
    "&x",
    "!x",
    "%x",
    "@x",
    "`x",
    "a\tb",
    "2020-01-01",
    "0x1F",
    "1_000",
    ":x",
    "x:",
    "=",
    "<<",
    "---",
    "\\",
    "a\r\nb",
    "\u2028",
    "😀",
    "${HV}",
    "${NO:-dflt}",
    "$HV/x",
    ".inf",
    "?",
    "-",
    "> x",
    "| x",
    "\x7f",
    "\u00a0x",
    "1e3",
    "0o7",
    "08",
    "+1",
    "no",
    "a,b",
    "x\\ny",
    "é\n\nb\n\n",
    "  ",
    "\n",
    "a\n b\n",
    "\ta",
)
_BAD_TEXTS: tuple[Any, ...] = (1, 1.5, True, None, [], {}, Raw("2020-01-01"))
_NO_TEXTS: tuple[Any, ...] = (1, 1.5, True, None, [], {})
_NAMES: tuple[Any, ...] = ("a", "b-c", "d.e", "F_1", "x1", "x10", "x2")
_SIZES: tuple[Any, ...] = (
    "512m",
    "1.5g",
    "0",
    "1k",
    "10b",
    "64 MB",
    512,
    0,
    "1KiB",
    "5",
    "-1",
    67108864,
    "1.5",
)
_BAD_SIZES: tuple[Any, ...] = (
    "x",
    "",
    "512Mi",
    "1,5g",
    True,
    None,
    [],
    "1gi",
    "-1g",
    1.5,
    -5,
    Raw("1e3"),
)
_DURATIONS: tuple[Any, ...] = (
    "10s",
    "1m30s",
    "1.5s",
    "0",
    "0s",
    "1h",
    "2d",
    "1w",
    "500ms",
    "100us",
    "1ns",
    "1h0.5m",
)
_BAD_DURATIONS: tuple[Any, ...] = ("10", "x", "", 10, True, None, [], "1 s", "1S", 1.5)
_PATHS: tuple[Any, ...] = (
    "./a",
    "a",
    "../b",
    "/abs/x",
    "~/h",
    "/abs/../y/",
    ".",
    "a/b/",
    "./a/../c",
    "C:\\x",
    "~",
)


def _pick(rng: random.Random, *choices: Any) -> Any:
    return rng.choice(choices)


def _some(rng: random.Random, choices: Sequence[Any], least: int = 0, most: int = 3) -> list[Any]:
    return [rng.choice(choices) for _ in range(rng.randint(least, most))]


def _distinct(rng: random.Random, choices: Sequence[Any], most: int = 3) -> list[Any]:
    return rng.sample(choices, rng.randint(0, min(most, len(choices))))


class _Maker:
    """Draws values; `bad` is the chance of a value that is likely refused."""

    def __init__(self, rng: random.Random, bad: float) -> None:
        self.rng = rng
        self.bad = bad

    def of(self, good: Sequence[Any], bad: Sequence[Any]) -> Any:
        return self.rng.choice(bad if self.rng.random() < self.bad else good)

    def truth(self) -> Any:
        return self.of(_BOOLS, _BAD_BOOLS)

    def count(self) -> Any:
        return self.of(_INTS, _BAD_INTS)

    def number(self) -> Any:
        return self.of(_NUMBERS, _BAD_NUMBERS)

    def text(self) -> Any:
        return self.of(_TEXTS, _BAD_TEXTS)

    def word(self) -> Any:
        return self.of(("x", "y1", "a.b", "host", "q-r"), _BAD_TEXTS)

    def size(self) -> Any:
        return self.of(_SIZES, _BAD_SIZES)

    def duration(self) -> Any:
        return self.of(_DURATIONS, _BAD_DURATIONS)

    def path(self) -> Any:
        return self.of(_PATHS, _BAD_TEXTS)

    def choice(self, *words: Any) -> Any:
        return self.of(words, ("nonsense", *_BAD_TEXTS))

    def texts(self, choices: Sequence[Any] = _TEXTS, *, scalar: bool = False) -> Any:
        if scalar and self.rng.random() < 0.3:
            return self.of(choices, _BAD_TEXTS)
        found: Any = _distinct(self.rng, choices)
        if self.rng.random() < self.bad:
            found = self.rng.choice(
                [[*found, 1], [*found, None], "x", {}, {"a": 1}, [*found, *found], [[]], 5, None]
            )
        return found

    def pairs(self, values: Sequence[Any] | None = None) -> Any:
        rng = self.rng
        keys = ("A", "B", "HV", "NO", "k.x", "k-y", "EMPTY", "x y", "n", "A10", "A2", "1", "")
        if rng.random() < self.bad:
            return rng.choice(
                (
                    None,
                    "A=1",
                    1,
                    ["A", "A"],
                    [1],
                    [None],
                    {"A": []},
                    {"A": {}},
                    ["A ="],
                    [{"A": 1}],
                    ["A = 1"],
                    ["A=1", "A=1"],
                )
            )
        if rng.random() < 0.4:
            chosen = _distinct(rng, keys[:-1], 4)
            return [key if rng.random() < 0.3 else f"{key}={rng.choice(_TEXTS)}" for key in chosen]
        values = values or (
            *_TEXTS,
            1,
            1.5,
            True,
            None,
            Raw("010"),
            Raw("1e6"),
            Raw("2020-01-01"),
            Raw("08"),
            Raw("~"),
            -0.5,
        )
        return {key: rng.choice(values) for key in _distinct(rng, keys, 4)}

    def record(self, fields: dict[str, Any], always: Sequence[str] = ()) -> Any:
        rng = self.rng
        if rng.random() < self.bad * 0.3:
            return rng.choice((None, "x", 1, [], {"unknown": 1}, {"x-y": 1, "zz": 2}, True))
        keys = [key for key in fields if key in always or rng.random() < 0.5]
        if rng.random() < self.bad * 0.3 and keys:
            keys.remove(rng.choice(keys))
        found = {key: fields[key]() for key in keys}
        if rng.random() < 0.15:
            found["x-extra"] = self.anything()
        return found

    def anything(self, depth: int = 0) -> Any:
        rng = self.rng
        form = rng.random()
        if depth < 3 and form < 0.2:
            return [self.anything(depth + 1) for _ in range(rng.randint(0, 3))]
        if depth < 3 and form < 0.4:
            return {key: self.anything(depth + 1) for key in _distinct(rng, (*_TEXTS, *_NAMES))}
        return rng.choice(
            (
                *_TEXTS,
                1,
                1.5,
                True,
                None,
                Raw("2020-01-01"),
                Raw("1e3"),
                Raw("0x1F"),
                Raw("2001-12-14T21:59:43.10-05:00"),
                -7,
                10**12,
            )
        )

    def several(self, make: Any, most: int = 2) -> Any:
        if self.rng.random() < self.bad * 0.3:
            return self.rng.choice(("x", {}, None, [None], [1], [[]], 5))
        return [make() for _ in range(self.rng.randint(0, most))]

    # ------------------------------------------------------------------ structured values

    def port(self) -> Any:
        rng = self.rng
        if rng.random() < 0.6:
            return self.of(
                (
                    "80",
                    "8080:80",
                    80,
                    443,
                    "127.0.0.1:81:81",
                    "8-10:8-10",
                    "9000-9010:90/udp",
                    "70/sctp",
                    "[::1]:1:2",
                    ":80",
                    "3000-3001",
                    "127.0.0.1::85",
                ),
                (
                    80.5,
                    "x",
                    "",
                    "80:0",
                    "localhost:1:2",
                    "1-2:1-3",
                    None,
                    True,
                    "99999",
                    Raw("080"),
                    [],
                    0,
                    -1,
                    70000,
                ),
            )
        return self.record(
            {
                "target": lambda: self.of((80, "81", 65535, "443"), (0, 70000, "x", "80-81", 80.5)),
                "published": lambda: self.of(
                    ("8080", "8081", "9000-9010", "0"),
                    ("x", 1.5, True, 70000, "1-", "5-3", -1),
                ),
                "host_ip": lambda: self.of(
                    ("127.0.0.1", "::1", "", "0.0.0.0"), ("localhost", 1, "1.2.3")
                ),
                "protocol": lambda: self.of(("tcp", "udp", "sctp", "icmp"), (1, None)),
                "mode": lambda: self.of(("host", "ingress", "", "odd"), (1, None)),
                "name": self.text,
                "app_protocol": self.text,
            },
            ("target",),
        )

    def mount(self) -> Any:
        rng = self.rng
        target = f"/t{rng.randint(0, 6)}" + rng.choice(("", "", "/", "/../x", "//y"))
        if rng.random() < 0.5:
            source = rng.choice(("vol1", "vol2", "./a", "../b", "/c", "~/d", "~", "."))
            option = rng.choice(
                ("", "", ":ro", ":rw", ":z,ro", ":cached", ":nocopy", ":rshared", ":Z", ":RO")
            )
            return self.of(
                (f"{source}:{target}{option}", target, f"{source}:{target}"),
                (
                    "",
                    "undefined:/x",
                    ":x",
                    "a:b:c:d",
                    1,
                    None,
                    f"/c:{target}:ro:x",
                    [],
                    "v:/data",
                    "C:\\a:/b",
                ),
            )
        return self.record(
            {
                "type": lambda: self.choice("bind", "volume", "tmpfs", "image", "cluster", "npipe"),
                "source": lambda: self.of(("vol1", "vol2", "vol1"), ("./a", "/x", "", 1, "nope")),
                "target": lambda: self.of((target,), ("", None, 1, "rel")),
                "read_only": self.truth,
                "consistency": self.text,
                "bind": lambda: self.record(
                    {
                        "propagation": self.text,
                        "create_host_path": self.truth,
                        "recursive": lambda: self.choice(
                            "enabled", "disabled", "writable", "readonly"
                        ),
                        "selinux": lambda: self.choice("z", "Z"),
                    }
                ),
                "volume": lambda: self.record(
                    {"labels": self.pairs, "nocopy": self.truth, "subpath": self.text}
                ),
                "tmpfs": lambda: self.record(
                    {
                        "size": self.size,
                        "mode": lambda: self.of(
                            (Raw("0755"), 493), ("8", "755", "0755", "x", 1.5, None)
                        ),
                    }
                ),
                "image": lambda: self.record({"subpath": self.text}),
            },
            ("type", "target"),
        )

    def grant(self, names: Sequence[str]) -> Any:
        if self.rng.random() < 0.5:
            return self.of(names, ("undefined", 1, None, "", []))
        return self.record(
            {
                "source": lambda: self.of(names, ("undefined", 1, None)),
                "target": lambda: self.of(("/x", "y", "z/q"), _NO_TEXTS),
                "uid": lambda: self.of(("1", "", "u"), (1, None)),
                "gid": lambda: self.of(("1", "", "u"), (1, None)),
                "mode": lambda: self.of(
                    (Raw("0440"), 440, "0440", "440", 0, 288, "0"),
                    ("x", "8", "0o440", 1.5, None, True, "", "rw"),
                ),
            },
            ("source",),
        )

    def ulimits(self) -> Any:
        if self.rng.random() < self.bad:
            return self.rng.choice(
                (
                    [],
                    None,
                    {"a": None},
                    {"nofile": {"soft": 1}},
                    {"A": 1},
                    {"a": "x"},
                    {"a": 1.5},
                    ["nofile=1"],
                    {"a": {}},
                    {"a1": 5},
                )
            )
        return {
            name: self.count()
            if self.rng.random() < 0.6
            else self.record({"soft": self.count, "hard": self.count}, ("soft", "hard"))
            for name in _distinct(self.rng, ("nofile", "nproc", "core", "as"))
        }

    def device_request(self) -> Any:
        return self.record(
            {
                "capabilities": lambda: self.texts(("gpu", "tpu", "x")),
                "count": lambda: self.of((1, "2", "all", "ALL"), ("x", 1.5, None, True)),
                "device_ids": lambda: self.texts(("0", "1")),
                "driver": self.text,
                "options": self.pairs,
            },
            ("capabilities",),
        )

    def build(self) -> Any:
        if self.rng.random() < 0.25:
            return self.of(
                (*_PATHS, "https://x.y/z.git", "git@x:y", "github.com/a/b", ""), (1, None, [])
            )
        return self.record(
            {
                "context": lambda: self.of(
                    (
                        *_PATHS,
                        "https://x.y/z.git#main:sub",
                        "ssh://a/b",
                        "service:dep",
                        "docker-image://x",
                        "oci-layout://x",
                    ),
                    _BAD_TEXTS,
                ),
                "dockerfile": self.path,
                "dockerfile_inline": self.text,
                "entitlements": self.texts,
                "args": self.pairs,
                "ssh": lambda: self.of(
                    (
                        ["default"],
                        {"default": None},
                        ["default", "k=./p"],
                        {"k": "~/x"},
                        {"a": "b", "default": ""},
                        [],
                        ["k=/abs"],
                        ["a=b=c"],
                    ),
                    (None, "default", 1, [1], {"a": 1}, {"a": []}, ["a", "a"]),
                ),
                "labels": self.pairs,
                "cache_from": self.texts,
                "cache_to": self.texts,
                "no_cache": self.truth,
                "no_cache_filter": lambda: self.texts(("s1", "s2", ""), scalar=True),
                "additional_contexts": lambda: self.of(
                    (
                        {"n": "./d"},
                        ["n=./d", "m=https://x.y"],
                        {"a": "docker-image://x"},
                        ["n"],
                        {},
                        {"n": "~/x", "q": "/abs/.."},
                        {"n": "oci-layout://a"},
                        {"r": "git@x:y"},
                    ),
                    (
                        None,
                        "x",
                        {"n": "service:nope"},
                        {"n": []},
                        {"n": 1},
                        {"n": None},
                        {"n": "service:dep"},
                    ),
                ),
                "network": self.word,
                "provenance": lambda: self.of((True, False, "max", "mode=max", ""), (1, None, [])),
                "sbom": lambda: self.of((True, False, "x", ""), (1, None, [])),
                "pull": self.truth,
                "target": self.text,
                "shm_size": self.size,
                "extra_hosts": self.hosts,
                "isolation": self.text,
                "privileged": self.truth,
                "secrets": lambda: self.several(lambda: self.grant(("sec1", "sec2"))),
                "tags": self.texts,
                "ulimits": self.ulimits,
                "platforms": lambda: self.texts(("linux/amd64", "linux/arm64")),
            }
        )

    def hosts(self) -> Any:
        return self.of(
            (
                ["h=1.2.3.4"],
                {"h": "1.2.3.4"},
                ["a:1.1.1.1", "a:2.2.2.2"],
                {"h": ["1.1.1.1", "2.2.2.2"]},
                ["x:[::1]"],
                ["x=::1"],
                {"x": "[::1]"},
                [],
                {},
                ["z=host-gateway", "a=1.1.1.1"],
                ["m=1.1.1.1,2.2.2.2"],
                {"h": []},
                ["v6:::1"],
                {"h": "1.1.1.1,2.2.2.2"},
                ["a=1.1.1.1", "b=1.1.1.1"],
            ),
            (
                ["a"],
                None,
                "a=b",
                1,
                [1],
                {"a": 1},
                {"a": None},
                ["a="],
                ["=1.1.1.1"],
                ["a=1", "a=1"],
                {"a": ["x", "x"]},
                [""],
                {"": "1"},
            ),
        )

    def update(self) -> Any:
        return self.record(
            {
                "parallelism": self.count,
                "delay": self.duration,
                "failure_action": self.text,
                "monitor": self.duration,
                "max_failure_ratio": self.number,
                "order": lambda: self.choice("start-first", "stop-first"),
            }
        )

    def deploy(self) -> Any:
        return self.record(
            {
                "mode": self.word,
                "endpoint_mode": self.word,
                "replicas": lambda: self.of((0, 1, "2", "+3"), _BAD_INTS),
                "labels": self.pairs,
                "update_config": self.update,
                "rollback_config": self.update,
                "resources": lambda: self.record(
                    {
                        "limits": lambda: self.record(
                            {"cpus": self.number, "memory": self.text_size, "pids": self.count}
                        ),
                        "reservations": lambda: self.record(
                            {
                                "cpus": self.number,
                                "memory": self.text_size,
                                "generic_resources": lambda: self.several(
                                    lambda: self.record(
                                        {
                                            "discrete_resource_spec": lambda: self.record(
                                                {"kind": self.text, "value": self.count}
                                            )
                                        }
                                    )
                                ),
                                "devices": lambda: self.several(self.device_request),
                            }
                        ),
                    }
                ),
                "restart_policy": lambda: self.record(
                    {
                        "condition": self.text,
                        "delay": self.duration,
                        "max_attempts": self.count,
                        "window": self.duration,
                    }
                ),
                "placement": lambda: self.record(
                    {
                        "constraints": self.texts,
                        "preferences": lambda: self.several(
                            lambda: self.of(({"spread": "x"}, {}, {"spread": ""}), ({"y": 1}, None))
                        ),
                        "max_replicas_per_node": self.count,
                    }
                ),
            }
        )

    def text_size(self) -> Any:
        return self.of(("512m", "0", "1.5g", "10"), (512, "x", None, 1.5))

    def command(self) -> Any:
        return self.of(
            (
                "a b",
                "",
                "sh -c 'a b'",
                ["a", "b"],
                [],
                "a && b",
                None,
                ["x y", ""],
                'a "b c"',
                "echo $$x",
                ["$$x"],
                "a\\ b",
            ),
            (1, True, [1], [None], "a (b)", "'x", {}, "a 'b"),
        )

    def hook(self) -> Any:
        return self.record(
            {
                "command": self.command,
                "user": self.text,
                "privileged": self.truth,
                "working_dir": self.path,
                "environment": self.pairs,
            },
            ("command",),
        )

    def watch(self) -> Any:
        return self.record(
            {
                "path": self.path,
                "action": lambda: self.choice(
                    "rebuild", "sync", "restart", "sync+restart", "sync+exec"
                ),
                "target": self.path,
                "ignore": lambda: self.texts(scalar=True),
                "include": lambda: self.texts(scalar=True),
                "exec": self.hook,
                "initial_sync": self.truth,
            },
            ("path", "action", "target"),
        )

    def blkio(self) -> Any:
        def rate() -> Any:
            return self.record(
                {
                    "path": self.text,
                    "rate": lambda: self.of(("12mb", 120, "5", 0), ("x", 1.5, None)),
                }
            )

        def weight() -> Any:
            return self.record(
                {
                    "path": self.text,
                    "weight": lambda: self.of((10, 0, 65535), ("x", 1.5, None, "10", 70000, -1)),
                }
            )

        return self.record(
            {
                "weight": lambda: self.of((0, 300), ("x", 1.5, None, 70000, -1, "300")),
                "weight_device": lambda: self.several(weight),
                "device_read_bps": lambda: self.several(rate),
                "device_read_iops": lambda: self.several(rate),
                "device_write_bps": lambda: self.several(rate),
                "device_write_iops": lambda: self.several(rate),
            }
        )

    def join(self) -> Any:
        return self.record(
            {
                "aliases": self.texts,
                "interface_name": self.text,
                "ipv4_address": self.text,
                "ipv6_address": self.text,
                "link_local_ips": self.texts,
                "mac_address": self.text,
                "driver_opts": self.options,
                "priority": lambda: self.of((0, 10, -5, 1.0), ("1", None, 1.5)),
                "gw_priority": lambda: self.of((0, 10, -5), ("1", None)),
            }
        )

    def options(self) -> Any:
        return self.of(
            (
                {},
                {"a": "b"},
                {"a": 1, "b": 1.5},
                {"x": "", "y10": "q", "y2": "q"},
                {"a": Raw("010")},
            ),
            (None, [], ["a=b"], {"a": True}, {"a": None}, {"a": []}, "x"),
        )

    def networks(self) -> Any:
        if self.rng.random() < 0.4:
            return self.of(
                ([], ["net1"], ["net1", "net-2"], ["default"], ["default", "net1"]),
                (None, "net1", ["nope"], ["net1", "net1"], [1], {"nope": None}, ["a b"]),
            )
        return {
            name: None if self.rng.random() < 0.3 else self.join()
            for name in _distinct(self.rng, ("net1", "net-2", "default"), 2)
        }

    def depends_on(self) -> Any:
        if self.rng.random() < 0.4:
            return self.of(
                ([], ["dep"], ["dep", "dep2"]),
                (None, "dep", ["nope"], ["dep", "dep"], [1], {"dep": None}, {"dep": {}}, ["c@N@"]),
            )
        return {
            name: self.record(
                {
                    "condition": lambda: self.choice(
                        "service_started", "service_healthy", "service_completed_successfully"
                    ),
                    "restart": self.truth,
                    "required": lambda: self.of((True, False), ("true", 1, None)),
                },
                ("condition",),
            )
            for name in _distinct(self.rng, ("dep", "dep2"), 2)
        }

    def healthcheck(self) -> Any:
        return self.record(
            {
                "test": lambda: self.of(
                    ("curl x", ["CMD", "a"], ["CMD-SHELL", "a b"], ["NONE"], [], "", "NONE"),
                    (["curl"], None, 1, [1], ["cmd", "x"], {}),
                ),
                "disable": self.truth,
                "interval": self.duration,
                "timeout": self.duration,
                "retries": lambda: self.of(
                    (0, 1, "3", 5.0, "+2"), (1.5, "x", -1, None, True, "-1")
                ),
                "start_period": self.duration,
                "start_interval": self.duration,
            }
        )

    def env_file(self) -> Any:
        def entry() -> Any:
            if self.rng.random() < 0.5:
                return self.of(("e.env", "./e.env", "l.env"), ("nope.env", 1, None, ""))
            found = self.record(
                {
                    "path": lambda: self.of(("e.env", "./l.env"), ("nope.env", 1, None)),
                    "required": self.truth,
                    "format": lambda: self.of(("raw",), ("odd", 1, None, "")),
                },
                ("path",),
            )
            if isinstance(found, dict):
                found.pop("x-extra", None)  # refused, and hidden by a later entry of that path
            return found

        if self.rng.random() < 0.3:
            return self.of(("e.env", "./l.env"), ("nope.env", "", 1, None, {"path": "e.env"}))
        return self.several(entry, 3)

    def service_keys(self) -> dict[str, Any]:
        """How each service key is drawn."""
        return {
            "annotations": self.pairs,
            "attach": self.truth,
            "blkio_config": self.blkio,
            "build": self.build,
            "cap_add": lambda: self.texts(("A", "B", "A=1", "A=2")),
            "cap_drop": lambda: self.texts(("A", "B")),
            "cgroup": lambda: self.choice("host", "private"),
            "cgroup_parent": self.text,
            "command": self.command,
            "configs": lambda: self.several(lambda: self.grant(("cfg1", "cfg2"))),
            "container_name": lambda: self.of(
                ("name@N@", "a/b@N@", "x.y-@N@"), ("c", "", "--", 1, None)
            ),
            "cpu_count": lambda: self.of((0, 1, "2"), (-1, "-1", 1.5, "x", None)),
            "cpu_percent": lambda: self.of((0, 50, "100", 100), (101, -1, 1.5, "101", "x", "50.5")),
            "cpu_period": self.rate,
            "cpu_quota": self.rate,
            "cpu_rt_period": self.rate,
            "cpu_rt_runtime": self.rate,
            "cpu_shares": self.rate,
            "cpus": self.number,
            "cpuset": self.text,
            "credential_spec": lambda: self.record(
                {"config": self.word, "file": self.path, "registry": self.text}
            ),
            "depends_on": self.depends_on,
            "deploy": self.deploy,
            "develop": lambda: self.record({"watch": lambda: self.several(self.watch)}),
            "device_cgroup_rules": self.texts,
            "devices": lambda: self.several(
                lambda: self.of(
                    (
                        "/a",
                        "/a:/b",
                        "/a:/b:r",
                        "/a::r",
                        "vendor.com/x=y",
                        {"source": "/a", "target": "/z"},
                        {"source": "/q", "target": "/r", "permissions": "rw", "x-d": 1},
                        "/a:",
                    ),
                    (
                        "a:b:c:d",
                        1,
                        None,
                        {},
                        {"target": "/x"},
                        {"source": "/a"},
                        {"source": 1, "target": "/x"},
                    ),
                )
            ),
            "dns": lambda: self.texts(("1.1.1.1", "8.8.8.8", "", "${NO}"), scalar=True),
            "dns_opt": lambda: self.texts(("a", "b")),
            "dns_search": lambda: self.texts(("a.b", "c", ""), scalar=True),
            "domainname": self.text,
            "entrypoint": self.command,
            "env_file": self.env_file,
            "environment": self.pairs,
            "expose": lambda: self.of(
                ([], ["80"], [80, "90"], ["3000-3005"], ["80/tcp", 80], [1.5], ["x"]),
                (None, "80", 80, [None], [True], [80, 80], [{}]),
            ),
            "external_links": self.texts,
            "extra_hosts": self.hosts,
            "gpus": lambda: (
                self.of(("all",), (2, "x", None, {}))
                if self.rng.random() < 0.3
                else self.several(self.device_request)
            ),
            "group_add": lambda: self.of(
                ([], ["g"], [1, "h"], ["1"], [1.5]), (None, "g", [1, 1], [None], [True])
            ),
            "healthcheck": self.healthcheck,
            "hostname": self.text,
            "image": lambda: self.of(
                ("i", "a/b:c", "x@sha256:1", "${NO:-d}"), ("", 1, None, "${NO}")
            ),
            "init": self.truth,
            "ipc": lambda: self.of(
                ("host", "service:dep", "shareable", ""), (1, None, "service:nope")
            ),
            "isolation": self.text,
            "label_file": lambda: self.of(
                ("l.env", ["l.env", "./e.env"], []), ("nope", None, 1, [1], {})
            ),
            "labels": self.pairs,
            "links": lambda: self.texts(("dep", "dep:alias", "dep2")),
            "logging": lambda: self.record(
                {
                    "driver": self.text,
                    "options": lambda: self.of(
                        ({}, {"a": 1, "b": "c", "d": None}, {"x": 1.5}),
                        (None, [], {"a": True}, {"a": []}, ["a=b"]),
                    ),
                }
            ),
            "mac_address": self.text,
            "mem_limit": self.size,
            "mem_reservation": self.size,
            "mem_swappiness": lambda: self.of((0, 10, "60"), (1.5, "x", None, True, -1)),
            "memswap_limit": self.size,
            "models": lambda: self.of(
                (
                    ["mod1"],
                    {"mod1": None},
                    {"mod1": {"endpoint_var": "E", "model_var": "M", "x-m": 1}},
                    [],
                    {},
                    {"mod1": {}},
                ),
                (["nope"], None, "mod1", {"mod1": {"x": 1}}, ["mod1", "mod1"]),
            ),
            "network_mode": lambda: self.of(
                ("host", "none", "bridge", "service:dep", "container:x"),
                (1, None, "service:nope"),
            ),
            "networks": self.networks,
            "oom_kill_disable": self.truth,
            "oom_score_adj": lambda: self.of((0, 500, -1000, "5"), (1001, "1001", 1.5, "x")),
            "pid": lambda: self.of(
                ("host", "service:dep2", "", "container:y"), (1, "service:nope")
            ),
            "pids_limit": self.rate,
            "platform": lambda: self.of(("linux/amd64", "linux/arm64", ""), (1, None)),
            "ports": lambda: self.several(self.port, 4),
            "post_start": lambda: self.several(self.hook),
            "pre_stop": lambda: self.several(self.hook),
            "pre_start": lambda: self.several(self.step),
            "privileged": self.truth,
            "profiles": lambda: self.texts(("p1", "p2", "p1=x")),
            "provider": lambda: self.record(
                {
                    "type": self.word,
                    "options": lambda: self.of(
                        (
                            {"a": "b"},
                            {"a": 1, "b": True, "c": [1, "x", False]},
                            {},
                            {"a": 1.5, "b": []},
                        ),
                        (None, [], {"a": None}, {"a": {}}, {"a": [None]}),
                    ),
                },
                ("type",),
            ),
            "pull_policy": lambda: self.choice(
                "always",
                "never",
                "build",
                "if_not_present",
                "missing",
                "refresh",
                "daily",
                "weekly",
                "every_2h",
                "every_1d12h",
                "every_5",
            ),
            "pull_refresh_after": self.text,
            "read_only": self.truth,
            "restart": lambda: self.of(
                ("no", "always", "on-failure:3", "unless-stopped", ""), (True, False, 1, None)
            ),
            "runtime": self.text,
            "scale": lambda: self.of((0, 1, "2", "+1"), (-1, "x", 1.5, None, True, "")),
            "secrets": lambda: self.several(lambda: self.grant(("sec1", "sec2"))),
            "security_opt": self.texts,
            "shm_size": self.size,
            "stdin_open": self.truth,
            "stop_grace_period": self.duration,
            "stop_signal": self.text,
            "storage_opt": lambda: self.of(
                ({}, {"size": "1G"}, {"a": 1}, {"a": True}, {"a": 1.5}),
                (None, [], {"a": []}, {"a": None}, {"a": {}}, "x"),
            ),
            "sysctls": self.pairs,
            "tmpfs": lambda: self.texts(("/run", "/tmp:size=1m", "/run=x", "/x"), scalar=True),
            "tty": self.truth,
            "ulimits": self.ulimits,
            "use_api_socket": lambda: self.of((True, False), ("true", 1, None)),
            "user": self.text,
            "userns_mode": self.text,
            "uts": lambda: self.of(("host", "service:dep", ""), (1, None)),
            "volumes": lambda: self.several(self.mount, 4),
            "volumes_from": lambda: self.texts(
                ("dep", "dep2:ro", "container:x", "container:x:ro", "dep:rw")
            ),
            "working_dir": self.path,
        }

    def rate(self) -> Any:
        return self.of((0, 100, "200", 1.5, 1e6, -1, "+5"), ("x", "", "1.5", None, True, "50ms"))

    def step(self) -> Any:
        keys = {key: make for key, make in self.service_keys().items() if key not in _NOT_IN_STEPS}
        chosen = self.rng.sample(sorted(keys), self.rng.randint(0, 4))
        found = {key: keys[key]() for key in chosen}
        if self.rng.random() < 0.2:
            found["per_replica"] = self.truth()
        if self.rng.random() < 0.1:
            found["x-step"] = self.anything()
        if self.rng.random() < self.bad * 0.2:
            found["build"] = "."
        return found

    def service(self) -> dict[str, Any]:
        keys = self.service_keys()
        chosen = self.rng.sample(sorted(keys), self.rng.randint(1, 5))
        found: dict[str, Any] = {} if self.rng.random() < self.bad * 0.1 else {"image": "i"}
        for key in chosen:
            found[key] = keys[key]()
        if self.bad:
            # What replaces a faulty entry hides it from Compose.
            for key in ("configs", "devices", "env_file", "secrets", "volumes"):
                if isinstance(found.get(key), list):
                    found[key] = found[key][:1]
        if self.rng.random() < 0.1:
            found["x-any"] = self.anything()
        if self.rng.random() < self.bad * 0.1:
            found[self.rng.choice(("container", "dockerfile", "net", "triggers", "name"))] = "x"
        return found

    def job(self) -> Any:
        keys = {key: make for key, make in self.service_keys().items() if key not in _NOT_IN_JOBS}
        found: dict[str, Any] = {"image": "i"}
        if self.rng.random() > self.bad * 0.2:
            found["triggers"] = self.record(
                {
                    "manual": self.truth,
                    "schedule": lambda: self.several(
                        lambda: self.of(
                            (
                                "0 3 * * *",
                                {"cron": "1 * * * *", "timezone": "UTC", "concurrency": "queue"},
                                {"cron": "@daily", "missed_fires": "skip", "x-a": 1},
                            ),
                            (1, None, {}, {"timezone": "UTC"}, {"cron": 1}, "x"),
                        )
                    ),
                },
                ("manual",),
            )
        for key in self.rng.sample(sorted(keys), self.rng.randint(0, 4)):
            found[key] = keys[key]()
        if self.rng.random() < self.bad * 0.2:
            found[self.rng.choice(("restart", "scale", "deploy", "links"))] = "x"
        return found

    def external(self) -> Any:
        return self.of(
            (True, False, "true", "no", {"name": "ext"}),
            ("x", None, 1, {"nome": 1}, {"name": 1}, {}),
        )

    def network(self) -> Any:
        return self.record(
            {
                "name": self.word,
                "driver": self.text,
                "driver_opts": self.options,
                "ipam": lambda: self.record(
                    {
                        "driver": self.text,
                        "config": lambda: self.several(
                            lambda: self.record(
                                {
                                    "subnet": lambda: self.of(
                                        ("10.0.0.0/8", "2001::/64", ""), ("x", 1, None)
                                    ),
                                    "ip_range": lambda: self.of(("10.1.0.0/16", ""), (1, None)),
                                    "gateway": lambda: self.of(("10.0.0.1", ""), (1, None)),
                                    "aux_addresses": lambda: self.of(
                                        ({}, {"a": "10.0.0.3"}), (None, [], {"a": 1})
                                    ),
                                }
                            )
                        ),
                        "options": lambda: self.of(({}, {"a": "b"}), (None, [], {"a": 1})),
                    }
                ),
                "external": self.external,
                "internal": self.truth,
                "enable_ipv4": self.truth,
                "enable_ipv6": self.truth,
                "attachable": self.truth,
                "labels": self.pairs,
            }
        )

    def volume(self) -> Any:
        fields = {
            "name": self.word,
            "driver": lambda: self.of(("local", "d", ""), (1, None)),
            "driver_opts": lambda: self.of(
                (
                    {},
                    {"type": "none", "o": "bind", "device": "./d"},
                    {"a": 1},
                    {"o": "bind", "device": "~/x"},
                    {"device": "rel"},
                ),
                (None, [], {"a": True}, {"a": None}),
            ),
            "labels": self.pairs,
        }
        if self.rng.random() < 0.3:
            fields = {"name": self.word, "external": self.external}
            if self.rng.random() < self.bad:
                fields["driver"] = self.word
        return None if self.rng.random() < 0.1 else self.record(fields)

    def secret(self, *, config: bool) -> Any:
        sources: dict[str, Any] = {
            "file": self.path,
            "environment": lambda: self.of(("HV", "NO"), (1, None)),
        }
        if config:
            sources["content"] = self.text
        fields: dict[str, Any] = {
            "name": self.word,
            "labels": self.pairs,
            "template_driver": self.text,
        }
        if not config:
            fields |= {"driver": self.text, "driver_opts": self.options}
        keys = self.rng.sample(sorted(sources), 1 if self.rng.random() > self.bad * 0.3 else 2)
        always: tuple[str, ...] = tuple(keys)
        if self.rng.random() < 0.2:
            always, keys = ("external",), []
        fields |= {key: sources[key] for key in keys}
        if always == ("external",):
            fields["external"] = (
                (lambda: self.of((True, "true", {"name": "ext"}), ("x", None, 1, {"nome": 1})))
                if config
                else self.external
            )
        return self.record(fields, always)

    def model(self) -> Any:
        return self.record(
            {
                "name": self.word,
                "model": self.text,
                "context_size": lambda: self.of((0, 10), ("10", None, 1.5)),
                "runtime_flags": self.texts,
            },
            ("model",),
        )


_SERVICE_ONLY: tuple[Any, ...] = (
    "attach",
    "container_name",
    "deploy",
    "develop",
    "external_links",
    "links",
    "post_start",
    "pre_start",
    "pre_stop",
    "provider",
    "restart",
    "scale",
)
_NOT_IN_JOBS = _SERVICE_ONLY
_NOT_IN_STEPS: tuple[Any, ...] = (
    *_SERVICE_ONLY,
    "profiles",
    "build",
    "depends_on",
    "expose",
    "healthcheck",
    "ports",
    "stdin_open",
    "tty",
)


def make(rng: random.Random) -> Case:
    """One case; one in two tries to be good all through."""
    maker = _Maker(rng, rng.choice((0.0, 0.0, 0.0, 0.04, 0.15)))
    form = rng.random()
    if form < 0.72:
        return Case("services", maker.service())
    if form < 0.78:
        return Case("jobs", maker.job())
    if form < 0.84:
        return Case("networks", maker.network())
    if form < 0.9:
        return Case("volumes", maker.volume())
    if form < 0.94:
        return Case("secrets", maker.secret(config=False))
    if form < 0.98:
        return Case("configs", maker.secret(config=True))
    return Case("models", maker.model())
