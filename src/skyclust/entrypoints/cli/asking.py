"""What only a person can tell: email, password, code. From the environment where nobody is at the terminal.

Called by the commands that sign in, and by the client when the server asks for a fresh proof.
"""

from __future__ import annotations

import os
import sys
from typing import Protocol

from skyclust.entrypoints.cli.client import CliError, RefusedError


class Prove(Protocol):
    """Tries a password, with a code when one is needed."""

    def __call__(self, password: str, code: str | None = None) -> None: ...


def answered(prove: Prove, *, what: str) -> None:
    """Ask for the password, and for the code when there is a second factor."""
    password = os.environ.get("SKYCLUST_PASSWORD") or ask_secret(what)
    try:
        prove(password, os.environ.get("SKYCLUST_CODE"))
    except RefusedError as refused:
        if refused.kind != "second-factor-required":
            raise
        prove(password, ask("Code of your authenticator app, or a recovery code: "))


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
        raise CliError(
            "Nobody is here to ask for the password. Set SKYCLUST_PASSWORD, or sign in first: skyclust login. "
            "For programs: a token with the scope acts.unattended does what asks people for a fresh sign-in."
        )
    from getpass import getpass

    return getpass(question)
