"""A key service in memory, beside the real one that tests/providers/aws/test_keys.py goes through the same stories with."""

import base64
from dataclasses import dataclass, field

import orjson

from skyclust.contract.keys import KeyServiceError, LockedKey


@dataclass
class FakeVault:
    """A cloud with a key service; `away` makes it refuse everything, `calls` counts what reached it."""

    keys: dict[str, str] = field(default_factory=lambda: {"vault/one": "key-1", "vault/two": "key-2"})
    away: bool = False
    calls: int = 0

    def key_service(self, key_name):
        return FakeVaultKey(self, key_name) if key_name in {*self.keys, *self.keys.values()} else None


@dataclass
class FakeVaultKey:
    vault: FakeVault
    name: str

    def lock(self, key, context):
        held = self.vault.keys.get(self.name, self.name)
        return LockedKey(held, base64.b85encode(orjson.dumps([self._call(held), key.hex(), dict(context)])))

    def unlock(self, locked, context):
        held, key, sealed_with = orjson.loads(base64.b85decode(locked.ciphertext))
        if self._call(locked.locked_by) != held or dict(context) != sealed_with:
            raise KeyServiceError("The vault does not open this.")
        return bytes.fromhex(key)

    def _call(self, held):
        self.vault.calls += 1
        if self.vault.away or held not in self.vault.keys.values():
            raise KeyServiceError(f"The vault did not answer for the key {held}.")
        return held
