"""Routes of the catalogue: /providers and /{provider}/kubernetes/metadata. Read only, from data, for any caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from skyclust.catalogue import service
from skyclust.catalogue.schemas import (
    MachineTypeAnswer,
    NamedAnswer,
    NamesAnswer,
    ProviderAnswer,
    ProvidersAnswer,
    VersionAnswer,
    VersionsAnswer,
)
from skyclust.contract.provider import Provider
from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.workspaces.callers import CallerDep

router = APIRouter(tags=["catalogue"])

Region = Annotated[str, Query(max_length=50, description="a name out of `regions`")]


def _providers(request: Request) -> Mapping[str, Provider]:
    providers: Mapping[str, Provider] = request.app.state.providers
    return providers


ProvidersDep = Annotated[Mapping[str, Provider], Depends(_providers)]
ProviderName = Annotated[str, Path(max_length=50, description="a name out of /providers")]


@router.get("/providers")
@Answers(never={403})
async def list_providers(_: CallerDep, providers: ProvidersDep) -> ProvidersAnswer:
    """What is installed and what it can do; the schemas draw the forms of the console."""
    return ProvidersAnswer(
        items=[
            ProviderAnswer(
                name=provider.name,
                title=provider.title,
                capabilities=sorted(provider.capabilities),
                credential_schema=provider.credential_schema,
                cluster_options_schema=provider.cluster_options_schema,
            )
            for _, provider in sorted(providers.items())
        ]
    )


@router.get("/{provider}/kubernetes/metadata/regions")
@Answers(never={403})
async def list_regions(_: CallerDep, provider: ProviderName, providers: ProvidersDep) -> NamesAnswer:
    """Regions of a cloud."""
    cloud = service.installed(providers, provider)
    return NamesAnswer(items=[NamedAnswer(name=name) for name in cloud.regions()])


@router.get("/{provider}/kubernetes/metadata/zones")
@Answers(never={403})
async def list_zones(_: CallerDep, provider: ProviderName, providers: ProvidersDep, region: Region) -> NamesAnswer:
    """Zones of a region."""
    cloud = service.installed(providers, provider)
    return NamesAnswer(items=[NamedAnswer(name=name) for name in cloud.zones(service.known_region(cloud, region))])


@router.get("/{provider}/kubernetes/metadata/versions")
@Answers(never={403})
async def list_versions(_: CallerDep, provider: ProviderName, providers: ProvidersDep) -> VersionsAnswer:
    """Kubernetes versions for new clusters, newest first."""
    cloud = service.installed(providers, provider)
    return VersionsAnswer(items=[VersionAnswer.model_validate(version) for version in cloud.kubernetes_versions()])


@router.get("/{provider}/kubernetes/metadata/machine-types")
@Answers(never={403})
async def list_machine_types(
    _: CallerDep,
    provider: ProviderName,
    providers: ProvidersDep,
    region: Region,
    *,
    name: Annotated[str, Query(max_length=100, description="a part of the name")] = "",
    vcpu_min: Annotated[int, Query(ge=0, le=10_000)] = 0,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[MachineTypeAnswer]:
    """Machine types of a region with their prices, by name."""
    cloud = service.installed(providers, provider)
    found, following = service.machine_types(cloud, region, name=name, vcpu_min=vcpu_min, limit=limit, cursor=cursor)
    return Page(items=[MachineTypeAnswer.model_validate(machine) for machine in found], next_cursor=following)
