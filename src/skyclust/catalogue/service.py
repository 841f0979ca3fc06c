"""Look things up in what providers carry with them. Called by the router; pure."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from skyclust.contract.provider import MachineType, Provider
from skyclust.kit.pagination import decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, Problem, invalid


def installed(providers: Mapping[str, Provider], name: str) -> Provider:
    """The provider of that name; 404 that tells which there are."""
    if name not in providers:
        listed = ", ".join(sorted(providers))
        raise Problem(404, "unknown-provider", "Provider not found", f"{name!r} is not installed here. Use {listed}.")
    return providers[name]


def known_region(provider: Provider, region: str) -> str:
    """`region` when the provider knows it; 422 with the nearest ones otherwise."""
    known = provider.regions()
    if region not in known:
        near = get_close_matches(region, known, 5, 0.4) or list(known[:5])
        detail = f"{provider.title} has no region {region!r}. Near: {', '.join(near)}."
        raise invalid([FieldError("?region", detail)])
    return region


def machine_types(
    provider: Provider, region: str, *, name: str, vcpu_min: int, limit: int, cursor: str | None
) -> tuple[list[MachineType], str | None]:
    """A page of a region's machine types by name, narrowed by a part of the name and a least number of CPUs."""
    after = decode_cursor(cursor, 1)
    fitting = [
        machine
        for machine in provider.machine_types(known_region(provider, region))
        if name in machine.name and machine.vcpu >= vcpu_min and (after is None or machine.name > after[0])
    ]
    return page_of(fitting[: limit + 1], limit, lambda machine: encode_cursor(machine.name))
