"""AWS's rules asked of a stack before it leaves: each finding is told of a place in the file.

The ids of checks are codes like any other, so `x-ecs.ignore` takes them; errors are told anyway.
"""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.checks import find
from compose2ecs.checks.model import Finding
from compose2ecs.compose.model import Service
from compose2ecs.ecs.model import Resource
from compose2ecs.ecs.work import Work
from compose2ecs.names import ecs_name
from compose2ecs.report import Code

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


def tell_findings(work: Work, *, remarks: bool = False) -> None:
    """Report what AWS has against the stack, with `remarks` also what is only worth knowing."""
    bodies = {
        kind: {name: resource.body for name, resource in named.items()}
        for kind, named in work.resources.items()
    }
    for finding in find(bodies, remarks=remarks):
        resource = work.resources[finding.kind][finding.name]
        service = _service(finding, resource, work)
        if not _is_said(finding, service, work):
            _tell(finding, service, work)
    _tell_unknown(work)


def _tell(finding: Finding, service: Service | None, work: Work) -> None:
    check = finding.check
    where = f"{finding.kind}/{finding.name}"
    if finding.path:
        where = f"{where}: {finding.path}"
    said = f"{finding.text} ({where})"
    if service is None:
        work.say(Code(check.id, check.severity, "{said}", "{hint}"), 0, said=said, hint=check.hint)
        return
    code = Code(check.id, check.severity, "{service}: {said}", "{hint}")
    member = finding.path.partition("].")[2].partition("[")[0].partition(".")[0]
    place = service.written.get(_KEYS.get(member, ""), service.place)
    work.say(code, place, service, said=said, hint=check.hint)


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
