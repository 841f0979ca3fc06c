"""Headers of every answer, and which web pages may ask (T16, T17)."""

import pytest

from skyclust.kit.origins import is_allowed, origin_of, origins
from whole_app import kind_of, whole

APP = "https://app.example.com"
OWN = "https://clouds.example.com"
EVIL = [
    "null", "http://app.example.com", "https://app.example.com.evil.com", "https://evilapp.example.com",
    "https://app.example.com:8443", "https://example.com", "https://APP.example.com.", "https://app.example.com@evil.com",
    "https://app.example.com,https://evil.com", "*", "http://clouds.example.com", "http://localhost", "file://", "",
]  # fmt: skip


@pytest.mark.parametrize("origin", EVIL)
def test_a_page_of_another_origin_may_neither_read_nor_write(postgres, origin):
    async def story(site):
        person = await site.person()
        headers = {"origin": origin}
        read = await person.client.get("/workspaces", headers=headers)
        written = await person.client.post("/workspaces", json={"name": "x"}, headers=headers)
        streamed = await person.client.get("/events", headers=headers)
        asked = await site.anonymous.options("/workspaces", headers=headers | {"access-control-request-method": "POST"})
        return [read, written, streamed, asked], await site.scalar("SELECT count(*) FROM workspaces")

    answers, made = whole(postgres, story, settings={"public_url": OWN, "allowed_origins": APP})
    assert [(answer.status_code, kind_of(answer)) for answer in answers] == [(403, "foreign-origin")] * 4
    assert not any(name.startswith("access-control") for answer in answers for name in answer.headers)
    assert made == 0


def test_an_allowed_page_is_named_exactly_and_gets_no_credentials(postgres):
    async def story(site):
        person = await site.person()
        answer = await person.client.get("/workspaces", headers={"origin": APP})
        preflight = {
            "origin": APP,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
        }
        asked = await site.anonymous.options("/workspaces", headers=preflight)
        return answer, asked, await person.client.get("/workspaces", headers={"origin": OWN})

    answer, asked, own = whole(
        postgres, story, settings={"public_url": OWN, "allowed_origins": f"{APP}, https://b.example.com"}
    )
    assert answer.headers["access-control-allow-origin"] == APP
    assert "access-control-allow-credentials" not in answer.headers
    assert "origin" in answer.headers["vary"].lower()
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, APP)
    assert own.status_code == 200
    assert "access-control-allow-origin" not in own.headers


def test_without_a_public_address_the_addressed_host_is_our_own():
    nobody = frozenset()
    assert is_allowed("http://127.0.0.1:8080", "127.0.0.1:8080", nobody, "")
    assert is_allowed("https://clouds.example.com", "clouds.example.com", nobody, "")
    for origin in ("http://127.0.0.1:8081", "http://127.0.0.1", "null", "", "http://127.0.0.1:8080.evil.com"):
        assert not is_allowed(origin, "127.0.0.1:8080", nobody, ""), origin


def test_origins_are_whole_and_encrypted_off_this_machine():
    assert origins("https://a.example.com/, http://localhost:3000") == {
        "https://a.example.com",
        "http://localhost:3000",
    }
    for wrong in (
        "*",
        "https://*.example.com",
        "null",
        "http://a.example.com",
        "a.example.com",
        "https://a.example.com/x",
    ):
        with pytest.raises(ValueError, match=r"origin|encrypted"):
            origins(wrong)
    assert origin_of("https://Clouds.example.com:443/path") == OWN
    assert origin_of("") == ""


SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def test_every_answer_of_every_kind_has_every_security_header(postgres):
    async def story(site):
        person = await site.person()
        site.app.state.broken = True
        root = site.client()
        root.base_url = "http://skyclust"
        return [
            await person.client.get("/workspaces"),
            await person.client.get("/workspaces/none"),
            await site.anonymous.get("/workspaces"),
            await site.anonymous.get("/nowhere"),
            await site.anonymous.post("/auth/login", content=b"[", headers={"content-type": "application/json"}),
            await site.anonymous.post("/auth/login", content=b"x", headers={"content-type": "text/plain"}),
            await site.anonymous.get("/workspaces", headers={"origin": "https://evil.com"}),
            await root.get("/docs"),
            await root.get("/docs.css"),
            await root.get("/setup"),
        ]

    answers = whole(postgres, story, settings={"public_url": OWN, "docs": "open"})
    assert [answer.status_code for answer in answers] == [200, 422, 401, 404, 422, 415, 403, 200, 200, 200]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in SAFE} == SAFE, answer.request.url
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
        assert answer.headers["x-trace-id"]


def test_hsts_is_said_only_where_there_is_tls(postgres):
    async def story(site):
        return await site.anonymous.get("/health/live")

    assert "strict-transport-security" not in whole(postgres, story).headers


def test_a_cookie_opens_nothing(postgres):
    async def story(site):
        person = await site.person()
        token = person.client.headers["authorization"].removeprefix("Bearer ")
        names = ("session", "access_token", "token", "Authorization", "skyclust-sign-on", "__Host-skyclust-sign-on")
        cookie = {"cookie": "; ".join(f"{name}={token}" for name in names)}
        return [
            (await site.anonymous.post("/workspaces", json={"name": "x"}, headers=cookie)).status_code,
            (await site.anonymous.get("/workspaces", headers=cookie)).status_code,
        ]

    assert whole(postgres, story) == [401, 401]


def test_pages_have_no_script_and_no_style_of_their_own(postgres):
    async def story(site):
        root = site.client()
        root.base_url = "http://skyclust"
        token = '"><script>alert(1)</script>'
        return [(await root.get(path)).text for path in ("/docs", "/setup", f"/setup?token={token}")]

    for page in whole(postgres, story):
        assert "<script" not in page
        assert " on" not in "".join(part.partition(">")[0] for part in page.split("<")[1:]).replace(" one", "")
        assert "style=" not in page
        assert "javascript:" not in page
