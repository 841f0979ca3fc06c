"""Regions, zones and Kubernetes versions, from data in the package. Called by the provider; no network.

Sources: zones are those moto 5.2.5 knows (Apache-2.0), for commercial regions with a price; versions and their dates
are AWS's "Kubernetes release calendar on Amazon EKS".
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files

from skyclust.contract.provider import KubernetesVersion

DATA = files("skyclust.providers.aws") / "data"

VERSIONS = (
    KubernetesVersion("1.35", end_of_standard_support="2027-03-27"),
    KubernetesVersion("1.34", default=True, end_of_standard_support="2026-12-02"),
    KubernetesVersion("1.33", end_of_standard_support="2026-07-29"),
    KubernetesVersion("1.32", end_of_standard_support="2026-03-23"),
    KubernetesVersion("1.31", end_of_standard_support="2025-11-26"),
)
#: https://aws.amazon.com/eks/pricing
AFTER_SUPPORT = (
    "Then EKS charges 0.60 USD an hour instead of 0.10, or upgrades the cluster by itself with support_type STANDARD."
)


@cache
def zones_by_region() -> dict[str, tuple[str, ...]]:
    """Every known region with its zones, both sorted."""
    table = json.loads((DATA / "zones.json").read_text("utf-8"))
    return {region: tuple(sorted(zones)) for region, zones in sorted(table.items())}


def nearest(wanted: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known words most like `wanted`, best first."""
    return difflib.get_close_matches(wanted.lower(), list(known), n=limit, cutoff=0.4)


def is_past_standard_support(version: str, today: date) -> bool:
    """True when EKS charges extended support for this version on that day."""
    ends = [item.end_of_standard_support for item in VERSIONS if item.name == version]
    return bool(ends and ends[0] and today > date.fromisoformat(ends[0]))
