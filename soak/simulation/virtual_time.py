"""An asyncio loop whose clock jumps to the next thing to do: hours pass in milliseconds, always in the same order.

It knows callbacks and timers and nothing else: no sockets, no threads, no signals. That makes it several times faster
than asyncio's own. Invariant: nothing real is waited for. A loop with nothing left to do has deadlocked, and says so.
"""

import asyncio
import heapq
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import Any, TypeVar

T = TypeVar("T")

ExceptionHandler = Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object]


#: No story takes longer; what waits then waits for ever.
MAX_SECONDS = 20 * 24 * 3600.0
#: Rounds of the loop at one moment; a busy moment takes a few hundred.
MAX_ROUNDS = 20_000


class DeadlockError(AssertionError):
    """Every task waits for another one and no timer is set."""


class LivelockError(AssertionError):
    """Time stands still, or passes, and the end never comes."""


class _Due:
    """A callback that will be called unless it is cancelled before."""

    __slots__ = ("args", "at", "callback", "context", "gone")

    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...], context: Context, at: float) -> None:
        self.callback, self.args, self.context, self.at, self.gone = callback, args, context, at, False

    def cancel(self) -> None:
        self.gone = True

    def cancelled(self) -> bool:
        return self.gone

    def when(self) -> float:
        return self.at


class VirtualLoop(asyncio.AbstractEventLoop):
    """What tasks, futures, events and timeouts need of a loop."""

    def __init__(self) -> None:
        self._now = 0.0
        self._ready: deque[_Due] = deque()
        self._timers: list[tuple[float, int, _Due]] = []
        self._set = 0
        self._handler: ExceptionHandler | None = None

    # ---- the clock ----
    def time(self) -> float:
        return self._now

    # ---- callbacks ----
    def call_soon(self, callback, *args, context=None):
        due = _Due(callback, args, context or copy_context(), self._now)
        self._ready.append(due)
        return due

    def call_later(self, delay, callback, *args, context=None):
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(self, when, callback, *args, context=None):
        due = _Due(callback, args, context or copy_context(), when)
        self._set += 1
        heapq.heappush(self._timers, (when, self._set, due))
        return due

    def create_future(self):
        return asyncio.Future(loop=self)

    def create_task(self, coro, *, name=None, context=None):
        return asyncio.Task(coro, loop=self, name=name or "", context=context)

    # ---- what goes wrong ----
    def get_debug(self) -> bool:
        return False

    def set_exception_handler(self, handler) -> None:
        self._handler = handler

    def call_exception_handler(self, context) -> None:
        if self._handler is not None:
            self._handler(self, context)

    # ---- running ----
    def is_running(self) -> bool:
        return events._get_running_loop() is self

    def run_until_complete(self, future):
        """Call what is ready; when nothing is, let the clock jump to the next timer."""
        ready, timers = self._ready, self._timers
        events._set_running_loop(self)
        try:
            task = future if isinstance(future, asyncio.Future) else self.create_task(future)
            rounds = 0
            while not task.done():
                rounds += 1
                if not ready:
                    before = self._now
                    self._jump(timers)
                    rounds = rounds if self._now == before else 0
                if rounds > MAX_ROUNDS:
                    raise LivelockError(f"I5: {MAX_ROUNDS} rounds at {self._now:.1f} s, and nothing is done.")
                for _ in range(len(ready)):
                    due = ready.popleft()
                    if due.gone:
                        continue
                    try:
                        due.context.run(due.callback, *due.args)
                    except (SystemExit, KeyboardInterrupt):
                        raise
                    except BaseException as error:  # noqa: BLE001 - as asyncio does: told to the handler, the loop goes on
                        self.call_exception_handler({"message": f"{due.callback!r} failed", "exception": error})
            return task.result()
        finally:
            events._set_running_loop(None)

    def _jump(self, timers: list[tuple[float, int, _Due]]) -> None:
        """To the next timer, and everything else that is due at that very moment."""
        while timers and timers[0][2].gone:
            heapq.heappop(timers)
        if not timers:
            raise DeadlockError("Every task waits for another one and no timer is set.")
        self._now = max(self._now, timers[0][0])
        if self._now > MAX_SECONDS:
            raise LivelockError(f"I5: something is waited for since {MAX_SECONDS:.0f} s.")
        while timers and timers[0][0] <= self._now:
            due = heapq.heappop(timers)[2]
            if not due.gone:
                self._ready.append(due)


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run on a fresh virtual loop; tasks still there at the end are cancelled."""
    loop = VirtualLoop()
    try:
        result: T = loop.run_until_complete(main)
    finally:
        _cancel_all(loop)
    return result


def _cancel_all(loop: VirtualLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        events._set_running_loop(loop)
        gathered = asyncio.gather(*left, return_exceptions=True)
        events._set_running_loop(None)
        loop.run_until_complete(gathered)
