"""CPU and memory of a container, GPUs.

Units: ECS counts 1024 to a CPU and memory in MiB.
"""

from __future__ import annotations

from compose2ecs import codes
from compose2ecs.compose.model import Service
from compose2ecs.ecs.scope import Scope
from compose2ecs.ecs.target import Target
from compose2ecs.limits import DEFAULT_RESERVATION, MIB, MIN_CPU, MIN_MEMORY

KEYS = (
    "cpus",
    "cpu_shares",
    "cpu_count",
    "cpu_quota",
    "cpu_period",
    "mem_limit",
    "mem_reservation",
    "gpus",
    "storage_opt",
)


def apply(scope: Scope) -> None:
    service, container = scope.service, scope.container
    target = scope.work.target
    fargate = scope.group.launch.fargate
    cpu = cpu_units(service, fargate)
    if cpu and fargate and _is_weight(service):
        scope.say(codes.CPU_SHARES_ON_FARGATE, "cpu_shares", units=cpu, vcpu=f"{cpu / 1024:.3g}")
    if cpu is None and target.defaults.cpu is not None:
        cpu = target.defaults.cpu
    if cpu is not None:
        container["cpu"] = max(cpu, MIN_CPU)
        if cpu < MIN_CPU:
            scope.say(codes.RAISED, "cpus", key="cpu", value=f"{MIN_CPU} units")
        if _is_limited(service) and not fargate:
            scope.work.once(codes.CPU_IS_A_SHARE, service.place)
    memory, reservation = memory_mib(service, target)
    for key, size, raw in (
        ("mem_limit", memory, memory_of(service)[0]),
        ("mem_reservation", reservation, memory_of(service)[1]),
    ):
        if size and raw and 0 < raw <= (MIN_MEMORY - 1) * MIB:
            scope.say(
                codes.RAISED,
                key if key in service.written else "deploy",
                key="memory" if key == "mem_limit" else "memoryReservation",
                value=f"{MIN_MEMORY} MiB",
            )
    if memory is not None and reservation is not None and reservation > memory:
        scope.say(
            codes.RESERVATION_OVER_LIMIT,
            "mem_reservation" if "mem_reservation" in service.written else "deploy",
            reservation=reservation,
            limit=memory,
        )
    if memory is None and reservation is None and not scope.group.launch.fargate:
        reservation = DEFAULT_RESERVATION
        scope.work.once(codes.DEFAULT_MEMORY, service.place, mib=reservation)
    if memory is not None:
        container["memory"] = memory
    if reservation is not None:
        container["memoryReservation"] = reservation
    _devices(scope)
    if service.storage_opt and not scope.group.launch.fargate:
        scope.say(
            codes.KEY_LOST,
            "storage_opt",
            key="storage_opt",
            reason="a task has a disk of its own on Fargate only",
            advice="",
        )


def _is_limited(service: Service) -> bool:
    """Whether the file caps the CPU, and not only weighs it."""
    resources = service.deploy.resources if service.deploy is not None else None
    limits = resources.limits if resources is not None else None
    return (
        service.cpus is not None
        or (limits is not None and limits.cpus is not None)
        or bool(service.cpu_quota and service.cpu_quota > 0)
    )


def _is_weight(service: Service) -> bool:
    """Whether shares are all that the file says of the CPU."""
    resources = service.deploy.resources if service.deploy is not None else None
    reserved = resources.reservations if resources is not None else None
    by_deploy = reserved is not None and reserved.cpus is not None
    return bool(service.cpu_shares) and not by_deploy and not _is_limited(service)


def cpu_units(service: Service, fargate: bool = False) -> int | None:
    """CPU units: the reservation, else the limit, else shares.

    On Fargate the task's size is a cap, so that the larger of reservation and limit counts there.
    """
    resources = service.deploy.resources if service.deploy is not None else None
    reserved = limit = None
    if resources is not None:
        reserved = resources.reservations.cpus if resources.reservations is not None else None
        limit = resources.limits.cpus if resources.limits is not None else None
    if limit is None:
        limit = service.cpus
    known = [cpus for cpus in (reserved, limit) if cpus is not None]
    if known:
        return round((max(known) if fargate else known[0]) * 1024)
    if service.cpu_quota and service.cpu_quota > 0:
        return round(service.cpu_quota / (service.cpu_period or 100_000) * 1024)
    if service.cpu_shares:
        return service.cpu_shares
    if service.cpu_count:
        return service.cpu_count * 1024
    return None


def memory_mib(service: Service, target: Target) -> tuple[int | None, int | None]:
    """The hard limit and the reservation in MiB, rounded up; 0 is Docker's word for none."""
    limit, reservation = memory_of(service)
    if not limit and not reservation:
        reservation = target.defaults.memory_reservation
    if not limit and target.defaults.memory is not None:
        limit = target.defaults.memory
    return (
        _mib(limit) if limit and limit > 0 else None,
        _mib(reservation) if reservation and reservation > 0 else None,
    )


def memory_of(service: Service) -> tuple[int | None, int | None]:
    """The hard limit and the reservation in bytes, as the file has them."""
    resources = service.deploy.resources if service.deploy is not None else None
    limit, reservation = service.mem_limit, service.mem_reservation
    if resources is not None:
        if resources.limits is not None and resources.limits.memory is not None:
            limit = resources.limits.memory
        if resources.reservations is not None and resources.reservations.memory is not None:
            reservation = resources.reservations.memory
    return limit, reservation


def _mib(size: int) -> int:
    return max(MIN_MEMORY, -(-size // MIB))


def _devices(scope: Scope) -> None:
    service = scope.service
    requests = list(service.gpus)
    resources = service.deploy.resources if service.deploy is not None else None
    if resources is not None and resources.reservations is not None:
        for request in resources.reservations.devices:
            if "gpu" in request.capabilities:
                requests.append(request)
            else:
                scope.say_at(
                    codes.DEVICE_LEFT_OUT, request.place, what=", ".join(request.capabilities)
                )
    if not requests:
        return
    count = 0
    for request in requests:
        for key in ("driver", "options"):
            value = getattr(request, key)
            if value and value != "nvidia":
                scope.say_at(codes.DEVICE_OPTION_LOST, request.place, key=key)
        if request.device_ids:
            scope.say_at(codes.DEVICE_IDS, request.place, number=len(request.device_ids))
            count += len(request.device_ids)
        elif request.amount is None or request.amount < 0:
            count = -1
            break
        else:
            count += request.amount
    if not count:
        return
    scope.container["resourceRequirements"] = [
        {"type": "GPU", "value": "ALL" if count < 0 else str(count)}
    ]
