"""The login authority: OpenID configuration, keys, instance discovery and the token endpoint of one tenant.

Called by the dispatcher for paths outside Resource Manager. Sources: the answers of login.microsoftonline.com and
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow.
"""

import re
import time
import uuid
from urllib.parse import parse_qsl

from skyclust.sandbox.azure.cloud import Answer
from skyclust.sandbox.azure.costs import retail_prices
from skyclust.sandbox.azure.errors import Json, LoginError
from skyclust.sandbox.azure.identities import ARM_AUDIENCES, Identities, expired_secret
from skyclust.sandbox.kernel import Fault, Mode, Received

_TENANT = r"/(?P<tenant>[0-9a-zA-Z.\-]+)"
_CONFIGURATION = re.compile(rf"{_TENANT}(/v2\.0)?/\.well-known/openid-configuration")
_KEYS = re.compile(rf"{_TENANT}/discovery/v2\.0/keys")
_TOKEN = re.compile(rf"{_TENANT}/oauth2/v2\.0/token")
_INSTANCES = "/common/discovery/instance"
TOKEN_OPERATION = "oauth2.token"  # noqa: S105 - the name of an operation


def is_token_request(request: Received) -> bool:
    return request.method == "POST" and _TOKEN.fullmatch(request.path) is not None


def look_up(request: Received, identities: Identities, base_url: str) -> Answer | None:
    """The documents that anybody may read; None when the path is none of them."""
    if request.method != "GET":
        return None
    if request.path == "/metadata/endpoints":
        return Answer(200, _endpoints(base_url))
    if request.path == "/api/retail/prices":
        return Answer(200, retail_prices(dict(parse_qsl(request.query)), base_url))
    if request.path == _INSTANCES:
        return Answer(200, _instances(identities, base_url))
    if found := _CONFIGURATION.fullmatch(request.path):
        return Answer(200, _configuration(found["tenant"], base_url))
    if _KEYS.fullmatch(request.path):
        return Answer(200, identities.key_set())
    return None


def _configuration(tenant: str, base_url: str) -> Json:
    return {
        "token_endpoint": f"{base_url}/{tenant}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{base_url}/{tenant}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{base_url}/{tenant}/v2.0",
        "authorization_endpoint": f"{base_url}/{tenant}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base_url}/{tenant}/oauth2/v2.0/devicecode",
        "tenant_region_scope": None,
        "cloud_instance_name": "microsoftonline.com",
    }


def _endpoints(base_url: str) -> Json:
    """What `az cloud register --endpoint-resource-manager` asks for: where everything of this cloud is."""
    login = {
        "loginEndpoint": base_url,
        "audiences": [audience for audience in ARM_AUDIENCES if not audience.endswith("/")],
        "tenant": "common",
        "identityProvider": "AAD",
    }
    return {
        "name": "SkyclustSandbox",
        "portal": base_url,
        "authentication": login,
        "resourceManager": base_url,
        "graph": base_url,
        "suffixes": {"azureManagementEndpoint": base_url},
    }


def _instances(identities: Identities, base_url: str) -> Json:
    host = base_url.partition("://")[2]
    configuration = f"{base_url}/{identities.account.tenant}/v2.0/.well-known/openid-configuration"
    entry = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
    return {"tenant_discovery_endpoint": configuration, "api-version": "1.1", "metadata": [entry]}


def exchange(request: Received, identities: Identities, fault: Fault | None) -> Answer:
    """Tokens; a fault that revokes the credential shows here as an expired secret."""
    found = _TOKEN.fullmatch(request.path)
    tenant = found["tenant"] if found else ""
    form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    try:
        _fail(fault, identities)
        return Answer(200, identities.exchange(tenant, form), {"cache-control": "no-store"})
    except LoginError as refused:
        return Answer(refused.status, _refusal(refused), {"cache-control": "no-store"})


def _fail(fault: Fault | None, identities: Identities) -> None:
    if fault is None:
        return
    if fault.mode in (Mode.ERROR_BEFORE, Mode.ERROR_AFTER):
        raise LoginError(503, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again.")
    if fault.mode is Mode.THROTTLE:
        raise LoginError(429, "invalid_request", 50196, "The server terminated an operation: too many requests.")
    if fault.mode is Mode.REVOKED:
        raise expired_secret(identities.account.client)


def _refusal(refused: LoginError) -> Json:
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    at = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())
    return {
        "error": refused.error,
        "error_description": f"AADSTS{refused.number}: {refused.message} Trace ID: {trace} Correlation ID: "
        f"{correlation} "
        f"Timestamp: {at}",
        "error_codes": [refused.number],
        "timestamp": at,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={refused.number}",
    }
