"""Break a client's connection as a broken network would. Called by fronts that act out a lost reply.

Invariant: not one byte of a reply leaves.
"""

import asyncio
from typing import Any


async def cut_connection(send: Any) -> None:
    """Abort the transport under an ASGI `send` of uvicorn's, before the response has started."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError(
            "This ASGI server does not show its transport; a lost reply needs uvicorn without middleware."
        )
    transport.abort()
    for _ in range(3):  # the server learns of it in the loop's next turns, and then does not answer 500
        await asyncio.sleep(0)
