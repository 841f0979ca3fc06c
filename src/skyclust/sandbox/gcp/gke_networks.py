"""Where a cluster sits: its network, subnetwork and address ranges, and the firewall rules GKE makes for it.

Called when clusters are created and deleted. Invariant: what GKE made in a network goes with its cluster.
"""

import ipaddress

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Cloud, named, path_of, short_hash
from skyclust.sandbox.gcp.compute_resources import existing, put_new
from skyclust.sandbox.gcp.errors import Json, bad_argument, not_found
from skyclust.sandbox.gcp.firewalls import FIREWALL
from skyclust.sandbox.gcp.network_users import ranges_of_network
from skyclust.sandbox.gcp.networking import carve

MANAGED_SERVICES_RANGE = "34.118.224.0/20"  # the range GKE owns and uses when nobody asks for another one
PODS_INSIDE = "10.0.0.0/8"


def place(cloud: Cloud, path: str, location: str, given: Json) -> Json:
    """The cluster's network fields, checked against what exists; new secondary ranges are added to the subnetwork."""
    network = _network(cloud, given)
    subnetwork = _subnetwork(cloud, given, network, catalog.region_of(location))
    policy, added = _ranges(cloud, path, subnetwork, given)
    network_config = {
        "serviceExternalIpsConfig": {"enabled": False},
        "defaultSnatStatus": {"disabled": False},
        **given.get("networkConfig", {}),
        "network": network,
        "subnetwork": subnetwork,
    }
    if given.get("autopilot", {}).get("enabled"):
        network_config.setdefault("datapathProvider", "ADVANCED_DATAPATH")
    return {
        "network": named(network),
        "subnetwork": named(subnetwork),
        "networkConfig": network_config,
        "ipAllocationPolicy": policy,
        "clusterIpv4Cidr": policy["clusterIpv4CidrBlock"],
        "servicesIpv4Cidr": policy["servicesIpv4CidrBlock"],
        "nodeIpv4CidrSize": 24,
        "_network": network,
        "_subnetwork": subnetwork,
        "_ranges": added,
        **_private(cloud, network, given),
    }


def _network(cloud: Cloud, given: Json) -> str:
    text = given.get("networkConfig", {}).get("network") or given.get("network") or "default"
    path = path_of(text, cloud.project.id) or f"projects/{cloud.project.id}/global/networks/{text}"
    if cloud.get("networks", path) is None:
        raise bad_argument(f'Project "{cloud.project.id}" has no network named "{named(path)}".')
    existing(cloud, "networks", path, ready=True)
    return path


def _subnetwork(cloud: Cloud, given: Json, network: str, region: str) -> str:
    text = given.get("networkConfig", {}).get("subnetwork") or given.get("subnetwork")
    if not text and not existing(cloud, "networks", network).get("autoCreateSubnetworks"):
        raise bad_argument(f'Network "{named(network)}" is a custom mode network; specify a subnetwork.')
    text = text or named(network)
    path = path_of(text, cloud.project.id) or f"projects/{cloud.project.id}/regions/{region}/subnetworks/{text}"
    found = cloud.get("subnetworks", path)
    if found is None:
        raise not_found(f'project "{cloud.project.id}" has no subnetwork named "{named(path)}" in region "{region}"')
    existing(cloud, "subnetworks", path, ready=True)
    if found["network"] != f"compute://{network}" or path.split("/")[3] != region:
        raise bad_argument(f'Subnetwork "{named(path)}" is not in network "{named(network)}" and region "{region}".')
    return path


def _ranges(cloud: Cloud, path: str, subnetwork: str, given: Json) -> tuple[Json, list[str]]:
    """The completed ipAllocationPolicy, and the names of secondary ranges added for it."""
    asked = given.get("ipAllocationPolicy", {})
    if not asked.get("useIpAliases", True):
        raise bad_argument("The sandbox makes VPC-native clusters only; set IPAllocationPolicy.use_ip_aliases.")
    pods = _range(cloud, subnetwork, asked, "cluster", "Pod")
    if pods is None:
        block = asked.get("clusterIpv4CidrBlock") or given.get("clusterIpv4Cidr") or "/14"
        pods = _new_range(cloud, path, subnetwork, "pods", block)
    services = _range(cloud, subnetwork, asked, "services", "Service")
    if services is None and asked.get("servicesIpv4CidrBlock"):
        services = _new_range(cloud, path, subnetwork, "services", asked["servicesIpv4CidrBlock"])
    names = {"clusterSecondaryRangeName": pods[0]} | ({"servicesSecondaryRangeName": services[0]} if services else {})
    blocks = {"cluster": pods[1], "services": services[1] if services else MANAGED_SERVICES_RANGE}
    policy = {
        "useIpAliases": True,
        "stackType": "IPV4",
        "podCidrOverprovisionConfig": {},
        **asked,
        **names,
        **{f"{kind}Ipv4CidrBlock": block for kind, block in blocks.items()},
        **{f"{kind}Ipv4Cidr": block for kind, block in blocks.items()},
    }
    return policy, [name for name in names.values() if name.startswith("gke-") and name not in asked.values()]


def _range(cloud: Cloud, subnetwork: str, asked: Json, kind: str, what: str) -> tuple[str, str] | None:
    """(name, block) of the secondary range a request names."""
    name = asked.get(f"{kind}SecondaryRangeName")
    return (name, _secondary(cloud, subnetwork, name, what)) if name else None


def _new_range(cloud: Cloud, path: str, subnetwork: str, what: str, wanted: str) -> tuple[str, str]:
    name = f"gke-{named(path)[:40]}-{what}-{short_hash(path)}"
    block = _block(cloud, subnetwork, wanted)
    _add_secondary(cloud, subnetwork, name, block)
    return name, block


def _secondary(cloud: Cloud, subnetwork: str, name: str, what: str) -> str:
    for row in existing(cloud, "subnetworks", subnetwork).get("secondaryIpRanges", []):
        if row["rangeName"] == name:
            return str(row["ipCidrRange"])
    raise bad_argument(f'{what} secondary range "{name}" does not exist in subnetwork "{named(subnetwork)}".')


def _block(cloud: Cloud, subnetwork: str, wanted: str) -> str:
    """The wanted range, or for a bare `/14` the first free one of that size."""
    network = existing(cloud, "subnetworks", subnetwork)["network"].removeprefix("compute://")
    taken = [text for text, _ in ranges_of_network(cloud, network)]
    if wanted.startswith("/"):
        return carve(int(wanted[1:]), taken, PODS_INSIDE)
    try:
        found = ipaddress.IPv4Network(wanted)
    except ValueError:
        raise bad_argument(f'Invalid address range "{wanted}".') from None
    for text in taken:
        if found.overlaps(ipaddress.IPv4Network(text)):
            raise bad_argument(f"The network already reserves {text}, which overlaps {wanted}.")
    return str(found)


def _add_secondary(cloud: Cloud, subnetwork: str, name: str, block: str) -> None:
    document = existing(cloud, "subnetworks", subnetwork)
    ranges = [*document.get("secondaryIpRanges", []), {"rangeName": name, "ipCidrRange": block}]
    cloud.put("subnetworks", subnetwork, {**document, "secondaryIpRanges": ranges})


def _private(cloud: Cloud, network: str, given: Json) -> Json:
    private = dict(given.get("privateClusterConfig", {}))
    block = private.get("masterIpv4CidrBlock")
    if block:
        try:
            found = ipaddress.IPv4Network(block)
        except ValueError:
            raise bad_argument(f'Invalid master_ipv4_cidr_block "{block}".') from None
        if found.prefixlen != 28:
            raise bad_argument(f'The master_ipv4_cidr_block "{block}" must have a prefix length of 28.')
        for text, owner in ranges_of_network(cloud, network):
            if found.overlaps(ipaddress.IPv4Network(text)):
                raise bad_argument(f'The master_ipv4_cidr_block "{block}" overlaps {text} of "{owner}".')
    return {"privateClusterConfig": private} if private else {}


def node_tag(cluster: Json) -> str:
    return f"gke-{cluster['name'][:30]}-{cluster['id'][:8]}-node"


def open_firewalls(cloud: Cloud, cluster: Json) -> None:
    """The rules GKE makes: for pods, among nodes, about the kubelet's read-only port, for the control plane."""
    pods, nodes = cluster["clusterIpv4Cidr"], existing(cloud, "subnetworks", cluster["_subnetwork"])["ipCidrRange"]
    everything = [{"IPProtocol": name} for name in ("tcp", "udp", "icmp", "esp", "ah", "sctp")]
    among = [{"IPProtocol": "icmp"}, *({"IPProtocol": name, "ports": ["1-65535"]} for name in ("tcp", "udp"))]
    kubelet = [{"IPProtocol": "tcp", "ports": ["10255"]}]
    _open(cloud, cluster, "all", pods, {"allowed": everything})
    _open(cloud, cluster, "vms", nodes, {"allowed": among})
    _open(cloud, cluster, "inkubelet", pods, {"allowed": kubelet, "priority": 999})
    _open(cloud, cluster, "exkubelet", "0.0.0.0/0", {"denied": kubelet})
    master = cluster.get("privateClusterConfig", {}).get("masterIpv4CidrBlock")
    if master:
        _open(cloud, cluster, "master", master, {"allowed": [{"IPProtocol": "tcp", "ports": ["10250", "443"]}]})


def _open(cloud: Cloud, cluster: Json, suffix: str, source: str, fields: Json) -> None:
    name = f"gke-{cluster['name'][:30]}-{cluster['id'][:8]}-{suffix}"
    common = {
        "network": f"compute://{cluster['_network']}",
        "direction": "INGRESS",
        "priority": 1000,
        "disabled": False,
        "logConfig": {"enable": False},
        "sourceRanges": [source],
        "targetTags": [node_tag(cluster)],
        "_cluster": cluster["id"],
    }
    put_new(cloud, FIREWALL, f"projects/{cloud.project.id}/global/firewalls/{name}", common | fields)


def clear_out(cloud: Cloud, cluster: Json) -> None:
    """Take back the firewall rules and the secondary ranges made for a cluster."""
    for path, rule in cloud.all("firewalls"):
        if rule.get("_cluster") == cluster["id"]:
            cloud.remove("firewalls", path)
    document = cloud.get("subnetworks", cluster["_subnetwork"])
    if document is not None and cluster["_ranges"]:
        kept = [row for row in document.get("secondaryIpRanges", []) if row["rangeName"] not in cluster["_ranges"]]
        cloud.put("subnetworks", cluster["_subnetwork"], {**document, "secondaryIpRanges": kept})
