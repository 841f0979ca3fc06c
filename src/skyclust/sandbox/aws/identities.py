"""Who is calling: access keys, signatures, and EKS tokens made of a presigned GetCallerIdentity.

Called by the cloud for every request and by the Kubernetes API for every token. Invariant: an unknown key, a wrong
secret or a revoked credential never gets past here.
"""

import base64
import binascii
import json
import secrets
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from skyclust.sandbox.aws.eks_state import EksCluster
from skyclust.sandbox.aws.moto_cloud import ACCOUNT, MotoCloud
from skyclust.sandbox.aws.replies import Refusal, Reply, bad_credentials, bad_signature, xml_reply
from skyclust.sandbox.aws.requests import AwsRequest, parse_request
from skyclust.sandbox.aws.signing import is_signed_with
from skyclust.sandbox.kernel import Store

TOKEN_PREFIX = "k8s-aws-v1."  # noqa: S105 - the public prefix of every such token
USER = "sandbox"
CLUSTER_HEADER = "x-k8s-aws-id"


class Identities:
    def __init__(self, store: Store, moto: MotoCloud) -> None:
        self.moto = moto
        saved = store.get("aws.settings", "credentials")
        if saved is None:
            alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            key = "AKIA" + "".join(secrets.choice(alphabet) for _ in range(16))
            saved = {"access_key": key, "secret_key": secrets.token_urlsafe(30)}
            store.put("aws.settings", "credentials", saved)
        self.access_key = str(saved["access_key"])
        self.secret_key = str(saved["secret_key"])

    def install(self) -> None:
        """Make moto know the sandbox's own user, so that GetCallerIdentity names it."""
        iam = self.moto.iam()
        self.moto.seed("identities")
        iam.create_user(self.moto_region(), USER)
        key = iam.create_access_key(USER)
        del iam.access_keys[key.physical_resource_id]
        key.access_key_id, key.secret_access_key = self.access_key, self.secret_key
        iam.access_keys[key.physical_resource_id] = key

    @staticmethod
    def moto_region() -> str:
        return "us-east-1"

    def check(self, request: AwsRequest) -> None:
        secret = self._secret(request.access_key)
        if secret is None:
            raise bad_credentials(request.service)
        if not is_signed_with(request, secret):
            raise bad_signature(request.service)

    @staticmethod
    def refusal(service: str) -> Refusal:
        return bad_credentials(service)

    def _key(self, access_key: str) -> Any:
        keys = self.moto.iam().access_keys.values()
        return next((key for key in keys if key.access_key_id == access_key and key.status == "Active"), None)

    def _secret(self, access_key: str) -> str | None:
        key = self._key(access_key)
        return str(key.secret_access_key) if key is not None else self._session_secret(access_key)

    @staticmethod
    def _session(access_key: str) -> Any:
        from moto.sts.models import sts_backends  # noqa: PLC0415 - only AssumeRole's keys live there

        for session in sts_backends[ACCOUNT]["aws"].assumed_roles:
            if session.access_key_id == access_key:
                return session
        return None

    def _session_secret(self, access_key: str) -> str | None:
        session = self._session(access_key)
        return str(session.secret_access_key) if session is not None else None

    def check_trust(self, request: AwsRequest) -> None:
        """What a role's trust policy asks of sts:ExternalId. Principals are not looked at: there is one account."""
        wanted, given = request.parameters.get("RoleArn"), request.parameters.get("ExternalId")
        role = next((role for role in self.moto.iam().roles.values() if role.arn == wanted), None)
        if role is None or not _trusts(role.assume_role_policy_document, given):
            caller = self.arn(request.access_key)
            message = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {wanted}"
            raise Refusal("AccessDenied", message, 403)

    def simulate(self, request: AwsRequest, request_id: str) -> Reply:
        """SimulatePrincipalPolicy: everybody may everything here, but what an inline policy of the user denies."""
        wanted = request.parameters.get("PolicySourceArn")
        user = next((user for user in self.moto.iam().users.values() if user.arn == wanted), None)
        denied = [pattern for text in (user.policies.values() if user else ()) for pattern in _denied(text)]
        actions = [value for name, value in request.parameters.items() if name.startswith("ActionNames.member.")]
        results = "".join(
            f"<member><EvalActionName>{escape(action)}</EvalActionName><EvalDecision>"
            f"{'explicitDeny' if any(fnmatchcase(action, pattern) for pattern in denied) else 'allowed'}"
            "</EvalDecision><EvalResourceName>*</EvalResourceName></member>"
            for action in actions
        )
        return xml_reply("SimulatePrincipalPolicy", f"<EvaluationResults>{results}</EvaluationResults>", request_id)

    def arn(self, access_key: str) -> str:
        """The principal as access entries name it: the user, or the role behind a session."""
        if (session := self._session(access_key)) is not None:
            return str(session.role_arn)
        key = self._key(access_key)
        name = key.user_name if key is not None else USER
        return f"arn:aws:iam::{ACCOUNT}:user/{name}"

    def kubernetes_user(self, token: str, cluster: EksCluster) -> str | None:
        """The username of an EKS token's bearer in this cluster; None when the token is bad or nobody let them in."""
        request = _presigned(token)
        if request is None or request.operation != "GetCallerIdentity" or request.access_key == "":
            return None
        secret = self._secret(request.access_key)
        signed = parse_qs(request.query).get("X-Amz-SignedHeaders", [""])[0].split(";")
        if secret is None or CLUSTER_HEADER not in signed:
            return None
        vouched = AwsRequest(**{**request.__dict__, "headers": {**request.headers, CLUSTER_HEADER: cluster.name}})
        if not is_signed_with(vouched, secret) or _is_stale(request.query):
            return None
        principal = self.arn(request.access_key)
        if (entry := cluster.access_entries.get(principal)) is not None:
            return str(entry["username"])
        by_config_map = cluster.document["accessConfig"]["authenticationMode"] != "API"
        return principal if by_config_map and principal == cluster.creator else None


def _trusts(policy: str, external_id: str | None) -> bool:
    """A policy without statements, as tests write them, trusts everybody here."""
    statements = json.loads(policy or "{}").get("Statement", [])
    asked = [
        (statement.get("Condition") or {}).get("StringEquals", {}).get("sts:ExternalId")
        for statement in (statements if isinstance(statements, list) else [statements])
    ]
    return not asked or any(wanted is None or external_id in ([wanted] if isinstance(wanted, str) else wanted)
                            for wanted in asked)  # fmt: skip


def _denied(policy: str) -> list[str]:
    """Patterns of actions in its Deny statements."""
    statements = json.loads(policy).get("Statement", [])
    patterns: list[str] = []
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement.get("Effect") == "Deny":
            actions = statement.get("Action", [])
            patterns += [actions] if isinstance(actions, str) else actions
    return patterns


def _presigned(token: str) -> AwsRequest | None:
    if not token.startswith(TOKEN_PREFIX):
        return None
    encoded = token.removeprefix(TOKEN_PREFIX)
    try:
        url = urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return parse_request("GET", url.path or "/", url.query, {"host": url.netloc}, b"")


def _is_stale(query: str) -> bool:
    """EKS tokens live for 15 minutes of the caller's clock, whatever their X-Amz-Expires says."""
    try:
        signed_at = datetime.strptime(parse_qs(query)["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except (KeyError, ValueError):
        return True
    return abs(datetime.now(UTC) - signed_at) > timedelta(minutes=15)
