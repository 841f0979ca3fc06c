"""The second factor: nobody signs in without it, each code works once, and nobody guesses one."""

import asyncio
import base64
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from canaries import canary
from skyclust.identity import second_factors
from skyclust.identity.passwords import hash_password
from tenancy import problem_kind, through_the_door

PASSWORD = canary("some unrelated words")
EMAIL = "ann@example.com"
#: RFC 6238, appendix B, the SHA-1 rows; six digits of the eight.
RFC_SECRET = b"12345678901234567890"
RFC_CODES = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES.items())
def test_codes_are_those_of_the_rfc(seconds, code):
    assert second_factors.code_at(RFC_SECRET, seconds // second_factors.STEP_SECONDS) == code


def test_the_address_for_the_app_names_the_account_as_it_is():
    uri = urlsplit(second_factors.setup_uri(RFC_SECRET, "ann+ops@example.com"))
    assert (uri.scheme, uri.netloc, unquote(uri.path)) == ("otpauth", "totp", "/SkyClust:ann+ops@example.com")
    assert parse_qs(uri.query)["secret"] == [second_factors.as_text(RFC_SECRET)]


def test_a_sealed_secret_opens_for_its_user_only():
    class Keys:
        active_id = "k"

        def derived(self, key_id, purpose):
            return {"k": b"1" * 32}[key_id] if purpose == "second-factor" else b"2" * 32

    ann, bob = (second_factors.UUID(int=number) for number in (1, 2))
    sealed = second_factors.seal(Keys(), ann, b"secret")
    assert second_factors.unseal(Keys(), ann, sealed) == b"secret"
    assert b"secret" not in sealed.ciphertext
    for user, damaged in (
        (bob, sealed),
        (ann, second_factors.SealedSecret("gone", sealed.ciphertext)),
        (ann, second_factors.SealedSecret("k", sealed.ciphertext[:-1])),
    ):
        with pytest.raises(second_factors.SecretLost):
            second_factors.unseal(Keys(), user, damaged)


class Account:
    """Somebody with a password and perhaps a second factor."""

    def __init__(self, house, person):
        self.house, self.person, self.secret, self.recovery = house, person, b"", []

    @classmethod
    async def open(cls, house, *, factor=True):
        known = await hash_password(PASSWORD)
        account = cls(house, await house.person(EMAIL, password_hash=known))
        if factor:
            await account.set_up()
        return account

    async def set_up(self):
        begun = await self.person.client.post("/auth/second-factor", json={"current_password": PASSWORD})
        assert begun.status_code == 201, begun.text
        assert begun.headers["cache-control"] == "no-store"
        self.secret = base64.b32decode(begun.json()["shared_secret"])
        assert begun.json()["uri"].startswith("otpauth://totp/SkyClust:")
        confirmed = await self.person.client.post("/auth/second-factor:confirm", json={"code": self.code()})
        assert confirmed.status_code == 200, confirmed.text
        self.recovery = confirmed.json()["recovery_codes"]
        self.house.clock.pass_(seconds=30)

    def code(self, steps=0):
        step = int(self.house.clock.now().timestamp()) // second_factors.STEP_SECONDS
        return second_factors.code_at(self.secret, step + steps)

    async def sign_in(self, code=None, password=PASSWORD):
        body = {"email": EMAIL, "password": password} | ({"code": code} if code else {})
        return await self.house.anonymous.post("/auth/login", json=body)


def play(postgres, scenario, **how):
    async def run(house):
        return await scenario(await Account.open(house, **how))

    return through_the_door(postgres, run)


def test_with_a_second_factor_the_password_alone_is_not_enough(postgres):
    async def scenario(ann):
        return await ann.sign_in(), await ann.sign_in(ann.code())

    refused, let_in = play(postgres, scenario)
    assert (refused.status_code, problem_kind(refused)) == (401, "second-factor-required")
    assert let_in.status_code == 200


def test_whoever_does_not_know_the_password_learns_nothing_of_the_factor(postgres):
    async def scenario(ann):
        return [problem_kind(answer) for answer in (await ann.sign_in(password="x"), await ann.sign_in("123456", "x"))]

    assert play(postgres, scenario) == ["wrong-credentials"] * 2


def test_a_code_works_once_also_when_two_come_at_once(postgres):
    async def scenario(ann):
        code = ann.code()
        both = await asyncio.gather(ann.sign_in(code), ann.sign_in(code))
        return sorted(answer.status_code for answer in both), await ann.sign_in(code), await ann.sign_in(ann.code(-1))

    both, again, earlier = play(postgres, scenario)
    assert both == [200, 401]
    assert [problem_kind(answer) for answer in (again, earlier)] == ["wrong-second-factor"] * 2


def test_a_clock_one_step_off_is_forgiven_two_are_not(postgres):
    async def scenario(ann):
        return [(await ann.sign_in(ann.code(steps))).status_code for steps in (2, -2, 1)]

    assert play(postgres, scenario) == [401, 401, 200]


def test_codes_cannot_be_guessed_not_even_with_the_right_password_in_between(postgres):
    async def scenario(ann):
        answers = []
        for number in range(6):
            answers.append(await ann.sign_in(f"{number:06}"))
            answers.append(await ann.sign_in())
        return answers, await ann.sign_in(ann.code())

    answers, locked = play(postgres, scenario)
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert locked.status_code == 429


def test_each_recovery_code_works_once_however_it_is_typed(postgres):
    async def scenario(ann):
        one, two = ann.recovery[:2]
        codes = [one, one, two.replace("-", " ").upper()]
        outcomes = [(await ann.sign_in(code)).status_code for code in codes]
        return len(set(ann.recovery)), outcomes, (await ann.person.client.get("/auth/second-factor")).json()

    count, outcomes, standing = play(postgres, scenario)
    assert (count, outcomes) == (10, [200, 401, 200])
    assert (standing["enabled"], standing["recovery_codes_left"]) == (True, 8)


def test_an_unconfirmed_secret_counts_for_nothing_and_can_be_begun_anew(postgres):
    async def scenario(ann):
        body = {"current_password": PASSWORD}
        first = await ann.person.client.post("/auth/second-factor", json=body)
        second = await ann.person.client.post("/auth/second-factor", json=body)
        wrong = await ann.person.client.post("/auth/second-factor:confirm", json={"code": "000000"})
        return first.json(), second.json(), wrong, await ann.sign_in()

    first, second, wrong, let_in = play(postgres, scenario, factor=False)
    assert first["shared_secret"] != second["shared_secret"]
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/code")
    assert let_in.status_code == 200


def test_setting_it_up_takes_the_password_and_a_second_one_is_refused(postgres):
    async def scenario(ann):
        wrong = await ann.person.client.post("/auth/second-factor", json={"current_password": "x"})
        return wrong, await ann.person.client.post("/auth/second-factor", json={"current_password": PASSWORD})

    wrong, again = play(postgres, scenario)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/current_password")
    assert (again.status_code, problem_kind(again)) == (409, "second-factor-exists")


def test_taking_it_off_takes_password_and_code_and_guesses_count(postgres):
    async def scenario(ann):
        async def remove(code, password=PASSWORD):
            body = {"current_password": password, "code": code}
            return await ann.person.client.post("/auth/second-factor:remove", json=body)

        wrong = [await remove(ann.code(), "x"), *[await remove("000000") for _ in range(9)]]
        locked = await remove(ann.code())
        ann.house.clock.pass_(minutes=16)
        ann.person.client = ann.house.client((await ann.sign_in(ann.code())).json()["access_token"])
        ann.house.clock.pass_(seconds=30)
        removed = await remove(ann.code())
        return wrong, locked, removed, await ann.sign_in()

    wrong, locked, removed, let_in = play(postgres, scenario)
    assert [answer.status_code for answer in wrong] == [422] * 10
    assert locked.status_code == 429
    assert (removed.status_code, let_in.status_code) == (204, 200)


def test_an_administrator_takes_it_off_for_who_lost_everything_and_nobody_else_may(postgres):
    async def scenario(ann):
        root, bob = await ann.house.person(admin=True), await ann.house.person()
        path = f"/users/{ann.person.id}/second-factor"
        refused = await bob.client.delete(path)
        rehearsed = await root.client.delete(f"{path}?dry_run=true")
        still = await ann.sign_in()
        removed = await root.client.delete(path)
        told = await ann.house.scalar("SELECT string_agg(action, ' ' ORDER BY at, seq) FROM audit_entries")
        return refused.status_code, rehearsed.status_code, still.status_code, removed.status_code, told

    *codes, told = play(postgres, scenario)
    assert codes == [403, 204, 401, 204]
    assert "user.second_factor_enabled" in told
    assert told.endswith("user.second_factor_disabled")


def test_the_database_and_the_log_hold_neither_secret_nor_code(postgres):
    async def scenario(ann):
        await ann.sign_in(ann.recovery[0])
        rows = [
            await ann.house.scalar(f"SELECT string_agg(row_to_json(t)::text, ' ') FROM {table} t")
            for table in ("second_factors", "recovery_codes", "audit_entries", "outbox")
        ]
        return ann, [row or "" for row in rows] + [ann.house.logs.getvalue()]

    ann, places = play(postgres, scenario)
    hidden = [
        second_factors.as_text(ann.secret),
        ann.secret.hex(),
        *ann.recovery,
        *(c.replace("-", "") for c in ann.recovery),
    ]
    for place in places:
        assert not [text for text in hidden if text.lower() in place.lower()]
