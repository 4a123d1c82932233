"""`compose2ecs run`: one task of a service's revision, with another command, to its end.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from compose2ecs.app.logs import sources_of, stream_name
from compose2ecs.app.reader import Line, Reader, Stream, Wanted
from compose2ecs.app.running import (
    Part,
    Place,
    Running,
    container_of,
    containers,
    definitions_named,
    find,
    started_by,
    task_id,
)
from compose2ecs.ecs.model import Ref
from compose2ecs.ecs.model import Stack as Translated
from compose2ecs.names import ecs_name
from compose2ecs.plan import tags
from compose2ecs.plan.errors import AwsError, RefusedError, UnhealthyError
from compose2ecs.report import Compose2EcsError

Body = dict[str, Any]

TICK = 2.0  # seconds between two looks at the task
_QUIET = 3  # looks without a new line after the end, until there are no more to come
_UNSEEN = 60.0  # seconds for which AWS may not know yet what it has just started
_OVERRIDES = 8192  # characters of JSON
_FAILED = 1  # the exit code of a task that ended without one of its own
# what RunTask says of instances, and what to do
_NO_ROOM = {
    "RESOURCE:MEMORY": "no instance has that much memory left: give it less, or the cluster more",
    "RESOURCE:CPU": "no instance has that much CPU left: give it less, or the cluster more",
    "RESOURCE:PORTS": "the service's own task holds its fixed port: `mode: host` allows one"
    " task on an instance",
    "RESOURCE:ENI": "no instance has a network interface left",
    "RESOURCE:GPU": "no instance has a GPU left",
    "AGENT": "the agent of the instance is not connected",
    "ATTRIBUTE": "no instance has what the task needs (a driver, a plug-in, an architecture)",
}


class Started(NamedTuple):
    """A task that was started: the container whose end counts, and what there is to say beside."""

    arn: str
    service: str
    container: str
    definition: Body
    notes: tuple[str, ...]


class Outcome(NamedTuple):
    """How it ended: the exit code to return, and the reason where it is not the container's own."""

    code: int
    reason: str = ""


# ---------------------------------------------------------------------------- what is run


def request(
    running: Running,
    key: str,
    command: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    job: Mapping[str, Any] | None = None,
) -> tuple[Body, Started]:
    """The RunTask request for a service, or for what runs once, and what will come of it.

    `job` is the request of `convert` for what runs once: it tells where that is put. Raises
    AwsError, RefusedError and Compose2EcsError.
    """
    place = running.place
    if key in place.once:
        part, body, definition = None, *_of_job(running, key, job)
    else:
        (part,) = find(running, [key])
        if part.live.going:
            raise Compose2EcsError(f"{key} is being removed", "compose2ecs up")
        definition = definitions_named(running, [part.live.definition])[part.live.definition]
        body = of_service(place, part, definition)
    own = container_of(part, definition) if part is not None else _named(key, definition)
    override: Body = {"name": own["name"]}
    if command:
        override["command"] = list(command)
    if environment:
        override["environment"] = [{"name": k, "value": v} for k, v in environment.items()]
    if len(override) > 1:
        body["overrides"] = {"containerOverrides": [override]}
        size = len(json.dumps(body["overrides"], separators=(",", ":"), ensure_ascii=False))
        if size > _OVERRIDES:
            raise Compose2EcsError(
                f"the command and its variables are {size} characters of JSON, and AWS takes"
                f" {_OVERRIDES}",
                "put them into a file that the container reads",
            )
    body["clientToken"] = uuid.uuid4().hex  # so that it is started once, however often it is sent
    notes = tuple(_notes(part, definition, str(own["name"])))
    return body, Started("", key, str(own["name"]), definition, notes)


_LAUNCH = ("launchType", "platformVersion", "networkConfiguration", "enableExecuteCommand")


def of_service(place: Place, part: Part, definition: Mapping[str, Any]) -> Body:
    """A task that is put where the service's are."""
    service = part.live.body
    body: Body = {
        "cluster": place.cluster,
        "taskDefinition": part.live.definition,
        "count": 1,
        "startedBy": started_by(place.stack, "run"),
    }
    if service.get("capacityProviderStrategy"):
        body["capacityProviderStrategy"] = service["capacityProviderStrategy"]
    body.update(
        (name, service[name])
        for name in _LAUNCH
        if service.get(name) and not (name == "launchType" and "capacityProviderStrategy" in body)
    )
    if not _fargate(service, definition):
        body.update(
            (name, service[name])
            for name in ("placementConstraints", "placementStrategy")
            if service.get(name)
        )
    volumes = _volumes(service)
    if volumes:
        body["volumeConfigurations"] = volumes
    said = {k: v for k, v in tags.of_ecs(service).items() if k not in tags.OURS}
    body["tags"] = tags.to_ecs({k: v for k, v in said.items() if not k.startswith("aws:")})
    return body


def _fargate(service: Mapping[str, Any], definition: Mapping[str, Any]) -> bool:
    return service.get("launchType") == "FARGATE" or "FARGATE" in definition.get(
        "requiresCompatibilities", ()
    )


def _volumes(service: Mapping[str, Any]) -> list[Body]:
    """The disks that a service makes for each task; this task's goes with it."""
    deployments = service.get("deployments", ())
    primary: Mapping[str, Any] = next((d for d in deployments if d.get("status") == "PRIMARY"), {})
    found = []
    for one in primary.get("volumeConfigurations", ()):
        disk = {
            **one.get("managedEBSVolume", {}),
            "terminationPolicy": {"deleteOnTermination": True},
        }
        found.append({**one, "managedEBSVolume": disk})
    return found


def _of_job(running: Running, key: str, job: Mapping[str, Any] | None) -> tuple[Body, Body]:
    """What runs once: its newest revision, put where the file says."""
    place, family = running.place, running.place.once[key]
    try:
        definition = running.world.ecs.task_definition(family)
    except AwsError as error:
        if error.code != "ClientException":
            raise
        raise Compose2EcsError(
            f"{key} is not deployed: there is no task definition {family}", f"compose2ecs up {key}"
        ) from None
    if not tags.is_of(tags.of_ecs(definition), place.project, place.stack):
        owner = tags.owner(tags.of_ecs(definition))
        raise RefusedError(f"the task definition {family} is not this stack's: {owner}")
    body: Body = {k: v for k, v in (job or {}).items() if k != "startedBy"}
    said = {k: v for k, v in tags.of_ecs(definition).items() if not k.startswith("aws:")}
    body.update(
        cluster=place.cluster,
        taskDefinition=definition["taskDefinitionArn"],
        count=1,
        startedBy=started_by(place.stack, "run"),
        tags=tags.to_ecs(said),
    )
    body.pop("propagateTags", None)
    return body, definition


def _named(key: str, definition: Mapping[str, Any]) -> Body:
    listed = containers(definition)
    return next((one for one in listed if one["name"] == ecs_name(key)), listed[-1])


def _notes(part: Part | None, definition: Mapping[str, Any], own: str) -> Iterator[str]:
    beside = [str(one["name"]) for one in containers(definition) if one["name"] != own]
    if beside:
        yield f"it runs with {', '.join(beside)}, which share its task"
    if part is None:
        return
    for deployment in part.live.body.get("deployments", ()):
        if deployment.get("serviceConnectConfiguration", {}).get("enabled"):
            yield (
                "it does not reach other services by their names, because Service Connect is for the"
                f" tasks of services: `compose2ecs exec {part.key}` runs a command where it is"
            )
            return


def job_request(stack: Translated, family: str) -> Body:
    """How `convert` would run what runs once: by RunTask, or as its schedule does. Raises
    Compose2EcsError where a fact is missing."""
    run = stack.resources.get("run-tasks", {}).get(family)
    body = dict(run.body) if run is not None else _of_schedule(stack, family)
    for reference in _references(body):
        if reference.kind != "cluster":
            how = stack.placeholders.get(str(reference), "")
            raise Compose2EcsError(f"{reference} is not known", how)
    return body


_PLACED = ("LaunchType", "CapacityProviderStrategy", "PlacementConstraints", "PlacementStrategy")


def _of_schedule(stack: Translated, family: str) -> Body:
    for resource in stack.resources.get("schedules", {}).values():
        said = resource.body["Target"]["EcsParameters"]
        if getattr(said["TaskDefinitionArn"], "name", "") == family:
            body = {_small(name): said[name] for name in _PLACED if name in said}
            network = said.get("NetworkConfiguration", {}).get("awsvpcConfiguration")
            if network is not None:
                spelled = {_small(key): value for key, value in network.items()}
                body["networkConfiguration"] = {"awsvpcConfiguration": spelled}
            return body
    return {}


def _small(name: str) -> str:
    return name[0].lower() + name[1:]


def _references(value: Any) -> Iterator[Ref]:
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _references(item)


# ---------------------------------------------------------------------------- from start to end


def start(running: Running, body: Body, planned: Started) -> Started:
    """Start the task. Raises AwsError; where there is no room, its hint says what to do."""
    try:
        task = running.world.ecs.run_task(body)
    except AwsError as error:
        hint = next((text for code, text in _NO_ROOM.items() if error.code.startswith(code)), "")
        if not hint and "No Container Instances" in str(error):
            hint = "the cluster has no instances: add some, or run it on Fargate"
        if hint:
            raise AwsError("ecs", "RunTask", error.code, error.text, hint) from None
        raise
    return planned._replace(arn=str(task["taskArn"]))


class Follow:
    """Follows a task to its end."""

    def __init__(self, running: Running, started: Started) -> None:
        self._running = running
        self._started = started
        self._reader: Reader | None = None
        own = started.container
        sources, notes = sources_of(running, started.definition, {own})
        self._sources = [source for source in sources if source.container == own]
        self.elsewhere = "" if self._sources else "; ".join(notes)  # where its lines are instead
        self.task: Body = {}

    def lines(self, said: Callable[[str], None]) -> Iterator[Line]:
        """The lines of its container as they come, until the task has stopped and there are no
        more. `said` hears what state the task comes to. Raises AwsError."""
        running, started, status = self._running, self._started, ""
        quiet, heard = 0, running.clock.now()
        while True:
            found = running.world.ecs.tasks(running.place.cluster, [started.arn])
            if found:
                self.task, heard = found[0], running.clock.now()
            elif running.clock.now() - heard > _UNSEEN:
                return
            now = str(self.task.get("lastStatus", "")).lower()
            if now and now != status:
                status = now
                said(status)
            fresh = list(self._new())
            yield from fresh
            if status == "stopped":
                quiet = 0 if fresh else quiet + 1
                if quiet >= _QUIET or not self._sources or self._there.get("exitCode") is None:
                    return
            running.clock.sleep(TICK)

    def _new(self) -> Iterator[Line]:
        if self._reader is not None:
            yield from self._reader.new()
            return
        self._reader = self._open()
        if self._reader is not None:
            yield from self._reader.since(0)  # a new stream: there is nothing before it

    @property
    def _there(self) -> Body:
        """The container, as the task was last seen."""
        for one in self.task.get("containers", ()):
            if one.get("name") == self._started.container:
                return dict(one)
        return {}

    def _open(self) -> Reader | None:
        """A reader of the container's stream, as soon as that is known."""
        id_ = task_id(self._started.arn)
        for source in self._sources:
            name = stream_name(source, id_, self._there.get("runtimeId"))
            if name is not None:
                what = Wanted((source,), (Stream(source, name, id_),), (), 0)
                return Reader(self._running, what, exact=True)
        return None

    def stop(self) -> None:
        """Stop the task; `lines` goes on until it has."""
        running = self._running
        running.world.ecs.stop_task(
            running.place.cluster, self._started.arn, "stopped by compose2ecs run"
        )

    def outcome(self) -> Outcome:
        """How it ended. Raises UnhealthyError where its container never ran."""
        code = self._there.get("exitCode")
        reason = str(self.task.get("stoppedReason") or "")
        if code is None:
            why = str(self._there.get("reason") or "")
            text = "; ".join(dict.fromkeys(part for part in (reason, why) if part))
            raise UnhealthyError(
                f"{self._started.service} did not run: {text or 'its task is gone'}", _advice(text)
            )
        others = [
            f"{one.get('name')} ended with exit code {one.get('exitCode')}"
            for one in self.task.get("containers", ())
            if one.get("exitCode") and one.get("name") != self._started.container
        ]
        oom = str(self._there.get("reason") or "")
        said = "; ".join(part for part in (oom, *(others if code else ())) if part)
        return Outcome(int(code) if 0 <= code <= 255 else _FAILED, said)


def _advice(text: str) -> str:
    if "CannotPull" in text:
        return "look at the image's name and tag, and at the execution role"
    if "ResourceInitialization" in text:
        return "look at the execution role, secrets and the way to AWS's APIs"
    return ""
