"""Drivers: what the engine does with one resource of each kind. Called through the contract.

A spec holds the name, ids of what the resource uses (USES), and fields that are compared one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from skyclust.contract.errors import NameTaken
from skyclust.contract.provider import Driver, Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.contract.steps import SweepStep
from skyclust_nimbus.certificate import CA_DATA
from skyclust_nimbus.cloud import SECONDS, Cloud, Document

USES = ("network", "cluster")
MUTABLE = {"pool": {"node_count", "labels"}, "cluster": {"version"}, "firewall": {"rules"}}
#: Controllers of a cluster tag with it what they make outside.
CLUSTER_TAG = "nimbus-cluster"


@dataclass(slots=True)
class NimbusSession:
    """Implements `Session`. Nothing is open, and the key never shows."""

    cloud: Cloud = field(repr=False)
    region: str
    key: str = field(repr=False)

    async def close(self) -> None:
        """Nothing to close."""

    async def read(self, resource_id: str) -> Document | None:
        """One resource."""
        return await self.cloud.call("read", self.key, lambda: self.cloud.read(self.region, resource_id))

    async def list(self) -> list[Document]:
        """All of them, in one call."""
        return await self.cloud.call("read.list", self.key, lambda: self.cloud.documents(self.region))


def ours(session: Session) -> NimbusSession:
    """The session as this provider made it."""
    return cast("NimbusSession", session)


class NimbusDriver:
    """Implements `Driver` for what has a document."""

    creates = True
    consistency_window_seconds = 0.0  # a folder shows at once what is in it; most clouds need a minute or two

    def __init__(self, word: str) -> None:
        """`word` is the cloud's own for it."""
        self.word, self.kind = word, f"nimbus.{word}"

    def expected_seconds(self, action: str, spec: JsonObject) -> float:  # noqa: ARG002 - the protocol's shape
        """As the cloud's own table says."""
        return SECONDS.get(self.word, 0.0) if action == "create" else 0.0

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """Names are unique, so what has ours and not our mark is another's."""
        found = await ours(session).read(self._id(spec))
        return None if found is None else self._shown(ours(session), owned(found, mark))

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:  # noqa: ARG002
        """By id."""
        found = await ours(session).read(external_id)
        return None if found is None else self._shown(ours(session), found)

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """The mark is in the document from its first moment. One that is ours already is as good as a new one."""
        mine, wanted = ours(session), self._wanted(mark, spec)
        cloud, region = mine.cloud, mine.region

        def effect() -> Document:
            there = cloud.read(region, wanted.id)
            return owned(there, mark) if there else cloud.create(region, wanted)

        return self._shown(mine, await cloud.call(f"create.{self.word}", mine.key, effect))

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Field by field."""
        mutable = MUTABLE.get(self.word, set())
        return tuple(
            Change(name, observed.fields.get(name), value, replace=name not in mutable)
            for name, value in sorted(_fields(spec).items())
            if observed.fields.get(name) != value
        )

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """All changes in one call."""
        mine, fields = ours(session), _fields(spec)

        def effect() -> None:
            there = mine.cloud.read(mine.region, external_id)
            if there is not None:
                changed = {change.field: fields[change.field] for change in changes}
                mine.cloud.change(mine.region, owned(there, mark), changed)

        await mine.cloud.call(f"update.{self.word}", mine.key, effect)

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:  # noqa: ARG002
        """Only what carries our mark; silent when there is nothing."""
        mine = ours(session)

        def effect() -> None:
            there = mine.cloud.read(mine.region, external_id)
            if there is not None:
                mine.cloud.delete(mine.region, owned(there, mark))

        await mine.cloud.call(f"delete.{self.word}", mine.key, effect)

    def _id(self, spec: JsonObject) -> str:
        parent = next((str(spec[use]).partition(".")[2] for use in USES if use in spec and self.word != "cluster"), "")
        return ".".join(filter(None, (self.word, parent, spec["name"])))

    def _wanted(self, mark: Mark, spec: JsonObject) -> Document:
        uses = [spec[use] for use in USES if use in spec]
        return Document(self.word, self._id(spec), spec["name"], mark.tags(), _fields(spec), uses)

    def _shown(self, mine: NimbusSession, item: Document) -> Observed:
        outputs: JsonObject = {"id": item.id, "name": item.name}
        if item.kind == "cluster":
            outputs |= {"endpoint": f"https://{item.name}.nimbus.invalid", "ca_data": CA_DATA}
        phase = Phase.SETTLING if mine.cloud.now() < item.ready_at else Phase.READY
        return Observed(item.id, phase, outputs, dict(item.fields))


class SweepDriver(SweepStep):
    """Implements `Driver` for the step that removes, with a network, what Kubernetes left there. It makes nothing."""

    kind = "nimbus.leftovers"

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """There as long as something is left."""
        left = [item.name for item in await ours(session).list() if left_behind(item, spec)]
        message = f"sweeping {', '.join(left)}"
        return Observed(external_id, Phase.READY, {"id": external_id}, message=message) if left else None

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:  # noqa: ARG002
        """All of it."""
        mine = ours(session)
        for item in [item for item in await mine.list() if left_behind(item, spec)]:
            await mine.cloud.call("delete.leftover", mine.key, lambda: mine.cloud.delete(mine.region, item))  # noqa: B023 - called at once


def left_behind(item: Document, spec: JsonObject) -> bool:
    """Made by controllers of a cluster of ours, in this network."""
    return spec["network"] in item.uses and item.tags.get(CLUSTER_TAG) in spec["clusters"]


def owned(item: Document, mark: Mark) -> Document:
    """The document itself, when it carries the mark of this very resource."""
    if not mark.owns_tags(item.tags):
        raise NameTaken(f"Nimbus has a {item.kind} {item.name} that is not ours, so it is left alone.")
    return item


def _fields(spec: JsonObject) -> JsonObject:
    return {key: value for key, value in spec.items() if key != "name" and key not in USES}


DRIVERS: dict[str, Driver] = {
    SweepDriver.kind: SweepDriver(),
    **{f"nimbus.{word}": NimbusDriver(word) for word in ("network", "subnet", "firewall", "cluster", "pool")},
}
