"""The life that networks, subnetworks and routers share: find, observe, create, delete. Subclasses know their fields.

Names are unique in their scope, so a repeated insert cannot make a second resource: it answers "already exists", and
the mark in the description tells whose that is. `requestId` makes the repetition of a lost call silent, too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from skyclust.contract.errors import Ambiguous, NameTaken
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.classifying import AlreadyExists, NotFound
from skyclust.providers.gcp.drivers.operations import forget_failed_inserts, operations_on, standing
from skyclust.providers.gcp.naming import last_segment, relative_path, segment_after
from skyclust.providers.gcp.sessions import GcpSession, gcp_session


class ComputeDriver(ABC):
    """Implements `contract.provider.Driver` but for `diff` and `update`."""

    kind: str
    #: Compute reads its own writes once the operation is done; this is room for its caches.
    consistency_window_seconds = 60.0
    creates = True
    collection: str
    #: Name of the method parameter that takes the resource's name.
    argument: str
    regional: bool
    noun: str
    seconds: ClassVar[dict[str, float]]

    @abstractmethod
    def body(self, spec: JsonObject) -> JsonObject:
        """The insert's body without name and description."""

    @abstractmethod
    def fields(self, document: JsonObject) -> JsonObject:
        """The observable part of the spec."""

    @abstractmethod
    def outputs(self, path: str, document: JsonObject) -> JsonObject:
        """What other nodes may refer to. `document` may be only the insert's body."""

    @abstractmethod
    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """See the contract."""

    def describe(self, spec: JsonObject, mark: Mark) -> str:
        """The description of a new resource; it holds the mark."""
        del spec
        return mark.description()

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Medians of public logs."""
        del spec
        return self.seconds[action]

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By name and mark."""
        gcp = gcp_session(session)
        path = self.path(gcp, spec["name"], spec)
        document = await self._get(gcp, path)
        if document is None:
            return None
        if not mark.owns_description(document.get("description")):
            raise self._taken(path)
        return await self._observed(gcp, path, document)

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """One read of the resource, one of its operations."""
        gcp = gcp_session(session)
        path = self.path(gcp, external_id, spec)
        return await self._observed(gcp, path, await self._get(gcp, path))

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """Insert with the mark in the description."""
        gcp = gcp_session(session)
        path = self.path(gcp, spec["name"], spec)
        body = {"name": spec["name"], "description": self.describe(spec, mark), **self.body(spec)}
        try:
            await gcp.write(lambda apis: self._api(apis).insert(**self._where(path), body=body, requestId=mark.token))
        except AlreadyExists:
            return await self._adopted(gcp, mark, spec, path)
        return Observed(path, Phase.SETTLING, self.outputs(path, body), message="being created")

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """After a fresh look at the mark."""
        gcp = gcp_session(session)
        path = self.path(gcp, external_id, spec)
        document = await self._get(gcp, path)
        if document is None:
            await forget_failed_inserts(gcp, path)
            return
        if not mark.owns_description(document.get("description")):
            raise self._taken(path)
        try:
            await gcp.write(lambda apis: self._api(apis).delete(**self._named(path)))
        except NotFound:
            return

    # ---- for subclasses ----
    async def patch(self, session: Session, external_id: str, spec: JsonObject, body: JsonObject) -> None:
        """PATCH with the given fields."""
        gcp = gcp_session(session)
        path = self.path(gcp, external_id, spec)
        await gcp.write(lambda apis: self._api(apis).patch(**self._named(path), body=body))

    async def document(self, session: Session, external_id: str, spec: JsonObject) -> JsonObject:
        """A fresh read for a read-modify-write; NotFound when it is gone."""
        gcp = gcp_session(session)
        path = self.path(gcp, external_id, spec)
        return await gcp.read(lambda apis: self._api(apis).get(**self._named(path)))

    # ---- for surveys, too ----
    def shown(self, path: str, document: JsonObject | None, operations: Sequence[JsonObject]) -> Observed | None:
        """What a read of the resource and one of its operations (oldest first) say; None when it does not exist."""
        stands = standing(document, operations)
        if stands.phase is None:
            return None
        if document is None:
            return Observed(path, stands.phase, {"id": path, "name": last_segment(path)}, message=stands.message)
        return Observed(path, stands.phase, self.outputs(path, document), self.fields(document), stands.message)

    def path(self, gcp: GcpSession, reference: str, spec: JsonObject) -> str:
        """`projects/...` of a name, a link or a path."""
        path = relative_path(reference)
        if path.startswith("projects/"):
            return path
        scope = f"regions/{spec.get('region') or gcp.region}" if self.regional else "global"
        return f"projects/{gcp.project}/{scope}/{self.collection}/{last_segment(path)}"

    # ---- inside ----
    async def _adopted(self, gcp: GcpSession, mark: Mark, spec: JsonObject, path: str) -> Observed:
        found = await self.find(gcp, mark, spec)
        if found is None:
            raise Ambiguous(
                f"Google says that {self.noun} {last_segment(path)} exists but does not show it yet.",
                operation=f"compute.{self.collection}.insert",
            )
        return found

    async def _observed(self, gcp: GcpSession, path: str, document: JsonObject | None) -> Observed | None:
        return self.shown(path, document, await operations_on(gcp, path))

    async def _get(self, gcp: GcpSession, path: str) -> JsonObject | None:
        return await gcp.read_or_none(lambda apis: self._api(apis).get(**self._named(path)))

    def _api(self, apis: Apis) -> Any:
        return getattr(apis.compute, self.collection)()

    def _where(self, path: str) -> dict[str, str]:
        where = {"project": segment_after(path, "projects")}
        return {**where, "region": segment_after(path, "regions")} if self.regional else where

    def _named(self, path: str) -> dict[str, str]:
        return {**self._where(path), self.argument: last_segment(path)}

    def _taken(self, path: str) -> NameTaken:
        return NameTaken(
            f"A {self.noun} named {last_segment(path)} exists in project {segment_after(path, 'projects')} and was not "
            "made by this stack. Choose another name, or remove it.",
            operation=f"compute.{self.collection}.get",
        )


def changed(spec: JsonObject, observed: Observed, *names: str) -> list[Change]:
    """A Change for each of the named fields whose observed value is not the spec's."""
    seen = observed.fields
    return [Change(name, seen.get(name), spec[name]) for name in names if name in spec and seen.get(name) != spec[name]]
