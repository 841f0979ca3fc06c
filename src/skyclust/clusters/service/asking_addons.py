"""Ask the cloud whether a new cluster's wishes about add-ons can be granted. Called before a cluster is made."""

from __future__ import annotations

from skyclust.clusters.addons import offering, wish_findings
from skyclust.contract.provider import Provider, Session
from skyclust.contract.resources import Finding
from skyclust.contract.specs import ClusterSpec


async def wishes_checked(provider: Provider, cloud: Session, spec: ClusterSpec) -> tuple[Finding, ...]:
    """Findings, an error for what cannot be; nothing is asked where nothing is wished for."""
    if not spec.addons:
        return ()
    return tuple(wish_findings(spec, await offering(provider).offered_addons(cloud, spec), provider.title))
