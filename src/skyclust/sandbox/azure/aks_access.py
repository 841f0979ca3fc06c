"""Who gets into a cluster's Kubernetes API: kubeconfigs with local accounts or Microsoft Entra tokens.

Source: listClusterUserCredential and listClusterAdminCredential of the AKS reference. Invariant: a token of a local
account opens its own cluster only, and none once local accounts are disabled or certificates were rotated.
"""

import base64
import json

from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, group_of
from skyclust.sandbox.azure.errors import ArmError, Json, bad_request, invalid_parameter
from skyclust.sandbox.azure.identities import AKS_SERVER, Identities, cluster_token
from skyclust.sandbox.azure.resources import Kind, existing
from skyclust.sandbox.kernel import Authenticate

CLIENT = "80faf920-1908-4b52-b5ef-a8e7bedfc67a"  # Azure Kubernetes Service AAD Client
_USERS = ("clusterUser", "clusterAdmin", "clusterMonitoringUser")


def serve(cloud: Cloud, cluster: Json) -> None:
    version = cluster["properties"].get("currentKubernetesVersion", cluster["properties"]["_version"])
    cloud.kernel.kubernetes.create(cluster["_key"], version, _authenticate(cloud, cluster["id"].lower()))


def _authenticate(cloud: Cloud, key: str) -> Authenticate:
    def who(token: str) -> str | None:
        cluster = cloud.kernel.store.get("azure.microsoft.containerservice/managedclusters", key)
        if cluster is None or cluster["properties"]["powerState"]["code"] != "Running":
            return None
        if cluster["properties"].get("aadProfile") and (found := cloud.identities.kubernetes_caller(token)):
            return found
        if cluster["properties"]["disableLocalAccounts"]:
            return None
        return next((user for user in _USERS if token == local_token(cloud.identities, cluster, user)), None)

    return who


def local_token(identities: Identities, cluster: Json, user: str) -> str:
    return cluster_token(identities.secret, f"{cluster['_key']}/{cluster['_rotations']}", user)


def user_credential(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    cluster = _running(cloud, call, kind)
    if cluster["properties"].get("aadProfile"):
        return _answer(cloud, cluster, "clusterUser", _entra_user(cloud))
    return _answer(cloud, cluster, "clusterUser", _local_user(cloud, cluster, "clusterUser"))


def admin_credential(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    cluster = _running(cloud, call, kind)
    return _answer(cloud, cluster, "clusterAdmin", _local_user(cloud, cluster, "clusterAdmin"))


def monitoring_credential(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    cluster = _running(cloud, call, kind)
    return _answer(cloud, cluster, "clusterMonitoringUser", _local_user(cloud, cluster, "clusterMonitoringUser"))


def access_profile(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    """The older call for the same kubeconfig."""
    cluster, role = _running(cloud, call, kind), call.path["role"]
    if role not in ("clusterUser", "clusterAdmin"):
        raise invalid_parameter("roleName", f"The role '{role}' is neither clusterUser nor clusterAdmin.")
    text = json.dumps(kubeconfig(cloud, cluster, role, _local_user(cloud, cluster, role)))
    return Answer(200, {"id": f"{cluster['id']}/accessProfiles/{role}", "name": role, "location": cluster["location"],
                        "properties": {"kubeConfig": base64.b64encode(text.encode()).decode()}})  # fmt: skip


def _running(cloud: Cloud, call: Call, kind: Kind) -> Json:
    cluster = existing(cloud, call, kind)
    if "azurePortalFQDN" not in cluster["properties"]:
        raise ArmError(409, "OperationNotAllowed", f"The managed cluster {cluster['name']} is in state "
                       f"{cluster['properties']['provisioningState']} and has no API server yet.")  # fmt: skip
    return cluster


def _local_user(cloud: Cloud, cluster: Json, user: str) -> Json:
    if cluster["properties"]["disableLocalAccounts"]:
        raise bad_request(
            "BadRequest",
            "Getting static credential is not allowed because this cluster is set to disable local accounts.",
        )
    return {"token": local_token(cloud.identities, cluster, user)}


def _entra_user(cloud: Cloud) -> Json:
    words = ["get-token", "--environment", "AzurePublicCloud", "--server-id", AKS_SERVER, "--client-id", CLIENT,
             "--tenant-id", cloud.account.tenant, "--login", "devicecode"]  # fmt: skip
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "kubelogin",
            "args": words,
            "env": None,
            "provideClusterInfo": False,
        }
    }


def _answer(cloud: Cloud, cluster: Json, user: str, credential: Json) -> Answer:
    text = json.dumps(kubeconfig(cloud, cluster, user, credential), indent=2)  # JSON is YAML
    return Answer(200, {"kubeconfigs": [{"name": user, "value": base64.b64encode(text.encode()).decode()}]})


def kubeconfig(cloud: Cloud, cluster: Json, user: str, credential: Json) -> Json:
    name, port = cluster["name"], cloud.kernel.kubernetes
    account = f"{user}_{group_of(cluster['id'])}_{name}"
    context = f"{name}-admin" if user == "clusterAdmin" else name
    authority = base64.b64encode(port.ca_pem.encode()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": name,
                "cluster": {"certificate-authority-data": authority, "server": port.endpoint(cluster["_key"])},
            }
        ],
        "contexts": [{"name": context, "context": {"cluster": name, "user": account}}],
        "current-context": context,
        "preferences": {},
        "users": [{"name": account, "user": credential}],
    }
