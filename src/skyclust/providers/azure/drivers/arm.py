"""The life that tagged resources share: find, observe, create, delete. Subclasses know their fields,
and those of PutDriver their bodies.

PUT replaces what it finds. So `create` looks first, and sends `If-None-Match: *`, which AKS honours and others may
ignore; names are unique in their scope, and a repeated call finds its own resource by its tags.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from skyclust.contract.errors import Ambiguous, NameTaken
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, Json, JsonObject, Mark, Observed, Phase
from skyclust.providers.azure.classifying import Changed
from skyclust.providers.azure.naming import group_of, is_kind, last_segment, resource_id, same
from skyclust.providers.azure.sessions import AzureSession, azure_session, operation_of

#: Nothing is written over: https://learn.microsoft.com/rest/api/aks/managed-clusters/create-or-update
NEW_ONLY = {"If-None-Match": "*"}
_PHASES = {"succeeded": Phase.READY, "failed": Phase.FAILED, "canceled": Phase.FAILED, "deleting": Phase.DELETING}


class ArmDriver(ABC):
    """Implements `contract.provider.Driver`, but for `create` and `update`."""

    kind: str
    #: Resource Manager reads its own writes; this is room for the caches of its regions.
    consistency_window_seconds = 60.0
    creates = True
    #: Azure's name of the type.
    type: str
    noun: str
    seconds: ClassVar[dict[str, float]]
    #: Fields that a PUT changes in place, and fields that are fixed with the resource.
    mutable: ClassVar[tuple[str, ...]] = ()
    fixed: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def fields(self, document: JsonObject) -> JsonObject:
        """The observable part of the spec."""

    def outputs(self, external_id: str, document: JsonObject) -> JsonObject:
        """What other nodes may refer to. `document` may be only the PUT's body."""
        del document
        return {"id": external_id, "name": last_segment(external_id)}

    def path(self, az: AzureSession, spec: JsonObject) -> str:
        """The id that a spec gives."""
        return resource_id(az.subscription, spec["group"], self.type, spec["name"])

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Medians of public logs."""
        del spec
        return self.seconds[action]

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By name and tags."""
        az = azure_session(session)
        path = self.path(az, spec)
        document = await az.get_or_none(path)
        if document is None:
            return None
        if not self.owned(mark, document):
            raise self.taken(path)
        return self.shown(path, document)

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """One read."""
        del spec
        if not is_kind(external_id, self.type):
            return None
        document = await azure_session(session).get_or_none(external_id)
        return None if document is None else self.shown(external_id, document)

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Fields that the spec names."""
        return tuple(
            Change(name, observed.fields.get(name), spec[name], replace=name in self.fixed)
            for name in (*self.mutable, *self.fixed)
            if name in spec and not alike(observed.fields.get(name), spec[name])
        )

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """After a fresh look at the tags."""
        del spec
        az = azure_session(session)
        document = await az.get_or_none(external_id)
        if document is None or is_leaving(document):
            return
        if not self.owned(mark, document):
            raise self.taken(external_id)
        await az.delete(external_id)

    # ---- for subclasses and surveys ----
    def owned(self, mark: Mark, document: JsonObject) -> bool:
        """Whether the mark of this very resource is on it."""
        return mark.owns_tags(document.get("tags") or {})

    def shown(self, external_id: str, document: JsonObject) -> Observed:
        """What a read says."""
        return Observed(external_id, phase_of(document), self.outputs(external_id, document), self.fields(document))

    def taken(self, path: str) -> NameTaken:
        """The name is somebody else's."""
        return NameTaken(
            f"A {self.noun} named {last_segment(path)} exists{_where(path)} and was not made by this stack. Choose "
            "another name, or remove it.",
            operation=operation_of("GET", path),
        )

    async def _adopted(self, az: AzureSession, mark: Mark, spec: JsonObject, refusal: Changed) -> Observed:
        found = await self.find(az, mark, spec)
        if found is None:
            raise Ambiguous(
                f"Azure says that the {self.noun} exists but does not show it yet.", operation=refusal.operation
            ) from refusal
        return found


class PutDriver(ArmDriver):
    """What one PUT makes and another changes, from one body."""

    @abstractmethod
    def body(self, spec: JsonObject) -> JsonObject:
        """The PUT's body without location and tags."""

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """PUT with the mark in the tags, unless something is there already."""
        az = azure_session(session)
        found = await self.find(az, mark, spec)
        if found is not None:
            return found
        path = self.path(az, spec)
        body = {"location": spec["location"], "tags": mark.tags(), **merged({}, self.body(spec))}
        try:
            await az.put(path, body, NEW_ONLY)
        except Changed as error:
            return await self._adopted(az, mark, spec, error)
        return Observed(path, Phase.SETTLING, self.outputs(path, body), message="being created")

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """One PUT of what is there with what the spec says."""
        del mark
        if not changes:
            return
        az = azure_session(session)
        document = await az.get(external_id)
        await az.put(external_id, merged(document, self.body(spec)), unchanged(document))


def _where(path: str) -> str:
    group = group_of(path)
    return f" in the resource group {group}" if group and group != last_segment(path) else ""


def phase_of(document: JsonObject) -> Phase:
    """Of any resource that tells its provisioningState."""
    state = str(document.get("properties", {}).get("provisioningState", "Succeeded")).lower()
    return _PHASES.get(state, Phase.SETTLING)


def is_leaving(document: JsonObject) -> bool:
    """Whether Azure is deleting it."""
    return phase_of(document) is Phase.DELETING


def unchanged(document: JsonObject) -> dict[str, str]:
    """The condition that nobody has changed it since it was read."""
    tag = document.get("etag") or document.get("eTag") or document.get("properties", {}).get("eTag")
    return {"If-Match": str(tag)} if tag else {}


_READ_ONLY = ("id", "name", "type", "etag", "eTag", "systemData")


def merged(document: JsonObject, body: JsonObject) -> JsonObject:
    """What was read with what a spec says: a PUT must bring everything that shall stay. None takes a property away."""
    kept = {key: value for key, value in document.items() if key not in _READ_ONLY}
    properties = {**kept.get("properties", {}), **body.get("properties", {})}
    properties.pop("provisioningState", None)
    told = {key: value for key, value in properties.items() if value is not None}
    return {**kept, **body, **({"properties": told} if told else {})}


def alike(seen: Json, wanted: Json) -> bool:
    """Equal; resource ids without regard to case."""
    if isinstance(seen, list) and isinstance(wanted, list):
        return len(seen) == len(wanted) and all(map(alike, seen, wanted))
    if isinstance(seen, str) and isinstance(wanted, str) and wanted.startswith("/subscriptions/"):
        return same(seen, wanted)
    return bool(seen == wanted)
