"""What the caller may do. By default everything in the subscription; the outside world can take rights away.

Called by the dispatcher before every handler. Source: https://learn.microsoft.com/rest/api/authorization/permissions
"""

from fnmatch import fnmatchcase

from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, Route
from skyclust.sandbox.azure.errors import ArmError, authorization_failed
from skyclust.sandbox.azure.listing import list_answer

DENIED = "denied"
_KEY = "subscription"


def denied(cloud: Cloud) -> list[str]:
    found = cloud.get(DENIED, _KEY)
    return list(found["actions"]) if found else []


def deny(cloud: Cloud, actions: list[str]) -> None:
    """`actions` are globs over the names of permissions, `Microsoft.Network/*/write`; none gives all back."""
    cloud.put(DENIED, _KEY, {"actions": actions})


def check_allowed(cloud: Cloud, action: str, call: Call) -> None:
    for glob in denied(cloud):
        if fnmatchcase(action.lower(), glob.lower()):
            scope = call.url.removeprefix(call.base_url)
            raise authorization_failed(cloud.account.client, cloud.account.object_id, action, scope)


def check_linked(cloud: Cloud, action: str, scope: str) -> None:
    """A resource that another one shall use needs a permission of its own."""
    for glob in denied(cloud):
        if fnmatchcase(action.lower(), glob.lower()):
            raise ArmError(
                403,
                "LinkedAuthorizationFailed",
                f"The client '{cloud.account.client}' with object id '{cloud.account.object_id}' has permission to "
                f"perform the action; however, it does not have permission to perform action(s) '{action}' on the "
                f"linked scope(s) '{scope}' or the linked scope(s) are invalid.",
            )


def list_permissions(cloud: Cloud, call: Call) -> Answer:
    row = {"actions": ["*"], "notActions": denied(cloud), "dataActions": [], "notDataActions": []}
    return list_answer([row], call)


_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_READ = "Microsoft.Authorization/permissions/read"
ROUTES = [
    Route("GET", f"{scope}/providers/Microsoft.Authorization/permissions", _READ, list_permissions)
    for scope in (_SUBSCRIPTION, _GROUP, f"{_GROUP}/providers/{{namespace}}/{{type}}/{{name}}")
]
