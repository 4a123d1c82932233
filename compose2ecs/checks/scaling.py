"""What AWS has against scalable targets, scaling policies, and actions at a time.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from compose2ecs.checks.jobs import from_to, timing
from compose2ecs.checks.model import Alone, Among, Bodies, Body, Check, Found
from compose2ecs.checks.stack import known, of_all, of_kind, service_of
from compose2ecs.checks.values import (
    listed,
    mapping,
    number,
    objects,
    text,
    unknown,
)
from compose2ecs.report import ERROR, WARNING

# ---------------------------------------------------------------------------- scalable targets

_DIMENSION = "ecs:service:DesiredCount"


def _target(body: Body) -> Found:
    yield from _resource(body)
    least, most = body.get("MinCapacity"), body.get("MaxCapacity")
    for key, value in (("MinCapacity", least), ("MaxCapacity", most)):
        if value is None:
            yield "D350", key, "a target that is new needs it"
        elif (count := number(value)) is not None and count < 0:
            yield "D350", key, f"there cannot be {count} tasks"
    yield from _order(least, most, "MinCapacity")


def _order(least: Any, most: Any, at: str) -> Found:
    low, high = number(least), number(most)
    if low is not None and high is not None and low > high:
        yield "D192", at, f"the least ({low}) is more than the most ({high})"


def _resource(body: Body) -> Found:
    """What scales: the count of an ECS service."""
    space, dimension = known(body.get("ServiceNamespace")), known(body.get("ScalableDimension"))
    if space and space != "ecs":
        yield "D350", "ServiceNamespace", f"services are of ecs, not of {space!r}"
    if dimension and dimension != _DIMENSION:
        yield "D350", "ScalableDimension", f"a service scales by {_DIMENSION}, not {dimension!r}"
    resource = known(body.get("ResourceId"))
    parts = resource.split("/")
    if resource and (len(parts) != 3 or parts[0] != "service" or not all(parts)):
        yield "D350", "ResourceId", f"{resource!r} is not service/CLUSTER/SERVICE"


def _target_among(body: Body, bodies: Bodies) -> Found:
    service = service_of(text(body.get("ResourceId")), bodies)
    if service is not None and service.get("schedulingStrategy") == "DAEMON":
        yield "D192", "ResourceId", "a daemon runs once on each instance: it does not scale"
    first = of_all(_targets, bodies).get(text(body.get("ResourceId")), body)
    if first is not body and first != body:
        said = "it has other limits elsewhere in the stack: the last ones count"
        yield "D351", "ResourceId", said


def _targets(bodies: Bodies) -> dict[str, Body]:
    found: dict[str, Body] = {}
    for body in of_kind("scalable-targets", bodies):
        found.setdefault(text(body.get("ResourceId")), body)
    return found


# ---------------------------------------------------------------------------- policies

_NAME_MAX = 256
_TRACKING, _STEPS, _PREDICTIVE = (
    "TargetTrackingScaling",
    "StepScaling",
    "PredictiveScaling",
)
_POLICIES = {
    _TRACKING: "TargetTrackingScalingPolicyConfiguration",
    _STEPS: "StepScalingPolicyConfiguration",
    _PREDICTIVE: "PredictiveScalingPolicyConfiguration",
}
_REQUESTS = "ALBRequestCountPerTarget"
_FINE = (
    "ECSServiceAverageCPUUtilizationHighResolution",
    "ECSServiceAverageMemoryUtilizationHighResolution",
)
_METRICS = (
    "ECSServiceAverageCPUUtilization",
    "ECSServiceAverageMemoryUtilization",
    _REQUESTS,
    *_FINE,
)
_STEPS_MAX = 20
_ADJUSTMENTS = ("ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity")


def _policy(body: Body) -> Found:
    yield from _resource(body)
    name = body.get("PolicyName")
    if isinstance(name, str) and not unknown(name):
        if not 1 <= len(name) <= _NAME_MAX:
            yield "D352", "PolicyName", f"a name has 1 to {_NAME_MAX} characters, not {len(name)}"
        elif not name.isprintable():
            yield "D352", "PolicyName", f"{name!r} holds what cannot be printed"
    kind = known(body.get("PolicyType"))
    if "PolicyType" not in body:
        yield "D352", "PolicyType", "a new policy needs it"
    if not kind:
        return
    own = _POLICIES.get(kind)
    if own is None:
        yield "D352", "PolicyType", f"{kind!r} is none of {', '.join(_POLICIES)}"
        return
    for key in _POLICIES.values():
        if key != own and key in body:
            yield "D352", key, f"it is not for {kind}"
    if own not in body:
        yield "D352", own, f"{kind} needs it"
    elif isinstance(body[own], dict):
        yield from _POLICY_CHECKS[kind](body[own], own)


def _tracking(config: dict[str, Any], at: str) -> Found:
    target = config.get("TargetValue")
    if target is None:
        yield "D353", f"{at}.TargetValue", "it says no value to keep to"
    elif isinstance(target, (int, float)) and not 0 < target <= 2.0**360:
        yield "D353", f"{at}.TargetValue", f"it is {target}, and must be above 0"
    for key in ("ScaleInCooldown", "ScaleOutCooldown"):
        seconds = number(config.get(key))
        if seconds is not None and seconds < 0:
            yield "D353", f"{at}.{key}", f"it is {seconds}, and must be 0 or more"
    predefined, own = "PredefinedMetricSpecification", "CustomizedMetricSpecification"
    if (predefined in config) == (own in config):
        said = "of a predefined and a customized metric, it needs one"
        yield "D353", f"{at}.{predefined}", said
    yield from _metric(mapping(config.get(predefined)), f"{at}.{predefined}")
    if isinstance(config.get(own), dict):
        custom = config[own]
        if "Metrics" not in custom:
            for key in ("MetricName", "Namespace", "Statistic"):
                if not custom.get(key):
                    yield "D353", f"{at}.{own}.{key}", "a metric needs it"
        elif "MetricName" in custom:
            yield "D353", f"{at}.{own}.Metrics", "a metric and metric math exclude each other"


def _metric(metric: dict[str, Any], at: str) -> Found:
    kind = known(metric.get("PredefinedMetricType"))
    label = metric.get("ResourceLabel")
    if kind and kind not in _METRICS:
        yield "D353", f"{at}.PredefinedMetricType", f"{kind!r} is no metric of an ECS service"
    elif kind == _REQUESTS and not label:
        yield "D192", f"{at}.ResourceLabel", f"{_REQUESTS} needs it"
    elif kind and kind != _REQUESTS and label:
        yield "D354", f"{at}.ResourceLabel", f"it is for {_REQUESTS}, and this is {kind}"
    elif (written := known(label)) and not _is_label(written):
        said = f"{written!r} is not app/NAME/ID/targetgroup/NAME/ID"
        yield "D354", f"{at}.ResourceLabel", said


def _is_label(label: str) -> bool:
    parts = label.split("/")
    return (
        len(label) <= 1023
        and len(parts) == 6
        and all(parts)
        and (parts[0], parts[3]) == ("app", "targetgroup")
    )


def _stepped(config: dict[str, Any], at: str) -> Found:
    kind = config.get("AdjustmentType")
    if kind is None:
        yield "D355", f"{at}.AdjustmentType", "a new policy needs it"
    elif (written := known(kind)) and written not in _ADJUSTMENTS:
        said = f"{written!r} is none of {', '.join(_ADJUSTMENTS)}"
        yield "D355", f"{at}.AdjustmentType", said
    if config.get("MinAdjustmentMagnitude") is not None and kind in _ADJUSTMENTS[::2]:
        said = f"it is for PercentChangeInCapacity, and this is {kind}"
        yield "D355", f"{at}.MinAdjustmentMagnitude", said
    cooldown = number(config.get("Cooldown"))
    if cooldown is not None and cooldown < 0:
        yield "D355", f"{at}.Cooldown", f"it is {cooldown}, and must be 0 or more"
    steps = list(objects(config.get("StepAdjustments")))
    at = f"{at}.StepAdjustments"
    if not steps and not unknown(config.get("StepAdjustments")):
        yield "D355", at, "it says no step"
    if len(steps) > _STEPS_MAX:
        yield "D355", at, f"{len(steps)} steps, and AWS takes {_STEPS_MAX}"
    for index, step in steps:
        change = number(step.get("ScalingAdjustment"))
        if kind == "ExactCapacity" and change is not None and change < 0:
            yield "D355", f"{at}[{index}].ScalingAdjustment", f"there cannot be {change} tasks"
    yield from _bounds([step for _, step in steps], at)


def _bounds(steps: list[dict[str, Any]], at: str) -> Found:
    """Steps lie side by side: without a gap, without overlapping, open at an end where they end."""
    infinite = float("inf")
    spans = []
    for index, step in enumerate(steps):
        low, high = step.get("MetricIntervalLowerBound"), step.get("MetricIntervalUpperBound")
        if not isinstance(low, (int, float, type(None))):
            return
        if not isinstance(high, (int, float, type(None))):
            return
        if low is None and high is None:
            yield "D356", f"{at}[{index}]", "it has neither a lower nor an upper bound"
            return
        span = -infinite if low is None else low, infinite if high is None else high
        if span[0] >= span[1]:
            said = f"its lower bound ({low}) is not below its upper one ({high})"
            yield "D356", f"{at}[{index}]", said
            return
        spans.append(span)
    spans.sort()
    for (start, end), (following, _) in pairwise(spans):
        if following != end:
            between = "overlap" if following < end else "leave a gap"
            yield "D356", at, f"the steps from {start} and from {following} {between}"
    if spans and -infinite < spans[0][0] < 0:
        yield "D356", at, "below the threshold, the last step has no lower bound"
    if spans and 0 < max(end for _, end in spans) < infinite:
        yield "D356", at, "above the threshold, the last step has no upper bound"


def _predictive(config: dict[str, Any], at: str) -> Found:
    specifications = listed(config.get("MetricSpecifications"))
    if len(specifications) > 1:
        said = f"{len(specifications)} specifications, and AWS takes 1"
        yield "D357", f"{at}.MetricSpecifications", said
    ahead = number(config.get("SchedulingBufferTime"))
    if ahead is not None and not 0 <= ahead <= 3600:
        yield "D357", f"{at}.SchedulingBufferTime", f"it is {ahead}, and must be 0 to 3600"
    grows = config.get("MaxCapacityBreachBehavior") == "IncreaseMaxCapacity"
    buffer = config.get("MaxCapacityBuffer")
    if grows != (buffer is not None):
        said = "it goes with IncreaseMaxCapacity, and IncreaseMaxCapacity with it"
        yield "D357", f"{at}.MaxCapacityBuffer", said


_POLICY_CHECKS = {_TRACKING: _tracking, _STEPS: _stepped, _PREDICTIVE: _predictive}
_POLICIES_MAX, _ACTIONS_MAX = 50, 200


def _policy_among(body: Body, bodies: Bodies) -> Found:
    yield from _registered(body, bodies)
    yield from _crowded("scaling-policies", _by_policy_target, "PolicyName", body, bodies)
    config = mapping(body.get(_POLICIES[_TRACKING]))
    metric = mapping(config.get("PredefinedMetricSpecification")).get("PredefinedMetricType")
    service = service_of(text(body.get("ResourceId")), bodies)
    if service is None:
        return
    at = f"{_POLICIES[_TRACKING]}.PredefinedMetricSpecification"
    if metric == _REQUESTS and not listed(service.get("loadBalancers")):
        yield "D192", f"{at}.PredefinedMetricType", "its service stands behind no load balancer"
    if metric in _FINE and not _is_fine(service):
        said = "its service does not measure every 20 seconds (monitoring)"
        yield "D358", f"{at}.PredefinedMetricType", said


def _is_fine(service: dict[str, Any]) -> bool:
    configured = objects(mapping(service.get("monitoring")).get("metricConfigurations"))
    return any(metric.get("resolutionSeconds") == 20 for _, metric in configured)


def _registered(body: Body, bodies: Bodies) -> Found:
    """What scales a service of the stack needs its scalable target first."""
    resource = text(body.get("ResourceId"))
    if resource not in of_all(_targets, bodies) and service_of(resource, bodies) is not None:
        yield "D359", "ResourceId", "the stack has no scalable target for this service"


def _by_policy_target(bodies: Bodies) -> dict[str, list[Body]]:
    return _by_target("scaling-policies", bodies)


def _by_action_target(bodies: Bodies) -> dict[str, list[Body]]:
    return _by_target("scheduled-actions", bodies)


def _by_target(kind: str, bodies: Bodies) -> dict[str, list[Body]]:
    found: dict[str, list[Body]] = {}
    for body in of_kind(kind, bodies):
        found.setdefault(text(body.get("ResourceId")), []).append(body)
    return found


def _crowded(kind: str, index: Any, key: str, body: Body, bodies: Bodies) -> Found:
    """Policies or actions of one target have names of their own, and are not too many."""
    others = of_all(index, bodies).get(text(body.get("ResourceId")), [])
    most = _POLICIES_MAX if kind == "scaling-policies" else _ACTIONS_MAX
    if len(others) > most and others[most] is body:
        yield "D360", "ResourceId", f"{len(others)} of them for one target, and AWS takes {most}"
    for other in others[: most + 1]:
        if other is body:
            break
        if other.get(key) == body.get(key) and other != body:
            said = f"{body.get(key)!r} is there twice for its target: the last one counts"
            yield "D351", key, said
            break


# ---------------------------------------------------------------------------- scheduled actions


def _action(body: Body) -> Found:
    yield from _resource(body)
    name = body.get("ScheduledActionName")
    if isinstance(name, str) and not unknown(name) and (fault := _action_name(name)):
        yield "D361", "ScheduledActionName", fault
    yield from timing(body, "Schedule", "Timezone", strict=False)
    yield from from_to(body, "StartTime", "EndTime")
    wanted = body.get("ScalableTargetAction")
    if not isinstance(wanted, dict):
        return
    at = "ScalableTargetAction"
    if "MinCapacity" not in wanted and "MaxCapacity" not in wanted:
        yield "D361", at, "it changes neither MinCapacity nor MaxCapacity"
    for key in ("MinCapacity", "MaxCapacity"):
        count = number(wanted.get(key))
        if count is not None and count < 0:
            yield "D361", f"{at}.{key}", f"there cannot be {count} tasks"
    yield from _order(wanted.get("MinCapacity"), wanted.get("MaxCapacity"), f"{at}.MinCapacity")


def _action_name(name: str) -> str:
    if not 1 <= len(name) <= _NAME_MAX:
        return f"a name has 1 to {_NAME_MAX} characters, not {len(name)}"
    if name != name.strip(" "):
        return f"{name!r} has a space at an end"
    for character in name:
        if character in ":/|" or not character.isprintable():
            return f"{name!r} holds {character!r}"
    return ""


def _action_among(body: Body, bodies: Bodies) -> Found:
    yield from _registered(body, bodies)
    yield from _crowded("scheduled-actions", _by_action_target, "ScheduledActionName", body, bodies)


# ---------------------------------------------------------------------------- the table

_AAS = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_"
_AAS_GUIDE = "https://docs.aws.amazon.com/autoscaling/application/userguide/"
_RUN = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html"
_SCHEDULER = "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_"

ROWS: tuple[Check, ...] = (
    Check(
        "D192",
        ERROR,
        "What scales is no daemon, has its least below its most, and a load balancer to count requests",
        f"{_AAS}RegisterScalableTarget.html",
        "",
        "scaling",
    ),
    Check(
        "D350",
        ERROR,
        "A scalable target is the count of an ECS service: service/CLUSTER/SERVICE, least and most",
        f"{_AAS}RegisterScalableTarget.html",
        "",
        "scaling",
    ),
    Check(
        "D351",
        WARNING,
        "A scalable target, a policy or an action is given once: the last one replaces the others",
        f"{_AAS}PutScalingPolicy.html",
        "",
        "meaning",
    ),
    Check(
        "D352",
        ERROR,
        "A policy has a name of 1 to 256 characters, a type, and the configuration of its type",
        f"{_AAS}PutScalingPolicy.html",
        "",
        "scaling",
    ),
    Check(
        "D353",
        ERROR,
        "Target tracking keeps one metric of an ECS service at a value above 0",
        f"{_AAS}TargetTrackingScalingPolicyConfiguration.html",
        "",
        "scaling",
    ),
    Check(
        "D354",
        ERROR,
        "A resource label is for ALBRequestCountPerTarget: app/NAME/ID/targetgroup/NAME/ID",
        f"{_AAS}PredefinedMetricSpecification.html",
        "",
        "scaling",
    ),
    Check(
        "D355",
        ERROR,
        "Step scaling has a type of adjustment and 1 to 20 steps",
        f"{_AAS}StepScalingPolicyConfiguration.html",
        "",
        "scaling",
    ),
    Check(
        "D356",
        ERROR,
        "Steps lie side by side, without gaps and overlaps, the outermost open",
        f"{_AAS}StepAdjustment.html",
        "",
        "scaling",
    ),
    Check(
        "D357",
        ERROR,
        "Predictive scaling has one pair of metrics, and a buffer where its maximum may grow",
        f"{_AAS}PredictiveScalingPolicyConfiguration.html",
        "",
        "scaling",
    ),
    Check(
        "D358",
        ERROR,
        "A policy on 20-second metrics needs a service that measures every 20 seconds",
        f"{_AAS}PredefinedMetricSpecification.html",
        "",
        "scaling",
    ),
    Check(
        "D359",
        WARNING,
        "A service is a scalable target before it gets policies and actions",
        f"{_AAS}PutScalingPolicy.html",
        "",
        "run",
    ),
    Check(
        "D360",
        ERROR,
        "A scalable target has 50 policies and 200 scheduled actions at most",
        f"{_AAS_GUIDE}application-auto-scaling-limits.html",
        "",
        "scaling",
    ),
    Check(
        "D361",
        ERROR,
        "A scheduled action has a name without : / | and edge spaces, and changes least or most",
        f"{_AAS}PutScheduledAction.html",
        "",
        "scaling",
    ),
)

ALONE: Alone = {
    "scalable-targets": (_target,),
    "scaling-policies": (_policy,),
    "scheduled-actions": (_action,),
}
AMONG: Among = {
    "scalable-targets": (_target_among,),
    "scaling-policies": (_policy_among,),
    "scheduled-actions": (_action_among,),
}
