"""aws.kubernetes.leftovers: a step that makes nothing, and on deletion removes what Kubernetes left of our clusters."""

from __future__ import annotations

from skyclust.contract.provider import Session
from skyclust.contract.resources import JsonObject, Mark, Observed, Phase
from skyclust.contract.steps import SweepStep
from skyclust.providers.aws.drivers.ec2 import aws
from skyclust.providers.aws.leftovers import Leftovers, find_leftovers, sweep


class SweepDriver(SweepStep):
    """Spec: vpc_id, clusters (names of ours). Its rows have the id "step/..." that the engine gives them."""

    kind = "aws.kubernetes.leftovers"

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """None when nothing is left; DELETING while AWS still removes what was asked for."""
        found = await _found(session, spec)
        if not found:
            return None
        only_fading = bool(found.fading) and not (found.balancers or found.interfaces)
        phase = Phase.DELETING if only_fading else Phase.READY
        named = [*(item.name for item in found.balancers), *(str(item["GroupName"]) for item in found.groups)]
        return Observed(external_id, phase, {"id": external_id}, {}, f"still there: {', '.join(named) or 'interfaces'}")

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """One round of sweeping; the engine asks again until `observe` finds nothing."""
        del external_id, mark
        await sweep(aws(session), await _found(session, spec))


async def _found(session: Session, spec: JsonObject) -> Leftovers:
    return await find_leftovers(aws(session), spec["vpc_id"], tuple(spec["clusters"]))
