"""The Azure endpoint: ASGI in, `AzureApis` in a thread, faults of the connection acted out. Mounted by the server.

One listener is both Resource Manager and the login authority. Invariant: the event loop never waits for the store.
"""

import asyncio
from typing import Any

from skyclust.sandbox.azure.apis import AzureApis
from skyclust.sandbox.azure.world import AzureWorld
from skyclust.sandbox.kernel import Kernel, receive_request, send_reply


class AzureFront:
    scheme = "https"

    def __init__(self, kernel: Kernel) -> None:
        self.apis = AzureApis(kernel)
        self.world = AzureWorld(self.apis)

    def announce(self, base_url: str) -> dict[str, Any]:
        """Where and as whom to call; `ca_file` vouches for the endpoint and the authority."""
        self.apis.resume()
        identities = self.apis.identities
        return {
            "endpoint": base_url,
            "authority": base_url,
            "ca_file": str(self.apis.kernel.ca.certificate_file.resolve()),
            "tenant_id": identities.account.tenant,
            "client_id": identities.account.client,
            "client_secret": identities.secret,
            "subscription_id": identities.account.subscription,
            "object_id": identities.account.object_id,
        }

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        request = await receive_request(scope, receive)
        if request is None:
            return
        base_url = f"{request.scheme}://{request.headers.get('host', 'localhost')}"
        reply, fault = await asyncio.to_thread(self.apis.handle, request, base_url)
        await send_reply(send, reply, fault)


def front(kernel: Kernel) -> AzureFront:
    return AzureFront(kernel)
