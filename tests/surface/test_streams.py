"""Event streams cannot be hoarded, and one that is not read costs little and nobody else anything (T15)."""

import asyncio
import resource
import socket
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import httpx

from skyclust.events.publishing import Event, publish
from skyclust.events.relay import Relay
from skyclust.events.streaming import Seats
from waiting import until
from whole_app import kind_of, served, whole

PATH = "/api/v1/events"


def test_a_seat_is_given_back_however_the_stream_ends():
    seats, user, other = Seats(1), "ada", "bob"
    with seats.seat(user) as first, seats.seat(user) as second, seats.seat(other) as third:
        assert (first, second, third) == (True, False, True)
    assert not seats._taken
    with suppress(ZeroDivisionError), seats.seat(user):
        assert 1 / 0
    assert not seats._taken


def test_a_user_holds_only_so_many_streams_open(postgres):
    async def story(site):
        ada, bob = await site.person(), await site.person()

        @asynccontextmanager
        async def stream(person):
            async with (
                httpx.AsyncClient(base_url=url, headers=person.client.headers) as client,
                client.stream("GET", PATH) as answer,
            ):
                yield answer

        async with served(site.app) as (host, port), AsyncExitStack() as held:
            url = f"http://{host}:{port}"
            first = await held.enter_async_context(stream(ada))
            async with stream(ada) as second, stream(ada) as third, stream(bob) as others:
                await third.aread()
                opened = [answer.status_code for answer in (first, second, third, others)]
            await until(lambda: sum(site.app.state.stream_seats._taken.values()) == 1)
            async with stream(ada) as again:
                return opened, kind_of(third), third.headers["retry-after"], again.status_code

    opened, kind, retry_after, again = whole(postgres, story, settings={"streams_per_user": 2})
    assert opened == [200, 200, 429, 200]
    assert (kind, retry_after, again) == ("too-many-streams", "5", 200)


def test_a_client_that_does_not_read_costs_little_is_told_what_it_missed_and_holds_nobody_up(postgres):
    count, weight = 4000, "x" * 4000

    async def story(site):
        ada = await site.person()
        workspace = await site.workspace(admin=ada)
        relay = Relay(site.database, site.parts.bus)
        authorization = ada.client.headers["authorization"]

        async def happen():
            for start in range(0, count, 200):
                async with site.database.session() as session:
                    for number in range(start, start + 200):
                        await publish(
                            session, Event("cluster.changed", "cluster/1", workspace, {"n": number, "x": weight})
                        )
                await relay.relay_once()

        async def read_all(client):
            seen = 0
            async with client.stream("GET", PATH) as answer:
                started.set()
                async for line in answer.aiter_lines():
                    seen += line.startswith("data:")
                    if f'"n":{count - 1},' in line:
                        break
            return seen

        async with served(site.app) as (host, port):
            slow = socket.socket()
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect((host, port))
            slow.setblocking(False)
            head = f"GET {PATH} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: {authorization}\r\n\r\n"
            await asyncio.get_running_loop().sock_sendall(slow, head.encode())
            await until(lambda: hasattr(site.app.state, "feed") and len(site.app.state.feed._readers) == 1)
            started, before = asyncio.Event(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            async with httpx.AsyncClient(
                base_url=f"http://{host}:{port}", headers={"authorization": authorization}, timeout=120
            ) as client:
                quick = asyncio.create_task(read_all(client))
                await started.wait()
                await until(lambda: len(site.app.state.feed._readers) == 2)
                await happen()
                seen = await quick
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            heard = b""
            async with asyncio.timeout(60):
                while b"event: resync" not in heard:
                    heard = heard[-100:] + await asyncio.get_running_loop().sock_recv(slow, 1_000_000)
            slow.close()
        return seen, grown

    seen, grown_kilobytes = whole(postgres, story)
    assert seen > count * 0.5  # a reader on a busy machine may be told to look afresh, but goes on
    assert grown_kilobytes < 64 * 1024
