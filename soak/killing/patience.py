"""A client that does not give up: whatever dies meanwhile, it asks again with the same key until it is answered.

Used by stories and by tests of outages.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from soak.killing.product import ENDED, Product, Refused

Json = dict[str, Any]
PATIENCE_SECONDS = 120.0


def _ignore(_: Json) -> None:
    return None


@dataclass(frozen=True)
class PatientClient:
    """Answers of 5xx and broken connections are no answers."""

    product: Product

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """One request, however often it must be sent."""
        key, deadline = str(uuid.uuid4()), time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return dict(self.product.call(method, path, body, headers={"idempotency-key": key}))
            except Refused as refused:
                if refused.status < 500 and refused.status != 429:
                    raise
                last: Exception = refused
            except (OSError, HTTPException, ValueError) as cut:
                last = cut
            assert time.monotonic() < deadline, f"{method} {path} is not answered: {last!r}"
            time.sleep(0.1)  # a real process restarts meanwhile

    def delete(self, path: str, target_id: str) -> Json:
        """The deletion's operation. Its answer may get lost while it ends: then `path` names nothing any more."""
        try:
            return self.ask("DELETE", path)
        except Refused as refused:
            if refused.status != 404:
                raise
        listed = self.ask("GET", f"/operations?target_id={target_id}")["items"]
        return next(dict(item) for item in listed if item["kind"].endswith(".delete"))

    def ended(self, operation_id: str, look: Callable[[Json], object] = _ignore) -> Json:
        """Follow an operation to its end, and `look` at it each time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            operation = self.ask("GET", f"/operations/{operation_id}")
            look(operation)
            if operation["state"] in ENDED:
                return operation
            open_steps = [(step["key"], step["state"], step["message"]) for step in operation["steps"]]
            assert time.monotonic() < deadline, f"{operation['kind']} does not end: {open_steps}"
            time.sleep(0.3)  # polling a real process
