"""Whether the subscription's quotas and offers suffice for the machines asked for. Pure but for its reads.

Called by the pre-flights. Quotas count vCPUs, of a family and of the region as a whole; spot machines have one of their
own: https://learn.microsoft.com/azure/quotas/per-vm-quota-requests. A limit that Azure does not tell is no obstacle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from skyclust.contract.checks import error
from skyclust.contract.resources import Finding, JsonObject
from skyclust.contract.specs import ClusterSpec, NodePoolSpec
from skyclust.providers.azure import catalog
from skyclust.providers.azure.blueprints import system_pool
from skyclust.providers.azure.pool_validation import pool_pointer
from skyclust.providers.azure.sessions import AzureSession, gather

_REGIONAL, _SPOT = "cores", "lowprioritycores"


@dataclass(frozen=True, slots=True)
class Offer:
    """What the subscription may have of one machine type in the region."""

    family: str
    vcpu: int
    zones: frozenset[str]
    refused: str = ""  # why the subscription may not use it in the region at all
    refused_zones: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit with what is used of it."""

    title: str
    limit: float
    usage: float


async def check_machines(az: AzureSession, spec: ClusterSpec) -> list[Finding]:
    """Offers, restrictions and quotas of every pool. One list of each, whatever the number of pools."""
    where = f"location eq '{spec.region}'"
    skus, usages = await gather(
        az.items(az.within("Microsoft.Compute/skus"), **{"$filter": where}),
        az.items(az.within(f"Microsoft.Compute/locations/{spec.region}/usages")),
    )
    offers = parse_offers(skus, spec.region)
    quotas = parse_quotas(usages)
    found = [finding for index, pool in enumerate(spec.node_pools) for finding in _offered(spec, pool, index, offers)]
    return [*found, *_within_quotas(spec, offers, quotas)]


def parse_offers(skus: list[JsonObject], region: str) -> dict[str, Offer]:
    """Offers by machine type, from Microsoft.Compute/skus."""
    found = {}
    for sku in skus:
        if sku.get("resourceType") != "virtualMachines":
            continue
        places = [row for row in sku.get("locationInfo", []) if str(row.get("location", "")).lower() == region]
        if not places:
            continue
        capabilities = {row["name"]: row["value"] for row in sku.get("capabilities", [])}
        whole, zonal = _restrictions(sku)
        found[sku["name"]] = Offer(
            str(sku.get("family", "")).lower(),
            int(float(capabilities.get("vCPUs", 0))),
            frozenset(zone for row in places for zone in row.get("zones", [])),
            whole,
            zonal,
        )
    return found


def _restrictions(sku: JsonObject) -> tuple[str, frozenset[str]]:
    whole, zones = "", set()
    for row in sku.get("restrictions", []):
        if row.get("type") == "Location":
            whole = str(row.get("reasonCode") or "NotAvailableForSubscription")
        elif row.get("type") == "Zone":
            zones |= set((row.get("restrictionInfo") or {}).get("zones", []))
    return whole, frozenset(zones)


def parse_quotas(usages: list[JsonObject]) -> dict[str, Quota]:
    """Quotas by their names in lower case, from Microsoft.Compute/locations/usages."""
    return {
        str(row["name"]["value"]).lower(): Quota(
            str(row["name"].get("localizedValue") or row["name"]["value"]),
            float(row["limit"]),
            float(row["currentValue"]),
        )
        for row in usages
    }


def _offered(spec: ClusterSpec, pool: NodePoolSpec, index: int, offers: Mapping[str, Offer]) -> Iterator[Finding]:
    field_, offer = f"{pool_pointer(index)}/machine_type", offers.get(pool.machine_type)
    if offer is None:
        yield error(field_, f"{pool.machine_type} is not offered in {spec.region}. Choose another.", "not_in_region")
        return
    if offer.refused:
        yield error(
            field_,
            f"The subscription may not use {pool.machine_type} in {spec.region} ({offer.refused}). Choose another type "
            "or region, or ask Azure's support for access.",
            "restricted",
        )
    wanted = pool.zones or spec.zones
    lacking = sorted(zone for zone in wanted if zone not in offer.zones or zone in offer.refused_zones)
    if lacking and not offer.refused:
        yield error(
            field_,
            f"{pool.machine_type} is not offered in zone {', '.join(lacking)} of {spec.region}. Choose another type or "
            "other zones.",
            "not_in_zone",
        )


def _within_quotas(spec: ClusterSpec, offers: Mapping[str, Offer], quotas: Mapping[str, Quota]) -> Iterator[Finding]:
    for name, wanted in _wanted(spec, offers).items():
        quota = quotas.get(name)
        if quota is None or quota.usage + wanted <= quota.limit:
            continue
        yield error(
            f"{pool_pointer(0)}/node_count",
            f"The quota {quota.title} of {spec.region} does not suffice: {wanted} vCPUs more are needed, "
            f"{quota.usage:g} of {quota.limit:g} are in use. Ask for more under Quotas in the portal, ask for less, or "
            "choose another region.",
            "quota",
        )


def _wanted(spec: ClusterSpec, offers: Mapping[str, Offer]) -> Counter[str]:
    """VCPUs by quota: of every pool as it begins, and of the machine of the spare pool."""
    wanted: Counter[str] = Counter()
    for pool in spec.node_pools:
        offer, shape = offers.get(pool.machine_type), catalog.shapes_in(spec.region).get(pool.machine_type)
        vcpu = (offer.vcpu if offer is not None else 0) or (shape.vcpu if shape is not None else 0)
        count = pool.node_count + (1 if pool.name == system_pool(spec) else 0)
        if pool.spot:
            wanted[_SPOT] += vcpu * count
            continue
        wanted[_REGIONAL] += vcpu * count
        if offer is not None and offer.family:
            wanted[offer.family] += vcpu * count
    return wanted
