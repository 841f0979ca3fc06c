"""Resource groups, the list of everything in them, and tags of any resource.

Called by the dispatcher. Invariant: a group that goes takes everything inside along, also the node resource groups of
its clusters; it stays, and says why, when something outside still uses what is inside.
"""

import re

from skyclust.sandbox.azure import catalog, models, operations
from skyclust.sandbox.azure.cloud import GROUPS, Answer, Call, Cloud, Route, shown
from skyclust.sandbox.azure.errors import ArmError, Json, bad_request
from skyclust.sandbox.azure.governance import check_policy, check_unlocked
from skyclust.sandbox.azure.listing import list_answer, predicate_of
from skyclust.sandbox.azure.resources import check_tags, forget

_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_NAME = re.compile(r"[-\w.()]{0,89}[-\w()]")
_ACTION = "Microsoft.Resources/subscriptions/resourceGroups"
SLOWEST_SHARE = 0.25  # things in a group are deleted side by side; beyond the slowest each adds a part of its own time


def put(cloud: Cloud, call: Call) -> Answer:
    given = models.check("resources.ResourceGroup", call.body)
    name = call.path["group"]
    old = cloud.get(GROUPS, cloud.group_key(name))
    location = catalog.location_of(given.get("location") or "", "Microsoft.Resources/resourceGroups")
    if old is None and not _NAME.fullmatch(name):
        raise bad_request(
            "InvalidResourceGroup",
            f"The provided resource group name '{name}' has these invalid characters, or is longer than 90, or ends "
            "with a period.",
        )
    if old is not None and old["location"] != location:
        raise ArmError(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already exists in location "
            f"'{old['location']}'.",
        )
    if old is not None and old["properties"]["provisioningState"] == "Deleting":
        raise _being_deleted(old["name"])
    check_policy(cloud, "Microsoft.Resources/resourceGroups", name)
    if call.trouble == "quota" and old is None:
        raise ArmError(409, "ResourceGroupQuotaExceeded", "The subscription has reached its limit of resource groups.")
    document = make(
        cloud, old["name"] if old else name, location, check_tags(given.get("tags", {})), given.get("managedBy", "")
    )
    if old:
        document["_created"] = old["_created"]
    cloud.put(GROUPS, document["id"].lower(), document)
    return Answer(200 if old else 201, shown(document))


def make(cloud: Cloud, name: str, location: str, tags: dict[str, str], managed_by: str = "") -> Json:
    return {
        "id": f"/subscriptions/{cloud.account.subscription}/resourceGroups/{name}",
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": location,
        "tags": tags,
        **({"managedBy": managed_by} if managed_by else {}),
        "properties": {"provisioningState": "Succeeded"},
        "_created": operations.stamp(cloud.now()),
    }


def _being_deleted(name: str) -> ArmError:
    return ArmError(
        409,
        "ResourceGroupBeingDeleted",
        f"The resource group '{name}' is in deprovisioning state and cannot perform this operation.",
    )


def get(cloud: Cloud, call: Call) -> Answer:
    return Answer(200, shown(cloud.group(call.path["group"])))


def head(cloud: Cloud, call: Call) -> Answer:
    return Answer(204 if cloud.get(GROUPS, cloud.group_key(call.path["group"])) else 404)


def patch(cloud: Cloud, call: Call) -> Answer:
    given = models.check("resources.ResourceGroupPatchable", call.body)
    document = cloud.group(call.path["group"])
    if "tags" in given:
        document["tags"] = check_tags(given["tags"])
    cloud.put(GROUPS, document["id"].lower(), document)
    return Answer(200, shown(document))


def list_(cloud: Cloud, call: Call) -> Answer:
    keep = predicate_of(call.query.get("$filter", ""))
    return list_answer([shown(row) for _, row in cloud.all(GROUPS) if keep(row)], call)


# deletion


def contents(cloud: Cloud, group: str) -> list[tuple[str, Json]]:
    """(collection, document) of everything in a group, what is inside of other things too."""
    under = f"{cloud.group_key(group)}/"
    return [(kind.collection, row) for kind in cloud.kinds.values() for _, row in cloud.all(kind.collection, under)]


def delete(cloud: Cloud, call: Call) -> Answer:
    document = cloud.group(call.path["group"])
    if document["properties"]["provisioningState"] == "Deleting":
        raise _being_deleted(document["name"])
    check_unlocked(cloud, document["id"])
    times = sorted(
        cloud.take(f"azure.{cloud.kinds[collection].noun}.delete", row["id"])
        for collection, row in contents(cloud, document["name"])
    )
    seconds = 10.0 + (times[-1] + SLOWEST_SHARE * sum(min(time, 20) for time in times[:-1]) if times else 0.0)
    document["properties"]["provisioningState"] = "Deleting"
    effects = [{"do": "group.gone", "id": document["id"], "name": document["name"]}]
    headers = operations.begin(cloud, call, document, "Microsoft.Resources", seconds, effects)
    cloud.put(GROUPS, document["id"].lower(), document)
    return Answer(202, None, headers)


def _gone(cloud: Cloud, effect: Json) -> None:
    document = cloud.get(GROUPS, effect["id"].lower())
    if document is None:
        return
    blocked = _blocker(cloud, effect["name"])
    if blocked:
        document["properties"]["provisioningState"] = "Succeeded"
        cloud.put(GROUPS, effect["id"].lower(), document)
        operations.fail(
            cloud,
            effect,
            "ResourceGroupDeletionBlocked",
            f"Deletion of resource group '{effect['name']}' failed as resources with identifiers '{blocked}' are "
            "currently in use from outside the group.",
        )
        return
    remove(cloud, effect["name"])


def _blocker(cloud: Cloud, group: str) -> str:
    """The first thing in the group that something outside of it, and of its clusters' node groups, uses."""
    inside = {group.lower()} | {
        row["properties"]["nodeResourceGroup"].lower()
        for collection, row in contents(cloud, group)
        if collection == "microsoft.containerservice/managedclusters"
    }
    for collection, row in contents(cloud, group):
        try:
            cloud.kinds[collection].check_free(cloud, row)
        except ArmError as used:
            users = re.findall(r"/resourceGroups/([^/]+)/", used.message, re.IGNORECASE)
            if any(user.lower() not in inside for user in users):
                return str(row["id"])
    return ""


def remove(cloud: Cloud, group: str) -> None:
    """The group and everything in it, at once."""
    for collection, row in contents(cloud, group):
        if cloud.get(collection, row["id"].lower()) is not None:
            forget(cloud, cloud.kinds[collection], row)
    cloud.remove(GROUPS, cloud.group_key(group))


EFFECTS = {"group.gone": _gone}


# all resources


def _tracked(cloud: Cloud, group: str = "") -> list[Json]:
    under = f"{cloud.group_key(group)}/" if group else ""
    return [row for kind in cloud.kinds.values() if kind.tracked for _, row in cloud.all(kind.collection, under)]


def _summary(row: Json, expand: str) -> Json:
    found: Json = {
        key: row[key]
        for key in ("id", "name", "type", "location", "tags", "sku", "zones", "identity", "managedBy")
        if key in row
    }
    if "createdtime" in expand.lower():
        found["createdTime"] = row["_created"]
    if "provisioningstate" in expand.lower():
        found["provisioningState"] = row["properties"].get("provisioningState", "Succeeded")
    return found


def _listed(rows: list[Json], call: Call) -> Answer:
    keep = predicate_of(call.query.get("$filter", ""))
    return list_answer([_summary(row, call.query.get("$expand", "")) for row in rows if keep(row)], call)


def list_resources(cloud: Cloud, call: Call) -> Answer:
    return _listed(_tracked(cloud), call)


def list_resources_in(cloud: Cloud, call: Call) -> Answer:
    return _listed(_tracked(cloud, cloud.group(call.path["group"])["name"]), call)


# tags of any resource


def _tagged(cloud: Cloud, call: Call) -> tuple[str, Json]:
    wanted = call.url.removeprefix(call.base_url).lower().partition("/providers/microsoft.resources/tags/")[0]
    collections = [GROUPS, *(kind.collection for kind in cloud.kinds.values() if kind.tracked)]
    for collection in collections:
        found = cloud.get(collection, wanted)
        if found is not None:
            return collection, found
    raise ArmError(404, "ResourceNotFound", f"The resource {wanted} was not found, or it takes no tags.")


def _tags_answer(document: Json) -> Answer:
    return Answer(
        200,
        {
            "id": f"{document['id']}/providers/Microsoft.Resources/tags/default",
            "name": "default",
            "type": "Microsoft.Resources/tags",
            "properties": {"tags": document.get("tags", {})},
        },
    )


def get_tags(cloud: Cloud, call: Call) -> Answer:
    return _tags_answer(_tagged(cloud, call)[1])


def write_tags(cloud: Cloud, call: Call) -> Answer:
    """PUT replaces all; PATCH merges, replaces or deletes as its operation says."""
    collection, document = _tagged(cloud, call)
    verb = "Replace"
    if call.method == "PATCH":
        given = models.check("resources.TagsPatchResource", call.body)
        verb = given.get("operation", "Merge")
    else:
        given = models.check("resources.TagsResource", call.body)
    named = given.get("properties", {}).get("tags", {})
    old = document.get("tags", {})
    if verb == "Merge":
        lowered = {name.lower() for name in named}
        named = {name: value for name, value in old.items() if name.lower() not in lowered} | named
    if verb == "Delete":
        named = {name: value for name, value in old.items() if named.get(name) != value}
    document["tags"] = check_tags(named)
    cloud.put(collection, document["id"].lower(), document)
    return _tags_answer(document)


def delete_tags(cloud: Cloud, call: Call) -> Answer:
    collection, document = _tagged(cloud, call)
    cloud.put(collection, document["id"].lower(), {**document, "tags": {}})
    return Answer(200)


def _alias(cloud: Cloud, path: dict[str, str]) -> str:
    return f"resourceGroups.{'update' if cloud.get(GROUPS, cloud.group_key(path['group'])) else 'create'}"


def _tag_routes(scope: str) -> list[Route]:
    where, action = f"{scope}/providers/Microsoft.Resources/tags/default", "Microsoft.Resources/tags"
    return [
        Route("GET", where, f"{action}/read", get_tags),
        Route("PUT", where, f"{action}/write", write_tags),
        Route("PATCH", where, f"{action}/write", write_tags),
        Route("DELETE", where, f"{action}/delete", delete_tags),
    ]


ROUTES = [
    Route("GET", f"{_SUBSCRIPTION}/resourceGroups", f"{_ACTION}/read", list_),
    Route("GET", _GROUP, f"{_ACTION}/read", get),
    Route("HEAD", _GROUP, f"{_ACTION}/read", head),
    Route("PUT", _GROUP, f"{_ACTION}/write", put, _alias),
    Route("PATCH", _GROUP, f"{_ACTION}/write", patch, lambda *_: "resourceGroups.update"),
    Route("DELETE", _GROUP, f"{_ACTION}/delete", delete),
    Route("GET", f"{_SUBSCRIPTION}/resources", "Microsoft.Resources/subscriptions/resources/read", list_resources),
    Route("GET", f"{_GROUP}/resources", f"{_ACTION}/resources/read", list_resources_in),
    *_tag_routes(_GROUP),
    *_tag_routes(f"{_GROUP}/providers/{{namespace}}/{{type}}/{{name}}"),
]
