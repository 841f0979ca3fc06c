"""What signing in needs of the application and the request. A dependency of the routes that make tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Header, Request, Response

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


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where the browser or program keeps the refresh token. No script can read the cookie (ADR 0019).

    A cookie counts only where the header asks for it too: a page of somebody else cannot send that header.
    """

    in_cookie: bool
    found: str
    secure: bool
    seconds: int

    def keep(self, response: Response, token: str) -> None:
        """Put the token, or "" for none any more, into the cookie."""
        response.set_cookie(
            cookie_name(secure=self.secure), token, max_age=self.seconds if token else 0, path="/",
            secure=self.secure, httponly=True, samesite="strict",
        )  # fmt: skip


PLACE_HEADER = "X-Refresh-Token-Place"
Place = Annotated[
    Literal["body", "cookie"],
    Header(alias=PLACE_HEADER, description="`cookie`: for pages; the refresh token is kept in an HttpOnly cookie"),
]


def cookie_name(*, secure: bool) -> str:
    """`__Host-`: no other host and no unencrypted page can have set it."""
    return "__Host-skyclust-session" if secure else "skyclust-session"


def _keeping(request: Request, place: Place = "body") -> Keeping:
    settings: Settings = request.app.state.settings
    secure, in_cookie = settings.public_url.startswith("https://"), place == "cookie"
    found = request.cookies.get(cookie_name(secure=secure), "") if in_cookie else ""
    return Keeping(in_cookie, found, secure, settings.refresh_token_seconds)


def tokens_answer(response: Response, tokens: Tokens, keeping: Keeping | None = None) -> TokensAnswer:
    """The one answer that holds tokens; no cache keeps it."""
    response.headers["Cache-Control"] = "no-store"
    answer = TokensAnswer.model_validate(tokens)
    if keeping is None or not keeping.in_cookie:
        return answer
    keeping.keep(response, answer.refresh_token)
    return answer.model_copy(update={"refresh_token": ""})


KeepingDep = Annotated[Keeping, Depends(_keeping)]
GateDep = Annotated[Gate, Depends(_gate)]
