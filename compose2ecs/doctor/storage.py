"""What tasks need beside themselves: images, log groups, a namespace, file systems.

Sources: https://docs.aws.amazon.com/AmazonECR/latest/userguide/what-is-ecr.html,
https://docs.aws.amazon.com/cloud-map/latest/dg/cloud-map-limits.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from compose2ecs.doctor.ask import Ask
from compose2ecs.doctor.model import Found, failure, listed, ok, unknown, warning
from compose2ecs.doctor.subject import Subject, Work
from compose2ecs.iam.scope import containers_of, log_groups, repository_of
from compose2ecs.plan import tags
from compose2ecs.plan.errors import AwsError

NAMESPACES = 50  # of a region, unless AWS was asked for more
_NAMESPACES = ("servicediscovery", "L-0FE3F50E")


def images(subject: Subject, ask: Ask) -> Found:
    """Images in Amazon ECR are there."""
    found: list[str] = []
    elsewhere: set[str] = set()
    for image in sorted({str(one.get("image", "")) for one in containers_of(subject.stack)}):
        if image.startswith("<"):
            continue  # the settings say so
        repository = repository_of(image)
        if repository is None:
            elsewhere.add(_registry(image))
            continue
        account, region, name, which = repository
        if region != subject.region:
            elsewhere.add(f"ECR in {region}")
            continue
        try:
            if ask.looks.has_image(account, name, which):
                found.append(image)
                continue
        except AwsError as error:
            if error.code != "RepositoryNotFoundException":
                raise
            yield failure(
                f"there is no repository {name} in the registry of {account}",
                f"aws ecr create-repository --repository-name {name}, then push the image",
            )
            continue
        yield failure(f"{image} is not in its repository", f"docker push {image}")
    if found:
        yield ok(f"{len(found)} images are in ECR")
    if elsewhere:
        yield unknown(f"images of {listed(elsewhere)}: only ECR in {subject.region} is asked")


def _registry(image: str) -> str:
    """The registry of an image, by Docker's rule.

    >>> _registry("redis:7"), _registry("ghcr.io/a/b"), _registry("team/web")
    ('Docker Hub', 'ghcr.io', 'Docker Hub')
    """
    first, slash, _ = image.partition("/")
    hosted = slash and ("." in first or ":" in first or first == "localhost")
    return first if hosted else "Docker Hub"


def logs(subject: Subject, ask: Ask) -> Found:
    """Log groups that others make are there, and lines are not kept for ever."""
    made = subject.bodies("log-groups")
    names = {str(body["logGroupName"]) for body in made.values()}
    kept = {str(body["logGroupName"]) for body in subject.bodies("log-group-retention").values()}
    wanted = {one.name: one for one in log_groups(subject.stack) if one.name[:1] != "<"}
    good = []
    for name in sorted({*names, *wanted}):
        one = wanted.get(name)
        if one is not None and one.region not in ("", subject.region):
            yield unknown(f"the log group {name}: it is in {one.region}")
            continue
        there = ask.logs.group(name)
        if there is None and name not in names and one is not None and not one.by_driver:
            yield failure(
                f"there is no log group {name}, and the stack does not make it",
                f"aws logs create-log-group --log-group-name {name}",
            )
        elif not (there or {}).get("retentionInDays") and name not in kept:
            yield warning(
                f"the log group {name} keeps its lines for ever",
                "x-ecs: {logs: {retention_days: 14}}, or aws logs put-retention-policy",
            )
        else:
            good.append(name)
    if good:
        yield ok(f"lines are kept for a time only ({listed(good)})")


def namespaces(subject: Subject, ask: Ask) -> Found:
    """The namespace of Service Connect is there, is ours, or can be made."""
    wanted = [str(body["Name"]) for body in subject.bodies("namespaces").values()]
    if not wanted:
        return
    known = ask.servicediscovery.names()
    new = [name for name in wanted if name not in known]
    for name in sorted(set(wanted) - set(new)):
        yield from _whose(name, subject, ask)
    if not new:
        return
    try:
        quota = ask.looks.quota(*_NAMESPACES)
    except AwsError:
        quota = None  # AWS's default is as good a guess as any
    most = int(quota or NAMESPACES)
    after = len(known) + len(new)
    text = f"the region has {len(known)} namespaces, {after} with this stack's, of {most}"
    if after > most:
        yield failure(
            text,
            "remove stacks that nobody needs, or aws service-quotas request-service-quota-increase"
            f" --service-code {_NAMESPACES[0]} --quota-code {_NAMESPACES[1]} --desired-value"
            f" {most * 2}",
        )
    else:
        yield ok(text)


def _whose(name: str, subject: Subject, ask: Ask) -> Found:
    there = ask.servicediscovery.namespace(name)
    said = ask.servicediscovery.tags(there["Arn"]) if there is not None else None
    if tags.is_of(said, subject.stack.project, subject.stack.name):
        yield ok(f"the namespace {name} is this stack's")
        return
    yield failure(
        f"there is a namespace {name} already, and {tags.owner(said)}",
        "give the project another name (-p), or set discovery to `none`",
    )


# ---------------------------------------------------------------------------- EFS


def file_systems(subject: Subject, ask: Ask) -> Found:
    """File systems are there, and can be mounted where the tasks run."""
    wanted: dict[str, list[Work]] = {}
    points: dict[str, str] = {}
    for work in subject.works:
        for volume in work.task.get("volumes", ()):
            said: dict[str, Any] = volume.get("efsVolumeConfiguration", {})
            if said:
                wanted.setdefault(str(said["fileSystemId"]), []).append(work)
                point = said.get("authorizationConfig", {}).get("accessPointId")
                if point:
                    points[str(point)] = str(said["fileSystemId"])
    good = []
    for id_, works in sorted(wanted.items()):
        there = ask.looks.file_system(id_)
        if there is None:
            yield failure(f"there is no file system {id_} in {subject.region}", "look at its id")
            continue
        if there.get("LifeCycleState", "available") != "available":
            yield failure(f"the file system {id_} is {there['LifeCycleState']}")
            continue
        zones = {str(one.get("AvailabilityZoneName")) for one in ask.looks.mount_targets(id_)}
        bare = sorted(_zones(works, subject, ask) - zones)
        if bare:
            yield failure(
                f"{id_} has no mount target in {listed(bare)}, where"
                f" {listed([work.name for work in works])} may run",
                f"aws efs create-mount-target --file-system-id {id_} --subnet-id ...",
            )
            continue
        good.append(id_)
    for point, id_ in sorted(points.items()):
        found = ask.looks.access_point(point)
        if found is None or found.get("FileSystemId") != id_:
            yield failure(f"there is no access point {point} of {id_}", "look at its id")
    if good:
        yield ok(f"{listed(good)} can be mounted where tasks run")


def _zones(works: Iterable[Work], subject: Subject, ask: Ask) -> set[str]:
    """The zones in which tasks may run: those of their subnets, or of the instances."""
    nets: set[str] = set()
    on_instances = False
    for work in works:
        if work.mode == "awsvpc":
            nets |= {str(id_) for id_ in work.network.get("subnets", ())}
        else:
            on_instances = True
    known = sorted(id_ for id_ in nets if not id_.startswith("<"))
    found = {str(one["AvailabilityZone"]) for one in ask.ec2.subnets(known)} if known else set()
    if on_instances and subject.cluster:
        there = ask.ecs.cluster(subject.cluster)
        if there is not None and there.get("status") == "ACTIVE":
            for instance in ask.ecs.container_instances(subject.cluster):
                for one in instance.get("attributes", ()):
                    if one.get("name") == "ecs.availability-zone":
                        found.add(str(one.get("value")))
    return found
