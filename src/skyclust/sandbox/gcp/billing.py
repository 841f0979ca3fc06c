"""Prices of cloudbilling.v1: services and their SKUs, in the shapes and words of Google's public catalog.

A short selection: vCPU and memory of the machine families, disks, NAT and GKE's fee. US figures are from the public
price list, other regions cost what `_FACTORS` says.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Call, Cloud, short_hash
from skyclust.sandbox.gcp.errors import GoogleError, Json
from skyclust.sandbox.gcp.listing import page

COMPUTE, KUBERNETES = "6F81-5844-456A", "CCD8-9BF1-090E"
_SERVICES = {COMPUTE: "Compute Engine", KUBERNETES: "Kubernetes Engine"}
# USD an hour of a vCPU and of a GB of memory
_FAMILIES = {
    "E2": (0.021811, 0.002923),
    "N1 Predefined": (0.031611, 0.004237),
    "N2": (0.031611, 0.004237),
    "N2D AMD": (0.027502, 0.003686),
    "N4": (0.030821, 0.003506),
    "Compute optimized": (0.033982, 0.004555),
    "C2D AMD": (0.029563, 0.003959),
    "C3": (0.033982, 0.004555),
    "T2D AMD": (0.027502, 0.003686),
    "T2A Arm": (0.026461, 0.003524),
}
_DISKS = {
    "Storage PD Capacity": 0.04,
    "Balanced PD Capacity": 0.10,
    "SSD backed PD Capacity": 0.17,
}  # USD a GB and month
_FACTORS = {"us-": 1.0, "northamerica-": 1.1, "europe-": 1.1, "southamerica-": 1.5}
_OTHER_REGIONS = 1.2
_SPOT = 0.35
_AS_OF = "2026-01-01T00:00:00Z"


def list_services(_cloud: Cloud, call: Call) -> Json:
    rows = [
        (
            key,
            {
                "name": f"services/{key}",
                "serviceId": key,
                "displayName": title,
                "businessEntityName": "businessEntities/GCP",
            },
        )
        for key, title in sorted(_SERVICES.items())
    ]
    shown, token = page(rows, call.query, default=5000, size_name="pageSize")
    return {"services": [row for _, row in shown], "nextPageToken": token}


def list_skus(_cloud: Cloud, call: Call) -> Json:
    service = call.path["servicesId"]
    if service not in _SERVICES:
        raise GoogleError(404, "notFound", f"Requested entity was not found: services/{service}.")
    rows = sorted(
        ((row["skuId"], row) for row in (_compute_skus() if service == COMPUTE else _kubernetes_skus())),
        key=lambda row: row[0],
    )
    shown, token = page(rows, call.query, default=5000, size_name="pageSize")
    return {"skus": [row for _, row in shown], "nextPageToken": token}


@dataclass(frozen=True)
class _Sku:
    text: str
    family: str
    group: str
    region: str
    unit: str
    usd: float
    usage: str = "OnDemand"


def _compute_skus() -> list[Json]:
    return [_document(COMPUTE, sku) for region in catalog.REGIONS for sku in (*_machines(region), *_others(region))]


def _factor(region: str) -> float:
    return _FACTORS.get(region.partition("-")[0] + "-", _OTHER_REGIONS)


def _machines(region: str) -> Iterator[_Sku]:
    for family, (core, ram) in _FAMILIES.items():
        for what, group, unit, usd in (("Core", "CPU", "h", core), ("Ram", "RAM", "GiBy.h", ram)):
            text, price = f"{family} Instance {what} running in {region}", usd * _factor(region)
            yield _Sku(text, "Compute", group, region, unit, price)
            yield _Sku(f"Spot Preemptible {text}", "Compute", group, region, unit, price * _SPOT, "Preemptible")


def _others(region: str) -> Iterator[_Sku]:
    for name, usd in _DISKS.items():
        yield _Sku(f"{name} in {region}", "Storage", "PDStandard", region, "GiBy.mo", usd * _factor(region))
    yield _Sku(f"Networking Cloud NAT Gateway Uptime in {region}", "Network", "NATGateway", region, "h", 0.0014)


def _kubernetes_skus() -> list[Json]:
    return [
        _document(KUBERNETES, _Sku(f"{kind} Kubernetes Clusters", "Compute", "GKEManagement", region, "h", 0.10))
        for kind in ("Zonal", "Regional", "Autopilot")
        for region in catalog.REGIONS
    ]


def _document(service: str, sku: _Sku) -> Json:
    digest = short_hash(f"{service}/{sku.text}/{sku.region}", 12).upper()
    number = f"{digest[:4]}-{digest[4:8]}-{digest[8:]}"
    nanos = round(sku.usd * 1e9)
    price = {"currencyCode": "USD", "units": str(nanos // 10**9), "nanos": nanos % 10**9}
    expression = {
        "usageUnit": sku.unit,
        "displayQuantity": 1,
        "tieredRates": [{"startUsageAmount": 0, "unitPrice": price}],
    }
    return {
        "name": f"services/{service}/skus/{number}",
        "skuId": number,
        "description": sku.text,
        "category": {
            "serviceDisplayName": _SERVICES[service],
            "resourceFamily": sku.family,
            "resourceGroup": sku.group,
            "usageType": sku.usage,
        },
        "serviceRegions": [sku.region],
        "serviceProviderName": "Google",
        "geoTaxonomy": {"type": "REGIONAL", "regions": [sku.region]},
        "pricingInfo": [{"effectiveTime": _AS_OF, "currencyConversionRate": 1, "pricingExpression": expression}],
    }


HANDLERS = {"cloudbilling.services.list": list_services, "cloudbilling.services.skus.list": list_skus}
