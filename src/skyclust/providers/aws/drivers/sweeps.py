"""aws.kubernetes.leftovers: a step that makes nothing, and on deletion removes what Kubernetes left of our clusters."""

from __future__ import annotations

from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.aws.drivers.ec2 import aws
from skyclust.providers.aws.leftovers import Leftovers, find_leftovers, sweep


class SweepDriver:
    """Spec: vpc_id, clusters (names of ours). Its rows have the id "step/..." that the engine gives them."""

    kind = "aws.kubernetes.leftovers"
    consistency_window_seconds = 0.0
    creates = False

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Usually nothing is left; a load balancer's interfaces take a minute or two to go."""
        del action, spec
        return 0.0

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """Nothing is ever created."""
        del session, mark, spec
        return None

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """None when nothing is left; DELETING while AWS still removes what was asked for."""
        found = await _found(session, spec)
        if not found:
            return None
        only_fading = bool(found.fading) and not (found.balancers or found.interfaces)
        phase = Phase.DELETING if only_fading else Phase.READY
        named = [*(item.name for item in found.balancers), *(str(item["GroupName"]) for item in found.groups)]
        return Observed(external_id, phase, {"id": external_id}, {}, f"still there: {', '.join(named) or 'interfaces'}")

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """Never called by the engine; answers as if done."""
        del session, spec
        return Observed(f"step/{mark.resource_id}", Phase.READY, {"id": f"step/{mark.resource_id}"})

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """A step has nothing to differ in."""
        del spec, observed
        return ()

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """Likewise."""

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """One round of sweeping; the engine asks again until `observe` finds nothing."""
        del external_id, mark
        await sweep(aws(session), await _found(session, spec))


async def _found(session: Session, spec: JsonObject) -> Leftovers:
    return await find_leftovers(aws(session), spec["vpc_id"], tuple(spec["clusters"]))
