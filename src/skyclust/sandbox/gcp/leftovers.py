"""What the outside world puts into Google Cloud: decoys, foreign machines, and what Kubernetes leaves behind.

Called by the control API. Invariant: goes around every check, as another tool or a console would appear to.
"""

from typing import Any

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Cloud, named, short_hash
from skyclust.sandbox.gcp.compute_resources import Kind, put_new
from skyclust.sandbox.gcp.errors import Json
from skyclust.sandbox.gcp.finding import find, need
from skyclust.sandbox.gcp.firewalls import FIREWALL
from skyclust.sandbox.gcp.gke_networks import node_tag
from skyclust.sandbox.gcp.load_balancing import ENDPOINT_GROUP, FORWARDING_RULE, TARGET_POOL
from skyclust.sandbox.gcp.machines import DISK, INSTANCE, private_address
from skyclust.sandbox.gcp.networks import NETWORK
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


def _plant(cloud: Cloud, kind: Kind, where: str, name: str, fields: Json) -> str:
    return put_new(cloud, kind, f"projects/{cloud.project.id}/{where}/{kind.collection}/{name}", fields)


def plant_decoy(cloud: Cloud, body: dict[str, Any]) -> Json:
    """Things that must survive all: a foreign network with a firewall rule; with {network}, also things in that."""
    number = len(cloud.all("networks"))
    routing = {"routingMode": "REGIONAL", "bgpBestPathSelectionMode": "LEGACY"}
    fields = {"description": DECOY_TEXT, "autoCreateSubnetworks": False, "mtu": 1460, "routingConfig": routing}
    network = _plant(cloud, NETWORK, "global", f"decoy-{number}", fields)
    planted = [network, _decoy_firewall(cloud, network, f"decoy-{number}-ssh")]
    if body.get("network"):
        target, _ = _network(cloud, body)
        planted.append(_decoy_firewall(cloud, target, f"decoy-{number}-in-{named(target)[:30]}"))
        planted.append(str(plant_instance(cloud, body)["id"]))
    return {"ids": planted}


def _firewall(network: str, text: str, sources: list[str], port: str) -> Json:
    return {
        "description": text,
        "network": f"compute://{network}",
        "direction": "INGRESS",
        "priority": 1000,
        "disabled": False,
        "sourceRanges": sources,
        "allowed": [{"IPProtocol": "tcp", "ports": [port]}],
        "logConfig": {"enable": False},
    }


def _decoy_firewall(cloud: Cloud, network: str, name: str) -> str:
    return _plant(cloud, FIREWALL, "global", name, _firewall(network, DECOY_TEXT, ["192.0.2.0/24"], "22"))


def plant_instance(cloud: Cloud, body: dict[str, Any]) -> Json:
    """A foreign virtual machine in {network}."""
    network, subnetwork = _network(cloud, body)
    zone = catalog.zones_of(subnetwork.split("/")[3] if subnetwork else "us-central1")[0]
    name = f"somebody-elses-machine-{len(cloud.all('instances'))}"
    card = {
        "kind": "compute#networkInterface",
        "name": "nic0",
        "network": f"compute://{network}",
        "networkIP": private_address(cloud, subnetwork),
        **({"subnetwork": f"compute://{subnetwork}"} if subnetwork else {}),
    }
    fields = {
        "labels": DECOY,
        "labelFingerprint": short_hash(name, 11) + "=",
        "status": "RUNNING",
        "machineType": f"compute://projects/{cloud.project.id}/zones/{zone}/machineTypes/e2-micro",
        "networkInterfaces": [card],
    }
    return {"id": _plant(cloud, INSTANCE, f"zones/{zone}", name, fields)}


def leave_leftovers(cloud: Cloud, body: dict[str, Any]) -> Json:
    """What Services, Ingresses and volumes of {cluster} make, which nobody deletes with it."""
    collection, _, cluster = find(cloud, need(body, "cluster"))
    if collection != "clusters":
        raise ValueError(f"{body['cluster']} is not a cluster.")
    mark = short_hash(cluster["id"] + str(len(cloud.all("forwardingRules"))))
    return {"ids": [*_leave_balancer(cloud, cluster, mark), _leave_endpoints(cloud, cluster, mark),
                    _leave_volume(cloud, cluster, mark)]}  # fmt: skip


def _leave_balancer(cloud: Cloud, cluster: Json, mark: str) -> list[str]:
    """A Service of type LoadBalancer: a target pool of the nodes, a forwarding rule, two firewall rules."""
    where = f"regions/{catalog.region_of(cluster['location'])}"
    name = f"a{short_hash(cluster['id'] + mark, 31)}"
    nodes = [f"compute://{path}" for path, _ in machines_of(cloud, cluster)]
    pool = {"description": SERVICE_TEXT, "sessionAffinity": "NONE", "instances": nodes}
    target = _plant(cloud, TARGET_POOL, where, name, pool)
    rule = {
        "description": SERVICE_TEXT,
        "IPAddress": f"203.0.113.{int(mark[:4], 16) % 254 + 1}",
        "IPProtocol": "TCP",
        "portRange": "80-80",
        "loadBalancingScheme": "EXTERNAL",
        "networkTier": "PREMIUM",
        "target": f"compute://{target}",
    }
    network, tags = cluster["_network"], {"targetTags": [node_tag(cluster)]}
    public = _firewall(network, SERVICE_TEXT, ["0.0.0.0/0"], "80") | tags
    health = _firewall(network, SERVICE_TEXT, ["35.191.0.0/16", "130.211.0.0/22"], "10256") | tags
    return [
        target,
        _plant(cloud, FORWARDING_RULE, where, name, rule),
        _plant(cloud, FIREWALL, "global", f"k8s-fw-{name}", public),
        _plant(cloud, FIREWALL, "global", f"k8s-{mark}-node-http-hc", health),
    ]


def _leave_endpoints(cloud: Cloud, cluster: Json, mark: str) -> str:
    """The endpoint group of an Ingress."""
    fields = {
        "network": f"compute://{cluster['_network']}",
        "subnetwork": f"compute://{cluster['_subnetwork']}",
        "networkEndpointType": "GCE_VM_IP_PORT",
        "size": 1,
        "description": f'{{"cluster-uid":"{mark}","namespace":"default","service-name":"web","port":"80"}}',
    }
    name = f"k8s1-{mark}-default-web-80-{mark}"
    return _plant(cloud, ENDPOINT_GROUP, f"zones/{cluster['locations'][0]}", name, fields)


def _leave_volume(cloud: Cloud, cluster: Json, mark: str) -> str:
    """The disk of a PersistentVolumeClaim."""
    zone = cluster["locations"][0]
    fields = {
        "sizeGb": "10",
        "status": "READY",
        "labels": {"goog-k8s-cluster-name": cluster["name"], "goog-k8s-cluster-location": cluster["location"]},
        "labelFingerprint": short_hash(mark, 11) + "=",
        "physicalBlockSizeBytes": "4096",
        "type": f"compute://projects/{cloud.project.id}/zones/{zone}/diskTypes/pd-balanced",
        "description": VOLUME_TEXT,
    }
    return _plant(cloud, DISK, f"zones/{zone}", f"pvc-{mark}-{short_hash(mark, 4)}", fields)
