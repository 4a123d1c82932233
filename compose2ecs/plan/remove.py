"""What is taken away, in the order that AWS accepts: scaling, rules, services, and when those are
gone, target groups. Each kind's tags are read again right before.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from compose2ecs.plan import notes, tags
from compose2ecs.plan.desired import NONE, Desired
from compose2ecs.plan.model import DELETE, Body, Call, Change
from compose2ecs.plan.observe import parts
from compose2ecs.plan.seen import Observed, alive, listener_of


class Removal:
    """Plans what goes."""

    def __init__(self, wanted: Desired, seen: Observed) -> None:
        self.wanted, self.seen = wanted, seen

    def changes(
        self,
        services: Iterable[str],
        rules: Iterable[Mapping[str, Any]],
        groups: Iterable[Mapping[str, Any]],
        after: tuple[str, ...] = (),
    ) -> list[Change]:
        """Changes that remove these, which are the stack's. `after` are calls that come first."""
        rules, groups = list(rules), list(groups)
        services = [n for n in services if self.seen.services[n].get("status") != "INACTIVE"]
        found: list[Change] = []
        gone_rules = self._rules(rules, after, found)
        gone_services = self._services(services, after + gone_rules, found)
        self._groups(groups, after + gone_rules + gone_services, found)
        return found

    def _rules(
        self, rules: list[Mapping[str, Any]], after: tuple[str, ...], found: list[Change]
    ) -> tuple[str, ...]:
        if not rules:
            return ()
        arns = [rule["RuleArn"] for rule in rules]
        guard = Call("check rules", "check-ours", {"elb": arns}, after)
        ids = []
        for number, rule in enumerate(rules):
            said = self.seen.tags.get(rule["RuleArn"], {})
            call = Call(
                f"delete rule {rule['RuleArn'].rpartition('/')[2]}",
                "delete-rule",
                {"arn": rule["RuleArn"]},
                (guard.id,),
            )
            calls = (call,) if number else (guard, call)
            ids.append(call.id)
            name = f"{said.get(tags.SERVICE, '')} at priority {rule['Priority']}".strip()
            found.append(Change(DELETE, "listener-rules", name, calls=calls))
        return tuple(ids)

    def _services(
        self, names: list[str], after: tuple[str, ...], found: list[Change]
    ) -> tuple[str, ...]:
        if not names:
            return ()
        live = [name for name in names if alive(self.seen.services[name])]
        guard = Call("check services", "check-ours", {"services": live}, after)
        deletes: list[str] = []
        changes: list[Change] = []
        for name in live:
            calls: list[Call] = [guard] if not deletes else []
            needs = [guard.id]
            if self._scales(name):
                body = {"resource": self._resource(name)}
                scaling = Call(f"unscale {name}", "deregister-target", body, (guard.id,))
                calls.append(scaling)
                needs.append(scaling.id)
            delete = Call(f"delete {name}", "delete-service", {"service": name}, tuple(needs))
            calls.append(delete)
            deletes.append(delete.id)
            changes.append(Change(DELETE, "services", name, calls=tuple(calls)))
        wait = Call("services gone", "wait-gone", {"services": names}, tuple(deletes))
        if changes:
            changes[-1] = changes[-1]._replace(calls=(*changes[-1].calls, wait))
        else:
            why = "they are going already"
            changes.append(Change(DELETE, "services", ", ".join(names), calls=(wait,), why=why))
        found += changes
        return (wait.id,)

    def _resource(self, name: str) -> str:
        return f"service/{self.wanted.cluster.rpartition('/')[2]}/{name}"

    def _scales(self, name: str) -> bool:
        # one that `up` never touched has no hash, and may scale for all we know
        return parts(tags.of_ecs(self.seen.services[name]))[3] != NONE

    def _groups(
        self, groups: list[Mapping[str, Any]], after: tuple[str, ...], found: list[Change]
    ) -> None:
        if not groups:
            return
        arns = [group["TargetGroupArn"] for group in groups]
        listeners = sorted({listener_of(rule["RuleArn"]) for rule in self.seen.left_rules})
        guard = Call("check target groups", "check-ours", {"elb": arns}, after)
        for number, group in enumerate(groups):
            body: Body = {"arn": group["TargetGroupArn"]}
            if listeners:
                body["listeners"] = listeners
            name = group["TargetGroupName"]
            call = Call(f"delete group {name}", "delete-target-group", body, (guard.id,))
            calls = (call,) if number else (guard, call)
            found.append(Change(DELETE, "target-groups", name, calls=calls))

    def left(self, after: tuple[str, ...], *, logs: bool) -> tuple[list[Change], list[str]]:
        """Changes that remove what only a note names, and what there is to say of the rest. Log
        groups go with `logs` alone."""
        changes, said = [], []
        for text, theirs in sorted(self.seen.left.items()):
            kind, name = notes.split(text)
            what = f"the {kind.replace('-', ' ')} {name}"
            if not tags.is_of(theirs, self.wanted.project, self.wanted.stack):
                said.append(f"kept {what}, which left the file: {tags.owner(theirs)}")
            elif tags.is_protected(theirs):
                said.append(f"kept {what}, which left the file: its tag {tags.PROTECT} says so")
            elif kind == notes.LOG_GROUP and not logs:
                said.append(f"kept {what}, which left the file, with what is in it")
            else:
                body: Body = {"name": name}
                call = Call(f"delete {kind} {name}", f"delete-{kind}", body, after)
                changes.append(Change(DELETE, f"{kind}s", name, calls=(call,)))
        return changes, said
