"""The plan that leaves nothing of a stack."""

from __future__ import annotations

from compose2ecs.plan import tags
from compose2ecs.plan.desired import Desired
from compose2ecs.plan.errors import RefusedError
from compose2ecs.plan.facts import fingerprint
from compose2ecs.plan.model import DELETE, Call, Change, Plan
from compose2ecs.plan.observe import owned_groups
from compose2ecs.plan.remove import Removal
from compose2ecs.plan.seen import Observed, alive, forwards


def teardown(wanted: Desired, seen: Observed, *, region: str, logs: bool = False) -> Plan:
    """Everything that carries the stack's tags, in the order in which AWS lets it go; `logs` takes
    the log groups as well. Raises RefusedError where something of it is protected."""
    services, notes, protected = [], [], []
    for name, service in sorted(seen.services.items()):
        if service.get("status") == "INACTIVE":
            continue
        said = tags.of_ecs(service)
        if not tags.is_of(said, wanted.project, wanted.stack):
            if alive(service):
                notes.append(f"kept the service {name}: {tags.owner(said)}")
            continue
        if tags.is_protected(said):
            protected.append(f"the service {name} is protected by its tag {tags.PROTECT}")
        services.append(name)
    rules = [
        rule
        for rule in (*seen.rules, *seen.left_rules)
        if tags.is_of(seen.tags.get(rule["RuleArn"]), wanted.project, wanted.stack)
    ]
    owned = owned_groups(wanted, seen)
    groups = []
    for group in seen.groups:
        arn = group["TargetGroupArn"]
        said = dict(seen.tags.get(arn, {}))
        if arn not in owned:
            if arn in seen.tags and group["TargetGroupName"] in _names(wanted):
                notes.append(
                    f"kept the target group {group['TargetGroupName']}: {tags.owner(said)}"
                )
            continue
        if arn in seen.tags and not tags.is_of(said, wanted.project, wanted.stack):
            notes.append(f"kept the target group {group['TargetGroupName']}: {tags.owner(said)}")
            continue
        all_rules = (*seen.rules, *seen.left_rules)
        users = [rule for rule in all_rules if arn in forwards(rule) and rule not in rules]
        if users:
            notes.append(
                f"kept the target group {group['TargetGroupName']}: the listener's rule at"
                f" {users[0]['Priority']}, which is another's, uses it"
            )
            continue
        if tags.is_protected(said):
            protected.append(f"the target group {group['TargetGroupName']} is protected")
        groups.append(group)
    if protected:
        raise RefusedError("\n".join(protected), f"take the tag {tags.PROTECT} off first")
    changes = Removal(wanted, seen).changes(services, rules, groups)
    after = tuple(call.id for change in changes for call in change.calls)
    changes += _schedules(wanted, seen)
    changes += _shared(wanted, seen, after, logs=logs)
    left, kept = Removal(wanted, seen).left(after, logs=logs)
    changes += left
    notes += kept
    if not logs:
        notes += [
            f"kept the log group {body['logGroupName']} with what is in it (--logs deletes it)"
            for body in wanted.shared.get("log-groups", {}).values()
        ]
    return Plan(
        wanted.stack,
        wanted.project,
        wanted.cluster,
        region,
        wanted.listener or "",
        tuple(changes),
        {},
        fingerprint(wanted, seen),
        notes=tuple(notes),
    )


def _names(wanted: Desired) -> set[str]:
    return {name for unit in wanted.units.values() for name in unit.groups}


def _schedules(wanted: Desired, seen: Observed) -> list[Change]:
    found = []
    for job in wanted.jobs.values():
        for name in job.schedules:
            there = seen.schedules.get(name, {})
            starts = str(
                there.get("Target", {}).get("EcsParameters", {}).get("TaskDefinitionArn", "")
            )
            if starts.rpartition("/")[2].partition(":")[0] != job.name:
                continue  # it is not there, or starts something else
            call = Call(f"delete schedule {name}", "delete-schedule", {"name": name})
            found.append(Change(DELETE, "schedules", name, calls=(call,)))
    return found


def _shared(wanted: Desired, seen: Observed, after: tuple[str, ...], *, logs: bool) -> list[Change]:
    """What all services shared, last of all."""
    found = []
    for body in wanted.shared.get("namespaces", {}).values():
        name = body["Name"]
        if name in seen.namespaces:
            call = Call(f"delete namespace {name}", "delete-namespace", {"name": name}, after)
            found.append(Change(DELETE, "namespaces", name, calls=(call,)))
    if logs:
        for body in wanted.shared.get("log-groups", {}).values():
            name = body["logGroupName"]
            call = Call(f"delete log group {name}", "delete-log-group", {"name": name}, after)
            found.append(Change(DELETE, "log-groups", name, calls=(call,)))
    return found
