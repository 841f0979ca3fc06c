"""The pages of the API process, and the guard in front of everything."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from skyclust.entrypoints.docs_page import render_docs
from skyclust.entrypoints.up import AlreadyRunningError, Options, OtherWorldError, keep_to_one_world, take_lock
from skyclust.kit.bodies import MAX_BODY_BYTES
from skyclust.kit.http import Guard

DOCUMENT = {
    "info": {"title": "T", "description": "<script>alert(1)</script>"},
    "components": {"schemas": {"B": {"required": ["name"], "properties": {"name": {"type": "string"}}}}},
    "paths": {
        "/x": {
            "post": {
                "tags": ["things"],
                "summary": "Make one <b>",
                "parameters": [{"name": "dry_run", "in": "query", "schema": {"type": "boolean"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/B"}}}},
                "responses": {"202": {}, "422": {}},
            }
        }
    },
}


def test_the_documentation_lists_routes_parameters_and_body_fields():
    html = render_docs(DOCUMENT)
    for expected in ("/x", "dry_run", "name", "202, 422", "things"):
        assert expected in html


def test_the_documentation_escapes_everything():
    html = render_docs(DOCUMENT)
    assert "<script" not in html
    assert "<b>" not in html


async def echo(request):
    return JSONResponse({"bytes": len(await request.body()), "trace": request.state.trace_id})


def guarded(method: str, **given) -> httpx.Response:
    async def ask() -> httpx.Response:
        app = Guard(Starlette(routes=[Route("/", echo, methods=["GET", "POST"])]))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            return await client.request(method, "/", **given)

    return asyncio.run(ask())


def test_every_answer_has_the_security_headers_and_a_trace_id():
    answer = guarded("GET")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-trace-id"] == answer.json()["trace"]


def test_a_trace_id_of_the_client_is_taken_over_only_when_it_is_plain_hex():
    good, bad = "a" * 32, 'x"; drop'
    assert guarded("GET", headers={"x-request-id": good}).headers["x-trace-id"] == good
    assert guarded("GET", headers={"x-request-id": bad}).headers["x-trace-id"] != bad


def test_a_body_above_the_limit_is_refused_unread():
    answer = guarded("POST", content=b"x" * (MAX_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert answer.json()["type"].endswith("/too-large")


def test_two_servers_on_one_folder_are_refused(tmp_path):
    with take_lock(tmp_path), pytest.raises(AlreadyRunningError, match="already serves"):
        take_lock(tmp_path)
    take_lock(tmp_path).close()


def test_a_folder_of_the_sandbox_goes_on_as_one(tmp_path):
    assert keep_to_one_world(Options(tmp_path, sandbox=True)).sandbox
    assert keep_to_one_world(Options(tmp_path)).sandbox


def test_a_folder_with_real_clouds_never_becomes_a_sandbox(tmp_path):
    assert not keep_to_one_world(Options(tmp_path)).sandbox
    with pytest.raises(OtherWorldError, match="Leave --sandbox out"):
        keep_to_one_world(Options(tmp_path, sandbox=True))
