"""Workload identity federation: an application of Entra ID trusts a workspace's tokens instead of a secret.

Called by tokens.py, and by `verify` for the test whether the application trusts everybody. Invariant: tokens are made
out to Entra ID and go to the authority of the machine's environment only; no refusal holds one.
https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust
"""

from __future__ import annotations

from skyclust.contract.errors import AuthenticationFailed, ProviderError, Unavailable
from skyclust.contract.identities import RS256, Algorithm
from skyclust.providers.azure.apis import KeyRefusedError, LostError
from skyclust.providers.azure.credentials import ServicePrincipal
from skyclust.providers.azure.sdk import Wire

OPERATION = "oauth2.token"
AUDIENCE = "api://AzureADTokenExchange"
#: Entra ID checks RSA signatures only: https://github.com/AzureAD/microsoft-identity-web/issues/3467
ALGORITHM: Algorithm = RS256
#: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
_REMEDIES = {
    "AADSTS70025": "The application has no federated credential.",
    "AADSTS700211": "No federated credential has this issuer.",
    "AADSTS700212": "No federated credential has this audience.",
    "AADSTS700213": "No federated credential has this subject.",
    "AADSTS50166": "Entra ID could not fetch the issuer's keys: it must be reachable from the internet by HTTPS.",
    "AADSTS700016": "There is no such application in this directory: check client_id and tenant_id.",
    "AADSTS90002": "There is no such directory: check tenant_id.",
    "AADSTS7000112": "The application is disabled: enable its service principal in Entra ID.",
    "AADSTS53003": "A Conditional Access policy blocks the application: allow this machine's addresses there.",
}


def assertion_of(principal: ServicePrincipal) -> str:
    """What proves the workspace to Entra ID, made anew for each exchange; empty where there is a secret."""
    return principal.identity.token(AUDIENCE, ALGORITHM) if principal.identity else ""


def not_trusted(principal: ServicePrincipal, error: KeyRefusedError) -> ProviderError:
    """What to do about a refusal of a workspace's token."""
    if error.retryable or principal.identity is None:
        return Unavailable("Microsoft Entra ID failed. It will be tried again.", operation=OPERATION)
    remedy = _REMEDIES.get(error.word, "")
    return AuthenticationFailed(
        f"Microsoft Entra ID refused this workspace's token for application {principal.client} "
        f"({error.word or 'no reason given'}). {remedy} The application must have a federated credential with the "
        f"issuer {principal.identity.issuer}, the subject {principal.identity.subject} and the audience {AUDIENCE}; "
        "`skyclust credentials identity` prints the commands. Or give its client_secret.",
        operation=OPERATION,
        code=error.word,
    )


async def refuse_open_trust(wire: Wire, principal: ServicePrincipal, scope: str) -> None:
    """AuthenticationFailed for an application that lets in subjects that no workspace has, and so every workspace's.

    Subjects are compared whole unless a claims matching expression is used. With one that is too wide, everybody who
    knows the application's id and has a workspace here could use it.
    """
    if principal.identity is None:
        return
    try:
        await wire.exchange(principal, scope, principal.identity.token_of_nobody(AUDIENCE, ALGORITHM))
    except KeyRefusedError as error:
        if error.retryable:
            raise not_trusted(principal, error) from None
        return
    except LostError as error:
        raise unreachable(error) from None
    raise AuthenticationFailed(
        "The application lets in every workspace of this installation, so everybody who knows its id could use it. "
        "Replace the claims matching expression of its federated credential by the explicit subject "
        f"{principal.identity.subject}.",
        operation=OPERATION,
    )


def unreachable(error: LostError) -> Unavailable:
    """Nothing was said."""
    return Unavailable(
        f"Microsoft Entra ID could not be reached ({error.kind}). It will be tried again.", operation=OPERATION
    )


def trust_guide(issuer: str, subject: str) -> str:
    """What an owner of a subscription runs, once, to make an application trust one workspace of this installation."""
    return f"""\
# Microsoft Azure: trust this workspace without a secret. Choose SUBSCRIPTION; nothing here is secret.
SUBSCRIPTION=$(az account show --query id --output tsv)
TENANT=$(az account show --query tenantId --output tsv)
CLIENT=$(az ad app create --display-name skyclust --query appId --output tsv)
az ad sp create --id $CLIENT
for ROLE in "Contributor" "Azure Kubernetes Service RBAC Cluster Admin"; do
  az role assignment create --assignee $CLIENT --role "$ROLE" --scope /subscriptions/$SUBSCRIPTION
done
# In the portal: the app registration, Certificates & secrets, Federated credentials, Add credential, Other issuer.
az ad app federated-credential create --id $CLIENT --parameters @- <<END
{{"name": "skyclust", "issuer": "{issuer}",
 "subject": "{subject}",
 "audiences": ["{AUDIENCE}"]}}
END
# Entra ID fetches the issuer's keys itself: {issuer} must be reachable from the internet by HTTPS.
# Then, to SkyClust (a new trust may take some minutes to be known everywhere):
skyclust credentials add my-azure --provider azure <<END
{{"subscription_id": "$SUBSCRIPTION", "tenant_id": "$TENANT", "client_id": "$CLIENT"}}
END
"""
