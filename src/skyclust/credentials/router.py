"""Routes of cloud accounts. Those that ask a cloud hold no database session meanwhile (law 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from skyclust.contract.identities import TrustsIssuers
from skyclust.contract.provider import Provider, VerifiedIdentity
from skyclust.credentials import service
from skyclust.credentials.checking import ask_the_cloud, check_shape, installed, is_refusal, unsealed
from skyclust.credentials.clouds import for_provider, ready_to_sign
from skyclust.credentials.errors import name_taken, no_issuer, nothing_to_change
from skyclust.credentials.issuing import CONFIGURATION_PATH, KEYS_PATH, Issuer, issuer_at
from skyclust.credentials.judging import Refused, Schedule
from skyclust.credentials.models import CredentialRow
from skyclust.credentials.repeating import Errand, errand_of
from skyclust.credentials.schemas import (
    CredentialAnswer,
    CredentialBody,
    CredentialPatch,
    IdentityAnswer,
    TrustGuide,
)
from skyclust.identity.callers import NowDep
from skyclust.identity.service import Act
from skyclust.kit.db import Database, DatabaseDep, SessionDep
from skyclust.kit.documenting import Answers
from skyclust.kit.ids import uuid7
from skyclust.kit.keys import KeySource
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.kit.problems import Problem
from skyclust.kit.rehearsing import REHEARSABLE, DryRun, end_rehearsal
from skyclust.workspaces.callers import Caller, CallerDep, caller_session
from skyclust.workspaces.permissions import Permission

router = APIRouter(prefix="/credentials", tags=["credentials"])
of_workspaces = APIRouter(tags=["credentials"])
#: At the root of the public address, open to everybody: OpenID Connect Discovery says where.
well_known = APIRouter(include_in_schema=False)
#: How long a cloud may keep keys. A rotation is heard of that much later; Google asks again for a key it does not know.
KEPT = {"cache-control": "public, max-age=300"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What a flow needs that asks a cloud between two transactions."""

    database: Database
    providers: Mapping[str, Provider]
    keyring: KeySource
    issuer: Issuer
    schedule: Schedule
    now: datetime
    dry_run: bool


def _desk(request: Request, database: DatabaseDep, now: NowDep, *, dry_run: DryRun = False) -> Desk:
    state = request.app.state
    schedule = Schedule(state.settings.credential_check_seconds)
    return Desk(database, state.providers, state.keyring, issuer_of(request), schedule, now, dry_run)


def issuer_of(request: Request) -> Issuer:
    """This installation as an issuer."""
    state = request.app.state
    return issuer_at(state.keyring, state.settings.public_url, state.clock.now, state.clouds.rsa_keys)


DeskDep = Annotated[Desk, Depends(_desk)]
IdempotencyKey = Annotated[str | None, Header(max_length=200, description="the same key gives the same answer")]


@router.post("", status_code=201)
@Answers(404, 409)
async def create_credential(
    body: CredentialBody, response: Response, caller: CallerDep, desk: DeskDep, idempotency_key: IdempotencyKey = None
) -> CredentialAnswer:
    """Enter a cloud account. The cloud is asked first; what it refuses is not stored."""
    workspace_id = caller.default_workspace(body.workspace_id, Permission.CREDENTIALS_CREATE)
    provider = installed(desk.providers, body.provider)
    check_shape(provider, body.data.get_secret_value())
    errand = errand_of(desk.keyring, body, workspace_id=workspace_id, user_id=caller.user_id, key=idempotency_key)
    async with caller_session(desk.database, caller) as session:
        taken = await service.is_name_taken(session, workspace_id, body.name)
        answer = await errand.look(session)  # last: a twin that commits in between is seen here
    if answer is None and taken:
        raise name_taken(body.name)
    if answer is None:
        await ready_to_sign(provider, desk.issuer, desk.database)
        identity = await ask_the_cloud(provider, for_provider(body.data.get_secret_value(), workspace_id, desk.issuer))
        answer = await _enter(desk, caller, errand, body, identity)
    response.headers["Location"] = f"/api/v1/credentials/{answer.id}"
    return answer


async def _enter(
    desk: Desk, caller: Caller, errand: Errand, body: CredentialBody, identity: VerifiedIdentity
) -> CredentialAnswer:
    new = service.NewCredential(uuid7(), errand.workspace_id, body.name, body.provider)
    data = body.data.get_secret_value()
    async with caller_session(desk.database, caller) as session:
        earlier = await errand.begin(session)
        if earlier is not None:
            return earlier
        row = await service.enter(
            session, desk.keyring, caller, new=new, data=data, identity=identity, schedule=desk.schedule, now=desk.now
        )
        answer = CredentialAnswer.model_validate(row)
        await errand.end(session, answer)
        await end_rehearsal(session, dry_run=desk.dry_run)
        return answer


@router.get("")
@Answers(404)
async def list_credentials(
    caller: CallerDep,
    session: SessionDep,
    *,
    workspace_id: UUID | None = None,
    provider: Annotated[str | None, Query(max_length=50)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[CredentialAnswer]:
    """Cloud accounts the caller may read, oldest first."""
    rows, following = await service.list_page(
        session, caller, workspace_id=workspace_id, provider=provider, limit=limit, cursor=cursor
    )
    return Page(items=[CredentialAnswer.model_validate(row) for row in rows], next_cursor=following)


@of_workspaces.get("/workspaces/{workspace_id}/identity")
async def get_identity(workspace_id: UUID, request: Request, caller: CallerDep) -> IdentityAnswer:
    """Who a workspace is to clouds that trust this installation, and how an account is made to trust it: no secret."""
    caller.require(workspace_id, Permission.CREDENTIALS_READ)
    issuer = issuer_of(request)
    identity = issuer.identity_of(workspace_id)
    if identity is None:
        raise no_issuer()
    return IdentityAnswer(
        workspace_id=workspace_id,
        issuer=identity.issuer,
        subject=identity.subject,
        jwks_uri=issuer.configuration()["jwks_uri"],
        guides=[
            TrustGuide(provider=name, text=provider.trust_guide(identity.issuer, identity.subject))
            for name, provider in request.app.state.providers.items()
            if isinstance(provider, TrustsIssuers)
        ],
    )


@well_known.get(CONFIGURATION_PATH)
async def get_configuration(request: Request) -> JSONResponse:
    """For clouds that check our tokens: where the keys are."""
    return JSONResponse(_published(request).configuration(), headers=KEPT)


@well_known.get(KEYS_PATH)
async def get_keys(request: Request, database: DatabaseDep) -> JSONResponse:
    """For clouds that check our tokens: the public keys."""
    issuer = _published(request)
    await issuer.rsa.load(database)
    return JSONResponse(issuer.key_set(), headers=KEPT)


def _published(request: Request) -> Issuer:
    issuer = issuer_of(request)
    if not issuer.url:
        raise no_issuer()
    return issuer


@router.get("/{credential_id}")
async def get_credential(credential_id: UUID, caller: CallerDep, session: SessionDep) -> CredentialAnswer:
    """One cloud account, without its secret."""
    row = await service.readable_credential(session, caller, credential_id)
    return CredentialAnswer.model_validate(row)


@router.patch("/{credential_id}")
@Answers(409)
async def update_credential(
    credential_id: UUID,
    body: CredentialPatch,
    caller: CallerDep,
    desk: DeskDep,
) -> CredentialAnswer:
    """Rename it, or replace its secret after the cloud accepted the new one."""
    if body.name is None and body.data is None:
        raise nothing_to_change()
    row = await _read(desk.database, caller, credential_id, Permission.CREDENTIALS_UPDATE, new_name=body.name)
    replacement = None
    if body.data is not None:
        caller.require_fresh(Act.CREDENTIAL_REPLACE)
        data: dict[str, Any] = body.data.get_secret_value()
        provider = installed(desk.providers, row.provider)
        check_shape(provider, data)
        await ready_to_sign(provider, desk.issuer, desk.database)
        replacement = (data, await ask_the_cloud(provider, for_provider(data, row.workspace_id, desk.issuer)))
    async with caller_session(desk.database, caller) as session:
        row = await service.change(
            session,
            desk.keyring,
            caller,
            credential_id,
            name=body.name,
            replacement=replacement,
            schedule=desk.schedule,
            now=desk.now,
        )
        answer = CredentialAnswer.model_validate(row)
        await end_rehearsal(session, dry_run=desk.dry_run)
    return answer


@router.post("/{credential_id}:verify")
async def verify_credential(
    credential_id: UUID,
    caller: CallerDep,
    desk: DeskDep,
) -> CredentialAnswer:
    """Ask the cloud again. A refusal is remembered (state `invalid`) and answered as a problem."""
    row = await _read(desk.database, caller, credential_id, Permission.CREDENTIALS_USE)
    refusal = None
    try:
        provider = installed(desk.providers, row.provider)
        await ready_to_sign(provider, desk.issuer, desk.database)
        outcome: VerifiedIdentity | Refused = await ask_the_cloud(provider, unsealed(desk.keyring, row, desk.issuer))
    except Problem as problem:
        if not is_refusal(problem):
            raise
        refusal, outcome = problem, Refused(problem.detail)
    async with caller_session(desk.database, caller) as session:
        row = await service.record_verification(
            session, caller, credential_id, outcome, version=row.version, schedule=desk.schedule, now=desk.now
        )
        answer = CredentialAnswer.model_validate(row)
        await end_rehearsal(session, dry_run=desk.dry_run)
    if refusal is not None:
        raise refusal
    return answer


@router.delete("/{credential_id}", status_code=204, dependencies=REHEARSABLE)
@Answers(409)
async def delete_credential(credential_id: UUID, caller: CallerDep, session: SessionDep) -> None:
    """Remove it with its secret. Refused while clusters or networks are managed with it."""
    await service.delete(session, caller, credential_id)


async def _read(
    database: Database, caller: Caller, credential_id: UUID, permission: Permission, new_name: str | None = None
) -> CredentialRow:
    async with caller_session(database, caller) as session:
        row = await service.usable_credential(session, caller, credential_id, permission)
        if new_name is not None and await service.is_name_taken(session, row.workspace_id, new_name, but=row.id):
            raise name_taken(new_name)
        return row
