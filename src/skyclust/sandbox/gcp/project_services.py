"""The project and its enabled APIs: cloudresourcemanager.v1 and v3, serviceusage.v1.

Invariant: one project exists; an API that was disabled refuses every call until it is enabled again.
"""

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Call, Cloud, short_hash
from skyclust.sandbox.gcp.errors import (
    GoogleError,
    Json,
    bad_argument,
    permission_denied,
    service_disabled,
    unknown_project,
)
from skyclust.sandbox.gcp.listing import page
from skyclust.sandbox.gcp.sts import is_member

OWNER = "roles/owner"
_SINCE = "2025-01-15T08:00:00.000Z"
POLICIES = "policies"
DENIED = "denied_permissions"
_PERMISSION_RESOURCES = {"nodePools": "clusters", "keys": "serviceAccountKeys"}
_PERMISSION_VERBS = {"insert": "create", "patch": "update", "aggregatedList": "list"}


# cloudresourcemanager


def _project_v1(cloud: Cloud) -> Json:
    return {"projectId": cloud.project.id, "projectNumber": cloud.project.number, "name": "Skyclust sandbox",
            "lifecycleState": "ACTIVE", "createTime": _SINCE}  # fmt: skip


def _project_v3(cloud: Cloud) -> Json:
    return {
        "name": f"projects/{cloud.project.number}",
        "projectId": cloud.project.id,
        "displayName": "Skyclust sandbox",
        "state": "ACTIVE",
        "createTime": _SINCE,
        "updateTime": _SINCE,
        "etag": 'W/"0"',
    }


def get_project_v1(cloud: Cloud, _call: Call) -> Json:
    return _project_v1(cloud)


def list_projects_v1(cloud: Cloud, _call: Call) -> Json:
    return {"projects": [_project_v1(cloud)]}


def get_project_v3(cloud: Cloud, _call: Call) -> Json:
    return _project_v3(cloud)


def search_projects_v3(cloud: Cloud, _call: Call) -> Json:
    return {"projects": [_project_v3(cloud)]}


def _own(cloud: Cloud, call: Call) -> None:
    given = call.path.get("resource") or call.path.get("projectsId", "")
    if given not in (cloud.project.id, cloud.project.number):
        raise unknown_project("cloudresourcemanager", given)


def _policy(cloud: Cloud) -> Json:
    saved = cloud.get(POLICIES, "project")
    if saved is not None:
        return saved
    owner = f"serviceAccount:skyclust@{cloud.project.id}.iam.gserviceaccount.com"
    return with_etag({"version": 1, "bindings": [{"role": OWNER, "members": [owner]}]})


def with_etag(policy: Json) -> Json:
    kept = {key: value for key, value in policy.items() if key != "etag"}
    return {"version": 1, **kept, "etag": short_hash(repr(kept), 11) + "="}


def check_policy(old: Json, new: Json) -> Json:
    """The policy to store; a stale etag is a concurrent change."""
    if new.get("etag") and new["etag"] != old.get("etag"):
        raise GoogleError(
            409,
            "aborted",
            "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.",
            status="ABORTED",
        )
    for binding in new.get("bindings", []):
        if not str(binding.get("role", "")).startswith(("roles/", "projects/", "organizations/")):
            raise bad_argument(f"Role {binding.get('role')} is not supported for this resource.")
    return with_etag(new)


def get_policy(cloud: Cloud, call: Call) -> Json:
    _own(cloud, call)
    return _policy(cloud)


def set_policy(cloud: Cloud, call: Call) -> Json:
    _own(cloud, call)
    policy = check_policy(_policy(cloud), call.body.get("policy", {}))
    for binding in policy.get("bindings", []):
        for member in binding.get("members", []):
            _check_member(cloud, member)
    cloud.put(POLICIES, "project", policy)
    return policy


def _check_member(cloud: Cloud, member: str) -> None:
    kind, _, email = member.partition(":")
    ours = email.endswith(f"@{cloud.project.id}.iam.gserviceaccount.com")
    if kind == "serviceAccount" and ours and cloud.get("service_accounts", email) is None:
        raise bad_argument(f"Service account {email} does not exist.")


def test_permissions(cloud: Cloud, call: Call) -> Json:
    _own(cloud, call)
    denied = (cloud.get(DENIED, "project") or {"permissions": []})["permissions"]
    granted = [name for name in call.body.get("permissions", []) if name not in denied]
    return {"permissions": granted} if granted else {}


# serviceusage


def _service(cloud: Cloud, name: str) -> Json:
    state = "DISABLED" if cloud.get("disabled_services", name) else "ENABLED"
    return {"name": f"projects/{cloud.project.number}/services/{name}", "parent": f"projects/{cloud.project.number}",
            "config": {"name": name, "title": catalog.SERVICES[name]}, "state": state}  # fmt: skip


def _known(cloud: Cloud, call: Call) -> str:
    owner = call.path.get("v1Id1")
    if call.path.get("v1Id") != "projects" or owner not in (cloud.project.id, cloud.project.number):
        raise unknown_project("serviceusage", f"{owner}")
    name = call.path.get("servicesId", "")
    if name and name not in catalog.SERVICES:
        raise GoogleError(403, "forbidden", f"Not found or permission denied for service(s): {name}.")
    return name


def get_service(cloud: Cloud, call: Call) -> Json:
    return _service(cloud, _known(cloud, call))


def list_services(cloud: Cloud, call: Call) -> Json:
    _known(cloud, call)
    wanted = call.query.get("filter", "").removeprefix("state:")
    rows = [(name, _service(cloud, name)) for name in sorted(catalog.SERVICES)]
    rows = [row for row in rows if not wanted or row[1]["state"] == wanted]
    shown, token = page(rows, call.query, default=50, size_name="pageSize")
    return {"services": [row for _, row in shown]} | ({"nextPageToken": token} if token else {})


def _done(cloud: Cloud, name: str, verb: str) -> Json:
    kind = f"type.googleapis.com/google.api.serviceusage.v1.{verb}ServiceResponse"
    operation = f"operations/acat.p2-{cloud.project.number}-{short_hash(name + cloud.now().isoformat(), 32)}"
    return {"name": operation, "done": True, "response": {"@type": kind, "service": _service(cloud, name)}}


def enable_service(cloud: Cloud, call: Call) -> Json:
    name = _known(cloud, call)
    cloud.remove("disabled_services", name)
    return _done(cloud, name, "Enable")


def disable_service(cloud: Cloud, call: Call) -> Json:
    name = _known(cloud, call)
    if name == "serviceusage.googleapis.com":
        raise bad_argument("The Service Usage API cannot be disabled.")
    cloud.put("disabled_services", name, {"by": call.caller})
    return _done(cloud, name, "Disable")


def check_allowed(cloud: Cloud, call: Call) -> None:
    """The API is enabled, and the permission the method needs was not taken away."""
    name = f"{call.method.service}.googleapis.com"
    if cloud.get("disabled_services", name):
        raise service_disabled(name, catalog.SERVICES.get(name, name), cloud.project.number)
    denied = cloud.get(DENIED, "project")
    permission = permission_of(call.method.id)
    if denied is not None and permission in denied["permissions"]:
        raise permission_denied(permission, cloud.project.id)
    if call.caller.startswith("principal:") and call.method.service != "iamcredentials" and not _is_bound(cloud, call):
        raise permission_denied(permission, cloud.project.id)


def _is_bound(cloud: Cloud, call: Call) -> bool:
    """Whether the project's policy names a federated caller. Which role it has makes no difference here."""
    return any(
        is_member(member, call.caller)
        for binding in _policy(cloud).get("bindings", [])
        for member in binding.get("members", [])
    )


def permission_of(method: str) -> str:
    """`compute.networks.insert` needs compute.networks.create; container and iam methods drop their parents' path."""
    service, *between, verb = method.split(".")
    resource, verb = between[-1], _PERMISSION_VERBS.get(verb, verb)
    if service == "container" and (verb.startswith("set") or (resource == "nodePools" and verb not in ("get", "list"))):
        verb = "update"
    return f"{service}.{_PERMISSION_RESOURCES.get(resource, resource)}.{verb}"


_V1, _V3 = (
    "cloudresourcemanager.v1:cloudresourcemanager.projects",
    "cloudresourcemanager.v3:cloudresourcemanager.projects",
)
HANDLERS = {
    f"{_V1}.get": get_project_v1,
    f"{_V1}.list": list_projects_v1,
    f"{_V3}.get": get_project_v3,
    f"{_V3}.search": search_projects_v3,
    "cloudresourcemanager.projects.getIamPolicy": get_policy,
    "cloudresourcemanager.projects.setIamPolicy": set_policy,
    "cloudresourcemanager.projects.testIamPermissions": test_permissions,
    "serviceusage.services.get": get_service,
    "serviceusage.services.list": list_services,
    "serviceusage.services.enable": enable_service,
    "serviceusage.services.disable": disable_service,
}
