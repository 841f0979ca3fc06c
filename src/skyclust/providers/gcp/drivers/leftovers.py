"""The step that removes what Kubernetes left behind. Called on deletion for the kind gcp.kubernetes.leftovers.

It stands between the clusters and the network: clusters depend on it, so they are gone first; it depends on the
network, which goes after. Things of a cluster that still lives are in use, not left behind, and stay.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from skyclust.contract.errors import InUse, NotYet
from skyclust.contract.provider import Session
from skyclust.contract.resources import JsonObject, Mark, Observed, Phase
from skyclust.contract.steps import SweepStep
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.classifying import NotFound
from skyclust.providers.gcp.naming import last_segment, segment_after
from skyclust.providers.gcp.reading import clusters_of, leftover_findings
from skyclust.providers.gcp.sessions import GcpSession, gather, gcp_session
from skyclust.providers.gcp.traces import Trace, traces

#: Name of the delete method's parameter by collection.
_ARGUMENTS = {
    "forwardingRules": "forwardingRule",
    "targetPools": "targetPool",
    "networkEndpointGroups": "networkEndpointGroup",
    "disks": "disk",
    "firewalls": "firewall",
}


class LeftoversDriver(SweepStep):
    """Implements `contract.provider.Driver`; it makes nothing."""

    kind = "gcp.kubernetes.leftovers"
    #: Two rounds of deletions: load balancers first, then what they used.
    usual_seconds = 20.0

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """None once nothing is left; until then SETTLING, so that deletion is asked for again."""
        left = await _left(gcp_session(session), spec)
        if not left:
            return None
        names = ", ".join(last_segment(trace.path) for trace in left[:5])
        return Observed(external_id, Phase.SETTLING, {"id": external_id}, message=f"still there: {names}")

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Everything that can go now; firewall rules, the evidence for the rest, go last."""
        del external_id, mark
        gcp = gcp_session(session)
        left = await _left(gcp, spec)
        first = [trace for trace in left if trace.kind != "firewalls"]
        refusals = await gather(*(_delete(gcp, trace) for trace in first or left))
        held = [refusal for refusal in refusals if refusal is not None]
        if held and len(held) == len(refusals):
            raise held[0]


async def _left(gcp: GcpSession, spec: JsonObject) -> list[Trace]:
    living = frozenset(cluster["name"] for cluster in await clusters_of(gcp, spec["network"]))
    gone = frozenset(spec["clusters"]) - living
    if not gone:
        return []
    return traces(await leftover_findings(gcp, gone, living), spec["network"], spec["region"])


async def _delete(gcp: GcpSession, trace: Trace) -> InUse | None:
    """Silent about what is gone or going already; what holds a thing may go in the same round, so that is only told."""
    try:
        await gcp.write(partial(_request, trace))
    except (NotFound, NotYet):
        return None
    except InUse as held:
        return held
    return None


def _request(trace: Trace, apis: Apis) -> Any:
    where = {"project": segment_after(trace.path, "projects"), _ARGUMENTS[trace.kind]: last_segment(trace.path)}
    for scope in ("region", "zone"):
        place = segment_after(trace.path, f"{scope}s")
        if place:
            where[scope] = place
    collection = trace.kind
    if trace.kind == "forwardingRules" and "region" not in where:
        collection = "globalForwardingRules"
    return getattr(apis.compute, collection)().delete(**where)
