"""Service keys that no rule uses: what becomes of each, and why.

`ignored` makes no difference on ECS (info); `lost` is something the file says that ECS cannot do
(warning). Every key of Compose's is in here or used by a rule: a test holds the two together.
"""

from __future__ import annotations

from typing import NamedTuple


class Unsupported(NamedTuple):
    """Why a key has no effect, and what to do about it."""

    lost: bool
    reason: str
    hint: str = ""


def _ignored(reason: str) -> Unsupported:
    return Unsupported(False, reason)


def _lost(reason: str, hint: str = "") -> Unsupported:
    return Unsupported(True, reason, hint)


_NO_FIELD = "ECS has no field for it"

KEYS: dict[str, Unsupported] = {
    "annotations": _lost(_NO_FIELD, "use `labels`, which become Docker labels"),
    "attach": _ignored("it only says whether `docker compose up` shows the logs"),
    "blkio_config": _lost(_NO_FIELD),
    "cgroup": _lost(_NO_FIELD),
    "cgroup_parent": _lost("the ECS agent sets the cgroup itself"),
    "cpu_percent": _lost("it is for Windows containers only", "use `cpus`"),
    "cpu_rt_period": _lost(_NO_FIELD),
    "cpu_rt_runtime": _lost(_NO_FIELD),
    "cpuset": _lost("ECS does not pin containers to CPUs", "use `cpus` to limit them"),
    "credential_spec": _lost(
        "ECS reads it from S3 or SSM, not from a file",
        "name its ARN: x-ecs: {overrides: {container: {credentialSpecs: [...]}}}",
    ),
    "develop": _ignored("it is for `docker compose watch`"),
    "device_cgroup_rules": _lost(_NO_FIELD, "name the devices under `devices`"),
    "dns_opt": _lost(_NO_FIELD),
    "domainname": _lost(_NO_FIELD, "write the full name as `hostname`"),
    "external_links": _lost(
        "containers outside the project are not on ECS",
        "declare the service with `x-ecs: {external: host:port}`",
    ),
    "group_add": _lost(_NO_FIELD, "set the group with `user: uid:gid`, or in the image"),
    "isolation": _ignored("it is for Windows containers only"),
    "mac_address": _lost(_NO_FIELD),
    "models": _lost("ECS runs no models", "run the model as a service, or use a hosted one"),
    "oom_kill_disable": _lost(_NO_FIELD),
    "oom_score_adj": _lost(_NO_FIELD),
    "pids_limit": _lost(_NO_FIELD, "set ECS_TASK_PIDS_LIMIT in the agent's configuration"),
    "post_start": _lost("ECS has no hooks", "do it in the image's entry point"),
    "pre_stop": _lost("ECS has no hooks", "handle SIGTERM in the process"),
    "provider": _lost("a provider runs on the machine of `docker compose`, not on ECS"),
    "pull_policy": _ignored("the ECS agent decides with ECS_IMAGE_PULL_BEHAVIOR"),
    "pull_refresh_after": _ignored("the ECS agent decides with ECS_IMAGE_PULL_BEHAVIOR"),
    "runtime": _lost("the instance's default runtime is used"),
    "stop_signal": _lost(
        "ECS stops containers with SIGTERM unless the image says otherwise",
        "put STOPSIGNAL into the Dockerfile",
    ),
    "use_api_socket": _lost("there is no Docker API to hand to the container"),
    "userns_mode": _lost(_NO_FIELD),
    "uts": _lost(_NO_FIELD),
}

# Values that ask for what ECS does anyway.
_AS_IT_IS: dict[str, tuple[object, ...]] = {
    "cgroup": ("private",),
    "pids_limit": (-1,),
    "runtime": ("runc",),
    "stop_signal": ("SIGTERM", "TERM", "15"),
}


def asks_nothing(key: str, value: object) -> bool:
    """Whether a value says nothing that ECS does not do anyway.

    >>> asks_nothing("oom_score_adj", 0), asks_nothing("stop_signal", "SIGINT")
    (True, False)
    """
    if key == "attach":
        return False
    return not value or value in _AS_IT_IS.get(key, ())
