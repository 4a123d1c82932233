"""Diagnostics of what is deployed; `convert` has no use for them and never loads them."""

from __future__ import annotations

from compose2ecs.report import ERROR, INFO, Code

UNRESOLVED = Code("unresolved", ERROR, "{placeholder} is not known: {how}")
NO_LISTENER = Code(
    "no-listener",
    INFO,
    "no load balancer's listener is given, so nothing is routed: each port is reached at its"
    " instance's address",
    "--listener, or x-ecs: {{listener: ...}}; `none` says that this is meant",
)
NO_LOAD_BALANCER = Code(
    "no-load-balancer", ERROR, "there is no load balancer {name!r} in {region}", "{known}"
)
NO_SUCH_LISTENER = Code(
    "no-such-listener",
    ERROR,
    "the load balancer {name!r} has no listener on port {port}",
    "it listens on: {known}",
)
NO_REGION = Code(
    "no-region",
    ERROR,
    "no AWS region is given",
    "--region, AWS_REGION, a profile that has one, or x-ecs: {{region: ...}}",
)
UNKNOWN_SERVICE = Code(
    "unknown-service", ERROR, "there is no service {name!r} to deploy", "there are: {known}"
)
BAD_PLAN = Code("bad-plan", ERROR, "{path} is no plan that can be carried out: {reason}")
