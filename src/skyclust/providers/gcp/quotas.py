"""Whether the project's quotas suffice for what is asked. Pure but for two reads; called by the pre-flights.

Metrics: https://cloud.google.com/compute/resource-usage. A limit that Google does not tell is no obstacle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from skyclust.contract.resources import Finding, JsonObject
from skyclust.contract.specs import ClusterSpec, NetworkSpec
from skyclust.providers.gcp import catalog
from skyclust.providers.gcp.drivers.cluster_bodies import BOOTSTRAP_MACHINE
from skyclust.providers.gcp.options import options_of
from skyclust.providers.gcp.sessions import GcpSession, gather

#: Firewall rules that GKE makes for a private cluster, and ours.
_CLUSTER_FIREWALLS = 5
_DEFAULT_FIREWALLS = 2
_DISK_METRICS = {"pd-balanced": "SSD_TOTAL_GB", "pd-ssd": "SSD_TOTAL_GB", "hyperdisk-balanced": "HDB_TOTAL_GB"}


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit with what is used of it."""

    limit: float
    usage: float


Quotas = Mapping[str, Quota]


async def read_quotas(gcp: GcpSession, region: str) -> tuple[Quotas, Quotas]:
    """(the region's, the project's)."""
    answers = await gather(
        gcp.read(lambda apis: apis.compute.regions().get(project=gcp.project, region=region)),
        gcp.read(lambda apis: apis.compute.projects().get(project=gcp.project)),
    )
    regional, project = (_parsed(answer) for answer in answers)
    return regional, project


def check_cluster_quotas(spec: ClusterSpec, regional: Quotas, project: Quotas) -> Iterator[Finding]:
    """Machines, disks, addresses; and the network's, when it is made with the cluster."""
    for metric, (wanted, field) in _machines(spec, regional).items():
        yield from _check(metric, wanted, regional, field, spec.region)
    cpus = sum(wanted for metric, (wanted, _) in _machines(spec, regional).items() if metric.endswith("CPUS"))
    yield from _check("CPUS_ALL_REGIONS", cpus, project, _pools_field(spec), "the whole project")
    if spec.network is not None:
        extra = Counter({"FIREWALLS": _CLUSTER_FIREWALLS})
        yield from check_network_quotas(spec.network, project, at="/network", extra=extra)


def check_network_quotas(
    spec: NetworkSpec, project: Quotas, *, at: str, extra: Counter[str] | None = None
) -> Iterator[Finding]:
    """Networks, subnetworks, routers, firewall rules."""
    wanted = Counter(extra or {})
    wanted["FIREWALLS"] += sum(len(group.rules) + 1 for group in spec.security_groups)
    wanted["SUBNETWORKS"] += len(spec.subnets)
    if spec.existing_id is None:
        wanted["NETWORKS"] += 1
        if spec.carve:
            wanted["SUBNETWORKS"] += 0 if spec.subnets else 1
            wanted["FIREWALLS"] += _DEFAULT_FIREWALLS
            wanted["ROUTERS"] += 1 if spec.has_nat else 0
    for metric, amount in wanted.items():
        yield from _check(metric, amount, project, at, "the project")


def _machines(spec: ClusterSpec, regional: Quotas) -> dict[str, tuple[float, str]]:
    """Wanted amount and the field to blame, by metric."""
    wanted: Counter[str] = Counter()
    for pool in spec.node_pools:
        shape = catalog.shapes().get(pool.machine_type)
        if shape is not None:
            wanted[cpu_metric(pool.machine_type, regional)] += shape.vcpu * pool.node_count
        if gpu := pool.gpu or catalog.built_in_gpu(pool.machine_type):
            wanted[gpu_metric(gpu.type, spot=pool.spot)] += gpu.count * pool.node_count
        disk = catalog.boot_disk_type(pool.machine_type, pool.disk_type or options_of(spec).disk_type)
        wanted[_disk_metric(disk)] += pool.disk_gb * pool.node_count
        wanted["INSTANCES"] += pool.node_count
        if not options_of(spec).private_cluster:
            wanted["IN_USE_ADDRESSES"] += pool.node_count
    if spec.mode == "standard":
        wanted["CPUS"] += catalog.shapes()[BOOTSTRAP_MACHINE].vcpu
        wanted["INSTANCES"] += 1
    field = _pools_field(spec)
    return {metric: (amount, field) for metric, amount in wanted.items()}


def cpu_metric(machine_type: str, regional: Quotas) -> str:
    """The quota a machine type counts against: its family's own where there is one, else CPUS."""
    own = f"{machine_type.partition('-')[0].upper()}_CPUS"
    return own if own in regional else "CPUS"


def gpu_metric(kind: str, *, spot: bool) -> str:
    """For nvidia-tesla-t4 NVIDIA_T4_GPUS: https://cloud.google.com/compute/resource-usage#gpu_quota"""
    word = kind.removeprefix("nvidia-").removeprefix("tesla-").replace("-", "_").upper()
    return f"{'PREEMPTIBLE_' if spot else ''}NVIDIA_{word}_GPUS"


def _disk_metric(disk_type: str) -> str:
    return _DISK_METRICS.get(disk_type, "DISKS_TOTAL_GB")


def _pools_field(spec: ClusterSpec) -> str:
    return "/node_pools/0/node_count" if spec.node_pools else ""


def _check(metric: str, wanted: float, quotas: Quotas, field: str, where: str) -> Iterator[Finding]:
    quota = quotas.get(metric)
    if quota is None or wanted <= 0 or quota.usage + wanted <= quota.limit:
        return
    yield Finding(
        "error",
        field,
        f"The quota {metric} of {where} does not suffice: {wanted:g} more are needed, {quota.usage:g} of "
        f"{quota.limit:g} are in use. Ask for more in IAM & Admin > Quotas, ask for less, or choose another region.",
        "quota",
    )


def _parsed(answer: JsonObject) -> Quotas:
    return {row["metric"]: Quota(float(row["limit"]), float(row["usage"])) for row in answer.get("quotas", [])}
