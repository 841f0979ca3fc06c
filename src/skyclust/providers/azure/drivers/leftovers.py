"""The step that removes what Kubernetes left behind. Called on deletion for the kind azure.kubernetes.leftovers.

It stands between the clusters and the network: clusters depend on it, so they are gone first; it depends on the
network, which goes after. Things of a cluster that still lives are in use, not left behind, and stay.
"""

from __future__ import annotations

from skyclust.contract.errors import InUse, NotYet
from skyclust.contract.provider import Session
from skyclust.contract.resources import JsonObject, Mark, Observed, Phase
from skyclust.contract.steps import SweepStep
from skyclust.providers.azure.inventories import TRACED
from skyclust.providers.azure.naming import last_segment
from skyclust.providers.azure.reading import CLUSTERS, Trace, groups_of, trace_of
from skyclust.providers.azure.sessions import AzureSession, azure_session, gather


class LeftoversDriver(SweepStep):
    """Implements `contract.provider.Driver`; it makes nothing."""

    kind = "azure.kubernetes.leftovers"
    #: Two rounds of deletions: load balancers first, then what they used.
    usual_seconds = 20.0

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """None once nothing is left; until then SETTLING, so that deletion is asked for again."""
        left = await _left(azure_session(session), spec)
        if not left:
            return None
        names = ", ".join(last_segment(trace.id) for trace in left[:5])
        return Observed(external_id, Phase.SETTLING, {"id": external_id}, message=f"still there: {names}")

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Everything that can go now; what holds a thing may go in the same round."""
        del external_id, mark
        az = azure_session(session)
        refusals = await gather(*(_delete(az, trace) for trace in await _left(az, spec)))
        held = [refusal for refusal in refusals if refusal is not None]
        if held and len(held) == len(refusals):
            raise held[0]


async def _left(az: AzureSession, spec: JsonObject) -> list[Trace]:
    # Wherever they stand: a cluster of that name made since would have the same groups.
    living = {cluster["name"].lower() for cluster in await az.items(az.within(CLUSTERS))}
    gone = frozenset(name for name in spec["clusters"] if name.lower() not in living)
    if not gone:
        return []
    lists = await gather(*(az.items(az.within(kind)) for kind in TRACED))
    groups = groups_of(gone, spec["region"], ())
    traces = [trace_of(row, groups) for rows in lists for row in rows if not row.get("managedBy")]
    return [trace for trace in traces if trace is not None]


async def _delete(az: AzureSession, trace: Trace) -> InUse | None:
    """Silent about what is gone or going already; what holds a thing may go in the same round, so that is only told."""
    try:
        await az.delete(trace.id)
    except NotYet:
        return None
    except InUse as held:
        return held
    return None
