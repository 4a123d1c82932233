"""What each operation of a plan does: one function each, in a table.

Every one may be done a second time with the same end: what is there already, and is the stack's, is
taken as it is; what is another's is refused; what is gone is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compose2ecs.apply.context import Context, Made
from compose2ecs.apply.explain import last_lines
from compose2ecs.apply.wait import Deadline, wait_gone, wait_stable
from compose2ecs.ecs.model import Ref
from compose2ecs.plan import tags
from compose2ecs.plan.desired import cluster_arn, digest
from compose2ecs.plan.errors import AwsError, RefusedError, UnhealthyError
from compose2ecs.plan.model import Body, Expected
from compose2ecs.plan.normalise import health_check
from compose2ecs.plan.observe import schedule_tags
from compose2ecs.plan.rules import normal, same_fixed
from compose2ecs.plan.seen import alive, forwards

_POLL = 2.0  # seconds between two looks at a namespace, and between two tries to delete
_SLOW = 120.0  # seconds for which a delete that AWS refuses as being in use is tried
_LAST_PRIORITY = 47999
_OWN_PRIORITIES = 1000  # below, priorities are people's


# ---------------------------------------------------------------------------- shared things


def _create_log_group(context: Context, body: Body) -> Made:
    context.writes.logs.create_group(body)
    return None


def _put_retention(context: Context, body: Body) -> Made:
    context.writes.logs.put_retention(body)
    return None


def _create_namespace(context: Context, body: Body) -> Made:
    token = digest([context.plan.project, context.plan.stack, body["Name"]])
    cloud = context.writes.servicediscovery
    try:
        operation = cloud.create_http_namespace({**body, "CreatorRequestId": token})
    except AwsError as error:
        if error.code != "NamespaceAlreadyExists":
            raise
        there = cloud.namespace(body["Name"])
        said = cloud.tags(there["Arn"]) if there is not None else None
        if there is not None and not context.is_ours(said):
            raise RefusedError(
                f"the namespace {body['Name']} is there already, and {tags.owner(said)}",
                "give the project another name (-p), or set discovery to `none`",
            ) from None
        return None
    state = _end_of(context, operation, context.deadline(), body["Name"])
    if state.get("Status") == "FAIL":
        raise AwsError(
            "servicediscovery",
            "CreateHttpNamespace",
            str(state.get("ErrorCode", "FAIL")),
            str(state.get("ErrorMessage", "")),
        )
    return None


def _end_of(context: Context, operation: str, deadline: Deadline, name: str) -> Body:
    """An operation on a namespace when it has ended."""
    while True:
        try:
            state = context.writes.servicediscovery.operation(operation)
        except AwsError as error:
            if error.code != "OperationNotFound":
                raise
            state = {}  # a reading from before it was begun
        if state.get("Status") in ("SUCCESS", "FAIL"):
            return state
        deadline.pause(_POLL, f"what was begun with the namespace {name} has not ended")


def _delete_namespace(context: Context, body: Body) -> Made:
    cloud = context.writes.servicediscovery
    there = cloud.namespace(body["name"])
    if there is None:
        return None
    if not context.is_ours(said := cloud.tags(there["Arn"])):
        context.say(f"kept the namespace {body['name']}: {tags.owner(said)}")
        return None
    deadline = context.deadline(_SLOW)
    while True:
        try:
            operation = cloud.delete_namespace(there["Id"])
        except AwsError as error:
            if error.code != "ResourceInUse":
                raise
            # ECS takes its own entries out some time after a service is gone
        else:
            if operation is None:
                return None
            if _end_of(context, operation, deadline, body["name"])["Status"] == "SUCCESS":
                return None
        deadline.pause(_POLL, f"the namespace {body['name']} is still in use")


def _delete_log_group(context: Context, body: Body) -> Made:
    there = context.writes.logs.group(body["name"])
    if there is None:
        return None
    said = context.writes.logs.tags(there["arn"])
    if not context.is_ours(said):
        context.say(f"kept the log group {body['name']}: {tags.owner(said)}")
        return None
    context.writes.logs.delete_group(body["name"])
    return None


# ---------------------------------------------------------------------------- task definitions


def _register(context: Context, body: Body) -> Made:
    made = context.writes.ecs.register_task_definition(body)
    arn = str(made["taskDefinitionArn"])
    context.know(Ref("cluster"), cluster_arn(context.plan.cluster, arn))
    return {"arn": arn, "revision": made["revision"]}


# ---------------------------------------------------------------------------- target groups


def _create_target_group(context: Context, body: Body) -> Made:
    elb = context.writes.elb
    try:
        group = elb.create_target_group(body)
    except AwsError as error:
        if error.code not in ("DuplicateTargetGroupName", "DuplicateTargetGroupNameException"):
            raise
        there = elb.target_group_named(body["Name"])
        if there is None:
            raise
        group = _adopt_group(context, there, body)
    if group.get("LoadBalancerArns"):  # it was there all along, and AWS took it for the same
        group = _adopt_group(context, group, body)
    arn = str(group["TargetGroupArn"])
    return {"arn": arn, "id": arn.rpartition("/")[2]}


def _adopt_group(context: Context, group: Body, body: Body) -> Body:
    """A target group that another run made meanwhile, or one that was left without a rule."""
    elb = context.writes.elb
    arn = group["TargetGroupArn"]
    said = elb.tags([arn]).get(arn)
    if not context.is_ours(said):
        raise RefusedError(
            f"the target group {body['Name']} is there already, and {tags.owner(said)}",
            "give the project another name (-p), or names another pattern",
        )
    if not same_fixed(body, group):
        raise RefusedError(
            f"the target group {body['Name']} has settings that cannot be changed",
            "run it again: it is made anew under another name",
        )
    want = health_check(body)
    if any(group.get(key) != value for key, value in want.items()):
        elb.modify_target_group({"TargetGroupArn": arn, **want})
    return group


def _modify_target_group(context: Context, body: Body) -> Made:
    context.writes.elb.modify_target_group(body)
    return None


def _modify_attributes(context: Context, body: Body) -> Made:
    context.writes.elb.modify_attributes(body)
    return None


def _delete_target_group(context: Context, body: Body) -> Made:
    arn = body["arn"]
    if arn in context.kept:
        return None
    deadline = context.deadline(_SLOW)
    while True:
        try:
            context.writes.elb.delete_target_group(arn)
        except AwsError as error:
            if error.code not in ("ResourceInUse", "ResourceInUseException"):
                raise
            listeners = dict.fromkeys((context.plan.listener, *body.get("listeners", ())))
            users = [
                rule
                for listener in listeners
                if listener
                for rule in context.writes.elb.rules(listener)
                if arn in forwards(rule)
            ]
            if users:
                context.say(
                    f"kept the target group {arn.split('/')[1]}: the listener's rule at"
                    f" {users[0]['Priority']}, which is another's, uses it"
                )
                return None
            deadline.pause(_POLL, f"the target group {arn.split('/')[1]} is still in use")
            continue
        return None


# ---------------------------------------------------------------------------- rules


def _create_rule(context: Context, body: Body) -> Made:
    """A priority is taken by whoever comes first, so it serves as a lock: of two runs of one stack
    the second finds the rule of the first and takes it."""
    elb = context.writes.elb
    body = dict(body)
    while True:
        try:
            elb.create_rule(body)
        except AwsError as error:
            if error.code not in ("PriorityInUse", "PriorityInUseException"):
                raise
        else:
            return None
        held = {
            int(rule["Priority"]): rule
            for rule in elb.rules(body["ListenerArn"])
            if not rule.get("IsDefault")
        }
        rule = held.get(body["Priority"])
        if rule is None:
            continue  # it is free again
        said = elb.tags([rule["RuleArn"]]).get(rule["RuleArn"])
        wanted = tags.of_elb(body)
        same = normal(rule, _same) == normal(body, _same)
        if context.is_ours(said) and said is not None:
            if said.get(tags.SERVICE) == wanted.get(tags.SERVICE) and (
                same or forwards(rule) == forwards(body)
            ):
                if not same:
                    changed = {key: body[key] for key in ("Conditions", "Actions")}
                    elb.modify_rule({"RuleArn": rule["RuleArn"], **changed})
                return None
        elif body["Priority"] < _OWN_PRIORITIES:
            raise RefusedError(
                f"the priority {body['Priority']} is taken by a rule of another's",
                "give the route another `priority`, or none",
            )
        body["Priority"] = _next_free(body["Priority"], held)


def _same(value: Any) -> Any:
    return value


def _next_free(priority: int, held: Mapping[int, Any]) -> int:
    """The next place: what is beside a rule is about as specific as it."""
    place = priority + 1
    while place in held:
        place += 1
    if place > _LAST_PRIORITY:
        raise RefusedError(f"there is no free priority after {priority}")
    return place


def _modify_rule(context: Context, body: Body) -> Made:
    context.writes.elb.modify_rule(body)
    return None


def _set_priorities(context: Context, body: Body) -> Made:
    try:
        context.writes.elb.set_priorities(body["priorities"])
    except AwsError as error:
        if error.code not in ("PriorityInUse", "PriorityInUseException"):
            raise
        context.say("a rule stays where it is: its place was taken meanwhile")
    return None


def _delete_rule(context: Context, body: Body) -> Made:
    if body["arn"] not in context.kept:
        context.writes.elb.delete_rule(body["arn"])
    return None


def _elb_tags(context: Context, body: Body) -> Made:
    context.writes.elb.add_tags(body["arns"], body["tags"])
    return None


# ---------------------------------------------------------------------------- services


def _create_service(context: Context, body: Body) -> Made:
    """Two runs of one stack make one service: the second finds that of the first."""
    ecs, cluster, name = context.writes.ecs, context.plan.cluster, body["serviceName"]
    token = digest([context.plan.stack, name, body["taskDefinition"], body["tags"]])
    deadline = context.deadline()
    while True:
        try:
            made = ecs.create_service({**body, "clientToken": token})
        except AwsError as error:
            if error.code != "InvalidParameterException":
                raise
            there = ecs.services(cluster, [name]).get(name)
            if "raining" in error.text or (there and there.get("status") == "DRAINING"):
                deadline.pause(_POLL, f"the service {name} is still being removed")
                continue
            if "idempotent" not in error.text or not alive(there) or there is None:
                raise
            made = _adopt_service(context, there, body)
        context.know(Ref("service", name), str(made["serviceArn"]))
        return None


def _adopt_service(context: Context, there: Body, body: Body) -> Body:
    said = tags.of_ecs(there)
    if not context.is_ours(said):
        raise RefusedError(
            f"the service {body['serviceName']} is on the cluster already, and {tags.owner(said)}"
        )
    wanted = tags.of_ecs(body)
    if said.get(tags.HASH) == wanted[tags.HASH]:
        return there  # the other run's is the same
    from compose2ecs.plan.normalise import service as normal_service

    fields = {key: body[key] for key in normal_service(body) if key in body}
    made = context.writes.ecs.update_service(
        {
            "cluster": context.plan.cluster,
            "service": body["serviceName"],
            "taskDefinition": body["taskDefinition"],
            **fields,
        }
    )
    context.writes.ecs.tag(there["serviceArn"], wanted)
    return made


def _update_service(context: Context, body: Body) -> Made:
    context.writes.ecs.update_service({"cluster": context.plan.cluster, **body})
    return None


def _delete_service(context: Context, body: Body) -> Made:
    if body["service"] in context.kept:
        return None
    try:
        context.writes.ecs.delete_service(context.plan.cluster, body["service"])
    except AwsError as error:
        if error.code not in ("ServiceNotFoundException", "ServiceNotActiveException"):
            raise
    return None


def _tag(context: Context, body: Body) -> Made:
    context.writes.ecs.tag(body["arn"], body["tags"])
    return None


def _untag(context: Context, body: Body) -> Made:
    context.writes.ecs.untag(body["arn"], body["keys"])
    return None


def _wait_gone(context: Context, body: Body) -> Made:
    names = [name for name in body["services"] if name not in context.kept]
    wait_gone(context.writes, context.plan.cluster, names, context.deadline())
    return None


def _wait_stable(context: Context, body: Body) -> Made:
    expected = [
        Expected(name, revision, None, hash=hash_)
        for name, (revision, hash_) in body["services"].items()
    ]
    results = wait_stable(
        context.writes, context.plan.cluster, expected, context.deadline(), context.say
    )
    for name, result in results.items():
        if not result.stable:
            raise UnhealthyError(f"{name}: {result.reason}")
    return None


def _check_ours(context: Context, body: Body) -> Made:
    """Read the tags again, right before something is deleted. What is gone is left out; what is
    another's, or protected, is refused."""
    refused = []
    names = body.get("services", ())
    if names:
        there = context.writes.ecs.services(context.plan.cluster, names)
        for name in names:
            service = there.get(name)
            if service is None or not alive(service):
                if service is None or service.get("status") == "INACTIVE":
                    context.kept.add(name)
                continue
            refused += _refusal(context, f"the service {name}", tags.of_ecs(service))
    arns = body.get("elb", ())
    if arns:
        said = context.writes.elb.tags(arns)
        for arn in arns:
            if arn not in said:
                context.kept.add(arn)
                continue
            what = "the target group" if ":targetgroup/" in arn else "the rule"
            name = arn.split("/")[1] if ":targetgroup/" in arn else arn.rpartition("/")[2]
            refused += _refusal(context, f"{what} {name}", said[arn])
    if refused:
        raise RefusedError("\n".join(refused), "nothing of it was deleted")
    return None


def _refusal(context: Context, what: str, said: Mapping[str, str]) -> list[str]:
    if not context.is_ours(said):
        return [f"{what} is not this stack's: {tags.owner(said)}"]
    if tags.is_protected(said):
        return [f"{what} is protected by its tag {tags.PROTECT}"]
    return []


# ---------------------------------------------------------------------------- scaling

_UNTIL_SEEN = (1, 2, 4, 8)  # seconds between two tries


def _register_target(context: Context, body: Body) -> Made:
    for seconds in _UNTIL_SEEN:
        try:
            context.writes.autoscaling.register(body)
            return None
        except AwsError as error:
            # a service that was just made is not seen everywhere at once
            if error.code != "ValidationException" or "doesn't exist" not in error.text:
                raise
            context.sleep(seconds)
    context.writes.autoscaling.register(body)
    return None


def _deregister_target(context: Context, body: Body) -> Made:
    context.writes.autoscaling.deregister(body["resource"])
    return None


def _put_policy(context: Context, body: Body) -> Made:
    context.writes.autoscaling.put_policy(body)
    return None


def _delete_policy(context: Context, body: Body) -> Made:
    context.writes.autoscaling.delete_policy(body["resource"], body["name"])
    return None


def _put_scheduled(context: Context, body: Body) -> Made:
    context.writes.autoscaling.put_scheduled(body)
    return None


def _delete_scheduled(context: Context, body: Body) -> Made:
    context.writes.autoscaling.delete_scheduled(body["resource"], body["name"])
    return None


# ---------------------------------------------------------------------------- jobs


def _run_once(context: Context, body: Body) -> Made:
    """A task that must end with 0."""
    ecs, cluster = context.writes.ecs, context.plan.cluster
    token = digest([context.plan.stack, body["taskDefinition"], context.clock.now()])
    task = ecs.run_task({**body, "clientToken": token})
    deadline = context.deadline()
    name = body["taskDefinition"].rpartition("/")[2]
    while task.get("lastStatus") != "STOPPED":
        deadline.pause(_POLL, f"the task {name} has not ended")
        found = ecs.tasks(cluster, [task["taskArn"]])
        task = found[0] if found else task
    failed = [c for c in task.get("containers", ()) if c.get("exitCode") != 0 and _counts(c)]
    if failed:
        reasons = ", ".join(
            f"{c['name']}: " + str(c.get("reason") or f"exit code {c.get('exitCode')}")
            for c in failed
        )
        said = f"the task {name} failed ({reasons}); {task.get('stoppedReason', '')}".rstrip("; ")
        raise UnhealthyError(
            "\n".join((said, *_last_words(context, task, body["taskDefinition"]))),
            "what depends on it was not started; mend it and run `up` again",
        )
    return None


def _last_words(context: Context, task: Body, definition: str) -> list[str]:
    """The last lines that the containers of a task wrote; none where they cannot be read."""
    try:
        body = context.writes.ecs.task_definition(definition)
        return [f"  {line}" for line in last_lines(context.writes, task, body)]
    except AwsError as error:
        return [f"  (its log could not be read: {error})"]


def _counts(container: Mapping[str, Any]) -> bool:
    """Whether how a container ended says how the task did."""
    return not str(container.get("name", "")).startswith("ecs-service-connect")


def _create_schedule(context: Context, body: Body) -> Made:
    try:
        context.writes.scheduler.create(body)
    except AwsError as error:
        if error.code != "ConflictException":
            raise
        context.writes.scheduler.update(body)
    return None


def _update_schedule(context: Context, body: Body) -> Made:
    context.writes.scheduler.update(body)
    return None


def _delete_schedule(context: Context, body: Body) -> Made:
    said = schedule_tags(context.writes, body["name"])
    if said is None:
        return None
    if not context.is_ours(said):
        context.say(f"kept the schedule {body['name']}: what it starts is another's")
        return None
    context.writes.scheduler.delete(body["name"])
    return None


OPERATIONS: Mapping[str, Callable[[Context, Body], Made]] = {
    "create-log-group": _create_log_group,
    "put-retention": _put_retention,
    "delete-log-group": _delete_log_group,
    "create-namespace": _create_namespace,
    "delete-namespace": _delete_namespace,
    "register-task-definition": _register,
    "create-target-group": _create_target_group,
    "modify-target-group": _modify_target_group,
    "modify-attributes": _modify_attributes,
    "delete-target-group": _delete_target_group,
    "create-rule": _create_rule,
    "modify-rule": _modify_rule,
    "set-priorities": _set_priorities,
    "delete-rule": _delete_rule,
    "elb-tags": _elb_tags,
    "create-service": _create_service,
    "update-service": _update_service,
    "delete-service": _delete_service,
    "tag": _tag,
    "untag": _untag,
    "wait-gone": _wait_gone,
    "wait-stable": _wait_stable,
    "check-ours": _check_ours,
    "register-target": _register_target,
    "deregister-target": _deregister_target,
    "put-policy": _put_policy,
    "delete-policy": _delete_policy,
    "put-scheduled": _put_scheduled,
    "delete-scheduled": _delete_scheduled,
    "run-once": _run_once,
    "create-schedule": _create_schedule,
    "update-schedule": _update_schedule,
    "delete-schedule": _delete_schedule,
}
