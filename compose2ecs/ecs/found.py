"""AWS's rules asked of a stack before it leaves: each finding is told of a place in the file.

The ids of checks are codes like any other, so `x-ecs.ignore` takes them; errors are told anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from compose2ecs import codes
from compose2ecs.checks import find
from compose2ecs.checks.model import Finding
from compose2ecs.compose.located import Map
from compose2ecs.compose.model import Service
from compose2ecs.ecs.model import Resource
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.work import Work
from compose2ecs.names import ecs_name
from compose2ecs.report import Code

if TYPE_CHECKING:
    from compose2ecs.ecs.facts.scaling import Autoscaling

_OWN_TAGS = "compose2ecs:"
# What the translation has said in its own words, with the place of the key that asks for it.
_SAID = {"D096": "plain-credentials", "D170": "udp-unmapped", "D177": "check-port"}
# The keys of a service that a container's members come from.
_KEYS = {
    "command": "command",
    "dependsOn": "depends_on",
    "dnsSearchDomains": "dns_search",
    "dnsServers": "dns",
    "dockerLabels": "labels",
    "dockerSecurityOptions": "security_opt",
    "entryPoint": "entrypoint",
    "environment": "environment",
    "extraHosts": "extra_hosts",
    "healthCheck": "healthcheck",
    "hostname": "hostname",
    "image": "image",
    "links": "links",
    "logConfiguration": "logging",
    "mountPoints": "volumes",
    "portMappings": "ports",
    "privileged": "privileged",
    "secrets": "secrets",
    "stopTimeout": "stop_grace_period",
    "systemControls": "sysctls",
    "ulimits": "ulimits",
    "user": "user",
    "volumesFrom": "volumes_from",
}


# The keys of `x-ecs` that members of other bodies come from; what is not here has its own function.
_FACTS = {
    "capacityProviderStrategy": "capacity_providers",
    "deploymentConfiguration": "deployment",
    "enableExecuteCommand": "execute_command",
    "executionRoleArn": "roles",
    "launchType": "launch_type",
    "loadBalancers": "route",
    "networkConfiguration": "network",
    "networkMode": "network",
    "placementStrategy": "placement",
    "requiresCompatibilities": "launch_type",
    "role": "roles",
    "tags": "tags",
    "taskRoleArn": "roles",
}
_DEPLOY = {
    "deploymentConfiguration": "update_config",
    "desiredCount": "replicas",
    "placementConstraints": "placement",
    "schedulingStrategy": "mode",
}
_CONDITIONS = {
    "host-header": "host",
    "http-header": "headers",
    "http-request-method": "methods",
    "path-pattern": "path",
    "query-string": "query",
    "source-ip": "source_ips",
}
_OVERRIDES = {
    "task-definitions": "task_definition",
    "services": "service",
    "target-groups": "target_group",
    "listener-rules": "listener_rule",
}
_SCALING = ("scalable-targets", "scaling-policies", "scheduled-actions")


class _At(NamedTuple):
    """Where a mistake is, and the key in words; nothing where nobody wrote it."""

    place: int = 0
    key: str = ""


def tell_findings(work: Work, *, remarks: bool = False) -> None:
    """Report what AWS has against the stack, with `remarks` also what is only worth knowing."""
    bodies = {
        kind: {name: resource.body for name, resource in named.items()}
        for kind, named in work.resources.items()
    }
    told: set[tuple[int, str]] = set()
    for finding in find(bodies, remarks=remarks):
        resource = work.resources[finding.kind][finding.name]
        service = _service(finding, resource, work)
        if not _is_said(finding, service, work):
            at = _at(finding, resource.body, service, work)
            if not at.key or (at.place, finding.text) not in told:  # one key, many bodies
                _tell(finding, at, resource.body, service, work)
            told.add((at.place, finding.text))
    _tell_unknown(work)


def _at(finding: Finding, body: Body, service: Service | None, work: Work) -> _At:
    """The key that the member of a finding comes from."""
    member = _first(finding.path)
    if service is None:
        return _At(work.target.facts.written.get("tags", 0), "x-ecs.tags" * (member == "Tags"))
    facts = work.facts(service)
    inner = _first(finding.path.partition("].")[2]) if member == "containerDefinitions" else ""
    kind = "container" if inner else _OVERRIDES.get(finding.kind, "")
    laid = (facts.overrides or {}).get(kind)
    if isinstance(laid, Map) and (inner or member) in laid:
        return _At(laid.keys_at[inner or member], f"x-ecs.overrides.{kind}")
    if inner or (finding.kind == "task-definitions" and member == "containerDefinitions"):
        key = _KEYS.get(inner, "")
        return _At(service.written.get(key, 0), key * (key in service.written))
    if member in ("tags", "Tags"):
        return _written("tags", service, work)
    if finding.kind in _SCALING:
        return _of_scaling(finding, facts.autoscaling)
    if finding.kind in ("listener-rules", "target-groups", "target-group-attributes"):
        return _of_route(finding, member, body, service, work)
    deploy, key = service.deploy, _DEPLOY.get(member, "")
    if member in _FACTS and (at := _written(_FACTS[member], service, work)).place:
        return at
    if deploy is not None and key in deploy.written:
        return _At(deploy.written[key], f"deploy.{key}")
    return _At()


def _first(path: str) -> str:
    return path.partition("[")[0].partition(".")[0]


def _written(key: str, service: Service, work: Work) -> _At:
    """A key of a service's `x-ecs`, else of the project's."""
    place = work.facts(service).written.get(key) or work.target.facts.written.get(key, 0)
    return _At(place, f"x-ecs.{key}") if place else _At()


def _of_scaling(finding: Finding, scaling: Autoscaling | None) -> _At:
    if scaling is None:
        return _At()
    last = finding.name.rpartition("-")[2]
    if finding.kind == "scheduled-actions" and last.isdecimal():
        number = int(last)
        if 1 <= number <= len(scaling.schedule):
            written = scaling.schedule[number - 1].written
            key = {"Schedule": "when", "Timezone": "timezone"}.get(finding.path, "when")
            place = written.get(key) or scaling.written["schedule"]
            return _At(place, f"x-ecs.autoscaling.schedule[{number - 1}].{key}")
    if finding.kind == "scaling-policies" and last in scaling.written:
        return _At(scaling.written[last], f"x-ecs.autoscaling.{last}")
    return _At(scaling.place, "x-ecs.autoscaling")


def _of_route(finding: Finding, member: str, body: Body, service: Service, work: Work) -> _At:
    routes = work.facts(service).route or ()
    words = finding.name.split("-")
    route = next((one for one in routes if len(routes) == 1 or str(one.port) in words), None)
    if member == "Actions" and "Authenticate" in finding.path:
        if route is None or "auth" not in route.written:
            return _written("access", service, work)
        return _At(route.written["auth"], "x-ecs.route.auth")
    if route is None:
        return _written("route", service, work)
    number = finding.path.partition("[")[2].partition("]")[0]
    entries = body.get(member, ())
    entry = entries[int(number)] if number.isdecimal() and int(number) < len(entries) else {}
    wanted = [_CONDITIONS.get(entry.get("Field", ""), "")]
    if finding.kind == "target-group-attributes":
        wanted = ["attributes", "stickiness", "deregistration_delay"]
        if str(entry.get("Key")) not in route.attributes and entry:
            wanted.reverse()
    elif member.startswith("HealthCheck"):
        wanted = ["health_check"]
    key = next((key for key in wanted if key in route.written), "")
    if key:
        return _At(route.written[key], f"x-ecs.route.{key}")
    return _At(route.place or work.facts(service).written["route"], "x-ecs.route")


def _in_words(finding: Finding, body: Body) -> str:
    """The text of a finding, which knows its body only."""
    text = finding.text
    if text.startswith("it is ") and finding.path:
        text = finding.path.rpartition(".")[2].partition("[")[0] + text[2:]
    if "tags, and AWS takes" in text:
        tags = body.get("tags") or body.get("Tags") or ()
        keys = [str(tag.get("key", tag.get("Key"))) for tag in tags if isinstance(tag, dict)]
        own = sum(key.startswith(_OWN_TAGS) for key in keys)
        text += f" ({own} of them are this tool's own)"
    return text


def _tell(finding: Finding, at: _At, body: Body, service: Service | None, work: Work) -> None:
    check = finding.check
    where = f"{finding.kind}/{finding.name}"
    if finding.path:
        where = f"{where}: {finding.path}"
    said = f"{_in_words(finding, body)} ({where})"
    if at.key.startswith("x-ecs"):
        said = f"{at.key}: {said}"
    if service is None:
        work.say(
            Code(check.id, check.severity, "{said}", "{hint}"), at.place, said=said, hint=check.hint
        )
        return
    code = Code(check.id, check.severity, "{service}: {said}", "{hint}")
    work.say(code, at.place or service.place, service, said=said, hint=check.hint)


def _service(finding: Finding, resource: Resource, work: Work) -> Service | None:
    """The service that a finding is about: that of the container, else the first of the body."""
    start, _, rest = finding.path.partition("containerDefinitions[")
    number = rest.partition("]")[0]
    definitions = resource.body.get("containerDefinitions", ())
    if not start and number.isdecimal() and int(number) < len(definitions):
        name = definitions[int(number)].get("name")
        for key, service in work.services.items():
            if key == name or ecs_name(key) == name:
                return service
    return next((work.services[key] for key in resource.services if key in work.services), None)


def _is_said(finding: Finding, service: Service | None, work: Work) -> bool:
    code = _SAID.get(finding.check.id)
    if code is None or service is None:
        return False
    if code in work.target.ignore or code in work.facts(service).ignore:
        return True
    return any(said.code == code and said.service == service.key for said in work.report)


def _tell_unknown(work: Work) -> None:
    """Codes to ignore that are none: a slip of the pen, which would hide nothing."""
    said: list[tuple[str, int, Service | None]] = [
        (code, work.target.facts.written.get("ignore", 0), None) for code in work.target.ignore
    ]
    for service in work.services.values():
        facts = work.facts(service)
        said += [(code, facts.written["ignore"], service) for code in facts.ignore]
    if not said:
        return
    from difflib import get_close_matches

    from compose2ecs.checks.table import TABLE

    known = {code.id for code in vars(codes).values() if isinstance(code, Code)} | TABLE.keys()
    for name, place, of in sorted(said, key=lambda one: one[:2]):
        if name not in known:
            near = get_close_matches(name, known, 1, 0.6)
            guess = f"; did you mean {near[0]!r}?" if near else ""
            work.say(codes.IGNORES_NOTHING, place, of, name=name, guess=guess)
