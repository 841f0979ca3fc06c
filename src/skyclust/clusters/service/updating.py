"""Another Kubernetes version, other switches of the provider, deletion protection. Called by the route.

Invariant: an operation goes one minor version up at a time. A dry run shows the whole way to the version asked for.
"""

from __future__ import annotations

from dataclasses import replace

from skyclust.clusters.answers import Standing
from skyclust.clusters.errors import nothing_to_change
from skyclust.clusters.node_pools import with_options
from skyclust.clusters.parsing import parse_options
from skyclust.clusters.queries import Filter
from skyclust.clusters.schemas import (
    ClusterAnswer,
    ClusterPatchBody,
    UpgradeHopAnswer,
    UpgradePlanAnswer,
    UpgradeStepAnswer,
)
from skyclust.clusters.service.changing import Change, change_cluster
from skyclust.clusters.service.checking import with_checks
from skyclust.clusters.service.protecting import protect_cluster
from skyclust.clusters.upgrading import Hop, findings, hops, reached, upgrade_path
from skyclust.contract.provider import Provider
from skyclust.contract.resources import Finding
from skyclust.contract.specs import ClusterSpec
from skyclust.networks.errors import check_findings
from skyclust.networks.service import Errand, Json
from skyclust.provisioning.answers import PlanAnswer


async def update_cluster(
    errand: Errand, wanted: str, which: Filter, body: ClusterPatchBody
) -> Json | PlanAnswer | ClusterAnswer:
    """The begun operation, or the plan on a dry run. Deletion protection alone needs no operation."""
    if body.deletion_protection is not None and body.version is None and not body.unknown:
        return await protect_cluster(errand, wanted, which, protected=body.deletion_protection)
    change = _Wish(errand, body).change()
    answer = await change_cluster(errand.citing(body.plan_digest), wanted, which, change)
    if isinstance(answer, UpgradePlanAnswer):
        return await with_checks(errand, wanted, which, answer)
    return answer


class _Wish:
    """What was asked for, and what follows from it for a cluster."""

    def __init__(self, errand: Errand, body: ClusterPatchBody) -> None:
        self._errand = errand
        self._body = body

    def change(self) -> Change:
        data = {"version": self._body.version}
        wish = Change(
            "cluster.update", "cluster.update_requested", data, self._changed, protected=self._body.deletion_protection
        )
        if self._body.version is None:
            return wish
        return replace(wish, check=self._check, findings=self._findings, shown=self._shown)

    def _path(self, standing: Standing, provider: Provider) -> tuple[str, ...]:
        version = self._body.version
        now = reached(standing.spec, standing.resources)
        return upgrade_path(now, version, provider.kubernetes_versions()) if version else ()

    def _check(self, standing: Standing, provider: Provider) -> None:
        """What lies on the way; where it leads is checked like any change."""
        for version in self._path(standing, provider)[:-1]:
            there = provider.validate_cluster(replace(standing.spec, version=version))
            check_findings(item for item in there if item.field == "/version")

    def _changed(self, spec: ClusterSpec, provider: Provider) -> ClusterSpec:
        options = parse_options(provider, list(self._errand.ground.providers), self._body.unknown)
        if self._body.version is None and not options:
            raise nothing_to_change()
        return with_options(replace(spec, version=self._body.version or spec.version), options)

    def _findings(self, standing: Standing, spec: ClusterSpec) -> tuple[Finding, ...]:
        provider = self._errand.provider(standing.row.provider)
        path = self._path(standing, provider)
        before = replace(spec, version=reached(standing.spec, standing.resources))
        return findings(provider, before, standing.resources, path, self._errand.now().date())

    def _shown(self, answer: PlanAnswer, standing: Standing, spec: ClusterSpec) -> PlanAnswer:
        provider = self._errand.provider(standing.row.provider)
        path = self._path(standing, provider)
        before = replace(spec, version=reached(standing.spec, standing.resources))
        return UpgradePlanAnswer(**dict(answer), hops=[_hop_answer(hop) for hop in hops(provider, before, path)])


def _hop_answer(hop: Hop) -> UpgradeHopAnswer:
    return UpgradeHopAnswer(
        version_before=hop.before,
        version=hop.version,
        expected_seconds=round(hop.expected_seconds, 1),
        steps=[
            UpgradeStepAnswer(key=line.key, title=line.title, expected_seconds=round(line.expected_seconds, 1))
            for line in hop.lines
        ],
    )
