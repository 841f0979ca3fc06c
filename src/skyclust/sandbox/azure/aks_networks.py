"""The network of a cluster: plug-ins, ranges, outbound way, and whether its pools fit into their subnets.

Rules: https://learn.microsoft.com/azure/aks/concepts-network, egress-outboundtype, and AKS's error pages
(ServiceCidrOverlapExistingSubnetsCidr, InsufficientSubnetSize, SubnetNotFound).
"""

import ipaddress
from typing import Any

from skyclust.sandbox.azure import addressing
from skyclust.sandbox.azure.aks_pool_defaults import surge_of
from skyclust.sandbox.azure.cloud import Cloud, group_of, named, parent_of
from skyclust.sandbox.azure.errors import Json, bad_request, invalid_parameter
from skyclust.sandbox.azure.networks import SUBNETS, VNETS, ranges_of, subnets_of
from skyclust.sandbox.azure.permissions import check_linked
from skyclust.sandbox.azure.subnet_users import POOLS

JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"
_IMMUTABLE = ("networkPlugin", "podCidr", "serviceCidr", "dnsServiceIP", "loadBalancerSku")


def complete_network(given: Json, old: Json) -> Json:
    """The network profile with AKS's defaults; what cannot be changed later is taken from `old`."""
    given = {
        **{
            key: old[key]
            for key in (*_IMMUTABLE, "networkPluginMode", "networkPolicy", "networkDataplane", "outboundType")
            if key in old
        },
        **given,
    }
    for field in _IMMUTABLE:
        if old and field in old and given.get(field) != old[field]:
            raise bad_request(
                "PropertyChangeNotAllowed",
                f"Changing property 'networkProfile.{field}' is not allowed.",
                f"networkProfile.{field}",
            )
    plugin = given.get("networkPlugin", "azure" if given.get("networkPluginMode") else "kubenet")
    has_pods = plugin == "kubenet" or given.get("networkPluginMode") == "overlay"
    service = given.get("serviceCidr", "10.0.0.0/16")
    profile: Json = {
        "networkPolicy": "none",
        "networkDataplane": "azure",
        "serviceCidr": service,
        "outboundType": "loadBalancer",
        "loadBalancerSku": "standard",
        "ipFamilies": ["IPv4"],
        **({"podCidr": "10.244.0.0/16"} if has_pods else {}),
        **given,
        "networkPlugin": plugin,
    }
    profile["serviceCidrs"] = [profile["serviceCidr"]]
    if "podCidr" in profile:
        profile["podCidrs"] = [profile["podCidr"]]
    profile.setdefault("dnsServiceIP", str(_cidr("serviceCidr", service)[10]))
    _check_network(profile)
    return profile


def _cidr(field: str, text: Any) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(str(text))
    except ValueError:
        raise bad_request("CidrStringParseError", f"Cidr is invalid: '{text}'.", f"networkProfile.{field}") from None


def _check_network(profile: Json) -> None:
    service = _cidr("serviceCidr", profile["serviceCidr"])
    if service.prefixlen < 12:
        raise invalid_parameter("networkProfile.serviceCidr", f"The service CIDR {service} is larger than /12.")
    if "podCidr" in profile and _cidr("podCidr", profile["podCidr"]).overlaps(service):
        raise bad_request(
            "ServiceCidrOverlapPodCidr",
            f"The pod CIDR {profile['podCidr']} overlaps the service CIDR {service}.",
            "networkProfile.podCidr",
        )
    try:
        address = ipaddress.IPv4Address(profile["dnsServiceIP"])
    except ValueError:
        raise invalid_parameter("networkProfile.dnsServiceIP", f"'{profile['dnsServiceIP']}' is no address.") from None
    if address not in service or address in (service[0], service[1]):
        raise bad_request(
            "DnsServiceIpOutOfServiceCidr",
            f"The DNS service IP {address} must be inside of the service CIDR {service} and not its first address.",
            "networkProfile.dnsServiceIP",
        )
    plugin, policy = profile["networkPlugin"], profile["networkPolicy"]
    if policy in ("azure", "cilium") and plugin != "azure":
        raise invalid_parameter(
            "networkProfile.networkPolicy", f"Network policy {policy} requires network plugin azure, not {plugin}."
        )
    if policy == "cilium" and profile["networkDataplane"] != "cilium":
        raise invalid_parameter(
            "networkProfile.networkPolicy", "Network policy cilium requires network dataplane cilium."
        )
    if profile["networkDataplane"] == "cilium" and (plugin != "azure" or policy not in ("cilium", "none")):
        raise invalid_parameter(
            "networkProfile.networkDataplane",
            "Network dataplane cilium requires network plugin azure and policy cilium.",
        )
    if profile.get("networkPluginMode") and plugin != "azure":
        raise invalid_parameter(
            "networkProfile.networkPluginMode", "Network plugin mode overlay requires network plugin azure."
        )
    if profile["loadBalancerSku"] != "standard":
        raise invalid_parameter("networkProfile.loadBalancerSku", "The Basic load balancer is retired; use standard.")


# subnets of pools


def subnet_of(cloud: Cloud, properties: Json) -> Json | None:
    """The subnet a pool names; it must be there."""
    wanted = properties.get("vnetSubnetID")
    if not wanted:
        return None
    found = cloud.get(SUBNETS, wanted.lower())
    if found is not None:
        check_linked(cloud, JOIN, found["id"])
    if found is None:
        if wanted.count("/") < 10:
            raise bad_request(
                "LinkedInvalidPropertyId",
                f"Property id '{wanted}' at path "
                f"'properties.vnetSubnetID' is invalid. Expect fully "
                "qualified resource Id that start with '/subscriptions/{subscriptionId}'.",
            )
        raise bad_request(
            "SubnetNotFound",
            f"Could not find subnet {named(wanted)} in vnet {named(parent_of(wanted))} from resource group "
            f"{group_of(wanted)} of subscription {cloud.account.subscription}.",
        )
    return found


def check_subnets(cloud: Cloud, location: str, profile: Json, pools: list[Json]) -> None:
    """All pools of a cluster: in one network, in the cluster's region, apart from its service range, with room "
    "enough.
    """
    subnets = [subnet_of(cloud, pool) for pool in pools]
    found = [row for row in subnets if row is not None]
    if not found:
        _check_outbound(profile, [])
        return
    if len(found) != len(pools):
        raise bad_request(
            "InvalidParameter", "All or none of the agentpools should set subnet.", "agentPoolProfile.vnetSubnetID"
        )
    if len({parent_of(row["id"]).lower() for row in found}) > 1:
        raise bad_request(
            "InvalidParameter",
            "All agentpools of a cluster must be in subnets of the same virtual network.",
            "agentPoolProfile.vnetSubnetID",
        )
    vnet = cloud.get(VNETS, parent_of(found[0]["id"]).lower())
    assert vnet is not None
    if vnet["location"] != location:
        raise bad_request(
            "VnetLocationMismatch",
            f"The virtual network {vnet['id']} is in location {vnet['location']} and the cluster in {location}; "
            "both must be in the same region.",
        )
    _check_ranges(cloud, vnet, profile)
    _check_outbound(profile, found)
    for pool, subnet in zip(pools, found, strict=True):
        _check_room(cloud, subnet, profile, pool, pools)


def _check_ranges(cloud: Cloud, vnet: Json, profile: Json) -> None:
    for field, code in (
        ("serviceCidr", "ServiceCidrOverlapExistingSubnetsCidr"),
        ("podCidr", "PodCidrOverlapExistingSubnetsCidr"),
    ):
        if field not in profile or (field == "podCidr" and profile.get("networkPluginMode") == "overlay"):
            continue
        mine = _cidr(field, profile[field])
        for subnet in subnets_of(cloud, vnet["id"]):
            if any(mine.overlaps(one) for one in ranges_of(subnet)):
                raise bad_request(
                    code,
                    f"The specified {field.removesuffix('Cidr')} CIDR {mine} is conflicted with an existing subnet "
                    f"CIDR {ranges_of(subnet)[0]}.",
                    f"networkProfile.{field}",
                )


def _check_outbound(profile: Json, subnets: list[Json]) -> None:
    way = profile["outboundType"]
    if way == "managedNATGateway" and subnets:
        raise bad_request(
            "InvalidParameter",
            "managedNATGateway outbound type cannot be used with a custom virtual network; use userAssignedNATGateway.",
            "networkProfile.outboundType",
        )
    if way in ("userAssignedNATGateway", "userDefinedRouting") and not subnets:
        raise bad_request(
            "InvalidParameter", f"{way} outbound type requires a custom virtual network.", "networkProfile.outboundType"
        )
    for subnet in subnets:
        if way == "userAssignedNATGateway" and "natGateway" not in subnet["properties"]:
            raise bad_request(
                "SubnetWithoutNatGateway",
                f"userAssignedNATGateway outbound type requires a NAT gateway on subnet {subnet['id']}.",
                "networkProfile.outboundType",
            )
        if way == "userDefinedRouting" and "routeTable" not in subnet["properties"]:
            raise bad_request(
                "ExistingRouteTableNotAssociatedWithSubnet",
                f"An existing route table has not been associated with subnet {subnet['id']}. Please update the "
                "route table association.",
                "networkProfile.outboundType",
            )


def addresses_needed(profile: Json, pool: Json) -> int:
    """What a pool takes of its subnet: nodes, those an upgrade adds, and their pods where these live in the subnet."""
    nodes = max(pool["count"], pool.get("maxCount") or 0) + surge_of(pool)
    pods_inside = (
        profile["networkPlugin"] == "azure" and not profile.get("networkPluginMode") and not pool.get("podSubnetID")
    )
    return int(nodes * (pool["maxPods"] + 1 if pods_inside else 1))


def _check_room(cloud: Cloud, subnet: Json, profile: Json, pool: Json, mine: list[Json]) -> None:
    here = subnet["id"].lower()
    others = [
        row["properties"] for _, row in cloud.all(POOLS) if row["properties"].get("vnetSubnetID", "").lower() == here
    ]
    names = {one.get("_id") for one in mine}
    taken = sum(addresses_needed(profile, row) for row in others if row.get("_id") not in names)
    wanted = sum(addresses_needed(profile, one) for one in mine if one.get("vnetSubnetID", "").lower() == here)
    room = addressing.usable(ranges_of(subnet))
    if taken + wanted > room:
        raise bad_request(
            "InsufficientSubnetSize",
            f"Pre-allocated IPs {taken + wanted} exceeds IPs available {room} in Subnet Cidr "
            f"{ranges_of(subnet)[0]}, Subnet Name {subnet['name']}. http://aka.ms/aks/insufficientsubnetsize",
            f"agentPoolProfile.{pool.get('_id', '')}",
        )
