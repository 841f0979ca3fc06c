"""Rates that processes of the API share in Redis, and what happens while it is away. With a real redis-server."""

import asyncio
import contextlib
import re
import ssl
import subprocess
import sys
import time
from types import SimpleNamespace

import httpx
import pytest

from skyclust.entrypoints.api import _shared_rates, create_app
from skyclust.kit import shared_rates
from skyclust.kit.metrics import Metrics
from skyclust.kit.rates import Ask, Buckets, Limiter, Rate
from skyclust.kit.settings import Settings
from skyclust.kit.shared_rates import PAUSE_SECONDS, redis_buckets
from skyclust.sandbox.kernel.certificates import CertificateAuthority
from soak.redis_servers import PASSWORD
from tenancy import HandClock, server_logs
from whole_app import kind_of, whole

#: So few that no token comes back while a test runs.
RATE = Rate("requests", 3)


def questions(redis) -> int:
    """How often Redis was asked since CONFIG RESETSTAT."""
    return sum(map(int, re.findall(r"cmdstat_evalsha:calls=(\d+)", redis.asked("INFO", "commandstats"))))


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A busy machine takes long for what a good one does in a moment."""
    monkeypatch.setattr(shared_rates, "ANSWER_SECONDS", 2.0)
    monkeypatch.setattr(shared_rates, "WAIT_SECONDS", 2.5)
    monkeypatch.setattr(shared_rates, "CONNECT_SECONDS", 10.0)


@contextlib.asynccontextmanager
async def shared(url, *, processes=2, clock=None, told=lambda _: None):
    """Limiters of so many processes."""
    clock = clock or HandClock()
    buckets = [redis_buckets(url, clock.monotonic, told) for _ in range(processes)]
    try:
        yield [Limiter(Buckets(clock.monotonic), each) for each in buckets]
    finally:
        for each in buckets:
            await each.close()


def test_what_one_process_let_in_the_other_counts_and_both_say_the_same(redis):
    async def story():
        async with shared(redis.url) as (one, other):
            told = [await limiter.take(Ask(RATE, "ada")) for limiter in (one, other, one, other)]
            redis.asked("CONFIG", "RESETSTAT")
            return told, await other.take(Ask(RATE, "ada")), questions(redis), await other.take(Ask(RATE, "bob"))

    told, again, asked, bob = asyncio.run(story())
    assert [(standing.remaining, standing.retry_after) for standing in told[:3]] == [(2, 0), (1, 0), (0, 0)]
    assert told[3].remaining == 0
    assert 15 <= told[3].retry_after <= 20
    assert again.retry_after
    assert asked == 0, "what a process knows to be refused, it refuses by itself"
    assert bob.remaining == 2


def test_of_many_at_once_no_more_get_in_than_there_are_tokens_and_few_questions_are_asked(redis):
    async def story():
        async with shared(redis.url) as limiters:
            await limiters[0].take(Ask(RATE, "first"))  # the script is there now
            redis.asked("CONFIG", "RESETSTAT")
            asks = [limiter.take(Ask(Rate("requests", 10), "ada")) for _ in range(100) for limiter in limiters]
            return [standing for standing in await asyncio.gather(*asks) if not standing.retry_after]

    let_in = asyncio.run(story())
    assert sorted(standing.remaining for standing in let_in) == list(range(10))
    assert questions(redis) < 20


def test_what_refuses_first_takes_nothing_of_what_comes_after(redis):
    async def story():
        async with shared(redis.url) as (one, other):
            few, many = Ask(Rate("few", 1), "x"), Ask(Rate("many", 3), "x")
            await one.take(few, many)
            refused = await other.take(few, many)
            third = Limiter(Buckets(HandClock().monotonic), one.shared)
            return refused, await third.take(many)

    refused, left = asyncio.run(story())
    assert (refused.rate.name, refused.remaining) == ("few", 0)
    assert left.remaining == 1


def test_two_processes_stop_a_user_together_go_on_alone_without_redis_and_together_again(postgres, redis):
    """Five a minute; both processes answer all the time, and neither says anything but 200 or 429."""

    async def story(site):
        transport = httpx.ASGITransport(create_app(site.parts))
        pages = []

        async def asked(*counts):
            """The statuses at this and at the other process of somebody new."""
            person = await site.person()
            headers = {"authorization": person.client.headers["authorization"]}
            async with httpx.AsyncClient(
                transport=transport, base_url=person.client.base_url, headers=headers
            ) as other:
                clients = (person.client, other)
                answers = [
                    await client.get("/workspaces") for client, n in zip(clients, counts, strict=True) for _ in range(n)
                ]
            pages.append((await site.anonymous.get("http://skyclust/metrics")).text)
            return [answer.status_code for answer in answers], answers[-1]

        together = await asked(3, 3)
        redis.kill()
        alone = await asked(6, 6)
        redis.start()
        site.clock.pass_(seconds=PAUSE_SECONDS)
        again = await asked(3, 3)
        redis.pause()  # it holds the connection and says nothing
        try:
            hanging = await asked(2, 2)
        finally:
            redis.go_on()
        return together, alone, again, hanging, pages, site.logs.getvalue()

    settings = {"requests_per_minute": 5, "redis_url": redis.url, "sandbox_control": "http://127.0.0.1:1"}
    together, alone, again, hanging, pages, log = whole(postgres, story, settings=settings)
    assert together[0] == again[0] == [200, 200, 200, 200, 200, 429]
    assert kind_of(together[1]) == "too-many-requests"
    assert together[1].headers["ratelimit-limit"] == "5"
    assert int(together[1].headers["retry-after"]) <= 12
    assert alone[0] == [200, 200, 200, 200, 200, 429] * 2
    assert hanging[0] == [200] * 4
    shown = [re.search(r"^skyclust_rates_shared (\S+)$", page, re.MULTILINE)[1] for page in pages]
    assert shown == ["1.0", "0.0", "1.0", "0.0"]
    # two processes, away twice: told once each time, however many requests came meanwhile
    assert log.count("Redis does not answer") == 4
    assert log.count("Redis answers; rates are shared") == 4
    assert PASSWORD not in log
    assert all(PASSWORD not in page for page in pages)


def test_a_request_asks_redis_once_whoever_asks_for_whatever_and_holds_no_connection_meanwhile(postgres, redis):
    async def story(site):
        ada = await site.person(admin=True)
        buckets, held = site.app.state.asking.limiter.shared, []
        asked_before = buckets.script

        async def script(*words):
            held.append(site.database.engine.pool.checkedout())
            return await asked_before(*words)

        buckets.script = script
        await ada.client.get("/workspaces")
        asks = [
            lambda: ada.client.get("/workspaces"),
            lambda: ada.client.post("/workspaces?dry_run=true", json={"name": "planned"}),
            lambda: site.anonymous.get("/workspaces"),
            lambda: site.anonymous.get("/health/live"),
            lambda: site.anonymous.post("/auth/refresh", json={"refresh_token": "x" * 43}),
        ]
        counts = []
        for ask in asks:
            redis.asked("CONFIG", "RESETSTAT")
            await ask()
            counts.append(questions(redis))
        kept = redis.asked("KEYS", "*").splitlines()
        lifetimes = [
            int(redis.asked("PTTL", f'"{key}"').removeprefix(":")) for key in kept if key.startswith("skyclust:")
        ]
        return counts, lifetimes, held

    few = {"requests_per_minute": 5, "costly_per_minute": 5, "sign_ins_per_minute": 5}  # a bucket lives for seconds
    counts, lifetimes, held = whole(postgres, story, settings=few | {"redis_url": redis.url})
    assert counts == [1] * 5
    assert held == [0] * 6
    assert len(lifetimes) == 4  # user, costly, address, door
    assert all(0 < lifetime <= 60_000 for lifetime in lifetimes)


def test_an_address_is_stopped_by_all_together_also_when_nobody_is_signed_in(postgres, redis):
    async def story(site):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(site.parts)), base_url="http://skyclust/api/v1"
        ) as other:
            body = {"refresh_token": "x" * 43}
            doors = [
                (await client.post("/auth/refresh", json=body)).status_code for client in (site.anonymous, other) * 2
            ]
            strangers = [(await client.get("/workspaces")).status_code for client in (site.anonymous, other) * 8]
            return doors, strangers

    doors, strangers = whole(
        postgres, story, settings={"sign_ins_per_minute": 3, "requests_per_minute": 3, "redis_url": redis.url}
    )
    assert doors == [401, 401, 401, 429]
    # Twelve an address, three of them at the doors. What strangers take is told after the answer: one more may slip by.
    # Each process alone would have answered all sixteen.
    assert 8 <= strangers.count(401) <= 11
    assert strangers[-1] == 429


def test_a_wrong_password_of_redis_is_told_without_it_and_stops_nobody(redis):
    async def story():
        told = []
        wrong = redis.url.replace(PASSWORD, "canary-not-the-word")
        with server_logs() as logs:
            async with shared(wrong, processes=1, told=told.append) as (limiter,):
                standing = await limiter.take(Ask(RATE, "ada"))
                return told, standing, logs.getvalue(), repr(limiter)

    told, standing, log, printed = asyncio.run(story())
    assert told == [False]
    assert standing.remaining == 2
    assert "Redis does not answer" in log
    assert "canary-not" not in log + printed
    assert "canary-not" not in repr(Settings(redis_url="redis://:canary-not-the-word@h"))


@pytest.mark.parametrize(
    "url",
    ["canary-word", "http://:canary-word@h", "redis://:canary-word@h:port", "redis://:canary-word@no-port", "nats://h"],
)
def test_an_address_that_means_nothing_is_refused_at_the_start_without_showing_it(url):
    with pytest.raises(ValueError, match="SKYCLUST_REDIS_URL") as refused:
        redis_buckets(url, time.monotonic, lambda _: None)
    assert "canary" not in str(refused.value)
    assert refused.value.__context__ is None


def test_rediss_speaks_tls_and_knows_whom_it_speaks_to(redis, tmp_path):
    authority = CertificateAuthority(tmp_path)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(*authority.issue("redis", ("localhost",)))

    async def copied(reader, writer):
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def passed_on(reader, writer):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", redis.port)
        await asyncio.gather(copied(reader, inner_writer), copied(inner_reader, writer))

    async def story():
        server = await asyncio.start_server(passed_on, "127.0.0.1", 0, ssl=served)
        url = f"rediss://:{PASSWORD}@localhost:{server.sockets[0].getsockname()[1]}/0"
        told = []
        async with shared(
            f"{url}?ssl_ca_certs={authority.certificate_file}", processes=2, told=told.append
        ) as limiters:
            remaining = [(await limiter.take(Ask(RATE, "ada"))).remaining for limiter in limiters]
        async with shared(url, processes=1, told=told.append) as (limiter,):
            unknown = (await limiter.take(Ask(RATE, "ada"))).remaining
        server.close()
        return remaining, unknown, told

    remaining, unknown, told = asyncio.run(story())
    assert remaining == [2, 1]
    assert unknown == 2, "its certificate is not known: nothing was said to it"
    assert told == [True, True, False]


def test_without_redis_the_metric_says_so():
    assert Metrics().rates_shared._value.get() == 0


def test_without_the_extra_the_start_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis.asyncio.retry", None)
    monkeypatch.delitem(sys.modules, "skyclust.kit.shared_rates")
    with pytest.raises(ValueError, match=r"skyclust\[redis\]"):
        _shared_rates(SimpleNamespace(settings=Settings(redis_url="redis://localhost:6379")))


def test_who_does_not_share_rates_loads_neither_redis_nor_limits():
    asked = "import sys, skyclust.entrypoints.api; print(sorted({'redis', 'limits'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout == "[]\n"
