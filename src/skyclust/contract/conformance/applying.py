"""Bring a graph into being and take it down again, as simply as can be. Called by the suite's rules.

Not the engine: no rows, no leases, no parallelism. It judges a provider by the contract alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from skyclust.contract.conformance.under_test import OutsideWorld
from skyclust.contract.errors import InUse
from skyclust.contract.provider import Driver, Provider, Session
from skyclust.contract.resources import (
    Graph,
    JsonObject,
    Mark,
    Node,
    Observed,
    Phase,
    resolve,
    topological_order,
)

MAX_LOOKS = 300
MAX_REFUSALS = 20


@dataclass(frozen=True, slots=True)
class Birth:
    """All that a way of creating one node may need."""

    key: str
    driver: Driver
    session: Session
    mark: Mark
    spec: JsonObject

    async def create(self) -> Observed:
        """One call of `create`."""
        return await self.driver.create(self.session, self.mark, self.spec)

    async def find(self) -> Observed | None:
        """One call of `find`."""
        return await self.driver.find(self.session, self.mark, self.spec)


Creation = Callable[[Birth], Awaitable[Observed]]


class StillInUseError(AssertionError):
    """Deletion was refused again and again because something depends on the resource."""

    def __init__(self, key: str, refusal: InUse) -> None:
        """`refusal` is the last one."""
        super().__init__(f"{key} stays in use: {refusal.message} {refusal.blockers}")
        self.key = key
        self.refusal = refusal


@dataclass(slots=True)
class Standing:
    """One node that exists. `observed` is None for steps that make nothing."""

    node: Node
    mark: Mark
    spec: JsonObject
    external_id: str
    observed: Observed | None = None


@dataclass
class Stack:
    """The nodes of one graph, in the order in which they came to be."""

    provider: Provider
    session: Session
    world: OutsideWorld
    name: str
    id: UUID = field(default_factory=uuid4)
    generation: int = 1
    standing: dict[str, Standing] = field(default_factory=dict)

    async def apply(self, graph: Graph, create: Creation = Birth.create) -> None:
        """Make what is missing, change what differs, remove what is no longer in the graph."""
        for key in [key for key in self._deletion_order() if key not in {node.key for node in graph}]:
            await self._remove(self.standing.pop(key))
        nodes = {node.key: node for node in graph}
        for key in topological_order({node.key: node.depends_on for node in graph}):
            await self._stand(nodes[key], create)

    async def delete(self, before_each: Callable[[Standing], Awaitable[None]] | None = None) -> list[Standing]:
        """Remove everything that is ours, dependents first. Returns what stood there.

        `before_each` is awaited when nothing of this stack uses the next one any more, right before its deletion.
        """
        gone = [self.standing[key] for key in self._deletion_order()]
        for standing in gone:
            if before_each is not None:
                await before_each(standing)
            await self._remove(standing)
        self.standing.clear()
        return gone

    def owned(self) -> list[Standing]:
        """What this stack made in the cloud, in order of creation."""
        return [item for item in self.standing.values() if item.observed is not None and item.node.adopt_id is None]

    def driver(self, standing: Standing) -> Driver:
        """The driver of a standing node."""
        return self.provider.driver(standing.node.kind)

    async def _stand(self, node: Node, create: Creation) -> None:
        driver = self.provider.driver(node.kind)
        outputs = {key: item.observed.outputs for key, item in self.standing.items() if item.observed}
        spec: JsonObject = resolve(node.spec, outputs)
        old = self.standing.get(node.key)
        mark = old.mark if old else Mark(uuid4(), self.id, self.generation, self.name)
        if not driver.creates:
            self.standing[node.key] = Standing(node, mark, spec, f"step/{mark.resource_id}")
            return
        external_id = node.adopt_id or (old.external_id if old else None)
        if external_id is None:
            external_id = (await create(Birth(node.key, driver, self.session, mark, spec))).external_id
        standing = self.standing[node.key] = Standing(node, mark, spec, external_id)
        standing.observed = await self._settle(standing)

    async def _settle(self, standing: Standing) -> Observed:
        """Look, update what differs, look again, until the resource is ready and as wanted."""
        driver, spec, title = self.driver(standing), standing.spec, standing.node.key
        expected = driver.expected_seconds("create", spec)
        seen: Observed | None = None
        for look in range(MAX_LOOKS):
            seen = await driver.observe(self.session, standing.external_id, spec)
            if seen is not None and seen.phase is Phase.FAILED:
                raise AssertionError(f"{title} failed in the cloud: {seen.message or 'no reason given'}")
            if seen is not None and seen.phase is Phase.READY:
                changes = () if standing.node.adopt_id else driver.diff(spec, seen)
                if not changes:
                    return seen
                assert not any(change.replace for change in changes), f"{title} wants to be replaced: {changes}"
                await driver.update(self.session, standing.external_id, spec, changes, standing.mark)
            self.world.pass_time(_pause(look, expected))
        raise AssertionError(f"{title} did not become what its spec says after {MAX_LOOKS} looks; last seen: {seen}")

    async def _remove(self, standing: Standing) -> None:
        if standing.node.adopt_id is not None:
            return
        driver, external_id, spec = self.driver(standing), standing.external_id, standing.spec
        expected = driver.expected_seconds("delete", spec)
        asked, seen = False, None
        for look in range(MAX_LOOKS):
            if not asked or (seen is not None and seen.phase is not Phase.DELETING):
                asked = await self._ask_for_deletion(standing, look)
            seen = await driver.observe(self.session, external_id, spec)
            if asked and seen is None:
                return
            self.world.pass_time(_pause(look, expected))
        raise AssertionError(f"{standing.node.key} is still there after {MAX_LOOKS} looks: {seen}")

    async def _ask_for_deletion(self, standing: Standing, look: int) -> bool:
        try:
            await self.driver(standing).delete(self.session, standing.external_id, standing.spec, standing.mark)
        except InUse as refusal:
            if look >= MAX_REFUSALS:
                raise StillInUseError(standing.node.key, refusal) from refusal
            return False
        return True

    def _deletion_order(self) -> list[str]:
        return list(reversed(topological_order({key: item.node.depends_on for key, item in self.standing.items()})))


def _pause(look: int, expected: float) -> float:
    """Cloud seconds until the next look: most of the expected time at once, then small steps."""
    return max(expected * (0.7 if look == 0 else 0.1), 2.0)
