"""What drivers of steps have in common: they stand in a graph, make nothing, and act when it is taken down."""

from __future__ import annotations

from abc import ABC, abstractmethod

from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase


class SweepStep(ABC):
    """A `Driver` that on deletion removes what others left behind. It is asked again until `observe` finds nothing."""

    kind: str
    creates = False
    consistency_window_seconds = 0.0
    #: Cloud seconds that a sweep usually takes.
    usual_seconds = 0.0

    @abstractmethod
    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """What is left, named in the message; None when nothing is. DELETING while there is nothing more to ask for."""

    @abstractmethod
    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Remove what can go now."""

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Only the sweep takes time."""
        del spec
        return self.usual_seconds if action == "delete" else 0.0

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """There is nothing to find."""
        del session, mark, spec
        return None

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """A step exists as soon as it is planned; the engine does not call this."""
        del session, spec
        step = f"step/{mark.resource_id}"
        return Observed(step, Phase.READY, {"id": step})

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """A step has no fields."""
        del spec, observed
        return ()

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """Nor anything to change."""
        del session, external_id, spec, changes, mark
