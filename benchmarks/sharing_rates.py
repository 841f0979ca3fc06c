"""What it costs to count rates in Redis: requests a second of one process, with it and without it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.figures import Figure, median
from benchmarks.options import Options
from benchmarks.product import Product, data_folder, running
from soak.redis_servers import RedisServer

REQUESTS = 300
#: No limit is met, each is counted.
LIMITS = {"SKYCLUST_REQUESTS_PER_MINUTE": "10000000"}


def run(options: Options) -> Iterator[Figure]:
    """Two products stand side by side and are asked in turn, so that the machine's moods hit both alike."""
    with data_folder() as folder, data_folder() as other, data_folder() as third:
        redis = RedisServer(third)
        try:
            yield from compared(folder, other, redis, options.runs)
        finally:
            redis.stop()


def compared(folder: Path, other: Path, redis: RedisServer, runs: int) -> Iterator[Figure]:
    """One client that waits for each answer, then eight at once."""
    sharing = LIMITS | {"SKYCLUST_REDIS_URL": redis.url}
    with running(folder, environ=LIMITS) as alone, running(other, environ=sharing) as shared:
        for product in (alone, shared):
            product.log_in()
            rate(product, 1)
        for clients in (1, 8):
            pairs = [(rate(alone, clients), rate(shared, clients)) for _ in range(runs)]
            without, with_redis = median([a for a, _ in pairs]), median([b for _, b in pairs])
            ratio = median([a / b for a, b in pairs])
            said = f"{without:.0f}/s in process, {with_redis:.0f}/s with Redis; median of {runs}"
            yield Figure(f"shared rates, {clients} client(s): requests/s in process over with Redis", ratio, "x", said)


def rate(product: Product, clients: int) -> float:
    """Answered requests a second."""
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        done = list(pool.map(lambda _: ask(product, REQUESTS // clients), range(clients)))
    return sum(done) / (time.perf_counter() - started)


def ask(product: Product, times: int) -> int:
    """A client with a connection of its own."""
    connection = HTTPConnection(urlsplit(product.ready["url"]).netloc, timeout=60)
    try:
        for _ in range(times):
            connection.request("GET", "/api/v1/workspaces", headers={"authorization": f"Bearer {product.token}"})
            reply = connection.getresponse()
            body = reply.read()
            if reply.status != 200:
                raise RuntimeError(f"refused with {reply.status}: {json.loads(body)}")
    finally:
        connection.close()
    return times
