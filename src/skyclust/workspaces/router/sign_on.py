"""Routes of single sign-on. The browser goes: login -> identity provider -> callback -> the page that began it.

Whoever begins gives an S256 challenge and keeps its verifier; the page gets a grant, which only the verifier turns into
tokens. So no token is ever in an address, and a grant that leaks is worth nothing.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Cookie, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import StringConstraints

from skyclust.events.publishing import Actor
from skyclust.identity.schemas import TokensAnswer
from skyclust.identity.service import oidc, sign_ons
from skyclust.identity.service.gates import GateDep, KeepingDep, tokens_answer
from skyclust.kit.documenting import Answers
from skyclust.kit.problems import FieldError, invalid
from skyclust.kit.settings import Settings
from skyclust.workspaces.errors import no_sign_on, sign_on_refused
from skyclust.workspaces.schemas import SignOnAnswer, SignOnTokensBody
from skyclust.workspaces.service import single_sign_on
from skyclust.workspaces.service.single_sign_on import SignOn

router = APIRouter(prefix="/auth/oidc", tags=["auth"])

COOKIE = "skyclust-sign-on"
COOKIE_SECONDS = 600
Challenge = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$", max_length=43)]
REDIRECT: dict[int | str, dict[str, Any]] = {302: {"description": "On to the next place"}}


@Answers(404)
def configured(request: Request) -> SignOn:
    """What the operator has configured; 404 when that is nothing."""
    found: SignOn | None = request.app.state.sign_on
    if found is None:
        raise no_sign_on()
    return found


SignOnDep = Annotated[SignOn, Depends(configured)]


@router.get("")
async def get_sign_on(request: Request) -> SignOnAnswer:
    """Whether one can sign in by an identity provider, and which."""
    found: SignOn | None = request.app.state.sign_on
    return SignOnAnswer(enabled=found is not None, issuer=found.provider.issuer if found else "")


@router.get("/login", status_code=302, response_class=RedirectResponse, responses=REDIRECT)
@Answers(401)
async def login(
    request: Request,
    sign_on: SignOnDep,
    gate: GateDep,
    *,
    return_to: Annotated[str, Query(max_length=2048)],
    challenge: Annotated[Challenge, Query()],
    fresh: Annotated[bool, Query(description="prove who you are, also when the provider knows you already")] = False,
) -> Response:
    """On to the identity provider. `return_to`: a page of ours or of a program on the same machine."""
    settings: Settings = request.app.state.settings
    if not oidc.may_return_to(return_to, settings.public_url):
        raise invalid([FieldError("?return_to", "Give a page of this installation, or http://127.0.0.1:<port>/...")])
    begun = await single_sign_on.begin(
        gate.database, gate.issuer.keys, sign_on, return_to=return_to, challenge=challenge, now=gate.issuer.now,
        fresh=fresh,
    )  # fmt: skip
    response = RedirectResponse(begun.url, 302)
    _bind(response, begun.state, secure=settings.public_url.startswith("https://"))
    return response


@router.get("/callback", status_code=302, response_class=RedirectResponse, responses=REDIRECT)
@Answers(401)
async def callback(
    request: Request,
    sign_on: SignOnDep,
    gate: GateDep,
    *,
    state: Annotated[str, Query(max_length=128)] = "",
    code: Annotated[str, Query(max_length=4096)] = "",
    error: Annotated[str, Query(max_length=128)] = "",
    bound: Annotated[str, Cookie(alias=COOKIE, max_length=128)] = "",
    bound_secure: Annotated[str, Cookie(alias=f"__Host-{COOKIE}", max_length=128)] = "",
) -> Response:
    """The identity provider sends the browser here; on to the page that began."""
    if error or not code or not state:
        word = error if error.replace("_", "").isalnum() else "no code"
        raise sign_on_refused(f"The identity provider did not let you in ({word}). Begin again.")
    origin = gate.origin
    finished = await single_sign_on.finish(
        gate.database,
        gate.issuer.keys,
        sign_on,
        state=state,
        cookie=bound_secure or bound,
        code=code,
        actor=Actor(None, "single sign-on", origin.address, origin.request_id),
        now=gate.issuer.now,
    )
    joiner = "&" if "?" in finished.return_to else "?"
    response = RedirectResponse(finished.return_to + joiner + urlencode({"grant": finished.grant}), 302)
    settings: Settings = request.app.state.settings
    _bind(response, "", secure=settings.public_url.startswith("https://"))
    return response


@router.post("/tokens")
@Answers(401)
async def collect_tokens(
    body: SignOnTokensBody, response: Response, gate: GateDep, keeping: KeepingDep
) -> TokensAnswer:
    """Tokens for the grant, for whoever knows the verifier. Once, within two minutes."""
    tokens = await sign_ons.collect(
        gate.database, gate.issuer, gate.origin,
        grant=body.grant.get_secret_value(), verifier=body.verifier.get_secret_value(),
    )  # fmt: skip
    return tokens_answer(response, tokens, keeping)


def _bind(response: Response, state: str, *, secure: bool) -> None:
    """Tie the sign-in to this browser, so that nobody can have somebody else finish theirs."""
    response.set_cookie(
        f"__Host-{COOKIE}" if secure else COOKIE,
        state or secrets.token_urlsafe(4),
        max_age=COOKIE_SECONDS if state else 0,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
