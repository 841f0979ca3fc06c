"""Cluster templates of a workspace: list, make the next version, deprecate, delete; and lay a request over one.

Invariant: a version never changes, so that what was made from it can be made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import queries
from skyclust.clusters.errors import no_such_template, template_not_found, template_of_another_cloud
from skyclust.clusters.models import ClusterTemplateRow
from skyclust.clusters.parsing import INSIDE, ClusterRequest, TemplateUse, parse_flat, parse_unified
from skyclust.clusters.schemas import ClusterBody, ClusterTemplateBody, TemplateRef, UnifiedClusterBody
from skyclust.clusters.templates import check_template, given_flat, given_unified, laid_over
from skyclust.contract.provider import Provider
from skyclust.events.publishing import Event, publish
from skyclust.kit.pagination import decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, invalid
from skyclust.networks.errors import unknown_provider
from skyclust.networks.service import Errand, account_for
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.permissions import Permission
from skyclust.workspaces.service import keep

MAX_NAMED = 20


async def list_templates(
    session: AsyncSession, caller: Caller, workspace_id: UUID, *, name: str | None, provider: str | None, limit: int,
    cursor: str | None,
) -> tuple[list[ClusterTemplateRow], str | None]:  # fmt: skip
    """Every version, by name, the newest first."""
    caller.require(workspace_id, Permission.CLUSTERS_READ)
    rows = await queries.templates_page(
        session, workspace_id, name=name, provider=provider, after=_after(cursor), limit=limit
    )
    return page_of(rows, limit, lambda row: encode_cursor(row.name, str(row.version)))


async def get_template(
    session: AsyncSession, caller: Caller, workspace_id: UUID, name: str, version: int
) -> ClusterTemplateRow:
    """One version."""
    caller.require(workspace_id, Permission.CLUSTERS_READ)
    return await _known(session, workspace_id, name, version)


async def create_template(
    session: AsyncSession, caller: Caller, workspace_id: UUID, body: ClusterTemplateBody,
    providers: Mapping[str, Provider], now: datetime,
) -> ClusterTemplateRow:  # fmt: skip
    """The next version of this name, checked against the provider's own schema."""
    caller.require(workspace_id, Permission.WORKSPACE_UPDATE)
    if body.provider not in providers:
        raise unknown_provider(body.provider, providers)
    check_template(providers[body.provider], list(providers), body.body)
    await keep(session, workspace_id)
    version = await queries.last_version(session, workspace_id, body.name) + 1
    row = ClusterTemplateRow(
        workspace_id=workspace_id, name=body.name, version=version, provider=body.provider,
        description=body.description, body=body.body, created_by=caller.actor.label, created_at=now,
        deprecated_reason="",
    )  # fmt: skip
    await queries.add(session, row)
    await _publish(session, caller, row, "created")
    return row


async def deprecate_template(
    session: AsyncSession, caller: Caller, workspace_id: UUID, name: str, version: int, *, reason: str, now: datetime
) -> ClusterTemplateRow:
    """It goes on working, and plans say why it should not be used."""
    caller.require(workspace_id, Permission.WORKSPACE_UPDATE)
    row = await _known(session, workspace_id, name, version, lock=True)
    row.deprecated_at, row.deprecated_reason = now, reason
    await _publish(session, caller, row, "deprecated", reason=reason)
    return row


async def delete_template(
    session: AsyncSession, caller: Caller, workspace_id: UUID, name: str, version: int, now: datetime
) -> None:
    """Nothing is made from it any more; what was made from it stays as it is."""
    caller.require(workspace_id, Permission.WORKSPACE_UPDATE)
    row = await _known(session, workspace_id, name, version, lock=True)
    row.deleted_at = now
    await _publish(session, caller, row, "deleted")


async def _known(
    session: AsyncSession, workspace_id: UUID, name: str, version: int, *, lock: bool = False
) -> ClusterTemplateRow:
    row = await queries.template(session, workspace_id, name, version, lock=lock)
    if row is None:
        raise template_not_found()
    return row


async def _publish(session: AsyncSession, caller: Caller, row: ClusterTemplateRow, what: str, **more: Any) -> None:
    topic = f"cluster-template/{row.workspace_id}/{row.name}/{row.version}"
    data = {"name": row.name, "version": row.version, "provider": row.provider, **more}
    await publish(session, Event(f"cluster_template.{what}", topic, row.workspace_id, data, caller.actor))


def _after(cursor: str | None) -> tuple[str, int] | None:
    key = decode_cursor(cursor, 2)
    if key is None:
        return None
    if not key[1].isdecimal():
        raise invalid([FieldError("?cursor", "Use the next_cursor of the page before, unchanged.")])
    return key[0], int(key[1])


# ---- creating from one ----
async def parse_with_template(errand: Errand, provider: Provider, body: ClusterBody) -> ClusterRequest:
    """The flat body, laid over the template that it names, if it names one."""
    known = list(errand.ground.providers)
    if body.template is None:
        return parse_flat(provider, known, body)
    row = await _resolved(errand, provider, body, body.template)
    whole = laid_over(row.body, given_flat(body))
    return replace(parse_flat(provider, known, whole), template=_use(row, whole))


async def parse_unified_with_template(errand: Errand, provider: Provider, body: UnifiedClusterBody) -> ClusterRequest:
    """The unified body, likewise."""
    known = list(errand.ground.providers)
    if body.template is None:
        return parse_unified(provider, known, body)
    row = await _resolved(errand, provider, body, body.template)
    whole = laid_over(row.body, given_unified(body))
    request = parse_flat(provider, known, whole)
    return replace(request, template=_use(row, whole), pointers=(*INSIDE, *request.pointers))


async def _resolved(
    errand: Errand, provider: Provider, body: ClusterBody | UnifiedClusterBody, ref: TemplateRef
) -> ClusterTemplateRow:
    async with errand.session() as session:
        account = await account_for(
            session, errand.caller, credential_id=body.credential_id, provider=provider.name,
            workspace_id=body.workspace_id, permission=Permission.CLUSTERS_CREATE,
        )  # fmt: skip
        workspace_id = account.workspace_id
        errand.caller.require(workspace_id, Permission.CLUSTERS_READ)
        row = (
            await queries.newest_template(session, workspace_id, ref.name)
            if ref.version is None
            else await queries.template(session, workspace_id, ref.name, ref.version)
        )
        if row is None:
            found = await queries.templates_page(
                session, workspace_id, name=None, provider=provider.name, after=None, limit=MAX_NAMED
            )
            raise no_such_template(ref.name, ref.version, [f"{item.name}/{item.version}" for item in found])
    if row.provider != provider.name:
        raise template_of_another_cloud(row.name, row.provider, provider.name)
    return row


def _use(row: ClusterTemplateRow, whole: ClusterBody) -> TemplateUse:
    why = f"Version {row.version} of the template {row.name!r} is deprecated: {row.deprecated_reason}"
    body = whole.model_dump(mode="json", exclude_unset=True)
    return TemplateUse(f"{row.name}/{row.version}", why if row.deprecated_at is not None else "", body)
