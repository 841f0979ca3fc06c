"""A credential is revoked or replaced while an operation works with it: it stops, keeps what it has, and goes on."""

import asyncio

from building import KEY, on_site
from skyclust.operations.router import router as operations_router
from skyclust.providers.sim.faults import Fault, FaultPlan

OLD, NEW = KEY, f"{KEY}-of-next-quarter"


class At(FaultPlan):
    """Does something at the first call of `operation`; no call fails by it."""

    def __init__(self, operation, act):
        self.operation, self.act = operation, act

    def decide(self, operation: str) -> Fault | None:
        if operation == self.operation and self.act is not None:
            act, self.act = self.act, None
            act()
        return None


class Noted(dict):
    """Accepted keys; notes which were tried, in order."""

    def __init__(self, given):
        super().__init__(given)
        self.tried = []

    def __contains__(self, key):
        self.tried.append(key)
        return super().__contains__(key)


async def replace(site, key):
    return await site.ada.client.patch(f"/credentials/{site.credential}", json={"data": {"key": key}})


async def sealed(site):
    return await site.house.scalar("SELECT encode(sealed, 'hex') FROM credentials WHERE id = :id", id=site.credential)


def test_a_revoked_credential_stops_an_operation_and_replacing_it_lets_it_go_on(postgres):
    async def scenario(site):
        site.house.app.include_router(operations_router, prefix="/api/v1")
        account = site.world.keys[OLD]
        site.world.faults = At("create.cluster", lambda: site.world.keys.pop(OLD))
        operation = await site.create()
        stopped = await site.ended(operation)
        kept = {item.id for item in site.world.resources()}
        site.world.keys[NEW] = account
        before = await sealed(site)
        wrong = await replace(site, "never-heard-of-it")
        replaced = await replace(site, NEW)
        resumed = await site.ada.client.post(f"/operations/{operation['id']}:resume")
        done = await site.ended(operation)
        return stopped, kept, wrong, replaced, resumed, done, {item.id for item in site.world.resources()}, (
            before, await sealed(site),
        )  # fmt: skip

    stopped, kept, wrong, replaced, resumed, done, after, (before, now) = on_site(postgres, scenario)
    assert stopped.state == "needs_attention"
    assert "does not know this key" in stopped.message
    assert kept
    assert (wrong.status_code, replaced.status_code, resumed.status_code) == (422, 200, 202)
    assert (replaced.json()["version"], replaced.json()["state"]) == (2, "valid")
    assert done.state == "succeeded"
    assert kept < after, "nothing was made twice or thrown away"
    assert before != now


def test_a_running_operation_goes_on_with_the_new_secret_without_a_stop(postgres):
    async def scenario(site):
        middle = asyncio.Event()
        site.world.keys = Noted({OLD: site.world.keys[OLD], NEW: site.world.keys[OLD]})
        site.world.faults = At("create.cluster", middle.set)
        operation = await site.create()

        async def replace_in_the_middle():
            await middle.wait()
            answer = await replace(site, NEW)
            return answer, len(site.world.keys.tried)

        done, (answer, then) = await asyncio.gather(site.ended(operation), replace_in_the_middle())
        return done.state, answer.json()["version"], site.world.keys.tried[then:]

    state, version, later = on_site(postgres, scenario)
    assert (state, version) == ("succeeded", 2)
    assert later[-1] == NEW
    assert NEW in later[: len(later) // 2], "from its next call on"


def test_the_secret_of_another_account_is_refused_while_something_stands_and_taken_when_nothing_does(postgres):
    async def scenario(site):
        site.world.keys["foreign-key"] = "another-account"
        free = await replace(site, "foreign-key")
        back = await replace(site, OLD)
        await site.succeeded(await site.create_network())
        refused = await replace(site, "foreign-key")
        found = (await site.ada.client.get(f"/credentials/{site.credential}")).json()
        return free.status_code, back.status_code, refused, found

    free, back, refused, found = on_site(postgres, scenario)
    assert (free, back, refused.status_code) == (200, 200, 409)
    assert "sim-account" in refused.json()["detail"]
    assert "another-account" in refused.json()["detail"]
    assert (found["account"], found["version"]) == ("sim-account", 3)
