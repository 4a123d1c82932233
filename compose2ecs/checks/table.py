"""All of AWS's rules in one table.

D001 to D141 are about task definitions, D150 to D197 about services, load balancers and scaling.
D200 to D249 add to the first, D300 and above to the second. The functions that decide stand beside
the rows, in the same module.
"""

from __future__ import annotations

from compose2ecs.checks import (
    containers,
    deployments,
    jobs,
    launch,
    linux,
    logging,
    order,
    ports,
    remarks,
    routing,
    rules,
    said,
    scaling,
    secrets,
    services,
    sizes,
    stack,
    tasks,
    volumes,
)
from compose2ecs.checks.model import Check

OF_TASKS = (tasks, remarks, containers, sizes, secrets, order, ports, linux, volumes, logging, said)
OF_SERVICES = (services, deployments, launch, jobs, routing, rules, scaling, stack)

TABLE: dict[str, Check] = {
    row.id: row for module in (*OF_TASKS, *OF_SERVICES) for row in module.ROWS
}
