"""An AWS of one's own: what a project needs of it, as strict as the real one.

It is a part of the product that only tests and `compose2ecs sandbox` import: `Sandbox` answers
boto3 clients in the same process, or AWS's tools over HTTP on this machine. ECS, Elastic Load
Balancing, CloudWatch Logs, Cloud Map, Application Auto Scaling, EventBridge Scheduler, the tagging
API, and what is asked of IAM, STS and EC2 are its own; everything else is moto's.
"""

from __future__ import annotations

from compose2ecs.sandbox.box import Sandbox
from compose2ecs.sandbox.clock import Clock, RunningClock
from compose2ecs.sandbox.errors import AwsError, Killed
from compose2ecs.sandbox.throttle import Rate

__all__ = ["AwsError", "Clock", "Killed", "Rate", "RunningClock", "Sandbox"]
