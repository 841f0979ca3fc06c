"""The refresh token of a web page: in a cookie that no script reads, and that counts only with the page's own header."""

from skyclust.identity.passwords import hash_password
from tenancy import through_the_door

PASSWORD = "some unrelated words"
PAGE = {"X-Refresh-Token-Place": "cookie"}
NAME = "skyclust-session"


async def signed_in(house, headers=PAGE):
    await house.person("ann@example.com", password_hash=await hash_password(PASSWORD))
    body = {"email": "ann@example.com", "password": PASSWORD}
    return await house.anonymous.post("/auth/login", json=body, headers=headers)


def cookie_of(answer):
    return answer.headers["set-cookie"].partition(";")[0].partition("=")[2]


async def refreshed(house, cookie, headers=PAGE):
    return await house.anonymous.post("/auth/refresh", json={}, headers={**headers, "cookie": f"{NAME}={cookie}"})


def test_a_page_gets_its_refresh_token_in_a_cookie_and_not_in_the_body(postgres):
    answer = through_the_door(postgres, signed_in)
    assert answer.json()["refresh_token"] == ""
    told = answer.headers["set-cookie"].lower()
    assert told.startswith(NAME)
    assert all(word in told for word in ("httponly", "samesite=strict", "path=/", "max-age="))


def test_programs_get_it_in_the_body_and_no_cookie(postgres):
    async def scenario(house):
        return await signed_in(house, headers={})

    answer = through_the_door(postgres, scenario)
    assert answer.json()["refresh_token"]
    assert "set-cookie" not in answer.headers


def test_the_cookie_refreshes_once_and_each_refresh_sets_the_next(postgres):
    async def scenario(house):
        first = cookie_of(await signed_in(house))
        second = await refreshed(house, first)
        third = await refreshed(house, cookie_of(second))
        reused = await refreshed(house, first)
        return [each.status_code for each in (second, third, reused)], await refreshed(house, cookie_of(third))

    codes, after_reuse = through_the_door(postgres, scenario)
    assert codes == [200, 200, 401]
    assert after_reuse.status_code == 401, "a token used twice ends its session"


def test_the_cookie_alone_is_worth_nothing(postgres):
    async def scenario(house):
        cookie = cookie_of(await signed_in(house))
        return await refreshed(house, cookie, headers={}), await refreshed(house, cookie)

    without, with_header = through_the_door(postgres, scenario)
    assert (without.status_code, with_header.status_code) == (401, 200)


def test_over_https_no_other_host_can_set_it(postgres):
    async def scenario(house):
        state = house.app.state
        state.settings = state.settings.model_copy(update={"public_url": "https://clusters.example.com"})
        return await signed_in(house)

    told = through_the_door(postgres, scenario).headers["set-cookie"]
    assert told.startswith(f"__Host-{NAME}=")
    assert "Secure" in told


def test_signing_out_takes_the_cookie_away(postgres):
    async def scenario(house):
        answer = await signed_in(house)
        client = house.client(answer.json()["access_token"])
        out = await client.post("/auth/logout", headers=PAGE)
        return out, await refreshed(house, cookie_of(answer))

    out, after = through_the_door(postgres, scenario)
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert after.status_code == 401
