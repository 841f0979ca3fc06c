"""What a request may send: how large, how deep, of which type; a bomb is refused at once and holds nobody up (T11)."""

import asyncio
import json
import resource
import time

import httpx
import pytest

from skyclust.entrypoints.api import FORMS
from skyclust.kit.bodies import MAX_BODY_BYTES, MAX_DEPTH, json_fault
from skyclust.kit.http import Guard, Surface
from whole_app import kind_of, served, spoken, status_of, whole

MEGABYTE = 1_000_000
BOMBS = {
    "a million brackets that never close": b"[" * MEGABYTE,
    "half a million levels": b"[" * (MEGABYTE // 2) + b"]" * (MEGABYTE // 2),
    "objects in objects": b'{"a":' * (MEGABYTE // 6),
    "levels just above the limit": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "a wide forest of deep trees": b"[" + b",".join([b"[" * 60 + b"]" * 60] * 8000) + b"]",
    "half a million values": b"[" + b"0," * (MEGABYTE // 2) + b"0]",
    "a whole number with a million digits": b'{"email":' + b"1" * MEGABYTE + b"}",
    "a number beyond every float": b'{"email":1e400}',
    "not a number": b'{"email":NaN}',
    "minus infinity": b'{"email":-Infinity}',
    "a text of quotes that never ends": b'"' + b'\\"' * (MEGABYTE // 2),
    "sixty thousand keys": json.dumps({f"k{number}": number for number in range(60_000)}).encode(),
    "a NUL in a text": b'{"email":"a\\u0000@b.cc","password":"x"}',
    "half a surrogate pair": b'{"email":"\\ud800@b.cc","password":"x"}',
    "a whole number beyond 64 bits": b'{"email":18446744073709551616}',
    "bytes that are no UTF-8": b'{"email":"\xff"}',
}
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_no_body_takes_longer_to_judge_than_to_send(bomb):
    started = time.process_time()
    assert json_fault(bomb)
    assert time.process_time() - started < 0.5


def test_what_is_allowed_is_allowed():
    assert json_fault(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) == ""
    assert json_fault(b'{"a": "\\\\u0000", "b": [1, -2.5e-3, 9007199254740993, true, null, "\\u00e9 [[[ {{{"]}') == ""
    assert json_fault(b'{"fraction": 0.' + b"1" * 1000 + b"}") == ""


def test_every_bomb_is_4xx_within_a_second_with_bounded_memory_and_others_are_served_meanwhile(postgres):
    async def story(site):
        lags = []

        async def watch():
            while True:
                before = time.perf_counter()
                await asyncio.sleep(0.01)
                lags.append(time.perf_counter() - before - 0.01)

        async with served(site.app) as (host, port), httpx.AsyncClient(base_url=f"http://{host}:{port}") as client:
            await client.get("/api/v1/health/live")
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            watcher = asyncio.create_task(watch())
            answers = {}
            for name, bomb in BOMBS.items():
                started = time.perf_counter()
                answer = await client.post("/api/v1/auth/login", content=bomb, headers=JSON)
                answers[name] = answer.status_code, time.perf_counter() - started
            watcher.cancel()
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        return answers, grown, sorted(lags)

    answers, grown_kilobytes, lags = whole(postgres, story)
    assert {name: status for name, (status, _) in answers.items() if status != 422} == {}
    assert max(seconds for _, seconds in answers.values()) < 1
    assert grown_kilobytes < 64 * 1024
    assert lags[-2] < 0.2  # the machine itself may pause once


def guarded(**given) -> httpx.Response:
    async def echo(scope, receive, send):
        body = (await receive())["body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    async def ask() -> httpx.Response:
        app = Guard(echo, Surface(forms=FORMS))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            return await client.request("POST", given.pop("path", "/api/v1/x"), **given)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/yaml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "application/json; charset=utf-16", "application/jsonp", "text/json"],
)  # fmt: skip
def test_another_type_than_json_is_415(content_type):
    answer = guarded(content=b"{}", headers={"content-type": content_type} if content_type else {})
    assert (answer.status_code, kind_of(answer)) == (415, "unsupported-media-type")


def test_a_packed_body_is_415():
    answer = guarded(content=b"{}", headers=JSON | {"content-encoding": "gzip"})
    assert answer.status_code == 415


def test_json_passes_unchanged_and_so_does_no_body_at_all():
    raw = b'{ "a" : 1 }'
    for content_type in ("application/json", "application/json; charset=UTF-8"):
        assert guarded(content=raw, headers={"content-type": content_type}).content == raw
    assert guarded().content == b""


def test_the_form_of_the_first_start_is_taken_as_a_form_only():
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert guarded(path="/setup", content=b"token=x", headers=form).content == b"token=x"
    assert guarded(path="/setup", content=b"{}", headers=JSON).status_code == 415


def test_a_body_above_the_limit_is_413_whether_it_says_so_or_not():
    async def endless():
        for _ in range(MAX_BODY_BYTES // 65536 + 1):
            yield b" " * 65536

    assert guarded(content=b" " * (MAX_BODY_BYTES + 1), headers=JSON).status_code == 413
    assert kind_of(guarded(content=endless(), headers=JSON)) == "too-large"


def test_a_body_that_dawdles_is_408():
    async def story():
        from skyclust.kit import bodies
        from skyclust.kit.problems import Problem

        async def never():
            await asyncio.Event().wait()

        with pytest.raises(Problem) as refused:
            await bodies.read(never, seconds=0.01)
        return refused.value.status

    assert asyncio.run(story()) == 408


HEAD = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SMUGGLED = {
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 30\r\n\r\n{}",
    "length and chunks": HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a transfer encoding nobody knows": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked not last": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a length with a sign": HEAD + b"Content-Length: +2\r\n\r\n{}",
    "a length that is a list": HEAD + b"Content-Length: 2, 2\r\n\r\n{}",
    "a space before the colon": HEAD + b"Content-Length : 2\r\n\r\n{}",
    "a folded line": HEAD + b"X-A: b\r\n Content-Length: 2\r\n\r\n{}",
    "a bare line feed in a chunk's size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;\n{}\r\n0\r\n\r\n",
    "a NUL in a value": HEAD + b"X-A: a\0b\r\n\r\n",
}


def test_a_request_that_two_servers_would_read_differently_is_refused(postgres):
    async def story(site):
        async with served(site.app) as address:
            return {name: status_of(await spoken(address, raw)) for name, raw in SMUGGLED.items()}

    assert {name: status for name, status in whole(postgres, story).items() if status != 400} == {}


def test_endless_and_dawdling_heads_are_cut_off(postgres, monkeypatch):
    from skyclust.entrypoints.http_heads import BoundedHeads

    monkeypatch.setattr(BoundedHeads, "seconds", 0.2)
    start = b"GET /api/v1/health/live HTTP/1.1\r\nHost: x\r\n"

    async def story(site):
        async with served(site.app) as address:
            large = await spoken(address, start + b"X-A: " + b"a" * 40_000 + b"\r\n\r\n")
            endless = await spoken(address, start + b"X-A: a\r\n" * 100_000)
            dawdling = await spoken(address, start)
            silent = await spoken(address, b"")
            fine = await spoken(address, start + b"\r\n")
        return [status_of(reply) for reply in (large, endless, dawdling, silent, fine)]

    assert whole(postgres, story) == [431, 400, 0, 0, 200]


def test_a_method_that_a_path_has_not_is_405_and_trace_is_off_everywhere(postgres):
    async def story(site):
        paths = [path.removeprefix("/api/v1").replace("{", "").replace("}", "") for path in site.app.openapi()["paths"]]
        traced = {path: (await site.anonymous.request("TRACE", path)).status_code for path in paths}
        others = [
            await site.anonymous.request(method, path)
            for method, path in (
                ("PUT", "/auth/login"),
                ("GET", "/auth/login"),
                ("DELETE", "/events"),
                ("PROPFIND", "/users"),
            )
        ]
        return traced, [(answer.status_code, kind_of(answer), answer.headers["allow"]) for answer in others]

    traced, others = whole(postgres, story)
    assert {path: status for path, status in traced.items() if status != 405} == {}
    assert {status for status, _, _ in others} == {405}
    assert {kind for _, kind, _ in others} == {"method-not-allowed"}
    assert all(allowed for _, _, allowed in others)


def test_a_nul_in_an_address_is_400(postgres):
    async def story(site):
        in_path = await site.anonymous.get("/workspaces/%00")
        in_query = await site.anonymous.get("/operations?kind=%00")
        return in_path.status_code, in_query.status_code

    assert whole(postgres, story) == (400, 400)
