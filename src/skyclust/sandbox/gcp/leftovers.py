"""Acts of the outside world in Google Cloud: somebody deletes, changes or plants things; Kubernetes leaves things behind.

Called by the control API. Invariant: goes around every check, as another tool or a console would appear to.
"""

from collections.abc import Callable
from typing import Any

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Cloud, named, numeric_id, path_of, short_hash, stamp
from skyclust.sandbox.gcp.errors import Json
from skyclust.sandbox.gcp.gke_clusters import remove_cluster
from skyclust.sandbox.gcp.gke_networks import node_tag
from skyclust.sandbox.gcp.machines import private_address
from skyclust.sandbox.gcp.node_machines import machines_of, remove_pool

COLLECTIONS = (
    "clusters", "node_pools", "networks", "subnetworks", "routers", "firewalls", "addresses", "routes", "instances", "disks",
    "instanceGroupManagers", "instanceGroups", "networkEndpointGroups", "forwardingRules", "targetPools", "service_accounts",
)  # fmt: skip
DECOY = {"sandbox-decoy": "true"}
DECOY_TEXT = "somebody else's, not ours sandbox-decoy=true"


def _need(body: dict[str, Any], name: str) -> str:
    if not isinstance(body.get(name), str) or not body[name]:
        raise ValueError(f"Give {name!r}, a string.")
    return str(body[name])


def _find(cloud: Cloud, wanted: str) -> tuple[str, str, Json]:
    """(collection, path, document) by path, link, or a name that only one resource has."""
    path = path_of(wanted, cloud.project.id) or wanted
    path = path.replace("/zones/", "/locations/") if "/clusters/" in path else path
    for collection in COLLECTIONS:
        document = cloud.get(collection, path)
        if document is not None:
            return collection, path, document
    hits = [(kind, key, row) for kind in COLLECTIONS for key, row in cloud.all(kind) if named(key) == wanted]
    if len(hits) > 1:
        raise ValueError(f"{wanted!r} is the name of {sorted(key for _, key, _ in hits)}; give the path of one.")
    if not hits:
        raise KeyError(wanted)
    return hits[0]


def _network(cloud: Cloud, body: dict[str, Any]) -> tuple[str, str]:
    """(network's path, path of one of its subnetworks or '') that a body names."""
    collection, path, _ = _find(cloud, _need(body, "network_id" if "network_id" in body else "network"))
    if collection != "networks":
        raise ValueError(f"{path} is not a network.")
    inside = [where for where, row in cloud.all("subnetworks") if row["network"] == f"compute://{path}"]
    return path, inside[0] if inside else ""


def _put(cloud: Cloud, collection: str, noun: str, scope: str, name: str, document: Json) -> str:
    path = f"projects/{cloud.project.id}/{scope}/{collection}/{name}"
    place = (
        {}
        if scope == "global"
        else {scope.split("/", maxsplit=1)[0].removesuffix("s"): f"compute://projects/{cloud.project.id}/{scope}"}
    )
    cloud.put(collection, path, {
        "kind": f"compute#{noun}", "id": numeric_id(f"{path}@{cloud.now().timestamp()}"), "name": name, "selfLink": f"compute://{path}",
        "creationTimestamp": stamp(cloud.now()), **place, **document})  # fmt: skip
    return path


def delete(cloud: Cloud, body: dict[str, Any]) -> Json:
    """Remove {id} without asking what depends on it."""
    collection, path, document = _find(cloud, _need(body, "id"))
    if collection == "clusters":
        remove_cluster(cloud, path)
    elif collection == "node_pools":
        cluster = cloud.get("clusters", path.partition("/nodePools/")[0])
        if cluster is not None:
            remove_pool(cloud, cluster, document["name"])
    cloud.remove(collection, path)
    return {"deleted": path}


def change(cloud: Cloud, body: dict[str, Any]) -> Json:
    """Set {field} (dots go inside) of {id} to {value}; null removes it."""
    collection, path, document = _find(cloud, _need(body, "id"))
    *parents, last = _need(body, "field").split(".")
    inner: Any = document
    for parent in parents:
        inner = inner[int(parent)] if isinstance(inner, list) else inner.setdefault(parent, {})
    if body.get("value") is None:
        inner.pop(last, None)
    else:
        inner[last] = body["value"]
    cloud.put(collection, path, document)
    return {"changed": path}


def plant_decoy(cloud: Cloud, body: dict[str, Any]) -> Json:
    """Things that must survive everything: a foreign network with a firewall rule; with {network}, also things in there."""
    number = len(cloud.all("networks"))
    network = _put(cloud, "networks", "network", "global", f"decoy-{number}", {
        "description": DECOY_TEXT, "autoCreateSubnetworks": False, "mtu": 1460,
        "routingConfig": {"routingMode": "REGIONAL", "bgpBestPathSelectionMode": "LEGACY"}})  # fmt: skip
    planted = [network, _decoy_firewall(cloud, network, f"decoy-{number}-ssh")]
    if body.get("network"):
        target, _ = _network(cloud, body)
        planted.append(_decoy_firewall(cloud, target, f"decoy-{number}-in-{named(target)[:30]}"))
        planted.append(str(plant_instance(cloud, body)["id"]))
    return {"ids": planted}


def _decoy_firewall(cloud: Cloud, network: str, name: str) -> str:
    return _put(cloud, "firewalls", "firewall", "global", name, {
        "description": DECOY_TEXT, "network": f"compute://{network}", "direction": "INGRESS", "priority": 1000, "disabled": False,
        "sourceRanges": ["192.0.2.0/24"], "allowed": [{"IPProtocol": "tcp", "ports": ["22"]}], "logConfig": {"enable": False}})  # fmt: skip


def plant_instance(cloud: Cloud, body: dict[str, Any]) -> Json:
    """A foreign virtual machine in {network}."""
    network, subnetwork = _network(cloud, body)
    region = subnetwork.split("/")[3] if subnetwork else "us-central1"
    zone = catalog.zones_of(region)[0]
    name = f"somebody-elses-machine-{len(cloud.all('instances'))}"
    card = {
        "kind": "compute#networkInterface",
        "name": "nic0",
        "network": f"compute://{network}",
        "networkIP": private_address(cloud, name, subnetwork),
    }
    path = _put(cloud, "instances", "instance", f"zones/{zone}", name, {
        "labels": DECOY, "labelFingerprint": short_hash(name, 11) + "=", "status": "RUNNING",
        "machineType": f"compute://projects/{cloud.project.id}/zones/{zone}/machineTypes/e2-micro",
        "networkInterfaces": [card | ({"subnetwork": f"compute://{subnetwork}"} if subnetwork else {})]})  # fmt: skip
    return {"id": path}


def leave_leftovers(cloud: Cloud, body: dict[str, Any]) -> Json:
    """What Services, Ingresses and volumes of {cluster} make, which nobody deletes with it."""
    collection, _, cluster = _find(cloud, _need(body, "cluster"))
    if collection != "clusters":
        raise ValueError(f"{body['cluster']} is not a cluster.")
    region = catalog.region_of(cluster["location"])
    network, mark = (
        f"compute://{cluster['_network']}",
        short_hash(cluster["id"] + str(len(cloud.all("forwardingRules")))),
    )
    service = '{"kubernetes.io/service-name":"default/web"}'
    balancer = f"a{short_hash(cluster['id'] + mark, 31)}"
    pool = _put(cloud, "targetPools", "targetPool", f"regions/{region}", balancer, {
        "description": service, "sessionAffinity": "NONE",
        "instances": [f"compute://{path}" for path, _ in machines_of(cloud, cluster)]})  # fmt: skip
    address = f"203.0.113.{int(mark[:4], 16) % 254 + 1}"
    rule = _put(cloud, "forwardingRules", "forwardingRule", f"regions/{region}", balancer, {
        "description": service, "IPAddress": address, "IPProtocol": "TCP", "portRange": "80-80", "loadBalancingScheme": "EXTERNAL",
        "networkTier": "PREMIUM", "target": f"compute://{pool}"})  # fmt: skip
    firewalls = [
        _left_firewall(cloud, cluster, f"k8s-fw-{balancer}", service, ["0.0.0.0/0"], ["80"]),
        _left_firewall(
            cloud, cluster, f"k8s-{mark}-node-http-hc", service, ["35.191.0.0/16", "130.211.0.0/22"], ["10256"]
        ),
    ]
    zone = cluster["locations"][0]
    endpoints = _put(cloud, "networkEndpointGroups", "networkEndpointGroup", f"zones/{zone}", f"k8s1-{mark}-default-web-80-{mark}", {
        "network": network, "subnetwork": f"compute://{cluster['_subnetwork']}", "networkEndpointType": "GCE_VM_IP_PORT", "size": 1,
        "description": f'{{"cluster-uid":"{mark}","namespace":"default","service-name":"web","port":"80"}}'})  # fmt: skip
    disk = _put(cloud, "disks", "disk", f"zones/{zone}", f"pvc-{mark}-{short_hash(mark, 4)}", {
        "sizeGb": "10", "status": "READY", "labels": {"goog-k8s-cluster-name": cluster["name"], "goog-k8s-cluster-location": cluster["location"]},
        "labelFingerprint": short_hash(mark, 11) + "=", "physicalBlockSizeBytes": "4096",
        "type": f"compute://projects/{cloud.project.id}/zones/{zone}/diskTypes/pd-balanced",
        "description": '{"kubernetes.io/created-for/pvc/name":"data","kubernetes.io/created-for/pvc/namespace":"default",'
                       '"storage.gke.io/created-by":"pd.csi.storage.gke.io"}'})  # fmt: skip
    return {"ids": [rule, pool, *firewalls, endpoints, disk]}


def _left_firewall(cloud: Cloud, cluster: Json, name: str, text: str, sources: list[str], ports: list[str]) -> str:
    return _put(cloud, "firewalls", "firewall", "global", name, {
        "description": text, "network": f"compute://{cluster['_network']}", "direction": "INGRESS", "priority": 1000, "disabled": False,
        "sourceRanges": sources, "targetTags": [node_tag(cluster)], "allowed": [{"IPProtocol": "tcp", "ports": ports}],
        "logConfig": {"enable": False}})  # fmt: skip


def set_quota(cloud: Cloud, body: dict[str, Any]) -> Json:
    """The limit of {metric} in {region} (a region, or global when it is left out) is now {limit}."""
    metric, scope = _need(body, "metric"), str(body.get("region") or "global")
    limit = body.get("limit")
    if isinstance(limit, bool) or not isinstance(limit, int | float):
        raise ValueError("Give 'limit', a number.")  # noqa: TRY004 - the control API answers 422 to ValueError
    cloud.put("quotas", f"{scope}/{metric}", {"limit": limit})
    return {"metric": metric, "scope": scope, "limit": limit}


def deny_permissions(cloud: Cloud, body: dict[str, Any]) -> Json:
    """The caller no longer holds {permissions} in the project; an empty list gives all back."""
    names = body.get("permissions")
    if not isinstance(names, list):
        raise ValueError("Give 'permissions', a list of names.")  # noqa: TRY004 - the control API answers 422 to ValueError
    cloud.put("denied_permissions", "project", {"permissions": [str(name) for name in names]})
    return {"denied": names}


ACTIONS: dict[str, Callable[[Cloud, dict[str, Any]], Json]] = {
    "delete": delete,
    "change": change,
    "plant_decoy": plant_decoy,
    "plant_instance": plant_instance,
    "leave_leftovers": leave_leftovers,
    "delete_resource": delete,  # the words the other simulated clouds use for the same
    "set_field": change,
    "plant_decoys": plant_decoy,
    "kubernetes_leftovers": leave_leftovers,
    "set_quota": set_quota,
    "deny_permissions": deny_permissions,
}
