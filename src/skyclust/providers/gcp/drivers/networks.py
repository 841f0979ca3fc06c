"""VPC networks. Called by the engine for the kind gcp.compute.network."""

from __future__ import annotations

from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed
from skyclust.providers.gcp.drivers.compute import ComputeDriver, changed


class NetworkDriver(ComputeDriver):
    """Custom-mode networks: subnetworks are nodes of their own."""

    kind = "gcp.compute.network"
    collection = "networks"
    argument = "network"
    regional = False
    noun = "VPC network"
    seconds = {"create": 22.0, "update": 10.0, "delete": 22.0}  # noqa: RUF012 - a constant of the class

    def body(self, spec: JsonObject) -> JsonObject:
        """See ComputeDriver."""
        return {
            "autoCreateSubnetworks": False,
            "routingConfig": {"routingMode": spec["routing_mode"]},
            "mtu": spec["mtu"],
        }

    def fields(self, document: JsonObject) -> JsonObject:
        """See ComputeDriver."""
        return {
            "routing_mode": document.get("routingConfig", {}).get("routingMode"),
            "mtu": document.get("mtu", 1460),
        }

    def outputs(self, path: str, document: JsonObject) -> JsonObject:
        """See ComputeDriver."""
        return {"id": path, "name": document["name"], "self_link": document.get("selfLink", "")}

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Both fields change in place."""
        return tuple(changed(spec, observed, "routing_mode", "mtu"))

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """One PATCH."""
        del mark
        names = {change.field for change in changes}
        body: JsonObject = {}
        if "routing_mode" in names:
            body["routingConfig"] = {"routingMode": spec["routing_mode"]}
        if "mtu" in names:
            body["mtu"] = spec["mtu"]
        if body:
            await self.patch(session, external_id, spec, body)
