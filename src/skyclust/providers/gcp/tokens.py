"""OAuth access tokens for a service account: exchanged, kept until shortly before they end, refreshed under a lock.

Called from worker threads. Invariant: the signed assertion goes to `token_uri` only, which comes from the machine's
environment or is Google's own; see credentials.py.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from skyclust.contract.errors import AuthenticationFailed, ProviderError, Unavailable
from skyclust.providers.gcp.apis import AccessToken, KeyRefusedError, KeyUnreadableError, LostError
from skyclust.providers.gcp.credentials import ServiceAccountKey
from skyclust.providers.gcp.sdk import exchange

GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, not a secret
#: A token handed out lives at least this long. Google's live an hour.
_MARGIN = timedelta(minutes=4)
OPERATION = "oauth2.token"


class AccessTokens:
    """The tokens of one key."""

    def __init__(self, key: ServiceAccountKey, token_uri: str) -> None:
        """No network call happens here."""
        self._key = key
        self._token_uri = token_uri
        self._lock = threading.Lock()
        self._current: AccessToken | None = None

    def get(self) -> AccessToken:
        """Blocking. AuthenticationFailed when the key does not work, Unavailable when the endpoint does not."""
        with self._lock:
            if self._current is None or self._current.expires_at - datetime.now(UTC) < _MARGIN:
                self._current = self._exchange()
            return self._current

    def forget(self, refused: AccessToken) -> None:
        """Google refused this token although it has not ended: get another next time."""
        with self._lock:
            if self._current is refused:
                self._current = None

    def _exchange(self) -> AccessToken:
        try:
            return exchange(self._key, self._token_uri)
        except KeyUnreadableError:
            raise AuthenticationFailed(
                "The private key of the service account cannot be read. Give the whole JSON file, unchanged.",
                operation=OPERATION,
            ) from None
        except KeyRefusedError as error:
            raise self._refused(error) from None
        except LostError as error:
            raise Unavailable(
                f"Google's token endpoint could not be reached ({error.kind}). It will be tried again.",
                operation=OPERATION,
            ) from None

    def _refused(self, error: KeyRefusedError) -> ProviderError:
        if error.retryable:
            return Unavailable("Google's token endpoint failed. It will be tried again.", operation=OPERATION)
        return AuthenticationFailed(
            f"Google refused the key of {self._key.email} ({error.word or 'no reason given'}). It may be deleted, "
            "disabled or expired: create a new key in IAM and replace the credential.",
            operation=OPERATION,
            code=error.word,
        )
