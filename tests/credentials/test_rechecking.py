"""Checks on a schedule, through the door and on a real database: revoked, ending, throttled, replaced meanwhile."""

import asyncio
from datetime import timedelta
from uuid import UUID

import orjson

from canaries import canary
from skyclust.contract.errors import AuthenticationFailed, PermissionDenied, Throttled, Unavailable
from skyclust.credentials import service
from skyclust.credentials.judging import SILENCES_BEFORE_UNVERIFIED, Refused, Schedule
from skyclust.credentials.rechecking import Rechecker
from skyclust.kit.db import EVERYTHING
from skyclust.provisioning.pacing import Budget
from tenancy import RIGHT_KEY, through_the_door

CANARY = canary("another-key")


def rechecker(house, **given):
    """As a worker has it; what it is told of goes into `house.troubles`."""
    house.troubles = []
    budgets = {}
    return Rechecker(
        house.database, house.keyring, house.app.state.providers, Schedule(6 * 3600.0, lambda: 0.5), house.clock.now,
        house.clock.monotonic, lambda credential: budgets.setdefault(credential, Budget()),
        on_fault=lambda _row, error: house.troubles.append(error), on_outage=house.troubles.append, **given,
    )  # fmt: skip


async def entered(house, person, *names, secret=RIGHT_KEY):
    ids = []
    for name in names or ("main",):
        body = {"name": name, "provider": "cumulus", "data": {"secret_key": secret}}
        ids.append((await person.client.post("/credentials", json=body)).json()["id"])
    return ids


async def stand(person, credential):
    found = (await person.client.get(f"/credentials/{credential}")).json()
    return found["state"], found["reason"]


async def told(house):
    """Events of credentials without those of the acts themselves, in order, as (name, state before, state after)."""
    text = await house.scalar(
        "SELECT json_agg(json_build_array(name, data->'before'->>'state', data->'after'->>'state') ORDER BY position) "
        "FROM outbox WHERE name IN ('credential.valid', 'credential.expiring', 'credential.invalid', 'credential.unverified')"
    )
    found = orjson.loads(text) if isinstance(text, str) else text
    return [tuple(item) for item in found or []]


def test_a_revoked_credential_is_found_announced_recorded_and_found_valid_again(postgres):
    async def scenario(house):
        person = await house.person(lifetime_seconds=10 * 86_400)
        await house.workspace(admin=person)
        (credential,) = await entered(house, person)
        check = rechecker(house)
        early = await check.check_due()
        revoked = house.cloud.accounts.pop(RIGHT_KEY)
        house.clock.pass_(hours=8)
        done, before = await check.check_due(), house.cloud.calls
        stands = [await stand(person, credential)]
        again = await check.check_due()
        house.cloud.accounts[RIGHT_KEY] = revoked
        house.clock.pass_(hours=8)
        await check.check_due()
        stands.append(await stand(person, credential))
        log = (await person.client.get("/audit-logs", params={"action": "credential.invalid"})).json()["items"]
        return early, done, before, again, stands, await told(house), log, house.troubles

    early, done, calls, again, stands, events, log, troubles = through_the_door(postgres, scenario)
    assert (early, done, again, troubles) == (0, 1, 0, [])
    assert calls == 3  # entered, and believed when said twice
    assert stands[0] == ("invalid", "The key is not known. The refused call was sts:GetCallerIdentity.")
    assert stands[1] == ("valid", "")
    assert events == [("credential.invalid", "valid", "invalid"), ("credential.valid", "invalid", "valid")]
    assert [(entry["actor_label"], entry["actor_id"]) for entry in log] == [("skyclust", None)]


def test_one_refusal_alone_is_not_believed(postgres):
    async def scenario(house):
        person = await house.person(lifetime_seconds=10 * 86_400)
        await house.workspace(admin=person)
        (credential,) = await entered(house, person)
        house.clock.pass_(hours=8)
        house.cloud.failure = AuthenticationFailed("not yet")

        def spread():
            house.cloud.during = house.cloud.recover

        def recover():
            house.cloud.failure = None

        house.cloud.during, house.cloud.recover = spread, recover
        await rechecker(house).check_due()
        return await stand(person, credential), house.cloud.calls

    assert through_the_door(postgres, scenario) == (("valid", ""), 3)


def test_a_cloud_that_throttles_or_is_away_makes_nothing_invalid(postgres):
    async def scenario(house):
        person = await house.person(lifetime_seconds=10 * 86_400)
        await house.workspace(admin=person)
        (credential,) = await entered(house, person)
        check, seen = rechecker(house), []
        for failure in (Throttled("slow down", retry_after_seconds=7), Unavailable("no answer")):
            house.cloud.failure = failure
            for _ in range(SILENCES_BEFORE_UNVERIFIED):
                house.clock.pass_(hours=13)
                await check.check_due()
            seen.append(await stand(person, credential))
        house.cloud.failure = None
        house.clock.pass_(hours=13)
        await check.check_due()
        return seen, await stand(person, credential), await told(house)

    seen, later, events = through_the_door(postgres, scenario)
    assert seen == [("valid", ""), ("unverified", "no answer")]
    assert later == ("valid", "")
    assert [name for name, *_ in events] == ["credential.unverified", "credential.valid"]


def test_an_end_is_announced_before_and_found_when_it_comes(postgres):
    async def scenario(house):
        person = await house.person(lifetime_seconds=10 * 86_400)
        await house.workspace(admin=person)
        house.cloud.expiries[RIGHT_KEY] = house.clock.now() + timedelta(days=7, hours=1)
        (credential,) = await entered(house, person)
        check, seen = rechecker(house), [await stand(person, credential)]
        for hours in (1, 60, 60, 48):  # a session that nobody uses for three days ends
            house.clock.pass_(hours=hours)
            await check.check_due()
            seen.append(await stand(person, credential))
        return seen, [name for name, *_ in await told(house)]

    seen, events = through_the_door(postgres, scenario)
    assert [state for state, _ in seen] == ["valid", "expiring", "expiring", "expiring", "invalid"]
    assert "expires at 2026-03-08 13:00 UTC" in seen[1][1]
    assert events == ["credential.expiring", "credential.invalid"]


def test_each_credential_is_checked_by_one_worker_and_a_few_at_once(postgres):
    async def scenario(house):
        person = await house.person(lifetime_seconds=10 * 86_400)
        await house.workspace(admin=person)
        await entered(house, person, *(f"c{number}" for number in range(7)))
        entering = house.cloud.calls
        house.clock.pass_(hours=13)
        one, two = rechecker(house, slots=3), rechecker(house, slots=3)
        counts = await asyncio.gather(one.check_due(), two.check_due())
        rest = [await one.check_due(), await one.check_due()]
        return counts, rest, house.cloud.calls - entering

    counts, rest, calls = through_the_door(postgres, scenario)
    assert (counts, rest, calls) == ([3, 3], [1, 0], 7)


def test_what_was_entered_at_one_time_is_not_checked_at_one_time(postgres):
    async def scenario(house):
        person = await house.person(lifetime_seconds=10 * 86_400)
        await house.workspace(admin=person)
        await entered(house, person, *(f"c{number}" for number in range(8)))
        return await house.scalar("SELECT extract(epoch FROM max(check_due_at) - min(check_due_at)) FROM credentials")

    assert through_the_door(postgres, scenario) > 60


def test_a_check_of_a_secret_that_was_replaced_meanwhile_changes_nothing(postgres):
    async def scenario(house):
        person = await house.person(lifetime_seconds=10 * 86_400)
        await house.workspace(admin=person)
        (credential,) = await entered(house, person)
        await house.execute("UPDATE credentials SET check_due_at = :now", now=house.clock.now())
        async with house.database.session(visible=EVERYTHING) as session:
            (leased,) = await service.lease_checks(session, 9, house.clock.now())
        await person.client.patch(f"/credentials/{credential}", json={"data": {"secret_key": RIGHT_KEY}})
        async with house.database.session(visible=str(leased.workspace_id)) as session:
            await service.record_check(
                session, leased, Refused("the old secret is revoked"), schedule=Schedule(), now=house.clock.now()
            )
        return await stand(person, credential)

    assert through_the_door(postgres, scenario) == ("valid", "")


def test_a_check_whose_worker_died_comes_again(postgres):
    async def scenario(house):
        person = await house.person(lifetime_seconds=10 * 86_400)
        await house.workspace(admin=person)
        await entered(house, person)
        house.clock.pass_(hours=8)
        async with house.database.session(visible=EVERYTHING) as session:
            await service.lease_checks(session, 9, house.clock.now())
        check = rechecker(house)
        held = await check.check_due()
        house.clock.time += service.CHECK_LEASE
        return held, await check.check_due()

    assert through_the_door(postgres, scenario) == (0, 1)


def test_operations_come_first_and_a_throttled_check_slows_them_down_too(postgres):
    async def scenario(house):
        person = await house.person(lifetime_seconds=10 * 86_400)
        await house.workspace(admin=person)
        (credential,) = await entered(house, person)
        check = rechecker(house)
        budget = check.budget_of(UUID(credential))
        house.clock.pass_(hours=8)
        budget.throttled(house.clock.monotonic(), 600)
        before = house.cloud.calls
        await check.check_due()
        waited = house.cloud.calls == before
        house.clock.pass_(hours=8)
        house.cloud.failure = Throttled("slow down", retry_after_seconds=90)
        await check.check_due()
        return waited, budget.pause(house.clock.monotonic()), await stand(person, credential)

    assert through_the_door(postgres, scenario) == (True, 90, ("valid", ""))


def test_the_reason_holds_no_secret_and_missing_permissions_are_listed(postgres):
    async def scenario(house):
        person = await house.person(lifetime_seconds=10 * 86_400)
        await house.workspace(admin=person)
        house.cloud.accounts[CANARY] = "account-1"
        (credential,) = await entered(house, person, secret=CANARY)
        check = rechecker(house)
        house.cloud.missing = ("ec2:CreateVpc",)
        house.clock.pass_(hours=8)
        await check.check_due()
        listed = (await person.client.get(f"/credentials/{credential}")).json()
        house.cloud.failure = PermissionDenied(f"{CANARY} may not.", operation="ec2:DescribeVpcs")
        house.clock.pass_(hours=8)
        await check.check_due()
        tables = [
            await house.scalar(f"SELECT string_agg(t::text, ' ') FROM {name} t")
            for name in ("credentials", "outbox", "audit_entries")
        ]
        return listed, await stand(person, credential), " ".join(tables)

    listed, (state, reason), tables = through_the_door(postgres, scenario)
    assert (listed["state"], listed["missing_permissions"]) == ("valid", ["ec2:CreateVpc"])
    assert (state, reason) == ("invalid", "[redacted] may not. The refused call was ec2:DescribeVpcs.")
    assert CANARY not in tables


def test_a_defect_of_a_provider_or_a_provider_that_is_gone_stops_no_other_check(postgres):
    async def scenario(house):
        person = await house.person(lifetime_seconds=10 * 86_400)
        await house.workspace(admin=person)
        first, second = await entered(house, person, "one", "two")
        await house.execute("UPDATE credentials SET provider = 'stratus' WHERE id = :id", id=UUID(first))
        house.cloud.failure = RuntimeError("a defect")
        house.clock.pass_(hours=13)
        check = rechecker(house)
        done = await check.check_due()
        return done, [str(error) for error in house.troubles], [await stand(person, one) for one in (first, second)]

    assert through_the_door(postgres, scenario) == (2, ["a defect"], [("valid", ""), ("valid", "")])


def test_a_worker_checks_until_it_is_stopped(postgres):
    async def scenario(house):
        person = await house.person(lifetime_seconds=10 * 86_400)
        await house.workspace(admin=person)
        await entered(house, person, "one", "two", "three")
        house.clock.pass_(hours=13)
        stop, entering = asyncio.Event(), house.cloud.calls

        def seen():
            if house.cloud.calls == entering + 3:
                stop.set()

        house.cloud.during = seen
        await asyncio.wait_for(rechecker(house, slots=1).run(stop, look_seconds=60), 30)
        return house.cloud.calls - entering

    assert through_the_door(postgres, scenario) == 3
