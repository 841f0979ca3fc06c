"""Locks and policies: what an organisation lays over its subscription, set by the outside world only.

Called by every put and delete. Sources: https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
and https://learn.microsoft.com/azure/governance/policy/. Invariant: a lock holds for everything inside its scope.
"""

from fnmatch import fnmatchcase

from skyclust.sandbox.azure.cloud import Cloud
from skyclust.sandbox.azure.errors import ArmError

LOCKS, POLICIES = "locks", "policies"


def lock(cloud: Cloud, scope: str, *, locked: bool) -> None:
    """CanNotDelete on a group or a resource."""
    if locked:
        cloud.put(LOCKS, scope.lower(), {"scope": scope, "level": "CanNotDelete"})
    else:
        cloud.remove(LOCKS, scope.lower())


def check_unlocked(cloud: Cloud, resource_id: str) -> None:
    """Neither the resource, nor what it is in, nor anything inside of it is locked."""
    wanted = resource_id.lower()
    for key, row in cloud.all(LOCKS):
        if f"{wanted}/".startswith(f"{key}/") or key.startswith(f"{wanted}/"):
            raise ArmError(
                409,
                "ScopeLocked",
                f"The scope '{resource_id}' cannot perform delete operation because following scope(s) are locked: "
                f"'{row['scope']}'. Please remove the lock and try again.",
            )


def forbid(cloud: Cloud, kinds: list[str], name: str) -> None:
    """Resources whose type is one of the globs are not to be made or changed; none lifts the policy."""
    cloud.put(POLICIES, "only", {"kinds": kinds, "name": name})


def check_policy(cloud: Cloud, kind: str, name: str) -> None:
    policy = cloud.get(POLICIES, "only")
    for glob in policy["kinds"] if policy else []:
        if fnmatchcase(kind.lower(), glob.lower()):
            raise ArmError(
                403,
                "RequestDisallowedByPolicy",
                f"Resource '{name}' was disallowed by policy. Policy identifiers: "
                f'\'[{{"policyAssignment":{{"name":"{policy["name"] if policy else ""}"}}}}]\'.',
                target=name,
            )
