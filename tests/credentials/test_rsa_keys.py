"""The issuer's RSA keys: one per key of the keyring, the same in every process, sealed wherever they lie."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import event, text

from federating import is_key_set, rsa_pem
from skyclust.contract.errors import Unavailable
from skyclust.contract.identities import RS256, Algorithm
from skyclust.credentials import rsa_keys
from skyclust.credentials.clouds import ready_to_sign
from skyclust.credentials.issuing import issuer_at
from skyclust.credentials.keyring import Keyring
from skyclust.credentials.rsa_keys import RELOAD_SECONDS, RsaKeys, new_key, seal, unseal
from skyclust.kit.keys import KeysSealedError

ONE, TWO = bytes(range(32)), bytes(range(32, 64))
WORKSPACE = UUID(int=1)


@pytest.fixture
def one_rsa_key(monkeypatch):
    """Where only the order of things matters, no time goes into making keys."""
    monkeypatch.setattr(rsa_keys, "new_key", rsa_pem)


class TrustingCloud:
    """As much of a provider as says what its cloud checks."""

    def __init__(self, algorithm: Algorithm) -> None:
        self.trusted_algorithm = algorithm

    def trust_guide(self, issuer, subject):
        return f"{issuer} {subject}"


class Process:
    """What signs and publishes in one process; `database` is its own pool."""

    def __init__(self, postgres, keys, monotonic=lambda: 0.0):
        self.database, self.queries = postgres.open(), []
        event.listen(
            self.database.engine.sync_engine, "before_cursor_execute", lambda *told: self.queries.append(told[2])
        )
        self.rsa = RsaKeys(keys, monotonic)
        self.issuer = issuer_at(keys, "https://skyclust.example.com", lambda: datetime.now(UTC), self.rsa)

    async def ready(self, algorithm=RS256):
        await ready_to_sign(TrustingCloud(algorithm), self.issuer, self.database)

    def token(self):
        return self.issuer.identity_of(WORKSPACE).token("somebody", algorithm=RS256)

    def published(self):
        return self.issuer.key_set()["keys"]


def kids(keys):
    return [key["kid"] for key in keys if key["kty"] == "RSA"]


def signed(token, keys):
    """The token's header, if one of the published keys checks it."""
    return jwt.decode(token, KeySet.import_key_set({"keys": keys}), algorithms=[RS256]).header


async def closed(*processes):
    for process in processes:
        await process.database.close()


def test_processes_that_need_the_key_at_once_agree_on_one(postgres):
    """With keys as they really are made: two at random, of which one stays."""

    async def story():
        one, two = (Process(postgres, Keyring("k1", {"k1": ONE})) for _ in range(2))
        await asyncio.gather(one.ready(), two.ready())
        header = signed(one.token(), two.published())
        same = one.published() == two.published()
        async with one.database.session() as session:
            (sealed,) = await session.scalars(text("SELECT sealed FROM issuer_keys"))
        await closed(one, two)
        return header, same, sealed, two.issuer.key_set(), one

    header, same, sealed, published, one = asyncio.run(story())
    assert (header["alg"], header["kid"], same) == ("RS256", "k1.rsa", True)
    assert is_key_set(published)
    assert b"PRIVATE" not in sealed
    assert unseal(Keyring("k1", {"k1": TWO}), "k1", sealed) is None
    assert unseal(Keyring("k2", {"k1": ONE, "k2": ONE}), "k2", sealed) is None  # moved to another key's row
    assert "PRIVATE" not in repr(one.rsa) + repr(one.issuer)


def test_keys_have_3072_bits_and_are_never_the_same():
    one, two = (rsa_keys.opened("k", new_key()) for _ in range(2))
    assert one.private_key.key_size == 3072
    assert one.as_dict()["n"] != two.as_dict()["n"]


def test_after_a_rotation_both_keys_are_published_until_the_keyring_drops_the_old_one(postgres, one_rsa_key):
    async def story():
        running = Keyring("k1", {"k1": ONE})
        before, publishing = Process(postgres, running), Process(postgres, Keyring("k2", {"k2": TWO, "k1": ONE}))
        await before.ready()
        old = before.token()
        await publishing.rsa.load(publishing.database)  # whoever publishes makes nothing
        only_old = kids(publishing.published())
        after = Process(postgres, Keyring("k2", {"k2": TWO, "k1": ONE}))
        await after.ready()
        new = after.token()
        await publishing.rsa.load(publishing.database)
        keys = publishing.published()
        dropped = Process(postgres, Keyring("k2", {"k2": TWO}))
        await dropped.ready()
        await closed(before, publishing, after, dropped)
        headers = [signed(token, keys)["kid"] for token in (old, new)]
        return only_old, kids(keys), headers, kids(dropped.published())

    assert asyncio.run(story()) == (["k1.rsa"], ["k1.rsa", "k2.rsa"], ["k1.rsa", "k2.rsa"], ["k2.rsa"])


def test_what_is_loaded_costs_no_query_for_a_minute(postgres, one_rsa_key):
    async def story():
        seconds = [0.0]
        process = Process(postgres, Keyring("k1", {"k1": ONE}), lambda: seconds[0])
        await process.ready("ES256")
        none, asked = list(process.queries), []
        for seconds[0] in (0.0, 1.0, RELOAD_SECONDS - 1, RELOAD_SECONDS):
            process.queries.clear()
            await process.ready()
            asked.append(sum("issuer_keys" in query for query in process.queries))
        await closed(process)
        return none, asked

    # look, insert, look again; then nothing; then one look for what others have made
    assert asyncio.run(story()) == ([], [3, 0, 0, 1])


def test_a_key_that_does_not_open_is_told_with_what_to_do_and_a_rotation_mends_it(postgres, one_rsa_key):
    async def story():
        strange = Process(postgres, Keyring("k1", {"k1": TWO}))
        await strange.ready()
        process = Process(postgres, Keyring("k1", {"k1": ONE}))
        await process.ready()
        with pytest.raises(Unavailable, match="rotate-keys"):
            process.token()
        mended = Process(postgres, Keyring("k2", {"k2": ONE, "k1": ONE}))
        await mended.ready()
        header = signed(mended.token(), mended.published())
        await closed(strange, process, mended)
        return kids(process.published()), header["kid"]

    assert asyncio.run(story()) == ([], "k2.rsa")


class SealedKeyring:
    """A keyring whose key service is away."""

    ids = frozenset()
    sealed = "The key service is away."

    @property
    def active_id(self):
        raise KeysSealedError(self.sealed)

    def derived(self, key_id, purpose):
        raise KeysSealedError(self.sealed)


def test_a_sealed_server_signs_nothing_and_asks_for_nothing(postgres):
    async def story():
        process = Process(postgres, SealedKeyring())
        await process.ready()
        with pytest.raises(Unavailable, match="cannot open its keys now"):
            process.token()
        await closed(process)
        return process.queries

    assert asyncio.run(story()) == []


def test_a_sealed_key_reads_as_it_was_sealed():
    keys = Keyring("k1", {"k1": ONE})
    assert unseal(keys, "k1", seal(keys, "k1", rsa_pem())).as_dict(private=False)["kty"] == "RSA"
    assert unseal(keys, "k1", b"junk") is None
