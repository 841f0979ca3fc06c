"""Prices of cloudbilling.v1: services and their SKUs, in the shapes and words of Google's public catalog.

A short selection: vCPU and memory of the machine families, disks, NAT and GKE's fee. US figures are from the public
price list, other regions cost what `_FACTORS` says.
"""

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Call, Cloud, short_hash
from skyclust.sandbox.gcp.errors import GoogleError, Json
from skyclust.sandbox.gcp.listing import page

COMPUTE, KUBERNETES = "6F81-5844-456A", "CCD8-9BF1-090E"
_SERVICES = {COMPUTE: "Compute Engine", KUBERNETES: "Kubernetes Engine"}
# USD an hour of a vCPU and of a GB of memory
_FAMILIES = {
    "E2": (0.021811, 0.002923), "N1 Predefined": (0.031611, 0.004237), "N2": (0.031611, 0.004237), "N2D AMD": (0.027502, 0.003686),
    "N4": (0.030821, 0.003506), "Compute optimized": (0.033982, 0.004555), "C2D AMD": (0.029563, 0.003959), "C3": (0.033982, 0.004555),
    "T2D AMD": (0.027502, 0.003686), "T2A Arm": (0.026461, 0.003524),
}  # fmt: skip
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
    rows = [(key, {"name": f"services/{key}", "serviceId": key, "displayName": title, "businessEntityName": "businessEntities/GCP"})
            for key, title in sorted(_SERVICES.items())]  # fmt: skip
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


def _compute_skus() -> list[Json]:
    found = []
    for region in catalog.REGIONS:
        factor = _FACTORS.get(region.partition("-")[0] + "-", _OTHER_REGIONS)
        for family, prices in _FAMILIES.items():
            for what, unit, usd in (("Core", "h", prices[0]), ("Ram", "GiBy.h", prices[1])):
                group = "CPU" if what == "Core" else "RAM"
                text = f"{family} Instance {what} running in {region}"
                found.append(_sku(COMPUTE, text, "Compute", group, region, unit, usd * factor))
                found.append(
                    _sku(
                        COMPUTE,
                        f"Spot Preemptible {text}",
                        "Compute",
                        group,
                        region,
                        unit,
                        usd * factor * _SPOT,
                        "Preemptible",
                    )
                )
        found += [
            _sku(COMPUTE, f"{name} in {region}", "Storage", "PDStandard", region, "GiBy.mo", usd * factor)
            for name, usd in _DISKS.items()
        ]
        found.append(
            _sku(
                COMPUTE,
                f"Networking Cloud NAT Gateway Uptime in {region}",
                "Network",
                "NATGateway",
                region,
                "h",
                0.0014,
            )
        )
    return found


def _kubernetes_skus() -> list[Json]:
    return [
        _sku(KUBERNETES, f"{kind} Kubernetes Clusters", "Compute", "GKEManagement", region, "h", 0.10)
        for kind in ("Zonal", "Regional", "Autopilot")
        for region in catalog.REGIONS
    ]


def _sku(
    service: str, text: str, family: str, group: str, region: str, unit: str, usd: float, usage: str = "OnDemand"
) -> Json:
    digest = short_hash(f"{service}/{text}/{region}", 12).upper()
    sku = f"{digest[:4]}-{digest[4:8]}-{digest[8:]}"
    nanos = round(usd * 1e9)
    rate = {
        "startUsageAmount": 0,
        "unitPrice": {"currencyCode": "USD", "units": str(nanos // 10**9), "nanos": nanos % 10**9},
    }
    return {
        "name": f"services/{service}/skus/{sku}",
        "skuId": sku,
        "description": text,
        "category": {
            "serviceDisplayName": _SERVICES[service],
            "resourceFamily": family,
            "resourceGroup": group,
            "usageType": usage,
        },
        "serviceRegions": [region],
        "serviceProviderName": "Google",
        "geoTaxonomy": {"type": "REGIONAL", "regions": [region]},
        "pricingInfo": [
            {
                "effectiveTime": _AS_OF,
                "currencyConversionRate": 1,
                "pricingExpression": {"usageUnit": unit, "displayQuantity": 1, "tieredRates": [rate]},
            }
        ],
    }


HANDLERS = {"cloudbilling.services.list": list_services, "cloudbilling.services.skus.list": list_skus}
