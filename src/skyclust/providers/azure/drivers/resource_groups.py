"""Resource groups. Called by the engine for the kind azure.resources.group.

Each stack has one of its own. Deleting a group deletes everything in it, whoever made it: so a group goes only when it
is empty, and names what is still there.
"""

from __future__ import annotations

from skyclust.contract.errors import InUse
from skyclust.contract.provider import Session
from skyclust.contract.resources import JsonObject, Mark
from skyclust.providers.azure.drivers.arm import PutDriver, is_leaving
from skyclust.providers.azure.naming import group_id, is_kind, last_segment
from skyclust.providers.azure.sessions import AzureSession, azure_session, operation_of


class ResourceGroupDriver(PutDriver):
    """The only kind whose PUT knows no condition: `create` looks a moment before."""

    kind = "azure.resources.group"
    type = "Microsoft.Resources/subscriptions/resourceGroups"
    noun = "resource group"
    seconds = {"create": 1.0, "update": 1.0, "delete": 20.0}  # noqa: RUF012 - a constant of the class
    fixed = ("location",)

    def path(self, az: AzureSession, spec: JsonObject) -> str:
        """See PutDriver."""
        return group_id(az.subscription, spec["name"])

    def body(self, spec: JsonObject) -> JsonObject:
        """See PutDriver."""
        del spec
        return {}

    def fields(self, document: JsonObject) -> JsonObject:
        """See PutDriver."""
        return {"location": document.get("location")}

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Only when nothing is inside."""
        del spec
        az = azure_session(session)
        document = await az.get_or_none(external_id)
        if document is None or is_leaving(document) or not is_kind(external_id, self.type):
            return
        if not self.owned(mark, document):
            raise self.taken(external_id)
        inside = await az.items(f"{external_id}/resources")
        if inside:
            named = ", ".join(f"{last_segment(row['type'])} {row['name']}" for row in inside[:5])
            raise InUse(
                f"The resource group {last_segment(external_id)} still holds {named}. Move or delete what is there, "
                "then resume.",
                blockers=tuple(row["id"] for row in inside),
                operation=operation_of("DELETE", external_id),
            )
        await az.delete(external_id)
