"""AWS KMS as a key service (contract/keys.py): locks the server's keyring. Called with the machine's identity.

Synchronous, since the keyring is; each call ends within seconds and is made once. Needs kms:Encrypt and kms:Decrypt.
https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html, API_Decrypt.html
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

from skyclust.contract.keys import KeyServiceError, LockedKey

_ARN = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):[0-9]{12}:(key|alias)/[A-Za-z0-9/_-]{1,256}")
_ALIAS = re.compile(r"alias/[A-Za-z0-9/_-]{1,250}")
CONNECT_SECONDS = 2
READ_SECONDS = 10  # one attempt only, so with room: a KMS that answers late is no reason to stay sealed


def is_key_name(name: str) -> bool:
    """Whether it is an ARN or an alias as KMS writes them."""
    return bool(_ARN.fullmatch(name) or _ALIAS.fullmatch(name))


class KmsKey:
    """Implements `contract.keys.KeyService` with one KMS key; `region` is for an alias, an ARN names its own."""

    def __init__(self, name: str, region: str, endpoint: str | None) -> None:
        """`name` has passed `is_key_name`. No SDK and no network yet: both come with the first call."""
        self.name = name
        self._region = region
        self._endpoint = endpoint
        self._clients: dict[str, Any] = {}
        self._making = threading.Lock()

    def lock(self, key: bytes, context: Mapping[str, str]) -> LockedKey:
        """One Encrypt. The answer's ARN is kept, so that an alias that moves to another key opens what is older."""
        answer = self._call("encrypt", self.name, Plaintext=key, EncryptionContext=dict(context))
        return LockedKey(str(answer["KeyId"]), bytes(answer["CiphertextBlob"]))

    def unlock(self, locked: LockedKey, context: Mapping[str, str]) -> bytes:
        """One Decrypt, with no other key than the one that locked it."""
        given = {"CiphertextBlob": locked.ciphertext, "EncryptionContext": dict(context)}
        return bytes(self._call("decrypt", locked.locked_by, **given)["Plaintext"])

    def _call(self, method: str, key: str, **parameters: Any) -> Any:
        found = _ARN.fullmatch(key)
        region = found["region"] if found else self._region
        if not region:
            raise KeyServiceError(f"The KMS key {key} names no region. Set AWS_REGION, or give the key's whole ARN.")
        try:
            return getattr(self._client(region), method)(KeyId=key, **parameters)
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises; its text is not repeated, it may quote
            raise KeyServiceError(f"KMS did not {method} with the key {key}: {_word(error)}.") from None

    def _client(self, region: str) -> Any:
        from botocore.config import Config  # noqa: PLC0415 - only for those who use KMS
        from botocore.session import Session  # noqa: PLC0415 - as above

        with self._making:
            if region not in self._clients:
                config = Config(
                    connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 1}
                )
                self._clients[region] = Session().create_client(
                    "kms", region_name=region, endpoint_url=self._endpoint, config=config
                )
            return self._clients[region]


def _word(error: Exception) -> str:
    """AWS's error code, else the kind of failure."""
    answer = getattr(error, "response", None)
    code = answer.get("Error", {}).get("Code") if isinstance(answer, dict) else None
    return str(code or type(error).__name__)
