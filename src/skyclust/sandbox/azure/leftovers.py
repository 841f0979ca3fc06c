"""What the outside world puts into Azure: decoys, foreign machines, and what Kubernetes leaves behind.

Called by the control API. Invariant: goes around every check, as another tool or the portal would appear to.
"""

from typing import Any

from skyclust.sandbox.azure import aks_nodes, catalog, groups, public_addresses
from skyclust.sandbox.azure.aks_pools import CLUSTERS, pools_of, subnet_for
from skyclust.sandbox.azure.cards_balancers import private_address
from skyclust.sandbox.azure.cloud import GROUPS, Cloud, digits_of, group_of, guid_of
from skyclust.sandbox.azure.errors import Json
from skyclust.sandbox.azure.finding import find, need
from skyclust.sandbox.azure.machines import VIRTUAL_MACHINES
from skyclust.sandbox.azure.networks import VNETS, subnets_of
from skyclust.sandbox.azure.placing import place

DECOY = {"sandbox-decoy": "true"}
REGION = "westeurope"
SIZE = "Standard_D2s_v5"
STANDARD = {"name": "Standard", "tier": "Regional"}
SERVICE = "default/web"


def _providers(cloud: Cloud, group: str) -> str:
    return f"/subscriptions/{cloud.account.subscription}/resourceGroups/{group}/providers"


def _group(cloud: Cloud, name: str, region: str) -> str:
    if cloud.get(GROUPS, cloud.group_key(name)) is None:
        cloud.put(GROUPS, cloud.group_key(name), groups.make(cloud, name, region, dict(DECOY)))
    return f"/subscriptions/{cloud.account.subscription}/resourceGroups/{name}"


def plant_decoys(cloud: Cloud, body: dict[str, Any]) -> Json:
    """Things that must survive all: a foreign group with a network and rules; with {network_id}, a machine in that."""
    region = catalog.location_of(str(body.get("region") or REGION), "decoys")
    name = f"decoy-{len(cloud.all(GROUPS))}"
    group = _group(cloud, name, region)
    where = f"{group}/providers/Microsoft.Network"
    space = {"addressSpace": {"addressPrefixes": ["192.168.0.0/16"]}}
    network = place(
        cloud,
        f"{where}/virtualNetworks/{name}",
        "Microsoft.Network/virtualNetworks",
        region,
        tags=dict(DECOY),
        properties=space,
    )
    subnet = place(cloud, f"{network}/subnets/default", "Microsoft.Network/virtualNetworks/subnets", region,
                   properties={"addressPrefix": "192.168.0.0/24"})  # fmt: skip
    rules = place(
        cloud,
        f"{where}/networkSecurityGroups/{name}",
        "Microsoft.Network/networkSecurityGroups",
        region,
        tags=dict(DECOY),
    )
    planted = [group, network, subnet, rules]
    if body.get("network_id"):
        planted.append(str(plant_instance(cloud, body)["id"]))
    return {"ids": planted}


def plant_instance(cloud: Cloud, body: dict[str, Any]) -> Json:
    """A foreign virtual machine with its interface in {network_id}, in the network's group or in {group}."""
    collection, network = find(cloud, need(body, "network_id"))
    subnets = subnets_of(cloud, network["id"])
    if collection != VNETS or not subnets:
        raise ValueError(f"{network['id']} is not a virtual network with a subnet.")
    group, region = str(body.get("group") or group_of(network["id"])), network["location"]
    _group(cloud, group, region)
    name = f"somebody-elses-machine-{len(cloud.all(VIRTUAL_MACHINES))}"
    where = _providers(cloud, group)
    card, machine = (
        f"{where}/Microsoft.Network/networkInterfaces/{name}",
        f"{where}/Microsoft.Compute/virtualMachines/{name}",
    )
    inner = {
        "privateIPAddress": private_address(cloud, subnets[0]["id"]),
        "privateIPAllocationMethod": "Dynamic",
        "primary": True,
        "privateIPAddressVersion": "IPv4",
        "provisioningState": "Succeeded",
        "subnet": {"id": subnets[0]["id"]},
    }
    configuration = {"id": f"{card}/ipConfigurations/ipconfig1", "name": "ipconfig1", "properties": inner}
    place(
        cloud,
        card,
        "Microsoft.Network/networkInterfaces",
        region,
        tags=dict(DECOY),
        properties={"ipConfigurations": [configuration], "virtualMachine": {"id": machine}, "primary": True},
    )
    held = {"networkInterfaces": [{"id": card, "properties": {"primary": True, "deleteOption": "Delete"}}]}
    place(
        cloud,
        machine,
        "Microsoft.Compute/virtualMachines",
        region,
        tags=dict(DECOY),
        _size=SIZE,
        properties={"vmId": guid_of(machine), "hardwareProfile": {"vmSize": SIZE}, "networkProfile": held},
    )
    return {"id": machine, "network_interface_id": card}


def kubernetes_leftovers(cloud: Cloud, body: dict[str, Any]) -> Json:
    """What Services and volumes of {cluster} make: in its node group, and with {outside} also in the cluster's group.

    AKS deletes the node group with the cluster, so only what annotations and storage classes sent elsewhere stays.
    """
    collection, cluster = find(cloud, need(body, "cluster"))
    if collection != CLUSTERS:
        raise ValueError(f"{body['cluster']} is not a cluster.")
    node_group = str(cluster["properties"]["nodeResourceGroup"])
    mark = f"a{guid_of(cluster['_key'] + str(len(cloud.all('microsoft.network/publicipaddresses')))).replace('-', '')}"
    made = [
        _public_service(cloud, cluster, node_group, mark),
        _internal_service(cloud, cluster, node_group, mark),
        _open_port(cloud, cluster, node_group, mark),
        _volume(cloud, cluster, node_group, mark),
    ]
    if body.get("outside"):
        own = group_of(cluster["id"])
        made += [
            _public_service(cloud, cluster, own, f"{mark}-outside"),
            _volume(cloud, cluster, own, f"{mark}-outside"),
        ]
    return {"ids": made}


def _public_service(cloud: Cloud, cluster: Json, group: str, mark: str) -> str:
    """The address of a Service of type LoadBalancer; an annotation can name another group for it."""
    address = f"{_providers(cloud, group)}/Microsoft.Network/publicIPAddresses/kubernetes-{mark}"
    tags = {"k8s-azure-service": SERVICE, "k8s-azure-cluster-name": "kubernetes"}
    return place(cloud, address, "Microsoft.Network/publicIPAddresses", cluster["location"], sku=STANDARD, tags=tags,
                 properties=public_addresses.fields(address, {}, {}))  # fmt: skip


def _internal_service(cloud: Cloud, cluster: Json, group: str, mark: str) -> str:
    """The balancer of internal Services, with a front end in the subnet of the first pool."""
    balancer = f"{_providers(cloud, group)}/Microsoft.Network/loadBalancers/kubernetes-internal"
    subnet = subnet_for(cloud, cluster, pools_of(cloud, cluster["id"])[0])
    inner = {
        "privateIPAddress": private_address(cloud, subnet),
        "privateIPAllocationMethod": "Dynamic",
        "subnet": {"id": subnet},
        "provisioningState": "Succeeded",
    }
    front = {"id": f"{balancer}/frontendIPConfigurations/{mark}", "name": mark, "properties": inner}
    return place(
        cloud,
        balancer,
        "Microsoft.Network/loadBalancers",
        cluster["location"],
        sku=STANDARD,
        tags=dict(cluster.get("tags", {})),
        properties={
            "frontendIPConfigurations": [front],
        },
    )


def _open_port(cloud: Cloud, cluster: Json, group: str, mark: str) -> str:
    groups_of_rules = f"{_providers(cloud, group)}/Microsoft.Network/networkSecurityGroups"
    security = f"{groups_of_rules}/aks-agentpool-{digits_of(cluster['_key'])}-nsg"
    rule = {
        "protocol": "Tcp",
        "sourcePortRange": "*",
        "destinationPortRange": "80",
        "sourceAddressPrefix": "Internet",
        "destinationAddressPrefix": "203.0.113.1",
        "access": "Allow",
        "direction": "Inbound",
        "priority": 500,
    }
    return place(
        cloud,
        f"{security}/securityRules/k8s-azure-lb_allow_IPv4_{mark[:32]}",
        "Microsoft.Network/networkSecurityGroups/securityRules",
        cluster["location"],
        properties=rule,
    )


def _volume(cloud: Cloud, cluster: Json, group: str, mark: str) -> str:
    """The disk of a PersistentVolumeClaim; its storage class can name another group."""
    disk = f"{_providers(cloud, group)}/Microsoft.Compute/disks/pvc-{guid_of(mark)}"
    tags = {
        "k8s-azure-created-by": "kubernetes-azure-dd",
        "kubernetes.io-created-for-pv-name": f"pvc-{guid_of(mark)}",
        "kubernetes.io-created-for-pvc-name": "data",
        "kubernetes.io-created-for-pvc-namespace": "default",
    }
    return place(
        cloud,
        disk,
        "Microsoft.Compute/disks",
        cluster["location"],
        sku={"name": "StandardSSD_LRS", "tier": "Standard"},
        tags=tags,
        properties={"diskSizeGB": 10, "diskState": "Unattached", "creationData": {"createOption": "Empty"}},
    )


def told_of_machines(cloud: Cloud, scale_set: str) -> None:
    """Machines went by hand: Kubernetes learns of it, the pool does not."""
    for _, cluster in cloud.all(CLUSTERS):
        for pool in pools_of(cloud, cluster["id"]):
            if aks_nodes.scale_set_id(cloud, cluster, pool["name"]).lower() == scale_set.lower():
                aks_nodes.tell_kubernetes(cloud, cluster, pool)
