"""Workload identity federation: a workspace's token becomes one of Google's, at STS and then for a service account.

Called from worker threads by tokens.py, and by `verify` for the test whether the account trusts everybody. Invariants:
tokens go to `TokenEndpoints` only; a refusal holds Google's word and what to do, never a token.
https://cloud.google.com/iam/docs/workload-identity-federation
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from skyclust.contract.errors import AuthenticationFailed, PermissionDenied, ProviderError, Unavailable
from skyclust.providers.gcp.apis import AccessToken, ImpersonationRefusedError, KeyRefusedError, LostError
from skyclust.providers.gcp.credentials import FederatedIdentity
from skyclust.providers.gcp.sdk import exchange_subject

STS, IMPERSONATION = "sts.token", "iamcredentials.projects.serviceAccounts.generateAccessToken"
#: What lets a workspace's subject act as a service account.
USER_ROLE = "roles/iam.workloadIdentityUser"


@dataclass(frozen=True, slots=True)
class TokenEndpoints:
    """Where tokens come from. Google's own, or a stand-in that the machine's environment names."""

    oauth: str = "https://oauth2.googleapis.com/token"
    sts: str = "https://sts.googleapis.com/v1/token"
    iam_credentials: str = "https://iamcredentials.googleapis.com"

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> TokenEndpoints:
        """`SKYCLUST_GCP_ENDPOINT` stands in for every googleapis.com host, the others for one address each."""
        endpoint = environ.get("SKYCLUST_GCP_ENDPOINT", "").rstrip("/")
        found = {
            "oauth": environ.get("SKYCLUST_GCP_TOKEN_URI"),
            "sts": environ.get("SKYCLUST_GCP_STS_URI") or (f"{endpoint}/v1/token" if endpoint else None),
            "iam_credentials": endpoint,
        }
        return replace(cls(), **{name: address for name, address in found.items() if address})


def federated_token(login: FederatedIdentity, endpoints: TokenEndpoints) -> AccessToken:
    """A token for the workspace's subject, or for the service account that it may act as."""
    try:
        return exchange_subject(login, endpoints.sts, _impersonation(login, endpoints), login.identity.token)
    except ImpersonationRefusedError as error:
        raise _not_impersonated(login, error) from None
    except KeyRefusedError as error:
        raise _not_trusted(login, error) from None
    except LostError as error:
        raise Unavailable(
            f"Google's STS could not be reached ({error.kind}). It will be tried again.", operation=STS
        ) from None


def refuse_open_trust(login: FederatedIdentity, endpoints: TokenEndpoints) -> None:
    """AuthenticationFailed for a pool that lets in subjects that no workspace has, and so every workspace's.

    Its audience alone would open the account to whoever knows it and has a workspace here, if a grant is to the pool.
    """
    try:
        exchange_subject(login, endpoints.sts, "", login.identity.token_of_nobody)
    except KeyRefusedError as error:
        if error.retryable:
            raise _not_trusted(login, error) from None
        return
    except LostError as error:
        raise Unavailable(
            f"Google's STS could not be reached ({error.kind}). It will be tried again.", operation=STS
        ) from None
    raise AuthenticationFailed(
        "The workload identity provider lets in every workspace of this installation, so everybody who knows its name "
        f"could use it. Set its attribute condition to: google.subject == '{login.identity.subject}'",
        operation=STS,
    )


def _impersonation(login: FederatedIdentity, endpoints: TokenEndpoints) -> str:
    if not login.service_account:
        return ""
    return f"{endpoints.iam_credentials}/v1/projects/-/serviceAccounts/{login.service_account}:generateAccessToken"


def _not_trusted(login: FederatedIdentity, error: KeyRefusedError) -> ProviderError:
    if error.retryable:
        return Unavailable("Google's STS failed. It will be tried again.", operation=STS)
    return AuthenticationFailed(
        f"Google refused this workspace's token ({error.word or 'no reason given'}). The workload identity provider "
        f"{login.audience} must exist, be enabled, trust the issuer {login.identity.issuer} with its present keys, map "
        f"google.subject to assertion.sub, and let in the subject {login.identity.subject}. "
        "`skyclust credentials identity` prints the commands.",
        operation=STS,
        code=error.word,
    )


def _not_impersonated(login: FederatedIdentity, error: ImpersonationRefusedError) -> ProviderError:
    if error.retryable:
        return Unavailable("Google's IAM Credentials API failed. It will be tried again.", operation=IMPERSONATION)
    return PermissionDenied(
        f"This workspace may not act as {login.service_account}. Grant {USER_ROLE} on that service account to "
        f"{login.subject}, and see that it exists and is enabled.",
        operation=IMPERSONATION,
        code=error.word,
    )


def trust_guide(issuer: str, subject: str) -> str:
    """What an owner of a project runs, once, to make it trust one workspace of this installation."""
    return f"""\
# Google Cloud: trust this workspace without a key. Choose PROJECT; nothing here is secret.
PROJECT=my-project
NUMBER=$(gcloud projects describe $PROJECT --format='value(projectNumber)')
gcloud services enable iam.googleapis.com sts.googleapis.com iamcredentials.googleapis.com --project=$PROJECT
gcloud iam workload-identity-pools create skyclust --project=$PROJECT --location=global
gcloud iam workload-identity-pools providers create-oidc skyclust --project=$PROJECT --location=global \\
  --workload-identity-pool=skyclust --issuer-uri='{issuer}' \\
  --attribute-mapping='google.subject=assertion.sub' \\
  --attribute-condition="google.subject == '{subject}'"
# Only if Google cannot reach {issuer}: add --jwk-json-path=jwks.json to the command above, with
#   curl {issuer}/.well-known/jwks.json > jwks.json
# and do so again (providers update-oidc) after each `skyclust admin rotate-keys`.
gcloud iam service-accounts create skyclust --project=$PROJECT
for ROLE in container.admin compute.networkAdmin compute.securityAdmin iam.serviceAccountUser; do
  gcloud projects add-iam-policy-binding $PROJECT --role=roles/$ROLE --condition=None \\
    --member=serviceAccount:skyclust@$PROJECT.iam.gserviceaccount.com
done
gcloud iam service-accounts add-iam-policy-binding skyclust@$PROJECT.iam.gserviceaccount.com --project=$PROJECT \\
  --role={USER_ROLE} \\
  --member="principal://iam.googleapis.com/projects/$NUMBER/locations/global/workloadIdentityPools/skyclust/subject/{subject}"
# Then, to SkyClust:
skyclust credentials add my-google --provider gcp <<END
{{"type": "external_account", "project_id": "$PROJECT",
 "audience": "//iam.googleapis.com/projects/$NUMBER/locations/global/workloadIdentityPools/skyclust/providers/skyclust",
 "service_account": "skyclust@$PROJECT.iam.gserviceaccount.com"}}
END
"""
