"""The second factor: set it up with an authenticator app, take it off, see whether it is there."""

from __future__ import annotations

import os

from skyclust.entrypoints.cli.asking import ask, ask_secret
from skyclust.entrypoints.cli.client import Api
from skyclust.entrypoints.cli.output import Format, show


def status(*, output: Format = "table") -> None:
    """Whether you sign in with a code, since when, and how many recovery codes are left."""
    show(Api.from_environment().get("/auth/second-factor"), output)


def enable() -> None:
    """Set it up: type the secret into an authenticator app, then its first code here."""
    api = Api.from_environment()
    begun = api.post("/auth/second-factor", {"current_password": _password()})
    print(f"Type this secret into your authenticator app:\n\n  {begun['shared_secret']}\n\nor open {begun['uri']}\n")
    codes = api.post("/auth/second-factor:confirm", {"code": ask("The code it shows: ")})["recovery_codes"]
    print(
        "From now on signing in takes a code. If the app is lost, each of these works once; they are not shown again:"
    )
    print("\n".join(f"  {code}" for code in codes))


def disable() -> None:
    """Sign in with the password alone again."""
    body = {"current_password": _password(), "code": ask("A code of the app, or a recovery code: ")}
    Api.from_environment().post("/auth/second-factor:remove", body)
    print("You sign in with the password alone.")


def _password() -> str:
    return os.environ.get("SKYCLUST_PASSWORD") or ask_secret("Your password: ")
