"""Our API from a terminal. Refreshes the access token when it has expired and turns problems into sentences.

Invariant: a command either gets the answer or ends with a `CliError` that says what happened, why and what to do.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

import httpx

from skyclust.entrypoints.cli.context import Context, load_context

Json = dict[str, Any]
API = "/api/v1"
#: The kind of problem that asks for a fresher proof of who this is.
STEP_UP = "insufficient-user-authentication"


class CliError(Exception):
    """Printed to standard error; the process ends with `code`."""

    def __init__(self, message: str, *, code: int = 1) -> None:
        """`message` may have several lines."""
        super().__init__(message)
        self.code = code


class ServerAwayError(CliError):
    """Nobody answers at the server's address."""


class Api:
    """A logged-in client. One per command."""

    def __init__(self, context: Context) -> None:
        """No request is made yet."""
        self.context = context
        self._http = httpx.Client(base_url=context.url, timeout=60, headers={"user-agent": "skyclust-cli"})

    @classmethod
    def from_environment(cls) -> Api:
        """With the remembered login."""
        return cls(load_context(os.environ))

    def close(self) -> None:
        """Release connections."""
        self._http.close()

    def login(self, email: str, password: str, code: str | None = None) -> None:
        """Log in and remember it."""
        body = {"email": email, "password": password} | ({"code": code} if code else {})
        answer = self._send("POST", "/auth/login", body=body).json()
        self._remember(answer, email)

    def sign_on_offered(self) -> bool:
        """Whether the installation has an identity provider."""
        return bool(self._send("GET", "/auth/oidc", anonymous=True).json()["enabled"])

    def collect(self, grant: str, verifier: str) -> None:
        """The tokens of a sign-in that the browser has finished; remember them."""
        body = {"grant": grant, "verifier": verifier}
        answer = self._send("POST", "/auth/oidc/tokens", body=body, anonymous=True).json()
        self.context = replace(self.context, access_token=answer["access_token"])
        self._remember(answer, str(self.get("/auth/me")["email"]))

    def _remember(self, answer: Json, email: str) -> None:
        self.context = replace(
            self.context, email=email, access_token=answer["access_token"], refresh_token=answer["refresh_token"]
        )
        self.context.save()

    def get(self, path: str, **params: Any) -> Json:
        """GET a JSON document; parameters that are None are left out."""
        return self._json("GET", path, params=params)

    def text(self, path: str, **params: Any) -> str:
        """GET a text document."""
        return self._authorised("GET", path, params=params).text

    def stream(self, path: str, **params: Any) -> Iterator[bytes]:
        """GET a document of any length, piece by piece."""
        with closing(self._authorised("GET", path, params=params, stream=True)) as response:
            try:
                yield from response.iter_bytes()
            except httpx.TransportError as cut:
                raise CliError(
                    f"The answer broke off ({type(cut).__name__}); what came is not whole. Try again."
                ) from cut

    def post(self, path: str, body: Json | None = None, *, key: str = "", **params: Any) -> Json:
        """POST. `key` is the Idempotency-Key; a new one by default, so that a lost answer can be asked for again."""
        return self._json("POST", path, params=params, body=body or {}, headers={"idempotency-key": key or _key()})

    def put(self, path: str, body: Json, **params: Any) -> Json:
        """PUT."""
        return self._json("PUT", path, params=params, body=body)

    def patch(self, path: str, body: Json, **params: Any) -> Json:
        """PATCH."""
        return self._json("PATCH", path, params=params, body=body)

    def delete(self, path: str, **params: Any) -> Json:
        """DELETE; an empty answer is an empty object."""
        return self._json("DELETE", path, params=params)

    def items(self, path: str, **params: Any) -> Iterator[Json]:
        """Every item of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **params, cursor=cursor)
            yield from page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def _json(self, method: str, path: str, **given: Any) -> Json:
        response = self._authorised(method, path, **given)
        found: Json = response.json() if response.content else {}
        return found

    def _authorised(self, method: str, path: str, **given: Any) -> httpx.Response:
        if not self.context.access_token:
            raise CliError("You are not logged in. Type: skyclust login")
        try:
            return self._send_refreshed(method, path, **given)
        except RefusedError as refused:
            if refused.kind != STEP_UP:
                raise
            prove_again(self, refused)
        return self._send(method, path, **given)

    def _send_refreshed(self, method: str, path: str, **given: Any) -> httpx.Response:
        try:
            return self._send(method, path, **given)
        except RefusedError as refused:
            if refused.status != 401 or refused.kind == STEP_UP or not self.context.refresh_token:
                raise
        self._refresh()
        return self._send(method, path, **given)

    def reauthenticate(self, password: str, code: str | None = None) -> None:
        """Prove again who this is; the new tokens take the place of the old ones."""
        body = {"password": password} | ({"code": code} if code else {})
        self._remember(self._send("POST", "/auth/reauthenticate", body=body).json(), self.context.email)

    def _refresh(self) -> None:
        """A refresh token works once: of several commands at once one refreshes, the others read its result."""
        with self.context.locked():
            kept = load_context({"SKYCLUST_CONFIG": str(self.context.path)})
            if kept.refresh_token and kept.refresh_token != self.context.refresh_token:
                self.context = replace(self.context, access_token=kept.access_token, refresh_token=kept.refresh_token)
                return
            self._refresh_alone()

    def _refresh_alone(self) -> None:
        try:
            token = {"refresh_token": self.context.refresh_token}
            answer = self._send("POST", "/auth/refresh", body=token, anonymous=True).json()
        except RefusedError as refused:
            raise CliError("Your login has ended. Type: skyclust login") from refused
        self._remember(answer, self.context.email)

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        anonymous: bool = False,
        stream: bool = False,
    ) -> httpx.Response:
        sent = dict(headers or {})
        if self.context.access_token and not anonymous:
            sent["authorization"] = f"Bearer {self.context.access_token}"
        known = {key: value for key, value in (params or {}).items() if value is not None}
        try:
            request = self._http.build_request(method, API + path, params=known, json=body, headers=sent)
            response = self._http.send(request, stream=stream)
        except httpx.TransportError as away:
            raise ServerAwayError(
                f"No SkyClust answers at {self.context.url} ({type(away).__name__}). Is it running? "
                "Start one with: skyclust up --sandbox, or set SKYCLUST_URL."
            ) from away
        if response.status_code >= 400:
            response.read()
            raise RefusedError(response)
        return response


def prove_again(api: Api, refused: RefusedError) -> None:
    """Have the person prove once more who they are, or say what to type when nobody is there."""
    from skyclust.entrypoints.cli.asking import answered

    if refused.problem.get("by") == "single-sign-on":
        raise CliError(f"{refused.problem.get('title')}. Type: skyclust login --sso --fresh, then repeat the command.")
    print(f"{refused.problem.get('detail', '')}", file=sys.stderr)
    answered(api.reauthenticate, what="Your password: ")


class RefusedError(CliError):
    """The server said no; the text is its problem document as sentences."""

    def __init__(self, response: httpx.Response) -> None:
        """Reads the problem, or makes one of whatever else came."""
        self.status = response.status_code
        try:
            self.problem: Json = response.json()
        except ValueError:
            self.problem = {"title": f"HTTP {self.status}", "detail": response.text[:200]}
        super().__init__(problem_text(self.problem))

    @property
    def kind(self) -> str:
        """The last part of the problem's type."""
        return str(self.problem.get("type", "")).rpartition("/")[2]


def problem_text(problem: Json) -> str:
    """A problem document for a person: the title, the detail, each field with its remedy."""
    lines = [str(problem.get("title", "The request was refused"))]
    errors = problem.get("errors") or []
    detail = str(problem.get("detail", ""))
    if detail and detail != lines[0] and not errors:
        lines.append(detail)
    lines += [f"  {error.get('pointer') or 'request'}: {error.get('detail')}" for error in errors]
    return "\n".join(lines)


def _key() -> str:
    return str(uuid.uuid4())
