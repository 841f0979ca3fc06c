"""What all resources of Resource Manager have in common: put, get, list, tags, delete, etags, states, operations.

A service module describes its resources as `Kind`s; `routes_of` makes their routes. Invariant: a resource is changed
only when it and all above it exist and no other operation runs on it, and in the same step its operation is recorded.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skyclust.sandbox.azure import catalog, models, operations
from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, Route, new_etag, parent_of, shown
from skyclust.sandbox.azure.counting import check_count
from skyclust.sandbox.azure.errors import (
    ArmError,
    Json,
    another_operation,
    bad_request,
    child_not_found,
    precondition_failed,
    resource_not_found,
)
from skyclust.sandbox.azure.governance import check_policy, check_unlocked
from skyclust.sandbox.azure.listing import list_answer

_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
_PLUMBING = {"id", "name", "type", "etag"}
ANY_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,78}[A-Za-z0-9_])?")


@dataclass(frozen=True)
class Change:
    """A put on its way: `new` is the checked body, `old` the document it replaces."""

    call: Call
    id: str
    new: Json
    old: Json | None
    location: str

    @property
    def properties(self) -> Json:
        return dict(self.new.get("properties", {}))


def _as_given(_cloud: Cloud, change: Change) -> Json:
    return {"properties": change.properties}


def _nobody(_cloud: Cloud, _document: Json) -> None:
    """Nothing uses it."""


def _as_is(_cloud: Cloud, document: Json) -> Json:
    return document


@dataclass(frozen=True)
class Kind:
    """A resource type.

    complete    checks a put and gives the fields of the document, among them `properties`
    check_free  raises while something uses the resource
    render      adds to the document what other documents know (the subnets of a network)
    removed     what goes with the resource when it goes
    """

    type: str
    noun: str
    model: str = ""
    complete: Callable[[Cloud, Change], Json] = _as_given
    check_free: Callable[[Cloud, Json], None] = _nobody
    render: Callable[[Cloud, Json], Json] = _as_is
    removed: Callable[[Cloud, Json], None] = _nobody
    name_rule: re.Pattern[str] = ANY_NAME
    tracked: bool = True
    synchronous: bool = False

    @property
    def collection(self) -> str:
        return self.type.lower()

    @property
    def namespace(self) -> str:
        return self.type.partition("/")[0]

    @property
    def plural(self) -> str:
        return self.type.rsplit("/", 1)[-1]

    def show(self, cloud: Cloud, document: Json) -> Json:
        found: Json = shown(self.render(cloud, document))
        return found


# finding


def id_in(cloud: Cloud, call: Call, kind: Kind) -> str:
    """The id that the URL names, in the case of what exists; everything above it must exist."""
    words = kind.type.split("/")
    group = cloud.group(call.path["group"])
    found = f"{group['id']}/providers/{words[0]}"
    for depth, word in enumerate(words[1:]):
        found += f"/{word}/{call.path[f'name{depth}']}"
        if depth < len(words) - 2:
            above = cloud.get("/".join(words[: depth + 2]).lower(), found.lower())
            if above is None:
                raise resource_not_found("/".join(words[: depth + 2]), call.path[f"name{depth}"], group["name"])
            found = str(above["id"])
    return found


def existing(cloud: Cloud, call: Call, kind: Kind) -> Json:
    wanted = id_in(cloud, call, kind)
    found = cloud.get(kind.collection, wanted.lower())
    if found is not None:
        return found
    if kind.tracked:
        raise resource_not_found(kind.type, wanted.rsplit("/", 1)[-1], call.path["group"])
    raise child_not_found(wanted)


def referenced(cloud: Cloud, collection: str, reference: Any, user: str, *, settled: bool = True) -> Json:
    """The document that `{"id": ...}` in a body names; it must be there and, as Azure demands, not be changing."""
    wanted = str(reference.get("id", "")) if isinstance(reference, dict) else ""
    found = cloud.get(collection.lower(), wanted.lower())
    if found is None:
        raise bad_request(
            "InvalidResourceReference",
            f"Resource {wanted or '(no id)'} referenced by resource {user} was not found. Please make sure that the "
            "referenced resource exists, and that both resources are in the same region.",
        )
    if settled and operations.is_busy(cloud, found):
        raise ArmError(
            429,
            "ReferencedResourceNotProvisioned",
            f"Cannot proceed with operation because resource {found['id']} used by resource {user} is not in "
            "Succeeded state. Resource is in Updating state and the last operation that updated/is updating the "
            "resource is Put.",
            headers=operations.retry_after(cloud, "Microsoft.Network"),
        )
    return found


# the verbs


def get(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    document = existing(cloud, call, kind)
    headers = {"etag": document["etag"]} if "etag" in document else {}
    return Answer(200, kind.show(cloud, document), headers)


def list_in(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    """Those of a resource group, or of the resource above."""
    last = f"name{kind.type.count('/') - 1}"
    above = id_in(cloud, Call(**{**vars(call), "path": {**call.path, last: ""}}), kind)
    return list_answer([kind.show(cloud, row) for _, row in cloud.all(kind.collection, above.lower())], call)


def list_all(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    return list_answer([kind.show(cloud, row) for _, row in cloud.all(kind.collection)], call)


def begin_put(cloud: Cloud, call: Call, kind: Kind) -> Change:
    """The checks that come before those of the service."""
    given = models.check(kind.model, call.body)
    wanted = id_in(cloud, call, kind)
    old = cloud.get(kind.collection, wanted.lower())
    check_group_stays(cloud, call)
    check_policy(cloud, kind.type, wanted.rsplit("/", 1)[-1])
    if old is None:
        check_name(kind, wanted.rsplit("/", 1)[-1])
    check_match(call, old, wanted)
    return Change(call, str(old["id"]) if old else wanted, given, old, _location(cloud, kind, given, old, wanted))


def put(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    change = begin_put(cloud, call, kind)
    check_quiet(cloud, kind, change.id, change.old)
    if change.old is None:
        check_count(cloud, kind.collection, kind.plural, change.location, exhausted=call.trouble == "quota")
    document = document_of(cloud, change, kind, kind.complete(cloud, change))
    verb = "create" if change.old is None else "update"
    headers: dict[str, str] = {}
    if not kind.synchronous:
        document["properties"]["provisioningState"] = "Updating"
        effects = [{"do": "resource.ready", "type": kind.collection, "id": change.id}]
        seconds = cloud.take(f"azure.{kind.noun}.{verb}", change.id)
        headers = operations.begin(cloud, call, document, kind.namespace, seconds, effects)
        headers.pop("location", None)
    cloud.put(kind.collection, change.id.lower(), document)
    return Answer(200 if change.old else 201, kind.show(cloud, document), headers)


def document_of(cloud: Cloud, change: Change, kind: Kind, fields: Json) -> Json:
    """The whole document: what the service completed, and what every resource has."""
    document: Json = {
        **{key: value for key, value in change.new.items() if key not in _PLUMBING},
        **fields,
        "id": change.id,
        "name": change.id.rsplit("/", 1)[-1],
        "type": kind.type,
        "etag": new_etag(),
        "_created": (change.old or {}).get("_created") or operations.stamp(cloud.now()),
        "_location": change.location,
    }
    document["properties"].setdefault("provisioningState", "Succeeded")
    if kind.tracked:
        document["location"] = change.location
        check_tags(document.setdefault("tags", {}))
    return document


def patch_tags(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    document = begin_patch(cloud, call, kind)
    check_quiet(cloud, kind, document["id"], document)
    cloud.put(kind.collection, document["id"].lower(), document)
    return Answer(200, kind.show(cloud, document))


def begin_patch(cloud: Cloud, call: Call, kind: Kind) -> Json:
    """The document with the tags of the body, after the checks that come before those of the service."""
    service = "containerservice" if kind.namespace == "Microsoft.ContainerService" else "network"
    given = models.check(f"{service}.TagsObject", call.body)
    document = existing(cloud, call, kind)
    check_group_stays(cloud, call)
    check_match(call, document, document["id"])
    return {**document, "tags": check_tags(given.get("tags", {})), "etag": new_etag()}


def delete(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    """202 and gone when its time has come; 204 when there is nothing, as for every delete of Azure's."""
    wanted = id_in(cloud, call, kind)
    document = cloud.get(kind.collection, wanted.lower())
    if document is None:
        return Answer(204)
    check_own(cloud, call, cloud.group(call.path["group"]))
    check_unlocked(cloud, wanted)
    check_match(call, document, wanted)
    check_quiet(cloud, kind, wanted, document)
    kind.check_free(cloud, document)
    if kind.synchronous:
        forget(cloud, kind, document)
        return Answer(200)
    document["properties"]["provisioningState"] = "Deleting"
    effects = [{"do": "resource.gone", "type": kind.collection, "id": document["id"]}]
    seconds = cloud.take(f"azure.{kind.noun}.delete", wanted)
    headers = operations.begin(cloud, call, document, kind.namespace, seconds, effects)
    cloud.put(kind.collection, wanted.lower(), document)
    return Answer(202, None, headers)


def forget(cloud: Cloud, kind: Kind, document: Json) -> None:
    """Take a resource and what goes with it out of the world."""
    kind.removed(cloud, document)
    for child in cloud.kinds.values():
        if child.collection.startswith(f"{kind.collection}/"):
            for _, inside in cloud.all(child.collection, f"{document['id'].lower()}/"):
                child.removed(cloud, inside)
                cloud.remove(child.collection, inside["id"].lower())
    cloud.remove(kind.collection, document["id"].lower())


# checks


def check_name(kind: Kind, name: str) -> None:
    if not kind.name_rule.fullmatch(name):
        raise bad_request(
            "InvalidResourceName",
            f"Resource name {name} is invalid. The name can be up to 80 characters long. It must begin with a word "
            "character, and it must end with a word character or with '_'. The name may contain word characters or "
            "'.', '-', '_'.",
        )


def check_tags(tags: dict[str, str]) -> dict[str, str]:
    """https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations"""
    if len(tags) > 50:
        raise bad_request("InvalidTags", f"A resource takes at most 50 tags; there are {len(tags)}.")
    if len({name.lower() for name in tags}) != len(tags):
        raise bad_request(
            "DuplicateTagNames", "Tag names are compared without regard to case; two of them are the same."
        )
    for name, value in tags.items():
        if not 1 <= len(name) <= 512 or re.search(r"[<>%&\\?/]", name):
            raise bad_request(
                "InvalidTagNameCharacters",
                f"The tag name '{name}' is longer than 512 characters or holds one of <,>,%,&,\\,?,/.",
            )
        if len(value) > 256:
            raise bad_request("InvalidTagValueLength", f"The value of tag '{name}' is longer than 256 characters.")
    return tags


def check_match(call: Call, old: Json | None, wanted: str) -> None:
    """If-Match and If-None-Match."""
    tag = old.get("etag") if old else None
    must, must_not = call.headers.get("if-match"), call.headers.get("if-none-match")
    if must and (tag is None or must not in ("*", tag)):
        raise precondition_failed(wanted)
    if must_not and tag is not None and must_not in ("*", tag):
        raise precondition_failed(wanted)


def check_group_stays(cloud: Cloud, call: Call) -> None:
    """Nothing is made in a group that goes, and nothing is changed in a node group that AKS keeps for itself."""
    group = cloud.group(call.path["group"])
    check_own(cloud, call, group)
    if group["properties"]["provisioningState"] == "Deleting":
        raise ArmError(
            409,
            "ResourceGroupBeingDeleted",
            f"The resource group '{group['name']}' is in deprovisioning state and cannot perform this operation.",
        )


def check_own(cloud: Cloud, call: Call, group: Json) -> None:
    """A cluster can lock its node group (nodeResourceGroupProfile.restrictionLevel ReadOnly)."""
    owner = cloud.get("microsoft.containerservice/managedclusters", str(group.get("managedBy", "")).lower())
    if owner and owner["properties"].get("nodeResourceGroupProfile", {}).get("restrictionLevel") == "ReadOnly":
        scope = call.url.removeprefix(call.base_url)
        raise ArmError(
            403,
            "DenyAssignmentAuthorizationFailed",
            f"The client '{cloud.account.client}' with object id '{cloud.account.object_id}' has permission to perform "
            f"action '{call.action}' on scope '{scope}'; however, the access is denied because of the deny assignment "
            f"with name 'AKS node resource group lockdown' at scope '{group['id']}'.",
        )


def check_quiet(cloud: Cloud, kind: Kind, wanted: str, old: Json | None) -> None:
    """Nothing runs on the resource; inside of another one, neither on that nor on what is beside it."""
    busy = [old] if old and operations.is_busy(cloud, old) else []
    if kind.type.count("/") > 1:
        above = cloud.get(kind.type.rsplit("/", 1)[0].lower(), parent_of(wanted).lower())
        beside = [row for _, row in cloud.all(kind.collection, f"{wanted.rsplit('/', 1)[0].lower()}/")]
        busy += [row for row in (above, *beside) if row and operations.is_busy(cloud, row)]
    else:
        inside = [row for child in cloud.kinds.values() if child.collection.startswith(f"{kind.collection}/")
                  for _, row in cloud.all(child.collection, f"{wanted.lower()}/")]  # fmt: skip
        busy += [row for row in inside if operations.is_busy(cloud, row)]
    if busy:
        raise another_operation(busy[0]["id"])


def _location(cloud: Cloud, kind: Kind, given: Json, old: Json | None, wanted: str) -> str:
    if not kind.tracked:
        above = cloud.get(kind.type.rsplit("/", 1)[0].lower(), parent_of(wanted).lower())
        return str(above["_location"]) if above else ""
    if not given.get("location"):
        raise bad_request("LocationRequired", "The location property is required for this definition.")
    location = catalog.location_of(given["location"], kind.type)
    if old and old["location"] != location:
        raise ArmError(
            409,
            "InvalidResourceLocation",
            f"The resource '{old['name']}' already exists in location '{old['location']}' in resource group "
            f"'{wanted.split('/')[4]}'. A resource with the same name cannot be created in location '{location}'. "
            "Please select a new resource name.",
        )
    return location


# what happens when their time has come


def _ready(cloud: Cloud, effect: Json) -> None:
    document = cloud.get(effect["type"], effect["id"].lower())
    if document is None:
        return
    state = "Succeeded"
    if effect["trouble"] == "no_capacity":
        state = "Failed"
        operations.fail(cloud, effect, "AllocationFailed", "There is not enough capacity in the region at the moment.")
    document["properties"]["provisioningState"] = state
    cloud.put(effect["type"], effect["id"].lower(), document)


def _gone(cloud: Cloud, effect: Json) -> None:
    document = cloud.get(effect["type"], effect["id"].lower())
    if document is not None:
        forget(cloud, cloud.kinds[effect["type"]], document)


EFFECTS = {"resource.ready": _ready, "resource.gone": _gone}


# routes


def templates_of(kind: Kind) -> tuple[str, str, str]:
    """The URL of one, of those beside it, and of all in the subscription ('' when it is inside of another)."""
    words = kind.type.split("/")
    above = f"{_GROUP}/providers/{words[0]}"
    for depth, word in enumerate(words[1:-1]):
        above += f"/{word}/{{name{depth}}}"
    many = f"{above}/{words[-1]}"
    everywhere = f"/subscriptions/{{subscription}}/providers/{kind.type}" if len(words) == 2 else ""
    return f"{many}/{{name{len(words) - 2}}}", many, everywhere


def routes_of(
    kind: Kind, *, put_with: Any = put, patch_with: Any = patch_tags, delete_with: Any = delete
) -> list[Route]:
    one, many, everywhere = templates_of(kind)

    def bound(verb: Any) -> Any:
        return lambda cloud, call: verb(cloud, call, kind)

    def put_alias(cloud: Cloud, path: dict[str, str]) -> str:
        """Faults can name creations and updates apart, though both are writes."""
        key = f"{one.format(**path)}".lower()
        return f"{kind.plural}.{'update' if cloud.get(kind.collection, key) else 'create'}"

    routes = [
        Route("GET", one, f"{kind.type}/read", bound(get)),
        Route("GET", many, f"{kind.type}/read", bound(list_in)),
    ]
    if kind.model:
        routes.append(Route("PUT", one, f"{kind.type}/write", bound(put_with), put_alias))
    routes.append(Route("DELETE", one, f"{kind.type}/delete", bound(delete_with)))
    if kind.tracked:
        routes.append(Route("PATCH", one, f"{kind.type}/write", bound(patch_with), lambda *_: f"{kind.plural}.update"))
    if everywhere:
        routes.append(Route("GET", everywhere, f"{kind.type}/read", bound(list_all)))
    return routes
