"""Buckets that several API processes share in Redis. Called by rates.Limiter for what its own buckets have let in.

One question per request at most, and one under way at a time: what comes meanwhile goes together with the next. A
script of ours takes from all buckets (ADR 0011 says why none of the strategies of `limits` does).
Invariant: no request waits longer than WAIT_SECONDS for Redis; while it is away one request in PAUSE_SECONDS tries it;
whatever Redis says or leaves unsaid raises nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import structlog
from limits.aio.storage import RedisStorage
from limits.errors import ConfigurationError
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from skyclust.kit.rates import SECONDS, TOLERANCE, Ask, Taken

WAIT_SECONDS = 0.25
#: A question under way is given up before whoever waits for it gives up.
ANSWER_SECONDS = 0.2
CONNECT_SECONDS = 2.0
PAUSE_SECONDS = 3.0
#: Requests that go together at most.
TOGETHER = 200
#: What redis-py takes, and what `limits` calls it.
SCHEMES = {"redis": "async+redis", "rediss": "async+rediss", "unix": "async+redis+unix"}

#: KEYS: buckets. ARGV, two for each: how many it holds, and the request it is asked for. Told, two for each:
#: microseconds until it would have been full before, and 1 when it gave one, 0 when not, -1 when it was not asked, as
#: another had refused that request. Redis' own clock counts, so that those of the machines need not agree.
TAKE = f"""
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local told = {{}}
local refused = nil
for i, key in ipairs(KEYS) do
  local count, request = tonumber(ARGV[2 * i - 1]), ARGV[2 * i]
  local each = {SECONDS} * 1000000 / count
  local full_at = math.max(tonumber(redis.call('GET', key) or now), now)
  table.insert(told, math.floor(full_at - now))
  if request == refused then
    table.insert(told, -1)
  elseif (full_at - now) / each > count - 1 + {TOLERANCE} then
    refused = request
    table.insert(told, 0)
  else
    full_at = full_at + each
    redis.call('SET', key, string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000))
    table.insert(told, 1)
  end
end
return told
"""

log = structlog.get_logger(__name__)
Script = Callable[[Sequence[str], Sequence[int]], Awaitable[list[int]]]


@dataclass(frozen=True, eq=False, slots=True)
class _Question:
    """What one request asks for, and who waits for the answer."""

    asked: Sequence[Ask]
    answer: asyncio.Future[list[Taken] | None]


@dataclass
class RedisBuckets:
    """`told` hears whether the buckets are shared now, when that changes."""

    script: Script
    greet: Callable[[], Awaitable[Any]]
    failures: tuple[type[Exception], ...]
    give_back: Callable[[], Awaitable[None]]
    monotonic: Callable[[], float]
    told: Callable[[bool], None] = lambda _shared: None
    _waiting: list[_Question] = field(default_factory=list, repr=False)
    _asking: asyncio.Task[None] | None = field(default=None, repr=False)
    _trying: asyncio.Task[None] | None = field(default=None, repr=False)
    #: Whether Redis answered last; None before anything was asked.
    _answers: bool | None = None
    _again_at: float = 0.0

    async def take(self, asked: Sequence[Ask]) -> list[Taken] | None:
        """What the buckets gave; None when Redis does not say."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                if not self._answers and not await self._reached():
                    return None
                question = _Question(asked, asyncio.get_running_loop().create_future())
                self._waiting.append(question)
                if self._asking is None or self._asking.done():
                    self._asking = asyncio.create_task(self._ask())
                return await question.answer
        except TimeoutError:
            return None

    async def _reached(self) -> bool:
        """Whether Redis answers by now. At the start all wait for that; later who tries it, and nobody else."""
        if self._trying is None or self._trying.done():
            if self._answers is False and self.monotonic() < self._again_at:
                return False
            self._trying = asyncio.create_task(self._try())
        elif self._answers is False:
            return False
        await asyncio.shield(self._trying)
        return bool(self._answers)

    async def _try(self) -> None:
        """With time for names, connections and TLS: no request waits for all of it."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self.greet()
        except self.failures as error:
            self._lost(error)
        else:
            self._found()

    async def close(self) -> None:
        """Ask nothing more."""
        for task in (self._asking, self._trying):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await self.give_back()

    async def _ask(self) -> None:
        """Until nobody waits any more."""
        while self._waiting:
            batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            said = await self._said(batch)
            if said is None:
                batch, self._waiting = [*batch, *self._waiting], []
            for number, question in enumerate(batch):
                if not question.answer.done():
                    question.answer.set_result(said[number] if said is not None else None)

    async def _said(self, batch: Sequence[_Question]) -> list[list[Taken]] | None:
        asked = [(number, ask) for number, question in enumerate(batch) for ask in question.asked]
        keys = [f"skyclust:rate:{ask.rate.name}:{ask.key}" for _, ask in asked]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                told = await self.script(keys, [word for number, ask in asked for word in (ask.rate.count, number)])
        except self.failures as error:
            self._lost(error)
            return None
        self._found()
        said: list[list[Taken]] = [[] for _ in batch]
        for (number, _), missing, let_in in zip(asked, told[::2], told[1::2], strict=True):
            if let_in >= 0:
                said[number].append(Taken(missing / 1_000_000, bool(let_in)))
        return said

    def _lost(self, error: Exception) -> None:
        self._again_at = self.monotonic() + PAUSE_SECONDS
        if self._answers is not False:
            self._answers = False
            self.told(False)
            log.warning("Redis does not answer; this process limits rates by itself", error=type(error).__name__)

    def _found(self) -> None:
        if not self._answers:
            self._answers = True
            self.told(True)
            log.info("Redis answers; rates are shared")


def redis_buckets(url: str, monotonic: Callable[[], float], told: Callable[[bool], None]) -> RedisBuckets:
    """Those at this address; nothing is asked yet. ValueError, without the address, when that can never work."""
    scheme, found, rest = url.partition("://")
    if not found or scheme not in SCHEMES:
        raise ValueError("SKYCLUST_REDIS_URL must begin with redis://, rediss:// or unix://")
    storage = _storage(f"{SCHEMES[scheme]}://{rest}")
    if storage is None:  # raised here, so that what `limits` said with the whole address is not even its context
        raise ValueError("SKYCLUST_REDIS_URL cannot be read; write redis://[user:password@]host:port[/number]")
    client: Any = cast("Any", storage.bridge).get_connection()
    failures = (*cast("tuple[type[Exception], ...]", storage.base_exceptions), OSError)  # a TimeoutError is one
    return RedisBuckets(client.register_script(TAKE), client.ping, failures, client.aclose, monotonic, told)


def _storage(url: str) -> RedisStorage | None:
    options: dict[str, Any] = {
        "implementation": "redispy", "retry": Retry(NoBackoff(), 1),
        "socket_timeout": CONNECT_SECONDS, "socket_connect_timeout": CONNECT_SECONDS,
    }  # fmt: skip
    try:
        return RedisStorage(url, **options)
    except (ValueError, ConfigurationError):
        return None
