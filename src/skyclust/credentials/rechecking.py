"""Ask the clouds again about every credential, now and then. Run by every worker beside its engine and sweeps.

Invariants: one worker at a time asks about one credential, a few at once in each; no session is open meanwhile; checks
wait for operations where both need the credential's API budget; a throttled cloud makes nothing invalid.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from skyclust.contract.errors import AuthenticationFailed, Permanent, PermissionDenied, ProviderError, Throttled
from skyclust.contract.provider import Provider
from skyclust.credentials import service
from skyclust.credentials.clouds import open_secret, ready_to_sign, secrets_of
from skyclust.credentials.issuing import Issuer
from skyclust.credentials.judging import Outcome, Refused, Schedule, Silent
from skyclust.credentials.models import CredentialRow
from skyclust.kit.db import EVERYTHING, Database
from skyclust.kit.keys import KeySource
from skyclust.kit.redacting import remember, scrub
from skyclust.provisioning.pacing import Budget

#: How long one check may take. The lease of a check is longer (service.CHECK_LEASE).
CHECK_SECONDS = 60.0
#: The cloud's no is believed when it was said twice: keys that spread slowly are refused now and then.
REFUSALS = 2


@dataclass
class Rechecker:
    """One worker's checks.

    issuer     vouches for workspaces to clouds that trust this installation
    slots      checks under way at once
    budget_of  the credential's API budget, which is the engine's
    on_fault   told of what a provider raised besides its errors; the check counts as one without an answer
    on_outage  told that the database cannot be reached, or of a defect of ours; checks go on
    """

    database: Database
    keyring: KeySource
    providers: Mapping[str, Provider]
    schedule: Schedule
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    budget_of: Callable[[UUID], Budget]
    issuer: Issuer | None = None
    slots: int = 4
    check_seconds: float = CHECK_SECONDS
    on_fault: Callable[[CredentialRow, BaseException], None] = field(default=lambda _row, _error: None)
    on_outage: Callable[[BaseException], None] = field(default=lambda _error: None)

    async def run(self, stop: asyncio.Event, *, look_seconds: float = 15.0) -> None:
        """Check what is due until `stop`. Checks under way are cut then: they only read."""
        stopping = asyncio.create_task(stop.wait())
        checking: asyncio.Task[bool] | None = None
        try:
            while not stop.is_set():
                checking = asyncio.create_task(self._round())
                await asyncio.wait({stopping, checking}, return_when=asyncio.FIRST_COMPLETED)
                if checking.done() and not checking.result():
                    await asyncio.wait({stopping}, timeout=look_seconds)
        finally:
            tasks: list[asyncio.Task[bool]] = [stopping] if checking is None else [stopping, checking]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _round(self) -> bool:
        """Whether more may be due already."""
        try:
            return await self.check_due() == self.slots
        except Exception as error:  # noqa: BLE001 - whatever a database raises while it restarts
            self.on_outage(error)
            return False

    async def check_due(self) -> int:
        """Check up to `slots` of those that are due, longest waiting first; how many that were."""
        async with self.database.session(visible=EVERYTHING) as session:
            rows = await service.lease_checks(session, self.slots, self.now())
        done = await asyncio.gather(*(self._check(row) for row in rows), return_exceptions=True)
        for error in done:
            if isinstance(error, Exception):
                self.on_outage(error)  # its lease runs out, and another check comes
        return len(rows)

    async def _check(self, row: CredentialRow) -> None:
        outcome = await self._ask(row)
        async with self.database.session(visible=str(row.workspace_id)) as session:
            await service.record_check(session, row, outcome, schedule=self.schedule, now=self.now())

    async def _ask(self, row: CredentialRow) -> Outcome:
        provider = self.providers.get(row.provider)
        if provider is None:
            return Silent(f"The provider {row.provider!r} is not installed here.")
        wait = self.budget_of(row.id).delay(self.monotonic())
        if wait > 0:
            return Silent("The account's API budget is used up by operations.", wait, busy=True)
        await ready_to_sign(provider, self.issuer, self.database)
        try:
            data = open_secret(self.keyring, row, self.issuer)
        except ProviderError as error:
            return Silent(error.message)
        for _ in range(REFUSALS - 1):
            outcome = await self._verify(row, provider, data)
            if not isinstance(outcome, Refused):
                return outcome
        return await self._verify(row, provider, data)

    async def _verify(self, row: CredentialRow, provider: Provider, data: Mapping[str, object]) -> Outcome:
        region = data.get("region")
        remember(secrets_of(provider.credential_schema, data))
        try:
            async with asyncio.timeout(self.check_seconds):
                return await provider.verify(data, region if isinstance(region, str) else None)
        except ProviderError as error:
            if isinstance(error, Throttled):
                self.budget_of(row.id).throttled(self.monotonic(), error.retry_after_seconds)
            return outcome_of(error, scrub(error.message))
        except TimeoutError:
            return Silent(f"{provider.title} did not answer within {self.check_seconds:g} s.")
        except Exception as error:  # noqa: BLE001 - a defect of a provider says nothing about the credential
            self.on_fault(row, error)
            return Silent(f"The check failed with {type(error).__name__}; the log has the details.")


def outcome_of(error: ProviderError, message: str) -> Outcome:
    """What the cloud's error says about the credential; `message` is its text without secrets."""
    if isinstance(error, AuthenticationFailed | PermissionDenied | Permanent):
        call = f" The refused call was {error.operation}." if error.operation and error.operation not in message else ""
        return Refused(f"{message}{call}")
    if isinstance(error, Throttled):
        return Silent(message, error.retry_after_seconds, busy=True)
    return Silent(message)
