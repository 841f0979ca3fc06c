"""Workload identity pools and their OIDC providers: iam.v1. What they let in is decided in sts.py.

Invariant: an issuer is https, as Google demands; http only at loopback, where a laptop is its own issuer.
"""

import json
import re

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from skyclust.sandbox.gcp.cloud import Call, Cloud, short_hash
from skyclust.sandbox.gcp.conditions import check_condition
from skyclust.sandbox.gcp.errors import Json, already_exists, bad_argument, not_found
from skyclust.sandbox.gcp.listing import page
from skyclust.sandbox.kernel.key_sets import may_be_an_issuer

POOLS, PROVIDERS = "identity_pools", "identity_providers"
_ID = re.compile(r"(?!gcp-)[a-z0-9-]{4,32}")
_CHANGEABLE = {"displayName", "description", "disabled"}
_OF_PROVIDER = {*_CHANGEABLE, "attributeCondition", "attributeMapping", "oidc"}


def pool_name(cloud: Cloud, pool: str) -> str:
    """As Google names it: by the project's number."""
    return f"projects/{cloud.project.number}/locations/global/workloadIdentityPools/{pool}"


def _done(cloud: Cloud, kind: str, document: Json) -> Json:
    operation = f"{document['name']}/operations/{short_hash(document['name'] + cloud.now().isoformat(), 16)}"
    return {
        "name": operation,
        "done": True,
        "response": {"@type": f"type.googleapis.com/google.iam.v1.{kind}", **document},
    }


def _pool(cloud: Cloud, call: Call) -> tuple[str, Json]:
    if call.path["locationsId"] != "global":
        raise bad_argument("Workload identity pools are in the location global only.")
    name = pool_name(cloud, call.path["workloadIdentityPoolsId"])
    document = cloud.get(POOLS, name)
    if document is None:
        raise not_found(name)
    return name, document


def _provider(cloud: Cloud, call: Call) -> tuple[str, Json]:
    name = f"{_pool(cloud, call)[0]}/providers/{call.path['providersId']}"
    document = cloud.get(PROVIDERS, name)
    if document is None:
        raise not_found(name)
    return name, document


def _new(cloud: Cloud, kind: str, parent: str, given: str, allowed: set[str], call: Call) -> Json:
    if not _ID.fullmatch(given):
        raise bad_argument(f"Invalid id {given!r}: it takes 4 to 32 of a-z, 0-9 and -, and does not begin with gcp-.")
    name = f"{parent}/{given}"
    if cloud.get(kind, name) is not None:
        raise already_exists(name)
    return {"name": name, "state": "ACTIVE", **{key: value for key, value in call.body.items() if key in allowed}}


def create_pool(cloud: Cloud, call: Call) -> Json:
    parent = pool_name(cloud, "").rstrip("/")
    document = _new(cloud, POOLS, parent, call.query.get("workloadIdentityPoolId", ""), _CHANGEABLE, call)
    cloud.put(POOLS, document["name"], document)
    return _done(cloud, "WorkloadIdentityPool", document)


def create_provider(cloud: Cloud, call: Call) -> Json:
    parent = f"{_pool(cloud, call)[0]}/providers"
    given = call.query.get("workloadIdentityPoolProviderId", "")
    document = _checked(_new(cloud, PROVIDERS, parent, given, _OF_PROVIDER, call))
    cloud.put(PROVIDERS, document["name"], document)
    return _done(cloud, "WorkloadIdentityPoolProvider", document)


def _checked(document: Json) -> Json:
    oidc, mapping = document.get("oidc"), document.get("attributeMapping") or {}
    if not isinstance(oidc, dict):
        raise bad_argument("The sandbox simulates OIDC providers only; give oidc.")
    if not may_be_an_issuer(oidc.get("issuerUri", "")):
        raise bad_argument("Invalid issuer_uri: it must be an HTTPS endpoint.")
    if "google.subject" not in mapping:
        raise bad_argument("Attribute mapping must contain google.subject.")
    for name, source in mapping.items():
        if not re.fullmatch(r"assertion\.[A-Za-z_]\w*", str(source)):
            raise bad_argument(f"The sandbox maps claims only ({name}: assertion.CLAIM), not {source!r}.")
    if oidc.get("jwksJson"):
        try:
            KeySet.import_key_set(json.loads(oidc["jwksJson"]))
        except (ValueError, TypeError, KeyError, JoseError):
            raise bad_argument("Invalid jwks_json: it must be a JSON Web Key Set (RFC 7517).") from None
    check_condition(document.get("attributeCondition") or "")
    return document


def get_pool(cloud: Cloud, call: Call) -> Json:
    return _pool(cloud, call)[1]


def get_provider(cloud: Cloud, call: Call) -> Json:
    return _provider(cloud, call)[1]


def list_pools(cloud: Cloud, call: Call) -> Json:
    return _listed(cloud, call, POOLS, "", "workloadIdentityPools")


def list_providers(cloud: Cloud, call: Call) -> Json:
    return _listed(cloud, call, PROVIDERS, f"{_pool(cloud, call)[0]}/", "workloadIdentityPoolProviders")


def _listed(cloud: Cloud, call: Call, kind: str, under: str, key: str) -> Json:
    shown, token = page(cloud.all(kind, under), call.query, default=50, size_name="pageSize")
    return {key: [row for _, row in shown]} | ({"nextPageToken": token} if token else {})


def patch_provider(cloud: Cloud, call: Call) -> Json:
    name, document = _provider(cloud, call)
    for path in call.query.get("updateMask", "").split(","):
        field, _, inner = path.strip().partition(".")
        if field not in _OF_PROVIDER:
            raise bad_argument(f"Invalid update_mask: {path!r}.")
        if inner:
            document = {**document, field: {**document.get(field, {}), inner: call.body.get(field, {}).get(inner)}}
        else:
            document = {**document, field: call.body.get(field)}
    cloud.put(PROVIDERS, name, _checked(document))
    return _done(cloud, "WorkloadIdentityPoolProvider", document)


def delete_provider(cloud: Cloud, call: Call) -> Json:
    name, document = _provider(cloud, call)
    cloud.remove(PROVIDERS, name)
    return _done(cloud, "WorkloadIdentityPoolProvider", {**document, "state": "DELETED"})


def delete_pool(cloud: Cloud, call: Call) -> Json:
    name, document = _pool(cloud, call)
    for provider, _ in cloud.all(PROVIDERS, f"{name}/"):
        cloud.remove(PROVIDERS, provider)
    cloud.remove(POOLS, name)
    return _done(cloud, "WorkloadIdentityPool", {**document, "state": "DELETED"})


_PATH = "iam.projects.locations.workloadIdentityPools"
HANDLERS = {
    f"{_PATH}.create": create_pool,
    f"{_PATH}.get": get_pool,
    f"{_PATH}.list": list_pools,
    f"{_PATH}.delete": delete_pool,
    f"{_PATH}.providers.create": create_provider,
    f"{_PATH}.providers.get": get_provider,
    f"{_PATH}.providers.list": list_providers,
    f"{_PATH}.providers.patch": patch_provider,
    f"{_PATH}.providers.delete": delete_provider,
}
