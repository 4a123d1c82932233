"""`x-ecs.autoscaling` as Application Auto Scaling: what it is for, policies, and changes by clock.

Sources: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
and https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
"""

from __future__ import annotations

from collections.abc import Mapping

from compose2ecs import codes
from compose2ecs.compose.model import Service
from compose2ecs.ecs.endpoints import Endpoint
from compose2ecs.ecs.facts.scaling import Autoscaling, Scheduled, Step
from compose2ecs.ecs.groups import Group, runs_once
from compose2ecs.ecs.model import Ref
from compose2ecs.ecs.rules.resources import memory_mib
from compose2ecs.ecs.scope import Body
from compose2ecs.ecs.storage import is_shared
from compose2ecs.ecs.work import Work
from compose2ecs.limits import DEFAULT_RESERVATION
from compose2ecs.names import ecs_name, target_group_name

_METRICS = {
    "cpu": "ECSServiceAverageCPUUtilization",
    "memory": "ECSServiceAverageMemoryUtilization",
    "requests": "ALBRequestCountPerTarget",
}
_POLICIES = (*_METRICS, "steps", "schedule")


def define_scaling(
    groups: list[Group], endpoints: Mapping[str, list[Endpoint]], work: Work
) -> None:
    """Scalable targets, policies and scheduled actions; the services and target groups are there."""
    served = {name for group in groups for name in group.members}
    for service in work.services.values():
        facts = work.facts(service)
        if facts.autoscaling and service.key not in served and not runs_once(service, work):
            place = facts.written["autoscaling"]
            work.say(codes.SCALING_WITHOUT_SERVICE, place, service)
    for group in groups:
        chosen = _chosen(group, work)
        if chosen is not None:
            _Scaling(group, chosen, work).define(endpoints.get(group.name, []))


def _chosen(group: Group, work: Work) -> Service | None:
    """The service that says how the task scales; others may say the same."""
    first: Service | None = None
    said: Autoscaling | None = None
    for name in group.members:
        service = work.services[name]
        facts = work.facts(service)
        wanted: Autoscaling | None = facts.autoscaling
        if wanted is None:
            continue
        if first is None or said is None:
            first, said = service, wanted
        elif _plain(wanted) != _plain(said):
            place = facts.written["autoscaling"]
            work.say(codes.SCALING_DIFFERS, place, service, other=first.key)
    return first


def _plain(facts: Autoscaling) -> Autoscaling:
    """What is said, wherever it stands."""
    return facts._replace(
        steps=tuple(step._replace(place=0) for step in facts.steps),
        schedule=tuple(change._replace(place=0, written={}) for change in facts.schedule),
        place=0,
        written={},
    )


class _Scaling:
    """The scaling of one task's service."""

    def __init__(self, group: Group, service: Service, work: Work) -> None:
        self.group, self.service, self.work = group, service, work
        self.facts: Autoscaling = work.facts(service).autoscaling
        self.name = work.name(group.name)
        cluster = work.fact("cluster").rpartition("/")[2]  # of an ARN, the name
        self.subject: Body = {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{cluster}/{self.name}",
            "ScalableDimension": "ecs:service:DesiredCount",
        }

    def define(self, endpoints: list[Endpoint]) -> None:
        facts, work, service = self.facts, self.work, self.service
        body = work.resources["services"][self.name].body
        if body.get("schedulingStrategy") == "DAEMON":
            work.say(codes.SCALING_DAEMON, facts.place, service)
            return
        self.add(
            "scalable-targets",
            self.name,
            {
                **self.subject,
                "MinCapacity": facts.min,
                "MaxCapacity": facts.max,
                "Tags": work.tags(self.group.name, work.facts(service).tags),
            },
        )
        if not any(key in facts.written for key in _POLICIES):
            work.say(codes.SCALING_WITHOUT_POLICY, facts.place, service)
        self.start_within(body)
        self.check_state()
        self.check_reserved()
        measured = [key for key in _METRICS if getattr(facts, key) is not None]
        for key in measured:
            label = self.label(endpoints) if key == "requests" else None
            self.track(key, label)
        if facts.min == 0 < facts.max and measured:
            place = facts.written.get("min", facts.place)
            work.say(codes.SCALING_FROM_ZERO, place, service, keys=" and ".join(measured))
        if facts.steps:
            self.step()
        self.check_cooldowns(bool(measured))
        for number, change in enumerate(facts.schedule, 1):
            self.change(change, ecs_name(f"{self.name}-schedule-{number}"))

    def add(self, kind: str, name: str, body: Body) -> None:
        self.work.add(kind, name, body, self.group.members)

    def start_within(self, body: Body) -> None:
        """The service starts with a number of tasks that scaling would leave alone."""
        facts, service, wanted = self.facts, self.service, body["desiredCount"]
        count = min(max(wanted, facts.min), facts.max)
        if count == wanted:
            return
        body["desiredCount"] = count
        members = [self.work.services[name] for name in self.group.members]
        place = next((place for one in members if (place := _counts(one))), 0)
        self.work.say(
            codes.SCALING_MOVED if place else codes.SCALING_START,
            place or facts.written.get("min", facts.place),
            service,
            count=count,
            written=wanted,
            low=facts.min,
            high=facts.max,
        )

    def check_state(self) -> None:
        if self.facts.max < 2:
            return
        task = self.work.resources["task-definitions"][self.name].body
        apart = {
            volume["name"]: self.work.volume_names[volume["name"]]
            for volume in task.get("volumes", ())
            if volume["name"] in self.work.volume_names and is_shared(volume) is not True
        }
        written = [
            apart[point["sourceVolume"]]
            for container in task["containerDefinitions"]
            for point in container.get("mountPoints", ())
            if point["sourceVolume"] in apart and not point.get("readOnly")
        ]
        if written:
            volumes = " and ".join(dict.fromkeys(written))
            place = self.facts.written["max"]
            self.work.say(codes.SCALING_STATE, place, self.service, volumes=volumes)

    def check_reserved(self) -> None:
        """A share of nothing is no target."""
        facts, work, service = self.facts, self.work, self.service
        if self.group.launch.fargate:
            return  # the size of the task is reserved
        task = work.resources["task-definitions"][self.name].body
        containers = task["containerDefinitions"]
        if facts.cpu is not None and not any(container.get("cpu") for container in containers):
            work.say(codes.SCALING_NO_CPU, facts.written["cpu"], service)
        together = [work.services[name] for name in self.group.members]
        if facts.memory is not None and all(
            memory_mib(s, work.target) == (None, None) for s in together
        ):
            guessed = sum(c.get("memoryReservation", DEFAULT_RESERVATION) for c in containers)
            work.say(codes.SCALING_GUESSED_MEMORY, facts.written["memory"], service, mib=guessed)

    def check_cooldowns(self, measured: bool) -> None:
        """A policy of steps has one cooldown, whichever way it goes; a schedule has none."""
        facts, work, service = self.facts, self.work, self.service
        if measured or not any(key in facts.written for key in _POLICIES):
            return
        adds = any(step.change > 0 for step in facts.steps)
        used = "scale_out_cooldown" if adds else "scale_in_cooldown"
        both = adds and any(step.change < 0 for step in facts.steps)
        for key in ("scale_out_cooldown", "scale_in_cooldown"):
            if key not in facts.written or (facts.steps and key == used):
                continue
            place = facts.written[key]
            if both and used in facts.written:
                work.say(codes.SCALING_ONE_COOLDOWN, place, service, key=key, used=used)
            else:
                work.say(codes.SCALING_COOLDOWN_LOST, place, service, key=key)

    def track(self, key: str, label: str | None) -> None:
        """A policy that keeps a metric near a value."""
        metric: Body = {"PredefinedMetricType": _METRICS[key]}
        if label is not None:
            metric["ResourceLabel"] = label
        value: float = getattr(self.facts, key)
        tracking: Body = {
            "TargetValue": _short(value),
            "PredefinedMetricSpecification": metric,
        }
        if self.facts.scale_out_cooldown is not None:
            tracking["ScaleOutCooldown"] = self.facts.scale_out_cooldown
        if self.facts.scale_in_cooldown is not None:
            tracking["ScaleInCooldown"] = self.facts.scale_in_cooldown
        self.policy(key, "TargetTrackingScaling", tracking)

    def policy(self, key: str, kind: str, configuration: Body) -> str:
        name = ecs_name(f"{self.name}-{key}")
        body = {
            "PolicyName": name,
            **self.subject,
            "PolicyType": kind,
            f"{kind}PolicyConfiguration": configuration,
        }
        self.add("scaling-policies", name, body)
        return name

    def label(self, endpoints: list[Endpoint]) -> str:
        """The load balancer and the target group whose requests count."""
        work, place = self.work, self.facts.written["requests"]
        made = work.resources.get("target-groups", {})
        own = [e for e in endpoints if e.service is self.service] or endpoints
        balanced = [e for e in own if target_group_name(e.name) in made]
        counted = [
            e
            for e in balanced
            if made[target_group_name(e.name)].body["Protocol"].startswith("HTTP")
        ]
        if not counted:
            code = codes.SCALING_NOT_COUNTED if balanced else codes.SCALING_NOT_BALANCED
            work.say(code, place, self.service)
            return "-"
        if len(counted) > 1:
            work.say(codes.SCALING_ONE_ENDPOINT, place, self.service, port=counted[0].port)
        group = target_group_name(counted[0].name)
        identity = Ref("target-group", group, "id")
        work.placeholders.setdefault(
            str(identity), "the last part of the ARN that target-groups/ makes"
        )
        return f"{self.balancer()}/targetgroup/{group}/{identity}"

    def balancer(self) -> str:
        """The load balancer as a label has it, `app/NAME/ID`, which its listener's ARN holds."""
        parts = (self.work.target.listener or "").partition(":listener/")[2].split("/")
        if len(parts) == 4:
            return "/".join(parts[:3])
        ref = Ref("load-balancer", attribute="")
        how = "app/NAME/ID, the end of its ARN; --listener with the ARN of a listener supplies it"
        self.work.placeholders.setdefault(str(ref), how)
        return ref

    def step(self) -> None:
        """A policy of steps, for an alarm of the user's."""
        facts, work, service = self.facts, self.work, self.service
        steps = sorted(facts.steps, key=lambda step: (step.lower is not None, step.lower or 0.0))
        for reason, place in _step_faults(steps):
            work.say(codes.SCALING_STEPS, place, service, reason=reason)
        adds = any(step.change > 0 for step in steps)
        cooldown = facts.scale_out_cooldown if adds else facts.scale_in_cooldown
        configuration: Body = {
            "AdjustmentType": "PercentChangeInCapacity" if steps[0].percent else "ChangeInCapacity",
            "StepAdjustments": [_adjustment(step) for step in steps],
            "MetricAggregationType": "Average",
        }
        if cooldown is not None:
            configuration["Cooldown"] = cooldown
        name = self.policy("steps", "StepScaling", configuration)
        work.say(codes.SCALING_ALARM, facts.written["steps"], service, name=name)

    def change(self, change: Scheduled, name: str) -> None:
        """New bounds at a time."""
        when = change.when
        if when.startswith("cron("):
            fields = when[5:-1].split()
            if (fields[2] == "?") == (fields[4] == "?"):
                self.work.say(codes.SCALING_CRON, change.written["when"], self.service, when=when)
        body = {**self.subject, "ScheduledActionName": name, "Schedule": when}
        if change.timezone is not None:
            body["Timezone"] = change.timezone
        bounds = {"MinCapacity": change.min, "MaxCapacity": change.max}
        body["ScalableTargetAction"] = {k: v for k, v in bounds.items() if v is not None}
        self.add("scheduled-actions", name, body)


def _counts(service: Service) -> int:
    """Where the number of copies is written."""
    if service.deploy is not None and "replicas" in service.deploy.written:
        return service.deploy.written["replicas"]
    return service.written.get("scale", 0)


def _adjustment(step: Step) -> Body:
    body: Body = {}
    if step.lower is not None:
        body["MetricIntervalLowerBound"] = _short(step.lower)
    if step.upper is not None:
        body["MetricIntervalUpperBound"] = _short(step.upper)
    body["ScalingAdjustment"] = step.change
    return body


def _short(value: float) -> float:
    """A number without a fraction that is none."""
    return int(value) if value.is_integer() else value


def _step_faults(steps: list[Step]) -> list[tuple[str, int]]:
    """What AWS has against these steps, the lowest of which comes first."""
    found: list[tuple[str, int]] = []
    for before, after in zip([None, *steps], steps, strict=False):
        if after.lower is not None and after.upper is not None and after.lower >= after.upper:
            found.append(
                (f"the step from {after.lower:g} to {after.upper:g} is empty", after.place)
            )
        if before is None:
            if after.lower is not None and after.lower < 0:
                found.append((f"no step covers what is below {after.lower:g}", after.place))
        elif before.upper is None or after.lower is None or before.upper > after.lower:
            found.append(("two steps overlap", after.place))
        elif before.upper < after.lower:
            text = f"no step covers what is between {before.upper:g} and {after.lower:g}"
            found.append((text, after.place))
        if before is not None and before.percent != after.percent:
            text = "one policy has steps in tasks or in percent, and these are both"
            found.append((text, after.place))
    last = steps[-1]
    if last.upper is not None and last.upper > 0:
        found.append((f"no step covers what is above {last.upper:g}", last.place))
    return found
