"""Where tasks run: the cluster, what gives it capacity, its instances and their agents, Fargate.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from compose2ecs.doctor.ask import Ask
from compose2ecs.doctor.attributes import required
from compose2ecs.doctor.model import Finding, Found, failure, listed, ok, warning
from compose2ecs.doctor.subject import FARGATE, Body, Subject, Work

CONNECT_AGENT = (1, 67, 2)
_VCPUS = ("fargate", "L-3032A538")
_SPOT_VCPUS = ("fargate", "L-36FBB829")
UNIT = 1024  # CPU units of a vCPU


def cluster(subject: Subject, ask: Ask) -> Found:
    """The cluster is there, and ACTIVE."""
    if not subject.cluster:
        return  # the settings say so
    found = ask.ecs.cluster(subject.cluster)
    name = subject.cluster.rpartition("/")[2]
    if found is None:
        yield failure(
            f"there is no cluster {name} in {subject.region}",
            f"look at --cluster and --region, or: aws ecs create-cluster --cluster-name {name}",
        )
    elif found.get("status") != "ACTIVE":
        yield failure(
            f"the cluster {name} is {found.get('status')}",
            f"aws ecs create-cluster --cluster-name {name} makes one of that name again",
        )
    else:
        number = found.get("registeredContainerInstancesCount", 0)
        yield ok(f"{name} is ACTIVE, with {number} instances")


def _cluster(subject: Subject, ask: Ask) -> Body | None:
    """The cluster, where it can be used."""
    found = ask.ecs.cluster(subject.cluster) if subject.cluster else None
    return found if found is not None and found.get("status") == "ACTIVE" else None


def _default(there: Mapping[str, Any]) -> list[str]:
    return [
        str(one["capacityProvider"]) for one in there.get("defaultCapacityProviderStrategy", ())
    ]


def _on_instances(subject: Subject, there: Mapping[str, Any]) -> list[Work]:
    """The tasks for instances: those that name no place follow the cluster's default."""
    default = _default(there)
    elsewhere = bool(default) and all(name in FARGATE for name in default)
    return [
        work
        for work in subject.on_instances
        if not (elsewhere and not work.providers and "launchType" not in work.starts)
    ]


def providers(subject: Subject, ask: Ask) -> Found:
    """The capacity providers that tasks name belong to the cluster."""
    there = _cluster(subject, ask)
    used: dict[str, list[str]] = {}
    for work in subject.works:
        for name in work.providers:
            used.setdefault(name, []).append(work.name)
    if there is None or not used:
        return
    known = list(there.get("capacityProviders", ()))
    missing = sorted(set(used) - set(known))
    if not missing:
        yield ok(f"the cluster has {listed(used)}")
        return
    default = [
        ",".join(f"{key}={value}" for key, value in sorted(one.items()))
        for one in there.get("defaultCapacityProviderStrategy", ())
    ]
    users = {name for one in missing for name in used[one]}
    yield failure(
        f"the cluster lacks the capacity providers {listed(missing)} of {listed(users)}",
        f"aws ecs put-cluster-capacity-providers --cluster {there['clusterName']}"
        f" --capacity-providers {' '.join([*known, *missing])}"
        f" --default-capacity-provider-strategy {' '.join(default) or '[]'}",
    )


def _grows(subject: Subject, there: Mapping[str, Any], ask: Ask) -> list[str]:
    """The capacity providers that start instances when tasks need them."""
    names = [n for n in there.get("capacityProviders", ()) if n not in FARGATE]
    if not names:
        return []
    return [
        str(one["name"])
        for one in ask.ecs.capacity_providers(names)
        if one.get("autoScalingGroupProvider", {}).get("managedScaling", {}).get("status")
        == "ENABLED"
    ]


def _reached(work: Work, there: Mapping[str, Any], grows: Iterable[str]) -> bool:
    """Whether a task starts through a provider that adds instances; others wait for room."""
    used = work.providers
    if not used and "launchType" not in work.starts:
        used = _default(there)
    return bool(set(used) & set(grows))


def instances(subject: Subject, ask: Ask) -> Found:
    """There are instances for the tasks that need some, and their agents are connected."""
    there = _cluster(subject, ask)
    if there is None or not (works := _on_instances(subject, there)):
        return
    found = ask.ecs.container_instances(subject.cluster)
    if not found:
        grows = _grows(subject, there, ask)
        names = listed([work.name for work in works])
        if all(_reached(work, there, grows) for work in works):
            yield warning(
                f"the cluster has no instance now; {listed(grows)} starts some for {names}"
            )
            return
        yield failure(
            f"the cluster has no active instance, and {names} needs one",
            "start instances that join the cluster, or run on Fargate (--launch-type FARGATE)",
        )
        return
    lost = [_id(one) for one in found if not one.get("agentConnected")]
    if lost:
        say = failure if len(lost) == len(found) else warning
        yield say(
            f"the agent of {listed(lost)} is not connected: nothing is started there",
            "restart the agent (systemctl restart ecs), or replace the instance",
        )
    if len(lost) < len(found):
        yield ok(f"{len(found) - len(lost)} of {len(found)} instances are connected")


def _id(instance: Mapping[str, Any]) -> str:
    return str(
        instance.get("ec2InstanceId")
        or str(instance.get("containerInstanceArn", "")).rpartition("/")[2]
    )


def _connected(subject: Subject, ask: Ask) -> list[Body]:
    found = ask.ecs.container_instances(subject.cluster)
    return [one for one in found if one.get("agentConnected")]


# ---------------------------------------------------------------------------- agents


def agents(subject: Subject, ask: Ask) -> Found:
    """Instances have what the tasks ask of them: an agent that is new enough, drivers, plug-ins."""
    there = _cluster(subject, ask)
    if there is None or not (works := _on_instances(subject, there)):
        return
    found = _connected(subject, ask)
    if not found:
        return
    bad = [*_old_agents(works, found), *_lacking(works, found)]
    yield from bad
    if not bad:
        yield ok(
            f"agents from {_text(min(found, key=_version))} on have what the tasks ask of them"
        )


def _old_agents(works: list[Work], found: list[Body]) -> Iterator[Finding]:
    connecting = [work.name for work in works if work.connects]
    if not connecting:
        return
    old = [one for one in found if _version(one) < CONNECT_AGENT]
    if not old:
        return
    need = ".".join(map(str, CONNECT_AGENT))
    say = failure if len(old) == len(found) else warning
    yield say(
        f"Service Connect ({listed(connecting)}) needs agent {need}; older ones:"
        f" {listed([f'{_id(one)} ({_text(one)})' for one in old])}",
        "update the agent (aws ecs update-container-agent) or start instances from a newer AMI",
    )


def _version(instance: Mapping[str, Any]) -> tuple[int, ...]:
    text = str(instance.get("versionInfo", {}).get("agentVersion", "0"))
    return tuple(int(part) for part in text.split("-")[0].split(".") if part.isdigit())


def _text(instance: Mapping[str, Any]) -> str:
    return ".".join(map(str, _version(instance)))


def _lacking(works: list[Work], found: list[Body]) -> Iterator[Finding]:
    """Attributes that tasks need and instances do not have; tasks that lack the same in one."""
    same: dict[tuple[int, tuple[tuple[str, str], ...]], list[str]] = {}
    for work in works:
        wanted = required(work)
        lacks = [lack for one in found if (lack := wanted - _attributes(one))]
        if lacks:
            least = min(tuple(sorted(lack)) for lack in lacks)
            same.setdefault((len(found) - len(lacks), least), []).append(work.name)
    for (able, least), names in same.items():
        what = ", ".join(f"{name} {value}".strip() for name, value in least)
        if able:
            yield warning(
                f"{listed(names)}: {able} of {len(found)} instances can run it, the others lack"
                f" {what}",
                "update their agent, or start instances from a newer AMI",
            )
        else:
            yield failure(
                f"{listed(names)}: no instance can run it, as all lack {what}",
                "update the agent, turn the feature on in /etc/ecs/ecs.config, or start other"
                " instances",
            )


def _attributes(instance: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Attributes, each by itself and with its value."""
    found = set()
    for one in instance.get("attributes", ()):
        found |= {(str(one["name"]), ""), (str(one["name"]), str(one.get("value", "")))}
    return found


# ---------------------------------------------------------------------------- room


class _Free:
    """What an instance has left."""

    def __init__(self, instance: Mapping[str, Any]) -> None:
        left = {one["name"]: one for one in instance.get("remainingResources", ())}
        all_ = {one["name"]: one for one in instance.get("registeredResources", ())}
        self.id = _id(instance)
        self.attributes = _attributes(instance)
        self.cpu = int(left.get("CPU", {}).get("integerValue", 0))
        self.memory = int(left.get("MEMORY", {}).get("integerValue", 0))
        self.whole_cpu = int(all_.get("CPU", {}).get("integerValue", self.cpu))
        self.whole_memory = int(all_.get("MEMORY", {}).get("integerValue", self.memory))
        self.gpus = len(left.get("GPU", {}).get("stringSetValue", ()))
        self.taken = set(left.get("PORTS", {}).get("stringSetValue", ()))
        self.runs: set[str] = set()

    def can_run(self, work: Work) -> bool:
        return not required(work) - self.attributes

    def has_room(self, work: Work, *, alone: bool) -> bool:
        return (
            work.cpu <= self.cpu
            and work.memory <= self.memory
            and work.gpus <= self.gpus
            and not (work.ports & self.taken)
            and not (alone and work.name in self.runs)
            and self.can_run(work)
        )

    def take(self, work: Work) -> None:
        self.cpu -= work.cpu
        self.memory -= work.memory
        self.gpus -= work.gpus
        self.taken |= work.ports
        self.runs.add(work.name)


def room(subject: Subject, ask: Ask) -> Found:
    """The instances have room for what is not running yet, and for one task more of each service
    that is replaced task by task."""
    there = _cluster(subject, ask)
    if there is None or not (works := _on_instances(subject, there)):
        return
    found = _connected(subject, ask)
    if not found:
        return
    names = [work.name for work in works if work.lasts]
    running = ask.ecs.services(subject.cluster, names) if names else {}
    free = [_Free(one) for one in found]
    grows: list[str] | None = None
    missing = 0
    works = [work for work in works if any(one.can_run(work) for one in free)]
    if not works:
        return  # the check of agents says why
    # the largest first, as nobody can place them later
    for work in sorted(works, key=lambda one: (-one.memory, -one.cpu, one.name)):
        left = _place(work, free, _to_place(work, running.get(work.name)))
        if not left:
            continue
        missing += 1
        if grows is None:
            grows = _grows(subject, there, ask)
        large = not any(
            one.whole_cpu >= work.cpu and one.whole_memory >= work.memory for one in free
        )
        text = _no_room(work, left, free, large=large)
        if _reached(work, there, grows) and not large:
            yield warning(f"{text}; {listed(grows)} starts more instances")
        else:
            yield failure(text, "add instances, or give it less (mem_reservation, cpus, replicas)")
    if not missing:
        yield ok(f"{len(found)} instances have room for what is to be started")


def _to_place(work: Work, service: Mapping[str, Any] | None) -> int | None:
    """How many tasks are still to find a place; None is one on each instance."""
    live = service is not None and service.get("status") == "ACTIVE"
    if work.daemon:
        return 0 if live else None
    if not live or service is None:
        return work.number
    more = max(0, work.number - int(service.get("runningCount", 0)))
    least = work.starts.get("deploymentConfiguration", {}).get("minimumHealthyPercent", 100)
    return max(more, 1 if least >= 100 and work.number else 0)


def _place(work: Work, free: list[_Free], count: int | None) -> int:
    """Give tasks their places; how many find none."""
    if count is None:
        left = [one for one in free if one.can_run(work)]
        without = [one for one in left if not one.has_room(work, alone=True)]
        for one in left:
            one.take(work)
        return len(without)
    alone = any(
        one.get("type") == "distinctInstance" for one in work.starts.get("placementConstraints", ())
    )
    for number in range(count):
        able = [one for one in free if one.has_room(work, alone=alone)]
        if not able:
            return count - number
        max(able, key=lambda one: (one.memory, one.cpu)).take(work)
    return 0


def _no_room(work: Work, left: int, free: list[_Free], *, large: bool) -> str:
    needs = [f"{work.memory} MiB", f"{work.cpu} CPU units"]
    if work.gpus:
        needs.append(f"{work.gpus} GPUs")
    if work.ports:
        needs.append(f"port {listed(work.ports)}")
    number = "a task" if left == 1 else f"{left} tasks"
    what = f"no room for {number} of {work.name}, of {', '.join(needs)}"
    if large:
        memory, cpu = max((one.whole_memory, one.whole_cpu) for one in free)
        return f"{what}: the largest instance has {memory} MiB and {cpu} units in all"
    best = max(free, key=lambda one: (one.memory, one.cpu))
    said = f"{best.memory} MiB, {best.cpu} units" + (f", {best.gpus} GPUs" if work.gpus else "")
    return f"{what}: the emptiest instance then has {said} ({best.id})"


# ---------------------------------------------------------------------------- Fargate


def fargate(subject: Subject, ask: Ask) -> Found:
    """The account's quota of vCPUs is enough for the tasks on Fargate."""
    there = _cluster(subject, ask)
    followed = set(_default(there)) if there is not None else set()
    for spot, (service, code) in ((False, _VCPUS), (True, _SPOT_VCPUS)):
        works = [
            work
            for work in subject.works
            if (work.fargate and work.spot is spot)
            or (
                not work.providers
                and "launchType" not in work.starts
                and followed == {"FARGATE_SPOT" if spot else "FARGATE"}
            )
        ]
        if not works:
            continue
        need = sum(work.number * work.cpu for work in works) / UNIT
        quota = ask.looks.quota(service, code)
        kind = "Fargate Spot" if spot else "Fargate"
        if quota is None:
            continue
        if need > quota:
            yield failure(
                f"the tasks on {kind} need {need:g} vCPUs, and the account has {quota:g}",
                f"aws service-quotas request-service-quota-increase --service-code {service}"
                f" --quota-code {code} --desired-value {need * 2:g}",
            )
        elif need > quota / 2:
            yield warning(
                f"the tasks on {kind} need {need:g} of the account's {quota:g} vCPUs, and others"
                " use them too: one that is replaced runs twice for a while"
            )
        else:
            yield ok(f"the tasks on {kind} need {need:g} of the account's {quota:g} vCPUs")
