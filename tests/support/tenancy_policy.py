"""Who may do what over HTTP: one entry per route, read by tests/security/test_tenancy_matrix.py.

A route without an entry fails the tests, and so does an entry without a route. `needs` is exact: whoever holds these
permissions is let in, and taking any one of them away is noticed.
"""

from dataclasses import dataclass
from enum import Enum, auto

from skyclust.workspaces.permissions import Permission as May


class Who(Enum):
    """To whom a route answers."""

    EVERYBODY = auto()  # nobody is signed in yet
    SIGNED_IN = auto()  # any user; there is nothing of a workspace in it
    THEMSELVES = auto()  # any user, about themselves: others' ids are 404
    ADMINISTRATORS = auto()  # of the installation; 403 naming platform.admin for everybody else
    MEMBERS = auto()  # with `needs` in the workspace of what is named; 404 for strangers
    LISTED = auto()  # any user; shows what is in workspaces where they have `needs`, and nothing else
    GUARDED_LIST = auto()  # like LISTED, but 403 for whoever has `needs` nowhere


@dataclass(frozen=True)
class Entry:
    who: Who
    needs: frozenset[May] = frozenset()
    #: What is answered where not 2xx: the request is let in, and then refused for what it asks of the seeded things.
    answer: int = 0
    #: What whoever lacks one of `needs` gets, where not 403.
    refusal: int = 403


def members(*needs: May, answer: int = 0, refusal: int = 403) -> Entry:
    return Entry(Who.MEMBERS, frozenset(needs), answer, refusal)


def listed(*needs: May) -> Entry:
    return Entry(Who.LISTED, frozenset(needs))


def themselves(answer: int = 0) -> Entry:
    return Entry(Who.THEMSELVES, answer=answer)


def guarded(need: May) -> Entry:
    return Entry(Who.GUARDED_LIST, frozenset({need}))


EVERYBODY = Entry(Who.EVERYBODY)
SIGNED_IN = Entry(Who.SIGNED_IN)
ADMINISTRATORS = Entry(Who.ADMINISTRATORS)

#: What the role holds that the requests give and take away: nobody gives more than they hold.
GIVEN = May.CLUSTERS_READ
READ_CLUSTER, READ_NETWORK = members(May.CLUSTERS_READ), members(May.NETWORKS_READ)
#: Into a network of ours, which one must be able to see.
CREATE_CLUSTER = members(May.CREDENTIALS_USE, May.CLUSTERS_CREATE, May.NETWORKS_READ)
#: Into a network of its own, which needs no right to see networks.
CLONE_CLUSTER = members(May.CLUSTERS_READ, May.CREDENTIALS_USE, May.CLUSTERS_CREATE)
CHANGE_CLUSTER = members(May.CLUSTERS_READ, May.CLUSTERS_UPDATE)
DELETE_CLUSTER = members(May.CLUSTERS_READ, May.CLUSTERS_DELETE)
REACH_CLUSTER = members(May.CLUSTERS_READ, May.CLUSTERS_KUBECONFIG)
#: The simulated cloud has no Kubernetes API at its clusters' addresses.
LOOK_INSIDE, CHANGE_NODE, READ_LOG = (
    members(May.CLUSTERS_READ, answer=502),
    members(May.CLUSTERS_READ, May.CLUSTERS_UPDATE, answer=502),
    members(May.CLUSTERS_READ, May.CLUSTERS_KUBECONFIG, answer=502),
)
CREATE_NETWORK = members(May.CREDENTIALS_USE, May.NETWORKS_CREATE)
CHANGE_NETWORK = members(May.NETWORKS_READ, May.NETWORKS_UPDATE)
DELETE_NETWORK = members(May.NETWORKS_READ, May.NETWORKS_DELETE)
IMPORT_CLUSTER, IMPORT_NETWORK = (
    members(May.CREDENTIALS_USE, May.CLUSTERS_IMPORT),
    members(May.CREDENTIALS_USE, May.NETWORKS_IMPORT),
)
#: What is managed already cannot be taken over, and what was never imported cannot be given back: 409.
MANAGE_CLUSTER = members(May.CLUSTERS_READ, May.CREDENTIALS_USE, May.CLUSTERS_IMPORT, answer=409)
RELEASE_CLUSTER = members(May.CLUSTERS_READ, May.CLUSTERS_IMPORT, answer=409)
MANAGE_NETWORK = members(May.NETWORKS_READ, May.CREDENTIALS_USE, May.NETWORKS_IMPORT, answer=409)
RELEASE_NETWORK = members(May.NETWORKS_READ, May.NETWORKS_IMPORT, answer=409)
ACT_ON_ORPHAN = members(May.DRIFT_READ, May.ORPHANS_ACT)
ACT_ON_OPERATION = members(May.OPERATIONS_READ, May.OPERATIONS_ACT)

_API = {
    "POST /auth/login": EVERYBODY,
    "POST /auth/refresh": EVERYBODY,
    "POST /auth/register": EVERYBODY,
    "POST /invitations:accept": EVERYBODY,
    "GET /auth/oidc": EVERYBODY,
    "GET /auth/oidc/login": EVERYBODY,
    "GET /auth/oidc/callback": EVERYBODY,
    "POST /auth/oidc/tokens": EVERYBODY,
    "GET /health/live": EVERYBODY,
    "GET /health/ready": EVERYBODY,
    "GET /openapi.json": EVERYBODY,
    # ---- oneself ----
    "GET /auth/me": themselves(),
    "GET /me/permissions": themselves(),
    "POST /auth/logout": themselves(),
    "POST /auth/password": themselves(answer=422),  # the seeded people have no password
    "POST /auth/reauthenticate": themselves(answer=401),
    "GET /auth/sessions": themselves(),
    "DELETE /auth/sessions": themselves(),
    "DELETE /auth/sessions/{session_id}": themselves(),
    "GET /auth/second-factor": themselves(),
    "POST /auth/second-factor": themselves(answer=422),
    "POST /auth/second-factor:confirm": themselves(answer=404),
    "POST /auth/second-factor:remove": themselves(answer=422),
    "GET /tokens": themselves(),
    "POST /tokens": members(May.CLUSTERS_READ, refusal=422),  # the scope that it asks for
    "DELETE /tokens/{token_id}": themselves(),
    "POST /invitations:join": themselves(answer=404),
    # ---- the installation ----
    "GET /users": ADMINISTRATORS,
    "POST /users": ADMINISTRATORS,
    "PATCH /users/{user_id}": ADMINISTRATORS,
    "DELETE /users/{user_id}/second-factor": Entry(Who.ADMINISTRATORS, answer=404),  # they have none
    "GET /users/{user_id}/sessions": ADMINISTRATORS,
    "DELETE /users/{user_id}/sessions": ADMINISTRATORS,
    "DELETE /users/{user_id}/sessions/{session_id}": Entry(Who.ADMINISTRATORS, answer=404),  # it is somebody else's
    "POST /workspaces/{workspace_id}:suspend": ADMINISTRATORS,
    "POST /workspaces/{workspace_id}:resume": ADMINISTRATORS,
    # ---- workspaces ----
    "GET /workspaces": listed(),
    "POST /workspaces": SIGNED_IN,
    "GET /workspaces/{workspace_id}": members(),
    "PATCH /workspaces/{workspace_id}": members(May.WORKSPACE_UPDATE),
    "DELETE /workspaces/{workspace_id}": members(May.WORKSPACE_DELETE, answer=409),  # it has clusters
    "GET /workspaces/{workspace_id}/quotas": members(),
    "PUT /workspaces/{workspace_id}/quotas": ADMINISTRATORS,
    "GET /workspaces/{workspace_id}/members": members(May.MEMBERS_READ),
    "POST /workspaces/{workspace_id}/members": members(May.MEMBERS_MANAGE, GIVEN),
    "PATCH /workspaces/{workspace_id}/members/{user_id}": members(May.MEMBERS_MANAGE, GIVEN),
    "DELETE /workspaces/{workspace_id}/members/{user_id}": members(May.MEMBERS_MANAGE, GIVEN),
    "GET /workspaces/{workspace_id}/roles": members(May.MEMBERS_READ),
    "POST /workspaces/{workspace_id}/roles": members(May.ROLES_MANAGE, GIVEN),
    "PATCH /workspaces/{workspace_id}/roles/{name}": members(May.ROLES_MANAGE, GIVEN),
    "DELETE /workspaces/{workspace_id}/roles/{name}": members(May.ROLES_MANAGE, GIVEN, answer=409),  # somebody has it
    "GET /workspaces/{workspace_id}/invitations": members(May.MEMBERS_MANAGE),
    "POST /workspaces/{workspace_id}/invitations": members(May.MEMBERS_MANAGE, GIVEN),
    "DELETE /workspaces/{workspace_id}/invitations/{invitation_id}": members(May.MEMBERS_MANAGE),
    "GET /workspaces/{workspace_id}/cluster-templates": members(May.CLUSTERS_READ),
    "POST /workspaces/{workspace_id}/cluster-templates": members(May.WORKSPACE_UPDATE),
    "GET /workspaces/{workspace_id}/cluster-templates/{template}/{number}": members(May.CLUSTERS_READ),
    "POST /workspaces/{workspace_id}/cluster-templates/{template}/{number}:deprecate": members(May.WORKSPACE_UPDATE),
    "DELETE /workspaces/{workspace_id}/cluster-templates/{template}/{number}": members(May.WORKSPACE_UPDATE),
    # ---- credentials, audit, operations, catalogue ----
    "POST /credentials": members(May.CREDENTIALS_CREATE),
    "GET /credentials": listed(May.CREDENTIALS_READ),
    "GET /workspaces/{workspace_id}/identity": members(May.CREDENTIALS_READ),
    "GET /credentials/{credential_id}": members(May.CREDENTIALS_READ),
    "PATCH /credentials/{credential_id}": members(May.CREDENTIALS_UPDATE),
    "DELETE /credentials/{credential_id}": members(May.CREDENTIALS_DELETE, answer=409),  # it is in use
    "POST /credentials/{credential_id}:verify": members(May.CREDENTIALS_USE),
    "GET /audit-logs": guarded(May.AUDIT_READ),
    "GET /audit-logs:verify": guarded(May.AUDIT_READ),
    "GET /audit-logs:export": guarded(May.AUDIT_READ),
    "GET /operations": listed(May.OPERATIONS_READ),
    "GET /operations/{operation_id}": members(May.OPERATIONS_READ),
    "POST /operations/{operation_id}:cancel": members(*ACT_ON_OPERATION.needs, answer=409),
    "POST /operations/{operation_id}:pause": members(*ACT_ON_OPERATION.needs, answer=409),
    "POST /operations/{operation_id}:resume": members(*ACT_ON_OPERATION.needs, answer=409),
    "POST /operations/{operation_id}:rollback": ACT_ON_OPERATION,
    "GET /operations/{operation_id}/events": members(May.OPERATIONS_READ),
    "GET /events": listed(May.OPERATIONS_READ),
    "GET /providers": SIGNED_IN,
    "GET /{provider}/kubernetes/metadata/regions": SIGNED_IN,
    "GET /{provider}/kubernetes/metadata/zones": SIGNED_IN,
    "GET /{provider}/kubernetes/metadata/versions": SIGNED_IN,
    "GET /{provider}/kubernetes/metadata/machine-types": SIGNED_IN,
    "GET /{provider}/kubernetes/metadata/addons": SIGNED_IN,
    # ---- drift and orphans ----
    "GET /drift": listed(May.DRIFT_READ),
    "GET /drift/{drift_id}": members(May.DRIFT_READ),
    "POST /drift/{drift_id}:accept": members(May.DRIFT_READ, May.DRIFT_ACCEPT),
    "POST /drift/{drift_id}:repair": members(May.DRIFT_READ, May.CLUSTERS_READ, May.CLUSTERS_UPDATE),
    "GET /clusters/{cluster}/drift": members(May.DRIFT_READ, May.CLUSTERS_READ),
    "GET /{provider}/kubernetes/clusters/{cluster}/drift": members(May.DRIFT_READ, May.CLUSTERS_READ),
    "POST /clusters/{cluster}:repair": CHANGE_CLUSTER,
    "POST /{provider}/kubernetes/clusters/{cluster}:repair": CHANGE_CLUSTER,
    "GET /networks/{network}/drift": members(May.DRIFT_READ, May.NETWORKS_READ),
    "GET /{provider}/network/vpcs/{network}/drift": members(May.DRIFT_READ, May.NETWORKS_READ),
    "POST /networks/{network}:repair": CHANGE_NETWORK,
    "POST /{provider}/network/vpcs/{network}:repair": CHANGE_NETWORK,
    "GET /orphans": listed(May.DRIFT_READ),
    "GET /orphans/{orphan_id}": members(May.DRIFT_READ),
    "POST /orphans:sweep": ACT_ON_ORPHAN,
    "POST /orphans/{orphan_id}:sweep": ACT_ON_ORPHAN,
    "POST /orphans/{orphan_id}:adopt": members(*ACT_ON_ORPHAN.needs, answer=409),  # it was made for no row
    "POST /orphans/{orphan_id}:ignore": ACT_ON_ORPHAN,
    "POST /orphans/{orphan_id}:unignore": ACT_ON_ORPHAN,
    # ---- clusters ----
    "POST /clusters": CREATE_CLUSTER,
    "GET /clusters": listed(May.CLUSTERS_READ),
    "GET /clusters:kubeconfig": Entry(Who.GUARDED_LIST, frozenset({May.CLUSTERS_READ, May.CLUSTERS_KUBECONFIG})),
    "GET /clusters/{cluster}": READ_CLUSTER,
    "PATCH /clusters/{cluster}": CHANGE_CLUSTER,
    "DELETE /clusters/{cluster}": DELETE_CLUSTER,
    "POST /clusters:import": IMPORT_CLUSTER,
    "POST /clusters/{cluster}:manage": MANAGE_CLUSTER,
    "POST /clusters/{cluster}:release": RELEASE_CLUSTER,
    "POST /clusters/{cluster}:clone": CLONE_CLUSTER,
    "POST /clusters/{cluster}:hibernate": CHANGE_CLUSTER,
    "POST /clusters/{cluster}:wake": CHANGE_CLUSTER,
    "POST /clusters/{cluster}/kube-token": REACH_CLUSTER,
    # ---- networks ----
    "POST /networks": CREATE_NETWORK,
    "GET /networks": listed(May.NETWORKS_READ),
    "GET /networks:free-ranges": guarded(May.NETWORKS_READ),
    "GET /networks/{network}": READ_NETWORK,
    "GET /networks/{network}:deletion-plan": READ_NETWORK,
    "GET /networks/{network}/topology": READ_NETWORK,
    "PATCH /networks/{network}": CHANGE_NETWORK,
    "DELETE /networks/{network}": DELETE_NETWORK,
    "POST /networks:import": IMPORT_NETWORK,
    "POST /networks/{network}:manage": MANAGE_NETWORK,
    "POST /networks/{network}:release": RELEASE_NETWORK,
}

_CLUSTERS = {
    "POST ": CREATE_CLUSTER,
    "GET ": listed(May.CLUSTERS_READ),
    "GET :importable": IMPORT_CLUSTER,
    "POST :import": IMPORT_CLUSTER,
    "GET /{cluster}": READ_CLUSTER,
    "PATCH /{cluster}": CHANGE_CLUSTER,
    "DELETE /{cluster}": DELETE_CLUSTER,
    "GET /{cluster}/plan": READ_CLUSTER,
    "POST /{cluster}:manage": MANAGE_CLUSTER,
    "POST /{cluster}:release": RELEASE_CLUSTER,
    "POST /{cluster}:clone": CLONE_CLUSTER,
    "POST /{cluster}:hibernate": CHANGE_CLUSTER,
    "POST /{cluster}:wake": CHANGE_CLUSTER,
    "GET /{cluster}/hibernation-schedule": READ_CLUSTER,
    "PUT /{cluster}/hibernation-schedule": CHANGE_CLUSTER,
    "DELETE /{cluster}/hibernation-schedule": CHANGE_CLUSTER,
    "GET /{cluster}/node-pools": READ_CLUSTER,
    "POST /{cluster}/node-pools": CHANGE_CLUSTER,
    "GET /{cluster}/node-pools/{pool}": READ_CLUSTER,
    "PATCH /{cluster}/node-pools/{pool}": CHANGE_CLUSTER,
    "DELETE /{cluster}/node-pools/{pool}": CHANGE_CLUSTER,
    "PUT /{cluster}/node-pools/{pool}/scale": CHANGE_CLUSTER,
    "GET /{cluster}/addons": READ_CLUSTER,
    "POST /{cluster}/addons": CHANGE_CLUSTER,
    "GET /{cluster}/addons/{addon}": READ_CLUSTER,
    "PATCH /{cluster}/addons/{addon}": CHANGE_CLUSTER,
    "DELETE /{cluster}/addons/{addon}": CHANGE_CLUSTER,
    "GET /{cluster}/addon-offers": CHANGE_CLUSTER,
    "GET /{cluster}/kubeconfig": REACH_CLUSTER,
    "POST /{cluster}/kube-token": REACH_CLUSTER,
    "GET /{cluster}/nodes": LOOK_INSIDE,
    "GET /{cluster}/nodes/{node}": LOOK_INSIDE,
    "POST /{cluster}/nodes/{node}/cordon": CHANGE_NODE,
    "POST /{cluster}/nodes/{node}/uncordon": CHANGE_NODE,
    "POST /{cluster}/nodes/{node}/drain": CHANGE_NODE,
    "GET /{cluster}/namespaces": LOOK_INSIDE,
    "GET /{cluster}/workloads": LOOK_INSIDE,
    "GET /{cluster}/events": LOOK_INSIDE,
    "GET /{cluster}/pods": LOOK_INSIDE,
    "GET /{cluster}/pods/{namespace}/{pod}/log": READ_LOG,
}

_NETWORKS = {
    "POST /vpcs": CREATE_NETWORK,
    "GET /vpcs": listed(May.NETWORKS_READ),
    "GET /vpcs:importable": IMPORT_NETWORK,
    "POST /vpcs:import": IMPORT_NETWORK,
    "GET /vpcs/{network}": READ_NETWORK,
    "PATCH /vpcs/{network}": CHANGE_NETWORK,
    "DELETE /vpcs/{network}": DELETE_NETWORK,
    "GET /vpcs/{network}:deletion-plan": READ_NETWORK,
    "GET /vpcs/{network}/topology": READ_NETWORK,
    "POST /vpcs/{network}:manage": MANAGE_NETWORK,
    "POST /vpcs/{network}:release": RELEASE_NETWORK,
    "GET /subnets": listed(May.NETWORKS_READ),
    "POST /subnets": CHANGE_NETWORK,
    "GET /subnets/{subnet}": READ_NETWORK,
    "PATCH /subnets/{subnet}": CHANGE_NETWORK,
    "DELETE /subnets/{subnet}": CHANGE_NETWORK,
    "GET /peerings": listed(May.NETWORKS_READ),
    "POST /peerings": CHANGE_NETWORK,
    "GET /peerings/{peering}": READ_NETWORK,
    "DELETE /peerings/{peering}": CHANGE_NETWORK,
    "GET /security-groups": listed(May.NETWORKS_READ),
    "POST /security-groups": CHANGE_NETWORK,
    "GET /security-groups/{group}": READ_NETWORK,
    "PATCH /security-groups/{group}": CHANGE_NETWORK,
    "DELETE /security-groups/{group}": CHANGE_NETWORK,
    "GET /security-groups/{group}/rules": READ_NETWORK,
    "POST /security-groups/{group}/rules": CHANGE_NETWORK,
    "DELETE /security-groups/{group}/rules/{rule}": CHANGE_NETWORK,
}

_PAGES = {
    "GET /docs": EVERYBODY,
    "GET /docs.css": EVERYBODY,
    "GET /setup": EVERYBODY,
    "POST /setup": EVERYBODY,
    "GET /.well-known/openid-configuration": EVERYBODY,  # public keys, for clouds
    "GET /.well-known/jwks.json": EVERYBODY,
    "GET /metrics": EVERYBODY,  # for a machine with the operator's token: no user's token opens it
}


def _under(prefix: str, entries: dict[str, Entry]) -> dict[str, Entry]:
    return {key.replace(" ", f" {prefix}", 1): entry for key, entry in entries.items()}


#: By "METHOD /path" as the route table has it.
POLICY = (
    _under("/api/v1", _API)
    | _under("/api/v1/{provider}/kubernetes/clusters", _CLUSTERS)
    | _under("/api/v1/{provider}/network", _NETWORKS)
    | _PAGES
)

#: Other words for the same routes.
SYNONYMS = {"/node-groups": "/node-pools", "/nodepools": "/node-pools", "/firewall-rules": "/security-groups"}
