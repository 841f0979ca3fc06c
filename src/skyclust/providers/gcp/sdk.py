"""The one module that knows Google's SDKs. It imports them on the first call, never with the provider.

Called from worker threads only. Invariant: one request is sent once. httplib2 repeats a request whose connection was
closed before the answer, POST included; that would hide a lost reply from the engine, which alone may repeat.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from datetime import UTC
from functools import cache, partial
from http.client import HTTPException, HTTPSConnection
from typing import Any

from skyclust.providers.gcp.apis import (
    TIMEOUT_SECONDS,
    AccessToken,
    Answer,
    Apis,
    ImpersonationRefusedError,
    KeyRefusedError,
    KeyUnreadableError,
    LostError,
    NotSentError,
    OutgoingRequest,
)
from skyclust.providers.gcp.credentials import FederatedIdentity, ServiceAccountKey

SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class ApiCatalog:
    """The API objects, built once per provider. `endpoint` stands in for every *.googleapis.com host; None = Google."""

    def __init__(self, endpoint: str | None) -> None:
        """`endpoint` has no trailing slash."""
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._apis: Apis | None = None

    def get(self) -> Apis:
        """The first call reads and parses some megabytes of bundled discovery documents."""
        with self._lock:
            if self._apis is None:
                self._apis = Apis(
                    compute=self._build("compute", "/compute/v1/"),
                    container=self._build("container"),
                    iam=self._build("iam"),
                    projects=self._build("cloudresourcemanager"),
                    services=self._build("serviceusage"),
                )
            return self._apis

    def _build(self, name: str, path: str = "/") -> Any:
        from googleapiclient.discovery import build  # noqa: PLC0415 - 0.2 s; only once somebody talks to Google
        from httplib2 import Http  # noqa: PLC0415 - as above

        options = {"api_endpoint": f"{self._endpoint}{path}"} if self._endpoint else None
        # The Http given here is never used: every request is sent by `send`.
        return KeptResource(build(name, "v1", http=Http(), static_discovery=True, client_options=options))


class KeptResource:
    """A googleapiclient resource that keeps its parts.

    The SDK makes `compute.networks()` anew, with all methods and their documentation, each time it is named: 1.5 ms,
    more than the rest of a call. Parts have no state, so a race between threads only makes one twice.
    """

    def __init__(self, resource: Any) -> None:
        """`resource` is what the SDK builds."""
        self._resource = resource
        self._parts: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        """A part (as a function without arguments, like the SDK's) or a method that makes a request."""
        member = getattr(self._resource, name)
        if not getattr(member, "__is_resource__", False):
            return member
        return partial(self._part, name, member)

    def _part(self, name: str, make: Any) -> Any:
        if name not in self._parts:
            self._parts[name] = KeptResource(make())
        return self._parts[name]


@cache
def _single_shot_class() -> Any:
    import httplib2  # noqa: PLC0415 - as above

    class SingleShotHttp(httplib2.Http):  # type: ignore[misc]  # httplib2 has no types
        """httplib2 that sends once. One per request: httplib2 is not thread-safe."""

        def _conn_request(self, conn: Any, request_uri: str, method: str, body: Any, headers: Any) -> Any:
            if conn.sock is None:
                try:
                    conn.connect()
                except OSError as error:
                    raise NotSentError(type(error).__name__) from None
            conn.request(method, request_uri, body, headers)
            answer = conn.getresponse()
            content = answer.read()
            return httplib2.Response(answer), content

    return SingleShotHttp


@cache
def tls_context() -> ssl.SSLContext:
    """One for all connections: loading the certificate authorities takes 25 ms, and httplib2 does it for each."""
    import httplib2  # noqa: PLC0415 - as above

    return ssl.create_default_context(cafile=httplib2.CA_CERTS)


@cache
def _https_class() -> Any:
    import httplib2  # noqa: PLC0415 - as above

    class SharedContextConnection(httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]  # httplib2 has no types
        """Sets what the base's `connect` reads; the base's own constructor makes a TLS context."""

        def __init__(self, host: str, port: int | None = None, **given: Any) -> None:
            HTTPSConnection.__init__(self, host, port=port, timeout=given.get("timeout"), context=tls_context())
            proxy = given.get("proxy_info")
            self.proxy_info = proxy("https") if callable(proxy) else proxy
            self.disable_ssl_certificate_validation = False

    return SharedContextConnection


def send(request: OutgoingRequest, token: AccessToken) -> Answer:
    """One HTTP exchange with the bearer token. NotSentError or LostError when there is no answer."""
    from httplib2 import HttpLib2Error, ServerNotFoundError  # noqa: PLC0415 - as above

    http = _single_shot_class()(timeout=TIMEOUT_SECONDS)
    http.follow_redirects = False
    headers = {**request.headers, "authorization": f"Bearer {token.text}", "accept-encoding": "identity"}
    try:
        answer, content = http.request(
            request.uri,
            method=request.method,
            body=request.body,
            headers=headers,
            connection_type=_https_class() if request.uri.startswith("https://") else None,
        )
    except ServerNotFoundError as error:
        raise NotSentError(type(error).__name__) from None
    except (OSError, HttpLib2Error, HTTPException) as error:
        raise LostError(type(error).__name__, timed_out=isinstance(error, TimeoutError)) from None
    finally:
        http.close()
    return Answer(int(answer.status), {str(name).lower(): str(value) for name, value in answer.items()}, content)


def exchange(key: ServiceAccountKey, token_uri: str) -> AccessToken:
    """An access token for the key. Errors say nothing of what was sent."""
    from google.auth.exceptions import GoogleAuthError, RefreshError  # noqa: PLC0415 - as above
    from google.oauth2.service_account import Credentials  # noqa: PLC0415 - as above
    from google_auth_httplib2 import Request  # noqa: PLC0415 - as above
    from httplib2 import Http, HttpLib2Error  # noqa: PLC0415 - as above

    information = {
        "type": "service_account",
        "project_id": key.project,
        "client_email": key.email,
        "private_key": key.private_key,
        "private_key_id": key.key_id,
        "token_uri": token_uri,
    }
    try:
        read: Any = Credentials.from_service_account_info  # google-auth has no types
        credentials = read(information, scopes=[SCOPE])
    except (ValueError, GoogleAuthError):
        raise KeyUnreadableError from None
    http = Http(timeout=TIMEOUT_SECONDS)
    try:
        credentials.refresh(Request(http))
    except RefreshError as error:
        raise KeyRefusedError(_oauth_word(error), retryable=bool(getattr(error, "retryable", False))) from None
    except (GoogleAuthError, HttpLib2Error, OSError) as error:
        raise LostError(type(error).__name__) from None
    finally:
        http.close()
    return AccessToken(credentials.token, credentials.expiry.replace(tzinfo=UTC))


class _Supplier:
    """google-auth's SubjectTokenSupplier: asked anew for each exchange."""

    def __init__(self, sign: Callable[[str], str]) -> None:
        self._sign = sign

    def get_subject_token(self, context: Any, _request: Any) -> str:
        return self._sign(context.audience)


def exchange_subject(
    login: FederatedIdentity, sts: str, impersonation_url: str, sign: Callable[[str], str]
) -> AccessToken:
    """An access token for what `sign` signs; for a service account when its address is given. No address is a user's.

    ImpersonationRefusedError, KeyRefusedError (STS) or LostError say nothing of what was sent. What `sign` raises
    comes through.
    """
    from google.auth.exceptions import GoogleAuthError, OAuthError, RefreshError  # noqa: PLC0415 - as above
    from google.auth.identity_pool import Credentials  # noqa: PLC0415 - as above
    from google_auth_httplib2 import Request  # noqa: PLC0415 - as above
    from httplib2 import Http, HttpLib2Error  # noqa: PLC0415 - as above

    make: Any = Credentials  # google-auth has no types
    credentials = make(
        login.audience, "urn:ietf:params:oauth:token-type:jwt", sts, subject_token_supplier=_Supplier(sign),
        service_account_impersonation_url=impersonation_url or None, scopes=[SCOPE],
    )  # fmt: skip
    http = Http(timeout=TIMEOUT_SECONDS)
    http.follow_redirects = False
    try:
        credentials.refresh(Request(http))
    except OAuthError as error:
        word = _word_of_body(error)
        raise KeyRefusedError(word, retryable=word in _PASSING) from None
    except RefreshError as error:
        word = _word_of_body(error)
        raise ImpersonationRefusedError(word, retryable=word in _PASSING) from None
    except (GoogleAuthError, HttpLib2Error, OSError) as error:
        raise LostError(type(error).__name__) from None
    finally:
        http.close()
    return AccessToken(credentials.token, credentials.expiry.replace(tzinfo=UTC))


#: Words of an endpoint that failed rather than judged; "" is an answer without a word, as of a proxy between.
_PASSING = frozenset({"", "internal_failure", "server_error", "temporarily_unavailable", "UNAVAILABLE", "INTERNAL",
                      "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"})  # fmt: skip


def _word_of_body(error: Exception) -> str:
    """OAuth's `error`, or the status of a Google API's error, in the answer that google-auth keeps as text."""
    for part in error.args[1:]:
        try:
            told = json.loads(part).get("error")
        except (ValueError, TypeError, AttributeError):
            continue
        word = told.get("status") if isinstance(told, dict) else told
        if isinstance(word, str) and word.replace("_", "").isalnum() and len(word) < 40:
            return word
    return ""


def _oauth_word(error: Exception) -> str:
    """The `error` field of an OAuth answer ("invalid_grant"), or "". The rest could quote what was sent."""
    for part in error.args:
        if isinstance(part, dict) and isinstance(part.get("error"), str):
            word: str = part["error"]
            return word if word.replace("_", "").isalnum() and len(word) < 40 else ""
    return ""
