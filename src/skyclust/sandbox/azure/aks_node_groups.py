"""What AKS makes in a cluster's node resource group: network, security group, outbound address, balancer, identities.

Called when a cluster comes up and when it goes. Source: the contents of MC_ groups. Invariant: the group and all in it
go with the cluster, also what Kubernetes left there.
"""

from skyclust.sandbox.azure import aks_nodes, groups, public_addresses
from skyclust.sandbox.azure.cloud import GROUPS, Cloud, digits_of, guid_of
from skyclust.sandbox.azure.errors import ArmError, Json
from skyclust.sandbox.azure.placing import place

MANAGED_RANGE, MANAGED_SUBNET = "10.224.0.0/12", "10.224.0.0/16"


def default_name(cluster_group: str, name: str, location: str) -> str:
    return f"MC_{cluster_group}_{name}_{location}"[:80]


def check_name_free(cloud: Cloud, name: str) -> None:
    """The group is AKS's to make."""
    if cloud.get(GROUPS, cloud.group_key(name)) is not None:
        raise ArmError(
            409,
            "NodeResourceGroupAlreadyExists",
            f"The node resource group '{name}' already exists; AKS makes it itself.",
        )


def build(cloud: Cloud, cluster: Json) -> None:
    """Make the group and what is always in it; what is there stays."""
    name, location = cluster["properties"]["nodeResourceGroup"], cluster["location"]
    if cloud.get(GROUPS, cloud.group_key(name)) is None:
        tags = {
            **cluster.get("tags", {}),
            "aks-managed-cluster-name": cluster["name"],
            "aks-managed-cluster-rg": cluster["id"].split("/")[4],
        }
        cloud.put(GROUPS, cloud.group_key(name), groups.make(cloud, name, location, tags, cluster["id"]))
    number, tags = digits_of(cluster["_key"]), dict(cluster.get("tags", {}))
    network = f"{aks_nodes.node_group_id(cloud, cluster)}/providers/Microsoft.Network"
    security = place(
        cloud,
        f"{network}/networkSecurityGroups/aks-agentpool-{number}-nsg",
        "Microsoft.Network/networkSecurityGroups",
        location,
        tags=tags,
    )
    _identity(cloud, cluster)
    if not cluster["_custom_subnet"]:
        _managed_network(cloud, cluster, network, security)
    _outbound(cloud, cluster, network, tags)


def _identity(cloud: Cloud, cluster: Json) -> None:
    name = f"{cluster['name']}-agentpool"
    where = (
        f"{aks_nodes.node_group_id(cloud, cluster)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    )
    ids = {
        "clientId": guid_of(f"{where}/client"),
        "principalId": guid_of(f"{where}/principal"),
        "tenantId": cloud.account.tenant,
    }
    place(cloud, where, "Microsoft.ManagedIdentity/userAssignedIdentities", cluster["location"], properties=ids)
    cluster["properties"]["identityProfile"] = {
        "kubeletidentity": {"resourceId": where, "clientId": ids["clientId"], "objectId": ids["principalId"]}
    }


def managed_subnet_id(cloud: Cloud, cluster: Json) -> str:
    network = f"{aks_nodes.node_group_id(cloud, cluster)}/providers/Microsoft.Network"
    return f"{network}/virtualNetworks/aks-vnet-{digits_of(cluster['_key'])}/subnets/aks-subnet"


def _managed_network(cloud: Cloud, cluster: Json, network: str, security: str) -> None:
    subnet = managed_subnet_id(cloud, cluster)
    vnet = subnet.partition("/subnets/")[0]
    space = {"addressSpace": {"addressPrefixes": [MANAGED_RANGE]}}
    place(
        cloud,
        vnet,
        "Microsoft.Network/virtualNetworks",
        cluster["location"],
        tags=dict(cluster.get("tags", {})),
        properties=space,
    )
    inside: Json = {"addressPrefix": MANAGED_SUBNET, "networkSecurityGroup": {"id": security}}
    if cluster["properties"]["networkProfile"]["outboundType"] == "managedNATGateway":
        inside["natGateway"] = {"id": f"{network}/natGateways/aks-natgateway-{digits_of(cluster['_key'])}"}
    place(cloud, subnet, "Microsoft.Network/virtualNetworks/subnets", cluster["location"], properties=inside)


def _outbound(cloud: Cloud, cluster: Json, network: str, tags: dict[str, str]) -> None:
    profile, location = cluster["properties"]["networkProfile"], cluster["location"]
    way = profile["outboundType"]
    if way not in ("loadBalancer", "managedNATGateway"):
        return
    address_id = f"{network}/publicIPAddresses/{guid_of(cluster['_key'])}"
    standard = {"name": "Standard", "tier": "Regional"}
    place(
        cloud,
        address_id,
        "Microsoft.Network/publicIPAddresses",
        location,
        sku=standard,
        tags={**tags, "aks-managed-type": "aks-slb-managed-outbound-ip"},
        properties=public_addresses.fields(address_id, {}, {}),
    )
    if way == "managedNATGateway":
        place(
            cloud,
            f"{network}/natGateways/aks-natgateway-{digits_of(cluster['_key'])}",
            "Microsoft.Network/natGateways",
            location,
            sku={"name": "Standard"},
            tags=tags,
            properties={"idleTimeoutInMinutes": 4, "publicIpAddresses": [{"id": address_id}]},
        )
        profile["natGatewayProfile"] = {
            "managedOutboundIPProfile": {"count": 1},
            "effectiveOutboundIPs": [{"id": address_id}],
            "idleTimeoutInMinutes": 4,
            **profile.get("natGatewayProfile", {}),
        }
        return
    balancer = f"{network}/loadBalancers/kubernetes"
    front = {"id": f"{balancer}/frontendIPConfigurations/{guid_of(cluster['_key'])}", "name": guid_of(cluster["_key"]),
             "properties": {"provisioningState": "Succeeded", "publicIPAddress": {"id": address_id}}}  # fmt: skip
    place(
        cloud,
        balancer,
        "Microsoft.Network/loadBalancers",
        location,
        sku=standard,
        tags=tags,
        properties={
            "frontendIPConfigurations": [front],
        },
    )
    profile["loadBalancerProfile"] = {
        "managedOutboundIPs": {"count": 1},
        "backendPoolType": "NodeIPConfiguration",
        **profile.get("loadBalancerProfile", {}),
        "effectiveOutboundIPs": [{"id": address_id}],
    }


def remove(cloud: Cloud, cluster: Json) -> None:
    groups.remove(cloud, cluster["properties"]["nodeResourceGroup"])
