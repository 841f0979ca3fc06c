"""Access tokens of service principals: exchanged, kept until shortly before they end, shared by sessions.

Called by sessions. Invariant: the secret goes to the authority of the machine's environment only.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from skyclust.contract.errors import AuthenticationFailed, ProviderError, Unavailable
from skyclust.providers.azure.apis import AccessToken, KeyRefusedError, LostError
from skyclust.providers.azure.credentials import ServicePrincipal
from skyclust.providers.azure.sdk import Wire

#: A token handed out lives at least this long. Entra ID's live 60 to 90 minutes.
_MARGIN = timedelta(minutes=4)
OPERATION = "oauth2.token"
#: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
_REMEDIES = {
    "AADSTS7000215": "The client secret is wrong: give the secret's value, not its ID.",
    "AADSTS7000222": "The client secret has expired: create a new one and replace the credential.",
    "AADSTS700016": "There is no such application in this directory: check client_id and tenant_id.",
    "AADSTS90002": "There is no such directory: check tenant_id.",
    "AADSTS7000112": "The application is disabled: enable its service principal in Entra ID.",
    "AADSTS53003": "A Conditional Access policy blocks the application: allow this machine's addresses there.",
}


class AccessTokens:
    """The tokens of one principal, by scope. Event loops may share them: at worst a token is fetched twice."""

    def __init__(self, principal: ServicePrincipal) -> None:
        """No network call happens here."""
        self._principal = principal
        self._current: dict[str, AccessToken] = {}

    async def get(self, wire: Wire, scope: str) -> AccessToken:
        """AuthenticationFailed when the secret does not work, Unavailable when the authority does not."""
        token = self._current.get(scope)
        if token is None or token.expires_at - datetime.now(UTC) < _MARGIN:
            token = self._current[scope] = await self._exchange(wire, scope)
        return token

    def forget(self, refused: AccessToken) -> None:
        """Azure refused this token although it has not ended: get another next time."""
        self._current = {scope: token for scope, token in self._current.items() if token is not refused}

    async def _exchange(self, wire: Wire, scope: str) -> AccessToken:
        try:
            return await wire.exchange(self._principal, scope)
        except KeyRefusedError as error:
            raise self._refused(error) from None
        except LostError as error:
            raise Unavailable(
                f"Microsoft Entra ID could not be reached ({error.kind}). It will be tried again.", operation=OPERATION
            ) from None

    def _refused(self, error: KeyRefusedError) -> ProviderError:
        if error.retryable:
            return Unavailable("Microsoft Entra ID failed. It will be tried again.", operation=OPERATION)
        remedy = _REMEDIES.get(
            error.word, "The secret may be wrong, expired or deleted: create a new one and replace the credential."
        )
        return AuthenticationFailed(
            f"Microsoft Entra ID refused application {self._principal.client} ({error.word or 'no reason given'}). "
            f"{remedy}",
            operation=OPERATION,
            code=error.word,
        )
