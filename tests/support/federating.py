"""A simulated Google Cloud that trusts an installation: pools, providers and grants, made as an owner makes them.

`Trusting(sandbox)` is for a `CloudSandbox` of Google Cloud; everything is called with the sandbox's own key.
"""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from joserfc.jwk import KeySet

from skyclust.contract.identities import IDENTITY
from skyclust.contract.provider import TENANT
from skyclust.credentials.issuing import Issuer, issuer_at
from skyclust.credentials.keyring import Keyring
from skyclust.credentials.models import tenant_name
from skyclust.credentials.rsa_keys import RsaKeys, new_key, opened

ISSUER = "https://skyclust.example.com"
OURS, THEIRS = UUID(int=1), UUID(int=2)
USER = "roles/iam.workloadIdentityUser"


@cache
def rsa_pem(number: int = 0) -> bytes:
    """A private key, another one for each number. Making one takes a second."""
    del number
    return new_key()


def issuer(
    url: str = ISSUER, *, key: bytes = bytes(range(32)), behind: timedelta = timedelta(), rsa: int | None = None
) -> Issuer:
    """An installation that signs; `behind` turns its clock back, `rsa` tells which RSA key it has besides."""
    keys = Keyring("k1", {"k1": key})
    loaded = RsaKeys(keys, _open={} if rsa is None else {"k1": opened("k1", rsa_pem(rsa))})
    return issuer_at(keys, url, lambda: datetime.now(UTC) - behind, loaded)


def vouched(data: dict, workspace: UUID, by: Issuer) -> dict:
    """What the provider gets for this workspace."""
    return {**data, TENANT: tenant_name(workspace), IDENTITY: by.identity_of(workspace)}


@dataclass
class Trusting:
    sandbox: object
    pool: str = "skyclust"
    number: str = ""
    account: str = field(default="")

    def __post_init__(self):
        self.number = self.sandbox.ready["gcp"]["project_number"]
        self.pools = f"projects/{self.number}/locations/global/workloadIdentityPools"

    @property
    def audience(self) -> str:
        return f"//iam.googleapis.com/{self.pools}/{self.pool}/providers/skyclust"

    def call(self, make):
        session = self.sandbox.provider.connect(self.sandbox.credential, "europe-west1")
        return asyncio.run(session.write(make))

    def trust(self, by: Issuer, subject: UUID | None = OURS, *, upload: bool = True, **changes) -> "Trusting":
        """A pool with one provider; it lets in `subject`, or everybody."""
        body = {
            "attributeMapping": {"google.subject": "assertion.sub"},
            "oidc": {"issuerUri": by.url, **({"jwksJson": json.dumps(by.key_set())} if upload else {})},
            **({"attributeCondition": f"google.subject == '{tenant_name(subject)}'"} if subject else {}),
            **changes,
        }
        self.call(
            lambda apis: _pools(apis).create(
                parent=self.pools.rpartition("/")[0], workloadIdentityPoolId=self.pool, body={}
            )
        )
        self.call(lambda apis: _pools(apis).providers().create(
            parent=f"{self.pools}/{self.pool}", workloadIdentityPoolProviderId="skyclust", body=body,
        ))  # fmt: skip
        return self

    def change(self, mask: str, **body) -> None:
        name = self.audience.removeprefix("//iam.googleapis.com/")
        self.call(lambda apis: _pools(apis).providers().patch(name=name, updateMask=mask, body=body))

    def member(self, subject: UUID = OURS) -> str:
        return f"principal://iam.googleapis.com/{self.pools}/{self.pool}/subject/{tenant_name(subject)}"

    def grant(self, member: str, role: str = USER) -> str:
        """A service account that `member` may act as; its email."""
        made = self.call(lambda apis: apis.iam.projects().serviceAccounts().create(
            name=f"projects/{self.sandbox.project}", body={"accountId": "clusters"},
        ))  # fmt: skip
        policy = {"bindings": [{"role": role, "members": [member]}]}
        self.call(lambda apis: apis.iam.projects().serviceAccounts().setIamPolicy(
            resource=made["name"], body={"policy": policy},
        ))  # fmt: skip
        return made["email"]

    def data(self, **changes) -> dict:
        """What a user enters."""
        return {
            "type": "external_account", "project_id": self.sandbox.project, "audience": self.audience, **changes,
        }  # fmt: skip


def _pools(apis):
    return apis.iam.projects().locations().workloadIdentityPools()


def is_key_set(document: dict) -> bool:
    """Whether a stranger can check tokens with it, and do nothing else."""
    return bool(KeySet.import_key_set(document).keys) and not any("d" in key for key in document["keys"])
