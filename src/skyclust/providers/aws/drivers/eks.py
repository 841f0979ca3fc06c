"""What EKS kinds share: unique names, tags in the answer, one update at a time.

Invariant: a name that is taken is adopted only with our mark; a busy cluster is NotYet, never an error of the user.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from skyclust.contract.errors import InUse, NameTaken, NotYet
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.aws.drivers.ec2 import aws, refuse_foreign
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.sessions import AwsSession

_PHASES = {
    "CREATING": Phase.SETTLING,
    "PENDING": Phase.SETTLING,
    "UPDATING": Phase.SETTLING,
    "ACTIVE": Phase.READY,
    "DEGRADED": Phase.READY,
    "DELETING": Phase.DELETING,
    "FAILED": Phase.FAILED,
    "CREATE_FAILED": Phase.FAILED,
    "DELETE_FAILED": Phase.FAILED,
    "UPDATE_FAILED": Phase.READY,  # an add-on that runs as it was
}
#: EKS refuses deletion in these states.
BUSY = frozenset({"CREATING", "UPDATING", "PENDING"})


def phase_of(item: JsonObject) -> Phase:
    """From EKS's status; one that nobody has met yet is waited for."""
    return _PHASES.get(item["status"], Phase.SETTLING)


def issues_of(item: JsonObject) -> str:
    """What EKS itself says is wrong."""
    issues = (item.get("health") or {}).get("issues") or []
    return " ".join(f"{issue.get('code', '')}: {issue.get('message', '')}" for issue in issues)


class EksDriver:
    """A named EKS object. `external_id` is "cluster" or "cluster/name", see `_names`."""

    kind: str
    consistency_window_seconds = 30.0
    creates = True
    create_seconds = 0.0
    update_seconds = 0.0
    delete_seconds = 0.0
    title: ClassVar[str]
    arn_member: ClassVar[str]

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Median cloud seconds until `action` has settled."""
        del spec
        seconds = {"create": self.create_seconds, "update": self.update_seconds, "delete": self.delete_seconds}
        return seconds[action]

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By name and mark; NameTaken when the name is somebody else's."""
        item = await self.get(aws(session), self._external_id(spec))
        if item is None:
            return None
        if not mark.owns_tags(item.get("tags") or {}):
            name = self._external_id(spec)
            message = f"{self.title} {name} exists and is not this one. Choose another name, or delete it first."
            raise NameTaken(message, operation=f"eks:Describe{self.title.title().replace(' ', '')}")
        return await self.read(aws(session), item, spec)

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """By name."""
        item = await self.get(aws(session), external_id)
        return None if item is None else await self.read(aws(session), item, spec)

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """EKS honours client tokens; what exists already is told apart by its mark."""
        try:
            item = await self._create(aws(session), mark, spec)
        except InUse as error:
            found = await self.find(session, mark, spec)
            if found is None:
                raise NotYet(error.message, operation=error.operation, code=error.code) from None
            return found
        return self.seen(item)

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """What EKS can change, and what it cannot (`replace`)."""
        return tuple(self._differences(spec, observed.fields))

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """One EKS update per call: EKS allows one at a time."""
        del mark
        try:
            await self._change(aws(session), external_id, spec, {change.field: change for change in changes})
        except InUse as error:
            raise NotYet(error.message, operation=error.operation, code=error.code) from None

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Silent when absent or already going."""
        del spec
        item = await self.get(aws(session), external_id)
        if item is None:
            return
        refuse_foreign(mark, item.get("tags") or {}, f"{self.title} {external_id}")
        if item.get("status") == "DELETING":
            return
        if item.get("status") in BUSY:
            message = f"{self.title} {external_id} is {item['status'].lower()} and cannot be deleted before that ends."
            raise NotYet(message, operation=f"eks:Delete{self.title}")
        try:
            await self._delete(aws(session), external_id)
        except NotFound:
            return

    async def get(self, session: AwsSession, external_id: str) -> JsonObject | None:
        """The object as EKS describes it; None when there is none."""
        try:
            return await self._describe(session, external_id)
        except NotFound:
            return None

    async def read(self, session: AwsSession, item: JsonObject, spec: JsonObject) -> Observed:
        """What is seen of a described object; kinds with more to read override it."""
        del session, spec
        return self.seen(item)

    @abstractmethod
    def _external_id(self, spec: JsonObject) -> str:
        """The unique name the spec gives it."""

    @abstractmethod
    async def _describe(self, session: AwsSession, external_id: str) -> JsonObject:
        """The object, or NotFound."""

    @abstractmethod
    async def _create(self, session: AwsSession, mark: Mark, spec: JsonObject) -> JsonObject:
        """The create call."""

    @abstractmethod
    def seen(self, item: JsonObject) -> Observed:
        """From the object alone."""

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        del spec, fields
        return []

    async def _change(
        self, session: AwsSession, external_id: str, spec: JsonObject, changes: dict[str, Change]
    ) -> None:
        """Start one update."""

    @abstractmethod
    async def _delete(self, session: AwsSession, external_id: str) -> None:
        """The delete call."""


def pair(external_id: str) -> tuple[str, str]:
    """(cluster, name) of "cluster/name"; the name may hold slashes."""
    cluster, _, name = external_id.partition("/")
    return cluster, name
