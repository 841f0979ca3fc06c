"""The loop that claims due rows, decides with pure functions, calls the cloud and applies the result.

Called by `skyclust worker` and by the simulator. Time, randomness, the store and the clouds are parameters.
Invariant: no mutating call without a committed intent; no write without the fence.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Protocol, TypeVar
from uuid import UUID

from skyclust.contract.errors import NotSupported, ProviderError, Throttled, TimedOut, Unclassified
from skyclust.contract.imports import Importing
from skyclust.contract.provider import Driver, Patient, Session
from skyclust.contract.resources import Change, JsonObject, Observed
from skyclust.kit.redacting import scrub
from skyclust.provisioning import deciding, settling
from skyclust.provisioning.deciding import UNLOOKED, Rules, Seen
from skyclust.provisioning.doubting import Watch
from skyclust.provisioning.drifting import unaccepted
from skyclust.provisioning.pacing import Budget, Pace
from skyclust.provisioning.planning import resolve_known
from skyclust.provisioning.rows import Claim, Desired, Intent, Patch, ResourceRow, StackRef, State
from skyclust.provisioning.store import Store

T = TypeVar("T")

#: A row that waits for its credential's budget comes back no sooner.
MIN_PAUSE_SECONDS = 0.05
#: A decision leads to a look and a second decision; more rounds than this in one claim is a bug.
MAX_ROUNDS = 4
#: Rows leased at once; as many as that may have left more behind.
MAX_CLAIMS = 50
#: For how long a remark on what is being changed is waited for.
REMARK_SECONDS = 5.0
#: One credential's share of the slots; a batch of claims may exceed it once. The rest is for the others.
SLOT_SHARE = 0.25


class Clouds(Protocol):
    """Where the engine gets drivers and sessions from. Raises ProviderError when the credential cannot be used."""

    def driver(self, provider: str, kind: str) -> Driver:
        """The driver of a kind; NotSupported when the provider or kind is not installed."""
        ...

    def importing(self, provider: str) -> Importing:
        """Who puts our mark on what is imported and takes it off again; NotSupported when the provider does not."""
        ...

    async def session(self, stack: StackRef) -> Session:
        """An open session for the stack's credential, checked again to belong to the stack's workspace."""
        ...


class Crash(BaseException):
    """Raised by simulated crash points; nothing may catch it."""


async def _nowhere(_: str) -> None:
    return None


@dataclass
class Engine:
    """One worker's engine.

    monotonic       real seconds, for leases and budgets
    crash_point     awaited at named moments; the simulator raises Crash there
    call_seconds    limit of one cloud call in real seconds; below the lease
    on_fault        told of what a row's reconciliation raised; the lease protects the row meanwhile
    on_call         told how each call of a cloud ended: "ok", or the reason of its error
    remark          asked at polls what more is to be said of a row that is being changed; may fail, may say nothing
    on_outage       told that the store cannot be reached; the engine goes on when it can
    """

    store: Store
    clouds: Clouds
    worker: str
    monotonic: Callable[[], float]
    rng: Random
    pace: Pace = field(default_factory=Pace)
    slots: int = 200
    call_seconds: float = 25.0
    crash_point: Callable[[str], Awaitable[None]] = _nowhere
    on_fault: Callable[[Claim, BaseException], None] = lambda _claim, _error: None
    on_outage: Callable[[BaseException], None] = lambda _error: None
    on_call: Callable[[Claim, str], None] = lambda _claim, _outcome: None
    remark: Callable[[Claim], Awaitable[str]] | None = None
    _budgets: dict[UUID, Budget] = field(default_factory=dict)
    _busy: Counter[UUID] = field(default_factory=Counter)
    _watch: Watch = field(default_factory=Watch)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _doorbell: asyncio.Event = field(default_factory=asyncio.Event)
    #: How often the bell was rung for something that happened, not for the time.
    _news: int = 0

    @property
    def in_flight(self) -> int:
        """Rows at work on now; at most `slots`."""
        return len(self._running)

    def ring(self) -> None:
        """Something may be due: look now instead of at the next sweep."""
        self._news += 1
        self._doorbell.set()

    async def run(self, stop: asyncio.Event, *, sweep_seconds: float = 2.0) -> None:
        """Work until `stop` is set, then let calls in flight finish and hand the leases back."""
        stopping = asyncio.create_task(self._ring_at(stop))
        try:
            while not stop.is_set():
                self._doorbell.clear()
                try:
                    wait = await self._fill_and_tell_pause(sweep_seconds)
                except Exception as error:  # noqa: BLE001 - whatever a store raises while its database restarts
                    self.on_outage(error)
                    wait = sweep_seconds
                if wait and not stop.is_set():
                    await self._rest(wait)
        finally:
            stopping.cancel()
            await self._drain()

    async def _ring_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self.ring()

    async def _fill_and_tell_pause(self, sweep_seconds: float) -> float:
        """Claim what is due. Seconds until it is worth to claim again; a finished row may ring before."""
        free = self.slots - len(self._running)
        if free <= 0:
            return sweep_seconds
        limit = min(free, MAX_CLAIMS)
        pauses = self._pauses()
        without = frozenset(pauses)
        claims = await self.store.claim(self.worker, limit, without)
        for claim in claims:
            task = asyncio.create_task(self._guarded(claim))
            self._running.add(task)
            self._busy[claim.stack.credential_id] += 1
            task.add_done_callback(partial(self._done, claim.stack.credential_id))
        if len(claims) == limit:
            return 0.0
        next_wake = await self.store.seconds_to_next_wake(without)
        waits = [sweep_seconds, *pauses.values(), *([] if next_wake is None else [next_wake])]
        return max(min(waits), 0.01)

    def _pauses(self) -> dict[UUID, float]:
        """Credentials that take no more work now -> seconds until they may, unless the bell rings before.

        The cloud has told them to slow down, or answers so slowly that they have all the slots that they may have.
        """
        now = self.monotonic()
        paused = {credential: budget.pause(now) for credential, budget in self._budgets.items()}
        full = {credential: math.inf for credential, count in self._busy.items() if count >= self._share}
        return {credential: pause for credential, pause in paused.items() if pause > 0} | full

    @property
    def _share(self) -> int:
        return max(1, int(self.slots * SLOT_SHARE))

    def _done(self, credential_id: UUID, task: asyncio.Task[None]) -> None:
        """Make room. Who was full has left work behind, and looks for it now."""
        if len(self._running) >= self.slots or self._busy[credential_id] == self._share:
            self.ring()
        self._running.discard(task)
        self._busy[credential_id] -= 1

    async def _drain(self) -> None:
        """Calls in flight may finish; what does not is cut, its open intent tells the next worker to look for it."""
        if self._running:
            await asyncio.wait(self._running, timeout=20)
        for task in tuple(self._running):
            task.cancel()
        try:
            await self.store.release(self.worker)
        except Exception as error:  # noqa: BLE001 - the leases then run out by themselves
            self.on_outage(error)

    async def _rest(self, wait: float) -> None:
        """Until the bell rings, or for `wait` seconds."""
        alarm = asyncio.get_running_loop().call_later(wait, self._doorbell.set)
        try:
            await self._doorbell.wait()
        finally:
            alarm.cancel()

    def _ring_for(self, claim: Claim, patch: Patch, news_before: int) -> None:
        """A row has been written: look for what is due now, or only when the row itself is due again.

        The latter spares two questions to the store for every look at something that is still settling. It holds when
        the row has moved no neighbour and nothing has happened meanwhile that could have made the row itself due.
        """
        wait = patch.wake_in_seconds
        if patch.row.state is not claim.row.state or wait == 0 or self._news != news_before:
            self.ring()
        elif wait is not None:
            asyncio.get_running_loop().call_later(wait, self._doorbell.set)

    async def _guarded(self, claim: Claim) -> None:
        """One row's fault must not stop the others. Its lease runs out and it is tried again."""
        try:
            await self.reconcile(claim)
        except Exception as error:  # noqa: BLE001 - reported with its claim; the lease protects the row meanwhile
            self.on_fault(claim, error)

    async def reconcile(self, claim: Claim) -> None:
        """Do the one thing that is next for the claimed row and write it down."""
        started, news = self.monotonic(), self._news
        try:
            patch = self._patient(claim, await self._next_patch(claim, started), started)
        except StaleClaimError:
            await self.store.apply(claim, Patch(claim.row, 0))
            self.ring()
            return
        await self.crash_point("before apply")
        try:
            applied = await self.store.apply(claim, patch)
        except Exception:
            await self._see_off_second(claim, patch)
            raise
        if applied:
            if patch.wake_in_seconds is None:
                self._watch.forget(patch.row)
            self._ring_for(claim, patch, news)
        else:
            self.ring()
            await self._see_off_second(claim, patch)

    def _patient(self, claim: Claim, patch: Patch, started: float) -> Patch:
        """The patch, as far as the driver's patience goes."""
        try:
            driver = self.clouds.driver(claim.stack.provider, claim.row.kind)
        except ProviderError:
            return patch
        if not isinstance(driver, Patient):
            return patch
        return settling.with_patience(patch, self._now(claim, started), driver.patience_seconds(claim.row.spec))

    async def _next_patch(self, claim: Claim, started: float) -> Patch:
        try:
            driver = self.clouds.driver(claim.stack.provider, claim.row.kind)
        except ProviderError as error:
            return self._refused(claim, started, error, mutating=False)
        seen: Seen = UNLOOKED
        spec = resolve_known(claim.row.spec, claim.outputs())
        rules = self._rules(claim, driver, spec)
        for turn in range(MAX_ROUNDS):
            now = self._now(claim, started)
            action = deciding.next_action(claim, seen, now, rules)
            if isinstance(action, deciding.Wait):
                action = await self._remarked(claim, action)
            if not isinstance(action, deciding.Call):
                return settling.settle(claim, action, now, self.pace, _expected(driver, claim))
            delay = self.budget_of(claim.stack.credential_id).delay(self.monotonic(), on_credit=turn > 0)
            if delay > 0:
                return Patch(claim.row, max(delay, MIN_PAUSE_SECONDS))
            outcome = await self._call(claim, driver, action, spec if spec is not None else claim.row.spec, started)
            if isinstance(outcome, Patch):
                return outcome
            seen = outcome
        raise AssertionError(f"{claim.row.key}: no decision after {MAX_ROUNDS} rounds")

    async def _remarked(self, claim: Claim, wait: deciding.Wait) -> deciding.Wait:
        """The wait for a change in the cloud, with what more is known of it than the cloud says."""
        if self.remark is None or claim.row.state is not State.UPDATING or wait.until is not None:
            return wait
        try:
            async with asyncio.timeout(REMARK_SECONDS):
                said = await self.remark(claim)
        except Exception:  # noqa: BLE001 - it only tells: nothing of the step hangs on it
            return wait
        return replace(wait, reason=scrub(said)) if said else wait

    async def _call(
        self, claim: Claim, driver: Driver, action: deciding.Call, spec: JsonObject, started: float
    ) -> Patch | Observed | None:
        external_id = claim.row.external_id or ""
        match action:
            case deciding.Find():
                return await self._look(claim, started, lambda s: driver.find(s, claim.mark, spec))
            case deciding.Observe():
                return await self._look(claim, started, lambda s: driver.observe(s, external_id, spec))
            case deciding.Create():
                return await self._create(claim, driver, spec, started)
            case deciding.Update(changes):
                return await self._update(claim, driver, spec, changes, started)
            case deciding.Delete():
                return await self._delete(claim, driver, spec, started)
            case deciding.PutMark(observed):
                return await self._put_mark(claim, spec, observed, started)
            case deciding.TakeMark():
                return await self._take_mark(claim, spec, started)

    async def _look(
        self, claim: Claim, started: float, call: Callable[[Session], Awaitable[Observed | None]]
    ) -> Patch | Observed | None:
        try:
            return await self._in_time(claim, call)
        except ProviderError as error:
            return self._refused(claim, started, error, mutating=False)

    async def _create(self, claim: Claim, driver: Driver, spec: JsonObject, started: float) -> Patch:
        begun = await self._begin(claim, "create", State.CREATING, started)
        try:
            await self.crash_point("before create")
            observed = await self._in_time(begun, lambda s: driver.create(s, begun.mark, spec))
            await self.crash_point("after create")
        except ProviderError as error:
            return self._refused(begun, started, error, mutating=True)
        self._watch.made(begun.row, self.monotonic())
        now = self._now(begun, started)
        return settling.created(begun.row, observed, now, self.pace, driver.expected_seconds("create", spec))

    async def _update(
        self, claim: Claim, driver: Driver, spec: JsonObject, changes: tuple[Change, ...], started: float
    ) -> Patch:
        begun = await self._begin(claim, "update", claim.row.state, started)
        external_id = claim.row.external_id or ""
        try:
            await self.crash_point("before update")
            await self._in_time(begun, lambda s: driver.update(s, external_id, spec, changes, begun.mark))
            await self.crash_point("after update")
        except ProviderError as error:
            return self._refused(begun, started, error, mutating=True)
        return settling.updated(begun.row, self._now(begun, started), self.pace)

    async def _delete(self, claim: Claim, driver: Driver, spec: JsonObject, started: float) -> Patch:
        state = State.REPLACING if claim.row.state is State.REPLACING else State.DELETING
        begun = await self._begin(claim, "delete", state, started)
        external_id = claim.row.external_id or ""
        try:
            await self.crash_point("before delete")
            await self._in_time(begun, lambda s: driver.delete(s, external_id, spec, begun.mark))
            await self.crash_point("after delete")
        except ProviderError as error:
            return self._refused(begun, started, error, mutating=True)
        now = self._now(begun, started)
        return settling.deletion_asked(begun.row, now, self.pace, driver.expected_seconds("delete", spec))

    async def _put_mark(self, claim: Claim, spec: JsonObject, observed: Observed, started: float) -> Patch:
        begun = await self._begin(claim, "mark", claim.row.state, started)
        refused = await self._change_mark(begun, "mark", spec, started)
        return refused if refused is not None else settling.marked(begun.row, observed)

    async def _take_mark(self, claim: Claim, spec: JsonObject, started: float) -> Patch:
        """From the intent on nobody relies on the mark any more."""
        doubtful = replace(claim, row=replace(claim.row, unmarked=True))
        begun = await self._begin(doubtful, "unmark", claim.row.state, started)
        refused = await self._change_mark(begun, "unmark", spec, started)
        return refused if refused is not None else settling.unmarked(begun.row)

    async def _change_mark(self, begun: Claim, verb: str, spec: JsonObject, started: float) -> Patch | None:
        """None when it is done, or when the kind has no room for a mark."""
        kind, external_id = begun.row.kind, begun.row.external_id or ""
        try:
            importing = self.clouds.importing(begun.stack.provider)
        except ProviderError as error:
            return self._refused(begun, started, error, mutating=True)
        call = importing.mark if verb == "mark" else importing.unmark
        try:
            await self.crash_point(f"before {verb}")
            await self._in_time(begun, lambda s: call(s, kind, external_id, spec, begun.mark))
            await self.crash_point(f"after {verb}")
        except NotSupported:
            return None
        except ProviderError as error:
            return self._refused(begun, started, error, mutating=True)
        return None

    async def _begin(self, claim: Claim, verb: str, state: State, started: float) -> Claim:
        """Commit the intent, which renews the lease. Only when the whole call fits into it may the call be made."""
        now = self._now(claim, started)
        intent = Intent(verb, claim.row.generation, now)
        row = replace(claim.row, state=state, intent=intent, action_started_at=claim.row.action_started_at or now)
        asked_at = self.monotonic()
        if not await self.store.begin(claim, row):
            raise StaleClaimError(f"{claim.row.key} was taken over by another worker before the {verb}.")
        await self.crash_point(f"intent to {verb}")
        if self.monotonic() - asked_at > claim.lease_seconds - self.call_seconds:
            raise StaleClaimError(f"Too little is left of the lease of {claim.row.key}: nothing was called.")
        return replace(claim, row=row)

    async def _in_time(self, claim: Claim, call: Callable[[Session], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self.call_seconds):
                result = await call(await self.clouds.session(claim.stack))
        except ProviderError as error:
            self.on_call(claim, error.reason)
            raise
        except TimeoutError:
            self.on_call(claim, TimedOut.__name__)
            raise TimedOut(f"The cloud did not answer within {self.call_seconds:g} s.") from None
        except Exception as error:
            self.on_fault(claim, error)
            self.on_call(claim, Unclassified.__name__)
            raise Unclassified(f"The provider failed with {type(error).__name__}; the log has the details.") from error
        self.on_call(claim, "ok")
        self.budget_of(claim.stack.credential_id).succeeded()
        return result

    def _refused(self, claim: Claim, started: float, error: ProviderError, *, mutating: bool) -> Patch:
        error.message = scrub(error.message)
        patch = settling.refused(claim, error, self._now(claim, started), self.pace, self.rng, mutating=mutating)
        if isinstance(error, Throttled) and patch.wake_in_seconds is not None:
            self.budget_of(claim.stack.credential_id).throttled(self.monotonic(), patch.wake_in_seconds)
        return patch

    async def _see_off_second(self, claim: Claim, patch: Patch) -> None:
        """A worker that slept through its lease may have made a second one: it is adopted by its mark, or it goes.

        Whoever made it watches until the row's open intent is resolved, since inside the window it cannot be deleted.
        """
        driver = self.clouds.driver(claim.stack.provider, claim.row.kind)
        spec = resolve_known(claim.row.spec, claim.outputs()) or {}
        mine = patch.row.external_id
        settled: Callable[[], Awaitable[bool]]
        if settling.may_have_marked(claim.row, patch.row):
            settled = lambda: self._mark_is_due(claim, spec)  # noqa: E731 - one of two ways to ask
        elif mine is not None and claim.row.external_id is None and driver.creates:
            settled = lambda: self._has_one_owner(claim, driver, mine, spec)  # noqa: E731
        else:
            return
        window = self.pace.real(driver.consistency_window_seconds)
        until = self.monotonic() + 2 * (window + claim.lease_seconds)
        while self.monotonic() < until:
            try:
                if await settled():
                    return
            except ProviderError:
                pass  # asked again below
            except Exception as error:  # noqa: BLE001 - whatever a store raises while its database restarts
                self.on_outage(error)
            await asyncio.sleep(max(self.pace.real(5), MIN_PAUSE_SECONDS))

    async def _mark_is_due(self, claim: Claim, spec: JsonObject) -> bool:
        """True when the row wants the mark that was put on late, or when that has been taken off again."""
        row, current = claim.row, await self.store.current(claim.row.id)
        if current is not None and not current.adopted and current.state is not State.GONE:
            return not current.released
        unmark = self.clouds.importing(claim.stack.provider).unmark
        await self._in_time(claim, lambda s: unmark(s, row.kind, row.external_id or "", spec, claim.mark))
        return True

    async def _has_one_owner(self, claim: Claim, driver: Driver, mine: str, spec: JsonObject) -> bool:
        """True when the row has taken `mine` over, or when `mine` has been seen and told to go."""
        current = await self.store.current(claim.row.id)
        if current is not None and (current.external_id == mine or _will_look(current)):
            return current.external_id == mine
        if await self._in_time(claim, lambda s: driver.observe(s, mine, spec)) is None:
            return False
        await self._in_time(claim, lambda s: driver.delete(s, mine, spec, claim.mark))
        return True

    def _rules(self, claim: Claim, driver: Driver, spec: JsonObject | None) -> Rules:
        window = timedelta(seconds=self.pace.real(driver.consistency_window_seconds))
        in_flight = timedelta(seconds=claim.lease_seconds)
        looked_for = self._watch.looked_for(claim.row, self.monotonic())
        if spec is None:
            return Rules(driver.creates, window, lambda _: (), in_flight, False, looked_for)
        accepted = claim.row.accepted

        def differences(seen: Observed) -> tuple[Change, ...]:
            return unaccepted(driver.diff(spec, seen), accepted)

        return Rules(driver.creates, window, differences, in_flight, True, looked_for)

    def budget_of(self, credential_id: UUID) -> Budget:
        """The API budget of a credential, shared by all that this process does with it."""
        return self._budgets.setdefault(credential_id, Budget())

    def _now(self, claim: Claim, started: float) -> datetime:
        return claim.now + timedelta(seconds=self.monotonic() - started)


class StaleClaimError(Exception):
    """Another worker owns the row now. Drop everything; the row is in good hands."""


def _will_look(row: ResourceRow) -> bool:
    """True while the row's open intent makes somebody look for what carries its mark."""
    return row.external_id is None and row.intent is not None and row.intent.open and row.intent.action == "create"


def _expected(driver: Driver, claim: Claim) -> float:
    if claim.row.desired is Desired.ABSENT or claim.row.state in (State.DELETING, State.REPLACING):
        return driver.expected_seconds("delete", claim.row.spec)
    verb = "update" if claim.row.state is State.UPDATING else "create"
    return driver.expected_seconds(verb, claim.row.spec)
