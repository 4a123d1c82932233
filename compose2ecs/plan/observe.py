"""What is there: as few reads as it takes, as many at once as can be.

An unchanged stack costs one call for ten services and one each for the rules, the target groups,
and what the URLs need of the listener or its load balancer. Only when the note of names on the
first service says otherwise is everything looked through for what left the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from compose2ecs.plan import notes, quotas, tags
from compose2ecs.plan.desired import NONE, Desired, Unit, renamed
from compose2ecs.plan.errors import AwsError
from compose2ecs.plan.reads import Reads
from compose2ecs.plan.rules import satisfied
from compose2ecs.plan.seen import Found, Observed, alive, balancer_of, forwards

Body = dict[str, Any]
T = TypeVar("T")
WIDTH = 16
_TEN = 10


class Together:
    """Reads that run at the same time."""

    def __init__(self, width: int = WIDTH) -> None:
        self._pool = ThreadPoolExecutor(width)

    def __enter__(self) -> Together:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def start(self, function: Callable[..., T], *arguments: Any) -> Callable[[], T]:
        """Begin to read; what is returned waits for the answer."""
        return self._pool.submit(function, *arguments).result


def observe(
    wanted: Desired,
    reads: Reads,
    *,
    found: Found = Found(),  # noqa: B008 - a NamedTuple cannot change
    only: frozenset[str] | None = None,
    detail: bool = False,
    everything: bool = False,
) -> Observed:
    """Read what is there. `only` are the units to look at, without what left the file; `detail`
    reads what a change of a task definition is compared with; `everything` looks through the whole
    stack in any case. Raises AwsError."""
    names = [name for name in wanted.units if only is None or name in only]
    if only is not None and wanted.first is not None and wanted.first not in only:
        names.append(wanted.first)  # what its note says has to be right after this as well
    with Together() as at_once:
        services, routing = _first(wanted, reads, names, found, at_once, everything=everything)
        whole = everything or (only is None and not _is_whole(wanted, services))
        if whole:
            services, groups = _all(wanted, reads, services, at_once)
            routing = routing._replace(groups=groups or routing.groups)
        seen = Observed(services, *routing, whole=whole)
        if only is None:
            seen = _left(wanted, seen, reads, at_once)
        if not everything and (whole or only is not None) and quotas.may_exceed(wanted, seen):
            seen = seen._replace(limits=reads.elb.limits())
        seen = seen._replace(tags=_tags(wanted, seen, reads, everything=everything))
        if everything:
            return _for_removal(wanted, seen, reads, at_once)
        return _rest(wanted, seen, reads, names, detail, at_once)


class _Routing(NamedTuple):
    rules: tuple[Body, ...] = ()
    groups: tuple[Body, ...] = ()
    load_balancer: Body | None = None
    listener: Body | None = None


def _first(
    wanted: Desired,
    reads: Reads,
    names: list[str],
    found: Found,
    at_once: Together,
    *,
    everything: bool,
) -> tuple[dict[str, Body], _Routing]:
    """The one round that an unchanged stack needs. Where everything is looked through, all target
    groups are read anyway, and nobody asks for URLs."""
    tens = [
        at_once.start(reads.ecs.services, wanted.cluster, names[start : start + _TEN])
        for start in range(0, len(names), _TEN)
    ]
    routing = _Routing()
    if wanted.listener is not None:
        arn = balancer_of(wanted.listener)
        rules = at_once.start(reads.elb.rules, wanted.listener)
        groups: Callable[[], list[Body]] = list
        if not everything:
            groups = at_once.start(reads.elb.target_groups, arn)
        listener: Callable[[], Body | None] = lambda: found.listener  # noqa: E731
        balancer: Callable[[], Body | None] = lambda: found.load_balancer  # noqa: E731
        if found.listener is None and has_rules(wanted) and not everything:
            listener = at_once.start(reads.elb.listener, wanted.listener)
        if found.load_balancer is None and needs_balancer(wanted) and not everything:
            balancer = at_once.start(reads.elb.load_balancer, arn)
        routing = _Routing(tuple(rules()), tuple(groups()), balancer(), listener())
    services: dict[str, Body] = {}
    for ten in tens:
        services.update(ten())
    return services, routing


def has_rules(wanted: Desired) -> bool:
    """Whether there are URLs, which begin with the listener's protocol."""
    return any(unit.rules for unit in wanted.units.values())


def needs_balancer(wanted: Desired) -> bool:
    """Whether a URL has the load balancer's own host in it, or the VPC is to be taken from it."""
    for unit in wanted.units.values():
        if any(str(body.get("VpcId", "")).startswith("<") for body in unit.groups.values()):
            return True
        for rule in unit.rules.values():
            if not any(c.get("Field") == "host-header" for c in rule["Conditions"]):
                return True
    return False


def _is_whole(wanted: Desired, services: Mapping[str, Body]) -> bool:
    """Whether the note on the first service says that there is nothing but what is wanted."""
    first = services.get(wanted.first or "")
    note = tags.of_ecs(first or {}).get(tags.MEMBERS, "")
    return alive(first) and note.partition(".")[0] == wanted.members.partition(".")[0]


def _all(
    wanted: Desired, reads: Reads, services: Mapping[str, Body], at_once: Together
) -> tuple[dict[str, Body], tuple[Body, ...]]:
    """Everything that may be the stack's: by name first, tags decide later."""
    listed = at_once.start(reads.ecs.service_names, wanted.cluster)
    groups = at_once.start(reads.elb.target_groups)
    others = sorted(
        name
        for name in listed()
        if name not in services and name not in wanted.units and name.startswith(wanted.prefix)
    )
    tens = [
        at_once.start(reads.ecs.services, wanted.cluster, others[start : start + _TEN])
        for start in range(0, len(others), _TEN)
    ]
    all_services = dict(services)
    for ten in tens:
        all_services.update(
            {
                name: service
                for name, service in ten().items()
                if tags.is_of(tags.of_ecs(service), wanted.project, wanted.stack)
            }
        )
    return all_services, tuple(groups())


def _left(wanted: Desired, seen: Observed, reads: Reads, at_once: Together) -> Observed:
    """What notes name and the file does not have: the rules of another listener, and whose the rest
    is. What is gone already is left out."""
    left = notes.left(wanted, seen.services)
    if wanted.first is None and wanted.jobs:  # nothing of it carries a note
        names = {str(body["Name"]) for body in reads.scheduler.schedules(wanted.prefix)}
        ours = {name for job in wanted.jobs.values() for name in job.schedules}
        left |= {notes.entry(notes.SCHEDULE, name) for name in names - ours}
    if not left:
        return seen
    rules, said = [], {}
    for text in sorted(left):
        kind, name = notes.split(text)
        if kind == notes.LISTENER:
            rules.append(at_once.start(_rules_left, reads, name))
        else:
            said[text] = at_once.start(_TAGS_LEFT[kind], reads, name)
    answers = {text: answer() for text, answer in said.items()}
    return seen._replace(
        left_rules=tuple(rule for answer in rules for rule in answer()),
        left={text: found for text, found in answers.items() if found is not None},
    )


def _rules_left(reads: Reads, listener: str) -> list[Body]:
    try:
        return reads.elb.rules(listener)
    except AwsError as error:
        if error.code.removesuffix("Exception") == "ListenerNotFound":
            return []
        raise


def _log_group_left(reads: Reads, name: str) -> dict[str, str] | None:
    there = reads.logs.group(name)
    return None if there is None else reads.logs.tags(there["arn"])


def _namespace_left(reads: Reads, name: str) -> dict[str, str] | None:
    there = reads.servicediscovery.namespace(name)
    return None if there is None else reads.servicediscovery.tags(there["Arn"])


def schedule_tags(reads: Reads, name: str) -> dict[str, str] | None:
    """The tags of what a schedule starts, since it has none of its own; None where it is gone."""
    there = reads.scheduler.schedule(name)
    if there is None:
        return None
    starts = there.get("Target", {}).get("EcsParameters", {}).get("TaskDefinitionArn")
    found = _newest(reads, str(starts)) if starts else None
    return tags.of_ecs(found or {})


_TAGS_LEFT: Mapping[str, Callable[[Reads, str], dict[str, str] | None]] = {
    notes.LOG_GROUP: _log_group_left,
    notes.NAMESPACE: _namespace_left,
    notes.SCHEDULE: schedule_tags,
}


# ---------------------------------------------------------------------------- whose is it


def owned_groups(wanted: Desired, seen: Observed) -> set[str]:
    """ARNs of target groups that a service of the stack uses, or whose tags say so."""
    found = {
        balancer["targetGroupArn"]
        for service in seen.services.values()
        if tags.is_of(tags.of_ecs(service), wanted.project, wanted.stack)
        for balancer in service.get("loadBalancers", ())
        if "targetGroupArn" in balancer
    }
    found |= {
        arn
        for arn, said in seen.tags.items()
        if ":targetgroup/" in arn and tags.is_of(said, wanted.project, wanted.stack)
    }
    return found


def possible_names(wanted: Desired) -> dict[str, str]:
    """Names under which target groups may be there, to the names that they have in the stack."""
    found: dict[str, str] = {}
    for unit in wanted.units.values():
        for name, body in unit.groups.items():
            found[renamed(name, body)] = name
            found[name] = name
    return found


def _tags(
    wanted: Desired, seen: Observed, reads: Reads, *, everything: bool
) -> dict[str, dict[str, str]]:
    """Tags of what has a name of ours, or forwards to it, where nothing else tells whose it is."""
    owned = owned_groups(wanted, seen)
    names = possible_names(wanted)
    groups = [
        group["TargetGroupArn"]
        for group in seen.groups
        if group["TargetGroupArn"] not in owned
        and (
            group["TargetGroupName"] in names
            or (seen.whole and _fits(group["TargetGroupName"], wanted.prefix))
        )
    ]
    if seen.whole:
        # one of ours that the file has no more, or that was made anew under another name
        groups += sorted(
            group["TargetGroupArn"] for group in seen.groups if group["TargetGroupArn"] in owned
        )
    mine = owned | set(groups)
    equal: set[str] = set() if everything else satisfied(wanted, seen)
    rules = [
        rule["RuleArn"]
        for rule in (*seen.rules, *seen.left_rules)
        if not rule.get("IsDefault")
        and rule["RuleArn"] not in equal
        and (forwards(rule) & mine or (seen.whole and not forwards(rule)))
    ]
    asked = list(dict.fromkeys(groups)) + rules
    return reads.elb.tags(asked) if asked else {}


def _fits(name: str, prefix: str) -> bool:
    """Whether a target group's name begins as the stack's do; long ones are cut."""
    start = "".join(c if c.isalnum() else "-" for c in prefix)[:23].rstrip("-")
    return name.startswith(start)


# ---------------------------------------------------------------------------- what few need


def _rest(
    wanted: Desired,
    seen: Observed,
    reads: Reads,
    names: Iterable[str],
    detail: bool,
    at_once: Together,
) -> Observed:
    """What is read only of what changes."""
    definitions: dict[str, Callable[[], Body | None]] = {}
    scaling: dict[str, dict[str, Callable[[], list[Body]]]] = {}
    for name in names:
        unit, service = wanted.units[name], seen.services.get(name)
        if not alive(service) or service is None:
            continue
        old, new = parts(tags.of_ecs(service)), unit.hash.split(".")
        if detail and (old[0] != new[0]):
            definitions[name] = at_once.start(reads.ecs.task_definition, service["taskDefinition"])
        if old[3] != new[3] and NONE not in (old[3], new[3]):
            resource = resource_of(unit)
            scaling[name] = {
                "scaling-policies": at_once.start(reads.autoscaling.policies, resource),
                "scheduled-actions": at_once.start(reads.autoscaling.scheduled, resource),
            }
    for name in wanted.jobs:
        definitions[name] = at_once.start(_newest, reads, name)
    schedules = {
        name: at_once.start(reads.scheduler.schedule, name)
        for job in wanted.jobs.values()
        for name in job.schedules
    }
    answers = {name: answer() for name, answer in definitions.items()}
    read = {name: answer() for name, answer in schedules.items()}
    return seen._replace(
        definitions={name: answer for name, answer in answers.items() if answer is not None},
        scaling={n: {kind: get() for kind, get in kinds.items()} for n, kinds in scaling.items()},
        schedules={name: answer for name, answer in read.items() if answer is not None},
    )


def _for_removal(wanted: Desired, seen: Observed, reads: Reads, at_once: Together) -> Observed:
    """What else has to go with a stack."""
    schedules = {
        name: at_once.start(reads.scheduler.schedule, name)
        for job in wanted.jobs.values()
        for name in job.schedules
    }
    namespaces = {
        body["Name"]: at_once.start(reads.servicediscovery.namespace, body["Name"])
        for body in wanted.shared.get("namespaces", {}).values()
    }
    read = {name: answer() for name, answer in schedules.items()}
    spaces = {name: answer() for name, answer in namespaces.items()}
    return seen._replace(
        schedules={name: answer for name, answer in read.items() if answer is not None},
        namespaces={name: answer for name, answer in spaces.items() if answer is not None},
    )


def resource_of(unit: Unit) -> str:
    """What Application Auto Scaling calls a service."""
    body = next(iter(unit.scaling["scalable-targets"].values()))
    return str(body["ResourceId"])


def _newest(reads: Reads, family: str) -> Body | None:
    try:
        return reads.ecs.task_definition(family)
    except AwsError as error:
        if error.code == "ClientException":
            return None  # AWS's answer for a family that has no active revision
        raise


def parts(said: Mapping[str, str]) -> list[str]:
    """The four parts of the hash in a service's tags; empty texts where there is none."""
    found = said.get(tags.HASH, "").split(".")
    return found if len(found) == 4 else ["", "", "", ""]


def half(part: str, which: int) -> str:
    """The part for target groups and rules has two halves: attributes, and tags."""
    middle = len(part) // 2
    return part[middle:] if which else part[:middle]
