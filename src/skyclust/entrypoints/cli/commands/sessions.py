"""Log in, log out, who am I; where one is logged in, and ending that."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import partial
from typing import Annotated

from cyclopts import Parameter

from skyclust.entrypoints.cli.asking import answered, ask
from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.context import load_context
from skyclust.entrypoints.cli.output import Format, show
from skyclust.entrypoints.cli.sign_on import sign_on


def login(
    email: str | None = None,
    *,
    url: str | None = None,
    sso: Annotated[bool, Parameter(negative=())] = False,
    fresh: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Log in and remember it.

    Parameters
    ----------
    email
        Asked for when left out.
    url
        The server; remembered. The password is asked for, or taken from SKYCLUST_PASSWORD; likewise the code of a
        second factor (SKYCLUST_CODE).
    sso
        Sign in with the browser, by the identity provider of the installation.
    fresh
        With --sso: prove who you are also when the identity provider knows you already.
    """
    context = load_context(os.environ)
    if url:
        context = replace(context, url=url.rstrip("/"))
    api = Api(replace(context, access_token="", refresh_token=""))
    if sso:
        sign_on(api, fresh=fresh)
        print(f"Logged in at {context.url} as {api.context.email}.")
        return
    who = email or ask("Email: ")
    answered(partial(api.login, who), what="Password: ")
    print(f"Logged in at {context.url} as {who}.")


def logout() -> None:
    """End the login, here and on the server."""
    context = load_context(os.environ)
    if context.access_token:
        api = Api(context)
        try:
            api.post("/auth/logout")
        except CliError as refused:
            print(f"The server did not confirm: {refused}", file=sys.stderr)
    replace(context, access_token="", refresh_token="").save()
    print("Logged out.")


def whoami(*, output: Format = "table") -> None:
    """Who you are and what you may do."""
    show(Api.from_environment().get("/auth/me"), output)


COLUMNS = (
    ("THIS ONE", "current"), ("FROM", "address"), ("WITH", "user_agent"), ("SINCE", "created_at"),
    ("LAST USED", "last_used_at"), ("PROVEN", "authenticated_at"), ("ENDS", "expires_at"), ("ID", "id"),
)  # fmt: skip


def list_(*, output: Format = "table") -> None:
    """Where you are logged in, newest first."""
    show(Api.from_environment().get("/auth/sessions")["items"], output, COLUMNS)


def revoke(session: str | None = None, *, others: Annotated[bool, Parameter(negative=())] = False) -> None:
    """End one of your logins by its id, or with --others all but this one.

    Parameters
    ----------
    session
        Its id, as `skyclust sessions list` shows it.
    others
        End every login but this one.
    """
    if (session is None) is not others:
        raise CliError("Give the id of one login (skyclust sessions list), or --others.")
    Api.from_environment().delete("/auth/sessions" if others else f"/auth/sessions/{session}")
    print("Ended. What used it is refused from its next request on.")
