"""/workspaces/{id}/quotas: what a workspace may have at most, and what it has."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request

from skyclust.identity.callers import NowDep
from skyclust.kit.db import SessionDep
from skyclust.kit.documenting import Answers
from skyclust.kit.rehearsing import REHEARSABLE
from skyclust.workspaces.callers import CallerDep
from skyclust.workspaces.schemas import QuotasAnswer, QuotasBody
from skyclust.workspaces.service import quotas

router = APIRouter(prefix="/workspaces/{workspace_id}/quotas", tags=["workspaces"])


@router.get("")
@Answers(never={403})
async def get_quotas(request: Request, workspace_id: UUID, caller: CallerDep, session: SessionDep) -> QuotasAnswer:
    """Limits and use. For members, and for administrators of the installation."""
    state = request.app.state
    defaults = quotas.default_limits(state.settings)
    return await quotas.show(session, caller, workspace_id, state.providers, defaults)


@router.put("", dependencies=REHEARSABLE)
async def put_quotas(
    request: Request, workspace_id: UUID, body: QuotasBody, caller: CallerDep, session: SessionDep, now: NowDep
) -> QuotasAnswer:
    """Other limits, effective with the next request. For administrators of the installation."""
    state = request.app.state
    defaults = quotas.default_limits(state.settings)
    return await quotas.change(
        session, caller, workspace_id, body, providers=state.providers, defaults=defaults, now=now
    )
