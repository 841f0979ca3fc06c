"""Look for settings that are unsafe once other people's clouds are involved. Called by `skyclust admin doctor`.

Each check is a small function on what it needs; invariant: nothing is changed, and no secret is in a finding.
"""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.audit.queries import sinks as audit
from skyclust.contract.keys import KeyServiceError
from skyclust.contract.provider import Provider
from skyclust.contract.registry import load_providers
from skyclust.credentials import service as credentials
from skyclust.credentials.keyring import KeyringError, keyring_from_text
from skyclust.credentials.keyring_files import FILE_NAME, keyring_from_file, read_file
from skyclust.credentials.keyring_opening import finder
from skyclust.entrypoints.administering import NotHereError, servers_database
from skyclust.identity.service import accounts, factors
from skyclust.kit.addresses import networks
from skyclust.kit.db import DATABASE_AWAY, EVERYTHING
from skyclust.kit.migrating import head_revision
from skyclust.kit.settings import LOOPBACK, Settings

HOUR, DAY = 3600, 86400
SHORTEST_TOKEN = 20
#: A proxy's network is smaller than these, by IP version.
SMALLEST_PREFIX = {4: 8, 6: 16}
LIMITS = ("requests_per_minute", "sign_ins_per_minute", "costly_per_minute")
#: Variables that lead the providers to another place than the cloud's own: right for the sandbox only.
ENDPOINTS = (
    "SKYCLUST_AWS_ENDPOINT", "SKYCLUST_AWS_KMS_ENDPOINT", "SKYCLUST_GCP_ENDPOINT", "SKYCLUST_GCP_TOKEN_URI",
    "SKYCLUST_GCP_STS_URI", "SKYCLUST_AZURE_ENDPOINT", "SKYCLUST_AZURE_AUTHORITY", "SKYCLUST_AZURE_CA_FILE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """`severity` is "error" (mend it) or "warning" (know it)."""

    severity: str
    what: str
    why: str
    remedy: str


async def examine(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """Everything that was found, errors first."""
    found = [
        *check_settings(settings),
        *check_surface(settings),
        *check_environment(settings, environ),
        *check_files(settings),
        *check_heads(settings),
    ]
    try:
        async with servers_database(settings) as database, database.session(visible=EVERYTHING) as session:
            found += await check_database(session)
            found += await check_keys(session, settings, load_providers(environ).values())
            found += await check_people(session)
            found += await check_audit(session)
    except NotHereError as away:
        found.append(Finding("warning", "no database was examined", str(away), "Run this while SkyClust runs."))
    except DATABASE_AWAY as away:
        what = f"the database does not answer ({type(away).__name__})"
        found.append(Finding("error", what, "nothing works without it", "Check SKYCLUST_DATABASE_URL and the server."))
    return sorted(found, key=lambda item: item.severity != "error")


def check_settings(settings: Settings) -> list[Finding]:
    """Times and addresses."""
    found = []
    public = settings.public_url
    if settings.host not in LOOPBACK and not public.startswith("https://"):
        found.append(Finding(
            "error", f"listens at {settings.host} without TLS", "passwords and tokens cross the network in the clear",
            "Put a proxy that speaks TLS in front, listen at 127.0.0.1, and set SKYCLUST_PUBLIC_URL=https://...",
        ))  # fmt: skip
    if public.startswith("http://"):
        found.append(Finding(
            "error", "SKYCLUST_PUBLIC_URL is http://", "links and cookies leave the browser unprotected",
            "Use https://.",
        ))  # fmt: skip
    if settings.access_token_seconds > HOUR:
        found.append(Finding(
            "warning", f"access tokens live {settings.access_token_seconds} s", "a stolen one works that long",
            "Leave SKYCLUST_ACCESS_TOKEN_SECONDS at 900.",
        ))  # fmt: skip
    if settings.refresh_token_seconds > 30 * DAY:
        found.append(Finding(
            "warning", f"sessions live {settings.refresh_token_seconds // DAY} days", "nobody signs in anew for long",
            "Leave SKYCLUST_REFRESH_TOKEN_SECONDS at 14 days.",
        ))  # fmt: skip
    if not settings.reauthentication_minutes and not settings.sandbox_control:
        found.append(Finding(
            "warning", "SKYCLUST_REAUTHENTICATION_MINUTES is 0",
            "whoever finds an open session may delete clusters and replace credentials with it", "Leave it at 30.",
        ))  # fmt: skip
    return found


def check_surface(settings: Settings) -> list[Finding]:
    """What strangers can ask, how often, and whose word about addresses is taken."""
    found = []
    reachable = settings.host not in LOOPBACK or bool(settings.public_url)
    proxies = networks(settings.trusted_proxies.split(","))
    if any(network.prefixlen < SMALLEST_PREFIX[network.version] for network in proxies):
        found.append(Finding(
            "error", "SKYCLUST_TRUSTED_PROXIES names half the internet",
            "whoever writes X-Forwarded-For chooses the address that is limited and written down",
            "Name the proxies' own addresses.",
        ))  # fmt: skip
    if reachable and settings.docs == "open" and not settings.sandbox_control:
        found.append(Finding(
            "error", "SKYCLUST_DOCS is open", "strangers read the whole API's description", "Leave it at auto.",
        ))  # fmt: skip
    if 0 < len(settings.metrics_token.get_secret_value()) < SHORTEST_TOKEN:
        found.append(Finding(
            "error", "SKYCLUST_METRICS_TOKEN is short", "it can be guessed", "Use 32 random characters.",
        ))  # fmt: skip
    if settings.worker_metrics_host not in LOOPBACK and settings.worker_metrics_port:
        found.append(Finding(
            "warning", f"workers show their metrics at {settings.worker_metrics_host} without TLS",
            "the token crosses the network in the clear", "Keep that network to yourself, or leave it at 127.0.0.1.",
        ))  # fmt: skip
    if reachable and not proxies and settings.public_url.startswith("https://"):
        found.append(Finding(
            "warning", "no trusted proxy is named", "everybody behind the one that speaks TLS counts as one address",
            "Set SKYCLUST_TRUSTED_PROXIES to its address.",
        ))  # fmt: skip
    found += [
        Finding("warning", f"SKYCLUST_{name.upper()} is 0", "nothing slows down who asks without end",
                "Leave it at its default.")
        for name in LIMITS if reachable and getattr(settings, name) == 0
    ]  # fmt: skip
    return found


def check_environment(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """What belongs to the sandbox and to nothing else."""
    if settings.sandbox_control:
        return []
    found = [
        Finding("error", f"{name} is set", "credentials are sent there instead of to the cloud",
                "Unset it; only the sandbox needs it.")
        for name in ENDPOINTS if environ.get(name)
    ]  # fmt: skip
    if settings.cloud_speed != 1.0:
        found.append(Finding(
            "error", f"SKYCLUST_CLOUD_SPEED is {settings.cloud_speed:g}",
            "consistency windows shrink with it, and resources may be made twice", "Unset it.",
        ))  # fmt: skip
    if environ.get("SKYCLUST_WITH_SIM") == "1":
        found.append(Finding(
            "warning", "SKYCLUST_WITH_SIM is set", "an invented cloud is offered to people", "Unset it.",
        ))  # fmt: skip
    return found


def check_files(settings: Settings) -> list[Finding]:
    """Who else on this machine can read the keyring, and whether it stands apart from what it locks."""
    if settings.encryption_key is not None:
        return []
    path = settings.data_dir / FILE_NAME
    if not path.exists():
        return [Finding("warning", f"there is no {path}", "the first start makes one", "Back it up once it is there.")]
    found = []
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        found.append(Finding(
            "error", f"{path} can be read by others", "it opens every credential", f"chmod 600 {path}",
        ))  # fmt: skip
    if settings.kms_key_id:
        return found + _check_locks(path)
    if settings.database_url is None:
        found.append(Finding(
            "warning", "keyring and database lie in one folder", "whoever copies the folder has both",
            "Back them up apart, or keep the key in SKYCLUST_ENCRYPTION_KEY.",
        ))  # fmt: skip
    return found


def check_heads(settings: Settings) -> list[Finding]:
    """Whether what proves the audit log lies elsewhere than what it proves: an embedded database is in the folder."""
    if settings.database_url is not None or settings.audit_heads_webhook is not None:
        return []
    file = settings.audit_heads_file
    if file is not None and not file.resolve().is_relative_to(settings.data_dir.resolve()):
        return []
    return [Finding(
        "warning", "the audit log's signed heads lie in the data folder beside the database",
        "whoever can change the one can take the other away: a cut of the log's end would not show",
        "Set SKYCLUST_AUDIT_HEADS_FILE to another disk, or SKYCLUST_AUDIT_HEADS_WEBHOOK to another machine.",
    )]  # fmt: skip


def _check_locks(path: Path) -> list[Finding]:
    """With a key service no key should lie in the clear any more."""
    try:
        clear = len(read_file(path).clear)
    except KeyringError:
        return []  # told by `check_keys`, and above
    if not clear:
        return []
    return [Finding(
        "warning", f"{clear} key(s) of {path} are not locked by the key service", "whoever reads the file has them",
        "Run skyclust admin rotate-keys, and destroy older copies of the file.",
    )]  # fmt: skip


async def check_database(session: AsyncSession) -> list[Finding]:
    """Schema, and whether the role is held by row-level security."""
    found = []
    revision = await session.scalar(text("SELECT version_num FROM alembic_version"))
    if revision != head_revision():
        found.append(Finding(
            "error", f"the schema is {revision}, this version needs {head_revision()}", "requests fail",
            "Run skyclust migrate as the database's owner.",
        ))  # fmt: skip
    above = await session.scalar(text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"))
    owns = await session.scalar(
        text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
    )
    if above or owns:
        found.append(Finding(
            "error", "the servers use the database as its owner or a superuser",
            "the second net under the tenants and the insert-only audit log do not hold",
            "Give them a role of their own, as docs/security.md says.",
        ))  # fmt: skip
    loose = await session.scalars(text(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' "
        "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace "
        "AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1"
    ))  # fmt: skip
    found += [
        Finding("error", f"{name} is not held by row-level security", "tenants may see each other's rows",
                "Run skyclust migrate, and undo what switched it off.")
        for name in loose
    ]  # fmt: skip
    if await session.scalar(text("SELECT has_table_privilege('audit_entries', 'DELETE, UPDATE')")):
        found.append(Finding(
            "error", "the servers may change the audit log", "whoever breaks in can edit it",
            "REVOKE UPDATE, DELETE ON audit_entries from their role.",
        ))  # fmt: skip
    if await session.scalar(text("SELECT current_setting('synchronous_commit')")) == "off":
        found.append(Finding(
            "error", "synchronous_commit is off", "what was acknowledged may be lost",
            "Switch it on.",
        ))  # fmt: skip
    return found


async def check_keys(session: AsyncSession, settings: Settings, providers: Iterable[Provider]) -> list[Finding]:
    """Keys that the database needs and this machine does not have; work that a rotation has left."""
    try:
        if settings.encryption_key is not None:
            keyring = keyring_from_text(settings.encryption_key)
        elif (settings.data_dir / FILE_NAME).exists():
            keyring = keyring_from_file(settings.data_dir / FILE_NAME, finder(providers))
        else:
            return []
    except KeyringError as error:
        return [Finding("error", "the keyring cannot be used", "credentials stay sealed", str(error))]
    except KeyServiceError as error:
        return [
            Finding(
                "error",
                "the keyring cannot be opened",
                str(error),
                "Let this machine's identity use the key, and see whether the key service answers.",
            )
        ]
    used = Counter(await credentials.keys_in_use(session)) + Counter(await factors.keys_in_use(session))
    found = [
        Finding("error", f"the key {key_id} is missing", f"{count} secrets cannot be opened",
                "Restore the keyring's backup.")
        for key_id, count in used.items() if key_id not in keyring.ids
    ]  # fmt: skip
    old = sum(count for key_id, count in used.items() if key_id in keyring.ids and key_id != keyring.active_id)
    if old:
        found.append(Finding(
            "warning", f"{old} secrets lie under an older key", "the rotation is not finished",
            "Run skyclust admin rotate-keys --only-rewrap.",
        ))  # fmt: skip
    return found


async def check_audit(session: AsyncSession) -> list[Finding]:
    """Whether the proof against a cut audit log leaves the database."""
    return [
        Finding(
            "error", f"the audit log's heads are not exported ({sink.name}, since {sink.failing_since:%F %H:%M %Z})",
            "a cut of the log's end would not show", f"{sink.last_error} Mend it; what was missed is sent then.",
        )
        for sink in await audit.failing_sinks(session)
    ]  # fmt: skip


async def check_people(session: AsyncSession) -> list[Finding]:
    """Administrators whom a stolen password is enough to become."""
    alone = await accounts.admins_without_factor(session)
    if not alone:
        return []
    return [Finding(
        "warning", f"{alone} administrator(s) of the installation sign in with a password alone",
        "a stolen one opens everything", "Have them run skyclust second-factor enable.",
    )]  # fmt: skip
