"""What signing in needs of the application and the request. A dependency of the routes that make tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from skyclust.identity.callers import NowDep, address_of, idle_of
from skyclust.identity.schemas import TokensAnswer
from skyclust.identity.service.sessions import Issuer, Origin, Tokens
from skyclust.kit.db import Database, DatabaseDep
from skyclust.kit.ids import uuid7
from skyclust.kit.problems import trace_id
from skyclust.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Gate:
    """The pool, tokens to give out, and where the request came from."""

    database: Database
    issuer: Issuer
    origin: Origin


def _gate(request: Request, database: DatabaseDep, now: NowDep) -> Gate:
    settings: Settings = request.app.state.settings
    keys = request.app.state.keyring
    issuer = Issuer(keys, settings.access_token_seconds, settings.refresh_token_seconds, idle_of(settings), now, uuid7)
    origin = Origin(address_of(request), request.headers.get("user-agent", ""), trace_id(request))
    return Gate(database, issuer, origin)


def tokens_answer(response: Response, tokens: Tokens) -> TokensAnswer:
    """The one answer that holds tokens; no cache keeps it."""
    response.headers["Cache-Control"] = "no-store"
    return TokensAnswer.model_validate(tokens)


GateDep = Annotated[Gate, Depends(_gate)]
