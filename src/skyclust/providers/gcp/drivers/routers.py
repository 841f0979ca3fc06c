"""Cloud Routers, with Cloud NAT inside: NAT is a part of its router. Called for the kind gcp.compute.router."""

from __future__ import annotations

from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed
from skyclust.providers.gcp.drivers.compute import ComputeDriver
from skyclust.providers.gcp.naming import relative_path


class RouterDriver(ComputeDriver):
    """A router with one NAT for all ranges of its network in the region, on addresses that Google chooses."""

    kind = "gcp.compute.router"
    collection = "routers"
    argument = "router"
    regional = True
    noun = "Cloud Router"
    seconds = {"create": 5.0, "update": 5.0, "delete": 8.0}  # noqa: RUF012 - a constant of the class

    def body(self, spec: JsonObject) -> JsonObject:
        """See ComputeDriver."""
        return {"network": spec["network"], "nats": [_nat(spec["nat"])]}

    def fields(self, document: JsonObject) -> JsonObject:
        """NATs by name; what a NAT says beyond the spec is the user's."""
        return {
            "nats": {
                nat["name"]: [nat.get("natIpAllocateOption"), nat.get("sourceSubnetworkIpRangesToNat")]
                for nat in document.get("nats", [])
            }
        }

    def outputs(self, path: str, document: JsonObject) -> JsonObject:
        """See ComputeDriver."""
        return {"id": path, "name": document["name"], "network": relative_path(document.get("network", ""))}

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """The NAT must be there with our two settings."""
        nat = _nat(spec["nat"])
        wanted = [nat["natIpAllocateOption"], nat["sourceSubnetworkIpRangesToNat"]]
        seen = observed.fields.get("nats", {}).get(nat["name"])
        return () if seen == wanted else (Change("nat", seen, wanted),)

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """Put our NAT back among those the router has."""
        del mark
        if not changes:
            return
        document = await self.document(session, external_id, spec)
        ours = _nat(spec["nat"])
        others = [nat for nat in document.get("nats", []) if nat["name"] != ours["name"]]
        await self.patch(session, external_id, spec, {"nats": [*others, ours]})


def _nat(nat: JsonObject) -> JsonObject:
    return {
        "name": nat["name"],
        "natIpAllocateOption": "AUTO_ONLY",
        "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
    }
