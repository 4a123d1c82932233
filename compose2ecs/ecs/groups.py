"""Which services share a task, and which of those only run before the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from compose2ecs import codes
from compose2ecs.compose.model import Service
from compose2ecs.ecs.launch import BRIDGE, Launch, launch_of
from compose2ecs.ecs.storage import one_writer
from compose2ecs.ecs.work import Work
from compose2ecs.limits import CONTAINERS_PER_TASK

COMPLETED = "service_completed_successfully"


class Group(NamedTuple):
    """One task: its containers in file order, and those that run to completion first.

    `linked` says that its containers reach each other by links, which rules out Service Connect.
    `once` says that nothing keeps the task running: it is started, and ends.
    """

    name: str
    members: tuple[str, ...]
    inits: tuple[str, ...] = ()
    linked: bool = False
    launch: Launch = BRIDGE
    once: bool = False


class _Edge(NamedTuple):
    """Why two services share a task."""

    first: str
    second: str
    key: str


class _Union:
    """Disjoint sets of services, the earliest service of the file standing for each."""

    def __init__(self, names: Iterable[str]) -> None:
        self.order = {name: number for number, name in enumerate(names)}
        self.above = {name: name for name in self.order}

    def find(self, name: str) -> str:
        while self.above[name] != name:
            self.above[name] = self.above[self.above[name]]
            name = self.above[name]
        return name

    def join(self, first: str, second: str) -> None:
        one, two = self.find(first), self.find(second)
        if one != two:
            low, high = (one, two) if self.order[one] < self.order[two] else (two, one)
            self.above[high] = low

    def same(self, name: str, other: str) -> bool:
        """Whether two are in one set; what is in none, as a job, is not."""
        return name in self.order and self.find(name) == self.find(other)

    def sets(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self.order:
            found.setdefault(self.find(name), []).append(name)
        return found


def group_services(work: Work) -> list[Group]:
    """The tasks of the project, in file order; those that run once come last."""
    services = work.services
    jobs = _jobs(work)
    running = [name for name in services if name not in jobs]
    if work.target.layout == "single":
        edges = [_Edge(running[0], name, "layout: single") for name in running[1:]]
    else:
        edges = _hard_edges(work, jobs)
        edges += _link_edges(work, jobs, edges)
    union = _Union(running)
    for edge in edges:
        union.join(edge.first, edge.second)
    by_set: dict[str, list[_Edge]] = {}
    for edge in edges:
        by_set.setdefault(union.find(edge.first), []).append(edge)
    groups = []
    sets = union.sets()
    for root, members in sets.items():
        own = by_set.get(root, [])
        launch = launch_of(members, work)
        bridge = launch.network_mode == "bridge"
        linked = (len(members) > 1 and bridge) and (
            work.target.layout == "single"
            or work.target.discovery == "links"
            or len(sets) == 1  # nobody else is there: links are all it takes
            or any(edge.key == "links" for edge in own)
        )
        inits = _inits_of(members, jobs, work)
        group = Group(_name_of(members, work), tuple(members), inits, linked, launch)
        _check(group, own, work)
        groups.append(group)
    for name, service in services.items():
        if name in jobs and runs_once(service, work):
            inits = _inits_of([name], jobs, work)
            own_name = _name_of([name], work)
            group = Group(own_name, (name,), inits, launch=launch_of([name], work), once=True)
            _check(group, [], work)
            groups.append(group)
    if jobs:
        _tell_waiting(groups, jobs, work)
    return groups


def _tell_waiting(groups: list[Group], jobs: dict[str, list[str]], work: Work) -> None:
    """Say what becomes of a job's copies, and of those that do not wait for its end."""
    work.completing = {name for name in jobs if not runs_once(work.services[name], work)}
    for name in work.services:
        if name in work.completing:
            _tell_copies(work.services[name], work)
    for group in groups:
        together = (*group.members, *group.inits)
        for key in together:
            service = work.services[key]
            for name, dependency in service.depends_on.items():
                if (
                    name in work.completing
                    and name not in together
                    and dependency.implied_by in (None, "links")
                ):
                    work.say(
                        codes.JOB_ELSEWHERE,
                        dependency.place,
                        service,
                        name=name,
                        hosts=" and ".join(dict.fromkeys(jobs[name])),
                    )


def _tell_copies(service: Service, work: Work) -> None:
    """A container that runs to completion in a task runs once for each copy of that task."""
    deploy = service.deploy
    if replicas(service) != 1:
        key, place = "scale", service.written.get("scale", 0)
        if deploy is not None and "replicas" in deploy.written:
            key, place = "deploy.replicas", deploy.written["replicas"]
        reason = "it runs to completion in the task of each that waits for it, once for each copy"
        work.say(codes.KEY_LOST, place, service, key=key, reason=reason, advice="")
    if deploy is not None and deploy.mode == "global":
        reason = "it runs to completion in the task of each that waits for it"
        place = deploy.written["mode"]
        work.say(codes.KEY_LOST, place, service, key="deploy.mode", reason=reason, advice="")
    if service.restart not in (None, "no"):
        reason = "when what runs to completion fails, its whole task is started anew"
        place = service.written["restart"]
        work.say(codes.KEY_IGNORED, place, service, key="restart", reason=reason)
    _tell_task_keys(service, work)


_OF_A_TASK = (
    "task",
    "deployment",
    "placement",
    "tags",
    "launch_type",
    "capacity_providers",
    "network",
    "execute_command",
)


def _tell_task_keys(service: Service, work: Work) -> None:
    """What a container says of tasks and services has no effect where those of others count."""
    facts, deploy = work.facts(service), service.deploy
    lost = {
        f"x-ecs.{key}": facts.written[key]
        for key in _OF_A_TASK
        if key in facts.written and getattr(facts, key) not in (None, False)
    }
    if deploy is not None:
        for key in ("update_config", "placement"):
            if key in deploy.written:
                lost[f"deploy.{key}"] = deploy.written[key]
    if lost:
        place = min(lost.values())
        work.say(codes.COMPLETING_KEYS_LOST, place, service, keys=", ".join(lost))


def runs_once(service: Service, work: Work) -> bool:
    """Whether it is a task of its own that runs once: by `job: once`, or as a top-level job."""
    return service.key in work.project.jobs or work.facts(service).job == "once"


def _jobs(work: Work) -> dict[str, list[str]]:
    """What runs to completion, and in whose task: that of each who waits for it, or its own.

    Nobody is lost: following those who wait, one comes to a service that nobody waits for, or to
    one that runs once, because dependencies in a circle are refused.
    """
    found: dict[str, list[str]] = {}
    for service in work.services.values():
        if runs_once(service, work):
            found.setdefault(service.key, [])
        for name, dependency in service.depends_on.items():
            if dependency.condition == COMPLETED and name in work.services:
                hosts = found.setdefault(name, [])
                if work.facts(work.services[name]).job is None:
                    hosts.append(service.key)
    return found


def _inits_of(members: list[str], jobs: dict[str, list[str]], work: Work) -> tuple[str, ...]:
    """The jobs that these services wait for, and the jobs those wait for, in file order."""
    services = work.services
    wanted: set[str] = set()
    waiting = list(members)
    while waiting:
        for name, dependency in services[waiting.pop()].depends_on.items():
            if (
                dependency.condition == COMPLETED
                and name in jobs
                and name not in wanted
                and work.facts(services[name]).job is None
            ):
                wanted.add(name)
                waiting.append(name)
    return tuple(name for name in services if name in wanted) if wanted else ()


def _hard_edges(work: Work, jobs: dict[str, list[str]]) -> list[_Edge]:
    """Services that must share a task, whatever else."""
    edges: list[_Edge] = []
    by_task: dict[str, str] = {}
    for service in work.services.values():
        if service.key in jobs:
            continue
        task = work.facts(service).task
        if task is not None:
            edges.append(_Edge(by_task.setdefault(task, service.key), service.key, "x-ecs.task"))
        for key, target in _shared_with(service):
            if target in work.services and target not in jobs:
                edges.append(_Edge(service.key, target, key))
    return [edge for edge in edges if edge.first != edge.second]


def _shared_with(service: Service) -> list[tuple[str, str]]:
    found = []
    for source in service.volumes_from:
        if not source.startswith("container:"):
            found.append(("volumes_from", source.partition(":")[0]))
    for key in ("network_mode", "pid", "ipc"):
        mode = getattr(service, key)
        if mode is not None and mode.startswith("service:"):
            found.append((key, mode.partition(":")[2]))
    return found


def _link_edges(work: Work, jobs: dict[str, list[str]], hard: list[_Edge]) -> list[_Edge]:
    """Links join services into one bridge task, unless one of them names a service outside."""
    edges: list[_Edge] = []
    for service in work.services.values():
        if service.key in jobs:
            continue
        for link in service.links:
            target = link.partition(":")[0]
            if target not in work.services or target in jobs:
                continue
            alone = next((n for n in (service.key, target) if not _bridged(n, work)), None)
            if alone is None:
                edges.append(_Edge(service.key, target, "links"))
            else:
                place = launch_of([alone], work, quiet=True).title
                work.say(codes.LINKS_WITHOUT_BRIDGE, _links(service), service, place=place)
                break
    if not edges or work.target.discovery in ("service-connect", "none"):
        return []
    union = _Union(name for name in work.services if name not in jobs)
    for edge in (*edges, *hard):
        union.join(edge.first, edge.second)
    outside: dict[str, tuple[str, str]] = {}
    for service in work.services.values():
        # a job runs in the tasks of those that wait for it, so it reaches what they reach
        for host in jobs.get(service.key, [service.key]):
            for name in service.depends_on:
                if host in jobs or name not in work.services or name in jobs:
                    continue
                if not set(service.networks) & set(work.services[name].networks):
                    continue  # without a network in common it is an order, not a name
                if union.find(name) != union.find(host):
                    # whichever side has the links: AWS's agent cannot do links and Service Connect
                    # in one task, so neither can name the other unless both are tasks of their own
                    outside.setdefault(union.find(host), (service.key, name))
                    outside.setdefault(union.find(name), (service.key, name))
    kept = []
    told: set[str] = set()
    for edge in edges:
        out = outside.get(union.find(edge.first))
        if out is None or work.target.discovery == "links":
            kept.append(edge)
            continue
        if edge.first not in told:
            told.add(edge.first)
            service = work.services[edge.first]
            work.say(
                codes.LINKS_TO_SERVICE_CONNECT,
                _links(service),
                service,
                linked=edge.second,
                who=out[0],
                named=out[1],
                outside=out[1] if union.same(out[0], edge.first) else out[0],
            )
    return kept


def _bridged(name: str, work: Work) -> bool:
    """Whether a service would have bridge networking, if its task were its own."""
    return launch_of([name], work, quiet=True).network_mode == "bridge"


def _links(service: Service) -> int:
    return service.written["links"]


def _name_of(members: list[str], work: Work) -> str:
    """The name of `x-ecs.task`, else the first service that nobody of the group links to."""
    for name in members:
        task = work.facts(work.services[name]).task
        if task is not None:
            return task
    if len(members) == 1:
        return members[0]
    inside = set(members)
    linked = {
        link.partition(":")[0] for name in members for link in work.services[name].links
    } & inside
    needed = {other for name in members for other in work.services[name].depends_on} & inside
    for unwanted in (linked | needed, linked):
        for name in members:
            if name not in unwanted:
                return name
    return members[0]


def _check(group: Group, edges: list[_Edge], work: Work) -> None:
    together = (*group.members, *group.inits)
    first = work.services[group.members[0]]
    number = len(together) + sum(len(work.services[name].pre_start) for name in together)
    if number > CONTAINERS_PER_TASK:
        why = sorted({f"{e.first} - {e.second} ({e.key})" for e in edges})
        work.say(
            codes.TOO_MANY_CONTAINERS,
            first.place,
            first,
            task=group.name,
            number=number,
            limit=CONTAINERS_PER_TASK,
            edges=", ".join(why) if why else ", ".join(together),
        )
    counts = {name: replicas(work.services[name]) for name in group.members}
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{name} {count}" for name, count in counts.items())
        work.say(codes.UNEQUAL_REPLICAS, first.place, first, task=group.name, counts=said)
    if len(together) > 1:
        from compose2ecs.ecs.agreement import check_agreement

        check_agreement(group, [edge.key for edge in edges], work)
    if len(group.members) > 1:
        _check_state(group, work)


def _check_state(group: Group, work: Work) -> None:
    """A database beside a service that is redeployed goes down with it each time."""
    stateful = [n for n in group.members if one_writer(work.services[n], group.launch, work)]
    others = [name for name in group.members if name not in stateful]
    if stateful and others:
        service = work.services[stateful[0]]
        work.say(
            codes.STATE_BESIDE_APP,
            service.place,
            service,
            task=group.name,
            others=", ".join(others),
        )


def tags_of(group: Group, work: Work) -> dict[str, str]:
    """The tags that the services of a task ask for; the first service's word stands."""
    found: dict[str, str] = {}
    for name in group.members:
        for tag, value in work.facts(work.services[name]).tags.items():
            found.setdefault(tag, value)
    return found


def replicas(service: Service) -> int:
    """How many copies: `deploy.replicas`, else `scale`, else 1; 0 is a real value."""
    if service.deploy is not None and service.deploy.replicas is not None:
        return service.deploy.replicas
    return 1 if service.scale is None else service.scale
