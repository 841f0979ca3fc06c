"""Public addresses. Called by the engine for the kind azure.network.public_ip_address."""

from __future__ import annotations

from skyclust.contract.resources import JsonObject
from skyclust.providers.azure.drivers.arm import PutDriver


class PublicAddressDriver(PutDriver):
    """Static IPv4 addresses in all zones of the region."""

    kind = "azure.network.public_ip_address"
    type = "Microsoft.Network/publicIPAddresses"
    noun = "public address"
    seconds = {"create": 5.0, "update": 5.0, "delete": 10.0}  # noqa: RUF012 - a constant of the class

    def body(self, spec: JsonObject) -> JsonObject:
        """See PutDriver."""
        return {
            "sku": {"name": "Standard", "tier": "Regional"},
            "zones": list(spec["zones"]),
            "properties": {"publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4"},
        }

    def fields(self, document: JsonObject) -> JsonObject:
        """See PutDriver."""
        return {"sku": document.get("sku", {}).get("name")}

    def outputs(self, external_id: str, document: JsonObject) -> JsonObject:
        """See PutDriver."""
        address = document.get("properties", {}).get("ipAddress", "")
        return {**super().outputs(external_id, document), "address": address}
