"""What a driver holds of the simulated cloud: the world, the region and the key. Made by `Sim.connect`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from skyclust.contract.provider import Session
from skyclust.providers.sim.world import SimWorld

T = TypeVar("T")


@dataclass(slots=True)
class SimSession:
    """Implements `Session`; the key never shows."""

    world: SimWorld = field(repr=False)
    region: str
    key: str = field(repr=False)

    async def close(self) -> None:
        """Nothing is open."""

    async def call(self, operation: str, effect: Callable[[], T]) -> T:
        """One API call under this key."""
        return await self.world.call(operation, self.key, effect)


def ours(session: Session) -> SimSession:
    """The session as this provider made it."""
    return cast("SimSession", session)
