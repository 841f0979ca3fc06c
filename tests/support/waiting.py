"""Wait for something that another task or process brings about, with a deadline."""

import asyncio
from collections.abc import Callable


async def until(true: Callable[[], object], *, seconds: float = 10, what: str = "it") -> None:
    """Until `true()` is; fails after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110 - the condition may be another process's doing: there is no event
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"{what} did not happen within {seconds:g} s") from None
