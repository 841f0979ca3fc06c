"""The way to another Kubernetes version: hop by hop, what each changes and takes, and what speaks against it. Pure.

Called when a version is asked for. Invariant: an operation goes hop by hop, and in each hop the control plane first,
then every node pool; so no pool is ever left more than one hop behind by us, wherever the operation stops.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from skyclust.clusters.errors import version_back, version_not_offered
from skyclust.clusters.states import CONTROL_PLANE, NODE_POOL_PREFIX
from skyclust.contract.provider import KubernetesVersion, Provider
from skyclust.contract.resources import Finding, Node, Price
from skyclust.contract.specs import ClusterSpec
from skyclust.provisioning.planning import PlannedChange, Verb, critical_path_seconds
from skyclust.provisioning.pricing import price_of
from skyclust.provisioning.rows import ResourceRow, State

SKEW_POLICY = "https://kubernetes.io/releases/version-skew-policy/#kubelet"
_VERSION = re.compile(r"[0-9]+\.[0-9]+")
#: A version that leaves standard support within this time is told of.
SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Hop:
    """From one minor version to the next. `lines` are what changes, in the order of work."""

    before: str
    version: str
    lines: tuple[PlannedChange, ...]

    @property
    def expected_seconds(self) -> float:
        """Usual time, with node pools side by side."""
        return critical_path_seconds(self.lines)


def minor_of(version: str) -> int:
    """33 of "1.33" and of "1.33.4-gke.100"."""
    return int(version.split(".")[1])


def upgrade_path(now: str, wanted: str, offered: Sequence[KubernetesVersion]) -> tuple[str, ...]:
    """The version of each hop, the last as it was asked for; none when it is there already.

    422 for a step back, and when one on the way is not offered: then with the nearest that can be reached.
    """
    at, goal = minor_of(now), minor_of(wanted)
    if goal < at or wanted.partition(".")[0] != now.partition(".")[0]:
        raise version_back(now, wanted)
    if goal == at:
        return (wanted,) if wanted != now else ()
    names = {minor_of(item.name): item.name for item in offered}
    lacking = next((minor for minor in range(at + 1, goal + 1) if minor not in names), None)
    if lacking is not None:
        raise version_not_offered(now, wanted, f"{now.partition('.')[0]}.{lacking}", names.get(lacking - 1))
    return (*(names[minor] for minor in range(at + 1, goal)), wanted)


def reached(spec: ClusterSpec, rows: Sequence[ResourceRow]) -> str:
    """The version that the way begins at: the one asked for, unless the control plane is behind that."""
    planes = [row for row in rows if row.key == CONTROL_PLANE and row.state is not State.GONE]
    runs = next((str(row.fields.get("version") or "") for row in planes), "")
    if not _VERSION.match(runs) or minor_of(runs) >= minor_of(spec.version):
        return spec.version
    return f"{runs.partition('.')[0]}.{minor_of(runs)}"


def waypoints(provider: Provider, spec: ClusterSpec, rows: Sequence[ResourceRow]) -> tuple[ClusterSpec, ...]:
    """The cluster at each hop on the way from how it runs to `spec`, which comes last."""
    now = reached(spec, rows)
    names = {minor_of(item.name): item.name for item in provider.kubernetes_versions()}
    between = range(minor_of(now) + 1, minor_of(spec.version))
    versions = [names.get(minor, f"{now.partition('.')[0]}.{minor}") for minor in between]
    return (*(replace(spec, version=version) for version in versions), spec)


def hops(provider: Provider, spec: ClusterSpec, path: Sequence[str]) -> tuple[Hop, ...]:
    """What each hop changes of the cluster as it was asked for, and how long that usually takes."""
    found = []
    for version in path:
        after = replace(spec, version=version)
        found.append(Hop(spec.version, version, tuple(_changes(provider, spec, after))))
        spec = after
    return tuple(found)


def _changes(provider: Provider, before: ClusterSpec, after: ClusterSpec) -> Iterator[PlannedChange]:
    known = {node.key: node.spec for node in provider.cluster_blueprint(before)}
    for node in provider.cluster_blueprint(after):
        if node.adopt_id is None and node.spec != known.get(node.key):
            seconds = provider.driver(node.kind).expected_seconds("update", node.spec)
            yield PlannedChange(node.key, node.kind, node.title, Verb.UPDATE, node.depends_on, seconds)


def findings(
    provider: Provider, spec: ClusterSpec, rows: Sequence[ResourceRow], path: Sequence[str], today: date
) -> tuple[Finding, ...]:
    """What a person should know before the first hop of `path`; an error forbids it.

    Pools follow in every hop, so how far they are behind matters in the first one only.
    """
    if not path:
        return ()
    return (*skew(spec.version, path[0], rows), *support(provider, spec, path[-1], today))


def skew(now: str, version: str, rows: Sequence[ResourceRow]) -> Iterator[Finding]:
    """Node pools that are behind their control plane, and those that the hop would leave too far behind it."""
    for row in rows:
        runs = str(row.fields.get("version") or "")
        if not row.key.startswith(NODE_POOL_PREFIX) or row.state is State.GONE or not _VERSION.match(runs):
            continue
        name = row.key.removeprefix(NODE_POOL_PREFIX)
        behind, then = minor_of(now) - minor_of(runs), minor_of(version) - minor_of(runs)
        allowed = 3 if minor_of(runs) >= 25 else 2
        if then > allowed:
            message = (
                f"The node pool {name!r} runs {runs}. With the control plane at {version} it would be {then} minor "
                f"versions behind; Kubernetes allows {allowed} ({SKEW_POLICY}). Bring the pool to {now} first: ask for "
                f"version {now} again, or upgrade it with the cloud's own tools."
            )
            yield Finding("error", "/version", message, "version-skew")
        elif behind > 0:
            message = (
                f"The node pool {name!r} runs {runs}, {behind} behind the control plane's {now}. It follows to "
                f"{version} after the control plane."
            )
            yield Finding("warning", "/version", message, "version-skew")


def support(provider: Provider, spec: ClusterSpec, version: str, today: date) -> Iterator[Finding]:
    """A version past the cloud's standard support, with what that costs besides, or soon to leave it."""
    offered = provider.kubernetes_versions()
    known = next((item for item in offered if minor_of(item.name) == minor_of(version)), None)
    if known is None or known.end_of_standard_support is None:
        return
    end = date.fromisoformat(known.end_of_standard_support)
    newest = max(offered, key=lambda item: minor_of(item.name))
    onward = f" Go on to {newest.name}." if minor_of(newest.name) > minor_of(version) else ""
    if today > end:
        cost = surcharge(provider, spec, version, newest.name)
        message = f"{provider.title} ended its standard support of Kubernetes {version} on {end}.{cost}{onward}"
        yield Finding("warning", "/version", message, "extended-support")
    elif end - today <= SOON:
        message = f"{provider.title} ends its standard support of Kubernetes {version} on {end}.{onward}"
        yield Finding("warning", "/version", message, "support-ends-soon")


def surcharge(provider: Provider, spec: ClusterSpec, version: str, newest: str) -> str:
    """What the control plane costs at a version beyond what it costs at the newest, in a sentence; "" for nothing."""
    priced = price_of(provider, spec.region)
    price, usual = (_price(priced(_plane(provider, spec, name))) for name in (version, newest))
    if price is None or usual is None or price.usd_per_hour <= usual.usd_per_hour:
        return ""
    return (
        f" The control plane costs ${price.usd_per_hour:.2f} an hour instead of ${usual.usd_per_hour:.2f} "
        f"({price.source}, {price.as_of})."
    )


def _plane(provider: Provider, spec: ClusterSpec, version: str) -> Node:
    return provider.cluster_blueprint(replace(spec, version=version))[CONTROL_PLANE]


def _price(found: tuple[float, Price] | None) -> Price | None:
    return found[1] if found is not None else None
