"""Where services are reached: URLs of a load balancer, or addresses of instances and tasks.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Rule.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_NetworkBinding.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from compose2ecs.app.rows import Reached
from compose2ecs.app.running import Running
from compose2ecs.aws.ec2 import Address, Ec2
from compose2ecs.plan.errors import AwsError
from compose2ecs.plan.observe import Together
from compose2ecs.plan.rules import conditions
from compose2ecs.plan.seen import forwards


def urls_by_group(running: Running, groups: Sequence[str]) -> dict[str, list[str]]:
    """URLs by the ARN of the target group that they lead to. What the listener is, the file says, or
    the load balancer that the target groups are attached to."""
    found: dict[str, list[str]] = {}
    tried: set[str] = set()
    left = [arn for arn in groups if arn not in found]
    elb = running.world.elb
    while left:
        # the name is in the ARN: arn:...:targetgroup/NAME/ID
        group = elb.target_group_named(left[0].split("/")[1]) or {}
        for balancer in group.get("LoadBalancerArns", ()):
            if balancer not in tried:
                tried.add(balancer)
                _read_urls(running, balancer, set(groups), found)
        left = [arn for arn in left[1:] if arn not in found]
    return found


def _read_urls(
    running: Running, balancer: str, groups: set[str], found: dict[str, list[str]]
) -> None:
    elb = running.world.elb
    with Together() as at_once:
        described = at_once.start(elb.load_balancer, balancer)
        listeners = elb.listeners(balancer)
        named = [one for one in listeners if one["ListenerArn"] == running.place.listener]
        listeners = named or listeners
        reading = [(one, at_once.start(elb.rules, one["ListenerArn"])) for one in listeners]
        dns = str(described().get("DNSName", ""))
        for listener, rules in reading:
            for rule in rules():
                for arn in forwards(rule) & groups:
                    urls = urls_of(rule, listener, dns)
                    known = found.setdefault(arn, [])
                    known += [url for url in urls if url not in known]


_USUAL = {"http": 80, "https": 443}


def urls_of(rule: Mapping[str, Any], listener: Mapping[str, Any], dns: str) -> list[str]:
    """Where a rule's requests come in.

    >>> urls_of({"Conditions": []}, {"Protocol": "HTTP", "Port": 8080}, "lb.example.com")
    ['http://lb.example.com:8080/']
    """
    protocol, port = str(listener.get("Protocol", "HTTP")).lower(), listener.get("Port")
    if protocol not in _USUAL:  # a network load balancer's
        return [f"{protocol}://{dns}:{port}"]
    tail = "" if port in (None, _USUAL[protocol]) else f":{port}"
    said = conditions(rule)
    hosts = [host for host in said.get("host-header", ()) if "*" not in host and "?" not in host]
    if "host-header" not in said:
        hosts = [dns]
    paths = said.get("path-pattern", ["/*"])
    path = min((path.partition("*")[0] for path in paths), key=len)
    return [f"{protocol}://{host}{tail}{path}" for host in hosts]


def instances(
    running: Running, living: Sequence[Mapping[str, Any]], notes: list[str]
) -> dict[str, tuple[str, Address | None]]:
    """Ids and addresses by the ARNs of container instances."""
    arns = sorted(
        {
            str(task["containerInstanceArn"])
            for task in living
            if task.get("containerInstanceArn")
            and any(one.get("networkBindings") for one in task.get("containers", ()))
        }
    )
    if not arns:
        return {}
    listed = running.world.ecs.container_instances(running.place.cluster, arns)
    ids = {str(one["containerInstanceArn"]): str(one.get("ec2InstanceId", "")) for one in listed}
    try:
        found = Ec2(running.account).addresses([id_ for id_ in ids.values() if id_])
    except AwsError as error:
        why = f"{error} ({error.hint})" if error.hint else str(error)
        notes.append(f"addresses of instances could not be read: {why}")
        found = {}
    return {arn: (id_, found.get(id_)) for arn, id_ in ids.items()}


def reached(
    running: Running,
    living: Sequence[Mapping[str, Any]],
    where: Mapping[str, tuple[str, Address | None]],
) -> Iterator[Reached]:
    """Every published port of the tasks that run, with the address at which it is reached."""
    place = running.place
    for task in living:
        id_, address = where.get(str(task.get("containerInstanceArn")), ("", None))
        host, public = (address.private, address.public) if address else (id_, None)
        for one in task.get("containers", ()):
            service = place.containers.get(str(one.get("name")), str(one.get("name")))
            published = place.published.get(service)
            for binding in one.get("networkBindings", ()):
                port, inner = binding.get("hostPort"), binding.get("containerPort")
                protocol = str(binding.get("protocol", "tcp"))
                if port and inner and (published is None or (inner, protocol) in published):
                    yield Reached(service, inner, protocol, host, port, public)
            for interface in one.get("networkInterfaces", ()):
                ip = interface.get("privateIpv4Address")
                for inner, protocol in (published or ()) if ip else ():
                    yield Reached(service, inner, protocol, ip, inner)
