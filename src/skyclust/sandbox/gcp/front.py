"""The Google endpoint: ASGI in, `GoogleApis` in a thread, faults of the connection acted out. Mounted by the server.

Invariant: the event loop never waits for the store.
"""

import asyncio
from typing import Any

from skyclust.sandbox.gcp.apis import GoogleApis, Request
from skyclust.sandbox.gcp.world import GcpWorld
from skyclust.sandbox.kernel import Kernel, receive_request, send_reply

HOLD_SECONDS, HOLD_POLLS = 2.0, 40


class GcpFront:
    scheme = "http"

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
        given = await receive_request(scope, receive)
        if given is None:
            return
        base_url = f"{given.scheme}://{given.headers.get('host', 'localhost')}"
        request = Request(given.method, given.path, given.query, given.headers, given.body, base_url)
        if request.method == "POST" and request.path.endswith("/wait"):
            await self._hold(request.path)
        reply, fault = await asyncio.to_thread(self.apis.handle, request)
        await send_reply(send, reply, fault)

    async def _hold(self, path: str) -> None:
        """compute.v1 keeps a `wait` open for up to two minutes; here shorter, so a standing clock keeps nobody long."""
        operation = path.removeprefix("/compute/v1/").removesuffix("/wait")
        for _ in range(HOLD_POLLS):
            if not await asyncio.to_thread(self.apis.is_running, operation):
                return
            await asyncio.sleep(HOLD_SECONDS / HOLD_POLLS)


def front(kernel: Kernel) -> GcpFront:
    return GcpFront(kernel)
