"""The drivers of the simulated cloud: one class for what exists, one for the step that sweeps leftovers.

Called by the engine through the contract. A spec's words are: name, fields, and references to what it uses.
"""

from __future__ import annotations

import base64

from skyclust.contract.errors import InUse, NameTaken
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.contract.steps import SweepStep
from skyclust.providers.sim.certificate import CERTIFICATE
from skyclust.providers.sim.kinds import KINDS
from skyclust.providers.sim.sessions import SimSession, ours
from skyclust.providers.sim.world import SimResource, Wanted

#: Members of a spec that hold ids of what the resource uses.
REFERENCES = ("network", "peer", "subnet", "subnets", "role", "cluster", "firewall")
#: Fields that creation does not take: `update` sets them, as AWS does with the DNS attributes of a VPC.
AFTERWARDS = ("dns",)

CLUSTER_TAG = "kubernetes.io/cluster/"
STEP = "sim.leftovers"


class SimDriver:
    """Implements `Driver` for one kind of the cloud."""

    creates = True

    def __init__(self, cloud_kind: str) -> None:
        """`cloud_kind` is the cloud's own word for it."""
        self.cloud_kind = cloud_kind
        self.kind = f"sim.{cloud_kind}"
        self.consistency_window_seconds = KINDS[cloud_kind].window

    def expected_seconds(self, action: str, spec: JsonObject) -> float:  # noqa: ARG002 - the protocol's shape
        """Medians of the table of kinds."""
        rules = KINDS[self.cloud_kind]
        return {"create": rules.create_seconds, "update": rules.update_seconds, "delete": rules.delete_seconds}[action]

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By name where names are unique, else by tag."""
        mine = ours(session)
        return await mine.call(f"read.{self.cloud_kind}", lambda: self._find(mine, mark, spec))

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:  # noqa: ARG002
        """By id."""
        mine = ours(session)
        return await mine.call(
            f"read.{self.cloud_kind}", lambda: self._shown(mine, mine.world.seen(external_id, self.cloud_kind))
        )

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """Kinds without token or unique name look for the mark first; inside the lag that sees nothing."""
        mine = ours(session)
        rules = KINDS[self.cloud_kind]
        if not rules.tokens and not rules.unique:
            found = await self.find(session, mark, spec)
            if found is not None and found.phase is not Phase.DELETING:
                return found
        wanted = self._wanted(mine, spec)
        made = await mine.call(f"create.{self.cloud_kind}", lambda: mine.world.create(mark, wanted))
        return self.shows(mine, made)

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Field by field; the size of a pool is the autoscaler's from when it has one."""
        mutable = KINDS[self.cloud_kind].mutable
        wanted = _fields(spec)
        if wanted.get("auto_scaling") is not None and observed.fields.get("auto_scaling") is not None:
            wanted.pop("node_count", None)
        return tuple(
            Change(name, observed.fields.get(name), value, replace=name not in mutable)
            for name, value in sorted(wanted.items())
            if observed.fields.get(name) != value
        )

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """All mutable changes in one call."""
        mine = ours(session)

        def effect() -> None:
            item = self._owned(mine, external_id, mark)
            if item is not None:
                mine.world.change(item, {change.field: _fields(spec)[change.field] for change in changes})

        await mine.call(f"update.{self.cloud_kind}", effect)

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:  # noqa: ARG002
        """Only with our mark; silent when nothing is seen."""
        mine = ours(session)

        def effect() -> None:
            item = self._owned(mine, external_id, mark)
            if item is not None:
                mine.world.delete(item)

        await mine.call(f"delete.{self.cloud_kind}", effect)

    def _wanted(self, mine: SimSession, spec: JsonObject) -> Wanted:
        fields = {key: value for key, value in _fields(spec).items() if key not in AFTERWARDS}
        return Wanted(self.cloud_kind, mine.region, spec["name"], fields, _uses(spec))

    def _find(self, mine: SimSession, mark: Mark, spec: JsonObject) -> Observed | None:
        if not KINDS[self.cloud_kind].unique:
            return self._shown(mine, mine.world.marked(self.cloud_kind, mark))
        item = mine.world.named(self._wanted(mine, spec))
        if item is not None and not mark.owns_tags(item.tags):
            raise NameTaken(f"A {self.cloud_kind} named {item.name} exists and is not ours.")
        return self._shown(mine, item)

    def _owned(self, mine: SimSession, external_id: str, mark: Mark) -> SimResource | None:
        item = mine.world.seen(external_id, self.cloud_kind)
        if item is not None and not mark.owns_tags(item.tags):
            raise NameTaken(f"{external_id} does not carry our mark, so it is left alone.")
        return item

    def _shown(self, mine: SimSession, item: SimResource | None) -> Observed | None:
        return None if item is None else self.shows(mine, item)

    def shows(self, mine: SimSession, item: SimResource) -> Observed:
        """What a read of it answers."""
        outputs: JsonObject = {"id": item.id, "name": item.name}
        if self.cloud_kind == "cluster":
            ca = base64.b64encode(CERTIFICATE.encode()).decode()
            outputs |= {"endpoint": f"https://{item.id}.sim.invalid", "ca_data": ca}
        return Observed(item.id, item.phase(mine.world.now()), outputs, dict(item.fields), item.failure)


class SweepDriver(SweepStep):
    """Implements `Driver` for the step that removes what Kubernetes left of our clusters. It makes nothing."""

    kind = STEP
    usual_seconds = KINDS["load_balancer"].delete_seconds

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """What is left; None when nothing is."""
        mine = ours(session)
        left = await mine.call("read.leftovers", lambda: _leftovers(mine, spec))
        if not left:
            return None
        leaving = all(item.leaving for item in left)
        names = ", ".join(item.name for item in left)
        return Observed(
            external_id, Phase.DELETING if leaving else Phase.READY, {"id": external_id}, message=f"sweeping {names}"
        )

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:  # noqa: ARG002
        """Load balancers first; their firewalls follow when they are gone."""
        mine = ours(session)

        def effect() -> None:
            for item in _leftovers(mine, spec):
                try:
                    mine.world.delete(item)
                except InUse:
                    continue  # its load balancer is still going; the engine asks again

        await mine.call("delete.leftovers", effect)


def _leftovers(mine: SimSession, spec: JsonObject) -> list[SimResource]:
    tags = {f"{CLUSTER_TAG}{name}" for name in spec["clusters"]}
    inside: list[SimResource] = []
    after = ""
    while True:
        page, after = mine.world.page(spec["network"], after, 100)
        inside.extend(item for item in page if tags & item.tags.keys())
        if not after:
            return sorted(inside, key=lambda item: item.kind, reverse=True)


def _fields(spec: JsonObject) -> JsonObject:
    return {key: value for key, value in spec.items() if key != "name" and key not in REFERENCES}


def _uses(spec: JsonObject) -> frozenset[str]:
    single = [spec[key] for key in REFERENCES if isinstance(spec.get(key), str)]
    return frozenset([*single, *spec.get("subnets", ())])
