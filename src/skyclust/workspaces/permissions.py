"""The closed list of permissions and the built-in roles. Pure; read by every slice's checks."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What a member may do in a workspace. Named in every 403."""

    CLUSTERS_READ = "clusters.read"
    CLUSTERS_CREATE = "clusters.create"
    CLUSTERS_UPDATE = "clusters.update"
    CLUSTERS_DELETE = "clusters.delete"
    CLUSTERS_KUBECONFIG = "clusters.kubeconfig"
    #: Take over what others made, and give it back. More than creating: what is taken over may be deleted.
    CLUSTERS_IMPORT = "clusters.import"
    NETWORKS_READ = "networks.read"
    NETWORKS_CREATE = "networks.create"
    NETWORKS_UPDATE = "networks.update"
    NETWORKS_DELETE = "networks.delete"
    NETWORKS_IMPORT = "networks.import"
    CREDENTIALS_READ = "credentials.read"
    CREDENTIALS_CREATE = "credentials.create"
    CREDENTIALS_UPDATE = "credentials.update"
    CREDENTIALS_DELETE = "credentials.delete"
    #: Have the platform act with a credential, without ever seeing it.
    CREDENTIALS_USE = "credentials.use"
    #: Drift, orphans, and how fresh that picture is.
    DRIFT_READ = "drift.read"
    #: Leave what differs as it is.
    DRIFT_ACCEPT = "drift.accept"
    #: Delete, take back or ignore what carries our mark and belongs to nobody.
    ORPHANS_ACT = "orphans.act"
    OPERATIONS_READ = "operations.read"
    #: Cancel, resume, roll back.
    OPERATIONS_ACT = "operations.act"
    MEMBERS_READ = "members.read"
    MEMBERS_MANAGE = "members.manage"
    WORKSPACE_UPDATE = "workspace.update"
    WORKSPACE_DELETE = "workspace.delete"
    #: Make, change and delete the workspace's own roles.
    ROLES_MANAGE = "roles.manage"
    AUDIT_READ = "audit.read"


class Role(StrEnum):
    """Built-in roles of a member. A workspace may have more, of its own making (models.RoleRow)."""

    ADMIN = "admin"
    USER = "user"
    VIEWER = "viewer"


_VIEWER = frozenset(
    {
        Permission.CLUSTERS_READ,
        Permission.NETWORKS_READ,
        Permission.CREDENTIALS_READ,
        Permission.DRIFT_READ,
        Permission.OPERATIONS_READ,
        Permission.MEMBERS_READ,
    }
)

_USER = _VIEWER | {
    Permission.CLUSTERS_CREATE,
    Permission.CLUSTERS_UPDATE,
    Permission.CLUSTERS_DELETE,
    Permission.CLUSTERS_KUBECONFIG,
    Permission.NETWORKS_CREATE,
    Permission.NETWORKS_UPDATE,
    Permission.NETWORKS_DELETE,
    Permission.CREDENTIALS_USE,
    Permission.DRIFT_ACCEPT,
    Permission.ORPHANS_ACT,
    Permission.OPERATIONS_ACT,
}

ROLES: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.USER: _USER,
    Role.VIEWER: _VIEWER,
}


#: What is left to everybody while a workspace is suspended: to look, and to see to the end what was begun.
WHILE_SUSPENDED = frozenset(permission for permission in Permission if permission.value.endswith(".read"))


def may_grant(held: frozenset[Permission], granted: frozenset[Permission]) -> bool:
    """One may grant (and take away) only what one holds."""
    return granted <= held
