"""Service accounts of iam.v1: create, get, list, patch, delete and their own policies.

Invariant: the account the sandbox's key belongs to always exists and cannot be deleted.
"""

import re

from skyclust.sandbox.gcp.cloud import Call, Cloud, short_hash
from skyclust.sandbox.gcp.errors import GoogleError, Json, bad_argument
from skyclust.sandbox.gcp.identities import Identities
from skyclust.sandbox.gcp.listing import page
from skyclust.sandbox.gcp.project_services import check_policy, with_etag

ACCOUNTS = "service_accounts"
KEYS = "service_account_keys"
_ID = re.compile(r"[a-z](?:[-a-z0-9]{4,28}[a-z0-9])")


def install(cloud: Cloud, caller: Identities) -> None:
    """Make the caller's own account exist with its key, and Compute Engine's default one."""
    email, unique_id = caller.email, caller.unique_id
    compute = f"{cloud.project.number}-compute@developer.gserviceaccount.com"
    for address, number, title in (
        (email, unique_id, "Skyclust"),
        (compute, cloud.project.number, "Compute Engine default service account"),
    ):
        if cloud.get(ACCOUNTS, address) is None:
            cloud.put(ACCOUNTS, address, {**_document(cloud, address, number), "displayName": title, "_own": True})
    if cloud.get(KEYS, caller.key_id) is None:
        cloud.put(KEYS, caller.key_id, {
            "name": f"projects/{cloud.project.id}/serviceAccounts/{email}/keys/{caller.key_id}",
            "validAfterTime": cloud.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "validBeforeTime": "9999-12-31T23:59:59Z",  # without an organization policy a key never ends
            "keyAlgorithm": "KEY_ALG_RSA_2048", "keyOrigin": "GOOGLE_PROVIDED", "keyType": "USER_MANAGED",
        })  # fmt: skip


def _document(cloud: Cloud, email: str, unique_id: str) -> Json:
    return {
        "name": f"projects/{cloud.project.id}/serviceAccounts/{email}",
        "projectId": cloud.project.id,
        "uniqueId": unique_id,
        "email": email,
        "etag": "MDEwMjE5MjA=",
        "oauth2ClientId": unique_id,
    }


def _existing(cloud: Cloud, call: Call) -> tuple[str, Json]:
    wanted = call.path["serviceAccountsId"]
    for email, document in cloud.all(ACCOUNTS):
        if wanted in (email, document["uniqueId"]):
            return email, document
    raise GoogleError(404, "notFound", f"Unknown service account {wanted}")


def create(cloud: Cloud, call: Call) -> Json:
    name = call.body.get("accountId", "")
    if not _ID.fullmatch(name):
        raise bad_argument(f'Invalid account id "{name}": it takes 6 to 30 lowercase letters, digits and hyphens.')
    email = f"{name}@{cloud.project.id}.iam.gserviceaccount.com"
    if cloud.get(ACCOUNTS, email) is not None:
        raise GoogleError(
            409, "alreadyExists", f"Service account {name} already exists within project projects/{cloud.project.id}."
        )
    number = str(10**20 + int(short_hash(f"{email}@{cloud.now().timestamp()}", 15), 16))
    document = _document(cloud, email, number)
    document |= {
        key: value
        for key, value in call.body.get("serviceAccount", {}).items()
        if key in ("displayName", "description")
    }
    cloud.put(ACCOUNTS, email, document)
    return document


def get(cloud: Cloud, call: Call) -> Json:
    return _existing(cloud, call)[1]


def list_(cloud: Cloud, call: Call) -> Json:
    shown, token = page(cloud.all(ACCOUNTS), call.query, default=20, size_name="pageSize")
    return {"accounts": [row for _, row in shown]} | ({"nextPageToken": token} if token else {})


def delete(cloud: Cloud, call: Call) -> Json:
    email, document = _existing(cloud, call)
    if document.get("_own"):
        raise bad_argument(f"The sandbox needs service account {email}; it cannot be deleted.")
    cloud.remove(ACCOUNTS, email)
    return {}


def get_key(cloud: Cloud, call: Call) -> Json:
    """Of a user-managed key; there is only the caller's."""
    email, _ = _existing(cloud, call)
    document = cloud.get(KEYS, call.path["keysId"])
    if document is None or f"/{email}/" not in document["name"]:
        raise GoogleError(404, "notFound", f"Unknown service account key {call.path['keysId']}")
    return document


def patch(cloud: Cloud, call: Call) -> Json:
    email, document = _existing(cloud, call)
    mask = [name.strip() for name in str(call.body.get("updateMask", "")).split(",")]
    if not set(mask) <= {"displayName", "display_name", "description"}:
        raise bad_argument("Only displayName and description can be updated; name them in updateMask.")
    given = call.body.get("serviceAccount", {})
    wanted = {name.replace("display_name", "displayName") for name in mask}
    document |= {name: given.get(name, "") for name in wanted}
    cloud.put(ACCOUNTS, email, document)
    return document


def get_policy(cloud: Cloud, call: Call) -> Json:
    _, document = _existing(cloud, call)
    return document.get("_policy") or with_etag({})


def set_policy(cloud: Cloud, call: Call) -> Json:
    email, document = _existing(cloud, call)
    policy = check_policy(document.get("_policy") or with_etag({}), call.body.get("policy", {}))
    cloud.put(ACCOUNTS, email, {**document, "_policy": policy})
    return policy


_VERBS = {"create": create, "get": get, "list": list_, "delete": delete, "patch": patch, "getIamPolicy": get_policy,
          "setIamPolicy": set_policy}  # fmt: skip
HANDLERS = {f"iam.projects.serviceAccounts.{verb}": handler for verb, handler in _VERBS.items()}
HANDLERS["iam.projects.serviceAccounts.keys.get"] = get_key
