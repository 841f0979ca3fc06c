"""Log in, log out, who am I."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import Annotated

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api, CliError, RefusedError
from skyclust.entrypoints.cli.context import load_context
from skyclust.entrypoints.cli.output import Format, show
from skyclust.entrypoints.cli.sign_on import sign_on


def login(
    email: str | None = None, *, url: str | None = None, sso: Annotated[bool, Parameter(negative=())] = False
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
    """
    context = load_context(os.environ)
    if url:
        context = replace(context, url=url.rstrip("/"))
    api = Api(replace(context, access_token="", refresh_token=""))
    if sso:
        sign_on(api)
        print(f"Logged in at {context.url} as {api.context.email}.")
        return
    who = email or ask("Email: ")
    password = os.environ.get("SKYCLUST_PASSWORD") or ask_secret("Password: ")
    try:
        api.login(who, password, os.environ.get("SKYCLUST_CODE"))
    except RefusedError as refused:
        if refused.kind != "second-factor-required":
            raise
        api.login(who, password, ask("Code of your authenticator app, or a recovery code: "))
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


def ask(question: str) -> str:
    """What the person types."""
    if not sys.stdin.isatty():
        raise CliError(
            "Nobody is here to ask. Give the email as an argument, and SKYCLUST_PASSWORD (and SKYCLUST_CODE, with a "
            "second factor) in the environment. For programs: skyclust tokens create"
        )
    return input(question).strip()


def ask_secret(question: str) -> str:
    """What the person types, unseen."""
    if not sys.stdin.isatty():
        raise CliError("Nobody is here to ask for the password. Set SKYCLUST_PASSWORD.")
    from getpass import getpass

    return getpass(question)
