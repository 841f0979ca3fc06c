"""Credential -> open provider session. Used by the engine (as its `Clouds`) and by slices that read a cloud.

Invariant: every call looks the credential up again inside the workspace it is used for, so one that was deleted,
replaced or belongs to somebody else is never used, whatever an old row or request says.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from skyclust.contract.errors import AuthenticationFailed, NotSupported, Unavailable
from skyclust.contract.identities import IDENTITY, RS256, TrustsIssuers
from skyclust.contract.imports import Importing
from skyclust.contract.provider import TENANT, Driver, Provider, Session
from skyclust.credentials import queries
from skyclust.credentials.issuing import Issuer
from skyclust.credentials.models import CredentialRow, tenant_name
from skyclust.credentials.rsa_keys import RsaKeys
from skyclust.credentials.sealing import Binding, Sealed, UnsealError, unseal
from skyclust.kit.db import Database, sees_from_start
from skyclust.kit.keys import KeySource, KeysSealedError
from skyclust.kit.redacting import remember
from skyclust.provisioning.rows import StackRef

#: Open sessions kept; the longest unused one goes first.
MAX_SESSIONS = 256
#: A session that was replaced is closed when calls in flight (25 s at most) are surely over.
CLOSE_AFTER_SECONDS = 60.0

#: Drivers of what is the same on every cloud, given the provider: of what is inside clusters.
DriversOf = Callable[[Provider], Mapping[str, Driver]]
_common: list[DriversOf] = []


def register_drivers(drivers_of: DriversOf) -> None:
    """Have the engine find these besides each provider's own. Called at wiring, once each."""
    if drivers_of not in _common:
        _common.append(drivers_of)


@dataclass(frozen=True, slots=True)
class _Key:
    credential_id: UUID
    version: int
    region: str


@dataclass
class CloudSessions:
    """Sessions per (credential, version, region), shared by concurrent calls and closed here."""

    database: Database = field(repr=False)
    keyring: KeySource = field(repr=False)
    providers: Mapping[str, Provider] = field(repr=False)
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    issuer: Issuer | None = field(default=None, repr=False)
    _open: dict[_Key, Session] = field(default_factory=dict, repr=False)
    _retired: list[tuple[float, Session]] = field(default_factory=list, repr=False)
    #: Of the whole process: routes sign and publish with these, too.
    rsa_keys: RsaKeys = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.rsa_keys = RsaKeys(self.keyring)

    def provider(self, name: str) -> Provider:
        """The installed provider; NotSupported names the installed ones."""
        found = self.providers.get(name)
        if found is None:
            installed = ", ".join(self.providers) or "none"
            raise NotSupported(f"There is no provider {name!r} here. Installed: {installed}.")
        return found

    def driver(self, provider: str, kind: str) -> Driver:
        """The driver of a kind; NotSupported when the provider or the kind is not installed."""
        found = self.provider(provider)
        try:
            return found.driver(kind)
        except KeyError:
            for drivers_of in _common:
                if kind in (drivers := drivers_of(found)):
                    return drivers[kind]
            raise NotSupported(f"The provider {provider!r} has no driver for {kind!r}.") from None

    def importing(self, provider: str) -> Importing:
        """The provider as one that imports; NotSupported when it does not offer that."""
        found = self.provider(provider)
        if not isinstance(found, Importing):
            raise NotSupported(f"{found.title} offers no import of what exists.")
        return found

    async def session(self, stack: StackRef) -> Session:
        """An open session for the stack's credential, checked again to belong to the stack's workspace."""
        return await self.session_for(stack.workspace_id, stack.credential_id, stack.region)

    async def session_for(self, workspace_id: UUID, credential_id: UUID, region: str) -> Session:
        """An open session, never to be closed by the caller. AuthenticationFailed when the credential is not there."""
        row = await self._credential(workspace_id, credential_id)
        await self._close_retired()
        if row is None:
            self._retire(credential_id)
            raise AuthenticationFailed(
                "The credential was deleted or belongs to another workspace. Choose another one."
            )
        provider = self.provider(row.provider)
        await ready_to_sign(provider, self.issuer, self.database)
        key = _Key(credential_id, row.version, region)
        found = self._open.pop(key, None)
        if found is None:
            self._retire(credential_id, but_version=row.version)
            data = open_secret(self.keyring, row, self.issuer)
            remember(secrets_of(provider.credential_schema, data))
            found = provider.connect(data, region)
        self._open[key] = found  # at the end: the dict is ordered by last use
        self._retire_excess()
        return found

    async def default_region(self, workspace_id: UUID, credential_id: UUID) -> str | None:
        """The region that the credential's data names, if it names one: used where a request names none."""
        row = await self._credential(workspace_id, credential_id)
        region = open_secret(self.keyring, row, None).get("region") if row is not None else None
        return region if isinstance(region, str) and region else None

    async def close(self) -> None:
        """Close every session."""
        sessions = [*self._open.values(), *(session for _, session in self._retired)]
        self._open.clear()
        self._retired.clear()
        for session in sessions:
            await session.close()

    async def _credential(self, workspace_id: UUID, credential_id: UUID) -> CredentialRow | None:
        async with self.database.session() as session:
            sees_from_start(session, [workspace_id])
            return await queries.credential_in(session, [workspace_id], credential_id)

    def _retire(self, credential_id: UUID, but_version: int | None = None) -> None:
        for key in [key for key in self._open if key.credential_id == credential_id and key.version != but_version]:
            self._retired.append((self.monotonic(), self._open.pop(key)))

    def _retire_excess(self) -> None:
        while len(self._open) > MAX_SESSIONS:
            self._retired.append((self.monotonic(), self._open.pop(next(iter(self._open)))))

    async def _close_retired(self) -> None:
        now = self.monotonic()
        due = [session for since, session in self._retired if now - since >= CLOSE_AFTER_SECONDS]
        self._retired = [(since, session) for since, session in self._retired if now - since < CLOSE_AFTER_SECONDS]
        for session in due:
            await session.close()


async def ready_to_sign(provider: Provider, issuer: Issuer | None, database: Database) -> None:
    """Before a credential is opened, and before an open one is used: an identity signs without a query."""
    if issuer is None or not issuer.url or not isinstance(provider, TrustsIssuers):
        return
    if provider.trusted_algorithm == RS256:
        await issuer.rsa.load(database, make=True)


def binding_of(row: CredentialRow) -> Binding:
    """What the row's envelope is bound to."""
    return Binding(row.workspace_id, row.id, row.version)


def open_secret(keys: KeySource, row: CredentialRow, issuer: Issuer | None) -> dict[str, object]:
    """The data as a provider gets it. AuthenticationFailed when it does not open, Unavailable while sealed."""
    try:
        plaintext = unseal(keys, binding_of(row), Sealed(row.key_id, row.wrapped_key, row.sealed))
    except UnsealError as error:
        message = f"The credential cannot be opened: {error} Or enter its secret again."
        raise AuthenticationFailed(message) from None
    except KeysSealedError:
        raise Unavailable("The server cannot open its keys now. It goes on when it can.") from None
    return for_provider(orjson.loads(plaintext), row.workspace_id, issuer)


def for_provider(data: Mapping[str, object], workspace_id: UUID, issuer: Issuer | None) -> dict[str, object]:
    """A credential's data with whose it is, and who vouches for that: what a provider gets."""
    identity = issuer.identity_of(workspace_id) if issuer is not None else None
    vouched = {IDENTITY: identity} if identity is not None else {}
    return {**data, TENANT: tenant_name(workspace_id), **vouched}


def secrets_of(schema: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[str]:
    """The values of the fields that the provider's schema calls writeOnly."""
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from secrets_of(choice, data)
    for name, inner in schema.get("properties", {}).items():
        value = data.get(name)
        if isinstance(value, str) and inner.get("writeOnly"):
            yield value
        elif isinstance(value, Mapping):
            yield from secrets_of(inner, value)
