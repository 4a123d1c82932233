"""`ecs-params.yml`, in which ecs-cli had what a compose file does not say about ECS.

ecs-cli made one task of a project, and `task_definition` is of that task: `layout: single` unless
`x-ecs` or a flag says otherwise. Its variables are the shell's, never those of `.env`. What it says
of a service's memory, CPU, health check and so on wins over the compose file, as it did there;
`x-ecs` wins over it.

Source: https://github.com/aws/amazon-ecs-cli#using-ecs-parameters
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from compose2ecs import codes
from compose2ecs.compose.files import Files
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.quantity import format_value, parse_bytes, parse_duration
from compose2ecs.compose.reading import (
    Reading,
    boolean,
    choice,
    natural,
    nearest,
    number_text,
    pairs,
    string,
    strings,
    unknown_key,
    whole,
)
from compose2ecs.compose.trees import Trees
from compose2ecs.ecs.retired import X_ECS, Tree, form, is_ignored, located
from compose2ecs.limits import MIB
from compose2ecs.report import Code


def amend_with(path: str, environment: Mapping[str, str]) -> Callable[[Map, Reading, Files], Map]:
    """What puts an ecs-params file into the tree of a project, as `load_project` takes it."""

    def amend(root: Map, reading: Reading, files: Files) -> Map:
        trees = Trees(
            files, reading.report, reading.sources, legacy=False, check=lambda part, reading: None
        )
        text = trees.parse(os.path.normpath(os.path.join(files.root, path)))
        params = _Params(Tree(root), reading)
        for document in text.documents:
            trees.interpolate(document, environment.get)
            params.read(document.root)
        return params.tree.root

    return amend


_Handler = Callable[["_Params", Any, int, int], None]  # value, place of its key, its own place


class _Params:
    """One reading of such a file, and the tree that what it says is put into."""

    def __init__(self, tree: Tree, reading: Reading) -> None:
        self.tree = tree
        self.reading = reading
        services = tree.look("services")
        self.services = tuple(services) if isinstance(services, Map) else ()
        self.service = ""  # the one at hand
        self.later: list[tuple[str, tuple[str, ...], Any, int, int]] = []

    def read(self, document: Map) -> None:
        reading = self.reading
        reading.path = []
        _FILE(self, document, document.place, document.place)
        for path, deep, value, key_place, place in self.later:
            reading.path = [path]
            self.everywhere(deep, value, key_place, place)
        self.later = []
        reading.path = []
        if self.tree.plant((X_ECS, "layout"), "single", document.place, document.place):
            self.say(codes.ECS_PARAMS_LAYOUT, document.place)

    def say(self, code: Code, place: int, **facts: Any) -> None:
        """Report of the key at hand, unless `x-ecs.ignore` has the code."""
        if not is_ignored(self.tree, code, self.reading.service):
            self.reading.say(code, place, **facts)

    def x_ecs(self, path: tuple[str, ...], value: Any, key_place: int, place: int) -> None:
        """Put a value under the project's `x-ecs`."""
        path = (X_ECS, *path)
        new = self.tree.plant(path, value, key_place, place)
        self.say(codes.CAME_OVER if new else codes.CAME_SECOND, key_place, form=form(path))

    def of_service(self, path: tuple[str, ...], value: Any, key_place: int, place: int) -> None:
        """Put a value under the `x-ecs` of the service at hand."""
        path = (X_ECS, *path)
        new = self.tree.plant(("services", self.service, *path), value, key_place, place)
        self.say(codes.CAME_OVER if new else codes.CAME_SECOND, key_place, form=form(path))

    def of_task(self, field: str, value: Any, key_place: int, place: int) -> None:
        """Put a field of the task definition under the overrides of each service."""
        path = (X_ECS, "overrides", "task_definition", field)
        self.when_read(path, value, key_place, place)

    def when_read(self, path: tuple[str, ...], value: Any, key_place: int, place: int) -> None:
        """Put a value into every service, once it is known what each is for."""
        self.later.append(("".join(self.reading.path), path, value, key_place, place))

    def everywhere(self, path: tuple[str, ...], value: Any, key_place: int, place: int) -> None:
        """Put a value into every service that it can be for and that does not have it."""
        done = [
            self.tree.plant(("services", name, *path), value, key_place, place)
            for name in self.services
            if not self.left_alone(name, path)
        ]
        code = codes.CAME_OVER_EVERYWHERE if all(done) else codes.CAME_SECOND
        self.say(code, key_place, form=form(path))

    def left_alone(self, name: str, path: tuple[str, ...]) -> bool:
        """Whether an override would be for nothing: the service runs elsewhere, or runs to its end
        in the task of another one and so has no ECS service."""
        if self.tree.look("services", name, X_ECS, "external") is not None:
            return True
        if path[:3] != (X_ECS, "overrides", "service"):
            return False
        if self.tree.look("services", name, X_ECS, "job") is not None:
            return True
        return any(
            self.tree.look("services", other, "depends_on", name, "condition") == _COMPLETED
            for other in self.services
        )

    def of_mounting(self, volume: str, entry: dict[str, Any], key_place: int, place: int) -> None:
        """Put what a volume is besides under the overrides of the services that mount it."""
        path = (X_ECS, "overrides", "task_definition", "volumes")
        body = located({"name": volume, **entry}, place)
        for name in self.services:
            if volume in self.mounted(name):
                self.tree.add(("services", name, *path), body, "name", key_place)
        self.say(codes.CAME_OVER, key_place, form=form(path))

    def mounted(self, service: str) -> list[str]:
        """The volumes that a service mounts, as far as they have names."""
        found = []
        mounts = self.tree.look("services", service, "volumes")
        for mount in mounts if isinstance(mounts, Seq) else ():
            source = mount.get("source") if isinstance(mount, Map) else mount
            if isinstance(source, str):
                found.append(source.partition(":")[0])
        return found

    def compose(
        self, path: tuple[str, ...], value: Any, key_place: int, place: int, *rivals: str
    ) -> None:
        """Put a Compose key into the service at hand, in the place of the `rivals` (dotted)."""
        own = ("services", self.service)
        beaten = [
            name for name in (*rivals, ".".join(path)) if self.tree.uproot((*own, *name.split(".")))
        ]
        self.tree.plant((*own, *path), value, key_place, place)
        if beaten:
            said = " and ".join(f"`{n}`" if n != ".".join(path) else "that" for n in beaten)
            self.say(codes.CAME_OVER_FIRST, key_place, form=form(path), beaten=said)
        else:
            self.say(codes.CAME_OVER, key_place, form=form(path))


def _table(handlers: Mapping[str, _Handler]) -> _Handler:
    """A mapping whose keys have a handler each; what is empty says nothing, as in Go."""

    def handle(params: _Params, value: Any, key_place: int, place: int) -> None:
        reading = params.reading
        if not isinstance(value, Map):
            reading.wrong_type(value, place, "a mapping")
            return
        for key, item in value.items():
            handler = handlers.get(key)
            if handler is None:
                unknown_key(key, value.keys_at[key], reading, handlers)
            elif item is not None and item != "":
                reading.path.append(f".{key}")
                handler(params, item, value.keys_at[key], value.at[key])
                reading.path.pop()

    return handle


def _list(handler: _Handler) -> _Handler:
    """A list whose entries have one handler."""

    def handle(params: _Params, value: Any, key_place: int, place: int) -> None:
        reading = params.reading
        if not isinstance(value, Seq):
            reading.wrong_type(value, place, "a list")
            return
        for number, item in enumerate(value):
            reading.path.append(f"[{number}]")
            handler(params, item, value.at[number], value.at[number])
            reading.path.pop()

    return handle


def _fields(
    value: Any, place: int, reading: Reading, readers: Mapping[str, Any], *required: str
) -> dict[str, Any] | None:
    """The keys of a small mapping, each read; None where one that it needs is missing."""
    if not isinstance(value, Map):
        reading.wrong_type(value, place, "a mapping")
        return None
    found: dict[str, Any] = {}
    for key, item in value.items():
        if key not in readers:
            unknown_key(key, value.keys_at[key], reading, readers)
        elif item is not None and item != "":
            reading.path.append(f".{key}")
            found[key] = readers[key](item, value.at[key], reading)
            reading.path.pop()
    for key in required:
        if key not in found:
            reading.say(codes.MISSING_KEY, value.place, key=key)
        if found.get(key) is None:
            return None
    return {key: item for key, item in found.items() if item is not None}


def _x_ecs(*path: str) -> _Handler:
    """A key that `x-ecs` has as well, in the same form."""

    def handle(params: _Params, value: Any, key_place: int, place: int) -> None:
        params.x_ecs(path, value, key_place, place)

    return handle


# ---------------------------------------------------------------------------- task_definition


def _version(params: _Params, value: Any, key_place: int, place: int) -> None:
    if format_value(value) != "1":
        params.reading.say(
            codes.BAD_CHOICE, place, value=format_value(value), choices="1", guess=""
        )


def _network_mode(params: _Params, value: Any, key_place: int, place: int) -> None:
    mode = choice("bridge", "awsvpc", "host", "none")(value, place, params.reading)
    if mode == "none":
        for name in params.services:
            params.tree.uproot(("services", name, "networks"))
            params.tree.uproot(("services", name, "network_mode"))
        params.everywhere(("network_mode",), mode, key_place, place)
    elif mode is not None:
        params.x_ecs(("network", "mode"), mode, key_place, place)


def _task_cpu(params: _Params, value: Any, key_place: int, place: int) -> None:
    """CPU units, or CPUs as in `.25 vCPU`."""
    text = number_text(value, place, params.reading)
    if text is None:
        return
    number = text.lower().removesuffix("vcpu").strip()
    try:
        units = round(float(number) * 1024) if number != text else int(number)
    except (ValueError, OverflowError):
        params.reading.wrong_type(value, place, "CPU units, or CPUs such as 0.5 vCPU")
        return
    params.of_task("cpu", str(units), key_place, place)


def _task_memory(params: _Params, value: Any, key_place: int, place: int) -> None:
    """MiB, or a size with a unit."""
    text = number_text(value, place, params.reading)
    if text is None:
        return
    try:
        mib = int(text) if text.isdigit() else -(-parse_bytes(text) // MIB)
    except ValueError as error:
        params.reading.say(codes.BAD_SIZE, place, reason=error)
        return
    params.of_task("memory", str(mib), key_place, place)


def _namespace(field: str, *modes: str) -> _Handler:
    def handle(params: _Params, value: Any, key_place: int, place: int) -> None:
        mode = choice(*modes)(value, place, params.reading)
        if mode is not None:
            params.of_task(field, mode, key_place, place)

    return handle


def _disk(params: _Params, value: Any, key_place: int, place: int) -> None:
    size = whole(20, 200)(value, place, params.reading)
    if size is not None:
        body = located({"sizeInGiB": size}, place)
        params.of_task("ephemeralStorage", body, key_place, place)


_CONSTRAINT = {"type": choice("memberOf", "distinctInstance"), "expression": string}


def _constraints(value: Any, place: int, reading: Reading) -> list[dict[str, str]] | None:
    if not isinstance(value, Seq):
        reading.wrong_type(value, place, "a list")
        return None
    found = []
    for number, item in enumerate(value):
        reading.path.append(f"[{number}]")
        entry = _fields(item, value.at[number], reading, _CONSTRAINT, "type")
        reading.path.pop()
        if entry is not None:
            found.append(entry)
    return found


def _task_constraints(params: _Params, value: Any, key_place: int, place: int) -> None:
    found = _constraints(value, place, params.reading)
    if found:
        params.of_task("placementConstraints", located(found, place), key_place, place)


# ---------------------------------------------------------------------------- volumes


_DOCKER_VOLUME = {
    "name": string,
    "scope": choice("shared", "task"),
    "autoprovision": boolean,
    "driver": string,
    "driver_opts": pairs(),
    "labels": pairs(),
}


def _docker_volume(params: _Params, value: Any, key_place: int, place: int) -> None:
    """A volume of Docker's on the instance, by the name that it has there."""
    fields = _fields(value, place, params.reading, _DOCKER_VOLUME, "name")
    if fields is None:
        return
    name = fields["name"]
    own = ("volumes", name)
    shared, made = fields.get("scope") == "shared", fields.get("autoprovision", False)
    keys = ("driver", "driver_opts", "labels")
    said: dict[str, Any] = {key: fields[key] for key in keys if key in fields}
    if shared and not made and not said:
        said["external"] = True
    for key, item in {"name": name, **said}.items():
        params.tree.plant((*own, key), located(item, place), key_place, place)
    params.say(codes.CAME_OVER, key_place, form=form((*own, "name")))
    body: dict[str, Any] | None = None
    if not shared:
        body = {"scope": "task", "autoprovision": None}
    elif not made and "external" not in said:
        body = {"autoprovision": False}
    if body is not None:
        params.of_mounting(name, {"dockerVolumeConfiguration": body}, key_place, place)


_SWITCH = choice("ENABLED", "DISABLED")
_EFS_VOLUME = {
    "name": string,
    "filesystem_id": string,
    "root_directory": string,
    "transit_encryption": _SWITCH,
    "transit_encryption_port": whole(1, 65535),
    "access_point": string,
    "iam": _SWITCH,
}
_EFS_KEYS = {
    "filesystem_id": "file_system_id",
    "root_directory": "root_directory",
    "access_point": "access_point",
    "transit_encryption": "transit_encryption",
    "iam": "iam",
}


def _efs_volume(params: _Params, value: Any, key_place: int, place: int) -> None:
    fields = _fields(value, place, params.reading, _EFS_VOLUME, "name", "filesystem_id")
    if fields is None:
        return
    name = fields["name"]
    efs = Map(place)
    for key, ours in _EFS_KEYS.items():
        if key in fields:
            said = fields[key]
            if key in ("transit_encryption", "iam"):
                said = said == "ENABLED"
            efs.put(ours, said, value.keys_at[key], value.at[key])
    params.tree.plant(("volumes", name, "name"), name, key_place, place)
    params.x_ecs(("volumes", name, "efs"), efs, key_place, place)
    if "transit_encryption_port" in fields:
        key = "transit_encryption_port"
        body = {"efsVolumeConfiguration": {"transitEncryptionPort": fields[key]}}
        params.of_mounting(name, body, value.keys_at[key], value.at[key])


# ---------------------------------------------------------------------------- services


def _services(params: _Params, value: Any, key_place: int, place: int) -> None:
    reading = params.reading
    if not isinstance(value, Map):
        reading.wrong_type(value, place, "a mapping")
        return
    for name, body in value.items():
        if name not in params.services:
            guess = nearest(name, params.services)
            hint = (
                f"did you mean {guess!r}?" if guess else f"there are: {', '.join(params.services)}"
            )
            params.say(codes.ECS_PARAMS_SERVICE, value.keys_at[name], name=name, known=hint)
        elif body is not None:
            params.service = reading.service = name
            reading.path.append(f".{name}")
            _SERVICE(params, body, value.keys_at[name], value.at[name])
            reading.path.pop()
            reading.service = None
    if params.services and all(
        isinstance(value.get(name), Map) and value[name].get("essential") is False
        for name in params.services
    ):
        reading.say(codes.ECS_PARAMS_ESSENTIAL, key_place)


def _container(field: str) -> _Handler:
    """A field of the container definition that nothing but an override says."""

    def handle(params: _Params, value: Any, key_place: int, place: int) -> None:
        params.of_service(("overrides", "container", field), value, key_place, place)

    return handle


def _essential(params: _Params, value: Any, key_place: int, place: int) -> None:
    said = boolean(value, place, params.reading)
    if said:
        params.say(codes.CAME_AS_IS, key_place)
    elif said is False:
        params.of_service(("overrides", "container", "essential"), False, key_place, place)


_COMPLETED = "service_completed_successfully"
_CONDITIONS = {
    "START": "service_started",
    "HEALTHY": "service_healthy",
    "SUCCESS": _COMPLETED,
    "COMPLETE": _COMPLETED,  # an override says the rest
}
_DEPENDENCY = {"container_name": string, "condition": choice(*_CONDITIONS)}


def _depends_on(params: _Params, value: Any, key_place: int, place: int) -> None:
    reading = params.reading
    if not isinstance(value, Seq):
        reading.wrong_type(value, place, "a list")
        return
    written = params.tree.look("services", params.service, "depends_on")
    wanted = written.copy() if isinstance(written, Map) else Map(place)
    if isinstance(written, Seq):
        for name, at in zip(written, written.at, strict=True):
            if name.__class__ is str:
                wanted.put(name, located({"condition": "service_started"}, at), at, at)
    for number, item in enumerate(value):
        at = value.at[number]
        reading.path.append(f"[{number}]")
        fields = _fields(item, at, reading, _DEPENDENCY, "container_name", "condition")
        if fields is not None:
            if fields["condition"] == "COMPLETE":
                ends = {"containerName": fields["container_name"], "condition": "COMPLETE"}
                path = (X_ECS, "overrides", "container", "dependsOn")
                own = ("services", params.service, *path)
                params.tree.add(own, located(ends, at), "containerName", at)
                params.say(codes.CAME_OVER, at, form=form(path))
            condition = {"condition": _CONDITIONS[fields["condition"]]}
            wanted.put(fields["container_name"], located(condition, at), at, at)
        reading.path.pop()
    params.tree.uproot(("services", params.service, "depends_on"))
    params.compose(("depends_on",), wanted, key_place, place)


def _cpu(params: _Params, value: Any, key_place: int, place: int) -> None:
    if natural(value, place, params.reading):
        rivals = (
            *("cpus", "cpu_quota", "cpu_period", "cpu_count"),
            *("deploy.resources.limits.cpus", "deploy.resources.reservations.cpus"),
        )
        params.compose(("cpu_shares",), value, key_place, place, *rivals)


def _size(key: str, part: str) -> _Handler:
    """Memory, in the one of Compose's two places for it where the file has the other limits."""
    deep = ("deploy", "resources", part, "memory")

    def handle(params: _Params, value: Any, key_place: int, place: int) -> None:
        own = ("services", params.service)
        if params.tree.look(*own, *deep[:-1]) is None:
            params.compose((key,), value, key_place, place)
        elif value.__class__ in (str, int):
            params.compose(deep, format_value(value), key_place, place, key)
        else:
            params.reading.wrong_type(value, place, "a size")

    return handle


def _gpu(params: _Params, value: Any, key_place: int, place: int) -> None:
    count = whole(1, 64)(value, place, params.reading)
    if count is not None:
        wanted = located([{"count": count}], place)
        rival = "deploy.resources.reservations.devices"
        params.compose(("gpus",), wanted, key_place, place, rival)


def _init(params: _Params, value: Any, key_place: int, place: int) -> None:
    said = boolean(value, place, params.reading)
    if said:
        params.compose(("init",), said, key_place, place)
    elif said is False:
        params.say(codes.CAME_AS_IS, key_place)


_DURATIONS = ("interval", "timeout", "start_period")


def _seconds(value: Any, place: int, reading: Reading) -> str | None:
    """A duration as Compose has it; ecs-cli counts a bare number as seconds."""
    text = number_text(value, place, reading)
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return f"{text}s"
    try:
        parse_duration(text)
    except ValueError as error:
        reading.say(codes.BAD_DURATION, place, reason=error)
        return None
    return text


def _words(value: Any, place: int, reading: Reading) -> Any:
    """A command for Docker; one that is alone goes through the shell."""
    if value.__class__ is str:
        return value
    listed = strings(duplicates="keep")(value, place, reading)
    return listed[0] if len(listed) == 1 and listed[0] != "NONE" else located(listed, place)


_CHECK = {
    "test": _words,
    "command": _words,
    "retries": natural,
    **dict.fromkeys(_DURATIONS, _seconds),
}


def _health(params: _Params, value: Any, key_place: int, place: int) -> None:
    """Each key wins over the compose file's own; the others of its check stay."""
    fields = _fields(value, place, params.reading, _CHECK)
    if not fields:
        return
    if "test" in fields and "command" in fields:
        params.reading.say(codes.CONTRADICTION, key_place, first="test", second="command")
        return
    written = params.tree.look("services", params.service, "healthcheck")
    check = written.copy() if isinstance(written, Map) else Map(place)
    check.drop("disable")
    for key, said in fields.items():
        ours = "test" if key == "command" else key
        check.put(ours, said, value.keys_at[key], value.at[key])
    params.tree.uproot(("services", params.service, "healthcheck"))
    params.compose(("healthcheck",), check, key_place, place)


def _firelens(params: _Params, value: Any, key_place: int, place: int) -> None:
    readers = {"type": choice("fluentbit", "fluentd"), "options": pairs()}
    fields = _fields(value, place, params.reading, readers, "type")
    if fields is not None:
        _container("firelensConfiguration")(params, located(fields, place), key_place, place)


_SECRET = {"name": string, "value_from": string}


def _secret(params: _Params, value: Any, key_place: int, place: int) -> None:
    fields = _fields(value, place, params.reading, _SECRET, "name", "value_from")
    if fields is not None:
        at = value.at["value_from"]
        params.of_service(("secrets", fields["name"]), fields["value_from"], key_place, at)


def _secret_options(params: _Params, value: Any, key_place: int, place: int) -> None:
    reading = params.reading
    if not isinstance(value, Seq):
        reading.wrong_type(value, place, "a list")
        return
    found = []
    for number, item in enumerate(value):
        reading.path.append(f"[{number}]")
        fields = _fields(item, value.at[number], reading, _SECRET, "name", "value_from")
        reading.path.pop()
        if fields is not None:
            found.append({"name": fields["name"], "valueFrom": fields["value_from"]})
    if found:
        path = ("overrides", "container", "logConfiguration", "secretOptions")
        params.of_service(path, located(found, place), key_place, place)


def _credentials(params: _Params, value: Any, key_place: int, place: int) -> None:
    params.of_service(("registry_credentials",), value, key_place, place)


# ---------------------------------------------------------------------------- run_params


def _public_ip(params: _Params, value: Any, key_place: int, place: int) -> None:
    """Fargate alone took this key, so it says the launch type as well."""
    said = _SWITCH(value, place, params.reading)
    if said is None:
        return
    params.x_ecs(("network", "public_ip"), said == "ENABLED", key_place, place)
    tree = params.tree
    if tree.look(X_ECS, "capacity_providers") is None and tree.plant(
        (X_ECS, "launch_type"), "FARGATE", key_place, place
    ):
        params.say(codes.ECS_PARAMS_FARGATE, key_place)


_STRATEGY = {"type": choice("spread", "binpack", "random"), "field": string}


def _strategies(params: _Params, value: Any, key_place: int, place: int) -> None:
    reading = params.reading
    if not isinstance(value, Seq):
        reading.wrong_type(value, place, "a list")
        return
    found = Seq(place)
    for number, item in enumerate(value):
        at = value.at[number]
        reading.path.append(f"[{number}]")
        fields = _fields(item, at, reading, _STRATEGY, "type")
        reading.path.pop()
        if fields is not None:
            kind = fields["type"]
            said = True if kind == "random" else fields.get("field")
            found.put(located({kind: said}, at), at)
    if found:
        params.x_ecs(("placement",), found, key_place, place)


def _service_constraints(params: _Params, value: Any, key_place: int, place: int) -> None:
    found = _constraints(value, place, params.reading)
    if not found:
        return
    path = (X_ECS, "overrides", "service", "placementConstraints")
    params.when_read(path, located(found, place), key_place, place)


def _discovery(params: _Params, value: Any, key_place: int, place: int) -> None:
    if not isinstance(value, Map):
        params.reading.wrong_type(value, place, "a mapping")
        return
    params.say(
        codes.NO_COUNTERPART,
        key_place,
        reason="services find each other by links or Service Connect, not by names in Route 53",
        advice="a registry that exists can be kept: x-ecs: {overrides: {service: {serviceRegistries: [...]}}}",
    )


_SERVICE = _table(
    {
        "essential": _essential,
        "depends_on": _depends_on,
        "repository_credentials": _table({"credentials_parameter": _credentials}),
        "cpu_shares": _cpu,
        "mem_limit": _size("mem_limit", "limits"),
        "mem_reservation": _size("mem_reservation", "reservations"),
        "gpu": _gpu,
        "init_process_enabled": _init,
        "healthcheck": _health,
        "firelens_configuration": _firelens,
        "secrets": _list(_secret),
        "logging": _table({"secret_options": _secret_options}),
    }
)
_TASK = _table(
    {
        "ecs_network_mode": _network_mode,
        "task_role_arn": _x_ecs("roles", "task"),
        "task_execution_role": _x_ecs("roles", "execution"),
        "task_size": _table({"cpu_limit": _task_cpu, "mem_limit": _task_memory}),
        "pid_mode": _namespace("pidMode", "host", "task"),
        "ipc_mode": _namespace("ipcMode", "host", "task", "none"),
        "ephemeral_storage": _table({"size_in_gib": _disk}),
        "services": _services,
        "docker_volumes": _list(_docker_volume),
        "efs_volumes": _list(_efs_volume),
        "placement_constraints": _task_constraints,
    }
)
_RUN = _table(
    {
        "network_configuration": _table(
            {
                "awsvpc_configuration": _table(
                    {
                        "subnets": _x_ecs("network", "subnets"),
                        "security_groups": _x_ecs("network", "security_groups"),
                        "assign_public_ip": _public_ip,
                    }
                )
            }
        ),
        "task_placement": _table({"strategy": _strategies, "constraints": _service_constraints}),
        "service_discovery": _discovery,
    }
)
_FILE = _table({"version": _version, "task_definition": _TASK, "run_params": _RUN})
