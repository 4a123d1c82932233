"""What is wanted and what is there, to a plan: pure.

Every call names the calls that have to come before it, and nothing else orders them, so whatever
can run at the same time does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from compose2ecs.ecs.model import Ref
from compose2ecs.plan import normalise, notes, quotas, tags
from compose2ecs.plan.desired import (
    BEGUN,
    NONE,
    Desired,
    Job,
    Unit,
    cluster_arn,
    groups_of,
    renamed,
)
from compose2ecs.plan.diff import differences
from compose2ecs.plan.errors import RefusedError
from compose2ecs.plan.facts import fingerprint, urls
from compose2ecs.plan.model import (
    CREATE,
    REPLACE,
    RUN,
    TAG,
    UPDATE,
    Body,
    Call,
    Change,
    Difference,
    Expected,
    Plan,
)
from compose2ecs.plan.observe import half, owned_groups, parts, resource_of
from compose2ecs.plan.order import creation_order, in_order
from compose2ecs.plan.remove import Removal
from compose2ecs.plan.rules import (
    conditions,
    covers,
    exact,
    group_arns,
    known_groups,
    normal,
    priorities,
    resolver,
    same_fixed,
    stays,
)
from compose2ecs.plan.seen import Observed, alive, balancer_of, forwards

_LAST_PRIORITY = 47999  # of those that are given out; above are what others count down from


def build(
    wanted: Desired,
    seen: Observed,
    *,
    region: str,
    only: frozenset[str] | None = None,
    force: bool = False,
    allow_shadow: bool = False,
    logs: bool = False,
) -> Plan:
    """The plan that makes what is there what is wanted.

    `only` are the units to touch; `force` replaces running tasks even where nothing changed;
    `allow_shadow` accepts rules of others that are in the way; `logs` deletes log groups that left
    the file with what is in them. Raises RefusedError where something
    is in the way that is not the stack's.
    """
    return _Build(wanted, seen, region, only, force, allow_shadow, logs).plan()


class _Build:
    """The state of planning one stack."""

    def __init__(
        self,
        wanted: Desired,
        seen: Observed,
        region: str,
        only: frozenset[str] | None,
        force: bool,
        allow_shadow: bool,
        logs: bool,
    ) -> None:
        self.wanted, self.seen, self.region = wanted, seen, region
        self.only, self.force, self.allow_shadow, self.logs = only, force, allow_shadow, logs
        self.changes: list[Change] = []
        self.notes: list[str] = []
        self.refused: list[str] = []
        self.arns = group_arns(wanted, seen)
        self.owned = owned_groups(wanted, seen)
        self.exact = exact(wanted, seen)
        self.held = priorities(seen)
        self.known = known_groups(self.arns)
        if seen.load_balancer is not None:
            self.known[str(Ref("vpc", attribute="id"))] = str(seen.load_balancer.get("VpcId"))
            path = balancer_of(wanted.listener or "").partition(":loadbalancer/")[2]
            self.known[str(Ref("load-balancer", attribute=""))] = path
        self.resolve = resolver(self.known)
        self.units = {
            name: unit for name, unit in wanted.units.items() if only is None or name in only
        }
        self.going: dict[str, Change] = {}  # by service
        self.kept_rules: set[str] = set()
        self.kept_groups: set[str] = set()

    def plan(self) -> Plan:
        self._refuse_foreign_services()
        shared = self._shared()
        jobs = {name: self._job(job, shared) for name, job in self._jobs().items()}
        order = creation_order(self.units)
        expected = [
            self._unit(self.units[name], order[name], shared, jobs) for name in in_order(order)
        ]
        for job in self.wanted.jobs.values():
            for name, healthy in job.after.items():
                if jobs.get(job.name) and healthy and name in self.going:
                    self._healthy(name)
        self._removal()
        self._remove_left()
        self._members()
        if self.refused:
            raise RefusedError("\n".join(self.refused), self._refusal_hint())
        too_many = quotas.exceeded(self.wanted, self.seen, self.changes)
        if too_many:
            raise RefusedError("\n".join(too_many), quotas.HINT)
        return Plan(
            self.wanted.stack,
            self.wanted.project,
            self.wanted.cluster,
            self.region,
            self.wanted.listener or "",
            tuple(self.changes),
            dict(self.known),
            fingerprint(self.wanted, self.seen),
            tuple(expected),
            tuple(urls(self.wanted, self.seen)),
            tuple(self.notes),
        )

    def _refusal_hint(self) -> str:
        if all("rule" in line for line in self.refused):
            return "--allow-shadow takes it as it is; x-ecs: {route: ...} says other hosts or paths"
        return "nothing was changed; another name (-p, x-ecs: {names: ...}) is out of its way"

    def _is_ours(self, said: Mapping[str, str] | None) -> bool:
        return tags.is_of(said, self.wanted.project, self.wanted.stack)

    def _refuse_foreign_services(self) -> None:
        for name in self.units:
            service = self.seen.services.get(name)
            if service is None or not alive(service):
                continue
            said = tags.of_ecs(service)
            if not self._is_ours(said):
                self.refused.append(
                    f"the service {name} is on the cluster already, and {tags.owner(said)}"
                )

    # -------------------------------------------------------------------- shared things

    def _shared(self) -> list[str]:
        """Log groups and namespaces: asked for whenever the note of names does not say that they
        are there. Returns the ids of the calls."""
        note, want = self._note(), self.wanted.members
        if note.partition(".")[2] == want.partition(".")[2]:
            return []
        if self.only is not None and self._lives():
            return []
        shared, ids = self.wanted.shared, []
        for name, body in shared.get("log-groups", {}).items():
            call = Call(f"log-group {name}", "create-log-group", body)
            ids.append(call.id)
            calls = [call]
            retention = shared.get("log-group-retention", {}).get(name)
            if retention is not None:
                calls.append(Call(f"retention {name}", "put-retention", retention, (call.id,)))
                ids.append(calls[-1].id)
            self._ensure("log-groups", name, calls)
        for name, body in shared.get("namespaces", {}).items():
            call = Call(f"namespace {name}", "create-namespace", body)
            ids.append(call.id)
            self._ensure("namespaces", name, [call])
        return ids

    def _ensure(self, kind: str, name: str, calls: list[Call]) -> None:
        """Something that may be there already, which the call finds out: it is shown as new only
        with a stack that is."""
        action, why = CREATE, ""
        if self._lives():
            action = UPDATE if self._note() else TAG
            why = "what the services share changed: this is made sure of"
        self.changes.append(Change(action, kind, name, calls=tuple(calls), why=why))

    def _lives(self) -> bool:
        """Whether anything of the stack is there."""
        return any(self._is_ours(tags.of_ecs(s)) for s in self.seen.services.values() if alive(s))

    def _note(self) -> str:
        """What the first service says of all names, and of what is shared."""
        first = self.seen.services.get(self.wanted.first or "")
        if first is None or not alive(first):
            return ""
        return tags.of_ecs(first).get(tags.MEMBERS, "")

    # -------------------------------------------------------------------- services

    def _unit(
        self,
        unit: Unit,
        before: Mapping[str, bool],
        shared: list[str],
        jobs: Mapping[str, list[str]],
    ) -> Expected:
        service = self.seen.services.get(unit.name)
        lives = alive(service) and service is not None
        said = tags.of_ecs(service or {}) if lives else {}
        old, new = parts(said), unit.hash.split(".")
        for name in unit.groups:
            self._group(unit, name, half(old[2], 0) != half(new[2], 0))
        rules = [id_ for name in unit.rules for id_ in self._rule(unit, name)]
        if lives and half(old[2], 1) != half(new[2], 1):
            self._routing_tags(unit)
        waits = self._before(unit, before, jobs)
        if not lives or service is None:
            needs = [*shared, *rules, *self._routed(unit), *waits]
            return self._create(unit, needs, drains=service is not None and _drains(service))
        fixed = _fixed_difference(service, unit.service)
        if fixed is not None:
            return self._replace(unit, service, fixed, [*rules, *self._routed(unit), *waits])
        return self._update(unit, service, [*shared, *rules, *waits])

    def _routed(self, unit: Unit) -> tuple[str, ...]:
        """All calls for the target groups and rules of a service: the hash in its tags says that
        they are done, so it is never written before."""
        return tuple(
            call.id
            for change in self.changes
            for call in change.calls
            if change.service == unit.name and change.kind in ("target-groups", "listener-rules")
        )

    def _before(
        self, unit: Unit, before: Mapping[str, bool], jobs: Mapping[str, list[str]]
    ) -> list[str]:
        """The calls that must be done before this service starts or changes."""
        ids = []
        for name, healthy in before.items():
            change = self.going.get(name)
            if change is None:
                continue
            ids.append(self._healthy(name) if healthy else f"service {name}")
        for name, job in self.wanted.jobs.items():
            if unit.name in job.before:
                ids += jobs.get(name, [])
        return ids

    def _healthy(self, name: str) -> str:
        """A call that waits until a service that changes is healthy."""
        id_ = f"healthy {name}"
        if any(call.id == id_ for change in self.changes for call in change.calls):
            return id_
        change = self.going[name]
        task = self.units[name].hash.partition(".")[0]
        body = {"services": {name: [self._revision(name), task]}}
        call = Call(id_, "wait-stable", body, (f"service {name}",))
        place = self.changes.index(change)
        self.changes[place] = self.going[name] = change._replace(calls=(*change.calls, call))
        return id_

    def _revision(self, name: str) -> str:
        """The revision that a service is to run: a reference where it is made by this plan."""
        if any(call.id == f"definition {name}" for c in self.changes for call in c.calls):
            return Ref("task-definition", name)
        return str(self.seen.services[name]["taskDefinition"])

    def _definition(self, name: str, task: Body, hash_: str) -> Call:
        """A new revision, with the hash of its content in its tags."""
        body = self.resolve(task)
        body = {**body, "tags": [*body.get("tags", ()), {"key": tags.HASH, "value": hash_}]}
        reference = Ref("task-definition", name)
        return Call(f"definition {name}", "register-task-definition", body, (), str(reference))

    def _create(
        self, unit: Unit, needs: list[str], *, drains: bool = False, replaces: bool = False
    ) -> Expected:
        definition = self._definition(unit.name, unit.task, unit.hash.partition(".")[0])
        calls = [definition]
        needs = [definition.id, *needs]
        if drains:
            call = Call(f"gone {unit.name}", "wait-gone", {"services": [unit.name]})
            calls.append(call)
            needs.append(call.id)
        scaling = self._scaling(unit, f"service {unit.name}", new=True)
        hash_ = f"{unit.hash.rpartition('.')[0]}.{BEGUN}" if scaling else unit.hash
        said = {
            **tags.of_ecs(unit.service),
            tags.HASH: hash_,
            tags.REVISION: Ref("task-definition", unit.name, "revision"),
        }
        if self._notes_inline(unit):
            said[tags.MEMBERS] = self.wanted.members
            said |= notes.written(notes.has(self.wanted))
        body = {
            **self.resolve(unit.service),
            "taskDefinition": Ref("task-definition", unit.name),
            "tags": tags.to_ecs(said),
        }
        calls.append(Call(f"service {unit.name}", "create-service", body, _unique(needs)))
        if scaling:
            calls += scaling
            note = {"arn": Ref("service", unit.name), "tags": {tags.HASH: unit.hash}}
            done = tuple(call.id for call in scaling)
            calls.append(Call(f"note {unit.name}", "tag", note, done))
        why = "it is still being removed, which is waited for" if drains else ""
        action = REPLACE if replaces else CREATE
        change = Change(
            action, "services", unit.name, ", ".join(unit.members), (), tuple(calls), why
        )
        self._going(unit.name, change)
        return self._expected(unit, Ref("task-definition", unit.name), changed=True)

    def _going(self, name: str, change: Change) -> None:
        self.changes.append(change)
        self.going[name] = change

    def _expected(self, unit: Unit, revision: str, *, changed: bool) -> Expected:
        desired = None if unit.scaled else unit.service.get("desiredCount")
        task = unit.hash.partition(".")[0]
        return Expected(unit.name, revision, desired, tuple(unit.groups), changed, task)

    def _replace(self, unit: Unit, service: Body, fixed: Difference, needs: list[str]) -> Expected:
        """A service with other settings of the kind that AWS never changes."""
        gone = self._delete_service_calls(unit.name, service)
        expected = self._create(unit, [*needs, gone[-1].id], replaces=True)
        change = self.going[unit.name]
        place = self.changes.index(change)
        self.changes[place] = self.going[unit.name] = change._replace(
            calls=(*gone, *change.calls), differences=(fixed,)
        )
        return expected

    def _delete_service_calls(self, name: str, service: Body) -> list[Call]:
        guard = Call(f"check {name}", "check-ours", {"services": [name]})
        delete = Call(f"delete {name}", "delete-service", {"service": name}, (guard.id,))
        gone = Call(f"gone {name}", "wait-gone", {"services": [name]}, (delete.id,))
        return [guard, delete, gone]

    def _update(self, unit: Unit, service: Body, needs: list[str]) -> Expected:
        said = tags.of_ecs(service)
        old, new = parts(said), unit.hash.split(".")
        arn, running = service["serviceArn"], str(service["taskDefinition"])
        body = self.resolve(unit.service)
        moved = said.get(tags.REVISION) not in (None, running.rpartition(":")[2])
        renew = old[0] != new[0] or moved or tags.REVISION not in said
        fields = self._fields(unit, service, body, old[1] != new[1])
        calls: list[Call] = []
        update: Body = {key: body[key] if key in body else normalise.reset(key) for key in fields}
        if renew:
            calls.append(self._definition(unit.name, unit.task, new[0]))
            update["taskDefinition"] = Ref("task-definition", unit.name)
            needs = [calls[0].id, *needs]
        if self.force:
            update["forceNewDeployment"] = True
        id_ = f"service {unit.name}"
        if update:
            update = {"service": unit.name, **update}
            calls.append(Call(id_, "update-service", update, _unique(needs)))
        calls += self._scaling(unit, id_ if update else "", new=False)
        want = {**tags.of_ecs(unit.service), tags.HASH: unit.hash}
        if renew:
            want[tags.REVISION] = Ref("task-definition", unit.name, "revision")
        note = {key: value for key, value in want.items() if said.get(key) != value}
        after = tuple(call.id for call in calls)
        routed = self._routed(unit)
        if note:
            calls.append(
                Call(f"note {unit.name}", "tag", {"arn": arn, "tags": note}, after + routed)
            )
        left = [
            k for k in said if k not in want and k not in tags.OURS and not k.startswith("aws:")
        ]
        if left:
            calls.append(Call(f"untag {unit.name}", "untag", {"arn": arn, "keys": left}, after))
        if calls:
            differs, why = self._differences(unit, service, body, renew, moved)
            shown = bool(update or left or set(note) - {tags.HASH, tags.REVISION})
            shown = shown or any(c.operation not in ("tag", "untag") for c in calls)
            action = UPDATE if shown else TAG
            members = ", ".join(unit.members)
            change = Change(
                action, "services", unit.name, members, tuple(differs), tuple(calls), why
            )
            self.changes.append(change)
            if update:
                self.going[unit.name] = change
        revision = Ref("task-definition", unit.name) if renew else running
        return self._expected(unit, revision, changed=bool(update))

    def _fields(self, unit: Unit, service: Body, body: Body, changed: bool) -> list[str]:
        """The fields of a service that are sent: those that differ, where the file changed or
        somebody changed the number of tasks."""
        differ = normalise.service_changes(service, body)
        if unit.scaled:
            differ.discard("desiredCount")
        if not changed:
            # the target groups may be others than the file's words tell: one that had to be replaced
            return sorted(differ & {"desiredCount", "loadBalancers"})
        if not differ:  # nothing of it can be seen from here, so all of it is said again
            differ = set(normalise.service(body))
            differ -= {"desiredCount"} if unit.scaled else set()
        # a part of it that is no longer wanted looks like one that AWS added; sending it deploys nothing
        differ |= {"deploymentConfiguration"} & body.keys()
        return sorted(differ)

    def _differences(
        self, unit: Unit, service: Body, body: Body, renew: bool, moved: bool
    ) -> tuple[list[Difference], str]:
        have = normalise.as_wanted(service, body)
        want = {
            key: value
            for key, value in normalise.service(body).items()
            if key in normalise.service_changes(service, body)
            and not (unit.scaled and key == "desiredCount")
        }
        have = {key: value for key, value in have.items() if key != "desiredCount" or key in want}
        found = differences(have, want)
        running = self.seen.definitions.get(unit.name)
        why = ""
        if running is not None:
            before = normalise.task_definition(running)
            found = differences(before, normalise.task_definition(self.resolve(unit.task))) + found
        elif renew and moved:
            why = "it runs another revision than was put there last: rolled back, or set by hand"
        elif renew:
            why = "its task definition changed"
        if self.force and not renew:
            why = "its tasks are replaced, as was asked"
        return found, why

    def _scaling(self, unit: Unit, after: str, *, new: bool) -> list[Call]:
        """Calls that make a service scale as it shall."""
        service = self.seen.services.get(unit.name)
        said = tags.of_ecs(service) if not new and service is not None else {}
        old, want = parts(said)[3], unit.hash.split(".")[3]
        if (new and want == NONE) or old == want:
            return []
        needs = (after,) if after else ()
        if want == NONE:
            if old in ("", NONE):
                return []
            cluster = self.wanted.cluster.rpartition("/")[2]
            body = {"resource": f"service/{cluster}/{unit.name}"}
            return [Call(f"unscale {unit.name}", "deregister-target", body, needs)]
        calls = []
        for body in unit.scaling["scalable-targets"].values():
            calls.append(Call(f"scaling {unit.name}", "register-target", self.resolve(body), needs))
        first = (calls[0].id,)
        operations = {"scaling-policies": "put-policy", "scheduled-actions": "put-scheduled"}
        names = {"scaling-policies": "PolicyName", "scheduled-actions": "ScheduledActionName"}
        for kind, operation in operations.items():
            for name, body in unit.scaling[kind].items():
                calls.append(Call(f"{operation} {name}", operation, self.resolve(body), first))
            for there in self.seen.scaling.get(unit.name, {}).get(kind, ()):
                name = there[names[kind]]
                if name not in {b[names[kind]] for b in unit.scaling[kind].values()}:
                    body = {"resource": resource_of(unit), "name": name}
                    what = operation.replace("put", "delete")
                    calls.append(Call(f"{what} {name}", what, body, first))
        return calls

    # -------------------------------------------------------------------- target groups

    def _group(self, unit: Unit, name: str, attributes: bool) -> None:
        """Plan a target group; `attributes` says that they may have changed."""
        body = self.resolve(unit.groups[name])
        arn = self.arns.get(name)
        reference = Ref("target-group", name)
        calls: list[Call] = []
        differs: list[Difference] = []
        action, why = UPDATE, ""
        if arn is None:
            action, body, why = self._new_group(name, body)
            calls.append(Call(f"group {name}", "create-target-group", body, (), str(reference)))
            attributes = True
        else:
            group = next(g for g in self.seen.groups if g["TargetGroupArn"] == arn)
            self.kept_groups.add(arn)
            if arn not in self.owned:
                said = self.seen.tags.get(arn)
                self.refused.append(
                    f"the target group {group['TargetGroupName']} is there already, and"
                    f" {tags.owner(said)}"
                )
            want = normalise.health_check(body)
            have = {key: group.get(key) for key in want}
            if have != want:
                differs = differences(have, want)
                changed = {"TargetGroupArn": arn, **want}
                calls.append(Call(f"group {name}", "modify-target-group", changed))
        wanted = unit.attributes.get(name)
        if attributes and wanted is not None:
            after = tuple(call.id for call in calls)
            calls.append(
                Call(f"attributes {name}", "modify-attributes", self.resolve(wanted), after)
            )
        if calls:
            shown = TAG if action == UPDATE and not differs else action
            self.changes.append(
                Change(
                    shown,
                    "target-groups",
                    body["Name"],
                    unit.name,
                    tuple(differs),
                    tuple(calls),
                    why,
                )
            )

    def _new_group(self, name: str, body: Body) -> tuple[str, Body, str]:
        """A target group that is not there; its name may be held by one with other settings."""
        holder = next((g for g in self.seen.groups if g["TargetGroupName"] == name), None)
        if holder is None:
            return CREATE, body, ""
        arn = holder["TargetGroupArn"]
        if arn not in self.owned:
            self.refused.append(
                f"the target group {name} is there already with settings that are not ours, and"
                f" {tags.owner(self.seen.tags.get(arn))}"
            )
        other = renamed(name, body)
        why = f"{name} has settings that cannot be changed"
        if same_fixed(body, holder):
            why = f"{name} belongs to another load balancer"
        return REPLACE, {**body, "Name": other}, why

    # -------------------------------------------------------------------- rules

    def _rule(self, unit: Unit, name: str) -> list[str]:
        """Plan a rule; returns the ids of the calls that a service waits for."""
        body = self.resolve(unit.rules[name])
        rule = self.exact.get(name) or self._changed_rule(unit, body)
        priority = self._priority(rule, body)
        self._check_shadow(name, body, priority, rule)
        groups = [f"group {n}" for n in groups_of(body["Actions"]) if n not in self.arns]
        if rule is None:
            body = {**body, "Priority": priority}
            call = Call(f"rule {name}", "create-rule", body, _unique(groups))
            self._say_rule(CREATE, unit, name, (), [call])
            return [call.id]
        self.kept_rules.add(rule["RuleArn"])
        calls: list[Call] = []
        differs: list[Difference] = []
        if name not in self.exact:
            changed = {k: body[k] for k in ("Conditions", "Actions")}
            changed["Transforms"] = body.get("Transforms", [])
            if not changed["Transforms"]:
                del changed["Transforms"]
                if rule.get("Transforms"):
                    changed["ResetTransforms"] = True
            changed["RuleArn"] = rule["RuleArn"]
            calls.append(Call(f"rule {name}", "modify-rule", changed, _unique(groups)))
            have, want = normal(rule, lambda v: v), normal(body, self.resolve)
            differs = differences(have, want)
        if priority != int(rule["Priority"]):
            if not self._is_ours(self.seen.tags.get(rule["RuleArn"])):
                return []  # it is as wanted, and another's: it is left where it is
            moved = {"priorities": {rule["RuleArn"]: priority}}
            calls.append(Call(f"place {name}", "set-priorities", moved))
            differs = [*differs, Difference("priority", int(rule["Priority"]), priority)]
        if calls:
            self._say_rule(UPDATE, unit, name, differs, calls)
        return [call.id for call in calls]

    def _say_rule(
        self, action: str, unit: Unit, name: str, differs: Iterable[Difference], calls: list[Call]
    ) -> None:
        self.changes.append(
            Change(action, "listener-rules", name, unit.name, tuple(differs), tuple(calls))
        )

    def _changed_rule(self, unit: Unit, body: Body) -> Body | None:
        """A rule of this service's that shall become this one: it has its place, or its target
        group, and is no other's."""
        taken = {rule["RuleArn"] for rule in self.exact.values()} | self.kept_rules
        service = tags.of_elb(body).get(tags.SERVICE)
        mine = [
            rule
            for rule in self.seen.rules
            if rule["RuleArn"] not in taken
            and self._is_ours(said := self.seen.tags.get(rule["RuleArn"]))
            and said is not None
            and said.get(tags.SERVICE) == service
        ]
        groups = forwards(body)
        for rule in mine:
            if forwards(rule) == groups and groups:
                return rule
        return next((rule for rule in mine if int(rule["Priority"]) == body["Priority"]), None)

    def _priority(self, rule: Body | None, body: Body) -> int:
        """The place of a rule: its own, or the next that nobody has."""
        own: int = body["Priority"]
        if rule is not None and stays(rule, own, self.held):
            return int(rule["Priority"])
        taken = {
            b["Priority"]
            for unit in self.wanted.units.values()
            for b in unit.rules.values()
            if b["Priority"] != own
        }
        place = own
        while place in self.held or place in taken:
            holder = self.held.get(place)
            if holder is not None and self._is_ours(self.seen.tags.get(holder["RuleArn"])):
                break  # it is ours and goes, or the call finds that it is this very rule
            if own < 1000:
                self.refused.append(f"the priority {own} is taken by a rule of another's")
                return own
            place += 1
            if place > _LAST_PRIORITY:
                self.refused.append(f"there is no free priority for a rule after {own}")
                return own
        return place

    def _check_shadow(self, name: str, body: Body, priority: int, own: Body | None) -> None:
        """A rule of another's that takes all of our requests, or of which we take all."""
        if self.allow_shadow or (own is not None and name in self.exact):
            return
        mine = conditions(body)
        settled = {rule["RuleArn"] for rule in self.exact.values()}
        for place, rule in self.held.items():
            if rule["RuleArn"] in settled or (own and rule["RuleArn"] == own["RuleArn"]):
                continue
            if forwards(rule) & self.owned or self._is_ours(self.seen.tags.get(rule["RuleArn"])):
                continue
            theirs = conditions(rule)
            if place < priority and covers(theirs, mine):
                self.refused.append(
                    f"the rule {name} would never be asked: the listener's rule at {place}, which"
                    " is another's, takes all its requests"
                )
            elif place > priority and covers(mine, theirs):
                self.refused.append(
                    f"the rule {name} would take all requests of the listener's rule at {place},"
                    " which is another's"
                )

    def _routing_tags(self, unit: Unit) -> None:
        """Tags of the target groups and rules of a service that are there already."""
        arns = [self.arns[name] for name in unit.groups if name in self.arns]
        arns += [self.exact[name]["RuleArn"] for name in unit.rules if name in self.exact]
        bodies = [*unit.groups.values(), *unit.rules.values()]
        if not arns or not bodies:
            return
        said = tags.of_elb(bodies[0])
        call = Call(f"routing tags {unit.name}", "elb-tags", {"arns": arns, "tags": said})
        self.changes.append(Change(TAG, "target-groups", unit.name, unit.name, (), (call,)))

    # -------------------------------------------------------------------- jobs

    def _jobs(self) -> Mapping[str, Job]:
        if self.only is None:
            return self.wanted.jobs
        return {n: j for n, j in self.wanted.jobs.items() if self.only & {n, *j.before}}

    def _job(self, job: Job, shared: list[str]) -> list[str]:
        """Plan a task without a service; returns the ids that others wait for."""
        there = self.seen.definitions.get(job.name)
        said = tags.of_ecs(there) if there is not None else {}
        if there is not None and said and not self._is_ours(said):
            self.refused.append(f"the task definition {job.name} exists, and {tags.owner(said)}")
        calls: list[Call] = []
        reference = Ref("task-definition", job.name)
        if there is not None and said.get(tags.HASH) == job.hash:
            self.known[str(reference)] = there["taskDefinitionArn"]
        else:
            calls.append(self._definition(job.name, job.task, job.hash))
        if job.run is not None and (calls or said.get(tags.DONE) != job.hash):
            body = {**self.resolve(job.run), "taskDefinition": reference}
            needs = [c.id for c in calls] + shared
            # calls of services are planned after those of jobs; one that is not is not waited for
            needs += [f"healthy {n}" if h else f"service {n}" for n, h in job.after.items()]
            run = Call(f"run {job.name}", "run-once", body, _unique(needs))
            done = {"arn": reference, "tags": {tags.DONE: job.hash}}
            calls += [run, Call(f"done {job.name}", "tag", done, (run.id,))]
        calls += self._schedules(job, reference, [c.id for c in calls])
        if not calls:
            return []
        action = CREATE if there is None else UPDATE
        if job.run is not None:
            action = RUN
        self.changes.append(Change(action, "jobs", job.name, job.name, (), tuple(calls)))
        return [call.id for call in calls if call.operation == "run-once"]

    def _schedules(self, job: Job, reference: Ref, needs: list[str]) -> list[Call]:
        calls = []
        cluster = self.wanted.cluster
        definition = self.seen.definitions.get(job.name)
        if definition is not None or cluster.startswith("arn:"):
            arn = str((definition or {}).get("taskDefinitionArn"))
            self.known[str(Ref("cluster"))] = cluster_arn(cluster, arn)
        for name, body in job.schedules.items():
            there = self.seen.schedules.get(name)
            body = self.resolve(body)
            operation = "create-schedule" if there is None else "update-schedule"
            if there is not None:
                running = str(
                    there.get("Target", {}).get("EcsParameters", {}).get("TaskDefinitionArn", "")
                )
                if running.rpartition("/")[2].partition(":")[0] != job.name:
                    self.refused.append(f"the schedule {name} exists, and starts something else")
                want = resolver({str(Ref("cluster")): str(there["Target"]["Arn"])})(body)
                if not needs and normalise.schedule(there, want):
                    continue
            calls.append(Call(f"schedule {name}", operation, body, _unique(needs)))
        return calls

    # -------------------------------------------------------------------- what left the file

    def _removal(self) -> None:
        if not self.seen.whole or self.only is not None:
            return
        removal = Removal(self.wanted, self.seen)
        left = [n for n in self.seen.services if n not in self.wanted.units]
        rules = [
            rule
            for rule in (*self.seen.rules, *self.seen.left_rules)
            if rule["RuleArn"] not in self.kept_rules
            and self._is_ours(self.seen.tags.get(rule["RuleArn"]))
        ]
        groups = [
            group
            for group in self.seen.groups
            if group["TargetGroupArn"] not in self.kept_groups
            and group["TargetGroupArn"] in self.owned
        ]
        after = tuple(
            call.id
            for change in self.changes
            for call in change.calls
            if call.operation in ("update-service", "modify-rule", "create-rule")
        )
        self.changes += removal.changes(left, rules, groups, after)

    def _notes_inline(self, unit: Unit) -> bool:
        """Whether the first service may carry the note of all names from its birth: only where
        nothing is left to remove, which would never be looked for again."""
        if unit.name != self.wanted.first or self.only is not None or not self.seen.whole:
            return False
        if any(name not in self.wanted.units for name in self.seen.services):
            return False
        if notes.left(self.wanted, self.seen.services):
            return False
        return not any(
            self._is_ours(said) and arn not in self._staying()
            for arn, said in self.seen.tags.items()
        )

    def _staying(self) -> set[str]:
        return set(self.arns.values()) | {rule["RuleArn"] for rule in self.exact.values()}

    def _remove_left(self) -> None:
        """What only the note names: after all that may use it."""
        if self.only is not None or not self.seen.left:
            return
        after = [call.id for change in self.changes for call in change.calls]
        if any(notes.split(text)[0] == notes.NAMESPACE for text in self.seen.left):
            # tasks of before are in it until those of now have taken over
            after += [self._healthy(name) for name in self.going]
        removal = Removal(self.wanted, self.seen)
        changes, said = removal.left(_unique(after), logs=self.logs)
        self.changes += changes
        self.notes += said

    def _members(self) -> None:
        """The note of all names: in doubt before something is made that it does not name, right
        when everything else is done. Of old ones, on other services, nothing stays."""
        first = self.wanted.first
        holders = notes.holders(self.wanted, self.seen.services)
        if first is None:
            return
        begun = self._begin(first, holders) if self._note() != self.wanted.members else None
        if self.only is not None:
            return
        staying = [name for name in holders if name != first and name in self.wanted.units]
        if self._note() != self.wanted.members and not self._is_inline():
            arn = self._service_arn(first)
            before = begun or holders.get(first, {})
            said = {
                tags.MEMBERS: self.wanted.members,
                **notes.written(notes.has(self.wanted), before),
            }
            needs = tuple(call.id for change in self.changes for call in change.calls)
            call = Call("note of all names", "tag", {"arn": arn, "tags": said}, needs)
            self.changes.append(Change(TAG, "services", first, calls=(call,)))
        everything = tuple(call.id for change in self.changes for call in change.calls)
        for name in staying:
            keys = [*notes.keys(holders[name]), *notes.keys(begun or {})]
            body = {"arn": self._service_arn(name), "keys": list(dict.fromkeys(keys))}
            call = Call(f"forget names {name}", "untag", body, everything)
            self.changes.append(Change(TAG, "services", name, calls=(call,)))

    def _begin(self, first: str, holders: Mapping[str, Mapping[str, str]]) -> dict[str, str] | None:
        """Put the note in doubt, where something is made that it does not name, or where what it
        names would be lost with the service that carries it. Returns the tags that are there
        then, beside those of before."""
        named = frozenset().union(*(notes.named(said) for said in holders.values()))
        moved = first not in holders and bool(notes.left(self.wanted, self.seen.services))
        if not holders or not (self._makes(named) or moved):
            return None
        place = first if self._service_stays(first) else min(holders)
        members = holders.get(place, {}).get(tags.MEMBERS, "")
        said = {
            tags.MEMBERS: notes.doubtful(members),
            **notes.written(named | notes.has(self.wanted), holders.get(place)),
        }
        calls: list[Call] = []
        if any(holders.get(place, {}).get(key) != value for key, value in said.items()):
            body = {"arn": self.seen.services[place]["serviceArn"], "tags": said}
            calls.append(Call("names in doubt", "tag", body))
        for name, theirs in holders.items():
            if name != place and tags.MEMBERS in theirs:
                body = {"arn": self._service_arn(name), "keys": [tags.MEMBERS]}
                calls.append(Call(f"doubt names {name}", "untag", body))
        ids = tuple(call.id for call in calls)
        self.changes = [_after(change, ids) for change in self.changes]
        if calls:
            self.changes.insert(0, Change(TAG, "services", place, calls=tuple(calls)))
        return {**holders.get(place, {}), **said}

    def _makes(self, named: frozenset[str]) -> bool:
        """Whether something is made that no note names."""
        if notes.has(self.wanted) - named:
            return True
        if self._note().partition(".")[0] == self.wanted.members.partition(".")[0]:
            return False
        return any(call.operation in _MAKES for c in self.changes for call in c.calls)

    def _is_inline(self) -> bool:
        """Whether the first service is made with the note in its tags."""
        return any(
            tags.MEMBERS in {tag["key"] for tag in call.body.get("tags", ())}
            for change in self.changes
            for call in change.calls
            if call.operation == "create-service"
        )

    def _service_stays(self, name: str) -> bool:
        return alive(self.seen.services.get(name)) and name not in self._created()

    def _service_arn(self, name: str) -> str:
        if self._service_stays(name):
            return str(self.seen.services[name]["serviceArn"])
        return Ref("service", name)

    def _created(self) -> set[str]:
        return {
            change.name
            for change in self.changes
            for call in change.calls
            if call.operation == "create-service"
        }


# what makes something that may be left over one day
_MAKES = (
    "create-log-group",
    "create-namespace",
    "create-target-group",
    "create-rule",
    "create-service",
    "create-schedule",
)


def _after(change: Change, first: tuple[str, ...]) -> Change:
    """A change of which nothing is made, and no service deleted, before these calls."""
    calls = tuple(
        call._replace(needs=(*call.needs, *first))
        if call.operation in (*_MAKES, "delete-service")
        else call
        for call in change.calls
    )
    return change._replace(calls=calls)


def _unique(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


def _drains(service: Mapping[str, Any]) -> bool:
    return service.get("status") == "DRAINING"


def _fixed_difference(service: Body, body: Body) -> Difference | None:
    """A setting of a service that differs and that AWS never changes."""
    have = service.get("schedulingStrategy") or "REPLICA"
    want = body.get("schedulingStrategy") or "REPLICA"
    if have != want:
        return Difference("schedulingStrategy", have, want)
    have, want = service.get("launchType"), body.get("launchType")
    if want is not None and have is not None and have != want:
        return Difference("launchType", have, want)
    return None
