"""How often somebody may ask, per user and per address, and whose address counts (T18)."""

import pytest

from skyclust.entrypoints.api import ENTRIES
from skyclust.kit.addresses import client_address, networks
from skyclust.kit.rates import Ask, Buckets, Limiter, Rate
from skyclust.kit.settings import Settings
from tenancy import HandClock
from tenancy_policy import EVERYBODY, POLICY
from whole_app import kind_of, whole

RATE = Rate("requests", 3)


def test_a_bucket_gives_what_it_holds_then_as_fast_as_it_fills():
    clock = HandClock()
    limiter = Limiter(Buckets(clock.monotonic))
    assert [limiter.take_here(Ask(RATE, "a")).retry_after for _ in range(4)] == [0, 0, 0, 20]
    clock.pass_(seconds=19)
    assert limiter.take_here(Ask(RATE, "a")).retry_after == 1
    clock.pass_(seconds=1)
    assert [limiter.take_here(Ask(RATE, "a")).retry_after for _ in range(2)] == [0, 20]
    assert limiter.take_here(Ask(RATE, "b")).remaining == 2
    clock.pass_(minutes=5)
    assert [limiter.take_here(Ask(RATE, "a")).remaining for _ in range(3)] == [2, 1, 0]


def test_the_headers_tell_where_one_stands():
    limiter = Limiter(Buckets(HandClock().monotonic))
    first = limiter.take_here(Ask(RATE, "a"))
    assert first.headers() == {
        "ratelimit-limit": "3", "ratelimit-remaining": "2", "ratelimit-reset": "20", "ratelimit-policy": "3;w=60",
    }  # fmt: skip
    limiter.take_here(Ask(RATE, "a"))
    limiter.take_here(Ask(RATE, "a"))
    assert limiter.take_here(Ask(RATE, "a")).headers()["retry-after"] == "20"


def test_no_number_of_keys_fills_the_memory_and_full_buckets_are_forgotten():
    clock = HandClock()
    limiter = Limiter(Buckets(clock.monotonic, max_keys=100))
    for number in range(1000):
        limiter.take_here(Ask(RATE, str(number)))
    assert len(limiter.here._full_at) == 100
    clock.pass_(minutes=2)
    limiter.take_here(Ask(RATE, "x"))
    assert len(limiter.here._full_at) == 1


def test_zero_is_no_limit():
    assert Limiter(Buckets(HandClock().monotonic)).take_here(Ask(Rate("requests", 0), "a")) is None


def test_one_user_is_stopped_by_429_and_goes_on_when_told(postgres):
    async def story(site):
        ada, bob = await site.person(), await site.person()
        answers = [await ada.client.get("/workspaces") for _ in range(4)]
        other = await bob.client.get("/workspaces")
        site.clock.pass_(seconds=int(answers[-1].headers["retry-after"]))
        later = await ada.client.get("/workspaces")
        return answers, other, later

    answers, other, later = whole(postgres, story, settings={"requests_per_minute": 3})
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert kind_of(answers[-1]) == "too-many-requests"
    assert answers[-1].headers["retry-after"] == "20"
    assert (other.status_code, later.status_code) == (200, 200)


def test_costly_requests_have_a_limit_of_their_own(postgres):
    async def story(site):
        ada = await site.person(admin=True)
        workspace = await site.workspace(admin=ada)
        path = f"/audit-logs:export?workspace_id={workspace}&format=csv"
        costly = [(await ada.client.get(path)).status_code for _ in range(3)]
        plan = await ada.client.post("/workspaces?dry_run=true", json={"name": "planned"})
        plain = await ada.client.get("/workspaces")
        return costly, plan.status_code, plain.status_code

    assert whole(postgres, story, settings={"costly_per_minute": 2}) == ([200, 200, 429], 429, 200)


def test_the_doors_are_limited_by_address_before_anybody_is_known(postgres):
    async def story(site):
        doors = (("POST", "/auth/refresh", {"refresh_token": "x" * 43}), ("GET", "/auth/oidc/login", None))
        statuses = []
        for method, path, body in doors * 2:
            statuses.append((await site.anonymous.request(method, path, json=body)).status_code)
        return statuses, (await site.anonymous.get("/health/live")).status_code

    statuses, live = whole(postgres, story, settings={"sign_ins_per_minute": 2})
    assert statuses[:2] == [401, 404]
    assert statuses[2:] == [429, 429]
    assert live == 200


def test_whatever_strangers_may_change_and_every_way_to_sign_in_is_a_door():
    paths = {
        path
        for key, entry in POLICY.items()
        if entry is EVERYBODY
        for method, path in [key.split()]
        if method == "POST"
    }
    assert len(paths) >= 6
    assert [path for path in sorted(paths) if not ENTRIES.fullmatch(path)] == []
    assert [
        path for key in POLICY for path in [key.split()[1]] if "oidc/" in path and not ENTRIES.fullmatch(path)
    ] == []
    assert not ENTRIES.fullmatch("/api/v1/workspaces")


def test_an_address_that_is_only_claimed_does_not_count():
    trusted = networks(["10.0.0.0/8", "192.0.2.7"])
    for peer, forwarded, counts in (
        ("203.0.113.9", "1.1.1.1", "203.0.113.9"),
        ("10.1.1.1", "1.1.1.1", "1.1.1.1"),
        ("10.1.1.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        ("10.1.1.1", "6.6.6.6, 1.1.1.1, 192.0.2.7", "1.1.1.1"),
        ("::ffff:10.1.1.1", "1.1.1.1", "1.1.1.1"),
        ("10.1.1.1", "unknown", "10.1.1.1"),
        ("10.1.1.1", "1.1.1.1, <script>", "10.1.1.1"),
        ("10.1.1.1", "", "10.1.1.1"),
        ("", "1.1.1.1", ""),
    ):
        assert client_address(peer, forwarded, trusted) == counts, (peer, forwarded)


def test_a_hundred_wrong_passwords_from_fifty_forwarded_addresses_still_lock(postgres):
    async def story(site):
        await site.person("ada@example.com")
        statuses = []
        for number in range(100):
            headers = {"x-forwarded-for": f"198.51.100.{number % 50}", "forwarded": f"for=198.51.100.{number % 50}"}
            body = {"email": "ada@example.com", "password": f"wrong password {number}"}
            statuses.append((await site.anonymous.post("/auth/login", json=body, headers=headers)).status_code)
        addresses = await site.scalar("SELECT count(DISTINCT address) FROM login_attempts")
        return statuses, addresses

    statuses, addresses = whole(postgres, story)
    assert statuses == [401] * 10 + [429] * 90
    assert addresses == 1


def test_behind_a_trusted_proxy_the_clients_own_address_is_written_down(postgres):
    async def story(site):
        body = {"email": "nobody@example.com", "password": "wrong password 1"}
        for claimed in ("198.51.100.1", "6.6.6.6, 198.51.100.2"):
            await site.anonymous.post("/auth/login", json=body, headers={"x-forwarded-for": claimed})
        return await site.scalar("SELECT string_agg(DISTINCT address, ' ' ORDER BY address) FROM login_attempts")

    assert whole(postgres, story, settings={"trusted_proxies": "127.0.0.1"}) == "198.51.100.1 198.51.100.2"


@pytest.mark.parametrize(
    "wrong", [{"trusted_proxies": "my-proxy"}, {"allowed_origins": "*"}, {"allowed_origins": "null"}]
)
def test_settings_that_mean_nothing_are_refused_at_the_start(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong.values())).replace("*", r"\*")):
        Settings(**wrong)
