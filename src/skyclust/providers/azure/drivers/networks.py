"""Virtual networks. Called by the engine for the kind azure.network.virtual_network."""

from __future__ import annotations

from skyclust.contract.resources import JsonObject
from skyclust.providers.azure.drivers.arm import PutDriver


class NetworkDriver(PutDriver):
    """A network with one block; subnets are nodes of their own, which a PUT of the network brings along unchanged."""

    kind = "azure.network.virtual_network"
    type = "Microsoft.Network/virtualNetworks"
    noun = "virtual network"
    seconds = {"create": 5.0, "update": 5.0, "delete": 10.0}  # noqa: RUF012 - a constant of the class
    mutable = ("cidr_block",)

    def body(self, spec: JsonObject) -> JsonObject:
        """See PutDriver."""
        return {"properties": {"addressSpace": {"addressPrefixes": [spec["cidr_block"]]}}}

    def fields(self, document: JsonObject) -> JsonObject:
        """See PutDriver."""
        prefixes = document.get("properties", {}).get("addressSpace", {}).get("addressPrefixes", [])
        return {"cidr_block": prefixes[0] if len(prefixes) == 1 else " ".join(prefixes)}
