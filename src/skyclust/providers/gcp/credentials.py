"""What a user hands in: a service-account key, or the name of a trust (federation). Read by `connect` and `verify`.

Invariants: both files are input from outside. Every address in them is ignored or must be Google's own, because whoever
is named there would receive a signed assertion; what they tell a machine to read or run (`credential_source`) is
refused, because that machine is ours; and a private key never reaches repr or an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skyclust.contract.errors import AuthenticationFailed, InvalidSpec
from skyclust.contract.identities import IDENTITY, WorkspaceIdentity
from skyclust.contract.provider import TENANT
from skyclust.contract.resources import JsonObject

#: 6 to 30 characters, older ones with a domain ("example.com:id"):
#: https://cloud.google.com/resource-manager/docs/creating-managing-projects
_PROJECT = re.compile(r"(?:[a-z0-9.-]{1,63}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")

#: A provider of a workload identity pool, as Google's STS names it:
#: https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
_AUDIENCE = re.compile(
    r"//iam\.googleapis\.com/projects/[0-9]{1,19}/locations/global/workloadIdentityPools/[a-z0-9-]{4,32}"
    r"/providers/[a-z0-9-]{4,32}"
)
_EMAIL = re.compile(r"[a-z0-9][a-z0-9.-]{0,127}@[a-z0-9][a-z0-9.-]{0,120}\.gserviceaccount\.com")
_IMPERSONATION = re.compile(
    rf"https://iamcredentials\.googleapis\.com/v1/projects/-/serviceAccounts/({_EMAIL.pattern}):generateAccessToken"
)
_JWT = "urn:ietf:params:oauth:token-type:jwt"
KEY, TRUST = "service_account", "external_account"
_REQUIRED = {KEY: ("type", "project_id", "private_key", "client_email"), TRUST: ("type", "project_id", "audience")}
#: Of which kind a field is; the others are of both.
_OF_KIND = {
    KEY: ("private_key_id", "private_key", "client_email", "client_id"),
    TRUST: ("audience", "service_account", "subject_token_type", "token_url", "token_info_url",
            "service_account_impersonation_url"),
}  # fmt: skip
_NO_SOURCE = (
    "Leave credential_source out: a file, an address, a program or an environment that is named there would be read or "
    "run on this server. SkyClust signs the subject token itself; see `skyclust credentials identity`."
)

#: The `data` of a credential is the key file as Google's console downloads it, or a trust without any secret.
CREDENTIAL_SCHEMA: JsonObject = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Google Cloud: service account key, or workload identity federation",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "type": {
            "enum": [KEY, TRUST], "title": "Type",
            "description": "A service account's key file, or a trust in this installation (no secret).",
        },
        "project_id": {"type": "string", "title": "Project ID", "maxLength": 94, "pattern": f"^{_PROJECT.pattern}$"},
        "private_key_id": {"type": "string", "title": "Private key ID", "maxLength": 128},
        "private_key": {"type": "string", "title": "Private key", "maxLength": 8192, "writeOnly": True},
        "client_email": {"type": "string", "title": "Service account", "maxLength": 254},
        "client_id": {"type": "string", "title": "Client ID", "maxLength": 64},
        "auth_uri": {"type": "string", "maxLength": 512, "description": "Ignored."},
        "token_uri": {"type": "string", "maxLength": 512, "description": "Ignored: tokens come from Google only."},
        "auth_provider_x509_cert_url": {"type": "string", "maxLength": 512, "description": "Ignored."},
        "client_x509_cert_url": {"type": "string", "maxLength": 512, "description": "Ignored."},
        "universe_domain": {"const": "googleapis.com", "title": "Universe domain"},
        "audience": {
            "type": "string", "title": "Workload identity provider", "maxLength": 200,
            "pattern": f"^{_AUDIENCE.pattern}$",
            "description": "//iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/"
            "PROVIDER, whose attribute condition lets in this workspace's subject only.",
        },
        "service_account": {
            "type": "string", "title": "Service account to impersonate", "maxLength": 254,
            "pattern": f"^{_EMAIL.pattern}$",
            "description": "Left out, the workspace's subject itself needs the permissions.",
        },
        "subject_token_type": {"const": _JWT, "title": "Type of the subject token"},
        "token_url": {
            "const": "https://sts.googleapis.com/v1/token", "description": "Not used: it must be Google's own.",
        },
        "token_info_url": {
            "const": "https://sts.googleapis.com/v1/introspect", "description": "Not used: it must be Google's own.",
        },
        "service_account_impersonation_url": {
            "type": "string", "maxLength": 512, "pattern": f"^{_IMPERSONATION.pattern}$",
            "description": "Only the service account's name in it is used, and the rest must be Google's own.",
        },
        "credential_source": {"not": {}, "description": _NO_SOURCE},
    },
    "oneOf": [
        {"title": "Service account key", "properties": {"type": {"const": KEY}}, "required": [*_REQUIRED[KEY]]},
        {
            "title": "Workload identity federation", "properties": {"type": {"const": TRUST}},
            "required": [*_REQUIRED[TRUST]],
        },
    ],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServiceAccountKey:
    """The four fields of the key file that are used."""

    project: str
    email: str
    private_key: str = field(repr=False)
    key_id: str = ""

    @property
    def principal(self) -> str:
        """Whom Google sees."""
        return self.email


@dataclass(frozen=True, slots=True)
class FederatedIdentity:
    """A workspace that an account trusts. `tenant` keeps the tokens of two workspaces apart, whatever else is equal."""

    project: str
    audience: str
    service_account: str
    tenant: str
    identity: WorkspaceIdentity = field(repr=False, compare=False)

    @property
    def subject(self) -> str:
        """Whom the pool sees, in the words of an IAM policy."""
        pool = self.audience.partition("/providers/")[0]
        return f"principal:{pool}/subject/{self.identity.subject}"

    @property
    def principal(self) -> str:
        """Whom Google sees."""
        return self.service_account or self.subject


Login = ServiceAccountKey | FederatedIdentity


def parse_login(data: Mapping[str, Any]) -> Login:
    """Of either kind; AuthenticationFailed or InvalidSpec names the field that is wrong, never its value."""
    return parse_trust(data) if data.get("type") == TRUST else parse_key(data)


def parse_key(data: Mapping[str, Any]) -> ServiceAccountKey:
    """The key in `data`; AuthenticationFailed names the field that is missing or malformed, never its value."""
    for name in ("project_id", "client_email", "private_key"):
        if not isinstance(data.get(name), str) or not data[name]:
            raise AuthenticationFailed(
                f"The service-account key has no {name}. Give the whole JSON file that Google's console downloads."
            )
    if data.get("type") != "service_account":
        raise AuthenticationFailed('The key file is not of the type "service_account". Create a key for one in IAM.')
    if not _PROJECT.fullmatch(data["project_id"]):
        raise AuthenticationFailed("The project_id of the service-account key is not a Google Cloud project ID.")
    return ServiceAccountKey(
        data["project_id"], data["client_email"], data["private_key"], str(data.get("private_key_id") or "")
    )


def parse_trust(data: Mapping[str, Any]) -> FederatedIdentity:
    """The trust in `data`. What only the schema has checked is checked again here: stored rows may be older than it."""
    if "credential_source" in data:
        raise InvalidSpec(_NO_SOURCE, field="credential_source")
    for name in CREDENTIAL_SCHEMA["properties"].keys() & data.keys():
        allowed = CREDENTIAL_SCHEMA["properties"][name].get("const")
        if name in _OF_KIND[KEY] or (allowed is not None and data[name] != allowed):
            raise InvalidSpec("Leave this field out: a workload identity federation has no use for it.", field=name)
    project, audience = str(data.get("project_id") or ""), str(data.get("audience") or "")
    if not _PROJECT.fullmatch(project):
        raise InvalidSpec("Give project_id, the ID of the Google Cloud project to work in.", field="project_id")
    if not _AUDIENCE.fullmatch(audience):
        raise InvalidSpec(
            "The audience must be //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/"
            "providers/PROVIDER.",
            field="audience",
        )
    identity: WorkspaceIdentity | None = data.get(IDENTITY)
    if identity is None:
        raise AuthenticationFailed(
            "This installation has no public address that Google could trust. Its operator sets SKYCLUST_PUBLIC_URL; "
            "until then give a service account's key."
        )
    return FederatedIdentity(project, audience, _impersonated(data), str(data[TENANT]), identity)


def _impersonated(data: Mapping[str, Any]) -> str:
    given, url = str(data.get("service_account") or ""), str(data.get("service_account_impersonation_url") or "")
    found = _IMPERSONATION.fullmatch(url)
    if url and not found:
        raise InvalidSpec("The address is not Google's. Give service_account instead.", field=_URL_FIELD)
    named = found[1] if found else given
    if given and named != given:
        raise InvalidSpec("It names another service account than service_account. Leave it out.", field=_URL_FIELD)
    if named and not _EMAIL.fullmatch(named):
        raise InvalidSpec("This is not the email of a service account.", field="service_account")
    return named


_URL_FIELD = "service_account_impersonation_url"
