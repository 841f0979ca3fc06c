"""The Google endpoint: ASGI in, `GoogleApis` in a thread, faults of the connection acted out. Mounted by the server.

Invariant: the event loop never waits for the store.
"""

import asyncio
from typing import Any

from skyclust.sandbox.gcp.apis import GoogleApis, Request
from skyclust.sandbox.gcp.world import GcpWorld
from skyclust.sandbox.kernel import Kernel, Mode, cut_connection

HOLD_SECONDS, HOLD_POLLS = 2.0, 40


class GcpFront:
    def __init__(self, kernel: Kernel) -> None:
        self.apis = GoogleApis(kernel)
        self.world = GcpWorld(self.apis)

    def announce(self, base_url: str) -> dict[str, Any]:
        """Where and as whom to call; the service account file is written for this address."""
        self.apis.resume()
        identities = self.apis.identities
        return {
            "endpoint": base_url,
            "token_uri": f"{base_url}/token",
            "project": self.apis.cloud.project.id,
            "project_number": self.apis.cloud.project.number,
            "service_account": identities.email,
            "service_account_file": str(identities.write_file(base_url).resolve()),
        }

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        request = Request(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=bytes(body),
            base_url=f"{scope.get('scheme', 'http')}://{headers.get('host', 'localhost')}",
        )
        if request.method == "POST" and request.path.endswith("/wait"):
            await self._hold(request.path)
        reply, fault = await asyncio.to_thread(self.apis.handle, request)
        if fault is not None and fault.mode is Mode.SLOW:
            await asyncio.sleep(float(fault.params.get("seconds", 5)))
        if fault is not None and fault.mode in (Mode.LOST_REQUEST, Mode.LOST_REPLY):
            await cut_connection(send)
            return
        sent = [(name.encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
        sent.append((b"content-length", str(len(reply.body)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": sent})
        await send({"type": "http.response.body", "body": reply.body})

    async def _hold(self, path: str) -> None:
        """compute.v1 keeps a `wait` open for up to two minutes; here shorter, so a standing clock keeps nobody long."""
        operation = path.removeprefix("/compute/v1/").removesuffix("/wait")
        for _ in range(HOLD_POLLS):
            if not await asyncio.to_thread(self.apis.is_running, operation):
                return
            await asyncio.sleep(HOLD_SECONDS / HOLD_POLLS)


def front(kernel: Kernel) -> GcpFront:
    return GcpFront(kernel)
