"""Access tokens of service principals: for a secret or a workspace's token, kept until shortly before they end.

Called by sessions, which share them. Invariant: secret and token go to the authority of the machine's environment only.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from skyclust.contract.errors import AuthenticationFailed, ProviderError, Unavailable
from skyclust.providers.azure.apis import AccessToken, KeyRefusedError, LostError
from skyclust.providers.azure.credentials import ServicePrincipal
from skyclust.providers.azure.federation import OPERATION, assertion_of, not_trusted, unreachable
from skyclust.providers.azure.sdk import Wire

#: A token handed out lives at least this long. Entra ID's live 60 to 90 minutes.
_MARGIN = timedelta(minutes=4)
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
        """AuthenticationFailed when secret or trust do not work, Unavailable when the authority does not."""
        token = self._current.get(scope)
        if token is None or token.expires_at - datetime.now(UTC) < _MARGIN:
            token = self._current[scope] = await self._exchange(wire, scope)
        return token

    def forget(self, refused: AccessToken) -> None:
        """Azure refused this token although it has not ended: get another next time."""
        self._current = {scope: token for scope, token in self._current.items() if token is not refused}

    async def _exchange(self, wire: Wire, scope: str) -> AccessToken:
        try:
            return await wire.exchange(self._principal, scope, assertion_of(self._principal))
        except KeyRefusedError as error:
            raise self._refused(error) from None
        except LostError as error:
            raise unreachable(error) from None

    def _refused(self, error: KeyRefusedError) -> ProviderError:
        if error.retryable:
            return Unavailable("Microsoft Entra ID failed. It will be tried again.", operation=OPERATION)
        if self._principal.identity is not None:
            return not_trusted(self._principal, error)
        remedy = _REMEDIES.get(
            error.word, "The secret may be wrong, expired or deleted: create a new one and replace the credential."
        )
        return AuthenticationFailed(
            f"Microsoft Entra ID refused application {self._principal.client} ({error.word or 'no reason given'}). "
            f"{remedy}",
            operation=OPERATION,
            code=error.word,
        )
