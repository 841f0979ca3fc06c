"""Who a workspace is to clouds that trust this installation as an OpenID Connect issuer, instead of a stored secret.

The server puts a `WorkspaceIdentity` under IDENTITY into a credential's data, beside TENANT, where it has a public
address. Which audience a token is for is the provider's business: it asks for those of its own cloud only.
"""

from __future__ import annotations

from typing import Final, Literal, Protocol, runtime_checkable

#: The key in a `Credential`. Like every name that begins with "_" it is the server's and never a person's.
IDENTITY = "_identity"
#: Subjects that no workspace has. A cloud that lets one in lets in every workspace of the installation.
NOBODY = "skyclust-nobody"

#: With what a token is signed (RFC 7518, 3.1): on P-256, or with an RSA key for clouds that check no other.
Algorithm = Literal["ES256", "RS256"]
ES256: Final = "ES256"
RS256: Final = "RS256"


class WorkspaceIdentity(Protocol):
    """Signs for one workspace. Calls are quick, make no network call and may come from any thread."""

    @property
    def issuer(self) -> str:
        """Who signs: the installation's public address, without a slash at its end."""
        ...

    @property
    def subject(self) -> str:
        """What the cloud calls the workspace: its TENANT name, which no tenant can choose."""
        ...

    def token(self, audience: str, algorithm: Algorithm = ES256) -> str:
        """A JWT for `audience` that lives some minutes; Unavailable while the server's keys are sealed."""
        ...

    def token_of_nobody(self, audience: str, algorithm: Algorithm = ES256) -> str:
        """Likewise for a subject that no workspace has: whoever takes it would take any workspace."""
        ...


@runtime_checkable
class TrustsIssuers(Protocol):
    """What a `Provider` may offer besides. `trusted_algorithm` is the one that it asks `WorkspaceIdentity` for."""

    trusted_algorithm: Algorithm

    def trust_guide(self, issuer: str, subject: str) -> str:
        """Commands with which an owner of an account makes it trust this one workspace, for a terminal. Pure."""
        ...
