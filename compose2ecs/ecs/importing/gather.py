"""Which AWS objects some JSON files hold: request bodies, what the describe calls answer, and what
`convert` writes.

Sources: the response syntax in the API references of ECS and Elastic Load Balancing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from compose2ecs import codes
from compose2ecs.aws_model import check, request
from compose2ecs.compose.located import Map, Seq
from compose2ecs.compose.reading import Reading, describe
from compose2ecs.ecs.importing.jsonfile import JsonError, read_json
from compose2ecs.ecs.model import KINDS
from compose2ecs.names import ecs_name
from compose2ecs.report import Code, Report, Sources

TASKS, SERVICES, GROUPS, RULES = "task-definitions", "services", "target-groups", "listener-rules"
ATTRIBUTES, RUNS = "target-group-attributes", "run-tasks"
REQUESTS = {
    TASKS: ("ecs", "RegisterTaskDefinition"),
    SERVICES: ("ecs", "CreateService"),
    GROUPS: ("elbv2", "CreateTargetGroup"),
    RULES: ("elbv2", "CreateRule"),
    ATTRIBUTES: ("elbv2", "ModifyTargetGroupAttributes"),
}
# What AWS adds to an object that it describes, and takes in no request.
ANSWERED = {
    TASKS: (
        *("taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities"),
        *("registeredAt", "registeredBy", "deregisteredAt", "deleteRequestedAt"),
    ),
    SERVICES: (
        *("serviceArn", "status", "runningCount", "pendingCount", "deployments", "taskSets"),
        *("events", "createdAt", "createdBy", "platformFamily", "currentServiceDeployment"),
        *("currentServiceRevisions", "resourceManagementType", "clusterArn", "roleArn"),
    ),
    GROUPS: ("TargetGroupArn", "TargetGroupName", "LoadBalancerArns"),
    RULES: ("RuleArn", "IsDefault"),
}


class Item(NamedTuple):
    """One object: its kind, the name it goes by, its body as a request, and where that stands."""

    kind: str
    name: str
    body: Map
    path: str  # of the body, inside its file: a JSON path, empty for the whole
    place: int

    def at(self, key: str) -> str:
        """The JSON path of a key of its."""
        return f"{self.path}.{key}".lstrip(".")


class Bundle:
    """Everything that the files hold, by kind."""

    def __init__(self) -> None:
        self.items: dict[str, list[Item]] = {}

    def of(self, kind: str) -> list[Item]:
        return self.items.get(kind, [])


def gather(texts: Mapping[str, str], report: Report, sources: Sources) -> Bundle:
    """The objects in some files, given as name to text. Faults go to the report."""
    found = _Gathering(report, sources)
    for name, text in texts.items():
        try:
            # what stands in an environment may be a secret, so no line of it is shown
            value, place = read_json(text, sources.add(name, text, private=True))
        except JsonError as error:
            related = sources.span(error.related)
            report.add(
                error.code,
                sources.span(error.place),
                related=[("first here", related)] if related else (),
                **error.facts,
            )
            continue
        stem = name.replace("\\", "/").rpartition("/")[2].partition(".")[0]
        found.stem = ecs_name(stem.strip("<>")) or "app"
        count = found.count
        found.classify(value, "", place)
        if found.count == count and not found.ignored:
            report.add(codes.IMPORT_NOTHING, sources.span(place), name=name)
        found.ignored = False
    return found.bundle


class _Gathering:
    def __init__(self, report: Report, sources: Sources) -> None:
        self.report = report
        self.sources = sources
        self.reading = Reading(report, sources)
        self.bundle = Bundle()
        self.stem = ""  # of the file at hand: what an object without a name is called
        self.count = 0
        self.ignored = False  # whether the file at hand holds something that is told to be ignored

    def say(self, code: Code, place: int, **facts: Any) -> None:
        self.report.add(code, self.sources.span(place), **facts)

    def add(self, kind: str, name: Any, body: Map, path: str, place: int) -> None:
        self.count += 1
        if not isinstance(name, str) or not name:
            name = self.stem
        known = next((item for item in self.bundle.of(kind) if item.name == name), None)
        if known is not None:
            span = self.sources.span(known.place)
            self.report.add(
                codes.IMPORT_TWICE,
                self.sources.span(place),
                related=[("first here", span)] if span else (),
                kind=_SINGULAR[kind],
                name=name,
            )
            return
        answered = [key for key in ANSWERED.get(kind, ()) if key in body]
        if answered:
            body = body.copy()
            for key in answered:
                body.drop(key)
            fields = ", ".join(answered)
            shown = path if kind == RULES else name  # an ARN tells nobody which one it is
            self.say(codes.IMPORT_ANSWERED, place, kind=_SINGULAR[kind], name=shown, fields=fields)
        if kind in REQUESTS:
            self.reading.path = [path]
            check(body, request(*REQUESTS[kind]), place, self.reading)
            self.own_tags(body, kind, name)
        self.bundle.items.setdefault(kind, []).append(Item(kind, name, body, path, place))

    def own_tags(self, body: Map, kind: str, name: str) -> None:
        """Say of the tags that AWS has set, which nobody else can."""
        tags = body.get("tags")
        names = [
            str(tag["key"])
            for tag in (tags if isinstance(tags, Seq) else ())
            if isinstance(tag, Map) and str(tag.get("key")).lower().startswith("aws:")
        ]
        if names:
            fields = f"tags {', '.join(names)}"
            place = body.keys_at["tags"]
            self.say(codes.IMPORT_ANSWERED, place, kind=_SINGULAR[kind], name=name, fields=fields)

    def classify(self, value: Any, path: str, place: int) -> None:
        """Find out what a value is, and keep it."""
        if isinstance(value, Seq):
            self.listed(value, path, place)
        elif isinstance(value, Map):
            self.mapped(value, path, place)
        else:
            self.say(
                codes.WRONG_TYPE,
                place,
                path=path or "the file",
                wanted=_WANTED,
                found=describe(value),
            )
            self.ignored = True

    def listed(self, value: Seq, path: str, place: int) -> None:
        """Container definitions by themselves, as Terraform takes them; else one object each."""
        if value and all(
            isinstance(item, Map) and {"name", "image"} <= item.keys() for item in value
        ):
            body = Map(place)
            body.put("family", self.stem, place, place)
            body.put("containerDefinitions", value, place, place)
            self.add(TASKS, self.stem, body, path, place)
            return
        for number, item in enumerate(value):
            self.classify(item, f"{path}[{number}]", value.at[number])

    def mapped(self, value: Map, path: str, place: int) -> None:
        if "Resources" in value or "AWSTemplateFormatVersion" in value:
            self.say(codes.IMPORT_CLOUDFORMATION, place)
            self.ignored = True
        elif "containerDefinitions" in value or "family" in value:
            self.add(TASKS, value.get("family"), value, path, place)
        elif isinstance(value.get("taskDefinition"), Map):
            self.described_task(value, path)
        elif any(_is_document(key, item) for key, item in value.items()):
            self.document(value, path)
        elif any(isinstance(value.get(key), Seq) for key in _ANSWERS):
            for key, handle in _ANSWERS.items():
                items = value.get(key)
                if isinstance(items, Seq):
                    for number, item in enumerate(items):
                        handle(self, item, f"{path}.{key}[{number}]".lstrip("."), items.at[number])
        else:
            self.body(value, path, place)

    def described_task(self, value: Map, path: str) -> None:
        """The tags of a task definition stand beside it."""
        body = value["taskDefinition"].copy()
        if isinstance(value.get("tags"), Seq) and "tags" not in body:
            body.put("tags", value["tags"], value.keys_at["tags"], value.at["tags"])
        at = f"{path}.taskDefinition".lstrip(".")
        self.add(TASKS, body.get("family"), body, at, value.at["taskDefinition"])

    def document(self, value: Map, path: str) -> None:
        """What `convert` writes: kind to name to body."""
        for kind, named in value.items():
            at = f"{path}.{kind}".lstrip(".")
            if kind not in KINDS or not isinstance(named, Map):
                self.say(
                    codes.IMPORT_LEFT_OUT,
                    value.keys_at[kind],
                    path=at,
                    reason="it is nothing that `convert` writes",
                )
                continue
            for name, body in named.items():
                if isinstance(body, Map):
                    self.of_kind(kind, name, body, f"{at}.{name}", named.at[name])
                else:
                    self.say(
                        codes.WRONG_TYPE,
                        named.at[name],
                        path=f"{at}.{name}",
                        wanted="a mapping",
                        found=describe(body),
                    )

    def of_kind(self, kind: str, name: str, body: Map, path: str, place: int) -> None:
        if kind == TASKS:
            name = body.get("family", name)
        elif kind == SERVICES:
            name = body.get("serviceName", name)
        self.add(kind, name, body, path, place)

    def body(self, value: Map, path: str, place: int) -> None:
        """One request body, told by the keys that it must have."""
        for kind, name, needed in _BODIES:
            if all(key in value for key in needed):
                self.add(kind, value.get(name) if name else None, value, path, place)
                return
        if path:  # of a file that is none of these, the caller says so
            self.say(codes.IMPORT_LEFT_OUT, place, path=path, reason=f"it is not {_WANTED}")

    def no_mapping(self, value: Any, path: str, place: int) -> None:
        self.ignored = True
        self.say(codes.WRONG_TYPE, place, path=path, wanted="a mapping", found=describe(value))

    def described_service(self, value: Any, path: str, place: int) -> None:
        if not isinstance(value, Map):
            self.no_mapping(value, path, place)
            return
        body = value.copy()
        for answered, asked in (("clusterArn", "cluster"), ("roleArn", "role")):
            if answered in value and asked not in value:
                body.put(asked, value[answered], value.keys_at[answered], value.at[answered])
        self.add(SERVICES, value.get("serviceName"), body, path, place)

    def described_group(self, value: Any, path: str, place: int) -> None:
        if not isinstance(value, Map):
            self.no_mapping(value, path, place)
            return
        body = value.copy()
        if "TargetGroupName" in value:
            at = value.keys_at["TargetGroupName"]
            body.put("Name", value["TargetGroupName"], at, value.at["TargetGroupName"])
        self.add(GROUPS, body.get("Name"), body, path, place)

    def described_rule(self, value: Any, path: str, place: int) -> None:
        if not isinstance(value, Map):
            self.no_mapping(value, path, place)
        elif value.get("IsDefault") is not True:
            body, priority = value.copy(), value.get("Priority")
            if isinstance(priority, str) and priority.isascii() and priority.isdigit():
                at = value.at["Priority"]
                body.put("Priority", int(priority), value.keys_at["Priority"], at)
            self.add(RULES, value.get("RuleArn") or f"{self.stem}{path}", body, path, place)
        else:
            self.count += 1
            self.say(
                codes.IMPORT_LEFT_OUT,
                place,
                path=path,
                reason="a listener has its default rule by itself",
            )


_WANTED = "a task definition, a service, a target group or a listener rule"
_SINGULAR = {kind: kind.removesuffix("s").replace("-", " ") for kind in KINDS}
_SINGULAR |= {"scaling-policies": "scaling policy", ATTRIBUTES: "target group's attributes"}
_ANSWERS: dict[str, Callable[[_Gathering, Any, str, int], None]] = {
    "services": _Gathering.described_service,
    "taskDefinitions": _Gathering.classify,
    "TargetGroups": _Gathering.described_group,
    "Rules": _Gathering.described_rule,
}
_BODIES: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
    (SERVICES, "serviceName", ("serviceName", "taskDefinition")),
    (ATTRIBUTES, "TargetGroupArn", ("TargetGroupArn", "Attributes")),
    (RULES, None, ("Conditions", "Actions")),
    ("log-group-retention", "logGroupName", ("logGroupName", "retentionInDays")),
    ("log-groups", "logGroupName", ("logGroupName",)),
    ("scaling-policies", "PolicyName", ("PolicyName", "PolicyType", "ResourceId")),
    ("scheduled-actions", "ScheduledActionName", ("ScheduledActionName", "ResourceId")),
    ("scalable-targets", "ResourceId", ("ScalableDimension", "ResourceId")),
    ("schedules", "Name", ("ScheduleExpression", "Target")),
    (GROUPS, "Name", ("Name", "TargetType")),
    (GROUPS, "Name", ("Name", "Port")),
    ("namespaces", "Name", ("Name",)),
    (RUNS, "taskDefinition", ("taskDefinition",)),
)


def _is_document(key: str, value: Any) -> bool:
    return (
        key in KINDS and isinstance(value, Map) and all(isinstance(v, Map) for v in value.values())
    )
