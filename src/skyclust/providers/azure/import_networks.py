"""A virtual network as a network spec of ours, with its subnets. Pure; called by imports.py.

A subnet takes neither tags nor a description, and its name cannot change: there is no room for a mark on one that
exists, and what carries no mark is never deleted. Hence a network with subnets is imported read-only.
"""

from __future__ import annotations

from collections.abc import Iterator

from skyclust.contract.imports import Imported
from skyclust.contract.resources import Finding, JsonObject
from skyclust.contract.specs import NetworkSpec, SubnetSpec
from skyclust.providers.azure import options
from skyclust.providers.azure.completing import subnets_of
from skyclust.providers.azure.drivers.networks import NetworkDriver
from skyclust.providers.azure.drivers.subnets import SubnetDriver
from skyclust.providers.azure.naming import group_id, group_of, last_segment, subscription_of


def describe_network(network: JsonObject, region: str) -> Imported:
    """Everything that our words can say, adopted or not by who imports it."""
    subnets = sorted(subnets_of(network), key=lambda row: str(row["name"]))
    fields = {row["name"]: SubnetDriver().fields(row) for row in subnets}
    spec = NetworkSpec(
        name=network["name"],
        region=region,
        cidr_block=NetworkDriver().fields(network)["cidr_block"],
        carve=False,
        subnets=tuple(SubnetSpec(name, seen["cidr_block"]) for name, seen in fields.items()),
        options={
            options.GROUP: group_id(subscription_of(network["id"]), group_of(network["id"])),
            options.SUBNETS: {name: {"nat_gateway": seen["nat_gateway"]} for name, seen in fields.items()},
        },
    )
    ids = {"network": network["id"], **{f"subnet/{row['name']}": row["id"] for row in subnets}}
    return Imported(spec, ids, tuple(_findings(network, subnets)))


def _findings(network: JsonObject, subnets: list[JsonObject]) -> Iterator[Finding]:
    properties = network["properties"]
    if subnets:
        text = (
            f"Azure keeps no room for a mark on a subnet that exists, so {network['name']} can only be imported "
            "read-only. Make a network with SkyClust to have it managed."
        )
        yield Finding("error", "", text, "no-room-for-a-mark")
    if len(properties.get("addressSpace", {}).get("addressPrefixes", [])) > 1:
        text = f"{network['name']} has several blocks. They stay as they are, but nothing of ours describes them."
        yield Finding("error", "/cidr_block", text, "unsayable")
    described = {row["name"] for row in subnets}
    referred = ("networkSecurityGroup", "routeTable", "natGateway")
    left = {
        "subnets for services of Azure": sorted(
            row["name"] for row in properties.get("subnets", []) if row["name"] not in described
        ),
        "things that its subnets refer to": sorted(
            {
                last_segment(row["properties"][word]["id"])
                for row in subnets
                for word in referred
                if row["properties"].get(word)
            }
        ),
        "peerings": sorted(row["name"] for row in properties.get("virtualNetworkPeerings") or []),
    }
    for what, names in left.items():
        if names:
            shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
            yield Finding("warning", "", f"These {what} stay outside of what is imported: {shown}.", "left-outside")
