"""NAT gateways. Called by the engine for the kind azure.network.nat_gateway."""

from __future__ import annotations

from skyclust.contract.resources import JsonObject
from skyclust.providers.azure.drivers.arm import PutDriver


class NatGatewayDriver(PutDriver):
    """A way out for subnets without public addresses; subnets refer to it."""

    kind = "azure.network.nat_gateway"
    type = "Microsoft.Network/natGateways"
    noun = "NAT gateway"
    seconds = {"create": 10.0, "update": 10.0, "delete": 15.0}  # noqa: RUF012 - a constant of the class
    mutable = ("addresses",)
    fixed = ("zones",)

    def body(self, spec: JsonObject) -> JsonObject:
        """See PutDriver."""
        return {
            "sku": {"name": "Standard"},
            **({"zones": list(spec["zones"])} if spec.get("zones") else {}),
            "properties": {
                "idleTimeoutInMinutes": 4,
                "publicIpAddresses": [{"id": address} for address in spec["addresses"]],
            },
        }

    def fields(self, document: JsonObject) -> JsonObject:
        """See PutDriver."""
        addresses = [row["id"] for row in document.get("properties", {}).get("publicIpAddresses", [])]
        return {"addresses": addresses, "zones": document.get("zones") or []}
