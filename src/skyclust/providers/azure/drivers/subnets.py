"""Subnets. Called by the engine for the kind azure.network.subnet.

A subnet takes neither tags nor a description, so its name carries the mark (naming.subnet_name): atomic with its
creation, exact, and possible in a network that is not ours and must not be changed.
"""

from __future__ import annotations

from skyclust.contract.provider import Session
from skyclust.contract.resources import JsonObject, Mark, Observed, Phase
from skyclust.providers.azure.classifying import Changed
from skyclust.providers.azure.drivers.arm import NEW_ONLY, PutDriver, merged
from skyclust.providers.azure.naming import last_segment, subnet_name, subnet_owner
from skyclust.providers.azure.sessions import azure_session


class SubnetDriver(PutDriver):
    """Regional, as all of Azure's."""

    kind = "azure.network.subnet"
    type = "Microsoft.Network/virtualNetworks/subnets"
    noun = "subnet"
    seconds = {"create": 5.0, "update": 5.0, "delete": 10.0}  # noqa: RUF012 - a constant of the class
    mutable = ("nat_gateway",)
    fixed = ("cidr_block",)

    def body(self, spec: JsonObject) -> JsonObject:
        """See PutDriver."""
        gateway = spec.get("nat_gateway")
        return {
            "properties": {
                "addressPrefix": spec["cidr_block"],
                "defaultOutboundAccess": not gateway,
                "natGateway": {"id": gateway} if gateway else None,
            }
        }

    def fields(self, document: JsonObject) -> JsonObject:
        """See PutDriver."""
        properties = document.get("properties", {})
        blocks = properties.get("addressPrefixes") or [properties.get("addressPrefix")]
        return {
            "cidr_block": properties.get("addressPrefix") or (blocks[0] if len(blocks) == 1 else " ".join(blocks)),
            "nat_gateway": (properties.get("natGateway") or {}).get("id"),
        }

    def outputs(self, external_id: str, document: JsonObject) -> JsonObject:
        """See PutDriver."""
        return {
            **super().outputs(external_id, document),
            "cidr_block": self.fields(document)["cidr_block"],
            "network": external_id.rsplit("/subnets/", 1)[0],
        }

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By the name, which only this mark gives."""
        az, path = azure_session(session), _path(mark, spec)
        document = await az.get_or_none(path)
        return None if document is None else self.shown(path, document)

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """PUT, unless it is there already."""
        az, path = azure_session(session), _path(mark, spec)
        found = await self.find(az, mark, spec)
        if found is not None:
            return found
        body = merged({}, self.body(spec))
        try:
            await az.put(path, body, NEW_ONLY)
        except Changed as error:
            return await self._adopted(az, mark, spec, error)
        return Observed(path, Phase.SETTLING, self.outputs(path, body), message="being created")

    def owned(self, mark: Mark, document: JsonObject) -> bool:
        """By its name."""
        return subnet_owner(str(document.get("name") or last_segment(document.get("id", "")))) == mark.resource_id


def _path(mark: Mark, spec: JsonObject) -> str:
    return f"{spec['network']}/subnets/{subnet_name(spec['name'], mark)}"
