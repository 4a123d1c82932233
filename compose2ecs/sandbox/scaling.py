"""Application Auto Scaling: scalable targets, policies, scheduled actions.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
"""

from __future__ import annotations

from compose2ecs.sandbox import tags
from compose2ecs.sandbox.ecs.state import ACTIVE, NEVER, Service
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.paging import page
from compose2ecs.sandbox.refuse import refuse
from compose2ecs.sandbox.world import Body, Handler, World

_CODE = "ValidationException"
_PAGE = 50
_LOOKS = 60.0  # seconds after which a target brings its service into its range
DIMENSION = "ecs:service:DesiredCount"


def _invalid(message: str) -> AwsError:
    return AwsError(_CODE, message)


def _service(world: World, resource: str) -> Service | None:
    parts = resource.split("/")
    found = world.ecs.service(parts[1], parts[2]) if len(parts) == 3 else None
    return found if found is not None and found.status == ACTIVE else None


def settle(world: World) -> bool:
    """Bring services into the range of their targets that are due; whether any was changed."""
    changed = False
    for resource, due in list(world.scaling.due.items()):
        if due > world.now:
            continue
        world.scaling.due[resource] = NEVER
        target = world.scaling.targets.get(resource)
        service = _service(world, resource)
        if target is None or service is None:
            continue
        count = min(max(service.desired, target["MinCapacity"]), target["MaxCapacity"])
        if count != service.desired:
            service.desired, service.due, service.steady = count, 0.0, False
            changed = True
    return changed


# ---------------------------------------------------------------------------- targets


def _is_ecs(asked: Body) -> None:
    if asked.get("ServiceNamespace") != "ecs":
        raise _invalid(f"The sandbox scales ecs, and not {asked.get('ServiceNamespace')}")
    if asked.get("ScalableDimension", DIMENSION) != DIMENSION:
        raise _invalid(f"Unsupported scalable dimension: {asked['ScalableDimension']}")


def register(world: World, asked: Body) -> Body:
    """RegisterScalableTarget: makes a target or changes one."""
    _is_ecs(asked)
    resource = asked["ResourceId"]
    before = world.scaling.targets.get(resource)
    if before is None and ("MinCapacity" not in asked or "MaxCapacity" not in asked):
        raise _invalid("MinCapacity and MaxCapacity must be set when a target is registered")
    merged = {**(before or {}), **asked}
    if merged["MinCapacity"] > merged["MaxCapacity"]:
        raise _invalid("Maximum capacity cannot be less than minimum capacity")
    service = _service(world, resource)
    if service is None:
        raise _invalid(f"ECS service doesn't exist: {resource}")
    if service.daemon:
        raise _invalid("Daemon services cannot be scaled")
    refuse("scalable-targets", merged, {}, _CODE, skip=("D192",))
    if before is None and len(world.scaling.targets) >= world.quotas["scalable targets"]:
        raise AwsError("LimitExceededException", "The limit of scalable targets was reached")
    role = "aws-service-role/ecs.application-autoscaling.amazonaws.com"
    suspended = (
        "DynamicScalingInSuspended",
        "DynamicScalingOutSuspended",
        "ScheduledScalingSuspended",
    )
    target: Body = {
        "ServiceNamespace": "ecs",
        "ResourceId": resource,
        "ScalableDimension": DIMENSION,
        "MinCapacity": merged["MinCapacity"],
        "MaxCapacity": merged["MaxCapacity"],
        "RoleARN": f"arn:aws:iam::{world.account}:role/{role}/AWSServiceRoleForApplicationAutoScaling_ECSService",
        "CreationTime": before["CreationTime"] if before else world.now,
        "SuspendedState": dict.fromkeys(suspended, False) | merged.get("SuspendedState", {}),
        "ScalableTargetARN": before["ScalableTargetARN"]
        if before
        else world.arn("application-autoscaling", f"scalable-target/{world.id(16)}"),
    }
    arn = target["ScalableTargetARN"]
    tags.check(asked.get("Tags", {}), _CODE)
    known = world.scaling.tags.get(arn, {})
    world.scaling.tags[arn] = tags.added(known, asked.get("Tags", {}), "TooManyTagsException")
    world.scaling.targets[resource] = target
    world.scaling.due[resource] = world.now + _LOOKS
    return {"ScalableTargetARN": arn}


def _target(world: World, asked: Body) -> Body:
    _is_ecs(asked)
    found = world.scaling.targets.get(asked["ResourceId"])
    if found is None:
        said = (
            "No scalable target registered for service namespace: ecs, resource ID: "
            f"{asked['ResourceId']}, scalable dimension: {DIMENSION}"
        )
        raise AwsError("ObjectNotFoundException", said)
    return found


def describe_targets(world: World, asked: Body) -> Body:
    """DescribeScalableTargets."""
    _is_ecs(asked)
    wanted = asked.get("ResourceIds")
    found = [one for key, one in world.scaling.targets.items() if not wanted or key in wanted]
    items, token = page(found, asked.get("MaxResults", _PAGE), asked.get("NextToken"), _CODE)
    return {"ScalableTargets": items, "NextToken": token}


def deregister(world: World, asked: Body) -> Body:
    """DeregisterScalableTarget: its policies and scheduled actions go with it."""
    target = _target(world, asked)
    resource = asked["ResourceId"]
    del world.scaling.targets[resource]
    world.scaling.due.pop(resource, None)
    world.scaling.tags.pop(target["ScalableTargetARN"], None)
    for kept in (world.scaling.policies, world.scaling.actions):
        for key in [key for key in kept if key[0] == resource]:
            del kept[key]
    return {}


# ---------------------------------------------------------------------------- policies


def put_policy(world: World, asked: Body) -> Body:
    """PutScalingPolicy: makes a policy or changes one."""
    _target(world, asked)
    resource, name = asked["ResourceId"], asked["PolicyName"]
    before = world.scaling.policies.get((resource, name))
    kind = asked.get("PolicyType") or (before or {}).get("PolicyType") or "StepScaling"
    refuse("scaling-policies", {**asked, "PolicyType": kind}, {}, _CODE)
    if before is not None and before["PolicyType"] != kind:
        raise _invalid("The type of a policy cannot be changed")
    key = f"{kind}PolicyConfiguration"
    if key not in asked:
        raise _invalid(f"{key} must be set for a policy of type {kind}")
    _check_label(world, asked.get("TargetTrackingScalingPolicyConfiguration", {}))
    mine = sum(one == resource for one, _ in world.scaling.policies)
    if before is None and mine >= world.quotas["policies per target"]:
        raise AwsError("LimitExceededException", "The limit of policies was reached")
    alarms = _alarms(world, resource) if kind == "TargetTrackingScaling" else []
    policy: Body = {
        "PolicyARN": before["PolicyARN"]
        if before
        else f"arn:aws:autoscaling:{world.region}:{world.account}:scalingPolicy:{world.id(32)}:resource/ecs/{resource}:policyName/{name}",
        "PolicyName": name,
        "ServiceNamespace": "ecs",
        "ResourceId": resource,
        "ScalableDimension": DIMENSION,
        "PolicyType": kind,
        key: asked[key],
        "Alarms": before["Alarms"] if before else alarms,
        "CreationTime": before["CreationTime"] if before else world.now,
    }
    world.scaling.policies[resource, name] = policy
    return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}


def _check_label(world: World, config: Body) -> None:
    """Requests per target are counted by a group that is on the load balancer of the label."""
    metric = config.get("PredefinedMetricSpecification", {})
    if not str(metric.get("PredefinedMetricType", "")).startswith("ALBRequestCountPerTarget"):
        return
    label = metric.get("ResourceLabel", "")
    for arn, balancer in world.elb.balancers.items():
        for listener in balancer.listeners.values():
            for rule in listener.rules.values():
                for action in rule.actions:
                    group = action.get("TargetGroupArn", "")
                    tail = f"{arn.partition(':loadbalancer/')[2]}/{group.rpartition(':')[2]}"
                    if label and tail == label:
                        return
    raise _invalid(f"The resource label '{label}' is not of a target group on its load balancer")


def _alarms(world: World, resource: str) -> list[Body]:
    found = []
    for kind in ("AlarmHigh", "AlarmLow"):
        name = f"TargetTracking-{resource}-{kind}-{world.id(8)}"
        found.append({"AlarmName": name, "AlarmARN": world.arn("cloudwatch", f"alarm:{name}")})
    return found


def describe_policies(world: World, asked: Body) -> Body:
    """DescribeScalingPolicies."""
    _is_ecs(asked)
    resource, names = asked.get("ResourceId"), asked.get("PolicyNames")
    found = [
        one
        for (where, name), one in world.scaling.policies.items()
        if resource in (None, where) and (not names or name in names)
    ]
    size = min(asked.get("MaxResults", 10), 10)
    items, token = page(found, size, asked.get("NextToken"), _CODE)
    return {"ScalingPolicies": items, "NextToken": token}


def delete_policy(world: World, asked: Body) -> Body:
    """DeleteScalingPolicy."""
    key = (asked["ResourceId"], asked["PolicyName"])
    if key not in world.scaling.policies:
        raise AwsError("ObjectNotFoundException", f"No scaling policy found: {asked['PolicyName']}")
    del world.scaling.policies[key]
    return {}


# ---------------------------------------------------------------------------- scheduled actions


def put_action(world: World, asked: Body) -> Body:
    """PutScheduledAction: makes an action or changes one."""
    _target(world, asked)
    refuse("scheduled-actions", asked, {}, _CODE)
    resource, name = asked["ResourceId"], asked["ScheduledActionName"]
    before = world.scaling.actions.get((resource, name))
    if before is None and "Schedule" not in asked:
        raise _invalid("A schedule must be set for a new action")
    mine = sum(one == resource for one, _ in world.scaling.actions)
    if before is None and mine >= world.quotas["scheduled actions per target"]:
        raise AwsError("LimitExceededException", "The limit of scheduled actions was reached")
    arn = f"arn:aws:autoscaling:{world.region}:{world.account}:scheduledAction:{world.id(32)}"
    world.scaling.actions[resource, name] = {
        "ScheduledActionARN": f"{arn}:resource/ecs/{resource}:scheduledActionName/{name}",
        "CreationTime": world.now,
        "Timezone": "UTC",
        **(before or {}),
        **asked,
        "ScalableDimension": DIMENSION,
    }
    return {}


def describe_actions(world: World, asked: Body) -> Body:
    """DescribeScheduledActions."""
    _is_ecs(asked)
    resource, names = asked.get("ResourceId"), asked.get("ScheduledActionNames")
    found = [
        one
        for (where, name), one in world.scaling.actions.items()
        if resource in (None, where) and (not names or name in names)
    ]
    items, token = page(found, asked.get("MaxResults", _PAGE), asked.get("NextToken"), _CODE)
    return {"ScheduledActions": items, "NextToken": token}


def delete_action(world: World, asked: Body) -> Body:
    """DeleteScheduledAction."""
    key = (asked["ResourceId"], asked["ScheduledActionName"])
    if key not in world.scaling.actions:
        said = f"No scheduled action found: {asked['ScheduledActionName']}"
        raise AwsError("ObjectNotFoundException", said)
    del world.scaling.actions[key]
    return {}


# ---------------------------------------------------------------------------- tags


def _tags(world: World, asked: Body) -> tags.Tags:
    found = world.scaling.tags.get(asked["ResourceARN"])
    if found is None:
        raise AwsError("ResourceNotFoundException", f"{asked['ResourceARN']} was not found")
    return found


def tag(world: World, asked: Body) -> Body:
    """TagResource."""
    found = _tags(world, asked)
    tags.check(asked["Tags"], _CODE)
    found.update(tags.added(found, asked["Tags"], "TooManyTagsException"))
    return {}


def untag(world: World, asked: Body) -> Body:
    """UntagResource."""
    found = _tags(world, asked)
    for key in asked["TagKeys"]:
        found.pop(key, None)
    return {}


def list_tags(world: World, asked: Body) -> Body:
    """ListTagsForResource."""
    return {"Tags": dict(_tags(world, asked))}


OPERATIONS: dict[str, Handler] = {
    "RegisterScalableTarget": register,
    "DescribeScalableTargets": describe_targets,
    "DeregisterScalableTarget": deregister,
    "PutScalingPolicy": put_policy,
    "DescribeScalingPolicies": describe_policies,
    "DeleteScalingPolicy": delete_policy,
    "PutScheduledAction": put_action,
    "DescribeScheduledActions": describe_actions,
    "DeleteScheduledAction": delete_action,
    "TagResource": tag,
    "UntagResource": untag,
    "ListTagsForResource": list_tags,
}
