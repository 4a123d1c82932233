"""Where a task runs and in which network: what that asks of its task definition and its service.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from compose2ecs import codes
from compose2ecs.compose.model import Service

if TYPE_CHECKING:
    from compose2ecs.ecs.work import Work

_FARGATE = ("FARGATE", "FARGATE_SPOT")


class Launch(NamedTuple):
    """How a task is launched.

    `launch_type` is None where the cluster decides; `providers` is a capacity provider strategy,
    which takes its place. `network_mode` is bridge, awsvpc or host.
    """

    network_mode: str = "bridge"
    launch_type: str | None = None
    providers: tuple[Mapping[str, Any], ...] = ()
    fargate: bool = False
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    public_ip: bool | None = None

    @property
    def awsvpc(self) -> bool:
        """Whether each task has an address of its own, and its containers share one localhost."""
        return self.network_mode == "awsvpc"

    @property
    def host(self) -> bool:
        return self.network_mode == "host"

    @property
    def title(self) -> str:
        """What people call it: `Fargate`, or the network mode on EC2."""
        return "Fargate" if self.fargate else f"EC2 with {self.network_mode} networking"


BRIDGE = Launch()


def launch_of(members: Iterable[str], work: Work, *, quiet: bool = False) -> Launch:
    """How the task of these services is launched: as one of them says, else as the project does.

    Faults of what they say are reported unless `quiet`.
    """
    services = [work.services[name] for name in members]
    target = work.target
    launch_type, providers = target.launch_type, target.facts.capacity_providers
    if target.given_launch_type:
        providers = ()
    said: Service | None = None
    for service in services:
        facts = work.facts(service)
        if not facts.launch_type and not facts.capacity_providers:
            continue
        own = facts.launch_type, facts.capacity_providers
        if target.given_launch_type and not quiet and own != (target.launch_type, ()):
            key = "launch_type" if facts.launch_type else "capacity_providers"
            place = facts.written[key]
            work.say(codes.SERVICE_OVER_FLAG, place, service, key=key, given=target.launch_type)
        if said is not None and own != (launch_type, providers):
            key = "capacity_providers" if facts.capacity_providers else "launch_type"
            if not quiet:
                place = facts.written[key]
                work.say(codes.LAUNCH_TYPES_DIFFER, place, service, other=said.key, key=key)
            continue
        said = service
        launch_type, providers = own
    place = target.facts.written.get("capacity_providers", 0)
    if said is not None:
        place = work.facts(said).written.get("capacity_providers", 0)
    if launch_type and providers:
        if not quiet:
            work.say(codes.LAUNCH_TYPE_AND_PROVIDERS, place, said)
        launch_type = None
    if launch_type == "FARGATE_SPOT":
        launch_type, providers = None, ({"provider": "FARGATE_SPOT", "weight": 1},)
    names = {str(entry["provider"]) for entry in providers}
    fargate = launch_type == "FARGATE" or bool(names & set(_FARGATE))
    if names & set(_FARGATE) and not names <= set(_FARGATE) and not quiet:
        work.say(codes.PROVIDERS_MIXED, place, said)
    return Launch(
        _network_mode(services, fargate, work, quiet),
        launch_type,
        providers,
        fargate,
        *_network(services, work),
    )


def _network_mode(services: list[Service], fargate: bool, work: Work, quiet: bool) -> str:
    """One network mode for the whole task."""
    if fargate:
        return "awsvpc"
    inside = {service.key for service in services}
    for service in services:
        shared = service.network_mode or ""
        if shared.startswith("service:") and shared.partition(":")[2] in inside:
            return "awsvpc"  # the containers of a bridge task share no localhost
    asked = {service.key: mode for service in services if (mode := _asked(service, work))}
    chosen = next(iter(asked.values()), "bridge")
    for service in services:
        own = asked.get(service.key)
        if own is not None and own != chosen and not quiet:
            work.say(
                codes.NETWORK_MODES_DIFFER,
                service.written.get("network_mode", service.place),
                service,
                other=next(iter(asked)),
                mode=own,
                used=chosen,
            )
    return chosen


def _asked(service: Service, work: Work) -> str | None:
    own = work.facts(service).network
    if own is not None and own.mode:
        return own.mode
    if service.network_mode == "host":
        return "host"
    return work.target.network.mode


def _network(
    services: list[Service], work: Work
) -> tuple[tuple[str, ...], tuple[str, ...], bool | None]:
    """Subnets, security groups and public addresses, each as a service says, else the project."""
    found = [
        facts.network for service in services if (facts := work.facts(service)).network is not None
    ]
    found.append(work.target.network)
    subnets = next((network.subnets for network in found if network.subnets), ())
    groups = next((network.security_groups for network in found if network.security_groups), ())
    public = next((network.public_ip for network in found if network.public_ip is not None), None)
    return subnets, groups, public


def launch_fields(launch: Launch, work: Work) -> dict[str, Any]:
    """The members of a CreateService or RunTask request that say where tasks run."""
    body: dict[str, Any] = {}
    if launch.providers:
        body["capacityProviderStrategy"] = [_provider(entry) for entry in launch.providers]
    elif launch.launch_type is not None:
        body["launchType"] = launch.launch_type
    if not launch.awsvpc:
        return body
    subnets: list[str] = list(launch.subnets)
    if not subnets:
        subnets = [work.fact("subnets")]
    network: dict[str, Any] = {"subnets": subnets}
    if launch.security_groups:
        network["securityGroups"] = list(launch.security_groups)
    else:
        work.once(codes.DEFAULT_SECURITY_GROUP, 0)
    if launch.fargate:
        network["assignPublicIp"] = "ENABLED" if launch.public_ip else "DISABLED"
    elif launch.public_ip:
        work.once(codes.PUBLIC_IP_ON_EC2, work.target.facts.written.get("network", 0))
    body["networkConfiguration"] = {"awsvpcConfiguration": network}
    return body


def _provider(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of a strategy; a provider without a weight gets an equal share."""
    body: dict[str, Any] = {"capacityProvider": entry["provider"]}
    if "base" in entry:
        body["base"] = entry["base"]
    body["weight"] = entry.get("weight", 1)
    return body
