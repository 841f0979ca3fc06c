"""Workload identity federation: assertions of issuers that the application trusts, instead of its secret.

Called by identities. Invariant: an assertion of a wrong issuer, subject, audience, key, algorithm or time logs nobody
in. https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust
"""

import json
from fnmatch import fnmatchcase
from typing import Any, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from skyclust.sandbox.azure.errors import Json, LoginError
from skyclust.sandbox.kernel import Store
from skyclust.sandbox.kernel.key_sets import published_keys

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_AUDIENCE = "api://AzureADTokenExchange"
#: Elliptic curves are refused: https://github.com/AzureAD/microsoft-identity-web/issues/3467
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
MOST_TRUSTS = 20
# below "azure.", so that a reset forgets them
TRUSTS = "azure.federation"


def trust(store: Store, trusted: Json) -> None:
    """`trusted`: issuer, audience, subject or `matching` (with *), and jwks, None when the keys are to be fetched."""
    if trusted["jwks"] is not None:
        KeySet.import_key_set(cast(Any, trusted["jwks"]))  # refuses what is none
    if len(_trusts(store)) >= MOST_TRUSTS:
        raise ValueError(f"An application has at most {MOST_TRUSTS} federated identity credentials.")
    store.put(TRUSTS, _name(trusted), trusted)


def distrust(store: Store, trusted: Json) -> None:
    store.delete(TRUSTS, _name(trusted))


def _name(trusted: Json) -> str:
    return f"{trusted['issuer']} {trusted['subject']} {trusted['matching']}"


def _trusts(store: Store) -> list[Json]:
    return list(store.list(TRUSTS).values())


def check_assertion(store: Store, form: dict[str, str], now: float) -> None:
    """LoginError for an assertion that none of the application's federated credentials lets in."""
    trusts = _trusts(store)
    if form.get("client_assertion_type") != ASSERTION_TYPE or not trusts:
        raise LoginError(
            400,
            "invalid_request",
            70025,
            f"The client '{form.get('client_id')}' has no configured federated identity credentials.",
        )
    header, said = _read(form["client_assertion"])
    if header.get("alg") not in ALGORITHMS:
        raise LoginError(
            400,
            "invalid_request",
            5002738,
            f"Invalid JWT token. '{header.get('alg')}' is not a supported signature algorithm.",
        )
    claims = _verified(form["client_assertion"], _matching(trusts, said))
    if not isinstance(claims.get("exp"), int | float) or claims["exp"] < now or claims.get("nbf", 0) > now + 300:
        raise LoginError(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")


def _read(assertion: str) -> tuple[Json, Json]:
    try:
        parts = extract_compact(assertion.encode())
        return dict(parts.headers()), dict(json.loads(parts.payload))
    except (JoseError, ValueError, TypeError):
        raise LoginError(400, "invalid_request", 50027, "JWT token is invalid or malformed.") from None


def _matching(trusts: list[Json], claims: Json) -> Json:
    left = trusts
    for number, name, claim, fits in (
        (700211, "issuer", claims.get("iss"), lambda one: one["issuer"] == claims.get("iss")),
        (700213, "subject", claims.get("sub"), lambda one: _fits(one, str(claims.get("sub")))),
        (700212, "audience", claims.get("aud"), lambda one: one["audience"] in _listed(claims.get("aud"))),
    ):
        left = [one for one in left if fits(one)]
        if not left:
            raise LoginError(
                401,
                "invalid_client",
                number,
                f"No matching federated identity record found for presented assertion {name} '{claim}'.",
            )
    return left[0]


def _fits(trusted: Json, subject: str) -> bool:
    if trusted["matching"]:
        return fnmatchcase(subject, trusted["matching"])
    return bool(trusted["subject"] == subject)


def _verified(assertion: str, trusted: Json) -> Json:
    try:
        given = trusted["jwks"] if trusted["jwks"] is not None else published_keys(trusted["issuer"])
        return dict(jwt.decode(assertion, KeySet.import_key_set(given), algorithms=list(ALGORITHMS)).claims)
    except OSError:
        raise LoginError(
            400, "invalid_request", 50166, f"Request to External OIDC endpoint failed: {trusted['issuer']}."
        ) from None
    except (JoseError, ValueError, KeyError, TypeError):
        raise LoginError(401, "invalid_client", 700027, "Client assertion failed signature validation.") from None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
