"""Whether packets get through: subnets, security groups, and the metadata of instances.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-networkmode-bridge.html,
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html and
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any, NamedTuple

from compose2ecs.doctor.ask import Ask
from compose2ecs.doctor.entrance import balancer_there
from compose2ecs.doctor.model import Found, failure, listed, ok, unknown, warning
from compose2ecs.doctor.subject import Body, Subject, Work

DYNAMIC = (32768, 65535)  # where Docker finds a port for hostPort 0


class Gate(NamedTuple):
    """Security groups that must let in `ports` from some others, or from networks."""

    inside: tuple[str, ...]
    what: str
    ports: tuple[int, int]


def subnets(subject: Subject, ask: Ask) -> Found:
    """The subnets and security groups of tasks with an address of their own are there, in the VPC
    of the load balancer."""
    nets, groups = set(), set()
    for work in subject.works:
        nets |= set(work.network.get("subnets", ()))
        groups |= set(work.network.get("securityGroups", ()))
    nets, groups = _known(nets), _known(groups)
    if not nets and not groups:
        return
    found = {one["SubnetId"]: one for one in ask.ec2.subnets(sorted(nets))}
    held = (
        {one["GroupId"]: one for one in ask.ec2.security_groups(sorted(groups))} if groups else {}
    )
    bad = False
    for id_ in sorted(nets - found.keys()) + sorted(groups - held.keys()):
        bad = True
        flag = "--subnets" if id_ in nets else "--security-groups"
        yield failure(f"there is no {id_} in {subject.region}", f"look at {flag} and --region")
    vpcs = {str(one["VpcId"]) for one in found.values()}
    if len(vpcs) > 1:
        bad = True
        yield failure(f"the subnets are in different VPCs: {listed(vpcs)}", "look at --subnets")
    wanted = _vpc(subject, ask) or next(iter(vpcs), None)
    strange = [id_ for id_, one in {**found, **held}.items() if wanted and one["VpcId"] != wanted]
    if strange and len(vpcs) <= 1:
        bad = True
        yield failure(
            f"not in {wanted}, where the rest is: {listed(strange)}", "look at --vpc and the ids"
        )
    full = [id_ for id_, one in found.items() if int(one.get("AvailableIpAddressCount", 100)) < 1]
    if full:
        bad = True
        yield failure(f"{listed(full)} has no free address", "use other subnets")
    if not bad:
        yield ok(f"{len(found)} subnets and {len(held)} security groups are in {wanted}")


def _known(ids: Iterable[str]) -> set[str]:
    """Ids without placeholders."""
    return {str(id_) for id_ in ids if not str(id_).startswith("<")}


def _vpc(subject: Subject, ask: Ask) -> str | None:
    if subject.target.vpc:
        return subject.target.vpc
    balancer = balancer_there(subject, ask) if subject.listener else None
    return None if balancer is None else str(balancer.get("VpcId"))


# ---------------------------------------------------------------------------- security groups


def paths(subject: Subject, ask: Ask) -> Found:
    """Security groups let the load balancer reach the tasks, and tasks each other."""
    if not subject.cluster:
        return
    instances = _instances(subject, ask) if _needs_instances(subject) else []
    yield from _from_balancer(subject, ask, instances)
    yield from _between_tasks(subject, ask, instances)


def _needs_instances(subject: Subject) -> bool:
    return any(work.mode != "awsvpc" for work in subject.on_instances)


def _instances(subject: Subject, ask: Ask) -> list[Body]:
    """The EC2 instances of the cluster."""
    there = ask.ecs.cluster(subject.cluster)
    if there is None or there.get("status") != "ACTIVE":
        return []
    ids = [one.get("ec2InstanceId") for one in ask.ecs.container_instances(subject.cluster)]
    known = [str(id_) for id_ in ids if id_]
    return ask.ec2.instances(known) if known else []


def _groups_of(instance: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(one["GroupId"] for one in instance.get("SecurityGroups", ())))


def _from_balancer(subject: Subject, ask: Ask, instances: list[Body]) -> Found:
    balanced = [work for work in subject.works if work.starts.get("loadBalancers")]
    if not subject.listener or not balanced:
        return
    balancer = balancer_there(subject, ask)
    if balancer is None or balancer.get("Type") != "application":
        return
    outside = tuple(balancer.get("SecurityGroups", ()))
    zones = [str(zone["SubnetId"]) for zone in balancer.get("AvailabilityZones", ())]
    nets = [str(one["CidrBlock"]) for one in ask.ec2.subnets(zones)] if zones else []
    gates = [gate for gate in _gates(balanced, instances) if _is_there(gate, ask)]
    bad = False
    for gate in gates:
        for finding in _through(gate, "the load balancer does", outside, nets, ask):
            bad = True
            yield finding
    if gates and not bad:
        yield ok(f"the load balancer reaches the tasks ({listed([gate.what for gate in gates])})")


def _gates(works: list[Work], instances: list[Body]) -> list[Gate]:
    """What has to be open, each once."""
    found: dict[Gate, None] = {}
    for work in works:
        for one in work.starts.get("loadBalancers", ()):
            inner = int(one["containerPort"])
            if work.mode == "awsvpc":
                groups = tuple(sorted(_known(work.network.get("securityGroups", ()))))
                if groups:
                    found[Gate(groups, f"{work.name} on {inner}", (inner, inner))] = None
                continue
            outer = _host_port(work, str(one["containerName"]), inner)
            ports = (outer, outer) if outer else DYNAMIC
            what = f"the instances on {ports[0]}" + (f"-{ports[1]}" if not outer else "")
            for instance in instances:
                found[Gate(_groups_of(instance), what, ports)] = None
    return list(found)


def _host_port(work: Work, container: str, inner: int) -> int:
    """The port of the instance; 0 for one that Docker finds."""
    for one in work.containers:
        for mapping in one.get("portMappings", ()) if one["name"] == container else ():
            if mapping.get("containerPort") == inner:
                return inner if work.mode == "host" else int(mapping.get("hostPort") or 0)
    return 0


def _between_tasks(subject: Subject, ask: Ask, instances: list[Body]) -> Found:
    """Service Connect's proxies talk to each other directly."""
    connected = [work for work in subject.works if work.connects]
    bridged = [work for work in connected if work.mode != "awsvpc" and not work.fargate]
    gates: dict[tuple[Gate, tuple[str, ...]], None] = {}
    if len(bridged) > 1 and len(instances) > 1:
        for inside in {_groups_of(one) for one in instances}:
            for outside in {_groups_of(one) for one in instances}:
                what = f"the instances on {DYNAMIC[0]}-{DYNAMIC[1]}"
                gates[Gate(inside, what, DYNAMIC), outside] = None
    own = [work for work in connected if work.mode == "awsvpc"]
    for server in own:
        inside = tuple(sorted(_known(server.network.get("securityGroups", ()))))
        for port in _served(server):
            for client in own:
                outside = tuple(sorted(_known(client.network.get("securityGroups", ()))))
                if inside and outside and client is not server:
                    gates[Gate(inside, f"{server.name} on {port}", (port, port)), outside] = None
    bad = False
    known = [(gate, outside) for gate, outside in sorted(gates) if _is_there(gate, ask)]
    for gate, outside in known:
        for finding in _through(gate, "other tasks do", outside, (), ask):
            bad = True
            yield finding
    if known and not bad:
        yield ok("tasks reach each other by Service Connect")


def _served(work: Work) -> list[int]:
    names = {
        one.get("portName")
        for one in work.starts.get("serviceConnectConfiguration", {}).get("services", ())
    }
    return sorted(
        int(mapping["containerPort"])
        for container in work.containers
        for mapping in container.get("portMappings", ())
        if mapping.get("name") in names
    )


def _is_there(gate: Gate, ask: Ask) -> bool:
    """Whether its security groups are there; where not, another check says so."""
    return bool(gate.inside) and len(ask.ec2.security_groups(gate.inside)) == len(gate.inside)


def _through(gate: Gate, who: str, outside: Iterable[str], nets: Iterable[str], ask: Ask) -> Found:
    """What is wrong with a gate, if anything."""
    groups = ask.ec2.security_groups(gate.inside)
    permissions = [one for group in groups for one in group.get("IpPermissions", ())]
    outside, nets = set(outside), list(nets)
    ranges = []
    prefixes = False
    for one in permissions:
        if one.get("IpProtocol") not in ("tcp", "6", "-1"):
            continue
        if _lets_in(one, outside, nets):
            ranges.append(_range(one))
        prefixes = prefixes or bool(one.get("PrefixListIds"))
    left = uncovered(gate.ports, ranges)
    if not left:
        return
    closed = listed([f"{low}" if low == high else f"{low}-{high}" for low, high in left])
    if prefixes:
        yield unknown(
            f"{who} perhaps not reach {gate.what}: {listed(gate.inside)} has prefix lists"
        )
        return
    first = sorted(outside)[0] if outside else "sg-..."
    yield failure(
        f"{who} not reach {gate.what}: {listed(gate.inside)} lets nothing of"
        f" {listed(outside) or listed(nets)} in on {closed}",
        f"aws ec2 authorize-security-group-ingress --group-id {gate.inside[0]} --protocol tcp"
        f" --port {closed.partition(',')[0]} --source-group {first}",
    )


def _lets_in(permission: Mapping[str, Any], outside: set[str], nets: list[str]) -> bool:
    if outside & {pair.get("GroupId") for pair in permission.get("UserIdGroupPairs", ())}:
        return True
    allowed = [ip_network(one["CidrIp"], strict=False) for one in permission.get("IpRanges", ())]
    if any(one.prefixlen == 0 for one in allowed):
        return True
    wanted = [ip_network(net, strict=False) for net in nets]
    return bool(wanted) and all(
        any(net.version == one.version and net.subnet_of(one) for one in allowed)  # type: ignore[arg-type]
        for net in wanted
    )


def _range(permission: Mapping[str, Any]) -> tuple[int, int]:
    if permission.get("IpProtocol") == "-1":
        return 0, 65535
    return int(permission.get("FromPort", 0)), int(permission.get("ToPort", 65535))


def uncovered(wanted: tuple[int, int], ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of a range of ports that no other range covers.

    >>> uncovered((1, 10), [(3, 4), (8, 20)])
    [(1, 2), (5, 7)]
    """
    return list(_uncovered(wanted, sorted(ranges)))


def _uncovered(wanted: tuple[int, int], ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    at, end = wanted
    for low, high in ranges:
        if high < at:
            continue
        if low > end:
            break
        if low > at:
            yield at, low - 1
        at = max(at, high + 1)
    if at <= end:
        yield at, end


# ---------------------------------------------------------------------------- metadata


def metadata(subject: Subject, ask: Ask) -> Found:
    """Containers behind Docker's bridge reach the instance's metadata, which is one hop further."""
    works = [work for work in subject.on_instances if work.mode == "bridge"]
    if not subject.cluster or not works:
        return
    instances = _instances(subject, ask)
    if not instances:
        return
    short = [
        str(one["InstanceId"])
        for one in instances
        if _hops(one) < 2 and one.get("MetadataOptions", {}).get("HttpTokens") == "required"
    ]
    if not short:
        yield ok("containers reach the metadata of their instance")
        return
    roleless = [work.name for work in works if not work.task.get("taskRoleArn")]
    without = (
        f"; {listed(roleless)} has no task role either, and so no credentials" if roleless else ""
    )
    yield warning(
        f"containers on {listed(short)} do not reach its metadata (one hop is allowed): AWS's"
        f" libraries find no region there{without}",
        f"aws ec2 modify-instance-metadata-options --instance-id {short[0]}"
        " --http-put-response-hop-limit 2, or set AWS_REGION and a task role",
    )


def _hops(instance: Mapping[str, Any]) -> int:
    return int(instance.get("MetadataOptions", {}).get("HttpPutResponseHopLimit", 2))
