"""OAuth access tokens: obtained, kept until shortly before they end, refreshed under a lock.

Called from worker threads. Invariant: what is signed goes to the addresses of `TokenEndpoints` only, which come from
the machine's environment or are Google's own; see credentials.py.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from skyclust.contract.errors import AuthenticationFailed, ProviderError, Unavailable
from skyclust.providers.gcp.apis import AccessToken, KeyRefusedError, KeyUnreadableError, LostError
from skyclust.providers.gcp.credentials import Login, ServiceAccountKey
from skyclust.providers.gcp.federation import TokenEndpoints, federated_token
from skyclust.providers.gcp.sdk import exchange

#: A token handed out lives at least this long. Google's live an hour.
_MARGIN = timedelta(minutes=4)
OPERATION = "oauth2.token"


class AccessTokens:
    """The tokens of one key, or of one workspace that an account trusts."""

    def __init__(self, login: Login, endpoints: TokenEndpoints) -> None:
        """No network call happens here."""
        self._login = login
        self._endpoints = endpoints
        self._lock = threading.Lock()
        self._current: AccessToken | None = None

    def get(self) -> AccessToken:
        """Blocking. AuthenticationFailed when the login does not work, Unavailable when the endpoint does not."""
        with self._lock:
            if self._current is None or self._current.expires_at - datetime.now(UTC) < _MARGIN:
                self._current = self._obtain()
            return self._current

    def forget(self, refused: AccessToken) -> None:
        """Google refused this token although it has not ended: get another next time."""
        with self._lock:
            if self._current is refused:
                self._current = None

    def _obtain(self) -> AccessToken:
        if isinstance(self._login, ServiceAccountKey):
            return key_token(self._login, self._endpoints.oauth)
        return federated_token(self._login, self._endpoints)


def key_token(key: ServiceAccountKey, token_uri: str) -> AccessToken:
    """A token for a signed assertion."""
    try:
        return exchange(key, token_uri)
    except KeyUnreadableError:
        raise AuthenticationFailed(
            "The private key of the service account cannot be read. Give the whole JSON file, unchanged.",
            operation=OPERATION,
        ) from None
    except KeyRefusedError as error:
        raise _refused(key, error) from None
    except LostError as error:
        raise Unavailable(
            f"Google's token endpoint could not be reached ({error.kind}). It will be tried again.",
            operation=OPERATION,
        ) from None


def _refused(key: ServiceAccountKey, error: KeyRefusedError) -> ProviderError:
    if error.retryable:
        return Unavailable("Google's token endpoint failed. It will be tried again.", operation=OPERATION)
    return AuthenticationFailed(
        f"Google refused the key of {key.email} ({error.word or 'no reason given'}). It may be deleted, "
        "disabled or expired: create a new key in IAM and replace the credential.",
        operation=OPERATION,
        code=error.word,
    )
