"""What a plan tells beside its changes: for which world it is, and where the stack is reached."""

from __future__ import annotations

from compose2ecs.plan import normalise, tags
from compose2ecs.plan.desired import Desired, digest
from compose2ecs.plan.observe import owned_groups
from compose2ecs.plan.rules import conditions, normal
from compose2ecs.plan.seen import Observed, forwards


def fingerprint(wanted: Desired, seen: Observed) -> str:
    """Stands for all that a plan was made from, as far as it is the stack's or in its way."""
    services = [
        [
            service["serviceArn"],
            service.get("status"),
            service.get("taskDefinition"),
            service.get("desiredCount"),
            sorted(tags.of_ecs(service).items()),
            service.get("loadBalancers"),
        ]
        for _, service in sorted(seen.services.items())
    ]
    owned = owned_groups(wanted, seen)
    groups = sorted(
        (
            [g["TargetGroupArn"], normalise.health_check(g)]
            for g in seen.groups
            if g["TargetGroupArn"] in owned
        ),
        key=str,
    )
    rules = sorted(
        (
            [r["RuleArn"], r["Priority"], normal(r, lambda v: v)]
            for r in (*seen.rules, *seen.left_rules)
            if forwards(r) & owned
        ),
        key=str,
    )
    jobs = {
        name: d.get("taskDefinitionArn")
        for name, d in sorted(seen.definitions.items())
        if name in wanted.jobs
    }
    left = sorted(seen.left.items())
    return digest([wanted.members, services, groups, rules, sorted(seen.tags.items()), jobs, left])


def urls(wanted: Desired, seen: Observed) -> list[str]:
    """Where the stack is reached, the broadest first."""
    listener = seen.listener
    if listener is None:
        return []
    protocol = "https" if listener.get("Protocol") == "HTTPS" else "http"
    port = listener.get("Port")
    usual = {"http": 80, "https": 443}[protocol]
    tail = "" if port in (None, usual) else f":{port}"
    own = (seen.load_balancer or {}).get("DNSName")
    found = []
    for unit in wanted.units.values():
        for body in unit.rules.values():
            said = conditions(body)
            hosts = [h for h in said.get("host-header", ()) if "*" not in h and "?" not in h]
            if "host-header" not in said and own:
                hosts = [own]
            paths = said.get("path-pattern", ["/*"])
            path = min((p.partition("*")[0] for p in paths), key=len)
            found += [f"{protocol}://{host}{tail}{path}" for host in hosts]
    return sorted(dict.fromkeys(found), key=lambda url: (url.count("/"), len(url), url))
