"""Sign in from a terminal by the identity provider: the browser goes there and comes back to this machine (RFC 8252).

Called by `skyclust login --sso`. Invariant: the address that the browser comes back with holds a grant, which only this
process can turn into tokens, since only it knows the verifier.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import webbrowser
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from skyclust.entrypoints.cli.client import Api, CliError

PATIENCE_SECONDS = 300.0
PAGE = (
    b'<!doctype html><meta charset="utf-8"><title>SkyClust</title>'
    b"<p>You are signed in. This window can be closed; go on in the terminal.</p>"
)


def sign_on(
    api: Api,
    *,
    open_browser: Callable[[str], Any] = webbrowser.open,
    patience: float = PATIENCE_SECONDS,
    fresh: bool = False,
) -> None:
    """Have the browser sign in, and remember the login. CliError when nobody comes back in time.

    `fresh`: the provider asks also whom it knows already.
    """
    if not api.sign_on_offered():
        raise CliError("This installation has no single sign-on. Log in with email and password: skyclust login")
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    with _Waiting(patience) as waiting:
        given = {"return_to": waiting.address, "challenge": challenge} | ({"fresh": "true"} if fresh else {})
        query = urlencode(given)
        url = f"{api.context.url}/api/v1/auth/oidc/login?{query}"
        print(f"Sign in with your browser. If it does not open by itself, go to:\n  {url}")
        open_browser(url)
        api.collect(waiting.grant(), verifier)


class _Waiting:
    """A server on this machine that waits for one visit with a grant."""

    def __init__(self, patience: float) -> None:
        self._found = ""
        outer = self

        class Visit(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._found = parse_qs(urlsplit(self.path).query).get("grant", [""])[0]
                self.send_response(200 if outer._found else 404)
                self.send_header("content-type", "text/html")
                self.end_headers()
                self.wfile.write(PAGE if outer._found else b"")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
                """Nothing: the address holds the grant."""

        self._server = HTTPServer(("127.0.0.1", 0), Visit)
        self._server.timeout = patience

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/"

    def grant(self) -> str:
        """Browsers also ask for icons; those visits do not count."""
        for _ in range(10):
            self._server.handle_request()
            if self._found:
                return self._found
        raise CliError("Nobody came back from the identity provider. Try again: skyclust login --sso")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()
