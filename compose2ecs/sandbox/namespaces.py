"""Cloud Map: namespaces, which are made by and by, and the services in them.

Source: https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateHttpNamespace.html
"""

from __future__ import annotations

from collections.abc import Iterator

from compose2ecs.sandbox import tags
from compose2ecs.sandbox.errors import AwsError
from compose2ecs.sandbox.paging import page
from compose2ecs.sandbox.refuse import refuse
from compose2ecs.sandbox.states import Discovery, Namespace, Operation
from compose2ecs.sandbox.world import Body, Handler, World

_CODE = "InvalidInput"
_PAGE = 100
_TAGS = 200
_KINDS = {"HTTP": "HTTP", "DNS_PUBLIC": "DNS_PUBLIC", "DNS_PRIVATE": "DNS_PRIVATE"}


def settle(world: World) -> None:
    """Let namespaces go whose deletion is done."""
    for one in world.map.operations.values():
        if one.kind == "DELETE_NAMESPACE" and one.done <= world.now:
            world.map.namespaces.pop(one.targets["NAMESPACE"], None)


def ready(world: World, reference: str) -> Namespace | None:
    """The namespace of a name, id or ARN, if it can be used already."""
    for one in world.map.namespaces.values():
        if reference in (one.arn, one.name, one.id) and one.ready <= world.now:
            return one
    return None


# ---------------------------------------------------------------------------- namespaces


def _create(world: World, asked: Body, kind: str) -> Body:
    refuse("namespaces", asked, {}, _CODE)
    token = asked.get("CreatorRequestId", "")
    for done in world.map.operations.values():
        if token and done.token == token:
            return {"OperationId": done.id}
    for one in world.map.namespaces.values():
        if one.name == asked["Name"] and (kind == "HTTP") == (one.kind == "HTTP"):
            said = f"The namespace {one.name} that you are trying to create already exists."
            raise AwsError("NamespaceAlreadyExists", said, NamespaceId=one.id)
    if len(world.map.namespaces) >= world.quotas["namespaces"]:
        raise AwsError("ResourceLimitExceeded", "The limit of namespaces was reached.")
    given = tags.added(
        {}, tags.read(asked.get("Tags", ()), _CODE, "Key"), "TooManyTagsException", _TAGS
    )
    id_ = f"ns-{world.id(16)}"
    arn = world.arn("servicediscovery", f"namespace/{id_}")
    done_at = world.now + world.pace.namespace
    description = asked.get("Description", "")
    world.map.namespaces[id_] = Namespace(
        id_, asked["Name"], arn, kind, world.now, done_at, description, given
    )
    return _begin(world, "CREATE_NAMESPACE", {"NAMESPACE": id_}, token)


def _begin(world: World, kind: str, targets: dict[str, str], token: str = "") -> Body:
    id_ = f"{world.id()}-{world.id(8)}"
    done = world.now + world.pace.namespace
    world.map.operations[id_] = Operation(id_, kind, world.now, done, targets, token)
    return {"OperationId": id_}


def create_http(world: World, asked: Body) -> Body:
    """CreateHttpNamespace: it answers at once, and is done later."""
    return _create(world, asked, "HTTP")


def create_private(world: World, asked: Body) -> Body:
    """CreatePrivateDnsNamespace."""
    if asked["Vpc"] not in {one["VpcId"] for one in world.network.vpcs}:
        raise AwsError(_CODE, f"The VPC {asked['Vpc']} does not exist.")
    return _create(world, asked, "DNS_PRIVATE")


def _namespace(world: World, reference: str) -> Namespace:
    settle(world)
    for one in world.map.namespaces.values():
        if reference in (one.id, one.arn):
            return one
    raise AwsError("NamespaceNotFound", f"The namespace {reference} can't be found.")


def delete(world: World, asked: Body) -> Body:
    """DeleteNamespace: only one without services."""
    found = _namespace(world, asked["Id"])
    if any(one.namespace == found.id for one in world.map.services.values()):
        said = "The namespace contains one or more services. Delete the services, and try again."
        raise AwsError("ResourceInUse", said)
    for one in world.map.operations.values():
        if one.kind == "DELETE_NAMESPACE" and one.targets["NAMESPACE"] == found.id:
            return {"OperationId": one.id}
    return _begin(world, "DELETE_NAMESPACE", {"NAMESPACE": found.id})


def _described(world: World, one: Namespace) -> Body:
    services = sum(service.namespace == one.id for service in world.map.services.values())
    properties: Body = {"HttpProperties": {"HttpName": one.name}}
    if one.kind != "HTTP":
        properties["DnsProperties"] = {"HostedZoneId": f"Z{one.id[3:].upper()}", "SOA": {"TTL": 15}}
    return {
        "Id": one.id,
        "Arn": one.arn,
        "Name": one.name,
        "Type": _KINDS[one.kind],
        "Description": one.description,
        "ServiceCount": services,
        "Properties": properties,
        "CreateDate": one.created,
    }


def get(world: World, asked: Body) -> Body:
    """GetNamespace."""
    return {"Namespace": _described(world, _namespace(world, asked["Id"]))}


def list_namespaces(world: World, asked: Body) -> Body:
    """ListNamespaces: with filters by TYPE, NAME and HTTP_NAME."""
    settle(world)
    found = [
        _described(world, one) for one in world.map.namespaces.values() if one.ready <= world.now
    ]
    for wanted in asked.get("Filters", ()):
        found = [one for one in found if _matches(_filtered(one, wanted["Name"]), wanted)]
    items, token = page(found, asked.get("MaxResults", _PAGE), asked.get("NextToken"), _CODE)
    return {"Namespaces": items, "NextToken": token}


def _filtered(one: Body, name: str) -> str:
    if name == "HTTP_NAME":
        return str(one["Properties"]["HttpProperties"]["HttpName"])
    return str(one["Type"] if name == "TYPE" else one["Name"] if name == "NAME" else "")


def _matches(value: str, wanted: Body) -> bool:
    condition, values = wanted.get("Condition", "EQ"), wanted["Values"]
    if condition == "BEGINS_WITH":
        return any(value.startswith(one) for one in values)
    return value in values


def get_operation(world: World, asked: Body) -> Body:
    """GetOperation: PENDING until it is done."""
    settle(world)
    found = world.map.operations.get(asked["OperationId"])
    if found is None:
        raise AwsError("OperationNotFound", "No operation exists with the specified ID.")
    finished = found.done <= world.now
    return {
        "Operation": {
            "Id": found.id,
            "Type": found.kind,
            "Status": "SUCCESS" if finished else "PENDING",
            "CreateDate": found.created,
            "UpdateDate": min(found.done, world.now),
            "Targets": found.targets,
        }
    }


# ---------------------------------------------------------------------------- services


def add_service(
    world: World, namespace: Namespace, name: str, body: Body, owner: str = ""
) -> Discovery:
    """Make a service; raises AwsError if the namespace has one of that name."""
    for one in world.map.services.values():
        if one.namespace == namespace.id and one.name == name:
            said = f"Service already exists: {name}"
            raise AwsError("ServiceAlreadyExists", said, ServiceId=one.id)
    id_ = f"srv-{world.id(16)}"
    arn = world.arn("servicediscovery", f"service/{id_}")
    found = Discovery(id_, name, arn, namespace.id, world.now, body, {}, owner)
    world.map.services[id_] = found
    return found


def create_service(world: World, asked: Body) -> Body:
    """CreateService."""
    namespace = _namespace(world, asked.get("NamespaceId", ""))
    kept = ("DnsConfig", "HealthCheckCustomConfig")
    body: Body = {key: asked[key] for key in kept if key in asked}
    found = add_service(world, namespace, asked["Name"], body)
    given = tags.read(asked.get("Tags", ()), _CODE, "Key")
    found.tags = tags.added({}, given, "TooManyTagsException", _TAGS)
    return {"Service": _service(found)}


def _service(one: Discovery) -> Body:
    return {
        "Id": one.id,
        "Arn": one.arn,
        "Name": one.name,
        "NamespaceId": one.namespace,
        "InstanceCount": len(one.instances),
        "CreateDate": one.created,
        "Type": "DNS_HTTP" if "DnsConfig" in one.body else "HTTP",
        **one.body,
    }


def _found(world: World, reference: str) -> Discovery:
    for one in world.map.services.values():
        if reference in (one.id, one.arn):
            return one
    raise AwsError("ServiceNotFound", f"The service {reference} can't be found.")


def get_service(world: World, asked: Body) -> Body:
    """GetService."""
    return {"Service": _service(_found(world, asked["Id"]))}


def list_services(world: World, asked: Body) -> Body:
    """ListServices: with a filter by NAMESPACE_ID."""
    found = list(world.map.services.values())
    for wanted in asked.get("Filters", ()):
        if wanted["Name"] == "NAMESPACE_ID":
            found = [one for one in found if one.namespace in wanted["Values"]]
    items, token = page(found, asked.get("MaxResults", _PAGE), asked.get("NextToken"), _CODE)
    return {"Services": [_service(one) for one in items], "NextToken": token}


def delete_service(world: World, asked: Body) -> Body:
    """DeleteService: only one without instances."""
    found = _found(world, asked["Id"])
    if found.instances:
        said = "The service contains registered instances and can't be deleted."
        raise AwsError("ResourceInUse", said)
    del world.map.services[found.id]
    return {}


# ---------------------------------------------------------------------------- tags


def tagged(world: World) -> Iterator[tuple[str, tags.Tags]]:
    """Namespaces and services with their tags, by ARN."""
    for namespace in world.map.namespaces.values():
        yield namespace.arn, namespace.tags
    for service in world.map.services.values():
        yield service.arn, service.tags


def _tags(world: World, asked: Body) -> tags.Tags:
    settle(world)
    for arn, found in tagged(world):
        if arn == asked["ResourceARN"]:
            return found
    raise AwsError("ResourceNotFoundException", f"Resource {asked['ResourceARN']} not found.")


def tag(world: World, asked: Body) -> Body:
    """TagResource."""
    found = _tags(world, asked)
    given = tags.read(asked["Tags"], _CODE, "Key")
    found.update(tags.added(found, given, "TooManyTagsException", _TAGS))
    return {}


def untag(world: World, asked: Body) -> Body:
    """UntagResource."""
    found = _tags(world, asked)
    for key in asked["TagKeys"]:
        found.pop(key, None)
    return {}


def list_tags(world: World, asked: Body) -> Body:
    """ListTagsForResource."""
    return {"Tags": tags.shown(_tags(world, asked), "Key")}


OPERATIONS: dict[str, Handler] = {
    "CreateHttpNamespace": create_http,
    "CreatePrivateDnsNamespace": create_private,
    "DeleteNamespace": delete,
    "GetNamespace": get,
    "ListNamespaces": list_namespaces,
    "GetOperation": get_operation,
    "CreateService": create_service,
    "GetService": get_service,
    "ListServices": list_services,
    "DeleteService": delete_service,
    "TagResource": tag,
    "UntagResource": untag,
    "ListTagsForResource": list_tags,
}
