"""What AWS has against the way in which a service is deployed.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
"""

from __future__ import annotations

from compose2ecs.checks.model import Alone, Among, Body, Check, Found
from compose2ecs.checks.stack import known
from compose2ecs.checks.values import (
    listed,
    mapping,
    number,
    objects,
    text,
    unknown,
)
from compose2ecs.report import ERROR, WARNING


def controller(body: Body) -> str:
    """The deployment controller of a service: ECS unless another is given."""
    return known(mapping(body.get("deploymentController")).get("type")) or "ECS"


# ------------------------------------------------------------------ deployments

DEPLOYMENT = "deploymentConfiguration"
_AZ = "attribute:ecs.availability-zone"
_MINUTES_MAX = 1440
_STEPS = {
    "LINEAR": ("linearConfiguration", "stepPercent", 3.0, "stepBakeTimeInMinutes"),
    "CANARY": ("canaryConfiguration", "canaryPercent", 0.1, "canaryBakeTimeInMinutes"),
}


def deployment(body: Body) -> Found:
    wanted = mapping(body.get(DEPLOYMENT))
    id_, key, said = _percent(body, wanted)
    if id_:
        yield id_, f"{DEPLOYMENT}.{key}", said
    breaker = mapping(wanted.get("deploymentCircuitBreaker"))
    if "thresholdConfiguration" in breaker or "deploymentController" in body:
        yield from _breaker(body, breaker)
    if "alarms" in wanted:
        yield from _alarms(body, mapping(wanted["alarms"]))
    if not _SHIFTING.isdisjoint(wanted):
        yield from _shift(body, wanted)
    if "lifecycleHooks" in wanted:
        yield from _hooks(wanted)
    if "earlySuccessCriteria" in wanted:
        yield from _early(wanted)


def _percent(body: Body, wanted: Body) -> tuple[str, str, str]:
    """What is wrong with how many tasks must and may run: check, member, and why; or nothing."""
    low, high = number(wanted.get("minimumHealthyPercent")), number(wanted.get("maximumPercent"))
    daemon = body.get("schedulingStrategy") == "DAEMON"
    if low is not None and not 0 <= low <= 100:
        return "D162", "minimumHealthyPercent", f"it is {low}, and must be 0 to 100"
    if high is not None and high < 100:
        return "D162", "maximumPercent", f"it is {high}, and must be at least 100"
    if daemon and high is not None and high > 100:
        said = f"maximumPercent is {high}: an instance never runs two daemons, so it must be 100"
        return "D159", "maximumPercent", said
    low = (0 if daemon else 100) if low is None else low
    high = (100 if daemon else 200) if high is None else high
    if low >= high:
        said = f"it is {low}, and must be below maximumPercent ({high})"
        return "D162", "minimumHealthyPercent", said
    count = number(body.get("desiredCount")) or 0
    if count > 0 and not daemon and -(-count * low // 100) >= count >= count * high // 100:
        said = (
            f"with {count} tasks, {low} % at least and {high} % at most leave no room to move one"
        )
        return "D302", "minimumHealthyPercent", said
    return "", "", ""


def _breaker(body: Body, breaker: Body) -> Found:
    at = f"{DEPLOYMENT}.deploymentCircuitBreaker"
    if breaker.get("enable") is True and controller(body) != "ECS":
        yield "D163", f"{at}.enable", f"{controller(body)} deployments know no circuit breaker"
    threshold = mapping(breaker.get("thresholdConfiguration"))
    value = number(threshold.get("value"))
    if value is not None and value < 1:
        yield "D307", f"{at}.thresholdConfiguration.value", f"it is {value}, and must be 1 or more"


def _alarms(body: Body, alarms: Body) -> Found:
    at = f"{DEPLOYMENT}.alarms"
    if alarms.get("enable") is not True:
        return
    if controller(body) != "ECS":
        yield "D308", f"{at}.enable", f"{controller(body)} deployments watch no alarms"
    if alarms.get("alarmNames") == []:
        yield "D308", f"{at}.alarmNames", "no alarm is named"


_SHIFTING = frozenset(
    ("strategy", "bakeTimeInMinutes", "linearConfiguration", "canaryConfiguration")
)


def _shift(body: Body, wanted: Body) -> Found:
    """Blue/green deployments and their like."""
    strategy = text(wanted.get("strategy")) or "ROLLING"
    if unknown(strategy):
        return
    bake = number(wanted.get("bakeTimeInMinutes"))
    if bake is not None and not 0 <= bake <= _MINUTES_MAX:
        said = f"it is {bake}, and must be 0 to {_MINUTES_MAX}"
        yield "D309", f"{DEPLOYMENT}.bakeTimeInMinutes", said
    elif strategy == "BLUE_GREEN" and "bakeTimeInMinutes" not in wanted:
        yield "D309", f"{DEPLOYMENT}.bakeTimeInMinutes", "BLUE_GREEN needs it"
    for owner, (key, percent, least, minutes) in _STEPS.items():
        if key in wanted:
            if strategy != owner:
                yield "D309", f"{DEPLOYMENT}.{key}", f"it is for {owner}, and this is {strategy}"
            yield from _step(mapping(wanted[key]), f"{DEPLOYMENT}.{key}", percent, least, minutes)
    if strategy in ("BLUE_GREEN", "LINEAR", "CANARY"):
        at = f"{DEPLOYMENT}.strategy"
        if controller(body) != "ECS":
            yield "D309", at, f"{strategy} is of the ECS controller, not of {controller(body)}"
        if body.get("schedulingStrategy") == "DAEMON":
            yield "D309", at, f"daemons are not deployed {strategy}"
        for index, balancer in objects(body.get("loadBalancers")):
            advanced = mapping(balancer.get("advancedConfiguration"))
            for key in ("alternateTargetGroupArn", "productionListenerRule", "roleArn"):
                if not advanced.get(key):
                    path = f"loadBalancers[{index}].advancedConfiguration"
                    yield "D309", path, f"{strategy} needs its {key}"
                    break


def _step(config: Body, at: str, percent: str, least: float, minutes: str) -> Found:
    share = config.get(percent)
    if isinstance(share, (int, float)) and not least <= share <= 100:
        yield "D309", f"{at}.{percent}", f"it is {share}, and must be {least} to 100.0"
    pause = number(config.get(minutes))
    if pause is not None and not 0 <= pause <= _MINUTES_MAX:
        yield "D309", f"{at}.{minutes}", f"it is {pause}, and must be 0 to {_MINUTES_MAX}"


def _hooks(wanted: Body) -> Found:
    for index, hook in objects(wanted.get("lifecycleHooks")):
        at = f"{DEPLOYMENT}.lifecycleHooks[{index}]"
        if not listed(hook.get("lifecycleStages")):
            yield "D310", f"{at}.lifecycleStages", "it names no stage"
        if hook.get("targetType", "AWS_LAMBDA") == "AWS_LAMBDA":
            for key in ("hookTargetArn", "roleArn"):
                if not hook.get(key):
                    yield "D310", f"{at}.{key}", "a hook of AWS_LAMBDA needs it"
        minutes = number(mapping(hook.get("timeoutConfiguration")).get("timeoutInMinutes"))
        if minutes is not None and not 1 <= minutes <= 20160:
            path = f"{at}.timeoutConfiguration.timeoutInMinutes"
            yield "D310", path, f"it is {minutes}, and must be 1 to 20160"


def _early(wanted: Body) -> Found:
    at = f"{DEPLOYMENT}.earlySuccessCriteria"
    early = mapping(wanted.get("earlySuccessCriteria"))
    if early.get("enable") is not True:
        return
    if text(wanted.get("strategy")) not in ("", "ROLLING"):
        yield "D311", f"{at}.enable", f"it is for ROLLING, and this is {wanted['strategy']}"
    for key in ("healthyPercent", "sourceServiceRevisionCleanup"):
        if key not in early:
            yield "D311", f"{at}.{key}", "enabled criteria need it"
    healthy, low = number(early.get("healthyPercent")), number(wanted.get("minimumHealthyPercent"))
    if healthy is not None and not (100 if low is None else low) <= healthy <= 100:
        yield "D311", f"{at}.healthyPercent", f"it is {healthy}: from minimumHealthyPercent to 100"


def rebalancing(body: Body) -> Found:
    asked = body.get("availabilityZoneRebalancing")
    if asked == "DISABLED":
        return
    if body.get("schedulingStrategy") == "DAEMON":
        if asked == "ENABLED":
            yield "D159", "availabilityZoneRebalancing", "daemons are not moved between zones"
        return
    if reason := _immovable(body):
        if asked == "ENABLED":
            said = f"tasks cannot be moved between zones: {reason}"
            yield "D162", "availabilityZoneRebalancing", said
        elif asked is None:
            said = f"AWS moves tasks between zones unless told not to, and cannot: {reason}"
            yield "D312", "availabilityZoneRebalancing", said


def _immovable(body: Body) -> str:
    """Why tasks cannot be moved between zones; empty if they can."""
    if mapping(body.get(DEPLOYMENT)).get("maximumPercent") == 100:
        return "maximumPercent is 100"
    if body.get("launchType") == "EXTERNAL":
        return "EXTERNAL instances are in no zone"
    for _, strategy in objects(body.get("placementStrategy")):
        field = strategy.get("field")
        if unknown(field):
            break
        if strategy.get("type") != "spread" or field not in (_AZ, None):
            return f"the first placement strategy does not spread over {_AZ}"
        break
    for _, constraint in objects(body.get("placementConstraints")):
        if _AZ in text(constraint.get("expression")):
            return f"a placement constraint is on {_AZ}"
    for _, balancer in objects(body.get("loadBalancers")):
        if balancer.get("loadBalancerName"):
            return "it stands behind a Classic Load Balancer"
    return ""


# ---------------------------------------------------------------------------- the table

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
_CREATE = f"{_API}CreateService.html"
_CONFIGURATION = f"{_API}DeploymentConfiguration.html"

ROWS: tuple[Check, ...] = (
    Check(
        "D162",
        ERROR,
        "A deployment's minimum is 0 to 100 %, its maximum 100 % or more, and room is between them",
        _CONFIGURATION,
        "",
        "service",
    ),
    Check(
        "D163",
        ERROR,
        "Only the ECS deployment controller has a circuit breaker",
        f"{_API}DeploymentCircuitBreaker.html",
        "",
        "service",
    ),
    Check(
        "D302",
        WARNING,
        "A deployment has room to stop or to start a task",
        _CONFIGURATION,
        "lower minimumHealthyPercent, or raise maximumPercent",
        "run",
    ),
    Check(
        "D307",
        ERROR,
        "The threshold of a circuit breaker is 1 or more",
        f"{_API}ThresholdConfiguration.html",
        "",
        "service",
    ),
    Check(
        "D308",
        ERROR,
        "Alarms that end a deployment are named, and watched by the ECS controller only",
        f"{_API}DeploymentAlarms.html",
        "",
        "service",
    ),
    Check(
        "D309",
        ERROR,
        "What blue/green, linear and canary deployments need, and their ranges",
        _CONFIGURATION,
        "",
        "service",
    ),
    Check(
        "D310",
        ERROR,
        "A lifecycle hook names its stages and its function, and waits 1 to 20160 minutes",
        f"{_API}DeploymentLifecycleHook.html",
        "",
        "service",
    ),
    Check(
        "D311",
        ERROR,
        "Early success is of rolling deployments, from the minimum to 100 % healthy",
        f"{_API}DeploymentEarlySuccessCriteria.html",
        "",
        "service",
    ),
    Check(
        "D312",
        WARNING,
        "A service whose tasks cannot be moved between zones says so",
        f"{_GUIDE}service-rebalancing.html",
        "availabilityZoneRebalancing: DISABLED",
        "run",
    ),
)

ALONE: Alone = {}
AMONG: Among = {}
