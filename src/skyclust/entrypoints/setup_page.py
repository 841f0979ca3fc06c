"""The page behind the single-use link of the first start: choose the first administrator's email and password.

A plain HTML form: no script. Invariant: the token is good once and only while no user exists; it never enters a log.
"""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from skyclust.kit.db import SessionDep
from skyclust.kit.problems import Problem
from skyclust.workspaces import service as workspaces

router = APIRouter(include_in_schema=False)

MAX_FORM_BYTES = 8192


def page(body: str, status: int = 200) -> HTMLResponse:
    """Our frame around `body`."""
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>SkyClust: first administrator</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/docs.css"></head>'
        f"<body><h1>SkyClust</h1>{body}</body></html>",
        status,
    )


@router.get("/setup")
async def show_form(token: str = "") -> HTMLResponse:
    """The form; whether the token is good is told only when it is used."""
    return page(
        '<form method="post" action="/setup"><p>Create the first administrator of this installation.</p>'
        f'<input type="hidden" name="token" value="{escape(token, quote=True)}">'
        '<p><label>Email<br><input name="email" type="email" required autocomplete="username"></label></p>'
        '<p><label>Password (12 characters or more)<br><input name="password" type="password" minlength="12" '
        'required autocomplete="new-password"></label></p><p><button>Create</button></p></form>'
    )


@router.post("/setup")
async def create(request: Request, session: SessionDep) -> HTMLResponse:
    """Use the token."""
    raw = await request.body()
    form = parse_qs(raw[:MAX_FORM_BYTES].decode("utf-8", "replace"))
    given = {name: form.get(name, [""])[0] for name in ("token", "email", "password")}
    try:
        await workspaces.register_with_token(session, **given)
    except Problem as refused:
        details = "".join(f"<li>{escape(error.detail)}</li>" for error in refused.errors)
        return page(f"<p>{escape(refused.detail or refused.title)}</p><ul>{details}</ul>", refused.status)
    return page("<p>Done. Now type in a terminal:</p><p><code>skyclust login</code></p>")
