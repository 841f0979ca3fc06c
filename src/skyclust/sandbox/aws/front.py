"""The AWS endpoint: ASGI in, `AwsCloud` in a thread, faults of the connection acted out. Mounted by the server.

Invariant: the event loop never waits for moto.
"""

import asyncio
from typing import Any

from skyclust.sandbox.aws.cloud import AwsCloud
from skyclust.sandbox.aws.requests import parse_request
from skyclust.sandbox.aws.world import AwsWorld
from skyclust.sandbox.kernel import Kernel, Mode, cut_connection

DEFAULT_REGION = "us-east-1"


class AwsFront:
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
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
        request = parse_request(scope["method"], path, scope["query_string"].decode("latin-1"), headers, bytes(body))
        reply, fault = await asyncio.to_thread(self.cloud.handle, request)
        if fault is not None and fault.mode is Mode.SLOW:
            await asyncio.sleep(float(fault.params.get("seconds", 5)))
        if fault is not None and fault.mode in (Mode.LOST_REQUEST, Mode.LOST_REPLY):
            await cut_connection(send)
            return
        sent = [(name.encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
        sent.append((b"content-length", str(len(reply.body)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": sent})
        await send({"type": "http.response.body", "body": reply.body})


def front(kernel: Kernel) -> AwsFront:
    return AwsFront(kernel)
