"""Google's Security Token Service and IAM Credentials: a foreign token, really checked, becomes one of ours.

Called by the dispatcher (`exchange`, without the dispatcher's lock: keys may come over HTTP) and, for service accounts,
as a handler. Invariants: a token of a wrong issuer, audience, key, time or subject gets nothing; keys come from where
the provider says, its upload or its issuer. https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from skyclust.sandbox.gcp.cloud import Call, Cloud
from skyclust.sandbox.gcp.conditions import holds
from skyclust.sandbox.gcp.errors import GoogleError, Json, bad_argument
from skyclust.sandbox.gcp.pools import POOLS, PROVIDERS
from skyclust.sandbox.kernel.key_sets import published_keys

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name of a type
TOKEN_TYPES = ("urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token")
ALGORITHMS = ["RS256", "ES256"]
_AUDIENCE = re.compile(
    r"//iam\.googleapis\.com/(projects/\d+/locations/global/workloadIdentityPools/[^/]+)/providers/[^/]+"
)
#: How far clocks may differ, how long a token may live.
SKEW_SECONDS, MOST_SECONDS = 60, 86400
LIFETIME_SECONDS = 3600
_ACTORS = ("roles/iam.workloadIdentityUser", "roles/iam.serviceAccountTokenCreator")


class RefusedError(Exception):
    """STS's refusal: OAuth's word, and its `error_description`."""

    def __init__(self, word: str, description: str) -> None:
        super().__init__(description)
        self.word = word


@dataclass(frozen=True)
class Trusted:
    """A provider of a pool, as it was when somebody asked."""

    audience: str
    pool: str
    document: Json


def trusted(cloud: Cloud, audience: str) -> Trusted:
    """The provider that an audience names; RefusedError for none."""
    found = _AUDIENCE.fullmatch(audience)
    name = audience.removeprefix("//iam.googleapis.com/")
    pool, provider = cloud.get(POOLS, found[1]) if found else None, cloud.get(PROVIDERS, name)
    if pool is None or provider is None or pool.get("disabled") or provider.get("disabled"):
        raise RefusedError(
            "invalid_target",
            'The target service indicated by the "audience" parameters is invalid. This might either be because the '
            "pool or provider is disabled or deleted or because it doesn't exist.",
        )
    return Trusted(audience, pool["name"], provider)


def check_form(form: dict[str, str]) -> None:
    """RefusedError for what is no token exchange of a JWT."""
    if form.get("grant_type") != GRANT:
        raise RefusedError("unsupported_grant_type", f"The grant type must be {GRANT}.")
    if form.get("requested_token_type") != ACCESS_TOKEN:
        raise RefusedError("invalid_request", f"The requested token type must be {ACCESS_TOKEN}.")
    if form.get("subject_token_type") not in TOKEN_TYPES:
        raise RefusedError("invalid_request", "The sandbox exchanges JWTs only.")
    if not form.get("scope"):
        raise RefusedError("invalid_scope", "The scope is required.")


def principal_of(provider: Trusted, token: str, seconds: Callable[[], float] = time.time) -> str:
    """`principal://...` of whom the provider lets in with this token; RefusedError says why it does not."""
    oidc = provider.document["oidc"]
    claims = _verified(oidc, token)
    _check_audience(provider, oidc, claims)
    _check_times(claims, seconds())
    values: Json = {f"assertion.{name}": value for name, value in claims.items()}
    mapping = provider.document["attributeMapping"]
    values |= {name: values.get(source) for name, source in mapping.items()}
    subject = values.get("google.subject")
    if not isinstance(subject, str) or not 0 < len(subject) <= 127:
        raise RefusedError("invalid_grant", "The mapped google.subject must be text of at most 127 characters.")
    if not holds(provider.document.get("attributeCondition") or "", values):
        raise RefusedError("unauthorized_client", "The given credential is rejected by the attribute condition.")
    return f"principal://iam.googleapis.com/{provider.pool}/subject/{subject}"


def exchanged(access_token: str) -> Json:
    """STS's answer."""
    return {"access_token": access_token, "issued_token_type": ACCESS_TOKEN, "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS - 1}  # fmt: skip


def _verified(oidc: Json, token: str) -> Json:
    """The claims, after issuer and signature."""
    try:
        said = json.loads(extract_compact(token.encode()).payload)["iss"]
    except (JoseError, ValueError, KeyError, TypeError):
        raise RefusedError("invalid_grant", "The given ID Token cannot be parsed.") from None
    if said != oidc["issuerUri"]:
        raise RefusedError("invalid_grant", f"The issuer in ID Token {said} does not match {oidc['issuerUri']}.")
    try:
        keys = KeySet.import_key_set(_keys(oidc))
        return dict(jwt.decode(token, keys, algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, KeyError, TypeError):
        raise RefusedError("invalid_grant", "The given ID Token was not signed by its issuer.") from None


def _keys(oidc: Json) -> Any:
    if oidc.get("jwksJson"):
        return json.loads(oidc["jwksJson"])
    try:
        return published_keys(oidc["issuerUri"])
    except OSError:
        raise RefusedError("invalid_grant", "Error connecting to the given credential's issuer.") from None


def _check_audience(provider: Trusted, oidc: Json, claims: Json) -> None:
    allowed = oidc.get("allowedAudiences") or [provider.audience, f"https:{provider.audience}"]
    given = claims.get("aud")
    if not any(audience in allowed for audience in (given if isinstance(given, list) else [given])):
        raise RefusedError("invalid_grant", "The audience in ID Token does not match the expected audience.")


def _check_times(claims: Json, now: float) -> None:
    issued, ends = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or not isinstance(ends, int | float) or ends - issued > MOST_SECONDS:
        raise RefusedError("invalid_grant", "The ID Token needs iat and exp, at most 24 hours apart.")
    if not issued - SKEW_SECONDS <= now < ends + SKEW_SECONDS:
        raise RefusedError("invalid_grant", f"ID Token issued at {issued} is stale to sign-in.")


# ---- iamcredentials.v1 ----


def is_member(member: str, caller: str) -> bool:
    """Whether an entry of a policy means the caller: by name, or with everybody of the pool."""
    pool = caller.partition("/subject/")[0].replace("principal://", "principalSet://", 1)
    return member in (caller, f"{pool}/*", f"serviceAccount:{caller}")


def generate_access_token(cloud: Cloud, call: Call) -> Json:
    """For whom the account's policy lets act as it."""
    email = call.path["serviceAccountsId"]
    account = cloud.get("service_accounts", email)
    bindings = (account or {}).get("_policy", {}).get("bindings", [])
    may = any(
        binding["role"] in _ACTORS and any(is_member(member, call.caller) for member in binding.get("members", []))
        for binding in bindings
    )
    if account is None or account.get("disabled") or not may:
        raise GoogleError(
            403,
            "forbidden",
            "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
        )
    if not call.body.get("scope"):
        raise bad_argument("Request must contain a scope.")
    seconds = int(str(call.body.get("lifetime") or f"{LIFETIME_SECONDS}s").removesuffix("s"))
    if not 0 < seconds <= LIFETIME_SECONDS:
        raise bad_argument("lifetime must be at most 3600s.")
    ends = datetime.fromtimestamp(int(time.time()) + seconds, UTC)
    return {"accessToken": cloud.issue(email, seconds), "expireTime": ends.strftime("%Y-%m-%dT%H:%M:%SZ")}


HANDLERS = {"iamcredentials.projects.serviceAccounts.generateAccessToken": generate_access_token}
