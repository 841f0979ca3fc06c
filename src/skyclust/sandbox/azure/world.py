"""The independent truth about the simulated Azure. Called by the control API; reads state, never the wire.

Invariant: lists everything a customer could be billed for or tripped up by.
"""

from typing import Any

from skyclust.sandbox.azure.acts import ACTIONS
from skyclust.sandbox.azure.apis import AzureApis
from skyclust.sandbox.azure.cloud import GROUPS, Cloud, parent_of
from skyclust.sandbox.azure.errors import ArmError, Json


class AzureWorld:
    provider = "azure"

    def __init__(self, apis: AzureApis) -> None:
        self.apis = apis

    def resources(self) -> list[dict[str, Any]]:
        return self.apis.look(_rows)

    def act(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        perform = ACTIONS[action]
        try:
            return self.apis.as_outsider(lambda cloud: perform(cloud, body))
        except ArmError as refused:  # what even the outside world cannot do: an address of a full subnet
            raise ValueError(refused.message) from refused

    def reset(self) -> None:
        self.apis.reset()


def _rows(cloud: Cloud) -> list[Json]:
    groups = [_row("resource_group", row, "") for _, row in cloud.all(GROUPS)]
    return groups + [
        _row(kind.noun, row, parent_of(row["id"]) if kind.type.count("/") > 1 else "")
        for kind in cloud.kinds.values()
        for _, row in cloud.all(kind.collection)
    ]


def _row(noun: str, document: Json, parent: str) -> Json:
    tags = document.get("tags") or document["properties"].get("tags") or {}  # a node pool has them inside
    return {
        "provider": "azure",
        "kind": noun,
        "id": document["id"],
        "name": document["name"],
        "region": document.get("location") or document.get("_location", ""),
        "tags": tags,
        "parent": parent,
        "state": document["properties"].get("provisioningState", "Succeeded"),
        "created_at": document["_created"],
        "decoy": tags.get("sandbox-decoy") == "true",
    }
