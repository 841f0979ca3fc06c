"""The console as the API process serves it: listed files only, policies with hashes, caching; and without a build."""

import asyncio
import base64
import hashlib
import json
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from skyclust.entrypoints import console
from skyclust.entrypoints.openapi import document
from skyclust.kit import problems
from skyclust.kit.http import Guard

ROOT = Path(__file__).parents[2]
SCRIPT = "document.title='x'"
HASH = "sha256-" + base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
HTML = {"accept": "text/html"}


@pytest.fixture
def folder(tmp_path):
    """A build of two pages and a script."""
    (tmp_path / "_next/static").mkdir(parents=True)
    files = {"/": "index.html", "/login/": "login.html", "/404/": "404.html", "/_next/static/a.js": "_next/static/a.js"}
    for address, name in files.items():
        (tmp_path / name).write_text(f"{address} <script>{SCRIPT}</script>")
    (tmp_path / "secret.txt").write_text("not listed")
    scripts = {address: [HASH] for address, name in files.items() if name.endswith(".html")}
    (tmp_path / "manifest.json").write_text(json.dumps({"files": files, "scripts": scripts}))
    return tmp_path


def ask(folder, *asked):
    """The answers to these (path, headers)."""

    async def all_of_them():
        async with browser(folder) as client:
            return [await client.get(path, headers=headers) for path, headers in asked]

    return asyncio.run(all_of_them())


def browser(folder):
    app = FastAPI(openapi_url=None)
    problems.install(app)

    @app.post("/api/v1/things")
    async def things():
        return {}

    console.install(app, folder)
    return httpx.AsyncClient(transport=httpx.ASGITransport(Guard(app)), base_url="http://here")


def test_a_page_may_run_its_own_scripts_and_is_never_kept(folder):
    (answer,) = ask(folder, ("/login/", {}))
    assert answer.text.startswith("/login/")
    policy = answer.headers["content-security-policy"]
    assert f"script-src 'self' '{HASH}'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_hashed_files_are_kept_for_ever(folder):
    (answer,) = ask(folder, ("/_next/static/a.js", {}))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "path", ["/secret.txt", "/manifest.json", "/_next/static/../../secret.txt", "/_next/static/b.js"]
)
def test_only_listed_files_are_served(folder, path):
    (answer,) = ask(folder, (path, {}))
    assert answer.status_code == 404
    assert "not listed" not in answer.text


def test_a_deep_link_without_its_slash_keeps_its_query(folder):
    (answer,) = ask(folder, ("/login?id=1", {}))
    assert (answer.status_code, answer.headers["location"]) == (308, "/login/?id=1")


def test_a_wrong_link_is_a_page_for_people_and_a_problem_for_programs(folder):
    asked = [("/nowhere", HTML), ("/nowhere", {}), ("/api/v1/nowhere", HTML), ("/api/v1/things", HTML)]
    page, program, api, method = ask(folder, *asked)
    assert (page.status_code, page.text[:5]) == (404, "/404/")
    assert HASH in page.headers["content-security-policy"]
    assert {program.headers["content-type"], api.headers["content-type"]} == {problems.MEDIA_TYPE}
    assert method.status_code == 405


def test_without_a_build_the_first_page_says_how_to_get_one(tmp_path):
    (answer,) = ask(tmp_path, ("/", {}))
    assert answer.status_code == 200
    assert "make web" in answer.text
    assert "skyclust login" in answer.text


def test_the_client_of_the_console_was_generated_from_this_api():
    first = (ROOT / "web/src/api/schema.ts").read_text(encoding="utf-8").partition("\n")[0]
    found = re.search(r"OpenAPI document ([0-9a-f]{64})", first)
    assert found, first
    assert found[1] == hashlib.sha256(document().encode()).hexdigest(), "the API has changed: run `make client`"
