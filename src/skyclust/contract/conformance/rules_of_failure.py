"""Rules 6, 7, 9 and 11: errors have their class, nothing blocks or leaks, a lost or cancelled call leaves a trace."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable
from typing import TypeVar
from uuid import uuid4

import pytest

from skyclust.contract.conformance.applying import Birth, Stack
from skyclust.contract.conformance.life import marked
from skyclust.contract.conformance.running import graph_of, opened, run, specs_by_subject, stack_of
from skyclust.contract.conformance.under_test import CloudUnderTest, Fault
from skyclust.contract.errors import (
    Ambiguous,
    AuthenticationFailed,
    NoCapacity,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    Throttled,
    Transient,
)
from skyclust.contract.provider import Session
from skyclust.contract.resources import Graph, Mark, Observed, Phase, resolve

T = TypeVar("T")

#: What a mutation that meets a fault must raise.
MUTATION_ERRORS: tuple[tuple[Fault, type[ProviderError]], ...] = (
    (Fault.THROTTLE, Throttled),
    (Fault.ERROR_BEFORE, Ambiguous),
    (Fault.ERROR_AFTER, Ambiguous),
    (Fault.LOST_REPLY, Ambiguous),
    (Fault.QUOTA, QuotaExceeded),
    (Fault.REVOKED, AuthenticationFailed),
)
#: What a read may raise, unless the SDK's own retry helped it over the fault.
READ_ERRORS: tuple[tuple[Fault, type[ProviderError]], ...] = (
    (Fault.THROTTLE, Throttled),
    (Fault.ERROR_BEFORE, Transient),
    (Fault.LOST_REPLY, Transient),
)
#: Words that give an SDK away.
SDK_WORDS = ("botocore", "aiohttp", "googleapiclient", "httplib2", "azure.core", "Traceback", "object at 0x", "<Http")

#: A call that blocks the loop does so for as long as its reply takes. A busy machine alone may cost half a second.
SLOW_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 1.5


class FailureRules:
    """Rules judged on single calls that go wrong, and on whole stacks whose every reply is lost."""

    @pytest.mark.parametrize(("fault", "expected"), MUTATION_ERRORS)
    def test_a_failed_mutation_has_its_class(
        self, cloud: CloudUnderTest, fault: Fault, expected: type[ProviderError]
    ) -> None:
        async def story(session: Session) -> ProviderError | Observed:
            birth = await first_birth(cloud, session)
            cloud.world.fail_next_create(fault)
            return await outcome(birth.create())

        cloud.world.reset()
        try:
            error = run(cloud, story)
        finally:
            cloud.world.heal()
        assert isinstance(error, expected), f"{fault} became {error!r}"
        assert fit_for_users(error), error.message
        if isinstance(error, Throttled):
            assert error.retry_after_seconds > 0

    @pytest.mark.parametrize(("fault", "expected"), READ_ERRORS)
    def test_a_failed_read_has_its_class(
        self, cloud: CloudUnderTest, fault: Fault, expected: type[ProviderError]
    ) -> None:
        async def story(session: Session) -> ProviderError | Observed | None:
            birth = await first_birth(cloud, session)
            created = await birth.create()
            cloud.world.fail_next_call(fault)
            return await outcome(birth.driver.observe(session, created.external_id, birth.spec))

        cloud.world.reset()
        try:
            error = run(cloud, story)
        finally:
            cloud.world.heal()
        if isinstance(error, ProviderError):
            assert isinstance(error, expected), f"{fault} became {error!r}"
            assert fit_for_users(error), error.message
        else:
            assert error is not None, "a fault must not look like absence"

    def test_a_zone_without_machines_is_told_as_such(self, cloud: CloudUnderTest) -> None:
        """Either at once (NoCapacity), or by a node pool that fails and says why."""

        async def story(session: Session) -> Observed | ProviderError:
            birth = await _pool_birth(cloud, session)
            cloud.world.fail_next_create(Fault.NO_CAPACITY)
            created = await outcome(birth.create())
            return created if isinstance(created, ProviderError) else await _settled(cloud, birth, created)

        cloud.world.reset()
        try:
            told = run(cloud, story)
        finally:
            cloud.world.heal()
        if isinstance(told, Observed):
            assert told.phase is Phase.FAILED, told
            assert told.message, "the pool failed without saying why"
        else:
            assert isinstance(told, NoCapacity), repr(told)

    def test_a_lost_reply_never_costs_a_resource_nor_makes_two(self, cloud: CloudUnderTest) -> None:
        """The reply of every single creation is lost: each is Ambiguous, is found by its mark, and exists once."""

        async def lost(birth: Birth) -> Observed:
            cloud.world.fail_next_create(Fault.LOST_REPLY)
            error = await outcome(birth.create())
            cloud.world.heal()
            assert isinstance(error, Ambiguous), f"{birth.key}: a lost reply became {error!r}"
            found = await _found_in_window(cloud, birth)
            once = marked(cloud, birth.mark)
            again = await birth.create()
            assert again.external_id == found.external_id, birth.key
            assert marked(cloud, birth.mark) == once, f"{birth.key}: creating again after a lost reply made more"
            return found

        async def story(session: Session) -> None:
            for subject, spec in specs_by_subject(cloud):
                cloud.world.reset()
                stack = stack_of(cloud, session, spec.name if spec else cloud.network.name)
                await stack.apply(await graph_of(cloud, session, spec), create=lost)
                await stack.delete()
                assert cloud.world.resources() == (), f"{subject}: {cloud.world.resources()}"

        run(cloud, story)

    def test_a_cancelled_call_leaves_a_findable_resource(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session) -> tuple[Observed | None, int]:
            birth = await first_birth(cloud, session)
            await birth.find()  # opens the connection
            cloud.world.fail_next_create(Fault.SLOW, seconds=SLOW_SECONDS)
            call = asyncio.ensure_future(birth.create())
            await asyncio.wait({call}, timeout=SLOW_SECONDS / 2)
            call.cancel()
            await asyncio.wait({call}, timeout=SLOW_SECONDS / 4)
            assert call.cancelled(), "a cancelled call went on"
            cloud.world.heal()
            found = await birth.find()
            cloud.world.pass_time(birth.driver.consistency_window_seconds + 1)
            return found or await birth.find(), marked(cloud, birth.mark).total()

        cloud.world.reset()
        found, count = run(cloud, story)
        assert found is not None, "the resource of a cancelled create is not found by its mark"
        assert count == 1

    def test_no_call_blocks_the_event_loop(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session) -> float:
            birth = await first_birth(cloud, session)
            await birth.find()  # builds clients, which is allowed to take its time
            cloud.world.fail_next_create(Fault.SLOW, seconds=SLOW_SECONDS)
            return await _longest_pause_during(birth.create())

        cloud.world.reset()
        try:
            pause = run(cloud, story)
        finally:
            cloud.world.heal()
        assert pause < LONGEST_PAUSE_SECONDS, f"the event loop stood still for {pause:.2f} s"

    def test_a_wrong_credential_is_refused_and_makes_nothing(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session) -> None:
            verified = await outcome(cloud.provider.verify(cloud.wrong_credential, cloud.region))
            assert isinstance(verified, AuthenticationFailed | PermissionDenied), repr(verified)
            assert verified.operation, "the refused call is not named"
            assert fit_for_users(verified), verified.message
            created = await outcome((await first_birth(cloud, session)).create())
            assert isinstance(created, AuthenticationFailed | PermissionDenied), repr(created)

        cloud.world.reset()
        run(cloud, story, cloud.wrong_credential)
        assert cloud.world.resources() == ()

    def test_a_right_credential_is_verified(self, cloud: CloudUnderTest) -> None:
        cloud.world.reset()
        identity = asyncio.run(cloud.provider.verify(cloud.credential, cloud.region))
        assert identity.account
        assert identity.principal
        assert identity.missing_permissions == ()

    def test_no_secret_shows_anywhere(self, cloud: CloudUnderTest, caplog: pytest.LogCaptureFixture) -> None:
        assert cloud.secrets(), "the credential schema marks no field as writeOnly"
        shown: list[str] = []

        async def story() -> None:
            for credential in (cloud.credential, cloud.wrong_credential):
                async with opened(cloud, credential) as session:
                    birth = await first_birth(cloud, session)
                    cloud.world.fail_next_call(Fault.ERROR_BEFORE)
                    calls: tuple[Awaitable[object], ...] = (
                        birth.find(),
                        cloud.provider.verify(credential, cloud.region),
                        birth.create(),
                    )
                    told = [await outcome(call) for call in calls]
                    shown.extend(repr(item) for item in (session, birth.driver, cloud.provider, *told))
                    errors = [item for item in told if isinstance(item, ProviderError)]
                    shown.extend("".join(traceback.format_exception(error)) for error in errors)

        cloud.world.reset()
        with caplog.at_level(logging.DEBUG):
            asyncio.run(story())
        cloud.world.heal()
        everything = "\n".join([*shown, caplog.text])
        leaked = [secret[:4] + "..." for secret in cloud.secrets() if secret in everything]
        assert not leaked, f"secrets that start with {leaked} show in a repr, an exception or a log"


async def first_birth(cloud: CloudUnderTest, session: Session) -> Birth:
    """The first node of the network that needs nothing else and makes something, ready to be created."""
    graph = await graph_of(cloud, session, None)
    node = next(node for node in graph if not node.depends_on and cloud.provider.driver(node.kind).creates)
    mark = _mark(stack_of(cloud, session, cloud.network.name))
    return Birth(node.key, cloud.provider.driver(node.kind), session, mark, node.spec)


async def _pool_birth(cloud: CloudUnderTest, session: Session) -> Birth:
    """A standing cluster whose first node pool is about to be created."""
    spec = cloud.clusters["standard"]
    stack = stack_of(cloud, session, spec.name)
    graph = await graph_of(cloud, session, spec)
    pool = graph[f"node-pool/{spec.node_pools[0].name}"]
    await stack.apply(Graph(tuple(n for n in graph if n.key != pool.key and pool.key not in n.depends_on)))
    outputs = {key: item.observed.outputs for key, item in stack.standing.items() if item.observed}
    return Birth(pool.key, cloud.provider.driver(pool.kind), session, _mark(stack), resolve(pool.spec, outputs))


async def _settled(cloud: CloudUnderTest, birth: Birth, seen: Observed | None) -> Observed:
    external_id = seen.external_id if seen else ""
    for _ in range(50):
        if seen is not None and seen.phase is not Phase.SETTLING:
            return seen
        cloud.world.pass_time(60)
        seen = await birth.driver.observe(birth.session, external_id, birth.spec)
    raise AssertionError(f"{birth.key} neither failed nor became ready; last seen: {seen}")


def fit_for_users(error: ProviderError) -> bool:
    """True when the message says something and nothing of it is shaped like an SDK's exception."""
    return len(error.message) > 10 and not any(word in error.message for word in SDK_WORDS)


async def outcome(call: Awaitable[T]) -> T | ProviderError:
    """The result or the ProviderError of a call; anything else a provider raises is a failure of the rule."""
    try:
        return await call
    except ProviderError as error:
        return error


def _mark(stack: Stack) -> Mark:
    return Mark(uuid4(), stack.id, 1, stack.name)


async def _found_in_window(cloud: CloudUnderTest, birth: Birth) -> Observed:
    for _ in range(3):
        found = await birth.find()
        if found is not None:
            return found
        cloud.world.pass_time(birth.driver.consistency_window_seconds / 2 + 1)
    raise AssertionError(f"{birth.key}: created with a lost reply, never found by its mark")


async def _longest_pause_during(call: Awaitable[object]) -> float:
    """Seconds for which the loop did not get to run anything while the call was in flight."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(call)
    longest, last = 0.0, loop.time()
    while not task.done():
        await asyncio.wait({task}, timeout=0.02)
        now = loop.time()
        longest, last = max(longest, now - last), now
    await task
    return longest
