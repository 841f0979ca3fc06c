"""The product as a user sees it: its HTTP door, and the control API of the simulated clouds behind it.

Called by everything that drives running processes. Invariant: nothing is read from anywhere but these two doors.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

#: Real seconds within which any operation must have ended.
PATIENCE_SECONDS = 120.0
#: What the sandbox announces of an account that a credential holds; the clouds name theirs differently.
ACCOUNT_FIELDS = ("access_key", "secret_key", "region", "tenant_id", "client_id", "client_secret", "subscription_id")
ENDED = {"succeeded", "failed", "needs_attention", "cancelled"}


class Refused(Exception):
    """A problem document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem}")
        self.status, self.problem = status, problem

    @property
    def kind(self) -> str:
        """The last word of the problem's type."""
        return str(self.problem["type"].rpartition("/")[2])

    @property
    def pointers(self) -> set[str]:
        """The fields that are wrong."""
        return {error["pointer"] for error in self.problem.get("errors", [])}


class Product:
    """`ready` says where it is: {"url": ..., "sandbox": what the sandbox announced}."""

    ready: dict[str, Any]
    token: str = ""

    def call(
        self, method: str, path: str, body: dict | None = None, *, headers: dict | None = None, token: str | None = None
    ) -> Any:
        """One request; a problem raises Refused."""
        data = json.dumps(body).encode() if body is not None else None
        bearer = self.token if token is None else token
        sent = {"content-type": "application/json", **({"authorization": f"Bearer {bearer}"} if bearer else {})}
        request = urllib.request.Request(
            f"{self.ready['url']}/api/v1{path}", data=data, method=method, headers=sent | (headers or {})
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                raw = reply.read()
        except urllib.error.HTTPError as refused:
            with refused:
                raise Refused(refused.code, json.loads(refused.read())) from None
        if not raw:
            return None
        return json.loads(raw) if raw[:1] in b"{[" else raw.decode()

    def credential(self, provider: str) -> str:
        """The sandbox's account of a cloud, added once."""
        known = [item for item in self.call("GET", "/credentials")["items"] if item["provider"] == provider]
        if known:
            return str(known[0]["id"])
        body = {"name": f"sandbox-{provider}", "provider": provider, "data": self.account(provider)}
        return str(self.call("POST", "/credentials", body)["id"])

    def account(self, provider: str) -> dict[str, Any]:
        """The data of the sandbox's credential."""
        announced = self.ready["sandbox"][provider]
        if "service_account_file" in announced:
            return dict(json.loads(Path(announced["service_account_file"]).read_text()))
        return {key: announced[key] for key in ACCOUNT_FIELDS if key in announced}

    def given_secrets(self) -> list[str]:
        """What is handed in and must never be found again: clouds' keys, the administrator's password."""
        clouds = [self.account(name) for name, entry in self.ready["sandbox"].items() if isinstance(entry, dict)]
        keys = [
            data.get("secret_key") or data.get("client_secret") or data["private_key"].splitlines()[5]
            for data in clouds
        ]
        return [*keys, *([self.ready["admin"]["password"]] if "admin" in self.ready else [])]

    def ended(self, operation_id: str) -> dict[str, Any]:
        """Wait for the end of an operation."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            operation = self.call("GET", f"/operations/{operation_id}")
            if operation["state"] in ENDED:
                return dict(operation)
            time.sleep(0.1)  # polling a real process
        raise AssertionError(f"not ended in time: {json.dumps(operation['steps'], indent=1)}")

    def succeeded(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Wait, and insist on success."""
        found = self.ended(operation["id"])
        assert found["state"] == "succeeded", json.dumps([found["error"], found["steps"]], indent=1)
        return found

    def control(self, method: str, path: str, body: dict | None = None) -> Any:
        """The sandbox's control API."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.ready['sandbox']['control']}/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=20) as reply:
            raw = reply.read()
        return json.loads(raw) if raw else None

    def resources(self, provider: str) -> list[dict[str, Any]]:
        """Everything that exists in a simulated cloud: the independent truth."""
        return list(self.control("GET", f"resources?provider={provider}")["resources"])

    def act(self, provider: str, action: str, **body: Any) -> Any:
        """An act of the outside world."""
        return self.control("POST", f"actions/{provider}/{action}", body)
