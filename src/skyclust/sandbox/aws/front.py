"""The AWS endpoint: ASGI in, `AwsCloud` in a thread, faults of the connection acted out. Mounted by the server.

Invariant: the event loop never waits for moto.
"""

import asyncio
from typing import Any

from skyclust.sandbox.aws.cloud import AwsCloud
from skyclust.sandbox.aws.requests import parse_request
from skyclust.sandbox.aws.world import AwsWorld
from skyclust.sandbox.kernel import Kernel, receive_request, send_reply

DEFAULT_REGION = "us-east-1"


class AwsFront:
    scheme = "http"

    def __init__(self, kernel: Kernel) -> None:
        self.cloud = AwsCloud(kernel)
        self.world = AwsWorld(self.cloud)

    def announce(self, base_url: str) -> dict[str, Any]:
        self.cloud.replay()
        return {
            "endpoint": base_url,
            "access_key": self.cloud.identities.access_key,
            "secret_key": self.cloud.identities.secret_key,
            "region": DEFAULT_REGION,
        }

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        given = await receive_request(scope, receive)
        if given is None:
            return
        request = parse_request(given.method, given.raw_path, given.query, given.headers, given.body)
        reply, fault = await asyncio.to_thread(self.cloud.handle, request)
        await send_reply(send, reply, fault)


def front(kernel: Kernel) -> AwsFront:
    return AwsFront(kernel)
