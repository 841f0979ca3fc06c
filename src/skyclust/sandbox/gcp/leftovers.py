"""What the outside world puts into Google Cloud: decoys, foreign machines, and what Kubernetes leaves behind.

Called by the control API. Invariant: goes around every check, as another tool or a console would appear to.
"""

from typing import Any

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Cloud, named, numeric_id, short_hash, stamp
from skyclust.sandbox.gcp.errors import Json
from skyclust.sandbox.gcp.finding import find, need
from skyclust.sandbox.gcp.gke_networks import node_tag
from skyclust.sandbox.gcp.machines import private_address
from skyclust.sandbox.gcp.node_machines import machines_of

DECOY = {"sandbox-decoy": "true"}
SERVICE_TEXT = '{"kubernetes.io/service-name":"default/web"}'
VOLUME_TEXT = (
    '{"kubernetes.io/created-for/pvc/name":"data","kubernetes.io/created-for/pvc/namespace":"default",'
    '"storage.gke.io/created-by":"pd.csi.storage.gke.io"}'
)
DECOY_TEXT = "somebody else's, not ours sandbox-decoy=true"


def _network(cloud: Cloud, body: dict[str, Any]) -> tuple[str, str]:
    """(network's path, path of one of its subnetworks or '') that a body names."""
    collection, path, _ = find(cloud, need(body, "network_id" if "network_id" in body else "network"))
    if collection != "networks":
        raise ValueError(f"{path} is not a network.")
    inside = [where for where, row in cloud.all("subnetworks") if row["network"] == f"compute://{path}"]
    return path, inside[0] if inside else ""


def _put(cloud: Cloud, collection: str, scope: str, name: str, document: Json) -> str:
    path = f"projects/{cloud.project.id}/{scope}/{collection}/{name}"
    where = scope.partition("/")[0].removesuffix("s")
    place = {} if scope == "global" else {where: f"compute://projects/{cloud.project.id}/{scope}"}
    cloud.put(
        collection,
        path,
        {
            "kind": f"compute#{collection.removesuffix('s')}",
            "id": numeric_id(f"{path}@{cloud.now().timestamp()}"),
            "name": name,
            "selfLink": f"compute://{path}",
            "creationTimestamp": stamp(cloud.now()),
            **place,
            **document,
        },
    )
    return path


def plant_decoy(cloud: Cloud, body: dict[str, Any]) -> Json:
    """Things that must survive all: a foreign network with a firewall rule; with {network}, also things in that."""
    number = len(cloud.all("networks"))
    network = _put(
        cloud,
        "networks",
        "global",
        f"decoy-{number}",
        {
            "description": DECOY_TEXT,
            "autoCreateSubnetworks": False,
            "mtu": 1460,
            "routingConfig": {"routingMode": "REGIONAL", "bgpBestPathSelectionMode": "LEGACY"},
        },
    )
    planted = [network, _decoy_firewall(cloud, network, f"decoy-{number}-ssh")]
    if body.get("network"):
        target, _ = _network(cloud, body)
        planted.append(_decoy_firewall(cloud, target, f"decoy-{number}-in-{named(target)[:30]}"))
        planted.append(str(plant_instance(cloud, body)["id"]))
    return {"ids": planted}


def _decoy_firewall(cloud: Cloud, network: str, name: str) -> str:
    return _put(
        cloud,
        "firewalls",
        "global",
        name,
        {
            "description": DECOY_TEXT,
            "network": f"compute://{network}",
            "direction": "INGRESS",
            "priority": 1000,
            "disabled": False,
            "sourceRanges": ["192.0.2.0/24"],
            "allowed": [{"IPProtocol": "tcp", "ports": ["22"]}],
            "logConfig": {"enable": False},
        },
    )


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
    path = _put(cloud, "instances", f"zones/{zone}", name, {
        "labels": DECOY, "labelFingerprint": short_hash(name, 11) + "=", "status": "RUNNING",
        "machineType": f"compute://projects/{cloud.project.id}/zones/{zone}/machineTypes/e2-micro",
        "networkInterfaces": [card | ({"subnetwork": f"compute://{subnetwork}"} if subnetwork else {})]})  # fmt: skip
    return {"id": path}


def leave_leftovers(cloud: Cloud, body: dict[str, Any]) -> Json:
    """What Services, Ingresses and volumes of {cluster} make, which nobody deletes with it."""
    collection, _, cluster = find(cloud, need(body, "cluster"))
    if collection != "clusters":
        raise ValueError(f"{body['cluster']} is not a cluster.")
    region = catalog.region_of(cluster["location"])
    network, mark = (
        f"compute://{cluster['_network']}",
        short_hash(cluster["id"] + str(len(cloud.all("forwardingRules")))),
    )
    balancer = f"a{short_hash(cluster['id'] + mark, 31)}"
    pool = _put(cloud, "targetPools", f"regions/{region}", balancer, {
        "description": SERVICE_TEXT, "sessionAffinity": "NONE",
        "instances": [f"compute://{path}" for path, _ in machines_of(cloud, cluster)]})  # fmt: skip
    address = f"203.0.113.{int(mark[:4], 16) % 254 + 1}"
    rule = _put(
        cloud,
        "forwardingRules",
        f"regions/{region}",
        balancer,
        {
            "description": SERVICE_TEXT,
            "IPAddress": address,
            "IPProtocol": "TCP",
            "portRange": "80-80",
            "loadBalancingScheme": "EXTERNAL",
            "networkTier": "PREMIUM",
            "target": f"compute://{pool}",
        },
    )
    firewalls = [
        _left_firewall(cloud, cluster, f"k8s-fw-{balancer}", "80", ["0.0.0.0/0"]),
        _left_firewall(cloud, cluster, f"k8s-{mark}-node-http-hc", "10256", ["35.191.0.0/16", "130.211.0.0/22"]),
    ]
    zone = cluster["locations"][0]
    endpoints = _put(
        cloud,
        "networkEndpointGroups",
        f"zones/{zone}",
        f"k8s1-{mark}-default-web-80-{mark}",
        {
            "network": network,
            "subnetwork": f"compute://{cluster['_subnetwork']}",
            "networkEndpointType": "GCE_VM_IP_PORT",
            "size": 1,
            "description": f'{{"cluster-uid":"{mark}","namespace":"default","service-name":"web","port":"80"}}',
        },
    )
    disk = _put(
        cloud,
        "disks",
        f"zones/{zone}",
        f"pvc-{mark}-{short_hash(mark, 4)}",
        {
            "sizeGb": "10",
            "status": "READY",
            "labels": {"goog-k8s-cluster-name": cluster["name"], "goog-k8s-cluster-location": cluster["location"]},
            "labelFingerprint": short_hash(mark, 11) + "=",
            "physicalBlockSizeBytes": "4096",
            "type": f"compute://projects/{cloud.project.id}/zones/{zone}/diskTypes/pd-balanced",
            "description": VOLUME_TEXT,
        },
    )
    return {"ids": [rule, pool, *firewalls, endpoints, disk]}


def _left_firewall(cloud: Cloud, cluster: Json, name: str, port: str, sources: list[str]) -> str:
    return _put(
        cloud,
        "firewalls",
        "global",
        name,
        {
            "description": SERVICE_TEXT,
            "network": f"compute://{cluster['_network']}",
            "direction": "INGRESS",
            "priority": 1000,
            "disabled": False,
            "sourceRanges": sources,
            "targetTags": [node_tag(cluster)],
            "allowed": [{"IPProtocol": "tcp", "ports": [port]}],
            "logConfig": {"enable": False},
        },
    )
