"""Wire shapes of the catalogue. The same for every cloud."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from skyclust.kit.schemas import Answer, ShortText

Names = Annotated[list[ShortText], Field(max_length=500)]


class ProviderAnswer(Answer):
    """An installed provider: what it can do, and the JSON Schemas of its credential and of its cluster options."""

    name: ShortText
    title: ShortText
    capabilities: Names
    credential_schema: dict[str, Any]
    cluster_options_schema: dict[str, Any]


class ProvidersAnswer(Answer):
    """Every installed provider."""

    items: Annotated[list[ProviderAnswer], Field(max_length=100)]


class NamedAnswer(Answer):
    """A region or a zone."""

    name: ShortText


class NamesAnswer(Answer):
    """Regions or zones, sorted."""

    items: Annotated[list[NamedAnswer], Field(max_length=1000)]


class VersionAnswer(Answer):
    """A Kubernetes version one may ask for."""

    name: ShortText
    default: bool
    end_of_standard_support: Annotated[str | None, Field(max_length=32)]


class VersionsAnswer(Answer):
    """Offered versions, newest first."""

    items: Annotated[list[VersionAnswer], Field(max_length=100)]


class PriceAnswer(Answer):
    """A figure with where it comes from."""

    usd_per_hour: float
    source: Annotated[str, Field(max_length=500)]
    as_of: Annotated[str, Field(max_length=32)]


class GpuOfAnswer(Answer):
    """Graphics processors of a machine."""

    type: ShortText
    count: int


class MachineTypeAnswer(Answer):
    """A machine one may ask for; `price` is on demand. `gpu`: what it has, where that is known."""

    name: ShortText
    vcpu: int
    memory_gib: float
    price: PriceAnswer | None
    spot_price: PriceAnswer | None
    gpu: GpuOfAnswer | None = None
