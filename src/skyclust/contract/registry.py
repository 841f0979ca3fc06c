"""Find the installed providers. Called once by each entry point at start."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points

from skyclust.contract.provider import Provider

GROUP = "skyclust.providers"


def load_providers(environ: Mapping[str, str], *, without: frozenset[str] = frozenset()) -> dict[str, Provider]:
    """Every provider of the entry-point group by name, sorted. Loading imports no SDK."""
    found = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return {point.name: point.load()(environ) for point in found if point.name not in without}
