"""The way in: listener and load balancer, certificates, names, and the quotas of a balancer.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html and
https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from compose2ecs.doctor.ask import Ask
from compose2ecs.doctor.model import Finding, Found, failure, listed, ok, unknown, warning
from compose2ecs.doctor.subject import Body, Subject
from compose2ecs.plan.errors import AwsError
from compose2ecs.plan.seen import balancer_of, forwards

RULES = 100  # a load balancer's, unless AWS was asked for more
GROUPS = 100
_NEARLY = 0.9
_SOON = 14 * 24 * 3600.0  # seconds before a certificate ends
_LOGINS = ("authenticate-oidc", "authenticate-cognito")
_ENCRYPTED = ("HTTPS", "TLS")


def _listener(subject: Subject, ask: Ask) -> Body | None:
    try:
        return ask.elb.listener(subject.listener)
    except AwsError as error:
        if error.code.removesuffix("Exception") == "ListenerNotFound":
            return None
        raise


def balancer_there(subject: Subject, ask: Ask) -> Body | None:
    """The load balancer of the listener, or None where it is not there."""
    try:
        return ask.elb.load_balancer(balancer_of(subject.listener))
    except AwsError as error:
        if error.code.removesuffix("Exception") == "LoadBalancerNotFound":
            return None
        raise


def listener(subject: Subject, ask: Ask) -> Found:
    """The listener is there, on an application load balancer in the right VPC, and speaks what the
    routes need."""
    if not subject.listener:
        if subject.rules or subject.groups:
            yield warning(
                "no listener is given, so nothing is routed: ports are reached at the instances",
                "--listener ARN, or x-ecs: {load_balancer: {name: ..., port: 443}}",
            )
        return
    there, balancer = _listener(subject, ask), balancer_there(subject, ask)
    name = subject.listener.partition(":listener/")[2].split("/")[1:2]
    if there is None or balancer is None:
        yield failure(
            f"there is no such listener of the load balancer {''.join(name)} in {subject.region}",
            "look at --listener and --region: aws elbv2 describe-listeners --load-balancer-arn ...",
        )
        return
    bad = list(_faults(subject, there, balancer))
    yield from bad
    if not any(one.status == "failure" for one in bad):
        yield ok(
            f"{balancer.get('LoadBalancerName', ''.join(name))} listens on {there.get('Port')}"
            f" ({there.get('Protocol')}, {balancer.get('Scheme', 'internet-facing')})"
        )


def _faults(subject: Subject, there: Body, balancer: Body) -> Iterable[Finding]:
    name = balancer.get("LoadBalancerName")
    if subject.rules and balancer.get("Type") != "application":
        yield failure(
            f"{name} is a {balancer.get('Type')} load balancer: only those of HTTP have rules",
            "--listener with the ARN of an application load balancer's",
        )
    state = balancer.get("State", {}).get("Code", "active")
    if state != "active":
        say = warning if state in ("provisioning", "active_impaired") else failure
        yield say(f"{name} is {state}", "wait until it is active")
    wanted = subject.target.vpc
    if wanted and balancer.get("VpcId") != wanted:
        yield failure(
            f"{name} is in {balancer.get('VpcId')}, and the target groups are to be in {wanted}",
            f"--vpc {balancer.get('VpcId')}, or leave it out: it is the load balancer's then",
        )
    if there.get("Protocol") in _ENCRYPTED:
        return
    port = there.get("Port")
    fix = "--listener with the ARN of an HTTPS listener"
    logins = _with_logins(subject)
    if logins:
        yield failure(f"logins ({listed(logins)}) need HTTPS, and port {port} is not", fix)
    spoken = [n for n, b in subject.groups.items() if b.get("ProtocolVersion") in ("GRPC", "HTTP2")]
    if spoken:
        yield failure(f"HTTP/2 ({listed(spoken)}) needs HTTPS, and port {port} is not", fix)
    hosts = hosts_of(subject)
    if hosts and not logins:
        yield warning(
            f"port {port} is not encrypted: what goes to {listed(hosts)} can be read on its way",
            fix,
        )


def _with_logins(subject: Subject) -> list[str]:
    return [
        name
        for name, body in subject.rules.items()
        if any(action.get("Type") in _LOGINS for action in body.get("Actions", ()))
    ]


def hosts_of(subject: Subject) -> list[str]:
    """The hosts of all rules; sorted, each once."""
    return sorted(
        {
            str(host).lower()
            for body in subject.rules.values()
            for condition in body.get("Conditions", ())
            if condition.get("Field") == "host-header"
            for host in condition.get("HostHeaderConfig", {}).get(
                "Values", condition.get("Values", ())
            )
        }
    )


# ---------------------------------------------------------------------------- certificates


def certificates(subject: Subject, ask: Ask) -> Found:
    """The listener's certificates are good for the hosts."""
    hosts = hosts_of(subject)
    if not subject.listener or not hosts:
        return
    there = _listener(subject, ask)
    if there is None or there.get("Protocol") not in _ENCRYPTED:
        return
    names: set[str] = set()
    others, bad = 0, False
    for arn in ask.elb.certificates(subject.listener):
        if ":acm:" not in arn:
            others += 1
            continue
        found = ask.looks.certificate(arn)
        if found is None:
            continue
        good = True
        for finding in _faults_of(found, ask.wall()):
            good = good and finding.status != "failure"
            bad = True
            yield finding
        if good:
            names |= {str(found.get("DomainName", "")).lower()}
            names |= {str(name).lower() for name in found.get("SubjectAlternativeNames", ())}
    bare = [host for host in hosts if not any(covers(name, host) for name in names)]
    port = there.get("Port")
    if bare and others:
        yield unknown(
            f"whether {listed(bare)} has a certificate: {others} of the listener's are IAM's",
            "look at them: aws iam list-server-certificates",
        )
    elif bare:
        yield failure(
            f"no certificate of the listener on {port} is good for {listed(bare)}",
            "aws acm request-certificate, then aws elbv2 add-listener-certificates --listener-arn"
            f" {subject.listener} --certificates CertificateArn=...",
        )
    elif not bad:
        yield ok(f"certificates of the listener are good for {listed(hosts)}")


def _faults_of(certificate: Mapping[str, Any], now: float) -> Iterable[Finding]:
    name, status = certificate.get("DomainName"), certificate.get("Status", "ISSUED")
    if status != "ISSUED":
        yield failure(
            f"the certificate of {name} is {status}",
            "a certificate that waits for its validation needs its DNS record; others are to be"
            " replaced",
        )
        return
    end = certificate.get("NotAfter")
    if not isinstance(end, datetime):
        return
    left = end.timestamp() - now
    if left <= 0:
        yield failure(f"the certificate of {name} ended on {end:%Y-%m-%d}", "replace it")
    elif left < _SOON and certificate.get("RenewalEligibility") != "ELIGIBLE":
        yield warning(f"the certificate of {name} ends on {end:%Y-%m-%d}", "renew it")


def covers(name: str, host: str) -> bool:
    """Whether a certificate's name is good for a host; `*` stands for one label.

    >>> [covers("*.example.com", host) for host in ("a.example.com", "a.b.example.com", "example.com")]
    [True, False, False]
    >>> covers("*.example.com", "*.example.com")
    True
    """
    if name == host:
        return True
    first, _, rest = name.partition(".")
    label, _, domain = host.partition(".")
    return first == "*" and bool(label) and rest == domain and "?" not in label


# ---------------------------------------------------------------------------- quotas


def quotas(subject: Subject, ask: Ask) -> Found:
    """The load balancer has room for the rules and the target groups."""
    if not subject.listener or not (subject.rules or subject.groups):
        return
    if _listener(subject, ask) is None or balancer_there(subject, ask) is None:
        return
    arn = balancer_of(subject.listener)
    groups = ask.elb.target_groups(arn)
    ours = {g["TargetGroupArn"] for g in groups if g["TargetGroupName"] in subject.groups}
    rules = [
        rule
        for one in ask.elb.listeners(arn)
        for rule in ask.elb.rules(one["ListenerArn"])
        if not rule.get("IsDefault")
    ]
    mine = [rule for rule in rules if forwards(rule) & ours]
    limits = _limits(ask)
    for what, number, own, wanted, most in (
        ("rules", len(rules), len(mine), len(subject.rules), limits[0]),
        ("target groups", len(groups), len(ours), len(subject.groups), limits[1]),
    ):
        after = number - own + wanted
        text = f"the load balancer has {number} {what}, {after} with this stack's, of {most}"
        if after > most:
            yield failure(text, "remove stacks that nobody needs, or use another load balancer")
        elif after > most * _NEARLY:
            yield warning(text, "remove stacks that nobody needs")
        else:
            yield ok(text)


def _limits(ask: Ask) -> tuple[int, int]:
    try:
        said = ask.elb.limits()
    except AwsError:
        said = {}
    return (
        said.get("rules-per-application-load-balancer", RULES),
        said.get("target-groups-per-application-load-balancer", GROUPS),
    )


# ---------------------------------------------------------------------------- names


def names(subject: Subject, ask: Ask) -> Found:
    """The hosts lead to the load balancer."""
    hosts = [host for host in hosts_of(subject) if "*" not in host and "?" not in host]
    if not subject.listener or not hosts:
        return
    balancer = balancer_there(subject, ask)
    if balancer is None:
        return
    dns = str(balancer.get("DNSName", ""))
    try:
        there = ask.resolve(dns)
    except OSError as error:
        yield unknown(f"where hosts lead: not even {dns} is found from here ({error})")
        return
    good = []
    for host in hosts:
        try:
            found = ask.resolve(host)
        except OSError:
            yield failure(
                f"{host} is not in the DNS",
                f"make an alias or CNAME record to {dns}"
                f" (hosted zone {balancer.get('CanonicalHostedZoneId', 'of the region')})",
            )
            continue
        if found & there:
            good.append(host)
        else:
            yield warning(
                f"{host} leads to {listed(set(found))}, which is not the load balancer",
                f"point it to {dns}, unless something that passes it on stands in between",
            )
    if good:
        yield ok(f"{listed(good)} lead to {dns}" if len(good) > 1 else f"{good[0]} leads to {dns}")
