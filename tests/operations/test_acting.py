"""Cancel, resume, roll back and undo through the HTTP door, with all the moments at which one may ask for them."""

import asyncio
import time
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from building import PATH, on_site
from skyclust.operations.router import router
from skyclust.providers.sim.faults import Fault, Mode
from tenancy import problem_kind
from waiting import until

NETWORKS = "/sim/network/vpcs"


@pytest.fixture
def on_the_line(postgres):
    def told(scenario):
        async def prepared(site):
            site.house.app.include_router(router, prefix="/api/v1")
            await scenario(site)

        on_site(postgres, prepared)

    return told


async def act(site, operation, action, **given):
    """The answer's document; a refusal is a failure of the test."""
    response = await ask(site, operation, action, **given)
    assert response.status_code in (200, 202), response.text
    return response.json()


async def ask(site, operation, action, *, key=None, **params):
    headers = {"idempotency-key": key} if key else {}
    return await site.ada.client.post(f"/operations/{operation['id']}:{action}", params=params, headers=headers)


async def shown(site, operation):
    return (await site.ada.client.get(f"/operations/{operation['id']}")).json()


async def ended(site, operation, state):
    view = await site.ended(operation)
    assert view.state == state, (view.state, view.message, site.faulted)
    return await shown(site, operation)


@asynccontextmanager
async def working(site):
    """The engine at work, until the test has seen enough."""
    stop = asyncio.Event()
    running = asyncio.create_task(site.engine.run(stop, sweep_seconds=0.05))
    try:
        yield
    finally:
        stop.set()
        await running


async def step_by_step(site, operation, key):
    """Work by hand until the step's resource has an id that is written down; then nobody works."""
    deadline = time.monotonic() + 20
    while not any(step["key"] == key and step["external_id"] for step in (await shown(site, operation))["steps"]):
        assert time.monotonic() < deadline, f"{key} is not made"
        for claim in await site.engine.store.claim("by hand", 50):
            await site.engine.reconcile(claim)


def kinds(site):
    return sorted(item.kind for item in site.world.resources())


def stuck(site, what, mode=Mode.QUOTA):
    site.faults.add(what, Fault(mode))


def test_cancel_before_anything_began_leaves_nothing_and_costs_nothing(on_the_line):
    async def scenario(site):
        operation = await site.create()
        told = await act(site, operation, "cancel", dry_run=True)
        assert (told["action"], told["stays"], told["kept_usd_per_month"]) == ("cancel", [], 0)
        assert len(told["stops"]) == len(operation["steps"])
        assert (await shown(site, operation))["state"] == "pending", "a dry run does nothing"
        assert (await act(site, operation, "cancel"))["state"] == "cancelled"
        assert kinds(site) == []
        for dry_run in (True, False):
            assert problem_kind(await ask(site, operation, "cancel", dry_run=dry_run)) == "operation-ended"

    on_the_line(scenario)


def test_cancel_in_the_middle_of_the_long_wait_keeps_the_control_plane_and_says_what_it_costs(on_the_line):
    async def scenario(site):
        operation = await site.create()
        await step_by_step(site, operation, "cluster")
        told = await act(site, operation, "cancel", dry_run=True)
        assert (await act(site, operation, "cancel"))["state"] == "cancelled"
        assert "node_pool" not in kinds(site)
        assert told["kept_usd_per_month"] >= 73, "a control plane at $0.10 an hour"
        assert any(item["key"] == "cluster" for item in told["stays"])
        cancelled = await ended(site, operation, "cancelled")
        recorded = {step["external_id"] for step in cancelled["steps"]}
        assert {item.id for item in site.world.resources()} <= recorded, "no call is left unrecorded"
        assert cancelled["actions"] == ["resume", "rollback"]
        assert (await act(site, operation, "resume"))["id"] == operation["id"]
        await ended(site, operation, "succeeded")
        assert kinds(site).count("cluster") == 1

    on_the_line(scenario)


def test_cancel_then_roll_back_leaves_nothing(on_the_line):
    async def scenario(site):
        operation = await site.create()
        async with working(site):
            await until(lambda: "network" in kinds(site), what="the network")
            await act(site, operation, "cancel")
        await ended(site, operation, "cancelled")
        told = await act(site, operation, "rollback", dry_run=True)
        assert {line["verb"] for line in told["changes"]} == {"delete"}
        back = await act(site, operation, "rollback")
        assert [step["key"] for step in back["steps"]] == [line["key"] for line in told["changes"]]
        await ended(site, back, "succeeded")
        assert kinds(site) == []
        assert (await site.ada.client.get(PATH)).json()["items"] == []

    on_the_line(scenario)


def test_a_resume_is_told_beforehand_fails_again_truthfully_and_goes_on_in_the_same_operation(on_the_line):
    async def scenario(site):
        stuck(site, "create.gateway")
        operation = await site.create()
        first = await ended(site, operation, "needs_attention")
        told = await act(site, operation, "resume", dry_run=True)
        assert "gateway" in {line["key"] for line in told["changes"]}
        assert "network" not in {line["key"] for line in told["changes"]}
        assert told["usd_per_month"] > 0
        stuck(site, "create.gateway")
        await act(site, operation, "resume")
        again = await ended(site, operation, "needs_attention")
        assert [item["reason"] for item in again["attention"]] == ["QuotaExceeded"]
        assert again["error"]["message"] == first["error"]["message"]
        await act(site, operation, "resume")
        done = await ended(site, operation, "succeeded")
        assert done["attention"] == done["leftovers"] == []
        assert sum("Resumed by ada@example.com" in line["text"] for line in done["timeline"]) == 2
        assert problem_kind(await ask(site, operation, "resume")) == "operation-state"

    on_the_line(scenario)


def test_a_second_resume_and_a_second_roll_back_are_refused_and_one_key_gives_one_of_each(on_the_line):
    async def scenario(site):
        stuck(site, "create.gateway")
        operation = await site.create()
        await ended(site, operation, "needs_attention")
        answers = await asyncio.gather(*(ask(site, operation, "resume") for _ in range(3)))
        assert sorted(answer.status_code for answer in answers) == [202, 409, 409]
        await act(site, operation, "cancel")
        key = str(uuid4())
        twins = await asyncio.gather(*(ask(site, operation, "rollback", key=key) for _ in range(3)))
        assert {twin.json()["id"] for twin in twins} == {twins[0].json()["id"]}
        assert problem_kind(await ask(site, operation, "rollback")) == "operation-in-progress"
        await ended(site, twins[0].json(), "succeeded")
        other = await ask(site, operation, "rollback")
        assert (problem_kind(other), "was rolled back by" in other.text) == ("operation-state", True)

    on_the_line(scenario)


def test_a_success_is_undone_with_cost_and_time_told_beforehand(on_the_line):
    async def scenario(site):
        operation = await site.create()
        done = await ended(site, operation, "succeeded")
        assert done["actions"] == ["rollback"]
        told = await act(site, operation, "rollback", dry_run=True)
        assert told["ok"]
        assert told["usd_per_month"] < -200, "two small machines, a control plane and a gateway"
        assert told["expected_seconds"] > 400, "node pool, control plane and network, one after the other"
        changed = await ask(site, operation, "rollback", plan_digest="f" * 64)
        assert problem_kind(changed) == "plan-changed"
        back = await act(site, operation, "rollback", plan_digest=told["digest"])
        undone = await ended(site, back, "succeeded")
        assert undone["actions"] == []
        assert kinds(site) == []
        assert (await shown(site, operation))["links"]["rolled_back_by"].endswith(back["id"])

    on_the_line(scenario)


def test_a_success_is_not_undone_while_something_foreign_is_in_its_network(on_the_line):
    async def scenario(site):
        operation = await site.create_network()
        await ended(site, operation, "succeeded")
        network = next(item for item in site.world.resources() if item.kind == "network")
        machine = site.plant("machine", "pet", network.id)
        before = kinds(site)
        told = await act(site, operation, "rollback", dry_run=True)
        assert not told["ok"]
        assert machine in told["findings"][0]["message"]
        refused = await ask(site, operation, "rollback")
        assert problem_kind(refused) == "network-not-empty"
        assert machine in refused.text
        assert kinds(site) == before

    on_the_line(scenario)


def test_a_network_with_a_cluster_in_it_is_not_undone(on_the_line):
    async def scenario(site):
        made = await site.create_network()
        await ended(site, made, "succeeded")
        network = (await site.ada.client.get(NETWORKS)).json()["items"][0]
        cluster = await site.create(network={"vpc_id": network["vpc_id"]})
        await ended(site, cluster, "succeeded")
        assert problem_kind(await ask(site, made, "rollback")) == "network-in-use"
        await ended(site, await act(site, cluster, "rollback"), "succeeded")
        assert problem_kind(await ask(site, made, "rollback")) == "network-was-used"

    on_the_line(scenario)


def test_undoing_a_scaled_pool_restores_size_and_spec_and_then_the_change_before(on_the_line):
    async def scenario(site):
        await ended(site, await site.create(), "succeeded")
        scale = f"{PATH}/one/node-pools/default/scale"

        async def scaled(count):
            response = await site.ada.client.put(scale, json={"node_count": count})
            assert response.status_code == 202, response.text
            await ended(site, response.json(), "succeeded")
            return response.json()

        async def size():
            pool = (await site.ada.client.get(f"{PATH}/one")).json()["node_pools"][0]
            return pool["node_count"]

        first, second = await scaled(3), await scaled(5)
        superseded = await ask(site, first, "rollback")
        assert problem_kind(superseded) == "operation-superseded"
        assert superseded.json()["operation_id"] == second["id"]
        told = await act(site, second, "rollback", dry_run=True)
        assert [(line["key"], line["verb"]) for line in told["changes"]] == [("node-pool/default", "update")]
        assert told["usd_per_month"] == pytest.approx(-146.0)
        for operation, count in ((second, 3), (first, 2)):
            await ended(site, await act(site, operation, "rollback"), "succeeded")
            assert await size() == count
            pool = next(item for item in site.world.resources() if item.kind == "node_pool")
            assert pool.fields["node_count"] == count

    on_the_line(scenario)


def test_a_deletion_stopped_half_way_is_taken_back_and_what_is_lost_is_named(on_the_line):
    async def scenario(site):
        await ended(site, await site.create(), "succeeded")
        whole = kinds(site)
        stuck(site, "delete.cluster", Mode.DENIED)
        deletion = (await site.ada.client.delete(f"{PATH}/one")).json()
        half_done = await ended(site, deletion, "needs_attention")
        assert {item["step"] for item in half_done["leftovers"]} >= {"cluster", "network"}
        assert kinds(site) != whole
        told = await act(site, deletion, "rollback", dry_run=True)
        assert {line["verb"] for line in told["changes"] if line["key"].startswith("node-pool/")} == {"create"}
        assert any("default" in title for title in told["lost"])
        await ended(site, await act(site, deletion, "rollback"), "succeeded")
        assert kinds(site) == whole
        cluster = (await site.ada.client.get(f"{PATH}/one")).json()
        assert cluster["state"] == "ready"

    on_the_line(scenario)


def test_a_failed_roll_back_ends_in_a_report_of_what_is_left_and_its_resume_finishes_it(on_the_line):
    async def scenario(site):
        stuck(site, "create.cluster")
        operation = await site.create()
        await ended(site, operation, "needs_attention")
        stuck(site, "delete.network", Mode.DENIED)
        back = await act(site, operation, "rollback")
        failed = await ended(site, back, "needs_attention")
        assert failed["actions"] == ["resume"]
        [left] = failed["leftovers"]
        network = next(item for item in site.world.resources() if item.kind == "network")
        assert (left["external_id"], left["region"]) == (network.id, "sim-east-1")
        assert left["why"]
        assert "Allow the named call" in left["remedy"]
        assert f"({network.id}) is still there" in failed["error"]["message"]
        assert network.id in failed["timeline"][-1]["text"]
        refused = await ask(site, back, "rollback")
        assert "is a roll back itself" in refused.text
        await act(site, back, "resume")
        assert (await ended(site, back, "succeeded"))["leftovers"] == []
        assert kinds(site) == []

    on_the_line(scenario)


def test_a_roll_back_that_meets_something_foreign_names_it_and_finishes_when_it_is_gone(on_the_line):
    async def scenario(site):
        stuck(site, "create.gateway")
        operation = await site.create()
        await ended(site, operation, "needs_attention")
        network = next(item for item in site.world.resources() if item.kind == "network")
        machine = site.plant("machine", "pet", network.id)
        back = await act(site, operation, "rollback")
        blocked = await ended(site, back, "needs_attention")
        waiting = next(item for item in blocked["attention"] if item["reason"] == "InUse")
        assert machine in waiting["blockers"]
        assert machine in waiting["message"]
        site.world.remove(machine)
        await act(site, back, "resume")
        await ended(site, back, "succeeded")
        assert kinds(site) == []

    on_the_line(scenario)


def test_a_deletion_is_cancelled_resumed_cancelled_and_taken_back(on_the_line):
    async def scenario(site):
        await ended(site, await site.create_network(), "succeeded")
        network = (await site.ada.client.get(NETWORKS)).json()["items"][0]
        deletion = (await site.ada.client.delete(f"{NETWORKS}/{network['id']}")).json()
        assert (await act(site, deletion, "cancel"))["state"] == "cancelled"
        await act(site, deletion, "resume")
        await act(site, deletion, "cancel")
        back = await act(site, deletion, "rollback")
        await ended(site, back, "succeeded")
        again = (await site.ada.client.get(NETWORKS)).json()["items"][0]
        assert (again["id"], again["vpc_id"], again["state"]) == (network["id"], network["vpc_id"], "ready")
        last = (await site.ada.client.delete(f"{NETWORKS}/{network['id']}")).json()
        gone = await ended(site, last, "succeeded")
        assert gone["actions"] == []
        assert "create it anew" in (await ask(site, last, "rollback")).text

    on_the_line(scenario)


def test_while_another_operation_runs_and_after_it_acting_names_that_one(on_the_line):
    async def scenario(site):
        stuck(site, "create.gateway")
        operation = await site.create()
        await ended(site, operation, "needs_attention")
        deletion = (await site.ada.client.delete(f"{PATH}/one")).json()
        for action in ("resume", "rollback"):
            for dry_run in (True, False):
                refused = await ask(site, operation, action, dry_run=dry_run)
                assert problem_kind(refused) == "operation-in-progress"
                assert refused.json()["operation_id"] == deletion["id"]
        await ended(site, deletion, "succeeded")
        assert problem_kind(await ask(site, operation, "resume")) == "operation-superseded"
        assert (await shown(site, operation))["actions"] == []

    on_the_line(scenario)


def test_a_paused_operation_begins_nothing_and_goes_on_when_it_is_resumed(on_the_line):
    async def scenario(site):
        operation = await site.create()
        await step_by_step(site, operation, "cluster")
        told = await act(site, operation, "pause", dry_run=True)
        assert any("default" in title for title in told["stops"])
        assert (await shown(site, operation))["state"] == "running", "a dry run does nothing"
        paused = await act(site, operation, "pause")
        assert (paused["state"], paused["actions"]) == ("paused", ["resume", "cancel"])
        assert (await act(site, operation, "pause"))["state"] == "paused", "twice is once"
        async with working(site):
            await until_step(site, operation, "cluster", "succeeded")
            await until_idle(site)
        held = await shown(site, operation)
        assert held["state"] == "paused"
        assert {step["state"] for step in held["steps"] if step["key"].startswith("node-pool")} == {"pending"}
        assert "node_pool" not in kinds(site)
        assert held["progress"]["eta_seconds"] is None
        other = await site.ada.client.patch(f"{PATH}/one", json={"version": "1.34"})
        assert problem_kind(other) == "operation-in-progress"
        assert (await act(site, operation, "resume"))["state"] == "running"
        done = await ended(site, operation, "succeeded")
        lines = [line["text"] for line in done["timeline"]]
        assert [line for line in lines if line.startswith(("Paused by", "Resumed by"))] == [
            f"Paused by {site.ada.email}", f"Resumed by {site.ada.email}",
        ]  # fmt: skip
        assert kinds(site).count("cluster") == kinds(site).count("node_pool") == 1
        assert problem_kind(await ask(site, operation, "pause")) == "operation-state"

    on_the_line(scenario)


def test_a_paused_operation_can_be_cancelled_and_rolled_back(on_the_line):
    async def scenario(site):
        operation = await site.create()
        await step_by_step(site, operation, "network")
        await act(site, operation, "pause")
        await act(site, operation, "cancel")
        await ended(site, operation, "cancelled")
        await ended(site, await act(site, operation, "rollback"), "succeeded")
        assert kinds(site) == []

    on_the_line(scenario)


def test_an_upgrade_of_several_hops_pauses_between_them_is_cancelled_and_resumed_where_it_was(on_the_line):
    async def scenario(site):
        await site.succeeded(await site.create(version="1.32"))
        begun = (await site.ada.client.patch(f"{PATH}/one", json={"version": "1.34"})).json()
        await by_hand_until(site, begun, "cluster", "running")
        await act(site, begun, "pause")
        async with working(site):
            await until_step(site, begun, "cluster", "succeeded")
            await until_idle(site)
        held = await shown(site, begun)
        assert [step["state"] for step in held["steps"]] == ["succeeded", "pending"]
        assert version_of(site) == "1.33"
        told = await act(site, begun, "cancel", dry_run=True)
        assert told["stops"] == ["cluster one"], "the hop that is left"
        await act(site, begun, "cancel")
        stopped = await ended(site, begun, "cancelled")
        assert [step["state"] for step in stopped["steps"]] == ["succeeded", "cancelled"]
        left = await act(site, begun, "resume", dry_run=True)
        assert [line["key"] for line in left["changes"]] == ["cluster"]
        assert left["expected_seconds"] > 0
        await act(site, begun, "resume")
        done = await ended(site, begun, "succeeded")
        assert [step["state"] for step in done["steps"]] == ["succeeded", "succeeded"]
        assert version_of(site) == "1.34"

    on_the_line(scenario)


def test_what_a_cancelled_upgrade_left_to_do_is_done_by_asking_again_from_where_it_is(on_the_line):
    async def scenario(site):
        await site.succeeded(await site.create(version="1.32"))
        begun = (await site.ada.client.patch(f"{PATH}/one", json={"version": "1.34"})).json()
        await by_hand_until(site, begun, "cluster", "running")
        assert (await act(site, begun, "cancel"))["state"] == "cancelled"
        plan = (await site.ada.client.patch(f"{PATH}/one?dry_run=true", json={"version": "1.34"})).json()
        assert [hop["version"] for hop in plan["hops"]] == ["1.33", "1.34"]
        await ended(site, (await site.ada.client.patch(f"{PATH}/one", json={"version": "1.34"})).json(), "succeeded")
        assert version_of(site) == "1.34"

    on_the_line(scenario)


def version_of(site):
    (plane,) = [item for item in site.world.resources() if item.kind == "cluster"]
    return plane.fields["version"]


async def by_hand_until(site, operation, key, state):
    """Work by hand until the first step of the resource is so far."""
    deadline = time.monotonic() + 20
    while (await first_step(site, operation, key))["state"] != state:
        assert time.monotonic() < deadline, f"{key} is not {state}"
        for claim in await site.engine.store.claim("by hand", 50):
            await site.engine.reconcile(claim)


async def first_step(site, operation, key):
    return next(step for step in (await shown(site, operation))["steps"] if step["key"] == key)


async def until_step(site, operation, key, state):
    deadline = time.monotonic() + 30
    while (await first_step(site, operation, key))["state"] != state:
        assert time.monotonic() < deadline, f"{key} is not {state}"
        await asyncio.sleep(0.02)


async def until_idle(site):
    """Until no row is due, now or later, and none is at work."""
    deadline = time.monotonic() + 30
    while await site.engine.store.seconds_to_next_wake() is not None:
        assert time.monotonic() < deadline, "the engine does not come to rest"
        await asyncio.sleep(0.02)
