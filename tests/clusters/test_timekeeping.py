"""Timetables kept by workers: exactly one acts, what was missed is done once, and whatever holds people holds it too."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from building import PATH, SPEED, on_site
from skyclust.clusters.service.scheduling import lease_schedules
from skyclust.clusters.timekeeping import Timekeeper
from skyclust.entrypoints.wiring import Parts, run_worker_tasks
from skyclust.events.bus import InProcessBus
from skyclust.identity.tokens import AccessClaims, issue_access_token
from skyclust.kit.settings import Settings
from skyclust.networks.service import Ground
from skyclust.operations.router import router as operations_router
from tenancy import problem_kind

SCHEDULE, POOL = f"{PATH}/one/hibernation-schedule", f"{PATH}/one/node-pools/default"
ALL = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NIGHTS = {
    "time_zone": "UTC",
    "rules": [{"do": "hibernate", "days": ALL, "at": "20:00"}, {"do": "wake", "days": ALL, "at": "07:00"}],
}


def ground(site):
    state = site.house.app.state
    return Ground(state.database, state.providers, state.clouds, state.clock, state.engine_bell)


async def at(site, hour, *more, days=0):
    """Let the clock come to that hour, today or so many days later."""
    clock = site.house.clock
    now = clock.now()
    clock.pass_(seconds=(now.replace(hour=hour, minute=0, second=30) - now).total_seconds() % 86_400 + days * 86_400)
    now = clock.now()  # and everybody signed in once more
    await site.house.execute(
        f"UPDATE sessions SET last_used_at = '{now}', authenticated_at = '{now}', expires_at = '{now + timedelta(days=9)}'"
    )
    for person in (site.ada, site.uma, site.vic, *more):
        claims = AccessClaims(person.id, person.session_id)
        token = issue_access_token(site.house.keyring, claims, token_id=uuid4(), now=now, lifetime_seconds=3600)
        person.client.headers["authorization"] = f"Bearer {token}"


async def look(site, keepers=1):
    """Let workers look, and the engine end what they began; what was begun."""
    counts = await asyncio.gather(*(Timekeeper(ground(site)).keep_due() for _ in range(keepers)))
    shown = (await site.ada.client.get(f"{PATH}/one")).json()
    if shown["operation_id"]:
        await site.succeeded({"id": shown["operation_id"]})
    return sum(counts)


async def begun(site):
    rows = "SELECT string_agg(kind || ' by ' || requested_by_label, ', ' ORDER BY created_at) FROM operations"
    return (await site.house.scalar(f"{rows} WHERE kind IN ('cluster.hibernate', 'cluster.wake')") or "").split(", ")


async def shown(site):
    return (await site.ada.client.get(f"{PATH}/one")).json()


async def prepared(site):
    await site.succeeded(await site.create())
    await at(site, 12)
    answer = await site.ada.client.put(SCHEDULE, json=NIGHTS)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_sleeps_at_night_and_of_several_workers_one_acts(postgres):
    async def scenario(site):
        answer = await prepared(site)
        assert [(item["do"], item["at"][11:16]) for item in answer["next"]] == [
            ("hibernate", "20:00"), ("wake", "07:00"),
        ] * 3  # fmt: skip
        assert await look(site) == 0, "nothing is due"
        await at(site, 20)
        assert await look(site, keepers=4) == 1
        assert (await shown(site))["hibernated"] is True
        schedule = (await site.ada.client.get(SCHEDULE)).json()
        assert (schedule["last"]["do"], schedule["waiting"]) == ("hibernate", "")
        assert await look(site, keepers=4) == 0
        await at(site, 7)
        assert await look(site, keepers=4) == 1
        assert (await shown(site))["hibernated"] is False
        assert await begun(site) == [f"cluster.{do} by hibernation schedule" for do in ("hibernate", "wake")]
        told = (
            "SELECT string_agg(action, ' ' ORDER BY seq) FROM audit_entries WHERE actor_label = 'hibernation schedule'"
        )
        assert await site.house.scalar(told) == "cluster.hibernate_requested cluster.wake_requested"

    on_site(postgres, scenario)


def test_of_what_was_missed_only_the_latest_is_done_once(postgres):
    async def scenario(site):
        await prepared(site)
        await at(site, 21, days=3)
        assert await look(site) == 1
        assert (await shown(site))["hibernated"] is True
        await at(site, 22, days=2)
        assert await look(site) == 1, "it looked"
        assert await begun(site) == ["cluster.hibernate by hibernation schedule"], "asleep it is already"

    on_site(postgres, scenario)


def test_a_person_who_wakes_it_is_not_contradicted_before_the_next_entry(postgres):
    async def scenario(site):
        await prepared(site)
        await at(site, 20)
        await look(site)
        await site.succeeded((await site.uma.client.post(f"{PATH}/one:wake")).json())
        await at(site, 23)
        await look(site)
        assert (await shown(site))["hibernated"] is False
        await at(site, 20)
        await look(site)
        assert (await shown(site))["hibernated"] is True
        assert await begun(site) == [
            "cluster.hibernate by hibernation schedule", "cluster.wake by uma@example.com",
            "cluster.hibernate by hibernation schedule",
        ]  # fmt: skip

    on_site(postgres, scenario)


def test_operations_suspension_and_quotas_make_it_wait_and_it_says_for_what(postgres):
    async def scenario(site):
        ada, boss = site.ada.client, await site.house.person(admin=True)
        await prepared(site)
        scaling = (await ada.put(f"{POOL}/scale", json={"node_count": 3})).json()
        await at(site, 20, boss)

        async def waits():
            site.house.clock.pass_(seconds=61)
            assert await Timekeeper(ground(site)).keep_due() == 1
            return (await site.ada.client.get(SCHEDULE)).json()["waiting"]

        assert scaling["id"] in await waits()
        await site.succeeded(scaling)
        suspended = await boss.client.post(f"/workspaces/{site.workspace}:suspend", json={"reason": "unpaid"})
        assert suspended.status_code < 300, suspended.text
        assert "suspended" in await waits()
        await boss.client.post(f"/workspaces/{site.workspace}:resume")
        assert await waits() == ""
        await look(site)
        assert (await shown(site))["hibernated"] is True
        await boss.client.put(f"/workspaces/{site.workspace}/quotas", json={"nodes": 2})
        await at(site, 7, boss)
        assert "nodes" in await waits()
        await boss.client.put(f"/workspaces/{site.workspace}/quotas", json={"nodes": 3})
        assert await waits() == ""
        await look(site)
        assert (await shown(site))["node_pools"][0]["node_count"] == 3

    on_site(postgres, scenario)


def test_a_worker_that_dies_after_it_began_leaves_nothing_to_do_twice(postgres):
    async def scenario(site):
        await prepared(site)
        await at(site, 20)
        async with site.house.database.session(visible="*") as session:
            assert len(await lease_schedules(session, ground(site), 5)) == 1  # and is never heard of again
        assert await look(site) == 0, "leased"
        site.house.clock.pass_(seconds=300)
        assert await look(site) == 1
        assert await begun(site) == ["cluster.hibernate by hibernation schedule"]

    on_site(postgres, scenario)


def test_a_timetable_is_set_shown_rehearsed_and_removed_and_goes_with_its_cluster(postgres):
    async def scenario(site):
        site.house.app.include_router(operations_router, prefix="/api/v1")
        ada = site.ada.client
        await site.succeeded(await site.create())
        assert (await ada.get(SCHEDULE)).status_code == 404
        rehearsed = await ada.put(f"{SCHEDULE}?dry_run=true", json=NIGHTS)
        assert rehearsed.json()["next"], rehearsed.text
        assert (await ada.get(SCHEDULE)).status_code == 404
        assert (await site.vic.client.put(SCHEDULE, json=NIGHTS)).status_code == 403
        assert (await site.uma.client.put(SCHEDULE, json=NIGHTS)).status_code == 200
        assert (await site.vic.client.get(SCHEDULE)).json()["time_zone"] == "UTC"
        assert (await ada.delete(SCHEDULE)).json()["rules"] == NIGHTS["rules"]
        assert (await ada.delete(SCHEDULE)).status_code == 404
        told = "SELECT string_agg(action, ' ' ORDER BY seq) FROM audit_entries WHERE action LIKE '%schedule%'"
        assert await site.house.scalar(told) == "cluster.hibernation_schedule_set cluster.hibernation_schedule_removed"
        await ada.put(SCHEDULE, json=NIGHTS)
        await site.succeeded((await ada.delete(f"{PATH}/one")).json())
        await at(site, 20, days=1)
        assert await Timekeeper(ground(site)).keep_due() == 1
        assert await site.house.scalar("SELECT count(*) FROM hibernation_schedules") == 0

    on_site(postgres, scenario)


@pytest.mark.parametrize(("body", "pointer", "says"), [
    (NIGHTS | {"time_zone": "Europe/Zurch"}, "/time_zone", "Europe/Zurich"),
    (NIGHTS | {"rules": [NIGHTS["rules"][0], NIGHTS["rules"][0] | {"do": "wake"}]}, "", "hibernated and woken"),
    (NIGHTS | {"rules": [NIGHTS["rules"][0] | {"at": "24:00"}]}, "/rules/0/at", ""),
])  # fmt: skip
def test_a_timetable_that_means_nothing_is_refused_at_its_field(postgres, body, pointer, says):
    async def scenario(site):
        await site.create()
        answer = await site.ada.client.put(SCHEDULE, json=body)
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["pointer"]) == (422, pointer)
        assert says in error["detail"]

    on_site(postgres, scenario)


def test_what_cannot_be_hibernated_gets_no_timetable(postgres):
    async def scenario(site):
        created = await site.create(node_pool=None, mode="serverless")
        await site.succeeded(created)
        answer = await site.ada.client.put(SCHEDULE, json=NIGHTS)
        assert (answer.status_code, problem_kind(answer)) == (422, "cannot-hibernate")

    on_site(postgres, scenario)


def test_every_worker_keeps_timetables_beside_its_engine(postgres):
    async def scenario(site):
        await prepared(site)
        await at(site, 20)
        state = site.house.app.state
        settings = Settings(cloud_speed=SPEED, worker_slots=4)
        parts = Parts(
            settings, state.database, state.clock, state.providers, state.keyring, state.clouds, InProcessBus()
        )
        stop = asyncio.Event()
        working = asyncio.create_task(run_worker_tasks(parts, stop))

        async def asleep():
            found = await shown(site)
            return found["hibernated"] and found["operation_id"] is None

        try:
            await eventually(asleep)
        finally:
            stop.set()
            await working
        [pool] = [item for item in site.world.resources() if item.kind == "node_pool"]
        assert pool.fields["node_count"] == 0

    on_site(postgres, scenario)


async def eventually(condition, seconds=60):
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - polls the API, as a person would
            await asyncio.sleep(0.05)
