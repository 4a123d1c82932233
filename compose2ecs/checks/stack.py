"""What the bodies of one stack are to each other, and what AWS has against the things all share.

Sources: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
and https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateHttpNamespace.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from compose2ecs.checks.model import Alone, Among, Bodies, Body, Check, Found
from compose2ecs.checks.values import (
    DIGITS,
    LETTERS,
    bad_name,
    listed,
    mapping,
    number,
    objects,
    repeated,
    text,
    unknown,
)
from compose2ecs.limits import TAGS_PER_RESOURCE
from compose2ecs.report import ERROR, WARNING

Known = TypeVar("Known")
_NONE: Mapping[str, Body] = {}


class Whole(dict[str, Mapping[str, Body]]):
    """All bodies while one question is asked of them, with what has been worked out so far.

    A stack of 1,000 services asks 1,000 times which task definition has a name.
    """

    __slots__ = ("worked_out",)

    def __init__(self, bodies: Bodies) -> None:
        super().__init__(bodies)
        self.worked_out: dict[Callable[[Bodies], Any], Any] = {}


def of_all(make: Callable[[Bodies], Known], bodies: Bodies) -> Known:
    """What a function makes of all bodies, made once for each `Whole`."""
    if not isinstance(bodies, Whole):
        return make(bodies)
    known = bodies.worked_out
    if make not in known:
        known[make] = make(bodies)
    found: Known = known[make]
    return found


def of_kind(kind: str, bodies: Bodies) -> Iterator[Body]:
    """All bodies of one kind."""
    for body in bodies.get(kind, _NONE).values():
        if isinstance(body, dict):
            yield body


# ---------------------------------------------------------------------------- references


def made(reference: Any) -> str:
    """What a reference names: the name in a placeholder, else the reference itself.

    >>> made("<target-group-arn:web>"), made("web"), made("<cluster>")
    ('web', 'web', '')
    """
    if not isinstance(reference, str):
        return ""
    if reference[:1] == "<" and reference[-1:] == ">":
        return reference[1:-1].partition(":")[2]
    return reference


def known(value: Any) -> str:
    """Text that stands for itself: empty for what is no text, or not known yet."""
    return value if isinstance(value, str) and not unknown(value) else ""


def is_port(value: str) -> bool:
    """Whether a text is a port's number."""
    return value.isdecimal() and 1 <= int(value) <= 65535


def task_of(reference: Any, bodies: Bodies) -> dict[str, Any] | None:
    """The task definition that a request names; None if it is not among the bodies.

    It is found by its family, and by the name that it has among the bodies, which may be an ARN.
    """
    return of_all(_tasks, bodies).get(made(reference))


def group_of(reference: Any, bodies: Bodies) -> dict[str, Any] | None:
    """The target group that a request names; None if it is not among the bodies."""
    return of_all(_groups, bodies).get(made(reference))


def service_of(resource: str, bodies: Bodies) -> dict[str, Any] | None:
    """The service of `service/CLUSTER/NAME`; None if it is not among the bodies."""
    _, _, rest = resource.partition("/")
    cluster, _, name = rest.rpartition("/")
    found = of_all(_services, bodies).get(name)
    if found is None or not _same_cluster(cluster, text(found.get("cluster"))):
        return None
    return found


def _same_cluster(one: str, other: str) -> bool:
    """Whether two names, ARNs or placeholders may stand for one cluster."""
    if unknown(one) or unknown(other):
        return True
    return (one.rpartition("/")[2] or "default") == (other.rpartition("/")[2] or "default")


def _named(kind: str, key: str, bodies: Bodies) -> dict[str, dict[str, Any]]:
    named = bodies.get(kind, _NONE)
    found = {name: body for name, body in named.items() if isinstance(body, dict)}
    found.update((name, body) for body in found.copy().values() if (name := text(body.get(key))))
    return found


def _tasks(bodies: Bodies) -> dict[str, dict[str, Any]]:
    return _named("task-definitions", "family", bodies)


def _groups(bodies: Bodies) -> dict[str, dict[str, Any]]:
    return _named("target-groups", "Name", bodies)


def _services(bodies: Bodies) -> dict[str, dict[str, Any]]:
    return _named("services", "serviceName", bodies)


def targets(action: Body) -> Iterator[tuple[str, Any]]:
    """The target groups that an action forwards to: where each stands in it, and what it says."""
    if "TargetGroupArn" in action:
        yield "TargetGroupArn", action["TargetGroupArn"]
    config = mapping(action.get("ForwardConfig"))
    for index, entry in objects(config.get("TargetGroups")):
        yield f"ForwardConfig.TargetGroups[{index}].TargetGroupArn", entry.get("TargetGroupArn")


def forwarded(bodies: Bodies) -> frozenset[str]:
    """The names of all target groups that a rule forwards to; an empty one is not known yet."""
    return frozenset(
        made(target)
        for rule in of_kind("listener-rules", bodies)
        for _, action in objects(rule.get("Actions"))
        for _, target in targets(action)
    )


# ---------------------------------------------------------------------------- tags

_TAG = LETTERS + DIGITS + " +-=._:/@"
_TAG_MARKS = frozenset("+-=._:/@")
_KEY_MAX, _VALUE_MAX = 128, 256


def tags(key: str, most: int = TAGS_PER_RESOURCE, least: int = 0) -> Callable[[Body], Found]:
    """A check of the tags that stand at a key of a body: a list of pairs, or a mapping."""

    def check(body: Body) -> Found:
        if key not in body or _are_plain(body[key], most):
            return iter(())
        return iter(_tags(body[key], key, most, least))

    return check


def _are_plain(value: Any, most: int) -> bool:
    """Whether pairs are so few and short and plain that no look at each is needed: most are."""
    try:
        name, content = ("key", "value") if "key" in value[0] else ("Key", "Value")
        keys = [tag[name] for tag in value]
        joined = "".join(keys) + "".join([tag[content] for tag in value])
    except (IndexError, KeyError, TypeError):
        return False
    if len(joined) > _KEY_MAX or len(keys) > most or len(set(keys)) < len(keys) or "" in keys:
        return False
    return not joined.strip(_TAG) and "aws:" not in joined.lower()


def _tags(value: Any, path: str, most: int, least: int) -> list[tuple[str, str, str]]:
    pairs = _pairs(value)
    found = []
    for where, key, content in pairs:
        if fault := _tag_fault(key, content):
            at = f"{path}[{where}]" if isinstance(where, int) else f"{path}.{where}"
            found.append(("D370", at, fault))
    if len(pairs) > most:
        found.append(("D370", path, f"{len(pairs)} tags, and AWS takes {most}"))
    if least and value in ([], {}):
        found.append(("D370", path, "there are none: AWS wants at least one, or no list"))
    keys = [key for _, key, _ in pairs]
    if len(set(keys)) < len(keys):
        for key in repeated(keys):
            found.append(("D370", path, f"the key {key!r} is there twice"))
    return found


def _pairs(value: Any) -> list[tuple[int | str, str, str]]:
    """The index or the key of each tag, its key, and its value."""
    found: list[tuple[int | str, str, str]] = []
    if isinstance(value, dict):
        for key, content in value.items():
            found.append((text(key), text(key), text(content)))
    for index, tag in enumerate(listed(value)):
        if isinstance(tag, dict):
            key = tag.get("key", tag.get("Key"))
            content = tag.get("value", tag.get("Value"))
            if isinstance(key, str):
                found.append((index, key, content if isinstance(content, str) else ""))
    return found


@lru_cache(maxsize=4096)
def _tag_fault(key: str, value: str) -> str:
    """Why AWS refuses a tag; empty if it does not. Most tags of a stack are the same."""
    if not 1 <= len(key) <= _KEY_MAX:
        return f"a key has 1 to {_KEY_MAX} characters, not {len(key)}"
    if len(value) > _VALUE_MAX:
        return f"the value of {key!r} has {len(value)} characters, and {_VALUE_MAX} are allowed"
    for part in (key, value):
        if part[:4].lower() == "aws:":
            return f"{part!r} begins as AWS's own do"
        if part.lstrip(_TAG) and not unknown(part):
            for character in part:
                if not (character.isalnum() or character.isspace() or character in _TAG_MARKS):
                    return f"{part!r} holds {character!r}"
    return ""


# ---------------------------------------------------------------------------- shared things

_LOG_GROUP = LETTERS + DIGITS + "._/#-"
_LOG_GROUP_MAX = 512
_NAMESPACE_MAX = 1024
_DAYS = frozenset(
    (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557)
    + (2922, 3288, 3653)
)


def _log_group(body: Body) -> Found:
    name = body.get("logGroupName")
    if not isinstance(name, str):
        return
    if fault := bad_name(name, _LOG_GROUP_MAX, _LOG_GROUP):
        yield "D371", "logGroupName", fault
    elif name.startswith("aws/"):
        yield "D371", "logGroupName", f"{name!r} begins as AWS's own do"


def _retention(body: Body) -> Found:
    yield from _log_group(body)
    days = number(body.get("retentionInDays"))
    if days is not None and days not in _DAYS:
        near = min(sorted(_DAYS), key=lambda known: abs(known - days))
        yield "D372", "retentionInDays", f"logs are not kept for {days} days; {near} is the nearest"


def _namespace(body: Body) -> Found:
    name = body.get("Name")
    if not isinstance(name, str) or unknown(name):
        return
    if not 1 <= len(name) <= _NAMESPACE_MAX:
        yield "D373", "Name", f"a name has 1 to {_NAMESPACE_MAX} characters, not {len(name)}"
    elif name.startswith("arn:"):
        yield "D373", "Name", f"{name!r} looks like an ARN"
    else:
        for character in name:
            if not "!" <= character <= "~" or character in '<>"/':
                yield "D373", "Name", f"{name!r} holds {character!r}"
                break


# ---------------------------------------------------------------------------- once only


def _first(kind: str, keys: tuple[str, ...], bodies: Bodies) -> dict[tuple[str, ...], Body]:
    """The first body of a kind for each value of these keys."""
    found: dict[tuple[str, ...], Body] = {}
    for body in of_kind(kind, bodies):
        found.setdefault(tuple(text(body.get(key)) for key in keys), body)
    return found


def _once(
    id_: str, kind: str, path: str, said: str, *others: str
) -> Callable[[Body, Bodies], Found]:
    """A check that nothing else of the kind has the same value at a path, with `others` alike."""
    keys = (path, *others)

    def index(bodies: Bodies) -> dict[tuple[str, ...], Body]:
        return _first(kind, keys, bodies)

    def check(body: Body, bodies: Bodies) -> Found:
        value = tuple(text(body.get(key)) for key in keys)
        if not value[0]:
            return
        first = of_all(index, bodies).get(value, body)
        if first is not body:
            yield id_, path, said.format(value[0])

    return check


def _target_group_once(body: Body, bodies: Bodies) -> Found:
    name = text(body.get("Name"))
    first = of_all(_first_group, bodies).get((name,), body)
    if name and first is not body and first != body:  # the same request again is no fault
        yield "D173", "Name", f"another target group of the stack is called {name!r}"


def _first_group(bodies: Bodies) -> dict[tuple[str, ...], Body]:
    return _first("target-groups", ("Name",), bodies)


def _priorities(bodies: Bodies) -> dict[tuple[str, int], Body]:
    found: dict[tuple[str, int], Body] = {}
    for rule in of_kind("listener-rules", bodies):
        priority = number(rule.get("Priority"))
        if priority is not None:
            found.setdefault((text(rule.get("ListenerArn")), priority), rule)
    return found


def _conditions(rule: Body) -> str:
    """The listener and the conditions of a rule, the same text for those that match the same."""
    found = []
    for _, condition in objects(rule.get("Conditions")):
        values: list[str] = []
        name = ""
        for value in condition.values():
            if isinstance(value, dict):
                name = text(value.get("HttpHeaderName")).lower()
                values += map(
                    repr, (*listed(value.get("Values")), *listed(value.get("RegexValues")))
                )
            elif isinstance(value, list):
                values += map(repr, value)
        found.append((str(condition.get("Field")), name, sorted(values)))
    return f"{rule.get('ListenerArn')} {sorted(found)}" if found else ""


def _same_conditions(bodies: Bodies) -> tuple[dict[int, str], dict[str, Body]]:
    """The conditions of each rule, by the rule's identity, and the first rule that has them."""
    texts: dict[int, str] = {}
    first: dict[str, Body] = {}
    for rule in of_kind("listener-rules", bodies):
        texts[id(rule)] = conditions = _conditions(rule)
        first.setdefault(conditions, rule)
    return texts, first


def _listeners(bodies: Bodies) -> dict[str, list[Body]]:
    found: dict[str, list[Body]] = {}
    for rule in of_kind("listener-rules", bodies):
        found.setdefault(text(rule.get("ListenerArn")), []).append(rule)
    return found


_RULES = 100  # of a load balancer, unless AWS was asked for more


def _rule(body: Body, bodies: Bodies) -> Found:
    listener = text(body.get("ListenerArn"))
    priority = number(body.get("Priority"))
    if priority is not None:
        first = of_all(_priorities, bodies).get((listener, priority), body)
        if first is not body:
            yield "D180", "Priority", f"another rule of the listener has priority {priority}"
    texts, firsts = of_all(_same_conditions, bodies)
    conditions = texts[id(body)] if id(body) in texts else _conditions(body)
    if conditions:
        first = firsts.get(conditions, body)
        if first is not body:
            yield "D183", "Conditions", "another rule of the listener has the same conditions"
    rules = of_all(_listeners, bodies).get(listener, [])
    if len(rules) > _RULES and rules[_RULES] is body:
        yield "D374", "ListenerArn", f"{len(rules)} rules, and a load balancer takes {_RULES}"


# ---------------------------------------------------------------------------- Service Connect


def _endpoints(body: Body) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """What a service is found by: the path, how it is called, and what must be unlike the others'."""
    connect = mapping(body.get("serviceConnectConfiguration"))
    if connect.get("enabled") is not True:
        return
    namespace = text(connect.get("namespace")).rpartition("/")[2]
    for index, served in enumerate(listed(connect.get("services"))):
        if not isinstance(served, dict):
            continue
        path = f"serviceConnectConfiguration.services[{index}]"
        at = "discoveryName" if "discoveryName" in served else "portName"
        if name := text(served.get(at)):
            yield f"{path}.{at}", name, (namespace, name)
        for number_, alias in objects(served.get("clientAliases")):
            dns, port = text(alias.get("dnsName")), number(alias.get("port"))
            if dns and port is not None:
                at = f"{path}.clientAliases[{number_}]"
                yield at, f"{dns}:{port}", (namespace, dns, str(port))


Endpoints = dict[tuple[str, ...], Body]


def _again(body: Body, taken: Endpoints) -> list[tuple[str, str]]:
    """The endpoints of a service that are taken: path and name. Those that are not are now."""
    found = []
    for path, name, key in _endpoints(body):
        if key in taken:
            found.append((path, name))
        else:
            taken[key] = body
    return found


def _all_endpoints(bodies: Bodies) -> tuple[dict[int, list[tuple[str, str]]], Endpoints]:
    """What is there twice in each service, by its identity, and who has what."""
    taken: Endpoints = {}
    return {id(body): _again(body, taken) for body in of_kind("services", bodies)}, taken


def _connect(body: Body, bodies: Bodies) -> Found:
    if "serviceConnectConfiguration" not in body:
        return
    again, taken = of_all(_all_endpoints, bodies)
    found = again[id(body)] if id(body) in again else _again(body, dict(taken))
    for path, name in found:
        yield "D327", path, f"{name!r} is there twice in its namespace"


# ---------------------------------------------------------------------------- the table

_LOGS = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_"
_ECS = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_ELB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_"
_MAP = "https://docs.aws.amazon.com/cloud-map/latest/api/API_"

ROWS: tuple[Check, ...] = (
    Check(
        "D173",
        ERROR,
        "A target group's name is its own in the account and region",
        f"{_ELB}CreateTargetGroup.html",
        "rename one of the services, or choose another pattern of names",
        "elb",
    ),
    Check(
        "D180",
        ERROR,
        "A rule's priority is from 1 to 50000, and its own on the listener",
        f"{_ELB}CreateRule.html",
        "leave `priority` out to have one chosen",
        "elb",
    ),
    Check(
        "D183",
        WARNING,
        "A rule has other conditions than those before it, or never matches",
        f"{_ELB}CreateRule.html",
        "tell the two apart by another host or path",
        "run",
    ),
    Check(
        "D300",
        ERROR,
        "A service's name is its own in the cluster",
        f"{_ECS}CreateService.html",
        "rename one of the services",
        "service",
    ),
    Check(
        "D327",
        ERROR,
        "A Service Connect name, and an alias with its port, is its own in the namespace",
        f"{_ECS}ServiceConnectService.html",
        "give one of them another name",
        "service",
    ),
    Check(
        "D370",
        ERROR,
        "Tags: 50 with unlike keys of 1 to 128 characters, values of up to 256, none begins with aws:",
        "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
        "letters, digits, spaces and + - = . _ : / @ are allowed",
        "service",
    ),
    Check(
        "D371",
        ERROR,
        "A log group's name has 1 to 512 letters, digits and . _ / # -, and does not begin with aws/",
        f"{_LOGS}CreateLogGroup.html",
        "choose another: x-ecs: {logs: {group: NAME}}",
        "other",
    ),
    Check(
        "D372",
        ERROR,
        "Logs are kept for one of the numbers of days that CloudWatch offers",
        f"{_LOGS}PutRetentionPolicy.html",
        "1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653",
        "other",
    ),
    Check(
        "D373",
        ERROR,
        "A namespace's name has 1 to 1024 printable characters without < > \" and /",
        f"{_MAP}CreateHttpNamespace.html",
        "",
        "other",
    ),
    Check(
        "D374",
        WARNING,
        "A load balancer takes 100 rules, unless AWS was asked for more",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html",
        "raise the quota, or share the stack out among load balancers",
        "elb",
    ),
    Check(
        "D375",
        ERROR,
        "A log group, a namespace or a schedule is made once",
        f"{_LOGS}CreateLogGroup.html",
        "remove one of the two",
        "other",
    ),
)

ALONE: Alone = {
    "log-groups": (_log_group, tags("tags", least=1)),
    "log-group-retention": (_retention,),
    "namespaces": (_namespace, tags("Tags", most=200)),
    "services": (tags("tags"),),
    "target-groups": (tags("Tags", least=1),),
    "listener-rules": (tags("Tags", least=1),),
    "scalable-targets": (tags("Tags"),),
    "run-tasks": (tags("tags"),),
}
AMONG: Among = {
    "log-groups": (
        _once("D375", "log-groups", "logGroupName", "the log group {!r} is made twice"),
    ),
    "namespaces": (_once("D375", "namespaces", "Name", "the namespace {!r} is made twice"),),
    "target-groups": (_target_group_once,),
    "listener-rules": (_rule,),
    "services": (
        _once(
            "D300",
            "services",
            "serviceName",
            "another service of the cluster is called {!r}",
            "cluster",
        ),
        _connect,
    ),
    "schedules": (
        _once("D375", "schedules", "Name", "the schedule {!r} is made twice", "GroupName"),
    ),
}
