"""Settings of the machine, read once from the environment at start. Users never reach these.

Everything has a default that runs on a laptop; a variable turns one part into its scaled-out form.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from skyclust.kit.addresses import networks
from skyclust.kit.origins import origins

#: Hosts at which only this machine reaches a server.
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(BaseSettings):
    """`SKYCLUST_<NAME>` in the environment. Secrets print as stars."""

    model_config = SettingsConfigDict(env_prefix="SKYCLUST_", extra="ignore")

    data_dir: Path = Field(default=Path("data"), description="embedded PostgreSQL, keys and sandbox state live here")
    database_url: SecretStr | None = Field(default=None, description="postgresql://...; embedded when unset")
    nats_url: SecretStr | None = Field(default=None, description="nats://...; in process when unset")
    redis_url: SecretStr | None = Field(default=None, description="redis://, rediss://, unix://; in process when unset")
    host: str = "127.0.0.1"
    port: int = 8080
    #: Cloud seconds per real second: 1 for real clouds, the sandbox's speed for the sandbox.
    cloud_speed: float = Field(default=1.0, gt=0)
    lease_seconds: float = Field(default=30.0, gt=1)
    access_token_seconds: int = Field(default=900, gt=0)
    #: A session ends after so long whatever happens (absolute), and after so long without a request (idle).
    refresh_token_seconds: int = Field(default=14 * 86400, gt=0)
    session_idle_seconds: int = Field(default=3 * 86400, gt=0)
    #: Dangerous acts (identity/freshness.py) need a sign-in that is at most so old; 0 = they do not.
    reauthentication_minutes: float = Field(default=30.0, ge=0)
    #: Which acts; all of them when unset. In the environment a JSON list: ["cluster.delete", "platform.manage"].
    reauthentication_acts: list[str] | None = None
    #: How often each credential and region is looked over for drift and orphans; real seconds, whatever `cloud_speed`.
    sweep_seconds: float = Field(default=60.0, gt=0)
    #: What each workspace may have at most, unless an administrator of the installation gave it limits of its own.
    quota_clusters: int | None = Field(default=None, ge=0)
    quota_nodes: int | None = Field(default=None, ge=0)
    quota_usd_per_month: float | None = Field(default=None, ge=0)
    #: How often each credential is proved again with real calls, by and large: three to five quarters of it.
    credential_check_seconds: float = Field(default=6 * 3600.0, gt=0)
    #: Where signed heads of the audit log are kept and how often; `audit-heads.jsonl` in the data folder when unset.
    #: On another disk or machine they prove more: whoever holds the database then holds not the proof, too.
    audit_heads_file: Path | None = None
    #: Also POSTed there, as lines of JSON. https:// outside; http:// only where the operator trusts the way.
    audit_heads_webhook: SecretStr | None = None
    audit_heads_seconds: float = Field(default=3600.0, ge=1)
    worker_slots: int = Field(default=200, gt=0, le=10_000)
    #: 32 bytes in base64; a file in the data folder, made at the first start, when unset.
    encryption_key: SecretStr | None = None
    #: A cloud's key service locks the keys of that file: the name of its key, for AWS KMS an ARN or "alias/...".
    kms_key_id: str = ""
    public_url: str = ""
    #: Addresses or networks, comma-separated, of proxies whose X-Forwarded-For is believed.
    trusted_proxies: str = ""
    #: Origins, comma-separated, of web pages beside our own that may use the API (CORS): https://app.example.com
    allowed_origins: str = ""
    #: Per minute, of all processes that share `redis_url`, else of each; 0 is no limit. Per user; of an address that
    #: nobody is known by yet; per user for what is costly: plans, imports, exports, checks of credentials.
    requests_per_minute: int = Field(default=6000, ge=0)
    sign_ins_per_minute: int = Field(default=120, ge=0)
    costly_per_minute: int = Field(default=120, ge=0)
    #: Opens /metrics to whoever sends it as a bearer token; without it there are metrics in the sandbox only.
    metrics_token: SecretStr = SecretStr("")
    #: Where `skyclust worker` alone shows /metrics and /health. 0 = nowhere. One that was set must be free; the default
    #: port is the first worker's of a machine.
    worker_metrics_host: str = "127.0.0.1"
    worker_metrics_port: int = Field(default=9464, ge=0, le=65535)
    #: Who may read /docs and the OpenAPI document. "auto": everybody while only this machine can reach the server.
    docs: Literal["auto", "open", "signed-in"] = "auto"
    #: Event streams that one user may hold open, per process.
    streams_per_user: int = Field(default=50, gt=0)
    #: Single sign-on by OpenID Connect; off when empty. The provider must allow <public_url>/api/v1/auth/oidc/callback.
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_scopes: str = "openid email profile groups"
    oidc_groups_claim: str = "groups"
    #: What groups mean: [{"group": "...", "workspace_id": "...", "role": "user"}, {"group": "...",
    #: "platform_admin": true}]
    oidc_groups: list[dict[str, str | bool]] = Field(default_factory=list)
    #: The sandbox's control API, set by `skyclust up --sandbox`; empty with real clouds.
    sandbox_control: str = ""

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        networks(text.split(","))
        return text

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, text: str) -> str:
        origins(text)
        return text
